//! Names (JVMS §4.2): class names in internal form, field and method names.
//!
//! Class files from version 49 on may use any unqualified name; before, a name had to be a Java identifier.

use crate::descriptor::{self, DescriptorProblem};
use crate::identifier;
use crate::mutf8;

/// The first class-file version whose names need not be Java identifiers (JVMS §4.2.2 as of Java SE 5).
pub const UNQUALIFIED_NAMES_MAJOR: u16 = 49;

/// What a name is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Class,
    Field,
    Method,
}

fn is_unqualified(name: &[u8], kind: Kind) -> bool {
    if name.is_empty() {
        return false;
    }
    name.iter().enumerate().all(|(at, &byte)| match byte {
        b'.' | b';' | b'[' => false,
        b'/' => kind == Kind::Class && at != 0 && name.get(at + 1).is_some_and(|&next| next != b'/'),
        b'<' | b'>' => kind != Kind::Method,
        _ => true,
    })
}

/// The length of the Java identifier at the start of `bytes` (of identifiers separated by `/` where `slashes`),
/// or `None` where there is none.
pub(crate) fn skip_identifier(bytes: &[u8], slashes: bool) -> Option<usize> {
    let mut at = 0;
    let mut after_slash = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => after_slash = false,
            b'0'..=b'9' if at > 0 => after_slash = false,
            b'/' if slashes => {
                if after_slash {
                    return None;
                }
                after_slash = true;
            }
            0x80.. => {
                let mut units = mutf8::units(&bytes[at..]);
                let unit = units.next()?;
                if !(identifier::is_start(unit) || at > 0 && identifier::is_part(unit)) {
                    return (at > 0).then_some(at);
                }
                after_slash = false;
                at = bytes.len() - units.rest().len() - 1;
            }
            _ => return (at > 0).then_some(at),
        }
        at += 1;
    }
    // HotSpot lets a name end in a slash here.
    (at > 0).then_some(at)
}

/// Whether `name` may name a class or an array class in a `CONSTANT_Class` of a class file of this version.
pub fn is_class_name(name: &[u8], major: u16) -> bool {
    check_class_name(name, major).is_ok()
}

/// As [`is_class_name`], and tells what is wrong with an array's descriptor.
pub fn check_class_name(name: &[u8], major: u16) -> Result<(), DescriptorProblem> {
    let legal = match name.first() {
        None => false,
        Some(b'[') => return descriptor::check_field(name, major),
        Some(_) if major >= UNQUALIFIED_NAMES_MAJOR => is_unqualified(name, Kind::Class),
        Some(b'<') => false,
        Some(_) => skip_identifier(name, true) == Some(name.len()),
    };
    if legal { Ok(()) } else { Err(DescriptorProblem::Malformed) }
}

/// Whether `name` is a legal binary name of a class that is not an array class, in internal form.
pub fn is_binary_class_name(name: &[u8]) -> bool {
    is_unqualified(name, Kind::Class)
}

/// Whether `name` may name a field (or local variable, or record component).
pub fn is_field_name(name: &[u8], major: u16) -> bool {
    if major >= UNQUALIFIED_NAMES_MAJOR {
        is_unqualified(name, Kind::Field)
    } else {
        skip_identifier(name, false) == Some(name.len())
    }
}

/// Whether `name` may name a method: besides unqualified names these are `<init>` and `<clinit>`.
pub fn is_method_name(name: &[u8], major: u16) -> bool {
    match name.first() {
        Some(b'<') => name == b"<init>" || name == b"<clinit>",
        _ if major >= UNQUALIFIED_NAMES_MAJOR => is_unqualified(name, Kind::Method),
        _ => skip_identifier(name, false) == Some(name.len()),
    }
}

/// The internal form `java/lang/Object` as the binary name `java.lang.Object`.
pub fn to_external(name: &[u8]) -> Vec<u8> {
    name.iter().map(|&byte| if byte == b'/' { b'.' } else { byte }).collect()
}

/// The binary name `java.lang.Object` as the internal form `java/lang/Object`.
pub fn to_internal(name: &[u8]) -> Vec<u8> {
    name.iter().map(|&byte| if byte == b'.' { b'/' } else { byte }).collect()
}

/// The package of a class name in internal form (`java/lang`), empty for the unnamed package.
pub fn package(name: &[u8]) -> &[u8] {
    name.iter().rposition(|&byte| byte == b'/').map_or(&[], |slash| &name[..slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names() {
        for name in ["A", "a/b/C", "a-b/c d", "[I", "[[La/B;", "<x>", "package-info"] {
            assert!(is_class_name(name.as_bytes(), 61), "{name}");
        }
        for name in ["", "/A", "A/", "a//B", "a.B", "A;", "[", "[V", "[LA", "[La/;", "A["] {
            assert!(!is_class_name(name.as_bytes(), 61), "{name}");
        }
        for name in ["A", "a/b/C1", "a/1", "a/", "$_", "\u{e9}t\u{e9}"] {
            assert!(is_class_name(name.as_bytes(), 48), "{name}");
        }
        for name in ["1A", "a-b", "<x>", "a//b", "a b", "\u{20ac}-"] {
            assert!(!is_class_name(name.as_bytes(), 48), "{name}");
        }
    }

    #[test]
    fn member_names() {
        assert!(is_method_name(b"<init>", 61) && is_method_name(b"<clinit>", 48));
        assert!(!is_method_name(b"<main>", 61) && !is_method_name(b"a>b", 61) && !is_method_name(b"", 61));
        assert!(is_field_name(b"<f>", 61) && is_field_name(b"this$0", 48));
        assert!(!is_field_name(b"a/b", 61) && !is_field_name(b"a.b", 61) && !is_field_name(b"a b", 48));
        assert!(is_field_name(b"a b", 49));
    }

    #[test]
    fn forms() {
        assert_eq!(to_external(b"a/b/C"), b"a.b.C");
        assert_eq!(to_internal(b"a.b.C"), b"a/b/C");
        assert_eq!(package(b"a/b/C"), b"a/b");
        assert_eq!(package(b"C"), b"");
    }
}
