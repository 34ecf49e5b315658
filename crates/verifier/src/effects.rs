//! Effects on the operand stack that the bytecode table tells completely: those in primitive types alone.

use caturra_bytecode::Opcode;
use caturra_bytecode::opcode::{OPCODE_COUNT, OPCODES};

use crate::fault::Checked;
use crate::frame::Frame;
use crate::hierarchy::ClassHierarchy;
use crate::types::{Type, Types};

/// Most slots that an instruction of this sort pops.
const MOST_POPS: usize = 4;
/// Most slots that it pushes.
const MOST_PUSHES: usize = 2;

/// What an instruction pops and pushes, slot by slot, bottom of the stack first.
#[derive(Clone, Copy)]
pub(crate) struct Effect {
    pops: [Type; MOST_POPS],
    pop_count: u8,
    pushes: [Type; MOST_PUSHES],
    push_count: u8,
}

const NONE: Effect =
    Effect { pops: [Type::TOP; MOST_POPS], pop_count: 0, pushes: [Type::TOP; MOST_PUSHES], push_count: 0 };

/// Adds the types of a letter of the table, which `of` holds `count` of; `false` for a letter that stands for
/// another sort of type, or where there is no room.
const fn add(of: &mut [Type], count: &mut u8, letter: u8) -> bool {
    let (first, second) = match letter {
        b'I' => (Type::INT, None),
        b'F' => (Type::FLOAT, None),
        b'L' => (Type::LONG, Some(Type::LONG_2)),
        b'D' => (Type::DOUBLE, Some(Type::DOUBLE_2)),
        _ => return false,
    };
    let at = *count as usize;
    let size = if second.is_some() { 2 } else { 1 };
    if at + size > of.len() {
        return false;
    }
    of[at] = first;
    if let Some(second) = second {
        of[at + 1] = second;
    }
    *count += size as u8;
    true
}

/// The effect by the table's notation; [`NONE`] where references or types of any sort are in it.
const fn parse(notation: &[u8]) -> Effect {
    let mut effect = NONE;
    let mut pushes = false;
    let mut at = 0;
    while at < notation.len() {
        let known = if notation[at] == b'>' {
            pushes = true;
            true
        } else if pushes {
            add(&mut effect.pushes, &mut effect.push_count, notation[at])
        } else {
            add(&mut effect.pops, &mut effect.pop_count, notation[at])
        };
        if !known {
            return NONE;
        }
        at += 1;
    }
    effect
}

static EFFECTS: [Effect; OPCODE_COUNT] = {
    let mut table = [NONE; OPCODE_COUNT];
    let mut number = 0;
    while number < OPCODE_COUNT {
        table[number] = parse(OPCODES[number].stack.as_bytes());
        number += 1;
    }
    table
};

impl Effect {
    /// The effect of an instruction on primitive types.
    #[inline(always)]
    pub(crate) fn of(opcode: Opcode) -> &'static Effect {
        &EFFECTS[opcode as usize]
    }

    /// Pops and pushes.
    #[inline]
    pub(crate) fn apply<H: ClassHierarchy>(
        &self,
        frame: &mut Frame,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<(), H> {
        self.pop(frame, types)?;
        match self.push_count {
            0 => Ok(()),
            1 => frame.push::<H>(self.pushes[0]),
            _ => frame.push_pair::<H>(self.pushes[0], self.pushes[1]),
        }
    }

    /// Pops alone.
    #[inline]
    pub(crate) fn pop<H: ClassHierarchy>(
        &self,
        frame: &mut Frame,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<(), H> {
        let expected = &self.pops[..self.pop_count as usize];
        if let Some(rest) = frame.stack_size.checked_sub(expected.len())
            && frame.stack[rest..].iter().zip(expected).all(|(a, b)| a == b)
        {
            frame.stack_size = rest;
            return Ok(());
        }
        self.pop_slow(frame, types)
    }

    /// Says which operand is wrong.
    #[cold]
    fn pop_slow<H: ClassHierarchy>(&self, frame: &mut Frame, types: &mut Types<'_, '_, H>) -> Checked<(), H> {
        let mut rest = &self.pops[..self.pop_count as usize];
        loop {
            rest = match rest {
                [before @ .., first, second] if second.is_second_half() => {
                    frame.pop_pair::<H>(*first, *second)?;
                    before
                }
                [before @ .., last] => {
                    frame.pop(*last, types)?;
                    before
                }
                [] => return Ok(()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_of_the_table() {
        let effect = Effect::of(Opcode::Lshl);
        assert_eq!(effect.pops[..effect.pop_count as usize], [Type::LONG, Type::LONG_2, Type::INT]);
        assert_eq!(effect.pushes[..effect.push_count as usize], [Type::LONG, Type::LONG_2]);
        let effect = Effect::of(Opcode::Dcmpg);
        assert_eq!((effect.pop_count, effect.push_count, effect.pushes[0]), (4, 1, Type::INT));
        let effect = Effect::of(Opcode::Sipush);
        assert_eq!((effect.pop_count, effect.push_count), (0, 1));
        // References and types of any sort are not described.
        for opcode in [Opcode::Aaload, Opcode::Dup, Opcode::AconstNull, Opcode::Getfield] {
            let effect = Effect::of(opcode);
            assert_eq!((effect.pop_count, effect.push_count), (0, 0), "{opcode}");
        }
    }
}
