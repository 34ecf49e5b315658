//! vtables and itables (JVMS §5.4.5 overriding, §5.4.6 selection), built when a class is derived.
//!
//! A vtable holds the methods that classes declare. Interface methods are reached through itables only, also by
//! `invokevirtual` on a class that inherits them: so there are no miranda entries, and a default method needs no
//! copy.

use crate::oops::class::{ClassRef, ItableEntry};
use crate::oops::method::{ITABLE_BASE, MethodRef};
use crate::oops::symbol::Sym;

/// A vtable entry while the class does not exist yet.
#[derive(Clone, Copy)]
pub enum Slot {
    Inherited(MethodRef),
    /// Index of a method of the new class.
    Own(usize),
}

/// What the vtable needs of a method of the new class.
pub struct NewMethod {
    pub name: Sym,
    pub signature: Sym,
    /// Instance method, not private, no initialiser.
    pub is_virtual: bool,
    pub is_final: bool,
}

/// The vtable of a new class and the vtable index of each of its methods (`None`: called directly).
pub struct Vtable {
    pub slots: Vec<Slot>,
    pub indexes: Vec<Option<usize>>,
}

/// Builds the vtable from the superclass's. `same_package` tells whether a class is in the new class's package.
pub fn build_vtable(
    super_class: Option<ClassRef>,
    methods: &[NewMethod],
    class_is_final: bool,
    same_package: impl Fn(ClassRef) -> bool,
) -> Vtable {
    let inherited = super_class.as_ref().map_or(&[][..], |s| s.vtable());
    let mut slots: Vec<Slot> = inherited.iter().map(|m| Slot::Inherited(*m)).collect();
    let mut indexes = vec![None; methods.len()];
    for (k, m) in methods.iter().enumerate().filter(|(_, m)| m.is_virtual) {
        let mut own_index = None;
        for (i, s) in inherited.iter().enumerate() {
            if s.name == m.name
                && s.signature.symbol == m.signature
                && (s.is_public() || s.is_protected() || same_package(s.holder))
            {
                slots[i] = Slot::Own(k);
                own_index.get_or_insert(i);
            }
        }
        indexes[k] = own_index.or_else(|| {
            // A final method that overrides nothing is never selected.
            if m.is_final || class_is_final {
                return None;
            }
            slots.push(Slot::Own(k));
            Some(slots.len() - 1)
        });
    }
    Vtable { slots, indexes }
}

/// How an interface method is implemented by a class.
pub enum Implementation {
    Method(MethodRef),
    /// Several maximally-specific default methods: `IncompatibleClassChangeError` when invoked.
    Conflict(Vec<MethodRef>),
}

/// Selection for an interface method on class `class`, whose `methods_sorted`, `super_class` and
/// `all_interfaces` are set: a class method first, else the maximally-specific superinterface method.
pub fn implementation(class: ClassRef, declared: MethodRef) -> Implementation {
    let (name, signature) = (declared.name, declared.signature.symbol);
    let mut c = Some(class);
    while let Some(k) = c {
        if let Some(m) = k.declared_method(name, signature)
            && !m.is_static()
            && !m.is_private()
        {
            return Implementation::Method(m);
        }
        c = k.super_class;
    }
    maximally_specific(class.all_interfaces, name, signature).unwrap_or(Implementation::Method(declared))
}

/// The maximally-specific superinterface methods (JVMS §5.4.3.3) among `interfaces`.
pub fn maximally_specific(interfaces: &[ClassRef], name: Sym, signature: Sym) -> Option<Implementation> {
    let candidates: Vec<MethodRef> = interfaces
        .iter()
        .filter_map(|i| i.declared_method(name, signature))
        .filter(|m| !m.is_static() && !m.is_private())
        .collect();
    let specific: Vec<MethodRef> = candidates
        .iter()
        .copied()
        .filter(|m| !candidates.iter().any(|o| o != m && o.holder.all_interfaces.contains(&m.holder)))
        .collect();
    let mut concrete = specific.iter().copied().filter(|m| !m.is_abstract());
    match (concrete.next(), concrete.next()) {
        (Some(m), None) => Some(Implementation::Method(m)),
        (Some(_), Some(_)) => {
            Some(Implementation::Conflict(specific.iter().copied().filter(|m| !m.is_abstract()).collect()))
        }
        (None, _) => specific.first().map(|m| Implementation::Method(*m)),
    }
}

/// The method that `interface` declares, or the maximally-specific one of its superinterfaces.
pub fn maximally_specific_in(interface: ClassRef, name: Sym, signature: Sym) -> Option<Implementation> {
    match interface.declared_method(name, signature) {
        Some(m) => Some(Implementation::Method(m)),
        None => maximally_specific(interface.all_interfaces, name, signature),
    }
}

/// The methods of an interface that have a place in its itables, in index order.
pub fn itable_methods(interface: ClassRef) -> impl Iterator<Item = MethodRef> {
    let mut v: Vec<MethodRef> =
        interface.methods.iter().copied().filter(|m| m.vtable_index() <= ITABLE_BASE).collect();
    v.sort_by_key(|m| m.itable_index());
    v.into_iter()
}

/// Whether the superclass's itable entry for an interface may be reused as it is: the class declares none of
/// its methods and adds no interface.
pub fn reusable(class: ClassRef, adds_interfaces: bool, of_super: &ItableEntry) -> Option<&ItableEntry> {
    if adds_interfaces {
        return None;
    }
    let redeclares = class
        .methods
        .iter()
        .any(|m| !m.is_static() && of_super.interface.declared_method(m.name, m.signature.symbol).is_some());
    (!redeclares).then_some(of_super)
}
