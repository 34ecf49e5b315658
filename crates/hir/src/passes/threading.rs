//! Ways that pass a block whose branch they decide go on at once: where a jump passes constants (the 0 or 1 of a method
//! that has been inlined, mostly) to a block that only tests them, it leads to where the test would. Where that leaves to
//! the interpreter, in a state that names the constants, the way gets an exit of its own.

use super::rewrite::{count_uses, with_values};
use crate::cfg::Cfg;
use crate::env::CompilerEnv;
use crate::fold::{Fold, fold};
use crate::ir::{Args, Block, BlockCall, ENTRY, Function, State, Terminator, Value};
use crate::op::{Op, Reason};

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
        if is_header || !only_tests(f, &cfg, block, &uses) {
            continue;
        }
        let mut predecessors = cfg.predecessors[block.index()].clone();
        predecessors.dedup();
        for p in predecessors {
            let mut calls = Vec::new();
            f.block(p).end.for_each_call(|call| calls.push(call.clone()));
            let mut decided = Vec::with_capacity(calls.len());
            for call in &calls {
                let way = (call.block == block).then(|| way_on(f, block, &call.args)).flatten();
                decided.push(way.map(|way| way.take(f, &cfg, block)));
            }
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

/// The state of a block that only leaves to the interpreter and is entered from `block` alone.
fn exit_of(f: &Function, cfg: &Cfg, block: Block, exit: Block) -> Option<(Reason, State)> {
    let data = f.block(exit);
    match data.end {
        Terminator::Deopt(reason, state)
            if data.params.is_empty()
                && data.insts.is_empty()
                && cfg.predecessors.get(exit.index()).is_some_and(|all| all[..] == [block]) =>
        {
            Some((reason, state))
        }
        _ => None,
    }
}

/// Whether the block does nothing but branch on what it computes from its parameters, and nobody else uses that but the
/// states of its own exits.
fn only_tests(f: &Function, cfg: &Cfg, block: Block, uses: &[u32]) -> bool {
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
    data.end.for_each_call(|call| {
        if let Some((_, state)) = exit_of(f, cfg, block, call.block) {
            f.for_each_state_value(state, |v| own.push(v));
        }
    });
    let used_here = |v: Value| own.iter().filter(|o| **o == v).count() as u32 == uses[v.index()];
    let results = || data.insts.iter().filter_map(|i| f.inst(*i).result);
    let mut passed = false;
    data.end.for_each_call(|call| passed |= results().any(|v| call.args.contains(&v)));
    !passed && data.params.iter().copied().chain(results()).all(used_here)
}

/// A way through a block.
struct Way {
    to: BlockCall,
    /// What the block's parameters and results are on this way: values, and constants that have none yet.
    known: Vec<(Value, Value)>,
    constants: Vec<(Value, i32)>,
}

impl Way {
    /// Where the way leads; an exit with a state of its own, where the block's one names what the block computes.
    fn take(self, f: &mut Function, cfg: &Cfg, block: Block) -> BlockCall {
        let Some((reason, state)) = exit_of(f, cfg, block, self.to.block) else { return self.to };
        let mut named = Vec::new();
        f.for_each_state_value(state, |v| named.push(v));
        let is_named = |v: &Value| named.contains(v);
        if !self.known.iter().any(|k| is_named(&k.0)) && !self.constants.iter().any(|c| is_named(&c.0)) {
            return self.to;
        }
        let exit = f.add_block();
        f.blocks[exit.index()].cold = true;
        let mut known = self.known;
        for (v, c) in self.constants.into_iter().filter(|c| named.contains(&c.0)) {
            let constant = f.push_value(exit, Op::Int(c), &[]);
            known.push((v, constant));
        }
        let find = |v: Value| known.iter().find(|k| k.0 == v).map_or(v, |k| k.1);
        let state = with_values(f, state, &find);
        f.blocks[exit.index()].end = Terminator::Deopt(reason, state);
        BlockCall::to(exit)
    }
}

/// Where the block goes when it is entered with these values, if that is decided.
fn way_on(f: &Function, block: Block, args: &[Value]) -> Option<Way> {
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
    let to = BlockCall { block: way.block, args: way.args.iter().map(|v| find(&known, *v)).collect() };
    Some(Way { to, known, constants })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::MethodId;
    use crate::ir::Type;
    use crate::state::{FrameState, Slot, StateMode};

    fn state(f: &mut Function, stack: Value) -> State {
        f.add_state(FrameState {
            method: MethodId(1),
            bci: 7,
            mode: StateMode::Before,
            locals: Vec::new(),
            stack: vec![Slot::Value(stack)],
            monitors: Vec::new(),
            caller: None,
            unwinds: false,
            catches: false,
            objects: Vec::new(),
        })
    }

    /// A method that is inlined gives 1 or 0; where it gives 0 the code is left, with the 0 on the stack.
    #[test]
    fn a_test_with_an_exit_is_passed() {
        let mut f = Function::new(MethodId(1));
        let cond = f.add_param(ENTRY, Type::I32);
        let (yes, no, join, on, exit) =
            (f.add_block(), f.add_block(), f.add_block(), f.add_block(), f.add_block());
        let branch = |cond, then, otherwise| Terminator::Branch {
            cond,
            then: BlockCall::to(then),
            otherwise: BlockCall::to(otherwise),
            weights: (0, 0),
        };
        f.blocks[ENTRY.index()].end = branch(cond, yes, no);
        for (block, c) in [(yes, 1), (no, 0)] {
            let value = f.push_value(block, Op::Int(c), &[]);
            f.blocks[block.index()].end = Terminator::Jump(BlockCall { block: join, args: vec![value] });
        }
        let result = f.add_param(join, Type::I32);
        f.blocks[join.index()].end = branch(result, on, exit);
        f.blocks[on.index()].end = Terminator::Return(None);
        let before = state(&mut f, result);
        f.blocks[exit.index()].end = Terminator::Deopt(Reason::Branch, before);
        assert!(once(&mut f));
        crate::validate::validate(&f).expect("it keeps the rules");
        assert_eq!(f.block(yes).end.successors()[..], [on]);
        let own = f.block(no).end.successors()[0];
        assert_ne!(own, exit);
        let Terminator::Deopt(Reason::Branch, state) = f.block(own).end else { panic!("no exit") };
        let Slot::Value(v) = f.state(state).stack[0] else { panic!("no value") };
        assert_eq!(f.op(v), Some(Op::Int(0)));
    }
}
