//! Classes, their methods and fields.

use crate::Result;
use crate::env::Env;
use crate::error::Error;
use crate::native::{self, NativeCall};
use crate::object::Object;
use crate::value::{Arguments, FromValue, IntoValue, Value};
use caturra_bytecode::descriptor::{BasicType, FieldType, MethodDescriptor};
use caturra_kernel::linking::{init, resolve};
use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{alloc, calls};
use caturra_kernel::{ClassRef, FieldRef, MethodRef, ObjRef};
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

/// A Java class, kept loaded.
#[derive(Clone)]
pub struct Class {
    /// The `java.lang.Class` object: while it lives, so do the loader and the metadata.
    mirror: Object,
    /// Metadata, which goes with the VM: to be looked at through [`Class::class_ref`] only.
    class: ClassRef,
    name: Arc<str>,
}

impl std::fmt::Debug for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Class({})", self.name())
    }
}

/// A method of a class, found once and called often.
#[derive(Clone)]
pub struct Method {
    class: Class,
    /// As `Class::class`: to be looked at through [`Method::method_ref`] only.
    method: MethodRef,
    name: Arc<str>,
    signature: Arc<str>,
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Method({}.{}{})", self.class.name, self.name, self.signature)
    }
}

impl Class {
    /// The thread is in Java state.
    pub(crate) fn root(env: &Env<'_>, class: ClassRef) -> Class {
        Class { mirror: Object::root(env, class.mirror()), class, name: class.external_name().into() }
    }

    /// The metadata, when this is a class of the thread's VM.
    pub(crate) fn class_ref(&self, env: &Env<'_>) -> Result<ClassRef> {
        env.try_java(|_| self.mirror.resolve(env).map(Ok))?;
        Ok(self.class)
    }

    /// "java.lang.String".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `java.lang.Class` object.
    pub fn as_object(&self) -> &Object {
        &self.mirror
    }

    fn find_method(&self, env: &Env<'_>, name: &str, signature: &str, is_static: bool) -> Result<Method> {
        let class = self.class_ref(env)?;
        let symbols = &env.vm().symbols;
        let found =
            symbols.lookup(name.as_bytes()).zip(symbols.lookup(signature.as_bytes())).and_then(|(n, s)| {
                if n == "<init>" {
                    class.declared_method(n, s)
                } else if class.is_interface() {
                    resolve::lookup_interface_method(env.thread(), class, n, s)
                } else {
                    resolve::lookup_method(class, n, s)
                }
            });
        let kind = if is_static { "static " } else { "" };
        found
            .filter(|m| m.is_static() == is_static && !m.has(MethodFlags::SIGNATURE_POLYMORPHIC))
            .map(|method| Method {
                class: self.clone(),
                method,
                name: name.into(),
                signature: signature.into(),
            })
            .ok_or_else(|| {
                Error::NotFound(format!("there is no {kind}method {}.{name}{signature}", self.name()))
            })
    }

    /// A static method, declared or inherited.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn static_method(&self, env: &Env<'_>, name: &str, signature: &str) -> Result<Method> {
        self.find_method(env, name, signature, true)
    }

    /// An instance method, declared or inherited; of an interface, too.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn method(&self, env: &Env<'_>, name: &str, signature: &str) -> Result<Method> {
        self.find_method(env, name, signature, false)
    }

    /// Calls a static method.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`], and what the method throws.
    pub fn call_static<R: FromValue>(
        &self,
        env: &Env<'_>,
        name: &str,
        signature: &str,
        arguments: impl Arguments,
    ) -> Result<R> {
        self.static_method(env, name, signature)?.call_static(env, arguments)
    }

    /// A new instance, made by the constructor of that signature.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`], and what the constructor throws; `InstantiationError` is an
    /// [`Error::Type`] here: the class is abstract.
    pub fn new_object(&self, env: &Env<'_>, signature: &str, arguments: impl Arguments) -> Result<Object> {
        let constructor = self.find_method(env, "<init>", signature, false)?;
        let values = arguments.into_values(env)?;
        let class = self.class_ref(env)?;
        if class.is_abstract() || !class.is_instance_class() {
            return Err(Error::Type(format!("{} is abstract", self.name())));
        }
        constructor.check_arguments(env, &values)?;
        env.try_java(|t| {
            let new = init::initialize(t, class).and_then(|()| alloc::instance(t, class));
            let new = match new {
                Ok(object) => Object::root(env, object),
                Err(thrown) => return Ok(Err(thrown)),
            };
            let mut slots = vec![u64::from(new.resolve(env)?.raw())];
            push_slots(env, &mut slots, &values)?;
            Ok(calls::invoke(t, constructor.method, &slots).map(|_| new))
        })
    }

    pub(crate) fn find_field(
        &self,
        env: &Env<'_>,
        name: &str,
        signature: &str,
        is_static: bool,
    ) -> Result<FieldRef> {
        let class = self.class_ref(env)?;
        let symbols = &env.vm().symbols;
        let found = symbols
            .lookup(name.as_bytes())
            .zip(symbols.lookup(signature.as_bytes()))
            .and_then(|(n, s)| class.find_field(n, s))
            .filter(|f| f.is_static() == is_static && !f.is_injected());
        let kind = if is_static { "static " } else { "" };
        found.ok_or_else(|| {
            Error::NotFound(format!("there is no {kind}field {}.{name} {signature}", self.name()))
        })
    }

    /// Reads a static field; the class is initialised first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`], and what the initialisation throws.
    pub fn static_field<R: FromValue>(&self, env: &Env<'_>, name: &str, signature: &str) -> Result<R> {
        let field = self.find_field(env, name, signature, true)?;
        env.java(|t| init::initialize(t, field.holder))?;
        R::from_value(env, read_field(env, field, None)?)
    }

    /// Writes a static field; the class is initialised first.
    ///
    /// # Errors
    /// As `static_field`; final fields cannot be written.
    pub fn set_static_field(
        &self,
        env: &Env<'_>,
        name: &str,
        signature: &str,
        value: impl IntoValue,
    ) -> Result<()> {
        let field = self.find_field(env, name, signature, true)?;
        let value = value.into_value(env)?;
        env.java(|t| init::initialize(t, field.holder))?;
        write_field(env, field, None, value)
    }

    /// Makes a closure the body of a `native` method of this class, in place of a C function. It may run on any
    /// thread, several at once. An error that it returns is thrown: [`Error::Exception`] as the exception
    /// it holds, [`Error::throw`] as a new one, others as `InternalError`; a panic as `InternalError`, too.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the class declares no such native method.
    pub fn register_native<R: IntoValue>(
        &self,
        env: &Env<'_>,
        name: &str,
        signature: &str,
        body: impl Fn(&NativeCall<'_>) -> Result<R> + Send + Sync + 'static,
    ) -> Result<()> {
        let class = self.class_ref(env)?;
        let symbols = &env.vm().symbols;
        let method = symbols
            .lookup(name.as_bytes())
            .zip(symbols.lookup(signature.as_bytes()))
            .and_then(|(n, s)| class.declared_method(n, s))
            .filter(|m| m.is_native() && m.kind() == caturra_kernel::MethodKind::Native)
            .ok_or_else(|| {
                Error::NotFound(format!("{} declares no native method {name}{signature}", self.name()))
            })?;
        native::register(env, method, Box::new(move |call| body(call)?.into_value(call.env())));
        Ok(())
    }
}

impl Method {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The descriptor.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    fn method_ref(&self, env: &Env<'_>) -> Result<MethodRef> {
        self.class.class_ref(env)?;
        Ok(self.method)
    }

    /// Calls a static method; its class is initialised first.
    ///
    /// # Errors
    /// [`Error::Type`] for unfit arguments or result, and what the method throws.
    pub fn call_static<R: FromValue>(&self, env: &Env<'_>, arguments: impl Arguments) -> Result<R> {
        let method = self.method_ref(env)?;
        if !method.is_static() {
            return Err(Error::Type(format!("{} is not static", method.external_name())));
        }
        let values = arguments.into_values(env)?;
        self.check_arguments(env, &values)?;
        let result = env.try_java(|t| {
            if let Err(thrown) = init::initialize(t, method.holder) {
                return Ok(Err(thrown));
            }
            let mut slots = Vec::with_capacity(values.len());
            push_slots(env, &mut slots, &values)?;
            Ok(calls::invoke(t, method, &slots).map(|slot| Value::from_slot(env, method.ret, slot)))
        })?;
        R::from_value(env, result)
    }

    /// Calls an instance method, selected by the receiver's class.
    ///
    /// # Errors
    /// As `call_static`; [`Error::Type`] also for a receiver of another class.
    pub fn call<R: FromValue>(
        &self,
        env: &Env<'_>,
        receiver: &Object,
        arguments: impl Arguments,
    ) -> Result<R> {
        let method = self.method_ref(env)?;
        if method.is_static() {
            return Err(Error::Type(format!("{} is static", method.external_name())));
        }
        if method.is_constructor() {
            return Err(Error::Type("a constructor cannot be called on an object".into()));
        }
        let values = arguments.into_values(env)?;
        self.check_arguments(env, &values)?;
        let result = env.try_java(|t| {
            let this = receiver.resolve(env)?;
            // SAFETY: a live object.
            let class = unsafe { ClassRef::of(this) };
            if !class.is_subclass_of(method.holder) {
                return Err(Error::Type(format!(
                    "an instance of {} has no method {}",
                    class.external_name(),
                    method.external_name()
                )));
            }
            let mut slots = Vec::with_capacity(values.len() + 1);
            slots.push(u64::from(this.raw()));
            push_slots(env, &mut slots, &values)?;
            let result = calls::invoke_virtual(t, method, &slots);
            Ok(result.map(|slot| Value::from_slot(env, method.ret, slot)))
        })?;
        R::from_value(env, result)
    }

    /// Compares arguments with the signature, so that Java code gets what it was compiled for.
    fn check_arguments(&self, env: &Env<'_>, values: &[Value]) -> Result<()> {
        let method = self.method_ref(env)?;
        let signature = method.signature;
        let wrong = |what: String| Error::Type(format!("{}: {what}", method.external_name()));
        if values.len() != signature.params.len() {
            return Err(wrong(format!("{} arguments instead of {}", values.len(), signature.params.len())));
        }
        for (i, (value, wanted)) in values.iter().zip(signature.params).enumerate() {
            if value.basic_type() != *wanted {
                let (found, wanted) = (value.type_name(), wanted.name());
                return Err(wrong(format!("argument {} is of type {found} instead of {wanted}", i + 1)));
            }
        }
        if !signature.params.contains(&BasicType::Reference) {
            return Ok(());
        }
        let descriptor =
            MethodDescriptor::parse(signature.symbol.bytes()).expect("checked when it was defined");
        for (i, (value, ty)) in values.iter().zip(descriptor.parameters()).enumerate() {
            if let Value::Object(Some(object)) = value {
                check_assignable(env, method.holder, object, ty).map_err(|e| {
                    if let Error::Type(t) = e { wrong(format!("argument {}: {t}", i + 1)) } else { e }
                })?;
            }
        }
        Ok(())
    }
}

/// Appends the slots of values; two for long and double, as the Java stack has it.
fn push_slots(env: &Env<'_>, slots: &mut Vec<u64>, values: &[Value]) -> Result<()> {
    for value in values {
        slots.push(value.to_slot(env)?);
        if value.basic_type().slots() == 2 {
            slots.push(0);
        }
    }
    Ok(())
}

/// Checks that `object` may stand where code of `class` has a value of type `ty`.
pub(crate) fn check_assignable(
    env: &Env<'_>,
    class: ClassRef,
    object: &Object,
    ty: FieldType<'_>,
) -> Result<()> {
    env.try_java(|t| {
        let actual = |o: ObjRef| -> ClassRef {
            // SAFETY: a live object.
            unsafe { ClassRef::of(o) }
        };
        let found = actual(object.resolve(env)?);
        let name = ty.class_name().expect("a reference type");
        if name == b"java/lang/Object" || found.loader.same(class.loader) && found.name.bytes() == name {
            return Ok(Ok(()));
        }
        let fits = |wanted: JResult<ClassRef>| wanted.map(|w| found.is_subclass_of(w));
        match fits(Env::resolve_type(t, class, ty)) {
            Ok(true) => Ok(Ok(())),
            Ok(false) => Err(Error::Type(format!(
                "an instance of {} is no {}",
                found.external_name(),
                caturra_kernel::oops::method::external_type(ty)
            ))),
            Err(thrown) => Ok(Err(thrown)),
        }
    })
}

/// The object that holds a field: the receiver, which must have it, or the class mirror.
fn field_owner(env: &Env<'_>, field: FieldRef, object: Option<&Object>) -> Result<ObjRef> {
    match object {
        Some(o) => o.resolve(env),
        None => Ok(field.holder.mirror()),
    }
}

/// Reads a field. `object` is an instance of its class, `None` for a static field.
pub(crate) fn read_field(env: &Env<'_>, field: FieldRef, object: Option<&Object>) -> Result<Value> {
    env.try_java(|_| {
        let owner = field_owner(env, field, object)?;
        let offset = field.offset as usize;
        // SAFETY: the owner has this field (`find_field` looked it up in its class).
        let slot = unsafe {
            match field.ty.size() {
                1 => u64::from(owner.atomic_u8(offset).load(Ordering::Relaxed)),
                2 => u64::from(owner.atomic_u16(offset).load(Ordering::Relaxed)),
                4 => u64::from(owner.atomic_u32(offset).load(Ordering::Relaxed)),
                _ => owner.atomic_u64(offset).load(Ordering::Relaxed),
            }
        };
        if field.is_volatile() {
            fence(Ordering::SeqCst);
        }
        Ok(Ok(Value::from_slot(env, field.ty, slot)))
    })
}

/// Writes a field, as [`read_field`] reads it.
pub(crate) fn write_field(
    env: &Env<'_>,
    field: FieldRef,
    object: Option<&Object>,
    value: Value,
) -> Result<()> {
    let name = || format!("{}.{}", field.holder.external_name(), field.name);
    if field.is_final() {
        return Err(Error::Type(format!("the field {} is final", name())));
    }
    if value.basic_type() != field.ty {
        let (found, wanted) = (value.type_name(), field.ty.name());
        return Err(Error::Type(format!("the field {} is of type {wanted}, not {found}", name())));
    }
    if let Value::Object(Some(o)) = &value {
        let ty = FieldType::parse(field.signature.bytes()).expect("checked when it was defined");
        check_assignable(env, field.holder, o, ty)?;
    }
    env.try_java(|t| {
        let owner = field_owner(env, field, object)?;
        let slot = value.to_slot(env)?;
        let offset = field.offset as usize;
        if field.is_volatile() {
            fence(Ordering::SeqCst);
        }
        // SAFETY: as in `read_field`; the value is of the field's type.
        unsafe {
            match field.ty {
                BasicType::Reference => t.vm().put_ref(owner, offset, ObjRef::from_raw(slot as u32)),
                ty => match ty.size() {
                    1 => owner.atomic_u8(offset).store(slot as u8, Ordering::Relaxed),
                    2 => owner.atomic_u16(offset).store(slot as u16, Ordering::Relaxed),
                    4 => owner.atomic_u32(offset).store(slot as u32, Ordering::Relaxed),
                    _ => owner.atomic_u64(offset).store(slot, Ordering::Relaxed),
                },
            }
        }
        if field.is_volatile() {
            fence(Ordering::SeqCst);
        }
        Ok(Ok(()))
    })
}
