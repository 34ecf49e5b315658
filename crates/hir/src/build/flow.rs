//! The control flow of a method's bytecode: basic blocks in reverse postorder, loops, and which local variables are
//! read later.

use super::Rejected;
use crate::env::Handler;
use caturra_bytecode::{Instruction, Instructions, Opcode};
use smallvec::SmallVec;

/// A set of local variables.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LocalSet(SmallVec<[u64; 2]>);

impl LocalSet {
    fn new(locals: usize) -> LocalSet {
        LocalSet(SmallVec::from_elem(0, locals.div_ceil(64)))
    }

    /// Whether the local is in the set.
    pub fn contains(&self, local: usize) -> bool {
        self.0.get(local / 64).is_some_and(|word| word >> (local % 64) & 1 != 0)
    }

    fn insert(&mut self, local: usize) {
        if let Some(word) = self.0.get_mut(local / 64) {
            *word |= 1 << (local % 64);
        }
    }

    fn remove(&mut self, local: usize) {
        if let Some(word) = self.0.get_mut(local / 64) {
            *word &= !(1 << (local % 64));
        }
    }

    fn fill(&mut self) {
        self.0.iter_mut().for_each(|word| *word = u64::MAX);
    }

    /// Adds all of `other`.
    pub fn union(&mut self, other: &LocalSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }
}

/// A basic block of bytecode.
#[derive(Debug)]
pub struct BytecodeBlock {
    /// Index of the first instruction.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
    /// Block numbers, one entry an edge; the fall-through last.
    pub successors: Vec<u32>,
    /// Place in the reverse postorder; `u32::MAX` where it is not reached.
    pub order: u32,
    /// Retreating edges come in: it has to be ready for values that are not known when it is translated.
    pub is_loop_header: bool,
    /// It has a retreating edge from a block that it does not dominate.
    pub is_irreducible: bool,
    /// For loop headers: locals that the loop assigns.
    pub assigned: LocalSet,
    live_in: LocalSet,
}

/// The reachable part of a method's control flow. Of exception handlers those are part of it that are compiled.
#[derive(Debug)]
pub struct Flow {
    /// Blocks by bytecode index.
    pub blocks: Vec<BytecodeBlock>,
    /// Block number by bytecode index of its start; `u32::MAX` elsewhere.
    by_bci: Vec<u32>,
    /// Reachable blocks in reverse postorder.
    pub order: Vec<u32>,
    /// Locals that are read from there on, by bytecode index of an instruction.
    live: Vec<LocalSet>,
    handlers: Vec<Handler>,
    /// For entry at a loop header: blocks from this number on are copies of the loop's; which is whose copy.
    originals: usize,
    copies: Vec<Option<u32>>,
}

/// Loops of more bytecode are not copied.
const MAX_COPIED: u32 = 3000;

/// What an instruction does to local variables: (index, slots, whether it reads, whether it writes).
fn local_effect(i: &Instruction<'_>) -> Option<(usize, usize, bool, bool)> {
    use Opcode::*;
    let index = usize::from(i.local_index()?);
    Some(match i.opcode {
        Iinc => (index, 1, true, true),
        Lload | Dload | Lload0 | Lload1 | Lload2 | Lload3 | Dload0 | Dload1 | Dload2 | Dload3 => {
            (index, 2, true, false)
        }
        Lstore | Dstore | Lstore0 | Lstore1 | Lstore2 | Lstore3 | Dstore0 | Dstore1 | Dstore2 | Dstore3 => {
            (index, 2, false, true)
        }
        opcode if (Iload..=Aload3).contains(&opcode) => (index, 1, true, false),
        opcode if (Istore..=Astore3).contains(&opcode) => (index, 1, false, true),
        _ => return None,
    })
}

/// Whether an instruction may throw so that a compiled handler is reached; a `monitorexit` that throws leaves the code.
fn may_throw(opcode: Opcode) -> bool {
    use Opcode::*;
    matches!(
        opcode,
        Iaload | Laload | Faload | Daload | Aaload | Baload | Caload | Saload | Iastore | Lastore | Fastore
    ) || matches!(opcode, Dastore | Aastore | Bastore | Castore | Sastore | Idiv | Ldiv | Irem | Lrem)
        || matches!(opcode, Getfield | Putfield | Arraylength | Athrow | Checkcast)
        || matches!(
            opcode,
            Invokevirtual | Invokespecial | Invokestatic | Invokeinterface | Invokedynamic | Monitorenter
        )
}

fn malformed(what: &'static str) -> Rejected {
    Rejected::Malformed(what)
}

impl Flow {
    /// Analyses `code`, entered at `entry`, with the handlers that are `compiled`, given by their bytecode indices.
    ///
    /// # Errors
    /// Code that cannot be decoded, leaves itself, or has subroutines.
    pub fn new(
        code: &[u8],
        max_locals: usize,
        handlers: Vec<Handler>,
        compiled: &[u32],
        entry: u32,
    ) -> Result<Flow, Rejected> {
        let mut flow = Flow::blocks_of(code, max_locals, handlers, compiled, entry)?;
        let first = flow.by_bci[entry as usize];
        let first = if entry == 0 { first } else { flow.copy_loop(first) };
        flow.reverse_postorder(first);
        flow.liveness(code, max_locals)?;
        flow.loops(code, max_locals)?;
        Ok(flow)
    }

    /// The number of the block that starts at `bci`, to which block `from` leads.
    pub fn successor(&self, from: u32, bci: u32) -> u32 {
        let block = self.by_bci[bci as usize];
        let copy = self.copies.get(block as usize).copied().flatten();
        copy.filter(|_| from as usize >= self.originals).unwrap_or(block)
    }

    /// The block where the code is entered.
    pub fn entry(&self) -> u32 {
        self.order[0]
    }

    /// Copies the loop of a header, for the rounds that are left of it where the code is entered there, and what follows it
    /// up to where other ways come in. If the loop is entered again, from a loop round it, it is one whose header is reached
    /// from nowhere else, and the passes know it. Were only the loop copied, a way out of the midst of it would lead from
    /// the copy into the loop round it beside that loop's header.
    fn copy_loop(&mut self, header: u32) -> u32 {
        self.reverse_postorder(0);
        let order = std::mem::take(&mut self.order);
        let place = self.blocks[header as usize].order;
        let mut inside = vec![false; self.blocks.len()];
        let mut below = inside.clone();
        if place != u32::MAX {
            self.order = order;
            let predecessors = self.predecessors();
            let idom = self.dominators(&predecessors);
            let dominated = |mut n: u32| {
                while n > place {
                    n = idom[n as usize];
                }
                n == place
            };
            let mut work: Vec<u32> = predecessors[place as usize]
                .iter()
                .copied()
                .filter(|&p| p >= place && dominated(p))
                .collect();
            inside[header as usize] = !work.is_empty();
            for n in (place..self.order.len() as u32).filter(|&n| dominated(n)) {
                below[self.order[n as usize] as usize] = true;
            }
            while let Some(n) = work.pop() {
                if !std::mem::replace(&mut inside[self.order[n as usize] as usize], true) {
                    work.extend(&predecessors[n as usize]);
                }
            }
        }
        self.order.clear();
        self.blocks.iter_mut().for_each(|b| b.order = u32::MAX);
        let size = |set: &[bool]| -> u32 {
            self.blocks.iter().zip(set).filter(|(_, i)| **i).map(|(b, _)| b.end - b.start).sum()
        };
        if !inside[header as usize] || size(&inside) > MAX_COPIED {
            return header;
        }
        if size(&below) <= MAX_COPIED {
            inside = below;
        }
        self.copies = vec![None; self.originals];
        for n in (0..self.originals).filter(|n| inside[*n]) {
            self.copies[n] = Some(self.blocks.len() as u32);
            let block = &self.blocks[n];
            let copy = BytecodeBlock {
                start: block.start,
                end: block.end,
                successors: block.successors.clone(),
                order: u32::MAX,
                is_loop_header: false,
                is_irreducible: false,
                assigned: block.assigned.clone(),
                live_in: block.live_in.clone(),
            };
            self.blocks.push(copy);
        }
        for n in self.originals..self.blocks.len() {
            for s in &mut self.blocks[n].successors {
                *s = self.copies[*s as usize].unwrap_or(*s);
            }
        }
        self.copies[header as usize].unwrap_or(header)
    }

    /// Predecessors, by place in the order.
    fn predecessors(&self) -> Vec<Vec<u32>> {
        let mut predecessors: Vec<Vec<u32>> = vec![Vec::new(); self.order.len()];
        for (place, &n) in self.order.iter().enumerate() {
            for &s in &self.blocks[n as usize].successors {
                predecessors[self.blocks[s as usize].order as usize].push(place as u32);
            }
        }
        predecessors
    }

    /// Locals that the interpreter may read when it goes on with the instruction at `bci`.
    pub fn live_before(&self, bci: u32) -> &LocalSet {
        &self.live[bci as usize]
    }

    /// Locals that the interpreter may read behind the instruction at `bci`, whose handlers are included.
    pub fn live_after(&self, bci: u32, next: u32) -> LocalSet {
        let mut live = self.live[next as usize].clone();
        for handler in self.handlers_of(bci) {
            live.union(&self.live[handler as usize]);
        }
        live
    }

    /// Handlers that cover an instruction.
    pub fn handlers_of(&self, bci: u32) -> impl Iterator<Item = u32> {
        self.rows_of(bci).map(|(_, handler)| handler)
    }

    /// Rows of the exception table that cover an instruction, with their handlers.
    pub fn rows_of(&self, bci: u32) -> impl Iterator<Item = (usize, u32)> {
        let rows = self.handlers.iter().enumerate();
        rows.filter(move |(_, h)| (h.start..h.end).contains(&bci)).map(|(row, h)| (row, h.handler))
    }

    fn blocks_of(
        code: &[u8],
        max_locals: usize,
        handlers: Vec<Handler>,
        compiled: &[u32],
        entry: u32,
    ) -> Result<Flow, Rejected> {
        let mut leaders = vec![false; code.len() + 1];
        let mut starts = vec![false; code.len() + 1];
        leaders[0] = true;
        *leaders.get_mut(entry as usize).ok_or(malformed("entry outside the code"))? = true;
        for instruction in Instructions::new(code) {
            let i = instruction.map_err(|_| malformed("undecodable"))?;
            if matches!(i.opcode, Opcode::Jsr | Opcode::JsrW | Opcode::Ret) {
                return Err(Rejected::Subroutines);
            }
            starts[i.pc as usize] = true;
            let mut branches = false;
            let mut outside = false;
            i.for_each_target(|target| {
                branches = true;
                match leaders.get_mut(target as usize) {
                    Some(leader) if (target as usize) < code.len() => *leader = true,
                    _ => outside = true,
                }
            });
            if outside {
                return Err(malformed("branch out of the code"));
            }
            if branches || i.opcode.ends_block() {
                leaders[i.next_pc as usize] = true;
            }
        }
        for handler in &handlers {
            *leaders.get_mut(handler.handler as usize).ok_or(malformed("handler outside the code"))? = true;
        }
        let mut by_bci = vec![u32::MAX; code.len() + 1];
        let mut blocks = Vec::new();
        for bci in (0..code.len()).filter(|&bci| leaders[bci]) {
            if !starts[bci] {
                return Err(malformed("branch into an instruction"));
            }
            by_bci[bci] = blocks.len() as u32;
            blocks.push(BytecodeBlock {
                start: bci as u32,
                end: 0,
                successors: Vec::new(),
                order: u32::MAX,
                is_loop_header: false,
                is_irreducible: false,
                assigned: LocalSet::new(max_locals),
                live_in: LocalSet::new(max_locals),
            });
        }
        let ends: Vec<u32> = blocks.iter().skip(1).map(|b| b.start).chain([code.len() as u32]).collect();
        for (block, end) in blocks.iter_mut().zip(ends) {
            block.end = end;
            let mut last = None;
            for i in Instructions::starting_at(&code[..end as usize], block.start as usize) {
                let i = i.map_err(|_| malformed("undecodable"))?;
                for h in handlers.iter().filter(|h| (h.start..h.end).contains(&i.pc)) {
                    let to = by_bci[h.handler as usize];
                    if may_throw(i.opcode) && compiled.contains(&h.handler) && !block.successors.contains(&to)
                    {
                        block.successors.push(to);
                    }
                }
                last = Some(i);
            }
            let i = last.ok_or(malformed("empty block"))?;
            i.for_each_target(|target| block.successors.push(by_bci[target as usize]));
            if !i.opcode.ends_block() {
                if end as usize >= code.len() {
                    return Err(malformed("falls off the end of the code"));
                }
                block.successors.push(by_bci[end as usize]);
            }
        }
        let originals = blocks.len();
        Ok(Flow {
            blocks,
            by_bci,
            order: Vec::new(),
            live: Vec::new(),
            handlers,
            originals,
            copies: Vec::new(),
        })
    }

    fn reverse_postorder(&mut self, entry: u32) {
        let mut seen = vec![false; self.blocks.len()];
        let mut stack = vec![(entry, 0)];
        seen[entry as usize] = true;
        let mut order = Vec::new();
        while let Some((n, edge)) = stack.last_mut() {
            let next = self.blocks[*n as usize].successors.get(*edge).copied();
            *edge += 1;
            match next {
                Some(s) if !seen[s as usize] => {
                    seen[s as usize] = true;
                    stack.push((s, 0));
                }
                Some(_) => {}
                None => {
                    order.push(*n);
                    stack.pop();
                }
            }
        }
        order.reverse();
        for (place, &n) in order.iter().enumerate() {
            self.blocks[n as usize].order = place as u32;
        }
        self.order = order;
    }

    /// Live locals before every instruction, by iteration; also of handlers, which the interpreter runs.
    fn liveness(&mut self, code: &[u8], max_locals: usize) -> Result<(), Rejected> {
        self.live = vec![LocalSet::default(); code.len() + 1];
        let mut changed = true;
        while changed {
            changed = false;
            for n in (0..self.blocks.len()).rev() {
                let mut live = LocalSet::new(max_locals);
                for &s in &self.blocks[n].successors {
                    live.union(&self.blocks[s as usize].live_in);
                }
                let (start, end) = (self.blocks[n].start, self.blocks[n].end);
                let instructions: Result<Vec<_>, _> =
                    Instructions::starting_at(&code[..end as usize], start as usize).collect();
                for i in instructions.map_err(|_| malformed("undecodable"))?.iter().rev() {
                    if let Some((index, slots, reads, writes)) = local_effect(i) {
                        for local in index..index + slots {
                            if writes {
                                live.remove(local);
                            }
                            if reads {
                                live.insert(local);
                            }
                        }
                    }
                    for h in 0..self.handlers.len() {
                        let Handler { start, end, handler } = self.handlers[h];
                        if (start..end).contains(&i.pc) {
                            let block = self.by_bci[handler as usize];
                            live.union(&self.blocks[block as usize].live_in);
                        }
                    }
                    self.live[i.pc as usize] = live.clone();
                }
                if live != self.blocks[n].live_in {
                    self.blocks[n].live_in = live;
                    changed = true;
                }
            }
        }
        Ok(())
    }

    /// Immediate dominators, by order number (Cooper, Harvey, Kennedy).
    fn dominators(&self, predecessors: &[Vec<u32>]) -> Vec<u32> {
        let mut idom = vec![u32::MAX; self.order.len()];
        idom[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for n in 1..self.order.len() {
                let mut new = u32::MAX;
                for &p in predecessors[n].iter().filter(|&&p| idom[p as usize] != u32::MAX) {
                    if new == u32::MAX {
                        new = p;
                        continue;
                    }
                    let (mut a, mut b) = (p, new);
                    while a != b {
                        while a > b {
                            a = idom[a as usize];
                        }
                        while b > a {
                            b = idom[b as usize];
                        }
                    }
                    new = a;
                }
                if idom[n] != new {
                    idom[n] = new;
                    changed = true;
                }
            }
        }
        idom
    }

    fn loops(&mut self, code: &[u8], max_locals: usize) -> Result<(), Rejected> {
        let count = self.order.len();
        let predecessors = self.predecessors();
        let idom = self.dominators(&predecessors);
        let mut writes = Vec::with_capacity(count);
        for &n in &self.order {
            let block = &self.blocks[n as usize];
            let mut set = LocalSet::new(max_locals);
            for i in Instructions::starting_at(&code[..block.end as usize], block.start as usize) {
                let i = i.map_err(|_| malformed("undecodable"))?;
                if let Some((index, slots, _, true)) = local_effect(&i) {
                    (index..index + slots).for_each(|local| set.insert(local));
                }
            }
            writes.push(set);
        }
        for header in 0..count as u32 {
            let mut work: Vec<u32> =
                predecessors[header as usize].iter().copied().filter(|&p| p >= header).collect();
            if work.is_empty() {
                continue;
            }
            let dominates = |mut n: u32| {
                while n > header {
                    n = idom[n as usize];
                }
                n == header
            };
            let reducible = work.iter().all(|&p| dominates(p));
            let mut assigned = LocalSet::new(max_locals);
            let mut inside = vec![false; count];
            inside[header as usize] = true;
            assigned.union(&writes[header as usize]);
            while let Some(n) = work.pop() {
                if !std::mem::replace(&mut inside[n as usize], true) {
                    assigned.union(&writes[n as usize]);
                    work.extend(&predecessors[n as usize]);
                }
            }
            if !reducible {
                assigned.fill();
            }
            let block = &mut self.blocks[self.order[header as usize] as usize];
            block.is_loop_header = true;
            block.is_irreducible = !reducible;
            block.assigned = assigned;
        }
        Ok(())
    }
}
