//! Finding and defining classes (JVMS §5.3), hidden classes among them (JEP 371).

use crate::boundary::{c, local, obj};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, ref_slot};
use crate::objects::{class_name_symbol, class_of, element_addr, is_possible_name};
use caturra_bytecode::name;
use caturra_kernel::linking::access;
use caturra_kernel::linking::init;
use caturra_kernel::linking::link;
use caturra_kernel::linking::resolve::load_or_no_class_def;
use caturra_kernel::loading::define::{DefineRequest, HiddenRequest, define_class};
use caturra_kernel::loading::loader::{
    find_boot_class as load_boot_class, find_loaded, load_class, loader_of,
};
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::{JResult, npe, pending_is, take_pending, throw, throw_bare};
use caturra_kernel::runtime::strings;
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};
use std::ffi::CStr;

const CLASS_NOT_FOUND: &str = "java/lang/ClassNotFoundException";
const NO_CLASS_DEF_FOUND: &str = "java/lang/NoClassDefFoundError";
const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

/// The oldest class-file version whose class names may hold any character but `. ; [ /`.
const ANY_NAME_MAJOR: u16 = 49;

/// The bytes of a C string, `None` for a null pointer.
///
/// # Safety
/// `s` is null or a C string that outlives the result.
pub unsafe fn c_bytes<'a>(s: c::CStr) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    (!s.is_null()).then(|| unsafe { CStr::from_ptr(s) }.to_bytes())
}

fn initialize_if(t: &Thread, class: ClassRef, wanted: bool) -> JResult<()> {
    if wanted && class.kind == ClassKind::Instance { init::initialize(t, class) } else { Ok(()) }
}

/// A class of the boot loader, `None` when it has none of that name.
pub fn find_boot_class(t: &Thread, name: &[u8]) -> JResult<Option<ClassRef>> {
    if !is_possible_name(name) {
        return Ok(None);
    }
    let (boot, symbol) = (t.vm().loaders.boot(), t.vm().symbols.intern_bytes(name));
    if name.first() != Some(&b'[') {
        return load_boot_class(t, boot, symbol);
    }
    match load_class(t, boot, symbol) {
        Ok(class) => Ok(Some(class)),
        Err(_) if pending_is(t, t.vm().wk.class_not_found_exception()) => {
            take_pending(t);
            Ok(None)
        }
        Err(thrown) => Err(thrown),
    }
}

/// `Class.forName0`: name with dots; the caller matters to security managers only.
fn for_name(t: &Thread, name: ObjRef, initialize: bool, loader: ObjRef) -> JResult<ObjRef> {
    if name.is_null() {
        return Err(npe(t));
    }
    let given = strings::to_mutf8(name);
    let internal = name::to_internal(&given);
    if given.contains(&b'/') || !name::is_class_name(&internal, ANY_NAME_MAJOR) {
        let shown = if given.contains(&b'/') { &given } else { &internal };
        let text = caturra_bytecode::mutf8::to_string_lossy(shown);
        return Err(throw(t, CLASS_NOT_FOUND, &text));
    }
    let symbol = class_name_symbol(t, Some(&internal), CLASS_NOT_FOUND)?;
    let class = load_class(t, loader_of(t, loader), symbol)?;
    initialize_if(t, class, initialize)?;
    Ok(class.mirror())
}

/// Bytes of a class file that native code passes.
///
/// # Safety
/// `buf` points to `len` bytes that outlive the result, or `len` is 0.
unsafe fn class_bytes<'a>(buf: *const c::jbyte, len: c::jsize) -> &'a [u8] {
    match usize::try_from(len) {
        // SAFETY: the caller's promise.
        Ok(n) if n > 0 && !buf.is_null() => unsafe { std::slice::from_raw_parts(buf.cast(), n) },
        _ => &[],
    }
}

/// A class name that may be absent: the class file has it too.
fn optional_name(t: &Thread, name: Option<&[u8]>) -> JResult<Option<Sym>> {
    match name {
        Some(_) => class_name_symbol(t, name, NO_CLASS_DEF_FOUND).map(Some),
        None => Ok(None),
    }
}

fn define(
    t: &Thread,
    name: Option<&[u8]>,
    loader: ObjRef,
    bytes: &[u8],
    protection_domain: ObjRef,
    source: Option<&[u8]>,
) -> JResult<ObjRef> {
    let name = optional_name(t, name)?;
    let source = source.map(String::from_utf8_lossy);
    let request = DefineRequest {
        loader: loader_of(t, loader),
        name,
        bytes,
        protection_domain,
        source: Some(source.as_deref().unwrap_or("__JVM_DefineClass__")),
        hidden: None,
    };
    Ok(define_class(t, &request)?.mirror())
}

/// `ClassLoader.defineClass1`: the name with dots, the bytes a part of a `byte[]`.
fn define_from_array(t: &Thread, ask: &ArrayDefine) -> JResult<ObjRef> {
    const OUT_OF_BOUNDS: &str = "java/lang/ArrayIndexOutOfBoundsException";
    if ask.bytes.is_null() {
        return Err(npe(t));
    }
    if ask.length < 0 {
        return Err(throw_bare(t, OUT_OF_BOUNDS));
    }
    // SAFETY: a live `byte[]`.
    let available = unsafe { ask.bytes.array_length() };
    let end = i64::from(ask.offset) + i64::from(ask.length);
    if ask.offset < 0 || end > i64::from(available) {
        let message = format!("Array region {}..{end} out of bounds for length {available}", ask.offset);
        return Err(throw(t, OUT_OF_BOUNDS, &message));
    }
    let text = |string: ObjRef| (!string.is_null()).then(|| strings::to_mutf8(string));
    let name = text(ask.name).map(|n| name::to_internal(&n));
    let source = text(ask.source);
    // The definition copies the bytes before anything else: another thread may write to the array.
    // SAFETY: inside the array, which stays alive through `ask`.
    let bytes = unsafe {
        std::slice::from_raw_parts(element_addr(ask.bytes, 0, ask.offset as usize), ask.length as usize)
    };
    define(t, name.as_deref(), ask.loader, bytes, ask.protection_domain, source.as_deref())
}

struct ArrayDefine {
    loader: ObjRef,
    name: ObjRef,
    bytes: ObjRef,
    offset: i32,
    length: i32,
    protection_domain: ObjRef,
    source: ObjRef,
}

/// `ClassLoader.findLoadedClass0`: a class that the loader was recorded as initiating loader of.
fn find_loaded_class(t: &Thread, loader: ObjRef, name: ObjRef) -> JResult<ObjRef> {
    if name.is_null() {
        return Ok(ObjRef::NULL);
    }
    // A name that was never interned names no loaded class.
    let name = name::to_internal(&strings::to_mutf8(name));
    let found = t.vm().symbols.lookup(&name).and_then(|s| find_loaded(t, loader_of(t, loader), s));
    Ok(found.map_or(ObjRef::NULL, |k| k.mirror()))
}

/// `ClassLoader.findBootstrapClass`: null for names that the boot loader does not know or that name no class.
fn find_bootstrap_class(t: &Thread, name: ObjRef) -> JResult<ObjRef> {
    if name.is_null() {
        return Ok(ObjRef::NULL);
    }
    let given = strings::to_mutf8(name);
    let name = name::to_internal(&given);
    if given.contains(&b'/') || !name::is_class_name(&name, ANY_NAME_MAJOR) {
        return Ok(ObjRef::NULL);
    }
    Ok(find_boot_class(t, &name)?.map_or(ObjRef::NULL, |k| k.mirror()))
}

/// `MethodHandles.Lookup.ClassOption` and its internal companions (`MethodHandleNatives.Constants`).
mod flags {
    pub const NESTMATE: i32 = 1;
    pub const HIDDEN: i32 = 2;
    pub const STRONG: i32 = 4;
    pub const VM_ANNOTATIONS: i32 = 8;
}

/// Why these flags are not allowed for a class that is not hidden.
fn ordinary_class_problem(flags: i32, class_data: ObjRef) -> Option<String> {
    let text = if !class_data.is_null() {
        "classData is only applicable for hidden classes"
    } else if flags & flags::NESTMATE != 0 {
        "dynamic nestmate is only applicable for hidden classes"
    } else if flags & flags::STRONG == 0 {
        "an ordinary class must be strongly referenced by its defining loader"
    } else if flags & flags::VM_ANNOTATIONS != 0 {
        "vm annotations only allowed for hidden classes"
    } else if flags != flags::STRONG {
        return Some(format!("invalid flag 0x{flags:x}"));
    } else {
        return None;
    };
    Some(text.to_string())
}

/// What `Lookup.defineClass` and `defineHiddenClass` ask.
struct LookupDefine<'a> {
    lookup: ClassRef,
    name: Option<&'a [u8]>,
    bytes: &'a [u8],
    protection_domain: ObjRef,
    initialize: bool,
    flags: i32,
    class_data: ObjRef,
}

fn lookup_define(t: &Thread, ask: LookupDefine<'_>) -> JResult<ObjRef> {
    let has = |flag| ask.flags & flag != 0;
    // The nest host is determined, and its errors are raised, before the class file is read.
    let host = if has(flags::NESTMATE) { Some(access::nest_host(t, ask.lookup)?) } else { None };
    if !has(flags::HIDDEN)
        && let Some(problem) = ordinary_class_problem(ask.flags, ask.class_data)
    {
        return Err(throw(t, ILLEGAL_ARGUMENT, &problem));
    }
    let name = optional_name(t, ask.name)?;
    let source = host.map_or_else(|| "__JVM_LookupDefineClass__".to_string(), |h| h.external_name());
    let hidden = has(flags::HIDDEN).then(|| HiddenRequest {
        lookup: ask.lookup,
        nestmate: has(flags::NESTMATE),
        strong: has(flags::STRONG),
        vm_annotations: has(flags::VM_ANNOTATIONS),
        class_data: ask.class_data,
    });
    let class = define_class(
        t,
        &DefineRequest {
            // A hidden lookup class has metadata of its own, but its loader defines the new class.
            loader: loader_of(t, ask.lookup.loader.object()),
            name,
            bytes: ask.bytes,
            protection_domain: ask.protection_domain,
            source: Some(&source),
            hidden,
        },
    )?;
    if ask.initialize {
        init::initialize(t, class)?;
    } else {
        link::link_class(t, class)?;
    }
    Ok(class.mirror())
}

jvm_entry! {
    /// A class of the boot loader by internal name, null when there is none.
    fn JVM_FindClassFromBootLoader(t; name: c::CStr) -> c::jclass {
        // SAFETY: a C string of the caller, as in every function of this file.
        let Some(name) = (unsafe { c_bytes(name) }) else { return Ok(std::ptr::null_mut()) };
        let class = find_boot_class(t, name)?;
        Ok(local(t, class.map_or(ObjRef::NULL, |k| k.mirror())))
    }
    /// `Class.forName`.
    fn JVM_FindClassFromCaller(t; name: c::CStr, init: c::jboolean, loader: c::jobject, caller: c::jclass) -> c::jclass {
        // SAFETY: as above, and handles of the caller.
        let (name, loader) = unsafe { (c_bytes(name), obj(loader)) };
        // SAFETY: as above.
        let caller = unsafe { obj(caller) };
        let name = class_name_symbol(t, name, CLASS_NOT_FOUND)?;
        let loader = loader_of(t, loader);
        let class = load_class(t, loader, name)?;
        if !caller.is_null() {
            access::check_package_access(t, class_of(caller), loader, class)?;
        }
        initialize_if(t, class, init != 0)?;
        Ok(local(t, class.mirror()))
    }
    /// For the verifier of old class files: a class as seen by another.
    fn JVM_FindClassFromClass(t; name: c::CStr, init: c::jboolean, from: c::jclass) -> c::jclass {
        // SAFETY: as above.
        let (name, from) = unsafe { (c_bytes(name), obj(from)) };
        let name = class_name_symbol(t, name, CLASS_NOT_FOUND)?;
        let loader = if from.is_null() { t.vm().loaders.boot() } else { class_of(from).loader };
        let class = load_or_no_class_def(t, loader, name)?;
        initialize_if(t, class, init != 0)?;
        Ok(local(t, class.mirror()))
    }
    /// A class that this loader was recorded as initiating loader of; never loads one.
    fn JVM_FindLoadedClass(t; loader: c::jobject, name: c::jstring) -> c::jclass {
        // SAFETY: as above.
        let (loader, name) = unsafe { (obj(loader), obj(name)) };
        Ok(local(t, find_loaded_class(t, loader, name)?))
    }
    /// `ClassLoader.defineClass`.
    fn JVM_DefineClass(t; name: c::CStr, loader: c::jobject, buf: *const c::jbyte, len: c::jsize, pd: c::jobject) -> c::jclass {
        // SAFETY: as above.
        let (name, bytes) = unsafe { (c_bytes(name), class_bytes(buf, len)) };
        // SAFETY: as above.
        let (loader, pd) = unsafe { (obj(loader), obj(pd)) };
        Ok(local(t, define(t, name, loader, bytes, pd, None)?))
    }
    /// `ClassLoader.defineClass1` and `defineClass2`: with the place it comes from.
    fn JVM_DefineClassWithSource(t; name: c::CStr, loader: c::jobject, buf: *const c::jbyte, len: c::jsize, pd: c::jobject, source: c::CStr) -> c::jclass {
        // SAFETY: as above.
        let (name, bytes, source) = unsafe { (c_bytes(name), class_bytes(buf, len), c_bytes(source)) };
        // SAFETY: as above.
        let (loader, pd) = unsafe { (obj(loader), obj(pd)) };
        Ok(local(t, define(t, name, loader, bytes, pd, source)?))
    }
    /// `Lookup.defineClass`, `Lookup.defineHiddenClass`.
    fn JVM_LookupDefineClass(t; lookup: c::jclass, name: c::CStr, buf: *const c::jbyte, len: c::jsize, pd: c::jobject, initialize: c::jboolean, flags: i32, class_data: c::jobject) -> c::jclass {
        // SAFETY: as above.
        let (name, bytes) = unsafe { (c_bytes(name), class_bytes(buf, len)) };
        // SAFETY: as above.
        let (lookup, pd, class_data) = unsafe { (obj(lookup), obj(pd), obj(class_data)) };
        if lookup.is_null() || class_of(lookup).kind != ClassKind::Instance {
            return Err(throw(t, ILLEGAL_ARGUMENT, "Lookup class is null"));
        }
        let ask = LookupDefine {
            lookup: class_of(lookup),
            name,
            bytes,
            protection_domain: pd,
            initialize: initialize != 0,
            flags,
            class_data,
        };
        Ok(local(t, lookup_define(t, ask)?))
    }
}

internal_natives! {
    fn for_name_native(t, a) {
        for_name(t, a.obj(0), a.boolean(1), a.obj(2)).map(ref_slot)
    }
    fn find_bootstrap_class_native(t, a) {
        find_bootstrap_class(t, a.obj(0)).map(ref_slot)
    }
    fn find_loaded_class_native(t, a) {
        find_loaded_class(t, a.obj(0), a.obj(1)).map(ref_slot)
    }
    fn define_class_native(t, a) {
        let ask = ArrayDefine {
            loader: a.obj(0),
            name: a.obj(1),
            bytes: a.obj(2),
            offset: a.int(3),
            length: a.int(4),
            protection_domain: a.obj(5),
            source: a.obj(6),
        };
        define_from_array(t, &ask).map(ref_slot)
    }
}

/// Natives of `Class` and `ClassLoader` that find and define classes.
pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "java/lang/Class",
        &[(
            "forName0",
            "(Ljava/lang/String;ZLjava/lang/ClassLoader;Ljava/lang/Class;)Ljava/lang/Class;",
            for_name_native,
        )],
    ),
    (
        "java/lang/ClassLoader",
        &[
            ("findBootstrapClass", "(Ljava/lang/String;)Ljava/lang/Class;", find_bootstrap_class_native),
            ("findLoadedClass0", "(Ljava/lang/String;)Ljava/lang/Class;", find_loaded_class_native),
            (
                "defineClass1",
                "(Ljava/lang/ClassLoader;Ljava/lang/String;[BIILjava/security/ProtectionDomain;Ljava/lang/String;)\
                 Ljava/lang/Class;",
                define_class_native,
            ),
        ],
    ),
];
