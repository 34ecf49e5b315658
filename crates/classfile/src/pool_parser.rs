//! Reading and checking the constant pool (JVMS §4.4).

use caturra_bytecode::{descriptor, mutf8};

use crate::constant_pool::{Constant, ConstantPool, ReferenceKind, tag};
use crate::parser::Parser;
use crate::parser::version::{JAVA_7, JAVA_8, JAVA_9, JAVA_11};
use crate::problem::Parsed;

/// From this version on a character of a `CONSTANT_Utf8` must be in its shortest form.
const SHORTEST_UTF8_MAJOR: u16 = 48;

impl<'a> Parser<'a, '_> {
    /// Reads the entries, then checks the references between them, then (where formats are checked) names and
    /// descriptors. The order decides which problem of several is reported.
    pub(crate) fn parse_constant_pool(&mut self) -> Parsed<()> {
        let count = self.reader.u2()?;
        if count == 0 {
            return Err(self.class_error(format_args!("Illegal constant pool size {count}")));
        }
        self.read_entries(count)?;
        if self.module_constant.is_some() && !self.options.modules {
            // No class file gets past this; the access flags decide which problem it is.
            return Ok(());
        }
        self.check_references()?;
        if self.options.check_format { self.check_names() } else { Ok(()) }
    }

    fn read_entries(&mut self, count: u16) -> Parsed<()> {
        // An entry takes at least three bytes, so what follows bounds the allocation.
        let capacity = (count as usize).min(self.reader.remaining() / 3 + 2);
        self.pool.entries = Vec::with_capacity(capacity);
        self.pool.entries.push(Constant::Unusable);
        while self.pool.entries.len() < count as usize {
            let constant = self.read_entry()?;
            self.pool.entries.push(constant);
            if matches!(constant, Constant::Long(_) | Constant::Double(_)) {
                let index = self.pool.entries.len() - 1;
                if index + 1 >= count as usize {
                    return Err(self.class_error(format_args!("Invalid constant pool entry {index}")));
                }
                self.pool.entries.push(Constant::Unusable);
            }
        }
        Ok(())
    }

    fn read_entry(&mut self) -> Parsed<Constant<'a>> {
        let tag = self.reader.u1()?;
        let since = |parser: &Self, major: u16| {
            if parser.major >= major {
                return Ok(());
            }
            Err(parser.class_error(format_args!("Class file version does not support constant tag {tag}")))
        };
        let reader = &mut self.reader;
        Ok(match tag {
            tag::UTF8 => {
                let length = reader.u2()? as usize;
                // Something always follows; that it is missing is reported before what is wrong with the text.
                reader.need(length + 1)?;
                let bytes = reader.slice(length)?;
                if self.options.check_format {
                    let valid = if self.major >= SHORTEST_UTF8_MAJOR {
                        mutf8::is_valid(bytes)
                    } else {
                        mutf8::is_valid_any_form(bytes)
                    };
                    if !valid {
                        return Err(self.class_error(format_args!("Illegal UTF8 string in constant pool")));
                    }
                }
                Constant::Utf8(bytes)
            }
            tag::INTEGER => Constant::Integer(reader.u4()? as i32),
            tag::FLOAT => Constant::Float(f32::from_bits(reader.u4()?)),
            tag::LONG => Constant::Long(reader.u8()? as i64),
            tag::DOUBLE => Constant::Double(f64::from_bits(reader.u8()?)),
            tag::CLASS => Constant::Class { name_index: reader.u2()? },
            tag::STRING => Constant::String { utf8_index: reader.u2()? },
            tag::FIELDREF => {
                Constant::Fieldref { class_index: reader.u2()?, name_and_type_index: reader.u2()? }
            }
            tag::METHODREF => {
                Constant::Methodref { class_index: reader.u2()?, name_and_type_index: reader.u2()? }
            }
            tag::INTERFACE_METHODREF => {
                Constant::InterfaceMethodref { class_index: reader.u2()?, name_and_type_index: reader.u2()? }
            }
            tag::NAME_AND_TYPE => {
                Constant::NameAndType { name_index: reader.u2()?, descriptor_index: reader.u2()? }
            }
            tag::METHOD_HANDLE => {
                since(self, JAVA_7)?;
                let number = self.reader.u1()?;
                let reference_index = self.reader.u2()?;
                let kind = ReferenceKind::from_u8(number).unwrap_or_else(|| {
                    // Reported when the references are checked; no class file gets past that with this kind.
                    self.bad_handle_kind.get_or_insert(self.pool.entries.len());
                    ReferenceKind::GetField
                });
                Constant::MethodHandle { kind, reference_index }
            }
            tag::METHOD_TYPE => {
                since(self, JAVA_7)?;
                Constant::MethodType { descriptor_index: self.reader.u2()? }
            }
            tag::DYNAMIC => {
                since(self, JAVA_11)?;
                let bootstrap_index = self.reader.u2()?;
                self.note_bootstrap_index(bootstrap_index);
                Constant::Dynamic { bootstrap_index, name_and_type_index: self.reader.u2()? }
            }
            tag::INVOKE_DYNAMIC => {
                since(self, JAVA_7)?;
                let bootstrap_index = self.reader.u2()?;
                self.note_bootstrap_index(bootstrap_index);
                Constant::InvokeDynamic { bootstrap_index, name_and_type_index: self.reader.u2()? }
            }
            // These two belong into a module descriptor, whose flags are reported first.
            tag::MODULE | tag::PACKAGE if self.major >= JAVA_9 => {
                let name_index = reader.u2()?;
                self.module_constant = Some(tag);
                if tag == tag::MODULE {
                    Constant::Module { name_index }
                } else {
                    Constant::Package { name_index }
                }
            }
            _ => return Err(self.class_error(format_args!("Unknown constant tag {tag}"))),
        })
    }

    fn note_bootstrap_index(&mut self, index: u16) {
        self.max_bootstrap_index = self.max_bootstrap_index.max(Some(index));
    }

    fn check_references(&self) -> Parsed<()> {
        let pool = &self.pool;
        let bad = |index: u16, note: &str| {
            self.format_error(format_args!(
                "Invalid constant pool index {index} in class file {}{note}",
                self.name()
            ))
        };
        let utf8 = |index: u16| match pool.get(index) {
            Constant::Utf8(_) => Ok(()),
            _ => Err(bad(index, "")),
        };
        let name_and_type = |index: u16| match pool.get(index) {
            Constant::NameAndType { .. } => Ok(()),
            _ => Err(bad(index, "")),
        };
        for (index, constant) in pool.entries.iter().enumerate() {
            match *constant {
                Constant::Unusable
                | Constant::Utf8(_)
                | Constant::Integer(_)
                | Constant::Float(_)
                | Constant::Long(_)
                | Constant::Double(_) => {}
                Constant::Class { name_index }
                | Constant::Module { name_index }
                | Constant::Package { name_index } => utf8(name_index)?,
                Constant::String { utf8_index } => utf8(utf8_index)?,
                Constant::Fieldref { class_index, name_and_type_index }
                | Constant::Methodref { class_index, name_and_type_index }
                | Constant::InterfaceMethodref { class_index, name_and_type_index } => {
                    if !matches!(pool.get(class_index), Constant::Class { .. }) {
                        return Err(bad(class_index, ""));
                    }
                    name_and_type(name_and_type_index)?;
                }
                Constant::NameAndType { name_index, descriptor_index } => {
                    utf8(name_index)?;
                    utf8(descriptor_index)?;
                }
                Constant::MethodHandle { kind, reference_index } => {
                    let target = pool.get(reference_index);
                    if reference_index == 0 || reference_index as usize >= pool.len() {
                        return Err(bad(reference_index, ""));
                    }
                    if self.bad_handle_kind == Some(index) {
                        return Err(self.class_error(format_args!(
                            "Bad method handle kind at constant pool index {index}"
                        )));
                    }
                    let since_8 = self.major >= JAVA_8;
                    let (fits, note) = match kind {
                        ReferenceKind::GetField
                        | ReferenceKind::GetStatic
                        | ReferenceKind::PutField
                        | ReferenceKind::PutStatic => {
                            (matches!(target, Constant::Fieldref { .. }), " (not a field)")
                        }
                        ReferenceKind::InvokeVirtual | ReferenceKind::NewInvokeSpecial => {
                            (matches!(target, Constant::Methodref { .. }), " (not a method)")
                        }
                        ReferenceKind::InvokeStatic | ReferenceKind::InvokeSpecial => {
                            let interface = matches!(target, Constant::InterfaceMethodref { .. });
                            let fits = matches!(target, Constant::Methodref { .. }) || since_8 && interface;
                            (fits, " (not a method)")
                        }
                        ReferenceKind::InvokeInterface => (
                            matches!(target, Constant::InterfaceMethodref { .. }),
                            " (not an interface method)",
                        ),
                    };
                    if !fits {
                        return Err(bad(reference_index, note));
                    }
                }
                Constant::MethodType { descriptor_index } => utf8(descriptor_index)?,
                // The bootstrap index is checked with `BootstrapMethods`.
                Constant::Dynamic { name_and_type_index, .. }
                | Constant::InvokeDynamic { name_and_type_index, .. } => name_and_type(name_and_type_index)?,
            }
        }
        Ok(())
    }

    /// Names and descriptors. The references are known to be good.
    fn check_names(&self) -> Parsed<()> {
        let pool = &self.pool;
        let utf8 = |index: u16| pool.utf8(index).unwrap_or_default();
        let member = |name_and_type_index: u16| match pool.get(name_and_type_index) {
            Constant::NameAndType { name_index, descriptor_index } => {
                (name_index, utf8(name_index), utf8(descriptor_index))
            }
            _ => (0, &[][..], &[][..]),
        };
        for constant in &pool.entries {
            match *constant {
                Constant::Class { name_index } => self.check_class_name(utf8(name_index))?,
                Constant::NameAndType { name_index, descriptor_index } => {
                    let (name, descriptor) = (utf8(name_index), utf8(descriptor_index));
                    for (index, text) in [(name_index, name), (descriptor_index, descriptor)] {
                        if text.is_empty() {
                            return Err(self.format_error(format_args!(
                                "Illegal zero length constant pool entry at {index} in class {}",
                                self.name()
                            )));
                        }
                    }
                    if descriptor::is_method(descriptor) {
                        self.check_method_name(name)?;
                        self.check_method_descriptor(name, descriptor)?;
                    } else {
                        self.check_field_name(name)?;
                        self.check_field_descriptor(name, descriptor)?;
                    }
                }
                // The names and descriptors of members have been checked above; it remains that a field's
                // descriptor is not a method's and the reverse.
                Constant::Fieldref { name_and_type_index, .. } => {
                    let (_, name, descriptor) = member(name_and_type_index);
                    if descriptor::is_method(descriptor) {
                        return Err(self.illegal_signature("Field", name, descriptor));
                    }
                }
                Constant::Dynamic { name_and_type_index, .. } => {
                    let (_, name, descriptor) = member(name_and_type_index);
                    if descriptor::is_method(descriptor) {
                        return Err(self.illegal_signature("CONSTANT_Dynamic", name, descriptor));
                    }
                }
                Constant::InvokeDynamic { name_and_type_index, .. }
                | Constant::InterfaceMethodref { name_and_type_index, .. } => {
                    let (_, name, descriptor) = member(name_and_type_index);
                    if !descriptor::is_method(descriptor) {
                        return Err(self.illegal_signature("Method", name, descriptor));
                    }
                }
                Constant::Methodref { name_and_type_index, .. } => {
                    let (name_index, name, descriptor) = member(name_and_type_index);
                    if !descriptor::is_method(descriptor) {
                        return Err(self.illegal_signature("Method", name, descriptor));
                    }
                    // JVMS §4.4.2: of the special methods a Methodref can name <init> alone.
                    if name.first() == Some(&b'<') && name != b"<init>" {
                        return Err(self.bad_name("method", name_index));
                    }
                }
                Constant::MethodHandle { kind, reference_index } => {
                    let (Constant::Methodref { name_and_type_index, .. }
                    | Constant::InterfaceMethodref { name_and_type_index, .. }) = pool.get(reference_index)
                    else {
                        continue;
                    };
                    let (name_index, name, _) = member(name_and_type_index);
                    match kind {
                        ReferenceKind::NewInvokeSpecial if name != b"<init>" => {
                            return Err(self.bad_name("constructor", name_index));
                        }
                        ReferenceKind::InvokeVirtual
                        | ReferenceKind::InvokeStatic
                        | ReferenceKind::InvokeSpecial
                            if name == b"<init>" =>
                        {
                            return Err(self.bad_name("method", name_index));
                        }
                        _ => {}
                    }
                }
                Constant::MethodType { descriptor_index } => {
                    self.check_method_descriptor(b"type", utf8(descriptor_index))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    #[cold]
    fn bad_name(&self, what: &str, name_index: u16) -> crate::problem::ClassFormatProblem {
        self.class_error(format_args!("Bad {what} name at constant pool index {name_index}"))
    }
}

/// Accessors for the parser alone: an index that must be of a kind.
impl ConstantPool<'_> {
    pub(crate) fn is_class(&self, index: u16) -> bool {
        matches!(self.get(index), Constant::Class { .. })
    }
}
