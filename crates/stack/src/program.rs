//! A program: its code, the tables that go with it, and its instructions one by one.

use crate::isa::{Action, InstructionSet, Op, OperandKind};
use std::collections::HashSet;
use std::fmt;

/// The code of a program, in the unit of its set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Code {
    Expression(Vec<u8>),
    Mini(Vec<i32>),
}

impl Code {
    pub fn set(&self) -> InstructionSet {
        match self {
            Code::Expression(_) => InstructionSet::Expression,
            Code::Mini(_) => InstructionSet::Mini,
        }
    }

    /// Length in units.
    pub fn len(&self) -> usize {
        match self {
            Code::Expression(bytes) => bytes.len(),
            Code::Mini(words) => words.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length in bytes.
    pub fn byte_len(&self) -> usize {
        self.len() * self.set().unit_size()
    }

    /// The units as numbers.
    pub fn units(&self) -> Vec<i32> {
        match self {
            Code::Expression(bytes) => bytes.iter().map(|b| i32::from(*b)).collect(),
            Code::Mini(words) => words.clone(),
        }
    }
}

/// A function of the mini set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    pub name: String,
    /// Offset of its first instruction.
    pub entry: u32,
    /// Arguments it takes; they are its first local variables.
    pub arguments: u16,
    /// Local variables, arguments included.
    pub locals: u16,
}

/// A variable of the main program that whoever runs it may set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    pub name: String,
    pub default: i32,
}

/// From this offset on, the code was made from that source line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    pub offset: u32,
    pub line: u32,
}

/// A program of either set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    pub code: Code,
    /// Name of the source file, empty when there is none.
    pub source: String,
    /// The main program's first local variables.
    pub inputs: Vec<Input>,
    /// Local variables of the main program, inputs included.
    pub locals: u16,
    /// By entry, ascending.
    pub functions: Vec<Function>,
    /// By offset, ascending.
    pub lines: Vec<Line>,
}

/// An instruction with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    pub offset: u32,
    /// `None` for the end of an expression, which stands for a HALT.
    pub op: Option<Op>,
    /// The operands, 0 where there are fewer.
    pub operands: [i32; 2],
}

impl Instruction {
    /// What it does.
    pub fn action(&self) -> Action {
        match self.op {
            Some(op) => Action::of(op, self.operands),
            None => Action::Halt,
        }
    }

    /// Offset of the next instruction.
    pub fn end(&self) -> u32 {
        self.offset + self.op.map_or(0, Op::units) as u32
    }

    pub fn mnemonic(&self) -> &'static str {
        self.op.map_or("(end)", |op| op.info().mnemonic)
    }

    /// The operands that its opcode takes, with their kinds.
    pub fn operands(&self) -> impl Iterator<Item = (OperandKind, i32)> + '_ {
        self.op.map_or(&[][..], |op| op.info().operands).iter().copied().zip(self.operands)
    }
}

/// As in the code, operands as plain numbers: `CALL 12 1`.
impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mnemonic())?;
        self.operands().try_for_each(|(_, operand)| write!(f, " {operand}"))
    }
}

/// Code that does not consist of instructions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    UnknownOpcode {
        offset: u32,
        number: i32,
        set: InstructionSet,
    },
    /// The code ends within an instruction.
    Truncated {
        offset: u32,
        mnemonic: &'static str,
        missing: usize,
        set: InstructionSet,
    },
}

impl DecodeError {
    pub fn offset(&self) -> u32 {
        match self {
            DecodeError::UnknownOpcode { offset, .. } | DecodeError::Truncated { offset, .. } => *offset,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::UnknownOpcode { offset, number, set } => {
                write!(f, "offset {offset}: {number} is no opcode of the {set} set")
            }
            DecodeError::Truncated { offset, mnemonic, missing, set } => {
                let unit = set.unit();
                let s = if *missing == 1 { "" } else { "s" };
                write!(
                    f,
                    "offset {offset}: {mnemonic}: the code ends {missing} {unit}{s} before the end of its operands"
                )
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// The instructions of a code, in order. An expression gets its implicit end as a last instruction.
///
/// # Errors
/// The first place that is no instruction.
pub fn decode(code: &Code) -> Result<Vec<Instruction>, DecodeError> {
    let set = code.set();
    let length = code.len();
    let unit = |at: usize| match code {
        Code::Expression(bytes) => i32::from(bytes[at]),
        Code::Mini(words) => words[at],
    };
    let mut instructions = Vec::with_capacity(length / 2 + 1);
    let mut at = 0;
    while at < length {
        let offset = at as u32;
        let number = unit(at);
        let op = set.op(number).ok_or(DecodeError::UnknownOpcode { offset, number, set })?;
        let end = at + op.units();
        if end > length {
            let mnemonic = op.info().mnemonic;
            return Err(DecodeError::Truncated { offset, mnemonic, missing: end - length, set });
        }
        let mut operands = [0; 2];
        for (i, operand) in operands.iter_mut().take(op.info().operands.len()).enumerate() {
            *operand = match set {
                InstructionSet::Expression => unit(at + 1 + 2 * i) << 8 | unit(at + 2 + 2 * i),
                InstructionSet::Mini => unit(at + 1 + i),
            };
        }
        instructions.push(Instruction { offset, op: Some(op), operands });
        at = end;
    }
    if set == InstructionSet::Expression {
        instructions.push(Instruction { offset: length as u32, op: None, operands: [0; 2] });
    }
    Ok(instructions)
}

/// Appends an instruction to code of the same set.
///
/// # Panics
/// When the operands do not belong to the opcode, or an operand of the expression set does not fit 16 bits.
pub fn encode(code: &mut Code, op: Op, operands: &[i32]) {
    assert_eq!(operands.len(), op.info().operands.len(), "{}", op.info().mnemonic);
    match (code, op) {
        (Code::Expression(bytes), Op::Expression(op)) => {
            bytes.push(op as u8);
            for operand in operands {
                let operand = u16::try_from(*operand).expect("operands of the expression set have 16 bits");
                bytes.extend(operand.to_be_bytes());
            }
        }
        (Code::Mini(words), Op::Mini(op)) => {
            words.push(op as i32);
            words.extend_from_slice(operands);
        }
        (code, op) => panic!("{} is not of the {} set", op.info().mnemonic, code.set()),
    }
}

impl Program {
    /// A program that is nothing but code. Functions are found by the calls of them, how many local variables
    /// one has by the use of them.
    pub fn from_code(code: Code) -> Program {
        let mut program = Program::empty(code);
        let Ok(instructions) = decode(&program.code) else { return program };
        let mut entries = HashSet::new();
        for i in &instructions {
            if let Action::Call { target, arguments } = i.action()
                && let (Ok(entry), Ok(arguments)) = (u32::try_from(target), u16::try_from(arguments))
                && entry != 0
                && instructions.binary_search_by_key(&entry, |i| i.offset).is_ok()
                && entries.insert(entry)
            {
                let name = format!("f{entry}");
                program.functions.push(Function { name, entry, arguments, locals: arguments });
            }
        }
        program.functions.sort_by_key(|f| f.entry);
        let mut seen = vec![false; instructions.len()];
        program.locals = locals_used(&instructions, 0, &mut seen);
        for f in &mut program.functions {
            f.locals = f.locals.max(locals_used(&instructions, f.entry, &mut seen));
        }
        program
    }

    /// A program of that code with empty tables.
    pub fn empty(code: Code) -> Program {
        Program {
            code,
            source: String::new(),
            inputs: Vec::new(),
            locals: 0,
            functions: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Local variables that the code reached from `entry` without a call uses.
    pub fn locals_of(&self, entry: u32) -> u16 {
        let instructions = decode(&self.code).unwrap_or_default();
        let mut seen = vec![false; instructions.len()];
        locals_used(&instructions, entry, &mut seen)
    }

    pub fn set(&self) -> InstructionSet {
        self.code.set()
    }

    /// The source line that the instruction at `offset` was made from.
    pub fn line_at(&self, offset: u32) -> Option<u32> {
        let after = self.lines.partition_point(|l| l.offset <= offset);
        after.checked_sub(1).map(|i| self.lines[i].line)
    }

    /// The function with that entry.
    pub fn function_at(&self, entry: u32) -> Option<&Function> {
        self.functions.iter().find(|f| f.entry == entry)
    }
}

/// One above the highest local variable in the code that is reached from `entry` without a call, and not `seen` yet.
fn locals_used(instructions: &[Instruction], entry: u32, seen: &mut [bool]) -> u16 {
    let index = |offset: i64| instructions.binary_search_by_key(&offset, |i| i64::from(i.offset)).ok();
    let mut todo: Vec<usize> = index(i64::from(entry)).into_iter().collect();
    let mut locals = 0;
    while let Some(at) = todo.pop() {
        if at >= instructions.len() || std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let action = instructions[at].action();
        if let Action::Load(n) | Action::Store(n) = action {
            locals = u16::try_from(i64::from(n) + 1).unwrap_or(0).max(locals);
        }
        todo.extend(action.jump_target().and_then(|t| index(i64::from(t))));
        if !action.ends_flow() {
            todo.push(at + 1);
        }
    }
    locals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{ExpressionOp, MiniOp};

    #[test]
    fn the_published_examples_decode() {
        let code = Code::Expression(vec![100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]);
        let text: Vec<String> = decode(&code).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            ["LOAD_CONST 12", "LOAD_CONST 48", "BINARY_MUL", "LOAD_CONST 59", "BINARY_ADD", "(end)"]
        );
        let text: Vec<String> =
            decode(&Code::Mini(vec![1, 10, 1, 20, 3, 0])).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(text, ["PUSH 10", "PUSH 20", "ADD", "HALT"]);
    }

    #[test]
    fn every_instruction_round_trips() {
        for set in [InstructionSet::Expression, InstructionSet::Mini] {
            for op in set.ops() {
                let mut code = match set {
                    InstructionSet::Expression => Code::Expression(Vec::new()),
                    InstructionSet::Mini => Code::Mini(Vec::new()),
                };
                let operands: Vec<i32> = (0..op.info().operands.len() as i32).map(|i| 40_000 + i).collect();
                encode(&mut code, op, &operands);
                let first = decode(&code).unwrap()[0];
                assert_eq!(first.op, Some(op));
                assert_eq!(first.operands().map(|(_, v)| v).collect::<Vec<_>>(), operands);
                assert_eq!(first.end() as usize, code.len());
            }
        }
    }

    #[test]
    fn malformed_code() {
        let error = |code| decode(&code).unwrap_err().to_string();
        assert_eq!(error(Code::Mini(vec![1, 2, 99])), "offset 2: 99 is no opcode of the mini set");
        assert_eq!(error(Code::Mini(vec![-1])), "offset 0: -1 is no opcode of the mini set");
        assert_eq!(
            error(Code::Mini(vec![2, 9, 1])),
            "offset 1: CALL: the code ends 1 word before the end of its operands"
        );
        assert_eq!(
            error(Code::Expression(vec![100])),
            "offset 0: LOAD_CONST: the code ends 2 bytes before the end of its operands"
        );
        assert_eq!(error(Code::Expression(vec![22])), "offset 0: 22 is no opcode of the expression set");
    }

    #[test]
    fn functions_are_found() {
        let mut code = Code::Mini(Vec::new());
        let op = |code: &mut Code, op, operands: &[i32]| encode(code, Op::Mini(op), operands);
        op(&mut code, MiniOp::Push, &[3]);
        op(&mut code, MiniOp::Call, &[6, 1]);
        op(&mut code, MiniOp::Halt, &[]);
        op(&mut code, MiniOp::Load, &[2]);
        op(&mut code, MiniOp::Ret, &[]);
        let program = Program::from_code(code);
        let expected = Function { name: "f6".into(), entry: 6, arguments: 1, locals: 3 };
        assert_eq!((program.functions, program.locals), (vec![expected], 0));
    }

    #[test]
    #[should_panic(expected = "not of the mini set")]
    fn sets_do_not_mix() {
        encode(&mut Code::Mini(Vec::new()), Op::Expression(ExpressionOp::BinaryAdd), &[]);
    }
}
