//! `difftest`: every Java program under `tests/java` is run on the reference JDK and on the JDK under test,
//! and must print the same and end the same. What the reference says is cached, so a rerun costs one VM only.

mod compile;
mod expected;
mod process;
mod program;
mod report;

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

use crate::expected::Cache;
use crate::process::{Jdk, Limits, Outcome};
use crate::program::{Program, split_words};
use crate::report::{Counts, Progress};

#[derive(Parser)]
#[command(about = "Runs Java programs on the reference JDK and on Caturra and compares what they print")]
struct Options {
    /// The JDK under test, as `caturra jdk DIR` makes it.
    #[arg(long)]
    jdk: Option<PathBuf>,
    /// The reference JDK.
    #[arg(long, default_value = "/usr/lib/jvm/java-17-openjdk-amd64")]
    java_home: PathBuf,
    /// Directory of the test programs.
    #[arg(long, default_value = "tests/java")]
    tests: PathBuf,
    /// Where class files, expected results and working directories go.
    #[arg(long, default_value = "target/difftest")]
    target: PathBuf,
    /// Only programs whose `area/Name` contains this (several: any of them). `=area/Name` is exact.
    #[arg(long, short)]
    filter: Vec<String>,
    /// Leave out programs whose name contains this.
    #[arg(long)]
    exclude: Vec<String>,
    /// Programs at a time [default: number of processors].
    #[arg(long, short)]
    jobs: Option<usize>,
    /// More options for the VM under test.
    #[arg(long, allow_hyphen_values = true, default_value = "")]
    vm_options: String,
    /// A mode of the VM under test, NAME=OPTIONS. Given several times, every program runs in each.
    #[arg(long)]
    mode: Vec<String>,
    /// More options for the reference VM (they save time and memory, and must not change what programs print).
    #[arg(long, allow_hyphen_values = true, default_value = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")]
    reference_options: String,
    /// Seconds after which a program is killed, where it does not say itself.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Factor on all time limits of the VM under test, for debug builds and stress modes.
    #[arg(long, default_value_t = 1.0)]
    timeout_scale: f64,
    /// -Xmx for programs that name none.
    #[arg(long, default_value = "256m")]
    heap: String,
    /// List the programs and stop.
    #[arg(long)]
    list: bool,
    /// Run the slow ones too.
    #[arg(long)]
    slow: bool,
    /// Run the reference again even where its result is cached.
    #[arg(long)]
    refresh: bool,
    /// Only compile and fill the cache of expected results.
    #[arg(long)]
    prepare: bool,
    /// Lines of diff shown for each stream.
    #[arg(long, default_value_t = 60)]
    diff_lines: usize,
    /// Write name, mode, verdict, wall ms, CPU ms and peak KiB of every run to this file (tab separated).
    #[arg(long)]
    report: Option<PathBuf>,
    /// Print the names of passing programs too.
    #[arg(long, short)]
    verbose: bool,
}

struct Mode {
    name: String,
    jdk: Jdk,
}

enum Verdict {
    Passed,
    Failed(String),
    KnownFailure(String),
}

/// All that a run of the suite needs.
struct Suite {
    options: Options,
    target: PathBuf,
    reference: Jdk,
    modes: Vec<Mode>,
    cache: Cache,
    reference_limits: Limits,
    limits: Limits,
    compile_errors: HashMap<String, String>,
    /// The JDK under test is the reference itself: known failures of Caturra are none of its own.
    self_check: bool,
}

fn main() -> ExitCode {
    suite().unwrap_or_else(|error| {
        eprintln!("difftest: {error:#}");
        ExitCode::from(2)
    })
}

fn suite() -> Result<ExitCode> {
    let mut options = Options::parse();
    let tests = fs::canonicalize(&options.tests)
        .with_context(|| format!("no test programs at {}", options.tests.display()))?;
    let mut programs = program::discover(&tests)?;
    let matches = |name: &str, pattern: &String| match pattern.strip_prefix('=') {
        Some(exact) => name == exact,
        None => name.contains(pattern.as_str()),
    };
    programs.retain(|p| {
        (options.filter.is_empty() || options.filter.iter().any(|f| matches(&p.name, f)))
            && !options.exclude.iter().any(|f| matches(&p.name, f))
    });
    ensure!(!programs.is_empty(), "no program matches the filter");
    if options.list {
        for p in &programs {
            println!("{}{}", p.name, if p.directives.slow { "  (slow)" } else { "" });
        }
        return Ok(ExitCode::SUCCESS);
    }
    let before = programs.len();
    if !options.slow {
        programs.retain(|p| !p.directives.slow);
    }
    let skipped = before - programs.len();

    fs::create_dir_all(&options.target)?;
    let target = fs::canonicalize(&options.target)?;
    let java_home = fs::canonicalize(&options.java_home).with_context(|| {
        format!("no reference JDK at {} (Debian: openjdk-17-jdk-headless)", options.java_home.display())
    })?;
    let jdk_id = jdk_id(&java_home)?;
    let jobs =
        options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let list: Vec<&Program> = programs.iter().collect();
    let compile_errors = compile::compile(&list, &java_home, &jdk_id, &target, jobs)?;
    let (modes, self_check) = modes(&mut options, &java_home)?;
    let limits =
        |scale| Limits { timeout: Duration::from_secs(options.timeout), scale, heap: options.heap.clone() };
    let suite = Suite {
        reference: Jdk { home: java_home, options: split_words(&options.reference_options)? },
        cache: Cache {
            dir: target.join("expected"),
            work: target.join("work/reference"),
            jdk_id: format!("{jdk_id} {}", options.reference_options),
            refresh: options.refresh,
        },
        modes,
        // The reference is given ample time: its result is wanted, not its speed.
        reference_limits: limits(4.0),
        limits: limits(options.timeout_scale),
        compile_errors,
        self_check,
        target,
        options,
    };
    let mut counts = suite.run(&programs, jobs)?;
    counts.skipped += skipped;
    if counts.known > 0 {
        println!("{} known failures (counted as skipped)", counts.known);
    }
    let mut line = format!("{} passed, {} failed", counts.passed, counts.failed);
    if counts.skipped + counts.known > 0 {
        line.push_str(&format!(", {} skipped", counts.skipped + counts.known));
    }
    println!("{line}");
    Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The modes of the JDK under test, and whether it is the reference JDK itself.
fn modes(options: &mut Options, java_home: &Path) -> Result<(Vec<Mode>, bool)> {
    let home = match &options.jdk {
        Some(jdk) => fs::canonicalize(jdk).with_context(|| format!("no JDK at {}", jdk.display()))?,
        None if options.prepare => return Ok((Vec::new(), false)),
        None => bail!("--jdk DIR is needed: the JDK under test, made by `caturra jdk DIR`"),
    };
    ensure!(home.join("bin/java").exists(), "{} holds no bin/java", home.display());
    let self_check = home == java_home;
    if options.prepare {
        return Ok((Vec::new(), self_check));
    }
    if options.mode.is_empty() {
        options.mode.push("default=".to_owned());
    }
    let common = split_words(&options.vm_options)?;
    let modes = options.mode.iter().map(|mode| {
        let (name, text) = mode.split_once('=').context("--mode wants NAME=OPTIONS")?;
        let mut all = split_words(text)?;
        all.extend(common.iter().cloned());
        Ok(Mode { name: name.to_owned(), jdk: Jdk { home: home.clone(), options: all } })
    });
    Ok((modes.collect::<Result<_>>()?, self_check))
}

impl Suite {
    fn run(&self, programs: &[Program], jobs: usize) -> Result<Counts> {
        let next = AtomicUsize::new(0);
        let per_program = self.modes.len().max(1);
        let progress = Progress::new(programs.len() * per_program);
        let counts = Mutex::new(Counts::default());
        let rows = Mutex::new(Vec::new());
        let problem: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = self.run_program(program, &progress, &counts, &rows) {
                            *problem.lock().expect("problem lock") = Some(error);
                            next.store(programs.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        progress.clear();
        if let Some(error) = problem.into_inner()? {
            return Err(error);
        }
        if let Some(path) = &self.options.report {
            let mut rows = rows.into_inner()?;
            rows.sort();
            fs::write(path, format!("program\tmode\tverdict\twall ms\tcpu ms\tpeak KiB\n{}", rows.concat()))?;
        }
        Ok(counts.into_inner()?)
    }

    /// All modes of one program.
    fn run_program(
        &self,
        program: &Program,
        progress: &Progress,
        counts: &Mutex<Counts>,
        rows: &Mutex<Vec<String>>,
    ) -> Result<()> {
        let classes = compile::class_dir(&self.target, program);
        let prepared = match self.compile_errors.get(&program.name) {
            Some(message) => Err(format!("does not compile:\n{message}")),
            None => self
                .cache
                .get(program, &classes, &self.reference, &self.reference_limits)
                .map_err(|e| format!("no expected result: {e:#}\n")),
        };
        if self.modes.is_empty() {
            let message = prepared.as_ref().err().map(|e| format!("FAIL {}\n{e}", program.name));
            progress.finished(&program.name, message.is_some(), message.as_deref());
            let mut counts = counts.lock().expect("counts lock");
            *(if message.is_some() { &mut counts.failed } else { &mut counts.passed }) += 1;
            return Ok(());
        }
        for mode in &self.modes {
            let label = match self.modes.len() {
                1 => program.name.clone(),
                _ => format!("{} [{}]", program.name, mode.name),
            };
            progress.started(&label);
            let mut outcome = None;
            let verdict = match &prepared {
                Err(message) => Verdict::Failed(message.clone()),
                Ok(expected) => {
                    let work = self.target.join("work").join(&mode.name).join(&program.name);
                    let got = process::run(program, &classes, &mode.jdk, &self.limits, &work)?;
                    let difference = report::difference(program, expected, &got, self.options.diff_lines);
                    let details = difference.map(|d| self.details(program, mode, &work, d));
                    outcome = Some(got);
                    match (details, &program.directives.known_failure) {
                        (Some(text), None) => Verdict::Failed(text),
                        (Some(text), Some(_)) if self.self_check => Verdict::Failed(text),
                        (Some(_), Some(reason)) => Verdict::KnownFailure(reason.clone()),
                        (None, Some(reason)) if !self.self_check => {
                            Verdict::Failed(format!("passes now, but is marked `known-failure: {reason}`\n"))
                        }
                        (None, _) => Verdict::Passed,
                    }
                }
            };
            rows.lock().expect("rows lock").push(row(program, mode, &verdict, outcome.as_ref()));
            let mut counts = counts.lock().expect("counts lock");
            let message = match verdict {
                Verdict::Passed => {
                    counts.passed += 1;
                    self.options.verbose.then(|| format!("pass {label}"))
                }
                Verdict::KnownFailure(reason) => {
                    counts.known += 1;
                    self.options.verbose.then(|| format!("known failure {label}: {reason}"))
                }
                Verdict::Failed(text) => {
                    counts.failed += 1;
                    Some(format!("FAIL {label}\n{text}"))
                }
            };
            let failed = message.as_ref().is_some_and(|m| m.starts_with("FAIL"));
            drop(counts);
            progress.finished(&label, failed, message.as_deref());
        }
        Ok(())
    }

    fn details(&self, program: &Program, mode: &Mode, work: &Path, difference: String) -> String {
        let line = process::command_line(program, &mode.jdk, &self.limits);
        let words: Vec<String> = line.iter().map(|w| quoted(&w.to_string_lossy())).collect();
        let crash = report::crash_report(work).unwrap_or_default();
        format!("  cd {} && {}\n{difference}{crash}", work.display(), words.join(" "))
    }
}

fn row(program: &Program, mode: &Mode, verdict: &Verdict, outcome: Option<&Outcome>) -> String {
    let word = match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed(_) => "failed",
        Verdict::KnownFailure(_) => "known",
    };
    let cost = outcome.map_or("\t\t".to_owned(), |o| {
        format!("{}\t{}\t{}", o.wall.as_millis(), o.cpu.as_millis(), o.peak_kib)
    });
    format!("{}\t{}\t{word}\t{cost}\n", program.name, mode.name)
}

/// For a command line that a person may paste into a shell.
fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./:=+@,".contains(c)) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Names a JDK build: its release file says versions, and its VM library's size tells a rebuild.
fn jdk_id(home: &Path) -> Result<String> {
    let release = fs::read_to_string(home.join("release"))
        .with_context(|| format!("{} is not a JDK: no release file", home.display()))?;
    let size = fs::metadata(home.join("lib/server/libjvm.so")).map_or(0, |m| m.len());
    Ok(format!("{:016x} {size}", hash_of(&release)))
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
