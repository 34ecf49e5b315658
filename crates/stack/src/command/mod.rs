//! `caturra stack`: the commands.

mod bench;
mod code;
mod console;
mod files;
mod run;
mod source;
mod step;

use crate::engine::Mode;
use crate::isa::InstructionSet;
use crate::machine::Limits;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Why a command has failed: what is said, in lines that end with a line feed.
#[derive(Debug)]
pub(crate) struct Failure(pub String);

impl<T: std::fmt::Display> From<T> for Failure {
    fn from(message: T) -> Failure {
        Failure(format!("caturra stack: {message}\n"))
    }
}

type Outcome = Result<ExitCode, Failure>;

const ABOUT: &str = "\
The stack machine: two small instruction sets and a little language, with every step visible. Needs no JDK.

Programs are files: .bean is source text in the little language Bean, .cas is assembly, .cbc is a compiled program. \
Every command takes any of the three, or a text or numbers from the command line.";

const EXAMPLES: &str = "\
Examples:
  caturra stack run -e '12*48+59'
  caturra stack run --code 100,0,12,100,0,48,20,100,0,59,23
  caturra stack compile fact.bean        writes fact.cbc
  caturra stack run --trace fact.cbc n=3
  caturra stack step fact.bean
  caturra stack code fact.bean           shows JVM bytecode and machine code

Exit status: 0 when the program has halted; 1 when it ended by a fault or was rejected, or a file cannot be used; 2 when \
the command line is wrong.

The tutorial is docs/stack-machine.md.";

#[derive(Parser)]
#[command(
    name = "caturra stack",
    bin_name = "caturra stack",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Translate Bean source to a .cbc file
    Compile(files::CompileArgs),
    /// Translate assembly to a .cbc file
    Asm(files::AsmArgs),
    /// Print a program as assembly, which `asm` translates back
    Dis(files::DisArgs),
    /// Run a program and print its result
    Run(run::RunArgs),
    /// Print what a program consists of, and whether it is accepted
    Info(files::InfoArgs),
    /// Print the instruction sets
    Ops,
    /// Step through a program, forwards and backwards, in the terminal
    Step(step::StepArgs),
    /// Print the JVM bytecode and the machine code that the engine makes of a program
    Code(code::CodeArgs),
    /// Measure interpreter, compilers and the JDK over growing inputs; draw the result
    Bench(bench::BenchArgs),
    /// What `bench` runs in processes of its own
    #[command(name = bench::WORKER, hide = true)]
    Worker(bench::WorkerArgs),
}

/// Which program.
#[derive(Args, Clone, Debug)]
struct ProgramArgs {
    /// The program: .bean, .cas or .cbc
    #[arg(allow_negative_numbers = true)]
    file: Option<OsString>,
    /// Values for its inputs: n=10, or just 10
    #[arg(value_name = "NAME=VALUE", allow_negative_numbers = true)]
    assignments: Vec<OsString>,
    /// The program is this text in Bean
    #[arg(short, long, value_name = "TEXT", conflicts_with_all = ["code", "raw"])]
    expression: Option<String>,
    /// The program is this code: numbers, one a byte (expression set) or word (mini set)
    #[arg(long, value_name = "NUMBERS", conflicts_with = "raw")]
    code: Option<String>,
    /// The file is nothing but code: bytes (expression set) or little-endian words (mini set)
    #[arg(long)]
    raw: bool,
    /// Instruction set of --expression (by default the smallest that does), --code and --raw (by default
    /// expression when the first byte is 100, else mini)
    #[arg(long, value_enum)]
    set: Option<Set>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Set {
    Expression,
    Mini,
}

impl From<Set> for InstructionSet {
    fn from(set: Set) -> InstructionSet {
        match set {
            Set::Expression => InstructionSet::Expression,
            Set::Mini => InstructionSet::Mini,
        }
    }
}

/// What a run may use.
#[derive(Args, Clone, Debug)]
struct LimitArgs {
    /// Stop after N instructions
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,
    /// Stop after this time: 500ms, 2s, 1.5
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    time_limit: Option<Duration>,
    /// Most calls that have not returned
    #[arg(long, value_name = "N", default_value_t = Limits::default().calls)]
    max_calls: u32,
    /// Most words of local variables and operands in all calls together
    #[arg(long, value_name = "N", default_value_t = Limits::default().stack)]
    max_stack: u32,
}

impl LimitArgs {
    fn limits(&self) -> Limits {
        Limits { fuel: self.fuel, calls: self.max_calls, stack: self.max_stack }
    }
}

/// Seconds, or a number with a unit.
fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, scale) = match text {
        t if t.ends_with("ms") => (&t[..t.len() - 2], 1e-3),
        t if t.ends_with('s') => (&t[..t.len() - 1], 1.0),
        t => (t, 1.0),
    };
    let seconds: f64 = number.trim().parse().map_err(|_| "a time is like 500ms, 2s or 1.5".to_owned())?;
    Duration::try_from_secs_f64(seconds * scale).map_err(|e| e.to_string())
}

/// What executes a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum EngineChoice {
    /// Bytecode is interpreted
    Interpreter,
    /// Every function is compiled before its first instruction
    Compiled,
    /// Interpreted first; what is hot is compiled
    Auto,
    /// The plain machine behind --trace and `step`: no class file, no engine
    Reference,
}

impl EngineChoice {
    fn mode(self) -> Option<Mode> {
        match self {
            EngineChoice::Interpreter => Some(Mode::Interpreter),
            EngineChoice::Compiled => Some(Mode::Compiled),
            EngineChoice::Auto => Some(Mode::Auto),
            EngineChoice::Reference => None,
        }
    }
}

/// A file that a command writes.
fn write_file(path: &std::path::Path, content: &[u8]) -> Result<(), Failure> {
    crate::cbc::write_atomically(path, content).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// A file's name with another extension.
fn with_extension(path: &std::path::Path, extension: &str) -> PathBuf {
    PathBuf::from(path.file_name().unwrap_or(path.as_os_str())).with_extension(extension)
}

/// The whole command, from the arguments behind `stack`.
pub fn main(arguments: &[OsString]) -> ExitCode {
    let name = OsString::from("caturra stack");
    let cli = match Cli::try_parse_from(std::iter::once(&name).chain(arguments)) {
        Ok(cli) => cli,
        Err(e) => {
            // Nobody is left to be told when that cannot be printed.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let outcome = match cli.command {
        Command::Compile(args) => files::compile(&args),
        Command::Asm(args) => files::asm(&args),
        Command::Dis(args) => files::dis(&args),
        Command::Run(args) => run::run(&args),
        Command::Info(args) => files::info(&args),
        Command::Ops => files::ops(),
        Command::Step(args) => step::step(&args),
        Command::Code(args) => code::code(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Worker(args) => bench::worker(&args),
    };
    outcome.unwrap_or_else(|Failure(message)| {
        console::complain(&message);
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_time("1.5"), Ok(Duration::from_millis(1500)));
        assert!(parse_time("soon").is_err() && parse_time("-1").is_err() && parse_time("ms").is_err());
    }
}
