//! Classes, method ids and instance tests (JNI, chapter 4, "Class Operations", "Object Operations", "Module
//! Operations").

use crate::handles::{c_bytes, c_text, class, class_of, local, object, resolve};
use crate::types::*;
use caturra_kernel::linking::{init, resolve as linker};
use caturra_kernel::loading::define::{self, DefineRequest};
use caturra_kernel::loading::loader::{self, LoaderRef};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::calls;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::frames::{self, Activation};
use caturra_kernel::runtime::vm::Phase;
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread};
use std::ffi::c_char;

const NO_CLASS_DEF_FOUND: &str = "java/lang/NoClassDefFoundError";

/// Longest name that a constant pool can hold (JVMS §4.4.7).
const MAX_NAME: usize = 65535;

/// The symbol of a class name passed by native code.
fn class_name(t: &Thread, name: *const c_char) -> JResult<Sym> {
    let bytes = c_bytes(name);
    if name.is_null() {
        return Err(exceptions::throw(t, NO_CLASS_DEF_FOUND, "No class name given"));
    }
    if bytes.len() > MAX_NAME {
        let message = format!("Class name exceeds maximum length of {MAX_NAME}: {}", c_text(name));
        return Err(exceptions::throw(t, NO_CLASS_DEF_FOUND, &message));
    }
    Ok(t.vm().symbols.intern_bytes(bytes))
}

/// Whether the stack walk that looks for a caller passes over this method: reflection's own, and lambda forms.
fn is_transparent(t: &Thread, activation: &Activation<'_>) -> bool {
    let class = activation.class();
    let is_accessor = || {
        class
            .superclasses()
            .any(|c| c.loader.is_boot() && c.name == "jdk/internal/reflect/MethodAccessorImpl")
    };
    activation.is_hidden()
        || class == t.vm().wk.reflect_method() && activation.method.name == "invoke"
        || is_accessor()
}

/// The class of the `depth`th method on the stack: 0 is that of the running native method.
pub fn caller(t: &Thread, depth: usize) -> Option<ClassRef> {
    frames::walk(t).filter(|a| !is_transparent(t, a)).nth(depth).map(|a| a.class())
}

/// The loader on whose behalf a native method looks for classes.
fn calling_loader(t: &Thread) -> JResult<LoaderRef> {
    let Some(class) = caller(t, 0) else { return system_loader(t) };
    if !class.loader.is_boot() || class.name != "jdk/internal/loader/NativeLibraries" {
        return Ok(loader::loader_of(t, class.loader.object()));
    }
    // JNI_OnLoad and JNI_OnUnload run on behalf of the class that loads the library.
    let mirror = calls::call_static(t, class, "getFromClass", "()Ljava/lang/Class;", &[])?;
    match ObjRef::from_raw(mirror as u32) {
        ObjRef::NULL => system_loader(t),
        mirror => Ok(loader::loader_of(t, mirrors::class_of(mirror).loader.object())),
    }
}

/// The system class loader; the boot loader before there is one.
fn system_loader(t: &Thread) -> JResult<LoaderRef> {
    let vm = t.vm();
    if vm.phase() < Phase::Live {
        return Ok(vm.loaders.boot());
    }
    let object = calls::invoke(t, vm.methods.class_loader_get_system(), &[])?;
    Ok(loader::loader_of(t, ObjRef::from_raw(object as u32)))
}

/// Loads a class as the resolution of a symbolic reference would.
fn load(t: &Thread, loader: LoaderRef, name: Sym) -> JResult<ClassRef> {
    linker::load_or_no_class_def(t, loader, without_envelope(t, name))
}

/// A name without the `L` and `;` of a descriptor, which the reference JDK forgives.
fn without_envelope(t: &Thread, name: Sym) -> Sym {
    match name.bytes() {
        [b'L', inner @ .., b';'] if !inner.is_empty() => t.vm().symbols.intern_bytes(inner),
        _ => name,
    }
}

fn find_method(t: &Thread, class: ClassRef, name: Sym, signature: Sym) -> Option<MethodRef> {
    let sym = &t.vm().sym;
    if name == sym.object_initializer || name == sym.class_initializer {
        // Not inherited.
        return class.is_instance_class().then(|| class.declared_method(name, signature)).flatten();
    }
    if class.is_instance_class() {
        linker::lookup_method(class, name, signature)
    } else {
        class.find_method_in_classes(name, signature)
    }
}

/// A class as a field descriptor.
fn descriptor(class: ClassRef) -> String {
    match class.kind {
        ClassKind::Primitive => char::from(class.element_type.to_char()).to_string(),
        ClassKind::Instance => format!("L{};", class.name),
        _ => class.name.to_string(),
    }
}

fn method_id(
    t: &Thread,
    class_handle: jclass,
    name: *const c_char,
    signature: *const c_char,
    is_static: bool,
) -> JResult<jmethodID> {
    let class = class(t, class_handle)?;
    let symbols = &t.vm().symbols;
    let name_bytes = if name.is_null() { b"<init>" } else { c_bytes(name) };
    let no_such_method =
        |message: &str| -> Thrown { exceptions::throw(t, "java/lang/NoSuchMethodError", message) };
    let (Some(name), Some(signature)) = (symbols.lookup(name_bytes), symbols.lookup(c_bytes(signature)))
    else {
        return Err(no_such_method(&caturra_bytecode::mutf8::to_string_lossy(name_bytes)));
    };
    if !class.is_primitive() {
        init::initialize(t, class)?;
        if let Some(m) = find_method(t, class, name, signature).filter(|m| m.is_static() == is_static) {
            return Ok(jmethodID::of(m));
        }
    }
    let kind = if is_static { "static " } else { "" };
    Err(no_such_method(&format!("{kind}{}.{name}{signature}", descriptor(class))))
}

jni_functions! {
    /// `GetVersion`.
    leaf fn GetVersion(_) -> jint; {
        Ok(JNI_VERSION_10)
    }
    /// `DefineClass`.
    entry fn DefineClass(t, name: *const c_char, loader: jobject, bytes: *const jbyte, len: jsize) -> jclass; {
        let name = if name.is_null() { None } else { Some(class_name(t, name)?) };
        let bytes = if bytes.is_null() || len <= 0 {
            &[]
        } else {
            // SAFETY: native code passes `len` bytes.
            unsafe { std::slice::from_raw_parts(bytes.cast(), len as usize) }
        };
        let class = define::define_class(t, &DefineRequest {
            loader: loader::loader_of(t, resolve(loader)),
            name,
            bytes,
            protection_domain: ObjRef::NULL,
            source: None,
            hidden: None,
        })?;
        Ok(local(t, class.mirror()))
    }
    /// `FindClass`: loads by the loader of the calling native method's class, and initializes.
    entry fn FindClass(t, name: *const c_char) -> jclass; {
        let name = class_name(t, name)?;
        let loader = calling_loader(t)?;
        let class = load(t, loader, name)?;
        if class.is_instance_class() {
            init::initialize(t, class)?;
        }
        Ok(local(t, class.mirror()))
    }
    /// `GetSuperclass`: null for interfaces and primitive types.
    plain fn GetSuperclass(t, sub: jclass) -> jclass; {
        let class = class(t, sub)?;
        let superclass = if class.is_interface() || class.is_primitive() { None } else { class.super_class };
        Ok(superclass.map_or(jobject::NULL, |c| local(t, c.mirror())))
    }
    /// `IsAssignableFrom`.
    plain fn IsAssignableFrom(t, sub: jclass, sup: jclass) -> jboolean; {
        let (sub, sup) = (class(t, sub)?, class(t, sup)?);
        Ok(jboolean::from(sub == sup || !sub.is_primitive() && !sup.is_primitive() && sub.is_subclass_of(sup)))
    }
    /// `GetModule`.
    entry fn GetModule(t, class: jclass) -> jobject; {
        if class.is_null() {
            return Err(exceptions::throw(t, "java/lang/NullPointerException", "class is null"));
        }
        let mirror = resolve(class);
        if mirror.is_null() {
            return Ok(jobject::NULL);
        }
        if class_of(mirror) != t.vm().wk.class() {
            return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "Invalid class"));
        }
        // SAFETY: a class mirror has this field.
        Ok(local(t, unsafe { mirror.load_ref(t.vm().off.class_module() as usize) }))
    }
    /// `GetObjectClass`.
    plain fn GetObjectClass(t, handle: jobject) -> jclass; {
        Ok(local(t, class_of(object(t, handle)?).mirror()))
    }
    /// `IsInstanceOf`: null is an instance of every class.
    plain fn IsInstanceOf(t, handle: jobject, of: jclass) -> jboolean; {
        let object = resolve(handle);
        if object.is_null() {
            return Ok(JNI_TRUE);
        }
        let of = class(t, of)?;
        Ok(jboolean::from(!of.is_primitive() && class_of(object).is_subclass_of(of)))
    }
    /// `GetMethodID`: initializes the class.
    entry fn GetMethodID(t, class: jclass, name: *const c_char, signature: *const c_char) -> jmethodID; {
        method_id(t, class, name, signature, false)
    }
    /// `GetStaticMethodID`: initializes the class.
    entry fn GetStaticMethodID(t, class: jclass, name: *const c_char, signature: *const c_char) -> jmethodID; {
        method_id(t, class, name, signature, true)
    }
    /// `IsVirtualThread` (JNI 21): false in releases that have no virtual threads.
    plain fn IsVirtualThread(t, handle: jobject) -> jboolean; {
        let object = resolve(handle);
        let vm = t.vm();
        let base = vm.symbols.lookup(b"java/lang/BaseVirtualThread").and_then(|name| vm.loaders.boot().find(name));
        Ok(jboolean::from(!object.is_null() && base.is_some_and(|base| class_of(object).is_subclass_of(base))))
    }
}
