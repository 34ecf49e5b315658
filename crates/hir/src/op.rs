//! The operations, with what passes must know of each.

use crate::env::{ClassId, FieldAccess, MethodId, RefConst};
use crate::ir::Type;
use caturra_bytecode::BasicType;

/// Two operands of one type, but for shifts, whose distance is I32 (and counts modulo the width).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Of integers: the divisor has been checked to be no zero; MIN / -1 is MIN.
    Div,
    /// Of integers: as for `Div`; MIN % -1 is 0. Of floats: C's `fmod`.
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Ushr,
    /// As `Math.min`.
    Min,
    /// As `Math.max`.
    Max,
    /// The high half of the product of two signed longs (`Math.multiplyHigh`).
    MulHigh,
}

/// One operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    /// As `Math.abs`.
    Abs,
    /// Of F64.
    Sqrt,
    /// Of F64: `Math.ceil`, `floor`, `rint`.
    Ceil,
    Floor,
    Rint,
    /// Of I32 and I64, the result is I32.
    BitCount,
    LeadingZeros,
    TrailingZeros,
    /// The result is of the operand's type.
    ReverseBytes,
}

/// Conversions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum ConvertOp {
    I2L,
    I2F,
    I2D,
    L2I,
    L2F,
    L2D,
    F2I,
    F2L,
    F2D,
    D2I,
    D2L,
    D2F,
    I2B,
    I2C,
    I2S,
    /// Zero extension of an int to a long.
    U2L,
    /// Bits kept: `Float.floatToRawIntBits` and its kin.
    BitsF2I,
    BitsI2F,
    BitsD2L,
    BitsL2D,
}

/// Conditions. Of floats all but `Ne` are false where an operand is NaN; `Ne` is true then.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Cond {
    Eq,
    Ne,
    Lt,
    Ge,
    Gt,
    Le,
    /// Unsigned less than.
    Below,
    /// Unsigned greater than or equal.
    AboveEq,
}

impl Cond {
    /// The condition that is true exactly where this one is false; not for floats, but for `Eq` and `Ne`.
    pub fn negated(self) -> Cond {
        use Cond::*;
        match self {
            Eq => Ne,
            Ne => Eq,
            Lt => Ge,
            Ge => Lt,
            Gt => Le,
            Le => Gt,
            Below => AboveEq,
            AboveEq => Below,
        }
    }

    /// The condition for operands changed over; `None` where there is none (of the unsigned ones).
    pub fn swapped(self) -> Option<Cond> {
        use Cond::*;
        Some(match self {
            Eq => Eq,
            Ne => Ne,
            Lt => Gt,
            Gt => Lt,
            Le => Ge,
            Ge => Le,
            Below | AboveEq => return None,
        })
    }
}

/// A test whether a non-null object is an instance of `class`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TypeTest {
    /// The class, interface or array class.
    pub class: ClassId,
    /// The class has no subclasses (it is final, or an assumption says so): compare class ids.
    pub exact: bool,
}

/// Whom a call calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum CallTarget {
    /// That method; a receiver, if there is one, has been checked for null.
    Direct(MethodId),
    /// By the vtable of the first argument, which is not null. The method is the resolved one.
    Virtual(MethodId, u32),
    /// By the itable of the first argument, which is not null. The method is the resolved interface method.
    Interface(MethodId),
    /// `handle.form.vmentry.vmtarget` of the first argument, a `MethodHandle` that is not null.
    InvokeBasic,
    /// `MethodHandle.linkTo*`: the last argument is the `MemberName` and is not passed on.
    LinkTo(LinkKind),
}

/// The four `linkTo*` intrinsics.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum LinkKind {
    Virtual,
    Static,
    Special,
    Interface,
}

/// Atomic operations on a field or element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum AtomicOp {
    /// Arguments: object, offset, expected, new. 1 where it has been stored.
    CompareAndSet,
    /// As before; the value found.
    CompareAndExchange,
    /// Arguments: object, offset, value. The value before.
    GetAndSet,
    /// Arguments: object, offset, delta (I32 or I64). The value before.
    GetAndAdd,
}

/// Memory fences.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum FenceKind {
    /// Loads before against loads and stores behind.
    Acquire,
    /// Loads and stores before against stores behind.
    Release,
    /// Stores before against stores behind; at the end of constructors with final fields.
    StoreStore,
    Full,
}

/// Why compiled code was left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Reason {
    /// A reference was null.
    Null,
    /// An index was outside its array.
    Bounds,
    /// A divisor was zero.
    DivisionByZero,
    /// `checkcast` failed.
    ClassCast,
    /// `aastore` of an element of a wrong class.
    ArrayStore,
    /// The length of a new array was negative.
    NegativeSize,
    /// A receiver's class or method was not the profile's.
    Receiver,
    /// A branch that had never been taken was.
    Branch,
    /// A class, field, method or call site was not resolved, linked or initialised when the code was made.
    Unresolved,
    /// A call that had never been executed was.
    NeverCalled,
    /// `athrow`
    Throw,
    /// A condition tested before a loop for all its iterations was false.
    LoopPredicate,
    /// A type test came out as the profile had not seen it.
    TypeProfile,
    /// A constant that had been assumed has changed.
    Constant,
}

impl Reason {
    /// Whether the guard stands for an exception that the program throws.
    pub fn is_exception(self) -> bool {
        use Reason::*;
        matches!(self, Null | Bounds | DivisionByZero | ClassCast | ArrayStore | NegativeSize | Throw)
    }
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 14] = [
        Reason::Null,
        Reason::Bounds,
        Reason::DivisionByZero,
        Reason::ClassCast,
        Reason::ArrayStore,
        Reason::NegativeSize,
        Reason::Receiver,
        Reason::Branch,
        Reason::Unresolved,
        Reason::NeverCalled,
        Reason::Throw,
        Reason::LoopPredicate,
        Reason::TypeProfile,
        Reason::Constant,
    ];
}

/// What an instruction does. In brackets: its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Op {
    // ---- constants ----
    /// An I32.
    Int(i32),
    /// An I64.
    Long(i64),
    /// An F32, by its bits.
    Float(u32),
    /// An F64, by its bits.
    Double(u64),
    /// The null reference.
    Null,
    /// A reference kept by the VM (a string, mirror, method handle), never null.
    Ref(RefConst),
    /// A class id, as [`Op::LoadClass`] gives it.
    Class(ClassId),
    /// A method, as [`Op::LoadVtable`] gives it.
    Method(MethodId),

    // ---- arithmetic ----
    /// [x, y]
    Binary(BinaryOp, Type),
    /// [x], of that type
    Unary(UnaryOp, Type),
    /// [x, y, z]: x·y+z rounded once
    Fma(Type),
    /// [x]
    Convert(ConvertOp),
    /// [x, y] of that type: 1 or 0.
    Compare(Cond, Type),
    /// [x, y] of that type: −1, 0 or 1 (`lcmp`); of floats with NaN, 1 where the flag is set (`fcmpg`), else −1.
    Compare3(Type, bool),
    /// [condition, x, y]: x where the condition is not 0.
    Select(Type),

    // ---- checks: leave by deoptimisation unless ... ----
    /// [reference] is not null.
    NullCheck,
    /// [index, length]: 0 <= index < length, where the length is not negative.
    BoundsCheck,
    /// [divisor] is not zero.
    ZeroCheck(Type),
    /// [length] is not negative.
    SizeCheck,
    /// [reference] is null or an instance.
    CastCheck(TypeTest),
    /// [array, reference]: the reference is null or an instance of the component class.
    StoreCheck,
    /// [condition] is not 0.
    Guard(Reason),

    // ---- objects ----
    /// [reference]: 1 where it is not null and an instance, else 0.
    InstanceOf(TypeTest),
    /// [non-null reference]: the id of its class.
    LoadClass,
    /// [non-null reference]: the method in its class's vtable, as I64.
    LoadVtable(u32),
    /// [non-null reference]: its class's mirror.
    LoadMirror,
    /// [non-null reference]: its identity hash code.
    IdentityHash,
    /// [object]
    LoadField(FieldAccess),
    /// [object, value]. Of narrow fields the low bits are stored; of boolean ones the value is 0 or 1.
    StoreField(FieldAccess),
    /// []
    LoadStatic(FieldAccess),
    /// [value]
    StoreStatic(FieldAccess),
    /// [array]
    ArrayLength,
    /// [array, index] both checked. `Byte` serves boolean arrays too.
    LoadElem(BasicType),
    /// [array, index, value] all checked. The low bits are stored.
    StoreElem(BasicType),
    /// [array, index], checked for all lanes: elements side by side.
    LoadLanes(BasicType),
    /// [array, index, lanes], checked for all lanes.
    StoreLanes(BasicType),
    /// [lanes, lanes] of that type, each with its like.
    Lanes(BinaryOp, Type),
    /// [x] of that type: in all lanes.
    Splat(Type),
    /// [array, value]: what `bastore` stores: the lowest bit only where the array is of booleans (JVMS §6.5).
    MaskForArray,
    /// []: a new object, its fields zero.
    New(ClassId),
    /// [length], checked: a new array of that array class and element type, its elements zero.
    NewArray(ClassId, BasicType),
    /// [lengths...], all checked: nested arrays; the class is the outermost array class.
    NewMultiArray(ClassId),
    /// [non-null object]. The state is the one after it.
    MonitorEnter,
    /// [non-null object]
    MonitorExit,
    /// [object] the end of `Object.<init>`: registers it where its class has a finalizer (JLS §12.6).
    RegisterFinalizer,

    // ---- calls ----
    /// [arguments...]
    Call(CallTarget, BasicType),

    // ---- memory by offset (`Unsafe`) ----
    /// [object or null, offset I64]: plain (false) or volatile (true) load
    LoadRaw(BasicType, bool),
    /// [object or null, offset I64, value]
    StoreRaw(BasicType, bool),
    /// See [`AtomicOp`].
    Atomic(AtomicOp, BasicType),
    /// []
    Fence(FenceKind),

    // ---- the thread ----
    /// []: `Thread.currentThread()`
    CurrentThread,
    /// [] or [counter]: at loop headers, or jumps back to them: lets safepoints happen, with a counter (I32) where its low
    /// bits are zero. The state is the one before the header's bytecode.
    Poll,
    /// []: `Thread.onSpinWait`
    SpinWait,
    /// []: the exception that is pending, or null.
    PendingException,
    /// []: no exception is pending any more.
    ClearException,
    /// Makes the exception of a check that has failed pending; its operands are the check's.
    MakeException(MadeException),
}

/// Exceptions that instructions throw.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum MadeException {
    /// []: `NullPointerException`
    Null,
    /// [index, length]: `ArrayIndexOutOfBoundsException`
    Bounds,
    /// []: `ArithmeticException`
    DivisionByZero,
    /// [object]: `ClassCastException`
    ClassCast(ClassId),
}

impl Op {
    /// The type of the result.
    pub fn result_type(self) -> Option<Type> {
        use Op::*;
        Some(match self {
            Int(_) | Class(_) | Compare(..) | Compare3(..) | InstanceOf(_) | LoadClass | ArrayLength => {
                Type::I32
            }
            MaskForArray | IdentityHash => Type::I32,
            Long(_) | Method(_) | LoadVtable(_) => Type::I64,
            Float(_) => Type::F32,
            Double(_) => Type::F64,
            Null | Ref(_) | LoadMirror | New(_) | NewArray(..) | NewMultiArray(_) | CurrentThread
            | PendingException => Type::Ref,
            Binary(_, ty) | Fma(ty) | Select(ty) => ty,
            Unary(UnaryOp::BitCount | UnaryOp::LeadingZeros | UnaryOp::TrailingZeros, _) => Type::I32,
            Unary(_, ty) => ty,
            LoadLanes(_) | Lanes(..) | Splat(_) => Type::V128,
            Convert(op) => op.types().1,
            LoadField(f) | LoadStatic(f) => return Type::of(f.ty),
            LoadElem(ty) | LoadRaw(ty, _) | Call(_, ty) => return Type::of(ty),
            Atomic(AtomicOp::CompareAndSet, _) => Type::I32,
            Atomic(_, ty) => return Type::of(ty),
            NullCheck | BoundsCheck | ZeroCheck(_) | SizeCheck | CastCheck(_) | StoreCheck | Guard(_) => {
                return None;
            }
            StoreField(_) | StoreStatic(_) | StoreElem(_) | StoreLanes(_) | StoreRaw(..) => {
                return None;
            }
            MonitorEnter | MonitorExit | RegisterFinalizer | Fence(_) | Poll | SpinWait => return None,
            ClearException | MakeException(_) => return None,
        })
    }

    /// Whether it is a constant.
    pub fn is_constant(self) -> bool {
        use Op::*;
        matches!(self, Int(_) | Long(_) | Float(_) | Double(_) | Null | Ref(_) | Class(_) | Method(_))
    }

    /// Whether it is a check: no effect but to leave the compiled code. A second one with the same operands that the
    /// first dominates is not needed. The state's mode is `Before`.
    pub fn is_check(self) -> bool {
        use Op::*;
        matches!(
            self,
            NullCheck | BoundsCheck | ZeroCheck(_) | SizeCheck | CastCheck(_) | StoreCheck | Guard(_)
        )
    }

    /// The result depends on the operands alone, always: instructions with equal operands give equal results.
    pub fn is_pure(self) -> bool {
        use Op::*;
        self.is_constant()
            || matches!(
                self,
                Binary(..)
                    | Unary(..)
                    | Fma(_)
                    | Convert(_)
                    | Compare(..)
                    | Compare3(..)
                    | Select(_)
                    | InstanceOf(_)
                    | LoadClass
                    | LoadVtable(_)
                    | LoadMirror
                    | IdentityHash
                    | ArrayLength
                    | MaskForArray
                    | CurrentThread
                    | Lanes(..)
                    | Splat(_)
            )
    }

    /// Whether it may be executed only where its operands have been checked (not null, in bounds, not zero), so that it
    /// must not move up beyond the check.
    pub fn needs_check(self) -> bool {
        use Op::*;
        match self {
            Binary(BinaryOp::Div | BinaryOp::Rem, ty) => ty.is_integer(),
            LoadClass | LoadVtable(_) | LoadMirror | IdentityHash | ArrayLength | MaskForArray => true,
            LoadField(_) | LoadElem(_) | LoadLanes(_) | LoadRaw(..) => true,
            _ => false,
        }
    }

    /// Whether an instruction without uses may be removed. (Checks are not: they are removed where proven.)
    pub fn is_removable(self) -> bool {
        use Op::*;
        self.is_pure()
            || match self {
                LoadField(f) | LoadStatic(f) => !f.volatile,
                LoadElem(_) | LoadLanes(_) | LoadRaw(_, false) => true,
                New(_) | NewArray(..) | NewMultiArray(_) => true,
                _ => false,
            }
    }

    /// Whether the instruction has a frame state: checks (mode `Before`), calls and what may run long or collect
    /// (mode `After` of the same bytecode, or for polls and the entry of a synchronized inlined method `Before` of the
    /// bytecode that comes next).
    pub fn has_state(self) -> bool {
        use Op::*;
        self.is_check()
            || matches!(
                self,
                New(_)
                    | NewArray(..)
                    | NewMultiArray(_)
                    | MonitorEnter
                    | MonitorExit
                    | RegisterFinalizer
                    | Call(..)
                    | Poll
                    | MakeException(_)
            )
    }

    /// Whether other threads' and called methods' stores may be seen behind it: every load forgets what it knew.
    pub fn clobbers_memory(self) -> bool {
        use Op::*;
        match self {
            Call(..) | MonitorEnter | MonitorExit | RegisterFinalizer | StoreRaw(..) | Atomic(..) => true,
            LoadRaw(_, volatile) => volatile,
            LoadField(f) | StoreField(f) | LoadStatic(f) | StoreStatic(f) => f.volatile,
            Fence(kind) => kind != FenceKind::StoreStore,
            _ => false,
        }
    }
}

impl ConvertOp {
    /// Types of operand and result.
    pub fn types(self) -> (Type, Type) {
        use ConvertOp::*;
        use Type::*;
        match self {
            I2L | U2L => (I32, I64),
            I2F | BitsI2F => (I32, F32),
            I2D => (I32, F64),
            L2I => (I64, I32),
            L2F => (I64, F32),
            L2D | BitsL2D => (I64, F64),
            F2I | BitsF2I => (F32, I32),
            F2L => (F32, I64),
            F2D => (F32, F64),
            D2I => (F64, I32),
            D2L | BitsD2L => (F64, I64),
            D2F => (F64, F32),
            I2B | I2C | I2S => (I32, I32),
        }
    }
}
