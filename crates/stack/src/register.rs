//! The same programs for a register machine, to compare the two styles in figures.
//!
//! A frame's registers are its local variables, then one register for each place on the operand stack, then a scratch
//! register. The translation keeps the operand stack symbolically within straight code, so that loads of variables and
//! constants cost nothing where an instruction can name them, a computed value goes straight to the variable that it is
//! stored in, and a comparison with the jump behind it is one instruction. Nothing is computed in advance.
//!
//! Instructions take 4 bytes: opcode and three operands of 8 bits, of which the last may be a small constant. A
//! constant or an address of its own takes 4 more, and so does an instruction that names registers above 255.

use crate::isa::{Action, Arithmetic, Comparison};
use crate::machine::{End, Fault, FaultKind, Limits};
use crate::verify::Verified;

/// Number of a register in its frame.
pub type Register = u32;

/// The last operand of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    Register(Register),
    Small(i8),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Arithmetic(Arithmetic),
    Compare(Comparison),
}

/// An instruction of the register machine. Targets are instruction indexes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instruction {
    Move {
        to: Register,
        from: Register,
    },
    Constant {
        to: Register,
        value: i32,
    },
    Operate {
        operation: Operation,
        to: Register,
        left: Register,
        right: Operand,
    },
    Jump {
        target: usize,
    },
    JumpIfZero {
        test: Register,
        target: usize,
    },
    /// Jumps when the comparison does not hold.
    JumpUnless {
        comparison: Comparison,
        left: Register,
        right: Operand,
        target: usize,
    },
    /// Arguments are in consecutive registers from `base` on, and the result goes there.
    Call {
        function: usize,
        base: Register,
    },
    Return {
        from: Register,
    },
    Print {
        from: Register,
    },
    Halt {
        result: Option<Register>,
    },
}

impl Instruction {
    /// Bytes of its encoding.
    pub fn bytes(&self) -> usize {
        use Instruction as I;
        let (registers, extra): (&[Register], bool) = match self {
            I::Move { to, from } => (&[*to, *from], false),
            I::Constant { to, value } => (&[*to], i16::try_from(*value).is_err()),
            I::Operate { to, left, right: Operand::Register(right), .. } => (&[*to, *left, *right], false),
            I::Operate { to, left, .. } => (&[*to, *left], false),
            I::Jump { .. } => (&[], false),
            I::JumpIfZero { test, .. } => (&[*test], false),
            I::JumpUnless { left, right: Operand::Register(right), .. } => (&[*left, *right], true),
            I::JumpUnless { left, .. } => (&[*left], true),
            I::Call { base, .. } => (&[*base], true),
            I::Return { from } | I::Print { from } => (&[*from], false),
            I::Halt { result } => (result.as_slice(), false),
        };
        let wide = registers.iter().any(|r| *r > 255);
        4 + 4 * usize::from(extra) + 4 * usize::from(wide)
    }
}

#[derive(Clone, Debug)]
struct Function {
    entry: usize,
    arguments: u32,
    registers: u32,
}

/// A program in register form.
#[derive(Clone, Debug)]
pub struct RegisterProgram {
    pub instructions: Vec<Instruction>,
    functions: Vec<Function>,
}

/// What is on a place of the operand stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Value {
    Register(Register),
    Constant(i32),
}

struct Translator {
    out: Vec<Instruction>,
    /// Register instruction index by stack instruction index.
    starts: Vec<usize>,
    /// First register of the operand stack, and the scratch register behind it.
    operands: Register,
    scratch: Register,
    stack: Vec<Value>,
    /// Where the block's code begins: what is in front of it may be jumped over.
    block: usize,
}

/// Translates a program.
pub fn translate(program: &Verified) -> RegisterProgram {
    let targets = program.jump_targets();
    let n = program.instructions().len();
    let mut t = Translator {
        out: Vec::new(),
        starts: vec![usize::MAX; n],
        operands: 0,
        scratch: 0,
        stack: Vec::new(),
        block: 0,
    };
    for (f, info) in program.functions().iter().enumerate() {
        t.operands = info.locals;
        t.scratch = info.locals + info.max_operands;
        let mut open = false;
        for i in program.instructions_of(f) {
            if targets[i] {
                if open {
                    t.flush();
                }
                t.stack =
                    (0..program.depth(i).unwrap_or(0)).map(|k| Value::Register(t.operands + k)).collect();
                t.block = t.out.len();
            }
            t.starts[i] = t.out.len();
            t.instruction(program.actions()[i]);
            open = !program.actions()[i].ends_flow();
        }
    }
    let mut instructions = t.out;
    for instruction in &mut instructions {
        match instruction {
            Instruction::Jump { target }
            | Instruction::JumpIfZero { target, .. }
            | Instruction::JumpUnless { target, .. } => *target = t.starts[*target],
            _ => {}
        }
    }
    let functions = program
        .functions()
        .iter()
        .map(|f| Function { entry: t.starts[f.entry], arguments: f.arguments, registers: f.words() + 1 })
        .collect();
    RegisterProgram { instructions, functions }
}

impl Translator {
    /// The register that belongs to a place of the stack.
    fn own(&self, place: usize) -> Register {
        self.operands + place as u32
    }

    /// Puts every value into the register of its place.
    fn flush(&mut self) {
        // Registers that are still to be read are written last; a cycle is broken by the scratch register.
        let mut pending: Vec<usize> =
            (0..self.stack.len()).filter(|p| self.stack[*p] != Value::Register(self.own(*p))).collect();
        while !pending.is_empty() {
            let free = pending.iter().position(|p| {
                let to = Value::Register(self.own(*p));
                !pending.iter().any(|q| q != p && self.stack[*q] == to)
            });
            match free {
                Some(i) => {
                    let place = pending.swap_remove(i);
                    let to = self.own(place);
                    self.put(to, self.stack[place]);
                    self.stack[place] = Value::Register(to);
                }
                None => {
                    let to = self.own(pending[0]);
                    self.out.push(Instruction::Move { to: self.scratch, from: to });
                    for p in &pending {
                        if self.stack[*p] == Value::Register(to) {
                            self.stack[*p] = Value::Register(self.scratch);
                        }
                    }
                }
            }
        }
    }

    fn put(&mut self, to: Register, value: Value) {
        match value {
            Value::Register(from) if from == to => {}
            Value::Register(from) => self.out.push(Instruction::Move { to, from }),
            Value::Constant(value) => self.out.push(Instruction::Constant { to, value }),
        }
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect("verified")
    }

    fn operate(&mut self, operation: Operation) {
        let right = self.pop();
        let left = self.pop();
        let place = self.stack.len();
        // Places refer to each other's registers only after SWAP and DUP: then the simple way is right.
        let tangled = self.stack.iter().enumerate().any(|(p, v)| match v {
            Value::Register(r) => *r >= self.operands && *r != self.own(p),
            Value::Constant(_) => false,
        });
        if tangled {
            self.stack.extend([left, right]);
            self.flush();
            self.stack.truncate(place);
            let (left, right) = (self.own(place), Operand::Register(self.own(place + 1)));
            self.out.push(Instruction::Operate { operation, to: left, left, right });
            self.stack.push(Value::Register(left));
            return;
        }
        // A constant on the left takes the result's register, which the right operand may be in (after SWAP).
        let left = match left {
            Value::Constant(value) => {
                let at =
                    if right == Value::Register(self.own(place)) { self.scratch } else { self.own(place) };
                self.out.push(Instruction::Constant { to: at, value });
                at
            }
            Value::Register(r) => r,
        };
        let right = match right {
            Value::Constant(value) => match i8::try_from(value) {
                Ok(small) => Operand::Small(small),
                Err(_) => {
                    let to = if left == self.own(place + 1) { self.scratch } else { self.own(place + 1) };
                    self.out.push(Instruction::Constant { to, value });
                    Operand::Register(to)
                }
            },
            Value::Register(r) => Operand::Register(r),
        };
        let to = self.own(place);
        self.out.push(Instruction::Operate { operation, to, left, right });
        self.stack.push(Value::Register(to));
    }

    /// The last instruction of the block, if it computed `value` and nothing else refers to its result.
    fn computed(&mut self, value: Value) -> Option<Instruction> {
        let last = *self.out.last().filter(|_| self.out.len() > self.block)?;
        let Instruction::Operate { to, .. } = last else { return None };
        let only = value == Value::Register(to) && !self.stack.contains(&value) && to >= self.operands;
        only.then_some(last)
    }

    fn instruction(&mut self, action: Action) {
        match action {
            Action::Push(value) => self.stack.push(Value::Constant(value)),
            Action::Load(n) => self.stack.push(Value::Register(n as u32)),
            Action::Pop => {
                self.pop();
            }
            Action::Dup => {
                let top = *self.stack.last().expect("verified");
                self.stack.push(top);
            }
            Action::Swap => {
                let n = self.stack.len();
                self.stack.swap(n - 1, n - 2);
            }
            Action::Arithmetic(op) => self.operate(Operation::Arithmetic(op)),
            Action::Compare(op) => self.operate(Operation::Compare(op)),
            Action::Store(n) => {
                let value = self.pop();
                let local = n as u32;
                if self.stack.contains(&Value::Register(local)) {
                    // The old value is still wanted.
                    self.stack.push(value);
                    self.flush();
                    let value = self.pop();
                    self.put(local, value);
                } else if let Some(Instruction::Operate { operation, left, right, .. }) = self.computed(value)
                {
                    self.out.pop();
                    self.out.push(Instruction::Operate { operation, to: local, left, right });
                } else {
                    self.put(local, value);
                }
            }
            Action::Jump(target) => {
                self.flush();
                self.out.push(Instruction::Jump { target: target as usize });
            }
            Action::JumpIfZero(target) => self.jump_if_zero(target as usize),
            Action::Call { target, arguments } => {
                self.flush();
                let below = self.stack.len() - arguments as usize;
                let base = self.own(below);
                self.stack.truncate(below);
                self.out.push(Instruction::Call { function: target as usize, base });
                self.stack.push(Value::Register(base));
            }
            Action::Return => {
                let value = self.pop();
                let from = self.some_register(value);
                self.out.push(Instruction::Return { from });
            }
            Action::Print => {
                let value = self.pop();
                let from = self.some_register(value);
                self.out.push(Instruction::Print { from });
            }
            Action::Halt => {
                let result = self.stack.last().copied().map(|value| self.some_register(value));
                self.out.push(Instruction::Halt { result });
            }
        }
    }

    /// A register with a value, for the next instruction.
    fn some_register(&mut self, value: Value) -> Register {
        match value {
            Value::Register(r) => r,
            Value::Constant(value) => {
                self.out.push(Instruction::Constant { to: self.scratch, value });
                self.scratch
            }
        }
    }

    fn jump_if_zero(&mut self, target: usize) {
        let value = self.pop();
        let in_place = self.stack.iter().enumerate().all(|(p, v)| *v == Value::Register(self.own(p)));
        if in_place
            && let Some(Instruction::Operate {
                operation: Operation::Compare(comparison), left, right, ..
            }) = self.computed(value)
        {
            self.out.pop();
            self.out.push(Instruction::JumpUnless { comparison, left, right, target });
            return;
        }
        // The test may be in a register that the flush writes.
        self.stack.push(value);
        self.flush();
        let Value::Register(test) = self.pop() else { unreachable!("flush leaves registers") };
        self.out.push(Instruction::JumpIfZero { test, target });
    }
}

impl RegisterProgram {
    /// Bytes of the code.
    pub fn byte_len(&self) -> usize {
        self.instructions.iter().map(Instruction::bytes).sum()
    }

    /// Runs the program of `source`; gives its end, what it printed, and the number of instructions executed. `limits.fuel`
    /// counts register instructions; the size of the stack is not checked.
    pub fn run(&self, source: &Verified, inputs: &[i32], limits: Limits) -> (End, Vec<i32>, u64) {
        let mut registers: Vec<i32> = source.program().inputs.iter().map(|i| i.default).collect();
        registers.iter_mut().zip(inputs).for_each(|(r, i)| *r = *i);
        registers.resize(self.functions[0].registers as usize, 0);
        // Of the callers: base, end, where to go on.
        let mut frames: Vec<(usize, usize, usize)> = Vec::new();
        let (mut base, mut pc, mut count) = (0usize, self.functions[0].entry, 0u64);
        let mut output = Vec::new();
        let fault = |kind| End::Fault(Fault { kind, offset: None });
        loop {
            if limits.fuel == Some(count) {
                return (fault(FaultKind::OutOfFuel), output, count);
            }
            count += 1;
            let operand = |registers: &[i32], o: Operand| match o {
                Operand::Register(r) => registers[base + r as usize],
                Operand::Small(value) => i32::from(value),
            };
            let mut next = pc + 1;
            match self.instructions[pc] {
                Instruction::Move { to, from } => {
                    registers[base + to as usize] = registers[base + from as usize]
                }
                Instruction::Constant { to, value } => registers[base + to as usize] = value,
                Instruction::Operate { operation, to, left, right } => {
                    let (a, b) = (registers[base + left as usize], operand(&registers, right));
                    registers[base + to as usize] = match operation {
                        Operation::Compare(op) => i32::from(op.holds(a, b)),
                        Operation::Arithmetic(op) => match op.apply(a, b) {
                            Some(value) => value,
                            None => return (fault(FaultKind::DivisionByZero), output, count),
                        },
                    };
                }
                Instruction::Jump { target } => next = target,
                Instruction::JumpIfZero { test, target } => {
                    if registers[base + test as usize] == 0 {
                        next = target;
                    }
                }
                Instruction::JumpUnless { comparison, left, right, target } => {
                    if !comparison.holds(registers[base + left as usize], operand(&registers, right)) {
                        next = target;
                    }
                }
                Instruction::Call { function, base: first } => {
                    if frames.len() >= limits.calls as usize {
                        return (fault(FaultKind::CallStackOverflow), output, count);
                    }
                    frames.push((base, registers.len(), next));
                    base += first as usize;
                    let callee = &self.functions[function];
                    registers.resize(base + callee.arguments as usize, 0);
                    registers.resize(base + callee.registers as usize, 0);
                    next = callee.entry;
                }
                Instruction::Return { from } => {
                    let result = registers[base + from as usize];
                    let Some((caller, end, return_to)) = frames.pop() else { unreachable!("verified") };
                    registers[base] = result;
                    registers.resize(end, 0);
                    (base, next) = (caller, return_to);
                }
                Instruction::Print { from } => output.push(registers[base + from as usize]),
                Instruction::Halt { result } => {
                    let result = result.map(|r| registers[base + r as usize]);
                    return (End::Halted(result), output, count);
                }
            }
            pc = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::compile;
    use crate::machine;
    use crate::program::{Code, Program};
    use crate::verify::verify;

    fn of(text: &str) -> (Verified, RegisterProgram) {
        let v = verify(compile(text, "", None).unwrap()).unwrap();
        let r = translate(&v);
        (v, r)
    }

    #[test]
    fn a_loop_in_both_styles() {
        let (v, r) = of("input n = 100; let i = 1; let s = 0; while i <= n { s = s + i; i = i + 1; } s");
        let (end, output, stack) = machine::run(&v, &[], Limits::default());
        let (other, printed, registers) = r.run(&v, &[], Limits::default());
        assert_eq!((&end, &output), (&other, &printed));
        assert_eq!(end, End::Halted(Some(5050)));
        // 4 of 13 a turn: compare and jump, two additions, jump back.
        assert_eq!((stack, registers), (13 * 100 + 10, 4 * 100 + 4));
        assert_eq!(r.byte_len(), 4 * 6 + 8);
    }

    #[test]
    fn swapped_and_doubled_values() {
        for words in [
            // 7 2 swap - ; 1 2 3 with swaps across a jump; dup under a store
            vec![1, 7, 1, 2, 20, 4, 0],
            vec![1, 1, 1, 2, 1, 3, 20, 7, 9, 20, 4, 20, 4, 0],
            vec![1, 5, 12, 0, 11, 0, 19, 1, 9, 12, 0, 3, 11, 0, 5, 0],
            vec![1, 300, 19, 5, 19, 1, 1, 20, 4, 21, 21, 0],
            vec![11, 0, 11, 1, 20, 3, 1, 1000, 20, 4, 12, 1, 11, 1, 0],
        ] {
            let v = verify(Program::from_code(Code::Mini(words.clone()))).unwrap();
            let (end, output, _) = machine::run(&v, &[], Limits::default());
            let (other, printed, _) = translate(&v).run(&v, &[], Limits::default());
            assert_eq!((end, output), (other, printed), "{words:?}");
        }
    }

    #[test]
    fn calls() {
        let (v, r) = of(
            "fn fib(n) { if n < 2 { return n; } fib(n - 1) + fib(n - 2) } fn three() { 3 } fib(15) * three()",
        );
        let (end, _, stack) = machine::run(&v, &[], Limits::default());
        let (other, _, registers) = r.run(&v, &[], Limits::default());
        assert_eq!((&end, &end), (&other, &End::Halted(Some(1830))));
        assert!(registers * 3 < stack * 2, "{registers} {stack}");
        let (v, r) = of("fn f(n) { f(n + 1) } f(0)");
        assert!(matches!(
            r.run(&v, &[], Limits::default()).0,
            End::Fault(Fault { kind: FaultKind::CallStackOverflow, .. })
        ));
        let (v, r) = of("while 1 { }");
        let fuel = Limits { fuel: Some(100), ..Limits::default() };
        assert!(matches!(r.run(&v, &[], fuel).0, End::Fault(Fault { kind: FaultKind::OutOfFuel, .. })));
    }

    #[test]
    fn sizes() {
        use Instruction as I;
        assert_eq!(I::Move { to: 255, from: 0 }.bytes(), 4);
        assert_eq!(I::Move { to: 256, from: 0 }.bytes(), 8);
        assert_eq!(I::Constant { to: 0, value: -32768 }.bytes(), 4);
        assert_eq!(I::Constant { to: 300, value: 32768 }.bytes(), 12);
        assert_eq!(I::Call { function: 1, base: 3 }.bytes(), 8);
    }
}
