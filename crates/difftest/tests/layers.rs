//! The architecture's layers: a crate may use only crates of lower layers (ARCHITECTURE.md, "Rooms").

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Crates by layer, lowest first; those of one layer do not use each other.
const LAYERS: &[&[&str]] = &[
    &["bytecode", "heap", "difftest", "javagen", "bench"],
    &["classfile", "mutate"],
    &["hir"],
    &["verifier"],
    &["kernel"],
    &["interpreter", "invoke", "jni"],
    &["jit", "exports"],
    &["tooling"],
    &["vm"],
    &["stack", "libjvm", "fuzzing"],
    &["caturra"],
];

/// Edges that the layers alone would allow and the architecture does not: a face the engines must not know.
const FORBIDDEN: &[(&str, &str)] = &[("jit", "jni"), ("jit", "invoke")];

#[test]
fn imports_point_downward() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates are siblings");
    let layer: HashMap<&str, usize> =
        LAYERS.iter().enumerate().flat_map(|(i, names)| names.iter().map(move |n| (*n, i))).collect();
    let mut checked = 0;
    for entry in fs::read_dir(crates).expect("the crates folder").flatten() {
        let name = entry.file_name().into_string().expect("crate folders have plain names");
        let Ok(manifest) = fs::read_to_string(entry.path().join("Cargo.toml")) else { continue };
        let own = *layer.get(name.as_str()).unwrap_or_else(|| panic!("crate {name} has no layer"));
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            if section != "[dependencies]" {
                continue;
            }
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or("");
            let Some(used) = dependency.strip_prefix("caturra-") else { continue };
            let other = *layer.get(used).unwrap_or_else(|| panic!("crate {used} has no layer"));
            assert!(other < own, "{name} uses {used}, which is not below it");
            assert!(!FORBIDDEN.contains(&(name.as_str(), used)), "{name} must not use {used}");
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} edges found: is the check looking at the right place?");
}
