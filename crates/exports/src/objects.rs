//! Small helpers over heap objects that the exported functions share: reference arrays, class mirrors,
//! byte arrays.

use caturra_bytecode::descriptor::BasicType;
use caturra_heap::layout::{ARRAY_BASE, array_base};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::{JResult, npe, throw};
use caturra_kernel::runtime::strings;
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};

/// Offset in bytes of element `index` of a reference array.
#[inline(always)]
fn ref_offset(index: usize) -> usize {
    ARRAY_BASE + 4 * index
}

/// Element `index` of a reference array.
///
/// # Safety
/// `array` is a live reference array and `index` is within its bounds.
#[inline(always)]
pub unsafe fn ref_at(array: ObjRef, index: usize) -> ObjRef {
    // SAFETY: the caller's promise.
    unsafe { array.load_ref(ref_offset(index)) }
}

/// Stores element `index` of a reference array and marks the slot's card; no store check.
///
/// # Safety
/// As [`ref_at`]; `value` is assignable to the component type.
#[inline(always)]
pub unsafe fn put_ref_at(t: &Thread, array: ObjRef, index: usize, value: ObjRef) {
    let offset = ref_offset(index);
    // SAFETY: the caller's promise; the barrier for arrays marks the slot's own card.
    unsafe {
        array.store_ref(offset, value);
        t.vm().heap.cards().mark(array.field_addr(offset));
    }
}

/// Length of an array that may be null: null counts as empty, as reflection treats absent arguments.
///
/// # Safety
/// `array` is null or a live array.
pub unsafe fn length_or_zero(array: ObjRef) -> usize {
    if array.is_null() {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe { array.array_length() as usize }
}

/// Address of element `index` of an array with elements of `1 << shift` bytes.
///
/// # Safety
/// `array` is live, an array of that element size; `index` is at most its length.
#[inline(always)]
pub unsafe fn element_addr(array: ObjRef, shift: u8, index: usize) -> *mut u8 {
    array.field_addr(array_base(shift) + (index << shift))
}

/// The class that a mirror stands for.
#[inline]
pub fn class_of(mirror: ObjRef) -> ClassRef {
    mirrors::class_of(mirror)
}

/// As [`class_of`] for a mirror that may be null.
#[inline]
pub fn class_or_npe(t: &Thread, mirror: ObjRef) -> JResult<ClassRef> {
    if mirror.is_null() { Err(npe(t)) } else { Ok(mirrors::class_of(mirror)) }
}

/// The class that a mirror stands for when it is a class or interface; `None` for arrays and primitive types.
#[inline]
pub fn instance_class(mirror: ObjRef) -> Option<ClassRef> {
    let class = mirrors::class_of(mirror);
    (class.kind == ClassKind::Instance).then_some(class)
}

/// The basic type of a class: that of a primitive type, else `Reference`.
#[inline]
pub fn basic_type_of(class: ClassRef) -> BasicType {
    if class.is_primitive() { class.element_type } else { BasicType::Reference }
}

/// A new `Class[]` with the mirrors of `classes`.
pub fn class_array(t: &Thread, classes: &[ClassRef]) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.class(), classes.len() as i32)?;
    for (i, class) in classes.iter().enumerate() {
        // SAFETY: a new array of that length; mirrors are instances of Class.
        unsafe { put_ref_at(t, array, i, class.mirror()) };
    }
    Ok(array)
}

/// A new `byte[]`, or null when there are no bytes (an absent attribute).
pub fn bytes_or_null(t: &Thread, bytes: &[u8]) -> JResult<ObjRef> {
    if bytes.is_empty() {
        return Ok(ObjRef::NULL);
    }
    let array = alloc::prim_array(t, BasicType::Byte, bytes.len() as i32)?;
    // SAFETY: a new byte array of that length.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), element_addr(array, 0, 0), bytes.len()) };
    Ok(array)
}

/// A new string of a symbol, or null.
pub fn string_or_null(t: &Thread, symbol: Option<Sym>) -> JResult<ObjRef> {
    match symbol {
        Some(s) => strings::from_sym(t, s),
        None => Ok(ObjRef::NULL),
    }
}

/// Stores a reference field with its card mark.
///
/// # Safety
/// `object` is live and has a reference field at `offset`.
#[inline(always)]
pub unsafe fn set_ref(t: &Thread, object: ObjRef, offset: u32, value: ObjRef) {
    // SAFETY: the caller's promise.
    unsafe { t.vm().put_ref(object, offset as usize, value) }
}

/// `instanceof` with null as `false`.
#[inline]
pub fn is_instance(object: ObjRef, class: ClassRef) -> bool {
    // SAFETY: a non-null reference held by a caller is live.
    !object.is_null() && unsafe { ClassRef::of(object) }.is_subclass_of(class)
}

/// Longest class name that a constant pool can hold.
const MAX_NAME: usize = u16::MAX as usize;

/// The symbol of a class name that native code passed in internal form; `exception` when it is absent or too
/// long to name any class.
pub fn class_name_symbol(t: &Thread, name: Option<&[u8]>, exception: &str) -> JResult<Sym> {
    let Some(name) = name else {
        return Err(throw(t, exception, "No class name given"));
    };
    if name.len() > MAX_NAME {
        let text = String::from_utf8_lossy(name);
        return Err(throw(t, exception, &format!("Class name exceeds maximum length of {MAX_NAME}: {text}")));
    }
    Ok(t.vm().symbols.intern_bytes(name))
}

/// Whether a name is short enough to be interned.
pub fn is_possible_name(name: &[u8]) -> bool {
    name.len() <= MAX_NAME
}

/// Whether an object is an instance of exactly that class of the boot loader, by internal name: for classes of
/// the class library that the VM asks about too rarely to keep at hand.
pub fn is_of_boot_class(object: ObjRef, name: &str) -> bool {
    if object.is_null() {
        return false;
    }
    // SAFETY: a non-null reference held by a caller is live.
    let class = unsafe { ClassRef::of(object) };
    class.loader.is_boot() && class.name == name
}

/// Whether a class loader object is the platform class loader.
pub fn is_platform_loader(loader: ObjRef) -> bool {
    is_of_boot_class(loader, "jdk/internal/loader/ClassLoaders$PlatformClassLoader")
}
