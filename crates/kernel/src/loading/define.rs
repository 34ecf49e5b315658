//! Deriving a class from a class file (JVMS §5.3.5).

use crate::linking::{access, errors, resolve};
use crate::loading::layout::{self, ToPlace};
use crate::loading::loader::LoaderRef;
use crate::loading::module::{ModuleRef, PackageRef};
use crate::loading::vtable::{self, Implementation, NewMethod, Slot};
use crate::loading::{loader, mirrors};
use crate::oops::class::{
    Class, ClassExtra, ClassFlags, ClassKind, ClassRef, DISPLAY, InnerClass, ItableEntry, RecordComponent,
};
use crate::oops::constant_pool::{ConstantPool, CpSlot};
use crate::oops::field::{Field, FieldFlags, FieldRef};
use crate::oops::metaspace::{Arena, MetaspaceFull};
use crate::oops::method::{
    ExceptionEntry, ITABLE_BASE, Method, MethodFlags, MethodKind, MethodRef, NONVIRTUAL,
};
use crate::oops::symbol::Sym;
use crate::oops::well_known::INJECTED_FIELDS;
use crate::runtime::exceptions::{self, JResult, Thrown};
use crate::runtime::thread::Thread;
use crate::runtime::tools::{self, ChangedClassFile, ClassFileEvent};
use crate::runtime::vm::Vm;
use caturra_bytecode::access as acc;
use caturra_bytecode::descriptor::BasicType;
use caturra_classfile::{ClassFile, ClassFormatProblem, Constant, ParseOptions};
use caturra_heap::{ClassPrefix, GcCause, LayoutKind, ObjRef, RefKind, RefRun};
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// A class to define.
pub struct DefineRequest<'a> {
    /// The defining loader.
    pub loader: LoaderRef,
    /// The name it must have, in internal form.
    pub name: Option<Sym>,
    pub bytes: &'a [u8],
    /// The `ProtectionDomain`, or null.
    pub protection_domain: ObjRef,
    /// Where the bytes came from, for logs.
    pub source: Option<&'a str>,
    pub hidden: Option<HiddenRequest>,
}

/// A hidden class (JEP 371).
#[derive(Clone, Copy)]
pub struct HiddenRequest {
    pub lookup: ClassRef,
    pub nestmate: bool,
    /// Kept by its loader rather than by itself.
    pub strong: bool,
    /// `Class.classData`, or null.
    pub class_data: ObjRef,
    /// Whether lambda-form annotations (`@Hidden` …) count in it.
    pub vm_annotations: bool,
}

impl From<MetaspaceFull> for Problem {
    fn from(_: MetaspaceFull) -> Problem {
        Problem::Metaspace
    }
}

enum Problem {
    Metaspace,
    Thrown(Thrown),
}

impl Problem {
    /// As an exception.
    fn thrown(self, t: &Thread) -> Thrown {
        match self {
            Problem::Metaspace => exceptions::metaspace_full(t),
            Problem::Thrown(thrown) => thrown,
        }
    }
}

impl From<Thrown> for Problem {
    fn from(t: Thrown) -> Problem {
        Problem::Thrown(t)
    }
}

/// Defines a class for a class loader (`ClassLoader.defineClass`, JNI `DefineClass`, hidden classes).
///
/// # Errors
/// `ClassFormatError`, `UnsupportedClassVersionError`, `NoClassDefFoundError`, `LinkageError`,
/// `ClassCircularityError`, `IncompatibleClassChangeError`, `IllegalAccessError`, and what loading the
/// superclass and superinterfaces throws.
pub fn define_class(t: &Thread, request: &DefineRequest<'_>) -> JResult<ClassRef> {
    let vm = t.vm();
    let changed = if request.hidden.is_none() { offer(t, request, None) } else { None };
    let bytes = changed.as_ref().map_or(request.bytes, |c| &c.bytes);
    let original = changed.as_ref().and_then(|c| c.original.as_deref());
    // The boot loader's classes never die.
    if vm.metaspace.is_collection_due(vm.loaders.boot().arena.size()) {
        collect_classes(vm);
    }
    let first = define_in_space(t, request, bytes, original);
    let outcome = match first {
        Err(Problem::Metaspace) => {
            collect_classes(vm);
            define_in_space(t, request, bytes, original)
        }
        outcome => outcome,
    };
    outcome.map_err(|problem| problem.thrown(t))
}

/// Frees what belongs to class loaders that have died.
fn collect_classes(vm: &Vm) {
    vm.heap.collect(vm, GcCause::MetadataThreshold, false);
    vm.metaspace.collected(vm.loaders.boot().arena.size());
}

/// Defines a class with the class files copied to its loader's memory, or to memory of its own.
fn define_in_space(
    t: &Thread,
    request: &DefineRequest<'_>,
    bytes: &[u8],
    original: Option<&[u8]>,
) -> Result<ClassRef, Problem> {
    let data = match (&request.hidden, request.loader) {
        (Some(h), l) if !h.strong => t.vm().loaders.add(l.object(), true),
        (_, l) => l,
    };
    let kept = keep(data, bytes, original).map_err(Problem::from);
    let class = kept.and_then(|(bytes, original)| define(t, request, data, bytes, original));
    if class.is_err() && data.is_hidden_class {
        data.abandoned.store(true, Ordering::Release);
    }
    class
}

/// Asks agents what to make of a class file; `None` when they leave it as it is.
fn offer(t: &Thread, request: &DefineRequest<'_>, redefined: Option<ClassRef>) -> Option<ChangedClassFile> {
    let event = ClassFileEvent {
        loader: request.loader,
        name: request.name,
        protection_domain: request.protection_domain,
        bytes: request.bytes,
        redefined,
        again: false,
    };
    tools::transform(t, &event)
}

/// Copies class files to where they live as long as the loader: the one to define, and the one that a
/// retransformation begins with, which is the same by default.
pub(super) fn keep(
    data: LoaderRef,
    bytes: &[u8],
    original: Option<&[u8]>,
) -> Result<(&'static [u8], &'static [u8]), MetaspaceFull> {
    let copy = |b: &[u8]| data.arena.copy_bytes(b);
    let bytes: &'static [u8] = copy(bytes)?;
    Ok((bytes, original.map_or(Ok(bytes), copy)?))
}

/// Defines a class of the boot loader from bytes that live as long as the VM.
pub(crate) fn define_boot_class(
    t: &Thread,
    name: Sym,
    bytes: &'static [u8],
    source: &str,
) -> JResult<ClassRef> {
    let boot = t.vm().loaders.boot();
    let request = DefineRequest {
        loader: boot,
        name: Some(name),
        bytes,
        protection_domain: ObjRef::NULL,
        source: Some(source),
        hidden: None,
    };
    let defined = match offer(t, &request, None) {
        None => define(t, &request, boot, bytes, bytes),
        Some(c) => {
            let kept = keep(boot, &c.bytes, Some(c.original.as_deref().unwrap_or(&c.bytes)));
            kept.map_err(Problem::from)
                .and_then(|(changed, original)| define(t, &request, boot, changed, original))
        }
    };
    defined.map_err(|problem| problem.thrown(t))
}

fn define(
    t: &Thread,
    request: &DefineRequest<'_>,
    data: LoaderRef,
    bytes: &'static [u8],
    original: &'static [u8],
) -> Result<ClassRef, Problem> {
    let vm = t.vm();
    let trusted = request.loader.is_boot();
    let cf = match read(t, request, bytes) {
        Ok(cf) => cf,
        Err(problem) => {
            if let Some(name) = request.name {
                let _guard = SuperGuard::enter(t, data, name)?;
                for interface in problem.interfaces_before() {
                    resolve_interface(t, interface, request.loader, name)?;
                }
            }
            return Err(exceptions::throw(t, problem.kind().class_name(), problem.message()).into());
        }
    };
    let file_name = vm.symbols.intern_bytes(cf.name);
    if !trusted && file_name.starts_with("java/") && !loader_is_platform(t, request.loader) {
        let package = String::from_utf8_lossy(file_name.package_bytes()).replace('/', ".");
        return Err(exceptions::throw(
            t,
            "java/lang/SecurityException",
            &format!("Prohibited package name: {package}"),
        )
        .into());
    }
    let name = match &request.hidden {
        None => file_name,
        // The suffix makes the name one that no class file can have: '+' stands for the '/' that users see.
        Some(_) => {
            let serial = vm.next_class_serial.load(Ordering::Relaxed);
            vm.symbols.intern(&format!(
                "{}+0x{:016x}",
                file_name.to_str(),
                0x8_0000_0000u64 + u64::from(serial) * 0x400
            ))
        }
    };
    if request.hidden.is_none() && data.find(name).is_some_and(|c| c.loader == data) {
        return Err(errors::duplicate_definition(t, data, name).into());
    }
    // Superclasses: the thread must not come back here for the same name (JVMS §5.3.5 step 3).
    let guard = SuperGuard::enter(t, data, name)?;
    let (super_class, interfaces) = resolve_supers(t, &cf, request, file_name)?;
    drop(guard);
    let builder = Builder {
        t,
        vm,
        cf: &cf,
        request,
        data,
        name,
        file_name,
        super_class,
        interfaces: &interfaces,
        original,
    };
    let class = builder.build()?;
    check_supers(t, class, file_name)?;
    publish(t, class, request)?;
    Ok(class)
}

/// Reads a class file with the checks that its loader's classes get.
fn read(
    t: &Thread,
    request: &DefineRequest<'_>,
    bytes: &'static [u8],
) -> Result<ClassFile<'static>, ClassFormatProblem> {
    let vm = t.vm();
    let trusted = request.loader.is_boot();
    let max_major = vm.options.release_major_version;
    let mut options = if trusted && !vm.options.verify_local {
        ParseOptions::trusted(max_major)
    } else {
        ParseOptions::application(max_major)
    };
    let expected = if request.hidden.is_some() { None } else { request.name };
    options.expected_name = expected.map(Sym::bytes);
    options.enable_preview = vm.options.enable_preview;
    ClassFile::parse(bytes, &options)
}

/// Reads a class file as for a definition.
///
/// # Errors
/// `ClassFormatError` and its kin.
pub(super) fn parse(
    t: &Thread,
    request: &DefineRequest<'_>,
    bytes: &'static [u8],
) -> JResult<ClassFile<'static>> {
    read(t, request, bytes).map_err(|p| exceptions::throw(t, p.kind().class_name(), p.message()))
}

/// Builds the records of a class that is `class` with other contents. Nobody but the caller knows it.
pub(super) fn build_again(
    t: &Thread,
    request: &DefineRequest<'_>,
    cf: &ClassFile<'static>,
    class: ClassRef,
    original: &'static [u8],
) -> JResult<ClassRef> {
    let builder = Builder {
        t,
        vm: t.vm(),
        cf,
        request,
        data: class.loader,
        name: class.name,
        file_name: class.name,
        super_class: class.super_class,
        interfaces: class.interfaces,
        original,
    };
    builder.build().map_err(|problem| match problem {
        Problem::Metaspace => exceptions::metaspace_full(t),
        Problem::Thrown(thrown) => thrown,
    })
}

fn loader_is_platform(t: &Thread, l: LoaderRef) -> bool {
    let object = l.object();
    // SAFETY: a live ClassLoader.
    !object.is_null()
        && unsafe { ClassRef::of(object) }.name == "jdk/internal/loader/ClassLoaders$PlatformClassLoader"
        && t.vm().loaders.boot() == unsafe { ClassRef::of(object) }.loader
}

/// Marks that this thread resolves the supertypes of a class, for `ClassCircularityError`.
struct SuperGuard<'a> {
    loader: LoaderRef,
    name: Sym,
    t: &'a Thread,
    owns: bool,
}

impl<'a> SuperGuard<'a> {
    fn enter(t: &'a Thread, loader: LoaderRef, name: Sym) -> JResult<SuperGuard<'a>> {
        if loader.is_boot() && !loader.is_hidden_class {
            // Boot classes are marked by `find_boot_class`.
            return Ok(SuperGuard { loader, name, t, owns: false });
        }
        if !loader.begin(name, t.id) {
            return Err(exceptions::throw(t, "java/lang/ClassCircularityError", &name.to_str()));
        }
        Ok(SuperGuard { loader, name, t, owns: true })
    }
}

impl Drop for SuperGuard<'_> {
    fn drop(&mut self) {
        if self.owns {
            self.loader.end(self.name, self.t.id);
        }
    }
}

/// Loads a supertype of the class `name`.
fn resolve_super(t: &Thread, super_name: &[u8], loader: LoaderRef, name: Sym) -> JResult<ClassRef> {
    let sym = t.vm().symbols.intern_bytes(super_name);
    if sym == name || loader.is_in_progress(sym, t.id) {
        return Err(exceptions::throw(t, "java/lang/ClassCircularityError", &sym.to_str()));
    }
    resolve::load_or_no_class_def(t, loader, sym)
}

/// Loads a direct superinterface of the class `name`.
fn resolve_interface(t: &Thread, interface: &[u8], loader: LoaderRef, name: Sym) -> JResult<ClassRef> {
    let interface = resolve_super(t, interface, loader, name)?;
    if interface.is_interface() {
        return Ok(interface);
    }
    let message = format!(
        "class {} can not implement {}, because it is not an interface ({})",
        name.to_external(),
        interface.external_name(),
        errors::joint_in_module_of_loader(t, None, interface)
    );
    Err(exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &message))
}

fn resolve_supers(
    t: &Thread,
    cf: &ClassFile<'static>,
    request: &DefineRequest<'_>,
    name: Sym,
) -> JResult<(Option<ClassRef>, Vec<ClassRef>)> {
    // Superinterfaces first, as the reference JVM does: a loader can see the order.
    let mut interfaces = Vec::with_capacity(cf.interfaces.len());
    for n in cf.interface_names() {
        interfaces.push(resolve_interface(t, n, request.loader, name)?);
    }
    let super_class = match cf.super_name {
        Some(n) => {
            let s = resolve_super(t, n, request.loader, name)?;
            if s.is_interface() {
                return Err(exceptions::throw(
                    t,
                    "java/lang/IncompatibleClassChangeError",
                    &format!(
                        "class {} has interface {} as super class",
                        name.to_external(),
                        s.external_name()
                    ),
                ));
            }
            Some(s)
        }
        None => None,
    };
    Ok((super_class, interfaces))
}

struct Builder<'a> {
    t: &'a Thread,
    vm: &'a Vm,
    cf: &'a ClassFile<'static>,
    request: &'a DefineRequest<'a>,
    data: LoaderRef,
    name: Sym,
    file_name: Sym,
    super_class: Option<ClassRef>,
    interfaces: &'a [ClassRef],
    /// The class file before agents that can do so again have changed it.
    original: &'static [u8],
}

/// The annotations that mean something to the VM, by descriptor; they count in boot and platform classes.
fn method_annotation(descriptor: &[u8]) -> MethodFlags {
    match descriptor {
        b"Ljdk/internal/reflect/CallerSensitive;" => MethodFlags::CALLER_SENSITIVE,
        b"Ljdk/internal/vm/annotation/Hidden;" => MethodFlags::HIDDEN,
        b"Ljdk/internal/vm/annotation/ForceInline;" => MethodFlags::FORCE_INLINE,
        b"Ljdk/internal/vm/annotation/DontInline;" => MethodFlags::DONT_INLINE,
        b"Ljdk/internal/vm/annotation/IntrinsicCandidate;" => MethodFlags::INTRINSIC_CANDIDATE,
        b"Ljdk/internal/vm/annotation/ReservedStackAccess;" => MethodFlags::RESERVED_STACK_ACCESS,
        b"Ljdk/internal/misc/ScopedMemoryAccess$Scoped;" => MethodFlags::SCOPED,
        b"Ljava/lang/invoke/MethodHandle$PolymorphicSignature;" => MethodFlags::SIGNATURE_POLYMORPHIC,
        _ => MethodFlags::empty(),
    }
}

impl Builder<'_> {
    fn arena(&self) -> &Arena {
        &self.data.arena
    }

    /// Whether `@Hidden`, `@ForceInline` and their like count in this class.
    fn honours_vm_annotations(&self) -> bool {
        self.request.loader.is_boot()
            || loader_is_platform(self.t, self.request.loader)
            || self.request.hidden.is_some_and(|h| h.vm_annotations)
    }

    fn for_each_annotation(&self, raw: Option<&[u8]>, f: &mut dyn FnMut(&[u8])) {
        if let Some(raw) = raw {
            let cp = &self.cf.constant_pool;
            crate::loading::annotations::visit(raw, &mut |type_index| {
                f(cp.utf8(type_index).unwrap_or_default())
            });
        }
    }

    fn build(&self) -> Result<ClassRef, Problem> {
        let cf = self.cf;
        let vm = self.vm;
        let is_interface = cf.access_flags & acc::ACC_INTERFACE != 0;
        let cp = self.constant_pool()?;
        let package = self.package();
        let all_interfaces = self.all_interfaces()?;

        // Methods' shape, then the vtable, before the record can be placed.
        let mut new_methods = Vec::with_capacity(cf.methods.len());
        for m in &cf.methods {
            let f = m.access_flags;
            let name = cp.utf8(m.name_index);
            let is_virtual =
                f & (acc::ACC_STATIC | acc::ACC_PRIVATE) == 0 && m.name != b"<init>" && m.name != b"<clinit>";
            new_methods.push(NewMethod {
                name,
                signature: cp.utf8(m.descriptor_index),
                is_virtual,
                is_final: f & acc::ACC_FINAL != 0,
            });
        }
        let table = if is_interface {
            vtable::Vtable { slots: Vec::new(), indexes: vec![None; new_methods.len()] }
        } else {
            let package_name = self.name.package_bytes();
            let loader = self.data;
            let same_package =
                |holder: ClassRef| holder.loader.same(loader) && holder.package_name() == package_name;
            vtable::build_vtable(
                self.super_class,
                &new_methods,
                cf.access_flags & acc::ACC_FINAL != 0,
                same_package,
            )
        };
        let record_size = size_of::<Class>() + table.slots.len() * size_of::<MethodRef>();
        let layout = Layout::from_size_align(record_size, 64).map_err(|_| Problem::Metaspace)?;
        let record = self.arena().alloc_raw(layout)?.cast::<Class>();
        let class = ClassRef::from_ptr(record);

        // Fields.
        let (fields, placed, static_ref_count, statics_end) = self.fields(class, cp)?;
        let runs = self.ref_runs(&placed.runs)?;

        let super_class = self.super_class;
        let mut prefix = ClassPrefix::instance(placed.size, runs.as_ptr(), runs.len() as u32);
        if let Some(s) = super_class {
            prefix.layout = s.prefix.layout;
            prefix.ref_kind = s.prefix.ref_kind;
            prefix.gc_flags = s.prefix.gc_flags & caturra_heap::layout::GC_LOADER;
        }
        self.special_prefix(&mut prefix);
        let holder = if self.data.is_boot() && !self.data.is_hidden_class {
            ObjRef::NULL
        } else {
            prefix.gc_flags |= caturra_heap::layout::GC_UNLOADABLE;
            // A non-strong hidden class holds itself: its mirror is set as holder when it is made.
            if self.data.is_hidden_class { ObjRef::NULL } else { self.data.object() }
        };
        prefix.holder.store(holder.raw(), Ordering::Release);

        let depth = super_class.map_or(0, |s| s.depth + 1);
        let mut display = super_class.map_or([0; DISPLAY], |s| s.display);
        if !is_interface && (depth as usize) < DISPLAY {
            display[depth as usize] = class.as_raw();
        }
        let secondaries = self.secondaries(all_interfaces, super_class, depth)?;
        let interfaces = self.arena().alloc_slice(self.interfaces.len(), |i| self.interfaces[i])?;
        let module = package.map_or_else(|| self.data_module(), |p| p.module());
        let mirror_base = mirrors::mirror_base(vm);

        let mut flags = ClassFlags::empty();
        if let Some(s) = super_class {
            let inherited = ClassFlags::FINALIZABLE
                | ClassFlags::CLONEABLE
                | ClassFlags::HAS_DEFAULT_METHODS
                | ClassFlags::REFLECTION_MAGIC;
            flags |= ClassFlags::from_bits_truncate(s.flags.load(Ordering::Relaxed)) & inherited;
        }
        if all_interfaces.iter().any(|i| i.name == vm.sym.java_lang_cloneable)
            || self.name == vm.sym.java_lang_cloneable
        {
            flags |= ClassFlags::CLONEABLE;
        }
        if self.interfaces.iter().any(|i| i.has(ClassFlags::HAS_DEFAULT_METHODS)) {
            flags |= ClassFlags::HAS_DEFAULT_METHODS;
        }
        if self.request.hidden.is_some() {
            flags |= ClassFlags::HIDDEN;
        }
        if self.data.is_hidden_class {
            flags |= ClassFlags::NON_STRONG_HIDDEN;
        }
        if self.request.loader.is_boot() {
            flags |= ClassFlags::TRUSTED;
        }
        // A record is final and extends `Record` directly, whatever attributes it has.
        if cf.attributes.record.is_some()
            && cf.access_flags & acc::ACC_FINAL != 0
            && cf.super_name == Some(b"java/lang/Record")
        {
            flags |= ClassFlags::RECORD;
        }
        if self.request.loader.is_boot() && self.name == vm.sym.reflect_magic_accessor {
            flags |= ClassFlags::REFLECTION_MAGIC;
        }

        // SAFETY: fresh memory of the record's size; not reachable by others before `publish`.
        unsafe {
            record.write(Class {
                prefix,
                kind: ClassKind::Instance,
                init_state: AtomicU8::new(0),
                access: cf.access_flags,
                depth,
                display,
                secondary_cache: AtomicU64::new(0),
                secondaries,
                mirror: AtomicU32::new(0),
                flags: AtomicU32::new(flags.bits()),
                vtable_len: table.slots.len() as u32,
                element_type: BasicType::Reference,
                dimensions: 0,
                itable: &[],
                init_thread: AtomicU64::new(0),
                cp,
                name: self.name,
                super_class,
                loader: self.data,
                package,
                module: AtomicPtr::new(module.as_ptr()),
                interfaces,
                all_interfaces,
                methods: &[],
                methods_sorted: &[],
                vm_methods: &[],
                fields,
                array_class: AtomicU64::new(0),
                component: None,
                bottom: None,
                nest_host: AtomicU64::new(0),
                first_subclass: AtomicU64::new(0),
                next_sibling: AtomicU64::new(0),
                extra: self.extra(cp)?,
                errors: AtomicPtr::new(std::ptr::null_mut()),
                engine_data: AtomicPtr::new(std::ptr::null_mut()),
                statics_start: mirror_base,
                static_ref_count,
                mirror_size: statics_end.next_multiple_of(8),
                serial: vm.next_class_serial.fetch_add(1, Ordering::Relaxed),
                class_file: self.original,
                fields_end: placed.end,
            });
        }
        let methods = self.methods(class, cp, &table, is_interface, &mut flags)?;
        // SAFETY: still private to this thread; the vtable area lies behind the record.
        unsafe {
            let c = &mut *class.as_ptr();
            c.methods = methods;
            c.methods_sorted = {
                let mut sorted = methods.to_vec();
                sorted.sort_unstable_by_key(|m| (m.name, m.signature.symbol));
                self.arena().alloc_slice(sorted.len(), |i| sorted[i])?
            };
            let entries = record.add(1).cast::<MethodRef>();
            for (i, s) in table.slots.iter().enumerate() {
                entries.add(i).write(match s {
                    Slot::Inherited(m) => *m,
                    Slot::Own(k) => methods[*k],
                });
            }
        }
        self.finalizer(class, &mut flags);
        class.flags.store(flags.bits(), Ordering::Relaxed);
        if !is_interface {
            let itable = self.itable(class)?;
            // SAFETY: still private to this thread.
            unsafe { (*class.as_ptr()).itable = itable };
        }
        Ok(class)
    }

    fn data_module(&self) -> ModuleRef {
        if self.data.is_boot() && !self.data.is_hidden_class {
            self.vm.modules.java_base()
        } else {
            owner(self.t, self.data).unnamed_module()
        }
    }

    fn package(&self) -> Option<PackageRef> {
        let vm = self.vm;
        let name = vm.symbols.intern_bytes(self.name.package_bytes());
        let loader = owner(self.t, self.data);
        if name.is_empty() {
            return Some(loader.package(name, || loader.unnamed_module()));
        }
        let package = loader.package(name, || {
            // Before java.base is defined, all boot classes are its.
            if loader.is_boot() && !vm.modules.is_java_base_defined() {
                vm.modules.java_base()
            } else {
                loader.unnamed_module()
            }
        });
        if loader.is_boot() && package.module() == loader.unnamed_module() {
            // The entry of the class path that the first class came from speaks for the package.
            let mut source = package.source.write();
            if source.is_none() {
                *source = self.request.source.map(str::to_string);
            }
        }
        Some(package)
    }

    fn all_interfaces(&self) -> Result<&'static [ClassRef], Problem> {
        let inherited = self.super_class.map_or(&[][..], |s| s.all_interfaces);
        if self.interfaces.is_empty() {
            return Ok(inherited);
        }
        let mut all = inherited.to_vec();
        for i in self.interfaces {
            for k in std::iter::once(*i).chain(i.all_interfaces.iter().copied()) {
                if !all.contains(&k) {
                    all.push(k);
                }
            }
        }
        Ok(self.arena().alloc_slice(all.len(), |i| all[i])?)
    }

    /// Supertypes that the display does not show: superinterfaces, and superclasses too deep for it.
    fn secondaries(
        &self,
        all_interfaces: &'static [ClassRef],
        super_class: Option<ClassRef>,
        depth: u32,
    ) -> Result<&'static [ClassRef], Problem> {
        if depth as usize <= DISPLAY {
            return Ok(all_interfaces);
        }
        let mut all = all_interfaces.to_vec();
        let mut s = super_class;
        while let Some(c) = s.filter(|c| c.depth as usize >= DISPLAY) {
            all.push(c);
            s = c.super_class;
        }
        Ok(self.arena().alloc_slice(all.len(), |i| all[i])?)
    }

    fn constant_pool(&self) -> Result<&'static ConstantPool, Problem> {
        let entries = self.cf.constant_pool.entries();
        let arena = self.arena();
        let tags = arena.alloc_slice(entries.len(), |i| entries[i].tag())?;
        let states = arena.alloc_slice(entries.len(), |_| AtomicU8::new(0))?;
        let slots = arena.alloc_slice(entries.len(), |i| {
            let pair = |a: u16, b: u16| (0, u64::from(a) << 16 | u64::from(b));
            let (value, info) = match entries[i] {
                Constant::Unusable => (0, 0),
                // The two bytes before the text are its length.
                Constant::Utf8(b) => (0, b.as_ptr() as u64 - 2),
                Constant::Integer(v) => (u64::from(v as u32), 0),
                Constant::Float(v) => (u64::from(v.to_bits()), 0),
                Constant::Long(v) => (v as u64, 0),
                Constant::Double(v) => (v.to_bits(), 0),
                Constant::Class { name_index }
                | Constant::Module { name_index }
                | Constant::Package { name_index } => pair(0, name_index),
                Constant::String { utf8_index } => pair(0, utf8_index),
                Constant::MethodType { descriptor_index } => pair(0, descriptor_index),
                Constant::Fieldref { class_index, name_and_type_index }
                | Constant::Methodref { class_index, name_and_type_index }
                | Constant::InterfaceMethodref { class_index, name_and_type_index } => {
                    pair(class_index, name_and_type_index)
                }
                Constant::NameAndType { name_index, descriptor_index } => pair(name_index, descriptor_index),
                Constant::MethodHandle { kind, reference_index } => pair(kind as u16, reference_index),
                Constant::Dynamic { bootstrap_index, name_and_type_index }
                | Constant::InvokeDynamic { bootstrap_index, name_and_type_index } => {
                    pair(bootstrap_index, name_and_type_index)
                }
            };
            CpSlot { value: AtomicU64::new(value), info, quick: AtomicU64::new(0) }
        })?;
        let bsms = &self.cf.attributes.bootstrap_methods;
        let mut rows: Vec<(u16, &'static [u16])> = Vec::with_capacity(bsms.len());
        for b in bsms {
            let args: Vec<u16> = b.arguments.iter().collect();
            rows.push((b.method_handle, arena.alloc_slice(args.len(), |i| args[i])?));
        }
        let bootstrap_methods = arena.alloc_slice(rows.len(), |i| rows[i])?;
        let cp = arena.alloc(ConstantPool {
            slots,
            tags,
            states,
            bootstrap_methods,
            symbols: &raw const self.vm.symbols,
        })?;
        // SAFETY: lives as long as the loader.
        Ok(unsafe { &*cp.as_ptr() })
    }

    #[allow(clippy::type_complexity)]
    fn fields(
        &self,
        class: ClassRef,
        cp: &'static ConstantPool,
    ) -> Result<(&'static [FieldRef], layout::Placed, u32, u32), Problem> {
        let vm = self.vm;
        let privileged = self.honours_vm_annotations();
        let injected: Vec<(Sym, Sym)> = if self.request.loader.is_boot() {
            INJECTED_FIELDS
                .iter()
                .filter(|f| self.name == f.0)
                .map(|f| (vm.symbols.intern(f.1), vm.symbols.intern(f.2)))
                .collect()
        } else {
            Vec::new()
        };
        let declared = &self.cf.fields;
        let is_reference = self.name == vm.sym.java_lang_ref_reference;
        let options = &vm.options;
        let contends = options.enable_contended && (privileged || !options.restrict_contended);
        let mut to_place = Vec::new();
        let mut statics = Vec::new();
        let mut flags = Vec::with_capacity(declared.len());
        for f in declared {
            let ty = BasicType::from_char(f.descriptor[0]).expect("checked by the reader");
            let mut ff = FieldFlags::empty();
            if privileged || contends {
                self.for_each_annotation(f.annotations.visible, &mut |d| match d {
                    b"Ljdk/internal/vm/annotation/Stable;" if privileged => ff |= FieldFlags::STABLE,
                    b"Ljdk/internal/vm/annotation/Contended;" if contends => ff |= FieldFlags::CONTENDED,
                    _ => {}
                });
            }
            flags.push(ff);
            if f.access_flags & acc::ACC_STATIC != 0 {
                statics.push(ty);
            } else {
                let weak = is_reference && (f.name == b"referent" || f.name == b"discovered");
                to_place.push(ToPlace { ty, contended: ff.contains(FieldFlags::CONTENDED), weak });
            }
        }
        for (_, sig) in &injected {
            let ty = BasicType::from_char(sig.bytes()[0]).expect("injected fields have valid descriptors");
            to_place.push(ToPlace { ty, contended: false, weak: false });
        }
        let mut class_contended = false;
        if contends {
            self.for_each_annotation(self.cf.attributes.annotations.visible, &mut |d| {
                class_contended |= d == b"Ljdk/internal/vm/annotation/Contended;";
            });
        }
        let start = self.super_class.map_or(8, |s| s.fields_end);
        let placed = layout::place(start, &to_place, class_contended);
        let (static_offsets, statics_end) = layout::place_statics(mirrors::mirror_base(vm), &statics);
        let static_refs = statics.iter().filter(|s| **s == BasicType::Reference).count() as u32;

        let mut all = Vec::with_capacity(declared.len() + injected.len());
        let (mut next_instance, mut next_static) = (0, 0);
        for (slot, f) in declared.iter().enumerate() {
            let offset = if f.access_flags & acc::ACC_STATIC != 0 {
                next_static += 1;
                static_offsets[next_static - 1]
            } else {
                next_instance += 1;
                placed.offsets[next_instance - 1]
            };
            all.push(Field {
                holder: class,
                name: cp.utf8(f.name_index),
                signature: cp.utf8(f.descriptor_index),
                offset,
                access: f.access_flags,
                slot: slot as u16,
                constant_value: f.constant_value,
                flags: flags[slot],
                ty: BasicType::from_char(f.descriptor[0]).expect("checked by the reader"),
                generic_signature: (f.signature != 0).then(|| cp.utf8(f.signature)),
                annotations: f.annotations.visible.unwrap_or(&[]),
                type_annotations: f.annotations.visible_types.unwrap_or(&[]),
            });
        }
        for (k, (name, signature)) in injected.iter().enumerate() {
            all.push(Field {
                holder: class,
                name: *name,
                signature: *signature,
                offset: placed.offsets[next_instance + k],
                access: acc::ACC_PRIVATE,
                slot: (declared.len() + k) as u16,
                constant_value: 0,
                flags: FieldFlags::INJECTED,
                ty: BasicType::from_char(signature.bytes()[0])
                    .expect("injected fields have valid descriptors"),
                generic_signature: None,
                annotations: &[],
                type_annotations: &[],
            });
        }
        let mut all = all.into_iter();
        let count = all.len();
        let stored: &'static mut [Field] =
            self.arena().alloc_slice(count, |_| all.next().expect("as many as counted"))?;
        let stored: &'static [Field] = stored;
        let refs = self.arena().alloc_slice(count, |i| FieldRef::new(&stored[i]))?;
        Ok((refs, placed, static_refs, statics_end))
    }

    /// The superclass's reference runs and this class's, merged where they touch.
    fn ref_runs(&self, own: &[RefRun]) -> Result<&'static [RefRun], Problem> {
        let inherited = self.super_class.as_ref().map_or(&[][..], |s| s.prefix.ref_runs());
        if own.is_empty() {
            // SAFETY: the superclass outlives this class.
            return Ok(unsafe { std::slice::from_raw_parts(inherited.as_ptr(), inherited.len()) });
        }
        let mut runs: Vec<RefRun> = inherited.to_vec();
        runs.extend_from_slice(own);
        runs.sort_unstable_by_key(|r| r.offset);
        let mut merged: Vec<RefRun> = Vec::with_capacity(runs.len());
        for r in runs {
            match merged.last_mut() {
                Some(l) if l.offset + 4 * l.count == r.offset => l.count += r.count,
                _ => merged.push(r),
            }
        }
        Ok(self.arena().alloc_slice(merged.len(), |i| merged[i])?)
    }

    /// Classes whose instances the collector treats in a way of their own.
    fn special_prefix(&self, prefix: &mut ClassPrefix) {
        if !self.request.loader.is_boot() {
            return;
        }
        let sym = &self.vm.sym;
        let (layout, kind) = if self.name == sym.java_lang_class {
            (LayoutKind::Mirror, RefKind::None)
        } else if self.name == sym.java_lang_ref_soft_reference {
            (LayoutKind::Reference, RefKind::Soft)
        } else if self.name == sym.java_lang_ref_weak_reference {
            (LayoutKind::Reference, RefKind::Weak)
        } else if self.name == sym.java_lang_ref_final_reference {
            (LayoutKind::Reference, RefKind::Final)
        } else if self.name == sym.java_lang_ref_phantom_reference {
            (LayoutKind::Reference, RefKind::Phantom)
        } else {
            if self.name == sym.java_lang_class_loader {
                prefix.gc_flags |= caturra_heap::layout::GC_LOADER;
            }
            return;
        };
        prefix.layout = layout as u8;
        prefix.ref_kind = kind as u8;
    }

    fn methods(
        &self,
        class: ClassRef,
        cp: &'static ConstantPool,
        table: &vtable::Vtable,
        is_interface: bool,
        class_flags: &mut ClassFlags,
    ) -> Result<&'static [MethodRef], Problem> {
        let vm = self.vm;
        let privileged = self.honours_vm_annotations();
        let mh_holder = self.name == vm.sym.java_lang_invoke_method_handle
            || self.name == vm.sym.java_lang_invoke_var_handle;
        let mut next_itable = 0;
        let mut all = Vec::with_capacity(self.cf.methods.len());
        for (slot, m) in self.cf.methods.iter().enumerate() {
            let name = cp.utf8(m.name_index);
            let signature = vm
                .symbols
                .signature(cp.utf8(m.descriptor_index))
                .expect("method descriptors are checked by the reader, or trusted");
            let is_static = m.access_flags & acc::ACC_STATIC != 0;
            let mut flags = MethodFlags::empty();
            if name == vm.sym.object_initializer || name == vm.sym.class_initializer {
                flags |= MethodFlags::INITIALIZER;
            }
            if self.request.hidden.is_some() {
                flags |= MethodFlags::HIDDEN;
            }
            if privileged {
                self.for_each_annotation(m.annotations.visible, &mut |d| flags |= method_annotation(d));
            }
            let native = m.access_flags & acc::ACC_NATIVE != 0;
            let mut kind = if native {
                MethodKind::Native
            } else if m.access_flags & acc::ACC_ABSTRACT != 0 {
                MethodKind::Abstract
            } else {
                MethodKind::Unlinked
            };
            if self.request.loader.is_boot()
                && native
                && mh_holder
                && m.access_flags & acc::ACC_VARARGS != 0
                && m.descriptor.starts_with(b"([Ljava/lang/Object;)")
            {
                flags |= MethodFlags::SIGNATURE_POLYMORPHIC;
                if self.name == vm.sym.java_lang_invoke_method_handle {
                    kind = method_handle_intrinsic(m.name).unwrap_or(kind);
                }
            }
            let interface_virtual = is_interface
                && m.access_flags & (acc::ACC_STATIC | acc::ACC_PRIVATE) == 0
                && name != vm.sym.class_initializer;
            let vtable_index = match table.indexes[slot] {
                Some(i) => i as i32,
                None if interface_virtual => {
                    next_itable += 1;
                    ITABLE_BASE - (next_itable - 1)
                }
                None => NONVIRTUAL,
            };
            if interface_virtual && m.access_flags & acc::ACC_ABSTRACT == 0 {
                flags |= MethodFlags::DEFAULT_METHOD;
                *class_flags |= ClassFlags::DECLARES_DEFAULT_METHODS | ClassFlags::HAS_DEFAULT_METHODS;
            }
            let (bytecode, max_stack, max_locals, handlers, code_attributes) = match &m.code {
                Some(c) => {
                    let rows: Vec<ExceptionEntry> = c
                        .exception_table
                        .iter()
                        .map(|h| ExceptionEntry {
                            start: h.start_pc,
                            end: h.end_pc,
                            handler: h.handler_pc,
                            catch_type: h.catch_type,
                        })
                        .collect();
                    let rows: &'static [ExceptionEntry] =
                        self.arena().alloc_slice(rows.len(), |i| rows[i])?;
                    (c.bytes, c.max_stack, c.max_locals, rows, c.attributes.as_bytes())
                }
                None => (&[][..], 0, 0, &[][..], &[][..]),
            };
            // Frames of hidden classes are not shown.
            if self.request.hidden.is_some() {
                flags |= MethodFlags::HIDDEN;
            }
            if bytecode == [0xb1] {
                flags |= MethodFlags::EMPTY;
            }
            if self.file_name == vm.sym.java_lang_object && name == vm.sym.object_initializer {
                flags |= MethodFlags::OBJECT_INITIALIZER;
            }
            let arg_slots = signature.param_slots + u16::from(!is_static);
            all.push(Method {
                holder: class,
                code: AtomicPtr::new(std::ptr::null_mut()),
                kind: AtomicU8::new(kind as u8),
                ret: signature.ret,
                access: m.access_flags,
                arg_slots,
                max_locals: max_locals.max(arg_slots),
                max_stack,
                slot: slot as u16,
                flags: AtomicU32::new(flags.bits()),
                vtable_index: AtomicI32::new(vtable_index),
                invocations: AtomicU32::new(0),
                back_edges: AtomicU32::new(0),
                native_fn: AtomicPtr::new(std::ptr::null_mut()),
                compiled: AtomicPtr::new(std::ptr::null_mut()),
                from_compiled: AtomicPtr::new(self.vm.compiled_to_interpreter()),
                from_compiled_direct: AtomicPtr::new(std::ptr::null_mut()),
                from_slots: AtomicPtr::new(std::ptr::null_mut()),
                profile: AtomicPtr::new(std::ptr::null_mut()),
                bytecode,
                exception_table: handlers,
                name,
                signature,
                attributes: m.attributes.as_bytes(),
                code_attributes,
            });
        }
        let mut all = all.into_iter();
        let count = all.len();
        let stored: &'static mut [Method] =
            self.arena().alloc_slice(count, |_| all.next().expect("as many as counted"))?;
        let stored: &'static [Method] = stored;
        Ok(self.arena().alloc_slice(count, |i| MethodRef::new(&stored[i]))?)
    }

    /// Whether instances have a finalizer that does something.
    fn finalizer(&self, class: ClassRef, flags: &mut ClassFlags) {
        let sym = &self.vm.sym;
        if let Some(m) = class.declared_method(sym.finalize, sym.void_method)
            && !m.is_static()
            && class.super_class.is_some()
        {
            flags.set(ClassFlags::FINALIZABLE, !m.has(MethodFlags::EMPTY));
        }
        if class.is_interface() {
            flags.remove(ClassFlags::FINALIZABLE);
        }
    }

    fn itable(&self, class: ClassRef) -> Result<&'static [ItableEntry], Problem> {
        let of_super = class.super_class.map_or(&[][..], |s| s.itable);
        let adds = !self.interfaces.is_empty();
        if class.all_interfaces.is_empty() {
            return Ok(&[]);
        }
        if !adds && of_super.iter().all(|e| vtable::reusable(class, adds, e).is_some()) {
            return Ok(of_super);
        }
        let mut entries = Vec::with_capacity(class.all_interfaces.len());
        for interface in class.all_interfaces {
            let shared = of_super
                .iter()
                .find(|e| e.interface == *interface)
                .and_then(|e| vtable::reusable(class, adds, e));
            if let Some(e) = shared {
                entries.push(*e);
                continue;
            }
            let mut row = Vec::new();
            for m in vtable::itable_methods(*interface) {
                row.push(match vtable::implementation(class, m) {
                    Implementation::Method(k) => k,
                    Implementation::Conflict(all) => self.conflict_marker(class, m, &all)?,
                });
            }
            let methods = self.arena().alloc_slice(row.len(), |i| row[i])?;
            entries.push(ItableEntry { interface: *interface, methods });
        }
        Ok(self.arena().alloc_slice(entries.len(), |i| entries[i])?)
    }

    /// A method that throws `IncompatibleClassChangeError` for conflicting defaults when it is invoked.
    fn conflict_marker(
        &self,
        class: ClassRef,
        declared: MethodRef,
        all: &[MethodRef],
    ) -> Result<MethodRef, Problem> {
        let text: Vec<String> =
            all.iter().map(|m| format!("{}.{}", m.holder.name.to_str(), m.name)).collect();
        let message = self.vm.symbols.intern(&format!("Conflicting default methods: {}", text.join(" ")));
        let marker = self.arena().alloc(Method {
            holder: class,
            code: AtomicPtr::new(std::ptr::null_mut()),
            kind: AtomicU8::new(MethodKind::Erroneous as u8),
            ret: declared.ret,
            access: acc::ACC_PUBLIC,
            arg_slots: declared.arg_slots,
            max_locals: declared.arg_slots,
            max_stack: 0,
            slot: u16::MAX,
            flags: AtomicU32::new(0),
            vtable_index: AtomicI32::new(NONVIRTUAL),
            invocations: AtomicU32::new(0),
            back_edges: AtomicU32::new(0),
            native_fn: AtomicPtr::new(std::ptr::null_mut()),
            compiled: AtomicPtr::new(std::ptr::null_mut()),
            from_compiled: AtomicPtr::new(self.vm.compiled_to_interpreter()),
            from_compiled_direct: AtomicPtr::new(std::ptr::null_mut()),
            from_slots: AtomicPtr::new(std::ptr::null_mut()),
            // The message of the error, as a symbol.
            profile: AtomicPtr::new(message.as_raw() as *mut u8),
            bytecode: &[],
            exception_table: &[],
            name: declared.name,
            signature: declared.signature,
            attributes: &[],
            code_attributes: &[],
        })?;
        Ok(MethodRef::from_ptr(marker))
    }

    fn extra(&self, cp: &'static ConstantPool) -> Result<&'static ClassExtra, Problem> {
        let a = &self.cf.attributes;
        let arena = self.arena();
        let indexes =
            |v: Vec<u16>| -> Result<&'static [u16], Problem> { Ok(arena.alloc_slice(v.len(), |i| v[i])?) };
        let inner: &'static [InnerClass] = arena.alloc_slice(a.inner_classes.len(), |i| {
            let r = &a.inner_classes[i];
            InnerClass {
                inner: r.inner_class,
                outer: r.outer_class,
                name: r.inner_name,
                flags: r.access_flags,
            }
        })?;
        let record_components = match &a.record {
            None => None,
            Some(rows) => {
                let rows: &'static [RecordComponent] = arena.alloc_slice(rows.len(), |i| {
                    let r = &rows[i];
                    RecordComponent {
                        name: cp.utf8(r.name_index),
                        descriptor: cp.utf8(r.descriptor_index),
                        generic_signature: (r.signature != 0).then(|| cp.utf8(r.signature)),
                        annotations: r.annotations.visible.unwrap_or(&[]),
                        type_annotations: r.annotations.visible_types.unwrap_or(&[]),
                    }
                })?;
                Some(rows)
            }
        };
        let extra = ClassExtra {
            source_file: (a.source_file != 0).then(|| cp.utf8(a.source_file)),
            source_debug_extension: a.source_debug_extension,
            generic_signature: (a.signature != 0).then(|| cp.utf8(a.signature)),
            inner_classes: inner,
            enclosing_method: a.enclosing_method.map(|e| (e.class_index, e.method_index)),
            nest_host_index: a.nest_host,
            nest_members: indexes(a.nest_members.iter().collect())?,
            permitted_subclasses: match &a.permitted_subclasses {
                Some(p) => Some(indexes(p.iter().collect())?),
                None => None,
            },
            record_components,
            annotations: a.annotations.visible.unwrap_or(&[]),
            type_annotations: a.annotations.visible_types.unwrap_or(&[]),
            major_version: self.cf.major_version,
            minor_version: self.cf.minor_version,
            this_index: self.cf.this_class,
            super_index: self.cf.super_class,
            interface_indexes: indexes(self.cf.interfaces.iter().collect())?,
        };
        let p: NonNull<ClassExtra> = arena.alloc(extra)?;
        // SAFETY: lives as long as the loader.
        Ok(unsafe { &*p.as_ptr() })
    }
}

fn method_handle_intrinsic(name: &[u8]) -> Option<MethodKind> {
    Some(match name {
        b"invokeBasic" => MethodKind::InvokeBasic,
        b"linkToVirtual" => MethodKind::LinkToVirtual,
        b"linkToStatic" => MethodKind::LinkToStatic,
        b"linkToSpecial" => MethodKind::LinkToSpecial,
        b"linkToInterface" => MethodKind::LinkToInterface,
        b"linkToNative" => MethodKind::LinkToNative,
        _ => return None,
    })
}

/// The loader whose packages and modules apply: for the private data of a hidden class, its loader's.
pub fn owner(t: &Thread, data: LoaderRef) -> LoaderRef {
    if data.is_hidden_class { loader::loader_of(t, data.object()) } else { data }
}

/// Checks of §5.3.5 that need the class: final, sealed and inaccessible supertypes, overridden final methods.
fn check_supers(t: &Thread, class: ClassRef, file_name: Sym) -> JResult<()> {
    if class.has(ClassFlags::TRUSTED) && !class.is_hidden() {
        return Ok(());
    }
    let name = file_name.to_external();
    let icce = |text: String| Err(exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &text));
    if let Some(s) = class.super_class {
        if s.is_final() {
            return icce(format!("class {name} cannot inherit from final class {}", s.external_name()));
        }
        if !access::permits_subclass(t, s, class, file_name) {
            return icce(format!("class {name} cannot inherit from sealed class {}", s.external_name()));
        }
        if !class.loader.is_boot()
            && s.package_name() == b"jdk/internal/reflect"
            && !is_reflection_loader(class)
        {
            // These classes are exempt from verification and access checks.
            let text = format!(
                "class {name} loaded by {} cannot access jdk/internal/reflect superclass {}",
                loader::loader_display_name(t, class.loader),
                s.external_name()
            );
            return Err(exceptions::throw(t, "java/lang/IllegalAccessError", &text));
        }
        if !access::class_accessible(class, s) && !class.has(ClassFlags::REFLECTION_MAGIC) {
            let what = if s.is_abstract() { "abstract superclass" } else { "superclass" };
            return Err(errors::super_inaccessible(t, class, s, what));
        }
    }
    for i in class.interfaces {
        if !access::permits_subclass(t, *i, class, file_name) {
            let verb = if class.is_interface() { "cannot extend" } else { "cannot implement" };
            let kind = if class.is_interface() { "interface" } else { "class" };
            return icce(format!("{kind} {name} {verb} sealed interface {}", i.external_name()));
        }
        if !access::class_accessible(class, *i) {
            return Err(errors::super_inaccessible(t, class, *i, "superinterface"));
        }
    }
    for m in class.methods.iter().filter(|m| !m.is_private() && !m.is_static() && !m.is_initializer()) {
        let mut c = class.super_class;
        while let Some(k) = c {
            if let Some(s) = k.declared_method(m.name, m.signature.symbol)
                && s.is_final()
                && !s.is_static()
                && !s.is_private()
                && (s.is_public() || s.is_protected() || k.same_package(class))
            {
                return icce(format!(
                    "class {name} overrides final method {}.{}{}",
                    k.external_name(),
                    m.name,
                    m.signature.symbol
                ));
            }
            c = k.super_class;
        }
    }
    Ok(())
}

/// Whether a class is defined by a loader that reflection made for its generated accessors.
fn is_reflection_loader(class: ClassRef) -> bool {
    let loader = class.loader.object();
    // SAFETY: a live ClassLoader; the boot loader has none.
    let kind = (!loader.is_null()).then(|| unsafe { ClassRef::of(loader) });
    kind.is_some_and(|kind| {
        kind.loader.is_boot() && kind.name == "jdk/internal/reflect/DelegatingClassLoader"
    })
}

/// Makes the mirror and records the class with its loader and in the hierarchy.
fn publish(t: &Thread, class: ClassRef, request: &DefineRequest<'_>) -> JResult<()> {
    let vm = t.vm();
    let data = class.loader;
    mirrors::create_mirror(
        t,
        class,
        request.protection_domain,
        request.hidden.map_or(ObjRef::NULL, |h| h.class_data),
    )?;
    if let Some(h) = request.hidden {
        // A hidden class cannot be found by name: its own entry refers to it from the start (JEP 371).
        class.cp.publish(class.extra.this_index, class.as_raw());
        if h.nestmate {
            let host = access::nest_host(t, h.lookup)?;
            class.nest_host.store(host.as_raw(), Ordering::Release);
        } else {
            class.nest_host.store(class.as_raw(), Ordering::Release);
        }
    }
    // Before anybody can find the class: compiled code must not meet an instance of a class it assumes not to exist.
    link_into_hierarchy(vm, class);
    if let Some(compiler) = vm.compiler.get() {
        (compiler.class_added)(t, class);
    }
    if request.hidden.is_some() {
        data.record_defined(class, false);
    } else if let Err(thrown) = record(t, class) {
        unlink_from_hierarchy(vm, class);
        return Err(thrown);
    }
    if let Some(s) = class.super_class {
        data.record_dependency(s);
    }
    for i in class.interfaces {
        data.record_dependency(*i);
    }
    vm.classes_loaded.fetch_add(1, Ordering::Relaxed);
    crate::runtime::log::class_loaded(vm, class, request.source);
    tools::class_loaded(t, class);
    Ok(())
}

/// Makes a class known to its loader (JVMS §5.3.4, §5.3.5).
fn record(t: &Thread, class: ClassRef) -> JResult<()> {
    let data = class.loader;
    t.vm().loaders.constraints.check(t, data, class)?;
    if data.try_record(class) { Ok(()) } else { Err(errors::duplicate_definition(t, data, class.name)) }
}

/// The class whose subclass list a class is in.
fn hierarchy_parent(class: ClassRef) -> Option<ClassRef> {
    // A class is in one list only: its superclass's, an interface in its first superinterface's. Implementors are
    // found through `all_interfaces`.
    if class.is_interface() { class.interfaces.first().copied() } else { class.super_class }
}

/// Undoes [`link_into_hierarchy`] for a class that could not be recorded.
fn unlink_from_hierarchy(vm: &Vm, class: ClassRef) {
    let _guard = vm.hierarchy_lock.lock();
    let Some(parent) = hierarchy_parent(class) else { return };
    let next = class.next_sibling.load(Ordering::Relaxed);
    if parent.first_subclass.load(Ordering::Relaxed) == class.as_raw() {
        parent.first_subclass.store(next, Ordering::Release);
    } else if let Some(before) =
        parent.direct_subclasses().find(|c| c.next_sibling.load(Ordering::Relaxed) == class.as_raw())
    {
        before.next_sibling.store(next, Ordering::Release);
    }
}

/// Adds the class to its superclass's (or superinterfaces') subclass list, for class-hierarchy analysis.
fn link_into_hierarchy(vm: &Vm, class: ClassRef) {
    let _guard = vm.hierarchy_lock.lock();
    if let Some(p) = hierarchy_parent(class) {
        class.next_sibling.store(p.first_subclass.load(Ordering::Relaxed), Ordering::Relaxed);
        p.first_subclass.store(class.as_raw(), Ordering::Release);
    }
}
