//! Classes and objects (JVMTI, "Class", "Object", and `GetLoadedClasses` with its kin).

use super::entry::{c_string, class, given, local, object, put, put_array, put_optional, resolve};
use super::types::{Answer, Capabilities, Error};
use caturra_jni::types::{jboolean, jclass, jfieldID, jint, jlong, jmethodID, jobject};
use caturra_kernel::loading::loader;
use caturra_kernel::oops::class::{ClassKind, InitState};
use caturra_kernel::oops::field::FieldFlags;
use caturra_kernel::runtime::monitor;
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::c_char;

/// `JVMTI_CLASS_STATUS_…`.
const VERIFIED: jint = 1;
const PREPARED: jint = 2;
const INITIALIZED: jint = 4;
const ERROR: jint = 8;
const ARRAY: jint = 16;
const PRIMITIVE: jint = 32;

/// A class as a field descriptor; a hidden class keeps its suffix behind a dot.
fn signature(c: ClassRef) -> Vec<u8> {
    match c.kind {
        ClassKind::Primitive => vec![c.element_type.to_char()],
        ClassKind::Instance => {
            let name = c.name.to_str();
            let name = match name.rfind('+').filter(|_| c.is_hidden()) {
                Some(at) => format!("{}.{}", &name[..at], &name[at + 1..]),
                None => name,
            };
            format!("L{name};").into_bytes()
        }
        _ => c.name.bytes().to_vec(),
    }
}

fn status(c: ClassRef) -> jint {
    match c.kind {
        ClassKind::Primitive => PRIMITIVE,
        ClassKind::Instance => match c.state() {
            InitState::Loaded => 0,
            InitState::Linked | InitState::BeingInitialized => VERIFIED | PREPARED,
            InitState::Initialized => VERIFIED | PREPARED | INITIALIZED,
            InitState::Erroneous => ERROR,
        },
        _ => ARRAY,
    }
}

/// Instance classes only, that are prepared: those that have members to show.
fn prepared(t: &Thread, handle: jclass) -> Answer<ClassRef> {
    let c = class(t, handle)?;
    if c.kind == ClassKind::Instance && !c.is_linked() { Err(Error::CLASS_NOT_PREPARED) } else { Ok(c) }
}

fn mirrors(t: &Thread, classes: impl Iterator<Item = ClassRef>) -> Vec<jclass> {
    classes.map(|c| c.mirror()).filter(|m| !m.is_null()).map(|m| local(t, m)).collect()
}

jvmti_functions! {
    /// `GetClassSignature`.
    java fn GetClassSignature((_, t), klass: jclass, text: *mut *mut c_char, generic: *mut *mut c_char) {
        let c = class(t, klass)?;
        if !text.is_null() {
            put(text, c_string(&signature(c))?)?;
        }
        if !generic.is_null() {
            put(generic, match c.extra.generic_signature {
                Some(g) if c.is_instance_class() => c_string(g.bytes())?,
                _ => std::ptr::null_mut(),
            })?;
        }
        Ok(())
    }

    /// `GetClassStatus`.
    java fn GetClassStatus((_, t), klass: jclass, bits: *mut jint) {
        put(bits, status(class(t, klass)?))
    }

    /// `GetSourceFileName`.
    java fn GetSourceFileName((env, t), klass: jclass, name: *mut *mut c_char) {
        env.require(Capabilities::GET_SOURCE_FILE_NAME)?;
        given(name)?;
        let c = class(t, klass)?;
        let file = c.extra.source_file.filter(|_| c.is_instance_class()).ok_or(Error::ABSENT_INFORMATION)?;
        put(name, c_string(file.bytes())?)
    }

    /// `GetSourceDebugExtension`.
    java fn GetSourceDebugExtension((env, t), klass: jclass, text: *mut *mut c_char) {
        env.require(Capabilities::GET_SOURCE_DEBUG_EXTENSION)?;
        given(text)?;
        let c = class(t, klass)?;
        let bytes = c.extra.source_debug_extension.filter(|_| c.is_instance_class());
        put(text, c_string(bytes.ok_or(Error::ABSENT_INFORMATION)?)?)
    }

    /// `GetClassModifiers`.
    java fn GetClassModifiers((_, t), klass: jclass, modifiers: *mut jint) {
        let c = class(t, klass)?;
        let inner = c.extra.inner_classes.iter().find(|i| c.is_instance_class() && i.inner == c.extra.this_index);
        put(modifiers, jint::from(inner.map_or(c.access, |i| i.flags)) & !0x20)
    }

    /// `GetClassMethods`.
    java fn GetClassMethods((_, t), klass: jclass, count: *mut jint, methods: *mut *mut jmethodID) {
        let c = prepared(t, klass)?;
        let all: Vec<_> = c.methods.iter().map(|m| jmethodID::of(*m)).collect();
        put_array(count, methods, &all)
    }

    /// `GetClassFields`.
    java fn GetClassFields((_, t), klass: jclass, count: *mut jint, fields: *mut *mut jfieldID) {
        let c = prepared(t, klass)?;
        let declared = c.fields.iter().filter(|f| !f.flags.contains(FieldFlags::INJECTED));
        let all: Vec<_> = declared.map(|f| jfieldID::of(*f)).collect();
        put_array(count, fields, &all)
    }

    /// `GetImplementedInterfaces`: the direct ones.
    java fn GetImplementedInterfaces((_, t), klass: jclass, count: *mut jint, interfaces: *mut *mut jclass) {
        let c = prepared(t, klass)?;
        let direct: &[ClassRef] = if c.is_instance_class() { c.interfaces } else { &[] };
        put_array(count, interfaces, &mirrors(t, direct.iter().copied()))
    }

    /// `GetClassVersionNumbers`.
    java fn GetClassVersionNumbers((_, t), klass: jclass, minor: *mut jint, major: *mut jint) {
        let c = class(t, klass)?;
        if !c.is_instance_class() {
            return Err(Error::ABSENT_INFORMATION);
        }
        put(minor, c.extra.minor_version.into())?;
        put(major, c.extra.major_version.into())
    }

    /// `IsInterface`.
    java fn IsInterface((_, t), klass: jclass, answer: *mut jboolean) {
        put(answer, class(t, klass)?.is_interface().into())
    }

    /// `IsArrayClass`.
    java fn IsArrayClass((_, t), klass: jclass, answer: *mut jboolean) {
        put(answer, class(t, klass)?.is_array().into())
    }

    /// `IsModifiableClass`.
    java fn IsModifiableClass((_, t), klass: jclass, answer: *mut jboolean) {
        put(answer, super::redefine::is_modifiable(class(t, klass)?).into())
    }

    /// `GetClassLoader`.
    java fn GetClassLoader((_, t), klass: jclass, loader: *mut jobject) {
        put(loader, local(t, class(t, klass)?.loader.object()))
    }

    /// `GetLoadedClasses`.
    java fn GetLoadedClasses((_, t), count: *mut jint, classes: *mut *mut jclass) {
        put_array(count, classes, &mirrors(t, t.vm().loaders.all_classes().into_iter()))
    }

    /// `GetClassLoaderClasses`: those that the loader is recorded as initiating loader of.
    java fn GetClassLoaderClasses((_, t), initiating: jobject, count: *mut jint, classes: *mut *mut jclass) {
        let object = resolve(initiating);
        // SAFETY: a live object.
        if !object.is_null() && !unsafe { ClassRef::of(object) }.is_subclass_of(t.vm().wk.class_loader()) {
            return Err(Error::ILLEGAL_ARGUMENT);
        }
        let found = loader::loader_of(t, object).visible_classes();
        put_array(count, classes, &mirrors(t, found.into_iter()))
    }

    /// `GetObjectSize`.
    java fn GetObjectSize((_, t), handle: jobject, size: *mut jlong) {
        let object = object(handle)?;
        // SAFETY: a live object.
        put(size, unsafe { t.vm().heap.object_size(object) } as jlong)
    }

    /// `GetObjectHashCode`.
    java fn GetObjectHashCode((_, t), handle: jobject, hash: *mut jint) {
        put(hash, monitor::identity_hash(t, object(handle)?))
    }

    /// `ForceGarbageCollection`.
    live fn ForceGarbageCollection((_, t)) {
        t.vm().heap.collect(t.vm(), caturra_heap::GcCause::SystemGc, false);
        Ok(())
    }

    /// `GetCurrentContendedMonitor`.
    live fn GetCurrentContendedMonitor((env, t), thread: jobject, monitor: *mut jobject) {
        env.require(Capabilities::GET_CURRENT_CONTENDED_MONITOR)?;
        given(monitor)?;
        let thread = super::entry::live_thread(t, thread)?;
        let found = caturra_kernel::runtime::thread_list::with_stopped(t, thread, |x| x.blocked_on.get());
        put_optional(monitor, || local(t, found.unwrap_or(ObjRef::NULL)));
        Ok(())
    }
}
