//! The run-time constant pool (JVMS §5.1) and its cache of resolutions.

use crate::oops::class::ClassRef;
use crate::oops::field::FieldRef;
use crate::oops::method::MethodRef;
use crate::oops::symbol::{Sym, SymbolTable};
use caturra_heap::ObjRef;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What a slot holds. Numbers of §4.4 where the class file has the tag; the VM's own above.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CpTag {
    /// Index 0 and the second half of a long or double.
    Invalid = 0,
    /// `info` is the address of the entry's length in the class file; `value` is the symbol once interned.
    Utf8 = 1,
    Integer = 3,
    Float = 4,
    Long = 5,
    Double = 6,
    /// `value` is the [`ClassRef`] once resolved, else 0; `info` is the index of the name.
    Class = 7,
    /// `value` is the interned string once resolved, else 0; `info` is the index of the text.
    String = 8,
    /// `value` is the [`FieldRef`] once resolved; `info` is class index << 16 | name-and-type index.
    Field = 9,
    Method = 10,
    InterfaceMethod = 11,
    /// `info` is name index << 16 | descriptor index (both of Utf8 slots).
    NameAndType = 12,
    /// `info` is kind << 16 | reference index; `value` is the method handle once resolved.
    MethodHandle = 15,
    /// `info` is the index of the descriptor; `value` is the method type once resolved.
    MethodType = 16,
    /// `info` is bootstrap index << 16 | name-and-type index.
    Dynamic = 17,
    InvokeDynamic = 18,
    Module = 19,
    Package = 20,
}

/// One entry of a pool; layout known to machine code.
#[repr(C)]
pub struct CpSlot {
    /// Constant, or the resolved entity; 0 while unresolved (see [`CpTag`]).
    pub value: AtomicU64,
    /// What the class file says, never changes.
    pub info: u64,
    /// Engine's cache for call sites of this entry: for a method `vtable_index << 16 | arg_slots` or an inline
    /// cache; 0 when empty.
    pub quick: AtomicU64,
}

/// Marks in `ConstantPool::states`.
pub const STATE_UNRESOLVED: u8 = 0;
/// `value` is valid (a dynamic constant may be 0 or null and resolved).
pub const STATE_RESOLVED: u8 = 1;
/// Resolution failed; the same error is raised again (JVMS §5.4.3).
pub const STATE_ERROR: u8 = 2;

/// A class's run-time constant pool, in the arena of its loader.
pub struct ConstantPool {
    pub slots: &'static [CpSlot],
    pub tags: &'static [u8],
    pub states: &'static [AtomicU8],
    /// `BootstrapMethods` (JVMS §4.7.23): method-handle index, argument indexes.
    pub bootstrap_methods: &'static [(u16, &'static [u16])],
    /// Where Utf8 entries are interned at their first use.
    pub symbols: *const SymbolTable,
}

// SAFETY: slots and states are atomics; the symbol table outlives all classes.
unsafe impl Send for ConstantPool {}
// SAFETY: as above.
unsafe impl Sync for ConstantPool {}

impl ConstantPool {
    pub fn len(&self) -> usize {
        self.slots.len()
    }
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
    pub fn tag(&self, i: u16) -> CpTag {
        use CpTag::*;
        match self.tags.get(i as usize) {
            Some(1) => Utf8,
            Some(3) => Integer,
            Some(4) => Float,
            Some(5) => Long,
            Some(6) => Double,
            Some(7) => Class,
            Some(8) => String,
            Some(9) => Field,
            Some(10) => Method,
            Some(11) => InterfaceMethod,
            Some(12) => NameAndType,
            Some(15) => MethodHandle,
            Some(16) => MethodType,
            Some(17) => Dynamic,
            Some(18) => InvokeDynamic,
            Some(19) => Module,
            Some(20) => Package,
            _ => Invalid,
        }
    }
    #[inline(always)]
    pub fn slot(&self, i: u16) -> &CpSlot {
        &self.slots[i as usize]
    }
    pub fn state(&self, i: u16) -> u8 {
        self.states[i as usize].load(Ordering::Acquire)
    }
    /// The symbol of a Utf8 entry.
    pub fn utf8(&self, i: u16) -> Sym {
        debug_assert_eq!(self.tag(i), CpTag::Utf8);
        let slot = self.slot(i);
        let known = slot.value.load(Ordering::Relaxed);
        if known != 0 {
            // SAFETY: a Utf8 entry's value is 0 or its symbol.
            return unsafe { Sym::from_raw(known) };
        }
        // SAFETY: the symbol table belongs to the VM, which outlives its classes.
        let sym = unsafe { &*self.symbols }.intern_bytes(self.utf8_bytes(i));
        slot.value.store(sym.as_raw(), Ordering::Relaxed);
        sym
    }
    /// The bytes of a Utf8 entry, where they lie in the class file.
    pub fn utf8_bytes(&self, i: u16) -> &'static [u8] {
        debug_assert_eq!(self.tag(i), CpTag::Utf8);
        let p = self.slot(i).info as *const u8;
        // SAFETY: `info` of a Utf8 entry is the address of its u2 length in the class file, which is kept as
        // long as the class; the reader has checked the length.
        unsafe {
            let len = u16::from_be_bytes([*p, *p.add(1)]) as usize;
            std::slice::from_raw_parts(p.add(2), len)
        }
    }
    /// The name of a Class entry, the text of a String entry, the descriptor of a MethodType entry.
    pub fn symbol(&self, i: u16) -> Sym {
        debug_assert!(matches!(
            self.tag(i),
            CpTag::Class | CpTag::String | CpTag::MethodType | CpTag::Module | CpTag::Package
        ));
        self.utf8(self.slot(i).info as u16)
    }
    /// The two 16-bit halves of `info`: (class, name-and-type), (name, descriptor), (kind, reference) or
    /// (bootstrap, name-and-type).
    pub fn pair(&self, i: u16) -> (u16, u16) {
        let info = self.slot(i).info;
        ((info >> 16) as u16, info as u16)
    }
    /// Name and descriptor of a NameAndType entry.
    pub fn name_and_type(&self, i: u16) -> (Sym, Sym) {
        let (n, d) = self.pair(i);
        (self.utf8(n), self.utf8(d))
    }
    /// Name and descriptor of a field, method, dynamic constant or invokedynamic entry.
    pub fn member_name_and_type(&self, i: u16) -> (Sym, Sym) {
        self.name_and_type(self.pair(i).1)
    }
    /// Name of the class that a member entry refers to.
    pub fn member_class_name(&self, i: u16) -> Sym {
        self.symbol(self.pair(i).0)
    }
    #[inline(always)]
    pub fn resolved_class(&self, i: u16) -> Option<ClassRef> {
        let v = self.slot(i).value.load(Ordering::Acquire);
        // SAFETY: a Class entry's value is 0 or a class kept alive by the holder.
        (v != 0).then(|| unsafe { ClassRef::from_raw(v) })
    }
    #[inline(always)]
    pub fn resolved_method(&self, i: u16) -> Option<MethodRef> {
        let v = self.slot(i).value.load(Ordering::Acquire);
        // SAFETY: a method entry's value is 0 or a method kept alive by the holder.
        (v != 0).then(|| unsafe { MethodRef::from_raw(v) })
    }
    #[inline(always)]
    pub fn resolved_field(&self, i: u16) -> Option<FieldRef> {
        let v = self.slot(i).value.load(Ordering::Acquire);
        // SAFETY: a Field entry's value is 0 or a field kept alive by the holder.
        (v != 0).then(|| unsafe { FieldRef::from_raw(v) })
    }
    /// The resolved object of a String, MethodHandle, MethodType or reference Dynamic entry.
    #[inline(always)]
    pub fn resolved_object(&self, i: u16) -> Option<ObjRef> {
        (self.state(i) == STATE_RESOLVED)
            .then(|| ObjRef::from_raw(self.slot(i).value.load(Ordering::Relaxed) as u32))
    }
    /// Publishes a resolution. Racing threads store equal values, or lose to the first (`false`).
    pub fn publish(&self, i: u16, value: u64) -> bool {
        let slot = self.slot(i);
        let first = slot.value.compare_exchange(0, value, Ordering::AcqRel, Ordering::Acquire).is_ok();
        self.states[i as usize].store(STATE_RESOLVED, Ordering::Release);
        first
    }
}
