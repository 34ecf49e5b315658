//! Structured locking (JVMS §2.11.10): an activation leaves the monitors that it has entered, and no others.
//!
//! [`are_structured`] proves it for nearly all code when a method is linked, which then runs without any record. What
//! cannot be proved is never compiled, and its interpreter frames keep a record of what they hold: an exit of
//! something else, and the end of an activation that still holds something, throw `IllegalMonitorStateException`.

use caturra_bytecode::{FieldType, Instruction, MethodDescriptor, Opcode, Operands};
use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::frames::{FRAME_LOCKED, FRAME_RECORDS_LOCKS, Frame};
use caturra_kernel::runtime::monitor;
use caturra_kernel::{MethodRef, ObjRef, Thread};
use std::collections::BTreeMap;

fn not_held(t: &Thread) -> Thrown {
    exceptions::throw_bare(t, "java/lang/IllegalMonitorStateException")
}

/// `monitorenter` of a non-null object.
///
/// # Safety
/// `frame` is this thread's youngest frame, with its `pc` saved.
#[inline]
pub unsafe fn enter(t: &Thread, frame: *mut Frame, object: ObjRef) {
    monitor::enter(t, object);
    // SAFETY: the caller's promise.
    unsafe {
        if MethodRef::from_raw((*frame).method).has(MethodFlags::UNSTRUCTURED_LOCKS) {
            note_enter(t, frame, object);
        }
    }
}

/// `monitorexit` of a non-null object.
///
/// # Errors
/// `IllegalMonitorStateException` where the activation has not entered the monitor.
///
/// # Safety
/// As [`enter`].
#[inline]
pub unsafe fn exit(t: &Thread, frame: *mut Frame, object: ObjRef) -> JResult<()> {
    // SAFETY: the caller's promise.
    unsafe {
        if MethodRef::from_raw((*frame).method).has(MethodFlags::UNSTRUCTURED_LOCKS) {
            return exit_noted(t, frame, object);
        }
    }
    monitor::exit(t, object)
}

/// # Safety
/// As [`enter`].
#[cold]
unsafe fn note_enter(t: &Thread, frame: *mut Frame, object: ObjRef) {
    // SAFETY: the caller's promise; the list belongs to this thread, and is read by the collector only with the thread
    // stopped.
    unsafe {
        if (*frame).flags & FRAME_LOCKED != 0 && (*frame).lock.is_null() {
            (*frame).lock = object;
        } else {
            (*frame).flags |= FRAME_RECORDS_LOCKS;
            (*t.frame_monitors.get()).push((frame, object));
        }
    }
}

/// # Safety
/// As [`enter`].
#[cold]
unsafe fn exit_noted(t: &Thread, frame: *mut Frame, object: ObjRef) -> JResult<()> {
    // SAFETY: as in `note_enter`.
    unsafe {
        let record = &mut *t.frame_monitors.get();
        if let Some(at) = record.iter().rposition(|&(f, o)| f == frame && o == object) {
            record.remove(at);
        } else if (*frame).flags & FRAME_LOCKED != 0 && (*frame).lock == object {
            // A synchronized method's own monitor: its return misses it, unless another has taken the place.
            (*frame).lock = ObjRef::NULL;
        } else {
            return Err(not_held(t));
        }
    }
    monitor::exit(t, object)
}

/// Leaves the monitor of a synchronized method that returns.
///
/// # Errors
/// `IllegalMonitorStateException` where it is not held any more, or the activation still holds others; the method may
/// catch it.
///
/// # Safety
/// As [`enter`].
pub unsafe fn check_return(t: &Thread, frame: *mut Frame) -> JResult<()> {
    // SAFETY: as in `note_enter`.
    unsafe {
        if (*frame).flags & FRAME_LOCKED != 0 {
            let object = std::mem::replace(&mut (*frame).lock, ObjRef::NULL);
            if object.is_null() {
                return Err(not_held(t));
            }
            monitor::exit(t, object)?;
        }
        match (*t.frame_monitors.get()).last() {
            Some(&(holder, _)) if holder == frame => Err(not_held(t)),
            _ => Ok(()),
        }
    }
}

/// Leaves all monitors of an activation that an exception ends, the one of a synchronized method first.
///
/// # Errors
/// `IllegalMonitorStateException` where that one is not held any more, or others still were.
///
/// # Safety
/// As [`enter`].
pub unsafe fn leave_all(t: &Thread, frame: *mut Frame) -> JResult<()> {
    // SAFETY: as in `note_enter`; nothing below borrows the list while monitors are left.
    unsafe {
        let flags = (*frame).flags;
        (*frame).flags &= !(FRAME_LOCKED | FRAME_RECORDS_LOCKS);
        let mut result = Ok(());
        if flags & FRAME_LOCKED != 0 {
            let object = std::mem::replace(&mut (*frame).lock, ObjRef::NULL);
            result = if object.is_null() { Err(not_held(t)) } else { monitor::exit(t, object) };
        }
        if flags & FRAME_RECORDS_LOCKS != 0 {
            while let Some(object) = (*t.frame_monitors.get()).pop_if(|(f, _)| *f == frame).map(|(_, o)| o) {
                let left = monitor::exit(t, object);
                result = result.and(left).and_then(|()| Err(not_held(t)));
            }
        }
        result
    }
}

/// What is known of a slot: which value it holds. Two slots with the same number hold the same reference.
type Number = u32;
/// Nothing.
const UNKNOWN: Number = 0;
/// The values that the instruction at `pc` has made last.
fn made_at(pc: u32) -> Number {
    0x10000 + pc
}

#[derive(Clone, PartialEq)]
struct State {
    locals: Vec<Number>,
    stack: Vec<Number>,
    /// Objects whose monitors are held, in the order of entry.
    held: Vec<Number>,
}

/// No proof.
struct Unproved;

impl State {
    fn pop(&mut self) -> Result<Number, Unproved> {
        self.stack.pop().ok_or(Unproved)
    }

    fn pop_many(&mut self, count: usize) -> Result<(), Unproved> {
        let rest = self.stack.len().checked_sub(count).ok_or(Unproved)?;
        self.stack.truncate(rest);
        Ok(())
    }

    /// A new value of the instruction at `pc`, whose earlier value has no number from here on.
    fn fresh(&mut self, pc: u32) -> Result<Number, Unproved> {
        let number = made_at(pc);
        if self.held.contains(&number) {
            return Err(Unproved);
        }
        self.locals.iter_mut().chain(&mut self.stack).filter(|n| **n == number).for_each(|n| *n = UNKNOWN);
        Ok(number)
    }

    fn local(&mut self, index: usize) -> Result<&mut Number, Unproved> {
        self.locals.get_mut(index).ok_or(Unproved)
    }

    /// Copies the top `count` slots below the `skip` slots under them.
    fn duplicate(&mut self, count: usize, skip: usize) -> Result<(), Unproved> {
        let at = self.stack.len().checked_sub(count + skip).ok_or(Unproved)?;
        let top = self.stack[at + skip..].to_vec();
        self.stack.splice(at..at, top);
        Ok(())
    }

    /// What is known on both ways.
    fn merge(&mut self, other: &State) -> Result<bool, Unproved> {
        if self.held != other.held || self.stack.len() != other.stack.len() {
            return Err(Unproved);
        }
        let mut changed = false;
        let mine = self.locals.iter_mut().chain(&mut self.stack);
        for (mine, theirs) in mine.zip(other.locals.iter().chain(&other.stack)) {
            if *mine != UNKNOWN && mine != theirs {
                *mine = UNKNOWN;
                changed = true;
            }
        }
        Ok(changed)
    }

    /// The effect of an instruction that is no branch.
    fn execute(&mut self, method: MethodRef, i: &Instruction<'_>) -> Result<(), Unproved> {
        use Opcode::*;
        let local = usize::from(i.local_index().unwrap_or(0));
        match i.opcode {
            Monitorenter => {
                let object = self.pop()?;
                if object == UNKNOWN {
                    return Err(Unproved);
                }
                self.held.push(object);
            }
            Monitorexit => {
                let object = self.pop()?;
                if self.held.pop() != Some(object) {
                    return Err(Unproved);
                }
            }
            Aload | Aload0 | Aload1 | Aload2 | Aload3 => {
                let mut number = *self.local(local)?;
                if number == UNKNOWN {
                    number = self.fresh(i.pc)?;
                    *self.local(local)? = number;
                }
                self.stack.push(number);
            }
            Astore | Astore0 | Astore1 | Astore2 | Astore3 => *self.local(local)? = self.pop()?,
            Istore | Istore0 | Istore1 | Istore2 | Istore3 | Fstore | Fstore0 | Fstore1 | Fstore2
            | Fstore3 => {
                self.pop()?;
                *self.local(local)? = UNKNOWN;
            }
            Lstore | Lstore0 | Lstore1 | Lstore2 | Lstore3 | Dstore | Dstore0 | Dstore1 | Dstore2
            | Dstore3 => {
                self.pop_many(2)?;
                *self.local(local)? = UNKNOWN;
                *self.local(local + 1)? = UNKNOWN;
            }
            Dup => {
                if self.stack.last() == Some(&UNKNOWN) {
                    self.pop()?;
                    let number = self.fresh(i.pc)?;
                    self.stack.push(number);
                }
                self.duplicate(1, 0)?;
            }
            DupX1 => self.duplicate(1, 1)?,
            DupX2 => self.duplicate(1, 2)?,
            Dup2 => self.duplicate(2, 0)?,
            Dup2X1 => self.duplicate(2, 1)?,
            Dup2X2 => self.duplicate(2, 2)?,
            Swap => {
                let (a, b) = (self.pop()?, self.pop()?);
                self.stack.extend([a, b]);
            }
            // The same reference.
            Checkcast => {}
            _ => {
                let (pops, pushes) = effect(method, i).ok_or(Unproved)?;
                self.pop_many(pops)?;
                let number = if pushes == 1 { self.fresh(i.pc)? } else { UNKNOWN };
                self.stack.extend(std::iter::repeat_n(number, pushes));
            }
        }
        Ok(())
    }
}

/// Slots that an instruction pops and pushes.
fn effect(method: MethodRef, i: &Instruction<'_>) -> Option<(usize, usize)> {
    use Opcode::*;
    if let Some((pops, pushes)) = i.opcode.stack_slots() {
        return Some((pops.into(), pushes.into()));
    }
    let cp = method.holder.cp;
    let index = i.constant_index()?;
    let descriptor = || cp.member_name_and_type(index).1;
    let field = || Some(FieldType::parse(descriptor().bytes())?.slots());
    Some(match i.opcode {
        Ldc | LdcW => (0, 1),
        Ldc2W => (0, 2),
        Getstatic => (0, field()?),
        Getfield => (1, field()?),
        Putstatic => (field()?, 0),
        Putfield => (field()? + 1, 0),
        Multianewarray => match i.operands {
            Operands::MultiNewArray { dimensions, .. } => (dimensions.into(), 1),
            _ => return None,
        },
        _ => {
            let descriptor = descriptor();
            let d = MethodDescriptor::parse(descriptor.bytes())?;
            let receiver = usize::from(!matches!(i.opcode, Invokestatic | Invokedynamic));
            (d.parameter_slots() + receiver, d.return_type().slots())
        }
    })
}

/// Whether an instruction's exception has to be reckoned with. What leaves a monitor that is held does not throw.
fn throws(opcode: Opcode) -> bool {
    opcode.can_trap() && !opcode.is_return() && opcode != Opcode::Monitorexit
}

/// Whether every activation of the method provably leaves exactly the monitors that it enters, the last one first.
///
/// An abstract interpretation that numbers references: it follows every way through the code, those to the handlers
/// included, with the monitors held. `jsr` and `ret` are not followed. Code without monitor instructions needs no proof.
pub fn are_structured(method: MethodRef) -> bool {
    prove(method).is_ok()
}

fn prove(method: MethodRef) -> Result<(), Unproved> {
    let code = method.bytecode;
    let locals = usize::from(method.max_locals.max(method.arg_slots));
    let mut first = State { locals: (1..=locals as Number).collect(), stack: Vec::new(), held: Vec::new() };
    first.locals[usize::from(method.arg_slots).min(locals)..].fill(UNKNOWN);
    let mut at = BTreeMap::from([(0, first)]);
    let mut work = vec![0];
    while let Some(start) = work.pop() {
        let mut state = at.get(&start).ok_or(Unproved)?.clone();
        let mut flow = |to: u32, state: &State| -> Result<(), Unproved> {
            match at.get_mut(&to) {
                None => {
                    at.insert(to, state.clone());
                    work.push(to);
                }
                Some(known) => {
                    if known.merge(state)? {
                        work.push(to);
                    }
                }
            }
            Ok(())
        };
        let i = caturra_bytecode::decode::decode(code, start as usize).map_err(|_| Unproved)?;
        if matches!(i.opcode, Opcode::Jsr | Opcode::JsrW | Opcode::Ret) {
            return Err(Unproved);
        }
        if throws(i.opcode) {
            let mut caught = state.held.is_empty();
            for row in method.exception_table {
                if (u32::from(row.start)..u32::from(row.end)).contains(&start) {
                    let stack = vec![UNKNOWN];
                    flow(row.handler.into(), &State { stack, ..state.clone() })?;
                    if row.catch_type == 0 {
                        caught = true;
                        break;
                    }
                }
            }
            if !caught {
                return Err(Unproved);
            }
        }
        if i.opcode.is_return() && !state.held.is_empty() {
            return Err(Unproved);
        }
        state.execute(method, &i)?;
        let mut result = Ok(());
        i.for_each_target(|to| {
            if result.is_ok() {
                result = flow(to, &state);
            }
        });
        result?;
        if !i.opcode.ends_block() {
            flow(i.next_pc, &state)?;
        }
    }
    Ok(())
}
