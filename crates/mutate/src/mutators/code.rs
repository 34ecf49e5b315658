//! Changes of code.

use caturra_bytecode::{Instructions, Opcode};

use crate::model::{Code, Model};
use crate::mutators::{change_byte, rearrange};
use crate::random::Random;

/// One method's code, the longer the likelier.
fn pick<'m>(model: &'m mut Model, random: &mut Random) -> Option<&'m mut Code> {
    let codes = model.codes();
    let total: usize = codes.iter().map(|code| code.bytes.len()).sum();
    let mut at = random.below(total);
    codes.into_iter().find(|code| {
        let here = at < code.bytes.len();
        at = at.saturating_sub(code.bytes.len());
        here
    })
}

/// Start and length of the instructions.
fn instructions(code: &Code) -> Vec<(usize, usize)> {
    Instructions::new(&code.bytes).flatten().map(|i| (i.pc as usize, i.len())).collect()
}

/// A method's code and an instruction of it.
fn pick_instruction<'m>(model: &'m mut Model, random: &mut Random) -> Option<(&'m mut Code, (usize, usize))> {
    let code = pick(model, random)?;
    let at = *random.pick(&instructions(code))?;
    Some((code, at))
}

/// Any other opcode.
pub fn opcode(model: &mut Model, random: &mut Random) -> bool {
    let Some((code, (at, _))) = pick_instruction(model, random) else { return false };
    let limit = if random.chance(10) { 256 } else { 202 };
    code.bytes[at] = random.below(limit) as u8;
    true
}

/// An opcode with the same operands and effect on the stack, mostly: what comes out is often valid and runs.
pub fn same_shape(model: &mut Model, random: &mut Random) -> bool {
    let Some((code, (at, _))) = pick_instruction(model, random) else { return false };
    let Some(old) = Opcode::from_u8(code.bytes[at]) else { return false };
    let exact = random.chance(75);
    let fits = |new: &Opcode| {
        *new != old
            && new.format() == old.format()
            && if exact {
                new.stack_effect() == old.stack_effect()
            } else {
                new.stack_slots() == old.stack_slots()
            }
    };
    let choice: Vec<Opcode> = (0..=201).filter_map(Opcode::from_u8).filter(fits).collect();
    let Some(new) = random.pick(&choice) else { return false };
    code.bytes[at] = *new as u8;
    true
}

/// A byte of an operand.
pub fn operand(model: &mut Model, random: &mut Random) -> bool {
    let Some((code, (at, length))) = pick_instruction(model, random) else { return false };
    change_byte(&mut code.bytes[at + 1..at + length], random)
}

/// The constant that an instruction names, most often by one of the same kind.
pub fn constant(model: &mut Model, random: &mut Random) -> bool {
    let pool = model.pool.clone();
    let Some(code) = pick(model, random) else { return false };
    let with_constant: Vec<(usize, u16, usize)> = Instructions::new(&code.bytes)
        .flatten()
        .filter_map(|i| Some((i.pc as usize, i.constant_index()?, i.len())))
        .collect();
    let Some(&(at, old, length)) = random.pick(&with_constant) else { return false };
    let tag = |index: usize| pool.get(index).and_then(Option::as_ref).map(|c| c.tag);
    let same: Vec<usize> =
        (0..pool.len()).filter(|&i| tag(i).is_some() && tag(i) == tag(old.into())).collect();
    let new = match random.below(8) {
        0 => random.below(pool.len() + 2),
        _ => random.pick(&same).copied().unwrap_or(0),
    };
    if length == 2 {
        code.bytes[at + 1] = new as u8;
    } else {
        code.bytes[at + 1..at + 3].copy_from_slice(&(new as u16).to_be_bytes());
    }
    true
}

/// An instruction over another of the same length.
pub fn copy(model: &mut Model, random: &mut Random) -> bool {
    let Some(code) = pick(model, random) else { return false };
    let all = instructions(code);
    let Some(&(to, length)) = random.pick(&all) else { return false };
    let same: Vec<usize> = all.iter().filter(|i| i.1 == length && i.0 != to).map(|i| i.0).collect();
    let Some(&from) = random.pick(&same) else { return false };
    code.bytes.copy_within(from..from + length, to);
    true
}

/// `nop`s instead of an instruction.
pub fn leave_out(model: &mut Model, random: &mut Random) -> bool {
    let Some((code, (at, length))) = pick_instruction(model, random) else { return false };
    code.bytes[at..at + length].fill(Opcode::Nop as u8);
    true
}

/// Any byte.
pub fn byte(model: &mut Model, random: &mut Random) -> bool {
    pick(model, random).is_some_and(|code| change_byte(&mut code.bytes, random))
}

/// `max_stack` and `max_locals`.
pub fn sizes(model: &mut Model, random: &mut Random) -> bool {
    let Some(code) = pick(model, random) else { return false };
    let size = if random.chance(50) { &mut code.max_stack } else { &mut code.max_locals };
    let less = size.saturating_sub(1);
    *size = if random.chance(50) { less } else { random.near(*size) };
    true
}

/// Rows of the exception table, for handlers that exist or not.
pub fn handlers(model: &mut Model, random: &mut Random) -> bool {
    let classes = model.indexes(crate::model::CLASS);
    let Some(code) = pick(model, random) else { return false };
    if random.chance(30) {
        let starts: Vec<u16> = instructions(code).iter().map(|i| i.0 as u16).collect();
        let mut start = || random.pick(&starts).copied().unwrap_or(0);
        let mut row = [start(), start(), start(), 0];
        row[..2].sort_unstable();
        if random.chance(40) {
            row[3] = random.pick(&classes).copied().unwrap_or(0);
        }
        code.handlers.push(row);
        return true;
    }
    let Some(at) = random.index(&code.handlers) else { return false };
    if random.chance(40) {
        return rearrange(&mut code.handlers, random);
    }
    let part = random.below(4);
    let row = &mut code.handlers[at];
    row[part] = random.near(row[part]);
    true
}

/// Less or more code.
pub fn length(model: &mut Model, random: &mut Random) -> bool {
    let Some((code, (at, length))) = pick_instruction(model, random) else { return false };
    match random.below(3) {
        0 => code.bytes.truncate(at),
        1 => drop(code.bytes.drain(at..at + length)),
        _ => {
            let copied = code.bytes[at..at + length].to_vec();
            code.bytes.splice(at..at, copied);
        }
    }
    true
}

/// The code of one method in another.
pub fn exchange(model: &mut Model, random: &mut Random) -> bool {
    let mut codes = model.codes();
    let (Some(from), Some(to)) = (random.index(&codes), random.index(&codes)) else { return false };
    let copied = codes[from].clone();
    *codes[to] = copied;
    from != to
}
