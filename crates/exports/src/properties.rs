//! System properties that the VM gives to the class library, and what it tells of its own command line.

use crate::boundary::{c, local, obj};
use crate::process::TEMPORARY_DIRECTORY;
use caturra_heap::ObjRef;
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{alloc, calls, strings};
use caturra_kernel::{Thread, Vm};
use std::path::Path;
use std::ptr::null_mut;

/// `java.vm.name`.
pub const VM_NAME: &str = "Caturra 64-Bit VM";
/// `java.vm.vendor`.
pub const VM_VENDOR: &str = "Caturra project";
/// `java.vm.version`.
pub const VM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Properties that the command line cannot change.
const PROTECTED: &[&str] = &[
    "java.vm.specification.name",
    "java.vm.specification.vendor",
    "java.vm.specification.version",
    "java.vm.name",
    "java.vm.vendor",
    "java.vm.version",
    "java.vm.compressedOopsMode",
    "jdk.debug",
    "sun.nio.MaxDirectMemorySize",
];

/// Default of `java.library.path`: where the system's linker looks, preceded by `LD_LIBRARY_PATH`.
fn library_path() -> String {
    let mut dirs: Vec<&str> = vec!["/usr/java/packages/lib"];
    let multiarch: [&str; 3] = if cfg!(target_arch = "aarch64") {
        ["/usr/lib/aarch64-linux-gnu/jni", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    } else {
        ["/usr/lib/x86_64-linux-gnu/jni", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"]
    };
    // Debian and its kin keep libraries by architecture; elsewhere 64-bit ones have directories of their own.
    if Path::new(multiarch[2]).is_dir() {
        dirs.extend(multiarch);
        dirs.extend(["/usr/lib/jni", "/lib", "/usr/lib"]);
    } else {
        dirs.extend(["/usr/lib64", "/lib64", "/lib", "/usr/lib"]);
    }
    match std::env::var("LD_LIBRARY_PATH") {
        Ok(first) if !first.is_empty() => format!("{first}:{}", dirs.join(":")),
        _ => dirs.join(":"),
    }
}

/// All properties, in the order they are made; a later setting replaces an earlier one.
pub fn vm_properties(vm: &Vm) -> Vec<(String, String)> {
    let options = &vm.options;
    let home = options.java_home.as_str();
    let mut list: Vec<(String, String)> = Vec::with_capacity(32);
    let mut set = |key: &str, value: String| match list.iter_mut().find(|(k, _)| k == key) {
        Some(entry) => entry.1 = value,
        None => list.push((key.to_owned(), value)),
    };
    set("java.vm.specification.name", "Java Virtual Machine Specification".into());
    set("java.vm.specification.vendor", "Oracle Corporation".into());
    set("java.vm.specification.version", options.release.to_string());
    set("java.vm.name", VM_NAME.into());
    set("java.vm.vendor", VM_VENDOR.into());
    set("java.vm.version", VM_VERSION.into());
    set("java.vm.info", options.vm_info().into());
    set("java.vm.compressedOopsMode", "Zero based".into());
    set("jdk.debug", "release".into());
    set("sun.boot.library.path", format!("{home}/lib"));
    set("java.library.path", library_path());
    set("java.home", home.into());
    set("java.class.path", String::new());
    for (key, value) in options.system_properties.lock().iter() {
        if !PROTECTED.contains(&key.as_str()) {
            set(key, value.clone());
        }
    }
    if let Some(bytes) = options.max_direct_memory_size {
        set("sun.nio.MaxDirectMemorySize", bytes.to_string());
    }
    list
}

/// A `String[]`.
pub fn string_array<'s>(t: &Thread, items: impl ExactSizeIterator<Item = &'s str>) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.string(), items.len() as i32)?;
    for (i, item) in items.enumerate() {
        let s = strings::new_string(t, item)?;
        // SAFETY: `array` is a live array with more than `i` elements.
        unsafe { t.vm().heap.store_ref(array, caturra_heap::layout::ARRAY_BASE + 4 * i, s) };
    }
    Ok(array)
}

/// Properties in the format of `Properties.store`, as the class `VMSupport` writes them: the bytes of a `byte[]`.
///
/// # Errors
/// What the Java side throws.
pub fn serialized_properties(t: &Thread, method: &str) -> JResult<Vec<u8>> {
    let vm = t.vm();
    let support = loader::load_class(t, vm.loaders.boot(), vm.symbols.intern("jdk/internal/vm/VMSupport"))?;
    let bytes = ObjRef::from_raw(calls::call_static(t, support, method, "()[B", &[])? as u32);
    // SAFETY: a live byte array; nothing is allocated while it is copied.
    Ok(unsafe {
        let (start, length) = alloc::bytes_of(bytes);
        std::slice::from_raw_parts(start, length).to_vec()
    })
}

jvm_entry! {
    /// `SystemProps.Raw.vmProperties`: names and values in turn.
    fn JVM_GetProperties(t) -> c::jobjectArray {
        let properties = vm_properties(t.vm());
        let flat: Vec<&str> = properties.iter().flat_map(|(k, v)| [k.as_str(), v.as_str()]).collect();
        Ok(local(t, string_array(t, flat.into_iter())?))
    }

    /// `VMSupport.getVMTemporaryDirectory`.
    fn JVM_GetTemporaryDirectory(t) -> c::jstring {
        Ok(local(t, strings::new_string(t, TEMPORARY_DIRECTORY)?))
    }

    /// `VM.getRuntimeArguments`: the VM's options as given, null when there were none.
    fn JVM_GetVmArguments(t) -> c::jobjectArray {
        let arguments = &t.vm().options.vm_arguments;
        if arguments.is_empty() {
            return Ok(null_mut());
        }
        Ok(local(t, string_array(t, arguments.iter().map(String::as_str))?))
    }

    /// `VMSupport.initAgentProperties`: what `jps` and `jcmd` show of this process.
    fn JVM_InitAgentProperties(t; properties: c::jobject) -> c::jobject {
        let options = &t.vm().options;
        let command = options
            .system_properties
            .lock()
            .iter()
            .rev()
            .find(|(key, _)| key == "sun.java.command")
            .map(|(_, value)| value.clone())
            .unwrap_or_default();
        let arguments = options.vm_arguments.join(" ");
        for (key, value) in
            [("sun.java.command", command), ("sun.jvm.flags", String::new()), ("sun.jvm.args", arguments)]
        {
            let key = strings::new_string(t, key)?;
            let value = strings::new_string(t, &value)?;
            calls::call_method(
                t,
                // SAFETY: a valid handle.
                unsafe { obj(properties) },
                "put",
                "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
                &[u64::from(key.raw()), u64::from(value.raw())],
            )?;
        }
        Ok(properties)
    }
}
