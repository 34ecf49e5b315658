//! Bootstrap methods: what `invokedynamic` and dynamic constants have in common (JVMS §5.4.3.6).

use crate::{constant, method_type, objects};
use caturra_kernel::linking::init;
use caturra_kernel::loading::loader;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::{alloc, calls, strings};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};

/// An InvokeDynamic or Dynamic entry of a class's constant pool.
#[derive(Clone, Copy)]
pub struct Specifier {
    pub holder: ClassRef,
    pub index: u16,
}

impl Specifier {
    /// The row of `BootstrapMethods`: index of the method handle, indexes of the static arguments.
    pub fn bootstrap_method(self) -> (u16, &'static [u16]) {
        let cp = self.holder.cp;
        cp.bootstrap_methods[cp.pair(self.index).0 as usize]
    }
}

/// As many static arguments are passed on resolved when nothing needs to be linked for them.
const SMALL_ARITY: usize = 5;

/// Bootstrap method, name, type and static arguments, resolved.
struct Resolved {
    method: ObjRef,
    name: ObjRef,
    ty: ObjRef,
    /// Null for none; an object that is no array for one; an `Object[]`; or an `int[]` with the number of
    /// arguments and the index of the entry, when Java is to pull them.
    arguments: ObjRef,
}

/// Calls `MethodHandleNatives.linkCallSite`, which runs the bootstrap method; gives the adapter and its appendix.
pub fn link_call_site(t: &Thread, s: Specifier) -> JResult<(MethodRef, ObjRef)> {
    let link = t.vm().methods.mhn_link_call_site();
    let r = resolve(t, s).map_err(|thrown| wrap(t, thrown))?;
    let appendix = objects::object_array(t, 1)?;
    init::initialize(t, link.holder)?;
    let args = [
        objects::slot(s.holder.mirror()),
        u64::from(s.index),
        objects::slot(r.method),
        objects::slot(r.name),
        objects::slot(r.ty),
        objects::slot(r.arguments),
        objects::slot(appendix),
    ];
    let member = calls::invoke(t, link, &args).map_err(|thrown| wrap(t, thrown))?;
    crate::call_site::unpack(t, ObjRef::from_raw(member as u32), appendix)
}

/// Calls `MethodHandleNatives.linkDynamicConstant`; gives the constant, primitives boxed.
pub fn link_dynamic_constant(t: &Thread, s: Specifier) -> JResult<ObjRef> {
    let link = t.vm().methods.mhn_link_dynamic_constant();
    let r = resolve(t, s).map_err(|thrown| wrap(t, thrown))?;
    init::initialize(t, link.holder)?;
    let args = [
        objects::slot(s.holder.mirror()),
        u64::from(s.index),
        objects::slot(r.method),
        objects::slot(r.name),
        objects::slot(r.ty),
        objects::slot(r.arguments),
    ];
    let constant = calls::invoke(t, link, &args).map_err(|thrown| wrap(t, thrown))?;
    Ok(ObjRef::from_raw(constant as u32))
}

fn resolve(t: &Thread, s: Specifier) -> JResult<Resolved> {
    let cp = s.holder.cp;
    let method = constant::boxed_constant(t, s.holder, s.bootstrap_method().0)?;
    let (name, descriptor) = cp.member_name_and_type(s.index);
    let name = strings::from_sym(t, name)?;
    let ty = if descriptor.starts_with("(") {
        method_type::find_method_type(t, descriptor, s.holder)?
    } else {
        method_type::find_class(t, descriptor, s.holder)?.mirror()
    };
    let arguments = static_arguments(t, s, method)?;
    Ok(Resolved { method, name, ty, arguments })
}

fn static_arguments(t: &Thread, s: Specifier, method: ObjRef) -> JResult<ObjRef> {
    let indexes = s.bootstrap_method().1;
    if indexes.is_empty() {
        return Ok(ObjRef::NULL);
    }
    if pulled(t, s, method)? {
        return objects::int_array(t, &[indexes.len() as i32, i32::from(s.index)]);
    }
    let values = objects::object_array(t, indexes.len())?;
    copy_arguments(t, s, 0..indexes.len(), values, 0, None)?;
    if indexes.len() == 1 {
        // SAFETY: an array of one element.
        let only = unsafe { objects::get(values, 0) };
        if !only.is_null() && !objects::class_of(only).is_array() {
            return Ok(only);
        }
    }
    Ok(values)
}

/// Whether Java is to pull the static arguments: when the bootstrap method takes no more than the two objects of
/// pull mode, or when a dynamic constant depends on others, so that a cycle ends in Java's stack overflow.
fn pulled(t: &Thread, s: Specifier, method: ObjRef) -> JResult<bool> {
    let (cp, indexes) = (s.holder.cp, s.bootstrap_method().1);
    // SAFETY: the constant is a MethodHandle, whose type is a MethodType.
    let parameters =
        unsafe { method_type::parameter_count(t, method.load_ref(t.vm().off.method_handle_type() as usize)) };
    let mut pull = parameters == 2;
    if !pull && cp.tag(s.index) == CpTag::Dynamic {
        for i in indexes.iter().filter(|i| cp.tag(**i) == CpTag::Dynamic) {
            pull |= constant::known_constant(t, s.holder, *i)?.is_none();
        }
    }
    if pull && indexes.len() <= SMALL_ARITY {
        let mut all_known = true;
        for i in indexes {
            all_known = all_known && constant::known_constant(t, s.holder, *i)?.is_some();
        }
        return Ok(!all_known);
    }
    Ok(pull)
}

/// Copies static arguments into the `Object[]` `to` from `at` on. `unless_known`: resolve nothing, and use that
/// object for what is not resolved yet.
pub fn copy_arguments(
    t: &Thread,
    s: Specifier,
    range: std::ops::Range<usize>,
    to: ObjRef,
    at: usize,
    unless_known: Option<ObjRef>,
) -> JResult<()> {
    for (k, index) in s.bootstrap_method().1[range].iter().enumerate() {
        let value = match unless_known {
            None => constant::boxed_constant(t, s.holder, *index)?,
            Some(other) => constant::known_constant(t, s.holder, *index)?.unwrap_or(other),
        };
        // SAFETY: the caller has checked the bounds.
        unsafe { objects::put(t, to, at + k, value) };
    }
    Ok(())
}

/// JVMS §6.5: what is thrown while linking and is no `Error` becomes the cause of a `BootstrapMethodError`.
pub fn wrap(t: &Thread, thrown: Thrown) -> Thrown {
    if exceptions::pending_is(t, t.vm().wk.error()) {
        return thrown;
    }
    let cause = exceptions::take_pending(t);
    let name = t.vm().symbols.intern("java/lang/BootstrapMethodError");
    let error = loader::load_class(t, t.vm().loaders.boot(), name)
        .and_then(|class| alloc::new_object(t, class, "(Ljava/lang/Throwable;)V", &[objects::slot(cause)]));
    match error {
        Ok(e) => exceptions::throw_object(t, e),
        Err(thrown) => thrown,
    }
}
