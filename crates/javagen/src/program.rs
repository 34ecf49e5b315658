//! A whole program: its classes, its fields, its methods in an order in which each calls only earlier ones,
//! and a `main` that runs them many times.

use crate::rng::Rng;
use crate::scope::{CallKind, Callable, ClassInfo, Field, Frame, IfaceInfo, Lines};
use crate::snippet::{SUPPORT, SUPPORT_INDY};
use crate::types::{INT, Kind, OBJECT, Ty, literal, random_kind};

/// What programs may use.
#[derive(Clone, Copy)]
pub struct Features {
    /// Lambdas, records, and string concatenation by `invokedynamic`.
    pub indy: bool,
    pub threads: bool,
    /// Steps of a whole program, about; a step is an operator.
    pub steps: u64,
}

pub struct Gen {
    pub rng: Rng,
    pub features: Features,
    pub name: String,
    pub classes: Vec<ClassInfo>,
    pub ifaces: Vec<IfaceInfo>,
    pub statics: Vec<Field>,
    pub callables: Vec<Callable>,
    pub frame: Frame,
    /// The method that the one being generated overrides.
    pub super_method: Option<Callable>,
    names: usize,
}

/// The source of program `seed`: one public class of that name, in one file.
pub fn generate(seed: u64, name: &str, features: Features) -> String {
    let mut features = features;
    let mut rng = Rng::new(seed);
    // Half of the programs keep to classes and loops, so that `invokedynamic` does not hide what they find.
    features.indy &= rng.chance(55);
    features.threads &= rng.chance(10);
    let mut generator = Gen {
        rng,
        features,
        name: name.to_owned(),
        classes: Vec::new(),
        ifaces: Vec::new(),
        statics: Vec::new(),
        callables: Vec::new(),
        frame: Frame::new(None, None, 0, 0),
        super_method: None,
        names: 0,
    };
    generator.program(seed)
}

impl Gen {
    pub fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn program(&mut self, seed: u64) -> String {
        self.shape();
        let static_fields = self.static_fields();
        let count = 4 + self.rng.below(8);
        let mut methods = Lines::at_depth(1);
        for _ in 0..count {
            self.callable(&mut methods);
        }
        let mut out = Lines::default();
        out.line(format!("// javagen seed {seed}"));
        out.line(format!("public class {} {{", self.name));
        for line in static_fields {
            out.line(line);
        }
        for i in 0..self.ifaces.len() {
            out.line(format!("interface I{i} {{"));
            for line in &self.ifaces[i].members {
                out.line(line);
            }
            out.line("}");
        }
        for i in 0..self.classes.len() {
            self.class(&mut out, i);
        }
        out.lines.append(&mut methods.lines);
        self.main(&mut out);
        out.block(&SUPPORT.replace("%NAME%", &self.name));
        if self.features.indy {
            out.block(SUPPORT_INDY);
        }
        out.line("}");
        out.lines.join("\n") + "\n"
    }

    /// Classes, interfaces and who inherits from whom.
    fn shape(&mut self) {
        for _ in 0..self.rng.below(3) {
            self.ifaces.push(IfaceInfo { method: None, members: Vec::new() });
        }
        for i in 0..self.rng.below(5) {
            let superclass = (i > 0 && self.rng.chance(75)).then(|| self.rng.below(i));
            let interfaces = (0..self.ifaces.len()).filter(|_| self.rng.chance(45)).collect();
            let fields = (0..1 + self.rng.below(4))
                .map(|_| {
                    let ty = self.field_type();
                    Field { name: self.fresh("f"), ty, is_final: self.rng.chance(15), length: None }
                })
                .collect();
            self.classes.push(ClassInfo {
                superclass,
                is_abstract: i == 0 && self.rng.chance(40),
                interfaces,
                fields,
                members: Vec::new(),
            });
        }
    }

    fn field_type(&mut self) -> Ty {
        match self.rng.below(10) {
            0 => Ty::Array(random_kind(&mut self.rng)),
            1 if !self.classes.is_empty() => Ty::Class(self.rng.below(self.classes.len())),
            _ => Ty::One(random_kind(&mut self.rng)),
        }
    }

    fn static_fields(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..4 + self.rng.below(8) {
            let ty = self.any_type();
            let name = self.fresh("s");
            let is_final = self.rng.chance(30);
            let mut length = None;
            let value = match ty {
                Ty::One(kind) => literal(kind, &mut self.rng),
                Ty::Array(kind) => {
                    let n = *self.rng.pick(&[1u32, 4, 8, 10, 16, 32, 64, 100, 256]);
                    if is_final {
                        length = Some(n);
                    }
                    format!("new {}[{n}]", kind.java())
                }
                Ty::Matrix(kind) => {
                    format!("new {}[{}][{}]", kind.java(), self.rng.range(1, 8), self.rng.range(1, 8))
                }
                Ty::Class(class) => match self.concrete_subclass(class) {
                    Some(c) => format!("new C{c}({}, {}L)", self.rng.range(-9, 9), self.rng.range(-9, 9)),
                    None => "null".to_owned(),
                },
                Ty::Iface(_) => "null".to_owned(),
            };
            let modifier = match (is_final, self.rng.below(10)) {
                (true, _) => "final ",
                (false, 0) => "volatile ",
                _ => "",
            };
            lines.push(format!("static {modifier}{} {name} = {value};", ty.java()));
            self.statics.push(Field { name, ty, is_final, length });
        }
        lines
    }

    /// One method, or one slot with its implementations.
    fn callable(&mut self, statics: &mut Lines) {
        let name = self.fresh("m");
        let params: Vec<Ty> = (0..self.rng.below(5)).map(|_| self.value_type()).collect();
        let ret = self.value_type();
        let free: Vec<usize> = (0..self.ifaces.len()).filter(|&i| self.ifaces[i].method.is_none()).collect();
        let kind = if !free.is_empty() && self.rng.chance(40) {
            CallKind::Interface(*self.rng.pick(&free))
        } else if !self.classes.is_empty() && self.rng.chance(40) {
            CallKind::Virtual(self.rng.below(self.classes.len()))
        } else {
            CallKind::Static
        };
        let index = self.callables.len();
        let mut callable = Callable { name, kind, params, ret, cost: 60 };
        // Early methods are cheap, so that later ones can call them in loops.
        let limit = [300, 300, 1000, 1000, 3000, 3000, 10_000][index.min(6)];
        let limit = self.rng.range(limit / 3, limit) as u64;
        match kind {
            CallKind::Static => {
                let synchronized = if self.rng.chance(5) { "synchronized " } else { "" };
                let header = self.header(&callable, &format!("static {synchronized}"));
                let (lines, cost) = self.method(None, &callable, &header.0, header.1, limit, 1);
                statics.lines.extend(lines);
                callable.cost = cost;
            }
            CallKind::Virtual(class) => {
                for c in 0..self.classes.len() {
                    if !self.is_subclass(c, class) || (c != class && self.rng.chance(40)) {
                        continue;
                    }
                    if c == class
                        && self.classes[c].is_abstract
                        && self.rng.chance(50)
                        && self.all_override(class)
                    {
                        let header = self.header(&callable, "abstract ");
                        self.classes[c].members.push(format!("{};", header.0));
                        // Every direct subclass must then have one of its own.
                        for d in 0..self.classes.len() {
                            if d != c && self.classes[d].superclass == Some(c) {
                                callable.cost = callable.cost.max(self.implement(d, &callable, limit, false));
                            }
                        }
                        break;
                    }
                    callable.cost = callable.cost.max(self.implement(c, &callable, limit, c != class));
                }
            }
            CallKind::Interface(iface) => {
                let header = self.header(&callable, "");
                self.ifaces[iface].members.push(format!("{};", header.0));
                if self.rng.chance(40) {
                    let twice = self.fresh("d");
                    let constant = literal(Kind::Int, &mut self.rng);
                    self.ifaces[iface].members.extend([
                        format!("default int {twice}(int x) {{"),
                        format!("return x * {constant} + 1;"),
                        "}".to_owned(),
                    ]);
                }
                for c in 0..self.classes.len() {
                    let inherits = self.classes[c].superclass.is_some_and(|s| self.implements(s, iface));
                    let must = self.classes[c].interfaces.contains(&iface) && !inherits;
                    if must || (inherits && self.rng.chance(50)) {
                        callable.cost = callable.cost.max(self.implement(c, &callable, limit, inherits));
                    }
                }
                self.ifaces[iface].method = Some(index);
            }
        }
        // The receiver, and a margin for what the estimate misses.
        callable.cost += 10;
        self.callables.push(callable);
    }

    /// Whether no class inherits from `class` except directly (so that an abstract method there is safe).
    fn all_override(&self, class: usize) -> bool {
        self.classes.iter().all(|c| c.superclass.is_none_or(|s| s == class || !self.is_subclass(s, class)))
    }

    fn implement(&mut self, class: usize, callable: &Callable, limit: u64, has_super: bool) -> u64 {
        let synchronized = if self.rng.chance(5) { "synchronized " } else { "" };
        let header = self.header(callable, &format!("public {synchronized}"));
        self.super_method = has_super.then(|| callable.clone());
        let (lines, cost) = self.method(Some(class), callable, &header.0, header.1, limit, 2);
        self.super_method = None;
        self.classes[class].members.extend(lines.into_iter().map(|l| l.trim().to_owned()));
        cost
    }

    fn value_type(&mut self) -> Ty {
        match self.rng.below(14) {
            0 if !self.classes.is_empty() => Ty::Class(self.rng.below(self.classes.len())),
            1 => Ty::Array(*self.rng.pick(&[Kind::Int, Kind::Long, Kind::Byte, Kind::Double, Kind::Char])),
            2 => OBJECT,
            _ => Ty::One(random_kind(&mut self.rng)),
        }
    }

    fn header(&mut self, callable: &Callable, modifiers: &str) -> (String, Vec<String>) {
        let names: Vec<String> = callable.params.iter().map(|_| self.fresh("a")).collect();
        let list: Vec<String> =
            callable.params.iter().zip(&names).map(|(t, n)| format!("{} {n}", t.java())).collect();
        (format!("{modifiers}{} {}({})", callable.ret.java(), callable.name, list.join(", ")), names)
    }

    fn method(
        &mut self,
        class: Option<usize>,
        callable: &Callable,
        header: &str,
        names: Vec<String>,
        limit: u64,
        depth: usize,
    ) -> (Vec<String>, u64) {
        self.frame = Frame::new(class, Some(callable.ret), limit, self.callables.len());
        for (name, &ty) in names.iter().zip(&callable.params) {
            self.frame.declare(name, ty, false);
        }
        let mut out = Lines::at_depth(depth);
        out.line(format!("{header} {{"));
        let count = 2 + self.rng.below(9);
        self.statements(&mut out, count, 3);
        self.observe(&mut out, 0);
        // The result may cost a little more than the limit: a leaf at least.
        let value = self.returned(callable.ret);
        out.line(format!("return {value};"));
        out.line("}");
        (out.lines, self.frame.cost + 5)
    }

    fn class(&mut self, out: &mut Lines, i: usize) {
        let superclass = self.classes[i].superclass;
        let mut header =
            if self.classes[i].is_abstract { "static abstract class " } else { "static class " }.to_owned();
        header.push_str(&format!("C{i}"));
        if let Some(s) = superclass {
            header.push_str(&format!(" extends C{s}"));
        }
        let interfaces: Vec<String> = self.classes[i].interfaces.iter().map(|n| format!("I{n}")).collect();
        if !interfaces.is_empty() {
            header.push_str(&format!(" implements {}", interfaces.join(", ")));
        }
        out.line(format!("{header} {{"));
        let fields = self.classes[i].fields.clone();
        // `hidden` is declared anew in every class of a chain.
        out.line(format!("int hidden = {};", 10 * (i + 1)));
        for field in &fields {
            let volatile = if !field.is_final && self.rng.chance(8) { "volatile " } else { "" };
            out.line(format!(
                "{}{volatile}{} {};",
                if field.is_final { "final " } else { "" },
                field.ty.java(),
                field.name
            ));
        }
        out.line(format!("C{i}(int a, long b) {{"));
        if superclass.is_some() {
            out.line("super(a + 1, b ^ a);");
        }
        for field in &fields {
            let value = match field.ty {
                Ty::One(Kind::Bool) => "(a > b)".to_owned(),
                Ty::One(Kind::Str) => "(\"\" + a)".to_owned(),
                Ty::One(Kind::Obj) => "Long.valueOf(b)".to_owned(),
                Ty::One(kind) => format!(
                    "({}) ({} + {})",
                    kind.java(),
                    self.rng.pick(&["a", "b", "a * b", "a - b"]),
                    literal(Kind::Int, &mut self.rng)
                ),
                Ty::Array(kind) => format!("new {}[{}]", kind.java(), self.rng.range(1, 9)),
                _ => "null".to_owned(),
            };
            out.line(format!("this.{} = {value};", field.name));
        }
        out.line("}");
        let members = self.classes[i].members.clone();
        for line in members {
            out.line(line);
        }
        let shown: Vec<String> = fields
            .iter()
            .filter(|f| matches!(f.ty, Ty::One(k) if k != Kind::Obj))
            .map(|f| f.name.clone())
            .collect();
        let up = if superclass.is_some() { " + super.hidden" } else { "" };
        out.line("public String toString() {");
        out.line(format!(
            "return \"C{i}\" + hidden{up}{};",
            shown.iter().map(|n| format!(" + ',' + {n}")).collect::<String>()
        ));
        out.line("}");
        out.line("public int hashCode() {");
        out.line("return toString().hashCode();");
        out.line("}");
        out.line("public boolean equals(Object o) {");
        out.line(format!(
            "return o instanceof C{i} && ((C{i}) o).hidden == hidden && o.hashCode() == hashCode();"
        ));
        out.line("}");
        out.line("}");
    }

    /// Runs every method often enough that compilers take note, on receivers of many classes.
    fn main(&mut self, out: &mut Lines) {
        let total: u64 = self.callables.iter().map(|c| c.cost).sum::<u64>().max(1);
        let rounds = (self.features.steps / total).clamp(3, 2000);
        out.line("static void round(int round) {");
        self.frame = Frame::new(None, None, u64::MAX / 4, self.callables.len());
        self.frame.counter("round");
        for i in 0..self.callables.len() {
            let callable = self.callables[i].clone();
            self.frame.callables = 0;
            self.frame.tries = 1;
            let arguments: Vec<String> = callable.params.iter().map(|&p| self.expr(p, 2)).collect();
            let arguments = arguments.join(", ");
            let call = match callable.kind {
                CallKind::Static => format!("{}({arguments})", callable.name),
                CallKind::Virtual(class) => {
                    let receiver = self.polymorphic(Ty::Class(class));
                    format!("{receiver}.{}({arguments})", callable.name)
                }
                CallKind::Interface(iface) => {
                    let receiver = self.polymorphic(Ty::Iface(iface));
                    format!("{receiver}.{}({arguments})", callable.name)
                }
            };
            let call = match callable.ret {
                Ty::Array(Kind::Obj | Kind::Str) => format!("java.util.Arrays.asList({call})"),
                Ty::Array(_) => format!("java.util.Arrays.hashCode({call})"),
                _ => call,
            };
            out.line("try {");
            out.line(format!("mix({call});"));
            out.line("} catch (Throwable t) {");
            out.line("note(t);");
            out.line("}");
        }
        out.line("}");
        out.line("public static void main(String[] args) {");
        out.line(format!("for (int round = 0; round < {rounds}; round++) {{"));
        out.line("round(round);");
        out.line("if ((round & (round - 1)) == 0) {");
        out.line("System.out.println(round + \" \" + Long.toHexString(chk));");
        out.line("}");
        out.line("}");
        for field in self.statics.clone() {
            match field.ty {
                Ty::One(_) => out.line(format!("mix({});", field.name)),
                Ty::Class(_) => out.line(format!("mix(String.valueOf({}));", field.name)),
                Ty::Array(_) => out.line(format!(
                    "mix({} == null ? 0 : java.util.Arrays.hashCode({}));",
                    field.name, field.name
                )),
                Ty::Matrix(_) => out.line(format!("mix(java.util.Arrays.deepHashCode({}));", field.name)),
                Ty::Iface(_) => {}
            }
        }
        out.line("System.out.println(\"end \" + Long.toHexString(chk) + \" \" + noted);");
        out.line("}");
    }

    /// A receiver whose class changes from round to round.
    fn polymorphic(&mut self, ty: Ty) -> String {
        let candidates: Vec<String> = (0..3).map(|_| self.expr(ty, 1)).collect();
        format!(
            "(round % 3 == 0 ? {} : round % 5 == 0 ? {} : {})",
            candidates[0], candidates[1], candidates[2]
        )
    }
}

impl Frame {
    fn counter(&mut self, name: &str) {
        self.declare(name, INT, false);
        if let Some(local) = self.locals.last_mut() {
            local.assignable = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Features = Features { indy: true, threads: true, steps: 100_000 };

    #[test]
    fn a_seed_means_one_program() {
        for seed in 0..50 {
            assert_eq!(generate(seed, "P", ALL), generate(seed, "P", ALL));
        }
        assert_ne!(generate(1, "P", ALL), generate(2, "P", ALL));
    }

    /// The shrinker's view of a program: every line that opens a block has a line that closes it.
    #[test]
    fn blocks_are_lines() {
        for seed in 0..200 {
            let mut depth = 0;
            for line in generate(seed, "P", ALL).lines() {
                let text = line.trim();
                if text.starts_with('}') {
                    depth -= 1;
                }
                assert!(depth >= 0, "seed {seed}: {line}");
                if text.ends_with('{') {
                    depth += 1;
                }
            }
            assert_eq!(depth, 0, "seed {seed}");
        }
    }

    #[test]
    fn what_is_forbidden_does_not_occur() {
        let features = Features { indy: false, threads: false, ..ALL };
        for seed in 0..200 {
            let text = generate(seed, "P", features);
            assert!(!text.contains("->") || !text.contains("stream."), "seed {seed}");
            assert!(!text.contains("record ") && !text.contains("new Thread("), "seed {seed}");
        }
    }
}
