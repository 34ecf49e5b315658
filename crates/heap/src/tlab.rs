//! The thread-local allocation buffer.

use crate::meta::{
    BLOCK_SIZE, LINE_FREE, LINE_SHIFT, LINE_SIZE, LINE_YOUNG, LINE_YOUNG_START, Meta, block_addr,
};
use crate::space::Grant;
use std::cell::Cell;
use std::ptr::null_mut;

/// Zeroed ahead of the cursor, so that the first touch of fresh objects finds the line in the first cache.
const ZERO_AHEAD: usize = 8 * 1024;

/// A hole being bumped through: zero from `cursor` to `limit`, and 8 bytes beyond if `limit` is not the end.
#[repr(C)]
struct Region {
    cursor: Cell<*mut u8>,
    limit: Cell<*mut u8>,
    /// End of the hole.
    end: Cell<*mut u8>,
    start: Cell<*mut u8>,
}

impl Region {
    const fn new() -> Region {
        Region {
            cursor: Cell::new(null_mut()),
            limit: Cell::new(null_mut()),
            end: Cell::new(null_mut()),
            start: Cell::new(null_mut()),
        }
    }

    fn room(&self) -> usize {
        self.end.get() as usize - self.cursor.get() as usize
    }

    /// Bytes allocated in this hole.
    fn used(&self) -> usize {
        self.cursor.get() as usize - self.start.get() as usize
    }

    fn set(&self, start: *mut u8, limit: *mut u8, end: *mut u8) {
        self.start.set(start);
        self.cursor.set(start);
        self.limit.set(limit);
        self.end.set(end);
    }

    /// Allocates `size <= room()` bytes and zeroes some way ahead.
    fn bump(&self, size: usize) -> *mut u8 {
        let cursor = self.cursor.get();
        let next = cursor.wrapping_add(size);
        if next > self.limit.get() {
            let limit = self.limit.get();
            let ahead = (next as usize).max(cursor as usize + ZERO_AHEAD).min(self.end.get() as usize);
            // A zero word beyond the limit ends the collector's walk of the hole.
            let zero_to = (ahead + 8).min(self.end.get() as usize);
            // SAFETY: the hole is this thread's, and nothing beyond the limit is in use.
            unsafe { limit.write_bytes(0, zero_to - limit as usize) };
            self.limit.set(ahead as *mut u8);
        }
        self.cursor.set(next);
        cursor
    }
}

/// Allocation state of one thread; lives in the thread structure. Machine code reads and writes `cursor` and
/// `limit` at [`Tlab::CURSOR_OFFSET`] and [`Tlab::LIMIT_OFFSET`]: memory between them is zero, so an object is
/// made by bumping the cursor and storing its header.
///
/// Between a bump and the store of the class word (and of an array's length, a mirror's size) there must be
/// no safepoint: the collector walks young objects and stops at a zero class word.
#[repr(C)]
pub struct Tlab {
    hole: Region,
    /// Whole blocks for objects larger than a line that do not fit the present hole, which stays open.
    overflow: Region,
    /// Where the search for the next hole of the block goes on, and the end of the block.
    search: Cell<*mut u8>,
    block_end: Cell<*mut u8>,
    /// Bytes allocated in holes left behind and in large objects.
    allocated: Cell<u64>,
}

impl Tlab {
    pub const CURSOR_OFFSET: usize = std::mem::offset_of!(Tlab, hole) + std::mem::offset_of!(Region, cursor);
    pub const LIMIT_OFFSET: usize = std::mem::offset_of!(Tlab, hole) + std::mem::offset_of!(Region, limit);

    pub const fn new() -> Tlab {
        Tlab {
            hole: Region::new(),
            overflow: Region::new(),
            search: Cell::new(null_mut()),
            block_end: Cell::new(null_mut()),
            allocated: Cell::new(0),
        }
    }

    /// The fast path: zeroed memory of `size` bytes (a multiple of 8), or null.
    #[inline(always)]
    pub fn bump(&self, size: usize) -> *mut u8 {
        let cursor = self.hole.cursor.get();
        if size <= self.hole.limit.get() as usize - cursor as usize {
            self.hole.cursor.set(cursor.wrapping_add(size));
            cursor
        } else {
            null_mut()
        }
    }

    /// Bytes this thread has allocated in its life (`ThreadMXBean.getThreadAllocatedBytes`).
    pub fn allocated_bytes(&self) -> u64 {
        self.allocated.get() + (self.hole.used() + self.overflow.used()) as u64
    }

    pub(crate) fn count_large(&self, bytes: usize) {
        self.allocated.set(self.allocated.get() + bytes as u64);
    }

    /// Allocates from the present hole beyond the zeroed part.
    pub(crate) fn grow(&self, size: usize) -> Option<*mut u8> {
        (size <= self.hole.room()).then(|| self.hole.bump(size))
    }

    pub(crate) fn overflow(&self, size: usize) -> Option<*mut u8> {
        (size <= self.overflow.room()).then(|| self.overflow.bump(size))
    }

    /// Makes the fast path fail, so that every allocation can be counted.
    pub(crate) fn close_fast_path(&self) {
        self.hole.limit.set(self.hole.cursor.get());
    }

    /// Goes on to the next hole of the block with room for `size` bytes.
    ///
    /// # Safety
    /// The metadata is that of the heap this buffer belongs to.
    pub(crate) unsafe fn next_hole(&self, meta: &Meta, size: usize) -> bool {
        let end = self.block_end.get() as usize >> LINE_SHIFT;
        let mut line = self.search.get() as usize >> LINE_SHIFT;
        // SAFETY: the lines up to the end of the block are this thread's to hand out.
        let at = |line: usize| unsafe { &mut *meta.lines.wrapping_add(line) };
        while line < end {
            if *at(line) != LINE_FREE {
                line += 1;
                continue;
            }
            let first = line;
            while line < end && *at(line) == LINE_FREE {
                line += 1;
            }
            if (line - first) * LINE_SIZE < size {
                continue;
            }
            self.search.set((line << LINE_SHIFT) as *mut u8);
            self.open(meta, &self.hole, first, line, false);
            return true;
        }
        self.search.set(self.block_end.get());
        false
    }

    fn open(&self, meta: &Meta, region: &Region, first: usize, end: usize, clean: bool) {
        self.allocated.set(self.allocated.get() + region.used() as u64);
        // SAFETY: the lines are free and this thread's.
        unsafe {
            let lines = meta.lines.wrapping_add(first);
            *lines = LINE_YOUNG_START;
            lines.wrapping_add(1).write_bytes(LINE_YOUNG, end - first - 1);
        }
        let start = (first << LINE_SHIFT) as *mut u8;
        let end = (end << LINE_SHIFT) as *mut u8;
        region.set(start, if clean { end } else { start }, end);
        if !clean {
            // SAFETY: the hole is at least a line. The word ends the collector's walk if nothing is allocated.
            unsafe { start.cast::<u64>().write(0) };
        }
    }

    /// Begins with a new block; true if it has a hole open, which is so for a whole block.
    pub(crate) fn use_block(&self, meta: &Meta, grant: &Grant) -> bool {
        let start = block_addr(grant.block) as *mut u8;
        let end = start.wrapping_add(BLOCK_SIZE);
        self.block_end.set(end);
        self.search.set(start);
        if grant.whole {
            self.search.set(end);
            self.open(
                meta,
                &self.hole,
                start as usize >> LINE_SHIFT,
                end as usize >> LINE_SHIFT,
                grant.clean,
            );
        }
        grant.whole
    }

    /// Begins with a new whole block for overflow.
    pub(crate) fn use_overflow_block(&self, meta: &Meta, grant: &Grant) {
        let start = block_addr(grant.block) >> LINE_SHIFT;
        let lines = BLOCK_SIZE >> LINE_SHIFT;
        self.open(meta, &self.overflow, start, start + lines, grant.clean);
    }

    /// Forgets holes and block. Returns the block that holes may be left in.
    pub(crate) fn retire(&self) -> Option<u32> {
        self.allocated.set(self.allocated_bytes());
        let end = self.block_end.get();
        let left = self.search.get() < end;
        for region in [&self.hole, &self.overflow] {
            region.set(null_mut(), null_mut(), null_mut());
        }
        self.search.set(null_mut());
        self.block_end.set(null_mut());
        left.then(|| crate::meta::block_of(end as usize - 1))
    }

    /// As `retire`, and makes the untouched lines of the open holes free again.
    ///
    /// # Safety
    /// The metadata is that of the heap this buffer belongs to.
    pub(crate) unsafe fn retire_trimmed(&self, meta: &Meta) -> [Option<u32>; 2] {
        let blocks = [&self.hole, &self.overflow].map(|region| {
            let (cursor, end) = (region.cursor.get() as usize, region.end.get() as usize);
            if end == 0 {
                return None;
            }
            let first = cursor.next_multiple_of(LINE_SIZE) >> LINE_SHIFT;
            let last = end >> LINE_SHIFT;
            // SAFETY: nothing was allocated in these lines.
            unsafe { meta.lines.wrapping_add(first).write_bytes(LINE_FREE, last - first) };
            Some(crate::meta::block_of(end - 1))
        });
        self.retire();
        blocks
    }
}

impl Default for Tlab {
    fn default() -> Tlab {
        Tlab::new()
    }
}
