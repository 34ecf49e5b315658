//! What the observed form of the loop does, which runs instead of the other when the options ask for it.

use crate::{checked, trace};
use caturra_kernel::Thread;
use caturra_kernel::runtime::frames::Frame;

/// Whether the VM runs the observed form.
pub fn is_wanted(t: &Thread) -> bool {
    let options = &t.vm().options;
    options.trace_bytecodes || options.bytecode_verification_checked
}

/// Before every instruction.
///
/// # Safety
/// `frame` is the youngest frame, with its `pc` saved; `sp` is its first free operand slot.
pub unsafe fn instruction(t: &Thread, frame: *mut Frame, sp: *mut u64) {
    // SAFETY: the caller's promise.
    unsafe {
        if t.vm().options.bytecode_verification_checked {
            checked::instruction(t, frame, sp);
        }
        if t.vm().options.trace_bytecodes {
            trace::instruction(t, frame, sp);
        }
    }
}

/// After a frame was pushed.
///
/// # Safety
/// `frame` is the youngest frame, in which no instruction has run.
pub unsafe fn entered(t: &Thread, frame: *mut Frame) {
    if t.vm().options.bytecode_verification_checked {
        // SAFETY: the caller's promise.
        unsafe { checked::entered(t, frame) };
    }
}

/// Before a frame goes on at an exception handler.
///
/// # Safety
/// `frame` is the youngest frame, with the exception on its stack.
pub unsafe fn handler(t: &Thread, frame: *mut Frame) {
    if t.vm().options.bytecode_verification_checked {
        // SAFETY: the caller's promise.
        unsafe { checked::handler(t, frame) };
    }
}

/// After the VM pushed a reference for a call that it links.
///
/// # Safety
/// `slot` is in the youngest frame's operand stack.
pub unsafe fn pushed_reference(t: &Thread, slot: *mut u64) {
    if t.vm().options.bytecode_verification_checked {
        // SAFETY: the caller's promise.
        unsafe { checked::pushed_reference(t, slot) };
    }
}
