//! The boundary between C and the VM: C types, thread and state, handles, exceptions.

use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::handles;
use caturra_kernel::runtime::safepoint::JavaScope;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// JNI's C types. A `jobject` is a handle: the address of a slot whose low half is the reference.
pub mod c {
    #![allow(non_camel_case_types)]
    pub type jboolean = u8;
    pub type jbyte = i8;
    pub type jchar = u16;
    pub type jshort = i16;
    pub type jint = i32;
    pub type jlong = i64;
    pub type jfloat = f32;
    pub type jdouble = f64;
    pub type jsize = i32;
    pub type jobject = *mut u8;
    pub type jclass = jobject;
    pub type jstring = jobject;
    pub type jthrowable = jobject;
    pub type jarray = jobject;
    pub type jobjectArray = jobject;
    pub type jbyteArray = jobject;
    pub type jintArray = jobject;
    pub type jlongArray = jobject;
    pub type jweak = jobject;
    /// `JNIEnv*`.
    pub type JniEnv = *mut u8;
    /// `const char*`.
    pub type CStr = *const std::ffi::c_char;

    /// The union `jvalue`.
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub union jvalue {
        pub z: jboolean,
        pub b: jbyte,
        pub c: jchar,
        pub s: jshort,
        pub i: jint,
        pub j: jlong,
        pub f: jfloat,
        pub d: jdouble,
        pub l: jobject,
    }
}

/// What a C function returns when an exception is pending.
pub trait CResult {
    const NONE: Self;
}

macro_rules! c_result {
    ($($ty:ty = $none:expr;)*) => { $(impl CResult for $ty { const NONE: $ty = $none; })* };
}
c_result! {
    () = ();
    u8 = 0;
    i8 = 0;
    u16 = 0;
    i16 = 0;
    u32 = 0;
    i32 = 0;
    u64 = 0;
    i64 = 0;
    usize = 0;
    isize = 0;
    f32 = 0.0;
    f64 = 0.0;
    c::jvalue = c::jvalue { j: 0 };
}
impl<T> CResult for *mut T {
    const NONE: *mut T = std::ptr::null_mut();
}
impl<T> CResult for *const T {
    const NONE: *const T = std::ptr::null();
}

/// The thread behind a `JNIEnv*`, or the calling thread for functions that get none (or a null one, as
/// some of the JDK's C code passes).
///
/// # Safety
/// `env` is null or a live thread's environment.
#[inline(always)]
pub unsafe fn thread_of(env: c::JniEnv) -> &'static Thread {
    if env.is_null() {
        return current_thread();
    }
    // SAFETY: the caller's promise.
    unsafe { Thread::from_jni_env(env) }
}

/// The calling OS thread's Java thread.
///
/// # Panics
/// When it is not attached: no function of this crate that needs a thread may be called then.
pub fn current_thread() -> &'static Thread {
    Thread::current().expect("the calling thread is attached to a virtual machine")
}

/// Runs `body` in the VM: state `InJava`, panics turned into `InternalError`, `Thrown` into the C default.
#[inline]
pub fn enter<R: CResult>(t: &Thread, name: &str, body: impl FnOnce() -> JResult<R>) -> R {
    let _scope = JavaScope::enter(t);
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(_pending)) => R::NONE,
        Err(panic) => {
            vm_bug(t, name, panic.as_ref());
            R::NONE
        }
    }
}

/// A panic reached the boundary: tell Java, unless it has an exception to look at already.
#[cold]
fn vm_bug(t: &Thread, name: &str, panic: &(dyn std::any::Any + Send)) {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panic");
    if !t.has_pending() {
        let _pending = exceptions::throw(t, "java/lang/InternalError", &format!("{name}: {what}"));
    }
}

/// The object of a handle; null gives `NULL`.
///
/// # Safety
/// `handle` is null or a valid JNI reference of this VM.
#[inline(always)]
pub unsafe fn obj(handle: c::jobject) -> ObjRef {
    // SAFETY: the caller's promise.
    unsafe { handles::resolve(handle) }
}

/// A local handle for an object; `NULL` gives null.
#[inline(always)]
pub fn local(t: &Thread, object: ObjRef) -> c::jobject {
    t.handles.new(object)
}

/// The object of a handle, `NullPointerException` when there is none.
///
/// # Safety
/// As [`obj`].
#[inline]
pub unsafe fn non_null(t: &Thread, handle: c::jobject) -> JResult<ObjRef> {
    // SAFETY: the caller's promise.
    let object = unsafe { obj(handle) };
    if object.is_null() { Err(exceptions::npe(t)) } else { Ok(object) }
}

/// Declares exported functions. Two forms, the second for functions that get no `JNIEnv*`:
/// ```ignore
/// jvm_entry! {
///     /// Object.hashCode.
///     fn JVM_IHashCode(t; object: c::jobject) -> c::jint { Ok(…) }
///     fn JVM_TotalMemory(t) without env -> c::jlong { Ok(…) }
/// }
/// ```
/// The body has type `JResult<result>` and may use `?` and `return`.
#[macro_export]
macro_rules! jvm_entry {
    () => {};
    ($(#[$meta:meta])* fn $name:ident($t:ident $(; $($arg:ident : $ty:ty),* $(,)?)?) without env $(-> $ret:ty)? $body:block $($rest:tt)*) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// As `jvm.h` demands of the arguments; the calling thread is attached.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, clippy::too_many_arguments)]
        pub unsafe extern "C" fn $name($($($arg: $ty),*)?) $(-> $ret)? {
            let $t: &'static ::caturra_kernel::Thread = $crate::boundary::current_thread();
            $crate::boundary::enter(
                $t,
                stringify!($name),
                || -> ::caturra_kernel::runtime::exceptions::JResult<$crate::jvm_entry!(@ret $($ret)?)> { $body },
            )
        }
        $crate::jvm_entry! { $($rest)* }
    };
    ($(#[$meta:meta])* fn $name:ident($t:ident $(; $($arg:ident : $ty:ty),* $(,)?)?) $(-> $ret:ty)? $body:block $($rest:tt)*) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// As `jvm.h` demands of the arguments; `env` is the calling thread's environment.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, clippy::too_many_arguments)]
        pub unsafe extern "C" fn $name(env: $crate::boundary::c::JniEnv $($(, $arg: $ty)*)?) $(-> $ret)? {
            // SAFETY: C code passes the environment that it was given.
            let $t: &'static ::caturra_kernel::Thread = unsafe { $crate::boundary::thread_of(env) };
            $crate::boundary::enter(
                $t,
                stringify!($name),
                || -> ::caturra_kernel::runtime::exceptions::JResult<$crate::jvm_entry!(@ret $($ret)?)> { $body },
            )
        }
        $crate::jvm_entry! { $($rest)* }
    };
    (@ret) => { () };
    (@ret $ret:ty) => { $ret };
}

/// As [`jvm_entry!`], for functions that are reached through a table (`jmm.h`) and not by name.
#[macro_export]
macro_rules! jmm_entry {
    () => {};
    ($(#[$meta:meta])* fn $name:ident($t:ident $(; $($arg:ident : $ty:ty),* $(,)?)?) $(-> $ret:ty)? $body:block $($rest:tt)*) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// As `jmm.h` demands of the arguments; `env` is the calling thread's environment.
        pub unsafe extern "C" fn $name(env: $crate::boundary::c::JniEnv $($(, $arg: $ty)*)?) $(-> $ret)? {
            // SAFETY: C code passes the environment that it was given.
            let $t: &'static ::caturra_kernel::Thread = unsafe { $crate::boundary::thread_of(env) };
            $crate::boundary::enter(
                $t,
                stringify!($name),
                || -> ::caturra_kernel::runtime::exceptions::JResult<$crate::jvm_entry!(@ret $($ret)?)> { $body },
            )
        }
        $crate::jmm_entry! { $($rest)* }
    };
}
