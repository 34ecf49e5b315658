//! How the JDK's native libraries find the VM's functions.
//!
//! `libjava.so` and its siblings need a library named `libjvm.so` and 183 functions of it. Where the VM is that
//! library, all is well. Where it is linked into a program, whose functions the dynamic linker does not
//! see, a shared object without code is made in memory and loaded: it has that name, and the functions'
//! addresses in this very process as absolute symbols. So an embedder needs no linker arguments.

pub mod elf;

use elf::SharedObject;
use std::ffi::{CStr, CString, c_void};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::Mutex;

/// The name that the JDK's libraries ask for.
pub const LIBRARY_NAME: &str = "libjvm.so";

/// A function that the JDK's libraries, or its launcher, look up by name.
pub struct Export {
    pub name: &'static str,
    function: unsafe extern "C" fn(),
}

include!(concat!(env!("OUT_DIR"), "/exports.rs"));

impl Export {
    fn address(&self) -> u64 {
        self.function as usize as u64
    }
}

/// The last error of `dlopen` and `dlsym`.
pub fn linker_error() -> String {
    // SAFETY: `dlerror` gives null or a C string that stays until the thread's next call.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            "unknown error".to_string()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        }
    }
}

/// What the loaded library named `libjvm.so` is.
enum Loaded {
    None,
    /// This code, or what [`make_visible`] has loaded for it.
    Ours,
    /// Another virtual machine.
    Foreign,
}

fn loaded() -> Loaded {
    let name = CString::new(LIBRARY_NAME).expect("no zero byte");
    // SAFETY: asks for a library that is loaded already.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
    if handle.is_null() {
        return Loaded::None;
    }
    // SAFETY: a handle from `dlopen`, which is given back; the library stays, as others hold it.
    let found = unsafe {
        let found = libc::dlsym(handle, c"JNI_CreateJavaVM".as_ptr());
        libc::dlclose(handle);
        found
    };
    let own = caturra_vm::invocation::JNI_CreateJavaVM as *const c_void;
    if std::ptr::eq(found, own) { Loaded::Ours } else { Loaded::Foreign }
}

/// Makes the VM's functions visible to the JDK's native libraries.
///
/// # Errors
/// When another virtual machine is loaded already, or the dynamic linker refuses.
pub fn make_visible() -> Result<(), String> {
    static ONCE: Mutex<()> = Mutex::new(());
    let _guard = ONCE.lock().unwrap_or_else(|e| e.into_inner());
    match loaded() {
        Loaded::Ours => Ok(()),
        Loaded::Foreign => Err("another libjvm.so is loaded in this process".into()),
        Loaded::None => {
            let symbols: Vec<(&str, u64)> = EXPORTS.iter().map(|e| (e.name, e.address())).collect();
            let object = SharedObject { name: Some(LIBRARY_NAME), needed: &[], symbols: &symbols };
            let file =
                memory_file(&object.to_bytes()).map_err(|e| format!("cannot make a file in memory: {e}"))?;
            let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).expect("no zero byte");
            // SAFETY: a shared object without code or initialisers.
            let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
            if handle.is_null() { Err(linker_error()) } else { Ok(()) }
        }
    }
}

/// An anonymous file with the given contents.
fn memory_file(bytes: &[u8]) -> io::Result<std::fs::File> {
    // SAFETY: makes a new file descriptor, which `File` owns from there on.
    let mut file = unsafe {
        let fd = libc::memfd_create(c"libjvm.so".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        std::fs::File::from_raw_fd(fd)
    };
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_made_library_resolves_to_addresses_of_this_process() {
        unsafe extern "C" fn forty_two() -> i32 {
            42
        }
        let symbols = [("caturra_test_a", 0x1234), ("caturra_test_b", forty_two as *const () as u64)];
        let object =
            SharedObject { name: Some("libcaturra-test.so"), needed: &["libc.so.6"], symbols: &symbols };
        let file = memory_file(&object.to_bytes()).unwrap();
        let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap();
        // SAFETY: loads a library without code, and calls a function of this test by its symbol.
        unsafe {
            let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
            assert!(!handle.is_null(), "{}", linker_error());
            let by_name = libc::dlopen(c"libcaturra-test.so".as_ptr(), libc::RTLD_NOLOAD | libc::RTLD_NOW);
            assert_eq!(handle, by_name);
            assert_eq!(libc::dlsym(handle, c"caturra_test_a".as_ptr()) as usize, 0x1234);
            let f: unsafe extern "C" fn() -> i32 =
                std::mem::transmute(libc::dlsym(handle, c"caturra_test_b".as_ptr()));
            assert_eq!(f(), 42);
            assert!(!libc::dlsym(handle, c"malloc".as_ptr()).is_null(), "found in a library it needs");
        }
    }

    /// Names of the functions in the sources of the crates that export some.
    fn defined(dir: &std::path::Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                defined(&path, names);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
                    for part in line.split("fn ").skip(1) {
                        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                        let name: String = part.chars().take_while(is_name).collect();
                        if ["JVM_", "jio_"].iter().any(|p| name.starts_with(p)) {
                            names.insert(name);
                        }
                    }
                }
            }
        }
    }

    /// `symbols.txt` names what the sources export, neither more nor less.
    #[test]
    fn list_of_exports_is_complete() {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        if !crates.join("exports/src").is_dir() {
            println!("skipped: the sources of caturra-exports are not beside this crate");
            return;
        }
        let mut names = BTreeSet::new();
        defined(&crates.join("exports/src"), &mut names);
        names.extend(
            ["JNI_CreateJavaVM", "JNI_GetCreatedJavaVMs", "JNI_GetDefaultJavaVMInitArgs"].map(String::from),
        );
        let listed: BTreeSet<String> = EXPORTS.iter().map(|e| e.name.to_string()).collect();
        let missing: Vec<_> = names.difference(&listed).collect();
        assert!(missing.is_empty(), "not in symbols.txt: {missing:?}");
    }
}
