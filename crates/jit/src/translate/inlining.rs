//! Small methods that are known at the call become part of their caller.
//!
//! Tier 1 takes what needs no speculation: statically bound methods, and virtual ones that nothing loaded so far
//! overrides, behind a test of the selected method. What is inlined has neither handlers nor a monitor, so an
//! exception in it goes to the exception edge of the call.

use super::*;
use crate::nmethod::Scope;
use caturra_kernel::oops::method::MethodKind;
use std::sync::atomic::Ordering;

/// Bytes of a method that is inlined, as C1's `MaxInlineSize`; more where the class library asks for it.
const MAX_SIZE: usize = 35;
const MAX_FORCED_SIZE: usize = 120;
/// Nesting, as C1's `MaxInlineLevel`.
const MAX_DEPTH: usize = 9;
/// Bytes inlined into one method altogether.
const MAX_TOTAL: usize = 600;
/// Classes looked at in search of overriding methods.
const MAX_SUBCLASSES: usize = 24;

/// What is particular to inlined code.
pub(super) struct Inlined {
    /// Where exceptions go.
    pub edge: Block,
    /// Where returns go, with the result.
    pub exit: Block,
    pub depth: usize,
}

impl Translator<'_> {
    fn depth(&self) -> usize {
        self.inlined.as_ref().map_or(0, |i| i.depth)
    }

    /// Whether calls of `method` are replaced by its code.
    pub(super) fn may_inline(&self, method: MethodRef) -> bool {
        let forced = method.has(MethodFlags::FORCE_INLINE);
        let limit = if forced { MAX_FORCED_SIZE } else { MAX_SIZE };
        let size = method.bytecode.len();
        method.kind() == MethodKind::Bytecode
            && size <= limit
            && self.inlined_bytes + size <= MAX_TOTAL
            && self.depth() < MAX_DEPTH
            && method.exception_table.is_empty()
            && !method.is_synchronized()
            && !method.has(MethodFlags::DONT_INLINE | MethodFlags::NOT_COMPILABLE | MethodFlags::OBJECT_INITIALIZER)
            // Code that has never run has nothing resolved yet.
            && (method.invocations.load(Ordering::Relaxed) > 0 || !method.compiled.load(Ordering::Acquire).is_null())
            && !crate::policy::needs_interpreter_frame(method)
            && self.jit.commands.may_inline(self.jit.vm(), method)
            && !(self.jit.policy.optimise && has_loop(method))
            && self.extra.scopes.iter().all(|s| s.method != method || self.depth() == 0 && s.caller.is_some())
    }

    /// Puts the code of `method` here; its arguments have been popped, and a receiver is not null.
    ///
    /// # Errors
    /// As for a translation of its own.
    pub(super) fn inline(&mut self, method: MethodRef, arguments: &[Value]) -> Result<(), Rejected> {
        let flow = flow::analyse(method, 0)?;
        let edge = self.exception_edge();
        let exit = self.b.create_block();
        let result = match method.ret {
            BasicType::Void => None,
            ty => Some((Ty::of(ty), self.b.append_block_param(exit, ir_type(ty)))),
        };
        let place = self.place();
        self.extra.scopes.push(Scope { method, caller: Some(place) });
        self.inlined_bytes += method.bytecode.len();
        let scope = self.extra.scopes.len() - 1;
        let depth = self.depth() + 1;
        let states = self.new_states(&flow);
        // What is known of values stays true in code that this point dominates; of locals, it is about the caller's.
        let known_locals = std::mem::take(&mut self.known.locals);
        let outer = Outer {
            method: std::mem::replace(&mut self.method, method),
            holder: std::mem::replace(&mut self.holder, method.holder),
            cp: std::mem::replace(&mut self.cp, method.holder.cp),
            flow: std::mem::replace(&mut self.flow, flow),
            states: std::mem::replace(&mut self.states, states),
            locals: std::mem::take(&mut self.locals),
            stack_variables: std::mem::take(&mut self.stack_variables),
            stack: std::mem::take(&mut self.stack),
            lock: self.lock.take(),
            lock_slots: std::mem::take(&mut self.lock_slots),
            osr: self.osr.take(),
            inlined: self.inlined.replace(Inlined { edge, exit, depth }),
            this_is_fixed: self.this_is_fixed,
            bci: self.bci,
            scope: std::mem::replace(&mut self.scope, scope as u32),
        };
        let before = self.known.clone();
        let done = self.inline_body(arguments);
        self.method = outer.method;
        self.holder = outer.holder;
        self.cp = outer.cp;
        self.flow = outer.flow;
        self.states = outer.states;
        self.locals = outer.locals;
        self.stack_variables = outer.stack_variables;
        self.stack = outer.stack;
        self.lock = outer.lock;
        self.lock_slots = outer.lock_slots;
        self.osr = outer.osr;
        self.inlined = outer.inlined;
        self.this_is_fixed = outer.this_is_fixed;
        self.bci = outer.bci;
        self.scope = outer.scope;
        self.known = before;
        self.known.locals = known_locals;
        done?;
        self.start(exit);
        self.locate();
        if let Some((ty, value)) = result {
            self.push(ty, value);
        }
        Ok(())
    }

    fn inline_body(&mut self, arguments: &[Value]) -> Result<(), Rejected> {
        self.bci = 0;
        self.locate();
        self.this_is_fixed = !self.method.is_static() && !self.stores_to_this()?;
        let mut slot = 0;
        let receiver = (!self.method.is_static()).then_some(BasicType::Reference);
        let types = receiver.into_iter().chain(self.method.signature.params.iter().copied());
        for (ty, &value) in types.zip(arguments) {
            self.store_local(slot, Ty::of(ty), value);
            slot += ty.slots() as u16;
        }
        self.profile_entry();
        self.translate_blocks(0)
    }

    /// The only method that a call of `method` can select among the classes loaded so far.
    pub(super) fn only_target(&self, method: MethodRef) -> Option<MethodRef> {
        let index = usize::try_from(method.vtable_index()).ok()?;
        let mut waiting = vec![method.holder];
        let mut seen = 0;
        let mut only = None;
        while let Some(class) = waiting.pop() {
            seen += 1;
            if seen > MAX_SUBCLASSES {
                return None;
            }
            let selected = *class.vtable().get(index)?;
            if !selected.is_abstract() {
                match only {
                    None => only = Some(selected),
                    Some(m) if m == selected => {}
                    Some(_) => return None,
                }
            }
            waiting.extend(class.direct_subclasses());
        }
        only
    }
}

/// Whether a branch leads back. Where there is a second tier such methods keep code of their own: it counts for itself,
/// and its loops can be left for optimised code.
fn has_loop(method: MethodRef) -> bool {
    Instructions::new(method.bytecode).flatten().any(|i| {
        let mut back = false;
        i.for_each_target(|target| back |= target <= i.pc);
        back
    })
}

/// The caller's part of the translator's state.
struct Outer {
    method: MethodRef,
    holder: ClassRef,
    cp: &'static ConstantPool,
    flow: Flow,
    states: Vec<BlockState>,
    locals: HashMap<(u16, usize), Variable>,
    stack_variables: HashMap<(usize, usize), Variable>,
    stack: Vec<Item>,
    lock: Option<Variable>,
    lock_slots: Vec<StackSlot>,
    osr: Option<u32>,
    inlined: Option<Inlined>,
    this_is_fixed: bool,
    bci: u32,
    scope: u32,
}
