//! The virtual machine put together: options, the boot sequence, the end.

pub mod args;
mod boot;
mod destroy;
mod memory;
mod natives;

pub use destroy::{destroy, on_destroy};

use caturra_kernel::{Thread, Vm};
use std::path::PathBuf;

/// Why a VM could not be made.
#[derive(Debug)]
pub enum CreateError {
    /// An option is not known or has a bad value; the text says which.
    InvalidOptions(String),
    Failed(String),
}

/// Makes a VM and boots its class library; the calling thread becomes its main thread, in native state.
///
/// `library` is the directory that holds the VM's library, from which the Java home is found.
///
/// # Errors
/// See [`CreateError`].
pub fn create(
    arguments: Vec<args::Argument>,
    ignore_unrecognized: bool,
    library: Option<PathBuf>,
) -> Result<(&'static Vm, &'static Thread), CreateError> {
    let settings = args::parse(arguments, ignore_unrecognized, library)?;
    boot::boot(settings)
}
