//! Methods that compiled code does by itself.

use super::*;
use crate::intrinsics;
use caturra_hir::env::Intrinsic;
use caturra_kernel::oops::class::Class;
use caturra_kernel::oops::method::MethodKind;
use cranelift_codegen::ir::{AtomicRmwOp, BlockArg};

/// The Java type that a machine type is on the stack.
fn kind_of(ty: Type) -> Ty {
    match ty {
        F64 => Ty::Double,
        F32 => Ty::Float,
        I64 => Ty::Long,
        _ => Ty::Int,
    }
}

impl Translator<'_> {
    /// Emits `method` inline where it is one of a few; the receiver has been checked. False: call it.
    pub(super) fn intrinsic(&mut self, method: MethodRef, arguments: &[Value]) -> bool {
        if !method.has(MethodFlags::INTRINSIC_CANDIDATE) || !method.holder.loader.is_boot() {
            return false;
        }
        if method.holder == self.jit.vm().wk.system() && method.kind() != MethodKind::Bytecode {
            return self.system_method(method, arguments);
        }
        if method.holder == self.jit.vm().wk.class() && method.name == "isInstance" {
            let value = self.is_instance(arguments[0], arguments[1]);
            self.push_int(value);
            return true;
        }
        if let Some(routine) = intrinsics::routine(method) {
            return self.routine(routine, method, arguments);
        }
        let Some(intrinsic) = intrinsics::of(method) else { return false };
        let ty = |t: &Self, i: usize| t.b.func.dfg.value_type(arguments[i]);
        let (ret, value) = match (intrinsic, arguments) {
            (Intrinsic::GetClass, [object]) => {
                let address = self.address(*object);
                let class = self.load_class(address);
                let mirror = self.b.ins().load(I32, PLAIN, class, offset_of!(Class, mirror) as i32);
                self.known.not_null.insert(mirror);
                (Ty::Ref, mirror)
            }
            (Intrinsic::CurrentThread, []) => {
                let object = self.load_thread(I32, thread::OBJECT);
                self.known.not_null.insert(object);
                (Ty::Ref, object)
            }
            (Intrinsic::Sqrt, [x]) => (Ty::Double, self.b.ins().sqrt(*x)),
            (Intrinsic::Ceil, [x]) => (Ty::Double, self.b.ins().ceil(*x)),
            (Intrinsic::Floor, [x]) => (Ty::Double, self.b.ins().floor(*x)),
            (Intrinsic::Rint, [x]) => (Ty::Double, self.b.ins().nearest(*x)),
            (Intrinsic::Abs, [x]) if ty(self, 0).is_float() => (kind_of(ty(self, 0)), self.b.ins().fabs(*x)),
            (Intrinsic::Abs, [x]) => (kind_of(ty(self, 0)), self.b.ins().iabs(*x)),
            (Intrinsic::Min, [x, y]) if ty(self, 0).is_float() => {
                (kind_of(ty(self, 0)), self.b.ins().fmin(*x, *y))
            }
            (Intrinsic::Max, [x, y]) if ty(self, 0).is_float() => {
                (kind_of(ty(self, 0)), self.b.ins().fmax(*x, *y))
            }
            (Intrinsic::Min, [x, y]) => (kind_of(ty(self, 0)), self.b.ins().smin(*x, *y)),
            (Intrinsic::Max, [x, y]) => (kind_of(ty(self, 0)), self.b.ins().smax(*x, *y)),
            (Intrinsic::MultiplyHigh, [x, y]) => (Ty::Long, self.b.ins().smulhi(*x, *y)),
            (Intrinsic::Fma, [x, y, z]) => (kind_of(ty(self, 0)), self.b.ins().fma(*x, *y, *z)),
            (Intrinsic::BitCount, [x]) => self.bit_count(*x, |b, x| b.ins().popcnt(x)),
            (Intrinsic::LeadingZeros, [x]) => self.bit_count(*x, |b, x| b.ins().clz(x)),
            (Intrinsic::TrailingZeros, [x]) => self.bit_count(*x, |b, x| b.ins().ctz(x)),
            (Intrinsic::ReverseBytes, [x]) => (kind_of(ty(self, 0)), self.b.ins().bswap(*x)),
            (Intrinsic::FloatToRawIntBits, [x]) => {
                (Ty::Int, self.b.ins().bitcast(I32, MemFlagsData::new(), *x))
            }
            (Intrinsic::IntBitsToFloat, [x]) => {
                (Ty::Float, self.b.ins().bitcast(F32, MemFlagsData::new(), *x))
            }
            (Intrinsic::DoubleToRawLongBits, [x]) => {
                (Ty::Long, self.b.ins().bitcast(I64, MemFlagsData::new(), *x))
            }
            (Intrinsic::LongBitsToDouble, [x]) => {
                (Ty::Double, self.b.ins().bitcast(F64, MemFlagsData::new(), *x))
            }
            // Loads and stores of this processor have acquire and release order as they are.
            (Intrinsic::OnSpinWait | Intrinsic::LoadFence | Intrinsic::StoreFence, _) => return true,
            (Intrinsic::FullFence, _) => {
                self.b.ins().fence();
                return true;
            }
            (_, [_, object, offset, values @ ..]) => {
                return self.unsafe_access(intrinsic, *object, *offset, values);
            }
            _ => return false,
        };
        self.push(ret, value);
        true
    }

    fn bit_count(
        &mut self,
        x: Value,
        operation: fn(&mut FunctionBuilder<'_>, Value) -> Value,
    ) -> (Ty, Value) {
        let count = operation(&mut self.b, x);
        let wide = self.b.func.dfg.value_type(count) == I64;
        (Ty::Int, if wide { self.b.ins().ireduce(I32, count) } else { count })
    }

    /// By a routine of the VM, or, where that refuses, by the method: see `intrinsics::routine`.
    fn routine(&mut self, routine: RuntimeCall, method: MethodRef, arguments: &[Value]) -> bool {
        if self.jit.ensure_direct_entry(method).is_err() {
            return false;
        }
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let result =
            (method.ret != BasicType::Void).then(|| self.b.append_block_param(on, ir_type(method.ret)));
        let answer = self.call_runtime(routine, arguments).expect("routines have results");
        if routine.kind() == Kind::Anchored {
            self.b.ins().brif(answer, on, &[answer.into()], slow, &[]);
            self.start(slow);
            self.check_pending();
        } else {
            let narrow: Vec<BlockArg> =
                result.iter().map(|_| self.b.ins().ireduce(I32, answer).into()).collect();
            let refused = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, answer, 0);
            self.b.ins().brif(refused, slow, &[], on, &narrow);
            self.start(slow);
        }
        let signature = self.signature(false, method.signature.params, method.ret);
        let cell = self.iconst(I64, method.from_compiled_direct.as_ptr() as i64);
        let entry = self.b.ins().load(I64, PLAIN, cell, 0);
        let call = self.b.ins().call_indirect(signature, entry, arguments);
        let value = self.b.inst_results(call).first().copied();
        self.check_after_call();
        let values: Vec<BlockArg> = value.into_iter().map(Into::into).collect();
        self.b.ins().jump(on, &values);
        self.start(on);
        if let Some(result) = result {
            self.push(Ty::of(method.ret), result);
        }
        true
    }

    /// Natives of `System`.
    fn system_method(&mut self, method: MethodRef, arguments: &[Value]) -> bool {
        match (method.name.bytes(), arguments) {
            (b"arraycopy", [from, at, to, to_at, length]) => {
                self.array_copy(method, &[*from, *at, *to, *to_at, *length])
            }
            (b"identityHashCode", [object]) => {
                let value = self.identity_hash(*object);
                self.push_int(value);
                true
            }
            _ => false,
        }
    }

    /// `System.identityHashCode`: 0 for null.
    fn identity_hash(&mut self, object: Value) -> Value {
        let (hash, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let none = self.iconst(I32, 0);
        self.b.ins().brif(object, hash, &[], on, &[none.into()]);
        self.start(hash);
        let value = self.call_runtime(RuntimeCall::identity_hash, &[object]).expect("the call has a result");
        self.b.ins().jump(on, &[value.into()]);
        self.start(on);
        result
    }

    /// `Class.isInstance`: no object is an instance of a primitive type.
    fn is_instance(&mut self, mirror: Value, object: Value) -> Value {
        let (test, on) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        let no = self.iconst(I32, 0);
        self.b.ins().brif(object, test, &[], on, &[no.into()]);
        self.start(test);
        let mirror = self.address_of(mirror);
        let wanted = self.b.ins().uload32(PLAIN, mirror, self.jit.vm().off.class_klass() as i32);
        let object = self.address_of(object);
        let class = self.load_class(object);
        let is =
            self.call_runtime(RuntimeCall::is_subclass, &[class, wanted]).expect("the call has a result");
        self.b.ins().jump(on, &[is.into()]);
        self.start(on);
        result
    }

    /// `jdk.internal.misc.Unsafe`: access to memory by object and offset, or by address alone with a null object.
    fn unsafe_access(
        &mut self,
        intrinsic: Intrinsic,
        object: Value,
        offset: Value,
        values: &[Value],
    ) -> bool {
        if self.b.func.dfg.value_type(offset) != I64 || self.b.func.dfg.value_type(object) != I32 {
            return false;
        }
        let base = self.address_of(object);
        let address = self.b.ins().iadd(base, offset);
        match (intrinsic, values) {
            (Intrinsic::UnsafeGet(ty, volatile), []) => {
                let mut value =
                    if volatile { self.load_volatile(ty, address) } else { self.load_typed(ty, address, 0) };
                if ty == BasicType::Boolean {
                    let set = self.b.ins().icmp_imm_u(IntCC::NotEqual, value, 0);
                    value = self.b.ins().uextend(I32, set);
                }
                self.push(Ty::of(ty), value);
            }
            (Intrinsic::UnsafePut(ty, volatile), [value]) => {
                let value =
                    if ty == BasicType::Boolean { self.b.ins().band_imm_u(*value, 1) } else { *value };
                if volatile {
                    self.store_volatile(ty, value, address);
                } else {
                    self.store_typed(ty, value, address, 0);
                }
                self.barrier(ty, address);
            }
            (Intrinsic::UnsafeGetAndAdd(ty), [value]) => {
                self.atomic_update(ty, AtomicRmwOp::Add, address, *value);
            }
            (Intrinsic::UnsafeGetAndSet(ty), [value]) => {
                self.atomic_update(ty, AtomicRmwOp::Xchg, address, *value);
            }
            (Intrinsic::UnsafeCompareAndSet(ty), [expected, value]) => {
                let before = self.b.ins().atomic_cas(PLAIN, address, *expected, *value);
                self.barrier(ty, address);
                let done = self.b.ins().icmp(IntCC::Equal, before, *expected);
                let done = self.b.ins().uextend(I32, done);
                self.push_int(done);
            }
            (Intrinsic::UnsafeCompareAndExchange(ty), [expected, value]) => {
                let before = self.b.ins().atomic_cas(PLAIN, address, *expected, *value);
                self.barrier(ty, address);
                self.push(Ty::of(ty), before);
            }
            _ => return false,
        }
        true
    }

    fn atomic_update(&mut self, ty: BasicType, operation: AtomicRmwOp, address: Value, value: Value) {
        let before = self.b.ins().atomic_rmw(ir_type(ty), PLAIN, operation, address, value);
        self.barrier(ty, address);
        self.push(Ty::of(ty), before);
    }

    /// What follows a store.
    fn barrier(&mut self, ty: BasicType, address: Value) {
        if ty == BasicType::Reference {
            self.mark_card(address);
        }
    }

    /// `System.arraycopy`: the plain cases by a call without ceremony, all else by the native method.
    fn array_copy(&mut self, method: MethodRef, arguments: &[Value; 5]) -> bool {
        if self.jit.ensure_direct_entry(method).is_err() {
            return false;
        }
        let (slow, on) = (self.cold_block(), self.b.create_block());
        let thread = self.thread();
        let mut all = arguments.to_vec();
        all.push(thread);
        let done = self.call_runtime(RuntimeCall::array_copy, &all).expect("the call has a result");
        self.b.ins().brif(done, on, &[], slow, &[]);
        self.start(slow);
        let params = method.signature.params;
        let signature = self.signature(false, params, BasicType::Void);
        let cell = self.iconst(I64, method.from_compiled_direct.as_ptr() as i64);
        let entry = self.b.ins().load(I64, PLAIN, cell, 0);
        self.b.ins().call_indirect(signature, entry, arguments);
        self.check_pending();
        self.b.ins().jump(on, &[]);
        self.start(on);
        true
    }
}
