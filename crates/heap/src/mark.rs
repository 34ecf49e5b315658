//! Marking: everything reachable gets its mark bit and its lines marked.

use crate::evacuate::Copier;
use crate::host::{GcKind, Host};
use crate::layout::{
    ARRAY_BASE, ARRAY_LENGTH_OFFSET, ClassPrefix, GC_LOADER, GC_UNLOADABLE, LayoutKind, RefKind,
};
use crate::meta::{MEDIUM_MAX, Meta, STATE_EVACUATE, STATE_LARGE, STATE_OBJECTS, block_of};
use crate::objref::{ObjRef, REF_SHIFT};
use crate::os::{self, Mapping, PAGE_SIZE};
use crate::space::Space;
use std::io;

const INSTANCE: u8 = LayoutKind::Instance as u8;
const OBJ_ARRAY: u8 = LayoutKind::ObjArray as u8;
const PRIM_ARRAY: u8 = LayoutKind::PrimArray as u8;
const MIRROR: u8 = LayoutKind::Mirror as u8;

/// Elements of a reference array that are looked at in one go, so that a big array does not flood the stack.
const ARRAY_CHUNK: usize = 1024;
/// Objects on their way from the stack to the scan, their headers being fetched meanwhile.
const AHEAD: usize = 8;
/// Slots on their way to the evacuation of their objects.
const SLOTS_AHEAD: usize = 16;

/// The stack of objects that are marked and not yet scanned: a reserved range, resident as far as it is used.
pub(crate) struct MarkStack {
    mapping: Mapping,
    top: *mut u32,
    end: *mut u32,
    /// Highest top since the last release.
    peak: *mut u32,
    pub overflowed: bool,
}

// SAFETY: the stack owns its mapping; only the collecting thread uses it.
unsafe impl Send for MarkStack {}

impl MarkStack {
    pub fn new(bytes: usize) -> io::Result<MarkStack> {
        let mapping = Mapping::anywhere(bytes.next_multiple_of(PAGE_SIZE))?;
        let top = mapping.base().cast::<u32>();
        let end = mapping.base().wrapping_add(mapping.len()).cast();
        Ok(MarkStack { mapping, top, end, peak: top, overflowed: false })
    }

    #[inline(always)]
    fn push(&mut self, raw: u32) {
        if self.top == self.end {
            self.overflowed = true;
            return;
        }
        // SAFETY: `top` is within the mapping.
        unsafe { *self.top = raw };
        self.top = self.top.wrapping_add(1);
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<u32> {
        if self.top.cast() == self.mapping.base() {
            return None;
        }
        self.top = self.top.wrapping_sub(1);
        // SAFETY: `top` is within the mapping, and the entry was pushed.
        Some(unsafe { *self.top })
    }

    /// Gives back what an unusually deep collection made resident.
    pub fn trim(&mut self) {
        const KEEP: usize = 256 << 10;
        let base = self.mapping.base();
        let used = (self.peak as usize - base as usize).next_multiple_of(PAGE_SIZE);
        if used > KEEP {
            // SAFETY: the stack is empty.
            unsafe { os::release(base.wrapping_add(KEEP), used - KEEP) };
        }
        self.peak = base.cast();
    }
}

/// References found with a referent that nothing has reached yet, by strength (soft, weak, final, phantom).
pub(crate) type Discovered = [Vec<u32>; 4];

pub(crate) struct Marker<'a> {
    pub m: Meta,
    pub host: &'a dyn Host,
    pub space: &'a mut Space,
    pub copier: Copier,
    stack: &'a mut MarkStack,
    /// Slots whose objects are to move, their headers being fetched meanwhile; 0 for none.
    slots: [usize; SLOTS_AHEAD],
    slot_at: usize,
    /// Rest of large arrays: reference and next index.
    arrays: Vec<(u32, u32)>,
    /// While set, references with dead referents are collected in `discovered`; else their referents are
    /// kept alive.
    pub discover: bool,
    pub discovered: Discovered,
    /// Softly reachable objects live while this many milliseconds have not passed since their last use.
    pub soft_interval: i64,
    pub soft_clock: i64,
    /// Of the objects this collection marked.
    pub objects: u64,
    pub bytes: u64,
    /// The mark stack overflowed, so that objects were counted more than once.
    pub miscounted: bool,
}

impl<'a> Marker<'a> {
    pub fn new(
        m: Meta,
        host: &'a dyn Host,
        space: &'a mut Space,
        stack: &'a mut MarkStack,
        kind: GcKind,
    ) -> Marker<'a> {
        Marker {
            m,
            host,
            space,
            copier: Copier::new(kind),
            slots: [0; SLOTS_AHEAD],
            slot_at: 0,
            stack,
            arrays: Vec::new(),
            discover: true,
            discovered: Discovered::default(),
            soft_interval: i64::MAX,
            soft_clock: 0,
            objects: 0,
            bytes: 0,
            miscounted: false,
        }
    }

    /// Marks an object that must stay where it is.
    pub fn reach_pinned(&mut self, raw: u32) {
        // SAFETY: the caller found an object there.
        if unsafe { self.m.set_mark(raw) } {
            self.push(raw);
        }
    }

    /// Marks the object that a slot outside the heap refers to, or moves it and updates the slot.
    ///
    /// # Safety
    /// The slot holds null or a reference to an object of the heap.
    pub unsafe fn reach_root(&mut self, slot: *mut u32) {
        // SAFETY: promised by the caller.
        unsafe {
            let raw = *slot;
            if raw == 0 || self.m.is_marked(raw) {
                return;
            }
            if self.m.state(block_of_raw(raw)) == STATE_EVACUATE {
                self.evacuate(slot, raw);
            } else {
                self.m.set_mark(raw);
                self.push(raw);
            }
        }
    }

    /// Marks the object that a slot of an object refers to, or moves it and updates the slot some time before
    /// [`Marker::drain`] returns.
    ///
    /// # Safety
    /// As [`Marker::reach_root`]; the slot stays where it is.
    #[inline(always)]
    pub unsafe fn reach(&mut self, slot: *mut u32) {
        // SAFETY: promised by the caller.
        unsafe {
            let raw = *slot;
            if raw == 0 || self.m.is_marked(raw) {
                return;
            }
            if self.m.state(block_of_raw(raw)) == STATE_EVACUATE {
                // The header is not in the cache, most likely.
                prefetch((raw as usize) << REF_SHIFT);
                self.next_slot(slot as usize);
            } else {
                self.m.set_mark(raw);
                self.push(raw);
            }
        }
    }

    /// Takes a slot in, and evacuates the object of the one that has waited longest.
    #[inline(always)]
    unsafe fn next_slot(&mut self, slot: usize) {
        let oldest = std::mem::replace(&mut self.slots[self.slot_at], slot) as *mut u32;
        self.slot_at = (self.slot_at + 1) % SLOTS_AHEAD;
        if oldest.is_null() {
            return;
        }
        // SAFETY: a slot that `reach` took in. A slot may have been taken in twice.
        unsafe {
            let raw = *oldest;
            if !self.m.is_marked(raw) {
                self.evacuate(oldest, raw);
            }
        }
    }

    /// Puts a marked object on the stack of those to scan.
    #[inline(always)]
    pub fn push(&mut self, raw: u32) {
        self.stack.push(raw);
    }

    /// Presents the slots of `[from, to)`.
    #[inline(always)]
    unsafe fn reach_range(&mut self, from: usize, to: usize) {
        let mut slot = from;
        while slot < to {
            // SAFETY: the caller's range consists of reference slots.
            unsafe { self.reach(slot as *mut u32) };
            slot += 4;
        }
    }

    /// Scans until everything reachable is marked.
    pub fn drain(&mut self) {
        loop {
            self.drain_stack();
            if self.stack.overflowed {
                self.recover();
                continue;
            }
            let Some((raw, index)) = self.arrays.pop() else { return };
            self.scan_chunk(raw, index as usize);
        }
    }

    fn drain_stack(&mut self) {
        let mut ring = [0u32; AHEAD];
        let mut at = 0;
        let mut held = 0;
        loop {
            self.stack.peak = self.stack.peak.max(self.stack.top);
            let next = self.stack.pop();
            if let Some(raw) = next {
                prefetch((raw as usize) << REF_SHIFT);
            }
            let raw = std::mem::replace(&mut ring[at], next.unwrap_or(0));
            at = (at + 1) % AHEAD;
            held += next.is_some() as usize;
            if raw != 0 {
                held -= 1;
                // SAFETY: entries are marked objects of the heap.
                unsafe { self.scan((raw as usize) << REF_SHIFT) };
            } else if held == 0 {
                // SAFETY: null is no slot.
                (0..SLOTS_AHEAD).for_each(|_| unsafe { self.next_slot(0) });
                if self.stack.top.cast() == self.stack.mapping.base() {
                    return;
                }
            }
        }
    }

    /// After the stack overflowed: some marked objects were never scanned, nobody knows which.
    #[cold]
    fn recover(&mut self) {
        self.stack.overflowed = false;
        let m = self.m;
        self.miscounted = true;
        let base = m.base >> crate::meta::BLOCK_SHIFT;
        for block in base as u32..(m.end >> crate::meta::BLOCK_SHIFT) as u32 {
            // SAFETY: the block is part of the heap; marked objects have valid headers.
            unsafe {
                match m.state(block) {
                    STATE_OBJECTS | STATE_EVACUATE => m.walk_marked(block, |addr| self.scan(addr)),
                    STATE_LARGE => {
                        let raw = m.large_at(block);
                        if m.is_marked(raw) {
                            self.scan((raw as usize) << REF_SHIFT);
                        }
                    }
                    _ => continue,
                }
            }
            // Keeps the stack as empty as it can be before the next block fills it.
            self.drain_stack();
        }
    }

    /// Marks the lines of an object and reaches what it refers to.
    ///
    /// # Safety
    /// An object of the heap begins at `addr`.
    #[inline(always)]
    pub unsafe fn scan(&mut self, addr: usize) {
        // SAFETY: promised by the caller; the class record is valid while an instance is reachable.
        unsafe {
            let prefix = ClassPrefix::of(self.m.class_at(addr));
            let size = self.m.size_with(addr, prefix);
            self.objects += 1;
            self.bytes += size as u64;
            // A larger object may share a block too, where a buffer happened to have room for it.
            if size <= MEDIUM_MAX || self.m.state(block_of(addr)) < STATE_LARGE {
                self.m.mark_lines(addr, size);
                self.m.count_live(addr, size);
            }
            self.scan_fields(addr, prefix);
        }
    }

    /// Reaches what an object refers to.
    ///
    /// # Safety
    /// As [`Marker::scan`].
    #[inline(always)]
    pub unsafe fn scan_fields(&mut self, addr: usize, prefix: &ClassPrefix) {
        // SAFETY: promised by the caller.
        unsafe {
            if prefix.gc_flags != 0 {
                self.scan_flags(addr, prefix);
            }
            match prefix.layout {
                INSTANCE => self.scan_map(addr, prefix),
                OBJ_ARRAY => {
                    let length = *((addr + ARRAY_LENGTH_OFFSET) as *const u32) as usize;
                    if length <= ARRAY_CHUNK {
                        let from = addr + ARRAY_BASE;
                        self.reach_range(from, from + length * 4);
                    } else {
                        self.scan_chunk((addr >> REF_SHIFT) as u32, 0);
                    }
                }
                PRIM_ARRAY => {}
                MIRROR => self.scan_mirror(addr, prefix),
                _ => self.scan_reference(addr, prefix),
            }
        }
    }

    #[inline(always)]
    unsafe fn scan_map(&mut self, addr: usize, prefix: &ClassPrefix) {
        for run in prefix.ref_runs() {
            let from = addr + run.offset as usize;
            // SAFETY: the reference map describes the object.
            unsafe { self.reach_range(from, from + run.count as usize * 4) };
        }
    }

    #[inline(never)]
    fn scan_chunk(&mut self, raw: u32, index: usize) {
        let addr = (raw as usize) << REF_SHIFT;
        // SAFETY: the array is marked, and `index` within it.
        unsafe {
            let length = *((addr + ARRAY_LENGTH_OFFSET) as *const u32) as usize;
            let end = (index + ARRAY_CHUNK).min(length);
            if end < length {
                self.arrays.push((raw, end as u32));
            }
            self.reach_range(addr + ARRAY_BASE + index * 4, addr + ARRAY_BASE + end * 4);
        }
    }

    #[cold]
    unsafe fn scan_flags(&mut self, addr: usize, prefix: &ClassPrefix) {
        if prefix.gc_flags & GC_UNLOADABLE != 0 {
            self.reach_pinned_holder(prefix);
        }
        if prefix.gc_flags & GC_LOADER != 0 {
            self.visit_metadata(addr);
        }
    }

    /// A holder is a loader or a mirror, which never move.
    fn reach_pinned_holder(&mut self, prefix: &ClassPrefix) {
        let holder = prefix.holder();
        if !holder.is_null() {
            self.reach_pinned(holder.raw());
        }
    }

    fn visit_metadata(&mut self, addr: usize) {
        let host = self.host;
        // SAFETY: an object begins at the address; the host presents valid slots.
        unsafe {
            let owner = ObjRef::from_addr(addr as *const u8);
            host.visit_owned_metadata(owner, &mut |slot| self.reach_root(slot.cast()));
        }
    }

    #[inline(never)]
    unsafe fn scan_mirror(&mut self, addr: usize, prefix: &ClassPrefix) {
        let wk = self.m.wk;
        // SAFETY: an object with the layout of a mirror begins at the address, so the offsets are set.
        unsafe {
            self.scan_map(addr, prefix);
            let from = addr + self.m.word_at(addr + wk.mirror_static_offset as usize) as usize;
            let count = self.m.word_at(addr + wk.mirror_static_count as usize) as usize;
            self.reach_range(from, from + count * 4);
            let class = self.m.word_at(addr + wk.mirror_class as usize);
            if class == 0 {
                return;
            }
            let class = ClassPrefix::of(class);
            if class.gc_flags & GC_UNLOADABLE != 0 {
                let holder = class.holder();
                if holder.addr() as usize == addr {
                    self.visit_metadata(addr);
                } else {
                    self.reach_pinned_holder(class);
                }
            }
        }
    }

    /// A `java.lang.ref.Reference`. The states are described at the head of that class: it is active while
    /// the referent is not null and `discovered` is null; a FinalReference while `next` is null, too.
    #[inline(never)]
    unsafe fn scan_reference(&mut self, addr: usize, prefix: &ClassPrefix) {
        let wk = self.m.wk;
        // SAFETY: an object with the layout of a Reference begins at the address.
        unsafe {
            self.scan_map(addr, prefix);
            if wk.reference_referent == 0 {
                return;
            }
            let slot = (addr + wk.reference_referent as usize) as *mut u32;
            let discovered = (addr + wk.reference_discovered as usize) as *mut u32;
            if *slot != 0 {
                let kind = prefix.ref_kind;
                let present = self.m.resolve(*slot);
                let mut active = self.discover && *discovered == 0 && kind != RefKind::None as u8;
                if kind == RefKind::Final as u8 {
                    active &= self.m.word_at(addr + wk.reference_next as usize) == 0;
                } else if kind == RefKind::Soft as u8 {
                    active &= self.soft_expired(addr);
                }
                if present != 0 {
                    *slot = present;
                } else if active {
                    self.discovered[kind as usize - 1].push((addr >> REF_SHIFT) as u32);
                } else {
                    self.reach(slot);
                }
            }
            self.reach(discovered);
        }
    }

    unsafe fn soft_expired(&self, addr: usize) -> bool {
        // SAFETY: the object is a SoftReference.
        let timestamp = unsafe { *((addr + self.m.wk.soft_timestamp as usize) as *const i64) };
        self.soft_clock.saturating_sub(timestamp) > self.soft_interval
    }

    /// Rescans an object of an earlier collection whose card is dirty; of an array only `[from, to)`.
    ///
    /// # Safety
    /// As [`Marker::scan`].
    pub unsafe fn rescan(&mut self, addr: usize, from: usize, to: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            let prefix = ClassPrefix::of(self.m.class_at(addr));
            if prefix.layout == OBJ_ARRAY {
                let length = *((addr + ARRAY_LENGTH_OFFSET) as *const u32) as usize;
                let first = addr + ARRAY_BASE;
                self.reach_range(first.max(from), (first + length * 4).min(to));
            } else {
                self.scan_fields(addr, prefix);
            }
        }
    }
}

/// Block number of a reference's object.
#[inline(always)]
fn block_of_raw(raw: u32) -> u32 {
    raw >> (crate::meta::BLOCK_SHIFT - REF_SHIFT)
}

#[inline(always)]
fn prefetch(addr: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect that the program can see.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(addr as *const i8);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = addr;
}
