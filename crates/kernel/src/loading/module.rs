//! Modules and packages as the VM sees them (JVMS §5.3.6, JEP 261): who reads whom, what is exported.

use crate::loading::loader::LoaderRef;
use crate::oops::symbol::Sym;
use caturra_heap::ObjRef;
use parking_lot::RwLock;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// A named module, or the unnamed module of a loader.
pub struct Module {
    /// `None` for an unnamed module.
    pub name: Option<Sym>,
    pub version: RwLock<Option<Sym>>,
    pub location: RwLock<Option<Sym>>,
    pub loader: LoaderRef,
    /// The `java.lang.Module` object, null until the Java side exists; kept alive by the loader.
    pub object: AtomicU32,
    pub open: AtomicBool,
    reads: RwLock<Vec<ModuleRef>>,
    reads_all_unnamed: AtomicBool,
}

/// A package of a loader.
pub struct Package {
    /// Internal form, empty for the unnamed package.
    pub name: Sym,
    module: AtomicPtr<Module>,
    exported: AtomicBool,
    exported_to_all_unnamed: AtomicBool,
    exports_to: RwLock<Vec<ModuleRef>>,
    /// Index into the boot class path of a class of this package, for `Package.getImplementation*`; a jar or
    /// "jrt:/module".
    pub source: RwLock<Option<String>>,
}

macro_rules! metadata_ref {
    ($(#[$doc:meta])* $name:ident, $target:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(NonNull<$target>);
        // SAFETY: the target's mutable parts are atomics or locked.
        unsafe impl Send for $name {}
        // SAFETY: as above.
        unsafe impl Sync for $name {}
        impl Deref for $name {
            type Target = $target;
            fn deref(&self) -> &$target {
                // SAFETY: owned by its loader's data, which outlives all uses (metadata invariant).
                unsafe { self.0.as_ref() }
            }
        }
        impl $name {
            pub fn as_ptr(self) -> *mut u8 {
                self.0.as_ptr().cast()
            }
            /// # Safety
            /// `p` must come from `as_ptr` of a living entry.
            pub unsafe fn from_ptr(p: *mut u8) -> $name {
                // SAFETY: the caller's promise.
                unsafe { $name(NonNull::new_unchecked(p.cast())) }
            }
            /// Of a boxed entry, which must stay where it is.
            pub fn of(target: &$target) -> $name {
                $name(NonNull::from(target))
            }
        }
    };
}

metadata_ref!(
    /// A module by address.
    ModuleRef,
    Module
);
metadata_ref!(
    /// A package by address.
    PackageRef,
    Package
);

impl Module {
    pub fn new(name: Option<Sym>, loader: LoaderRef, open: bool) -> Module {
        Module {
            name,
            version: RwLock::new(None),
            location: RwLock::new(None),
            loader,
            object: AtomicU32::new(0),
            open: AtomicBool::new(open),
            reads: RwLock::new(Vec::new()),
            reads_all_unnamed: AtomicBool::new(false),
        }
    }
    pub fn is_named(&self) -> bool {
        self.name.is_some()
    }
    pub fn object(&self) -> ObjRef {
        ObjRef::from_raw(self.object.load(Ordering::Acquire))
    }
    /// "java.base" or "unnamed module".
    pub fn display_name(&self) -> String {
        self.name.map_or_else(|| "unnamed module".into(), |n| n.to_str())
    }
    pub fn add_read(&self, other: ModuleRef) {
        let mut reads = self.reads.write();
        if !reads.contains(&other) {
            reads.push(other);
        }
    }
    pub fn add_read_all_unnamed(&self) {
        self.reads_all_unnamed.store(true, Ordering::Release);
    }
    /// Whether this module reads `other` (an unnamed module reads every module).
    pub fn can_read(&self, other: ModuleRef) -> bool {
        if !self.is_named() || std::ptr::eq(self, &*other) || other.name.is_some_and(|n| n == "java.base") {
            return true;
        }
        if !other.is_named() && self.reads_all_unnamed.load(Ordering::Acquire) {
            return true;
        }
        self.reads.read().contains(&other)
    }
}

impl Package {
    pub fn new(name: Sym, module: ModuleRef) -> Package {
        Package {
            name,
            module: AtomicPtr::new(module.as_ptr().cast()),
            exported: AtomicBool::new(!module.is_named() || module.open.load(Ordering::Relaxed)),
            exported_to_all_unnamed: AtomicBool::new(false),
            exports_to: RwLock::new(Vec::new()),
            source: RwLock::new(None),
        }
    }
    pub fn module(&self) -> ModuleRef {
        // SAFETY: always a living module.
        unsafe { ModuleRef::from_ptr(self.module.load(Ordering::Acquire).cast()) }
    }
    pub fn set_module(&self, m: ModuleRef) {
        self.module.store(m.as_ptr().cast(), Ordering::Release);
        self.exported.store(!m.is_named() || m.open.load(Ordering::Relaxed), Ordering::Release);
    }
    pub fn export_to_all(&self) {
        self.exported.store(true, Ordering::Release);
    }
    pub fn export_to_all_unnamed(&self) {
        self.exported_to_all_unnamed.store(true, Ordering::Release);
    }
    pub fn export_to(&self, m: ModuleRef) {
        let mut to = self.exports_to.write();
        if !to.contains(&m) {
            to.push(m);
        }
    }
    pub fn is_exported_to_all(&self) -> bool {
        self.exported.load(Ordering::Acquire)
    }
    pub fn is_exported_to(&self, m: ModuleRef) -> bool {
        self.is_exported_to_all()
            || (!m.is_named() && self.exported_to_all_unnamed.load(Ordering::Acquire))
            || self.exports_to.read().contains(&m)
    }
}

/// VM-wide facts of the module system.
#[derive(Default)]
pub struct ModuleTable {
    java_base: OnceLock<ModuleRef>,
    java_base_defined: AtomicBool,
}

impl ModuleTable {
    /// `java.base`, made at boot before its Java object exists.
    pub fn java_base(&self) -> ModuleRef {
        *self.java_base.get().expect("java.base is made before the first class")
    }
    pub fn set_java_base(&self, m: ModuleRef) {
        let _ = self.java_base.set(m);
    }
    /// Whether `JVM_DefineModule(java.base)` has happened.
    pub fn is_java_base_defined(&self) -> bool {
        self.java_base_defined.load(Ordering::Acquire)
    }
    pub fn set_java_base_defined(&self) {
        self.java_base_defined.store(true, Ordering::Release);
    }
}
