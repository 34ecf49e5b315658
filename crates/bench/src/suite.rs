//! Runs a set of programs on a set of machines, interleaved: round after round, and within a round every program
//! on every machine, so that a change of the computer's mood hits all alike.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::process::{self, Machine};
use crate::sample::{Clock, Sample, median};

/// Where programs and results lie, and how much time a run gets.
pub struct Setting {
    pub java_home: PathBuf,
    pub sources: PathBuf,
    pub target: PathBuf,
    pub rounds: usize,
    /// Seconds of one run.
    pub seconds: f64,
    pub iterations: usize,
    pub clock: Clock,
    pub filter: Vec<String>,
}

/// All runs of one program on one machine.
#[derive(Default)]
pub struct Cell {
    pub samples: Vec<Sample>,
    pub failure: Option<String>,
}

impl Cell {
    /// Milliseconds of a warm iteration: the median over the rounds.
    pub fn time(&self, clock: Clock) -> f64 {
        self.over(|s| s.steady(clock))
    }

    pub fn peak_mib(&self) -> f64 {
        self.over(|s| s.peak_mib)
    }

    pub fn cpu_seconds(&self) -> f64 {
        self.over(|s| s.cpu_seconds)
    }

    fn over(&self, f: impl Fn(&Sample) -> f64) -> f64 {
        if self.failure.is_some() {
            return f64::NAN;
        }
        median(&self.samples.iter().map(f).collect::<Vec<_>>())
    }
}

pub struct Results {
    pub programs: Vec<String>,
    pub machines: Vec<Machine>,
    /// By program, then by machine.
    pub cells: Vec<Vec<Cell>>,
}

impl Results {
    pub fn failures(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (program, row) in self.programs.iter().zip(&self.cells) {
            for (machine, cell) in self.machines.iter().zip(row) {
                if let Some(failure) = &cell.failure {
                    lines.push(format!("{program} on {}: {failure}", machine.name));
                }
            }
        }
        lines
    }
}

/// Overwrites one line of a terminal; silent elsewhere.
pub fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}

impl Setting {
    /// Compiles the Java programs with the reference JDK; returns the class directory.
    pub fn compile(&self) -> Result<PathBuf> {
        let classes = self.target.join("classes");
        if classes.exists() {
            fs::remove_dir_all(&classes)?;
        }
        fs::create_dir_all(&classes)?;
        let mut files: Vec<PathBuf> = fs::read_dir(&self.sources)
            .with_context(|| format!("no benchmarks at {}", self.sources.display()))?
            .map(|e| e.map(|e| e.path()))
            .collect::<std::io::Result<_>>()?;
        files.retain(|f| f.extension().is_some_and(|e| e == "java"));
        let output = Command::new(self.java_home.join("bin/javac"))
            .args(["-nowarn", "-d"])
            .arg(&classes)
            .args(&files)
            .output()
            .context("cannot start the reference JDK's javac")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(classes)
    }

    /// The programs whose names `choose` accepts, as far as the command line wants them.
    pub fn programs(&self, choose: impl Fn(&str) -> bool) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.sources)? {
            let path = entry?.path();
            let Some(name) = path.file_stem().map(|s| s.to_string_lossy().into_owned()) else { continue };
            let wanted = self.filter.is_empty() || self.filter.iter().any(|f| name.contains(f.as_str()));
            if path.extension().is_some_and(|e| e == "java") && wanted && choose(&name) {
                names.push(name);
            }
        }
        names.sort();
        ensure!(!names.is_empty(), "no benchmark of that name");
        Ok(names)
    }

    pub fn run(&self, machines: &[Machine], programs: Vec<String>) -> Result<Results> {
        let classes = self.compile()?;
        let mut cells: Vec<Vec<Cell>> =
            programs.iter().map(|_| machines.iter().map(|_| Cell::default()).collect()).collect();
        let mut checksums: BTreeMap<String, String> = BTreeMap::new();
        let total = self.rounds * programs.len() * machines.len();
        let mut done = 0;
        for round in 0..self.rounds {
            for (p, program) in programs.iter().enumerate() {
                for (m, machine) in machines.iter().enumerate() {
                    done += 1;
                    let cell = &mut cells[p][m];
                    if cell.failure.is_some() {
                        continue;
                    }
                    progress(&format!("[{done}/{total}] round {} {program}: {}", round + 1, machine.name));
                    match self.once(machine, program, &classes)? {
                        Ok(sample) => {
                            let expected =
                                checksums.entry(program.clone()).or_insert_with(|| sample.checksum.clone());
                            if *expected == sample.checksum {
                                cell.samples.push(sample);
                            } else {
                                cell.failure = Some(format!("checksum {} after {expected}", sample.checksum));
                            }
                        }
                        Err(why) => cell.failure = Some(why),
                    }
                }
            }
        }
        progress("");
        let results = Results { programs, machines: machines.to_vec(), cells };
        for failure in results.failures() {
            eprintln!("failed: {failure}");
        }
        Ok(results)
    }

    /// One process; the inner error is the benchmark's own.
    fn once(&self, machine: &Machine, program: &str, classes: &Path) -> Result<Result<Sample, String>> {
        let arguments = [
            "-cp".to_owned(),
            classes.to_string_lossy().into_owned(),
            program.to_owned(),
            self.iterations.to_string(),
            self.seconds.to_string(),
        ];
        let limit = Duration::from_secs_f64(60.0 + 20.0 * self.seconds);
        let run = process::run(machine, "java", &arguments, &self.target.join("work"), limit)?;
        if let Some(failure) = run.failure {
            return Ok(Err(failure));
        }
        Ok(Sample::parse(&run).map_err(|e| e.to_string()))
    }
}
