//! Loops that end soon by themselves do not poll for safepoints; the others poll at the end of each round, so that what
//! leaves the code from there stands behind the loop's own work: the code generator looks for invariant code in that order.

use super::rewrite::with_values;
use crate::cfg::{Cfg, Loop};
use crate::env::CompilerEnv;
use crate::fold::integer;
use crate::induction;
use crate::ir::{Function, Terminator, Value};
use crate::op::{Cond, Op};

/// Instructions that a loop without polls may execute, at most: a microsecond or so.
const SHORT: i64 = 2000;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let loops = cfg.loops();
    let mut changed = false;
    for l in &loops {
        // Inner loops keep their own count; only loops without any are looked at.
        let innermost = l.is_innermost(&loops);
        if innermost && is_short(f, &cfg, l) {
            let insts = std::mem::take(&mut f.blocks[l.header.index()].insts);
            let kept: Vec<_> = insts.iter().copied().filter(|i| f.inst(*i).op != Op::Poll).collect();
            changed |= kept.len() != insts.len();
            f.blocks[l.header.index()].insts = kept;
        } else {
            let counter = if innermost { counter(f, &cfg, l) } else { None };
            changed |= poll_at_latches(f, l, counter);
        }
    }
    changed
}

/// The number of a header's parameter that goes up or down by one, where the loop calls nothing: it may poll now and then.
fn counter(f: &Function, cfg: &Cfg, l: &Loop) -> Option<usize> {
    let mut insts = l.blocks.iter().flat_map(|b| &f.block(*b).insts).map(|i| f.inst(*i).op);
    let calls = insts.any(|op| op.has_state() && !op.is_check() && op != Op::Poll);
    let size: usize = l.blocks.iter().map(|b| f.block(*b).insts.len() + 1).sum();
    if size > SMALL {
        return None;
    }
    let by_one = |i: &induction::Induction| i.step.abs() == 1;
    if calls { None } else { induction::of_loop(f, cfg, l).iter().find(|i| by_one(i)).map(|i| i.number) }
}

/// Moves the header's poll to the jumps back to it, with the state of the round that comes next.
fn poll_at_latches(f: &mut Function, l: &Loop, counter: Option<usize>) -> bool {
    let header = l.header.index();
    let at = f.blocks[header].insts.iter().position(|i| f.inst(*i).op == Op::Poll);
    let Some((at, state)) = at.and_then(|at| Some((at, f.inst(f.blocks[header].insts[at]).state?))) else {
        return false;
    };
    let jumps =
        |f: &Function| l.latches.iter().all(|latch| matches!(f.block(*latch).end, Terminator::Jump(_)));
    if !jumps(f) {
        return false;
    }
    f.blocks[header].insts.remove(at);
    let params = f.blocks[header].params.clone();
    for &latch in &l.latches {
        let Terminator::Jump(call) = &f.block(latch).end else { continue };
        let args = call.args.clone();
        let next = |v: Value| params.iter().position(|p| *p == v).map_or(v, |n| args[n]);
        let state = with_values(f, state, &next);
        let counted: Vec<Value> = counter.map(|n| args[n]).into_iter().collect();
        f.push(latch, Op::Poll, &counted, Some(state));
    }
    true
}

/// Instructions of a loop that polls only now and then, at most.
const SMALL: usize = 200;

/// Whether the loop calls nothing, and counts from one constant to another in a few rounds.
fn is_short(f: &Function, cfg: &Cfg, l: &Loop) -> bool {
    let mut size = 0;
    for &block in &l.blocks {
        for &inst in &f.block(block).insts {
            let op = f.inst(inst).op;
            let runs_long = op.has_state() && !op.is_check() && op != Op::Poll;
            if runs_long {
                return false;
            }
            size += 1;
        }
        size += 1;
    }
    induction::of_loop(f, cfg, l).iter().any(|i| {
        let Some(first) = i.init.and_then(|v| integer(f, v)) else { return false };
        let safe = i.safe_blocks(f);
        i.limits.iter().filter(|(on, ..)| safe.contains(on)).any(|&(_, cond, limit)| {
            let Some(limit) = integer(f, limit) else { return false };
            let distance = match (i.step > 0, cond) {
                (true, Cond::Lt | Cond::Le) => limit - first + 1,
                (false, Cond::Gt | Cond::Ge) => first - limit + 1,
                _ => return false,
            };
            (distance / i.step.abs() + 1) * size <= SHORT
        })
    })
}
