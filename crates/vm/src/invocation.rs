//! The exported half of the invocation API (JNI, chapter 5): `JNI_CreateJavaVM` and its siblings.

use crate::{CreateError, args};
use caturra_exports as _;
use caturra_jni::types::{
    JNI_EEXIST, JNI_EINVAL, JNI_ERR, JNI_EVERSION, JNI_OK, JNI_VERSION_1_1, JavaVM, jint,
};
use caturra_kernel::{Thread, Vm};
use parking_lot::Mutex;
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
/// Held while one is made.
static CREATING: Mutex<()> = Mutex::new(());

/// Makes the VM of this process; the calling thread becomes its main thread, in native state.
///
/// # Errors
/// [`CreateError::Exists`] while another VM lives, and those of the options and of the boot.
pub fn create_one(
    arguments: Vec<args::Argument>,
    ignore_unrecognized: bool,
) -> Result<(&'static Vm, &'static Thread), CreateError> {
    let _guard = CREATING.lock();
    if !CREATED.load(Ordering::Acquire).is_null() {
        return Err(CreateError::Exists);
    }
    let (vm, thread) = crate::create(arguments, ignore_unrecognized, library_directory())?;
    CREATED.store(std::ptr::from_ref(vm).cast_mut(), Ordering::Release);
    Ok((vm, thread))
}

/// Makes room for another VM in this process: `vm`, if it was the one made here, is gone.
pub(crate) fn forget(vm: *const Vm) {
    let _ =
        CREATED.compare_exchange(vm.cast_mut(), std::ptr::null_mut(), Ordering::AcqRel, Ordering::Relaxed);
}

/// `JNI_GetDefaultJavaVMInitArgs`: accepts every version since 1.2.
///
/// # Safety
/// `args` points to a `JavaVMInitArgs`.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JNI_GetDefaultJavaVMInitArgs(args: *mut c_void) -> jint {
    // SAFETY: promised by the caller.
    let version = unsafe { (*args.cast::<JavaVmInitArgs>()).version };
    if caturra_jni::is_supported_version(version) && version != JNI_VERSION_1_1 { JNI_OK } else { JNI_ERR }
}

/// `JNI_GetCreatedJavaVMs`.
///
/// # Safety
/// `buffer` has room for `length` pointers; `count` may be null.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
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
#[allow(non_snake_case)]
pub unsafe extern "C" fn JNI_CreateJavaVM(
    vm_out: *mut JavaVM,
    env_out: *mut *mut c_void,
    init: *mut c_void,
) -> jint {
    // SAFETY: promised by the caller.
    let init = unsafe { &*init.cast::<JavaVmInitArgs>() };
    if !caturra_jni::is_supported_version(init.version) {
        return JNI_EVERSION;
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
    match create_one(given.collect(), init.ignore_unrecognized != 0) {
        Ok((vm, thread)) => {
            // SAFETY: promised by the caller.
            unsafe {
                *vm_out = caturra_jni::java_vm(vm);
                *env_out = thread.jni_env().cast();
            }
            JNI_OK
        }
        Err(CreateError::Exists) => JNI_EEXIST,
        Err(error) => {
            error.report();
            match error {
                CreateError::InvalidOptions(_) | CreateError::InvalidOptionsOnStdout(_) => JNI_EINVAL,
                CreateError::Exit(status) => std::process::exit(status),
                // As the reference VM does: what goes wrong from here on ends the process.
                _ => std::process::exit(1),
            }
        }
    }
}

/// The directory of the file that this code is in: the Java home may be found from it.
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
