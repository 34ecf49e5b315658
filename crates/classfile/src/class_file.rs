//! The parsed class file. Names and descriptors are slices of the input; indices refer to the constant pool.

use crate::constant_pool::ConstantPool;
use crate::reader::{RawAttributes, Table, TableEntry, Tables, U2Table, u2_at};

/// A class file (JVMS §4.1) that passed the reader's checks.
#[derive(Clone, Debug)]
pub struct ClassFile<'a> {
    /// Minor version.
    pub minor_version: u16,
    /// Major version.
    pub major_version: u16,
    /// The constant pool.
    pub constant_pool: ConstantPool<'a>,
    /// The flags that count for a class of this version; `ACC_ABSTRACT` is set for an interface in any case.
    pub access_flags: u16,
    /// Index of this class.
    pub this_class: u16,
    /// The name of this class, in internal form.
    pub name: &'a [u8],
    /// Index of the superclass, 0 for `java/lang/Object` alone.
    pub super_class: u16,
    /// The name of the superclass, in internal form.
    pub super_name: Option<&'a [u8]>,
    /// Indices of the direct superinterfaces.
    pub interfaces: U2Table<'a>,
    /// The declared fields.
    pub fields: Vec<Field<'a>>,
    /// The declared methods.
    pub methods: Vec<Method<'a>>,
    /// The class's attributes.
    pub attributes: ClassAttributes<'a>,
}

impl<'a> ClassFile<'a> {
    /// Whether all of these flags are set.
    #[inline]
    pub fn has_flags(&self, flags: u16) -> bool {
        self.access_flags & flags == flags
    }

    /// The names of the direct superinterfaces, in internal form.
    pub fn interface_names(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + '_ {
        self.interfaces.iter().map(|index| self.constant_pool.class_name(index).unwrap_or_default())
    }

    /// The declared field of this name and descriptor.
    pub fn field(&self, name: &[u8], descriptor: &[u8]) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name && field.descriptor == descriptor)
    }

    /// The declared method of this name and descriptor.
    pub fn method(&self, name: &[u8], descriptor: &[u8]) -> Option<&Method<'a>> {
        self.methods.iter().find(|method| method.name == name && method.descriptor == descriptor)
    }
}

/// Annotations as raw attribute contents (what follows name and length), as `java.lang.reflect` wants them.
/// [`annotation`](crate::annotation) decodes them.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Annotations<'a> {
    /// `RuntimeVisibleAnnotations`
    pub visible: Option<&'a [u8]>,
    /// `RuntimeInvisibleAnnotations`
    pub invisible: Option<&'a [u8]>,
    /// `RuntimeVisibleTypeAnnotations`
    pub visible_types: Option<&'a [u8]>,
    /// `RuntimeInvisibleTypeAnnotations`
    pub invisible_types: Option<&'a [u8]>,
}

/// A field (JVMS §4.5).
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// The flags that count for a field; `ACC_SYNTHETIC` is also set by the attribute `Synthetic`.
    pub access_flags: u16,
    /// Index of the name.
    pub name_index: u16,
    /// Index of the descriptor.
    pub descriptor_index: u16,
    /// The name.
    pub name: &'a [u8],
    /// The descriptor.
    pub descriptor: &'a [u8],
    /// Index of the initial value of a static field, or 0 (an instance field's is ignored).
    pub constant_value: u16,
    /// Index of the generic signature, or 0.
    pub signature: u16,
    /// `Deprecated`
    pub deprecated: bool,
    /// Annotations.
    pub annotations: Annotations<'a>,
    /// All attributes, undecoded.
    pub attributes: RawAttributes<'a>,
}

impl Field<'_> {
    /// Whether all of these flags are set.
    #[inline]
    pub fn has_flags(&self, flags: u16) -> bool {
        self.access_flags & flags == flags
    }
}

/// A method (JVMS §4.6).
#[derive(Clone, Debug)]
pub struct Method<'a> {
    /// The flags that count for a method; `ACC_SYNTHETIC` is also set by the attribute `Synthetic`.
    pub access_flags: u16,
    /// Index of the name.
    pub name_index: u16,
    /// Index of the descriptor.
    pub descriptor_index: u16,
    /// The name.
    pub name: &'a [u8],
    /// The descriptor.
    pub descriptor: &'a [u8],
    /// The code, unless native or abstract.
    pub code: Option<Code<'a>>,
    /// `Exceptions`: indices of the classes in the `throws` clause.
    pub exceptions: U2Table<'a>,
    /// `MethodParameters`
    pub parameters: Option<Table<'a, MethodParameter>>,
    /// Index of the generic signature, or 0.
    pub signature: u16,
    /// `Deprecated`
    pub deprecated: bool,
    /// Annotations.
    pub annotations: Annotations<'a>,
    /// `RuntimeVisibleParameterAnnotations`, raw.
    pub visible_parameter_annotations: Option<&'a [u8]>,
    /// `RuntimeInvisibleParameterAnnotations`, raw.
    pub invisible_parameter_annotations: Option<&'a [u8]>,
    /// `AnnotationDefault`, raw.
    pub annotation_default: Option<&'a [u8]>,
    /// All attributes, undecoded.
    pub attributes: RawAttributes<'a>,
}

impl Method<'_> {
    /// Whether all of these flags are set.
    #[inline]
    pub fn has_flags(&self, flags: u16) -> bool {
        self.access_flags & flags == flags
    }
}

/// The attribute `Code` (JVMS §4.7.3).
#[derive(Clone, Debug)]
pub struct Code<'a> {
    /// Slots of the operand stack.
    pub max_stack: u16,
    /// Slots of the local variables, the parameters among them.
    pub max_locals: u16,
    /// The code array.
    pub bytes: &'a [u8],
    /// Exception handlers, in the order of search.
    pub exception_table: Table<'a, ExceptionHandler>,
    /// All `LineNumberTable` attributes, in their order.
    pub line_numbers: Tables<'a, LineNumber>,
    /// All `LocalVariableTable` attributes.
    pub local_variables: Tables<'a, LocalVariable>,
    /// All `LocalVariableTypeTable` attributes; `descriptor_index` is that of the generic signature.
    pub local_variable_types: Tables<'a, LocalVariable>,
    /// `StackMapTable`, in class files from version 50 on; decoded by [`stack_map`](crate::stack_map).
    pub stack_map_table: Option<&'a [u8]>,
    /// All attributes, undecoded.
    pub attributes: RawAttributes<'a>,
}

impl Code<'_> {
    /// The source line of the instruction at `pc`: of the entry with the greatest `start_pc` not above `pc`, the
    /// last such entry counting.
    pub fn line_number(&self, pc: u16) -> Option<u16> {
        let entries = self.line_numbers.iter().filter(|entry| entry.start_pc <= pc);
        entries.max_by_key(|entry| entry.start_pc).map(|entry| entry.line)
    }
}

macro_rules! table_entry {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: u16 @ $at:literal,)* } size $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
        pub struct $name { $($(#[$field_doc])* pub $field: u16,)* }

        impl TableEntry for $name {
            const SIZE: usize = $size;

            #[inline]
            fn read(bytes: &[u8]) -> Self {
                let bytes = &bytes[..$size];
                $name { $($field: u2_at(bytes, $at),)* }
            }
        }
    };
}

table_entry! {
    /// An entry of the exception table.
    ExceptionHandler {
        /// First protected instruction.
        start_pc: u16 @ 0,
        /// End of the protected range, exclusive.
        end_pc: u16 @ 2,
        /// Where the handler starts.
        handler_pc: u16 @ 4,
        /// Index of the class that is caught, 0 for all.
        catch_type: u16 @ 6,
    } size 8
}

table_entry! {
    /// An entry of `LineNumberTable` (JVMS §4.7.12).
    LineNumber {
        /// First instruction of the line.
        start_pc: u16 @ 0,
        /// Source line.
        line: u16 @ 2,
    } size 4
}

table_entry! {
    /// An entry of `LocalVariableTable` or `LocalVariableTypeTable` (JVMS §4.7.13, §4.7.14).
    LocalVariable {
        /// Where the variable's range starts.
        start_pc: u16 @ 0,
        /// Length of the range in bytes.
        length: u16 @ 2,
        /// Index of the name.
        name_index: u16 @ 4,
        /// Index of the descriptor, or of the generic signature.
        descriptor_index: u16 @ 6,
        /// Slot.
        index: u16 @ 8,
    } size 10
}

table_entry! {
    /// An entry of `MethodParameters` (JVMS §4.7.24).
    MethodParameter {
        /// Index of the name, or 0.
        name_index: u16 @ 0,
        /// `ACC_FINAL`, `ACC_SYNTHETIC`, `ACC_MANDATED`.
        access_flags: u16 @ 2,
    } size 4
}

table_entry! {
    /// An entry of `InnerClasses` (JVMS §4.7.6), as read: see [`ClassAttributes::inner_classes`].
    InnerClass {
        /// Index of the member class.
        inner_class: u16 @ 0,
        /// Index of the class that it is a member of, 0 for a local or anonymous class.
        outer_class: u16 @ 2,
        /// Index of its simple name, 0 for an anonymous class.
        inner_name: u16 @ 4,
        /// The flags of its declaration.
        access_flags: u16 @ 6,
    } size 8
}

/// The attribute `EnclosingMethod` (JVMS §4.7.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnclosingMethod {
    /// Index of the innermost enclosing class.
    pub class_index: u16,
    /// Index of name and type of the enclosing method, or 0.
    pub method_index: u16,
}

/// A component of a record class (JVMS §4.7.30).
#[derive(Clone, Copy, Debug)]
pub struct RecordComponent<'a> {
    /// Index of the name.
    pub name_index: u16,
    /// Index of the descriptor.
    pub descriptor_index: u16,
    /// Index of the generic signature, or 0.
    pub signature: u16,
    /// Annotations.
    pub annotations: Annotations<'a>,
    /// All attributes, undecoded.
    pub attributes: RawAttributes<'a>,
}

/// An entry of `BootstrapMethods` (JVMS §4.7.23).
#[derive(Clone, Copy, Debug)]
pub struct BootstrapMethod<'a> {
    /// Index of the method handle.
    pub method_handle: u16,
    /// Indices of the static arguments.
    pub arguments: U2Table<'a>,
}

/// The attributes of a class.
#[derive(Clone, Default, Debug)]
pub struct ClassAttributes<'a> {
    /// Index of the source file's name, or 0.
    pub source_file: u16,
    /// `SourceDebugExtension`: modified UTF-8.
    pub source_debug_extension: Option<&'a [u8]>,
    /// `InnerClasses`, with the flags that count for a class of this version. Empty, as in HotSpot, where two
    /// entries are for the same class.
    pub inner_classes: Vec<InnerClass>,
    /// `EnclosingMethod`
    pub enclosing_method: Option<EnclosingMethod>,
    /// Index of the nest host, or 0.
    pub nest_host: u16,
    /// Indices of the nest members.
    pub nest_members: U2Table<'a>,
    /// Indices of the permitted direct subclasses of a sealed class.
    pub permitted_subclasses: Option<U2Table<'a>>,
    /// The components of a record class.
    pub record: Option<Vec<RecordComponent<'a>>>,
    /// `BootstrapMethods`
    pub bootstrap_methods: Vec<BootstrapMethod<'a>>,
    /// Index of the generic signature, or 0.
    pub signature: u16,
    /// `Synthetic`, or the flag.
    pub synthetic: bool,
    /// `Deprecated`
    pub deprecated: bool,
    /// Annotations.
    pub annotations: Annotations<'a>,
    /// All attributes, undecoded.
    pub raw: RawAttributes<'a>,
}
