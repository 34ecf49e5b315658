//! The bytecode interpreter: one `match` loop over a private, rewritable copy of each method's code.
//!
//! - `quick`: the private opcodes, and how sites are rewritten under other threads' feet;
//! - `link`: makes the private code of a method;
//! - `invoke`: frames, and the ways into the loop from the VM;
//! - `run`: the loop;
//! - `intrinsics`: methods that the VM's own code replaces;
//! - `slow`: resolution and what else the loop does rarely;
//! - `fields`: rare forms of field access;
//! - `calls`: natives and method-handle intrinsics;
//! - `resume`: the way back from compiled code that is given up;
//! - `exceptions`: implicit exceptions, handler search, unwinding;
//! - `trace`: prints every instruction.

mod calls;
mod exceptions;
mod fields;
mod intrinsics;
mod invoke;
mod link;
pub mod quick;
mod resume;
mod run;
mod slow;
mod trace;

pub use calls::{INVOKE_HOOKS, InvokeHooks};
pub use invoke::invoke;
pub use link::{clear_inline_caches, link_method};
pub use resume::{push_frames, resume};
pub use slow::{link_dynamic_at, link_handle_site, special_target};
