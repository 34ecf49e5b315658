//! The kernel: the object model, class metadata, loading and linking, threads and safepoints.
//!
//! Engines (interpreter, method handles, compilers) and faces (JNI, exports) sit on top; the kernel reaches
//! an engine only through [`runtime::vm::EngineHooks`].

pub mod linking;
pub mod loading;
pub mod oops;
pub mod platform;
pub mod runtime;

pub use caturra_heap::ObjRef;
pub use oops::class::{Class, ClassRef};
pub use oops::field::{Field, FieldRef};
pub use oops::method::{Method, MethodKind, MethodRef};
pub use oops::symbol::Sym;
pub use runtime::exceptions::Thrown;
pub use runtime::thread::Thread;
pub use runtime::vm::Vm;
