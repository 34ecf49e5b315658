//! Global value numbering over the dominator tree: of equal pure instructions the dominating one stays; folding; checks
//! and conditions that dominating ones decide are gone.

use super::rewrite::Replacements;
use crate::cfg::Cfg;
use crate::env::{ClassId, CompilerEnv, Constant};
use crate::fold::{Fold, fold, integer};
use crate::induction;
use crate::ir::{Args, Block, ENTRY, Function, Inst, Known, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, Op, Reason, TypeTest};
use hashbrown::{HashMap, HashSet};

/// Runs the pass.
pub fn run(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let not_negative = induction::not_negative_values(f, &cfg);
    let replacements = Replacements::new(f);
    let mut gvn = Gvn {
        f,
        env,
        cfg: &cfg,
        replacements,
        constants: HashMap::new(),
        new_constants: Vec::new(),
        values: HashMap::new(),
        checks: HashSet::new(),
        known: HashMap::new(),
        truths: HashMap::new(),
        not_negative,
        undo: Vec::new(),
        changed: false,
    };
    gvn.walk();
    let Gvn { replacements, new_constants, changed, .. } = gvn;
    if changed {
        replacements.apply(f);
    }
    f.blocks[ENTRY.index()].insts.splice(0..0, new_constants);
    changed
}

/// What is taken back when the walk leaves a block.
enum Undo {
    Value((Op, Args)),
    Check((Op, Args)),
    Known(Value, Option<Known>),
    Truth((Cond, Type, Value, Value), Option<bool>),
    NotNegative(Value),
}

struct Gvn<'a> {
    f: &'a mut Function,
    env: &'a dyn CompilerEnv,
    cfg: &'a Cfg,
    replacements: Replacements,
    constants: HashMap<Op, Value>,
    /// Constants that are to be put at the start of the entry block.
    new_constants: Vec<Inst>,
    values: HashMap<(Op, Args), Value>,
    checks: HashSet<(Op, Args)>,
    known: HashMap<Value, Known>,
    truths: HashMap<(Cond, Type, Value, Value), bool>,
    not_negative: HashSet<Value>,
    undo: Vec<Undo>,
    changed: bool,
}

/// The outcome for an instruction.
enum Outcome {
    Keep,
    Remove,
    Replace(Value),
    /// Control never goes on behind it.
    Leave(Reason),
}

impl Gvn<'_> {
    fn walk(&mut self) {
        let children = self.cfg.dominator_children();
        let mut stack = vec![(ENTRY, 0, 0)];
        self.block(ENTRY);
        while let Some((block, next, mark)) = stack.last_mut() {
            match children[block.index()].get(*next) {
                Some(&child) => {
                    *next += 1;
                    let mark = self.undo.len();
                    self.edge_facts(child);
                    self.block(child);
                    stack.push((child, 0, mark));
                }
                None => {
                    let mark = *mark;
                    stack.pop();
                    self.roll_back(mark);
                }
            }
        }
    }

    fn roll_back(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some(Undo::Value(key)) => {
                    self.values.remove(&key);
                }
                Some(Undo::Check(key)) => {
                    self.checks.remove(&key);
                }
                Some(Undo::Known(v, Some(before))) => {
                    self.known.insert(v, before);
                }
                Some(Undo::Known(v, None)) => {
                    self.known.remove(&v);
                }
                Some(Undo::Truth(key, Some(before))) => {
                    self.truths.insert(key, before);
                }
                Some(Undo::Truth(key, None)) => {
                    self.truths.remove(&key);
                }
                Some(Undo::NotNegative(v)) => {
                    self.not_negative.remove(&v);
                }
                None => {}
            }
        }
    }

    // ---- facts ----

    fn known(&self, v: Value) -> Known {
        let always = self.f.values[v.index()].known;
        match self.known.get(&v) {
            None => always,
            Some(here) => Known {
                not_null: always.not_null || here.not_null,
                class: here.class.or(always.class),
                exact: if here.class.is_some() { here.exact } else { always.exact },
            },
        }
    }

    fn learn(&mut self, v: Value, learned: Known) {
        let before = self.known(v);
        let mut known = Known { not_null: before.not_null || learned.not_null, ..before };
        if let Some(class) = learned.class {
            let better = match before.class {
                None => true,
                Some(old) => {
                    !before.exact && (learned.exact || class != old && self.env.is_subclass(class, old))
                }
            };
            if better {
                known.class = Some(class);
                known.exact = learned.exact;
            }
        }
        if known != before {
            let old = self.known.insert(v, known);
            self.undo.push(Undo::Known(v, old));
        }
    }

    fn not_null(&mut self, v: Value) {
        self.learn(v, Known { not_null: true, ..Known::default() });
    }

    fn truth(&mut self, cond: Cond, ty: Type, x: Value, y: Value, value: bool) {
        let key = (cond, ty, x, y);
        let old = self.truths.insert(key, value);
        self.undo.push(Undo::Truth(key, old));
    }

    /// That a condition holds for (x, y), and all that follows from it for the same operands.
    fn holds(&mut self, cond: Cond, ty: Type, x: Value, y: Value) {
        use Cond::*;
        if ty.is_float() {
            self.truth(cond, ty, x, y, true);
            return;
        }
        let implied: &[(Cond, bool)] = match cond {
            Eq => &[(Eq, true), (Ne, false), (Lt, false), (Gt, false), (Le, true), (Ge, true)],
            Ne => &[(Eq, false), (Ne, true)],
            Lt => &[(Lt, true), (Ge, false), (Le, true), (Gt, false), (Eq, false), (Ne, true)],
            Gt => &[(Gt, true), (Le, false), (Ge, true), (Lt, false), (Eq, false), (Ne, true)],
            Le => &[(Le, true), (Gt, false)],
            Ge => &[(Ge, true), (Lt, false)],
            Below => &[(Below, true), (AboveEq, false), (Eq, false), (Ne, true)],
            AboveEq => &[(AboveEq, true), (Below, false)],
        };
        for &(c, value) in implied {
            self.truth(c, ty, x, y, value);
            if let Some(swapped) = c.swapped() {
                self.truth(swapped, ty, y, x, value);
            }
        }
        if ty == Type::I32 {
            let least = if cond == Ge { 0 } else { -1 };
            if matches!(cond, Ge | Gt) && integer(self.f, y).is_some_and(|c| c >= least)
                || cond == Eq && integer(self.f, y).is_some_and(|c| c >= 0)
            {
                self.is_not_negative_from_here(x);
            }
            if matches!(cond, Gt | Ge) && self.is_not_negative(y) {
                self.is_not_negative_from_here(x);
            }
            if matches!(cond, Lt | Le) && self.is_not_negative(x) {
                self.is_not_negative_from_here(y);
            }
        }
    }

    fn is_not_negative_from_here(&mut self, v: Value) {
        if self.not_negative.insert(v) {
            self.undo.push(Undo::NotNegative(v));
        }
    }

    fn is_not_negative(&self, v: Value) -> bool {
        induction::is_not_negative(self.f, v, &|v| self.not_negative.contains(&v), 4)
    }

    /// That an I32 condition is true, or false.
    fn decided(&mut self, condition: Value, truth: bool) {
        let condition = self.replacements.find(condition);
        let Some(d) = self.f.def(condition) else { return };
        let (op, args) = (d.op, d.args.clone());
        let args: Args = args.iter().map(|v| self.replacements.find(*v)).collect();
        match op {
            Op::Compare(cond, ty) => {
                let (x, y) = (args[0], args[1]);
                if ty.is_float() && !truth {
                    self.truth(cond, ty, x, y, false);
                } else {
                    self.holds(if truth { cond } else { cond.negated() }, ty, x, y);
                }
                let equal = (cond == Cond::Eq) == truth;
                if ty == Type::Ref {
                    let null = |v| self.f.op(v) == Some(Op::Null);
                    let (x_null, y_null) = (null(x), null(y));
                    if !equal && y_null {
                        self.not_null(x);
                    }
                    if !equal && x_null {
                        self.not_null(y);
                    }
                }
                if ty == Type::I32
                    && equal
                    && matches!(cond, Cond::Eq | Cond::Ne)
                    && let (Some(Op::LoadClass), Some(Op::Class(class))) = (self.f.op(x), self.f.op(y))
                    && let Some(object) = self.f.def(x).map(|d| self.replacements.find(d.args[0]))
                {
                    self.learn(object, Known { not_null: true, class: Some(class), exact: true });
                }
            }
            Op::InstanceOf(test) if truth => {
                let known = self.known_by_test(test);
                self.learn(args[0], Known { not_null: true, ..known });
                self.check_passed((Op::CastCheck(test), args));
            }
            _ => {}
        }
    }

    fn known_by_test(&self, test: TypeTest) -> Known {
        let mut element = test.class;
        while let Some(component) = self.env.component(element) {
            element = component;
        }
        if self.env.is_interface(element) {
            return Known::default();
        }
        Known { not_null: false, class: Some(test.class), exact: test.exact || self.env.is_final(test.class) }
    }

    fn check_passed(&mut self, key: (Op, Args)) {
        if self.checks.insert(key.clone()) {
            self.undo.push(Undo::Check(key));
        }
    }

    /// What the only edge into a block says.
    fn edge_facts(&mut self, block: Block) {
        let [from] = self.cfg.predecessors[block.index()][..] else { return };
        if let Terminator::Branch { cond, then, .. } = &self.f.block(from).end {
            let (cond, truth) = (*cond, then.block == block);
            self.decided(cond, truth);
        }
    }

    // ---- instructions ----

    fn constant(&mut self, op: Op) -> Value {
        if let Some(&v) = self.constants.get(&op) {
            return v;
        }
        let inst = self.f.add_inst(op, &[], None);
        let v = self.f.inst(inst).result.expect("a constant has a value");
        if let Op::Ref(r) = op {
            let class = self.env.class_of(r);
            self.f.values[v.index()].known = Known { not_null: true, class, exact: class.is_some() };
        }
        self.new_constants.push(inst);
        self.constants.insert(op, v);
        v
    }

    fn block(&mut self, block: Block) {
        let insts = std::mem::take(&mut self.f.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            match self.instruction(inst) {
                Outcome::Keep => kept.push(inst),
                Outcome::Remove => self.changed = true,
                Outcome::Replace(v) => {
                    if let Some(result) = self.f.inst(inst).result {
                        self.replacements.replace(result, v);
                    }
                    self.changed = true;
                }
                Outcome::Leave(reason) => {
                    let state = self.f.inst(inst).state.expect("a check has a state");
                    self.f.blocks[block.index()].insts = kept;
                    self.f.blocks[block.index()].end = Terminator::Deopt(reason, state);
                    self.changed = true;
                    return;
                }
            }
        }
        self.f.blocks[block.index()].insts = kept;
        // A condition that is decided here is folded into the branch.
        let key = match &self.f.block(block).end {
            Terminator::Branch { cond, .. } => Some(*cond),
            _ => None,
        };
        if let Some(cond) = key {
            let cond = self.replacements.find(cond);
            if let Terminator::Branch { cond: c, .. } = &mut self.f.blocks[block.index()].end {
                *c = cond;
            }
        }
    }

    fn instruction(&mut self, inst: Inst) -> Outcome {
        let data = self.f.inst(inst);
        let mut op = data.op;
        let mut args: Args = data.args.iter().map(|v| self.replacements.find(*v)).collect();
        if op.is_constant() {
            let result = data.result.expect("a constant has a value");
            return match self.constants.get(&op) {
                Some(&v) if v == result => Outcome::Keep,
                Some(&v) => Outcome::Replace(v),
                None => {
                    // All constants stand in the entry block.
                    self.constants.insert(op, result);
                    self.new_constants.push(inst);
                    Outcome::Remove
                }
            };
        }
        if let Op::Binary(BinaryOp::Div, ty) = op
            && let Some(reciprocal) = exact_reciprocal(self.f, args[1])
        {
            op = Op::Binary(BinaryOp::Mul, ty);
            args[1] = self.constant(reciprocal);
            self.changed = true;
        }
        for _ in 0..8 {
            match self.simplify(op, &args) {
                Some(Fold::Value(v)) => return Outcome::Replace(self.replacements.find(v)),
                Some(Fold::Op(new, new_args)) => {
                    if new.is_constant() {
                        return Outcome::Replace(self.constant(new));
                    }
                    op = new;
                    args = new_args.iter().map(|v| self.replacements.find(*v)).collect();
                    self.changed = true;
                }
                None => break,
            }
        }
        if let Op::Binary(b, _) = op
            && matches!(b, BinaryOp::Add | BinaryOp::Mul | BinaryOp::And | BinaryOp::Or | BinaryOp::Xor)
            && integer(self.f, args[1]).is_none()
            && args[0] > args[1]
        {
            args.swap(0, 1);
        }
        let data = &mut self.f.insts[inst.index()];
        data.op = op;
        data.args = args.clone();
        let result = data.result;
        if op.is_check() {
            return self.check(op, args);
        }
        if op.is_pure() {
            let key = (op, args);
            if let Some(&v) = self.values.get(&key) {
                return Outcome::Replace(v);
            }
            if let Some(v) = result {
                self.values.insert(key.clone(), v);
                self.undo.push(Undo::Value(key));
            }
        }
        Outcome::Keep
    }

    fn simplify(&self, op: Op, args: &[Value]) -> Option<Fold> {
        let constant = |op: Op| Some(Fold::Op(op, Args::new()));
        if let Some(folded) = fold(self.f, op, args) {
            return Some(folded);
        }
        match (op, args) {
            (Op::Compare(cond, ty), &[x, y]) => {
                if let Some(&t) = self.truths.get(&(cond, ty, x, y)) {
                    return constant(Op::Int(i32::from(t)));
                }
                if ty == Type::Ref {
                    let null = |v| self.f.op(v) == Some(Op::Null);
                    if null(y) && self.known(x).not_null || null(x) && self.known(y).not_null {
                        return constant(Op::Int(i32::from(cond == Cond::Ne)));
                    }
                }
                if ty == Type::I32
                    && matches!(cond, Cond::Lt | Cond::Ge)
                    && integer(self.f, y) == Some(0)
                    && self.is_not_negative(x)
                {
                    return constant(Op::Int(i32::from(cond == Cond::Ge)));
                }
                None
            }
            (Op::LoadClass, &[object]) => {
                let known = self.known(object);
                constant(Op::Class(known.class.filter(|_| known.exact)?))
            }
            (Op::LoadMirror, &[object]) => {
                let known = self.known(object);
                constant(Op::Ref(self.env.mirror(known.class.filter(|_| known.exact)?)))
            }
            (Op::InstanceOf(test), &[object]) => {
                let known = self.known(object);
                let passed = || self.checks.contains(&(Op::CastCheck(test), Args::from_slice(&[object])));
                match self.decide(known, test.class) {
                    Some(false) => constant(Op::Int(0)),
                    Some(true) if known.not_null => constant(Op::Int(1)),
                    _ if known.not_null && passed() => constant(Op::Int(1)),
                    _ => None,
                }
            }
            (Op::LoadField(field), &[object]) => match self.f.op(object) {
                Some(Op::Ref(r)) => constant(constant_op(self.env.field_constant(r, &field)?)),
                _ => None,
            },
            (Op::ArrayLength, &[array]) => match self.f.op(array) {
                Some(Op::Ref(r)) => constant(Op::Int(self.env.array_length(r)?)),
                _ => None,
            },
            (Op::MaskForArray, &[array, value]) => {
                match self.known(array).class.and_then(|c| self.env.element_type(c)) {
                    Some(caturra_bytecode::BasicType::Byte) => Some(Fold::Value(value)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn decide(&self, known: Known, class: ClassId) -> Option<bool> {
        let of = known.class?;
        if self.env.is_subclass(of, class) {
            return Some(true);
        }
        known.exact.then_some(false)
    }

    fn check(&mut self, op: Op, args: Args) -> Outcome {
        let first = args[0];
        let constant = integer(self.f, first);
        match op {
            Op::NullCheck => {
                if self.known(first).not_null {
                    return Outcome::Remove;
                }
                if self.f.op(first) == Some(Op::Null) {
                    return Outcome::Leave(Reason::Null);
                }
                self.not_null(first);
            }
            Op::BoundsCheck => {
                let length = args[1];
                if let (Some(i), Some(n)) = (constant, integer(self.f, length)) {
                    return if (0..n).contains(&i) {
                        Outcome::Remove
                    } else {
                        Outcome::Leave(Reason::Bounds)
                    };
                }
                let below = self.truths.get(&(Cond::Lt, Type::I32, first, length)) == Some(&true);
                if below && self.is_not_negative(first) {
                    return Outcome::Remove;
                }
                if self.checks.contains(&(op, args.clone())) {
                    return Outcome::Remove;
                }
                self.holds(Cond::Lt, Type::I32, first, length);
                self.is_not_negative_from_here(first);
            }
            Op::ZeroCheck(ty) => {
                if let Some(c) = constant {
                    return if c != 0 { Outcome::Remove } else { Outcome::Leave(Reason::DivisionByZero) };
                }
                let zero = self.constant(crate::fold::integer_op(0, ty));
                if self.truths.get(&(Cond::Ne, ty, first, zero)) == Some(&true) {
                    return Outcome::Remove;
                }
                self.holds(Cond::Ne, ty, first, zero);
            }
            Op::SizeCheck => {
                if self.is_not_negative(first) {
                    return Outcome::Remove;
                }
                self.is_not_negative_from_here(first);
            }
            Op::CastCheck(test) => {
                let known = self.known(first);
                if self.f.op(first) == Some(Op::Null)
                    || self.decide(known, test.class) == Some(true) && !test.exact
                {
                    return Outcome::Remove;
                }
                // A test for exactly that class may be one by a profile: a subclass does not pass.
                if test.exact && known.exact && known.class == Some(test.class) {
                    return Outcome::Remove;
                }
                if known.not_null && self.decide(known, test.class) == Some(false) {
                    return Outcome::Leave(Reason::ClassCast);
                }
                if self.checks.contains(&(op, args.clone())) {
                    return Outcome::Remove;
                }
                let learned = self.known_by_test(test);
                self.learn(first, learned);
            }
            Op::StoreCheck => {
                let (array, stored) = (self.known(first), self.known(args[1]));
                if self.f.op(args[1]) == Some(Op::Null) {
                    return Outcome::Remove;
                }
                if array.exact
                    && let (Some(component), Some(of)) =
                        (array.class.and_then(|c| self.env.component(c)), stored.class)
                    && self.env.is_subclass(of, component)
                {
                    return Outcome::Remove;
                }
            }
            Op::Guard(reason) => {
                if let Some(c) = constant {
                    return if c != 0 { Outcome::Remove } else { Outcome::Leave(reason) };
                }
                self.decided(first, true);
            }
            _ => {}
        }
        let key = (op, args);
        if self.checks.contains(&key) {
            return Outcome::Remove;
        }
        self.check_passed(key);
        Outcome::Keep
    }
}

/// One divided by a constant power of two, where the quotient is a normal number: to divide is to multiply by that.
fn exact_reciprocal(f: &Function, v: Value) -> Option<Op> {
    match f.op(v)? {
        Op::Float(bits) => {
            let (x, quotient) = (f32::from_bits(bits), 1.0 / f32::from_bits(bits));
            (bits << 9 == 0 && x.is_normal() && quotient.is_normal()).then(|| Op::Float(quotient.to_bits()))
        }
        Op::Double(bits) => {
            let (x, quotient) = (f64::from_bits(bits), 1.0 / f64::from_bits(bits));
            (bits << 12 == 0 && x.is_normal() && quotient.is_normal()).then(|| Op::Double(quotient.to_bits()))
        }
        _ => None,
    }
}

/// A constant as an operation.
pub fn constant_op(constant: Constant) -> Op {
    match constant {
        Constant::Int(v) => Op::Int(v),
        Constant::Long(v) => Op::Long(v),
        Constant::Float(bits) => Op::Float(bits),
        Constant::Double(bits) => Op::Double(bits),
        Constant::Null => Op::Null,
        Constant::Ref(r) => Op::Ref(r),
    }
}
