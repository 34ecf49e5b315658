//! Exceptions (JNI, chapter 4, "Exceptions").

use crate::handles::{c_text, class, class_of, local, object};
use crate::types::*;
use caturra_kernel::runtime::{calls, exceptions, frames, stack_trace, thread_list};
use caturra_kernel::{ObjRef, Thread};
use std::ffi::c_char;
use std::io::Write;

/// Prints the pending exception to the standard error stream and clears it.
fn describe(t: &Thread) {
    let exception = exceptions::take_pending(t);
    if exception.is_null() {
        return;
    }
    let class = class_of(exception);
    if class.name == "java/lang/ThreadDeath" {
        return;
    }
    let mut head = String::from("Exception ");
    if !t.object.get().is_null() {
        head.push_str(&format!("in thread \"{}\" ", thread_list::name_of(t.vm(), t.object.get())));
    }
    if !class.is_subclass_of(t.vm().wk.throwable()) {
        head.push_str(&format!(". Uncaught exception of type {}.", class.external_name()));
    }
    // A standard error stream that is closed is no reason to fail.
    let _ = std::io::stderr().write_all(head.as_bytes());
    if class.is_subclass_of(t.vm().wk.throwable()) {
        let print = t.vm().methods.throwable_print_stack_trace();
        if calls::invoke_virtual(t, print, &[u64::from(exception.raw())]).is_err() {
            // Native code would not look for an exception here: what the printing threw is dropped.
            t.pending.set(ObjRef::NULL);
        }
    }
}

jni_functions! {
    /// `Throw`.
    entry fn Throw(t, throwable: jthrowable) -> jint; {
        let throwable = object(t, throwable)?;
        Err(exceptions::throw_object(t, throwable))
    }
    /// `ThrowNew`: a null message calls the constructor without parameters.
    entry fn ThrowNew(t, class_handle: jclass, message: *const c_char) -> jint; {
        let class = class(t, class_handle)?;
        let message = (!message.is_null()).then(|| c_text(message));
        Err(exceptions::throw_class(t, class, message.as_deref()))
    }
    /// `ExceptionOccurred`.
    plain fn ExceptionOccurred(t) -> jthrowable; {
        Ok(local(t, t.pending.get()))
    }
    /// `ExceptionDescribe`: prints the pending exception and clears it.
    plain fn ExceptionDescribe(t); {
        describe(t);
        Ok(())
    }
    /// `ExceptionClear`.
    plain fn ExceptionClear(t); {
        t.pending.set(ObjRef::NULL);
        Ok(())
    }
    /// `ExceptionCheck`.
    plain fn ExceptionCheck(t) -> jboolean; {
        Ok(t.has_pending().into())
    }
    /// `FatalError`: ends the process.
    entry fn FatalError(t, message: *const c_char); {
        let mut text = format!("FATAL ERROR in native method: {}\n", c_text(message));
        for activation in frames::walk(t) {
            text.push_str(&format!("\tat {}\n", stack_trace::frame_text(activation.method, activation.bci)));
        }
        let mut out = std::io::stdout();
        // The process ends either way.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Some(hook) = t.vm().options.abort_hook {
            // SAFETY: given by the launcher ("abort" option of JNI_CreateJavaVM) for this moment.
            unsafe { hook() };
        }
        std::process::abort()
    }
}
