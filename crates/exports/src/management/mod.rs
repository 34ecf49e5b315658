//! `JVM_GetManagement`: the function table of `jmm.h`, through which the JDK's `libmanagement` and
//! `libmanagement_ext` see the VM (`java.lang.management`, `com.sun.management`).

mod attributes;
pub mod commands;
mod diagnostic;
pub mod flags;
mod memory;
mod service;
mod state;
mod threads;

pub use state::record_collection;

use crate::boundary::c;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

/// A C function of the table.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct Entry(*const c_void);

// SAFETY: addresses of functions.
unsafe impl Sync for Entry {}

macro_rules! interface {
    ($($field:ident = $function:path;)*) => {
        /// `JmmInterface`, in the order of `jmm.h`.
        #[repr(C)]
        #[allow(non_snake_case)]
        struct JmmInterface {
            reserved: [Entry; 2],
            $($field: Entry,)*
        }
        static INTERFACE: JmmInterface = JmmInterface {
            reserved: [Entry(null()); 2],
            $($field: Entry($function as *const c_void),)*
        };
    };
}

interface! {
    GetVersion = attributes::get_version;
    GetOptionalSupport = attributes::get_optional_support;
    GetThreadInfo = threads::get_thread_info;
    GetMemoryPools = memory::get_memory_pools;
    GetMemoryManagers = memory::get_memory_managers;
    GetMemoryPoolUsage = memory::get_memory_pool_usage;
    GetPeakMemoryPoolUsage = memory::get_peak_memory_pool_usage;
    GetOneThreadAllocatedMemory = threads::get_one_thread_allocated_memory;
    GetThreadAllocatedMemory = threads::get_thread_allocated_memory;
    GetMemoryUsage = memory::get_memory_usage;
    GetLongAttribute = attributes::get_long_attribute;
    GetBoolAttribute = attributes::get_bool_attribute;
    SetBoolAttribute = attributes::set_bool_attribute;
    GetLongAttributes = attributes::get_long_attributes;
    FindCircularBlockedThreads = threads::find_monitor_deadlocked_threads;
    GetThreadCpuTime = threads::get_thread_cpu_time;
    GetVMGlobalNames = flags::get_vm_global_names;
    GetVMGlobals = flags::get_vm_globals;
    GetInternalThreadTimes = threads::get_internal_thread_times;
    ResetStatistic = threads::reset_statistic;
    SetPoolSensor = memory::set_pool_sensor;
    SetPoolThreshold = memory::set_pool_threshold;
    GetPoolCollectionUsage = memory::get_pool_collection_usage;
    GetGCExtAttributeInfo = memory::get_gc_ext_attribute_info;
    GetLastGCStat = memory::get_last_gc_stat;
    GetThreadCpuTimeWithKind = threads::get_thread_cpu_time_with_kind;
    GetThreadCpuTimesWithKind = threads::get_thread_cpu_times_with_kind;
    DumpHeap0 = memory::dump_heap;
    FindDeadlocks = threads::find_deadlocks;
    SetVMGlobal = flags::set_vm_global;
    GetTotalThreadAllocatedMemory = threads::get_total_thread_allocated_memory;
    DumpThreads = threads::dump_threads;
    SetGCNotificationEnabled = memory::set_gc_notification_enabled;
    GetDiagnosticCommands = diagnostic::get_diagnostic_commands;
    GetDiagnosticCommandInfo = diagnostic::get_diagnostic_command_info;
    GetDiagnosticCommandArgumentsInfo = diagnostic::get_diagnostic_command_arguments_info;
    ExecuteDiagnosticCommand = diagnostic::execute_diagnostic_command;
    SetDiagnosticFrameworkNotificationEnabled = diagnostic::set_diagnostic_framework_notification_enabled;
}

/// The table for that version of the interface, null when it is another's.
///
/// # Safety
/// None.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_GetManagement(version: c::jint) -> *mut c_void {
    if version == attributes::VERSION { (&raw const INTERFACE).cast_mut().cast() } else { null_mut() }
}
