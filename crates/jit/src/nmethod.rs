//! A compiled method: its code, and what the stack walker, the collector and invalidation know of it.

use crate::code_cache::Block;
use crate::tier2::deopt::DeoptSite;
use crate::tier2::dependencies::Assumption;
use caturra_kernel::{ClassRef, MethodRef};
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Life of compiled code.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// May be entered.
    InUse = 0,
    /// Not entered any more; activations on stacks go on.
    NotEntrant = 1,
    /// Not entered until its method is called again; activations on stacks go on.
    Dormant = 2,
}

/// A place in the code that a return address may point to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// Return address, relative to the start of the code.
    pub offset: u32,
    /// Index of the activation in [`NMethod::scopes`] in the upper half, its bytecode index in the lower.
    pub place: u32,
}

/// The place of a call that does the rest of the method: its activation is not seen any more.
pub const REPLACED: u32 = 0xffff_0000;

/// An activation that code was made for: the method itself, or one inlined into it.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub method: MethodRef,
    /// Place of the call in the enclosing scope, as in [`CallSite::place`]; `None` for the method itself.
    pub caller: Option<u32>,
}

/// What optimised code has beside its instructions.
#[derive(Default)]
pub struct Speculation {
    /// States in which the code may be given up.
    pub deopt_sites: Vec<DeoptSite>,
    pub assumptions: Vec<Assumption>,
    /// Set when an assumption is broken: activations are given up where they look at it next. There is one where there
    /// are assumptions, in the arena of the method's loader.
    pub invalid: Option<&'static AtomicU32>,
    /// Classes of other loaders that the code names, and that may be unloaded before it.
    pub metadata: Vec<ClassRef>,
    /// Weak global handles that the code loads constants from; freed with the code.
    pub constants: Vec<usize>,
}

/// A place in frames for an object that is locked.
#[derive(Clone, Copy, Debug)]
pub struct LockSlot {
    /// Bytes below the frame pointer.
    pub below: u32,
    /// Index of the activation that has locked it in [`NMethod::scopes`].
    pub scope: u32,
}

/// A compiled method. Lives until its class is unloaded, or it is not entrant and no frame runs it.
pub struct NMethod {
    pub method: MethodRef,
    /// Number of the compilation, as `-XX:+PrintCompilation` shows it.
    pub id: u32,
    pub tier: u8,
    /// Loop header that the code is entered at, `None` for the method's start.
    pub osr_bci: Option<u32>,
    pub block: Block,
    /// Address of the first instruction.
    pub start: usize,
    pub size: usize,
    /// Sorted by offset.
    pub sites: Box<[CallSite]>,
    pub scopes: Box<[Scope]>,
    /// Inline caches: class id below, method above, 0 when empty. In the arena of the method's loader.
    pub inline_caches: Box<[&'static AtomicU64]>,
    pub speculation: Speculation,
    /// How often activations were given up at a guard.
    pub traps: AtomicU32,
    /// How often they were because an exception had gone to a handler.
    pub throws: AtomicU32,
    /// Where its frames keep the objects that they have locked.
    pub lock_slots: Box<[LockSlot]>,
    /// Where its frames begin, and where deoptimisation finds values: bytes below the frame pointer.
    pub frame: u32,
    pub buffer: u32,
    state: AtomicU8,
}

/// What a compilation hands over.
pub struct Parts {
    pub method: MethodRef,
    pub id: u32,
    pub tier: u8,
    pub osr_bci: Option<u32>,
    pub sites: Vec<CallSite>,
    pub scopes: Vec<Scope>,
    pub inline_caches: Vec<&'static AtomicU64>,
    pub speculation: Speculation,
    pub lock_slots: Vec<LockSlot>,
    pub frame: u32,
    pub buffer: u32,
}

impl NMethod {
    pub fn new(parts: Parts, block: Block, start: usize, size: usize) -> NMethod {
        let mut sites = parts.sites;
        sites.sort_by_key(|s| s.offset);
        NMethod {
            method: parts.method,
            id: parts.id,
            tier: parts.tier,
            osr_bci: parts.osr_bci,
            block,
            start,
            size,
            sites: sites.into(),
            scopes: parts.scopes.into(),
            inline_caches: parts.inline_caches.into(),
            speculation: parts.speculation,
            traps: AtomicU32::new(0),
            throws: AtomicU32::new(0),
            lock_slots: parts.lock_slots.into(),
            frame: parts.frame,
            buffer: parts.buffer,
            state: AtomicU8::new(State::InUse as u8),
        }
    }

    pub fn state(&self) -> State {
        match self.state.load(Ordering::Acquire) {
            0 => State::InUse,
            1 => State::NotEntrant,
            _ => State::Dormant,
        }
    }
    pub fn set_state(&self, state: State) {
        self.state.store(state as u8, Ordering::Release);
    }

    /// The place of the call that returns to `pc`; of the nearest one before it when none does (a fault).
    pub fn place_at(&self, pc: usize) -> Option<u32> {
        let offset = pc.checked_sub(self.start)? as u32;
        let after = self.sites.partition_point(|s| s.offset <= offset);
        self.sites.get(after.saturating_sub(1)).map(|s| s.place)
    }

    /// Whether the call that returns to `pc` does the rest of the method.
    pub fn is_replaced(&self, pc: usize) -> bool {
        self.place_at(pc) == Some(REPLACED)
    }

    /// The number of the `depth`th activation at `pc`, counted from the innermost.
    pub fn scope_at(&self, pc: usize, depth: u32) -> Option<u32> {
        let mut place = self.place_at(pc).filter(|p| *p != REPLACED)?;
        for _ in 0..depth {
            place = self.scopes.get((place >> 16) as usize)?.caller?;
        }
        Some(place >> 16)
    }

    /// The `depth`th activation at `pc`, counted from the innermost: method, bytecode index, whether it is the last.
    pub fn activation(&self, pc: usize, depth: u32) -> Option<(MethodRef, u32, bool)> {
        let mut place = self.place_at(pc)?;
        if place == REPLACED {
            return Some((self.method, 0, true));
        }
        for _ in 0..depth {
            place = self.scopes.get((place >> 16) as usize)?.caller?;
        }
        let scope = self.scopes.get((place >> 16) as usize)?;
        Some((scope.method, place & 0xffff, scope.caller.is_none()))
    }

    /// Empties the inline caches; with the world stopped.
    pub fn clear_inline_caches(&self) {
        self.inline_caches.iter().for_each(|c| c.store(0, Ordering::Release));
    }
}
