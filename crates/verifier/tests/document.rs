//! The table of `docs/verification.md` names exactly the cases that there are: those of `cases/*.txt` and those of the
//! Java programs that call `accept` and `reject` under comments with a rule. `CATURRA_BLESS=1` writes it anew.

#[allow(dead_code, reason = "only the names of the cases count here")]
#[path = "common/assembler.rs"]
mod assembler;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use assembler::{Case, assemble};

const BEGIN: &str = "<!-- cases: begin -->\n";
const END: &str = "<!-- cases: end -->\n";
const FILES: [&str; 5] = ["simple.txt", "stack.txt", "control.txt", "objects.txt", "old.txt"];
const PROGRAMS: [&str; 4] = [
    "classes/FormatErrors.java",
    "linkage/LinkRules.java",
    "classes/LoaderConstraints.java",
    "linkage/Hostile.java",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cases of a Java program: calls of `accept` and `reject` with a text, under a comment `// §… rule`.
fn cases_of(source: &str) -> Vec<Case> {
    let (mut cases, mut rule) = (Vec::new(), String::new());
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("// §") {
            rule = format!("§{text}");
        }
        for (call, accept) in [("accept(\"", true), ("reject(\"", false)] {
            if let Some((_, rest)) = line.split_once(call)
                && !rule.is_empty()
            {
                let title = rest.split('"').next().unwrap_or_default().trim().to_owned();
                cases.push(Case { accept, title, rule: rule.clone() });
            }
        }
    }
    cases
}

/// Sections in the order of the specification.
fn order(rule: &str) -> Vec<u32> {
    let section = rule.trim_start_matches('§').split(' ').next().unwrap_or_default();
    section.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}

#[test]
fn the_document_names_the_cases() {
    let mut cases: Vec<Case> = Vec::new();
    for file in FILES {
        let path = root().join("crates/verifier/tests/cases").join(file);
        cases.extend(assemble(&fs::read_to_string(path).unwrap()).into_iter().filter_map(|class| class.case));
    }
    for program in PROGRAMS {
        let found = cases_of(&fs::read_to_string(root().join("tests/java").join(program)).unwrap());
        assert!(!found.is_empty(), "{program} has no cases");
        cases.extend(found);
    }
    let mut rules: BTreeMap<(Vec<u32>, &str), [Vec<&str>; 2]> = BTreeMap::new();
    for case in &cases {
        assert!(!case.rule.is_empty(), "{} stands under no rule", case.title);
        let both = rules.entry((order(&case.rule), &case.rule)).or_default();
        both[usize::from(!case.accept)].push(&case.title);
    }
    let mut table = String::from("| rule | accepted | rejected |\n|---|---|---|\n");
    for ((_, rule), both) in &rules {
        let [accepted, rejected] = both.each_ref().map(|titles| escape(&titles.join(" · ")));
        writeln!(table, "| {} | {accepted} | {rejected} |", escape(rule)).unwrap();
    }
    let accepted = cases.iter().filter(|case| case.accept).count();
    let rejected = cases.len() - accepted;
    let total = cases.len();
    writeln!(table, "\n{total} cases under {} rules: {accepted} accepted, {rejected} rejected.", rules.len())
        .unwrap();
    assert!(total >= 400);

    let path = root().join("docs/verification.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the table's begin");
    let (old, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("CATURRA_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert!(old == table, "docs/verification.md is out of step: run this test with CATURRA_BLESS=1");
    }
}
