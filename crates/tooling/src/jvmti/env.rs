//! An environment: what one agent has asked for.

use super::types::{Answer, Capabilities, Error, Event};
use caturra_jni::types::jint;
use caturra_kernel::Vm;
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

const MAGIC: u32 = 0x71ee_c0de;
/// Slots of `jvmtiEventCallbacks`.
pub const CALLBACKS: usize = (Event::LAST - Event::FIRST + 1) as usize;

/// What a `jvmtiEnv*` points to. Environments are never freed.
#[repr(C)]
pub struct Env {
    /// The function table; must be first.
    functions: *const *const u8,
    magic: AtomicU32,
    pub vm: &'static Vm,
    pub storage: AtomicPtr<c_void>,
    capabilities: Mutex<Capabilities>,
    callbacks: RwLock<[usize; CALLBACKS]>,
    /// Events enabled for all threads, a bit each.
    enabled: AtomicU64,
    /// By thread id: events enabled for that thread, and its local storage.
    threads: Mutex<HashMap<u32, OfThread>>,
    /// `SetNativeMethodPrefixes`.
    pub prefixes: Mutex<Vec<String>>,
}

#[derive(Default)]
struct OfThread {
    enabled: u64,
    storage: usize,
}

// SAFETY: the table is immutable, the rest atomic or locked.
unsafe impl Sync for Env {}
// SAFETY: as above.
unsafe impl Send for Env {}

impl Env {
    pub fn new(vm: &'static Vm, functions: &'static [*const u8]) -> &'static Env {
        Box::leak(Box::new(Env {
            functions: functions.as_ptr(),
            magic: AtomicU32::new(MAGIC),
            vm,
            storage: AtomicPtr::default(),
            capabilities: Mutex::default(),
            callbacks: RwLock::new([0; CALLBACKS]),
            enabled: AtomicU64::new(0),
            threads: Mutex::default(),
            prefixes: Mutex::default(),
        }))
    }

    pub fn as_ptr(&self) -> *mut Env {
        std::ptr::from_ref(self).cast_mut()
    }

    /// The environment of a pointer that an agent passes.
    ///
    /// # Safety
    /// `env` is null or was once the address of an environment.
    pub unsafe fn of(env: *mut Env) -> Answer<&'static Env> {
        // SAFETY: the caller's promise; environments are never freed.
        match unsafe { env.as_ref() } {
            Some(e) if e.magic.load(Ordering::Acquire) == MAGIC => Ok(e),
            _ => Err(Error::INVALID_ENVIRONMENT),
        }
    }

    pub fn invalidate(&self) {
        self.magic.store(0, Ordering::Release);
        self.enabled.store(0, Ordering::Release);
        self.threads.lock().clear();
    }

    pub fn capabilities(&self) -> Capabilities {
        *self.capabilities.lock()
    }
    pub fn set_capabilities(&self, all: Capabilities) {
        *self.capabilities.lock() = all;
    }
    /// Fails unless the environment has a capability.
    pub fn require(&self, capability: Capabilities) -> Answer {
        if self.capabilities().has(capability) { Ok(()) } else { Err(Error::MUST_POSSESS_CAPABILITY) }
    }
    /// Whether it sees classes that are transformed again.
    pub fn retransforms(&self) -> bool {
        self.capabilities().has(Capabilities::RETRANSFORM_CLASSES)
    }

    pub fn set_callbacks(&self, callbacks: [usize; CALLBACKS]) {
        *self.callbacks.write() = callbacks;
    }
    /// The address of a callback, 0 when there is none.
    pub fn callback(&self, event: Event) -> usize {
        event.index().map_or(0, |i| self.callbacks.read()[i])
    }

    /// Switches an event on or off, for one thread or for all.
    pub fn enable(&self, event: Event, thread: Option<u32>, on: bool) {
        let set = |bits: u64| if on { bits | event.bit() } else { bits & !event.bit() };
        match thread {
            None => {
                let _always_succeeds =
                    self.enabled.fetch_update(Ordering::AcqRel, Ordering::Acquire, |b| Some(set(b)));
            }
            Some(id) => {
                let mut threads = self.threads.lock();
                let of = threads.entry(id).or_default();
                of.enabled = set(of.enabled);
            }
        }
    }
    /// Whether the event is to be sent for something on that thread.
    pub fn is_enabled(&self, event: Event, thread: u32) -> bool {
        self.enabled.load(Ordering::Acquire) & event.bit() != 0
            || self.threads.lock().get(&thread).is_some_and(|o| o.enabled & event.bit() != 0)
    }
    /// Whether the event is enabled for some thread.
    pub fn is_enabled_anywhere(&self, event: Event) -> bool {
        self.enabled.load(Ordering::Acquire) & event.bit() != 0
            || self.threads.lock().values().any(|o| o.enabled & event.bit() != 0)
    }

    pub fn thread_storage(&self, thread: u32) -> usize {
        self.threads.lock().get(&thread).map_or(0, |o| o.storage)
    }
    pub fn set_thread_storage(&self, thread: u32, data: usize) {
        self.threads.lock().entry(thread).or_default().storage = data;
    }
    pub fn forget_thread(&self, thread: u32) {
        self.threads.lock().remove(&thread);
    }
}

/// What an agent may ask for in the given phase.
pub fn potential_capabilities(phase: jint) -> Capabilities {
    type C = Capabilities;
    let always = C::GET_BYTECODES
        .or(C::GET_SYNTHETIC_ATTRIBUTE)
        .or(C::GET_SOURCE_FILE_NAME)
        .or(C::GET_LINE_NUMBERS)
        .or(C::REDEFINE_CLASSES)
        .or(C::REDEFINE_ANY_CLASS)
        .or(C::RETRANSFORM_CLASSES)
        .or(C::RETRANSFORM_ANY_CLASS)
        .or(C::SIGNAL_THREAD)
        .or(C::SUSPEND)
        .or(C::GENERATE_ALL_CLASS_HOOK_EVENTS)
        .or(C::GET_CURRENT_THREAD_CPU_TIME)
        .or(C::GET_THREAD_CPU_TIME);
    let at_start = C::GET_SOURCE_DEBUG_EXTENSION
        .or(C::MAINTAIN_ORIGINAL_METHOD_ORDER)
        .or(C::GET_CURRENT_CONTENDED_MONITOR)
        .or(C::GENERATE_EARLY_CLASS_HOOK_EVENTS);
    if phase == super::types::PHASE_ONLOAD { always.or(at_start) } else { always }
}
