//! The loops of `java.math.BigInteger` that the class library marks for compilers, with limbs of 64 bits.
//!
//! Java's numbers are arrays of ints, the most significant first. Where the arguments are not what the method's own code
//! takes without an exception, or an array is both operand and result, the answer is to call the method.

use crate::string_helpers::{CALL, units};
use caturra_heap::layout::array_base;
use caturra_kernel::runtime::alloc;
use caturra_kernel::{ClassRef, ObjRef, Thread};
use smallvec::SmallVec;

/// Limbs, the least significant first.
type Limbs = SmallVec<[u64; 36]>;

/// The first `length` ints of an array, as a number.
///
/// # Safety
/// `ints` points to so many.
unsafe fn load(ints: *const u32, length: usize) -> Limbs {
    let mut limbs = Limbs::with_capacity(length.div_ceil(2));
    let mut end = length;
    while end >= 2 {
        // SAFETY: both ints are among those. Together they are a limb with its halves changed over.
        limbs.push(unsafe { ints.add(end - 2).cast::<u64>().read_unaligned() }.rotate_left(32));
        end -= 2;
    }
    if end == 1 {
        // SAFETY: there is one.
        limbs.push(u64::from(unsafe { ints.read() }));
    }
    limbs
}

/// Stores a number that fits into `length` ints.
///
/// # Safety
/// `ints` points to so many.
unsafe fn store(ints: *mut u32, length: usize, limbs: &[u64]) {
    let mut end = length;
    for &limb in limbs {
        if end >= 2 {
            // SAFETY: both ints are among those.
            unsafe { ints.add(end - 2).cast::<u64>().write_unaligned(limb.rotate_left(32)) };
            end -= 2;
        } else if end == 1 {
            // SAFETY: there is one left.
            unsafe { ints.write(limb as u32) };
            end = 0;
        }
    }
}

/// `sum += x * factor` from the least limb on; the carry out of as many limbs as `x` has.
fn add_product(sum: &mut [u64], x: &[u64], factor: u64) -> u64 {
    let mut carry = 0;
    for (s, x) in sum.iter_mut().zip(x) {
        // At most (2^64-1)^2 + 2(2^64-1) = 2^128-1.
        let t = u128::from(*x) * u128::from(factor) + u128::from(*s) + u128::from(carry);
        *s = t as u64;
        carry = (t >> 64) as u64;
    }
    carry
}

/// The product, of as many limbs as both factors have together.
fn product(x: &[u64], y: &[u64]) -> Limbs {
    let mut z: Limbs = smallvec::smallvec![0; x.len() + y.len()];
    for (i, &factor) in x.iter().enumerate() {
        z[i + y.len()] = add_product(&mut z[i..], y, factor);
    }
    z
}

/// The square, of twice as many limbs: the products of different limbs, which come twice, then those of each with itself.
fn square(x: &[u64]) -> Limbs {
    let n = x.len();
    let mut z: Limbs = smallvec::smallvec![0; 2 * n];
    for (i, &factor) in x.iter().enumerate() {
        z[i + n] = add_product(&mut z[2 * i + 1..], &x[i + 1..], factor);
    }
    let (mut high, mut carry) = (0, 0);
    for (i, &limb) in x.iter().enumerate() {
        let own = u128::from(limb) * u128::from(limb);
        for (k, own) in [own as u64, (own >> 64) as u64].into_iter().enumerate() {
            let at = &mut z[2 * i + k];
            let twice = *at << 1 | high;
            high = *at >> 63;
            let t = u128::from(twice) + u128::from(own) + u128::from(carry);
            *at = t as u64;
            carry = (t >> 64) as u64;
        }
    }
    z
}

/// The array's ints, where it has at least `length`.
fn ints(array: ObjRef, length: i32) -> Option<*mut u32> {
    units(array, 2, 2, 0, length).map(|p| p.cast())
}

/// `BigInteger.implMultiplyToLen`: the array with the product, a new one where `z` is null or too short; null where the
/// method is to be called, or with the exception that its allocation has thrown.
pub extern "C" fn multiply_to_len(x: ObjRef, xlen: i32, y: ObjRef, ylen: i32, z: ObjRef, t: &Thread) -> u32 {
    let length = i64::from(xlen) + i64::from(ylen);
    if xlen <= 0 || ylen <= 0 || length > i64::from(i32::MAX) || z == x || z == y {
        return 0;
    }
    let (Some(from_x), Some(from_y)) = (ints(x, xlen), ints(y, ylen)) else { return 0 };
    // SAFETY: the arrays are as long as that.
    let (a, b) = unsafe { (load(from_x, xlen as usize), load(from_y, ylen as usize)) };
    // The longer factor is the one of the inner loop.
    let limbs = if a.len() < b.len() { product(&a, &b) } else { product(&b, &a) };
    let mut result = z;
    if ints(z, length as i32).is_none() {
        // SAFETY: the class of a live array, which is one of ints.
        let Ok(new) = alloc::array(t, unsafe { ClassRef::of(x) }, length as i32) else { return 0 };
        result = new;
    }
    // SAFETY: an array of at least that length.
    unsafe { store(result.field_addr(array_base(2)).cast(), length as usize, &limbs) };
    result.raw()
}

/// `BigInteger.implSquareToLen`: the result's array.
pub extern "C" fn square_to_len(x: ObjRef, len: i32, z: ObjRef, zlen: i32) -> i64 {
    if len < 1 || z == x || i64::from(zlen) != 2 * i64::from(len) {
        return CALL;
    }
    let (Some(from), Some(to)) = (ints(x, len), ints(z, zlen)) else { return CALL };
    // SAFETY: the arrays are as long as that.
    unsafe { store(to, zlen as usize, &square(&load(from, len as usize))) };
    i64::from(z.raw())
}

/// `BigInteger.implMulAdd`: adds the first `len` ints of `input` times `k` to those of `out` that end `offset` ints before
/// its end; the carry.
pub extern "C" fn multiply_add(out: ObjRef, input: ObjRef, offset: i32, len: i32, k: i32) -> i64 {
    if out.is_null() || out == input || offset < 0 || len < 0 {
        return CALL;
    }
    // SAFETY: compiled code passes live arrays.
    let size = i64::from(unsafe { out.array_length() });
    let end = size - i64::from(offset);
    if end < i64::from(len) || end < 1 {
        return CALL;
    }
    let (Some(from), Some(to)) = (ints(input, len), ints(out, end as i32)) else { return CALL };
    let factor = u64::from(k as u32);
    let (mut left, mut end) = (len as usize, end as usize);
    let mut carry = 0;
    while left >= 2 {
        // SAFETY: pairs of ints among those checked.
        let (x, at) = unsafe { (from.add(left - 2).cast::<u64>(), to.add(end - 2).cast::<u64>()) };
        // SAFETY: as above.
        let (x, s) = unsafe { (x.read_unaligned().rotate_left(32), at.read_unaligned().rotate_left(32)) };
        let t = u128::from(x) * u128::from(factor) + u128::from(s) + u128::from(carry);
        // SAFETY: as above.
        unsafe { at.write_unaligned((t as u64).rotate_left(32)) };
        carry = (t >> 64) as u64;
        left -= 2;
        end -= 2;
    }
    if left == 1 {
        // SAFETY: the int before the pairs, in both arrays.
        unsafe {
            let at = to.add(end - 1);
            let t = u64::from(from.read()) * factor + u64::from(at.read()) + carry;
            at.write(t as u32);
            carry = t >> 32;
        }
    }
    carry as i64
}

/// The Montgomery product of `a` and `b` modulo the odd `n`: a·b·2^(-64·limbs), less than `n`. `inverse` is -1/n modulo
/// 2^64 (Montgomery: Modular Multiplication Without Trial Division). `None` where the factors were not less than `n`.
fn reduce(mut t: Limbs, n: &[u64], inverse: u64) -> Option<Limbs> {
    let len = n.len();
    let mut over = 0;
    for i in 0..len {
        let factor = t[i].wrapping_mul(inverse);
        let carry = add_product(&mut t[i..], n, factor);
        let sum = u128::from(t[i + len]) + u128::from(carry) + u128::from(over);
        t[i + len] = sum as u64;
        over = (sum >> 64) as u64;
    }
    let mut result = Limbs::from_slice(&t[len..]);
    let mut rounds = 0;
    while over > 0 || result.iter().rev().ge(n.iter().rev()) {
        if rounds == 2 {
            return None;
        }
        rounds += 1;
        let mut borrow = false;
        for (r, n) in result.iter_mut().zip(n) {
            let (less, under) = r.overflowing_sub(*n);
            let (less, more) = less.overflowing_sub(u64::from(borrow));
            *r = less;
            borrow = under || more;
        }
        over -= u64::from(borrow);
    }
    Some(result)
}

/// The modulus, where it has limbs of 64 bits and that inverse.
fn modulus(n: ObjRef, len: i32, inverse: i64) -> Option<Limbs> {
    if len < 2 || len % 2 != 0 {
        return None;
    }
    // SAFETY: the array is as long as that.
    let n = unsafe { load(ints(n, len)?, len as usize) };
    (n[0].wrapping_mul(inverse as u64) == u64::MAX).then_some(n)
}

/// `BigInteger.implMontgomeryMultiply`: the result's array, which has it in its first `len` ints.
pub extern "C" fn montgomery_multiply(
    a: ObjRef,
    b: ObjRef,
    n: ObjRef,
    len: i32,
    inverse: i64,
    z: ObjRef,
) -> i64 {
    let (Some(n), Some(a), Some(b), Some(to)) =
        (modulus(n, len, inverse), ints(a, len), ints(b, len), ints(z, len))
    else {
        return CALL;
    };
    // SAFETY: the arrays are as long as that.
    unsafe {
        let t = product(&load(a, len as usize), &load(b, len as usize));
        let Some(result) = reduce(t, &n, inverse as u64) else { return CALL };
        store(to, len as usize, &result);
    }
    i64::from(z.raw())
}

/// `BigInteger.implMontgomerySquare`.
pub extern "C" fn montgomery_square(a: ObjRef, n: ObjRef, len: i32, inverse: i64, z: ObjRef) -> i64 {
    let (Some(n), Some(a), Some(to)) = (modulus(n, len, inverse), ints(a, len), ints(z, len)) else {
        return CALL;
    };
    // SAFETY: the arrays are as long as that.
    unsafe {
        let Some(result) = reduce(square(&load(a, len as usize)), &n, inverse as u64) else { return CALL };
        store(to, len as usize, &result);
    }
    i64::from(z.raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ints with long runs of zeros and ones, where carries go far.
    fn numbers(seed: u64, length: usize) -> Vec<u32> {
        let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            match x >> 61 {
                0 | 1 => 0,
                2 | 3 => u32::MAX,
                _ => x as u32,
            }
        };
        (0..length).map(|_| next()).collect()
    }

    /// Products with limbs of 32 bits.
    fn expected(x: &[u32], y: &[u32]) -> Vec<u32> {
        let mut z = vec![0; x.len() + y.len()];
        for i in (0..x.len()).rev() {
            let mut carry = 0;
            for j in (0..y.len()).rev() {
                let t = u64::from(x[i]) * u64::from(y[j]) + u64::from(z[i + j + 1]) + carry;
                z[i + j + 1] = t as u32;
                carry = t >> 32;
            }
            z[i] = carry as u32;
        }
        z
    }

    fn ints_of(limbs: &[u64], length: usize) -> Vec<u32> {
        let mut all = vec![0; length];
        // SAFETY: so many.
        unsafe { store(all.as_mut_ptr(), length, limbs) };
        all
    }

    fn limbs_of(ints: &[u32]) -> Limbs {
        // SAFETY: so many.
        unsafe { load(ints.as_ptr(), ints.len()) }
    }

    #[test]
    fn products_and_squares() {
        for n in 1..24 {
            for m in 1..24 {
                let (x, y) = (numbers(n as u64, n), numbers(100 + m as u64, m));
                let z = product(&limbs_of(&x), &limbs_of(&y));
                assert_eq!(ints_of(&z, n + m), expected(&x, &y), "{x:x?} {y:x?}");
            }
            let x = numbers(n as u64 + 7, n);
            assert_eq!(ints_of(&square(&limbs_of(&x)), 2 * n), expected(&x, &x), "{x:x?}");
        }
    }

    #[test]
    fn montgomery_products() {
        for length in [2, 4, 6, 10, 16] {
            for seed in 0..40 {
                let (x, mut n) = (numbers(seed, length), numbers(seed + 50, length));
                n[0] |= 1 << 31;
                let x: Vec<u32> =
                    x.iter().enumerate().map(|(i, v)| if i == 0 { v >> 1 } else { *v }).collect();
                n[length - 1] |= 1;
                let modulus = limbs_of(&n);
                // Newton's iteration doubles the bits that are right.
                let mut inverse = modulus[0];
                for _ in 0..6 {
                    inverse = inverse.wrapping_mul(2u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
                }
                let limbs = limbs_of(&x);
                let result = reduce(square(&limbs), &modulus, inverse.wrapping_neg()).expect("small factors");
                assert!(result.iter().rev().lt(modulus.iter().rev()));
                // The result, times 2^(32*length), is the square but for a multiple of the modulus: so with limbs of
                // 32 bits, one at a time.
                let mut t: Vec<u64> = expected(&x, &x).into_iter().rev().map(u64::from).collect();
                t.push(0);
                let small: Vec<u64> = n.iter().rev().map(|i| u64::from(*i)).collect();
                for i in 0..length {
                    let factor = u64::from((t[i] as u32).wrapping_mul(inverse.wrapping_neg() as u32));
                    let mut carry = 0;
                    for (k, digit) in t[i..].iter_mut().enumerate() {
                        let sum = *digit + small.get(k).map_or(0, |s| s * factor) + carry;
                        *digit = sum & 0xffff_ffff;
                        carry = sum >> 32;
                    }
                }
                let mut rest: Vec<u64> = t[length..].to_vec();
                let mut top = small.clone();
                top.push(0);
                while rest.iter().rev().ge(top.iter().rev()) {
                    let mut borrow = 0i64;
                    for (r, s) in rest.iter_mut().zip(&top) {
                        let d = *r as i64 - *s as i64 + borrow;
                        *r = (d & 0xffff_ffff) as u64;
                        borrow = d >> 32;
                    }
                }
                let got: Vec<u64> = ints_of(&result, length).into_iter().rev().map(u64::from).collect();
                assert_eq!(got, rest[..length], "{x:x?} mod {n:x?}");
            }
        }
    }
}
