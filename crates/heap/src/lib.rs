//! The Java heap and its collector.
//!
//! A mark-region (Immix) heap: 32 KiB blocks of lines, bump allocation into free runs of lines, large objects
//! on blocks of their own. Generational by sticky mark bits: a minor collection keeps the marks of the last one
//! and so sees only what is new; survivors are old at once. Stacks are scanned conservatively and pin what they
//! name, all else is precise, so survivors may move out of sparse blocks ([`HeapConfig::moving`]).
//!
//! The way of an allocation: [`Tlab::bump`] → `alloc_slow` (zero further into the hole, next hole of the block,
//! next block from `space`) → `collect`. The way of a collection: stop, ambiguous roots (found with the marks
//! and lines of the last collection), `evacuate::choose`, precise roots, dirty cards, `mark`, `references`, the
//! host's weak tables, `sweep`, `policy`.
//!
//! Invariants:
//! - A line holds either objects that a collection marked, or young ones, or nothing. Young objects follow each
//!   other from the first line of their hole, and a zero class word ends them.
//! - After a collection all objects are old and all cards clean. An old object that refers to a young one has a
//!   dirty card, at the slot or (unless it is an array) at its header.
//! - Line bytes of a block belong to the thread that allocates in it; all other metadata to whoever holds the
//!   space lock, or to the collector.
//! - The world is stopped while marks, start bits or block states of used blocks change.
#![deny(clippy::undocumented_unsafe_blocks)]

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
