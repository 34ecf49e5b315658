//! Small counted loops do several rounds at a time.
//!
//! A loop that counts to a limit which it does not change is left as it is for the last rounds; before it stands a copy
//! that tests once for several rounds, as long as so many are left. Between the rounds of the copy nothing is tested, and
//! what grows by a constant in each round (counters, indexes) is what it was in the first, plus a constant, which costs
//! nothing in an address.

use super::loops::preheader;
use super::rewrite::Renaming;
use crate::cfg::{Cfg, Loop};
use crate::env::CompilerEnv;
use crate::fold::{Fold, fold, integer};
use crate::induction::{self, Induction, homes};
use crate::ir::{Args, Block, BlockCall, Function, Inst, Terminator, Type, Value};
use crate::op::{BinaryOp, Cond, Op};
use hashbrown::{HashMap, HashSet};

/// Instructions of the copy, at most.
const MOST: usize = 96;
/// Blocks of a loop, at most.
const MOST_BLOCKS: usize = 8;
/// Instructions of a block that leaves the function from a loop, at most.
pub(super) const SHORT: usize = 4;
/// Rounds that a loop must have by its profile, for each that the copy does at a time.
const WORTH: u64 = 2;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let loops = cfg.loops();
    let homes = homes(f, &cfg);
    let mut changed = false;
    for l in &loops {
        let innermost = l.is_innermost(&loops);
        if let Some(plan) = innermost.then(|| Plan::of(f, &cfg, &homes, l)).flatten() {
            Copy::new(f, &plan).run();
            changed = true;
        }
    }
    changed
}

/// A loop that can be unrolled.
pub(super) struct Plan {
    pub before: Block,
    pub header: Block,
    pub latch: Block,
    /// The loop's blocks, then those that leave the function from it, each entered from one of them alone.
    pub blocks: Vec<Block>,
    /// Where the header's test leads inside.
    into: BlockCall,
    /// The variable that is tested, the condition that holds for it and the limit inside the loop.
    counter: Induction,
    cond: Cond,
    limit: Value,
    /// Rounds at a time.
    pub rounds: usize,
    /// By how much integers grow in each round (modulo 2^32).
    pub growth: HashMap<Value, i32>,
    weights: (u32, u32),
}

impl Plan {
    pub fn of(f: &Function, cfg: &Cfg, homes: &[Option<Block>], l: &Loop) -> Option<Plan> {
        let before = preheader(f, cfg, l)?;
        let [latch] = l.latches[..] else { return None };
        let header = l.header;
        if latch == header || l.blocks.len() > MOST_BLOCKS || f.block(header).cold {
            return None;
        }
        let Terminator::Jump(_) = &f.block(latch).end else { return None };
        let inside = |b: Block| l.blocks.contains(&b);
        let Terminator::Branch { cond, then, otherwise, weights } = &f.block(header).end else {
            return None;
        };
        let (into, stays) = match (inside(then.block), inside(otherwise.block)) {
            (true, false) => (then.clone(), true),
            (false, true) => (otherwise.clone(), false),
            _ => return None,
        };
        let weights = if stays { *weights } else { (weights.1, weights.0) };
        let test = f.def(*cond)?;
        let Op::Compare(cond, Type::I32) = test.op else { return None };
        let cond = if stays { cond } else { cond.negated() };
        let inductions = induction::of_loop(f, cfg, l);
        let of = |v: Value| inductions.iter().find(|i| i.param == v);
        let (counter, cond, limit) = match (of(test.args[0]), of(test.args[1])) {
            (Some(i), None) => (i.clone(), cond, test.args[1]),
            (None, Some(i)) => (i.clone(), cond.swapped()?, test.args[0]),
            _ => return None,
        };
        let right_way = match cond {
            Cond::Lt | Cond::Le => counter.step > 0,
            Cond::Gt | Cond::Ge => counter.step < 0,
            _ => false,
        };
        let invariant = |v: Value| homes[v.index()].is_none_or(|b| !inside(b));
        if !right_way || !invariant(limit) || counter.step.unsigned_abs() > 1 << 10 {
            return None;
        }
        let blocks = with_ends(f, cfg, l);
        let leaves = |b: &Block| f.block(*b).end.successors().iter().any(|s| !blocks.contains(s));
        if l.blocks.iter().any(|b| *b != header && leaves(b)) {
            return None;
        }
        let size = size(f, &l.blocks, &[header, latch])?;
        let rounds = match MOST / size.max(1) {
            0..2 => return None,
            2..4 => 2,
            4..12 => 4,
            _ => 8,
        };
        let (stay, leave) = (u64::from(weights.0), u64::from(weights.1));
        if stay < leave * WORTH * rounds as u64 {
            return None;
        }
        let always =
            l.blocks.iter().copied().filter(|b| cfg.dominates(*b, latch)).collect::<HashSet<Block>>();
        let growth = growth(f, l, &always, &inductions, &invariant);
        Some(Plan { before, header, latch, blocks, into, counter, cond, limit, rounds, growth, weights })
    }
}

/// The loop's blocks, then short ones that leave the function from it, each entered from one of them alone.
pub(super) fn with_ends(f: &Function, cfg: &Cfg, l: &Loop) -> Vec<Block> {
    let mut blocks = l.blocks.clone();
    for &block in l.blocks.iter().filter(|b| **b != l.header) {
        for s in f.block(block).end.successors() {
            let short = f.block(s).insts.len() <= SHORT;
            let ends = f.block(s).end.successors().is_empty() && short;
            if ends && cfg.predecessors[s.index()].len() == 1 && !blocks.contains(&s) {
                blocks.push(s);
            }
        }
    }
    blocks
}

/// The number of instructions that a round of the loop executes, at most; `None` where there is one that may run long
/// or is not to be repeated. Polls in `polls` do not count.
pub(super) fn size(f: &Function, blocks: &[Block], polls: &[Block]) -> Option<usize> {
    let mut size = 0;
    for &block in blocks {
        size += 1;
        for &inst in &f.block(block).insts {
            let op = f.inst(inst).op;
            match op {
                Op::Poll if polls.contains(&block) => {}
                Op::Atomic(..) | Op::Fence(_) | Op::SpinWait | Op::IdentityHash => return None,
                Op::StoreCheck | Op::InstanceOf(_) | Op::CastCheck(_) => size += 6,
                // The exit of one round and the entry of the next may go: see `locks`.
                Op::MonitorEnter | Op::MonitorExit => size += 6,
                _ if op.has_state() && !op.is_check() => return None,
                _ if op.is_constant() => {}
                _ => size += 1,
            }
        }
    }
    Some(size)
}

/// I32 values of blocks that every round passes which grow by a constant in each.
fn growth(
    f: &Function,
    l: &Loop,
    always: &HashSet<Block>,
    inductions: &[Induction],
    invariant: &dyn Fn(Value) -> bool,
) -> HashMap<Value, i32> {
    let mut growth: HashMap<Value, i32> = inductions.iter().map(|i| (i.param, i.step as i32)).collect();
    for &block in l.blocks.iter().filter(|b| always.contains(*b)) {
        for &inst in &f.block(block).insts {
            let data = f.inst(inst);
            let (Op::Binary(op, Type::I32), Some(result)) = (data.op, data.result) else { continue };
            let of = |v: Value| growth.get(&v).copied().or_else(|| invariant(v).then_some(0));
            let (x, y) = (data.args[0], data.args[1]);
            let constant = integer(f, y).map(|c| c as i32);
            let by = match (op, of(x), of(y), constant) {
                (BinaryOp::Add, Some(a), Some(b), _) => Some(a.wrapping_add(b)),
                (BinaryOp::Sub, Some(a), Some(b), _) => Some(a.wrapping_sub(b)),
                (BinaryOp::Mul, Some(a), _, Some(c)) => Some(a.wrapping_mul(c)),
                (BinaryOp::Shl, Some(a), _, Some(c)) => Some(a.wrapping_shl(c as u32)),
                _ => None,
            };
            if let Some(by) = by {
                growth.insert(result, by);
            }
        }
    }
    growth
}

/// The copy of a loop under construction.
pub(super) struct Copy<'a> {
    pub f: &'a mut Function,
    pub plan: &'a Plan,
    /// What stands for the loop's values in the first round of the copy, and in the round that is made.
    pub first: HashMap<Value, Value>,
    pub names: Renaming,
    /// The copy's blocks of the round that is made.
    pub blocks: HashMap<Block, Block>,
}

impl<'a> Copy<'a> {
    pub fn new(f: &'a mut Function, plan: &'a Plan) -> Copy<'a> {
        Copy { f, plan, first: HashMap::new(), names: Renaming::default(), blocks: HashMap::new() }
    }

    fn run(mut self) {
        let plan = self.plan;
        let head = self.start();
        let mut start = head;
        for round in 0..plan.rounds {
            if round > 0 {
                self.instructions(plan.header, start, round);
                let into = self.enter_round();
                self.f.blocks[start.index()].end = Terminator::Jump(into);
            }
            for &block in plan.blocks.iter().filter(|b| **b != plan.header) {
                self.instructions(block, self.blocks[&block], round);
                if block != plan.latch {
                    self.end(block);
                }
            }
            if round == 0 {
                self.first = self.names.map.clone();
            }
            start = self.next_round(round, head);
        }
    }

    /// Makes the copy's header, which leads to the blocks of the first round, and behind the last to the loop itself.
    pub fn start(&mut self) -> Block {
        let plan = self.plan;
        let limit = self.limit();
        let head = self.f.add_block();
        for param in self.f.block(plan.header).params.clone() {
            let known = self.f.values[param.index()].known;
            let copy = self.f.add_param(head, self.f.ty(param));
            self.f.values[copy.index()].known = known;
            self.names.map.insert(param, copy);
        }
        self.f.blocks[plan.before.index()].end.for_each_call_mut(|call| call.block = head);
        let params = self.f.block(head).params.clone();
        let rest = self.f.add_block();
        let counter = params[plan.counter.number];
        self.f.blocks[rest.index()].end = Terminator::Jump(BlockCall { block: plan.header, args: params });
        self.instructions(plan.header, head, 0);
        let test = if plan.counter.step > 0 { Cond::Lt } else { Cond::Gt };
        let cond = self.f.push_value(head, Op::Compare(test, Type::I32), &[counter, limit]);
        let then = self.enter_round();
        let weights = (plan.weights.0 / plan.rounds as u32, plan.weights.1);
        let otherwise = BlockCall::to(rest);
        self.f.blocks[head.index()].end = Terminator::Branch { cond, then, otherwise, weights };
        // The loop itself does what is left: little.
        if let Terminator::Branch { weights, .. } = &mut self.f.blocks[plan.header.index()].end {
            let leave = plan.weights.1.max(1);
            *weights = (leave, leave);
        }
        head
    }

    /// What the counter must be less than (going down, greater) in the first of the rounds made at a time. Where the loop's own limit is so near the end of the range
    /// that the difference overflowed, none are made.
    fn limit(&mut self) -> Value {
        let Plan { before, limit, .. } = *self.plan;
        let mut ahead = self.plan.counter.step.abs() * (self.plan.rounds as i64 - 1);
        // To be at most the limit is to be less than what comes behind it.
        ahead -= i64::from(matches!(self.plan.cond, Cond::Le | Cond::Ge));
        let up = self.plan.counter.step > 0;
        let (bound, clamp, op) = if up {
            (i64::from(i32::MIN) + ahead, BinaryOp::Max, BinaryOp::Sub)
        } else {
            (i64::from(i32::MAX) - ahead, BinaryOp::Min, BinaryOp::Add)
        };
        let small = |v: Value| integer(self.f, v).is_some_and(|c| c.unsigned_abs() < 1 << 30);
        let far = small(limit) || up && induction::is_not_negative(self.f, limit, &|_| false, 4);
        let clamped = if far {
            limit
        } else {
            let bound = self.emit(before, Op::Int(bound as i32), &[]);
            self.emit(before, Op::Binary(clamp, Type::I32), &[limit, bound])
        };
        let ahead = self.emit(before, Op::Int(ahead as i32), &[]);
        self.emit(before, Op::Binary(op, Type::I32), &[clamped, ahead])
    }

    /// An instruction at the end of a block, folded where possible.
    fn emit(&mut self, block: Block, op: Op, args: &[Value]) -> Value {
        match fold(self.f, op, args) {
            Some(Fold::Value(v)) => v,
            Some(Fold::Op(op, args)) => self.f.push_value(block, op, &args),
            None => self.f.push_value(block, op, args),
        }
    }

    /// Makes the blocks of a round behind its header; the way into them.
    fn enter_round(&mut self) -> BlockCall {
        self.blocks.clear();
        for &block in self.plan.blocks.iter().filter(|b| **b != self.plan.header) {
            let copy = self.f.add_block();
            self.f.blocks[copy.index()].cold = self.f.block(block).cold;
            for param in self.f.block(block).params.clone() {
                let known = self.f.values[param.index()].known;
                let new = self.f.add_param(copy, self.f.ty(param));
                self.f.values[new.index()].known = known;
                self.names.map.insert(param, new);
            }
            self.blocks.insert(block, copy);
        }
        self.call(&self.plan.into)
    }

    pub fn value(&self, v: Value) -> Value {
        self.names.value(v)
    }

    fn call(&self, call: &BlockCall) -> BlockCall {
        BlockCall {
            block: self.blocks[&call.block],
            args: call.args.iter().map(|v| self.value(*v)).collect(),
        }
    }

    /// Copies the instructions of a block of the loop to the end of `to`.
    fn instructions(&mut self, block: Block, to: Block, round: usize) {
        self.names.forget_states();
        for inst in self.f.block(block).insts.clone() {
            let grows = self.f.inst(inst).result.and_then(|v| Some((v, *self.plan.growth.get(&v)?)));
            if let Some((v, by)) = grows.filter(|_| round > 0) {
                let sum = self.add(to, self.first[&v], by.wrapping_mul(round as i32));
                self.names.map.insert(v, sum);
                continue;
            }
            self.instruction(inst, block, to, round);
        }
    }

    pub fn instruction(&mut self, inst: Inst, block: Block, to: Block, round: usize) {
        let data = self.f.inst(inst).clone();
        let mut args: Args = data.args.iter().map(|v| self.value(*v)).collect();
        if data.op == Op::Poll {
            let here = if block == self.plan.header { round == 0 } else { round + 1 == self.plan.rounds };
            if !here {
                return;
            }
            args = match data.args.first().and_then(|v| self.poll_mask(*v)) {
                Some(mask) => {
                    let mask = self.f.push_value(to, Op::Int(mask), &[]);
                    let and = Op::Binary(BinaryOp::And, Type::I32);
                    Args::from_slice(&[self.f.push_value(to, and, &[args[0], mask])])
                }
                None => Args::new(),
            };
        }
        let state = data.state.map(|s| self.names.state(self.f, s));
        let copy = self.f.add_inst(data.op, &args, state);
        self.f.blocks[to.index()].insts.push(copy);
        if let (Some(old), Some(new)) = (data.result, self.f.inst(copy).result) {
            self.f.values[new.index()].known = self.f.values[old.index()].known;
            self.names.map.insert(old, new);
        }
    }

    /// The bits of a poll's counter that the rounds made at a time count: the others stay what they were at the start.
    fn poll_mask(&self, counter: Value) -> Option<i32> {
        /// Polls are that far apart, at most.
        const MOST: usize = 128;
        let masked = self.f.def(counter).filter(|d| d.op == Op::Binary(BinaryOp::And, Type::I32));
        let counted = masked.map_or(counter, |d| d.args[0]);
        let by = self.plan.growth.get(&counted)?.unsigned_abs() as usize * self.plan.rounds;
        (by.is_power_of_two() && by <= MOST).then_some(-(by as i32))
    }

    /// A sum with a constant, of the value to which that has been added that `v` is itself such a sum of.
    pub fn add(&mut self, to: Block, v: Value, by: i32) -> Value {
        let (mut base, mut sum) = (v, by);
        while let Some(d) = self.f.def(base)
            && let Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), Type::I32) = d.op
            && let Some(c) = integer(self.f, d.args[1])
        {
            let c = c as i32;
            sum = if op == BinaryOp::Add { sum.wrapping_add(c) } else { sum.wrapping_sub(c) };
            base = d.args[0];
        }
        if sum == 0 {
            return base;
        }
        let constant = self.f.push_value(to, Op::Int(sum), &[]);
        self.emit(to, Op::Binary(BinaryOp::Add, Type::I32), &[base, constant])
    }

    /// Gives a block's copy its end.
    fn end(&mut self, block: Block) {
        let mut end = self.f.block(block).end.clone();
        end.for_each_value_mut(|v| *v = self.value(*v));
        end.for_each_call_mut(|call| call.block = self.blocks[&call.block]);
        if let Terminator::Deopt(_, state) | Terminator::Throw(_, state) = &mut end {
            *state = self.names.state(self.f, *state);
        }
        let copy = self.blocks[&block];
        self.f.blocks[copy.index()].end = end;
    }

    /// Joins the round's last block to the next round, or to the first one again; where the next one starts.
    pub fn next_round(&mut self, round: usize, head: Block) -> Block {
        let latch = self.blocks[&self.plan.latch];
        let Terminator::Jump(back) = self.f.block(self.plan.latch).end.clone() else {
            unreachable!("the latch jumps")
        };
        let params = self.f.block(self.plan.header).params.clone();
        let mut next: Vec<Value> = back.args.iter().map(|v| self.value(*v)).collect();
        for (n, param) in params.iter().enumerate() {
            if let Some(&by) = self.plan.growth.get(param) {
                let start = self.f.block(head).params[n];
                next[n] = self.add(latch, start, by.wrapping_mul(round as i32 + 1));
            }
        }
        if round + 1 == self.plan.rounds {
            self.f.blocks[latch.index()].end = Terminator::Jump(BlockCall { block: head, args: next });
            return head;
        }
        let start = self.f.add_block();
        self.f.blocks[latch.index()].end = Terminator::Jump(BlockCall::to(start));
        self.names.map.extend(params.into_iter().zip(next));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::MethodId;
    use crate::ir::ValueDef;

    /// `for (i = 0; i < n; i++) s = s * 7 + i`, by hand.
    fn counted() -> (Function, Value) {
        let mut f = Function::new(MethodId(0));
        let entry = crate::ir::ENTRY;
        let n = f.add_param(entry, Type::I32);
        let zero = f.push_value(entry, Op::Int(0), &[]);
        let one = f.push_value(entry, Op::Int(1), &[]);
        let seven = f.push_value(entry, Op::Int(7), &[]);
        let (header, body, exit) = (f.add_block(), f.add_block(), f.add_block());
        let (i, s) = (f.add_param(header, Type::I32), f.add_param(header, Type::I32));
        f.blocks[0].end = Terminator::Jump(BlockCall { block: header, args: vec![zero, zero] });
        let cond = f.push_value(header, Op::Compare(Cond::Lt, Type::I32), &[i, n]);
        let (then, otherwise) = (BlockCall::to(body), BlockCall::to(exit));
        f.blocks[header.index()].end = Terminator::Branch { cond, then, otherwise, weights: (0, 0) };
        let product = f.push_value(body, Op::Binary(BinaryOp::Mul, Type::I32), &[s, seven]);
        let sum = f.push_value(body, Op::Binary(BinaryOp::Add, Type::I32), &[product, i]);
        let next = f.push_value(body, Op::Binary(BinaryOp::Add, Type::I32), &[i, one]);
        f.blocks[body.index()].end = Terminator::Jump(BlockCall { block: header, args: vec![next, sum] });
        f.blocks[exit.index()].end = Terminator::Return(Some(s));
        (f, n)
    }

    #[test]
    fn several_rounds_at_a_time() {
        let (mut f, n) = counted();
        let cfg = Cfg::new(&f);
        let homes = homes(&f, &cfg);
        let plan = Plan::of(&f, &cfg, &homes, &cfg.loops()[0]).expect("a loop to unroll");
        assert_eq!((plan.rounds, plan.limit, plan.cond), (8, n, Cond::Lt));
        Copy::new(&mut f, &plan).run();
        crate::validate::validate(&f)
            .unwrap_or_else(|e| panic!("{e}\n{}", crate::print::print(&f, None, true)));
        let count = |op: Op| {
            let insts = f.blocks.iter().flat_map(|b| &b.insts);
            insts.filter(|i| f.inst(**i).op == op).count()
        };
        assert_eq!(count(Op::Binary(BinaryOp::Mul, Type::I32)), 1 + plan.rounds);
        let cfg = Cfg::new(&f);
        let loops = cfg.loops();
        assert_eq!(loops.len(), 2);
        let steps: Vec<i64> =
            loops.iter().flat_map(|l| induction::of_loop(&f, &cfg, l)).map(|i| i.step).collect();
        assert!(steps.contains(&1) && steps.contains(&8), "{steps:?}");
        // What is counted is never the sum of a sum.
        let sums = f.values.iter().filter_map(|v| match v.def {
            ValueDef::Inst(i) => Some(f.inst(i)),
            ValueDef::Param(..) => None,
        });
        let nested = sums
            .filter(|d| d.op == Op::Binary(BinaryOp::Add, Type::I32) && integer(&f, d.args[1]).is_some())
            .filter(|d| {
                f.op(d.args[0]) == Some(d.op)
                    && f.def(d.args[0]).is_some_and(|d| integer(&f, d.args[1]).is_some())
            });
        assert_eq!(nested.count(), 0);
    }
}
