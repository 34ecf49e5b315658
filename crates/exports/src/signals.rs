//! jdk.internal.misc.Signal.
