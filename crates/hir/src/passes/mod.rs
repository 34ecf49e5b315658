//! The passes, and the manager that runs them in order, times them, and in debug builds validates after each.

pub mod clean;
pub mod escape;
pub mod gvn;
pub mod locks;
pub mod loops;
pub mod memory;
pub mod polls;
pub mod rewrite;
pub mod rounds;
pub mod threading;
pub mod unroll;
pub mod vector;

use crate::env::CompilerEnv;
use crate::ir::Function;
use std::time::{Duration, Instant};

/// A set of passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passes(pub u32);

impl Passes {
    /// Dead code, redundant parameters, jumps to jumps. Never off for the others' sake: they leave litter.
    pub const CLEAN: Passes = Passes(1);
    /// Global value numbering, folding, checks and conditions that dominating ones decide.
    pub const GVN: Passes = Passes(1 << 1);
    /// Loads that give what is known, from loads and stores before.
    pub const MEMORY: Passes = Passes(1 << 2);
    /// Invariant code and checks leave loops.
    pub const LOOPS: Passes = Passes(1 << 3);
    /// Range checks of induction variables become one test before the loop.
    pub const RANGE: Passes = Passes(1 << 4);
    /// Objects that nobody else sees are values; their locks are none.
    pub const ESCAPE: Passes = Passes(1 << 5);
    /// Short counted loops do not poll.
    pub const POLLS: Passes = Passes(1 << 6);
    /// Ways round tests that they decide.
    pub const THREADING: Passes = Passes(1 << 7);
    /// Small counted loops do several rounds at a time.
    pub const UNROLL: Passes = Passes(1 << 8);
    /// Elements side by side are lanes of one value.
    pub const VECTOR: Passes = Passes(1 << 10);
    /// Locks within locks of the same object are none.
    pub const LOCKS: Passes = Passes(1 << 9);
    /// Loops of few rounds are those rounds.
    pub const ROUNDS: Passes = Passes(1 << 11);
    /// All of them.
    pub const ALL: Passes = Passes(u32::MAX);
    /// None.
    pub const NONE: Passes = Passes(0);

    /// Whether all of `other` are in the set.
    pub fn contains(self, other: Passes) -> bool {
        self.0 & other.0 == other.0
    }

    /// The set without `other`.
    pub fn without(self, other: Passes) -> Passes {
        Passes(self.0 & !other.0)
    }
}

/// A pass: true where it has changed something.
type Pass = fn(&mut Function, &dyn CompilerEnv) -> bool;

/// The order, with the repetitions that pay.
const SCHEDULE: &[(&str, Passes, Pass)] = &[
    ("clean", Passes::CLEAN, clean::run),
    ("threading", Passes::THREADING, threading::run),
    ("clean", Passes::CLEAN, clean::run),
    ("gvn", Passes::GVN, gvn::run),
    ("escape", Passes::ESCAPE, escape::run),
    ("memory", Passes::MEMORY, memory::run),
    ("gvn", Passes::GVN, gvn::run),
    ("rounds", Passes::ROUNDS, rounds::run),
    ("threading", Passes::THREADING, threading::run),
    ("clean", Passes::CLEAN, clean::run),
    ("escape", Passes::ESCAPE, escape::run),
    ("loops", Passes::LOOPS, loops::hoist),
    ("gvn", Passes::GVN, gvn::run),
    ("ranges", Passes(Passes::LOOPS.0 | Passes::RANGE.0), loops::predicate),
    ("memory", Passes::MEMORY, memory::run),
    ("gvn", Passes::GVN, gvn::run),
    ("locks", Passes::LOCKS, locks::run),
    ("polls", Passes::POLLS, polls::run),
    ("clean", Passes::CLEAN, clean::run),
    ("vector", Passes::VECTOR, vector::run),
    ("clean", Passes::CLEAN, clean::run),
    ("unroll", Passes::UNROLL, unroll::run),
];

/// What is run once more where loops have been copied.
const AFTER_COPIES: &[(&str, Passes, Pass)] = &[
    ("clean", Passes::CLEAN, clean::run),
    ("memory", Passes::MEMORY, memory::run),
    ("gvn", Passes::GVN, gvn::run),
    ("locks", Passes::LOCKS, locks::keep),
    ("clean", Passes::CLEAN, clean::run),
];

/// What a run of a pass cost.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The pass.
    pub name: &'static str,
    /// Time spent.
    pub time: Duration,
    /// Whether it changed the function.
    pub changed: bool,
}

/// Runs the passes of the set. `watch` sees the function after each that has changed it.
///
/// # Panics
/// In debug builds, where a pass leaves a function that breaks the rules: a defect of the pass.
pub fn optimise(
    f: &mut Function,
    env: &dyn CompilerEnv,
    passes: Passes,
    watch: &mut dyn FnMut(&'static str, &Function),
) -> Vec<Timing> {
    let mut timings = Vec::new();
    let mut copied = false;
    let rows = SCHEDULE.iter().map(|row| (row, true));
    for (&(name, bit, pass), always) in rows.chain(AFTER_COPIES.iter().map(|row| (row, false))) {
        if !passes.contains(bit) || !always && !copied {
            continue;
        }
        let start = Instant::now();
        let changed = pass(f, env);
        timings.push(Timing { name, time: start.elapsed(), changed });
        copied |= changed && matches!(bit, Passes::VECTOR | Passes::UNROLL);
        if changed {
            if cfg!(debug_assertions)
                && let Err(e) = crate::validate::validate(f)
            {
                panic!("after {name}: {e}\n{}", crate::print::print(f, Some(env), true));
            }
            watch(name, f);
        }
    }
    timings
}
