//! The function: a control-flow graph of basic blocks with parameters, whose instructions define values once.

use crate::env::{Assumption, ClassId, MethodId};
use crate::op::{Op, Reason};
use crate::state::{FrameState, Slot};
use core::fmt;
use smallvec::SmallVec;

/// The type of a value: the machine's, but that references are told from ints. Boolean to short are `I32`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Type {
    /// int, short, char, byte, boolean; also class ids
    I32,
    /// long
    I64,
    /// float
    F32,
    /// double
    F64,
    /// A reference, 32 bits wide in Caturra; the collector must see it.
    Ref,
    /// Lanes of one of the others, 128 bits together; only within a block or from before a loop into it, never in a state.
    V128,
}

impl Type {
    /// The type in which a value of a basic type is computed; `None` for void.
    pub fn of(ty: caturra_bytecode::BasicType) -> Option<Type> {
        use caturra_bytecode::BasicType::*;
        Some(match ty {
            Boolean | Char | Byte | Short | Int => Type::I32,
            Long => Type::I64,
            Float => Type::F32,
            Double => Type::F64,
            Reference => Type::Ref,
            Void => return None,
        })
    }

    /// Slots of a local variable or operand-stack entry (JVMS §2.6.1).
    pub fn slots(self) -> usize {
        if matches!(self, Type::I64 | Type::F64) { 2 } else { 1 }
    }

    /// Whether it is `I32` or `I64`.
    pub fn is_integer(self) -> bool {
        matches!(self, Type::I32 | Type::I64)
    }

    /// Whether it is `F32` or `F64`.
    pub fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }
}

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in the function's table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

entity! {
    /// A basic block.
    Block, "b"
}
entity! {
    /// A value: a block's parameter or an instruction's result.
    Value, "v"
}
entity! {
    /// An instruction.
    Inst, "i"
}
entity! {
    /// A [`FrameState`].
    State, "s"
}

/// Operands of an instruction.
pub type Args = SmallVec<[Value; 4]>;

/// What defines a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueDef {
    /// The block's parameter of that number.
    Param(Block, u32),
    /// The result of an instruction.
    Inst(Inst),
}

/// A value's type and definition.
#[derive(Clone, Copy, Debug)]
pub struct ValueData {
    /// Type.
    pub ty: Type,
    /// Definition.
    pub def: ValueDef,
    /// Of references: what is true of the value wherever it is defined.
    pub known: Known,
}

/// What is known of a reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Known {
    /// It is not null.
    pub not_null: bool,
    /// It is null or an instance of that class, which is no interface (nor an array of one).
    pub class: Option<ClassId>,
    /// It is null or an instance of `class` itself.
    pub exact: bool,
}

/// An instruction: operation, operands, result, and the frame state where the operation needs one.
#[derive(Clone, Debug)]
pub struct InstData {
    /// What is done.
    pub op: Op,
    /// Operands, in the order that the operation's description gives.
    pub args: Args,
    /// The result.
    pub result: Option<Value>,
    /// For checks: where the interpreter goes on (mode `Before`). For what calls or allocates: see [`Op::has_state`].
    pub state: Option<State>,
}

/// A jump's target and the values for its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockCall {
    /// Target.
    pub block: Block,
    /// As many as the target has parameters.
    pub args: Vec<Value>,
}

impl BlockCall {
    /// A call without arguments.
    pub fn to(block: Block) -> BlockCall {
        BlockCall { block, args: Vec::new() }
    }
}

/// How a block ends.
#[derive(Clone, Debug)]
pub enum Terminator {
    /// The block is not finished, or is unreachable and has been emptied.
    None,
    /// To the only successor.
    Jump(BlockCall),
    /// To `then` where the I32 `cond` is not zero.
    Branch {
        /// Condition.
        cond: Value,
        /// Where it is not zero.
        then: BlockCall,
        /// Where it is zero.
        otherwise: BlockCall,
        /// How often each has been taken, by the profile; (0, 0) where there is none.
        weights: (u32, u32),
    },
    /// By an I32 key.
    Switch {
        /// Key.
        key: Value,
        /// Pairs of key and target, keys ascending.
        cases: Vec<(i32, BlockCall)>,
        /// Where no key matches.
        default: BlockCall,
    },
    /// From the compiled method.
    Return(Option<Value>),
    /// The interpreter goes on at the state.
    Deopt(Reason, State),
    /// Throws a non-null reference, bytecode `athrow`. The state is the one before the `athrow`: where it
    /// [leaves the method](FrameState::unwinds), the exception may be put on the thread and the frame left.
    Throw(Value, State),
}

/// A basic block.
#[derive(Clone, Debug)]
pub struct BlockData {
    /// Parameters.
    pub params: Vec<Value>,
    /// Instructions in order.
    pub insts: Vec<Inst>,
    /// The end.
    pub end: Terminator,
    /// Rarely executed.
    pub cold: bool,
}

/// A method, with what is inlined into it.
#[derive(Clone, Debug)]
pub struct Function {
    /// The compiled method.
    pub method: MethodId,
    /// For on-stack replacement: the loop header at which the code is entered.
    pub osr_bci: Option<u32>,
    /// For on-stack replacement: which local each parameter of the entry block is loaded from.
    pub osr_locals: Vec<(u16, Type)>,
    /// Blocks; the first is the entry, whose parameters are the method's (receiver first), or see `osr_locals`.
    pub blocks: Vec<BlockData>,
    /// Instructions, also those that are in no block any more.
    pub insts: Vec<InstData>,
    /// Values, also those without use.
    pub values: Vec<ValueData>,
    /// Frame states.
    pub states: Vec<FrameState>,
    /// What must stay true for the code to be right.
    pub assumptions: Vec<Assumption>,
    /// Methods whose code is part of this, with the bytecode index of the call in their callers; for printing.
    pub inlined: Vec<Inlining>,
    /// The number of scalar-replaced allocations so far.
    pub virtual_objects: u32,
}

/// A call that has been replaced by the callee's code, or a reason why one has not.
#[derive(Clone, Debug)]
pub struct Inlining {
    /// Calling method.
    pub caller: MethodId,
    /// Of the call.
    pub bci: u32,
    /// Callee.
    pub callee: MethodId,
    /// Nesting, 0 for calls in the compiled method itself.
    pub depth: u32,
    /// `inlined`, or why not.
    pub verdict: &'static str,
}

/// The entry block.
pub const ENTRY: Block = Block(0);

impl Function {
    /// A function with an empty entry block.
    pub fn new(method: MethodId) -> Function {
        let mut f = Function {
            method,
            osr_bci: None,
            osr_locals: Vec::new(),
            blocks: Vec::new(),
            insts: Vec::new(),
            values: Vec::new(),
            states: Vec::new(),
            assumptions: Vec::new(),
            inlined: Vec::new(),
            virtual_objects: 0,
        };
        f.add_block();
        f
    }

    /// Adds an empty block.
    pub fn add_block(&mut self) -> Block {
        self.blocks.push(BlockData {
            params: Vec::new(),
            insts: Vec::new(),
            end: Terminator::None,
            cold: false,
        });
        Block(self.blocks.len() as u32 - 1)
    }

    /// Adds a parameter to `block`; its predecessors must pass it.
    pub fn add_param(&mut self, block: Block, ty: Type) -> Value {
        let number = self.blocks[block.index()].params.len() as u32;
        let value = self.add_value(ty, ValueDef::Param(block, number));
        self.blocks[block.index()].params.push(value);
        value
    }

    /// Adds a value.
    pub fn add_value(&mut self, ty: Type, def: ValueDef) -> Value {
        self.values.push(ValueData { ty, def, known: Known::default() });
        Value(self.values.len() as u32 - 1)
    }

    /// Adds an instruction that is in no block yet.
    pub fn add_inst(&mut self, op: Op, args: &[Value], state: Option<State>) -> Inst {
        let inst = Inst(self.insts.len() as u32);
        let result = op.result_type().map(|ty| self.add_value(ty, ValueDef::Inst(inst)));
        self.insts.push(InstData { op, args: Args::from_slice(args), result, state });
        inst
    }

    /// Adds an instruction at the end of `block`; its result, if it has one.
    pub fn push(&mut self, block: Block, op: Op, args: &[Value], state: Option<State>) -> Option<Value> {
        let inst = self.add_inst(op, args, state);
        self.blocks[block.index()].insts.push(inst);
        self.insts[inst.index()].result
    }

    /// As [`push`](Self::push), for operations that have a result.
    ///
    /// # Panics
    /// Where the operation has none.
    pub fn push_value(&mut self, block: Block, op: Op, args: &[Value]) -> Value {
        self.push(block, op, args, None).expect("an operation with a result")
    }

    /// Adds a frame state.
    pub fn add_state(&mut self, state: FrameState) -> State {
        self.states.push(state);
        State(self.states.len() as u32 - 1)
    }

    /// Records an assumption once.
    pub fn assume(&mut self, assumption: Assumption) {
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
    }

    /// A value's type.
    pub fn ty(&self, value: Value) -> Type {
        self.values[value.index()].ty
    }

    /// The instruction that defines a value; `None` for a block's parameter.
    pub fn def(&self, value: Value) -> Option<&InstData> {
        match self.values[value.index()].def {
            ValueDef::Inst(inst) => Some(&self.insts[inst.index()]),
            ValueDef::Param(..) => None,
        }
    }

    /// The operation that defines a value.
    pub fn op(&self, value: Value) -> Option<Op> {
        self.def(value).map(|d| d.op)
    }

    /// A block's data.
    pub fn block(&self, block: Block) -> &BlockData {
        &self.blocks[block.index()]
    }

    /// An instruction's data.
    pub fn inst(&self, inst: Inst) -> &InstData {
        &self.insts[inst.index()]
    }

    /// A state's data.
    pub fn state(&self, state: State) -> &FrameState {
        &self.states[state.index()]
    }

    /// The frames of a state, innermost first.
    pub fn frames(&self, state: State) -> impl Iterator<Item = &FrameState> {
        let mut next = Some(state);
        core::iter::from_fn(move || {
            let state = self.state(next?);
            next = state.caller;
            Some(state)
        })
    }

    /// Calls `visit` with every value that a state and its callers name.
    pub fn for_each_state_value(&self, state: State, mut visit: impl FnMut(Value)) {
        for frame in self.frames(state) {
            frame.for_each_slot(|slot| {
                if let Slot::Value(v) = slot {
                    visit(*v);
                }
            });
        }
    }
}

impl Terminator {
    /// Calls `visit` with every jump.
    pub fn for_each_call(&self, mut visit: impl FnMut(&BlockCall)) {
        match self {
            Terminator::Jump(call) => visit(call),
            Terminator::Branch { then, otherwise, .. } => {
                visit(then);
                visit(otherwise);
            }
            Terminator::Switch { cases, default, .. } => {
                cases.iter().for_each(|(_, call)| visit(call));
                visit(default);
            }
            Terminator::None | Terminator::Return(_) | Terminator::Deopt(..) | Terminator::Throw(..) => {}
        }
    }

    /// Calls `visit` with every jump, to change it.
    pub fn for_each_call_mut(&mut self, mut visit: impl FnMut(&mut BlockCall)) {
        match self {
            Terminator::Jump(call) => visit(call),
            Terminator::Branch { then, otherwise, .. } => {
                visit(then);
                visit(otherwise);
            }
            Terminator::Switch { cases, default, .. } => {
                cases.iter_mut().for_each(|(_, call)| visit(call));
                visit(default);
            }
            Terminator::None | Terminator::Return(_) | Terminator::Deopt(..) | Terminator::Throw(..) => {}
        }
    }

    /// The jump of that number, in the order of [`for_each_call`](Self::for_each_call).
    ///
    /// # Panics
    /// Where there are not so many.
    pub fn call_mut(&mut self, number: usize) -> &mut BlockCall {
        match (self, number) {
            (Terminator::Jump(call), 0) => call,
            (Terminator::Branch { then, .. }, 0) => then,
            (Terminator::Branch { otherwise, .. }, 1) => otherwise,
            (Terminator::Switch { cases, default, .. }, n) => match cases.get_mut(n) {
                Some((_, call)) => call,
                None => default,
            },
            _ => panic!("no jump {number}"),
        }
    }

    /// The successors, one entry an edge.
    pub fn successors(&self) -> SmallVec<[Block; 4]> {
        let mut all = SmallVec::new();
        self.for_each_call(|call| all.push(call.block));
        all
    }

    /// Calls `visit` with the values used here, those of frame states not included.
    pub fn for_each_value(&self, mut visit: impl FnMut(Value)) {
        match self {
            Terminator::Branch { cond: v, .. }
            | Terminator::Switch { key: v, .. }
            | Terminator::Return(Some(v))
            | Terminator::Throw(v, _) => visit(*v),
            _ => {}
        }
        self.for_each_call(|call| call.args.iter().for_each(|v| visit(*v)));
    }

    /// Calls `visit` with the values used here, to change them.
    pub fn for_each_value_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        match self {
            Terminator::Branch { cond: v, .. }
            | Terminator::Switch { key: v, .. }
            | Terminator::Return(Some(v))
            | Terminator::Throw(v, _) => visit(v),
            _ => {}
        }
        self.for_each_call_mut(|call| call.args.iter_mut().for_each(&mut visit));
    }

    /// The frame state.
    pub fn state(&self) -> Option<State> {
        match self {
            Terminator::Deopt(_, state) | Terminator::Throw(_, state) => Some(*state),
            _ => None,
        }
    }
}
