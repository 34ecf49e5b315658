//! Compiles what has changed, all in one run of the reference JDK's compiler.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::program::Program;

/// A Java program that drives `javax.tools` for many jobs in one VM: each test has a class directory of its
/// own, and yet `javac` starts once.
const DRIVER: &str = include_str!("../java/CompileDriver.java");

pub fn class_dir(target: &Path, program: &Program) -> PathBuf {
    target.join("classes").join(&program.name)
}

fn stamp_file(target: &Path, program: &Program) -> PathBuf {
    target.join("classes").join(format!("{}.stamp", program.name))
}

/// Compiles the programs whose sources, or whose compiler, are not those of the class files present.
/// Returns what the compiler had to say about each program that failed.
pub fn compile(
    programs: &[&Program],
    java_home: &Path,
    jdk_id: &str,
    target: &Path,
    jobs: usize,
) -> Result<HashMap<String, String>> {
    let stamp = |p: &Program| format!("{:016x} {:016x} {jdk_id}", p.hash, crate::hash_of(DRIVER));
    let stale: Vec<&&Program> = programs
        .iter()
        .filter(|p| fs::read_to_string(stamp_file(target, p)).ok().as_deref() != Some(&*stamp(p)))
        .collect();
    if stale.is_empty() {
        return Ok(HashMap::new());
    }
    eprintln!("compiling {} of {} programs", stale.len(), programs.len());
    let mut manifest = String::new();
    for program in &stale {
        let _ = fs::remove_file(stamp_file(target, program));
        write_job(&mut manifest, program, &class_dir(target, program))?;
    }
    fs::create_dir_all(target)?;
    let driver = target.join("CompileDriver.java");
    let list = target.join("compile.manifest");
    fs::write(&driver, DRIVER)?;
    fs::write(&list, manifest)?;
    let output = Command::new(java_home.join("bin/java"))
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--add-modules", "ALL-SYSTEM"])
        .arg(format!("-Djava.util.concurrent.ForkJoinPool.common.parallelism={jobs}"))
        .arg(&driver)
        .arg(&list)
        .output()
        .context("cannot start the reference JDK's compiler")?;
    ensure!(
        output.status.success(),
        "the compile driver failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut failed: HashMap<String, String> = HashMap::new();
    let mut done = 0;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.split_once('\t') {
            Some(("fail", rest)) => {
                let (name, message) = rest.split_once('\t').unwrap_or((rest, ""));
                let text = failed.entry(name.to_owned()).or_default();
                text.push_str(message);
                text.push('\n');
            }
            Some(("done", _)) => done += 1,
            _ => eprintln!("{line}"),
        }
    }
    ensure!(done == stale.len(), "the compile driver reported {done} of {} programs", stale.len());
    for program in stale.iter().filter(|p| !failed.contains_key(&p.name)) {
        fs::write(stamp_file(target, program), stamp(program))?;
    }
    Ok(failed)
}

fn write_job(manifest: &mut String, program: &Program, out: &Path) -> Result<()> {
    writeln!(manifest, "job\t{}\t{}", program.name, out.display())?;
    for option in &program.directives.javac {
        writeln!(manifest, "option\t{option}")?;
    }
    for stage in &program.stages {
        writeln!(manifest, "stage")?;
        for source in &stage.sources {
            writeln!(manifest, "source\t{}", source.display())?;
        }
    }
    for action in &program.directives.actions {
        writeln!(manifest, "action\t{action}")?;
    }
    Ok(())
}
