//! Threads: counts, information, dumps, deadlocks, processor time, allocated memory.

use crate::boundary::{c, local, non_null};
use crate::management::memory::boot_class;
use crate::management::state;
use crate::thread_snapshot::{self, Detail, Handle, Snapshot};
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::ObjRef;
use caturra_heap::layout::{ARRAY_BASE, ARRAY_BASE_WIDE};
use caturra_kernel::platform::linux;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::handles::resolve;
use caturra_kernel::runtime::{alloc, safepoint, thread_dump};
use caturra_kernel::{ClassRef, Thread};
use std::sync::atomic::Ordering;

const SUSPENDED: i32 = 0x0010_0000;
const IN_NATIVE: i32 = 0x0040_0000;

fn illegal(t: &Thread, message: &str) -> exceptions::Thrown {
    exceptions::throw(t, "java/lang/IllegalArgumentException", message)
}

/// `Thread.getId` of a thread; 0 for one without an object.
fn java_id(t: &Thread, thread: &Thread) -> i64 {
    let object = thread.object.get();
    if object.is_null() {
        return 0;
    }
    // SAFETY: a `long` field of a live thread object.
    unsafe { object.load(t.vm().off.thread_tid() as usize) }
}

/// Runs `f` on the live thread of that id. `f` must neither allocate in the heap nor poll.
fn with_thread<R>(t: &Thread, id: i64, f: impl FnOnce(&Thread) -> R) -> Option<R> {
    t.vm().threads.with_all(|all| all.iter().find(|x| java_id(t, x) == id).map(|x| f(x)))
}

/// The ids of a `long[]`; `NullPointerException` for null, `IllegalArgumentException` for an id below 1.
///
/// # Safety
/// `handle` is a valid handle.
unsafe fn ids_of(t: &Thread, handle: c::jlongArray) -> JResult<Vec<i64>> {
    // SAFETY: the caller's promise.
    let array = unsafe { non_null(t, handle) }?;
    // SAFETY: a live array of longs.
    let ids = unsafe {
        let (p, len) = alloc::bytes_of(array);
        std::slice::from_raw_parts(p.cast::<i64>(), len).to_vec()
    };
    if ids.iter().any(|id| *id <= 0) {
        return Err(illegal(t, "Invalid thread ID entry"));
    }
    Ok(ids)
}

/// Stores `value` at `index` of a `long[]`.
fn put_long(array: ObjRef, index: usize, value: i64) {
    // SAFETY: the callers pass a live array and an index below its length.
    unsafe { array.store(ARRAY_BASE_WIDE + 8 * index, value) };
}

/// An `Object[]` of the objects of handles.
fn object_array(t: &Thread, handles: &[Handle]) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.object(), handles.len() as i32)?;
    for (i, handle) in handles.iter().enumerate() {
        // SAFETY: local handles of this thread; a live array with more than `i` elements.
        unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, resolve(*handle)) };
    }
    Ok(array)
}

/// A `java.lang.management.ThreadInfo`, with locked monitors and synchronizers when `locks` is set.
fn thread_info(t: &Thread, shot: &Snapshot, with_stack: bool, locks: bool) -> JResult<ObjRef> {
    let class = boot_class(t, "java/lang/management/ThreadInfo")?;
    let mut state = shot.status;
    if shot.suspended {
        state |= SUSPENDED;
    }
    if shot.in_native {
        state |= IN_NATIVE;
    }
    let trace = if with_stack { thread_snapshot::elements(t, shot)? } else { ObjRef::NULL };
    // Contention times are not measured: -1, as for a VM with the monitoring switched off.
    // SAFETY: local handles of this thread.
    let (thread, blocker, owner) =
        unsafe { (resolve(shot.thread), resolve(shot.blocker), resolve(shot.blocker_owner)) };
    let slot = |o: ObjRef| u64::from(o.raw());
    let mut args = vec![
        slot(thread),
        u64::from(state as u32),
        slot(blocker),
        slot(owner),
        shot.blocked_count,
        0,
        -1i64 as u64,
        0,
        shot.waited_count,
        0,
        -1i64 as u64,
        0,
        slot(trace),
    ];
    if !locks {
        return alloc::new_object(
            t,
            class,
            "(Ljava/lang/Thread;ILjava/lang/Object;Ljava/lang/Thread;JJJJ[Ljava/lang/StackTraceElement;)V",
            &args,
        );
    }
    let held: Vec<(usize, Handle)> = shot
        .frames
        .iter()
        .enumerate()
        .flat_map(|(depth, f)| f.monitors.iter().map(move |m| (depth, *m)))
        .collect();
    let monitors = object_array(t, &held.iter().map(|(_, m)| *m).collect::<Vec<_>>())?;
    let depths = alloc::prim_array(t, BasicType::Int, held.len() as i32)?;
    for (i, (depth, _)) in held.iter().enumerate() {
        // SAFETY: a live array with more than `i` elements.
        unsafe { depths.store(ARRAY_BASE + 4 * i, *depth as i32) };
    }
    let synchronizers = object_array(t, &shot.synchronizers)?;
    args.extend([slot(monitors), slot(depths), slot(synchronizers)]);
    alloc::new_object(
        t,
        class,
        "(Ljava/lang/Thread;ILjava/lang/Object;Ljava/lang/Thread;JJJJ[Ljava/lang/StackTraceElement;[Ljava/lang/Object;[I[Ljava/lang/Object;)V",
        &args,
    )
}

/// The snapshot of the thread with that id.
fn shot_of<'s>(t: &Thread, shots: &'s [Snapshot], id: i64) -> Option<&'s Snapshot> {
    shots.iter().find(|s| {
        // SAFETY: a local handle of a thread object.
        unsafe { resolve(s.thread).load::<i64>(t.vm().off.thread_tid() as usize) == id }
    })
}

/// Nanoseconds of processor time of a thread, in user mode only or altogether; -1 when it is not known.
fn cpu_nanos(thread: &Thread, with_system: bool) -> i64 {
    if with_system {
        return linux::cpu_time(thread.os_thread.get()).map_or(-1, |d| d.as_nanos() as i64);
    }
    user_nanos(thread.os_tid.get()).unwrap_or(-1)
}

/// User time from the `stat` file of a task: field 14, in clock ticks (`man 5 proc`).
fn user_nanos(tid: i32) -> Option<i64> {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{tid}/stat")).ok()?;
    // The name, field 2, may hold anything: count from its closing parenthesis.
    let ticks: i64 = stat.rsplit_once(')')?.1.split_whitespace().nth(11)?.parse().ok()?;
    // SAFETY: a plain question to the system.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1);
    Some(ticks * (1_000_000_000 / per_second))
}

/// Threads in cycles of waiting: for monitors, and for ownable synchronizers too unless `monitors_only`.
fn deadlocked(t: &Thread, monitors_only: bool) -> Vec<Handle> {
    let vm = t.vm();
    safepoint::stop_the_world(t, || {
        vm.threads.with_all(|all| {
            thread_dump::find_deadlocks(vm, t, all, !monitors_only)
                .into_iter()
                .flatten()
                .map(|i| t.handles.new(all[i].object.get()))
                .collect()
        })
    })
}

/// A `Thread[]` of the deadlocked threads, null when there are none.
fn deadlocked_array(t: &Thread, monitors_only: bool) -> JResult<c::jobjectArray> {
    let mark = t.handles.mark();
    let found = deadlocked(t, monitors_only);
    let result = if found.is_empty() {
        Ok(ObjRef::NULL)
    } else {
        alloc::ref_array(t, t.vm().wk.thread(), found.len() as i32).inspect(|array| {
            for (i, handle) in found.iter().enumerate() {
                // SAFETY: local handles; a live array with more than `i` elements.
                unsafe { t.vm().heap.store_ref(*array, ARRAY_BASE + 4 * i, resolve(*handle)) };
            }
        })
    };
    t.handles.release(mark);
    result.map(|array| local(t, array))
}

/// Whether the element class of an array is the class of that name.
fn is_array_of(t: &Thread, array: ObjRef, class: &str) -> JResult<bool> {
    // SAFETY: a live array.
    let component = unsafe { ClassRef::of(array) }.component;
    Ok(component == Some(boot_class(t, class)?))
}

jmm_entry! {
    /// Fills in a `ThreadInfo` for every id, null where no such thread is alive.
    fn get_thread_info(t; ids: c::jlongArray, max_depth: c::jint, infos: c::jobjectArray) -> c::jint {
        // SAFETY: valid handles.
        let (ids, infos) = unsafe { (ids_of(t, ids)?, non_null(t, infos)?) };
        if max_depth < -1 {
            return Err(illegal(t, "Invalid maxDepth"));
        }
        if !is_array_of(t, infos, "java/lang/management/ThreadInfo")? {
            return Err(illegal(t, "infoArray element type is not ThreadInfo class"));
        }
        // SAFETY: a live array.
        if unsafe { infos.array_length() } as usize != ids.len() {
            return Err(illegal(
                t,
                "The length of the given ThreadInfo array does not match the length of the given array of thread IDs",
            ));
        }
        let mark = t.handles.mark();
        let depth = usize::try_from(max_depth).unwrap_or(usize::MAX);
        let detail = Detail { depth, monitors: false, synchronizers: false };
        let shots = thread_snapshot::take(t, detail, &|x| ids.contains(&java_id(t, x)));
        let filled = (|| {
            for (i, id) in ids.iter().enumerate() {
                let info = match shot_of(t, &shots, *id) {
                    Some(shot) => thread_info(t, shot, depth > 0, false)?,
                    None => ObjRef::NULL,
                };
                // SAFETY: a live array with more than `i` elements.
                unsafe { t.vm().heap.store_ref(infos, ARRAY_BASE + 4 * i, info) };
            }
            Ok(0)
        })();
        t.handles.release(mark);
        filled
    }

    /// A `ThreadInfo[]` of the threads with those ids, or of all.
    fn dump_threads(
        t;
        ids: c::jlongArray,
        locked_monitors: c::jboolean,
        locked_synchronizers: c::jboolean,
        max_depth: c::jint,
    ) -> c::jobjectArray {
        // SAFETY: a valid handle.
        let ids = if ids.is_null() { None } else { Some(unsafe { ids_of(t, ids) }?) };
        let mark = t.handles.mark();
        let detail = Detail {
            depth: usize::try_from(max_depth).unwrap_or(usize::MAX),
            monitors: locked_monitors != 0,
            synchronizers: locked_synchronizers != 0,
        };
        let shots =
            thread_snapshot::take(t, detail, &|x| ids.as_ref().is_none_or(|ids| ids.contains(&java_id(t, x))));
        let result = (|| {
            let picked: Vec<Option<&Snapshot>> = match &ids {
                Some(ids) => ids.iter().map(|id| shot_of(t, &shots, *id)).collect(),
                None => shots.iter().map(Some).collect(),
            };
            let class = boot_class(t, "java/lang/management/ThreadInfo")?;
            let array = alloc::ref_array(t, class, picked.len() as i32)?;
            for (i, shot) in picked.into_iter().enumerate() {
                if let Some(shot) = shot {
                    let info = thread_info(t, shot, true, true)?;
                    // SAFETY: a live array with more than `i` elements.
                    unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, info) };
                }
            }
            Ok(array)
        })();
        t.handles.release(mark);
        result.map(|array| local(t, array))
    }

    fn find_monitor_deadlocked_threads(t) -> c::jobjectArray {
        deadlocked_array(t, true)
    }

    fn find_deadlocks(t; monitors_only: c::jboolean) -> c::jobjectArray {
        deadlocked_array(t, monitors_only != 0)
    }

    /// Nanoseconds; of the current thread for id 0. -1 for a thread that is not alive.
    fn get_thread_cpu_time(t; id: c::jlong) -> c::jlong {
        cpu_time(t, id, true)
    }

    fn get_thread_cpu_time_with_kind(t; id: c::jlong, with_system: c::jboolean) -> c::jlong {
        cpu_time(t, id, with_system != 0)
    }

    fn get_thread_cpu_times_with_kind(
        t;
        ids: c::jlongArray,
        times: c::jlongArray,
        with_system: c::jboolean,
    ) {
        // SAFETY: valid handles.
        let (ids, times) = unsafe { (ids_of(t, ids)?, non_null(t, times)?) };
        // SAFETY: a live array.
        if unsafe { times.array_length() } as usize != ids.len() {
            return Err(illegal(
                t,
                "The length of the given long array does not match the length of the given array of thread IDs",
            ));
        }
        for (i, id) in ids.iter().enumerate() {
            if let Some(nanos) = with_thread(t, *id, |x| cpu_nanos(x, with_system != 0)) {
                put_long(times, i, nanos);
            }
        }
        Ok(())
    }

    /// Bytes allocated by a thread, the current one for id 0; -1 when it is not alive.
    fn get_one_thread_allocated_memory(t; id: c::jlong) -> c::jlong {
        if id < 0 {
            return Err(illegal(t, "Invalid thread ID"));
        }
        if id == 0 {
            return Ok(t.tlab.allocated_bytes() as i64);
        }
        Ok(with_thread(t, id, |x| x.tlab.allocated_bytes() as i64).unwrap_or(-1))
    }

    fn get_thread_allocated_memory(t; ids: c::jlongArray, sizes: c::jlongArray) {
        // SAFETY: valid handles.
        let (ids, sizes) = unsafe { (ids_of(t, ids)?, non_null(t, sizes)?) };
        // SAFETY: a live array.
        if unsafe { sizes.array_length() } as usize != ids.len() {
            return Err(illegal(
                t,
                "The length of the given long array does not match the length of the given array of thread IDs",
            ));
        }
        for (i, id) in ids.iter().enumerate() {
            if let Some(bytes) = with_thread(t, *id, |x| x.tlab.allocated_bytes() as i64) {
                put_long(sizes, i, bytes);
            }
        }
        Ok(())
    }

    fn get_total_thread_allocated_memory(t) -> c::jlong {
        Ok(t.vm().heap.stats().allocated_bytes as i64)
    }

    /// Names and processor times of the VM's own threads: those that have no `java.lang.Thread`.
    fn get_internal_thread_times(t; names: c::jobjectArray, times: c::jlongArray) -> c::jint {
        // SAFETY: valid handles.
        unsafe { (non_null(t, names)?, non_null(t, times)?) };
        Ok(0)
    }

    /// Begins a statistic anew; whether there is such a one.
    fn reset_statistic(t; which: c::jvalue, kind: c::jint) -> c::jboolean {
        const PEAK_THREAD_COUNT: c::jint = 801;
        const CONTENTION_COUNT: c::jint = 802;
        const CONTENTION_TIME: c::jint = 803;
        const PEAK_POOL_USAGE: c::jint = 805;
        const GC_STAT: c::jint = 806;
        let vm = t.vm();
        // SAFETY: the kind of statistic tells which member of the union C code has set.
        unsafe {
            match kind {
                PEAK_THREAD_COUNT => {
                    vm.threads.reset_peak();
                    Ok(1)
                }
                CONTENTION_COUNT | CONTENTION_TIME => {
                    let id = which.j;
                    if id < 0 {
                        return Err(exceptions::throw_bare(t, "java/lang/IllegalArgumentException"));
                    }
                    let mut found = id == 0;
                    safepoint::stop_the_world(t, || {
                        vm.threads.with_all(|all| {
                            for x in all.iter().filter(|x| id == 0 || java_id(t, x) == id) {
                                x.blocked_count.store(0, Ordering::Relaxed);
                                x.waited_count.store(0, Ordering::Relaxed);
                                found = true;
                            }
                        });
                    });
                    Ok(c::jboolean::from(found))
                }
                PEAK_POOL_USAGE => {
                    Ok(c::jboolean::from(crate::management::memory::reset_peak(t, which.l)?))
                }
                GC_STAT => {
                    let collector = crate::management::memory::collector_of(t, which.l)?;
                    state::of(vm).reset_collections(vm, collector);
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }
}

fn cpu_time(t: &Thread, id: i64, with_system: bool) -> JResult<c::jlong> {
    if id < 0 {
        return Err(illegal(t, "Invalid thread ID"));
    }
    if id == 0 {
        return Ok(cpu_nanos(t, with_system));
    }
    Ok(with_thread(t, id, |x| cpu_nanos(x, with_system)).unwrap_or(-1))
}
