//! Off-heap memory.
