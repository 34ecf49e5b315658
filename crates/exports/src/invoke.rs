//! `Method.invoke` and `Constructor.newInstance` below their access checks: selection, argument conversion,
//! the call, and the wrapping of what the target throws.

use crate::boundary::{c, local, non_null, obj};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, ref_slot};
use crate::objects::{basic_type_of, class_of, is_instance, length_or_zero, ref_at};
use crate::reflection::from_reflected_method;
use crate::values::{self, Value, box_value};
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::linking::init;
use caturra_kernel::loading::loader::load_class;
use caturra_kernel::runtime::exceptions::{JResult, Thrown, npe, take_pending, throw, throw_object};
use caturra_kernel::runtime::{alloc, calls};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};

const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

/// Puts the pending exception into an `InvocationTargetException`.
fn wrap_pending(t: &Thread, thrown: Thrown) -> Thrown {
    let target = take_pending(t);
    debug_assert!(!target.is_null(), "{thrown:?}");
    let name = t.vm().symbols.intern("java/lang/reflect/InvocationTargetException");
    let wrapped = load_class(t, t.vm().loaders.boot(), name)
        .and_then(|class| alloc::new_object(t, class, "(Ljava/lang/Throwable;)V", &[target.raw().into()]));
    match wrapped {
        Ok(exception) => throw_object(t, exception),
        Err(thrown) => thrown,
    }
}

/// The method that runs for this receiver. A failed selection counts as thrown by the target.
fn target_method(t: &Thread, method: MethodRef, receiver: ObjRef) -> JResult<MethodRef> {
    if method.is_static() {
        return Ok(method);
    }
    if receiver.is_null() {
        return Err(npe(t));
    }
    if !is_instance(receiver, method.holder) {
        return Err(throw(t, ILLEGAL_ARGUMENT, "object is not an instance of declaring class"));
    }
    if method.is_private() || method.is_constructor() {
        return Ok(method);
    }
    // SAFETY: a live, non-null object.
    let class = unsafe { ClassRef::of(receiver) };
    calls::select(t, class, method).map_err(|thrown| wrap_pending(t, thrown))
}

/// One argument as the parameter type wants it: unboxed and widened, or checked to be assignable.
fn convert(t: &Thread, parameter: ClassRef, argument: ObjRef) -> JResult<Value> {
    match basic_type_of(parameter) {
        BasicType::Reference => {
            if argument.is_null() || is_instance(argument, parameter) {
                Ok(Value::reference(argument))
            } else {
                Err(throw(t, ILLEGAL_ARGUMENT, "argument type mismatch"))
            }
        }
        primitive => values::unbox_or_throw(t, argument)?.widen_or_throw(t, primitive),
    }
}

/// Initialises the declaring class, converts `arguments` (an `Object[]` or null) by `parameters` (a `Class[]`),
/// calls, and returns the result slot.
fn invoke(
    t: &Thread,
    method: MethodRef,
    receiver: ObjRef,
    parameters: ObjRef,
    arguments: ObjRef,
) -> JResult<u64> {
    init::initialize(t, method.holder)?;
    let target = target_method(t, method, receiver)?;
    // SAFETY: arrays of references or null.
    let (wanted, given) = unsafe { (length_or_zero(parameters), length_or_zero(arguments)) };
    if wanted != given || wanted != method.signature.params.len() {
        return Err(throw(t, ILLEGAL_ARGUMENT, "wrong number of arguments"));
    }
    // References in this buffer are also in `arguments` and `receiver`; nothing between here and the copy that
    // the callee's frame gets can run the collector.
    let mut slots = Vec::with_capacity(method.arg_slots as usize);
    if !method.is_static() {
        slots.push(receiver.raw().into());
    }
    for i in 0..given {
        // SAFETY: within the bounds of both.
        let (parameter, argument) = unsafe { (class_of(ref_at(parameters, i)), ref_at(arguments, i)) };
        let value = convert(t, parameter, argument)?;
        slots.push(value.slot);
        if value.ty.slots() == 2 {
            slots.push(0);
        }
    }
    calls::invoke(t, target, &slots).map_err(|thrown| wrap_pending(t, thrown))
}

/// `NativeMethodAccessorImpl.invoke0`: the result boxed, null for void.
pub fn invoke_method(t: &Thread, reflected: ObjRef, receiver: ObjRef, arguments: ObjRef) -> JResult<ObjRef> {
    if reflected.is_null() {
        return Err(npe(t));
    }
    let Some(method) = from_reflected_method(t, reflected) else {
        return Err(throw(t, "java/lang/InternalError", "invoke"));
    };
    // SAFETY: a live Method object.
    let parameters = unsafe { reflected.load_ref(t.vm().off.reflect_method_parameter_types() as usize) };
    let slot = invoke(t, method, receiver, parameters, arguments)?;
    box_value(t, values::from_result(method.ret, slot))
}

/// `NativeConstructorAccessorImpl.newInstance0`.
pub fn new_instance(t: &Thread, reflected: ObjRef, arguments: ObjRef) -> JResult<ObjRef> {
    if reflected.is_null() {
        return Err(npe(t));
    }
    let Some(method) = from_reflected_method(t, reflected) else {
        return Err(throw(t, "java/lang/InternalError", "invoke"));
    };
    let class = method.holder;
    init::initialize(t, class)?;
    check_instantiable(t, class)?;
    let object = alloc::instance(t, class)?;
    // SAFETY: a live Constructor object.
    let parameters = unsafe { reflected.load_ref(t.vm().off.reflect_constructor_parameter_types() as usize) };
    invoke(t, method, object, parameters, arguments)?;
    Ok(object)
}

/// Only concrete classes have instances, and nobody but the VM makes a `Class`.
pub fn check_instantiable(t: &Thread, class: ClassRef) -> JResult<()> {
    let exception = if !class.is_instance_class() || class.is_interface() || class.is_abstract() {
        "java/lang/InstantiationException"
    } else if class == t.vm().wk.class() {
        "java/lang/IllegalAccessException"
    } else {
        return Ok(());
    };
    Err(throw(t, exception, &class.external_name()))
}

jvm_entry! {
    /// `Method.invoke` by the VM.
    fn JVM_InvokeMethod(t; method: c::jobject, receiver: c::jobject, args0: c::jobjectArray) -> c::jobject {
        // SAFETY: handles of the caller.
        let (method, receiver, arguments) = unsafe { (non_null(t, method)?, obj(receiver), obj(args0)) };
        Ok(local(t, invoke_method(t, method, receiver, arguments)?))
    }
    /// `Constructor.newInstance` by the VM.
    fn JVM_NewInstanceFromConstructor(t; constructor: c::jobject, args0: c::jobjectArray) -> c::jobject {
        // SAFETY: handles of the caller.
        let (constructor, arguments) = unsafe { (non_null(t, constructor)?, obj(args0)) };
        Ok(local(t, new_instance(t, constructor, arguments)?))
    }
}

internal_natives! {
    fn invoke_native(t, a) {
        invoke_method(t, a.obj(0), a.obj(1), a.obj(2)).map(ref_slot)
    }
    fn new_instance_native(t, a) {
        new_instance(t, a.obj(0), a.obj(1)).map(ref_slot)
    }
}

/// The accessors that reflection uses before it spins bytecode for a method.
pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "jdk/internal/reflect/NativeMethodAccessorImpl",
        &[(
            "invoke0",
            "(Ljava/lang/reflect/Method;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;",
            invoke_native,
        )],
    ),
    (
        "jdk/internal/reflect/NativeConstructorAccessorImpl",
        &[(
            "newInstance0",
            "(Ljava/lang/reflect/Constructor;[Ljava/lang/Object;)Ljava/lang/Object;",
            new_instance_native,
        )],
    ),
];
