//! The class files of the bare profile: as much of `java.lang` as bytecode needs by itself.
//!
//! Nothing here comes from a JDK. The fields of a class are the rows that the VM's own tables have for it
//! (`FieldOffsets`), so what the VM reads is there; injected fields are added when the class is defined.

use caturra_bytecode::Opcode;
use caturra_bytecode::access as acc;
use caturra_classfile::writer::{ClassWriter, CodeBuilder, Frame, VerificationType, WriteProblem};
use caturra_kernel::Vm;
use caturra_kernel::oops::well_known::INJECTED_FIELDS;
use std::collections::HashMap;

/// Classes that are plain or have code of their own here, with their superclasses.
const CLASSES: &[(&str, &str)] = &[
    ("java/lang/String", "java/lang/Object"),
    ("java/lang/Class", "java/lang/Object"),
    ("java/lang/System", "java/lang/Object"),
    ("java/io/PrintStream", "java/lang/Object"),
    ("java/lang/Throwable", "java/lang/Object"),
];

const INTERFACES: &[&str] = &["java/lang/Cloneable", "java/io/Serializable"];

/// Throwables with the constructors `()` and `(String)`, and their superclasses.
const THROWABLES: &[(&str, &str)] = &[
    ("java/lang/Error", "java/lang/Throwable"),
    ("java/lang/Exception", "java/lang/Throwable"),
    ("java/lang/RuntimeException", "java/lang/Exception"),
    ("java/lang/ReflectiveOperationException", "java/lang/Exception"),
    ("java/lang/ClassNotFoundException", "java/lang/ReflectiveOperationException"),
    ("java/lang/ThreadDeath", "java/lang/Error"),
    ("java/lang/LinkageError", "java/lang/Error"),
    ("java/lang/BootstrapMethodError", "java/lang/LinkageError"),
    ("java/lang/ClassCircularityError", "java/lang/LinkageError"),
    ("java/lang/ClassFormatError", "java/lang/LinkageError"),
    ("java/lang/UnsupportedClassVersionError", "java/lang/ClassFormatError"),
    ("java/lang/ExceptionInInitializerError", "java/lang/LinkageError"),
    ("java/lang/IncompatibleClassChangeError", "java/lang/LinkageError"),
    ("java/lang/AbstractMethodError", "java/lang/IncompatibleClassChangeError"),
    ("java/lang/IllegalAccessError", "java/lang/IncompatibleClassChangeError"),
    ("java/lang/InstantiationError", "java/lang/IncompatibleClassChangeError"),
    ("java/lang/NoSuchFieldError", "java/lang/IncompatibleClassChangeError"),
    ("java/lang/NoSuchMethodError", "java/lang/IncompatibleClassChangeError"),
    ("java/lang/NoClassDefFoundError", "java/lang/LinkageError"),
    ("java/lang/UnsatisfiedLinkError", "java/lang/LinkageError"),
    ("java/lang/VerifyError", "java/lang/LinkageError"),
    ("java/lang/VirtualMachineError", "java/lang/Error"),
    ("java/lang/InternalError", "java/lang/VirtualMachineError"),
    ("java/lang/OutOfMemoryError", "java/lang/VirtualMachineError"),
    ("java/lang/StackOverflowError", "java/lang/VirtualMachineError"),
    ("java/lang/ArithmeticException", "java/lang/RuntimeException"),
    ("java/lang/ArrayStoreException", "java/lang/RuntimeException"),
    ("java/lang/ClassCastException", "java/lang/RuntimeException"),
    ("java/lang/IllegalArgumentException", "java/lang/RuntimeException"),
    ("java/lang/IllegalMonitorStateException", "java/lang/RuntimeException"),
    ("java/lang/IndexOutOfBoundsException", "java/lang/RuntimeException"),
    ("java/lang/ArrayIndexOutOfBoundsException", "java/lang/IndexOutOfBoundsException"),
    ("java/lang/NegativeArraySizeException", "java/lang/RuntimeException"),
    ("java/lang/NullPointerException", "java/lang/RuntimeException"),
    ("java/lang/UnsupportedOperationException", "java/lang/RuntimeException"),
];

/// Static fields among those that the VM's table names.
const STATIC_FIELDS: &[&str] = &["COMPACT_STRINGS"];

/// The newest class-file version that the profile accepts, and the one it is written in: that of release 17.
pub const MAJOR_VERSION: u16 = 61;

const OBJECT: &str = "java/lang/Object";
const THROWABLE: &str = "java/lang/Throwable";
const PRINT_STREAM: &str = "java/io/PrintStream";
const INIT: &str = "<init>";
const CAUSE_AND_SWITCHES: &str = "(Ljava/lang/String;Ljava/lang/Throwable;ZZ)V";

/// All class files by internal name.
pub fn class_files(vm: &Vm) -> Result<HashMap<&'static str, Vec<u8>>, WriteProblem> {
    let mut files = HashMap::with_capacity(CLASSES.len() + THROWABLES.len() + 3);
    let mut object = ClassWriter::new(MAJOR_VERSION, acc::ACC_PUBLIC | acc::ACC_SUPER, OBJECT, None);
    let mut code = CodeBuilder::new(0, 1);
    code.op(Opcode::Return);
    object.method(acc::ACC_PUBLIC, INIT, "()V").code(&code);
    files.insert(OBJECT, object.finish()?);
    for name in INTERFACES {
        let flags = acc::ACC_PUBLIC | acc::ACC_INTERFACE | acc::ACC_ABSTRACT;
        files.insert(*name, ClassWriter::new(MAJOR_VERSION, flags, name, Some(OBJECT)).finish()?);
    }
    for (name, super_name) in CLASSES {
        files.insert(*name, plain_class(vm, name, super_name)?);
    }
    for (name, super_name) in THROWABLES {
        files.insert(*name, throwable(name, super_name)?);
    }
    Ok(files)
}

fn plain_class(vm: &Vm, name: &str, super_name: &str) -> Result<Vec<u8>, WriteProblem> {
    let mut w = ClassWriter::new(MAJOR_VERSION, acc::ACC_PUBLIC | acc::ACC_SUPER, name, Some(super_name));
    for (_, field, signature, _, _) in vm.off.rows().iter().filter(|row| row.0 == name) {
        if INJECTED_FIELDS.iter().any(|f| f.0 == name && f.1 == *field) {
            continue;
        }
        let flags = if STATIC_FIELDS.contains(field) { acc::ACC_STATIC } else { 0 };
        w.field(acc::ACC_PRIVATE | flags, field, signature);
    }
    match name {
        THROWABLE => throwable_methods(&mut w),
        PRINT_STREAM => {
            constructor(&mut w, OBJECT, "()V", 0);
            for (name, signature) in PRINT_STREAM_NATIVES {
                w.method(acc::ACC_PUBLIC | acc::ACC_NATIVE, name, signature);
            }
        }
        "java/lang/System" => system_members(&mut w),
        _ => constructor(&mut w, OBJECT, "()V", 0),
    }
    w.finish()
}

/// What the VM implements of `PrintStream`.
pub const PRINT_STREAM_NATIVES: [(&str, &str); 2] =
    [("println", "(I)V"), ("println", "(Ljava/lang/String;)V")];

/// A constructor that passes its reference arguments on to the superclass's of the same descriptor.
fn constructor(w: &mut ClassWriter, super_name: &str, descriptor: &str, references: u16) {
    let init = w.pool.method_ref(super_name, INIT, descriptor);
    let mut code = CodeBuilder::new(references + 1, references + 1);
    for i in 0..=references {
        code.local(Opcode::Aload, i);
    }
    code.constant(Opcode::Invokespecial, init).op(Opcode::Return);
    w.method(acc::ACC_PUBLIC, INIT, descriptor).code(&code);
}

fn throwable(name: &str, super_name: &str) -> Result<Vec<u8>, WriteProblem> {
    let mut w = ClassWriter::new(MAJOR_VERSION, acc::ACC_PUBLIC | acc::ACC_SUPER, name, Some(super_name));
    constructor(&mut w, super_name, "()V", 0);
    constructor(&mut w, super_name, "(Ljava/lang/String;)V", 1);
    if name == "java/lang/Error" {
        let init = w.pool.method_ref(super_name, INIT, CAUSE_AND_SWITCHES);
        let mut code = CodeBuilder::new(5, 5);
        code.op(Opcode::Aload0).op(Opcode::Aload1).op(Opcode::Aload2).op(Opcode::Iload3);
        code.local(Opcode::Iload, 4).constant(Opcode::Invokespecial, init).op(Opcode::Return);
        w.method(acc::ACC_PROTECTED, INIT, CAUSE_AND_SWITCHES).code(&code);
    }
    w.finish()
}

/// `Throwable` itself. As in the class library, a throwable whose cause is itself has none yet.
fn throwable_methods(w: &mut ClassWriter) {
    w.field(acc::ACC_PRIVATE | acc::ACC_STATIC, "UNASSIGNED_STACK", "[Ljava/lang/StackTraceElement;");
    let object_init = w.pool.method_ref(OBJECT, INIT, "()V");
    let message = w.pool.field_ref(THROWABLE, "detailMessage", "Ljava/lang/String;");
    let cause = w.pool.field_ref(THROWABLE, "cause", "Ljava/lang/Throwable;");
    let fill = w.pool.method_ref(THROWABLE, "fillInStackTrace", "(I)Ljava/lang/Throwable;");
    let class = w.pool.class(THROWABLE);
    let string = w.pool.class("java/lang/String");

    for (descriptor, with_message) in [("()V", false), ("(Ljava/lang/String;)V", true)] {
        let mut code = CodeBuilder::new(2, 1 + u16::from(with_message));
        code.op(Opcode::Aload0).constant(Opcode::Invokespecial, object_init);
        code.op(Opcode::Aload0).op(Opcode::Aload0).constant(Opcode::Putfield, cause);
        if with_message {
            code.op(Opcode::Aload0).op(Opcode::Aload1).constant(Opcode::Putfield, message);
        }
        code.op(Opcode::Aload0).op(Opcode::Iconst0).constant(Opcode::Invokevirtual, fill);
        code.op(Opcode::Pop).op(Opcode::Return);
        w.method(acc::ACC_PUBLIC, INIT, descriptor).code(&code);
    }

    // (message, cause, enable suppression, writable stack trace)
    let mut code = CodeBuilder::new(2, 5);
    let end = code.label();
    code.op(Opcode::Aload0).constant(Opcode::Invokespecial, object_init);
    code.op(Opcode::Aload0).op(Opcode::Aload1).constant(Opcode::Putfield, message);
    code.op(Opcode::Aload0).op(Opcode::Aload2).constant(Opcode::Putfield, cause);
    code.local(Opcode::Iload, 4).branch(Opcode::Ifeq, end);
    code.op(Opcode::Aload0).op(Opcode::Iconst0).constant(Opcode::Invokevirtual, fill).op(Opcode::Pop);
    code.bind(end);
    code.frame(Frame::Full {
        locals: vec![
            VerificationType::Object(class),
            VerificationType::Object(string),
            VerificationType::Object(class),
            VerificationType::Integer,
            VerificationType::Integer,
        ],
        stack: Vec::new(),
    });
    code.op(Opcode::Return);
    w.method(acc::ACC_PROTECTED, INIT, CAUSE_AND_SWITCHES).code(&code);

    let mut code = CodeBuilder::new(2, 2);
    code.op(Opcode::Aload0).op(Opcode::Aload1).constant(Opcode::Putfield, cause);
    code.op(Opcode::Aload0).op(Opcode::Areturn);
    w.method(acc::ACC_PUBLIC, "initCause", "(Ljava/lang/Throwable;)Ljava/lang/Throwable;").code(&code);

    let mut code = CodeBuilder::new(1, 1);
    code.op(Opcode::Aload0).constant(Opcode::Getfield, message).op(Opcode::Areturn);
    w.method(acc::ACC_PUBLIC, "getMessage", "()Ljava/lang/String;").code(&code);

    w.method(acc::ACC_PRIVATE | acc::ACC_NATIVE, "fillInStackTrace", "(I)Ljava/lang/Throwable;");
}

fn system_members(w: &mut ClassWriter) {
    let descriptor = "Ljava/io/PrintStream;";
    w.field(acc::ACC_PUBLIC | acc::ACC_STATIC | acc::ACC_FINAL, "out", descriptor);
    let out = w.pool.field_ref("java/lang/System", "out", descriptor);
    let class = w.pool.class(PRINT_STREAM);
    let init = w.pool.method_ref(PRINT_STREAM, INIT, "()V");
    let mut code = CodeBuilder::new(2, 0);
    code.constant(Opcode::New, class).op(Opcode::Dup).constant(Opcode::Invokespecial, init);
    code.constant(Opcode::Putstatic, out).op(Opcode::Return);
    w.method(acc::ACC_STATIC, "<clinit>", "()V").code(&code);
}
