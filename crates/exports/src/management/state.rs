//! What management keeps of a VM: pools, collectors, switches, peaks.
//!
//! It is made when a program first asks, so a program that asks for nothing pays nothing; figures that must
//! have been counted from the start are the kernel's and the heap's.

use crate::management::service::{self, Service};
use caturra_heap::{GcEvent, GcKind};
use caturra_kernel::Vm;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

/// A JNI handle as an integer: handles are stable addresses, valid in every thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Handle(pub usize);

/// `java.lang.management.MemoryUsage`; -1 stands for "undefined".
#[derive(Clone, Copy, Default, Debug)]
pub struct Usage {
    pub init: i64,
    pub used: i64,
    pub committed: i64,
    pub max: i64,
}

/// The pools, in the order in which Java sees them. The heap is shown as HotSpot's serial collector shows its own, which
/// is what our collector comes nearest to: what was handed out since the last collection is "Eden", everything else is
/// "Tenured". Survivors of a collection belong to the old generation at once, so "Survivor" is always empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolId {
    CodeCache = 0,
    Metaspace = 1,
    Eden = 2,
    Survivor = 3,
    Tenured = 4,
}

pub const POOLS: [PoolId; 5] =
    [PoolId::CodeCache, PoolId::Metaspace, PoolId::Eden, PoolId::Survivor, PoolId::Tenured];

/// The heap's sizes at one moment, from which those of its pools follow.
#[derive(Clone, Copy, Debug)]
pub struct HeapView {
    pub initial: usize,
    pub used: usize,
    /// Of `used`, what belongs to the young generation.
    pub young: usize,
    /// What may be handed out between two collections.
    pub budget: usize,
    pub committed: usize,
    pub max: usize,
}

impl HeapView {
    pub fn now(vm: &Vm) -> HeapView {
        let s = vm.heap.stats();
        HeapView {
            initial: s.initial,
            used: s.used,
            young: s.young,
            budget: s.young_budget,
            committed: s.committed,
            max: s.max,
        }
    }

    /// The whole heap.
    pub fn total(&self) -> Usage {
        Usage {
            init: self.initial as i64,
            used: self.used as i64,
            committed: self.committed.max(self.used) as i64,
            max: self.max as i64,
        }
    }

    /// The part of one of its pools; the parts add up to the whole. Only the old generation has a limit of its own,
    /// that of the heap.
    pub fn part(&self, id: PoolId) -> Usage {
        let young = self.young.min(self.used);
        let free = self.committed.saturating_sub(self.used);
        let eden = young + free.min(self.budget.saturating_sub(young));
        match id {
            PoolId::Eden => Usage { init: 0, used: young as i64, committed: eden as i64, max: -1 },
            PoolId::Tenured => Usage {
                init: self.initial as i64,
                used: (self.used - young) as i64,
                committed: (self.committed.max(self.used) - eden) as i64,
                max: self.max as i64,
            },
            _ => Usage { init: 0, used: 0, committed: 0, max: -1 },
        }
    }
}

impl PoolId {
    pub fn name(self) -> &'static str {
        match self {
            PoolId::CodeCache => "CodeCache",
            PoolId::Metaspace => "Metaspace",
            PoolId::Eden => "Eden Space",
            PoolId::Survivor => "Survivor Space",
            PoolId::Tenured => "Tenured Gen",
        }
    }
    pub fn is_heap(self) -> bool {
        matches!(self, PoolId::Eden | PoolId::Survivor | PoolId::Tenured)
    }
    /// Young pools fill up all the time: a threshold would mean nothing.
    pub fn has_usage_threshold(self) -> bool {
        !matches!(self, PoolId::Eden | PoolId::Survivor)
    }
    pub fn managers(self) -> &'static [ManagerId] {
        match self {
            PoolId::Eden | PoolId::Survivor | PoolId::Tenured => &[ManagerId::Young, ManagerId::Old],
            PoolId::CodeCache => &[ManagerId::CodeCache],
            PoolId::Metaspace => &[ManagerId::Metaspace],
        }
    }
    /// Whether a collector's collections settle what the pool holds: minor ones leave the old generation alone.
    pub fn is_collected_by(self, by: ManagerId) -> bool {
        self.is_heap() && (by == ManagerId::Old || self != PoolId::Tenured)
    }
    pub fn usage(self, vm: &Vm) -> Usage {
        match self {
            PoolId::CodeCache => {
                // Without compilers there is none.
                let code = vm.compiler.get().map(|c| (c.code_memory)(vm)).unwrap_or_default();
                Usage {
                    init: 0,
                    used: code.used as i64,
                    committed: code.committed.max(code.used) as i64,
                    max: code.max as i64,
                }
            }
            PoolId::Metaspace => {
                let used = vm.metaspace.used() as i64;
                Usage { init: 0, used, committed: used, max: -1 }
            }
            _ => HeapView::now(vm).part(self),
        }
    }
}

/// The memory managers. The last two are garbage collectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManagerId {
    CodeCache = 0,
    Metaspace = 1,
    /// Minor collections.
    Young = 2,
    /// Full collections.
    Old = 3,
}

pub const MANAGERS: [ManagerId; 4] =
    [ManagerId::CodeCache, ManagerId::Metaspace, ManagerId::Young, ManagerId::Old];

impl ManagerId {
    pub fn name(self) -> &'static str {
        match self {
            ManagerId::CodeCache => "CodeCacheManager",
            ManagerId::Metaspace => "Metaspace Manager",
            ManagerId::Young => "Caturra Young Generation",
            ManagerId::Old => "Caturra Old Generation",
        }
    }
    pub fn is_collector(self) -> bool {
        matches!(self, ManagerId::Young | ManagerId::Old)
    }
    pub fn pools(self) -> &'static [PoolId] {
        match self {
            ManagerId::Young | ManagerId::Old => &[PoolId::Eden, PoolId::Survivor, PoolId::Tenured],
            ManagerId::CodeCache => &[PoolId::CodeCache],
            ManagerId::Metaspace => &[PoolId::Metaspace],
        }
    }
    pub fn of(kind: GcKind) -> ManagerId {
        match kind {
            GcKind::Minor => ManagerId::Young,
            GcKind::Full => ManagerId::Old,
        }
    }
}

/// A threshold and whether the usage was above it at the last look.
#[derive(Default)]
pub struct Threshold {
    pub high: AtomicI64,
    pub low: AtomicI64,
    pub crossed: AtomicBool,
    /// The `sun.management.Sensor`, a strong global handle.
    pub sensor: Mutex<Handle>,
}

/// What is kept of a pool.
#[derive(Default)]
pub struct Pool {
    /// The `MemoryPoolMXBean`, a strong global handle.
    pub object: Mutex<Handle>,
    pub peak: Mutex<Usage>,
    pub usage_threshold: Threshold,
    pub collection_threshold: Threshold,
    /// Usage right after the last collection.
    pub after_collection: Mutex<Option<Usage>>,
}

/// What is kept of a manager.
#[derive(Default)]
pub struct Manager {
    /// The `MemoryManagerMXBean`, a strong global handle.
    pub object: Mutex<Handle>,
    /// The last collection.
    pub last: Mutex<Option<Collection>>,
    /// Counts and times at the last reset, to be taken off.
    pub base_count: AtomicI64,
    pub base_millis: AtomicI64,
    pub notifies: AtomicBool,
}

/// One collection, as `com.sun.management.GcInfo` shows it; times in milliseconds since the VM started.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    pub index: i64,
    pub start: i64,
    pub end: i64,
    pub before: HeapView,
    pub after: HeapView,
}

/// All that management keeps.
pub struct State {
    /// Which VM this is: its address, and its start for the case that another VM takes that address later.
    vm: usize,
    started: Instant,
    pub pools: [Pool; POOLS.len()],
    pub managers: [Manager; MANAGERS.len()],
    pub verbose_gc: AtomicBool,
    pub verbose_class: AtomicBool,
    pub contention_monitoring: AtomicBool,
    pub cpu_time: AtomicBool,
    pub allocated_memory: AtomicBool,
    pub command_notifications: AtomicBool,
    pub service: Service,
}

/// Management states of the VMs in this process. The kernel knows nothing of management, hence no field in `Vm`.
static STATES: Mutex<Vec<Arc<State>>> = Mutex::new(Vec::new());

fn find(vm: &Vm) -> Option<Arc<State>> {
    let address = std::ptr::from_ref(vm) as usize;
    STATES.lock().iter().find(|s| s.vm == address && s.started == vm.started).cloned()
}

/// The state of a VM, made at the first call.
pub fn of(vm: &Vm) -> Arc<State> {
    if let Some(state) = find(vm) {
        return state;
    }
    let address = std::ptr::from_ref(vm) as usize;
    let mut states = STATES.lock();
    if let Some(state) = states.iter().find(|s| s.vm == address && s.started == vm.started) {
        return state.clone();
    }
    // A VM that was at this address before is gone, and its handles with it.
    states.retain(|s| s.vm != address);
    let state = Arc::new(State {
        vm: address,
        started: vm.started,
        pools: Default::default(),
        managers: Default::default(),
        verbose_gc: AtomicBool::new(false),
        verbose_class: AtomicBool::new(false),
        contention_monitoring: AtomicBool::new(false),
        cpu_time: AtomicBool::new(true),
        allocated_memory: AtomicBool::new(true),
        command_notifications: AtomicBool::new(false),
        service: Service::default(),
    });
    states.push(state.clone());
    state
}

impl State {
    pub fn pool(&self, id: PoolId) -> &Pool {
        &self.pools[id as usize]
    }

    pub fn manager(&self, id: ManagerId) -> &Manager {
        &self.managers[id as usize]
    }

    /// The present usage of a pool, which may be a new peak and may have crossed the threshold.
    pub fn look_at(&self, vm: &Vm, id: PoolId) -> Usage {
        let usage = id.usage(vm);
        self.note_peak(id, usage);
        service::check_usage(self, id, usage);
        usage
    }

    fn note_peak(&self, id: PoolId, usage: Usage) {
        let mut peak = self.pool(id).peak.lock();
        if usage.used > peak.used {
            *peak = usage;
        }
    }

    /// Collections of a manager since the last reset: number and milliseconds.
    pub fn collections(&self, vm: &Vm, id: ManagerId) -> (i64, i64) {
        let (count, millis) = totals(vm, id);
        let m = self.manager(id);
        (count - m.base_count.load(Ordering::Relaxed), millis - m.base_millis.load(Ordering::Relaxed))
    }

    pub fn reset_collections(&self, vm: &Vm, id: ManagerId) {
        let (count, millis) = totals(vm, id);
        let m = self.manager(id);
        m.base_count.store(count, Ordering::Relaxed);
        m.base_millis.store(millis, Ordering::Relaxed);
        *m.last.lock() = None;
    }
}

fn totals(vm: &Vm, id: ManagerId) -> (i64, i64) {
    let s = vm.heap.stats();
    match id {
        ManagerId::Young => (s.minor_count as i64, s.minor_time.as_millis() as i64),
        ManagerId::Old => (s.full_count as i64, s.full_time.as_millis() as i64),
        ManagerId::CodeCache | ManagerId::Metaspace => (0, 0),
    }
}

/// To be called after every collection, with the world stopped (the heap's event callback). Costs a look at a
/// list when no program has asked for management.
pub fn record_collection(vm: &Vm, event: &GcEvent) {
    let Some(state) = find(vm) else { return };
    let now = HeapView::now(vm);
    let view = |used: usize, young: usize| HeapView {
        used,
        young,
        committed: event.committed,
        max: event.max,
        ..now
    };
    let (before, after) = (view(event.used_before, event.young_before), view(event.used_after, 0));
    let id = ManagerId::of(event.kind);
    let start = event.start.as_millis() as i64;
    for pool in POOLS.into_iter().filter(|p| p.is_heap()) {
        state.note_peak(pool, before.part(pool));
        if pool.is_collected_by(id) {
            *state.pool(pool).after_collection.lock() = Some(after.part(pool));
        }
    }
    let collection = {
        let mut last = state.manager(id).last.lock();
        let collection = Collection {
            index: last.map_or(1, |l| l.index + 1),
            start,
            end: start + event.pause.as_millis() as i64,
            before,
            after,
        };
        *last = Some(collection);
        collection
    };
    service::note_collection(&state, id, event.cause, collection);
    for pool in POOLS {
        let usage = if pool.is_heap() { after.part(pool) } else { pool.usage(vm) };
        if pool.is_collected_by(id) {
            service::check_after_collection(&state, pool, usage);
        }
        service::check_usage(&state, pool, usage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heap_pools_add_up_to_the_heap() {
        let pools = || POOLS.into_iter().filter(|p| p.is_heap());
        for (used, young, budget, committed) in
            [(10, 4, 8, 32), (10, 10, 8, 10), (30, 0, 8, 32), (0, 0, 8, 0), (12, 20, 8, 10)]
        {
            let heap = HeapView { initial: 16, used, young, budget, committed, max: 64 };
            let sum = |f: fn(Usage) -> i64| pools().map(|p| f(heap.part(p))).sum::<i64>();
            assert_eq!(sum(|u| u.used), heap.total().used);
            assert_eq!(sum(|u| u.committed), heap.total().committed);
            assert_eq!(sum(|u| u.init), heap.total().init);
            assert!(pools().map(|p| heap.part(p)).all(|u| u.used <= u.committed), "{heap:?}");
        }
    }
}
