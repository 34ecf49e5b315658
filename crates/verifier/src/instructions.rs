//! The effect of each instruction on the type state (JVMS §4.10.1.9), but for branches, field access and calls.

use caturra_bytecode::decode::decode;
use caturra_bytecode::opcode::OPCODES;
use caturra_bytecode::{Format, Opcode};

use crate::check::Verifier;
use crate::effects::Effect;
use crate::fault::{Checked, Context, Origin, Stop, stop};
use crate::hierarchy::ClassHierarchy;
use crate::pool::tag;
use crate::types::Type;
use crate::view::{ClassView, PoolView};

/// Whether control goes on to the next instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    Next,
    Ends,
}

/// What HotSpot has behind the opcodes of the specification: names and lengths of the instructions that it
/// rewrites others into. They are no part of the class file format; but a code array that has such a number is
/// found bad only when the instruction is reached, and the message names it. Length 0 marks a `lookupswitch`.
const INTERNAL: [(&str, u8); 36] = [
    ("fast_agetfield", 3),
    ("fast_bgetfield", 3),
    ("fast_cgetfield", 3),
    ("fast_dgetfield", 3),
    ("fast_fgetfield", 3),
    ("fast_igetfield", 3),
    ("fast_lgetfield", 3),
    ("fast_sgetfield", 3),
    ("fast_aputfield", 3),
    ("fast_bputfield", 3),
    ("fast_zputfield", 3),
    ("fast_cputfield", 3),
    ("fast_dputfield", 3),
    ("fast_fputfield", 3),
    ("fast_iputfield", 3),
    ("fast_lputfield", 3),
    ("fast_sputfield", 3),
    ("fast_aload_0", 1),
    ("fast_iaccess_0", 4),
    ("fast_aaccess_0", 4),
    ("fast_faccess_0", 4),
    ("fast_iload", 2),
    ("fast_iload2", 4),
    ("fast_icaload", 3),
    ("fast_invokevfinal", 3),
    ("fast_linearswitch", 0),
    ("fast_binaryswitch", 0),
    ("fast_aldc", 2),
    ("fast_aldc_w", 3),
    ("return_register_finalizer", 1),
    ("invokehandle", 3),
    ("nofast_getfield", 3),
    ("nofast_putfield", 3),
    ("nofast_aload_0", 1),
    ("nofast_iload", 2),
    ("_shouldnotreachhere", 1),
];

/// Length by opcode number; 0 where it varies or there is no such opcode.
static LENGTHS: [u8; 256] = {
    let mut table = [0; 256];
    let mut number = 0;
    while number < OPCODES.len() {
        table[number] = OPCODES[number].format.length() as u8;
        number += 1;
    }
    while number < OPCODES.len() + INTERNAL.len() {
        table[number] = INTERNAL[number - OPCODES.len()].1;
        number += 1;
    }
    table
};

/// The name of an opcode number, as messages have it.
pub(crate) fn opcode_name(number: u8) -> &'static str {
    match Opcode::from_u8(number) {
        Some(opcode) => opcode.mnemonic(),
        None => INTERNAL.get(number as usize - OPCODES.len()).map_or("<illegal>", |row| row.0),
    }
}

/// Whether the opcode number is that of `new`.
#[inline(always)]
pub(crate) fn is_new(number: u8) -> bool {
    number == Opcode::New as u8
}

/// The length of the instruction at `pc`; 0 where there is no whole instruction.
#[inline(always)]
pub(crate) fn instruction_length(code: &[u8], pc: usize) -> usize {
    let length = LENGTHS[code[pc] as usize] as usize;
    if length != 0 && length <= code.len() - pc { length } else { special_length(code, pc) }
}

fn special_length(code: &[u8], pc: usize) -> usize {
    let switch = |number: usize| {
        number >= OPCODES.len() && INTERNAL.get(number - OPCODES.len()).is_some_and(|row| row.1 == 0)
    };
    if switch(code[pc] as usize) {
        return lookup_switch_length(code, pc);
    }
    match decode(code, pc) {
        Ok(instruction) if instruction.opcode == Opcode::Lookupswitch => lookup_switch_length(code, pc),
        Ok(instruction) => instruction.len(),
        Err(_) => 0,
    }
}

/// HotSpot takes a `lookupswitch` without pairs at the end of the code for one that is cut off.
fn lookup_switch_length(code: &[u8], pc: usize) -> usize {
    let operands = (pc + 4) & !3;
    let Some(count) = code.get(operands + 4..operands + 8).and_then(|bytes| bytes.first_chunk()) else {
        return 0;
    };
    let Ok(count) = usize::try_from(i32::from_be_bytes(*count)) else { return 0 };
    let end = operands + 8 + 8 * count;
    if end <= code.len() && operands + 8 < code.len() { end - pc } else { 0 }
}

/// Unless something is wrong, control goes on.
fn next<E>(result: Result<(), Stop<E>>) -> Result<Flow, Stop<E>> {
    result.map(|()| Flow::Next)
}

impl<'a, C: ClassView<'a>, H: ClassHierarchy> Verifier<'a, '_, C, H> {
    /// The one-byte operand of the instruction at `pc`. That operands lie inside the code array has been checked.
    #[inline(always)]
    pub(crate) fn u1(&self, pc: u32) -> u8 {
        self.code[pc as usize + 1]
    }

    /// The two-byte operand.
    #[inline(always)]
    pub(crate) fn u2(&self, pc: u32) -> u16 {
        let at = pc as usize;
        u16::from_be_bytes([self.code[at + 1], self.code[at + 2]])
    }

    /// The four-byte operand.
    pub(crate) fn i4(&self, pc: u32) -> i32 {
        let at = pc as usize;
        i32::from_be_bytes([self.code[at + 1], self.code[at + 2], self.code[at + 3], self.code[at + 4]])
    }

    /// The local variable index that is an operand.
    #[inline]
    fn local_index(&self, pc: u32, wide: bool) -> u16 {
        if wide { self.u2(pc + 1) } else { self.u1(pc).into() }
    }

    /// Checks an instruction and changes the frame into the one after it.
    #[inline]
    pub(crate) fn instruction(&mut self, pc: u32, number: u8, wide: bool) -> Checked<Flow, H> {
        use Opcode::*;
        let Some(opcode) = Opcode::from_u8(number) else { return Err(self.bad_instruction(pc, number)) };
        if wide && (opcode.format() != Format::Local || opcode == Ret) && opcode != Iinc {
            return Err(stop(Context::bad_code(pc), "Bad wide instruction"));
        }
        // Handlers are entered with the local variables as they are before a store (JVMS §4.10.1.6).
        let stores = (Istore..=Astore3).contains(&opcode);
        if stores {
            self.check_handlers(pc, false)?;
        }
        let mut initialized_this = false;
        let flow = match opcode {
            Nop | IconstM1 | Iconst0 | Iconst1 | Iconst2 | Iconst3 | Iconst4 | Iconst5 | Lconst0
            | Lconst1 | Fconst0 | Fconst1 | Fconst2 | Dconst0 | Dconst1 | Bipush | Sipush | Iadd | Ladd
            | Fadd | Dadd | Isub | Lsub | Fsub | Dsub | Imul | Lmul | Fmul | Dmul | Idiv | Ldiv | Fdiv
            | Ddiv | Irem | Lrem | Frem | Drem | Ineg | Lneg | Fneg | Dneg | Ishl | Lshl | Ishr | Lshr
            | Iushr | Lushr | Iand | Land | Ior | Lor | Ixor | Lxor | I2l | I2f | I2d | L2i | L2f | L2d
            | F2i | F2l | F2d | D2i | D2l | D2f | I2b | I2c | I2s | Lcmp | Fcmpl | Fcmpg | Dcmpl | Dcmpg => {
                next(Effect::of(opcode).apply(&mut self.frame, &mut self.types))?
            }
            AconstNull => next(self.frame.push::<H>(Type::NULL))?,
            Ldc => next(self.load_constant(pc, self.u1(pc).into(), false))?,
            LdcW => next(self.load_constant(pc, self.u2(pc), false))?,
            Ldc2W => next(self.load_constant(pc, self.u2(pc), true))?,

            Iload => next(self.load(self.local_index(pc, wide), Type::INT))?,
            Fload => next(self.load(self.local_index(pc, wide), Type::FLOAT))?,
            Aload => next(self.load(self.local_index(pc, wide), Type::ANY_REFERENCE))?,
            Lload => next(self.load_pair(self.local_index(pc, wide), Type::LONG, Type::LONG_2))?,
            Dload => next(self.load_pair(self.local_index(pc, wide), Type::DOUBLE, Type::DOUBLE_2))?,
            Iload0 | Iload1 | Iload2 | Iload3 => next(self.load(implied(opcode, Iload0), Type::INT))?,
            Fload0 | Fload1 | Fload2 | Fload3 => next(self.load(implied(opcode, Fload0), Type::FLOAT))?,
            Aload0 | Aload1 | Aload2 | Aload3 => {
                next(self.load(implied(opcode, Aload0), Type::ANY_REFERENCE))?
            }
            Lload0 | Lload1 | Lload2 | Lload3 => {
                next(self.load_pair(implied(opcode, Lload0), Type::LONG, Type::LONG_2))?
            }
            Dload0 | Dload1 | Dload2 | Dload3 => {
                next(self.load_pair(implied(opcode, Dload0), Type::DOUBLE, Type::DOUBLE_2))?
            }
            Istore => next(self.store(self.local_index(pc, wide), Type::INT))?,
            Fstore => next(self.store(self.local_index(pc, wide), Type::FLOAT))?,
            Astore => next(self.store(self.local_index(pc, wide), Type::ANY_REFERENCE))?,
            Lstore => next(self.store_pair(self.local_index(pc, wide), Type::LONG, Type::LONG_2))?,
            Dstore => next(self.store_pair(self.local_index(pc, wide), Type::DOUBLE, Type::DOUBLE_2))?,
            Istore0 | Istore1 | Istore2 | Istore3 => next(self.store(implied(opcode, Istore0), Type::INT))?,
            Fstore0 | Fstore1 | Fstore2 | Fstore3 => next(self.store(implied(opcode, Fstore0), Type::FLOAT))?,
            Astore0 | Astore1 | Astore2 | Astore3 => {
                next(self.store(implied(opcode, Astore0), Type::ANY_REFERENCE))?
            }
            Lstore0 | Lstore1 | Lstore2 | Lstore3 => {
                next(self.store_pair(implied(opcode, Lstore0), Type::LONG, Type::LONG_2))?
            }
            Dstore0 | Dstore1 | Dstore2 | Dstore3 => {
                next(self.store_pair(implied(opcode, Dstore0), Type::DOUBLE, Type::DOUBLE_2))?
            }
            Iinc => next(self.increment(self.local_index(pc, wide)))?,

            Iaload => next(self.array_load(pc, opcode, b"I", Some(Type::INT_ARRAY), &[Type::INT]))?,
            Baload => next(self.array_load(pc, opcode, b"ZB", None, &[Type::INT]))?,
            Caload => next(self.array_load(pc, opcode, b"C", Some(Type::CHAR_ARRAY), &[Type::INT]))?,
            Saload => next(self.array_load(pc, opcode, b"S", Some(Type::SHORT_ARRAY), &[Type::INT]))?,
            Faload => next(self.array_load(pc, opcode, b"F", Some(Type::FLOAT_ARRAY), &[Type::FLOAT]))?,
            Laload => {
                next(self.array_load(pc, opcode, b"J", Some(Type::LONG_ARRAY), &[Type::LONG, Type::LONG_2]))?
            }
            Daload => next(self.array_load(
                pc,
                opcode,
                b"D",
                Some(Type::DOUBLE_ARRAY),
                &[Type::DOUBLE, Type::DOUBLE_2],
            ))?,
            Aaload => next(self.reference_array_load(pc))?,
            Iastore => next(self.array_store(pc, opcode, b"I", Some(Type::INT_ARRAY)))?,
            Bastore => next(self.array_store(pc, opcode, b"ZB", None))?,
            Castore => next(self.array_store(pc, opcode, b"C", Some(Type::CHAR_ARRAY)))?,
            Sastore => next(self.array_store(pc, opcode, b"S", Some(Type::SHORT_ARRAY)))?,
            Fastore => next(self.array_store(pc, opcode, b"F", Some(Type::FLOAT_ARRAY)))?,
            Lastore => next(self.array_store(pc, opcode, b"J", Some(Type::LONG_ARRAY)))?,
            Dastore => next(self.array_store(pc, opcode, b"D", Some(Type::DOUBLE_ARRAY)))?,
            Aastore => next(self.reference_array_store(pc))?,

            Pop => next(self.pop(Type::ANY_CATEGORY_1).map(drop))?,
            Pop2 => next(self.pop_two(pc, opcode).map(drop))?,
            Dup | DupX1 | DupX2 | Dup2 | Dup2X1 | Dup2X2 | Swap => next(self.shuffle(pc, opcode))?,

            Ifeq | Ifne | Iflt | Ifge | Ifgt | Ifle | IfIcmpeq | IfIcmpne | IfIcmplt | IfIcmpge
            | IfIcmpgt | IfIcmple => {
                Effect::of(opcode).pop(&mut self.frame, &mut self.types)?;
                next(self.jump(pc, self.u2(pc) as i16 as i32))?
            }
            IfAcmpeq | IfAcmpne => {
                self.pop(Type::ANY_REFERENCE)?;
                self.pop(Type::ANY_REFERENCE)?;
                next(self.jump(pc, self.u2(pc) as i16 as i32))?
            }
            Ifnull | Ifnonnull => {
                self.pop(Type::ANY_REFERENCE)?;
                next(self.jump(pc, self.u2(pc) as i16 as i32))?
            }
            Goto => self.jump(pc, self.u2(pc) as i16 as i32).map(|()| Flow::Ends)?,
            GotoW => self.jump(pc, self.i4(pc)).map(|()| Flow::Ends)?,
            Tableswitch | Lookupswitch => self.switch(pc).map(|()| Flow::Ends)?,
            Ireturn | Lreturn | Freturn | Dreturn | Areturn | Return => {
                self.return_value(pc, opcode).map(|()| Flow::Ends)?
            }
            Athrow => self.pop(Type::THROWABLE).map(|_| Flow::Ends)?,

            Getstatic => next(self.static_field(pc, false))?,
            Putstatic => next(self.static_field(pc, true))?,
            Getfield => next(self.get_field(pc))?,
            Putfield => next(self.put_field(pc))?,
            Invokevirtual | Invokestatic | Invokeinterface | Invokedynamic | Invokespecial => {
                initialized_this = self.invoke(pc, opcode)?;
                Flow::Next
            }
            New => next(self.new_object(pc))?,
            Newarray => next(self.new_array(pc))?,
            Anewarray => next(self.new_reference_array(pc))?,
            Multianewarray => next(self.new_multi_array(pc))?,
            Arraylength => next(self.array_length(pc))?,
            Checkcast => next(self.check_cast(pc))?,
            Instanceof => {
                self.class_operand(pc)?;
                self.pop(Type::OBJECT)?;
                next(self.frame.push::<H>(Type::INT))?
            }
            Monitorenter | Monitorexit => next(self.pop(Type::ANY_REFERENCE).map(drop))?,

            // Not in class files of these versions (JVMS §4.9.1).
            Jsr | Ret | JsrW | Wide | Breakpoint => return Err(self.bad_instruction(pc, number)),
        };
        if !stores {
            self.check_handlers(pc, initialized_this)?;
        }
        Ok(flow)
    }

    #[cold]
    fn bad_instruction(&self, pc: u32, number: u8) -> Stop<H::Error> {
        stop(Context::bad_code(pc), format!("Bad instruction: {number:02x}"))
    }

    /// What is said where no expected type is.
    #[cold]
    pub(crate) fn bad_operand(
        &self,
        pc: u32,
        expected: Option<Type>,
        message: impl Into<Vec<u8>>,
    ) -> Stop<H::Error> {
        let context = match expected {
            Some(expected) => Context::type_mismatch(pc, self.frame.popped(), Origin::implicit(expected)),
            None => Context::bad_type(pc, self.frame.popped()),
        };
        stop(context, message)
    }

    #[cold]
    fn bad_operand_in(&self, pc: u32, expected: Option<Type>, opcode: Opcode) -> Stop<H::Error> {
        self.bad_operand(pc, expected, format!("Bad type on operand stack in {opcode}"))
    }

    #[inline]
    pub(crate) fn pop(&mut self, expected: Type) -> Checked<Type, H> {
        self.frame.pop(expected, &mut self.types)
    }

    #[inline]
    fn load(&mut self, index: u16, expected: Type) -> Checked<(), H> {
        let of = self.frame.local(index, expected, &mut self.types)?;
        self.frame.push::<H>(of)
    }

    #[inline]
    fn load_pair(&mut self, index: u16, first: Type, second: Type) -> Checked<(), H> {
        self.frame.local_pair::<H>(index, first, second)?;
        self.frame.push_pair::<H>(first, second)
    }

    #[inline]
    fn store(&mut self, index: u16, expected: Type) -> Checked<(), H> {
        let of = self.pop(expected)?;
        self.frame.set_local::<H>(index, of)
    }

    #[inline]
    fn store_pair(&mut self, index: u16, first: Type, second: Type) -> Checked<(), H> {
        self.frame.pop_pair::<H>(first, second)?;
        self.frame.set_local_pair::<H>(index, first, second)
    }

    fn increment(&mut self, index: u16) -> Checked<(), H> {
        let of = self.frame.local(index, Type::INT, &mut self.types)?;
        self.frame.set_local::<H>(index, of)
    }

    #[inline]
    fn array_load(
        &mut self,
        pc: u32,
        opcode: Opcode,
        components: &[u8],
        expected: Option<Type>,
        value: &[Type],
    ) -> Checked<(), H> {
        self.pop(Type::INT)?;
        let array = self.pop(Type::ANY_REFERENCE)?;
        if !self.types.is_array_of(array, components) {
            return Err(self.bad_operand_in(pc, expected, opcode));
        }
        match *value {
            [first, second] => self.frame.push_pair::<H>(first, second),
            _ => self.frame.push_all::<H>(value),
        }
    }

    fn reference_array_load(&mut self, pc: u32) -> Checked<(), H> {
        self.pop(Type::INT)?;
        let array = self.pop(Type::ANY_REFERENCE)?;
        if !self.types.is_array_of(array, b"L[") {
            return Err(self.bad_operand_in(pc, Some(Type::ANY_REFERENCE), Opcode::Aaload));
        }
        let component =
            if array == Type::NULL { Type::NULL } else { self.types.component(array).unwrap_or(Type::TOP) };
        self.frame.push::<H>(component)
    }

    #[inline]
    fn array_store(
        &mut self,
        pc: u32,
        opcode: Opcode,
        components: &[u8],
        expected: Option<Type>,
    ) -> Checked<(), H> {
        match components {
            b"J" => self.frame.pop_pair::<H>(Type::LONG, Type::LONG_2)?,
            b"D" => self.frame.pop_pair::<H>(Type::DOUBLE, Type::DOUBLE_2)?,
            b"F" => self.pop(Type::FLOAT).map(drop)?,
            _ => self.pop(Type::INT).map(drop)?,
        }
        self.pop(Type::INT)?;
        let array = self.pop(Type::ANY_REFERENCE)?;
        if !self.types.is_array_of(array, components) {
            return Err(self.bad_operand_in(pc, expected, opcode));
        }
        Ok(())
    }

    /// Whether the element may be stored is tested when it is stored (JVMS §4.10.1.9, `aastore`).
    fn reference_array_store(&mut self, pc: u32) -> Checked<(), H> {
        self.pop(Type::OBJECT)?;
        self.pop(Type::INT)?;
        let array = self.pop(Type::ANY_REFERENCE)?;
        if !self.types.is_array_of(array, b"L[") {
            return Err(self.bad_operand_in(pc, Some(Type::ANY_REFERENCE), Opcode::Aastore));
        }
        Ok(())
    }

    /// Pops two slots, which must not be the halves of different values; the upper one first.
    fn pop_two(&mut self, pc: u32, opcode: Opcode) -> Checked<(Type, Type), H> {
        let upper = self.frame.pop_any::<H>()?;
        let expected = if upper.is_category_1() {
            Type::ANY_CATEGORY_1
        } else if upper.is_second_half() {
            Type::ANY_CATEGORY_2
        } else {
            return Err(self.bad_operand_in(pc, None, opcode));
        };
        let lower = self.pop(expected)?;
        Ok((upper, lower))
    }

    /// `dup` and its kin, `swap`.
    fn shuffle(&mut self, pc: u32, opcode: Opcode) -> Checked<(), H> {
        // Named from the top of the stack down.
        match opcode {
            Opcode::Dup => {
                let a = self.pop(Type::ANY_CATEGORY_1)?;
                self.frame.push_all::<H>(&[a, a])
            }
            Opcode::DupX1 => {
                let a = self.pop(Type::ANY_CATEGORY_1)?;
                let b = self.pop(Type::ANY_CATEGORY_1)?;
                self.frame.push_all::<H>(&[a, b, a])
            }
            Opcode::DupX2 => {
                let a = self.pop(Type::ANY_CATEGORY_1)?;
                let (b, c) = self.pop_two(pc, opcode)?;
                self.frame.push_all::<H>(&[a, c, b, a])
            }
            Opcode::Dup2 => {
                let (a, b) = self.pop_two(pc, opcode)?;
                self.frame.push_all::<H>(&[b, a, b, a])
            }
            Opcode::Dup2X1 => {
                let (a, b) = self.pop_two(pc, opcode)?;
                let c = self.pop(Type::ANY_CATEGORY_1)?;
                self.frame.push_all::<H>(&[b, a, c, b, a])
            }
            Opcode::Dup2X2 => {
                let (a, b) = self.pop_two(pc, opcode)?;
                let (c, d) = self.pop_two(pc, opcode)?;
                self.frame.push_all::<H>(&[b, a, d, c, b, a])
            }
            _ => {
                let a = self.pop(Type::ANY_CATEGORY_1)?;
                let b = self.pop(Type::ANY_CATEGORY_1)?;
                self.frame.push_all::<H>(&[a, b])
            }
        }
    }

    /// The index must be that of an entry.
    pub(crate) fn check_index(&self, pc: u32, index: u16) -> Checked<(), H> {
        if self.pool.has(index) {
            return Ok(());
        }
        let mut message = format!("Illegal constant pool index {index} in class ").into_bytes();
        message.extend_from_slice(&self.class.external_name());
        Err(stop(Context::bad_constant_index(pc, index), message))
    }

    /// The index is that of an entry of the wrong kind.
    #[cold]
    pub(crate) fn bad_constant(&self, pc: u32, index: u16) -> Stop<H::Error> {
        let mut message = format!("Illegal type at constant pool entry {index} in class ").into_bytes();
        message.extend_from_slice(&self.class.external_name());
        stop(Context::bad_constant_index(pc, index), message)
    }

    /// The constant at an index must have one of these tags; the tag.
    #[inline]
    pub(crate) fn check_tag(&self, pc: u32, index: u16, tags: &[u8]) -> Checked<u8, H> {
        self.check_index(pc, index)?;
        let tag = self.pool.view.tag(index);
        if tags.contains(&tag) { Ok(tag) } else { Err(self.bad_constant(pc, index)) }
    }

    /// The class that the instruction's index refers to.
    #[inline]
    fn class_operand(&mut self, pc: u32) -> Checked<(u16, Type), H> {
        let index = self.u2(pc);
        self.check_tag(pc, index, &[tag::CLASS])?;
        Ok((index, self.pool.class_type(index, &mut self.types)))
    }

    fn load_constant(&mut self, pc: u32, index: u16, two_slots: bool) -> Checked<(), H> {
        const ONE_SLOT: [u8; 7] = [
            tag::INTEGER,
            tag::FLOAT,
            tag::STRING,
            tag::CLASS,
            tag::METHOD_HANDLE,
            tag::METHOD_TYPE,
            tag::DYNAMIC,
        ];
        const TWO_SLOTS: [u8; 3] = [tag::LONG, tag::DOUBLE, tag::DYNAMIC];
        let allowed: &[u8] = if two_slots { &TWO_SLOTS } else { &ONE_SLOT };
        let of = match self.check_tag(pc, index, allowed)? {
            tag::INTEGER => Type::INT,
            tag::FLOAT => Type::FLOAT,
            tag::STRING => Type::STRING,
            tag::CLASS => Type::CLASS,
            tag::METHOD_HANDLE => Type::METHOD_HANDLE,
            tag::METHOD_TYPE => Type::METHOD_TYPE,
            tag::LONG => return self.frame.push_pair::<H>(Type::LONG, Type::LONG_2),
            tag::DOUBLE => return self.frame.push_pair::<H>(Type::DOUBLE, Type::DOUBLE_2),
            _ => {
                let (_, member) = self.pool.member(index, &mut self.types);
                let result = self.pool.result(member.slots);
                if result.len() != if two_slots { 2 } else { 1 } {
                    return Err(self.bad_constant(pc, index));
                }
                return self.frame.push_all::<H>(result);
            }
        };
        self.frame.push::<H>(of)
    }

    fn new_object(&mut self, pc: u32) -> Checked<(), H> {
        let (index, class) = self.class_operand(pc)?;
        if !self.types.is_object(class) {
            let context = Context::bad_type(pc, Origin::constant(index, class));
            return Err(stop(context, "Illegal new instruction"));
        }
        self.frame.push::<H>(Type::uninitialized(pc as u16))
    }

    fn new_array(&mut self, pc: u32) -> Checked<(), H> {
        let Some(array) = Type::primitive_array(self.u1(pc)) else {
            return Err(stop(Context::bad_code(pc), "Illegal newarray instruction"));
        };
        self.pop(Type::INT)?;
        self.frame.push::<H>(array)
    }

    fn new_reference_array(&mut self, pc: u32) -> Checked<(), H> {
        const MOST_DIMENSIONS: usize = 255;
        let (index, component) = self.class_operand(pc)?;
        self.pop(Type::INT)?;
        if self.types.is_array(component) && self.types.dimensions(component) >= MOST_DIMENSIONS {
            let message = "Illegal anewarray instruction, array has more than 255 dimensions";
            return Err(stop(Context::bad_code(pc), message));
        }
        let array = self.pool.array_type(index, &mut self.types);
        self.frame.push::<H>(array)
    }

    fn new_multi_array(&mut self, pc: u32) -> Checked<(), H> {
        let (index, array) = self.class_operand(pc)?;
        let dimensions = self.u1(pc + 2);
        if !self.types.is_array(array) {
            let context = Context::bad_type(pc, Origin::constant(index, array));
            return Err(stop(context, "Illegal constant pool index in multianewarray instruction"));
        }
        if dimensions < 1 || self.types.dimensions(array) < dimensions.into() {
            let message = format!("Illegal dimension in multianewarray instruction: {dimensions}");
            return Err(stop(Context::bad_code(pc), message));
        }
        for _ in 0..dimensions {
            self.pop(Type::INT)?;
        }
        self.frame.push::<H>(array)
    }

    fn array_length(&mut self, pc: u32) -> Checked<(), H> {
        let array = self.pop(Type::ANY_REFERENCE)?;
        if array != Type::NULL && !self.types.is_array(array) {
            return Err(self.bad_operand_in(pc, None, Opcode::Arraylength));
        }
        self.frame.push::<H>(Type::INT)
    }

    fn check_cast(&mut self, pc: u32) -> Checked<(), H> {
        let (_, class) = self.class_operand(pc)?;
        self.pop(Type::OBJECT)?;
        self.frame.push::<H>(class)
    }
}

/// The local variable index that is part of the opcode.
#[inline(always)]
fn implied(opcode: Opcode, first: Opcode) -> u16 {
    opcode as u16 - first as u16
}
