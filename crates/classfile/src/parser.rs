//! [`ClassFile::parse`]: the header and the overall order, which is that of HotSpot 17, because it decides
//! which of several problems is reported.

use std::borrow::Cow;
use std::fmt;

use caturra_bytecode::access::*;
use caturra_bytecode::descriptor::{self, DescriptorProblem};
use caturra_bytecode::{mutf8, name};

use crate::class_file::{ClassAttributes, ClassFile, Field, Method};
use crate::constant_pool::ConstantPool;
use crate::problem::{ClassFormatProblem, Parsed, ProblemKind};
use crate::reader::{Reader, U2Table};

/// Major versions by the release that introduced them.
pub(crate) mod version {
    pub(crate) const OLDEST: u16 = 45;
    pub(crate) const JAVA_1_5: u16 = 49;
    pub(crate) const JAVA_6: u16 = 50;
    pub(crate) const JAVA_7: u16 = 51;
    pub(crate) const JAVA_8: u16 = 52;
    pub(crate) const JAVA_9: u16 = 53;
    pub(crate) const JAVA_11: u16 = 55;
    pub(crate) const JAVA_12: u16 = 56;
    pub(crate) const JAVA_16: u16 = 60;
    pub(crate) const JAVA_17: u16 = 61;
}

/// The minor version that marks the use of preview features (JVMS §4.1).
const PREVIEW_MINOR: u16 = 65535;

/// How to parse.
#[derive(Clone, Copy, Debug)]
pub struct ParseOptions<'n> {
    /// Whether to check what costs time and only a faulty compiler gets wrong: UTF-8, names, descriptors, flags,
    /// duplicates. The structure (lengths, indices, kinds of constants) is checked in any case. HotSpot leaves
    /// this out for the boot loader, unless `-XX:+BytecodeVerificationLocal`.
    pub check_format: bool,
    /// Whether names of classes, fields and methods go unchecked although the format is checked, as HotSpot does
    /// for the platform loader.
    pub relaxed_names: bool,
    /// The newest major version to accept.
    pub max_major: u16,
    /// `--enable-preview`
    pub enable_preview: bool,
    /// The name, in internal form, that the class must have.
    pub expected_name: Option<&'n [u8]>,
    /// Whether to accept a module descriptor, which is no class. For tools; the VM has no use for it.
    pub modules: bool,
}

impl<'n> ParseOptions<'n> {
    /// For classes of the boot loader.
    pub fn trusted(max_major: u16) -> Self {
        ParseOptions { check_format: false, relaxed_names: true, ..Self::application(max_major) }
    }

    /// For classes of the platform loader.
    pub fn platform(max_major: u16) -> Self {
        ParseOptions { relaxed_names: true, ..Self::application(max_major) }
    }

    /// For all other classes: everything is checked.
    pub fn application(max_major: u16) -> Self {
        ParseOptions {
            check_format: true,
            relaxed_names: false,
            max_major,
            enable_preview: false,
            expected_name: None,
            modules: false,
        }
    }

    /// With a name, in internal form, that the class must have.
    pub fn expecting(self, name: &'n [u8]) -> Self {
        ParseOptions { expected_name: Some(name), ..self }
    }
}

pub(crate) struct Parser<'a, 'n> {
    pub(crate) reader: Reader<'a>,
    pub(crate) options: ParseOptions<'n>,
    pub(crate) major: u16,
    pub(crate) pool: ConstantPool<'a>,
    /// The tag of a constant that only a module descriptor may have.
    pub(crate) module_constant: Option<u8>,
    /// Index of the first method handle of unknown kind.
    pub(crate) bad_handle_kind: Option<usize>,
    /// The greatest index into `BootstrapMethods` that a constant has.
    pub(crate) max_bootstrap_index: Option<u16>,
    pub(crate) access_flags: u16,
    /// The name once it is read.
    own_name: Option<&'a [u8]>,
}

impl<'a> ClassFile<'a> {
    /// Parses and checks a class file.
    pub fn parse(bytes: &'a [u8], options: &ParseOptions<'_>) -> Result<ClassFile<'a>, ClassFormatProblem> {
        let mut parser = Parser {
            reader: Reader::new(bytes),
            options: *options,
            major: 0,
            pool: ConstantPool::default(),
            module_constant: None,
            bad_handle_kind: None,
            max_bootstrap_index: None,
            access_flags: 0,
            own_name: None,
        };
        parser.parse()
    }
}

impl<'a> Parser<'a, '_> {
    fn parse(&mut self) -> Parsed<ClassFile<'a>> {
        const MAGIC: u32 = 0xCAFE_BABE;
        let magic = self.reader.u4()?;
        let (minor, major) = (self.reader.u2()?, self.reader.u2()?);
        if magic != MAGIC {
            return Err(self.class_error(format_args!("Incompatible magic value {magic}")));
        }
        self.check_version(major, minor)?;
        self.major = major;
        self.parse_constant_pool()?;
        self.parse_access_flags()?;

        let this_class = self.reader.u2()?;
        let Some(name) = self.pool.class_name(this_class) else {
            return Err(self.format_error(format_args!(
                "Invalid this class index {this_class} in constant pool in class file {}",
                self.name()
            )));
        };
        if self.options.check_format && name.first() == Some(&b'[') {
            return Err(self.class_error(format_args!("Bad class name")));
        }
        self.check_expected_name(name)?;
        self.own_name = Some(name);

        let super_class = self.reader.u2()?;
        let super_name = self.check_super_class(super_class, name)?;
        let interfaces = self.parse_interfaces()?;
        let (fields, methods, attributes) =
            self.parse_rest(name, super_name, &interfaces).map_err(|problem| {
                problem.behind(interfaces.iter().filter_map(|index| self.pool.class_name(index)))
            })?;
        Ok(ClassFile {
            minor_version: minor,
            major_version: major,
            constant_pool: std::mem::take(&mut self.pool),
            access_flags: self.access_flags,
            this_class,
            name,
            super_class,
            super_name,
            interfaces,
            fields,
            methods,
            attributes,
        })
    }

    /// What follows the superinterfaces.
    fn parse_rest(
        &mut self,
        name: &[u8],
        super_name: Option<&[u8]>,
        interfaces: &U2Table<'_>,
    ) -> Parsed<(Vec<Field<'a>>, Vec<Method<'a>>, ClassAttributes<'a>)> {
        let fields = self.parse_fields()?;
        let methods = self.parse_methods()?;
        let attributes: ClassAttributes<'a> = self.parse_class_attributes()?;
        if !self.reader.at_end() {
            return Err(
                self.format_error(format_args!("Extra bytes at the end of class file {}", self.name()))
            );
        }
        self.check_supertypes(name, super_name, interfaces)?;
        Ok((fields, methods, attributes))
    }

    fn check_version(&self, major: u16, minor: u16) -> Parsed<()> {
        let max = self.options.max_major;
        if (version::OLDEST..=max).contains(&major) && (major < version::JAVA_12 || minor == 0) {
            return Ok(());
        }
        let name = self.name();
        let unsupported = |message: fmt::Arguments<'_>| {
            Err(self.problem(ProblemKind::UnsupportedClassVersionError, message))
        };
        if major < version::OLDEST {
            return unsupported(format_args!(
                "{name} (class file version {major}.{minor}) was compiled with an invalid major version"
            ));
        }
        if major > max {
            return unsupported(format_args!(
                "{name} has been compiled by a more recent version of the Java Runtime (class file version \
                 {major}.{minor}), this version of the Java Runtime only recognizes class file versions up to \
                 {max}.0"
            ));
        }
        if minor != PREVIEW_MINOR {
            return unsupported(format_args!(
                "{name} (class file version {major}.{minor}) was compiled with an invalid non-zero minor version"
            ));
        }
        if major != max {
            return unsupported(format_args!(
                "{name} (class file version {major}.{minor}) was compiled with preview features that are \
                 unsupported. This version of the Java Runtime only recognizes preview features for class file \
                 version {max}.{PREVIEW_MINOR}"
            ));
        }
        if !self.options.enable_preview {
            return unsupported(format_args!(
                "Preview features are not enabled for {name} (class file version {major}.{minor}). Try running \
                 with '--enable-preview'"
            ));
        }
        Ok(())
    }

    fn parse_access_flags(&mut self) -> Parsed<()> {
        // A problem of the flags comes after a file that ends in this class's and its supertypes' indices.
        self.reader.need(8)?;
        let flags = self.reader.u2()?;
        self.access_flags = self.effective_class_flags(flags, RECOGNIZED_CLASS_FLAGS);
        self.check_class_flags(self.access_flags)?;
        match self.module_constant {
            Some(tag) if self.access_flags & ACC_MODULE == 0 => {
                Err(self.class_error(format_args!("Unknown constant tag {tag}")))
            }
            _ => Ok(()),
        }
    }

    /// The flags that count in this version.
    pub(crate) fn effective_class_flags(&self, flags: u16, mut recognized: u16) -> u16 {
        if self.major >= version::JAVA_9 {
            recognized |= ACC_MODULE;
        }
        let flags = flags & recognized;
        if flags & ACC_INTERFACE != 0 && self.major < version::JAVA_6 {
            // Compilers of old did not set it.
            return flags | ACC_ABSTRACT;
        }
        flags
    }

    fn check_expected_name(&self, name: &[u8]) -> Parsed<()> {
        match self.options.expected_name {
            Some(expected) if expected != name => Err(self.problem(
                ProblemKind::NoClassDefFoundError,
                format_args!(
                    "{} (wrong name: {})",
                    mutf8::to_string_lossy(expected),
                    mutf8::to_string_lossy(name)
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_super_class(&self, super_class: u16, name: &[u8]) -> Parsed<Option<&'a [u8]>> {
        if super_class == 0 && (name == b"java/lang/Object" || self.access_flags & ACC_MODULE != 0) {
            return Ok(None);
        }
        let Some(super_name) = self.pool.class_name(super_class) else {
            return Err(self.class_error(format_args!("Invalid superclass index {super_class}")));
        };
        if self.options.check_format && super_name.first() == Some(&b'[') {
            return Err(self.class_error(format_args!("Bad superclass name")));
        }
        Ok(Some(super_name))
    }

    fn parse_interfaces(&mut self) -> Parsed<U2Table<'a>> {
        let count = self.reader.u2()?;
        let start = self.reader.position();
        for _ in 0..count {
            let index = self.reader.u2()?;
            let problem = match self.pool.class_name(index) {
                None => self.class_error(format_args!("Interface name has bad constant pool index {index}")),
                Some([b'[', ..]) => self.class_error(format_args!("Bad interface name")),
                Some(_) => continue,
            };
            let read = self.reader.position() - start;
            self.reader.rewind(start);
            let before: U2Table<'a> = self.reader.table(read / 2 - 1)?;
            return Err(problem.behind(before.iter().filter_map(|index| self.pool.class_name(index))));
        }
        self.reader.rewind(start);
        let interfaces: U2Table<'a> = self.reader.table(count as usize)?;
        if self.options.check_format {
            let names = || interfaces.iter().map(|index| self.pool.class_name(index).unwrap_or_default());
            if let Some(duplicate) = first_duplicate(count as usize, names()) {
                let problem = self.format_error(format_args!(
                    "Duplicate interface name \"{}\" in class file {}",
                    mutf8::to_string_lossy(duplicate),
                    self.name()
                ));
                return Err(problem.behind(names()));
            }
        }
        Ok(interfaces)
    }

    /// What can be said of the supertypes without loading them.
    fn check_supertypes(
        &self,
        name: &[u8],
        super_name: Option<&[u8]>,
        interfaces: &U2Table<'_>,
    ) -> Parsed<()> {
        if name == b"java/lang/Object" && !interfaces.is_empty() {
            return Err(self.class_error(format_args!("java.lang.Object cannot implement an interface")));
        }
        if self.is_interface() && super_name.is_some_and(|name| name != b"java/lang/Object") {
            return Err(self.class_error(format_args!("Interfaces must have java.lang.Object as superclass")));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn is_interface(&self) -> bool {
        self.access_flags & ACC_INTERFACE != 0
    }

    /// The class's name for messages.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        match self.options.expected_name.or(self.own_name) {
            Some(name) => mutf8::to_string_lossy(name).into(),
            None => "<Unknown>".into(),
        }
    }

    #[cold]
    pub(crate) fn problem(&self, kind: ProblemKind, message: fmt::Arguments<'_>) -> ClassFormatProblem {
        ClassFormatProblem::new(kind, message.to_string())
    }

    #[cold]
    pub(crate) fn format_error(&self, message: fmt::Arguments<'_>) -> ClassFormatProblem {
        self.problem(ProblemKind::ClassFormatError, message)
    }

    /// A `ClassFormatError` whose message ends in "in class file" and the name.
    #[cold]
    pub(crate) fn class_error(&self, message: fmt::Arguments<'_>) -> ClassFormatProblem {
        self.format_error(format_args!("{message} in class file {}", self.name()))
    }

    #[cold]
    pub(crate) fn illegal_signature(&self, what: &str, name: &[u8], signature: &[u8]) -> ClassFormatProblem {
        self.format_error(format_args!(
            "{what} \"{}\" in class {} has illegal signature \"{}\"",
            mutf8::to_string_lossy(name),
            self.name(),
            mutf8::to_string_lossy(signature)
        ))
    }

    #[inline]
    fn names_are_checked(&self) -> bool {
        self.options.check_format && !self.options.relaxed_names
    }

    #[cold]
    fn illegal_name(&self, what: &str, place: &str, name: &[u8]) -> ClassFormatProblem {
        self.format_error(format_args!(
            "Illegal {what} name \"{}\" in {place} {}",
            mutf8::to_string_lossy(name),
            self.name()
        ))
    }

    #[inline]
    pub(crate) fn check_class_name(&self, name: &[u8]) -> Parsed<()> {
        if !self.names_are_checked() {
            return Ok(());
        }
        name::check_class_name(name, self.major).map_err(|problem| match problem {
            DescriptorProblem::Malformed => self.illegal_name("class", "class file", name),
            in_descriptor => self.descriptor_problem("Class", name, name, in_descriptor),
        })
    }

    #[inline]
    pub(crate) fn check_field_name(&self, name: &[u8]) -> Parsed<()> {
        if !self.names_are_checked() || name::is_field_name(name, self.major) {
            return Ok(());
        }
        Err(self.illegal_name("field", "class", name))
    }

    #[inline]
    pub(crate) fn check_method_name(&self, name: &[u8]) -> Parsed<()> {
        if !self.names_are_checked() || name::is_method_name(name, self.major) {
            return Ok(());
        }
        Err(self.illegal_name("method", "class", name))
    }

    #[inline]
    pub(crate) fn check_field_descriptor(&self, name: &[u8], signature: &[u8]) -> Parsed<()> {
        if !self.options.check_format {
            return Ok(());
        }
        descriptor::check_field(signature, self.major)
            .map_err(|problem| self.descriptor_problem("Field", name, signature, problem))
    }

    /// Also returns the slots of the parameters; 0 where formats are not checked.
    #[inline]
    pub(crate) fn check_method_descriptor(&self, name: &[u8], signature: &[u8]) -> Parsed<usize> {
        if !self.options.check_format {
            return Ok(0);
        }
        descriptor::check_method(name, signature, self.major)
            .map_err(|problem| self.descriptor_problem("Method", name, signature, problem))
    }

    #[cold]
    fn descriptor_problem(
        &self,
        what: &str,
        name: &[u8],
        signature: &[u8],
        problem: DescriptorProblem,
    ) -> ClassFormatProblem {
        match problem {
            DescriptorProblem::ClassName => self
                .class_error(format_args!("Class name is empty or contains illegal character in descriptor")),
            DescriptorProblem::TooManyDimensions => {
                self.class_error(format_args!("Array type descriptor has more than 255 dimensions"))
            }
            DescriptorProblem::Malformed => self.illegal_signature(what, name, signature),
        }
    }

    /// An index that must be one of a `CONSTANT_Utf8`.
    #[inline]
    pub(crate) fn utf8_or(&self, index: u16, message: fmt::Arguments<'_>) -> Parsed<&'a [u8]> {
        match self.pool.utf8(index) {
            Some(bytes) => Ok(bytes),
            None => Err(self.class_error(message)),
        }
    }
}

/// The first of the `count` items that has occurred before.
pub(crate) fn first_duplicate<T: Copy + Eq + std::hash::Hash>(
    count: usize,
    items: impl Iterator<Item = T> + Clone,
) -> Option<T> {
    /// Up to here comparing all pairs is cheaper than hashing.
    const PAIRWISE: usize = 12;
    if count <= PAIRWISE {
        for (seen, item) in items.clone().enumerate() {
            if items.clone().take(seen).any(|earlier| earlier == item) {
                return Some(item);
            }
        }
        return None;
    }
    let mut seen = std::collections::HashSet::with_capacity(count);
    { items }.find(|&item| !seen.insert(item))
}
