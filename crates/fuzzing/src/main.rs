//! `fuzz-seeds DIR [STEP]`: writes the seed corpus of each target into a directory below DIR, made of every STEPth
//! class of an installed JDK (100 by default).

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use caturra_fuzzing::{TARGETS, jdk};

/// Seeds longer than this make a fuzzer slow and teach it little.
const LONGEST: usize = 16 * 1024;

fn write(dir: &Path, step: usize) -> io::Result<()> {
    let Some(classes) = jdk::classes(step) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no JDK 17: install openjdk-17-jdk-headless"));
    };
    for target in TARGETS {
        let folder = dir.join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = (target.seeds)(&classes);
        let seeds = seeds.iter().filter(|seed| seed.len() <= LONGEST);
        let mut count = 0;
        for seed in seeds {
            fs::write(folder.join(format!("seed-{count:05}")), seed)?;
            count += 1;
        }
        println!("{}: {count} seeds", target.name);
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let step = |text: std::ffi::OsString| text.to_str().and_then(|text| text.parse().ok());
    let (Some(dir), step) = (arguments.next(), arguments.next().map_or(Some(100), step)) else {
        eprintln!("usage: fuzz-seeds DIR [STEP]");
        return ExitCode::from(2);
    };
    match step.map(|step: usize| write(Path::new(&dir), step.max(1))) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(e)) => {
            eprintln!("fuzz-seeds: {e}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("usage: fuzz-seeds DIR [STEP]");
            ExitCode::from(2)
        }
    }
}
