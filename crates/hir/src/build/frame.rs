//! The abstract frame: what locals and operand stack hold, merged where control flow meets, and as frame states.

use super::{Builder, Rejected};
use crate::env::MethodInfo;
use crate::ir::{Block, BlockCall, Known, State, Type, Value};
use crate::op::Op;
use crate::state::{FrameState, Monitor, Slot, StateMode};
use caturra_bytecode::{Instructions, MethodDescriptor, Opcode, access};
use hashbrown::HashMap;
use std::rc::Rc;

/// Values of a frame at a point of the bytecode.
#[derive(Clone, Default, Debug)]
pub struct Frame {
    /// By slot; the second slot of a long or double, and what no path has set, is empty.
    pub locals: Vec<Option<Value>>,
    /// By slot, bottom first; the second slot of a long or double is empty.
    pub stack: Vec<Option<Value>>,
    /// Objects whose monitors the frame holds, in the order of entry.
    pub monitors: Vec<Value>,
    /// What the way here has shown of references.
    pub known: Rc<HashMap<Value, Known>>,
}

/// An edge into a bytecode block: the IR block that jumps, the number of the jump in its terminator, and the frame.
#[derive(Debug)]
pub struct Incoming {
    pub from: Block,
    pub edge: usize,
    pub frame: Frame,
}

/// Where a block's parameter comes from.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Local(usize),
    Stack(usize),
}

/// A block that later edges lead to.
#[derive(Debug)]
pub struct Header {
    /// What its parameters are.
    places: Vec<Place>,
    stack: usize,
    monitors: Vec<Value>,
}

impl Frame {
    fn at(&self, place: Place) -> Option<Value> {
        match place {
            Place::Local(n) => self.locals.get(n).copied().flatten(),
            Place::Stack(n) => self.stack.get(n).copied().flatten(),
        }
    }
}

impl Builder<'_> {
    fn jump(&mut self, incoming: &Incoming) -> &mut BlockCall {
        self.f.blocks[incoming.from.index()].end.call_mut(incoming.edge)
    }

    /// Starts the IR block of bytecode block `n`: makes parameters where the frames that come in differ.
    pub(super) fn begin_block(&mut self, n: u32, incoming: Vec<Incoming>) -> Result<(), Rejected> {
        let flow = self.scope.flow.clone();
        let data = &flow.blocks[n as usize];
        let block = self.scope.blocks[n as usize].ok_or(Rejected::Malformed("no block"))?;
        self.current = Some(block);
        self.bci = data.start;
        if incoming.len() == 1 && !data.is_loop_header {
            self.frame = incoming.into_iter().next().map(|i| i.frame).unwrap_or_default();
            self.drop_dead(data.start);
            return Ok(());
        }
        let first = &incoming[0].frame;
        let (depth, monitors) = (first.stack.len(), first.monitors.clone());
        if incoming.iter().any(|i| i.frame.stack.len() != depth) {
            return Err(Rejected::Malformed("stack depths differ"));
        }
        if incoming.iter().any(|i| i.frame.monitors != monitors) {
            return Err(Rejected::UnstructuredLocks);
        }
        let live = flow.live_before(data.start);
        let count = first.locals.len();
        let locals = (0..count).filter(|&l| live.contains(l)).map(Place::Local);
        let places: Vec<Place> = locals.chain((0..depth).map(Place::Stack)).collect();
        let mut frame = Frame {
            locals: vec![None; count],
            stack: vec![None; depth],
            monitors: monitors.clone(),
            known: merged_knowledge(&incoming, data.is_irreducible),
        };
        let mut parameters = Vec::new();
        for place in places {
            let values: Option<Vec<Value>> = incoming.iter().map(|i| i.frame.at(place)).collect();
            // A local that is not set on every way is not read, whatever its liveness on others.
            let Some(values) = values else { continue };
            let varies = data.is_loop_header
                && match place {
                    // A store into the second slot of a long or double ends that.
                    Place::Local(l) => {
                        (l..l + self.f.ty(values[0]).slots()).any(|slot| data.assigned.contains(slot))
                    }
                    Place::Stack(_) => true,
                };
            let value = if !varies && values.iter().all(|v| *v == values[0]) {
                values[0]
            } else {
                let ty = self.f.ty(values[0]);
                if values.iter().any(|v| self.f.ty(*v) != ty) {
                    continue;
                }
                let param = self.f.add_param(block, ty);
                if ty == Type::Ref && !data.is_loop_header {
                    let known = self.join(&values, &incoming);
                    self.set_known(param, known);
                }
                for (i, v) in incoming.iter().zip(&values) {
                    self.jump(i).args.push(*v);
                }
                parameters.push(place);
                param
            };
            match place {
                Place::Local(l) => frame.locals[l] = Some(value),
                Place::Stack(s) => frame.stack[s] = Some(value),
            }
        }
        self.frame = frame;
        if data.is_loop_header {
            self.scope.headers[n as usize] = Some(Header { places: parameters, stack: depth, monitors });
            self.begin_instruction();
            let state = self.state_before();
            self.emit_with(Op::Poll, &[], state);
        }
        Ok(())
    }

    /// Passes a frame to a block that has been begun.
    pub(super) fn retreat(&mut self, target: u32, incoming: &Incoming) -> Result<(), Rejected> {
        let header = self.scope.headers[target as usize].as_ref().ok_or(Rejected::Malformed("no header"))?;
        if header.stack != incoming.frame.stack.len() {
            return Err(Rejected::Malformed("stack depths differ"));
        }
        if header.monitors != incoming.frame.monitors {
            return Err(Rejected::UnstructuredLocks);
        }
        let values: Option<Vec<Value>> = header.places.iter().map(|p| incoming.frame.at(*p)).collect();
        let values = values.ok_or(Rejected::Malformed("a local is not set"))?;
        let block = self.scope.blocks[target as usize].ok_or(Rejected::Malformed("no block"))?;
        let types_agree =
            values.iter().zip(&self.f.block(block).params).all(|(v, p)| self.f.ty(*v) == self.f.ty(*p));
        if !types_agree {
            return Err(Rejected::Malformed("types differ"));
        }
        self.jump(incoming).args = values;
        Ok(())
    }

    /// What is known of every one of `values`, each with the knowledge of its own way.
    pub(super) fn join(&self, values: &[Value], incoming: &[Incoming]) -> Known {
        let mut all: Option<Known> = None;
        for (v, i) in values.iter().zip(incoming) {
            if self.f.op(*v) == Some(Op::Null) {
                all = Some(Known {
                    not_null: false,
                    ..all.unwrap_or(Known { exact: true, ..Known::default() })
                });
                continue;
            }
            let always = self.f.values[v.index()].known;
            let here = i.frame.known.get(v).copied().unwrap_or(always);
            let known = Known { not_null: here.not_null || always.not_null, ..here };
            all = Some(match all {
                None => known,
                Some(before) => self.join_two(before, known),
            });
        }
        let all = all.unwrap_or_default();
        if all.class.is_none() { Known { exact: false, ..all } } else { all }
    }

    fn join_two(&self, a: Known, b: Known) -> Known {
        let not_null = a.not_null && b.not_null;
        let (class, exact) = match (a.class, b.class) {
            // Only nulls so far.
            (None, _) if a.exact => (b.class, b.exact),
            (Some(x), Some(y)) if x == y => (Some(x), a.exact && b.exact),
            (Some(x), Some(y)) if self.env.is_subclass(x, y) => (Some(y), false),
            (Some(x), Some(y)) if self.env.is_subclass(y, x) => (Some(x), false),
            _ => (None, false),
        };
        Known { not_null, class, exact }
    }

    /// Forgets locals that are not read any more.
    fn drop_dead(&mut self, bci: u32) {
        let live = self.scope.flow.live_before(bci);
        for (n, local) in self.frame.locals.iter_mut().enumerate() {
            if !live.contains(n) {
                *local = None;
            }
        }
    }

    // ---- frame states ----

    /// The state before the current bytecode, its operands on the stack.
    pub(super) fn state_before(&mut self) -> State {
        if let Some(state) = self.state_before {
            return state;
        }
        let flow = self.scope.flow.clone();
        let live = flow.live_before(self.bci);
        let locals = self.local_slots(|n| live.contains(n));
        let stack = slots(&self.stack_before);
        let state = self.state(StateMode::Before, locals, stack);
        self.state_before = Some(state);
        state
    }

    /// The state behind the current bytecode, whose operands are off the stack, and its result not on it.
    pub(super) fn state_after(&mut self) -> State {
        let flow = self.scope.flow.clone();
        let live = flow.live_after(self.bci, self.next_bci);
        let locals = self.local_slots(|n| live.contains(n));
        let stack = slots(&self.frame.stack);
        self.state(StateMode::After, locals, stack)
    }

    fn local_slots(&self, live: impl Fn(usize) -> bool) -> Vec<Slot> {
        let locals = self.frame.locals.iter().enumerate();
        locals.map(|(n, v)| v.filter(|_| live(n)).map_or(Slot::Dead, Slot::Value)).collect()
    }

    fn state(&mut self, mode: StateMode, locals: Vec<Slot>, stack: Vec<Slot>) -> State {
        let monitor = |v: &Value| Monitor { object: Slot::Value(*v), elided: false };
        let monitors: Vec<Monitor> = self.frame.monitors.iter().map(monitor).collect();
        let handled = self.scope.flow.handlers_of(self.bci).next().is_some();
        let unwinds = self.scope.caller_unwinds && monitors.is_empty() && !handled;
        self.f.add_state(FrameState {
            method: self.scope.method,
            bci: self.bci,
            mode,
            locals,
            stack,
            monitors,
            caller: self.scope.caller,
            unwinds,
            catches: false,
            objects: Vec::new(),
        })
    }

    // ---- the operand stack ----

    pub(super) fn push(&mut self, v: Value) {
        self.frame.stack.push(Some(v));
        if self.f.ty(v).slots() == 2 {
            self.frame.stack.push(None);
        }
    }

    pub(super) fn pop(&mut self, ty: Type) -> Result<Value, Rejected> {
        if ty.slots() == 2 && self.frame.stack.pop() != Some(None) {
            return Err(Rejected::Malformed("not a long or double on the stack"));
        }
        match self.frame.stack.pop() {
            Some(Some(v)) if self.f.ty(v) == ty => Ok(v),
            _ => Err(Rejected::Malformed("wrong type on the stack")),
        }
    }
}

fn slots(values: &[Option<Value>]) -> Vec<Slot> {
    values.iter().map(|v| v.map_or(Slot::Dead, Slot::Value)).collect()
}

/// What all ways in have shown. Of a loop header only the ways from outside count: what they have shown stays true.
pub fn merged_knowledge(incoming: &[Incoming], irreducible: bool) -> Rc<HashMap<Value, Known>> {
    if irreducible {
        return Rc::default();
    }
    let (first, others) = incoming.split_first().expect("a block that is reached");
    if others.iter().all(|i| Rc::ptr_eq(&i.frame.known, &first.frame.known)) {
        return first.frame.known.clone();
    }
    let mut merged = HashMap::new();
    'values: for (&v, known) in first.frame.known.iter() {
        let mut all = *known;
        for i in others {
            let Some(other) = i.frame.known.get(&v) else { continue 'values };
            all.not_null &= other.not_null;
            if all.class != other.class {
                all.class = None;
                all.exact = false;
            }
            all.exact &= other.exact;
        }
        merged.insert(v, all);
    }
    Rc::new(merged)
}

/// Whether the code stores to local 0.
pub fn assigns_local_0(info: &MethodInfo<'_>) -> bool {
    Instructions::new(info.code).flatten().any(|i| {
        i.local_index() == Some(0) && (Opcode::Istore..=Opcode::Astore3).contains(&i.opcode)
            || i.opcode == Opcode::Iinc
    })
}

/// Types of locals, and the number of monitors held by `monitorenter`, at a bytecode index, by a flow analysis from the
/// method's start.
pub fn state_at(info: &MethodInfo<'_>, bci: u32) -> Result<(Vec<Option<Type>>, i32), Rejected> {
    let malformed = Rejected::Malformed("types");
    let descriptor = MethodDescriptor::parse(info.descriptor).ok_or(malformed)?;
    let receiver = (info.access & access::ACC_STATIC == 0).then_some(Type::Ref);
    let parameters = descriptor.parameters().filter_map(|p| Type::of(p.basic_type()));
    let mut types = vec![None; usize::from(info.max_locals)];
    let mut slot = 0;
    for ty in receiver.into_iter().chain(parameters) {
        *types.get_mut(slot).ok_or(malformed)? = Some(ty);
        slot += ty.slots();
    }
    let mut at: HashMap<u32, (Vec<Option<Type>>, i32)> = HashMap::new();
    let mut work = vec![0];
    at.insert(0, (types, 0));
    while let Some(start) = work.pop() {
        let (mut types, mut monitors) = at[&start].clone();
        for instruction in Instructions::starting_at(info.code, start as usize) {
            let i = instruction.map_err(|_| malformed)?;
            if i.pc != start && at.contains_key(&i.pc) {
                flow_into(&mut at, &mut work, i.pc, &types, monitors)?;
                break;
            }
            match i.opcode {
                Opcode::Monitorenter => monitors += 1,
                Opcode::Monitorexit => monitors -= 1,
                opcode => store(&mut types, opcode, i.local_index()),
            }
            let mut targets = Vec::new();
            i.for_each_target(|t| targets.push(t));
            for &t in &targets {
                flow_into(&mut at, &mut work, t, &types, monitors)?;
            }
            if i.opcode.ends_block() {
                break;
            }
            if !targets.is_empty() {
                flow_into(&mut at, &mut work, i.next_pc, &types, monitors)?;
                break;
            }
        }
    }
    at.remove(&bci).ok_or(Rejected::Malformed("no loop header there"))
}

fn store(types: &mut [Option<Type>], opcode: Opcode, index: Option<u16>) {
    use Opcode::*;
    let ty = match opcode {
        Istore | Istore0 | Istore1 | Istore2 | Istore3 => Type::I32,
        Lstore | Lstore0 | Lstore1 | Lstore2 | Lstore3 => Type::I64,
        Fstore | Fstore0 | Fstore1 | Fstore2 | Fstore3 => Type::F32,
        Dstore | Dstore0 | Dstore1 | Dstore2 | Dstore3 => Type::F64,
        Astore | Astore0 | Astore1 | Astore2 | Astore3 => Type::Ref,
        _ => return,
    };
    let index = usize::from(index.unwrap_or(0));
    if index > 0 && types.get(index - 1).copied().flatten().is_some_and(|t| t.slots() == 2) {
        types[index - 1] = None;
    }
    if let Some(slot) = types.get_mut(index) {
        *slot = Some(ty);
    }
    if ty.slots() == 2
        && let Some(slot) = types.get_mut(index + 1)
    {
        *slot = None;
    }
}

fn flow_into(
    at: &mut HashMap<u32, (Vec<Option<Type>>, i32)>,
    work: &mut Vec<u32>,
    target: u32,
    types: &[Option<Type>],
    monitors: i32,
) -> Result<(), Rejected> {
    match at.get_mut(&target) {
        None => {
            at.insert(target, (types.to_vec(), monitors));
            work.push(target);
        }
        Some((known, held)) => {
            if *held != monitors {
                return Err(Rejected::UnstructuredLocks);
            }
            let mut changed = false;
            for (k, t) in known.iter_mut().zip(types) {
                if k.is_some() && k != t {
                    *k = None;
                    changed = true;
                }
            }
            if changed {
                work.push(target);
            }
        }
    }
    Ok(())
}
