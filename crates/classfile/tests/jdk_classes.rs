//! Every class of the JDK passes the reader with all checks on, and decodes and encodes to itself.

mod common;

use std::time::Instant;

use caturra_bytecode::{Instructions, MethodDescriptor};
use caturra_classfile::{ClassFile, ParseOptions, ProblemKind, annotation, stack_map};

const MAX_MAJOR: u16 = 69;

#[test]
fn all_classes_of_the_jdk() {
    let Some(image) = common::Image::open() else { return };
    let (mut classes, mut modules, mut methods, mut frames, mut annotations) = (0, 0, 0, 0, 0);
    image.for_each_class(|_, path, bytes| {
        let options = ParseOptions::application(MAX_MAJOR);
        if path.ends_with("module-info") {
            let problem = ClassFile::parse(bytes, &options.expecting(b"module-info")).unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::NoClassDefFoundError);
            assert_eq!(problem.message(), "module-info is not a class because access_flag ACC_MODULE is set");
            let module = ClassFile::parse(bytes, &ParseOptions { modules: true, ..options }).unwrap();
            assert_eq!(module.name, b"module-info");
            modules += 1;
            return;
        }
        let class = ClassFile::parse(bytes, &options.expecting(path.as_bytes()))
            .unwrap_or_else(|problem| panic!("{path}: {problem}"));
        classes += 1;
        for method in &class.methods {
            methods += 1;
            assert!(MethodDescriptor::parse(method.descriptor).is_some());
            let Some(code) = &method.code else { continue };
            let mut encoded = Vec::with_capacity(code.bytes.len());
            for instruction in Instructions::new(code.bytes) {
                let instruction = instruction.unwrap_or_else(|error| panic!("{path}: {error}"));
                instruction.encode(&mut encoded).unwrap();
                instruction.for_each_target(|target| assert!((target as usize) < code.bytes.len()));
                if let Some(index) = instruction.constant_index() {
                    assert!(class.describe(index).is_some(), "{path}: constant {index}");
                }
            }
            assert_eq!(encoded, code.bytes, "{path}");
            if let Some(info) = code.stack_map_table {
                for frame in stack_map::decode(info).unwrap() {
                    assert!((frame.unwrap().pc as usize) < code.bytes.len(), "{path}");
                    frames += 1;
                }
            }
        }
        let sets = std::iter::once(class.attributes.annotations.visible)
            .chain(class.fields.iter().map(|field| field.annotations.visible))
            .chain(class.methods.iter().map(|method| method.annotations.visible));
        for info in sets.flatten() {
            let expected = u16::from_be_bytes([info[0], info[1]]);
            let read = annotation::read(info, &class.constant_pool).count();
            assert_eq!(read, expected as usize, "{path}");
            annotations += read;
        }
    });
    println!(
        "{classes} classes, {modules} modules, {methods} methods, {frames} frames, {annotations} annotations"
    );
    assert!(classes > 5000 && modules > 0 && annotations > 0);
}

/// How long the reader takes over java.base; printed, since a time limit would depend on the machine.
#[test]
fn speed_over_java_base() {
    let Some(image) = common::Image::open() else { return };
    let mut files = Vec::new();
    image.for_each_class(|module, path, bytes| {
        if module == "java.base" && !path.ends_with("module-info") {
            files.push(bytes.to_vec());
        }
    });
    for (what, options) in
        [("trusted", ParseOptions::trusted(MAX_MAJOR)), ("application", ParseOptions::application(MAX_MAJOR))]
    {
        let start = Instant::now();
        for bytes in &files {
            std::hint::black_box(ClassFile::parse(bytes, &options).unwrap());
        }
        let each = start.elapsed() / files.len() as u32;
        println!("{what}: {} classes, {each:?} a class", files.len());
    }
}

/// No prefix and no single wrong byte of a class file makes the reader panic.
#[test]
fn broken_classes() {
    let Some(image) = common::Image::open() else { return };
    let mut taken = 0;
    image.for_each_class(|module, path, bytes| {
        // Records, enums, sealed and nested classes, lambdas: a sample of small classes.
        if module != "java.base" || bytes.len() > 1500 || taken >= 150 || path.ends_with("module-info") {
            return;
        }
        taken += 1;
        let options = ParseOptions::application(MAX_MAJOR);
        for end in 0..bytes.len() {
            assert!(ClassFile::parse(&bytes[..end], &options).is_err());
        }
        let mut broken = bytes.to_vec();
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at].wrapping_add(1)] {
                broken[at] = value;
                for options in [options, ParseOptions::trusted(MAX_MAJOR)] {
                    if let Ok(class) = ClassFile::parse(&broken, &options) {
                        exercise(&class);
                    }
                }
            }
            broken[at] = bytes[at];
        }
    });
}

/// Calls everything that decodes on demand.
fn exercise(class: &ClassFile<'_>) {
    for index in 0..class.constant_pool.len() as u16 {
        class.describe(index);
    }
    for info in [class.attributes.annotations.visible].into_iter().flatten() {
        annotation::read(info, &class.constant_pool).count();
    }
    for code in class.methods.iter().filter_map(|method| method.code.as_ref()) {
        Instructions::new(code.bytes).count();
        code.line_number(3);
        if let Some(Ok(frames)) = code.stack_map_table.map(stack_map::decode) {
            frames.count();
        }
    }
}
