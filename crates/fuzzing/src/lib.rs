//! What is fuzzed: for each target what one input is put through, and its seeds.
//!
//! The targets of `cargo fuzz` (`fuzz/`) call these functions; `tests/replay.rs` runs them over all seeds and over the
//! inputs of past findings (`fuzz/findings/`). A target panics where a property does not hold.

pub mod class_file;
pub mod code;
pub mod image;
pub mod jdk;
pub mod mutf8;
pub mod verifier;

/// A fuzz target.
pub struct Target {
    /// Its name, that of the file in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// Puts one input through it.
    pub run: fn(&[u8]),
    /// Makes its seeds of the JDK's class files.
    pub seeds: fn(&[jdk::ClassBytes]) -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "class_file", run: class_file::run, seeds: class_file::seeds },
    Target { name: "bytecode", run: code::run, seeds: code::seeds },
    Target { name: "verifier", run: verifier::run, seeds: class_file::seeds },
    Target { name: "jimage", run: image::run, seeds: image::seeds },
    Target { name: "mutf8", run: mutf8::run, seeds: mutf8::seeds },
];

/// The target of this name.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("a target of this name")
}
