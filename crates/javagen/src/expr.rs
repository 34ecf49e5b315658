//! Expressions. Every operator is in parentheses, which keeps precedence out of the generator and lets the
//! shrinker replace any group.

use crate::program::Gen;
use crate::scope::{CallKind, Field};
use crate::types::{
    BOOL, DOUBLE, INT, KINDS, Kind, LONG, OBJECT, STRING, Ty, literal, random_kind, random_numeric,
};

/// Characters of an array and its index beyond which the index is a constant.
const LONGEST_ELEMENT: usize = 1000;

/// Something of a type that can be read, and perhaps written.
enum Place {
    Simple(String),
    Element(String, Option<u32>),
    Cell(String),
}

impl Gen {
    /// An expression of type `ty`, nested at most `depth` deep.
    pub fn expr(&mut self, ty: Ty, depth: u32) -> String {
        self.frame.cost += self.frame.times;
        if depth == 0 || self.frame.left() == 0 {
            return self.leaf(ty);
        }
        match self.rng.below(100) {
            0..=11 => self.leaf(ty),
            12..=16 => {
                let condition = self.expr(BOOL, depth - 1);
                format!("({condition} ? {} : {})", self.expr(ty, depth - 1), self.expr(ty, depth - 1))
            }
            17..=25 => self.call(ty, depth).unwrap_or_else(|| self.operator(ty, depth)),
            26..=34 => self.read(ty, depth - 1).unwrap_or_else(|| self.operator(ty, depth)),
            35..=39 => self.assignment(ty, depth).unwrap_or_else(|| self.operator(ty, depth)),
            40 | 41 => self.switch_expression(ty, depth),
            _ => self.operator(ty, depth),
        }
    }

    /// A variable or a literal.
    pub fn leaf(&mut self, ty: Ty) -> String {
        if self.rng.chance(70)
            && let Some(place) = self.read(ty, 0)
        {
            return place;
        }
        match ty {
            // Constant conditions would leave half of a program dead.
            BOOL if self.rng.chance(80) => {
                let kind = random_numeric(&mut self.rng);
                let op = *self.rng.pick(&["<", ">", "==", "!="]);
                let right = literal(kind, &mut self.rng);
                match self.read(Ty::One(kind), 0) {
                    Some(place) => format!("({place} {op} {right})"),
                    None => literal(Kind::Bool, &mut self.rng),
                }
            }
            Ty::One(kind) => literal(kind, &mut self.rng),
            _ => self.reference(ty, 0),
        }
    }

    fn operator(&mut self, ty: Ty, depth: u32) -> String {
        match ty {
            Ty::One(Kind::Bool) => self.boolean(depth),
            Ty::One(Kind::Int) => self.int(depth),
            Ty::One(Kind::Long) => self.long(depth),
            Ty::One(kind @ (Kind::Byte | Kind::Short | Kind::Char)) => {
                let from = if self.rng.chance(80) { INT } else { Ty::One(random_numeric(&mut self.rng)) };
                format!("(({}) {})", kind.java(), self.expr(from, depth - 1))
            }
            Ty::One(kind @ (Kind::Float | Kind::Double)) => self.floating(kind, depth),
            Ty::One(Kind::Str) => self.string(depth),
            Ty::One(Kind::Obj) => self.object(depth),
            _ => self.reference(ty, depth),
        }
    }

    /// An expression that may throw is rare outside `try`, where it would end the method.
    pub fn risk(&mut self) -> bool {
        let percent = if self.frame.tries > 0 { 8 } else { 1 };
        self.rng.chance(percent)
    }

    fn divisor(&mut self, ty: Ty, depth: u32) -> String {
        if self.risk() {
            return self.expr(ty, depth);
        }
        let one = if ty == LONG { "1L" } else { "1" };
        match self.rng.below(3) {
            0 => {
                let divisor = *self.rng.pick(&[
                    "2",
                    "3",
                    "7",
                    "10",
                    "16",
                    "(-1)",
                    "(-8)",
                    "100",
                    "641",
                    "2147483647",
                    "(-2147483648)",
                ]);
                if ty == LONG && !divisor.ends_with(')') { format!("{divisor}L") } else { divisor.to_owned() }
            }
            _ => format!("({} | {one})", self.expr(ty, depth)),
        }
    }

    fn int(&mut self, depth: u32) -> String {
        let d = depth - 1;
        match self.rng.below(34) {
            0..=8 => {
                let op = *self.rng.pick(&["+", "+", "-", "-", "*", "&", "|", "^"]);
                format!("({} {op} {})", self.expr(INT, d), self.expr(INT, d))
            }
            9 | 10 => {
                let op = *self.rng.pick(&["/", "%"]);
                format!("({} {op} {})", self.expr(INT, d), self.divisor(INT, d))
            }
            11..=13 => {
                let op = *self.rng.pick(&["<<", ">>", ">>>"]);
                let count = self.shift_count(d);
                format!("({} {op} {count})", self.expr(INT, d))
            }
            14 => format!("(-{})", self.expr(INT, d)),
            15 => format!("(~{})", self.expr(INT, d)),
            16..=18 => {
                let from = Ty::One(*self.rng.pick(&[
                    Kind::Long,
                    Kind::Long,
                    Kind::Float,
                    Kind::Double,
                    Kind::Char,
                    Kind::Byte,
                    Kind::Short,
                ]));
                format!("((int) {})", self.expr(from, d))
            }
            19 => {
                let kind = random_numeric(&mut self.rng);
                format!(
                    "{}.compare({}, {})",
                    kind.boxed(),
                    self.expr(Ty::One(kind), d),
                    self.expr(Ty::One(kind), d)
                )
            }
            20 | 21 => {
                let name =
                    *self.rng.pick(&["Math.max", "Math.min", "Integer.compareUnsigned", "Integer.sum"]);
                format!("{name}({}, {})", self.expr(INT, d), self.expr(INT, d))
            }
            22 => {
                let name = if self.risk() {
                    *self.rng.pick(&["Math.addExact", "Math.subtractExact", "Math.multiplyExact"])
                } else {
                    *self.rng.pick(&["Integer.rotateLeft", "Integer.rotateRight"])
                };
                format!("{name}({}, {})", self.expr(INT, d), self.expr(INT, d))
            }
            23 => {
                let name = *self.rng.pick(&[
                    "Math.floorMod",
                    "Math.floorDiv",
                    "Integer.divideUnsigned",
                    "Integer.remainderUnsigned",
                ]);
                format!("{name}({}, {})", self.expr(INT, d), self.divisor(INT, d))
            }
            24 | 25 => {
                let name = *self.rng.pick(&[
                    "Integer.bitCount",
                    "Integer.reverse",
                    "Integer.reverseBytes",
                    "Integer.numberOfLeadingZeros",
                    "Integer.numberOfTrailingZeros",
                    "Integer.highestOneBit",
                    "Integer.signum",
                    "Math.abs",
                    "Integer.hashCode",
                ]);
                format!("{name}({})", self.expr(INT, d))
            }
            26 => {
                let name = *self.rng.pick(&[
                    "Long.bitCount",
                    "Long.numberOfLeadingZeros",
                    "Long.numberOfTrailingZeros",
                    "Long.signum",
                    "Long.hashCode",
                ]);
                format!("{name}({})", self.expr(LONG, d))
            }
            27 => match self.rng.below(4) {
                0 => format!("Float.floatToIntBits({})", self.expr(Ty::One(Kind::Float), d)),
                1 => format!("Math.round({})", self.expr(Ty::One(Kind::Float), d)),
                2 => format!("Math.getExponent({})", self.expr(DOUBLE, d)),
                _ => format!("Double.hashCode({})", self.expr(DOUBLE, d)),
            },
            28 | 29 => self.int_of_string(d),
            30 => self.array_length(),
            31 => format!("((int) (Integer) ((Object) Integer.valueOf({})))", self.expr(INT, d)),
            32 => self.lambda_call(INT, d),
            _ => {
                format!("(({}) + ({}))", self.expr(Ty::One(Kind::Char), d), self.expr(Ty::One(Kind::Byte), d))
            }
        }
    }

    fn shift_count(&mut self, depth: u32) -> String {
        match self.rng.below(4) {
            0 => self.expr(INT, depth),
            1 => self.expr(LONG, depth),
            _ => self
                .rng
                .pick(&["0", "1", "3", "7", "15", "16", "24", "31", "32", "33", "63", "64", "(-1)"])
                .to_string(),
        }
    }

    fn int_of_string(&mut self, d: u32) -> String {
        match self.rng.below(8) {
            0 | 1 => format!("{}.length()", self.expr(STRING, d)),
            2 => format!("{}.hashCode()", self.expr(STRING, d)),
            3 => format!("{}.compareTo({})", self.expr(STRING, d), self.expr(STRING, d)),
            4 => format!("{}.indexOf({})", self.expr(STRING, d), self.expr(INT, d)),
            5 => format!("{}.lastIndexOf({})", self.expr(STRING, d), self.expr(STRING, d)),
            6 if self.risk() => format!("Integer.parseInt({})", self.expr(STRING, d)),
            7 if self.risk() => format!("((int) {}.charAt({}))", self.expr(STRING, d), self.expr(INT, d)),
            _ => format!("charOf({}, {})", self.expr(STRING, d), self.expr(INT, d)),
        }
    }

    fn array_length(&mut self) -> String {
        let arrays: Vec<String> = self
            .frame
            .readable()
            .filter(|l| matches!(l.ty, Ty::Array(_) | Ty::Matrix(_)))
            .map(|l| l.name.clone())
            .chain(
                self.statics
                    .iter()
                    .filter(|f| matches!(f.ty, Ty::Array(_) | Ty::Matrix(_)))
                    .map(|f| f.name.clone()),
            )
            .collect();
        if arrays.is_empty() {
            return self.leaf(INT);
        }
        format!("{}.length", self.rng.pick(&arrays))
    }

    fn long(&mut self, depth: u32) -> String {
        let d = depth - 1;
        match self.rng.below(28) {
            0..=8 => {
                let op = *self.rng.pick(&["+", "+", "-", "-", "*", "&", "|", "^"]);
                format!("({} {op} {})", self.expr(LONG, d), self.expr(LONG, d))
            }
            9 | 10 => {
                let op = *self.rng.pick(&["/", "%"]);
                format!("({} {op} {})", self.expr(LONG, d), self.divisor(LONG, d))
            }
            11..=13 => {
                let op = *self.rng.pick(&["<<", ">>", ">>>"]);
                let count = self.shift_count(d);
                format!("({} {op} {count})", self.expr(LONG, d))
            }
            14 => format!("(-{})", self.expr(LONG, d)),
            15 => format!("(~{})", self.expr(LONG, d)),
            16..=18 => {
                let from = Ty::One(*self.rng.pick(&[
                    Kind::Int,
                    Kind::Int,
                    Kind::Int,
                    Kind::Float,
                    Kind::Double,
                    Kind::Char,
                ]));
                format!("((long) {})", self.expr(from, d))
            }
            19 => {
                // Mixed widths: the int operand is widened by the compiler.
                let op = *self.rng.pick(&["+", "-", "*", "&", "|", "^"]);
                format!("({} {op} {})", self.expr(LONG, d), self.expr(INT, d))
            }
            20 => {
                let name = if self.risk() {
                    *self.rng.pick(&["Math.addExact", "Math.subtractExact", "Math.multiplyExact"])
                } else {
                    *self.rng.pick(&["Math.max", "Math.min", "Math.multiplyHigh", "Long.sum"])
                };
                format!("{name}({}, {})", self.expr(LONG, d), self.expr(LONG, d))
            }
            21 => {
                let name = *self.rng.pick(&[
                    "Math.floorMod",
                    "Math.floorDiv",
                    "Long.divideUnsigned",
                    "Long.remainderUnsigned",
                ]);
                // `floorMod` of a long by an int is an int, which is not boxed to a Long.
                format!("((long) {name}({}, {}))", self.expr(LONG, d), self.divisor(LONG, d))
            }
            22 => {
                let name = *self.rng.pick(&[
                    "Long.reverse",
                    "Long.reverseBytes",
                    "Long.highestOneBit",
                    "Long.lowestOneBit",
                    "Math.abs",
                ]);
                format!("{name}({})", self.expr(LONG, d))
            }
            23 => {
                let name = *self.rng.pick(&["Long.rotateLeft", "Long.rotateRight"]);
                format!("{name}({}, {})", self.expr(LONG, d), self.expr(INT, d))
            }
            24 => {
                let name = *self.rng.pick(&["Double.doubleToLongBits", "Math.round"]);
                format!("{name}({})", self.expr(DOUBLE, d))
            }
            25 => format!("Integer.toUnsignedLong({})", self.expr(INT, d)),
            26 => self.lambda_call(LONG, d),
            _ => format!("((long) (Long) ((Object) Long.valueOf({})))", self.expr(LONG, d)),
        }
    }

    fn floating(&mut self, kind: Kind, depth: u32) -> String {
        let d = depth - 1;
        let ty = Ty::One(kind);
        match self.rng.below(20) {
            0..=8 => {
                let op = *self.rng.pick(&["+", "+", "-", "-", "*", "*", "/", "%"]);
                format!("({} {op} {})", self.expr(ty, d), self.expr(ty, d))
            }
            9 => format!("(-{})", self.expr(ty, d)),
            10..=12 => {
                let from = random_numeric(&mut self.rng);
                format!("(({}) {})", kind.java(), self.expr(Ty::One(from), d))
            }
            13 => {
                let name = *self.rng.pick(&["Math.max", "Math.min", "Math.copySign"]);
                format!("{name}({}, {})", self.expr(ty, d), self.expr(ty, d))
            }
            14 => {
                let name = *self.rng.pick(&["Math.abs", "Math.signum", "Math.ulp", "Math.nextUp"]);
                format!("{name}({})", self.expr(ty, d))
            }
            15 if kind == Kind::Double => {
                let name = *self.rng.pick(&["Math.sqrt", "Math.floor", "Math.ceil", "Math.rint"]);
                format!("{name}({})", self.expr(DOUBLE, d))
            }
            16 => format!("Math.fma({}, {}, {})", self.expr(ty, d), self.expr(ty, d), self.expr(ty, d)),
            17 if kind == Kind::Float => format!("Float.intBitsToFloat({})", self.expr(INT, d)),
            17 => format!("Double.longBitsToDouble({})", self.expr(LONG, d)),
            18 => self.lambda_call(ty, d),
            _ => format!(
                "({} {} {})",
                self.expr(ty, d),
                self.rng.pick(&["+", "*"]).to_owned(),
                self.expr(INT, d)
            ),
        }
    }

    fn boolean(&mut self, depth: u32) -> String {
        let d = depth - 1;
        match self.rng.below(24) {
            0..=9 => {
                let kind = random_numeric(&mut self.rng);
                let op = *self.rng.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({} {op} {})", self.expr(Ty::One(kind), d), self.expr(Ty::One(kind), d))
            }
            10 | 11 => {
                // A comparison with a constant, as most comparisons are.
                let kind = if self.rng.chance(70) { Kind::Int } else { Kind::Long };
                let op = *self.rng.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({} {op} {})", self.expr(Ty::One(kind), d), literal(kind, &mut self.rng))
            }
            12..=15 => {
                let op = *self.rng.pick(&["&&", "||", "&&", "||", "^", "&", "|"]);
                format!("({} {op} {})", self.expr(BOOL, d), self.expr(BOOL, d))
            }
            16 => format!("(!{})", self.expr(BOOL, d)),
            17 => {
                let op = *self.rng.pick(&["==", "!="]);
                format!("({} {op} null)", self.random_reference(d))
            }
            18 => format!("{}.equals({})", self.expr(STRING, d), self.expr(STRING, d)),
            19 => {
                let target = self.random_class_name();
                format!("(((Object) {}) instanceof {target})", self.expr(OBJECT, d))
            }
            20 => {
                let name = *self.rng.pick(&[
                    "Character.isDigit",
                    "Character.isLetter",
                    "Character.isUpperCase",
                    "Character.isWhitespace",
                ]);
                format!("{name}({})", self.expr(Ty::One(Kind::Char), d))
            }
            21 => {
                let name = *self.rng.pick(&["Double.isNaN", "Double.isInfinite"]);
                format!("{name}({})", self.expr(DOUBLE, d))
            }
            22 => format!("java.util.Objects.equals({}, {})", self.expr(OBJECT, d), self.expr(OBJECT, d)),
            _ => self.lambda_call(BOOL, d),
        }
    }

    fn random_class_name(&mut self) -> String {
        if self.rng.chance(50) && !self.classes.is_empty() {
            return format!("C{}", self.rng.below(self.classes.len()));
        }
        self.rng
            .pick(&["Integer", "Long", "String", "Number", "Comparable", "Double", "Character"])
            .to_string()
    }

    fn random_reference(&mut self, depth: u32) -> String {
        let ty = match self.rng.below(3) {
            0 if !self.classes.is_empty() => Ty::Class(self.rng.below(self.classes.len())),
            1 => STRING,
            _ => OBJECT,
        };
        self.expr(ty, depth)
    }

    fn string(&mut self, depth: u32) -> String {
        let d = depth - 1;
        match self.rng.below(14) {
            0..=4 => {
                let first = self.expr(STRING, d);
                let mut text = format!("({first}");
                for _ in 0..1 + self.rng.below(3) {
                    let kind = random_kind(&mut self.rng);
                    text.push_str(&format!(" + {}", self.expr(Ty::One(kind), d)));
                }
                text + ")"
            }
            5 => {
                let kind = *self.rng.pick(&[
                    Kind::Bool,
                    Kind::Char,
                    Kind::Int,
                    Kind::Long,
                    Kind::Float,
                    Kind::Double,
                    Kind::Obj,
                ]);
                format!("String.valueOf({})", self.expr(Ty::One(kind), d))
            }
            6 => {
                let name = *self.rng.pick(&[
                    "Integer.toHexString",
                    "Integer.toBinaryString",
                    "Integer.toUnsignedString",
                ]);
                format!("{name}({})", self.expr(INT, d))
            }
            7 => format!("Long.toString({}, {})", self.expr(LONG, d), self.rng.range(2, 36)),
            8 | 9 => {
                let mut text = "new StringBuilder()".to_owned();
                for _ in 0..1 + self.rng.below(3) {
                    let kind = random_kind(&mut self.rng);
                    text.push_str(&format!(".append({})", self.expr(Ty::One(kind), d)));
                }
                if self.rng.chance(30) {
                    text.push_str(".reverse()");
                }
                text + ".toString()"
            }
            10 => format!("cut({}, {}, {})", self.expr(STRING, d), self.expr(INT, d), self.expr(INT, d)),
            11 if self.risk() => format!("{}.substring({})", self.expr(STRING, d), self.expr(INT, d)),
            12 => {
                let ch = Ty::One(Kind::Char);
                format!("{}.replace({}, {})", self.expr(STRING, d), self.expr(ch, d), self.expr(ch, d))
            }
            13 => self.lambda_call(STRING, d),
            _ => {
                let name = *self.rng.pick(&[
                    "trim()",
                    "toUpperCase(java.util.Locale.ROOT)",
                    "intern()",
                    "strip()",
                    "isEmpty() + \"\"",
                ]);
                format!("({}.{name})", self.expr(STRING, d))
            }
        }
    }

    fn object(&mut self, depth: u32) -> String {
        let d = depth - 1;
        match self.rng.below(4) {
            0 if !self.classes.is_empty() => {
                let class = self.rng.below(self.classes.len());
                format!("((Object) {})", self.expr(Ty::Class(class), d))
            }
            1 => format!("((Object) {})", self.expr(STRING, d)),
            _ => {
                let kind = *self.rng.pick(&KINDS[..8]);
                format!("((Object) {}.valueOf({}))", kind.boxed(), self.expr(Ty::One(kind), d))
            }
        }
    }

    /// A value of a class, interface or array type.
    fn reference(&mut self, ty: Ty, depth: u32) -> String {
        let d = depth.saturating_sub(1);
        if self.rng.chance(2) {
            return format!("(({}) null)", ty.java());
        }
        match ty {
            Ty::Class(class) => {
                if depth > 0 && self.risk() {
                    return format!("((C{class}) {})", self.expr(OBJECT, d));
                }
                let Some(concrete) = self.concrete_subclass(class) else {
                    return format!("((C{class}) null)");
                };
                self.frame.cost += 12 * self.frame.times;
                format!("new C{concrete}({}, {})", self.expr(INT, d.min(1)), self.expr(LONG, d.min(1)))
            }
            Ty::Iface(iface) => {
                let implementors: Vec<usize> = (0..self.classes.len())
                    .filter(|&c| !self.classes[c].is_abstract && self.implements(c, iface))
                    .collect();
                if !implementors.is_empty() && self.rng.chance(60) {
                    let class = *self.rng.pick(&implementors);
                    self.frame.cost += 12 * self.frame.times;
                    return format!(
                        "new C{class}({}, {})",
                        self.expr(INT, d.min(1)),
                        self.expr(LONG, d.min(1))
                    );
                }
                self.iface_lambda(iface)
            }
            Ty::Array(kind) => {
                let length = if self.risk() { self.rng.range(-1, 1) } else { self.rng.range(1, 12) };
                self.frame.cost += 4 * self.frame.times;
                if depth > 0 && self.rng.chance(30) {
                    let items: Vec<String> =
                        (0..1 + self.rng.below(6)).map(|_| self.expr(Ty::One(kind), d.min(1))).collect();
                    return format!("new {}[] {{{}}}", kind.java(), items.join(", "));
                }
                format!("new {}[{length}]", kind.java())
            }
            Ty::Matrix(kind) => {
                self.frame.cost += 20 * self.frame.times;
                format!("new {}[{}][{}]", kind.java(), self.rng.range(1, 6), self.rng.range(1, 6))
            }
            Ty::One(_) => unreachable!("a value of one kind has its own operators"),
        }
    }

    pub fn concrete_subclass(&mut self, class: usize) -> Option<usize> {
        let all: Vec<usize> = (0..self.classes.len())
            .filter(|&c| !self.classes[c].is_abstract && self.is_subclass(c, class))
            .collect();
        if all.is_empty() { None } else { Some(*self.rng.pick(&all)) }
    }

    pub fn is_subclass(&self, mut class: usize, ancestor: usize) -> bool {
        loop {
            if class == ancestor {
                return true;
            }
            match self.classes[class].superclass {
                Some(s) => class = s,
                None => return false,
            }
        }
    }

    pub fn implements(&self, class: usize, iface: usize) -> bool {
        self.classes[class].interfaces.contains(&iface)
            || self.classes[class].superclass.is_some_and(|s| self.implements(s, iface))
    }

    /// Fields of a class and its ancestors.
    pub fn all_fields(&self, class: usize) -> Vec<Field> {
        let mut fields = self.classes[class].fields.clone();
        if let Some(s) = self.classes[class].superclass {
            fields.extend(self.all_fields(s));
        }
        fields
    }

    fn places(&self, ty: Ty, write: bool) -> Vec<Place> {
        let mut places = Vec::new();
        let element = match ty {
            Ty::One(kind) => Some(kind),
            _ => None,
        };
        let mut fields: Vec<Field> = self.statics.clone();
        if let Some(class) = self.frame.class {
            fields.extend(self.all_fields(class));
        }
        for local in self.frame.readable() {
            if let Ty::Class(class) = local.ty {
                fields.extend(
                    self.all_fields(class)
                        .into_iter()
                        .map(|f| Field { name: format!("{}.{}", local.name, f.name), ..f }),
                );
            }
            fields.push(Field {
                name: local.name.clone(),
                ty: local.ty,
                // Whether a local may be assigned is decided below.
                is_final: true,
                length: local.length,
            });
            if local.ty == ty && !write {
                // Locals count twice: methods compute with them most.
                places.push(Place::Simple(local.name.clone()));
            }
        }
        if write {
            let names: Vec<_> =
                self.frame.writable().filter(|l| l.ty == ty).map(|l| l.name.clone()).collect();
            for name in names {
                places.push(Place::Simple(name.clone()));
                places.push(Place::Simple(name));
            }
        }
        for field in fields {
            if field.ty == ty && !(write && field.is_final) {
                places.push(Place::Simple(field.name));
            } else if let Some(kind) = element {
                if field.ty == Ty::Array(kind) {
                    places.push(Place::Element(field.name, field.length));
                } else if field.ty == Ty::Matrix(kind) {
                    places.push(Place::Cell(field.name));
                }
            }
        }
        places
    }

    fn place(&mut self, ty: Ty, write: bool, depth: u32) -> Option<String> {
        let places = self.places(ty, write);
        if places.is_empty() {
            return None;
        }
        Some(match self.rng.pick(&places) {
            Place::Simple(name) => name.clone(),
            Place::Element(array, length) => {
                let index = self.index(array, *length, depth);
                format!("{array}[{index}]")
            }
            Place::Cell(matrix) => {
                let row = self.index(matrix, None, depth);
                let row = format!("{matrix}[{row}]");
                let column = self.index(&row, None, 0);
                format!("{row}[{column}]")
            }
        })
    }

    pub fn read(&mut self, ty: Ty, depth: u32) -> Option<String> {
        self.place(ty, false, depth)
    }

    pub fn write(&mut self, ty: Ty, depth: u32) -> Option<String> {
        self.place(ty, true, depth)
    }

    /// An index into `array`, most often in bounds.
    pub fn index(&mut self, array: &str, length: Option<u32>, depth: u32) -> String {
        self.frame.cost += self.frame.times;
        if self.risk() {
            return self.expr(INT, depth);
        }
        let Some(length) = length else {
            // Indexing with a remainder: no bound that a compiler could know.
            if self.rng.below(2) != 0 {
                return "0".to_owned();
            }
            let index = self.expr(INT, depth);
            // The array's text stands in its element's index again: nested, that would double at each level.
            return match array.len() + index.len() {
                ..=LONGEST_ELEMENT => format!("(({index} & 2147483647) % {array}.length)"),
                _ => "0".to_owned(),
            };
        };
        let length = i64::from(length);
        let counters: Vec<(String, i64, i64)> = self
            .frame
            .readable()
            .filter_map(|l| {
                let (low, high) = l.range?;
                (l.ty == INT && high - low < length).then(|| (l.name.clone(), low, high))
            })
            .collect();
        if !counters.is_empty() && self.rng.chance(70) {
            let (name, low, high) = self.rng.pick(&counters).clone();
            let offset = self.rng.range(-low, length - 1 - high);
            return match offset {
                0 => name,
                _ if low == 0 && self.rng.chance(20) => format!("({high} - {name})"),
                1.. => format!("({name} + {offset})"),
                _ => format!("({name} - {})", -offset),
            };
        }
        if self.rng.chance(30) {
            return self.rng.range(0, length - 1).to_string();
        }
        let mask = (1i64 << (63 - length.leading_zeros())) - 1;
        format!("({} & {mask})", self.expr(INT, depth))
    }

    /// `x = e`, `x += e`, `x++` and their like, as an expression.
    pub fn assignment(&mut self, ty: Ty, depth: u32) -> Option<String> {
        let d = depth.saturating_sub(1);
        let place = self.write(ty, d)?;
        let Ty::One(kind) = ty else {
            return Some(format!("({place} = {})", self.expr(ty, d)));
        };
        Some(match kind {
            Kind::Str => match self.rng.below(2) {
                0 => format!("({place} = clip({}))", self.expr(STRING, d)),
                // The string grows by one step, then it is cut.
                _ => format!("({place} = clip({place} + {}))", self.expr(OBJECT, d)),
            },
            Kind::Obj => format!("({place} = {})", self.bounded_object(d)),
            Kind::Bool => {
                let op = *self.rng.pick(&["=", "&=", "|=", "^="]);
                format!("({place} {op} {})", self.expr(BOOL, d))
            }
            _ => match self.rng.below(10) {
                0..=2 => format!("({place} = {})", self.expr(ty, d)),
                3 => format!("({place}++)"),
                4 => format!("(--{place})"),
                5 if !kind.is_floating() => {
                    let op = *self.rng.pick(&["<<=", ">>=", ">>>="]);
                    let count = self.shift_count(d);
                    format!("({place} {op} {count})")
                }
                6 if !kind.is_floating() => {
                    let op = *self.rng.pick(&["/=", "%="]);
                    let by = if self.rng.chance(60) { INT } else { LONG };
                    format!("({place} {op} {})", self.divisor(by, d))
                }
                7 if !kind.is_floating() => {
                    let op = *self.rng.pick(&["&=", "|=", "^="]);
                    let by = if self.rng.chance(60) { INT } else { LONG };
                    format!("({place} {op} {})", self.expr(by, d))
                }
                _ => {
                    let op = *self.rng.pick(&["+=", "-=", "*="]);
                    let by = Ty::One(random_numeric(&mut self.rng));
                    format!("({place} {op} {})", self.expr(by, d))
                }
            },
        })
    }

    /// An object that does not grow when it is stored and read in turns.
    pub fn bounded_object(&mut self, depth: u32) -> String {
        let kind = *self.rng.pick(&KINDS[..8]);
        match self.rng.below(3) {
            0 => format!("((Object) clip({}))", self.expr(STRING, depth)),
            1 if !self.classes.is_empty() => {
                let class = self.rng.below(self.classes.len());
                format!("((Object) {})", self.expr(Ty::Class(class), depth))
            }
            _ => format!("((Object) {}.valueOf({}))", kind.boxed(), self.expr(Ty::One(kind), depth)),
        }
    }

    /// A call of one of the program's own methods, where one of that type is affordable.
    pub fn call(&mut self, ty: Ty, depth: u32) -> Option<String> {
        if let Some(method) = self.super_method.clone()
            && method.ret == ty
            && method.cost.saturating_mul(self.frame.times * 2) <= self.frame.left()
            && self.rng.chance(30)
        {
            self.frame.cost += method.cost * self.frame.times;
            let arguments: Vec<String> = method.params.iter().map(|&p| self.expr(p, 1)).collect();
            return Some(format!("super.{}({})", method.name, arguments.join(", ")));
        }
        let affordable: Vec<usize> = (0..self.frame.callables)
            .filter(|&i| {
                let c = &self.callables[i];
                c.ret == ty && c.cost.saturating_mul(self.frame.times * 2) <= self.frame.left()
            })
            .collect();
        if affordable.is_empty() {
            return None;
        }
        let index = *self.rng.pick(&affordable);
        let callable = self.callables[index].clone();
        self.frame.cost += callable.cost * self.frame.times;
        let d = depth.saturating_sub(1).min(2);
        let arguments: Vec<String> = callable.params.iter().map(|&p| self.expr(p, d)).collect();
        let arguments = arguments.join(", ");
        let name = &callable.name;
        Some(match callable.kind {
            CallKind::Static => format!("{name}({arguments})"),
            CallKind::Virtual(class) => {
                let own = self.frame.class.is_some_and(|c| self.is_subclass(c, class));
                if own && self.rng.chance(50) {
                    format!("{name}({arguments})")
                } else {
                    format!("{}.{name}({arguments})", self.receiver(Ty::Class(class), d))
                }
            }
            CallKind::Interface(iface) => {
                format!("{}.{name}({arguments})", self.receiver(Ty::Iface(iface), d))
            }
        })
    }

    /// Receivers come from variables more often than other expressions do, so that call sites see many types.
    pub fn receiver(&mut self, ty: Ty, depth: u32) -> String {
        let text = match self.read(ty, 0) {
            Some(place) if self.rng.chance(75) => place,
            _ => self.expr(ty, depth),
        };
        if text.starts_with("new ") || text.starts_with('(') { format!("({text})") } else { text }
    }

    fn switch_expression(&mut self, ty: Ty, depth: u32) -> String {
        let d = depth - 1;
        let selector = self.expr(INT, d);
        let sparse = self.rng.chance(40);
        let mut text = format!("(switch ({selector} & 7) {{ ");
        let mut keys: Vec<i64> = (0..8).collect();
        for _ in 0..1 + self.rng.below(3) {
            let key = keys.remove(self.rng.below(keys.len()));
            let mut list = key.to_string();
            if sparse && self.rng.chance(50) {
                list = format!("{list}, {}", 1000 * key + 100_000);
            }
            let value = self.expr(ty, d.min(1));
            if self.rng.chance(25) {
                let effect = self.expr(INT, d.min(1));
                // `yield (a) + b` would be a call of a method `yield`, so the value gets a name.
                let name = self.fresh("y");
                text.push_str(&format!(
                    "case {list} -> {{ mix({effect}); final {} {name} = {value}; yield {name}; }} ",
                    ty.java()
                ));
            } else {
                text.push_str(&format!("case {list} -> {value}; "));
            }
        }
        format!("{text}default -> {}; }})", self.expr(ty, d.min(1)))
    }
}
