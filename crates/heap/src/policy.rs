//! When to collect, what to collect, and how much memory to keep.

use crate::config::HeapConfig;
use crate::host::GcKind;
use crate::meta::BLOCK_SIZE;
use std::time::Duration;

/// Allocation between two minor collections, at first and at least.
const YOUNG_FIRST: usize = 6 << 20;
const YOUNG_LEAST: usize = 2 << 20;
/// The budget may grow to this and the live bytes.
const YOUNG_CEILING: usize = 24 << 20;
/// Share of the time that minor collections should take: the budget grows above the first number, and
/// shrinks below the second.
const COST_HIGH: f64 = 0.06;
const COST_LOW: f64 = 0.02;
/// Full collections in a row that take this share of the time and leave less than this share of the heap free
/// mean that the program is stuck (HotSpot's GCTimeLimit and GCHeapFreeLimit).
const OVERHEAD_TIME: f64 = 0.98;
const OVERHEAD_FREE: f64 = 0.02;
/// Above this survival the objects of a minor collection stay where they are.
const SURVIVAL_HIGH: f64 = 0.6;
const OVERHEAD_COUNT: u32 = 5;

pub(crate) struct Policy {
    /// `-Xmx`.
    pub max: usize,
    /// Bytes of blocks that may be in use; above `max` because blocks are never quite full, the less so where
    /// objects do not move.
    pub hard_limit: usize,
    /// Bytes to hand out before the next collection.
    pub budget: usize,
    /// The budget that the cost of collections asks for, before the heap's limit cuts it.
    wanted: usize,
    fixed: bool,
    largest: usize,
    first_full: usize,
    /// Live bytes from which on the next collection is a full one.
    full_at: usize,
    /// Share of the bytes handed out that the last collections found alive.
    survival: f64,
    stuck: u32,
    overhead_limit: bool,
}

impl Policy {
    pub fn new(config: &HeapConfig) -> Policy {
        let largest = (config.max / 3).max(BLOCK_SIZE);
        let wanted = config.young.unwrap_or(YOUNG_FIRST).min(largest).max(BLOCK_SIZE);
        let first_full = config.first_full.min(config.max / 2);
        Policy {
            max: config.max,
            hard_limit: config.max + config.max / if config.moving { 4 } else { 1 } + (1 << 20),
            budget: wanted,
            wanted,
            fixed: config.young.is_some(),
            largest,
            first_full,
            full_at: first_full,
            survival: 0.2,
            stuck: 0,
            overhead_limit: config.overhead_limit,
        }
    }

    /// Kind of the next collection.
    pub fn kind(&self, live: usize) -> GcKind {
        if live >= self.full_at { GcKind::Full } else { GcKind::Minor }
    }

    /// Whether a minor collection left so little room that a full one must follow at once.
    pub fn cramped(&self, live: usize) -> bool {
        live + self.max / 32 > self.max
    }

    /// Whether to move the survivors of a minor collection: where most survive, blocks are dense as they are.
    pub fn expects_few_survivors(&self) -> bool {
        self.survival < SURVIVAL_HIGH
    }

    /// Learns from a minor collection how much of `young` bytes survived.
    pub fn learn_survival(&mut self, survived: usize, young: usize) {
        if young >= BLOCK_SIZE {
            self.survival = (self.survival + survived as f64 / young as f64) / 2.0;
        }
    }

    /// Learns from a collection: `pause` after `running` of the program, `live` bytes left.
    pub fn learn(&mut self, kind: GcKind, live: usize, pause: Duration, running: Duration) {
        let cost = pause.as_secs_f64() / (pause + running).as_secs_f64().max(1e-9);
        match kind {
            GcKind::Minor => {
                if !self.fixed {
                    let wanted = match cost {
                        COST_HIGH.. => self.wanted + self.wanted / 2,
                        ..COST_LOW => self.wanted - self.wanted / 16,
                        _ => self.wanted,
                    };
                    // Memory for speed, but in proportion to what the program itself holds.
                    let ceiling = (live + YOUNG_CEILING).min(self.largest);
                    self.wanted = wanted.clamp(YOUNG_LEAST.min(ceiling), ceiling);
                }
                self.stuck = 0;
            }
            GcKind::Full => {
                let room = self.max.saturating_sub(live);
                let growth = (live * 6 / 10 + (8 << 20)).min(room * 7 / 10);
                self.full_at = (live + growth).max(self.first_full.min(live + room * 7 / 10));
                let tight = (room as f64) < self.max as f64 * OVERHEAD_FREE;
                self.stuck = if cost > OVERHEAD_TIME && tight { self.stuck + 1 } else { 0 };
            }
        }
        self.budget = self.wanted.min(self.max.saturating_sub(live)).max(BLOCK_SIZE);
    }

    /// Whether to give up with "GC overhead limit exceeded".
    pub fn is_stuck(&mut self) -> bool {
        if self.overhead_limit && self.stuck >= OVERHEAD_COUNT {
            self.stuck = 0;
            return true;
        }
        false
    }

    /// Bytes of free blocks worth keeping: what will be handed out before the next collection, and some.
    pub fn keep(&self) -> usize {
        self.budget + self.budget / 4
    }
}
