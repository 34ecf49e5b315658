//! VM options: what `JNI_CreateJavaVM` gets, `JAVA_TOOL_OPTIONS` and their like.
//!
//! `-XX` flags are rows of [`caturra_kernel::runtime::flags`], all others rows of [`table`]. Messages and exit codes of
//! bad options are those of the reference VM. Flags of HotSpot that mean nothing here are accepted.

mod heap;
mod listing;
mod parser;
mod sources;
mod table;

use crate::{CreateError, java_home};
use caturra_kernel::runtime::flags::FlagOrigin;
use caturra_kernel::runtime::options::Options;
use caturra_tooling::Agent;
use parser::Parser;
use sources::Source;
use std::ffi::c_void;
use std::path::{Path, PathBuf};

/// One option with its extra pointer (used by `exit`, `abort`, `vfprintf`).
pub struct Argument {
    pub text: String,
    pub extra: *mut c_void,
}

impl Argument {
    fn plain(text: String) -> Argument {
        Argument { text, extra: std::ptr::null_mut() }
    }
}

/// Options, and what goes into the boot class path.
pub struct Settings {
    pub options: Options,
    /// `--patch-module`: (module, path).
    pub patches: Vec<(String, String)>,
    /// `-Xbootclasspath/a`.
    pub boot_append: Vec<String>,
    /// `-Dcom.sun.management…`: the JDK's management agent is to be started.
    pub management_agent: bool,
    /// Native libraries to start with the VM.
    pub agents: Vec<Agent>,
}

fn invalid<T>(text: impl Into<String>) -> Result<T, CreateError> {
    Err(CreateError::InvalidOptions(text.into()))
}

/// Parses all options: those of the environment first, then the given ones, then `_JAVA_OPTIONS`.
///
/// # Errors
/// See [`CreateError`].
pub fn parse(
    arguments: Vec<Argument>,
    ignore_unrecognized: bool,
    library: Option<PathBuf>,
) -> Result<Settings, CreateError> {
    let mut tool = Source::environment("JAVA_TOOL_OPTIONS")?;
    let mut user = Source::environment("_JAVA_OPTIONS")?;
    let mut command =
        Source { container: "cmd_line_args".into(), origin: FlagOrigin::CommandLine, arguments };
    let mut parser = Parser::new(ignore_unrecognized);
    for source in [&mut tool, &mut command, &mut user] {
        parser.expand(source)?;
    }
    parser.settings_file()?;
    if parser.print_options {
        for source in [&tool, &command, &user] {
            let flags = source.arguments.iter().filter_map(|a| a.text.strip_prefix("-XX:"));
            // The command gives that one itself.
            for option in flags.filter(|f| !f.starts_with("JavaHome=")) {
                println!("VM option '{option}'");
            }
        }
    }
    for source in [&tool, &command, &user] {
        for argument in &source.arguments {
            parser.argument(argument, source.origin)?;
        }
    }
    set_java_home(&mut parser.options, library.as_deref())?;
    parser.finish()
}

/// Finds the class library, unless an option has named it.
fn set_java_home(options: &mut Options, library: Option<&Path>) -> Result<(), CreateError> {
    let home = match options.java_home.as_str() {
        "" => match java_home::of_process(library) {
            Some(home) => home,
            None => java_home::find().map_err(CreateError::Failed)?,
        },
        path => java_home::check(Path::new(path))
            .map_err(|why| CreateError::Failed(format!("the Java home is {path}, {why}")))?,
    };
    options.java_home = home.path.to_string_lossy().into_owned();
    options.release = home.release;
    options.release_major_version = (home.release + 44) as u16;
    options.runtime_version = home.runtime_version;
    Ok(())
}
