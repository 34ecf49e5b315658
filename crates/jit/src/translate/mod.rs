//! Tier 1: bytecode to Cranelift's IR, one instruction at a time.
//!
//! Local variables and, between blocks, operand-stack entries are Cranelift variables, one for each slot and machine
//! type; inside a block the operand stack is a list of values. Within a run of blocks that are only entered from one
//! another, what is known of a value is kept: that it is no null, its address, an array's length.
//!
//! An instruction that can throw ends in a test and a branch to the *exception edge* of its bytecode index: the dispatch
//! among the handlers that cover it, or the exit of the method with the exception pending.

mod arithmetic;
mod calls;
mod exceptions;
mod fields;
pub mod flow;
mod inlining;
mod instructions;
mod intrinsics;
mod monitors;
mod objects;
mod profiling;
mod stack;

use crate::Jit;
use crate::compiler::{RUNTIME_CALLS, slot_value};
use crate::nmethod::Scope;
use crate::runtime_calls::{Kind, RuntimeCall};
use caturra_bytecode::{BasicType, Instructions, Operands};
use caturra_kernel::oops::constant_pool::ConstantPool;
use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::thread::NATIVE_STACK_MARGIN;
use caturra_kernel::{ClassRef, MethodRef, Thread};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F32, F64, I8, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, Block, ExtFuncData, ExternalName, FuncRef, Function, InstBuilder, MemFlagsData, SigRef,
    Signature, SourceLoc, StackSlot, Type, UserExternalName, UserFuncName, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use flow::{Flow, Rejected};
use std::collections::{HashMap, HashSet};
use std::mem::offset_of;
use std::sync::atomic::AtomicU64;

/// Computational types (JVMS §2.11.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ty {
    Int,
    Long,
    Float,
    Double,
    Ref,
}

impl Ty {
    fn of(ty: BasicType) -> Ty {
        match ty {
            BasicType::Long => Ty::Long,
            BasicType::Float => Ty::Float,
            BasicType::Double => Ty::Double,
            BasicType::Reference => Ty::Ref,
            _ => Ty::Int,
        }
    }
    fn ir(self) -> Type {
        match self {
            Ty::Int | Ty::Ref => I32,
            Ty::Long => I64,
            Ty::Float => F32,
            Ty::Double => F64,
        }
    }
    fn is_wide(self) -> bool {
        matches!(self, Ty::Long | Ty::Double)
    }
    /// Types that share a variable have the same number.
    fn number(self) -> usize {
        match self {
            Ty::Int | Ty::Ref => 0,
            Ty::Long => 1,
            Ty::Float => 2,
            Ty::Double => 3,
        }
    }
}

/// The machine type of a Java value.
pub fn ir_type(ty: BasicType) -> Type {
    Ty::of(ty).ir()
}

fn signature_of(receiver: bool, params: &[BasicType], ret: BasicType) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    if receiver {
        signature.params.push(AbiParam::new(I32));
    }
    signature.params.extend(params.iter().map(|&ty| AbiParam::new(ir_type(ty))));
    if ret != BasicType::Void {
        signature.returns.push(AbiParam::new(ir_type(ret)));
    }
    signature
}

/// How compiled code calls `method`.
pub fn java_signature(method: MethodRef) -> Signature {
    signature_of(!method.is_static(), method.signature.params, method.ret)
}

/// What the operand stack of a block holds: a value, or a comparison whose result an `if` will likely consume.
#[derive(Clone, Copy)]
enum Item {
    Value(Ty, Value),
    /// `lcmp`.
    LongCompare(Value, Value),
    /// `fcmpg`, `dcmpg` (true) or `fcmpl`, `dcmpl`: what the result is for NaN.
    FloatCompare(Value, Value, bool),
}

impl Item {
    fn ty(self) -> Ty {
        match self {
            Item::Value(ty, _) => ty,
            _ => Ty::Int,
        }
    }
}

/// What is known of values, in a run of blocks of which each is entered from the one before only.
#[derive(Default, Clone)]
struct Known {
    locals: HashMap<u16, (Ty, Value)>,
    not_null: HashSet<Value>,
    addresses: HashMap<Value, Value>,
    lengths: HashMap<Value, Value>,
    /// (array, index) pairs known to be in bounds.
    in_bounds: HashSet<(Value, Value)>,
}

/// What a translation leaves besides the function.
#[derive(Default)]
pub struct Extra {
    /// The method, then those inlined into it.
    pub scopes: Vec<Scope>,
    pub inline_caches: Vec<&'static AtomicU64>,
    /// Where the frame keeps the objects that the method has locked.
    pub lock_slots: Vec<StackSlot>,
}

/// The state of a block of bytecode.
#[derive(Clone)]
struct BlockState {
    ir: Block,
    /// Types on the operand stack at its start, once known.
    entry: Option<Vec<Ty>>,
    /// Edges not yet translated.
    remaining: u32,
}

/// Translation of one method.
pub struct Translator<'a> {
    jit: &'a Jit,
    b: FunctionBuilder<'a>,
    method: MethodRef,
    holder: ClassRef,
    cp: &'static ConstantPool,
    osr: Option<u32>,
    flow: Flow,
    states: Vec<BlockState>,
    /// See `profiling`.
    live_locals: profiling::LiveLocals,
    osr_buffer: Option<cranelift_codegen::ir::StackSlot>,
    locals: HashMap<(u16, usize), Variable>,
    stack_variables: HashMap<(usize, usize), Variable>,
    stack: Vec<Item>,
    known: Known,
    runtime: HashMap<RuntimeCall, FuncRef>,
    signatures: HashMap<(bool, Vec<u8>), SigRef>,
    /// Dispatch blocks by the exception-table rows that they try.
    dispatches: HashMap<Vec<u16>, Block>,
    pending_dispatches: Vec<(Vec<u16>, Block, u32)>,
    /// The exit with an exception.
    unwind: Option<Block>,
    /// The exit before a synchronized method has its lock.
    early_exit: Option<Block>,
    /// The object that a synchronized method has locked.
    lock: Option<Variable>,
    /// As the stack walker finds it: the lock, then the objects of `monitorenter`s.
    lock_slots: Vec<StackSlot>,
    /// Local 0 is never stored to in an instance method.
    this_is_fixed: bool,
    bci: u32,
    /// Number of the present method in `Extra::scopes`.
    scope: u32,
    /// In inlined code.
    inlined: Option<inlining::Inlined>,
    inlined_bytes: usize,
    extra: Extra,
}

/// Translates `method` from its start, or from the loop header `osr`.
///
/// # Errors
/// Why it cannot be compiled.
pub fn translate(
    jit: &Jit,
    method: MethodRef,
    osr: Option<u32>,
    function: &mut Function,
    builders: &mut FunctionBuilderContext,
) -> Result<Extra, Rejected> {
    let flow = flow::analyse(method, osr.unwrap_or(0))?;
    function.name = UserFuncName::user(1, method.as_raw() as u32);
    function.signature = if osr.is_some() { osr_signature() } else { java_signature(method) };
    let mut t = Translator {
        jit,
        b: FunctionBuilder::new(function, builders),
        method,
        holder: method.holder,
        cp: method.holder.cp,
        osr,
        states: Vec::new(),
        flow,
        locals: HashMap::new(),
        stack_variables: HashMap::new(),
        stack: Vec::new(),
        known: Known::default(),
        runtime: HashMap::new(),
        signatures: HashMap::new(),
        dispatches: HashMap::new(),
        pending_dispatches: Vec::new(),
        unwind: None,
        early_exit: None,
        lock: None,
        lock_slots: Vec::new(),
        this_is_fixed: false,
        bci: 0,
        scope: 0,
        inlined: None,
        inlined_bytes: 0,
        live_locals: HashMap::new(),
        osr_buffer: None,
        extra: Extra { scopes: vec![Scope { method, caller: None }], ..Extra::default() },
    };
    t.run()?;
    t.b.seal_all_blocks();
    t.b.finalize(jit.isa.frontend_config());
    t.extra.lock_slots = t.lock_slots;
    Ok(t.extra)
}

/// Code that goes on with a frame of the interpreter: its locals and the object it has locked; gives a slot value.
fn osr_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([I64, I64].map(AbiParam::new));
    signature.returns.push(AbiParam::new(I64));
    signature
}

/// Fields of the thread at fixed offsets from the pinned register.
pub mod thread {
    use super::*;
    pub const POLL: i32 = offset_of!(Thread, poll) as i32;
    /// Poll word and pending exception, in one load.
    pub const ATTENTION: i32 = POLL;
    const _: () = assert!(PENDING == POLL + 4 && POLL % 8 == 0);
    pub const PENDING: i32 = offset_of!(Thread, pending) as i32;
    pub const NATIVE_LIMIT: i32 = offset_of!(Thread, native_limit) as i32;
    pub const CALLEE: i32 = offset_of!(Thread, callee) as i32;
    pub const SLOW_RESULT: i32 = offset_of!(Thread, slow_result) as i32;
    pub const ID: i32 = offset_of!(Thread, id) as i32;
    pub const OBJECT: i32 = offset_of!(Thread, object) as i32;
    pub const TLAB_CURSOR: i32 = (offset_of!(Thread, tlab) + caturra_heap::Tlab::CURSOR_OFFSET) as i32;
    pub const TLAB_LIMIT: i32 = (offset_of!(Thread, tlab) + caturra_heap::Tlab::LIMIT_OFFSET) as i32;
}

const PLAIN: MemFlagsData = MemFlagsData::trusted();

impl Translator<'_> {
    fn run(&mut self) -> Result<(), Rejected> {
        let flow = std::mem::replace(&mut self.flow, Flow::empty());
        self.states = self.new_states(&flow);
        self.flow = flow;
        self.live_locals = self.find_live_locals();
        self.this_is_fixed = !self.method.is_static() && self.osr.is_none() && !self.stores_to_this()?;
        self.prologue()?;
        self.translate_blocks(self.osr.unwrap_or(0))?;
        self.emit_dispatches()?;
        self.emit_unwind();
        Ok(())
    }

    fn new_states(&mut self, flow: &Flow) -> Vec<BlockState> {
        flow.blocks
            .iter()
            .map(|block| BlockState { ir: self.b.create_block(), entry: None, remaining: block.predecessors })
            .collect()
    }

    /// Translates all blocks of the present method, to be entered from here at `entry`.
    fn translate_blocks(&mut self, entry: u32) -> Result<(), Rejected> {
        let first = self.flow.block_at(entry);
        let state = &mut self.states[first as usize];
        state.entry = Some(Vec::new());
        state.remaining += 1;
        let ir = state.ir;
        self.b.ins().jump(ir, &[]);
        self.edge_done(first);
        let info = &self.flow.blocks[first as usize];
        // Inlined code goes on with what its caller knows.
        let mut continued = self.inlined.is_some() && info.predecessors == 0 && !info.is_handler;
        let order = std::mem::take(&mut self.flow.order);
        for (i, &n) in order.iter().enumerate() {
            continued = self.block(n, continued, order.get(i + 1).copied())?;
        }
        Ok(())
    }

    /// Where the translation is: scope and bytecode index, as in `CallSite::place`.
    fn place(&self) -> u32 {
        self.scope << 16 | self.bci
    }

    fn stores_to_this(&self) -> Result<bool, Rejected> {
        for i in Instructions::new(self.method.bytecode) {
            let i = i.map_err(|e| Rejected::Malformed(e.to_string()))?;
            let is_store = i.opcode.mnemonic().contains("store");
            if is_store && i.local_index() == Some(0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The method's entry: arguments to locals, stack check, lock.
    fn prologue(&mut self) -> Result<(), Rejected> {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        self.b.seal_block(entry);
        self.bci = self.osr.unwrap_or(0);
        self.locate();
        let params = self.b.block_params(entry).to_vec();
        self.make_lock_slots()?;
        if self.osr.is_some() {
            self.load_frame(params[0])?;
            if self.method.is_synchronized() {
                let lock = self.b.declare_var(I32);
                let object = self.b.ins().ireduce(I32, params[1]);
                self.b.def_var(lock, object);
                self.lock = Some(lock);
                self.note_method_lock(object);
            }
            self.note_locked_locals(params[0]);
            self.check_stack();
        } else {
            let mut slot = 0;
            let receiver = (!self.method.is_static()).then_some(BasicType::Reference);
            let types = receiver.into_iter().chain(self.method.signature.params.iter().copied());
            for (ty, value) in types.zip(params) {
                self.store_local(slot, Ty::of(ty), value);
                slot += ty.slots() as u16;
            }
            let small = self.method.max_locals + self.method.max_stack < 64;
            if self.flow.has_calls || !small {
                self.check_stack();
            }
            if self.method.is_synchronized() {
                self.lock_method();
            }
            self.profile_entry();
        }
        Ok(())
    }

    /// Defines every variable of the method from the interpreter's frame.
    fn load_frame(&mut self, locals: Value) -> Result<(), Rejected> {
        let mut seen = HashSet::new();
        for i in Instructions::new(self.method.bytecode) {
            let i = i.map_err(|e| Rejected::Malformed(e.to_string()))?;
            let Some(index) = i.local_index() else { continue };
            let ty = match i.opcode.mnemonic().as_bytes()[0] {
                b'l' => Ty::Long,
                b'f' => Ty::Float,
                b'd' => Ty::Double,
                b'a' => Ty::Ref,
                _ => Ty::Int,
            };
            if seen.insert((index, ty.number())) {
                let value = self.b.ins().load(ty.ir(), PLAIN, locals, 8 * i32::from(index));
                let variable = self.local_variable(index, ty);
                self.b.def_var(variable, value);
            }
        }
        Ok(())
    }

    /// `StackOverflowError` where the native stack would leave too little room for the VM.
    fn check_stack(&mut self) {
        let sp = self.b.ins().get_stack_pointer(I64);
        let lowest = self.b.ins().iadd_imm_s(sp, -(NATIVE_STACK_MARGIN as i64));
        let limit = self.load_thread(I64, thread::NATIVE_LIMIT);
        let low = self.b.ins().icmp(IntCC::UnsignedLessThan, lowest, limit);
        // No handler of this method catches it: the method has not begun.
        let exit = self.unwind_before_lock();
        self.throw_if_to(low, RuntimeCall::throw_stack_overflow, &[], exit);
    }

    fn lock_method(&mut self) {
        let object =
            if self.method.is_static() { self.load_mirror(self.holder) } else { self.load_local(0, Ty::Ref) };
        let lock = self.b.declare_var(I32);
        self.b.def_var(lock, object);
        self.lock = Some(lock);
        self.enter_monitor(object);
        self.note_method_lock(object);
    }

    /// Translates block `n`. `continued`: it is entered only from the end of the block translated before, whose stack
    /// and knowledge go on. Gives the same for `next`, the block that is translated after it.
    fn block(&mut self, n: u32, continued: bool, next: Option<u32>) -> Result<bool, Rejected> {
        let (start, end) = (self.flow.blocks[n as usize].start, self.flow.blocks[n as usize].end);
        self.b.switch_to_block(self.states[n as usize].ir);
        self.bci = start;
        self.locate();
        if !continued {
            self.known = Known::default();
            let is_handler = self.flow.blocks[n as usize].is_handler;
            let entry = &mut self.states[n as usize].entry;
            if is_handler && entry.is_none() {
                *entry = Some(vec![Ty::Ref]);
            }
            let entry = entry.clone().unwrap_or_default();
            self.stack.clear();
            for (depth, ty) in entry.into_iter().enumerate() {
                let variable = self.stack_variable(depth, ty);
                let value = self.b.use_var(variable);
                self.stack.push(Item::Value(ty, value));
            }
            if is_handler && let Some(Item::Value(_, exception)) = self.stack.first().copied() {
                self.known.not_null.insert(exception);
            }
            if self.flow.blocks[n as usize].is_loop_header {
                self.poll();
                self.profile_loop();
            }
        }
        let is_last = |pc: u32| pc >= end;
        let mut branched = false;
        for instruction in Instructions::starting_at(self.method.bytecode, start as usize) {
            let i = instruction.map_err(|e| Rejected::Malformed(e.to_string()))?;
            self.bci = i.pc;
            self.locate();
            branched = self.instruction(&i)?;
            if is_last(i.next_pc) {
                break;
            }
        }
        let successors = std::mem::take(&mut self.flow.blocks[n as usize].successors);
        if !branched {
            let target = *successors.last().ok_or_else(|| Rejected::Malformed("no successor".into()))?;
            self.flush_stack();
            let ir = self.states[target as usize].ir;
            self.b.ins().jump(ir, &[]);
        }
        let types: Vec<Ty> = self.stack.iter().map(|i| i.ty()).collect();
        for &s in &successors {
            self.states[s as usize].entry.get_or_insert_with(|| types.clone());
            self.edge_done(s);
        }
        Ok(next.is_some_and(|x| {
            let info = &self.flow.blocks[x as usize];
            successors.contains(&x) && info.predecessors == 1 && !info.is_handler && !info.is_loop_header
        }))
    }

    /// An edge to block `n` has been emitted.
    fn edge_done(&mut self, n: u32) {
        let state = &mut self.states[n as usize];
        state.remaining -= 1;
        if state.remaining == 0 && !self.flow.blocks[n as usize].is_handler {
            self.b.seal_block(state.ir);
        }
    }

    /// The IR block of the code at `bci`.
    fn ir_block_at(&self, bci: u32) -> Block {
        self.states[self.flow.block_at(bci) as usize].ir
    }

    /// Marks what follows as belonging to the present bytecode index.
    fn locate(&mut self) {
        self.b.set_srcloc(SourceLoc::new(self.place()));
    }

    // ---- small pieces used all over ----

    fn iconst(&mut self, ty: Type, value: i64) -> Value {
        self.b.ins().iconst(ty, value)
    }
    fn thread(&mut self) -> Value {
        self.b.ins().get_pinned_reg(I64)
    }
    fn load_thread(&mut self, ty: Type, offset: i32) -> Value {
        let thread = self.thread();
        self.b.ins().load(ty, PLAIN, thread, offset)
    }
    fn store_thread(&mut self, value: Value, offset: i32) {
        let thread = self.thread();
        self.b.ins().store(PLAIN, value, thread, offset);
    }
    /// Goes on in a new block, entered from what has been emitted so far only.
    fn start(&mut self, block: Block) {
        self.b.seal_block(block);
        self.b.switch_to_block(block);
    }
    fn cold_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Calls into the VM; the result, if the call has one.
    fn call_runtime(&mut self, call: RuntimeCall, arguments: &[Value]) -> Option<Value> {
        let function = match self.runtime.get(&call) {
            Some(f) => *f,
            None => {
                let signature = self.b.import_signature(call.signature());
                let name = self
                    .b
                    .func
                    .declare_imported_user_function(UserExternalName::new(RUNTIME_CALLS, call as u32));
                let f = self.b.import_function(ExtFuncData {
                    name: ExternalName::user(name),
                    signature,
                    colocated: true,
                    patchable: false,
                });
                self.runtime.insert(call, f);
                f
            }
        };
        let inst = self.b.ins().call(function, arguments);
        self.b.inst_results(inst).first().copied()
    }

    /// As [`Self::call_runtime`], and goes to the exception edge when the call has thrown.
    fn call_throwing(&mut self, call: RuntimeCall, arguments: &[Value]) -> Option<Value> {
        debug_assert_ne!(call.kind(), Kind::Plain);
        let result = self.call_runtime(call, arguments);
        self.check_pending();
        result
    }

    /// Calls a preserving runtime call with a result.
    fn call_slow(&mut self, call: RuntimeCall, arguments: &[Value], ty: Type) -> Value {
        self.call_throwing(call, arguments);
        self.load_thread(ty, thread::SLOW_RESULT)
    }

    /// The safepoint poll; an exception may have been thrown at this thread (JVMS §2.10).
    fn poll(&mut self) {
        let asked = self.load_thread(I32, thread::POLL);
        let (slow, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(asked, slow, &[], on, &[]);
        let edge = self.exception_edge();
        self.start(slow);
        self.poll_at(edge, on);
    }

    fn method_constant(&mut self) -> Value {
        self.iconst(I64, self.method.as_raw() as i64)
    }

    /// A zeroed word for the code's own use, in the arena of the method's loader.
    fn cells(&mut self, count: usize) -> Result<&'static [AtomicU64], Rejected> {
        let arena = self.holder.loader.arena();
        let cells: &'static mut [AtomicU64] =
            arena.alloc_slice(count, |_| AtomicU64::new(0)).map_err(|_| Rejected::MetaspaceFull)?;
        Ok(cells)
    }

    fn return_values(&mut self, value: Option<Value>) {
        if self.osr.is_some() {
            let slot = slot_value(&mut self.b, value);
            self.b.ins().return_(&[slot]);
        } else {
            let values: Vec<Value> = value.into_iter().collect();
            self.b.ins().return_(&values);
        }
    }

    fn signature(&mut self, receiver: bool, params: &[BasicType], ret: BasicType) -> SigRef {
        let key: Vec<u8> =
            params.iter().map(|&p| Ty::of(p).number() as u8).chain([ret as u8 | 0x80]).collect();
        if let Some(s) = self.signatures.get(&(receiver, key.clone())) {
            return *s;
        }
        let s = self.b.import_signature(signature_of(receiver, params, ret));
        self.signatures.insert((receiver, key), s);
        s
    }
}
