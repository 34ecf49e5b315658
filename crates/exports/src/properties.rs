//! System properties.
