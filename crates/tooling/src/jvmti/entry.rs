//! The wrapper round every function of the interface, and helpers for their arguments.

use super::env::Env;
use super::types::{Answer, Error, PHASE_LIVE, PHASE_START};
use caturra_jni::types::{jclass, jint, jobject};
use caturra_kernel::loading::mirrors;
use caturra_kernel::runtime::handles;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread_list;
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::{CStr, c_char};

fn number(answer: Answer) -> jint {
    answer.map_or_else(|e| e.0, |()| 0)
}

/// A function that may be called in any phase, on any thread.
///
/// # Safety
/// `env` is null or was once the address of an environment.
pub unsafe fn any(env: *mut Env, body: impl FnOnce(&'static Env) -> Answer) -> jint {
    // SAFETY: the caller's promise.
    number(unsafe { Env::of(env) }.and_then(body))
}

fn in_phase(
    env: *mut Env,
    phases: &[jint],
    body: impl FnOnce((&'static Env, &'static Thread)) -> Answer,
) -> jint {
    // SAFETY: as in `any`, promised by the callers.
    let env = match unsafe { Env::of(env) } {
        Ok(env) => env,
        Err(e) => return e.0,
    };
    if !phases.contains(&super::phase(env.vm)) {
        return Error::WRONG_PHASE.0;
    }
    let Some(t) = Thread::current().filter(|t| std::ptr::eq(t.vm(), env.vm)) else {
        return Error::UNATTACHED_THREAD.0;
    };
    let _java = JavaScope::enter(t);
    number(body((env, t)))
}

/// A function of the start and the live phase, on an attached thread; the body runs in state `InJava`.
///
/// # Safety
/// As [`any`].
pub unsafe fn java(env: *mut Env, body: impl FnOnce((&'static Env, &'static Thread)) -> Answer) -> jint {
    in_phase(env, &[PHASE_START, PHASE_LIVE], body)
}

/// As [`java`], for functions of the live phase alone.
///
/// # Safety
/// As [`any`].
pub unsafe fn live(env: *mut Env, body: impl FnOnce((&'static Env, &'static Thread)) -> Answer) -> jint {
    in_phase(env, &[PHASE_LIVE], body)
}

/// Declares functions of the table; the mode is one of the functions of this module.
macro_rules! jvmti_functions {
    ($(
        $(#[$meta:meta])*
        $mode:ident fn $name:ident($binding:pat_param $(, $arg:ident: $ty:ty)* $(,)?) $body:block
    )*) => { $(
        $(#[$meta])*
        ///
        /// # Safety
        /// What JVMTI asks of its callers.
        #[allow(non_snake_case)]
        pub unsafe extern "C" fn $name(
            env: *mut $crate::jvmti::env::Env $(, $arg: $ty)*
        ) -> caturra_jni::types::jint {
            let body = move |$binding: jvmti_functions!(@given $mode)| -> $crate::jvmti::types::Answer { $body };
            // SAFETY: the agent passes an environment that it was given.
            unsafe { $crate::jvmti::entry::$mode(env, body) }
        }
    )* };
    (@given any) => { &'static $crate::jvmti::env::Env };
    (@given $mode:ident) => { (&'static $crate::jvmti::env::Env, &'static caturra_kernel::Thread) };
}

/// Stores a result where the agent wants it.
pub fn put<T>(to: *mut T, value: T) -> Answer {
    if to.is_null() {
        return Err(Error::NULL_POINTER);
    }
    // SAFETY: the agent passes a variable.
    unsafe { to.write(value) };
    Ok(())
}

/// Stores a result that the agent may not want.
pub fn put_optional<T>(to: *mut T, value: impl FnOnce() -> T) {
    if !to.is_null() {
        // SAFETY: as above.
        unsafe { to.write(value()) };
    }
}

/// Fails for a null pointer.
pub fn given<T>(p: *const T) -> Answer {
    if p.is_null() { Err(Error::NULL_POINTER) } else { Ok(()) }
}

/// Memory that the agent frees by `Deallocate`; null for no bytes.
pub fn allocate(bytes: usize) -> Answer<*mut u8> {
    if bytes == 0 {
        return Ok(std::ptr::null_mut());
    }
    // SAFETY: plain allocation.
    let p = unsafe { libc::malloc(bytes) };
    if p.is_null() { Err(Error::OUT_OF_MEMORY) } else { Ok(p.cast()) }
}

/// A copy of `text` with a NUL, in memory that the agent frees.
pub fn c_string(text: &[u8]) -> Answer<*mut c_char> {
    let p = allocate(text.len() + 1)?;
    // SAFETY: room for the text and its end.
    unsafe {
        p.copy_from_nonoverlapping(text.as_ptr(), text.len());
        *p.add(text.len()) = 0;
    }
    Ok(p.cast())
}

/// A copy of `items` in memory that the agent frees.
pub fn c_array<T: Copy>(items: &[T]) -> Answer<*mut T> {
    let p = allocate(size_of_val(items))?.cast::<T>();
    if !p.is_null() {
        // SAFETY: room for all items; `malloc` aligns for any of them.
        unsafe { p.copy_from_nonoverlapping(items.as_ptr(), items.len()) };
    }
    Ok(p)
}

/// Stores an array and its length.
pub fn put_array<T: Copy>(count: *mut jint, array: *mut *mut T, items: &[T]) -> Answer {
    given(count)?;
    given(array)?;
    put(array, c_array(items)?)?;
    put(count, items.len() as jint)
}

/// The bytes of a C string.
pub fn bytes_of<'a>(text: *const c_char) -> Answer<&'a [u8]> {
    given(text)?;
    // SAFETY: the agent passes a string that ends in NUL.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A local reference.
pub fn local(t: &Thread, object: ObjRef) -> jobject {
    jobject(t.handles.new(object))
}

pub fn resolve(handle: jobject) -> ObjRef {
    // SAFETY: the agent passes null or a valid handle (module documentation, "Trust").
    unsafe { handles::resolve(handle.0) }
}

/// The object of a handle that must have one.
pub fn object(handle: jobject) -> Answer<ObjRef> {
    let object = resolve(handle);
    if object.is_null() { Err(Error::INVALID_OBJECT) } else { Ok(object) }
}

fn is_a(object: ObjRef, class: ClassRef) -> bool {
    // SAFETY: a live object or null.
    !object.is_null() && unsafe { ClassRef::of(object) }.is_subclass_of(class)
}

/// The class that a `jclass` stands for.
pub fn class(t: &Thread, handle: jclass) -> Answer<ClassRef> {
    let mirror = resolve(handle);
    if is_a(mirror, t.vm().wk.class()) { Ok(mirrors::class_of(mirror)) } else { Err(Error::INVALID_CLASS) }
}

/// The `Thread` object of a handle; null stands for the caller.
pub fn thread_object(t: &Thread, handle: jobject) -> Answer<ObjRef> {
    if handle.is_null() {
        return Ok(t.object.get());
    }
    let object = resolve(handle);
    if is_a(object, t.vm().wk.thread()) { Ok(object) } else { Err(Error::INVALID_THREAD) }
}

/// The `Thread` object of a thread that runs.
pub fn live_thread(t: &Thread, handle: jobject) -> Answer<ObjRef> {
    let object = thread_object(t, handle)?;
    if thread_list::is_alive(t, object) { Ok(object) } else { Err(Error::THREAD_NOT_ALIVE) }
}
