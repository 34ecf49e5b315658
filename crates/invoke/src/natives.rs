//! The native methods of `MethodHandleNatives`, and of `MethodHandle` when reflection calls them.

use crate::bootstrap::{self, Specifier};
use crate::constants::{ALL_KINDS, IS_CONSTRUCTOR, IS_FIELD, IS_METHOD};
use crate::member_name::{self, MemberName};
use crate::members::{self, Query};
use crate::resolve::{Lookup, resolve_member};
use crate::{constant, method_type, objects};
use caturra_bytecode::BasicType;
use caturra_bytecode::access::ACC_STATIC;
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::strings;
use caturra_kernel::runtime::vm::InternalNative;
use caturra_kernel::{MethodRef, ObjRef, Thread};
use std::sync::atomic::{Ordering, fence};

const INTERNAL_ERROR: &str = "java/lang/InternalError";

/// A native method: name, descriptor, implementation.
type Row = (&'static str, &'static str, InternalNative);

const NATIVES: &[Row] = &[
    ("init", "(Ljava/lang/invoke/MemberName;Ljava/lang/Object;)V", init),
    ("expand", "(Ljava/lang/invoke/MemberName;)V", expand),
    ("resolve", "(Ljava/lang/invoke/MemberName;Ljava/lang/Class;IZ)Ljava/lang/invoke/MemberName;", resolve),
    (
        "getMembers",
        "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/String;ILjava/lang/Class;I[Ljava/lang/invoke/MemberName;)I",
        get_members,
    ),
    ("objectFieldOffset", "(Ljava/lang/invoke/MemberName;)J", object_field_offset),
    ("staticFieldOffset", "(Ljava/lang/invoke/MemberName;)J", static_field_offset),
    ("staticFieldBase", "(Ljava/lang/invoke/MemberName;)Ljava/lang/Object;", static_field_base),
    ("getMemberVMInfo", "(Ljava/lang/invoke/MemberName;)Ljava/lang/Object;", get_member_vm_info),
    (
        "setCallSiteTargetNormal",
        "(Ljava/lang/invoke/CallSite;Ljava/lang/invoke/MethodHandle;)V",
        set_call_site_target_normal,
    ),
    (
        "setCallSiteTargetVolatile",
        "(Ljava/lang/invoke/CallSite;Ljava/lang/invoke/MethodHandle;)V",
        set_call_site_target_volatile,
    ),
    (
        "copyOutBootstrapArguments",
        "(Ljava/lang/Class;[III[Ljava/lang/Object;IZLjava/lang/Object;)V",
        copy_out_bootstrap_arguments,
    ),
    (
        "clearCallSiteContext",
        "(Ljava/lang/invoke/MethodHandleNatives$CallSiteContext;)V",
        clear_call_site_context,
    ),
    ("registerNatives", "()V", register_natives),
    ("getNamedCon", "(I[Ljava/lang/Object;)I", get_named_con),
];

const HANDLE_NATIVES: &[Row] = &[
    ("invoke", "([Ljava/lang/Object;)Ljava/lang/Object;", invoke_by_reflection),
    ("invokeExact", "([Ljava/lang/Object;)Ljava/lang/Object;", invoke_exact_by_reflection),
];

/// The implementation of a native method of this room.
pub fn internal_native(m: MethodRef) -> Option<InternalNative> {
    if !m.holder.loader.is_boot() {
        return None;
    }
    let rows = if m.holder.name == "java/lang/invoke/MethodHandleNatives" {
        NATIVES
    } else if m.holder.name == "java/lang/invoke/MethodHandle" {
        HANDLE_NATIVES
    } else {
        return None;
    };
    rows.iter()
        .find(|(name, descriptor, _)| m.name == *name && m.signature.symbol == *descriptor)
        .map(|row| row.2)
}

/// The argument slots of a native method in progress.
#[derive(Clone, Copy)]
struct Args(*mut u64);

impl Args {
    fn raw(self, i: usize) -> u64 {
        // SAFETY: made from the slots of a call, and asked for those that the descriptor has.
        unsafe { *self.0.add(i) }
    }
    fn object(self, i: usize) -> ObjRef {
        ObjRef::from_raw(self.raw(i) as u32)
    }
    fn int(self, i: usize) -> i32 {
        self.raw(i) as u32 as i32
    }
    /// A `MemberName` that must not be null.
    fn member(self, t: &Thread, i: usize) -> JResult<MemberName> {
        let object = self.object(i);
        if object.is_null() {
            return Err(exceptions::throw(t, INTERNAL_ERROR, "mname is null"));
        }
        // SAFETY: an argument of that type, held by the caller's frame.
        Ok(unsafe { MemberName::new(object) })
    }
}

/// Defines native methods as functions over [`Args`].
macro_rules! natives {
    ($($(#[$doc:meta])* fn $name:ident($t:ident, $a:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            unsafe fn $name($t: &Thread, args: *mut u64) -> JResult<u64> {
                #[allow(unused_variables)]
                let $a = Args(args);
                $body
            }
        )*
    };
}

natives! {
    fn init(t, a) {
        let member = a.member(t, 0)?;
        if a.object(1).is_null() {
            return Err(exceptions::throw(t, INTERNAL_ERROR, "target is null"));
        }
        member_name::init_from_reflected(t, member, a.object(1))?;
        Ok(0)
    }

    /// Fills in class, name and type of a resolved name.
    fn expand(t, a) {
        let member = a.member(t, 0)?;
        expand_member(t, member)?;
        Ok(0)
    }

    fn resolve(t, a) {
        let member = a.member(t, 0)?;
        let caller = a.object(1);
        let lookup = Lookup {
            caller: (!caller.is_null()).then(|| mirrors::class_of(caller)),
            modes: a.int(2),
            speculative: a.int(3) != 0,
        };
        if resolve_member(t, member, lookup)? {
            return Ok(objects::slot(member.0));
        }
        if lookup.speculative {
            return Ok(0);
        }
        let (class, text) = match member.flags(t) & ALL_KINDS {
            IS_FIELD => ("java/lang/NoSuchFieldError", "field resolution failed"),
            IS_METHOD | IS_CONSTRUCTOR => ("java/lang/NoSuchMethodError", "method resolution failed"),
            _ => ("java/lang/LinkageError", "resolution failed"),
        };
        Err(exceptions::throw(t, class, text))
    }

    fn get_members(t, a) {
        let count = |n: i32| Ok(u64::from(n as u32));
        let (class, results) = (a.object(0), a.object(6));
        if class.is_null() || results.is_null() {
            return count(-1);
        }
        let symbol = |i: usize| {
            let text = a.object(i);
            if text.is_null() { Some(None) } else { t.vm().symbols.lookup(&strings::to_mutf8(text)).map(Some) }
        };
        // A text that is no symbol matches nothing.
        let (Some(name), Some(signature)) = (symbol(1), symbol(2)) else { return count(0) };
        let query = Query {
            class: mirrors::class_of(class),
            name,
            signature,
            flags: a.int(3),
            skip: a.int(5).max(0) as usize,
        };
        count(members::find(t, &query, results)?)
    }

    fn object_field_offset(t, a) {
        field_offset(t, a.object(0), false)
    }

    fn static_field_offset(t, a) {
        field_offset(t, a.object(0), true)
    }

    /// The class mirror, which holds the static fields.
    fn static_field_base(t, a) {
        field_offset(t, a.object(0), true)?;
        Ok(objects::slot(a.member(t, 0)?.class_mirror(t)))
    }

    /// `{vmindex, vmtarget}`, for assertions of the class library.
    fn get_member_vm_info(t, a) {
        if a.object(0).is_null() {
            return Ok(0);
        }
        let member = a.member(t, 0)?;
        let pair = objects::object_array(t, 2)?;
        let index = objects::box_slot(t, member.vmindex(t) as u64, BasicType::Long)?;
        let target = if member.flags(t) & IS_FIELD != 0 { member.class_mirror(t) } else { member.0 };
        // SAFETY: an array of two elements.
        unsafe {
            objects::put(t, pair, 0, index);
            objects::put(t, pair, 1, target);
        }
        Ok(objects::slot(pair))
    }

    fn set_call_site_target_normal(t, a) {
        set_target(t, a)?;
        Ok(0)
    }

    fn set_call_site_target_volatile(t, a) {
        fence(Ordering::SeqCst);
        set_target(t, a)?;
        fence(Ordering::SeqCst);
        Ok(0)
    }

    fn copy_out_bootstrap_arguments(t, a) {
        copy_out(t, a)?;
        Ok(0)
    }

    /// No compiled code depends on a call site's target: calls read it.
    fn clear_call_site_context(_t, a) {
        Ok(0)
    }

    /// These methods need no registration.
    fn register_natives(_t, a) {
        Ok(0)
    }

    /// A release build of the reference VM names no constant either.
    fn get_named_con(_t, a) {
        Ok(0)
    }

    fn invoke_by_reflection(t, a) {
        Err(no_reflection(t, "invoke"))
    }

    fn invoke_exact_by_reflection(t, a) {
        Err(no_reflection(t, "invokeExact"))
    }
}

fn no_reflection(t: &Thread, name: &str) -> exceptions::Thrown {
    let text = format!("MethodHandle.{name} cannot be invoked reflectively");
    exceptions::throw(t, "java/lang/UnsupportedOperationException", &text)
}

fn expand_member(t: &Thread, member: MemberName) -> JResult<()> {
    if !member.class_mirror(t).is_null() && !member.name(t).is_null() && !member.ty(t).is_null() {
        return Ok(());
    }
    let missing = |text| exceptions::throw(t, "java/lang/IllegalArgumentException", text);
    match member.flags(t) & ALL_KINDS {
        IS_METHOD | IS_CONSTRUCTOR => {
            let m = member.target(t).ok_or_else(|| missing("nothing to expand"))?;
            if member.class_mirror(t).is_null() {
                member.set_class(t, m.holder);
            }
            if member.name(t).is_null() {
                member.set_name(t, strings::intern_sym(t, m.name)?);
            }
            if member.ty(t).is_null() {
                member.set_type(t, strings::from_sym(t, m.signature.symbol)?);
            }
            Ok(())
        }
        IS_FIELD => {
            if member.class_mirror(t).is_null() {
                return Err(missing("nothing to expand (as field)"));
            }
            let Some(f) = member_name::field_of(t, member) else {
                return Err(exceptions::throw(t, INTERNAL_ERROR, "unrecognized MemberName format"));
            };
            if member.name(t).is_null() {
                member.set_name(t, strings::intern_sym(t, f.name)?);
            }
            if member.ty(t).is_null() {
                let ty = match member_name::common_type(t, f.signature) {
                    Some(class) => class.mirror(),
                    None => strings::from_sym(t, f.signature)?,
                };
                member.set_type(t, ty);
            }
            Ok(())
        }
        _ => Err(exceptions::throw(t, INTERNAL_ERROR, "unrecognized MemberName format")),
    }
}

fn field_offset(t: &Thread, member: ObjRef, want_static: bool) -> JResult<u64> {
    let member = MemberName(member);
    if member.0.is_null() || member.class_mirror(t).is_null() {
        return Err(exceptions::throw(t, INTERNAL_ERROR, "mname not resolved"));
    }
    let flags = member.flags(t);
    let is_static = flags & i32::from(ACC_STATIC) != 0;
    if flags & IS_FIELD != 0 && is_static == want_static {
        return Ok(member.vmindex(t) as u64);
    }
    let text = if want_static { "static field required" } else { "non-static field required" };
    Err(exceptions::throw(t, INTERNAL_ERROR, text))
}

fn set_target(t: &Thread, a: Args) -> JResult<()> {
    let (site, target) = (a.object(0), a.object(1));
    if site.is_null() || target.is_null() {
        return Err(exceptions::npe(t));
    }
    let vm = t.vm();
    // What the target refers to is written before the target.
    fence(Ordering::Release);
    // SAFETY: a reference field of CallSite.
    unsafe { vm.put_ref(site, vm.off.call_site_target() as usize, target) };
    if let Some(compiler) = vm.compiler.get() {
        (compiler.call_site_changed)(t, site);
    }
    Ok(())
}

/// Copies bootstrap method, name, type, argument count (pseudo arguments -4 to -1) and static arguments of a
/// dynamic entry into an array.
fn copy_out(t: &Thread, a: Args) -> JResult<()> {
    let bad = |text| exceptions::throw(t, INTERNAL_ERROR, text);
    let linkage = || exceptions::throw(t, "java/lang/LinkageError", "bad BSM argument access");
    let (caller, info, buffer) = (a.object(0), a.object(1), a.object(4));
    let (mut start, end, mut at, must_resolve, not_available) =
        (a.int(2), a.int(3), a.int(5), a.int(6) != 0, a.object(7));
    if caller.is_null() || !mirrors::class_of(caller).is_instance_class() {
        return Err(bad("bad caller"));
    }
    let holder = mirrors::class_of(caller);
    let cp = holder.cp;
    // SAFETY: an int[].
    if info.is_null() || unsafe { objects::length(info) } < 2 {
        return Err(bad("bad index info (0)"));
    }
    // SAFETY: an int[] of two elements or more.
    let (count, index) = unsafe { (objects::get_int(info, 0), objects::get_int(info, 1)) };
    let dynamic = u16::try_from(index).ok().filter(|i| {
        usize::from(*i) < cp.len() && matches!(cp.tag(*i), CpTag::Dynamic | CpTag::InvokeDynamic)
    });
    let Some(index) = dynamic else { return Err(bad("bad index info (1)")) };
    let s = Specifier { holder, index };
    let (method, arguments) = s.bootstrap_method();
    if usize::try_from(count) != Ok(arguments.len()) {
        return Err(bad("bad index info (1)"));
    }
    if buffer.is_null() {
        return Err(linkage());
    }
    // SAFETY: an Object[].
    let room = unsafe { objects::length(buffer) } as i32;
    while (-4..0).contains(&start) && start < end && (0..room).contains(&at) {
        let value = match start {
            -4 => constant::boxed_constant(t, holder, method)?,
            -3 => strings::from_sym(t, cp.member_name_and_type(index).0)?,
            -2 => {
                let descriptor = cp.member_name_and_type(index).1;
                if descriptor.starts_with("(") {
                    method_type::find_method_type(t, descriptor, holder)?
                } else {
                    method_type::find_class(t, descriptor, holder)?.mirror()
                }
            }
            _ => objects::box_slot(t, arguments.len() as u64, BasicType::Int)?,
        };
        // SAFETY: `at` is within the array.
        unsafe { objects::put(t, buffer, at as usize, value) };
        at += 1;
        start += 1;
    }
    let in_range = start >= 0 && start <= end && end <= count && at >= 0 && end - start <= room - at;
    if !in_range {
        return Err(linkage());
    }
    let unless_known = (!must_resolve).then_some(not_available);
    bootstrap::copy_arguments(t, s, start as usize..end as usize, buffer, at as usize, unless_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_native_is_listed_once() {
        for (i, row) in NATIVES.iter().enumerate() {
            assert!(NATIVES[..i].iter().all(|other| other.0 != row.0), "{}", row.0);
            assert!(caturra_bytecode::MethodDescriptor::parse(row.1.as_bytes()).is_some(), "{}", row.1);
        }
    }
}
