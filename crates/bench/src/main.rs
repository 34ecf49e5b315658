//! `bench`: Caturra beside the reference JDK, in one run. Not a test: it says how fast, never whether right, though
//! every benchmark's checksum must agree on all machines.

mod compile;
mod plot;
mod process;
mod programs;
mod report;
mod sample;
mod startup;
mod suite;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::process::Machine;
use crate::report::Table;
use crate::sample::{Clock, median};
use crate::suite::{Results, Setting};

#[derive(Parser)]
#[command(about = "Measures Caturra beside the reference JDK")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Kernels on both interpreters.
    Interpreter(Common),
    /// Hello world and small runs of javac: elapsed time, processor time, memory.
    Startup(Common),
    /// Allocation-heavy programs beside HotSpot's serial collector.
    Gc(Common),
    /// The benchmark programs once warm, beside C2, C1 and the reference's interpreter.
    Steady(Common),
    /// The benchmark programs from their start: time to 90 % of their own peak, curves.
    Warmup(Common),
    /// What the compilers of both cost: time and code for each bytecode.
    Compile(Common),
    /// Other people's programs from start to exit: elapsed time, processor time, memory.
    Programs(programs::Arguments),
}

#[derive(Args, Clone)]
struct Common {
    /// A JDK directory whose VM is Caturra (`caturra jdk DIR` makes one).
    #[arg(long)]
    jdk: PathBuf,
    /// The reference JDK.
    #[arg(long, default_value = "/usr/lib/jvm/java-17-openjdk-amd64")]
    java_home: PathBuf,
    /// A mode of Caturra, NAME=OPTIONS, in place of the usual ones; may be given several times.
    #[arg(long)]
    mode: Vec<String>,
    /// Only programs whose name contains this; may be given several times.
    #[arg(long, short)]
    filter: Vec<String>,
    /// How often everything is run.
    #[arg(long)]
    rounds: Option<usize>,
    /// Seconds of one run of one program.
    #[arg(long)]
    seconds: Option<f64>,
    /// Most iterations of one run.
    #[arg(long, default_value_t = 5000)]
    iterations: usize,
    /// The clock of the figures. `wall` wants an idle machine.
    #[arg(long, value_enum)]
    clock: Option<Clock>,
    /// One round and short runs: to see that all works.
    #[arg(long)]
    quick: bool,
    /// -Xmx of every VM.
    #[arg(long, default_value = "512m")]
    heap: String,
    /// Benchmark sources.
    #[arg(long, default_value = "benches/java")]
    sources: PathBuf,
    /// The document that gets the results.
    #[arg(long, default_value = "docs/benchmarks.md")]
    document: PathBuf,
    /// Print only, write no document and no plots.
    #[arg(long)]
    dry: bool,
    #[arg(long, default_value = "target/bench")]
    target: PathBuf,
}

/// Which programs make up a suite: by the first word of their names.
fn is_kernel(name: &str) -> bool {
    name.starts_with("Kernel")
}

fn is_gc(name: &str) -> bool {
    name.starts_with("Gc")
}

fn is_program(name: &str) -> bool {
    !is_kernel(name) && !is_gc(name) && !matches!(name, "Harness" | "Hello")
}

fn main() -> Result<()> {
    match Options::parse().command {
        Command::Interpreter(c) => interpreter(&c),
        Command::Startup(c) => startup::run(&c),
        Command::Gc(c) => gc(&c),
        Command::Steady(c) => steady(&c),
        Command::Warmup(c) => warmup(&c),
        Command::Compile(c) => compile::run(&c),
        Command::Programs(a) => programs::run(&a),
    }
}

impl Common {
    fn setting(&self, rounds: usize, seconds: f64, clock: Clock) -> Result<Setting> {
        fs::create_dir_all(&self.target)?;
        let setting = Setting {
            java_home: self.java_home.clone(),
            sources: self.sources.clone(),
            target: fs::canonicalize(&self.target)?,
            rounds: self.rounds.unwrap_or(if self.quick { 1 } else { rounds }).max(1),
            seconds: self.seconds.unwrap_or(if self.quick { 0.5 } else { seconds }),
            iterations: self.iterations,
            clock: self.clock.unwrap_or(clock),
            filter: self.filter.clone(),
        };
        let load: f64 = report::load_average().parse().unwrap_or(0.0);
        if load > 0.7 && setting.clock == Clock::Wall {
            eprintln!(
                "warning: load average {load}: elapsed times will mislead, --clock thread or process may help"
            );
        }
        Ok(setting)
    }

    fn reference(&self, name: &str, options: &str) -> Machine {
        Machine { name: name.to_owned(), home: self.java_home.clone(), options: self.with_heap(options) }
    }

    fn with_heap(&self, options: &str) -> Vec<String> {
        std::iter::once(format!("-Xmx{}", self.heap))
            .chain(options.split_whitespace().map(str::to_owned))
            .collect()
    }

    /// Caturra in the modes asked for, or in `usual` (name, options).
    fn caturra(&self, usual: &[(&str, &str)]) -> Result<Vec<Machine>> {
        let home = fs::canonicalize(&self.jdk)
            .with_context(|| format!("no JDK directory at {}", self.jdk.display()))?;
        let machine = |name: &str, options: &str| Machine {
            name: name.to_owned(),
            home: home.clone(),
            options: self.with_heap(options),
        };
        if self.mode.is_empty() {
            return Ok(usual.iter().map(|(n, o)| machine(n, o)).collect());
        }
        self.mode
            .iter()
            .map(|m| {
                let (name, options) = m.split_once('=').context("a mode is NAME=OPTIONS")?;
                Ok(machine(name, options))
            })
            .collect()
    }

    /// Prints a section, and puts it into the document.
    fn publish(&self, name: &str, text: &str) -> Result<()> {
        println!("{text}");
        if self.dry { Ok(()) } else { report::write_section(&self.document, name, text) }
    }

    /// Where a plot goes, and how the document names it.
    fn plot(&self, name: &str) -> Result<(PathBuf, String)> {
        let relative = format!("plots/{name}.svg");
        let directory =
            if self.dry { &self.target } else { self.document.parent().unwrap_or(Path::new(".")) };
        fs::create_dir_all(directory.join("plots"))?;
        Ok((directory.join(&relative), relative))
    }
}

fn interpreter(c: &Common) -> Result<()> {
    let setting = c.setting(5, 1.5, Clock::Thread)?;
    let mut machines = vec![c.reference("HotSpot -Xint", "-Xint -XX:+UseSerialGC")];
    machines.extend(c.caturra(&[("Caturra -Xint", "-Xint")])?);
    let results = setting.run(&machines, setting.programs(is_kernel)?)?;
    report::write_raw(&setting.target.join("interpreter.tsv"), &results)?;
    let (path, link) = c.plot("interpreter")?;
    plot::bars(
        &path,
        "Interpreter: time of Caturra / time of HotSpot -Xint",
        &ratios(&results, setting.clock, 0),
    )?;
    let text = format!(
        "## Interpreter\n\n{}\n![ratios]({link})\n\n{}{}{}",
        report::time_table(&results, setting.clock, &[0]),
        report::cost_table(&results),
        report::failures(&results),
        report::conditions(&setting, &machines)
    );
    c.publish("interpreter", &text)
}

fn gc(c: &Common) -> Result<()> {
    let setting = c.setting(3, 5.0, Clock::Process)?;
    let mut machines = vec![
        c.reference("HotSpot Serial -Xint", "-Xint -XX:+UseSerialGC"),
        c.reference("HotSpot Serial", "-XX:+UseSerialGC"),
    ];
    machines.extend(c.caturra(&[("Caturra -Xint", "-Xint"), ("Caturra", "")])?);
    let results = setting.run(&machines, setting.programs(is_gc)?)?;
    report::write_raw(&setting.target.join("gc.tsv"), &results)?;
    let text = format!(
        "## Allocation and collection\n\nAll with -Xmx{}. Time is of one iteration, collector's threads included where \
         the clock is the process's.\n\n{}\n{}\n{}{}{}",
        c.heap,
        report::time_table(&results, setting.clock, &[1]),
        report::mean_matrix(&results, setting.clock),
        report::cost_table(&results),
        report::failures(&results),
        report::conditions(&setting, &machines)
    );
    c.publish("gc", &text)
}

fn steady(c: &Common) -> Result<()> {
    let setting = c.setting(3, 5.0, Clock::Wall)?;
    let mut machines = vec![
        c.reference("C2", "-XX:+UseSerialGC"),
        c.reference("C1", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
        c.reference("HotSpot -Xint", "-XX:+UseSerialGC -Xint"),
    ];
    machines.extend(c.caturra(&[
        ("Caturra -Xint", "-Xint"),
        ("Caturra T1", "-XX:TieredStopAtLevel=1"),
        ("Caturra", ""),
    ])?);
    let results = setting.run(&machines, setting.programs(is_program)?)?;
    report::write_raw(&setting.target.join("steady.tsv"), &results)?;
    let (path, link) = c.plot("steady")?;
    plot::bars(&path, "Steady state: time of Caturra / time of C2", &ratios(&results, setting.clock, 0))?;
    let last = machines.len() - 1;
    let mut slow = String::new();
    for (program, x) in report::worst(&results, setting.clock, last, 0, 2.0) {
        let _ = writeln!(slow, "- {program}: {x:.2}");
    }
    if !slow.is_empty() {
        slow = format!("\nSlower than 2 times C2:\n\n{slow}");
    }
    let text = format!(
        "## Steady state\n\n{}\n![ratios]({link})\n\n{}{slow}\n{}{}{}",
        report::time_table(&results, setting.clock, &[0, 1]),
        report::mean_matrix(&results, setting.clock),
        report::cost_table(&results),
        report::failures(&results),
        report::conditions(&setting, &machines)
    );
    c.publish("steady", &text)
}

/// Ratio of the last machine to machine `to`, program by program.
fn ratios(results: &Results, clock: Clock, to: usize) -> Vec<(String, f64)> {
    let last = results.machines.len() - 1;
    results
        .programs
        .iter()
        .zip(&results.cells)
        .map(|(p, r)| (p.clone(), r[last].time(clock) / r[to].time(clock)))
        .collect()
}

fn warmup(c: &Common) -> Result<()> {
    let setting = c.setting(3, 6.0, Clock::Wall)?;
    let mut machines = vec![c.reference("HotSpot", "-XX:+UseSerialGC")];
    machines.extend(c.caturra(&[("Caturra", "")])?);
    let results = setting.run(&machines, setting.programs(is_program)?)?;
    report::write_raw(&setting.target.join("warmup.tsv"), &results)?;
    let mut header = vec!["program".to_owned()];
    header.extend(machines.iter().map(|m| format!("{}, first iteration ms", m.name)));
    header.extend(machines.iter().map(|m| format!("{}, to 90 % of peak s", m.name)));
    header.extend(machines.iter().map(|m| format!("{}, iterations in the first second", m.name)));
    let mut table = Table::new(header);
    let mut panels = Vec::new();
    for (program, row) in results.programs.iter().zip(&results.cells) {
        let over = |f: &dyn Fn(&sample::Sample) -> f64| -> Vec<String> {
            row.iter()
                .map(|cell| report::figure(median(&cell.samples.iter().map(f).collect::<Vec<_>>())))
                .collect()
        };
        let mut cells = vec![program.clone()];
        cells.extend(over(&|s| s.wall[0]));
        cells.extend(over(&|s| seconds_to_peak(&s.wall, s.before)));
        cells.extend(over(&|s| in_first_second(&s.wall, s.before)));
        table.row(cells);
        let curves = machines
            .iter()
            .zip(row)
            .map(|(m, cell)| plot::Curve {
                name: m.name.clone(),
                points: cell.samples.first().map_or(Vec::new(), |s| curve(&s.wall, s.before)),
            })
            .collect();
        panels.push((program.clone(), curves));
    }
    let (path, link) = c.plot("warmup")?;
    plot::curves(&path, "Warm-up: milliseconds of an iteration over seconds since start", &panels)?;
    let text = format!(
        "## Warm-up\n\nPeak is the median of the last quarter of iterations. A VM has reached 90 % of it at the end of the \
         first iteration from which the median of five is within that.\n\n{table}\n![curves]({link})\n{}{}",
        report::failures(&results),
        report::conditions(&setting, &machines)
    );
    c.publish("warmup", &text)
}

fn curve(wall: &[f64], before: f64) -> Vec<(f64, f64)> {
    let mut at = before;
    wall.iter()
        .map(|&t| {
            at += t;
            (at / 1e3, t)
        })
        .collect()
}

/// Seconds from the start of the process.
fn seconds_to_peak(wall: &[f64], before: f64) -> f64 {
    let n = wall.len();
    let peak = median(&wall[n - n.div_ceil(4)..]);
    let mut at = before;
    for i in 0..n {
        at += wall[i];
        if median(&wall[i..(i + 5).min(n)]) <= peak / 0.9 {
            return at / 1e3;
        }
    }
    at / 1e3
}

fn in_first_second(wall: &[f64], before: f64) -> f64 {
    let mut at = before;
    let mut n = 0.0;
    for &t in wall {
        at += t;
        if at > 1000.0 {
            // The part of the iteration that lies within.
            return n + (1.0 - (at - 1000.0) / t).max(0.0);
        }
        n += 1.0;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_up_figures() {
        let wall = [100.0, 50.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0];
        assert_eq!(seconds_to_peak(&wall, 40.0), 0.14);
        assert_eq!(in_first_second(&[400.0, 400.0, 400.0], 0.0), 2.5);
        assert_eq!(curve(&[1000.0, 500.0], 500.0), vec![(1.5, 1000.0), (2.0, 500.0)]);
    }
}
