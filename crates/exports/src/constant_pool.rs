//! Constant pools.
