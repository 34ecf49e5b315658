//! Making objects, type tests, monitors.

use super::*;
use caturra_heap::layout::{ARRAY_LENGTH_OFFSET, CLASS_OFFSET, LOCK_OFFSET, array_base};
use caturra_heap::objref::REF_SHIFT;
use caturra_hir::op::TypeTest;
use caturra_kernel::oops::class::{Class, ClassFlags, ClassKind, DISPLAY};
use caturra_kernel::runtime::lock_word;
use std::mem::offset_of;

/// Arrays up to this size are made inline; the room check needs no overflow check for them.
const INLINE_ARRAY_BYTES: i64 = 16 << 10;

impl Lowering<'_> {
    pub(super) fn object(
        &mut self,
        op: Op,
        data: &hir::InstData,
        args: &[Value],
    ) -> Result<Option<Value>, Rejected> {
        let state = || data.state.expect("the operation has a state");
        let value = match op {
            Op::InstanceOf(test) => {
                let (look, on) = (self.b.create_block(), self.b.create_block());
                let result = self.b.append_block_param(on, I32);
                let no = self.iconst(I32, 0);
                self.b.ins().brif(args[0], look, &[], on, &[no.into()]);
                self.b.switch_to_block(look);
                let is = self.type_test(args[0], test);
                let is =
                    if self.b.func.dfg.value_type(is) == I32 { is } else { self.b.ins().uextend(I32, is) };
                self.b.ins().jump(on, &[is.into()]);
                self.b.switch_to_block(on);
                result
            }
            Op::New(class) => {
                let class = class_of_id(class);
                let size = self.iconst(I64, class.instance_size() as i64);
                self.allocate(size, class, None, state())
            }
            Op::NewArray(class, _) => {
                let class = class_of_id(class);
                let shift = class.prefix.elem_shift;
                let wide = self.b.ins().uextend(I64, args[0]);
                let bytes = self.b.ins().ishl_imm_u(wide, i64::from(shift));
                let padded = self.b.ins().iadd_imm_s(bytes, array_base(shift) as i64 + 7);
                let size = self.b.ins().band_imm_s(padded, -8);
                self.allocate(size, class, Some(args[0]), state())
            }
            Op::NewMultiArray(class) => self.new_multi_array(class_of_id(class), args, state()),
            Op::MonitorEnter => {
                self.enter_monitor(args[0], state());
                self.note_lock(data.args[0], args[0], state());
                return Ok(None);
            }
            Op::MonitorExit => {
                self.forget_lock(data.args[0], args[0]);
                self.exit_monitor(args[0], data.state);
                return Ok(None);
            }
            Op::RegisterFinalizer => {
                self.register_finalizer(args[0], state());
                return Ok(None);
            }
            op => return Err(Rejected::Malformed(format!("operation {op:?}"))),
        };
        Ok(Some(value))
    }

    /// Bumps the thread's allocation cursor by `size` (a multiple of 8) and stores the header; `length` is an array's.
    fn allocate(&mut self, size: Value, class: ClassRef, length: Option<Value>, state: hir::State) -> Value {
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        if let Some(length) = length {
            let most = (INLINE_ARRAY_BYTES - 32) >> class.prefix.elem_shift;
            let short = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, length, most);
            let try_fast = self.b.create_block();
            self.b.ins().brif(short, try_fast, &[], slow, &[]);
            self.b.switch_to_block(try_fast);
        }
        let cursor = self.load_thread(I64, thread::TLAB_CURSOR);
        let limit = self.load_thread(I64, thread::TLAB_LIMIT);
        let end = self.b.ins().iadd(cursor, size);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.b.ins().brif(full, slow, &[], fast, &[]);
        self.b.switch_to_block(fast);
        self.store_thread(end, thread::TLAB_CURSOR);
        let flags = self.region(Region::Header);
        // The length, then the class, which makes it an object for the collector.
        if let Some(length) = length {
            self.b.ins().store(flags, length, cursor, ARRAY_LENGTH_OFFSET as i32);
        }
        let id = self.iconst(I32, i64::from(class.id()));
        self.b.ins().store(flags, id, cursor, CLASS_OFFSET as i32);
        let narrow = self.b.ins().ushr_imm_u(cursor, i64::from(REF_SHIFT));
        let narrow = self.b.ins().ireduce(I32, narrow);
        self.b.ins().jump(on, &[narrow.into()]);
        self.b.switch_to_block(slow);
        let record = self.iconst(I64, class.as_raw() as i64);
        match length {
            Some(length) => self.call_runtime(RuntimeCall::new_array, &[record, length]),
            None => self.call_runtime(RuntimeCall::new_instance, &[record]),
        };
        let object = self.load_thread(I32, thread::SLOW_RESULT);
        self.check_after_slow_path(state, Some(object));
        self.b.ins().jump(on, &[object.into()]);
        self.b.switch_to_block(on);
        result
    }

    fn new_multi_array(&mut self, class: ClassRef, lengths: &[Value], state: hir::State) -> Value {
        let bytes = 4 * lengths.len() as u32;
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3));
        for (i, length) in lengths.iter().enumerate() {
            let at = self.b.ins().stack_addr(I64, slot, 4 * i as i32);
            self.b.ins().store(PLAIN, *length, at, 0);
        }
        let at = self.b.ins().stack_addr(I64, slot, 0);
        let (record, count) =
            (self.iconst(I64, class.as_raw() as i64), self.iconst(I32, lengths.len() as i64));
        let array = self.call_for(RuntimeCall::new_multi_array_of, &[record, at, count]);
        self.check_after_slow_path(state, Some(array));
        let on = self.b.create_block();
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
        array
    }

    /// Whether the object of a non-null reference is an instance (JVMS §6.5 instanceof); not zero where it is.
    pub(super) fn type_test(&mut self, reference: Value, test: TypeTest) -> Value {
        let target = class_of_id(test.class);
        let object = self.address(reference);
        let exact = test.exact
            || target.kind == ClassKind::Instance && target.is_final()
            || target.kind == ClassKind::PrimArray;
        if exact {
            let id = self.load_class_id(object);
            return self.b.ins().icmp_imm_u(IntCC::Equal, id, i64::from(target.id()));
        }
        let class = self.load_class(object);
        let metadata = self.region(Region::Metadata);
        let depth = target.depth as usize;
        if target.kind == ClassKind::Instance && !target.is_interface() && depth < DISPLAY {
            let at = offset_of!(Class, display) + 8 * depth;
            let entry = self.b.ins().load(I32, metadata, class, at as i32);
            return self.b.ins().icmp_imm_u(IntCC::Equal, entry, i64::from(target.id()));
        }
        let (second, slow, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let wanted = self.iconst(I64, target.as_raw() as i64);
        let yes = self.iconst(I32, 1);
        let same = self.b.ins().icmp(IntCC::Equal, class, wanted);
        self.b.ins().brif(same, on, &[yes.into()], second, &[]);
        self.b.switch_to_block(second);
        let cached = self.b.ins().load(I64, PLAIN, class, offset_of!(Class, secondary_cache) as i32);
        let same = self.b.ins().icmp(IntCC::Equal, cached, wanted);
        self.b.ins().brif(same, on, &[yes.into()], slow, &[]);
        self.b.switch_to_block(slow);
        let is = self.call_for(RuntimeCall::is_subclass, &[class, wanted]);
        self.b.ins().jump(on, &[is.into()]);
        self.b.switch_to_block(on);
        result
    }

    /// Leaves to `exit` where the element type forbids the value (JVMS §6.5 aastore).
    pub(super) fn store_check(&mut self, array: Value, value: Value, exit: Block) {
        let (test, slow, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(value, test, &[], on, &[]);
        self.b.switch_to_block(test);
        let metadata = self.region(Region::Metadata);
        let object = self.address(array);
        let class = self.load_class(object);
        let component = self.b.ins().load(I32, metadata, class, offset_of!(Class, component) as i32);
        let stored = self.address(value);
        let stored = self.load_class(stored);
        let id = self.b.ins().ireduce(I32, stored);
        let same = self.b.ins().icmp(IntCC::Equal, component, id);
        let (other, deep) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(same, on, &[], other, &[]);
        self.b.switch_to_block(other);
        // A superclass of the stored object's stands in its display; `Object`, too. Interfaces and arrays never do.
        let component = self.b.ins().uextend(I64, component);
        let depth = self.b.ins().load(I32, metadata, component, offset_of!(Class, depth) as i32);
        let beyond = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, depth, DISPLAY as i64);
        self.b.ins().brif(beyond, slow, &[], deep, &[]);
        self.b.switch_to_block(deep);
        let depth = self.b.ins().uextend(I64, depth);
        let at = self.b.ins().ishl_imm_u(depth, 3);
        let at = self.b.ins().iadd(stored, at);
        let entry = self.b.ins().load(I64, metadata, at, offset_of!(Class, display) as i32);
        let is = self.b.ins().icmp(IntCC::Equal, entry, component);
        self.b.ins().brif(is, on, &[], slow, &[]);
        self.b.switch_to_block(slow);
        let may = self.call_for(RuntimeCall::may_store, &[array, value]);
        self.b.ins().brif(may, on, &[], exit, &[]);
        self.b.switch_to_block(on);
    }

    /// The hash code in the lock word, where there is one; otherwise the VM's.
    pub(super) fn identity_hash(&mut self, object: Value) -> Value {
        let address = self.address(object);
        let word = self.b.ins().load(I32, PLAIN, address, LOCK_OFFSET as i32);
        let (look, ask, on) = (self.b.create_block(), self.cold_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let locked = self.b.ins().band_imm_u(word, i64::from(lock_word::LOCKED));
        self.b.ins().brif(locked, ask, &[], look, &[]);
        self.b.switch_to_block(look);
        let hash = self.b.ins().ushr_imm_u(word, i64::from(lock_word::HASH_SHIFT));
        self.b.ins().brif(hash, on, &[hash.into()], ask, &[]);
        self.b.switch_to_block(ask);
        let thread = self.b.ins().get_pinned_reg(I64);
        let hash = self.call_for(RuntimeCall::hash_of, &[object, thread]);
        self.b.ins().jump(on, &[hash.into()]);
        self.b.switch_to_block(on);
        result
    }

    /// The work of `Object.<init>`: objects with a finalizer are registered (JLS §12.6).
    fn register_finalizer(&mut self, this: Value, state: hir::State) {
        let object = self.address(this);
        let class = self.load_class(object);
        let metadata = self.region(Region::Metadata);
        let flags = self.b.ins().load(I32, metadata, class, offset_of!(Class, flags) as i32);
        let finalizable = self.b.ins().band_imm_u(flags, i64::from(ClassFlags::FINALIZABLE.bits()));
        let (register, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(finalizable, register, &[], on, &[]);
        self.b.switch_to_block(register);
        self.call_runtime(RuntimeCall::register_finalizer, &[this]);
        let exit = self.exit_throwing(state);
        let pending = self.load_thread(I32, thread::PENDING);
        self.b.ins().brif(pending, exit, &[], on, &[]);
        self.b.switch_to_block(on);
    }
}
