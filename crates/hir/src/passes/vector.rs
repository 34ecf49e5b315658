//! Small counted loops over arrays do the work of several rounds with each instruction: elements that lie side by side
//! are the lanes of one value of 128 bits.
//!
//! That changes nothing where the rounds do not depend on each other: where the loop is a straight line of loads, stores
//! and arithmetic, passes nothing from round to round but what it counts, and does not store elements that other accesses
//! of the same type reach at another index (whether their arrays are the same one or not). The loop itself stays for the
//! rounds that are left, as for `unroll`, which multiplies the rounds of what is made here.

use super::unroll::{Copy, Plan};
use crate::cfg::Cfg;
use crate::env::CompilerEnv;
use crate::fold::integer;
use crate::induction::homes;
use crate::ir::{Block, Function, Terminator, Type, Value};
use crate::op::{BinaryOp, Op};
use caturra_bytecode::BasicType;
use hashbrown::{HashMap, HashSet};

/// Bytes of a value of lanes.
const WIDTH: usize = 16;

/// Runs the pass.
pub fn run(f: &mut Function, _: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let loops = cfg.loops();
    let homes = homes(f, &cfg);
    let mut changed = false;
    for l in &loops {
        let innermost = l.is_innermost(&loops);
        let Some(mut plan) = innermost.then(|| Plan::of(f, &cfg, &homes, l)).flatten() else { continue };
        let invariant = |v: Value| homes[v.index()].is_none_or(|b| !l.blocks.contains(&b));
        if let Some(lanes) = lanes(f, &plan, &invariant) {
            plan.rounds = lanes.count;
            widen(f, &plan, &lanes);
            changed = true;
        }
    }
    changed
}

/// What becomes of a loop's values.
struct Lanes {
    /// Elements side by side.
    count: usize,
    /// Values of which each lane has its own.
    values: HashSet<Value>,
}

/// Bytes of an element whose arithmetic needs no other width.
fn size_of(ty: BasicType) -> Option<usize> {
    match ty {
        BasicType::Int | BasicType::Float => Some(4),
        BasicType::Long | BasicType::Double => Some(8),
        _ => None,
    }
}

fn has_lanes(op: BinaryOp, ty: Type) -> bool {
    use BinaryOp::*;
    match ty {
        Type::F32 | Type::F64 => matches!(op, Add | Sub | Mul | Div),
        Type::I32 => matches!(op, Add | Sub | Mul | And | Or | Xor),
        Type::I64 => matches!(op, Add | Sub | And | Or | Xor),
        _ => false,
    }
}

/// An access of the loop: index as a value and what is added to it, type of the elements, whether it stores.
struct Access {
    index: (Value, i32),
    ty: BasicType,
    store: bool,
}

/// How the loop can be done with lanes.
fn lanes(f: &Function, plan: &Plan, invariant: &dyn Fn(Value) -> bool) -> Option<Lanes> {
    if plan.blocks != [plan.header, plan.latch] || !f.block(plan.latch).params.is_empty() {
        return None;
    }
    let grows = |v: Value| plan.growth.contains_key(&v);
    if !f.block(plan.header).params.iter().all(|p| grows(*p)) {
        return None;
    }
    let Terminator::Branch { cond, .. } = f.block(plan.header).end else { return None };
    for &inst in &f.block(plan.header).insts {
        let data = f.inst(inst);
        let counts = data.result.is_some_and(|v| grows(v) || v == cond);
        if !counts && !data.op.is_constant() && data.op != Op::Poll {
            return None;
        }
    }
    let mut values: HashSet<Value> = HashSet::new();
    let mut accesses: Vec<Access> = Vec::new();
    let insts = &f.block(plan.latch).insts;
    for (n, &inst) in insts.iter().enumerate() {
        let data = f.inst(inst);
        if data.op.is_constant() || data.result.is_some_and(grows) {
            continue;
        }
        let operand = |v: Value, values: &HashSet<Value>| values.contains(&v) || invariant(v);
        match data.op {
            Op::Poll if n + 1 == insts.len() => {
                let mut known = true;
                if let Some(state) = data.state {
                    f.for_each_state_value(state, |v| known &= grows(v) || invariant(v));
                }
                if !known {
                    return None;
                }
            }
            Op::LoadElem(ty) | Op::StoreElem(ty) => {
                size_of(ty)?;
                let (array, index) = (data.args[0], data.args[1]);
                if !invariant(array) || plan.growth.get(&index) != Some(&1) {
                    return None;
                }
                let store = data.op == Op::StoreElem(ty);
                if store && !operand(data.args[2], &values) {
                    return None;
                }
                accesses.push(Access { index: split(f, index), ty, store });
                values.extend(data.result);
            }
            Op::Binary(op, ty)
                if has_lanes(op, ty)
                    && data.args.iter().all(|v| operand(*v, &values))
                    && data.args.iter().any(|v| values.contains(v)) =>
            {
                values.extend(data.result);
            }
            _ => return None,
        }
    }
    let size = size_of(accesses.first()?.ty)?;
    if !accesses.iter().any(|a| a.store) || accesses.iter().any(|a| size_of(a.ty) != Some(size)) {
        return None;
    }
    for store in accesses.iter().filter(|a| a.store) {
        if accesses.iter().any(|a| a.ty == store.ty && a.index != store.index) {
            return None;
        }
    }
    Some(Lanes { count: WIDTH / size, values })
}

/// An index as a sum with a constant.
fn split(f: &Function, index: Value) -> (Value, i32) {
    if let Some(d) = f.def(index)
        && let Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), Type::I32) = d.op
        && let Some(c) = integer(f, d.args[1])
    {
        let c = c as i32;
        return (d.args[0], if op == BinaryOp::Add { c } else { c.wrapping_neg() });
    }
    (index, 0)
}

/// Makes the loop before the loop.
fn widen(f: &mut Function, plan: &Plan, lanes: &Lanes) {
    let mut copy = Copy::new(f, plan);
    let head = copy.start();
    let body = copy.blocks[&plan.latch];
    let mut splats: HashMap<(Value, Type), Value> = HashMap::new();
    let insts = copy.f.block(plan.latch).insts.clone();
    for &inst in &insts {
        let data = copy.f.inst(inst).clone();
        let wide = match data.op {
            Op::LoadElem(ty) => Op::LoadLanes(ty),
            Op::StoreElem(ty) => Op::StoreLanes(ty),
            Op::Binary(op, ty) if data.result.is_some_and(|v| lanes.values.contains(&v)) => Op::Lanes(op, ty),
            Op::Poll => {
                last_round(&mut copy, body);
                copy.instruction(inst, plan.latch, body, plan.rounds - 1);
                continue;
            }
            _ => {
                copy.instruction(inst, plan.latch, body, 0);
                continue;
            }
        };
        let scalars = if matches!(wide, Op::LoadLanes(_) | Op::StoreLanes(_)) { 2 } else { 0 };
        let mut args: Vec<Value> = Vec::with_capacity(data.args.len());
        for (n, &v) in data.args.iter().enumerate() {
            let same_in_all = n >= scalars && !lanes.values.contains(&v);
            args.push(if same_in_all { splat(&mut copy, &mut splats, v) } else { copy.value(v) });
        }
        let result = copy.f.push(body, wide, &args, None);
        if let (Some(old), Some(new)) = (data.result, result) {
            copy.names.map.insert(old, new);
        }
    }
    if copy.first.is_empty() {
        last_round(&mut copy, body);
    }
    copy.next_round(plan.rounds - 1, head);
}

/// What counts is from here on what it is in the last of the rounds made at a time.
fn last_round(copy: &mut Copy<'_>, body: Block) {
    copy.first = copy.names.map.clone();
    let mut counted: Vec<(Value, i32)> = copy.plan.growth.iter().map(|(v, by)| (*v, *by)).collect();
    counted.sort();
    for (v, by) in counted {
        if let Some(&first) = copy.first.get(&v) {
            let last = copy.add(body, first, by.wrapping_mul(copy.plan.rounds as i32 - 1));
            copy.names.map.insert(v, last);
        }
    }
}

/// The invariant value in all lanes, made before the loop.
fn splat(copy: &mut Copy<'_>, splats: &mut HashMap<(Value, Type), Value>, v: Value) -> Value {
    let ty = copy.f.ty(v);
    let before = copy.plan.before;
    *splats.entry((v, ty)).or_insert_with(|| copy.f.push_value(before, Op::Splat(ty), &[v]))
}
