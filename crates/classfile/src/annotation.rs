//! A reader of annotations (JVMS §4.7.16), over the raw contents that [`Annotations`](crate::Annotations) keeps.
//!
//! The VM looks for a few of its own (`@Contended`, `@ForceInline`, `@Hidden`, ...); `java.lang.reflect` parses
//! the rest itself.

use crate::constant_pool::ConstantPool;
use crate::reader::Reader;

/// Annotations may nest; this bounds the recursion over hostile input.
const MAX_DEPTH: usize = 64;

/// An annotation.
#[derive(Clone, PartialEq, Debug)]
pub struct Annotation<'a> {
    /// Descriptor of the annotation interface.
    pub type_descriptor: &'a [u8],
    /// Names and values of the elements.
    pub elements: Vec<(&'a [u8], ElementValue<'a>)>,
}

/// The value of an element.
#[derive(Clone, PartialEq, Debug)]
pub enum ElementValue<'a> {
    /// A primitive value or string: its tag (`B C D F I J S Z s`) and the index of the constant.
    Constant(u8, u16),
    /// An enum constant.
    Enum {
        /// Descriptor of the enum class.
        type_descriptor: &'a [u8],
        /// Name of the constant.
        name: &'a [u8],
    },
    /// A class, by its return descriptor (`V` for void).
    Class(&'a [u8]),
    /// An annotation.
    Annotation(Annotation<'a>),
    /// An array.
    Array(Vec<ElementValue<'a>>),
}

impl<'a> Annotation<'a> {
    /// The value of the element of this name.
    pub fn element(&self, name: &[u8]) -> Option<&ElementValue<'a>> {
        self.elements.iter().find(|(element, _)| *element == name).map(|(_, value)| value)
    }
}

/// The annotations in the content of `RuntimeVisibleAnnotations` or `RuntimeInvisibleAnnotations`; ends where the
/// content is malformed (which HotSpot ignores as well).
pub fn read<'a, 'p>(info: &'a [u8], pool: &'p ConstantPool<'a>) -> impl Iterator<Item = Annotation<'a>> + 'p
where
    'a: 'p,
{
    let mut reader = Reader::new(info);
    let mut left = reader.u2().unwrap_or(0);
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        annotation(&mut reader, pool, MAX_DEPTH)
    })
    .fuse()
}

fn annotation<'a>(reader: &mut Reader<'a>, pool: &ConstantPool<'a>, depth: usize) -> Option<Annotation<'a>> {
    let type_descriptor = pool.utf8(reader.u2().ok()?)?;
    let count = reader.u2().ok()?;
    let mut elements = Vec::with_capacity((count as usize).min(reader.remaining() / 3));
    for _ in 0..count {
        let name = pool.utf8(reader.u2().ok()?)?;
        elements.push((name, element_value(reader, pool, depth)?));
    }
    Some(Annotation { type_descriptor, elements })
}

fn element_value<'a>(
    reader: &mut Reader<'a>,
    pool: &ConstantPool<'a>,
    depth: usize,
) -> Option<ElementValue<'a>> {
    let depth = depth.checked_sub(1)?;
    Some(match reader.u1().ok()? {
        tag @ (b'B' | b'C' | b'D' | b'F' | b'I' | b'J' | b'S' | b'Z' | b's') => {
            ElementValue::Constant(tag, reader.u2().ok()?)
        }
        b'e' => ElementValue::Enum {
            type_descriptor: pool.utf8(reader.u2().ok()?)?,
            name: pool.utf8(reader.u2().ok()?)?,
        },
        b'c' => ElementValue::Class(pool.utf8(reader.u2().ok()?)?),
        b'@' => ElementValue::Annotation(annotation(reader, pool, depth)?),
        b'[' => {
            let count = reader.u2().ok()?;
            let mut values = Vec::with_capacity((count as usize).min(reader.remaining() / 3));
            for _ in 0..count {
                values.push(element_value(reader, pool, depth)?);
            }
            ElementValue::Array(values)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constant_pool::Constant;

    #[test]
    fn nested_values() {
        let utf8 = |text: &'static str| Constant::Utf8(text.as_bytes());
        let entries = vec![Constant::Unusable, utf8("LA;"), utf8("value"), utf8("LE;"), utf8("X"), utf8("V")];
        let pool = ConstantPool { entries };
        let info = [
            0, 2, // annotations
            0, 1, 0, 2, // @A with two elements
            0, 2, b'[', 0, 2, b'e', 0, 3, 0, 4, b'c', 0, 5, // value = {E.X, void.class}
            0, 4, b'@', 0, 1, 0, 0, // X = @A
            0, 1, 0, 0, // @A
        ];
        let annotations: Vec<_> = read(&info, &pool).collect();
        assert_eq!(annotations.len(), 2);
        assert_eq!(annotations[0].type_descriptor, b"LA;");
        let Some(ElementValue::Array(values)) = annotations[0].element(b"value") else { panic!() };
        assert_eq!(values[0], ElementValue::Enum { type_descriptor: b"LE;", name: b"X" });
        assert_eq!(values[1], ElementValue::Class(b"V"));
        assert!(matches!(annotations[0].element(b"X"), Some(ElementValue::Annotation(_))));
    }

    #[test]
    fn malformed_content_ends_the_iteration() {
        let pool = ConstantPool { entries: vec![Constant::Unusable, Constant::Utf8(b"LA;")] };
        assert_eq!(read(&[], &pool).count(), 0);
        assert_eq!(read(&[0, 9, 0, 1, 0, 0, 0, 7], &pool).count(), 1);
        assert_eq!(read(&[0, 1, 0, 1, 0xff, 0xff], &pool).count(), 0);
        // Arrays nested without end.
        let mut info = vec![0, 1, 0, 1, 0, 1, 0, 1];
        info.extend([b'[', 0, 1].repeat(10_000));
        assert_eq!(read(&info, &pool).count(), 0);
    }
}
