//! What depends on the operating system or the processor. A port adds a file beside `x86_64.rs` (registers,
//! native calls, machine context) or `linux.rs` (futexes, barriers, stacks); nothing else changes.

pub mod cgroup;
pub mod crash;
pub mod linux;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
pub mod machine;

pub use linux::{
    Deadline, StackBounds, current_stack, futex_wait, futex_wake, heavy_barrier, prepare_heavy_barrier,
    set_thread_name, transition_fence,
};
pub use machine::{
    NativeCall, SavedRegisters, capture_registers, enter_compiled, keep_registers, log10, native_call,
    stack_pointer,
};
