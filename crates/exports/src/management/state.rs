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

/// The pools, in the order in which Java sees them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolId {
    Heap = 0,
    Metaspace = 1,
}

pub const POOLS: [PoolId; 2] = [PoolId::Heap, PoolId::Metaspace];

impl PoolId {
    pub fn name(self) -> &'static str {
        match self {
            PoolId::Heap => "Java Heap",
            PoolId::Metaspace => "Metaspace",
        }
    }
    pub fn is_heap(self) -> bool {
        self == PoolId::Heap
    }
    pub fn managers(self) -> &'static [ManagerId] {
        match self {
            PoolId::Heap => &[ManagerId::Young, ManagerId::Old],
            PoolId::Metaspace => &[ManagerId::Metaspace],
        }
    }
    pub fn usage(self, vm: &Vm) -> Usage {
        match self {
            PoolId::Heap => {
                let s = vm.heap.stats();
                Usage {
                    init: s.initial as i64,
                    used: s.used as i64,
                    committed: s.committed as i64,
                    max: s.max as i64,
                }
            }
            PoolId::Metaspace => {
                let used = vm.metaspace.used() as i64;
                Usage { init: 0, used, committed: used, max: -1 }
            }
        }
    }
}

/// The memory managers. The first two are garbage collectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManagerId {
    /// Minor collections.
    Young = 0,
    /// Full collections.
    Old = 1,
    Metaspace = 2,
}

pub const MANAGERS: [ManagerId; 3] = [ManagerId::Young, ManagerId::Old, ManagerId::Metaspace];

impl ManagerId {
    pub fn name(self) -> &'static str {
        match self {
            ManagerId::Young => "Caturra Young Generation",
            ManagerId::Old => "Caturra Old Generation",
            ManagerId::Metaspace => "Metaspace Manager",
        }
    }
    pub fn is_collector(self) -> bool {
        self != ManagerId::Metaspace
    }
    pub fn pools(self) -> &'static [PoolId] {
        match self {
            ManagerId::Young | ManagerId::Old => &[PoolId::Heap],
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
    pub before: Usage,
    pub after: Usage,
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

    /// The present usage of a pool, which may be a new peak.
    pub fn look_at(&self, vm: &Vm, id: PoolId) -> Usage {
        let usage = id.usage(vm);
        self.note_peak(id, usage);
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
        ManagerId::Metaspace => (0, 0),
    }
}

/// To be called after every collection, with the world stopped (the heap's event callback). Costs a look at a
/// list when no program has asked for management.
pub fn record_collection(vm: &Vm, event: &GcEvent) {
    let Some(state) = find(vm) else { return };
    let initial = vm.heap.config().initial as i64;
    let usage = |used: usize| Usage {
        init: initial,
        used: used as i64,
        committed: event.committed as i64,
        max: event.max as i64,
    };
    let (before, after) = (usage(event.used_before), usage(event.used_after));
    let id = ManagerId::of(event.kind);
    let start = event.start.as_millis() as i64;
    state.note_peak(PoolId::Heap, before);
    *state.pool(PoolId::Heap).after_collection.lock() = Some(after);
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
    service::check_after_collection(&state, after);
    service::check_usage(&state, PoolId::Heap, after);
    service::check_usage(&state, PoolId::Metaspace, PoolId::Metaspace.usage(vm));
}
