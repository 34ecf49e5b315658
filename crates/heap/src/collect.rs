//! A collection, from stop to resume.

use crate::arch;
use crate::evacuate;
use crate::heap::{Collector, Heap};
use crate::host::{GcCause, GcKind, Host};
use crate::mark::Marker;
use crate::objref::ObjRef;
use crate::references::{self, Pending};
use crate::roots;
use crate::space::Space;
use crate::stats::GcEvent;
use crate::sweep;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// What a collection is asked to do.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    /// What the policy finds best.
    Policy,
    Minor,
    Full,
    /// Full, and all softly reachable objects are cleared.
    ClearSoft,
}

impl Heap {
    /// Full collection now (`System.gc()`, JVMTI, metadata pressure); `clear_soft` clears all softly
    /// reachable references too.
    pub fn collect(&self, host: &dyn Host, cause: GcCause, clear_soft: bool) {
        let request = if clear_soft { Request::ClearSoft } else { Request::Full };
        self.collect_unless_done(host, request, cause, None);
    }

    /// Minor collection now.
    pub fn collect_minor(&self, host: &dyn Host, cause: GcCause) {
        self.collect_unless_done(host, Request::Minor, cause, None);
    }

    /// Collects, unless there were more collections than `seen` by the time it is this thread's turn.
    /// The most thorough collection it did.
    #[inline(never)]
    pub(crate) fn collect_unless_done(
        &self,
        host: &dyn Host,
        request: Request,
        cause: GcCause,
        seen: Option<u64>,
    ) -> Option<GcKind> {
        let registers = arch::callee_saved();
        let needed = || seen.is_none_or(|seen| self.epoch.load(Ordering::Acquire) == seen);
        if !host.stop_world(&needed) {
            return None;
        }
        self.next_stop();
        let kind = self.run(&mut self.collector.lock(), host, request, cause, &registers);
        host.resume_world();
        Some(kind)
    }

    /// Makes start bits of earlier stops invalid.
    pub(crate) fn next_stop(&self) -> u32 {
        let mut epoch = self.stops.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        if epoch == 0 {
            epoch = self.stops.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        }
        epoch
    }

    fn run(
        &self,
        c: &mut Collector,
        host: &dyn Host,
        request: Request,
        cause: GcCause,
        registers: &[u64],
    ) -> GcKind {
        let kind = match request {
            Request::Policy => {
                let space = self.space.lock();
                space.policy.kind(space.live_bytes)
            }
            Request::Minor => GcKind::Minor,
            Request::Full | Request::ClearSoft => GcKind::Full,
        };
        self.cycle(c, host, kind, cause, request == Request::ClearSoft, registers);
        if kind == GcKind::Minor && request == Request::Policy {
            let cramped = {
                let space = self.space.lock();
                space.policy.cramped(space.live_bytes)
            };
            if cramped {
                self.next_stop();
                self.cycle(c, host, GcKind::Full, cause, false, registers);
                return GcKind::Full;
            }
        }
        kind
    }

    fn cycle(
        &self,
        c: &mut Collector,
        host: &dyn Host,
        kind: GcKind,
        cause: GcCause,
        clear_soft: bool,
        registers: &[u64],
    ) {
        let begun = Instant::now();
        let running = begun - c.ended;
        let used_before = self.used();
        host.gc_prologue(kind, cause);
        host.visit_tlabs(&mut |tlab| {
            tlab.retire();
        });
        if self.config.verify {
            self.verify_or_panic(host, "before collection");
        }

        let mut space = self.space.lock();
        let m = self.view();
        let stop = self.stops.load(Ordering::Relaxed);
        let ambiguous = roots::conservative(&m, stop, host, registers);
        if self.config.moving {
            evacuate::choose(&mut space, host, kind, clear_soft);
        }
        if kind == GcKind::Full {
            sweep::clear_marks(&space);
        }
        let soft_interval = if clear_soft { -1 } else { self.soft_interval(&space) };
        let mut marker = Marker::new(m, host, &mut space, &mut c.stack, kind);
        marker.soft_clock = c.soft_clock;
        marker.soft_interval = soft_interval;
        for raw in ambiguous {
            marker.reach_pinned(raw);
        }
        // SAFETY: the host presents valid slots.
        host.visit_precise_roots(kind, &mut |slot| unsafe { marker.reach_root(slot.cast()) });
        let mut pending = Pending { head: self.pending.load(Ordering::Relaxed), added: [0; 4] };
        // SAFETY: the head of the list is an object.
        unsafe { marker.reach_root(&mut pending.head) };
        if kind == GcKind::Minor {
            roots::dirty_cards(&mut marker);
        }
        marker.drain();
        references::process(&mut marker, &mut pending);
        let (objects, bytes, miscounted) = (marker.objects, marker.bytes, marker.miscounted);
        self.pending.store(pending.head, Ordering::Release);
        host.process_weak(kind, &|object: ObjRef| {
            if object.is_null() {
                return object;
            }
            // SAFETY: the host asks about references to objects of this heap.
            ObjRef::from_raw(unsafe { m.resolve(object.raw()) })
        });

        let young = space.young_used;
        let large_young = space.large_young_bytes;
        let young_before = young - large_young;
        self.figures.count_allocated(young);
        let swept = sweep::sweep(&mut space, kind, self.config.zap, self.config.give_back);
        let marked = match miscounted {
            true => swept.live_lines * crate::meta::LINE_SIZE + large_young,
            false => bytes as usize,
        };
        space.live_bytes = match kind {
            GcKind::Minor => {
                space.policy.learn_survival(marked, young);
                space.live_bytes + marked
            }
            GcKind::Full => marked,
        };
        c.stack.trim();
        c.soft_clock = self.started.elapsed().as_millis() as i64;
        host.set_soft_reference_clock(c.soft_clock);

        let live = space.live_bytes;
        space.policy.learn(kind, live, begun.elapsed(), running);
        if self.config.give_back {
            let keep = space.policy.keep();
            space.trim(if kind == GcKind::Full { keep } else { keep * 2 });
        }
        self.epoch.fetch_add(1, Ordering::Release);
        self.figures.publish(&space);
        drop(space);

        if self.config.verify {
            self.next_stop();
            self.verify_or_panic(host, "after collection");
        }
        c.ended = Instant::now();
        let pause = c.ended - begun;
        self.figures.count(kind, pause);
        if kind == GcKind::Full {
            let ended = (c.ended - self.started).as_micros() as u64;
            self.figures.full_ended_us.store(ended, Ordering::Relaxed);
        }
        if pending.added != [0; 4] {
            host.notify_pending_references();
        }
        if let Some(callback) = &*self.callback.lock() {
            callback(&GcEvent {
                id: self.epoch.load(Ordering::Relaxed) - 1,
                kind,
                cause,
                start: begun - self.started,
                pause,
                used_before,
                young_before,
                used_after: live,
                committed: self.committed(),
                max: self.max(),
                marked_objects: objects,
                marked_bytes: bytes,
                references: pending.added,
            });
        }
        host.gc_epilogue(kind, cause);
    }

    /// `-XX:SoftRefLRUPolicyMSPerMB` milliseconds for every free MiB below `-Xmx`.
    fn soft_interval(&self, space: &Space) -> i64 {
        let free = self.config.max.saturating_sub(space.live_bytes) >> 20;
        (free as i64).saturating_mul(self.config.soft_ref_ms_per_mb as i64)
    }
}
