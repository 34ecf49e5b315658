//! `AccessController`: the protection domains on the stack.

use crate::boundary::{c, local};
use crate::class::{internal_natives, protection_domain};
use crate::internal::{Args, ClassTable, ref_slot};
use crate::objects::{class_of, put_ref_at, set_ref};
use caturra_kernel::linking::init;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::frames::{Activation, walk};
use caturra_kernel::{ClassRef, ObjRef, Thread};

/// Arguments of `AccessController.executePrivileged(action, context, caller)`, a static method: context and
/// the caller's mirror.
fn privileged_arguments(frame: &Activation<'_>) -> (ObjRef, ObjRef) {
    // SAFETY: the frame of a method with these three parameters, which `ensureMaterializedForStackWalk` keeps
    // in its local variables.
    unsafe {
        let locals = (*frame.frame).locals;
        (ObjRef::from_raw(*locals.add(1) as u32), ObjRef::from_raw(*locals.add(2) as u32))
    }
}

/// The classes whose protection domains make up the context: one for each change of domain, down to the first
/// privileged frame, for which its caller stands. Also the context of that frame.
struct Domains {
    classes: Vec<ClassRef>,
    privileged: Option<ObjRef>,
}

fn collect(t: &Thread) -> Domains {
    let mut domains = Domains { classes: Vec::new(), privileged: None };
    let mut previous = ObjRef::NULL;
    for frame in walk(t) {
        let mut class = frame.class();
        if class == t.vm().wk.access_controller() && frame.method.name == "executePrivileged" {
            let (context, caller) = privileged_arguments(&frame);
            domains.privileged = Some(context);
            if !caller.is_null() {
                class = class_of(caller);
            }
        }
        let domain = protection_domain(t, class);
        if !domain.is_null() && domain != previous {
            domains.classes.push(class);
            previous = domain;
        }
        if domains.privileged.is_some() {
            break;
        }
    }
    domains
}

/// `AccessController.getStackAccessControlContext`: null when only system code is on the stack.
fn stack_context(t: &Thread) -> JResult<ObjRef> {
    let domains = collect(t);
    let privileged_context = domains.privileged.unwrap_or(ObjRef::NULL);
    if domains.classes.is_empty() && domains.privileged.is_some() && privileged_context.is_null() {
        return Ok(ObjRef::NULL);
    }
    let context = if domains.classes.is_empty() {
        ObjRef::NULL
    } else {
        let array = alloc::ref_array(t, t.vm().wk.protection_domain(), domains.classes.len() as i32)?;
        for (i, class) in domains.classes.iter().enumerate() {
            // SAFETY: a new array of that length.
            unsafe { put_ref_at(t, array, i, protection_domain(t, *class)) };
        }
        array
    };
    let class = t.vm().wk.access_control_context();
    init::initialize(t, class)?;
    let object = alloc::instance(t, class)?;
    let off = &t.vm().off;
    // SAFETY: a new AccessControlContext and its fields.
    unsafe {
        set_ref(t, object, off.acc_context(), context);
        set_ref(t, object, off.acc_privileged_context(), privileged_context);
        object.store(off.acc_is_privileged() as usize, u8::from(domains.privileged.is_some()));
        object.store(off.acc_is_authorized() as usize, 1u8);
    }
    Ok(object)
}

/// What the thread got when it was made.
fn inherited_context(t: &Thread) -> ObjRef {
    let offset = t.vm().off.thread_inherited_access_control_context() as usize;
    // SAFETY: a thread that runs Java code has its Thread object.
    unsafe { t.object.get().load_ref(offset) }
}

jvm_entry! {
    /// `AccessController.getStackAccessControlContext`.
    fn JVM_GetStackAccessControlContext(t; _cls: c::jclass) -> c::jobject {
        Ok(local(t, stack_context(t)?))
    }
    /// `AccessController.getInheritedAccessControlContext`.
    fn JVM_GetInheritedAccessControlContext(t; _cls: c::jclass) -> c::jobject {
        Ok(local(t, inherited_context(t)))
    }
}

internal_natives! {
    fn stack_context_native(t, _a) {
        stack_context(t).map(ref_slot)
    }
    fn inherited_context_native(t, _a) {
        Ok(ref_slot(inherited_context(t)))
    }
    /// Being passed to a native method is all that it takes for a local variable to be in its frame.
    fn ensure_materialized_native(_t, _a) {
        Ok(0)
    }
}

/// What every `doPrivileged` and `getContext` goes through.
pub(crate) const INTERNAL: &[ClassTable] = &[(
    "java/security/AccessController",
    &[
        ("getStackAccessControlContext", "()Ljava/security/AccessControlContext;", stack_context_native),
        (
            "getInheritedAccessControlContext",
            "()Ljava/security/AccessControlContext;",
            inherited_context_native,
        ),
        ("ensureMaterializedForStackWalk", "(Ljava/lang/Object;)V", ensure_materialized_native),
    ],
)];
