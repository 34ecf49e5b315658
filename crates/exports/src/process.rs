//! The process: time, memory figures, processors, garbage collection on demand, the end.

use crate::boundary::c;
use crate::internal::{Args, ClassTable, int_slot, long_slot};
use crate::processors;
use caturra_heap::GcCause;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{ending, safepoint, tools};
use caturra_kernel::{Thread, Vm};
use std::sync::atomic::Ordering;

pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "java/lang/System",
        &[("currentTimeMillis", "()J", current_time_millis), ("nanoTime", "()J", nano_time)],
    ),
    ("jdk/internal/misc/VM", &[("getNanoTimeAdjustment", "(J)J", nano_time_adjustment)]),
    (
        "java/lang/Runtime",
        &[
            ("availableProcessors", "()I", available_processors),
            ("freeMemory", "()J", free_memory),
            ("totalMemory", "()J", total_memory),
            ("maxMemory", "()J", max_memory),
            ("gc", "()V", gc),
        ],
    ),
    ("java/util/concurrent/atomic/AtomicLong", &[("VMSupportsCS8", "()Z", supports_cx8)]),
];

/// Seconds and nanoseconds of a system clock.
fn clock(id: libc::clockid_t) -> (i64, i64) {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills in a structure of ours; these clocks always exist.
    unsafe { libc::clock_gettime(id, &raw mut now) };
    (now.tv_sec, now.tv_nsec)
}

/// `System.nanoTime`: the monotonic clock, whose origin is arbitrary.
pub fn nanos() -> i64 {
    let (seconds, nanos) = clock(libc::CLOCK_MONOTONIC);
    seconds * 1_000_000_000 + nanos
}

/// `System.currentTimeMillis`.
pub fn millis() -> i64 {
    let (seconds, nanos) = clock(libc::CLOCK_REALTIME);
    seconds * 1000 + nanos / 1_000_000
}

/// Nanoseconds from `offset_seconds` (since the epoch) to now, -1 when they are 2^32 seconds or more apart
/// and the caller had better choose another offset.
fn adjustment(offset_seconds: i64) -> i64 {
    const FARTHEST: i64 = 1 << 32;
    let (seconds, nanos) = clock(libc::CLOCK_REALTIME);
    match seconds.checked_sub(offset_seconds) {
        Some(difference) if difference.abs() < FARTHEST => difference * 1_000_000_000 + nanos,
        _ => -1,
    }
}

/// `Runtime.availableProcessors`, at least 1.
pub fn processor_count(vm: &Vm) -> i32 {
    match vm.options.active_processor_count {
        Some(n) => n as i32,
        None => processors::active(vm.started, vm.options.use_container_support) as i32,
    }
}

fn collect(vm: &Vm) {
    if !vm.options.disable_explicit_gc {
        vm.heap.collect(vm, GcCause::SystemGc, false);
    }
}

/// # Safety
/// Called as an internal native.
unsafe fn current_time_millis(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(long_slot(millis()))
}
/// # Safety
/// Called as an internal native.
unsafe fn nano_time(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(long_slot(nanos()))
}
/// # Safety
/// Called as an internal native.
unsafe fn nano_time_adjustment(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(long_slot(adjustment(unsafe { Args::new(slots) }.long(0))))
}
/// # Safety
/// Called as an internal native.
unsafe fn available_processors(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(int_slot(processor_count(t.vm())))
}
/// # Safety
/// Called as an internal native.
unsafe fn free_memory(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(t.vm().heap.free() as u64)
}
/// # Safety
/// Called as an internal native.
unsafe fn total_memory(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(t.vm().heap.committed() as u64)
}
/// # Safety
/// Called as an internal native.
unsafe fn max_memory(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(t.vm().heap.max() as u64)
}
/// # Safety
/// Called as an internal native.
unsafe fn gc(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    collect(t.vm());
    Ok(0)
}
/// 64-bit compare-and-set is one instruction on all our platforms.
///
/// # Safety
/// Called as an internal native.
unsafe fn supports_cx8(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(1)
}

/// Ends the process, through the host program's exit hook if it gave one. The other threads stop first, so that
/// none runs Java code while exit handlers tear down what it uses.
pub fn halt(t: &Thread, code: i32) -> ! {
    let vm = t.vm();
    if !vm.exiting.swap(true, Ordering::AcqRel) {
        tools::vm_death(t);
        ending::run_callbacks(vm);
    }
    safepoint::stop_the_world(t, || {
        // SAFETY: plain C; the hook is the host's, and the exit handlers of native libraries run.
        unsafe {
            if let Some(hook) = vm.options.exit_hook {
                hook(code);
            }
            libc::exit(code)
        }
    })
}

/// The directory where `jps` and the attach mechanism look for a VM's files, whatever `java.io.tmpdir` says.
pub const TEMPORARY_DIRECTORY: &str = "/tmp";

jvm_entry! {
    /// `System.currentTimeMillis`.
    fn JVM_CurrentTimeMillis(_t; _ignored: c::jclass) -> c::jlong {
        Ok(millis())
    }

    /// `System.nanoTime`.
    fn JVM_NanoTime(_t; _ignored: c::jclass) -> c::jlong {
        Ok(nanos())
    }

    /// `VM.getNanoTimeAdjustment`.
    fn JVM_GetNanoTimeAdjustment(_t; _ignored: c::jclass, offset_seconds: c::jlong) -> c::jlong {
        Ok(adjustment(offset_seconds))
    }

    /// `Shutdown.beforeHalt`: nothing of ours has to be written before the end.
    fn JVM_BeforeHalt(_t) without env {
        Ok(())
    }

    /// `Shutdown.halt0`.
    fn JVM_Halt(t; code: c::jint) without env {
        halt(t, code)
    }

    /// `Runtime.gc`.
    fn JVM_GC(t) without env {
        collect(t.vm());
        Ok(())
    }

    /// Milliseconds since the whole heap was last looked at (`sun.misc.GC`).
    fn JVM_MaxObjectInspectionAge(t) without env -> c::jlong {
        Ok(t.vm().heap.since_last_full_gc().as_millis() as i64)
    }

    /// `Runtime.totalMemory`.
    fn JVM_TotalMemory(t) without env -> c::jlong {
        Ok(t.vm().heap.committed() as i64)
    }

    /// `Runtime.freeMemory`.
    fn JVM_FreeMemory(t) without env -> c::jlong {
        Ok(t.vm().heap.free() as i64)
    }

    /// `Runtime.maxMemory`.
    fn JVM_MaxMemory(t) without env -> c::jlong {
        Ok(t.vm().heap.max() as i64)
    }

    /// `Runtime.availableProcessors`.
    fn JVM_ActiveProcessorCount(t) without env -> c::jint {
        Ok(processor_count(t.vm()))
    }

    /// `CgroupSubsystem` asks: -XX:[+-]UseContainerSupport.
    fn JVM_IsUseContainerSupport(t) without env -> c::jboolean {
        Ok(c::jboolean::from(t.vm().options.use_container_support))
    }

    /// `AtomicLong.VMSupportsCS8`.
    fn JVM_SupportsCX8(_t) without env -> c::jboolean {
        Ok(1)
    }
}
