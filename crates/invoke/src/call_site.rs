//! Linking of call sites: `invokedynamic` (JVMS §6.5), and `invokevirtual` of `MethodHandle.invoke`,
//! `invokeExact` and the access modes of `VarHandle` (JVMS §5.4.3.3).

use crate::bootstrap::{self, Specifier};
use crate::constants::RefKind;
use crate::member_name::MemberName;
use crate::{method_type, objects};
use caturra_kernel::linking::{init, resolve};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{calls, strings};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread};

/// Links an `invokedynamic` instruction: the adapter to call, and the object to pass it as last argument, null for
/// none. The caller remembers the outcome for the site.
pub fn link_call_site(
    t: &Thread,
    holder: ClassRef,
    index: u16,
    _caller: MethodRef,
    _bci: i32,
) -> JResult<(MethodRef, ObjRef)> {
    bootstrap::link_call_site(t, Specifier { holder, index })
}

/// Links an `invokevirtual` of a signature-polymorphic method that is no intrinsic.
pub fn link_handle_call(
    t: &Thread,
    holder: ClassRef,
    index: u16,
    _caller: MethodRef,
) -> JResult<(MethodRef, ObjRef)> {
    let class = resolve::resolve_class(t, holder, holder.cp.pair(index).0)?;
    let (name, descriptor) = holder.cp.member_name_and_type(index);
    find_invoker(t, class, name, descriptor, holder)
}

/// Calls `MethodHandleNatives.linkMethod` for the invoker of that name and type.
pub fn find_invoker(
    t: &Thread,
    class: ClassRef,
    name: Sym,
    descriptor: Sym,
    accessing: ClassRef,
) -> JResult<(MethodRef, ObjRef)> {
    let ty = method_type::find_method_type(t, descriptor, accessing)?;
    let name = strings::intern_sym(t, name)?;
    let appendix = objects::object_array(t, 1)?;
    let link = t.vm().methods.mhn_link_method();
    init::initialize(t, link.holder)?;
    let args = [
        objects::slot(accessing.mirror()),
        RefKind::InvokeVirtual as u64,
        objects::slot(class.mirror()),
        objects::slot(name),
        objects::slot(ty),
        objects::slot(appendix),
    ];
    let member = calls::invoke(t, link, &args)?;
    unpack(t, ObjRef::from_raw(member as u32), appendix)
}

/// The method of the `MemberName` that Java answered, and the appendix in the first element of `box_`.
pub fn unpack(t: &Thread, member: ObjRef, box_: ObjRef) -> JResult<(MethodRef, ObjRef)> {
    let target = if member.is_null() { None } else { MemberName(member).target(t) };
    match target {
        // SAFETY: an array of one element.
        Some(m) => Ok((m, unsafe { objects::get(box_, 0) })),
        None => Err(exceptions::throw(t, "java/lang/LinkageError", "bad value from MethodHandleNatives")),
    }
}
