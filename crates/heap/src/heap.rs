//! The heap: the face of this crate.

use crate::cards::CardTable;
use crate::config::HeapConfig;
use crate::host::{GcCause, Host};
use crate::layout::WellKnownOffsets;
use crate::objref::ObjRef;
use crate::stats::{GcEvent, HeapStats};
use crate::tlab::Tlab;
use crate::verify::{HeapFault, VerifyReport};
use std::fmt;
use std::io;
use std::time::Duration;

/// Why an allocation failed; the text is the message of the `java.lang.OutOfMemoryError`.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum OutOfMemory {
    HeapSpace,
    ArraySize,
    GcOverhead,
}

impl OutOfMemory {
    pub fn message(self) -> &'static str {
        match self {
            OutOfMemory::HeapSpace => "Java heap space",
            OutOfMemory::ArraySize => "Requested array size exceeds VM limit",
            OutOfMemory::GcOverhead => "GC overhead limit exceeded",
        }
    }
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for OutOfMemory {}

/// One Java heap. Dropping it unmaps everything.
pub struct Heap {
    config: HeapConfig,
    cards: CardTable,
}

impl Heap {
    /// Reserves address space below 32 GiB; memory is taken as it is used.
    pub fn new(config: HeapConfig) -> io::Result<Heap> {
        Ok(Heap { config, cards: CardTable::new(std::ptr::null_mut()) })
    }

    pub fn config(&self) -> &HeapConfig {
        &self.config
    }

    /// Tells where the collector finds the fields it uses. Once, in the boot sequence.
    pub fn set_wellknown(&self, offsets: WellKnownOffsets) {
        let _ = offsets;
    }

    /// Called after every collection, with the world still stopped.
    pub fn set_event_callback(&self, callback: Box<dyn Fn(&GcEvent) + Send + Sync>) {
        drop(callback);
    }

    /// Zeroed memory for an object of `size` bytes, a multiple of 8. The caller stores the header before its
    /// next safepoint. May collect.
    #[inline(always)]
    pub fn alloc(&self, tlab: &Tlab, size: usize, host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        let p = tlab.bump(size);
        if p.is_null() { self.alloc_slow(tlab, size, host) } else { Ok(p) }
    }

    /// [`Heap::alloc`] when the buffer is used up.
    #[cold]
    pub fn alloc_slow(&self, _tlab: &Tlab, _size: usize, _host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        Err(OutOfMemory::HeapSpace)
    }

    /// As [`Heap::alloc`], for an object whose address never changes (mirrors).
    pub fn alloc_pinned(&self, tlab: &Tlab, size: usize, host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        self.alloc(tlab, size, host)
    }

    /// Size of an array object, or the error that asking for it raises. `length` is not negative.
    pub fn array_size(&self, length: i32, elem_shift: u8) -> Result<usize, OutOfMemory> {
        if length > crate::layout::MAX_ARRAY_LENGTH {
            return Err(OutOfMemory::ArraySize);
        }
        Ok(crate::layout::array_size(length, elem_shift))
    }

    /// Gives the rest of a buffer back; before its thread ends.
    pub fn retire_tlab(&self, _tlab: &Tlab) {}

    /// Full collection now (`System.gc()`, JVMTI, metadata pressure); `clear_soft` clears all softly
    /// reachable references too.
    pub fn collect(&self, _host: &dyn Host, _cause: GcCause, _clear_soft: bool) {}

    /// Minor collection now.
    pub fn collect_minor(&self, _host: &dyn Host, _cause: GcCause) {}

    /// The card table for write barriers.
    #[inline(always)]
    pub fn cards(&self) -> CardTable {
        self.cards
    }

    /// Base for machine code, see [`CardTable::base`].
    pub fn card_base(&self) -> *mut u8 {
        self.cards.base()
    }

    /// Stores a reference into a field or an element, with the write barrier.
    ///
    /// # Safety
    /// `object` is a live object of this heap with a reference slot at `offset`.
    #[inline(always)]
    pub unsafe fn store_ref(&self, object: ObjRef, offset: usize, value: ObjRef) {
        // SAFETY: promised by the caller.
        unsafe {
            object.store_ref(offset, value);
            self.cards.mark(object.field_addr(offset));
        }
    }

    /// Takes the list of references whose referents died, linked through `discovered`
    /// (`Reference.getAndClearReferencePendingList`). The list is a root until it is taken.
    pub fn take_pending_references(&self) -> ObjRef {
        ObjRef::NULL
    }

    pub fn has_pending_references(&self) -> bool {
        false
    }

    pub fn used(&self) -> usize {
        0
    }

    pub fn committed(&self) -> usize {
        0
    }

    pub fn max(&self) -> usize {
        self.config.max
    }

    /// `Runtime.freeMemory`: what is left of the committed memory.
    pub fn free(&self) -> usize {
        0
    }

    pub fn stats(&self) -> HeapStats {
        HeapStats::default()
    }

    /// Time since the last full collection ended (`JVM_MaxObjectInspectionAge`).
    pub fn since_last_full_gc(&self) -> Duration {
        Duration::ZERO
    }

    /// Gives all free memory back to the system (idle processes).
    pub fn give_back_free_memory(&self) {}

    /// Whether the address lies in the range of this heap.
    #[inline]
    pub fn contains(&self, _addr: *const u8) -> bool {
        false
    }

    /// First address and first address beyond the heap.
    pub fn range(&self) -> (*const u8, *const u8) {
        (std::ptr::null(), std::ptr::null())
    }

    /// Presents every object, dead ones that no collection has found yet included. Stops the world; `visit`
    /// must not allocate.
    pub fn for_each_object(&self, _host: &dyn Host, _visit: &mut dyn FnMut(ObjRef)) {}

    /// Whether an object begins at the address. Only with the world stopped.
    ///
    /// # Safety
    /// The world is stopped and all buffers are flushed (within [`Heap::with_world_stopped`]).
    pub unsafe fn is_object_start(&self, _addr: *const u8) -> bool {
        false
    }

    /// The object that the address points at or into.
    ///
    /// # Safety
    /// As [`Heap::is_object_start`].
    pub unsafe fn find_object(&self, _addr: *const u8) -> Option<ObjRef> {
        None
    }

    /// Bytes the object takes.
    ///
    /// # Safety
    /// `object` is live.
    pub unsafe fn object_size(&self, _object: ObjRef) -> usize {
        0
    }

    /// Runs `work` with the world stopped and all buffers flushed.
    pub fn with_world_stopped<R>(&self, host: &dyn Host, work: impl FnOnce() -> R) -> R {
        host.stop_world(&|| true);
        let result = work();
        host.resume_world();
        result
    }

    /// Checks the whole heap: headers, references, cards. Stops the world.
    pub fn verify(&self, _host: &dyn Host) -> Result<VerifyReport, HeapFault> {
        Ok(VerifyReport::default())
    }
}
