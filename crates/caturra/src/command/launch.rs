//! The launcher: the JDK's own `libjli.so`, with this VM.
//!
//! `libjli` finds the JDK by its own path, loads `lib/server/libjvm.so` of it, or `libjvm.so` of the directory
//! that `-XXaltjvm` names, and creates the VM by that library's functions. We name a directory with a
//! library that holds nothing but the wish for a library of the name `libjvm.so`, which this process has
//! already: itself (`build.rs`), or what [`bridge::make_visible`] has loaded.

use crate::bridge::{self, elf::SharedObject, linker_error};
use caturra_vm::java_home::{self, JavaHome};
use std::ffi::{CStr, CString, OsString, c_char, c_int, c_void};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::{env, fs, io};

/// `struct JLI_List_`.
#[repr(C)]
struct JliList {
    elements: *mut *mut c_char,
    size: usize,
    capacity: usize,
}

/// The functions of `libjli.so` that a launcher uses.
struct Jli {
    init_arg_processing: unsafe extern "C" fn(u8, u8),
    list_new: unsafe extern "C" fn(usize) -> *mut JliList,
    list_add: unsafe extern "C" fn(*mut JliList, *mut c_char),
    string_dup: unsafe extern "C" fn(*const c_char) -> *mut c_char,
    add_args_from_env_var: unsafe extern "C" fn(*mut JliList, *const c_char) -> u8,
    preprocess_arg: unsafe extern "C" fn(*const c_char, u8) -> *mut JliList,
    get_app_arg_index: unsafe extern "C" fn() -> c_int,
    launch: Launch,
}

/// `JLI_Launch`.
type Launch = unsafe extern "C" fn(
    argc: c_int,
    argv: *mut *mut c_char,
    jargc: c_int,
    jargv: *const *const c_char,
    appclassc: c_int,
    appclassv: *const *const c_char,
    fullversion: *const c_char,
    dotversion: *const c_char,
    pname: *const c_char,
    lname: *const c_char,
    javaargs: u8,
    cpwildcard: u8,
    javaw: u8,
    ergo: c_int,
) -> c_int;

impl Jli {
    fn load(home: &Path) -> Result<Jli, String> {
        let path = home.join("lib/libjli.so");
        let c_path = c_string(path.as_os_str().as_bytes())?;
        // SAFETY: loads the JDK's launcher library; the types are those of its header files.
        unsafe {
            let handle = libc::dlopen(c_path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL);
            if handle.is_null() {
                return Err(linker_error());
            }
            let find = |name: &CStr| -> Result<*mut c_void, String> {
                let found = libc::dlsym(handle, name.as_ptr());
                if found.is_null() { Err(linker_error()) } else { Ok(found) }
            };
            use std::mem::transmute;
            Ok(Jli {
                init_arg_processing: transmute::<*mut c_void, unsafe extern "C" fn(u8, u8)>(find(
                    c"JLI_InitArgProcessing",
                )?),
                list_new: transmute::<*mut c_void, unsafe extern "C" fn(usize) -> *mut JliList>(find(
                    c"JLI_List_new",
                )?),
                list_add: transmute::<*mut c_void, unsafe extern "C" fn(*mut JliList, *mut c_char)>(find(
                    c"JLI_List_add",
                )?),
                string_dup: transmute::<*mut c_void, unsafe extern "C" fn(*const c_char) -> *mut c_char>(
                    find(c"JLI_StringDup")?,
                ),
                add_args_from_env_var: transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*mut JliList, *const c_char) -> u8,
                >(find(c"JLI_AddArgsFromEnvVar")?),
                preprocess_arg: transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*const c_char, u8) -> *mut JliList,
                >(find(c"JLI_PreprocessArg")?),
                get_app_arg_index: transmute::<*mut c_void, unsafe extern "C" fn() -> c_int>(find(
                    c"JLI_GetAppArgIndex",
                )?),
                launch: transmute::<*mut c_void, Launch>(find(c"JLI_Launch")?),
            })
        }
    }
}

fn c_string(bytes: &[u8]) -> Result<CString, String> {
    CString::new(bytes).map_err(|_| "an argument contains a zero byte".to_string())
}

/// Runs Java as the arguments say; the first is the program's name.
pub fn run(arguments: &[OsString]) -> Result<ExitCode, String> {
    let home = java_home::find()?;
    bridge::make_visible()?;
    let jli = Jli::load(&home.path)?;
    let stub = Stub::provide()?;
    let status = launch(&jli, &home, &stub, arguments)?;
    Ok(ExitCode::from(status as u8))
}

/// The VM's own arguments: where to find the VM and the class library.
fn own_arguments(home: &JavaHome, stub: &Stub) -> Result<[CString; 2], String> {
    let argument = |option: &[u8], path: &Path| c_string(&[option, path.as_os_str().as_bytes()].concat());
    Ok([argument(b"-XXaltjvm=", &stub.directory)?, argument(b"-XX:JavaHome=", &home.path)?])
}

/// What the `main` of the JDK's launcher does.
fn launch(jli: &Jli, home: &JavaHome, stub: &Stub, arguments: &[OsString]) -> Result<c_int, String> {
    let [vm, class_library] = own_arguments(home, stub)?;
    let vm_types = known_vm_types(&home.path);
    let version = c_string(home.runtime_version.as_bytes())?;
    let given: Vec<CString> = arguments.iter().map(|a| c_string(a.as_bytes())).collect::<Result<_, _>>()?;
    // SAFETY: calls as in the launcher's source, with C strings that outlive the calls; strings in the list are
    // copies made by the library's allocator, as it frees some.
    unsafe {
        (jli.init_arg_processing)(0, 0);
        let list = (jli.list_new)(given.len() + 4);
        let add = |text: &CStr| (jli.list_add)(list, (jli.string_dup)(text.as_ptr()));
        add(&given[0]);
        for own in [&vm, &class_library] {
            (jli.preprocess_arg)(own.as_ptr(), 1);
            add(own);
        }
        (jli.add_args_from_env_var)(list, c"JDK_JAVA_OPTIONS".as_ptr());
        for argument in &given[1..] {
            let expanded = (jli.preprocess_arg)(argument.as_ptr(), 1);
            if expanded.is_null() {
                add(argument);
                continue;
            }
            for i in 0..(*expanded).size {
                (jli.list_add)(list, *(*expanded).elements.add(i));
            }
        }
        let count = (*list).size;
        (jli.list_add)(list, null_mut());
        let argv = (*list).elements;

        // `-server` and its like would choose the JDK's own VM.
        let app = usize::try_from((jli.get_app_arg_index)()).ok().filter(|&i| i > 0);
        for i in 3..app.map_or(count, |i| (i - 1).min(count)) {
            let slot = argv.add(i);
            if vm_types.iter().any(|t| t.as_bytes() == CStr::from_ptr(*slot).to_bytes()) {
                *slot = (jli.string_dup)(vm.as_ptr());
            }
        }
        let status = (jli.launch)(
            count as c_int,
            argv,
            0,
            null(),
            0,
            null(),
            version.as_ptr(),
            c"0.0".as_ptr(),
            c"caturra".as_ptr(),
            c"openjdk".as_ptr(),
            0,
            1,
            0,
            0,
        );
        Ok(status)
    }
}

/// The options by which `lib/jvm.cfg` lets a user choose a VM ("-server").
fn known_vm_types(home: &Path) -> Vec<String> {
    let text = fs::read_to_string(home.join("lib/jvm.cfg")).unwrap_or_default();
    let names = text.lines().filter_map(|l| l.split_whitespace().next());
    names.filter(|n| n.starts_with('-')).map(str::to_string).collect()
}

/// The directory with the library that `libjli` loads.
struct Stub {
    directory: PathBuf,
}

/// A directory made for this process alone.
static TEMPORARY: OnceLock<PathBuf> = OnceLock::new();

/// Runs at exit, by whatever way Java code ends the process.
extern "C" fn remove_temporary() {
    if let Some(directory) = TEMPORARY.get() {
        let _ = fs::remove_dir_all(directory);
    }
}

impl Stub {
    /// Finds or makes it in the user's cache; in a temporary directory where that cannot be written.
    fn provide() -> Result<Stub, String> {
        let contents = SharedObject { needed: &[bridge::LIBRARY_NAME], ..Default::default() }.to_bytes();
        if let Some(directory) = cache_directory() {
            let file = directory.join(bridge::LIBRARY_NAME);
            if fs::read(&file).is_ok_and(|found| found == contents)
                || place(&directory, &file, &contents).is_ok()
            {
                return Ok(Stub { directory });
            }
        }
        let directory =
            temporary_directory().map_err(|e| format!("cannot make a temporary directory: {e}"))?;
        let _ = TEMPORARY.set(directory.clone());
        // SAFETY: a function without arguments.
        unsafe { libc::atexit(remove_temporary) };
        let file = directory.join(bridge::LIBRARY_NAME);
        place(&directory, &file, &contents).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
        Ok(Stub { directory })
    }
}

/// `$XDG_CACHE_HOME/caturra`, by default below `~/.cache`.
fn cache_directory() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("caturra"))
}

fn temporary_directory() -> io::Result<PathBuf> {
    let mut template = env::temp_dir().join("caturra-XXXXXX").into_os_string().into_vec();
    template.push(0);
    // SAFETY: a writable C string that ends in six X, which the function replaces.
    unsafe {
        if libc::mkdtemp(template.as_mut_ptr().cast()).is_null() {
            return Err(io::Error::last_os_error());
        }
    }
    template.pop();
    Ok(PathBuf::from(OsString::from_vec(template)))
}

/// Writes a file by renaming a finished one, so that processes which start at the same time see all or nothing.
fn place(directory: &Path, file: &Path, contents: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let part = directory.join(format!(".{}.{}", bridge::LIBRARY_NAME, std::process::id()));
    fs::write(&part, contents)?;
    fs::rename(&part, file)
}
