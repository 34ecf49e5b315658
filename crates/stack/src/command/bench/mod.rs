//! `bench`: one program on every engine there is, over growing inputs.
//!
//! Each engine runs in a process of its own ([`worker`]), so that none warms up for another. The interpreter goes first
//! and finds out how far the input can grow.

mod jdk;
mod plot;
mod report;
mod worker;

use super::console::{complain, print};
use super::source::Given;
use super::{Failure, Outcome, ProgramArgs, write_file};
use crate::cbc;
use crate::machine::{End, Limits, run};
use crate::register;
use crate::verify::Verified;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
pub use worker::{WORKER, WorkerArgs, worker};

#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// The input that grows; by default the first
    #[arg(long, value_name = "NAME")]
    vary: Option<String>,
    /// Its values; by default from 1 until the interpreter needs a quarter of a second
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    sizes: Vec<i32>,
    /// Begin of the names of the two files written; by default the program's name with -bench
    #[arg(short, long, value_name = "PREFIX")]
    output: Option<PathBuf>,
    /// Write no files
    #[arg(long)]
    no_plot: bool,
    /// Leave the JDK out
    #[arg(long)]
    no_jdk: bool,
    /// The JDK to compare with; by default JAVA_HOME, the java on the PATH, or an installed one
    #[arg(long, value_name = "DIR", conflicts_with = "no_jdk")]
    java_home: Option<PathBuf>,
}

/// Times in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    pub size: i32,
    pub best: u64,
    /// Of the first run.
    pub first: u64,
}

/// What an engine has done.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    pub name: String,
    pub samples: Vec<Sample>,
    /// Time of compilation in nanoseconds, and bytes of machine code, where these are known.
    pub compiled: Option<(u64, u64)>,
}

impl Series {
    pub fn at(&self, size: i32) -> Option<u64> {
        self.samples.iter().find(|s| s.size == size).map(|s| s.best)
    }
}

/// The program in both styles, run with one input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Styles {
    pub size: Option<i32>,
    pub stack: (u64, usize),
    pub register: (u64, usize),
}

/// Everything that was measured.
pub struct Measured {
    pub program: String,
    /// The input that grew.
    pub input: Option<String>,
    pub series: Vec<Series>,
    pub styles: Option<Styles>,
    pub notes: Vec<String>,
}

/// From which size on compilation costs less than it saves, by linear interpolation between the sizes measured.
pub fn break_even(interpreted: &Series, compiled: &Series) -> Option<f64> {
    let (cost, _) = compiled.compiled?;
    let mut before: Option<(f64, f64)> = None;
    for s in &interpreted.samples {
        let Some(time) = compiled.at(s.size) else { continue };
        let size = f64::from(s.size);
        let gain = s.best as f64 - time as f64 - cost as f64;
        if gain >= 0.0 {
            return Some(match before {
                Some((size0, gain0)) => size0 + (size - size0) * -gain0 / (gain - gain0),
                None => size,
            });
        }
        before = Some((size, gain));
    }
    None
}

/// A directory for the files that the processes share; removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let path = std::env::temp_dir().join(format!("caturra-stack-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in a directory for temporary files is no error of the command.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a process has to say about its engine: samples, and lines of other kinds.
fn parse_output(name: &str, text: &str) -> (Series, Vec<String>) {
    let mut series = Series { name: name.to_owned(), samples: Vec::new(), compiled: None };
    let mut other = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let numbers: Vec<i64> = words.filter_map(|w| w.parse().ok()).collect();
        match (kind, numbers.as_slice()) {
            ("sample", [size, best, first]) => {
                series.samples.push(Sample { size: *size as i32, best: *best as u64, first: *first as u64 })
            }
            ("compiled", [time, bytes]) => series.compiled = Some((*time as u64, *bytes as u64)),
            _ => other.push(line.to_owned()),
        }
    }
    (series, other)
}

fn output_of(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{program}: {e}"))?;
    if !output.status.success() {
        return Err(Failure(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

struct Bench<'a> {
    program: &'a Verified,
    inputs: Vec<i32>,
    vary: Option<usize>,
    file: PathBuf,
    scratch: &'a Path,
}

impl Bench<'_> {
    /// Runs the program on one of our engines.
    fn engine(&self, name: &str, mode: &str, sizes: &[i32]) -> Result<(Series, Vec<String>), Failure> {
        complain(&format!("{name} ..\n"));
        let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
        command.args(["stack", WORKER, "--mode", mode]).arg(&self.file);
        if let Some(vary) = self.vary {
            command.args(["--vary", &vary.to_string()]);
        }
        let list = |values: &[i32]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        command.arg(format!("--inputs={}", list(&self.inputs)));
        if !sizes.is_empty() {
            command.arg(format!("--sizes={}", list(sizes)));
        }
        Ok(parse_output(name, &output_of(&mut command)?))
    }

    /// Instructions and bytes in stack and register form, for the largest input that takes a moment only.
    fn styles(&self, sizes: &[i32]) -> Option<Styles> {
        let limits = Limits { fuel: Some(5_000_000), ..Limits::default() };
        let registers = register::translate(self.program);
        let mut found = None;
        for size in sizes {
            let mut inputs = self.inputs.clone();
            if let Some(vary) = self.vary {
                inputs[vary] = *size;
            }
            let (End::Halted(_), _, stack) = run(self.program, &inputs, limits) else { break };
            let (_, _, register) = registers.run(self.program, &inputs, limits);
            found = Some(Styles {
                size: self.vary.map(|_| *size),
                stack: (stack, self.program.program().code.byte_len()),
                register: (register, registers.byte_len()),
            });
        }
        found
    }
}

fn vary(given: &Given, name: Option<&str>) -> Result<Option<usize>, Failure> {
    let inputs = &given.program.inputs;
    match name {
        None => Ok((!inputs.is_empty()).then_some(0)),
        Some(name) => match inputs.iter().position(|i| i.name == name) {
            Some(index) => Ok(Some(index)),
            None => Err(format!("{}: there is no input {name}", given.name).into()),
        },
    }
}

pub fn bench(args: &BenchArgs) -> Outcome {
    let given = args.program.load()?;
    let inputs = given.inputs()?;
    let program = given.verified()?;
    let vary = vary(&given, args.vary.as_deref())?;
    if vary.is_none() && !args.sizes.is_empty() {
        return Err(format!("{}: has no input that --sizes could set", given.name).into());
    }
    let scratch = Scratch::new()?;
    let file = scratch.0.join("program.cbc");
    write_file(&file, &cbc::write(&given.program)?)?;
    let bench = Bench { program: &program, inputs, vary, file, scratch: &scratch.0 };
    let mut notes = Vec::new();

    let (interpreted, stopped) = bench.engine("interpreter", "interpreter", &args.sizes)?;
    notes.extend(stopped);
    let sizes: Vec<i32> = interpreted.samples.iter().map(|s| s.size).collect();
    let (tier1, _) = bench.engine("tier 1", "tier1", &sizes)?;
    let (tier2, tiers) = bench.engine("tier 2", "tier2", &sizes)?;
    let mut series = vec![interpreted, tier1];
    if tiers.iter().any(|line| line == "tier 2") {
        series.push(tier2);
    } else {
        notes.push("tier 2: this build has none, or it did not compile this program".to_owned());
    }
    if !args.no_jdk {
        match jdk::find(args.java_home.as_deref()) {
            Ok(jdk) => {
                for (name, option) in [
                    (format!("JDK {} -Xint", jdk.release), Some("-Xint")),
                    (format!("JDK {}", jdk.release), None),
                ] {
                    complain(&format!("{name} ..\n"));
                    series.push(jdk.measure(&name, option, &bench, &sizes)?);
                }
                notes.push(format!("{}: {}, best run after warming up", jdk.version, jdk.path.display()));
            }
            Err(why) => notes.push(format!("JDK: left out: {why}")),
        }
    }
    let styles = bench.styles(&sizes);
    let input = vary.map(|i| given.program.inputs[i].name.clone());
    let measured = Measured { program: given.name.clone(), input, series, styles, notes };
    print(&report::text(&measured));
    if !args.no_plot {
        let prefix = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}-bench", given.stem())));
        let with = |extension: &str| {
            let mut name = prefix.clone().into_os_string();
            name.push(extension);
            PathBuf::from(name)
        };
        let svg = plot::svg(&measured).map_err(|e| format!("the plot: {e}"))?;
        write_file(&with(".svg"), svg.as_bytes())?;
        write_file(&with(".html"), report::html(&measured, &svg, &program).as_bytes())?;
        print(&format!("\n{} and {}\n", with(".svg").display(), with(".html").display()));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples whose first run is no slower than the others.
    pub fn series(name: &str, samples: &[(i32, u64)], compiled: Option<(u64, u64)>) -> Series {
        let samples = samples.iter().map(|(size, best)| Sample { size: *size, best: *best, first: *best });
        Series { name: name.into(), samples: samples.collect(), compiled }
    }

    #[test]
    fn where_compiling_pays() {
        let slow = series("interpreter", &[(1, 10), (10, 100), (100, 1000)], None);
        let fast = |cost| series("tier 1", &[(1, 1), (10, 10), (100, 100)], Some((cost, 50)));
        assert_eq!(break_even(&slow, &fast(90)), Some(10.0));
        assert_eq!(break_even(&slow, &fast(9)), Some(1.0));
        assert_eq!(break_even(&slow, &fast(495)), Some(55.0));
        assert_eq!(break_even(&slow, &fast(5000)), None);
        assert_eq!(break_even(&slow, &slow), None);
    }

    #[test]
    fn what_processes_say() {
        let (s, other) = parse_output("x", "sample 3 20 30\ncompiled 1000 64\ntier 2\n");
        assert_eq!(
            s,
            Series {
                compiled: Some((1000, 64)),
                samples: vec![Sample { size: 3, best: 20, first: 30 }],
                name: "x".into()
            }
        );
        assert_eq!(other, ["tier 2"]);
    }
}
