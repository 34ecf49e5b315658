//! Frames, and the way from the VM into the loop.

use crate::link::CodeHeader;
use crate::locks;
use crate::run::run;
use crate::{calls, observe};
use caturra_bytecode::BasicType;
use caturra_kernel::platform;
use caturra_kernel::runtime::exceptions::{self, JResult, already_pending};
use caturra_kernel::runtime::frames::{
    FRAME_ENTRY, FRAME_LOCKED, FRAME_RECORDS_LOCKS, FRAME_SLOTS, FRAME_SLOW_RETURN, Frame,
};
use caturra_kernel::runtime::monitor;
use caturra_kernel::runtime::vm::BACK_EDGE_NOTIFICATION;
use caturra_kernel::{MethodRef, ObjRef, Thread};
use std::ptr::null;
use std::sync::atomic::Ordering;

/// All marks that a return has to look at.
pub const FRAME_MARKS: u32 = FRAME_ENTRY | FRAME_SLOW_RETURN | FRAME_LOCKED | FRAME_RECORDS_LOCKS;
/// `Frame::flags` from this bit on: length of the caller's invoke instruction, so that a return needs not
/// decode it.
pub const CALL_LENGTH_SHIFT: u32 = 8;

/// Runs `m` on the current thread with `args` as slots, receiver first (`EngineHooks::invoke`). No selection.
///
/// The Java stack grows by an entry frame, which ends unwinding, and the copied arguments.
pub fn invoke(t: &Thread, m: MethodRef, args: &[u64]) -> JResult<u64> {
    let prev = t.frame.get();
    // SAFETY: the youngest frame of this thread.
    let base = if prev.is_null() { t.java_stack.base() } else { unsafe { Frame::end(prev) } };
    // Room for the entry frame, the arguments and the frame of a native method.
    if base.wrapping_add(2 * FRAME_SLOTS + args.len()) > t.java_stack.limit.get() {
        return Err(exceptions::stack_overflow(t));
    }
    let frame = base.cast::<Frame>();
    // SAFETY: from `base` to the limit the Java stack is free and mapped. The arguments are copied before
    // anything can reach a safepoint.
    unsafe {
        frame.write(Frame {
            prev,
            method: 0,
            pc: null(),
            locals: Frame::stack_base(frame),
            cp: null(),
            lock: ObjRef::NULL,
            flags: 0,
        });
        let first = Frame::stack_base(frame);
        first.copy_from_nonoverlapping(args.as_ptr(), args.len());
        t.frame.set(frame);
        let result = enter(t, frame, m, first.add(args.len()));
        t.frame.set(prev);
        result
    }
}

/// Calls `callee` with the arguments below `sp` from the entry frame `frame`.
///
/// # Safety
/// `frame` is this thread's youngest frame, an entry frame, with the arguments behind it.
unsafe fn enter(t: &Thread, frame: *mut Frame, callee: MethodRef, sp: *mut u64) -> JResult<u64> {
    let (mut callee, mut sp) = (callee, sp);
    loop {
        let compiled = callee.compiled.load(Ordering::Acquire);
        let code = callee.code.load(Ordering::Acquire);
        // SAFETY: the caller's promise; the new frame lies behind the arguments, below the limit.
        unsafe {
            if !compiled.is_null() {
                let result = calls::call_compiled(t, callee, compiled, sp);
                return match callee.ret {
                    _ if result.is_null() => Err(already_pending(t)),
                    BasicType::Void => Ok(0),
                    ret => Ok(*result.sub(ret.slots())),
                };
            }
            if !code.is_null() {
                if calls::count_call(t, callee) {
                    continue;
                }
                let Some(new) = push_frame(t, frame, callee, code, sp) else {
                    return Err(exceptions::stack_overflow(t));
                };
                let top = Frame::stack_base(new);
                return if observe::is_wanted(t) {
                    observe::entered(t, new);
                    run::<true>(t, new, top)
                } else {
                    run::<false>(t, new, top)
                };
            }
            let next = calls::call_other(t, frame, callee, sp);
            if next.sp.is_null() {
                return Err(already_pending(t));
            }
            match next.callee {
                Some(m) => (callee, sp) = (m, next.sp),
                None if callee.ret == BasicType::Void => return Ok(0),
                None => return Ok(*next.sp.sub(callee.ret.slots())),
            }
        }
    }
}

/// Pushes the frame of a linked bytecode method, called from an entry frame; `None` on overflow.
///
/// # Safety
/// `code` is `callee`'s code, its arguments lie below `sp`, `caller` is the youngest frame.
unsafe fn push_frame(
    t: &Thread,
    caller: *mut Frame,
    callee: MethodRef,
    code: *const u8,
    sp: *mut u64,
) -> Option<*mut Frame> {
    // SAFETY: the caller's promise.
    unsafe {
        let header = CodeHeader::of(code);
        let locals = sp.byte_sub(header.args_bytes as usize);
        if locals.wrapping_byte_add(header.frame_bytes as usize) > t.java_stack.limit.get() {
            return None;
        }
        let frame = locals.byte_add(header.locals_bytes as usize).cast::<Frame>();
        frame.write(Frame {
            prev: caller,
            method: callee.as_raw(),
            pc: code,
            locals,
            cp: header.cp,
            lock: ObjRef::NULL,
            flags: FRAME_ENTRY,
        });
        t.frame.set(frame);
        if callee.is_synchronized() {
            lock_frame(t, frame);
        }
        Some(frame)
    }
}

/// Enters the monitor of a synchronized method (JVMS §2.11.10).
///
/// # Safety
/// `frame` is the youngest frame, just pushed, of a synchronized method; its first local is the receiver.
#[inline(never)]
pub unsafe fn lock_frame(t: &Thread, frame: *mut Frame) {
    // SAFETY: the caller's promise.
    unsafe {
        let method = MethodRef::from_raw((*frame).method);
        let object = if method.is_static() {
            method.holder.mirror()
        } else {
            ObjRef::from_raw(*(*frame).locals as u32)
        };
        monitor::enter(t, object);
        (*frame).lock = object;
        (*frame).flags |= FRAME_LOCKED;
    }
}

/// A frame that compiled code has gone on with, and how that ended.
pub struct Replaced {
    pub caller: *mut Frame,
    /// `Frame::flags` of the frame, which is gone.
    pub flags: u32,
    pub result: JResult<u64>,
    /// Slots of the result.
    pub slots: usize,
}

/// On-stack replacement: at a backward branch, goes on in compiled code where there is some for this loop. `None`: go
/// on interpreting.
///
/// # Safety
/// `frame` is the youngest frame, its `pc` saved at a loop header; `sp` is the top of its operand stack.
#[cold]
#[inline(never)]
pub unsafe fn replace_frame(t: &Thread, frame: *mut Frame, sp: *mut u64) -> Option<Replaced> {
    let compiler = t.vm().compiler.get()?;
    // SAFETY: the caller's promise. The compiled code takes over locals and lock before it calls anything.
    unsafe {
        let f = &*frame;
        let method = MethodRef::from_raw(f.method);
        if !method.back_edges.load(Ordering::Relaxed).is_multiple_of(BACK_EDGE_NOTIFICATION)
            || sp != Frame::stack_base(frame)
            || f.flags & FRAME_SLOW_RETURN != 0
        {
            return None;
        }
        let code = (compiler.looped)(t, method, f.bci() as u32);
        if code.is_null() {
            return None;
        }
        let (caller, flags, locals) = (f.prev, f.flags, f.locals);
        let lock = if flags & FRAME_LOCKED != 0 { f.lock } else { ObjRef::NULL };
        t.frame.set(caller);
        let thread = std::ptr::from_ref(t).cast();
        let value = platform::enter_compiled(thread, code, locals as u64, u64::from(lock.raw()), 0);
        let result = if t.has_pending() { Err(already_pending(t)) } else { Ok(value) };
        Some(Replaced { caller, flags, result, slots: method.ret.slots() })
    }
}

/// What a return from a marked frame has to do before it; `false` when that threw.
///
/// # Safety
/// `frame` is the youngest frame.
#[inline(never)]
pub unsafe fn marked_return(t: &Thread, frame: *mut Frame) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        (*frame).flags & (FRAME_LOCKED | FRAME_RECORDS_LOCKS) == 0 || locks::check_return(t, frame).is_ok()
    }
}
