//! Facts about the control-flow graph: order, predecessors, dominators, loops.

use crate::ir::{Block, ENTRY, Function};

/// Order and dominators of the reachable blocks.
#[derive(Clone, Debug)]
pub struct Cfg {
    /// Reachable blocks in reverse postorder.
    pub order: Vec<Block>,
    /// Place in `order`; `usize::MAX` for blocks that are not reachable.
    pub place: Vec<usize>,
    /// Predecessors, one entry an edge, of reachable blocks.
    pub predecessors: Vec<Vec<Block>>,
    /// Immediate dominators; the entry's is itself.
    pub idom: Vec<Block>,
    /// Of the dominator tree: when a walk enters each block, and when it leaves it.
    walk: Vec<(u32, u32)>,
}

/// A natural loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Dominates all the others.
    pub header: Block,
    /// Blocks inside that jump to the header.
    pub latches: Vec<Block>,
    /// All blocks, the header and those of inner loops included, in reverse postorder.
    pub blocks: Vec<Block>,
    /// The number of loops round this one.
    pub depth: usize,
}

impl Loop {
    /// Whether none of the function's loops lies inside.
    pub fn is_innermost(&self, all: &[Loop]) -> bool {
        !all.iter().any(|other| other.header != self.header && self.blocks.contains(&other.header))
    }
}

impl Cfg {
    /// Analyses the function.
    pub fn new(f: &Function) -> Cfg {
        let count = f.blocks.len();
        let mut seen = vec![false; count];
        let mut order = Vec::new();
        let mut stack = vec![(ENTRY, f.block(ENTRY).end.successors(), 0)];
        seen[0] = true;
        while let Some((block, successors, next)) = stack.last_mut() {
            match successors.get(*next) {
                Some(&s) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[s.index()], true) {
                        stack.push((s, f.block(s).end.successors(), 0));
                    }
                }
                None => {
                    order.push(*block);
                    stack.pop();
                }
            }
        }
        order.reverse();
        let mut place = vec![usize::MAX; count];
        for (n, b) in order.iter().enumerate() {
            place[b.index()] = n;
        }
        let mut predecessors = vec![Vec::new(); count];
        for &b in &order {
            for s in f.block(b).end.successors() {
                predecessors[s.index()].push(b);
            }
        }
        let mut cfg = Cfg { order, place, predecessors, idom: vec![ENTRY; count], walk: vec![(0, 0); count] };
        cfg.dominators();
        cfg.number();
        cfg
    }

    /// By iteration (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm).
    fn dominators(&mut self) {
        let mut idom = vec![usize::MAX; self.order.len()];
        idom[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for n in 1..self.order.len() {
                let mut new = usize::MAX;
                for p in &self.predecessors[self.order[n].index()] {
                    let p = self.place[p.index()];
                    if idom[p] == usize::MAX {
                        continue;
                    }
                    if new == usize::MAX {
                        new = p;
                        continue;
                    }
                    let (mut a, mut b) = (p, new);
                    while a != b {
                        if a > b {
                            a = idom[a];
                        } else {
                            b = idom[b];
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
        for (n, &b) in self.order.iter().enumerate() {
            self.idom[b.index()] = self.order[idom[n]];
        }
    }

    /// Whether a block is reachable.
    pub fn is_reachable(&self, block: Block) -> bool {
        self.place[block.index()] != usize::MAX
    }

    /// Whether every way to `b` leads through `a`; both reachable.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let ((enter, leave), (inner, _)) = (self.walk[a.index()], self.walk[b.index()]);
        (enter..leave).contains(&inner)
    }

    /// Walks the dominator tree.
    fn number(&mut self) {
        let children = self.dominator_children();
        let mut clock = 0;
        let mut stack = vec![(ENTRY, 0)];
        self.walk[ENTRY.index()].0 = clock;
        while let Some((block, next)) = stack.last_mut() {
            match children[block.index()].get(*next) {
                Some(&child) => {
                    *next += 1;
                    clock += 1;
                    self.walk[child.index()].0 = clock;
                    stack.push((child, 0));
                }
                None => {
                    self.walk[block.index()].1 = clock + 1;
                    stack.pop();
                }
            }
        }
    }

    /// Children in the dominator tree, by block.
    pub fn dominator_children(&self) -> Vec<Vec<Block>> {
        let mut children = vec![Vec::new(); self.idom.len()];
        for &b in self.order.iter().skip(1) {
            children[self.idom[b.index()].index()].push(b);
        }
        children
    }

    /// The natural loops, inner ones before those round them. Cycles without a dominating header are none.
    pub fn loops(&self) -> Vec<Loop> {
        let mut loops = Vec::new();
        for &header in self.order.iter().rev() {
            let latches: Vec<Block> = self.predecessors[header.index()]
                .iter()
                .copied()
                .filter(|&p| self.place[p.index()] >= self.place[header.index()] && self.dominates(header, p))
                .collect();
            if latches.is_empty() {
                continue;
            }
            let mut inside = vec![false; self.place.len()];
            inside[header.index()] = true;
            let mut work = latches.clone();
            while let Some(b) = work.pop() {
                if !std::mem::replace(&mut inside[b.index()], true) {
                    work.extend(&self.predecessors[b.index()]);
                }
            }
            let mut unique = latches;
            unique.sort();
            unique.dedup();
            let blocks = self.order.iter().copied().filter(|b| inside[b.index()]).collect();
            loops.push(Loop { header, latches: unique, blocks, depth: 0 });
        }
        for n in 0..loops.len() {
            let header = loops[n].header;
            loops[n].depth =
                loops.iter().filter(|l| l.header != header && l.blocks.contains(&header)).count();
        }
        // Stable: among those of one depth the order of the headers is kept.
        loops.sort_by_key(|l| core::cmp::Reverse(l.depth));
        loops
    }
}
