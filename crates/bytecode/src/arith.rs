//! Java arithmetic (JVMS §2.8, §2.11.3, §2.11.4 and the instructions of §6.5), written once for the interpreter,
//! the compilers' constant folders and the tests.

/// `idiv`; `None` stands for `ArithmeticException`.
#[inline(always)]
pub const fn idiv(dividend: i32, divisor: i32) -> Option<i32> {
    if divisor == 0 { None } else { Some(dividend.wrapping_div(divisor)) }
}

/// `irem`; `None` stands for `ArithmeticException`.
#[inline(always)]
pub const fn irem(dividend: i32, divisor: i32) -> Option<i32> {
    if divisor == 0 { None } else { Some(dividend.wrapping_rem(divisor)) }
}

/// `ldiv`; `None` stands for `ArithmeticException`.
#[inline(always)]
pub const fn ldiv(dividend: i64, divisor: i64) -> Option<i64> {
    if divisor == 0 { None } else { Some(dividend.wrapping_div(divisor)) }
}

/// `lrem`; `None` stands for `ArithmeticException`.
#[inline(always)]
pub const fn lrem(dividend: i64, divisor: i64) -> Option<i64> {
    if divisor == 0 { None } else { Some(dividend.wrapping_rem(divisor)) }
}

/// `ishl`: the low five bits of the distance count.
#[inline(always)]
pub const fn ishl(value: i32, distance: i32) -> i32 {
    value.wrapping_shl(distance as u32)
}

/// `ishr`
#[inline(always)]
pub const fn ishr(value: i32, distance: i32) -> i32 {
    value.wrapping_shr(distance as u32)
}

/// `iushr`
#[inline(always)]
pub const fn iushr(value: i32, distance: i32) -> i32 {
    (value as u32).wrapping_shr(distance as u32) as i32
}

/// `lshl`: the low six bits of the distance count.
#[inline(always)]
pub const fn lshl(value: i64, distance: i32) -> i64 {
    value.wrapping_shl(distance as u32)
}

/// `lshr`
#[inline(always)]
pub const fn lshr(value: i64, distance: i32) -> i64 {
    value.wrapping_shr(distance as u32)
}

/// `lushr`
#[inline(always)]
pub const fn lushr(value: i64, distance: i32) -> i64 {
    (value as u64).wrapping_shr(distance as u32) as i64
}

/// `i2b`
#[inline(always)]
pub const fn i2b(value: i32) -> i32 {
    value as i8 as i32
}

/// `i2c`
#[inline(always)]
pub const fn i2c(value: i32) -> i32 {
    value as u16 as i32
}

/// `i2s`
#[inline(always)]
pub const fn i2s(value: i32) -> i32 {
    value as i16 as i32
}

/// `f2i`: NaN becomes 0, out-of-range values saturate.
#[inline(always)]
pub const fn f2i(value: f32) -> i32 {
    value as i32
}

/// `f2l`
#[inline(always)]
pub const fn f2l(value: f32) -> i64 {
    value as i64
}

/// `d2i`
#[inline(always)]
pub const fn d2i(value: f64) -> i32 {
    value as i32
}

/// `d2l`
#[inline(always)]
pub const fn d2l(value: f64) -> i64 {
    value as i64
}

/// `lcmp`
#[inline(always)]
pub const fn lcmp(a: i64, b: i64) -> i32 {
    (a > b) as i32 - (a < b) as i32
}

/// `fcmpl`: -1 where an operand is NaN.
#[inline(always)]
pub const fn fcmpl(a: f32, b: f32) -> i32 {
    if a > b { 1 } else { (a == b) as i32 - 1 }
}

/// `fcmpg`: 1 where an operand is NaN.
#[inline(always)]
pub const fn fcmpg(a: f32, b: f32) -> i32 {
    if a < b { -1 } else { 1 - (a == b) as i32 }
}

/// `dcmpl`: -1 where an operand is NaN.
#[inline(always)]
pub const fn dcmpl(a: f64, b: f64) -> i32 {
    if a > b { 1 } else { (a == b) as i32 - 1 }
}

/// `dcmpg`: 1 where an operand is NaN.
#[inline(always)]
pub const fn dcmpg(a: f64, b: f64) -> i32 {
    if a < b { -1 } else { 1 - (a == b) as i32 }
}

/// `frem`: C's `fmod`, the result has the dividend's sign.
#[inline(always)]
pub fn frem(dividend: f32, divisor: f32) -> f32 {
    dividend % divisor
}

/// `drem`: C's `fmod`, the result has the dividend's sign.
#[inline(always)]
pub fn drem(dividend: f64, divisor: f64) -> f64 {
    dividend % divisor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division() {
        assert_eq!(idiv(i32::MIN, -1), Some(i32::MIN));
        assert_eq!(irem(i32::MIN, -1), Some(0));
        assert_eq!(idiv(-7, 2), Some(-3));
        assert_eq!(irem(-7, 2), Some(-1));
        assert_eq!(idiv(1, 0), None);
        assert_eq!(ldiv(i64::MIN, -1), Some(i64::MIN));
        assert_eq!(lrem(5, 0), None);
    }

    #[test]
    fn shifts_and_narrowing() {
        assert_eq!(ishl(1, 33), 2);
        assert_eq!(ishr(-8, 1), -4);
        assert_eq!(iushr(-1, 28), 15);
        assert_eq!(iushr(-1, -4), 15);
        assert_eq!(lshl(1, 65), 2);
        assert_eq!(lushr(-1, 60), 15);
        assert_eq!((i2b(200), i2c(-1), i2s(40000)), (-56, 65535, -25536));
    }

    #[test]
    fn conversions() {
        assert_eq!(f2i(f32::NAN), 0);
        assert_eq!(f2i(1e20), i32::MAX);
        assert_eq!(d2l(-1e300), i64::MIN);
        assert_eq!(d2i(-0.9), 0);
        assert_eq!(f2l(f32::INFINITY), i64::MAX);
    }

    #[test]
    fn comparisons() {
        assert_eq!((fcmpl(f32::NAN, 0.0), fcmpg(f32::NAN, 0.0)), (-1, 1));
        assert_eq!((dcmpl(0.0, -0.0), dcmpg(2.0, 1.0), dcmpg(1.0, 2.0)), (0, 1, -1));
        assert_eq!((lcmp(1, 2), lcmp(2, 2), lcmp(3, 2)), (-1, 0, 1));
        assert_eq!((fcmpl(1.0, 2.0), fcmpl(2.0, 1.0), fcmpg(1.0, 2.0)), (-1, 1, -1));
    }

    #[test]
    fn remainders() {
        assert_eq!(drem(-5.5, 2.0), -1.5);
        assert!(drem(1.0, 0.0).is_nan());
        assert_eq!(frem(5.0, f32::INFINITY), 5.0);
        assert!(drem(-4.0, 2.0).is_sign_negative());
    }
}
