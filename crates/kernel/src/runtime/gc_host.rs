//! The virtual machine as the collector sees it.

use crate::platform::{SavedRegisters, capture_registers, keep_registers};
use crate::runtime::frames;
use crate::runtime::frames::{FRAME_FLOATS, Frame, SAVED_FLOATS};
use crate::runtime::thread::{Thread, ThreadState};
use crate::runtime::vm::Vm;
use caturra_heap::host::{GcKind, Host, RootVisitor};
use caturra_heap::layout::GC_UNLOADABLE;
use caturra_heap::{ObjRef, Tlab};

/// The used part of a thread's Java stack.
fn java_stack_range(t: &Thread) -> (*const u64, *const u64) {
    let begin = t.java_stack.base().cast_const();
    let frame = t.frame.get();
    if frame.is_null() {
        return (begin, begin);
    }
    // SAFETY: the youngest frame of this thread, which is the caller or stopped.
    (begin, unsafe { Frame::end(frame) }.cast_const())
}

/// Where the stub that compiled code has called last keeps floating-point registers, if it does.
fn saved_floats(t: &Thread) -> Option<(usize, usize)> {
    let anchor = t.frame.get();
    // SAFETY: the youngest frame of this thread, which is the caller or stopped.
    if anchor.is_null() || unsafe { (*anchor).flags } & FRAME_FLOATS == 0 {
        return None;
    }
    Some((anchor as usize + SAVED_FLOATS.0, anchor as usize + SAVED_FLOATS.1))
}

impl Host for Vm {
    fn stop_world(&self, still_needed: &dyn Fn() -> bool) -> bool {
        self.safepoint.stop(self, still_needed)
    }

    fn resume_world(&self) {
        self.safepoint.resume(self);
    }

    fn visit_tlabs(&self, visit: &mut dyn FnMut(&Tlab)) {
        self.threads.with_all(|all| all.iter().for_each(|t| visit(&t.tlab)));
    }

    fn visit_precise_roots(&self, kind: GcKind, visit: RootVisitor<'_>) {
        self.threads.with_all(|all| {
            for t in all {
                visit(t.object.as_ptr());
                visit(t.pending.as_ptr());
                visit(t.blocked_on.as_ptr());
                visit(t.async_exception.data_ptr());
                t.handles.visit(visit);
                // SAFETY: the owner is stopped, or is the caller and not inside a use of the lists.
                unsafe {
                    (*t.jni_monitors.get()).iter_mut().for_each(|object| visit(object));
                    (*t.frame_monitors.get()).iter_mut().for_each(|(_, object)| visit(object));
                }
                // A running method keeps its class.
                for a in frames::walk(t) {
                    let class = a.class();
                    if class.prefix.gc_flags & GC_UNLOADABLE != 0 {
                        visit(class.mirror.as_ptr().cast());
                    }
                }
            }
        });
        self.globals.visit_strong(visit);
        self.loaders.visit_strong_roots(kind, visit);
    }

    #[inline(never)]
    fn visit_conservative_ranges(&self, visit: &mut dyn FnMut(*const u64, *const u64)) {
        let mut registers = SavedRegisters::default();
        let sp = capture_registers(&mut registers);
        let me = Thread::current().map_or(std::ptr::null(), std::ptr::from_ref);
        self.threads.with_all(|all| {
            for t in all {
                let (begin, end) = java_stack_range(t);
                if begin < end {
                    visit(begin, end);
                }
                // SAFETY: the owner is stopped, or is the caller and not inside a use of the list.
                let pinned = unsafe { (*t.pinned.get()).as_ptr_range() };
                if !pinned.is_empty() {
                    visit(pinned.start, pinned.end);
                }
                // A caller that came from native code has its references in the frames below that, too.
                let begin = if std::ptr::eq(*t, me) { sp } else { t.last_sp.get() } & !7;
                let end = t.native_base.get() & !7;
                if t.state() == ThreadState::Off || begin == 0 || begin >= end {
                    continue;
                }
                let (skipped, go_on) = saved_floats(t).unwrap_or((begin, begin));
                debug_assert!(begin <= skipped && go_on <= end);
                visit(begin as *const u64, skipped as *const u64);
                visit(go_on as *const u64, end as *const u64);
            }
        });
        let range = registers.as_ptr_range();
        visit(range.start, range.end);
        if let Some(p) = self.preallocated.get() {
            // Kept for good in memory that nobody rewrites.
            let errors =
                [p.java_heap_space, p.array_size, p.metaspace, p.native_thread].map(|e| u64::from(e.raw()));
            let range = errors.as_ptr_range();
            visit(range.start, range.end);
        }
        keep_registers(&registers);
    }

    fn visit_owned_metadata(&self, owner: ObjRef, visit: RootVisitor<'_>) {
        self.loaders.visit_owned(self, owner, visit);
    }

    fn visit_immovable(&self, visit: &mut dyn FnMut(ObjRef)) {
        self.loaders.visit_handles(visit);
    }

    fn process_weak(&self, kind: GcKind, forward: &dyn Fn(ObjRef) -> ObjRef) {
        self.globals.forward_weak(forward);
        self.strings.clear_dead(forward);
        self.monitors.process_weak(forward);
        if kind == GcKind::Full {
            self.loaders.unload_dead(self, forward);
        }
    }

    fn set_soft_reference_clock(&self, millis: i64) {
        let offset = self.off.soft_reference_clock();
        if offset != 0 {
            let mirror = self.wk.soft_reference().mirror();
            if !mirror.is_null() {
                // SAFETY: a static field of that class, in its mirror.
                unsafe { mirror.store(offset as usize, millis) };
            }
        }
    }

    fn notify_pending_references(&self) {
        self.safepoint.notify_pending_references();
    }

    fn is_class(&self, word: u32) -> bool {
        self.metaspace.contains(word as usize)
    }
}
