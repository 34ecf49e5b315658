//! Redefinition and retransformation of classes (JVMTI, `RedefineClasses`, `RetransformClasses`).

use super::entry::{class, given};
use super::registry;
use super::types::{Answer, Capabilities, Error, jvmtiClassDefinition};
use caturra_jni::types::{jclass, jint};
use caturra_kernel::loading::redefine::{self, Redefinition, Refusal};
use caturra_kernel::runtime::exceptions;
use caturra_kernel::runtime::safepoint::BlockedScope;
use caturra_kernel::runtime::tools::ClassFileEvent;
use caturra_kernel::{ClassRef, ObjRef, Thread};

pub use caturra_kernel::loading::redefine::is_modifiable;

/// The error for an exception that reading, linking or verifying the new definition has thrown.
fn of_exception(t: &Thread) -> Error {
    let thrown = exceptions::take_pending(t);
    // SAFETY: the exception that was pending.
    let name = unsafe { ClassRef::of(thrown) }.name.to_str();
    match name.as_str() {
        "java/lang/UnsupportedClassVersionError" => Error::UNSUPPORTED_VERSION,
        "java/lang/ClassFormatError" => Error::INVALID_CLASS_FORMAT,
        "java/lang/ClassCircularityError" => Error::CIRCULAR_CLASS_DEFINITION,
        "java/lang/NoClassDefFoundError" => Error::NAMES_DONT_MATCH,
        "java/lang/OutOfMemoryError" => Error::OUT_OF_MEMORY,
        "java/lang/VerifyError" => Error::FAILS_VERIFICATION,
        _ => Error::INTERNAL,
    }
}

fn error(t: &Thread, refusal: Refusal) -> Error {
    match refusal {
        Refusal::Unmodifiable => Error::UNMODIFIABLE_CLASS,
        Refusal::MethodAdded => Error::UNSUPPORTED_REDEFINITION_METHOD_ADDED,
        Refusal::MethodDeleted => Error::UNSUPPORTED_REDEFINITION_METHOD_DELETED,
        Refusal::SchemaChanged => Error::UNSUPPORTED_REDEFINITION_SCHEMA_CHANGED,
        Refusal::HierarchyChanged => Error::UNSUPPORTED_REDEFINITION_HIERARCHY_CHANGED,
        Refusal::ClassModifiersChanged => Error::UNSUPPORTED_REDEFINITION_CLASS_MODIFIERS_CHANGED,
        Refusal::MethodModifiersChanged => Error::UNSUPPORTED_REDEFINITION_METHOD_MODIFIERS_CHANGED,
        Refusal::ClassAttributeChanged => Error::UNSUPPORTED_REDEFINITION_CLASS_ATTRIBUTE_CHANGED,
        Refusal::Thrown(_) => of_exception(t),
    }
}

/// Offers new bytes to the agents, then checks what comes out.
fn prepare(t: &Thread, class: ClassRef, bytes: &[u8], again: bool) -> Answer<Redefinition> {
    if !is_modifiable(class) {
        return Err(Error::UNMODIFIABLE_CLASS);
    }
    // SAFETY: the protection domain is a reference field of a live mirror.
    let domain = unsafe { class.mirror().load_ref(t.vm().off.class_protection_domain() as usize) };
    let event = ClassFileEvent {
        loader: class.loader,
        name: Some(class.name),
        protection_domain: domain,
        bytes,
        redefined: Some(class),
        again,
    };
    let changed = super::events::class_file(t, &event);
    let (new, original) = match &changed {
        Some(c) => (c.bytes.as_slice(), Some(c.original.as_deref().unwrap_or(&c.bytes))),
        None => (bytes, None),
    };
    // What retransformation begins with is not changed by it.
    let original = if again { Some(bytes) } else { original };
    redefine::prepare(t, class, new, original).map_err(|r| error(t, r))
}

/// Redefines all or none. One thread at a time; agents may load classes meanwhile, but not redefine any.
fn redefine_all(t: &Thread, all: impl Fn() -> Answer<Vec<Redefinition>>) -> Answer {
    let pending = t.pending.replace(ObjRef::NULL);
    let result = all().and_then(|definitions| {
        let _turn = {
            let _blocked = BlockedScope::enter(t);
            registry(t.vm()).redefining.lock()
        };
        redefine::apply(t, &definitions).map_err(|_| of_exception(t))
    });
    t.pending.set(pending);
    result
}

jvmti_functions! {
    /// `RedefineClasses`.
    live fn RedefineClasses((env, t), count: jint, definitions: *const jvmtiClassDefinition) {
        env.require(Capabilities::REDEFINE_CLASSES)?;
        let count = usize::try_from(count).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        given(definitions)?;
        redefine_all(t, || {
            let mut all = Vec::with_capacity(count);
            for i in 0..count {
                // SAFETY: the agent passes an array of `count` definitions, each with its bytes.
                let (handle, bytes) = unsafe {
                    let d = &*definitions.add(i);
                    given(d.class_bytes)?;
                    let length = usize::try_from(d.class_byte_count).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
                    (d.klass, std::slice::from_raw_parts(d.class_bytes, length))
                };
                all.push(prepare(t, class(t, handle)?, bytes, false)?);
            }
            Ok(all)
        })
    }

    /// `RetransformClasses`.
    live fn RetransformClasses((env, t), count: jint, classes: *const jclass) {
        env.require(Capabilities::RETRANSFORM_CLASSES)?;
        let count = usize::try_from(count).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        given(classes)?;
        redefine_all(t, || {
            let mut all = Vec::with_capacity(count);
            for i in 0..count {
                // SAFETY: the agent passes an array of `count` classes.
                let c = class(t, unsafe { *classes.add(i) })?;
                if !is_modifiable(c) {
                    return Err(Error::UNMODIFIABLE_CLASS);
                }
                all.push(prepare(t, c, c.class_file, true)?);
            }
            Ok(all)
        })
    }
}
