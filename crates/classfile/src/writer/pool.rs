//! A constant pool in the making: equal constants are entered once.

use std::collections::HashMap;

use super::{WriteProblem, encode_utf8, push_u2};
use crate::constant_pool::{ReferenceKind, tag};

/// A constant pool in the making. The methods return the index of the constant, entering it where it is new.
/// Beyond the format's limits they return 0, and writing the class reports the problem.
#[derive(Clone, Debug)]
pub struct ConstantPoolBuilder {
    /// The encoded entries, from index 1 on.
    bytes: Vec<u8>,
    /// The index of the next entry.
    next: u32,
    /// Encoded entry to index.
    indices: HashMap<Vec<u8>, u16>,
    problem: Option<WriteProblem>,
}

impl Default for ConstantPoolBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ConstantPoolBuilder {
    /// An empty pool.
    pub fn new() -> Self {
        ConstantPoolBuilder { bytes: Vec::new(), next: 1, indices: HashMap::new(), problem: None }
    }

    /// The number of entries as the class file counts them: one above the last index.
    pub fn count(&self) -> u32 {
        self.next
    }

    fn intern(&mut self, entry: Vec<u8>) -> u16 {
        if let Some(&index) = self.indices.get(&entry) {
            return index;
        }
        let entries = if matches!(entry.first(), Some(&(tag::LONG | tag::DOUBLE))) { 2 } else { 1 };
        let Ok(index) = u16::try_from(self.next) else { return self.fail(WriteProblem::TooManyConstants) };
        if self.next + entries > u32::from(u16::MAX) {
            return self.fail(WriteProblem::TooManyConstants);
        }
        self.next += entries;
        self.bytes.extend_from_slice(&entry);
        self.indices.insert(entry, index);
        index
    }

    fn fail(&mut self, problem: WriteProblem) -> u16 {
        self.problem.get_or_insert(problem);
        0
    }

    fn one(&mut self, tag: u8, operand: u16) -> u16 {
        let [high, low] = operand.to_be_bytes();
        self.intern(vec![tag, high, low])
    }

    fn two(&mut self, tag: u8, first: u16, second: u16) -> u16 {
        let ([a, b], [c, d]) = (first.to_be_bytes(), second.to_be_bytes());
        self.intern(vec![tag, a, b, c, d])
    }

    /// A `CONSTANT_Utf8` of any bytes.
    pub fn utf8_bytes(&mut self, bytes: &[u8]) -> u16 {
        let Ok(length) = u16::try_from(bytes.len()) else { return self.fail(WriteProblem::StringTooLong) };
        let mut entry = vec![tag::UTF8];
        push_u2(&mut entry, length);
        entry.extend_from_slice(bytes);
        self.intern(entry)
    }

    /// A `CONSTANT_Utf8`.
    pub fn utf8(&mut self, text: &str) -> u16 {
        self.utf8_bytes(&encode_utf8(text))
    }

    /// A `CONSTANT_Integer`.
    pub fn integer(&mut self, value: i32) -> u16 {
        let [a, b, c, d] = value.to_be_bytes();
        self.intern(vec![tag::INTEGER, a, b, c, d])
    }

    /// A `CONSTANT_Float`; equal are floats of equal bits.
    pub fn float(&mut self, value: f32) -> u16 {
        let [a, b, c, d] = value.to_bits().to_be_bytes();
        self.intern(vec![tag::FLOAT, a, b, c, d])
    }

    /// A `CONSTANT_Long`.
    pub fn long(&mut self, value: i64) -> u16 {
        let mut entry = vec![tag::LONG];
        entry.extend(value.to_be_bytes());
        self.intern(entry)
    }

    /// A `CONSTANT_Double`; equal are doubles of equal bits.
    pub fn double(&mut self, value: f64) -> u16 {
        let mut entry = vec![tag::DOUBLE];
        entry.extend(value.to_bits().to_be_bytes());
        self.intern(entry)
    }

    /// A `CONSTANT_Class`, by name in internal form or array descriptor.
    pub fn class(&mut self, name: &str) -> u16 {
        let name = self.utf8(name);
        self.one(tag::CLASS, name)
    }

    /// A `CONSTANT_String`.
    pub fn string(&mut self, text: &str) -> u16 {
        let text = self.utf8(text);
        self.one(tag::STRING, text)
    }

    /// A `CONSTANT_NameAndType`.
    pub fn name_and_type(&mut self, name: &str, descriptor: &str) -> u16 {
        let name = self.utf8(name);
        let descriptor = self.utf8(descriptor);
        self.two(tag::NAME_AND_TYPE, name, descriptor)
    }

    fn member(&mut self, tag: u8, class: &str, name: &str, descriptor: &str) -> u16 {
        let class = self.class(class);
        let name_and_type = self.name_and_type(name, descriptor);
        self.two(tag, class, name_and_type)
    }

    /// A `CONSTANT_Fieldref`.
    pub fn field_ref(&mut self, class: &str, name: &str, descriptor: &str) -> u16 {
        self.member(tag::FIELDREF, class, name, descriptor)
    }

    /// A `CONSTANT_Methodref`.
    pub fn method_ref(&mut self, class: &str, name: &str, descriptor: &str) -> u16 {
        self.member(tag::METHODREF, class, name, descriptor)
    }

    /// A `CONSTANT_InterfaceMethodref`.
    pub fn interface_method_ref(&mut self, class: &str, name: &str, descriptor: &str) -> u16 {
        self.member(tag::INTERFACE_METHODREF, class, name, descriptor)
    }

    /// A `CONSTANT_MethodHandle`.
    pub fn method_handle(&mut self, kind: ReferenceKind, reference: u16) -> u16 {
        let [high, low] = reference.to_be_bytes();
        self.intern(vec![tag::METHOD_HANDLE, kind as u8, high, low])
    }

    /// A `CONSTANT_MethodType`.
    pub fn method_type(&mut self, descriptor: &str) -> u16 {
        let descriptor = self.utf8(descriptor);
        self.one(tag::METHOD_TYPE, descriptor)
    }

    /// A `CONSTANT_Dynamic`.
    pub fn dynamic(&mut self, bootstrap_index: u16, name: &str, descriptor: &str) -> u16 {
        let name_and_type = self.name_and_type(name, descriptor);
        self.two(tag::DYNAMIC, bootstrap_index, name_and_type)
    }

    /// A `CONSTANT_InvokeDynamic`.
    pub fn invoke_dynamic(&mut self, bootstrap_index: u16, name: &str, descriptor: &str) -> u16 {
        let name_and_type = self.name_and_type(name, descriptor);
        self.two(tag::INVOKE_DYNAMIC, bootstrap_index, name_and_type)
    }

    /// An entry of any bytes, tag included, never merged with another; for tests of the reader.
    pub fn raw(&mut self, entry: &[u8]) -> u16 {
        let Ok(index) = u16::try_from(self.next) else { return self.fail(WriteProblem::TooManyConstants) };
        self.next += 1;
        self.bytes.extend_from_slice(entry);
        index
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteProblem> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let count = u16::try_from(self.next).map_err(|_| WriteProblem::TooManyConstants)?;
        push_u2(out, count);
        out.extend_from_slice(&self.bytes);
        Ok(())
    }
}
