//! Making objects: instances, arrays, copies.

use crate::loading::mirrors;
use crate::oops::array::elements_offset;
use crate::oops::class::{ClassKind, ClassRef};
use crate::oops::method::MethodRef;
use crate::runtime::calls;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::thread::Thread;
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::{LayoutKind, ObjRef};

/// A zeroed object of `class`; no constructor, no initialisation check.
#[inline]
pub fn instance(t: &Thread, class: ClassRef) -> JResult<ObjRef> {
    debug_assert_eq!(class.kind, ClassKind::Instance);
    if class.prefix.layout == LayoutKind::Mirror as u8 {
        return Err(exceptions::throw(t, "java/lang/IllegalAccessError", "java.lang.Class"));
    }
    let size = class.instance_size();
    let p = raw(t, size)?;
    // SAFETY: fresh zeroed memory of the instance's size; the class word completes it before any safepoint.
    unsafe {
        let obj = ObjRef::from_addr(p);
        obj.set_class_word(class.id());
        Ok(obj)
    }
}

/// As [`instance`], but null instead of an exception when memory is out.
pub fn instance_no_throw(t: &Thread, class: ClassRef) -> ObjRef {
    match t.vm().heap.alloc(&t.tlab, class.instance_size(), t.vm()) {
        // SAFETY: as in `instance`.
        Ok(p) => unsafe {
            let obj = ObjRef::from_addr(p);
            obj.set_class_word(class.id());
            obj
        },
        Err(_) => ObjRef::NULL,
    }
}

#[inline(always)]
fn raw(t: &Thread, size: usize) -> JResult<*mut u8> {
    let p = t.tlab.bump(size);
    if !p.is_null() {
        return Ok(p);
    }
    raw_slow(t, size)
}

#[cold]
#[inline(never)]
fn raw_slow(t: &Thread, size: usize) -> JResult<*mut u8> {
    t.vm().heap.alloc(&t.tlab, size, t.vm()).map_err(|e| exceptions::out_of_memory(t, e))
}

/// An array of the given array class.
///
/// # Errors
/// `NegativeArraySizeException`, `OutOfMemoryError`.
#[inline]
pub fn array(t: &Thread, array_class: ClassRef, length: i32) -> JResult<ObjRef> {
    if length < 0 {
        return Err(exceptions::throw(t, "java/lang/NegativeArraySizeException", &length.to_string()));
    }
    let size = t
        .vm()
        .heap
        .array_size(length, array_class.prefix.elem_shift)
        .map_err(|e| exceptions::out_of_memory(t, e))?;
    let p = raw(t, size)?;
    // SAFETY: fresh zeroed memory of that size; length, then class word, before any safepoint.
    unsafe {
        let obj = ObjRef::from_addr(p);
        obj.set_array_length(length);
        obj.set_class_word(array_class.id());
        Ok(obj)
    }
}

/// As [`array`], but null instead of an exception when memory is out.
pub fn array_no_throw(t: &Thread, array_class: ClassRef, length: i32) -> ObjRef {
    let vm = t.vm();
    let Ok(size) = vm.heap.array_size(length, array_class.prefix.elem_shift) else { return ObjRef::NULL };
    match vm.heap.alloc(&t.tlab, size, vm) {
        // SAFETY: as in `array`.
        Ok(p) => unsafe {
            let obj = ObjRef::from_addr(p);
            obj.set_array_length(length);
            obj.set_class_word(array_class.id());
            obj
        },
        Err(_) => ObjRef::NULL,
    }
}

/// An array of primitives.
pub fn prim_array(t: &Thread, element: BasicType, length: i32) -> JResult<ObjRef> {
    array(t, mirrors::primitive_array_class(t.vm(), element), length)
}

/// An array whose element type is the class `element`.
pub fn ref_array(t: &Thread, element: ClassRef, length: i32) -> JResult<ObjRef> {
    let c = mirrors::array_class_of(t, element)?;
    array(t, c, length)
}

/// `multianewarray` (JVMS §6.5): `dims` lengths, outermost first; all are checked before anything is made.
pub fn multi_array(t: &Thread, array_class: ClassRef, dims: &[i32]) -> JResult<ObjRef> {
    if let Some(bad) = dims.iter().find(|d| **d < 0) {
        return Err(exceptions::throw(t, "java/lang/NegativeArraySizeException", &bad.to_string()));
    }
    multi_array_checked(t, array_class, dims)
}

fn multi_array_checked(t: &Thread, class: ClassRef, dims: &[i32]) -> JResult<ObjRef> {
    let (&length, rest) = dims.split_first().expect("multianewarray has at least one dimension");
    let outer = array(t, class, length)?;
    if let (Some(component), false) = (class.component, rest.is_empty()) {
        for i in 0..length as usize {
            let inner = multi_array_checked(t, component, rest)?;
            // SAFETY: `outer` is a reference array of `length` elements.
            unsafe { t.vm().put_ref(outer, 12 + 4 * i, inner) };
        }
    }
    Ok(outer)
}

/// `Object.clone` for an array or a Cloneable instance: a shallow copy.
pub fn clone_object(t: &Thread, object: ObjRef) -> JResult<ObjRef> {
    // SAFETY: a live object; sizes come from its class and length, and the copy is of the same class.
    unsafe {
        let class = ClassRef::of(object);
        let (copy, start, end) = if class.is_array() {
            let length = object.array_length();
            let base = elements_offset(class.prefix.elem_shift) as usize;
            (array(t, class, length)?, base, base + ((length as usize) << class.prefix.elem_shift))
        } else {
            (instance(t, class)?, 8, class.instance_size())
        };
        let (mut at, from, to) = (start, object.addr(), copy.addr());
        // Word by word where aligned, so that another thread never sees a torn reference.
        while at < end && at % 8 != 0 {
            *to.add(at) = *from.add(at);
            at += 1;
        }
        while at + 8 <= end {
            let word = from.add(at).cast::<u64>().read_volatile();
            to.add(at).cast::<u64>().write(word);
            at += 8;
        }
        while at < end {
            *to.add(at) = *from.add(at);
            at += 1;
        }
        // A large copy may have been allocated old: its references want their cards.
        t.vm().heap.cards().mark_range(to, end);
        Ok(copy)
    }
}

/// Initialises `class`, makes an instance and runs the constructor with that descriptor; `args` without `this`.
pub fn new_object(t: &Thread, class: ClassRef, ctor_signature: &str, args: &[u64]) -> JResult<ObjRef> {
    crate::linking::init::initialize(t, class)?;
    let vm = t.vm();
    let ctor: Option<MethodRef> = vm
        .symbols
        .lookup(ctor_signature.as_bytes())
        .and_then(|s| class.declared_method(vm.sym.object_initializer, s));
    let Some(ctor) = ctor else {
        return Err(exceptions::throw(
            t,
            "java/lang/NoSuchMethodError",
            &format!("{}.<init>{ctor_signature}", class.external_name()),
        ));
    };
    let obj = instance(t, class)?;
    let mut slots = Vec::with_capacity(args.len() + 1);
    slots.push(u64::from(obj.raw()));
    slots.extend_from_slice(args);
    calls::invoke(t, ctor, &slots)?;
    Ok(obj)
}

/// First element and number of elements of an array.
///
/// # Safety
/// `array` is a live array; the pointer is valid until the next point where the collector may free it, that is
/// while a reference to it stays in a local.
#[inline(always)]
pub unsafe fn bytes_of(array: ObjRef) -> (*mut u8, usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let class = ClassRef::of(array);
        let base = elements_offset(class.prefix.elem_shift) as usize;
        (array.field_addr(base), array.array_length() as usize)
    }
}
