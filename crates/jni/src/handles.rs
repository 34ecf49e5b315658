//! Handles to objects and back.

use crate::types::{jclass, jobject};
use caturra_kernel::loading::mirrors;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::handles;
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::{CStr, c_char};

/// The object of a handle; `NULL` for null and for a cleared weak reference.
#[inline(always)]
pub fn resolve(handle: jobject) -> ObjRef {
    // SAFETY: native code passes valid handles (crate documentation, "Trust").
    unsafe { handles::resolve(handle.0) }
}

/// The object of a handle that must have one.
#[inline(always)]
pub fn object(t: &Thread, handle: jobject) -> JResult<ObjRef> {
    let object = resolve(handle);
    if object.is_null() { Err(null_handle(t)) } else { Ok(object) }
}

#[cold]
fn null_handle(t: &Thread) -> Thrown {
    // Functions that leave a pending exception in place may not run Java code with it.
    if t.has_pending() { exceptions::already_pending(t) } else { exceptions::npe(t) }
}

/// The class that a `jclass` stands for, primitive types included.
#[inline(always)]
pub fn class(t: &Thread, handle: jclass) -> JResult<ClassRef> {
    Ok(mirrors::class_of(object(t, handle)?))
}

/// The class of an object.
#[inline(always)]
pub fn class_of(object: ObjRef) -> ClassRef {
    // SAFETY: `object` was resolved from a handle and is not null.
    unsafe { ClassRef::of(object) }
}

/// A new local reference, null for `NULL`.
#[inline(always)]
pub fn local(t: &Thread, object: ObjRef) -> jobject {
    jobject(t.handles.new(object))
}

/// The bytes of a C string, empty for null.
pub fn c_bytes<'a>(text: *const c_char) -> &'a [u8] {
    if text.is_null() {
        return &[];
    }
    // SAFETY: native code passes strings that end in NUL and stay as they are during the call.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

/// A C string in modified UTF-8 for messages.
pub fn c_text(text: *const c_char) -> String {
    caturra_bytecode::mutf8::to_string_lossy(c_bytes(text))
}
