//! Lambdas, method references and anonymous classes.

use crate::program::Gen;
use crate::types::{BOOL, DOUBLE, INT, LONG, STRING, Ty};

struct Functional {
    interface: &'static str,
    method: &'static str,
    params: &'static [Ty],
    ret: Ty,
    references: &'static [&'static str],
}

const FUNCTIONAL: &[Functional] = &[
    Functional {
        interface: "IntBinaryOperator",
        method: "applyAsInt",
        params: &[INT, INT],
        ret: INT,
        references: &["Math::max", "Integer::sum", "Integer::compareUnsigned", "Integer::rotateLeft"],
    },
    Functional {
        interface: "IntUnaryOperator",
        method: "applyAsInt",
        params: &[INT],
        ret: INT,
        references: &["Integer::reverse", "Integer::bitCount", "Math::abs"],
    },
    Functional {
        interface: "ToIntFunction<String>",
        method: "applyAsInt",
        params: &[STRING],
        ret: INT,
        references: &["String::length", "String::hashCode"],
    },
    Functional {
        interface: "LongBinaryOperator",
        method: "applyAsLong",
        params: &[LONG, LONG],
        ret: LONG,
        references: &["Long::sum", "Math::min", "Math::multiplyHigh"],
    },
    Functional {
        interface: "IntToLongFunction",
        method: "applyAsLong",
        params: &[INT],
        ret: LONG,
        references: &["Integer::toUnsignedLong"],
    },
    Functional {
        interface: "DoubleUnaryOperator",
        method: "applyAsDouble",
        params: &[DOUBLE],
        ret: DOUBLE,
        references: &["Math::sqrt", "Math::floor"],
    },
    Functional {
        interface: "LongToDoubleFunction",
        method: "applyAsDouble",
        params: &[LONG],
        ret: DOUBLE,
        references: &[],
    },
    Functional {
        interface: "IntPredicate",
        method: "test",
        params: &[INT],
        ret: BOOL,
        references: &["Character::isDigit"],
    },
    Functional {
        interface: "BooleanSupplier",
        method: "getAsBoolean",
        params: &[],
        ret: BOOL,
        references: &[],
    },
    Functional {
        interface: "LongFunction<String>",
        method: "apply",
        params: &[LONG],
        ret: STRING,
        references: &["String::valueOf", "Long::toHexString"],
    },
    Functional { interface: "Supplier<String>", method: "get", params: &[], ret: STRING, references: &[] },
];

impl Gen {
    /// Makes a function object of a result type and calls it on the spot.
    pub fn lambda_call(&mut self, ty: Ty, depth: u32) -> String {
        let fitting: Vec<&Functional> = FUNCTIONAL.iter().filter(|f| f.ret == ty).collect();
        if fitting.is_empty() {
            return self.leaf(ty);
        }
        let f = *self.rng.pick(&fitting);
        self.frame.cost += 6 * self.frame.times;
        let arguments: Vec<String> = f.params.iter().map(|&p| self.expr(p, depth)).collect();
        let arguments = arguments.join(", ");
        let interface = format!("java.util.function.{}", f.interface);
        if self.features.indy && !f.references.is_empty() && self.rng.chance(25) {
            let reference = *self.rng.pick(f.references);
            return format!("(({interface}) {reference}).{}({arguments})", f.method);
        }
        let function = self.function(&interface, f.method, f.params, f.ret, depth);
        format!("{function}.{}({arguments})", f.method)
    }

    /// A lambda, or an anonymous class in its place, whose body is one expression or two statements.
    pub fn function(&mut self, interface: &str, method: &str, params: &[Ty], ret: Ty, depth: u32) -> String {
        let names: Vec<String> = params.iter().map(|_| self.fresh("p")).collect();
        let outer = (self.frame.barrier, self.frame.locals.len());
        self.frame.barrier = self.frame.locals.len();
        // In an anonymous class `super` would be another.
        let super_method = self.super_method.take();
        for (name, &ty) in names.iter().zip(params) {
            self.frame.declare(name, ty, false);
        }
        let effect = self.rng.chance(25).then(|| self.assignment(INT, 1)).flatten();
        let body = self.expr(ret, depth.min(2));
        self.super_method = super_method;
        self.frame.barrier = outer.0;
        self.frame.locals.truncate(outer.1);
        let statements = match effect {
            Some(effect) => format!("mix{effect}; return {body};"),
            None => format!("return {body};"),
        };
        if self.features.indy && self.rng.chance(75) {
            let body = if statements.starts_with("mix") { format!("{{ {statements} }}") } else { body };
            return format!("(({interface}) (({}) -> {body}))", names.join(", "));
        }
        let list: Vec<String> = names.iter().zip(params).map(|(n, t)| format!("{} {n}", t.java())).collect();
        format!(
            "(new {interface}() {{ public {} {method}({}) {{ {statements} }} }})",
            ret.java(),
            list.join(", ")
        )
    }

    /// An instance of a generated interface: its one method calls nothing, so it is within any call's cost.
    pub fn iface_lambda(&mut self, iface: usize) -> String {
        let Some(callable) = self.ifaces[iface].method else {
            return format!("((I{iface}) null)");
        };
        let callable = self.callables[callable].clone();
        let callables = std::mem::replace(&mut self.frame.callables, 0);
        let text = self.function(&format!("I{iface}"), &callable.name, &callable.params, callable.ret, 2);
        self.frame.callables = callables;
        text
    }
}
