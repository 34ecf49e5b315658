//! Stack walking.
