//! The targets of the fuzzer over their seeds, their seeds with a few bytes changed, and the inputs of past findings.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use caturra_fuzzing::{TARGETS, Target, jdk};

/// Changed copies of a seed.
const COPIES: usize = 3;
/// Seeds of each target, at most.
const SEEDS: usize = 3000;

fn run(target: &Target, input: &[u8], what: &str) {
    let result = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    assert!(result.is_ok(), "{}: {what}", target.name);
}

#[test]
fn seeds() {
    let Some(classes) = jdk::classes(20) else { return };
    let mut state = 0x5eed_u64;
    let mut random = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % limit.max(1)
    };
    for target in TARGETS {
        let seeds = (target.seeds)(&classes);
        assert!(seeds.len() > 50, "{}: {} seeds", target.name, seeds.len());
        for (number, seed) in seeds.iter().take(SEEDS).enumerate() {
            run(target, seed, &format!("seed {number}"));
            for copy in 0..COPIES {
                let mut changed = seed.clone();
                for _ in 0..(1 + random(4)).min(changed.len()) {
                    let at = random(changed.len());
                    changed[at] = random(256) as u8;
                }
                if copy == 0 {
                    changed.truncate(random(changed.len()));
                }
                run(target, &changed, &format!("seed {number}, changed copy {copy}"));
            }
        }
    }
}

#[test]
fn findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/findings");
    for target in TARGETS {
        let Ok(entries) = fs::read_dir(folder.join(target.name)) else { continue };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            run(target, &fs::read(&path).expect("a readable file"), &path.display().to_string());
        }
    }
}

#[test]
fn every_target_is_a_fuzz_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    for target in TARGETS {
        let text = fs::read_to_string(folder.join(format!("{}.rs", target.name))).expect("a fuzz target");
        assert!(text.contains(&format!("target(\"{}\")", target.name)), "{}", target.name);
    }
}
