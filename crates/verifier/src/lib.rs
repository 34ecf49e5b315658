//! Verification of class files by type checking (JVMS §4.10.1), for class files from version 50 on, together with
//! the static constraints on code (§4.9.1) that the class-file reader leaves to the verifier.
//!
//! [`verify`] is the way in. It reads a class through the [`ClassView`] trait and asks about other classes
//! through [`ClassHierarchy`], so it works on parsed class files as well as on a VM's metadata. What it accepts
//! and rejects, in what order it loads classes and what it says is what HotSpot 17 accepts, rejects, loads and
//! says; the checks follow that order even where another would be more natural, because the order decides which
//! of several errors is reported.
//!
//! Nothing is allocated for an instruction. A verification type is a `Copy` value of 32 bits, names are interned
//! once a class, what an instruction needs of the constant pool is computed once an entry, frames are vectors
//! that all methods of a class share.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod check;
mod control;
mod effects;
mod fault;
mod fields;
mod frame;
mod hierarchy;
mod instructions;
mod invocations;
mod pool;
mod report;
mod stack_map;
mod types;
mod view;

pub use check::{Failure, verify};
pub use hierarchy::{ClassHierarchy, Member};
pub use view::{ClassFileMethod, ClassView, CodeView, Handler, MethodView, PoolView};
