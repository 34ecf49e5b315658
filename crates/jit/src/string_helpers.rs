//! Loops of the string classes as calls of compiled code: what the class library marks for compilers (`StringLatin1`,
//! `StringUTF16`, `StringCoding`). Each does the work of the method of that name where the arguments are what the
//! method's own code takes without an exception, and answers -1 otherwise; then the method is called.

use caturra_heap::layout::array_base;
use caturra_kernel::ObjRef;

/// Answer: call the method.
pub const CALL: i64 = -1;

/// The address of `length` units of `1 << shift` bytes from unit `at` on; the array's elements are of `1 << elem` bytes.
/// `None` where they are not all inside.
pub fn units(array: ObjRef, elem: u8, shift: u8, at: i32, length: i32) -> Option<*mut u8> {
    if array.is_null() || at < 0 || length < 0 {
        return None;
    }
    // SAFETY: compiled code passes live arrays of that element type.
    let size = unsafe { array.array_length() } >> (shift - elem);
    let inside = i64::from(at) + i64::from(length) <= i64::from(size);
    inside.then(|| array.field_addr(array_base(elem) + ((at as usize) << shift)))
}

/// `StringLatin1.equals`, `StringUTF16.equals`.
pub extern "C" fn bytes_equal(a: ObjRef, b: ObjRef) -> i64 {
    if a.is_null() || b.is_null() {
        return CALL;
    }
    // SAFETY: compiled code passes live byte arrays; nobody writes the bytes of strings.
    unsafe {
        let (n, m) = (a.array_length(), b.array_length());
        if n != m {
            return 0;
        }
        let bytes = |array: ObjRef| {
            std::slice::from_raw_parts(array.field_addr(array_base(0)).cast_const(), n as usize)
        };
        i64::from(a == b || bytes(a) == bytes(b))
    }
}

fn inflate(from: Option<*mut u8>, to: Option<*mut u8>, length: i32) -> i64 {
    let (Some(from), Some(to)) = (from, to) else { return CALL };
    for i in 0..length as usize {
        // SAFETY: both ranges are inside their arrays; chars lie at even addresses.
        unsafe { to.cast::<u16>().add(i).write(u16::from(from.add(i).read())) };
    }
    0
}

/// `StringLatin1.inflate` into a char array.
pub extern "C" fn inflate_to_chars(from: ObjRef, at: i32, to: ObjRef, to_at: i32, length: i32) -> i64 {
    inflate(units(from, 0, 0, at, length), units(to, 1, 1, to_at, length), length)
}

/// `StringLatin1.inflate` into a byte array of chars.
pub extern "C" fn inflate_to_bytes(from: ObjRef, at: i32, to: ObjRef, to_at: i32, length: i32) -> i64 {
    inflate(units(from, 0, 0, at, length), units(to, 0, 1, to_at, length), length)
}

fn compress(from: Option<*mut u8>, to: Option<*mut u8>, length: i32) -> i64 {
    let (Some(from), Some(to)) = (from, to) else { return CALL };
    for i in 0..length as usize {
        // SAFETY: both ranges are inside their arrays; chars lie at even addresses.
        let c = unsafe { from.cast::<u16>().add(i).read() };
        if c > 0xff {
            return 0;
        }
        // SAFETY: as above.
        unsafe { to.add(i).write(c as u8) };
    }
    i64::from(length)
}

/// `StringUTF16.compress` of a char array.
pub extern "C" fn compress_chars(from: ObjRef, at: i32, to: ObjRef, to_at: i32, length: i32) -> i64 {
    compress(units(from, 1, 1, at, length), units(to, 0, 0, to_at, length), length)
}

/// `StringUTF16.compress` of a byte array of chars.
pub extern "C" fn compress_bytes(from: ObjRef, at: i32, to: ObjRef, to_at: i32, length: i32) -> i64 {
    compress(units(from, 0, 1, at, length), units(to, 0, 0, to_at, length), length)
}

/// `StringCoding.hasNegatives`.
pub extern "C" fn has_negatives(array: ObjRef, at: i32, length: i32) -> i64 {
    let Some(from) = units(array, 0, 0, at, length) else { return CALL };
    // SAFETY: the range is inside the array. Other threads may write it: every byte is read once.
    i64::from((0..length as usize).any(|i| unsafe { from.add(i).read() } > 0x7f))
}
