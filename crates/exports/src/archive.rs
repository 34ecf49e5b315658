//! Class data sharing.
