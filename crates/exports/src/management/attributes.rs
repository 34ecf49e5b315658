//! Numbers and switches of the VM (`jmmLongAttribute`, `jmmBoolAttribute`), optional features.

use crate::boundary::c;
use crate::management::state::{self, State};
use crate::management::{flags, memory};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::{Thread, Vm};
use std::sync::atomic::{AtomicBool, Ordering};

/// `JMM_VERSION_3`, the version of JDK 14 to 20.
pub const VERSION: c::jint = 0x2003_0000;

/// `jmmOptionalSupport`: one bit a feature.
mod support {
    pub const LOW_MEMORY_DETECTION: u32 = 1;
    pub const COMPILATION_TIME: u32 = 1 << 1;
    pub const CURRENT_THREAD_CPU_TIME: u32 = 1 << 3;
    pub const OTHER_THREAD_CPU_TIME: u32 = 1 << 4;
    pub const OBJECT_MONITOR_USAGE: u32 = 1 << 5;
    pub const SYNCHRONIZER_USAGE: u32 = 1 << 6;
    pub const THREAD_ALLOCATED_MEMORY: u32 = 1 << 7;
    pub const REMOTE_DIAGNOSTIC_COMMANDS: u32 = 1 << 8;
}

/// `jmmLongAttribute`.
mod long {
    pub const CLASS_LOADED_COUNT: i32 = 1;
    pub const CLASS_UNLOADED_COUNT: i32 = 2;
    pub const THREAD_TOTAL_COUNT: i32 = 3;
    pub const THREAD_LIVE_COUNT: i32 = 4;
    pub const THREAD_PEAK_COUNT: i32 = 5;
    pub const THREAD_DAEMON_COUNT: i32 = 6;
    pub const JVM_INIT_DONE_TIME_MS: i32 = 7;
    pub const COMPILE_TOTAL_TIME_MS: i32 = 8;
    pub const GC_TIME_MS: i32 = 9;
    pub const GC_COUNT: i32 = 10;
    pub const JVM_UPTIME_MS: i32 = 11;
    pub const VM_GLOBAL_COUNT: i32 = 104;
    pub const SAFEPOINT_COUNT: i32 = 105;
    pub const TOTAL_STOPPED_TIME_MS: i32 = 107;
    pub const TOTAL_APP_TIME_MS: i32 = 108;
    pub const OS_PROCESS_ID: i32 = 201;
    pub const OS_MEM_TOTAL_PHYSICAL_BYTES: i32 = 202;
    pub const GC_EXT_ATTRIBUTE_INFO_SIZE: i32 = 401;
}

/// `jmmBoolAttribute`.
fn switch(state: &State, attribute: c::jint) -> Option<&AtomicBool> {
    match attribute {
        21 => Some(&state.verbose_gc),
        22 => Some(&state.verbose_class),
        23 => Some(&state.contention_monitoring),
        24 => Some(&state.cpu_time),
        25 => Some(&state.allocated_memory),
        _ => None,
    }
}

/// Value of an attribute of the VM; -1 for one that it does not count.
fn value(vm: &Vm, attribute: c::jint) -> i64 {
    match attribute {
        long::CLASS_LOADED_COUNT => vm.classes_loaded.load(Ordering::Relaxed) as i64,
        long::CLASS_UNLOADED_COUNT => vm.classes_unloaded.load(Ordering::Relaxed) as i64,
        long::THREAD_TOTAL_COUNT => vm.threads.counts().started as i64,
        long::THREAD_LIVE_COUNT => vm.threads.counts().live as i64,
        long::THREAD_PEAK_COUNT => vm.threads.counts().peak as i64,
        long::THREAD_DAEMON_COUNT => vm.threads.counts().daemon as i64,
        // The program is handed over right after the boot: both ends of it count as the start.
        long::JVM_INIT_DONE_TIME_MS => vm.started_millis,
        // Nothing is compiled by this VM's interpreter.
        long::COMPILE_TOTAL_TIME_MS => 0,
        long::JVM_UPTIME_MS => vm.started.elapsed().as_millis() as i64,
        long::VM_GLOBAL_COUNT => flags::count() as i64,
        long::SAFEPOINT_COUNT => vm.safepoint.totals().0 as i64,
        long::TOTAL_STOPPED_TIME_MS => vm.safepoint.totals().1.as_millis() as i64,
        long::TOTAL_APP_TIME_MS => {
            vm.started.elapsed().saturating_sub(vm.safepoint.totals().1).as_millis() as i64
        }
        long::OS_PROCESS_ID => i64::from(std::process::id()),
        long::OS_MEM_TOTAL_PHYSICAL_BYTES => physical_memory(),
        _ => -1,
    }
}

fn physical_memory() -> i64 {
    // SAFETY: plain system calls.
    unsafe { libc::sysconf(libc::_SC_PHYS_PAGES) * libc::sysconf(libc::_SC_PAGESIZE) }
}

/// Value of an attribute, of a collector when `object` is given.
///
/// # Safety
/// `object` is a valid handle or null.
unsafe fn value_of(t: &Thread, object: c::jobject, attribute: c::jint) -> JResult<i64> {
    if object.is_null() {
        return Ok(value(t.vm(), attribute));
    }
    // SAFETY: the caller's promise.
    let collector = unsafe { memory::collector_of(t, object) }?;
    let (count, millis) = state::of(t.vm()).collections(t.vm(), collector);
    Ok(match attribute {
        long::GC_COUNT => count,
        long::GC_TIME_MS => millis,
        long::GC_EXT_ATTRIBUTE_INFO_SIZE => 1,
        _ => -1,
    })
}

jmm_entry! {
    fn get_version(_t) -> c::jint {
        Ok(VERSION)
    }

    fn get_optional_support(_t; result: *mut u32) -> c::jint {
        if result.is_null() {
            return Ok(-1);
        }
        let bits = support::LOW_MEMORY_DETECTION
            | support::COMPILATION_TIME
            | support::CURRENT_THREAD_CPU_TIME
            | support::OTHER_THREAD_CPU_TIME
            | support::OBJECT_MONITOR_USAGE
            | support::SYNCHRONIZER_USAGE
            | support::THREAD_ALLOCATED_MEMORY
            | support::REMOTE_DIAGNOSTIC_COMMANDS;
        // SAFETY: C code passes a `jmmOptionalSupport`, a bit field of one `unsigned int`.
        unsafe { result.write(bits) };
        Ok(0)
    }

    fn get_long_attribute(t; object: c::jobject, attribute: c::jint) -> c::jlong {
        // SAFETY: a valid handle or null.
        unsafe { value_of(t, object, attribute) }
    }

    /// The number of attributes that the VM knows among `count` asked for.
    fn get_long_attributes(
        t;
        object: c::jobject,
        attributes: *const c::jint,
        count: c::jint,
        results: *mut c::jlong,
    ) -> c::jint {
        let mut known = 0;
        for i in 0..count.max(0) as usize {
            // SAFETY: a valid handle or null, and arrays of `count` elements.
            unsafe {
                let value = value_of(t, object, *attributes.add(i))?;
                results.add(i).write(value);
                known += c::jint::from(value != -1);
            }
        }
        Ok(known)
    }

    fn get_bool_attribute(t; attribute: c::jint) -> c::jboolean {
        let state = state::of(t.vm());
        Ok(c::jboolean::from(switch(&state, attribute).is_some_and(|s| s.load(Ordering::Relaxed))))
    }

    /// The previous value.
    fn set_bool_attribute(t; attribute: c::jint, value: c::jboolean) -> c::jboolean {
        let state = state::of(t.vm());
        let Some(switch) = switch(&state, attribute) else {
            return Err(exceptions::throw(t, "java/lang/InternalError", "unknown management attribute"));
        };
        let old = switch.swap(value != 0, Ordering::Relaxed);
        Ok(c::jboolean::from(old))
    }
}
