//! Classes in relation to others by their attributes: `InnerClasses` (JVMS §4.7.6), `EnclosingMethod` (§4.7.7),
//! `NestHost` and `NestMembers` (§4.7.28, §4.7.29), `PermittedSubclasses` (§4.7.31).

use crate::boundary::{c, local, non_null};
use crate::class::names_class;
use crate::objects::{class_array, class_of, instance_class, put_ref_at};
use caturra_kernel::linking::access;
use caturra_kernel::linking::resolve::resolve_class;
use caturra_kernel::oops::class::{ClassKind, InnerClass};
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{JResult, Thrown, pending_is, take_pending, throw};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};

/// The row of `InnerClasses` for the class itself.
fn own_row(class: ClassRef) -> Option<&'static InnerClass> {
    class.extra.inner_classes.iter().find(|row| names_class(class, row.inner, class))
}

fn disagree(t: &Thread, outer: ClassRef, inner: ClassRef) -> Thrown {
    let (outer, inner) = (outer.external_name(), inner.external_name());
    throw(
        t,
        "java/lang/IncompatibleClassChangeError",
        &format!("{outer} and {inner} disagree on InnerClasses attribute"),
    )
}

/// Each of two classes must know of the other: `outer` has to list `inner`, as a member of itself or, when
/// not `as_member`, as a class without declaring class.
fn check_inner(t: &Thread, outer: ClassRef, inner: ClassRef, as_member: bool) -> JResult<()> {
    for row in outer.extra.inner_classes {
        if !names_class(outer, row.inner, inner) {
            continue;
        }
        let fits = if as_member {
            names_class(outer, row.outer, outer) && resolve_class(t, outer, row.outer)? == outer
        } else {
            row.outer == 0
        };
        if fits && resolve_class(t, outer, row.inner)? == inner {
            return Ok(());
        }
    }
    Err(disagree(t, outer, inner))
}

/// Member classes in the order of the attribute.
fn declared_classes(t: &Thread, class: ClassRef) -> JResult<Vec<ClassRef>> {
    let mut members = Vec::new();
    for row in class.extra.inner_classes {
        if row.inner == 0 || !names_class(class, row.outer, class) {
            continue;
        }
        if resolve_class(t, class, row.outer)? == class {
            let inner = resolve_class(t, class, row.inner)?;
            check_inner(t, class, inner, true)?;
            members.push(inner);
        }
    }
    Ok(members)
}

/// The class that this one is a member of, `None` for top-level, local and anonymous classes.
fn declaring_class(t: &Thread, class: ClassRef) -> JResult<Option<ClassRef>> {
    let Some(row) = own_row(class) else { return Ok(None) };
    if row.outer != 0 {
        let outer = resolve_class(t, class, row.outer)?;
        if outer.kind != ClassKind::Instance {
            return Err(disagree(t, outer, class));
        }
        check_inner(t, outer, class, true)?;
        return Ok(Some(outer));
    }
    if let Some((index, _)) = class.extra.enclosing_method {
        let outer = resolve_class(t, class, index)?;
        check_inner(t, outer, class, false)?;
    }
    Ok(None)
}

/// The name in the class's own `InnerClasses` row; `None` for top-level and anonymous classes.
fn simple_binary_name(class: ClassRef) -> Option<Sym> {
    let row = own_row(class)?;
    (row.name != 0).then(|| class.cp.utf8(row.name))
}

/// `{class, method name, method descriptor}` of `EnclosingMethod`, the last two null outside of methods.
fn enclosing_method(t: &Thread, class: ClassRef) -> JResult<ObjRef> {
    let Some((class_index, method_index)) = class.extra.enclosing_method else { return Ok(ObjRef::NULL) };
    let array = alloc::ref_array(t, t.vm().wk.object(), 3)?;
    let outer = resolve_class(t, class, class_index)?;
    // SAFETY: a new `Object[3]`.
    unsafe { put_ref_at(t, array, 0, outer.mirror()) };
    if method_index != 0 && class.cp.tag(method_index) == CpTag::NameAndType {
        let (name, descriptor) = class.cp.name_and_type(method_index);
        for (i, symbol) in [(1, name), (2, descriptor)] {
            let string = strings::from_sym(t, symbol)?;
            // SAFETY: as above.
            unsafe { put_ref_at(t, array, i, string) };
        }
    }
    Ok(array)
}

/// Resolves one class of a list, dropping those that cannot be resolved; errors of the VM itself stay.
fn resolve_listed(t: &Thread, holder: ClassRef, index: u16) -> JResult<Option<ClassRef>> {
    match resolve_class(t, holder, index) {
        Ok(class) => Ok((class.kind == ClassKind::Instance).then_some(class)),
        Err(thrown) if pending_is_vm_error(t) => Err(thrown),
        Err(_) => {
            take_pending(t);
            Ok(None)
        }
    }
}

fn pending_is_vm_error(t: &Thread) -> bool {
    // `VirtualMachineError` is the superclass of `OutOfMemoryError`.
    let class = t.vm().wk.out_of_memory_error().super_class;
    class.is_some_and(|class| pending_is(t, class))
}

/// The nest host first, then the members that agree that it is their host (JVMS §5.4.4).
fn nest_members(t: &Thread, class: ClassRef) -> JResult<Vec<ClassRef>> {
    let host = access::nest_host(t, class)?;
    let mut members = vec![host];
    for &index in host.extra.nest_members {
        if let Some(member) = resolve_listed(t, host, index)?
            && access::nest_host(t, member)? == host
        {
            members.push(member);
        }
    }
    Ok(members)
}

/// The classes named by `PermittedSubclasses` that exist; `None` when the class is not sealed.
fn permitted_subclasses(t: &Thread, class: ClassRef) -> JResult<Option<Vec<ClassRef>>> {
    let Some(indexes) = class.extra.permitted_subclasses else { return Ok(None) };
    let mut classes = Vec::with_capacity(indexes.len());
    for &index in indexes {
        classes.extend(resolve_listed(t, class, index)?);
    }
    Ok(Some(classes))
}

jvm_entry! {
    /// `Class.getDeclaredClasses0`.
    fn JVM_GetDeclaredClasses(t; of_class: c::jclass) -> c::jobjectArray {
        // SAFETY: a handle of the caller, as in every function of this file.
        let mirror = unsafe { non_null(t, of_class)? };
        let classes = match instance_class(mirror) {
            Some(class) => declared_classes(t, class)?,
            None => Vec::new(),
        };
        Ok(local(t, class_array(t, &classes)?))
    }
    /// `Class.getDeclaringClass0`.
    fn JVM_GetDeclaringClass(t; of_class: c::jclass) -> c::jclass {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, of_class)? };
        let declaring = match instance_class(mirror) {
            Some(class) => declaring_class(t, class)?,
            None => None,
        };
        Ok(local(t, declaring.map_or(ObjRef::NULL, |k| k.mirror())))
    }
    /// `Class.getSimpleBinaryName0`.
    fn JVM_GetSimpleBinaryName(t; cls: c::jclass) -> c::jstring {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        match instance_class(mirror).and_then(simple_binary_name) {
            Some(name) => Ok(local(t, strings::from_sym(t, name)?)),
            None => Ok(std::ptr::null_mut()),
        }
    }
    /// `Class.getEnclosingMethod0`.
    fn JVM_GetEnclosingMethodInfo(t; of_class: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, of_class)? };
        match instance_class(mirror) {
            Some(class) => Ok(local(t, enclosing_method(t, class)?)),
            None => Ok(std::ptr::null_mut()),
        }
    }
    /// `Class.getNestHost0`.
    fn JVM_GetNestHost(t; current: c::jclass) -> c::jclass {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, current)? };
        Ok(local(t, access::nest_host(t, class_of(mirror))?.mirror()))
    }
    /// `Class.getNestMembers0`.
    fn JVM_GetNestMembers(t; current: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, current)? };
        let members = nest_members(t, class_of(mirror))?;
        Ok(local(t, class_array(t, &members)?))
    }
    /// `Class.getPermittedSubclasses0`; null for a class that is not sealed.
    fn JVM_GetPermittedSubclasses(t; current: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, current)? };
        let classes = match instance_class(mirror) {
            Some(class) => permitted_subclasses(t, class)?,
            None => None,
        };
        match classes {
            Some(classes) => Ok(local(t, class_array(t, &classes)?)),
            None => Ok(std::ptr::null_mut()),
        }
    }
}
