//! JVMTI, the interface of native agents (JVM Tool Interface, version 17): what `libinstrument` and simple agents use.
//!
//! Capabilities that this VM does not have (breakpoints, local variables, heap walks …) are not offered, and their
//! functions answer `MUST_POSSESS_CAPABILITY`.
//!
//! # Trust
//! As with JNI, an agent promises valid handles, ids and pointers of its own; null is checked for.

#[macro_use]
mod entry;

mod class_search;
mod classes;
mod env;
pub(crate) mod events;
mod fields;
mod methods;
mod modules;
mod monitors;
mod properties;
mod redefine;
mod stacks;
mod table;
mod threads;
pub mod types;

use caturra_jni::types::{JNI_EVERSION, jint};
use caturra_kernel::{Thread, Vm};
use env::Env;
use parking_lot::{Mutex, RwLock};
use std::sync::atomic::{AtomicI32, Ordering};
use types::{PHASE_DEAD, VERSION, VERSION_MARK, VERSION_MASK};

/// The environments of a VM, and how far it is.
#[derive(Default)]
pub(crate) struct Registry {
    envs: RwLock<Vec<&'static Env>>,
    phase: AtomicI32,
    pub(crate) monitors: monitors::RawMonitors,
    pub(crate) redefining: Mutex<()>,
}

pub(crate) fn registry(vm: &Vm) -> &Registry {
    &crate::state(vm).jvmti
}

pub(crate) fn phase(vm: &Vm) -> jint {
    registry(vm).phase.load(Ordering::Acquire)
}

pub(crate) fn set_phase(vm: &Vm, phase: jint) {
    registry(vm).phase.store(phase, Ordering::Release);
}

/// All environments that are not disposed of, oldest first.
pub(crate) fn environments(vm: &Vm) -> Vec<&'static Env> {
    registry(vm).envs.read().clone()
}

/// `GetEnv` for versions of this interface: a new environment; `None` when the version is another interface's.
pub fn get_env(vm: &'static Vm, version: jint) -> Option<Result<*mut u8, jint>> {
    if version & VERSION_MASK != VERSION_MARK {
        return None;
    }
    let major = |v: jint| v >> 16 & 0xfff;
    let known = matches!(major(version), 1 | 9 | 11) || (13..=major(VERSION)).contains(&major(version));
    if !known || phase(vm) == PHASE_DEAD {
        return Some(Err(JNI_EVERSION));
    }
    let env = Env::new(vm, table::functions());
    registry(vm).envs.write().push(env);
    events::update_wanted(vm);
    Some(Ok(env.as_ptr().cast()))
}

/// Takes an environment out of use. Its memory stays: a thread may be in one of its functions.
fn dispose(env: &Env) {
    registry(env.vm).envs.write().retain(|e| !std::ptr::eq(*e, env));
    env.invalidate();
    events::update_wanted(env.vm);
}

/// Forgets what environments keep of a thread that ends.
fn forget_thread(t: &Thread) {
    for env in environments(t.vm()) {
        env.forget_thread(t.id);
    }
}
