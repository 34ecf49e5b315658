//! What the optimiser asks the VM, and nothing else of it is known here.
//!
//! Answers must stay true while the code lives, or be recorded as an [`Assumption`] by the asker (each question says
//! which). Handles are opaque numbers.

use crate::op::{LinkKind, Reason};
use caturra_bytecode::BasicType;
use core::fmt;

/// A class; the number is what objects' headers hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// A method.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MethodId(pub u64);

/// A field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u64);

/// A reference that the VM keeps in a slot (resolved constant, mirror, appendix); compiled code loads it from there.
/// Never null. Equal numbers are equal references; unequal ones may be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefConst(pub u64);

macro_rules! show {
    ($($name:ident $prefix:literal),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:x}"), self.0)
            }
        })*
    };
}
show!(ClassId "class:", MethodId "method:", FieldId "field:", RefConst "ref:");

/// How a field is accessed. Two accesses overlap only where they are of one field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FieldAccess {
    /// The field.
    pub id: FieldId,
    /// Class that declares it.
    pub holder: ClassId,
    /// Byte offset in the object; of a static field in the holder's mirror.
    pub offset: u32,
    /// Type.
    pub ty: BasicType,
    /// `ACC_VOLATILE`
    pub volatile: bool,
}

/// A method's properties.
#[derive(Clone, Copy, Debug)]
pub struct MethodInfo<'a> {
    /// Class that declares it.
    pub holder: ClassId,
    /// Descriptor.
    pub descriptor: &'a [u8],
    /// Bytecode as in the class file, not rewritten; empty for native and abstract methods.
    pub code: &'a [u8],
    /// Size of the frame's locals, in slots.
    pub max_locals: u16,
    /// Size of the operand stack, in slots.
    pub max_stack: u16,
    /// Access flags (JVMS §4.6).
    pub access: u16,
    /// A call of it selects no other method: static, private, final, constructor, or in a final class.
    pub statically_bound: bool,
    /// `@ForceInline`
    pub force_inline: bool,
    /// `@DontInline`, or code that must not be part of other code (caller-sensitive, needs a frame of its own, not
    /// compilable).
    pub never_inline: bool,
    /// `Object.<init>`
    pub is_object_initializer: bool,
    /// How often it has been called, interpreted or compiled, as far as counted.
    pub invocations: u32,
    /// How often it has been called by the profile that [`CompilerEnv::call_count`] tells of.
    pub profiled: u32,
    /// Bytes of its own optimised code, 0 where it has none.
    pub optimised_size: usize,
}

/// A row of a method's exception table (JVMS §4.7.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First bytecode index covered.
    pub start: u32,
    /// First not covered.
    pub end: u32,
    /// The handler.
    pub handler: u32,
}

/// What a row of an exception table catches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Caught {
    /// Everything.
    Any,
    /// Instances of a class.
    Class(ClassId),
    /// Instances of a class that is not resolved.
    Unresolved,
}

/// The invoke instructions, but for `invokedynamic`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum InvokeKind {
    Static,
    Special,
    Virtual,
    Interface,
    Dynamic,
}

/// What an invoke instruction calls, as resolved so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallSite {
    /// Not resolved or linked, its class not initialised, or a call that fails.
    Unresolved,
    /// One method: static, special, or virtual of a statically bound one. Of a static method the class is initialised
    /// (or being initialised by nobody else than callers of this very code: see [`CompilerEnv::call_site`]).
    Direct(MethodId),
    /// Selected by vtable index.
    Virtual(MethodId, u32),
    /// An interface method.
    Interface(MethodId),
    /// `MethodHandle.invokeBasic`
    InvokeBasic,
    /// `MethodHandle.linkTo*`
    LinkTo(LinkKind),
    /// A linked `invokedynamic`, or `invokehandle` (`invokeExact`, `VarHandle.get` ...): a static adapter, called with
    /// the arguments on the stack (a handle first, for `invokehandle`) and then the appendix, if there is one.
    Linked {
        /// The adapter.
        adapter: MethodId,
        /// The last argument.
        appendix: Option<RefConst>,
    },
}

/// A constant known when the code is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Constant {
    /// int and narrower
    Int(i32),
    /// long
    Long(i64),
    /// float, by its bits
    Float(u32),
    /// double, by its bits
    Double(u64),
    /// null
    Null,
    /// any other reference
    Ref(RefConst),
}

/// Receivers seen at a virtual or interface call, `checkcast`, `instanceof` or `aastore`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TypeProfile {
    /// Classes and how often, the most frequent first.
    pub classes: Vec<(ClassId, u32)>,
    /// How often it was another class.
    pub others: u32,
    /// Whether null has been seen.
    pub null_seen: bool,
}

/// What compiled code rests on beyond what is true for ever. The VM checks all of them again under its lock when it
/// installs the code, and invalidates the code when one becomes false.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Assumption {
    /// No class extends this one.
    LeafClass(ClassId),
    /// Every receiver of that class or a subclass selects `target` for a call of `method`.
    UniqueTarget {
        /// Class, or interface, that receivers are instances of.
        receiver: ClassId,
        /// Resolved method.
        method: MethodId,
        /// Selected method.
        target: MethodId,
    },
    /// The class and its subclasses have no finalizer.
    NoFinalizer(ClassId),
    /// The mutable call site has that target.
    CallSiteTarget {
        /// `MutableCallSite` or `VolatileCallSite`
        site: RefConst,
        /// Its target.
        target: RefConst,
    },
}

/// Methods that are operations here. The VM says which method is which.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Intrinsic {
    // java.lang.Math, StrictMath; the types are the parameters'.
    Sqrt,
    Abs,
    Min,
    Max,
    Fma,
    Ceil,
    Floor,
    Rint,
    MultiplyHigh,
    // java.lang.Integer, Long, Float, Double
    BitCount,
    LeadingZeros,
    TrailingZeros,
    ReverseBytes,
    CompareUnsigned,
    FloatToRawIntBits,
    IntBitsToFloat,
    DoubleToRawLongBits,
    LongBitsToDouble,
    // java.lang.Object, Thread, Class, Objects
    GetClass,
    /// `Class.isInstance`, `isArray`, `isPrimitive`
    IsInstance,
    IsArray,
    IsPrimitive,
    /// `java.lang.reflect.Array.newArray`
    NewArrayOf,
    /// `Object.hashCode`
    IdentityHash,
    CurrentThread,
    OnSpinWait,
    /// `Objects.checkIndex(int, int)` and `Preconditions.checkIndex(int, int, BiFunction)`
    CheckIndex,
    /// `Object.<init>`
    ObjectInit,
    /// `MethodHandleImpl.isCompileConstant`
    IsCompileConstant,
    /// `Unsafe.allocateInstance`
    AllocateInstance,
    /// `Unsafe.allocateUninitializedArray`
    AllocateArray,
    // jdk.internal.misc.Unsafe, on (Object, long)
    UnsafeGet(BasicType, bool),
    UnsafePut(BasicType, bool),
    UnsafeCompareAndSet(BasicType),
    UnsafeCompareAndExchange(BasicType),
    UnsafeGetAndSet(BasicType),
    UnsafeGetAndAdd(BasicType),
    LoadFence,
    StoreFence,
    FullFence,
}

/// A method whose compiled code is being made sees the VM through this.
pub trait CompilerEnv {
    // ---- methods ----

    /// Properties of a method.
    fn method(&self, method: MethodId) -> MethodInfo<'_>;

    /// The exception table.
    fn handlers(&self, method: MethodId) -> Vec<Handler>;

    /// What row `row` of the exception table catches.
    fn caught(&self, method: MethodId, row: usize) -> Caught;

    /// Whether a handler has been executed: then exceptions are part of the program's normal course.
    fn handler_seen(&self, method: MethodId, handler_bci: u32) -> bool;

    /// The operation that a method is, if it is one.
    fn intrinsic(&self, method: MethodId) -> Option<Intrinsic>;

    /// `package.Class.name(descriptor)`, for printing.
    fn method_name(&self, method: MethodId) -> String;

    // ---- constant pools of `method`'s class ----

    /// The resolved field; for static ones of an initialised class. `None` where the access is not resolved, or would
    /// throw (`put` of a final field from elsewhere).
    fn field(&self, method: MethodId, cp: u16, is_static: bool, put: bool) -> Option<FieldAccess>;

    /// The descriptor of a field, method or call-site constant.
    fn member_descriptor(&self, method: MethodId, cp: u16) -> &[u8];

    /// The resolved class of a class constant (for `anewarray` the element class).
    fn class_at(&self, method: MethodId, cp: u16) -> Option<ClassId>;

    /// A loadable constant (`ldc`), if resolved.
    fn constant(&self, method: MethodId, cp: u16) -> Option<Constant>;

    /// What the invoke at `bci` calls. A static method is given only where its class is initialised, or is that of
    /// `method` or a superclass of it.
    fn call_site(&self, method: MethodId, bci: u32, cp: u16, kind: InvokeKind) -> CallSite;

    // ---- classes ----

    /// A class by the name that a descriptor or constant in `method`'s class has, if it has been loaded by its loader.
    fn class_by_name(&self, method: MethodId, name: &[u8]) -> Option<ClassId>;

    /// Whether instances can be made by `new` without further ado: initialised, no interface, not abstract, nothing
    /// special for the collector.
    fn can_instantiate(&self, class: ClassId) -> bool;

    /// Whether `class` is `other`, extends it, or implements it; arrays by the rules of JVMS §6.5 instanceof.
    fn is_subclass(&self, class: ClassId, other: ClassId) -> bool;

    /// Whether the class is an interface.
    fn is_interface(&self, class: ClassId) -> bool;

    /// Whether no class can ever be a proper subclass: a final class, or an array of such a class or of primitives.
    fn is_final(&self, class: ClassId) -> bool;

    /// Whether no class is a proper subclass now; to be recorded as [`Assumption::LeafClass`]. False for interfaces and
    /// arrays.
    fn is_leaf(&self, class: ClassId) -> bool;

    /// The array class of a class, if it has been made.
    fn array_class(&self, element: ClassId) -> Option<ClassId>;

    /// The array class of a primitive type.
    fn primitive_array_class(&self, element: BasicType) -> ClassId;

    /// The component class of an array class of references; `None` for all other classes.
    fn component(&self, array: ClassId) -> Option<ClassId>;

    /// The component type of an array class; `None` for other classes.
    fn element_type(&self, array: ClassId) -> Option<BasicType>;

    /// Whether the class has a finalizer.
    fn has_finalizer(&self, class: ClassId) -> bool;

    /// Whether no subclass has one either now; to be recorded as [`Assumption::NoFinalizer`].
    fn no_finalizer_below(&self, class: ClassId) -> bool;

    /// All instance fields, inherited ones included; `None` where objects of the class hold more than these.
    fn instance_fields(&self, class: ClassId) -> Option<Vec<FieldAccess>>;

    /// The one method that a call of `method` selects for any receiver that is an instance of `receiver`; to be
    /// recorded as [`Assumption::UniqueTarget`]. Not abstract.
    fn unique_target(&self, receiver: ClassId, method: MethodId) -> Option<MethodId>;

    /// The method that a call of `method` selects for a receiver of exactly that class. Not abstract.
    fn select(&self, receiver: ClassId, method: MethodId) -> Option<MethodId>;

    /// The class's mirror.
    fn mirror(&self, class: ClassId) -> RefConst;

    /// The internal name, for printing.
    fn class_name(&self, class: ClassId) -> String;

    /// The field's name, for printing.
    fn field_name(&self, field: FieldId) -> String;

    // ---- profiles ----

    /// Classes seen at a bytecode; `None` where nothing has been recorded (never executed, or no profile).
    fn type_profile(&self, method: MethodId, bci: u32) -> Option<TypeProfile>;

    /// How often a conditional branch has been (taken, not taken); `None` where there is no profile.
    fn branch_profile(&self, method: MethodId, bci: u32) -> Option<(u32, u32)>;

    /// How often an invoke has been executed; `None` where that is not known.
    fn call_count(&self, method: MethodId, bci: u32) -> Option<u32>;

    /// Whether code of this method has been left for that reason at that bytecode so often that it must not speculate
    /// so again.
    fn too_many_deopts(&self, method: MethodId, bci: u32, reason: Reason) -> bool;

    // ---- constants ----

    /// The class of a constant's object, if that cannot change.
    fn class_of(&self, constant: RefConst) -> Option<ClassId>;

    /// The class whose mirror the constant is; `None` for other objects and the mirrors of primitive types.
    fn mirrored(&self, constant: RefConst) -> Option<ClassId>;

    /// The primitive type whose mirror the constant is.
    fn mirrored_primitive(&self, constant: RefConst) -> Option<BasicType>;

    /// The value of a field of a constant object that never changes any more (final fields that the VM trusts, stable
    /// fields with a value other than zero, the target of a constant call site).
    fn field_constant(&self, object: RefConst, field: &FieldAccess) -> Option<Constant>;

    /// The value of a static field that never changes any more.
    fn static_constant(&self, field: &FieldAccess) -> Option<Constant>;

    /// The length of a constant array.
    fn array_length(&self, array: RefConst) -> Option<i32>;

    /// The method that `invokeBasic` on that method handle calls (`form.vmentry.vmtarget`), if that does not change.
    fn handle_target(&self, handle: RefConst) -> Option<MethodId>;

    /// The target of a `MemberName` used with a `linkTo*` of that kind, as a call of a resolved method: `Direct`,
    /// `Virtual`, `Interface`, or `Unresolved`.
    fn member_target(&self, member: RefConst, kind: LinkKind) -> CallSite;
}
