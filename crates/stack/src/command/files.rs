//! `compile`, `asm`, `dis`, `info`, `ops`: programs and files.

use super::source::{self, Given, compile_text, diagnosed, read_file, verified};
use super::{Outcome, ProgramArgs, Set, console, with_extension, write_file};
use crate::asm::{assemble, disassemble};
use crate::cbc;
use crate::isa::{InstructionSet, OperandKind};
use crate::machine::Limits;
use crate::program::Program;
use crate::translate::{class_name_for, translate};
use crate::verify::Verified;
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub struct CompileArgs {
    /// A text in Bean
    #[arg(value_name = "FILE", required_unless_present = "expression")]
    file: Option<PathBuf>,
    /// Compile this text
    #[arg(short, long, value_name = "TEXT", conflicts_with = "file", requires = "output")]
    expression: Option<String>,
    /// The file to write; by default FILE with .cbc, in the current directory
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Instruction set; by default the smallest that does
    #[arg(long, value_enum)]
    set: Option<Set>,
}

#[derive(Args)]
pub struct AsmArgs {
    /// A text in assembly
    file: PathBuf,
    /// The file to write; by default FILE with .cbc, in the current directory
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a program that the verifier rejects as well
    #[arg(long)]
    no_verify: bool,
}

#[derive(Args)]
pub struct DisArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// The file to write; by default standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
pub struct InfoArgs {
    #[command(flatten)]
    program: ProgramArgs,
}

fn text_of(path: &Path) -> Result<String, super::Failure> {
    let content = read_file(path)?;
    if content.starts_with(&cbc::MAGIC) {
        return Err(format!("{}: is compiled already; caturra stack dis shows it", path.display()).into());
    }
    String::from_utf8(content).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("{}: byte {at}: not a text: no UTF-8", path.display()).into()
    })
}

fn save(program: &Program, path: &Path) -> Outcome {
    let content = cbc::write(program)?;
    write_file(path, &content)?;
    let code = program.code.byte_len();
    console::print(&format!("{}: {} set, {code} bytes of code\n", path.display(), program.set()));
    Ok(ExitCode::SUCCESS)
}

/// A file that is about to be overwritten by what is made of it.
fn output_for(file: &Path, output: Option<&PathBuf>) -> Result<PathBuf, super::Failure> {
    let output = output.cloned().unwrap_or_else(|| with_extension(file, "cbc"));
    if output == file {
        return Err(format!("{}: would be overwritten by what is made of it; say -o", file.display()).into());
    }
    Ok(output)
}

pub fn compile(args: &CompileArgs) -> Outcome {
    let set = args.set.map(InstructionSet::from);
    if let (Some(text), Some(output)) = (&args.expression, &args.output) {
        let mut program = compile_text("-e", text, set)?;
        program.source.clear();
        return save(&program, output);
    }
    let Some(file) = &args.file else { return Err("no file".into()) };
    let output = output_for(file, args.output.as_ref())?;
    let text = text_of(file)?;
    save(&compile_text(&file.display().to_string(), &text, set)?, &output)
}

pub fn asm(args: &AsmArgs) -> Outcome {
    let output = output_for(&args.file, args.output.as_ref())?;
    let text = text_of(&args.file)?;
    let name = args.file.display().to_string();
    let program = assemble(&text).map_err(|e| diagnosed(&name, &text, &[e]))?;
    if !args.no_verify {
        verified(&name, program.clone())?;
    }
    save(&program, &output)
}

pub fn dis(args: &DisArgs) -> Outcome {
    let text = disassemble(&args.program.load()?.program);
    match &args.output {
        Some(path) => write_file(path, text.as_bytes())?,
        None => console::print(&text),
    }
    Ok(ExitCode::SUCCESS)
}

fn plural(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn describe_functions(out: &mut String, program: &Verified) {
    let width = program.functions().iter().map(|f| f.name.len()).max().unwrap_or(0).max(8);
    let _ = writeln!(out, "functions        {:width$} entry arguments locals operands calls", "name");
    for (i, f) in program.functions().iter().enumerate() {
        let entry = program.instructions()[f.entry].offset;
        let calls: Vec<&str> = f.callees.iter().map(|c| program.functions()[*c].name.as_str()).collect();
        let arguments = if i == 0 { "-".into() } else { f.arguments.to_string() };
        let line = format!(
            "                 {:width$} {entry:>5} {arguments:>9} {:>6} {:>8} {}",
            f.name,
            f.locals,
            f.max_operands,
            calls.join(" ")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn describe(given: &Given) -> Result<(String, Option<super::Failure>), super::Failure> {
    let program = &given.program;
    let mut out = String::new();
    let file = cbc::write(program)?;
    let crc = file.last_chunk::<4>().map_or(0, |c| u32::from_le_bytes(*c));
    let _ = writeln!(out, "program          {}", given.name);
    let _ =
        writeln!(out, "as a .cbc file   {} bytes, version {}, CRC-32 {crc:08x}", file.len(), cbc::VERSION);
    let _ = writeln!(out, "instruction set  {}", program.set());
    let code = plural(program.code.len(), program.set().unit());
    let code = match program.set() {
        InstructionSet::Expression => code,
        InstructionSet::Mini => format!("{code} ({} bytes)", program.code.byte_len()),
    };
    let _ = writeln!(out, "code             {code}");
    if !program.source.is_empty() {
        let lines = plural(program.lines.len(), "entry").replace("entrys", "entries");
        let _ = writeln!(out, "source           {}, {lines} in the line table", program.source);
    }
    for input in &program.inputs {
        let _ = writeln!(out, "input            {} = {}", input.name, input.default);
    }
    let verified = match source::verified(&given.name, program.clone()) {
        Ok(verified) => verified,
        Err(failure) => {
            out.push_str("verified         no\n");
            return Ok((out, Some(failure)));
        }
    };
    describe_functions(&mut out, &verified);
    let instructions = verified.instructions().iter().filter(|i| i.op.is_some()).count();
    let _ = writeln!(out, "verified         yes, {}", plural(instructions, "instruction"));
    let depth = match verified.call_depth() {
        None => "recursive".to_owned(),
        Some(0) => "none".to_owned(),
        Some(n) => format!("at most {n} deep"),
    };
    let _ = writeln!(out, "calls            {depth}");
    let class = translate(&verified, &class_name_for(&given.stem()), Limits::default());
    let class = class.map_or_else(|e| e.to_string(), |t| format!("{} bytes", t.class_file.len()));
    let _ = writeln!(out, "as a class file  {class}");
    Ok((out, None))
}

pub fn info(args: &InfoArgs) -> Outcome {
    let (text, failure) = describe(&args.program.load()?)?;
    console::print(&text);
    failure.map_or(Ok(ExitCode::SUCCESS), Err)
}

pub fn ops() -> Outcome {
    let mut out = String::new();
    for (set, intro) in [
        (InstructionSet::Expression, "one byte an opcode; an operand is 16 bits, unsigned, high byte first"),
        (InstructionSet::Mini, "one 32-bit word an opcode and one an operand; addresses count words"),
    ] {
        let _ = writeln!(out, "The {set} set: {intro}");
        for op in set.ops() {
            let info = op.info();
            let operands: Vec<&str> = info
                .operands
                .iter()
                .map(|kind| match kind {
                    OperandKind::Constant => "value",
                    OperandKind::Target => "address",
                    OperandKind::Arguments => "arguments",
                    OperandKind::Local => "variable",
                })
                .collect();
            let text = format!("{} {}", info.mnemonic, operands.join(" "));
            let _ = writeln!(out, "{:5}  {:24} {}", info.number, text.trim_end(), info.summary);
        }
        out.push('\n');
    }
    console::print(out.trim_end_matches('\n'));
    console::print("\n");
    Ok(ExitCode::SUCCESS)
}
