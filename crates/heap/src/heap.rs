//! The heap: the face of this crate.

use crate::cards::CardTable;
use crate::config::HeapConfig;
use crate::host::Host;
use crate::layout::{MAX_ARRAY_LENGTH, WellKnownOffsets, array_size};
use crate::mark::MarkStack;
use crate::meta::{BLOCK_SIZE, Meta, Range};
use crate::objref::{HEAP_LIMIT, ObjRef};
use crate::space::Space;
use crate::stats::{Figures, GcEvent, HeapStats};
use crate::tlab::Tlab;
use parking_lot::Mutex;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

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

/// What only the collecting thread uses, from one collection to the next.
pub(crate) struct Collector {
    pub stack: MarkStack,
    /// End of the last collection.
    pub ended: Instant,
    /// Value of `SoftReference.clock`.
    pub soft_clock: i64,
}

pub(crate) type EventCallback = Box<dyn Fn(&GcEvent) + Send + Sync>;

/// One Java heap. Dropping it unmaps everything.
pub struct Heap {
    pub(crate) config: HeapConfig,
    pub(crate) meta: Meta,
    pub(crate) space: Mutex<Space>,
    pub(crate) collector: Mutex<Collector>,
    pub(crate) wellknown: Mutex<WellKnownOffsets>,
    pub(crate) callback: Mutex<Option<EventCallback>>,
    /// Number of collections.
    pub(crate) epoch: AtomicU64,
    /// Number of stops, which is the epoch of start bits; 0 is no epoch.
    pub(crate) stops: AtomicU32,
    /// Head of the pending list.
    pub(crate) pending: AtomicU32,
    pub(crate) figures: Figures,
    /// Allocations since the heap was made; counted only under stress.
    pub(crate) stress_count: AtomicU64,
    /// Allocations counted for `out_of_memory_at`.
    pub(crate) allocations: AtomicU64,
    pub(crate) started: Instant,
    /// Keeps the mappings behind `meta`.
    _range: Range,
}

impl Heap {
    /// Reserves address space below 32 GiB; memory is taken as it is used.
    pub fn new(mut config: HeapConfig) -> io::Result<Heap> {
        config.max = config.max.max(1 << 20).next_multiple_of(BLOCK_SIZE);
        config.initial = config.initial.min(config.max);
        // Large objects take whole blocks of address space, and nothing moves: twice the size leaves room
        // for both. Less will do where there is not as much.
        let (max, limit) = (config.max, HEAP_LIMIT as usize - (512 << 20));
        let lens = [max * 2 + (64 << 20), max + max / 2, max + max / 4, max + max / 8 + (1 << 20)];
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "the heap does not fit below 32 GiB");
        for len in lens.into_iter().filter(|&len| len <= limit) {
            match Range::reserve(len.next_multiple_of(BLOCK_SIZE * 64)) {
                Ok((range, meta)) => return Heap::with_range(config, range, meta),
                Err(e) => last = e,
            }
        }
        Err(last)
    }

    fn with_range(config: HeapConfig, range: Range, meta: Meta) -> io::Result<Heap> {
        let stack = match config.mark_stack {
            0 => (config.max / 16).clamp(1 << 20, 256 << 20),
            bytes => bytes,
        };
        let now = Instant::now();
        let heap = Heap {
            meta,
            space: Mutex::new(Space::new(meta, &config)),
            collector: Mutex::new(Collector { stack: MarkStack::new(stack)?, ended: now, soft_clock: 0 }),
            wellknown: Mutex::new(WellKnownOffsets::default()),
            callback: Mutex::new(None),
            epoch: AtomicU64::new(0),
            stops: AtomicU32::new(0),
            pending: AtomicU32::new(0),
            figures: Figures::default(),
            stress_count: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            started: now,
            config,
            _range: range,
        };
        heap.figures.publish(&heap.space.lock());
        Ok(heap)
    }

    pub fn config(&self) -> &HeapConfig {
        &self.config
    }

    /// Tells where the collector finds the fields it uses. Once, in the boot sequence.
    pub fn set_wellknown(&self, offsets: WellKnownOffsets) {
        *self.wellknown.lock() = offsets;
    }

    /// Called after every collection, with the world still stopped.
    pub fn set_event_callback(&self, callback: Box<dyn Fn(&GcEvent) + Send + Sync>) {
        *self.callback.lock() = Some(callback);
    }

    /// Zeroed memory for an object of `size` bytes, a multiple of 8. The caller stores the header before its
    /// next safepoint. May collect.
    #[inline(always)]
    pub fn alloc(&self, tlab: &Tlab, size: usize, host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        let p = tlab.bump(size);
        if p.is_null() { self.alloc_slow(tlab, size, host) } else { Ok(p) }
    }

    /// As [`Heap::alloc`], for a mirror or a class loader: objects that keep their address for life, so that
    /// static fields and class records can be reached by it. (What holds them in place is their class.)
    #[inline]
    pub fn alloc_pinned(&self, tlab: &Tlab, size: usize, host: &dyn Host) -> Result<*mut u8, OutOfMemory> {
        self.alloc(tlab, size, host)
    }

    /// Size of an array object, or the error that asking for it raises. `length` is not negative.
    #[inline]
    pub fn array_size(&self, length: i32, elem_shift: u8) -> Result<usize, OutOfMemory> {
        if length > MAX_ARRAY_LENGTH {
            return Err(OutOfMemory::ArraySize);
        }
        Ok(array_size(length, elem_shift))
    }

    /// Gives the rest of a buffer back; before its thread ends.
    pub fn retire_tlab(&self, tlab: &Tlab) {
        // SAFETY: the buffer holds lines of this heap.
        let open = unsafe { tlab.retire_trimmed(&self.meta) };
        let mut space = self.space.lock();
        for block in open.into_iter().flatten() {
            space.return_block(block);
        }
        self.figures.publish(&space);
    }

    /// The card table for write barriers.
    #[inline(always)]
    pub fn cards(&self) -> CardTable {
        CardTable::new(self.meta.cards)
    }

    /// Base for machine code, see [`CardTable::base`].
    pub fn card_base(&self) -> *mut u8 {
        self.meta.cards
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
            self.cards().mark(object.field_addr(offset));
        }
    }

    /// Takes the list of references whose referents died, linked through `discovered`
    /// (`Reference.getAndClearReferencePendingList`). The list is a root until it is taken.
    pub fn take_pending_references(&self) -> ObjRef {
        ObjRef::from_raw(self.pending.swap(0, Ordering::AcqRel))
    }

    pub fn has_pending_references(&self) -> bool {
        self.pending.load(Ordering::Acquire) != 0
    }

    /// Bytes in use: what the last collection left and what was handed out since.
    pub fn used(&self) -> usize {
        self.figures.used()
    }

    /// `Runtime.totalMemory`.
    pub fn committed(&self) -> usize {
        self.figures
            .committed
            .load(Ordering::Relaxed)
            .max(self.used())
            .max(self.config.initial)
            .min(self.max())
    }

    /// `Runtime.maxMemory`.
    pub fn max(&self) -> usize {
        self.config.max
    }

    /// `Runtime.freeMemory`: what is left of the committed memory.
    pub fn free(&self) -> usize {
        self.committed().saturating_sub(self.used())
    }

    pub fn stats(&self) -> HeapStats {
        HeapStats {
            committed: self.committed(),
            max: self.max(),
            initial: self.config.initial,
            ..self.figures.stats()
        }
    }

    /// Time since the last full collection ended (`JVM_MaxObjectInspectionAge`).
    pub fn since_last_full_gc(&self) -> Duration {
        let ended = Duration::from_micros(self.figures.full_ended_us.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(ended)
    }

    /// Gives all free memory back to the system (idle processes).
    pub fn give_back_free_memory(&self) {
        let mut space = self.space.lock();
        space.trim(0);
        self.figures.publish(&space);
    }

    /// Whether the address lies in the range of this heap.
    #[inline]
    pub fn contains(&self, addr: *const u8) -> bool {
        self.meta.contains(addr as usize)
    }

    /// First address and first address beyond the heap.
    pub fn range(&self) -> (*const u8, *const u8) {
        (self.meta.base as *const u8, self.meta.end as *const u8)
    }

    /// Bytes the object takes.
    ///
    /// # Safety
    /// `object` is live.
    pub unsafe fn object_size(&self, object: ObjRef) -> usize {
        // SAFETY: promised by the caller.
        unsafe { self.view().size_at(object.addr() as usize) }
    }

    /// The metadata with the offsets known by now.
    pub(crate) fn view(&self) -> Meta {
        Meta { wk: *self.wellknown.lock(), ..self.meta }
    }
}
