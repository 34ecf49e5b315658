//! What the kernel tells the tools that lie above it: JVMTI agents and the attach mechanism.
//!
//! Every place that tells something looks at [`Tools::wanted`] first: without agents it costs one load.

use crate::loading::loader::LoaderRef;
use crate::oops::class::ClassRef;
use crate::oops::symbol::Sym;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use caturra_heap::ObjRef;
use std::any::Any;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Bits of [`Tools::wanted`]: some agent wants to hear of it.
pub const CLASS_FILE: u32 = 1;
pub const CLASS_LOAD: u32 = 1 << 1;
pub const CLASS_PREPARE: u32 = 1 << 2;
pub const THREAD_START: u32 = 1 << 3;
pub const THREAD_END: u32 = 1 << 4;

/// A class file on its way into the VM.
pub struct ClassFileEvent<'a> {
    pub loader: LoaderRef,
    /// Internal form; `None` when who defines the class has given none.
    pub name: Option<Sym>,
    /// The `ProtectionDomain`, or null.
    pub protection_domain: ObjRef,
    pub bytes: &'a [u8],
    /// The class whose new definition this is.
    pub redefined: Option<ClassRef>,
    /// Only agents that can transform a class again are asked: `bytes` went through the others before.
    pub again: bool,
}

/// What agents made of a class file.
pub struct ChangedClassFile {
    pub bytes: Vec<u8>,
    /// The bytes that a retransformation begins with, when they differ from `bytes`.
    pub original: Option<Vec<u8>>,
}

/// A native library with an agent, to be started in a running VM.
pub struct AgentRequest<'a> {
    pub library: &'a str,
    /// `library` is a path, not the name of a library of the JDK or the system.
    pub absolute: bool,
    pub options: &'a str,
}

/// The tools' functions; installed at boot.
pub struct ToolHooks {
    /// Somebody may wait for the attach mechanism (SIGQUIT); whether that was so, and no thread dump is wanted.
    pub attach_requested: fn(&Thread) -> bool,
    /// Starts an agent; whether it could be called, and what there is to say.
    pub load_agent: fn(&Thread, &AgentRequest<'_>) -> (bool, String),
    /// A dump of the agents' own data is asked for.
    pub data_dump: fn(&Thread),
    pub class_file: fn(&Thread, &ClassFileEvent<'_>) -> Option<ChangedClassFile>,
    pub class_loaded: fn(&Thread, ClassRef),
    pub class_prepared: fn(&Thread, ClassRef),
    pub thread_started: fn(&Thread),
    pub thread_ending: fn(&Thread),
    /// The VM ends soon; Java code can still run.
    pub vm_death: fn(&Thread),
}

/// The tools of a VM.
#[derive(Default)]
pub struct Tools {
    wanted: AtomicU32,
    hooks: OnceLock<ToolHooks>,
    /// The tools' own state.
    pub data: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Tools {
    pub fn install(&self, hooks: ToolHooks) {
        let _ = self.hooks.set(hooks);
    }
    pub fn hooks(&self) -> Option<&ToolHooks> {
        self.hooks.get()
    }
    /// The hooks, when some agent wants to hear of `event`.
    #[inline]
    pub fn wanting(&self, event: u32) -> Option<&ToolHooks> {
        if self.wanted.load(Ordering::Relaxed) & event == 0 { None } else { self.hooks.get() }
    }
    /// Sets what agents want to hear of.
    pub fn set_wanted(&self, events: u32) {
        self.wanted.store(events, Ordering::Release);
    }
}

/// Offers a class file to the agents; `None` when they leave it as it is.
pub(crate) fn transform(t: &Thread, event: &ClassFileEvent<'_>) -> Option<ChangedClassFile> {
    t.vm().tools.wanting(CLASS_FILE).and_then(|hooks| (hooks.class_file)(t, event))
}

pub(crate) fn class_loaded(t: &Thread, class: ClassRef) {
    if let Some(hooks) = t.vm().tools.wanting(CLASS_LOAD) {
        (hooks.class_loaded)(t, class);
    }
}

pub(crate) fn class_prepared(t: &Thread, class: ClassRef) {
    if let Some(hooks) = t.vm().tools.wanting(CLASS_PREPARE) {
        (hooks.class_prepared)(t, class);
    }
}

pub(crate) fn thread_started(t: &Thread) {
    if let Some(hooks) = t.vm().tools.wanting(THREAD_START) {
        (hooks.thread_started)(t);
    }
}

pub(crate) fn thread_ending(t: &Thread) {
    if let Some(hooks) = t.vm().tools.wanting(THREAD_END) {
        (hooks.thread_ending)(t);
    }
}

/// The VM ends soon: shutdown hooks have run, Java code can still run.
pub fn vm_death(t: &Thread) {
    if let Some(hooks) = t.vm().tools.hooks() {
        (hooks.vm_death)(t);
    }
}

/// What SIGQUIT asks for: somebody attaches, or wants a dump of all threads.
pub(crate) fn break_signal(t: &Thread, vm: &Vm) {
    if vm.tools.hooks().is_some_and(|hooks| (hooks.attach_requested)(t)) {
        return;
    }
    crate::runtime::thread_dump::print(t);
    if let Some(hooks) = vm.tools.hooks() {
        (hooks.data_dump)(t);
    }
}
