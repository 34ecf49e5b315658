//! Class files (JVMS §4): a zero-copy reader that checks what HotSpot checks when it parses, with the same
//! messages; the decoder of `StackMapTable`; a reader of annotations; and a writer.
//!
//! [`ClassFile::parse`] is the way in. What needs other classes (does the superclass exist, may it be extended,
//! is an interface one) is for the VM, what concerns the code is for the verifier.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod annotation;
mod attributes;
mod class_file;
mod constant_pool;
mod describe;
mod flags;
mod members;
mod parser;
mod pool_parser;
mod problem;
mod reader;
pub mod stack_map;
pub mod writer;

pub use class_file::{
    Annotations, BootstrapMethod, ClassAttributes, ClassFile, Code, EnclosingMethod, ExceptionHandler, Field,
    InnerClass, LineNumber, LocalVariable, Method, MethodParameter, RecordComponent,
};
pub use constant_pool::{Constant, ConstantPool, MemberRef, ReferenceKind};
pub use parser::ParseOptions;
pub use problem::{ClassFormatProblem, ProblemKind};
pub use reader::{Attribute, RawAttributes, Table, TableEntry, Tables, U2Table};
