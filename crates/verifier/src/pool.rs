//! What instructions need of the constant pool, computed once an entry.

use caturra_bytecode::{FieldType, MethodDescriptor};

use crate::hierarchy::ClassHierarchy;
use crate::types::{Type, Types};
use crate::view::PoolView;

/// Tags of constants (JVMS table 4.4-A).
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 3;
    pub(crate) const FLOAT: u8 = 4;
    pub(crate) const LONG: u8 = 5;
    pub(crate) const DOUBLE: u8 = 6;
    pub(crate) const CLASS: u8 = 7;
    pub(crate) const STRING: u8 = 8;
    pub(crate) const FIELDREF: u8 = 9;
    pub(crate) const METHODREF: u8 = 10;
    pub(crate) const INTERFACE_METHODREF: u8 = 11;
    pub(crate) const METHOD_HANDLE: u8 = 15;
    pub(crate) const METHOD_TYPE: u8 = 16;
    pub(crate) const DYNAMIC: u8 = 17;
    pub(crate) const INVOKE_DYNAMIC: u8 = 18;
}

/// A descriptor as slots: those of the arguments, then those of the result. A field has no arguments.
#[derive(Clone, Copy)]
pub(crate) struct Slots {
    start: u32,
    arguments: u16,
    all: u16,
}

impl Slots {
    /// The slots of the arguments.
    #[inline(always)]
    pub(crate) fn argument_count(self) -> usize {
        self.arguments.into()
    }

    /// Whether there is a result.
    #[inline(always)]
    pub(crate) fn has_result(self) -> bool {
        self.all > self.arguments
    }
}

/// What a method's name means for the instructions that call it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NameKind {
    Ordinary,
    /// `<init>`
    Initializer,
    /// Another name that starts with `<`.
    Internal,
}

/// Whether a member is protected and of another package, as far as that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protection {
    Unknown,
    None,
    Elsewhere,
}

/// A field, method, dynamic constant or call site.
#[derive(Clone, Copy)]
pub(crate) struct MemberInfo<'a> {
    /// `top` for the dynamic ones.
    pub(crate) class: Type,
    pub(crate) slots: Slots,
    pub(crate) kind: NameKind,
    pub(crate) protection: Protection,
    pub(crate) name: &'a [u8],
    pub(crate) descriptor: &'a [u8],
}

/// The constant pool with caches by index. A cached value is one above what it stands for, 0 is none.
pub(crate) struct Pool<'a, 'v, P> {
    pub(crate) view: &'v P,
    /// Of a class its type, of a member its place in `members`, of a descriptor its place in `descriptors`.
    cache: Vec<u32>,
    /// Array types by the class that is their component.
    arrays: Vec<Option<Type>>,
    /// Class types by place; a `Type` has no spare value.
    class_types: Vec<Type>,
    members: Vec<MemberInfo<'a>>,
    descriptors: Vec<Slots>,
    slot_types: Vec<Type>,
}

impl<'a, 'v, P: PoolView<'a>> Pool<'a, 'v, P> {
    pub(crate) fn new(view: &'v P) -> Self {
        Pool {
            view,
            cache: vec![0; view.count()],
            arrays: Vec::new(),
            class_types: Vec::new(),
            members: Vec::new(),
            descriptors: Vec::new(),
            slot_types: Vec::new(),
        }
    }

    /// Whether the index is that of an entry, be it an unusable one.
    #[inline(always)]
    pub(crate) fn has(&self, index: u16) -> bool {
        index != 0 && (index as usize) < self.cache.len()
    }

    /// Whether there is a class at the index.
    #[inline]
    pub(crate) fn is_class(&self, index: u16) -> bool {
        self.has(index) && self.view.tag(index) == tag::CLASS
    }

    /// The type of the class at an index.
    #[inline]
    pub(crate) fn class_type<H: ClassHierarchy>(&mut self, index: u16, types: &mut Types<'a, '_, H>) -> Type {
        match self.cache[index as usize] {
            0 => {
                let of = types.of_name(self.view.class_name(index));
                self.class_types.push(of);
                self.cache[index as usize] = self.class_types.len() as u32;
                of
            }
            place => self.class_types[place as usize - 1],
        }
    }

    /// The type of arrays of the class at an index.
    pub(crate) fn array_type<H: ClassHierarchy>(&mut self, index: u16, types: &mut Types<'a, '_, H>) -> Type {
        if self.arrays.is_empty() {
            self.arrays = vec![None; self.cache.len()];
        }
        if let Some(known) = self.arrays[index as usize] {
            return known;
        }
        let component = self.class_type(index, types);
        let array = types.array_of(component);
        self.arrays[index as usize] = Some(array);
        array
    }

    /// The member at an index that has been found to be one; the place where it is kept.
    #[inline]
    pub(crate) fn member<H: ClassHierarchy>(
        &mut self,
        index: u16,
        types: &mut Types<'a, '_, H>,
    ) -> (usize, MemberInfo<'a>) {
        let place = match self.cache[index as usize] {
            0 => self.new_member(index, types),
            place => place as usize - 1,
        };
        (place, self.members[place])
    }

    fn new_member<H: ClassHierarchy>(&mut self, index: u16, types: &mut Types<'a, '_, H>) -> usize {
        let (first, name_and_type) = self.view.pair(index);
        let (name, descriptor) = self.view.pair(name_and_type);
        let dynamic = matches!(self.view.tag(index), tag::DYNAMIC | tag::INVOKE_DYNAMIC);
        let class = if dynamic { Type::TOP } else { self.class_type(first, types) };
        let slots = self.slots(descriptor, types);
        let name = self.view.utf8(name);
        let kind = match name {
            b"<init>" => NameKind::Initializer,
            [b'<', ..] => NameKind::Internal,
            _ => NameKind::Ordinary,
        };
        let descriptor = self.view.utf8(descriptor);
        let protection = Protection::Unknown;
        self.members.push(MemberInfo { class, slots, kind, protection, name, descriptor });
        self.cache[index as usize] = self.members.len() as u32;
        self.members.len() - 1
    }

    /// Notes whether a member is protected and of another package.
    pub(crate) fn set_protection(&mut self, place: usize, protection: Protection) {
        self.members[place].protection = protection;
    }

    fn slots<H: ClassHierarchy>(&mut self, descriptor: u16, types: &mut Types<'a, '_, H>) -> Slots {
        let place = self.cache[descriptor as usize];
        if place != 0 {
            return self.descriptors[place as usize - 1];
        }
        let start = self.slot_types.len();
        let bytes = self.view.utf8(descriptor);
        let mut arguments = 0;
        // The reader has checked descriptors; one that is none counts as having nothing.
        if let Some(method) = MethodDescriptor::parse(bytes) {
            for parameter in method.parameters() {
                push_slots(&mut self.slot_types, parameter, types);
            }
            arguments = self.slot_types.len() - start;
            push_slots(&mut self.slot_types, method.return_type(), types);
        } else if let Some(field) = FieldType::parse(bytes) {
            push_slots(&mut self.slot_types, field, types);
        }
        let all = self.slot_types.len() - start;
        let slots = Slots { start: start as u32, arguments: arguments as u16, all: all as u16 };
        self.descriptors.push(slots);
        self.cache[descriptor as usize] = self.descriptors.len() as u32;
        slots
    }

    /// The types of the arguments, slot by slot.
    #[inline]
    pub(crate) fn arguments(&self, slots: Slots) -> &[Type] {
        let start = slots.start as usize;
        &self.slot_types[start..start + slots.arguments as usize]
    }

    /// The types of the result, or of the field.
    #[inline]
    pub(crate) fn result(&self, slots: Slots) -> &[Type] {
        let start = slots.start as usize;
        &self.slot_types[start + slots.arguments as usize..start + slots.all as usize]
    }
}

/// Appends the slots of a type.
pub(crate) fn push_slots<'a, H: ClassHierarchy>(
    out: &mut Vec<Type>,
    field: FieldType<'a>,
    types: &mut Types<'a, '_, H>,
) {
    if let Some(of) = types.of_field(field) {
        out.push(of);
        if of.is_category_2() {
            out.push(of.second_half());
        }
    }
}
