//! The Java Native Interface: the function table behind `JNIEnv*`, the one behind `JavaVM*`, and the binding of
//! native methods to C functions.
//!
//! References to "JNI" are to the Java Native Interface Specification, version 10.
//!
//! # Trust
//! Native code promises what the specification asks of it: valid handles of the right type, ids that belong
//! to their class, buffers of sufficient size, its own thread's `JNIEnv*`. The functions of this crate rest on
//! that promise where they resolve handles and ids; a null where an object is needed is a
//! `NullPointerException`.
//!
//! # Panics
//! A panic is a bug of the VM. The functions are `extern "C"`: a panic that reaches one is reported by the
//! panic hook and ends the process; nothing unwinds into C.

#[macro_use]
mod entry;

#[cfg(target_arch = "x86_64")]
#[macro_use]
mod platform_x86_64;
#[cfg(target_arch = "x86_64")]
use platform_x86_64 as platform;

mod arrays;
mod buffers;
mod calls;
mod classes;
mod exceptions;
mod fields;
mod handles;
mod invocation;
mod lookup;
mod monitors;
mod natives;
mod references;
mod reflection;
mod strings;
mod table;
pub mod types;

pub use invocation::{JavaVmAttachArgs, forget_java_vm, invoke_table, is_supported_version, java_vm};
pub use lookup::{link_native, mangle, set_java_library};
pub use table::{JNI_SLOTS, SLOT_NAMES, function_table};

use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::{FieldRef, MethodRef, ObjRef, Thread, Vm};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use types::jint;

/// What the JNI functions need from layers above this crate.
pub struct JniHooks {
    /// A new `java.lang.reflect.Method` or `Constructor`.
    pub to_reflected_method: fn(&Thread, MethodRef) -> JResult<ObjRef>,
    /// A new `java.lang.reflect.Field`.
    pub to_reflected_field: fn(&Thread, FieldRef) -> JResult<ObjRef>,
    /// The whole of `DestroyJavaVM`: called on a thread in native state or not attached.
    pub destroy_java_vm: fn(&'static Vm) -> jint,
    /// `GetEnv` for interfaces other than JNI (JVMTI): `None` when the version is not one of them.
    pub tool_interface: Option<ToolInterface>,
}

/// The environment pointer or the error code for a version that names an interface other than JNI.
pub type ToolInterface = fn(&'static Vm, jint) -> Option<Result<*mut u8, jint>>;

/// Set once, before the first VM is made.
pub static HOOKS: OnceLock<JniHooks> = OnceLock::new();

/// Gives a VM its function tables; threads made afterwards point to them.
pub fn install(vm: &Vm) {
    vm.jni_functions.store(function_table().as_ptr().cast_mut().cast(), Ordering::Release);
    invocation::make_java_vm(vm);
}
