//! Ways that pass a block whose branch they decide go on at once: where a jump passes constants (the 0 or 1 of a method
//! that has been inlined, mostly) to a block that only tests them, it leads to where the test would.

use super::rewrite::count_uses;
use crate::cfg::Cfg;
use crate::env::CompilerEnv;
use crate::fold::{Fold, fold};
use crate::ir::{Args, Block, BlockCall, ENTRY, Function, Terminator, Value};
use crate::op::Op;

/// Instructions of a block that only tests, at most.
const SHORT: usize = 3;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let mut changed = false;
    // A way through several such blocks is found one block at a time.
    for _ in 0..4 {
        if !once(f) {
            break;
        }
        changed = true;
    }
    changed
}

fn once(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let uses = count_uses(f);
    let mut changed = false;
    for &block in cfg.order.iter().filter(|b| **b != ENTRY) {
        let is_header = cfg.predecessors[block.index()].iter().any(|p| cfg.dominates(block, *p));
        if is_header || !only_tests(f, block, &uses) {
            continue;
        }
        let mut predecessors = cfg.predecessors[block.index()].clone();
        predecessors.dedup();
        for p in predecessors {
            let mut calls = Vec::new();
            f.block(p).end.for_each_call(|call| calls.push(call.clone()));
            let decided: Vec<Option<BlockCall>> = calls
                .iter()
                .map(|c| (c.block == block).then(|| way_on(f, block, &c.args)).flatten())
                .collect();
            let mut n = 0;
            f.blocks[p.index()].end.for_each_call_mut(|call| {
                if let Some(on) = &decided[n] {
                    *call = on.clone();
                    changed = true;
                }
                n += 1;
            });
        }
    }
    changed
}

/// Whether the block does nothing but branch on what it computes from its parameters, and nobody else uses that.
fn only_tests(f: &Function, block: Block, uses: &[u32]) -> bool {
    let data = f.block(block);
    let Terminator::Branch { cond, .. } = &data.end else { return false };
    if data.params.is_empty() || data.insts.len() > SHORT {
        return false;
    }
    let mut own = vec![*cond];
    for &inst in &data.insts {
        let i = f.inst(inst);
        if !i.op.is_pure() || i.op.needs_check() || i.op.is_constant() {
            return false;
        }
        own.extend(&i.args);
    }
    data.end.for_each_call(|call| own.extend(&call.args));
    let used_here = |v: Value| own.iter().filter(|o| **o == v).count() as u32 == uses[v.index()];
    let results = || data.insts.iter().filter_map(|i| f.inst(*i).result);
    let mut passed = false;
    data.end.for_each_call(|call| passed |= results().any(|v| call.args.contains(&v)));
    !passed && data.params.iter().copied().chain(results()).all(used_here)
}

/// Where the block goes when it is entered with these values, if that is decided.
fn way_on(f: &Function, block: Block, args: &[Value]) -> Option<BlockCall> {
    let data = f.block(block);
    let Terminator::Branch { cond, then, otherwise, .. } = &data.end else { return None };
    let mut known: Vec<(Value, Value)> = data.params.iter().copied().zip(args.iter().copied()).collect();
    let mut constants: Vec<(Value, i32)> = Vec::new();
    let find = |known: &[(Value, Value)], v: Value| known.iter().find(|k| k.0 == v).map_or(v, |k| k.1);
    for &inst in &data.insts {
        let i = f.inst(inst);
        // An operand that is a new constant has no value yet to stand for it.
        if i.args.iter().any(|v| constants.iter().any(|c| c.0 == *v)) {
            return None;
        }
        let operands: Args = i.args.iter().map(|v| find(&known, *v)).collect();
        match fold(f, i.op, &operands)? {
            Fold::Value(v) => known.push((i.result?, v)),
            Fold::Op(Op::Int(c), _) => match operands.iter().find(|v| f.op(**v) == Some(Op::Int(c))) {
                Some(&v) => known.push((i.result?, v)),
                None => constants.push((i.result?, c)),
            },
            Fold::Op(..) => return None,
        }
    }
    let truth = match constants.iter().find(|c| c.0 == *cond) {
        Some(c) => c.1 != 0,
        None => match f.op(find(&known, *cond)) {
            Some(Op::Int(c)) => c != 0,
            _ => return None,
        },
    };
    let way = if truth { then } else { otherwise };
    Some(BlockCall { block: way.block, args: way.args.iter().map(|v| find(&known, *v)).collect() })
}
