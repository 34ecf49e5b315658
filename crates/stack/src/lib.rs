//! The stack machine: two instruction sets, one little language, every step visible.
#![forbid(unsafe_code)]

pub mod asm;
pub mod cbc;
pub mod check;
pub mod command;
pub mod debugger;
pub mod diagnostics;
pub mod engine;
pub mod isa;
pub mod language;
pub mod machine;
pub mod program;
pub mod register;
pub mod terminal;
pub mod translate;
pub mod verify;
