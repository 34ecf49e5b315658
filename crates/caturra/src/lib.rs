//! Caturra, a Java virtual machine, inside a Rust program.

pub mod bridge;
#[doc(hidden)]
pub mod command;
