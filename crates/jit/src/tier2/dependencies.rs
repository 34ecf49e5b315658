//! What optimised code assumes of the classes loaded so far and of mutable call sites, and its end when that is no longer
//! true.
//!
//! A new class is linked into the hierarchy first, then looked at here; code is registered under the same lock, after
//! its assumptions have been checked once more. So either the installation sees the class, or the class sees the code.
//! Broken code is marked: its methods are not entered any more, and its cell is set, which activations look at behind
//! every call and poll. A handshake with all threads then makes sure that none goes on without having looked.

use crate::Jit;
use crate::nmethod::NMethod;
use caturra_hir::env::Assumption as HirAssumption;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::runtime::safepoint;
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

/// See `caturra_hir::env::Assumption`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assumption {
    LeafClass(ClassRef),
    UniqueTarget {
        receiver: ClassRef,
        method: MethodRef,
        target: MethodRef,
    },
    NoFinalizer(ClassRef),
    /// Addresses of slots that hold the references.
    CallSiteTarget {
        site: usize,
        target: usize,
    },
}

/// Classes looked at below one in search of overriding methods.
const MAX_SUBCLASSES: usize = 64;

/// The class that a number of the optimiser's stands for.
pub fn class_of_id(id: caturra_hir::env::ClassId) -> ClassRef {
    // SAFETY: the environment gives out ids of loaded classes only, and compilations exclude unloading.
    unsafe { ClassRef::from_raw(u64::from(id.0)) }
}

/// The method that a number of the optimiser's stands for.
pub fn method_of_id(id: caturra_hir::env::MethodId) -> MethodRef {
    // SAFETY: as for classes.
    unsafe { MethodRef::from_raw(id.0) }
}

fn reference_at(slot: usize) -> ObjRef {
    // SAFETY: a slot that the VM keeps for the code.
    unsafe { *(slot as *const ObjRef) }
}

/// The one method that a call of `method` selects for instances of `receiver` and of the subclasses loaded so far.
pub fn unique_target(receiver: ClassRef, method: MethodRef) -> Option<MethodRef> {
    if receiver.is_interface() || receiver.is_array() {
        return None;
    }
    let mut waiting = vec![receiver];
    let (mut seen, mut only) = (0, None);
    while let Some(class) = waiting.pop() {
        seen += 1;
        if seen > MAX_SUBCLASSES {
            return None;
        }
        if !class.is_abstract() {
            let selected = selected(class, method)?;
            if *only.get_or_insert(selected) != selected {
                return None;
            }
        }
        waiting.extend(class.direct_subclasses());
    }
    only
}

/// The method selected for receivers of exactly that class (JVMS §5.4.6), where that is a proper one.
pub fn selected(class: ClassRef, method: MethodRef) -> Option<MethodRef> {
    if method.is_statically_bound() {
        return Some(method);
    }
    let selected = match method.itable_index() {
        Some(i) => {
            let found = *class.itable_for(method.holder)?.get(i)?;
            if !found.is_public() {
                return None;
            }
            found
        }
        None => *class.vtable().get(usize::try_from(method.vtable_index()).ok()?)?,
    };
    (!selected.is_abstract()).then_some(selected)
}

/// Whether no class at or below `class` has a finalizer.
pub fn no_finalizer(class: ClassRef) -> bool {
    let mut waiting = vec![class];
    let mut seen = 0;
    while let Some(class) = waiting.pop() {
        seen += 1;
        if class.has(ClassFlags::FINALIZABLE) || seen > MAX_SUBCLASSES {
            return false;
        }
        waiting.extend(class.direct_subclasses());
    }
    true
}

impl Assumption {
    pub fn new(assumption: &HirAssumption) -> Assumption {
        match *assumption {
            HirAssumption::LeafClass(c) => Assumption::LeafClass(class_of_id(c)),
            HirAssumption::UniqueTarget { receiver, method, target } => Assumption::UniqueTarget {
                receiver: class_of_id(receiver),
                method: method_of_id(method),
                target: method_of_id(target),
            },
            HirAssumption::NoFinalizer(c) => Assumption::NoFinalizer(class_of_id(c)),
            HirAssumption::CallSiteTarget { site, target } => {
                Assumption::CallSiteTarget { site: site.0 as usize, target: target.0 as usize }
            }
        }
    }

    /// The class below which new ones matter.
    fn class(&self) -> Option<ClassRef> {
        match *self {
            Assumption::LeafClass(c) | Assumption::NoFinalizer(c) => Some(c),
            Assumption::UniqueTarget { receiver, .. } => Some(receiver),
            Assumption::CallSiteTarget { .. } => None,
        }
    }

    /// Whether it is true now.
    fn holds(&self, jit: &Jit) -> bool {
        match *self {
            Assumption::LeafClass(c) => c.direct_subclasses().next().is_none(),
            Assumption::UniqueTarget { receiver, method, target } => {
                unique_target(receiver, method) == Some(target)
            }
            Assumption::NoFinalizer(c) => no_finalizer(c),
            Assumption::CallSiteTarget { site, target } => {
                let Some(_heap) = jit.vm().safepoint.read_heap() else { return false };
                let offset = jit.vm().off.call_site_target() as usize;
                // SAFETY: the slot holds a call site.
                unsafe { reference_at(site).load_ref(offset) == reference_at(target) }
            }
        }
    }

    /// Whether it stays true with a new class at or below [`Assumption::class`].
    fn survives(&self, class: ClassRef) -> bool {
        match *self {
            Assumption::LeafClass(c) => c == class,
            Assumption::UniqueTarget { method, target, .. } => {
                class.is_abstract() || selected(class, method) == Some(target)
            }
            Assumption::NoFinalizer(_) => !class.has(ClassFlags::FINALIZABLE),
            Assumption::CallSiteTarget { .. } => true,
        }
    }
}

/// Code that rests on assumptions, by what they are about. Pointers are to methods in the cache's table.
#[derive(Default)]
pub struct Dependents {
    classes: HashMap<u32, Vec<usize>>,
    sites: Vec<usize>,
}

fn nmethod<'a>(raw: usize) -> &'a NMethod {
    // SAFETY: code is taken off the lists before it is freed, under the lock.
    unsafe { &*(raw as *const NMethod) }
}

impl Dependents {
    fn add(&mut self, code: &NMethod) {
        let raw = std::ptr::from_ref(code) as usize;
        for a in &code.speculation.assumptions {
            let list = match a.class() {
                Some(c) => self.classes.entry(c.id()).or_default(),
                None => &mut self.sites,
            };
            if !list.contains(&raw) {
                list.push(raw);
            }
        }
    }

    /// Forgets code that is freed, given by its addresses.
    pub fn remove(&mut self, gone: &HashSet<usize>) {
        self.classes.retain(|_, list| {
            list.retain(|raw| !gone.contains(raw));
            !list.is_empty()
        });
        self.sites.retain(|raw| !gone.contains(raw));
    }

    fn broken_by(&self, class: ClassRef) -> HashSet<usize> {
        let mut broken = HashSet::new();
        let supers = class.superclasses().chain(class.all_interfaces.iter().copied());
        for above in supers {
            for &raw in self.classes.get(&above.id()).into_iter().flatten() {
                let assumptions = &nmethod(raw).speculation.assumptions;
                if assumptions.iter().any(|a| a.class() == Some(above) && !a.survives(class)) {
                    broken.insert(raw);
                }
            }
        }
        broken
    }

    fn broken_by_site(&self, site: ObjRef) -> HashSet<usize> {
        let concerns = |a: &Assumption| matches!(a, Assumption::CallSiteTarget { site: s, .. } if reference_at(*s) == site);
        let rests = |raw: &&usize| nmethod(**raw).speculation.assumptions.iter().any(concerns);
        self.sites.iter().filter(rests).copied().collect()
    }
}

impl Jit {
    /// Runs `publish` and registers the code if all its assumptions are true, so that none is broken unseen.
    pub fn publish(&self, code: &NMethod, publish: impl FnOnce()) -> bool {
        let mut dependents = self.dependents.lock();
        if !code.speculation.assumptions.iter().all(|a| a.holds(self)) {
            return false;
        }
        dependents.add(code);
        publish();
        true
    }

    fn invalidate(&self, t: &Thread, find: impl FnOnce(&Dependents) -> HashSet<usize>) {
        let broken = find(&self.dependents.lock());
        if broken.is_empty() {
            return;
        }
        for raw in broken {
            let code = nmethod(raw);
            if let Some(cell) = code.speculation.invalid {
                cell.store(1, Ordering::Release);
            }
            self.retire(code);
        }
        // Whoever runs such code has passed a place where it looks at the cell when this is over, or is at one.
        safepoint::stop_the_world(t, || ());
    }
}

/// The kernel's notification of a new class.
pub fn class_added(t: &Thread, class: ClassRef) {
    Jit::of(t.vm()).invalidate(t, |d| d.broken_by(class));
}

/// The kernel's notification of a call site's new target.
pub fn call_site_changed(t: &Thread, site: ObjRef) {
    Jit::of(t.vm()).invalidate(t, |d| d.broken_by_site(site));
}
