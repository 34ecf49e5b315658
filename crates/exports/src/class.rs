//! Questions about a `java.lang.Class`: kind, name, modifiers, supertypes, attributes, protection domain,
//! signers; the hot ones also as internal natives.

use crate::boundary::{c, local, non_null, obj};
use crate::define;
use crate::internal::{Args, ClassTable, bool_slot, int_slot, ref_slot};
use crate::objects::{
    bytes_or_null, class_array, class_of, class_or_npe, instance_class, is_instance, put_ref_at, ref_at,
    set_ref, string_or_null,
};
use caturra_bytecode::access::{ACC_ABSTRACT, ACC_FINAL, ACC_PRIVATE, ACC_PROTECTED, ACC_PUBLIC, ACC_SUPER};
use caturra_bytecode::descriptor::BasicType;
use caturra_kernel::linking::access;
use caturra_kernel::loading::mirrors::{self, class_of_mirror};
use caturra_kernel::oops::array::PRIMITIVES;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::{JResult, npe, throw};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread};

/// The flags that a class file can write; the rest of the 16 bits is the VM's.
const WRITTEN_FLAGS: u16 = 0x7fff;
const ABSTRACT_FINAL: u16 = ACC_ABSTRACT | ACC_FINAL;

/// Source-level modifiers: those of the `InnerClasses` entry for the class itself where there is one
/// (JVMS §4.7.6), without `ACC_SUPER`; an array has the accessibility of its element type (JLS §10.8).
pub fn modifiers(class: ClassRef) -> u16 {
    match class.kind {
        ClassKind::Primitive => ABSTRACT_FINAL | ACC_PUBLIC,
        ClassKind::PrimArray => ABSTRACT_FINAL | ACC_PUBLIC,
        ClassKind::ObjArray => {
            let element = class.bottom.map_or(ACC_PUBLIC, modifiers);
            element & (ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED) | ABSTRACT_FINAL
        }
        ClassKind::Instance => {
            let inner = class.extra.inner_classes.iter().find(|row| names_class(class, row.inner, class));
            let flags = inner.map_or(class.access, |row| row.flags);
            flags & !ACC_SUPER & WRITTEN_FLAGS
        }
    }
}

/// The access flags as in the class file.
fn access_flags(class: ClassRef) -> u16 {
    match class.kind {
        ClassKind::Instance => class.access & WRITTEN_FLAGS,
        _ => modifiers(class),
    }
}

/// Whether a Class entry of `holder`'s constant pool has the name of `class`. The entry of a hidden class for
/// itself is known by its index, since the class file has the name without the suffix.
pub fn names_class(holder: ClassRef, index: u16, class: ClassRef) -> bool {
    index != 0
        && (holder.cp.symbol(index) == class.name || holder == class && index == holder.extra.this_index)
}

/// `Class.initClassName`: the interned external name, kept in the mirror's `name`.
fn init_class_name(t: &Thread, mirror: ObjRef) -> JResult<ObjRef> {
    let name = strings::intern_str(t, &class_of(mirror).external_name())?;
    // SAFETY: the mirror has this field.
    unsafe { set_ref(t, mirror, t.vm().off.class_name(), name) };
    Ok(name)
}

/// Direct superinterfaces; those of every array are `Cloneable` and `Serializable` (JLS §10.8).
fn interfaces(t: &Thread, class: ClassRef) -> JResult<ObjRef> {
    let wk = &t.vm().wk;
    match class.kind {
        ClassKind::Primitive => class_array(t, &[]),
        ClassKind::Instance => class_array(t, class.interfaces),
        _ => class_array(t, &[wk.cloneable(), wk.serializable()]),
    }
}

/// `Class.getSuperclass`: null for `Object`, interfaces and primitive types, `Object` for arrays.
fn superclass(t: &Thread, class: ClassRef) -> ObjRef {
    match class.kind {
        ClassKind::Primitive => ObjRef::NULL,
        ClassKind::Instance if class.is_interface() => ObjRef::NULL,
        ClassKind::Instance => class.super_class.map_or(ObjRef::NULL, |c| c.mirror()),
        _ => t.vm().wk.object().mirror(),
    }
}

/// A copy of the signers array; null when there is none.
fn signers(t: &Thread, mirror: ObjRef) -> JResult<ObjRef> {
    if class_of(mirror).is_primitive() {
        return Ok(ObjRef::NULL);
    }
    // SAFETY: the mirror has this field, an `Object[]` or null.
    unsafe {
        let signers = mirror.load_ref(t.vm().off.class_signers() as usize);
        if signers.is_null() {
            return Ok(ObjRef::NULL);
        }
        let length = signers.array_length();
        let copy = alloc::array(t, ClassRef::of(signers), length)?;
        for i in 0..length as usize {
            put_ref_at(t, copy, i, ref_at(signers, i));
        }
        Ok(copy)
    }
}

/// The protection domain object of a class, null for primitive types and the boot loader's classes.
pub fn protection_domain(t: &Thread, class: ClassRef) -> ObjRef {
    if class.is_primitive() {
        return ObjRef::NULL;
    }
    // SAFETY: every mirror has this field.
    unsafe { class.mirror().load_ref(t.vm().off.class_protection_domain() as usize) }
}

/// The mirror of the primitive type with that Java keyword.
fn find_primitive(t: &Thread, name: &[u8]) -> JResult<ObjRef> {
    let ty = if name == b"void" {
        Some(BasicType::Void)
    } else {
        PRIMITIVES.iter().find(|p| p.1.as_bytes() == name).map(|p| p.0)
    };
    match ty {
        Some(ty) => Ok(mirrors::primitive_class(t.vm(), ty).mirror()),
        None => {
            let text = String::from_utf8_lossy(name);
            Err(throw(t, "java/lang/ClassNotFoundException", &text))
        }
    }
}

/// `Class.isAssignableFrom`; a primitive type only from itself.
fn is_assignable_from(t: &Thread, to: ObjRef, from: ObjRef) -> JResult<bool> {
    if from.is_null() {
        return Err(npe(t));
    }
    let (to, from) = (class_of(to), class_of(from));
    if to.is_primitive() || from.is_primitive() {
        return Ok(to == from);
    }
    Ok(from.is_subclass_of(to))
}

/// Nestmates have the same validated nest host (JVMS §5.4.4).
fn are_nest_mates(t: &Thread, current: ClassRef, member: ClassRef) -> JResult<bool> {
    Ok(current == member || access::nest_host(t, current)? == access::nest_host(t, member)?)
}

jvm_entry! {
    /// `Class.getPrimitiveClass`, by Java keyword.
    fn JVM_FindPrimitiveClass(t; utf: c::CStr) -> c::jclass {
        // SAFETY: a C string of the caller.
        let name = unsafe { define::c_bytes(utf) }.unwrap_or_default();
        Ok(local(t, find_primitive(t, name)?))
    }
    /// The name as Java programs see it, also stored in the mirror.
    fn JVM_InitClassName(t; cls: c::jclass) -> c::jstring {
        // SAFETY: a handle of the caller, as in every function of this file.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(local(t, init_class_name(t, mirror)?))
    }
    /// Direct superinterfaces.
    fn JVM_GetClassInterfaces(t; cls: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(local(t, interfaces(t, class_of(mirror))?))
    }
    /// Whether it is an interface.
    fn JVM_IsInterface(t; cls: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(class_of(mirror).is_interface().into())
    }
    /// Whether it is a hidden class (JEP 371).
    fn JVM_IsHiddenClass(t; cls: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(class_of(mirror).is_hidden().into())
    }
    /// Whether it is an array class.
    fn JVM_IsArrayClass(t; cls: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(class_of(mirror).is_array().into())
    }
    /// Whether it is a primitive type or void.
    fn JVM_IsPrimitiveClass(t; cls: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(class_of(mirror).is_primitive().into())
    }
    /// Source-level modifiers.
    fn JVM_GetClassModifiers(t; cls: c::jclass) -> c::jint {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(modifiers(class_of(mirror)).into())
    }
    /// Access flags of the class file.
    fn JVM_GetClassAccessFlags(t; cls: c::jclass) -> c::jint {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(access_flags(class_of(mirror)).into())
    }
    /// A copy of the signers.
    fn JVM_GetClassSigners(t; cls: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(local(t, signers(t, mirror)?))
    }
    /// Sets the signers of a class; ignored for arrays and primitive types.
    fn JVM_SetClassSigners(t; cls: c::jclass, signers: c::jobjectArray) {
        // SAFETY: as above.
        let (mirror, signers) = unsafe { (non_null(t, cls)?, obj(signers)) };
        if instance_class(mirror).is_some() {
            // SAFETY: the mirror has this field.
            unsafe { set_ref(t, mirror, t.vm().off.class_signers(), signers) };
        }
        Ok(())
    }
    /// The protection domain, null for system classes and primitive types.
    fn JVM_GetProtectionDomain(t; cls: c::jclass) -> c::jobject {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(local(t, protection_domain(t, class_of(mirror))))
    }
    /// The generic signature (JVMS §4.7.9), null when there is none.
    fn JVM_GetClassSignature(t; cls: c::jclass) -> c::jstring {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        let signature = instance_class(mirror).and_then(|k| k.extra.generic_signature);
        Ok(local(t, string_or_null(t, signature)?))
    }
    /// Raw `RuntimeVisibleAnnotations`.
    fn JVM_GetClassAnnotations(t; cls: c::jclass) -> c::jbyteArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        let bytes = instance_class(mirror).map_or(&[][..], |k| k.extra.annotations);
        Ok(local(t, bytes_or_null(t, bytes)?))
    }
    /// Raw `RuntimeVisibleTypeAnnotations`.
    fn JVM_GetClassTypeAnnotations(t; cls: c::jclass) -> c::jbyteArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        let bytes = instance_class(mirror).map_or(&[][..], |k| k.extra.type_annotations);
        Ok(local(t, bytes_or_null(t, bytes)?))
    }
    /// Whether two classes are nestmates.
    fn JVM_AreNestMates(t; current: c::jclass, member: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let (current, member) = unsafe { (non_null(t, current)?, non_null(t, member)?) };
        Ok(are_nest_mates(t, class_of(current), class_of(member))?.into())
    }
    /// Same run-time package (JVMS §5.3).
    fn JVM_IsSameClassPackage(t; class1: c::jclass, class2: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let (a, b) = unsafe { (non_null(t, class1)?, non_null(t, class2)?) };
        Ok(class_of(a).same_package(class_of(b)).into())
    }
}

/// Declares internal natives over their argument slots.
macro_rules! internal_natives {
    ($($(#[$meta:meta])* fn $name:ident($t:ident, $args:ident) $body:block)*) => {
        $(
            $(#[$meta])*
            unsafe fn $name($t: &Thread, slots: *mut u64) -> JResult<u64> {
                // SAFETY: the engine passes the slots of the method's descriptor.
                let $args = unsafe { Args::new(slots) };
                $body
            }
        )*
    };
}
pub(crate) use internal_natives;

internal_natives! {
    fn is_instance_native(t, a) {
        let class = class_of_mirror(t.vm(), a.obj(0));
        Ok(bool_slot(!class.is_primitive() && is_instance(a.obj(1), class)))
    }
    fn is_assignable_from_native(t, a) {
        is_assignable_from(t, a.obj(0), a.obj(1)).map(bool_slot)
    }
    fn is_interface_native(t, a) {
        Ok(bool_slot(class_of_mirror(t.vm(), a.obj(0)).is_interface()))
    }
    fn is_array_native(t, a) {
        Ok(bool_slot(class_of_mirror(t.vm(), a.obj(0)).is_array()))
    }
    fn is_primitive_native(t, a) {
        Ok(bool_slot(class_of_mirror(t.vm(), a.obj(0)).is_primitive()))
    }
    fn is_hidden_native(t, a) {
        Ok(bool_slot(class_of_mirror(t.vm(), a.obj(0)).is_hidden()))
    }
    fn superclass_native(t, a) {
        Ok(ref_slot(superclass(t, class_of_mirror(t.vm(), a.obj(0)))))
    }
    fn modifiers_native(t, a) {
        Ok(int_slot(modifiers(class_of_mirror(t.vm(), a.obj(0))).into()))
    }
    fn interfaces_native(t, a) {
        interfaces(t, class_of_mirror(t.vm(), a.obj(0))).map(ref_slot)
    }
    fn init_class_name_native(t, a) {
        init_class_name(t, a.obj(0)).map(ref_slot)
    }
    fn primitive_class_native(t, a) {
        if a.obj(0).is_null() {
            return Err(npe(t));
        }
        find_primitive(t, &strings::to_mutf8(a.obj(0))).map(ref_slot)
    }
    fn access_flags_native(t, a) {
        Ok(int_slot(access_flags(class_or_npe(t, a.obj(0))?).into()))
    }
    fn are_nest_mates_native(t, a) {
        are_nest_mates(t, class_or_npe(t, a.obj(0))?, class_or_npe(t, a.obj(1))?).map(bool_slot)
    }
}

/// The hot natives of `Class` and `Reflection` that need no other module.
pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "java/lang/Class",
        &[
            ("isInstance", "(Ljava/lang/Object;)Z", is_instance_native),
            ("isAssignableFrom", "(Ljava/lang/Class;)Z", is_assignable_from_native),
            ("isInterface", "()Z", is_interface_native),
            ("isArray", "()Z", is_array_native),
            ("isPrimitive", "()Z", is_primitive_native),
            ("isHidden", "()Z", is_hidden_native),
            ("getSuperclass", "()Ljava/lang/Class;", superclass_native),
            ("getModifiers", "()I", modifiers_native),
            ("getInterfaces0", "()[Ljava/lang/Class;", interfaces_native),
            ("initClassName", "()Ljava/lang/String;", init_class_name_native),
            ("getPrimitiveClass", "(Ljava/lang/String;)Ljava/lang/Class;", primitive_class_native),
        ],
    ),
    (
        "jdk/internal/reflect/Reflection",
        &[
            ("getClassAccessFlags", "(Ljava/lang/Class;)I", access_flags_native),
            ("areNestMates", "(Ljava/lang/Class;Ljava/lang/Class;)Z", are_nest_mates_native),
        ],
    ),
];
