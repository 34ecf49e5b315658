//! Allocation when the thread's buffer is used up.

use crate::arch;
use crate::collect::Request;
use crate::heap::{Heap, OutOfMemory};
use crate::host::{GcCause, GcKind, Host};
use crate::meta::{BLOCK_SIZE, LINE_SIZE, MEDIUM_MAX, block_addr};
use crate::space::{Refusal, Space};
use crate::tlab::Tlab;
use std::sync::atomic::Ordering;

/// How often an allocation waits for a new budget before it counts as being out of memory. The budget of a full heap is
/// small: holes too small for the object can use it up every time.
const BUDGET_WAITS: u32 = 8;

/// The space gave nothing; with the number of collections so far.
struct Refused(Refusal, u64);

impl Heap {
    /// [`Heap::alloc`] when the buffer is used up.
    #[cold]
    #[inline(never)]
    pub fn alloc_slow(&self, tlab: &Tlab, size: usize, host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        debug_assert!(size >= 8 && size.is_multiple_of(8), "size {size} of an object");
        if self.config.stress_interval != 0 {
            self.stress(host);
        }
        if self.config.out_of_memory_at != 0
            && self.allocations.fetch_add(1, Ordering::Relaxed) + 1 == self.config.out_of_memory_at
        {
            return Err(OutOfMemory::HeapSpace);
        }
        const LADDER: [Request; 3] = [Request::Policy, Request::Full, Request::ClearSoft];
        // What is larger than the heap cannot succeed, but soft references are cleared before the error.
        let mut step = if size > self.config.max { 2 } else { 0 };
        let mut waits = 0;
        loop {
            let result =
                if size <= MEDIUM_MAX { self.try_shared(tlab, size) } else { self.try_large(tlab, size) };
            let Refused(refusal, epoch) = match result {
                Ok(p) => {
                    if self.config.stress_interval != 0 || self.config.out_of_memory_at != 0 {
                        tlab.close_fast_path();
                    }
                    return Ok(p);
                }
                Err(refused) => refused,
            };
            arch::clear_dead_stack();
            if self.space.lock().policy.is_stuck() {
                return Err(OutOfMemory::GcOverhead);
            }
            if refusal == Refusal::Budget && waits < BUDGET_WAITS {
                // Another thread may have collected meanwhile, and others may have used up the next budget
                // when this one gets to it: no sign of being out of memory.
                waits += 1;
                let cause = GcCause::AllocationFailure;
                self.collect_unless_done(host, Request::Policy, cause, Some(epoch));
                continue;
            }
            let Some(&request) = LADDER.get(step) else { return Err(OutOfMemory::HeapSpace) };
            // The first collection may be another thread's; after that this thread insists.
            let seen = (step == 0).then_some(epoch);
            let done = self.collect_unless_done(host, request, GcCause::AllocationFailure, seen);
            step += if step == 0 && done == Some(GcKind::Full) { 2 } else { 1 };
        }
    }

    /// An object that shares a block.
    fn try_shared(&self, tlab: &Tlab, size: usize) -> Result<*mut u8, Refused> {
        if let Some(p) = tlab.grow(size) {
            return Ok(p);
        }
        if size > LINE_SIZE {
            if let Some(p) = tlab.overflow(size) {
                return Ok(p);
            }
            let grant = self.with_space(|space| space.take_whole_block());
            if let Ok(grant) = grant {
                tlab.use_overflow_block(&self.meta, &grant);
                return Ok(tlab.overflow(size).expect("a whole block has room"));
            }
        }
        loop {
            // SAFETY: the buffer holds blocks of this heap.
            if unsafe { tlab.next_hole(&self.meta, size) } {
                return Ok(tlab.grow(size).expect("the hole has room"));
            }
            let grant = self.with_space(|space| space.take_block())?;
            if tlab.use_block(&self.meta, &grant) {
                return Ok(tlab.grow(size).expect("a whole block has room"));
            }
        }
    }

    fn try_large(&self, tlab: &Tlab, size: usize) -> Result<*mut u8, Refused> {
        let grant = self.with_space(|space| space.take_large(size))?;
        let end = grant.addr + size;
        for block in grant.garbage {
            let from = block_addr(block).max(grant.addr);
            let to = (block_addr(block) + BLOCK_SIZE).min(end);
            // SAFETY: the block was free, and is this thread's.
            unsafe { (from as *mut u8).write_bytes(0, to - from) };
        }
        tlab.count_large(size);
        Ok(grant.addr as *mut u8)
    }

    /// Asks the space for something; a refusal carries the number of collections that it knows of.
    fn with_space<T>(&self, take: impl FnOnce(&mut Space) -> Result<T, Refusal>) -> Result<T, Refused> {
        let mut space = self.space.lock();
        let result = take(&mut space);
        self.figures.publish(&space);
        result.map_err(|refusal| Refused(refusal, self.epoch.load(Ordering::Relaxed)))
    }

    /// Collects at every Nth allocation, minor and full in turn.
    fn stress(&self, host: &dyn Host) {
        let count = self.stress_count.fetch_add(1, Ordering::Relaxed) + 1;
        let interval = self.config.stress_interval as u64;
        if count.is_multiple_of(interval) {
            let request = if (count / interval).is_multiple_of(2) { Request::Full } else { Request::Minor };
            self.collect_unless_done(host, request, GcCause::Stress, None);
        }
    }
}
