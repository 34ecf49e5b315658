//! Finding, deriving and recording classes (JVMS §5.3), modules, and the run-time image.

pub mod annotations;
pub mod boot_path;
pub mod define;
pub mod jimage;
pub mod layout;
pub mod loader;
pub mod mirrors;
pub mod module;
pub mod redefine;
pub mod vtable;
pub mod zip;
