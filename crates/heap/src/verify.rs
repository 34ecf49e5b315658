//! Whole-heap verification.

use crate::cards::CARD_SHIFT;
use crate::heap::Heap;
use crate::host::{GcKind, Host};
use crate::layout::{ARRAY_BASE, ARRAY_LENGTH_OFFSET, ClassPrefix, GC_UNLOADABLE, LayoutKind};
use crate::meta::*;
use crate::objref::{ObjRef, REF_SHIFT};
use crate::space::Space;
use crate::walk;
use std::sync::atomic::Ordering;

/// What a verification saw.
#[derive(Copy, Clone, Debug, Default)]
pub struct VerifyReport {
    pub objects: u64,
    pub bytes: u64,
    pub references: u64,
}

/// The first fault found.
#[derive(Clone, Debug)]
pub struct HeapFault {
    /// Object that holds the fault, `NULL` for a root.
    pub object: ObjRef,
    /// Offset of the faulty field.
    pub offset: usize,
    pub value: ObjRef,
    pub what: &'static str,
}

impl std::fmt::Display for HeapFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (object {:?}, offset {}, value {:?})", self.what, self.object, self.offset, self.value)
    }
}

impl std::error::Error for HeapFault {}

struct Verifier<'a> {
    m: Meta,
    stop: u32,
    host: &'a dyn Host,
    report: VerifyReport,
    fault: Option<HeapFault>,
}

impl Verifier<'_> {
    fn fail(&mut self, addr: usize, offset: usize, value: u32, what: &'static str) {
        let object = ObjRef::from_raw((addr >> REF_SHIFT) as u32);
        self.fault.get_or_insert(HeapFault { object, offset, value: ObjRef::from_raw(value), what });
    }

    /// Checks that a reference points to the beginning of an object.
    fn target(&mut self, holder: usize, offset: usize, raw: u32) -> bool {
        self.report.references += 1;
        let addr = (raw as usize) << REF_SHIFT;
        // SAFETY: the world is stopped, and marking has not begun.
        if unsafe { self.m.find_object(addr, self.stop) } == raw {
            return true;
        }
        self.fail(holder, offset, raw, "reference does not point to an object");
        false
    }

    /// Checks a slot of an object: its target, and the card if it leads from an old object to a young one.
    fn slot(&mut self, addr: usize, offset: usize, array: bool) {
        // SAFETY: the slot is part of a live object; cards cover the heap.
        unsafe {
            let raw = self.m.word_at(addr + offset);
            if raw == 0 || !self.target(addr, offset, raw) {
                return;
            }
            let dirty = |a: usize| *self.m.cards.wrapping_add(a >> CARD_SHIFT) != 0;
            let old = self.m.is_marked((addr >> REF_SHIFT) as u32);
            if old && !self.m.is_marked(raw) && !dirty(addr + offset) && (array || !dirty(addr)) {
                self.fail(
                    addr,
                    offset,
                    raw,
                    "young object in an old one whose card is clean: missing barrier",
                );
            }
        }
    }

    /// Checks class, size and place; false if there was a fault, here or before.
    fn header(&mut self, addr: usize) -> bool {
        // SAFETY: an object begins at the address; its class is checked before it is used.
        unsafe {
            let class = self.m.class_at(addr);
            if self.fault.is_some() {
                return false;
            } else if class == 0 || !self.host.is_class(class) {
                self.fail(addr, 0, class, "class word names no class");
                return false;
            }
            let prefix = ClassPrefix::of(class);
            if prefix.layout > LayoutKind::Reference as u8 {
                self.fail(addr, 0, class, "class record of unknown layout");
                return false;
            }
            let length = *((addr + ARRAY_LENGTH_OFFSET) as *const i32);
            let kind = prefix.layout;
            let array = kind == LayoutKind::ObjArray as u8 || kind == LayoutKind::PrimArray as u8;
            if array && length < 0 {
                self.fail(addr, ARRAY_LENGTH_OFFSET, 0, "negative array length");
                return false;
            }
            let size = self.m.size_with(addr, prefix);
            if size < 8 || !size.is_multiple_of(8) || addr + size > self.m.end {
                self.fail(addr, 0, class, "object has an impossible size");
                return false;
            }
            self.place(addr, size);
            self.report.objects += 1;
            self.report.bytes += size as u64;
            self.fault.is_none()
        }
    }

    /// Checks the references of an object whose header is sound.
    fn fields(&mut self, addr: usize) {
        // SAFETY: an object begins at the address, and its class is a class.
        unsafe {
            let prefix = ClassPrefix::of(self.m.class_at(addr));
            let kind = prefix.layout;
            if kind == LayoutKind::ObjArray as u8 {
                for i in 0..self.m.word_at(addr + ARRAY_LENGTH_OFFSET) as usize {
                    self.slot(addr, ARRAY_BASE + i * 4, true);
                }
                return;
            }
            for run in prefix.ref_runs() {
                for i in 0..run.count as usize {
                    self.slot(addr, run.offset as usize + i * 4, false);
                }
            }
            let wk = self.m.wk;
            if kind == LayoutKind::Mirror as u8 {
                let first = self.m.word_at(addr + wk.mirror_static_offset as usize) as usize;
                let count = self.m.word_at(addr + wk.mirror_static_count as usize) as usize;
                if first + count * 4 > self.m.size_with(addr, prefix) {
                    return self.fail(addr, first, 0, "static fields reach beyond the mirror");
                }
                for i in 0..count {
                    self.slot(addr, first + i * 4, false);
                }
            } else if kind == LayoutKind::Reference as u8 && wk.reference_referent != 0 {
                self.slot(addr, wk.reference_referent as usize, false);
                self.slot(addr, wk.reference_discovered as usize, false);
            }
            if prefix.gc_flags & GC_UNLOADABLE != 0 && !prefix.holder().is_null() {
                self.target(addr, 0, prefix.holder().raw());
            }
        }
    }

    /// Checks that blocks and lines agree with the object.
    unsafe fn place(&mut self, addr: usize, size: usize) {
        let m = self.m;
        let block = block_of(addr);
        // SAFETY: the object is part of the heap.
        unsafe {
            let marked = m.is_marked((addr >> REF_SHIFT) as u32);
            match m.state(block) {
                STATE_OBJECTS => {
                    if block_of(addr + size - 1) != block {
                        return self.fail(addr, size, 0, "object reaches beyond its block");
                    }
                    let mut lines = addr >> LINE_SHIFT..=(addr + size - 1) >> LINE_SHIFT;
                    let good = lines.all(|l| match *m.lines.wrapping_add(l) {
                        LINE_LIVE => marked,
                        LINE_FREE => false,
                        _ => !marked,
                    });
                    if !good {
                        self.fail(addr, size, 0, "lines do not agree with the object's mark");
                    }
                }
                STATE_LARGE => {
                    for b in block..=block_of(addr + size - 1) {
                        if (m.large_at(b) as usize) << REF_SHIFT != addr {
                            return self.fail(addr, size, 0, "large object's blocks belong to another");
                        }
                    }
                }
                _ => self.fail(addr, size, 0, "object in a free block"),
            }
        }
    }
}

impl Heap {
    /// Checks the whole heap: headers, sizes, references, cards, roots. Stops the world.
    pub fn verify(&self, host: &dyn Host) -> Result<VerifyReport, HeapFault> {
        self.with_world_stopped(host, || self.verify_stopped(host, &self.space.lock()))
    }

    fn verify_stopped(&self, host: &dyn Host, space: &Space) -> Result<VerifyReport, HeapFault> {
        let stop = self.stops.load(Ordering::Relaxed);
        let mut v = Verifier { m: self.view(), stop, host, report: VerifyReport::default(), fault: None };
        let m = v.m;
        // SAFETY: the world is stopped.
        unsafe { walk::each(&m, space, &mut |addr| v.header(addr)) };
        if let Some(fault) = v.fault {
            return Err(fault);
        }
        // Targets are looked up by walking blocks, which sound headers make safe.
        // SAFETY: as above.
        unsafe {
            walk::each(&m, space, &mut |addr| {
                v.fields(addr);
                true
            })
        };
        let mut roots = 0;
        host.visit_precise_roots(GcKind::Full, &mut |slot| {
            // SAFETY: the host presents valid slots.
            let raw = unsafe { *slot }.raw();
            if raw != 0 {
                v.target(0, roots, raw);
            }
            roots += 1;
        });
        let pending = self.pending.load(Ordering::Relaxed);
        if pending != 0 {
            v.target(0, 0, pending);
        }
        match v.fault {
            Some(fault) => Err(fault),
            None => Ok(v.report),
        }
    }

    /// For `HeapConfig::verify`, with the world stopped.
    pub(crate) fn verify_or_panic(&self, host: &dyn Host, when: &str) {
        if let Err(fault) = self.verify_stopped(host, &self.space.lock()) {
            panic!("heap verification {when}: {fault}");
        }
    }
}
