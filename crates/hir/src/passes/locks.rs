//! Locks of objects that the code has locked already are none, and a lock that is given up only to be taken again is kept.
//!
//! Monitors are entered and left in pairs (the builder takes no other methods), so each point of the code holds the
//! monitor of a value a certain number of times. Where that is more than once only the outermost counts: frame states
//! say of the others that they have been left out, so that the interpreter enters them when it goes on there.

use crate::cfg::Cfg;
use crate::env::CompilerEnv;
use crate::ir::{Block, ENTRY, Function, State, Value};
use crate::op::Op;
use crate::state::Slot;
use hashbrown::HashSet;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    // Code entered at a loop may hold monitors that it has not entered.
    if f.osr_bci.is_some() {
        return keep_in_all(f);
    }
    let cfg = Cfg::new(f);
    let mut changed = false;
    for object in locked_twice(f, &cfg) {
        changed |= leave_out_nested(f, &cfg, object);
    }
    changed | keep_in_all(f)
}

/// Values whose monitors are entered in more than one place, in the order of these.
fn locked_twice(f: &Function, cfg: &Cfg) -> Vec<Value> {
    let (mut once, mut twice) = (HashSet::new(), Vec::new());
    for inst in cfg.order.iter().flat_map(|b| &f.block(*b).insts) {
        let data = f.inst(*inst);
        if data.op == Op::MonitorEnter && !once.insert(data.args[0]) && !twice.contains(&data.args[0]) {
            twice.push(data.args[0]);
        }
    }
    twice
}

/// How often the monitor is held at the start of each block; `None` where that differs between the ways there.
fn depths(f: &Function, cfg: &Cfg, object: Value) -> Option<Vec<usize>> {
    let mut depths: Vec<Option<usize>> = vec![None; f.blocks.len()];
    depths[ENTRY.index()] = Some(0);
    for &block in &cfg.order {
        // In reverse postorder a predecessor has been here.
        let mut depth = depths[block.index()]?;
        for &inst in &f.block(block).insts {
            depth = behind(f, inst, object, depth)?;
        }
        for s in f.block(block).end.successors() {
            if depths[s.index()].is_some_and(|d| d != depth) {
                return None;
            }
            depths[s.index()] = Some(depth);
        }
    }
    Some(depths.into_iter().map(Option::unwrap_or_default).collect())
}

fn behind(f: &Function, inst: crate::ir::Inst, object: Value, depth: usize) -> Option<usize> {
    let data = f.inst(inst);
    match data.op {
        Op::MonitorEnter if data.args[0] == object => Some(depth + 1),
        Op::MonitorExit if data.args[0] == object => depth.checked_sub(1),
        _ => Some(depth),
    }
}

fn leave_out_nested(f: &mut Function, cfg: &Cfg, object: Value) -> bool {
    let Some(depths) = depths(f, cfg, object) else { return false };
    let mut changed = false;
    for &block in &cfg.order {
        let mut depth = depths[block.index()];
        let insts = std::mem::take(&mut f.blocks[block.index()].insts);
        let before = insts.len();
        let kept = insts.into_iter().filter(|inst| {
            let next = behind(f, *inst, object, depth).unwrap_or(depth);
            // Between a second entry and its exit the monitor is held at least once throughout.
            let nested = next != depth && next.min(depth) > 0;
            depth = next;
            !nested
        });
        let kept: Vec<_> = kept.collect();
        changed |= kept.len() != before;
        f.blocks[block.index()].insts = kept;
    }
    if changed {
        for n in 0..f.states.len() as u32 {
            mark(f, State(n), object);
        }
    }
    changed
}

/// Marks the frame's monitors of the object as left out, but for the outermost of the frame and those that call it.
fn mark(f: &mut Function, state: State, object: Value) {
    let of_object =
        |f: &Function, s: State| f.state(s).monitors.iter().any(|m| m.object == Slot::Value(object));
    let outer = f.state(state).caller;
    let mut held = std::iter::successors(outer, |s| f.state(*s).caller).any(|s| of_object(f, s));
    for monitor in &mut f.states[state.index()].monitors {
        if monitor.object == Slot::Value(object) {
            monitor.elided |= held;
            held = true;
        }
    }
}

/// Takes away exits from monitors that are entered again at once, together with the entry.
pub fn keep(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    keep_in_all(f)
}

fn keep_in_all(f: &mut Function) -> bool {
    let mut changed = false;
    for block in (0..f.blocks.len() as u32).map(Block) {
        while let Some((exit, entry)) = left_and_entered(f, block) {
            let insts = &mut f.blocks[block.index()].insts;
            insts.remove(entry);
            insts.remove(exit);
            changed = true;
        }
    }
    changed
}

/// The places of an exit and an entry of the same monitor between which nothing leaves the code, stops, or takes another.
fn left_and_entered(f: &Function, block: Block) -> Option<(usize, usize)> {
    let mut left: Option<(usize, Value)> = None;
    for (n, &inst) in f.block(block).insts.iter().enumerate() {
        let data = f.inst(inst);
        match (data.op, left) {
            (Op::MonitorExit, _) => left = Some((n, data.args[0])),
            (Op::MonitorEnter, Some((at, object))) if object == data.args[0] => return Some((at, n)),
            (op, _) if op.has_state() || op.clobbers_memory() => left = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::MethodId;
    use crate::ir::{Terminator, Type};
    use crate::state::{FrameState, Monitor, StateMode};

    fn state(f: &mut Function, held: &[Value], caller: Option<State>) -> State {
        let monitors = held.iter().map(|v| Monitor { object: Slot::Value(*v), elided: false }).collect();
        f.add_state(FrameState {
            method: MethodId(0),
            bci: 0,
            mode: StateMode::Before,
            locals: Vec::new(),
            stack: Vec::new(),
            monitors,
            caller,
            unwinds: false,
            catches: false,
            objects: Vec::new(),
        })
    }

    #[test]
    fn only_the_outermost_lock_stays() {
        let mut f = Function::new(MethodId(0));
        let (v, w) = (f.add_param(ENTRY, Type::Ref), f.add_param(ENTRY, Type::Ref));
        let outer = state(&mut f, &[v], None);
        let inner = state(&mut f, &[w, v], Some(outer));
        f.push(ENTRY, Op::MonitorEnter, &[v], Some(outer));
        f.push(ENTRY, Op::MonitorEnter, &[w], Some(inner));
        f.push(ENTRY, Op::MonitorEnter, &[v], Some(inner));
        f.push(ENTRY, Op::Poll, &[], Some(inner));
        for object in [v, w, v] {
            f.push(ENTRY, Op::MonitorExit, &[object], None);
        }
        f.blocks[0].end = Terminator::Return(None);
        let cfg = Cfg::new(&f);
        assert_eq!(locked_twice(&f, &cfg), [v]);
        assert!(leave_out_nested(&mut f, &cfg, v));
        let locks: Vec<Value> = f
            .block(ENTRY)
            .insts
            .iter()
            .map(|i| f.inst(*i))
            .filter(|d| d.op != Op::Poll)
            .map(|d| d.args[0])
            .collect();
        assert_eq!(locks, [v, w, w, v]);
        let elided = |s: State| f.state(s).monitors.iter().map(|m| m.elided).collect::<Vec<_>>();
        assert_eq!((elided(outer), elided(inner)), (vec![false], vec![false, true]));
    }

    #[test]
    fn a_lock_taken_again_is_kept() {
        let mut f = Function::new(MethodId(0));
        let v = f.add_param(ENTRY, Type::Ref);
        let held = state(&mut f, &[v], None);
        for _ in 0..3 {
            f.push(ENTRY, Op::MonitorEnter, &[v], Some(held));
            f.push(ENTRY, Op::MonitorExit, &[v], None);
        }
        f.push(ENTRY, Op::Poll, &[], Some(held));
        f.push(ENTRY, Op::MonitorEnter, &[v], Some(held));
        f.push(ENTRY, Op::MonitorExit, &[v], None);
        f.blocks[0].end = Terminator::Return(None);
        assert!(keep_in_all(&mut f));
        let ops: Vec<Op> = f.block(ENTRY).insts.iter().map(|i| f.inst(*i).op).collect();
        let pair = [Op::MonitorEnter, Op::MonitorExit];
        assert_eq!(ops, [&pair[..], &[Op::Poll], &pair].concat());
    }
}
