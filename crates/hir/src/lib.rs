//! The optimiser of Tier 2: a high-level intermediate representation in SSA form, its builder from bytecode, and the
//! passes over it. Pure code: what it must know of the VM it asks a [`CompilerEnv`](env::CompilerEnv).
//!
//! Invariants of the representation:
//! - A value dominates its uses; frame states use values as instructions do.
//! - An exception that bytecode may throw implicitly (null, bounds, division by zero, cast, array store, negative size)
//!   is a check of its own, which leaves compiled code by deoptimisation; the interpreter throws. What needs the check
//!   stands behind it and does not move before it (see [`ir::Op::needs_check`]).
//! - Between a state of mode [`Before`](state::StateMode::Before) and the instruction that has it, nothing has happened
//!   that the interpreter would do a second time.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod build;
pub mod cfg;
pub mod env;
pub mod fold;
pub mod induction;
pub mod ir;
pub mod op;
pub mod passes;
pub mod print;
pub mod state;
pub mod validate;
