//! The same program on a JDK: its class, and a class that runs it and reads the clock.

use super::{Bench, Failure, Series, output_of, parse_output, write_file};
use crate::machine::Limits;
use crate::translate::translate;
use caturra_bytecode::Opcode;
use caturra_bytecode::access::{ACC_PUBLIC, ACC_STATIC, ACC_SUPER};
use caturra_classfile::writer::{ClassWriter, CodeBuilder, Frame, VerificationType, WriteProblem};
use caturra_vm::java_home;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Class-file version of the timing class: that of Java 8, which every JDK reads.
const MAJOR_VERSION: u16 = 52;
const PROGRAM: &str = "Program";
const TIMER: &str = "Timer";
const OBJECT: &str = "java/lang/Object";
/// Nanoseconds for which runs with one input are repeated, and the fewest runs.
const REPEAT: i64 = 150_000_000;
const FEWEST: i32 = 3;

/// An installed JDK.
pub struct Jdk {
    pub path: PathBuf,
    pub release: u32,
    pub version: String,
}

/// The JDK that was named, or one that is there.
pub fn find(named: Option<&Path>) -> Result<Jdk, String> {
    let home = match named {
        Some(path) => java_home::check(path).map_err(|why| format!("{} is {why}", path.display()))?,
        None => java_home::find()?,
    };
    if home.path.join(".caturra-jdk").is_file() {
        return Err(format!("the virtual machine of {} is Caturra itself", home.path.display()));
    }
    let version = format!("JDK {}", home.runtime_version);
    Ok(Jdk { path: home.path, release: home.release, version })
}

/// `main` calls `measure(size)` for every size, which prints a line as `bench-engine` does.
fn timer(inputs: &[i32], vary: Option<usize>, sizes: &[i32]) -> Result<Vec<u8>, WriteProblem> {
    let mut w = ClassWriter::new(MAJOR_VERSION, ACC_PUBLIC | ACC_SUPER, TIMER, Some(OBJECT));
    w.field(ACC_STATIC, "out", "Ljava/io/PrintStream;");
    let out = w.pool.field_ref(TIMER, "out", "Ljava/io/PrintStream;");
    let clock = w.pool.method_ref("java/lang/System", "nanoTime", "()J");
    let run = w.pool.method_ref(PROGRAM, "run", &format!("({})I", "I".repeat(inputs.len())));
    let least = w.pool.method_ref("java/lang/Math", "min", "(JJ)J");
    let print_text = w.pool.method_ref("java/io/PrintStream", "print", "(Ljava/lang/String;)V");
    let print_int = w.pool.method_ref("java/io/PrintStream", "print", "(I)V");
    let print_long = w.pool.method_ref("java/io/PrintStream", "print", "(J)V");
    let println_long = w.pool.method_ref("java/io/PrintStream", "println", "(J)V");

    // Locals: 0 size, 1 runs, 2 time at the beginning, 4 time before a run, 6 its duration, 8 the first, 10 the least.
    let mut code = CodeBuilder::new(8.max(inputs.len() as u16 + 2), 12);
    code.op(Opcode::Iconst0).local(Opcode::Istore, 1);
    code.constant(Opcode::Invokestatic, clock).local(Opcode::Lstore, 2);
    code.op(Opcode::Lconst0).local(Opcode::Lstore, 8);
    code.push_long(&mut w.pool, i64::MAX).local(Opcode::Lstore, 10);
    let again = code.here();
    let (int, long, top) = (VerificationType::Integer, VerificationType::Long, VerificationType::Top);
    let first_frame = vec![int, int, long, top, top, top, top, long, long];
    code.frame(Frame::Full { locals: first_frame, stack: Vec::new() });
    code.constant(Opcode::Invokestatic, clock).local(Opcode::Lstore, 4);
    for (i, value) in inputs.iter().enumerate() {
        if vary == Some(i) {
            code.local(Opcode::Iload, 0);
        } else {
            code.push_int(&mut w.pool, *value);
        }
    }
    code.constant(Opcode::Invokestatic, run).op(Opcode::Pop);
    code.constant(Opcode::Invokestatic, clock)
        .local(Opcode::Lload, 4)
        .op(Opcode::Lsub)
        .local(Opcode::Lstore, 6);
    let not_first = code.label();
    code.local(Opcode::Iload, 1).branch(Opcode::Ifne, not_first);
    code.local(Opcode::Lload, 6).local(Opcode::Lstore, 8);
    code.bind(not_first);
    let locals = vec![int, int, long, long, long, long, long];
    code.frame(Frame::Full { locals, stack: Vec::new() });
    code.local(Opcode::Lload, 6).local(Opcode::Lload, 10).constant(Opcode::Invokestatic, least);
    code.local(Opcode::Lstore, 10).iinc(1, 1);
    code.local(Opcode::Iload, 1).push_int(&mut w.pool, FEWEST).branch(Opcode::IfIcmplt, again);
    code.constant(Opcode::Invokestatic, clock).local(Opcode::Lload, 2).op(Opcode::Lsub);
    code.push_long(&mut w.pool, REPEAT).op(Opcode::Lcmp).branch(Opcode::Iflt, again);
    let text = |code: &mut CodeBuilder, w: &mut ClassWriter, text: &str| {
        let text = w.pool.string(text);
        code.constant(Opcode::Getstatic, out).ldc(text).constant(Opcode::Invokevirtual, print_text);
    };
    text(&mut code, &mut w, "sample ");
    code.constant(Opcode::Getstatic, out).local(Opcode::Iload, 0).constant(Opcode::Invokevirtual, print_int);
    text(&mut code, &mut w, " ");
    code.constant(Opcode::Getstatic, out)
        .local(Opcode::Lload, 10)
        .constant(Opcode::Invokevirtual, print_long);
    text(&mut code, &mut w, " ");
    code.constant(Opcode::Getstatic, out)
        .local(Opcode::Lload, 8)
        .constant(Opcode::Invokevirtual, println_long);
    code.op(Opcode::Return);
    w.method(ACC_STATIC, "measure", "(I)V").code(&code);

    let system_out = w.pool.field_ref("java/lang/System", "out", "Ljava/io/PrintStream;");
    let set_out = w.pool.method_ref("java/lang/System", "setOut", "(Ljava/io/PrintStream;)V");
    let sink_class = w.pool.class("java/io/ByteArrayOutputStream");
    let new_sink = w.pool.method_ref("java/io/ByteArrayOutputStream", "<init>", "()V");
    let stream_class = w.pool.class("java/io/PrintStream");
    let new_stream = w.pool.method_ref("java/io/PrintStream", "<init>", "(Ljava/io/OutputStream;)V");
    let reset = w.pool.method_ref("java/io/ByteArrayOutputStream", "reset", "()V");
    let measure = w.pool.method_ref(TIMER, "measure", "(I)V");
    let mut code = CodeBuilder::new(3, 2);
    code.constant(Opcode::Getstatic, system_out).constant(Opcode::Putstatic, out);
    code.constant(Opcode::New, sink_class).op(Opcode::Dup).constant(Opcode::Invokespecial, new_sink);
    code.local(Opcode::Astore, 1);
    code.constant(Opcode::New, stream_class).op(Opcode::Dup).local(Opcode::Aload, 1);
    code.constant(Opcode::Invokespecial, new_stream).constant(Opcode::Invokestatic, set_out);
    for size in sizes {
        code.push_int(&mut w.pool, *size).constant(Opcode::Invokestatic, measure);
        code.local(Opcode::Aload, 1).constant(Opcode::Invokevirtual, reset);
    }
    code.op(Opcode::Return);
    w.method(ACC_PUBLIC | ACC_STATIC, "main", "([Ljava/lang/String;)V").code(&code);
    w.finish()
}

impl Jdk {
    /// Runs the program here.
    pub fn measure(
        &self,
        name: &str,
        option: Option<&str>,
        bench: &Bench<'_>,
        sizes: &[i32],
    ) -> Result<Series, Failure> {
        let class = translate(bench.program, PROGRAM, Limits::default())?.class_file;
        write_file(&bench.scratch.join(format!("{PROGRAM}.class")), &class)?;
        let timer = timer(&bench.inputs, bench.vary, sizes)?;
        write_file(&bench.scratch.join(format!("{TIMER}.class")), &timer)?;
        let mut command = Command::new(self.path.join("bin/java"));
        command.args(option).args(["-Xss64m", "-cp"]).arg(bench.scratch).arg(TIMER);
        Ok(parse_output(name, &output_of(&mut command)?).0)
    }
}
