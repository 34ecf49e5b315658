//! Fields, array elements, constants.

use super::arithmetic::memory_type;
use super::*;
use caturra_heap::layout::{ARRAY_BASE, ARRAY_BASE_WIDE, ARRAY_LENGTH_OFFSET};
use caturra_heap::objref::REF_SHIFT;
use caturra_heap::{CARD_DIRTY, CARD_SHIFT};
use caturra_kernel::FieldRef;
use caturra_kernel::oops::class::Class;
use caturra_kernel::oops::constant_pool::{CpSlot, CpTag, STATE_RESOLVED};
use std::sync::atomic::Ordering;

impl Translator<'_> {
    /// The address of a non-null reference's object.
    pub(super) fn address(&mut self, reference: Value) -> Value {
        if let Some(a) = self.known.addresses.get(&reference) {
            return *a;
        }
        let wide = self.b.ins().uextend(I64, reference);
        let address = self.b.ins().ishl_imm_u(wide, i64::from(REF_SHIFT));
        self.known.addresses.insert(reference, address);
        address
    }

    /// Marks the card of the slot at `address`, into which a reference has been stored.
    pub(super) fn mark_card(&mut self, address: Value) {
        let card = self.b.ins().ushr_imm_u(address, i64::from(CARD_SHIFT));
        let base = self.iconst(I64, self.jit.vm().heap.card_base() as i64);
        let at = self.b.ins().iadd(base, card);
        let dirty = self.iconst(I8, i64::from(CARD_DIRTY));
        self.b.ins().store(PLAIN, dirty, at, 0);
    }

    /// The mirror of a class, which the class record holds.
    pub(super) fn load_mirror(&mut self, class: ClassRef) -> Value {
        let record = self.iconst(I64, class.as_raw() as i64);
        self.b.ins().load(I32, PLAIN, record, offset_of!(Class, mirror) as i32)
    }

    fn descriptor(&self, index: u16) -> BasicType {
        let (_, descriptor) = self.cp.member_name_and_type(index);
        BasicType::from_char(descriptor.bytes()[0]).unwrap_or(BasicType::Reference)
    }

    /// A field that is resolved, and that this instruction may use.
    fn resolved_field(&self, index: u16, put: bool, is_static: bool) -> Option<FieldRef> {
        let field = self.cp.resolved_field(index).filter(|f| f.is_static() == is_static)?;
        // Stores to final fields have more rules; they are left to the runtime until it has let one pass.
        if put && field.is_final() && (field.holder != self.holder || !self.method.is_initializer()) {
            return None;
        }
        (!is_static || field.holder.is_initialized()).then_some(field)
    }

    pub(super) fn get_static(&mut self, index: u16) -> Result<(), Rejected> {
        let ty = self.descriptor(index);
        let value = match self.resolved_field(index, false, true) {
            Some(field) => {
                let address = field.holder.mirror().field_addr(field.offset as usize) as i64;
                let address = self.iconst(I64, address);
                if field.is_volatile() {
                    self.load_volatile(ty, address)
                } else {
                    self.load_typed(ty, address, 0)
                }
            }
            None => {
                let address = self.static_address(index, false)?;
                self.load_volatile(ty, address)
            }
        };
        self.push(Ty::of(ty), value);
        Ok(())
    }

    pub(super) fn put_static(&mut self, index: u16) -> Result<(), Rejected> {
        let ty = self.descriptor(index);
        let (address, volatile) = match self.resolved_field(index, true, true) {
            Some(field) => {
                let address = field.holder.mirror().field_addr(field.offset as usize) as i64;
                (self.iconst(I64, address), field.is_volatile())
            }
            None => (self.static_address(index, true)?, true),
        };
        let value = self.pop();
        self.store_field(ty, value, address, 0, volatile);
        Ok(())
    }

    /// The address of a static field that was not resolved, or whose class was not initialised.
    fn static_address(&mut self, index: u16, put: bool) -> Result<Value, Rejected> {
        self.cached_in_cell(RuntimeCall::static_field, index, Some(put))
    }

    /// What a runtime call finds out once and then keeps in a cell: `call(method, index, [put,] cell)`.
    pub(super) fn cached_in_cell(
        &mut self,
        call: RuntimeCall,
        index: u16,
        put: Option<bool>,
    ) -> Result<Value, Rejected> {
        let cell = &raw const self.cells(1)?[0];
        let cell = self.iconst(I64, cell as i64);
        let kept = self.b.ins().load(I64, PLAIN, cell, 0);
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I64);
        self.b.ins().brif(kept, on, &[kept.into()], slow, &[]);
        self.start(slow);
        let mut arguments = vec![self.method_constant(), self.iconst(I32, i64::from(index))];
        if let Some(put) = put {
            arguments.push(self.iconst(I32, i64::from(put)));
        }
        arguments.push(cell);
        let found = self.call_throwing(call, &arguments).expect("the call has a result");
        self.b.ins().jump(on, &[found.into()]);
        self.start(on);
        Ok(result)
    }

    fn store_field(&mut self, ty: BasicType, value: Value, address: Value, offset: i32, volatile: bool) {
        let value = if ty == BasicType::Boolean { self.b.ins().band_imm_u(value, 1) } else { value };
        if volatile {
            let at = self.b.ins().iadd_imm_s(address, i64::from(offset));
            self.store_volatile(ty, value, at);
        } else {
            self.store_typed(ty, value, address, offset);
        }
        if ty == BasicType::Reference {
            let at = self.b.ins().iadd_imm_s(address, i64::from(offset));
            self.mark_card(at);
        }
    }

    pub(super) fn get_field(&mut self, index: u16) -> Result<(), Rejected> {
        let ty = self.descriptor(index);
        let field = self.resolved_field(index, false, false);
        let offset = match field {
            Some(_) => None,
            None => Some(self.cached_in_cell(RuntimeCall::instance_field, index, Some(false))?),
        };
        let object = self.pop();
        self.null_check(object);
        let address = self.address(object);
        let value = match (field, offset) {
            (Some(f), _) if !f.is_volatile() => self.load_typed(ty, address, f.offset as i32),
            (Some(f), _) => {
                let at = self.b.ins().iadd_imm_s(address, i64::from(f.offset));
                self.load_volatile(ty, at)
            }
            (None, Some(offset)) => {
                let at = self.b.ins().iadd(address, offset);
                self.load_volatile(ty, at)
            }
            (None, None) => unreachable!("one of them is there"),
        };
        self.push(Ty::of(ty), value);
        Ok(())
    }

    pub(super) fn put_field(&mut self, index: u16) -> Result<(), Rejected> {
        let ty = self.descriptor(index);
        let field = self.resolved_field(index, true, false);
        let offset = match field {
            Some(_) => None,
            None => Some(self.cached_in_cell(RuntimeCall::instance_field, index, Some(true))?),
        };
        let value = self.pop();
        let object = self.pop();
        self.null_check(object);
        let address = self.address(object);
        match (field, offset) {
            (Some(f), _) => self.store_field(ty, value, address, f.offset as i32, f.is_volatile()),
            (None, Some(offset)) => {
                let at = self.b.ins().iadd(address, offset);
                self.store_field(ty, value, at, 0, true);
            }
            (None, None) => unreachable!("one of them is there"),
        }
        Ok(())
    }

    pub(super) fn array_length(&mut self, array: Value) -> Value {
        self.null_check(array);
        if let Some(length) = self.known.lengths.get(&array) {
            return *length;
        }
        let address = self.address(array);
        let length = self.b.ins().load(I32, PLAIN, address, ARRAY_LENGTH_OFFSET as i32);
        self.known.lengths.insert(array, length);
        length
    }

    /// Address (less the constant part, also given) of an element, after the checks.
    fn element(&mut self, ty: BasicType, array: Value, index: Value) -> (Value, i32) {
        let length = self.array_length(array);
        if self.known.in_bounds.insert((array, index)) {
            let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, index, length);
            self.throw_unless(inside, RuntimeCall::throw_bounds, &[index, length]);
        }
        let size = memory_type(ty).bytes();
        let base = if size == 8 { ARRAY_BASE_WIDE } else { ARRAY_BASE } as i32;
        let address = self.address(array);
        let wide = self.b.ins().uextend(I64, index);
        let scaled =
            if size > 1 { self.b.ins().ishl_imm_u(wide, i64::from(size.trailing_zeros())) } else { wide };
        (self.b.ins().iadd(address, scaled), base)
    }

    pub(super) fn load_element(&mut self, ty: BasicType) {
        let index = self.pop();
        let array = self.pop();
        let (address, base) = self.element(ty, array, index);
        let value = self.load_typed(ty, address, base);
        self.push(Ty::of(ty), value);
    }

    pub(super) fn store_element(&mut self, ty: BasicType) {
        let value = self.pop();
        let index = self.pop();
        let array = self.pop();
        let (address, base) = self.element(ty, array, index);
        match ty {
            BasicType::Reference => {
                self.check_store(array, value);
                let at = self.b.ins().iadd_imm_s(address, i64::from(base));
                self.b.ins().store(PLAIN, value, at, 0);
                self.mark_card(at);
            }
            // `bastore` serves boolean arrays too, which take the lowest bit only (JVMS §6.5).
            BasicType::Byte => {
                let object = self.address(array);
                let class = self.load_class(object);
                let element = self.b.ins().uload8(I32, PLAIN, class, offset_of!(Class, element_type) as i32);
                let boolean =
                    self.b.ins().icmp_imm_u(IntCC::Equal, element, i64::from(BasicType::Boolean as u8));
                let (one, all) = (self.iconst(I32, 1), self.iconst(I32, 0xff));
                let mask = self.b.ins().select(boolean, one, all);
                let masked = self.b.ins().band(value, mask);
                self.store_typed(ty, masked, address, base);
            }
            _ => self.store_typed(ty, value, address, base),
        }
    }

    /// `ArrayStoreException` where the element type forbids the value (JVMS §6.5 aastore).
    fn check_store(&mut self, array: Value, value: Value) {
        let (test, slow, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(value, test, &[], on, &[]);
        self.start(test);
        let object = self.address_of(array);
        let class = self.load_class(object);
        let component = self.b.ins().load(I64, PLAIN, class, offset_of!(Class, component) as i32);
        let stored = self.address_of(value);
        let stored = self.load_class(stored);
        let same = self.b.ins().icmp(IntCC::Equal, component, stored);
        self.b.ins().brif(same, on, &[], slow, &[]);
        self.start(slow);
        let may = self.call_runtime(RuntimeCall::may_store, &[array, value]).expect("the call has a result");
        self.throw_unless(may, RuntimeCall::throw_array_store, &[value]);
        self.b.ins().jump(on, &[]);
        self.start(on);
    }

    /// As [`Self::address`], in code that does not dominate what follows.
    pub(super) fn address_of(&mut self, reference: Value) -> Value {
        if let Some(a) = self.known.addresses.get(&reference) {
            return *a;
        }
        let wide = self.b.ins().uextend(I64, reference);
        self.b.ins().ishl_imm_u(wide, i64::from(REF_SHIFT))
    }

    /// The class record's address of the object at `address`.
    pub(super) fn load_class(&mut self, address: Value) -> Value {
        self.b.ins().uload32(PLAIN, address, caturra_heap::layout::CLASS_OFFSET as i32)
    }

    /// `ldc`, `ldc_w`, `ldc2_w`.
    pub(super) fn load_constant(&mut self, index: u16) {
        let slot = self.cp.slot(index);
        let bits = slot.value.load(Ordering::Acquire) as i64;
        let resolved = self.cp.state(index) == STATE_RESOLVED;
        match self.cp.tag(index) {
            CpTag::Integer => self.push_const(Ty::Int, bits),
            CpTag::Float => self.push_const(Ty::Float, bits),
            CpTag::Long => self.push_const(Ty::Long, bits),
            CpTag::Double => self.push_const(Ty::Double, bits),
            CpTag::Class => match self.cp.resolved_class(index) {
                Some(class) => {
                    let mirror = self.load_mirror(class);
                    self.known.not_null.insert(mirror);
                    self.push(Ty::Ref, mirror);
                }
                None => {
                    let value = self.constant_at_run_time(index, BasicType::Reference);
                    self.push(Ty::Ref, value);
                }
            },
            CpTag::Dynamic => {
                let ty = self.descriptor(index);
                let value = if resolved && ty == BasicType::Reference {
                    self.load_slot(index)
                } else {
                    self.constant_at_run_time(index, ty)
                };
                self.push(Ty::of(ty), value);
            }
            // The collector may move what the slot refers to: it is read each time.
            _ if resolved => {
                let value = self.load_slot(index);
                self.known.not_null.insert(value);
                self.push(Ty::Ref, value);
            }
            _ => {
                let known = self.load_slot(index);
                let (slow, on) = (self.cold_block(), self.b.create_block());
                let result = self.b.append_block_param(on, I32);
                self.b.ins().brif(known, on, &[known.into()], slow, &[]);
                self.start(slow);
                let value = self.constant_at_run_time(index, BasicType::Reference);
                self.b.ins().jump(on, &[value.into()]);
                self.start(on);
                self.push(Ty::Ref, result);
            }
        }
    }

    fn load_slot(&mut self, index: u16) -> Value {
        let slot = std::ptr::from_ref(self.cp.slot(index)) as i64;
        let slot = self.iconst(I64, slot);
        self.b.ins().load(I32, PLAIN, slot, offset_of!(CpSlot, value) as i32)
    }

    fn constant_at_run_time(&mut self, index: u16, ty: BasicType) -> Value {
        let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
        let bits =
            self.call_throwing(RuntimeCall::load_constant, &[method, index]).expect("the call has a result");
        self.value_of_slot(bits, ty)
    }

    /// A value of type `ty` from slot bits.
    pub(super) fn value_of_slot(&mut self, bits: Value, ty: BasicType) -> Value {
        match ir_type(ty) {
            F64 => self.b.ins().bitcast(F64, MemFlagsData::new(), bits),
            F32 => {
                let low = self.b.ins().ireduce(I32, bits);
                self.b.ins().bitcast(F32, MemFlagsData::new(), low)
            }
            I32 => self.b.ins().ireduce(I32, bits),
            _ => bits,
        }
    }
}
