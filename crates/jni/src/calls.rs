//! Calls of Java methods (JNI, chapter 4, "Calling Instance Methods", "Calling Static Methods") and `NewObject`.

use crate::entry::Failure;
use crate::handles::{class, class_of, local, object, resolve};
use crate::platform::VaList;
use crate::types::*;
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::linking::init;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, calls};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};

/// Where the arguments of a call come from.
#[derive(Clone, Copy)]
pub enum Arguments {
    /// A copy of the caller's `va_list`: the caller's own does not advance.
    List(VaList),
    Array(*const jvalue),
}

impl Arguments {
    fn of_list(list: *const VaList) -> Arguments {
        // SAFETY: the caller passes a `va_list` that it started.
        Arguments::List(unsafe { *list })
    }

    /// The next argument as a slot value.
    fn next(&mut self, ty: BasicType) -> u64 {
        let int = |v: i32| u64::from(v as u32);
        // SAFETY: native code passes arguments of the number and types of the signature.
        unsafe {
            match self {
                Arguments::List(list) => match ty {
                    BasicType::Boolean => u64::from(list.next_gp() as u8 != 0),
                    BasicType::Byte
                    | BasicType::Char
                    | BasicType::Short
                    | BasicType::Int
                    | BasicType::Void => int(list.next_gp() as i32),
                    BasicType::Long => list.next_gp(),
                    BasicType::Float => u64::from((list.next_fp() as f32).to_bits()),
                    BasicType::Double => list.next_fp().to_bits(),
                    BasicType::Reference => u64::from(resolve(jobject(list.next_gp() as *mut u8)).raw()),
                },
                Arguments::Array(next) => {
                    let value = **next;
                    *next = next.add(1);
                    match ty {
                        BasicType::Boolean => u64::from(value.z != 0),
                        BasicType::Byte => int(value.b.into()),
                        BasicType::Char => u64::from(value.c),
                        BasicType::Short => int(value.s.into()),
                        BasicType::Int | BasicType::Void => int(value.i),
                        BasicType::Long => value.j as u64,
                        BasicType::Float => u64::from(value.f.to_bits()),
                        BasicType::Double => value.d.to_bits(),
                        BasicType::Reference => u64::from(resolve(value.l).raw()),
                    }
                }
            }
        }
    }
}

/// Calls `method`. `named` is the method whose id was passed: its signature describes the arguments.
fn invoke(
    t: &Thread,
    method: MethodRef,
    named: MethodRef,
    receiver: Option<ObjRef>,
    arguments: Arguments,
) -> JResult<u64> {
    // The slots hold references: they must lie on the stack, which the collector scans.
    const FEW: usize = 16;
    if named.arg_slots as usize <= FEW {
        invoke_in(t, method, named, receiver, arguments, &mut [0; FEW])
    } else {
        invoke_in(t, method, named, receiver, arguments, &mut [0; 256])
    }
}

fn invoke_in(
    t: &Thread,
    method: MethodRef,
    named: MethodRef,
    receiver: Option<ObjRef>,
    mut arguments: Arguments,
    slots: &mut [u64],
) -> JResult<u64> {
    let mut at = 0;
    if let Some(receiver) = receiver {
        slots[0] = u64::from(receiver.raw());
        at = 1;
    }
    for &ty in named.signature.params {
        slots[at] = arguments.next(ty);
        at += ty.slots();
    }
    calls::invoke(t, method, &slots[..at])
}

fn call_virtual(t: &Thread, receiver: jobject, id: jmethodID, arguments: Arguments) -> JResult<u64> {
    let receiver = object(t, receiver)?;
    let named = id.method();
    let method = match usize::try_from(named.vtable_index()) {
        // SAFETY: the receiver is of the method's class or a subclass, whose vtable begins with that one's.
        Ok(index) => unsafe { class_of(receiver).vtable_entry(index) },
        // An interface method, or one that needs no selection.
        Err(_) => calls::select(t, class_of(receiver), named)?,
    };
    check_concrete(t, method)?;
    invoke(t, method, named, Some(receiver), arguments)
}

/// `AbstractMethodError`, with the message that the reference JDK has for calls from native code.
fn check_concrete(t: &Thread, method: MethodRef) -> JResult<()> {
    if method.is_abstract() {
        return Err(exceptions::throw(t, "java/lang/AbstractMethodError", &method.name.to_str()));
    }
    Ok(())
}

fn call_nonvirtual(t: &Thread, receiver: jobject, id: jmethodID, arguments: Arguments) -> JResult<u64> {
    let receiver = object(t, receiver)?;
    check_concrete(t, id.method())?;
    invoke(t, id.method(), id.method(), Some(receiver), arguments)
}

fn call_static(t: &Thread, id: jmethodID, arguments: Arguments) -> JResult<u64> {
    invoke(t, id.method(), id.method(), None, arguments)
}

/// Raises what `Class.newInstance` would for classes without instances.
fn check_instantiable(t: &Thread, class: ClassRef) -> JResult<()> {
    if class.kind != ClassKind::Instance || class.is_interface() || class.is_abstract() {
        return Err(exceptions::throw(t, "java/lang/InstantiationException", &class.external_name()));
    }
    if class == t.vm().wk.class() {
        return Err(exceptions::throw(t, "java/lang/IllegalAccessException", &class.external_name()));
    }
    Ok(())
}

fn allocate(t: &Thread, class_handle: jclass) -> JResult<ObjRef> {
    let class = class(t, class_handle)?;
    check_instantiable(t, class)?;
    init::initialize(t, class)?;
    alloc::instance(t, class)
}

fn new_object(t: &Thread, class: jclass, id: jmethodID, arguments: Arguments) -> JResult<jobject> {
    let new = allocate(t, class)?;
    invoke(t, id.method(), id.method(), Some(new), arguments)?;
    Ok(local(t, new))
}

/// A slot value as a result of the C function.
trait CallResult: Failure {
    fn of(t: &Thread, id: jmethodID, slot: u64) -> Self;
}

macro_rules! call_results {
    ($($ty:ty => |$slot:ident| $value:expr;)*) => { $(
        impl CallResult for $ty {
            #[inline(always)]
            fn of(_: &Thread, _: jmethodID, $slot: u64) -> $ty { $value }
        }
    )* };
}
call_results! {
    () => |_slot| ();
    jboolean => |slot| slot as u8;
    jbyte => |slot| slot as i8;
    jchar => |slot| slot as u16;
    jshort => |slot| slot as i16;
    jint => |slot| slot as i32;
    jlong => |slot| slot as i64;
    jfloat => |slot| f32::from_bits(slot as u32);
    jdouble => |slot| f64::from_bits(slot);
}
impl CallResult for jobject {
    fn of(t: &Thread, id: jmethodID, slot: u64) -> jobject {
        if id.method().ret == BasicType::Reference {
            local(t, ObjRef::from_raw(slot as u32))
        } else {
            jobject::NULL
        }
    }
}

jni_functions! {
    /// `AllocObject`: an instance without a constructor call.
    entry fn AllocObject(t, class: jclass) -> jobject; {
        Ok(local(t, allocate(t, class)?))
    }
    /// `NewObjectV`.
    entry fn NewObjectV(t, class: jclass, id: jmethodID, args: *const VaList) -> jobject; {
        new_object(t, class, id, Arguments::of_list(args))
    }
    /// `NewObjectA`.
    entry fn NewObjectA(t, class: jclass, id: jmethodID, args: *const jvalue) -> jobject; {
        new_object(t, class, id, Arguments::Array(args))
    }
}
variadic_after_id!(NewObject => NewObjectV);

macro_rules! call_functions {
    ($(
        $ty:ty:
        $virt:ident $virt_v:ident $virt_a:ident,
        $nonvirt:ident $nonvirt_v:ident $nonvirt_a:ident,
        $stat:ident $stat_v:ident $stat_a:ident;
    )*) => { $(
        jni_functions! {
            /// A call with selection by the receiver's class.
            entry fn $virt_v(t, receiver: jobject, id: jmethodID, args: *const VaList) -> $ty; {
                Ok(CallResult::of(t, id, call_virtual(t, receiver, id, Arguments::of_list(args))?))
            }
            /// A call with selection by the receiver's class.
            entry fn $virt_a(t, receiver: jobject, id: jmethodID, args: *const jvalue) -> $ty; {
                Ok(CallResult::of(t, id, call_virtual(t, receiver, id, Arguments::Array(args))?))
            }
            /// A call of exactly this method; the class adds nothing to the id.
            entry fn $nonvirt_v(
                t, receiver: jobject, _class: jclass, id: jmethodID, args: *const VaList
            ) -> $ty; {
                Ok(CallResult::of(t, id, call_nonvirtual(t, receiver, id, Arguments::of_list(args))?))
            }
            /// A call of exactly this method; the class adds nothing to the id.
            entry fn $nonvirt_a(
                t, receiver: jobject, _class: jclass, id: jmethodID, args: *const jvalue
            ) -> $ty; {
                Ok(CallResult::of(t, id, call_nonvirtual(t, receiver, id, Arguments::Array(args))?))
            }
            /// A call of a static method; `GetStaticMethodID` has initialized its class.
            entry fn $stat_v(t, _class: jclass, id: jmethodID, args: *const VaList) -> $ty; {
                Ok(CallResult::of(t, id, call_static(t, id, Arguments::of_list(args))?))
            }
            /// A call of a static method; `GetStaticMethodID` has initialized its class.
            entry fn $stat_a(t, _class: jclass, id: jmethodID, args: *const jvalue) -> $ty; {
                Ok(CallResult::of(t, id, call_static(t, id, Arguments::Array(args))?))
            }
        }
        variadic_after_id!($virt => $virt_v);
        variadic_after_class_and_id!($nonvirt => $nonvirt_v);
        variadic_after_id!($stat => $stat_v);
    )* };
}

call_functions! {
    jobject: CallObjectMethod CallObjectMethodV CallObjectMethodA,
        CallNonvirtualObjectMethod CallNonvirtualObjectMethodV CallNonvirtualObjectMethodA,
        CallStaticObjectMethod CallStaticObjectMethodV CallStaticObjectMethodA;
    jboolean: CallBooleanMethod CallBooleanMethodV CallBooleanMethodA,
        CallNonvirtualBooleanMethod CallNonvirtualBooleanMethodV CallNonvirtualBooleanMethodA,
        CallStaticBooleanMethod CallStaticBooleanMethodV CallStaticBooleanMethodA;
    jbyte: CallByteMethod CallByteMethodV CallByteMethodA,
        CallNonvirtualByteMethod CallNonvirtualByteMethodV CallNonvirtualByteMethodA,
        CallStaticByteMethod CallStaticByteMethodV CallStaticByteMethodA;
    jchar: CallCharMethod CallCharMethodV CallCharMethodA,
        CallNonvirtualCharMethod CallNonvirtualCharMethodV CallNonvirtualCharMethodA,
        CallStaticCharMethod CallStaticCharMethodV CallStaticCharMethodA;
    jshort: CallShortMethod CallShortMethodV CallShortMethodA,
        CallNonvirtualShortMethod CallNonvirtualShortMethodV CallNonvirtualShortMethodA,
        CallStaticShortMethod CallStaticShortMethodV CallStaticShortMethodA;
    jint: CallIntMethod CallIntMethodV CallIntMethodA,
        CallNonvirtualIntMethod CallNonvirtualIntMethodV CallNonvirtualIntMethodA,
        CallStaticIntMethod CallStaticIntMethodV CallStaticIntMethodA;
    jlong: CallLongMethod CallLongMethodV CallLongMethodA,
        CallNonvirtualLongMethod CallNonvirtualLongMethodV CallNonvirtualLongMethodA,
        CallStaticLongMethod CallStaticLongMethodV CallStaticLongMethodA;
    jfloat: CallFloatMethod CallFloatMethodV CallFloatMethodA,
        CallNonvirtualFloatMethod CallNonvirtualFloatMethodV CallNonvirtualFloatMethodA,
        CallStaticFloatMethod CallStaticFloatMethodV CallStaticFloatMethodA;
    jdouble: CallDoubleMethod CallDoubleMethodV CallDoubleMethodA,
        CallNonvirtualDoubleMethod CallNonvirtualDoubleMethodV CallNonvirtualDoubleMethodA,
        CallStaticDoubleMethod CallStaticDoubleMethodV CallStaticDoubleMethodA;
    (): CallVoidMethod CallVoidMethodV CallVoidMethodA,
        CallNonvirtualVoidMethod CallNonvirtualVoidMethodV CallNonvirtualVoidMethodA,
        CallStaticVoidMethod CallStaticVoidMethodV CallStaticVoidMethodA;
}
