//! Figures of the heap and of its collections.

use crate::host::{GcCause, GcKind};
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
    pub used_after: usize,
    pub committed: usize,
    pub max: usize,
    /// Objects and bytes marked by this collection.
    pub marked_objects: u64,
    pub marked_bytes: u64,
    /// Soft, weak, final and phantom references put on the pending list.
    pub references: [u32; 4],
}

/// Totals since the heap was made; sizes in bytes.
#[derive(Copy, Clone, Debug, Default)]
pub struct HeapStats {
    /// Bytes in use, at line granularity, free space of running buffers included.
    pub used: usize,
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
    pub minor_count: u64,
    pub minor_time: Duration,
    pub full_count: u64,
    pub full_time: Duration,
    /// Bytes handed out to threads since the heap was made.
    pub allocated_bytes: u64,
}
