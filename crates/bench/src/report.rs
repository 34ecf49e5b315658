//! `docs/benchmarks.md`: a section for each command, written anew by each run of it; and the raw figures.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::sample::{Clock, geometric_mean};
use crate::suite::{Results, Setting};

const HEAD: &str = "# Benchmarks\n\n\
    Written by the command `bench` (`cargo run --release -p caturra-bench -- help`): each of its commands measures \
    Caturra beside the reference JDK in one run, interleaved, and writes its section here. Times are medians; a \
    ratio below 1 means that Caturra is faster.\n";

/// A number with three significant digits.
pub fn figure(value: f64) -> String {
    match value {
        v if !v.is_finite() => "–".to_owned(),
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v if v >= 0.9995 => format!("{v:.2}"),
        v => format!("{v:.3}"),
    }
}

pub fn ratio(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "–".to_owned() }
}

pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(header: impl IntoIterator<Item = String>) -> Table {
        Table { header: header.into_iter().collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "| {} |", self.header.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(self.header.len() - 1))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// Time of every program on every machine, ratios of the last machine to those in `against`, and geometric means.
pub fn time_table(results: &Results, clock: Clock, against: &[usize]) -> String {
    let machines = &results.machines;
    let last = machines.len() - 1;
    let mut header = vec!["program".to_owned()];
    header.extend(machines.iter().map(|m| format!("{}, ms", m.name)));
    header.extend(against.iter().map(|&a| format!("{} / {}", machines[last].name, machines[a].name)));
    let mut table = Table::new(header);
    for (program, row) in results.programs.iter().zip(&results.cells) {
        let times: Vec<f64> = row.iter().map(|c| c.time(clock)).collect();
        let mut cells = vec![program.clone()];
        cells.extend(times.iter().map(|&t| figure(t)));
        cells.extend(against.iter().map(|&a| ratio(times[last] / times[a])));
        table.row(cells);
    }
    let mut cells = vec!["**geometric mean**".to_owned()];
    cells.extend(
        (0..machines.len()).map(|m| figure(geometric_mean(results.cells.iter().map(|r| r[m].time(clock))))),
    );
    cells.extend(against.iter().map(|&a| {
        format!(
            "**{}**",
            ratio(geometric_mean(results.cells.iter().map(|r| r[last].time(clock) / r[a].time(clock))))
        )
    }));
    table.row(cells);
    table.to_string()
}

/// Geometric means of time ratios of every machine to every other, for suites with many machines.
pub fn mean_matrix(results: &Results, clock: Clock) -> String {
    let machines = &results.machines;
    let mut table = Table::new(
        std::iter::once("time of … / time of".to_owned()).chain(machines.iter().map(|m| m.name.clone())),
    );
    for (a, machine) in machines.iter().enumerate() {
        table.row(std::iter::once(machine.name.clone()).chain((0..machines.len()).map(|b| {
            if a == b {
                return "1".to_owned();
            }
            ratio(geometric_mean(results.cells.iter().map(|r| r[a].time(clock) / r[b].time(clock))))
        })));
    }
    table.to_string()
}

/// Peak memory and processor time of whole processes.
pub fn cost_table(results: &Results) -> String {
    let machines = &results.machines;
    let mut header = vec!["program".to_owned()];
    header.extend(machines.iter().map(|m| format!("{}, peak MiB", m.name)));
    header.extend(machines.iter().map(|m| format!("{}, CPU s", m.name)));
    let mut table = Table::new(header);
    for (program, row) in results.programs.iter().zip(&results.cells) {
        let mut cells = vec![program.clone()];
        cells.extend(row.iter().map(|c| figure(c.peak_mib())));
        cells.extend(row.iter().map(|c| figure(c.cpu_seconds())));
        table.row(cells);
    }
    let mut cells = vec!["**geometric mean**".to_owned()];
    for m in 0..machines.len() {
        cells.push(figure(geometric_mean(results.cells.iter().map(|r| r[m].peak_mib()))));
    }
    for m in 0..machines.len() {
        cells.push(figure(geometric_mean(results.cells.iter().map(|r| r[m].cpu_seconds()))));
    }
    table.row(cells);
    table.to_string()
}

/// The programs that a machine is slowest on, against another; for the discussion below the tables.
pub fn worst(
    results: &Results,
    clock: Clock,
    machine: usize,
    against: usize,
    limit: f64,
) -> Vec<(String, f64)> {
    let mut list: Vec<(String, f64)> = results
        .programs
        .iter()
        .zip(&results.cells)
        .map(|(p, r)| (p.clone(), r[machine].time(clock) / r[against].time(clock)))
        .filter(|(_, x)| *x > limit)
        .collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1));
    list
}

pub fn failures(results: &Results) -> String {
    let list = results.failures();
    if list.is_empty() {
        return String::new();
    }
    let mut text = format!("\nFailed ({}), not in the means:\n\n", list.len());
    for line in list {
        let _ = writeln!(text, "- {line}");
    }
    text
}

/// The machine, the clock and the effort, under every table.
pub fn conditions(setting: &Setting, machines: &[crate::process::Machine]) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches(['\t', ' ', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let clock = match setting.clock {
        Clock::Wall => "elapsed time",
        Clock::Thread => "processor time of the iterating thread",
        Clock::Process => "processor time of the process",
    };
    let mut text = format!(
        "\n{model}, {cores} processors, load average {} at the end; clock: {clock}; {} rounds of {} s.\n\n",
        load_average(),
        setting.rounds,
        setting.seconds
    );
    for m in machines {
        let release = fs::read_to_string(m.home.join("release")).unwrap_or_default();
        let version = release
            .lines()
            .find_map(|l| l.strip_prefix("JAVA_RUNTIME_VERSION="))
            .map_or(String::new(), |v| format!(" ({})", v.trim_matches('"')));
        let _ = writeln!(text, "- {}{version}: `java {}`", m.name, m.options.join(" "));
    }
    text
}

pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// Puts a section into the document, in place of the one of that name.
pub fn write_section(document: &Path, name: &str, text: &str) -> Result<()> {
    let old = fs::read_to_string(document).unwrap_or_else(|_| HEAD.to_owned());
    if let Some(parent) = document.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(document, replace_section(&old, name, text))?;
    Ok(())
}

fn replace_section(old: &str, name: &str, text: &str) -> String {
    let (open, close) = (format!("<!-- bench {name} -->\n"), format!("<!-- end {name} -->\n"));
    let section = format!("{open}{}\n{close}", text.trim_end());
    match (old.find(&open), old.find(&close)) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{section}{}", &old[..from], &old[to + close.len()..])
        }
        _ => format!("{}\n{section}", old.trim_end().to_owned() + "\n"),
    }
}

/// Every iteration of every run: program, machine, round, iteration, milliseconds.
pub fn write_raw(path: &Path, results: &Results) -> Result<()> {
    let mut text = String::from("program\tmachine\tround\titeration\tms\n");
    for (program, row) in results.programs.iter().zip(&results.cells) {
        for (machine, cell) in results.machines.iter().zip(row) {
            for (round, sample) in cell.samples.iter().enumerate() {
                for (i, t) in sample.wall.iter().enumerate() {
                    let _ = writeln!(text, "{program}\t{}\t{round}\t{i}\t{t:.6}", machine.name);
                }
            }
        }
    }
    fs::write(path, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_replaced_in_place() {
        let one = replace_section("# Head\n", "a", "first");
        let two = replace_section(&one, "b", "second");
        let three = replace_section(&two, "a", "third");
        assert_eq!(
            three,
            "# Head\n\n<!-- bench a -->\nthird\n<!-- end a -->\n\n<!-- bench b -->\nsecond\n<!-- end b -->\n"
        );
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(1234.5), "1234");
        assert_eq!(figure(12.345), "12.3");
        assert_eq!(figure(1.2345), "1.23");
        assert_eq!(figure(0.12345), "0.123");
        assert_eq!(figure(f64::NAN), "–");
    }
}
