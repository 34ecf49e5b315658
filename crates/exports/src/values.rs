//! Boxing, unboxing and widening of primitive values as core reflection does them (JLS §5.1.2, §5.1.7).

use crate::objects::element_addr;
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::linking::init;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::{JResult, throw, throw_bare};
use caturra_kernel::{ClassRef, ObjRef, Thread};

/// A value of a basic type as a Java slot: int-like types sign- or zero-extended to 32 bits, `float` as its
/// bits, `long` and `double` whole, a reference narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    pub ty: BasicType,
    pub slot: u64,
}

pub const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

impl Value {
    pub fn reference(object: ObjRef) -> Value {
        Value { ty: BasicType::Reference, slot: object.raw().into() }
    }

    /// The slot of an `int`.
    pub fn int_slot(v: i32) -> u64 {
        u64::from(v as u32)
    }

    /// A value read from the eight bytes of a C `jvalue`.
    pub fn from_jvalue(ty: BasicType, raw: u64) -> Value {
        let slot = match ty {
            BasicType::Boolean => u64::from(raw as u8 & 1),
            BasicType::Byte => Value::int_slot((raw as i8).into()),
            BasicType::Char => u64::from(raw as u16),
            BasicType::Short => Value::int_slot((raw as i16).into()),
            BasicType::Int | BasicType::Float | BasicType::Reference => u64::from(raw as u32),
            BasicType::Long | BasicType::Double | BasicType::Void => raw,
        };
        Value { ty, slot }
    }

    /// The value as `to`, by identity or a widening primitive conversion; `None` when there is none.
    pub fn widened(self, to: BasicType) -> Option<Value> {
        use BasicType::*;
        if self.ty == to {
            return Some(self);
        }
        let int = self.slot as i32;
        let long = self.slot as i64;
        let slot = match (self.ty, to) {
            (Byte, Short) | (Byte | Short | Char, Int) => self.slot,
            (Byte | Short | Char | Int, Long) => i64::from(int) as u64,
            (Byte | Short | Char | Int, Float) => u64::from((int as f32).to_bits()),
            (Byte | Short | Char | Int, Double) => f64::from(int).to_bits(),
            (Long, Float) => u64::from((long as f32).to_bits()),
            (Long, Double) => (long as f64).to_bits(),
            (Float, Double) => f64::from(f32::from_bits(self.slot as u32)).to_bits(),
            _ => return None,
        };
        Some(Value { ty: to, slot })
    }

    /// As [`Value::widened`], with the exception of `Method.invoke` and `Array.set`.
    pub fn widen_or_throw(self, t: &Thread, to: BasicType) -> JResult<Value> {
        self.widened(to).ok_or_else(|| throw(t, ILLEGAL_ARGUMENT, "argument type mismatch"))
    }
}

/// The wrapper class of a primitive type and the offset of its `value`.
fn wrapper(t: &Thread, ty: BasicType) -> Option<(ClassRef, u32)> {
    let (wk, off) = (&t.vm().wk, &t.vm().off);
    Some(match ty {
        BasicType::Boolean => (wk.boolean(), off.boolean_value()),
        BasicType::Char => (wk.character(), off.character_value()),
        BasicType::Float => (wk.float(), off.float_value()),
        BasicType::Double => (wk.double(), off.double_value()),
        BasicType::Byte => (wk.byte(), off.byte_value()),
        BasicType::Short => (wk.short(), off.short_value()),
        BasicType::Int => (wk.integer(), off.integer_value()),
        BasicType::Long => (wk.long(), off.long_value()),
        BasicType::Reference | BasicType::Void => return None,
    })
}

const PRIMITIVES: [BasicType; 8] = [
    BasicType::Int,
    BasicType::Long,
    BasicType::Boolean,
    BasicType::Double,
    BasicType::Char,
    BasicType::Byte,
    BasicType::Short,
    BasicType::Float,
];

/// Reads a value of type `ty` at an address, aligned for it.
///
/// # Safety
/// `p` points to a live field or element of that type.
unsafe fn read(p: *const u8, ty: BasicType) -> Value {
    // SAFETY: the caller's promise; volatile because another Java thread may write at the same time.
    let slot = unsafe {
        match ty {
            BasicType::Boolean => u64::from(p.read_volatile() & 1),
            BasicType::Byte => Value::int_slot(p.cast::<i8>().read_volatile().into()),
            BasicType::Char => u64::from(p.cast::<u16>().read_volatile()),
            BasicType::Short => Value::int_slot(p.cast::<i16>().read_volatile().into()),
            BasicType::Int | BasicType::Float | BasicType::Reference => {
                u64::from(p.cast::<u32>().read_volatile())
            }
            BasicType::Long | BasicType::Double => p.cast::<u64>().read_volatile(),
            BasicType::Void => 0,
        }
    };
    Value { ty, slot }
}

/// Writes the value at an address. Not for references, whose store marks a card.
///
/// # Safety
/// `p` points to a live field or element of the value's type.
unsafe fn write(p: *mut u8, value: Value) {
    debug_assert!(value.ty != BasicType::Reference);
    // SAFETY: the caller's promise.
    unsafe {
        match value.ty.log2_size() {
            0 => p.write_volatile(value.slot as u8),
            1 => p.cast::<u16>().write_volatile(value.slot as u16),
            2 => p.cast::<u32>().write_volatile(value.slot as u32),
            _ => p.cast::<u64>().write_volatile(value.slot),
        }
    }
}

/// The primitive value in a wrapper object; `None` when the object is null or no wrapper.
pub fn unbox(t: &Thread, object: ObjRef) -> Option<Value> {
    if object.is_null() {
        return None;
    }
    // SAFETY: a non-null reference held by the caller is live.
    let class = unsafe { ClassRef::of(object) };
    for ty in PRIMITIVES {
        match wrapper(t, ty) {
            Some((w, offset)) if w == class => {
                // SAFETY: the wrapper's `value` field has this type.
                return Some(unsafe { read(object.field_addr(offset as usize), ty) });
            }
            _ => {}
        }
    }
    None
}

/// The object for a value: a new wrapper for a primitive, the object itself for a reference, null for void.
pub fn box_value(t: &Thread, value: Value) -> JResult<ObjRef> {
    let Some((class, offset)) = wrapper(t, value.ty) else {
        return Ok(if value.ty == BasicType::Void {
            ObjRef::NULL
        } else {
            ObjRef::from_raw(value.slot as u32)
        });
    };
    init::initialize(t, class)?;
    let object = alloc::instance(t, class)?;
    // SAFETY: the new wrapper's `value` field has this type.
    unsafe { write(object.field_addr(offset as usize), value) };
    Ok(object)
}

/// A result slot of a call, cut to the value range of its type.
pub fn from_result(ty: BasicType, slot: u64) -> Value {
    Value::from_jvalue(ty, slot)
}

/// An element of any array.
///
/// # Safety
/// `array` is a live array with class `class`, `index` within bounds.
pub unsafe fn element(array: ObjRef, class: ClassRef, index: usize) -> Value {
    // SAFETY: the caller's promise; `elem_shift` is the element size of that class.
    unsafe { read(element_addr(array, class.prefix.elem_shift, index), class.element_type) }
}

/// Stores an element of a primitive array.
///
/// # Safety
/// As [`element`]; the value has the array's element type.
pub unsafe fn set_primitive_element(array: ObjRef, class: ClassRef, index: usize, value: Value) {
    // SAFETY: the caller's promise.
    unsafe { write(element_addr(array, class.prefix.elem_shift, index), value) }
}

/// Unboxes for a primitive parameter or element: null has no value.
pub fn unbox_or_throw(t: &Thread, object: ObjRef) -> JResult<Value> {
    if object.is_null() {
        return Err(throw_bare(t, ILLEGAL_ARGUMENT));
    }
    unbox(t, object).ok_or_else(|| throw(t, ILLEGAL_ARGUMENT, "argument type mismatch"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use BasicType::*;

    fn int(ty: BasicType, v: i32) -> Value {
        Value { ty, slot: Value::int_slot(v) }
    }

    #[test]
    fn widening_follows_the_language() {
        assert_eq!(int(Byte, -1).widened(Long), Some(Value { ty: Long, slot: u64::MAX }));
        assert_eq!(int(Char, 65).widened(Int), Some(int(Int, 65)));
        assert_eq!(int(Int, 3).widened(Double), Some(Value { ty: Double, slot: 3.0f64.to_bits() }));
        assert_eq!(int(Int, 3).widened(Short), None);
        assert_eq!(int(Boolean, 1).widened(Int), None);
        assert_eq!(int(Char, 65).widened(Short), None);
        assert_eq!(int(Byte, 65).widened(Char), None);
        let f = Value { ty: Float, slot: u64::from(1.5f32.to_bits()) };
        assert_eq!(f.widened(Double), Some(Value { ty: Double, slot: 1.5f64.to_bits() }));
        assert_eq!(f.widened(Long), None);
    }

    #[test]
    fn jvalues_are_cut_to_their_type() {
        assert_eq!(Value::from_jvalue(Byte, 0xff).slot, 0xffff_ffff);
        assert_eq!(Value::from_jvalue(Char, 0x1_ffff).slot, 0xffff);
        assert_eq!(Value::from_jvalue(Boolean, 3).slot, 1);
    }
}
