//! Statements: one a line, blocks opened at the end of a line, so that the shrinker can cut them out.

use crate::program::Gen;
use crate::scope::{Label, Lines, Local};
use crate::types::{BOOL, INT, Kind, STRING, Ty, random_kind, random_numeric};

/// Exceptions that programs throw and catch, with the constructor arguments they take.
const EXCEPTIONS: [&str; 9] = [
    "RuntimeException",
    "IllegalStateException",
    "IllegalArgumentException",
    "ArithmeticException",
    "ArrayIndexOutOfBoundsException",
    "NullPointerException",
    "ClassCastException",
    "IndexOutOfBoundsException",
    "E0",
];

impl Gen {
    /// Up to `count` statements.
    pub fn statements(&mut self, out: &mut Lines, count: usize, depth: u32) {
        for _ in 0..count {
            if self.frame.left() == 0 {
                return;
            }
            self.statement(out, depth);
        }
    }

    /// A nested block: its locals end with it.
    pub fn block(&mut self, out: &mut Lines, depth: u32) {
        let locals = self.frame.locals.len();
        let count = 1 + self.rng.below(4);
        self.statements(out, count, depth);
        self.observe(out, locals);
        self.frame.locals.truncate(locals);
    }

    /// Lets the checksum see a variable that was declared since `from`: what nobody reads, a compiler may drop.
    pub fn observe(&mut self, out: &mut Lines, from: usize) {
        let seen: Vec<(String, Ty)> = self.frame.locals[from..]
            .iter()
            .map(|l| (l.name.clone(), l.ty))
            .filter(|l| !matches!(l.1, Ty::Iface(_)))
            .collect();
        if seen.is_empty() || self.rng.chance(35) {
            return;
        }
        let (name, ty) = self.rng.pick(&seen).clone();
        out.line(match ty {
            Ty::Array(_) => format!("mix(java.util.Arrays.hashCode({name}));"),
            Ty::Matrix(_) => format!("mix(java.util.Arrays.deepHashCode({name}));"),
            _ => format!("mix({name});"),
        });
    }

    fn statement(&mut self, out: &mut Lines, depth: u32) {
        if depth == 0 {
            return self.simple(out);
        }
        match self.rng.below(100) {
            0..=41 => self.simple(out),
            42..=53 => self.conditional(out, depth),
            54..=69 => self.repeat(out, depth),
            70..=76 => self.attempt(out, depth),
            77..=82 => self.switch(out, depth),
            83..=85 => self.synchronized(out, depth),
            86..=88 => self.labelled(out, depth),
            89..=92 => self.leave(out),
            _ => self.snippet(out),
        }
    }

    fn simple(&mut self, out: &mut Lines) {
        match self.rng.below(20) {
            0..=5 => self.declaration(out),
            6..=13 => {
                let ty = self.any_type();
                match self.assignment(ty, 3) {
                    // The outer parentheses would make it no statement.
                    Some(text) => out.line(format!("{};", &text[1..text.len() - 1])),
                    None => self.declaration(out),
                }
            }
            14..=16 => {
                let kind = random_kind(&mut self.rng);
                let value = self.expr(Ty::One(kind), 3);
                out.line(format!("mix({value});"));
            }
            17 | 18 => {
                let ty = self.any_type();
                match self.call(ty, 2) {
                    Some(call) if call.contains('(') => out.line(format!("{call};")),
                    _ => self.declaration(out),
                }
            }
            _ => self.array_operation(out),
        }
    }

    pub fn any_type(&mut self) -> Ty {
        match self.rng.below(20) {
            0 | 1 if !self.classes.is_empty() => Ty::Class(self.rng.below(self.classes.len())),
            2 if !self.ifaces.is_empty() => Ty::Iface(self.rng.below(self.ifaces.len())),
            3 | 4 => Ty::Array(random_kind(&mut self.rng)),
            5 => Ty::Matrix(random_numeric(&mut self.rng)),
            _ => Ty::One(random_kind(&mut self.rng)),
        }
    }

    fn declaration(&mut self, out: &mut Lines) {
        let ty = self.any_type();
        let name = self.fresh("v");
        let is_final = self.rng.chance(35);
        let mut length = None;
        let value = match ty {
            Ty::Array(kind) if is_final && self.rng.chance(85) => {
                let n = *self.rng.pick(&[1u32, 2, 4, 5, 8, 10, 16, 16, 32, 100]);
                length = Some(n);
                self.frame.cost += 4 * self.frame.times;
                format!("new {}[{n}]", kind.java())
            }
            Ty::One(Kind::Str) => format!("clip({})", self.expr(STRING, 3)),
            Ty::One(Kind::Obj) => self.bounded_object(2),
            _ => self.expr(ty, 3),
        };
        out.line(format!("{}{} {name} = {value};", if is_final { "final " } else { "" }, ty.java()));
        self.frame.locals.push(Local { name, ty, is_final, assignable: !is_final, range: None, length });
    }

    fn conditional(&mut self, out: &mut Lines, depth: u32) {
        let condition = self.expr(BOOL, 3);
        out.line(format!("if ({}) {{", outer(&condition)));
        self.block(out, depth - 1);
        while self.rng.chance(15) {
            let condition = self.expr(BOOL, 2);
            out.line(format!("}} else if ({}) {{", outer(&condition)));
            self.block(out, depth - 1);
        }
        if self.rng.chance(45) {
            out.line("} else {");
            self.block(out, depth - 1);
        }
        out.line("}");
    }

    /// How often a loop here may run.
    fn trips(&mut self) -> i64 {
        let most = (self.frame.left() / (self.frame.times * 40)).clamp(1, 3000) as i64;
        match self.rng.below(10) {
            0..=5 => self.rng.range(1, most.min(10)),
            6..=8 => self.rng.range(1, most.min(70)),
            _ => self.rng.range(1, most),
        }
    }

    fn repeat(&mut self, out: &mut Lines, depth: u32) {
        let locals = self.frame.locals.len();
        let times = self.frame.times;
        let trips = self.trips();
        let name = if self.rng.chance(25) { Some(self.fresh("L")) } else { None };
        let prefix = name.as_ref().map_or(String::new(), |n| format!("{n}: "));
        let mut end = "}".to_owned();
        let mut actual = trips;
        match self.rng.below(20) {
            0..=9 => {
                let (header, n) = self.counted(trips);
                actual = n;
                out.line(format!("{prefix}{header}"));
            }
            10 | 11 => actual = self.counted_oddly(out, &prefix),
            12 | 13 => {
                let counter = self.fresh("w");
                let condition = self.expr(BOOL, 2);
                out.line(format!("int {counter} = {trips};"));
                out.line(format!("{prefix}while (({counter}-- > 0) && {condition}) {{"));
                self.counter(&counter, INT, Some((0, trips - 1)), false);
            }
            14 | 15 => {
                let counter = self.fresh("w");
                out.line(format!("int {counter} = 0;"));
                out.line(format!("{prefix}do {{"));
                self.counter(&counter, INT, Some((0, trips)), false);
                self.frame.times *= actual.max(1) as u64;
                let condition = self.expr(BOOL, 1);
                end = format!("}} while ((++{counter} < {trips}) && {condition});");
                self.frame.times = times;
            }
            _ => actual = self.for_each(out, &prefix, trips),
        }
        self.frame.times = times.saturating_mul(actual.max(1) as u64);
        self.frame.labels.push(Label { name, is_loop: true });
        self.block(out, depth - 1);
        self.frame.labels.pop();
        self.frame.times = times;
        out.line(end);
        self.frame.locals.truncate(locals);
    }

    fn counter(&mut self, name: &str, ty: Ty, range: Option<(i64, i64)>, is_final: bool) {
        self.frame.locals.push(Local {
            name: name.to_owned(),
            ty,
            is_final,
            assignable: false,
            range,
            length: None,
        });
    }

    /// A `for` loop with constant bounds, or the length of an array.
    fn counted(&mut self, trips: i64) -> (String, i64) {
        let name = self.fresh("i");
        let kind = *self.rng.pick(&[
            Kind::Int,
            Kind::Int,
            Kind::Int,
            Kind::Int,
            Kind::Int,
            Kind::Long,
            Kind::Short,
            Kind::Char,
        ]);
        let arrays: Vec<(String, i64)> = self
            .frame
            .readable()
            .filter_map(|l| Some((l.name.clone(), i64::from(l.length?))))
            .chain(self.statics.iter().filter_map(|f| Some((f.name.clone(), i64::from(f.length?)))))
            .filter(|&(_, n)| (n as u64) * self.frame.times * 30 <= self.frame.left())
            .collect();
        if !arrays.is_empty() && self.rng.chance(40) {
            let (array, length) = self.rng.pick(&arrays).clone();
            self.counter(&name, INT, Some((0, length - 1)), false);
            let header = if self.rng.chance(75) {
                format!("for (int {name} = 0; {name} < {array}.length; {name}++) {{")
            } else {
                format!("for (int {name} = {array}.length - 1; {name} >= 0; {name}--) {{")
            };
            return (header, length);
        }
        let step = *self.rng.pick(&[1, 1, 1, 1, 2, 3, 7]);
        let low = if kind == Kind::Char || self.rng.chance(70) { 0 } else { self.rng.range(-20, 20) };
        let high = low + trips * step - self.rng.range(0, step - 1);
        self.counter(&name, Ty::One(kind), Some((low, high - 1)), false);
        let header = if kind == Kind::Char || self.rng.chance(70) {
            let update = if step == 1 { format!("{name}++") } else { format!("{name} += {step}") };
            format!("for ({} {name} = {low}; {name} < {high}; {update}) {{", kind.java())
        } else {
            let update = if step == 1 { format!("--{name}") } else { format!("{name} -= {step}") };
            format!("for ({} {name} = {}; {name} >= {low}; {update}) {{", kind.java(), high - 1)
        };
        (header, trips)
    }

    /// Loops that end because a counter overflows, or that count in floating point.
    fn counted_oddly(&mut self, out: &mut Lines, prefix: &str) -> i64 {
        let name = self.fresh("i");
        let n = self.rng.range(1, 9);
        let (kind, header) = match self.rng.below(6) {
            0 => (Kind::Int, format!("for (int {name} = Integer.MAX_VALUE - {n}; {name} > 0; {name}++) {{")),
            1 => (Kind::Int, format!("for (int {name} = Integer.MIN_VALUE + {n}; {name} < 0; {name}--) {{")),
            2 => (Kind::Byte, format!("for (byte {name} = (byte) {}; {name} > 0; {name}++) {{", 127 - n)),
            3 => (Kind::Long, format!("for (long {name} = Long.MAX_VALUE - {n}; {name} > 0L; {name}++) {{")),
            4 => (Kind::Double, format!("for (double {name} = 0.0; {name} < {n}.0; {name} += 0.75) {{")),
            _ => (Kind::Int, format!("for (int {name} = 1; {name} > 0; {name} <<= 2) {{")),
        };
        out.line(format!("{prefix}{header}"));
        self.counter(&name, Ty::One(kind), None, false);
        20
    }

    fn for_each(&mut self, out: &mut Lines, prefix: &str, trips: i64) -> i64 {
        let name = self.fresh("e");
        let arrays: Vec<(String, Kind, i64)> = self
            .frame
            .readable()
            .filter_map(|l| match l.ty {
                Ty::Array(kind) => Some((l.name.clone(), kind, i64::from(l.length?))),
                _ => None,
            })
            .filter(|a| a.2 <= trips.max(16))
            .collect();
        if arrays.is_empty() {
            let (header, n) = self.counted(trips);
            out.line(format!("{prefix}{header}"));
            return n;
        }
        let (array, kind, length) = self.rng.pick(&arrays).clone();
        let is_final = self.rng.chance(50);
        out.line(format!(
            "{prefix}for ({}{} {name} : {array}) {{",
            if is_final { "final " } else { "" },
            kind.java()
        ));
        self.frame.locals.push(Local {
            name,
            ty: Ty::One(kind),
            is_final,
            assignable: !is_final,
            range: None,
            length: None,
        });
        length
    }

    fn attempt(&mut self, out: &mut Lines, depth: u32) {
        // The compiler copies a `finally` to every way out; nested ones multiply.
        let has_finally = !self.frame.in_finally && self.rng.chance(35);
        let has_catch = !has_finally || self.rng.chance(70);
        out.line("try {");
        self.frame.tries += 1;
        self.block(out, depth - 1);
        if self.rng.chance(40) {
            self.throw(out);
        }
        self.frame.tries -= 1;
        if has_catch {
            // Ordered from special to general: a subclass after its superclass does not compile.
            let catches: &[&str] = match self.rng.below(5) {
                0 => &["ArithmeticException", "RuntimeException"],
                1 => &["ArrayIndexOutOfBoundsException | ArithmeticException", "IndexOutOfBoundsException"],
                2 => &["E0", "RuntimeException"],
                3 => &[
                    "NullPointerException | ClassCastException",
                    "IllegalStateException",
                    "RuntimeException",
                ],
                _ => &["Throwable"],
            };
            for class in catches {
                let name = self.fresh("t");
                out.line(format!("}} catch ({class} {name}) {{"));
                out.line(format!("note({name});"));
                if *class == "E0" {
                    self.frame.locals.push(Local {
                        name: format!("{name}.code"),
                        ty: INT,
                        is_final: true,
                        assignable: false,
                        range: None,
                        length: None,
                    });
                    self.block(out, depth - 1);
                    self.frame.locals.pop();
                } else if self.rng.chance(60) {
                    self.block(out, depth - 1);
                }
                if self.rng.chance(6) {
                    let condition = self.expr(BOOL, 1);
                    out.line(format!("if ({}) throw {name};", outer(&condition)));
                }
            }
        }
        if has_finally {
            out.line("} finally {");
            self.frame.in_finally = true;
            self.block(out, (depth - 1).min(1));
            self.frame.in_finally = false;
        }
        out.line("}");
    }

    /// A guarded throw.
    fn throw(&mut self, out: &mut Lines) {
        let class = *self.rng.pick(&EXCEPTIONS);
        let condition = self.expr(BOOL, 2);
        let argument = match class {
            "E0" => self.expr(INT, 2),
            _ => format!("\"x\" + {}", self.expr(INT, 2)),
        };
        out.line(format!("if ({}) {{", outer(&condition)));
        out.line(format!("throw new {class}({argument});"));
        out.line("}");
    }

    fn switch(&mut self, out: &mut Lines, depth: u32) {
        let (selector, labels): (String, Vec<String>) = match self.rng.below(6) {
            0 => {
                let base = self.rng.range(-3, 3);
                (self.expr(INT, 2), (0..6).map(|i| (base + i).to_string()).collect())
            }
            1 => {
                let keys = ["-2147483648", "-100000", "-1", "0", "77", "4096", "2147483647"];
                (self.expr(INT, 2), keys.iter().map(|k| (*k).to_owned()).collect())
            }
            2 => {
                let value = self.expr(INT, 2);
                (format!("({value} & 15)"), (0..16).map(|i| i.to_string()).collect())
            }
            3 => {
                let value = self.expr(Ty::One(Kind::Char), 2);
                (value, ["'a'", "'b'", "'z'", "'0'", "'\\uffff'"].iter().map(|k| (*k).to_owned()).collect())
            }
            4 => {
                let value = self.expr(STRING, 2);
                // "Aa" and "BB" have one hash code.
                let keys = ["\"\"", "\"a\"", "\"Aa\"", "\"BB\"", "\"abc\"", "\"true\"", "\"0\""];
                (value, keys.iter().map(|k| (*k).to_owned()).collect())
            }
            _ => {
                let value = self.expr(INT, 2);
                (
                    format!("(Color.of({value}))"),
                    ["RED", "GREEN", "BLUE"].iter().map(|k| (*k).to_owned()).collect(),
                )
            }
        };
        out.line(format!("switch ({}) {{", outer(&selector)));
        let mut labels = labels;
        let cases = 1 + self.rng.below(labels.len().min(5));
        self.frame.labels.push(Label { name: None, is_loop: false });
        for _ in 0..cases {
            let label = labels.remove(self.rng.below(labels.len()));
            out.line(format!("case {label}: {{"));
            self.block(out, depth - 1);
            out.line("}");
            if self.rng.chance(70) {
                out.line("break;");
            }
        }
        if self.rng.chance(70) {
            out.line("default: {");
            self.block(out, depth - 1);
            out.line("}");
        }
        self.frame.labels.pop();
        out.line("}");
    }

    fn synchronized(&mut self, out: &mut Lines, depth: u32) {
        let lock = match self.rng.below(4) {
            0 if self.frame.class.is_some() && self.frame.barrier == 0 => "this".to_owned(),
            1 => format!("{}.class", self.name),
            _ => "LOCK".to_owned(),
        };
        out.line(format!("synchronized ({lock}) {{"));
        self.block(out, depth - 1);
        if self.rng.chance(20) {
            out.line(format!("{lock}.notifyAll();"));
        }
        out.line("}");
    }

    fn labelled(&mut self, out: &mut Lines, depth: u32) {
        let name = self.fresh("L");
        out.line(format!("{name}: {{"));
        self.frame.labels.push(Label { name: Some(name), is_loop: false });
        self.block(out, depth - 1);
        self.frame.labels.pop();
        out.line("}");
    }

    /// A guarded `break`, `continue`, `return` or `throw`.
    fn leave(&mut self, out: &mut Lines) {
        let condition = self.expr(BOOL, 2);
        let condition = outer(&condition);
        let labels = self.frame.labels.clone();
        if labels.is_empty() || self.rng.chance(15) {
            if self.rng.chance(35) {
                self.throw(out);
            } else if let Some(ty) = self.frame.ret {
                let condition = condition.to_owned();
                let value = self.returned(ty);
                out.line(format!("if ({condition}) {{"));
                out.line(format!("return {value};"));
                out.line("}");
            }
            return;
        }
        let label = self.rng.pick(&labels).clone();
        let innermost = labels.last().is_some_and(|l| l.name == label.name && l.name.is_none());
        let innermost_loop =
            labels.iter().rev().find(|l| l.is_loop).is_some_and(|l| l.name == label.name && l.is_loop);
        let text = match &label.name {
            Some(name) if label.is_loop && self.rng.chance(50) => format!("continue {name};"),
            Some(name) => format!("break {name};"),
            None if label.is_loop && innermost_loop => "continue;".to_owned(),
            None if innermost => "break;".to_owned(),
            None => return,
        };
        out.line(format!("if ({condition}) {{"));
        out.line(text);
        out.line("}");
    }

    pub fn returned(&mut self, ty: Ty) -> String {
        match ty {
            Ty::One(Kind::Str) => format!("clip({})", self.expr(STRING, 3)),
            Ty::One(Kind::Obj) => self.bounded_object(2),
            _ => self.expr(ty, 3),
        }
    }

    fn array_operation(&mut self, out: &mut Lines) {
        let kind = random_numeric(&mut self.rng);
        let (Some(a), Some(b)) = (self.read(Ty::Array(kind), 0), self.read(Ty::Array(kind), 0)) else {
            return self.declaration(out);
        };
        if !is_simple(&a) || !is_simple(&b) {
            return self.declaration(out);
        }
        self.frame.cost += 100 * self.frame.times;
        match self.rng.below(6) {
            0 | 1 => {
                if self.risk() || self.rng.chance(5) {
                    let (from, to, n) = (self.expr(INT, 1), self.expr(INT, 1), self.expr(INT, 1));
                    out.line(format!("System.arraycopy({a}, {from}, {b}, {to}, {n});"));
                } else {
                    let from = self.rng.range(0, 2);
                    out.line(format!("System.arraycopy({a}, Math.min({from}, {a}.length), {b}, 0, Math.min({b}.length, Math.max({a}.length - {from}, 0)));"));
                }
            }
            2 => {
                let value = self.expr(Ty::One(kind), 2);
                out.line(format!("java.util.Arrays.fill({a}, {value});"));
            }
            3 => out.line(format!(
                "mix(java.util.Arrays.hashCode({a}) ^ (java.util.Arrays.equals({a}, {b}) ? 1 : 0));"
            )),
            4 => {
                let copy = self.fresh("v");
                out.line(format!("final {}[] {copy} = {a}.clone();", kind.java()));
                out.line(format!("java.util.Arrays.sort({copy});"));
                self.frame.declare(&copy, Ty::Array(kind), true);
            }
            _ => {
                let copy = self.fresh("v");
                let n = self.rng.range(1, 16) as u32;
                out.line(format!("final {}[] {copy} = java.util.Arrays.copyOf({a}, {n});", kind.java()));
                self.frame.locals.push(Local {
                    name: copy,
                    ty: Ty::Array(kind),
                    is_final: true,
                    assignable: false,
                    range: None,
                    length: Some(n),
                });
            }
        }
    }
}

/// Without the parentheses that the context has too.
pub fn outer(text: &str) -> &str {
    let inner = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => inner,
        None => return text,
    };
    let mut open = 0i32;
    let chars = inner.chars();
    for c in chars {
        match c {
            // Literals may hold parentheses; texts with any stay as they are.
            '"' | '\'' => return text,
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open < 0 {
            return text;
        }
    }
    inner
}

/// A name or a chain of names: evaluating it twice is harmless.
fn is_simple(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '_')
}
