//! Array type codes of `newarray` (JVMS §6.5) and primitive type tables.

use caturra_bytecode::descriptor::BasicType;

/// Primitive types in the order of their `newarray` codes, with internal name, array name and element shift.
pub const PRIMITIVES: [(BasicType, &str, &str, u8); 8] = [
    (BasicType::Boolean, "boolean", "[Z", 0),
    (BasicType::Char, "char", "[C", 1),
    (BasicType::Float, "float", "[F", 2),
    (BasicType::Double, "double", "[D", 3),
    (BasicType::Byte, "byte", "[B", 0),
    (BasicType::Short, "short", "[S", 1),
    (BasicType::Int, "int", "[I", 2),
    (BasicType::Long, "long", "[J", 3),
];

/// Index in [`PRIMITIVES`] of a primitive type, `None` for references and void.
pub fn primitive_index(ty: BasicType) -> Option<usize> {
    PRIMITIVES.iter().position(|p| p.0 == ty)
}

/// Byte offset of element 0: 12, or 16 where elements need 8-byte alignment.
#[inline(always)]
pub const fn elements_offset(elem_shift: u8) -> u32 {
    if elem_shift == 3 { 16 } else { 12 }
}
