//! Verification: what a program may not do at run time is found before it runs.
//!
//! Every function is followed along all its paths. On each of them an instruction finds the same number of operands,
//! jumps hit instructions of the same function, calls hit functions with the right number of arguments, local
//! variables exist, and the end is a HALT or RET. What is left for run time: division by zero, the depth of calls, the
//! size of the stack, and how long the program runs.

use crate::isa::{Action, InstructionSet, OperandKind};
use crate::program::{DecodeError, Instruction, Program, decode};
use std::fmt;

/// Most arguments of a function: a method of a class file takes 255, two of them are ours.
pub const MAX_ARGUMENTS: u16 = 250;
/// Most local variables of a function.
pub const MAX_LOCALS: u16 = 4096;
/// Most operands that a function may have on the stack.
pub const MAX_OPERANDS: u32 = 4096;
/// Errors that are collected before verification gives up.
const MAX_ERRORS: usize = 20;
const NONE: u32 = u32::MAX;

/// Why a program is rejected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    pub offset: u32,
    /// The instruction there, as text.
    pub instruction: Option<String>,
    pub problem: Problem,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    NoCode,
    Decode(DecodeError),
    StackUnderflow {
        needs: u32,
        has: u32,
    },
    StackTooDeep,
    /// Two paths come here with different numbers of operands.
    UnequalDepth {
        one: u32,
        other: u32,
    },
    TargetOutside {
        target: i32,
        length: usize,
        unit: &'static str,
    },
    TargetInside {
        target: i32,
        of: String,
        at: u32,
    },
    CallsMain,
    NoFunction {
        target: i32,
    },
    WrongArguments {
        given: i32,
        takes: u16,
        name: String,
    },
    TooManyArguments {
        given: u16,
    },
    NoLocal {
        index: i32,
        count: u32,
        of: String,
    },
    TooManyLocals {
        count: u16,
        of: String,
    },
    /// Control runs off the end of the code.
    NoEnd {
        of: String,
        wants: &'static str,
    },
    /// Control runs on into another function.
    RunsInto {
        of: String,
        into: String,
        wants: &'static str,
    },
    /// A jump into another function.
    Leaves {
        of: String,
        into: String,
    },
    ReturnsFromMain,
    /// An expression leaves no value or several.
    Leftover {
        depth: u32,
    },
    /// The function table is at odds with the code.
    BadEntry {
        name: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = |n: u32| format!("{n} value{}", if n == 1 { "" } else { "s" });
        match self {
            Problem::NoCode => f.write_str("the program has no code"),
            Problem::Decode(e) => match e {
                DecodeError::UnknownOpcode { number, set, .. } => {
                    write!(f, "{number} is no opcode of the {set} set")
                }
                DecodeError::Truncated { missing, set, .. } => write!(
                    f,
                    "the code ends {missing} {}{} before the end of the operands",
                    set.unit(),
                    if *missing == 1 { "" } else { "s" }
                ),
            },
            Problem::StackUnderflow { needs, has } => {
                write!(f, "stack underflow: it needs {}, there are {has}", values(*needs))
            }
            Problem::StackTooDeep => write!(f, "more than {MAX_OPERANDS} operands on the stack"),
            Problem::UnequalDepth { one, other } => {
                write!(f, "reached with {} on the stack on one path, with {other} on another", values(*one))
            }
            Problem::TargetOutside { target, length, unit } => {
                write!(f, "target {target} lies outside the code of {length} {unit}s")
            }
            Problem::TargetInside { target, of, at } => {
                write!(f, "target {target} lies inside the instruction {of} at {at}")
            }
            Problem::CallsMain => f.write_str("the main program cannot be called"),
            Problem::NoFunction { target } => write!(f, "no function begins at {target}"),
            Problem::WrongArguments { given, takes, name } => {
                let s = if *takes == 1 { "" } else { "s" };
                write!(f, "function {name} takes {takes} argument{s}, {given} given")
            }
            Problem::TooManyArguments { given } => {
                write!(f, "a function of {given} arguments; at most {MAX_ARGUMENTS} are possible")
            }
            Problem::NoLocal { index, count, of } => write!(f, "no local variable {index}: {of} has {count}"),
            Problem::TooManyLocals { count, of } => {
                write!(f, "{of} has {count} local variables; at most {MAX_LOCALS} are possible")
            }
            Problem::NoEnd { of, wants } => {
                write!(f, "{of} runs off the end of the code: {wants} is missing")
            }
            Problem::RunsInto { of, into, wants } => {
                write!(f, "{of} runs on into {into}: {wants} is missing")
            }
            Problem::Leaves { of, into } => write!(f, "{of} goes into the code of {into}"),
            Problem::ReturnsFromMain => f.write_str("the main program cannot return; it ends by HALT"),
            Problem::Leftover { depth } => {
                write!(f, "an expression must leave one value on the stack, this leaves {depth}")
            }
            Problem::BadEntry { name } => write!(f, "function {name} does not begin at an instruction"),
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {}: ", self.offset)?;
        if let Some(i) = &self.instruction {
            write!(f, "{i}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for VerifyError {}

/// A function of a verified program; the first is the main program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionInfo {
    pub name: String,
    /// Index of its first instruction.
    pub entry: usize,
    pub arguments: u32,
    /// Local variables, arguments included.
    pub locals: u32,
    /// The greatest number of operands on the stack.
    pub max_operands: u32,
    /// Functions it calls, each once.
    pub callees: Vec<usize>,
}

impl FunctionInfo {
    /// Words of a frame.
    pub fn words(&self) -> u32 {
        self.locals + self.max_operands
    }
}

/// A program that has passed verification.
#[derive(Clone, Debug)]
pub struct Verified {
    program: Program,
    instructions: Vec<Instruction>,
    actions: Vec<Action>,
    /// Instruction index by offset.
    index_of: Vec<u32>,
    /// Operands on the stack before each instruction.
    depth: Vec<u32>,
    /// The function of each instruction.
    owner: Vec<u32>,
    /// The instructions of each function.
    members: Vec<Vec<u32>>,
    functions: Vec<FunctionInfo>,
}

impl Verified {
    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// What the instructions do, with jump targets as instruction indexes and call targets as function indexes.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Functions, the main program first.
    pub fn functions(&self) -> &[FunctionInfo] {
        &self.functions
    }

    /// The index of the instruction at an offset.
    pub fn index_of(&self, offset: u32) -> Option<usize> {
        self.index_of.get(offset as usize).filter(|i| **i != NONE).map(|i| *i as usize)
    }

    /// Operands on the stack before an instruction; `None` where no path leads.
    pub fn depth(&self, index: usize) -> Option<u32> {
        self.depth.get(index).copied().filter(|d| *d != NONE)
    }

    /// The function that an instruction belongs to; `None` where no path leads.
    pub fn owner(&self, index: usize) -> Option<usize> {
        self.owner.get(index).filter(|o| **o != NONE).map(|o| *o as usize)
    }

    /// Indexes of the instructions of a function that can be reached, ascending.
    pub fn instructions_of(&self, function: usize) -> impl Iterator<Item = usize> + '_ {
        self.members[function].iter().map(|i| *i as usize)
    }

    /// Where control comes from elsewhere than the instruction before: jump targets and entries of functions, by index.
    pub fn jump_targets(&self) -> Vec<bool> {
        let mut targets = vec![false; self.instructions.len() + 1];
        for f in &self.functions {
            targets[f.entry] = true;
        }
        for (i, action) in self.actions.iter().enumerate() {
            if self.depth[i] != NONE
                && let Some(target) = action.jump_target()
            {
                targets[target as usize] = true;
            }
        }
        targets
    }

    /// The longest chain of calls below the main program (0: it calls nothing); `None` where functions recurse.
    pub fn call_depth(&self) -> Option<u32> {
        // Depth-first with an explicit stack: a chain of calls may be as long as the code.
        let mut longest: Vec<Option<u32>> = vec![None; self.functions.len()];
        let mut open = vec![false; self.functions.len()];
        let mut todo = vec![(0, 0)];
        open[0] = true;
        while let Some((f, next)) = todo.pop() {
            match self.functions[f].callees.get(next) {
                Some(&callee) => {
                    todo.push((f, next + 1));
                    if open[callee] {
                        return None;
                    }
                    if longest[callee].is_none() {
                        open[callee] = true;
                        todo.push((callee, 0));
                    }
                }
                None => {
                    open[f] = false;
                    let below = self.functions[f].callees.iter().filter_map(|c| longest[*c]).max();
                    longest[f] = Some(below.map_or(0, |d| d + 1));
                }
            }
        }
        longest[0]
    }
}

struct Verifier {
    v: Verified,
    errors: Vec<VerifyError>,
    /// Instructions that have become reachable and are not looked at yet.
    todo: Vec<usize>,
}

/// Verifies a program.
///
/// # Errors
/// The first errors found, at least one.
pub fn verify(program: Program) -> Result<Verified, Vec<VerifyError>> {
    let fail = |offset, problem| Err(vec![VerifyError { offset, instruction: None, problem }]);
    if program.code.is_empty() {
        return fail(0, Problem::NoCode);
    }
    let instructions = match decode(&program.code) {
        Ok(instructions) => instructions,
        Err(e) => {
            let offset = e.offset();
            let instruction = match &e {
                DecodeError::Truncated { mnemonic, .. } => Some((*mnemonic).to_owned()),
                DecodeError::UnknownOpcode { .. } => None,
            };
            return Err(vec![VerifyError { offset, instruction, problem: Problem::Decode(e) }]);
        }
    };
    let mut index_of = vec![NONE; program.code.len() + 1];
    for (i, instruction) in instructions.iter().enumerate() {
        index_of[instruction.offset as usize] = i as u32;
    }
    let n = instructions.len();
    let actions = instructions.iter().map(Instruction::action).collect();
    let mut v = Verified {
        actions,
        index_of,
        depth: vec![NONE; n],
        owner: vec![NONE; n],
        members: Vec::new(),
        functions: vec![FunctionInfo {
            name: "main".into(),
            entry: 0,
            arguments: program.inputs.len() as u32,
            locals: u32::from(program.locals),
            max_operands: 0,
            callees: Vec::new(),
        }],
        instructions,
        program,
    };
    let mut errors = Vec::new();
    let mut bad = |offset: u32, problem| {
        let instruction = None;
        errors.push(VerifyError { offset, instruction, problem });
    };
    if v.program.locals > MAX_LOCALS {
        bad(0, Problem::TooManyLocals { count: v.program.locals, of: "the main program".into() });
    }
    if v.program.inputs.len() > usize::from(MAX_ARGUMENTS) {
        bad(0, Problem::TooManyArguments { given: v.program.inputs.len() as u16 });
    }
    if v.program.inputs.len() > usize::from(v.program.locals) {
        let index = v.program.inputs.len() as i32 - 1;
        bad(0, Problem::NoLocal { index, count: u32::from(v.program.locals), of: "the main program".into() });
    }
    v.owner[0] = 0;
    for f in &v.program.functions {
        if f.arguments > MAX_ARGUMENTS {
            bad(f.entry, Problem::TooManyArguments { given: f.arguments });
        }
        if f.locals > MAX_LOCALS || f.locals < f.arguments {
            bad(f.entry, Problem::TooManyLocals { count: f.locals, of: format!("function {}", f.name) });
        }
        match v.index_of.get(f.entry as usize).copied().filter(|i| *i != NONE && *i != 0) {
            Some(entry) if v.owner[entry as usize] == NONE => {
                v.owner[entry as usize] = v.functions.len() as u32;
                v.functions.push(FunctionInfo {
                    name: f.name.clone(),
                    entry: entry as usize,
                    arguments: u32::from(f.arguments),
                    locals: u32::from(f.locals),
                    max_operands: 0,
                    callees: Vec::new(),
                });
            }
            _ => bad(f.entry, Problem::BadEntry { name: f.name.clone() }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut verifier = Verifier { v, errors, todo: Vec::new() };
    for f in 0..verifier.v.functions.len() {
        verifier.function(f);
    }
    let Verifier { mut v, mut errors, .. } = verifier;
    if errors.is_empty() {
        v.members = vec![Vec::new(); v.functions.len()];
        for i in (0..n).filter(|i| v.depth[*i] != NONE) {
            v.members[v.owner[i] as usize].push(i as u32);
        }
        return Ok(v);
    }
    errors.sort_by_key(|e| e.offset);
    Err(errors)
}

impl Verifier {
    fn describe(&self, function: usize) -> String {
        match function {
            0 => "the main program".into(),
            f => format!("function {}", self.v.functions[f].name),
        }
    }

    fn error(&mut self, index: usize, problem: Problem) {
        let i = &self.v.instructions[index];
        self.errors.push(VerifyError { offset: i.offset, instruction: Some(i.to_string()), problem });
    }

    fn function(&mut self, f: usize) {
        let entry = self.v.functions[f].entry;
        self.v.depth[entry] = 0;
        self.todo.push(entry);
        while let Some(index) = self.todo.pop() {
            if self.errors.len() >= MAX_ERRORS {
                self.todo.clear();
                return;
            }
            self.instruction(f, index);
        }
        let callees = &mut self.v.functions[f].callees;
        callees.sort_unstable();
        callees.dedup();
    }

    fn instruction(&mut self, f: usize, index: usize) {
        let action = self.v.actions[index];
        let depth = self.v.depth[index];
        let resolved = match self.resolve(f, index, action) {
            Ok(resolved) => resolved,
            Err(problem) => return self.error(index, problem),
        };
        let (pops, pushes) = action.effect();
        if depth < pops {
            return self.error(index, Problem::StackUnderflow { needs: pops, has: depth });
        }
        let after = depth - pops + pushes;
        if after > MAX_OPERANDS {
            return self.error(index, Problem::StackTooDeep);
        }
        if self.v.program.set() == InstructionSet::Expression && action == Action::Halt && depth != 1 {
            return self.error(index, Problem::Leftover { depth });
        }
        let info = &mut self.v.functions[f];
        info.max_operands = info.max_operands.max(after);
        if let Action::Call { target, .. } = resolved {
            info.callees.push(target as usize);
        }
        self.v.actions[index] = resolved;
        if let Some(target) = resolved.jump_target() {
            self.flow(f, index, target as usize, after, false);
        }
        if !action.ends_flow() {
            if index + 1 < self.v.instructions.len() {
                self.flow(f, index, index + 1, after, true);
            } else {
                let (of, wants) = (self.describe(f), wants(f));
                self.error(index, Problem::NoEnd { of, wants });
            }
        }
    }

    /// Checks the operands; gives the action with indexes for offsets.
    fn resolve(&self, f: usize, index: usize, action: Action) -> Result<Action, Problem> {
        let target = |offset: i32| -> Result<i32, Problem> {
            let length = self.v.program.code.len();
            let inside = usize::try_from(offset).is_ok_and(|o| o < length);
            if !inside {
                let unit = self.v.program.set().unit();
                return Err(Problem::TargetOutside { target: offset, length, unit });
            }
            match self.v.index_of[offset as usize] {
                NONE => {
                    let after = self.v.instructions.partition_point(|i| i.offset <= offset as u32);
                    let of = &self.v.instructions[after - 1];
                    Err(Problem::TargetInside { target: offset, of: of.to_string(), at: of.offset })
                }
                i => Ok(i as i32),
            }
        };
        Ok(match action {
            Action::Jump(offset) => Action::Jump(target(offset)?),
            Action::JumpIfZero(offset) => Action::JumpIfZero(target(offset)?),
            Action::Call { target: offset, arguments } => {
                let entry = target(offset)?;
                if entry == 0 {
                    return Err(Problem::CallsMain);
                }
                // Entries have had their owner from the start.
                let callee = self.v.owner[entry as usize] as usize;
                let Some(info) = self.v.functions.get(callee).filter(|g| g.entry == entry as usize) else {
                    return Err(Problem::NoFunction { target: offset });
                };
                if i64::from(arguments) != i64::from(info.arguments) {
                    let (takes, name) = (info.arguments as u16, info.name.clone());
                    return Err(Problem::WrongArguments { given: arguments, takes, name });
                }
                Action::Call { target: callee as i32, arguments }
            }
            Action::Load(n) | Action::Store(n) => {
                let count = self.v.functions[f].locals;
                if !u32::try_from(n).is_ok_and(|n| n < count) {
                    return Err(Problem::NoLocal { index: n, count, of: self.describe(f) });
                }
                action
            }
            Action::Return if f == 0 => return Err(Problem::ReturnsFromMain),
            _ => {
                let mut operands = self.v.instructions[index].operands();
                debug_assert!(operands.all(|(kind, _)| kind == OperandKind::Constant));
                action
            }
        })
    }

    /// Control may go from one instruction to another with `depth` operands.
    fn flow(&mut self, f: usize, from: usize, to: usize, depth: u32, falls: bool) {
        let owner = self.v.owner[to];
        if owner != NONE && owner != f as u32 {
            let (of, into) = (self.describe(f), self.describe(owner as usize));
            let problem = if falls {
                Problem::RunsInto { of, into, wants: wants(f) }
            } else {
                Problem::Leaves { of, into }
            };
            return self.error(from, problem);
        }
        self.v.owner[to] = f as u32;
        match self.v.depth[to] {
            NONE => {
                self.v.depth[to] = depth;
                self.todo.push(to);
            }
            before if before != depth => self.error(to, Problem::UnequalDepth { one: before, other: depth }),
            _ => {}
        }
    }
}

fn wants(function: usize) -> &'static str {
    if function == 0 { "HALT" } else { "RET" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Code, Function, Input};

    fn mini(words: &[i32]) -> Result<Verified, Vec<VerifyError>> {
        verify(Program::from_code(Code::Mini(words.to_vec())))
    }

    fn rejected(words: &[i32]) -> String {
        mini(words).unwrap_err()[0].to_string()
    }

    fn expression(bytes: &[u8]) -> Result<Verified, Vec<VerifyError>> {
        verify(Program::from_code(Code::Expression(bytes.to_vec())))
    }

    #[test]
    fn the_published_programs_pass() {
        let v = expression(&[100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]).unwrap();
        assert_eq!(v.functions()[0].max_operands, 2);
        assert_eq!((0..6).map(|i| v.depth(i)).collect::<Vec<_>>(), [0, 1, 2, 1, 2, 1].map(Some));
        mini(&[1, 10, 1, 20, 3, 0]).unwrap();
    }

    #[test]
    fn underflow_for_every_instruction_that_pops() {
        for op in InstructionSet::Mini.ops() {
            let info = op.info();
            let Some((pops, _)) = info.effect.split_once('>') else { continue };
            let pops: i32 = pops.parse().unwrap();
            for has in 0..pops {
                let mut words: Vec<i32> = (0..has).flat_map(|_| [1, 7]).collect();
                // Inside a function of one local variable, so that RET, LOAD and STORE are allowed.
                words.splice(0..0, [1, 0, 9, 6, 1, 0]);
                words.push(i32::from(info.number));
                words.extend(info.operands.iter().map(|_| 0));
                words.extend([1, 0, 10]);
                let errors = mini(&words).unwrap_err();
                let text = errors[0].to_string();
                assert!(text.contains("stack underflow: it needs"), "{}: {text}", info.mnemonic);
            }
        }
        assert_eq!(rejected(&[1, 5, 3, 0]), "offset 2: ADD: stack underflow: it needs 2 values, there are 1");
        assert_eq!(
            expression(&[100, 0, 1, 20]).unwrap_err()[0].to_string(),
            "offset 3: BINARY_MUL: stack underflow: it needs 2 values, there are 1"
        );
    }

    #[test]
    fn expressions_leave_one_value() {
        assert_eq!(
            expression(&[100, 0, 1, 100, 0, 2]).unwrap_err()[0].to_string(),
            "offset 6: (end): an expression must leave one value on the stack, this leaves 2"
        );
        assert_eq!(expression(&[]).unwrap_err()[0].to_string(), "offset 0: the program has no code");
        assert_eq!(
            expression(&[100, 0]).unwrap_err()[0].to_string(),
            "offset 0: LOAD_CONST: the code ends 1 byte before the end of the operands"
        );
        assert_eq!(
            expression(&[22]).unwrap_err()[0].to_string(),
            "offset 0: 22 is no opcode of the expression set"
        );
    }

    #[test]
    fn jumps() {
        assert_eq!(rejected(&[7, 9]), "offset 0: JMP 9: target 9 lies outside the code of 2 words");
        assert_eq!(rejected(&[7, -1]), "offset 0: JMP -1: target -1 lies outside the code of 2 words");
        assert_eq!(
            rejected(&[1, 1, 8, 1, 0]),
            "offset 2: JZ 1: target 1 lies inside the instruction PUSH 1 at 0"
        );
        mini(&[7, 0]).unwrap();
        // The end of the code is no target either.
        assert_eq!(rejected(&[7, 2]), "offset 0: JMP 2: target 2 lies outside the code of 2 words");
    }

    #[test]
    fn joining_paths_agree() {
        // A loop that pushes at every turn.
        assert_eq!(
            rejected(&[1, 1, 7, 0]),
            "offset 0: PUSH 1: reached with 0 values on the stack on one path, with 1 on another"
        );
        // One arm of a branch pushes.
        assert_eq!(
            rejected(&[1, 1, 8, 6, 1, 5, 0]),
            "offset 6: HALT: reached with 0 values on the stack on one path, with 1 on another"
        );
    }

    #[test]
    fn missing_ends() {
        assert_eq!(
            rejected(&[1, 1]),
            "offset 0: PUSH 1: the main program runs off the end of the code: HALT is missing"
        );
        let call = [1, 5, 9, 5, 1];
        let with = |rest: &[i32]| rejected(&[&call[..], rest].concat());
        assert_eq!(
            with(&[11, 0, 10]),
            "offset 2: CALL 5 1: the main program runs on into function f5: HALT is missing"
        );
        assert_eq!(
            rejected(&[1, 5, 9, 6, 1, 0, 11, 0]),
            "offset 6: LOAD 0: function f6 runs off the end of the code: RET is missing"
        );
        assert_eq!(
            rejected(&[1, 5, 10]),
            "offset 2: RET 5: the main program cannot return; it ends by HALT".replace(" 5:", ":")
        );
    }

    #[test]
    fn calls() {
        assert_eq!(rejected(&[9, 0, 0, 0]), "offset 0: CALL 0 0: the main program cannot be called");
        assert_eq!(
            rejected(&[9, 77, 0, 0]),
            "offset 0: CALL 77 0: target 77 lies outside the code of 4 words"
        );
        assert_eq!(
            rejected(&[1, 5, 9, 1, 1, 0]),
            "offset 2: CALL 1 1: target 1 lies inside the instruction PUSH 5 at 0"
        );
        // Two calls of one function disagree.
        assert_eq!(
            rejected(&[1, 1, 9, 9, 1, 9, 9, 0, 0, 1, 3, 10]),
            "offset 5: CALL 9 0: function f9 takes 1 argument, 0 given"
        );
        assert_eq!(
            rejected(&[9, 4, 2, 0, 11, 0, 10]),
            "offset 0: CALL 4 2: stack underflow: it needs 2 values, there are 0"
        );
        let mut program = Program::from_code(Code::Mini(vec![1, 1, 9, 6, 1, 0, 1, 1, 10]));
        program.functions.clear();
        assert_eq!(
            verify(program).unwrap_err()[0].to_string(),
            "offset 2: CALL 6 1: no function begins at 6"
        );
        assert_eq!(
            rejected(&[9, 4, 251, 0, 1, 0, 10]),
            "offset 4: a function of 251 arguments; at most 250 are possible"
        );
    }

    #[test]
    fn functions_keep_to_themselves() {
        // f jumps into the main program, which is reached first.
        assert_eq!(
            rejected(&[9, 6, 0, 2, 0, 0, 7, 4]),
            "offset 6: JMP 4: function f6 goes into the code of the main program"
        );
    }

    #[test]
    fn local_variables() {
        let mut program = Program::empty(Code::Mini(vec![11, 2, 0]));
        program.locals = 2;
        assert_eq!(
            verify(program.clone()).unwrap_err()[0].to_string(),
            "offset 0: LOAD 2: no local variable 2: the main program has 2"
        );
        program.code = Code::Mini(vec![1, 1, 12, -1, 0]);
        assert_eq!(
            verify(program.clone()).unwrap_err()[0].to_string(),
            "offset 2: STORE -1: no local variable -1: the main program has 2"
        );
        program.locals = 0;
        program.inputs.push(Input { name: "n".into(), default: 0 });
        assert!(verify(program.clone()).is_err());
        program.locals = u16::MAX;
        assert_eq!(
            verify(program).unwrap_err()[0].to_string(),
            "offset 0: the main program has 65535 local variables; at most 4096 are possible"
        );
    }

    #[test]
    fn tables() {
        let mut program = Program::from_code(Code::Mini(vec![1, 1, 0]));
        let function = |entry| Function { name: "f".into(), entry, arguments: 0, locals: 0 };
        program.functions = vec![function(1)];
        assert_eq!(
            verify(program.clone()).unwrap_err()[0].to_string(),
            "offset 1: function f does not begin at an instruction"
        );
        program.functions = vec![function(0)];
        assert!(verify(program.clone()).is_err());
        program.functions = vec![function(2), function(2)];
        assert!(verify(program).is_err());
    }

    #[test]
    fn code_that_no_path_reaches_may_be_anything_that_decodes() {
        mini(&[0, 3, 10]).unwrap();
        assert!(mini(&[0, 99]).is_err());
    }

    #[test]
    fn depth_of_calls() {
        assert_eq!(mini(&[0]).unwrap().call_depth(), Some(0));
        assert_eq!(mini(&[9, 4, 0, 0, 9, 8, 0, 10, 1, 1, 10]).unwrap().call_depth(), Some(2));
        assert_eq!(mini(&[9, 4, 0, 0, 9, 4, 0, 10]).unwrap().call_depth(), None);
    }

    #[test]
    fn the_stack_has_a_limit() {
        let mut words: Vec<i32> = (0..=MAX_OPERANDS).flat_map(|_| [1, 0]).collect();
        words.push(0);
        assert!(rejected(&words).ends_with("more than 4096 operands on the stack"));
    }
}
