//! What the verifier reads of the class that it verifies. Implemented here for [`ClassFile`]; the VM implements
//! it for its metadata.

use caturra_bytecode::name::to_external;
use caturra_classfile::{ClassFile, Constant, ConstantPool, Method};

/// A constant pool (JVMS §4.4). The cross references between its entries have been checked.
pub trait PoolView<'a> {
    /// The number of entries, the unusable ones included: one above the last index.
    fn count(&self) -> usize;
    /// The tag of an entry (JVMS table 4.4-A), 0 for an unusable one. The index is below [`count`](Self::count).
    fn tag(&self, index: u16) -> u8;
    /// The name of a `CONSTANT_Class`.
    fn class_name(&self, index: u16) -> &'a [u8];
    /// The two indices of an entry: class and name-and-type of a member, bootstrap method and name-and-type of a
    /// dynamic constant or call site, name and descriptor of a `CONSTANT_NameAndType`.
    fn pair(&self, index: u16) -> (u16, u16);
    /// The bytes of a `CONSTANT_Utf8`.
    fn utf8(&self, index: u16) -> &'a [u8];
}

/// A row of the exception table (JVMS §4.7.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First protected instruction.
    pub start_pc: u16,
    /// End of the protected range, exclusive.
    pub end_pc: u16,
    /// Where the handler starts.
    pub handler_pc: u16,
    /// Index of the class that is caught, 0 for all.
    pub catch_type: u16,
}

/// The plain parts of the attribute `Code` (JVMS §4.7.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeView<'a> {
    /// Slots of the operand stack.
    pub max_stack: u16,
    /// Slots of the local variables, the parameters among them.
    pub max_locals: u16,
    /// The code array.
    pub bytes: &'a [u8],
    /// The content of `StackMapTable`; an empty one counts as none.
    pub stack_map_table: Option<&'a [u8]>,
}

/// A method (JVMS §4.6).
pub trait MethodView<'a> {
    /// Access flags.
    fn access_flags(&self) -> u16;
    /// Name.
    fn name(&self) -> &'a [u8];
    /// Descriptor.
    fn descriptor(&self) -> &'a [u8];
    /// The code, `None` for a native or abstract method.
    fn code(&self) -> Option<CodeView<'a>>;
    /// Calls `visit` with the rows of the exception table in their order.
    fn for_each_handler(&self, visit: &mut dyn FnMut(Handler));
    /// Calls `visit` with start and length of each row of `LocalVariableTable` (JVMS §4.7.13).
    fn for_each_local_variable(&self, visit: &mut dyn FnMut(u16, u16));
}

/// The class that is verified.
pub trait ClassView<'a> {
    /// The constant pool.
    type Pool: PoolView<'a>;
    /// A method.
    type Method: MethodView<'a>;

    /// The constant pool.
    fn pool(&self) -> &Self::Pool;
    /// The major version of the class file.
    fn major_version(&self) -> u16;
    /// The name in internal form.
    fn name(&self) -> &'a [u8];
    /// The name as messages write it, with dots, in modified UTF-8.
    fn external_name(&self) -> Vec<u8>;
    /// The name of the superclass in internal form, `None` for `java/lang/Object` alone.
    fn super_name(&self) -> Option<&'a [u8]>;
    /// Whether a direct superinterface has this name.
    fn has_direct_interface(&self, name: &[u8]) -> bool;
    /// Whether the class declares this field.
    fn declares_field(&self, name: &[u8], descriptor: &[u8]) -> bool;
    /// The number of declared methods.
    fn method_count(&self) -> usize;
    /// A declared method.
    fn method(&self, index: usize) -> Self::Method;
}

impl<'a> PoolView<'a> for ConstantPool<'a> {
    fn count(&self) -> usize {
        self.len()
    }

    fn tag(&self, index: u16) -> u8 {
        self.get(index).tag()
    }

    fn class_name(&self, index: u16) -> &'a [u8] {
        ConstantPool::class_name(self, index).unwrap_or_default()
    }

    fn pair(&self, index: u16) -> (u16, u16) {
        match self.get(index) {
            Constant::Fieldref { class_index: first, name_and_type_index: second }
            | Constant::Methodref { class_index: first, name_and_type_index: second }
            | Constant::InterfaceMethodref { class_index: first, name_and_type_index: second }
            | Constant::Dynamic { bootstrap_index: first, name_and_type_index: second }
            | Constant::InvokeDynamic { bootstrap_index: first, name_and_type_index: second }
            | Constant::NameAndType { name_index: first, descriptor_index: second } => (first, second),
            _ => (0, 0),
        }
    }

    fn utf8(&self, index: u16) -> &'a [u8] {
        ConstantPool::utf8(self, index).unwrap_or_default()
    }
}

/// A method of a parsed class file.
#[derive(Clone, Copy, Debug)]
pub struct ClassFileMethod<'m, 'a>(&'m Method<'a>);

impl<'a> MethodView<'a> for ClassFileMethod<'_, 'a> {
    fn access_flags(&self) -> u16 {
        self.0.access_flags
    }

    fn name(&self) -> &'a [u8] {
        self.0.name
    }

    fn descriptor(&self) -> &'a [u8] {
        self.0.descriptor
    }

    fn code(&self) -> Option<CodeView<'a>> {
        let code = self.0.code.as_ref()?;
        Some(CodeView {
            max_stack: code.max_stack,
            max_locals: code.max_locals,
            bytes: code.bytes,
            stack_map_table: code.stack_map_table,
        })
    }

    fn for_each_handler(&self, visit: &mut dyn FnMut(Handler)) {
        for row in self.0.code.iter().flat_map(|code| code.exception_table.iter()) {
            visit(Handler {
                start_pc: row.start_pc,
                end_pc: row.end_pc,
                handler_pc: row.handler_pc,
                catch_type: row.catch_type,
            });
        }
    }

    fn for_each_local_variable(&self, visit: &mut dyn FnMut(u16, u16)) {
        for row in self.0.code.iter().flat_map(|code| code.local_variables.iter()) {
            visit(row.start_pc, row.length);
        }
    }
}

impl<'m, 'a: 'm> ClassView<'a> for &'m ClassFile<'a> {
    type Pool = ConstantPool<'a>;
    type Method = ClassFileMethod<'m, 'a>;

    fn pool(&self) -> &ConstantPool<'a> {
        &self.constant_pool
    }

    fn major_version(&self) -> u16 {
        self.major_version
    }

    fn name(&self) -> &'a [u8] {
        self.name
    }

    fn external_name(&self) -> Vec<u8> {
        to_external(self.name)
    }

    fn super_name(&self) -> Option<&'a [u8]> {
        self.super_name
    }

    fn has_direct_interface(&self, name: &[u8]) -> bool {
        self.interface_names().any(|interface| interface == name)
    }

    fn declares_field(&self, name: &[u8], descriptor: &[u8]) -> bool {
        self.field(name, descriptor).is_some()
    }

    fn method_count(&self) -> usize {
        self.methods.len()
    }

    fn method(&self, index: usize) -> ClassFileMethod<'m, 'a> {
        ClassFileMethod(&self.methods[index])
    }
}
