//! Execution state: the VM, its threads, frames, exceptions, handles, monitors, safepoints.

pub mod alloc;
pub mod calls;
pub mod exceptions;
pub mod frames;
pub mod handles;
pub mod monitor;
pub mod options;
pub mod safepoint;
pub mod stack_trace;
pub mod strings;
pub mod thread;
pub mod thread_list;
pub mod vm;
