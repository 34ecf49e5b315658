//! `jdk.internal.misc.Signal`: the exports over the kernel's signal handling.

use crate::boundary::c;
use caturra_kernel::runtime::signals;
use std::ffi::{CStr, c_void};

/// The number of a signal given by its name without "SIG", -1 when there is none.
///
/// # Safety
/// `name` is a C string.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_FindSignal(name: c::CStr) -> c::jint {
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(name) }.to_str().map_or(-1, signals::find_signal)
}

/// Installs a handler, 2 standing for the dispatch to Java, and gives the old one; -1 for a signal that the
/// VM or the system keeps.
///
/// # Safety
/// `handler` is such a number or a signal handler.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RegisterSignal(signal: c::jint, handler: *mut c_void) -> *mut c_void {
    signals::register_signal(signal, handler as usize) as *mut c_void
}

/// Raises a signal in this process; false when the VM is told to leave it alone or the process ignores it.
///
/// # Safety
/// None.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RaiseSignal(signal: c::jint) -> c::jboolean {
    c::jboolean::from(signals::raise_signal(signal))
}
