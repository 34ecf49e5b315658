//! java.lang.Class.
