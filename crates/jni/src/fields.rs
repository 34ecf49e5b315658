//! Fields (JNI, chapter 4, "Accessing Fields of Objects", "Accessing Static Fields").

use crate::handles::{c_bytes, c_text, class, local, object, resolve};
use crate::types::*;
use caturra_kernel::linking::init;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::{ClassRef, FieldRef, ObjRef, Sym, Thread};
use std::ffi::c_char;
use std::sync::atomic::Ordering;

/// A field of that name, type and kind in the class, then (statics only) its superinterfaces, then its
/// superclasses.
fn find_field(class: ClassRef, name: Sym, signature: Sym, is_static: bool) -> Option<FieldRef> {
    let declared = class.declared_field(name, signature);
    if let Some(f) = declared.filter(|f| f.is_static() == is_static && !f.is_injected()) {
        return Some(f);
    }
    let inherited = |c: &ClassRef| find_field(*c, name, signature, is_static);
    is_static
        .then(|| class.interfaces.iter().find_map(inherited))
        .flatten()
        .or_else(|| class.super_class.as_ref().and_then(inherited))
}

fn field_id(
    t: &Thread,
    class_handle: jclass,
    name: *const c_char,
    signature: *const c_char,
    is_static: bool,
) -> JResult<jfieldID> {
    let class = class(t, class_handle)?;
    let not_found = || -> Thrown {
        let name = c_text(name);
        let message =
            if is_static { name } else { format!("{}.{name} {}", class.external_name(), c_text(signature)) };
        exceptions::throw(t, "java/lang/NoSuchFieldError", &message)
    };
    let symbols = &t.vm().symbols;
    let (Some(name), Some(signature)) = (symbols.lookup(c_bytes(name)), symbols.lookup(c_bytes(signature)))
    else {
        return Err(not_found());
    };
    init::initialize(t, class)?;
    let found = if class.is_instance_class() { find_field(class, name, signature, is_static) } else { None };
    found.map(jfieldID::of).ok_or_else(not_found)
}

/// A value that a field holds.
trait FieldValue: Copy {
    /// # Safety
    /// The object has a field of this type there.
    unsafe fn get(t: &Thread, object: ObjRef, offset: usize, volatile: bool) -> Self;
    /// # Safety
    /// As `get`.
    unsafe fn put(t: &Thread, object: ObjRef, offset: usize, volatile: bool, value: Self);
}

macro_rules! field_values {
    ($($ty:ty, $atomic:ident, |$v:ident| $to_bits:expr, |$b:ident| $from_bits:expr;)*) => { $(
        impl FieldValue for $ty {
            #[inline(always)]
            unsafe fn get(_: &Thread, object: ObjRef, offset: usize, volatile: bool) -> $ty {
                // SAFETY: the caller's promise.
                unsafe {
                    if volatile {
                        let $b = object.$atomic(offset).load(Ordering::SeqCst);
                        $from_bits
                    } else {
                        object.load(offset)
                    }
                }
            }
            #[inline(always)]
            unsafe fn put(_: &Thread, object: ObjRef, offset: usize, volatile: bool, $v: $ty) {
                // SAFETY: the caller's promise.
                unsafe {
                    if volatile {
                        object.$atomic(offset).store($to_bits, Ordering::SeqCst);
                    } else {
                        object.store(offset, $v);
                    }
                }
            }
        }
    )* };
}

field_values! {
    jbyte, atomic_u8, |v| v as u8, |b| b as i8;
    jchar, atomic_u16, |v| v, |b| b;
    jshort, atomic_u16, |v| v as u16, |b| b as i16;
    jint, atomic_u32, |v| v as u32, |b| b as i32;
    jlong, atomic_u64, |v| v as u64, |b| b as i64;
    jfloat, atomic_u32, |v| v.to_bits(), |b| f32::from_bits(b);
    jdouble, atomic_u64, |v| v.to_bits(), |b| f64::from_bits(b);
}

impl FieldValue for jboolean {
    #[inline(always)]
    unsafe fn get(t: &Thread, object: ObjRef, offset: usize, volatile: bool) -> jboolean {
        // SAFETY: the caller's promise; a boolean is a byte.
        unsafe { jbyte::get(t, object, offset, volatile) as jboolean }
    }
    #[inline(always)]
    unsafe fn put(t: &Thread, object: ObjRef, offset: usize, volatile: bool, value: jboolean) {
        // SAFETY: as above. Of other values than 0 and 1 the low bit counts, as in the reference JDK.
        unsafe { jbyte::put(t, object, offset, volatile, (value & 1) as jbyte) }
    }
}

impl FieldValue for jobject {
    #[inline(always)]
    unsafe fn get(t: &Thread, object: ObjRef, offset: usize, volatile: bool) -> jobject {
        // SAFETY: the caller's promise; a reference is 32 bits wide.
        local(t, ObjRef::from_raw(unsafe { jint::get(t, object, offset, volatile) } as u32))
    }
    #[inline(always)]
    unsafe fn put(t: &Thread, object: ObjRef, offset: usize, volatile: bool, value: jobject) {
        let value = resolve(value);
        // SAFETY: the caller's promise; the card is marked after either store.
        unsafe {
            if volatile {
                object.atomic_u32(offset).store(value.raw(), Ordering::SeqCst);
                t.vm().heap.cards().mark(object.field_addr(offset));
            } else {
                t.vm().put_ref(object, offset, value);
            }
        }
    }
}

fn get_field<T: FieldValue>(t: &Thread, receiver: jobject, id: jfieldID) -> JResult<T> {
    let (object, field) = (object(t, receiver)?, id.field());
    // SAFETY: the id is of a field of the object's class.
    Ok(unsafe { T::get(t, object, field.offset as usize, field.is_volatile()) })
}

fn put_field<T: FieldValue>(t: &Thread, receiver: jobject, id: jfieldID, value: T) -> JResult<()> {
    let (object, field) = (object(t, receiver)?, id.field());
    // SAFETY: as above.
    unsafe { T::put(t, object, field.offset as usize, field.is_volatile(), value) };
    Ok(())
}

fn get_static<T: FieldValue>(t: &Thread, id: jfieldID) -> JResult<T> {
    let field = id.field();
    // SAFETY: statics lie in the mirror of the class that declares them.
    Ok(unsafe { T::get(t, field.holder.mirror(), field.offset as usize, field.is_volatile()) })
}

fn put_static<T: FieldValue>(t: &Thread, id: jfieldID, value: T) -> JResult<()> {
    let field = id.field();
    // SAFETY: as above.
    unsafe { T::put(t, field.holder.mirror(), field.offset as usize, field.is_volatile(), value) };
    Ok(())
}

jni_functions! {
    /// `GetFieldID`: initializes the class.
    entry fn GetFieldID(t, class: jclass, name: *const c_char, signature: *const c_char) -> jfieldID; {
        field_id(t, class, name, signature, false)
    }
    /// `GetStaticFieldID`: initializes the class.
    entry fn GetStaticFieldID(t, class: jclass, name: *const c_char, signature: *const c_char) -> jfieldID; {
        field_id(t, class, name, signature, true)
    }
}

macro_rules! field_functions {
    ($($ty:ty: $get:ident $set:ident $get_static:ident $set_static:ident;)*) => {
        jni_functions! { $(
            /// Reads an instance field.
            plain fn $get(t, object: jobject, id: jfieldID) -> $ty; { get_field(t, object, id) }
            /// Writes an instance field.
            plain fn $set(t, object: jobject, id: jfieldID, value: $ty); { put_field(t, object, id, value) }
            /// Reads a static field; the class adds nothing to the id.
            plain fn $get_static(t, _class: jclass, id: jfieldID) -> $ty; { get_static(t, id) }
            /// Writes a static field; the class adds nothing to the id.
            plain fn $set_static(t, _class: jclass, id: jfieldID, value: $ty); { put_static(t, id, value) }
        )* }
    };
}

field_functions! {
    jobject: GetObjectField SetObjectField GetStaticObjectField SetStaticObjectField;
    jboolean: GetBooleanField SetBooleanField GetStaticBooleanField SetStaticBooleanField;
    jbyte: GetByteField SetByteField GetStaticByteField SetStaticByteField;
    jchar: GetCharField SetCharField GetStaticCharField SetStaticCharField;
    jshort: GetShortField SetShortField GetStaticShortField SetStaticShortField;
    jint: GetIntField SetIntField GetStaticIntField SetStaticIntField;
    jlong: GetLongField SetLongField GetStaticLongField SetStaticLongField;
    jfloat: GetFloatField SetFloatField GetStaticFloatField SetStaticFloatField;
    jdouble: GetDoubleField SetDoubleField GetStaticDoubleField SetStaticDoubleField;
}
