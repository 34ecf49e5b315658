//! The record of monitors held, which thread dumps read: as in tier 1 (`translate::monitors`), a stack slot for each place
//! that enters one, known by the activation that does. What slots hold is only looked at together with the owner.

use super::*;

/// Slots of a piece of code; further places leave no record.
const MOST_SLOTS: usize = 6;

impl Lowering<'_> {
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
