//! Who holds which block: free blocks, blocks with room, large objects, and how much is in use.

use crate::blockset::BlockSet;
use crate::config::HeapConfig;
use crate::layout::OBJECT_ALIGN;
use crate::meta::*;
use crate::objref::REF_SHIFT;
use crate::os::{self, PAGE_SIZE};
use crate::policy::Policy;

/// A large object, alone on its blocks.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Large {
    pub block: u32,
    pub blocks: u32,
    pub raw: u32,
    /// Bytes of the pages it takes.
    pub bytes: usize,
}

/// A block handed to a thread.
pub(crate) struct Grant {
    pub block: u32,
    /// All of it is zero.
    pub clean: bool,
    /// All of it is free.
    pub whole: bool,
}

/// Why the space gives nothing.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// It is time to collect.
    Budget,
    /// There is no room; a collection may make some.
    Room,
}

/// Everything that the space lock guards.
pub(crate) struct Space {
    pub meta: Meta,
    /// Free blocks that read as zero, most of them not resident.
    pub clean: BlockSet,
    /// Free blocks that hold garbage.
    pub dirty: BlockSet,
    /// Blocks with objects and much free room, not handed out since the last collection.
    pub good: BlockSet,
    /// Blocks with objects and little free room; taken when nothing better is left.
    pub poor: BlockSet,
    /// All blocks with objects, those being allocated into included.
    pub used: BlockSet,
    /// Blocks handed out since the last collection.
    pub touched: Vec<u32>,
    /// Large objects allocated since the last collection, and the others.
    pub large_young: Vec<Large>,
    /// The part of `young_used` that lies in `large_young`.
    pub large_young_bytes: usize,
    pub large_old: Vec<Large>,
    pub large_bytes: usize,
    /// Bytes handed out since the last collection.
    pub young_used: usize,
    /// Bytes of objects that the last collection found or assumed alive.
    pub live_bytes: usize,
    pub policy: Policy,
    /// Moves the beginnings of large objects apart in the cache.
    colour: usize,
}

impl Space {
    pub fn new(meta: Meta, config: &HeapConfig) -> Space {
        let base = block_of(meta.base);
        let blocks = ((meta.end - meta.base) >> BLOCK_SHIFT) as u32;
        Space {
            meta,
            clean: BlockSet::full(base, blocks),
            dirty: BlockSet::empty(base, blocks),
            good: BlockSet::empty(base, blocks),
            poor: BlockSet::empty(base, blocks),
            used: BlockSet::empty(base, blocks),
            touched: Vec::new(),
            large_young: Vec::new(),
            large_young_bytes: 0,
            large_old: Vec::new(),
            large_bytes: 0,
            young_used: 0,
            live_bytes: 0,
            policy: Policy::new(config),
            colour: 0,
        }
    }

    /// Bytes of blocks and pages in use.
    pub fn held_bytes(&self) -> usize {
        self.used.len() * BLOCK_SIZE + self.large_bytes
    }

    /// Bytes the heap holds from the system.
    pub fn committed_bytes(&self) -> usize {
        self.held_bytes() + self.dirty.len() * BLOCK_SIZE
    }

    /// Whether the young budget and `-Xmx` leave room for `bytes` more.
    fn may_take(&self, bytes: usize) -> Result<(), Refusal> {
        if self.young_used >= self.policy.budget {
            Err(Refusal::Budget)
        } else if self.live_bytes + self.young_used + bytes > self.policy.max {
            Err(Refusal::Room)
        } else {
            Ok(())
        }
    }

    /// A block to allocate small objects into.
    pub fn take_block(&mut self) -> Result<Grant, Refusal> {
        self.may_take(LINE_SIZE)?;
        // Free blocks that are resident serve best; then holes, before more memory is taken.
        if self.dirty.len() == 0
            && let Some(block) = self.good.pop_lowest()
        {
            return Ok(self.grant_partial(block));
        }
        if let Ok(grant) = self.take_whole_block() {
            return Ok(grant);
        }
        let block = self.good.pop_lowest().or_else(|| self.poor.pop_lowest());
        Ok(self.grant_partial(block.ok_or(Refusal::Room)?))
    }

    /// A block without objects.
    pub fn take_whole_block(&mut self) -> Result<Grant, Refusal> {
        self.may_take(BLOCK_SIZE)?;
        if self.held_bytes() + BLOCK_SIZE > self.policy.hard_limit {
            return Err(Refusal::Room);
        }
        let grant = self.grant_whole().ok_or(Refusal::Room)?;
        self.young_used += BLOCK_SIZE;
        Ok(grant)
    }

    fn grant_whole(&mut self) -> Option<Grant> {
        let (block, clean) = match self.dirty.pop_lowest() {
            Some(block) => (block, false),
            None => (self.clean.pop_lowest()?, true),
        };
        // SAFETY: the block is part of the heap and free, so its metadata is ours.
        unsafe {
            self.meta.set_state(block, STATE_OBJECTS);
            *self.meta.live.wrapping_add(block as usize) = 0;
        }
        self.used.insert(block);
        self.touched.push(block);
        Some(Grant { block, clean, whole: true })
    }

    /// Bytes of blocks that a collection may fill with survivors before it has freed anything.
    pub fn copy_room(&self) -> usize {
        let limit = self.policy.hard_limit + self.policy.max / 8;
        let free = (self.dirty.len() + self.clean.len()) * BLOCK_SIZE;
        limit.saturating_sub(self.held_bytes()).min(free)
    }

    /// A whole block for survivors.
    pub fn take_copy_block(&mut self) -> Option<Grant> {
        if self.copy_room() < BLOCK_SIZE {
            return None;
        }
        self.grant_whole()
    }

    /// A block with holes for survivors.
    pub fn take_good_for_copy(&mut self) -> Option<Grant> {
        let block = self.good.pop_lowest()?;
        self.touched.push(block);
        Some(Grant { block, clean: false, whole: false })
    }

    fn grant_partial(&mut self, block: u32) -> Grant {
        self.touched.push(block);
        self.young_used += self.free_lines(block) * LINE_SIZE;
        Grant { block, clean: false, whole: false }
    }

    /// Lines of a block that nothing uses.
    pub fn free_lines(&self, block: u32) -> usize {
        // SAFETY: the block is part of the heap, and no thread owns it.
        let lines = unsafe { &*self.meta.block_lines(block) };
        lines.iter().filter(|&&l| l == LINE_FREE).count()
    }

    /// Takes back a block whose thread ended, if enough of it is left to be worth it.
    pub fn return_block(&mut self, block: u32) {
        let free = self.free_lines(block);
        if free >= LINES / 4 && !self.good.contains(block) {
            self.young_used -= free * LINE_SIZE;
            self.good.insert(block);
            // It stays in `touched`; a second entry from the next grant is harmless.
        }
    }

    /// Blocks for an object of `size` bytes; its address, and which of its blocks hold garbage that the caller
    /// must clear.
    pub fn take_large(&mut self, size: usize) -> Result<LargeGrant, Refusal> {
        let bytes = size.next_multiple_of(PAGE_SIZE);
        self.may_take(bytes)?;
        if self.held_bytes() + bytes > self.policy.hard_limit {
            return Err(Refusal::Room);
        }
        let blocks = size.div_ceil(BLOCK_SIZE) as u32;
        let block = self.clean.highest_run(&self.dirty, blocks).ok_or(Refusal::Room)?;
        let slack = bytes - size;
        // Arrays of powers of two would all begin in the same cache sets.
        let step = 64.max(OBJECT_ALIGN);
        let colours = slack / step + 1;
        self.colour = self.colour.wrapping_add(1);
        let addr = block_addr(block) + self.colour % colours * step;
        let raw = (addr >> REF_SHIFT) as u32;
        let mut garbage = Vec::new();
        for b in block..block + blocks {
            // SAFETY: the blocks are part of the heap and free.
            unsafe {
                self.meta.set_state(b, if b == block { STATE_LARGE } else { STATE_LARGE_TAIL });
                *self.meta.large.wrapping_add(b as usize) = raw;
            }
            if !self.clean.remove(b) {
                self.dirty.remove(b);
                garbage.push(b);
            }
        }
        self.large_young.push(Large { block, blocks, raw, bytes });
        self.large_bytes += bytes;
        self.large_young_bytes += bytes;
        self.young_used += bytes;
        Ok(LargeGrant { addr, garbage })
    }

    /// Makes the blocks of a dead large object free; those of a big one go back to the system at once.
    pub fn free_large(&mut self, large: Large, give_back: bool) {
        const BIG: usize = 1 << 20;
        let meta = self.meta;
        self.large_bytes -= large.bytes;
        let release = give_back && large.bytes >= BIG;
        let len = large.blocks as usize * BLOCK_SIZE;
        let cards = meta.cards.wrapping_add(block_addr(large.block) >> crate::cards::CARD_SHIFT);
        // SAFETY: the object is dead, so its blocks and their cards are ours.
        unsafe {
            let cards = std::slice::from_raw_parts_mut(cards, len >> crate::cards::CARD_SHIFT);
            // Reading a page of the table that was never written makes none resident.
            for chunk in cards.chunks_mut(PAGE_SIZE) {
                if chunk.iter().any(|&c| c != 0) {
                    chunk.fill(0);
                }
            }
            if release {
                os::release(block_addr(large.block) as *mut u8, len);
            }
        }
        for b in large.block..large.block + large.blocks {
            // SAFETY: as above.
            unsafe { meta.set_state(b, if release { STATE_CLEAN } else { STATE_DIRTY }) };
            if release { self.clean.insert(b) } else { self.dirty.insert(b) }
        }
    }

    /// Gives free blocks back to the system until at most `keep` bytes of them are left.
    pub fn trim(&mut self, keep: usize) {
        while self.dirty.len() * BLOCK_SIZE > keep {
            // One call for neighbours.
            let Some(top) = self.dirty.pop_highest() else { return };
            let mut low = top;
            while (self.dirty.len() * BLOCK_SIZE) > keep && self.dirty.contains(low - 1) {
                low -= 1;
                self.dirty.remove(low);
            }
            let len = (top - low + 1) as usize * BLOCK_SIZE;
            // SAFETY: the blocks are free.
            unsafe { os::release(block_addr(low) as *mut u8, len) };
            for b in low..=top {
                // SAFETY: as above.
                unsafe { self.meta.set_state(b, STATE_CLEAN) };
                self.clean.insert(b);
            }
        }
    }
}

/// What [`Space::take_large`] gives.
pub(crate) struct LargeGrant {
    pub addr: usize,
    pub garbage: Vec<u32>,
}
