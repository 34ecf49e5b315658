//! Loads that give what is known: what a dominating load has given or a store has stored, where nothing in between may
//! have changed it. Also stores of what is there already.

use super::rewrite::Replacements;
use crate::cfg::{Cfg, Loop};
use crate::env::{CompilerEnv, FieldId};
use crate::ir::{Args, Block, ENTRY, Function, Inst, Value};
use crate::op::{ConvertOp, Op};
use caturra_bytecode::BasicType;
use hashbrown::{HashMap, HashSet};

/// A place in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Field(Value, FieldId),
    Static(FieldId),
    Element(Value, Value, BasicType),
}

type Contents = HashMap<Place, Value>;

/// What some code may write.
#[derive(Clone, Default, Debug)]
pub struct Writes {
    /// Anything.
    pub all: bool,
    /// Fields of any object, and static ones.
    pub fields: HashSet<FieldId>,
    /// Elements of arrays of these types; those of boolean arrays count as bytes.
    pub elements: HashSet<BasicType>,
}

impl Writes {
    /// What the blocks may write.
    pub fn of(f: &Function, blocks: &[Block]) -> Writes {
        let mut writes = Writes::default();
        for &block in blocks {
            for &inst in &f.block(block).insts {
                let op = f.inst(inst).op;
                writes.all |= op.clobbers_memory();
                match op {
                    Op::StoreField(field) | Op::StoreStatic(field) => {
                        writes.fields.insert(field.id);
                    }
                    Op::StoreElem(ty) | Op::StoreLanes(ty) => {
                        writes.elements.insert(ty);
                    }
                    _ => {}
                }
            }
        }
        writes
    }

    fn spares(&self, place: &Place) -> bool {
        !self.all
            && match place {
                Place::Field(_, id) | Place::Static(id) => !self.fields.contains(id),
                Place::Element(_, _, ty) => !self.elements.contains(ty),
            }
    }
}

/// Runs the pass.
pub fn run(f: &mut Function, env: &dyn CompilerEnv) -> bool {
    let cfg = Cfg::new(f);
    let loops: HashMap<Block, Loop> = cfg.loops().into_iter().map(|l| (l.header, l)).collect();
    let mut pass =
        Memory { replacements: Replacements::new(f), f, env, zeros: HashMap::new(), changed: false };
    let mut outs: Vec<Option<Contents>> = vec![None; pass.f.blocks.len()];
    for &block in &cfg.order {
        let mut contents: Option<Contents> = None;
        for p in &cfg.predecessors[block.index()] {
            let retreating = cfg.place[p.index()] >= cfg.place[block.index()];
            if retreating {
                if !loops.contains_key(&block) || !cfg.dominates(block, *p) {
                    contents = Some(Contents::new());
                }
                continue;
            }
            let out = outs[p.index()].as_ref();
            contents = Some(match (contents, out) {
                (None, Some(out)) => out.clone(),
                (Some(mut known), Some(out)) => {
                    known.retain(|place, v| out.get(place) == Some(v));
                    known
                }
                (_, None) => Contents::new(),
            });
        }
        let mut contents = contents.unwrap_or_default();
        if let Some(l) = loops.get(&block) {
            let writes = Writes::of(pass.f, &l.blocks);
            contents.retain(|place, _| writes.spares(place));
        }
        pass.block(block, &mut contents);
        outs[block.index()] = Some(contents);
    }
    let Memory { replacements, zeros, changed, .. } = pass;
    if changed {
        replacements.apply(f);
    }
    let zeros = zeros.into_values().map(|z| z.0);
    f.blocks[ENTRY.index()].insts.splice(0..0, zeros);
    changed
}

struct Memory<'a> {
    f: &'a mut Function,
    env: &'a dyn CompilerEnv,
    replacements: Replacements,
    /// Zeros made for new objects, to be put at the start of the entry block.
    zeros: HashMap<Op, (Inst, Value)>,
    changed: bool,
}

/// Objects of larger classes are not looked at when new.
const MANY_FIELDS: usize = 16;

impl Memory<'_> {
    fn block(&mut self, block: Block, contents: &mut Contents) {
        let insts = std::mem::take(&mut self.f.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            if self.instruction(inst, contents) {
                kept.push(inst);
            } else {
                self.changed = true;
            }
        }
        self.f.blocks[block.index()].insts = kept;
    }

    /// False where the instruction is not needed.
    fn instruction(&mut self, inst: Inst, contents: &mut Contents) -> bool {
        let data = self.f.inst(inst);
        let (op, result) = (data.op, data.result);
        let args: Args = data.args.iter().map(|v| self.replacements.find(*v)).collect();
        if op.clobbers_memory() {
            contents.clear();
            return true;
        }
        match op {
            Op::LoadField(field) => {
                self.load(inst, result, Place::Field(args[0], field.id), field.ty, contents)
            }
            Op::LoadStatic(field) => self.load(inst, result, Place::Static(field.id), field.ty, contents),
            Op::LoadElem(ty) => self.load(inst, result, Place::Element(args[0], args[1], ty), ty, contents),
            Op::StoreField(field) => {
                let place = Place::Field(args[0], field.id);
                self.store(place, args[1], contents)
            }
            Op::StoreStatic(field) => self.store(Place::Static(field.id), args[0], contents),
            Op::StoreElem(ty) => self.store(Place::Element(args[0], args[1], ty), args[2], contents),
            Op::StoreLanes(ty) => {
                contents.retain(|place, _| !matches!(place, Place::Element(_, _, other) if *other == ty));
                true
            }
            Op::New(class) => {
                let fields = self.env.instance_fields(class).filter(|f| f.len() <= MANY_FIELDS);
                if let (Some(fields), Some(object)) = (fields, result) {
                    for field in fields.iter().filter(|f| !f.volatile) {
                        let zero = self.zero(field.ty);
                        contents.insert(Place::Field(object, field.id), zero);
                    }
                }
                true
            }
            _ => true,
        }
    }

    fn zero(&mut self, ty: BasicType) -> Value {
        let op = zero_op(ty);
        if let Some((_, v)) = self.zeros.get(&op) {
            return *v;
        }
        let inst = self.f.add_inst(op, &[], None);
        let v = self.f.inst(inst).result.expect("a constant has a value");
        self.zeros.insert(op, (inst, v));
        v
    }

    fn load(
        &mut self,
        inst: Inst,
        result: Option<Value>,
        place: Place,
        ty: BasicType,
        contents: &mut Contents,
    ) -> bool {
        let Some(result) = result else { return true };
        let Some(known) = contents.get(&place).copied() else {
            contents.insert(place, result);
            return true;
        };
        let known = self.replacements.find(known);
        // What has been loaded is narrow already; what has been stored may not be.
        let narrowed = match ty {
            BasicType::Byte => Some(ConvertOp::I2B),
            BasicType::Char => Some(ConvertOp::I2C),
            BasicType::Short => Some(ConvertOp::I2S),
            _ => None,
        };
        match narrowed {
            Some(convert)
                if !matches!(
                    self.f.op(known),
                    Some(Op::LoadField(_) | Op::LoadStatic(_) | Op::LoadElem(_))
                ) =>
            {
                let data = &mut self.f.insts[inst.index()];
                data.op = Op::Convert(convert);
                data.args = Args::from_slice(&[known]);
                self.changed = true;
                true
            }
            _ => {
                self.replacements.replace(result, known);
                false
            }
        }
    }

    fn store(&mut self, place: Place, value: Value, contents: &mut Contents) -> bool {
        if contents.get(&place).is_some_and(|v| self.replacements.find(*v) == value) {
            return false;
        }
        let f = &*self.f;
        contents.retain(|other, _| match (*other, place) {
            (Place::Field(x, a), Place::Field(y, b)) => a != b || x != y && differ(f, x, y),
            (Place::Static(a), Place::Static(b)) => a != b,
            (Place::Element(x, i, a), Place::Element(y, j, b)) => {
                a != b || x != y && differ(f, x, y) || unequal(f, i, j)
            }
            _ => true,
        });
        contents.insert(place, value);
        true
    }
}

/// Whether two references cannot be of one object.
fn differ(f: &Function, x: Value, y: Value) -> bool {
    let fresh = |v: Value| matches!(f.op(v), Some(Op::New(_) | Op::NewArray(..) | Op::NewMultiArray(_)));
    fresh(x) && fresh(y)
}

/// Whether two indexes cannot be equal: constants, or one value with different constants added.
fn unequal(f: &Function, i: Value, j: Value) -> bool {
    let split = |v: Value| -> (Option<Value>, i64) {
        if let Some(c) = crate::fold::integer(f, v) {
            return (None, c);
        }
        if let Some(d) = f.def(v)
            && let Op::Binary(op @ (crate::op::BinaryOp::Add | crate::op::BinaryOp::Sub), _) = d.op
            && let Some(c) = crate::fold::integer(f, d.args[1])
        {
            return (Some(d.args[0]), if op == crate::op::BinaryOp::Add { c } else { -c });
        }
        (Some(v), 0)
    };
    let ((a, c), (b, d)) = (split(i), split(j));
    a == b && (c - d) as i32 != 0
}

/// The zero of a type.
pub fn zero_op(ty: BasicType) -> Op {
    match ty {
        BasicType::Long => Op::Long(0),
        BasicType::Float => Op::Float(0),
        BasicType::Double => Op::Double(0),
        BasicType::Reference => Op::Null,
        _ => Op::Int(0),
    }
}
