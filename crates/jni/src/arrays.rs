//! Arrays (JNI, chapter 4, "Array Operations").

use crate::handles::{class, class_of, local, object, resolve};
use crate::strings::{c_buffer, free_c_buffer, set_is_copy};
use crate::types::*;
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::layout::array_base;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::{ObjRef, Thread};
use std::ffi::c_void;

const REF_SHIFT: u8 = 2;

fn array_length(array: ObjRef) -> jsize {
    // SAFETY: native code passes an array where one is asked for.
    unsafe { array.array_length() }
}

fn index_error(t: &Thread, index: jsize, length: jsize) -> Thrown {
    exceptions::throw(
        t,
        "java/lang/ArrayIndexOutOfBoundsException",
        &format!("Index {index} out of bounds for length {length}"),
    )
}

fn store_error(t: &Thread, array: ObjRef, index: jsize, value: ObjRef) -> Thrown {
    let class = class_of(array);
    let bottom = class.bottom.map_or_else(String::new, |b| b.external_name());
    let brackets = "[]".repeat(usize::from(class.dimensions.saturating_sub(1)));
    exceptions::throw(
        t,
        "java/lang/ArrayStoreException",
        &format!(
            "type mismatch: can not store {} to {bottom}[{index}]{brackets}",
            class_of(value).external_name()
        ),
    )
}

/// Byte offset of an element of a reference array.
fn reference_offset(index: jsize) -> usize {
    array_base(REF_SHIFT) + ((index as usize) << REF_SHIFT)
}

jni_functions! {
    /// `GetArrayLength`.
    plain fn GetArrayLength(t, array: jarray) -> jsize; {
        Ok(array_length(object(t, array)?))
    }
    /// `NewObjectArray`.
    entry fn NewObjectArray(t, length: jsize, element: jclass, initial: jobject) -> jobject; {
        let element = class(t, element)?;
        if element.is_primitive() {
            return Err(exceptions::throw(
                t, "java/lang/IllegalArgumentException", &format!("element type {}", element.external_name()),
            ));
        }
        let array = alloc::ref_array(t, element, length)?;
        let initial = resolve(initial);
        if !initial.is_null() {
            for index in 0..length {
                // SAFETY: `index` is below the length.
                unsafe { t.vm().put_ref(array, reference_offset(index), initial) };
            }
        }
        Ok(local(t, array))
    }
    /// `GetObjectArrayElement`.
    entry fn GetObjectArrayElement(t, array: jarray, index: jsize) -> jobject; {
        let array = object(t, array)?;
        let length = array_length(array);
        if index < 0 || index >= length {
            return Err(index_error(t, index, length));
        }
        // SAFETY: `index` is below the length.
        Ok(local(t, unsafe { array.load_ref(reference_offset(index)) }))
    }
    /// `SetObjectArrayElement`.
    entry fn SetObjectArrayElement(t, array: jarray, index: jsize, value: jobject); {
        let array = object(t, array)?;
        let length = array_length(array);
        if index < 0 || index >= length {
            return Err(index_error(t, index, length));
        }
        let value = resolve(value);
        let fits = |component| value.is_null() || class_of(value).is_subclass_of(component);
        if !class_of(array).component.is_some_and(fits) {
            return Err(store_error(t, array, index, value));
        }
        // SAFETY: `index` is below the length and the value is of the component type.
        unsafe { t.vm().put_ref(array, reference_offset(index), value) };
        Ok(())
    }
    /// `GetPrimitiveArrayCritical`: the elements in place, where they stay until the release.
    plain fn GetPrimitiveArrayCritical(t, array: jarray, is_copy: *mut jboolean) -> *mut c_void; {
        let array = object(t, array)?;
        t.pin(array);
        set_is_copy(is_copy, false);
        Ok(array.field_addr(array_base(class_of(array).prefix.elem_shift)).cast())
    }
    /// `ReleasePrimitiveArrayCritical`: nothing was copied.
    plain fn ReleasePrimitiveArrayCritical(t, array: jarray, _elements: *mut c_void, _mode: jint); {
        t.unpin(object(t, array)?);
        Ok(())
    }
}

/// What `Get<Type>ArrayElements` returns for an empty array: not null, and nothing may be read or written there.
static NO_ELEMENTS: u64 = 0;

/// Address of element `index` of a primitive array of `T`.
fn element<T>(array: ObjRef, index: jsize) -> *mut T {
    let shift = size_of::<T>().trailing_zeros() as u8;
    array.field_addr(array_base(shift)).cast::<T>().wrapping_add(index as usize)
}

fn get_elements<T>(t: &Thread, array: jarray, is_copy: *mut jboolean) -> JResult<*mut T> {
    let array = object(t, array)?;
    let length = array_length(array);
    if length == 0 {
        set_is_copy(is_copy, false);
        return Ok((&raw const NO_ELEMENTS).cast_mut().cast());
    }
    let copy = c_buffer::<T>(length as usize);
    if !copy.is_null() {
        // SAFETY: an array of `length` elements and a buffer as long.
        unsafe { std::ptr::copy_nonoverlapping(element::<T>(array, 0), copy, length as usize) };
        set_is_copy(is_copy, true);
    }
    Ok(copy)
}

fn release_elements<T>(t: &Thread, array: jarray, elements: *mut T, mode: jint) -> JResult<()> {
    let array = object(t, array)?;
    let length = array_length(array);
    if length == 0 {
        return Ok(());
    }
    if mode == 0 || mode == JNI_COMMIT {
        // SAFETY: `elements` came from `get_elements` of the same array.
        unsafe { std::ptr::copy_nonoverlapping(elements, element::<T>(array, 0), length as usize) };
    }
    if mode == 0 || mode == JNI_ABORT {
        free_c_buffer(elements);
    }
    Ok(())
}

/// The array, once `start .. start + length` is known to lie in it.
fn checked_region(t: &Thread, array: jarray, start: jsize, length: jsize) -> JResult<ObjRef> {
    let array = object(t, array)?;
    let end = i64::from(start) + i64::from(length);
    let message = if length < 0 {
        format!("Length {length} is negative")
    } else if start < 0 || end > array_length(array).into() {
        format!("Array region {start}..{end} out of bounds for length {}", array_length(array))
    } else {
        return Ok(array);
    };
    Err(exceptions::throw(t, "java/lang/ArrayIndexOutOfBoundsException", &message))
}

fn get_region<T>(t: &Thread, array: jarray, start: jsize, length: jsize, buffer: *mut T) -> JResult<()> {
    let array = checked_region(t, array, start, length)?;
    if length > 0 {
        // SAFETY: the region lies in the array; native code passes room for it.
        unsafe { std::ptr::copy_nonoverlapping(element::<T>(array, start), buffer, length as usize) };
    }
    Ok(())
}

fn set_region<T>(t: &Thread, array: jarray, start: jsize, length: jsize, buffer: *const T) -> JResult<()> {
    let array = checked_region(t, array, start, length)?;
    if length > 0 {
        // SAFETY: the region lies in the array; native code passes as many values.
        unsafe { std::ptr::copy_nonoverlapping(buffer, element::<T>(array, start), length as usize) };
    }
    Ok(())
}

macro_rules! primitive_arrays {
    ($($ty:ident $basic:ident: $new:ident $get:ident $release:ident $get_region:ident $set_region:ident;)*) => {
        jni_functions! { $(
            /// A new primitive array.
            entry fn $new(t, length: jsize) -> jarray; {
                Ok(local(t, alloc::prim_array(t, BasicType::$basic, length)?))
            }
            /// A copy of the elements.
            plain fn $get(t, array: jarray, is_copy: *mut jboolean) -> *mut $ty; {
                get_elements(t, array, is_copy)
            }
            /// Copies back and frees, as `mode` says.
            plain fn $release(t, array: jarray, elements: *mut $ty, mode: jint); {
                release_elements(t, array, elements, mode)
            }
            /// Copies a part of the array to a buffer.
            entry fn $get_region(t, array: jarray, start: jsize, length: jsize, buffer: *mut $ty); {
                get_region(t, array, start, length, buffer)
            }
            /// Copies a buffer to a part of the array.
            entry fn $set_region(t, array: jarray, start: jsize, length: jsize, buffer: *const $ty); {
                set_region(t, array, start, length, buffer)
            }
        )* }
    };
}

primitive_arrays! {
    jboolean Boolean: NewBooleanArray GetBooleanArrayElements ReleaseBooleanArrayElements GetBooleanArrayRegion
        SetBooleanArrayRegion;
    jbyte Byte: NewByteArray GetByteArrayElements ReleaseByteArrayElements GetByteArrayRegion SetByteArrayRegion;
    jchar Char: NewCharArray GetCharArrayElements ReleaseCharArrayElements GetCharArrayRegion SetCharArrayRegion;
    jshort Short: NewShortArray GetShortArrayElements ReleaseShortArrayElements GetShortArrayRegion
        SetShortArrayRegion;
    jint Int: NewIntArray GetIntArrayElements ReleaseIntArrayElements GetIntArrayRegion SetIntArrayRegion;
    jlong Long: NewLongArray GetLongArrayElements ReleaseLongArrayElements GetLongArrayRegion SetLongArrayRegion;
    jfloat Float: NewFloatArray GetFloatArrayElements ReleaseFloatArrayElements GetFloatArrayRegion
        SetFloatArrayRegion;
    jdouble Double: NewDoubleArray GetDoubleArrayElements ReleaseDoubleArrayElements GetDoubleArrayRegion
        SetDoubleArrayRegion;
}
