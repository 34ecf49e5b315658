//! Class files made to cost the verifier time or memory.

mod common;

use std::time::{Duration, Instant};

use caturra_bytecode::Opcode;
use caturra_bytecode::access::*;
use caturra_classfile::writer::{ClassWriter, CodeBuilder};
use caturra_classfile::{ClassFile, ParseOptions};
use caturra_verifier::Failure;
use common::{Info, World, assembler};

/// Far more than any of these takes, far less than they would without precautions.
const PATIENCE: Duration = Duration::from_secs(120);

fn verify(build: impl FnOnce(&mut ClassWriter)) -> Result<(), Failure<String>> {
    let mut writer = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "Case", Some("java/lang/Object"));
    build(&mut writer);
    let file = writer.finish().unwrap();
    let mut world = World::default();
    for class in assembler::assemble("class java/lang/Object extends -\nclass java/lang/Throwable\n") {
        let parsed = ClassFile::parse(&class.file, &ParseOptions::trusted(common::MAX_MAJOR)).unwrap();
        world.add(class.name.as_bytes(), Info::of(&parsed, "java.base"));
    }
    let class = ClassFile::parse(&file, &ParseOptions::application(common::MAX_MAJOR)).unwrap();
    world.add(b"Case", Info::of(&class, "subject"));
    let start = Instant::now();
    let result = world.verify(&class).map(drop);
    let time = start.elapsed();
    println!("{time:?}");
    assert!(time < PATIENCE);
    result
}

const STATIC: u16 = ACC_PUBLIC | ACC_STATIC;
/// The longest code array.
const LONGEST: usize = 65535;

/// Frames that each need all local variables of the one before, and others of their own.
#[test]
fn frames_that_share_nothing() {
    let result = verify(|class| {
        let mut code = CodeBuilder::new(0, u16::MAX);
        code.raw(&[0; LONGEST - 1]).op(Opcode::Return);
        let locals: u16 = 65000;
        let mut table = vec![255, 0, 0];
        table.extend(locals.to_be_bytes());
        table.extend(vec![0; locals.into()]);
        table.extend([0, 0]);
        let mut count: u16 = 1;
        while count < 60000 {
            // Chop three locals, append three others.
            table.extend([248, 0, 0, 254, 0, 0, 0, 0, 0]);
            count += 2;
        }
        let mut info = count.to_be_bytes().to_vec();
        info.extend(table);
        code.attribute("StackMapTable", info);
        class.method(STATIC, "m", "()V").code(&code);
    });
    assert_eq!(result, Err(Failure::TooLarge));
}

/// A frame of many local variables at each instruction.
#[test]
fn large_frames_everywhere() {
    let result = verify(|class| {
        let mut code = CodeBuilder::new(0, u16::MAX);
        code.raw(&[0; LONGEST - 1]).op(Opcode::Return);
        let locals: u16 = 65000;
        let mut info = (LONGEST as u16).to_be_bytes().to_vec();
        info.extend([255, 0, 0]);
        info.extend(locals.to_be_bytes());
        info.extend(vec![0; locals.into()]);
        info.extend([0, 0]);
        info.extend(vec![0; LONGEST - 1]);
        code.attribute("StackMapTable", info);
        class.method(STATIC, "m", "()V").code(&code);
    });
    assert_eq!(result, Ok(()));
}

/// Handlers over all of the code, which changes a local variable all the time.
#[test]
fn handlers_everywhere() {
    let result = verify(|class| {
        let mut code = CodeBuilder::new(1, u16::MAX);
        let start = code.here();
        for _ in 0..(LONGEST - 8) / 4 {
            code.op(Opcode::Iconst0).op(Opcode::Istore0).op(Opcode::Fconst0).op(Opcode::Fstore0);
        }
        let end = code.here();
        code.op(Opcode::Return);
        let handler = code.here();
        let throwable = class.pool.class("java/lang/Throwable");
        let stack = vec![caturra_classfile::writer::VerificationType::Object(throwable)];
        code.frame(caturra_classfile::writer::Frame::Full { locals: Vec::new(), stack });
        code.op(Opcode::Pop).op(Opcode::Return);
        for _ in 0..20000 {
            code.exception_handler(start, end, handler, 0);
        }
        class.method(STATIC, "m", "()V").code(&code);
    });
    assert_eq!(result, Ok(()));
}

/// A switch whose every target has a large frame.
#[test]
fn switches_to_large_frames() {
    let result = verify(|class| {
        let mut code = CodeBuilder::new(1, u16::MAX);
        let target = code.label();
        code.op(Opcode::Iconst0);
        code.table_switch(target, 0, &vec![target; 16000]);
        code.bind(target);
        let locals = vec![caturra_classfile::writer::VerificationType::Top; 65000];
        code.frame(caturra_classfile::writer::Frame::Full { locals, stack: Vec::new() });
        code.op(Opcode::Return);
        class.method(STATIC, "m", "()V").code(&code);
    });
    assert_eq!(result, Ok(()));
}
