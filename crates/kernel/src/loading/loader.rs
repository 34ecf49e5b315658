//! Class loaders: their dictionaries, metadata arenas and roots; loading by name (JVMS §5.3).

use crate::linking::constraints::ConstraintTable;
use crate::loading::boot_path::BootPath;
use crate::loading::define;
use crate::loading::mirrors;
use crate::loading::module::{Module, ModuleRef, Package, PackageRef};
use crate::oops::class::{Class, ClassRef};
use crate::oops::metaspace::{Arena, Metaspace};
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::monitor;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use crate::runtime::{calls, strings};
use caturra_bytecode::descriptor::FieldType;
use caturra_heap::{GcKind, ObjRef};
use hashbrown::{HashMap, HashSet};
use parking_lot::{Condvar, Mutex, RwLock};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Metadata of a class loader: the boot loader, a `java.lang.ClassLoader` object, or a non-strong hidden class,
/// which lives and dies alone.
pub struct LoaderData {
    /// The `ClassLoader` object, null for the boot loader. Weak: the object keeps this alive, not the reverse.
    pub object: AtomicU32,
    /// For a non-strong hidden class: its mirror, which keeps this alive.
    pub hidden_mirror: AtomicU32,
    pub is_hidden_class: bool,
    /// The hidden class has not come to be: nothing will keep this alive.
    pub abandoned: AtomicBool,
    pub serial: u32,
    pub arena: Arena,
    /// Classes this loader is recorded as initiating or defining loader of (JVMS §5.3).
    dictionary: RwLock<HashMap<Sym, ClassRef>>,
    /// Classes defined here, array classes included, in order.
    classes: Mutex<Vec<ClassRef>>,
    handles: Mutex<Handles>,
    /// Names being loaded by the boot loader, or defined, with the thread that does it.
    in_progress: Mutex<Vec<(Sym, u32)>>,
    in_progress_done: Condvar,
    packages: RwLock<HashMap<Sym, Box<Package>>>,
    #[expect(clippy::vec_box, reason = "a module's address is its identity")]
    modules: Mutex<Vec<Box<Module>>>,
    unnamed_module: OnceLock<Box<Module>>,
    /// Unloadable classes of other loaders that this one's classes refer to, already kept by a handle.
    dependencies: Mutex<HashSet<u64>>,
    /// Native libraries, tables and other things that engines free with the loader.
    on_unload: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

/// Root slots with stable addresses.
#[derive(Default)]
struct Handles {
    #[expect(clippy::vec_box, reason = "a slot's address is its identity")]
    chunks: Vec<Box<[ObjRef; HANDLE_CHUNK]>>,
    used_in_last: usize,
}

const HANDLE_CHUNK: usize = 64;

/// A loader's metadata by address: `Copy`, equal by identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LoaderRef(NonNull<LoaderData>);

// SAFETY: the mutable parts of the data are atomics or locked.
unsafe impl Send for LoaderRef {}
// SAFETY: as above.
unsafe impl Sync for LoaderRef {}

impl Deref for LoaderRef {
    type Target = LoaderData;
    fn deref(&self) -> &LoaderData {
        // SAFETY: freed only when the loader object and all its classes are dead (metadata invariant).
        unsafe { self.0.as_ref() }
    }
}

impl LoaderRef {
    pub fn as_raw(self) -> u64 {
        self.0.as_ptr() as u64
    }
    /// Same class loader, a hidden class's private data counted with its loader.
    pub fn same(self, other: LoaderRef) -> bool {
        self == other || self.object() == other.object()
    }
}

impl LoaderData {
    fn new(space: Arc<Metaspace>, object: ObjRef, is_hidden_class: bool, serial: u32) -> LoaderData {
        LoaderData {
            object: AtomicU32::new(object.raw()),
            hidden_mirror: AtomicU32::new(0),
            is_hidden_class,
            abandoned: AtomicBool::new(false),
            serial,
            arena: Arena::new(space),
            dictionary: RwLock::default(),
            classes: Mutex::default(),
            handles: Mutex::default(),
            in_progress: Mutex::default(),
            in_progress_done: Condvar::new(),
            packages: RwLock::default(),
            modules: Mutex::default(),
            unnamed_module: OnceLock::new(),
            dependencies: Mutex::default(),
            on_unload: Mutex::default(),
        }
    }

    /// The `java.lang.ClassLoader` object, null for the boot loader.
    pub fn object(&self) -> ObjRef {
        ObjRef::from_raw(self.object.load(Ordering::Acquire))
    }
    pub fn is_boot(&self) -> bool {
        self.object().is_null()
    }
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Keeps `object` alive as long as the loader; the slot's address is stable.
    pub fn add_handle(&self, object: ObjRef) -> *const ObjRef {
        let mut h = self.handles.lock();
        if h.chunks.is_empty() || h.used_in_last == HANDLE_CHUNK {
            h.chunks.push(Box::new([ObjRef::NULL; HANDLE_CHUNK]));
            h.used_in_last = 0;
        }
        let i = h.used_in_last;
        h.used_in_last += 1;
        let chunk = h.chunks.last_mut().expect("just pushed");
        chunk[i] = object;
        &raw const chunk[i]
    }

    /// Runs `f` when the loader is unloaded.
    pub fn on_unload(&self, f: Box<dyn FnOnce() + Send>) {
        self.on_unload.lock().push(f);
    }

    pub fn find(&self, name: Sym) -> Option<ClassRef> {
        self.dictionary.read().get(&name).copied()
    }

    /// Classes of which this is recorded as initiating or defining loader.
    pub fn visible_classes(&self) -> Vec<ClassRef> {
        self.dictionary.read().values().copied().collect()
    }

    /// Named modules of this loader.
    pub fn modules(&self) -> Vec<ModuleRef> {
        self.modules.lock().iter().map(|m| ModuleRef::of(m)).collect()
    }

    /// Classes defined by this loader so far.
    pub fn defined_classes(&self) -> Vec<ClassRef> {
        self.classes.lock().clone()
    }

    pub fn unnamed_module(&self) -> ModuleRef {
        let m = self.unnamed_module.get_or_init(|| {
            // SAFETY: a loader's data never moves.
            Box::new(Module::new(None, LoaderRef(NonNull::from(self)), true))
        });
        ModuleRef::of(m)
    }

    pub fn add_module(&self, m: Module) -> ModuleRef {
        let boxed = Box::new(m);
        let r = ModuleRef::of(&boxed);
        self.modules.lock().push(boxed);
        r
    }

    pub fn find_module(&self, name: Sym) -> Option<ModuleRef> {
        self.modules.lock().iter().find(|m| m.name == Some(name)).map(|m| ModuleRef::of(m))
    }

    pub fn find_package(&self, name: Sym) -> Option<PackageRef> {
        self.packages.read().get(&name).map(|p| PackageRef::of(p))
    }

    /// The package, created in `module` when new.
    pub fn package(&self, name: Sym, module: impl FnOnce() -> ModuleRef) -> PackageRef {
        if let Some(p) = self.find_package(name) {
            return p;
        }
        let module = module();
        let mut packages = self.packages.write();
        PackageRef::of(packages.entry(name).or_insert_with(|| Box::new(Package::new(name, module))))
    }

    pub fn all_packages(&self) -> Vec<PackageRef> {
        self.packages.read().values().map(|p| PackageRef::of(p)).collect()
    }

    /// Records that classes of this loader refer to `class`: keeps an unloadable class of another loader alive.
    pub fn record_dependency(&self, class: ClassRef) {
        let class = class.bottom.unwrap_or(class);
        let owner = &*class.loader;
        if owner.is_boot() && !owner.is_hidden_class || std::ptr::eq(owner, self) {
            return;
        }
        if self.dependencies.lock().insert(class.as_raw()) {
            self.add_handle(class.mirror());
        }
    }

    fn visit(&self, v: &mut dyn FnMut(*mut ObjRef)) {
        for class in self.classes.lock().iter() {
            v(class.mirror.as_ptr().cast());
        }
        self.visit_handles(v);
    }

    fn visit_handles(&self, v: &mut dyn FnMut(*mut ObjRef)) {
        let mut h = self.handles.lock();
        let (full, last) = (h.chunks.len().saturating_sub(1), h.used_in_last);
        for (i, chunk) in h.chunks.iter_mut().enumerate() {
            let n = if i < full { HANDLE_CHUNK } else { last };
            chunk[..n].iter_mut().for_each(|slot| v(slot));
        }
    }

    /// Records a class as defined here, unless another thread was first with that name.
    pub(crate) fn try_record(&self, class: ClassRef) -> bool {
        {
            let mut d = self.dictionary.write();
            if d.contains_key(&class.name) {
                return false;
            }
            d.insert(class.name, class);
        }
        self.classes.lock().push(class);
        true
    }

    pub(crate) fn record_defined(&self, class: ClassRef, in_dictionary: bool) {
        if in_dictionary {
            self.dictionary.write().insert(class.name, class);
        }
        self.classes.lock().push(class);
    }

    /// Notes that thread `id` loads or defines `name` here; `false` when that very thread already does.
    pub(crate) fn begin(&self, name: Sym, id: u32) -> bool {
        let mut p = self.in_progress.lock();
        if p.contains(&(name, id)) {
            return false;
        }
        p.push((name, id));
        true
    }

    /// Whether thread `id` loads or defines `name` here.
    pub(crate) fn is_in_progress(&self, name: Sym, id: u32) -> bool {
        self.in_progress.lock().contains(&(name, id))
    }

    pub(crate) fn end(&self, name: Sym, id: u32) {
        self.in_progress.lock().retain(|e| *e != (name, id));
        self.in_progress_done.notify_all();
    }
}

/// All loaders of a VM.
pub struct LoaderSet {
    boot: Box<LoaderData>,
    #[expect(clippy::vec_box, reason = "a loader's address is its identity")]
    others: Mutex<Vec<Box<LoaderData>>>,
    next_serial: AtomicU32,
    pub constraints: ConstraintTable,
    pub boot_path: OnceLock<BootPath>,
    space: Arc<Metaspace>,
    pub unloaded: AtomicU64,
}

impl LoaderSet {
    pub fn new(space: Arc<Metaspace>) -> LoaderSet {
        LoaderSet {
            boot: Box::new(LoaderData::new(space.clone(), ObjRef::NULL, false, 0)),
            others: Mutex::default(),
            next_serial: AtomicU32::new(1),
            constraints: ConstraintTable::default(),
            boot_path: OnceLock::new(),
            space,
            unloaded: AtomicU64::new(0),
        }
    }

    pub fn boot(&self) -> LoaderRef {
        LoaderRef(NonNull::from(&*self.boot))
    }

    /// Metadata for a loader object (`hidden` false), or for one non-strong hidden class of that loader.
    pub(crate) fn add(&self, object: ObjRef, hidden: bool) -> LoaderRef {
        let serial = self.next_serial.fetch_add(1, Ordering::Relaxed);
        let data = Box::new(LoaderData::new(self.space.clone(), object, hidden, serial));
        let r = LoaderRef(NonNull::from(&*data));
        self.others.lock().push(data);
        r
    }

    /// Every loader, the boot loader first.
    pub fn all(&self) -> Vec<LoaderRef> {
        let mut v = vec![self.boot()];
        v.extend(self.others.lock().iter().map(|d| LoaderRef(NonNull::from(&**d))));
        v
    }

    /// Every class defined so far.
    pub fn all_classes(&self) -> Vec<ClassRef> {
        self.all().iter().flat_map(|l| l.defined_classes()).collect()
    }

    /// Roots that keep objects alive by themselves: the boot loader's; in a minor collection those of all.
    pub fn visit_strong_roots(&self, kind: GcKind, v: &mut dyn FnMut(*mut ObjRef)) {
        self.boot.visit(v);
        if kind == GcKind::Minor {
            for l in self.others.lock().iter() {
                l.visit(v);
            }
        }
    }

    /// Objects that metadata refers to, of all loaders.
    pub fn visit_handles(&self, visit: &mut dyn FnMut(ObjRef)) {
        let mut visit = |slot: *mut ObjRef| {
            // SAFETY: a slot of the handle list, whose owners are stopped.
            let object = unsafe { *slot };
            if !object.is_null() {
                visit(object);
            }
        };
        self.boot.visit_handles(&mut visit);
        self.others.lock().iter().for_each(|l| l.visit_handles(&mut visit));
    }

    /// Slots that `owner` (a `ClassLoader` object, or the mirror of a hidden class) keeps alive.
    pub fn visit_owned(&self, vm: &Vm, owner: ObjRef, v: &mut dyn FnMut(*mut ObjRef)) {
        // SAFETY: the collector presents live objects of these two kinds.
        unsafe {
            if ClassRef::of(owner) == vm.wk.class() {
                let raw = owner.load::<u32>(vm.off.class_klass() as usize);
                if raw != 0 {
                    let loader = ClassRef::from_raw(u64::from(raw)).loader;
                    if loader.is_hidden_class {
                        v(loader.object.as_ptr().cast());
                        loader.visit(v);
                    }
                }
            } else {
                let raw = owner.load::<u64>(vm.off.class_loader_data() as usize);
                if let Some(data) = NonNull::new(raw as *mut LoaderData) {
                    data.as_ref().visit(v);
                }
            }
        }
    }

    /// Frees the metadata of loaders that died; the world is stopped.
    pub fn unload_dead(&self, vm: &Vm, forward: &dyn Fn(ObjRef) -> ObjRef) {
        let mut dead = Vec::new();
        {
            let mut others = self.others.lock();
            let mut i = 0;
            while i < others.len() {
                let l = &others[i];
                let keeper = if l.is_hidden_class { &l.hidden_mirror } else { &l.object };
                let keeper = ObjRef::from_raw(keeper.load(Ordering::Acquire));
                let lives = if keeper.is_null() {
                    !l.abandoned.load(Ordering::Acquire)
                } else {
                    !forward(keeper).is_null()
                };
                if lives {
                    i += 1;
                } else {
                    dead.push(others.swap_remove(i));
                }
            }
        }
        if dead.is_empty() {
            return;
        }
        let gone: HashSet<u64> = dead
            .iter()
            .flat_map(|d| d.classes.lock().iter().map(|c| c.as_raw()).collect::<Vec<_>>())
            .collect();
        if let Some(compiler) = vm.compiler.get() {
            (compiler.unloading)(vm, &|c| gone.contains(&c.as_raw()));
        }
        self.constraints.purge(&gone);
        self.constraints.purge_loaders(&|l| dead.iter().any(|d| std::ptr::eq(&**d, &*l)));
        for l in self.all() {
            let classes = l.classes.lock();
            unlink_subclasses(&classes, &gone);
            for c in classes.iter().filter(|c| gone.contains(&c.secondary_cache.load(Ordering::Relaxed))) {
                c.secondary_cache.store(0, Ordering::Relaxed);
            }
            // A dead loader's class may be recorded under a living initiating loader only if that one keeps it
            // alive, so dictionaries need no purge.
        }
        (vm.engine().classes_unloaded)(vm);
        for mut d in dead {
            for f in std::mem::take(&mut *d.on_unload.get_mut()) {
                f();
            }
            vm.classes_unloaded.fetch_add(d.classes.get_mut().len() as u64, Ordering::Relaxed);
            for c in d.classes.get_mut() {
                let errors = c.errors.swap(std::ptr::null_mut(), Ordering::AcqRel);
                if !errors.is_null() {
                    // SAFETY: made by `Box::into_raw` in `linking::errors`, freed once.
                    drop(unsafe { Box::from_raw(errors) });
                }
            }
            self.unloaded.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Takes unloaded classes out of the subclass lists of `classes`.
fn unlink_subclasses(classes: &[ClassRef], gone: &HashSet<u64>) {
    for c in classes {
        let mut link = &c.first_subclass;
        loop {
            let next = link.load(Ordering::Relaxed);
            if next == 0 {
                break;
            }
            // SAFETY: dead classes' records are still mapped: their arenas are dropped after this.
            let sub: &Class = unsafe { &*(next as *const Class) };
            if gone.contains(&next) {
                link.store(sub.next_sibling.load(Ordering::Relaxed), Ordering::Relaxed);
            } else {
                link = &sub.next_sibling;
            }
        }
    }
}

/// The metadata of a `ClassLoader` object, made on first sight; null is the boot loader.
pub fn loader_of(t: &Thread, object: ObjRef) -> LoaderRef {
    let vm = t.vm();
    if object.is_null() {
        return vm.loaders.boot();
    }
    // SAFETY: a live ClassLoader object with the injected field.
    unsafe {
        let field = object.atomic_u64(vm.off.class_loader_data() as usize);
        if let Some(p) = NonNull::new(field.load(Ordering::Acquire) as *mut LoaderData) {
            return LoaderRef(p);
        }
        static CREATE: Mutex<()> = Mutex::new(());
        let _guard = CREATE.lock();
        if let Some(p) = NonNull::new(field.load(Ordering::Acquire) as *mut LoaderData) {
            return LoaderRef(p);
        }
        let l = vm.loaders.add(object, false);
        let unnamed = object.load_ref(vm.off.class_loader_unnamed_module() as usize);
        if !unnamed.is_null() {
            bind_module_object(vm, l.unnamed_module(), unnamed);
        }
        field.store(l.as_raw(), Ordering::Release);
        l
    }
}

/// Ties a module entry to its `java.lang.Module` object.
pub fn bind_module_object(vm: &Vm, m: ModuleRef, object: ObjRef) {
    m.object.store(object.raw(), Ordering::Release);
    m.loader.add_handle(object);
    // SAFETY: a live Module object with the injected field.
    unsafe { object.atomic_u64(vm.off.module_entry() as usize).store(m.as_ptr() as u64, Ordering::Release) };
}

/// A class already recorded for `name`; never loads.
pub fn find_loaded(t: &Thread, loader: LoaderRef, name: Sym) -> Option<ClassRef> {
    if name.bytes().first() == Some(&b'[') {
        let ty = FieldType::parse(name.bytes())?;
        let element = match ty.element() {
            FieldType::Class(n) => loader.find(t.vm().symbols.lookup(n)?)?,
            other => mirrors::primitive_class(t.vm(), other.basic_type()),
        };
        let mut class = element;
        for _ in 0..ty.dimensions() {
            let raw = class.array_class.load(Ordering::Acquire);
            if raw == 0 {
                return None;
            }
            // SAFETY: an array class lives as long as its element class.
            class = unsafe { ClassRef::from_raw(raw) };
        }
        return Some(class);
    }
    loader.find(name)
}

/// Loads the class `name` (internal form; array descriptors too) with `loader` as initiating loader.
///
/// # Errors
/// `ClassNotFoundException` and whatever the loader throws; `LinkageError`s of the definition.
pub fn load_class(t: &Thread, loader: LoaderRef, name: Sym) -> JResult<ClassRef> {
    load_or_none(t, loader, name)?
        .ok_or_else(|| exceptions::throw(t, "java/lang/ClassNotFoundException", &name.to_external()))
}

/// As [`load_class`], but `None` where nothing is found and no Java code reports it: the boot loader has no such
/// class, or `loadClass` returns null or a class of another name. No exception tells of these, so the
/// `NoClassDefFoundError` of a resolution has no cause then.
///
/// # Errors
/// What the loader throws; `LinkageError`s of the definition.
pub fn load_or_none(t: &Thread, loader: LoaderRef, name: Sym) -> JResult<Option<ClassRef>> {
    if let Some(c) = loader.find(name) {
        return Ok(Some(c));
    }
    // What is no array descriptor is a name like any other, also with a bracket in front.
    if name.bytes().first() == Some(&b'[')
        && let Some(ty) = FieldType::parse(name.bytes())
    {
        return load_array_class(t, loader, ty);
    }
    if loader.is_boot() { find_boot_class(t, loader, name) } else { load_user_class(t, loader, name) }
}

fn load_array_class(t: &Thread, loader: LoaderRef, ty: FieldType<'_>) -> JResult<Option<ClassRef>> {
    let element = match ty.element() {
        FieldType::Class(n) => load_or_none(t, loader, t.vm().symbols.intern_bytes(n))?,
        other => Some(mirrors::primitive_class(t.vm(), other.basic_type())),
    };
    let Some(mut class) = element else { return Ok(None) };
    for _ in 0..ty.dimensions() {
        class = mirrors::array_class_of(t, class)?;
    }
    Ok(Some(class))
}

/// Loads a class by the boot loader, `None` when it has none of that name.
pub fn find_boot_class(t: &Thread, boot: LoaderRef, name: Sym) -> JResult<Option<ClassRef>> {
    if let Some(c) = boot.find(name) {
        return Ok(Some(c));
    }
    let vm = t.vm();
    let path = vm.loaders.boot_path.get().expect("the boot path is set before any class is loaded");
    let Some((bytes, source)) = path.find_class(vm, name) else { return Ok(None) };
    // One thread defines, others wait for it: several threads may ask for the same boot class.
    {
        let mut p = boot.in_progress.lock();
        if p.contains(&(name, t.id)) {
            drop(p);
            return Err(exceptions::throw(t, "java/lang/ClassCircularityError", &name.to_str()));
        }
        while p.iter().any(|e| e.0 == name) {
            let blocked = crate::runtime::safepoint::BlockedScope::enter(t);
            boot.in_progress_done.wait_for(&mut p, std::time::Duration::from_millis(10));
            parking_lot::MutexGuard::unlocked(&mut p, || drop(blocked));
            if let Some(c) = boot.find(name) {
                return Ok(Some(c));
            }
        }
        if let Some(c) = boot.find(name) {
            return Ok(Some(c));
        }
        p.push((name, t.id));
    }
    let result = define::define_boot_class(t, name, bytes, &source);
    boot.end(name, t.id);
    result.map(Some)
}

fn load_user_class(t: &Thread, loader: LoaderRef, name: Sym) -> JResult<Option<ClassRef>> {
    let vm = t.vm();
    let object = loader.object();
    let dotted = strings::new_string(t, &name.to_external())?;
    // A loader that is not parallel capable is locked around the call, as it was before JDK 7.
    // SAFETY: `object` is a live ClassLoader.
    let locked = unsafe { object.load_ref(vm.off.class_loader_parallel_lock_map() as usize) }.is_null();
    if locked {
        monitor::enter(t, object);
    }
    let result = calls::invoke_virtual(
        t,
        vm.methods.class_loader_load_class(),
        &[u64::from(object.raw()), u64::from(dotted.raw())],
    );
    if locked {
        let pending = exceptions::take_pending(t);
        let _ = monitor::exit(t, object);
        t.pending.set(pending);
    }
    let mirror = ObjRef::from_raw(result? as u32);
    if mirror.is_null() {
        return Ok(None);
    }
    let class = mirrors::class_of(mirror);
    if class.is_primitive() || class.name != name {
        return Ok(None);
    }
    record_initiated(t, loader, class)?;
    Ok(Some(class))
}

/// Records `loader` as initiating loader of `class` (JVMS §5.3), after the loading constraints allow it.
pub fn record_initiated(t: &Thread, loader: LoaderRef, class: ClassRef) -> JResult<()> {
    if class.loader == loader {
        return Ok(());
    }
    let vm = t.vm();
    vm.loaders.constraints.check(t, loader, class)?;
    loader.record_dependency(class);
    let mut d = loader.dictionary.write();
    if let Some(old) = d.insert(class.name, class)
        && old != class
    {
        d.insert(class.name, old);
        drop(d);
        return Err(crate::linking::errors::duplicate_definition(t, loader, class.name));
    }
    Ok(())
}

/// "'app'", "'bootstrap'", "com.foo.L @1b2c3d" as messages name a loader.
pub fn loader_display_name(t: &Thread, loader: LoaderRef) -> String {
    let object = loader.object();
    if object.is_null() {
        return "'bootstrap'".into();
    }
    let vm = t.vm();
    // SAFETY: a live ClassLoader.
    unsafe {
        let s = object.load_ref(vm.off.class_loader_name_and_id() as usize);
        if s.is_null() { ClassRef::of(object).external_name() } else { strings::to_rust(s) }
    }
}
