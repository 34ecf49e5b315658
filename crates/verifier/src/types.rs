//! Verification types (JVMS §4.10.1.2) and the assignability relation.

use std::borrow::Cow;

use caturra_bytecode::{BasicType, FieldType};
use hashbrown::HashTable;

use crate::fault::{Checked, Stop};
use crate::hierarchy::ClassHierarchy;

/// A verification type.
///
/// The two low bits tell references (the index of a name above them, 0 for `null`), primitive types,
/// uninitialized types (the index of the `new` above them) and query types apart. A long or double is two types,
/// the second one of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Type(u32);

const TAG: u32 = 0b11;
const PRIMITIVE: u32 = 0b01;
const UNINITIALIZED: u32 = 0b10;
const QUERY: u32 = 0b11;
const CATEGORY_1: u32 = 1 << 2;
const CATEGORY_2: u32 = 1 << 3;
const SECOND: u32 = 1 << 4;

const fn primitive(number: u32, category: u32) -> Type {
    Type(number << 8 | category | PRIMITIVE)
}

const fn name(index: u32) -> Type {
    Type(index << 2)
}

impl Type {
    pub(crate) const TOP: Type = primitive(0, 0);
    pub(crate) const INT: Type = primitive(1, CATEGORY_1);
    pub(crate) const FLOAT: Type = primitive(2, CATEGORY_1);
    pub(crate) const LONG: Type = primitive(3, CATEGORY_2);
    pub(crate) const LONG_2: Type = primitive(4, SECOND);
    pub(crate) const DOUBLE: Type = primitive(5, CATEGORY_2);
    pub(crate) const DOUBLE_2: Type = primitive(6, SECOND);
    // Return types and array components alone.
    pub(crate) const BOOLEAN: Type = primitive(7, CATEGORY_1);
    pub(crate) const BYTE: Type = primitive(8, CATEGORY_1);
    pub(crate) const SHORT: Type = primitive(9, CATEGORY_1);
    pub(crate) const CHAR: Type = primitive(10, CATEGORY_1);

    pub(crate) const NULL: Type = name(0);
    pub(crate) const UNINITIALIZED_THIS: Type = Type::uninitialized(u16::MAX);

    // Types to test against; nothing has them.
    pub(crate) const ANY_REFERENCE: Type = Type(QUERY);
    pub(crate) const ANY_CATEGORY_1: Type = Type(CATEGORY_1 | QUERY);
    pub(crate) const ANY_CATEGORY_2: Type = Type(CATEGORY_2 | QUERY);

    pub(crate) const OBJECT: Type = name(1);
    pub(crate) const THROWABLE: Type = name(2);
    pub(crate) const STRING: Type = name(3);
    pub(crate) const CLASS: Type = name(4);
    pub(crate) const METHOD_HANDLE: Type = name(5);
    pub(crate) const METHOD_TYPE: Type = name(6);
    pub(crate) const BOOLEAN_ARRAY: Type = name(7);
    pub(crate) const CHAR_ARRAY: Type = name(8);
    pub(crate) const FLOAT_ARRAY: Type = name(9);
    pub(crate) const DOUBLE_ARRAY: Type = name(10);
    pub(crate) const BYTE_ARRAY: Type = name(11);
    pub(crate) const SHORT_ARRAY: Type = name(12);
    pub(crate) const INT_ARRAY: Type = name(13);
    pub(crate) const LONG_ARRAY: Type = name(14);

    /// What the `new` at this place creates.
    pub(crate) const fn uninitialized(pc: u16) -> Type {
        Type((pc as u32) << 2 | UNINITIALIZED)
    }

    /// The array that `newarray` makes for an operand.
    pub(crate) fn primitive_array(code: u8) -> Option<Type> {
        Some(match BasicType::from_newarray_code(code)? {
            BasicType::Boolean => Type::BOOLEAN_ARRAY,
            BasicType::Char => Type::CHAR_ARRAY,
            BasicType::Float => Type::FLOAT_ARRAY,
            BasicType::Double => Type::DOUBLE_ARRAY,
            BasicType::Byte => Type::BYTE_ARRAY,
            BasicType::Short => Type::SHORT_ARRAY,
            BasicType::Int => Type::INT_ARRAY,
            BasicType::Long => Type::LONG_ARRAY,
            BasicType::Reference | BasicType::Void => return None,
        })
    }

    /// `null`, a class, interface or array.
    #[inline(always)]
    pub(crate) fn is_reference(self) -> bool {
        self.0 & TAG == 0
    }

    #[inline(always)]
    pub(crate) fn is_uninitialized(self) -> bool {
        self.0 & TAG == UNINITIALIZED
    }

    /// Where the `new` is, for an uninitialized type other than `uninitializedThis`.
    pub(crate) fn new_pc(self) -> u16 {
        (self.0 >> 2) as u16
    }

    /// One slot: no `top`, no half of a long or double.
    #[inline(always)]
    pub(crate) fn is_category_1(self) -> bool {
        self.0 & (CATEGORY_1 | PRIMITIVE) != PRIMITIVE
    }

    /// The first half of a long or double.
    #[inline(always)]
    pub(crate) fn is_category_2(self) -> bool {
        self.0 & (CATEGORY_2 | PRIMITIVE) == CATEGORY_2 | PRIMITIVE
    }

    /// The second half of a long or double.
    #[inline(always)]
    pub(crate) fn is_second_half(self) -> bool {
        self.0 & (SECOND | PRIMITIVE) == SECOND | PRIMITIVE
    }

    /// The second half that belongs to this first half.
    #[inline]
    pub(crate) fn second_half(self) -> Type {
        if self == Type::LONG { Type::LONG_2 } else { Type::DOUBLE_2 }
    }

    fn is_query(self) -> bool {
        self.0 & TAG == QUERY
    }

    fn name_index(self) -> usize {
        (self.0 >> 2) as usize
    }
}

/// Whether two lists of types are the same, made for long lists.
#[inline]
pub(crate) fn same(one: &[Type], other: &[Type]) -> bool {
    const STEP: usize = 16;
    let differ = |one: &[Type], other: &[Type]| {
        one.iter().zip(other).fold(0, |bits, (one, other)| bits | (one.0 ^ other.0)) != 0
    };
    let chunks = || one.chunks_exact(STEP).zip(other.chunks_exact(STEP));
    let whole = one.len() / STEP * STEP;
    one.len() == other.len()
        && !chunks().any(|(one, other)| differ(one, other))
        && !differ(&one[whole..], &other[whole..])
}

/// In the order of the numbers of the `Type` constants, from 1 on.
const KNOWN_NAMES: [&[u8]; 14] = [
    b"java/lang/Object",
    b"java/lang/Throwable",
    b"java/lang/String",
    b"java/lang/Class",
    b"java/lang/invoke/MethodHandle",
    b"java/lang/invoke/MethodType",
    b"[Z",
    b"[C",
    b"[F",
    b"[D",
    b"[B",
    b"[S",
    b"[I",
    b"[J",
];

fn hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    let chunks = bytes.chunks_exact(8);
    let rest = chunks.remainder().iter().fold(bytes.len() as u64, |sum, &byte| sum << 8 | u64::from(byte));
    let sum = chunks
        .fold(rest, |sum, chunk| mix(sum, chunk.first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk))));
    let sum = mix(sum, 0);
    sum ^ sum >> 32
}

/// The names that occur in a class, each with the class of that name once it is loaded.
struct Names<'a, C> {
    names: Vec<(Cow<'a, [u8]>, Option<C>)>,
    table: HashTable<u32>,
}

impl<'a, C: Copy> Names<'a, C> {
    fn new() -> Self {
        let mut names = Names { names: Vec::with_capacity(64), table: HashTable::with_capacity(64) };
        // The place of `null`, which no name has.
        names.names.push((Cow::Borrowed(b""), None));
        for known in KNOWN_NAMES {
            names.intern(Cow::Borrowed(known));
        }
        names
    }

    fn find(&self, name: &[u8], code: u64) -> Option<Type> {
        let found = self.table.find(code, |&index| self.bytes(index as usize) == name);
        found.map(|&index| Type(index << 2))
    }

    fn intern(&mut self, name: Cow<'a, [u8]>) -> Type {
        let code = hash(&name);
        if let Some(known) = self.find(&name, code) {
            return known;
        }
        let index = self.names.len() as u32;
        self.names.push((name, None));
        let names = &self.names;
        self.table.insert_unique(code, index, |&index| hash(&names[index as usize].0));
        Type(index << 2)
    }

    fn bytes(&self, index: usize) -> &[u8] {
        &self.names[index].0
    }
}

/// The types of a class and the relation between them.
pub(crate) struct Types<'a, 'v, H: ClassHierarchy> {
    names: Names<'a, H::Class>,
    pub(crate) hierarchy: &'v mut H,
    /// Where the name of a new array type is put together.
    scratch: Vec<u8>,
}

impl<'a, 'v, H: ClassHierarchy> Types<'a, 'v, H> {
    pub(crate) fn new(hierarchy: &'v mut H) -> Self {
        Types { names: Names::new(), hierarchy, scratch: Vec::new() }
    }

    /// The type of a class, interface or array by the name that a `CONSTANT_Class` would have.
    pub(crate) fn of_name(&mut self, name: &'a [u8]) -> Type {
        self.names.intern(Cow::Borrowed(name))
    }

    /// The type of a value as local variables and operand stack hold it; the first half of a long or double.
    /// `None` for `void`.
    #[inline]
    pub(crate) fn of_field(&mut self, field: FieldType<'a>) -> Option<Type> {
        Some(match field {
            FieldType::Class(name) | FieldType::Array(name) => self.of_name(name),
            FieldType::Primitive(basic) => match basic {
                BasicType::Float => Type::FLOAT,
                BasicType::Double => Type::DOUBLE,
                BasicType::Long => Type::LONG,
                BasicType::Void | BasicType::Reference => return None,
                _ => Type::INT,
            },
        })
    }

    /// The array type with this component type, given that the component's name is that of a class or array.
    pub(crate) fn array_of(&mut self, component: Type) -> Type {
        self.scratch.clear();
        self.scratch.push(b'[');
        let name = self.names.bytes(component.name_index());
        if name.first() == Some(&b'[') {
            self.scratch.extend_from_slice(name);
        } else {
            self.scratch.push(b'L');
            self.scratch.extend_from_slice(name);
            self.scratch.push(b';');
        }
        match self.names.find(&self.scratch, hash(&self.scratch)) {
            Some(known) => known,
            None => self.names.intern(Cow::Owned(self.scratch.clone())),
        }
    }

    /// The component type of an array type; `None` where its name is malformed.
    pub(crate) fn component(&mut self, array: Type) -> Option<Type> {
        let component = |name: &[u8]| match FieldType::parse(name.get(1..)?)? {
            FieldType::Primitive(basic) => Some((Some(basic), 0..0)),
            FieldType::Class(class) => Some((None, 2..2 + class.len())),
            FieldType::Array(array) => Some((None, 1..1 + array.len())),
        };
        let (basic, range) = component(self.name(array))?;
        if let Some(basic) = basic {
            return Some(match basic {
                BasicType::Boolean => Type::BOOLEAN,
                BasicType::Byte => Type::BYTE,
                BasicType::Short => Type::SHORT,
                BasicType::Char => Type::CHAR,
                BasicType::Int => Type::INT,
                BasicType::Long => Type::LONG,
                BasicType::Float => Type::FLOAT,
                BasicType::Double => Type::DOUBLE,
                BasicType::Reference | BasicType::Void => return None,
            });
        }
        let owned = match &self.names.names[array.name_index()].0 {
            Cow::Borrowed(name) => return Some(self.names.intern(Cow::Borrowed(&name[range]))),
            Cow::Owned(name) => name[range].to_vec(),
        };
        Some(self.names.intern(Cow::Owned(owned)))
    }

    /// The name of a reference type other than `null`.
    pub(crate) fn name(&self, of: Type) -> &[u8] {
        self.names.bytes(of.name_index())
    }

    /// A class or interface.
    pub(crate) fn is_object(&self, of: Type) -> bool {
        of.is_reference() && self.name(of).first().is_some_and(|&first| first != b'[')
    }

    pub(crate) fn is_array(&self, of: Type) -> bool {
        of.is_reference() && of != Type::NULL && matches!(self.name(of), [b'[', _, ..])
    }

    /// `null`, or an array whose component descriptor starts with one of these characters.
    #[inline]
    pub(crate) fn is_array_of(&self, of: Type, components: &[u8]) -> bool {
        of == Type::NULL
            || of.is_reference() && matches!(self.name(of), [b'[', first, ..] if components.contains(first))
    }

    pub(crate) fn dimensions(&self, array: Type) -> usize {
        self.name(array).iter().take_while(|&&byte| byte == b'[').count()
    }

    pub(crate) fn load(&mut self, class: Type) -> Checked<H::Class, H> {
        let (name, loaded) = &mut self.names.names[class.name_index()];
        if let Some(class) = *loaded {
            return Ok(class);
        }
        let class = self.hierarchy.load(name).map_err(Stop::Hierarchy)?;
        *loaded = Some(class);
        Ok(class)
    }

    /// Whether a value of type `from` may stand where `to` is expected. `protected` is set when the question is
    /// about the receiver of an access to a protected member (JVMS §4.10.1.8).
    #[inline]
    pub(crate) fn is_assignable(&mut self, from: Type, to: Type, protected: bool) -> Checked<bool, H> {
        if from == to || to == Type::TOP {
            return Ok(true);
        }
        self.is_assignable_slow(from, to, protected)
    }

    fn is_assignable_slow(&mut self, from: Type, to: Type, protected: bool) -> Checked<bool, H> {
        if to.is_query() {
            return Ok(match to {
                Type::ANY_CATEGORY_1 => from.is_category_1(),
                Type::ANY_CATEGORY_2 => from.is_category_2(),
                _ => from.is_reference() || from.is_uninitialized(),
            });
        }
        match to {
            Type::BOOLEAN | Type::BYTE | Type::CHAR | Type::SHORT => Ok(from == Type::INT),
            _ if from.is_reference() && to.is_reference() => {
                self.is_reference_assignable(from, to, protected)
            }
            _ => Ok(false),
        }
    }

    /// For two different reference types.
    fn is_reference_assignable(&mut self, from: Type, to: Type, protected: bool) -> Checked<bool, H> {
        if from == Type::NULL {
            return Ok(true);
        }
        if to == Type::NULL {
            return Ok(false);
        }
        if self.is_object(to) {
            return if to == Type::OBJECT { Ok(true) } else { self.is_class_assignable(from, to, protected) };
        }
        if self.is_array(to) && self.is_array(from) {
            return self.is_array_assignable(from, to, protected);
        }
        Ok(false)
    }

    /// Arrays are covariant in components of reference types, and of the same primitive type alone.
    fn is_array_assignable(&mut self, mut from: Type, mut to: Type, protected: bool) -> Checked<bool, H> {
        while self.is_array(from) && self.is_array(to) {
            let (Some(from_component), Some(to_component)) = (self.component(from), self.component(to))
            else {
                return Ok(false);
            };
            if from_component == to_component {
                return Ok(true);
            }
            (from, to) = (from_component, to_component);
        }
        if from.is_reference() && to.is_reference() {
            self.is_reference_assignable(from, to, protected)
        } else {
            Ok(false)
        }
    }

    /// To a class other than `Object`. An interface counts as `Object`, except for arrays, which implement two of
    /// them only.
    fn is_class_assignable(&mut self, from: Type, to: Type, protected: bool) -> Checked<bool, H> {
        let target = self.load(to)?;
        let from_is_object = self.is_object(from);
        if self.hierarchy.is_interface(target) && !(protected && from == Type::OBJECT) {
            return Ok(!self.is_array(from) || self.hierarchy.is_array_interface(target));
        }
        if !from_is_object {
            return Ok(false);
        }
        let source = self.load(from)?;
        Ok(self.hierarchy.is_subclass(source, target))
    }

    /// Appends the type as HotSpot's messages name it.
    pub(crate) fn describe(&self, of: Type, out: &mut Vec<u8>) {
        let text: &[u8] = match of {
            Type::TOP => b"top",
            Type::BOOLEAN => b"boolean",
            Type::BYTE => b"byte",
            Type::SHORT => b"short",
            Type::CHAR => b"char",
            Type::INT => b"integer",
            Type::FLOAT => b"float",
            Type::LONG => b"long",
            Type::DOUBLE => b"double",
            Type::LONG_2 => b"long_2nd",
            Type::DOUBLE_2 => b"double_2nd",
            Type::NULL => b"null",
            Type::ANY_REFERENCE => b"reference type",
            Type::ANY_CATEGORY_1 => b"category1 type",
            Type::ANY_CATEGORY_2 => b"category2 type",
            Type::UNINITIALIZED_THIS => b"uninitializedThis",
            _ if of.is_uninitialized() => {
                out.extend_from_slice(format!("uninitialized {}", of.new_pc()).as_bytes());
                return;
            }
            _ => {
                out.push(b'\'');
                out.extend_from_slice(self.name(of));
                b"'"
            }
        };
        out.extend_from_slice(text);
    }
}
