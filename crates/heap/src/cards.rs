//! The card table as mutators see it: one byte for 512 bytes of heap.

/// log2 of the bytes a card stands for.
pub const CARD_SHIFT: u32 = 9;
/// Value of a dirty card; clean is 0.
pub const CARD_DIRTY: u8 = 1;

/// The biased card table: the card of address `a` is the byte at `biased + (a >> CARD_SHIFT)`.
///
/// The barrier follows the store of a reference. It marks the card of the *slot*; for an object that is not
/// an array the card of the object's header will do as well. Storing null needs none.
#[derive(Copy, Clone)]
pub struct CardTable {
    biased: *mut u8,
}

// SAFETY: the table is plain bytes, written with single-byte stores of the same value by all threads and
// read when the world is stopped.
unsafe impl Send for CardTable {}
// SAFETY: as above.
unsafe impl Sync for CardTable {}

impl CardTable {
    pub(crate) fn new(biased: *mut u8) -> CardTable {
        CardTable { biased }
    }

    /// For machine code: add `addr >> CARD_SHIFT`, store the byte `CARD_DIRTY`.
    #[inline(always)]
    pub fn base(self) -> *mut u8 {
        self.biased
    }

    /// Marks the card of an address in the heap.
    ///
    /// # Safety
    /// `addr` lies in the heap this table belongs to, and the heap exists.
    #[inline(always)]
    pub unsafe fn mark(self, addr: *const u8) {
        // SAFETY: the table covers the whole heap.
        unsafe { self.biased.wrapping_add(addr as usize >> CARD_SHIFT).write_volatile(CARD_DIRTY) }
    }

    /// Marks the cards of `len` bytes from `addr` on (`System.arraycopy`, `clone`).
    ///
    /// # Safety
    /// As [`CardTable::mark`], for the whole range.
    #[inline]
    pub unsafe fn mark_range(self, addr: *const u8, len: usize) {
        if len == 0 {
            return;
        }
        let first = addr as usize >> CARD_SHIFT;
        let last = (addr as usize + len - 1) >> CARD_SHIFT;
        // SAFETY: the table covers the whole heap.
        unsafe { self.biased.wrapping_add(first).write_bytes(CARD_DIRTY, last - first + 1) }
    }
}
