//! Calls of native methods (JNI): from Java slots to a C call and back.

use crate::oops::method::MethodRef;
use crate::platform::{NativeCall, native_call};
use crate::runtime::exceptions::{JResult, already_pending};
use crate::runtime::handles;
use crate::runtime::safepoint::NativeScope;
use crate::runtime::thread::Thread;
use caturra_bytecode::descriptor::BasicType;
use std::sync::atomic::Ordering;

/// Address of an argument slot as a `jobject`: null when the slot holds null.
///
/// # Safety
/// `slot` is a slot of this thread's Java stack that holds a reference.
#[inline(always)]
unsafe fn slot_handle(slot: *mut u64) -> u64 {
    // SAFETY: the caller's promise.
    if unsafe { *slot } as u32 == 0 { 0 } else { slot as u64 }
}

/// Calls the bound C function of a native method. `args` are its Java slots, receiver first, in the frame that the
/// caller has pushed for it. The result is a slot value; local references that the function made are released.
///
/// # Errors
/// The exception that is pending when the function returns.
///
/// # Safety
/// `method` is a bound native method, and `args` its `arg_slots` argument slots on this thread's Java stack.
pub unsafe fn call_jni(t: &Thread, method: MethodRef, args: *mut u64) -> JResult<u64> {
    let mut call = NativeCall::new();
    call.push(t.jni_env() as u64);
    let mut slot = args;
    // SAFETY: the caller's promise: the slots follow the signature.
    unsafe {
        if method.is_static() {
            call.push(&raw const method.holder.mirror as u64);
        } else {
            call.push(slot_handle(slot));
            slot = slot.add(1);
        }
        for &ty in method.signature.params {
            match ty {
                BasicType::Reference => call.push(slot_handle(slot)),
                BasicType::Float => call.push_float(*slot & 0xffff_ffff),
                BasicType::Double => call.push_float(*slot),
                BasicType::Long => call.push(*slot),
                BasicType::Boolean => call.push(*slot & 1),
                BasicType::Char => call.push(*slot & 0xffff),
                BasicType::Byte => call.push(*slot as i8 as i64 as u64),
                BasicType::Short => call.push(*slot as i16 as i64 as u64),
                BasicType::Int | BasicType::Void => call.push(*slot as i32 as i64 as u64),
            }
            slot = slot.add(ty.slots());
        }
    }
    let function = method.native_fn.load(Ordering::Acquire);
    let mark = t.handles.mark();
    let (integer, float) = {
        let _native = NativeScope::enter(t);
        // SAFETY: the bound function has the C signature that the descriptor stands for.
        unsafe { native_call(function, &call) }
    };
    let result = match method.ret {
        // C leaves the upper bits of narrow results undefined.
        BasicType::Boolean => u64::from(integer as u8 != 0),
        BasicType::Byte => u64::from(integer as i8 as i32 as u32),
        BasicType::Short => u64::from(integer as i16 as i32 as u32),
        BasicType::Char => u64::from(integer as u16),
        BasicType::Int => integer & 0xffff_ffff,
        BasicType::Long => integer,
        BasicType::Float => float & 0xffff_ffff,
        BasicType::Double => float,
        // SAFETY: a native method returns null or a valid handle.
        BasicType::Reference if !t.has_pending() => unsafe {
            u64::from(handles::resolve(integer as *mut u8).raw())
        },
        BasicType::Reference | BasicType::Void => 0,
    };
    t.handles.release(mark);
    if t.has_pending() { Err(already_pending(t)) } else { Ok(result) }
}
