//! What compiling costs: microseconds and bytes of code for each byte of bytecode, tier by tier.

use std::time::Duration;

use anyhow::Result;

use crate::Common;
use crate::process::{self, Machine};
use crate::report::{self, Table, figure};
use crate::sample::Clock;
use crate::suite::progress;

/// Sums over the compilations of one tier, as `-XX:+CITime` prints them.
#[derive(Default, Clone, Copy, PartialEq, Debug)]
struct Tier {
    seconds: f64,
    bytecodes: f64,
    methods: f64,
    code: f64,
}

impl Tier {
    fn add(&mut self, other: Tier) {
        self.seconds += other.seconds;
        self.bytecodes += other.bytecodes;
        self.methods += other.methods;
        self.code += other.code;
    }

    /// Reads `C1 {speed: …; standard: T s, B bytes, N methods; osr: …; nmethods_size: …; nmethods_code_size: …}`.
    fn parse(line: &str) -> Option<Tier> {
        let (_, body) = line.split_once('{')?;
        let mut tier = Tier::default();
        for part in body.trim_end_matches(['}', ' ']).split(';') {
            let (key, value) = part.split_once(':')?;
            let number = |text: &str| text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
            match key.trim() {
                "standard" | "osr" => {
                    let mut fields = value.split(',').filter_map(number);
                    tier.seconds += fields.next()?;
                    tier.bytecodes += fields.next()?;
                    tier.methods += fields.next()?;
                }
                "nmethods_code_size" => tier.code += number(value)?,
                _ => {}
            }
        }
        Some(tier)
    }
}

pub fn run(c: &Common) -> Result<()> {
    let setting = c.setting(1, 5.0, Clock::Process)?;
    let classes = setting.compile()?.to_string_lossy().into_owned();
    let programs = setting.programs(crate::is_program)?;
    let mut machines = vec![
        c.reference("HotSpot", "-XX:+UseSerialGC"),
        c.reference("HotSpot, C1 only", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
    ];
    machines.extend(c.caturra(&[("Caturra, T1 only", "-XX:TieredStopAtLevel=1"), ("Caturra", "")])?);
    let mut table = Table::new(
        ["VM", "compiler", "methods", "bytecodes", "compile s", "µs a bytecode", "code bytes a bytecode"]
            .map(str::to_owned),
    );
    let mut failures = Vec::new();
    for machine in &machines {
        let machine = Machine {
            options: machine.options.iter().cloned().chain(["-XX:+CITime".to_owned()]).collect(),
            ..machine.clone()
        };
        // HotSpot says C1 and C2, Caturra T1 and T2.
        let mut sums: Vec<(&str, Tier)> =
            ["C1", "C2", "T1", "T2"].map(|name| (name, Tier::default())).to_vec();
        for program in &programs {
            progress(&format!("{program}: {}", machine.name));
            let arguments =
                ["-cp", &classes, program, "5000", &setting.seconds.to_string()].map(str::to_owned);
            let limit = Duration::from_secs_f64(60.0 + 20.0 * setting.seconds);
            let run = process::run(&machine, "java", &arguments, &setting.target.join("work"), limit)?;
            if let Some(failure) = run.failure {
                failures.push(format!("{program} on {}: {failure}", machine.name));
            }
            for line in run.stdout.lines() {
                for (name, sum) in &mut sums {
                    if line.trim_start().strip_prefix(*name).is_some_and(|l| l.starts_with(" {")) {
                        sum.add(Tier::parse(line).unwrap_or_default());
                    }
                }
            }
        }
        progress("");
        for (name, t) in sums.iter().filter(|(_, t)| t.methods > 0.0) {
            table.row([
                machine.name.clone(),
                (*name).to_owned(),
                format!("{}", t.methods),
                format!("{}", t.bytecodes),
                figure(t.seconds),
                figure(t.seconds * 1e6 / t.bytecodes),
                figure(t.code / t.bytecodes),
            ]);
        }
    }
    let mut text = format!(
        "## Compilation\n\nSums over the benchmark programs, one run of each, as `-XX:+CITime` gives them. A method's \
         bytecodes are its own and those inlined into it, as each VM counts them.\n\n{table}\n"
    );
    for failure in failures {
        text.push_str(&format!("- failed: {failure}\n"));
    }
    text.push_str(&report::conditions(&setting, &machines));
    c.publish("compile", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_hotspot() {
        let line = "  C1 {speed: 70603.519 bytes/s; standard:  0.001 s, 95 bytes, 3 methods; osr:  0.002 s, 5 bytes, \
                    1 methods; nmethods_size: 1664 bytes; nmethods_code_size: 1216 bytes}";
        let expected = Tier { seconds: 0.003, bytecodes: 100.0, methods: 4.0, code: 1216.0 };
        assert_eq!(Tier::parse(line), Some(expected));
        assert_eq!(Tier::parse("C1 is a compiler"), None);
    }
}
