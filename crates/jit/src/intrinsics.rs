//! Which methods of the class library are operations of the compilers.

use crate::runtime_calls::RuntimeCall;
use caturra_bytecode::BasicType::{self, Byte, Char, Double, Float, Int, Long, Reference, Short};
use caturra_hir::env::Intrinsic;
use caturra_kernel::MethodRef;
use caturra_kernel::oops::method::MethodFlags;

const MATH: &[&[u8]] = &[b"java/lang/Math", b"java/lang/StrictMath"];

/// (name, operation) of methods of `Math` that mean the same for all their overloads, or have one.
const MATH_ROWS: &[(&[u8], Intrinsic)] = &[
    (b"sqrt", Intrinsic::Sqrt),
    (b"abs", Intrinsic::Abs),
    (b"min", Intrinsic::Min),
    (b"max", Intrinsic::Max),
    (b"fma", Intrinsic::Fma),
    (b"ceil", Intrinsic::Ceil),
    (b"floor", Intrinsic::Floor),
    (b"rint", Intrinsic::Rint),
    (b"multiplyHigh", Intrinsic::MultiplyHigh),
];

const BITS_ROWS: &[(&[u8], Intrinsic)] = &[
    (b"bitCount", Intrinsic::BitCount),
    (b"numberOfLeadingZeros", Intrinsic::LeadingZeros),
    (b"numberOfTrailingZeros", Intrinsic::TrailingZeros),
    (b"reverseBytes", Intrinsic::ReverseBytes),
    (b"compareUnsigned", Intrinsic::CompareUnsigned),
    (b"floatToRawIntBits", Intrinsic::FloatToRawIntBits),
    (b"intBitsToFloat", Intrinsic::IntBitsToFloat),
    (b"doubleToRawLongBits", Intrinsic::DoubleToRawLongBits),
    (b"longBitsToDouble", Intrinsic::LongBitsToDouble),
];

/// The operation that `method` is; only for methods that the class library offers for it.
pub fn of(method: MethodRef) -> Option<Intrinsic> {
    if !method.holder.loader.is_boot() {
        return None;
    }
    let (class, name) = (method.holder.name.bytes(), method.name.bytes());
    if method.has(MethodFlags::OBJECT_INITIALIZER) {
        return Some(Intrinsic::ObjectInit);
    }
    if !method.has(MethodFlags::INTRINSIC_CANDIDATE) {
        return None;
    }
    let row = |rows: &[(&[u8], Intrinsic)]| rows.iter().find(|r| r.0 == name).map(|r| r.1);
    if MATH.contains(&class) {
        return row(MATH_ROWS).filter(|i| match i {
            Intrinsic::Fma => std::arch::is_x86_feature_detected!("fma"),
            Intrinsic::Ceil | Intrinsic::Floor | Intrinsic::Rint => {
                std::arch::is_x86_feature_detected!("sse4.1")
            }
            _ => true,
        });
    }
    match class {
        b"java/lang/Integer" | b"java/lang/Long" | b"java/lang/Float" | b"java/lang/Double" => row(BITS_ROWS),
        b"java/lang/Object" if name == b"getClass" => Some(Intrinsic::GetClass),
        b"java/lang/Object" if name == b"hashCode" => Some(Intrinsic::IdentityHash),
        b"java/lang/Class" if name == b"isInstance" => Some(Intrinsic::IsInstance),
        b"java/lang/Class" if name == b"isArray" => Some(Intrinsic::IsArray),
        b"java/lang/Class" if name == b"isPrimitive" => Some(Intrinsic::IsPrimitive),
        b"java/lang/reflect/Array" if name == b"newArray" => Some(Intrinsic::NewArrayOf),
        b"java/lang/Thread" if name == b"currentThread" => Some(Intrinsic::CurrentThread),
        b"java/lang/Thread" if name == b"onSpinWait" => Some(Intrinsic::OnSpinWait),
        b"java/util/Objects" if name == b"checkIndex" && method.signature.symbol == "(II)I" => {
            Some(Intrinsic::CheckIndex)
        }
        b"jdk/internal/util/Preconditions"
            if name == b"checkIndex" && method.signature.symbol.bytes().starts_with(b"(IILjava") =>
        {
            Some(Intrinsic::CheckIndex)
        }
        b"java/lang/invoke/MethodHandleImpl" if name == b"isCompileConstant" => {
            Some(Intrinsic::IsCompileConstant)
        }
        b"jdk/internal/misc/Unsafe" => unsafe_operation(method),
        _ => None,
    }
}

/// Type names in the methods of `Unsafe`.
const TYPES: &[(&[u8], BasicType)] = &[
    (b"Boolean", BasicType::Boolean),
    (b"Byte", Byte),
    (b"Short", Short),
    (b"Char", Char),
    (b"Int", Int),
    (b"Long", Long),
    (b"Float", Float),
    (b"Double", Double),
    (b"Reference", Reference),
];

fn unsafe_operation(method: MethodRef) -> Option<Intrinsic> {
    let name = method.name.bytes();
    let descriptor = method.signature.symbol.bytes();
    match name {
        b"loadFence" => return Some(Intrinsic::LoadFence),
        b"storeFence" => return Some(Intrinsic::StoreFence),
        b"allocateInstance" => return Some(Intrinsic::AllocateInstance),
        b"allocateUninitializedArray" => return Some(Intrinsic::AllocateArray),
        b"fullFence" => return Some(Intrinsic::FullFence),
        _ => {}
    }
    if !descriptor.starts_with(b"(Ljava/lang/Object;J") {
        return None;
    }
    let ty = |name: &[u8]| TYPES.iter().find(|r| r.0 == name).map(|r| r.1);
    let word = |name: &[u8]| ty(name).filter(|t| matches!(t, Int | Long | Reference));
    if let Some(rest) = name.strip_prefix(b"compareAndSet") {
        return word(rest).map(Intrinsic::UnsafeCompareAndSet);
    }
    if let Some(rest) = name.strip_prefix(b"weakCompareAndSet") {
        let mode =
            [b"Plain".as_slice(), b"Acquire", b"Release"].into_iter().find_map(|m| rest.strip_suffix(m));
        return word(mode.unwrap_or(rest)).map(Intrinsic::UnsafeCompareAndSet);
    }
    if let Some(rest) = name.strip_prefix(b"compareAndExchange") {
        return word(rest).map(Intrinsic::UnsafeCompareAndExchange);
    }
    if let Some(rest) = name.strip_prefix(b"getAndSet") {
        return word(rest).map(Intrinsic::UnsafeGetAndSet);
    }
    if let Some(rest) = name.strip_prefix(b"getAndAdd") {
        return word(rest).filter(|t| *t != Reference).map(Intrinsic::UnsafeGetAndAdd);
    }
    // On this processor a plain store is a release one, and a volatile load costs no more than an acquire one.
    let ordered = |rest: &[u8], as_volatile: &[&[u8]], as_plain: &[&[u8]]| {
        let found = |modes: &[&[u8]], v: bool| {
            modes.iter().find_map(|mode| Some((ty(rest.strip_suffix(*mode)?)?, v)))
        };
        found(as_volatile, true).or_else(|| found(as_plain, false))
    };
    if let Some(rest) = name.strip_prefix(b"get") {
        let found = ordered(rest, &[b"Volatile", b"Acquire", b"Opaque"], &[b""]);
        return found.map(|(t, v)| Intrinsic::UnsafeGet(t, v));
    }
    let (t, v) = ordered(name.strip_prefix(b"put")?, &[b"Volatile"], &[b"Release", b"Opaque", b""])?;
    Some(Intrinsic::UnsafePut(t, v))
}

/// Class, name, descriptor, and the routine.
type RoutineRow = (&'static [u8], &'static [u8], &'static [u8], RuntimeCall);

/// Methods whose work a routine of the VM does. It takes the method's arguments; see there for those that it leaves to the
/// method.
const ROUTINES: &[RoutineRow] = &[
    (b"java/lang/StringLatin1", b"equals", b"([B[B)Z", RuntimeCall::bytes_equal),
    (b"java/lang/StringUTF16", b"equals", b"([B[B)Z", RuntimeCall::bytes_equal),
    (b"java/lang/StringLatin1", b"inflate", b"([BI[CII)V", RuntimeCall::inflate_to_chars),
    (b"java/lang/StringLatin1", b"inflate", b"([BI[BII)V", RuntimeCall::inflate_to_bytes),
    (b"java/lang/StringUTF16", b"compress", b"([CI[BII)I", RuntimeCall::compress_chars),
    (b"java/lang/StringUTF16", b"compress", b"([BI[BII)I", RuntimeCall::compress_bytes),
    (b"java/lang/StringCoding", b"hasNegatives", b"([BII)Z", RuntimeCall::has_negatives),
    (b"java/math/BigInteger", b"implMultiplyToLen", b"([II[II[I)[I", RuntimeCall::multiply_to_len),
    (b"java/math/BigInteger", b"implSquareToLen", b"([II[II)[I", RuntimeCall::square_to_len),
    (b"java/math/BigInteger", b"implMulAdd", b"([I[IIII)I", RuntimeCall::multiply_add),
    (b"java/math/BigInteger", b"implMontgomeryMultiply", b"([I[I[IIJ[I)[I", RuntimeCall::montgomery_multiply),
    (b"java/math/BigInteger", b"implMontgomerySquare", b"([I[IIJ[I)[I", RuntimeCall::montgomery_square),
    (b"java/util/zip/CRC32", b"update", b"(II)I", RuntimeCall::crc32_of_byte),
    (b"java/util/zip/CRC32", b"updateBytes0", b"(I[BII)I", RuntimeCall::crc32_of_bytes),
    (b"java/util/zip/CRC32", b"updateByteBuffer0", b"(IJII)I", RuntimeCall::crc32_of_buffer),
    (b"java/util/zip/CRC32C", b"updateBytes", b"(I[BII)I", RuntimeCall::crc32c_of_bytes),
];

/// The routine that takes the place of a method.
pub fn routine(method: MethodRef) -> Option<RuntimeCall> {
    if !method.holder.loader.is_boot() {
        return None;
    }
    let (class, name, descriptor) =
        (method.holder.name.bytes(), method.name.bytes(), method.signature.symbol.bytes());
    let row = ROUTINES.iter().find(|r| r.1 == name && r.0 == class && r.2 == descriptor);
    let routine = row.filter(|_| method.has(MethodFlags::INTRINSIC_CANDIDATE))?.3;
    let possible = routine != RuntimeCall::crc32c_of_bytes || std::arch::is_x86_feature_detected!("sse4.2");
    possible.then_some(routine)
}
