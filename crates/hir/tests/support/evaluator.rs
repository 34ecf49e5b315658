//! Evaluates functions, so that what a pass makes can be compared with what it was given.

use super::classes::Classes;
use caturra_bytecode::{BasicType, arith};
use caturra_hir::build::{Options, build};
use caturra_hir::env::{ClassId, CompilerEnv, FieldId, MethodId};
use caturra_hir::ir::{Function, State, Terminator, Type, Value};
use caturra_hir::op::{BinaryOp, CallTarget, Cond, ConvertOp, Op, Reason, UnaryOp};
use caturra_hir::passes::{Passes, optimise};
use caturra_hir::state::{Contents, Slot, StateMode};
use std::collections::HashMap;

/// A value; references are numbers of objects.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum V {
    I(i32),
    L(i64),
    F(f32),
    D(f64),
    R(Option<usize>),
    /// A number of lanes.
    X(usize),
}

#[derive(Debug)]
struct Object {
    class: ClassId,
    fields: HashMap<FieldId, V>,
    elements: Vec<V>,
}

/// How an evaluation ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Returned(Option<V>),
    /// Left compiled code: reason, bytecode index, and depth of inlining.
    Left(Reason, u32, usize),
}

/// The heap, and what has been counted.
pub struct Machine<'a> {
    env: &'a Classes,
    heap: Vec<Object>,
    lanes: Vec<Vec<V>>,
    statics: HashMap<FieldId, V>,
    built: HashMap<MethodId, Function>,
    pub allocations: usize,
    pub checks: usize,
    pub loads: usize,
    pub locks: i32,
    pub lock_operations: usize,
    pub resumed: usize,
    resuming: bool,
    /// Goes over to code entered at the loop, optimised, when that many polls have been made.
    pub replace_at: Option<usize>,
    pub replaced: MethodId,
    polls: usize,
    steps: usize,
}

fn zero(ty: BasicType) -> V {
    match ty {
        BasicType::Long => V::L(0),
        BasicType::Float => V::F(0.0),
        BasicType::Double => V::D(0.0),
        BasicType::Reference => V::R(None),
        _ => V::I(0),
    }
}

fn narrow(ty: BasicType, v: V) -> V {
    match (ty, v) {
        (BasicType::Byte, V::I(x)) => V::I(arith::i2b(x)),
        (BasicType::Char, V::I(x)) => V::I(arith::i2c(x)),
        (BasicType::Short, V::I(x)) => V::I(arith::i2s(x)),
        (_, v) => v,
    }
}

impl V {
    fn i(self) -> i32 {
        match self {
            V::I(x) => x,
            other => panic!("{other:?} is no int"),
        }
    }

    fn r(self) -> Option<usize> {
        match self {
            V::R(x) => x,
            other => panic!("{other:?} is no reference"),
        }
    }
}

impl<'a> Machine<'a> {
    pub fn new(env: &'a Classes) -> Machine<'a> {
        Machine {
            env,
            heap: Vec::new(),
            lanes: Vec::new(),
            statics: HashMap::new(),
            built: HashMap::new(),
            allocations: 0,
            checks: 0,
            loads: 0,
            locks: 0,
            lock_operations: 0,
            resumed: 0,
            resuming: false,
            replace_at: None,
            replaced: MethodId(0),
            polls: 0,
            steps: 0,
        }
    }

    fn plain(&mut self, method: MethodId) -> Function {
        let env = self.env;
        self.built
            .entry(method)
            .or_insert_with(|| {
                build(env, method, None, &Options { inline: false, ..Options::default() }).expect("builds")
            })
            .clone()
    }

    /// Runs the initialiser of the static fields, not optimised.
    pub fn initialise(&mut self, method: MethodId) {
        let f = self.plain(method);
        assert_eq!(self.run(&f, &[]), Outcome::Returned(None));
    }

    /// The numbers in an array that a static field holds.
    pub fn static_ints(&self, field: FieldId) -> Vec<i32> {
        match self.statics.get(&field) {
            Some(V::R(Some(array))) => self.heap[*array].elements.iter().map(|v| v.i()).collect(),
            _ => Vec::new(),
        }
    }

    fn allocate(&mut self, class: ClassId, elements: Vec<V>) -> V {
        self.allocations += 1;
        self.heap.push(Object { class, fields: HashMap::new(), elements });
        V::R(Some(self.heap.len() - 1))
    }

    fn arrays(&mut self, class: ClassId, lengths: &[i32]) -> V {
        let ty = self.env.element_type(class).expect("an array class");
        let mut elements = vec![zero(ty); lengths[0] as usize];
        if let (Some(component), true) = (self.env.component(class), lengths.len() > 1) {
            elements = (0..lengths[0]).map(|_| self.arrays(component, &lengths[1..])).collect();
        }
        self.allocate(class, elements)
    }

    /// Evaluates a function.
    pub fn run(&mut self, f: &Function, arguments: &[V]) -> Outcome {
        let mut values: Vec<Option<V>> = vec![None; f.values.len()];
        let mut block = caturra_hir::ir::ENTRY;
        let mut passed: Vec<V> = arguments.to_vec();
        loop {
            for (param, v) in f.block(block).params.iter().zip(&passed) {
                values[param.index()] = Some(*v);
            }
            for &inst in &f.block(block).insts {
                self.steps += 1;
                assert!(self.steps < 20_000_000, "does not end");
                let data = f.inst(inst);
                if data.op == Op::Poll && f.method == self.replaced {
                    self.polls += 1;
                    if self.replace_at == Some(self.polls) {
                        return self.replace(f, data.state.expect("a state"), &values);
                    }
                }
                let args: Vec<V> =
                    data.args.iter().map(|v| values[v.index()].expect("a value that is set")).collect();
                match self.inst(data.op, &args) {
                    Ok(result) => {
                        if let (Some(v), Some(x)) = (data.result, result) {
                            values[v.index()] = Some(x);
                        }
                    }
                    Err(reason) => return self.leave(f, data.state.expect("a state"), reason, &values),
                }
            }
            let get = |v: &Value| values[v.index()].expect("a value that is set");
            let call = match &f.block(block).end {
                Terminator::Jump(call) => call,
                Terminator::Branch { cond, then, otherwise, .. } => {
                    if get(cond).i() != 0 {
                        then
                    } else {
                        otherwise
                    }
                }
                Terminator::Switch { key, cases, default } => {
                    let key = get(key).i();
                    cases.iter().find(|c| c.0 == key).map_or(default, |c| &c.1)
                }
                Terminator::Return(v) => return Outcome::Returned(v.as_ref().map(get)),
                Terminator::Deopt(reason, state) => return self.leave(f, *state, *reason, &values),
                Terminator::Throw(_, state) => return self.leave(f, *state, Reason::Throw, &values),
                Terminator::None => panic!("no end"),
            };
            passed = call.args.iter().map(get).collect();
            block = call.block;
        }
    }

    /// Goes on in optimised code that is entered at the loop.
    fn replace(&mut self, f: &Function, state: State, values: &[Option<V>]) -> Outcome {
        let state = f.state(state);
        let mut on = match build(self.env, f.method, Some(state.bci), &Options::default()) {
            Ok(on) => on,
            Err(e) => panic!("{}: {e:?}", self.env.method_name(f.method)),
        };
        optimise(&mut on, self.env, Passes::ALL, &mut |_, _| {});
        let arguments: Vec<V> = on
            .osr_locals
            .iter()
            .map(|(slot, _)| match state.locals[usize::from(*slot)] {
                Slot::Value(v) => values[v.index()].expect("a value that is set"),
                other => panic!("{other:?} is live"),
            })
            .collect();
        self.run(&on, &arguments)
    }

    /// Goes on without optimisation where that is possible: at a loop header of the method itself.
    fn leave(&mut self, f: &Function, state: State, reason: Reason, values: &[Option<V>]) -> Outcome {
        let depth = f.frames(state).count() - 1;
        let innermost = f.state(state);
        let mut objects: HashMap<u32, V> = HashMap::new();
        for o in &innermost.objects {
            let count = if let Contents::Array(_, e) = &o.contents { e.len() } else { 0 };
            let ty = if let Contents::Array(ty, _) = &o.contents { *ty } else { BasicType::Int };
            let v = self.allocate(o.class, vec![zero(ty); count]);
            objects.insert(o.id, v);
        }
        let read = |slot: &Slot| match slot {
            Slot::Dead => None,
            Slot::Value(v) => Some(values[v.index()].expect("a value that is set")),
            Slot::Object(id) => Some(objects[id]),
        };
        for o in &innermost.objects {
            let at = objects[&o.id].r().expect("an object");
            match &o.contents {
                Contents::Instance(fields) => {
                    for (field, slot) in fields {
                        if let Some(v) = read(slot) {
                            self.heap[at].fields.insert(field.id, v);
                        }
                    }
                }
                Contents::Array(_, elements) => {
                    for (n, slot) in elements.iter().enumerate() {
                        if let Some(v) = read(slot) {
                            self.heap[at].elements[n] = v;
                        }
                    }
                }
            }
        }
        // Every value that the state names must be there.
        for frame in f.frames(state) {
            frame.locals.iter().chain(&frame.stack).for_each(|slot| {
                read(slot);
            });
        }
        let resumable = depth == 0 && innermost.mode == StateMode::Before && innermost.stack.is_empty();
        if resumable && !std::mem::replace(&mut self.resuming, true) {
            let options = Options { inline: false, ..Options::default() };
            if let Ok(rest) = build(self.env, f.method, Some(innermost.bci), &options) {
                self.resumed += 1;
                let arguments: Vec<V> = rest
                    .osr_locals
                    .iter()
                    .map(|(slot, _)| read(&innermost.locals[usize::from(*slot)]).expect("a live local"))
                    .collect();
                return self.run(&rest, &arguments);
            }
        }
        Outcome::Left(reason, innermost.bci, depth)
    }

    fn call(&mut self, target: CallTarget, args: &[V]) -> Option<V> {
        let method = match target {
            CallTarget::Direct(m) => m,
            CallTarget::Virtual(m, _) | CallTarget::Interface(m) => {
                let class = self.heap[args[0].r().expect("a receiver")].class;
                self.env.select(class, m).expect("a method")
            }
            other => panic!("{other:?}"),
        };
        let f = self.plain(method);
        match self.run(&f, args) {
            Outcome::Returned(v) => v,
            left => panic!("a callee has left: {left:?}"),
        }
    }

    fn make_lanes(&mut self, lanes: Vec<V>) -> V {
        self.lanes.push(lanes);
        V::X(self.lanes.len() - 1)
    }

    fn lanes_in(&self, v: V) -> &[V] {
        match v {
            V::X(n) => &self.lanes[n],
            other => panic!("{other:?} has no lanes"),
        }
    }

    fn is_instance(&self, v: V, class: ClassId, exact: bool) -> bool {
        v.r().is_some_and(|n| {
            let of = self.heap[n].class;
            if exact { of == class } else { self.env.is_subclass(of, class) }
        })
    }

    fn inst(&mut self, op: Op, args: &[V]) -> Result<Option<V>, Reason> {
        let check = |ok: bool, reason: Reason| if ok { Ok(None) } else { Err(reason) };
        if op.is_check() {
            self.checks += 1;
        }
        let value = match op {
            Op::Int(x) => V::I(x),
            Op::Long(x) => V::L(x),
            Op::Float(bits) => V::F(f32::from_bits(bits)),
            Op::Double(bits) => V::D(f64::from_bits(bits)),
            Op::Null => V::R(None),
            Op::Class(c) => V::I(c.0 as i32),
            Op::Binary(op, ty) => binary(op, ty, args[0], args[1]),
            Op::Unary(op, _) => unary(op, args[0]),
            Op::Convert(op) => convert(op, args[0]),
            Op::Compare(cond, _) => V::I(i32::from(compare(cond, args[0], args[1]))),
            Op::Compare3(_, greater) => V::I(match (args[0], args[1]) {
                (V::L(x), V::L(y)) => arith::lcmp(x, y),
                (V::F(x), V::F(y)) if greater => arith::fcmpg(x, y),
                (V::F(x), V::F(y)) => arith::fcmpl(x, y),
                (V::D(x), V::D(y)) if greater => arith::dcmpg(x, y),
                (V::D(x), V::D(y)) => arith::dcmpl(x, y),
                other => panic!("{other:?}"),
            }),
            Op::Select(_) => args[if args[0].i() != 0 { 1 } else { 2 }],
            Op::NullCheck => return check(args[0].r().is_some(), Reason::Null),
            Op::BoundsCheck => {
                let (i, n) = (args[0].i(), args[1].i());
                return check((0..n).contains(&i), Reason::Bounds);
            }
            Op::ZeroCheck(_) => return check(!matches!(args[0], V::I(0) | V::L(0)), Reason::DivisionByZero),
            Op::SizeCheck => return check(args[0].i() >= 0, Reason::NegativeSize),
            Op::CastCheck(t) => {
                let ok = args[0].r().is_none() || self.is_instance(args[0], t.class, t.exact);
                return check(ok, Reason::ClassCast);
            }
            Op::StoreCheck => {
                let array = self.heap[args[0].r().expect("an array")].class;
                let component = self.env.component(array).expect("a component");
                let ok = args[1].r().is_none() || self.is_instance(args[1], component, false);
                return check(ok, Reason::ArrayStore);
            }
            Op::Guard(reason) => return check(args[0].i() != 0, reason),
            Op::InstanceOf(t) => V::I(i32::from(self.is_instance(args[0], t.class, t.exact))),
            Op::LoadClass => V::I(self.heap[args[0].r().expect("an object")].class.0 as i32),
            Op::LoadField(f) => {
                self.loads += 1;
                let object = &self.heap[args[0].r().expect("an object")];
                object.fields.get(&f.id).copied().unwrap_or(zero(f.ty))
            }
            Op::StoreField(f) => {
                let object = &mut self.heap[args[0].r().expect("an object")];
                object.fields.insert(f.id, narrow(f.ty, args[1]));
                return Ok(None);
            }
            Op::LoadStatic(f) => {
                self.loads += 1;
                self.statics.get(&f.id).copied().unwrap_or(zero(f.ty))
            }
            Op::StoreStatic(f) => {
                self.statics.insert(f.id, narrow(f.ty, args[0]));
                return Ok(None);
            }
            Op::ArrayLength => V::I(self.heap[args[0].r().expect("an array")].elements.len() as i32),
            Op::LoadElem(_) => {
                self.loads += 1;
                self.heap[args[0].r().expect("an array")].elements[args[1].i() as usize]
            }
            Op::StoreElem(ty) => {
                let array = args[0].r().expect("an array");
                self.heap[array].elements[args[1].i() as usize] = narrow(ty, args[2]);
                return Ok(None);
            }
            Op::LoadLanes(ty) => {
                self.loads += 1;
                let elements = &self.heap[args[0].r().expect("an array")].elements;
                let at = args[1].i() as usize;
                let lanes = elements[at..at + lanes_of(Type::of(ty).expect("a type"))].to_vec();
                self.make_lanes(lanes)
            }
            Op::StoreLanes(_) => {
                let lanes = self.lanes_in(args[2]).to_vec();
                let (array, at) = (args[0].r().expect("an array"), args[1].i() as usize);
                self.heap[array].elements[at..at + lanes.len()].copy_from_slice(&lanes);
                return Ok(None);
            }
            Op::Lanes(op, ty) => {
                let pairs = std::iter::zip(self.lanes_in(args[0]), self.lanes_in(args[1]));
                let lanes = pairs.map(|(x, y)| binary(op, ty, *x, *y)).collect();
                self.make_lanes(lanes)
            }
            Op::Splat(ty) => self.make_lanes(vec![args[0]; lanes_of(ty)]),
            Op::MaskForArray => {
                let class = self.heap[args[0].r().expect("an array")].class;
                let boolean = self.env.element_type(class) == Some(BasicType::Boolean);
                if boolean { V::I(args[1].i() & 1) } else { args[1] }
            }
            Op::New(class) => self.allocate(class, Vec::new()),
            Op::NewArray(class, _) => self.arrays(class, &[args[0].i()]),
            Op::NewMultiArray(class) => {
                let lengths: Vec<i32> = args.iter().map(|v| v.i()).collect();
                self.arrays(class, &lengths)
            }
            Op::MonitorEnter => {
                self.locks += 1;
                self.lock_operations += 1;
                return Ok(None);
            }
            Op::MonitorExit => {
                self.locks -= 1;
                self.lock_operations += 1;
                return Ok(None);
            }
            Op::Call(target, _) => return Ok(self.call(target, args)),
            Op::Poll | Op::Fence(_) | Op::SpinWait | Op::RegisterFinalizer => return Ok(None),
            other => panic!("{other:?} is not evaluated"),
        };
        Ok(Some(value))
    }
}

fn lanes_of(ty: Type) -> usize {
    if matches!(ty, Type::I64 | Type::F64) { 2 } else { 4 }
}

fn binary(op: BinaryOp, ty: Type, x: V, y: V) -> V {
    use BinaryOp::*;
    match (x, y) {
        (V::I(x), V::I(y)) => V::I(match op {
            Add => x.wrapping_add(y),
            Sub => x.wrapping_sub(y),
            Mul => x.wrapping_mul(y),
            Div => arith::idiv(x, y).expect("a divisor that is not zero"),
            Rem => arith::irem(x, y).expect("a divisor that is not zero"),
            And => x & y,
            Or => x | y,
            Xor => x ^ y,
            Shl => arith::ishl(x, y),
            Shr => arith::ishr(x, y),
            Ushr => arith::iushr(x, y),
            Min => x.min(y),
            Max => x.max(y),
            MulHigh => panic!("of longs"),
        }),
        (V::L(x), V::L(y)) => V::L(match op {
            Add => x.wrapping_add(y),
            Sub => x.wrapping_sub(y),
            Mul => x.wrapping_mul(y),
            Div => arith::ldiv(x, y).expect("a divisor that is not zero"),
            Rem => arith::lrem(x, y).expect("a divisor that is not zero"),
            And => x & y,
            Or => x | y,
            Xor => x ^ y,
            Min => x.min(y),
            Max => x.max(y),
            other => panic!("{other:?} of {ty:?}"),
        }),
        (V::L(x), V::I(y)) => V::L(match op {
            Shl => arith::lshl(x, y),
            Shr => arith::lshr(x, y),
            Ushr => arith::lushr(x, y),
            other => panic!("{other:?} of {ty:?}"),
        }),
        (V::F(x), V::F(y)) => V::F(match op {
            Add => x + y,
            Sub => x - y,
            Mul => x * y,
            Div => x / y,
            Rem => arith::frem(x, y),
            other => panic!("{other:?} of {ty:?}"),
        }),
        (V::D(x), V::D(y)) => V::D(match op {
            Add => x + y,
            Sub => x - y,
            Mul => x * y,
            Div => x / y,
            Rem => arith::drem(x, y),
            other => panic!("{other:?} of {ty:?}"),
        }),
        other => panic!("{op:?} {other:?}"),
    }
}

fn unary(op: UnaryOp, x: V) -> V {
    match (op, x) {
        (UnaryOp::Neg, V::I(x)) => V::I(x.wrapping_neg()),
        (UnaryOp::Neg, V::L(x)) => V::L(x.wrapping_neg()),
        (UnaryOp::Neg, V::F(x)) => V::F(-x),
        (UnaryOp::Neg, V::D(x)) => V::D(-x),
        other => panic!("{other:?}"),
    }
}

fn convert(op: ConvertOp, x: V) -> V {
    use ConvertOp::*;
    match (op, x) {
        (I2L, V::I(x)) => V::L(x.into()),
        (U2L, V::I(x)) => V::L((x as u32).into()),
        (I2F, V::I(x)) => V::F(x as f32),
        (I2D, V::I(x)) => V::D(x.into()),
        (L2I, V::L(x)) => V::I(x as i32),
        (L2F, V::L(x)) => V::F(x as f32),
        (L2D, V::L(x)) => V::D(x as f64),
        (F2I, V::F(x)) => V::I(arith::f2i(x)),
        (F2L, V::F(x)) => V::L(arith::f2l(x)),
        (F2D, V::F(x)) => V::D(x.into()),
        (D2I, V::D(x)) => V::I(arith::d2i(x)),
        (D2L, V::D(x)) => V::L(arith::d2l(x)),
        (D2F, V::D(x)) => V::F(x as f32),
        (I2B, V::I(x)) => V::I(arith::i2b(x)),
        (I2C, V::I(x)) => V::I(arith::i2c(x)),
        (I2S, V::I(x)) => V::I(arith::i2s(x)),
        other => panic!("{other:?}"),
    }
}

fn compare(cond: Cond, x: V, y: V) -> bool {
    fn of<T: PartialOrd>(cond: Cond, x: T, y: T) -> bool {
        match cond {
            Cond::Eq => x == y,
            Cond::Ne => x != y,
            Cond::Lt | Cond::Below => x < y,
            Cond::Ge | Cond::AboveEq => x >= y,
            Cond::Gt => x > y,
            Cond::Le => x <= y,
        }
    }
    let unsigned = matches!(cond, Cond::Below | Cond::AboveEq);
    match (x, y) {
        (V::I(x), V::I(y)) if unsigned => of(cond, x as u32, y as u32),
        (V::L(x), V::L(y)) if unsigned => of(cond, x as u64, y as u64),
        (V::I(x), V::I(y)) => of(cond, x, y),
        (V::L(x), V::L(y)) => of(cond, x, y),
        (V::F(x), V::F(y)) => of(cond, x, y),
        (V::D(x), V::D(y)) => of(cond, x, y),
        (V::R(x), V::R(y)) => of(cond, x, y),
        other => panic!("{other:?}"),
    }
}
