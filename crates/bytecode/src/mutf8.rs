//! Modified UTF-8 (JVMS §4.4.7): NUL is two bytes, supplementary characters are two encoded surrogates.

/// Whether `bytes` is well-formed modified UTF-8: no zero byte, no byte from 0xf0 on, complete sequences of one
/// to three bytes, each character in its shortest form (NUL excepted).
pub fn is_valid(bytes: &[u8]) -> bool {
    check(bytes, true)
}

/// As [`is_valid`], but a character may take more bytes than it needs, as class files up to version 47 may.
pub fn is_valid_any_form(bytes: &[u8]) -> bool {
    check(bytes, false)
}

fn check(bytes: &[u8], shortest: bool) -> bool {
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        at += match first {
            0x01..=0x7f => 1,
            0xc0..=0xdf if is_continuation(bytes, at + 1) => {
                // Below 0x80 only NUL (0xc0 0x80) needs two bytes.
                if shortest && first < 0xc2 && !(first == 0xc0 && bytes[at + 1] == 0x80) {
                    return false;
                }
                2
            }
            0xe0..=0xef if is_continuation(bytes, at + 1) && is_continuation(bytes, at + 2) => {
                if shortest && first == 0xe0 && bytes[at + 1] < 0xa0 {
                    return false;
                }
                3
            }
            _ => return false,
        };
    }
    true
}

fn is_continuation(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80)
}

/// The UTF-16 code units of modified UTF-8. A malformed byte counts as one unit of its own value, so the
/// iterator is total; validate first where it matters.
#[derive(Clone, Debug)]
pub struct Units<'a> {
    bytes: &'a [u8],
}

impl<'a> Units<'a> {
    /// The bytes not yet decoded.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Iterator for Units<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        let &first = self.bytes.first()?;
        let (unit, length) = match first {
            0xc0..=0xdf if is_continuation(self.bytes, 1) => {
                ((first as u16 & 0x1f) << 6 | self.bytes[1] as u16 & 0x3f, 2)
            }
            0xe0..=0xef if is_continuation(self.bytes, 1) && is_continuation(self.bytes, 2) => (
                (first as u16 & 0x0f) << 12
                    | (self.bytes[1] as u16 & 0x3f) << 6
                    | self.bytes[2] as u16 & 0x3f,
                3,
            ),
            _ => (first as u16, 1),
        };
        self.bytes = &self.bytes[length..];
        Some(unit)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bytes.len().div_ceil(3), Some(self.bytes.len()))
    }
}

/// The UTF-16 code units of `bytes`.
#[inline]
pub fn units(bytes: &[u8]) -> Units<'_> {
    Units { bytes }
}

/// The number of UTF-16 code units of `bytes`.
pub fn utf16_len(bytes: &[u8]) -> usize {
    if bytes.is_ascii() { bytes.len() } else { units(bytes).count() }
}

/// Decodes to UTF-16.
pub fn decode(bytes: &[u8]) -> Vec<u16> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(units(bytes));
    out
}

/// The number of bytes that one code unit takes.
#[inline]
pub const fn unit_len(unit: u16) -> usize {
    match unit {
        0x01..=0x7f => 1,
        0 | 0x80..=0x7ff => 2,
        _ => 3,
    }
}

/// The number of bytes that `units` take.
pub fn encoded_len(units: impl IntoIterator<Item = u16>) -> usize {
    units.into_iter().map(unit_len).sum()
}

/// Appends one code unit.
#[inline]
pub fn push_unit(out: &mut Vec<u8>, unit: u16) {
    match unit_len(unit) {
        1 => out.push(unit as u8),
        2 => out.extend([0xc0 | (unit >> 6) as u8, 0x80 | (unit & 0x3f) as u8]),
        _ => out.extend([
            0xe0 | (unit >> 12) as u8,
            0x80 | (unit >> 6 & 0x3f) as u8,
            0x80 | (unit & 0x3f) as u8,
        ]),
    }
}

/// Encodes UTF-16; lone surrogates are kept.
pub fn encode(units: impl IntoIterator<Item = u16>) -> Vec<u8> {
    let units = units.into_iter();
    let mut out = Vec::with_capacity(units.size_hint().0);
    for unit in units {
        push_unit(&mut out, unit);
    }
    out
}

/// Encodes a Rust string.
pub fn from_str(text: &str) -> Vec<u8> {
    if !text.bytes().any(|byte| byte == 0 || byte >= 0xf0) {
        // Without NUL and supplementary characters both encodings agree.
        return text.as_bytes().to_vec();
    }
    encode(text.encode_utf16())
}

/// The Rust string, or `None` where the text holds a lone surrogate.
pub fn to_string(bytes: &[u8]) -> Option<String> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => String::from_utf16(&decode(bytes)).ok(),
    }
}

/// The Rust string with U+FFFD for lone surrogates; for messages.
pub fn to_string_lossy(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf16_lossy(&decode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_round_trips() {
        for unit in 0..=u16::MAX {
            let bytes = encode([unit]);
            assert!(is_valid(&bytes), "{unit:x}");
            assert_eq!(decode(&bytes), [unit]);
            assert_eq!(bytes.len(), unit_len(unit));
        }
    }

    #[test]
    fn strings() {
        for text in ["", "plain", "a\0b", "\u{e9}\u{20ac}", "\u{1f600}!"] {
            let bytes = from_str(text);
            assert!(is_valid(&bytes));
            assert_eq!(to_string(&bytes).as_deref(), Some(text));
            assert_eq!(utf16_len(&bytes), text.encode_utf16().count());
        }
        assert_eq!(to_string(&encode([0xd800])), None);
        assert_eq!(to_string_lossy(&encode([0x41, 0xd800])), "A\u{fffd}");
        assert_eq!(from_str("\0"), [0xc0, 0x80]);
    }

    #[test]
    fn longer_forms() {
        for bytes in [&[0xc1u8, 0xbf][..], &[0xe0, 0x80, 0x80], &[0xe0, 0x9f, 0xbf]] {
            assert!(!is_valid(bytes) && is_valid_any_form(bytes), "{bytes:x?}");
        }
        assert!(is_valid(&[0xc0, 0x80]) && is_valid(&[0xe0, 0xa0, 0x80]));
    }

    #[test]
    fn malformed() {
        for bytes in
            [&[0u8][..], &[0xf0, 0x90, 0x80, 0x80], &[0xc3], &[0xe2, 0x82], &[0x80], &[0xc3, 0x41], &[0xff]]
        {
            assert!(!is_valid(bytes) && !is_valid_any_form(bytes), "{bytes:x?}");
            assert!(decode(bytes).len() <= bytes.len());
        }
    }
}
