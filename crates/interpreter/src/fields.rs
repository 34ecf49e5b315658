//! Field access by a packed description: the forms that are rare enough to look at the type each time.
//!
//! A description is a byte offset (instance fields) or an address (static fields: a class mirror never moves),
//! the type, and whether the field is volatile.

use caturra_bytecode::BasicType;
use caturra_kernel::{FieldRef, Thread};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

const TYPE_SHIFT: u32 = 48;
const VOLATILE: u64 = 1 << 63;
const PLACE: u64 = (1 << TYPE_SHIFT) - 1;

/// Describes `field`; `place` is its offset or address.
pub fn describe(field: FieldRef, place: u64) -> u64 {
    let volatile = if field.is_volatile() { VOLATILE } else { 0 };
    place | (field.ty as u64) << TYPE_SHIFT | volatile
}

#[inline(always)]
fn ty(description: u64) -> u8 {
    (description >> TYPE_SHIFT) as u8 & 15
}

/// Slots of a value of the field.
#[inline(always)]
pub fn slots(description: u64) -> usize {
    const LONG: u8 = BasicType::Long as u8;
    const DOUBLE: u8 = BasicType::Double as u8;
    if matches!(ty(description), LONG | DOUBLE) { 2 } else { 1 }
}

#[inline(always)]
pub fn offset(description: u64) -> usize {
    (description & PLACE) as usize
}

#[inline(always)]
pub fn address(description: u64) -> *mut u8 {
    (description & PLACE) as *mut u8
}

/// Loads the field at `at` as a slot value. Always with the order that a volatile field needs (JLS §17.4); for
/// others it costs nothing on x86-64.
///
/// # Safety
/// `at` is the address of the described field in a live object.
#[inline(never)]
pub unsafe fn load(at: *mut u8, description: u64) -> u64 {
    const BOOLEAN: u8 = BasicType::Boolean as u8;
    const BYTE: u8 = BasicType::Byte as u8;
    const CHAR: u8 = BasicType::Char as u8;
    const SHORT: u8 = BasicType::Short as u8;
    const LONG: u8 = BasicType::Long as u8;
    const DOUBLE: u8 = BasicType::Double as u8;
    // SAFETY: the caller's promise; fields are naturally aligned.
    unsafe {
        match ty(description) {
            BOOLEAN | BYTE => AtomicU8::from_ptr(at).load(Ordering::SeqCst) as i8 as i32 as u32 as u64,
            CHAR => u64::from(AtomicU16::from_ptr(at.cast()).load(Ordering::SeqCst)),
            SHORT => AtomicU16::from_ptr(at.cast()).load(Ordering::SeqCst) as i16 as i32 as u32 as u64,
            LONG | DOUBLE => AtomicU64::from_ptr(at.cast()).load(Ordering::SeqCst),
            _ => u64::from(AtomicU32::from_ptr(at.cast()).load(Ordering::SeqCst)),
        }
    }
}

/// Stores a slot value to the field at `at`, narrowed as `putfield` says; marks the card of a reference.
///
/// # Safety
/// As [`load`]; `value` is of the field's type.
#[inline(never)]
pub unsafe fn store(t: &Thread, at: *mut u8, description: u64, value: u64) {
    const BOOLEAN: u8 = BasicType::Boolean as u8;
    const BYTE: u8 = BasicType::Byte as u8;
    const CHAR: u8 = BasicType::Char as u8;
    const SHORT: u8 = BasicType::Short as u8;
    const LONG: u8 = BasicType::Long as u8;
    const DOUBLE: u8 = BasicType::Double as u8;
    const REFERENCE: u8 = BasicType::Reference as u8;
    let order = if description & VOLATILE != 0 { Ordering::SeqCst } else { Ordering::Relaxed };
    // SAFETY: the caller's promise; fields are naturally aligned.
    unsafe {
        match ty(description) {
            BOOLEAN => AtomicU8::from_ptr(at).store(value as u8 & 1, order),
            BYTE => AtomicU8::from_ptr(at).store(value as u8, order),
            CHAR | SHORT => AtomicU16::from_ptr(at.cast()).store(value as u16, order),
            LONG | DOUBLE => AtomicU64::from_ptr(at.cast()).store(value, order),
            REFERENCE => {
                AtomicU32::from_ptr(at.cast()).store(value as u32, order);
                t.vm().heap.cards().mark(at);
            }
            _ => AtomicU32::from_ptr(at.cast()).store(value as u32, order),
        }
    }
}
