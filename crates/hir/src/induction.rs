//! Induction variables: loop parameters that go up or down by a constant.

use crate::cfg::{Cfg, Loop};
use crate::ir::{Block, Function, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, Op};
use hashbrown::HashSet;

/// An I32 parameter of a loop header that every latch passes on changed by the same constant.
#[derive(Clone, Debug)]
pub struct Induction {
    /// The header.
    pub header: Block,
    /// The parameter.
    pub param: Value,
    /// Its number among the header's.
    pub number: usize,
    /// What it starts with; `None` where the loop is entered in several ways that differ.
    pub init: Option<Value>,
    /// Added on every way round, not zero.
    pub step: i64,
    /// Tests that the way round passes: block where the test has been passed, condition that holds there for
    /// (parameter, limit), limit.
    pub limits: Vec<(Block, Cond, Value)>,
}

impl Induction {
    /// Blocks on every way round where the sum of parameter and step cannot overflow, because of a test passed. Where there
    /// is one, the parameter never leaves the range from its start on.
    pub fn safe_blocks(&self, f: &Function) -> Vec<Block> {
        let (max, min) = (i64::from(i32::MAX), i64::from(i32::MIN));
        let safe = |cond: Cond, limit: Value| match (self.step > 0, cond) {
            (true, Cond::Lt) => greatest(f, limit) - 1 + self.step <= max,
            (true, Cond::Le) => greatest(f, limit) + self.step <= max,
            (false, Cond::Gt) => least(f, limit) + 1 + self.step >= min,
            (false, Cond::Ge) => least(f, limit) + self.step >= min,
            _ => false,
        };
        self.limits.iter().filter(|(_, cond, limit)| safe(*cond, *limit)).map(|l| l.0).collect()
    }
}

/// No I32 value of that definition is greater: constants, and differences that do not overflow.
fn greatest(f: &Function, v: Value) -> i64 {
    let max = i64::from(i32::MAX);
    if let Some(c) = crate::fold::integer(f, v) {
        return c;
    }
    let Some(d) = f.def(v).filter(|d| d.op == Op::Binary(BinaryOp::Sub, Type::I32)) else { return max };
    let Some(c) = crate::fold::integer(f, d.args[1]).filter(|c| *c >= 0) else { return max };
    let bounded = f.def(d.args[0]).filter(|d| d.op == Op::Binary(BinaryOp::Max, Type::I32));
    let floor = bounded.and_then(|d| crate::fold::integer(f, d.args[1]));
    let fits = floor.is_some_and(|floor| floor - c >= i64::from(i32::MIN));
    if fits || is_not_negative(f, d.args[0], &|_| false, 4) { max - c } else { max }
}

/// No I32 value of that definition is less: constants, and sums that do not overflow.
fn least(f: &Function, v: Value) -> i64 {
    let min = i64::from(i32::MIN);
    if let Some(c) = crate::fold::integer(f, v) {
        return c;
    }
    let Some(d) = f.def(v).filter(|d| d.op == Op::Binary(BinaryOp::Add, Type::I32)) else { return min };
    let Some(c) = crate::fold::integer(f, d.args[1]).filter(|c| *c >= 0) else { return min };
    let bounded = f.def(d.args[0]).filter(|d| d.op == Op::Binary(BinaryOp::Min, Type::I32));
    let ceiling = bounded.and_then(|d| crate::fold::integer(f, d.args[1]));
    if ceiling.is_some_and(|ceiling| ceiling + c <= i64::from(i32::MAX)) { min + c } else { min }
}

/// The induction variables of a loop.
pub fn of_loop(f: &Function, cfg: &Cfg, l: &Loop) -> Vec<Induction> {
    let mut all = Vec::new();
    for (number, &param) in f.block(l.header).params.iter().enumerate() {
        if f.ty(param) != Type::I32 {
            continue;
        }
        let mut init = None;
        let mut inits_differ = false;
        let mut step = None;
        let mut is_induction = true;
        let mut predecessors = cfg.predecessors[l.header.index()].clone();
        predecessors.dedup();
        for p in predecessors {
            let inside = l.blocks.contains(&p);
            f.block(p).end.for_each_call(|call| {
                if call.block != l.header {
                    return;
                }
                let v = call.args[number];
                if inside {
                    let by = step_of(f, param, v);
                    is_induction &= by.is_some() && step.is_none_or(|s| Some(s) == by);
                    step = by;
                } else {
                    inits_differ |= init.is_some_and(|i| i != v);
                    init = Some(v);
                }
            });
        }
        let Some(step) = step.filter(|s| is_induction && *s != 0) else { continue };
        let limits = limits_of(f, cfg, l, param);
        let init = init.filter(|_| !inits_differ);
        all.push(Induction { header: l.header, param, number, init, step, limits });
    }
    all
}

/// The constant by which `v` is more than `param`.
fn step_of(f: &Function, param: Value, v: Value) -> Option<i64> {
    if v == param {
        return None;
    }
    let mut sum: i64 = 0;
    let mut v = v;
    // A body that has been repeated adds more than once.
    for _ in 0..16 {
        let d = f.def(v)?;
        let c = crate::fold::integer(f, *d.args.get(1)?)?;
        match d.op {
            Op::Binary(BinaryOp::Add, Type::I32) => sum += c,
            Op::Binary(BinaryOp::Sub, Type::I32) => sum -= c,
            _ => return None,
        }
        v = d.args[0];
        if v == param {
            // Additions are modulo 2^32 only where the total is a step that can be told from its contrary.
            return Some(sum).filter(|s| s.unsigned_abs() < 1 << 30);
        }
    }
    None
}

/// Branches in the loop of which one way stays inside on every way round, with what holds there of the parameter.
fn limits_of(f: &Function, cfg: &Cfg, l: &Loop, param: Value) -> Vec<(Block, Cond, Value)> {
    let mut limits = Vec::new();
    for &block in &l.blocks {
        let Terminator::Branch { cond, then, otherwise, .. } = &f.block(block).end else { continue };
        let Some(d) = f.def(*cond) else { continue };
        let Op::Compare(test, Type::I32) = d.op else { continue };
        let (test, limit) = if d.args[0] == param {
            (test, d.args[1])
        } else if d.args[1] == param
            && let Some(swapped) = test.swapped()
        {
            (swapped, d.args[0])
        } else {
            continue;
        };
        for (way, test) in [(then, test), (otherwise, test.negated())] {
            let on = way.block;
            // The block holds only this edge, and no latch is reached without it.
            let alone = cfg.predecessors[on.index()].len() == 1 && l.blocks.contains(&on);
            if alone && l.latches.iter().all(|latch| cfg.dominates(on, *latch)) {
                limits.push((on, test, limit));
            }
        }
    }
    limits
}

/// I32 values that are never negative because of the loops they count: induction variables that go up from such a start
/// and cannot overflow, and what they are in the next round.
pub fn not_negative_values(f: &Function, cfg: &Cfg) -> HashSet<Value> {
    let mut found = HashSet::new();
    let homes = homes(f, cfg);
    // Outer loops first: inner ones start from their variables.
    for l in cfg.loops().iter().rev() {
        for i in of_loop(f, cfg, l) {
            let starts = i.init.is_some_and(|v| is_not_negative(f, v, &|v| found.contains(&v), 4));
            let safe = i.safe_blocks(f);
            if i.step < 0 || !starts || safe.is_empty() {
                continue;
            }
            found.insert(i.param);
            for latch in &l.latches {
                f.block(*latch).end.for_each_call(|call| {
                    if call.block == l.header {
                        let next = call.args[i.number];
                        let home = homes[next.index()];
                        let one = f.def(next).is_some_and(|d| d.args.first() == Some(&i.param));
                        // Where the test has been passed the sum does not overflow.
                        if one && i.limits.iter().any(|(on, ..)| home.is_some_and(|h| cfg.dominates(*on, h)))
                        {
                            found.insert(next);
                        }
                    }
                });
            }
        }
    }
    found
}

/// The block in which each value is defined; `None` for those in no block.
pub fn homes(f: &Function, cfg: &Cfg) -> Vec<Option<Block>> {
    let mut homes = vec![None; f.values.len()];
    for &block in &cfg.order {
        for &v in &f.block(block).params {
            homes[v.index()] = Some(block);
        }
        for &inst in &f.block(block).insts {
            if let Some(v) = f.inst(inst).result {
                homes[v.index()] = Some(block);
            }
        }
    }
    homes
}

/// Whether an I32 value cannot be negative, by its definition and the induction variables that cannot.
pub fn is_not_negative(f: &Function, v: Value, known: &dyn Fn(Value) -> bool, depth: u32) -> bool {
    if known(v) {
        return true;
    }
    let Some(d) = (depth > 0).then(|| f.def(v)).flatten() else { return false };
    let rec = |v: Value| is_not_negative(f, v, known, depth - 1);
    match d.op {
        Op::Int(c) => c >= 0,
        Op::ArrayLength | Op::Compare(..) | Op::InstanceOf(_) => true,
        Op::LoadElem(caturra_bytecode::BasicType::Char) => true,
        Op::LoadField(field) | Op::LoadStatic(field) => {
            matches!(field.ty, caturra_bytecode::BasicType::Char | caturra_bytecode::BasicType::Boolean)
        }
        Op::Convert(crate::op::ConvertOp::I2C) => true,
        Op::Unary(crate::op::UnaryOp::BitCount, _) => true,
        Op::Unary(crate::op::UnaryOp::LeadingZeros | crate::op::UnaryOp::TrailingZeros, _) => true,
        Op::Binary(BinaryOp::And, Type::I32) => rec(d.args[0]) || rec(d.args[1]),
        Op::Binary(BinaryOp::Or | BinaryOp::Xor | BinaryOp::Min | BinaryOp::Div, Type::I32) => {
            rec(d.args[0]) && rec(d.args[1])
        }
        Op::Binary(BinaryOp::Max, Type::I32) => rec(d.args[0]) || rec(d.args[1]),
        Op::Binary(BinaryOp::Rem | BinaryOp::Shr, Type::I32) => rec(d.args[0]),
        Op::Binary(BinaryOp::Ushr, Type::I32) => {
            rec(d.args[0]) || crate::fold::integer(f, d.args[1]).is_some_and(|c| c & 31 != 0)
        }
        _ => false,
    }
}
