//! Moving objects out of sparse blocks while marking.
//!
//! In a minor collection the survivors leave the blocks that were allocated into; in a full one also those of
//! blocks that held little at the last count. What an ambiguous root points at is marked first and stays.

use crate::host::{GcKind, Host};
use crate::layout::{ClassPrefix, GC_LOADER, LayoutKind};
use crate::mark::Marker;
use crate::meta::*;
use crate::objref::REF_SHIFT;
use crate::policy::Policy;
use crate::space::{Grant, Space};

/// Room being filled with survivors.
#[derive(Default)]
struct Hole {
    cursor: usize,
    end: usize,
}

impl Hole {
    #[inline(always)]
    fn take(&mut self, size: usize) -> Option<usize> {
        let at = self.cursor;
        (size <= self.end - at).then(|| {
            self.cursor = at + size;
            at
        })
    }
}

/// Finds room for survivors: holes of sparse blocks in a minor collection, else whole blocks.
pub(crate) struct Copier {
    hole: Hole,
    overflow: Hole,
    /// Lines of the present block that are still to be searched.
    search: usize,
    block_end: usize,
    fill_holes: bool,
}

impl Copier {
    pub fn new(kind: GcKind) -> Copier {
        Copier {
            hole: Hole::default(),
            overflow: Hole::default(),
            search: 0,
            block_end: 0,
            // In a full collection lines are unknown until the end.
            fill_holes: kind == GcKind::Minor,
        }
    }

    #[inline(always)]
    fn take(&mut self, space: &mut Space, size: usize) -> Option<usize> {
        match self.hole.take(size) {
            Some(at) => Some(at),
            None => self.take_slow(space, size),
        }
    }

    #[cold]
    fn take_slow(&mut self, space: &mut Space, size: usize) -> Option<usize> {
        if size > LINE_SIZE {
            if let Some(at) = self.overflow.take(size) {
                return Some(at);
            }
            let block = block_addr(space.take_copy_block()?.block);
            self.overflow = Hole { cursor: block, end: block + BLOCK_SIZE };
            return self.overflow.take(size);
        }
        loop {
            let lines = space.meta.lines;
            // SAFETY: the block was given to the copier; lines behind `search` may get marked meanwhile.
            let free = |line: usize| unsafe { *lines.wrapping_add(line) } == LINE_FREE;
            while self.search < self.block_end {
                let first = self.search;
                self.search += 1;
                if !free(first) {
                    continue;
                }
                while self.search < self.block_end && free(self.search) {
                    self.search += 1;
                }
                self.hole = Hole { cursor: first << LINE_SHIFT, end: self.search << LINE_SHIFT };
                return self.hole.take(size);
            }
            let partial = if self.fill_holes { space.take_good_for_copy() } else { None };
            let Grant { block, .. } = match partial {
                Some(grant) => grant,
                None => space.take_copy_block()?,
            };
            self.search = block_addr(block) >> LINE_SHIFT;
            self.block_end = self.search + LINES;
        }
    }
}

impl Marker<'_> {
    /// Moves the object that `slot` refers to out of its block, or finds that this was done, or marks it where
    /// it is.
    ///
    /// # Safety
    /// `raw`, the contents of `slot`, is an unmarked object in a block of state `STATE_EVACUATE`.
    #[inline(never)]
    pub unsafe fn evacuate(&mut self, slot: *mut u32, raw: u32) {
        const MIRROR: u8 = LayoutKind::Mirror as u8;
        let addr = (raw as usize) << REF_SHIFT;
        // SAFETY: promised by the caller. The destination is free, and as large as the object.
        unsafe {
            let class = self.m.class_at(addr);
            if class == FORWARDED {
                *slot = self.m.word_at(addr + 4);
                return;
            }
            let prefix = ClassPrefix::of(class);
            let fixed = prefix.layout == MIRROR || prefix.gc_flags & GC_LOADER != 0;
            let size = self.m.size_with(addr, prefix);
            let room = if fixed { None } else { self.copier.take(self.space, size) };
            let Some(to) = room else {
                self.m.set_mark(raw);
                self.push(raw);
                return;
            };
            copy_words(addr, to, size);
            let new = (to >> REF_SHIFT) as u32;
            *(addr as *mut u32) = FORWARDED;
            *((addr + 4) as *mut u32) = new;
            *slot = new;
            self.m.set_mark(new);
            self.push(new);
        }
    }
}

#[inline(always)]
unsafe fn copy_words(from: usize, to: usize, size: usize) {
    // SAFETY: the caller's ranges are valid and disjoint, and the size is a multiple of 8.
    unsafe {
        if size > 96 {
            std::ptr::copy_nonoverlapping(from as *const u8, to as *mut u8, size);
            return;
        }
        let mut at = 0;
        while at < size {
            *((to + at) as *mut u64) = *((from + at) as *const u64);
            at += 8;
        }
    }
}

/// Chooses the blocks to evacuate. Before marking, after ambiguous roots are known.
pub(crate) fn choose(space: &mut Space, host: &dyn Host, kind: GcKind, last_ditch: bool) {
    let meta = space.meta;
    choose_blocks(space, kind, last_ditch);
    host.visit_immovable(&mut |object| {
        let block = block_of((object.raw() as usize) << REF_SHIFT);
        // SAFETY: the block holds an object, so it is part of the heap.
        unsafe {
            if meta.state(block) == STATE_EVACUATE {
                meta.set_state(block, STATE_OBJECTS);
            }
        }
    });
}

fn choose_blocks(space: &mut Space, kind: GcKind, last_ditch: bool) {
    let meta = space.meta;
    let touched = std::mem::take(&mut space.touched);
    for &block in &touched {
        // A thread that ended may have given the block back.
        space.good.remove(block);
        space.poor.remove(block);
    }
    if kind == GcKind::Full || space.policy.expects_few_survivors() {
        for &block in &touched {
            // SAFETY: the block is part of the heap.
            unsafe { meta.set_state(block, STATE_EVACUATE) };
        }
    }
    space.touched = touched;
    if kind == GcKind::Minor {
        return;
    }
    // Sparse blocks, the sparsest first, as far as there is room for what they hold.
    let limit = space.policy.sparse_below(space.held_bytes(), last_ditch);
    let mut sparse: Vec<(u16, u32)> = Vec::new();
    for block in space.used.iter() {
        // SAFETY: the block is part of the heap.
        unsafe {
            let live = *meta.live.wrapping_add(block as usize);
            if meta.state(block) == STATE_OBJECTS && (live as usize) * 8 < limit {
                sparse.push((live, block));
            }
        }
    }
    sparse.sort_unstable();
    let mut room = space.copy_room();
    for (live, block) in sparse {
        let live = live as usize * 8;
        if live > room {
            break;
        }
        room -= live;
        // SAFETY: the block is part of the heap.
        unsafe { meta.set_state(block, STATE_EVACUATE) };
    }
}

impl Policy {
    /// Bytes of live objects below which a block is worth evacuating in a full collection.
    fn sparse_below(&self, held: usize, last_ditch: bool) -> usize {
        if last_ditch {
            BLOCK_SIZE * 15 / 16
        } else if held > self.max * 3 / 4 {
            BLOCK_SIZE * 5 / 8
        } else {
            BLOCK_SIZE * 3 / 8
        }
    }
}
