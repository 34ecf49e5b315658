//! Class mirrors (`java.lang.Class` objects), array classes and primitive types.

use crate::loading::loader::{self, LoaderRef};
use crate::loading::module::ModuleRef;
use crate::oops::array::{PRIMITIVES, primitive_index};
use crate::oops::class::{
    Class, ClassExtra, ClassFlags, ClassKind, ClassRef, DISPLAY, InitState, ItableEntry,
};
use crate::oops::constant_pool::ConstantPool;
use crate::oops::field::FieldRef;
use crate::oops::metaspace::MetaspaceFull;
use crate::oops::method::MethodRef;
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use caturra_bytecode::access as acc;
use caturra_bytecode::descriptor::{BasicType, FieldType};
use caturra_heap::{ClassPrefix, LayoutKind, ObjRef};
use std::alloc::Layout;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

static NO_EXTRA: ClassExtra = ClassExtra {
    source_file: None,
    source_debug_extension: None,
    generic_signature: None,
    inner_classes: &[],
    enclosing_method: None,
    nest_host_index: 0,
    nest_members: &[],
    permitted_subclasses: None,
    record_components: None,
    annotations: &[],
    type_annotations: &[],
    major_version: 0,
    minor_version: 0,
    this_index: 0,
    super_index: 0,
    interface_indexes: &[],
};

static NO_POOL: ConstantPool =
    ConstantPool { slots: &[], tags: &[], states: &[], bootstrap_methods: &[], symbols: std::ptr::null() };

/// First byte of static fields in a mirror: behind the instance fields of `java.lang.Class`. 0 until that class is
/// laid out; classes defined before get their final offsets by [`rebase_early_statics`].
pub fn mirror_base(vm: &Vm) -> u32 {
    match vm.mirror_fields_end.load(Ordering::Acquire) {
        0 => 0,
        end => end.next_multiple_of(8),
    }
}

/// Moves the static fields of classes defined before `java.lang.Class` behind its instance fields.
pub fn rebase_early_statics(vm: &Vm, class_class: ClassRef) {
    let base = class_class.fields_end.next_multiple_of(8);
    for c in vm.loaders.boot().defined_classes() {
        if c.kind != ClassKind::Instance || c.statics_start != 0 {
            continue;
        }
        // SAFETY: start-up, one thread, no Java code has run: nobody has read these offsets.
        unsafe {
            let k = &mut *c.as_ptr();
            k.statics_start = base;
            k.mirror_size = (k.mirror_size + base).next_multiple_of(8);
            for f in k.fields.iter().filter(|f| f.is_static()) {
                let p = f.as_raw() as *mut crate::oops::field::Field;
                (*p).offset += base;
            }
        }
    }
    vm.mirror_fields_end.store(class_class.fields_end, Ordering::Release);
}

/// Makes the mirror of a class. Before `java.lang.Class` is known nothing happens: `create_early_mirrors` follows.
pub fn create_mirror(
    t: &Thread,
    class: ClassRef,
    protection_domain: ObjRef,
    class_data: ObjRef,
) -> JResult<()> {
    let vm = t.vm();
    if vm.off.class_klass() == 0 {
        return Ok(());
    }
    let size = class.mirror_size.max(mirror_base(vm)) as usize;
    let p = vm.heap.alloc_pinned(&t.tlab, size, vm).map_err(|e| exceptions::out_of_memory(t, e))?;
    let off = &vm.off;
    // SAFETY: fresh zeroed memory of `size` bytes; size and class words are set before any safepoint.
    let mirror = unsafe {
        let m = ObjRef::from_addr(p);
        m.store::<u32>(off.class_oop_size() as usize, size as u32);
        m.store::<u32>(off.class_static_refs_start() as usize, class.statics_start);
        m.store::<u32>(off.class_static_ref_count() as usize, class.static_ref_count);
        m.store::<u32>(off.class_klass() as usize, class.id());
        m.set_class_word(vm.wk.class().id());
        m
    };
    // SAFETY: reference fields of a Class object.
    unsafe {
        let loader = crate::loading::define::owner(t, class.loader).object();
        vm.put_ref(mirror, off.class_class_loader() as usize, loader);
        vm.put_ref(mirror, off.class_protection_domain() as usize, protection_domain);
        if !class_data.is_null() {
            vm.put_ref(mirror, off.class_class_data() as usize, class_data);
        }
        if let Some(c) = class.component {
            vm.put_ref(mirror, off.class_component_type() as usize, c.mirror());
        }
        let module = module_object_for(t, class.module());
        vm.put_ref(mirror, off.class_module() as usize, module);
    }
    class.mirror.store(mirror.raw(), Ordering::Release);
    if class.loader.is_hidden_class && class.kind == ClassKind::Instance {
        class.loader.hidden_mirror.store(mirror.raw(), Ordering::Release);
        class.prefix.holder.store(mirror.raw(), Ordering::Release);
    }
    Ok(())
}

/// The `java.lang.Module` of a mirror; an unnamed module takes its object from its loader when first needed.
fn module_object_for(t: &Thread, m: ModuleRef) -> ObjRef {
    let vm = t.vm();
    let object = m.object();
    if !object.is_null() || m.is_named() || m.loader.is_boot() {
        return object;
    }
    // SAFETY: a live ClassLoader.
    let unnamed = unsafe { m.loader.object().load_ref(vm.off.class_loader_unnamed_module() as usize) };
    if !unnamed.is_null() {
        loader::bind_module_object(vm, m, unnamed);
    }
    unnamed
}

/// Mirrors of the classes defined before `java.lang.Class`'s fields were known, and of primitive types.
pub fn create_early_mirrors(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    for c in vm.loaders.boot().defined_classes() {
        if c.mirror().is_null() {
            create_mirror(t, c, ObjRef::NULL, ObjRef::NULL)?;
        }
    }
    Ok(())
}

/// Sets the module of all mirrors made before `java.base` had a Java object.
pub fn fix_up_modules(vm: &Vm, java_base: ModuleRef) {
    for c in vm.loaders.boot().defined_classes() {
        if c.module() == java_base {
            // SAFETY: a live mirror.
            unsafe { vm.put_ref(c.mirror(), vm.off.class_module() as usize, java_base.object()) };
        }
    }
}

/// The class that a mirror stands for; primitive types have classes too (`ClassKind::Primitive`).
#[inline]
pub fn class_of(mirror: ObjRef) -> ClassRef {
    let vm = Thread::current().expect("mirrors are read on attached threads").vm();
    class_of_mirror(vm, mirror)
}

/// As [`class_of`] for callers that have the VM at hand.
#[inline(always)]
pub fn class_of_mirror(vm: &Vm, mirror: ObjRef) -> ClassRef {
    debug_assert!(!mirror.is_null());
    // SAFETY: a live mirror holds the address of its class record, which it keeps alive.
    unsafe { ClassRef::from_raw(u64::from(mirror.load::<u32>(vm.off.class_klass() as usize))) }
}

/// The class of a primitive type or void.
pub fn primitive_class(vm: &Vm, ty: BasicType) -> ClassRef {
    let i = primitive_index(ty).unwrap_or(8);
    // SAFETY: filled at boot with records that are never freed.
    unsafe { ClassRef::from_raw(vm.primitives[i].load(Ordering::Acquire)) }
}

/// The class of arrays of a primitive type.
#[inline]
pub fn primitive_array_class(vm: &Vm, ty: BasicType) -> ClassRef {
    // The order of PRIMITIVES is that of the `newarray` codes, which are the numbers of the types.
    let i = ty as usize - BasicType::Boolean as usize;
    // SAFETY: filled at boot with records that are never freed.
    unsafe { ClassRef::from_raw(vm.primitive_arrays[i].load(Ordering::Acquire)) }
}

/// The class of a field descriptor, primitives included.
pub fn class_from_descriptor(t: &Thread, loader: LoaderRef, descriptor: Sym) -> JResult<ClassRef> {
    let vm = t.vm();
    match FieldType::parse(descriptor.bytes()) {
        Some(FieldType::Primitive(p)) => Ok(primitive_class(vm, p)),
        Some(ty) => {
            let name = vm.symbols.intern_bytes(ty.class_name().unwrap_or_default());
            crate::linking::resolve::load_or_no_class_def(t, loader, name)
        }
        None if descriptor == "V" => Ok(primitive_class(vm, BasicType::Void)),
        None => Err(exceptions::throw(t, "java/lang/NoClassDefFoundError", &descriptor.to_str())),
    }
}

struct Shape {
    name: Sym,
    kind: ClassKind,
    element_type: BasicType,
    elem_shift: u8,
    component: Option<ClassRef>,
    loader: LoaderRef,
}

/// A class without a class file: a primitive type or an array class.
fn make_simple(vm: &Vm, s: Shape) -> Result<ClassRef, MetaspaceFull> {
    let array = s.kind != ClassKind::Primitive;
    let object = array.then(|| vm.wk.object());
    let vtable: &[MethodRef] = object.as_ref().map_or(&[], |o| o.vtable());
    let layout = Layout::from_size_align(size_of::<Class>() + std::mem::size_of_val(vtable), 64)
        .map_err(|_| MetaspaceFull)?;
    let arena = &s.loader.arena;
    let record = arena.alloc_raw(layout)?.cast::<Class>();
    let class = ClassRef::from_ptr(record);
    let prefix = match s.kind {
        ClassKind::ObjArray => ClassPrefix::array(LayoutKind::ObjArray, s.elem_shift),
        ClassKind::PrimArray => ClassPrefix::array(LayoutKind::PrimArray, s.elem_shift),
        _ => ClassPrefix::instance(0, std::ptr::null(), 0),
    };
    let bottom = s.component.map(|c| c.bottom.unwrap_or(c));
    let mut prefix = prefix;
    if let Some(b) = bottom {
        prefix.gc_flags |= b.prefix.gc_flags & caturra_heap::layout::GC_UNLOADABLE;
        prefix.holder.store(b.prefix.holder().raw(), Ordering::Relaxed);
    }
    let interfaces: Vec<ClassRef> =
        if array { vec![vm.wk.cloneable(), vm.wk.serializable()] } else { Vec::new() };
    let interfaces: &'static [ClassRef] = arena.alloc_slice(interfaces.len(), |i| interfaces[i])?;
    let itable: &'static [ItableEntry] =
        arena.alloc_slice(interfaces.len(), |i| ItableEntry { interface: interfaces[i], methods: &[] })?;
    let mut display = [0; DISPLAY];
    if let Some(o) = object {
        display[0] = o.as_raw();
    }
    // An array class is as accessible as its element type; final and abstract (JVMS has no class file for it).
    let visibility = bottom.map_or(acc::ACC_PUBLIC, |b| b.access & acc::ACC_PUBLIC);
    let module = bottom.map_or_else(|| vm.modules.java_base(), |b| b.module());
    // SAFETY: fresh memory for the record and `vtable.len()` entries.
    unsafe {
        record.write(Class {
            prefix,
            kind: s.kind,
            init_state: AtomicU8::new(InitState::Initialized as u8),
            access: visibility | acc::ACC_FINAL | acc::ACC_ABSTRACT,
            depth: u32::from(array),
            display,
            secondary_cache: AtomicU64::new(0),
            secondaries: interfaces,
            mirror: AtomicU32::new(0),
            flags: AtomicU32::new(if array { ClassFlags::CLONEABLE.bits() } else { 0 }),
            vtable_len: vtable.len() as u32,
            element_type: s.element_type,
            dimensions: s.component.map_or(0, |c| c.dimensions + 1),
            itable,
            init_thread: AtomicU64::new(0),
            cp: &NO_POOL,
            name: s.name,
            super_class: object,
            loader: s.loader,
            package: bottom.and_then(|b| b.package),
            module: AtomicPtr::new(module.as_ptr()),
            interfaces,
            all_interfaces: interfaces,
            methods: &[],
            methods_sorted: &[],
            vm_methods: &[],
            fields: &[] as &'static [FieldRef],
            array_class: AtomicU64::new(0),
            component: s.component,
            bottom,
            nest_host: AtomicU64::new(0),
            first_subclass: AtomicU64::new(0),
            next_sibling: AtomicU64::new(0),
            extra: &NO_EXTRA,
            errors: AtomicPtr::new(std::ptr::null_mut()),
            engine_data: AtomicPtr::new(std::ptr::null_mut()),
            statics_start: mirror_base(vm),
            static_ref_count: 0,
            mirror_size: mirror_base(vm),
            serial: vm.next_class_serial.fetch_add(1, Ordering::Relaxed),
            class_file: &[],
            fields_end: 8,
        });
        let entries = record.add(1).cast::<MethodRef>();
        for (i, m) in vtable.iter().enumerate() {
            entries.add(i).write(*m);
        }
    }
    Ok(class)
}

/// Makes the classes of primitive types and primitive arrays. Object, Cloneable, Serializable and
/// `java.lang.Class`'s layout must be known.
pub fn create_primitives(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    let boot = vm.loaders.boot();
    let full = |_| exceptions::metaspace_full(t);
    for (i, (ty, name, array_name, shift)) in PRIMITIVES.iter().enumerate() {
        let p = Shape {
            name: vm.symbols.intern(name),
            kind: ClassKind::Primitive,
            element_type: *ty,
            elem_shift: *shift,
            component: None,
            loader: boot,
        };
        let p = make_simple(vm, p).map_err(full)?;
        boot.record_defined(p, false);
        create_mirror(t, p, ObjRef::NULL, ObjRef::NULL)?;
        vm.primitives[i].store(p.as_raw(), Ordering::Release);
        let a = Shape {
            name: vm.symbols.intern(array_name),
            kind: ClassKind::PrimArray,
            element_type: *ty,
            elem_shift: *shift,
            component: Some(p),
            loader: boot,
        };
        let a = make_simple(vm, a).map_err(full)?;
        boot.record_defined(a, false);
        create_mirror(t, a, ObjRef::NULL, ObjRef::NULL)?;
        p.array_class.store(a.as_raw(), Ordering::Release);
        vm.primitive_arrays[i].store(a.as_raw(), Ordering::Release);
    }
    let void = Shape {
        name: vm.symbols.intern("void"),
        kind: ClassKind::Primitive,
        element_type: BasicType::Void,
        elem_shift: 0,
        component: None,
        loader: boot,
    };
    let void = make_simple(vm, void).map_err(full)?;
    boot.record_defined(void, false);
    create_mirror(t, void, ObjRef::NULL, ObjRef::NULL)?;
    vm.primitives[8].store(void.as_raw(), Ordering::Release);
    Ok(())
}

/// The class of arrays whose component type is `class`, made on first need.
///
/// # Errors
/// `IllegalArgumentException` for void and beyond 255 dimensions; out of memory.
#[inline]
pub fn array_class_of(t: &Thread, class: ClassRef) -> JResult<ClassRef> {
    let raw = class.array_class.load(Ordering::Acquire);
    if raw != 0 {
        // SAFETY: an array class lives as long as its element class.
        return Ok(unsafe { ClassRef::from_raw(raw) });
    }
    make_array_class(t, class)
}

#[cold]
fn make_array_class(t: &Thread, class: ClassRef) -> JResult<ClassRef> {
    let vm = t.vm();
    if class.element_type == BasicType::Void || class.dimensions == 255 {
        return Err(exceptions::throw_bare(t, "java/lang/IllegalArgumentException"));
    }
    let mut name = vec![b'['];
    if class.is_array() {
        name.extend_from_slice(class.name.bytes());
    } else {
        name.push(b'L');
        name.extend_from_slice(class.name.bytes());
        name.push(b';');
    }
    let shape = Shape {
        name: vm.symbols.intern_bytes(&name),
        kind: ClassKind::ObjArray,
        element_type: BasicType::Reference,
        elem_shift: 2,
        component: Some(class),
        loader: class.loader,
    };
    let array = make_simple(vm, shape).map_err(|_| exceptions::metaspace_full(t))?;
    create_mirror(t, array, ObjRef::NULL, ObjRef::NULL)?;
    // The class must be a root before another thread can see it, and only one may win.
    class.loader.record_defined(array, false);
    match class.array_class.compare_exchange(0, array.as_raw(), Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(array),
        // SAFETY: the winner's class lives as long as the element class.
        Err(other) => Ok(unsafe { ClassRef::from_raw(other) }),
    }
}
