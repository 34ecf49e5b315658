//! Translation to a class file, which any JVM runs.
//!
//! The class has one static method for the main program and one for each function; local variables and operands are
//! the JVM's own. `run` executes the program and says how it ended, `main` prints what it yields. What the JVM does not
//! check as the stack machine does is checked by code that is added: the number of calls, the size of the stack, and
//! fuel. The first two are left out where the program's shape shows that they cannot fail.
//!
//! The class is a subclass of `Error`, and its own instances end a program from within calls: one class is enough.

use crate::isa::{Action, Arithmetic, Comparison};
use crate::machine::{Fault, FaultKind, Limits};
use crate::verify::Verified;
use caturra_bytecode::Opcode;
use caturra_bytecode::access::{ACC_FINAL, ACC_PRIVATE, ACC_PUBLIC, ACC_STATIC, ACC_SUPER};
use caturra_classfile::writer::{ClassWriter, CodeBuilder, Frame, Label, VerificationType, WriteProblem};
use caturra_classfile::{ClassFile, ParseOptions};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Class-file version: that of Java 17.
const MAJOR_VERSION: u16 = 61;
/// Most instructions of a function: an instruction takes at least a byte of the method's code.
const MAX_INSTRUCTIONS: usize = 65_535;

/// What `run` returns: the program has halted, with the result in the field `result`, or without one.
pub const STATUS_RESULT: i32 = 1;
pub const STATUS_NO_RESULT: i32 = 2;
/// The method with the main program.
const PROGRAM: &str = "program";
/// Method names that are taken.
const RESERVED: [&str; 4] = [PROGRAM, "run", "main", "stop"];

const OUT: (&str, &str, &str) = ("java/lang/System", "out", "Ljava/io/PrintStream;");
const PRINTLN: (&str, &str, &str) = ("java/io/PrintStream", "println", "(I)V");
const ERROR: &str = "java/lang/Error";

/// Faults that the class detects itself, in the numbering of its field `reason`.
const REASONS: [FaultKind; 3] =
    [FaultKind::CallStackOverflow, FaultKind::StackOverflow, FaultKind::OutOfFuel];

fn reason_number(kind: FaultKind) -> i16 {
    REASONS.iter().position(|r| *r == kind).map_or(0, |i| i as i16 + 1)
}

/// A program cannot be translated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TranslateError {
    /// A function is too large for a method.
    FunctionTooLarge {
        name: String,
    },
    Class(WriteProblem),
}

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TranslateError::FunctionTooLarge { name } => {
                write!(
                    f,
                    "{name} is too large for a method of a class file, which has at most 65535 bytes of code"
                )
            }
            TranslateError::Class(problem) => {
                write!(f, "the program is too large for a class file: {problem}")
            }
        }
    }
}

impl std::error::Error for TranslateError {}

/// A translated program.
#[derive(Clone, Debug)]
pub struct Translation {
    pub class_name: String,
    pub class_file: Vec<u8>,
    /// The methods of the functions, the main program's first.
    methods: Vec<String>,
    /// By method: first bytecode index and offset of its instructions, ascending.
    places: HashMap<String, Vec<(u16, u32)>>,
}

impl Translation {
    /// The method that a function has become.
    pub fn method_of(&self, function: usize) -> Option<&str> {
        self.methods.get(function).map(String::as_str)
    }

    /// Bytecode index and offset of a method's instructions, ascending.
    pub fn places(&self, method: &str) -> &[(u16, u32)] {
        self.places.get(method).map_or(&[], Vec::as_slice)
    }

    /// The offset of the instruction that a bytecode belongs to.
    pub fn offset_of(&self, method: &str, bci: i32) -> Option<u32> {
        let places = self.places.get(method)?;
        let after = places.partition_point(|p| i32::from(p.0) <= bci);
        after.checked_sub(1).map(|i| places[i].1)
    }

    /// The fault behind a throwable that `run` ended with: the name of its class, the value of the class's field
    /// `reason`, of `fuel` if it has one, and the methods and bytecode indexes of the stack trace. `None` for a
    /// throwable that the program cannot cause.
    pub fn fault(
        &self,
        program: &Verified,
        class: &str,
        reason: i32,
        fuel: Option<i64>,
        trace: &[(String, i32)],
    ) -> Option<Fault> {
        let mut trace = trace.iter().filter(|(method, _)| method != "stop");
        let mut place = || trace.next().and_then(|(method, bci)| self.offset_of(method, *bci));
        let (kind, offset) = match class {
            "java.lang.ArithmeticException" => (FaultKind::DivisionByZero, place()),
            "java.lang.StackOverflowError" => (FaultKind::CallStackOverflow, place()),
            "java.lang.ThreadDeath" => (FaultKind::TimedOut, place()),
            _ if class == self.class_name => {
                let kind = *REASONS.get(usize::try_from(reason).ok()?.checked_sub(1)?)?;
                match kind {
                    // The callee has found out; the place is the call.
                    FaultKind::CallStackOverflow | FaultKind::StackOverflow => {
                        place();
                        (kind, place().or(Some(0)))
                    }
                    _ => (kind, place().and_then(|start| out_of_fuel_at(program, start, fuel?))),
                }
            }
            _ => return None,
        };
        Some(Fault { kind, offset })
    }
}

/// Fuel is charged for a run of instructions at once: where within that run it gives out. `left` is what was left after the
/// charge, a negative number.
fn out_of_fuel_at(program: &Verified, start: u32, left: i64) -> Option<u32> {
    let first = program.index_of(start)?;
    let length = segment(program, &program.jump_targets(), first);
    let rest = usize::try_from(left + length as i64).ok()?;
    program.instructions().get(first + rest).map(|i| i.offset)
}

/// Instructions from `first` on that are charged for together: up to one that can be observed, or to a jump target.
fn segment(program: &Verified, targets: &[bool], first: usize) -> usize {
    let actions = program.actions();
    let mut end = first;
    loop {
        let observable = actions[end].is_observable();
        end += 1;
        if observable || targets[end] {
            return end - first;
        }
    }
}

/// What is the same for all methods of a class.
struct Class<'v> {
    program: &'v Verified,
    limits: Limits,
    name: String,
    methods: Vec<String>,
    targets: Vec<bool>,
    /// Methods take the number of calls, the words below their frame.
    counts_calls: bool,
    counts_words: bool,
}

/// Translates a program to a class of that name.
///
/// # Errors
/// When the program is too large.
pub fn translate(
    program: &Verified,
    class_name: &str,
    limits: Limits,
) -> Result<Translation, TranslateError> {
    let depth = program.call_depth();
    let frames = u64::from(depth.map_or(limits.calls, |d| d.min(limits.calls))) + 1;
    let widest = program.functions().iter().map(|f| u64::from(f.words())).max().unwrap_or(0);
    let mut taken: HashSet<String> = RESERVED.iter().map(ToString::to_string).collect();
    let mut methods = vec![PROGRAM.to_owned()];
    for f in &program.functions()[1..] {
        let mut name = f.name.clone();
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        methods.push(name);
    }
    let class = Class {
        program,
        limits,
        name: class_name.replace('.', "/"),
        methods,
        targets: program.jump_targets(),
        counts_calls: depth.is_none_or(|d| d > limits.calls),
        counts_words: frames * widest > u64::from(limits.stack),
    };
    class.write()
}

/// A class name for a file name: letters, digits and underscores.
pub fn class_name_for(stem: &str) -> String {
    let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    name
}

impl Class<'_> {
    fn write(&self) -> Result<Translation, TranslateError> {
        let flags = ACC_PUBLIC | ACC_FINAL | ACC_SUPER;
        let mut w = ClassWriter::new(MAJOR_VERSION, flags, &self.name, Some(ERROR));
        if !self.program.program().source.is_empty() {
            w.source_file(&self.program.program().source);
        }
        for field in ["status", "result", "reason"] {
            w.field(ACC_PUBLIC | ACC_STATIC, field, "I");
        }
        if self.limits.fuel.is_some() {
            w.field(ACC_PUBLIC | ACC_STATIC, "fuel", "J");
        }
        self.write_constructor(&mut w);
        self.write_stop(&mut w);
        self.write_run(&mut w);
        self.write_main(&mut w);
        let mut places = HashMap::new();
        for f in 0..self.program.functions().len() {
            let (code, offsets) = self.function(&mut w, f)?;
            let flags = ACC_STATIC | if f == 0 { 0 } else { ACC_PRIVATE };
            w.method(flags, &self.methods[f], &self.descriptor(f)).code(&code);
            places.insert(self.methods[f].clone(), offsets);
        }
        let class_file = w.finish().map_err(TranslateError::Class)?;
        let places = self.resolve_places(&class_file, places)?;
        let class_name = self.name.replace('/', ".");
        Ok(Translation { class_name, class_file, methods: self.methods.clone(), places })
    }

    /// Where the instructions have ended up: every one has an entry in its method's line table, in order.
    fn resolve_places(
        &self,
        class_file: &[u8],
        offsets: HashMap<String, Vec<u32>>,
    ) -> Result<HashMap<String, Vec<(u16, u32)>>, TranslateError> {
        let parsed = ClassFile::parse(class_file, &ParseOptions::trusted(MAJOR_VERSION))
            .map_err(|_| TranslateError::Class(WriteProblem::TooLarge))?;
        let mut places = HashMap::new();
        for method in &parsed.methods {
            let name = String::from_utf8_lossy(method.name).into_owned();
            if let (Some(offsets), Some(code)) = (offsets.get(&name), &method.code) {
                let starts = code.line_numbers.iter().map(|l| l.start_pc);
                places.insert(name, starts.zip(offsets.iter().copied()).collect());
            }
        }
        Ok(places)
    }

    fn descriptor(&self, f: usize) -> String {
        let info = &self.program.functions()[f];
        let arguments = "I".repeat(info.arguments as usize);
        match f {
            0 => format!("({arguments})V"),
            _ => format!("({arguments}{})I", "I".repeat(self.hidden())),
        }
    }

    /// Parameters that functions have beside their own.
    fn hidden(&self) -> usize {
        usize::from(self.counts_calls) + usize::from(self.counts_words)
    }

    /// `<init>(message, writable stack trace)`.
    fn write_constructor(&self, w: &mut ClassWriter) {
        let init = w.pool.method_ref(ERROR, "<init>", "(Ljava/lang/String;Ljava/lang/Throwable;ZZ)V");
        let mut code = CodeBuilder::new(5, 3);
        code.op(Opcode::Aload0).op(Opcode::Aload1).op(Opcode::AconstNull).op(Opcode::Iconst0);
        code.op(Opcode::Iload2).constant(Opcode::Invokespecial, init).op(Opcode::Return);
        w.method(ACC_PRIVATE, "<init>", "(Ljava/lang/String;Z)V").code(&code);
    }

    fn stop_descriptor(&self) -> String {
        format!("(ILjava/lang/String;)L{};", self.name)
    }

    /// `stop(reason, message)`: what to throw to end the program; reason 0 is a HALT in a function.
    fn write_stop(&self, w: &mut ClassWriter) {
        let class = w.pool.class(&self.name);
        let init = w.pool.method_ref(&self.name, "<init>", "(Ljava/lang/String;Z)V");
        let reason = w.pool.field_ref(&self.name, "reason", "I");
        let mut code = CodeBuilder::new(5, 2);
        code.op(Opcode::Iload0).constant(Opcode::Putstatic, reason);
        code.constant(Opcode::New, class).op(Opcode::Dup).op(Opcode::Aload1);
        // Only faults, from 1 on, have a stack trace: -reason >>> 31 is that boolean.
        code.op(Opcode::Iload0).op(Opcode::Ineg).immediate(Opcode::Bipush, 31).op(Opcode::Iushr);
        code.constant(Opcode::Invokespecial, init).op(Opcode::Areturn);
        w.method(ACC_PRIVATE | ACC_STATIC, "stop", &self.stop_descriptor()).code(&code);
    }

    /// `run(inputs)`: executes the program, gives its status.
    fn write_run(&self, w: &mut ClassWriter) {
        let inputs = self.program.functions()[0].arguments as u16;
        let field = |w: &mut ClassWriter, name| w.pool.field_ref(&self.name, name, "I");
        let (status, result, reason) = (field(w, "status"), field(w, "result"), field(w, "reason"));
        let program = w.pool.method_ref(&self.name, PROGRAM, &self.descriptor(0));
        let class = w.pool.class(&self.name);
        let mut code = CodeBuilder::new(inputs.max(2), inputs);
        for f in [status, result, reason] {
            code.op(Opcode::Iconst0).constant(Opcode::Putstatic, f);
        }
        if let Some(fuel) = self.limits.fuel {
            let f = w.pool.field_ref(&self.name, "fuel", "J");
            code.push_long(&mut w.pool, i64::try_from(fuel).unwrap_or(i64::MAX))
                .constant(Opcode::Putstatic, f);
        }
        let start = code.here();
        for i in 0..inputs {
            code.local(Opcode::Iload, i);
        }
        code.constant(Opcode::Invokestatic, program);
        let end = code.here();
        code.constant(Opcode::Getstatic, status).op(Opcode::Ireturn);
        // A HALT in a function comes as a throwable, with the status set; others go on.
        let handler = code.here();
        code.frame(Frame::SameLocals1StackItem(VerificationType::Object(class)));
        let fault = code.label();
        code.constant(Opcode::Getstatic, status).branch(Opcode::Ifeq, fault);
        code.op(Opcode::Pop).constant(Opcode::Getstatic, status).op(Opcode::Ireturn);
        code.bind(fault).frame(Frame::SameLocals1StackItem(VerificationType::Object(class)));
        code.op(Opcode::Athrow);
        code.exception_handler(start, end, handler, class);
        w.method(ACC_PUBLIC | ACC_STATIC, "run", &format!("({})I", "I".repeat(inputs.into()))).code(&code);
    }

    /// `main(args)`: inputs from the command line, the result to standard output.
    fn write_main(&self, w: &mut ClassWriter) {
        let inputs = &self.program.program().inputs;
        let n = inputs.len() as u16;
        let run = w.pool.method_ref(&self.name, "run", &format!("({})I", "I".repeat(inputs.len())));
        let parse = w.pool.method_ref("java/lang/Integer", "parseInt", "(Ljava/lang/String;)I");
        let strings = w.pool.class("[Ljava/lang/String;");
        let result = w.pool.field_ref(&self.name, "result", "I");
        let out = w.pool.field_ref(OUT.0, OUT.1, OUT.2);
        let println = w.pool.method_ref(PRINTLN.0, PRINTLN.1, PRINTLN.2);
        let locals = |ints: u16| -> Vec<VerificationType> {
            let ints = std::iter::repeat_n(VerificationType::Integer, ints.into());
            std::iter::once(VerificationType::Object(strings)).chain(ints).collect()
        };
        let mut code = CodeBuilder::new(n.max(2), n + 1);
        for (i, input) in (0..).zip(inputs) {
            let given = code.label();
            code.push_int(&mut w.pool, input.default).local(Opcode::Istore, i + 1);
            code.op(Opcode::Aload0).op(Opcode::Arraylength);
            code.push_int(&mut w.pool, i32::from(i)).branch(Opcode::IfIcmple, given);
            code.op(Opcode::Aload0).push_int(&mut w.pool, i32::from(i)).op(Opcode::Aaload);
            code.constant(Opcode::Invokestatic, parse).local(Opcode::Istore, i + 1);
            code.bind(given).frame(Frame::Full { locals: locals(i + 1), stack: Vec::new() });
        }
        for i in 0..n {
            code.local(Opcode::Iload, i + 1);
        }
        let end = code.label();
        code.constant(Opcode::Invokestatic, run).push_int(&mut w.pool, STATUS_RESULT);
        code.branch(Opcode::IfIcmpne, end);
        code.constant(Opcode::Getstatic, out).constant(Opcode::Getstatic, result);
        code.constant(Opcode::Invokevirtual, println);
        code.bind(end).frame(Frame::Full { locals: locals(n), stack: Vec::new() }).op(Opcode::Return);
        w.method(ACC_PUBLIC | ACC_STATIC, "main", "([Ljava/lang/String;)V").code(&code);
    }

    /// The code of a function, and the offsets of the instructions in the order of its line table.
    fn function(&self, w: &mut ClassWriter, f: usize) -> Result<(CodeBuilder, Vec<u32>), TranslateError> {
        let too_large = || {
            let name = &self.program.functions()[f].name;
            let name = if f == 0 { "the main program".into() } else { format!("function {name}") };
            TranslateError::FunctionTooLarge { name }
        };
        if self.program.instructions_of(f).count() > MAX_INSTRUCTIONS {
            return Err(too_large());
        }
        // Conditional branches reach 32767 bytes; where that is not enough, they skip a `goto`.
        for far in [false, true] {
            let method = Method::new(self, f, far);
            let translated = method.translate(w);
            // A method of its own class tells whether the code is possible, without a half-written `w`.
            let mut probe = ClassWriter::new(MAJOR_VERSION, ACC_SUPER, "Probe", Some(ERROR));
            probe.method(ACC_STATIC, "probe", "()V").code(&translated.0);
            match probe.finish() {
                Err(WriteProblem::BranchTooFar) if !far => {}
                Err(WriteProblem::CodeTooLarge | WriteProblem::BranchTooFar) => return Err(too_large()),
                Err(problem) => return Err(TranslateError::Class(problem)),
                Ok(_) => return Ok(translated),
            }
        }
        Err(too_large())
    }
}

/// A method in the making.
struct Method<'c, 'v> {
    class: &'c Class<'v>,
    function: usize,
    far: bool,
    code: CodeBuilder,
    /// By instruction index.
    labels: HashMap<usize, Label>,
    offsets: Vec<u32>,
    /// The locals of the previous frame are those of the method.
    framed: bool,
    overflows: [Option<Label>; 2],
}

impl<'c, 'v> Method<'c, 'v> {
    fn new(class: &'c Class<'v>, function: usize, far: bool) -> Self {
        Method {
            class,
            function,
            far,
            code: CodeBuilder::default(),
            labels: HashMap::new(),
            offsets: Vec::new(),
            framed: false,
            overflows: [None; 2],
        }
    }

    fn hidden(&self) -> usize {
        if self.function == 0 { 0 } else { self.class.hidden() }
    }

    /// The JVM's local variable for a variable of the program: hidden parameters lie behind the arguments.
    fn slot(&self, local: u32) -> u16 {
        let arguments = self.class.program.functions()[self.function].arguments;
        let shift = if local < arguments { 0 } else { self.hidden() as u32 };
        (local + shift) as u16
    }

    fn calls_slot(&self) -> u16 {
        self.class.program.functions()[self.function].arguments as u16
    }

    fn words_slot(&self) -> u16 {
        self.calls_slot() + u16::from(self.class.counts_calls)
    }

    /// A stack map frame with `depth` operands.
    fn frame(&mut self, depth: u32) {
        let int = VerificationType::Integer;
        let locals = self.class.program.functions()[self.function].locals as usize + self.hidden();
        let frame = match depth {
            0 if self.framed => Frame::Same,
            1 if self.framed => Frame::SameLocals1StackItem(int),
            _ => Frame::Full { locals: vec![int; locals], stack: vec![int; depth as usize] },
        };
        self.framed = true;
        self.code.frame(frame);
    }

    fn label(&mut self, index: usize) -> Label {
        let code = &mut self.code;
        *self.labels.entry(index).or_insert_with(|| code.label())
    }

    /// A conditional jump; `depth` operands are left when it is not taken.
    fn jump_if(&mut self, opcode: Opcode, negated: Opcode, target: Label, depth: u32) {
        if !self.far {
            self.code.branch(opcode, target);
            return;
        }
        let skip = self.code.label();
        self.code.branch(negated, skip).branch(Opcode::Goto, target).bind(skip);
        self.frame(depth);
        // The next instruction may have a frame of its own.
        self.code.op(Opcode::Nop);
    }

    fn throw(&mut self, w: &mut ClassWriter, kind: FaultKind) {
        let class = &self.class.name;
        let stop = w.pool.method_ref(class, "stop", &self.class.stop_descriptor());
        let message = w.pool.string(&kind.to_string());
        self.code.push_int(&mut w.pool, i32::from(reason_number(kind))).ldc(message);
        self.code.constant(Opcode::Invokestatic, stop).op(Opcode::Athrow);
    }

    fn translate(mut self, w: &mut ClassWriter) -> (CodeBuilder, Vec<u32>) {
        let program = self.class.program;
        let info = &program.functions()[self.function];
        let members: Vec<usize> = program.instructions_of(self.function).collect();
        // Room for the operands that checks and calls push on top.
        self.code.max_stack(info.max_operands as u16 + 5);
        self.code.max_locals(info.locals as u16 + self.hidden() as u16);
        for local in info.arguments..info.locals {
            let slot = self.slot(local);
            self.code.op(Opcode::Iconst0).local(Opcode::Istore, slot);
        }
        self.check_limits(w);
        let targets = &self.class.targets;
        if members.first() != Some(&info.entry) {
            let entry = self.label(info.entry);
            self.code.branch(Opcode::Goto, entry);
        }
        let mut starts_segment = true;
        let mut skip = false;
        for (k, &i) in members.iter().enumerate() {
            let Some(depth) = program.depth(i) else { continue };
            if std::mem::take(&mut skip) {
                continue;
            }
            if targets[i] {
                let label = self.label(i);
                self.code.bind(label);
                self.frame(depth);
            }
            let instruction = &program.instructions()[i];
            let line = program.program().line_at(instruction.offset).unwrap_or(instruction.offset);
            self.code.line(u16::try_from(line).unwrap_or(u16::MAX));
            self.offsets.push(instruction.offset);
            if starts_segment || targets[i] {
                self.charge(w, i, depth);
            }
            let action = program.actions()[i];
            starts_segment = action.is_observable();
            // A comparison and the JZ behind it become one branch.
            if let Action::Compare(op) = action
                && let Some(&next) = members.get(k + 1)
                && let Action::JumpIfZero(to) = program.actions()[next]
                && next == i + 1
                && !targets[next]
            {
                let to = self.label(to as usize);
                self.jump_if(if_icmp(op.negated()), if_icmp(op), to, depth - 2);
                skip = true;
                starts_segment = true;
                continue;
            }
            self.instruction(w, action, depth);
            // No two frames may be at one place.
            if matches!(action, Action::Compare(_)) && targets[i + 1] {
                self.code.op(Opcode::Nop);
            }
        }
        for (kind, label) in
            [FaultKind::CallStackOverflow, FaultKind::StackOverflow].into_iter().zip(self.overflows)
        {
            if let Some(label) = label {
                self.code.bind(label);
                self.frame(0);
                self.throw(w, kind);
            }
        }
        (self.code, self.offsets)
    }

    /// At the entry: has this call one too many before it, does its frame fit?
    fn check_limits(&mut self, w: &mut ClassWriter) {
        let info = &self.class.program.functions()[self.function];
        let limits = self.class.limits;
        if self.function == 0 {
            if info.words() > limits.stack {
                // Nothing runs at all. The code behind is reached by this branch as far as a verifier can see.
                let label = self.code.label();
                self.overflows[1] = Some(label);
                self.code.op(Opcode::Iconst0);
                self.jump_if(Opcode::Ifeq, Opcode::Ifne, label, 0);
            }
            return;
        }
        if self.class.counts_calls {
            let label = self.code.label();
            self.overflows[0] = Some(label);
            let slot = self.calls_slot();
            self.code.local(Opcode::Iload, slot);
            self.code.push_int(&mut w.pool, i32::try_from(limits.calls).unwrap_or(i32::MAX));
            self.jump_if(Opcode::IfIcmpgt, Opcode::IfIcmple, label, 0);
        }
        if self.class.counts_words {
            let label = self.code.label();
            self.overflows[1] = Some(label);
            let slot = self.words_slot();
            // words below + own words > limit, without overflow since frames are small and the limit was kept below.
            self.code.local(Opcode::Iload, slot);
            let most = i64::from(limits.stack) - i64::from(info.words());
            let most = most.clamp(-1, i64::from(i32::MAX)) as i32;
            self.code.push_int(&mut w.pool, most);
            self.jump_if(Opcode::IfIcmpgt, Opcode::IfIcmple, label, 0);
        }
    }

    /// Takes fuel for the instructions from `index` on.
    fn charge(&mut self, w: &mut ClassWriter, index: usize, depth: u32) {
        if self.class.limits.fuel.is_none() {
            return;
        }
        let length = segment(self.class.program, &self.class.targets, index);
        let fuel = w.pool.field_ref(&self.class.name, "fuel", "J");
        let enough = self.code.label();
        self.code.constant(Opcode::Getstatic, fuel).push_long(&mut w.pool, length as i64).op(Opcode::Lsub);
        self.code.op(Opcode::Dup2).constant(Opcode::Putstatic, fuel);
        self.code.op(Opcode::Lconst0).op(Opcode::Lcmp).branch(Opcode::Ifge, enough);
        self.throw(w, FaultKind::OutOfFuel);
        self.code.bind(enough);
        self.frame(depth);
    }

    fn instruction(&mut self, w: &mut ClassWriter, action: Action, depth: u32) {
        match action {
            Action::Push(value) => {
                self.code.push_int(&mut w.pool, value);
            }
            Action::Pop => {
                self.code.op(Opcode::Pop);
            }
            Action::Dup => {
                self.code.op(Opcode::Dup);
            }
            Action::Swap => {
                self.code.op(Opcode::Swap);
            }
            Action::Arithmetic(op) => {
                self.code.op(match op {
                    Arithmetic::Add => Opcode::Iadd,
                    Arithmetic::Sub => Opcode::Isub,
                    Arithmetic::Mul => Opcode::Imul,
                    Arithmetic::Div => Opcode::Idiv,
                    Arithmetic::Rem => Opcode::Irem,
                });
            }
            Action::Compare(op) => {
                let (no, end) = (self.code.label(), self.code.label());
                self.code.branch(if_icmp(op.negated()), no);
                self.code.op(Opcode::Iconst1).branch(Opcode::Goto, end);
                self.code.bind(no);
                self.frame(depth - 2);
                self.code.op(Opcode::Iconst0);
                self.code.bind(end);
                self.frame(depth - 1);
            }
            Action::Jump(target) => {
                let target = self.label(target as usize);
                self.code.branch(Opcode::Goto, target);
            }
            Action::JumpIfZero(target) => {
                let target = self.label(target as usize);
                self.jump_if(Opcode::Ifeq, Opcode::Ifne, target, depth - 1);
            }
            Action::Call { target, arguments } => self.call(w, target as usize, depth - arguments as u32),
            Action::Return => {
                self.code.op(Opcode::Ireturn);
            }
            Action::Load(n) => {
                let slot = self.slot(n as u32);
                self.code.local(Opcode::Iload, slot);
            }
            Action::Store(n) => {
                let slot = self.slot(n as u32);
                self.code.local(Opcode::Istore, slot);
            }
            Action::Print => {
                let out = w.pool.field_ref(OUT.0, OUT.1, OUT.2);
                let println = w.pool.method_ref(PRINTLN.0, PRINTLN.1, PRINTLN.2);
                self.code.constant(Opcode::Getstatic, out).op(Opcode::Swap);
                self.code.constant(Opcode::Invokevirtual, println);
            }
            Action::Halt => self.halt(w, depth),
        }
    }

    /// A call, with `below` operands under its arguments.
    fn call(&mut self, w: &mut ClassWriter, callee: usize, below: u32) {
        let class = self.class;
        if class.counts_calls {
            if self.function == 0 {
                self.code.op(Opcode::Iconst1);
            } else {
                let slot = self.calls_slot();
                self.code.local(Opcode::Iload, slot).op(Opcode::Iconst1).op(Opcode::Iadd);
            }
        }
        if class.counts_words {
            let own = class.program.functions()[self.function].locals + below;
            self.code.push_int(&mut w.pool, own as i32);
            if self.function != 0 {
                let slot = self.words_slot();
                self.code.local(Opcode::Iload, slot).op(Opcode::Iadd);
            }
        }
        let method = w.pool.method_ref(&class.name, &class.methods[callee], &class.descriptor(callee));
        self.code.constant(Opcode::Invokestatic, method);
    }

    fn halt(&mut self, w: &mut ClassWriter, depth: u32) {
        let class = &self.class.name;
        let field = |w: &mut ClassWriter, name| w.pool.field_ref(class, name, "I");
        let (status, result) = (field(w, "status"), field(w, "result"));
        if depth > 0 {
            self.code.constant(Opcode::Putstatic, result);
        }
        let value = if depth > 0 { STATUS_RESULT } else { STATUS_NO_RESULT };
        self.code.push_int(&mut w.pool, value).constant(Opcode::Putstatic, status);
        if self.function == 0 {
            self.code.op(Opcode::Return);
            return;
        }
        let stop = w.pool.method_ref(class, "stop", &self.class.stop_descriptor());
        self.code.op(Opcode::Iconst0).op(Opcode::AconstNull);
        self.code.constant(Opcode::Invokestatic, stop).op(Opcode::Athrow);
    }
}

fn if_icmp(op: Comparison) -> Opcode {
    match op {
        Comparison::Eq => Opcode::IfIcmpeq,
        Comparison::Ne => Opcode::IfIcmpne,
        Comparison::Lt => Opcode::IfIcmplt,
        Comparison::Le => Opcode::IfIcmple,
        Comparison::Gt => Opcode::IfIcmpgt,
        Comparison::Ge => Opcode::IfIcmpge,
    }
}
