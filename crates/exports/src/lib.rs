//! The functions that the JDK's native libraries import from a virtual machine (`JVM_*`, `jio_*`), and the
//! native methods that the VM implements without a JNI transition.
//!
//! An exported function is written with [`jvm_entry!`]: the macro makes the C function, finds the thread,
//! enters the VM's state, turns `Err(Thrown)` into the C default (the exception stays pending on the thread),
//! and keeps a Rust panic from crossing into C. A native method that the VM implements itself is a plain
//! function of type [`caturra_kernel::runtime::vm::InternalNative`] in the `INTERNAL` table of its module;
//! [`internal`] gathers these tables.

#[macro_use]
pub mod boundary;

pub mod internal;

// Objects, threads, memory, the process.
pub mod archive;
pub mod jio;
pub mod library;
pub mod management;
pub mod object;
pub mod perf;
pub mod process;
pub mod processors;
pub mod properties;
pub mod raw_memory;
pub mod references;
pub mod scoped_memory;
pub mod signals;
pub mod thread;
pub mod thread_snapshot;
pub mod unsafe_access;
pub mod unsafe_misc;

// Classes, reflection, modules, stack walking.
pub mod access_control;
pub mod array;
pub mod array_copy;
pub mod assertions;
pub mod class;
pub mod constant_pool;
pub mod define;
pub mod inner_classes;
pub mod invoke;
pub mod live_frames;
pub mod modules;
pub mod npe;
pub mod objects;
pub mod old_verifier;
pub mod reflection;
pub mod slot_kinds;
pub mod stack_walk;
pub mod throwable;
pub mod values;

pub use internal::internal_native;
