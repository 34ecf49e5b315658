//! Strings (JNI, chapter 4, "String Operations").

use crate::handles::{c_bytes, local, object};
use crate::types::*;
use caturra_bytecode::mutf8;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::strings;
use caturra_kernel::{ObjRef, Thread};
use std::ffi::c_char;
use std::ops::Range;
use std::ptr::null_mut;

/// Coder of a string whose bytes are Latin-1 characters (`java.lang.String.LATIN1`).
const LATIN1: u8 = 0;

/// The characters of a string where they lie in the heap. Valid until the thread leaves Java state.
enum Characters<'a> {
    Latin1(&'a [u8]),
    Utf16(&'a [u16]),
}

/// The array that holds a string's characters; null while its constructor has not set it.
fn value_of(t: &Thread, string: ObjRef) -> ObjRef {
    // SAFETY: `string` is a String, and the offset that of a reference field in it.
    unsafe { string.load_ref(t.vm().off.string_value() as usize) }
}

impl<'a> Characters<'a> {
    /// Of a live string; empty while its constructor has not set the value.
    fn of(t: &'a Thread, string: ObjRef) -> Characters<'a> {
        let off = &t.vm().off;
        let value = value_of(t, string);
        // SAFETY: `string` is a String, its value a byte array; objects do not move or die while this thread
        // is in Java state and does not poll. A UTF-16 value starts at a multiple of 4 bytes.
        unsafe {
            if value.is_null() {
                return Characters::Latin1(&[]);
            }
            let (bytes, length) = caturra_kernel::runtime::alloc::bytes_of(value);
            if string.load::<u8>(off.string_coder() as usize) == LATIN1 {
                Characters::Latin1(std::slice::from_raw_parts(bytes, length))
            } else {
                Characters::Utf16(std::slice::from_raw_parts(bytes.cast(), length / 2))
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Characters::Latin1(c) => c.len(),
            Characters::Utf16(c) => c.len(),
        }
    }

    fn range(self, range: Range<usize>) -> Characters<'a> {
        match self {
            Characters::Latin1(c) => Characters::Latin1(&c[range]),
            Characters::Utf16(c) => Characters::Utf16(&c[range]),
        }
    }

    fn utf_len(&self) -> usize {
        match self {
            Characters::Latin1(c) => mutf8::encoded_len(c.iter().map(|&b| u16::from(b))),
            Characters::Utf16(c) => mutf8::encoded_len(c.iter().copied()),
        }
    }

    /// Writes UTF-16 units to `to`.
    ///
    /// # Safety
    /// There is room for them.
    unsafe fn copy_units(&self, to: *mut jchar) {
        match self {
            Characters::Latin1(c) => {
                for (i, &b) in c.iter().enumerate() {
                    // SAFETY: the caller's promise.
                    unsafe { to.add(i).write_unaligned(b.into()) };
                }
            }
            // SAFETY: the caller's promise; a native buffer is outside the heap.
            Characters::Utf16(c) => unsafe { std::ptr::copy_nonoverlapping(c.as_ptr(), to, c.len()) },
        }
    }

    /// Writes modified UTF-8 and a NUL to `to`.
    ///
    /// # Safety
    /// There is room for `utf_len` bytes and the NUL.
    unsafe fn copy_utf(&self, to: *mut u8) {
        let mut at = to;
        let mut put = |bytes: &[u8]| {
            // SAFETY: the caller's promise.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
                at = at.add(bytes.len());
            }
        };
        match self {
            Characters::Latin1(c) if c.iter().all(|b| (1..0x80).contains(b)) => put(c),
            Characters::Latin1(c) => put(&mutf8::encode(c.iter().map(|&b| u16::from(b)))),
            Characters::Utf16(c) => put(&mutf8::encode(c.iter().copied())),
        }
        put(&[0]);
    }
}

/// Memory from `malloc` for `count` values; null when there is none.
pub fn c_buffer<T>(count: usize) -> *mut T {
    // SAFETY: plain allocation; a size that overflows is refused first.
    count.checked_mul(size_of::<T>()).map_or(null_mut(), |bytes| unsafe { libc::malloc(bytes.max(1)).cast() })
}

/// Frees what [`c_buffer`] returned; null is nothing.
pub fn free_c_buffer<T>(buffer: *const T) {
    // SAFETY: native code returns only what it was given.
    unsafe { libc::free(buffer.cast_mut().cast()) };
}

/// Sets an `isCopy` result, which may be absent.
pub fn set_is_copy(is_copy: *mut jboolean, value: bool) {
    if !is_copy.is_null() {
        // SAFETY: native code passes null or a variable.
        unsafe { *is_copy = value.into() };
    }
}

fn utf16_copy(characters: &Characters<'_>) -> *mut jchar {
    let copy = c_buffer::<jchar>(characters.len() + 1);
    if !copy.is_null() {
        // SAFETY: room for the characters and a NUL.
        unsafe {
            characters.copy_units(copy);
            *copy.add(characters.len()) = 0;
        }
    }
    copy
}

/// The characters `start .. start + len`.
fn region<'a>(t: &'a Thread, string: jstring, start: jsize, len: jsize) -> JResult<Characters<'a>> {
    let characters = Characters::of(t, object(t, string)?);
    let length = characters.len() as i64;
    if start < 0 || len < 0 || i64::from(start) + i64::from(len) > length {
        return Err(exceptions::throw_bare(t, "java/lang/StringIndexOutOfBoundsException"));
    }
    Ok(characters.range(start as usize..start as usize + len as usize))
}

jni_functions! {
    /// `NewString`.
    entry fn NewString(t, units: *const jchar, len: jsize) -> jstring; {
        let units = if len <= 0 || units.is_null() {
            &[]
        } else {
            // SAFETY: native code passes `len` characters.
            unsafe { std::slice::from_raw_parts(units, len as usize) }
        };
        Ok(local(t, strings::from_utf16(t, units)?))
    }
    /// `GetStringLength`.
    plain fn GetStringLength(t, string: jstring) -> jsize; {
        Ok(Characters::of(t, object(t, string)?).len() as jsize)
    }
    /// `GetStringChars`: always a copy, which ends in a NUL.
    plain fn GetStringChars(t, string: jstring, is_copy: *mut jboolean) -> *const jchar; {
        let copy = utf16_copy(&Characters::of(t, object(t, string)?));
        if !copy.is_null() {
            set_is_copy(is_copy, true);
        }
        Ok(copy.cast_const())
    }
    /// `ReleaseStringChars`.
    leaf fn ReleaseStringChars(_, _string: jstring, chars: *const jchar); {
        free_c_buffer(chars);
        Ok(())
    }
    /// `NewStringUTF`; null for null.
    entry fn NewStringUTF(t, utf: *const c_char) -> jstring; {
        if utf.is_null() {
            return Ok(jobject::NULL);
        }
        Ok(local(t, strings::from_mutf8(t, c_bytes(utf))?))
    }
    /// `GetStringUTFLength`.
    plain fn GetStringUTFLength(t, string: jstring) -> jsize; {
        Ok(Characters::of(t, object(t, string)?).utf_len() as jsize)
    }
    /// `GetStringUTFChars`: always a copy, which ends in a NUL.
    plain fn GetStringUTFChars(t, string: jstring, is_copy: *mut jboolean) -> *const c_char; {
        let characters = Characters::of(t, object(t, string)?);
        let copy = c_buffer::<u8>(characters.utf_len() + 1);
        if !copy.is_null() {
            // SAFETY: room for the encoded characters and a NUL.
            unsafe { characters.copy_utf(copy) };
            set_is_copy(is_copy, true);
        }
        Ok(copy.cast_const().cast())
    }
    /// `ReleaseStringUTFChars`.
    leaf fn ReleaseStringUTFChars(_, _string: jstring, chars: *const c_char); {
        free_c_buffer(chars);
        Ok(())
    }
    /// `GetStringRegion`.
    entry fn GetStringRegion(t, string: jstring, start: jsize, len: jsize, buffer: *mut jchar); {
        let characters = region(t, string, start, len)?;
        // SAFETY: native code passes room for `len` characters.
        unsafe { characters.copy_units(buffer) };
        Ok(())
    }
    /// `GetStringUTFRegion`: adds a NUL, as the reference JDK does.
    entry fn GetStringUTFRegion(t, string: jstring, start: jsize, len: jsize, buffer: *mut c_char); {
        let characters = region(t, string, start, len)?;
        if !buffer.is_null() {
            // SAFETY: native code passes room for the encoded characters and a NUL.
            unsafe { characters.copy_utf(buffer.cast()) };
        }
        Ok(())
    }
    /// `GetStringCritical`: the characters in place where they are UTF-16, else a copy.
    plain fn GetStringCritical(t, string: jstring, is_copy: *mut jboolean) -> *const jchar; {
        let string = object(t, string)?;
        let characters = Characters::of(t, string);
        if let Characters::Utf16(units) = characters {
            t.pin(value_of(t, string));
            set_is_copy(is_copy, false);
            return Ok(units.as_ptr());
        }
        set_is_copy(is_copy, true);
        Ok(utf16_copy(&characters).cast_const())
    }
    /// `ReleaseStringCritical`.
    plain fn ReleaseStringCritical(t, string: jstring, chars: *const jchar); {
        let string = object(t, string)?;
        match Characters::of(t, string) {
            Characters::Utf16(_) => t.unpin(value_of(t, string)),
            Characters::Latin1(_) => free_c_buffer(chars),
        }
        Ok(())
    }
}
