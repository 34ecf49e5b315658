//! java.lang.Object.
