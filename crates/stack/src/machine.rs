//! The reference machine: executes a verified program one instruction at a time.
//!
//! It is what the stepper and the tracer show, and what the engine's results are compared with. Local variables and
//! operands of all frames lie in one array; a callee's first local variables are its caller's top operands, so
//! arguments are not copied.

use crate::isa::Action;
use crate::verify::Verified;
use std::fmt;

/// What a run may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions.
    pub fuel: Option<u64>,
    /// Calls that have not returned.
    pub calls: u32,
    /// Words of local variables and operands in all frames.
    pub stack: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { fuel: None, calls: 4096, stack: 1 << 20 }
    }
}

/// Why a run ended without HALT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    DivisionByZero,
    /// More calls than the limit allows.
    CallStackOverflow,
    /// Frames need more words than the limit allows.
    StackOverflow,
    OutOfFuel,
    TimedOut,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultKind::DivisionByZero => "division by zero",
            FaultKind::CallStackOverflow => "call stack overflow",
            FaultKind::StackOverflow => "operand stack overflow",
            FaultKind::OutOfFuel => "out of fuel",
            FaultKind::TimedOut => "time limit exceeded",
        })
    }
}

/// A fault and the instruction at which it happened, where that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    pub offset: Option<u32>,
}

/// An activation of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Index in [`Verified::functions`].
    pub function: usize,
    /// Instruction index to go on at in the caller.
    pub return_to: usize,
    /// Where its local variables begin among the values.
    pub locals: usize,
    /// Where its operands begin.
    pub operands: usize,
}

/// Everything that changes while a program runs, but for what it has printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// Index of the next instruction.
    pub pc: usize,
    /// Local variables and operands of all frames.
    pub values: Vec<i32>,
    /// Activations, the running one last.
    pub frames: Vec<Frame>,
    /// Instructions executed.
    pub steps: u64,
    pub halted: bool,
}

/// A program in execution.
#[derive(Clone, Debug)]
pub struct Machine<'p> {
    program: &'p Verified,
    limits: Limits,
    pub state: State,
    /// What has been printed.
    pub output: Vec<i32>,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// HALT; the top of the stack, if there was one.
    Halted(Option<i32>),
    Fault(Fault),
}

impl<'p> Machine<'p> {
    /// A machine about to execute the first instruction. Inputs that are not given have their defaults.
    ///
    /// # Errors
    /// When the main program's frame alone is beyond the limit.
    pub fn new(program: &'p Verified, inputs: &[i32], limits: Limits) -> Result<Machine<'p>, Fault> {
        let main = &program.functions()[0];
        if main.words() > limits.stack {
            return Err(Fault { kind: FaultKind::StackOverflow, offset: Some(0) });
        }
        let mut values: Vec<i32> = program.program().inputs.iter().map(|i| i.default).collect();
        for (value, input) in values.iter_mut().zip(inputs) {
            *value = *input;
        }
        values.resize(main.locals as usize, 0);
        let frame = Frame { function: 0, return_to: 0, locals: 0, operands: values.len() };
        let state = State { pc: main.entry, values, frames: vec![frame], steps: 0, halted: false };
        Ok(Machine { program, limits, state, output: Vec::new() })
    }

    pub fn program(&self) -> &'p Verified {
        self.program
    }

    /// The running activation.
    pub fn frame(&self) -> &Frame {
        self.state.frames.last().expect("the main program's frame stays")
    }

    /// Operands of the running activation, bottom first.
    pub fn operands(&self) -> &[i32] {
        &self.state.values[self.frame().operands..]
    }

    /// Local variables of the running activation.
    pub fn locals(&self) -> &[i32] {
        let frame = self.frame();
        &self.state.values[frame.locals..frame.operands]
    }

    /// Offset of the next instruction.
    pub fn offset(&self) -> u32 {
        self.program.instructions()[self.state.pc].offset
    }

    /// The value on top of the stack.
    pub fn result(&self) -> Option<i32> {
        self.operands().last().copied()
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault { kind, offset: Some(self.offset()) }
    }

    /// A value that verification has found to be there.
    #[inline]
    fn pop(&mut self) -> i32 {
        self.state.values.pop().expect("verified")
    }

    /// Executes one instruction. Does nothing once the program has halted.
    ///
    /// # Errors
    /// The machine is as before the instruction.
    #[inline]
    pub fn step(&mut self) -> Result<(), Fault> {
        if self.state.halted {
            return Ok(());
        }
        if self.limits.fuel == Some(self.state.steps) {
            return Err(self.fault(FaultKind::OutOfFuel));
        }
        let mut next = self.state.pc + 1;
        match self.program.actions()[self.state.pc] {
            Action::Push(value) => self.state.values.push(value),
            Action::Pop => {
                self.pop();
            }
            Action::Dup => {
                let top = self.pop();
                self.state.values.extend([top, top]);
            }
            Action::Swap => {
                let n = self.state.values.len();
                self.state.values.swap(n - 1, n - 2);
            }
            Action::Arithmetic(op) => {
                // The right operand is popped first.
                let right = self.pop();
                let left = self.pop();
                match op.apply(left, right) {
                    Some(result) => self.state.values.push(result),
                    None => {
                        self.state.values.extend([left, right]);
                        return Err(self.fault(FaultKind::DivisionByZero));
                    }
                }
            }
            Action::Compare(op) => {
                let right = self.pop();
                let left = self.pop();
                self.state.values.push(i32::from(op.holds(left, right)));
            }
            Action::Jump(target) => next = target as usize,
            Action::JumpIfZero(target) => {
                if self.pop() == 0 {
                    next = target as usize;
                }
            }
            Action::Call { target, arguments } => {
                next = self.call(target as usize, arguments as usize)?;
            }
            Action::Return => {
                let result = self.pop();
                let frame = self.state.frames.pop().expect("verified");
                self.state.values.truncate(frame.locals);
                self.state.values.push(result);
                next = frame.return_to;
            }
            Action::Load(n) => {
                let value = self.state.values[self.frame().locals + n as usize];
                self.state.values.push(value);
            }
            Action::Store(n) => {
                let value = self.pop();
                let at = self.frame().locals + n as usize;
                self.state.values[at] = value;
            }
            Action::Print => {
                let value = self.pop();
                self.output.push(value);
            }
            Action::Halt => {
                self.state.halted = true;
                next = self.state.pc;
            }
        }
        self.state.pc = next;
        self.state.steps += 1;
        Ok(())
    }

    fn call(&mut self, function: usize, arguments: usize) -> Result<usize, Fault> {
        let callee = &self.program.functions()[function];
        let locals = self.state.values.len() - arguments;
        // The main program is no call.
        if self.state.frames.len() > self.limits.calls as usize {
            return Err(self.fault(FaultKind::CallStackOverflow));
        }
        if locals as u64 + u64::from(callee.words()) > u64::from(self.limits.stack) {
            return Err(self.fault(FaultKind::StackOverflow));
        }
        let operands = locals + callee.locals as usize;
        self.state.values.resize(operands, 0);
        self.state.frames.push(Frame { function, return_to: self.state.pc + 1, locals, operands });
        Ok(callee.entry)
    }

    /// Executes at most `count` instructions; `None` when the program still runs.
    pub fn run(&mut self, count: u64) -> Option<End> {
        for _ in 0..count {
            if let Err(fault) = self.step() {
                return Some(End::Fault(fault));
            }
            if self.state.halted {
                return Some(End::Halted(self.result()));
            }
        }
        None
    }
}

/// Runs a program to its end; gives that, what it printed and how many instructions it executed.
pub fn run(program: &Verified, inputs: &[i32], limits: Limits) -> (End, Vec<i32>, u64) {
    match Machine::new(program, inputs, limits) {
        Err(fault) => (End::Fault(fault), Vec::new(), 0),
        Ok(mut machine) => loop {
            if let Some(end) = machine.run(u64::MAX) {
                return (end, machine.output, machine.state.steps);
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Code, Function, Input, Program};
    use crate::verify::verify;

    fn verified(words: &[i32]) -> Verified {
        verify(Program::from_code(Code::Mini(words.to_vec()))).unwrap()
    }

    fn result(words: &[i32]) -> End {
        run(&verified(words), &[], Limits::default()).0
    }

    fn fault(kind: FaultKind, offset: u32) -> End {
        End::Fault(Fault { kind, offset: Some(offset) })
    }

    #[test]
    fn published_programs() {
        let code = Code::Expression(vec![100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]);
        let v = verify(Program::from_code(code)).unwrap();
        assert_eq!(run(&v, &[], Limits::default()), (End::Halted(Some(635)), vec![], 6));
        assert_eq!(result(&[1, 10, 1, 20, 3, 0]), End::Halted(Some(30)));
    }

    #[test]
    fn expression_instructions() {
        let value = |a: u8, b: u8, op: u8| {
            let v = verify(Program::from_code(Code::Expression(vec![100, 0, a, 100, 0, b, op]))).unwrap();
            run(&v, &[], Limits::default()).0
        };
        assert_eq!(value(7, 2, 20), End::Halted(Some(14)));
        assert_eq!(value(7, 2, 21), End::Halted(Some(3)));
        assert_eq!(value(7, 2, 23), End::Halted(Some(9)));
        assert_eq!(value(7, 9, 24), End::Halted(Some(-2)));
        assert_eq!(value(7, 0, 21), fault(FaultKind::DivisionByZero, 6));
        // Operands are unsigned, high byte first.
        let v = verify(Program::from_code(Code::Expression(vec![100, 0xff, 0xfe]))).unwrap();
        assert_eq!(run(&v, &[], Limits::default()).0, End::Halted(Some(65534)));
    }

    /// Every instruction of the mini set, by what it leaves.
    #[test]
    fn mini_instructions() {
        let binary = |a, b, op| result(&[1, a, 1, b, op, 0]);
        for (op, a, b, expected) in [
            (3, 7, -9, -2),
            (3, i32::MAX, 1, i32::MIN),
            (4, 7, 9, -2),
            (4, i32::MIN, 1, i32::MAX),
            (5, -3, 5, -15),
            (5, 65536, 65536, 0),
            (6, -7, 2, -3),
            (6, 7, -2, -3),
            (6, i32::MIN, -1, i32::MIN),
            (22, -7, 2, -1),
            (22, 7, -2, 1),
            (22, i32::MIN, -1, 0),
            (13, 4, 4, 1),
            (13, 4, 5, 0),
            (14, 4, 5, 1),
            (14, 4, 4, 0),
            (15, -1, 0, 1),
            (15, 0, 0, 0),
            (16, 0, 0, 1),
            (16, 1, 0, 0),
            (17, 1, 0, 1),
            (17, 0, 0, 0),
            (18, 0, 0, 1),
            (18, -1, 0, 0),
            (20, 1, 2, 1),
        ] {
            assert_eq!(binary(a, b, op), End::Halted(Some(expected)), "{op} {a} {b}");
        }
        assert_eq!(binary(1, 0, 6), fault(FaultKind::DivisionByZero, 4));
        assert_eq!(binary(1, 0, 22), fault(FaultKind::DivisionByZero, 4));
        // POP, DUP
        assert_eq!(result(&[1, 5, 1, 6, 2, 0]), End::Halted(Some(5)));
        assert_eq!(result(&[1, 5, 19, 3, 0]), End::Halted(Some(10)));
        // JMP; JZ taken and not, and what it tests is popped
        assert_eq!(result(&[1, 5, 7, 5, 0, 0]), End::Halted(Some(5)));
        assert_eq!(result(&[1, 9, 1, 0, 8, 8, 0, 0, 1, 7, 3, 0]), End::Halted(Some(16)));
        assert_eq!(result(&[1, 9, 1, 3, 8, 8, 0, 0, 1, 7, 3, 0]), End::Halted(Some(9)));
        assert_eq!(result(&[1, 1, 8, 4, 0]), End::Halted(None));
        // HALT without a value; LOAD and STORE
        assert_eq!(result(&[0]), End::Halted(None));
        assert_eq!(result(&[1, 4, 12, 3, 11, 3, 11, 0, 3, 0]), End::Halted(Some(4)));
    }

    #[test]
    fn printing_and_inputs() {
        let mut program = Program::from_code(Code::Mini(vec![11, 0, 21, 11, 1, 21, 11, 2, 0]));
        let input = |name: &str, default| Input { name: name.into(), default };
        program.inputs = vec![input("a", 4), input("b", 5)];
        let v = verify(program).unwrap();
        assert_eq!(run(&v, &[], Limits::default()), (End::Halted(Some(0)), vec![4, 5], 6));
        assert_eq!(run(&v, &[-1], Limits::default()).1, [-1, 5]);
        assert_eq!(run(&v, &[1, 2, 3], Limits::default()).1, [1, 2]);
    }

    /// fact(n) = n < 2 ? 1 : n * fact(n - 1)
    const FACTORIAL: [i32; 25] =
        [1, 5, 9, 6, 1, 0, 11, 0, 1, 2, 15, 8, 16, 1, 1, 10, 11, 0, 11, 0, 1, 1, 4, 9, 6];

    fn factorial() -> Verified {
        verified(&[&FACTORIAL[..], &[1, 5, 10]].concat())
    }

    #[test]
    fn recursion_and_frames() {
        let v = factorial();
        assert_eq!(run(&v, &[], Limits::default()).0, End::Halted(Some(120)));
        let mut m = Machine::new(&v, &[], Limits::default()).unwrap();
        while m.state.frames.len() < 3 {
            m.step().unwrap();
        }
        assert_eq!((m.locals(), m.operands().len()), (&[4][..], 0));
        // The caller's operand below the argument is still there.
        assert_eq!(m.state.values, [5, 5, 4]);
    }

    #[test]
    fn a_fault_leaves_the_machine_as_it_was() {
        let v = verified(&[1, 5, 1, 0, 6, 0]);
        let mut m = Machine::new(&v, &[], Limits::default()).unwrap();
        m.step().unwrap();
        m.step().unwrap();
        let before = m.state.clone();
        assert!(m.step().is_err());
        assert_eq!(m.state, before);
    }

    #[test]
    fn limits() {
        let v = factorial();
        let with = |limits| run(&v, &[], limits).0;
        let full = Limits::default();
        assert_eq!(with(Limits { calls: 5, ..full }), End::Halted(Some(120)));
        assert_eq!(with(Limits { calls: 4, ..full }), fault(FaultKind::CallStackOverflow, 23));
        assert_eq!(with(Limits { calls: 0, ..full }), fault(FaultKind::CallStackOverflow, 2));
        let steps = run(&v, &[], full).2;
        assert_eq!(with(Limits { fuel: Some(steps), ..full }), End::Halted(Some(120)));
        assert_eq!(with(Limits { fuel: Some(steps - 1), ..full }), fault(FaultKind::OutOfFuel, 5));
        assert_eq!(with(Limits { fuel: Some(0), ..full }), fault(FaultKind::OutOfFuel, 0));
        // Frames: main 1 operand; fact 1 local and 3 operands, of which one stays below the argument at a call.
        assert_eq!(with(Limits { stack: 12, ..full }), End::Halted(Some(120)));
        assert_eq!(with(Limits { stack: 11, ..full }), fault(FaultKind::StackOverflow, 23));
        assert_eq!(with(Limits { stack: 0, ..full }), fault(FaultKind::StackOverflow, 0));
        // An endless loop, and endless recursion.
        let fuel = Limits { fuel: Some(1000), ..full };
        assert_eq!(run(&verified(&[7, 0]), &[], fuel).0, fault(FaultKind::OutOfFuel, 0));
        assert_eq!(result(&[9, 4, 0, 0, 9, 4, 0, 10]), fault(FaultKind::CallStackOverflow, 4));
    }

    #[test]
    fn halt_in_a_function_stops_the_machine() {
        let mut program = Program::empty(Code::Mini(vec![9, 5, 0, 2, 0, 1, 42, 0]));
        program.functions = vec![Function { name: "f".into(), entry: 5, arguments: 0, locals: 0 }];
        let v = verify(program).unwrap();
        assert_eq!(run(&v, &[], Limits::default()).0, End::Halted(Some(42)));
    }
}
