//! The `jio_*` printing functions and raw monitors: helpers of the JDK's C code that need no thread.

use caturra_kernel::Thread;
use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;
use std::ffi::{c_char, c_int, c_void};

/// C's `va_list` as a parameter: on our platforms a pointer to the state of the walk.
type VaList = *mut c_void;

unsafe extern "C" {
    fn vsnprintf(buffer: *mut c_char, count: usize, format: *const c_char, args: VaList) -> c_int;
    fn vfprintf(file: *mut libc::FILE, format: *const c_char, args: VaList) -> c_int;
}

/// `vsnprintf` with the JDK's conventions: -1 for a negative or zero size and for truncated output, which is
/// terminated all the same.
///
/// # Safety
/// As `vsnprintf`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jio_vsnprintf(
    buffer: *mut c_char,
    count: usize,
    format: *const c_char,
    args: VaList,
) -> c_int {
    if (count as isize) <= 0 {
        return -1;
    }
    // SAFETY: the caller's promise; `count` is at least 1.
    unsafe {
        let n = vsnprintf(buffer, count, format, args);
        if n < 0 || n as usize >= count {
            *buffer.add(count - 1) = 0;
            return -1;
        }
        n
    }
}

/// `vfprintf`, or the function that the host program gave instead (the option `vfprintf` of the invocation API).
///
/// # Safety
/// As `vfprintf`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jio_vfprintf(file: *mut libc::FILE, format: *const c_char, args: VaList) -> c_int {
    type Hook = unsafe extern "C" fn(*mut libc::FILE, *const c_char, VaList) -> c_int;
    let hook = Thread::current().and_then(|t| t.vm().options.vfprintf_hook);
    // SAFETY: the caller's promise; the hook has that type by the invocation API.
    unsafe {
        match hook {
            Some(hook) => std::mem::transmute::<*const c_void, Hook>(hook)(file, format, args),
            None => vfprintf(file, format, args),
        }
    }
}

/// A variadic C function that hands its arguments as a `va_list` to `$target`, for Rust defines no variadic
/// functions. The body is what a C compiler makes of `va_start` (System V ABI, AMD64 supplement, §3.5.7): the
/// register save area lies at `rsp + 32`, the `va_list` at `rsp`, arguments on the stack begin behind
/// the return address. `$fixed` counts the named parameters, `$last` is the register of the parameter that
/// follows them.
#[cfg(target_arch = "x86_64")]
macro_rules! variadic {
    ($(#[$meta:meta])* fn $name:ident, $fixed:literal, $last:literal, $target:path) => {
        $(#[$meta])*
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            std::arch::naked_asm!(
                "sub rsp, 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "test al, al",
                "je 2f",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                "2:",
                concat!("mov dword ptr [rsp], 8 * ", $fixed),
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",
                concat!("mov ", $last, ", rsp"),
                "call {target}",
                "add rsp, 216",
                "ret",
                target = sym $target,
            )
        }
    };
}

variadic! {
    /// `int jio_snprintf(char *buffer, size_t count, const char *format, ...)`.
    ///
    /// # Safety
    /// As `snprintf`; the Rust signature hides the parameters.
    fn jio_snprintf, "3", "rcx", jio_vsnprintf
}

variadic! {
    /// `int jio_fprintf(FILE *file, const char *format, ...)`.
    ///
    /// # Safety
    /// As `fprintf`; the Rust signature hides the parameters.
    fn jio_fprintf, "2", "rdx", jio_vfprintf
}

/// A lock for the JDK's C code (`zip`): not reentrant.
///
/// # Safety
/// None.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RawMonitorCreate() -> *mut c_void {
    Box::into_raw(Box::new(RawMutex::INIT)).cast()
}

/// # Safety
/// `monitor` came from [`JVM_RawMonitorCreate`] and nobody holds or uses it.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RawMonitorDestroy(monitor: *mut c_void) {
    // SAFETY: the caller's promise.
    drop(unsafe { Box::from_raw(monitor.cast::<RawMutex>()) });
}

/// Always 0. The caller runs native code, so a safepoint does not wait for it.
///
/// # Safety
/// `monitor` came from [`JVM_RawMonitorCreate`]; the calling thread does not hold it.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RawMonitorEnter(monitor: *mut c_void) -> crate::boundary::c::jint {
    // SAFETY: the caller's promise.
    unsafe { &*monitor.cast::<RawMutex>() }.lock();
    0
}

/// # Safety
/// `monitor` came from [`JVM_RawMonitorCreate`]; the calling thread holds it.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub unsafe extern "C" fn JVM_RawMonitorExit(monitor: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { (*monitor.cast::<RawMutex>()).unlock() };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    type Snprintf = unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> c_int;

    fn snprintf() -> Snprintf {
        // SAFETY: that is the function's C type.
        unsafe { std::mem::transmute::<unsafe extern "C" fn(), Snprintf>(jio_snprintf) }
    }

    #[test]
    fn formats_registers_and_stack_arguments() {
        let mut buffer = [0 as c_char; 128];
        // SAFETY: arguments match the format.
        let (n, text) = unsafe {
            let n = snprintf()(
                buffer.as_mut_ptr(),
                buffer.len(),
                c"%d %s %.1f %ld %d %d %d %.2f %c".as_ptr(),
                1,
                c"two".as_ptr(),
                3.5f64,
                4i64,
                5,
                6,
                7,
                8.25f64,
                c_int::from(b'9'),
            );
            (n, CStr::from_ptr(buffer.as_ptr()).to_str().unwrap())
        };
        assert_eq!(text, "1 two 3.5 4 5 6 7 8.25 9");
        assert_eq!(n as usize, text.len());
    }

    #[test]
    fn truncated_output_is_terminated_and_gives_minus_one() {
        let mut buffer = [1 as c_char; 4];
        // SAFETY: arguments match the format.
        unsafe {
            assert_eq!(snprintf()(buffer.as_mut_ptr(), 4, c"%s".as_ptr(), c"abcdef".as_ptr()), -1);
            assert_eq!(CStr::from_ptr(buffer.as_ptr()), c"abc");
            assert_eq!(snprintf()(buffer.as_mut_ptr(), 0, c"x".as_ptr()), -1);
            assert_eq!(snprintf()(buffer.as_mut_ptr(), usize::MAX, c"x".as_ptr()), -1);
        }
    }
}
