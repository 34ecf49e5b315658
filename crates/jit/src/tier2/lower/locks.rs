//! Monitors: entered and left by one compare-and-swap where the object is free, locked thin by this thread, or has a record of
//! the monitor table's first bucket; otherwise by the VM. And the record of monitors held, which thread dumps read: as in tier 1 (`translate::monitors`), a stack slot for each place
//! that enters one, known by the activation that does. What slots hold is only looked at together with the owner.

use super::*;
use caturra_heap::layout::LOCK_OFFSET;
use caturra_kernel::runtime::lock_word;
use caturra_kernel::runtime::monitor::{FIRST_BUCKET, ObjectMonitor};
use cranelift_codegen::ir::AtomicRmwOp;

/// Slots of a piece of code; further places leave no record.
const MOST_SLOTS: usize = 6;

impl Lowering<'_> {
    /// The lock word of an object locked once by this thread.
    fn owned_word(&mut self) -> Value {
        let id = self.load_thread(I32, thread::ID);
        let shifted = self.b.ins().ishl_imm_u(id, i64::from(lock_word::OWNER_SHIFT));
        self.b.ins().bor_imm_u(shifted, i64::from(lock_word::THIN_TAG))
    }

    /// Goes on at `done` where the word at `at` could be changed from `old` to `new`, otherwise at `slow`.
    fn exchange(&mut self, at: Value, old: Value, new: Value, done: Block, slow: Block) {
        let before = self.b.ins().atomic_cas(PLAIN, at, old, new);
        let same = self.b.ins().icmp(IntCC::Equal, before, old);
        self.b.ins().brif(same, done, &[], slow, &[]);
    }

    /// The record in the table's first bucket that a lock word names, where it does; else the code goes on at `slow`.
    fn inflated(&mut self, word: Value, slow: Block) -> Value {
        // The index is below the bucket's size exactly where the word is small, as its tag is below the index.
        let tag = self.b.ins().band_imm_u(word, i64::from(lock_word::INFLATED_TAG));
        let is = self.b.ins().icmp_imm_u(IntCC::Equal, tag, i64::from(lock_word::INFLATED_TAG));
        let limit = i64::from(FIRST_BUCKET << lock_word::PAYLOAD_SHIFT);
        let low = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, word, limit);
        let is = self.b.ins().band(is, low);
        let found = self.cold_block();
        self.b.ins().brif(is, found, &[], slow, &[]);
        self.b.switch_to_block(found);
        let bucket = self.jit.vm().monitors.first_bucket().as_ptr() as i64;
        let bucket = self.iconst(I64, bucket);
        let records = self.b.ins().load(I64, PLAIN, bucket, 0);
        let index = self.b.ins().ushr_imm_u(word, i64::from(lock_word::PAYLOAD_SHIFT));
        let index = self.b.ins().uextend(I64, index);
        let distance = self.b.ins().imul_imm_s(index, size_of::<ObjectMonitor>() as i64);
        self.b.ins().iadd(records, distance)
    }

    pub(super) fn enter_monitor(&mut self, object: Value, state: hir::State) {
        let address = self.address(object);
        let at = self.b.ins().iadd_imm_s(address, LOCK_OFFSET as i64);
        let word = self.b.ins().load(I32, PLAIN, at, 0);
        let owned = self.owned_word();
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let (held, again, other) = (self.cold_block(), self.cold_block(), self.cold_block());
        self.b.ins().brif(word, held, &[], fast, &[]);
        self.b.switch_to_block(fast);
        self.exchange(at, word, owned, on, slow);
        self.b.switch_to_block(held);
        let whose = self.b.ins().band_imm_u(word, i64::from(lock_word::THIN_MASK));
        let ours = self.b.ins().icmp(IntCC::Equal, whose, owned);
        self.b.ins().brif(ours, again, &[], other, &[]);
        self.b.switch_to_block(again);
        let (counted, room) =
            (self.cold_block(), i64::from(lock_word::MAX_RECURSION * lock_word::RECURSION_ONE));
        let fits = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, word, room);
        self.b.ins().brif(fits, counted, &[], slow, &[]);
        self.b.switch_to_block(counted);
        let more = self.b.ins().iadd_imm_s(word, i64::from(lock_word::RECURSION_ONE));
        self.exchange(at, word, more, on, slow);
        self.b.switch_to_block(other);
        let record = self.inflated(word, slow);
        let owner = self.b.ins().iadd_imm_s(record, ObjectMonitor::OWNER as i64);
        let (nobody, id) = (self.iconst(I32, 0), self.load_thread(I32, thread::ID));
        self.exchange(owner, nobody, id, on, slow);
        self.b.switch_to_block(slow);
        self.call_runtime(RuntimeCall::monitor_enter, &[object]);
        self.check_after_slow_path(state, None);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
    }

    /// The exit of an inlined synchronized method has no state: its monitor is held, so it cannot fail.
    pub(super) fn exit_monitor(&mut self, object: Value, state: Option<hir::State>) {
        let address = self.address(object);
        let at = self.b.ins().iadd_imm_s(address, LOCK_OFFSET as i64);
        let word = self.b.ins().load(I32, PLAIN, at, 0);
        let owned = self.owned_word();
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let (held, again, other) = (self.cold_block(), self.cold_block(), self.cold_block());
        let ours = self.b.ins().icmp(IntCC::Equal, word, owned);
        self.b.ins().brif(ours, fast, &[], held, &[]);
        self.b.switch_to_block(fast);
        let free = self.iconst(I32, 0);
        self.exchange(at, word, free, on, slow);
        self.b.switch_to_block(held);
        let whose = self.b.ins().band_imm_u(word, i64::from(lock_word::THIN_MASK));
        let ours = self.b.ins().icmp(IntCC::Equal, whose, owned);
        self.b.ins().brif(ours, again, &[], other, &[]);
        self.b.switch_to_block(again);
        let less = self.b.ins().iadd_imm_s(word, -i64::from(lock_word::RECURSION_ONE));
        self.exchange(at, word, less, on, slow);
        self.b.switch_to_block(other);
        let record = self.inflated(word, slow);
        let id = self.load_thread(I32, thread::ID);
        let owner = self.b.ins().load(I32, PLAIN, record, ObjectMonitor::OWNER as i32);
        let recursions = self.b.ins().load(I32, PLAIN, record, ObjectMonitor::RECURSIONS as i32);
        let others = self.b.ins().bxor(owner, id);
        let keeps = self.b.ins().bor(others, recursions);
        let (release, wake) = (self.cold_block(), self.cold_block());
        self.b.ins().brif(keeps, slow, &[], release, &[]);
        self.b.switch_to_block(release);
        // The exchange is a barrier: an entrant that is not seen behind it sees that the monitor is free.
        let at = self.b.ins().iadd_imm_s(record, ObjectMonitor::OWNER as i64);
        let nobody = self.iconst(I32, 0);
        self.b.ins().atomic_rmw(I32, PLAIN, AtomicRmwOp::Xchg, at, nobody);
        let entrants = self.b.ins().load(I32, PLAIN, record, ObjectMonitor::ENTRANTS as i32);
        self.b.ins().brif(entrants, wake, &[], on, &[]);
        self.b.switch_to_block(wake);
        self.call_runtime(RuntimeCall::monitor_released, &[object]);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(slow);
        self.call_runtime(RuntimeCall::monitor_exit, &[object]);
        // Leaving a monitor does not stop, so there is nothing to give up for.
        match state {
            Some(state) => {
                let exit = self.exit_throwing(state);
                let pending = self.load_thread(I32, thread::PENDING);
                self.b.ins().brif(pending, exit, &[], on, &[]);
            }
            None => {
                self.b.ins().jump(on, &[]);
            }
        }
        self.b.switch_to_block(on);
    }

    /// Reserves and clears the slots; at the beginning of the code, whose first parameter is `first`.
    pub(super) fn make_lock_slots(&mut self, first: Option<Value>) {
        let hir = self.hir;
        let enters =
            hir.blocks.iter().flat_map(|b| &b.insts).filter(|i| hir.inst(**i).op == Op::MonitorEnter);
        let replaces = hir.osr_bci.is_some() && self.method.is_synchronized();
        let count = (enters.count() + usize::from(replaces)).min(MOST_SLOTS);
        for _ in 0..count {
            let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 4, 2));
            let none = self.iconst(I32, 0);
            self.store_lock(slot, none);
            self.out.slots.push(slot);
        }
        if let Some(locals) = first.filter(|_| replaces) {
            // The interpreter has entered the method's monitor.
            let object = if self.method.is_static() {
                let mirror = self.iconst(I64, self.method.holder.mirror.as_ptr() as i64);
                self.b.ins().load(I32, PLAIN, mirror, 0)
            } else {
                self.b.ins().load(I32, PLAIN, locals, 0)
            };
            self.store_lock(self.out.slots[1], object);
            self.out.lock_scopes.push(0);
            self.locked.push(hir::Value(u32::MAX));
        }
    }

    fn store_lock(&mut self, slot: StackSlot, object: Value) {
        let flags = self.region(Region::Buffer);
        let at = self.b.ins().stack_addr(I64, slot, 0);
        self.b.ins().store(flags, object, at, 0);
    }

    /// A monitor has been entered.
    pub(super) fn note_lock(&mut self, value: hir::Value, object: Value, state: hir::State) {
        let n = self.out.lock_scopes.len();
        let Some(&slot) = self.out.slots.get(n + 1) else { return };
        let scope = self.place(state) >> 16;
        self.store_lock(slot, object);
        self.out.lock_scopes.push(scope);
        self.locked.push(value);
    }

    /// A monitor is left: the youngest record of the object goes.
    pub(super) fn forget_lock(&mut self, value: hir::Value, object: Value) {
        let slots: Vec<StackSlot> = self.out.slots[1..=self.locked.len()].to_vec();
        let mut same = (0..slots.len()).filter(|n| self.locked[*n] == value);
        if let (Some(n), None) = (same.next(), same.next()) {
            let none = self.iconst(I32, 0);
            self.store_lock(slots[n], none);
            return;
        }
        let flags = self.region(Region::Buffer);
        let mut wanted = object;
        for slot in slots.into_iter().rev() {
            let at = self.b.ins().stack_addr(I64, slot, 0);
            let held = self.b.ins().load(I32, flags, at, 0);
            let is = self.b.ins().icmp(IntCC::Equal, held, wanted);
            let none = self.iconst(I32, 0);
            let left = self.b.ins().select(is, none, held);
            self.b.ins().store(flags, left, at, 0);
            // No slot with an object has this one.
            let nothing = self.iconst(I32, -1);
            wanted = self.b.ins().select(is, nothing, wanted);
        }
    }
}
