//! From the command line to a program.

use super::{Failure, ProgramArgs, console};
use crate::asm::assemble;
use crate::cbc;
use crate::diagnostics::Diagnostic;
use crate::isa::{ExpressionOp, InstructionSet};
use crate::language;
use crate::program::{Code, Program};
use crate::verify::{Verified, verify};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A program, with what is known of its origin.
pub struct Given {
    pub program: Program,
    /// What errors call it.
    pub name: String,
    /// Its file.
    pub path: Option<PathBuf>,
    /// The text that its lines refer to, when that is at hand.
    pub text: Option<String>,
    /// What is said on the command line about its inputs.
    pub assignments: Vec<OsString>,
}

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Compiled,
    Source,
    Assembly,
}

fn kind_of(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()? {
        "cbc" => Some(Kind::Compiled),
        "bean" => Some(Kind::Source),
        "cas" => Some(Kind::Assembly),
        _ => None,
    }
}

/// The content of a file, of at most [`cbc::MAX_FILE`] bytes.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let error = |e: std::io::Error| Failure::from(format!("{}: {e}", path.display()));
    let file = File::open(path).map_err(error)?;
    if file.metadata().map_err(error)?.is_dir() {
        return Err(format!("{}: is a directory", path.display()).into());
    }
    let mut content = Vec::new();
    file.take(cbc::MAX_FILE + 1).read_to_end(&mut content).map_err(error)?;
    if content.len() as u64 > cbc::MAX_FILE {
        let limit = cbc::MAX_FILE >> 20;
        return Err(format!("{}: too large: programs have at most {limit} MiB", path.display()).into());
    }
    Ok(content)
}

fn utf8(path: &Path, content: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(content).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("{}: byte {at}: not a text: no UTF-8", path.display()).into()
    })
}

/// Errors in a text, shown with their lines.
pub fn diagnosed(name: &str, text: &str, errors: &[Diagnostic]) -> Failure {
    Failure(errors.iter().map(|d| d.render(name, text, console::color())).collect::<Vec<_>>().join("\n"))
}

/// Bean source to a program.
pub fn compile_text(name: &str, text: &str, set: Option<InstructionSet>) -> Result<Program, Failure> {
    let file_name = Path::new(name).file_name().and_then(|n| n.to_str()).unwrap_or(name);
    language::compile(text, file_name, set).map_err(|errors| diagnosed(name, text, &errors))
}

/// The instruction set of bare code that does not say: no mini program begins with 100.
fn set_of(first: Option<i32>) -> InstructionSet {
    if first == Some(ExpressionOp::LoadConst as i32) {
        InstructionSet::Expression
    } else {
        InstructionSet::Mini
    }
}

/// Numbers, separated by commas or blanks, perhaps in brackets.
fn parse_code(text: &str, set: Option<InstructionSet>) -> Result<Code, Failure> {
    let numbers: Vec<i32> = text
        .split(|c: char| c.is_whitespace() || ",[]".contains(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().map_err(|_| format!("--code: {word} is no number of 32 bits")))
        .collect::<Result<_, _>>()?;
    match set.unwrap_or_else(|| set_of(numbers.first().copied())) {
        InstructionSet::Mini => Ok(Code::Mini(numbers)),
        InstructionSet::Expression => {
            let byte = |n: &i32| {
                u8::try_from(*n)
                    .map_err(|_| format!("--code: {n} is no byte, as the expression set has them"))
            };
            Ok(Code::Expression(numbers.iter().map(byte).collect::<Result<_, _>>()?))
        }
    }
}

fn raw_code(name: &str, content: Vec<u8>, set: Option<InstructionSet>) -> Result<Code, Failure> {
    match set.unwrap_or_else(|| set_of(content.first().map(|b| i32::from(*b)))) {
        InstructionSet::Expression => Ok(Code::Expression(content)),
        InstructionSet::Mini if !content.len().is_multiple_of(4) => {
            let n = content.len();
            Err(format!("{name}: {n} bytes are no words of 4 bytes, as the mini set has them").into())
        }
        InstructionSet::Mini => {
            let words = content.chunks_exact(4).map(|w| i32::from_le_bytes([w[0], w[1], w[2], w[3]]));
            Ok(Code::Mini(words.collect()))
        }
    }
}

impl ProgramArgs {
    fn set(&self) -> Option<InstructionSet> {
        self.set.map(Into::into)
    }

    /// Reads, compiles or assembles the program.
    pub fn load(&self) -> Result<Given, Failure> {
        let inline = |program, name: &str, text| Given {
            program,
            name: name.into(),
            path: None,
            text,
            // Without a file the first word is an assignment, too.
            assignments: self.file.iter().chain(&self.assignments).cloned().collect(),
        };
        if let Some(text) = &self.expression {
            let mut program = compile_text("-e", text, self.set())?;
            program.source.clear();
            return Ok(inline(program, "-e", Some(text.clone())));
        }
        if let Some(numbers) = &self.code {
            let code = parse_code(numbers, self.set())?;
            return Ok(inline(Program::from_code(code), "--code", None));
        }
        let Some(path) = &self.file else {
            return Err("no program: name a file, or give -e TEXT or --code NUMBERS".into());
        };
        let path = Path::new(path);
        let name = path.display().to_string();
        let content = read_file(path)?;
        let given = |program, text| Given {
            program,
            name: name.clone(),
            path: Some(path.to_owned()),
            text,
            assignments: self.assignments.clone(),
        };
        if self.raw {
            return Ok(given(Program::from_code(raw_code(&name, content, self.set())?), None));
        }
        let is_compiled = content.starts_with(&cbc::MAGIC);
        match kind_of(path) {
            Some(Kind::Compiled) => {}
            _ if is_compiled => {}
            Some(Kind::Source) => {
                let text = utf8(path, content)?;
                return Ok(given(compile_text(&name, &text, self.set())?, Some(text)));
            }
            Some(Kind::Assembly) => {
                let text = utf8(path, content)?;
                let program = assemble(&text).map_err(|e| diagnosed(&name, &text, &[e]))?;
                let source = beside(path, &program);
                return Ok(given(program, source));
            }
            None => {
                return Err(format!(
                    "{name}: cannot tell what this is: programs end in .bean (source), .cas (assembly) or .cbc \
                     (compiled); for bare code say --raw"
                )
                .into());
            }
        }
        if self.set.is_some() {
            return Err(format!("{name}: says its instruction set itself; leave out --set").into());
        }
        let program = cbc::read(&content).map_err(|e| format!("{name}: {e}"))?;
        let source = beside(path, &program);
        Ok(given(program, source))
    }
}

/// The source text of a program, from the directory in which the program lies.
fn beside(path: &Path, program: &Program) -> Option<String> {
    let name = Path::new(&program.source).file_name()?;
    let path = path.with_file_name(name);
    // A newer text may have other lines.
    (kind_of(&path) == Some(Kind::Source)).then(|| std::fs::read_to_string(path).ok())?
}

/// A program's errors, as the verifier has found them.
pub fn verified(name: &str, program: Program) -> Result<Verified, Failure> {
    let source = program.source.clone();
    let lines = program.lines.clone();
    verify(program).map_err(|errors| {
        let mut text = format!("caturra stack: {name}: rejected by the verifier:\n");
        for e in errors {
            let after = lines.partition_point(|l| l.offset <= e.offset);
            let line = match after.checked_sub(1).map(|i| lines[i].line) {
                Some(line) if !source.is_empty() => format!(" ({source}:{line})"),
                _ => String::new(),
            };
            text.push_str(&format!("  {e}{line}\n"));
        }
        Failure(text)
    })
}

impl Given {
    /// Values for the inputs: by name, or in order.
    pub fn inputs(&self) -> Result<Vec<i32>, Failure> {
        let inputs = &self.program.inputs;
        let mut values: Vec<i32> = inputs.iter().map(|i| i.default).collect();
        let mut next = 0;
        for word in &self.assignments {
            let word = word.to_string_lossy();
            let (index, text) = match word.split_once('=') {
                Some((name, text)) => {
                    let index = inputs.iter().position(|i| i.name == name.trim());
                    (index.ok_or_else(|| self.no_input(name))?, text)
                }
                None => (next, &*word),
            };
            let value = text.trim().parse().map_err(|_| format!("{text}: not a number of 32 bits"))?;
            *values.get_mut(index).ok_or_else(|| self.no_input(&word))? = value;
            next = index + 1;
        }
        Ok(values)
    }

    fn no_input(&self, name: &str) -> Failure {
        let inputs: Vec<&str> = self.program.inputs.iter().map(|i| i.name.as_str()).collect();
        let has = match inputs.as_slice() {
            [] => "it has none".to_owned(),
            inputs => format!("it has {}", inputs.join(", ")),
        };
        format!("{}: there is no input for {name}: {has}", self.name).into()
    }

    pub fn verified(&self) -> Result<Verified, Failure> {
        verified(&self.name, self.program.clone())
    }

    /// A name for a class or a file that is made of it.
    pub fn stem(&self) -> String {
        let stem = self.path.as_deref().and_then(Path::file_stem).and_then(|s| s.to_str());
        stem.unwrap_or("program").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_as_numbers() {
        let eleven = vec![100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23];
        for text in ["100,0,12,100,0,48,20,100,0,59,23", "[100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]"] {
            assert_eq!(parse_code(text, None).unwrap(), Code::Expression(eleven.clone()));
        }
        assert_eq!(parse_code("1 10 1 20 3 0", None).unwrap(), Code::Mini(vec![1, 10, 1, 20, 3, 0]));
        assert_eq!(parse_code("", None).unwrap(), Code::Mini(vec![]));
        assert!(parse_code("1,x", None).unwrap_err().0.contains("x is no number"));
        assert!(parse_code("100,0,256", None).unwrap_err().0.contains("256 is no byte"));
        assert_eq!(parse_code("100", Some(InstructionSet::Mini)).unwrap(), Code::Mini(vec![100]));
    }

    #[test]
    fn raw_files() {
        assert_eq!(raw_code("f", vec![100, 0, 1], None).unwrap(), Code::Expression(vec![100, 0, 1]));
        assert_eq!(
            raw_code("f", vec![1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], None).unwrap(),
            Code::Mini(vec![1, -1])
        );
        assert!(raw_code("f", vec![1, 0, 0], None).unwrap_err().0.contains("3 bytes are no words"));
    }
}
