//! Looking at all objects, and finding objects from addresses.

use crate::heap::Heap;
use crate::host::Host;
use crate::meta::Meta;
use crate::objref::{ObjRef, REF_SHIFT};
use crate::space::Space;
use std::sync::atomic::Ordering;

impl Heap {
    /// Runs `work` with the world stopped.
    pub fn with_world_stopped<R>(&self, host: &dyn Host, work: impl FnOnce() -> R) -> R {
        host.stop_world(&|| true);
        self.next_stop();
        let result = work();
        host.resume_world();
        result
    }

    /// Presents every object, dead ones that no collection has found yet included. Stops the world; `visit`
    /// must not allocate in the heap.
    pub fn for_each_object(&self, host: &dyn Host, visit: &mut dyn FnMut(ObjRef)) {
        // SAFETY: the world is stopped.
        self.with_world_stopped(host, || unsafe { self.for_each_object_stopped(visit) });
    }

    /// As [`Heap::for_each_object`], within a stop that the caller made.
    ///
    /// # Safety
    /// The world is stopped, and no collection is under way.
    pub unsafe fn for_each_object_stopped(&self, visit: &mut dyn FnMut(ObjRef)) {
        let meta = self.view();
        let space = self.space.lock();
        // SAFETY: promised by the caller.
        unsafe {
            each(&meta, &space, &mut |addr| {
                visit(ObjRef::from_addr(addr as *const u8));
                true
            })
        };
    }

    /// Whether an object begins at the address.
    ///
    /// # Safety
    /// Within [`Heap::with_world_stopped`].
    pub unsafe fn is_object_start(&self, addr: *const u8) -> bool {
        // SAFETY: promised by the caller.
        unsafe { self.find_object(addr) }.is_some_and(|object| object.addr().cast_const() == addr)
    }

    /// The object that the address points at or into.
    ///
    /// # Safety
    /// As [`Heap::is_object_start`].
    pub unsafe fn find_object(&self, addr: *const u8) -> Option<ObjRef> {
        let stop = self.stops.load(Ordering::Relaxed);
        // SAFETY: promised by the caller.
        let raw = unsafe { self.view().find_object(addr as usize, stop) };
        (raw != 0).then_some(ObjRef::from_raw(raw))
    }
}

/// Presents the address of every object; after the visitor returned false perhaps not all.
///
/// # Safety
/// The world is stopped, and no collection is between marking and sweep.
pub(crate) unsafe fn each(meta: &Meta, space: &Space, visit: &mut dyn FnMut(usize) -> bool) {
    for block in space.used.iter() {
        // SAFETY: promised by the caller.
        unsafe {
            meta.walk_marked(block, |addr| {
                visit(addr);
            });
            meta.walk_young(block, &mut *visit);
        }
    }
    for large in space.large_old.iter().chain(&space.large_young) {
        let addr = (large.raw as usize) << REF_SHIFT;
        // SAFETY: a large object's memory is part of the heap; its header may not be stored yet.
        if unsafe { meta.class_at(addr) } != 0 {
            visit(addr);
        }
    }
}
