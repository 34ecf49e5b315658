//! JVM bytecode: the opcode table, decoder, encoder and printer, Java arithmetic, descriptors, names,
//! modified UTF-8 and access flags. Pure code without a VM; every other room builds on it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod access;
pub mod arith;
pub mod decode;
pub mod descriptor;
pub mod encode;
mod identifier;
pub mod mutf8;
pub mod name;
pub mod opcode;
pub mod print;

pub use decode::{
    DecodeError, DecodeErrorKind, Instruction, Instructions, LookupSwitch, Operands, TableSwitch,
};
pub use descriptor::{BasicType, FieldType, MethodDescriptor};
pub use opcode::{Format, Opcode};
