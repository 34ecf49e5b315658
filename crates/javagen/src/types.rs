//! The Java types of generated programs, and literals that sit at the corners of their ranges.

use crate::rng::Rng;

/// Types that can also be elements of arrays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Bool,
    Byte,
    Short,
    Char,
    Int,
    Long,
    Float,
    Double,
    Str,
    /// `Object`: boxed numbers, strings, instances of generated classes, null. Never an array or a lambda,
    /// whose `toString` would show an identity hash.
    Obj,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    One(Kind),
    Array(Kind),
    Matrix(Kind),
    /// Index into the program's classes.
    Class(usize),
    /// Index into the program's interfaces.
    Iface(usize),
}

pub const INT: Ty = Ty::One(Kind::Int);
pub const LONG: Ty = Ty::One(Kind::Long);
pub const DOUBLE: Ty = Ty::One(Kind::Double);
pub const BOOL: Ty = Ty::One(Kind::Bool);
pub const STRING: Ty = Ty::One(Kind::Str);
pub const OBJECT: Ty = Ty::One(Kind::Obj);

pub const NUMERIC: [Kind; 7] =
    [Kind::Byte, Kind::Short, Kind::Char, Kind::Int, Kind::Long, Kind::Float, Kind::Double];
pub const KINDS: [Kind; 10] = [
    Kind::Bool,
    Kind::Byte,
    Kind::Short,
    Kind::Char,
    Kind::Int,
    Kind::Long,
    Kind::Float,
    Kind::Double,
    Kind::Str,
    Kind::Obj,
];

impl Kind {
    pub fn java(self) -> &'static str {
        match self {
            Kind::Bool => "boolean",
            Kind::Byte => "byte",
            Kind::Short => "short",
            Kind::Char => "char",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Str => "String",
            Kind::Obj => "Object",
        }
    }

    pub fn boxed(self) -> &'static str {
        match self {
            Kind::Bool => "Boolean",
            Kind::Byte => "Byte",
            Kind::Short => "Short",
            Kind::Char => "Character",
            Kind::Int => "Integer",
            Kind::Long => "Long",
            Kind::Float => "Float",
            Kind::Double => "Double",
            Kind::Str => "String",
            Kind::Obj => "Object",
        }
    }

    pub fn is_floating(self) -> bool {
        matches!(self, Kind::Float | Kind::Double)
    }
}

impl Ty {
    pub fn java(self) -> String {
        match self {
            Ty::One(k) => k.java().to_owned(),
            Ty::Array(k) => format!("{}[]", k.java()),
            Ty::Matrix(k) => format!("{}[][]", k.java()),
            Ty::Class(i) => format!("C{i}"),
            Ty::Iface(i) => format!("I{i}"),
        }
    }
}

/// A kind that occurs as often as programs use it.
pub fn random_kind(rng: &mut Rng) -> Kind {
    const WEIGHTS: [usize; 10] = [8, 6, 5, 6, 28, 20, 6, 11, 7, 3];
    KINDS[rng.weighted(&WEIGHTS)]
}

pub fn random_numeric(rng: &mut Rng) -> Kind {
    const WEIGHTS: [usize; 7] = [7, 6, 7, 36, 26, 7, 11];
    NUMERIC[rng.weighted(&WEIGHTS)]
}

/// A literal of kind `kind`, in parentheses where an operator before it could change its meaning.
pub fn literal(kind: Kind, rng: &mut Rng) -> String {
    match kind {
        Kind::Bool => if rng.chance(50) { "true" } else { "false" }.to_owned(),
        Kind::Byte => {
            format!("((byte) {})", rng.pick(&[-128i64, -127, -1, 0, 1, 2, 7, 31, 64, 126, 127, 128, 255]))
        }
        Kind::Short => {
            format!(
                "((short) {})",
                rng.pick(&[-32768i64, -32767, -129, -1, 0, 1, 255, 256, 4096, 32766, 32767, 32768])
            )
        }
        Kind::Char => match rng.below(4) {
            0 => format!("'{}'", (b'a' + rng.below(26) as u8) as char),
            1 => format!("'{}'", (b'0' + rng.below(10) as u8) as char),
            2 => format!(
                "((char) {})",
                rng.pick(&[0u32, 1, 127, 128, 255, 256, 0x7fff, 0x8000, 0xd800, 0xfffe, 0xffff])
            ),
            _ => format!("((char) {})", rng.below(65536)),
        },
        Kind::Int => signed(int_value(rng), ""),
        Kind::Long => signed(long_value(rng), "L"),
        Kind::Float => floating(rng, "f", "Float"),
        Kind::Double => floating(rng, "", "Double"),
        Kind::Str => string(rng),
        Kind::Obj => match rng.below(8) {
            0 => "((Object) null)".to_owned(),
            1 | 2 => format!("((Object) {})", string(rng)),
            _ => {
                let kind = random_numeric(rng);
                format!("((Object) {}.valueOf({}))", kind.boxed(), literal(kind, rng))
            }
        },
    }
}

fn signed(value: i64, suffix: &str) -> String {
    if value < 0 { format!("({value}{suffix})") } else { format!("{value}{suffix}") }
}

fn int_value(rng: &mut Rng) -> i64 {
    match rng.below(10) {
        0..=3 => rng.range(-4, 16),
        4 | 5 => *rng.pick(&[
            -2147483648i64,
            -2147483647,
            -65537,
            -65536,
            -32769,
            -32768,
            -129,
            -128,
            -1,
            0,
            1,
            127,
            128,
            255,
            256,
            32767,
            32768,
            65535,
            65536,
            1073741823,
            1073741824,
            2147483646,
            2147483647,
        ]),
        6 => (1i64 << rng.below(31)) - rng.range(0, 1),
        7 => -(1i64 << rng.below(31)) + rng.range(0, 1),
        8 => rng.range(-1000, 1000),
        _ => i64::from(rng.next() as i32),
    }
}

fn long_value(rng: &mut Rng) -> i64 {
    match rng.below(10) {
        0..=2 => rng.range(-4, 16),
        3 | 4 => *rng.pick(&[
            i64::MIN,
            i64::MIN + 1,
            -4294967297,
            -4294967296,
            -2147483649,
            -2147483648,
            -1,
            0,
            1,
            2147483647,
            2147483648,
            4294967295,
            4294967296,
            0x5555_5555_5555_5555,
            -0x5555_5555_5555_5556,
            i64::MAX - 1,
            i64::MAX,
        ]),
        5 | 6 => (1i64 << rng.below(63)) - rng.range(0, 1),
        7 => -(1i64 << rng.below(63)) + rng.range(0, 1),
        8 => int_value(rng),
        _ => rng.next() as i64,
    }
}

fn floating(rng: &mut Rng, suffix: &str, class: &str) -> String {
    match rng.below(10) {
        0 => format!(
            "{class}.{}",
            rng.pick(&[
                "NaN",
                "POSITIVE_INFINITY",
                "NEGATIVE_INFINITY",
                "MIN_VALUE",
                "MAX_VALUE",
                "MIN_NORMAL"
            ])
        ),
        1 => {
            let text = *rng.pick(&[
                "0.0",
                "(-0.0)",
                "1.0",
                "(-1.0)",
                "0.5",
                "2147483647.0",
                "2147483648.0",
                "(-2147483649.0)",
                "9.223372036854776E18",
                "(-9.3E18)",
                "1.0E-30",
                "16777217.0",
            ]);
            match text.strip_suffix(')') {
                Some(open) => format!("{open}{suffix})"),
                None => format!("{text}{suffix}"),
            }
        }
        2..=4 => format!("{}.0{suffix}", rng.range(0, 40)),
        5 | 6 => format!("(-{}.{}{suffix})", rng.range(0, 100), rng.range(0, 999)),
        7 | 8 => format!("{}.{}{suffix}", rng.range(0, 100), rng.range(0, 999)),
        _ => format!("{}.{}E{}{suffix}", rng.range(1, 9), rng.range(0, 99999), rng.range(-20, 20)),
    }
}

fn string(rng: &mut Rng) -> String {
    match rng.below(10) {
        0 => "\"\"".to_owned(),
        1 => "\"\\u00e9\\u4e2d\\ud83d\\ude00\"".to_owned(),
        2 => format!("\"{}\"", rng.range(-99999, 99999)),
        3 => format!("\"\\u{:04x}x\"", rng.range(0xa1, 0x2fff)),
        _ => {
            let n = 1 + rng.below(7);
            let text: String = (0..n).map(|_| (b'a' + rng.below(6) as u8) as char).collect();
            format!("\"{text}\"")
        }
    }
}
