//! Inflated monitors: records at stable addresses, named by index in an object's lock word.

use crate::runtime::lock_word::{LockState, LockWord};
use crate::runtime::parker::Parker;
use crate::runtime::thread::Thread;
use caturra_heap::ObjRef;
use parking_lot::Mutex;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Which queue a waiter is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In no queue.
    None,
    /// Wants the monitor.
    Entry,
    /// In the wait set (JLS §17.2).
    WaitSet,
}

/// A thread that waits for a monitor; lives on that thread's stack, touched under the monitor's lock.
pub(super) struct Waiter {
    pub thread: NonNull<Thread>,
    pub parker: NonNull<Parker>,
    pub place: Cell<Place>,
    pub notified: Cell<bool>,
    next: Cell<*const Waiter>,
    previous: Cell<*const Waiter>,
}

impl Waiter {
    pub fn new(t: &Thread) -> Waiter {
        Waiter {
            thread: NonNull::from(t),
            parker: NonNull::from(&*t.parker),
            place: Cell::new(Place::None),
            notified: Cell::new(false),
            next: Cell::new(null_mut()),
            previous: Cell::new(null_mut()),
        }
    }
}

/// A doubly linked list of waiters, first in, first out.
pub(super) struct Queue {
    head: *const Waiter,
    tail: *const Waiter,
    place: Place,
}

impl Queue {
    const fn new(place: Place) -> Queue {
        Queue { head: null_mut(), tail: null_mut(), place }
    }
    pub fn head(&self) -> Option<&Waiter> {
        // SAFETY: a queued waiter's thread leaves its frame only after taking it off under the lock.
        unsafe { self.head.as_ref() }
    }
    pub fn push(&mut self, w: &Waiter) {
        debug_assert_eq!(w.place.get(), Place::None);
        w.place.set(self.place);
        w.previous.set(self.tail);
        w.next.set(null_mut());
        // SAFETY: as in `head`.
        match unsafe { self.tail.as_ref() } {
            Some(tail) => tail.next.set(w),
            None => self.head = w,
        }
        self.tail = w;
    }
    pub fn remove(&mut self, w: &Waiter) {
        debug_assert_eq!(w.place.get(), self.place);
        w.place.set(Place::None);
        let (previous, next) = (w.previous.get(), w.next.get());
        // SAFETY: as in `head`; neighbours are queued.
        unsafe {
            match previous.as_ref() {
                Some(p) => p.next.set(next),
                None => self.head = next,
            }
            match next.as_ref() {
                Some(n) => n.previous.set(previous),
                None => self.tail = previous,
            }
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = &Waiter> {
        // SAFETY: as in `head`.
        std::iter::successors(self.head(), |w| unsafe { w.next.get().as_ref() })
    }
}

/// The threads that wait for a monitor.
pub(super) struct Queues {
    pub entry: Queue,
    pub waiting: Queue,
}

// SAFETY: the queues' pointers are followed only under the monitor's lock.
unsafe impl Send for Queues {}

/// An inflated monitor.
pub struct ObjectMonitor {
    /// Id of the owning thread, 0 when free.
    pub(super) owner: AtomicU32,
    /// Entries of the owner beyond the first; written by the owner (or before publication).
    pub(super) recursions: AtomicU32,
    /// Threads that want to enter and may sleep; changed under the lock.
    pub(super) entrants: AtomicU32,
    /// Threads in the wait set.
    pub(super) waiters: AtomicU32,
    /// The thread woken last, until it has looked at the monitor: no second one is woken meanwhile.
    pub(super) successor: AtomicU32,
    /// Identity hash of the object, 0 when none.
    pub(super) hash: AtomicU32,
    /// The object, raw and weak; 0 when the record is free.
    pub(super) object: AtomicU32,
    /// Next free record, index plus one.
    next_free: AtomicU32,
    pub(super) queues: Mutex<Queues>,
}

impl ObjectMonitor {
    /// For machine code: where the owner, the owner's further entries and the number of entrants are.
    pub const OWNER: usize = offset_of!(ObjectMonitor, owner);
    pub const RECURSIONS: usize = offset_of!(ObjectMonitor, recursions);
    pub const ENTRANTS: usize = offset_of!(ObjectMonitor, entrants);

    fn new() -> ObjectMonitor {
        ObjectMonitor {
            owner: AtomicU32::new(0),
            recursions: AtomicU32::new(0),
            entrants: AtomicU32::new(0),
            waiters: AtomicU32::new(0),
            successor: AtomicU32::new(0),
            hash: AtomicU32::new(0),
            object: AtomicU32::new(0),
            next_free: AtomicU32::new(0),
            queues: Mutex::new(Queues {
                entry: Queue::new(Place::Entry),
                waiting: Queue::new(Place::WaitSet),
            }),
        }
    }
    pub fn owner(&self) -> u32 {
        self.owner.load(Ordering::Relaxed)
    }
    pub fn recursions(&self) -> u32 {
        self.recursions.load(Ordering::Relaxed)
    }
    /// The object, null for a free record.
    pub fn object(&self) -> ObjRef {
        ObjRef::from_raw(self.object.load(Ordering::Relaxed))
    }
    /// Threads that want to enter and threads in the wait set; world stopped or owner.
    pub fn waiting_threads(&self) -> (Vec<NonNull<Thread>>, Vec<NonNull<Thread>>) {
        let q = self.queues.lock();
        (q.entry.iter().map(|w| w.thread).collect(), q.waiting.iter().map(|w| w.thread).collect())
    }
    /// World stopped; but a blocked thread may just be taking the monitor. It becomes owner or waiter before it
    /// stops being an entrant, so the entrants are looked at first.
    fn is_idle(&self) -> bool {
        self.entrants.load(Ordering::SeqCst) == 0
            && self.owner.load(Ordering::SeqCst) == 0
            && self.waiters.load(Ordering::SeqCst) == 0
    }
}

/// Records of the first bucket; each next bucket is twice as large.
pub const FIRST_BUCKET: u32 = 64;
const BUCKETS: usize = 20;

/// All inflated monitors of a VM.
pub struct MonitorTable {
    buckets: [AtomicPtr<ObjectMonitor>; BUCKETS],
    state: Mutex<TableState>,
}

#[derive(Default)]
struct TableState {
    top: u32,
    free: u32,
    live: u32,
}

impl Default for MonitorTable {
    fn default() -> Self {
        Self::new()
    }
}

fn place(index: u32) -> (usize, usize) {
    let n = index / FIRST_BUCKET + 1;
    let bucket = n.ilog2();
    (bucket as usize, (index - FIRST_BUCKET * ((1 << bucket) - 1)) as usize)
}

fn bucket_len(bucket: usize) -> usize {
    (FIRST_BUCKET as usize) << bucket
}

impl MonitorTable {
    /// For machine code: the pointer to the records below [`FIRST_BUCKET`], which are made when the first is wanted.
    pub fn first_bucket(&self) -> &AtomicPtr<ObjectMonitor> {
        &self.buckets[0]
    }

    pub fn new() -> MonitorTable {
        MonitorTable {
            buckets: [const { AtomicPtr::new(null_mut()) }; BUCKETS],
            state: Mutex::new(TableState::default()),
        }
    }

    /// The record with this index.
    #[inline]
    pub fn get(&self, index: u32) -> &ObjectMonitor {
        let (bucket, offset) = place(index);
        let first = self.buckets[bucket].load(Ordering::Acquire);
        debug_assert!(!first.is_null());
        // SAFETY: indexes in lock words come from `allocate`; buckets live as long as the table.
        unsafe { &*first.add(offset) }
    }

    /// A free record, made the monitor of `object`.
    pub(super) fn allocate(&self, object: ObjRef) -> (u32, &ObjectMonitor) {
        let mut s = self.state.lock();
        let index = if s.free != 0 {
            let index = s.free - 1;
            s.free = self.get(index).next_free.load(Ordering::Relaxed);
            index
        } else {
            let index = s.top;
            let (bucket, offset) = place(index);
            assert!(bucket < BUCKETS, "monitor table is full");
            if offset == 0 {
                let records: Box<[ObjectMonitor]> =
                    (0..bucket_len(bucket)).map(|_| ObjectMonitor::new()).collect();
                self.buckets[bucket].store(Box::into_raw(records).cast(), Ordering::Release);
            }
            s.top += 1;
            index
        };
        s.live += 1;
        let m = self.get(index);
        m.owner.store(0, Ordering::Relaxed);
        m.recursions.store(0, Ordering::Relaxed);
        m.successor.store(0, Ordering::Relaxed);
        m.hash.store(0, Ordering::Relaxed);
        m.object.store(object.raw(), Ordering::Release);
        (index, m)
    }

    pub(super) fn free(&self, index: u32) {
        let mut s = self.state.lock();
        let m = self.get(index);
        m.object.store(0, Ordering::Relaxed);
        m.next_free.store(s.free, Ordering::Relaxed);
        s.free = index + 1;
        s.live -= 1;
    }

    /// Inflated monitors in use.
    pub fn live(&self) -> usize {
        self.state.lock().live as usize
    }

    /// Presents every monitor in use. World stopped.
    pub fn for_each(&self, visit: &mut dyn FnMut(&ObjectMonitor)) {
        let top = self.state.lock().top;
        for index in 0..top {
            let m = self.get(index);
            if m.object.load(Ordering::Acquire) != 0 {
                visit(m);
            }
        }
    }

    /// Frees the monitors of dead objects, and gives idle ones' hashes back to the header. `forward` gives the
    /// object's present address, null for a dead one. World stopped.
    pub fn process_weak(&self, forward: &dyn Fn(ObjRef) -> ObjRef) {
        let top = self.state.lock().top;
        for index in 0..top {
            let m = self.get(index);
            let object = m.object();
            if object.is_null() {
                continue;
            }
            let object = forward(object);
            if object.is_null() {
                self.free(index);
            } else if m.is_idle() {
                // SAFETY: a live object; all threads that may use its monitor are stopped or counted in it.
                let word = unsafe { object.lock_word() };
                let w = LockWord(word.load(Ordering::Relaxed));
                debug_assert_eq!(w.decode(), LockState::Inflated { index });
                word.store(LockWord::neutral(m.hash.load(Ordering::Relaxed)).0, Ordering::Relaxed);
                self.free(index);
            } else {
                m.object.store(object.raw(), Ordering::Relaxed);
            }
        }
    }
}

impl Drop for MonitorTable {
    fn drop(&mut self) {
        for (bucket, first) in self.buckets.iter_mut().enumerate() {
            let first = *first.get_mut();
            if !first.is_null() {
                // SAFETY: made from a boxed slice of this length; no thread of the VM is left.
                drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(first, bucket_len(bucket))) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_map_to_buckets() {
        assert_eq!(place(0), (0, 0));
        assert_eq!(place(63), (0, 63));
        assert_eq!(place(64), (1, 0));
        assert_eq!(place(191), (1, 127));
        assert_eq!(place(192), (2, 0));
        let table = MonitorTable::new();
        for i in 0..500 {
            let (index, m) = table.allocate(ObjRef::from_raw(i + 1));
            assert_eq!(index, i);
            assert_eq!(m.object().raw(), i + 1);
        }
        table.free(100);
        assert_eq!(table.allocate(ObjRef::from_raw(7)).0, 100);
        assert_eq!(table.get(499).object().raw(), 500);
        assert_eq!(table.live(), 500);
    }
}
