//! How often guards have failed, by place and reason: what has failed too often is not speculated on again.

use caturra_hir::op::Reason;
use caturra_kernel::{ClassRef, MethodRef};
use parking_lot::Mutex;
use std::collections::HashMap;

/// Failures of one piece of code, whatever their reasons, after which it is taken out of use.
pub const PER_CODE: u32 = 400;
/// Exceptions that go to handlers, after which code is taken out of use: exceptions are part of the program's normal course.
pub const THROWS_PER_CODE: u32 = 64;
/// Pieces of optimised code of one method after which it stays in tier 1.
pub const RECOMPILATIONS: u32 = 24;

/// Failures after which code is taken out of use, and made again without that speculation. `None` where the guard stands
/// for an exception that the program throws: new code would have the same guard.
fn limit(reason: Reason) -> Option<u32> {
    match reason {
        Reason::Branch | Reason::Unresolved | Reason::NeverCalled => Some(1),
        Reason::Receiver | Reason::LoopPredicate | Reason::TypeProfile | Reason::Constant => Some(3),
        _ => {
            debug_assert!(reason.is_exception());
            None
        }
    }
}

/// See the module's documentation.
#[derive(Default)]
pub struct Traps {
    counts: Mutex<HashMap<(u64, u32, Reason), u32>>,
    compilations: Mutex<HashMap<u64, u32>>,
}

impl Traps {
    /// Counts a failure; whether it is time to do without this speculation.
    pub fn count(&self, method: MethodRef, bci: u32, reason: Reason) -> bool {
        let mut counts = self.counts.lock();
        let n = counts.entry((method.as_raw(), bci, reason)).or_default();
        *n += 1;
        limit(reason).is_some_and(|limit| *n >= limit)
    }

    /// See `CompilerEnv::too_many_deopts`.
    pub fn too_many(&self, method: MethodRef, bci: u32, reason: Reason) -> bool {
        let n = self.counts.lock().get(&(method.as_raw(), bci, reason)).copied().unwrap_or(0);
        n >= limit(reason).unwrap_or(THROWS_PER_CODE / 2)
    }

    /// Places whose guards have failed most: how often, method, bytecode index, reason.
    pub fn most_frequent(&self, limit: usize) -> Vec<(u32, MethodRef, u32, Reason)> {
        let counts = self.counts.lock();
        // SAFETY: methods of unloaded classes are forgotten.
        let row = |(k, n): (&(u64, u32, Reason), &u32)| (*n, unsafe { MethodRef::from_raw(k.0) }, k.1, k.2);
        let mut all: Vec<_> = counts.iter().map(row).collect();
        all.sort_by_key(|r| std::cmp::Reverse(r.0));
        all.truncate(limit);
        all
    }

    /// Counts a compilation; false when the method has had its share.
    pub fn may_compile(&self, method: MethodRef) -> bool {
        let mut compilations = self.compilations.lock();
        let n = compilations.entry(method.as_raw()).or_default();
        *n += 1;
        *n <= RECOMPILATIONS
    }

    /// Forgets methods of classes that are being unloaded.
    pub fn purge(&self, is_dead: &dyn Fn(ClassRef) -> bool) {
        // SAFETY: the metadata of dead classes is still there.
        let alive = |raw: u64| !is_dead(unsafe { MethodRef::from_raw(raw) }.holder);
        self.counts.lock().retain(|(method, _, _), _| alive(*method));
        self.compilations.lock().retain(|method, _| alive(*method));
    }
}
