//! Notifications to Java: ends of collections, and memory pools that cross their thresholds.
//!
//! What is to be told is queued with the world stopped, where nothing can be allocated; a thread of the VM,
//! started when a program first asks to be told, makes the Java calls.

use crate::management::memory::{boot_class, manager_object, usage_object};
use crate::management::state::{
    self, Collection, HeapView, ManagerId, POOLS, PoolId, State, Threshold, Usage,
};
use crate::process::millis;
use caturra_heap::layout::ARRAY_BASE;
use caturra_heap::{GcCause, ObjRef};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::safepoint::with_blocked;
use caturra_kernel::runtime::{alloc, calls, handles, strings, thread_list};
use caturra_kernel::{Thread, Vm};
use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Something to tell.
pub enum Request {
    Collected {
        by: ManagerId,
        cause: GcCause,
        collection: Collection,
        at_millis: i64,
    },
    /// A sensor was set off (`true`) or cleared.
    Crossed {
        pool: PoolId,
        after_collection: bool,
        on: bool,
        usage: Usage,
    },
}

/// The queue and its thread.
#[derive(Default)]
pub struct Service {
    queue: Mutex<Vec<Request>>,
    filled: Condvar,
    running: AtomicBool,
}

/// At most so many requests wait; a program that does not keep up loses the newest.
const MOST: usize = 1000;
/// How long the thread sleeps before it looks whether the VM ends; notifications come at once.
const END_CHECK: Duration = Duration::from_secs(1);

impl Service {
    pub fn push(&self, request: Request) {
        let mut queue = self.queue.lock();
        if queue.len() < MOST {
            queue.push(request);
            self.filled.notify_one();
        }
    }

    /// Starts the thread if it does not run yet.
    pub fn start(&self, t: &Thread) -> JResult<()> {
        if self.running.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        thread_list::start_vm_thread(t, "Notification Thread", 9, run)
            .inspect_err(|_| self.running.store(false, Ordering::Release))
    }

    /// The next requests; none when the VM ends.
    fn take(&self, vm: &Vm) -> Vec<Request> {
        let mut queue = self.queue.lock();
        while queue.is_empty() && !vm.ending.has_begun() {
            self.filled.wait_for(&mut queue, END_CHECK);
        }
        std::mem::take(&mut *queue)
    }
}

/// The thread: a daemon, so it waits until the VM ends.
fn run(t: &Thread) {
    let state = state::of(t.vm());
    while !t.is_ending() {
        for request in with_blocked(t, || state.service.take(t.vm())) {
            let mark = t.handles.mark();
            if deliver(t, &state, &request).is_err() {
                // A listener's exception is the listener's business.
                exceptions::take_pending(t);
            }
            t.handles.release(mark);
        }
    }
}

fn deliver(t: &Thread, state: &State, request: &Request) -> JResult<()> {
    match request {
        Request::Collected { by, cause, collection, at_millis } => {
            collected(t, *by, *cause, collection, *at_millis)
        }
        Request::Crossed { pool, after_collection, on, usage } => {
            let pool = state.pool(*pool);
            let threshold =
                if *after_collection { &pool.collection_threshold } else { &pool.usage_threshold };
            crossed(t, threshold, *on, *usage)
        }
    }
}

fn slot(object: ObjRef) -> u64 {
    u64::from(object.raw())
}

/// `GarbageCollectorExtImpl.createGCNotification` with a `GcInfo`.
fn collected(t: &Thread, by: ManagerId, cause: GcCause, collection: &Collection, at: i64) -> JResult<()> {
    let bean = manager_object(t, by)?;
    let usage_class = boot_class(t, "java/lang/management/MemoryUsage")?;
    let usages = |heap: HeapView| {
        let array = alloc::ref_array(t, usage_class, POOLS.len() as i32)?;
        for (i, id) in POOLS.into_iter().enumerate() {
            let object = usage_object(t, if id.is_heap() { heap.part(id) } else { id.usage(t.vm()) })?;
            // SAFETY: a live array with more than `i` elements.
            unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, object) };
        }
        Ok(array)
    };
    let before = usages(collection.before)?;
    let after = usages(collection.after)?;
    let threads = alloc::new_object(t, t.vm().wk.integer(), "(I)V", &[1])?;
    let extended = alloc::ref_array(t, t.vm().wk.integer(), 1)?;
    // SAFETY: a live array with one element.
    unsafe { t.vm().heap.store_ref(extended, ARRAY_BASE, threads) };
    let builder = calls::call_method(
        t,
        bean,
        "getGcInfoBuilder",
        "()Lcom/sun/management/internal/GcInfoBuilder;",
        &[],
    )?;
    let info = alloc::new_object(
        t,
        boot_class(t, "com/sun/management/GcInfo")?,
        "(Lcom/sun/management/internal/GcInfoBuilder;JJJ[Ljava/lang/management/MemoryUsage;[Ljava/lang/management/MemoryUsage;[Ljava/lang/Object;)V",
        &[
            builder,
            collection.index as u64,
            0,
            collection.start as u64,
            0,
            collection.end as u64,
            0,
            slot(before),
            slot(after),
            slot(extended),
        ],
    )?;
    let name = strings::new_string(t, by.name())?;
    let action =
        strings::new_string(t, if by == ManagerId::Young { "end of minor GC" } else { "end of major GC" })?;
    let cause = strings::new_string(t, cause.name())?;
    calls::call_method(
        t,
        bean,
        "createGCNotification",
        "(JLjava/lang/String;Ljava/lang/String;Ljava/lang/String;Lcom/sun/management/GcInfo;)V",
        &[at as u64, 0, slot(name), slot(action), slot(cause), slot(info)],
    )?;
    Ok(())
}

/// `sun.management.Sensor`: trigger with the usage, or clear.
fn crossed(t: &Thread, threshold: &Threshold, on: bool, usage: Usage) -> JResult<()> {
    let handle = *threshold.sensor.lock();
    // SAFETY: a strong global handle or null.
    let sensor = unsafe { handles::resolve(handle.0 as *mut u8) };
    if sensor.is_null() {
        return Ok(());
    }
    if on {
        let usage = usage_object(t, usage)?;
        calls::call_method(
            t,
            sensor,
            "trigger",
            "(ILjava/lang/management/MemoryUsage;)V",
            &[1, slot(usage)],
        )?;
    } else {
        calls::call_method(t, sensor, "clear", "(I)V", &[1])?;
    }
    Ok(())
}

/// Queues the end of a collection for the listeners of that collector.
pub fn note_collection(state: &State, by: ManagerId, cause: GcCause, collection: Collection) {
    if state.manager(by).notifies.load(Ordering::Relaxed) {
        state.service.push(Request::Collected { by, cause, collection, at_millis: millis() });
    }
}

/// Compares a pool's usage with its usage threshold: the sensor goes off when the usage reaches the high
/// mark, and is cleared when it is back below the low one.
pub fn check_usage(state: &State, id: PoolId, usage: Usage) {
    let threshold = &state.pool(id).usage_threshold;
    let (high, low) = (threshold.high.load(Ordering::Relaxed), threshold.low.load(Ordering::Relaxed));
    if high <= 0 {
        return;
    }
    let was_on = threshold.crossed.load(Ordering::Relaxed);
    let on = if was_on { usage.used >= low } else { usage.used >= high };
    if on != was_on {
        threshold.crossed.store(on, Ordering::Relaxed);
        state.service.push(Request::Crossed { pool: id, after_collection: false, on, usage });
    }
}

/// Compares a pool's usage after a collection with its collection threshold: the sensor counts every collection
/// that leaves too much.
pub fn check_after_collection(state: &State, id: PoolId, usage: Usage) {
    let threshold = &state.pool(id).collection_threshold;
    let high = threshold.high.load(Ordering::Relaxed);
    if high <= 0 {
        return;
    }
    let on = usage.used >= high;
    let was_on = threshold.crossed.swap(on, Ordering::Relaxed);
    if on || was_on {
        state.service.push(Request::Crossed { pool: id, after_collection: true, on, usage });
    }
}
