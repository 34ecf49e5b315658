//! Cases by rule, each a class that is accepted or rejected (`cases/*.txt`), with HotSpot's very messages
//! (`cases/expected.txt`).
//!
//! `CATURRA_BLESS=1` runs the cases on the reference JDK and writes the messages anew. With `CATURRA_HOME`, a JDK
//! that has Caturra as its virtual machine, the cases are linked there too.

mod common;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use caturra_classfile::{ClassFile, ParseOptions};
use common::assembler::{Assembled, Case, assemble};
use common::{Info, World, hotspot};

const MAX_MAJOR: u16 = 61;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// The classes around the cases.
fn world(classes: &[Assembled]) -> World {
    let mut world = World::default();
    for class in classes {
        let parsed = ClassFile::parse(&class.file, &ParseOptions::trusted(MAX_MAJOR)).unwrap();
        world.add(class.name.as_bytes(), Info::of(&parsed, &class.module));
    }
    world
}

fn cases() -> Vec<Assembled> {
    let files = ["simple.txt", "stack.txt", "control.txt", "objects.txt"];
    files.iter().flat_map(|file| assemble(&read(file))).collect()
}

fn rule(case: &Assembled) -> &str {
    &case.case.as_ref().expect("a case").title
}

/// What is wrong with a case. Some rules are the reader's business.
fn verify(world: &mut World, case: &Assembled) -> Option<String> {
    let options = ParseOptions::application(MAX_MAJOR);
    match ClassFile::parse(&case.file, &options.expecting(case.name.as_bytes())) {
        Ok(class) => {
            world.add(class.name, Info::of(&class, &case.module));
            world.verify(&class).err().map(|failure| failure.to_string())
        }
        Err(problem) => Some(format!("not defined: {problem}")),
    }
}

#[test]
fn cases_by_rule() {
    let mut world = world(&assemble(&read("classes.txt")));
    let cases = cases();
    if std::env::var_os("CATURRA_BLESS").is_some() {
        bless(&cases);
    }
    let expected = read("expected.txt");
    let mut expected = expected.split("\n=== ").skip(1);
    let (mut accepted, mut rejected, mut problems) = (0, 0, Vec::new());
    let mut caturra =
        std::env::var_os("CATURRA_HOME").map(|home| answers(Path::new(&home), &cases).into_iter());
    for case in &cases {
        let accept = case.case.as_ref().unwrap().accept;
        let ours = verify(&mut world, case);
        if let Some(vm) = caturra.as_mut().and_then(Iterator::next) {
            let ours = ours.as_deref().unwrap_or("accepted");
            if vm != ours {
                problems.push(format!("{}\nours: {ours}\nvm:   {vm}", rule(case)));
            }
        }
        *if accept { &mut accepted } else { &mut rejected } += 1;
        let message = if accept {
            None
        } else {
            let block = expected.next().unwrap_or_default();
            let (title, message) = block.split_once('\n').unwrap_or((block, ""));
            assert_eq!(title, rule(case), "expected.txt is out of step: run with CATURRA_BLESS=1");
            Some(message)
        };
        if ours.as_deref() != message {
            let show = |text: Option<&str>| text.unwrap_or("accepted").to_owned();
            let (ours, theirs) = (show(ours.as_deref()), show(message));
            problems.push(format!("{}\nours:     {ours}\nexpected: {theirs}", rule(case)));
        }
    }
    println!("{accepted} accepted, {rejected} rejected");
    assert!(problems.is_empty(), "{} cases\n{}", problems.len(), problems.join("\n\n"));
    assert!(accepted > 100 && rejected > 400);
}

/// Class files for the other verifier, which only whole virtual machines have.
#[test]
fn old_class_files() {
    let (Some(home), Some(jdk)) = (std::env::var_os("CATURRA_HOME"), hotspot::jdk()) else {
        eprintln!("skipped: no CATURRA_HOME");
        return;
    };
    let cases = assemble(&read("old.txt"));
    let theirs = answers(&jdk, &cases);
    let ours = answers(Path::new(&home), &cases);
    let mut problems = Vec::new();
    for ((case, theirs), ours) in cases.iter().zip(&theirs).zip(&ours) {
        let accept = case.case.as_ref().unwrap().accept;
        if ours != theirs || accept != (ours == "accepted") {
            problems.push(format!("{}\nours:   {ours}\ntheirs: {theirs}", rule(case)));
        }
    }
    assert!(problems.is_empty(), "{} of {} cases\n{}", problems.len(), cases.len(), problems.join("\n\n"));
}

/// What a virtual machine says to the cases.
fn answers(home: &Path, cases: &[Assembled]) -> Vec<String> {
    let jdk = hotspot::jdk().expect("a reference JDK");
    let dir = hotspot::compile(&jdk, "verifier-cases");
    // The loader of the cases has these classes instead of the compiled subjects.
    for class in assemble(&read("classes.txt")).iter().filter(|class| class.module != "java.base") {
        let (package, base) = class.name.rsplit_once('/').unwrap_or(("", &class.name));
        let path = dir.join(package);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(format!("{base}.class")), &class.file).unwrap();
    }
    let files = cases.iter().map(|case| (case.name.as_str(), case.file.as_slice()));
    let answers = hotspot::link(home, &dir, files);
    fs::remove_dir_all(&dir).unwrap();
    answers
}

/// Writes what HotSpot says. It must accept and reject what the cases say.
fn bless(cases: &[Assembled]) {
    let answers = answers(&hotspot::jdk().expect("a reference JDK"), cases);
    let mut text =
        "What HotSpot 17 says to the cases that it rejects; written by the test itself.".to_owned();
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(&answers) {
        let Case { accept, title: rule, .. } = case.case.as_ref().unwrap();
        if *accept != (answer == "accepted") {
            wrong.push(format!("{rule}: {answer}"));
        }
        if !accept {
            write!(text, "\n=== {rule}\n{answer}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
    fs::write(folder().join("expected.txt"), text).unwrap();
}
