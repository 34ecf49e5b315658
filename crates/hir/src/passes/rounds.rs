//! Loops of few rounds, whose number is known, become those rounds one after the other, without tests or counters.
//!
//! Inner loops come first: the loop round them may then be without any. What depends on the counters is folded in the
//! copies, ways that are not taken are left out, and later passes see elements and fields at constant places.

use super::loops::{make_preheaders, preheader};
use super::rewrite::{Renaming, Replacements, clear};
use super::unroll::{SHORT, size, with_ends};
use crate::cfg::{Cfg, Loop};
use crate::env::CompilerEnv;
use crate::fold::{Fold, fold, integer};
use crate::induction::{self, homes};
use crate::ir::{Args, Block, BlockCall, Function, Inst, Terminator, Type, Value};
use crate::op::{Cond, Op};
use hashbrown::HashMap;

/// Rounds of a loop, at most.
const MOST_ROUNDS: usize = 12;
/// Instructions that one loop becomes, at most, and those that all loops of a function become.
const MOST: usize = 320;
const MOST_IN_ALL: usize = 2000;
/// A loop that does so many times the rounds that it would do if each entry led to the last round is mostly left before.
const OFTEN_LEFT: u64 = 2;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let mut changed = make_preheaders(f);
    let mut left = MOST_IN_ALL;
    loop {
        let cfg = Cfg::new(f);
        let loops = cfg.loops();
        let homes = homes(f, &cfg);
        let innermost = loops.iter().filter(|l| l.is_innermost(&loops));
        let found = innermost.filter_map(|l| Rounds::of(f, &cfg, &homes, l)).find(|r| r.size <= left);
        let Some(rounds) = found else { return changed };
        left -= rounds.size;
        rounds.lay_out(f);
        changed = true;
    }
}

/// A loop of few rounds.
struct Rounds {
    before: Block,
    header: Block,
    /// The loop's blocks, header first, then those that only end the function.
    blocks: Vec<Block>,
    /// The header's jump into a round and the one behind the last.
    into: BlockCall,
    out: BlockCall,
    count: usize,
    /// The header's parameters whose value in each round is known: number, start and step.
    counters: Vec<(usize, i32, i32)>,
    /// Values of the header that are used behind the loop.
    seen_outside: bool,
    /// Instructions of all rounds.
    size: usize,
}

impl Rounds {
    fn of(f: &Function, cfg: &Cfg, homes: &[Option<Block>], l: &Loop) -> Option<Rounds> {
        let header = l.header;
        let before = preheader(f, cfg, l)?;
        let inside = |b: Block| l.blocks.contains(&b);
        let Terminator::Branch { cond, then, otherwise, weights } = &f.block(header).end else { return None };
        let (into, out, stays) = match (inside(then.block), inside(otherwise.block)) {
            (true, false) => (then.clone(), otherwise.clone(), true),
            (false, true) => (otherwise.clone(), then.clone(), false),
            _ => return None,
        };
        let test = f.def(*cond)?;
        let Op::Compare(cond, Type::I32) = test.op else { return None };
        let cond = if stays { cond } else { cond.negated() };
        let counters: Vec<(usize, i32, i32)> = induction::of_loop(f, cfg, l)
            .iter()
            .filter_map(|i| Some((i.number, integer(f, i.init?)? as i32, i.step as i32)))
            .collect();
        let counts = |v: Value| {
            let number = f.block(header).params.iter().position(|p| *p == v)?;
            counters.iter().find(|c| c.0 == number)
        };
        let (&(_, start, step), cond, limit) = match (counts(test.args[0]), counts(test.args[1])) {
            (Some(counter), None) => (counter, cond, integer(f, test.args[1])? as i32),
            (None, Some(counter)) => (counter, cond.swapped()?, integer(f, test.args[0])? as i32),
            _ => return None,
        };
        let count = rounds(start, step, cond, limit)?;
        let (stay, leave) = if stays { *weights } else { (weights.1, weights.0) };
        if u64::from(stay) > u64::from(leave) * count as u64 * OFTEN_LEFT {
            return None;
        }
        let blocks = with_ways_out(f, cfg, l);
        let size = count * size(f, &blocks, &l.blocks)?;
        if f.block(header).cold || size > MOST {
            return None;
        }
        let goes_elsewhere = |b: &Block| f.block(*b).end.successors().iter().any(|s| !blocks.contains(s));
        let several_ways_out = blocks[1..].iter().any(goes_elsewhere);
        let seen_outside = uses_outside(f, cfg, homes, &blocks);
        let frequent_way_out = blocks[l.blocks.len()..].iter().any(|b| !f.block(*b).cold);
        let unknown = (stay, leave) == (0, 0) && (several_ways_out || frequent_way_out);
        if several_ways_out && seen_outside || unknown {
            return None;
        }
        Some(Rounds { before, header, blocks, into, out, count, counters, seen_outside, size })
    }

    /// Puts the rounds in the loop's place.
    fn lay_out(&self, f: &mut Function) {
        let mut names = Renaming::default();
        let mut head = self.head(f);
        f.blocks[self.before.index()].end.for_each_call_mut(|call| call.block = head);
        for round in 0..=self.count {
            names.map.clear();
            let params = f.block(self.header).params.clone();
            let copies = f.block(head).params.clone();
            names.map.extend(params.iter().copied().zip(copies));
            for &(number, start, step) in &self.counters {
                let value = start.wrapping_add(step.wrapping_mul(round as i32));
                let constant = f.push_value(head, Op::Int(value), &[]);
                names.map.insert(params[number], constant);
            }
            if round == self.count {
                copy_instructions(f, &mut names, self.header, head);
                let args = self.out.args.iter().map(|v| names.value(*v)).collect();
                f.blocks[head.index()].end = Terminator::Jump(BlockCall { block: self.out.block, args });
            } else {
                head = self.round(f, &mut names, head);
            }
        }
        if self.seen_outside {
            let mut replacements = Replacements::new(f);
            names.map.iter().for_each(|(old, new)| replacements.replace(*old, *new));
            replacements.apply(f);
        }
        self.blocks.iter().for_each(|b| clear(f, b.index()));
    }

    /// A block with the header's parameters.
    fn head(&self, f: &mut Function) -> Block {
        let head = f.add_block();
        copy_params(f, self.header, head);
        head
    }

    /// Makes a round that starts at `head`; where the next one does.
    fn round(&self, f: &mut Function, names: &mut Renaming, head: Block) -> Block {
        let next = self.head(f);
        let mut targets: HashMap<Block, Block> = HashMap::new();
        for &block in &self.blocks[1..] {
            let copy = f.add_block();
            f.blocks[copy.index()].cold = f.block(block).cold;
            let params = copy_params(f, block, copy);
            names.map.extend(params);
            targets.insert(block, copy);
        }
        let starts = targets.clone();
        targets.insert(self.header, next);
        copy_instructions(f, names, self.header, head);
        let mut end = Terminator::Jump(self.into.clone());
        rename(f, names, &mut end, &targets);
        f.blocks[head.index()].end = end;
        for &block in &self.blocks[1..] {
            let copy = starts[&block];
            copy_instructions(f, names, block, copy);
            let mut end = f.block(block).end.clone();
            rename(f, names, &mut end, &targets);
            f.blocks[copy.index()].end = end;
        }
        next
    }
}

/// How many rounds a loop has whose counter must fulfil the condition at the start of each; `None` where that are none or
/// too many.
fn rounds(start: i32, step: i32, cond: Cond, limit: i32) -> Option<usize> {
    let mut counter = start;
    for round in 0..=MOST_ROUNDS {
        let stays = match cond {
            Cond::Eq => counter == limit,
            Cond::Ne => counter != limit,
            Cond::Lt => counter < limit,
            Cond::Ge => counter >= limit,
            Cond::Gt => counter > limit,
            Cond::Le => counter <= limit,
            Cond::Below => (counter as u32) < limit as u32,
            Cond::AboveEq => counter as u32 >= limit as u32,
        };
        if !stays {
            return (round > 0).then_some(round);
        }
        counter = counter.wrapping_add(step);
    }
    None
}

/// The loop's blocks and short ones behind it that only rounds lead to which are left in their middle.
fn with_ways_out(f: &Function, cfg: &Cfg, l: &Loop) -> Vec<Block> {
    let mut blocks = with_ends(f, cfg, l);
    let mut next = 1;
    while let Some(&block) = blocks.get(next) {
        for s in f.block(block).end.successors() {
            let alone = cfg.predecessors[s.index()].len() == 1;
            if alone && f.block(s).insts.len() <= SHORT && !blocks.contains(&s) {
                blocks.push(s);
            }
        }
        next += 1;
    }
    blocks
}

/// Whether blocks other than these use values of theirs.
fn uses_outside(f: &Function, cfg: &Cfg, homes: &[Option<Block>], blocks: &[Block]) -> bool {
    let mut used = false;
    let mut look = |v: Value| used |= homes[v.index()].is_some_and(|home| blocks.contains(&home));
    for &block in cfg.order.iter().filter(|b| !blocks.contains(b)) {
        let data = f.block(block);
        for &inst in &data.insts {
            let inst = f.inst(inst);
            inst.args.iter().copied().for_each(&mut look);
            if let Some(state) = inst.state {
                f.for_each_state_value(state, &mut look);
            }
        }
        data.end.for_each_value(&mut look);
        if let Some(state) = data.end.state() {
            f.for_each_state_value(state, &mut look);
        }
    }
    used
}

/// Gives `to` the parameters of `from`; those and these.
fn copy_params(f: &mut Function, from: Block, to: Block) -> Vec<(Value, Value)> {
    let params = f.block(from).params.clone();
    let copy = |param: Value| {
        let known = f.values[param.index()].known;
        let new = f.add_param(to, f.ty(param));
        f.values[new.index()].known = known;
        (param, new)
    };
    params.into_iter().map(copy).collect()
}

/// Copies a block's instructions but for polls, folded where possible.
fn copy_instructions(f: &mut Function, names: &mut Renaming, from: Block, to: Block) {
    names.forget_states();
    for inst in f.block(from).insts.clone() {
        if f.inst(inst).op != Op::Poll {
            copy_instruction(f, names, inst, to);
        }
    }
}

fn copy_instruction(f: &mut Function, names: &mut Renaming, inst: Inst, to: Block) {
    let data = f.inst(inst).clone();
    let mut op = data.op;
    let mut args: Args = data.args.iter().map(|v| names.value(*v)).collect();
    if let (None, Some(result)) = (data.state, data.result) {
        match fold(f, op, &args) {
            Some(Fold::Value(v)) => {
                names.map.insert(result, v);
                return;
            }
            Some(Fold::Op(simpler, of)) => (op, args) = (simpler, of),
            None => {}
        }
    }
    let state = data.state.map(|s| names.state(f, s));
    let copy = f.push(to, op, &args, state);
    if let (Some(old), Some(new)) = (data.result, copy) {
        f.values[new.index()].known = f.values[old.index()].known;
        names.map.insert(old, new);
    }
}

/// The copy of a block's end, without ways that are not taken.
fn rename(f: &mut Function, names: &mut Renaming, end: &mut Terminator, targets: &HashMap<Block, Block>) {
    end.for_each_value_mut(|v| *v = names.value(*v));
    end.for_each_call_mut(|call| call.block = targets.get(&call.block).copied().unwrap_or(call.block));
    match end {
        Terminator::Deopt(_, state) | Terminator::Throw(_, state) => *state = names.state(f, *state),
        Terminator::Branch { cond, then, otherwise, .. } => {
            if let Some(c) = integer(f, *cond) {
                let taken = if c != 0 { then.clone() } else { otherwise.clone() };
                *end = Terminator::Jump(taken);
            }
        }
        _ => {}
    }
}
