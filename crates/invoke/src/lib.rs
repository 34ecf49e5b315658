//! The VM's side of `java.lang.invoke` (JVMS §5.4.3.5, §5.4.3.6, §6.5 invokedynamic, §2.9.3).
//!
//! The class library's Java code does the work; this room resolves what it names, answers its native methods,
//! and asks it to link when a program meets a method-handle call, an `invokedynamic` or a dynamic constant:
//! - `constants`: the numbers shared with `MethodHandleNatives.Constants`;
//! - `member_name`: what the VM keeps in a `MemberName`;
//! - `resolve`: from a symbolic `MemberName` to a resolved one;
//! - `members`: listing a class's members;
//! - `intrinsics`: the signature-polymorphic methods that the VM itself runs, one per basic signature;
//! - `method_type`: descriptors, `MethodType` objects, and back;
//! - `bootstrap`: bootstrap methods and their static arguments;
//! - `call_site`: `invokedynamic`, and calls of `invoke`, `invokeExact` and `VarHandle`'s access modes;
//! - `constant`: constants that `ldc` loads;
//! - `natives`: the native methods of `MethodHandleNatives`;
//! - `objects`, `state`: boxes and arrays; what the room keeps for a VM.

mod bootstrap;
mod call_site;
mod constant;
mod constants;
mod intrinsics;
mod member_name;
mod members;
mod method_type;
mod natives;
mod objects;
mod resolve;
mod state;

pub use call_site::{link_call_site, link_handle_call};
pub use constant::resolve_constant;
pub use natives::internal_native;
