//! Implicit exceptions, and the search for a handler (JVMS §2.10).

use crate::locks;
use caturra_kernel::linking::{errors, resolve};
use caturra_kernel::runtime::exceptions::{self, Thrown};
use caturra_kernel::runtime::frames::{FRAME_ENTRY, FRAME_LOCKED, FRAME_RECORDS_LOCKS, Frame};
use caturra_kernel::runtime::log;
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

/// An exception that an instruction raises by itself.
#[derive(Clone, Copy)]
pub enum Trap {
    Null,
    DivideByZero,
    Bounds { index: i32, length: i32 },
    ArrayStore { value: ObjRef },
    ClassCast { object: ObjRef, target: ClassRef },
}

/// Makes the exception of `trap` pending. The frame's `pc` is saved.
#[cold]
#[inline(never)]
pub fn raise(t: &Thread, trap: Trap) {
    let _pending: Thrown = match trap {
        Trap::Null => exceptions::npe(t),
        Trap::DivideByZero => exceptions::throw(t, "java/lang/ArithmeticException", "/ by zero"),
        Trap::Bounds { index, length } => exceptions::throw(
            t,
            "java/lang/ArrayIndexOutOfBoundsException",
            &format!("Index {index} out of bounds for length {length}"),
        ),
        Trap::ArrayStore { value } => {
            // SAFETY: the value on the operand stack is a live object.
            let class = unsafe { ClassRef::of(value) };
            exceptions::throw(t, "java/lang/ArrayStoreException", &class.external_name())
        }
        Trap::ClassCast { object, target } => errors::class_cast(t, object, target),
    };
}

/// Pops frames from `frame` on until one has a handler for the pending exception, whose `pc` is set to it, and
/// which gets the exception as its only operand. Null when the entry frame is reached: that frame is popped
/// too, and the exception is still pending.
///
/// # Safety
/// `frame` is this thread's youngest frame, a bytecode frame with its `pc` saved.
#[cold]
#[inline(never)]
pub unsafe fn unwind(t: &Thread, frame: *mut Frame) -> *mut Frame {
    let mut frame = frame;
    // SAFETY: the caller's promise; the frames down to the entry frame are live.
    unsafe {
        loop {
            debug_assert_eq!(t.frame.get(), frame);
            let thrown = if t.vm().options.log_exceptions { t.pending.get() } else { ObjRef::NULL };
            let handler = find_handler(t, frame);
            if !thrown.is_null() {
                log_passage(t, frame, thrown, handler);
            }
            if let Some(handler) = handler {
                (*frame).pc = handler;
                let exception = exceptions::take_pending(t);
                *Frame::stack_base(frame) = u64::from(exception.raw());
                return frame;
            }
            unlock(t, frame);
            t.frame.set((*frame).prev);
            if (*frame).flags & FRAME_ENTRY != 0 {
                return null_mut();
            }
            frame = (*frame).prev;
        }
    }
}

/// `-Xlog:exceptions`.
///
/// # Safety
/// As [`unwind`].
#[cold]
unsafe fn log_passage(t: &Thread, frame: *mut Frame, thrown: ObjRef, handler: Option<*const u8>) {
    // SAFETY: the caller's promise.
    let (method, bci) = unsafe { (MethodRef::from_raw((*frame).method), (*frame).bci()) };
    let code = method.code.load(Ordering::Acquire) as usize;
    let handler = handler.map(|h| (h as usize - code) as u16);
    log::exception_in(t, thrown, method, bci.max(0) as usize, handler);
}

/// The handler in `frame`'s method for the pending exception. Resolving a catch type may load classes and
/// throw: the new exception takes the place of the old one, raised at the handler.
///
/// # Safety
/// As [`unwind`].
unsafe fn find_handler(t: &Thread, frame: *mut Frame) -> Option<*const u8> {
    // SAFETY: the caller's promise.
    unsafe {
        if MethodRef::from_raw((*frame).method).exception_table.is_empty() || t.is_ending() {
            return None;
        }
        let mut row = 0;
        loop {
            // Read anew each time: loading a class may give the method another definition, and the frame its old one.
            let method = MethodRef::from_raw((*frame).method);
            let code = method.code.load(Ordering::Acquire).cast_const();
            let entry = method.exception_table.get(row)?;
            row += 1;
            let bci = (*frame).pc.offset_from(code) as usize;
            if bci < usize::from(entry.start) || bci >= usize::from(entry.end) {
                continue;
            }
            let handler = code.add(usize::from(entry.handler));
            if entry.catch_type == 0 {
                return Some(handler);
            }
            let holder = method.holder;
            let class = match holder.cp.resolved_class(entry.catch_type) {
                Some(class) => class,
                None => {
                    let exception = exceptions::take_pending(t);
                    match resolve::resolve_class(t, holder, entry.catch_type) {
                        Ok(class) => {
                            t.pending.set(exception);
                            class
                        }
                        Err(_) => {
                            // Raised at the handler, whose own rows are searched from the first on; a handler
                            // inside its own range must not catch itself for ever.
                            if bci == usize::from(entry.handler) {
                                continue;
                            }
                            (*frame).pc = handler;
                            row = 0;
                            continue;
                        }
                    }
                }
            };
            if exceptions::pending_is(t, class) {
                return Some(handler);
            }
        }
    }
}

/// Leaves the monitors of an activation that completes abruptly (JVMS §2.11.10).
///
/// # Safety
/// As [`unwind`].
unsafe fn unlock(t: &Thread, frame: *mut Frame) {
    // SAFETY: the caller's promise.
    unsafe {
        if (*frame).flags & (FRAME_LOCKED | FRAME_RECORDS_LOCKS) == 0 {
            return;
        }
        let exception = exceptions::take_pending(t);
        // IllegalMonitorStateException takes the exception's place.
        if locks::leave_all(t, frame).is_ok() {
            t.pending.set(exception);
        }
    }
}
