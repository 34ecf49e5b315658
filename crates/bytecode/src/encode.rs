//! The encoder: instructions to bytes, the inverse of [`decode`](crate::decode).

use core::fmt;

use crate::decode::{Instruction, Operands};
use crate::opcode::{Format, Opcode};

/// Why an instruction cannot be encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EncodeError {
    /// The operands are not of the opcode's format.
    WrongOperands(Opcode),
    /// An operand does not fit: an index above 255 without `wide`, a branch offset beyond 16 bits.
    OutOfRange(Opcode),
    /// `wide` with an opcode that it cannot modify.
    BadWide(Opcode),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::WrongOperands(opcode) => write!(f, "{opcode} does not take these operands"),
            EncodeError::OutOfRange(opcode) => write!(f, "an operand of {opcode} is out of range"),
            EncodeError::BadWide(opcode) => write!(f, "wide cannot modify {opcode}"),
        }
    }
}

impl std::error::Error for EncodeError {}

impl Instruction<'_> {
    /// Appends the instruction to `out`, whose length is its `pc` for the padding of switches (written as zero).
    /// On an error `out` keeps its length.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(out, self.opcode, self.wide, &self.operands)
    }
}

/// Appends an instruction to the code array `out`; see [`Instruction::encode`].
pub fn encode(
    out: &mut Vec<u8>,
    opcode: Opcode,
    wide: bool,
    operands: &Operands<'_>,
) -> Result<(), EncodeError> {
    if wide && !opcode.allows_wide() {
        return Err(EncodeError::BadWide(opcode));
    }
    let start = out.len();
    if wide {
        out.push(Opcode::Wide as u8);
    }
    out.push(opcode as u8);
    let result = encode_operands(out, opcode, wide, operands);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn encode_operands(
    out: &mut Vec<u8>,
    opcode: Opcode,
    wide: bool,
    operands: &Operands<'_>,
) -> Result<(), EncodeError> {
    fn narrow<T, U: TryFrom<T>>(opcode: Opcode, value: T) -> Result<U, EncodeError> {
        U::try_from(value).map_err(|_| EncodeError::OutOfRange(opcode))
    }
    match (opcode.format(), *operands) {
        (Format::None, Operands::None) => {}
        (Format::Byte, Operands::Immediate(value)) => out.push(narrow::<_, i8>(opcode, value)? as u8),
        (Format::Short, Operands::Immediate(value)) => out.extend(value.to_be_bytes()),
        (Format::Local, Operands::Local(index)) if wide => out.extend(index.to_be_bytes()),
        (Format::Local, Operands::Local(index)) => out.push(narrow(opcode, index)?),
        (Format::Iinc, Operands::Iinc { index, delta }) if wide => {
            out.extend(index.to_be_bytes());
            out.extend(delta.to_be_bytes());
        }
        (Format::Iinc, Operands::Iinc { index, delta }) => {
            out.extend([narrow(opcode, index)?, narrow::<_, i8>(opcode, delta)? as u8]);
        }
        (Format::ConstantU1, Operands::Constant(index)) => out.push(narrow(opcode, index)?),
        (
            Format::Constant | Format::Constant2 | Format::Field | Format::Method | Format::Class,
            Operands::Constant(index),
        ) => out.extend(index.to_be_bytes()),
        (Format::InvokeInterface, Operands::InvokeInterface { index, count, zero }) => {
            out.extend(index.to_be_bytes());
            out.extend([count, zero]);
        }
        (Format::InvokeDynamic, Operands::InvokeDynamic { index, zero }) => {
            out.extend(index.to_be_bytes());
            out.extend(zero.to_be_bytes());
        }
        (Format::NewArray, Operands::NewArray(code)) => out.push(code),
        (Format::MultiNewArray, Operands::MultiNewArray { index, dimensions }) => {
            out.extend(index.to_be_bytes());
            out.push(dimensions);
        }
        (Format::Branch, Operands::Branch(offset)) => {
            out.extend(narrow::<_, i16>(opcode, offset)?.to_be_bytes())
        }
        (Format::BranchWide, Operands::Branch(offset)) => out.extend(offset.to_be_bytes()),
        (Format::TableSwitch, Operands::TableSwitch(switch)) => {
            out.resize(out.len().next_multiple_of(4), 0);
            for word in [switch.default, switch.low, switch.high] {
                out.extend(word.to_be_bytes());
            }
            switch.entries().for_each(|(_, offset)| out.extend(offset.to_be_bytes()));
        }
        (Format::LookupSwitch, Operands::LookupSwitch(switch)) => {
            out.resize(out.len().next_multiple_of(4), 0);
            out.extend(switch.default.to_be_bytes());
            out.extend(narrow::<_, i32>(opcode, switch.len())?.to_be_bytes());
            for (matched, offset) in switch.entries() {
                out.extend(matched.to_be_bytes());
                out.extend(offset.to_be_bytes());
            }
        }
        _ => return Err(EncodeError::WrongOperands(opcode)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Instructions, decode};

    /// One instruction of every format after another, with correct padding for the switches.
    fn sample() -> Vec<u8> {
        let mut code = Vec::new();
        for opcode in Opcode::ALL {
            code.push(opcode as u8);
            match opcode.format() {
                Format::TableSwitch => {
                    code.resize(code.len().next_multiple_of(4), 0);
                    [3, -1, 1, 4, 5, 6].iter().for_each(|word: &i32| code.extend(word.to_be_bytes()));
                }
                Format::LookupSwitch => {
                    code.resize(code.len().next_multiple_of(4), 0);
                    [3, 1, 9, 10].iter().for_each(|word: &i32| code.extend(word.to_be_bytes()));
                }
                Format::Wide => code.extend([Opcode::Lstore as u8, 2, 3]),
                fixed => (1..fixed.length()).for_each(|at| code.push(at as u8)),
            }
        }
        code.extend([Opcode::Wide as u8, Opcode::Iinc as u8, 1, 2, 0xff, 0]);
        code
    }

    #[test]
    fn round_trip() {
        let code = sample();
        let mut out = Vec::new();
        for instruction in Instructions::new(&code) {
            instruction.unwrap().encode(&mut out).unwrap();
        }
        assert_eq!(out, code);
    }

    #[test]
    fn truncation_at_every_byte_is_an_error() {
        let code = sample();
        for instruction in Instructions::new(&code).map(Result::unwrap) {
            for end in instruction.pc + 1..instruction.next_pc {
                assert!(decode(&code[..end as usize], instruction.pc as usize).is_err());
            }
        }
    }

    #[test]
    fn rejections_leave_the_output_alone() {
        let mut out = vec![0];
        let too_far = encode(&mut out, Opcode::Goto, false, &Operands::Branch(40000));
        assert_eq!(too_far, Err(EncodeError::OutOfRange(Opcode::Goto)));
        let wrong = encode(&mut out, Opcode::Goto, false, &Operands::None);
        assert_eq!(wrong, Err(EncodeError::WrongOperands(Opcode::Goto)));
        let bad_wide = encode(&mut out, Opcode::Goto, true, &Operands::Branch(1));
        assert_eq!(bad_wide, Err(EncodeError::BadWide(Opcode::Goto)));
        let narrow = encode(&mut out, Opcode::Iload, false, &Operands::Local(256));
        assert_eq!(narrow, Err(EncodeError::OutOfRange(Opcode::Iload)));
        assert_eq!(out, [0]);
    }
}
