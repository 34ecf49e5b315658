//! What is computed before a loop and not again in it.
//!
//! Cranelift places pure operations anew, at their uses: it takes them out of a loop only while it has seen no block outside
//! the loop on its way down the dominator tree. So ways out stand last in branches, and what must not be repeated
//! (slow arithmetic, the addresses of objects that a loop uses throughout, constants that lie in memory) is fixed by an
//! operation that it neither moves nor looks through.

use super::*;
use caturra_hir::cfg::Cfg;
use caturra_hir::induction::{homes, not_negative_values};
use caturra_hir::passes::loops::preheader;

/// Addresses and constants kept for a loop, at most: more would take the registers that the loop itself needs.
const KEPT: usize = 6;
/// Rounds that a loop must have by its profile for that.
const ROUNDS: u64 = 4;

/// A loop, by its blocks.
struct Kept {
    blocks: Vec<bool>,
    /// The block before it.
    before: hir::Block,
    /// References whose addresses are wanted in it, and constant ones that are.
    references: Vec<hir::Value>,
    addresses: HashMap<Value, Value>,
    constants: HashMap<hir::Value, Value>,
}

/// See the module's documentation.
pub(super) struct Invariants {
    loops: Vec<Kept>,
    /// The number of loops round each block.
    depths: Vec<usize>,
    /// Values of slow operations that are used in loops which they are not part of.
    slow: Vec<bool>,
    /// The block being lowered.
    current: Option<hir::Block>,
    cfg: Cfg,
    /// Values that are never negative.
    not_negative: HashSet<hir::Value>,
    /// Indexes of accesses lowered so far, by block.
    indexes: HashMap<hir::Value, Vec<hir::Block>>,
}

/// Whether it takes more than a cycle or two, and Cranelift would compute it again.
fn is_slow(op: Op) -> bool {
    use caturra_hir::op::{BinaryOp, ConvertOp, UnaryOp};
    match op {
        Op::Binary(op, ty) => {
            ty.is_float() && op != BinaryOp::Rem
                || matches!(op, BinaryOp::Mul | BinaryOp::Div | BinaryOp::MulHigh)
        }
        Op::Unary(op, ty) => ty.is_float() || op == UnaryOp::BitCount,
        Op::Fma(_) => true,
        Op::Convert(op) => !matches!(
            op,
            ConvertOp::I2L
                | ConvertOp::L2I
                | ConvertOp::I2B
                | ConvertOp::I2C
                | ConvertOp::I2S
                | ConvertOp::U2L
        ),
        _ => false,
    }
}

/// The object whose memory an operation accesses.
fn base(op: Op, args: &[hir::Value]) -> Option<hir::Value> {
    match op {
        Op::LoadElem(_) | Op::StoreElem(_) | Op::LoadLanes(_) | Op::StoreLanes(_) => args.first().copied(),
        Op::LoadField(_) | Op::StoreField(_) => args.first().copied(),
        _ => None,
    }
}

impl Invariants {
    pub(super) fn of(hir: &Hir) -> Invariants {
        let cfg = Cfg::new(hir);
        let mut loops = cfg.loops();
        let mut depths = vec![0; hir.blocks.len()];
        loops.iter().flat_map(|l| &l.blocks).for_each(|b| depths[b.index()] += 1);
        let homes = homes(hir, &cfg);
        let mut slow = vec![false; hir.values.len()];
        for &block in &cfg.order {
            for &inst in &hir.block(block).insts {
                for &v in &hir.inst(inst).args {
                    let outside =
                        homes[v.index()].is_some_and(|home| depths[home.index()] < depths[block.index()]);
                    slow[v.index()] |= outside && hir.op(v).is_some_and(is_slow);
                }
            }
        }
        // Outer loops first: what they keep their inner ones need not.
        loops.reverse();
        let mut kept: Vec<Kept> = Vec::new();
        for l in &loops {
            let Some(before) = preheader(hir, &cfg, l) else { continue };
            let mut blocks = vec![false; hir.blocks.len()];
            l.blocks.iter().for_each(|b| blocks[b.index()] = true);
            if !is_worth_it(hir, l.header, &blocks) {
                continue;
            }
            let round: Vec<&Kept> = kept.iter().filter(|k| k.blocks[before.index()]).collect();
            let mut room = KEPT.saturating_sub(round.iter().map(|k| k.references.len()).sum());
            let mut uses: HashMap<hir::Value, usize> = HashMap::new();
            for &block in l.blocks.iter().filter(|b| !hir.block(**b).cold) {
                for &inst in &hir.block(block).insts {
                    let data = hir.inst(inst);
                    let Some(v) = base(data.op, &data.args) else { continue };
                    let constant = matches!(hir.op(v), Some(Op::Ref(_)));
                    let outside = constant || homes[v.index()].is_some_and(|home| !blocks[home.index()]);
                    if outside && !round.iter().any(|k| k.references.contains(&v)) {
                        *uses.entry(v).or_default() += 10usize.pow(depths[block.index()].min(6) as u32);
                    }
                }
            }
            let mut uses: Vec<(hir::Value, usize)> = uses.into_iter().collect();
            uses.sort_by_key(|(v, n)| (std::cmp::Reverse(*n), *v));
            let mut references = Vec::new();
            while let Some((v, _)) =
                (references.len() < uses.len() && room > 0).then(|| uses[references.len()])
            {
                references.push(v);
                room -= 1;
            }
            if !references.is_empty() {
                let (addresses, constants) = (HashMap::new(), HashMap::new());
                kept.push(Kept { blocks, before, references, addresses, constants });
            }
        }
        let not_negative = not_negative_values(hir, &cfg).into_iter().collect();
        Invariants { loops: kept, depths, slow, current: None, cfg, not_negative, indexes: HashMap::new() }
    }

    /// The value is the index of an access to an array that is lowered now: it is in bounds from here on.
    pub(super) fn note_index(&mut self, index: hir::Value) {
        if let Some(block) = self.current {
            self.indexes.entry(index).or_default().push(block);
        }
    }

    /// Whether the value is known not to be negative here.
    pub(super) fn is_index(&self, value: hir::Value) -> bool {
        let before = |block: &hir::Block| self.current.is_some_and(|b| self.cfg.dominates(*block, b));
        self.not_negative.contains(&value)
            || self.indexes.get(&value).is_some_and(|blocks| blocks.iter().any(before))
    }

    /// The blocks before a block, one an edge.
    pub(super) fn predecessors(&self, block: hir::Block) -> &[hir::Block] {
        &self.cfg.predecessors[block.index()]
    }

    /// Lowering has come to a block.
    pub(super) fn enter(&mut self, block: hir::Block) {
        self.current = Some(block);
    }

    /// What is lowered now is in no loop.
    pub(super) fn leave(&mut self) {
        self.current = None;
    }

    fn here(&self) -> impl Iterator<Item = &Kept> {
        self.loops.iter().filter(|k| self.current.is_some_and(|b| k.blocks[b.index()]))
    }

    /// The address of the object of a reference, where a loop keeps it.
    pub(super) fn address(&self, reference: Value) -> Option<Value> {
        self.here().find_map(|k| k.addresses.get(&reference).copied())
    }

    /// A constant reference, where a loop keeps it.
    pub(super) fn constant(&self, constant: hir::Value) -> Option<Value> {
        self.here().find_map(|k| k.constants.get(&constant).copied())
    }

    /// Whether the value is one that must not be computed again at its uses.
    pub(super) fn wanted_in_loop(&self, value: hir::Value) -> bool {
        self.slow[value.index()]
    }
}

/// Whether the loop has some rounds, as far as the profile of the test in its header tells.
fn is_worth_it(hir: &Hir, header: hir::Block, inside: &[bool]) -> bool {
    let Terminator::Branch { then, otherwise, weights, .. } = &hir.block(header).end else { return true };
    let (a, b) = (u64::from(weights.0), u64::from(weights.1));
    let (stays, leaves) = match (inside[then.block.index()], inside[otherwise.block.index()]) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return true,
    };
    stays >= leaves * ROUNDS
}

impl Lowering<'_> {
    /// At the end of the block before a loop: what the loop keeps.
    pub(super) fn keep_for_loop(&mut self, n: hir::Block) {
        for i in 0..self.invariants.loops.len() {
            if self.invariants.loops[i].before != n {
                continue;
            }
            for v in self.invariants.loops[i].references.clone() {
                let reference = self.value(v);
                let address = self.address(reference);
                let address = self.fixed(address);
                let kept = &mut self.invariants.loops[i];
                kept.addresses.insert(reference, address);
                if self.hir.op(v).is_some_and(Op::is_constant) {
                    kept.constants.insert(v, reference);
                }
            }
        }
    }

    /// The value, as the result of an operation that Cranelift leaves where it is.
    pub(super) fn fixed(&mut self, value: Value) -> Value {
        let ty = self.b.func.dfg.value_type(value);
        // Never zero, which Cranelift does not know.
        let (condition, zero) = if ty == F32 {
            (self.b.ins().get_stack_pointer(I64), self.b.ins().f32const(0.0))
        } else if ty == F64 {
            (self.b.ins().get_stack_pointer(I64), self.b.ins().f64const(0.0))
        } else {
            (value, self.iconst(ty, 0))
        };
        self.b.ins().select_spectre_guard(condition, value, zero)
    }

    /// Whether the first way leaves a loop in which the other stays.
    pub(super) fn leaves_loop(&self, from: hir::Block, first: hir::Block, other: hir::Block) -> bool {
        let depth =
            |b: hir::Block| self.invariants.depths[b.index()].min(self.invariants.depths[from.index()]);
        depth(first) < depth(other)
    }
}
