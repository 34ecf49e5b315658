//! Cleaning: constant conditions, jumps to jumps, straight lines of blocks, parameters that are always the same value,
//! and what nobody uses.

use super::rewrite::{Replacements, clear};
use crate::cfg::Cfg;
use crate::env::CompilerEnv;
use crate::ir::{Block, BlockCall, ENTRY, Function, Terminator, Value, ValueDef};
use crate::op::Op;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let mut changed = false;
    loop {
        let mut again = fold_terminators(f);
        again |= clear_unreachable(f);
        again |= redundant_parameters(f);
        again |= merge_blocks(f);
        again |= thread_jumps(f);
        if !again {
            break;
        }
        changed = true;
    }
    dead_code(f) | changed
}

/// Branches and switches on constants, and branches whose ways are the same.
fn fold_terminators(f: &mut Function) -> bool {
    let mut changed = false;
    for n in 0..f.blocks.len() {
        let target: Option<BlockCall> = match &f.blocks[n].end {
            Terminator::Branch { cond, then, otherwise, .. } => match f.op(*cond) {
                Some(Op::Int(0)) => Some(otherwise.clone()),
                Some(Op::Int(_)) => Some(then.clone()),
                _ if then == otherwise => Some(then.clone()),
                _ => None,
            },
            Terminator::Switch { key, cases, default } => match f.op(*key) {
                Some(Op::Int(k)) => Some(cases.iter().find(|c| c.0 == k).map_or(default, |c| &c.1).clone()),
                _ if cases.is_empty() => Some(default.clone()),
                _ => None,
            },
            _ => None,
        };
        if let Some(call) = target {
            f.blocks[n].end = Terminator::Jump(call);
            changed = true;
        }
    }
    changed
}

fn clear_unreachable(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let mut changed = false;
    for n in 0..f.blocks.len() {
        let empty = matches!(f.blocks[n].end, Terminator::None);
        if !cfg.is_reachable(Block(n as u32)) && !empty {
            clear(f, n);
            changed = true;
        }
    }
    changed
}

/// Parameters for which every jump passes the same value, or the parameter itself.
fn redundant_parameters(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let mut replacements = Replacements::new(f);
    let mut changed = false;
    loop {
        let mut again = false;
        for &block in cfg.order.iter().filter(|b| **b != ENTRY) {
            let params = f.block(block).params.clone();
            let mut sources: Vec<Option<Value>> = vec![None; params.len()];
            let mut various = vec![false; params.len()];
            let mut predecessors = cfg.predecessors[block.index()].clone();
            predecessors.dedup();
            for &p in &predecessors {
                f.block(p).end.for_each_call(|call| {
                    if call.block != block {
                        return;
                    }
                    for (n, v) in call.args.iter().enumerate() {
                        let v = replacements.find(*v);
                        if v == params[n] {
                            continue;
                        }
                        match sources[n] {
                            None => sources[n] = Some(v),
                            Some(s) if s == v => {}
                            Some(_) => various[n] = true,
                        }
                    }
                });
            }
            let redundant: Vec<bool> =
                (0..params.len()).map(|n| !various[n] && sources[n].is_some()).collect();
            if !redundant.contains(&true) {
                continue;
            }
            for (n, &param) in params.iter().enumerate() {
                if redundant[n]
                    && let Some(source) = sources[n]
                {
                    replacements.replace(param, source);
                }
            }
            for &p in &predecessors {
                f.blocks[p.index()].end.for_each_call_mut(|call| {
                    if call.block == block {
                        let mut n = 0;
                        call.args.retain(|_| {
                            n += 1;
                            !redundant[n - 1]
                        });
                    }
                });
            }
            remove_parameters(f, block, &redundant);
            again = true;
        }
        if !again {
            break;
        }
        changed = true;
    }
    if changed {
        replacements.apply(f);
    }
    changed
}

/// Takes parameters away from a block; the jumps to it are the caller's to mend.
pub fn remove_parameters(f: &mut Function, block: Block, gone: &[bool]) {
    let mut n = 0;
    f.blocks[block.index()].params.retain(|_| {
        n += 1;
        !gone[n - 1]
    });
    for (n, param) in f.blocks[block.index()].params.clone().into_iter().enumerate() {
        f.values[param.index()].def = ValueDef::Param(block, n as u32);
    }
}

/// Appends a block to its only predecessor, where that leads nowhere else.
fn merge_blocks(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let mut replacements = Replacements::new(f);
    let mut changed = false;
    // Into which block each one has gone.
    let mut home: Vec<Block> = (0..f.blocks.len() as u32).map(Block).collect();
    for &block in &cfg.order {
        let [before] = cfg.predecessors[block.index()][..] else { continue };
        let before = home[before.index()];
        if block == ENTRY || before == block {
            continue;
        }
        let Terminator::Jump(call) = &f.block(before).end else { continue };
        debug_assert_eq!(call.block, block);
        let args = call.args.clone();
        let data = &mut f.blocks[block.index()];
        let params = std::mem::take(&mut data.params);
        let insts = std::mem::take(&mut data.insts);
        let end = std::mem::replace(&mut data.end, Terminator::None);
        let cold = data.cold;
        for (param, arg) in params.into_iter().zip(args) {
            replacements.replace(param, arg);
        }
        let target = &mut f.blocks[before.index()];
        target.insts.extend(insts);
        target.end = end;
        target.cold |= cold && before != ENTRY;
        home[block.index()] = before;
        changed = true;
    }
    if changed {
        replacements.apply(f);
    }
    changed
}

/// Jumps to blocks that do nothing but jump on go there at once, where the parameters allow it.
fn thread_jumps(f: &mut Function) -> bool {
    let mut changed = false;
    for n in 0..f.blocks.len() {
        let data = &f.blocks[n];
        let Terminator::Jump(next) = &data.end else { continue };
        if n == 0 || !data.insts.is_empty() || !data.params.is_empty() || next.block == Block(n as u32) {
            continue;
        }
        let next = next.clone();
        for m in 0..f.blocks.len() {
            // The two ways of a branch stay apart where they pass values: a later pass finds them by the edge.
            if m != n {
                f.blocks[m].end.for_each_call_mut(|call| {
                    if call.block == Block(n as u32) && next.args.is_empty() {
                        *call = next.clone();
                        changed = true;
                    }
                });
            }
        }
    }
    changed
}

/// Instructions without effect whose results nobody uses, and parameters likewise.
pub fn dead_code(f: &mut Function) -> bool {
    let cfg = Cfg::new(f);
    let mut live = vec![false; f.values.len()];
    let mut work: Vec<Value> = Vec::new();
    let mark = |v: Value, live: &mut Vec<bool>, work: &mut Vec<Value>| {
        if !std::mem::replace(&mut live[v.index()], true) {
            work.push(v);
        }
    };
    for &block in &cfg.order {
        let data = f.block(block);
        for &inst in &data.insts {
            let i = f.inst(inst);
            if !i.op.is_removable() {
                i.args.iter().for_each(|v| mark(*v, &mut live, &mut work));
                if let Some(state) = i.state {
                    f.for_each_state_value(state, |v| mark(v, &mut live, &mut work));
                }
            }
        }
        match &data.end {
            Terminator::Branch { cond: v, .. }
            | Terminator::Switch { key: v, .. }
            | Terminator::Return(Some(v))
            | Terminator::Throw(v, _) => mark(*v, &mut live, &mut work),
            _ => {}
        }
        if let Some(state) = data.end.state() {
            f.for_each_state_value(state, |v| mark(v, &mut live, &mut work));
        }
    }
    while let Some(v) = work.pop() {
        match f.values[v.index()].def {
            ValueDef::Inst(inst) => {
                let i = f.inst(inst);
                i.args.iter().for_each(|v| mark(*v, &mut live, &mut work));
                if let Some(state) = i.state {
                    f.for_each_state_value(state, |v| mark(v, &mut live, &mut work));
                }
            }
            ValueDef::Param(block, n) => {
                for &p in &cfg.predecessors[block.index()] {
                    f.block(p).end.for_each_call(|call| {
                        if call.block == block {
                            mark(call.args[n as usize], &mut live, &mut work);
                        }
                    });
                }
            }
        }
    }
    let mut changed = false;
    for &block in &cfg.order {
        let before = f.block(block).insts.len();
        let kept: Vec<_> = f
            .block(block)
            .insts
            .iter()
            .copied()
            .filter(|i| {
                let i = f.inst(*i);
                !i.op.is_removable() || i.result.is_none_or(|v| live[v.index()])
            })
            .collect();
        changed |= kept.len() != before;
        f.blocks[block.index()].insts = kept;
        if block == ENTRY {
            continue;
        }
        let gone: Vec<bool> = f.block(block).params.iter().map(|v| !live[v.index()]).collect();
        if gone.contains(&true) {
            changed = true;
            let mut predecessors = cfg.predecessors[block.index()].clone();
            predecessors.sort();
            predecessors.dedup();
            for p in predecessors {
                f.blocks[p.index()].end.for_each_call_mut(|call| {
                    if call.block == block {
                        let mut n = 0;
                        call.args.retain(|_| {
                            n += 1;
                            !gone[n - 1]
                        });
                    }
                });
            }
            remove_parameters(f, block, &gone);
        }
    }
    changed
}
