//! Caturra, a Java virtual machine, inside a Rust program.
//!
//! ```no_run
//! use caturra::{Error, Vm};
//!
//! # fn main() -> Result<(), Error> {
//! let vm = Vm::builder().option("-Xmx64m").class_path("classes").build()?;
//! let env = vm.attach()?;
//!
//! let math = env.load_class("java.lang.Math")?;
//! let larger: i32 = math.call_static(&env, "max", "(II)I", (3, 4))?;
//! assert_eq!(larger, 4);
//!
//! let text = env.new_string("caturra")?;
//! let upper: String = text.call(&env, "toUpperCase", "()Ljava/lang/String;", ())?;
//! assert_eq!(upper, "CATURRA");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Vm`] is the machine: one at a time in a process; dropping it stops it.
//! - [`Env`] is a thread's way into it, for as long as the thread is attached.
//! - [`Class`], [`Method`] and [`Object`] are roots: what they refer to lives while they do. They may go to other
//!   threads.
//! - A Java exception is an [`Error::Exception`], with class, message and stack trace.
//! - [`Class::register_native`] makes a Rust closure the body of a `native` method.
//!
//! Class names are accepted with dots or slashes; signatures are descriptors (JVMS §4.3.3): `(ILjava/lang/String;)V`.
//! Whatever Rust code passes is checked against them, so no use of this interface is unsafe.
//!
//! The class library is that of an installed JDK; see [`VmBuilder::java_home`].

pub mod bridge;
mod class;
#[doc(hidden)]
pub mod command;
mod env;
mod error;
mod native;
mod object;
mod value;
mod vm;

pub use class::{Class, Method};
pub use env::Env;
pub use error::{Error, JavaException};
pub use native::NativeCall;
pub use object::{Element, Object};
pub use value::{Arguments, FromValue, IntoValue, Value};
pub use vm::{Vm, VmBuilder};

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
