//! Defining classes.
