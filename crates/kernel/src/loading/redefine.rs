//! New definitions of loaded classes (JVMTI `RedefineClasses`): other method bodies, attributes and constants, with
//! the same members and supertypes.
//!
//! Class, method and field records keep their addresses, so that vtables, resolved constants, ids and mirrors stay
//! valid; their contents are exchanged with the world stopped. Activations of the old code go on with a *shadow*: copies
//! of the class and method records as they were, which only those frames refer to.

use crate::linking::link;
use crate::loading::define::{self, DefineRequest};
use crate::loading::mirrors;
use crate::oops::class::{Class, ClassKind, ClassRef};
use crate::oops::field::{Field, FieldFlags};
use crate::oops::metaspace::MetaspaceFull;
use crate::oops::method::{Method, MethodFlags, MethodKind, MethodRef};
use crate::runtime::exceptions::{self, JResult, Thrown};
use crate::runtime::frames::FRAME_COMPILED;
use crate::runtime::safepoint;
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use caturra_classfile::ClassFile;
use caturra_heap::ObjRef;
use std::alloc::Layout;
use std::collections::HashMap;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

/// Why a definition cannot take the place of the present one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    Unmodifiable,
    MethodAdded,
    MethodDeleted,
    SchemaChanged,
    HierarchyChanged,
    ClassModifiersChanged,
    MethodModifiersChanged,
    ClassAttributeChanged,
    /// The exception is pending.
    Thrown(Thrown),
}

impl From<Thrown> for Refusal {
    fn from(t: Thrown) -> Refusal {
        Refusal::Thrown(t)
    }
}

/// A checked and verified definition that waits to be put in place.
pub struct Redefinition {
    class: ClassRef,
    /// The new definition as a class of its own, which nobody else knows.
    fresh: ClassRef,
    /// Where the old one goes.
    shadow: ClassRef,
    /// (the method, its new definition, where the old one goes).
    methods: Vec<(MethodRef, MethodRef, MethodRef)>,
}

/// Whether a class may be redefined at all.
pub fn is_modifiable(class: ClassRef) -> bool {
    class.kind == ClassKind::Instance && !class.is_hidden()
}

/// Reads, compares and verifies a new definition. `original` are the bytes that a later retransformation begins with.
///
/// # Errors
/// [`Refusal`].
pub fn prepare(
    t: &Thread,
    class: ClassRef,
    bytes: &[u8],
    original: Option<&[u8]>,
) -> Result<Redefinition, Refusal> {
    if !is_modifiable(class) {
        return Err(Refusal::Unmodifiable);
    }
    link::link_class(t, class)?;
    let request = DefineRequest {
        loader: class.loader,
        name: Some(class.name),
        bytes,
        protection_domain: ObjRef::NULL,
        source: None,
        hidden: None,
    };
    let (bytes, original) =
        define::keep(class.loader, bytes, original).map_err(|MetaspaceFull| exceptions::metaspace_full(t))?;
    let file = define::parse(t, &request, bytes)?;
    compare(class, &file)?;
    let fresh = define::build_again(t, &request, &file, class, original)?;
    // The verifier of old class files looks at classes through their mirrors.
    mirrors::create_mirror(t, fresh, ObjRef::NULL, ObjRef::NULL)?;
    let mark = t.handles.mark();
    t.handles.new(fresh.mirror());
    let verified = (t.vm().engine().verify_class)(t, fresh);
    t.handles.release(mark);
    verified?;
    let copies = shadow(class, fresh).map_err(|MetaspaceFull| exceptions::metaspace_full(t))?;
    Ok(Redefinition { class, fresh, shadow: copies.0, methods: copies.1 })
}

/// Exchanges the definitions, all at once.
///
/// # Errors
/// What `Class` throws; the definitions are in place all the same.
pub fn apply(t: &Thread, all: &[Redefinition]) -> JResult<()> {
    let vm = t.vm();
    safepoint::stop_the_world(t, || {
        let mut moved = HashMap::new();
        for r in all {
            // SAFETY: the world is stopped.
            unsafe { r.exchange(vm) };
            moved.extend(r.methods.iter().map(|(m, _, old)| (m.as_raw(), *old)));
        }
        vm.redefinitions.fetch_add(1, Ordering::Release);
        move_frames(vm, &moved);
        if let Some(compiler) = vm.compiler.get() {
            (compiler.redefined)(vm, &moved);
        }
    });
    for r in all {
        forget_reflection_data(t, r.class);
    }
    Ok(())
}

/// Copies of the records as they are, with room for what the old code needs.
#[allow(clippy::type_complexity)]
fn shadow(
    class: ClassRef,
    fresh: ClassRef,
) -> Result<(ClassRef, Vec<(MethodRef, MethodRef, MethodRef)>), MetaspaceFull> {
    let arena = class.loader.arena();
    let size = size_of::<Class>() + class.vtable_len as usize * size_of::<MethodRef>();
    let layout = Layout::from_size_align(size, 64).map_err(|_| MetaspaceFull)?;
    let record = arena.alloc_raw(layout)?;
    let shadow = ClassRef::from_ptr(record.cast::<Class>());
    let mut methods = Vec::with_capacity(class.methods.len());
    for m in class.methods {
        let Some(new) = fresh.declared_method(m.name, m.signature.symbol) else { continue };
        let copy = arena.alloc_raw(Layout::new::<Method>())?;
        methods.push((*m, new, MethodRef::from_ptr(copy.cast())));
    }
    Ok((shadow, methods))
}

impl Redefinition {
    /// # Safety
    /// The world is stopped. Other threads hold references to these records, but no value read from them that they
    /// would not read again; the records hold atomics, so the compiler does not keep their fields across a stop.
    unsafe fn exchange(&self, vm: &Vm) {
        let (class, fresh) = (self.class.as_ptr(), &*self.fresh);
        let size = size_of::<Class>() + self.class.vtable_len as usize * size_of::<MethodRef>();
        // SAFETY: the caller's promise; the shadow has room for the record and its vtable.
        unsafe {
            std::ptr::copy_nonoverlapping(class.cast::<u8>(), self.shadow.as_ptr().cast::<u8>(), size);
            (*class).cp = fresh.cp;
            (*class).extra = fresh.extra;
            (*class).class_file = fresh.class_file;
            // Errors are recorded by index in the old pool; the shadow keeps them, and is never freed by itself.
            (*class).errors.store(null_mut(), Ordering::Release);
            for (old, new) in self.class.fields.iter().zip(fresh.fields) {
                let field = old.as_raw() as *mut Field;
                (*field).annotations = new.annotations;
                (*field).type_annotations = new.type_annotations;
                (*field).generic_signature = new.generic_signature;
                (*field).constant_value = new.constant_value;
            }
            for (method, new, copy) in &self.methods {
                exchange_method(vm, *method, new, *copy, self.shadow);
            }
        }
    }
}

/// # Safety
/// As [`Redefinition::exchange`].
unsafe fn exchange_method(vm: &Vm, method: MethodRef, new: &Method, copy: MethodRef, shadow: ClassRef) {
    // SAFETY: the caller's promise; `copy` has room for a method.
    unsafe {
        let (m, old) = (method.as_ptr(), copy.as_ptr());
        std::ptr::copy_nonoverlapping(m, old, 1);
        (*old).holder = shadow;
        (*m).attributes = new.attributes;
        (*m).code_attributes = new.code_attributes;
        let kept = MethodFlags::NOT_COMPILABLE.bits();
        let flags = new.flags.load(Ordering::Relaxed) | (*m).flags.load(Ordering::Relaxed) & kept;
        (*m).flags.store(flags, Ordering::Relaxed);
        if new.kind() != MethodKind::Unlinked {
            // Native and abstract methods have no body to exchange; what a native one is bound to stays.
            return;
        }
        (*m).bytecode = new.bytecode;
        (*m).exception_table = new.exception_table;
        (*m).max_locals = new.max_locals;
        (*m).max_stack = new.max_stack;
        (*m).code.store(null_mut(), Ordering::Release);
        (*m).profile.store(null_mut(), Ordering::Release);
        (*m).compiled.store(null_mut(), Ordering::Release);
        (*m).from_slots.store(null_mut(), Ordering::Release);
        (*m).from_compiled.store(vm.compiled_to_interpreter(), Ordering::Release);
        (*m).invocations.store(0, Ordering::Relaxed);
        (*m).back_edges.store(0, Ordering::Relaxed);
        (*m).set_kind(MethodKind::Unlinked);
        (*old).compiled.store(null_mut(), Ordering::Release);
        (*old).set(MethodFlags::NOT_COMPILABLE);
    }
}

/// Lets interpreted activations go on with the old methods.
fn move_frames(vm: &Vm, moved: &HashMap<u64, MethodRef>) {
    vm.threads.with_all(|all| {
        for t in all {
            let mut frame = t.frame.get();
            while !frame.is_null() {
                // SAFETY: frames of a stopped thread, or of the caller, form a list that ends in null.
                unsafe {
                    if (*frame).flags & FRAME_COMPILED == 0
                        && let Some(old) = moved.get(&(*frame).method)
                    {
                        (*frame).method = old.as_raw();
                    }
                    frame = (*frame).prev;
                }
            }
        }
    });
}

/// `Class` keeps what reflection has found; a count tells it that the class has changed since.
fn forget_reflection_data(t: &Thread, class: ClassRef) {
    let vm = t.vm();
    let (Some(name), Some(int)) = (vm.symbols.lookup(b"classRedefinedCount"), vm.symbols.lookup(b"I")) else {
        return;
    };
    if let Some(field) = vm.wk.class().declared_field(name, int) {
        // SAFETY: an int field of a live `Class` object.
        unsafe { class.mirror().atomic_u32(field.offset as usize) }.fetch_add(1, Ordering::SeqCst);
    }
}

// ---- what may change ----

fn compare(class: ClassRef, file: &ClassFile<'_>) -> Result<(), Refusal> {
    let super_name = class.super_class.map(|s| s.name.bytes());
    let same_interfaces = file.interface_names().eq(class.interfaces.iter().map(|i| i.name.bytes()));
    if file.super_name != super_name || !same_interfaces {
        return Err(Refusal::HierarchyChanged);
    }
    if file.access_flags != class.access {
        return Err(Refusal::ClassModifiersChanged);
    }
    let declared = class.fields.iter().filter(|f| !f.flags.contains(FieldFlags::INJECTED));
    let same_fields = declared
        .map(|f| (f.name.bytes(), f.signature.bytes(), f.access))
        .eq(file.fields.iter().map(|f| (f.name, f.descriptor, f.access_flags)));
    if !same_fields {
        return Err(Refusal::SchemaChanged);
    }
    if !same_attributes(class, file) {
        return Err(Refusal::ClassAttributeChanged);
    }
    compare_methods(class, file)
}

fn compare_methods(class: ClassRef, file: &ClassFile<'_>) -> Result<(), Refusal> {
    let mut present: HashMap<_, u16> =
        class.methods.iter().map(|m| ((m.name.bytes(), m.signature.symbol.bytes()), m.access)).collect();
    let mut added = false;
    for m in &file.methods {
        match present.remove(&(m.name, m.descriptor)) {
            None => added = true,
            Some(access) if access != m.access_flags => return Err(Refusal::MethodModifiersChanged),
            Some(_) => {}
        }
    }
    match (added, present.is_empty()) {
        (true, _) => Err(Refusal::MethodAdded),
        (_, false) => Err(Refusal::MethodDeleted),
        _ => Ok(()),
    }
}

/// Nest, record components and permitted subclasses must stay.
fn same_attributes(class: ClassRef, file: &ClassFile<'_>) -> bool {
    let (old, new) = (class.extra, &file.attributes);
    let pool = &file.constant_pool;
    let name_of = |i: u16| pool.class_name(i).unwrap_or_default();
    let old_name = |i: u16| class.cp.symbol(i).bytes();
    let host = (new.nest_host != 0).then(|| name_of(new.nest_host));
    let old_host = (old.nest_host_index != 0).then(|| old_name(old.nest_host_index));
    let sorted = |mut names: Vec<Vec<u8>>| {
        names.sort();
        names
    };
    let members = sorted(new.nest_members.iter().map(|i| name_of(i).to_vec()).collect());
    let old_members = sorted(old.nest_members.iter().map(|i| old_name(*i).to_vec()).collect());
    let permitted =
        new.permitted_subclasses.as_ref().map(|p| sorted(p.iter().map(|i| name_of(i).to_vec()).collect()));
    let old_permitted =
        old.permitted_subclasses.map(|p| sorted(p.iter().map(|i| old_name(*i).to_vec()).collect()));
    let text = |i: u16| pool.utf8(i).unwrap_or_default().to_vec();
    let components = new
        .record
        .as_ref()
        .map(|rows| rows.iter().map(|r| (text(r.name_index), text(r.descriptor_index))).collect::<Vec<_>>());
    let old_components = old.record_components.map(|rows| {
        rows.iter().map(|r| (r.name.bytes().to_vec(), r.descriptor.bytes().to_vec())).collect::<Vec<_>>()
    });
    host == old_host && members == old_members && permitted == old_permitted && components == old_components
}
