//! jdk.internal.perf.Perf.
