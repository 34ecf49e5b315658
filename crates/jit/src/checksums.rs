//! The loops of `java.util.zip.CRC32` and `CRC32C`. The answer is the checksum, not negative, or to call the method.

use crate::string_helpers::{CALL, units};
use caturra_kernel::ObjRef;

/// The bytes of an array's part.
fn bytes<'a>(array: ObjRef, at: i32, length: i32) -> Option<&'a [u8]> {
    // SAFETY: the part is inside a live array, which compiled code holds during the call. A program that changes it at the
    // same time gets any checksum.
    units(array, 0, 0, at, length).map(|p| unsafe { std::slice::from_raw_parts(p, length as usize) })
}

fn crc32(crc: i32, bytes: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc as u32);
    hasher.update(bytes);
    i64::from(hasher.finalize())
}

/// `CRC32.update`, of one byte.
pub extern "C" fn crc32_of_byte(crc: i32, byte: i32) -> i64 {
    crc32(crc, &[byte as u8])
}

/// `CRC32.updateBytes0`.
pub extern "C" fn crc32_of_bytes(crc: i32, array: ObjRef, at: i32, length: i32) -> i64 {
    bytes(array, at, length).map_or(CALL, |bytes| crc32(crc, bytes))
}

/// `CRC32.updateByteBuffer0`.
pub extern "C" fn crc32_of_buffer(crc: i32, address: u64, at: i32, length: i32) -> i64 {
    if address == 0 || at < 0 || length < 0 {
        return CALL;
    }
    // SAFETY: the class library passes a direct buffer's memory and a part that it has checked.
    crc32(crc, unsafe {
        std::slice::from_raw_parts((address as *const u8).add(at as usize), length as usize)
    })
}

/// `CRC32C.updateBytes`, whose last argument is the end.
pub extern "C" fn crc32c_of_bytes(crc: i32, array: ObjRef, at: i32, end: i32) -> i64 {
    let Some(length) = end.checked_sub(at) else { return CALL };
    match bytes(array, at, length) {
        // SAFETY: the method is replaced only where the processor has the instruction.
        Some(bytes) => i64::from(unsafe { crc32c(crc as u32, bytes) }),
        None => CALL,
    }
}

/// By the processor's instruction, as which `CRC32C` keeps its register.
#[target_feature(enable = "sse4.2")]
fn crc32c(crc: u32, bytes: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
    let (words, rest) = bytes.as_chunks::<8>();
    let crc = words.iter().fold(u64::from(crc), |crc, word| _mm_crc32_u64(crc, u64::from_le_bytes(*word)));
    rest.iter().fold(crc as u32, |crc, byte| _mm_crc32_u8(crc, *byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_checksums() {
        let text = b"123456789";
        assert_eq!(crc32(0, text), 0xcbf4_3926);
        let half = crc32(0, &text[..4]) as i32;
        assert_eq!(crc32(half, &text[4..]), 0xcbf4_3926);
        if std::arch::is_x86_feature_detected!("sse4.2") {
            // SAFETY: the processor has it.
            assert_eq!(!unsafe { crc32c(!0, text) }, 0xe306_9283);
        }
    }
}
