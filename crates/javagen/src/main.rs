//! `javagen`: random Java programs, deterministic by seed, that end in bounded time and print checksums and the
//! exceptions they met. `run` compares a VM under test with the reference JDK on many of them; what differs is
//! saved and made smaller.

mod expr;
mod java;
mod lambda;
mod program;
mod record;
mod rng;
mod scope;
mod shrink;
mod snippet;
mod stmt;
mod types;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::java::{Compiler, Outcome, Vm};
use crate::program::Features;
use crate::record::Record;
use crate::shrink::Shrinker;

#[derive(Parser)]
#[command(about = "Generates random Java programs and compares JVMs on them")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the program of a seed.
    Print {
        seed: u64,
        #[command(flatten)]
        language: Language,
    },
    /// Generate, run on all VMs, compare.
    Run {
        #[command(flatten)]
        vms: Vms,
        #[command(flatten)]
        language: Language,
        /// First seed.
        #[arg(long, default_value_t = 1)]
        start: u64,
        /// How many programs.
        #[arg(long, short = 'n', default_value_t = 1000)]
        count: u64,
        /// Programs to one compilation and to one VM.
        #[arg(long, default_value_t = 40)]
        batch: u64,
        /// Batches at a time [default: number of processors].
        #[arg(long, short)]
        jobs: Option<usize>,
        /// How many of the failing programs are made smaller.
        #[arg(long, default_value_t = 5)]
        shrink: usize,
        /// Stop after so many failing programs.
        #[arg(long, default_value_t = 100)]
        max_failures: usize,
        /// Stop after so many minutes, at the end of a batch.
        #[arg(long)]
        minutes: Option<u64>,
        /// A file that keeps which programs are done: started again with it, a run goes on where it has stopped.
        #[arg(long)]
        record: Option<PathBuf>,
    },
    /// Make a program smaller that differs between the reference and the VM under test.
    Shrink {
        /// A source file whose class has the file's name.
        file: PathBuf,
        #[command(flatten)]
        vms: Vms,
        #[command(flatten)]
        language: Language,
        /// Where the result goes [default: standard output].
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

#[derive(Args, Clone)]
struct Language {
    /// No lambdas, records, nor string concatenation by invokedynamic.
    #[arg(long)]
    no_indy: bool,
    #[arg(long)]
    no_threads: bool,
    /// Steps of one program, about.
    #[arg(long, default_value_t = 1_500_000)]
    steps: u64,
}

impl Language {
    fn features(&self) -> Features {
        Features { indy: !self.no_indy, threads: !self.no_threads, steps: self.steps }
    }

    fn javac_options(&self) -> &'static str {
        if self.no_indy { "-XDstringConcat=inline" } else { "" }
    }
}

#[derive(Args, Clone)]
struct Vms {
    /// The JDK under test.
    #[arg(long)]
    jdk: PathBuf,
    /// A mode of the VM under test, NAME=OPTIONS; may be given several times.
    #[arg(long, default_value = "int=-Xint")]
    mode: Vec<String>,
    /// The reference JDK.
    #[arg(long, default_value = "/usr/lib/jvm/java-17-openjdk-amd64")]
    java_home: PathBuf,
    /// Options of the reference VM. Stack traces must not be left out for speed.
    #[arg(
        long,
        allow_hyphen_values = true,
        default_value = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-OmitStackTraceInFastThrow"
    )]
    reference_options: String,
    /// Options of both.
    #[arg(long, allow_hyphen_values = true, default_value = "-Xmx512m")]
    vm_options: String,
    /// Seconds for one program.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Seconds for making one program smaller.
    #[arg(long, default_value_t = 240)]
    shrink_time: u64,
    /// Class files, crash reports and failing programs go here.
    #[arg(long, default_value = "target/javagen")]
    target: PathBuf,
}

impl Vms {
    fn words(text: &str) -> impl Iterator<Item = String> {
        text.split_whitespace().map(str::to_owned)
    }

    fn reference(&self) -> Vm {
        Vm {
            name: "reference".to_owned(),
            java: self.java_home.join("bin/java"),
            options: Self::words(&self.vm_options).chain(Self::words(&self.reference_options)).collect(),
        }
    }

    fn tested(&self) -> Result<Vec<Vm>> {
        self.mode
            .iter()
            .map(|mode| {
                let (name, options) = mode.split_once('=').context("a mode is NAME=OPTIONS")?;
                Ok(Vm {
                    name: name.to_owned(),
                    java: fs::canonicalize(self.jdk.join("bin/java"))
                        .with_context(|| format!("no JDK at {}", self.jdk.display()))?,
                    options: Self::words(&self.vm_options).chain(Self::words(options)).collect(),
                })
            })
            .collect()
    }
}

fn main() -> Result<ExitCode> {
    match Options::parse().command {
        Command::Print { seed, language } => {
            print!("{}", program::generate(seed, &class_name(seed), language.features()));
            Ok(ExitCode::SUCCESS)
        }
        Command::Run { vms, language, start, count, batch, jobs, shrink, max_failures, minutes, record } => {
            let jobs = jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
            let campaign = Campaign {
                reference: vms.reference(),
                tested: vms.tested()?,
                target: target(&vms)?,
                vms,
                language,
                batch: batch.max(1),
                end: start + count,
                next: AtomicU64::new(start),
                shrink,
                max_failures,
                deadline: minutes.map(|m| Instant::now() + Duration::from_secs(60 * m)),
                record: record.map(|path| Record::open(&path)).transpose()?,
                failures: Mutex::new(Vec::new()),
                done: AtomicU64::new(0),
                began: Instant::now(),
            };
            campaign.run(jobs)
        }
        Command::Shrink { file, vms, language, output } => {
            let target = target(&vms)?;
            let tools = java::prepare(&vms.java_home, &target)?;
            let mut compiler = Compiler::start(&vms.java_home, &tools, language.javac_options())?;
            let name = file.file_stem().context("no file name")?.to_string_lossy().into_owned();
            let source = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let tested = vms.tested()?;
            let mut shrinker = Shrinker {
                compiler: &mut compiler,
                tools: &tools,
                reference: &vms.reference(),
                tested: &tested[0],
                work: target.join("shrink"),
                limit: Duration::from_secs(vms.timeout),
                deadline: Instant::now() + Duration::from_secs(vms.shrink_time),
            };
            let Some(smaller) = shrinker.shrink(&name, &source)? else {
                eprintln!("{name}: no difference between the reference and {}", tested[0].name);
                return Ok(ExitCode::FAILURE);
            };
            match output {
                Some(path) => fs::write(path, smaller)?,
                None => print!("{smaller}"),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn target(vms: &Vms) -> Result<PathBuf> {
    fs::create_dir_all(&vms.target)?;
    fs::canonicalize(&vms.target).with_context(|| vms.target.display().to_string())
}

fn class_name(seed: u64) -> String {
    format!("P{seed}")
}

/// A run over many seeds.
struct Campaign {
    vms: Vms,
    language: Language,
    reference: Vm,
    tested: Vec<Vm>,
    target: PathBuf,
    batch: u64,
    end: u64,
    next: AtomicU64,
    shrink: usize,
    max_failures: usize,
    deadline: Option<Instant>,
    record: Option<Record>,
    failures: Mutex<Vec<String>>,
    done: AtomicU64,
    began: Instant,
}

impl Campaign {
    fn run(&self, jobs: usize) -> Result<ExitCode> {
        let tools = java::prepare(&self.vms.java_home, &self.target)?;
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..jobs)
                .map(|job| {
                    scope.spawn({
                        let tools = &tools;
                        move || self.work(job, tools)
                    })
                })
                .collect();
            workers.into_iter().try_for_each(|w| w.join().expect("a worker panicked"))
        })?;
        let failures = self.failures.lock().expect("a worker panicked");
        for failure in failures.iter() {
            println!("{failure}");
        }
        if let Some(record) = &self.record {
            println!("{} programs of this record in all", record.len());
        }
        println!(
            "{} programs, {} modes, {} differences, {:.0} s",
            self.done.load(Ordering::Relaxed),
            self.tested.len(),
            failures.len(),
            self.began.elapsed().as_secs_f64()
        );
        Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn work(&self, job: usize, tools: &Path) -> Result<()> {
        let mut compiler = Compiler::start(&self.vms.java_home, tools, self.language.javac_options())?;
        loop {
            let first = self.next.fetch_add(self.batch, Ordering::Relaxed);
            let enough = self.failures.lock().expect("a worker panicked").len() >= self.max_failures;
            let late = self.deadline.is_some_and(|d| Instant::now() >= d);
            if first >= self.end || enough || late {
                return Ok(());
            }
            let mut seeds: Vec<u64> = (first..(first + self.batch).min(self.end)).collect();
            if let Some(record) = &self.record {
                seeds.retain(|s| !record.contains(*s));
            }
            if seeds.is_empty() {
                continue;
            }
            self.batch(job, tools, &mut compiler, &seeds)?;
            if let Some(record) = &self.record {
                record.add(&seeds)?;
            }
            let done = self.done.fetch_add(seeds.len() as u64, Ordering::Relaxed) + seeds.len() as u64;
            eprintln!(
                "{done} programs, {} differences, {:.1} a second",
                self.failures.lock().expect("a worker panicked").len(),
                done as f64 / self.began.elapsed().as_secs_f64()
            );
        }
    }

    fn batch(&self, job: usize, tools: &Path, compiler: &mut Compiler, seeds: &[u64]) -> Result<()> {
        let work = self.target.join(format!("job{job}"));
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        let sources = work.join("src");
        let classes = work.join("classes");
        fs::create_dir_all(&sources)?;
        let names: Vec<String> = seeds.iter().map(|&s| class_name(s)).collect();
        let mut files = Vec::new();
        for (&seed, name) in seeds.iter().zip(&names) {
            let file = sources.join(format!("{name}.java"));
            fs::write(&file, program::generate(seed, name, self.language.features()))?;
            files.push(file);
        }
        let failed = compiler.compile(&files, &classes, false)?;
        for (file, message) in &failed {
            // A program that is not Java is a defect of the generator.
            let text = format!("{} does not compile: {message}", file.display());
            eprintln!("{text}");
            self.failures.lock().expect("a worker panicked").push(text);
        }
        let names: Vec<String> = names
            .iter()
            .zip(&files)
            .filter(|(_, f)| !failed.contains_key(*f))
            .map(|(n, _)| n.clone())
            .collect();
        let limit = Duration::from_secs(self.vms.timeout);
        let expected = java::run(&self.reference, tools, &classes, &names, &work.join("reference"), limit)?;
        for vm in &self.tested {
            let actual = java::run(vm, tools, &classes, &names, &work.join(&vm.name), limit)?;
            for name in &names {
                let (Some(expected), Some(actual)) = (expected.get(name), actual.get(name)) else {
                    anyhow::bail!("{name} has no outcome");
                };
                if expected != actual {
                    self.failure(tools, compiler, &work, vm, name, expected, actual)?;
                }
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn failure(
        &self,
        tools: &Path,
        compiler: &mut Compiler,
        work: &Path,
        vm: &Vm,
        name: &str,
        expected: &Outcome,
        actual: &Outcome,
    ) -> Result<()> {
        let number = {
            let mut failures = self.failures.lock().expect("a worker panicked");
            failures.push(format!("{name} {}: {}", vm.name, summary(expected, actual)));
            failures.len()
        };
        if let Some(record) = &self.record {
            record.note(&format!("{name} {}: {}", vm.name, summary(expected, actual)))?;
        }
        let directory = self.target.join("failures").join(format!("{name}-{}", vm.name));
        fs::create_dir_all(&directory)?;
        let source = fs::read_to_string(work.join("src").join(format!("{name}.java")))?;
        fs::write(directory.join(format!("{name}.java")), &source)?;
        fs::write(directory.join("expected.txt"), show(expected))?;
        fs::write(directory.join("actual.txt"), show(actual))?;
        eprintln!("{name} {}: {}", vm.name, summary(expected, actual));
        if number > self.shrink || !matches!(expected, Outcome::Output(_)) {
            return Ok(());
        }
        let mut shrinker = Shrinker {
            compiler,
            tools,
            reference: &self.reference,
            tested: vm,
            work: work.join("shrink"),
            limit: Duration::from_secs(self.vms.timeout.min(10)),
            deadline: Instant::now() + Duration::from_secs(self.vms.shrink_time),
        };
        match shrinker.shrink(name, &source)? {
            Some(smaller) => {
                eprintln!("{name} {}: made smaller, {} lines", vm.name, smaller.lines().count());
                fs::write(directory.join("smaller.java"), smaller)?;
            }
            None => eprintln!("{name} {}: does not differ when run alone", vm.name),
        }
        Ok(())
    }
}

fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Output(text) => text.clone(),
        Outcome::Timeout => "(time limit)\n".to_owned(),
        Outcome::Crash(how) => format!("(VM ended: {how})\n"),
    }
}

/// The first line that differs.
fn summary(expected: &Outcome, actual: &Outcome) -> String {
    match (expected, actual) {
        (Outcome::Output(a), Outcome::Output(b)) => {
            let (mut a, mut b) = (a.lines(), b.lines());
            loop {
                match (a.next(), b.next()) {
                    (Some(x), Some(y)) if x == y => {}
                    (None, None) => return "only line ends differ".to_owned(),
                    (x, y) => return format!("expected {:?}, found {:?}", x.unwrap_or(""), y.unwrap_or("")),
                }
            }
        }
        (_, Outcome::Output(_)) => "the reference did not end normally".to_owned(),
        (_, Outcome::Timeout) => "time limit".to_owned(),
        (_, Outcome::Crash(how)) => {
            let words: Vec<&str> =
                how.lines().filter(|l| !l.trim_matches(['#', ' ']).is_empty()).take(4).collect();
            format!("VM ended: {}", words.join(" / "))
        }
    }
}
