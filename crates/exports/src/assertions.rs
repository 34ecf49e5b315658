//! Assertion status (`-ea`, `-da`, `-esa`, `-dsa`).

use crate::boundary::{c, local, non_null};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, bool_slot};
use crate::objects::{class_or_npe, element_addr, instance_class, put_ref_at, set_ref};
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::linking::init;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::options::{AssertionKind, AssertionSwitch};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread};

/// The last switch of a kind that says something about a name in internal form.
fn last(switches: &[AssertionSwitch], kind: AssertionKind, name: &str) -> Option<bool> {
    switches.iter().rev().find(|s| s.kind == kind && s.name == name).map(|s| s.enabled)
}

/// What a switch without name says of classes outside the system.
fn user_default(switches: &[AssertionSwitch]) -> bool {
    last(switches, AssertionKind::All, "").unwrap_or(false)
}

/// Whether assertions are on for a class by its name in internal form: the last switch for the class itself,
/// else the last for the innermost package that has one, else the default.
fn is_enabled(switches: &[AssertionSwitch], class: &str, default: bool) -> bool {
    if let Some(enabled) = last(switches, AssertionKind::Class, class) {
        return enabled;
    }
    let mut package = class.rfind('/').map_or("", |i| &class[..i]);
    loop {
        if let Some(enabled) = last(switches, AssertionKind::Package, package) {
            return enabled;
        }
        match package.rfind('/') {
            Some(i) => package = &package[..i],
            None => return default,
        }
    }
}

fn desired_status(t: &Thread, class: ClassRef) -> bool {
    if !class.is_instance_class() {
        return false;
    }
    let options = &t.vm().options;
    if options.assertions.is_empty() {
        return options.system_assertions && class.loader.is_boot();
    }
    let default =
        if class.loader.is_boot() { options.system_assertions } else { user_default(&options.assertions) };
    is_enabled(&options.assertions, &class.name.to_str(), default)
}

/// A `String[]` and a `boolean[]` with the switches of one kind, in the order of the command line.
fn switch_arrays(t: &Thread, kind: AssertionKind) -> JResult<(ObjRef, ObjRef)> {
    let switches: Vec<&AssertionSwitch> =
        t.vm().options.assertions.iter().filter(|s| s.kind == kind).collect();
    let names = alloc::ref_array(t, t.vm().wk.string(), switches.len() as i32)?;
    let enabled = alloc::prim_array(t, BasicType::Boolean, switches.len() as i32)?;
    for (i, switch) in switches.iter().enumerate() {
        let name = strings::new_string(t, &switch.name.replace('/', "."))?;
        // SAFETY: new arrays of that length.
        unsafe {
            put_ref_at(t, names, i, name);
            element_addr(enabled, 0, i).write(u8::from(switch.enabled));
        }
    }
    Ok((names, enabled))
}

/// The options as an `AssertionStatusDirectives`.
fn directives(t: &Thread) -> JResult<ObjRef> {
    let class = t.vm().wk.assertion_status_directives();
    init::initialize(t, class)?;
    let object = alloc::instance(t, class)?;
    let (packages, package_enabled) = switch_arrays(t, AssertionKind::Package)?;
    let (classes, class_enabled) = switch_arrays(t, AssertionKind::Class)?;
    let off = &t.vm().off;
    // SAFETY: a new AssertionStatusDirectives and its fields.
    unsafe {
        set_ref(t, object, off.asd_packages(), packages);
        set_ref(t, object, off.asd_package_enabled(), package_enabled);
        set_ref(t, object, off.asd_classes(), classes);
        set_ref(t, object, off.asd_class_enabled(), class_enabled);
        object.store(off.asd_deflt() as usize, u8::from(user_default(&t.vm().options.assertions)));
    }
    Ok(object)
}

jvm_entry! {
    /// `Class.desiredAssertionStatus0`.
    fn JVM_DesiredAssertionStatus(t; _unused: c::jclass, cls: c::jclass) -> c::jboolean {
        // SAFETY: a handle of the caller.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(instance_class(mirror).is_some_and(|class| desired_status(t, class)).into())
    }
    /// `ClassLoader`'s directives from the command line.
    fn JVM_AssertionStatusDirectives(t; _unused: c::jclass) -> c::jobject {
        Ok(local(t, directives(t)?))
    }
}

internal_natives! {
    fn desired_status_native(t, a) {
        Ok(bool_slot(desired_status(t, class_or_npe(t, a.obj(0))?)))
    }
}

/// Asked by the static initialiser of every class with assertions.
pub(crate) const INTERNAL: &[ClassTable] =
    &[("java/lang/Class", &[("desiredAssertionStatus0", "(Ljava/lang/Class;)Z", desired_status_native)])];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_switch_wins_then_the_last() {
        let switch = |kind, name: &str, enabled| AssertionSwitch { name: name.to_string(), kind, enabled };
        let switches = [
            switch(AssertionKind::All, "", true),
            switch(AssertionKind::Package, "a", false),
            switch(AssertionKind::Package, "a/b", true),
            switch(AssertionKind::Class, "a/b/C", true),
            switch(AssertionKind::Class, "a/b/C", false),
            switch(AssertionKind::Package, "", false),
        ];
        let enabled = |class| is_enabled(&switches, class, user_default(&switches));
        assert!(!enabled("a/b/C"));
        assert!(enabled("a/b/D"));
        assert!(enabled("a/b/c/D"));
        assert!(!enabled("a/E"));
        assert!(!enabled("E"));
        assert!(enabled("x/E"));
        assert!(!user_default(&[]));
    }
}
