//! Jars of the boot class path, read through the JDK's own `libzip.so`.

use crate::runtime::vm::Vm;
use std::ffi::{CString, c_char, c_int, c_uchar, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

type OpenFn = unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> *mut c_void;
type FindFn = unsafe extern "C" fn(*mut c_void, *const c_char, *mut c_int, *mut c_int) -> *mut c_void;
type ReadFn = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_uchar, *mut c_char) -> c_uchar;

/// An open jar.
pub struct Zip {
    file: *mut c_void,
    find: FindFn,
    read: ReadFn,
}

// SAFETY: libzip locks its files.
unsafe impl Send for Zip {}

impl Zip {
    /// Opens `path`; `None` when the library or the file cannot be opened.
    pub fn open(vm: &Vm, path: &Path) -> Option<Zip> {
        let lib = CString::new(format!("{}/lib/libzip.so", vm.options.java_home)).ok()?;
        let name = CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: libzip's exported functions have these signatures (zip_util.h of the JDK).
        unsafe {
            let handle = libc::dlopen(lib.as_ptr(), libc::RTLD_LAZY);
            if handle.is_null() {
                return None;
            }
            vm.ending.library_opened(handle);
            let symbol = |s: &std::ffi::CStr| {
                let p = libc::dlsym(handle, s.as_ptr());
                (!p.is_null()).then_some(p)
            };
            let open: OpenFn = std::mem::transmute::<*mut c_void, OpenFn>(symbol(c"ZIP_Open")?);
            let find: FindFn = std::mem::transmute::<*mut c_void, FindFn>(symbol(c"ZIP_FindEntry")?);
            let read: ReadFn = std::mem::transmute::<*mut c_void, ReadFn>(symbol(c"ZIP_ReadEntry")?);
            let mut message = std::ptr::null_mut();
            let file = open(name.as_ptr(), &mut message);
            (!file.is_null()).then_some(Zip { file, find, read })
        }
    }

    /// The content of an entry.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let name = CString::new(name).ok()?;
        let (mut size, mut name_len) = (0, 0);
        // SAFETY: an open jar; the buffers are as large as libzip asks.
        unsafe {
            let entry = (self.find)(self.file, name.as_ptr(), &mut size, &mut name_len);
            if entry.is_null() {
                return None;
            }
            let mut data = vec![0u8; size as usize];
            let mut entry_name = vec![0 as c_char; name_len as usize + 1];
            ((self.read)(self.file, entry, data.as_mut_ptr(), entry_name.as_mut_ptr()) != 0).then_some(data)
        }
    }
}
