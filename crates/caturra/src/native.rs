//! Rust closures as native methods.
//!
//! All closures share three C functions, one for each register that a result is returned in. Which method is called,
//! and with what, its Java frame tells: a native method's arguments are slots of the thread's Java stack.

use crate::Result;
use crate::class::{self, Class};
use crate::env::Env;
use crate::error::{self, Error};
use crate::object::Object;
use crate::value::{FromValue, Value};
use crate::vm::Life;
use caturra_bytecode::descriptor::{BasicType, MethodDescriptor};
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::{exceptions, frames};
use caturra_kernel::{MethodRef, ObjRef, Thread};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

/// A call of a native method whose body is a Rust closure.
pub struct NativeCall<'a> {
    env: &'a Env<'a>,
    method: MethodRef,
    this: Option<Object>,
    arguments: Vec<Value>,
}

impl<'a> NativeCall<'a> {
    /// The calling thread.
    pub fn env(&self) -> &'a Env<'a> {
        self.env
    }
    /// The class that declares the method.
    pub fn class(&self) -> Class {
        let _scope = JavaScope::enter(self.env.thread());
        Class::root(self.env, self.method.holder)
    }
    /// The receiver; `None` in a static method.
    pub fn this(&self) -> Option<&Object> {
        self.this.as_ref()
    }
    pub fn arguments(&self) -> &[Value] {
        &self.arguments
    }
    /// An argument by its position, from 0 on.
    ///
    /// # Errors
    /// [`Error::Type`] when it is of another type, or there is none.
    pub fn argument<T: FromValue>(&self, index: usize) -> Result<T> {
        let value = self.arguments.get(index).cloned();
        let value = value.ok_or_else(|| Error::Type(format!("there is no argument {index}")))?;
        T::from_value(self.env, value)
    }
}

type Body = Box<dyn Fn(&NativeCall<'_>) -> Result<Value> + Send + Sync>;

/// A closure, and the VM that it is for.
#[derive(Clone)]
struct Bound {
    body: Arc<Body>,
    life: Arc<Life>,
}

/// The closures by the addresses of their methods, which are unique while the classes are loaded.
static BODIES: RwLock<Option<HashMap<u64, Bound>>> = RwLock::new(None);

/// Binds a native method to a closure.
pub(crate) fn register(env: &Env<'_>, method: MethodRef, body: Body) {
    let key = method.as_raw();
    let mut bodies = BODIES.write().unwrap_or_else(PoisonError::into_inner);
    let replaced =
        bodies.get_or_insert_default().insert(key, Bound { body: Arc::new(body), life: env.life().clone() });
    drop(bodies);
    if replaced.is_none() {
        method.holder.loader.on_unload(Box::new(move || {
            let mut bodies = BODIES.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(bodies) = bodies.as_mut() {
                bodies.remove(&key);
            }
        }));
    }
    let function = match method.ret {
        BasicType::Float => native_float as *const u8,
        BasicType::Double => native_double as *const u8,
        _ => native_word as *const u8,
    };
    method.native_fn.store(function.cast_mut(), Ordering::Release);
}

/// Drops all closures: the VM has ended.
pub(crate) fn forget_all() {
    BODIES.write().unwrap_or_else(PoisonError::into_inner).take();
}

unsafe extern "C" fn native_word(env: *mut u8) -> u64 {
    // SAFETY: called as a native method.
    unsafe { call(env) }
}

unsafe extern "C" fn native_float(env: *mut u8) -> f32 {
    // SAFETY: called as a native method.
    f32::from_bits(unsafe { call(env) } as u32)
}

unsafe extern "C" fn native_double(env: *mut u8) -> f64 {
    // SAFETY: called as a native method.
    f64::from_bits(unsafe { call(env) })
}

/// Runs the closure of the native method whose frame is the youngest. The result is in the form that the C ABI
/// has: a reference as a local handle. With an exception pending it counts for nothing.
///
/// # Safety
/// Called by the VM as the C function of a native method that [`register`] has bound.
unsafe fn call(env: *mut u8) -> u64 {
    // SAFETY: the VM passes the calling thread's environment.
    let t = unsafe { Thread::from_jni_env(env) };
    let activation = frames::walk(t).next().expect("a native method has a frame");
    let method = activation.method;
    let bodies = BODIES.read().unwrap_or_else(PoisonError::into_inner);
    let bound = bodies.as_ref().and_then(|b| b.get(&method.as_raw())).cloned();
    drop(bodies);
    let Some(Bound { body, life }) = bound else {
        let _scope = JavaScope::enter(t);
        let _pending = exceptions::throw(t, "java/lang/UnsatisfiedLinkError", &method.external_name());
        return 0;
    };
    let env = Env::lend(t, life);
    let result = {
        // SAFETY: the frame of this very call.
        let call = unsafe { arguments(&env, t, method, (*activation.frame).locals) };
        let outcome = catch_unwind(AssertUnwindSafe(|| body(&call)));
        let outcome = outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
        outcome.and_then(|value| check_result(&env, method, value))
    };
    let _scope = JavaScope::enter(t);
    let slot = result.and_then(|value| {
        let slot = value.to_slot(&env)?;
        Ok(match method.ret {
            BasicType::Reference => t.handles.new(ObjRef::from_raw(slot as u32)) as u64,
            _ => slot,
        })
    });
    slot.unwrap_or_else(|e| {
        let _pending = error::throw(&env, t, e);
        0
    })
}

/// Reads the arguments from a native frame.
///
/// # Safety
/// `slots` are the argument slots of a frame of `method`.
unsafe fn arguments<'a>(
    env: &'a Env<'a>,
    t: &'static Thread,
    method: MethodRef,
    slots: *const u64,
) -> NativeCall<'a> {
    let _scope = JavaScope::enter(t);
    let mut slot = slots;
    // SAFETY: the caller's promise: the slots follow the signature, receiver first.
    unsafe {
        let this = (!method.is_static()).then(|| {
            let this = Object::root(env, ObjRef::from_raw(*slot as u32));
            slot = slot.add(1);
            this
        });
        let arguments = method.signature.params.iter().map(|&ty| {
            let value = Value::from_slot(env, ty, *slot);
            slot = slot.add(ty.slots());
            value
        });
        let arguments = arguments.collect();
        NativeCall { env, method, this, arguments }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    Error::throw(
        "java/lang/InternalError",
        format!("panic in a native method: {}", text.unwrap_or("unknown")),
    )
}

/// Compares what a closure returned with the method's signature.
fn check_result(env: &Env<'_>, method: MethodRef, value: Value) -> Result<Value> {
    if value.basic_type() != method.ret {
        let (found, wanted) = (value.type_name(), method.ret.name());
        return Err(Error::Type(format!(
            "{}: the native method returned {found} instead of {wanted}",
            method.external_name()
        )));
    }
    if let Value::Object(Some(object)) = &value {
        let descriptor = MethodDescriptor::parse(method.signature.symbol.bytes());
        let ty = descriptor.expect("checked when it was defined").return_type();
        class::check_assignable(env, method.holder, object, ty)?;
    }
    Ok(value)
}
