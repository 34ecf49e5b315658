//! Local, global and weak global references (JNI, chapter 4, "Global and Local References", "Weak Global References").

use crate::handles::{local, resolve};
use crate::types::*;
use caturra_kernel::Thread;
use caturra_kernel::runtime::frames;
use caturra_kernel::runtime::handles::HandleKind;

/// Largest capacity that may be asked for; the reference JDK's `MaxJNILocalCapacity`.
const MAX_LOCAL_CAPACITY: jint = 65536;

fn capacity_fits(capacity: jint) -> bool {
    (0..=MAX_LOCAL_CAPACITY).contains(&capacity)
}

fn reference_type(t: &Thread, handle: jobject) -> jint {
    if handle.is_null() {
        return JNI_INVALID_REF_TYPE;
    }
    match t.vm().globals.kind(handle.0) {
        HandleKind::Global => JNI_GLOBAL_REF_TYPE,
        HandleKind::WeakGlobal => JNI_WEAK_GLOBAL_REF_TYPE,
        _ if is_local(t, handle) => JNI_LOCAL_REF_TYPE,
        _ => JNI_INVALID_REF_TYPE,
    }
}

/// Whether `handle` is a local reference: one of the thread's handles, an argument of a native method, or the
/// class given to a static native method.
fn is_local(t: &Thread, handle: jobject) -> bool {
    let stack = t.java_stack.base().cast::<u8>()..t.java_stack.end().cast::<u8>();
    t.handles.contains(handle.0)
        || stack.contains(&handle.0) && !resolve(handle).is_null()
        || frames::walk(t).any(|a| a.class().mirror.as_ptr().cast::<u8>() == handle.0)
}

jni_functions! {
    /// `PushLocalFrame`.
    plain fn PushLocalFrame(t, capacity: jint) -> jint; {
        if !capacity_fits(capacity) {
            return Ok(JNI_ERR);
        }
        t.handles.push_frame(capacity as usize);
        Ok(JNI_OK)
    }
    /// `PopLocalFrame`: the result becomes a reference of the frame below.
    plain fn PopLocalFrame(t, result: jobject) -> jobject; {
        let object = resolve(result);
        Ok(if t.handles.pop_frame() { local(t, object) } else { result })
    }
    /// `EnsureLocalCapacity`: local references are limited by memory only.
    leaf fn EnsureLocalCapacity(_, capacity: jint) -> jint; {
        Ok(if capacity_fits(capacity) { JNI_OK } else { JNI_ERR })
    }
    /// `NewLocalRef`.
    plain fn NewLocalRef(t, handle: jobject) -> jobject; {
        Ok(local(t, resolve(handle)))
    }
    /// `DeleteLocalRef`.
    plain fn DeleteLocalRef(t, handle: jobject); {
        t.handles.delete(handle.0);
        Ok(())
    }
    /// `NewGlobalRef`.
    plain fn NewGlobalRef(t, handle: jobject) -> jobject; {
        Ok(jobject(t.vm().globals.new_strong(resolve(handle))))
    }
    /// `DeleteGlobalRef`: what is no global reference is left alone.
    plain fn DeleteGlobalRef(t, handle: jobject); {
        t.vm().globals.delete_strong(handle.0);
        Ok(())
    }
    /// `NewWeakGlobalRef`.
    plain fn NewWeakGlobalRef(t, handle: jobject) -> jweak; {
        Ok(jobject(t.vm().globals.new_weak(resolve(handle))))
    }
    /// `DeleteWeakGlobalRef`: what is no weak global reference is left alone.
    plain fn DeleteWeakGlobalRef(t, handle: jweak); {
        t.vm().globals.delete_weak(handle.0);
        Ok(())
    }
    /// `IsSameObject`.
    plain fn IsSameObject(_, a: jobject, b: jobject) -> jboolean; {
        Ok(jboolean::from(resolve(a) == resolve(b)))
    }
    /// `GetObjectRefType`.
    plain fn GetObjectRefType(t, handle: jobject) -> jint; {
        Ok(reference_type(t, handle))
    }
}
