//! `java.lang.ref`: what happens to references whose referents were not reached.
//!
//! The order is that of the package's specification: soft, weak, final, phantom. A cleared reference goes on
//! the pending list, linked through `discovered`, where the Reference Handler finds it.

use crate::layout::RefKind;
use crate::mark::Marker;
use crate::objref::REF_SHIFT;

/// The pending list while a collection adds to it.
pub(crate) struct Pending {
    pub head: u32,
    /// References added, by strength.
    pub added: [u32; 4],
}

impl Pending {
    fn push(&mut self, marker: &Marker<'_>, reference: u32, kind: usize) {
        // No card is marked: after a collection every object is old.
        field(reference, marker.m.wk.reference_discovered, self.head);
        self.head = reference;
        self.added[kind] += 1;
    }
}

fn field(reference: u32, offset: u32, value: u32) {
    let slot = ((reference as usize) << REF_SHIFT) + offset as usize;
    // SAFETY: discovered references are live objects with these fields, and the world is stopped.
    unsafe { *(slot as *mut u32) = value };
}

/// Decides over all discovered references. Marking is complete before, and is again after.
pub(crate) fn process(marker: &mut Marker<'_>, pending: &mut Pending) {
    // From here on a Reference reached through a finalizable object keeps its referent.
    marker.discover = false;
    let wk = marker.m.wk;
    for list in &mut marker.discovered {
        // An object may have been scanned twice (dirty cards, mark stack overflow).
        list.sort_unstable();
        list.dedup();
    }
    for kind in [RefKind::Soft, RefKind::Weak] {
        clear(marker, pending, kind as usize - 1);
    }
    let kind = RefKind::Final as usize - 1;
    let list = dead(marker, kind);
    for &reference in &list {
        field(reference, wk.reference_next, reference);
        pending.push(marker, reference, kind);
    }
    for &reference in &list {
        // SAFETY: discovered references are live objects.
        unsafe { marker.reach(referent(marker, reference)) };
    }
    marker.drain();
    clear(marker, pending, RefKind::Phantom as usize - 1);
}

/// The slot of the referent.
fn referent(marker: &Marker<'_>, reference: u32) -> *mut u32 {
    (((reference as usize) << REF_SHIFT) + marker.m.wk.reference_referent as usize) as *mut u32
}

/// The discovered references of one strength whose referents are dead; the others are brought up to date.
fn dead(marker: &mut Marker<'_>, kind: usize) -> Vec<u32> {
    let mut list = std::mem::take(&mut marker.discovered[kind]);
    list.retain(|&reference| {
        let slot = referent(marker, reference);
        // SAFETY: discovered references are live objects, and their referents objects of the heap.
        unsafe {
            if *slot == 0 {
                return false;
            }
            let present = marker.m.resolve(*slot);
            if present != 0 {
                *slot = present;
            }
            present == 0
        }
    });
    list
}

fn clear(marker: &mut Marker<'_>, pending: &mut Pending, kind: usize) {
    for reference in dead(marker, kind) {
        field(reference, marker.m.wk.reference_referent, 0);
        pending.push(marker, reference, kind);
    }
}
