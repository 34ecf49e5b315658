//! A small assembler for the cases of the verifier: text in, class files out.
//!
//! A line is one of these, words separated by blanks; `;` starts a comment.
//!
//! ```text
//! class Name [extends Super] [implements A,B] [flags N] [version N] [module M]   starts a class
//! rule SECTION TEXT                               the rule of the specification that the next cases are about
//! case accept|reject TITLE                        starts a class `Case`, whose parts may follow in a `class` line
//! each WORD a b c                                 the next case is made once for each of the words
//! field FLAGS NAME DESCRIPTOR
//! method FLAGS NAME DESCRIPTOR STACK LOCALS       starts a method; FLAGS are words joined by `+`, or `-`
//! native FLAGS NAME DESCRIPTOR                    a method without code, native unless abstract
//! bootstrap CONSTANT                              adds a bootstrap method without arguments
//! LABEL:                                          binds a label
//! frame same | same1 T | chop N | append T.. | full T.. | T..
//! catch CLASS|any FROM TO HANDLER                 an exception handler
//! variable FROM TO INDEX                          a row of LocalVariableTable
//! stackmap BYTES                                  the content of StackMapTable in hexadecimal
//! raw BYTES                                       any code
//! MNEMONIC OPERANDS                               an instruction, maybe after the word `wide`
//! ```
//!
//! A constant is `int:N float:N long:N double:N string:S class:C mtype:D`, `static:MEMBER` (a method handle),
//! `condy:NAME:DESCRIPTOR`, `indy:NAME:DESCRIPTOR`, a MEMBER, which is `Class.name:DESCRIPTOR` for a field or
//! method and `interface:Class.name:DESCRIPTOR` for an interface method, or `#N` for an index. A type `T` is
//! `top int float long double null this`, `new:LABEL`, `#N` for an index, or a class.

use std::collections::HashMap;

use caturra_bytecode::access::*;
use caturra_bytecode::{Format, MethodDescriptor, Opcode};
use caturra_classfile::ReferenceKind;
use caturra_classfile::writer::{
    ClassWriter, CodeBuilder, ConstantPoolBuilder, Frame, Label, VerificationType,
};

/// An assembled class.
pub struct Assembled {
    pub name: String,
    pub module: String,
    pub file: Vec<u8>,
    pub case: Option<Case>,
}

/// What a class is made to show.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whether it is to be accepted.
    pub accept: bool,
    /// What it does, in words.
    pub title: String,
    /// The rule of the specification, its section first.
    pub rule: String,
}

struct Method {
    flags: u16,
    name: String,
    descriptor: String,
    code: Option<CodeBuilder>,
    labels: HashMap<String, Label>,
}

struct Class {
    name: String,
    super_name: Option<String>,
    interfaces: Vec<String>,
    flags: u16,
    version: u16,
    module: String,
    case: Option<Case>,
    fields: Vec<(u16, String, String)>,
    methods: Vec<Method>,
    bootstraps: Vec<String>,
    /// Made when the parts of the `class` line are known.
    writer: Option<ClassWriter>,
}

impl Class {
    fn new(name: &str, case: Option<Case>) -> Class {
        Class {
            name: name.into(),
            super_name: Some("java/lang/Object".into()),
            interfaces: Vec::new(),
            flags: ACC_PUBLIC | ACC_SUPER,
            version: 61,
            module: "subject".into(),
            case,
            fields: Vec::new(),
            methods: Vec::new(),
            bootstraps: Vec::new(),
            writer: None,
        }
    }

    /// The parts of a `class` line behind the name.
    fn parts(&mut self, words: &[&str]) {
        for pair in words.chunks(2) {
            let value = pair[1].to_owned();
            match pair[0] {
                "extends" => self.super_name = (value != "-").then_some(value),
                "implements" => self.interfaces = value.split(',').map(str::to_owned).collect(),
                "flags" => self.flags = flags(&value),
                "version" => self.version = value.parse().unwrap(),
                "module" => self.module = value,
                other => panic!("{other}: no part of a class"),
            }
        }
    }

    fn make_writer(&mut self) {
        let super_name = self.super_name.as_deref();
        let make = || ClassWriter::new(self.version, self.flags, &self.name, super_name);
        self.writer.get_or_insert_with(make);
    }

    fn finish(mut self) -> Assembled {
        self.make_writer();
        let mut writer = self.writer.unwrap();
        for interface in &self.interfaces {
            writer.interface(interface);
        }
        for (flags, name, descriptor) in &self.fields {
            writer.field(*flags, name, descriptor);
        }
        for bootstrap in &self.bootstraps {
            let handle = constant(&mut writer.pool, bootstrap);
            writer.bootstrap_method(handle, &[]);
        }
        for method in &self.methods {
            let mut member = writer.method(method.flags, &method.name, &method.descriptor);
            if let Some(code) = &method.code {
                member.code(code);
            }
        }
        let file = writer.finish().unwrap_or_else(|problem| panic!("{:?}: {problem}", self.case));
        Assembled { name: self.name, module: self.module, file, case: self.case }
    }
}

fn flags(words: &str) -> u16 {
    words
        .split('+')
        .map(|word| match word {
            "-" => 0,
            "public" => ACC_PUBLIC,
            "private" => ACC_PRIVATE,
            "protected" => ACC_PROTECTED,
            "static" => ACC_STATIC,
            "final" => ACC_FINAL,
            "super" => ACC_SUPER,
            "abstract" => ACC_ABSTRACT,
            "interface" => ACC_INTERFACE | ACC_ABSTRACT,
            "native" => ACC_NATIVE,
            other => panic!("{other}: no flag"),
        })
        .fold(0, |sum, flag| sum | flag)
}

fn bytes(words: &[&str]) -> Vec<u8> {
    let digits: String = words.concat();
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// `Class.name:descriptor`
fn member(text: &str) -> (&str, &str, &str) {
    let (name, descriptor) = text.split_once(':').unwrap_or_else(|| panic!("{text}: no member"));
    let (class, name) = name.rsplit_once('.').unwrap_or_else(|| panic!("{text}: no member"));
    (class, name, descriptor)
}

fn member_ref(pool: &mut ConstantPoolBuilder, text: &str) -> u16 {
    if let Some(rest) = text.strip_prefix("interface:") {
        let (class, name, descriptor) = member(rest);
        return pool.interface_method_ref(class, name, descriptor);
    }
    let (class, name, descriptor) = member(text);
    if descriptor.starts_with('(') {
        pool.method_ref(class, name, descriptor)
    } else {
        pool.field_ref(class, name, descriptor)
    }
}

fn constant(pool: &mut ConstantPoolBuilder, text: &str) -> u16 {
    if let Some(index) = text.strip_prefix('#') {
        return index.parse().unwrap();
    }
    let (kind, value) = text.split_once(':').unwrap_or_else(|| panic!("{text}: no constant"));
    match kind {
        "int" => pool.integer(value.parse().unwrap()),
        "float" => pool.float(value.parse().unwrap()),
        "long" => pool.long(value.parse().unwrap()),
        "double" => pool.double(value.parse().unwrap()),
        "string" => pool.string(value),
        "class" => pool.class(value),
        "mtype" => pool.method_type(value),
        "static" => {
            let method = member_ref(pool, value);
            pool.method_handle(ReferenceKind::InvokeStatic, method)
        }
        "condy" => {
            let (name, descriptor) = value.split_once(':').unwrap();
            pool.dynamic(0, name, descriptor)
        }
        "indy" => {
            let (name, descriptor) = value.split_once(':').unwrap();
            pool.invoke_dynamic(0, name, descriptor)
        }
        _ => member_ref(pool, text),
    }
}

impl Method {
    fn label(&mut self, name: &str) -> Label {
        let code = self.code.as_mut().expect("a method with code");
        *self.labels.entry(name.to_owned()).or_insert_with(|| code.label())
    }

    fn verification_type(&mut self, pool: &mut ConstantPoolBuilder, word: &str) -> VerificationType {
        match word {
            "top" => VerificationType::Top,
            "int" => VerificationType::Integer,
            "float" => VerificationType::Float,
            "long" => VerificationType::Long,
            "double" => VerificationType::Double,
            "null" => VerificationType::Null,
            "this" => VerificationType::UninitializedThis,
            _ => match (word.strip_prefix("new:"), word.strip_prefix('#')) {
                (Some(label), _) => VerificationType::Uninitialized(self.label(label)),
                (_, Some(index)) => VerificationType::Object(index.parse().unwrap()),
                _ => VerificationType::Object(pool.class(word)),
            },
        }
    }

    fn frame(&mut self, pool: &mut ConstantPoolBuilder, words: &[&str]) {
        let mut types = |words: &[&str]| -> Vec<VerificationType> {
            words.iter().map(|word| self.verification_type(pool, word)).collect()
        };
        let frame = match words[0] {
            "same" => Frame::Same,
            "same1" => Frame::SameLocals1StackItem(types(&words[1..])[0]),
            "chop" => Frame::Chop(words[1].parse().unwrap()),
            "append" => Frame::Append(types(&words[1..])),
            "full" => {
                let bar = words.iter().position(|&word| word == "|").unwrap();
                Frame::Full { locals: types(&words[1..bar]), stack: types(&words[bar + 1..]) }
            }
            other => panic!("{other}: no frame"),
        };
        self.code.as_mut().unwrap().frame(frame);
    }

    fn instruction(&mut self, pool: &mut ConstantPoolBuilder, words: &[&str]) {
        let wide = words[0] == "wide";
        let words = if wide { &words[1..] } else { words };
        let opcode = Opcode::ALL.into_iter().find(|opcode| opcode.mnemonic() == words[0]);
        let opcode = opcode.unwrap_or_else(|| panic!("{}: no instruction", words[0]));
        let number = |at: usize| -> i32 { words[at].parse().unwrap() };
        let class = |pool: &mut ConstantPoolBuilder, word: &str| {
            if word.starts_with('#') { constant(pool, word) } else { pool.class(word) }
        };
        let u2 = |value: i32| (value as u16).to_be_bytes();
        if wide {
            let mut raw = vec![Opcode::Wide as u8, opcode as u8];
            (1..words.len()).for_each(|at| raw.extend(u2(number(at))));
            self.code.as_mut().unwrap().raw(&raw);
            return;
        }
        if matches!(opcode.format(), Format::Branch | Format::BranchWide) {
            let target = self.label(words[1]);
            self.code.as_mut().unwrap().branch(opcode, target);
            return;
        }
        if matches!(opcode.format(), Format::TableSwitch | Format::LookupSwitch) {
            let default = self.label(words[1]);
            if opcode == Opcode::Tableswitch {
                let targets: Vec<Label> = words[3..].iter().map(|word| self.label(word)).collect();
                self.code.as_mut().unwrap().table_switch(default, number(2), &targets);
            } else {
                let pairs: Vec<(i32, Label)> = words[2..]
                    .chunks(2)
                    .map(|pair| (pair[0].parse().unwrap(), self.label(pair[1])))
                    .collect();
                self.code.as_mut().unwrap().lookup_switch(default, &pairs);
            }
            return;
        }
        let code = self.code.as_mut().unwrap();
        match opcode.format() {
            Format::None => code.op(opcode),
            Format::Byte | Format::Short => code.immediate(opcode, number(1) as i16),
            Format::Local => code.local(opcode, number(1) as u16),
            Format::Iinc => code.iinc(number(1) as u16, number(2) as i16),
            Format::ConstantU1 | Format::Constant | Format::Constant2 | Format::Field | Format::Method => {
                let index = constant(pool, words[1]);
                code.constant(opcode, index)
            }
            Format::InvokeInterface => {
                let index = constant(pool, words[1]);
                let count = words.get(2).map_or_else(
                    || {
                        let descriptor = words[1].rsplit_once(':').unwrap().1.as_bytes();
                        MethodDescriptor::parse(descriptor).unwrap().parameter_slots() as u8 + 1
                    },
                    |count| count.parse().unwrap(),
                );
                code.invoke_interface(index, count)
            }
            Format::InvokeDynamic => {
                let index = constant(pool, words[1]);
                code.invoke_dynamic(index)
            }
            Format::Class => {
                let index = class(pool, words[1]);
                code.constant(opcode, index)
            }
            Format::NewArray => code.new_array(number(1) as u8),
            Format::MultiNewArray => {
                let index = class(pool, words[1]);
                code.multi_new_array(index, number(2) as u8)
            }
            other => panic!("{other:?}: no operands for it"),
        };
    }
}

/// Takes a line into the class at hand.
fn line(class: &mut Class, words: &[&str]) {
    class.make_writer();
    let method = class.methods.last_mut();
    match words[0] {
        "field" => class.fields.push((flags(words[1]), words[2].into(), words[3].into())),
        "bootstrap" => class.bootstraps.push(words[1].into()),
        "method" | "native" => {
            let code = (words[0] == "method")
                .then(|| CodeBuilder::new(words[4].parse().unwrap(), words[5].parse().unwrap()));
            let flags = flags(words[1]);
            let without_code = if flags & ACC_ABSTRACT == 0 { ACC_NATIVE } else { 0 };
            class.methods.push(Method {
                flags: if code.is_some() { flags } else { flags | without_code },
                name: words[2].into(),
                descriptor: words[3].into(),
                code,
                labels: HashMap::new(),
            });
        }
        _ => {
            let method = method.unwrap_or_else(|| panic!("{words:?}: outside a method"));
            let pool = &mut class.writer.as_mut().unwrap().pool;
            match words[0] {
                "frame" => method.frame(pool, &words[1..]),
                "catch" => {
                    let caught = match words[1] {
                        "any" => 0,
                        name => pool.class(name),
                    };
                    let [start, end, handler] = [2, 3, 4].map(|at| method.label(words[at]));
                    method.code.as_mut().unwrap().exception_handler(start, end, handler, caught);
                }
                "variable" => {
                    let range = (method.label(words[1]), method.label(words[2]));
                    let index = words[3].parse().unwrap();
                    method.code.as_mut().unwrap().local_variable(pool, "v", "I", index, range);
                }
                "stackmap" => {
                    method.code.as_mut().unwrap().attribute("StackMapTable", bytes(&words[1..]));
                }
                "raw" => {
                    method.code.as_mut().unwrap().raw(&bytes(&words[1..]));
                }
                label if label.ends_with(':') => {
                    let label = method.label(&label[..label.len() - 1]);
                    method.code.as_mut().unwrap().bind(label);
                }
                _ => method.instruction(pool, words),
            }
        }
    }
}

/// Repeats the cases that follow an `each` line.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(first) = lines.next() {
        let Some(rest) = first.strip_prefix("each ") else {
            out.push_str(first);
            out.push('\n');
            continue;
        };
        let mut words = rest.split_whitespace();
        let placeholder = words.next().unwrap();
        let mut body = String::new();
        // The `case` line and its body, up to the next block.
        let mut inside = false;
        while let Some(next) = lines.peek() {
            let starts = next.starts_with("case ") || next.starts_with("each ");
            if (starts || next.starts_with("rule ")) && inside {
                break;
            }
            inside |= starts;
            body.push_str(next);
            body.push('\n');
            lines.next();
        }
        for word in words {
            out.push_str(&body.replace(placeholder, &word.replace('+', " ")));
        }
    }
    out
}

/// Assembles all classes of a text.
pub fn assemble(text: &str) -> Vec<Assembled> {
    let mut done = Vec::new();
    let mut class: Option<Class> = None;
    let mut rule = String::new();
    for text in expand(text).lines() {
        let words: Vec<&str> = text.split(" ;").next().unwrap().split_whitespace().collect();
        if words.is_empty() || words[0].starts_with(';') {
            continue;
        }
        match words[0] {
            "rule" => {
                done.extend(class.take().map(Class::finish));
                rule = words[1..].join(" ");
            }
            "case" => {
                done.extend(class.take().map(Class::finish));
                let accept = words[1] == "accept";
                assert!(accept || words[1] == "reject", "{text}");
                let case = Case { accept, title: words[2..].join(" "), rule: rule.clone() };
                class = Some(Class::new("Case", Some(case)));
            }
            "class" => match &mut class {
                // The parts of the class of a case.
                Some(class) if words[1] == "Case" => class.parts(&words[2..]),
                _ => {
                    done.extend(class.take().map(Class::finish));
                    let mut new = Class::new(words[1], None);
                    new.parts(&words[2..]);
                    class = Some(new);
                }
            },
            _ => line(class.as_mut().expect("a class"), &words),
        }
    }
    done.extend(class.map(Class::finish));
    done
}
