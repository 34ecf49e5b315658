//! What the collector knows of an object: the header, arrays, and the prefix of a class record.

use crate::objref::ObjRef;
use std::sync::atomic::{AtomicU32, Ordering};

/// Offset of the class word: the 32-bit *address* of the class record. The kernel keeps class records
/// below 4 GiB, so a class's id and its address are the same number. Never 0 in an object.
pub const CLASS_OFFSET: usize = 0;
/// Offset of the lock word (owned by the kernel's monitors).
pub const LOCK_OFFSET: usize = 4;
/// First field of an instance.
pub const HEADER_SIZE: usize = 8;
/// Offset of an array's length.
pub const ARRAY_LENGTH_OFFSET: usize = 8;
/// Elements of 1, 2 and 4 bytes begin here.
pub const ARRAY_BASE: usize = 12;
/// Elements of 8 bytes begin here.
pub const ARRAY_BASE_WIDE: usize = 16;
/// Objects begin at and are padded to multiples of this.
pub const OBJECT_ALIGN: usize = 8;
/// Longest array of any type, HotSpot's bound for 4-byte elements being the same order of magnitude;
/// beyond it the message is "Requested array size exceeds VM limit".
pub const MAX_ARRAY_LENGTH: i32 = i32::MAX - 2;

/// Offset of element 0 for elements of `1 << elem_shift` bytes.
#[inline(always)]
pub const fn array_base(elem_shift: u8) -> usize {
    if elem_shift == 3 { ARRAY_BASE_WIDE } else { ARRAY_BASE }
}

/// Size in bytes of an array of `length >= 0` elements of `1 << elem_shift` bytes, padding included.
#[inline(always)]
pub const fn array_size(length: i32, elem_shift: u8) -> usize {
    align_object(array_base(elem_shift) + ((length as usize) << elem_shift))
}

/// Rounds a size up to the object alignment.
#[inline(always)]
pub const fn align_object(size: usize) -> usize {
    (size + (OBJECT_ALIGN - 1)) & !(OBJECT_ALIGN - 1)
}

/// How the collector sizes and scans objects of a class.
#[repr(u8)]
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum LayoutKind {
    /// Fixed size, references given by the reference map.
    Instance = 0,
    /// Array of references.
    ObjArray = 1,
    /// Array without references.
    PrimArray = 2,
    /// `java.lang.Class`: size in the object, static reference fields of the class it stands for.
    Mirror = 3,
    /// Subclass of `java.lang.ref.Reference`: an instance with a `referent`.
    Reference = 4,
}

/// Reference strength of a class with [`LayoutKind::Reference`] (`ClassPrefix::ref_kind`).
#[repr(u8)]
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum RefKind {
    None = 0,
    Soft = 1,
    Weak = 2,
    Final = 3,
    Phantom = 4,
}

/// `gc_flags`: instances keep [`ClassPrefix::holder`] alive (classes that can be unloaded).
pub const GC_UNLOADABLE: u8 = 1;
/// `gc_flags`: instances are `java.lang.ClassLoader` objects, which own metadata off the heap.
pub const GC_LOADER: u8 = 2;

/// A run of consecutive 4-byte reference fields: `count` of them from byte `offset` of the object.
#[repr(C)]
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct RefRun {
    pub offset: u32,
    pub count: u32,
}

/// The part of a class record that the collector reads; a record begins with it.
#[repr(C)]
pub struct ClassPrefix {
    /// A [`LayoutKind`].
    pub layout: u8,
    /// log2 of the element size of an array class (2 for references).
    pub elem_shift: u8,
    /// A [`RefKind`].
    pub ref_kind: u8,
    /// [`GC_UNLOADABLE`], [`GC_LOADER`].
    pub gc_flags: u8,
    /// Bytes of an instance, a multiple of 8; unused for arrays and mirrors.
    pub instance_size: u32,
    /// Reference fields, inherited ones included. For Reference classes without `referent` and
    /// `discovered`; for `java.lang.Class` its own instance fields.
    pub ref_map: *const RefRun,
    pub ref_map_len: u32,
    /// With [`GC_UNLOADABLE`]: the loader object, or the mirror of a hidden class; 0 while it does not
    /// exist yet.
    pub holder: AtomicU32,
}

impl ClassPrefix {
    /// A prefix for an instance class.
    pub const fn instance(size: u32, ref_map: *const RefRun, ref_map_len: u32) -> ClassPrefix {
        ClassPrefix {
            layout: LayoutKind::Instance as u8,
            elem_shift: 0,
            ref_kind: 0,
            gc_flags: 0,
            instance_size: size,
            ref_map,
            ref_map_len,
            holder: AtomicU32::new(0),
        }
    }

    /// A prefix for an array class; `kind` is `ObjArray` or `PrimArray`.
    pub const fn array(kind: LayoutKind, elem_shift: u8) -> ClassPrefix {
        let mut prefix = ClassPrefix::instance(0, std::ptr::null(), 0);
        prefix.layout = kind as u8;
        prefix.elem_shift = elem_shift;
        prefix
    }

    /// The record a class word names.
    ///
    /// # Safety
    /// `word` is the class word of a live object; the record lives as long as `'a`.
    #[inline(always)]
    pub unsafe fn of<'a>(word: u32) -> &'a ClassPrefix {
        // SAFETY: promised by the caller.
        unsafe { &*(word as usize as *const ClassPrefix) }
    }

    /// The reference map.
    #[inline(always)]
    pub fn ref_runs(&self) -> &[RefRun] {
        if self.ref_map_len == 0 {
            return &[];
        }
        // SAFETY: the kernel keeps `ref_map` valid for `ref_map_len` runs as long as the record lives.
        unsafe { std::slice::from_raw_parts(self.ref_map, self.ref_map_len as usize) }
    }

    #[inline(always)]
    pub fn holder(&self) -> ObjRef {
        ObjRef::from_raw(self.holder.load(Ordering::Acquire))
    }
}

/// Offsets, in bytes, of the fields of well-known classes that the collector uses; given once the boot
/// sequence has laid these classes out ([`crate::Heap::set_wellknown`]), before the first mirror or
/// Reference object is made.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub struct WellKnownOffsets {
    /// `java.lang.ref.Reference.referent`.
    pub reference_referent: u32,
    /// `java.lang.ref.Reference.next`.
    pub reference_next: u32,
    /// `java.lang.ref.Reference.discovered`.
    pub reference_discovered: u32,
    /// `java.lang.ref.SoftReference.timestamp` (a `long`).
    pub soft_timestamp: u32,
    /// Injected field of `java.lang.Class`: size of the mirror in bytes (u32), a multiple of 8.
    pub mirror_size: u32,
    /// Injected field: address of the class record it stands for (u32), 0 for a primitive type.
    pub mirror_class: u32,
    /// Injected field: offset of the first static reference field in the mirror (u32).
    pub mirror_static_offset: u32,
    /// Injected field: number of static reference fields (u32).
    pub mirror_static_count: u32,
}
