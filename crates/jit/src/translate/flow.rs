//! The control flow of a method: basic blocks of bytecode, in the order in which they are translated.

use caturra_bytecode::{Instructions, Opcode, Operands};
use caturra_kernel::MethodRef;

/// Why a method cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// `jsr` and `ret`, which compilers have not emitted since class-file version 50.
    Subroutines,
    /// Code that the decoder refuses; it fails when it is run.
    Malformed(String),
    /// The code generator has given up.
    CodeGenerator(String),
    /// A method of more than [`HUGE_METHOD`] bytes.
    TooLarge,
    /// The code cache has no room.
    CacheFull,
    /// Metaspace has no room for inline caches.
    MetaspaceFull,
    /// What the code rests on has changed while it was made: it may be tried again.
    AssumptionBroken,
    /// The optimiser does not take the method.
    Optimiser(String),
}

/// Methods with more bytecode are not compiled, as in HotSpot.
pub const HUGE_METHOD: usize = 8000;

/// A basic block of bytecode.
#[derive(Debug)]
pub struct Block {
    /// Bytecode indexes from the first instruction to behind the last.
    pub start: u32,
    pub end: u32,
    /// Block numbers, one entry an edge, the fall-through last.
    pub successors: Vec<u32>,
    /// Handlers that cover some instruction of the block.
    pub handlers: Vec<u32>,
    /// Edges from reachable blocks, exceptional ones not counted.
    pub predecessors: u32,
    /// A branch leads back to it.
    pub is_loop_header: bool,
    pub is_handler: bool,
}

/// The reachable part of a method's control flow.
#[derive(Debug)]
pub struct Flow {
    pub blocks: Vec<Block>,
    /// Block number by bytecode index of its start; `NO_BLOCK` elsewhere.
    by_bci: Vec<u32>,
    /// Reachable blocks in reverse postorder from the entry.
    pub order: Vec<u32>,
    /// Whether something in the reachable part is called or may run Java code other than to throw.
    pub has_calls: bool,
}

const NO_BLOCK: u32 = u32::MAX;

impl Flow {
    /// No blocks.
    pub fn empty() -> Flow {
        Flow { blocks: Vec::new(), by_bci: Vec::new(), order: Vec::new(), has_calls: false }
    }

    pub fn block_at(&self, bci: u32) -> u32 {
        let n = self.by_bci[bci as usize];
        debug_assert_ne!(n, NO_BLOCK, "no block at {bci}");
        n
    }
}

fn ends_block(opcode: Opcode) -> bool {
    use Opcode::*;
    matches!(
        opcode,
        Goto | GotoW
            | Tableswitch
            | Lookupswitch
            | Ireturn
            | Lreturn
            | Freturn
            | Dreturn
            | Areturn
            | Return
            | Athrow
    )
}

/// Finds the blocks of `method` and those reachable from `entry`.
pub fn analyse(method: MethodRef, entry: u32) -> Result<Flow, Rejected> {
    let code = method.bytecode;
    if code.len() > HUGE_METHOD {
        return Err(Rejected::TooLarge);
    }
    let mut leaders = vec![false; code.len() + 1];
    let mut has_calls = false;
    leaders[0] = true;
    leaders[entry as usize] = true;
    for instruction in Instructions::new(code) {
        let i = instruction.map_err(|e| Rejected::Malformed(e.to_string()))?;
        if matches!(i.opcode, Opcode::Jsr | Opcode::JsrW | Opcode::Ret) {
            return Err(Rejected::Subroutines);
        }
        let mut branches = false;
        let mut outside = false;
        i.for_each_target(|target| {
            branches = true;
            match leaders.get_mut(target as usize) {
                Some(l) => *l = true,
                None => outside = true,
            }
        });
        if outside {
            return Err(Rejected::Malformed("branch out of the code".into()));
        }
        if branches || ends_block(i.opcode) {
            leaders[i.next_pc as usize] = true;
        }
        has_calls |= matches!(i.operands, Operands::InvokeInterface { .. } | Operands::InvokeDynamic { .. })
            || matches!(i.opcode, Opcode::Invokestatic | Opcode::Invokespecial | Opcode::Invokevirtual);
    }
    for row in method.exception_table {
        for at in [row.start, row.end, row.handler] {
            leaders[usize::from(at)] = true;
        }
    }
    let mut by_bci = vec![NO_BLOCK; code.len() + 1];
    let mut blocks = Vec::new();
    for (bci, _) in leaders.iter().enumerate().filter(|(bci, l)| **l && *bci < code.len()) {
        by_bci[bci] = blocks.len() as u32;
        blocks.push(Block {
            start: bci as u32,
            end: 0,
            successors: Vec::new(),
            handlers: Vec::new(),
            predecessors: 0,
            is_loop_header: false,
            is_handler: false,
        });
    }
    let starts: Vec<u32> = blocks.iter().map(|b: &Block| b.start).chain([code.len() as u32]).collect();
    let mut flow = Flow { blocks, by_bci, order: Vec::new(), has_calls };
    for (n, block) in flow.blocks.iter_mut().enumerate() {
        block.end = starts[n + 1];
        for row in method.exception_table {
            if u32::from(row.start) < block.end && block.start < u32::from(row.end) {
                block.handlers.push(flow.by_bci[usize::from(row.handler)]);
            }
        }
    }
    for row in method.exception_table {
        let handler = flow.by_bci[usize::from(row.handler)];
        flow.blocks[handler as usize].is_handler = true;
    }
    let mut headers = Vec::new();
    let mut at = 0;
    for instruction in Instructions::new(code) {
        let i = instruction.map_err(|e| Rejected::Malformed(e.to_string()))?;
        while flow.blocks[at].end <= i.pc {
            at += 1;
        }
        let block = &mut flow.blocks[at];
        if i.next_pc < block.end {
            continue;
        }
        if i.next_pc > block.end {
            return Err(Rejected::Malformed("branch into an instruction".into()));
        }
        let mut successors = Vec::new();
        i.for_each_target(|target| {
            successors.push(flow.by_bci[target as usize]);
            if target <= i.pc {
                headers.push(flow.by_bci[target as usize]);
            }
        });
        if !ends_block(i.opcode) {
            if i.next_pc as usize >= code.len() {
                return Err(Rejected::Malformed("falls off the end of the code".into()));
            }
            successors.push(flow.by_bci[i.next_pc as usize]);
        }
        if successors.contains(&NO_BLOCK) {
            return Err(Rejected::Malformed("branch into an instruction".into()));
        }
        block.successors = successors;
    }
    for h in headers {
        flow.blocks[h as usize].is_loop_header = true;
    }
    flow.order = reverse_postorder(&flow.blocks, flow.by_bci[entry as usize]);
    for &n in &flow.order {
        for i in 0..flow.blocks[n as usize].successors.len() {
            let s = flow.blocks[n as usize].successors[i];
            flow.blocks[s as usize].predecessors += 1;
        }
    }
    Ok(flow)
}

/// Depth first from `entry`; the fall-through of a block follows it where possible.
fn reverse_postorder(blocks: &[Block], entry: u32) -> Vec<u32> {
    let mut seen = vec![false; blocks.len()];
    let mut order = Vec::new();
    // (block, next edge): handlers first, then successors with the fall-through last.
    let mut stack = vec![(entry, 0)];
    seen[entry as usize] = true;
    while let Some((n, edge)) = stack.last_mut() {
        let block = &blocks[*n as usize];
        let next = block.handlers.iter().chain(&block.successors).nth(*edge);
        *edge += 1;
        match next {
            Some(&s) if !seen[s as usize] => {
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
    order
}
