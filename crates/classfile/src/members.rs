//! Fields (JVMS §4.5), methods (JVMS §4.6) and their attributes, `Code` (JVMS §4.7.3) among them.

use std::collections::HashMap;

use caturra_bytecode::access::*;
use caturra_bytecode::descriptor::BasicType;
use caturra_bytecode::mutf8;
use caturra_bytecode::name::to_external;

use crate::class_file::{Annotations, Code, ExceptionHandler, Field, LineNumber, LocalVariable, Method};
use crate::constant_pool::Constant;
use crate::parser::version::{JAVA_1_5, JAVA_6, JAVA_7, JAVA_16};
use crate::parser::{Parser, first_duplicate};
use crate::problem::Parsed;
use crate::reader::{RawAttributes, Table, Tables};

/// The most slots that the arguments of a method may take, the receiver included (JVMS §4.3.3).
const MAX_ARGUMENT_SLOTS: usize = 255;
/// The greatest length of a code array (JVMS §4.7.3).
const MAX_CODE_LENGTH: u32 = 65535;

impl<'a> Parser<'a, '_> {
    /// An element count for `Vec::with_capacity`: what the rest of the file can hold at most, given that an
    /// element takes at least `size` bytes.
    fn capacity(&self, count: u16, size: usize) -> usize {
        (count as usize).min(self.reader.remaining() / size)
    }

    pub(crate) fn parse_fields(&mut self) -> Parsed<Vec<Field<'a>>> {
        let count = self.reader.u2()?;
        let mut fields = Vec::with_capacity(self.capacity(count, 8));
        for _ in 0..count {
            fields.push(self.parse_field()?);
        }
        if self.options.check_format {
            let members = fields.iter().map(|field: &Field<'_>| (field.name, field.descriptor));
            self.check_duplicate_members("field", fields.len(), members)?;
        }
        Ok(fields)
    }

    pub(crate) fn parse_methods(&mut self) -> Parsed<Vec<Method<'a>>> {
        let count = self.reader.u2()?;
        let mut methods = Vec::with_capacity(self.capacity(count, 8));
        for _ in 0..count {
            methods.push(self.parse_method()?);
        }
        if self.options.check_format {
            let members = methods.iter().map(|method: &Method<'_>| (method.name, method.descriptor));
            self.check_duplicate_members("method", methods.len(), members)?;
        }
        Ok(methods)
    }

    fn check_duplicate_members<'m>(
        &self,
        what: &str,
        count: usize,
        members: impl Iterator<Item = (&'m [u8], &'m [u8])> + Clone,
    ) -> Parsed<()> {
        match first_duplicate(count, members) {
            None => Ok(()),
            // The descriptor is shown with dots, as HotSpot does it here and nowhere else.
            Some((name, descriptor)) => Err(self.class_error(format_args!(
                "Duplicate {what} name \"{}\" with signature \"{}\"",
                mutf8::to_string_lossy(name),
                mutf8::to_string_lossy(&to_external(descriptor))
            ))),
        }
    }

    /// `Signature`, of two bytes.
    pub(crate) fn parse_signature(&mut self) -> Parsed<u16> {
        let index = self.reader.u2()?;
        self.utf8_or(index, format_args!("Invalid Signature attribute at constant pool index {index}"))?;
        Ok(index)
    }

    /// One of the four annotation attributes that classes, fields, methods and record components have in common.
    /// Whether `name` was one.
    pub(crate) fn parse_annotations(
        &mut self,
        annotations: &mut Annotations<'a>,
        name: &[u8],
        length: u32,
        of: &str,
    ) -> Parsed<bool> {
        let place = match name {
            b"RuntimeVisibleAnnotations" => &mut annotations.visible,
            b"RuntimeInvisibleAnnotations" => &mut annotations.invisible,
            b"RuntimeVisibleTypeAnnotations" => &mut annotations.visible_types,
            b"RuntimeInvisibleTypeAnnotations" => &mut annotations.invisible_types,
            _ => return Ok(false),
        };
        self.parse_once(place, name, length, of)?;
        Ok(true)
    }

    /// An attribute that is kept raw and may occur once.
    fn parse_once(&mut self, place: &mut Option<&'a [u8]>, name: &[u8], length: u32, of: &str) -> Parsed<()> {
        if place.is_some() {
            let name = mutf8::to_string_lossy(name);
            return Err(self.class_error(format_args!("Multiple {name} attributes{of}")));
        }
        *place = Some(self.reader.slice(length as usize)?);
        Ok(())
    }

    fn parse_field(&mut self) -> Parsed<Field<'a>> {
        self.reader.need(8)?;
        let access_flags = self.reader.u2()? & RECOGNIZED_FIELD_FLAGS;
        self.check_field_flags(access_flags)?;
        let name_index = self.reader.u2()?;
        let name = self
            .utf8_or(name_index, format_args!("Invalid constant pool index {name_index} for field name"))?;
        self.check_field_name(name)?;
        let descriptor_index = self.reader.u2()?;
        let descriptor = self.utf8_or(
            descriptor_index,
            format_args!("Invalid constant pool index {descriptor_index} for field signature"),
        )?;
        self.check_field_descriptor(name, descriptor)?;
        let mut field = Field {
            access_flags,
            name_index,
            descriptor_index,
            name,
            descriptor,
            constant_value: 0,
            signature: 0,
            deprecated: false,
            annotations: Annotations::default(),
            attributes: RawAttributes::default(),
        };
        self.parse_field_attributes(&mut field)?;
        Ok(field)
    }

    fn parse_field_attributes(&mut self, field: &mut Field<'a>) -> Parsed<()> {
        let count = self.reader.u2()?;
        let start = self.reader.position();
        for _ in 0..count {
            let name_index = self.reader.u2()?;
            let length = self.reader.u4()?;
            let name =
                self.utf8_or(name_index, format_args!("Invalid field attribute index {name_index}"))?;
            match name {
                // An instance field's is ignored (JVMS §4.7.2).
                b"ConstantValue" if field.access_flags & ACC_STATIC != 0 => {
                    if field.constant_value != 0 {
                        return Err(self.class_error(format_args!("Duplicate ConstantValue attribute")));
                    }
                    if length != 2 {
                        return Err(self.class_error(format_args!(
                            "Invalid ConstantValue field attribute length {length}"
                        )));
                    }
                    field.constant_value = self.reader.u2()?;
                    self.check_constant_value(field.constant_value, field.descriptor)?;
                }
                b"Synthetic" => {
                    self.check_empty("Synthetic field", length)?;
                    field.access_flags |= ACC_SYNTHETIC;
                }
                b"Deprecated" => {
                    self.check_empty("Deprecated field", length)?;
                    field.deprecated = true;
                }
                b"Signature" if self.major >= JAVA_1_5 => {
                    if field.signature != 0 {
                        return Err(self.class_error(format_args!("Multiple Signature attributes for field")));
                    }
                    if length != 2 {
                        return Err(self.class_error(format_args!(
                            "Wrong size {length} for field's Signature attribute"
                        )));
                    }
                    field.signature = self.parse_signature()?;
                }
                _ => {
                    if self.major < JAVA_1_5
                        || !self.parse_annotations(&mut field.annotations, name, length, " for field")?
                    {
                        self.reader.slice(length as usize)?;
                    }
                }
            }
        }
        field.attributes = RawAttributes { bytes: self.reader.since(start) };
        Ok(())
    }

    pub(crate) fn check_empty(&self, what: &str, length: u32) -> Parsed<()> {
        if length == 0 {
            return Ok(());
        }
        Err(self.class_error(format_args!("Invalid {what} attribute length {length}")))
    }

    /// JVMS table 4.7.2-A.
    fn check_constant_value(&self, index: u16, descriptor: &[u8]) -> Parsed<()> {
        if index == 0 || index as usize >= self.pool.len() {
            return Err(
                self.class_error(format_args!("Bad initial value index {index} in ConstantValue attribute"))
            );
        }
        let value = self.pool.get(index);
        let basic = descriptor.first().and_then(|&first| BasicType::from_char(first));
        let fits = match basic {
            Some(BasicType::Long) => matches!(value, Constant::Long(_)),
            Some(BasicType::Float) => matches!(value, Constant::Float(_)),
            Some(BasicType::Double) => matches!(value, Constant::Double(_)),
            Some(BasicType::Reference) if descriptor.starts_with(b"L") => {
                if descriptor != b"Ljava/lang/String;" || !matches!(value, Constant::String { .. }) {
                    return Err(self.class_error(format_args!("Bad string initial value")));
                }
                true
            }
            Some(basic) if basic.is_int_like() => matches!(value, Constant::Integer(_)),
            _ => return Err(self.class_error(format_args!("Unable to set initial value {index}"))),
        };
        if fits { Ok(()) } else { Err(self.class_error(format_args!("Inconsistent constant value type"))) }
    }

    fn parse_method(&mut self) -> Parsed<Method<'a>> {
        self.reader.need(8)?;
        let mut flags = self.reader.u2()?;
        let name_index = self.reader.u2()?;
        let name = self
            .utf8_or(name_index, format_args!("Illegal constant pool index {name_index} for method name"))?;
        self.check_method_name(name)?;
        let descriptor_index = self.reader.u2()?;
        let descriptor = self.utf8_or(
            descriptor_index,
            format_args!("Illegal constant pool index {descriptor_index} for method signature"),
        )?;
        if name == b"<clinit>" {
            // JVMS §4.6: of the flags of `<clinit>` only ACC_STATIC and ACC_STRICT count, by version.
            if self.major < JAVA_7 {
                flags = ACC_STATIC;
            } else if flags & ACC_STATIC != 0 {
                flags &= if self.major <= JAVA_16 { ACC_STATIC | ACC_STRICT } else { ACC_STATIC };
            } else {
                return Err(self.class_error(format_args!("Method <clinit> is not static")));
            }
        } else {
            self.check_method_flags(flags, name)?;
        }
        if name == b"<init>" && self.is_interface() {
            return Err(self.format_error(format_args!(
                "Interface cannot have a method named <init>, class file {}",
                self.name()
            )));
        }
        let receiver = usize::from(flags & ACC_STATIC == 0);
        let argument_slots = receiver + self.check_method_descriptor(name, descriptor)?;
        if self.options.check_format && argument_slots > MAX_ARGUMENT_SLOTS {
            return Err(self.class_error(format_args!("Too many arguments in method signature")));
        }
        let mut method = Method {
            access_flags: flags & RECOGNIZED_METHOD_FLAGS,
            name_index,
            descriptor_index,
            name,
            descriptor,
            code: None,
            exceptions: Table::default(),
            parameters: None,
            signature: 0,
            deprecated: false,
            annotations: Annotations::default(),
            visible_parameter_annotations: None,
            invisible_parameter_annotations: None,
            annotation_default: None,
            attributes: RawAttributes::default(),
        };
        self.parse_method_attributes(&mut method, argument_slots)?;
        let bodiless = method.access_flags & (ACC_NATIVE | ACC_ABSTRACT) != 0;
        if !bodiless && method.code.is_none() {
            return Err(self.class_error(format_args!(
                "Absent Code attribute in method that is not native or abstract"
            )));
        }
        if let Some(code) = &method.code
            && self.options.check_format
        {
            self.check_local_variables(code)?;
        }
        Ok(method)
    }

    fn parse_method_attributes(&mut self, method: &mut Method<'a>, argument_slots: usize) -> Parsed<()> {
        const OF: &str = " for method";
        let count = self.reader.u2()?;
        let start = self.reader.position();
        let mut has_exceptions = false;
        for _ in 0..count {
            let name_index = self.reader.u2()?;
            let length = self.reader.u4()?;
            let name =
                self.utf8_or(name_index, format_args!("Invalid method attribute name index {name_index}"))?;
            match name {
                b"Code" => {
                    if method.access_flags & (ACC_NATIVE | ACC_ABSTRACT) != 0 {
                        return Err(
                            self.class_error(format_args!("Code attribute in native or abstract methods"))
                        );
                    }
                    if method.code.is_some() {
                        return Err(self.class_error(format_args!("Multiple Code attributes")));
                    }
                    method.code = Some(self.parse_code(length, argument_slots)?);
                }
                b"Exceptions" => {
                    if has_exceptions {
                        return Err(self.class_error(format_args!("Multiple Exceptions attributes")));
                    }
                    has_exceptions = true;
                    method.exceptions = self.parse_exceptions(length)?;
                }
                b"MethodParameters" => {
                    if method.parameters.is_some() {
                        return Err(self.class_error(format_args!("Multiple MethodParameters attributes")));
                    }
                    let parameter_count = self.reader.u1()?;
                    if length != u32::from(parameter_count) * 4 + 1 {
                        // HotSpot's message names no class here.
                        return Err(self.format_error(format_args!(
                            "Invalid MethodParameters method attribute length {length} in class file"
                        )));
                    }
                    method.parameters = Some(self.reader.table(parameter_count as usize)?);
                }
                b"Synthetic" => {
                    self.check_empty("Synthetic method", length)?;
                    method.access_flags |= ACC_SYNTHETIC;
                }
                b"Deprecated" => {
                    self.check_empty("Deprecated method", length)?;
                    method.deprecated = true;
                }
                _ if self.major < JAVA_1_5 => {
                    self.reader.slice(length as usize)?;
                }
                b"Signature" => {
                    if method.signature != 0 {
                        return Err(self.class_error(format_args!("Multiple Signature attributes{OF}")));
                    }
                    if length != 2 {
                        return Err(
                            self.class_error(format_args!("Invalid Signature attribute length {length}"))
                        );
                    }
                    method.signature = self.parse_signature()?;
                }
                b"RuntimeVisibleParameterAnnotations" => {
                    self.parse_once(&mut method.visible_parameter_annotations, name, length, OF)?;
                }
                b"RuntimeInvisibleParameterAnnotations" => {
                    self.parse_once(&mut method.invisible_parameter_annotations, name, length, OF)?;
                }
                b"AnnotationDefault" => {
                    self.parse_once(&mut method.annotation_default, name, length, OF)?;
                }
                _ => {
                    if !self.parse_annotations(&mut method.annotations, name, length, OF)? {
                        self.reader.slice(length as usize)?;
                    }
                }
            }
        }
        method.attributes = RawAttributes { bytes: self.reader.since(start) };
        Ok(())
    }

    fn parse_exceptions(&mut self, length: u32) -> Parsed<Table<'a, u16>> {
        let count = self.reader.u2()?;
        let exceptions: Table<'a, u16> = self.reader.table(count as usize)?;
        for index in exceptions {
            if !self.pool.is_class(index) {
                return Err(
                    self.class_error(format_args!("Exception name has bad type at constant pool {index}"))
                );
            }
        }
        if length != 2 + 2 * u32::from(count) {
            return Err(self.class_error(format_args!("Exceptions attribute has wrong length")));
        }
        Ok(exceptions)
    }

    fn parse_code(&mut self, length: u32, argument_slots: usize) -> Parsed<Code<'a>> {
        let code_start = self.reader.position();
        self.reader.need(8)?;
        let max_stack = self.reader.u2()?;
        let max_locals = self.reader.u2()?;
        let code_length = self.reader.u4()?;
        if self.options.check_format && argument_slots > max_locals as usize {
            return Err(self.class_error(format_args!("Arguments can't fit into locals")));
        }
        if code_length == 0 || code_length > MAX_CODE_LENGTH {
            return Err(self.class_error(format_args!("Invalid method Code length {code_length}")));
        }
        let bytes = self.reader.slice(code_length as usize)?;
        let mut has_stack_map = false;
        let exception_table = self.parse_exception_table(code_length)?;
        let mut code = Code {
            max_stack,
            max_locals,
            bytes,
            exception_table,
            line_numbers: Tables::default(),
            local_variables: Tables::default(),
            local_variable_types: Tables::default(),
            stack_map_table: None,
            attributes: RawAttributes::default(),
        };
        let count = self.reader.u2()?;
        let start = self.reader.position();
        for _ in 0..count {
            let name_index = self.reader.u2()?;
            let length = self.reader.u4()?;
            let name =
                self.utf8_or(name_index, format_args!("Invalid code attribute name index {name_index}"))?;
            match name {
                b"LineNumberTable" => {
                    let table = self.parse_line_numbers(length, code_length)?;
                    code.line_numbers.push(table);
                }
                b"LocalVariableTable" => {
                    let table = self.parse_local_variables(length, &code, false)?;
                    code.local_variables.push(table);
                }
                b"LocalVariableTypeTable" if self.major >= JAVA_1_5 => {
                    let table = self.parse_local_variables(length, &code, true)?;
                    code.local_variable_types.push(table);
                }
                b"StackMapTable" if self.major >= JAVA_6 => {
                    if has_stack_map {
                        return Err(self.class_error(format_args!("Multiple StackMapTable attributes")));
                    }
                    has_stack_map = true;
                    // An empty one counts as none.
                    code.stack_map_table =
                        Some(self.reader.slice(length as usize)?).filter(|info| !info.is_empty());
                }
                _ => {
                    self.reader.slice(length as usize)?;
                }
            }
        }
        code.attributes = RawAttributes { bytes: self.reader.since(start) };
        if self.reader.position() - code_start != length as usize {
            return Err(self.class_error(format_args!("Code segment has wrong length")));
        }
        Ok(code)
    }

    fn parse_exception_table(&mut self, code_length: u32) -> Parsed<Table<'a, ExceptionHandler>> {
        let count = self.reader.u2()?;
        let table: Table<'a, ExceptionHandler> = self.reader.table(count as usize)?;
        for entry in table {
            if entry.start_pc >= entry.end_pc || u32::from(entry.end_pc) > code_length {
                return Err(self.class_error(format_args!("Illegal exception table range")));
            }
            if u32::from(entry.handler_pc) >= code_length {
                return Err(self.class_error(format_args!("Illegal exception table handler")));
            }
            if entry.catch_type != 0 && !self.pool.is_class(entry.catch_type) {
                return Err(
                    self.class_error(format_args!("Catch type in exception table has bad constant type"))
                );
            }
        }
        Ok(table)
    }

    fn parse_line_numbers(&mut self, length: u32, code_length: u32) -> Parsed<Table<'a, LineNumber>> {
        let count = self.reader.u2()?;
        if length != 2 + 4 * u32::from(count) {
            return Err(self.class_error(format_args!("LineNumberTable attribute has wrong length")));
        }
        let table: Table<'a, LineNumber> = self.reader.table(count as usize)?;
        if table.iter().any(|entry| u32::from(entry.start_pc) >= code_length) {
            return Err(self.class_error(format_args!("Invalid pc in LineNumberTable")));
        }
        Ok(table)
    }

    /// `LocalVariableTable`, or `LocalVariableTypeTable` where `types`.
    fn parse_local_variables(
        &mut self,
        length: u32,
        code: &Code<'a>,
        types: bool,
    ) -> Parsed<Table<'a, LocalVariable>> {
        let name = if types { "LocalVariableTypeTable" } else { "LocalVariableTable" };
        let count = self.reader.u2()?;
        if length != 2 + 10 * u32::from(count) {
            return Err(self.class_error(format_args!("{name} has wrong length")));
        }
        let table: Table<'a, LocalVariable> = self.reader.table(count as usize)?;
        for entry in table {
            let LocalVariable { start_pc, length, name_index, descriptor_index, index } = entry;
            if start_pc as usize >= code.bytes.len() {
                return Err(self.class_error(format_args!("Invalid start_pc {start_pc} in {name}")));
            }
            if start_pc as usize + length as usize > code.bytes.len() {
                return Err(self.class_error(format_args!("Invalid length {length} in {name}")));
            }
            let variable = self.utf8_or(
                name_index,
                format_args!("Name index {name_index} in {name} has bad constant type"),
            )?;
            let descriptor = self.utf8_or(
                descriptor_index,
                format_args!("Signature index {descriptor_index} in {name} has bad constant type"),
            )?;
            self.check_field_name(variable)?;
            let mut last = index as usize;
            if !types {
                self.check_field_descriptor(variable, descriptor)?;
                last += usize::from(matches!(descriptor, b"J" | b"D"));
            }
            if last >= code.max_locals as usize {
                return Err(self.class_error(format_args!("Invalid index {index} in {name}")));
            }
        }
        Ok(table)
    }

    /// JVMS §4.7.13: a variable has one entry. An entry of `LocalVariableTypeTable` refines one of
    /// `LocalVariableTable`, and no two of them the same.
    fn check_local_variables(&self, code: &Code<'a>) -> Parsed<()> {
        if code.local_variables.is_empty() {
            return Ok(());
        }
        let key = |entry: &LocalVariable| (entry.start_pc, entry.length, entry.name_index, entry.index);
        let complain = |message: &str, entry: LocalVariable| {
            let name = self.pool.text(entry.name_index).unwrap_or_default();
            self.class_error(format_args!("{message} entry for '{name}'"))
        };
        let variables = code.local_variables.iter().map(|entry| key(&entry));
        if code.local_variable_types.is_empty() {
            if self.major >= JAVA_1_5
                && let Some(duplicate) = first_duplicate(code.local_variables.len(), variables)
            {
                let entry = code.local_variables.iter().find(|entry| key(entry) == duplicate);
                return Err(complain("Duplicated LocalVariableTable attribute", entry.unwrap_or_default()));
            }
            return Ok(());
        }
        // The value says whether the entry has been refined.
        let mut refined = HashMap::with_capacity(code.local_variables.len());
        for entry in code.local_variables.iter() {
            if refined.insert(key(&entry), false).is_some() {
                return Err(complain("Duplicated LocalVariableTable attribute", entry));
            }
        }
        for entry in code.local_variable_types.iter() {
            match refined.get_mut(&key(&entry)) {
                None => {
                    let name = self.pool.text(entry.name_index).unwrap_or_default();
                    return Err(self.format_error(format_args!(
                        "LVTT entry for '{name}' in class file {} does not match any LVT entry",
                        self.name()
                    )));
                }
                Some(true) => return Err(complain("Duplicated LocalVariableTypeTable attribute", entry)),
                Some(flag) => *flag = true,
            }
        }
        Ok(())
    }
}
