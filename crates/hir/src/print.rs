//! The printer: functions as text, for people and snapshot tests.

use crate::env::{ClassId, CompilerEnv, FieldAccess, MethodId};
use crate::ir::{Block, BlockCall, Function, Inst, State, Terminator, Type, Value};
use crate::op::{CallTarget, Op};
use crate::state::{Contents, Slot, StateMode};
use core::fmt::{self, Write};

/// Names for the printer's handles.
struct Names<'a>(Option<&'a dyn CompilerEnv>);

impl Names<'_> {
    fn class(&self, class: ClassId) -> String {
        self.0.map_or_else(|| format!("{class:?}"), |env| env.class_name(class))
    }

    fn method(&self, method: MethodId) -> String {
        self.0.map_or_else(|| format!("{method:?}"), |env| env.method_name(method))
    }

    fn field(&self, field: &FieldAccess) -> String {
        let name = self.0.map_or_else(|| format!("{:?}", field.id), |env| env.field_name(field.id));
        if field.volatile { format!("volatile {name}") } else { name }
    }
}

/// The function as text; frame states where `states`. With an environment, names stand for numbers.
pub fn print(f: &Function, env: Option<&dyn CompilerEnv>, states: bool) -> String {
    let mut out = String::new();
    let printer = Printer { f, names: Names(env), states };
    printer.function(&mut out).expect("writing to a string");
    out
}

struct Printer<'a> {
    f: &'a Function,
    names: Names<'a>,
    states: bool,
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::I32 => "int",
        Type::I64 => "long",
        Type::F32 => "float",
        Type::F64 => "double",
        Type::Ref => "ref",
        Type::V128 => "lanes",
    }
}

/// `AddI`: an operation's name with a letter for its type.
fn typed(name: &impl fmt::Debug, ty: Type) -> String {
    let letter = match ty {
        Type::I32 => 'I',
        Type::I64 => 'L',
        Type::F32 => 'F',
        Type::F64 => 'D',
        Type::Ref => 'A',
        Type::V128 => 'V',
    };
    format!("{name:?}{letter}")
}

impl Printer<'_> {
    fn function(&self, out: &mut String) -> fmt::Result {
        write!(out, "function {}", self.names.method(self.f.method))?;
        if let Some(bci) = self.f.osr_bci {
            write!(out, " from {bci}")?;
        }
        writeln!(out)?;
        for (n, block) in self.f.blocks.iter().enumerate() {
            if n > 0 && matches!(block.end, Terminator::None) && block.insts.is_empty() {
                continue;
            }
            write!(out, "{}", Block(n as u32))?;
            if !block.params.is_empty() {
                let params: Vec<String> =
                    block.params.iter().map(|&v| format!("{v}: {}", type_name(self.f.ty(v)))).collect();
                write!(out, "({})", params.join(", "))?;
            }
            writeln!(out, "{}", if block.cold { ": cold" } else { ":" })?;
            for &inst in &block.insts {
                self.inst(out, inst)?;
            }
            self.terminator(out, &block.end)?;
        }
        for assumption in &self.f.assumptions {
            writeln!(out, "assume {assumption:?}")?;
        }
        Ok(())
    }

    fn values(&self, values: &[Value]) -> String {
        let all: Vec<String> = values.iter().map(|v| v.to_string()).collect();
        all.join(", ")
    }

    fn call(&self, call: &BlockCall) -> String {
        if call.args.is_empty() {
            call.block.to_string()
        } else {
            format!("{}({})", call.block, self.values(&call.args))
        }
    }

    fn inst(&self, out: &mut String, inst: Inst) -> fmt::Result {
        let data = self.f.inst(inst);
        out.push_str("    ");
        if let Some(v) = data.result {
            write!(out, "{v} = ")?;
        }
        out.push_str(&self.op(data.op));
        if !data.args.is_empty() {
            write!(out, " {}", self.values(&data.args))?;
        }
        self.state(out, data.state)?;
        writeln!(out)
    }

    fn op(&self, op: Op) -> String {
        let n = &self.names;
        match op {
            Op::Int(v) => format!("Int {v}"),
            Op::Long(v) => format!("Long {v}"),
            Op::Float(bits) => format!("Float {:?}", f32::from_bits(bits)),
            Op::Double(bits) => format!("Double {:?}", f64::from_bits(bits)),
            Op::Ref(r) => format!("Ref {:x}", r.0),
            Op::Class(class) => format!("Class {}", n.class(class)),
            Op::Method(method) => format!("Method {}", n.method(method)),
            Op::Binary(op, ty) => typed(&op, ty),
            Op::Unary(op, ty) => typed(&op, ty),
            Op::Convert(op) => format!("{op:?}"),
            Op::Compare(cond, ty) => typed(&cond, ty),
            Op::Compare3(ty, greater) => format!("{}{}", type_name(ty), if greater { "cmpg" } else { "cmp" }),
            Op::CastCheck(t) => {
                format!("CastCheck {}{}", if t.exact { "exactly " } else { "" }, n.class(t.class))
            }
            Op::InstanceOf(t) => {
                format!("InstanceOf {}{}", if t.exact { "exactly " } else { "" }, n.class(t.class))
            }
            Op::Guard(reason) => format!("Guard {reason:?}"),
            Op::LoadField(field) => format!("LoadField {}", n.field(&field)),
            Op::StoreField(field) => format!("StoreField {}", n.field(&field)),
            Op::LoadStatic(field) => format!("LoadStatic {}", n.field(&field)),
            Op::StoreStatic(field) => format!("StoreStatic {}", n.field(&field)),
            Op::LoadElem(ty) => format!("LoadElem {}", ty.name()),
            Op::StoreElem(ty) => format!("StoreElem {}", ty.name()),
            Op::New(class) => format!("New {}", n.class(class)),
            Op::NewArray(class, _) => format!("NewArray {}", n.class(class)),
            Op::NewMultiArray(class) => format!("NewMultiArray {}", n.class(class)),
            Op::Call(target, ty) => {
                let target = match target {
                    CallTarget::Direct(m) => n.method(m),
                    CallTarget::Virtual(m, index) => format!("virtual {index} {}", n.method(m)),
                    CallTarget::Interface(m) => format!("interface {}", n.method(m)),
                    other => format!("{other:?}"),
                };
                format!("Call {} {target}", ty.name())
            }
            other => format!("{other:?}"),
        }
    }

    fn terminator(&self, out: &mut String, end: &Terminator) -> fmt::Result {
        match end {
            Terminator::None => write!(out, "    None")?,
            Terminator::Jump(call) => write!(out, "    Jump {}", self.call(call))?,
            Terminator::Branch { cond, then, otherwise, weights } => {
                write!(out, "    Branch {cond} ? {} : {}", self.call(then), self.call(otherwise))?;
                if *weights != (0, 0) {
                    write!(out, " [{}:{}]", weights.0, weights.1)?;
                }
            }
            Terminator::Switch { key, cases, default } => {
                write!(out, "    Switch {key}")?;
                for (value, call) in cases {
                    write!(out, " {value} => {},", self.call(call))?;
                }
                write!(out, " default => {}", self.call(default))?;
            }
            Terminator::Return(None) => write!(out, "    Return")?,
            Terminator::Return(Some(v)) => write!(out, "    Return {v}")?,
            Terminator::Deopt(reason, _) => write!(out, "    Deopt {reason:?}")?,
            Terminator::Throw(v, _) => write!(out, "    Throw {v}")?,
        }
        self.state(out, end.state())?;
        writeln!(out)
    }

    fn slot(&self, slot: &Slot) -> String {
        match slot {
            Slot::Dead => "-".into(),
            Slot::Value(v) => v.to_string(),
            Slot::Object(id) => format!("o{id}"),
        }
    }

    fn slots<'a>(&self, slots: impl Iterator<Item = &'a Slot>) -> String {
        let all: Vec<String> = slots.map(|s| self.slot(s)).collect();
        all.join(" ")
    }

    fn state(&self, out: &mut String, state: Option<State>) -> fmt::Result {
        let Some(state) = state else { return Ok(()) };
        let innermost = self.f.state(state);
        if !self.states {
            return write!(out, " @{}", innermost.bci);
        }
        for frame in self.f.frames(state) {
            let mode = if frame.mode == StateMode::After { "after " } else { "" };
            write!(out, "\n        @{mode}{}", frame.bci)?;
            if frame.method != self.f.method {
                write!(out, " {}", self.names.method(frame.method))?;
            }
            write!(
                out,
                " locals [{}] stack [{}]",
                self.slots(frame.locals.iter()),
                self.slots(frame.stack.iter())
            )?;
            for monitor in &frame.monitors {
                let elided = if monitor.elided { "elided " } else { "" };
                write!(out, " {elided}monitor {}", self.slot(&monitor.object))?;
            }
            if frame.unwinds {
                out.push_str(" unwinds");
            }
        }
        for object in &innermost.objects {
            write!(out, "\n        o{} = {}", object.id, self.names.class(object.class))?;
            match &object.contents {
                Contents::Instance(fields) => {
                    for (field, slot) in fields {
                        write!(out, " {}={}", self.names.field(field), self.slot(slot))?;
                    }
                }
                Contents::Array(_, elements) => write!(out, " [{}]", self.slots(elements.iter()))?,
            }
        }
        Ok(())
    }
}
