//! Objects that nobody else can see are taken apart: their fields are values, their locks are none, and frame states
//! describe them so that the interpreter gets them when it goes on.
//!
//! An object qualifies where all its uses are its own: accesses of its fields or (by constant index) elements, checks,
//! comparisons, locks, frame states. What is stored into another object, passed, returned, or merged with other references
//! does not. Objects within such objects come to light when those have been taken apart, so there are some rounds.

use super::memory::zero_op;
use super::rewrite::Replacements;
use crate::cfg::Cfg;
use crate::env::{ClassId, CompilerEnv, FieldAccess};
use crate::fold::integer;
use crate::ir::{Args, Block, ENTRY, Function, Inst, State, Value};
use crate::op::{Cond, ConvertOp, Op};
use crate::state::{Contents, Slot, VirtualObject};
use caturra_bytecode::BasicType;
use hashbrown::{HashMap, HashSet};

/// Nesting of objects that is looked at.
const ROUNDS: usize = 4;
/// Longer arrays stay arrays.
const MAX_LENGTH: i64 = 16;

/// Runs the pass.
pub fn run(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    let mut changed = false;
    for _ in 0..ROUNDS {
        if !round(f, env) {
            break;
        }
        changed = true;
        super::clean::run(f, env);
    }
    changed
}

/// An allocation that may be taken apart.
#[derive(Debug)]
struct Candidate {
    class: ClassId,
    /// The block of the allocation.
    home: Block,
    parts: Parts,
    /// Its number in frame states.
    id: u32,
    /// Blocks at whose start it may be used later.
    live: HashSet<Block>,
}

#[derive(Debug)]
enum Parts {
    Fields(Vec<FieldAccess>),
    Elements(BasicType, usize),
}

impl Parts {
    fn count(&self) -> usize {
        match self {
            Parts::Fields(fields) => fields.len(),
            Parts::Elements(_, n) => *n,
        }
    }

    fn ty(&self, n: usize) -> BasicType {
        match self {
            Parts::Fields(fields) => fields[n].ty,
            Parts::Elements(ty, _) => *ty,
        }
    }
}

fn round(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let mut candidates = find(f, env, &cfg);
    if candidates.is_empty() {
        return false;
    }
    let escaping = escaping(f, &cfg, &candidates);
    candidates.retain(|v, _| !escaping.contains(v));
    if candidates.is_empty() {
        return false;
    }
    let mut numbered: Vec<Value> = candidates.keys().copied().collect();
    numbered.sort();
    for v in &numbered {
        if let Some(c) = candidates.get_mut(v) {
            c.id = f.virtual_objects;
            f.virtual_objects += 1;
        }
    }
    find_live_blocks(f, &cfg, &mut candidates);
    let replacements = Replacements::new(f);
    let mut apart = TakeApart {
        cfg: &cfg,
        candidates: &candidates,
        numbered,
        replacements,
        constants: HashMap::new(),
        outs: vec![HashMap::new(); f.blocks.len()],
        parameters: Vec::new(),
        f,
    };
    for &block in &cfg.order {
        apart.block(block);
    }
    apart.finish();
    true
}

/// All allocations of a shape that can be taken apart.
fn find(f: &Function, env: &dyn CompilerEnv, cfg: &Cfg) -> HashMap<Value, Candidate> {
    let mut found = HashMap::new();
    for &block in &cfg.order {
        for &inst in &f.block(block).insts {
            let data = f.inst(inst);
            let (class, parts) = match data.op {
                Op::New(class) => match env.instance_fields(class) {
                    Some(fields) if !env.has_finalizer(class) => (class, Parts::Fields(fields)),
                    _ => continue,
                },
                Op::NewArray(class, ty) => match integer(f, data.args[0]) {
                    Some(n) if (0..=MAX_LENGTH).contains(&n) => (class, Parts::Elements(ty, n as usize)),
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(v) = data.result {
                found.insert(v, Candidate { class, home: block, parts, id: 0, live: HashSet::new() });
            }
        }
    }
    found
}

/// Candidates with a use that gives them away.
fn escaping(f: &Function, cfg: &Cfg, candidates: &HashMap<Value, Candidate>) -> HashSet<Value> {
    let mut escaping = HashSet::new();
    for &block in &cfg.order {
        for &inst in &f.block(block).insts {
            let data = f.inst(inst);
            for (n, v) in data.args.iter().enumerate() {
                if let Some(c) = candidates.get(v)
                    && !is_own_use(f, data.op, &data.args, n, c)
                {
                    escaping.insert(*v);
                }
            }
        }
        f.block(block).end.for_each_value(|v| {
            escaping.insert(v);
        });
    }
    escaping
}

/// Whether the operand at `n`, the candidate, does not get further.
fn is_own_use(f: &Function, op: Op, args: &Args, n: usize, c: &Candidate) -> bool {
    let element = || integer(f, args[1]).is_some_and(|i| (0..c.parts.count() as i64).contains(&i));
    match op {
        Op::NullCheck | Op::MonitorEnter | Op::MonitorExit | Op::Compare(Cond::Eq | Cond::Ne, _) => true,
        Op::LoadField(field) | Op::StoreField(field) => {
            n == 0 && matches!(&c.parts, Parts::Fields(fields) if fields.iter().any(|own| own.id == field.id))
        }
        Op::ArrayLength => matches!(c.parts, Parts::Elements(..)),
        Op::LoadElem(ty) | Op::StoreElem(ty) => {
            n == 0 && matches!(c.parts, Parts::Elements(own, _) if own == ty) && element()
        }
        _ => false,
    }
}

/// For each candidate the blocks at whose start it is used later, frame states included.
fn find_live_blocks(f: &Function, cfg: &Cfg, candidates: &mut HashMap<Value, Candidate>) {
    let mut uses: HashMap<Value, Vec<Block>> = HashMap::new();
    for &block in &cfg.order {
        let mut used = HashSet::new();
        let mut visit = |v: Value| {
            if candidates.contains_key(&v) {
                used.insert(v);
            }
        };
        for &inst in &f.block(block).insts {
            let data = f.inst(inst);
            data.args.iter().for_each(|v| visit(*v));
            if let Some(state) = data.state {
                f.for_each_state_value(state, &mut visit);
            }
        }
        if let Some(state) = f.block(block).end.state() {
            f.for_each_state_value(state, &mut visit);
        }
        for v in used {
            uses.entry(v).or_default().push(block);
        }
    }
    for (v, blocks) in uses {
        let Some(c) = candidates.get_mut(&v) else { continue };
        let mut work = blocks;
        while let Some(b) = work.pop() {
            if b != c.home && c.live.insert(b) {
                work.extend(&cfg.predecessors[b.index()]);
            }
        }
    }
}

/// Values of candidates' parts.
type Memory = HashMap<(Value, usize), Value>;

struct TakeApart<'a> {
    f: &'a mut Function,
    cfg: &'a Cfg,
    candidates: &'a HashMap<Value, Candidate>,
    /// The candidates in order, so that what is made does not depend on hashes.
    numbered: Vec<Value>,
    replacements: Replacements,
    /// To be put at the start of the entry block.
    constants: HashMap<Op, (Inst, Value)>,
    outs: Vec<Memory>,
    /// Blocks that take parts as parameters: candidate and number of each.
    parameters: Vec<(Block, Vec<(Value, usize)>)>,
}

impl TakeApart<'_> {
    fn constant(&mut self, op: Op) -> Value {
        if let Some((_, v)) = self.constants.get(&op) {
            return *v;
        }
        let inst = self.f.add_inst(op, &[], None);
        let v = self.f.inst(inst).result.expect("a constant has a value");
        self.constants.insert(op, (inst, v));
        v
    }

    fn block(&mut self, block: Block) {
        let mut memory = self.at_start(block);
        let insts = std::mem::take(&mut self.f.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            if self.instruction(inst, &mut memory, &mut kept) {
                self.describe_in(inst, &memory);
                kept.push(inst);
            }
        }
        self.f.blocks[block.index()].insts = kept;
        if let Some(state) = self.f.block(block).end.state() {
            let described = self.describe(state, &memory);
            use crate::ir::Terminator;
            if let Terminator::Deopt(_, s) | Terminator::Throw(_, s) = &mut self.f.blocks[block.index()].end {
                *s = described;
            }
        }
        self.outs[block.index()] = memory;
    }

    fn at_start(&mut self, block: Block) -> Memory {
        let predecessors = &self.cfg.predecessors[block.index()];
        let live: Vec<Value> =
            self.numbered.iter().copied().filter(|v| self.candidates[v].live.contains(&block)).collect();
        let mut memory = Memory::new();
        if live.is_empty() {
            return memory;
        }
        if let [only] = predecessors[..] {
            for v in live {
                for n in 0..self.candidates[&v].parts.count() {
                    if let Some(x) = self.outs[only.index()].get(&(v, n)) {
                        memory.insert((v, n), *x);
                    }
                }
            }
            return memory;
        }
        let mut parts = Vec::new();
        for v in live {
            for n in 0..self.candidates[&v].parts.count() {
                let ty = self.candidates[&v].parts.ty(n);
                if let Some(ty) = crate::ir::Type::of(ty) {
                    let param = self.f.add_param(block, ty);
                    memory.insert((v, n), param);
                    parts.push((v, n));
                }
            }
        }
        self.parameters.push((block, parts));
        memory
    }

    /// False where the instruction is done away with.
    fn instruction(&mut self, inst: Inst, memory: &mut Memory, kept: &mut Vec<Inst>) -> bool {
        let data = self.f.inst(inst);
        let (op, args, result) = (data.op, data.args.clone(), data.result);
        if let Some(v) = result
            && let Some(c) = self.candidates.get(&v)
        {
            for n in 0..c.parts.count() {
                let zero = self.constant(zero_op(c.parts.ty(n)));
                memory.insert((v, n), zero);
            }
            return false;
        }
        if let Op::Compare(cond, crate::ir::Type::Ref) = op
            && args.iter().any(|v| self.candidates.contains_key(v))
        {
            // It is equal to itself only, which folding has found out.
            let equal = args[0] == args[1];
            let outcome = self.constant(Op::Int(i32::from(equal == (cond == Cond::Eq))));
            if let Some(v) = result {
                self.replacements.replace(v, outcome);
            }
            return false;
        }
        let Some(c) = args.first().and_then(|v| self.candidates.get(v)) else { return true };
        let object = args[0];
        let part = |s: &Self, op: Op| match (op, &c.parts) {
            (Op::LoadField(field) | Op::StoreField(field), Parts::Fields(fields)) => {
                fields.iter().position(|own| own.id == field.id)
            }
            (Op::LoadElem(_) | Op::StoreElem(_), _) => integer(s.f, args[1]).map(|i| i as usize),
            _ => None,
        };
        match op {
            Op::LoadField(_) | Op::LoadElem(_) => {
                let known = part(self, op).and_then(|n| memory.get(&(object, n)).copied());
                if let (Some(known), Some(v)) = (known, result) {
                    self.replacements.replace(v, known);
                }
                false
            }
            Op::StoreField(_) | Op::StoreElem(_) => {
                let value = *args.last().expect("a store has a value");
                if let Some(n) = part(self, op) {
                    let value = self.narrow(c.parts.ty(n), value, kept);
                    memory.insert((object, n), value);
                }
                false
            }
            Op::ArrayLength => {
                let length = self.constant(Op::Int(c.parts.count() as i32));
                if let Some(v) = result {
                    self.replacements.replace(v, length);
                }
                false
            }
            // Checks and locks.
            _ => false,
        }
    }

    /// What a load gives of a value that has been stored.
    fn narrow(&mut self, ty: BasicType, value: Value, kept: &mut Vec<Inst>) -> Value {
        let op = match ty {
            BasicType::Byte => ConvertOp::I2B,
            BasicType::Char => ConvertOp::I2C,
            BasicType::Short => ConvertOp::I2S,
            _ => return value,
        };
        let inst = self.f.add_inst(Op::Convert(op), &[value], None);
        kept.push(inst);
        self.f.inst(inst).result.unwrap_or(value)
    }

    fn describe_in(&mut self, inst: Inst, memory: &Memory) {
        if let Some(state) = self.f.inst(inst).state {
            self.f.insts[inst.index()].state = Some(self.describe(state, memory));
        }
    }

    /// The state with descriptions of the candidates that it names.
    fn describe(&mut self, state: State, memory: &Memory) -> State {
        let mut named = Vec::new();
        self.f.for_each_state_value(state, |v| {
            if self.candidates.contains_key(&v) && !named.contains(&v) {
                named.push(v);
            }
        });
        if named.is_empty() {
            return state;
        }
        let mut described = self.f.state(state).clone();
        for v in named {
            let c = &self.candidates[&v];
            let slot = |n: usize| memory.get(&(v, n)).map_or(Slot::Dead, |x| Slot::Value(*x));
            let contents = match &c.parts {
                Parts::Fields(fields) => Contents::Instance(
                    fields.iter().enumerate().map(|(n, field)| (*field, slot(n))).collect(),
                ),
                Parts::Elements(ty, count) => Contents::Array(*ty, (0..*count).map(slot).collect()),
            };
            described.objects.push(VirtualObject { id: c.id, class: c.class, contents });
        }
        self.f.add_state(described)
    }

    fn finish(mut self) {
        for (block, parts) in std::mem::take(&mut self.parameters) {
            let mut predecessors = self.cfg.predecessors[block.index()].clone();
            predecessors.dedup();
            for p in predecessors {
                let args: Vec<Value> = parts
                    .iter()
                    .map(|part| {
                        let known = self.outs[p.index()].get(part).copied();
                        known.unwrap_or_else(|| {
                            // The allocation is not on this way, so nobody asks.
                            let ty = self.candidates[&part.0].parts.ty(part.1);
                            self.constant(zero_op(ty))
                        })
                    })
                    .collect();
                self.f.blocks[p.index()].end.for_each_call_mut(|call| {
                    if call.block == block {
                        call.args.extend(&args);
                    }
                });
            }
        }
        let constants: Vec<Inst> = self.constants.values().map(|c| c.0).collect();
        self.f.blocks[ENTRY.index()].insts.splice(0..0, constants);
        self.replacements.apply(self.f);
        for state in &mut self.f.states {
            for monitor in &mut state.monitors {
                if let Slot::Value(v) = monitor.object
                    && self.candidates.contains_key(&v)
                {
                    monitor.elided = true;
                }
            }
            state.for_each_slot_mut(|slot| {
                if let Slot::Value(v) = slot
                    && let Some(c) = self.candidates.get(v)
                {
                    *slot = Slot::Object(c.id);
                }
            });
        }
    }
}
