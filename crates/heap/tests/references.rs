//! `java.lang.ref` semantics, weak processing, mirrors, loaders.

mod common;

use caturra_heap::layout::*;
use caturra_heap::*;
use common::*;
use std::sync::atomic::Ordering;

const REFERENT: usize = 8;
const NEXT: usize = 12;
const DISCOVERED: usize = 16;
const TIMESTAMP: usize = 24;

fn configs() -> [HeapConfig; 3] {
    let base = HeapConfig { max: 64 << 20, verify: true, zap: true, moving: true, ..HeapConfig::default() };
    [base.clone(), HeapConfig { moving: false, ..base.clone() }, HeapConfig { mark_stack: 4096, ..base }]
}

struct Refs {
    vm: Vm,
    t: Box<Thread>,
    node: u32,
    classes: [u32; 4],
}

fn setup(config: HeapConfig) -> Refs {
    let vm = Vm::new(config);
    vm.scan_native.store(false, Ordering::Relaxed);
    let t = vm.attach();
    let node = vm.classes.instance(2, 8);
    let kinds = [RefKind::Soft, RefKind::Weak, RefKind::Final, RefKind::Phantom];
    let classes = kinds.map(|kind| vm.classes.reference(kind));
    Refs { vm, t, node, classes }
}

impl Refs {
    /// A root with a reference to a new node; the root's index.
    fn reference(&mut self, kind: RefKind) -> usize {
        let class = self.classes[kind as usize - 1];
        let referent = self.vm.instance(&self.t, self.node);
        self.t.roots.push(referent);
        let reference = self.vm.instance(&self.t, class);
        let referent = self.t.roots.pop().unwrap();
        self.vm.set(reference, REFERENT, referent);
        self.t.roots.push(reference);
        self.t.roots.len() - 1
    }

    /// A second reference of some kind to the referent of root `of`.
    fn reference_to(&mut self, of: usize, kind: RefKind) -> usize {
        let class = self.classes[kind as usize - 1];
        let reference = self.vm.instance(&self.t, class);
        let referent = self.vm.get(self.t.roots[of], REFERENT);
        self.vm.set(reference, REFERENT, referent);
        self.t.roots.push(reference);
        self.t.roots.len() - 1
    }

    fn referent_is_null(&self, root: usize) -> bool {
        self.vm.get(self.t.roots[root], REFERENT).is_null()
    }

    fn pending(&self) -> Vec<usize> {
        let list = self.vm.take_pending();
        let mut found: Vec<usize> =
            list.iter().map(|r| self.t.roots.iter().position(|x| x == r).expect("a root")).collect();
        found.sort();
        found
    }

    fn full(&self) {
        self.vm.full();
    }

    fn minor(&self) {
        self.vm.minor();
    }

    fn finish(self) {
        self.vm.detach(self.t);
    }
}

#[test]
fn weak_references_are_cleared_and_pending() {
    for config in configs() {
        let mut r = setup(config);
        let a = r.reference(RefKind::Weak);
        let b = r.reference(RefKind::Weak);
        let held = r.vm.get(r.t.roots[b], REFERENT);
        r.t.roots.push(held);
        r.minor();
        assert!(r.referent_is_null(a) && !r.referent_is_null(b));
        assert_eq!(r.vm.get(r.t.roots[b], REFERENT), *r.t.roots.last().unwrap());
        assert_eq!(r.pending(), [a]);
        assert_eq!(r.vm.notified.load(Ordering::Relaxed), 1);
        r.t.roots.pop();
        // The referent is old by now: a minor collection leaves it.
        r.minor();
        assert!(!r.referent_is_null(b));
        r.full();
        assert!(r.referent_is_null(b));
        assert_eq!(r.pending(), [b]);
        assert!(!r.vm.heap.has_pending_references());
        r.finish();
    }
}

#[test]
fn pending_list_survives_collections_and_grows() {
    for config in configs() {
        let mut r = setup(config);
        let all: Vec<usize> = (0..1000).map(|_| r.reference(RefKind::Weak)).collect();
        r.minor();
        let more: Vec<usize> = (0..500).map(|_| r.reference(RefKind::Phantom)).collect();
        r.full();
        r.minor();
        assert!(r.vm.heap.has_pending_references());
        let pending = r.pending();
        assert_eq!(pending.len(), 1500);
        assert!(all.iter().chain(&more).all(|&i| r.referent_is_null(i)));
        r.finish();
    }
}

#[test]
fn references_that_die_with_their_referents_are_not_pending() {
    for config in configs() {
        let mut r = setup(config);
        r.reference(RefKind::Weak);
        r.reference(RefKind::Phantom);
        r.t.roots.clear();
        r.full();
        assert!(r.vm.take_pending().is_empty());
        r.finish();
    }
}

#[test]
fn final_references_keep_their_referents() {
    for config in configs() {
        let mut r = setup(config);
        let f = r.reference(RefKind::Final);
        let weak = r.reference_to(f, RefKind::Weak);
        let phantom = r.reference_to(f, RefKind::Phantom);
        // The finalizable object refers to an object with a weak reference of its own: it is cleared as weak
        // references come first.
        let inner = r.vm.instance(&r.t, r.node);
        let object = r.vm.get(r.t.roots[f], REFERENT);
        r.vm.set(object, 8, inner);
        let inner_weak = r.vm.instance(&r.t, r.classes[1]);
        let inner = r.vm.get(r.vm.get(r.t.roots[f], REFERENT), 8);
        r.vm.set(inner_weak, REFERENT, inner);
        r.t.roots.push(inner_weak);
        let inner_weak = r.t.roots.len() - 1;
        r.full();
        assert!(!r.referent_is_null(f), "finalizers need the object");
        assert_eq!(r.vm.get(r.t.roots[f], NEXT), r.t.roots[f], "inactive");
        assert!(r.referent_is_null(weak));
        assert!(!r.referent_is_null(phantom), "not phantom reachable before it was finalized");
        assert!(r.referent_is_null(inner_weak));
        let object = r.vm.get(r.t.roots[f], REFERENT);
        // SAFETY: the object is reachable through the FinalReference.
        assert_eq!(unsafe { r.vm.get(object, 8).class_word() }, r.node);
        assert_eq!(r.pending(), [f, weak, inner_weak]);
        // Finalization ran and nobody resurrected the object.
        r.vm.set(r.t.roots[f], REFERENT, ObjRef::NULL);
        r.full();
        assert_eq!(r.pending(), [phantom]);
        assert!(r.referent_is_null(phantom));
        r.finish();
    }
}

#[test]
fn inactive_final_references_are_strong() {
    for config in configs() {
        let mut r = setup(config);
        let f = r.reference(RefKind::Final);
        r.full();
        assert_eq!(r.pending(), [f]);
        r.full();
        r.minor();
        assert!(r.pending().is_empty() && !r.referent_is_null(f));
        r.finish();
    }
}

#[test]
fn soft_references_live_by_their_clock() {
    for config in configs() {
        let mut r = setup(HeapConfig { soft_ref_ms_per_mb: 0, ..config.clone() });
        let s = r.reference(RefKind::Soft);
        // Used "in the future": not yet expired.
        // SAFETY: the timestamp of a SoftReference.
        unsafe { r.t.roots[s].store(TIMESTAMP, 1_000_000_000i64) };
        r.full();
        assert!(!r.referent_is_null(s));
        // SAFETY: as above.
        unsafe { r.t.roots[s].store(TIMESTAMP, -1i64) };
        r.full();
        assert!(r.referent_is_null(s));
        assert_eq!(r.pending(), [s]);
        r.finish();

        let mut r = setup(config);
        let s = r.reference(RefKind::Soft);
        let w = r.reference_to(s, RefKind::Weak);
        r.full();
        r.full();
        assert!(!r.referent_is_null(s) && !r.referent_is_null(w), "a minute for every free MiB");
        r.vm.heap.collect(&r.vm, GcCause::SystemGc, true);
        assert!(r.referent_is_null(s) && r.referent_is_null(w));
        r.finish();
    }
}

#[test]
fn soft_references_are_cleared_before_out_of_memory() {
    for config in configs() {
        let mut r = setup(HeapConfig { max: 8 << 20, verify: false, ..config });
        let bytes = r.vm.classes.array(LayoutKind::PrimArray, 0);
        let mut soft = Vec::new();
        for _ in 0..40 {
            let array = r.vm.array(&r.t, bytes, 1 << 20);
            r.t.roots.push(array);
            let reference = r.vm.instance(&r.t, r.classes[0]);
            let array = r.t.roots.pop().unwrap();
            r.vm.set(reference, REFERENT, array);
            r.t.roots.push(reference);
            soft.push(r.t.roots.len() - 1);
        }
        let cleared = soft.iter().filter(|&&s| r.referent_is_null(s)).count();
        assert!(cleared >= 30, "only {cleared} cleared");
        // Larger than the heap: fails, but not before all soft references are gone.
        let error = r.vm.try_array(&r.t, bytes, 100 << 20);
        assert_eq!(error, Err(OutOfMemory::HeapSpace));
        assert!(soft.iter().all(|&s| r.referent_is_null(s)));
        r.finish();
    }
}

#[test]
fn old_references_to_young_referents() {
    for config in configs() {
        let mut r = setup(config);
        let w = r.reference(RefKind::Weak);
        let held = r.vm.get(r.t.roots[w], REFERENT);
        r.t.roots.push(held);
        r.full();
        // The reference is old; it gets a young referent.
        let young = r.vm.instance(&r.t, r.node);
        r.vm.set(r.t.roots[w], REFERENT, young);
        r.t.roots.push(young);
        r.minor();
        assert_eq!(r.vm.get(r.t.roots[w], REFERENT), *r.t.roots.last().unwrap());
        let young = r.vm.instance(&r.t, r.node);
        r.vm.set(r.t.roots[w], REFERENT, young);
        r.vm.minor();
        std::hint::black_box(young);
        let young = r.vm.instance(&r.t, r.node);
        r.vm.set(r.t.roots[w], REFERENT, young);
        let _ = young;
        r.minor();
        r.minor();
        r.finish();
    }
}

#[test]
fn host_weak_slots_follow_and_die() {
    for config in configs() {
        let mut r = setup(config);
        for i in 0..100 {
            let o = r.vm.instance(&r.t, r.node);
            // SAFETY: a data field of the node.
            unsafe { o.store(16, i as u32) };
            r.vm.weak.lock().push(o);
            if i % 2 == 0 {
                r.t.roots.push(o);
            }
        }
        r.minor();
        for round in 0..2 {
            let weak = r.vm.weak.lock().clone();
            let live = weak.iter().filter(|w| !w.is_null()).count();
            assert_eq!(live, 50);
            for (i, &root) in r.t.roots.iter().enumerate() {
                assert_eq!(weak[i * 2], root);
                // SAFETY: a live node.
                assert_eq!(unsafe { root.load::<u32>(16) }, i as u32 * 2);
            }
            if round == 0 {
                r.full();
            }
        }
        r.t.roots.clear();
        r.full();
        assert!(r.vm.weak.lock().iter().all(|w| w.is_null()));
        r.finish();
    }
}

#[test]
fn mirrors_keep_statics_and_loaders_keep_metadata() {
    for config in configs() {
        let mut r = setup(config);
        let class_class = r.vm.classes.mirror();
        let loader_class = r.vm.classes.instance(1, 4);
        r.vm.classes.set_flags(loader_class, GC_LOADER);
        let loader = r.vm.instance(&r.t, loader_class);
        // A class of that loader: instances keep the loader, the loader keeps the metadata, which has the mirror.
        let class = r.vm.classes.instance(1, 4);
        r.vm.classes.set_flags(class, GC_UNLOADABLE);
        r.vm.classes.get(class).holder.store(loader.raw(), Ordering::Relaxed);
        let mirror = r.vm.mirror(&r.t, class_class, class, 300);
        r.vm.metadata.lock().insert(loader.raw(), vec![mirror]);
        let value = r.vm.instance(&r.t, r.node);
        // SAFETY: a data field of the node.
        unsafe { value.store(16, 77u32) };
        r.vm.set(mirror, 32 + 299 * 4, value);
        let instance = r.vm.instance(&r.t, class);
        r.t.roots.push(instance);
        for i in 0..4 {
            if i % 2 == 0 { r.minor() } else { r.full() }
        }
        assert!(r.vm.metadata.lock().contains_key(&loader.raw()));
        assert_eq!(r.vm.metadata.lock()[&loader.raw()], [mirror], "mirrors do not move");
        let value = r.vm.get(mirror, 32 + 299 * 4);
        // SAFETY: live through the mirror's static field.
        assert_eq!(unsafe { value.load::<u32>(16) }, 77);
        // The mirror alone keeps the loader, too.
        r.t.roots = vec![mirror];
        r.full();
        assert!(r.vm.metadata.lock().contains_key(&loader.raw()));
        r.t.roots.clear();
        r.minor();
        assert!(r.vm.metadata.lock().contains_key(&loader.raw()), "unloading takes a full collection");
        r.full();
        assert!(r.vm.metadata.lock().is_empty());
        r.finish();
    }
}

#[test]
fn hidden_classes_hold_their_metadata_by_their_mirror() {
    for config in configs() {
        let mut r = setup(config);
        let class_class = r.vm.classes.mirror();
        let class = r.vm.classes.instance(0, 8);
        let raw = hidden(&mut r, class_class, class);
        r.minor();
        r.full();
        assert!(r.vm.metadata.lock().contains_key(&raw));
        assert!(r.vm.metadata_visits.load(Ordering::Relaxed) >= 2);
        r.t.roots.clear();
        r.full();
        r.full();
        assert!(!r.vm.metadata.lock().contains_key(&raw));
        r.finish();
    }
}

/// An instance of a hidden class as the only root; the raw reference of the mirror.
#[inline(never)]
fn hidden(r: &mut Refs, class_class: u32, class: u32) -> u32 {
    let mirror = r.vm.mirror(&r.t, class_class, class, 2);
    r.vm.classes.set_flags(class, GC_UNLOADABLE);
    r.vm.classes.get(class).holder.store(mirror.raw(), Ordering::Relaxed);
    let constant = r.vm.instance(&r.t, r.node);
    r.vm.metadata.lock().insert(mirror.raw(), vec![constant, mirror]);
    let instance = r.vm.instance(&r.t, class);
    r.t.roots.push(instance);
    mirror.raw()
}

#[test]
fn discovered_is_not_followed_twice() {
    // A reference whose `discovered` is set is on the pending list, not active.
    for config in configs() {
        let mut r = setup(config);
        let w = r.reference(RefKind::Weak);
        let other = r.reference(RefKind::Weak);
        r.vm.set(r.t.roots[w], DISCOVERED, r.t.roots[other]);
        r.full();
        assert!(!r.referent_is_null(w), "treated as strong");
        assert!(r.referent_is_null(other));
        r.finish();
    }
}
