//! Constants that Java code computes: method handles, method types, dynamic constants (JVMS §5.4.3.5, §5.4.3.6).

use crate::bootstrap::{self, Specifier};
use crate::constants::RefKind;
use crate::member_name::MemberName;
use crate::resolve::{Lookup, resolve_member, resolved_type};
use crate::{intrinsics, method_type, objects};
use caturra_bytecode::BasicType;
use caturra_kernel::linking::{init, resolve};
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::oops::method::external_name;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::{alloc, calls, log, strings};
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};

/// Resolves a MethodHandle, MethodType or Dynamic entry; a primitive dynamic constant is boxed. The linker keeps
/// the result, and a `LinkageError` that this ends in.
pub fn resolve_constant(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    match holder.cp.tag(index) {
        CpTag::MethodHandle => method_handle(t, holder, index),
        CpTag::MethodType => method_type::find_method_type(t, holder.cp.symbol(index), holder),
        CpTag::Dynamic => dynamic(t, holder, index),
        _ => Err(exceptions::throw(t, "java/lang/InternalError", "constant is not loadable")),
    }
}

fn dynamic(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    let constant = bootstrap::link_dynamic_constant(t, Specifier { holder, index })?;
    let descriptor = holder.cp.member_name_and_type(index).1;
    let ty = BasicType::from_char(descriptor.bytes()[0]).unwrap_or(BasicType::Reference);
    let fail = match objects::wrapper(t, ty) {
        None => return Ok(constant),
        Some(_) if constant.is_null() => "null result instead of box",
        Some((class, _)) if objects::class_of(constant) != class => "primitive is not properly boxed",
        Some(_) => return Ok(constant),
    };
    Err(exceptions::throw(t, "java/lang/InternalError", fail))
}

fn method_handle(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    let cp = holder.cp;
    let (number, reference) = cp.pair(index);
    let Some(kind) = RefKind::from_number(i32::from(number)) else {
        return Err(exceptions::throw(t, "java/lang/InternalError", "bad MH constant"));
    };
    let class = resolve::resolve_class(t, holder, cp.pair(reference).0)?;
    let (name, descriptor) = cp.member_name_and_type(reference);
    let tag = cp.tag(reference);
    if (class.is_interface() && tag == CpTag::Method)
        || (!class.is_interface() && tag == CpTag::InterfaceMethod)
    {
        return Err(inconsistent(t, class, name, descriptor, index));
    }
    if t.vm().options.log_resolution {
        let text = format!(
            "resolve JVM_CONSTANT_MethodHandle:{number} [{index}/{index}/{reference}] {name}.{descriptor}"
        );
        log::line(t.vm(), Level::Debug, "class,resolve", &text);
    }
    let name_string = strings::from_sym(t, name)?;
    let descriptor_string = strings::from_sym(t, descriptor)?;
    // The symbolic reference as a MemberName, so that the linker's checks are made.
    let member = MemberName(alloc::instance(t, t.vm().wk.member_name())?);
    member.set_class(t, class);
    member.set_name(t, name_string);
    member.set_type(t, descriptor_string);
    member.set_flags(t, kind.flags());
    // `MethodHandle.invoke` and its like would need an appendix; Java makes these handles by itself.
    if kind != RefKind::InvokeVirtual || !intrinsics::is_public_polymorphic(t, class, name) {
        resolve_member(t, member, Lookup { caller: Some(holder), modes: 0, speculative: false })?;
    }
    let ty = resolved_type(t, member, holder)?;
    let link = t.vm().methods.mhn_link_method_handle_constant();
    init::initialize(t, link.holder)?;
    let args = [
        objects::slot(holder.mirror()),
        kind as u64,
        objects::slot(class.mirror()),
        objects::slot(name_string),
        objects::slot(ty),
    ];
    Ok(ObjRef::from_raw(calls::invoke(t, link, &args)? as u32))
}

/// A Methodref to an interface's method, or the reverse.
fn inconsistent(t: &Thread, class: ClassRef, name: Sym, descriptor: Sym, index: u16) -> exceptions::Thrown {
    let full = external_name("", name, descriptor);
    let (ret, rest) = full.split_once(' ').unwrap_or(("", &full));
    let (is, should_be) = if class.is_interface() {
        ("CONSTANT_MethodRef", "CONSTANT_InterfaceMethodRef")
    } else {
        ("CONSTANT_InterfaceMethodRef", "CONSTANT_MethodRef")
    };
    let text = format!(
        "Inconsistent constant pool data in classfile for class {}. Method '{ret} {}' at index {index} is {is} and should be {should_be}",
        class.name,
        rest.trim_start_matches('.'),
    );
    exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &text)
}

/// Any loadable constant as an object.
pub fn boxed_constant(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    let constant = resolve::resolve_loadable(t, holder, index)?;
    if holder.cp.tag(index) == CpTag::Dynamic {
        // The box that the bootstrap method made.
        if let Some(object) = holder.cp.resolved_object(index) {
            return Ok(object);
        }
    }
    objects::box_slot(t, constant.value, constant.ty)
}

/// A loadable constant as an object, unless resolving it could run Java code or load a class.
pub fn known_constant(t: &Thread, holder: ClassRef, index: u16) -> JResult<Option<ObjRef>> {
    Ok(match holder.cp.tag(index) {
        CpTag::Class => holder.cp.resolved_class(index).map(|c| c.mirror()),
        CpTag::MethodHandle | CpTag::MethodType | CpTag::Dynamic => holder.cp.resolved_object(index),
        _ => Some(boxed_constant(t, holder, index)?),
    })
}
