//! One virtual machine: everything that is not per thread hangs on this value.

use crate::loading::loader::LoaderSet;
use crate::loading::module::ModuleTable;
use crate::oops::class::ClassRef;
use crate::oops::metaspace::Metaspace;
use crate::oops::method::MethodRef;
use crate::oops::symbol::{KnownSymbols, SymbolTable};
use crate::oops::well_known::{FieldOffsets, WellKnownClasses, WellKnownMethods};
use crate::runtime::ending::Ending;
use crate::runtime::exceptions::Thrown;
use crate::runtime::handles::GlobalHandles;
use crate::runtime::identity::IdentityHashes;
use crate::runtime::monitor::MonitorTable;
use crate::runtime::options::Options;
use crate::runtime::safepoint::Safepoint;
use crate::runtime::strings::StringTable;
use crate::runtime::thread::Thread;
use crate::runtime::thread_list::ThreadList;
use crate::runtime::tools::Tools;
use caturra_heap::{Heap, ObjRef};
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A method implemented in the VM itself, called without a JNI transition: `args` are the Java slots,
/// receiver first; the result is a slot value.
pub type InternalNative = unsafe fn(&Thread, args: *mut u64) -> Result<u64, Thrown>;

/// What the kernel asks of the engines; installed at boot.
pub struct EngineHooks {
    /// Runs a Java method on the current thread. `args` are slots, receiver first. No selection is done.
    pub invoke: fn(&Thread, MethodRef, &[u64]) -> Result<u64, Thrown>,
    /// Prepares the private code of a bytecode method (called once, under the linking lock of its class).
    pub link_method: fn(&Thread, MethodRef) -> Result<(), Thrown>,
    /// Verifies a class (JVMS §4.10) before it is linked.
    pub verify_class: fn(&Thread, ClassRef) -> Result<(), Thrown>,
    /// Resolves a MethodHandle or MethodType constant, or a dynamically computed one (JVMS §5.4.3.5, 5.4.3.6).
    pub resolve_constant: fn(&Thread, ClassRef, u16) -> Result<ObjRef, Thrown>,
    /// The internal implementation of a native method by (class, name, signature), if the VM has one.
    pub internal_native: fn(MethodRef) -> Option<InternalNative>,
    /// Finds and binds the C function of a native method (`UnsatisfiedLinkError` when there is none).
    pub link_native: fn(&Thread, MethodRef) -> Result<*mut u8, Thrown>,
    /// Classes were unloaded, the world is stopped: class addresses in inline caches may come to mean others.
    pub classes_unloaded: fn(&Vm),
}

/// A place in compiled code as the stack walker sees it.
#[derive(Clone, Copy)]
pub struct CompiledSite {
    pub method: MethodRef,
    pub bci: i32,
    /// The method was compiled for itself: the next activation is its physical caller's.
    pub outermost: bool,
    /// Another activation does the rest of the method; this one is not to be seen.
    pub replaced: bool,
}

/// Sizes of the memory for compiled code, in bytes.
#[derive(Clone, Copy, Default)]
pub struct CodeMemory {
    pub used: usize,
    /// Up to the end of what was ever used.
    pub committed: usize,
    pub max: usize,
}

/// What the kernel and the interpreter ask of the compilers; absent with `-Xint`.
pub struct CompilerHooks {
    /// First value of `Method::from_compiled`.
    pub compiled_to_interpreter: *mut u8,
    /// The activation at a return address into compiled code; `depth` counts inlined ones from the innermost.
    pub locate: fn(&Vm, pc: usize, depth: u32) -> Option<CompiledSite>,
    /// Calls `visit` with what the `depth`th activation of a compiled frame, given by return address and frame pointer, has
    /// locked, and perhaps with words that are no references.
    pub locks: fn(&Vm, pc: usize, fp: usize, depth: u32, visit: &mut dyn FnMut(ObjRef)),
    /// A method's invocation counter has reached a multiple of [`INVOCATION_NOTIFICATION`]. The thread may stop.
    pub invoked: fn(&Thread, MethodRef),
    /// A back-edge counter has reached a multiple of [`BACK_EDGE_NOTIFICATION`]; gives compiled code that goes on at
    /// the bytecode index of the loop header, or null.
    pub looped: fn(&Thread, MethodRef, bci: u32) -> *const u8,
    /// A class has been added to the hierarchy; nobody else can use it yet.
    pub class_added: fn(&Thread, ClassRef),
    /// The target of a `CallSite` has been set.
    pub call_site_changed: fn(&Thread, site: ObjRef),
    /// Classes are being unloaded; the world is stopped, their metadata is still there.
    pub unloading: fn(&Vm, is_dead: &dyn Fn(ClassRef) -> bool),
    /// Methods have new contents, activations go on with the old ones: raw method to old copy; the world is stopped.
    pub redefined: fn(&Vm, &HashMap<u64, MethodRef>),
    pub code_memory: fn(&Vm) -> CodeMemory,
}

// SAFETY: the pointer is to immutable machine code.
unsafe impl Send for CompilerHooks {}
// SAFETY: as above.
unsafe impl Sync for CompilerHooks {}

/// Calls between two looks of the compilation policy at a method that is interpreted; a power of two.
pub const INVOCATION_NOTIFICATION: u32 = 128;
/// As [`INVOCATION_NOTIFICATION`] for backward branches.
pub const BACK_EDGE_NOTIFICATION: u32 = 1024;

/// A virtual machine.
pub struct Vm {
    pub options: Options,
    pub started: Instant,
    pub started_millis: i64,
    pub metaspace: Arc<Metaspace>,
    pub symbols: SymbolTable,
    pub sym: KnownSymbols,
    pub heap: Heap,
    pub loaders: LoaderSet,
    pub modules: ModuleTable,
    pub wk: WellKnownClasses,
    pub off: FieldOffsets,
    pub methods: WellKnownMethods,
    pub strings: StringTable,
    pub threads: ThreadList,
    pub safepoint: Safepoint,
    pub monitors: MonitorTable,
    pub identity: IdentityHashes,
    pub globals: GlobalHandles,
    pub engine: OnceLock<EngineHooks>,
    pub compiler: OnceLock<CompilerHooks>,
    /// The compilers' own state.
    pub compiler_data: OnceLock<Box<dyn std::any::Any + Send + Sync>>,
    /// What the room for method handles keeps for this VM.
    pub invoke_data: OnceLock<Box<dyn std::any::Any + Send + Sync>>,
    /// Class records of the primitive types and void, then of the primitive arrays.
    pub primitives: [AtomicU64; 9],
    pub primitive_arrays: [AtomicU64; 8],
    /// Class initialisation waits here (JVMS §5.5 step 2); one lock for all, held briefly.
    pub init_lock: Mutex<()>,
    pub init_cond: Condvar,
    /// Serialises changes of the class hierarchy (subclass lists, dependencies of compiled code).
    pub hierarchy_lock: Mutex<()>,
    /// The table that `JNIEnv*` points to.
    pub jni_functions: AtomicPtr<u8>,
    /// The `JavaVM*`, which stays valid when the VM is gone.
    pub invoke_interface: AtomicPtr<u8>,
    /// Boot progress, see [`Phase`].
    pub phase: AtomicU8,
    /// `fields_end` of `java.lang.Class` once it is laid out, else 0: static fields begin behind it.
    pub mirror_fields_end: AtomicU32,
    pub next_class_serial: AtomicU32,
    pub classes_loaded: AtomicU64,
    pub classes_unloaded: AtomicU64,
    pub exiting: AtomicBool,
    /// See [`crate::runtime::ending`].
    pub ending: Ending,
    pub tools: Tools,
    /// How often classes were redefined.
    pub redefinitions: AtomicU32,
    /// `OutOfMemoryError`s thrown so far.
    pub traced_out_of_memory: AtomicU32,
    /// Preallocated `OutOfMemoryError`s and `StackOverflowError`, made at boot: global handles.
    pub preallocated: OnceLock<Preallocated>,
}

/// Errors that must be throwable when nothing can be allocated; slots in `Vm::globals`.
pub struct Preallocated {
    pub java_heap_space: ObjRef,
    pub array_size: ObjRef,
    pub metaspace: ObjRef,
    pub native_thread: ObjRef,
}

/// How far the boot has come (`jdk.internal.misc.VM.initLevel` counts the Java side).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    Start = 0,
    /// Mirrors and well-known classes exist.
    Basics = 1,
    /// `initPhase1` has run.
    Phase1 = 2,
    /// The module system is up.
    Modules = 3,
    /// The system class loader exists; user code may run.
    Live = 4,
    Dead = 5,
}

impl Vm {
    #[inline(always)]
    pub fn engine(&self) -> &EngineHooks {
        self.engine.get().expect("engine hooks are installed before any Java code")
    }
    /// First value of `Method::from_compiled`.
    pub fn compiled_to_interpreter(&self) -> *mut u8 {
        self.compiler.get().map_or(std::ptr::null_mut(), |c| c.compiled_to_interpreter)
    }
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Start,
            1 => Phase::Basics,
            2 => Phase::Phase1,
            3 => Phase::Modules,
            4 => Phase::Live,
            _ => Phase::Dead,
        }
    }
    pub fn set_phase(&self, p: Phase) {
        self.phase.store(p as u8, Ordering::Release);
    }
    /// Stores a reference into a heap object with the card mark that goes with it.
    ///
    /// # Safety
    /// `object` is live and has a reference field or element at `offset`.
    #[inline(always)]
    pub unsafe fn put_ref(&self, object: ObjRef, offset: usize, value: ObjRef) {
        // SAFETY: the caller's promise; the card is marked after the store.
        unsafe {
            object.store_ref(offset, value);
            // The slot's card, not the header's: of a large array only dirty cards are looked at.
            self.heap.cards().mark(object.field_addr(offset));
        }
    }
}

// SAFETY: all parts are atomics, locked, or immutable after boot.
unsafe impl Sync for Vm {}
// SAFETY: as above.
unsafe impl Send for Vm {}

/// Ends the process for a failure of the VM itself: prints and aborts.
#[cold]
pub fn fatal(message: &str) -> ! {
    eprintln!("#\n# A fatal error has been detected by the Caturra virtual machine:\n#\n# {message}\n#");
    std::process::abort()
}

/// Ends the process because the VM cannot start, as `java` does.
#[cold]
pub fn exit_during_initialization(message: &str) -> ! {
    println!("Error occurred during initialization of VM\n{message}");
    std::process::exit(1)
}
