//! A writer of class files, for front ends, generated classes, fuzzers and tests. It checks only what cannot be
//! encoded; whether the result is valid is for the reader and the verifier to say.

mod code;
mod pool;

use std::fmt;

use caturra_bytecode::encode::EncodeError;
use caturra_bytecode::mutf8;

pub use code::{CodeBuilder, Frame, Label, VerificationType};
pub use pool::ConstantPoolBuilder;

/// What cannot be encoded in a class file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WriteProblem {
    /// More than 65534 constants.
    TooManyConstants,
    /// A string of more than 65535 bytes in modified UTF-8.
    StringTooLong,
    /// A table (fields, attributes, exception handlers, ...) of more than 65535 entries, or bytes of an attribute
    /// beyond 4 GiB.
    TooLarge,
    /// A code array of more than 65535 bytes.
    CodeTooLarge,
    /// A conditional branch over more than 32767 bytes.
    BranchTooFar,
    /// A label that is used and not bound.
    UnboundLabel,
    /// Two frames at one instruction, or frames out of order.
    MisplacedFrame,
    /// Operands that the opcode does not take.
    Operands(EncodeError),
}

impl fmt::Display for WriteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteProblem::TooManyConstants => f.write_str("too many constants"),
            WriteProblem::StringTooLong => f.write_str("string too long"),
            WriteProblem::TooLarge => f.write_str("table too large"),
            WriteProblem::CodeTooLarge => f.write_str("code too large"),
            WriteProblem::BranchTooFar => f.write_str("conditional branch too far"),
            WriteProblem::UnboundLabel => f.write_str("unbound label"),
            WriteProblem::MisplacedFrame => f.write_str("misplaced stack map frame"),
            WriteProblem::Operands(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WriteProblem {}

impl From<EncodeError> for WriteProblem {
    fn from(error: EncodeError) -> Self {
        WriteProblem::Operands(error)
    }
}

fn push_u2(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_be_bytes());
}

/// A count of two bytes.
fn push_count(out: &mut Vec<u8>, count: usize) -> Result<(), WriteProblem> {
    push_u2(out, u16::try_from(count).map_err(|_| WriteProblem::TooLarge)?);
    Ok(())
}

/// Attributes in the making: index of the name, and content.
#[derive(Clone, Default, Debug)]
struct Attributes(Vec<(u16, Vec<u8>)>);

impl Attributes {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteProblem> {
        push_count(out, self.0.len())?;
        for (name, info) in &self.0 {
            push_u2(out, *name);
            out.extend(u32::try_from(info.len()).map_err(|_| WriteProblem::TooLarge)?.to_be_bytes());
            out.extend_from_slice(info);
        }
        Ok(())
    }
}

/// A field or method in the making.
#[derive(Clone, Debug)]
struct Member {
    access_flags: u16,
    name_index: u16,
    descriptor_index: u16,
    attributes: Attributes,
}

impl Member {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteProblem> {
        push_u2(out, self.access_flags);
        push_u2(out, self.name_index);
        push_u2(out, self.descriptor_index);
        self.attributes.write(out)
    }
}

/// A class file in the making. Strings are Rust strings; [`ConstantPoolBuilder::utf8_bytes`] takes modified UTF-8.
#[derive(Clone, Debug)]
pub struct ClassWriter {
    /// The constant pool.
    pub pool: ConstantPoolBuilder,
    minor_version: u16,
    major_version: u16,
    access_flags: u16,
    this_class: u16,
    super_class: u16,
    interfaces: Vec<u16>,
    fields: Vec<Member>,
    methods: Vec<Member>,
    attributes: Attributes,
    bootstrap_methods: Vec<(u16, Vec<u16>)>,
    problem: Option<WriteProblem>,
}

impl ClassWriter {
    /// A class of this name (in internal form) and superclass (`None` for `java/lang/Object` itself).
    pub fn new(major_version: u16, access_flags: u16, name: &str, super_name: Option<&str>) -> Self {
        let mut pool = ConstantPoolBuilder::new();
        let this_class = pool.class(name);
        let super_class = super_name.map_or(0, |name| pool.class(name));
        ClassWriter {
            pool,
            minor_version: 0,
            major_version,
            access_flags,
            this_class,
            super_class,
            interfaces: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            attributes: Attributes::default(),
            bootstrap_methods: Vec::new(),
            problem: None,
        }
    }

    /// Sets the minor version, 0 otherwise.
    pub fn minor_version(&mut self, minor_version: u16) -> &mut Self {
        self.minor_version = minor_version;
        self
    }

    /// Adds a direct superinterface.
    pub fn interface(&mut self, name: &str) -> &mut Self {
        let index = self.pool.class(name);
        self.interfaces.push(index);
        self
    }

    /// Adds a field; attributes are added to what is returned.
    pub fn field(&mut self, access_flags: u16, name: &str, descriptor: &str) -> MemberWriter<'_> {
        let member = self.member(access_flags, name, descriptor);
        self.fields.push(member);
        let member = self.fields.last_mut();
        MemberWriter { pool: &mut self.pool, problem: &mut self.problem, member }
    }

    /// Adds a method; code and other attributes are added to what is returned.
    pub fn method(&mut self, access_flags: u16, name: &str, descriptor: &str) -> MemberWriter<'_> {
        let member = self.member(access_flags, name, descriptor);
        self.methods.push(member);
        let member = self.methods.last_mut();
        MemberWriter { pool: &mut self.pool, problem: &mut self.problem, member }
    }

    fn member(&mut self, access_flags: u16, name: &str, descriptor: &str) -> Member {
        Member {
            access_flags,
            name_index: self.pool.utf8(name),
            descriptor_index: self.pool.utf8(descriptor),
            attributes: Attributes::default(),
        }
    }

    /// Adds an attribute of the class.
    pub fn attribute(&mut self, name: &str, info: Vec<u8>) -> &mut Self {
        let name = self.pool.utf8(name);
        self.attributes.0.push((name, info));
        self
    }

    /// Adds `SourceFile`.
    pub fn source_file(&mut self, name: &str) -> &mut Self {
        let index = self.pool.utf8(name);
        self.attribute("SourceFile", index.to_be_bytes().to_vec())
    }

    /// Adds a bootstrap method (or finds an equal one) and returns its index in `BootstrapMethods`.
    pub fn bootstrap_method(&mut self, method_handle: u16, arguments: &[u16]) -> u16 {
        let found = self
            .bootstrap_methods
            .iter()
            .position(|(handle, old)| *handle == method_handle && old == arguments);
        let index = found.unwrap_or_else(|| {
            self.bootstrap_methods.push((method_handle, arguments.to_vec()));
            self.bootstrap_methods.len() - 1
        });
        u16::try_from(index).unwrap_or_else(|_| {
            self.problem.get_or_insert(WriteProblem::TooLarge);
            0
        })
    }

    /// The class file.
    pub fn finish(mut self) -> Result<Vec<u8>, WriteProblem> {
        if !self.bootstrap_methods.is_empty() {
            let mut info = Vec::new();
            push_count(&mut info, self.bootstrap_methods.len())?;
            for (method_handle, arguments) in &self.bootstrap_methods {
                push_u2(&mut info, *method_handle);
                push_count(&mut info, arguments.len())?;
                arguments.iter().for_each(|&argument| push_u2(&mut info, argument));
            }
            self.attribute("BootstrapMethods", info);
        }
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let mut out = 0xCAFE_BABE_u32.to_be_bytes().to_vec();
        push_u2(&mut out, self.minor_version);
        push_u2(&mut out, self.major_version);
        self.pool.write(&mut out)?;
        push_u2(&mut out, self.access_flags);
        push_u2(&mut out, self.this_class);
        push_u2(&mut out, self.super_class);
        push_count(&mut out, self.interfaces.len())?;
        self.interfaces.iter().for_each(|&interface| push_u2(&mut out, interface));
        for members in [&self.fields, &self.methods] {
            push_count(&mut out, members.len())?;
            members.iter().try_for_each(|member| member.write(&mut out))?;
        }
        self.attributes.write(&mut out)?;
        Ok(out)
    }
}

/// Adds attributes to the field or method just added to a [`ClassWriter`].
pub struct MemberWriter<'w> {
    /// The class's constant pool.
    pub pool: &'w mut ConstantPoolBuilder,
    problem: &'w mut Option<WriteProblem>,
    member: Option<&'w mut Member>,
}

impl MemberWriter<'_> {
    /// Adds an attribute.
    pub fn attribute(&mut self, name: &str, info: Vec<u8>) -> &mut Self {
        let name = self.pool.utf8(name);
        if let Some(member) = &mut self.member {
            member.attributes.0.push((name, info));
        }
        self
    }

    /// Adds `ConstantValue`.
    pub fn constant_value(&mut self, index: u16) -> &mut Self {
        self.attribute("ConstantValue", index.to_be_bytes().to_vec())
    }

    /// Adds `Signature`.
    pub fn signature(&mut self, signature: &str) -> &mut Self {
        let index = self.pool.utf8(signature);
        self.attribute("Signature", index.to_be_bytes().to_vec())
    }

    /// Adds `Exceptions`.
    pub fn exceptions(&mut self, classes: &[&str]) -> &mut Self {
        let mut info = Vec::new();
        if let Err(problem) = push_count(&mut info, classes.len()) {
            self.problem.get_or_insert(problem);
        }
        for class in classes {
            let index = self.pool.class(class);
            push_u2(&mut info, index);
        }
        self.attribute("Exceptions", info)
    }

    /// Adds `Code`. A problem of the code is also reported by [`ClassWriter::finish`].
    pub fn code(&mut self, code: &CodeBuilder) -> &mut Self {
        match code.assemble(self.pool) {
            Ok(info) => self.attribute("Code", info),
            Err(problem) => {
                self.problem.get_or_insert(problem);
                self
            }
        }
    }
}

/// Modified UTF-8 of a string that fits a `CONSTANT_Utf8`.
fn encode_utf8(text: &str) -> Vec<u8> {
    mutf8::from_str(text)
}
