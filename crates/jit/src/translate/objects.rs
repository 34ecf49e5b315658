//! Making objects, type tests.

use super::*;
use caturra_heap::LayoutKind;
use caturra_heap::layout::{ARRAY_LENGTH_OFFSET, CLASS_OFFSET, array_base};
use caturra_heap::objref::REF_SHIFT;
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::{Class, ClassKind, DISPLAY};

/// Arrays up to this size are made inline; the room check needs no overflow check for them.
const INLINE_ARRAY_BYTES: i64 = 16 << 10;

impl Translator<'_> {
    pub(super) fn new_object(&mut self, index: u16) {
        let class = self.cp.resolved_class(index).filter(|c| {
            c.is_initialized()
                && c.is_instance_class()
                && !c.is_abstract()
                && !c.is_interface()
                && c.prefix.layout != LayoutKind::Mirror as u8
        });
        let object = match class {
            Some(class) => {
                let size = self.iconst(I64, class.instance_size() as i64);
                self.allocate(size, class, None)
            }
            None => {
                let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
                self.call_throwing(RuntimeCall::new_unresolved, &[method, index])
                    .expect("the call has a result")
            }
        };
        self.known.not_null.insert(object);
        self.push(Ty::Ref, object);
    }

    /// Bumps the thread's allocation cursor by `size` (a multiple of 8) and stores the header; `length` is an array's.
    fn allocate(&mut self, size: Value, class: ClassRef, length: Option<Value>) -> Value {
        let (slow, fast, on) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        if let Some(length) = length {
            let most = (INLINE_ARRAY_BYTES - 32) >> class.prefix.elem_shift;
            let short = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, length, most);
            let try_fast = self.b.create_block();
            self.b.ins().brif(short, try_fast, &[], slow, &[]);
            self.start(try_fast);
        }
        let cursor = self.load_thread(I64, thread::TLAB_CURSOR);
        let limit = self.load_thread(I64, thread::TLAB_LIMIT);
        let end = self.b.ins().iadd(cursor, size);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.b.ins().brif(full, slow, &[], fast, &[]);
        self.start(fast);
        self.store_thread(end, thread::TLAB_CURSOR);
        // The length, then the class, which makes it an object for the collector.
        if let Some(length) = length {
            self.b.ins().store(PLAIN, length, cursor, ARRAY_LENGTH_OFFSET as i32);
        }
        let id = self.iconst(I32, i64::from(class.id()));
        self.b.ins().store(PLAIN, id, cursor, CLASS_OFFSET as i32);
        let narrow = self.b.ins().ushr_imm_u(cursor, i64::from(REF_SHIFT));
        let narrow = self.b.ins().ireduce(I32, narrow);
        self.b.ins().jump(on, &[narrow.into()]);
        self.start(slow);
        let record = self.iconst(I64, class.as_raw() as i64);
        let object = match length {
            Some(length) => self.call_slow(RuntimeCall::new_array, &[record, length], I32),
            None => self.call_slow(RuntimeCall::new_instance, &[record], I32),
        };
        self.b.ins().jump(on, &[object.into()]);
        self.start(on);
        result
    }

    fn allocate_array(&mut self, class: ClassRef, length: Value) -> Value {
        let shift = class.prefix.elem_shift;
        let wide = self.b.ins().uextend(I64, length);
        let bytes = self.b.ins().ishl_imm_u(wide, i64::from(shift));
        let padded = self.b.ins().iadd_imm_s(bytes, array_base(shift) as i64 + 7);
        let size = self.b.ins().band_imm_s(padded, -8);
        let array = self.allocate(size, class, Some(length));
        self.known.not_null.insert(array);
        self.known.lengths.insert(array, length);
        array
    }

    pub(super) fn new_primitive_array(&mut self, code: u8) -> Result<(), Rejected> {
        let ty = BasicType::from_newarray_code(code).ok_or_else(|| Rejected::Malformed("newarray".into()))?;
        let length = self.pop();
        let array = self.allocate_array(mirrors::primitive_array_class(self.jit.vm(), ty), length);
        self.push(Ty::Ref, array);
        Ok(())
    }

    pub(super) fn new_reference_array(&mut self, index: u16) {
        let length = self.pop();
        // The array class, if it has been made: only the runtime makes classes.
        let class = self.cp.resolved_class(index).and_then(|element| {
            let raw = element.array_class.load(std::sync::atomic::Ordering::Acquire);
            // SAFETY: zero, or the array class of a loaded class.
            (raw != 0).then(|| unsafe { ClassRef::from_raw(raw) })
        });
        let array = match class {
            Some(class) => self.allocate_array(class, length),
            None => {
                let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
                let array = self
                    .call_throwing(RuntimeCall::new_array_unresolved, &[method, index, length])
                    .expect("the call has a result");
                self.known.not_null.insert(array);
                array
            }
        };
        self.push(Ty::Ref, array);
    }

    pub(super) fn new_multi_array(&mut self, index: u16, dimensions: u8) {
        use cranelift_codegen::ir::{StackSlotData, StackSlotKind};
        let bytes = u32::from(dimensions) * 4;
        let lengths =
            self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3));
        for i in (0..i32::from(dimensions)).rev() {
            let length = self.pop();
            let at = self.b.ins().stack_addr(I64, lengths, 4 * i);
            self.b.ins().store(PLAIN, length, at, 0);
        }
        let at = self.b.ins().stack_addr(I64, lengths, 0);
        let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
        let count = self.iconst(I32, i64::from(dimensions));
        let array = self
            .call_throwing(RuntimeCall::new_multi_array, &[method, index, at, count])
            .expect("the call has a result");
        self.known.not_null.insert(array);
        self.push(Ty::Ref, array);
    }

    /// Whether the object of a non-null reference is an instance of `target` (JVMS §6.5 instanceof), as an integer.
    pub(super) fn type_test(&mut self, reference: Value, target: ClassRef) -> Value {
        let object = self.address_of(reference);
        let class = self.load_class(object);
        let exact =
            target.kind == ClassKind::Instance && target.is_final() || target.kind == ClassKind::PrimArray;
        if exact {
            return self.b.ins().icmp_imm_u(IntCC::Equal, class, target.as_raw() as i64);
        }
        let depth = target.depth as usize;
        if target.kind == ClassKind::Instance && !target.is_interface() && depth < DISPLAY {
            let at = offset_of!(Class, display) + 8 * depth;
            let entry = self.b.ins().load(I64, PLAIN, class, at as i32);
            return self.b.ins().icmp_imm_u(IntCC::Equal, entry, target.as_raw() as i64);
        }
        let (second, slow, on) = (self.b.create_block(), self.cold_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let wanted = self.iconst(I64, target.as_raw() as i64);
        let yes = self.iconst(I32, 1);
        let same = self.b.ins().icmp(IntCC::Equal, class, wanted);
        self.b.ins().brif(same, on, &[yes.into()], second, &[]);
        self.start(second);
        let cached = self.b.ins().load(I64, PLAIN, class, offset_of!(Class, secondary_cache) as i32);
        let same = self.b.ins().icmp(IntCC::Equal, cached, wanted);
        self.b.ins().brif(same, on, &[yes.into()], slow, &[]);
        self.start(slow);
        let is =
            self.call_runtime(RuntimeCall::is_subclass, &[class, wanted]).expect("the call has a result");
        self.b.ins().jump(on, &[is.into()]);
        self.start(on);
        result
    }

    pub(super) fn check_cast(&mut self, index: u16) {
        let item = self.pop_item();
        let object = self.materialise(item);
        self.profile_type(object);
        let (test, on) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(object, test, &[], on, &[]);
        self.start(test);
        match self.cp.resolved_class(index) {
            Some(target) => {
                let is = self.type_test(object, target);
                let record = self.iconst(I64, target.as_raw() as i64);
                self.throw_unless(is, RuntimeCall::throw_class_cast, &[object, record]);
            }
            None => {
                let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
                self.call_throwing(RuntimeCall::check_cast, &[method, index, object]);
            }
        }
        self.b.ins().jump(on, &[]);
        self.start(on);
        self.push(Ty::Ref, object);
    }

    pub(super) fn instance_of(&mut self, index: u16) {
        let object = self.pop();
        self.profile_type(object);
        let (test, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let no = self.iconst(I32, 0);
        self.b.ins().brif(object, test, &[], on, &[no.into()]);
        self.start(test);
        let is = match self.cp.resolved_class(index) {
            Some(target) => {
                let is = self.type_test(object, target);
                if self.b.func.dfg.value_type(is) == I32 { is } else { self.b.ins().uextend(I32, is) }
            }
            None => {
                let (method, index) = (self.method_constant(), self.iconst(I32, i64::from(index)));
                self.call_throwing(RuntimeCall::instance_of, &[method, index, object])
                    .expect("the call has a result")
            }
        };
        self.b.ins().jump(on, &[is.into()]);
        self.start(on);
        self.push_int(result);
    }

    /// The work of `Object.<init>`: objects with a finalizer are registered (JLS §12.6).
    pub(super) fn register_finalizer(&mut self, this: Value) {
        use caturra_kernel::oops::class::ClassFlags;
        let object = self.address_of(this);
        let class = self.load_class(object);
        let flags = self.b.ins().load(I32, PLAIN, class, offset_of!(Class, flags) as i32);
        let finalizable = self.b.ins().band_imm_u(flags, i64::from(ClassFlags::FINALIZABLE.bits()));
        let (register, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(finalizable, register, &[], on, &[]);
        self.start(register);
        self.call_throwing(RuntimeCall::register_finalizer, &[this]);
        self.b.ins().jump(on, &[]);
        self.start(on);
    }
}
