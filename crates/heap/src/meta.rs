//! Geometry of the heap and its side metadata: mark bits, start bits, lines, cards, block states.
//!
//! All tables are indexed by absolute addresses through biased pointers, as the card table is for mutators.
//! They are reserved for the whole range and become resident where the heap is used.

use crate::cards::CARD_SHIFT;
use crate::layout::{ARRAY_LENGTH_OFFSET, ClassPrefix, LayoutKind, WellKnownOffsets, array_size};
use crate::objref::REF_SHIFT;
use crate::os::{Mapping, PAGE_SIZE};
use std::io;

pub(crate) const BLOCK_SHIFT: u32 = 15;
/// Bytes of a block, the unit of ownership.
pub(crate) const BLOCK_SIZE: usize = 1 << BLOCK_SHIFT;
pub(crate) const LINE_SHIFT: u32 = 7;
/// Bytes of a line, the unit of reuse. With 8-byte headers and narrow references objects are small: 128 bytes
/// leave more room free than 256 do, and cost nothing measurable.
pub(crate) const LINE_SIZE: usize = 1 << LINE_SHIFT;
/// Lines of a block.
pub(crate) const LINES: usize = BLOCK_SIZE / LINE_SIZE;
/// Larger objects go to blocks of their own, unless the open buffer has room. A little above 16 KiB, so that arrays of 8192 `char` or 2048
/// `double`, which many buffers are, still share blocks.
pub(crate) const MEDIUM_MAX: usize = 16 * 1024 + 512;

/// Nothing in it; reads as zero.
pub(crate) const STATE_CLEAN: u8 = 0;
/// Nothing in it; memory holds garbage.
pub(crate) const STATE_DIRTY: u8 = 1;
/// Lines with objects.
pub(crate) const STATE_OBJECTS: u8 = 2;
/// As `STATE_OBJECTS`, and the collection under way moves objects out of it.
pub(crate) const STATE_EVACUATE: u8 = 3;
/// A large object begins in it; the states below are those of shared and free blocks.
pub(crate) const STATE_LARGE: u8 = 4;
/// A large object continues in it.
pub(crate) const STATE_LARGE_TAIL: u8 = 5;

/// In place of the class word: the object has moved to the reference in the next word.
pub(crate) const FORWARDED: u32 = 1;

/// Not used by anything; memory holds garbage.
pub(crate) const LINE_FREE: u8 = 0;
/// Holds objects that survived a collection, and nothing else.
pub(crate) const LINE_LIVE: u8 = 1;
/// Given to a thread since the last collection, continuing the hole of the line before.
pub(crate) const LINE_YOUNG: u8 = 2;
/// First line of a hole given to a thread since the last collection.
pub(crate) const LINE_YOUNG_START: u8 = 4;

/// Access to the side tables. All methods require addresses within the heap.
#[derive(Copy, Clone)]
pub(crate) struct Meta {
    pub base: usize,
    pub end: usize,
    /// One bit for 8 bytes: an object begins here and survived a collection (or was reached by this one).
    pub marks: *mut u64,
    /// One bit for 8 bytes: a young object begins here; valid where `walked` has the present epoch.
    pub starts: *mut u64,
    pub lines: *mut u8,
    pub cards: *mut u8,
    pub states: *mut u8,
    /// For a large object's blocks: the raw reference of the object.
    pub large: *mut u32,
    /// Epoch of the block's start bits.
    pub walked: *mut u32,
    /// Words of 8 bytes that objects marked in the block take; counts on from full collection to full collection.
    pub live: *mut u16,
    pub wk: WellKnownOffsets,
}

// SAFETY: pointers to tables that live as long as the heap. Who writes what when: line bytes of a block by the
// thread that owns the block, everything else under the space lock or by the collector.
unsafe impl Send for Meta {}
// SAFETY: as above.
unsafe impl Sync for Meta {}

/// The mappings behind a [`Meta`].
pub(crate) struct Range {
    _heap: Mapping,
    _side: Mapping,
}

impl Range {
    /// Reserves `len` bytes of heap and the tables for it.
    pub fn reserve(len: usize) -> io::Result<(Range, Meta)> {
        debug_assert!(len.is_multiple_of(BLOCK_SIZE));
        let heap = Mapping::for_heap(len, BLOCK_SIZE)?;
        let base = heap.base() as usize;
        let page = |n: usize| n.next_multiple_of(PAGE_SIZE);
        let sizes = [
            page(len / 64),
            page(len / 64),
            page(len >> LINE_SHIFT),
            page(len >> CARD_SHIFT),
            page(len >> BLOCK_SHIFT),
            page((len >> BLOCK_SHIFT) * 4),
            page((len >> BLOCK_SHIFT) * 4),
            page((len >> BLOCK_SHIFT) * 2),
        ];
        let side = Mapping::anywhere(sizes.iter().sum())?;
        let mut at = side.base();
        let mut table = [at; 8];
        for (i, size) in sizes.iter().enumerate() {
            table[i] = at;
            at = at.wrapping_add(*size);
        }
        let meta = Meta {
            base,
            end: base + len,
            marks: table[0].cast::<u64>().wrapping_sub(base >> 9),
            starts: table[1].cast::<u64>().wrapping_sub(base >> 9),
            lines: table[2].wrapping_sub(base >> LINE_SHIFT),
            cards: table[3].wrapping_sub(base >> CARD_SHIFT),
            states: table[4].wrapping_sub(base >> BLOCK_SHIFT),
            large: table[5].cast::<u32>().wrapping_sub(base >> BLOCK_SHIFT),
            walked: table[6].cast::<u32>().wrapping_sub(base >> BLOCK_SHIFT),
            live: table[7].cast::<u16>().wrapping_sub(base >> BLOCK_SHIFT),
            wk: WellKnownOffsets::default(),
        };
        Ok((Range { _heap: heap, _side: side }, meta))
    }
}

/// Block number of an address.
#[inline(always)]
pub(crate) fn block_of(addr: usize) -> u32 {
    (addr >> BLOCK_SHIFT) as u32
}

/// First address of a block.
#[inline(always)]
pub(crate) fn block_addr(block: u32) -> usize {
    (block as usize) << BLOCK_SHIFT
}

// SAFETY (for this whole impl): the tables cover the heap, and every method is given an address, block or
// reference within it. Methods stay `unsafe fn` so that callers say where theirs comes from.
impl Meta {
    #[inline(always)]
    pub fn contains(&self, addr: usize) -> bool {
        addr >= self.base && addr < self.end
    }

    #[inline(always)]
    pub unsafe fn is_marked(&self, raw: u32) -> bool {
        // SAFETY: see the impl.
        unsafe { *self.marks.wrapping_add(raw as usize >> 6) >> (raw & 63) & 1 != 0 }
    }

    /// Sets the mark bit; true if it was clear.
    #[inline(always)]
    pub unsafe fn set_mark(&self, raw: u32) -> bool {
        let word = self.marks.wrapping_add(raw as usize >> 6);
        let bit = 1u64 << (raw & 63);
        // SAFETY: see the impl.
        unsafe {
            let old = *word;
            if old & bit != 0 {
                return false;
            }
            *word = old | bit;
        }
        true
    }

    /// Address of the last bit set at or before `addr` and not before `floor` (a multiple of 512); 0 if none.
    pub unsafe fn last_bit(&self, table: *mut u64, addr: usize, floor: usize) -> usize {
        let floor_word = floor >> 9;
        let mut word = addr >> 9;
        let keep = 63 - (addr >> REF_SHIFT & 63);
        // SAFETY: see the impl.
        let mut bits = unsafe { *table.wrapping_add(word) } << keep >> keep;
        loop {
            if bits != 0 {
                return (word << 9) + ((63 - bits.leading_zeros() as usize) << REF_SHIFT);
            }
            if word == floor_word {
                return 0;
            }
            word -= 1;
            // SAFETY: see the impl.
            bits = unsafe { *table.wrapping_add(word) };
        }
    }

    /// Where a collection found an object or put it; 0 if it has not been reached.
    #[inline(always)]
    pub unsafe fn resolve(&self, raw: u32) -> u32 {
        let addr = (raw as usize) << REF_SHIFT;
        // SAFETY: see the impl.
        unsafe {
            if self.is_marked(raw) {
                raw
            } else if self.state(block_of(addr)) == STATE_EVACUATE && self.class_at(addr) == FORWARDED {
                self.word_at(addr + 4)
            } else {
                0
            }
        }
    }

    /// Counts an object that shares a block.
    #[inline(always)]
    pub unsafe fn count_live(&self, addr: usize, size: usize) {
        // SAFETY: see the impl.
        unsafe {
            let live = self.live.wrapping_add(addr >> BLOCK_SHIFT);
            *live = (*live).saturating_add((size >> 3) as u16);
        }
    }

    #[inline(always)]
    pub unsafe fn line(&self, addr: usize) -> u8 {
        // SAFETY: see the impl.
        unsafe { *self.lines.wrapping_add(addr >> LINE_SHIFT) }
    }

    /// The line bytes of a block.
    #[inline(always)]
    pub fn block_lines(&self, block: u32) -> *mut [u8; LINES] {
        self.lines.wrapping_add(block as usize * LINES).cast()
    }

    /// Marks the lines of an object that shares a block.
    #[inline(always)]
    pub unsafe fn mark_lines(&self, addr: usize, size: usize) {
        let first = addr >> LINE_SHIFT;
        let last = (addr + size - 1) >> LINE_SHIFT;
        // SAFETY: see the impl.
        unsafe {
            *self.lines.wrapping_add(first) = LINE_LIVE;
            if last != first {
                self.lines.wrapping_add(first + 1).write_bytes(LINE_LIVE, last - first);
            }
        }
    }

    #[inline(always)]
    pub unsafe fn state(&self, block: u32) -> u8 {
        // SAFETY: see the impl.
        unsafe { *self.states.wrapping_add(block as usize) }
    }

    #[inline(always)]
    pub unsafe fn set_state(&self, block: u32, state: u8) {
        // SAFETY: see the impl.
        unsafe { *self.states.wrapping_add(block as usize) = state }
    }

    /// Raw reference of the large object in a block of state `STATE_LARGE` or `STATE_LARGE_TAIL`.
    #[inline(always)]
    pub unsafe fn large_at(&self, block: u32) -> u32 {
        // SAFETY: see the impl.
        unsafe { *self.large.wrapping_add(block as usize) }
    }

    #[inline(always)]
    pub unsafe fn class_at(&self, addr: usize) -> u32 {
        // SAFETY: an object begins at the address.
        unsafe { *(addr as *const u32) }
    }

    #[inline(always)]
    pub unsafe fn word_at(&self, addr: usize) -> u32 {
        // SAFETY: a 4-byte field of an object lies at the address.
        unsafe { *(addr as *const u32) }
    }

    /// Bytes of the object that begins at `addr`.
    #[inline(always)]
    pub unsafe fn size_at(&self, addr: usize) -> usize {
        // SAFETY: an object begins at the address.
        unsafe {
            let prefix = ClassPrefix::of(self.class_at(addr));
            self.size_with(addr, prefix)
        }
    }

    #[inline(always)]
    pub unsafe fn size_with(&self, addr: usize, prefix: &ClassPrefix) -> usize {
        const OBJ_ARRAY: u8 = LayoutKind::ObjArray as u8;
        const PRIM_ARRAY: u8 = LayoutKind::PrimArray as u8;
        const MIRROR: u8 = LayoutKind::Mirror as u8;
        // SAFETY: an object of that class begins at the address.
        unsafe {
            match prefix.layout {
                OBJ_ARRAY | PRIM_ARRAY => {
                    let length = *((addr + ARRAY_LENGTH_OFFSET) as *const i32);
                    array_size(length, prefix.elem_shift)
                }
                MIRROR => self.word_at(addr + self.wk.mirror_size as usize) as usize,
                _ => prefix.instance_size as usize,
            }
        }
    }

    /// Presents every young object of a block, in order of address, until the visitor returns false. Not valid
    /// between the beginning of marking and the end of the sweep.
    pub unsafe fn walk_young(&self, block: u32, mut visit: impl FnMut(usize) -> bool) {
        let lines = self.block_lines(block);
        let mut i = 0;
        while i < LINES {
            // SAFETY: see the impl.
            if unsafe { (*lines)[i] } != LINE_YOUNG_START {
                i += 1;
                continue;
            }
            let mut at = block_addr(block) + i * LINE_SIZE;
            i += 1;
            // SAFETY: see the impl.
            while i < LINES && unsafe { (*lines)[i] } == LINE_YOUNG {
                i += 1;
            }
            let end = block_addr(block) + i * LINE_SIZE;
            while at < end {
                // SAFETY: objects follow each other from the beginning of the hole, and then a zero word.
                unsafe {
                    if self.class_at(at) == 0 {
                        break;
                    }
                    if !visit(at) {
                        return;
                    }
                    at += self.size_at(at);
                }
            }
        }
    }

    /// Presents every object of a block that an earlier collection marked.
    pub unsafe fn walk_marked(&self, block: u32, mut visit: impl FnMut(usize)) {
        let first = block_addr(block) >> 9;
        for word in first..first + BLOCK_SIZE / 512 {
            // SAFETY: see the impl.
            let mut bits = unsafe { *self.marks.wrapping_add(word) };
            while bits != 0 {
                visit((word << 9) + ((bits.trailing_zeros() as usize) << REF_SHIFT));
                bits &= bits - 1;
            }
        }
    }

    /// Makes the start bits of a block valid for `epoch`.
    pub unsafe fn ensure_starts(&self, block: u32, epoch: u32) {
        let walked = self.walked.wrapping_add(block as usize);
        // SAFETY: see the impl.
        unsafe {
            if *walked == epoch {
                return;
            }
            *walked = epoch;
            let first = self.starts.wrapping_add(block_addr(block) >> 9);
            first.write_bytes(0, BLOCK_SIZE / 512);
            self.walk_young(block, |addr| {
                *self.starts.wrapping_add(addr >> 9) |= 1 << (addr >> REF_SHIFT & 63);
                true
            });
        }
    }

    /// The object that an arbitrary word points at or into, as a raw reference; 0 if there is none.
    ///
    /// # Safety
    /// The world is stopped, marking has not begun, and `epoch` is that of the present stop.
    pub unsafe fn find_object(&self, addr: usize, epoch: u32) -> u32 {
        if !self.contains(addr) {
            return 0;
        }
        let block = block_of(addr);
        let floor = block_addr(block);
        // SAFETY: the address is within the heap.
        unsafe {
            let start = match self.state(block) {
                STATE_OBJECTS => match self.line(addr) {
                    LINE_FREE => 0,
                    LINE_LIVE => self.last_bit(self.marks, addr, floor),
                    _ => {
                        self.ensure_starts(block, epoch);
                        self.last_bit(self.starts, addr, floor)
                    }
                },
                STATE_LARGE | STATE_LARGE_TAIL => (self.large_at(block) as usize) << REF_SHIFT,
                _ => 0,
            };
            // A large object whose header is not stored yet has class word 0.
            if start == 0 || start > addr || self.class_at(start) == 0 || addr >= start + self.size_at(start)
            {
                return 0;
            }
            (start >> REF_SHIFT) as u32
        }
    }
}
