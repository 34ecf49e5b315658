//! What an operation on known operands comes to: constant folding (JVMS §2.11.3, §6.5) and algebraic identities.

use crate::ir::{Args, Function, Type, Value};
use crate::op::{BinaryOp, Cond, ConvertOp, Op, UnaryOp};
use caturra_bytecode::{BasicType, arith};

/// The outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fold {
    /// A value that exists.
    Value(Value),
    /// Another operation in its place.
    Op(Op, Args),
}

fn constant(op: Op) -> Option<Fold> {
    Some(Fold::Op(op, Args::new()))
}

fn int(f: &Function, v: Value) -> Option<i32> {
    match f.op(v)? {
        Op::Int(x) => Some(x),
        _ => None,
    }
}

fn long(f: &Function, v: Value) -> Option<i64> {
    match f.op(v)? {
        Op::Long(x) => Some(x),
        _ => None,
    }
}

fn float(f: &Function, v: Value) -> Option<f32> {
    match f.op(v)? {
        Op::Float(bits) => Some(f32::from_bits(bits)),
        _ => None,
    }
}

fn double(f: &Function, v: Value) -> Option<f64> {
    match f.op(v)? {
        Op::Double(bits) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

/// An integer constant of either width.
pub fn integer(f: &Function, v: Value) -> Option<i64> {
    int(f, v).map(i64::from).or_else(|| long(f, v))
}

/// A constant integer of that type.
pub fn integer_op(value: i64, ty: Type) -> Op {
    if ty == Type::I64 { Op::Long(value) } else { Op::Int(value as i32) }
}

/// Simplifies an operation without effect; `None` where there is nothing to simplify.
pub fn fold(f: &Function, op: Op, args: &[Value]) -> Option<Fold> {
    match (op, args) {
        (Op::Binary(op, ty), &[x, y]) => match ty {
            Type::I32 | Type::I64 => integers(f, op, ty, x, y),
            Type::F32 => floats(op, float(f, x)?, float(f, y)?),
            Type::F64 => doubles(op, double(f, x)?, double(f, y)?),
            Type::Ref | Type::V128 => None,
        },
        (Op::Unary(op, ty), &[x]) => unary(f, op, ty, x),
        (Op::Convert(op), &[x]) => convert(f, op, x),
        (Op::Compare(cond, ty), &[x, y]) => compare(f, cond, ty, x, y),
        (Op::Compare3(Type::I64, _), &[x, y]) => {
            if x == y {
                return constant(Op::Int(0));
            }
            constant(Op::Int(arith::lcmp(long(f, x)?, long(f, y)?)))
        }
        (Op::Compare3(Type::F32, greater), &[x, y]) => {
            let (x, y) = (float(f, x)?, float(f, y)?);
            constant(Op::Int(if greater { arith::fcmpg(x, y) } else { arith::fcmpl(x, y) }))
        }
        (Op::Compare3(Type::F64, greater), &[x, y]) => {
            let (x, y) = (double(f, x)?, double(f, y)?);
            constant(Op::Int(if greater { arith::dcmpg(x, y) } else { arith::dcmpl(x, y) }))
        }
        (Op::Select(_), &[condition, x, y]) => {
            if x == y {
                return Some(Fold::Value(x));
            }
            int(f, condition).map(|c| Fold::Value(if c != 0 { x } else { y }))
        }
        (Op::ArrayLength, &[array]) => match f.def(array)? {
            d if matches!(d.op, Op::NewArray(..)) => Some(Fold::Value(d.args[0])),
            _ => None,
        },
        (Op::LoadClass, &[object]) => match f.op(object)? {
            Op::New(class) | Op::NewArray(class, _) | Op::NewMultiArray(class) => constant(Op::Class(class)),
            _ => {
                let known = f.values[object.index()].known;
                constant(Op::Class(known.class.filter(|_| known.exact)?))
            }
        },
        (Op::InstanceOf(_), &[object]) if f.op(object) == Some(Op::Null) => constant(Op::Int(0)),
        _ => None,
    }
}

fn integers(f: &Function, op: BinaryOp, ty: Type, x: Value, y: Value) -> Option<Fold> {
    use BinaryOp::*;
    let shift = matches!(op, Shl | Shr | Ushr);
    let (cx, cy) = (integer(f, x), integer(f, y));
    if let (Some(a), Some(b)) = (cx, cy) {
        let value =
            if ty == Type::I32 { i64::from(int_op(op, a as i32, b as i32)?) } else { long_op(op, a, b)? };
        return constant(integer_op(value, ty));
    }
    // A constant goes to the right.
    if cx.is_some() && matches!(op, Add | Mul | And | Or | Xor | Min | Max) {
        return Some(Fold::Op(Op::Binary(op, ty), Args::from_slice(&[y, x])));
    }
    let mask = if ty == Type::I32 { 31 } else { 63 };
    match (op, cy) {
        (Add | Sub | Or | Xor, Some(0)) | (Mul | Div, Some(1)) | (And, Some(-1)) => {
            return Some(Fold::Value(x));
        }
        (Mul | And, Some(0)) | (Or, Some(-1)) => return Some(Fold::Value(y)),
        (Rem, Some(1)) => return constant(integer_op(0, ty)),
        _ if shift && cy.is_some_and(|d| d & mask == 0) => return Some(Fold::Value(x)),
        _ => {}
    }
    if x == y && !shift {
        match op {
            Sub | Xor => return constant(integer_op(0, ty)),
            And | Or | Min | Max => return Some(Fold::Value(x)),
            _ => {}
        }
    }
    let inner = f.def(x)?;
    match (op, cy, inner.op) {
        // (a ± b) ∓ b, a + (b − a)
        (Sub, _, Op::Binary(Add, _)) if inner.args[1] == y => Some(Fold::Value(inner.args[0])),
        (Sub, _, Op::Binary(Add, _)) if inner.args[0] == y => Some(Fold::Value(inner.args[1])),
        (Add, _, Op::Binary(Sub, _)) if inner.args[1] == y => Some(Fold::Value(inner.args[0])),
        // A mask that another one makes needless.
        (And, Some(m), Op::Compare(..) | Op::InstanceOf(_)) if m & 1 != 0 => Some(Fold::Value(x)),
        _ => None,
    }
}

fn int_op(op: BinaryOp, a: i32, b: i32) -> Option<i32> {
    use BinaryOp::*;
    Some(match op {
        Add => a.wrapping_add(b),
        Sub => a.wrapping_sub(b),
        Mul => a.wrapping_mul(b),
        Div => arith::idiv(a, b)?,
        Rem => arith::irem(a, b)?,
        And => a & b,
        Or => a | b,
        Xor => a ^ b,
        Shl => arith::ishl(a, b),
        Shr => arith::ishr(a, b),
        Ushr => arith::iushr(a, b),
        Min => a.min(b),
        Max => a.max(b),
        MulHigh => return None,
    })
}

fn long_op(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    use BinaryOp::*;
    Some(match op {
        Add => a.wrapping_add(b),
        Sub => a.wrapping_sub(b),
        Mul => a.wrapping_mul(b),
        Div => arith::ldiv(a, b)?,
        Rem => arith::lrem(a, b)?,
        And => a & b,
        Or => a | b,
        Xor => a ^ b,
        Shl => arith::lshl(a, b as i32),
        Shr => arith::lshr(a, b as i32),
        Ushr => arith::lushr(a, b as i32),
        Min => a.min(b),
        Max => a.max(b),
        MulHigh => ((i128::from(a) * i128::from(b)) >> 64) as i64,
    })
}

/// `Math.min` and `max` of floating-point numbers tell the zeros apart and keep NaN.
macro_rules! float_min_max {
    ($name:ident, $ty:ty) => {
        /// `Math.min` (`max` where the flag is set).
        pub(crate) fn $name(a: $ty, b: $ty, max: bool) -> $ty {
            if a.is_nan() || b.is_nan() {
                <$ty>::NAN
            } else if a == b {
                // Equal but for the sign of zero.
                if a.is_sign_negative() != max { a } else { b }
            } else if (a < b) != max {
                a
            } else {
                b
            }
        }
    };
}
float_min_max!(min_max_f32, f32);
float_min_max!(min_max_f64, f64);

/// The operation on constants; `None` where it is none of floats.
pub(crate) fn float_op(op: BinaryOp, a: f32, b: f32) -> Option<f32> {
    use BinaryOp::*;
    Some(match op {
        Add => a + b,
        Sub => a - b,
        Mul => a * b,
        Div => a / b,
        Rem => arith::frem(a, b),
        Min => min_max_f32(a, b, false),
        Max => min_max_f32(a, b, true),
        _ => return None,
    })
}

/// As [`float_op`].
pub(crate) fn double_op(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    use BinaryOp::*;
    Some(match op {
        Add => a + b,
        Sub => a - b,
        Mul => a * b,
        Div => a / b,
        Rem => arith::drem(a, b),
        Min => min_max_f64(a, b, false),
        Max => min_max_f64(a, b, true),
        _ => return None,
    })
}

fn floats(op: BinaryOp, a: f32, b: f32) -> Option<Fold> {
    constant(Op::Float(float_op(op, a, b)?.to_bits()))
}

fn doubles(op: BinaryOp, a: f64, b: f64) -> Option<Fold> {
    constant(Op::Double(double_op(op, a, b)?.to_bits()))
}

/// An operation on one integer; the result's type is the operation's.
pub(crate) fn integer_unary(op: UnaryOp, ty: Type, x: i64) -> Option<i64> {
    use UnaryOp::*;
    let narrow = ty == Type::I32;
    let i = x as i32;
    Some(match op {
        Neg if narrow => i64::from(i.wrapping_neg()),
        Neg => x.wrapping_neg(),
        Abs if narrow => i64::from(i.wrapping_abs()),
        Abs => x.wrapping_abs(),
        BitCount => i64::from(if narrow { i.count_ones() } else { x.count_ones() }),
        LeadingZeros => i64::from(if narrow { i.leading_zeros() } else { x.leading_zeros() }),
        TrailingZeros => i64::from(if narrow { i.trailing_zeros() } else { x.trailing_zeros() }),
        ReverseBytes if narrow => i64::from(i.swap_bytes()),
        ReverseBytes => x.swap_bytes(),
        Sqrt | Ceil | Floor | Rint => return None,
    })
}

/// An operation on one double.
pub(crate) fn double_unary(op: UnaryOp, x: f64) -> Option<f64> {
    use UnaryOp::*;
    Some(match op {
        Neg => -x,
        Abs => x.abs(),
        Sqrt => x.sqrt(),
        Ceil => x.ceil(),
        Floor => x.floor(),
        Rint => x.round_ties_even(),
        _ => return None,
    })
}

fn unary(f: &Function, op: UnaryOp, ty: Type, x: Value) -> Option<Fold> {
    if op == UnaryOp::Neg
        && ty.is_integer()
        && let Some(inner) = f.def(x)
        && inner.op == Op::Unary(UnaryOp::Neg, ty)
    {
        return Some(Fold::Value(inner.args[0]));
    }
    match ty {
        Type::F32 => {
            let x = float(f, x)?;
            match op {
                UnaryOp::Neg => constant(Op::Float((-x).to_bits())),
                UnaryOp::Abs => constant(Op::Float(x.abs().to_bits())),
                _ => None,
            }
        }
        Type::F64 => constant(Op::Double(double_unary(op, double(f, x)?)?.to_bits())),
        _ => {
            let value = integer_unary(op, ty, integer(f, x)?)?;
            constant(integer_op(value, Op::Unary(op, ty).result_type()?))
        }
    }
}

/// A conversion of a constant; `None` where the operand is none.
pub(crate) fn convert_constant(op: ConvertOp, x: Op) -> Option<Op> {
    use ConvertOp::*;
    let from_int = |i: i32| {
        Some(match op {
            I2L => Op::Long(i64::from(i)),
            U2L => Op::Long(i64::from(i as u32)),
            I2F => Op::Float((i as f32).to_bits()),
            I2D => Op::Double(f64::from(i).to_bits()),
            I2B => Op::Int(arith::i2b(i)),
            I2C => Op::Int(arith::i2c(i)),
            I2S => Op::Int(arith::i2s(i)),
            BitsI2F => Op::Float(i as u32),
            _ => return None,
        })
    };
    match x {
        Op::Int(i) => from_int(i),
        Op::Long(l) => Some(match op {
            L2I => Op::Int(l as i32),
            L2F => Op::Float((l as f32).to_bits()),
            L2D => Op::Double((l as f64).to_bits()),
            BitsL2D => Op::Double(l as u64),
            _ => return None,
        }),
        Op::Float(bits) => {
            let x = f32::from_bits(bits);
            Some(match op {
                F2I => Op::Int(arith::f2i(x)),
                F2L => Op::Long(arith::f2l(x)),
                F2D => Op::Double(f64::from(x).to_bits()),
                BitsF2I => Op::Int(bits as i32),
                _ => return None,
            })
        }
        Op::Double(bits) => {
            let x = f64::from_bits(bits);
            Some(match op {
                D2I => Op::Int(arith::d2i(x)),
                D2L => Op::Long(arith::d2l(x)),
                D2F => Op::Float((x as f32).to_bits()),
                BitsD2L => Op::Long(bits as i64),
                _ => return None,
            })
        }
        _ => None,
    }
}

fn convert(f: &Function, op: ConvertOp, x: Value) -> Option<Fold> {
    use ConvertOp::*;
    let inner = f.def(x)?;
    if let Some(folded) = convert_constant(op, inner.op) {
        return constant(folded);
    }
    match (op, inner.op) {
        (L2I, Op::Convert(I2L | U2L)) | (D2F, Op::Convert(F2D)) | (D2I, Op::Convert(I2D)) => {
            Some(Fold::Value(inner.args[0]))
        }
        (I2B, Op::Convert(I2B)) | (I2S, Op::Convert(I2B | I2S)) | (I2C, Op::Convert(I2C)) => {
            Some(Fold::Value(x))
        }
        (I2B | I2C | I2S, Op::Compare(..) | Op::InstanceOf(_)) => Some(Fold::Value(x)),
        (I2B, Op::LoadElem(BasicType::Byte)) => Some(Fold::Value(x)),
        (I2C, Op::LoadElem(BasicType::Char)) => Some(Fold::Value(x)),
        (I2B, Op::Convert(I2S | I2C)) | (I2S, Op::Convert(I2C)) | (I2C, Op::Convert(I2S)) => {
            Some(Fold::Op(Op::Convert(op), inner.args.clone()))
        }
        (BitsF2I, Op::Convert(BitsI2F)) | (BitsI2F, Op::Convert(BitsF2I)) => Some(Fold::Value(inner.args[0])),
        (BitsD2L, Op::Convert(BitsL2D)) | (BitsL2D, Op::Convert(BitsD2L)) => Some(Fold::Value(inner.args[0])),
        _ => None,
    }
}

/// Whether the condition holds.
pub(crate) fn holds<T: PartialOrd>(cond: Cond, x: T, y: T) -> bool {
    match cond {
        Cond::Eq => x == y,
        Cond::Ne => x != y,
        Cond::Lt | Cond::Below => x < y,
        Cond::Ge | Cond::AboveEq => x >= y,
        Cond::Gt => x > y,
        Cond::Le => x <= y,
    }
}

/// A comparison of integers of the type's width.
pub(crate) fn holds_integer(cond: Cond, ty: Type, x: i64, y: i64) -> bool {
    match cond {
        Cond::Below | Cond::AboveEq if ty == Type::I32 => holds(cond, x as u32, y as u32),
        Cond::Below | Cond::AboveEq => holds(cond, x as u64, y as u64),
        _ => holds(cond, x, y),
    }
}

fn compare(f: &Function, cond: Cond, ty: Type, x: Value, y: Value) -> Option<Fold> {
    let truth = |t: bool| constant(Op::Int(i32::from(t)));
    match ty {
        Type::F32 => return truth(holds(cond, float(f, x)?, float(f, y)?)),
        Type::F64 => return truth(holds(cond, double(f, x)?, double(f, y)?)),
        Type::Ref | Type::V128 => return references(f, cond, x, y).and_then(truth),
        Type::I32 | Type::I64 => {}
    }
    if x == y {
        return truth(matches!(cond, Cond::Eq | Cond::Le | Cond::Ge | Cond::AboveEq));
    }
    if let (Some(Op::Class(a)), Some(Op::Class(b))) = (f.op(x), f.op(y)) {
        return truth((a == b) == (cond == Cond::Eq));
    }
    if let (Some(Op::Method(a)), Some(Op::Method(b))) = (f.op(x), f.op(y)) {
        return truth((a == b) == (cond == Cond::Eq));
    }
    let (cx, cy) = (integer(f, x), integer(f, y));
    if let (Some(a), Some(b)) = (cx, cy) {
        return truth(holds_integer(cond, ty, a, b));
    }
    if cx.is_some()
        && let Some(swapped) = cond.swapped()
    {
        return Some(Fold::Op(Op::Compare(swapped, ty), Args::from_slice(&[y, x])));
    }
    let b = cy?;
    if matches!(cond, Cond::Lt | Cond::Ge) && b == 0 && matches!(f.op(x)?, Op::ArrayLength) {
        return truth(cond == Cond::Ge);
    }
    let inner = f.def(x)?;
    match inner.op {
        // A comparison of a comparison's outcome with zero or one.
        Op::Compare(..) | Op::InstanceOf(_) if cond == Cond::Ne && b == 0 || cond == Cond::Eq && b == 1 => {
            Some(Fold::Value(x))
        }
        Op::Compare(c, t) if (cond == Cond::Eq && b == 0) || (cond == Cond::Ne && b == 1) => {
            if t.is_float() && !matches!(c, Cond::Eq | Cond::Ne) {
                return None;
            }
            Some(Fold::Op(Op::Compare(c.negated(), t), inner.args.clone()))
        }
        Op::Compare3(t, greater) if b == 0 => {
            let on_nan = if greater { 1 } else { -1 };
            // Ordered comparisons of floats are false for NaN.
            if t.is_float() && cond != Cond::Ne && holds(cond, on_nan, 0) {
                return None;
            }
            Some(Fold::Op(Op::Compare(cond, t), inner.args.clone()))
        }
        _ => None,
    }
}

/// Whether two references are (or `Ne`: are not) the same, where that is known.
fn references(f: &Function, cond: Cond, x: Value, y: Value) -> Option<bool> {
    let equal = |e: bool| Some(e == (cond == Cond::Eq));
    if x == y {
        return equal(true);
    }
    let (ox, oy) = (f.op(x), f.op(y));
    let fresh = |op| matches!(op, Some(Op::New(_) | Op::NewArray(..) | Op::NewMultiArray(_)));
    let (null_x, null_y) = (ox == Some(Op::Null), oy == Some(Op::Null));
    if null_x && null_y {
        return equal(true);
    }
    let not_null = |v: Value| f.values[v.index()].known.not_null;
    if null_x && (not_null(y) || fresh(oy)) || null_y && (not_null(x) || fresh(ox)) {
        return equal(false);
    }
    // Two allocations, or one and what existed before it.
    if fresh(ox) && fresh(oy)
        || fresh(ox) && matches!(oy, Some(Op::Ref(_)))
        || fresh(oy) && matches!(ox, Some(Op::Ref(_)))
    {
        return equal(false);
    }
    None
}
