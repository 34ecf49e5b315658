//! Methods that compiled code does by itself.

use super::*;
use caturra_kernel::oops::method::MethodKind;

impl Translator<'_> {
    /// Emits `method` inline where it is one of a few; the receiver has been checked. False: call it.
    pub(super) fn intrinsic(&mut self, method: MethodRef, arguments: &[Value]) -> bool {
        if !method.has(MethodFlags::INTRINSIC_CANDIDATE) || !method.holder.loader.is_boot() {
            return false;
        }
        let (class, name) = (method.holder.name.bytes(), method.name.bytes());
        let value = match (class, name, arguments) {
            (b"java/lang/Object", b"getClass", [object]) => {
                use caturra_kernel::oops::class::Class;
                let address = self.address(*object);
                let class = self.load_class(address);
                let mirror = self.b.ins().load(I32, PLAIN, class, offset_of!(Class, mirror) as i32);
                self.known.not_null.insert(mirror);
                (Ty::Ref, mirror)
            }
            (b"java/lang/Thread", b"currentThread", []) => {
                let object = self.load_thread(I32, thread::OBJECT);
                self.known.not_null.insert(object);
                (Ty::Ref, object)
            }
            (b"java/lang/Math" | b"java/lang/StrictMath", b"sqrt", [x]) => {
                (Ty::Double, self.b.ins().sqrt(*x))
            }
            (b"java/lang/Math", b"abs", [x]) => match self.b.func.dfg.value_type(*x) {
                F64 => (Ty::Double, self.b.ins().fabs(*x)),
                F32 => (Ty::Float, self.b.ins().fabs(*x)),
                _ => return false,
            },
            (b"java/lang/Float", b"floatToRawIntBits", [x]) => {
                (Ty::Int, self.b.ins().bitcast(I32, MemFlagsData::new(), *x))
            }
            (b"java/lang/Float", b"intBitsToFloat", [x]) => {
                (Ty::Float, self.b.ins().bitcast(F32, MemFlagsData::new(), *x))
            }
            (b"java/lang/Double", b"doubleToRawLongBits", [x]) => {
                (Ty::Long, self.b.ins().bitcast(I64, MemFlagsData::new(), *x))
            }
            (b"java/lang/Double", b"longBitsToDouble", [x]) => {
                (Ty::Double, self.b.ins().bitcast(F64, MemFlagsData::new(), *x))
            }
            (b"java/lang/Integer" | b"java/lang/Long", _, [x]) => match self.bit_operation(name, *x) {
                Some(v) => (if self.b.func.dfg.value_type(v) == I64 { Ty::Long } else { Ty::Int }, v),
                None => return false,
            },
            (b"java/lang/System", b"identityHashCode", [_]) => return false,
            (b"java/lang/System", b"arraycopy", [from, at, to, to_at, length])
                if method.kind() != MethodKind::Bytecode =>
            {
                return self.array_copy(method, &[*from, *at, *to, *to_at, *length]);
            }
            _ => return false,
        };
        self.push(value.0, value.1);
        true
    }

    fn bit_operation(&mut self, name: &[u8], x: Value) -> Option<Value> {
        let ty = self.b.func.dfg.value_type(x);
        let ins = self.b.ins();
        let value = match name {
            b"bitCount" => ins.popcnt(x),
            b"numberOfLeadingZeros" => ins.clz(x),
            b"numberOfTrailingZeros" => ins.ctz(x),
            b"reverseBytes" => return Some(ins.bswap(x)),
            _ => return None,
        };
        Some(if ty == I64 { self.b.ins().ireduce(I32, value) } else { value })
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
