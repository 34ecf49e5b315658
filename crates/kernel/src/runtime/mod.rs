//! Execution state: the VM, its threads, frames, exceptions, handles, monitors, safepoints.

pub mod alloc;
pub mod calls;
pub mod ending;
pub mod exceptions;
pub mod flags;
pub mod frames;
pub mod gc_host;
pub mod handles;
pub mod hotspot_flags;
pub mod identity;
pub mod lock_word;
pub mod log;
pub mod log_config;
pub mod monitor;
mod monitor_table;
pub mod native_call;
pub mod options;
pub mod parker;
pub mod safepoint;
pub mod signals;
pub mod similarity;
pub mod stack_trace;
pub mod strings;
pub mod thread;
pub mod thread_dump;
pub mod thread_list;
pub mod tools;
pub mod vm;

#[cfg(test)]
mod thread_tests;
