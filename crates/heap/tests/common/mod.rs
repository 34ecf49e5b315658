//! A virtual machine small enough to test the heap with: class records, roots, threads.
#![allow(dead_code)]

use caturra_heap::layout::*;
use caturra_heap::*;
use parking_lot::{Condvar, Mutex};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering};

/// Offsets of the fields of the mock's Reference and Class classes.
pub const WELL_KNOWN: WellKnownOffsets = WellKnownOffsets {
    reference_referent: 8,
    reference_next: 12,
    reference_discovered: 16,
    soft_timestamp: 24,
    mirror_size: 8,
    mirror_class: 12,
    mirror_static_offset: 16,
    mirror_static_count: 20,
};

/// Class records, below 4 GiB as the heap demands.
pub struct Classes {
    base: *mut u8,
    next: AtomicUsize,
}

const CLASS_SPACE: usize = 1 << 20;
const RECORD: usize = 32;

// SAFETY: records are written once, before they are used.
unsafe impl Send for Classes {}
// SAFETY: as above.
unsafe impl Sync for Classes {}

impl Classes {
    pub fn new() -> Classes {
        // SAFETY: a new mapping.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                CLASS_SPACE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT,
                -1,
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Classes { base: base.cast(), next: AtomicUsize::new(0) }
    }

    pub fn add(&self, prefix: ClassPrefix) -> u32 {
        let at = self.next.fetch_add(RECORD, Ordering::Relaxed);
        assert!(at + RECORD <= CLASS_SPACE && size_of::<ClassPrefix>() <= RECORD);
        let record = self.base.wrapping_add(at).cast::<ClassPrefix>();
        // SAFETY: room in the mapping, used by nobody else.
        unsafe { record.write(prefix) };
        record as usize as u32
    }

    /// An instance class: `refs` reference fields from offset 8 on, then `data` bytes.
    pub fn instance(&self, refs: u32, data: u32) -> u32 {
        let runs = Box::leak(Box::new([RefRun { offset: 8, count: refs }]));
        let size = align_object(8 + refs as usize * 4 + data as usize) as u32;
        self.add(ClassPrefix::instance(size, runs.as_ptr(), (refs != 0) as u32))
    }

    pub fn array(&self, kind: LayoutKind, shift: u8) -> u32 {
        self.add(ClassPrefix::array(kind, shift))
    }

    /// A Reference class: referent, next, discovered, one more field (`queue`), timestamp.
    pub fn reference(&self, kind: RefKind) -> u32 {
        let runs = Box::leak(Box::new([RefRun { offset: 12, count: 1 }, RefRun { offset: 20, count: 1 }]));
        let mut prefix = ClassPrefix::instance(32, runs.as_ptr(), 2);
        prefix.layout = LayoutKind::Reference as u8;
        prefix.ref_kind = kind as u8;
        self.add(prefix)
    }

    /// The class of mirrors: a reference field at 24.
    pub fn mirror(&self) -> u32 {
        let runs = Box::leak(Box::new([RefRun { offset: 24, count: 1 }]));
        let mut prefix = ClassPrefix::instance(0, runs.as_ptr(), 1);
        prefix.layout = LayoutKind::Mirror as u8;
        self.add(prefix)
    }

    pub fn get(&self, class: u32) -> &ClassPrefix {
        // SAFETY: a record of ours; it lives as long as `self`.
        unsafe { ClassPrefix::of(class) }
    }

    /// Before instances exist.
    pub fn set_flags(&self, class: u32, flags: u8) {
        // SAFETY: a record of ours, which nobody reads at this time.
        unsafe { (*(class as usize as *mut ClassPrefix)).gc_flags = flags };
    }

    fn contains(&self, word: u32) -> bool {
        let at = (word as usize).wrapping_sub(self.base as usize);
        at < self.next.load(Ordering::Relaxed) && at.is_multiple_of(RECORD)
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours.
        unsafe { libc::munmap(self.base.cast(), CLASS_SPACE) };
    }
}

/// One mutator thread.
pub struct Thread {
    pub tlab: Tlab,
    /// Precise roots.
    pub roots: Vec<ObjRef>,
    /// What a stack might hold, beside the native stack.
    pub stack: Vec<u64>,
    /// The native stack: from where the thread stopped to where it attached.
    top: usize,
    base: usize,
}

thread_local! {
    static CURRENT: Cell<*mut Thread> = const { Cell::new(std::ptr::null_mut()) };
}

/// The end of this thread's native stack.
fn stack_base() -> usize {
    // SAFETY: the attributes are initialised before they are read.
    unsafe {
        let mut attr = std::mem::zeroed::<libc::pthread_attr_t>();
        assert_eq!(libc::pthread_getattr_np(libc::pthread_self(), &mut attr), 0);
        let (mut low, mut size) = (std::ptr::null_mut(), 0);
        libc::pthread_attr_getstack(&attr, &mut low, &mut size);
        libc::pthread_attr_destroy(&mut attr);
        low as usize + size
    }
}

/// Runs `work` with all callee-saved registers on the stack, and the top of the stack noted.
#[inline(never)]
fn with_registers_saved<R>(work: impl FnOnce() -> R) -> R {
    let mut saved = [0u64; 6];
    // SAFETY: stores to a local array.
    unsafe {
        std::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12",
            "mov [{0} + 24], r13", "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) saved.as_mut_ptr(), options(nostack, preserves_flags)
        );
        let thread = CURRENT.get();
        if !thread.is_null() {
            (*thread).top = saved.as_ptr() as usize;
        }
    }
    let result = work();
    std::hint::black_box(&saved);
    result
}

#[derive(Default)]
struct World {
    running: usize,
    stopping: bool,
}

pub struct Vm {
    pub heap: Heap,
    pub classes: Classes,
    threads: Mutex<Vec<*mut Thread>>,
    pub weak: Mutex<Vec<ObjRef>>,
    /// Slots of metadata by owner.
    pub metadata: Mutex<HashMap<u32, Vec<ObjRef>>>,
    pub metadata_visits: AtomicU32,
    pub clock: AtomicI64,
    pub notified: AtomicU32,
    /// Whether native stacks are roots; otherwise tests keep everything in `roots`.
    pub scan_native: AtomicBool,
    world: Mutex<World>,
    changed: Condvar,
    stop_requested: AtomicBool,
}

// SAFETY: thread structures are touched by their owners, and by the collector while those are stopped.
unsafe impl Send for Vm {}
// SAFETY: as above.
unsafe impl Sync for Vm {}

impl Vm {
    pub fn new(config: HeapConfig) -> Vm {
        let heap = Heap::new(config).expect("heap");
        heap.set_wellknown(WELL_KNOWN);
        Vm {
            heap,
            classes: Classes::new(),
            threads: Mutex::default(),
            weak: Mutex::default(),
            metadata: Mutex::default(),
            metadata_visits: AtomicU32::new(0),
            clock: AtomicI64::new(0),
            notified: AtomicU32::new(0),
            scan_native: AtomicBool::new(true),
            world: Mutex::default(),
            changed: Condvar::new(),
            stop_requested: AtomicBool::new(false),
        }
    }

    pub fn attach(&self) -> Box<Thread> {
        let mut thread =
            Box::new(Thread { tlab: Tlab::new(), roots: Vec::new(), stack: Vec::new(), top: 0, base: 0 });
        thread.base = stack_base();
        CURRENT.set(&mut *thread);
        let mut world = self.world.lock();
        while world.stopping {
            self.changed.wait(&mut world);
        }
        world.running += 1;
        self.threads.lock().push(&mut *thread);
        thread
    }

    #[allow(clippy::boxed_local, reason = "the list of threads holds its address")]
    pub fn detach(&self, thread: Box<Thread>) {
        CURRENT.set(std::ptr::null_mut());
        self.heap.retire_tlab(&thread.tlab);
        self.threads.lock().retain(|&t| !std::ptr::eq(t, &*thread));
        let mut world = self.world.lock();
        world.running -= 1;
        self.changed.notify_all();
        // A collection may have begun before the thread was off the list.
        while world.stopping {
            self.changed.wait(&mut world);
        }
    }

    pub fn safepoint(&self) {
        if self.stop_requested.load(Ordering::Acquire) {
            with_registers_saved(|| self.wait_stopped(&mut self.world.lock()));
        }
    }

    fn wait_stopped(&self, world: &mut parking_lot::MutexGuard<'_, World>) {
        world.running -= 1;
        self.changed.notify_all();
        while world.stopping {
            self.changed.wait(world);
        }
        world.running += 1;
    }

    pub fn try_instance(&self, t: &Thread, class: u32) -> Result<ObjRef, OutOfMemory> {
        let size = self.classes.get(class).instance_size as usize;
        let p = self.heap.alloc(&t.tlab, size, self)?;
        // SAFETY: new memory for such an object.
        unsafe {
            let object = ObjRef::from_addr(p);
            assert_eq!(object.load::<u64>(0), 0);
            object.set_class_word(class);
            Ok(object)
        }
    }

    pub fn instance(&self, t: &Thread, class: u32) -> ObjRef {
        self.try_instance(t, class).expect("memory")
    }

    pub fn try_array(&self, t: &Thread, class: u32, length: i32) -> Result<ObjRef, OutOfMemory> {
        let size = self.heap.array_size(length, self.classes.get(class).elem_shift)?;
        let p = self.heap.alloc(&t.tlab, size, self)?;
        // SAFETY: new memory for such an object.
        unsafe {
            let object = ObjRef::from_addr(p);
            object.set_array_length(length);
            object.set_class_word(class);
            Ok(object)
        }
    }

    pub fn array(&self, t: &Thread, class: u32, length: i32) -> ObjRef {
        self.try_array(t, class, length).expect("memory")
    }

    /// A mirror for `class` with `statics` static reference fields from offset 32 on.
    pub fn mirror(&self, t: &Thread, mirror_class: u32, class: u32, statics: u32) -> ObjRef {
        let size = align_object(32 + statics as usize * 4);
        let p = self.heap.alloc_pinned(&t.tlab, size, self).expect("memory");
        // SAFETY: new memory for such an object.
        unsafe {
            let object = ObjRef::from_addr(p);
            object.store(8, size as u32);
            object.store(12, class);
            object.store(16, 32u32);
            object.store(20, statics);
            object.set_class_word(mirror_class);
            object
        }
    }

    pub fn set(&self, object: ObjRef, offset: usize, value: ObjRef) {
        // SAFETY: tests pass live objects and reference fields.
        unsafe { self.heap.store_ref(object, offset, value) };
    }

    pub fn get(&self, object: ObjRef, offset: usize) -> ObjRef {
        // SAFETY: as in `set`.
        unsafe { object.load_ref(offset) }
    }

    pub fn full(&self) {
        self.heap.collect(self, GcCause::SystemGc, false);
    }

    pub fn minor(&self) {
        self.heap.collect_minor(self, GcCause::SystemGc);
    }

    pub fn count_objects(&self) -> usize {
        let mut n = 0;
        self.heap.for_each_object(self, &mut |_| n += 1);
        n
    }

    /// The pending list, in order.
    pub fn take_pending(&self) -> Vec<ObjRef> {
        let mut list = Vec::new();
        let mut at = self.heap.take_pending_references();
        while !at.is_null() {
            list.push(at);
            let next = self.get(at, WELL_KNOWN.reference_discovered as usize);
            self.set(at, WELL_KNOWN.reference_discovered as usize, ObjRef::NULL);
            at = next;
        }
        list
    }
}

impl Vm {
    fn stop_others(&self, still_needed: &dyn Fn() -> bool) -> bool {
        let mut world = self.world.lock();
        if world.stopping {
            self.wait_stopped(&mut world);
            while world.stopping {
                self.wait_stopped(&mut world);
            }
        }
        if !still_needed() {
            return false;
        }
        world.stopping = true;
        self.stop_requested.store(true, Ordering::Release);
        while world.running > 1 {
            self.changed.wait(&mut world);
        }
        true
    }
}

impl Host for Vm {
    fn stop_world(&self, still_needed: &dyn Fn() -> bool) -> bool {
        with_registers_saved(|| self.stop_others(still_needed))
    }

    fn resume_world(&self) {
        let mut world = self.world.lock();
        world.stopping = false;
        self.stop_requested.store(false, Ordering::Release);
        self.changed.notify_all();
    }
    fn visit_tlabs(&self, visit: &mut dyn FnMut(&Tlab)) {
        for &t in self.threads.lock().iter() {
            // SAFETY: the world is stopped.
            visit(unsafe { &(*t).tlab });
        }
    }

    fn visit_precise_roots(&self, kind: GcKind, visit: RootVisitor<'_>) {
        for &t in self.threads.lock().iter() {
            // SAFETY: the world is stopped.
            for slot in unsafe { (*t).roots.iter_mut() } {
                visit(slot);
            }
        }
        if kind == GcKind::Minor {
            for slot in self.metadata.lock().values_mut().flatten() {
                visit(slot);
            }
        }
    }

    fn visit_conservative_ranges(&self, visit: &mut dyn FnMut(*const u64, *const u64)) {
        for &t in self.threads.lock().iter() {
            // SAFETY: the world is stopped.
            let thread = unsafe { &*t };
            let range = thread.stack.as_ptr_range();
            visit(range.start, range.end);
            if self.scan_native.load(Ordering::Relaxed) {
                visit(thread.top as *const u64, thread.base as *const u64);
            }
        }
    }

    fn visit_owned_metadata(&self, owner: ObjRef, visit: RootVisitor<'_>) {
        self.metadata_visits.fetch_add(1, Ordering::Relaxed);
        for slot in self.metadata.lock().entry(owner.raw()).or_default() {
            visit(slot);
        }
    }

    fn process_weak(&self, kind: GcKind, forward: &dyn Fn(ObjRef) -> ObjRef) {
        for slot in self.weak.lock().iter_mut() {
            *slot = forward(*slot);
        }
        if kind == GcKind::Full {
            self.metadata.lock().retain(|&owner, _| !forward(ObjRef::from_raw(owner)).is_null());
        }
    }

    fn set_soft_reference_clock(&self, millis: i64) {
        self.clock.store(millis, Ordering::Relaxed);
    }

    fn notify_pending_references(&self) {
        self.notified.fetch_add(1, Ordering::Relaxed);
    }

    fn is_class(&self, word: u32) -> bool {
        self.classes.contains(word)
    }
}

/// A small generator (xorshift64*), so that failures repeat.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }
}

/// Resident bytes of the mapping that contains an address.
pub fn resident_at(addr: usize) -> usize {
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in smaps.lines() {
        if let Some((low, rest)) = line.split_once('-')
            && let Ok(low) = usize::from_str_radix(low, 16)
        {
            let high = usize::from_str_radix(rest.split_whitespace().next().unwrap(), 16).unwrap();
            inside = (low..high).contains(&addr);
        } else if inside && line.starts_with("Rss:") {
            return line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024;
        }
    }
    0
}
