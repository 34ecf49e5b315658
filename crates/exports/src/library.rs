//! Native libraries: `NativeLibraries` and `RawNativeLibraries` of the class library.

use crate::boundary::{c, current_thread, enter};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::{Thread, Vm};
use std::ffi::{CStr, c_char, c_void};
use std::io::Read;
use std::ptr::null_mut;

/// Opens a shared library; `UnsatisfiedLinkError` with the linker's text when `throw_exception` is set.
///
/// # Safety
/// `name` is a C string; the calling thread is attached. The library's constructors run.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_LoadLibrary(name: c::CStr, throw_exception: c::jboolean) -> *mut c_void {
    let t = current_thread();
    enter(t, "JVM_LoadLibrary", || -> JResult<*mut c_void> {
        let opened = {
            // Constructors and `dlopen` itself may block or call back.
            let _native = NativeScope::enter(t);
            // SAFETY: the caller's promise.
            unsafe { open(name) }
        };
        match opened {
            Ok(handle) => {
                // SAFETY: the caller's promise.
                if is_of_jdk(t.vm(), unsafe { CStr::from_ptr(name) }) {
                    t.vm().ending.library_opened(handle);
                }
                Ok(handle)
            }
            Err(_) if throw_exception == 0 => Ok(null_mut()),
            Err(reason) => {
                // SAFETY: the caller's promise.
                let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
                Err(exceptions::throw(t, "java/lang/UnsatisfiedLinkError", &format!("{name}: {reason}")))
            }
        }
    })
}

/// Whether a library belongs to the JDK. Those are closed when the VM ends.
fn is_of_jdk(vm: &Vm, path: &CStr) -> bool {
    let home = vm.options.java_home.as_bytes();
    path.to_bytes().strip_prefix(home).is_some_and(|rest| rest.starts_with(b"/lib/"))
}

/// `dlopen`, with the reason when it fails.
///
/// # Safety
/// `name` is a C string.
unsafe fn open(name: *const c_char) -> Result<*mut c_void, String> {
    // SAFETY: the caller's promise; `dlerror` gives a C string or null.
    unsafe {
        let handle = libc::dlopen(name, libc::RTLD_LAZY);
        if !handle.is_null() {
            return Ok(handle);
        }
        let error = libc::dlerror();
        let mut text = if error.is_null() {
            "dlopen failed without an error message".to_owned()
        } else {
            CStr::from_ptr(error).to_string_lossy().into_owned()
        };
        if let Some(cause) = possible_cause(CStr::from_ptr(name)) {
            text.push_str(" (Possible cause: ");
            text.push_str(&cause);
            text.push(')');
        }
        Err(text)
    }
}

/// ELF machine numbers by the names that the class library's users know from error messages.
const MACHINES: &[(u16, &str)] = &[
    (2, "Sparc 32"),
    (3, "IA 32"),
    (6, "IA 32"),
    (8, "MIPS"),
    (18, "Sparc v8+"),
    (20, "Power PC 32"),
    (21, "Power PC 64"),
    (22, "IBM System/390"),
    (40, "ARM"),
    (43, "Sparc v9 64"),
    (50, "IA 64"),
    (62, "AMD 64"),
    (183, "AARCH64"),
    (243, "RISC-V"),
];

#[cfg(target_arch = "x86_64")]
const OUR_MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const OUR_MACHINE: u16 = 183;

/// Why the file cannot be loaded, when its ELF header tells: made for another kind of machine.
fn possible_cause(path: &CStr) -> Option<String> {
    let mut head = [0u8; 20];
    std::fs::File::open(path.to_str().ok()?).ok()?.read_exact(&mut head).ok()?;
    if &head[..4] != b"\x7fELF" {
        return None;
    }
    const LITTLE: u8 = 1;
    const BIG: u8 = 2;
    if head[5] != if cfg!(target_endian = "little") { LITTLE } else { BIG } {
        return Some("endianness mismatch".into());
    }
    let machine = u16::from_ne_bytes([head[18], head[19]]);
    let name = |m: u16| MACHINES.iter().find(|(n, _)| *n == m).map(|(_, name)| *name);
    if head[4] == 1 {
        return Some("architecture word width mismatch, can't load 32-bit .so on a 64-bit platform".into());
    }
    if machine == OUR_MACHINE {
        return None;
    }
    let ours = name(OUR_MACHINE)?;
    Some(match name(machine) {
        Some(theirs) => format!("can't load {theirs} .so on a {ours} platform"),
        None => format!("can't load this .so (machine code=0x{machine:x}) on a {ours} platform"),
    })
}

/// Closes a library.
///
/// # Safety
/// `handle` came from [`JVM_LoadLibrary`]. Its destructors run.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_UnloadLibrary(handle: *mut c_void) {
    if let Some(t) = Thread::current() {
        t.vm().ending.library_closed(handle);
    }
    // SAFETY: the caller's promise.
    unsafe { libc::dlclose(handle) };
}

/// Address of a symbol, null when the library has none.
///
/// # Safety
/// `handle` came from [`JVM_LoadLibrary`] or `dlopen`, or is null for the whole process; `name` is a C string.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_FindLibraryEntry(handle: *mut c_void, name: c::CStr) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { libc::dlsym(handle, name) }
}

/// A path in the system's form; on Unix it is that already.
///
/// # Safety
/// None; the pointer is handed back.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_NativePath(path: *mut c_char) -> *mut c_char {
    path
}

/// The JNI versions that this VM speaks, 1.1 included, for `JNI_OnLoad` results.
const JNI_VERSIONS: &[c::jint] =
    &[0x0001_0001, 0x0001_0002, 0x0001_0004, 0x0001_0006, 0x0001_0008, 0x0009_0000, 0x000a_0000];

/// Whether a library that asks for this JNI version can be loaded.
///
/// # Safety
/// None.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_IsSupportedJNIVersion(version: c::jint) -> c::jboolean {
    c::jboolean::from(JNI_VERSIONS.contains(&version))
}
