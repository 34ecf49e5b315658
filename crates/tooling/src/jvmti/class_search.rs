//! Where class loaders look, as agents extend it (JVMTI, "Class Loader Search").

use super::entry::bytes_of;
use super::env::Env;
use super::types::{Answer, Error, PHASE_LIVE, PHASE_ONLOAD};
use caturra_jni::types::jint;
use caturra_kernel::loading::boot_path::PathEntry;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::{calls, exceptions, strings};
use caturra_kernel::{ObjRef, Thread, Vm};
use std::ffi::c_char;

fn path_of(segment: *const c_char) -> Answer<String> {
    Ok(String::from_utf8_lossy(bytes_of(segment)?).into_owned())
}

/// Appends to a property that holds a path.
fn append_to_property(vm: &Vm, key: &str, segment: &str) {
    let mut all = vm.options.system_properties.lock();
    match all.iter_mut().rev().find(|(k, _)| k == key) {
        Some((_, value)) => {
            if !value.is_empty() {
                value.push(':');
            }
            value.push_str(segment);
        }
        None => all.push((key.to_owned(), segment.to_owned())),
    }
}

fn append_to_boot_path(vm: &Vm, segment: &str) -> Answer {
    let path = vm.loaders.boot_path.get().ok_or(Error::INTERNAL)?;
    // What does not exist is left out, as in the option `-Xbootclasspath/a`.
    path.append.write().extend(PathEntry::new(segment));
    Ok(())
}

/// Asks the system class loader to look there too.
fn append_to_system_loader(env: &Env, t: &Thread, segment: &str) -> Answer {
    const METHOD: (&str, &str) = ("appendToClassPathForInstrumentation", "(Ljava/lang/String;)V");
    let unsupported = |t: &Thread| {
        exceptions::take_pending(t);
        Error::CLASS_LOADER_UNSUPPORTED
    };
    let loader =
        calls::invoke(t, env.vm.methods.class_loader_get_system(), &[]).map_err(|_| unsupported(t))?;
    let loader = ObjRef::from_raw(loader as u32);
    let path = strings::new_string(t, segment).map_err(|_| unsupported(t))?;
    calls::call_method(t, loader, METHOD.0, METHOD.1, &[u64::from(path.raw())])
        .map(|_| ())
        .map_err(|_| unsupported(t))
}

jvmti_functions! {
    /// `AddToBootstrapClassLoaderSearch`.
    any fn AddToBootstrapClassLoaderSearch(env, segment: *const c_char) {
        let segment = path_of(segment)?;
        match super::phase(env.vm) {
            PHASE_ONLOAD => {
                append_to_property(env.vm, "jdk.boot.class.path.append", &segment);
                append_to_boot_path(env.vm, &segment)
            }
            // A running VM takes archives only.
            PHASE_LIVE if !std::path::Path::new(&segment).is_file() => Err(Error::ILLEGAL_ARGUMENT),
            PHASE_LIVE => append_to_boot_path(env.vm, &segment),
            _ => Err(Error::WRONG_PHASE),
        }
    }

    /// `AddToSystemClassLoaderSearch`.
    any fn AddToSystemClassLoaderSearch(env, segment: *const c_char) {
        let segment = path_of(segment)?;
        match super::phase(env.vm) {
            PHASE_ONLOAD => {
                append_to_property(env.vm, "java.class.path", &segment);
                Ok(())
            }
            PHASE_LIVE if !std::path::Path::new(&segment).is_file() => Err(Error::ILLEGAL_ARGUMENT),
            PHASE_LIVE => {
                let t = Thread::current().ok_or(Error::UNATTACHED_THREAD)?;
                let _java = JavaScope::enter(t);
                append_to_system_loader(env, t, &segment)
            }
            _ => Err(Error::WRONG_PHASE),
        }
    }

    /// `SetNativeMethodPrefixes`: none is always allowed.
    any fn SetNativeMethodPrefixes(env, count: jint, prefixes: *mut *mut c_char) {
        if count == 0 {
            env.prefixes.lock().clear();
            return Ok(());
        }
        super::entry::given(prefixes)?;
        env.require(super::types::Capabilities::SET_NATIVE_METHOD_PREFIX)
    }
}
