//! What tier 1 code counts for tier 2, and the way from its loops into optimised code.

use super::*;
use crate::nmethod::REPLACED;
use crate::profile::{Profile, SiteKind};
use caturra_bytecode::Opcode;
use cranelift_codegen::ir::{StackSlotData, StackSlotKind};
use std::sync::atomic::AtomicU32;

/// Local variables whose values matter at a loop header.
pub(super) type LiveLocals = HashMap<u32, Vec<(u16, Ty)>>;

impl Translator<'_> {
    /// The profile of the method that is being translated; `None` where nothing is counted.
    fn profile(&self) -> Option<&'static Profile> {
        if self.jit.policy.optimise { Profile::ensure(self.method) } else { None }
    }

    /// Adds one to the counter at `address`; the new count.
    fn count_at(&mut self, address: Value) -> Value {
        let n = self.b.ins().load(I32, PLAIN, address, 0);
        let n = self.b.ins().iadd_imm_s(n, 1);
        self.b.ins().store(PLAIN, n, address, 0);
        n
    }

    fn count(&mut self, counter: &'static AtomicU32) -> Value {
        let address = self.iconst(I64, counter.as_ptr() as i64);
        self.count_at(address)
    }

    /// Counts an execution of the present bytecode.
    pub(super) fn profile_call(&mut self) {
        if let Some(site) = self.profile().and_then(|p| p.site(self.bci, SiteKind::Call)) {
            self.count(&site.cells[0]);
        }
    }

    pub(super) fn profile_handler(&mut self, handler: u16) {
        if let Some(site) = self.profile().and_then(|p| p.site(u32::from(handler), SiteKind::Handler)) {
            self.count(&site.cells[0]);
        }
    }

    /// Counts whether a branch is taken. `condition` is 0 or 1.
    pub(super) fn profile_branch(&mut self, condition: Value) {
        let Some(site) = self.profile().and_then(|p| p.site(self.bci, SiteKind::Branch)) else { return };
        let taken = self.b.ins().uextend(I64, condition);
        let offset = self.b.ins().ishl_imm_u(taken, 2);
        let cells = self.iconst(I64, site.cells.as_ptr() as i64);
        let address = self.b.ins().iadd(cells, offset);
        self.count_at(address);
    }

    /// Counts the class of an object, or notes that it is null.
    pub(super) fn profile_type(&mut self, reference: Value) {
        self.note_class(RuntimeCall::profile_type, reference);
    }

    /// Counts an execution of the present call, and the class of its receiver.
    pub(super) fn profile_receiver(&mut self, receiver: Value) {
        self.note_class(RuntimeCall::profile_receiver, receiver);
    }

    fn note_class(&mut self, call: RuntimeCall, reference: Value) {
        let Some(site) = self.profile().and_then(|p| p.site(self.bci, SiteKind::Types)) else { return };
        let cells = self.iconst(I64, site.cells.as_ptr() as i64);
        self.call_runtime(call, &[cells, reference]);
    }

    /// Counts a call of the method, and lets the policy look at it now and then.
    pub(super) fn profile_entry(&mut self) {
        let Some(profile) = self.profile() else { return };
        let n = self.count(&profile.entries);
        if self.inlined.is_some() {
            return;
        }
        let between = self.jit.policy.tier4.calls_between();
        let rest = self.b.ins().band_imm_u(n, i64::from(between - 1));
        let (look, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(rest, on, &[], look, &[]);
        self.start(look);
        let method = self.method_constant();
        self.call_runtime(RuntimeCall::entered, &[method]);
        self.b.ins().jump(on, &[]);
        self.start(on);
    }

    /// Counts an iteration of the loop whose header this is, and goes on in optimised code when there is some.
    pub(super) fn profile_loop(&mut self) {
        let Some(profile) = self.profile() else { return };
        let n = self.count(&profile.loops);
        if self.inlined.is_some() {
            return;
        }
        let between = self.jit.policy.tier4.loops_between();
        let rest = self.b.ins().band_imm_u(n, i64::from(between - 1));
        let (look, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(rest, on, &[], look, &[]);
        self.start(look);
        let (method, bci) = (self.method_constant(), self.iconst(I32, i64::from(self.bci)));
        let code = self.call_runtime(RuntimeCall::back_edge, &[method, bci]).expect("the call has a result");
        match self.live_locals.get(&self.bci).cloned().filter(|_| self.stack.is_empty()) {
            Some(live) => {
                let leave = self.cold_block();
                self.b.ins().brif(code, leave, &[], on, &[]);
                self.start(leave);
                self.leave_for(code, &live);
            }
            None => {
                self.b.ins().jump(on, &[]);
            }
        }
        self.start(on);
    }

    /// Has optimised code do the rest of the method. This activation only passes the result on, and is not seen any more.
    fn leave_for(&mut self, code: Value, live: &[(u16, Ty)]) {
        let slot = match self.osr_buffer {
            Some(slot) => slot,
            None => {
                let bytes = 8 * u32::from(self.method.max_locals.max(1));
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3);
                *self.osr_buffer.insert(self.b.create_sized_stack_slot(data))
            }
        };
        if let Some(lock) = self.lock.filter(|_| !self.method.is_static()) {
            // The optimised code leaves the receiver's monitor even where nothing reads the receiver any more.
            let object = self.b.use_var(lock);
            let bits = self.b.ins().uextend(I64, object);
            let at = self.b.ins().stack_addr(I64, slot, 0);
            self.b.ins().store(PLAIN, bits, at, 0);
        }
        for &(index, ty) in live {
            let variable = self.local_variable(index, ty);
            let value = self.b.use_var(variable);
            let bits = slot_value(&mut self.b, Some(value));
            let at = self.b.ins().stack_addr(I64, slot, 8 * i32::from(index));
            self.b.ins().store(PLAIN, bits, at, 0);
        }
        let locals = self.b.ins().stack_addr(I64, slot, 0);
        let lock = match self.lock {
            Some(lock) => {
                let object = self.b.use_var(lock);
                self.b.ins().uextend(I64, object)
            }
            None => self.iconst(I64, 0),
        };
        self.b.set_srcloc(SourceLoc::new(REPLACED));
        let signature = self.b.import_signature(osr_signature());
        let call = self.b.ins().call_indirect(signature, code, &[locals, lock]);
        let bits = self.b.inst_results(call)[0];
        self.locate();
        if self.osr.is_some() {
            self.b.ins().return_(&[bits]);
            return;
        }
        let value = match self.method.ret {
            BasicType::Void => None,
            ty => Some(self.value_of_slot(bits, ty)),
        };
        self.return_values(value);
    }

    /// The live local variables at each loop header, for [`Self::leave_for`].
    pub(super) fn find_live_locals(&self) -> LiveLocals {
        if !self.jit.policy.optimise { LiveLocals::new() } else { live_locals(self.method, &self.flow) }
    }
}

/// A set of (local variable, type number) pairs.
#[derive(Clone, PartialEq, Eq)]
struct Locals(Vec<u8>);

impl Locals {
    fn new(method: MethodRef) -> Locals {
        Locals(vec![0; usize::from(method.max_locals) + 2])
    }
    fn add_all(&mut self, other: &Locals) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// Uses before definitions, and definitions, of a block.
struct Effect {
    used: Locals,
    defined: Vec<bool>,
}

fn effect(method: MethodRef, start: u32, end: u32) -> Effect {
    let mut e =
        Effect { used: Locals::new(method), defined: vec![false; usize::from(method.max_locals) + 2] };
    for i in Instructions::starting_at(method.bytecode, start as usize).map_while(Result::ok) {
        if i.pc >= end {
            break;
        }
        let Some(index) = i.local_index().map(usize::from) else { continue };
        let ty = match i.opcode.mnemonic().as_bytes()[0] {
            b'l' => Ty::Long,
            b'f' => Ty::Float,
            b'd' => Ty::Double,
            b'a' => Ty::Ref,
            _ => Ty::Int,
        };
        let stores = i.opcode.mnemonic().contains("store");
        if !stores && !e.defined[index] {
            e.used.0[index] |= 1 << ty.number();
        }
        if stores || i.opcode == Opcode::Iinc {
            e.defined[index] = true;
            e.defined[index + 1] |= ty.is_wide();
        }
    }
    e
}

fn live_locals(method: MethodRef, flow: &Flow) -> LiveLocals {
    let effects: Vec<Effect> = flow.blocks.iter().map(|b| effect(method, b.start, b.end)).collect();
    let mut live: Vec<Locals> = effects.iter().map(|e| e.used.clone()).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for n in (0..flow.blocks.len()).rev() {
            let mut out = Locals::new(method);
            for &s in &flow.blocks[n].successors {
                out.add_all(&live[s as usize]);
            }
            for (bits, defined) in out.0.iter_mut().zip(&effects[n].defined) {
                if *defined {
                    *bits = 0;
                }
            }
            out.add_all(&effects[n].used);
            for &h in &flow.blocks[n].handlers {
                out.add_all(&live[h as usize]);
            }
            if out != live[n] {
                live[n] = out;
                changed = true;
            }
        }
    }
    let mut headers = LiveLocals::new();
    for (n, block) in flow.blocks.iter().enumerate().filter(|(_, b)| b.is_loop_header) {
        const TYPES: [Ty; 4] = [Ty::Int, Ty::Long, Ty::Float, Ty::Double];
        let mut all = Vec::new();
        let mut clash = false;
        for (index, bits) in live[n].0.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            clash |= !bits.is_power_of_two();
            all.push((index as u16, TYPES[bits.trailing_zeros() as usize]));
        }
        // A variable that is live with two types is only read after a store on each way.
        if !clash {
            headers.insert(block.start, all);
        }
    }
    headers
}
