//! The text assembly: assembler and disassembler, inverse to each other.
//!
//! One instruction, label or directive a line; `;` begins a comment. A jump's operand is a label or an offset.
//!
//! ```text
//! .set mini              ; the instruction set (mini when not given)
//! .source "fact.bean"    ; the source file that the lines refer to
//! .locals 1              ; local variables of the main program (by default as many as are used)
//! .input n 5             ; the main program's next local variable can be set by who runs it
//!     LOAD 0
//!     CALL fact 1
//!     HALT
//! .function fact 1 1     ; a function of one argument and one local variable (the argument) begins here
//! .line 3                ; the next instruction was made from that line
//!     LOAD 0
//!     JZ one
//!     ...
//! one:                   ; a label
//!     PUSH 1
//!     RET
//! ```
//!
//! `.byte` and `.word` put numbers into the code as they are.

use crate::cbc::is_name;
use crate::diagnostics::Diagnostic;
use crate::isa::{Action, InstructionSet, Op, OperandKind};
use crate::program::{Code, Function, Input, Line, Program, decode, encode};
use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

type Span = Range<usize>;

#[derive(Clone, Debug)]
struct Word<'a> {
    text: &'a str,
    span: Span,
}

/// The words of a line, without the comment. A string is one word, quotes included.
fn words(line: &str, start: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line.char_indices().peekable();
    while let Some((i, c)) = rest.next() {
        if c.is_whitespace() || c == ',' {
            continue;
        }
        if c == ';' {
            break;
        }
        let mut end = i + c.len_utf8();
        while let Some(&(j, d)) = rest.peek() {
            let inside = if c == '"' { true } else { !(d.is_whitespace() || d == ',' || d == ';') };
            if !inside {
                break;
            }
            rest.next();
            end = j + d.len_utf8();
            if d == '"' && c == '"' || d == ':' && c != '"' {
                break;
            }
        }
        words.push(Word { text: &line[i..end], span: start + i..start + end });
    }
    words
}

/// A decimal or hexadecimal number of 32 bits; unsigned ones wrap.
fn number(text: &str) -> Option<i32> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    if value > i64::from(u32::MAX) {
        return None;
    }
    let value = if negative { -value } else { value };
    match i32::try_from(value) {
        Ok(value) => Some(value),
        // 0xffff_ffff and its like are bit patterns.
        Err(_) if !negative && digits.starts_with("0x") => Some(value as u32 as i32),
        Err(_) => None,
    }
}

/// A jump's operand that waits for its label.
struct Fixup<'a> {
    unit: usize,
    label: Word<'a>,
}

struct Assembler<'a> {
    code: Code,
    labels: HashMap<&'a str, u32>,
    fixups: Vec<Fixup<'a>>,
    inputs: Vec<Input>,
    locals: Option<u16>,
    /// Name, entry, arguments, local variables if given.
    functions: Vec<(&'a str, u32, u16, Option<u16>)>,
    lines: Vec<Line>,
    source: String,
    /// Calls that did not say how many arguments: unit of the operand, and the function.
    calls: Vec<(usize, Word<'a>)>,
    set_given: bool,
}

/// Assembles a text.
///
/// # Errors
/// The first error.
pub fn assemble(text: &str) -> Result<Program, Diagnostic> {
    let mut a = Assembler {
        code: Code::Mini(Vec::new()),
        labels: HashMap::new(),
        fixups: Vec::new(),
        inputs: Vec::new(),
        locals: None,
        functions: Vec::new(),
        lines: Vec::new(),
        source: String::new(),
        calls: Vec::new(),
        set_given: false,
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        a.line(&words(line, start))?;
        start += line.len();
    }
    a.finish()
}

fn expected(word: Option<&Word<'_>>, line: &Word<'_>, what: &str) -> Diagnostic {
    match word {
        Some(w) => {
            Diagnostic::new(w.span.clone(), format!("unexpected {}", w.text), format!("expected {what}"))
        }
        None => Diagnostic::new(
            line.span.end..line.span.end,
            "the line ends too early",
            format!("expected {what} after this"),
        ),
    }
}

fn count(word: Option<&Word<'_>>, line: &Word<'_>, what: &str) -> Result<u16, Diagnostic> {
    word.and_then(|w| w.text.parse().ok()).ok_or_else(|| expected(word, line, what))
}

impl<'a> Assembler<'a> {
    fn offset(&self) -> u32 {
        self.code.len() as u32
    }

    fn define(&mut self, name: &Word<'a>) -> Result<(), Diagnostic> {
        if !is_name(name.text) {
            return Err(expected(Some(name), name, "a name of letters, digits and underscores"));
        }
        if self.labels.insert(name.text, self.offset()).is_some() {
            let message = format!("{} is defined twice", name.text);
            return Err(Diagnostic::new(name.span.clone(), message, "the second definition"));
        }
        Ok(())
    }

    fn line(&mut self, words: &[Word<'a>]) -> Result<(), Diagnostic> {
        let Some(first) = words.first() else { return Ok(()) };
        if let Some(name) = first.text.strip_suffix(':') {
            let end = first.span.end - 1;
            self.define(&Word { text: name, span: first.span.start..end })?;
            return self.line(&words[1..]);
        }
        let last = &words[words.len() - 1];
        let too_many = |n: usize| match words.get(n) {
            Some(w) => Err(expected(Some(w), w, "the end of the line")),
            None => Ok(()),
        };
        if !first.text.starts_with('.') {
            return self.instruction(words);
        }
        match first.text {
            ".set" => {
                let set = words.get(1).and_then(|w| InstructionSet::from_name(w.text));
                let set = set.ok_or_else(|| expected(words.get(1), last, "expression or mini"))?;
                if self.set_given || !self.code.is_empty() {
                    let at = first.span.clone();
                    return Err(Diagnostic::new(at, ".set comes too late", "it must come first, and once"));
                }
                self.set_given = true;
                if set == InstructionSet::Expression {
                    self.code = Code::Expression(Vec::new());
                }
                too_many(2)
            }
            ".source" => {
                let name = words.get(1).and_then(|w| w.text.strip_prefix('"')?.strip_suffix('"'));
                let name = name.ok_or_else(|| expected(words.get(1), last, "a file name in quotes"))?;
                self.source = name.to_owned();
                too_many(2)
            }
            ".locals" => {
                self.locals = Some(count(words.get(1), last, "a number of local variables")?);
                too_many(2)
            }
            ".input" => {
                let name = words.get(1).filter(|w| is_name(w.text));
                let name = name.ok_or_else(|| expected(words.get(1), last, "the name of an input"))?;
                let default = words.get(2).and_then(|w| number(w.text));
                let default = default.ok_or_else(|| expected(words.get(2), last, "its default, a number"))?;
                if self.inputs.iter().any(|i| i.name == name.text) {
                    let message = format!("two inputs are called {}", name.text);
                    return Err(Diagnostic::new(name.span.clone(), message, "the second"));
                }
                self.inputs.push(Input { name: name.text.to_owned(), default });
                too_many(3)
            }
            ".function" => {
                let name = words.get(1).ok_or_else(|| expected(None, last, "the name of a function"))?;
                self.define(name)?;
                let arguments = count(words.get(2), last, "a number of arguments")?;
                let locals = match words.get(3) {
                    Some(w) => Some(count(Some(w), last, "a number of local variables")?),
                    None => None,
                };
                if let Some((other, ..)) = self.functions.last().filter(|f| f.1 == self.offset()) {
                    let message = format!("functions {other} and {} begin at one place", name.text);
                    return Err(Diagnostic::new(name.span.clone(), message, "the second"));
                }
                self.functions.push((name.text, self.offset(), arguments, locals));
                too_many(4)
            }
            ".line" => {
                let line = words.get(1).and_then(|w| w.text.parse().ok()).filter(|n| *n > 0);
                let line = line.ok_or_else(|| expected(words.get(1), last, "a line number"))?;
                self.lines.push(Line { offset: self.offset(), line });
                too_many(2)
            }
            ".byte" | ".word" => {
                for w in &words[1..] {
                    let value = number(w.text);
                    match (&mut self.code, value, first.text) {
                        (Code::Expression(bytes), Some(v @ 0..=255), ".byte") => bytes.push(v as u8),
                        (Code::Mini(units), Some(v), ".word") => units.push(v),
                        (Code::Expression(_), ..) => {
                            return Err(expected(Some(w), last, ".byte and numbers from 0 to 255"));
                        }
                        (Code::Mini(_), ..) => {
                            return Err(expected(Some(w), last, ".word and numbers of 32 bits"));
                        }
                    }
                }
                Ok(())
            }
            _ => Err(expected(
                Some(first),
                first,
                "one of .set .source .locals .input .function .line .byte .word",
            )),
        }
    }

    fn instruction(&mut self, words: &[Word<'a>]) -> Result<(), Diagnostic> {
        let (first, last) = (&words[0], &words[words.len() - 1]);
        let set = self.code.set();
        let Some(op) = set.op_named(first.text) else {
            let names: Vec<&str> = set.ops().iter().map(|op| op.info().mnemonic).collect();
            let message = format!("{} is no instruction of the {set} set", first.text);
            return Err(Diagnostic::new(first.span.clone(), message, "expected an instruction")
                .with_help(format!("the {set} set has {}", names.join(" "))));
        };
        let kinds = op.info().operands;
        let mut operands = [0; 2];
        for (i, kind) in kinds.iter().enumerate() {
            let unit = self.code.len() + 1 + i;
            let word = words.get(i + 1);
            operands[i] = match (kind, word) {
                (OperandKind::Target, Some(w)) if is_name(w.text) => {
                    self.fixups.push(Fixup { unit, label: w.clone() });
                    0
                }
                (OperandKind::Arguments, None) if i == 1 => {
                    self.calls.push((unit, words[1].clone()));
                    0
                }
                (kind, word) => {
                    let (what, range) = match (kind, set) {
                        (OperandKind::Constant, InstructionSet::Expression) => {
                            ("a number from 0 to 65535", 0..=65535)
                        }
                        (OperandKind::Constant, _) => ("a number of 32 bits", i32::MIN..=i32::MAX),
                        (OperandKind::Target, _) => ("a label or an offset", i32::MIN..=i32::MAX),
                        (OperandKind::Arguments, _) => ("a number of arguments", i32::MIN..=i32::MAX),
                        (OperandKind::Local, _) => ("the number of a local variable", i32::MIN..=i32::MAX),
                    };
                    let value = word.and_then(|w| number(w.text)).filter(|v| range.contains(v));
                    value.ok_or_else(|| expected(word, last, what))?
                }
            };
        }
        if let Some(w) = words.get(kinds.len() + 1) {
            return Err(expected(Some(w), w, "the end of the line"));
        }
        encode(&mut self.code, op, &operands[..kinds.len()]);
        Ok(())
    }

    fn finish(mut self) -> Result<Program, Diagnostic> {
        let set = self.code.set();
        if let Code::Mini(units) = &mut self.code {
            for fixup in &self.fixups {
                let Some(offset) = self.labels.get(fixup.label.text) else {
                    let message = format!("there is no label {}", fixup.label.text);
                    return Err(Diagnostic::new(fixup.label.span.clone(), message, "used here"));
                };
                units[fixup.unit] = *offset as i32;
            }
            for (unit, function) in &self.calls {
                let entry = units[unit - 1];
                let Some(f) = self.functions.iter().find(|f| i64::from(f.1) == i64::from(entry)) else {
                    let at = function.span.end..function.span.end;
                    return Err(Diagnostic::new(
                        at,
                        "the line ends too early",
                        "expected a number of arguments",
                    )
                    .with_help("the number may be left out where .function says it"));
                };
                units[*unit] = i32::from(f.2);
            }
        }
        let inferred = Program::from_code(self.code);
        let names: HashMap<u32, &str> = self.labels.iter().map(|(name, offset)| (*offset, *name)).collect();
        let mut functions = Vec::new();
        for (name, entry, arguments, locals) in &self.functions {
            let locals = locals.unwrap_or_else(|| inferred.locals_of(*entry)).max(*arguments);
            functions.push(Function {
                name: (*name).to_owned(),
                entry: *entry,
                arguments: *arguments,
                locals,
            });
        }
        // Called labels that no `.function` declares are functions as well.
        if functions.is_empty() {
            functions = inferred.functions.clone();
            for f in &mut functions {
                if let Some(name) = names.get(&f.entry) {
                    f.name = (*name).to_owned();
                }
            }
        }
        let locals = self.locals.unwrap_or(inferred.locals).max(self.inputs.len() as u16);
        let length = inferred.code.len() as u32;
        let mut lines: Vec<Line> = Vec::new();
        for line in self.lines.into_iter().filter(|l| l.offset < length) {
            match lines.last_mut() {
                Some(before) if before.offset == line.offset => before.line = line.line,
                _ => lines.push(line),
            }
        }
        functions.retain(|f| f.entry < length);
        let locals = if set == InstructionSet::Expression { 0 } else { locals };
        Ok(Program {
            code: inferred.code,
            source: self.source,
            inputs: self.inputs,
            locals,
            functions,
            lines,
        })
    }
}

/// The text of a program; [`assemble`] makes the same program of it.
pub fn disassemble(program: &Program) -> String {
    let set = program.set();
    let mut out = format!(".set {set}\n");
    if !program.source.is_empty() {
        let _ = writeln!(out, ".source \"{}\"", program.source);
    }
    if set == InstructionSet::Mini {
        let _ = writeln!(out, ".locals {}", program.locals);
    }
    for input in &program.inputs {
        let _ = writeln!(out, ".input {} {}", input.name, input.default);
    }
    let units = program.code.units();
    // What decodes is shown as instructions, the rest as numbers.
    let (instructions, decoded) = match decode(&program.code) {
        Ok(instructions) => (instructions, units.len()),
        Err(e) => {
            let end = e.offset() as usize;
            let head = match &program.code {
                Code::Expression(bytes) => Code::Expression(bytes[..end].to_vec()),
                Code::Mini(words) => Code::Mini(words[..end].to_vec()),
            };
            (decode(&head).unwrap_or_default(), end)
        }
    };
    let labels = Labels::new(program, &instructions);
    let mut lines = program.lines.iter().peekable();
    let mut functions = program.functions.iter().peekable();
    let mut directives = |out: &mut String, offset: u32| {
        while let Some(f) = functions.next_if(|f| f.entry <= offset) {
            let _ = writeln!(out, "\n.function {} {} {}", f.name, f.arguments, f.locals);
        }
        while let Some(l) = lines.next_if(|l| l.offset <= offset) {
            let _ = writeln!(out, ".line {}", l.line);
        }
    };
    for i in instructions.iter().filter(|i| i.op.is_some()) {
        directives(&mut out, i.offset);
        if labels.targets.contains(&i.offset) && program.function_at(i.offset).is_none() {
            let _ = writeln!(out, "{}:", labels.name(i.offset));
        }
        let mut text = format!("    {}", i.mnemonic());
        for (kind, operand) in i.operands() {
            match kind {
                OperandKind::Target if labels.targets.contains(&(operand as u32)) => {
                    let _ = write!(text, " {}", labels.name(operand as u32));
                }
                _ => {
                    let _ = write!(text, " {operand}");
                }
            }
        }
        let raw: Vec<String> =
            units[i.offset as usize..i.end() as usize].iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "{text:<28}; {:>4}: {}", i.offset, raw.join(" "));
    }
    for (offset, unit) in units.iter().enumerate().skip(decoded) {
        directives(&mut out, offset as u32);
        let _ = writeln!(out, "    .{} {unit}", set.unit());
    }
    out
}

/// The names of jump targets.
struct Labels<'p> {
    program: &'p Program,
    targets: HashSet<u32>,
    /// Put behind every label so that none is the name of a function.
    suffix: String,
}

impl<'p> Labels<'p> {
    fn new(program: &'p Program, instructions: &[crate::program::Instruction]) -> Labels<'p> {
        let offsets: HashSet<u32> =
            instructions.iter().filter(|i| i.op.is_some()).map(|i| i.offset).collect();
        let mut targets = HashSet::new();
        for i in instructions {
            let target = match i.action() {
                Action::Call { target, .. } => Some(target),
                action => action.jump_target(),
            };
            targets.extend(target.and_then(|t| u32::try_from(t).ok()).filter(|t| offsets.contains(t)));
        }
        let mut suffix = String::new();
        let taken = |suffix: &str| {
            targets.iter().any(|t| program.functions.iter().any(|f| f.name == format!("L{t}{suffix}")))
        };
        while taken(&suffix) {
            suffix.push('_');
        }
        Labels { program, targets, suffix }
    }

    fn name(&self, offset: u32) -> String {
        match self.program.function_at(offset) {
            Some(f) => f.name.clone(),
            None => format!("L{offset}{}", self.suffix),
        }
    }
}

/// One instruction as the tracer and the stepper show it: targets by name, where they have one.
pub fn show(program: &Program, op: Op, operands: &[i32]) -> String {
    let mut text = op.info().mnemonic.to_owned();
    for (kind, operand) in op.info().operands.iter().zip(operands) {
        let function = u32::try_from(*operand).ok().and_then(|o| program.function_at(o));
        match (kind, function) {
            (OperandKind::Target, Some(f)) => {
                let _ = write!(text, " {}", f.name);
            }
            _ => {
                let _ = write!(text, " {operand}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTORIAL: &str = "\
.set mini
.source \"fact.bean\"
.locals 1
.input n 5
.line 4
    LOAD 0
    CALL fact
    HALT
.function fact 1
.line 1
    load 0, 2       ; wrong on purpose
";

    #[test]
    fn the_manual_example() {
        let text = FACTORIAL.replace(
            "load 0, 2       ; wrong on purpose",
            "load 0 ; lower case\n jz one\n LOAD 0\n RET\none: PUSH 0x10\n RET",
        );
        let program = assemble(&text).unwrap();
        assert_eq!(
            program.code,
            Code::Mini(
                vec![11, 0, 9, 6, 1, 0, 0, 0][..6]
                    .iter()
                    .copied()
                    .chain([11, 0, 8, 13, 11, 0, 10, 1, 16, 10])
                    .collect()
            )
        );
        assert_eq!(program.functions, [Function { name: "fact".into(), entry: 6, arguments: 1, locals: 1 }]);
        assert_eq!(program.lines, [Line { offset: 0, line: 4 }, Line { offset: 6, line: 1 }]);
        assert_eq!(program.inputs, [Input { name: "n".into(), default: 5 }]);
        let listing = disassemble(&program);
        assert!(listing.contains("    CALL fact 1             ;    2: 9 6 1\n"), "{listing}");
        assert_eq!(assemble(&listing).unwrap(), program, "{listing}");
    }

    #[test]
    fn errors_point_at_the_place() {
        let error = |text: &str| {
            let d = assemble(text).unwrap_err();
            let (line, column) = d.position(text);
            format!("{line}:{column}: {}: {}", d.message, d.label)
        };
        assert_eq!(error(FACTORIAL), "11:13: unexpected 2: expected the end of the line");
        assert_eq!(error("PUSH"), "1:5: the line ends too early: expected a number of 32 bits after this");
        assert_eq!(error("PUSH x"), "1:6: unexpected x: expected a number of 32 bits");
        assert_eq!(error("PUSH 4294967296"), "1:6: unexpected 4294967296: expected a number of 32 bits");
        assert_eq!(error("\n FOO 1"), "2:2: FOO is no instruction of the mini set: expected an instruction");
        assert_eq!(error("JMP away"), "1:5: there is no label away: used here");
        assert_eq!(error("a:\nHALT\na: HALT"), "3:1: a is defined twice: the second definition");
        assert_eq!(error("HALT\n.set mini"), "2:1: .set comes too late: it must come first, and once");
        assert_eq!(error(".set maxi"), "1:6: unexpected maxi: expected expression or mini");
        assert_eq!(
            error(".set expression\nLOAD_CONST 65536"),
            "2:12: unexpected 65536: expected a number from 0 to 65535"
        );
        assert_eq!(
            error("1x: HALT"),
            "1:1: unexpected 1x: expected a name of letters, digits and underscores"
        );
        assert_eq!(
            error(".input n"),
            "1:9: the line ends too early: expected its default, a number after this"
        );
        assert_eq!(error(".source x"), "1:9: unexpected x: expected a file name in quotes");
        assert_eq!(error(".line 0"), "1:7: unexpected 0: expected a line number");
        assert_eq!(error("x: CALL x"), "1:10: the line ends too early: expected a number of arguments");
        assert_eq!(
            error(".foo"),
            "1:1: unexpected .foo: expected one of .set .source .locals .input .function .line .byte .word"
        );
        assert_eq!(
            error(".function f 0\n.function g 0\nHALT"),
            "2:11: functions f and g begin at one place: the second"
        );
    }

    #[test]
    fn labels_without_declaration_are_functions() {
        let program =
            assemble("PUSH 1\n CALL twice 1\n HALT\ntwice: LOAD 0\n DUP\n ADD\n STORE 3\n LOAD 3\n RET")
                .unwrap();
        assert_eq!(program.functions, [Function { name: "twice".into(), entry: 6, arguments: 1, locals: 4 }]);
    }

    #[test]
    fn malformed_code_round_trips() {
        for code in [
            Code::Mini(vec![1, 5, 99, 3, -1]),
            Code::Mini(vec![7, 1, 8, -4, 9, 100, 2, 1]),
            Code::Expression(vec![100, 1, 2, 99, 3]),
            Code::Expression(vec![100, 0]),
            Code::Mini(vec![]),
        ] {
            let program = Program::empty(code);
            let text = disassemble(&program);
            assert_eq!(assemble(&text).unwrap().code, program.code, "{text}");
        }
    }

    #[test]
    fn names_that_look_like_labels() {
        let mut program = Program::from_code(Code::Mini(vec![9, 6, 0, 7, 3, 0, 1, 1, 10]));
        program.functions[0].name = "L3".into();
        let text = disassemble(&program);
        assert!(text.contains("L3_:"), "{text}");
        assert_eq!(assemble(&text).unwrap(), program);
    }

    #[test]
    fn numbers() {
        assert_eq!(number("-2147483648"), Some(i32::MIN));
        assert_eq!(number("0xffffffff"), Some(-1));
        assert_eq!(number("2147483648"), None);
        assert_eq!(number("-0x10"), Some(-16));
        assert_eq!((number("x"), number("-"), number("1x"), number("+1")), (None, None, None, None));
    }
}
