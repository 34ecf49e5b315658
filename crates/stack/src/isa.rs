//! The two instruction sets: one table each, and everything that is derived from it.
//!
//! A row holds the opcode's number, the variant of the enum, the mnemonic, the operands that follow it in the code,
//! the effect on the operand stack as `pops>pushes` (`?` where it depends on the operands), and what it does. Encoder, decoder,
//! assembler, disassembler, verifier and the manual's table read these rows; what an instruction *means* is
//! [`Action`], to which both sets are lowered by one exhaustive `match` each.

use std::fmt;

/// Calls `$callback!` with the rows of the expression set.
#[macro_export]
macro_rules! for_each_expression_op {
    ($callback:ident) => {
        $callback! {
            /// One byte an opcode; the operand is 16 bits, unsigned, high byte first.
            ExpressionOp;
             20 BinaryMul "BINARY_MUL" []         "2>1" "a b -> a * b";
             21 BinaryDiv "BINARY_DIV" []         "2>1" "a b -> a / b, truncated toward zero; b = 0 is an error";
             23 BinaryAdd "BINARY_ADD" []         "2>1" "a b -> a + b";
             24 BinarySub "BINARY_SUB" []         "2>1" "a b -> a - b";
            100 LoadConst "LOAD_CONST" [Constant] "0>1" "-> the operand, 0 to 65535";
        }
    };
}

/// Calls `$callback!` with the rows of the mini set. Numbers 0 to 8 are the published ones.
#[macro_export]
macro_rules! for_each_mini_op {
    ($callback:ident) => {
        $callback! {
            /// One 32-bit word an opcode and one an operand; addresses count words.
            MiniOp;
             0 Halt  "HALT"  []                  "?"   "stops the machine; the top of the stack, if any, is the result";
             1 Push  "PUSH"  [Constant]          "0>1" "-> the operand";
             2 Pop   "POP"   []                  "1>0" "a ->";
             3 Add   "ADD"   []                  "2>1" "a b -> a + b";
             4 Sub   "SUB"   []                  "2>1" "a b -> a - b";
             5 Mul   "MUL"   []                  "2>1" "a b -> a * b";
             6 Div   "DIV"   []                  "2>1" "a b -> a / b, truncated toward zero; b = 0 is an error";
             7 Jmp   "JMP"   [Target]            "0>0" "goes on at the address";
             8 Jz    "JZ"    [Target]            "1>0" "a -> ; goes on at the address if a = 0";
             9 Call  "CALL"  [Target, Arguments] "?"   "a1 .. an -> r; calls the function at the address with n arguments";
            10 Ret   "RET"   []                  "1>0" "r -> ; leaves the function, r is the value of the call";
            11 Load  "LOAD"  [Local]             "0>1" "-> the local variable";
            12 Store "STORE" [Local]             "1>0" "a -> ; sets the local variable";
            13 Eq    "EQ"    []                  "2>1" "a b -> 1 if a = b, else 0";
            14 Ne    "NE"    []                  "2>1" "a b -> 1 if a differs from b, else 0";
            15 Lt    "LT"    []                  "2>1" "a b -> 1 if a < b, else 0";
            16 Le    "LE"    []                  "2>1" "a b -> 1 if a <= b, else 0";
            17 Gt    "GT"    []                  "2>1" "a b -> 1 if a > b, else 0";
            18 Ge    "GE"    []                  "2>1" "a b -> 1 if a >= b, else 0";
            19 Dup   "DUP"   []                  "1>2" "a -> a a";
            20 Swap  "SWAP"  []                  "2>2" "a b -> b a";
            21 Print "PRINT" []                  "1>0" "a -> ; prints a and a line feed";
            22 Rem   "REM"   []                  "2>1" "a b -> a - (a / b) * b; b = 0 is an error";
        }
    };
}

/// What stands behind an opcode in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperandKind {
    /// A number.
    Constant,
    /// The address of an instruction.
    Target,
    /// A number of arguments.
    Arguments,
    /// The index of a local variable.
    Local,
}

/// A row of an instruction set's table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    pub number: u8,
    pub mnemonic: &'static str,
    pub operands: &'static [OperandKind],
    /// `pops>pushes`, or `?`.
    pub effect: &'static str,
    pub summary: &'static str,
}

macro_rules! define_ops {
    ($(#[$doc:meta])* $name:ident; $($number:literal $variant:ident $mnemonic:literal [$($operand:ident),*] $effect:literal $summary:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum $name { $(#[doc = $summary] $variant = $number),* }

        impl $name {
            /// Every opcode, by number.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The opcode of that number.
            pub fn from_number(number: u8) -> Option<$name> {
                match number { $($number => Some($name::$variant),)* _ => None }
            }

            /// Its row of the table.
            pub fn info(self) -> &'static OpInfo {
                match self {
                    $($name::$variant => &OpInfo {
                        number: $number,
                        mnemonic: $mnemonic,
                        operands: &[$(OperandKind::$operand),*],
                        effect: $effect,
                        summary: $summary,
                    }),*
                }
            }
        }
    };
}

for_each_expression_op!(define_ops);
for_each_mini_op!(define_ops);

/// An instruction set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum InstructionSet {
    /// Arithmetic on constants; the value is what is left at the end.
    Expression,
    /// Jumps, functions, local variables.
    Mini,
}

impl InstructionSet {
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Expression => "expression",
            InstructionSet::Mini => "mini",
        }
    }

    /// The set of that name.
    pub fn from_name(name: &str) -> Option<InstructionSet> {
        match name {
            "expression" => Some(InstructionSet::Expression),
            "mini" => Some(InstructionSet::Mini),
            _ => None,
        }
    }

    /// Its opcodes, by number.
    pub fn ops(self) -> Vec<Op> {
        match self {
            InstructionSet::Expression => ExpressionOp::ALL.iter().copied().map(Op::Expression).collect(),
            InstructionSet::Mini => MiniOp::ALL.iter().copied().map(Op::Mini).collect(),
        }
    }

    /// The opcode of that number.
    pub fn op(self, number: i32) -> Option<Op> {
        let number = u8::try_from(number).ok()?;
        match self {
            InstructionSet::Expression => ExpressionOp::from_number(number).map(Op::Expression),
            InstructionSet::Mini => MiniOp::from_number(number).map(Op::Mini),
        }
    }

    /// The opcode of that mnemonic, in any case.
    pub fn op_named(self, mnemonic: &str) -> Option<Op> {
        self.ops().into_iter().find(|op| op.info().mnemonic.eq_ignore_ascii_case(mnemonic))
    }

    /// What offsets count.
    pub fn unit(self) -> &'static str {
        match self {
            InstructionSet::Expression => "byte",
            InstructionSet::Mini => "word",
        }
    }

    /// Bytes of the code's unit in a file.
    pub fn unit_size(self) -> usize {
        match self {
            InstructionSet::Expression => 1,
            InstructionSet::Mini => 4,
        }
    }

    /// Units that an operand takes.
    pub fn operand_units(self) -> usize {
        match self {
            InstructionSet::Expression => 2,
            InstructionSet::Mini => 1,
        }
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An opcode of either set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Op {
    Expression(ExpressionOp),
    Mini(MiniOp),
}

impl Op {
    pub fn info(self) -> &'static OpInfo {
        match self {
            Op::Expression(op) => op.info(),
            Op::Mini(op) => op.info(),
        }
    }

    /// Units of the instruction, opcode and operands.
    pub fn units(self) -> usize {
        let set = match self {
            Op::Expression(_) => InstructionSet::Expression,
            Op::Mini(_) => InstructionSet::Mini,
        };
        1 + self.info().operands.len() * set.operand_units()
    }
}

/// Arithmetic on two 32-bit integers; all but division wraps around.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl Arithmetic {
    pub const ALL: [Arithmetic; 5] =
        [Arithmetic::Add, Arithmetic::Sub, Arithmetic::Mul, Arithmetic::Div, Arithmetic::Rem];

    /// The result; `None` for a division by zero.
    #[inline]
    pub fn apply(self, a: i32, b: i32) -> Option<i32> {
        match self {
            Arithmetic::Add => Some(a.wrapping_add(b)),
            Arithmetic::Sub => Some(a.wrapping_sub(b)),
            Arithmetic::Mul => Some(a.wrapping_mul(b)),
            Arithmetic::Div => caturra_bytecode::arith::idiv(a, b),
            Arithmetic::Rem => caturra_bytecode::arith::irem(a, b),
        }
    }

    /// Whether it can fail.
    pub fn divides(self) -> bool {
        matches!(self, Arithmetic::Div | Arithmetic::Rem)
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Sub => "-",
            Arithmetic::Mul => "*",
            Arithmetic::Div => "/",
            Arithmetic::Rem => "%",
        }
    }
}

/// A signed comparison of two integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Comparison {
    pub const ALL: [Comparison; 6] =
        [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge];

    #[inline]
    pub fn holds(self, a: i32, b: i32) -> bool {
        match self {
            Comparison::Eq => a == b,
            Comparison::Ne => a != b,
            Comparison::Lt => a < b,
            Comparison::Le => a <= b,
            Comparison::Gt => a > b,
            Comparison::Ge => a >= b,
        }
    }

    /// The comparison that holds when this does not.
    pub fn negated(self) -> Comparison {
        match self {
            Comparison::Eq => Comparison::Ne,
            Comparison::Ne => Comparison::Eq,
            Comparison::Lt => Comparison::Ge,
            Comparison::Le => Comparison::Gt,
            Comparison::Gt => Comparison::Le,
            Comparison::Ge => Comparison::Lt,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        }
    }
}

/// What an instruction does, whatever its set. Targets are offsets in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Action {
    Push(i32),
    Pop,
    Dup,
    Swap,
    Arithmetic(Arithmetic),
    Compare(Comparison),
    Jump(i32),
    JumpIfZero(i32),
    Call { target: i32, arguments: i32 },
    Return,
    Load(i32),
    Store(i32),
    Print,
    Halt,
}

impl Action {
    /// The meaning of an opcode with these operands.
    pub fn of(op: Op, operands: [i32; 2]) -> Action {
        let [a, b] = operands;
        match op {
            Op::Expression(op) => match op {
                ExpressionOp::BinaryMul => Action::Arithmetic(Arithmetic::Mul),
                ExpressionOp::BinaryDiv => Action::Arithmetic(Arithmetic::Div),
                ExpressionOp::BinaryAdd => Action::Arithmetic(Arithmetic::Add),
                ExpressionOp::BinarySub => Action::Arithmetic(Arithmetic::Sub),
                ExpressionOp::LoadConst => Action::Push(a),
            },
            Op::Mini(op) => match op {
                MiniOp::Halt => Action::Halt,
                MiniOp::Push => Action::Push(a),
                MiniOp::Pop => Action::Pop,
                MiniOp::Add => Action::Arithmetic(Arithmetic::Add),
                MiniOp::Sub => Action::Arithmetic(Arithmetic::Sub),
                MiniOp::Mul => Action::Arithmetic(Arithmetic::Mul),
                MiniOp::Div => Action::Arithmetic(Arithmetic::Div),
                MiniOp::Rem => Action::Arithmetic(Arithmetic::Rem),
                MiniOp::Jmp => Action::Jump(a),
                MiniOp::Jz => Action::JumpIfZero(a),
                MiniOp::Call => Action::Call { target: a, arguments: b },
                MiniOp::Ret => Action::Return,
                MiniOp::Load => Action::Load(a),
                MiniOp::Store => Action::Store(a),
                MiniOp::Eq => Action::Compare(Comparison::Eq),
                MiniOp::Ne => Action::Compare(Comparison::Ne),
                MiniOp::Lt => Action::Compare(Comparison::Lt),
                MiniOp::Le => Action::Compare(Comparison::Le),
                MiniOp::Gt => Action::Compare(Comparison::Gt),
                MiniOp::Ge => Action::Compare(Comparison::Ge),
                MiniOp::Dup => Action::Dup,
                MiniOp::Swap => Action::Swap,
                MiniOp::Print => Action::Print,
            },
        }
    }

    /// Values it pops and pushes; a call's arguments must be a valid number.
    pub fn effect(self) -> (u32, u32) {
        match self {
            Action::Push(_) | Action::Load(_) => (0, 1),
            Action::Pop | Action::JumpIfZero(_) | Action::Return | Action::Store(_) | Action::Print => (1, 0),
            Action::Dup => (1, 2),
            Action::Swap => (2, 2),
            Action::Arithmetic(_) | Action::Compare(_) => (2, 1),
            Action::Jump(_) | Action::Halt => (0, 0),
            Action::Call { arguments, .. } => (arguments.max(0) as u32, 1),
        }
    }

    /// Whether control does not go on to the next instruction.
    pub fn ends_flow(self) -> bool {
        matches!(self, Action::Jump(_) | Action::Return | Action::Halt)
    }

    /// Where it may jump to.
    pub fn jump_target(self) -> Option<i32> {
        match self {
            Action::Jump(target) | Action::JumpIfZero(target) => Some(target),
            _ => None,
        }
    }

    /// Whether a program can be seen to have come this far and no further: fuel is charged for straight runs of
    /// instructions that end with such a one.
    pub fn is_observable(self) -> bool {
        match self {
            Action::Arithmetic(op) => op.divides(),
            Action::Jump(_)
            | Action::JumpIfZero(_)
            | Action::Call { .. }
            | Action::Return
            | Action::Print
            | Action::Halt => true,
            Action::Push(_)
            | Action::Pop
            | Action::Dup
            | Action::Swap
            | Action::Compare(_)
            | Action::Load(_)
            | Action::Store(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table's effect column and the lowering state the same fact.
    #[test]
    fn effects_agree_with_actions() {
        for set in [InstructionSet::Expression, InstructionSet::Mini] {
            for op in set.ops() {
                let info = op.info();
                assert_eq!(set.op(i32::from(info.number)), Some(op));
                assert_eq!(set.op_named(&info.mnemonic.to_lowercase()), Some(op));
                if let Some((pops, pushes)) = info.effect.split_once('>') {
                    let (a, b) = Action::of(op, [0, 0]).effect();
                    assert_eq!((pops.parse(), pushes.parse()), (Ok(a), Ok(b)), "{}", info.mnemonic);
                }
            }
        }
    }

    #[test]
    fn published_numbers() {
        let numbers = |set: InstructionSet, names: &[&str]| -> Vec<u8> {
            names.iter().map(|n| set.op_named(n).unwrap().info().number).collect()
        };
        let mini = ["HALT", "PUSH", "POP", "ADD", "SUB", "MUL", "DIV", "JMP", "JZ"];
        assert_eq!(numbers(InstructionSet::Mini, &mini), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let expression = ["BINARY_MUL", "BINARY_DIV", "BINARY_ADD", "BINARY_SUB", "LOAD_CONST"];
        assert_eq!(numbers(InstructionSet::Expression, &expression), [20, 21, 23, 24, 100]);
    }

    #[test]
    fn arithmetic() {
        assert_eq!(Arithmetic::Div.apply(-7, 2), Some(-3));
        assert_eq!(Arithmetic::Div.apply(i32::MIN, -1), Some(i32::MIN));
        assert_eq!(Arithmetic::Div.apply(1, 0), None);
        assert_eq!(Arithmetic::Rem.apply(-7, 2), Some(-1));
        assert_eq!(Arithmetic::Mul.apply(i32::MAX, 2), Some(-2));
        for c in Comparison::ALL {
            for (a, b) in [(1, 2), (2, 2), (2, 1), (i32::MIN, i32::MAX)] {
                assert_ne!(c.holds(a, b), c.negated().holds(a, b));
            }
        }
    }
}
