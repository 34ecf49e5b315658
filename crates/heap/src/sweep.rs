//! The sweep: lines and blocks without live objects become free.

use crate::host::GcKind;
use crate::meta::*;
use crate::space::{Large, Space};

/// Blocks with at least this many free lines are allocated into before free blocks are.
const GOOD: usize = LINES / 4;

/// What a sweep left.
pub(crate) struct Swept {
    pub live_lines: usize,
}

pub(crate) fn sweep(space: &mut Space, kind: GcKind, zap: bool, give_back: bool) -> Swept {
    let mut touched = std::mem::take(&mut space.touched);
    let mut live_lines = 0;
    match kind {
        GcKind::Minor => {
            touched.sort_unstable();
            touched.dedup();
            for &block in &touched {
                live_lines += sweep_block(space, block, zap);
            }
        }
        GcKind::Full => {
            space.good.clear();
            space.poor.clear();
            for block in space.used.iter().collect::<Vec<u32>>() {
                live_lines += sweep_block(space, block, zap);
            }
        }
    }
    touched.clear();
    space.touched = touched;
    sweep_large(space, kind, give_back);
    space.young_used = 0;
    space.large_young_bytes = 0;
    Swept { live_lines }
}

/// Frees what is not marked in a block; its number of live lines.
fn sweep_block(space: &mut Space, block: u32, zap: bool) -> usize {
    const LIVE: u64 = u64::from_ne_bytes([LINE_LIVE; 8]);
    let meta = space.meta;
    let lines = meta.block_lines(block).cast::<u64>();
    let mut live = 0;
    for i in 0..LINES / 8 {
        // SAFETY: the line bytes of a block are aligned to 8, and its former owner is stopped.
        unsafe {
            let word = lines.add(i).read() & LIVE;
            lines.add(i).write(word);
            live += word.count_ones() as usize;
        }
    }
    if zap {
        // SAFETY: the lines are free.
        unsafe { zap_free_lines(&meta, block) };
    }
    // A thread that ended may have returned the block before the collection.
    space.good.remove(block);
    space.poor.remove(block);
    let free = LINES - live;
    if live == 0 {
        // SAFETY: nothing in the block is alive.
        unsafe { meta.set_state(block, STATE_DIRTY) };
        space.used.remove(block);
        space.dirty.insert(block);
    } else {
        // SAFETY: the block is part of the heap.
        unsafe { meta.set_state(block, STATE_OBJECTS) };
        if free >= GOOD {
            space.good.insert(block);
        } else if free > 0 {
            space.poor.insert(block);
        }
    }
    live
}

/// Fills free lines with a word that is no class and no reference.
unsafe fn zap_free_lines(meta: &Meta, block: u32) {
    for i in 0..LINES {
        // SAFETY: the block is part of the heap.
        unsafe {
            if (*meta.block_lines(block))[i] == LINE_FREE {
                let line = (block_addr(block) + i * LINE_SIZE) as *mut u8;
                line.write_bytes(0xf5, LINE_SIZE);
            }
        }
    }
}

fn sweep_large(space: &mut Space, kind: GcKind, give_back: bool) {
    let meta = space.meta;
    let mut dead = Vec::new();
    let mut keep = |large: &Large| {
        // SAFETY: a large object's reference is in the heap.
        let live = unsafe { meta.is_marked(large.raw) };
        if !live {
            dead.push(*large);
        }
        live
    };
    if kind == GcKind::Full {
        space.large_old.retain(&mut keep);
    }
    let mut young = std::mem::take(&mut space.large_young);
    young.retain(&mut keep);
    space.large_old.append(&mut young);
    space.large_young = young;
    for large in dead {
        space.free_large(large, give_back);
    }
}

/// Forgets all marks and lines, before a full collection.
pub(crate) fn clear_marks(space: &Space) {
    let meta = space.meta;
    for block in space.used.iter() {
        let addr = block_addr(block);
        // SAFETY: the block is part of the heap, and the world is stopped.
        unsafe {
            meta.marks.wrapping_add(addr >> 9).write_bytes(0, BLOCK_SIZE / 512);
            meta.block_lines(block).write([LINE_FREE; LINES]);
            let cards = meta.cards.wrapping_add(addr >> crate::cards::CARD_SHIFT);
            cards.write_bytes(0, BLOCK_SIZE >> crate::cards::CARD_SHIFT);
            *meta.live.wrapping_add(block as usize) = 0;
        }
    }
    for large in space.large_old.iter().chain(&space.large_young) {
        // SAFETY: as above.
        unsafe { *meta.marks.wrapping_add(large.raw as usize >> 6) = 0 };
    }
}
