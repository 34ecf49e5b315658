//! What goes wrong: Java exceptions as values, and the rest.

use crate::env::Env;
use crate::object::Object;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{calls, stack_trace, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread, Thrown};
use caturra_vm::CreateError;
use std::fmt;

/// Why something could not be done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Java code, or the VM on its behalf, threw an exception.
    Exception(Box<JavaException>),
    /// A VM lives in this process already.
    AlreadyRunning,
    /// The VM could not be made: a bad option, no JDK, not enough memory.
    Create(String),
    /// The thread cannot be attached, or belongs to another VM.
    Attach(String),
    /// There is no such method or field.
    NotFound(String),
    /// A value does not fit the type it is used for.
    Type(String),
    /// To be thrown by a native method: a new exception of that class.
    Throw { class: String, message: String },
    /// A file could not be read.
    Io(std::io::Error),
}

impl Error {
    /// For native methods: throws a new exception of the class, by its constructor with a message.
    pub fn throw(class: &str, message: impl Into<String>) -> Error {
        Error::Throw { class: class.replace('.', "/"), message: message.into() }
    }

    /// The Java exception, if it is one.
    pub fn exception(&self) -> Option<&JavaException> {
        match self {
            Error::Exception(e) => Some(e),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Exception(e) => write!(f, "{e}"),
            Error::AlreadyRunning => write!(f, "{}", CreateError::Exists),
            Error::Create(text) | Error::Attach(text) | Error::NotFound(text) | Error::Type(text) => {
                f.write_str(text)
            }
            Error::Throw { class, message } => write!(f, "{}: {message}", class.replace('/', ".")),
            Error::Io(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Exception(e) => Some(e),
            Error::Io(e) => Some(e),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Error {
        Error::Io(e)
    }
}

impl From<JavaException> for Error {
    fn from(e: JavaException) -> Error {
        Error::Exception(Box::new(e))
    }
}

impl From<CreateError> for Error {
    fn from(e: CreateError) -> Error {
        match e {
            CreateError::Exists => Error::AlreadyRunning,
            other => Error::Create(other.to_string()),
        }
    }
}

/// A Java exception that reached Rust code.
#[derive(Clone, Debug)]
pub struct JavaException {
    class_name: String,
    message: Option<String>,
    stack_trace: String,
    object: Object,
}

impl JavaException {
    /// "java.lang.IllegalStateException".
    pub fn class_name(&self) -> &str {
        &self.class_name
    }
    /// What `getMessage()` gave.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
    /// What `printStackTrace()` printed, causes and suppressed exceptions included.
    pub fn stack_trace(&self) -> &str {
        &self.stack_trace
    }
    /// The throwable itself.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Takes the pending exception of a thread in Java state.
    pub(crate) fn take(env: &Env<'_>, t: &Thread) -> JavaException {
        let throwable = exceptions::take_pending(t);
        // SAFETY: a pending exception is a live object.
        let class_name = unsafe { ClassRef::of(throwable) }.external_name();
        let text = |result: JResult<u64>| match result {
            Ok(s) => Some(ObjRef::from_raw(s as u32)).filter(|s| !s.is_null()).map(strings::to_rust),
            Err(_) => {
                exceptions::take_pending(t);
                None
            }
        };
        let message = text(calls::call_method(t, throwable, "getMessage", "()Ljava/lang/String;", &[]));
        let stack_trace =
            text(printed(t, throwable)).unwrap_or_else(|| plain_trace(t, throwable, &class_name));
        JavaException { class_name, message, stack_trace, object: Object::root(env, throwable) }
    }
}

impl fmt::Display for JavaException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(m) => write!(f, "{}: {m}", self.class_name),
            None => f.write_str(&self.class_name),
        }
    }
}

impl std::error::Error for JavaException {}

/// The trace as Java's own code prints it: a `String`.
fn printed(t: &Thread, throwable: ObjRef) -> JResult<u64> {
    use caturra_kernel::loading::loader;
    use caturra_kernel::runtime::alloc;
    let vm = t.vm();
    let load = |name: &str| loader::load_class(t, vm.loaders.boot(), vm.symbols.intern(name));
    let text = alloc::new_object(t, load("java/io/StringWriter")?, "()V", &[])?;
    let printer = load("java/io/PrintWriter")?;
    let printer = alloc::new_object(t, printer, "(Ljava/io/Writer;)V", &[u64::from(text.raw())])?;
    let argument = [u64::from(printer.raw())];
    calls::call_method(t, throwable, "printStackTrace", "(Ljava/io/PrintWriter;)V", &argument)?;
    calls::call_method(t, text, "toString", "()Ljava/lang/String;", &[])
}

/// The frames alone, for when Java code cannot print them (memory is out, or the class library is at fault).
fn plain_trace(t: &Thread, throwable: ObjRef, class_name: &str) -> String {
    let mut text = format!("{class_name}\n");
    for (method, bci) in stack_trace::backtrace(t, throwable) {
        text.push_str(&format!("\tat {}\n", stack_trace::frame_text(method, bci)));
    }
    text
}

/// Makes an error of a native method the pending exception of its thread.
pub(crate) fn throw(env: &Env<'_>, t: &Thread, error: Error) -> Thrown {
    match error {
        Error::Exception(e) => match e.object.resolve(env) {
            Ok(throwable) => exceptions::throw_object(t, throwable),
            Err(other) => exceptions::throw(t, "java/lang/InternalError", &other.to_string()),
        },
        Error::Throw { class, message } => exceptions::throw(t, &class, &message),
        Error::Type(message) => exceptions::throw(t, "java/lang/ClassCastException", &message),
        other => exceptions::throw(t, "java/lang/InternalError", &other.to_string()),
    }
}
