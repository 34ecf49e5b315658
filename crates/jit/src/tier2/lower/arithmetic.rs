//! Constants and arithmetic.

use super::*;
use caturra_hir::op::{BinaryOp, Cond, ConvertOp, UnaryOp};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{I8, I16};

fn integer_condition(cond: Cond) -> IntCC {
    match cond {
        Cond::Eq => IntCC::Equal,
        Cond::Ne => IntCC::NotEqual,
        Cond::Lt => IntCC::SignedLessThan,
        Cond::Ge => IntCC::SignedGreaterThanOrEqual,
        Cond::Gt => IntCC::SignedGreaterThan,
        Cond::Le => IntCC::SignedLessThanOrEqual,
        Cond::Below => IntCC::UnsignedLessThan,
        Cond::AboveEq => IntCC::UnsignedGreaterThanOrEqual,
    }
}

fn float_condition(cond: Cond) -> FloatCC {
    match cond {
        Cond::Eq => FloatCC::Equal,
        Cond::Ne => FloatCC::NotEqual,
        Cond::Lt => FloatCC::LessThan,
        Cond::Ge => FloatCC::GreaterThanOrEqual,
        Cond::Gt => FloatCC::GreaterThan,
        Cond::Le => FloatCC::LessThanOrEqual,
        Cond::Below | Cond::AboveEq => unreachable!("floats have no unsigned comparisons"),
    }
}

impl Lowering<'_> {
    pub(super) fn constant(&mut self, op: Op) -> Value {
        match op {
            Op::Int(x) => self.iconst(I32, i64::from(x)),
            Op::Long(x) => self.iconst(I64, x),
            Op::Float(bits) => self.b.ins().f32const(f32::from_bits(bits)),
            Op::Double(bits) => self.b.ins().f64const(f64::from_bits(bits)),
            Op::Null => self.iconst(I32, 0),
            Op::Class(c) => self.iconst(I32, i64::from(c.0)),
            Op::Method(m) => self.iconst(I64, m.0 as i64),
            Op::Ref(r) => {
                // Through its slot: the collector may move it.
                let slot = self.iconst(I64, r.0 as i64);
                let flags = self.region(Region::Constants);
                self.b.ins().load(I32, flags, slot, 0)
            }
            _ => unreachable!("the constants are all here"),
        }
    }

    /// A value to branch on: not zero where the I32 `value` is not. A comparison is made where it is used, so that it
    /// needs no register.
    pub(super) fn condition(&mut self, value: hir::Value) -> Value {
        let hir = self.hir;
        match hir.def(value) {
            Some(d) => match d.op {
                Op::Compare(cond, ty) => {
                    let (x, y) = (self.value(d.args[0]), self.value(d.args[1]));
                    self.compare(cond, ty, x, y)
                }
                _ => self.value(value),
            },
            None => self.value(value),
        }
    }

    fn compare(&mut self, cond: Cond, ty: HirType, x: Value, y: Value) -> Value {
        if ty.is_float() {
            self.b.ins().fcmp(float_condition(cond), x, y)
        } else {
            self.b.ins().icmp(integer_condition(cond), x, y)
        }
    }

    /// The result of an operation without effects; `None` for the others.
    pub(super) fn arithmetic(&mut self, op: Op, data: &hir::InstData, args: &[Value]) -> Option<Value> {
        Some(match op {
            Op::Binary(op, ty) => self.binary(op, ty, args[0], args[1]),
            Op::Lanes(op, ty) => self.binary(op, ty, args[0], args[1]),
            Op::Splat(ty) => self.b.ins().splat(super::memory::lanes_of(ty), args[0]),
            Op::Unary(op, ty) => self.unary(op, ty, args[0]),
            Op::Fma(_) => self.b.ins().fma(args[0], args[1], args[2]),
            Op::Convert(op) => self.convert(op, args[0]),
            Op::Compare(cond, ty) => {
                let bit = self.compare(cond, ty, args[0], args[1]);
                self.b.ins().uextend(I32, bit)
            }
            Op::Compare3(ty, nan_is_greater) => self.compare3(ty, nan_is_greater, args[0], args[1]),
            Op::Select(_) => {
                let condition = self.condition(data.args[0]);
                self.b.ins().select(condition, args[1], args[2])
            }
            _ => return None,
        })
    }

    fn binary(&mut self, op: BinaryOp, ty: HirType, x: Value, y: Value) -> Value {
        use BinaryOp::*;
        let float = ty.is_float();
        let ins = self.b.ins();
        match op {
            Add if float => ins.fadd(x, y),
            Sub if float => ins.fsub(x, y),
            Mul if float => ins.fmul(x, y),
            Div if float => ins.fdiv(x, y),
            Rem if float => {
                let call = if ty == HirType::F32 { RuntimeCall::frem } else { RuntimeCall::drem };
                self.call_for(call, &[x, y])
            }
            Min if float => ins.fmin(x, y),
            Max if float => ins.fmax(x, y),
            Add => ins.iadd(x, y),
            Sub => ins.isub(x, y),
            Mul => ins.imul(x, y),
            Div => self.divide(ty, x, y),
            // The machine's own trap for MIN % -1 is dealt with by the code generator.
            Rem => ins.srem(x, y),
            And => ins.band(x, y),
            Or => ins.bor(x, y),
            Xor => ins.bxor(x, y),
            Shl => ins.ishl(x, y),
            Shr => ins.sshr(x, y),
            Ushr => ins.ushr(x, y),
            Min => ins.smin(x, y),
            Max => ins.smax(x, y),
            MulHigh => ins.smulhi(x, y),
        }
    }

    /// MIN / -1 overflows silently in Java and traps in the machine.
    fn divide(&mut self, ty: HirType, x: Value, y: Value) -> Value {
        use cranelift_codegen::ir::{InstructionData, Opcode};
        let constant = self.b.func.dfg.value_def(y).inst().and_then(|i| match self.b.func.dfg.insts[i] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } if ty == HirType::I32 => {
                Some(i64::from(imm.bits() as i32))
            }
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => Some(imm.bits()),
            _ => None,
        });
        if constant.is_some_and(|c| c != 0 && c != -1) {
            return self.b.ins().sdiv(x, y);
        }
        let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
        let (negate, divide, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, machine_type(ty));
        self.b.ins().brif(minus_one, negate, &[], divide, &[]);
        self.b.switch_to_block(negate);
        let negated = self.b.ins().ineg(x);
        self.b.ins().jump(on, &[negated.into()]);
        self.b.switch_to_block(divide);
        let quotient = self.b.ins().sdiv(x, y);
        self.b.ins().jump(on, &[quotient.into()]);
        self.b.switch_to_block(on);
        result
    }

    fn unary(&mut self, op: UnaryOp, ty: HirType, x: Value) -> Value {
        use UnaryOp::*;
        let ins = self.b.ins();
        let count = match op {
            Neg if ty.is_float() => return ins.fneg(x),
            Abs if ty.is_float() => return ins.fabs(x),
            Neg => return ins.ineg(x),
            Abs => return ins.iabs(x),
            Sqrt => return ins.sqrt(x),
            Ceil => return ins.ceil(x),
            Floor => return ins.floor(x),
            Rint => return ins.nearest(x),
            ReverseBytes => return ins.bswap(x),
            BitCount => ins.popcnt(x),
            LeadingZeros => ins.clz(x),
            TrailingZeros => ins.ctz(x),
        };
        if ty == HirType::I64 { self.b.ins().ireduce(I32, count) } else { count }
    }

    fn convert(&mut self, op: ConvertOp, x: Value) -> Value {
        use ConvertOp::*;
        let bits = MemFlagsData::new();
        let (_, to) = op.types();
        let to = machine_type(to);
        let ins = self.b.ins();
        match op {
            I2L => ins.sextend(I64, x),
            U2L => ins.uextend(I64, x),
            L2I => ins.ireduce(I32, x),
            I2F | I2D | L2F | L2D => ins.fcvt_from_sint(to, x),
            F2D => ins.fpromote(F64, x),
            D2F => ins.fdemote(F32, x),
            // Saturating, NaN becomes zero: Java's definition.
            F2I | F2L | D2I | D2L => ins.fcvt_to_sint_sat(to, x),
            BitsF2I | BitsI2F | BitsD2L | BitsL2D => ins.bitcast(to, bits, x),
            I2B => self.narrow(BasicType::Byte, x),
            I2C => self.narrow(BasicType::Char, x),
            I2S => self.narrow(BasicType::Short, x),
        }
    }

    /// A value as a result or field of a narrow type holds it (JVMS §6.5 ireturn).
    pub(super) fn narrow(&mut self, ty: BasicType, value: Value) -> Value {
        let signed = |l: &mut Self, to: Type| {
            let narrow = l.b.ins().ireduce(to, value);
            l.b.ins().sextend(I32, narrow)
        };
        match ty {
            BasicType::Boolean => self.b.ins().band_imm_u(value, 1),
            BasicType::Byte => signed(self, I8),
            BasicType::Char => self.b.ins().band_imm_u(value, 0xffff),
            BasicType::Short => signed(self, I16),
            _ => value,
        }
    }

    fn compare3(&mut self, ty: HirType, nan_is_greater: bool, x: Value, y: Value) -> Value {
        let (greater, less) = if ty.is_float() {
            let (gt, lt) = if nan_is_greater {
                (FloatCC::UnorderedOrGreaterThan, FloatCC::LessThan)
            } else {
                (FloatCC::GreaterThan, FloatCC::UnorderedOrLessThan)
            };
            (self.b.ins().fcmp(gt, x, y), self.b.ins().fcmp(lt, x, y))
        } else {
            let greater = self.b.ins().icmp(IntCC::SignedGreaterThan, x, y);
            (greater, self.b.ins().icmp(IntCC::SignedLessThan, x, y))
        };
        let greater = self.b.ins().uextend(I32, greater);
        let less = self.b.ins().uextend(I32, less);
        self.b.ins().isub(greater, less)
    }
}
