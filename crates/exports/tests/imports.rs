//! Every symbol that the JDK's native libraries import is defined in this crate.
//!
//! The lists in `data/` hold, for a release, the `JVM_*` and `jio_*` symbols that `nm -D` shows as undefined in
//! its `lib/**/*.so`. Those libraries are linked to bind at load time, so one missing name stops the VM.

use std::collections::BTreeSet;
use std::path::Path;

/// Names of the exported functions in the sources: `fn JVM_…`, `fn jio_…`.
fn defined(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            defined(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
                for part in line.split("fn ").skip(1) {
                    let name: String =
                        part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                    if name.starts_with("JVM_") || name.starts_with("jio_") {
                        names.insert(name);
                    }
                }
            }
        }
    }
}

#[test]
fn all_imports_are_defined() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    defined(&root.join("src"), &mut names);
    let list = std::fs::read_to_string(root.join("tests/data/imports-17.txt")).unwrap();
    let missing: Vec<&str> = list.lines().filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "not defined: {missing:#?}");
}
