//! What the harness of a Java benchmark prints, and the statistics over it.

use anyhow::{Context, Result};

use crate::process::Run;

/// The clock that figures are taken by.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Clock {
    /// Elapsed time: what a user waits. Wants an idle machine.
    Wall,
    /// Processor time of the thread that iterates: steady on a busy machine, blind to work of other threads.
    Thread,
    /// Processor time of the whole process: collector and compilers are in it.
    Process,
}

/// One run of one benchmark.
pub struct Sample {
    pub checksum: String,
    /// Milliseconds of each iteration.
    pub wall: Vec<f64>,
    /// Milliseconds since the start of the first iteration, at the end of each.
    thread: Vec<f64>,
    process: Vec<f64>,
    /// Milliseconds from the start of the process to the first iteration, about.
    pub before: f64,
    pub cpu_seconds: f64,
    pub peak_mib: f64,
}

impl Sample {
    pub fn parse(run: &Run) -> Result<Sample> {
        let mut sample = Sample {
            checksum: String::new(),
            wall: Vec::new(),
            thread: Vec::new(),
            process: Vec::new(),
            before: 0.0,
            cpu_seconds: run.cpu.as_secs_f64(),
            peak_mib: run.peak_kib as f64 / 1024.0,
        };
        for line in run.stdout.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["checksum", value] => sample.checksum = (*value).to_owned(),
                ["time", wall, thread, process] => {
                    sample.wall.push(wall.parse::<f64>()? / 1e6);
                    sample.thread.push(thread.parse::<f64>()? / 1e6);
                    sample.process.push(process.parse::<f64>()?);
                }
                _ => {}
            }
        }
        sample.wall.first().context("the benchmark printed no times")?;
        sample.before = (run.wall.as_secs_f64() * 1e3 - sample.wall.iter().sum::<f64>()).max(0.0);
        Ok(sample)
    }

    /// Milliseconds of one iteration once warm: over the second half of them.
    pub fn steady(&self, clock: Clock) -> f64 {
        let n = self.wall.len();
        let half = n / 2;
        let cumulative = match clock {
            Clock::Wall => return median(&self.wall[half..]),
            Clock::Thread => &self.thread,
            Clock::Process => &self.process,
        };
        let before = if half == 0 { 0.0 } else { cumulative[half - 1] };
        (cumulative[n - 1] - before) / (n - half) as f64
    }
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Of the values that are numbers.
pub fn geometric_mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0);
    for v in values {
        if v.is_finite() && v > 0.0 {
            sum += v.ln();
            n += 1;
        }
    }
    if n == 0 { f64::NAN } else { (sum / f64::from(n)).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn statistics() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!((geometric_mean([1.0, 4.0, f64::NAN]) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn steady_state_is_the_second_half() {
        let run = Run {
            stdout: "checksum 7\ntime 9000000 9000000 10\ntime 5000000 12000000 20\ntime 1000000 13000000 20\ntime 3000000 16000000 20\n".into(),
            failure: None,
            wall: Duration::from_millis(50),
            cpu: Duration::from_millis(20),
            peak_kib: 2048,
        };
        let sample = Sample::parse(&run).expect("well formed");
        assert_eq!(sample.steady(Clock::Wall), 2.0);
        assert_eq!(sample.steady(Clock::Thread), 2.0);
        assert_eq!(sample.steady(Clock::Process), 0.0);
        assert_eq!(sample.before, 32.0);
    }
}
