//! Methods that are operations.

use super::calls::Call;
use super::{Builder, Rejected};
use crate::env::{Assumption, Intrinsic, MethodId};
use crate::ir::{Known, Type, Value};
use crate::op::{AtomicOp, BinaryOp, Cond, ConvertOp, FenceKind, Op, Reason, UnaryOp};
use caturra_bytecode::BasicType;

impl<'e> Builder<'e> {
    /// The operation in place of the call, with its result; `None` where the method is none.
    pub(super) fn intrinsic(
        &mut self,
        method: MethodId,
        call: &Call<'e>,
    ) -> Result<Option<Option<Value>>, Rejected> {
        let Some(intrinsic) = self.env.intrinsic(method) else { return Ok(None) };
        let args = call.args.as_slice();
        let first = args.first().map_or(Type::I32, |v| self.f.ty(*v));
        if !self.applies(intrinsic, args) {
            return Ok(None);
        }
        let value = match intrinsic {
            Intrinsic::Sqrt => self.emit(Op::Unary(UnaryOp::Sqrt, Type::F64), args),
            Intrinsic::Ceil => self.emit(Op::Unary(UnaryOp::Ceil, Type::F64), args),
            Intrinsic::Floor => self.emit(Op::Unary(UnaryOp::Floor, Type::F64), args),
            Intrinsic::Rint => self.emit(Op::Unary(UnaryOp::Rint, Type::F64), args),
            Intrinsic::Abs => self.emit(Op::Unary(UnaryOp::Abs, first), args),
            Intrinsic::Min => self.emit(Op::Binary(BinaryOp::Min, first), args),
            Intrinsic::Max => self.emit(Op::Binary(BinaryOp::Max, first), args),
            Intrinsic::MultiplyHigh => self.emit(Op::Binary(BinaryOp::MulHigh, Type::I64), args),
            Intrinsic::Fma => self.emit(Op::Fma(first), args),
            Intrinsic::BitCount => self.emit(Op::Unary(UnaryOp::BitCount, first), args),
            Intrinsic::LeadingZeros => self.emit(Op::Unary(UnaryOp::LeadingZeros, first), args),
            Intrinsic::TrailingZeros => self.emit(Op::Unary(UnaryOp::TrailingZeros, first), args),
            Intrinsic::ReverseBytes => self.emit(Op::Unary(UnaryOp::ReverseBytes, first), args),
            Intrinsic::CompareUnsigned => {
                let less = self.emit(Op::Compare(Cond::Below, first), args);
                let greater = self.emit(Op::Compare(Cond::Below, first), &[args[1], args[0]]);
                self.emit(Op::Binary(BinaryOp::Sub, Type::I32), &[greater, less])
            }
            Intrinsic::FloatToRawIntBits => self.emit(Op::Convert(ConvertOp::BitsF2I), args),
            Intrinsic::IntBitsToFloat => self.emit(Op::Convert(ConvertOp::BitsI2F), args),
            Intrinsic::DoubleToRawLongBits => self.emit(Op::Convert(ConvertOp::BitsD2L), args),
            Intrinsic::LongBitsToDouble => self.emit(Op::Convert(ConvertOp::BitsL2D), args),
            Intrinsic::GetClass => {
                let known = self.known(args[0]);
                match known.class.filter(|_| known.exact) {
                    Some(class) => self.constant(Op::Ref(self.env.mirror(class))),
                    None => self.emit(Op::LoadMirror, args),
                }
            }
            Intrinsic::IdentityHash => self.emit(Op::IdentityHash, args),
            Intrinsic::CurrentThread => self.emit(Op::CurrentThread, &[]),
            // Its exception is the method's own to throw.
            Intrinsic::CheckIndex if self.fails_often(Reason::Bounds) => return Ok(None),
            Intrinsic::CheckIndex => {
                self.size_check(args[1])?;
                let state = self.state_before();
                self.emit_with(Op::BoundsCheck, &args[..2], state);
                args[0]
            }
            Intrinsic::IsCompileConstant => {
                let constant = self.f.op(args[0]).is_some_and(Op::is_constant);
                self.int(i32::from(constant))
            }
            Intrinsic::AllocateInstance => {
                let mirror = match self.f.op(args[1]) {
                    Some(Op::Ref(r)) => self.env.mirrored(r),
                    _ => None,
                };
                let Some(class) = mirror.filter(|c| self.env.can_instantiate(*c)) else { return Ok(None) };
                let state = self.state_after();
                let object = self.emit_with(Op::New(class), &[], state);
                let object = object.ok_or(Rejected::Malformed("allocation"))?;
                self.set_known(object, Known { not_null: true, class: Some(class), exact: true });
                object
            }
            Intrinsic::AllocateArray => {
                let element = match self.f.op(args[1]) {
                    Some(Op::Ref(r)) => self.env.mirrored_primitive(r),
                    _ => None,
                };
                let Some(element) = element else { return Ok(None) };
                // A negative length is for the method itself to complain about.
                self.size_check(args[2])?;
                let class = self.env.primitive_array_class(element);
                let state = self.state_after();
                let array = self.emit_with(Op::NewArray(class, element), &args[2..3], state);
                let array = array.ok_or(Rejected::Malformed("allocation"))?;
                self.set_known(array, Known { not_null: true, class: Some(class), exact: true });
                array
            }
            Intrinsic::IsInstance | Intrinsic::IsArray | Intrinsic::IsPrimitive => {
                let Some(value) = self.class_query(intrinsic, args) else { return Ok(None) };
                value
            }
            Intrinsic::NewArrayOf => {
                let Some(Op::Ref(mirror)) = self.f.op(args[0]) else { return Ok(None) };
                let found = match self.env.mirrored_primitive(mirror) {
                    Some(ty) => Some((self.env.primitive_array_class(ty), ty)),
                    None => {
                        let array = self.env.mirrored(mirror).and_then(|c| self.env.array_class(c));
                        array.map(|array| (array, BasicType::Reference))
                    }
                };
                let Some((class, element)) = found else { return Ok(None) };
                self.size_check(args[1])?;
                let state = self.state_after();
                let array = self.emit_with(Op::NewArray(class, element), &args[1..2], state);
                let array = array.ok_or(Rejected::Malformed("allocation"))?;
                self.set_known(array, Known { not_null: true, class: Some(class), exact: true });
                array
            }
            Intrinsic::OnSpinWait => return self.effect(Op::SpinWait, &[]),
            Intrinsic::ObjectInit => return self.object_init(args[0]),
            Intrinsic::LoadFence => return self.effect(Op::Fence(FenceKind::Acquire), &[]),
            Intrinsic::StoreFence => return self.effect(Op::Fence(FenceKind::Release), &[]),
            Intrinsic::FullFence => return self.effect(Op::Fence(FenceKind::Full), &[]),
            Intrinsic::UnsafePut(ty, volatile) => return self.effect(Op::StoreRaw(ty, volatile), &args[1..]),
            Intrinsic::UnsafeGet(ty, volatile) => self.emit(Op::LoadRaw(ty, volatile), &args[1..]),
            Intrinsic::UnsafeCompareAndSet(ty) => {
                self.emit(Op::Atomic(AtomicOp::CompareAndSet, ty), &args[1..])
            }
            Intrinsic::UnsafeCompareAndExchange(ty) => {
                self.emit(Op::Atomic(AtomicOp::CompareAndExchange, ty), &args[1..])
            }
            Intrinsic::UnsafeGetAndSet(ty) => self.emit(Op::Atomic(AtomicOp::GetAndSet, ty), &args[1..]),
            Intrinsic::UnsafeGetAndAdd(ty) => self.emit(Op::Atomic(AtomicOp::GetAndAdd, ty), &args[1..]),
        };
        if matches!(intrinsic, Intrinsic::GetClass | Intrinsic::CurrentThread) {
            self.learn(value, Known { not_null: true, ..Known::default() });
        }
        Ok(Some(Some(value)))
    }

    /// Whether the operands are those that the operation takes.
    fn applies(&self, intrinsic: Intrinsic, args: &[Value]) -> bool {
        let types: Vec<Type> = args.iter().map(|v| self.f.ty(*v)).collect();
        let raw = |types: &[Type], more: &[BasicType]| {
            let wanted = more.iter().filter_map(|ty| Type::of(*ty));
            let wanted: Vec<Type> = [Type::Ref, Type::Ref, Type::I64].into_iter().chain(wanted).collect();
            types == wanted
        };
        match intrinsic {
            Intrinsic::UnsafeGet(..) => raw(&types, &[]),
            Intrinsic::UnsafePut(ty, _) | Intrinsic::UnsafeGetAndSet(ty) | Intrinsic::UnsafeGetAndAdd(ty) => {
                raw(&types, &[ty])
            }
            Intrinsic::UnsafeCompareAndSet(ty) | Intrinsic::UnsafeCompareAndExchange(ty) => {
                raw(&types, &[ty, ty])
            }
            Intrinsic::Sqrt | Intrinsic::Ceil | Intrinsic::Floor | Intrinsic::Rint => types == [Type::F64],
            Intrinsic::Min | Intrinsic::Max => types.len() == 2 && types[0] == types[1],
            Intrinsic::MultiplyHigh => types == [Type::I64, Type::I64],
            Intrinsic::CheckIndex => types.len() >= 2 && types[..2] == [Type::I32, Type::I32],
            Intrinsic::BitCount
            | Intrinsic::LeadingZeros
            | Intrinsic::TrailingZeros
            | Intrinsic::ReverseBytes => types.len() == 1 && types[0].is_integer(),
            Intrinsic::AllocateInstance => types == [Type::Ref, Type::Ref],
            Intrinsic::IsInstance => types == [Type::Ref, Type::Ref],
            Intrinsic::IsArray | Intrinsic::IsPrimitive => types == [Type::Ref],
            Intrinsic::NewArrayOf => types == [Type::Ref, Type::I32],
            Intrinsic::AllocateArray => types == [Type::Ref, Type::Ref, Type::I32],
            Intrinsic::Fma => types.len() == 3 && types[0].is_float(),
            Intrinsic::CompareUnsigned => types.len() == 2 && types[0].is_integer(),
            _ => true,
        }
    }

    /// A question to a mirror, where that is a constant.
    fn class_query(&mut self, intrinsic: Intrinsic, args: &[Value]) -> Option<Value> {
        let Some(Op::Ref(mirror)) = self.f.op(args[0]) else { return None };
        let class = self.env.mirrored(mirror);
        let primitive = self.env.mirrored_primitive(mirror).is_some();
        if class.is_none() && !primitive {
            return None;
        }
        Some(match (intrinsic, class) {
            (Intrinsic::IsPrimitive, _) => self.int(i32::from(primitive)),
            (Intrinsic::IsArray, Some(class)) => {
                let array = self.env.component(class).is_some() || self.env.element_type(class).is_some();
                self.int(i32::from(array))
            }
            (Intrinsic::IsInstance, Some(class)) => {
                let known = self.known(args[1]);
                match self.decide(known, class) {
                    Some(false) => self.int(0),
                    Some(true) if known.not_null => self.int(1),
                    _ => {
                        let test = self.type_test(class);
                        self.emit(Op::InstanceOf(test), &[args[1]])
                    }
                }
            }
            (_, None) => self.int(0),
            _ => return None,
        })
    }

    fn effect(&mut self, op: Op, args: &[Value]) -> Result<Option<Option<Value>>, Rejected> {
        let block = self.block();
        self.f.push(block, op, args, None);
        Ok(Some(None))
    }

    /// `Object.<init>`: nothing, but for objects with a finalizer.
    fn object_init(&mut self, this: Value) -> Result<Option<Option<Value>>, Rejected> {
        let known = self.known(this);
        if let Some(class) = known.class {
            if known.exact {
                if !self.env.has_finalizer(class) {
                    return Ok(Some(None));
                }
            } else if self.env.no_finalizer_below(class) {
                self.f.assume(Assumption::NoFinalizer(class));
                return Ok(Some(None));
            }
        }
        let state = self.state_after();
        self.emit_with(Op::RegisterFinalizer, &[this], state);
        Ok(Some(None))
    }
}
