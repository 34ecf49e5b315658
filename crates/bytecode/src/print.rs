//! The printer: code in the form of `javap -c`.

use core::fmt::{self, Write};

use crate::decode::{DecodeError, Instruction, Instructions, Operands};
use crate::descriptor::BasicType;

/// Width of an index (or the operands of `invokedynamic`) before a comment, as in javap.
const INDEX_WIDTH: usize = 20;
/// The same for an index and a second operand.
const PAIR_WIDTH: usize = 18;

/// Writes all instructions of `code`, one a line. `describe` gives the comment for a constant-pool index
/// (`Method java/lang/Object."<init>":()V`), or `None` for no comment.
pub fn print_code(
    out: &mut impl Write,
    code: &[u8],
    mut describe: impl FnMut(u16) -> Option<String>,
) -> fmt::Result {
    for instruction in Instructions::new(code) {
        match instruction {
            Ok(instruction) => print_instruction(out, &instruction, &mut describe)?,
            Err(DecodeError { pc, .. }) => {
                // What cannot be decoded is shown as bytes, so that a broken method can be looked at.
                for (at, byte) in code.iter().enumerate().skip(pc as usize) {
                    writeln!(out, "{at:8}: bytecode {byte}")?;
                }
            }
        }
    }
    Ok(())
}

/// Writes one instruction and a line end.
pub fn print_instruction(
    out: &mut impl Write,
    instruction: &Instruction<'_>,
    describe: &mut impl FnMut(u16) -> Option<String>,
) -> fmt::Result {
    let mnemonic = instruction.opcode.mnemonic();
    let name = if instruction.wide { format!("{mnemonic}_w") } else { mnemonic.to_owned() };
    write!(out, "{:8}: ", instruction.pc)?;
    if instruction.operands == Operands::None {
        return writeln!(out, "{name}");
    }
    write!(out, "{name:13} ")?;
    let mut with_comment = |text: String, width: usize, index: u16| match describe(index) {
        Some(comment) => format!("{text:width$}// {comment}"),
        None => text,
    };
    let text = match instruction.operands {
        Operands::None => String::new(),
        Operands::Immediate(value) => value.to_string(),
        Operands::Local(index) => index.to_string(),
        Operands::Iinc { index, delta } => format!("{index}, {delta}"),
        Operands::Constant(index) => with_comment(format!("#{index}"), INDEX_WIDTH, index),
        Operands::InvokeInterface { index, count, .. } => {
            with_comment(format!("#{index},  {count}"), PAIR_WIDTH, index)
        }
        Operands::InvokeDynamic { index, zero } => {
            with_comment(format!("#{index},  {zero}"), INDEX_WIDTH, index)
        }
        Operands::MultiNewArray { index, dimensions } => {
            with_comment(format!("#{index},  {dimensions}"), PAIR_WIDTH, index)
        }
        Operands::NewArray(code) => match BasicType::from_newarray_code(code) {
            Some(basic) => format!(" {}", basic.name()),
            None => format!(" {code}"),
        },
        Operands::Branch(offset) => (i64::from(instruction.pc) + i64::from(offset)).to_string(),
        Operands::TableSwitch(switch) => {
            let entries = switch.entries().map(|(key, offset)| (key, instruction.target(offset)));
            switch_text(
                format!("{{ // {} to {}", switch.low, switch.high),
                entries,
                instruction.target(switch.default),
            )
        }
        Operands::LookupSwitch(switch) => {
            let entries = switch.entries().map(|(key, offset)| (key, instruction.target(offset)));
            switch_text(format!("{{ // {}", switch.len()), entries, instruction.target(switch.default))
        }
    };
    // A comment may end in the spaces of a string, which javap leaves out.
    writeln!(out, "{}", text.trim_end())
}

fn switch_text(head: String, entries: impl Iterator<Item = (i32, u32)>, default: u32) -> String {
    let mut text = head;
    for (key, target) in entries {
        text.push_str(&format!("\n{key:22}: {target}"));
    }
    text.push_str(&format!("\n{:>22}: {default}\n{:>11}", "default", "}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_branches() {
        let code = [0x2a, 0xb7, 0, 1, 0x10, 0xfe, 0xa7, 0xff, 0xfa, 0xbc, 10, 0xb1];
        let mut text = String::new();
        print_code(&mut text, &code, |index| (index == 1).then(|| "Method m:()V".to_owned())).unwrap();
        let expected = "       0: aload_0\n       1: invokespecial #1                  // Method m:()V\n       \
                        4: bipush        -2\n       6: goto          0\n       9: newarray       int\n      \
                        11: return\n";
        assert_eq!(text, expected);
    }
}
