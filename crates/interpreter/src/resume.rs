//! The way from compiled code that is given up into the loop: frames made from images, and their execution.

use crate::exceptions;
use crate::invoke::CALL_LENGTH_SHIFT;
use crate::link::CodeHeader;
use crate::run::run;
use caturra_bytecode::{BasicType, Instructions, MethodDescriptor, Opcode, Operands};
use caturra_kernel::runtime::exceptions::{JResult, already_pending};
use caturra_kernel::runtime::frames::{FRAME_ENTRY, FRAME_LOCKED, Frame, FrameImage, Resume};
use caturra_kernel::{MethodRef, Thread};
use std::sync::atomic::Ordering;

/// Pushes a frame for each image, the oldest first, and gives the youngest, `None` where the Java stack has no room. The
/// oldest is marked as entry frame. Never reaches a safepoint.
///
/// # Safety
/// The images are those of verified, linked methods, each called from the one before.
pub unsafe fn push_frames(t: &Thread, images: &[FrameImage<'_>]) -> Option<*mut Frame> {
    let mut prev = t.frame.get();
    // SAFETY: the youngest frame of this thread.
    let mut locals = if prev.is_null() { t.java_stack.base() } else { unsafe { Frame::end(prev) } };
    let mut flags = FRAME_ENTRY;
    for image in images {
        let code = image.method.code.load(Ordering::Acquire);
        // SAFETY: linked methods have code; the frame lies behind the one before, inside the mapping.
        unsafe {
            let header = CodeHeader::of(code);
            // Frames of compiled code were counted on the native stack, so the reserve may be used.
            if locals.wrapping_byte_add(header.frame_bytes as usize) > t.java_stack.end() {
                return None;
            }
            locals.copy_from_nonoverlapping(image.locals.as_ptr(), image.locals.len());
            let frame = locals.byte_add(header.locals_bytes as usize).cast::<Frame>();
            let locked = if image.lock.is_null() { 0 } else { FRAME_LOCKED };
            frame.write(Frame {
                prev,
                method: image.method.as_raw(),
                pc: code.add(image.bci as usize),
                locals,
                cp: header.cp,
                lock: image.lock,
                flags: flags | locked,
            });
            let stack = Frame::stack_base(frame);
            stack.copy_from_nonoverlapping(image.stack.as_ptr(), image.stack.len());
            locals = stack.add(image.stack.len());
            flags = (instruction_length(image.method, image.bci) as u32) << CALL_LENGTH_SHIFT;
            prev = frame;
        }
    }
    t.frame.set(prev);
    Some(prev)
}

fn instruction_length(method: MethodRef, bci: u32) -> usize {
    let i = Instructions::starting_at(method.bytecode, bci as usize).next();
    i.and_then(Result::ok).map_or(1, |i| i.len())
}

/// Slots of the result of the call or allocation at `bci`; other instructions that compiled code is left behind have none.
fn result_slots(method: MethodRef, bci: u32) -> usize {
    let Some(Ok(i)) = Instructions::starting_at(method.bytecode, bci as usize).next() else { return 0 };
    let index = match (i.opcode, i.operands) {
        (Opcode::New | Opcode::Newarray | Opcode::Anewarray | Opcode::Multianewarray, _) => return 1,
        (Opcode::Invokestatic | Opcode::Invokespecial | Opcode::Invokevirtual, Operands::Constant(index)) => {
            index
        }
        (_, Operands::InvokeInterface { index, .. } | Operands::InvokeDynamic { index, .. }) => index,
        _ => return 0,
    };
    let (_, descriptor) = method.holder.cp.member_name_and_type(index);
    MethodDescriptor::parse(descriptor.bytes()).map_or(0, |d| match d.return_type().basic_type() {
        BasicType::Void => 0,
        ty => ty.slots(),
    })
}

/// Runs the frames that [`push_frames`] has made until the oldest returns; gives its result.
///
/// # Safety
/// `frame` is the youngest of them and the youngest of the thread; its operand stack has `depth` slots.
///
/// # Errors
/// The exception that none of these frames caught; they are popped.
pub unsafe fn resume(t: &Thread, frame: *mut Frame, depth: usize, how: Resume) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let method = MethodRef::from_raw((*frame).method);
        let bci = (*frame).bci() as u32;
        let mut frame = frame;
        let mut sp = Frame::stack_base(frame).add(depth);
        match how {
            Resume::Execute => {}
            Resume::After(value) => {
                let slots = result_slots(method, bci);
                if slots > 0 {
                    *sp = value;
                }
                sp = sp.add(slots);
                (*frame).pc = (*frame).pc.add(instruction_length(method, bci));
            }
            Resume::Throw => {
                frame = exceptions::unwind(t, frame);
                if frame.is_null() {
                    return Err(already_pending(t));
                }
                sp = Frame::stack_base(frame).add(1);
            }
        }
        if t.vm().options.trace_bytecodes { run::<true>(t, frame, sp) } else { run::<false>(t, frame, sp) }
    }
}
