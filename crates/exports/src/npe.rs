//! Helpful NullPointerException messages.
