//! Fields, elements, memory by offset, and the rest of the operations.

use super::*;
use caturra_heap::layout::{ARRAY_BASE, ARRAY_BASE_WIDE, ARRAY_LENGTH_OFFSET, CLASS_OFFSET};
use caturra_heap::objref::REF_SHIFT;
use caturra_heap::{CARD_DIRTY, CARD_SHIFT};
use caturra_hir::env::FieldAccess;
use caturra_hir::fold::integer;
use caturra_hir::op::{AtomicOp, BinaryOp, FenceKind};
use caturra_kernel::oops::class::Class;
use cranelift_codegen::ir::AtomicRmwOp;
use cranelift_codegen::ir::types::{I8, I16};
use std::mem::offset_of;

/// The integer type with the size of a field or element.
fn memory_type(ty: BasicType) -> Type {
    match ty {
        BasicType::Boolean | BasicType::Byte => I8,
        BasicType::Char | BasicType::Short => I16,
        BasicType::Long | BasicType::Double => I64,
        _ => I32,
    }
}

/// 128 bits of values of a type.
pub(super) fn lanes_of(ty: HirType) -> Type {
    machine_type(ty).by(128 / machine_type(ty).bits()).expect("128 bits are a vector")
}

impl Lowering<'_> {
    /// The address of a non-null reference's object.
    pub(super) fn address(&mut self, reference: Value) -> Value {
        if let Some(address) = self.invariants.address(reference) {
            return address;
        }
        let wide = self.b.ins().uextend(I64, reference);
        self.b.ins().ishl_imm_u(wide, i64::from(REF_SHIFT))
    }

    /// Marks the card of the slot at `address`, into which a reference has been stored.
    fn mark_card(&mut self, address: Value) {
        let card = self.b.ins().ushr_imm_u(address, i64::from(CARD_SHIFT));
        let base = self.iconst(I64, self.jit.vm().heap.card_base() as i64);
        let at = self.b.ins().iadd(base, card);
        let dirty = self.iconst(I8, i64::from(CARD_DIRTY));
        let flags = self.region(Region::Cards);
        self.b.ins().store(flags, dirty, at, 0);
    }

    /// The class id of the object at `address`.
    pub(super) fn load_class_id(&mut self, address: Value) -> Value {
        let flags = self.region(Region::Header);
        self.b.ins().load(I32, flags, address, CLASS_OFFSET as i32)
    }

    /// The class record's address of the object at `address`.
    pub(super) fn load_class(&mut self, address: Value) -> Value {
        let id = self.load_class_id(address);
        self.b.ins().uextend(I64, id)
    }

    fn load_typed(&mut self, ty: BasicType, flags: MemFlagsData, address: Value, offset: i32) -> Value {
        let ins = self.b.ins();
        match ty {
            BasicType::Boolean | BasicType::Byte => ins.sload8(I32, flags, address, offset),
            BasicType::Char => ins.uload16(I32, flags, address, offset),
            BasicType::Short => ins.sload16(I32, flags, address, offset),
            BasicType::Long => ins.load(I64, flags, address, offset),
            BasicType::Float => ins.load(F32, flags, address, offset),
            BasicType::Double => ins.load(F64, flags, address, offset),
            _ => ins.load(I32, flags, address, offset),
        }
    }

    fn store_typed(&mut self, ty: BasicType, flags: MemFlagsData, value: Value, address: Value, offset: i32) {
        let ins = self.b.ins();
        match ty {
            BasicType::Boolean | BasicType::Byte => ins.istore8(flags, value, address, offset),
            BasicType::Char | BasicType::Short => ins.istore16(flags, value, address, offset),
            _ => ins.store(flags, value, address, offset),
        };
    }

    fn load_volatile(&mut self, ty: BasicType, address: Value) -> Value {
        let raw = self.b.ins().atomic_load(memory_type(ty), PLAIN, address);
        self.value_in_memory(ty, raw)
    }

    /// A Java value of the bits in memory.
    fn value_in_memory(&mut self, ty: BasicType, raw: Value) -> Value {
        match ty {
            BasicType::Boolean | BasicType::Byte | BasicType::Short => self.b.ins().sextend(I32, raw),
            BasicType::Char => self.b.ins().uextend(I32, raw),
            BasicType::Float => self.b.ins().bitcast(F32, MemFlagsData::new(), raw),
            BasicType::Double => self.b.ins().bitcast(F64, MemFlagsData::new(), raw),
            _ => raw,
        }
    }

    fn bits_in_memory(&mut self, ty: BasicType, value: Value) -> Value {
        match ty {
            BasicType::Float => self.b.ins().bitcast(I32, MemFlagsData::new(), value),
            BasicType::Double => self.b.ins().bitcast(I64, MemFlagsData::new(), value),
            _ if memory_type(ty).bits() < 32 => self.b.ins().ireduce(memory_type(ty), value),
            _ => value,
        }
    }

    fn store_volatile(&mut self, ty: BasicType, value: Value, address: Value) {
        let raw = self.bits_in_memory(ty, value);
        self.b.ins().atomic_store(PLAIN, raw, address);
    }

    fn load_field(&mut self, f: FieldAccess, base: Value, offset: i32) -> Value {
        if f.volatile {
            let at = self.b.ins().iadd_imm_s(base, i64::from(offset));
            return self.load_volatile(f.ty, at);
        }
        let flags = self.region(Region::Field(f.id.0));
        self.load_typed(f.ty, flags, base, offset)
    }

    fn store_field(&mut self, f: FieldAccess, value: Value, base: Value, offset: i32, card: bool) {
        if f.volatile {
            let at = self.b.ins().iadd_imm_s(base, i64::from(offset));
            self.store_volatile(f.ty, value, at);
        } else {
            let flags = self.region(Region::Field(f.id.0));
            self.store_typed(f.ty, flags, value, base, offset);
        }
        if f.ty == BasicType::Reference && card {
            let at = self.b.ins().iadd_imm_s(base, i64::from(offset));
            self.mark_card(at);
        }
    }

    fn static_address(&mut self, f: FieldAccess) -> Value {
        let address = class_of_id(f.holder).mirror().field_addr(f.offset as usize) as i64;
        self.iconst(I64, address)
    }

    /// Address of an element, less the constant part, which is also given.
    fn element(&mut self, ty: BasicType, array: Value, index: hir::Value) -> (Value, i32) {
        let size = memory_type(ty).bytes();
        let base = if size == 8 { ARRAY_BASE_WIDE } else { ARRAY_BASE } as i32;
        let address = self.address(array);
        if let Some(c) = integer(self.hir, index) {
            // An index that has been checked is no negative number.
            let at = c * i64::from(size) + i64::from(base);
            if let Ok(at) = i32::try_from(at) {
                return (address, at);
            }
        }
        let (index, offset) = self.split_index(index);
        let index = self.value(index);
        let wide = self.b.ins().uextend(I64, index);
        let scaled =
            if size > 1 { self.b.ins().ishl_imm_u(wide, i64::from(size.trailing_zeros())) } else { wide };
        (self.b.ins().iadd(address, scaled), base + offset * size as i32)
    }

    /// An index as a value and a constant whose sum it is without overflow: both the sum, which has been checked, and the
    /// value are not negative, the latter because it is an index of an access before, or counts up from such a start.
    fn split_index(&mut self, index: hir::Value) -> (hir::Value, i32) {
        /// Constants up to this leave the displacement of an address far from overflow.
        const MOST: i64 = 1 << 20;
        let hir = self.hir;
        if let Some(d) = hir.def(index)
            && let Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), HirType::I32) = d.op
            && let Some(c) = integer(hir, d.args[1]).filter(|c| c.abs() <= MOST)
            && self.invariants.is_index(d.args[0])
        {
            return (d.args[0], if op == BinaryOp::Add { c } else { -c } as i32);
        }
        self.invariants.note_index(index);
        (index, 0)
    }

    /// The region of elements; `boolean` and `byte` arrays share instructions.
    fn elements(&mut self, ty: BasicType) -> MemFlagsData {
        let ty = if ty == BasicType::Boolean { BasicType::Byte } else { ty };
        self.region(Region::Elements(ty))
    }

    /// As [`Self::elements`], for several at once, which lie where they lie.
    fn lanes_in_memory(&mut self, ty: BasicType) -> MemFlagsData {
        let region = self.elements(ty).alias_region();
        MemFlagsData::new().with_notrap().with_alias_region(region)
    }

    /// Operations on memory and objects.
    pub(super) fn memory(
        &mut self,
        op: Op,
        data: &hir::InstData,
        args: &[Value],
    ) -> Result<Option<Value>, Rejected> {
        let value = match op {
            Op::LoadClass => {
                let object = self.address(args[0]);
                self.load_class_id(object)
            }
            Op::LoadVtable(index) => {
                let object = self.address(args[0]);
                let class = self.load_class(object);
                self.load_vtable(class, index)
            }
            Op::LoadMirror => {
                let object = self.address(args[0]);
                let class = self.load_class(object);
                let flags = self.region(Region::Metadata);
                self.b.ins().load(I32, flags, class, offset_of!(Class, mirror) as i32)
            }
            Op::IdentityHash => self.identity_hash(args[0]),
            Op::LoadField(f) => {
                let object = self.address(args[0]);
                self.load_field(f, object, f.offset as i32)
            }
            Op::StoreField(f) => {
                let object = self.address(args[0]);
                let card = self.needs_card(data.args[0], data.args[1]);
                self.store_field(f, args[1], object, f.offset as i32, card);
                return Ok(None);
            }
            Op::LoadStatic(f) => {
                let address = self.static_address(f);
                self.load_field(f, address, 0)
            }
            Op::StoreStatic(f) => {
                let address = self.static_address(f);
                self.store_field(f, args[0], address, 0, true);
                return Ok(None);
            }
            Op::ArrayLength => {
                let array = self.address(args[0]);
                let flags = self.region(Region::Header);
                self.b.ins().load(I32, flags, array, ARRAY_LENGTH_OFFSET as i32)
            }
            Op::LoadElem(ty) => {
                let (address, base) = self.element(ty, args[0], data.args[1]);
                let flags = self.elements(ty);
                self.load_typed(ty, flags, address, base)
            }
            Op::StoreElem(ty) => {
                let (address, base) = self.element(ty, args[0], data.args[1]);
                let flags = self.elements(ty);
                self.store_typed(ty, flags, args[2], address, base);
                if ty == BasicType::Reference && self.needs_card(data.args[0], data.args[2]) {
                    let at = self.b.ins().iadd_imm_s(address, i64::from(base));
                    self.mark_card(at);
                }
                return Ok(None);
            }
            Op::LoadLanes(ty) => {
                let (address, base) = self.element(ty, args[0], data.args[1]);
                let flags = self.lanes_in_memory(ty);
                let lanes = lanes_of(HirType::of(ty).unwrap_or(HirType::I32));
                self.b.ins().load(lanes, flags, address, base)
            }
            Op::StoreLanes(ty) => {
                let (address, base) = self.element(ty, args[0], data.args[1]);
                let flags = self.lanes_in_memory(ty);
                self.b.ins().store(flags, args[2], address, base);
                return Ok(None);
            }
            Op::MaskForArray => {
                let array = self.address(args[0]);
                let class = self.load_class(array);
                let flags = self.region(Region::Metadata);
                let at = offset_of!(Class, element_type) as i32;
                let element = self.b.ins().uload8(I32, flags, class, at);
                let boolean =
                    self.b.ins().icmp_imm_u(IntCC::Equal, element, i64::from(BasicType::Boolean as u8));
                let (one, all) = (self.iconst(I32, 1), self.iconst(I32, 0xff));
                let mask = self.b.ins().select(boolean, one, all);
                self.b.ins().band(args[1], mask)
            }
            Op::LoadRaw(ty, volatile) => {
                let address = self.raw_address(args);
                if volatile {
                    self.load_volatile(ty, address)
                } else {
                    let flags = self.region(Region::Heap);
                    self.load_typed(ty, flags, address, 0)
                }
            }
            Op::StoreRaw(ty, volatile) => {
                let address = self.raw_address(args);
                if volatile {
                    self.store_volatile(ty, args[2], address);
                } else {
                    let flags = self.region(Region::Heap);
                    self.store_typed(ty, flags, args[2], address, 0);
                }
                if ty == BasicType::Reference {
                    self.mark_card(address);
                }
                return Ok(None);
            }
            Op::Atomic(op, ty) => self.atomic(op, ty, args),
            Op::Fence(kind) => {
                match kind {
                    FenceKind::Full => {
                        self.b.ins().fence();
                    }
                    // Loads are not moved over an atomic one, and the machine keeps the order of the rest.
                    FenceKind::Acquire => {
                        let thread = self.b.ins().get_pinned_reg(I64);
                        let at = self.b.ins().iadd_imm_s(thread, i64::from(thread::POLL));
                        self.b.ins().atomic_load(I32, PLAIN, at);
                    }
                    FenceKind::Release | FenceKind::StoreStore => {}
                }
                return Ok(None);
            }
            Op::CurrentThread => self.load_thread(I32, thread::OBJECT),
            Op::Poll => {
                self.poll(data.state.expect("polls have states"), args.first().copied());
                return Ok(None);
            }
            Op::SpinWait => return Ok(None),
            Op::PendingException => self.load_thread(I32, thread::PENDING),
            Op::ClearException => {
                let none = self.iconst(I32, 0);
                self.store_thread(none, thread::PENDING);
                return Ok(None);
            }
            Op::MakeException(exception) => {
                self.make_exception(exception, args, data.state.expect("exceptions have states"));
                return Ok(None);
            }
            op => return self.object(op, data, args),
        };
        Ok(Some(value))
    }

    fn raw_address(&mut self, args: &[Value]) -> Value {
        let object = self.address(args[0]);
        self.b.ins().iadd(object, args[1])
    }

    fn atomic(&mut self, op: AtomicOp, ty: BasicType, args: &[Value]) -> Value {
        let address = self.raw_address(args);
        let value = match op {
            AtomicOp::CompareAndSet | AtomicOp::CompareAndExchange => {
                let (expected, new) = (self.bits_in_memory(ty, args[2]), self.bits_in_memory(ty, args[3]));
                let found = self.b.ins().atomic_cas(PLAIN, address, expected, new);
                if op == AtomicOp::CompareAndSet {
                    let done = self.b.ins().icmp(IntCC::Equal, found, expected);
                    self.b.ins().uextend(I32, done)
                } else {
                    self.value_in_memory(ty, found)
                }
            }
            AtomicOp::GetAndSet | AtomicOp::GetAndAdd => {
                let rmw = if op == AtomicOp::GetAndSet { AtomicRmwOp::Xchg } else { AtomicRmwOp::Add };
                let value = self.bits_in_memory(ty, args[2]);
                let before = self.b.ins().atomic_rmw(memory_type(ty), PLAIN, rmw, address, value);
                self.value_in_memory(ty, before)
            }
        };
        if ty == BasicType::Reference {
            self.mark_card(address);
        }
        value
    }
}
