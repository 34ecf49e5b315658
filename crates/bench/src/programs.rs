//! Other people's programs, as `tests/conformance/programs.sh` runs them: whole processes from start to exit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::Common;
use crate::process::{self, Machine, Run};
use crate::report::{self, Table, figure, ratio};
use crate::sample::{Clock, geometric_mean, median};
use crate::suite::progress;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Where `scripts/conformance.sh JDK fetch` has put the packages.
    #[arg(long, default_value = "target/conformance/corpus")]
    corpus: PathBuf,
    /// The list of programs, and what runs them.
    #[arg(long, default_value = "tests/conformance/programs.sh")]
    script: PathBuf,
}

/// Runs one program on one machine in an empty directory.
fn once(a: &Arguments, script: &Path, root: &Path, machine: &Machine, program: &str) -> Result<Run> {
    let work = fs::canonicalize(&a.common.target)?.join("program");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let mut command = Command::new(script);
    command
        .arg(program)
        .env("JAVA_HOME", &machine.home)
        .env("BASE_JDK", &a.common.java_home)
        .env("ROOT", root)
        .env("VM_OPTIONS", machine.options.join(" "));
    process::run_command(command, &work, Duration::from_secs(600))
}

pub fn run(a: &Arguments) -> Result<()> {
    let c = &a.common;
    let setting = c.setting(3, 0.0, Clock::Process)?;
    let script = fs::canonicalize(&a.script).context("no list of programs")?;
    let root = fs::canonicalize(a.corpus.join("root")).context("no packages: see --corpus")?;
    let listed = Command::new(&script).arg("list").output()?;
    let programs: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|p| setting.filter.is_empty() || setting.filter.iter().any(|f| p.contains(f.as_str())))
        .map(str::to_owned)
        .collect();
    ensure!(!programs.is_empty(), "no program of that name");
    let mut machines = vec![c.reference("HotSpot", "-XX:+UseSerialGC")];
    machines.extend(c.caturra(&[("Caturra", "")])?);
    let mut header = vec!["program".to_owned()];
    for what in ["wall s", "CPU s", "peak MiB"] {
        header.extend(machines.iter().map(|m| format!("{}, {what}", m.name)));
    }
    header.extend(["wall ratio", "CPU ratio", "peak ratio"].map(str::to_owned));
    let mut table = Table::new(header);
    let mut failures = Vec::new();
    let mut columns: [Vec<f64>; 3] = Default::default();
    for program in &programs {
        let mut runs: Vec<Vec<Run>> = machines.iter().map(|_| Vec::new()).collect();
        for round in 0..setting.rounds {
            for (i, machine) in machines.iter().enumerate() {
                progress(&format!("{program} round {}: {}", round + 1, machine.name));
                runs[i].push(once(a, &script, &root, machine, program)?);
            }
        }
        progress("");
        let expected = &runs[0][0].stdout;
        let figures: Vec<[f64; 3]> = runs
            .iter()
            .zip(&machines)
            .map(|(runs, machine)| {
                let failed = runs.iter().find_map(|r| {
                    let differs = (r.stdout != *expected).then(|| "other output".to_owned());
                    r.failure.clone().or(differs)
                });
                if let Some(failure) = failed {
                    failures.push(format!("{program} on {}: {failure}", machine.name));
                    return [f64::NAN; 3];
                }
                let over = |f: &dyn Fn(&Run) -> f64| median(&runs.iter().map(f).collect::<Vec<_>>());
                [
                    over(&|r| r.wall.as_secs_f64()),
                    over(&|r| r.cpu.as_secs_f64()),
                    over(&|r| r.peak_kib as f64 / 1024.0),
                ]
            })
            .collect();
        let (first, last) = (&figures[0], &figures[machines.len() - 1]);
        let mut cells = vec![program.clone()];
        for k in 0..3 {
            cells.extend(figures.iter().map(|f| figure(f[k])));
            columns[k].push(last[k] / first[k]);
        }
        cells.extend((0..3).map(|k| ratio(last[k] / first[k])));
        table.row(cells);
    }
    let width = 3 * machines.len();
    for (name, mean) in [
        ("**geometric mean**", &(|v: &[f64]| geometric_mean(v.iter().copied())) as &dyn Fn(&[f64]) -> f64),
        ("**median**", &|v: &[f64]| median(&v.iter().copied().filter(|x| x.is_finite()).collect::<Vec<_>>())),
    ] {
        let mut cells = vec![name.to_owned()];
        cells.extend(std::iter::repeat_n(String::new(), width));
        cells.extend(columns.iter().map(|v| format!("**{}**", ratio(mean(v)))));
        table.row(cells);
    }
    let mut text = format!(
        "## Programs\n\nFrom start to exit, as `tests/conformance/programs.sh` runs them, with its tools (unpacking, \
         checksums) in the figures of both. Ratios are of {} to HotSpot.\n\n{table}\n",
        machines[machines.len() - 1].name
    );
    for failure in failures {
        text.push_str(&format!("- failed: {failure}\n"));
    }
    text.push_str(&report::conditions(&setting, &machines));
    c.publish("programs", &text)
}
