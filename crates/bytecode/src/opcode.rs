//! The bytecode table (JVMS §6.5): one row per opcode, and everything that is derived from it.
//!
//! A row holds the number, the variant of [`Opcode`], the mnemonic, the [`Format`] of the operands, the effect
//! on the operand stack, and whether the instruction can throw (`traps`) or not (`pure`).
//!
//! The stack effect is written `pops>pushes`, bottom of the stack first. `I L F D A R` are int, long, float,
//! double, reference and returnAddress; `L` and `D` take two slots. Lower-case letters stand for one slot of
//! any category-1 type, or for one half of a category-2 value (`dup_x1` is `ab>bab`). `?` means that the effect
//! depends on the constant pool (or, for `wide`, on the instruction it modifies).

/// Calls `$callback!` with all rows of the table: `number Variant "mnemonic" Format "pops>pushes" traps|pure;`.
#[macro_export]
macro_rules! for_each_opcode {
    ($callback:ident) => {
        $callback! {
              0 Nop              "nop"              None            ">"          pure;
              1 AconstNull       "aconst_null"      None            ">A"         pure;
              2 IconstM1         "iconst_m1"        None            ">I"         pure;
              3 Iconst0          "iconst_0"         None            ">I"         pure;
              4 Iconst1          "iconst_1"         None            ">I"         pure;
              5 Iconst2          "iconst_2"         None            ">I"         pure;
              6 Iconst3          "iconst_3"         None            ">I"         pure;
              7 Iconst4          "iconst_4"         None            ">I"         pure;
              8 Iconst5          "iconst_5"         None            ">I"         pure;
              9 Lconst0          "lconst_0"         None            ">L"         pure;
             10 Lconst1          "lconst_1"         None            ">L"         pure;
             11 Fconst0          "fconst_0"         None            ">F"         pure;
             12 Fconst1          "fconst_1"         None            ">F"         pure;
             13 Fconst2          "fconst_2"         None            ">F"         pure;
             14 Dconst0          "dconst_0"         None            ">D"         pure;
             15 Dconst1          "dconst_1"         None            ">D"         pure;
             16 Bipush           "bipush"           Byte            ">I"         pure;
             17 Sipush           "sipush"           Short           ">I"         pure;
             18 Ldc              "ldc"              ConstantU1      "?"          traps;
             19 LdcW             "ldc_w"            Constant        "?"          traps;
             20 Ldc2W            "ldc2_w"           Constant2       "?"          traps;
             21 Iload            "iload"            Local           ">I"         pure;
             22 Lload            "lload"            Local           ">L"         pure;
             23 Fload            "fload"            Local           ">F"         pure;
             24 Dload            "dload"            Local           ">D"         pure;
             25 Aload            "aload"            Local           ">A"         pure;
             26 Iload0           "iload_0"          None            ">I"         pure;
             27 Iload1           "iload_1"          None            ">I"         pure;
             28 Iload2           "iload_2"          None            ">I"         pure;
             29 Iload3           "iload_3"          None            ">I"         pure;
             30 Lload0           "lload_0"          None            ">L"         pure;
             31 Lload1           "lload_1"          None            ">L"         pure;
             32 Lload2           "lload_2"          None            ">L"         pure;
             33 Lload3           "lload_3"          None            ">L"         pure;
             34 Fload0           "fload_0"          None            ">F"         pure;
             35 Fload1           "fload_1"          None            ">F"         pure;
             36 Fload2           "fload_2"          None            ">F"         pure;
             37 Fload3           "fload_3"          None            ">F"         pure;
             38 Dload0           "dload_0"          None            ">D"         pure;
             39 Dload1           "dload_1"          None            ">D"         pure;
             40 Dload2           "dload_2"          None            ">D"         pure;
             41 Dload3           "dload_3"          None            ">D"         pure;
             42 Aload0           "aload_0"          None            ">A"         pure;
             43 Aload1           "aload_1"          None            ">A"         pure;
             44 Aload2           "aload_2"          None            ">A"         pure;
             45 Aload3           "aload_3"          None            ">A"         pure;
             46 Iaload           "iaload"           None            "AI>I"       traps;
             47 Laload           "laload"           None            "AI>L"       traps;
             48 Faload           "faload"           None            "AI>F"       traps;
             49 Daload           "daload"           None            "AI>D"       traps;
             50 Aaload           "aaload"           None            "AI>A"       traps;
             51 Baload           "baload"           None            "AI>I"       traps;
             52 Caload           "caload"           None            "AI>I"       traps;
             53 Saload           "saload"           None            "AI>I"       traps;
             54 Istore           "istore"           Local           "I>"         pure;
             55 Lstore           "lstore"           Local           "L>"         pure;
             56 Fstore           "fstore"           Local           "F>"         pure;
             57 Dstore           "dstore"           Local           "D>"         pure;
             58 Astore           "astore"           Local           "A>"         pure;
             59 Istore0          "istore_0"         None            "I>"         pure;
             60 Istore1          "istore_1"         None            "I>"         pure;
             61 Istore2          "istore_2"         None            "I>"         pure;
             62 Istore3          "istore_3"         None            "I>"         pure;
             63 Lstore0          "lstore_0"         None            "L>"         pure;
             64 Lstore1          "lstore_1"         None            "L>"         pure;
             65 Lstore2          "lstore_2"         None            "L>"         pure;
             66 Lstore3          "lstore_3"         None            "L>"         pure;
             67 Fstore0          "fstore_0"         None            "F>"         pure;
             68 Fstore1          "fstore_1"         None            "F>"         pure;
             69 Fstore2          "fstore_2"         None            "F>"         pure;
             70 Fstore3          "fstore_3"         None            "F>"         pure;
             71 Dstore0          "dstore_0"         None            "D>"         pure;
             72 Dstore1          "dstore_1"         None            "D>"         pure;
             73 Dstore2          "dstore_2"         None            "D>"         pure;
             74 Dstore3          "dstore_3"         None            "D>"         pure;
             75 Astore0          "astore_0"         None            "A>"         pure;
             76 Astore1          "astore_1"         None            "A>"         pure;
             77 Astore2          "astore_2"         None            "A>"         pure;
             78 Astore3          "astore_3"         None            "A>"         pure;
             79 Iastore          "iastore"          None            "AII>"       traps;
             80 Lastore          "lastore"          None            "AIL>"       traps;
             81 Fastore          "fastore"          None            "AIF>"       traps;
             82 Dastore          "dastore"          None            "AID>"       traps;
             83 Aastore          "aastore"          None            "AIA>"       traps;
             84 Bastore          "bastore"          None            "AII>"       traps;
             85 Castore          "castore"          None            "AII>"       traps;
             86 Sastore          "sastore"          None            "AII>"       traps;
             87 Pop              "pop"              None            "a>"         pure;
             88 Pop2             "pop2"             None            "ab>"        pure;
             89 Dup              "dup"              None            "a>aa"       pure;
             90 DupX1            "dup_x1"           None            "ab>bab"     pure;
             91 DupX2            "dup_x2"           None            "abc>cabc"   pure;
             92 Dup2             "dup2"             None            "ab>abab"    pure;
             93 Dup2X1           "dup2_x1"          None            "abc>bcabc"  pure;
             94 Dup2X2           "dup2_x2"          None            "abcd>cdabcd" pure;
             95 Swap             "swap"             None            "ab>ba"      pure;
             96 Iadd             "iadd"             None            "II>I"       pure;
             97 Ladd             "ladd"             None            "LL>L"       pure;
             98 Fadd             "fadd"             None            "FF>F"       pure;
             99 Dadd             "dadd"             None            "DD>D"       pure;
            100 Isub             "isub"             None            "II>I"       pure;
            101 Lsub             "lsub"             None            "LL>L"       pure;
            102 Fsub             "fsub"             None            "FF>F"       pure;
            103 Dsub             "dsub"             None            "DD>D"       pure;
            104 Imul             "imul"             None            "II>I"       pure;
            105 Lmul             "lmul"             None            "LL>L"       pure;
            106 Fmul             "fmul"             None            "FF>F"       pure;
            107 Dmul             "dmul"             None            "DD>D"       pure;
            108 Idiv             "idiv"             None            "II>I"       traps;
            109 Ldiv             "ldiv"             None            "LL>L"       traps;
            110 Fdiv             "fdiv"             None            "FF>F"       pure;
            111 Ddiv             "ddiv"             None            "DD>D"       pure;
            112 Irem             "irem"             None            "II>I"       traps;
            113 Lrem             "lrem"             None            "LL>L"       traps;
            114 Frem             "frem"             None            "FF>F"       pure;
            115 Drem             "drem"             None            "DD>D"       pure;
            116 Ineg             "ineg"             None            "I>I"        pure;
            117 Lneg             "lneg"             None            "L>L"        pure;
            118 Fneg             "fneg"             None            "F>F"        pure;
            119 Dneg             "dneg"             None            "D>D"        pure;
            120 Ishl             "ishl"             None            "II>I"       pure;
            121 Lshl             "lshl"             None            "LI>L"       pure;
            122 Ishr             "ishr"             None            "II>I"       pure;
            123 Lshr             "lshr"             None            "LI>L"       pure;
            124 Iushr            "iushr"            None            "II>I"       pure;
            125 Lushr            "lushr"            None            "LI>L"       pure;
            126 Iand             "iand"             None            "II>I"       pure;
            127 Land             "land"             None            "LL>L"       pure;
            128 Ior              "ior"              None            "II>I"       pure;
            129 Lor              "lor"              None            "LL>L"       pure;
            130 Ixor             "ixor"             None            "II>I"       pure;
            131 Lxor             "lxor"             None            "LL>L"       pure;
            132 Iinc             "iinc"             Iinc            ">"          pure;
            133 I2l              "i2l"              None            "I>L"        pure;
            134 I2f              "i2f"              None            "I>F"        pure;
            135 I2d              "i2d"              None            "I>D"        pure;
            136 L2i              "l2i"              None            "L>I"        pure;
            137 L2f              "l2f"              None            "L>F"        pure;
            138 L2d              "l2d"              None            "L>D"        pure;
            139 F2i              "f2i"              None            "F>I"        pure;
            140 F2l              "f2l"              None            "F>L"        pure;
            141 F2d              "f2d"              None            "F>D"        pure;
            142 D2i              "d2i"              None            "D>I"        pure;
            143 D2l              "d2l"              None            "D>L"        pure;
            144 D2f              "d2f"              None            "D>F"        pure;
            145 I2b              "i2b"              None            "I>I"        pure;
            146 I2c              "i2c"              None            "I>I"        pure;
            147 I2s              "i2s"              None            "I>I"        pure;
            148 Lcmp             "lcmp"             None            "LL>I"       pure;
            149 Fcmpl            "fcmpl"            None            "FF>I"       pure;
            150 Fcmpg            "fcmpg"            None            "FF>I"       pure;
            151 Dcmpl            "dcmpl"            None            "DD>I"       pure;
            152 Dcmpg            "dcmpg"            None            "DD>I"       pure;
            153 Ifeq             "ifeq"             Branch          "I>"         pure;
            154 Ifne             "ifne"             Branch          "I>"         pure;
            155 Iflt             "iflt"             Branch          "I>"         pure;
            156 Ifge             "ifge"             Branch          "I>"         pure;
            157 Ifgt             "ifgt"             Branch          "I>"         pure;
            158 Ifle             "ifle"             Branch          "I>"         pure;
            159 IfIcmpeq         "if_icmpeq"        Branch          "II>"        pure;
            160 IfIcmpne         "if_icmpne"        Branch          "II>"        pure;
            161 IfIcmplt         "if_icmplt"        Branch          "II>"        pure;
            162 IfIcmpge         "if_icmpge"        Branch          "II>"        pure;
            163 IfIcmpgt         "if_icmpgt"        Branch          "II>"        pure;
            164 IfIcmple         "if_icmple"        Branch          "II>"        pure;
            165 IfAcmpeq         "if_acmpeq"        Branch          "AA>"        pure;
            166 IfAcmpne         "if_acmpne"        Branch          "AA>"        pure;
            167 Goto             "goto"             Branch          ">"          pure;
            168 Jsr              "jsr"              Branch          ">R"         pure;
            169 Ret              "ret"              Local           ">"          pure;
            170 Tableswitch      "tableswitch"      TableSwitch     "I>"         pure;
            171 Lookupswitch     "lookupswitch"     LookupSwitch    "I>"         pure;
            172 Ireturn          "ireturn"          None            "I>"         traps;
            173 Lreturn          "lreturn"          None            "L>"         traps;
            174 Freturn          "freturn"          None            "F>"         traps;
            175 Dreturn          "dreturn"          None            "D>"         traps;
            176 Areturn          "areturn"          None            "A>"         traps;
            177 Return           "return"           None            ">"          traps;
            178 Getstatic        "getstatic"        Field           "?"          traps;
            179 Putstatic        "putstatic"        Field           "?"          traps;
            180 Getfield         "getfield"         Field           "?"          traps;
            181 Putfield         "putfield"         Field           "?"          traps;
            182 Invokevirtual    "invokevirtual"    Method          "?"          traps;
            183 Invokespecial    "invokespecial"    Method          "?"          traps;
            184 Invokestatic     "invokestatic"     Method          "?"          traps;
            185 Invokeinterface  "invokeinterface"  InvokeInterface "?"          traps;
            186 Invokedynamic    "invokedynamic"    InvokeDynamic   "?"          traps;
            187 New              "new"              Class           ">A"         traps;
            188 Newarray         "newarray"         NewArray        "I>A"        traps;
            189 Anewarray        "anewarray"        Class           "I>A"        traps;
            190 Arraylength      "arraylength"      None            "A>I"        traps;
            191 Athrow           "athrow"           None            "A>"         traps;
            192 Checkcast        "checkcast"        Class           "A>A"        traps;
            193 Instanceof       "instanceof"       Class           "A>I"        traps;
            194 Monitorenter     "monitorenter"     None            "A>"         traps;
            195 Monitorexit      "monitorexit"      None            "A>"         traps;
            196 Wide             "wide"             Wide            "?"          pure;
            197 Multianewarray   "multianewarray"   MultiNewArray   "?"          traps;
            198 Ifnull           "ifnull"           Branch          "A>"         pure;
            199 Ifnonnull        "ifnonnull"        Branch          "A>"         pure;
            200 GotoW            "goto_w"           BranchWide      ">"          pure;
            201 JsrW             "jsr_w"            BranchWide      ">R"         pure;
            202 Breakpoint       "breakpoint"       None            "?"          traps;
        }
    };
}

/// The operands that follow an opcode.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Format {
    /// No operand.
    None,
    /// Signed byte (`bipush`).
    Byte,
    /// Signed short (`sipush`).
    Short,
    /// Local variable index, u1, or u2 after `wide`.
    Local,
    /// Local variable index and signed increment, u1 i1, or u2 i2 after `wide`.
    Iinc,
    /// u1 constant-pool index of a loadable one-slot constant (`ldc`).
    ConstantU1,
    /// u2 constant-pool index of a loadable one-slot constant (`ldc_w`).
    Constant,
    /// u2 constant-pool index of a loadable two-slot constant (`ldc2_w`).
    Constant2,
    /// u2 constant-pool index of a field.
    Field,
    /// u2 constant-pool index of a method.
    Method,
    /// u2 constant-pool index of an interface method, u1 count, u1 zero.
    InvokeInterface,
    /// u2 constant-pool index of a call site, u2 zero.
    InvokeDynamic,
    /// u2 constant-pool index of a class.
    Class,
    /// u1 array type code (JVMS table 6.5.newarray-A).
    NewArray,
    /// u2 constant-pool index of an array class, u1 dimensions.
    MultiNewArray,
    /// i2 offset from this instruction.
    Branch,
    /// i4 offset from this instruction.
    BranchWide,
    /// 0-3 bytes of padding, default, low, high, offsets.
    TableSwitch,
    /// 0-3 bytes of padding, default, npairs, pairs of match and offset.
    LookupSwitch,
    /// A prefix; the modified opcode follows.
    Wide,
}

impl Format {
    /// The length of opcode and operands in bytes, or 0 where it varies.
    #[inline]
    pub const fn length(self) -> usize {
        match self {
            Format::None => 1,
            Format::Byte | Format::Local | Format::ConstantU1 | Format::NewArray => 2,
            Format::Short
            | Format::Iinc
            | Format::Constant
            | Format::Constant2
            | Format::Field
            | Format::Method
            | Format::Class
            | Format::Branch => 3,
            Format::MultiNewArray => 4,
            Format::InvokeInterface | Format::InvokeDynamic | Format::BranchWide => 5,
            Format::TableSwitch | Format::LookupSwitch | Format::Wide => 0,
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpcodeInfo {
    /// Name in the specification.
    pub mnemonic: &'static str,
    /// Operands.
    pub format: Format,
    /// `pops>pushes`, or `?`; see the module's description.
    pub stack: &'static str,
    /// Whether the instruction can throw a Java exception or call Java code.
    pub traps: bool,
}

/// The number of opcodes, `breakpoint` included.
pub const OPCODE_COUNT: usize = 203;

macro_rules! define {
    (@traps traps) => { true };
    (@traps pure) => { false };
    ($($number:literal $name:ident $mnemonic:literal $format:ident $stack:literal $traps:ident;)*) => {
        /// A JVM opcode (JVMS §6.5), with `breakpoint` of the reserved ones (JVMS §6.2).
        #[repr(u8)]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum Opcode {
            $(#[doc = concat!("`", $mnemonic, "`")] $name = $number,)*
        }

        /// The table's rows, indexed by opcode number.
        pub static OPCODES: [OpcodeInfo; OPCODE_COUNT] = [
            $(OpcodeInfo {
                mnemonic: $mnemonic,
                format: Format::$format,
                stack: $stack,
                traps: define!(@traps $traps),
            },)*
        ];

        static FROM_U8: [Option<Opcode>; 256] = {
            let mut table = [None; 256];
            $(table[$number] = Some(Opcode::$name);)*
            table
        };

        impl Opcode {
            /// All opcodes in the order of their numbers.
            pub const ALL: [Opcode; OPCODE_COUNT] = [$(Opcode::$name,)*];
        }
    };
}
for_each_opcode!(define);

const fn slots(effect: &[u8], mut at: usize) -> (u8, usize) {
    let mut slots = 0;
    while at < effect.len() && effect[at] != b'>' {
        slots += if matches!(effect[at], b'L' | b'D') { 2 } else { 1 };
        at += 1;
    }
    (slots, at)
}

/// Slots popped and pushed by opcode number; `None` where the constant pool decides.
static STACK_SLOTS: [Option<(u8, u8)>; OPCODE_COUNT] = {
    let mut table = [None; OPCODE_COUNT];
    let mut i = 0;
    while i < OPCODE_COUNT {
        let effect = OPCODES[i].stack.as_bytes();
        if effect[0] != b'?' {
            let (pops, at) = slots(effect, 0);
            let (pushes, _) = slots(effect, at + 1);
            table[i] = Some((pops, pushes));
        }
        i += 1;
    }
    table
};

impl Opcode {
    /// The opcode of this number, unless it is undefined or reserved (`impdep1`, `impdep2`).
    #[inline]
    pub fn from_u8(byte: u8) -> Option<Opcode> {
        FROM_U8[byte as usize]
    }

    /// This opcode's row.
    #[inline]
    pub fn info(self) -> &'static OpcodeInfo {
        &OPCODES[self as usize]
    }

    /// The name in the specification.
    #[inline]
    pub fn mnemonic(self) -> &'static str {
        self.info().mnemonic
    }

    /// The operands' format.
    #[inline]
    pub fn format(self) -> Format {
        self.info().format
    }

    /// The stack effect, `pops>pushes` or `?`.
    #[inline]
    pub fn stack_effect(self) -> &'static str {
        self.info().stack
    }

    /// Whether the instruction can throw a Java exception or call Java code.
    #[inline]
    pub fn can_trap(self) -> bool {
        self.info().traps
    }

    /// Slots popped and pushed, or `None` where that depends on the constant pool (or for `wide`).
    #[inline]
    pub fn stack_slots(self) -> Option<(u8, u8)> {
        STACK_SLOTS[self as usize]
    }

    /// The length in bytes of the instruction at `pc`, `wide` prefix included, or `None` where `code` ends
    /// before the operands that determine it. The rest of the operands need not lie inside `code`.
    pub fn length(self, code: &[u8], pc: usize) -> Option<usize> {
        let int = |at: usize| {
            let bytes = code.get(at..at.checked_add(4)?)?;
            Some(i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as i64)
        };
        let base = (pc + 4) & !3;
        match self.format() {
            Format::TableSwitch => {
                let count = int(base + 8)?.checked_sub(int(base + 4)?)? + 1;
                usize::try_from((base - pc) as i64 + 12 + 4 * count.max(0)).ok()
            }
            Format::LookupSwitch => usize::try_from((base - pc) as i64 + 8 + 8 * int(base + 4)?.max(0)).ok(),
            Format::Wide => Some(if *code.get(pc + 1)? == Opcode::Iinc as u8 { 6 } else { 4 }),
            fixed => Some(fixed.length()),
        }
    }

    /// Whether control never goes on to the next instruction: `goto`, switches, returns, `athrow`, `ret`. After a
    /// `jsr` it does, when the subroutine returns.
    pub fn ends_block(self) -> bool {
        matches!(
            self,
            Opcode::Goto
                | Opcode::GotoW
                | Opcode::Ret
                | Opcode::Tableswitch
                | Opcode::Lookupswitch
                | Opcode::Athrow
        ) || self.is_return()
    }

    /// `ireturn` to `return`.
    #[inline]
    pub fn is_return(self) -> bool {
        (Opcode::Ireturn..=Opcode::Return).contains(&self)
    }

    /// A conditional branch.
    #[inline]
    pub fn is_conditional_branch(self) -> bool {
        (Opcode::Ifeq..=Opcode::IfAcmpne).contains(&self)
            || matches!(self, Opcode::Ifnull | Opcode::Ifnonnull)
    }

    /// `invokevirtual` to `invokedynamic`.
    #[inline]
    pub fn is_invoke(self) -> bool {
        (Opcode::Invokevirtual..=Opcode::Invokedynamic).contains(&self)
    }

    /// `getstatic` to `putfield`.
    #[inline]
    pub fn is_field_access(self) -> bool {
        (Opcode::Getstatic..=Opcode::Putfield).contains(&self)
    }

    /// Whether `wide` may modify this opcode (JVMS §6.5 `wide`).
    #[inline]
    pub fn allows_wide(self) -> bool {
        matches!(self.format(), Format::Local | Format::Iinc)
    }

    /// The branch with the opposite condition, for a conditional branch.
    pub fn inverted(self) -> Option<Opcode> {
        if !self.is_conditional_branch() {
            return None;
        }
        let number = self as u8;
        // The pairs start at odd numbers from `ifeq` (153) on, at `ifnull` (198) at an even one.
        let other = if number >= Opcode::Ifnull as u8 { number ^ 1 } else { ((number - 1) ^ 1) + 1 };
        Opcode::from_u8(other)
    }
}

impl core::fmt::Display for Opcode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.mnemonic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        for (number, opcode) in Opcode::ALL.into_iter().enumerate() {
            assert_eq!(opcode as usize, number);
            assert_eq!(Opcode::from_u8(number as u8), Some(opcode));
        }
        assert!((203..=255u8).all(|byte| Opcode::from_u8(byte).is_none()));
        assert_eq!(Opcode::IconstM1.mnemonic(), "iconst_m1");
        assert_eq!(Opcode::JsrW as u8, 201);
    }

    #[test]
    fn slots_of_effects() {
        assert_eq!(Opcode::Lcmp.stack_slots(), Some((4, 1)));
        assert_eq!(Opcode::Dup2X2.stack_slots(), Some((4, 6)));
        assert_eq!(Opcode::Lastore.stack_slots(), Some((4, 0)));
        assert_eq!(Opcode::Getfield.stack_slots(), None);
    }

    #[test]
    fn inversion_is_an_involution() {
        for opcode in Opcode::ALL.into_iter().filter(|op| op.is_conditional_branch()) {
            let inverse = opcode.inverted().unwrap();
            assert_ne!(inverse, opcode);
            assert_eq!(inverse.inverted(), Some(opcode));
        }
        assert_eq!(Opcode::Ifeq.inverted(), Some(Opcode::Ifne));
        assert_eq!(Opcode::IfIcmpgt.inverted(), Some(Opcode::IfIcmple));
        assert_eq!(Opcode::Ifnull.inverted(), Some(Opcode::Ifnonnull));
    }
}
