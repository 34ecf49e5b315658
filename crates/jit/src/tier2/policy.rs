//! When methods are optimised.

use crate::Jit;
use crate::install::OPTIMISED;
use crate::profile::Profile;
use crate::queue::Task;
use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::options::JitOptions;
use caturra_kernel::{MethodRef, Thread};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Calls and loop iterations in tier 1 code between two looks at a method, at most; powers of two.
const CALLS_BETWEEN: u32 = 512;
const LOOPS_BETWEEN: u32 = 2048;

/// So many waiting methods double the thresholds.
const LOAD_FEEDBACK: u32 = 3;
/// Calls between two looks at a loop from which on its activations are too short to be replaced.
const SHORT_ACTIVATIONS: u32 = 4;

/// So many bytes of bytecode double the thresholds.
const LONG_METHOD: u32 = 1000;

/// Thresholds, in HotSpot's terms for its tier 4.
pub struct Thresholds {
    /// Calls that are enough.
    invocations: u32,
    /// Calls that are enough together with `total` calls and loop iterations.
    least_invocations: u32,
    total: u32,
    /// Loop iterations that are enough for on-stack replacement.
    back_edges: u32,
    /// Calls that are enough together with so many loop iterations.
    looping_invocations: u32,
}

/// A method that has been replaced in its loops is soon worth code that is entered at its start: such code knows more
/// (objects of its own above all), and every call of the method would run the first rounds in tier 1.
const LOOPING_INVOCATIONS: u32 = 8;

impl Thresholds {
    pub fn new(options: &JitOptions) -> Thresholds {
        let scaled =
            |n: u32| (f64::from(n) * options.threshold_scaling).clamp(1.0, f64::from(u32::MAX)) as u32;
        Thresholds {
            invocations: scaled(options.tier4_invocations),
            least_invocations: scaled(options.tier4_least_invocations),
            total: scaled(options.tier4_total),
            back_edges: scaled(options.tier4_back_edges),
            looping_invocations: scaled(LOOPING_INVOCATIONS.min(options.tier4_least_invocations)),
        }
    }

    /// Calls between two looks at a method; a power of two.
    pub fn calls_between(&self) -> u32 {
        (self.least_invocations / 2 + 1).next_power_of_two().min(CALLS_BETWEEN)
    }
    /// Loop iterations between two looks; a power of two.
    pub fn loops_between(&self) -> u32 {
        (self.back_edges / 2 + 1).next_power_of_two().min(LOOPS_BETWEEN)
    }

    fn is_hot(&self, method: MethodRef, profile: &Profile, waiting: usize) -> bool {
        let calls = profile.entries.load(Ordering::Relaxed);
        let loops = profile.loops.load(Ordering::Relaxed);
        // As HotSpot's `Tier4LoadFeedback`: a long queue makes all wait longer.
        let load = 1 + waiting as u32 / LOAD_FEEDBACK + extra_weight(method);
        let reached = |n: u32, threshold: u32| n / load >= threshold;
        reached(calls, self.invocations)
            || reached(calls, self.least_invocations) && reached(calls.saturating_add(loops), self.total)
            || reached(calls, self.looping_invocations) && reached(loops, self.back_edges)
    }
}

/// What a method's length adds to the factor of its thresholds. A very long one costs a second of compilation and tens of
/// megabytes meanwhile, which a program that soon ends never gets back.
fn extra_weight(method: MethodRef) -> u32 {
    method.bytecode.len() as u32 / LONG_METHOD
}

impl Jit {
    /// Optimises a method or loop, or has it optimised soon.
    pub fn request_optimised(self: &Arc<Jit>, method: MethodRef, osr: Option<u32>) {
        if method.has(MethodFlags::NOT_OPTIMISABLE) || !self.may_compile(method) {
            return;
        }
        self.request_task(Task { method, osr, tier: OPTIMISED });
    }
}

/// Tier 1 code's notification of calls.
pub fn entered(t: &Thread, method: MethodRef) {
    let jit = Jit::of(t.vm());
    jit.sweep_if_wanted(t);
    let Some(profile) = Profile::of(method) else { return };
    if jit.policy.optimise
        && jit.policy.tier4.is_hot(method, profile, jit.optimising_queue.waiting())
        && !jit.is_optimised(method)
    {
        jit.request_optimised(method, None);
    }
}

/// Tier 1 code's notification of loop iterations: optimised code that goes on at the loop header, or 0.
pub fn looped(t: &Thread, method: MethodRef, bci: u32) -> usize {
    let jit = Jit::of(t.vm());
    let Some(profile) = Profile::of(method) else { return 0 };
    if !jit.policy.optimise {
        return 0;
    }
    entered(t, method);
    // Where calls come as fast as that, the next one is soon enough for optimised code.
    let calls = profile.entries.load(Ordering::Relaxed);
    let often = calls.wrapping_sub(profile.entries_seen.swap(calls, Ordering::Relaxed)) > SHORT_ACTIVATIONS;
    let loops = profile.loops.load(Ordering::Relaxed) / (1 + extra_weight(method));
    if often || !jit.policy.osr || loops < jit.policy.tier4.back_edges {
        return 0;
    }
    let code = jit.optimised_osr_code(method, bci);
    if code != 0 {
        return code;
    }
    if jit.refuses_osr(method, bci) {
        return 0;
    }
    jit.request_optimised(method, Some(bci));
    jit.optimised_osr_code(method, bci)
}
