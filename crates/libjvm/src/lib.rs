//! `libjvm.so`: the invocation API (JNI, chapter 5) over the virtual machine.

use caturra_exports as _;
use caturra_jni::types::{JNI_EEXIST, JNI_EINVAL, JNI_ERR, JNI_OK, JavaVM, jint};
use caturra_kernel::Vm;
use caturra_vm::{CreateError, args};
use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

/// `JavaVMOption`.
#[repr(C)]
struct JavaVmOption {
    text: *const c_char,
    extra: *mut c_void,
}

/// `JavaVMInitArgs`.
#[repr(C)]
struct JavaVmInitArgs {
    version: jint,
    option_count: jint,
    options: *const JavaVmOption,
    ignore_unrecognized: u8,
}

/// The VM of this process. JNI allows one at a time.
static CREATED: AtomicPtr<Vm> = AtomicPtr::new(std::ptr::null_mut());

/// `JNI_GetDefaultJavaVMInitArgs`: accepts every version since 1.2.
///
/// # Safety
/// `args` points to a `JavaVMInitArgs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn JNI_GetDefaultJavaVMInitArgs(args: *mut c_void) -> jint {
    // SAFETY: promised by the caller.
    let version = unsafe { (*args.cast::<JavaVmInitArgs>()).version };
    if caturra_jni::is_supported_version(version) { JNI_OK } else { JNI_ERR }
}

/// `JNI_GetCreatedJavaVMs`.
///
/// # Safety
/// `buffer` has room for `length` pointers; `count` may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn JNI_GetCreatedJavaVMs(buffer: *mut JavaVM, length: jint, count: *mut jint) -> jint {
    let vm = CREATED.load(Ordering::Acquire);
    let n = jint::from(!vm.is_null());
    // SAFETY: promised by the caller; the VM lives while it is recorded.
    unsafe {
        if n == 1 && length > 0 {
            *buffer = caturra_jni::java_vm(&*vm);
        }
        if !count.is_null() {
            *count = n;
        }
    }
    JNI_OK
}

/// `JNI_CreateJavaVM`: makes the VM; the calling thread becomes its main thread.
///
/// # Safety
/// The pointers are as the JNI specification demands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn JNI_CreateJavaVM(vm_out: *mut JavaVM, env_out: *mut *mut c_void, init: *mut c_void) -> jint {
    if !CREATED.load(Ordering::Acquire).is_null() {
        return JNI_EEXIST;
    }
    // SAFETY: promised by the caller.
    let init = unsafe { &*init.cast::<JavaVmInitArgs>() };
    if !caturra_jni::is_supported_version(init.version) {
        return caturra_jni::types::JNI_EVERSION;
    }
    let given: &[JavaVmOption] = if init.option_count <= 0 {
        &[]
    } else {
        // SAFETY: `option_count` options lie there.
        unsafe { std::slice::from_raw_parts(init.options, init.option_count as usize) }
    };
    let given = given.iter().map(|o| {
        // SAFETY: an option's text is a C string.
        let text = unsafe { CStr::from_ptr(o.text) };
        args::Argument { text: text.to_string_lossy().into_owned(), extra: o.extra }
    });
    match caturra_vm::create(given.collect(), init.ignore_unrecognized != 0, library_directory()) {
        Ok((vm, thread)) => {
            CREATED.store(std::ptr::from_ref(vm).cast_mut(), Ordering::Release);
            caturra_vm::on_destroy(vm, Box::new(|| CREATED.store(std::ptr::null_mut(), Ordering::Release)));
            // SAFETY: promised by the caller.
            unsafe {
                *vm_out = caturra_jni::java_vm(vm);
                *env_out = thread.jni_env().cast();
            }
            JNI_OK
        }
        Err(CreateError::InvalidOptions(message)) => {
            eprintln!("{message}");
            JNI_EINVAL
        }
        Err(CreateError::Failed(message)) => {
            eprintln!("Error occurred during initialization of VM\n{message}");
            JNI_ERR
        }
    }
}

/// The directory of this library: the Java home is found from it.
fn library_directory() -> Option<std::path::PathBuf> {
    // SAFETY: `dladdr` fills the structure for an address of this library.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(JNI_CreateJavaVM as *const c_void, &mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        let path = CStr::from_ptr(info.dli_fname).to_string_lossy().into_owned();
        std::path::Path::new(&path).parent().map(std::path::Path::to_path_buf)
    }
}
