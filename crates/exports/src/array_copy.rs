//! `System.arraycopy`.

use crate::boundary::{c, obj};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable};
use crate::objects::{element_addr, is_instance};
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::{JResult, Thrown, npe, throw};
use caturra_kernel::{ClassRef, ObjRef, Thread};

const ARRAY_STORE: &str = "java/lang/ArrayStoreException";

/// The arguments of one copy.
#[derive(Clone, Copy)]
struct Copy {
    from: ObjRef,
    from_index: i32,
    to: ObjRef,
    to_index: i32,
    length: i32,
}

/// How messages name an array's kind: "int", or "object array".
fn kind_name(class: ClassRef) -> &'static str {
    if class.kind == ClassKind::PrimArray { class.element_type.name() } else { "object array" }
}

/// The element type in messages about elements: "java.lang.String".
fn component_name(class: ClassRef) -> String {
    class.component.map_or_else(|| class.element_type.name().to_string(), |k| k.external_name())
}

/// Copies elements between arrays, which may be the same and overlap.
///
/// # Errors
/// `NullPointerException`, `ArrayStoreException` (elements before the first that does not fit have been
/// copied), `ArrayIndexOutOfBoundsException`.
pub fn array_copy(
    t: &Thread,
    from: ObjRef,
    from_index: i32,
    to: ObjRef,
    to_index: i32,
    length: i32,
) -> JResult<()> {
    if from.is_null() || to.is_null() {
        return Err(npe(t));
    }
    let copy = Copy { from, from_index, to, to_index, length };
    // SAFETY: live, non-null objects.
    let (source, target) = unsafe { (ClassRef::of(from), ClassRef::of(to)) };
    if source != target || !source.is_array() {
        check_types(t, source, target)?;
    }
    // SAFETY: arrays, by the check.
    let (source_length, target_length) = unsafe { (from.array_length(), to.array_length()) };
    let fits =
        |index: i32, bound: i32| index >= 0 && i64::from(index) + i64::from(length) <= i64::from(bound);
    if length < 0 || !fits(from_index, source_length) || !fits(to_index, target_length) {
        return Err(out_of_bounds(t, copy, kind_name(source), source_length, target_length));
    }
    if length == 0 {
        return Ok(());
    }
    if source.kind == ClassKind::PrimArray {
        copy_primitives(copy, source.prefix.elem_shift);
        return Ok(());
    }
    let assignable = source == target || from == to || {
        let (s, d) = (source.component, target.component);
        s.zip(d).is_some_and(|(s, d)| s.is_subclass_of(d))
    };
    if assignable {
        copy_references(t, copy);
        Ok(())
    } else {
        copy_checked(t, copy, source, target)
    }
}

/// Both must be arrays, of references or of the same primitive type.
fn check_types(t: &Thread, source: ClassRef, target: ClassRef) -> JResult<()> {
    let message = if !source.is_array() {
        format!("arraycopy: source type {} is not an array", source.external_name())
    } else if !target.is_array() {
        format!("arraycopy: destination type {} is not an array", target.external_name())
    } else if source.kind == target.kind && (source.kind == ClassKind::ObjArray || source == target) {
        return Ok(());
    } else {
        // "object array[]" is how the reference implementation puts it.
        format!("arraycopy: type mismatch: can not copy {}[] into {}[]", kind_name(source), kind_name(target))
    };
    Err(throw(t, ARRAY_STORE, &message))
}

#[cold]
fn out_of_bounds(t: &Thread, copy: Copy, kind: &str, source_length: i32, target_length: i32) -> Thrown {
    let Copy { from_index, to_index, length, .. } = copy;
    // Sums of indexes and lengths are printed as the unsigned numbers that they are.
    let last = |index: i32| (index as u32).wrapping_add(length as u32);
    let message = if from_index < 0 {
        format!("arraycopy: source index {from_index} out of bounds for {kind}[{source_length}]")
    } else if to_index < 0 {
        format!("arraycopy: destination index {to_index} out of bounds for {kind}[{target_length}]")
    } else if length < 0 {
        format!("arraycopy: length {length} is negative")
    } else if last(from_index) > source_length as u32 {
        format!("arraycopy: last source index {} out of bounds for {kind}[{source_length}]", last(from_index))
    } else {
        format!(
            "arraycopy: last destination index {} out of bounds for {kind}[{target_length}]",
            last(to_index)
        )
    };
    throw(t, "java/lang/ArrayIndexOutOfBoundsException", &message)
}

fn copy_primitives(copy: Copy, shift: u8) {
    let bytes = (copy.length as usize) << shift;
    // SAFETY: both ranges lie within their arrays; `ptr::copy` allows overlap.
    unsafe {
        let from = element_addr(copy.from, shift, copy.from_index as usize);
        let to = element_addr(copy.to, shift, copy.to_index as usize);
        match shift {
            0 => std::ptr::copy(from, to, bytes),
            1 => std::ptr::copy(from.cast::<u16>(), to.cast::<u16>(), copy.length as usize),
            2 => std::ptr::copy(from.cast::<u32>(), to.cast::<u32>(), copy.length as usize),
            _ => std::ptr::copy(from.cast::<u64>(), to.cast::<u64>(), copy.length as usize),
        }
    }
}

/// log2 of the size of a narrow reference.
const REF_SHIFT: u8 = 2;

/// Copies references that need no check. Other threads may read them meanwhile, so each must be stored whole:
/// words of two references where both ends allow it, single references else.
fn copy_references(t: &Thread, copy: Copy) {
    let count = copy.length as usize;
    // SAFETY: both ranges lie within their arrays, aligned for references; the direction respects overlap.
    unsafe {
        let from = element_addr(copy.from, REF_SHIFT, copy.from_index as usize);
        let to = element_addr(copy.to, REF_SHIFT, copy.to_index as usize);
        if from < to && to < from.wrapping_add(count << REF_SHIFT) {
            copy_backward(from.cast(), to.cast(), count);
        } else {
            copy_forward(from.cast(), to.cast(), count);
        }
        t.vm().heap.cards().mark_range(to, count << REF_SHIFT);
    }
}

/// Whether two addresses can be copied in words: they have the same place in a word.
fn same_parity(from: *const u32, to: *const u32) -> bool {
    (from as usize ^ to as usize) & 4 == 0
}

/// # Safety
/// Valid ranges of `count` references; `to` does not lie inside the source range.
unsafe fn copy_forward(from: *const u32, to: *mut u32, count: usize) {
    let mut i = 0;
    // SAFETY: the caller's promise; every index is below `count`.
    unsafe {
        if same_parity(from, to) {
            if count > 0 && to as usize & 4 != 0 {
                to.write_volatile(from.read_volatile());
                i = 1;
            }
            while i + 2 <= count {
                to.add(i).cast::<u64>().write_volatile(from.add(i).cast::<u64>().read_volatile());
                i += 2;
            }
        }
        while i < count {
            to.add(i).write_volatile(from.add(i).read_volatile());
            i += 1;
        }
    }
}

/// # Safety
/// Valid ranges of `count` references; the source range does not begin inside the destination.
unsafe fn copy_backward(from: *const u32, to: *mut u32, count: usize) {
    let mut i = count;
    // SAFETY: the caller's promise; every index is below `count`.
    unsafe {
        if same_parity(from, to) {
            if i > 0 && to.add(i) as usize & 4 != 0 {
                i -= 1;
                to.add(i).write_volatile(from.add(i).read_volatile());
            }
            while i >= 2 {
                i -= 2;
                to.add(i).cast::<u64>().write_volatile(from.add(i).cast::<u64>().read_volatile());
            }
        }
        while i > 0 {
            i -= 1;
            to.add(i).write_volatile(from.add(i).read_volatile());
        }
    }
}

/// Copies references one by one, each checked against the destination's element type. The arrays differ.
fn copy_checked(t: &Thread, copy: Copy, source: ClassRef, target: ClassRef) -> JResult<()> {
    let element = target.component.unwrap_or(target);
    let cards = t.vm().heap.cards();
    for i in 0..copy.length as usize {
        // SAFETY: within the bounds of both arrays; the card is marked for the slot.
        unsafe {
            let from = element_addr(copy.from, REF_SHIFT, copy.from_index as usize + i).cast::<u32>();
            let to = element_addr(copy.to, REF_SHIFT, copy.to_index as usize + i).cast::<u32>();
            let value = ObjRef::from_raw(from.read_volatile());
            if !value.is_null() && !is_instance(value, element) {
                return Err(store_mismatch(t, source, target));
            }
            to.write_volatile(value.raw());
            cards.mark(to.cast());
        }
    }
    Ok(())
}

#[cold]
fn store_mismatch(t: &Thread, source: ClassRef, target: ClassRef) -> Thrown {
    let related = target.component.zip(source.component).is_some_and(|(d, s)| d.is_subclass_of(s));
    let (from, to) = (component_name(source), component_name(target));
    let message = if related {
        format!(
            "arraycopy: element type mismatch: can not cast one of the elements of {from}[] to the type of the \
             destination array, {to}"
        )
    } else {
        format!("arraycopy: type mismatch: can not copy {from}[] into {to}[]")
    };
    throw(t, ARRAY_STORE, &message)
}

jvm_entry! {
    /// `System.arraycopy`.
    fn JVM_ArrayCopy(t; _ignored: c::jclass, src: c::jobject, src_pos: c::jint, dst: c::jobject, dst_pos: c::jint, length: c::jint) {
        // SAFETY: handles of the caller.
        let (from, to) = unsafe { (obj(src), obj(dst)) };
        array_copy(t, from, src_pos, to, dst_pos, length)
    }
}

internal_natives! {
    fn array_copy_native(t, a) {
        array_copy(t, a.obj(0), a.int(1), a.obj(2), a.int(3), a.int(4))?;
        Ok(0)
    }
}

/// `System.arraycopy`.
pub(crate) const INTERNAL: &[ClassTable] = &[(
    "java/lang/System",
    &[("arraycopy", "(Ljava/lang/Object;ILjava/lang/Object;II)V", array_copy_native)],
)];

#[cfg(test)]
mod tests {
    use super::*;

    fn run(backward: bool, from: usize, to: usize, count: usize) {
        #[repr(align(8))]
        struct Words([u32; 64]);
        let mut words = Words(std::array::from_fn(|i| i as u32));
        let mut expected = words.0;
        expected.copy_within(from..from + count, to);
        // SAFETY: inside the array; the direction fits the overlap, as the caller arranged.
        unsafe {
            let p = words.0.as_mut_ptr();
            if backward {
                copy_backward(p.add(from), p.add(to), count)
            } else {
                copy_forward(p.add(from), p.add(to), count)
            }
        }
        assert_eq!(words.0, expected, "{from} {to} {count}");
    }

    #[test]
    fn reference_copies_respect_overlap_and_alignment() {
        for count in 0..9 {
            for from in 0..12 {
                for to in 0..12 {
                    run(from < to && to < from + count, from, to, count);
                }
            }
        }
    }
}
