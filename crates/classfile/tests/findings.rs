//! What the mutator (`crates/mutate`) found in the reader.

use caturra_bytecode::Opcode;
use caturra_bytecode::access::*;
use caturra_classfile::writer::{ClassWriter, CodeBuilder};
use caturra_classfile::{ClassFile, ParseOptions};

const MAX_MAJOR: u16 = 61;

fn writer() -> ClassWriter {
    ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "C", Some("java/lang/Object"))
}

fn u2(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn problem(file: &[u8]) -> Option<String> {
    ClassFile::parse(file, &ParseOptions::application(MAX_MAJOR)).err().map(|problem| problem.to_string())
}

#[test]
fn a_second_stack_map_is_one_too_many_though_both_are_empty() {
    let mut writer = writer();
    let mut code = CodeBuilder::new(0, 0);
    code.op(Opcode::Return);
    code.attribute("StackMapTable", Vec::new()).attribute("StackMapTable", Vec::new());
    writer.method(ACC_STATIC, "m", "()V").code(&code);
    let file = writer.finish().unwrap();
    let expected = "java.lang.ClassFormatError: Multiple StackMapTable attributes in class file C";
    assert_eq!(problem(&file).as_deref(), Some(expected));
}

#[test]
fn superinterfaces_before_a_problem_are_told() {
    let mut writer = writer();
    writer.interface("One").interface("Two");
    writer.attribute("SourceFile", vec![0]);
    let file = writer.finish().unwrap();
    let problem = ClassFile::parse(&file, &ParseOptions::application(MAX_MAJOR)).err().unwrap();
    let names: Vec<&[u8]> = problem.interfaces_before().collect();
    assert_eq!(names, [&b"One"[..], b"Two"]);
    // A problem before them: none.
    let problem = ClassFile::parse(&file[..12], &ParseOptions::application(MAX_MAJOR)).err().unwrap();
    assert_eq!(problem.interfaces_before().count(), 0);
}

#[test]
fn inner_classes_inside_themselves_do_not_count() {
    let rows = |rows: &[[u16; 4]]| {
        let mut content = u2(&[rows.len() as u16]);
        rows.iter().for_each(|row| content.extend(u2(row)));
        content
    };
    let parse = |outer_of_b: u16, a: u16, b: u16, mut writer: ClassWriter| {
        writer.attribute("InnerClasses", rows(&[[a, b, 0, 0], [b, outer_of_b, 0, 0]]));
        let file = writer.finish().unwrap();
        ClassFile::parse(&file, &ParseOptions::application(MAX_MAJOR)).unwrap().attributes.inner_classes.len()
    };
    let classes = |writer: &mut ClassWriter| (writer.pool.class("A"), writer.pool.class("B"));
    let mut one = writer();
    let (a, b) = classes(&mut one);
    assert_eq!(parse(0, a, b, one), 2);
    let mut one = writer();
    let (a, b) = classes(&mut one);
    assert_eq!(parse(a, a, b, one), 0);
}

#[test]
fn an_enclosing_method_needs_inner_classes() {
    let make = |with_inner: bool| {
        let mut writer = writer();
        let outer = writer.pool.class("Outer");
        writer.attribute("EnclosingMethod", u2(&[outer, 0]));
        if with_inner {
            writer.attribute("InnerClasses", u2(&[0]));
        }
        let file = writer.finish().unwrap();
        ClassFile::parse(&file, &ParseOptions::application(MAX_MAJOR))
            .unwrap()
            .attributes
            .enclosing_method
            .is_some()
    };
    assert!(!make(false));
    assert!(make(true));
}
