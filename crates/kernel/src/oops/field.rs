//! Fields of a class (JVMS §4.5).

use crate::oops::class::ClassRef;
use crate::oops::symbol::Sym;
use caturra_bytecode::access;
use caturra_bytecode::descriptor::BasicType;
use std::ops::Deref;
use std::ptr::NonNull;

/// A field's metadata, in the arena of its class's loader.
pub struct Field {
    pub holder: ClassRef,
    pub name: Sym,
    pub signature: Sym,
    /// Byte offset in an instance, or in the class mirror when static.
    pub offset: u32,
    /// JVMS access flags (`ACC_*`).
    pub access: u16,
    /// Index in the holder's declared fields; reflection's `slot`.
    pub slot: u16,
    /// Constant-pool index of `ConstantValue`, 0 when none.
    pub constant_value: u16,
    /// VM-private marks, see [`FieldFlags`].
    pub flags: FieldFlags,
    pub ty: BasicType,
    pub generic_signature: Option<Sym>,
    /// Raw bytes of `RuntimeVisibleAnnotations` and `RuntimeVisibleTypeAnnotations`; empty when absent.
    pub annotations: &'static [u8],
    pub type_annotations: &'static [u8],
}

bitflags::bitflags! {
    /// What the VM marks on a field beside its access flags.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FieldFlags: u16 {
        /// Added by the VM, invisible to reflection.
        const INJECTED = 1;
        /// Trusted final: `@Stable` or a final field of a trusted class, a constant for the compilers.
        const STABLE = 2;
        /// `@jdk.internal.vm.annotation.Contended`.
        const CONTENDED = 4;
    }
}

impl Field {
    pub fn is_static(&self) -> bool {
        self.access & access::ACC_STATIC != 0
    }
    pub fn is_final(&self) -> bool {
        self.access & access::ACC_FINAL != 0
    }
    pub fn is_volatile(&self) -> bool {
        self.access & access::ACC_VOLATILE != 0
    }
    pub fn is_private(&self) -> bool {
        self.access & access::ACC_PRIVATE != 0
    }
    pub fn is_injected(&self) -> bool {
        self.flags.contains(FieldFlags::INJECTED)
    }
}

/// A field by address: `Copy`, equal by identity, valid while its class is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct FieldRef(NonNull<Field>);

// SAFETY: fields are immutable once their class is published.
unsafe impl Send for FieldRef {}
// SAFETY: as above.
unsafe impl Sync for FieldRef {}

impl Deref for FieldRef {
    type Target = Field;
    fn deref(&self) -> &Field {
        // SAFETY: metadata outlives every reference to it (metadata invariant).
        unsafe { self.0.as_ref() }
    }
}

impl FieldRef {
    pub fn new(field: &'static Field) -> FieldRef {
        FieldRef(NonNull::from(field))
    }
    pub fn as_raw(self) -> u64 {
        self.0.as_ptr() as u64
    }
    /// # Safety
    /// `raw` must come from [`FieldRef::as_raw`] of a field whose class is loaded.
    pub unsafe fn from_raw(raw: u64) -> FieldRef {
        // SAFETY: the caller's promise.
        unsafe { FieldRef(NonNull::new_unchecked(raw as *mut Field)) }
    }
}
