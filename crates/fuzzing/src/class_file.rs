//! The class-file reader, and everything it hands out.

use caturra_bytecode::{Instructions, access, descriptor, name};
use caturra_classfile::{ClassFile, ParseOptions, RawAttributes, annotation, stack_map};

use crate::jdk::ClassBytes;

/// The newest version that is read.
const MAX_MAJOR: u16 = 69;

/// Reads a class file with each kind of trust, and all of what is accepted.
pub fn run(data: &[u8]) {
    let application = ClassFile::parse(data, &ParseOptions::application(MAX_MAJOR));
    let platform = ClassFile::parse(data, &ParseOptions::platform(MAX_MAJOR));
    let trusted = ClassFile::parse(data, &ParseOptions::trusted(MAX_MAJOR));
    if let Ok(class) = &application {
        assert!(platform.is_ok(), "less is checked for the platform loader");
        assert!(trusted.is_ok(), "less is checked for the boot loader");
        assert!(name::is_class_name(class.name, class.major_version));
        for method in &class.methods {
            let is_empty = method.has_flags(access::ACC_NATIVE) || method.has_flags(access::ACC_ABSTRACT);
            assert!(method.code.is_some() != is_empty);
            assert!(descriptor::is_method(method.descriptor));
        }
    }
    for class in [application, platform, trusted].iter().flatten() {
        walk(class);
    }
}

fn annotations(info: Option<&[u8]>, class: &ClassFile<'_>) {
    if let Some(info) = info {
        annotation::read(info, &class.constant_pool).for_each(drop);
    }
}

fn attributes(attributes: &RawAttributes<'_>) {
    for attribute in attributes.iter() {
        assert!(attribute.info.len() <= attributes.as_bytes().len());
    }
}

fn walk(class: &ClassFile<'_>) {
    for index in 0..class.constant_pool.len() as u16 {
        let _ = class.constant_pool.get(index);
    }
    class.interface_names().for_each(drop);
    annotations(class.attributes.annotations.visible, class);
    for field in &class.fields {
        annotations(field.annotations.visible, class);
    }
    for method in &class.methods {
        annotations(method.annotations.visible, class);
        let Some(code) = &method.code else { continue };
        Instructions::new(code.bytes).for_each(drop);
        attributes(&code.attributes);
        for pc in [0, code.bytes.len() as u16 - 1] {
            code.line_number(pc);
        }
        code.exception_table.iter().for_each(drop);
        if let Some(Ok(frames)) = code.stack_map_table.map(stack_map::decode) {
            frames.for_each(drop);
        }
    }
}

/// The class files.
pub fn seeds(classes: &[ClassBytes]) -> Vec<Vec<u8>> {
    classes.iter().map(|class| class.bytes.clone()).collect()
}
