//! Reference arrays, boxes, and the text of objects.

use caturra_bytecode::BasicType;
use caturra_kernel::linking::init;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::{ClassRef, ObjRef, Thread};

/// Offset of the first element of an array of references or ints.
const ELEMENTS: usize = 12;

/// A new `Object[]`.
pub fn object_array(t: &Thread, length: usize) -> JResult<ObjRef> {
    alloc::ref_array(t, t.vm().wk.object(), length as i32)
}

/// Element `i` of an array of references.
///
/// # Safety
/// `array` is such an array, longer than `i`.
pub unsafe fn get(array: ObjRef, i: usize) -> ObjRef {
    // SAFETY: the caller's promise.
    unsafe { array.load_ref(ELEMENTS + 4 * i) }
}

/// Stores element `i` of an array of references.
///
/// # Safety
/// As [`get`]; `value` is of the component type.
pub unsafe fn put(t: &Thread, array: ObjRef, i: usize, value: ObjRef) {
    // SAFETY: the caller's promise.
    unsafe { t.vm().put_ref(array, ELEMENTS + 4 * i, value) }
}

/// A new `int[]`.
pub fn int_array(t: &Thread, values: &[i32]) -> JResult<ObjRef> {
    let array = alloc::prim_array(t, BasicType::Int, values.len() as i32)?;
    for (i, v) in values.iter().enumerate() {
        // SAFETY: within the new array.
        unsafe { array.store::<i32>(ELEMENTS + 4 * i, *v) };
    }
    Ok(array)
}

/// Element `i` of an `int[]`.
///
/// # Safety
/// `array` is an `int[]` longer than `i`.
pub unsafe fn get_int(array: ObjRef, i: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { array.load::<i32>(ELEMENTS + 4 * i) }
}

/// Length of an array.
///
/// # Safety
/// `array` is a live array.
pub unsafe fn length(array: ObjRef) -> usize {
    // SAFETY: the caller's promise.
    unsafe { array.array_length() as usize }
}

/// The class of a live object.
pub fn class_of(object: ObjRef) -> ClassRef {
    debug_assert!(!object.is_null());
    // SAFETY: non-null references in locals are live objects.
    unsafe { ClassRef::of(object) }
}

pub fn is_instance(object: ObjRef, class: ClassRef) -> bool {
    !object.is_null() && class_of(object).is_subclass_of(class)
}

/// The wrapper class of a primitive type and the offset of its value.
pub fn wrapper(t: &Thread, ty: BasicType) -> Option<(ClassRef, usize)> {
    let (wk, off) = (&t.vm().wk, &t.vm().off);
    let (class, offset) = match ty {
        BasicType::Boolean => (wk.boolean(), off.boolean_value()),
        BasicType::Char => (wk.character(), off.character_value()),
        BasicType::Float => (wk.float(), off.float_value()),
        BasicType::Double => (wk.double(), off.double_value()),
        BasicType::Byte => (wk.byte(), off.byte_value()),
        BasicType::Short => (wk.short(), off.short_value()),
        BasicType::Int => (wk.integer(), off.integer_value()),
        BasicType::Long => (wk.long(), off.long_value()),
        BasicType::Reference | BasicType::Void => return None,
    };
    Some((class, offset as usize))
}

/// A slot value as an object: a new wrapper for a primitive, the object itself for a reference.
pub fn box_slot(t: &Thread, slot: u64, ty: BasicType) -> JResult<ObjRef> {
    let Some((class, offset)) = wrapper(t, ty) else { return Ok(ObjRef::from_raw(slot as u32)) };
    init::initialize(t, class)?;
    let object = alloc::instance(t, class)?;
    // SAFETY: the wrapper's value field has this type.
    unsafe {
        match ty {
            BasicType::Long | BasicType::Double => object.store::<u64>(offset, slot),
            BasicType::Char | BasicType::Short => object.store::<u16>(offset, slot as u16),
            BasicType::Boolean | BasicType::Byte => object.store::<u8>(offset, slot as u8),
            _ => object.store::<u32>(offset, slot as u32),
        }
    }
    Ok(object)
}

/// An object as an argument slot.
pub fn slot(object: ObjRef) -> u64 {
    u64::from(object.raw())
}
