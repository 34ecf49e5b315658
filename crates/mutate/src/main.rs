//! `mutate`: changes valid class files at random and compares what the reference JDK and Caturra make of each: both
//! accept it and do the same, or both reject it with the same error.

mod batch;
mod compare;
mod corpus;
mod model;
mod mutators;
mod random;
mod runner;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;

use crate::batch::{Case, Group};
use crate::compare::{Verdict, compare, reached};
use crate::model::Model;
use crate::random::Random;
use crate::runner::Machine;

#[derive(Parser)]
#[command(about = "Changes valid class files and compares what the reference JDK and Caturra make of them")]
struct Options {
    /// The JDK under test, as `caturra jdk DIR` makes it.
    #[arg(long)]
    jdk: PathBuf,
    /// The reference JDK.
    #[arg(long, default_value = "/usr/lib/jvm/java-17-openjdk-amd64")]
    java_home: PathBuf,
    /// Directory of the test programs.
    #[arg(long, default_value = "tests/java")]
    tests: PathBuf,
    /// Where class files, batches and differences go.
    #[arg(long, default_value = "target/mutate")]
    target: PathBuf,
    /// Class files to make.
    #[arg(long, short = 'n', default_value_t = 6000)]
    count: usize,
    /// Other numbers, other mutations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Class files for one process.
    #[arg(long, default_value_t = 5000)]
    batch: usize,
    /// Milliseconds after which a class file's code is stopped.
    #[arg(long, default_value_t = 1000)]
    limit: u32,
    /// Every how many classes of the JDK one is taken.
    #[arg(long, default_value_t = 40)]
    step: usize,
    /// More options for the VM under test.
    #[arg(long, allow_hyphen_values = true, default_value = "")]
    vm_options: String,
    /// Past findings, which are run first.
    #[arg(long, default_value = "crates/mutate/findings")]
    findings: PathBuf,
    /// Only runs these cases (files that an earlier run kept), and shows everything.
    #[arg(long, num_args = 1..)]
    replay: Vec<PathBuf>,
}

/// Programs that take longer, in microseconds, are loaded and initialised but not called.
const SHORT: u64 = 10_000;

/// The two virtual machines, and the second once more with identity hashes of its own kind: what differs between
/// these two is not told by the specification.
struct Machines {
    ours: Machine,
    theirs: Machine,
    other: Machine,
}

fn machines(options: &Options, driver: &Path) -> Result<Machines> {
    let absolute = |path: &Path| fs::canonicalize(path).with_context(|| path.display().to_string());
    let machine = |name: &str, home: &Path, words: &[&str]| -> Result<Machine> {
        let work = options.target.join("work").join(name);
        fs::create_dir_all(&work)?;
        Ok(Machine {
            home: absolute(home)?,
            options: words.iter().map(|&word| word.to_owned()).collect(),
            driver: absolute(driver)?,
            work: absolute(&work)?,
            limit: options.limit,
        })
    };
    let own: Vec<&str> = options.vm_options.split_whitespace().collect();
    let reference = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-CreateCoredumpOnCrash"];
    let other = [&reference[..], &["-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=2"]].concat();
    Ok(Machines {
        ours: machine("ours", &options.jdk, &own)?,
        theirs: machine("theirs", &options.java_home, &reference)?,
        other: machine("other", &options.java_home, &other)?,
    })
}

/// What both say to the cases.
fn run_both(
    machines: (&Machine, &Machine),
    batch: &Path,
    count: usize,
    verbose: bool,
) -> Result<(Vec<String>, Vec<String>)> {
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| runner::run(machines.0, batch, count, verbose));
        let theirs = runner::run(machines.1, batch, count, verbose)?;
        let ours = ours.join().map_err(|_| anyhow::anyhow!("the runner panicked"))??;
        Ok((ours, theirs))
    })
}

#[derive(Default)]
struct Totals {
    files: usize,
    other_message: usize,
    timed_out: usize,
    exhausted: usize,
    unstable: usize,
    /// Both reject, for different methods: the order in which methods are verified is each machine's own.
    other_method: usize,
    /// Where the reference's way ended.
    reached: BTreeMap<String, usize>,
    /// Class files that each kind of mutation was in.
    mutations: BTreeMap<&'static str, usize>,
    /// By kind: how often, and a case.
    different: BTreeMap<String, (usize, PathBuf)>,
}

impl Totals {
    fn show(&self, seconds: f64) {
        println!("{} class files in {seconds:.0} s", self.files);
        for (kind, count) in &self.mutations {
            println!("  {count:7}  {kind}");
        }
        println!("How the reference took them:");
        let mut reached: Vec<_> = self.reached.iter().collect();
        reached.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (what, count) in reached {
            println!("  {count:7}  {what}");
        }
        println!(
            "Equal but for: {} other messages, {} another bad method first, {} stopped by the clock, {} out of stack \
             or heap, {} where the reference contradicts itself",
            self.other_message, self.other_method, self.timed_out, self.exhausted, self.unstable
        );
        for (kind, (count, path)) in &self.different {
            println!("DIFFERENT {count} times, {}: {kind}", path.display());
        }
    }
}

/// The seeds that may be called: those that are quick and whose unchanged form does the same everywhere.
fn baseline(machines: &Machines, target: &Path, groups: &[Group], seeds: &mut Vec<Case>) -> Result<()> {
    let path = target.join("seeds");
    batch::write(&path, groups, seeds)?;
    let (ours, theirs) = run_both((&machines.ours, &machines.theirs), &path, seeds.len(), true)?;
    let other = runner::run(&machines.other, &path, seeds.len(), true)?;
    let split = |outcome: &str| -> (String, u64) {
        let (stages, time) = outcome.rsplit_once("\ttime=").unwrap_or((outcome, ""));
        (stages.to_owned(), time.parse().unwrap_or(u64::MAX))
    };
    let mut number = 0;
    let (mut callable, mut unlike) = (0, 0);
    seeds.retain_mut(|case| {
        let (ours, _) = split(&ours[number]);
        let ((theirs, time), (other, _)) = (split(&theirs[number]), split(&other[number]));
        number += 1;
        let stable = theirs == other && time < SHORT;
        let equal = !matches!(compare(&ours, &theirs), Verdict::Different(_));
        if stable && !equal {
            unlike += 1;
            println!("not equal unchanged: {}\n  ours:   {ours}\n  theirs: {theirs}", case.name);
        }
        case.calls &= stable && equal;
        callable += usize::from(case.calls);
        reached(&theirs) == "accepted"
    });
    println!("{} seeds, {callable} of them called, {unlike} unlike", seeds.len());
    Ok(())
}

fn mutant(seeds: &[Case], random: &mut Random, totals: &mut Totals) -> Option<Case> {
    let seed = random.pick(seeds)?;
    let mut bytes = seed.bytes.clone();
    if random.chance(4) {
        mutators::mutate_bytes(&mut bytes, random);
        *totals.mutations.entry("raw bytes").or_default() += 1;
    } else {
        let mut model = Model::read(&bytes)?;
        for name in mutators::mutate(&mut model, random) {
            *totals.mutations.entry(name).or_default() += 1;
        }
        bytes = model.write();
    }
    Some(Case { bytes, ..seed.clone() })
}

fn judge(
    machines: &Machines,
    target: &Path,
    groups: &[Group],
    cases: &[Case],
    totals: &mut Totals,
) -> Result<()> {
    let path = target.join("batch");
    batch::write(&path, groups, cases)?;
    let (ours, theirs) = run_both((&machines.ours, &machines.theirs), &path, cases.len(), false)?;
    totals.files += cases.len();
    let mut suspects = Vec::new();
    for ((ours, theirs), case) in ours.iter().zip(&theirs).zip(cases) {
        *totals.reached.entry(reached(theirs)).or_default() += 1;
        match compare(ours, theirs) {
            Verdict::Same => {}
            Verdict::OtherMessage => totals.other_message += 1,
            Verdict::TimedOut => totals.timed_out += 1,
            Verdict::Exhausted => totals.exhausted += 1,
            Verdict::Different(_) => suspects.push(case.clone()),
        }
    }
    if suspects.is_empty() {
        return Ok(());
    }
    // Once more, among themselves: some differences come from what an earlier case left behind.
    batch::write(&path, groups, &suspects)?;
    let (ours, theirs) = run_both((&machines.ours, &machines.theirs), &path, suspects.len(), false)?;
    let other = runner::run(&machines.other, &path, suspects.len(), false)?;
    for (number, case) in suspects.iter().enumerate() {
        let Verdict::Different(kind) = compare(&ours[number], &theirs[number]) else {
            totals.unstable += 1;
            continue;
        };
        if matches!(compare(&other[number], &theirs[number]), Verdict::Different(_)) {
            totals.unstable += 1;
            continue;
        }
        if both_reject(&ours[number], &theirs[number]) && is_order_of_methods(machines, target, groups, case)?
        {
            totals.other_method += 1;
            continue;
        }
        let next = totals.different.len();
        let (count, _) = totals
            .different
            .entry(kind)
            .or_insert_with(|| (0, target.join("differences").join(format!("{next}.case"))));
        *count += 1;
        if *count <= 3 {
            let name =
                if *count == 1 { format!("{next}.case") } else { format!("{next}-{count}-{number}.case") };
            batch::write_single(&target.join("differences").join(name), groups, case)?;
        }
    }
    Ok(())
}

/// Whether both machines fail at the same stage, with errors that verification can end in.
fn both_reject(ours: &str, theirs: &str) -> bool {
    let failed = |outcome: &str| {
        let stage = outcome.split('\t').find_map(|stage| stage.split_once("=!java.lang."))?;
        let of_verifier = ["VerifyError", "ClassFormatError", "NoClassDefFoundError", "IllegalAccessError"];
        of_verifier.iter().any(|error| stage.1.starts_with(error)).then(|| stage.0.to_owned())
    };
    failed(ours).is_some_and(|stage| stage != "define" && failed(theirs) == Some(stage))
}

/// Whether the machines agree on every method of a class file by itself, the others being made harmless.
fn is_order_of_methods(machines: &Machines, target: &Path, groups: &[Group], case: &Case) -> Result<bool> {
    let Some(model) = Model::read(&case.bytes) else { return Ok(false) };
    let count = model.clone().codes().len();
    let alone = |kept: usize| {
        let mut model = model.clone();
        for (_, code) in model.codes().into_iter().enumerate().filter(|(number, _)| *number != kept) {
            code.throw_null();
        }
        Case { bytes: model.write(), calls: false, ..case.clone() }
    };
    let variants: Vec<Case> = (0..count).map(alone).collect();
    let path = target.join("variants");
    batch::write(&path, groups, &variants)?;
    let (ours, theirs) = run_both((&machines.ours, &machines.theirs), &path, variants.len(), false)?;
    Ok(ours.iter().zip(&theirs).all(|(ours, theirs)| !matches!(compare(ours, theirs), Verdict::Different(_))))
}

/// Runs single cases and shows what becomes of them; how many are not equal.
fn replay(machines: &Machines, paths: &[PathBuf], show: bool) -> Result<usize> {
    let mut different = 0;
    for path in paths {
        let (_, cases) = batch::read(path)?;
        let path = fs::canonicalize(path)?;
        let (ours, theirs) = run_both((&machines.ours, &machines.theirs), &path, cases.len(), true)?;
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let strip = |text: &str| text.rsplit_once("\ttime=").map_or(text, |(text, _)| text).to_owned();
            let verdict = compare(&strip(ours), &strip(theirs));
            let equal = !matches!(verdict, Verdict::Different(_));
            different += usize::from(!equal);
            if show || !equal {
                println!("{}: {verdict:?}\n  ours:   {ours}\n  theirs: {theirs}", path.display());
            }
        }
    }
    Ok(different)
}

fn cases_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    paths.sort();
    paths
}

fn run(options: &Options) -> Result<bool> {
    let start = Instant::now();
    let target = &options.target;
    fs::create_dir_all(target.join("differences"))?;
    let target = &fs::canonicalize(target)?;
    let driver = corpus::compile(&options.java_home, &options.tests, target)?;
    let machines = machines(options, &driver)?;
    if !options.replay.is_empty() {
        return Ok(replay(&machines, &options.replay, true)? == 0);
    }
    let findings = cases_in(&options.findings);
    let broken = replay(&machines, &findings, false)?;
    println!("{} past findings, {broken} of them different", findings.len());
    for old in cases_in(&target.join("differences")) {
        fs::remove_file(old)?;
    }

    let mut groups = Vec::new();
    let mut seeds = corpus::program_cases(&options.tests, target, &mut groups)?;
    groups.push(Group { main: String::new(), classes: Vec::new() });
    seeds.extend(corpus::jdk_cases(options.step, groups.len() - 1));
    baseline(&machines, target, &groups, &mut seeds)?;
    let mut random = Random::new(options.seed);
    let mut totals = Totals::default();
    while totals.files < options.count {
        let wanted = options.batch.min(options.count - totals.files);
        let mut cases = Vec::with_capacity(wanted);
        while cases.len() < wanted {
            cases.extend(mutant(&seeds, &mut random, &mut totals));
        }
        judge(&machines, target, &groups, &cases, &mut totals)?;
        let different: usize = totals.different.values().map(|(count, _)| count).sum();
        eprintln!("{} done, {different} different, {:.0} s", totals.files, start.elapsed().as_secs_f64());
    }
    totals.show(start.elapsed().as_secs_f64());
    Ok(totals.different.is_empty() && broken == 0)
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("mutate: {e:#}");
            ExitCode::from(2)
        }
    }
}
