//! Access control (JVMS §5.4.4), nests (§5.4.4), sealed hierarchies (§5.3.5).

use crate::linking::resolve;
use crate::loading::loader::LoaderRef;
use crate::oops::class::{ClassFlags, ClassRef};
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::log_config::Level;
use crate::runtime::thread::Thread;
use crate::runtime::{calls, log};
use caturra_bytecode::access as acc;
use caturra_heap::ObjRef;
use std::sync::atomic::Ordering;

/// Why one class may not use another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// Not public, in another package.
    NotPublic,
    /// The module does not read the other's.
    NotRead,
    /// The package is not exported to the module.
    NotExported,
}

/// Whether `from` may refer to `to` (JVMS §5.4.4).
pub fn class_accessible(from: ClassRef, to: ClassRef) -> bool {
    class_access(from, to).is_ok()
}

/// As [`class_accessible`], with the reason.
pub fn class_access(from: ClassRef, to: ClassRef) -> Result<(), Denied> {
    let to = to.bottom.unwrap_or(to);
    if from == to || to.is_primitive() || from.same_package(to) {
        return Ok(());
    }
    let visible = to.is_public();
    let (mf, mt) = (from.module(), to.module());
    if visible {
        if mf == mt {
            return Ok(());
        }
        if !mf.can_read(mt) {
            return denied_unless_magic(from, Denied::NotRead);
        }
        let exported = mt.open.load(Ordering::Relaxed)
            || !mt.is_named()
            || to.package.is_some_and(|p| p.is_exported_to(mf));
        if exported {
            return Ok(());
        }
        return denied_unless_magic(from, Denied::NotExported);
    }
    denied_unless_magic(from, Denied::NotPublic)
}

/// Asks the security manager, where there is one, whether code of `from`'s protection domain may use `class`,
/// found through `from`'s loader: `ClassLoader.checkPackageAccess`.
///
/// # Errors
/// What the security manager throws, a `SecurityException` mostly.
pub fn check_package_access(t: &Thread, from: ClassRef, loader: LoaderRef, class: ClassRef) -> JResult<()> {
    let vm = t.vm();
    let (offset, loader) = (vm.off.system_security(), loader.object());
    // SAFETY: a static field, in the mirror of its class; a reference field of a mirror.
    let (manager, domain) = unsafe {
        let manager =
            if offset == 0 { ObjRef::NULL } else { vm.wk.system().mirror().load_ref(offset as usize) };
        (manager, from.mirror().load_ref(vm.off.class_protection_domain() as usize))
    };
    let class = class.bottom.unwrap_or(class);
    if manager.is_null() || loader.is_null() || domain.is_null() || class.is_primitive() {
        return Ok(());
    }
    let args = [loader, class.mirror(), domain].map(|o| u64::from(o.raw()));
    let checked = calls::invoke(t, vm.methods.class_loader_check_package_access(), &args).map(|_| ());
    if vm.options.log_protection_domains {
        let (name, outcome) = (class.external_name(), if checked.is_ok() { "granted" } else { "DENIED" });
        log::line(vm, Level::Debug, "protectiondomain", "Checking package access");
        log::line(vm, Level::Debug, "protectiondomain", &format!("loading: '{name}' {outcome}"));
        if checked.is_ok() {
            let text = format!("adding protection domain for class {name}");
            log::line(vm, Level::Trace, "protectiondomain", &text);
        }
    }
    checked
}

/// Code generated for reflection (subclasses of `MagicAccessorImpl`) may access everything.
fn denied_unless_magic(from: ClassRef, why: Denied) -> Result<(), Denied> {
    if from.has(ClassFlags::REFLECTION_MAGIC) { Ok(()) } else { Err(why) }
}

/// Whether `from` may use a member with `flags` declared in `declaring`, found through `resolved` (JVMS §5.4.4).
/// Private members across a nest need [`nestmates`], which may load classes.
pub fn member_accessible(
    t: &Thread,
    from: ClassRef,
    declaring: ClassRef,
    flags: u16,
    resolved: ClassRef,
) -> JResult<bool> {
    if flags & acc::ACC_PUBLIC != 0 || from == declaring {
        return Ok(true);
    }
    if from.has(ClassFlags::REFLECTION_MAGIC) {
        return Ok(true);
    }
    if flags & acc::ACC_PRIVATE != 0 {
        return nestmates(t, from, declaring);
    }
    if from.same_package(declaring) {
        return Ok(true);
    }
    if flags & acc::ACC_PROTECTED != 0 && !from.is_interface() && from.has_superclass(declaring) {
        // A protected instance member is used through the class itself or a subclass; the verifier checks the
        // objects.
        return Ok(flags & acc::ACC_STATIC != 0
            || resolved == declaring
            || from == resolved
            || resolved.is_subclass_of(from)
            || from.is_subclass_of(resolved));
    }
    Ok(false)
}

/// Whether two classes are of one nest.
pub fn nestmates(t: &Thread, a: ClassRef, b: ClassRef) -> JResult<bool> {
    if a == b {
        return Ok(true);
    }
    Ok(nest_host(t, a)? == nest_host(t, b)?)
}

/// The nest host of a class: itself when the named host is missing, in another package, or does not list it.
///
/// # Errors
/// Only `VirtualMachineError`s met while loading the host; a host that cannot be loaded counts as missing.
pub fn nest_host(t: &Thread, class: ClassRef) -> JResult<ClassRef> {
    let known = class.nest_host.load(Ordering::Acquire);
    if known != 0 {
        // SAFETY: the host is kept alive by its member's loader.
        return Ok(unsafe { ClassRef::from_raw(known) });
    }
    let index = class.extra.nest_host_index;
    let host = if index == 0 || class.is_array() || class.is_primitive() {
        class
    } else {
        match resolve::resolve_class(t, class, index) {
            Ok(host) if host.same_package(class) && lists_member(host, class) => host,
            Ok(_) => class,
            Err(thrown) => {
                if is_virtual_machine_error(t) {
                    return Err(thrown);
                }
                exceptions::take_pending(t);
                // Not recorded: the host may become loadable.
                return Ok(class);
            }
        }
    };
    class.nest_host.store(host.as_raw(), Ordering::Release);
    Ok(host)
}

fn is_virtual_machine_error(t: &Thread) -> bool {
    let mut c = Some(t.vm().wk.out_of_memory_error()).and_then(|c| c.super_class);
    c.take().is_some_and(|vme| exceptions::pending_is(t, vme))
}

fn lists_member(host: ClassRef, member: ClassRef) -> bool {
    host.extra.nest_members.iter().any(|i| host.cp.symbol(*i) == member.name)
}

/// Whether a sealed class (or one that is not) lets `class`, of that name in its class file, extend it.
pub fn permits_subclass(t: &Thread, parent: ClassRef, class: ClassRef, file_name: Sym) -> bool {
    let Some(permitted) = parent.extra.permitted_subclasses else { return true };
    let _ = t;
    if class.is_hidden() {
        return false;
    }
    let (mp, mc) = (parent.module(), class.module());
    if mp != mc {
        return false;
    }
    if !class.is_public() && !parent.same_package(class) {
        return false;
    }
    permitted.iter().any(|i| parent.cp.symbol(*i) == file_name)
}
