//! What the slots of an interpreted frame hold: a data-flow analysis of the method's bytecode over kinds of values.
//!
//! The collector scans frames conservatively, so nothing else knows which slot is a reference.

use caturra_bytecode::BasicType;
use caturra_bytecode::decode::{Instruction, Operands, decode};
use caturra_bytecode::descriptor::{FieldType, MethodDescriptor};
use caturra_bytecode::opcode::Opcode;

/// What is known of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nothing that the code can use: not written yet, or not the same on all ways.
    Dead,
    /// An int or float.
    Word,
    /// The first slot of a long or double.
    Wide,
    /// Its second slot.
    WideEnd,
    Reference,
}

/// The slots before an instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slots {
    pub locals: Vec<Kind>,
    /// Bottom first.
    pub stack: Vec<Kind>,
}

/// The method under analysis.
pub struct Code<'a> {
    pub bytecode: &'a [u8],
    /// Start, end and handler of each row of the exception table.
    pub handlers: Vec<(u32, u32, u32)>,
    pub is_static: bool,
    pub descriptor: &'a [u8],
    pub max_locals: usize,
    pub constants: &'a dyn Descriptors,
}

/// What the analysis needs to know of a constant pool.
pub trait Descriptors {
    /// Of a field, method or call site.
    fn member(&self, index: u16) -> Option<&[u8]>;
    /// A descriptor of the type of a loadable constant.
    fn loadable(&self, index: u16) -> &[u8];
}

impl Slots {
    fn push(&mut self, ty: FieldType<'_>) {
        match ty.basic_type() {
            BasicType::Void => {}
            BasicType::Long | BasicType::Double => self.stack.extend([Kind::Wide, Kind::WideEnd]),
            BasicType::Reference => self.stack.push(Kind::Reference),
            _ => self.stack.push(Kind::Word),
        }
    }

    fn pop(&mut self, slots: usize) {
        self.stack.truncate(self.stack.len().saturating_sub(slots));
    }

    /// Writes a local variable; a two-slot value that it was part of is gone.
    fn store(&mut self, index: usize, kind: Kind) {
        if index >= self.locals.len() {
            return;
        }
        match self.locals[index] {
            Kind::WideEnd if index > 0 => self.locals[index - 1] = Kind::Dead,
            Kind::Wide if index + 1 < self.locals.len() => self.locals[index + 1] = Kind::Dead,
            _ => {}
        }
        self.locals[index] = kind;
    }

    /// What holds on both ways; whether that is less than before.
    fn merge(&mut self, other: &Slots) -> bool {
        let mut changed = false;
        let theirs = other.locals.iter().chain(&other.stack);
        for (mine, theirs) in self.locals.iter_mut().chain(&mut self.stack).zip(theirs) {
            if mine != theirs && *mine != Kind::Dead {
                *mine = Kind::Dead;
                changed = true;
            }
        }
        changed
    }
}

/// The slots before the instruction at `bci`; `None` where the code has subroutines (`jsr`), cannot be decoded, or does not
/// lead there.
pub fn before(code: &Code<'_>, bci: u32) -> Option<Slots> {
    let descriptor = MethodDescriptor::parse(code.descriptor)?;
    let mut entry = Slots { locals: Vec::new(), stack: Vec::new() };
    // Arguments are laid out in locals as on a stack.
    if !code.is_static {
        entry.stack.push(Kind::Reference);
    }
    descriptor.parameters().for_each(|p| entry.push(p));
    entry.locals = std::mem::take(&mut entry.stack);
    entry.locals.resize(code.max_locals.max(entry.locals.len()), Kind::Dead);
    let mut known: Vec<Option<Slots>> = vec![None; code.bytecode.len()];
    let mut work = vec![0u32];
    *known.first_mut()? = Some(entry);
    while let Some(at) = work.pop() {
        let mut slots = known[at as usize].clone()?;
        let insn = decode(code.bytecode, at as usize).ok()?;
        if matches!(insn.opcode, Opcode::Jsr | Opcode::JsrW | Opcode::Ret) {
            return None;
        }
        for &(start, end, handler) in &code.handlers {
            if (start..end).contains(&at) {
                let caught = Slots { locals: slots.locals.clone(), stack: vec![Kind::Reference] };
                flow(&mut known, &mut work, handler, &caught)?;
            }
        }
        apply(code, &insn, &mut slots)?;
        let mut targets = Vec::new();
        insn.for_each_target(|target| targets.push(target));
        if !insn.opcode.ends_block() {
            targets.push(insn.next_pc);
        }
        for target in targets {
            flow(&mut known, &mut work, target, &slots)?;
        }
    }
    known.get_mut(bci as usize)?.take()
}

/// Slots that the instruction at `bci`, if it is a call, takes from the operand stack: they belong to the callee then.
pub fn arguments_at(code: &Code<'_>, bci: u32) -> usize {
    let Ok(insn) = decode(code.bytecode, bci as usize) else { return 0 };
    if insn.opcode.is_invoke() { call(code, &insn).map_or(0, |(slots, _)| slots) } else { 0 }
}

fn flow(known: &mut [Option<Slots>], work: &mut Vec<u32>, target: u32, slots: &Slots) -> Option<()> {
    let changed = match known.get_mut(target as usize)? {
        Some(other) => other.merge(slots),
        unknown => {
            *unknown = Some(slots.clone());
            true
        }
    };
    if changed {
        work.push(target);
    }
    Some(())
}

fn member<'a>(code: &'a Code<'_>, insn: &Instruction<'_>) -> Option<&'a [u8]> {
    code.constants.member(insn.constant_index()?)
}

/// Slots that a call pops, and its descriptor.
fn call<'a>(code: &'a Code<'_>, insn: &Instruction<'_>) -> Option<(usize, MethodDescriptor<'a>)> {
    let descriptor = MethodDescriptor::parse(member(code, insn)?)?;
    let receiver = !matches!(insn.opcode, Opcode::Invokestatic | Opcode::Invokedynamic);
    Some((descriptor.parameter_slots() + usize::from(receiver), descriptor))
}

/// The effect of an instruction.
fn apply(code: &Code<'_>, insn: &Instruction<'_>, slots: &mut Slots) -> Option<()> {
    use Opcode::*;
    match insn.opcode {
        Ldc | LdcW | Ldc2W => slots.push(FieldType::parse(code.constants.loadable(insn.constant_index()?))?),
        Getstatic => slots.push(FieldType::parse(member(code, insn)?)?),
        Getfield => {
            slots.pop(1);
            slots.push(FieldType::parse(member(code, insn)?)?);
        }
        Putstatic => slots.pop(FieldType::parse(member(code, insn)?)?.slots()),
        Putfield => slots.pop(1 + FieldType::parse(member(code, insn)?)?.slots()),
        Invokevirtual | Invokespecial | Invokestatic | Invokeinterface | Invokedynamic => {
            let (pops, descriptor) = call(code, insn)?;
            slots.pop(pops);
            slots.push(descriptor.return_type());
        }
        Multianewarray => {
            let Operands::MultiNewArray { dimensions, .. } = insn.operands else { return None };
            slots.pop(dimensions.into());
            slots.stack.push(Kind::Reference);
        }
        opcode => {
            let effect = opcode.stack_effect();
            let (pops, pushes) = effect.split_once('>')?;
            let width = |letter: u8| if matches!(letter, b'L' | b'D') { 2 } else { 1 };
            let popped: usize = pops.bytes().map(width).sum();
            let below = slots.stack.len().checked_sub(popped)?;
            let taken = slots.stack.split_off(below);
            if let Some(index) = insn.local_index().map(usize::from)
                && popped > 0
            {
                taken.iter().enumerate().for_each(|(n, kind)| slots.store(index + n, *kind));
            }
            for letter in pushes.bytes() {
                match letter {
                    b'I' | b'F' => slots.stack.push(Kind::Word),
                    b'L' | b'D' => slots.stack.extend([Kind::Wide, Kind::WideEnd]),
                    b'A' => slots.stack.push(Kind::Reference),
                    // A lower-case letter is the slot of the same name on the left, where all are of that sort.
                    letter if letter.is_ascii_lowercase() => {
                        slots.stack.push(*taken.get(pops.bytes().position(|l| l == letter)?)?);
                    }
                    _ => slots.stack.push(Kind::Dead),
                }
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::*;

    struct Table(&'static [&'static str]);

    impl Descriptors for Table {
        fn member(&self, index: u16) -> Option<&[u8]> {
            self.0.get(usize::from(index) - 1).map(|d| d.as_bytes())
        }
        fn loadable(&self, index: u16) -> &[u8] {
            self.0[usize::from(index) - 1].as_bytes()
        }
    }

    fn code<'a>(bytecode: &'a [u8], descriptor: &'a str, table: &'a Table) -> Code<'a> {
        Code {
            bytecode,
            handlers: Vec::new(),
            is_static: true,
            descriptor: descriptor.as_bytes(),
            max_locals: 6,
            constants: table,
        }
    }

    #[test]
    fn arguments_and_calls() {
        let table = Table(&["(JLjava/lang/String;)D"]);
        // lload_1; aload_0; invokestatic #1; dstore 4; aload_0; pop; return
        let bytes = [31, 42, 184, 0, 1, 57, 4, 42, 87, 177];
        let c = code(&bytes, "(Ljava/lang/String;J)V", &table);
        let at = before(&c, 2).unwrap();
        assert_eq!(at.locals, [Reference, Wide, WideEnd, Dead, Dead, Dead]);
        assert_eq!(at.stack, [Wide, WideEnd, Reference]);
        assert_eq!(arguments_at(&c, 2), 3);
        let at = before(&c, 8).unwrap();
        assert_eq!(at.locals, [Reference, Wide, WideEnd, Dead, Wide, WideEnd]);
        assert_eq!(at.stack, [Reference]);
    }

    #[test]
    fn ways_that_differ_leave_nothing() {
        let table = Table(&[]);
        // iload_0; ifeq 9; aload_1; astore_2; goto 11; 9: iload_0; istore_2; 11: nop; return
        let bytes = [26, 153, 0, 8, 43, 77, 167, 0, 5, 26, 61, 0, 177];
        let c = code(&bytes, "(ILjava/lang/Object;)V", &table);
        let at = before(&c, 11).unwrap();
        assert_eq!(at.locals[..3], [Word, Reference, Dead]);
        // Half of a long is no long: lconst_0; lstore_2; iconst_0; istore_3; return
        let bytes = [9, 65, 3, 62, 177];
        let at = before(&code(&bytes, "(I)V", &table), 4).unwrap();
        assert_eq!(at.locals[..4], [Word, Dead, Dead, Word]);
    }

    #[test]
    fn handlers_see_the_locals_of_their_range() {
        let table = Table(&[]);
        // aload_0; astore_1; iconst_0; istore_1; return; 5: astore_2; return
        let bytes = [42, 76, 3, 60, 177, 77, 177];
        let mut c = code(&bytes, "(Ljava/lang/Object;)V", &table);
        c.handlers.push((2, 5, 5));
        let at = before(&c, 5).unwrap();
        assert_eq!((at.locals[..2].to_vec(), at.stack), (vec![Reference, Dead], vec![Reference]));
    }
}
