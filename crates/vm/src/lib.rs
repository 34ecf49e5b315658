//! The virtual machine put together: options, the boot sequence, the end.

pub mod args;
pub mod bare;
mod bare_classes;
mod boot;
mod destroy;
pub mod invocation;
pub mod java_home;
mod memory;
mod natives;
mod periodic;
mod statistics;
mod verify;

pub use destroy::destroy;

use caturra_kernel::{Thread, Vm};
use std::fmt;
use std::path::PathBuf;

/// Why a VM could not be made.
#[derive(Debug)]
pub enum CreateError {
    /// An option is not known or has a bad value; the text says which.
    InvalidOptions(String),
    /// As `InvalidOptions`, where the reference VM prints the text on standard output.
    InvalidOptionsOnStdout(String),
    /// The VM cannot start.
    Failed(String),
    /// As `Failed`; the class library has printed why.
    Reported,
    /// An option asked for some output only; the process is to end with this status.
    Exit(i32),
    /// One VM lives in this process already.
    Exists,
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CreateError::InvalidOptions(text)
            | CreateError::InvalidOptionsOnStdout(text)
            | CreateError::Failed(text) => f.write_str(text),
            CreateError::Reported => {
                f.write_str("the class library could not be initialised; see standard output")
            }
            CreateError::Exit(status) => write!(f, "an option ends the process with status {status}"),
            CreateError::Exists => f.write_str("there is a virtual machine in this process already"),
        }
    }
}

impl std::error::Error for CreateError {}

impl CreateError {
    /// Prints the text as the reference VM does.
    pub fn report(&self) {
        match self {
            // A question has what follows in its line, as in the reference VM.
            CreateError::InvalidOptions(text) if text.ends_with("? ") => eprint!("{text}"),
            CreateError::InvalidOptions(text) => eprintln!("{text}"),
            CreateError::InvalidOptionsOnStdout(text) => println!("{text}"),
            CreateError::Failed(text) => println!("Error occurred during initialization of VM\n{text}"),
            CreateError::Reported | CreateError::Exit(_) | CreateError::Exists => {}
        }
    }
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
