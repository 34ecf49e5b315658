//! Handles: what native code holds instead of object references (JNI local, global and weak references).
//!
//! A handle is the address of a memory cell whose first 32 bits are a narrow reference. Besides the cells of
//! this module, the slots of a Java stack (arguments of a native method) and `Class::mirror` are such cells.
//! A weak handle has its lowest bit set; a handle to a cleared weak reference reads as null.

use caturra_heap::ObjRef;
use parking_lot::Mutex;
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The low bit of a weak global handle.
pub const WEAK_TAG: usize = 1;
const TAG_MASK: usize = 3;
/// Upper half of a free cell: this bit, and the index of the next free cell plus one.
const FREE: u32 = 0x8000_0000;

/// Reads a handle; null gives `NULL`, so does a deleted handle and a cleared weak one.
///
/// # Safety
/// `handle` is null or an address that this module, a Java stack slot or a mirror field gave out.
#[inline(always)]
pub unsafe fn resolve(handle: *mut u8) -> ObjRef {
    if handle.is_null() {
        return ObjRef::NULL;
    }
    let cell = (handle as usize & !TAG_MASK) as *const AtomicU32;
    // SAFETY: the caller's promise: a live cell.
    ObjRef::from_raw(unsafe { (*cell).load(Ordering::Relaxed) })
}

/// Whether `handle` is tagged as a weak global reference.
#[inline(always)]
pub fn is_weak(handle: *mut u8) -> bool {
    handle as usize & TAG_MASK == WEAK_TAG
}

/// What a handle is, for `GetObjectRefType` and checked JNI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandleKind {
    Invalid,
    /// Of this thread's local handles.
    Local,
    /// A slot of this thread's Java stack: an argument of a native method, local for JNI.
    StackSlot,
    /// The mirror field of a class record, given to static native methods; local for JNI.
    Mirror,
    Global,
    WeakGlobal,
}

const LOCAL_CHUNK: usize = 64;
type LocalChunk = [UnsafeCell<u64>; LOCAL_CHUNK];

/// The extent of a thread's local handles at some time; what was made later is released together.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    top: u32,
    free: u32,
    base: u32,
    frames: u32,
}

/// A thread's JNI local references (made by `default`): chunks of cells with stable addresses, used like a stack. Touched by the
/// owner only, and by the collector when the owner is stopped.
#[derive(Default)]
pub struct LocalHandles {
    /// Cells in use lie below this index.
    top: Cell<u32>,
    /// Head of the free list of the current frame, index plus one; 0 when empty.
    free: Cell<u32>,
    /// First cell of the current frame.
    base: Cell<u32>,
    // Boxed, so that cells stay where they are when the list grows.
    #[allow(clippy::vec_box)]
    chunks: UnsafeCell<Vec<Box<LocalChunk>>>,
    /// Frames of `PushLocalFrame`.
    frames: UnsafeCell<Vec<Mark>>,
}

impl LocalHandles {
    #[allow(clippy::mut_from_ref, clippy::vec_box)]
    fn chunks(&self) -> &mut Vec<Box<LocalChunk>> {
        // SAFETY: one thread at a time uses the structure, and no borrow outlives a method of it.
        unsafe { &mut *self.chunks.get() }
    }
    #[allow(clippy::mut_from_ref)]
    fn frames(&self) -> &mut Vec<Mark> {
        // SAFETY: as in `chunks`.
        unsafe { &mut *self.frames.get() }
    }
    fn cell(&self, index: u32) -> *mut u64 {
        self.chunks()[index as usize / LOCAL_CHUNK][index as usize % LOCAL_CHUNK].get()
    }

    /// A new local reference; null for `NULL`.
    #[allow(clippy::new_ret_no_self, clippy::wrong_self_convention)]
    pub fn new(&self, object: ObjRef) -> *mut u8 {
        if object.is_null() {
            return std::ptr::null_mut();
        }
        let free = self.free.get();
        let cell = if free != 0 {
            let cell = self.cell(free - 1);
            // SAFETY: a free cell of this structure; its upper half links the list.
            self.free.set(unsafe { (*cell >> 32) as u32 } & !FREE);
            cell
        } else {
            let index = self.top.get();
            if index as usize / LOCAL_CHUNK == self.chunks().len() {
                self.chunks().push(Box::new([const { UnsafeCell::new(0) }; LOCAL_CHUNK]));
            }
            self.top.set(index + 1);
            self.cell(index)
        };
        // SAFETY: a cell of this structure that nobody else uses.
        unsafe { *cell = u64::from(object.raw()) };
        cell.cast()
    }

    /// Begins a scope: handles made from here on go with [`LocalHandles::release`].
    #[inline]
    pub fn mark(&self) -> Mark {
        let mark = Mark {
            top: self.top.get(),
            free: self.free.get(),
            base: self.base.get(),
            frames: self.frames().len() as u32,
        };
        self.base.set(mark.top);
        self.free.set(0);
        mark
    }

    /// Ends a scope. Frames pushed in it and not popped end too.
    #[inline]
    pub fn release(&self, mark: Mark) {
        self.top.set(mark.top);
        self.free.set(mark.free);
        self.base.set(mark.base);
        self.frames().truncate(mark.frames as usize);
    }

    /// `PushLocalFrame`.
    pub fn push_frame(&self, _capacity: usize) {
        let mark = self.mark();
        self.frames().push(mark);
    }

    /// `PopLocalFrame`; false when there is none to pop.
    pub fn pop_frame(&self) -> bool {
        match self.frames().pop() {
            Some(mark) => {
                self.release(mark);
                true
            }
            None => false,
        }
    }

    /// Number of cells in use, deleted ones that wait for reuse included.
    pub fn len(&self) -> usize {
        self.top.get() as usize
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn index_of(&self, handle: *mut u8) -> Option<u32> {
        let address = handle as usize;
        for (i, chunk) in self.chunks().iter().enumerate().rev() {
            let offset = address.wrapping_sub(chunk.as_ptr() as usize);
            if offset < LOCAL_CHUNK * 8 && offset.is_multiple_of(8) {
                let index = (i * LOCAL_CHUNK + offset / 8) as u32;
                return (index < self.top.get()).then_some(index);
            }
        }
        None
    }

    /// `DeleteLocalRef`. Ignores what is not a live local reference (stack slots and mirrors among them).
    pub fn delete(&self, handle: *mut u8) {
        let Some(index) = self.index_of(handle) else { return };
        let cell = self.cell(index);
        // SAFETY: a cell below `top`.
        unsafe {
            if *cell >> 32 != 0 {
                return;
            }
            if index >= self.base.get() {
                *cell = u64::from(FREE | self.free.get()) << 32;
                self.free.set(index + 1);
            } else {
                // Belongs to an outer frame: reused there only, otherwise a handle would outlive its frame.
                *cell = u64::from(FREE) << 32;
            }
        }
    }

    /// Whether `handle` is a live local reference of this thread.
    pub fn contains(&self, handle: *mut u8) -> bool {
        // SAFETY: a cell below `top`; its upper half is zero while it is live.
        self.index_of(handle).is_some_and(|i| unsafe { *self.cell(i) >> 32 == 0 })
    }

    /// Presents the cells in use to the collector.
    pub fn visit(&self, visit: &mut dyn FnMut(*mut ObjRef)) {
        for index in 0..self.top.get() {
            let cell = self.cell(index);
            // SAFETY: a cell below `top`; free cells have a null lower half.
            if unsafe { *cell as u32 } != 0 {
                visit(cell.cast());
            }
        }
    }
}

/// Cells in a chunk of global handles; the first holds the chunk's number.
const GLOBAL_CHUNK: usize = 512;

#[repr(align(4096))]
struct GlobalChunk([AtomicU64; GLOBAL_CHUNK]);

#[derive(Default)]
struct GlobalCells {
    chunks: Vec<Box<GlobalChunk>>,
    /// Chunk addresses with their numbers, ascending.
    sorted: Vec<(usize, u32)>,
    /// Head of the free list, index plus one.
    free: u32,
    top: u32,
    live: usize,
}

impl GlobalCells {
    fn cell(&self, index: u32) -> &AtomicU64 {
        &self.chunks[index as usize / GLOBAL_CHUNK].0[index as usize % GLOBAL_CHUNK]
    }
    fn allocate(&mut self, object: ObjRef) -> *mut u8 {
        let index = if self.free != 0 {
            let index = self.free - 1;
            self.free = (self.cell(index).load(Ordering::Relaxed) >> 32) as u32 & !FREE;
            index
        } else {
            if (self.top as usize).is_multiple_of(GLOBAL_CHUNK) {
                let chunk = Box::new(GlobalChunk([const { AtomicU64::new(0) }; GLOBAL_CHUNK]));
                let address = &raw const *chunk as usize;
                let at = self.sorted.partition_point(|&(a, _)| a < address);
                self.sorted.insert(at, (address, self.chunks.len() as u32));
                self.chunks.push(chunk);
            }
            self.top += 1;
            self.top - 1
        };
        self.live += 1;
        let cell = self.cell(index);
        cell.store(u64::from(object.raw()), Ordering::Release);
        cell.as_ptr().cast()
    }
    /// Index of the live cell at `address`.
    fn find(&self, address: usize) -> Option<u32> {
        if address & 7 != 0 {
            return None;
        }
        let base = address & !(GLOBAL_CHUNK * 8 - 1);
        let at = self.sorted.binary_search_by_key(&base, |&(a, _)| a).ok()?;
        let index = self.sorted[at].1 * GLOBAL_CHUNK as u32 + ((address - base) / 8) as u32;
        (index < self.top && self.cell(index).load(Ordering::Relaxed) >> 32 == 0).then_some(index)
    }
    fn delete(&mut self, address: usize) -> bool {
        let Some(index) = self.find(address) else { return false };
        self.cell(index).store(u64::from(FREE | self.free) << 32, Ordering::Release);
        self.free = index + 1;
        self.live -= 1;
        true
    }
    fn visit(&self, visit: &mut dyn FnMut(*mut ObjRef)) {
        for index in 0..self.top {
            let cell = self.cell(index);
            if cell.load(Ordering::Relaxed) as u32 != 0 {
                visit(cell.as_ptr().cast());
            }
        }
    }
}

/// The JNI global and weak global references of a VM, and references that the VM itself keeps.
#[derive(Default)]
pub struct GlobalHandles {
    strong: Mutex<GlobalCells>,
    weak: Mutex<GlobalCells>,
}

impl GlobalHandles {
    pub fn new() -> GlobalHandles {
        GlobalHandles::default()
    }
    /// `NewGlobalRef`; null for `NULL`.
    pub fn new_strong(&self, object: ObjRef) -> *mut u8 {
        if object.is_null() {
            return std::ptr::null_mut();
        }
        self.strong.lock().allocate(object)
    }
    /// `DeleteGlobalRef`; false when `handle` is not a live global reference.
    pub fn delete_strong(&self, handle: *mut u8) -> bool {
        self.strong.lock().delete(handle as usize)
    }
    /// `NewWeakGlobalRef`; null for `NULL`.
    pub fn new_weak(&self, object: ObjRef) -> *mut u8 {
        if object.is_null() {
            return std::ptr::null_mut();
        }
        self.weak.lock().allocate(object).wrapping_add(WEAK_TAG)
    }
    /// `DeleteWeakGlobalRef`; false when `handle` is not a live weak reference.
    pub fn delete_weak(&self, handle: *mut u8) -> bool {
        is_weak(handle) && self.weak.lock().delete(handle as usize & !TAG_MASK)
    }
    /// Whether `handle` is a global or weak global reference.
    pub fn kind(&self, handle: *mut u8) -> HandleKind {
        if is_weak(handle) {
            if self.weak.lock().find(handle as usize & !TAG_MASK).is_some() {
                return HandleKind::WeakGlobal;
            }
        } else if self.strong.lock().find(handle as usize).is_some() {
            return HandleKind::Global;
        }
        HandleKind::Invalid
    }
    /// Live strong and weak handles.
    pub fn counts(&self) -> (usize, usize) {
        (self.strong.lock().live, self.weak.lock().live)
    }
    /// Presents the strong handles to the collector.
    pub fn visit_strong(&self, visit: &mut dyn FnMut(*mut ObjRef)) {
        self.strong.lock().visit(visit);
    }
    /// Replaces what weak handles refer to by what `forward` says, null for dead objects. World stopped.
    pub fn forward_weak(&self, forward: &dyn Fn(ObjRef) -> ObjRef) {
        let cells = self.weak.lock();
        for index in 0..cells.top {
            let cell = cells.cell(index);
            let value = cell.load(Ordering::Relaxed);
            if value as u32 != 0 {
                cell.store(u64::from(forward(ObjRef::from_raw(value as u32)).raw()), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(n: u32) -> ObjRef {
        ObjRef::from_raw(n)
    }

    #[test]
    fn local_handles_live_in_scopes_and_reuse_deleted_cells() {
        let h = LocalHandles::default();
        let a = h.new(object(7));
        let mark = h.mark();
        let many: Vec<_> = (1..300).map(|i| h.new(object(i))).collect();
        // SAFETY: handles made above.
        unsafe {
            assert_eq!(resolve(a), object(7));
            assert_eq!(resolve(many[298]), object(299));
        }
        h.delete(many[10]);
        h.delete(many[10]);
        assert!(!h.contains(many[10]));
        assert_eq!(h.new(object(5)), many[10]);
        // A handle of the outer frame is not reused in the inner one.
        h.delete(a);
        assert_ne!(h.new(object(5)), a);
        h.push_frame(16);
        let inner = h.new(object(9));
        assert!(h.contains(inner) && h.pop_frame() && !h.contains(inner));
        assert!(!h.pop_frame());
        h.push_frame(1);
        h.release(mark);
        assert_eq!(h.len(), 1);
        assert!(!h.pop_frame());
        let mut seen = 0;
        h.visit(&mut |_| seen += 1);
        assert_eq!(seen, 0);
    }

    #[test]
    fn global_handles_tell_their_kind_and_weak_ones_are_cleared() {
        let g = GlobalHandles::new();
        let strong: Vec<_> = (1..2000).map(|i| g.new_strong(object(i))).collect();
        let weak = g.new_weak(object(3));
        let kept = g.new_weak(object(4));
        assert_eq!(g.kind(strong[1500]), HandleKind::Global);
        assert_eq!(g.kind(weak), HandleKind::WeakGlobal);
        assert_eq!(g.kind(0x1000 as *mut u8), HandleKind::Invalid);
        g.forward_weak(&|o| if o == object(4) { object(44) } else { ObjRef::NULL });
        // SAFETY: live handles.
        unsafe {
            assert!(resolve(weak).is_null());
            assert_eq!(resolve(kept), object(44));
        }
        assert_eq!(g.kind(weak), HandleKind::WeakGlobal);
        assert!(g.delete_weak(weak) && !g.delete_weak(weak));
        assert!(g.delete_strong(strong[700]) && !g.delete_strong(strong[700]));
        assert_eq!(g.new_strong(object(1)), strong[700]);
        assert_eq!(g.counts(), (1999, 1));
    }
}
