//! `code`: what the engine makes of a program: JVM bytecode, and machine code.

use super::run::text_of;
use super::source::Given;
use super::{Failure, Outcome, ProgramArgs, console};
use crate::engine::{Engine, Mode};
use crate::machine::Limits;
use crate::translate::{Translation, class_name_for, translate};
use crate::verify::Verified;
use caturra_bytecode::decode::Instructions;
use caturra_bytecode::print::print_instruction;
use caturra_classfile::{ClassFile, ParseOptions};
use clap::{Args, ValueEnum};
use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, Mnemonic, OpKind};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

/// A program is run to have it compiled; for this long at most.
const RUN_FOR: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct CodeArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// Only this function; `main` is the main program
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Only one of the two
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// The first compiler, rather than the best there is
    #[arg(long)]
    tier1: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Part {
    Bytecode,
    Machine,
}

pub fn code(args: &CodeArgs) -> Outcome {
    let given = args.program.load()?;
    let inputs = given.inputs()?;
    let program = given.verified()?;
    let chosen = chosen(&given, &program, args.function.as_deref())?;
    let limits = Limits::default();
    let name = class_name_for(&given.stem());
    let mut out = String::new();
    if args.only != Some(Part::Machine) {
        let translation = translate(&program, &name, limits)?;
        for f in &chosen {
            bytecode(&mut out, &program, &translation, *f)?;
        }
    }
    if args.only != Some(Part::Bytecode) {
        let engine = Engine::boot(if args.tier1 { Mode::Tier1 } else { Mode::Compiled })?;
        engine.set_output(|_| ());
        let loaded = engine.load(&program, &name, limits)?;
        // How the program ends does not matter: what it has called is compiled.
        engine.run(&loaded, &inputs, Some(RUN_FOR))?;
        for f in &chosen {
            let name = &program.functions()[*f].name;
            match engine.machine_code(&loaded, *f) {
                Some(code) => {
                    let size = code.bytes.len();
                    let _ = writeln!(out, "machine code of {name}: {size} bytes, tier {}", code.tier);
                    machine(&mut out, code.address, &code.bytes);
                }
                None => {
                    let _ = writeln!(out, "no machine code of {name}: these inputs do not lead there");
                }
            }
            out.push('\n');
        }
    }
    console::print(&format!("{}\n", out.trim_end()));
    Ok(ExitCode::SUCCESS)
}

fn chosen(given: &Given, program: &Verified, name: Option<&str>) -> Result<Vec<usize>, Failure> {
    let functions = program.functions();
    let Some(name) = name else { return Ok((0..functions.len()).collect()) };
    match functions.iter().position(|f| f.name == name) {
        Some(f) => Ok(vec![f]),
        None => {
            let names: Vec<&str> = functions.iter().map(|f| f.name.as_str()).collect();
            Err(format!("{}: there is no function {name}: it has {}", given.name, names.join(", ")).into())
        }
    }
}

/// The instructions of a function, each with the bytecodes that it has become.
fn bytecode(
    out: &mut String,
    program: &Verified,
    translation: &Translation,
    function: usize,
) -> Result<(), Failure> {
    let class = ClassFile::parse(&translation.class_file, &ParseOptions::trusted(u16::MAX))
        .map_err(|e| format!("the translated class is broken: {e:?}"))?;
    let name = translation.method_of(function).unwrap_or_default();
    let method = class.methods.iter().find(|m| m.name == name.as_bytes());
    let Some(code) = method.and_then(|m| m.code.as_ref()) else { return Ok(()) };
    let _ = writeln!(
        out,
        "JVM bytecode of {}: method {name}, {} bytes",
        program.functions()[function].name,
        code.bytes.len()
    );
    let places: BTreeMap<u32, u32> =
        translation.places(name).iter().map(|(bci, offset)| (u32::from(*bci), *offset)).collect();
    let width = 30;
    for instruction in Instructions::new(code.bytes) {
        let Ok(instruction) = instruction else { break };
        let mut text = String::new();
        let _ = print_instruction(&mut text, &instruction, &mut |_| None);
        let left = places.get(&instruction.pc).map_or_else(String::new, |offset| {
            let index = program.index_of(*offset).unwrap_or_default();
            format!("{offset:>5}  {}", text_of(program, &program.instructions()[index]))
        });
        let _ = writeln!(out, "{left:width$} {}", text.trim_end());
    }
    out.push('\n');
    Ok(())
}

/// Machine code as assembly, with labels for the targets of jumps inside it.
fn machine(out: &mut String, address: u64, bytes: &[u8]) {
    if !cfg!(target_arch = "x86_64") {
        for row in bytes.chunks(16) {
            let row: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
            let _ = writeln!(out, "    {}", row.join(" "));
        }
        return;
    }
    let end = address + bytes.len() as u64;
    let mut instructions: Vec<Instruction> =
        Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).into_iter().collect();
    // Constants lie behind the code, which ends with an instruction that does not go on.
    let constants =
        instructions.iter().filter(|i| i.is_ip_rel_memory_operand()).map(|i| i.ip_rel_memory_address());
    let constants = constants.filter(|a| (address..end).contains(a)).min();
    let last = constants.and_then(|a| {
        instructions
            .iter()
            .rposition(|i| i.next_ip() <= a && matches!(i.mnemonic(), Mnemonic::Ret | Mnemonic::Jmp))
    });
    let data = last.map_or(end, |last| instructions[last].next_ip());
    instructions.retain(|i| i.ip() < data);
    let is_near = |i: &Instruction| i.op0_kind() == OpKind::NearBranch64 && i.mnemonic() != Mnemonic::Call;
    let mut labels: BTreeMap<u64, usize> = BTreeMap::new();
    for i in instructions.iter().filter(|i| is_near(i)) {
        if (address..data).contains(&i.near_branch_target()) {
            labels.insert(i.near_branch_target(), 0);
        }
    }
    labels.values_mut().enumerate().for_each(|(n, label)| *label = n + 1);
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_space_after_operand_separator(true);
    for i in &instructions {
        if let Some(n) = labels.get(&i.ip()) {
            let _ = writeln!(out, "  L{n}:");
        }
        let mut text = String::new();
        formatter.format(i, &mut text);
        if is_near(i)
            && let Some(n) = labels.get(&i.near_branch_target())
        {
            let mnemonic = text.split_whitespace().next().unwrap_or_default();
            text = format!("{mnemonic} L{n}");
        }
        let at = i.ip() - address;
        let _ = writeln!(out, "  {at:>5x}  {text}");
    }
    for (i, row) in bytes[(data - address) as usize..].chunks(8).enumerate() {
        let row: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
        let _ = writeln!(out, "  {:>5x}  data {}", data - address + 8 * i as u64, row.join(" "));
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut out = String::new();
        machine(&mut out, 0x1000, bytes);
        out.lines().map(|l| l.trim().to_owned()).collect()
    }

    #[test]
    fn jumps_inside_get_labels() {
        // xor eax, eax; add eax, edi; sub edi, 1; jne -7; ret
        let bytes = [0x31, 0xc0, 0x01, 0xf8, 0x83, 0xef, 0x01, 0x75, 0xf9, 0xc3];
        let expected = ["0  xor eax, eax", "L1:", "2  add eax, edi", "4  sub edi, 1", "7  jne L1", "9  ret"];
        assert_eq!(lines(&bytes), expected);
    }

    #[test]
    fn constants_are_no_code() {
        // mov eax, [rip+1]; ret; a byte of padding; 7
        let bytes = [0x8b, 0x05, 0x02, 0, 0, 0, 0xc3, 0, 7, 0, 0, 0];
        assert_eq!(lines(&bytes), ["0  mov eax, [1008h]", "6  ret", "7  data 00 07 00 00 00"]);
    }
}
