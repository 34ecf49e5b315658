//! The VM as the optimiser sees it: [`CompilerEnv`] over the kernel's metadata.
//!
//! A compile thread is no Java thread. Metadata stays while it compiles, since unloading excludes compilations; the heap
//! is read for a moment at a time, between safepoints, and a question that comes during one is answered with "unknown".

use super::dependencies::{class_of_id, method_of_id, no_finalizer, selected, unique_target};
use crate::Jit;
use crate::intrinsics;
use crate::profile::{Profile, SiteKind};
use caturra_bytecode::BasicType;
use caturra_heap::LayoutKind;
use caturra_hir::env::{
    CallSite, Caught, ClassId, CompilerEnv, Constant, FieldAccess, FieldId, Handler, Intrinsic, InvokeKind,
    MethodId, MethodInfo, RefConst, TypeProfile,
};
use caturra_hir::op::{LinkKind, Reason};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::call_site::{DynamicSite, HandleCall};
use caturra_kernel::oops::class::{ClassFlags, ClassKind};
use caturra_kernel::oops::constant_pool::{CpTag, STATE_RESOLVED};
use caturra_kernel::oops::field::FieldFlags;
use caturra_kernel::oops::method::{MethodFlags, MethodKind};
use caturra_kernel::runtime::handles::WEAK_TAG;
use caturra_kernel::{ClassRef, FieldRef, MethodRef, ObjRef, Sym};
use std::cell::RefCell;
use std::sync::atomic::Ordering;

/// A handler that was executed less often, or in less than one of so many calls, is no part of the normal course.
const SELDOM: u32 = 3;
const RARELY: u64 = 500;

/// The environment of one compilation.
pub struct Env<'a> {
    jit: &'a Jit,
    /// Weak handles of constants found, which the code takes over.
    handles: RefCell<Vec<usize>>,
}

fn class_id(class: ClassRef) -> ClassId {
    ClassId(class.id())
}

fn method_id(method: MethodRef) -> MethodId {
    MethodId(method.as_raw())
}

/// The field that a number of the optimiser's stands for.
pub fn field_of_id(id: FieldId) -> FieldRef {
    // SAFETY: the environment gives out fields of loaded classes only, and compilations exclude unloading.
    unsafe { FieldRef::from_raw(id.0) }
}

fn access_of(field: FieldRef) -> FieldAccess {
    FieldAccess {
        id: FieldId(field.as_raw()),
        holder: class_id(field.holder),
        offset: field.offset,
        ty: field.ty,
        volatile: field.is_volatile(),
    }
}

/// The present object of a constant. Only with the heap held.
fn object_of(constant: RefConst) -> ObjRef {
    // SAFETY: the address of a slot with a reference.
    unsafe { *(constant.0 as usize as *const ObjRef) }
}

fn constant_of_bits(ty: BasicType, bits: u64) -> Constant {
    match ty {
        BasicType::Long => Constant::Long(bits as i64),
        BasicType::Double => Constant::Double(bits),
        BasicType::Float => Constant::Float(bits as u32),
        BasicType::Boolean => Constant::Int(i32::from(bits as u8 & 1)),
        BasicType::Byte => Constant::Int(i32::from(bits as i8)),
        BasicType::Char => Constant::Int(i32::from(bits as u16)),
        BasicType::Short => Constant::Int(i32::from(bits as i16)),
        _ => Constant::Int(bits as i32),
    }
}

impl<'a> Env<'a> {
    pub fn new(jit: &'a Jit) -> Env<'a> {
        Env { jit, handles: RefCell::default() }
    }

    /// The class whose mirror a constant is.
    fn class_of_mirror(&self, constant: RefConst) -> Option<ClassRef> {
        let vm = self.jit.vm();
        let _heap = vm.safepoint.read_heap()?;
        let object = object_of(constant);
        // SAFETY: live while the heap is held.
        let is_mirror = !object.is_null() && unsafe { ClassRef::of(object) } == vm.wk.class();
        is_mirror.then(|| mirrors::class_of_mirror(vm, object))
    }

    /// The weak handles made for constants; the caller frees them.
    pub fn take_handles(&self) -> Vec<usize> {
        self.handles.take()
    }

    /// A slot for an object, the same for the same object. Only with the heap held.
    fn constant_for(&self, object: ObjRef) -> RefConst {
        let mut handles = self.handles.borrow_mut();
        for &h in handles.iter() {
            let slot = RefConst((h & !WEAK_TAG) as u64);
            if object_of(slot) == object {
                return slot;
            }
        }
        let handle = self.jit.vm().globals.new_weak(object) as usize;
        handles.push(handle);
        RefConst((handle & !WEAK_TAG) as u64)
    }

    fn read(&self, object: ObjRef, offset: u32, ty: BasicType) -> Constant {
        let at = offset as usize;
        // SAFETY: a field of the object.
        let bits = unsafe {
            match ty {
                BasicType::Reference => {
                    let value = object.load_ref(at);
                    return if value.is_null() {
                        Constant::Null
                    } else {
                        Constant::Ref(self.constant_for(value))
                    };
                }
                BasicType::Boolean | BasicType::Byte => u64::from(object.load::<u8>(at)),
                BasicType::Char | BasicType::Short => u64::from(object.load::<u16>(at)),
                BasicType::Long | BasicType::Double => object.load::<u64>(at),
                _ => u64::from(object.load::<u32>(at)),
            }
        };
        constant_of_bits(ty, bits)
    }

    fn is_library_of_handles(&self, class: ClassRef) -> bool {
        class.same_package(self.jit.vm().wk.method_handle())
    }

    fn link_kind(&self, class: ClassRef, cp: u16, name: Sym) -> Option<LinkKind> {
        let sym = &self.jit.vm().sym;
        if class.cp.member_class_name(cp) != sym.java_lang_invoke_method_handle
            || !self.is_library_of_handles(class)
        {
            return None;
        }
        [
            (sym.link_to_virtual, LinkKind::Virtual),
            (sym.link_to_static, LinkKind::Static),
            (sym.link_to_special, LinkKind::Special),
            (sym.link_to_interface, LinkKind::Interface),
        ]
        .into_iter()
        .find_map(|(s, kind)| (s == name).then_some(kind))
    }

    fn is_polymorphic(&self, class: ClassRef, cp: u16, name: Sym) -> bool {
        let vm = self.jit.vm();
        let class_name = class.cp.member_class_name(cp);
        let holder = if class_name == vm.sym.java_lang_invoke_method_handle {
            vm.wk.method_handle()
        } else if class_name == vm.sym.java_lang_invoke_var_handle {
            vm.wk.var_handle()
        } else {
            return false;
        };
        holder.declared_methods_named(name).any(|m| {
            m.is_native()
                && m.is_varargs()
                && m.signature.symbol.bytes().starts_with(b"([Ljava/lang/Object;)")
        })
    }

    fn linked(&self, call: *const HandleCall) -> CallSite {
        if call.is_null() {
            return CallSite::Unresolved;
        }
        // SAFETY: a linked call lives as long as the method, and never changes.
        let HandleCall { adapter, appendix } = unsafe { *call };
        let appendix = (!appendix.is_null()).then_some(RefConst(appendix as u64));
        CallSite::Linked { adapter: method_id(adapter), appendix }
    }

    /// A call of a resolved method that is selected by the receiver.
    fn selecting(m: MethodRef) -> CallSite {
        if m.is_statically_bound() {
            CallSite::Direct(method_id(m))
        } else if m.itable_index().is_some() {
            CallSite::Interface(method_id(m))
        } else {
            CallSite::Virtual(method_id(m), m.vtable_index() as u32)
        }
    }

    fn profile(&self, method: MethodId) -> Option<&'static Profile> {
        Profile::of(method_of_id(method))
    }

    /// Whether a final instance field of the class never changes once it is seen: what reflection cannot write.
    fn trusts_finals_of(&self, class: ClassRef) -> bool {
        class.is_hidden()
            || class.has(ClassFlags::RECORD)
            || class.loader.is_boot()
                && (class.package_name() == b"java/lang/invoke" || class.package_name() == b"jdk/internal/vm")
    }
}

impl CompilerEnv for Env<'_> {
    fn method(&self, method: MethodId) -> MethodInfo<'_> {
        let m = method_of_id(method);
        let counted = Profile::of(m).map_or(0, |p| p.entries.load(Ordering::Relaxed));
        let own_frame = MethodFlags::DONT_INLINE | MethodFlags::NOT_COMPILABLE | MethodFlags::HAS_JSR;
        MethodInfo {
            holder: class_id(m.holder),
            descriptor: m.signature.symbol.bytes(),
            code: m.bytecode,
            max_locals: m.max_locals.max(m.arg_slots),
            max_stack: m.max_stack,
            access: m.access,
            statically_bound: m.is_statically_bound(),
            force_inline: m.has(MethodFlags::FORCE_INLINE),
            never_inline: m.has(own_frame)
                || m.kind() != MethodKind::Bytecode
                || crate::policy::needs_interpreter_frame(m)
                || intrinsics::routine(m).is_some()
                || !self.jit.commands.may_inline(self.jit.vm(), m),
            is_object_initializer: m.has(MethodFlags::OBJECT_INITIALIZER),
            invocations: m.invocations.load(Ordering::Relaxed).saturating_add(counted),
            profiled: counted,
            optimised_size: self.jit.optimised_size(m),
        }
    }

    fn handlers(&self, method: MethodId) -> Vec<Handler> {
        let rows = method_of_id(method).exception_table.iter();
        rows.map(|r| Handler { start: r.start.into(), end: r.end.into(), handler: r.handler.into() })
            .collect()
    }

    fn caught(&self, method: MethodId, row: usize) -> Caught {
        let m = method_of_id(method);
        match m.exception_table[row].catch_type {
            0 => Caught::Any,
            cp => m.holder.cp.resolved_class(cp).map_or(Caught::Unresolved, |c| Caught::Class(class_id(c))),
        }
    }

    fn handler_seen(&self, method: MethodId, handler_bci: u32) -> bool {
        let Some(profile) = self.profile(method) else { return false };
        let n = profile.count(handler_bci, SiteKind::Handler).unwrap_or(0);
        n >= SELDOM && u64::from(n) * RARELY >= u64::from(profile.entries.load(Ordering::Relaxed))
    }

    fn intrinsic(&self, method: MethodId) -> Option<Intrinsic> {
        intrinsics::of(method_of_id(method))
    }

    fn method_name(&self, method: MethodId) -> String {
        method_of_id(method).describe()
    }

    fn field(&self, method: MethodId, cp: u16, is_static: bool, put: bool) -> Option<FieldAccess> {
        let m = method_of_id(method);
        let field = m.holder.cp.resolved_field(cp).filter(|f| f.is_static() == is_static)?;
        // Stores to final fields have more rules; they are left to the interpreter.
        if put && field.is_final() && (field.holder != m.holder || !m.is_initializer()) {
            return None;
        }
        (!is_static || field.holder.is_initialized()).then(|| access_of(field))
    }

    fn member_descriptor(&self, method: MethodId, cp: u16) -> &[u8] {
        method_of_id(method).holder.cp.member_name_and_type(cp).1.bytes()
    }

    fn class_at(&self, method: MethodId, cp: u16) -> Option<ClassId> {
        method_of_id(method).holder.cp.resolved_class(cp).map(class_id)
    }

    fn constant(&self, method: MethodId, index: u16) -> Option<Constant> {
        let cp = method_of_id(method).holder.cp;
        let slot = cp.slot(index);
        let bits = slot.value.load(Ordering::Acquire);
        let slot_constant = || RefConst(slot.value.as_ptr() as u64);
        match cp.tag(index) {
            CpTag::Integer => Some(Constant::Int(bits as i32)),
            CpTag::Float => Some(Constant::Float(bits as u32)),
            CpTag::Long => Some(Constant::Long(bits as i64)),
            CpTag::Double => Some(Constant::Double(bits)),
            CpTag::Class => Some(Constant::Ref(self.mirror(class_id(cp.resolved_class(index)?)))),
            _ if cp.state(index) != STATE_RESOLVED => None,
            CpTag::Dynamic => {
                let (_, descriptor) = cp.member_name_and_type(index);
                match BasicType::from_char(descriptor.bytes()[0]).unwrap_or(BasicType::Reference) {
                    BasicType::Reference if bits as u32 == 0 => Some(Constant::Null),
                    BasicType::Reference => Some(Constant::Ref(slot_constant())),
                    ty => Some(constant_of_bits(ty, bits)),
                }
            }
            _ => Some(Constant::Ref(slot_constant())),
        }
    }

    fn call_site(&self, method: MethodId, bci: u32, cp: u16, kind: InvokeKind) -> CallSite {
        let m = method_of_id(method);
        let pool = m.holder.cp;
        if kind == InvokeKind::Dynamic {
            let code = m.code.load(Ordering::Acquire);
            if code.is_null() {
                return CallSite::Unresolved;
            }
            // SAFETY: linked code has the address of the site's record as operand.
            let linked = unsafe {
                let operand = code.add(bci as usize + 1).cast::<u32>().read_unaligned();
                (*(operand as usize as *const DynamicSite)).linked.load(Ordering::Acquire)
            };
            return self.linked(linked);
        }
        let (name, _) = pool.member_name_and_type(cp);
        match kind {
            InvokeKind::Static => {
                if let Some(kind) = self.link_kind(m.holder, cp, name) {
                    return CallSite::LinkTo(kind);
                }
                match pool.resolved_method(cp).filter(|r| r.is_static()) {
                    Some(r) if r.holder.is_initialized() || m.holder.has_superclass(r.holder) => {
                        CallSite::Direct(method_id(r))
                    }
                    _ => CallSite::Unresolved,
                }
            }
            InvokeKind::Special => {
                let linked = m.kind() == MethodKind::Bytecode;
                match linked.then(|| (self.jit.sites.special_target)(m, bci)).flatten() {
                    Some(target) => CallSite::Direct(method_id(target)),
                    None => CallSite::Unresolved,
                }
            }
            InvokeKind::Virtual if self.is_polymorphic(m.holder, cp, name) => {
                if name == self.jit.vm().sym.invoke_basic && self.is_library_of_handles(m.holder) {
                    return CallSite::InvokeBasic;
                }
                self.linked(pool.slot(cp).quick.load(Ordering::Acquire) as *const HandleCall)
            }
            InvokeKind::Virtual => match pool.resolved_method(cp).filter(|r| !r.is_static()) {
                Some(r) => Self::selecting(r),
                None => CallSite::Unresolved,
            },
            InvokeKind::Interface => match pool.resolved_method(cp).filter(|r| !r.is_static()) {
                // The receiver has to be checked even where nothing is selected.
                Some(r) if r.is_statically_bound() => CallSite::Interface(method_id(r)),
                Some(r) => Self::selecting(r),
                None => CallSite::Unresolved,
            },
            InvokeKind::Dynamic => unreachable!("done above"),
        }
    }

    fn class_by_name(&self, method: MethodId, name: &[u8]) -> Option<ClassId> {
        let vm = self.jit.vm();
        let loader = method_of_id(method).holder.loader;
        if name.first() == Some(&b'[') {
            return None;
        }
        loader.find(vm.symbols.lookup(name)?).map(class_id)
    }

    fn can_instantiate(&self, class: ClassId) -> bool {
        let c = class_of_id(class);
        c.is_initialized()
            && c.is_instance_class()
            && !c.is_abstract()
            && !c.is_interface()
            && c.prefix.layout != LayoutKind::Mirror as u8
    }

    fn is_subclass(&self, class: ClassId, other: ClassId) -> bool {
        class_of_id(class).is_subclass_of(class_of_id(other))
    }

    fn is_interface(&self, class: ClassId) -> bool {
        class_of_id(class).is_interface()
    }

    fn is_final(&self, class: ClassId) -> bool {
        let c = class_of_id(class);
        match c.kind {
            ClassKind::Instance => c.is_final(),
            ClassKind::ObjArray => c.bottom.is_some_and(|b| b.is_primitive() || b.is_final()),
            ClassKind::PrimArray | ClassKind::Primitive => true,
        }
    }

    fn is_leaf(&self, class: ClassId) -> bool {
        let c = class_of_id(class);
        c.is_instance_class() && !c.is_interface() && c.direct_subclasses().next().is_none()
    }

    fn array_class(&self, element: ClassId) -> Option<ClassId> {
        let raw = class_of_id(element).array_class.load(Ordering::Acquire);
        // SAFETY: zero, or the array class of a loaded class.
        (raw != 0).then(|| class_id(unsafe { ClassRef::from_raw(raw) }))
    }

    fn primitive_array_class(&self, element: BasicType) -> ClassId {
        class_id(mirrors::primitive_array_class(self.jit.vm(), element))
    }

    fn component(&self, array: ClassId) -> Option<ClassId> {
        let c = class_of_id(array);
        if c.kind == ClassKind::ObjArray { c.component.map(class_id) } else { None }
    }

    fn element_type(&self, array: ClassId) -> Option<BasicType> {
        let c = class_of_id(array);
        match c.kind {
            ClassKind::ObjArray => Some(BasicType::Reference),
            ClassKind::PrimArray => Some(c.element_type),
            _ => None,
        }
    }

    fn has_finalizer(&self, class: ClassId) -> bool {
        class_of_id(class).has(ClassFlags::FINALIZABLE)
    }

    fn no_finalizer_below(&self, class: ClassId) -> bool {
        no_finalizer(class_of_id(class))
    }

    fn instance_fields(&self, class: ClassId) -> Option<Vec<FieldAccess>> {
        let c = class_of_id(class);
        if c.kind != ClassKind::Instance || c.prefix.layout != LayoutKind::Instance as u8 {
            return None;
        }
        let mut all = Vec::new();
        for c in std::iter::once(c).chain(c.superclasses()) {
            all.extend(c.fields.iter().filter(|f| !f.is_static()).map(|f| access_of(*f)));
        }
        Some(all)
    }

    fn unique_target(&self, receiver: ClassId, method: MethodId) -> Option<MethodId> {
        unique_target(class_of_id(receiver), method_of_id(method)).map(method_id)
    }

    fn select(&self, receiver: ClassId, method: MethodId) -> Option<MethodId> {
        selected(class_of_id(receiver), method_of_id(method)).map(method_id)
    }

    fn mirror(&self, class: ClassId) -> RefConst {
        RefConst(class_of_id(class).mirror.as_ptr() as u64)
    }

    fn class_name(&self, class: ClassId) -> String {
        class_of_id(class).name.to_string()
    }

    fn field_name(&self, field: FieldId) -> String {
        let f = field_of_id(field);
        format!("{}.{}", f.holder.name, f.name)
    }

    fn type_profile(&self, method: MethodId, bci: u32) -> Option<TypeProfile> {
        let seen = self.profile(method)?.types(bci)?;
        let mut classes: Vec<_> = seen.rows.into_iter().map(|(c, n)| (ClassId(c), n)).collect();
        classes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        Some(TypeProfile { classes, others: seen.others, null_seen: seen.null })
    }

    fn branch_profile(&self, method: MethodId, bci: u32) -> Option<(u32, u32)> {
        self.profile(method)?.branch(bci)
    }

    fn call_count(&self, method: MethodId, bci: u32) -> Option<u32> {
        self.profile(method)?.count(bci, SiteKind::Call)
    }

    fn too_many_deopts(&self, method: MethodId, bci: u32, reason: Reason) -> bool {
        self.jit.traps.too_many(method_of_id(method), bci, reason)
    }

    fn class_of(&self, constant: RefConst) -> Option<ClassId> {
        let _heap = self.jit.vm().safepoint.read_heap()?;
        let object = object_of(constant);
        // SAFETY: live while the heap is held.
        (!object.is_null()).then(|| class_id(unsafe { ClassRef::of(object) }))
    }

    fn mirrored(&self, constant: RefConst) -> Option<ClassId> {
        self.class_of_mirror(constant).filter(|class| !class.is_primitive()).map(class_id)
    }

    fn mirrored_primitive(&self, constant: RefConst) -> Option<BasicType> {
        let class = self.class_of_mirror(constant).filter(|class| class.is_primitive())?;
        Some(class.element_type).filter(|ty| *ty != BasicType::Void)
    }

    fn field_constant(&self, object: RefConst, field: &FieldAccess) -> Option<Constant> {
        let f = field_of_id(field.id);
        let vm = self.jit.vm();
        let _heap = vm.safepoint.read_heap()?;
        let object = object_of(object);
        // SAFETY: live while the heap is held.
        if object.is_null() || !unsafe { ClassRef::of(object) }.is_subclass_of(f.holder) {
            return None;
        }
        let stable = f.flags.contains(FieldFlags::STABLE);
        // SAFETY: as above.
        let constant_site = f.holder == vm.wk.call_site()
            && f.offset == vm.off.call_site_target()
            && unsafe { ClassRef::of(object) }.name == "java/lang/invoke/ConstantCallSite";
        if !(stable || constant_site || f.is_final() && self.trusts_finals_of(f.holder)) {
            return None;
        }
        let value = self.read(object, f.offset, f.ty);
        let zero = matches!(
            value,
            Constant::Null | Constant::Int(0) | Constant::Long(0) | Constant::Float(0) | Constant::Double(0)
        );
        // A final field may be looked at before its constructor has set it.
        (!zero).then_some(value)
    }

    fn static_constant(&self, field: &FieldAccess) -> Option<Constant> {
        let f = field_of_id(field.id);
        let stable = f.flags.contains(FieldFlags::STABLE);
        let written_by_vm = f.holder == self.jit.vm().wk.system();
        if !f.holder.is_initialized() || written_by_vm || !(f.is_final() || stable) {
            return None;
        }
        let _heap = self.jit.vm().safepoint.read_heap()?;
        let value = self.read(f.holder.mirror(), f.offset, f.ty);
        let zero = matches!(value, Constant::Null | Constant::Int(0) | Constant::Long(0));
        (f.is_final() || !zero).then_some(value)
    }

    fn array_length(&self, array: RefConst) -> Option<i32> {
        let _heap = self.jit.vm().safepoint.read_heap()?;
        let object = object_of(array);
        // SAFETY: live while the heap is held.
        unsafe { (!object.is_null() && ClassRef::of(object).is_array()).then(|| object.array_length()) }
    }

    fn handle_target(&self, handle: RefConst) -> Option<MethodId> {
        let vm = self.jit.vm();
        let _heap = vm.safepoint.read_heap()?;
        let handle = object_of(handle);
        // SAFETY: live while the heap is held; each link is checked for null.
        unsafe {
            if handle.is_null() || !ClassRef::of(handle).is_subclass_of(vm.wk.method_handle()) {
                return None;
            }
            let mut object = handle;
            for offset in
                [vm.off.method_handle_form(), vm.off.lambda_form_vmentry(), vm.off.member_name_method()]
            {
                object = object.load_ref(offset as usize);
                if object.is_null() {
                    return None;
                }
            }
            let raw = object.load::<u64>(vm.off.resolved_method_vmtarget() as usize);
            (raw != 0).then_some(MethodId(raw))
        }
    }

    fn member_target(&self, member: RefConst, kind: LinkKind) -> CallSite {
        let vm = self.jit.vm();
        let Some(_heap) = vm.safepoint.read_heap() else { return CallSite::Unresolved };
        let member = object_of(member);
        // SAFETY: live while the heap is held.
        let target = unsafe {
            if member.is_null() || ClassRef::of(member) != vm.wk.member_name() {
                return CallSite::Unresolved;
            }
            let resolved = member.load_ref(vm.off.member_name_method() as usize);
            if resolved.is_null() {
                return CallSite::Unresolved;
            }
            let raw = resolved.load::<u64>(vm.off.resolved_method_vmtarget() as usize);
            if raw == 0 {
                return CallSite::Unresolved;
            }
            MethodRef::from_raw(raw)
        };
        match kind {
            LinkKind::Static if !target.holder.is_initialized() => CallSite::Unresolved,
            LinkKind::Static | LinkKind::Special => CallSite::Direct(method_id(target)),
            LinkKind::Virtual | LinkKind::Interface => Self::selecting(target),
        }
    }
}
