//! Exceptions (JNI, chapter 4, "Exceptions").

use crate::handles::{c_text, class, class_of, local, object};
use crate::types::*;
use caturra_kernel::runtime::{calls, exceptions, frames};
use caturra_kernel::{ObjRef, Thread};
use std::ffi::c_char;
use std::io::Write;

/// The name of the thread, as messages show it.
fn thread_name(t: &Thread) -> Option<String> {
    let object = t.object.get();
    if object.is_null() {
        return None;
    }
    // SAFETY: a live Thread object.
    let name = unsafe { object.load_ref(t.vm().off.thread_name() as usize) };
    (!name.is_null()).then(|| caturra_kernel::runtime::strings::to_rust(name))
}

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
    if let Some(name) = thread_name(t) {
        head.push_str(&format!("in thread \"{name}\" "));
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

/// The Java stack as lines of a stack trace.
fn stack_lines(t: &Thread) -> String {
    let mut lines = String::new();
    for activation in frames::walk(t) {
        let (class, method) = (activation.class(), activation.method);
        let module = class.module();
        let mut place = String::new();
        if let Some(name) = module.name {
            place = name.to_string();
            if let Some(version) = *module.version.read() {
                place.push_str(&format!("@{version}"));
            }
            place.push('/');
        }
        let source = match class.extra.source_file {
            _ if method.is_native() => "Native Method".to_owned(),
            None => "Unknown Source".to_owned(),
            Some(file) => match method.line_number(activation.bci.max(0) as u16) {
                Some(line) => format!("{file}:{line}"),
                None => file.to_string(),
            },
        };
        lines.push_str(&format!("\tat {}.{}({place}{source})\n", class.external_name(), method.name));
    }
    lines
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
        let text = format!("FATAL ERROR in native method: {}\n{}", c_text(message), stack_lines(t));
        let mut out = std::io::stdout();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        std::process::abort()
    }
}
