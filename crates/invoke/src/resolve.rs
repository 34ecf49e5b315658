//! `MethodHandleNatives.resolve`: from a symbolic `MemberName` to a resolved one, with the checks that the
//! linker makes for the corresponding instruction (JVMS §5.4.3.5).

use crate::constants::{ALL_KINDS, IS_CONSTRUCTOR, IS_FIELD, IS_METHOD, LM_UNCONDITIONAL, RefKind};
use crate::intrinsics::{self, Polymorphic};
use crate::member_name::{self, MemberName};
use crate::{call_site, method_type};
use caturra_kernel::linking::resolve::{self, InvokeKind, Request};
use caturra_kernel::linking::{access, errors, link};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::strings;
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread};

/// On whose behalf a name is resolved.
#[derive(Clone, Copy)]
pub struct Lookup {
    /// Without a class nothing is checked: the look-up is trusted.
    pub caller: Option<ClassRef>,
    /// Modes of the `Lookup` object.
    pub modes: i32,
    /// A failure of the look-up itself is no error.
    pub speculative: bool,
}

impl Lookup {
    /// The class that has to agree with the member's on the types of its descriptor: a public look-up has none.
    fn constrained(&self) -> Option<ClassRef> {
        self.caller.filter(|_| self.modes & LM_UNCONDITIONAL == 0)
    }
}

/// Resolves `member` in place; `false` when there is no such member (or, speculatively, when it may not be used).
pub fn resolve_member(t: &Thread, member: MemberName, lookup: Lookup) -> JResult<bool> {
    if member.target(t).is_some() {
        return Ok(true);
    }
    let vm = t.vm();
    let flags = member.flags(t);
    let Some(kind) = RefKind::of_flags(flags) else {
        return Err(exceptions::throw(t, "java/lang/InternalError", "obsolete MemberName format"));
    };
    let (mirror, name, ty) = (member.class_mirror(t), member.name(t), member.ty(t));
    if mirror.is_null() || name.is_null() || ty.is_null() {
        return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "nothing to resolve"));
    }
    let class = mirrors::class_of(mirror);
    let class = match class.kind {
        ClassKind::Primitive => return Ok(false),
        ClassKind::Instance => class,
        _ => vm.wk.object(),
    };
    link::link_class(t, class)?;
    // A name that nobody has mentioned is no member's.
    let Some(name) = vm.symbols.lookup(&strings::to_mutf8(name)) else { return Ok(false) };
    if name == vm.sym.class_initializer {
        return Ok(false);
    }
    let polymorphic = if flags & ALL_KINDS == IS_METHOD {
        intrinsics::polymorphic(t, class, name).filter(|p| match kind {
            RefKind::InvokeStatic => p.is_static(),
            RefKind::InvokeVirtual | RefKind::InvokeSpecial => !p.is_static(),
            _ => false,
        })
    } else {
        None
    };
    let Some(descriptor) = method_type::descriptor_of(t, ty, polymorphic.is_some())? else {
        return Ok(false);
    };
    let found = match flags & ALL_KINDS {
        IS_METHOD => match polymorphic {
            Some(p) => resolve_polymorphic(t, member, class, name, descriptor, p, lookup),
            None => resolve_method(t, member, class, name, descriptor, kind, lookup),
        },
        IS_CONSTRUCTOR if name == vm.sym.object_initializer => {
            resolve_method(t, member, class, name, descriptor, RefKind::InvokeSpecial, lookup)
        }
        IS_FIELD => resolve_field(t, member, class, name, descriptor, kind, lookup),
        _ => return Err(exceptions::throw(t, "java/lang/InternalError", "unrecognized MemberName format")),
    };
    match found {
        // What is thrown for want of memory or stack says nothing about the member.
        Err(thrown) if lookup.speculative && exceptions::pending_is(t, vm.wk.linkage_error()) => {
            let _ = thrown;
            exceptions::take_pending(t);
            Ok(false)
        }
        other => other,
    }
}

fn resolve_method(
    t: &Thread,
    member: MemberName,
    class: ClassRef,
    name: Sym,
    descriptor: Sym,
    kind: RefKind,
    lookup: Lookup,
) -> JResult<bool> {
    let invoke = match kind {
        RefKind::InvokeStatic => InvokeKind::Static,
        RefKind::InvokeInterface => InvokeKind::Interface,
        RefKind::InvokeSpecial | RefKind::NewInvokeSpecial => InvokeKind::Special,
        _ => InvokeKind::Virtual,
    };
    // A public look-up finds public members only, but without constraints on loaders.
    let from = lookup.constrained();
    let request = Request { class, name, signature: descriptor, from, interface_constant: None };
    let m = request.link(t, invoke)?;
    if from.is_none() {
        check_access(t, m, class, lookup)?;
    }
    if invoke == InvokeKind::Special {
        let selected = request.select_special(t, m)?;
        return member_name::init_direct(t, member, selected);
    }
    member_name::init_method(t, member.0, m, class)
}

/// A method with a polymorphic signature: the VM's intrinsic, or Java's adapter, which must need no appendix
/// since a `MemberName` has no place for it.
fn resolve_polymorphic(
    t: &Thread,
    member: MemberName,
    class: ClassRef,
    name: Sym,
    descriptor: Sym,
    polymorphic: Polymorphic,
    lookup: Lookup,
) -> JResult<bool> {
    let m = match polymorphic {
        Polymorphic::Intrinsic(kind) => {
            let m = intrinsics::intrinsic(t, kind, name, descriptor)?;
            check_access(t, m, class, lookup)?;
            m
        }
        Polymorphic::Invoker => {
            let accessing = lookup.caller.unwrap_or(class);
            let (m, appendix) = call_site::find_invoker(t, class, name, descriptor, accessing)?;
            if !appendix.is_null() {
                return Err(exceptions::throw(t, "java/lang/InternalError", "appendix"));
            }
            m
        }
    };
    member_name::init_direct(t, member, m)
}

fn check_access(t: &Thread, m: MethodRef, class: ClassRef, lookup: Lookup) -> JResult<()> {
    let Some(caller) = lookup.caller else { return Ok(()) };
    if access::member_accessible(t, caller, m.holder, m.access, class)? {
        return Ok(());
    }
    let what = format!("method '{}'", m.external_name());
    Err(errors::member_inaccessible(t, caller, m.holder, m.access, &what))
}

/// Java checks the access to a field by itself.
fn resolve_field(
    t: &Thread,
    member: MemberName,
    class: ClassRef,
    name: Sym,
    descriptor: Sym,
    kind: RefKind,
    lookup: Lookup,
) -> JResult<bool> {
    let f = resolve::find_field(t, class, name, descriptor, None)?;
    if let Some(from) = lookup.constrained() {
        resolve::constrain_field(t, from, f)?;
    }
    member_name::init_field(t, member, f, kind.is_setter());
    Ok(true)
}

/// The `MethodType`, or for a field the `Class`, of a name whose type may still be a descriptor; null when the
/// descriptor is no symbol.
pub fn resolved_type(t: &Thread, member: MemberName, accessing: ClassRef) -> JResult<ObjRef> {
    let ty = member.ty(t);
    if !crate::objects::is_instance(ty, t.vm().wk.string()) {
        return Ok(ty);
    }
    let Some(descriptor) = t.vm().symbols.lookup(&strings::to_mutf8(ty)) else { return Ok(ObjRef::NULL) };
    match member.flags(t) & ALL_KINDS {
        IS_METHOD | IS_CONSTRUCTOR => method_type::find_method_type(t, descriptor, accessing),
        IS_FIELD => Ok(mirrors::class_from_descriptor(t, accessing.loader, descriptor)?.mirror()),
        _ => Err(exceptions::throw(t, "java/lang/InternalError", "unrecognized MemberName format")),
    }
}
