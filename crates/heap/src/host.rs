//! What the collector asks of the virtual machine.

use crate::objref::ObjRef;
use crate::tlab::Tlab;

/// Which objects a collection looks at.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum GcKind {
    /// Objects allocated since the last collection; older ones are taken to be alive.
    Minor,
    /// All objects.
    Full,
}

/// Why a collection ran; the words follow HotSpot's `GCCause`.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum GcCause {
    AllocationFailure,
    SystemGc,
    MetadataThreshold,
    JvmtiForceGc,
    HeapInspection,
    HeapDump,
    LastDitch,
    /// The heap has not been collected for the time that an option gives.
    Periodic,
    Stress,
}

impl GcCause {
    /// The cause as `-verbose:gc` and the management beans print it.
    pub fn name(self) -> &'static str {
        match self {
            GcCause::AllocationFailure => "Allocation Failure",
            GcCause::SystemGc => "System.gc()",
            GcCause::MetadataThreshold => "Metadata GC Threshold",
            GcCause::JvmtiForceGc => "JvmtiEnv ForceGarbageCollection",
            GcCause::HeapInspection => "Heap Inspection Initiated GC",
            GcCause::HeapDump => "Heap Dump Initiated GC",
            GcCause::LastDitch => "Last ditch collection",
            GcCause::Periodic => "G1 Periodic Collection",
            GcCause::Stress => "Stress",
        }
    }
}

/// Receives root slots. A slot may hold null; a collector that moves objects may rewrite it.
pub type RootVisitor<'a> = &'a mut dyn FnMut(*mut ObjRef);

/// The virtual machine, as the collector sees it. All `visit_` and `process_` methods are called by the
/// collecting thread with the world stopped; they must not allocate in the heap, and of its methods may call
/// those that read figures only.
///
/// With [`crate::HeapConfig::moving`] a collection moves objects. It rewrites the slots that
/// `visit_precise_roots` and `visit_owned_metadata` present; what a word of a conservative range points at
/// stays where it is. So whoever holds an address that nobody can rewrite (`GetPrimitiveArrayCritical`) presents
/// it in a conservative range: that pins the object and keeps it alive. What `visit_immovable` presents stays
/// too. Mirrors and class loaders never move. No table may be keyed by an object's address.
pub trait Host: Sync {
    /// Stops all other mutator threads and returns true.
    ///
    /// The caller is a mutator thread that wants to collect. Several may call at once: the host admits one
    /// at a time, and one that waits counts as stopped. Once admitted, and before it stops anybody, the host
    /// asks `still_needed`; if the answer is no it returns false, and nothing is stopped.
    fn stop_world(&self, still_needed: &dyn Fn() -> bool) -> bool;

    /// Lets the others go on; called by the thread for which `stop_world` returned true.
    fn resume_world(&self);

    /// Presents the allocation buffer of every thread, the caller's too.
    fn visit_tlabs(&self, visit: &mut dyn FnMut(&Tlab));

    /// Presents every slot outside the heap that keeps an object alive by itself: JNI handles, mirrors of
    /// classes that are never unloaded, well-known objects, metadata of the boot loader.
    ///
    /// In a minor collection also every metadata slot of *any* loader that may have been written since the
    /// last collection (such slots have no write barrier; to present all of them is correct and slower).
    fn visit_precise_roots(&self, kind: GcKind, visit: RootVisitor<'_>);

    /// Presents the word ranges `[begin, end)` to scan conservatively: native and Java stacks and saved
    /// registers of all threads. For the caller, its stack from the frame of this very call on.
    fn visit_conservative_ranges(&self, visit: &mut dyn FnMut(*const u64, *const u64));

    /// Presents the slots of the metadata that `owner` keeps alive. `owner` is a class loader object
    /// ([`crate::layout::GC_LOADER`]), or the mirror of a hidden class which is its own holder.
    /// Called when a collection first finds `owner` alive (in a minor one: for young owners only).
    fn visit_owned_metadata(&self, owner: ObjRef, visit: RootVisitor<'_>);

    /// Presents the objects that metadata of any loader knows the addresses of beside its slots, such as resolved
    /// constants: they may die, but not move. Only collections that move objects ask.
    fn visit_immovable(&self, _visit: &mut dyn FnMut(ObjRef)) {}

    /// Clears, removes or updates what refers to objects without keeping them alive: JNI weak references,
    /// interned strings, monitors, and in a full collection class loaders' metadata (class unloading).
    ///
    /// `forward` gives for a reference the object's present address, or `NULL` if it died; every weak slot must
    /// be replaced by the result. The answer is final: finalizable objects and what they reach count as alive.
    fn process_weak(&self, kind: GcKind, forward: &dyn Fn(ObjRef) -> ObjRef);

    /// Stores the static field `java.lang.ref.SoftReference.clock` (milliseconds).
    fn set_soft_reference_clock(&self, millis: i64);

    /// References were added to the pending list ([`crate::Heap::take_pending_references`]): wake the
    /// Reference Handler. Called while the world is stopped.
    fn notify_pending_references(&self);

    /// Whether `word` is the address of a class record; only verification asks.
    fn is_class(&self, word: u32) -> bool {
        word != 0
    }

    /// Called with the world stopped before and after the collector's work, for JVMTI events and the like.
    fn gc_prologue(&self, _kind: GcKind, _cause: GcCause) {}
    fn gc_epilogue(&self, _kind: GcKind, _cause: GcCause) {}
}
