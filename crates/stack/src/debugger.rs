//! A debugger's session: a program that can be executed step by step, forwards and backwards.
//!
//! To go back, the machine is set to an earlier state that was kept and executes again what lies between: what a program
//! does depends on nothing outside it. States are kept at growing distances, so that their number is bounded.

use crate::machine::{End, Fault, Frame, Limits, Machine, State};
use crate::verify::Verified;
use std::collections::BTreeSet;

/// Distance between kept states at first.
const DISTANCE: u64 = 1 << 10;
/// Kept states, and words in them, above which every other one is dropped.
const MOST_STATES: usize = 256;
const MOST_WORDS: usize = 16 << 20;

struct Kept {
    state: State,
    printed: usize,
}

/// What ends an execution that goes on for more than a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// A breakpoint, or the program's end.
    Continue,
    /// The next instruction of this activation, or of a caller.
    Over { depth: usize },
    /// The caller.
    Out { depth: usize },
    /// The instruction of this index.
    To { index: usize },
}

/// How far an execution has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// There is more to do.
    Running,
    /// The goal is reached.
    Reached,
    /// At a breakpoint.
    Breakpoint,
    /// The program has ended.
    Ended,
}

/// A program in the debugger.
pub struct Session<'p> {
    machine: Machine<'p>,
    /// The state at first, and every `distance` instructions.
    kept: Vec<Kept>,
    distance: u64,
    fault: Option<Fault>,
    breakpoints: BTreeSet<usize>,
}

impl<'p> Session<'p> {
    /// A session before the first instruction.
    ///
    /// # Errors
    /// As [`Machine::new`].
    pub fn new(program: &'p Verified, inputs: &[i32], limits: Limits) -> Result<Session<'p>, Fault> {
        let machine = Machine::new(program, inputs, limits)?;
        let kept = vec![Kept { state: machine.state.clone(), printed: 0 }];
        Ok(Session { machine, kept, distance: DISTANCE, fault: None, breakpoints: BTreeSet::new() })
    }

    pub fn machine(&self) -> &Machine<'p> {
        &self.machine
    }

    pub fn program(&self) -> &'p Verified {
        self.machine.program()
    }

    /// Index of the next instruction.
    pub fn pc(&self) -> usize {
        self.machine.state.pc
    }

    /// Instructions executed so far.
    pub fn steps(&self) -> u64 {
        self.machine.state.steps
    }

    /// How the program has ended; `None` when it can go on.
    pub fn end(&self) -> Option<End> {
        match self.fault {
            Some(fault) => Some(End::Fault(fault)),
            None if self.machine.state.halted => Some(End::Halted(self.machine.result())),
            None => None,
        }
    }

    /// Activations, innermost first, each with the index of the instruction it is at.
    pub fn calls(&self) -> impl Iterator<Item = (&Frame, usize)> {
        let frames = &self.machine.state.frames;
        let returns = frames.iter().skip(1).rev().map(|f| f.return_to - 1);
        frames.iter().rev().zip(std::iter::once(self.pc()).chain(returns))
    }

    pub fn is_breakpoint(&self, index: usize) -> bool {
        self.breakpoints.contains(&index)
    }

    /// Sets or removes a breakpoint; says whether there is one now.
    pub fn toggle_breakpoint(&mut self, index: usize) -> bool {
        let set = self.breakpoints.insert(index);
        if !set {
            self.breakpoints.remove(&index);
        }
        set
    }

    /// Executes one instruction; false when the program has ended.
    pub fn step(&mut self) -> bool {
        if self.end().is_some() {
            return false;
        }
        match self.machine.step() {
            Ok(()) => self.keep(),
            Err(fault) => self.fault = Some(fault),
        }
        true
    }

    /// A goal for this activation: over a call.
    pub fn over(&self) -> Goal {
        Goal::Over { depth: self.machine.state.frames.len() }
    }

    /// A goal for this activation: its caller; from the main program, the end.
    pub fn out(&self) -> Goal {
        Goal::Out { depth: self.machine.state.frames.len() }
    }

    /// Executes at least one and at most `count` instructions on the way to a goal.
    pub fn advance(&mut self, goal: Goal, count: u64) -> Progress {
        for _ in 0..count.max(1) {
            if !self.step() || self.end().is_some() {
                return Progress::Ended;
            }
            let depth = self.machine.state.frames.len();
            let reached = match goal {
                Goal::Continue => false,
                Goal::Over { depth: wanted } => depth <= wanted,
                Goal::Out { depth: wanted } => depth < wanted,
                Goal::To { index } => self.pc() == index,
            };
            if reached {
                return Progress::Reached;
            }
            if self.breakpoints.contains(&self.pc()) {
                return Progress::Breakpoint;
            }
        }
        Progress::Running
    }

    /// Undoes the last instruction; false at the beginning.
    pub fn back(&mut self) -> bool {
        // A fault is no instruction: the machine is where it was before.
        if self.fault.take().is_some() {
            return true;
        }
        match self.steps().checked_sub(1) {
            None => false,
            Some(earlier) => {
                self.go_to(earlier);
                true
            }
        }
    }

    /// Undoes everything.
    pub fn restart(&mut self) {
        self.go_to(0);
    }

    /// To the state after so many instructions, not more than have been executed.
    fn go_to(&mut self, steps: u64) {
        self.fault = None;
        let after = self.kept.partition_point(|k| k.state.steps <= steps);
        self.kept.truncate(after.max(1));
        let kept = &self.kept[self.kept.len() - 1];
        self.machine.state.clone_from(&kept.state);
        self.machine.output.truncate(kept.printed);
        while self.steps() < steps && self.machine.step().is_ok() {}
    }

    fn keep(&mut self) {
        let last = self.kept.last().map_or(0, |k| k.state.steps);
        if self.steps() < last + self.distance {
            return;
        }
        self.kept.push(Kept { state: self.machine.state.clone(), printed: self.machine.output.len() });
        let words: usize = self.kept.iter().map(|k| k.state.values.len() + 4 * k.state.frames.len()).sum();
        if self.kept.len() > MOST_STATES || words > MOST_WORDS && self.kept.len() > 2 {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.distance *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::compile;
    use crate::machine::FaultKind;
    use crate::verify::verify;

    fn program(text: &str) -> Verified {
        verify(compile(text, "t.bean", None).unwrap()).unwrap()
    }

    const FACTORIAL: &str = "fn fact(n) { if n < 2 { return 1; } n * fact(n - 1) } print fact(5); fact(4)";

    #[test]
    fn back_is_the_inverse_of_step() {
        let v = program(FACTORIAL);
        let mut s = Session::new(&v, &[], Limits::default()).unwrap();
        let mut states = vec![(s.machine().state.clone(), s.machine().output.clone())];
        while s.step() {
            states.push((s.machine().state.clone(), s.machine().output.clone()));
        }
        assert_eq!(s.end(), Some(End::Halted(Some(24))));
        for (state, output) in states.iter().rev().skip(1) {
            assert!(s.back());
            assert_eq!((&s.machine().state, &s.machine().output), (state, output));
        }
        assert!(!s.back());
        assert_eq!(s.end(), None);
    }

    #[test]
    fn back_over_millions_of_instructions() {
        let v = program("let i = 0; while i < 200000 { i = i + 1; if i % 50000 == 0 { print i; } } i");
        let mut s = Session::new(&v, &[], Limits::default()).unwrap();
        assert_eq!(s.advance(Goal::Continue, u64::MAX), Progress::Ended);
        let steps = s.steps();
        assert!(steps > 2_000_000 && s.kept.len() <= MOST_STATES + 1 && s.distance > DISTANCE);
        for _ in 0..4 {
            s.back();
        }
        assert_eq!((s.steps(), s.machine().output.len()), (steps - 4, 4));
        assert_eq!(s.advance(Goal::Continue, 100), Progress::Ended);
        assert_eq!((s.steps(), s.end()), (steps, Some(End::Halted(Some(200_000)))));
        s.restart();
        assert_eq!((s.steps(), s.pc(), s.machine().output.len()), (0, 0, 0));
    }

    #[test]
    fn over_out_and_to() {
        let v = program(FACTORIAL);
        let mut s = Session::new(&v, &[], Limits::default()).unwrap();
        s.step();
        let call = s.pc();
        let over = s.over();
        assert_eq!(s.advance(over, 1000), Progress::Reached);
        assert_eq!((s.pc(), s.machine().operands()), (call + 1, &[120][..]));
        s.back();
        assert_eq!(s.machine().state.frames.len(), 2);
        s.restart();
        s.step();
        s.step();
        assert_eq!(s.machine().state.frames.len(), 2);
        let out = s.out();
        assert_eq!(s.advance(out, 1000), Progress::Reached);
        assert_eq!((s.pc(), s.machine().operands()), (call + 1, &[120][..]));
        // Out of the main program: to the end.
        let out = s.out();
        assert_eq!(s.advance(out, 1000), Progress::Ended);
        s.restart();
        assert_eq!(s.advance(Goal::To { index: call + 1 }, 1000), Progress::Reached);
        assert_eq!(s.machine().state.frames.len(), 1);
        assert_eq!(s.advance(Goal::To { index: call + 1 }, 3), Progress::Running);
    }

    #[test]
    fn breakpoints_stop_every_goal() {
        let v = program(FACTORIAL);
        let entry = v.functions()[1].entry;
        let mut s = Session::new(&v, &[], Limits::default()).unwrap();
        assert!(s.toggle_breakpoint(entry) && s.is_breakpoint(entry));
        for depth in 2..=6 {
            assert_eq!(s.advance(Goal::Continue, 1000), Progress::Breakpoint);
            assert_eq!((s.pc(), s.calls().count()), (entry, depth));
        }
        let out = s.out();
        s.back();
        assert_eq!(s.advance(out, 1000), Progress::Breakpoint);
        assert!(!s.toggle_breakpoint(entry));
        let places: Vec<usize> = s.calls().map(|(_, at)| at).collect();
        assert!(places[1..5].iter().all(|p| *p == places[1]) && places[0] == entry);
        assert_eq!(s.advance(Goal::Continue, 1000), Progress::Ended);
    }

    #[test]
    fn faults_can_be_undone() {
        let v = program("let x = 3; x / (x - 3)");
        let mut s = Session::new(&v, &[], Limits::default()).unwrap();
        assert_eq!(s.advance(Goal::Continue, 1000), Progress::Ended);
        assert!(matches!(s.end(), Some(End::Fault(Fault { kind: FaultKind::DivisionByZero, .. }))));
        assert!(!s.step());
        let operands = s.machine().operands().to_vec();
        assert_eq!(operands, [3, 0]);
        assert!(s.back());
        assert_eq!((s.end(), s.machine().operands()), (None, &operands[..]));
        assert!(s.back());
        assert_eq!(s.machine().operands(), [3, 3, 3]);
    }
}
