//! The class files that are changed: compiled test programs, and classes of the JDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::batch::{Case, Group};
use crate::model::{Constant, Model, UTF8};

#[path = "../../classfile/tests/common/mod.rs"]
mod image;

/// Areas of `tests/java` whose programs are small and compute only.
const AREAS: &[&str] = &[
    "arrays",
    "basic",
    "bytecode",
    "classes",
    "exceptions",
    "handles",
    "indy",
    "invoke",
    "memory",
    "reflect",
    "regression",
    "text",
    "util",
];
/// Longer class files take long and teach little.
const LONGEST: usize = 24 * 1024;

/// Compiles the driver and the programs, where that was not done yet; the directory of the driver's classes.
pub fn compile(java_home: &Path, sources: &Path, target: &Path) -> Result<PathBuf> {
    let driver = target.join("driver");
    fs::create_dir_all(&driver)?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("java");
    let javac = |arguments: &mut Command| -> Result<()> {
        let output = arguments.output().context("javac")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    javac(
        Command::new(java_home.join("bin/javac"))
            .args(["-nowarn", "-Xlint:none", "-d"])
            .arg(&driver)
            .args([own.join("Driver.java"), own.join("Compile.java")]),
    )?;
    let classes = target.join("classes");
    let is_stale = |source: &PathBuf| {
        let name = source.file_stem().unwrap_or_default();
        let area = source.parent().and_then(Path::file_name).unwrap_or_default();
        let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        time(&classes.join(area).join(name)) < time(source)
    };
    let stale: Vec<PathBuf> = programs(sources)?.into_iter().filter(is_stale).collect();
    if !stale.is_empty() {
        javac(
            Command::new(java_home.join("bin/java"))
                .args(["-XX:+UseSerialGC", "-cp"])
                .args([&driver, Path::new("Compile"), &classes])
                .args(stale),
        )?;
    }
    Ok(driver)
}

/// The programs that need nothing special, neither of the compiler nor of the virtual machine.
fn programs(sources: &Path) -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for area in AREAS {
        let folder = sources.join(area);
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "java")
                && !fs::read_to_string(&path)?.lines().take(12).any(|line| line.starts_with("//@"))
            {
                programs.push(path);
            }
        }
    }
    programs.sort();
    Ok(programs)
}

/// The compiled programs, each class of which is a case.
pub fn program_cases(sources: &Path, target: &Path, groups: &mut Vec<Group>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for source in programs(sources)? {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let area = source.parent().and_then(Path::file_name).unwrap_or_default();
        let mut classes = Vec::new();
        for entry in fs::read_dir(target.join("classes").join(area).join(&name))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "class") {
                let class = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                classes.push((class, fs::read(&path)?));
            }
        }
        classes.sort();
        for (class, bytes) in classes.iter().filter(|(_, bytes)| bytes.len() <= LONGEST) {
            cases.push(Case { group: groups.len(), name: class.clone(), calls: true, bytes: bytes.clone() });
        }
        groups.push(Group { main: name, classes });
    }
    Ok(cases)
}

/// Every `step`th class of the JDK. Those of `java` packages, which no other loader may define, get other names.
pub fn jdk_cases(step: usize, group: usize) -> Vec<Case> {
    let Some(image) = image::Image::open_reference() else { return Vec::new() };
    let (mut cases, mut number) = (Vec::new(), 0);
    image.for_each_class(|_, name, bytes| {
        number += 1;
        if number % step != 0 || bytes.len() > LONGEST || name.ends_with("module-info") {
            return;
        }
        let Some(mut model) = Model::read(bytes) else { return };
        let mut own = name.to_owned();
        if own.starts_with("java/") {
            own.replace_range(..4, "moved");
            rename(&mut model, name.as_bytes(), own.as_bytes());
        }
        cases.push(Case { group, name: own.replace('/', "."), calls: false, bytes: model.write() });
    });
    cases
}

/// Gives the class another name wherever its constants mention it.
fn rename(model: &mut Model, old: &[u8], new: &[u8]) {
    for Constant { data, .. } in model.pool.iter_mut().flatten().filter(|constant| constant.tag == UTF8) {
        let mut at = 0;
        while let Some(found) = data[at..].windows(old.len()).position(|part| part == old) {
            let start = at + found;
            let before = start == 0 || matches!(data[start - 1], b'L' | b'[');
            let end = start + old.len();
            let after = data.get(end).is_none_or(|byte| b";$<".contains(byte));
            at = end;
            if before && after {
                data.splice(start..end, new.iter().copied());
                at = start + new.len();
            }
        }
    }
}
