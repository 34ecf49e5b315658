//! The validator: whether a function keeps the rules of the representation.

use crate::cfg::Cfg;
use crate::ir::{Block, Function, State, Terminator, Type, Value, ValueDef};
use crate::op::{AtomicOp, MadeException, Op};
use crate::state::Slot;
use hashbrown::HashSet;

/// Checks types, that definitions dominate uses, that every jump passes what its target takes, and that frame states are
/// there where they must.
///
/// # Errors
/// What is wrong, and where.
pub fn validate(f: &Function) -> Result<(), String> {
    let cfg = Cfg::new(f);
    let mut checker = Checker { f, cfg: &cfg, position: vec![None; f.values.len()] };
    for &block in &cfg.order {
        checker.define(block)?;
    }
    for &block in &cfg.order {
        checker.block(block).map_err(|e| format!("{block}: {e}"))?;
    }
    Ok(())
}

struct Checker<'a> {
    f: &'a Function,
    cfg: &'a Cfg,
    /// Block and place in it where a value is defined; parameters at place 0.
    position: Vec<Option<(Block, usize)>>,
}

impl Checker<'_> {
    fn define(&mut self, block: Block) -> Result<(), String> {
        let data = self.f.block(block);
        for (n, &v) in data.params.iter().enumerate() {
            if self.f.values[v.index()].def != ValueDef::Param(block, n as u32) {
                return Err(format!("{v} is not parameter {n} of {block}"));
            }
            self.position[v.index()] = Some((block, 0));
        }
        for (n, &inst) in data.insts.iter().enumerate() {
            if let Some(v) = self.f.inst(inst).result {
                if self.f.values[v.index()].def != ValueDef::Inst(inst) {
                    return Err(format!("{v} is not the result of {inst}"));
                }
                if self.position[v.index()].replace((block, n + 1)).is_some() {
                    return Err(format!("{inst} is in the code twice"));
                }
            }
        }
        Ok(())
    }

    fn used(&self, v: Value, block: Block, place: usize) -> Result<(), String> {
        let Some((defined, at)) = self.position[v.index()] else {
            return Err(format!("{v} is used but not defined"));
        };
        let before = if defined == block { at < place } else { self.cfg.dominates(defined, block) };
        if before { Ok(()) } else { Err(format!("{v}, defined in {defined}, does not dominate its use")) }
    }

    fn state(&self, state: State, block: Block, place: usize) -> Result<(), String> {
        let mut error = Ok(());
        self.f.for_each_state_value(state, |v| {
            if let Err(e) = self.used(v, block, place) {
                error = Err(format!("state @{}: {e}", self.f.state(state).bci));
            }
        });
        error?;
        let known: HashSet<u32> = self.f.state(state).objects.iter().map(|o| o.id).collect();
        for frame in self.f.frames(state) {
            let mut missing = None;
            let mut visit = |slot: &Slot| {
                if let Slot::Object(id) = slot
                    && !known.contains(id)
                {
                    missing = Some(*id);
                }
            };
            frame.locals.iter().chain(&frame.stack).for_each(&mut visit);
            frame.monitors.iter().for_each(|m| visit(&m.object));
            if let Some(id) = missing {
                return Err(format!("state @{}: no description of o{id}", frame.bci));
            }
        }
        Ok(())
    }

    fn block(&self, block: Block) -> Result<(), String> {
        let data = self.f.block(block);
        for (n, &inst) in data.insts.iter().enumerate() {
            let i = self.f.inst(inst);
            let fail = |e: String| format!("{inst} {:?}: {e}", i.op);
            for &v in &i.args {
                self.used(v, block, n + 1).map_err(fail)?;
            }
            if let Some(state) = i.state {
                self.state(state, block, n + 1).map_err(fail)?;
            } else if i.op.has_state() && i.op != Op::MonitorExit {
                return Err(fail("no frame state".into()));
            }
            let types: Vec<Type> = i.args.iter().map(|v| self.f.ty(*v)).collect();
            if !agrees(i.op, &types) {
                return Err(fail(format!("operands of types {types:?}")));
            }
        }
        let end = data.insts.len() + 1;
        let mut error = Ok(());
        data.end.for_each_value(|v| {
            if let Err(e) = self.used(v, block, end) {
                error = Err(e);
            }
        });
        data.end.for_each_call(|call| {
            let params = &self.f.block(call.block).params;
            if call.args.len() != params.len() {
                error = Err(format!("{} arguments for {}", call.args.len(), call.block));
            } else if call.args.iter().zip(params).any(|(a, p)| self.f.ty(*a) != self.f.ty(*p)) {
                error = Err(format!("types of the arguments for {}", call.block));
            }
            if call.block == crate::ir::ENTRY {
                error = Err("a jump to the entry".into());
            }
        });
        error?;
        match &data.end {
            Terminator::None => return Err("no end".into()),
            Terminator::Branch { cond: v, .. } | Terminator::Switch { key: v, .. }
                if self.f.ty(*v) != Type::I32 =>
            {
                return Err(format!("a condition that is no int: {v}"));
            }
            Terminator::Switch { cases, .. } if !cases.is_sorted_by(|a, b| a.0 < b.0) => {
                return Err("keys of a switch in disorder".into());
            }
            _ => {}
        }
        match data.end.state() {
            Some(state) => self.state(state, block, end),
            None => Ok(()),
        }
    }
}

/// Whether operands of those types fit.
fn agrees(op: Op, types: &[Type]) -> bool {
    use Type::{I32, I64, Ref};
    let of = |ty| Type::of(ty).unwrap_or(I32);
    match op {
        _ if op.is_constant() => types.is_empty(),
        Op::Binary(op, ty) => {
            use crate::op::BinaryOp::{Shl, Shr, Ushr};
            let second = if matches!(op, Shl | Shr | Ushr) { I32 } else { ty };
            types == [ty, second]
        }
        Op::Unary(_, ty) | Op::ZeroCheck(ty) => types == [ty],
        Op::Fma(ty) => types == [ty; 3],
        Op::Convert(op) => types == [op.types().0],
        Op::Compare(_, ty) | Op::Compare3(ty, _) => types == [ty; 2],
        Op::Select(ty) => types == [I32, ty, ty],
        Op::NullCheck | Op::CastCheck(_) | Op::InstanceOf(_) | Op::LoadClass => types == [Ref],
        Op::LoadVtable(_) | Op::LoadMirror | Op::IdentityHash | Op::ArrayLength => types == [Ref],
        Op::MonitorEnter | Op::MonitorExit | Op::RegisterFinalizer | Op::LoadField(_) => types == [Ref],
        Op::BoundsCheck => types == [I32; 2],
        Op::SizeCheck | Op::Guard(_) | Op::NewArray(..) => types == [I32],
        Op::StoreCheck => types == [Ref; 2],
        Op::StoreField(f) => types == [Ref, of(f.ty)],
        Op::StoreStatic(f) => types == [of(f.ty)],
        Op::LoadElem(_) | Op::MaskForArray => types == [Ref, I32],
        Op::LoadLanes(_) => types == [Ref, I32],
        Op::StoreLanes(_) => types == [Ref, I32, Type::V128],
        Op::Lanes(..) => types == [Type::V128; 2],
        Op::Splat(ty) => types == [ty],
        Op::StoreElem(ty) => types == [Ref, I32, of(ty)],
        Op::NewMultiArray(_) => !types.is_empty() && types.iter().all(|t| *t == I32),
        Op::LoadRaw(..) => types == [Ref, I64],
        Op::StoreRaw(ty, _) => types == [Ref, I64, of(ty)],
        Op::Atomic(AtomicOp::GetAndAdd | AtomicOp::GetAndSet, ty) => types == [Ref, I64, of(ty)],
        Op::Atomic(_, ty) => types == [Ref, I64, of(ty), of(ty)],
        Op::Call(..) => true,
        Op::Poll => types.is_empty() || types == [I32],
        Op::MakeException(MadeException::Bounds) => types == [I32; 2],
        Op::MakeException(MadeException::ClassCast(_)) => types == [Ref],
        _ => types.is_empty(),
    }
}
