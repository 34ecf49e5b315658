//! Figures of the heap and of its collections.

use crate::host::{GcCause, GcKind};
use crate::space::Space;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// One collection, as given to the event callback (`-verbose:gc`, `-Xlog:gc`, notifications).
#[derive(Copy, Clone, Debug)]
pub struct GcEvent {
    /// Counts from 0 over both kinds.
    pub id: u64,
    pub kind: GcKind,
    pub cause: GcCause,
    /// Since the heap was made, at the beginning of the pause.
    pub start: Duration,
    /// Time with the world stopped, as far as the collector worked in it.
    pub pause: Duration,
    pub used_before: usize,
    /// Of these, handed out since the collection before, large objects left out.
    pub young_before: usize,
    pub used_after: usize,
    pub committed: usize,
    pub max: usize,
    /// Objects and bytes that this collection marked.
    pub marked_objects: u64,
    pub marked_bytes: u64,
    /// Soft, weak, final and phantom references put on the pending list.
    pub references: [u32; 4],
}

/// Totals since the heap was made; sizes in bytes.
#[derive(Copy, Clone, Debug, Default)]
pub struct HeapStats {
    /// Bytes in use, open allocation buffers included.
    pub used: usize,
    /// Bytes of `used` handed out since the last collection. Large objects are not among them: they have places of their
    /// own from the start.
    pub young: usize,
    /// Bytes in use right after the last collection.
    pub used_after_gc: usize,
    /// Bytes the heap holds from the system, used or kept for use.
    pub committed: usize,
    pub max: usize,
    pub initial: usize,
    /// Present allocation budget between two minor collections.
    pub young_budget: usize,
    pub large_objects: usize,
    pub large_bytes: usize,
    /// Blocks of 32 KiB that hold objects.
    pub blocks: usize,
    pub minor_count: u64,
    pub minor_time: Duration,
    pub full_count: u64,
    pub full_time: Duration,
    /// Bytes handed out to threads since the heap was made.
    pub allocated_bytes: u64,
}

/// Copies of the figures that can be read at any time, also from within a collection.
#[derive(Default)]
pub(crate) struct Figures {
    live: AtomicUsize,
    young: AtomicUsize,
    large_young: AtomicUsize,
    pub committed: AtomicUsize,
    budget: AtomicUsize,
    large_objects: AtomicUsize,
    large_bytes: AtomicUsize,
    blocks: AtomicUsize,
    minor_count: AtomicU64,
    minor_us: AtomicU64,
    full_count: AtomicU64,
    full_us: AtomicU64,
    /// Handed out before the last collection.
    allocated: AtomicU64,
    pub full_ended_us: AtomicU64,
}

impl Figures {
    pub fn publish(&self, space: &Space) {
        self.live.store(space.live_bytes, Relaxed);
        self.young.store(space.young_used, Relaxed);
        self.large_young.store(space.large_young_bytes, Relaxed);
        self.committed.store(space.committed_bytes(), Relaxed);
        self.budget.store(space.policy.budget, Relaxed);
        self.large_objects.store(space.large_young.len() + space.large_old.len(), Relaxed);
        self.large_bytes.store(space.large_bytes, Relaxed);
        self.blocks.store(space.used.len(), Relaxed);
    }

    /// Counts what was handed out since the last collection; before it is forgotten.
    pub fn count_allocated(&self, bytes: usize) {
        self.allocated.fetch_add(bytes as u64, Relaxed);
    }

    pub fn count(&self, kind: GcKind, pause: Duration) {
        let (count, time) = match kind {
            GcKind::Minor => (&self.minor_count, &self.minor_us),
            GcKind::Full => (&self.full_count, &self.full_us),
        };
        count.fetch_add(1, Relaxed);
        time.fetch_add(pause.as_micros() as u64, Relaxed);
    }

    pub fn used(&self) -> usize {
        self.live.load(Relaxed) + self.young.load(Relaxed)
    }

    pub fn stats(&self) -> HeapStats {
        HeapStats {
            used: self.used(),
            young: self.young.load(Relaxed).saturating_sub(self.large_young.load(Relaxed)),
            used_after_gc: self.live.load(Relaxed),
            young_budget: self.budget.load(Relaxed),
            large_objects: self.large_objects.load(Relaxed),
            large_bytes: self.large_bytes.load(Relaxed),
            blocks: self.blocks.load(Relaxed),
            minor_count: self.minor_count.load(Relaxed),
            minor_time: Duration::from_micros(self.minor_us.load(Relaxed)),
            full_count: self.full_count.load(Relaxed),
            full_time: Duration::from_micros(self.full_us.load(Relaxed)),
            allocated_bytes: self.allocated.load(Relaxed) + self.young.load(Relaxed) as u64,
            ..HeapStats::default()
        }
    }
}
