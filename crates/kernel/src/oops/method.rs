//! Methods of a class (JVMS §4.6).

use crate::oops::class::ClassRef;
use crate::oops::constant_pool::ConstantPool;
use crate::oops::symbol::Sym;
use caturra_bytecode::access;
use caturra_bytecode::descriptor::{BasicType, FieldType, MethodDescriptor};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, AtomicU32, Ordering};

/// How a method is entered; the interpreter dispatches on it at every call.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    /// Bytecode not yet linked: first call makes the private code copy.
    Unlinked = 0,
    /// Bytecode with a private, rewritable copy in `code`.
    Bytecode = 1,
    /// A native method; `native_fn` may still be unbound.
    Native = 2,
    /// No code: `AbstractMethodError` when selected.
    Abstract = 3,
    /// A signature-polymorphic intrinsic of `MethodHandle` (JVMS §2.9.3): `invokeBasic`.
    InvokeBasic = 4,
    LinkToVirtual = 5,
    LinkToStatic = 6,
    LinkToSpecial = 7,
    LinkToInterface = 8,
    LinkToNative = 9,
    /// A method that raises the error that the linker found for it (e.g. conflicting default methods).
    Erroneous = 10,
    /// A native method that the VM implements itself: `native_fn` is an `InternalNative`.
    Internal = 11,
}

impl MethodKind {
    pub fn from_u8(v: u8) -> MethodKind {
        use MethodKind::*;
        const ALL: [MethodKind; 12] = [
            Unlinked,
            Bytecode,
            Native,
            Abstract,
            InvokeBasic,
            LinkToVirtual,
            LinkToStatic,
            LinkToSpecial,
            LinkToInterface,
            LinkToNative,
            Erroneous,
            Internal,
        ];
        ALL[v as usize]
    }
    /// Whether it is one of `MethodHandle`'s intrinsics that the VM implements itself.
    pub fn is_method_handle_intrinsic(self) -> bool {
        (MethodKind::InvokeBasic as u8..=MethodKind::LinkToNative as u8).contains(&(self as u8))
    }
}

bitflags::bitflags! {
    /// What the VM marks on a method beside its access flags.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MethodFlags: u32 {
        /// `@jdk.internal.reflect.CallerSensitive`.
        const CALLER_SENSITIVE = 1;
        /// `@Hidden` (lambda forms): left out of stack traces and walks.
        const HIDDEN = 1 << 1;
        /// `@ForceInline`.
        const FORCE_INLINE = 1 << 2;
        /// `@DontInline`.
        const DONT_INLINE = 1 << 3;
        /// `@IntrinsicCandidate`.
        const INTRINSIC_CANDIDATE = 1 << 4;
        /// `@ReservedStackAccess`.
        const RESERVED_STACK_ACCESS = 1 << 5;
        /// `@jdk.internal.misc.ScopedMemoryAccess.Scoped`.
        const SCOPED = 1 << 6;
        /// An intrinsic of `MethodHandle`/`VarHandle` with `@PolymorphicSignature`.
        const SIGNATURE_POLYMORPHIC = 1 << 7;
        /// A copy of an interface's default method in a class's vtable, or any non-abstract interface method.
        const DEFAULT_METHOD = 1 << 8;
        /// Made by the VM for a class that lacks an interface method (a miranda): abstract in the vtable.
        const MIRANDA = 1 << 9;
        /// `Object.<init>` of a class with a finalizer registers the object.
        const OBJECT_INITIALIZER = 1 << 10;
        /// Compiled code is never made for it (`CompileCommand=exclude`, or a compiler gave up).
        const NOT_COMPILABLE = 1 << 11;
        /// `<clinit>` or `<init>`.
        const INITIALIZER = 1 << 12;
        /// Body is a single `return`.
        const EMPTY = 1 << 13;
        /// The code has a back edge.
        const HAS_LOOPS = 1 << 14;
        /// Contains `jsr`/`ret`.
        const HAS_JSR = 1 << 15;
        /// As `NOT_COMPILABLE`, for optimised code only.
        const NOT_OPTIMISABLE = 1 << 16;
        /// An activation may leave other monitors than those it has entered; see the interpreter's `locks`.
        const UNSTRUCTURED_LOCKS = 1 << 17;
    }
}

/// A row of the exception table (JVMS §4.7.3).
#[derive(Clone, Copy, Debug)]
pub struct ExceptionEntry {
    pub start: u16,
    pub end: u16,
    pub handler: u16,
    /// Constant-pool index of the caught class, 0 for any.
    pub catch_type: u16,
}

/// A row of `LocalVariableTable` (JVMS §4.7.13), for debuggers and helpful messages.
#[derive(Clone, Copy, Debug)]
pub struct LocalVariable {
    pub start: u16,
    pub length: u16,
    pub name: Sym,
    pub signature: Sym,
    pub slot: u16,
}

/// The rarely used attributes of a method, decoded on demand from the class file.
#[derive(Default)]
pub struct MethodExtra {
    pub generic_signature: Option<Sym>,
    /// Class indexes of the `Exceptions` attribute.
    pub checked_exceptions: Vec<u16>,
    /// Raw attribute bytes as Java's annotation parser wants them; empty when absent.
    pub annotations: &'static [u8],
    pub parameter_annotations: &'static [u8],
    pub annotation_default: &'static [u8],
    pub type_annotations: &'static [u8],
    /// `MethodParameters` (name index, flags); `None` when the attribute is absent.
    pub method_parameters: Option<Vec<(u16, u16)>>,
    /// (start bci, line), in the attributes' order.
    pub line_numbers: Vec<(u16, u16)>,
    pub local_variables: Vec<LocalVariable>,
    /// Raw `StackMapTable`, for the verifier.
    pub stack_map_table: &'static [u8],
}

fn u2(b: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([b[at], b[at + 1]])
}

/// (name, content) of each attribute of a raw attribute table without its count. The reader has checked it.
fn attributes(
    cp: &'static ConstantPool,
    raw: &'static [u8],
) -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
    let mut rest = raw;
    std::iter::from_fn(move || {
        if rest.len() < 6 {
            return None;
        }
        let name = cp.utf8_bytes(u2(rest, 0));
        let len = u32::from_be_bytes([rest[2], rest[3], rest[4], rest[5]]) as usize;
        let content = &rest[6..6 + len];
        rest = &rest[6 + len..];
        Some((name, content))
    })
}

/// A parsed method descriptor, shared by all methods with that signature.
pub struct Signature {
    /// Parameter types in order, receiver not included.
    pub params: &'static [BasicType],
    pub ret: BasicType,
    /// Slots of the parameters, two for long and double, receiver not included.
    pub param_slots: u16,
    pub symbol: Sym,
}

/// A method's metadata, in the arena of its class's loader.
#[repr(C)]
pub struct Method {
    pub holder: ClassRef,
    /// Private code (quickened as it runs); null before linking.
    pub code: AtomicPtr<u8>,
    pub kind: AtomicU8,
    pub ret: BasicType,
    /// JVMS access flags (`ACC_*`).
    pub access: u16,
    /// Argument slots, receiver included.
    pub arg_slots: u16,
    pub max_locals: u16,
    pub max_stack: u16,
    /// Index in the holder's methods; reflection's `slot`.
    pub slot: u16,
    pub flags: AtomicU32,
    /// Index in the vtable; [`NONVIRTUAL`] for methods called directly; `ITABLE_BASE - n` for the `n`th
    /// itable method of an interface.
    pub vtable_index: AtomicI32,
    pub invocations: AtomicU32,
    pub back_edges: AtomicU32,
    /// The bound C function of a native method.
    pub native_fn: AtomicPtr<u8>,
    /// Entry of compiled code, null when none.
    pub compiled: AtomicPtr<u8>,
    /// Where compiled code goes that has put this method in `Thread::callee`: compiled code, or the way into the
    /// interpreter. Null when the VM has no compilers.
    pub from_compiled: AtomicPtr<u8>,
    /// Where compiled code goes that calls this very method; null before the first such call is compiled.
    pub from_compiled_direct: AtomicPtr<u8>,
    /// Loads arguments from Java slots for `compiled`; null while that is null.
    pub from_slots: AtomicPtr<u8>,
    /// Profile or other data of an engine; null when none.
    pub profile: AtomicPtr<u8>,
    /// Code as in the class file; what verifier, printers and compilers read.
    pub bytecode: &'static [u8],
    pub exception_table: &'static [ExceptionEntry],
    pub name: Sym,
    pub signature: &'static Signature,
    /// Raw attributes of the method and of its Code, as in the class file.
    pub attributes: &'static [u8],
    pub code_attributes: &'static [u8],
}

/// `vtable_index` of a method that is never selected through a vtable.
pub const NONVIRTUAL: i32 = -1;
/// `vtable_index` of an interface's itable method 0; method `n` has this minus `n`.
pub const ITABLE_BASE: i32 = -10;

impl Method {
    pub fn is_static(&self) -> bool {
        self.access & access::ACC_STATIC != 0
    }
    pub fn is_private(&self) -> bool {
        self.access & access::ACC_PRIVATE != 0
    }
    pub fn is_public(&self) -> bool {
        self.access & access::ACC_PUBLIC != 0
    }
    pub fn is_protected(&self) -> bool {
        self.access & access::ACC_PROTECTED != 0
    }
    pub fn is_package_private(&self) -> bool {
        self.access & (access::ACC_PUBLIC | access::ACC_PROTECTED | access::ACC_PRIVATE) == 0
    }
    pub fn is_final(&self) -> bool {
        self.access & access::ACC_FINAL != 0
    }
    pub fn is_synchronized(&self) -> bool {
        self.access & access::ACC_SYNCHRONIZED != 0
    }
    pub fn is_native(&self) -> bool {
        self.access & access::ACC_NATIVE != 0
    }
    pub fn is_abstract(&self) -> bool {
        self.access & access::ACC_ABSTRACT != 0
    }
    pub fn is_varargs(&self) -> bool {
        self.access & access::ACC_VARARGS != 0
    }
    /// `<init>`.
    pub fn is_constructor(&self) -> bool {
        self.name == "<init>"
    }
    /// `<clinit>` (JVMS §2.9.2).
    pub fn is_class_initializer(&self) -> bool {
        self.name == "<clinit>"
    }
    /// `<init>` or `<clinit>`.
    pub fn is_initializer(&self) -> bool {
        self.has(MethodFlags::INITIALIZER)
    }
    pub fn kind(&self) -> MethodKind {
        MethodKind::from_u8(self.kind.load(Ordering::Acquire))
    }
    pub fn set_kind(&self, kind: MethodKind) {
        self.kind.store(kind as u8, Ordering::Release);
    }
    pub fn has(&self, flag: MethodFlags) -> bool {
        self.flags.load(Ordering::Relaxed) & flag.bits() != 0
    }
    pub fn set(&self, flag: MethodFlags) {
        self.flags.fetch_or(flag.bits(), Ordering::Relaxed);
    }
    pub fn vtable_index(&self) -> i32 {
        self.vtable_index.load(Ordering::Relaxed)
    }
    /// Position in its interface's itable, when it has one.
    pub fn itable_index(&self) -> Option<usize> {
        let i = self.vtable_index();
        (i <= ITABLE_BASE).then(|| (ITABLE_BASE - i) as usize)
    }
    /// Whether a call of it needs no selection: private, static, final, constructor, or of a final class.
    pub fn is_statically_bound(&self) -> bool {
        self.vtable_index() == NONVIRTUAL
    }
    /// Source line of `bci`, when the class file tells.
    pub fn line_number(&self, bci: u16) -> Option<u16> {
        let mut best: Option<(u16, u16)> = None;
        for (name, content) in attributes(self.holder.cp, self.code_attributes) {
            if name != b"LineNumberTable" {
                continue;
            }
            for row in content[2..].chunks_exact(4) {
                let (start, line) = (u2(row, 0), u2(row, 2));
                if start == bci {
                    return Some(line);
                }
                if start < bci && best.is_none_or(|(s, _)| start >= s) {
                    best = Some((start, line));
                }
            }
        }
        best.map(|(_, line)| line)
    }

    /// The rarely used attributes.
    pub fn extra(&self) -> MethodExtra {
        let cp = self.holder.cp;
        let mut x = MethodExtra::default();
        // Class files before Java 5 have no such attributes, whatever they contain.
        let since_5 = self.holder.extra.major_version >= 49;
        for (name, c) in attributes(cp, self.attributes) {
            match name {
                b"Exceptions" => x.checked_exceptions = c[2..].chunks_exact(2).map(|r| u2(r, 0)).collect(),
                b"MethodParameters" => {
                    x.method_parameters =
                        Some(c[1..].chunks_exact(4).map(|r| (u2(r, 0), u2(r, 2))).collect());
                }
                _ if !since_5 => {}
                b"Signature" => x.generic_signature = Some(cp.utf8(u2(c, 0))),
                b"RuntimeVisibleAnnotations" => x.annotations = c,
                b"RuntimeVisibleParameterAnnotations" => x.parameter_annotations = c,
                b"AnnotationDefault" => x.annotation_default = c,
                b"RuntimeVisibleTypeAnnotations" => x.type_annotations = c,
                _ => {}
            }
        }
        for (name, c) in attributes(cp, self.code_attributes) {
            match name {
                b"LineNumberTable" => {
                    x.line_numbers.extend(c[2..].chunks_exact(4).map(|r| (u2(r, 0), u2(r, 2))));
                }
                b"LocalVariableTable" => {
                    x.local_variables.extend(c[2..].chunks_exact(10).map(|r| LocalVariable {
                        start: u2(r, 0),
                        length: u2(r, 2),
                        name: cp.utf8(u2(r, 4)),
                        signature: cp.utf8(u2(r, 6)),
                        slot: u2(r, 8),
                    }));
                }
                b"StackMapTable" => x.stack_map_table = c,
                _ => {}
            }
        }
        x
    }
    /// "pkg.Class.name(II)V" for messages and logs.
    pub fn describe(&self) -> String {
        format!("{}.{}{}", self.holder.name.to_external(), self.name, self.signature.symbol)
    }
    /// "ret pkg.Class.name(types)" as error messages of the reference JDK write a method.
    pub fn external_name(&self) -> String {
        external_name(&self.holder.external_name(), self.name, self.signature.symbol)
    }
}

/// "void pkg.Class.name(int, java.lang.String)".
pub fn external_name(class: &str, name: Sym, signature: Sym) -> String {
    let Some(d) = MethodDescriptor::parse(signature.bytes()) else {
        return format!("{class}.{name}{signature}");
    };
    let params: Vec<String> = d.parameters().map(external_type).collect();
    format!("{} {class}.{name}({})", external_type(d.return_type()), params.join(", "))
}

/// A type as source code writes it: "int", "java.lang.String[]".
pub fn external_type(ty: FieldType<'_>) -> String {
    let mut text = match ty.element() {
        FieldType::Class(name) => caturra_bytecode::mutf8::to_string_lossy(name).replace('/', "."),
        other => other.basic_type().name().to_string(),
    };
    text.push_str(&"[]".repeat(ty.dimensions()));
    text
}

/// A method by address: `Copy`, equal by identity, valid while its class is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct MethodRef(NonNull<Method>);

// SAFETY: the mutable parts of a method are atomics; the rest is immutable once its class is published.
unsafe impl Send for MethodRef {}
// SAFETY: as above.
unsafe impl Sync for MethodRef {}

impl Deref for MethodRef {
    type Target = Method;
    #[inline(always)]
    fn deref(&self) -> &Method {
        // SAFETY: metadata outlives every reference to it (metadata invariant).
        unsafe { self.0.as_ref() }
    }
}

impl std::fmt::Debug for MethodRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

impl MethodRef {
    pub fn new(method: &'static Method) -> MethodRef {
        MethodRef(NonNull::from(method))
    }
    pub fn from_ptr(p: NonNull<Method>) -> MethodRef {
        MethodRef(p)
    }
    #[inline(always)]
    pub fn as_raw(self) -> u64 {
        self.0.as_ptr() as u64
    }
    pub fn as_ptr(self) -> *mut Method {
        self.0.as_ptr()
    }
    /// # Safety
    /// `raw` must come from [`MethodRef::as_raw`] of a method whose class is loaded.
    #[inline(always)]
    pub unsafe fn from_raw(raw: u64) -> MethodRef {
        // SAFETY: the caller's promise.
        unsafe { MethodRef(NonNull::new_unchecked(raw as *mut Method)) }
    }
}
