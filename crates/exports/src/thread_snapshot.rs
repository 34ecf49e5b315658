//! Snapshots of threads: stacks, what they wait for, what they hold.
//!
//! A snapshot is taken with the world stopped and holds its objects by local handles, so that they (and the
//! classes of the methods on the stacks) stay alive while Java objects are made of it.

use caturra_heap::ObjRef;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::frames::{self, Frame};
use caturra_kernel::runtime::handles::resolve;
use caturra_kernel::runtime::thread::ThreadState;
use caturra_kernel::runtime::thread_list::{self, ThreadStatus};
use caturra_kernel::runtime::{alloc, monitor, stack_trace};
use caturra_kernel::{ClassRef, MethodRef, Thread};
use std::sync::atomic::Ordering;

/// Bits of `java.lang.Thread.threadStatus` (JVMTI's thread state) that tell what a thread waits for.
mod status {
    pub const IN_OBJECT_WAIT: i32 = 0x100;
    pub const PARKED: i32 = 0x200;
    pub const BLOCKED: i32 = 0x400;
}

/// A local handle, null for none.
pub type Handle = *mut u8;

/// A frame of a snapshot.
pub struct FrameShot {
    pub method: MethodRef,
    /// -1 in a native method.
    pub bci: i32,
    /// Monitors locked in this frame.
    pub monitors: Vec<Handle>,
}

/// A thread as it was at a safepoint.
pub struct Snapshot {
    pub thread: Handle,
    /// `threadStatus`.
    pub status: i32,
    pub suspended: bool,
    pub in_native: bool,
    /// Object whose monitor or permit the thread waits for, and the thread that owns it.
    pub blocker: Handle,
    pub blocker_owner: Handle,
    pub blocked_count: u64,
    pub waited_count: u64,
    /// Youngest first; hidden frames left out.
    pub frames: Vec<FrameShot>,
    /// `AbstractOwnableSynchronizer`s the thread owns.
    pub synchronizers: Vec<Handle>,
}

/// What a snapshot shall contain.
#[derive(Clone, Copy)]
pub struct Detail {
    /// Frames at most; `usize::MAX` for all.
    pub depth: usize,
    pub monitors: bool,
    pub synchronizers: bool,
}

impl Detail {
    pub const STACK: Detail = Detail { depth: usize::MAX, monitors: false, synchronizers: false };
}

/// Snapshots of the threads that `wanted` picks by their `java.lang.Thread`. Local handles are made in the
/// current frame; the caller releases them with [`LocalHandles::release`](caturra_kernel::runtime::handles).
pub fn take(t: &Thread, detail: Detail, wanted: &dyn Fn(&Thread) -> bool) -> Vec<Snapshot> {
    let vm = t.vm();
    let mut shots = Vec::new();
    // The heap's own way of stopping: it is asked where objects begin.
    vm.heap.with_world_stopped(vm, || {
        vm.threads.with_all(|threads| {
            for thread in threads.iter().filter(|x| !x.object.get().is_null() && wanted(x)) {
                shots.push(shoot(t, thread, threads, detail));
            }
        });
    });
    // No safepoint since: the owners found here still belong to the same instant but for own progress.
    if detail.synchronizers && !shots.is_empty() {
        add_synchronizers(t, &mut shots);
    }
    shots
}

/// One thread, with the world stopped.
fn shoot(t: &Thread, thread: &Thread, all: &[&Thread], detail: Detail) -> Snapshot {
    let vm = t.vm();
    let object = thread.object.get();
    let mut status = thread_list::raw_status(t, object);
    let (mut blocker, mut owner) = blocker_of(t, thread, status, all);
    if status & status::BLOCKED != 0 && owner.is_null() {
        // The owner has let go and this thread is about to run.
        blocker = ObjRef::NULL;
        owner = ObjRef::NULL;
        status = ThreadStatus::Runnable as i32;
    }
    let mut frames: Vec<FrameShot> = Vec::new();
    let mut seen: Vec<(ObjRef, usize)> = Vec::new();
    let mut depth = 0;
    let mut above = None;
    for activation in frames::walk(thread) {
        let frame = std::ptr::NonNull::new(activation.frame);
        // SAFETY: a frame of a stopped thread.
        let callee_locals = frame.and_then(|f| above.replace(unsafe { (*f.as_ptr()).locals }));
        if activation.is_hidden() {
            continue;
        }
        if depth == detail.depth {
            break;
        }
        if detail.monitors {
            // SAFETY: a frame of a stopped thread; the heap has stopped the world.
            unsafe {
                match frame {
                    Some(frame) => {
                        held_in_frame(t, thread, frame.as_ptr(), callee_locals, depth, &mut seen);
                    }
                    None => activation.visit_compiled_locks(vm, &mut |object| {
                        if monitor::owner(t, object) == thread.id {
                            note(&mut seen, object, depth);
                        }
                    }),
                }
            }
        }
        // The handle keeps the method's class alive.
        t.handles.new(activation.class().mirror());
        frames.push(FrameShot { method: activation.method, bci: activation.bci, monitors: Vec::new() });
        depth += 1;
    }
    for (object, depth) in seen {
        frames[depth].monitors.push(t.handles.new(object));
    }
    Snapshot {
        thread: t.handles.new(object),
        status,
        suspended: *thread.suspend_count.lock() > 0,
        in_native: thread.state() == ThreadState::InNative,
        blocker: t.handles.new(blocker),
        blocker_owner: t.handles.new(owner),
        blocked_count: thread.blocked_count.load(Ordering::Relaxed),
        waited_count: thread.waited_count.load(Ordering::Relaxed),
        frames,
        synchronizers: Vec::new(),
    }
}

/// What a thread waits for, and the owner's thread object.
fn blocker_of(t: &Thread, thread: &Thread, status: i32, all: &[&Thread]) -> (ObjRef, ObjRef) {
    let vm = t.vm();
    if status & (status::BLOCKED | status::IN_OBJECT_WAIT) != 0 {
        let object = thread.blocked_on.get();
        if object.is_null() {
            return (ObjRef::NULL, ObjRef::NULL);
        }
        let id = monitor::owner(t, object);
        let owner = all.iter().find(|x| id != 0 && x.id == id).map_or(ObjRef::NULL, |x| x.object.get());
        return (object, owner);
    }
    if status & status::PARKED != 0 {
        // SAFETY: reference fields of live objects.
        unsafe {
            let object = thread.object.get().load_ref(vm.off.thread_park_blocker() as usize);
            if object.is_null() || !ClassRef::of(object).is_subclass_of(vm.wk.abstract_ownable_synchronizer())
            {
                return (object, ObjRef::NULL);
            }
            return (object, object.load_ref(vm.off.aos_exclusive_owner() as usize));
        }
    }
    (ObjRef::NULL, ObjRef::NULL)
}

/// Notes that the frame at `depth` has locked `object`.
fn note(seen: &mut Vec<(ObjRef, usize)>, object: ObjRef, depth: usize) {
    match seen.iter_mut().find(|(o, _)| *o == object) {
        Some(entry) => entry.1 = depth,
        None => seen.push((object, depth)),
    }
}

/// Adds the objects in a frame's slots whose monitor the thread owns. `monitorenter` leaves no record in the
/// frame, but a compiler keeps the locked object in a local variable, for the `monitorexit`. An object that
/// turns up in several frames counts for the oldest. From `callee_locals` on, the slots are the callee's.
///
/// # Safety
/// `frame` is a frame of the stopped `thread`, and the world is stopped.
unsafe fn held_in_frame(
    t: &Thread,
    thread: &Thread,
    frame: *mut Frame,
    callee_locals: Option<*mut u64>,
    depth: usize,
    seen: &mut Vec<(ObjRef, usize)>,
) {
    let heap = &t.vm().heap;
    // SAFETY: the slots of a live frame; a slot is looked at as a reference only where an object begins.
    unsafe {
        let Some(method) = (*frame).method() else { return };
        let locals = std::slice::from_raw_parts((*frame).locals, method.max_locals as usize);
        let stack_base = Frame::stack_base(frame);
        let end = Frame::end(frame);
        let end = callee_locals.map_or(end, |limit| end.min(limit));
        let stack_len = end.offset_from(stack_base).max(0) as usize;
        let stack = std::slice::from_raw_parts(stack_base, stack_len);
        for &slot in locals.iter().chain(stack).rev() {
            let Ok(raw) = u32::try_from(slot) else { continue };
            let candidate = ObjRef::from_raw(raw);
            if !candidate.is_null()
                && heap.contains(candidate.addr())
                && heap.is_object_start(candidate.addr())
                && monitor::owner(t, candidate) == thread.id
            {
                note(seen, candidate, depth);
            }
        }
        if !(*frame).lock.is_null() {
            note(seen, (*frame).lock, depth);
        }
    }
}

/// Finds the owned synchronizers by a walk of the heap: nothing leads from a thread to what it owns.
fn add_synchronizers(t: &Thread, shots: &mut [Snapshot]) {
    let vm = t.vm();
    let base = vm.wk.abstract_ownable_synchronizer();
    let owner_offset = vm.off.aos_exclusive_owner() as usize;
    vm.heap.for_each_object(vm, &mut |object| {
        // SAFETY: the heap presents live objects; the offset is that of a reference field of this class.
        let owner = unsafe {
            if !ClassRef::of(object).is_subclass_of(base) {
                return;
            }
            object.load_ref(owner_offset)
        };
        if owner.is_null() {
            return;
        }
        // SAFETY: local handles of this thread.
        if let Some(shot) = shots.iter_mut().find(|s| unsafe { resolve(s.thread) } == owner) {
            shot.synchronizers.push(t.handles.new(object));
        }
    });
}

/// A `StackTraceElement[]` of a snapshot's frames.
pub fn elements(t: &Thread, shot: &Snapshot) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.stack_trace_element(), shot.frames.len() as i32)?;
    for (i, frame) in shot.frames.iter().enumerate() {
        let element = stack_trace::new_element(t, frame.method, frame.bci)?;
        // SAFETY: a live array with more than `i` elements.
        unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, element) };
    }
    Ok(array)
}

/// `Thread.dumpThreads`: a `StackTraceElement[][]` for a `Thread[]`.
pub fn stack_traces(t: &Thread, threads: ObjRef) -> JResult<ObjRef> {
    let vm = t.vm();
    let illegal = || exceptions::throw_bare(t, "java/lang/IllegalArgumentException");
    // SAFETY: a live array.
    let (class, len) = unsafe { (ClassRef::of(threads), threads.array_length() as usize) };
    if len == 0 || class.component != Some(vm.wk.thread()) {
        return Err(illegal());
    }
    // SAFETY: a live array of references.
    let at = |i: usize| unsafe { threads.load_ref(ARRAY_BASE + 4 * i) };
    let mark = t.handles.mark();
    let shots = take(t, Detail::STACK, &|x| (0..len).any(|i| at(i) == x.object.get()));
    let result = (|| {
        let element_array = caturra_kernel::loading::mirrors::array_class_of(t, vm.wk.stack_trace_element())?;
        let result = alloc::ref_array(t, element_array, len as i32)?;
        for i in 0..len {
            // SAFETY: local handles of this thread.
            let Some(shot) = shots.iter().find(|s| unsafe { resolve(s.thread) } == at(i)) else { continue };
            let trace = elements(t, shot)?;
            // SAFETY: a live array with `len` elements.
            unsafe { vm.heap.store_ref(result, ARRAY_BASE + 4 * i, trace) };
        }
        Ok(result)
    })();
    t.handles.release(mark);
    result
}
