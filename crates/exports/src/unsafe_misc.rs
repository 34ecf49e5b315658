//! Unsafe, the rest.
