//! The private opcodes of the rewritable code, 203 to 255, next to the specification's (JVMS §6.5).
//!
//! # Rewriting while other threads run the code
//!
//! Linking copies the code once and turns every operand into the machine's byte order. A site changes at most
//! twice after that:
//!
//! 1. *Quickening*: opcode and 16-bit operand change together, under [`SITES`](crate::slow). Operand first,
//!    then the opcode with release order; the loop loads opcodes with acquire order, so whoever sees the quick
//!    opcode sees its operand. Whoever still saw the old opcode goes to a slow path, which reads opcode *and*
//!    operand again under the lock and starts over when the site has changed. So no thread ever interprets one
//!    opcode's operand as another's.
//! 2. *Pairing*: `aload_0` before a quick `getfield` becomes one instruction; only its opcode byte changes, and
//!    the second instruction stays in place for those who jump to it.
//!
//! Four-byte operands (`invokeinterface`, `invokedynamic`) hold the address of the call site's record from
//! linking on and never change; metadata lies below 4 GiB.

/// Calls `$callback!` with all rows: `number Name "mnemonic" length;`.
#[macro_export]
macro_rules! for_each_quick_opcode {
    ($callback:ident) => {
        $callback! {
            // Operand: byte offset of the field. B also serves boolean, W int, float and (loads) references.
            203 GetfieldB              "fast_bgetfield"            3;
            204 GetfieldC              "fast_cgetfield"            3;
            205 GetfieldS              "fast_sgetfield"            3;
            206 GetfieldW              "fast_igetfield"            3;
            207 GetfieldL              "fast_lgetfield"            3;
            208 PutfieldZ              "fast_zputfield"            3;
            209 PutfieldB              "fast_bputfield"            3;
            210 PutfieldS              "fast_sputfield"            3;
            211 PutfieldW              "fast_iputfield"            3;
            212 PutfieldA              "fast_aputfield"            3;
            213 PutfieldL              "fast_lputfield"            3;
            // Operand: constant-pool index. Volatile fields, and those beyond the reach of an offset operand.
            214 GetfieldCp             "fast_getfield_cp"          3;
            215 PutfieldCp             "fast_putfield_cp"          3;
            // Operand: constant-pool index, whose `quick` is the static field's address and kind.
            216 GetstaticW             "fast_igetstatic"           3;
            217 GetstaticL             "fast_lgetstatic"           3;
            218 GetstaticAny           "fast_getstatic"            3;
            219 PutstaticW             "fast_iputstatic"           3;
            220 PutstaticL             "fast_lputstatic"           3;
            221 PutstaticA             "fast_aputstatic"           3;
            222 PutstaticAny           "fast_putstatic"            3;
            // Operand: constant-pool index, whose `value` is the method.
            223 InvokestaticDirect     "fast_invokestatic"         3;
            // Operand: constant-pool index, whose `quick` is the method (the selected one of `invokespecial`).
            224 InvokeDirect           "fast_invokedirect"         3;
            // Operand: argument slots, then vtable index, a byte each.
            225 InvokevirtualTable     "fast_invokevirtual"        3;
            // Operand: constant-pool index, whose `quick` is vtable index << 16 | argument slots.
            226 InvokevirtualCp        "fast_invokevirtual_cp"     3;
            // Operand: constant-pool index, whose `quick` is the address of an interface site: the method is one
            // that the class inherits from an interface.
            245 InvokevirtualInterface "fast_invokevirtual_itf"    3;
            // Operand: constant-pool index, whose `quick` is the linked adapter or the argument slots.
            227 Invokehandle           "fast_invokehandle"         3;
            228 InvokeBasic            "fast_invokebasic"          3;
            229 LinkTo                 "fast_linkto"               3;
            // Operand: constant-pool index, whose `value` is the class.
            230 NewFast                "fast_new"                  3;
            231 AnewarrayFast          "fast_anewarray"            3;
            232 CheckcastFast          "fast_checkcast"            3;
            233 InstanceofFast         "fast_instanceof"           3;
            // Operand: index of a resolved constant; `Class` ones push the class's mirror.
            234 LdcFast                "fast_ldc"                  2;
            235 LdcWFast               "fast_ldc_w"                3;
            236 Ldc2WFast              "fast_ldc2_w"               3;
            237 LdcClass               "fast_ldc_class"            2;
            238 LdcWClass              "fast_ldc_w_class"          3;
            // `aload_0` followed by a quick `getfield`; length of the pair.
            239 Aload0GetfieldW        "fast_iaccess_0"            4;
            240 Aload0GetfieldL        "fast_laccess_0"            4;
            241 Aload0GetfieldB        "fast_baccess_0"            4;
            // `return` of `Object.<init>`, where objects with finalizers are registered (JLS §12.6).
            242 ReturnFinalizer        "return_register_finalizer" 1;
            // `aload_0` before a `getfield` that is not yet quick.
            244 Aload0Probe            "fast_aload_0"              1;
            // `ireturn` of a method whose result is narrower than int (JVMS §6.5 ireturn).
            243 IreturnNarrow          "ireturn_narrow"            1;
        }
    };
}

macro_rules! define {
    ($($number:literal $name:ident $mnemonic:literal $length:literal;)*) => {
        $(pub const $name: u8 = $number;)*

        /// (mnemonic, length in bytes) of a private opcode.
        pub fn info(opcode: u8) -> Option<(&'static str, usize)> {
            match opcode {
                $($number => Some(($mnemonic, $length)),)*
                _ => None,
            }
        }
    };
}

macro_rules! define_standard {
    ($($number:literal $name:ident $mnemonic:literal $format:ident $stack:literal $traps:ident;)*) => {
        $(pub const $name: u8 = $number;)*
    };
}

/// All opcodes as constants: a `match` on the code byte needs no conversion.
#[allow(non_upper_case_globals, missing_docs)]
pub mod op {
    caturra_bytecode::for_each_opcode!(define_standard);
    for_each_quick_opcode!(define);
}
