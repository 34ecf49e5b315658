//! `java.lang.invoke.MemberName`: a symbolic reference that the VM resolves in place. A resolved one has its
//! class, flags and, for a method, a `ResolvedMethodName` that points to the VM's method; for a field the offset.

use crate::constants::{
    CALLER_SENSITIVE, IS_CONSTRUCTOR, IS_FIELD, IS_METHOD, REFERENCE_KIND_SHIFT, RefKind, TRUSTED_FINAL,
};
use crate::objects::class_of;
use caturra_bytecode::FieldType;
use caturra_bytecode::access::{RECOGNIZED_FIELD_FLAGS, RECOGNIZED_METHOD_FLAGS};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::oops::method::{MethodFlags, NONVIRTUAL};
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::{ClassRef, FieldRef, MethodRef, ObjRef, Sym, Thread};

/// A live `MemberName` object.
#[derive(Clone, Copy)]
pub struct MemberName(pub ObjRef);

impl MemberName {
    /// # Safety
    /// `object` is a live `MemberName`, and stays in a local of the caller.
    pub unsafe fn new(object: ObjRef) -> MemberName {
        MemberName(object)
    }
    fn load(self, offset: u32) -> ObjRef {
        // SAFETY: a reference field of MemberName.
        unsafe { self.0.load_ref(offset as usize) }
    }
    fn store(self, t: &Thread, offset: u32, value: ObjRef) {
        // SAFETY: a reference field of MemberName.
        unsafe { t.vm().put_ref(self.0, offset as usize, value) }
    }
    pub fn class_mirror(self, t: &Thread) -> ObjRef {
        self.load(t.vm().off.member_name_clazz())
    }
    pub fn name(self, t: &Thread) -> ObjRef {
        self.load(t.vm().off.member_name_name())
    }
    /// A descriptor as String, or what it stands for: a `MethodType`, for a field a `Class`.
    pub fn ty(self, t: &Thread) -> ObjRef {
        self.load(t.vm().off.member_name_type())
    }
    pub fn flags(self, t: &Thread) -> i32 {
        // SAFETY: an int field.
        unsafe { self.0.load::<i32>(t.vm().off.member_name_flags() as usize) }
    }
    pub fn vmindex(self, t: &Thread) -> i64 {
        // SAFETY: a long field.
        unsafe { self.0.load::<i64>(t.vm().off.member_name_vmindex() as usize) }
    }
    pub fn set_class(self, t: &Thread, class: ClassRef) {
        self.store(t, t.vm().off.member_name_clazz(), class.mirror());
    }
    pub fn set_name(self, t: &Thread, name: ObjRef) {
        self.store(t, t.vm().off.member_name_name(), name);
    }
    pub fn set_type(self, t: &Thread, ty: ObjRef) {
        self.store(t, t.vm().off.member_name_type(), ty);
    }
    pub fn set_flags(self, t: &Thread, flags: i32) {
        // SAFETY: an int field.
        unsafe { self.0.store(t.vm().off.member_name_flags() as usize, flags) }
    }
    fn set_vmindex(self, t: &Thread, index: i64) {
        // SAFETY: a long field.
        unsafe { self.0.store(t.vm().off.member_name_vmindex() as usize, index) }
    }

    /// The method of a resolved name.
    pub fn target(self, t: &Thread) -> Option<MethodRef> {
        let resolved = self.load(t.vm().off.member_name_method());
        if resolved.is_null() {
            return None;
        }
        // SAFETY: a ResolvedMethodName holds 0 or a method, whose class it keeps alive.
        unsafe {
            let raw = resolved.load::<u64>(t.vm().off.resolved_method_vmtarget() as usize);
            (raw != 0).then(|| MethodRef::from_raw(raw))
        }
    }
}

/// How a resolved method is reached.
enum Reach {
    Direct,
    /// By the vtable or what stands for it in receivers of that class.
    Virtual(ClassRef, usize),
    Interface(usize),
}

/// A final method needs no selection even when it has a place in the vtable.
fn statically_bound(m: MethodRef) -> bool {
    m.is_statically_bound() || (!m.holder.is_interface() && (m.is_final() || m.holder.is_final()))
}

/// How `m`, resolved through `class`, is invoked on an instance.
fn reach(t: &Thread, m: MethodRef, class: ClassRef) -> Reach {
    if statically_bound(m) {
        return Reach::Direct;
    }
    let Some(itable_index) = m.itable_index() else {
        return Reach::Virtual(m.holder, m.vtable_index() as usize);
    };
    // A method that a class inherits from an interface is virtual as seen from the class. Its index there is
    // only a number to Java: the VM selects by the method itself.
    if !class.is_interface() {
        return Reach::Virtual(class, itable_index);
    }
    let object = t.vm().wk.object();
    match object.declared_method(m.name, m.signature.symbol) {
        // An interface that declares a method of Object again.
        Some(o) if o.is_public() && o.vtable_index() >= 0 => {
            Reach::Virtual(object, o.vtable_index() as usize)
        }
        _ => Reach::Interface(itable_index),
    }
}

/// Makes `member` a resolved name of `m`, resolved through `class`. Name and type stay as they are: Java asks
/// for them (`expand`) when it needs them. `false`: nothing done, no such call is possible.
pub fn init_method(t: &Thread, member: ObjRef, m: MethodRef, class: ClassRef) -> JResult<bool> {
    let reach = if m.is_static() || m.is_initializer() { Reach::Direct } else { reach(t, m, class) };
    init_reached(t, MemberName(member), m, reach)
}

/// As [`init_method`] for a method that is to run without selection (`invokespecial`).
pub fn init_direct(t: &Thread, member: MemberName, m: MethodRef) -> JResult<bool> {
    init_reached(t, member, m, Reach::Direct)
}

fn init_reached(t: &Thread, member: MemberName, m: MethodRef, reach: Reach) -> JResult<bool> {
    let mut flags = i32::from(m.access & RECOGNIZED_METHOD_FLAGS);
    let mut class = m.holder;
    let vmindex = match reach {
        Reach::Direct => {
            flags |= if m.is_static() {
                IS_METHOD | RefKind::InvokeStatic.bits()
            } else if m.is_initializer() {
                IS_CONSTRUCTOR | RefKind::InvokeSpecial.bits()
            } else {
                IS_METHOD | RefKind::InvokeSpecial.bits()
            };
            i64::from(NONVIRTUAL)
        }
        Reach::Virtual(through, index) => {
            if m.holder.is_interface() && !m.is_public() {
                return Ok(false);
            }
            class = through;
            flags |= IS_METHOD | RefKind::InvokeVirtual.bits();
            index as i64
        }
        Reach::Interface(index) => {
            flags |= IS_METHOD | RefKind::InvokeInterface.bits();
            index as i64
        }
    };
    if m.has(MethodFlags::CALLER_SENSITIVE) {
        flags |= CALLER_SENSITIVE;
    }
    let resolved = resolved_method_name(t, m)?;
    member.set_flags(t, flags);
    member.store(t, t.vm().off.member_name_method(), resolved);
    member.set_vmindex(t, vmindex);
    member.set_class(t, class);
    Ok(true)
}

/// A new `ResolvedMethodName` of `m`, which keeps the method's class alive.
fn resolved_method_name(t: &Thread, m: MethodRef) -> JResult<ObjRef> {
    let vm = t.vm();
    let resolved = alloc::instance(t, vm.wk.resolved_method_name())?;
    // SAFETY: fields of a new object of this class.
    unsafe {
        vm.put_ref(resolved, vm.off.resolved_method_vmholder() as usize, m.holder.mirror());
        resolved.store::<u64>(vm.off.resolved_method_vmtarget() as usize, m.as_raw());
    }
    Ok(resolved)
}

/// Makes `member` a resolved name of a field.
pub fn init_field(t: &Thread, member: MemberName, f: FieldRef, is_setter: bool) {
    let mut flags = i32::from(f.access & RECOGNIZED_FIELD_FLAGS) | IS_FIELD;
    let kind = if f.is_static() { RefKind::GetStatic } else { RefKind::GetField };
    flags |= kind.bits();
    if is_setter {
        flags += (RefKind::PutField as i32 - RefKind::GetField as i32) << REFERENCE_KIND_SHIFT;
    }
    if f.is_final() && (f.is_static() || f.holder.is_hidden() || f.holder.has(ClassFlags::RECORD)) {
        flags |= TRUSTED_FINAL;
    }
    member.set_flags(t, flags);
    member.store(t, t.vm().off.member_name_method(), ObjRef::NULL);
    member.set_vmindex(t, i64::from(f.offset));
    member.set_class(t, f.holder);
    if let Some(class) = common_type(t, f.signature) {
        member.set_type(t, class.mirror());
    }
}

/// The class of a field descriptor where no look-up is needed.
pub fn common_type(t: &Thread, descriptor: Sym) -> Option<ClassRef> {
    let vm = t.vm();
    if let Some(FieldType::Primitive(p)) = FieldType::parse(descriptor.bytes()) {
        return Some(mirrors::primitive_class(vm, p));
    }
    if descriptor == vm.sym.object_signature {
        Some(vm.wk.object())
    } else if descriptor == vm.sym.class_signature {
        Some(vm.wk.class())
    } else if descriptor == vm.sym.string_signature {
        Some(vm.wk.string())
    } else {
        None
    }
}

/// Fills in a new `MemberName` from a `Field`, `Method` or `Constructor`. What cannot be resolved (methods with
/// a polymorphic signature) is left as it is.
pub fn init_from_reflected(t: &Thread, member: MemberName, reflected: ObjRef) -> JResult<()> {
    let (wk, off) = (&t.vm().wk, &t.vm().off);
    // SAFETY: fields of the object's class.
    let read = |mirror: u32, slot: u32| unsafe {
        let class = mirrors::class_of(reflected.load_ref(mirror as usize));
        (class, reflected.load::<i32>(slot as usize) as usize)
    };
    let class = class_of(reflected);
    if class == wk.reflect_field() {
        let (holder, slot) = read(off.reflect_field_clazz(), off.reflect_field_slot());
        let Some(f) = holder.fields.get(slot) else { return Ok(()) };
        init_field(t, member, *f, false);
        // SAFETY: reference fields of Field.
        unsafe {
            if member.name(t).is_null() {
                member.set_name(t, reflected.load_ref(off.reflect_field_name() as usize));
            }
            if member.ty(t).is_null() {
                member.set_type(t, reflected.load_ref(off.reflect_field_type() as usize));
            }
        }
        return Ok(());
    }
    let (holder, slot) = if class == wk.reflect_method() {
        read(off.reflect_method_clazz(), off.reflect_method_slot())
    } else if class == wk.reflect_constructor() {
        read(off.reflect_constructor_clazz(), off.reflect_constructor_slot())
    } else {
        return Ok(());
    };
    if let Some(m) = holder.methods.get(slot).filter(|m| !m.has(MethodFlags::SIGNATURE_POLYMORPHIC)) {
        init_method(t, member.0, *m, holder)?;
    }
    Ok(())
}

/// The field of a resolved name.
pub fn field_of(t: &Thread, member: MemberName) -> Option<FieldRef> {
    let mirror = member.class_mirror(t);
    if mirror.is_null() {
        return None;
    }
    let is_static = member.flags(t) & i32::from(caturra_bytecode::access::ACC_STATIC) != 0;
    let offset = member.vmindex(t);
    let class = mirrors::class_of(mirror);
    class.fields.iter().copied().find(|f| f.is_static() == is_static && i64::from(f.offset) == offset)
}
