//! java.lang.ref.
