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
//! - `observe`: what a second form of the loop does at every instruction;
//! - `trace`: prints it;
//! - `checked`, `shadow`: check it against the types of the slots.

mod calls;
mod checked;
mod exceptions;
mod fields;
mod intrinsics;
mod invoke;
mod link;
mod locks;
mod observe;
pub mod quick;
mod resume;
mod run;
mod shadow;
mod slow;
mod trace;

pub use calls::{INVOKE_HOOKS, InvokeHooks};
pub use invoke::invoke;
pub use link::{clear_inline_caches, link_method};
pub use resume::{push_frames, resume};
pub use slow::{check_intrinsic_site, link_dynamic_at, link_handle_site, special_target};
