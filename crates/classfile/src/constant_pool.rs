//! The constant pool (JVMS §4.4).

use caturra_bytecode::mutf8;

/// An entry of the constant pool.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Constant<'a> {
    /// Entry 0, and the entry after a long or double.
    Unusable,
    /// Modified UTF-8.
    Utf8(&'a [u8]),
    /// An int.
    Integer(i32),
    /// A float.
    Float(f32),
    /// A long; the next entry is unusable.
    Long(i64),
    /// A double; the next entry is unusable.
    Double(f64),
    /// A class, interface or array class.
    Class {
        /// Index of the name in internal form, or of the array's descriptor.
        name_index: u16,
    },
    /// A string.
    String {
        /// Index of the text.
        utf8_index: u16,
    },
    /// A field.
    Fieldref {
        /// Index of the class.
        class_index: u16,
        /// Index of name and descriptor.
        name_and_type_index: u16,
    },
    /// A method of a class.
    Methodref {
        /// Index of the class.
        class_index: u16,
        /// Index of name and descriptor.
        name_and_type_index: u16,
    },
    /// A method of an interface.
    InterfaceMethodref {
        /// Index of the interface.
        class_index: u16,
        /// Index of name and descriptor.
        name_and_type_index: u16,
    },
    /// Name and descriptor of a member.
    NameAndType {
        /// Index of the name.
        name_index: u16,
        /// Index of the descriptor.
        descriptor_index: u16,
    },
    /// A method handle.
    MethodHandle {
        /// What the handle does.
        kind: ReferenceKind,
        /// Index of the member.
        reference_index: u16,
    },
    /// A method type.
    MethodType {
        /// Index of the descriptor.
        descriptor_index: u16,
    },
    /// A dynamically computed constant.
    Dynamic {
        /// Index into `BootstrapMethods`.
        bootstrap_index: u16,
        /// Index of name and field descriptor.
        name_and_type_index: u16,
    },
    /// A dynamically computed call site.
    InvokeDynamic {
        /// Index into `BootstrapMethods`.
        bootstrap_index: u16,
        /// Index of name and method descriptor.
        name_and_type_index: u16,
    },
    /// A module; only in a module descriptor.
    Module {
        /// Index of the name.
        name_index: u16,
    },
    /// A package; only in a module descriptor.
    Package {
        /// Index of the name.
        name_index: u16,
    },
}

impl Constant<'_> {
    /// The tag (JVMS table 4.4-A), 0 for an unusable entry.
    pub fn tag(&self) -> u8 {
        match self {
            Constant::Unusable => 0,
            Constant::Utf8(_) => tag::UTF8,
            Constant::Integer(_) => tag::INTEGER,
            Constant::Float(_) => tag::FLOAT,
            Constant::Long(_) => tag::LONG,
            Constant::Double(_) => tag::DOUBLE,
            Constant::Class { .. } => tag::CLASS,
            Constant::String { .. } => tag::STRING,
            Constant::Fieldref { .. } => tag::FIELDREF,
            Constant::Methodref { .. } => tag::METHODREF,
            Constant::InterfaceMethodref { .. } => tag::INTERFACE_METHODREF,
            Constant::NameAndType { .. } => tag::NAME_AND_TYPE,
            Constant::MethodHandle { .. } => tag::METHOD_HANDLE,
            Constant::MethodType { .. } => tag::METHOD_TYPE,
            Constant::Dynamic { .. } => tag::DYNAMIC,
            Constant::InvokeDynamic { .. } => tag::INVOKE_DYNAMIC,
            Constant::Module { .. } => tag::MODULE,
            Constant::Package { .. } => tag::PACKAGE,
        }
    }

    /// Whether `ldc`, `ldc_w` or `ldc2_w` and bootstrap arguments may refer to the entry (JVMS table 4.4-C).
    pub fn is_loadable(&self) -> bool {
        matches!(
            self,
            Constant::Integer(_)
                | Constant::Float(_)
                | Constant::Long(_)
                | Constant::Double(_)
                | Constant::Class { .. }
                | Constant::String { .. }
                | Constant::MethodHandle { .. }
                | Constant::MethodType { .. }
                | Constant::Dynamic { .. }
        )
    }
}

/// Tags of constants (JVMS table 4.4-A).
pub(crate) mod tag {
    pub(crate) const UTF8: u8 = 1;
    pub(crate) const INTEGER: u8 = 3;
    pub(crate) const FLOAT: u8 = 4;
    pub(crate) const LONG: u8 = 5;
    pub(crate) const DOUBLE: u8 = 6;
    pub(crate) const CLASS: u8 = 7;
    pub(crate) const STRING: u8 = 8;
    pub(crate) const FIELDREF: u8 = 9;
    pub(crate) const METHODREF: u8 = 10;
    pub(crate) const INTERFACE_METHODREF: u8 = 11;
    pub(crate) const NAME_AND_TYPE: u8 = 12;
    pub(crate) const METHOD_HANDLE: u8 = 15;
    pub(crate) const METHOD_TYPE: u8 = 16;
    pub(crate) const DYNAMIC: u8 = 17;
    pub(crate) const INVOKE_DYNAMIC: u8 = 18;
    pub(crate) const MODULE: u8 = 19;
    pub(crate) const PACKAGE: u8 = 20;
}

/// The kind of a method handle (JVMS table 5.4.3.5-A).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ReferenceKind {
    /// `REF_getField`
    GetField = 1,
    /// `REF_getStatic`
    GetStatic = 2,
    /// `REF_putField`
    PutField = 3,
    /// `REF_putStatic`
    PutStatic = 4,
    /// `REF_invokeVirtual`
    InvokeVirtual = 5,
    /// `REF_invokeStatic`
    InvokeStatic = 6,
    /// `REF_invokeSpecial`
    InvokeSpecial = 7,
    /// `REF_newInvokeSpecial`
    NewInvokeSpecial = 8,
    /// `REF_invokeInterface`
    InvokeInterface = 9,
}

impl ReferenceKind {
    /// The kind of this number.
    pub fn from_u8(number: u8) -> Option<ReferenceKind> {
        Some(match number {
            1 => ReferenceKind::GetField,
            2 => ReferenceKind::GetStatic,
            3 => ReferenceKind::PutField,
            4 => ReferenceKind::PutStatic,
            5 => ReferenceKind::InvokeVirtual,
            6 => ReferenceKind::InvokeStatic,
            7 => ReferenceKind::InvokeSpecial,
            8 => ReferenceKind::NewInvokeSpecial,
            9 => ReferenceKind::InvokeInterface,
            _ => return None,
        })
    }

    /// The name in the specification.
    pub fn name(self) -> &'static str {
        match self {
            ReferenceKind::GetField => "REF_getField",
            ReferenceKind::GetStatic => "REF_getStatic",
            ReferenceKind::PutField => "REF_putField",
            ReferenceKind::PutStatic => "REF_putStatic",
            ReferenceKind::InvokeVirtual => "REF_invokeVirtual",
            ReferenceKind::InvokeStatic => "REF_invokeStatic",
            ReferenceKind::InvokeSpecial => "REF_invokeSpecial",
            ReferenceKind::NewInvokeSpecial => "REF_newInvokeSpecial",
            ReferenceKind::InvokeInterface => "REF_invokeInterface",
        }
    }
}

/// A field, method or interface method that the constant pool refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemberRef<'a> {
    /// Index of the class.
    pub class_index: u16,
    /// The class's name in internal form, or an array's descriptor.
    pub class_name: &'a [u8],
    /// The member's name.
    pub name: &'a [u8],
    /// The member's descriptor.
    pub descriptor: &'a [u8],
}

/// The constant pool, indexed as in the class file. The cross references between entries are checked when the
/// class file is parsed, so what is `None` below has a wrong index or an entry of another kind at it.
#[derive(Clone, Debug, Default)]
pub struct ConstantPool<'a> {
    pub(crate) entries: Vec<Constant<'a>>,
}

impl<'a> ConstantPool<'a> {
    /// The number of entries, the unusable ones included: one above the last index.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "entry 0 is always there")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All entries, the unusable entry 0 included.
    #[inline]
    pub fn entries(&self) -> &[Constant<'a>] {
        &self.entries
    }

    /// The entry at `index`; unusable where there is none.
    #[inline]
    pub fn get(&self, index: u16) -> Constant<'a> {
        self.entries.get(index as usize).copied().unwrap_or(Constant::Unusable)
    }

    /// The bytes of a `CONSTANT_Utf8`.
    #[inline]
    pub fn utf8(&self, index: u16) -> Option<&'a [u8]> {
        match self.get(index) {
            Constant::Utf8(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text of a `CONSTANT_Utf8`, for messages.
    pub fn text(&self, index: u16) -> Option<String> {
        self.utf8(index).map(mutf8::to_string_lossy)
    }

    /// The name of a `CONSTANT_Class`, in internal form.
    #[inline]
    pub fn class_name(&self, index: u16) -> Option<&'a [u8]> {
        match self.get(index) {
            Constant::Class { name_index } => self.utf8(name_index),
            _ => None,
        }
    }

    /// The text of a `CONSTANT_String`.
    #[inline]
    pub fn string(&self, index: u16) -> Option<&'a [u8]> {
        match self.get(index) {
            Constant::String { utf8_index } => self.utf8(utf8_index),
            _ => None,
        }
    }

    /// Name and descriptor of a `CONSTANT_NameAndType`.
    #[inline]
    pub fn name_and_type(&self, index: u16) -> Option<(&'a [u8], &'a [u8])> {
        match self.get(index) {
            Constant::NameAndType { name_index, descriptor_index } => {
                Some((self.utf8(name_index)?, self.utf8(descriptor_index)?))
            }
            _ => None,
        }
    }

    /// The member that a `CONSTANT_Fieldref`, `CONSTANT_Methodref` or `CONSTANT_InterfaceMethodref` names.
    pub fn member_ref(&self, index: u16) -> Option<MemberRef<'a>> {
        match self.get(index) {
            Constant::Fieldref { class_index, name_and_type_index }
            | Constant::Methodref { class_index, name_and_type_index }
            | Constant::InterfaceMethodref { class_index, name_and_type_index } => {
                let (name, descriptor) = self.name_and_type(name_and_type_index)?;
                Some(MemberRef { class_index, class_name: self.class_name(class_index)?, name, descriptor })
            }
            _ => None,
        }
    }

    /// Bootstrap method index, name and descriptor of a `CONSTANT_Dynamic` or `CONSTANT_InvokeDynamic`.
    pub fn dynamic(&self, index: u16) -> Option<(u16, &'a [u8], &'a [u8])> {
        match self.get(index) {
            Constant::Dynamic { bootstrap_index, name_and_type_index }
            | Constant::InvokeDynamic { bootstrap_index, name_and_type_index } => {
                let (name, descriptor) = self.name_and_type(name_and_type_index)?;
                Some((bootstrap_index, name, descriptor))
            }
            _ => None,
        }
    }
}
