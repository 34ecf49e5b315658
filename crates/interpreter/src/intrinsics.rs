//! Methods with Java bodies that the interpreter does not run: the VM's own code gives the same result, and the
//! body would be slower by orders of magnitude.

use caturra_kernel::oops::method::MethodFlags;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::vm::InternalNative;
use caturra_kernel::{MethodRef, Thread};

/// Class, name, signature, and the function over the argument slots.
const INTRINSICS: &[(&str, &str, &str, InternalNative)] = &[
    // The bodies compute with `BigDecimal`: a product of numbers of far exponents has hundreds of digits.
    ("java/lang/Math", "fma", "(DDD)D", fma_double),
    ("java/lang/Math", "fma", "(FFF)F", fma_float),
];

/// The VM's own code for a method that is about to be linked.
pub fn intrinsic(m: MethodRef) -> Option<InternalNative> {
    if !m.has(MethodFlags::INTRINSIC_CANDIDATE) || !m.holder.loader.is_boot() {
        return None;
    }
    INTRINSICS
        .iter()
        .find(|row| m.holder.name == *row.0 && m.name == *row.1 && m.signature.symbol == *row.2)
        .map(|row| row.3)
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
