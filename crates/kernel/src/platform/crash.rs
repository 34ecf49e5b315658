//! Crash reports.
