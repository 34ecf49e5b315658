//! Objects, strings and arrays: rooted handles.

use crate::class::{self, Class};
use crate::env::Env;
use crate::error::Error;
use crate::value::{Arguments, FromValue, IntoValue, Value};
use crate::vm::Life;
use crate::{Result, value};
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::{alloc, calls, handles, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::sync::Arc;

/// A reference to a Java object, which it keeps alive. Clones share one root.
#[derive(Clone)]
pub struct Object(Arc<Root>);

struct Root {
    /// A global handle.
    handle: *mut u8,
    life: Arc<Life>,
}

// SAFETY: a global handle may be read by any attached thread and deleted by any thread; the table has a lock.
unsafe impl Send for Root {}
// SAFETY: as above.
unsafe impl Sync for Root {}

impl Drop for Root {
    fn drop(&mut self) {
        self.life.while_alive(|vm| vm.globals.delete_strong(self.handle));
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Object({:p})", self.0.handle)
    }
}

impl Object {
    /// A root for a non-null object; the thread is in Java state.
    pub(crate) fn root(env: &Env<'_>, object: ObjRef) -> Object {
        Object(Arc::new(Root { handle: env.vm().globals.new_strong(object), life: env.life().clone() }))
    }

    /// The object; the thread is in Java state.
    pub(crate) fn resolve(&self, env: &Env<'_>) -> Result<ObjRef> {
        if !Arc::ptr_eq(&self.0.life, env.life()) {
            return Err(Error::Type("the object belongs to another virtual machine".into()));
        }
        // SAFETY: a live global handle.
        Ok(unsafe { handles::resolve(self.0.handle) })
    }

    /// Whether both are the same object (`==`).
    ///
    /// # Errors
    /// When one belongs to another VM.
    pub fn is_same(&self, env: &Env<'_>, other: &Object) -> Result<bool> {
        env.try_java(|_| Ok(Ok(self.resolve(env)? == other.resolve(env)?)))
    }

    /// `getClass()`.
    ///
    /// # Errors
    /// When it belongs to another VM.
    pub fn class(&self, env: &Env<'_>) -> Result<Class> {
        // SAFETY: a live object.
        env.try_java(|_| Ok(Ok(Class::root(env, unsafe { ClassRef::of(self.resolve(env)?) }))))
    }

    /// Whether it is an instance of the class.
    ///
    /// # Errors
    /// When one belongs to another VM.
    pub fn is_instance_of(&self, env: &Env<'_>, class: &Class) -> Result<bool> {
        let class = class.class_ref(env)?;
        // SAFETY: a live object.
        env.try_java(|_| Ok(Ok(unsafe { ClassRef::of(self.resolve(env)?) }.is_subclass_of(class))))
    }

    /// Calls an instance method, selected by the object's class.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`], and what the method throws.
    pub fn call<R: FromValue>(
        &self,
        env: &Env<'_>,
        name: &str,
        signature: &str,
        arguments: impl Arguments,
    ) -> Result<R> {
        self.class(env)?.method(env, name, signature)?.call(env, self, arguments)
    }

    /// Reads an instance field.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`].
    pub fn field<R: FromValue>(&self, env: &Env<'_>, name: &str, signature: &str) -> Result<R> {
        let field = self.class(env)?.find_field(env, name, signature, false)?;
        R::from_value(env, class::read_field(env, field, Some(self))?)
    }

    /// Writes an instance field.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Type`]; final fields cannot be written.
    pub fn set_field(&self, env: &Env<'_>, name: &str, signature: &str, value: impl IntoValue) -> Result<()> {
        let field = self.class(env)?.find_field(env, name, signature, false)?;
        class::write_field(env, field, Some(self), value.into_value(env)?)
    }

    /// The text of a `java.lang.String`; lone surrogates become U+FFFD.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none.
    pub fn to_text(&self, env: &Env<'_>) -> Result<String> {
        env.try_java(|t| {
            let object = self.resolve(env)?;
            // SAFETY: a live object.
            let class = unsafe { ClassRef::of(object) };
            if class != t.vm().wk.string() {
                return Err(Error::Type(format!("{} is no string", class.external_name())));
            }
            Ok(Ok(strings::to_rust(object)))
        })
    }

    /// What `toString()` returns; empty for null.
    ///
    /// # Errors
    /// What the method throws.
    pub fn display(&self, env: &Env<'_>) -> Result<String> {
        env.try_java(|t| {
            let object = self.resolve(env)?;
            let text = calls::call_method(t, object, "toString", "()Ljava/lang/String;", &[]);
            Ok(text.map(|s| match ObjRef::from_raw(s as u32) {
                s if s.is_null() => String::new(),
                s => strings::to_rust(s),
            }))
        })
    }

    /// The array behind a reference, and its class.
    fn array(&self, env: &Env<'_>) -> Result<(ObjRef, ClassRef)> {
        let object = self.resolve(env)?;
        // SAFETY: a live object.
        let class = unsafe { ClassRef::of(object) };
        if class.is_array() {
            Ok((object, class))
        } else {
            Err(Error::Type(format!("{} is no array", class.external_name())))
        }
    }

    /// The length of an array.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none.
    pub fn array_length(&self, env: &Env<'_>) -> Result<usize> {
        env.try_java(|_| {
            let (array, _) = self.array(env)?;
            // SAFETY: a live array.
            Ok(Ok(unsafe { array.array_length() } as usize))
        })
    }

    /// The elements of an array of a primitive type.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none of that type.
    pub fn to_vec<T: Element>(&self, env: &Env<'_>) -> Result<Vec<T>> {
        env.try_java(|t| {
            let array = self.primitive_array::<T>(env, t)?;
            // SAFETY: an array of this type; it stays in a local while its elements are copied.
            Ok(Ok(unsafe {
                let (first, length) = alloc::bytes_of(array);
                (0..length).map(|i| first.cast::<T::Stored>().add(i).read()).map(T::load).collect()
            }))
        })
    }

    /// Writes elements of an array of a primitive type, from index `start` on.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none of that type, or the elements do not fit in.
    pub fn set_elements<T: Element>(&self, env: &Env<'_>, start: usize, elements: &[T]) -> Result<()> {
        env.try_java(|t| {
            let array = self.primitive_array::<T>(env, t)?;
            // SAFETY: an array of this type, which stays in a local, and indexes in its bounds.
            unsafe {
                let (first, length) = alloc::bytes_of(array);
                if start.checked_add(elements.len()).is_none_or(|end| end > length) {
                    return Err(Error::Type(format!(
                        "{} elements from {start} on do not fit into an array of length {length}",
                        elements.len()
                    )));
                }
                for (i, element) in elements.iter().enumerate() {
                    first.cast::<T::Stored>().add(start + i).write(element.store());
                }
            }
            Ok(Ok(()))
        })
    }

    fn primitive_array<T: Element>(&self, env: &Env<'_>, t: &Thread) -> Result<ObjRef> {
        let (array, class) = self.array(env)?;
        if class == caturra_kernel::loading::mirrors::primitive_array_class(t.vm(), T::TYPE) {
            Ok(array)
        } else {
            Err(Error::Type(format!("{} is no array of {}", class.external_name(), T::TYPE.name())))
        }
    }

    /// The elements of an array of references.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none.
    pub fn elements(&self, env: &Env<'_>) -> Result<Vec<Option<Object>>> {
        env.try_java(|_| {
            let (array, class) = self.array(env)?;
            if class.component.is_none_or(|c| c.is_primitive()) {
                return Err(Error::Type(format!("{} is no array of references", class.external_name())));
            }
            // SAFETY: a live array of references.
            Ok(Ok(unsafe {
                let elements = (0..array.array_length() as usize).map(|i| array.load_ref(ARRAY_BASE + 4 * i));
                elements.map(|e| (!e.is_null()).then(|| Object::root(env, e))).collect()
            }))
        })
    }

    /// Writes an element of an array of references.
    ///
    /// # Errors
    /// [`Error::Type`] when it is none, the index is out of bounds, or the element is of another type.
    pub fn set_element(&self, env: &Env<'_>, index: usize, element: Option<&Object>) -> Result<()> {
        env.try_java(|t| {
            let (array, class) = self.array(env)?;
            let Some(component) = class.component.filter(|c| !c.is_primitive()) else {
                return Err(Error::Type(format!("{} is no array of references", class.external_name())));
            };
            let element = element.map_or(Ok(ObjRef::NULL), |e| e.resolve(env))?;
            // SAFETY: a live array of references, and a live element or null; the index is checked.
            unsafe {
                if !element.is_null() && !ClassRef::of(element).is_subclass_of(component) {
                    return Err(Error::Type(format!(
                        "an instance of {} is no element of {}",
                        ClassRef::of(element).external_name(),
                        class.external_name()
                    )));
                }
                let length = array.array_length();
                if index >= length as usize {
                    return Err(Error::Type(format!("index {index} is out of bounds for length {length}")));
                }
                t.vm().heap.store_ref(array, ARRAY_BASE + 4 * index, element);
            }
            Ok(Ok(()))
        })
    }
}

/// An element type of arrays of a primitive type.
pub trait Element: Copy + private::Sealed + IntoValue {
    #[doc(hidden)]
    const TYPE: BasicType;
    /// How an element lies in memory.
    #[doc(hidden)]
    type Stored: Copy;
    #[doc(hidden)]
    fn load(stored: Self::Stored) -> Self;
    #[doc(hidden)]
    fn store(self) -> Self::Stored;
}

mod private {
    pub trait Sealed {}
}

macro_rules! elements {
    ($($ty:ty => $basic:ident as $stored:ty, |$s:ident| $load:expr, |$v:ident| $store:expr;)*) => { $(
        impl private::Sealed for $ty {}
        impl Element for $ty {
            const TYPE: BasicType = BasicType::$basic;
            type Stored = $stored;
            fn load($s: $stored) -> $ty {
                $load
            }
            fn store(self) -> $stored {
                let $v = self;
                $store
            }
        }
    )* };
}
elements! {
    bool => Boolean as u8, |s| s != 0, |v| u8::from(v);
    i8 => Byte as i8, |s| s, |v| v;
    u16 => Char as u16, |s| s, |v| v;
    i16 => Short as i16, |s| s, |v| v;
    i32 => Int as i32, |s| s, |v| v;
    i64 => Long as i64, |s| s, |v| v;
    f32 => Float as f32, |s| s, |v| v;
    f64 => Double as f64, |s| s, |v| v;
}

/// A new array of a primitive type; the thread is in Java state.
pub(crate) fn new_array<T: Element>(t: &Thread, elements: &[T]) -> JResult<ObjRef> {
    let Ok(length) = i32::try_from(elements.len()) else {
        return Err(caturra_kernel::runtime::exceptions::out_of_memory(
            t,
            caturra_heap::OutOfMemory::ArraySize,
        ));
    };
    let array = alloc::prim_array(t, T::TYPE, length)?;
    // SAFETY: a new array of this type and length, which stays in a local.
    unsafe {
        let first = alloc::bytes_of(array).0.cast::<T::Stored>();
        for (i, element) in elements.iter().enumerate() {
            first.add(i).write(element.store());
        }
    }
    Ok(array)
}

macro_rules! array_conversions {
    ($($ty:ty),*) => { $(
        impl IntoValue for &[$ty] {
            fn into_value(self, env: &Env<'_>) -> Result<Value> {
                env.new_array(self).map(Value::from)
            }
        }
        impl IntoValue for Vec<$ty> {
            fn into_value(self, env: &Env<'_>) -> Result<Value> {
                self.as_slice().into_value(env)
            }
        }
        impl value::FromValue for Vec<$ty> {
            fn from_value(env: &Env<'_>, value: Value) -> Result<Vec<$ty>> {
                Object::from_value(env, value)?.to_vec(env)
            }
        }
    )* };
}
array_conversions!(bool, i8, u16, i16, i32, i64, f32, f64);
