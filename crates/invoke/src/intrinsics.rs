//! The signature-polymorphic methods of `MethodHandle` and `VarHandle` (JVMS §2.9.3).
//!
//! `invokeBasic` and `linkTo*` are run by the VM. As targets of a `MemberName` they need methods of their own,
//! one for each basic signature: references are `Object`, small integers `int`.

use crate::state;
use caturra_bytecode::access::{ACC_FINAL, ACC_NATIVE, ACC_STATIC, ACC_SYNTHETIC};
use caturra_bytecode::{BasicType, FieldType, MethodDescriptor};
use caturra_kernel::oops::method::{MethodFlags, NONVIRTUAL};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::{ClassRef, Method, MethodKind, MethodRef, Sym, Thread};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, AtomicU32};

/// What a signature-polymorphic method is to the VM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polymorphic {
    /// Run by the VM.
    Intrinsic(MethodKind),
    /// `invoke`, `invokeExact` and the access modes of `VarHandle`: Java gives an adapter for each type.
    Invoker,
}

impl Polymorphic {
    pub fn is_static(self) -> bool {
        matches!(self, Polymorphic::Intrinsic(kind) if kind != MethodKind::InvokeBasic)
    }
}

/// Whether `class` has a signature-polymorphic method of that name, and which.
pub fn polymorphic(t: &Thread, class: ClassRef, name: Sym) -> Option<Polymorphic> {
    let wk = &t.vm().wk;
    if class != wk.method_handle() && class != wk.var_handle() {
        return None;
    }
    let m = class.declared_methods_named(name).find(|m| m.has(MethodFlags::SIGNATURE_POLYMORPHIC))?;
    let kind = m.kind();
    Some(if kind.is_method_handle_intrinsic() { Polymorphic::Intrinsic(kind) } else { Polymorphic::Invoker })
}

/// Whether that name is a public signature-polymorphic method of `class`.
pub fn is_public_polymorphic(t: &Thread, class: ClassRef, name: Sym) -> bool {
    polymorphic(t, class, name).is_some()
        && class
            .declared_methods_named(name)
            .any(|m| m.is_public() && m.has(MethodFlags::SIGNATURE_POLYMORPHIC))
}

/// The intrinsic `name` with the basic form of `signature`, made at its first use.
pub fn intrinsic(t: &Thread, kind: MethodKind, name: Sym, signature: Sym) -> JResult<MethodRef> {
    let vm = t.vm();
    // The last argument of `linkTo*` says what it links to and keeps its type.
    let keep_last = kind != MethodKind::InvokeBasic;
    let Some(basic) = basic_signature(signature.bytes(), keep_last) else {
        return Err(exceptions::throw(t, "java/lang/InternalError", "malformed method descriptor"));
    };
    let basic = vm.symbols.intern_bytes(&basic);
    let key = (kind.into(), basic);
    let mut known = state::of(vm).intrinsics.lock();
    if let Some(m) = known.get(&key) {
        return Ok(*m);
    }
    match make(t, kind, name, basic) {
        Some(m) => {
            known.insert(key, m);
            Ok(m)
        }
        None => {
            drop(known);
            Err(exceptions::metaspace_full(t))
        }
    }
}

fn make(t: &Thread, kind: MethodKind, name: Sym, basic: Sym) -> Option<MethodRef> {
    let vm = t.vm();
    let holder = vm.wk.method_handle();
    let signature = vm.symbols.signature(basic)?;
    let is_static = kind != MethodKind::InvokeBasic;
    let arg_slots = signature.param_slots + u16::from(!is_static);
    let access = ACC_NATIVE | ACC_SYNTHETIC | ACC_FINAL | if is_static { ACC_STATIC } else { 0 };
    let method = Method {
        holder,
        code: AtomicPtr::new(null_mut()),
        kind: AtomicU8::new(kind as u8),
        ret: signature.ret,
        access,
        arg_slots,
        max_locals: arg_slots,
        max_stack: 0,
        // The generic declaration stands for it where a declared method is asked for.
        slot: holder.declared_methods_named(name).next().map_or(0, |m| m.slot),
        flags: AtomicU32::new((MethodFlags::SIGNATURE_POLYMORPHIC | MethodFlags::HIDDEN).bits()),
        vtable_index: AtomicI32::new(NONVIRTUAL),
        invocations: AtomicU32::new(0),
        back_edges: AtomicU32::new(0),
        native_fn: AtomicPtr::new(null_mut()),
        compiled: AtomicPtr::new(null_mut()),
        from_compiled: AtomicPtr::new(vm.compiled_to_interpreter()),
        from_compiled_direct: AtomicPtr::new(null_mut()),
        from_slots: AtomicPtr::new(null_mut()),
        profile: AtomicPtr::new(null_mut()),
        bytecode: &[],
        exception_table: &[],
        name,
        signature,
        attributes: &[],
        code_attributes: &[],
    };
    holder.loader.arena().alloc(method).ok().map(MethodRef::from_ptr)
}

/// The basic form of a method descriptor; `keep_last` keeps the last parameter.
fn basic_signature(descriptor: &[u8], keep_last: bool) -> Option<Vec<u8>> {
    let d = MethodDescriptor::parse(descriptor)?;
    let kept = if keep_last { d.parameter_count().checked_sub(1) } else { None };
    let mut out = vec![b'('];
    for (i, ty) in d.parameters().enumerate() {
        if Some(i) == kept { ty.write_descriptor(&mut out) } else { write_basic(ty, &mut out) }
    }
    out.push(b')');
    write_basic(d.return_type(), &mut out);
    Some(out)
}

fn write_basic(ty: FieldType<'_>, out: &mut Vec<u8>) {
    match ty.basic_type() {
        BasicType::Reference => out.extend_from_slice(b"Ljava/lang/Object;"),
        b if b.is_int_like() => out.push(b'I'),
        b => out.push(b.to_char()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(d: &str, keep_last: bool) -> Option<String> {
        basic_signature(d.as_bytes(), keep_last).map(|b| String::from_utf8(b).expect("ASCII"))
    }

    #[test]
    fn small_integers_and_references_are_erased() {
        let got = basic("(ZBCSIJFD[ILjava/lang/String;)[J", false);
        assert_eq!(got.as_deref(), Some("(IIIIIJFDLjava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;"));
        assert_eq!(basic("()V", false).as_deref(), Some("()V"));
        assert_eq!(basic("()Z", true).as_deref(), Some("()I"));
    }

    #[test]
    fn the_last_parameter_can_be_kept() {
        let got = basic("(Ljava/lang/String;Ljava/lang/invoke/MemberName;)V", true);
        assert_eq!(got.as_deref(), Some("(Ljava/lang/Object;Ljava/lang/invoke/MemberName;)V"));
        assert_eq!(basic("(", true), None);
    }
}
