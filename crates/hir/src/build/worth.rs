//! Which calls are worth the room they take.
//!
//! Calls are inlined as the builder comes to them, so the first ones in the code, and what they call in turn, could use
//! up the room for all others. Where that happens the function is built again, and only calls that promise more than a
//! threshold are inlined: the one with which the best of them fit, by what the first attempt has found. (The order of
//! candidates is the idea of Prokopec et al., "An Optimization-Driven Incremental Inline Substitution Algorithm for
//! Just-in-Time Compilers", CGO 2019; there the tree of calls is explored before anything is inlined.)

use super::Builder;
use crate::env::MethodId;
use caturra_bytecode::{Instructions, Opcode};
use hashbrown::HashMap;

/// How often a function is built again because what was inlined first left no room for better calls.
pub(super) const ATTEMPTS_TO_FIT: u32 = 2;
/// Instructions that a byte of bytecode is expected to become.
const EXPECTED_GROWTH: usize = 2;

/// A call that could be inlined but for the room it takes.
struct Candidate {
    /// What it promises for each byte of bytecode; see [`Builder::promise`].
    promise: f64,
    /// Instructions without those of other candidates inside it; for calls that were not inlined, as expected.
    nodes: usize,
    inlined: bool,
}

/// The candidates of one attempt to build a function.
#[derive(Default)]
pub(super) struct Candidates {
    all: Vec<Candidate>,
    /// Instructions of candidates in the body that is being inlined.
    nested: usize,
    /// Calls that a method makes for each of its own, by method.
    calls_made: HashMap<MethodId, f64>,
}

impl Candidates {
    /// Notes a call for which there was no room.
    pub(super) fn refused(&mut self, promise: f64, size: usize) {
        self.all.push(Candidate { promise, nodes: size * EXPECTED_GROWTH, inlined: false });
    }

    /// Begins a candidate's body; what it gives is for [`end`](Self::end).
    pub(super) fn begin(&mut self) -> usize {
        std::mem::take(&mut self.nested)
    }

    /// Ends a body that has grown to so many instructions.
    pub(super) fn end(&mut self, outer: usize, promise: f64, grown: usize) {
        let nodes = grown.saturating_sub(self.nested);
        self.nested = outer + grown;
        self.all.push(Candidate { promise, nodes, inlined: true });
    }

    /// What a call must promise for the best of all candidates to fit into `room` instructions, the function having
    /// `total` now; `None` where the best ones are in it already.
    pub(super) fn threshold(&mut self, total: usize, room: usize) -> Option<f64> {
        let by_promise = |a: &Candidate, b: &Candidate| b.promise.total_cmp(&a.promise);
        let best_refused = self.all.iter().filter(|c| !c.inlined).min_by(|a, b| by_promise(a, b))?.promise;
        let worst_inlined = self.all.iter().filter(|c| c.inlined).max_by(|a, b| by_promise(a, b))?.promise;
        let inlined: usize = self.all.iter().filter(|c| c.inlined).map(|c| c.nodes).sum();
        let room = room.saturating_sub(total.saturating_sub(inlined));
        if best_refused <= worst_inlined || room == 0 {
            return None;
        }
        self.all.sort_by(by_promise);
        let mut used = 0;
        // As when building, the last one begins within the room.
        let misfit = self.all.iter().find(|c| {
            let full = used >= room;
            used += c.nodes;
            full
        });
        misfit.map(|c| c.promise)
    }
}

impl Builder<'_> {
    /// What inlining a call promises: calls that are saved for each entry into the compiled code, its own and those in
    /// the callee that become visible, for each byte of bytecode. It halves with each activation of the same method
    /// that it is nested in.
    pub(super) fn promise(&mut self, callee: MethodId, frequency: f64, nested: usize) -> f64 {
        let saved = frequency * (1.0 + self.calls_made(callee));
        let size = self.env.method(callee).code.len().max(1);
        saved / size as f64 / f64::from(1u32 << nested.min(31))
    }

    /// How many calls a method makes each time it is called, by its profile.
    fn calls_made(&mut self, method: MethodId) -> f64 {
        if let Some(&n) = self.candidates.calls_made.get(&method) {
            return n;
        }
        let info = self.env.method(method);
        let invokes = Instructions::new(info.code).map_while(Result::ok).filter(|i| {
            matches!(
                i.opcode,
                Opcode::Invokevirtual
                    | Opcode::Invokespecial
                    | Opcode::Invokestatic
                    | Opcode::Invokeinterface
            )
        });
        let count: f64 = invokes.filter_map(|i| self.env.call_count(method, i.pc)).map(f64::from).sum();
        let n = count / f64::from(info.profiled.max(1));
        self.candidates.calls_made.insert(method, n);
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_all_candidates_fit() {
        let mut c = Candidates::default();
        // Two calls, one inside the other, that took the room of a better one.
        let outer = c.begin();
        let nested = c.begin();
        c.end(nested, 1.0, 40);
        c.end(outer, 3.0, 90);
        c.refused(2.0, 20);
        // 10 instructions of its own, 50, 40 and 40.
        assert_eq!(c.threshold(100, 100), Some(1.0));
        assert_eq!(c.threshold(100, 60), Some(2.0));
        assert_eq!(c.threshold(100, 200), None);
        assert_eq!(c.threshold(100, 10), None);
    }

    #[test]
    fn nothing_is_changed_where_the_best_are_inlined() {
        let mut c = Candidates::default();
        let outer = c.begin();
        c.end(outer, 3.0, 90);
        c.refused(2.0, 20);
        assert_eq!(c.threshold(100, 95), None);
    }
}
