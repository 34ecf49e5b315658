//! java.lang.Thread.
