//! Loops: invariant code, loads and checks go before the loop; range checks of induction variables become one test there.
//!
//! A check that has been moved, or the test for all rounds, leaves to the interpreter at the loop's entry, where nothing of
//! the loop has been done yet.

use super::memory::Writes;
use crate::cfg::{Cfg, Loop};
use crate::env::CompilerEnv;
use crate::fold::{Fold, fold, integer};
use crate::induction::{self, Induction};
use crate::ir::{Args, Block, BlockCall, ENTRY, Function, Inst, State, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, ConvertOp, Op, Reason};
use crate::state::Slot;
use hashbrown::HashSet;

/// Moves invariant code out of loops.
pub fn hoist(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    each_loop(f, env, false)
}

/// As [`hoist`], and replaces range checks.
pub fn predicate(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    each_loop(f, env, true)
}

fn each_loop(f: &mut Function, env: &dyn CompilerEnv, ranges: bool) -> bool {
    let mut changed = make_preheaders(f);
    let cfg = Cfg::new(f);
    let mut homes = induction::homes(f, &cfg);
    let not_negative = if ranges { induction::not_negative_values(f, &cfg) } else { HashSet::new() };
    for l in cfg.loops() {
        let Some(before) = preheader(f, &cfg, &l) else { continue };
        let mut inside = vec![false; f.blocks.len()];
        l.blocks.iter().for_each(|b| inside[b.index()] = true);
        let mut pass = Hoist {
            not_negative: &not_negative,
            f,
            env,
            cfg: &cfg,
            l: &l,
            before,
            inside,
            homes: &mut homes,
            entry: None,
            changed: false,
        };
        pass.entry = pass.entry_state();
        pass.run();
        if ranges {
            pass.ranges();
        }
        changed |= pass.changed;
    }
    changed
}

/// The block from which alone the loop is entered, if that leads nowhere else.
pub fn preheader(f: &Function, cfg: &Cfg, l: &Loop) -> Option<Block> {
    let mut outside = cfg.predecessors[l.header.index()].iter().filter(|p| !l.blocks.contains(p));
    let before = *outside.next()?;
    (outside.next().is_none() && matches!(f.block(before).end, Terminator::Jump(_))).then_some(before)
}

/// Gives every loop a block before it.
pub(super) fn make_preheaders(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let mut changed = false;
    for l in cfg.loops() {
        if l.header == ENTRY || preheader(f, &cfg, &l).is_some() {
            continue;
        }
        let block = f.add_block();
        let types: Vec<(Type, crate::ir::Known)> =
            f.block(l.header).params.iter().map(|v| (f.ty(*v), f.values[v.index()].known)).collect();
        let mut args = Vec::new();
        for (ty, known) in types {
            let v = f.add_param(block, ty);
            f.values[v.index()].known = known;
            args.push(v);
        }
        f.blocks[block.index()].end = Terminator::Jump(BlockCall { block: l.header, args });
        let mut outside: Vec<Block> =
            cfg.predecessors[l.header.index()].iter().copied().filter(|p| !l.blocks.contains(p)).collect();
        outside.dedup();
        for p in outside {
            f.blocks[p.index()].end.for_each_call_mut(|call| {
                if call.block == l.header {
                    call.block = block;
                }
            });
        }
        changed = true;
    }
    changed
}

struct Hoist<'a> {
    f: &'a mut Function,
    env: &'a dyn CompilerEnv,
    cfg: &'a Cfg,
    l: &'a Loop,
    before: Block,
    inside: Vec<bool>,
    homes: &'a mut Vec<Option<Block>>,
    not_negative: &'a HashSet<Value>,
    /// The state at the loop's entry.
    entry: Option<State>,
    changed: bool,
}

/// What is added to an induction variable times a constant.
#[derive(Debug, Default)]
struct Affine {
    scale: i64,
    constant: i64,
    /// Invariant values, and whether they are subtracted.
    terms: Vec<(Value, bool)>,
}

impl Hoist<'_> {
    fn is_invariant(&self, v: Value) -> bool {
        self.homes.get(v.index()).copied().flatten().is_none_or(|b| !self.inside[b.index()])
    }

    /// The header's poll has the state at the header; with what the loop is entered with for its parameters, it is the
    /// state at the end of the block before.
    fn entry_state(&mut self) -> Option<State> {
        let poll = self.f.block(self.l.header).insts.iter().find(|i| self.f.inst(**i).op == Op::Poll)?;
        let state = self.f.inst(*poll).state?;
        let Terminator::Jump(call) = &self.f.block(self.before).end else { return None };
        let args = call.args.clone();
        let params = self.f.block(self.l.header).params.clone();
        let mut entry = self.f.state(state).clone();
        entry.for_each_slot_mut(|slot| {
            if let Slot::Value(v) = slot
                && let Some(n) = params.iter().position(|p| p == v)
            {
                *v = args[n];
            }
        });
        let mut values = Vec::new();
        entry.for_each_slot(|slot| values.extend(if let Slot::Value(v) = slot { Some(*v) } else { None }));
        if let Some(caller) = entry.caller {
            self.f.for_each_state_value(caller, |v| values.push(v));
        }
        if values.iter().all(|v| self.is_invariant(*v)) { Some(self.f.add_state(entry)) } else { None }
    }

    fn may_leave(&self, reason: Reason) -> Option<State> {
        let entry = self.entry?;
        let state = self.f.state(entry);
        (!self.env.too_many_deopts(state.method, state.bci, reason)).then_some(entry)
    }

    fn always_executed(&self, block: Block) -> bool {
        self.l.latches.iter().all(|latch| self.cfg.dominates(block, *latch))
    }

    /// Values that branches in the loop test, so that what needs the test does not move before it.
    fn tested(&self) -> HashSet<Value> {
        let mut tested = HashSet::new();
        for &block in &self.l.blocks {
            let Terminator::Branch { cond, .. } = &self.f.block(block).end else { continue };
            let Some(d) = self.f.def(*cond) else { continue };
            for &v in &d.args {
                tested.insert(v);
                if let Some(inner) = self.f.def(v)
                    && matches!(
                        inner.op,
                        Op::LoadClass | Op::LoadVtable(_) | Op::LoadMirror | Op::InstanceOf(_)
                    )
                {
                    tested.extend(&inner.args);
                }
            }
        }
        tested
    }

    fn run(&mut self) {
        let writes = Writes::of(self.f, &self.l.blocks);
        let mut pinned = self.tested();
        for &block in &self.l.blocks {
            let always = self.always_executed(block);
            let insts = std::mem::take(&mut self.f.blocks[block.index()].insts);
            let mut kept = Vec::with_capacity(insts.len());
            for inst in insts {
                if self.may_move(inst, always, &writes, &pinned) {
                    self.move_out(inst);
                } else {
                    let data = self.f.inst(inst);
                    if data.op.is_check() {
                        pinned.extend(&data.args);
                        if let Some(d) = data.args.first().and_then(|v| self.f.def(*v)) {
                            pinned.extend(&d.args);
                            let inner: Vec<Value> = d
                                .args
                                .iter()
                                .filter_map(|v| self.f.def(*v))
                                .flat_map(|d| d.args.clone())
                                .collect();
                            pinned.extend(inner);
                        }
                    }
                    kept.push(inst);
                }
            }
            self.f.blocks[block.index()].insts = kept;
        }
    }

    fn may_move(&self, inst: Inst, always: bool, writes: &Writes, pinned: &HashSet<Value>) -> bool {
        let data = self.f.inst(inst);
        if !data.args.iter().all(|v| self.is_invariant(*v)) {
            return false;
        }
        let op = data.op;
        if op.is_check() {
            let reason = match op {
                Op::NullCheck => Reason::Null,
                Op::BoundsCheck => Reason::Bounds,
                Op::ZeroCheck(_) => Reason::DivisionByZero,
                Op::SizeCheck => Reason::NegativeSize,
                Op::CastCheck(_) => Reason::ClassCast,
                Op::Guard(reason) => reason,
                _ => return false,
            };
            // A check may stand behind a test that the loop makes.
            let free = !data.args.iter().any(|v| pinned.contains(v)) || op != Op::NullCheck;
            let needs = matches!(op, Op::Guard(_) | Op::CastCheck(_));
            return always
                && free
                && !needs_pinned(self.f, needs, &data.args, pinned)
                && self.may_leave(reason).is_some();
        }
        let safe = !op.needs_check() || always && !data.args.iter().any(|v| pinned.contains(v));
        match op {
            _ if op.is_pure() => safe,
            Op::LoadField(field) | Op::LoadStatic(field) => {
                safe && !field.volatile && !writes.all && !writes.fields.contains(&field.id)
            }
            Op::LoadElem(ty) => safe && !writes.all && !writes.elements.contains(&ty),
            _ => false,
        }
    }

    fn move_out(&mut self, inst: Inst) {
        if self.f.inst(inst).op.is_check() {
            self.f.insts[inst.index()].state = self.entry;
        }
        if let Some(v) = self.f.inst(inst).result {
            self.homes[v.index()] = Some(self.before);
        }
        self.f.blocks[self.before.index()].insts.push(inst);
        self.changed = true;
    }

    // ---- range checks ----

    /// An instruction at the end of the block before the loop, folded where possible.
    fn emit(&mut self, op: Op, args: &[Value]) -> Value {
        let (mut op, mut args) = (op, Args::from_slice(args));
        for _ in 0..4 {
            match fold(self.f, op, &args) {
                Some(Fold::Value(v)) => return v,
                Some(Fold::Op(new, new_args)) => (op, args) = (new, new_args),
                None => break,
            }
        }
        let v = self.f.push_value(self.before, op, &args);
        self.homes.resize(self.f.values.len(), None);
        self.homes[v.index()] = Some(self.before);
        v
    }

    fn ranges(&mut self) {
        let Some(entry) = self.may_leave(Reason::LoopPredicate) else { return };
        let inductions = induction::of_loop(self.f, self.cfg, self.l);
        let mut made: HashSet<Value> = HashSet::new();
        for &block in &self.l.blocks {
            if !self.always_executed(block) {
                continue;
            }
            let insts = self.f.block(block).insts.clone();
            let mut gone = Vec::new();
            for inst in insts {
                let data = self.f.inst(inst);
                if data.op != Op::BoundsCheck || !self.is_invariant(data.args[1]) {
                    continue;
                }
                let (index, length) = (data.args[0], data.args[1]);
                let test = inductions.iter().find_map(|i| {
                    let affine = self.affine(index, i.param, 4)?;
                    let limit = i.limits.iter().find(|(on, cond, limit)| {
                        self.cfg.dominates(*on, block)
                            && self.is_invariant(*limit)
                            && match cond {
                                Cond::Lt | Cond::Le => i.step > 0,
                                Cond::Gt | Cond::Ge => i.step < 0,
                                _ => false,
                            }
                    })?;
                    Some((i, affine, limit.1, limit.2))
                });
                let Some((i, affine, cond, limit)) = test else { continue };
                let Some(init) = i.init else { continue };
                let ok = self.test(i, init, &affine, cond, limit, length);
                if self.f.op(ok) != Some(Op::Int(1)) && made.insert(ok) {
                    self.f.push(self.before, Op::Guard(Reason::LoopPredicate), &[ok], Some(entry));
                }
                gone.push(inst);
            }
            if !gone.is_empty() {
                self.f.blocks[block.index()].insts.retain(|i| !gone.contains(i));
                self.changed = true;
            }
        }
    }

    /// `v` as a multiple of the parameter and what is added, if it is that (modulo 2^32).
    fn affine(&self, v: Value, param: Value, depth: u32) -> Option<Affine> {
        if v == param {
            return Some(Affine { scale: 1, ..Affine::default() });
        }
        if let Some(c) = integer(self.f, v) {
            return Some(Affine { constant: c, ..Affine::default() });
        }
        if self.is_invariant(v) {
            return Some(Affine { terms: vec![(v, false)], ..Affine::default() });
        }
        let d = (depth > 0).then(|| self.f.def(v)).flatten()?;
        let Op::Binary(op, Type::I32) = d.op else { return None };
        let (x, y) = (d.args[0], d.args[1]);
        match op {
            BinaryOp::Add | BinaryOp::Sub => {
                let mut sum = self.affine(x, param, depth - 1)?;
                let other = self.affine(y, param, depth - 1)?;
                let minus = op == BinaryOp::Sub;
                let sign = if minus { -1 } else { 1 };
                sum.scale += sign * other.scale;
                sum.constant += sign * other.constant;
                sum.terms.extend(other.terms.into_iter().map(|(v, negative)| (v, negative != minus)));
                Some(sum)
            }
            BinaryOp::Mul | BinaryOp::Shl => {
                let c = integer(self.f, y)?;
                let factor = if op == BinaryOp::Mul { c } else { 1 << (c & 31) };
                let mut product = self.affine(x, param, depth - 1)?;
                if !product.terms.is_empty() || factor.unsigned_abs() > 1 << 16 {
                    return None;
                }
                product.scale *= factor;
                product.constant *= factor;
                Some(product)
            }
            _ => None,
        }
        .filter(|a| {
            a.scale.unsigned_abs() <= 1 << 16 && a.constant.unsigned_abs() < 1 << 40 && a.terms.len() <= 4
        })
    }

    /// Whether the index is in bounds in every round, as a value before the loop.
    fn test(
        &mut self,
        i: &Induction,
        init: Value,
        affine: &Affine,
        cond: Cond,
        limit: Value,
        length: Value,
    ) -> Value {
        let plain = affine.scale == 1 && affine.constant == 0 && affine.terms.is_empty();
        let from_zero = induction::is_not_negative(self.f, init, &|v| self.not_negative.contains(&v), 4);
        if plain && from_zero && i.step == 1 && cond == Cond::Lt {
            // 0 <= start <= i < limit <= length
            return self.emit(Op::Compare(Cond::Le, Type::I32), &[limit, length]);
        }
        let long = |s: &mut Self, v: Value| s.emit(Op::Convert(ConvertOp::I2L), &[v]);
        let constant = |s: &mut Self, c: i64| s.emit(Op::Long(c), &[]);
        let binary =
            |s: &mut Self, op: BinaryOp, x: Value, y: Value| s.emit(Op::Binary(op, Type::I64), &[x, y]);
        let compare = |s: &mut Self, c: Cond, x: Value, y: Value| s.emit(Op::Compare(c, Type::I64), &[x, y]);
        let first = long(self, init);
        let mut last = long(self, limit);
        let inwards = match cond {
            Cond::Lt => -1,
            Cond::Gt => 1,
            _ => 0,
        };
        let by = constant(self, inwards);
        last = binary(self, BinaryOp::Add, last, by);
        let up = i.step > 0;
        // Behind the last round the variable must not come round to the other end.
        let step = constant(self, i.step);
        let beyond = binary(self, BinaryOp::Add, last, step);
        let end = constant(self, if up { i64::from(i32::MAX) } else { i64::from(i32::MIN) });
        let no_overflow = compare(self, if up { Cond::Le } else { Cond::Ge }, beyond, end);
        let (low, high) = if up == (affine.scale >= 0) { (first, last) } else { (last, first) };
        let mut offset = constant(self, affine.constant);
        for &(term, negative) in &affine.terms {
            let term = long(self, term);
            let op = if negative { BinaryOp::Sub } else { BinaryOp::Add };
            offset = binary(self, op, offset, term);
        }
        let scale = constant(self, affine.scale);
        let low = binary(self, BinaryOp::Mul, low, scale);
        let low = binary(self, BinaryOp::Add, low, offset);
        let high = binary(self, BinaryOp::Mul, high, scale);
        let high = binary(self, BinaryOp::Add, high, offset);
        let zero = constant(self, 0);
        let length = long(self, length);
        let low = compare(self, Cond::Ge, low, zero);
        let high = compare(self, Cond::Lt, high, length);
        let never = compare(self, if up { Cond::Gt } else { Cond::Lt }, first, last);
        let and = |s: &mut Self, x: Value, y: Value| s.emit(Op::Binary(BinaryOp::And, Type::I32), &[x, y]);
        let inside = and(self, low, high);
        let ok = and(self, inside, no_overflow);
        self.emit(Op::Binary(BinaryOp::Or, Type::I32), &[ok, never])
    }
}

/// Whether a guard's condition, or a cast's object, rests on a value that a test in the loop is about.
fn needs_pinned(f: &Function, needs: bool, args: &[Value], pinned: &HashSet<Value>) -> bool {
    needs
        && args.iter().any(|v| {
            pinned.contains(v)
                || f.def(*v).is_some_and(|d| d.op.needs_check() && d.args.iter().any(|a| pinned.contains(a)))
        })
}
