//! Class metadata: one record a class, array type or primitive type, at a stable address below 4 GiB.

use crate::loading::loader::LoaderRef;
use crate::loading::module::{ModuleRef, PackageRef};
use crate::oops::constant_pool::ConstantPool;
use crate::oops::field::FieldRef;
use crate::oops::method::MethodRef;
use crate::oops::symbol::Sym;
use caturra_bytecode::access;
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::{ClassPrefix, ObjRef};
use parking_lot::Mutex;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Superclasses kept for the one-load subtype check.
pub const DISPLAY: usize = 8;

/// Progress of a class through linking and initialisation (JVMS §5.5).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InitState {
    Loaded = 0,
    Linked = 1,
    BeingInitialized = 2,
    Initialized = 3,
    Erroneous = 4,
}

/// What kind of type a class record stands for.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassKind {
    Instance = 0,
    ObjArray = 1,
    PrimArray = 2,
    /// `int.class` and its like; no instances.
    Primitive = 3,
}

bitflags::bitflags! {
    /// What the VM marks on a class beside its access flags.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ClassFlags: u32 {
        /// Has a non-empty `finalize()`: instances are registered.
        const FINALIZABLE = 1;
        /// Hidden class (JEP 371).
        const HIDDEN = 1 << 1;
        /// Hidden and not kept by its loader.
        const NON_STRONG_HIDDEN = 1 << 2;
        const RECORD = 1 << 3;
        /// `java.lang.Cloneable` is a supertype.
        const CLONEABLE = 1 << 4;
        /// Declares or inherits a non-abstract, non-static interface method.
        const HAS_DEFAULT_METHODS = 1 << 5;
        /// An interface that itself declares a non-abstract, non-static method.
        const DECLARES_DEFAULT_METHODS = 1 << 6;
        /// Trusted by the verifier options (boot class).
        const TRUSTED = 1 << 7;
        /// `SUPER`-less anonymous marks: subclass of `MagicAccessorImpl`, exempt from verification.
        const REFLECTION_MAGIC = 1 << 8;
        /// Value-based class (`@ValueBased`).
        const VALUE_BASED = 1 << 9;
        /// `allocateInstance`, `new` forbidden: `java.lang.Class`.
        const NOT_INSTANTIABLE = 1 << 10;
        /// The class file had an InnerClasses entry for this class.
        const IS_INNER = 1 << 11;
    }
}

/// One interface of an itable: methods in the order of the interface's itable indexes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ItableEntry {
    pub interface: ClassRef,
    pub methods: &'static [MethodRef],
}

/// A row of `InnerClasses` (JVMS §4.7.6): constant-pool indexes and flags.
#[derive(Clone, Copy, Debug)]
pub struct InnerClass {
    pub inner: u16,
    pub outer: u16,
    pub name: u16,
    pub flags: u16,
}

/// A component of `Record` (JVMS §4.7.30).
#[derive(Clone, Copy)]
pub struct RecordComponent {
    pub name: Sym,
    pub descriptor: Sym,
    pub generic_signature: Option<Sym>,
    pub annotations: &'static [u8],
    pub type_annotations: &'static [u8],
}

/// Rarely used parts of a class.
#[derive(Default)]
pub struct ClassExtra {
    pub source_file: Option<Sym>,
    pub source_debug_extension: Option<&'static [u8]>,
    pub generic_signature: Option<Sym>,
    pub inner_classes: &'static [InnerClass],
    /// (class index, name-and-type index or 0).
    pub enclosing_method: Option<(u16, u16)>,
    /// Class index of `NestHost`, 0 when none.
    pub nest_host_index: u16,
    pub nest_members: &'static [u16],
    pub permitted_subclasses: Option<&'static [u16]>,
    pub record_components: Option<&'static [RecordComponent]>,
    pub annotations: &'static [u8],
    pub type_annotations: &'static [u8],
    pub major_version: u16,
    pub minor_version: u16,
    /// `this_class` index.
    pub this_index: u16,
    /// `super_class` index.
    pub super_index: u16,
    /// Constant-pool indexes of the direct superinterfaces.
    pub interface_indexes: &'static [u16],
}

/// An error that a resolution or initialisation ended in, raised again at the next try.
pub struct RecordedError {
    /// Constant-pool index, or 0 for class initialisation.
    pub index: u16,
    pub class: Sym,
    pub message: Option<String>,
    /// Class and message of its cause, when it had one.
    pub cause: Option<(Sym, Option<String>)>,
    /// Of a failed initialisation: the root slot of the error to name as cause later, 0 when it could not be made.
    pub object: usize,
}

/// A class, interface, array class or primitive type. The vtable follows the record in memory.
#[repr(C)]
pub struct Class {
    /// What the collector reads; must be first.
    pub prefix: ClassPrefix,
    pub kind: ClassKind,
    pub init_state: AtomicU8,
    /// JVMS access flags as in the class file.
    pub access: u16,
    /// Depth in the superclass chain, `Object` is 0.
    pub depth: u32,
    /// Superclasses by depth, this class included; null beyond `depth`.
    pub display: [u64; DISPLAY],
    /// The last successful secondary supertype, raw; 0 when none.
    pub secondary_cache: AtomicU64,
    /// All superinterfaces, and superclasses beyond the display.
    pub secondaries: &'static [ClassRef],
    /// The class mirror (`java.lang.Class` object).
    pub mirror: AtomicU32,
    pub flags: AtomicU32,
    pub vtable_len: u32,
    /// Element kind of a primitive array or kind of a primitive type; `Reference` otherwise.
    pub element_type: BasicType,
    /// Array dimensions, 0 for others.
    pub dimensions: u8,
    pub itable: &'static [ItableEntry],
    /// Thread (address) that runs the initialiser.
    pub init_thread: AtomicU64,
    pub cp: &'static ConstantPool,
    pub name: Sym,
    pub super_class: Option<ClassRef>,
    pub loader: LoaderRef,
    /// `None` in the unnamed package of arrays and primitives.
    pub package: Option<PackageRef>,
    pub module: AtomicPtr<u8>,
    /// Direct superinterfaces.
    pub interfaces: &'static [ClassRef],
    /// All superinterfaces, transitive, each once.
    pub all_interfaces: &'static [ClassRef],
    /// Declared methods in class-file order.
    pub methods: &'static [MethodRef],
    /// `methods` sorted by (name, signature) address for look-up.
    pub methods_sorted: &'static [MethodRef],
    /// Methods that the VM added to the vtable (mirandas, conflict markers); not reflected.
    pub vm_methods: &'static [MethodRef],
    /// Declared fields in class-file order; injected ones last.
    pub fields: &'static [FieldRef],
    /// The array class of this type, created on demand.
    pub array_class: AtomicU64,
    /// Component type of an array class.
    pub component: Option<ClassRef>,
    /// Innermost element type of an array class.
    pub bottom: Option<ClassRef>,
    /// Nest host once determined, raw; 0 before.
    pub nest_host: AtomicU64,
    /// Class-hierarchy analysis: direct subclasses (or implementors) as an intrusive list.
    pub first_subclass: AtomicU64,
    pub next_sibling: AtomicU64,
    pub extra: &'static ClassExtra,
    /// Errors recorded by resolution; boxed, freed with the loader.
    pub errors: AtomicPtr<Mutex<Vec<RecordedError>>>,
    /// Verification and layout data of engines; null when none.
    pub engine_data: AtomicPtr<u8>,
    /// First byte of the static fields in the mirror, and reference count at that place.
    pub statics_start: u32,
    pub static_ref_count: u32,
    /// Size in bytes of this class's mirror.
    pub mirror_size: u32,
    /// Position of the class in its define order, for logs and dumps.
    pub serial: u32,
    /// Bytes of the class file as loaded, for retransformation; empty when not kept.
    pub class_file: &'static [u8],
    /// First field offset free for subclasses.
    pub fields_end: u32,
}

impl Class {
    pub fn state(&self) -> InitState {
        match self.init_state.load(Ordering::Acquire) {
            0 => InitState::Loaded,
            1 => InitState::Linked,
            2 => InitState::BeingInitialized,
            3 => InitState::Initialized,
            _ => InitState::Erroneous,
        }
    }
    pub fn set_state(&self, s: InitState) {
        self.init_state.store(s as u8, Ordering::Release);
    }
    #[inline(always)]
    pub fn is_initialized(&self) -> bool {
        self.init_state.load(Ordering::Acquire) == InitState::Initialized as u8
    }
    pub fn is_linked(&self) -> bool {
        self.init_state.load(Ordering::Acquire) >= InitState::Linked as u8
    }
    #[inline(always)]
    pub fn mirror(&self) -> ObjRef {
        ObjRef::from_raw(self.mirror.load(Ordering::Acquire))
    }
    pub fn is_interface(&self) -> bool {
        self.access & access::ACC_INTERFACE != 0 && self.kind == ClassKind::Instance
    }
    pub fn is_abstract(&self) -> bool {
        self.access & access::ACC_ABSTRACT != 0
    }
    pub fn is_final(&self) -> bool {
        self.access & access::ACC_FINAL != 0
    }
    pub fn is_public(&self) -> bool {
        self.access & access::ACC_PUBLIC != 0
    }
    #[inline(always)]
    pub fn is_array(&self) -> bool {
        matches!(self.kind, ClassKind::ObjArray | ClassKind::PrimArray)
    }
    pub fn is_instance_class(&self) -> bool {
        self.kind == ClassKind::Instance
    }
    pub fn is_primitive(&self) -> bool {
        self.kind == ClassKind::Primitive
    }
    pub fn has(&self, flag: ClassFlags) -> bool {
        self.flags.load(Ordering::Relaxed) & flag.bits() != 0
    }
    pub fn set(&self, flag: ClassFlags) {
        self.flags.fetch_or(flag.bits(), Ordering::Relaxed);
    }
    pub fn is_hidden(&self) -> bool {
        self.has(ClassFlags::HIDDEN)
    }
    /// Size of an instance in bytes, header included.
    #[inline(always)]
    pub fn instance_size(&self) -> usize {
        self.prefix.instance_size as usize
    }
    /// "java.lang.String", "int", "[I"; a hidden class, also as element of an array, keeps its "/" before the suffix.
    pub fn external_name(&self) -> String {
        let mut name = self.name.to_external();
        if self.is_hidden() || self.bottom.is_some_and(|c| c.is_hidden()) {
            // `pkg/Name+0x…` is printed `pkg.Name/0x…`.
            if let Some(i) = name.rfind('+') {
                name.replace_range(i..=i, "/");
            }
        }
        name
    }
    pub fn module(&self) -> ModuleRef {
        // SAFETY: set when the class is made, before it is published.
        unsafe { ModuleRef::from_ptr(self.module.load(Ordering::Acquire)) }
    }
    pub fn super_raw(&self) -> u64 {
        self.super_class.map_or(0, ClassRef::as_raw)
    }

    /// The vtable, which lies behind the record.
    #[inline(always)]
    pub fn vtable(&self) -> &[MethodRef] {
        // SAFETY: the record was allocated with room for `vtable_len` entries behind it (see `loading::define`).
        unsafe {
            let first = (self as *const Class).add(1).cast::<MethodRef>();
            std::slice::from_raw_parts(first, self.vtable_len as usize)
        }
    }

    /// The entry at `index` without a bounds check.
    ///
    /// # Safety
    /// `index < vtable_len`.
    #[inline(always)]
    pub unsafe fn vtable_entry(&self, index: usize) -> MethodRef {
        debug_assert!(index < self.vtable_len as usize);
        // SAFETY: the caller's promise.
        unsafe { *(self as *const Class).add(1).cast::<MethodRef>().add(index) }
    }

    /// Methods of `interface` as this class implements them, in itable order.
    #[inline]
    pub fn itable_for(&self, interface: ClassRef) -> Option<&'static [MethodRef]> {
        self.itable.iter().find(|e| e.interface == interface).map(|e| e.methods)
    }

    /// Declared method by name and signature (JVMS §5.4.3.3 step one only).
    pub fn declared_method(&self, name: Sym, signature: Sym) -> Option<MethodRef> {
        let key = (name, signature);
        let i = self.methods_sorted.binary_search_by(|m| (m.name, m.signature.symbol).cmp(&key)).ok()?;
        Some(self.methods_sorted[i])
    }

    /// Declared methods called `name`, in sorted order.
    pub fn declared_methods_named(&self, name: Sym) -> impl Iterator<Item = MethodRef> {
        let start = self.methods_sorted.partition_point(|m| m.name < name);
        self.methods_sorted[start..].iter().copied().take_while(move |m| m.name == name)
    }

    pub fn declared_field(&self, name: Sym, signature: Sym) -> Option<FieldRef> {
        self.fields.iter().copied().find(|f| f.name == name && f.signature == signature)
    }

    /// Field look-up of JVMS §5.4.3.2: this class, its superinterfaces, its superclass.
    pub fn find_field(&self, name: Sym, signature: Sym) -> Option<FieldRef> {
        let mut class = Some(self);
        while let Some(c) = class {
            if let Some(f) = c.declared_field(name, signature) {
                return Some(f);
            }
            for i in c.interfaces {
                if let Some(f) = i.find_field(name, signature) {
                    return Some(f);
                }
            }
            class = c.super_class.as_deref();
        }
        None
    }

    /// Method look-up in this class and its superclasses, statics and privates included.
    pub fn find_method_in_classes(&self, name: Sym, signature: Sym) -> Option<MethodRef> {
        let mut class = Some(self);
        while let Some(c) = class {
            if let Some(m) = c.declared_method(name, signature) {
                return Some(m);
            }
            class = c.super_class.as_deref();
        }
        None
    }

    /// Superclasses from the direct one up.
    pub fn superclasses(&self) -> impl Iterator<Item = ClassRef> {
        std::iter::successors(self.super_class, |c| c.super_class)
    }

    /// Direct subclasses, or classes and interfaces that directly implement or extend an interface, as far as
    /// they were loaded.
    pub fn direct_subclasses(&self) -> impl Iterator<Item = ClassRef> {
        // SAFETY: the list holds loaded classes only; unloading unlinks them at a safepoint.
        let get = |v: u64| (v != 0).then(|| unsafe { ClassRef::from_raw(v) });
        std::iter::successors(get(self.first_subclass.load(Ordering::Acquire)), move |c| {
            get(c.next_sibling.load(Ordering::Acquire))
        })
    }
}

/// A class by address: `Copy`, equal by identity, valid while the class is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct ClassRef(NonNull<Class>);

// SAFETY: the mutable parts of a class are atomics or locked; the rest is immutable once published.
unsafe impl Send for ClassRef {}
// SAFETY: as above.
unsafe impl Sync for ClassRef {}

impl Deref for ClassRef {
    type Target = Class;
    #[inline(always)]
    fn deref(&self) -> &Class {
        // SAFETY: metadata outlives every reference to it (metadata invariant).
        unsafe { self.0.as_ref() }
    }
}

impl std::fmt::Debug for ClassRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.external_name())
    }
}

impl ClassRef {
    pub fn from_ptr(p: NonNull<Class>) -> ClassRef {
        ClassRef(p)
    }
    pub fn as_ptr(self) -> *mut Class {
        self.0.as_ptr()
    }
    #[inline(always)]
    pub fn as_raw(self) -> u64 {
        self.0.as_ptr() as u64
    }
    /// The class id in object headers: the record's address, below 4 GiB.
    #[inline(always)]
    pub fn id(self) -> u32 {
        self.0.as_ptr() as usize as u32
    }
    /// # Safety
    /// `raw` must be the address of a loaded class's record.
    #[inline(always)]
    pub unsafe fn from_raw(raw: u64) -> ClassRef {
        // SAFETY: the caller's promise.
        unsafe { ClassRef(NonNull::new_unchecked(raw as *mut Class)) }
    }
    /// The class of an object.
    ///
    /// # Safety
    /// `object` must be a valid, non-null reference.
    #[inline(always)]
    pub unsafe fn of(object: ObjRef) -> ClassRef {
        // SAFETY: the header's class word is the address of the class record.
        unsafe { ClassRef::from_raw(u64::from(object.class_word())) }
    }

    /// Subtype test (JVMS §6.5 instanceof): whether a value of this class is assignable to `other`.
    #[inline(always)]
    pub fn is_subclass_of(self, other: ClassRef) -> bool {
        if self == other {
            return true;
        }
        let depth = other.depth as usize;
        if depth < DISPLAY && !other.is_interface() && other.kind == ClassKind::Instance {
            return self.display[depth] == other.as_raw();
        }
        self.is_secondary_subclass_of(other)
    }

    fn is_secondary_subclass_of(self, other: ClassRef) -> bool {
        if self.secondary_cache.load(Ordering::Relaxed) == other.as_raw() {
            return true;
        }
        let found = if other.is_array() {
            match (self.component, other.component) {
                (Some(a), Some(b)) => {
                    if a.is_primitive() || b.is_primitive() {
                        a == b
                    } else {
                        a.is_subclass_of(b)
                    }
                }
                _ => false,
            }
        } else {
            self.secondaries.contains(&other)
        };
        if found {
            self.secondary_cache.store(other.as_raw(), Ordering::Relaxed);
        }
        found
    }

    /// Whether this class is `other` or a subclass of it by the superclass chain only.
    pub fn has_superclass(self, other: ClassRef) -> bool {
        self == other || self.superclasses().any(|c| c == other)
    }

    /// Same run-time package (JVMS §5.3): same defining loader and package name.
    pub fn same_package(self, other: ClassRef) -> bool {
        self == other || (self.loader.same(other.loader) && self.package_name() == other.package_name())
    }

    /// Package in internal form; of an array, that of its element type.
    pub fn package_name(self) -> &'static [u8] {
        match self.bottom {
            Some(b) => b.package_name(),
            None => self.name.package_bytes(),
        }
    }
}
