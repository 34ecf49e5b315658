//! Java values, and their conversions from and to Rust's.

use crate::Result;
use crate::class::Class;
use crate::env::Env;
use crate::error::Error;
use crate::object::Object;
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::ObjRef;

/// A value of a Java type; `Void` for methods that return none.
#[derive(Clone, Debug)]
pub enum Value {
    Void,
    Boolean(bool),
    Byte(i8),
    Char(u16),
    Short(i16),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    /// A reference, `None` for null.
    Object(Option<Object>),
}

impl Value {
    pub(crate) fn basic_type(&self) -> BasicType {
        match self {
            Value::Void => BasicType::Void,
            Value::Boolean(_) => BasicType::Boolean,
            Value::Byte(_) => BasicType::Byte,
            Value::Char(_) => BasicType::Char,
            Value::Short(_) => BasicType::Short,
            Value::Int(_) => BasicType::Int,
            Value::Long(_) => BasicType::Long,
            Value::Float(_) => BasicType::Float,
            Value::Double(_) => BasicType::Double,
            Value::Object(_) => BasicType::Reference,
        }
    }

    /// The value as a Java slot. For a reference the caller is in Java state, and uses the result before the next
    /// safepoint.
    pub(crate) fn to_slot(&self, env: &Env<'_>) -> Result<u64> {
        let int = |v: i32| u64::from(v as u32);
        Ok(match self {
            Value::Void | Value::Object(None) => 0,
            Value::Boolean(v) => u64::from(*v),
            Value::Byte(v) => int(i32::from(*v)),
            Value::Char(v) => u64::from(*v),
            Value::Short(v) => int(i32::from(*v)),
            Value::Int(v) => int(*v),
            Value::Long(v) => *v as u64,
            Value::Float(v) => u64::from(v.to_bits()),
            Value::Double(v) => v.to_bits(),
            Value::Object(Some(o)) => u64::from(o.resolve(env)?.raw()),
        })
    }

    /// The value of a slot; the thread is in Java state.
    pub(crate) fn from_slot(env: &Env<'_>, ty: BasicType, slot: u64) -> Value {
        match ty {
            BasicType::Void => Value::Void,
            BasicType::Boolean => Value::Boolean(slot & 1 != 0),
            BasicType::Byte => Value::Byte(slot as i8),
            BasicType::Char => Value::Char(slot as u16),
            BasicType::Short => Value::Short(slot as i16),
            BasicType::Int => Value::Int(slot as i32),
            BasicType::Long => Value::Long(slot as i64),
            BasicType::Float => Value::Float(f32::from_bits(slot as u32)),
            BasicType::Double => Value::Double(f64::from_bits(slot)),
            BasicType::Reference => {
                let object = ObjRef::from_raw(slot as u32);
                Value::Object((!object.is_null()).then(|| Object::root(env, object)))
            }
        }
    }

    /// "int", for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        self.basic_type().name()
    }
}

/// What can be passed to Java.
pub trait IntoValue {
    /// # Errors
    /// When it has no counterpart in Java, or memory is out.
    fn into_value(self, env: &Env<'_>) -> Result<Value>;
}

/// What a result or a native method's argument can become.
pub trait FromValue: Sized {
    /// # Errors
    /// [`Error::Type`] when the value is of another type.
    fn from_value(env: &Env<'_>, value: Value) -> Result<Self>;
}

fn mismatch<T>(value: &Value, wanted: &str) -> Result<T> {
    let found = match value {
        Value::Object(None) => "null",
        other => other.type_name(),
    };
    Err(Error::Type(format!("the value is of type {found}, not {wanted}")))
}

macro_rules! primitives {
    ($($ty:ty => $variant:ident, $name:literal;)*) => { $(
        impl From<$ty> for Value {
            fn from(v: $ty) -> Value {
                Value::$variant(v)
            }
        }
        impl IntoValue for $ty {
            fn into_value(self, _: &Env<'_>) -> Result<Value> {
                Ok(Value::$variant(self))
            }
        }
        impl FromValue for $ty {
            fn from_value(_: &Env<'_>, value: Value) -> Result<$ty> {
                match value {
                    Value::$variant(v) => Ok(v),
                    other => mismatch(&other, $name),
                }
            }
        }
        impl TryFrom<Value> for $ty {
            type Error = Error;
            fn try_from(value: Value) -> Result<$ty> {
                match value {
                    Value::$variant(v) => Ok(v),
                    other => mismatch(&other, $name),
                }
            }
        }
    )* };
}

primitives! {
    bool => Boolean, "boolean";
    i8 => Byte, "byte";
    u16 => Char, "char";
    i16 => Short, "short";
    i32 => Int, "int";
    i64 => Long, "long";
    f32 => Float, "float";
    f64 => Double, "double";
}

impl From<Object> for Value {
    fn from(o: Object) -> Value {
        Value::Object(Some(o))
    }
}
impl From<&Object> for Value {
    fn from(o: &Object) -> Value {
        Value::Object(Some(o.clone()))
    }
}
impl From<Option<Object>> for Value {
    fn from(o: Option<Object>) -> Value {
        Value::Object(o)
    }
}
impl From<()> for Value {
    fn from((): ()) -> Value {
        Value::Void
    }
}

macro_rules! plain_conversions {
    ($($ty:ty),*) => { $(
        impl IntoValue for $ty {
            fn into_value(self, _: &Env<'_>) -> Result<Value> {
                Ok(self.into())
            }
        }
    )* };
}
plain_conversions!(Value, Object, &Object, Option<Object>, ());

impl IntoValue for &Class {
    fn into_value(self, _: &Env<'_>) -> Result<Value> {
        Ok(self.as_object().into())
    }
}

impl IntoValue for char {
    fn into_value(self, _: &Env<'_>) -> Result<Value> {
        let unit = u16::try_from(u32::from(self));
        unit.map(Value::Char).map_err(|_| Error::Type(format!("{self:?} is no single UTF-16 unit")))
    }
}

impl IntoValue for &str {
    fn into_value(self, env: &Env<'_>) -> Result<Value> {
        env.new_string(self).map(Value::from)
    }
}

impl IntoValue for String {
    fn into_value(self, env: &Env<'_>) -> Result<Value> {
        self.as_str().into_value(env)
    }
}

impl<T: IntoValue> IntoValue for Option<T>
where
    T: NotAnObject,
{
    fn into_value(self, env: &Env<'_>) -> Result<Value> {
        self.map_or(Ok(Value::Object(None)), |v| v.into_value(env))
    }
}

/// References other than [`Object`] whose absence is null.
pub trait NotAnObject {}
impl NotAnObject for &str {}
impl NotAnObject for String {}
impl NotAnObject for &Object {}

impl FromValue for Value {
    fn from_value(_: &Env<'_>, value: Value) -> Result<Value> {
        Ok(value)
    }
}

impl FromValue for () {
    fn from_value(_: &Env<'_>, value: Value) -> Result<()> {
        match value {
            Value::Void => Ok(()),
            other => mismatch(&other, "void"),
        }
    }
}

impl FromValue for char {
    /// A surrogate is no character.
    fn from_value(_: &Env<'_>, value: Value) -> Result<char> {
        match value {
            Value::Char(c) => char::from_u32(u32::from(c))
                .ok_or_else(|| Error::Type(format!("\\u{c:04x} is a surrogate, not a character"))),
            other => mismatch(&other, "char"),
        }
    }
}

impl FromValue for Option<Object> {
    fn from_value(_: &Env<'_>, value: Value) -> Result<Option<Object>> {
        match value {
            Value::Object(o) => Ok(o),
            other => mismatch(&other, "a reference"),
        }
    }
}

impl FromValue for Object {
    fn from_value(_: &Env<'_>, value: Value) -> Result<Object> {
        match value {
            Value::Object(Some(o)) => Ok(o),
            other => mismatch(&other, "an object"),
        }
    }
}

impl FromValue for String {
    fn from_value(env: &Env<'_>, value: Value) -> Result<String> {
        match value {
            Value::Object(Some(o)) => o.to_text(env),
            other => mismatch(&other, "a string"),
        }
    }
}

impl FromValue for Option<String> {
    fn from_value(env: &Env<'_>, value: Value) -> Result<Option<String>> {
        match value {
            Value::Object(o) => o.map(|o| o.to_text(env)).transpose(),
            other => mismatch(&other, "a string"),
        }
    }
}

/// The arguments of a call: a tuple, a list of [`Value`]s, or `()`.
pub trait Arguments {
    /// # Errors
    /// Those of the single conversions.
    fn into_values(self, env: &Env<'_>) -> Result<Vec<Value>>;
}

impl Arguments for () {
    fn into_values(self, _: &Env<'_>) -> Result<Vec<Value>> {
        Ok(Vec::new())
    }
}
impl Arguments for Vec<Value> {
    fn into_values(self, _: &Env<'_>) -> Result<Vec<Value>> {
        Ok(self)
    }
}
impl Arguments for &[Value] {
    fn into_values(self, _: &Env<'_>) -> Result<Vec<Value>> {
        Ok(self.to_vec())
    }
}
impl<const N: usize> Arguments for [Value; N] {
    fn into_values(self, _: &Env<'_>) -> Result<Vec<Value>> {
        Ok(self.into())
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => { $(
        impl<$($name: IntoValue),+> Arguments for ($($name,)+) {
            #[allow(non_snake_case)]
            fn into_values(self, env: &Env<'_>) -> Result<Vec<Value>> {
                let ($($name,)+) = self;
                Ok(vec![$($name.into_value(env)?),+])
            }
        }
    )* };
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
