//! The wrapper round every JNI function: state transition, pending exception, failure value.

use crate::types::{JNIEnv, jfieldID, jmethodID, jobject};
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::{ObjRef, Thread};

/// What a function returns when it throws, where the specification names no other value: zero or null.
pub trait Failure {
    const FAILURE: Self;
}

macro_rules! failure {
    ($($ty:ty = $value:expr),*) => { $(impl Failure for $ty { const FAILURE: $ty = $value; })* };
}
failure! {
    () = (), u8 = 0, i8 = 0, u16 = 0, i16 = 0, i32 = 0, i64 = 0, f32 = 0.0, f64 = 0.0,
    jobject = jobject::NULL, jmethodID = jmethodID::NULL, jfieldID = jfieldID::NULL
}
impl<T> Failure for *mut T {
    const FAILURE: *mut T = std::ptr::null_mut();
}
impl<T> Failure for *const T {
    const FAILURE: *const T = std::ptr::null();
}

/// Sets a pending exception aside while a function runs that may call Java: native code may call most
/// functions with an exception pending, and finds it again afterwards unless the function threw its own.
struct SetAside<'t> {
    thread: &'t Thread,
    pending: ObjRef,
}

impl SetAside<'_> {
    #[inline(always)]
    fn new(thread: &Thread) -> SetAside<'_> {
        SetAside { thread, pending: thread.pending.replace(ObjRef::NULL) }
    }
}

impl Drop for SetAside<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.pending.is_null() && !self.thread.has_pending() {
            self.thread.pending.set(self.pending);
        }
    }
}

/// Runs `body` in Java state with a pending exception set aside.
///
/// # Safety
/// `env` is the calling thread's `JNIEnv*`.
#[inline(always)]
pub unsafe fn entry<R>(env: JNIEnv, failure: R, body: impl FnOnce(&'static Thread) -> JResult<R>) -> R {
    // SAFETY: the caller's promise.
    let t = unsafe { Thread::from_jni_env(env.cast()) };
    let _scope = JavaScope::enter(t);
    let _pending = SetAside::new(t);
    body(t).unwrap_or(failure)
}

/// Runs `body` in Java state; a pending exception stays where it is.
///
/// # Safety
/// As [`entry`].
#[inline(always)]
pub unsafe fn plain<R>(env: JNIEnv, failure: R, body: impl FnOnce(&'static Thread) -> JResult<R>) -> R {
    // SAFETY: the caller's promise.
    let t = unsafe { Thread::from_jni_env(env.cast()) };
    let _scope = JavaScope::enter(t);
    body(t).unwrap_or(failure)
}

/// Runs `body` in native state: it may not touch the heap.
///
/// # Safety
/// As [`entry`].
#[inline(always)]
pub unsafe fn leaf<R>(env: JNIEnv, failure: R, body: impl FnOnce(&'static Thread) -> JResult<R>) -> R {
    // SAFETY: the caller's promise.
    let t = unsafe { Thread::from_jni_env(env.cast()) };
    body(t).unwrap_or(failure)
}

/// Declares functions of the table. The mode is one of the functions of this module; the body gets the thread
/// and returns a `JResult`; `else` gives the value returned with an exception.
macro_rules! jni_functions {
    ($(
        $(#[$meta:meta])*
        $mode:ident fn $name:ident($t:pat_param $(, $arg:ident: $ty:ty)* $(,)?) $(-> $ret:ty)? $(, else $fail:expr)?;
        $body:block
    )*) => { $(
        $(#[$meta])*
        ///
        /// # Safety
        /// What JNI asks of its callers.
        #[allow(non_snake_case)]
        pub unsafe extern "C" fn $name(env: $crate::types::JNIEnv $(, $arg: $ty)*) $(-> $ret)? {
            let body = move |$t: &'static caturra_kernel::Thread|
                -> caturra_kernel::runtime::exceptions::JResult<jni_functions!(@ret $($ret)?)> { $body };
            // SAFETY: native code passes its own environment.
            unsafe { $crate::entry::$mode(env, jni_functions!(@fail [$($ret)?] $($fail)?), body) }
        }
    )* };
    (@ret) => { () };
    (@ret $ret:ty) => { $ret };
    (@fail [] ) => { () };
    (@fail [$ret:ty]) => { <$ret as $crate::entry::Failure>::FAILURE };
    (@fail [$ret:ty] $fail:expr) => { $fail };
}
