//! What it costs to start: whole processes, taken from outside.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::Common;
use crate::process::{self, Machine, Run};
use crate::report::{self, Table, figure, ratio};
use crate::sample::{Clock, median};
use crate::suite::progress;

/// A thing to start.
struct Job {
    name: &'static str,
    tool: &'static str,
    arguments: Vec<String>,
}

pub fn run(c: &Common) -> Result<()> {
    let setting = c.setting(15, 0.0, Clock::Wall)?;
    let classes = setting.compile()?;
    let sources = std::fs::canonicalize(&setting.sources)?;
    let text = |p: PathBuf| p.to_string_lossy().into_owned();
    let hello = text(sources.join("Hello.java"));
    let out = text(setting.target.join("startup-classes"));
    let jobs = [
        Job {
            name: "hello world",
            tool: "java",
            arguments: vec!["-cp".into(), text(classes), "Hello".into()],
        },
        Job { name: "version", tool: "java", arguments: vec!["-version".into()] },
        Job {
            name: "javac, one class",
            tool: "javac",
            arguments: vec!["-d".into(), out.clone(), hello.clone()],
        },
        Job { name: "java Hello.java", tool: "java", arguments: vec![hello] },
    ];
    let plain = |name: &str, home: PathBuf, options: &str| Machine {
        name: name.to_owned(),
        home,
        options: options.split_whitespace().map(str::to_owned).collect(),
    };
    let mut machines = vec![
        plain("HotSpot", c.java_home.clone(), ""),
        plain("HotSpot without CDS", c.java_home.clone(), "-Xshare:off"),
        plain("HotSpot C1 Serial", c.java_home.clone(), "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
    ];
    for mut machine in c.caturra(&[("Caturra", "")])? {
        // Start-up is measured with the heap that users get.
        machine.options.remove(0);
        machines.push(machine);
    }
    let mut header = vec!["what".to_owned(), "VM".to_owned()];
    header.extend(
        ["wall ms", "CPU ms", "peak MiB", "wall / HotSpot", "CPU / HotSpot", "peak / HotSpot"]
            .map(str::to_owned),
    );
    let mut table = Table::new(header);
    let mut failures = Vec::new();
    for job in
        jobs.iter().filter(|j| c.filter.is_empty() || c.filter.iter().any(|f| j.name.contains(f.as_str())))
    {
        let mut runs: Vec<Vec<Run>> = machines.iter().map(|_| Vec::new()).collect();
        // The first round fills the page cache and is not counted.
        for round in 0..=setting.rounds {
            for (i, machine) in machines.iter().enumerate() {
                progress(&format!("{} round {round}: {}", job.name, machine.name));
                let work = setting.target.join("work");
                let run = process::run(machine, job.tool, &job.arguments, &work, Duration::from_secs(60))?;
                if round > 0 {
                    runs[i].push(run);
                }
            }
        }
        progress("");
        let figures: Vec<[f64; 3]> = runs
            .iter()
            .zip(&machines)
            .map(|(runs, machine)| {
                if let Some(failure) = runs.iter().find_map(|r| r.failure.as_ref()) {
                    failures.push(format!("{} on {}: {failure}", job.name, machine.name));
                    return [f64::NAN; 3];
                }
                let over = |f: &dyn Fn(&Run) -> f64| median(&runs.iter().map(f).collect::<Vec<_>>());
                [
                    over(&|r| r.wall.as_secs_f64() * 1e3),
                    over(&|r| r.cpu.as_secs_f64() * 1e3),
                    over(&|r| r.peak_kib as f64 / 1024.0),
                ]
            })
            .collect();
        for (machine, f) in machines.iter().zip(&figures) {
            let mut cells = vec![job.name.to_owned(), machine.name.clone()];
            cells.extend(f.iter().map(|&x| figure(x)));
            cells.extend((0..3).map(|k| ratio(f[k] / figures[0][k])));
            table.row(cells);
        }
    }
    let mut text = format!("## Start-up\n\n{table}\n");
    for failure in failures {
        text.push_str(&format!("- failed: {failure}\n"));
    }
    text.push_str(&report::conditions(&setting, &machines));
    c.publish("startup", &text)
}
