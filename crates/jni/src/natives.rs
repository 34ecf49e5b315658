//! `RegisterNatives` and `UnregisterNatives` (JNI, chapter 4, "Registering Native Methods").

use crate::classes::caller;
use crate::handles::{c_bytes, c_text, class, class_of};
use crate::lookup;
use crate::types::*;
use caturra_kernel::oops::method::external_name;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::{ClassRef, MethodKind, MethodRef, Thread};
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

fn no_such_method(t: &Thread, message: &str) -> Thrown {
    exceptions::throw(t, "java/lang/NoSuchMethodError", message)
}

/// Whether the VM implements the method itself: that takes precedence over what the JDK's libraries register.
fn is_internal(t: &Thread, method: MethodRef) -> bool {
    method.kind() == MethodKind::Internal
        || method.holder.loader.is_boot() && (t.vm().engine().internal_native)(method).is_some()
}

/// Whether a native method of the platform is being bound by code of another loader, which is worth a warning.
fn is_foreign(t: &Thread, class: ClassRef) -> bool {
    let loader = class.loader.object();
    let is_platform =
        loader.is_null() || class_of(loader).name == "jdk/internal/loader/ClassLoaders$PlatformClassLoader";
    class.is_instance_class()
        && is_platform
        && class.module().is_named()
        && caller(t, 1).is_none_or(|c| c.loader.object() != loader)
}

fn register(t: &Thread, class: ClassRef, row: &JNINativeMethod, foreign: bool) -> JResult<()> {
    let symbols = &t.vm().symbols;
    let names = symbols.lookup(c_bytes(row.name)).zip(symbols.lookup(c_bytes(row.signature)));
    let Some((name, signature)) = names else {
        let (name, signature) = (c_text(row.name), c_text(row.signature));
        let message = format!("Method {}.{name}{signature} not found", class.external_name());
        return Err(no_such_method(t, &message));
    };
    if foreign {
        lookup::warn(
            t,
            &format!(
                "Re-registering of platform native method: {}.{name}{signature} from code in a different classloader",
                class.external_name()
            ),
        );
    }
    let described = || external_name(&class.external_name(), name, signature);
    let Some(method) = class.find_method_in_classes(name, signature) else {
        return Err(no_such_method(t, &format!("Method '{}' name or signature does not match", described())));
    };
    if !method.is_native() {
        return Err(no_such_method(t, &format!("Method '{}' is not declared as native", described())));
    }
    if !is_internal(t, method) {
        method.native_fn.store(row.fn_ptr, Ordering::Release);
    }
    lookup::report(t, || {
        format!("Registering JNI native method {}.{}", method.holder.external_name(), method.name)
    });
    Ok(())
}

jni_functions! {
    /// `RegisterNatives`: a null function unbinds the method.
    entry fn RegisterNatives(t, class_handle: jclass, rows: *const JNINativeMethod, count: jint) -> jint, else JNI_ERR; {
        let class = class(t, class_handle)?;
        let foreign = is_foreign(t, class);
        for i in 0..count.max(0) as usize {
            // SAFETY: native code passes `count` rows.
            register(t, class, unsafe { &*rows.add(i) }, foreign)?;
        }
        Ok(JNI_OK)
    }
    /// `UnregisterNatives`: the next call looks the functions up anew.
    entry fn UnregisterNatives(t, class_handle: jclass) -> jint; {
        for method in class(t, class_handle)?.methods {
            if method.kind() == MethodKind::Native {
                method.native_fn.store(null_mut(), Ordering::Release);
            }
        }
        Ok(JNI_OK)
    }
}
