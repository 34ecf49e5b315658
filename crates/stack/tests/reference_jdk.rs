//! `--emit-class` against the reference JDK: thousands of random programs in one JVM do there what they do in the
//! reference machine. HotSpot verifies every class on the way.

mod support;

use caturra_stack::machine::run;
use caturra_stack::translate::translate;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{LIMITS, count, describe, random_program};

fn java() -> Option<PathBuf> {
    let homes =
        [std::env::var_os("JAVA_HOME").map(PathBuf::from), Some("/usr/lib/jvm/java-17-openjdk-amd64".into())];
    homes.into_iter().flatten().map(|home| home.join("bin/java")).find(|java| java.is_file())
}

#[test]
fn random_programs() {
    let Some(java) = java() else {
        eprintln!("no reference JDK: nothing is compared");
        return;
    };
    let count = count();
    let mut file = (count as u32).to_be_bytes().to_vec();
    let mut expected = Vec::new();
    for seed in 0..count {
        let program = random_program(seed);
        let class = translate(&program, &format!("Program{seed}"), LIMITS).unwrap().class_file;
        file.extend((class.len() as u32).to_be_bytes());
        file.extend(class);
        let (end, output, _) = run(&program, &[], LIMITS);
        expected.push(describe(&end, &output));
    }
    let path = std::env::temp_dir().join(format!("caturra-stack-oracle-{}", std::process::id()));
    std::fs::write(&path, file).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Oracle.java");
    let result = Command::new(java)
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"])
        .arg(source)
        .arg(&path)
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8_lossy(&result.stdout);
    let found: Vec<&str> = text.lines().collect();
    assert_eq!(found.len(), expected.len(), "{}", String::from_utf8_lossy(&result.stderr));
    for (seed, (expected, found)) in expected.iter().zip(found).enumerate() {
        assert_eq!(expected, found, "seed {seed}");
    }
    // The programs are not all of one kind.
    for kind in ["result", "none", "division", "reason 1", "reason 2", "reason 3"] {
        let n = expected.iter().filter(|e| e.starts_with(kind)).count();
        eprintln!("{kind}: {n}");
        assert!(n * 500 >= expected.len(), "{kind}: {n} of {count}");
    }
}
