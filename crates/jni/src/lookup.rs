//! Binding a native method to its C function (JNI, chapter 2, "Resolving Native Method Names").

use caturra_bytecode::mutf8;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::{calls, log, strings};
use caturra_kernel::{MethodRef, Thread};
use std::ffi::{CString, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The `dlopen` handle of `libjava.so`; a process loads it once, whatever the number of VMs.
static JAVA_LIBRARY: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// Names the library in which native methods of boot classes are looked up first.
pub fn set_java_library(handle: *mut c_void) {
    JAVA_LIBRARY.store(handle, Ordering::Release);
}

/// Prints a line of `-verbose:jni`.
pub(crate) fn report(t: &Thread, line: impl FnOnce() -> String) {
    if t.vm().options.verbose_jni {
        log::line(t.vm(), Level::Debug, "jni,resolve", &format!("[{}]", line()));
    }
}

/// Prints a warning of the same tags, which are on by default at this level.
pub(crate) fn warn(t: &Thread, line: &str) {
    log::line(t.vm(), Level::Warning, "jni,resolve", line);
}

/// Appends `text` (modified UTF-8) escaped. `None` when a character `0` to `3` follows what becomes an
/// underscore: it would look like an escape, so such a name has no C function.
fn escape(out: &mut String, text: &[u8]) -> Option<()> {
    let mut after_underscore = true;
    for unit in mutf8::decode(text) {
        let mut starts_part = false;
        match u8::try_from(unit) {
            Ok(b'0'..=b'3') if after_underscore => return None,
            Ok(c) if c.is_ascii_alphanumeric() => out.push(c.into()),
            Ok(b'/') => {
                out.push('_');
                starts_part = true;
            }
            Ok(b'_') => out.push_str("_1"),
            Ok(b';') => out.push_str("_2"),
            Ok(b'[') => out.push_str("_3"),
            _ => out.push_str(&format!("_0{unit:04x}")),
        }
        after_underscore = starts_part;
    }
    Some(())
}

/// The C names of a native method: short, and with the parameters' types. `None` where a name cannot be
/// expressed; the short one may exist without the long one.
pub fn mangle(class: &[u8], name: &[u8], signature: &[u8]) -> Option<(String, Option<String>)> {
    let mut short = String::from("Java_");
    escape(&mut short, class)?;
    short.push('_');
    escape(&mut short, name)?;
    let mut long = format!("{short}__");
    let parameters = signature.strip_prefix(b"(")?.split(|&c| c == b')').next()?;
    let long = escape(&mut long, parameters).map(|()| long);
    Some((short, long))
}

/// Looks in the libraries that hold the natives of boot classes and in the process itself.
fn find_in_process(t: &Thread, name: &str) -> *mut u8 {
    let Ok(name) = CString::new(name) else { return null_mut() };
    // The dynamic linker's lock may be held by a thread that waits for a safepoint.
    let _scope = NativeScope::enter(t);
    let mut java = JAVA_LIBRARY.load(Ordering::Acquire);
    if java.is_null() {
        // SAFETY: finds a library that is loaded already, by its SONAME.
        java = unsafe { libc::dlopen(c"libjava.so".as_ptr(), libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
        JAVA_LIBRARY.store(java, Ordering::Release);
    }
    let known = [java, own_library()].into_iter().filter(|library| !library.is_null());
    for library in known.chain([libc::RTLD_DEFAULT]) {
        // SAFETY: a handle from dlopen, or the default search order.
        let found = unsafe { libc::dlsym(library, name.as_ptr()) };
        if !found.is_null() {
            return found.cast();
        }
    }
    null_mut()
}

/// The `dlopen` handle of the object that this code is linked into.
fn own_library() -> *mut c_void {
    static OWN: AtomicPtr<c_void> = AtomicPtr::new(null_mut());
    let known = OWN.load(Ordering::Acquire);
    if !known.is_null() {
        return known;
    }
    // SAFETY: `dladdr` of a function of this object fills the structure; its file is loaded already.
    let handle = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr((own_library as fn() -> *mut c_void) as *const c_void, &mut info) == 0 {
            return null_mut();
        }
        libc::dlopen(info.dli_fname, libc::RTLD_NOLOAD | libc::RTLD_LAZY)
    };
    OWN.store(handle, Ordering::Release);
    handle
}

/// Asks the class loader's native libraries, as Java code keeps them.
fn find_in_loader(t: &Thread, method: MethodRef, name: &str) -> JResult<*mut u8> {
    let loader = method.holder.loader.object();
    let name = strings::new_string(t, name)?;
    let address = calls::call_static(
        t,
        t.vm().wk.class_loader(),
        "findNative",
        "(Ljava/lang/ClassLoader;Ljava/lang/String;)J",
        &[u64::from(loader.raw()), u64::from(name.raw())],
    )?;
    Ok(address as *mut u8)
}

fn find(t: &Thread, method: MethodRef, name: &str) -> JResult<*mut u8> {
    if method.holder.loader.is_boot() {
        // Java code cannot be asked for the natives that it needs itself in order to answer.
        let found = find_in_process(t, name);
        if !found.is_null() {
            return Ok(found);
        }
    }
    find_in_loader(t, method, name)
}

/// Finds and binds the C function of a native method.
///
/// # Errors
/// `UnsatisfiedLinkError`.
pub fn link_native(t: &Thread, method: MethodRef) -> JResult<*mut u8> {
    let bound = method.native_fn.load(Ordering::Acquire);
    if !bound.is_null() {
        return Ok(bound);
    }
    let names = mangle(method.holder.name.bytes(), method.name.bytes(), method.signature.symbol.bytes());
    if let Some((short, long)) = names {
        for name in std::iter::once(short).chain(long) {
            let found = find(t, method, &name)?;
            if found.is_null() {
                continue;
            }
            // A function registered in the meantime stays.
            let raced =
                method.native_fn.compare_exchange(null_mut(), found, Ordering::AcqRel, Ordering::Acquire);
            let found = raced.err().unwrap_or(found);
            report(t, || {
                format!(
                    "Dynamic-linking native method {}.{} ... JNI",
                    method.holder.external_name(),
                    method.name
                )
            });
            return Ok(found);
        }
    }
    Err(exceptions::throw(t, "java/lang/UnsatisfiedLinkError", &format!("'{}'", method.external_name())))
}

#[cfg(test)]
mod tests {
    use super::mangle;

    fn names(class: &str, name: &str, signature: &str) -> Option<(String, Option<String>)> {
        mangle(class.as_bytes(), name.as_bytes(), signature.as_bytes())
    }

    #[test]
    fn names_are_escaped() {
        assert_eq!(
            names("java/lang/Object", "registerNatives", "()V"),
            Some((
                "Java_java_lang_Object_registerNatives".into(),
                Some("Java_java_lang_Object_registerNatives__".into())
            ))
        );
        assert_eq!(
            names("p/A_b$C", "m\u{e9}_x", "(ILjava/lang/String;[[J)V"),
            Some((
                "Java_p_A_1b_00024C_m_000e9_1x".into(),
                Some("Java_p_A_1b_00024C_m_000e9_1x__ILjava_lang_String_2_3_3J".into())
            ))
        );
    }

    #[test]
    fn names_that_look_like_escapes_are_refused() {
        assert_eq!(names("p/1a", "m", "()V"), None);
        assert_eq!(names("p/a", "3m", "()V"), None);
        assert!(names("p/a4", "m1", "()V").is_some());
        assert_eq!(names("p/a", "m", "(Lx/2y;)V"), Some(("Java_p_a_m".into(), None)));
    }
}
