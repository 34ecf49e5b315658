//! The decoder: a code array (JVMS §4.7.3) as a sequence of instructions, every operand bounds-checked.

use core::fmt;

use crate::opcode::{Format, Opcode};

/// One decoded instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction<'a> {
    /// Index of the opcode (of the `wide` prefix, where there is one) in the code array.
    pub pc: u32,
    /// Index of the following instruction.
    pub next_pc: u32,
    /// The opcode; of a `wide` instruction the modified one.
    pub opcode: Opcode,
    /// Whether a `wide` prefix precedes the opcode.
    pub wide: bool,
    /// The operands.
    pub operands: Operands<'a>,
}

/// The operands of an instruction. Branch offsets are relative to the instruction's `pc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operands<'a> {
    /// No operand.
    None,
    /// `bipush`, `sipush`.
    Immediate(i16),
    /// Local variable index.
    Local(u16),
    /// `iinc`.
    Iinc {
        /// Local variable index.
        index: u16,
        /// Increment.
        delta: i16,
    },
    /// Constant-pool index: `ldc` family, field access, `invokevirtual`, `invokespecial`, `invokestatic`, `new`,
    /// `anewarray`, `checkcast`, `instanceof`.
    Constant(u16),
    /// `invokeinterface`.
    InvokeInterface {
        /// Constant-pool index.
        index: u16,
        /// Argument slots, receiver included.
        count: u8,
        /// The fourth operand byte, zero in a valid class file.
        zero: u8,
    },
    /// `invokedynamic`.
    InvokeDynamic {
        /// Constant-pool index.
        index: u16,
        /// The third and fourth operand byte, zero in a valid class file.
        zero: u16,
    },
    /// `newarray`: the array type code.
    NewArray(u8),
    /// `multianewarray`.
    MultiNewArray {
        /// Constant-pool index of the array class.
        index: u16,
        /// Dimensions to create.
        dimensions: u8,
    },
    /// A branch offset.
    Branch(i32),
    /// `tableswitch`.
    TableSwitch(TableSwitch<'a>),
    /// `lookupswitch`.
    LookupSwitch(LookupSwitch<'a>),
}

/// The operands of `tableswitch`; `low <= high`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableSwitch<'a> {
    /// Branch offset where no key matches.
    pub default: i32,
    /// First key.
    pub low: i32,
    /// Last key.
    pub high: i32,
    /// Whether the padding is zero, which the verifier demands of class files before version 51.
    pub zero_padding: bool,
    offsets: &'a [u8],
}

/// The operands of `lookupswitch`. The order of the matches is the verifier's to check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LookupSwitch<'a> {
    /// Branch offset where no match is equal.
    pub default: i32,
    /// Whether the padding is zero, which the verifier demands of class files before version 51.
    pub zero_padding: bool,
    pairs: &'a [u8],
}

fn int(bytes: &[u8]) -> i32 {
    bytes.first_chunk().map_or(0, |chunk| i32::from_be_bytes(*chunk))
}

impl<'a> TableSwitch<'a> {
    /// The number of keys, at least one.
    #[inline]
    pub fn len(&self) -> usize {
        self.offsets.len() / 4
    }

    /// Never true: there is at least one key.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The branch offset for this key, `default` included.
    pub fn offset_for(&self, key: i32) -> i32 {
        let position = i64::from(key) - i64::from(self.low);
        match usize::try_from(position) {
            Ok(position) if position < self.len() => int(&self.offsets[4 * position..]),
            _ => self.default,
        }
    }

    /// Pairs of key and branch offset.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (i32, i32)> + 'a {
        let low = self.low;
        self.offsets
            .chunks_exact(4)
            .enumerate()
            .map(move |(at, chunk)| (low.wrapping_add(at as i32), int(chunk)))
    }
}

impl<'a> LookupSwitch<'a> {
    /// The number of pairs.
    #[inline]
    pub fn len(&self) -> usize {
        self.pairs.len() / 8
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The branch offset for this key, `default` included.
    pub fn offset_for(&self, key: i32) -> i32 {
        self.entries().find(|&(matched, _)| matched == key).map_or(self.default, |(_, offset)| offset)
    }

    /// Pairs of match and branch offset, in the order of the code.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (i32, i32)> + 'a {
        self.pairs.chunks_exact(8).map(|chunk| (int(chunk), int(&chunk[4..])))
    }
}

impl<'a> Instruction<'a> {
    /// The length in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        (self.next_pc - self.pc) as usize
    }

    /// Never true.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The code-array index that a branch offset of this instruction leads to. An offset that leaves the code
    /// array, at either end, gives an index that is not below its length.
    #[inline]
    pub fn target(&self, offset: i32) -> u32 {
        // A code array has fewer than 2^16 bytes, so neither a negative nor a huge sum can wrap into it.
        self.pc.wrapping_add(offset as u32)
    }

    /// The target of a branch (`if*`, `goto`, `jsr` and their wide forms); `None` for any other instruction,
    /// switches included.
    #[inline]
    pub fn branch_target(&self) -> Option<u32> {
        match self.operands {
            Operands::Branch(offset) => Some(self.target(offset)),
            _ => None,
        }
    }

    /// Calls `visit` with every target that the instruction may branch to, a switch's default first. The
    /// successor by falling through is not among them.
    pub fn for_each_target(&self, mut visit: impl FnMut(u32)) {
        match self.operands {
            Operands::Branch(offset) => visit(self.target(offset)),
            Operands::TableSwitch(switch) => {
                visit(self.target(switch.default));
                switch.entries().for_each(|(_, offset)| visit(self.target(offset)));
            }
            Operands::LookupSwitch(switch) => {
                visit(self.target(switch.default));
                switch.entries().for_each(|(_, offset)| visit(self.target(offset)));
            }
            _ => {}
        }
    }

    /// The local variable index, be it an operand or part of the opcode (`iload_1`, `iinc`, `ret`).
    pub fn local_index(&self) -> Option<u16> {
        match self.operands {
            Operands::Local(index) | Operands::Iinc { index, .. } => Some(index),
            _ => {
                let group = |first: Opcode, last: Opcode| {
                    (first..=last).contains(&self.opcode).then(|| (self.opcode as u16 - first as u16) % 4)
                };
                group(Opcode::Iload0, Opcode::Aload3).or_else(|| group(Opcode::Istore0, Opcode::Astore3))
            }
        }
    }

    /// The constant-pool index, for all instructions that have one.
    pub fn constant_index(&self) -> Option<u16> {
        match self.operands {
            Operands::Constant(index)
            | Operands::InvokeInterface { index, .. }
            | Operands::InvokeDynamic { index, .. }
            | Operands::MultiNewArray { index, .. } => Some(index),
            _ => None,
        }
    }
}

/// Why a code array cannot be decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeErrorKind {
    /// The byte is no opcode.
    UnknownOpcode(u8),
    /// The code array ends inside the instruction.
    Truncated,
    /// `wide` before an opcode that it cannot modify.
    BadWide(u8),
    /// `tableswitch` with `low > high`.
    LowAboveHigh,
    /// `lookupswitch` with a negative number of pairs.
    NegativePairCount,
}

/// A decoding error and the index of the instruction that has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// Index in the code array.
    pub pc: u32,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DecodeErrorKind::UnknownOpcode(byte) => write!(f, "unknown opcode {byte}")?,
            DecodeErrorKind::Truncated => f.write_str("the code ends inside an instruction")?,
            DecodeErrorKind::BadWide(byte) => write!(f, "wide cannot modify opcode {byte}")?,
            DecodeErrorKind::LowAboveHigh => f.write_str("tableswitch with low above high")?,
            DecodeErrorKind::NegativePairCount => f.write_str("lookupswitch with a negative count")?,
        }
        write!(f, " at index {}", self.pc)
    }
}

impl std::error::Error for DecodeError {}

/// Reads operands from a position on; `None` past the end of the code.
struct Reader<'a> {
    code: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let chunk = self.code.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*chunk)
    }

    #[inline]
    fn u1(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    #[inline]
    fn u2(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    #[inline]
    fn i4(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let slice = self.code.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(slice)
    }

    /// Skips to the next multiple of four; whether the skipped bytes are zero.
    fn align(&mut self) -> Option<bool> {
        let padding = self.at.next_multiple_of(4) - self.at;
        self.slice(padding).map(|bytes| bytes.iter().all(|&byte| byte == 0))
    }
}

/// Decodes the instruction at `pc`, which must not exceed `u32::MAX`.
#[inline]
pub fn decode(code: &[u8], pc: usize) -> Result<Instruction<'_>, DecodeError> {
    let error = |kind| DecodeError { pc: pc as u32, kind };
    let mut reader = Reader { code, at: pc };
    let byte = reader.u1().ok_or(error(DecodeErrorKind::Truncated))?;
    let mut opcode = Opcode::from_u8(byte).ok_or(error(DecodeErrorKind::UnknownOpcode(byte)))?;
    let wide = opcode == Opcode::Wide;
    if wide {
        let byte = reader.u1().ok_or(error(DecodeErrorKind::Truncated))?;
        opcode = Opcode::from_u8(byte)
            .filter(|opcode| opcode.allows_wide())
            .ok_or(error(DecodeErrorKind::BadWide(byte)))?;
    }
    match operands(&mut reader, opcode, wide) {
        Some(Ok(operands)) => {
            Ok(Instruction { pc: pc as u32, next_pc: reader.at as u32, opcode, wide, operands })
        }
        Some(Err(kind)) => Err(error(kind)),
        None => Err(error(DecodeErrorKind::Truncated)),
    }
}

fn operands<'a>(
    reader: &mut Reader<'a>,
    opcode: Opcode,
    wide: bool,
) -> Option<Result<Operands<'a>, DecodeErrorKind>> {
    Some(Ok(match opcode.format() {
        Format::None => Operands::None,
        Format::Byte => Operands::Immediate(reader.u1()? as i8 as i16),
        Format::Short => Operands::Immediate(reader.u2()? as i16),
        Format::Local if wide => Operands::Local(reader.u2()?),
        Format::Local => Operands::Local(reader.u1()?.into()),
        Format::Iinc if wide => Operands::Iinc { index: reader.u2()?, delta: reader.u2()? as i16 },
        Format::Iinc => Operands::Iinc { index: reader.u1()?.into(), delta: reader.u1()? as i8 as i16 },
        Format::ConstantU1 => Operands::Constant(reader.u1()?.into()),
        Format::Constant | Format::Constant2 | Format::Field | Format::Method | Format::Class => {
            Operands::Constant(reader.u2()?)
        }
        Format::InvokeInterface => {
            Operands::InvokeInterface { index: reader.u2()?, count: reader.u1()?, zero: reader.u1()? }
        }
        Format::InvokeDynamic => Operands::InvokeDynamic { index: reader.u2()?, zero: reader.u2()? },
        Format::NewArray => Operands::NewArray(reader.u1()?),
        Format::MultiNewArray => Operands::MultiNewArray { index: reader.u2()?, dimensions: reader.u1()? },
        Format::Branch => Operands::Branch((reader.u2()? as i16).into()),
        Format::BranchWide => Operands::Branch(reader.i4()?),
        Format::TableSwitch => {
            let zero_padding = reader.align()?;
            let (default, low, high) = (reader.i4()?, reader.i4()?, reader.i4()?);
            if low > high {
                return Some(Err(DecodeErrorKind::LowAboveHigh));
            }
            let count = usize::try_from(i64::from(high) - i64::from(low) + 1).ok()?;
            let offsets = reader.slice(count.checked_mul(4)?)?;
            Operands::TableSwitch(TableSwitch { default, low, high, zero_padding, offsets })
        }
        Format::LookupSwitch => {
            let zero_padding = reader.align()?;
            let (default, count) = (reader.i4()?, reader.i4()?);
            let Ok(count) = usize::try_from(count) else {
                return Some(Err(DecodeErrorKind::NegativePairCount));
            };
            let pairs = reader.slice(count.checked_mul(8)?)?;
            Operands::LookupSwitch(LookupSwitch { default, zero_padding, pairs })
        }
        // `decode` has replaced the prefix by the opcode that it modifies, and that one is never a prefix.
        Format::Wide => return Some(Err(DecodeErrorKind::BadWide(Opcode::Wide as u8))),
    }))
}

/// Iterator over the instructions of a code array; ends after the first error.
#[derive(Clone, Debug)]
pub struct Instructions<'a> {
    code: &'a [u8],
    pc: usize,
}

impl<'a> Instructions<'a> {
    /// All instructions of `code`.
    #[inline]
    pub fn new(code: &'a [u8]) -> Self {
        Self::starting_at(code, 0)
    }

    /// The instructions from `pc` on, which must be the index of one.
    #[inline]
    pub fn starting_at(code: &'a [u8], pc: usize) -> Self {
        Instructions { code, pc }
    }

    /// Index of the next instruction.
    #[inline]
    pub fn pc(&self) -> usize {
        self.pc
    }
}

impl<'a> Iterator for Instructions<'a> {
    type Item = Result<Instruction<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.pc >= self.code.len() {
            return None;
        }
        let result = decode(self.code, self.pc);
        self.pc = match &result {
            Ok(instruction) => instruction.next_pc as usize,
            Err(_) => self.code.len(),
        };
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(code: &[u8]) -> Instruction<'_> {
        decode(code, 0).unwrap()
    }

    #[test]
    fn operands_of_each_format() {
        assert_eq!(one(&[16, 0xff]).operands, Operands::Immediate(-1));
        assert_eq!(one(&[17, 0x80, 0]).operands, Operands::Immediate(-32768));
        assert_eq!(one(&[21, 200]).operands, Operands::Local(200));
        assert_eq!(one(&[18, 255]).operands, Operands::Constant(255));
        assert_eq!(one(&[132, 1, 0xfe]).operands, Operands::Iinc { index: 1, delta: -2 });
        assert_eq!(
            one(&[185, 1, 2, 3, 0]).operands,
            Operands::InvokeInterface { index: 258, count: 3, zero: 0 }
        );
        assert_eq!(one(&[197, 0, 9, 2]).operands, Operands::MultiNewArray { index: 9, dimensions: 2 });
        assert_eq!(one(&[200, 0xff, 0xff, 0xff, 0xff]).operands, Operands::Branch(-1));
        let wide = one(&[196, 21, 1, 0]);
        assert_eq!((wide.opcode, wide.wide, wide.len()), (Opcode::Iload, true, 4));
        let wide = one(&[196, 132, 1, 0, 0xff, 0xff]);
        assert_eq!((wide.operands, wide.len()), (Operands::Iinc { index: 256, delta: -1 }, 6));
        assert_eq!(one(&[Opcode::Dstore3 as u8]).local_index(), Some(3));
    }

    #[test]
    fn switches() {
        // At 1: tableswitch with two bytes of padding, keys 5 and 6.
        let mut code = vec![0, 170, 0, 0];
        for word in [100, 5, 6, 20, -1] {
            code.extend_from_slice(&i32::to_be_bytes(word));
        }
        let Operands::TableSwitch(switch) = decode(&code, 1).unwrap().operands else { panic!() };
        assert!(switch.zero_padding);
        assert_eq!(switch.entries().collect::<Vec<_>>(), [(5, 20), (6, -1)]);
        assert_eq!((switch.offset_for(6), switch.offset_for(7), switch.offset_for(4)), (-1, 100, 100));
        let mut targets = Vec::new();
        decode(&code, 1).unwrap().for_each_target(|target| targets.push(target));
        assert_eq!(targets, [101, 21, 0]);

        let mut code = vec![171, 0, 1, 0];
        for word in [8, 2, -7, 12, 9, 16] {
            code.extend_from_slice(&i32::to_be_bytes(word));
        }
        let Operands::LookupSwitch(switch) = one(&code).operands else { panic!() };
        assert!(!switch.zero_padding);
        assert_eq!((switch.len(), switch.offset_for(9), switch.offset_for(0)), (2, 16, 8));
    }

    #[test]
    fn errors() {
        let kind = |code: &[u8]| decode(code, 0).unwrap_err().kind;
        assert_eq!(kind(&[]), DecodeErrorKind::Truncated);
        assert_eq!(kind(&[203]), DecodeErrorKind::UnknownOpcode(203));
        assert_eq!(kind(&[17, 0]), DecodeErrorKind::Truncated);
        assert_eq!(kind(&[196, 0]), DecodeErrorKind::BadWide(0));
        assert_eq!(kind(&[196, 196]), DecodeErrorKind::BadWide(196));
        let words = |opcode: u8, words: &[i32]| {
            let mut code = vec![opcode, 0, 0, 0];
            words.iter().for_each(|word| code.extend_from_slice(&word.to_be_bytes()));
            code
        };
        assert_eq!(kind(&words(170, &[0, 1, 0])), DecodeErrorKind::LowAboveHigh);
        assert_eq!(kind(&words(170, &[0, i32::MIN, i32::MAX])), DecodeErrorKind::Truncated);
        assert_eq!(kind(&words(171, &[0, -1])), DecodeErrorKind::NegativePairCount);
        assert_eq!(kind(&words(171, &[0, i32::MAX])), DecodeErrorKind::Truncated);
        let mut instructions = Instructions::new(&[0, 203, 0]);
        assert!(instructions.next().unwrap().is_ok());
        assert!(instructions.next().unwrap().is_err());
        assert!(instructions.next().is_none());
    }

    #[test]
    fn targets_outside_the_code() {
        let backward = one(&[167, 0xff, 0xff]);
        assert!(backward.branch_target().unwrap() > 65535);
        let forward = one(&[200, 0x7f, 0xff, 0xff, 0xff]);
        assert!(forward.branch_target().unwrap() > 65535);
    }

    #[test]
    fn length_agrees_with_the_decoder() {
        for code in [&[0u8][..], &[17, 0, 0], &[196, 132, 0, 0, 0, 0], &[196, 25, 0, 0], &[185, 0, 0, 0, 0]] {
            let instruction = one(code);
            assert_eq!(Opcode::from_u8(code[0]).unwrap().length(code, 0), Some(instruction.len()));
        }
        let mut code = vec![0, 0, 0, 171, 0, 0, 0, 1, 0, 0, 0, 1];
        code.extend_from_slice(&[0; 8]);
        assert_eq!(Opcode::Lookupswitch.length(&code, 3), Some(decode(&code, 3).unwrap().len()));
    }
}
