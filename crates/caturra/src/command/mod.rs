//! The `caturra` command: every form of the `java` launcher, and subcommands of its own.

mod jdk;
mod launch;

use std::ffi::OsString;
use std::process::ExitCode;

/// A subcommand: chosen by the first argument when that is exactly its name. A main class of such a name is
/// reached by any option before it.
struct Subcommand {
    name: &'static str,
    run: fn(&[OsString]) -> Result<ExitCode, String>,
}

const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand { name: "jdk", run: jdk::run },
    Subcommand { name: "stack", run: |arguments| Ok(caturra_stack::command::main(arguments)) },
];

/// Text of `--caturra-help`.
const HELP: &str = "\
Usage: caturra [java options] <main class> [arguments]
       caturra [java options] -jar <file> [arguments]
       caturra [java options] -m <module>[/<main class>] [arguments]
       caturra [java options] <file>.java [arguments]
           as java does; caturra --help lists the options

       caturra jdk <directory> [--from <java home>] [--force]
           make a JDK whose virtual machine is Caturra, for use as JAVA_HOME

       caturra stack <command> ...
           the stack machine, which needs no JDK; caturra stack --help tells more

       caturra --caturra-version   print the version
       caturra --caturra-help      print this

The class library is that of the JDK in JAVA_HOME, else of the java on the PATH,
else of an installed JDK 17.
";

/// The version, and what it was built for.
fn version() -> String {
    format!("caturra {} ({}-{})", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH, std::env::consts::OS)
}

/// The whole command.
pub fn main() -> ExitCode {
    // As a library the process must not be killed by a closed pipe; as a command it ends quietly, like `java`,
    // which ignores the signal too.
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let result = match arguments.get(1).and_then(|a| a.to_str()) {
        Some("--caturra-version") => {
            println!("{}", version());
            Ok(ExitCode::SUCCESS)
        }
        Some("--caturra-help") => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        first => match SUBCOMMANDS.iter().find(|s| Some(s.name) == first) {
            Some(subcommand) => (subcommand.run)(&arguments[2..]),
            None => launch::run(&arguments),
        },
    };
    result.unwrap_or_else(|message| {
        eprintln!("caturra: {message}");
        ExitCode::FAILURE
    })
}
