//! The verifier accepts what HotSpot accepts and rejects the rest with the same error and the same message to the
//! last line: compared over mutations of compiled classes. Skipped, with a note, where there is no JDK 17.
//!
//! `CATURRA_FUZZ_ROUNDS` and `CATURRA_FUZZ_SEED` make longer and other runs. With `CATURRA_HOME`, a JDK that has
//! Caturra as its virtual machine, the class files are linked there too, with the answers of the verifier alone.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use caturra_bytecode::Instructions;
use caturra_classfile::{ClassFile, ParseOptions};
use common::{Info, World, hotspot};

/// The newest version that the reference knows.
const MAX_MAJOR: u16 = 61;
/// Class files that one virtual machine gets.
const BATCH: usize = 20_000;

/// A generator of the same numbers in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }
}

/// The compiled subjects: name and content.
fn subjects(dir: &Path) -> Vec<(String, Vec<u8>)> {
    all_subjects(dir).into_iter().filter(|(name, _)| !name.starts_with("Old")).collect()
}

fn all_subjects(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut subjects = Vec::new();
    for folder in ["", "other/"] {
        for entry in fs::read_dir(dir.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let base = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_some_and(|extension| extension == "class") && base != "Link" {
                subjects.push((format!("{folder}{base}"), fs::read(path).unwrap()));
            }
        }
    }
    subjects.sort();
    subjects
}

fn parse<'a>(name: &str, file: &'a [u8]) -> Option<ClassFile<'a>> {
    let options = ParseOptions::application(MAX_MAJOR);
    ClassFile::parse(file, &options.expecting(name.as_bytes())).ok()
}

/// Parts of a class file that the verifier reads: start and length.
struct Sites {
    /// Instructions.
    instructions: Vec<(usize, usize)>,
    /// Bytes of stack maps.
    frames: Vec<(usize, usize)>,
    /// Sizes of stack and locals, exception tables, other attributes of the code.
    code: Vec<(usize, usize)>,
    pool: (usize, usize),
    constants: usize,
}

fn sites(file: &[u8]) -> Sites {
    let class = ClassFile::parse(file, &ParseOptions::application(MAX_MAJOR)).unwrap();
    let offset = |bytes: &[u8]| bytes.as_ptr().addr() - file.as_ptr().addr();
    let (mut instructions, mut frames, mut code) = (Vec::new(), Vec::new(), Vec::new());
    for method in class.methods.iter().filter_map(|method| method.code.as_ref()) {
        let start = offset(method.bytes);
        for instruction in Instructions::new(method.bytes) {
            let instruction = instruction.unwrap();
            instructions.push((start + instruction.pc as usize, instruction.len()));
        }
        code.push((start - 8, 4));
        code.push((start + method.bytes.len(), 2 + method.exception_table.as_bytes().len()));
        code.push((offset(method.attributes.as_bytes()), method.attributes.as_bytes().len()));
        frames.extend(method.stack_map_table.map(|map| (offset(map), map.len())));
    }
    let pool_end = class.methods.first().map_or(file.len(), |_| {
        // Up to the first code; interfaces, fields and a header of a method lie between.
        instructions.first().map_or(file.len(), |first| first.0)
    });
    Sites { instructions, frames, code, pool: (10, pool_end - 10), constants: class.constant_pool.len() }
}

/// One mutation, of instructions mostly.
fn mutate(file: &mut [u8], sites: &Sites, random: &mut Random) {
    let byte_in = |range: (usize, usize), random: &mut Random| range.0 + random.below(range.1);
    match random.below(20) {
        // Another opcode.
        0..=4 => {
            let (at, _) = sites.instructions[random.below(sites.instructions.len())];
            let limit = if random.below(10) == 0 { 256 } else { 202 };
            file[at] = random.below(limit) as u8;
        }
        // Another operand.
        5..=7 => {
            let (at, length) = sites.instructions[random.below(sites.instructions.len())];
            if length > 1 {
                file[at + 1 + random.below(length - 1)] = match random.below(3) {
                    0 => random.below(8) as u8,
                    1 => random.below(sites.constants) as u8,
                    _ => random.below(256) as u8,
                };
            }
        }
        // A constant-pool index.
        8..=10 => {
            let (at, length) = sites.instructions[random.below(sites.instructions.len())];
            if length >= 3 {
                let index = random.below(sites.constants + 3) as u16;
                file[at + 1..at + 3].copy_from_slice(&index.to_be_bytes());
            }
        }
        // Another instruction of the same length.
        11..=12 => {
            let (at, length) = sites.instructions[random.below(sites.instructions.len())];
            let (from, other) = sites.instructions[random.below(sites.instructions.len())];
            if length == other {
                file.copy_within(from..from + length, at);
            }
        }
        // Nothing instead of an instruction.
        13 => {
            let (at, length) = sites.instructions[random.below(sites.instructions.len())];
            file[at..at + length].fill(0);
        }
        14..=16 if !sites.frames.is_empty() => {
            let range = sites.frames[random.below(sites.frames.len())];
            let at = byte_in(range, random);
            file[at] = match random.below(4) {
                0 => random.below(10) as u8,
                1 => random.below(256) as u8,
                2 => file[at].wrapping_add(1),
                _ => file[at].wrapping_sub(1),
            };
        }
        17..=18 => {
            let range = sites.code[random.below(sites.code.len())];
            let at = byte_in(range, random);
            file[at] = match random.below(3) {
                0 => random.below(16) as u8,
                1 => file[at].wrapping_add(1),
                _ => file[at].wrapping_sub(1),
            };
        }
        _ => {
            let at = byte_in(sites.pool, random);
            file[at] = random.below(sites.constants) as u8;
        }
    }
}

/// Whether what HotSpot says has nothing to do with verification: superclasses and methods that do not fit.
fn is_other(theirs: &str) -> bool {
    theirs.starts_with("not defined: ") || theirs.starts_with("java.lang.IncompatibleClassChangeError")
}

/// The whole virtual machine answers as the verifier does; where it finds something else, as HotSpot does.
fn compare_vm(name: &str, ours: &[String], theirs: &str, vm: &str, totals: &mut Totals) {
    let expected = if is_other(theirs) { theirs } else { ours.first().map_or("accepted", String::as_str) };
    // The reader sees the format before the superclass; HotSpot too, but for some of it.
    let same = vm == expected || is_other(theirs) && is_other(vm);
    if !same {
        totals.disagree(name, "", vm, expected);
    }
}

struct Totals {
    files: usize,
    rejected: usize,
    disagreements: BTreeMap<(String, String), (usize, String)>,
}

impl Totals {
    fn disagree(&mut self, name: &str, ours: &str, vm: &str, theirs: &str) {
        let kind = |text: &str| {
            let line = text.lines().next().unwrap_or_default();
            line.replace(|c: char| c.is_ascii_digit(), "")
        };
        let entry = self.disagreements.entry((kind(ours) + &kind(vm), kind(theirs)));
        let show = || (0, format!("{name}\nours:   {ours}\nvm:     {vm}\ntheirs: {theirs}"));
        entry.or_insert_with(show).0 += 1;
    }
}

/// What the two virtual machines said to a class file; the second may not have been asked.
struct Answers {
    hotspot: Vec<String>,
    caturra: Option<Vec<String>>,
}

fn compare(world: &mut World, names: &[String], files: &[Vec<u8>], answers: &Answers, totals: &mut Totals) {
    for (index, ((name, file), theirs)) in names.iter().zip(files).zip(&answers.hotspot).enumerate() {
        let class = parse(name, file).unwrap();
        let original = world.replace(name.as_bytes(), Info::of(&class, "subject"));
        let ours = world.method_errors(&class);
        world.replace(name.as_bytes(), original);
        totals.files += 1;
        totals.rejected += usize::from(!ours.is_empty());
        if let Some(caturra) = &answers.caturra {
            compare_vm(name, &ours, theirs, &caturra[index], totals);
        }
        // HotSpot's order of methods is not that of the class file.
        let agree = if ours.is_empty() { theirs == "accepted" } else { ours.contains(theirs) };
        if agree || is_other(theirs) {
            continue;
        }
        totals.disagree(name, ours.first().map_or("accepted", String::as_str), "", theirs);
        if let Some(dir) = std::env::var_os("CATURRA_FUZZ_KEEP") {
            let kept = totals.disagreements.len();
            fs::write(Path::new(&dir).join(format!("{kept}.class")), file).unwrap();
        }
    }
}

#[test]
fn mutations() {
    let (Some(jdk), Some(classes)) = (hotspot::jdk(), common::jdk_classes()) else { return };
    let dir = hotspot::compile(&jdk, "verifier-mutations");
    let subjects = subjects(&dir);
    let mut world = common::jdk_world(&classes);
    for (name, file) in &subjects {
        world.add(name.as_bytes(), Info::of(&parse(name, file).unwrap(), "subject"));
    }
    let count: usize = std::env::var("CATURRA_FUZZ_ROUNDS").map_or(6000, |count| count.parse().unwrap());
    let seed = std::env::var("CATURRA_FUZZ_SEED").map_or(0x5eed, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    let sites: Vec<Sites> = subjects.iter().map(|(_, file)| sites(file)).collect();
    let mut totals = Totals { files: 0, rejected: 0, disagreements: BTreeMap::new() };
    while totals.files < count {
        let (mut names, mut files) = (Vec::new(), Vec::new());
        while files.len() < BATCH.min(count) {
            // The large class gets most mutations.
            let pick = random.below(2 * subjects.len());
            let pick = if pick < subjects.len() { pick } else { 0 };
            let pick = if pick == 0 { subjects.iter().position(|s| s.0 == "Subject").unwrap() } else { pick };
            let (name, original) = &subjects[pick];
            if sites[pick].instructions.is_empty() {
                continue;
            }
            let mut file = original.clone();
            if random.below(4) == 0 {
                file[7] = 51 + random.below(11) as u8;
            }
            for _ in 0..1 + random.below(2) {
                mutate(&mut file, &sites[pick], &mut random);
            }
            if parse(name, &file).is_some() {
                names.push(name.clone());
                files.push(file);
            }
        }
        let streams = || names.iter().map(String::as_str).zip(files.iter().map(Vec::as_slice));
        let caturra = std::env::var_os("CATURRA_HOME");
        let answers = Answers {
            hotspot: hotspot::link(&jdk, &dir, streams()),
            caturra: caturra.map(|home| hotspot::link(Path::new(&home), &dir, streams())),
        };
        compare(&mut world, &names, &files, &answers, &mut totals);
    }
    fs::remove_dir_all(&dir).unwrap();
    println!(
        "{} class files, {} rejected, {} kinds of disagreement",
        totals.files,
        totals.rejected,
        totals.disagreements.len()
    );
    let shown: Vec<_> =
        totals.disagreements.values().map(|(count, text)| format!("{count} times\n{text}")).collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
}

/// Class files before version 51, for which the verifier by type inference counts: two virtual machines agree on
/// the error, and where one method alone is bad on what is said.
#[test]
fn old_mutations() {
    let (Some(jdk), Some(home)) = (hotspot::jdk(), std::env::var_os("CATURRA_HOME")) else {
        eprintln!("skipped: no CATURRA_HOME");
        return;
    };
    let dir = hotspot::compile(&jdk, "verifier-old-mutations");
    let subjects: Vec<_> =
        all_subjects(&dir).into_iter().filter(|(name, _)| name.starts_with("Old")).collect();
    let sites: Vec<Sites> = subjects.iter().map(|(_, file)| sites(file)).collect();
    let count: usize = std::env::var("CATURRA_FUZZ_ROUNDS").map_or(4000, |count| count.parse().unwrap());
    let seed = std::env::var("CATURRA_FUZZ_SEED").map_or(0x01d, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    let (mut names, mut files) = (Vec::new(), Vec::new());
    while files.len() < count {
        let pick = random.below(subjects.len());
        let (name, original) = &subjects[pick];
        let mut file = original.clone();
        file[7] = [50, 50, 49, 48, 46, 45][random.below(6)];
        // One mutation at most: HotSpot's order of methods decides whether a bad stack map is met before another
        // error leads to the second verifier.
        if random.below(8) > 0 {
            mutate(&mut file, &sites[pick], &mut random);
        }
        if parse(name, &file).is_some() {
            names.push(name.clone());
            files.push(file);
        }
    }
    let streams = || names.iter().map(String::as_str).zip(files.iter().map(Vec::as_slice));
    let theirs = hotspot::link(&jdk, &dir, streams());
    let ours = hotspot::link(Path::new(&home), &dir, streams());
    fs::remove_dir_all(&dir).unwrap();
    let mut totals = Totals { files: files.len(), rejected: 0, disagreements: BTreeMap::new() };
    let class = |text: &str| text.split([':', '\n']).next().unwrap_or_default().to_owned();
    // A bad constant may make several methods bad.
    let mut in_other_order = 0;
    for ((name, ours), theirs) in names.iter().zip(&ours).zip(&theirs) {
        totals.rejected += usize::from(theirs != "accepted");
        if ours != theirs {
            if class(ours) == class(theirs) && ours != "accepted" {
                in_other_order += 1;
            } else {
                totals.disagree(name, "", ours, theirs);
            }
        }
    }
    println!(
        "{} class files, {} rejected, {in_other_order} with another message, {} kinds of disagreement",
        totals.files,
        totals.rejected,
        totals.disagreements.len()
    );
    let shown: Vec<_> =
        totals.disagreements.values().map(|(count, text)| format!("{count} times\n{text}")).collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    assert!(in_other_order * 20 < totals.files);
}
