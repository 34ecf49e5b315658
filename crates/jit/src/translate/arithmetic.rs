//! Arithmetic and conversions (JVMS §2.11.3, §2.11.4).

use super::*;
use cranelift_codegen::ir::types::I16;

/// Operations with the same form for all types they exist for.
#[derive(Clone, Copy)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
}

impl Translator<'_> {
    pub(super) fn binary(&mut self, ty: Ty, op: Op) {
        let y = self.pop();
        let x = self.pop();
        let float = matches!(ty, Ty::Float | Ty::Double);
        let ins = self.b.ins();
        let value = match op {
            Op::Add if float => ins.fadd(x, y),
            Op::Sub if float => ins.fsub(x, y),
            Op::Mul if float => ins.fmul(x, y),
            Op::Add => ins.iadd(x, y),
            Op::Sub => ins.isub(x, y),
            Op::Mul => ins.imul(x, y),
            Op::And => ins.band(x, y),
            Op::Or => ins.bor(x, y),
            Op::Xor => ins.bxor(x, y),
        };
        self.push(ty, value);
    }

    /// Shifts: the machine masks the distance as Java does.
    pub(super) fn shift(&mut self, ty: Ty, left: bool, signed: bool) {
        let distance = self.pop();
        let x = self.pop();
        let ins = self.b.ins();
        let value = match (left, signed) {
            (true, _) => ins.ishl(x, distance),
            (false, true) => ins.sshr(x, distance),
            (false, false) => ins.ushr(x, distance),
        };
        self.push(ty, value);
    }

    pub(super) fn float_divide(&mut self, ty: Ty) {
        let y = self.pop();
        let x = self.pop();
        let value = self.b.ins().fdiv(x, y);
        self.push(ty, value);
    }

    pub(super) fn float_remainder(&mut self, ty: Ty) {
        let y = self.pop();
        let x = self.pop();
        let call = if ty == Ty::Float { RuntimeCall::frem } else { RuntimeCall::drem };
        let value = self.call_runtime(call, &[x, y]).expect("the call has a result");
        self.push(ty, value);
    }

    /// `idiv`, `irem`, `ldiv`, `lrem`: zero throws; MIN / -1 overflows silently in Java and traps in the machine.
    pub(super) fn divide(&mut self, ty: Ty, remainder: bool) {
        let y = self.pop();
        let x = self.pop();
        let ir = ty.ir();
        let constant = self.constant(y);
        if constant == Some(0) || constant.is_none() {
            self.throw_unless(y, RuntimeCall::throw_divide_by_zero, &[]);
        }
        let value = match constant {
            Some(c) if c != 0 && c != -1 => {
                if remainder {
                    self.b.ins().srem(x, y)
                } else {
                    self.b.ins().sdiv(x, y)
                }
            }
            _ if remainder => self.b.ins().srem(x, y),
            _ => {
                let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                let (negate, divide, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
                let result = self.b.append_block_param(on, ir);
                self.b.ins().brif(minus_one, negate, &[], divide, &[]);
                self.start(negate);
                let negated = self.b.ins().ineg(x);
                self.b.ins().jump(on, &[negated.into()]);
                self.start(divide);
                let quotient = self.b.ins().sdiv(x, y);
                self.b.ins().jump(on, &[quotient.into()]);
                self.start(on);
                result
            }
        };
        self.push(ty, value);
    }

    /// The constant that a value was made as.
    pub(super) fn constant(&self, value: Value) -> Option<i64> {
        use cranelift_codegen::ir::{InstructionData, Opcode};
        let inst = self.b.func.dfg.value_def(value).inst()?;
        match self.b.func.dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => {
                let bits = imm.bits();
                Some(if self.b.func.dfg.value_type(value) == I32 { i64::from(bits as i32) } else { bits })
            }
            _ => None,
        }
    }

    pub(super) fn negate(&mut self, ty: Ty) {
        let x = self.pop();
        let value = match ty {
            Ty::Float | Ty::Double => self.b.ins().fneg(x),
            _ => self.b.ins().ineg(x),
        };
        self.push(ty, value);
    }

    pub(super) fn increment(&mut self, index: u16, delta: i16) {
        let x = self.load_local(index, Ty::Int);
        let value = self.b.ins().iadd_imm_s(x, i64::from(delta));
        self.store_local(index, Ty::Int, value);
    }

    pub(super) fn convert(&mut self, from: Ty, to: Ty) {
        let x = self.pop();
        let ins = self.b.ins();
        let value = match (from, to) {
            (Ty::Int, Ty::Long) => ins.sextend(I64, x),
            (Ty::Long, Ty::Int) => ins.ireduce(I32, x),
            (Ty::Int | Ty::Long, _) => ins.fcvt_from_sint(to.ir(), x),
            (Ty::Float, Ty::Double) => ins.fpromote(F64, x),
            (Ty::Double, Ty::Float) => ins.fdemote(F32, x),
            // Saturating, NaN becomes zero: Java's definition.
            _ => ins.fcvt_to_sint_sat(to.ir(), x),
        };
        self.push(to, value);
    }

    pub(super) fn truncate(&mut self, ty: BasicType) {
        let x = self.pop();
        let value = self.narrow(ty, x);
        self.push_int(value);
    }

    pub(super) fn long_compare(&mut self) {
        let y = self.pop();
        let x = self.pop();
        self.stack.push(Item::LongCompare(x, y));
    }

    pub(super) fn float_compare(&mut self, nan_is_greater: bool) {
        let y = self.pop();
        let x = self.pop();
        self.stack.push(Item::FloatCompare(x, y, nan_is_greater));
    }

    /// The condition of `if<cond>`: a comparison of an int, or the result of a comparison, with zero.
    pub(super) fn condition_with_zero(&mut self, cc: IntCC) -> Value {
        use cranelift_codegen::ir::condcodes::FloatCC;
        match self.pop_item() {
            Item::Value(_, x) => self.b.ins().icmp_imm_s(cc, x, 0),
            Item::LongCompare(x, y) => self.b.ins().icmp(cc, x, y),
            Item::FloatCompare(x, y, nan_is_greater) => {
                let cc = match (cc, nan_is_greater) {
                    (IntCC::Equal, _) => FloatCC::Equal,
                    (IntCC::NotEqual, _) => FloatCC::NotEqual,
                    (IntCC::SignedLessThan, true) => FloatCC::LessThan,
                    (IntCC::SignedLessThanOrEqual, true) => FloatCC::LessThanOrEqual,
                    (IntCC::SignedGreaterThan, true) => FloatCC::UnorderedOrGreaterThan,
                    (IntCC::SignedGreaterThanOrEqual, true) => FloatCC::UnorderedOrGreaterThanOrEqual,
                    (IntCC::SignedLessThan, false) => FloatCC::UnorderedOrLessThan,
                    (IntCC::SignedLessThanOrEqual, false) => FloatCC::UnorderedOrLessThanOrEqual,
                    (IntCC::SignedGreaterThan, false) => FloatCC::GreaterThan,
                    _ => FloatCC::GreaterThanOrEqual,
                };
                self.b.ins().fcmp(cc, x, y)
            }
        }
    }

    /// Loads `ty` from memory as an int-like or wider Java value.
    pub(super) fn load_typed(&mut self, ty: BasicType, address: Value, offset: i32) -> Value {
        let ins = self.b.ins();
        match ty {
            BasicType::Boolean | BasicType::Byte => ins.sload8(I32, PLAIN, address, offset),
            BasicType::Char => ins.uload16(I32, PLAIN, address, offset),
            BasicType::Short => ins.sload16(I32, PLAIN, address, offset),
            _ => ins.load(ir_type(ty), PLAIN, address, offset),
        }
    }

    /// Stores the part of an int that `ty` holds, or a wider value. A boolean has been masked.
    pub(super) fn store_typed(&mut self, ty: BasicType, value: Value, address: Value, offset: i32) {
        let ins = self.b.ins();
        match ty {
            BasicType::Boolean | BasicType::Byte => ins.istore8(PLAIN, value, address, offset),
            BasicType::Char | BasicType::Short => ins.istore16(PLAIN, value, address, offset),
            _ => ins.store(PLAIN, value, address, offset),
        };
    }

    /// As [`Self::load_typed`] with the order of a volatile access (JLS §17.4).
    pub(super) fn load_volatile(&mut self, ty: BasicType, address: Value) -> Value {
        let order = MemFlagsData::trusted();
        let bits = memory_type(ty);
        let raw = self.b.ins().atomic_load(bits, order, address);
        match ty {
            BasicType::Boolean | BasicType::Byte | BasicType::Short => self.b.ins().sextend(I32, raw),
            BasicType::Char => self.b.ins().uextend(I32, raw),
            BasicType::Float => self.b.ins().bitcast(F32, MemFlagsData::new(), raw),
            BasicType::Double => self.b.ins().bitcast(F64, MemFlagsData::new(), raw),
            _ => raw,
        }
    }

    pub(super) fn store_volatile(&mut self, ty: BasicType, value: Value, address: Value) {
        let raw = match ty {
            BasicType::Float => self.b.ins().bitcast(I32, MemFlagsData::new(), value),
            BasicType::Double => self.b.ins().bitcast(I64, MemFlagsData::new(), value),
            _ if memory_type(ty).bits() < 32 => self.b.ins().ireduce(memory_type(ty), value),
            _ => value,
        };
        self.b.ins().atomic_store(MemFlagsData::trusted(), raw, address);
    }
}

/// The integer type with the size of a field or element.
pub(super) fn memory_type(ty: BasicType) -> Type {
    match ty {
        BasicType::Boolean | BasicType::Byte => I8,
        BasicType::Char | BasicType::Short => I16,
        BasicType::Long | BasicType::Double => I64,
        _ => I32,
    }
}
