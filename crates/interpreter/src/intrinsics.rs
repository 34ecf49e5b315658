//! Methods that the VM's own code replaces, interpreted or not: the body would be slower by orders of magnitude,
//! or would differ in the last digit from what the reference JDK's intrinsics give.
//!
//! `Math.sin` and its like may be off by one unit in the last place. HotSpot replaces them by code whose results are
//! nearly always the correctly rounded ones; so are the C library's (they agree for all but 0.05 to 0.4 % of random
//! arguments), while the Java bodies, which are `StrictMath`'s, differ for 3 to 11 %.

use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::platform;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::vm::InternalNative;
use caturra_kernel::{MethodRef, Thread};

/// Class, name, signature, and the function over the argument slots.
const INTRINSICS: &[(&str, &str, &str, InternalNative)] = &[
    // The bodies compute with `BigDecimal`: a product of numbers of far exponents has hundreds of digits.
    ("java/lang/Math", "fma", "(DDD)D", fma_double),
    ("java/lang/Math", "fma", "(FFF)F", fma_float),
    // The body keeps the sign of a NaN, which `Math.copySign` shows; HotSpot's interpreter and compiled code clear it.
    ("java/lang/Math", "abs", "(D)D", unary::<{ ABS }>),
    ("java/lang/Math", "sqrt", "(D)D", unary::<{ SQRT }>),
    ("java/lang/StrictMath", "sqrt", "(D)D", unary::<{ SQRT }>),
    ("java/lang/Math", "sin", "(D)D", unary::<{ SIN }>),
    ("java/lang/Math", "cos", "(D)D", unary::<{ COS }>),
    ("java/lang/Math", "tan", "(D)D", unary::<{ TAN }>),
    ("java/lang/Math", "exp", "(D)D", unary::<{ EXP }>),
    ("java/lang/Math", "log", "(D)D", unary::<{ LOG }>),
    ("java/lang/Math", "log10", "(D)D", unary::<{ LOG10 }>),
    ("java/lang/Math", "pow", "(DD)D", pow),
];

/// The VM's own code for a method that is about to be linked or bound.
pub fn intrinsic(m: MethodRef) -> Option<InternalNative> {
    if !m.has(MethodFlags::INTRINSIC_CANDIDATE) || !m.holder.loader.is_boot() {
        return None;
    }
    INTRINSICS
        .iter()
        .find(|row| m.holder.name == *row.0 && m.name == *row.1 && m.signature.symbol == *row.2)
        .map(|row| row.3)
}

const SQRT: u8 = 0;
const SIN: u8 = 1;
const COS: u8 = 2;
const TAN: u8 = 3;
const EXP: u8 = 4;
const LOG: u8 = 5;
const LOG10: u8 = 6;
const ABS: u8 = 7;

unsafe fn unary<const FUNCTION: u8>(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: one double.
    let x = f64::from_bits(unsafe { *args });
    let result = match FUNCTION {
        ABS => x.abs(),
        SQRT => x.sqrt(),
        SIN => x.sin(),
        COS => x.cos(),
        TAN => x.tan(),
        EXP => x.exp(),
        LOG => x.ln(),
        _ => platform::log10(x),
    };
    Ok(result.to_bits())
}

unsafe fn pow(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: two doubles, of two slots each.
    let [x, y] = unsafe { [*args, *args.add(2)] }.map(f64::from_bits);
    // Where `Math.pow` says NaN, C says 1.
    let result = if y == 2.0 {
        x * x // exact but for its rounding, as compiled by the reference JDK
    } else if y.is_nan() || (y.is_infinite() && x.abs() == 1.0) {
        f64::NAN
    } else {
        x.powf(y)
    };
    Ok(result.to_bits())
}

unsafe fn fma_double(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: three doubles, of two slots each.
    let [a, b, c] = unsafe { [*args, *args.add(2), *args.add(4)] }.map(f64::from_bits);
    Ok(a.mul_add(b, c).to_bits())
}

unsafe fn fma_float(_: &Thread, args: *mut u64) -> JResult<u64> {
    // SAFETY: three floats, of one slot each.
    let [a, b, c] = unsafe { [*args, *args.add(1), *args.add(2)] }.map(|bits| f32::from_bits(bits as u32));
    Ok(u64::from(a.mul_add(b, c).to_bits()))
}
