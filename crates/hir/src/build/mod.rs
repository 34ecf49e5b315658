//! The builder: bytecode to the representation, in one pass over the blocks in reverse postorder, callees included.

mod calls;
mod flow;
mod frame;
mod handlers;
mod inlining;
mod instructions;
mod intrinsics;
mod objects;
mod worth;

use crate::env::{ClassId, CompilerEnv, MethodId, MethodInfo};
use crate::fold::{Fold, fold};
use crate::ir::{Block, BlockCall, Function, Known, State, Terminator, Type, Value};
use crate::op::{Cond, MadeException, Op, Reason};
use caturra_bytecode::{FieldType, Instructions, MethodDescriptor, access};
use flow::Flow;
use frame::{Frame, Header, Incoming};
use hashbrown::HashMap;
use std::rc::Rc;
use worth::Candidates;

/// Why a method is not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// `jsr` and `ret`
    Subroutines,
    /// Code that the verifier would refuse.
    Malformed(&'static str),
    /// A loop is entered beside its header, and only so.
    Irreducible,
    /// Monitors are not entered and left in pairs.
    UnstructuredLocks,
    /// On-stack replacement inside a `synchronized` block.
    OsrInMonitor,
    /// The method, or what has been made of it, is too large.
    TooLarge,
    /// Code that leaves at the start, or for a reason for which it has been left too often.
    Deoptimises(Reason),
}

/// What the builder may do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Calls are replaced by the callees' code.
    pub inline: bool,
    /// A stress: what is inlined is by chance, as the seed has it, whatever the profile and the sizes say.
    pub stress_inlining: Option<u32>,
    /// Branches that the profile has never seen taken become deoptimisations.
    pub prune_branches: bool,
    /// Bytecodes of a hot callee (C2's `FreqInlineSize`).
    pub max_inline_size: usize,
    /// Bytecodes of a callee that is inlined however seldom it is called (C2's `MaxInlineSize`).
    pub max_trivial_size: usize,
    /// Nesting of inlined calls.
    pub max_inline_depth: u32,
    /// Nesting of a method in itself.
    pub max_recursion: u32,
    /// Instructions from which on nothing more is inlined.
    pub inline_nodes: usize,
    /// Instructions from which on the method is rejected.
    pub max_nodes: usize,
    /// Bytecodes of the method.
    pub max_code: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            inline: true,
            stress_inlining: None,
            prune_branches: true,
            max_inline_size: 325,
            max_trivial_size: 35,
            max_inline_depth: 15,
            max_recursion: 1,
            inline_nodes: 5_000,
            max_nodes: 60_000,
            max_code: 8_000,
        }
    }
}

/// The method as a function, with what is inlined. With `osr_bci`, entered at that loop header.
///
/// # Errors
/// Methods that are not for this compiler.
pub fn build(
    env: &dyn CompilerEnv,
    method: MethodId,
    osr_bci: Option<u32>,
    options: &Options,
) -> Result<Function, Rejected> {
    let info = env.method(method);
    if info.code.len() > options.max_code {
        return Err(Rejected::TooLarge);
    }
    let mut f = Function::new(method);
    f.osr_bci = osr_bci;
    let mut refused = Vec::new();
    let mut options = options.clone();
    let mut threshold = 0.0;
    let mut attempts_to_fit = 0;
    loop {
        let mut attempt = attempt(env, f.clone(), &options, &refused, threshold)?;
        match attempt.done {
            Ok(()) => match attempt.candidates.threshold(attempt.f.insts.len(), options.inline_nodes) {
                Some(stricter) if attempts_to_fit < worth::ATTEMPTS_TO_FIT => {
                    attempts_to_fit += 1;
                    threshold = stricter;
                }
                _ => return Ok(attempt.f),
            },
            Err(Rejected::TooLarge) if options.inline => options.inline = false,
            // The way to the header may be one that has been left out.
            Err(Rejected::Irreducible) if options.prune_branches => options.prune_branches = false,
            // Without inlining the method in which it failed.
            Err(e) => match attempt.culprit {
                Some(m) if refused.len() < MAX_ATTEMPTS => refused.push(m),
                _ => return Err(e),
            },
        }
    }
}

/// How often the builder starts again without inlining some method.
const MAX_ATTEMPTS: usize = 8;

/// What has come of an attempt to build a function.
struct Attempt {
    f: Function,
    done: Result<(), Rejected>,
    /// The inlined method in which it failed.
    culprit: Option<MethodId>,
    candidates: Candidates,
}

fn attempt(
    env: &dyn CompilerEnv,
    f: Function,
    options: &Options,
    refused: &[MethodId],
    threshold: f64,
) -> Result<Attempt, Rejected> {
    let (method, osr_bci) = (f.method, f.osr_bci);
    let scope = Scope::new(env, method, osr_bci.unwrap_or(0))?;
    let mut builder = Builder {
        env,
        options,
        f,
        refused,
        threshold,
        candidates: Candidates::default(),
        culprit: None,
        active: vec![method],
        constants: HashMap::new(),
        current: None,
        ended: crate::ir::ENTRY,
        frame: Frame::default(),
        scope,
        number: 0,
        bci: 0,
        next_bci: 0,
        stack_before: Vec::new(),
        state_before: None,
    };
    let entered = match osr_bci {
        None => builder.enter_method(),
        Some(bci) => builder.enter_loop(bci),
    };
    let done = entered.and_then(|()| builder.translate_blocks());
    Ok(Attempt { f: builder.f, done, culprit: builder.culprit, candidates: builder.candidates })
}

/// A method that is being translated.
struct Scope<'e> {
    method: MethodId,
    info: MethodInfo<'e>,
    flow: Rc<Flow>,
    /// The calling frame, for inlined methods.
    caller: Option<State>,
    /// Whether an exception that leaves this method leaves the compiled code.
    caller_unwinds: bool,
    depth: u32,
    /// How often it is entered for each entry into the compiled code.
    frequency: f64,
    /// IR blocks by bytecode block.
    blocks: Vec<Option<Block>>,
    /// Edges into bytecode blocks not translated yet.
    incoming: Vec<Vec<Incoming>>,
    /// What retreating edges pass, by bytecode block.
    headers: Vec<Option<Header>>,
    /// For inlined methods: where they return to.
    exit: Option<Block>,
    /// Jumps to the end of an inlined method, with the result.
    returns: Vec<(Incoming, Option<Value>)>,
    /// The object whose monitor the method holds.
    lock: Option<Value>,
    /// Handlers that are part of the code, by bytecode index.
    compiled: Vec<u32>,
    /// For inlined methods: whether a calling one has such a handler for what this one throws.
    caller_catches: bool,
    /// Where exceptions that leave this method go then, and the jumps there.
    throw_exit: Option<Block>,
    throws: Vec<(Incoming, Value)>,
}

impl<'e> Scope<'e> {
    fn new(env: &'e dyn CompilerEnv, method: MethodId, entry: u32) -> Result<Scope<'e>, Rejected> {
        let info = env.method(method);
        let handlers = env.handlers(method);
        let compiled: Vec<u32> =
            handlers.iter().map(|h| h.handler).filter(|h| env.handler_seen(method, *h)).collect();
        let flow = Flow::new(info.code, usize::from(info.max_locals), handlers, &compiled, entry)?;
        let count = flow.blocks.len();
        Ok(Scope {
            method,
            info,
            flow: Rc::new(flow),
            caller: None,
            caller_unwinds: true,
            depth: 0,
            frequency: 1.0,
            blocks: vec![None; count],
            incoming: (0..count).map(|_| Vec::new()).collect(),
            headers: (0..count).map(|_| None).collect(),
            exit: None,
            returns: Vec::new(),
            lock: None,
            compiled,
            caller_catches: false,
            throw_exit: None,
            throws: Vec::new(),
        })
    }

    fn is_static(&self) -> bool {
        self.info.access & access::ACC_STATIC != 0
    }

    fn is_synchronized(&self) -> bool {
        self.info.access & access::ACC_SYNCHRONIZED != 0
    }
}

struct Builder<'e> {
    env: &'e dyn CompilerEnv,
    options: &'e Options,
    f: Function,
    /// Methods that are not inlined because that has failed.
    refused: &'e [MethodId],
    /// What a call must promise to be inlined; see [`worth`].
    threshold: f64,
    candidates: Candidates,
    /// The inlined method in which building failed.
    culprit: Option<MethodId>,
    /// The methods being translated, the compiled one first.
    active: Vec<MethodId>,
    /// Constants are made in the entry block, once.
    constants: HashMap<Op, Value>,
    /// Where instructions go; `None` behind the end of a block.
    current: Option<Block>,
    /// The block that was ended last.
    ended: Block,
    frame: Frame,
    scope: Scope<'e>,
    /// The bytecode block being translated.
    number: u32,
    bci: u32,
    next_bci: u32,
    /// The operand stack when the current bytecode began.
    stack_before: Vec<Option<Value>>,
    /// The state before the current bytecode, where it has been needed.
    state_before: Option<State>,
}

/// The class that a descriptor or class constant of an array or class name stands for, if values are known to be its
/// instances: the verifier does not check interfaces (JVMS §4.10.1.2).
fn trusted_class(env: &dyn CompilerEnv, method: MethodId, descriptor: &[u8]) -> Option<ClassId> {
    let ty = FieldType::parse(descriptor)?;
    let name = ty.class_name()?;
    let class = env.class_by_name(method, name)?;
    let mut element = class;
    while let Some(component) = env.component(element) {
        element = component;
    }
    (!env.is_interface(element)).then_some(class)
}

impl Builder<'_> {
    fn block(&self) -> Block {
        self.current.expect("a block that is not finished")
    }

    /// An instruction without frame state, folded where that is possible.
    fn emit(&mut self, op: Op, args: &[Value]) -> Value {
        let mut op = op;
        let mut args = crate::ir::Args::from_slice(args);
        // Folding ends: every step makes a constant, or puts a simpler operation or order.
        for _ in 0..8 {
            match fold(&self.f, op, &args) {
                Some(Fold::Value(v)) => return v,
                Some(Fold::Op(new, new_args)) => {
                    op = new;
                    args = new_args;
                }
                None => break,
            }
        }
        if op.is_constant() {
            return self.constant(op);
        }
        let block = self.block();
        self.f.push_value(block, op, &args)
    }

    fn constant(&mut self, op: Op) -> Value {
        if let Some(&v) = self.constants.get(&op) {
            return v;
        }
        let v = self.f.push_value(crate::ir::ENTRY, op, &[]);
        if let Op::Ref(r) = op {
            let class = self.env.class_of(r);
            self.f.values[v.index()].known = Known { not_null: true, class, exact: class.is_some() };
        }
        self.constants.insert(op, v);
        v
    }

    fn int(&mut self, value: i32) -> Value {
        self.constant(Op::Int(value))
    }

    /// An instruction with a frame state.
    fn emit_with(&mut self, op: Op, args: &[Value], state: State) -> Option<Value> {
        let block = self.block();
        self.f.push(block, op, args, Some(state))
    }

    /// What is known of a reference here.
    fn known(&self, v: Value) -> Known {
        let always = self.f.values[v.index()].known;
        match self.frame.known.get(&v) {
            None => always,
            Some(here) => Known {
                not_null: always.not_null || here.not_null,
                class: here.class.or(always.class),
                exact: if here.class.is_some() { here.exact } else { always.exact },
            },
        }
    }

    /// Adds to what is known of a reference from here on.
    fn learn(&mut self, v: Value, learned: Known) {
        let before = self.known(v);
        let mut known = Known { not_null: before.not_null || learned.not_null, ..before };
        if let Some(class) = learned.class {
            let better = match before.class {
                None => true,
                Some(old) => {
                    !before.exact && (learned.exact || class != old && self.env.is_subclass(class, old))
                }
            };
            if better {
                known.class = Some(class);
                known.exact = learned.exact;
            }
        }
        if known != before {
            Rc::make_mut(&mut self.frame.known).insert(v, known);
        }
    }

    /// What a value of that declared type is known to be.
    fn known_by_type(&self, method: MethodId, descriptor: &[u8]) -> Known {
        let class = trusted_class(self.env, method, descriptor);
        Known { not_null: false, class, exact: class.is_some_and(|c| self.env.is_final(c)) }
    }

    fn set_known(&mut self, v: Value, known: Known) {
        self.f.values[v.index()].known = known;
    }

    /// Ends the current block.
    fn end(&mut self, terminator: Terminator) {
        let block = self.block();
        self.f.blocks[block.index()].end = terminator;
        self.ended = block;
        self.current = None;
    }

    /// Leaves compiled code before the current bytecode.
    fn deopt(&mut self, reason: Reason) -> Result<(), Rejected> {
        if self.env.too_many_deopts(self.scope.method, self.bci, reason) {
            return Err(Rejected::Deoptimises(reason));
        }
        let state = self.state_before();
        let block = self.block();
        self.f.blocks[block.index()].cold = true;
        self.end(Terminator::Deopt(reason, state));
        Ok(())
    }

    /// Checks for null unless that is known.
    fn null_check(&mut self, v: Value) -> Result<(), Rejected> {
        if self.known(v).not_null {
            return Ok(());
        }
        if self.fails_often(Reason::Null) {
            let null = self.constant(Op::Null);
            let is = self.emit(Op::Compare(Cond::Ne, Type::Ref), &[v, null]);
            self.throw_unless(is, MadeException::Null, &[])?;
        }
        let state = self.state_before();
        self.emit_with(Op::NullCheck, &[v], state);
        self.learn(v, Known { not_null: true, ..Known::default() });
        Ok(())
    }

    /// The entry of the compiled method: its parameters are the entry block's.
    fn enter_method(&mut self) -> Result<(), Rejected> {
        let info = self.scope.info;
        let descriptor = MethodDescriptor::parse(info.descriptor).ok_or(Rejected::Malformed("descriptor"))?;
        let mut locals = vec![None; usize::from(info.max_locals)];
        let mut slot = 0;
        let mut arguments = Vec::new();
        if !self.scope.is_static() {
            let this = self.f.add_param(crate::ir::ENTRY, Type::Ref);
            let class = (!self.env.is_interface(info.holder)).then_some(info.holder);
            let exact = class.is_some_and(|c| self.env.is_final(c));
            self.set_known(this, Known { not_null: true, class, exact });
            arguments.push(this);
        }
        for parameter in descriptor.parameters() {
            let ty = Type::of(parameter.basic_type()).ok_or(Rejected::Malformed("void parameter"))?;
            let v = self.f.add_param(crate::ir::ENTRY, ty);
            if ty == Type::Ref {
                let mut text = Vec::new();
                parameter.write_descriptor(&mut text);
                let known = self.known_by_type(self.scope.method, &text);
                self.set_known(v, known);
            }
            arguments.push(v);
        }
        for &v in &arguments {
            *locals.get_mut(slot).ok_or(Rejected::Malformed("too few locals"))? = Some(v);
            slot += self.f.ty(v).slots();
        }
        self.frame = Frame { locals, ..Frame::default() };
        self.current = Some(crate::ir::ENTRY);
        self.begin_body()
    }

    /// Takes a synchronized method's monitor and goes to the first bytecode block.
    fn begin_body(&mut self) -> Result<(), Rejected> {
        self.bci = 0;
        self.begin_instruction();
        if self.scope.is_synchronized() {
            let lock = match self.frame.locals.first() {
                Some(&Some(this)) if !self.scope.is_static() => this,
                _ => self.constant(Op::Ref(self.env.mirror(self.scope.info.holder))),
            };
            self.scope.lock = Some(lock);
            self.frame.monitors.push(lock);
            let state = self.state_before();
            self.emit_with(Op::MonitorEnter, &[lock], state);
        }
        let first = self.scope.flow.entry();
        let target = self.target(first)?;
        self.end(Terminator::Jump(target));
        self.add_edges(&[first])
    }

    /// The entry of code for on-stack replacement: the locals that are read at the loop header.
    fn enter_loop(&mut self, bci: u32) -> Result<(), Rejected> {
        let info = self.scope.info;
        let (types, depth) = frame::state_at(&info, bci)?;
        if depth != 0 {
            return Err(Rejected::OsrInMonitor);
        }
        let mut locals = vec![None; usize::from(info.max_locals)];
        for (slot, ty) in types.iter().enumerate() {
            let Some(ty) = *ty else { continue };
            let this = slot == 0 && !self.scope.is_static() && ty == Type::Ref;
            // The monitor's object must be at hand even where the code does not read it any more.
            let wanted =
                self.scope.flow.live_before(bci).contains(slot) || this && self.scope.is_synchronized();
            if !wanted {
                continue;
            }
            let v = self.f.add_param(crate::ir::ENTRY, ty);
            self.f.osr_locals.push((slot as u16, ty));
            locals[slot] = Some(v);
            if this && !frame::assigns_local_0(&info) {
                let class = (!self.env.is_interface(info.holder)).then_some(info.holder);
                let exact = class.is_some_and(|c| self.env.is_final(c));
                self.set_known(v, Known { not_null: true, class, exact });
            }
        }
        self.frame = Frame { locals, ..Frame::default() };
        self.current = Some(crate::ir::ENTRY);
        if self.scope.is_synchronized() {
            let lock = match self.frame.locals.first() {
                Some(&Some(this)) if !self.scope.is_static() && !frame::assigns_local_0(&info) => this,
                _ if self.scope.is_static() => self.constant(Op::Ref(self.env.mirror(info.holder))),
                _ => return Err(Rejected::OsrInMonitor),
            };
            self.scope.lock = Some(lock);
            self.frame.monitors.push(lock);
        }
        let first = self.scope.flow.entry();
        let target = self.target(first)?;
        self.end(Terminator::Jump(target));
        self.add_edges(&[first])
    }

    /// A jump to a bytecode block, without arguments yet: see [`add_edges`](Self::add_edges).
    fn target(&mut self, block: u32) -> Result<BlockCall, Rejected> {
        if block == u32::MAX {
            return Err(Rejected::Malformed("branch into an instruction"));
        }
        let made = self.scope.blocks[block as usize];
        let ir = made.unwrap_or_else(|| self.f.add_block());
        self.scope.blocks[block as usize] = Some(ir);
        Ok(BlockCall::to(ir))
    }

    /// Records the edges of the terminator just made, given the bytecode blocks it leads to in the order of its calls.
    /// `u32::MAX` stands for calls that lead elsewhere.
    fn add_edges(&mut self, targets: &[u32]) -> Result<(), Rejected> {
        let known = self.frame.known.clone();
        self.add_edges_knowing(targets, |_| known.clone())
    }

    /// As [`add_edges`](Self::add_edges), with what is known on each.
    fn add_edges_knowing(
        &mut self,
        targets: &[u32],
        known: impl Fn(usize) -> Rc<HashMap<Value, Known>>,
    ) -> Result<(), Rejected> {
        let from = self.ended;
        for (edge, &target) in targets.iter().enumerate().filter(|(_, t)| **t != u32::MAX) {
            let mut frame = self.frame.clone();
            frame.known = known(edge);
            let incoming = Incoming { from, edge, frame };
            match &self.scope.headers[target as usize] {
                Some(_) => self.retreat(target, &incoming)?,
                None => self.scope.incoming[target as usize].push(incoming),
            }
        }
        Ok(())
    }

    /// Translates all bytecode blocks that are reached.
    fn translate_blocks(&mut self) -> Result<(), Rejected> {
        let flow = self.scope.flow.clone();
        for &n in &flow.order {
            let incoming = std::mem::take(&mut self.scope.incoming[n as usize]);
            if incoming.is_empty() {
                continue;
            }
            self.number = n;
            self.begin_block(n, incoming)?;
            self.translate_block(n)?;
            if self.f.insts.len() > self.options.max_nodes {
                return Err(Rejected::TooLarge);
            }
        }
        // A block that was passed by because nothing led to it then.
        if self.scope.incoming.iter().any(|i| !i.is_empty()) {
            return Err(Rejected::Irreducible);
        }
        Ok(())
    }

    fn translate_block(&mut self, n: u32) -> Result<(), Rejected> {
        let flow = self.scope.flow.clone();
        let block = &flow.blocks[n as usize];
        let code = self.scope.info.code;
        for instruction in Instructions::starting_at(&code[..block.end as usize], block.start as usize) {
            let i = instruction.map_err(|_| Rejected::Malformed("undecodable"))?;
            self.bci = i.pc;
            self.next_bci = i.next_pc;
            self.begin_instruction();
            self.instruction(&i)?;
            if self.current.is_none() {
                return Ok(());
            }
        }
        let next = self.successor(block.end);
        let target = self.target(next)?;
        self.end(Terminator::Jump(target));
        self.add_edges(&[next])
    }

    /// The block at `bci`, to which the current one leads.
    fn successor(&self, bci: u32) -> u32 {
        self.scope.flow.successor(self.number, bci)
    }

    fn begin_instruction(&mut self) {
        self.stack_before.clone_from(&self.frame.stack);
        self.state_before = None;
    }
}
