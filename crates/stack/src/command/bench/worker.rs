//! The process that runs a program on one engine and says how long it took.

use super::super::{Failure, Outcome, console};
use crate::cbc;
use crate::engine::{Engine, Loaded, Mode};
use crate::machine::{End, FaultKind, Limits};
use crate::verify::{Verified, verify};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The name of the command behind this.
pub const WORKER: &str = "bench-engine";

/// A run longer than this is not repeated, and ends the growth of the input.
const LONG: Duration = Duration::from_millis(250);
/// A run is not waited for any longer.
const LIMIT: Duration = Duration::from_secs(1);
/// How long runs with one input are repeated.
const REPEAT: Duration = Duration::from_millis(60);
const FEWEST: u32 = 3;
/// How long a program runs before an optimising compiler is expected to be done with it.
const WARM_UP: Duration = Duration::from_millis(1500);
/// An input this large that takes about as long as the smallest does not decide how long the program runs.
const LARGE: i32 = 1_000_000;
/// Inputs tried between the last one that worked and the first that did not.
const BISECTIONS: u32 = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum WorkerMode {
    Interpreter,
    Tier1,
    Tier2,
}

#[derive(Args)]
pub struct WorkerArgs {
    file: PathBuf,
    #[arg(long, value_enum)]
    mode: WorkerMode,
    #[arg(long)]
    vary: Option<usize>,
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    inputs: Vec<String>,
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    sizes: Vec<i32>,
}

struct Runner<'p> {
    engine: Engine,
    loaded: Loaded<'p>,
    inputs: Vec<i32>,
    vary: Option<usize>,
}

impl Runner<'_> {
    /// One run; how long it took, or why it counts for nothing.
    fn once(&mut self, size: i32, limit: Option<Duration>) -> Result<Result<Duration, FaultKind>, Failure> {
        if let Some(vary) = self.vary {
            self.inputs[vary] = size;
        }
        let started = Instant::now();
        let end = self.engine.run(&self.loaded, &self.inputs, limit)?;
        let took = started.elapsed();
        Ok(match end {
            End::Halted(_) => Ok(took),
            End::Fault(fault) => Err(fault.kind),
        })
    }

    /// Several runs; the shortest is printed.
    fn sample(&mut self, size: i32) -> Result<Result<Duration, FaultKind>, Failure> {
        let started = Instant::now();
        let first = match self.once(size, Some(LIMIT))? {
            Ok(first) => first,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut best = first;
        let mut runs = 1;
        while first < LIMIT
            && (runs < FEWEST || started.elapsed() < REPEAT)
            && !(runs > 1 && started.elapsed() > LIMIT)
        {
            match self.once(size, None)? {
                Ok(took) => best = best.min(took),
                Err(fault) => return Ok(Err(fault)),
            }
            runs += 1;
        }
        println!("sample {size} {} {}", best.as_nanos(), first.as_nanos());
        Ok(Ok(best))
    }

    /// Samples with growing input: 1, 3, 10, 30 .. until a run is long or fails, and then between the last two.
    fn grow(&mut self) -> Result<(), Failure> {
        let mut good = None;
        let mut bad = None;
        let mut least = Duration::MAX;
        let mut size = 1i32;
        while bad.is_none() {
            match self.sample(size)? {
                Ok(best) if best > LONG => return Ok(()),
                Ok(best) => {
                    good = Some(size);
                    least = least.min(best);
                    if size >= LARGE && best < 4 * least {
                        println!("the time does not grow with this input");
                        return Ok(());
                    }
                }
                Err(fault) => bad = Some((size, fault)),
            }
            let leading_one = size.to_string().starts_with('1');
            let next = if leading_one { size.checked_mul(3) } else { (size / 3).checked_mul(10) };
            match next {
                Some(next) => size = next,
                None => return Ok(()),
            }
        }
        let (Some(mut good), Some((mut bad, mut fault))) = (good, bad) else {
            let why = bad.map_or_else(String::new, |(_, fault)| fault.to_string());
            return Err(format!("the program cannot be measured: {why} with the smallest input").into());
        };
        for _ in 0..BISECTIONS {
            let middle = good + (bad - good) / 2;
            if middle == good {
                break;
            }
            match self.sample(middle)? {
                Ok(best) if best > LONG => return Ok(()),
                Ok(_) => good = middle,
                Err(f) => (bad, fault) = (middle, f),
            }
        }
        if fault != FaultKind::TimedOut {
            println!("with {bad} the program ends by a fault: {fault}");
        }
        Ok(())
    }

    /// Runs until an optimising compiler has had its time.
    fn warm_up(&mut self, sizes: &[i32]) -> Result<(), Failure> {
        let started = Instant::now();
        while started.elapsed() < WARM_UP {
            for size in sizes {
                // What counts is measured afterwards.
                let _ = self.once(*size, Some(LIMIT))?;
                if started.elapsed() >= WARM_UP {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn highest_tier(runner: &Runner<'_>, program: &Verified) -> u8 {
    let tiers = (0..program.functions().len()).filter_map(|f| runner.engine.machine_code(&runner.loaded, f));
    tiers.map(|code| code.tier).max().unwrap_or(0)
}

pub fn worker(args: &WorkerArgs) -> Outcome {
    let content = super::super::source::read_file(&args.file)?;
    let program = cbc::read(&content)?;
    let program = verify(program).map_err(|e| Failure::from(&e[0]))?;
    let mode = match args.mode {
        WorkerMode::Interpreter => Mode::Interpreter,
        WorkerMode::Tier1 => Mode::Tier1,
        WorkerMode::Tier2 => Mode::Auto,
    };
    let engine = Engine::boot(mode)?;
    engine.set_output(|_| ());
    let loaded = engine.load(&program, "Program", Limits::default())?;
    let inputs: Vec<i32> =
        args.inputs.iter().filter(|w| !w.is_empty()).map(|w| w.parse()).collect::<Result<_, _>>()?;
    let mut runner = Runner { engine, loaded, inputs, vary: args.vary };
    let sizes = match (args.sizes.as_slice(), args.vary) {
        ([], None) => vec![0],
        (sizes, _) => sizes.to_vec(),
    };
    if args.mode == WorkerMode::Tier2 {
        runner.warm_up(&sizes)?;
    }
    if sizes.is_empty() {
        runner.grow()?;
    }
    for size in sizes {
        if let Err(fault) = runner.sample(size)? {
            return Err(format!("the program cannot be measured with {size}: {fault}").into());
        }
    }
    if let Some(c) = runner.engine.compiled().filter(|c| c.methods > 0) {
        println!("compiled {} {}", c.time.as_nanos(), c.code_bytes);
    }
    if highest_tier(&runner, &program) > 1 {
        println!("tier 2");
    }
    console::print("");
    Ok(ExitCode::SUCCESS)
}
