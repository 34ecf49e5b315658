//! The Java heap and its collector.
//!
//! A mark-region (Immix) heap: 32 KiB blocks of lines, bump allocation into free runs of lines, large objects
//! on pages of their own. Generational by sticky mark bits: a minor collection keeps the marks of the last one
//! and so sees only what is new. Objects do not move. Stacks are scanned conservatively, all else precisely.

mod alloc;
mod arch;
mod blockset;
pub mod cards;
mod collect;
pub mod config;
mod evacuate;
pub mod heap;
pub mod host;
pub mod layout;
mod mark;
mod meta;
pub mod objref;
mod os;
mod policy;
mod references;
mod roots;
mod space;
pub mod stats;
mod sweep;
pub mod tlab;
pub mod verify;
mod walk;

pub use cards::{CARD_DIRTY, CARD_SHIFT, CardTable};
pub use config::HeapConfig;
pub use heap::{Heap, OutOfMemory};
pub use host::{GcCause, GcKind, Host, RootVisitor};
pub use layout::{ClassPrefix, LayoutKind, RefKind, RefRun, WellKnownOffsets};
pub use objref::ObjRef;
pub use stats::{GcEvent, HeapStats};
pub use tlab::Tlab;
pub use verify::{HeapFault, VerifyReport};
