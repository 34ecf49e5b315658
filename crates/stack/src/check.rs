//! What must hold for any bytes at all: the fuzz target `stack_file` and the property tests put their inputs through this.

use crate::asm::{assemble, disassemble};
use crate::cbc;
use crate::machine::{End, FaultKind, Limits, run};
use crate::program::{Code, Program, decode};
use crate::register;
use crate::translate::translate;
use crate::verify::verify;
use std::collections::HashSet;

/// Long enough for loops to turn, short enough for millions of inputs.
const LIMITS: Limits = Limits { fuel: Some(5_000), calls: 50, stack: 4_000 };

/// Takes the bytes as a file, as a file with the right checksum, and as bare code of either set.
///
/// # Panics
/// When a program that was accepted does not run, or is another one after a change of its form.
pub fn file(bytes: &[u8]) {
    read(bytes);
    if let Some((content, _)) = bytes.split_last_chunk::<4>() {
        read(&[content, &crc32fast::hash(content).to_le_bytes()].concat());
    }
    program(&Program::from_code(Code::Expression(bytes.to_vec())));
    let words = bytes.chunks_exact(4).map(|w| i32::from_le_bytes([w[0], w[1], w[2], w[3]]));
    program(&Program::from_code(Code::Mini(words.collect())));
    // Small numbers are what instructions are made of.
    program(&Program::from_code(Code::Mini(bytes.iter().map(|b| i32::from(*b as i8)).collect())));
}

fn read(bytes: &[u8]) {
    if let Ok(read) = cbc::read(bytes) {
        assert_eq!(cbc::write(&read).as_deref(), Ok(bytes), "one program, one file");
        program(&read);
    }
}

/// Puts a program through all of its forms.
///
/// # Panics
/// As [`file`].
pub fn program(program: &Program) {
    let text = disassemble(program);
    match assemble(&text) {
        // Text has no way to say that something begins within an instruction.
        Ok(again) if !is_aligned(program) => assert_eq!(again.code, program.code, "{text}"),
        Ok(again) => assert_eq!(&again, program, "{text}"),
        Err(e) => panic!("{e}\n{text}"),
    }
    let Ok(verified) = verify(program.clone()) else { return };
    let (end, output, _) = run(&verified, &[], LIMITS);
    // What limits end in one form they may end elsewhere in another.
    let limited = |end: &End| matches!(end, End::Fault(f) if f.kind != FaultKind::DivisionByZero);
    let (other, printed, _) = register::translate(&verified).run(&verified, &[], LIMITS);
    if !limited(&end) && !limited(&other) {
        let kind = |end: End| match end {
            End::Halted(result) => Ok(result),
            End::Fault(fault) => Err(fault.kind),
        };
        assert_eq!((kind(end), output), (kind(other), printed), "{text}");
    }
    // Too large is the one reason not to be translated.
    let _ = translate(&verified, "Program", LIMITS);
}

/// Whether the code consists of instructions, and functions and lines begin at them.
fn is_aligned(program: &Program) -> bool {
    let Ok(instructions) = decode(&program.code) else { return false };
    let starts: HashSet<u32> = instructions.iter().map(|i| i.offset).collect();
    let mut offsets = program.functions.iter().map(|f| f.entry).chain(program.lines.iter().map(|l| l.offset));
    offsets.all(|offset| starts.contains(&offset))
}
