//! Calls from the VM into Java.

use crate::oops::class::ClassRef;
use crate::oops::method::{MethodKind, MethodRef, NONVIRTUAL};
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::thread::Thread;
use caturra_heap::ObjRef;

/// Runs `method` with `args` as slots, receiver first. No selection, no class initialisation.
pub fn invoke(t: &Thread, method: MethodRef, args: &[u64]) -> JResult<u64> {
    debug_assert_eq!(args.len(), method.arg_slots as usize, "{method:?}");
    debug_assert!(!t.has_pending(), "call of {method:?} with a pending exception");
    if t.native_stack_low() {
        return Err(exceptions::stack_overflow(t));
    }
    (t.vm().engine().invoke)(t, method, args)
}

/// Selects by the class of `args[0]` and runs the selected method. `NullPointerException` for null.
pub fn invoke_virtual(t: &Thread, resolved: MethodRef, args: &[u64]) -> JResult<u64> {
    let receiver = ObjRef::from_raw(args[0] as u32);
    if receiver.is_null() {
        return Err(exceptions::npe(t));
    }
    // SAFETY: a non-null argument slot holds a live object.
    let class = unsafe { ClassRef::of(receiver) };
    invoke(t, select(t, class, resolved)?, args)
}

/// Selection of JVMS §5.4.6: the method that runs when `resolved` is invoked on a receiver of that class.
///
/// # Errors
/// `AbstractMethodError`, `IllegalAccessError`, `IncompatibleClassChangeError`.
pub fn select(t: &Thread, receiver: ClassRef, resolved: MethodRef) -> JResult<MethodRef> {
    let index = resolved.vtable_index();
    if index == NONVIRTUAL {
        return Ok(resolved);
    }
    let selected = if let Some(i) = resolved.itable_index() {
        match receiver.itable_for(resolved.holder) {
            Some(methods) => methods[i],
            None => return Err(crate::linking::errors::class_lacks_interface(t, receiver, resolved)),
        }
    } else {
        // SAFETY: a vtable index belongs to the holder's vtable, which is a prefix of any subclass's.
        unsafe { receiver.vtable_entry(index as usize) }
    };
    if selected.itable_index().is_none() && resolved.itable_index().is_some() && !selected.is_public() {
        return Err(crate::linking::errors::non_public_implementation(t, receiver, resolved, selected));
    }
    if selected.is_abstract() {
        return Err(crate::linking::errors::abstract_method(t, receiver, resolved, selected));
    }
    Ok(selected)
}

/// As [`select`], for `invokeinterface`: of several default methods none is selected. What the class says of them counts
/// for `invokevirtual`.
///
/// # Errors
/// As [`select`].
pub fn select_interface(t: &Thread, receiver: ClassRef, resolved: MethodRef) -> JResult<MethodRef> {
    let selected = select(t, receiver, resolved)?;
    if selected.kind() == MethodKind::Erroneous {
        return Err(crate::linking::errors::abstract_method(t, receiver, resolved, resolved));
    }
    Ok(selected)
}

/// A method declared or inherited by `class`, by name and descriptor.
pub fn find_method(t: &Thread, class: ClassRef, name: &str, signature: &str) -> Option<MethodRef> {
    let vm = t.vm();
    let name = vm.symbols.lookup(name.as_bytes())?;
    let signature = vm.symbols.lookup(signature.as_bytes())?;
    crate::linking::resolve::lookup_method(class, name, signature)
}

fn find_or_throw(t: &Thread, class: ClassRef, name: &str, signature: &str) -> JResult<MethodRef> {
    find_method(t, class, name, signature).ok_or_else(|| {
        exceptions::throw(
            t,
            "java/lang/NoSuchMethodError",
            &format!("{}.{name}{signature}", class.external_name()),
        )
    })
}

/// Initialises `class` and calls one of its static methods.
pub fn call_static(t: &Thread, class: ClassRef, name: &str, signature: &str, args: &[u64]) -> JResult<u64> {
    let m = find_or_throw(t, class, name, signature)?;
    crate::linking::init::initialize(t, m.holder)?;
    invoke(t, m, args)
}

/// Calls a method on `receiver` with virtual selection; `args` without the receiver.
pub fn call_method(t: &Thread, receiver: ObjRef, name: &str, signature: &str, args: &[u64]) -> JResult<u64> {
    if receiver.is_null() {
        return Err(exceptions::npe(t));
    }
    // SAFETY: non-null, live.
    let class = unsafe { ClassRef::of(receiver) };
    let m = find_or_throw(t, class, name, signature)?;
    let mut slots = Vec::with_capacity(args.len() + 1);
    slots.push(u64::from(receiver.raw()));
    slots.extend_from_slice(args);
    // Rust memory is no root: the engine copies the slots to the Java stack before anything can allocate,
    // and the caller's own copies keep the objects alive until then.
    invoke_virtual(t, m, &slots)
}
