//! Unsafe field access.
