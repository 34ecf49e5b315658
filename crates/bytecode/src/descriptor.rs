//! Field and method descriptors (JVMS §4.3).

use crate::name;

/// A basic type. The numbers of the primitive types are the operands of `newarray` (JVMS table 6.5.newarray-A).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum BasicType {
    /// `Z`
    Boolean = 4,
    /// `C`
    Char = 5,
    /// `F`
    Float = 6,
    /// `D`
    Double = 7,
    /// `B`
    Byte = 8,
    /// `S`
    Short = 9,
    /// `I`
    Int = 10,
    /// `J`
    Long = 11,
    /// A class, interface or array.
    Reference = 12,
    /// `V`
    Void = 14,
}

impl BasicType {
    /// The type by the first character of its descriptor.
    #[inline]
    pub const fn from_char(first: u8) -> Option<BasicType> {
        Some(match first {
            b'Z' => BasicType::Boolean,
            b'C' => BasicType::Char,
            b'F' => BasicType::Float,
            b'D' => BasicType::Double,
            b'B' => BasicType::Byte,
            b'S' => BasicType::Short,
            b'I' => BasicType::Int,
            b'J' => BasicType::Long,
            b'L' | b'[' => BasicType::Reference,
            b'V' => BasicType::Void,
            _ => return None,
        })
    }

    /// The element type that a `newarray` operand names.
    #[inline]
    pub const fn from_newarray_code(code: u8) -> Option<BasicType> {
        Some(match code {
            4 => BasicType::Boolean,
            5 => BasicType::Char,
            6 => BasicType::Float,
            7 => BasicType::Double,
            8 => BasicType::Byte,
            9 => BasicType::Short,
            10 => BasicType::Int,
            11 => BasicType::Long,
            _ => return None,
        })
    }

    /// The first character of the descriptor (`L` for a reference).
    #[inline]
    pub const fn to_char(self) -> u8 {
        match self {
            BasicType::Boolean => b'Z',
            BasicType::Char => b'C',
            BasicType::Float => b'F',
            BasicType::Double => b'D',
            BasicType::Byte => b'B',
            BasicType::Short => b'S',
            BasicType::Int => b'I',
            BasicType::Long => b'J',
            BasicType::Reference => b'L',
            BasicType::Void => b'V',
        }
    }

    /// The Java keyword; `Object` for a reference.
    pub const fn name(self) -> &'static str {
        match self {
            BasicType::Boolean => "boolean",
            BasicType::Char => "char",
            BasicType::Float => "float",
            BasicType::Double => "double",
            BasicType::Byte => "byte",
            BasicType::Short => "short",
            BasicType::Int => "int",
            BasicType::Long => "long",
            BasicType::Reference => "Object",
            BasicType::Void => "void",
        }
    }

    /// Local-variable or operand-stack slots (JVMS §2.6.1): two for long and double, none for void.
    #[inline]
    pub const fn slots(self) -> usize {
        match self {
            BasicType::Long | BasicType::Double => 2,
            BasicType::Void => 0,
            _ => 1,
        }
    }

    /// The size in bytes of a value as field or array element; references are 4 bytes wide, see DESIGN.md §3.
    #[inline]
    pub const fn size(self) -> usize {
        1 << self.log2_size()
    }

    /// The binary logarithm of [`size`](Self::size); 0 for void.
    #[inline]
    pub const fn log2_size(self) -> usize {
        match self {
            BasicType::Boolean | BasicType::Byte | BasicType::Void => 0,
            BasicType::Char | BasicType::Short => 1,
            BasicType::Int | BasicType::Float | BasicType::Reference => 2,
            BasicType::Long | BasicType::Double => 3,
        }
    }

    /// Any type but reference and void.
    #[inline]
    pub const fn is_primitive(self) -> bool {
        !matches!(self, BasicType::Reference | BasicType::Void)
    }

    /// The types that the operand stack holds as int (JVMS §2.11.1).
    #[inline]
    pub const fn is_int_like(self) -> bool {
        matches!(
            self,
            BasicType::Boolean | BasicType::Char | BasicType::Byte | BasicType::Short | BasicType::Int
        )
    }
}

/// A parsed field descriptor, or the return type `V`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FieldType<'a> {
    /// A primitive type, or void.
    Primitive(BasicType),
    /// A class or interface, by its name in internal form.
    Class(&'a [u8]),
    /// An array, by its whole descriptor, which is its class name too.
    Array(&'a [u8]),
}

impl<'a> FieldType<'a> {
    /// Parses a whole field descriptor.
    #[inline]
    pub fn parse(descriptor: &'a [u8]) -> Option<FieldType<'a>> {
        let (parsed, rest) = Self::parse_first(descriptor)?;
        (rest.is_empty() && parsed != FieldType::Primitive(BasicType::Void)).then_some(parsed)
    }

    /// Parses the field descriptor (or `V`) at the start of `bytes`; also returns what follows it.
    #[inline]
    fn parse_first(bytes: &'a [u8]) -> Option<(FieldType<'a>, &'a [u8])> {
        let (&first, rest) = bytes.split_first()?;
        match first {
            b'L' => {
                let end = rest.iter().position(|&byte| byte == b';')?;
                (end > 0).then(|| (FieldType::Class(&rest[..end]), &rest[end + 1..]))
            }
            b'[' => {
                let dimensions = bytes.iter().take_while(|&&byte| byte == b'[').count();
                if dimensions > MAX_DIMENSIONS {
                    return None;
                }
                let (element, rest) = Self::parse_first(&bytes[dimensions..])?;
                (element != FieldType::Primitive(BasicType::Void))
                    .then(|| (FieldType::Array(&bytes[..bytes.len() - rest.len()]), rest))
            }
            _ => Some((FieldType::Primitive(BasicType::from_char(first)?), rest)),
        }
    }

    /// The basic type.
    #[inline]
    pub fn basic_type(self) -> BasicType {
        match self {
            FieldType::Primitive(basic) => basic,
            _ => BasicType::Reference,
        }
    }

    /// Local-variable or operand-stack slots.
    #[inline]
    pub fn slots(self) -> usize {
        self.basic_type().slots()
    }

    /// The name by which a `CONSTANT_Class` would refer to this type: the class name, or an array's descriptor.
    #[inline]
    pub fn class_name(self) -> Option<&'a [u8]> {
        match self {
            FieldType::Primitive(_) => None,
            FieldType::Class(name) | FieldType::Array(name) => Some(name),
        }
    }

    /// The number of array dimensions, 0 for a type that is no array.
    pub fn dimensions(self) -> usize {
        match self {
            FieldType::Array(descriptor) => descriptor.iter().take_while(|&&byte| byte == b'[').count(),
            _ => 0,
        }
    }

    /// The component type of an array.
    pub fn component(self) -> Option<FieldType<'a>> {
        match self {
            FieldType::Array(descriptor) => FieldType::parse(&descriptor[1..]),
            _ => None,
        }
    }

    /// The element type of an array (its component type with all dimensions removed); other types as they are.
    pub fn element(self) -> FieldType<'a> {
        match self {
            FieldType::Array(descriptor) => {
                FieldType::parse(&descriptor[self.dimensions()..]).unwrap_or(self)
            }
            _ => self,
        }
    }

    /// Appends the descriptor.
    pub fn write_descriptor(self, out: &mut Vec<u8>) {
        match self {
            FieldType::Primitive(basic) => out.push(basic.to_char()),
            FieldType::Class(name) => {
                out.push(b'L');
                out.extend_from_slice(name);
                out.push(b';');
            }
            FieldType::Array(descriptor) => out.extend_from_slice(descriptor),
        }
    }
}

/// The largest number of array dimensions (JVMS §4.3.2).
pub const MAX_DIMENSIONS: usize = 255;

/// A parsed method descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MethodDescriptor<'a> {
    parameters: &'a [u8],
    parameter_count: u16,
    parameter_slots: u16,
    return_type: FieldType<'a>,
}

impl<'a> MethodDescriptor<'a> {
    /// Parses a method descriptor.
    pub fn parse(descriptor: &'a [u8]) -> Option<MethodDescriptor<'a>> {
        let inside = descriptor.strip_prefix(b"(")?;
        let mut rest = inside;
        let (mut parameter_count, mut parameter_slots) = (0u16, 0u16);
        while *rest.first()? != b')' {
            let (parsed, after) = FieldType::parse_first(rest)?;
            if parsed == FieldType::Primitive(BasicType::Void) {
                return None;
            }
            parameter_count = parameter_count.checked_add(1)?;
            parameter_slots = parameter_slots.checked_add(parsed.slots() as u16)?;
            rest = after;
        }
        let (return_type, after) = FieldType::parse_first(&rest[1..])?;
        let parameters = &inside[..inside.len() - rest.len()];
        after.is_empty().then_some(MethodDescriptor {
            parameters,
            parameter_count,
            parameter_slots,
            return_type,
        })
    }

    /// The parameters' types, in order, the receiver not among them.
    #[inline]
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters { rest: self.parameters }
    }

    /// The number of parameters, without the receiver.
    #[inline]
    pub fn parameter_count(&self) -> usize {
        self.parameter_count as usize
    }

    /// The slots that the parameters take, without the receiver.
    #[inline]
    pub fn parameter_slots(&self) -> usize {
        self.parameter_slots as usize
    }

    /// The return type; `Primitive(Void)` for none.
    #[inline]
    pub fn return_type(&self) -> FieldType<'a> {
        self.return_type
    }
}

/// Iterator over the parameter types of a [`MethodDescriptor`].
#[derive(Clone, Debug)]
pub struct Parameters<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Parameters<'a> {
    type Item = FieldType<'a>;

    #[inline]
    fn next(&mut self) -> Option<FieldType<'a>> {
        let (parsed, rest) = FieldType::parse_first(self.rest)?;
        self.rest = rest;
        Some(parsed)
    }
}

/// Why a descriptor is rejected; the first two have messages of their own in the class-file reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DescriptorProblem {
    /// The class name in it is empty or contains an illegal character (class files from version 49 on).
    ClassName,
    /// An array of more than 255 dimensions.
    TooManyDimensions,
    /// Anything else.
    Malformed,
}

/// The length of the field descriptor at the start of `bytes`, `V` included where `void`.
fn skip_field(bytes: &[u8], void: bool, major: u16) -> Result<usize, DescriptorProblem> {
    let dimensions = bytes.iter().take_while(|&&byte| byte == b'[').count();
    if dimensions > MAX_DIMENSIONS {
        return Err(DescriptorProblem::TooManyDimensions);
    }
    let rest = &bytes[dimensions..];
    let length = match rest.first() {
        Some(b'Z' | b'C' | b'F' | b'D' | b'B' | b'S' | b'I' | b'J') => 1,
        Some(b'V') if void && dimensions == 0 => 1,
        Some(b'L') if major < name::UNQUALIFIED_NAMES_MAJOR => {
            let length = name::skip_identifier(&rest[1..], true).ok_or(DescriptorProblem::Malformed)?;
            if rest.get(1 + length) != Some(&b';') {
                return Err(DescriptorProblem::Malformed);
            }
            length + 2
        }
        Some(b'L') => {
            let end = rest.iter().position(|&byte| byte == b';').ok_or(DescriptorProblem::Malformed)?;
            if !name::is_binary_class_name(&rest[1..end]) {
                return Err(DescriptorProblem::ClassName);
            }
            end + 1
        }
        _ => return Err(DescriptorProblem::Malformed),
    };
    Ok(dimensions + length)
}

/// Checks a field descriptor, the rules for class names being those of this class-file version.
pub fn check_field(descriptor: &[u8], major: u16) -> Result<(), DescriptorProblem> {
    if skip_field(descriptor, false, major)? == descriptor.len() {
        Ok(())
    } else {
        Err(DescriptorProblem::Malformed)
    }
}

/// Checks the descriptor of the method `name` and returns the slots that the parameters take, without the
/// receiver. `<init>` and `<clinit>` must return void; `<clinit>` has no parameters in class files from
/// version 51 on (JVMS §2.9.2, §4.3.3).
pub fn check_method(name: &[u8], descriptor: &[u8], major: u16) -> Result<usize, DescriptorProblem> {
    const CLINIT_WITHOUT_PARAMETERS_MAJOR: u16 = 51;
    if major >= CLINIT_WITHOUT_PARAMETERS_MAJOR && name == b"<clinit>" && descriptor != b"()V" {
        return Err(DescriptorProblem::Malformed);
    }
    let mut rest = descriptor.strip_prefix(b"(").ok_or(DescriptorProblem::Malformed)?;
    let mut slots = 0;
    loop {
        match rest.first() {
            None => return Err(DescriptorProblem::Malformed),
            Some(b')') => break,
            Some(b'J' | b'D') => slots += 2,
            Some(_) => slots += 1,
        }
        rest = &rest[skip_field(rest, false, major)?..];
    }
    let returned = &rest[1..];
    let legal = if name.first() == Some(&b'<') {
        returned == b"V"
    } else {
        skip_field(returned, true, major)? == returned.len()
    };
    if legal { Ok(slots) } else { Err(DescriptorProblem::Malformed) }
}

/// Whether a descriptor is one of a method, by its first character; it may still be malformed.
#[inline]
pub fn is_method(descriptor: &[u8]) -> bool {
    descriptor.first() == Some(&b'(')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        assert_eq!(FieldType::parse(b"I"), Some(FieldType::Primitive(BasicType::Int)));
        assert_eq!(FieldType::parse(b"La/B;"), Some(FieldType::Class(b"a/B")));
        let array = FieldType::parse(b"[[J").unwrap();
        assert_eq!(array, FieldType::Array(b"[[J"));
        assert_eq!(array.dimensions(), 2);
        assert_eq!(array.component(), Some(FieldType::Array(b"[J")));
        assert_eq!(array.element(), FieldType::Primitive(BasicType::Long));
        for bad in ["", "V", "L;", "LA", "II", "[", "[V", "Q"] {
            assert_eq!(FieldType::parse(bad.as_bytes()), None, "{bad}");
        }
        let mut deep = vec![b'['; 255];
        deep.push(b'I');
        assert!(FieldType::parse(&deep).is_some());
        assert_eq!(check_field(&deep, 61), Ok(()));
        deep.insert(0, b'[');
        assert!(FieldType::parse(&deep).is_none());
        assert_eq!(check_field(&deep, 61), Err(DescriptorProblem::TooManyDimensions));
    }

    #[test]
    fn methods() {
        let parsed = MethodDescriptor::parse(b"(IJLjava/lang/String;[[D)V").unwrap();
        assert_eq!((parsed.parameter_count(), parsed.parameter_slots()), (4, 5));
        let slots: Vec<usize> = parsed.parameters().map(FieldType::slots).collect();
        assert_eq!(slots, [1, 2, 1, 1]);
        assert_eq!(parsed.return_type().basic_type(), BasicType::Void);
        assert_eq!(MethodDescriptor::parse(b"()[I").map(|d| d.return_type()), Some(FieldType::Array(b"[I")));
        for bad in ["", "()", "(V)V", "(I", "I", "(I)VV", "(L)V", "()LA"] {
            assert_eq!(MethodDescriptor::parse(bad.as_bytes()), None, "{bad}");
            assert!(check_method(b"m", bad.as_bytes(), 61).is_err(), "{bad}");
        }
    }

    #[test]
    fn checks() {
        assert_eq!(check_method(b"m", b"(IJ)LA;", 61), Ok(3));
        assert_eq!(check_method(b"<init>", b"()I", 61), Err(DescriptorProblem::Malformed));
        assert_eq!(check_method(b"<clinit>", b"(I)V", 61), Err(DescriptorProblem::Malformed));
        assert_eq!(check_method(b"<clinit>", b"(I)V", 50), Ok(1));
        assert_eq!(check_method(b"m", b"(La.b;)V", 61), Err(DescriptorProblem::ClassName));
        assert_eq!(check_method(b"m", b"(La.b;)V", 48), Err(DescriptorProblem::Malformed));
        assert_eq!(check_field(b"L;", 61), Err(DescriptorProblem::ClassName));
        assert_eq!(check_field(b"La-b;", 48), Err(DescriptorProblem::Malformed));
        assert_eq!(check_field(b"La-b;", 49), Ok(()));
    }
}
