//! What the writer writes, the reader reads back; and HotSpot runs it, where there is a JDK.

use std::path::Path;
use std::process::Command;

use caturra_bytecode::access::*;
use caturra_bytecode::{Instructions, Opcode, Operands};
use caturra_classfile::stack_map::{self, FrameKind, VerificationTypeInfo};
use caturra_classfile::writer::{ClassWriter, CodeBuilder, Frame, VerificationType, WriteProblem};
use caturra_classfile::{ClassFile, Constant, ParseOptions, ReferenceKind};

fn parse(bytes: &[u8]) -> ClassFile<'_> {
    ClassFile::parse(bytes, &ParseOptions::application(61)).unwrap_or_else(|problem| panic!("{problem}"))
}

/// `static int f(int n)`: a loop, a table switch, a handler, frames of all kinds but chop.
fn looping(class: &mut ClassWriter) {
    let arithmetic_exception = class.pool.class("java/lang/ArithmeticException");
    let mut code = CodeBuilder::new(2, 2);
    let [head, end, zero, one, other, join, handler] = std::array::from_fn(|_| code.label());
    code.line(10).op(Opcode::Iconst0).op(Opcode::Istore1);
    code.bind(head).frame(Frame::Append(vec![VerificationType::Integer]));
    code.line(11).op(Opcode::Iload0).branch(Opcode::Ifle, end);
    let start = code.here();
    code.op(Opcode::Iload0).table_switch(other, 1, &[zero, one]);
    code.bind(zero).frame(Frame::Same).push_int(&mut class.pool, 100_000).op(Opcode::Iload1).op(Opcode::Iadd);
    code.branch(Opcode::Goto, join);
    code.bind(one).frame(Frame::Same).op(Opcode::Iload1).op(Opcode::Iconst0).op(Opcode::Idiv);
    code.branch(Opcode::Goto, join);
    code.bind(other).frame(Frame::Same).op(Opcode::Iload1).push_int(&mut class.pool, 7).op(Opcode::Iadd);
    code.bind(join).frame(Frame::SameLocals1StackItem(VerificationType::Integer)).op(Opcode::Istore1);
    let stop = code.here();
    code.line(12).iinc(0, -1).branch(Opcode::Goto, head);
    let locals = vec![VerificationType::Integer, VerificationType::Integer];
    code.bind(handler);
    code.frame(Frame::Full { locals, stack: vec![VerificationType::Object(arithmetic_exception)] });
    code.op(Opcode::Pop).iinc(1, 1000).iinc(0, -1).branch(Opcode::Goto, head);
    code.bind(end).frame(Frame::Same).line(13).op(Opcode::Iload1).op(Opcode::Ireturn);
    code.exception_handler(start, stop, handler, arithmetic_exception);
    let finish = code.here();
    code.local_variable(&mut class.pool, "sum", "I", 1, (head, finish));
    class.method(ACC_PUBLIC | ACC_STATIC, "f", "(I)I").code(&code);
}

/// `static void main(String[])` that prints `f(5)` and `g()`.
fn main_method(class: &mut ClassWriter) {
    let pool = &mut class.pool;
    let out = pool.field_ref("java/lang/System", "out", "Ljava/io/PrintStream;");
    let println = pool.method_ref("java/io/PrintStream", "println", "(I)V");
    let f = pool.method_ref("Written", "f", "(I)I");
    let g = pool.method_ref("Written", "g", "()I");
    let mut code = CodeBuilder::new(2, 1);
    code.constant(Opcode::Getstatic, out).op(Opcode::Iconst5).constant(Opcode::Invokestatic, f);
    code.constant(Opcode::Invokevirtual, println);
    code.constant(Opcode::Getstatic, out).constant(Opcode::Invokestatic, g);
    code.constant(Opcode::Invokevirtual, println).op(Opcode::Return);
    class.method(ACC_PUBLIC | ACC_STATIC, "main", "([Ljava/lang/String;)V").code(&code);
}

/// `static int g()`: a jump over 40,000 bytes, there and back, and a lookup switch after it.
fn far_jumps(class: &mut ClassWriter) {
    let mut code = CodeBuilder::new(1, 1);
    let [far, back, hit, miss] = std::array::from_fn(|_| code.label());
    code.branch(Opcode::Goto, far);
    code.bind(back).frame(Frame::Same);
    code.push_int(&mut class.pool, -77_777).lookup_switch(miss, &[(5, miss), (-77_777, hit)]);
    code.bind(hit).frame(Frame::Same).push_int(&mut class.pool, 42).op(Opcode::Ireturn);
    code.bind(miss).frame(Frame::Same).op(Opcode::Iconst0).op(Opcode::Ireturn);
    // Unreachable, so that it needs a frame of its own.
    code.frame(Frame::Same);
    (0..40_000).for_each(|_| {
        code.op(Opcode::Nop);
    });
    code.bind(far).frame(Frame::Same).branch(Opcode::Goto, back);
    class.method(ACC_PUBLIC | ACC_STATIC, "g", "()I").code(&code);
}

fn written() -> Vec<u8> {
    let mut class = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "Written", Some("java/lang/Object"));
    class.interface("java/io/Serializable").source_file("Written.java");
    let forty = class.pool.long(40);
    class.field(ACC_STATIC | ACC_FINAL, "forty", "J").constant_value(forty);
    class.method(ACC_NATIVE, "n", "()V").exceptions(&["java/io/IOException"]).signature("()V");
    looping(&mut class);
    far_jumps(&mut class);
    main_method(&mut class);
    class.finish().unwrap()
}

#[test]
fn round_trip() {
    let bytes = written();
    let class = parse(&bytes);
    assert_eq!((class.name, class.super_name), (&b"Written"[..], Some(&b"java/lang/Object"[..])));
    assert_eq!(class.interface_names().collect::<Vec<_>>(), [b"java/io/Serializable"]);
    assert_eq!(class.constant_pool.text(class.attributes.source_file).as_deref(), Some("Written.java"));
    let field = class.field(b"forty", b"J").unwrap();
    assert_eq!(class.constant_pool.get(field.constant_value), Constant::Long(40));
    let native = class.method(b"n", b"()V").unwrap();
    assert_eq!(
        class.constant_pool.class_name(native.exceptions.get(0).unwrap()),
        Some(&b"java/io/IOException"[..])
    );
    assert!(native.signature != 0 && native.code.is_none());

    let code = class.method(b"f", b"(I)I").unwrap().code.as_ref().unwrap();
    let lines: Vec<u16> = code.line_numbers.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [10, 11, 12, 13]);
    assert_eq!((code.line_number(0), code.line_number(3)), (Some(10), Some(11)));
    assert_eq!(code.exception_table.len(), 1);
    let sum = code.local_variables.iter().next().unwrap();
    assert_eq!(class.constant_pool.utf8(sum.name_index), Some(&b"sum"[..]));
    let frames: Vec<_> =
        stack_map::decode(code.stack_map_table.unwrap()).unwrap().map(Result::unwrap).collect();
    assert_eq!(frames.len(), 7);
    assert_eq!(frames[0].pc, 2);
    assert_eq!(frames[4].kind, FrameKind::SameLocals1StackItem(VerificationTypeInfo::Integer));

    let code = class.method(b"g", b"()I").unwrap().code.as_ref().unwrap();
    let first = Instructions::new(code.bytes).next().unwrap().unwrap();
    assert_eq!(first.opcode, Opcode::GotoW);
    assert_eq!(first.branch_target(), Some(code.bytes.len() as u32 - 5));
    let Operands::LookupSwitch(switch) = Instructions::new(code.bytes).nth(2).unwrap().unwrap().operands
    else {
        panic!()
    };
    assert_eq!(switch.entries().map(|(key, _)| key).collect::<Vec<_>>(), [-77_777, 5]);
}

#[test]
fn runs_on_hotspot() {
    let java = Path::new("/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
    if !java.exists() {
        eprintln!("skipped: no {}", java.display());
        return;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("writer-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("Written.class"), written()).unwrap();
    let output = Command::new(java).arg("-cp").arg(&dir).arg("Written").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    // 5, 4, 3: 7 each; 2: division by zero, 1000; 1: 100000.
    assert_eq!(text, "101021\n42\n", "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn constants_are_entered_once() {
    let mut class = ClassWriter::new(61, ACC_PUBLIC, "A", None);
    let pool = &mut class.pool;
    assert_eq!(pool.method_ref("A", "m", "()V"), pool.method_ref("A", "m", "()V"));
    assert_ne!(pool.float(0.0), pool.float(-0.0));
    assert_ne!(pool.method_ref("A", "m", "()V"), pool.interface_method_ref("A", "m", "()V"));
    let long = pool.long(1);
    assert_eq!(pool.integer(1), long + 2);
    let target = pool.method_ref("A", "b", "()V");
    let handle = pool.method_handle(ReferenceKind::InvokeStatic, target);
    assert_eq!(class.bootstrap_method(handle, &[long]), 0);
    assert_eq!(class.bootstrap_method(handle, &[]), 1);
    assert_eq!(class.bootstrap_method(handle, &[long]), 0);
}

#[test]
fn dynamic_constants() {
    let mut class = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "A", Some("java/lang/Object"));
    let target = class.pool.method_ref("A", "bootstrap", "()V");
    let handle = class.pool.method_handle(ReferenceKind::InvokeStatic, target);
    let argument = class.pool.method_type("(I)V");
    let bootstrap = class.bootstrap_method(handle, &[argument]);
    let dynamic = class.pool.dynamic(bootstrap, "c", "I");
    let call_site = class.pool.invoke_dynamic(bootstrap, "run", "()Ljava/lang/Runnable;");
    let bytes = class.finish().unwrap();
    let class = parse(&bytes);
    assert_eq!(class.attributes.bootstrap_methods[0].arguments.get(0), Some(argument));
    assert_eq!(class.constant_pool.dynamic(dynamic), Some((0, &b"c"[..], &b"I"[..])));
    assert_eq!(class.describe(call_site).as_deref(), Some("InvokeDynamic #0:run:()Ljava/lang/Runnable;"));
    assert_eq!(class.describe(handle).as_deref(), Some("MethodHandle REF_invokeStatic A.bootstrap:()V"));
}

#[test]
fn problems() {
    let problem = |build: &dyn Fn(&mut CodeBuilder)| {
        let mut class = ClassWriter::new(61, ACC_PUBLIC, "A", Some("java/lang/Object"));
        let mut code = CodeBuilder::new(0, 0);
        build(&mut code);
        class.method(ACC_STATIC, "m", "()V").code(&code);
        class.finish().unwrap_err()
    };
    let nops = |code: &mut CodeBuilder, count: usize| {
        (0..count).for_each(|_| {
            code.op(Opcode::Nop);
        })
    };
    let unbound = problem(&|code| {
        let label = code.label();
        code.branch(Opcode::Goto, label);
    });
    assert_eq!(unbound, WriteProblem::UnboundLabel);
    let too_far = problem(&|code| {
        let label = code.label();
        code.branch(Opcode::Ifeq, label);
        nops(code, 32_768);
        code.bind(label);
    });
    assert_eq!(too_far, WriteProblem::BranchTooFar);
    assert_eq!(problem(&|code| nops(code, 65_536)), WriteProblem::CodeTooLarge);
    let twice = problem(&|code| {
        code.frame(Frame::Same).frame(Frame::Same).op(Opcode::Return);
    });
    assert_eq!(twice, WriteProblem::MisplacedFrame);
    assert!(matches!(
        problem(&|code| {
            code.op(Opcode::Bipush);
        }),
        WriteProblem::Operands(_)
    ));
    assert!(matches!(
        problem(&|code| {
            code.immediate(Opcode::Bipush, 128);
        }),
        WriteProblem::Operands(_)
    ));

    let mut class = ClassWriter::new(61, ACC_PUBLIC, "A", Some("java/lang/Object"));
    class.pool.string(&"x".repeat(65_536));
    assert_eq!(class.finish().unwrap_err(), WriteProblem::StringTooLong);
    let mut class = ClassWriter::new(61, ACC_PUBLIC, "A", Some("java/lang/Object"));
    (0..70_000).for_each(|value| {
        class.pool.integer(value);
    });
    assert_eq!(class.finish().unwrap_err(), WriteProblem::TooManyConstants);
}

#[test]
fn expected_names() {
    let bytes = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "T", Some("java/lang/Object")).finish().unwrap();
    let options = ParseOptions::application(61);
    assert!(ClassFile::parse(&bytes, &options.expecting(b"T")).is_ok());
    let problem = ClassFile::parse(&bytes, &options.expecting(b"p/Foo")).unwrap_err();
    // The text is what JDK 17 prints for this case.
    assert_eq!(problem.to_string(), "java.lang.NoClassDefFoundError: p/Foo (wrong name: T)");
}

#[test]
fn relaxed_checks() {
    let mut class = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "T", Some("java/lang/Object"));
    class.field(0, "a.b", "I");
    let bytes = class.finish().unwrap();
    assert!(ClassFile::parse(&bytes, &ParseOptions::application(61)).is_err());
    assert!(ClassFile::parse(&bytes, &ParseOptions::platform(61)).is_ok());
    let mut class = ClassWriter::new(61, ACC_PUBLIC | ACC_SUPER, "T", Some("java/lang/Object"));
    class.field(0, "a", "I");
    class.field(0, "a", "I");
    let bytes = class.finish().unwrap();
    assert!(ClassFile::parse(&bytes, &ParseOptions::platform(61)).is_err());
    assert!(ClassFile::parse(&bytes, &ParseOptions::trusted(61)).is_ok());
}
