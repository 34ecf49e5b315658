//! What the tests share.
// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

pub mod classes;
pub mod evaluator;
