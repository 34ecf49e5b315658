//! The narrow reference: the only place that encodes and decodes one.
//!
//! A reference is 32 bits wide; the object's address is the reference shifted left by three. The heap
//! therefore lies below 32 GiB, and there is no base to add.

use crate::layout::{ARRAY_LENGTH_OFFSET, CLASS_OFFSET, LOCK_OFFSET};
use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Shift between a narrow reference and an address; also log2 of the object alignment.
pub const REF_SHIFT: u32 = 3;
/// Every object address is below this bound (32 GiB).
pub const HEAP_LIMIT: u64 = 1 << (32 + REF_SHIFT);

/// A narrow reference to a Java object, or `NULL`.
///
/// It has no arithmetic. It may live in locals, registers and thread stacks (scanned conservatively), and
/// in the heap; in other memory only where the host presents the slot as a root.
#[repr(transparent)]
#[derive(Copy, Clone, Eq, PartialEq, Hash)]
pub struct ObjRef(u32);

impl ObjRef {
    pub const NULL: ObjRef = ObjRef(0);

    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The reference with these 32 bits, as read from a register or a field.
    #[inline(always)]
    pub const fn from_raw(raw: u32) -> ObjRef {
        ObjRef(raw)
    }

    #[inline(always)]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Address of the object's header; null for `NULL`.
    #[inline(always)]
    pub fn addr(self) -> *mut u8 {
        ((self.0 as u64) << REF_SHIFT) as *mut u8
    }

    /// Encodes an address; the null pointer gives `NULL`.
    ///
    /// # Safety
    /// `addr` is null or the start of an object: 8-byte aligned and below [`HEAP_LIMIT`].
    #[inline(always)]
    pub unsafe fn from_addr(addr: *const u8) -> ObjRef {
        debug_assert!((addr as u64) < HEAP_LIMIT && addr as u64 & 7 == 0, "not an object address: {addr:p}");
        ObjRef((addr as u64 >> REF_SHIFT) as u32)
    }

    /// Address of the byte `offset` bytes into the object.
    #[inline(always)]
    pub fn field_addr(self, offset: usize) -> *mut u8 {
        self.addr().wrapping_add(offset)
    }

    /// Plain load of a field; a single machine load for a primitive `T`.
    ///
    /// # Safety
    /// The object is live and has a field of type `T`, naturally aligned, at `offset`.
    #[inline(always)]
    pub unsafe fn load<T: Copy>(self, offset: usize) -> T {
        // SAFETY: promised by the caller. Volatile because another Java thread may store at the same time
        // and the load must be done once.
        unsafe { self.field_addr(offset).cast::<T>().read_volatile() }
    }

    /// Plain store to a field that holds no reference.
    ///
    /// # Safety
    /// As [`ObjRef::load`].
    #[inline(always)]
    pub unsafe fn store<T: Copy>(self, offset: usize, value: T) {
        // SAFETY: promised by the caller; volatile for the reason given at `load`.
        unsafe { self.field_addr(offset).cast::<T>().write_volatile(value) }
    }

    /// Plain load of a reference field.
    ///
    /// # Safety
    /// The object is live and has a reference field at `offset`.
    #[inline(always)]
    pub unsafe fn load_ref(self, offset: usize) -> ObjRef {
        // SAFETY: promised by the caller.
        ObjRef(unsafe { self.load::<u32>(offset) })
    }

    /// Store to a reference field **without** the write barrier.
    ///
    /// # Safety
    /// The object is live and has a reference field at `offset`; the caller marks the card
    /// ([`crate::CardTable::mark`]) unless the object is younger than the last safepoint.
    #[inline(always)]
    pub unsafe fn store_ref(self, offset: usize, value: ObjRef) {
        // SAFETY: promised by the caller.
        unsafe { self.store(offset, value.0) }
    }

    /// Atomic view of a byte.
    ///
    /// # Safety
    /// The object stays live for `'a` and has a field of this size and alignment at `offset`.
    #[inline(always)]
    pub unsafe fn atomic_u8<'a>(self, offset: usize) -> &'a AtomicU8 {
        // SAFETY: promised by the caller.
        unsafe { AtomicU8::from_ptr(self.field_addr(offset)) }
    }

    /// Atomic view of two bytes.
    ///
    /// # Safety
    /// As [`ObjRef::atomic_u8`].
    #[inline(always)]
    pub unsafe fn atomic_u16<'a>(self, offset: usize) -> &'a AtomicU16 {
        // SAFETY: promised by the caller.
        unsafe { AtomicU16::from_ptr(self.field_addr(offset).cast()) }
    }

    /// Atomic view of four bytes, for `int`, `float` and reference fields.
    ///
    /// # Safety
    /// As [`ObjRef::atomic_u8`].
    #[inline(always)]
    pub unsafe fn atomic_u32<'a>(self, offset: usize) -> &'a AtomicU32 {
        // SAFETY: promised by the caller.
        unsafe { AtomicU32::from_ptr(self.field_addr(offset).cast()) }
    }

    /// Atomic view of eight bytes.
    ///
    /// # Safety
    /// As [`ObjRef::atomic_u8`].
    #[inline(always)]
    pub unsafe fn atomic_u64<'a>(self, offset: usize) -> &'a AtomicU64 {
        // SAFETY: promised by the caller.
        unsafe { AtomicU64::from_ptr(self.field_addr(offset).cast()) }
    }

    /// The class word: address of the object's class record.
    ///
    /// # Safety
    /// The object is live.
    #[inline(always)]
    pub unsafe fn class_word(self) -> u32 {
        // SAFETY: promised by the caller.
        unsafe { self.load(CLASS_OFFSET) }
    }

    /// Stores the class word; the last act of making an object, before the next safepoint.
    ///
    /// # Safety
    /// The memory was allocated for an object of that class and its size-giving fields (array length,
    /// mirror size) are set.
    #[inline(always)]
    pub unsafe fn set_class_word(self, class: u32) {
        // SAFETY: promised by the caller.
        unsafe { self.store(CLASS_OFFSET, class) }
    }

    /// The lock word (lock state and identity hash). The collector neither reads nor writes it.
    ///
    /// # Safety
    /// The object stays live for `'a`.
    #[inline(always)]
    pub unsafe fn lock_word<'a>(self) -> &'a AtomicU32 {
        // SAFETY: promised by the caller; every object has this word.
        unsafe { self.atomic_u32(LOCK_OFFSET) }
    }

    /// `arraylength`.
    ///
    /// # Safety
    /// The object is a live array.
    #[inline(always)]
    pub unsafe fn array_length(self) -> i32 {
        // SAFETY: promised by the caller.
        unsafe { self.load(ARRAY_LENGTH_OFFSET) }
    }

    /// Sets the length of a new array.
    ///
    /// # Safety
    /// The object is an array being made, with room for `length` elements.
    #[inline(always)]
    pub unsafe fn set_array_length(self, length: i32) {
        // SAFETY: promised by the caller.
        unsafe { self.store(ARRAY_LENGTH_OFFSET, length) }
    }
}

impl Default for ObjRef {
    fn default() -> ObjRef {
        ObjRef::NULL
    }
}

impl fmt::Debug for ObjRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjRef({:#x})", (self.0 as u64) << REF_SHIFT)
    }
}
