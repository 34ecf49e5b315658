//! Frame states: what the interpreter's frames would hold at a point of the code.

use crate::env::{ClassId, FieldAccess, MethodId};
use crate::ir::{State, Value};
use caturra_bytecode::BasicType;

/// Where the interpreter goes on in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StateMode {
    /// At the bytecode, whose operands are still on the stack.
    Before,
    /// Behind the bytecode (an invoke, an allocation, `monitorenter`), whose operands are off the stack and whose
    /// result, if it has one, is not yet on it. Of an innermost frame the operation's result is pushed; of a calling
    /// frame the result of the callee's frame. With an exception pending, that is thrown at the bytecode instead.
    After,
}

/// What a local variable, operand-stack slot or field holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slot {
    /// Nothing that is read again, or the second slot of a long or double.
    Dead,
    /// A value.
    Value(Value),
    /// A scalar-replaced object, described in [`FrameState::objects`] of the innermost frame.
    Object(u32),
}

/// A monitor that the frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Monitor {
    /// The object.
    pub object: Slot,
    /// The lock has been left out of the compiled code: it must be taken when the frame is made.
    pub elided: bool,
}

/// The contents of a scalar-replaced object.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Contents {
    /// Fields with a value; all others are zero.
    Instance(Vec<(FieldAccess, Slot)>),
    /// All elements; those that are [`Slot::Dead`] are zero.
    Array(BasicType, Vec<Slot>),
}

/// A scalar-replaced object, made when the state is used. Objects may refer to each other, in circles too.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct VirtualObject {
    /// The number that [`Slot::Object`] has; one per allocation in the code, the same in all frames.
    pub id: u32,
    /// The class; of an array the array class.
    pub class: ClassId,
    /// Fields or elements.
    pub contents: Contents,
}

/// One interpreter frame, and through `caller` those below.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FrameState {
    /// The frame's method.
    pub method: MethodId,
    /// Bytecode index.
    pub bci: u32,
    /// How the interpreter goes on.
    pub mode: StateMode,
    /// Local variables by slot; the second slot of a long or double is dead.
    pub locals: Vec<Slot>,
    /// Operand stack by slot, bottom first; the second slot of a long or double is dead.
    pub stack: Vec<Slot>,
    /// Monitors held, in the order of entry; a synchronized method's own is the first.
    pub monitors: Vec<Monitor>,
    /// The calling frame, its mode `After`, where this one is of an inlined method.
    pub caller: Option<State>,
    /// An exception thrown here leaves the compiled method: neither this frame nor a calling one has a handler for the
    /// bytecode, or holds a monitor.
    pub unwinds: bool,
    /// Of a call: an exception thrown here is looked for behind it ([`Op::PendingException`]), and does not leave the code.
    ///
    /// [`Op::PendingException`]: crate::op::Op::PendingException
    pub catches: bool,
    /// The scalar-replaced objects that this frame and the calling ones name, and those that they name. Only the
    /// innermost frame's list counts.
    pub objects: Vec<VirtualObject>,
}

impl FrameState {
    /// Calls `visit` with all slots of this frame, its own objects' included.
    pub fn for_each_slot(&self, mut visit: impl FnMut(&Slot)) {
        self.locals.iter().chain(&self.stack).for_each(&mut visit);
        self.monitors.iter().for_each(|m| visit(&m.object));
        for object in &self.objects {
            match &object.contents {
                Contents::Instance(fields) => fields.iter().for_each(|(_, slot)| visit(slot)),
                Contents::Array(_, elements) => elements.iter().for_each(&mut visit),
            }
        }
    }

    /// Calls `visit` with all slots of this frame, to change them.
    pub fn for_each_slot_mut(&mut self, mut visit: impl FnMut(&mut Slot)) {
        self.locals.iter_mut().chain(&mut self.stack).for_each(&mut visit);
        self.monitors.iter_mut().for_each(|m| visit(&mut m.object));
        for object in &mut self.objects {
            match &mut object.contents {
                Contents::Instance(fields) => fields.iter_mut().for_each(|(_, slot)| visit(slot)),
                Contents::Array(_, elements) => elements.iter_mut().for_each(&mut visit),
            }
        }
    }
}
