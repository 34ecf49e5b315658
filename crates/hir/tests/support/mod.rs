//! What the tests share.

pub mod classes;
pub mod evaluator;
