//! Monitors (JVMS §2.11.10), and the record of them that thread dumps read.
//!
//! A frame keeps each object it has locked in a stack slot of its own, one a `monitorenter` instruction besides the one
//! for a synchronized method. What the slots hold is only looked at together with the object's owner.

use super::*;
use caturra_bytecode::Opcode;
use caturra_heap::layout::LOCK_OFFSET;
use caturra_kernel::runtime::lock_word;
use cranelift_codegen::ir::{StackSlotData, StackSlotKind};

/// Slots beyond the one of a synchronized method; further `monitorenter`s leave no record.
const MOST_SLOTS: usize = 8;

impl Translator<'_> {
    /// Reserves and clears the slots; at the beginning of the code.
    pub(super) fn make_lock_slots(&mut self) -> Result<(), Rejected> {
        let mut count = 0;
        for i in Instructions::new(self.method.bytecode) {
            let i = i.map_err(|e| Rejected::Malformed(e.to_string()))?;
            count += usize::from(i.opcode == Opcode::Monitorenter);
        }
        let count = count.min(MOST_SLOTS) + usize::from(self.method.is_synchronized());
        for _ in 0..count {
            let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 4, 2));
            let none = self.iconst(I32, 0);
            self.store_slot(slot, none);
            self.lock_slots.push(slot);
        }
        Ok(())
    }

    fn store_slot(&mut self, slot: StackSlot, value: Value) {
        let at = self.b.ins().stack_addr(I64, slot, 0);
        self.b.ins().store(PLAIN, value, at, 0);
    }

    /// The synchronized method's own lock is held.
    pub(super) fn note_method_lock(&mut self, object: Value) {
        let slot = self.lock_slots[0];
        self.store_slot(slot, object);
    }

    /// At a loop header inside `synchronized` blocks, the interpreter's frame has the locked objects in the locals that
    /// are loaded for `monitorexit`.
    pub(super) fn note_locked_locals(&mut self, locals: Value) {
        let first = usize::from(self.method.is_synchronized());
        let mut loaded = None;
        let mut indexes = Vec::new();
        for i in Instructions::new(self.method.bytecode).flatten() {
            if i.opcode == Opcode::Monitorexit
                && let Some(index) = loaded
                && !indexes.contains(&index)
            {
                indexes.push(index);
            }
            loaded = i.local_index();
        }
        for (&index, slot) in indexes.iter().zip(self.lock_slots[first..].to_vec()) {
            let object = self.b.ins().load(I32, PLAIN, locals, 8 * i32::from(index));
            self.store_slot(slot, object);
        }
    }

    /// `monitorenter`.
    pub(super) fn monitor_enter(&mut self) {
        let object = self.pop();
        self.null_check(object);
        self.enter_monitor(object);
        let first = usize::from(self.method.is_synchronized());
        let before = Instructions::new(self.method.bytecode)
            .flatten()
            .take_while(|i| i.pc < self.bci)
            .filter(|i| i.opcode == Opcode::Monitorenter)
            .count();
        if let Some(&slot) = self.lock_slots.get(first + before) {
            self.store_slot(slot, object);
        }
    }

    /// `monitorexit`.
    pub(super) fn monitor_exit(&mut self) {
        let object = self.pop();
        self.null_check(object);
        let first = usize::from(self.method.is_synchronized());
        for i in first..self.lock_slots.len() {
            let slot = self.lock_slots[i];
            let at = self.b.ins().stack_addr(I64, slot, 0);
            let held = self.b.ins().load(I32, PLAIN, at, 0);
            let same = self.b.ins().icmp(IntCC::Equal, held, object);
            let none = self.iconst(I32, 0);
            let left = self.b.ins().select(same, none, held);
            self.b.ins().store(PLAIN, left, at, 0);
        }
        self.exit_monitor(object);
    }

    /// Enters the monitor of a non-null object: one compare-and-swap where the object is neither locked nor hashed.
    pub(super) fn enter_monitor(&mut self, object: Value) {
        let address = self.address_of(object);
        let at = self.b.ins().iadd_imm_s(address, LOCK_OFFSET as i64);
        let word = self.b.ins().load(I32, PLAIN, at, 0);
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(word, slow, &[], fast, &[]);
        self.start(fast);
        let owned = self.owned_word();
        let before = self.b.ins().atomic_cas(PLAIN, at, word, owned);
        let done = self.b.ins().icmp(IntCC::Equal, before, word);
        self.b.ins().brif(done, on, &[], slow, &[]);
        self.start(slow);
        self.call_throwing(RuntimeCall::monitor_enter, &[object]);
        self.b.ins().jump(on, &[]);
        self.start(on);
    }

    /// The lock word of an object locked once by this thread.
    fn owned_word(&mut self) -> Value {
        let id = self.load_thread(I32, thread::ID);
        let shifted = self.b.ins().ishl_imm_u(id, i64::from(lock_word::OWNER_SHIFT));
        self.b.ins().bor_imm_u(shifted, i64::from(lock_word::THIN_TAG))
    }

    /// Leaves the monitor of a non-null object: one compare-and-swap where this thread holds it once, thin.
    pub(super) fn exit_monitor(&mut self, object: Value) {
        let address = self.address_of(object);
        let at = self.b.ins().iadd_imm_s(address, LOCK_OFFSET as i64);
        let word = self.b.ins().load(I32, PLAIN, at, 0);
        let owned = self.owned_word();
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let ours = self.b.ins().icmp(IntCC::Equal, word, owned);
        self.b.ins().brif(ours, fast, &[], slow, &[]);
        self.start(fast);
        let free = self.iconst(I32, 0);
        let before = self.b.ins().atomic_cas(PLAIN, at, word, free);
        let done = self.b.ins().icmp(IntCC::Equal, before, word);
        self.b.ins().brif(done, on, &[], slow, &[]);
        self.start(slow);
        self.call_throwing(RuntimeCall::monitor_exit, &[object]);
        self.b.ins().jump(on, &[]);
        self.start(on);
    }
}
