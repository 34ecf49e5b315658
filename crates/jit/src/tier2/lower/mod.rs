//! The optimiser's representation to Cranelift's. Blocks and their parameters map one to one; what leaves the code (checks,
//! exceptions, broken assumptions) goes to cold blocks, see `exits`.

mod arithmetic;
mod calls;
mod exits;
mod invariants;
mod locks;
mod memory;
mod objects;

use super::deopt::DeoptSite;
use super::dependencies::{class_of_id, method_of_id};
use crate::compiler::{RUNTIME_CALLS, slot_value};
use crate::nmethod::Scope;
use crate::runtime_calls::RuntimeCall;
use crate::translate::{java_signature, thread};
use crate::{Jit, Rejected};
use caturra_bytecode::BasicType;
use caturra_heap::layout::GC_UNLOADABLE;
use caturra_hir::env::{ClassId, MethodId};
use caturra_hir::ir::{self as hir, Function as Hir, Terminator, Type as HirType};
use caturra_hir::op::{CallTarget, MadeException, Op, Reason};
use caturra_hir::state::StateMode;
use caturra_kernel::runtime::thread::NATIVE_STACK_MARGIN;
use caturra_kernel::{ClassRef, MethodRef};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F32, F64, I8X16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, AliasRegion, AliasRegionData, Block, BlockArg, ExtFuncData, ExternalName, FuncRef, Function,
    InstBuilder, MemFlagsData, SigRef, Signature, SourceLoc, StackSlot, StackSlotData, StackSlotKind, Type,
    UserExternalName, UserFuncName, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Switch};
use exits::Exit;
use invariants::Invariants;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64};

/// What a function leaves besides Cranelift's.
#[derive(Default)]
pub struct Lowered {
    pub scopes: Vec<Scope>,
    pub inline_caches: Vec<&'static AtomicU64>,
    pub sites: Vec<DeoptSite>,
    /// The buffer of deoptimisations, then where the objects are kept that the code has locked, for thread dumps.
    pub slots: Vec<StackSlot>,
    /// The activation that has locked each.
    pub lock_scopes: Vec<u32>,
    /// Classes of other loaders that the code names.
    pub metadata: Vec<ClassRef>,
    /// Set when an assumption is broken.
    pub invalid: Option<&'static AtomicU32>,
}

const PLAIN: MemFlagsData = MemFlagsData::trusted();

/// Disjoint parts of memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Region {
    Thread,
    /// Class words and lengths of arrays.
    Header,
    /// Class and method records.
    Metadata,
    Cards,
    /// Slots that hold constants.
    Constants,
    Field(u64),
    Elements(BasicType),
    /// Everything on the heap, where the code accesses it by offset.
    Heap,
    /// What deoptimisation reads.
    Buffer,
}

struct Lowering<'a> {
    jit: &'a Jit,
    hir: &'a Hir,
    method: MethodRef,
    b: FunctionBuilder<'a>,
    values: Vec<Option<Value>>,
    blocks: Vec<Block>,
    runtime: HashMap<RuntimeCall, FuncRef>,
    signatures: HashMap<(Vec<Type>, BasicType), SigRef>,
    regions: HashMap<Region, AliasRegion>,
    /// Fields and elements are told apart.
    precise: bool,
    exits: HashMap<(hir::State, bool, Option<Reason>), Block>,
    pending_exits: Vec<(Block, Exit)>,
    scope_numbers: HashMap<(u64, Option<u32>), u32>,
    buffer: StackSlot,
    invariants: Invariants,
    /// Objects made since the last chance for a collection: stores into them need no card, as they are young.
    fresh: Vec<hir::Value>,
    /// The same at the ends of blocks.
    fresh_behind: HashMap<hir::Block, Vec<hir::Value>>,
    /// What follows the instruction being lowered in its block.
    next: Option<hir::Inst>,
    /// A check that has been made together with the one before it.
    passed: Option<hir::Inst>,
    /// The objects of the slots for locks.
    locked: Vec<hir::Value>,
    out: Lowered,
}

/// Lowers `hir` into `function`.
///
/// # Errors
/// When there is no room for cells and entries.
pub fn lower(
    jit: &Jit,
    hir: &Hir,
    function: &mut Function,
    builders: &mut FunctionBuilderContext,
) -> Result<Lowered, Rejected> {
    let method = method_of_id(hir.method);
    let signature = if hir.osr_bci.is_some() { osr_signature() } else { java_signature(method) };
    *function = Function::with_name_signature(UserFuncName::default(), signature);
    let mut b = FunctionBuilder::new(function, builders);
    let buffer = b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3));
    let insts = || hir.blocks.iter().flat_map(|b| &b.insts).map(|i| hir.inst(*i));
    let by_offset = insts().any(|i| matches!(i.op, Op::LoadRaw(..) | Op::StoreRaw(..) | Op::Atomic(..)));
    let mut l = Lowering {
        jit,
        hir,
        method,
        b,
        values: vec![None; hir.values.len()],
        blocks: Vec::new(),
        runtime: HashMap::new(),
        signatures: HashMap::new(),
        regions: HashMap::new(),
        precise: !by_offset,
        exits: HashMap::new(),
        pending_exits: Vec::new(),
        scope_numbers: HashMap::new(),
        buffer,
        invariants: Invariants::of(hir),
        fresh: Vec::new(),
        fresh_behind: HashMap::new(),
        next: None,
        passed: None,
        locked: Vec::new(),
        out: Lowered { slots: vec![buffer], ..Lowered::default() },
    };
    l.out.metadata = foreign_classes(hir, method);
    if !hir.assumptions.is_empty() || !l.out.metadata.is_empty() {
        let arena = method.holder.loader.arena();
        let cell: &'static mut [AtomicU32] =
            arena.alloc_slice(1, |_| AtomicU32::new(0)).map_err(|_| Rejected::MetaspaceFull)?;
        l.out.invalid = Some(&cell[0]);
    }
    l.run()?;
    l.b.seal_all_blocks();
    l.b.finalize(jit.optimising_isa.frontend_config());
    Ok(l.out)
}

/// Classes that may be unloaded before `method`'s.
fn foreign_classes(hir: &Hir, method: MethodRef) -> Vec<ClassRef> {
    let mut all = HashSet::new();
    let mut class = |c: ClassId| {
        all.insert(class_of_id(c));
    };
    let holder = |m: MethodId| ClassId(method_of_id(m).holder.id());
    for i in hir.blocks.iter().flat_map(|b| &b.insts) {
        match hir.inst(*i).op {
            Op::Class(c) | Op::New(c) | Op::NewArray(c, _) | Op::NewMultiArray(c) => class(c),
            Op::Method(m) => class(holder(m)),
            Op::CastCheck(t) | Op::InstanceOf(t) => class(t.class),
            Op::MakeException(MadeException::ClassCast(c)) => class(c),
            Op::LoadField(f) | Op::StoreField(f) | Op::LoadStatic(f) | Op::StoreStatic(f) => class(f.holder),
            Op::Call(CallTarget::Direct(m) | CallTarget::Virtual(m, _) | CallTarget::Interface(m), _) => {
                class(holder(m));
            }
            _ => {}
        }
    }
    hir.states.iter().for_each(|s| class(holder(s.method)));
    let loader = method.holder.loader;
    let may_go = |c: &ClassRef| {
        let c = c.bottom.unwrap_or(*c);
        c.prefix.gc_flags & GC_UNLOADABLE != 0 && (!c.loader.same(loader) || c.is_hidden())
    };
    all.into_iter().filter(may_go).collect()
}

fn osr_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([I64, I64].map(AbiParam::new));
    signature.returns.push(AbiParam::new(I64));
    signature
}

/// The machine type of a value.
fn machine_type(ty: HirType) -> Type {
    match ty {
        HirType::I32 | HirType::Ref => I32,
        HirType::I64 => I64,
        HirType::F32 => F32,
        HirType::F64 => F64,
        HirType::V128 => I8X16,
    }
}

impl Lowering<'_> {
    fn run(&mut self) -> Result<(), Rejected> {
        let hir = self.hir;
        for block in &hir.blocks {
            let ir = self.b.create_block();
            if block.cold {
                self.b.set_cold_block(ir);
            }
            self.blocks.push(ir);
        }
        self.prologue();
        for n in reverse_postorder(hir) {
            let ir = self.blocks[n.index()];
            for &p in &hir.block(n).params {
                let value = self.b.append_block_param(ir, machine_type(hir.ty(p)));
                self.values[p.index()] = Some(value);
            }
            self.b.switch_to_block(ir);
            self.invariants.enter(n);
            self.fresh = match self.invariants.predecessors(n) {
                [before] => self.fresh_behind.get(before).cloned().unwrap_or_default(),
                _ => Vec::new(),
            };
            let insts = &hir.block(n).insts;
            for (at, &i) in insts.iter().enumerate() {
                self.next = insts.get(at + 1).copied();
                self.instruction(i)?;
            }
            self.keep_for_loop(n);
            if !self.fresh.is_empty() {
                self.fresh_behind.insert(n, std::mem::take(&mut self.fresh));
            }
            self.terminator(n)?;
        }
        self.invariants.leave();
        self.emit_exits();
        Ok(())
    }

    fn prologue(&mut self) {
        let hir = self.hir;
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        let params = self.b.block_params(entry).to_vec();
        self.b.set_srcloc(SourceLoc::new(0));
        self.scope(self.method, None);
        let has_calls =
            hir.blocks.iter().flat_map(|b| &b.insts).any(|i| matches!(hir.inst(*i).op, Op::Call(..)));
        if has_calls || self.method.max_locals + self.method.max_stack >= 64 {
            self.check_stack();
        }
        self.make_lock_slots(params.first().copied());
        let args: Vec<BlockArg> = if hir.osr_bci.is_some() {
            let load = |(local, ty): &(u16, HirType)| {
                let at = 8 * i32::from(*local);
                self.b.ins().load(machine_type(*ty), PLAIN, params[0], at).into()
            };
            hir.osr_locals.iter().map(load).collect()
        } else {
            params.iter().map(|p| (*p).into()).collect()
        };
        let first = self.blocks[hir::ENTRY.index()];
        self.b.ins().jump(first, &args);
    }

    /// `StackOverflowError` where the native stack would leave too little room for the VM.
    fn check_stack(&mut self) {
        let sp = self.b.ins().get_stack_pointer(I64);
        let lowest = self.b.ins().iadd_imm_s(sp, -(NATIVE_STACK_MARGIN as i64));
        let limit = self.load_thread(I64, thread::NATIVE_LIMIT);
        let low = self.b.ins().icmp(IntCC::UnsignedLessThan, lowest, limit);
        let (throw, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(low, throw, &[], on, &[]);
        self.b.switch_to_block(throw);
        if self.hir.osr_bci.is_some() {
            // A frame goes on that runs already: there is room for it, as there was in the interpreter.
            self.b.ins().jump(on, &[]);
        } else {
            self.call_runtime(RuntimeCall::throw_stack_overflow, &[]);
            self.return_nothing();
        }
        self.b.switch_to_block(on);
    }

    fn terminator(&mut self, n: hir::Block) -> Result<(), Rejected> {
        let hir = self.hir;
        match &hir.block(n).end {
            Terminator::None => return Err(Rejected::Optimiser(format!("{n} has no end"))),
            Terminator::Jump(to) => {
                let args = self.args(&to.args);
                self.b.ins().jump(self.blocks[to.block.index()], &args);
            }
            Terminator::Branch { cond, then, otherwise, .. } => {
                let mut condition = self.condition(*cond);
                let (mut then, mut otherwise) = (then, otherwise);
                if self.leaves_loop(n, otherwise.block, then.block) {
                    condition = self.contrary(condition);
                    std::mem::swap(&mut then, &mut otherwise);
                }
                let (a, b) = (self.args(&then.args), self.args(&otherwise.args));
                let (then, otherwise) =
                    (self.blocks[then.block.index()], self.blocks[otherwise.block.index()]);
                self.b.ins().brif(condition, then, &a, otherwise, &b);
            }
            Terminator::Switch { key, cases, default } => self.switch(*key, cases, default),
            Terminator::Return(value) => {
                let value = value.map(|v| self.value(v));
                self.return_value(value);
            }
            Terminator::Deopt(reason, state) => {
                let exit = self.exit_before(*state, *reason);
                self.b.ins().jump(exit, &[]);
            }
            Terminator::Throw(exception, state) => {
                if hir.state(*state).unwinds {
                    let exception = self.value(*exception);
                    self.store_thread(exception, thread::PENDING);
                    self.return_nothing();
                } else if hir.state(*state).mode == StateMode::After {
                    let exception = self.value(*exception);
                    self.store_thread(exception, thread::PENDING);
                    let exit = self.exit_throwing(*state);
                    self.b.ins().jump(exit, &[]);
                } else {
                    let exit = self.exit_before(*state, Reason::Throw);
                    self.b.ins().jump(exit, &[]);
                }
            }
        }
        Ok(())
    }

    fn switch(&mut self, key: hir::Value, cases: &[(i32, hir::BlockCall)], default: &hir::BlockCall) {
        let key = self.value(key);
        let mut switch = Switch::new();
        let mut edges = Vec::new();
        for (value, call) in cases {
            let target = self.switch_target(call, &mut edges);
            switch.set_entry(u128::from(*value as u32), target);
        }
        let otherwise = self.switch_target(default, &mut edges);
        switch.emit(&mut self.b, key, otherwise);
        for (block, call) in edges {
            self.b.switch_to_block(block);
            let args = self.args(&call.args);
            self.b.ins().jump(self.blocks[call.block.index()], &args);
        }
    }

    /// Where a case goes: a block of its own where the target has parameters.
    fn switch_target<'c>(
        &mut self,
        call: &'c hir::BlockCall,
        edges: &mut Vec<(Block, &'c hir::BlockCall)>,
    ) -> Block {
        if call.args.is_empty() {
            return self.blocks[call.block.index()];
        }
        let block = self.b.create_block();
        edges.push((block, call));
        block
    }

    fn args(&mut self, args: &[hir::Value]) -> Vec<BlockArg> {
        args.iter().map(|v| self.value(*v).into()).collect()
    }

    /// The machine value of a value; constants are made anew where they are used.
    fn value(&mut self, value: hir::Value) -> Value {
        if let Some(op) = self.hir.op(value).filter(|op| op.is_constant()) {
            return self.invariants.constant(value).unwrap_or_else(|| self.constant(op));
        }
        self.values[value.index()].expect("definitions are lowered before their uses")
    }

    fn define(&mut self, inst: hir::Inst, value: Value) {
        if let Some(result) = self.hir.inst(inst).result {
            let value = if self.invariants.wanted_in_loop(result) { self.fixed(value) } else { value };
            self.values[result.index()] = Some(value);
        }
    }

    fn instruction(&mut self, i: hir::Inst) -> Result<(), Rejected> {
        let hir = self.hir;
        let data = hir.inst(i);
        if data.op.is_constant() || self.passed == Some(i) {
            return Ok(());
        }
        if let Some(state) = data.state {
            let place = self.place(state);
            self.b.set_srcloc(SourceLoc::new(place));
        }
        let args: Vec<Value> = data.args.iter().map(|v| self.value(*v)).collect();
        let result = match data.op {
            op if op.is_check() => {
                self.check(op, data, &args);
                None
            }
            Op::Call(target, ret) => self.call(target, ret, data, &args)?,
            op => match self.arithmetic(op, data, &args) {
                Some(value) => Some(value),
                None => self.memory(op, data, &args)?,
            },
        };
        if let Some(value) = result {
            self.define(i, value);
        }
        if data.op.has_state() && !data.op.is_check() {
            self.fresh.clear();
        }
        if matches!(data.op, Op::New(_) | Op::NewArray(..)) {
            self.fresh.extend(data.result);
        }
        Ok(())
    }

    /// Whether the collector must hear of a store of a reference into an object.
    fn needs_card(&self, object: hir::Value, stored: hir::Value) -> bool {
        self.hir.op(stored) != Some(Op::Null) && !self.fresh.contains(&object)
    }

    // ---- small pieces ----

    fn iconst(&mut self, ty: Type, value: i64) -> Value {
        let value = if ty == I32 { i64::from(value as u32) } else { value };
        self.b.ins().iconst(ty, value)
    }
    fn cold_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }
    fn region(&mut self, region: Region) -> MemFlagsData {
        let region = match region {
            Region::Field(_) | Region::Elements(_) if !self.precise => Region::Heap,
            other => other,
        };
        let next = self.regions.len() as u32;
        let b = &mut self.b;
        let known = *self.regions.entry(region).or_insert_with(|| {
            b.func.dfg.alias_regions.insert(AliasRegionData { user_id: next, description: "".into() })
        });
        PLAIN.with_alias_region(Some(known))
    }
    fn load_thread(&mut self, ty: Type, offset: i32) -> Value {
        let flags = self.region(Region::Thread);
        let thread = self.b.ins().get_pinned_reg(I64);
        self.b.ins().load(ty, flags, thread, offset)
    }
    fn store_thread(&mut self, value: Value, offset: i32) {
        let flags = self.region(Region::Thread);
        let thread = self.b.ins().get_pinned_reg(I64);
        self.b.ins().store(flags, value, thread, offset);
    }

    /// Calls into the VM; the result, if the call has one.
    fn call_runtime(&mut self, call: RuntimeCall, arguments: &[Value]) -> Option<Value> {
        let b = &mut self.b;
        let function = *self.runtime.entry(call).or_insert_with(|| {
            let signature = b.import_signature(call.signature());
            let name = UserExternalName::new(RUNTIME_CALLS, call as u32);
            let name = b.func.declare_imported_user_function(name);
            let name = ExternalName::user(name);
            b.import_function(ExtFuncData { name, signature, colocated: true, patchable: false })
        });
        let inst = self.b.ins().call(function, arguments);
        self.b.inst_results(inst).first().copied()
    }

    fn call_for(&mut self, call: RuntimeCall, arguments: &[Value]) -> Value {
        self.call_runtime(call, arguments).expect("the call has a result")
    }

    /// Zeroed words for the code's own use, in the arena of the method's loader.
    fn cells(&mut self, count: usize) -> Result<&'static [AtomicU64], Rejected> {
        let arena = self.method.holder.loader.arena();
        let cells: &'static mut [AtomicU64] =
            arena.alloc_slice(count, |_| AtomicU64::new(0)).map_err(|_| Rejected::MetaspaceFull)?;
        Ok(cells)
    }

    fn return_value(&mut self, value: Option<Value>) {
        if self.hir.osr_bci.is_some() {
            let slot = slot_value(&mut self.b, value);
            self.b.ins().return_(&[slot]);
        } else {
            let values: Vec<Value> = value.into_iter().collect();
            self.b.ins().return_(&values);
        }
    }

    fn return_nothing(&mut self) {
        let value = match self.method.ret {
            BasicType::Void => None,
            BasicType::Float => Some(self.b.ins().f32const(0.0)),
            BasicType::Double => Some(self.b.ins().f64const(0.0)),
            BasicType::Long => Some(self.iconst(I64, 0)),
            _ => Some(self.iconst(I32, 0)),
        };
        self.return_value(value);
    }

    // ---- places ----

    /// The number of an activation.
    fn scope(&mut self, method: MethodRef, caller: Option<u32>) -> u32 {
        let scopes = &mut self.out.scopes;
        *self.scope_numbers.entry((method.as_raw(), caller)).or_insert_with(|| {
            scopes.push(Scope { method, caller });
            scopes.len() as u32 - 1
        })
    }

    /// The place of a state, as in `CallSite::place`.
    fn place(&mut self, state: hir::State) -> u32 {
        let frame = self.hir.state(state);
        let caller = frame.caller.map(|c| self.place(c));
        let scope = self.scope(method_of_id(frame.method), caller);
        scope << 16 | frame.bci
    }
}

/// Blocks from the entry, each after all but the sources of its back edges.
fn reverse_postorder(hir: &Hir) -> Vec<hir::Block> {
    let mut seen = vec![false; hir.blocks.len()];
    let mut order = Vec::new();
    let mut stack = vec![(hir::ENTRY, 0)];
    seen[0] = true;
    while let Some((block, edge)) = stack.last_mut() {
        let successors = hir.block(*block).end.successors();
        // The last successor first, so that the first one follows its block.
        let next = successors.len().checked_sub(*edge + 1).map(|i| successors[i]);
        *edge += 1;
        match next {
            Some(s) if !seen[s.index()] => {
                seen[s.index()] = true;
                stack.push((s, 0));
            }
            Some(_) => {}
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}
