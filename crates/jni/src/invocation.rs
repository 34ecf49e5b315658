//! The invocation interface (JNI, chapter 5): `JavaVM*` and its table, `GetJavaVM`.
//!
//! `JNI_CreateJavaVM` and its siblings are exports of the library that holds the VM.

use crate::HOOKS;
use crate::types::*;
use caturra_bytecode::mutf8;
use caturra_kernel::runtime::thread_list::{self, AttachRequest};
use caturra_kernel::{Thread, Vm};
use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

/// `JavaVMAttachArgs`.
#[repr(C)]
pub struct JavaVmAttachArgs {
    pub version: jint,
    /// Modified UTF-8, or null.
    pub name: *const c_char,
    /// A `ThreadGroup`, or null.
    pub group: jobject,
}

/// What a `JavaVM*` points to. It is never freed: hosts ask it after the end of the VM whether their threads are attached.
#[repr(C)]
struct Interface {
    table: *const *const u8,
    /// Null when the VM is gone.
    vm: AtomicPtr<Vm>,
}

/// Makes the `JavaVM*` of a VM.
pub(crate) fn make_java_vm(vm: &Vm) {
    let vm_pointer = AtomicPtr::new(std::ptr::from_ref(vm).cast_mut());
    let interface = Box::leak(Box::new(Interface { table: invoke_table().as_ptr(), vm: vm_pointer }));
    vm.invoke_interface.store(std::ptr::from_mut(interface).cast(), Ordering::Release);
}

/// The `JavaVM*` of a VM.
pub fn java_vm(vm: &Vm) -> JavaVM {
    vm.invoke_interface.load(Ordering::Acquire).cast()
}

/// The VM is about to be freed: what native code asks its `JavaVM*` from now on is answered without it.
pub fn forget_java_vm(vm: &Vm) {
    // SAFETY: made by `make_java_vm`, never freed.
    let interface = unsafe { &*vm.invoke_interface.load(Ordering::Acquire).cast::<Interface>() };
    interface.vm.store(std::ptr::null_mut(), Ordering::Release);
}

/// The VM of a `JavaVM*`; `None` when it is gone.
///
/// # Safety
/// `vm` comes from [`java_vm`].
unsafe fn from_java_vm(vm: JavaVM) -> Option<&'static Vm> {
    // SAFETY: the structure is never freed, and has lost its VM before that is.
    unsafe { (*vm.cast::<Interface>()).vm.load(Ordering::Acquire).as_ref() }
}

/// Whether `GetEnv` and attach arguments may name this version.
pub fn is_supported_version(version: jint) -> bool {
    matches!(
        version,
        JNI_VERSION_1_1
            | JNI_VERSION_1_2
            | JNI_VERSION_1_4
            | JNI_VERSION_1_6
            | JNI_VERSION_1_8
            | JNI_VERSION_9
            | JNI_VERSION_10
    )
}

/// The calling thread, when it belongs to this VM.
fn current(vm: &Vm) -> Option<&'static Thread> {
    Thread::current().filter(|t| std::ptr::eq(t.vm(), vm))
}

/// Stores a result through a pointer that native code passes.
fn give(to: *mut *mut c_void, value: *mut u8) {
    // SAFETY: native code passes a variable.
    unsafe { *to = value.cast() };
}

unsafe extern "C" fn destroy_java_vm(vm: JavaVM) -> jint {
    // SAFETY: native code passes a `JavaVM*` that it was given.
    let vm = unsafe { from_java_vm(vm) };
    HOOKS.get().zip(vm).map_or(JNI_ERR, |(hooks, vm)| (hooks.destroy_java_vm)(vm))
}

fn attach(
    vm: Option<&'static Vm>,
    env: *mut *mut c_void,
    args: *const JavaVmAttachArgs,
    daemon: bool,
) -> jint {
    let Some(vm) = vm else {
        give(env, std::ptr::null_mut());
        return JNI_ERR;
    };
    if let Some(t) = current(vm) {
        give(env, t.jni_env());
        return JNI_OK;
    }
    if Thread::current().is_some() {
        // One VM a thread.
        return JNI_ERR;
    }
    // SAFETY: native code passes null or a filled structure.
    let args =
        unsafe { args.as_ref() }.filter(|a| is_supported_version(a.version) && a.version != JNI_VERSION_1_1);
    let name = args.filter(|a| !a.name.is_null()).map(|a| {
        // SAFETY: a string that ends in NUL.
        mutf8::to_string_lossy(unsafe { CStr::from_ptr(a.name) }.to_bytes())
    });
    let group = args.map_or(jobject::NULL, |a| a.group);
    match thread_list::attach(vm, AttachRequest { name, group: group.0, daemon }) {
        Some(t) => {
            give(env, t.jni_env());
            JNI_OK
        }
        None => JNI_ERR,
    }
}

unsafe extern "C" fn attach_current_thread(
    vm: JavaVM,
    env: *mut *mut c_void,
    args: *const JavaVmAttachArgs,
) -> jint {
    // SAFETY: native code passes a `JavaVM*` that it was given.
    attach(unsafe { from_java_vm(vm) }, env, args, false)
}

unsafe extern "C" fn attach_current_thread_as_daemon(
    vm: JavaVM,
    env: *mut *mut c_void,
    args: *const JavaVmAttachArgs,
) -> jint {
    // SAFETY: as above.
    attach(unsafe { from_java_vm(vm) }, env, args, true)
}

unsafe extern "C" fn detach_current_thread(vm: JavaVM) -> jint {
    // SAFETY: as above.
    let Some(vm) = (unsafe { from_java_vm(vm) }) else { return JNI_ERR };
    match current(vm) {
        None => JNI_OK,
        // A thread with Java frames below cannot leave.
        Some(t) if !t.frame.get().is_null() => JNI_ERR,
        Some(t) => {
            thread_list::detach(t);
            JNI_OK
        }
    }
}

unsafe extern "C" fn get_env(vm: JavaVM, env: *mut *mut c_void, version: jint) -> jint {
    // SAFETY: as above.
    let Some(vm) = (unsafe { from_java_vm(vm) }) else {
        give(env, std::ptr::null_mut());
        return JNI_EDETACHED;
    };
    if let Some(result) = HOOKS.get().and_then(|h| h.tool_interface).and_then(|tool| tool(vm, version)) {
        give(env, *result.as_ref().unwrap_or(&std::ptr::null_mut()));
        return result.err().unwrap_or(JNI_OK);
    }
    let Some(t) = current(vm) else {
        give(env, std::ptr::null_mut());
        return JNI_EDETACHED;
    };
    if !is_supported_version(version) {
        give(env, std::ptr::null_mut());
        return JNI_EVERSION;
    }
    give(env, t.jni_env());
    JNI_OK
}

/// Slots of `JNIInvokeInterface_`, three reserved ones first.
pub const INVOKE_SLOTS: usize = 8;

struct InvokeTable([*const u8; INVOKE_SLOTS]);

// SAFETY: addresses of functions, or null.
unsafe impl Sync for InvokeTable {}

static INVOKE_TABLE: InvokeTable = InvokeTable([
    std::ptr::null(),
    std::ptr::null(),
    std::ptr::null(),
    destroy_java_vm as *const u8,
    attach_current_thread as *const u8,
    detach_current_thread as *const u8,
    get_env as *const u8,
    attach_current_thread_as_daemon as *const u8,
]);

/// The `JNIInvokeInterface_` structure.
pub fn invoke_table() -> &'static [*const u8; INVOKE_SLOTS] {
    &INVOKE_TABLE.0
}

jni_functions! {
    /// `GetJavaVM`.
    leaf fn GetJavaVM(t, vm: *mut JavaVM) -> jint; {
        // SAFETY: native code passes a variable.
        unsafe { *vm = java_vm(t.vm()) };
        Ok(JNI_OK)
    }
}
