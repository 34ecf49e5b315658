//! `java.lang.reflect.Array`.

use crate::boundary::{c, local, obj};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, int_slot, ref_slot};
use crate::objects::{class_or_npe, is_instance, put_ref_at};
use crate::values::{self, Value, box_value};
use caturra_bytecode::descriptor::{BasicType, MAX_DIMENSIONS};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::{JResult, npe, throw, throw_bare};
use caturra_kernel::{ClassRef, ObjRef, Thread};

const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

/// The class of an argument that must be an array.
fn check_array(t: &Thread, array: ObjRef) -> JResult<ClassRef> {
    if array.is_null() {
        return Err(npe(t));
    }
    // SAFETY: a live, non-null object.
    let class = unsafe { ClassRef::of(array) };
    if !class.is_array() {
        return Err(throw(t, ILLEGAL_ARGUMENT, "Argument is not an array"));
    }
    Ok(class)
}

/// The class of an argument that must be an array of a primitive type.
fn check_primitive_array(t: &Thread, array: ObjRef) -> JResult<ClassRef> {
    let class = check_array(t, array)?;
    if class.kind != ClassKind::PrimArray {
        return Err(throw(t, ILLEGAL_ARGUMENT, "Argument is not an array of primitive type"));
    }
    Ok(class)
}

/// An index within the bounds of a live array.
fn check_index(t: &Thread, array: ObjRef, index: i32) -> JResult<usize> {
    // SAFETY: `check_array` has seen it.
    if index < 0 || index >= unsafe { array.array_length() } {
        return Err(throw_bare(t, "java/lang/ArrayIndexOutOfBoundsException"));
    }
    Ok(index as usize)
}

fn length(t: &Thread, array: ObjRef) -> JResult<i32> {
    check_array(t, array)?;
    // SAFETY: a live array.
    Ok(unsafe { array.array_length() })
}

/// `Array.get`.
fn get(t: &Thread, array: ObjRef, index: i32) -> JResult<ObjRef> {
    let class = check_array(t, array)?;
    let index = check_index(t, array, index)?;
    // SAFETY: a live array of that class, the index is within bounds.
    box_value(t, unsafe { values::element(array, class, index) })
}

/// `Array.getInt` and its like: the element widened.
fn get_primitive(t: &Thread, array: ObjRef, index: i32, wanted: BasicType) -> JResult<Value> {
    let class = check_primitive_array(t, array)?;
    let index = check_index(t, array, index)?;
    // SAFETY: as in `get`.
    unsafe { values::element(array, class, index) }.widen_or_throw(t, wanted)
}

/// `Array.set`.
fn set(t: &Thread, array: ObjRef, index: i32, value: ObjRef) -> JResult<()> {
    let class = check_array(t, array)?;
    if class.kind == ClassKind::PrimArray {
        if value.is_null() {
            return Err(throw_bare(t, ILLEGAL_ARGUMENT));
        }
        let index = check_index(t, array, index)?;
        let value = values::unbox_or_throw(t, value)?;
        return store_primitive(t, array, class, index, value);
    }
    let index = check_index(t, array, index)?;
    if !value.is_null() && !class.component.is_some_and(|element| is_instance(value, element)) {
        return Err(throw(t, ILLEGAL_ARGUMENT, "array element type mismatch"));
    }
    // SAFETY: a live reference array, the index is within bounds, the type was checked.
    unsafe { put_ref_at(t, array, index, value) };
    Ok(())
}

/// `Array.setInt` and its like: the value widened to the element type.
fn set_primitive(t: &Thread, array: ObjRef, index: i32, value: Value) -> JResult<()> {
    let class = check_primitive_array(t, array)?;
    let index = check_index(t, array, index)?;
    store_primitive(t, array, class, index, value)
}

fn store_primitive(t: &Thread, array: ObjRef, class: ClassRef, index: usize, value: Value) -> JResult<()> {
    let value = value.widen_or_throw(t, class.element_type)?;
    // SAFETY: a live array of that class, the index is within bounds, the value has its element type.
    unsafe { values::set_primitive_element(array, class, index, value) };
    Ok(())
}

/// The class of an element type that can have `more` dimensions added; there is no array of void.
fn check_element(t: &Thread, element: ObjRef, more: usize) -> JResult<ClassRef> {
    let class = class_or_npe(t, element)?;
    let is_void = class.is_primitive() && class.element_type == BasicType::Void;
    if is_void || usize::from(class.dimensions) + more > MAX_DIMENSIONS {
        return Err(throw_bare(t, ILLEGAL_ARGUMENT));
    }
    Ok(class)
}

fn negative_size(t: &Thread, length: i32) -> caturra_kernel::Thrown {
    throw(t, "java/lang/NegativeArraySizeException", &length.to_string())
}

/// `Array.newArray`.
fn new_array(t: &Thread, element: ObjRef, length: i32) -> JResult<ObjRef> {
    if element.is_null() {
        return Err(npe(t));
    }
    if length < 0 {
        return Err(negative_size(t, length));
    }
    let element = check_element(t, element, 1)?;
    let class = mirrors::array_class_of(t, element)?;
    alloc::array(t, class, length)
}

/// `Array.multiNewArray`.
fn new_multi_array(t: &Thread, element: ObjRef, lengths: ObjRef) -> JResult<ObjRef> {
    let lengths_class = check_primitive_array(t, lengths)?;
    if lengths_class.element_type != BasicType::Int {
        return Err(throw(t, ILLEGAL_ARGUMENT, "argument type mismatch"));
    }
    if element.is_null() {
        return Err(npe(t));
    }
    // SAFETY: a live `int[]`.
    let count = unsafe { lengths.array_length() as usize };
    if count == 0 || count > MAX_DIMENSIONS {
        return Err(throw_bare(t, ILLEGAL_ARGUMENT));
    }
    let mut dims = Vec::with_capacity(count);
    for i in 0..count {
        // SAFETY: within bounds.
        let length = unsafe { values::element(lengths, lengths_class, i) }.slot as i32;
        if length < 0 {
            return Err(negative_size(t, length));
        }
        dims.push(length);
    }
    let mut class = check_element(t, element, count)?;
    for _ in 0..count {
        class = mirrors::array_class_of(t, class)?;
    }
    alloc::multi_array(t, class, &dims)
}

/// The numbers by which `jvm.h` names basic types are those of `newarray`.
fn basic_type(t: &Thread, code: u8) -> JResult<BasicType> {
    BasicType::from_newarray_code(code).ok_or_else(|| throw_bare(t, ILLEGAL_ARGUMENT))
}

/// A value as a `jvalue`: its low bytes.
fn to_jvalue(value: Value) -> c::jvalue {
    c::jvalue { j: value.slot as i64 }
}

jvm_entry! {
    /// `Array.getLength`.
    fn JVM_GetArrayLength(t; arr: c::jobject) -> c::jint {
        // SAFETY: a handle of the caller, as in every function of this file.
        length(t, unsafe { obj(arr) })
    }
    /// `Array.get`.
    fn JVM_GetArrayElement(t; arr: c::jobject, index: c::jint) -> c::jobject {
        // SAFETY: as above.
        Ok(local(t, get(t, unsafe { obj(arr) }, index)?))
    }
    /// `Array.getInt` and its like.
    fn JVM_GetPrimitiveArrayElement(t; arr: c::jobject, index: c::jint, w_code: c::jint) -> c::jvalue {
        let wanted = basic_type(t, w_code as u8)?;
        // SAFETY: as above.
        get_primitive(t, unsafe { obj(arr) }, index, wanted).map(to_jvalue)
    }
    /// `Array.set`.
    fn JVM_SetArrayElement(t; arr: c::jobject, index: c::jint, val: c::jobject) {
        // SAFETY: as above.
        let (array, value) = unsafe { (obj(arr), obj(val)) };
        set(t, array, index, value)
    }
    /// `Array.setInt` and its like.
    fn JVM_SetPrimitiveArrayElement(t; arr: c::jobject, index: c::jint, v: c::jvalue, v_code: u8) {
        let ty = basic_type(t, v_code)?;
        // SAFETY: as above; any bit pattern of the union is a number.
        let (array, raw) = unsafe { (obj(arr), v.j as u64) };
        set_primitive(t, array, index, Value::from_jvalue(ty, raw))
    }
    /// `Array.newArray`.
    fn JVM_NewArray(t; elt_class: c::jclass, length: c::jint) -> c::jobject {
        // SAFETY: as above.
        Ok(local(t, new_array(t, unsafe { obj(elt_class) }, length)?))
    }
    /// `Array.multiNewArray`.
    fn JVM_NewMultiArray(t; elt_class: c::jclass, dim: c::jintArray) -> c::jobject {
        // SAFETY: as above.
        let (element, lengths) = unsafe { (obj(elt_class), obj(dim)) };
        Ok(local(t, new_multi_array(t, element, lengths)?))
    }
}

/// Natives that read or write an element as one primitive type.
macro_rules! element_natives {
    ($($get:ident $set:ident $ty:ident;)*) => {
        internal_natives! {
            $(
                fn $get(t, a) {
                    get_primitive(t, a.obj(0), a.int(1), BasicType::$ty).map(|v| v.slot)
                }
                fn $set(t, a) {
                    set_primitive(t, a.obj(0), a.int(1), Value::from_jvalue(BasicType::$ty, a.raw(2)))?;
                    Ok(0)
                }
            )*
        }
    };
}
element_natives! {
    get_boolean set_boolean Boolean;
    get_byte set_byte Byte;
    get_char set_char Char;
    get_short set_short Short;
    get_int set_int Int;
    get_long set_long Long;
    get_float set_float Float;
    get_double set_double Double;
}

internal_natives! {
    fn length_native(t, a) {
        length(t, a.obj(0)).map(int_slot)
    }
    fn get_native(t, a) {
        get(t, a.obj(0), a.int(1)).map(ref_slot)
    }
    fn set_native(t, a) {
        set(t, a.obj(0), a.int(1), a.obj(2))?;
        Ok(0)
    }
    fn new_array_native(t, a) {
        new_array(t, a.obj(0), a.int(1)).map(ref_slot)
    }
    fn new_multi_array_native(t, a) {
        new_multi_array(t, a.obj(0), a.obj(1)).map(ref_slot)
    }
}

/// All natives of `java.lang.reflect.Array`.
pub(crate) const INTERNAL: &[ClassTable] = &[(
    "java/lang/reflect/Array",
    &[
        ("getLength", "(Ljava/lang/Object;)I", length_native),
        ("get", "(Ljava/lang/Object;I)Ljava/lang/Object;", get_native),
        ("set", "(Ljava/lang/Object;ILjava/lang/Object;)V", set_native),
        ("getBoolean", "(Ljava/lang/Object;I)Z", get_boolean),
        ("getByte", "(Ljava/lang/Object;I)B", get_byte),
        ("getChar", "(Ljava/lang/Object;I)C", get_char),
        ("getShort", "(Ljava/lang/Object;I)S", get_short),
        ("getInt", "(Ljava/lang/Object;I)I", get_int),
        ("getLong", "(Ljava/lang/Object;I)J", get_long),
        ("getFloat", "(Ljava/lang/Object;I)F", get_float),
        ("getDouble", "(Ljava/lang/Object;I)D", get_double),
        ("setBoolean", "(Ljava/lang/Object;IZ)V", set_boolean),
        ("setByte", "(Ljava/lang/Object;IB)V", set_byte),
        ("setChar", "(Ljava/lang/Object;IC)V", set_char),
        ("setShort", "(Ljava/lang/Object;IS)V", set_short),
        ("setInt", "(Ljava/lang/Object;II)V", set_int),
        ("setLong", "(Ljava/lang/Object;IJ)V", set_long),
        ("setFloat", "(Ljava/lang/Object;IF)V", set_float),
        ("setDouble", "(Ljava/lang/Object;ID)V", set_double),
        ("newArray", "(Ljava/lang/Class;I)Ljava/lang/Object;", new_array_native),
        ("multiNewArray", "(Ljava/lang/Class;[I)Ljava/lang/Object;", new_multi_array_native),
    ],
)];
