//! Linking a class: supertypes first, verification, then marked linked (JVMS §5.4).

use crate::linking::{constraints, errors};
use crate::loading::define::owner;
use crate::loading::loader::loader_display_name;
use crate::oops::class::{ClassKind, ClassRef, InitState};
use crate::oops::method::MethodRef;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::identity;
use crate::runtime::thread::Thread;
use crate::runtime::tools;

/// Links a class. Method code is prepared when a method is first called.
///
/// # Errors
/// `VerifyError` and other linkage errors.
pub fn link_class(t: &Thread, class: ClassRef) -> JResult<()> {
    if class.is_linked() {
        return Ok(());
    }
    if class.kind != ClassKind::Instance {
        return Ok(());
    }
    if let Some(s) = class.super_class {
        link_class(t, s)?;
    }
    for i in class.interfaces {
        link_class(t, *i)?;
    }
    if let Some(thrown) = errors::replay(t, class, u16::MAX) {
        return Err(thrown);
    }
    identity::class_linked(t, class);
    (t.vm().engine().verify_class)(t, class).inspect_err(|_| errors::record_link(t, class))?;
    check_overrides(t, class)?;
    let vm = t.vm();
    let guard = vm.init_lock.lock();
    let first = class.state() == InitState::Loaded;
    if first {
        class.set_state(InitState::Linked);
    }
    drop(guard);
    if first {
        tools::class_prepared(t, class);
    }
    Ok(())
}

/// A method and what it overrides must agree on the types of their common descriptor (JVMS §5.4.5).
fn check_overrides(t: &Thread, class: ClassRef) -> JResult<()> {
    let own = owner(t, class.loader);
    if own.is_boot() {
        return Ok(());
    }
    if let Some(parent) = class.super_class {
        for (mine, theirs) in class.vtable().iter().zip(parent.vtable()) {
            if mine.holder == class && mine != theirs {
                check_pair(t, class, *mine, *theirs)?;
            }
        }
    }
    for e in class.itable {
        if owner(t, e.interface.loader) == own {
            continue;
        }
        for (declared, mine) in crate::loading::vtable::itable_methods(e.interface).zip(e.methods) {
            if declared != *mine {
                check_pair(t, class, *mine, declared)?;
            }
        }
    }
    Ok(())
}

fn check_pair(t: &Thread, class: ClassRef, mine: MethodRef, theirs: MethodRef) -> JResult<()> {
    let (a, b) = (owner(t, mine.holder.loader), owner(t, theirs.holder.loader));
    let Some(ty) = constraints::constrain(t, mine.signature.symbol, a, b) else { return Ok(()) };
    let places = format!(
        "({}; {})",
        errors::in_module_with_parent(t, mine.holder),
        errors::in_module_with_parent(t, theirs.holder)
    );
    let text = if theirs.holder.is_interface() {
        format!(
            "loader constraint violation in interface itable initialization for class {}: when selecting method '{}' the class loader {} for super interface {}, and the class loader {} of the selected method's {}, {} have different Class objects for the type {} used in the signature {places}",
            class.external_name(),
            theirs.external_name(),
            loader_display_name(t, b),
            theirs.holder.external_name(),
            loader_display_name(t, a),
            if mine.holder.is_interface() { "interface" } else { "class" },
            mine.holder.external_name(),
            ty.to_external(),
        )
    } else {
        format!(
            "loader constraint violation for class {}: when selecting overriding method '{}' the class loader {} of the selected method's type {}, and the class loader {} for its super type {} have different Class objects for the type {} used in the signature {places}",
            class.external_name(),
            mine.external_name(),
            loader_display_name(t, a),
            mine.holder.external_name(),
            loader_display_name(t, b),
            theirs.holder.external_name(),
            ty.to_external(),
        )
    };
    Err(exceptions::throw(t, "java/lang/LinkageError", &text))
}
