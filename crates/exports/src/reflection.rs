//! Objects of `java.lang.reflect`: fields, methods, constructors, parameters, record components.

use crate::boundary::{c, local, non_null};
use crate::objects::{bytes_or_null, class_of, instance_class, put_ref_at, set_ref, string_or_null};
use caturra_bytecode::access::{ACC_FINAL, RECOGNIZED_FIELD_FLAGS, RECOGNIZED_METHOD_FLAGS};
use caturra_bytecode::descriptor::{FieldType, MethodDescriptor};
use caturra_kernel::linking::init;
use caturra_kernel::linking::link::link_class;
use caturra_kernel::linking::resolve::{load_or_no_class_def, resolve_class};
use caturra_kernel::loading::mirrors;
use caturra_kernel::oops::class::{ClassFlags, RecordComponent};
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{JResult, throw};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, FieldRef, MethodRef, ObjRef, Sym, Thread};

const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

/// The mirror of a type that `class`'s members mention, loaded by its loader; `NoClassDefFoundError` when
/// there is no such class.
fn type_mirror(t: &Thread, class: ClassRef, ty: FieldType<'_>) -> JResult<ObjRef> {
    let found = match ty {
        FieldType::Primitive(basic) => mirrors::primitive_class(t.vm(), basic),
        FieldType::Class(name) | FieldType::Array(name) => {
            load_or_no_class_def(t, class.loader, t.vm().symbols.intern_bytes(name))?
        }
    };
    Ok(found.mirror())
}

/// As [`type_mirror`], by field descriptor.
fn descriptor_mirror(t: &Thread, class: ClassRef, descriptor: Sym) -> JResult<ObjRef> {
    Ok(mirrors::class_from_descriptor(t, class.loader, descriptor)?.mirror())
}

/// Parameter types of a method as a `Class[]`, and its return type.
fn method_types(t: &Thread, method: MethodRef) -> JResult<(ObjRef, ObjRef)> {
    let descriptor = MethodDescriptor::parse(method.signature.symbol.bytes())
        .expect("descriptors were checked when the class was defined");
    let params = alloc::ref_array(t, t.vm().wk.class(), descriptor.parameter_count() as i32)?;
    for (i, ty) in descriptor.parameters().enumerate() {
        let mirror = type_mirror(t, method.holder, ty)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, params, i, mirror) };
    }
    Ok((params, type_mirror(t, method.holder, descriptor.return_type())?))
}

/// The classes of the `Exceptions` attribute as a `Class[]`.
fn exception_types(t: &Thread, method: MethodRef, indexes: &[u16]) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.class(), indexes.len() as i32)?;
    for (i, &index) in indexes.iter().enumerate() {
        let class = resolve_class(t, method.holder, index)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, class.mirror()) };
    }
    Ok(array)
}

/// An uninitialised instance of a class of `java.lang.reflect`.
fn allocate(t: &Thread, class: ClassRef) -> JResult<ObjRef> {
    init::initialize(t, class)?;
    alloc::instance(t, class)
}

/// A new `java.lang.reflect.Method`; also for `<clinit>`, which only the constant pool's mirror may show.
pub fn new_method(t: &Thread, method: MethodRef) -> JResult<ObjRef> {
    let (params, ret) = method_types(t, method)?;
    let extra = method.extra();
    let exceptions = exception_types(t, method, &extra.checked_exceptions)?;
    let name = strings::intern_sym(t, method.name)?;
    let object = allocate(t, t.vm().wk.reflect_method())?;
    let off = &t.vm().off;
    // SAFETY: a new Method and its fields.
    unsafe {
        set_ref(t, object, off.reflect_method_clazz(), method.holder.mirror());
        object.store(off.reflect_method_slot() as usize, i32::from(method.slot));
        set_ref(t, object, off.reflect_method_name(), name);
        set_ref(t, object, off.reflect_method_return_type(), ret);
        set_ref(t, object, off.reflect_method_parameter_types(), params);
        set_ref(t, object, off.reflect_method_exception_types(), exceptions);
        let modifiers = i32::from(method.access & RECOGNIZED_METHOD_FLAGS);
        object.store(off.reflect_method_modifiers() as usize, modifiers);
        set_ref(t, object, off.reflect_method_signature(), string_or_null(t, extra.generic_signature)?);
        set_ref(t, object, off.reflect_method_annotations(), bytes_or_null(t, extra.annotations)?);
        let bytes = bytes_or_null(t, extra.parameter_annotations)?;
        set_ref(t, object, off.reflect_method_parameter_annotations(), bytes);
        let bytes = bytes_or_null(t, extra.annotation_default)?;
        set_ref(t, object, off.reflect_method_annotation_default(), bytes);
    }
    Ok(object)
}

/// A new `java.lang.reflect.Constructor`.
pub fn new_constructor(t: &Thread, method: MethodRef) -> JResult<ObjRef> {
    let (params, _) = method_types(t, method)?;
    let extra = method.extra();
    let exceptions = exception_types(t, method, &extra.checked_exceptions)?;
    let object = allocate(t, t.vm().wk.reflect_constructor())?;
    let off = &t.vm().off;
    // SAFETY: a new Constructor and its fields.
    unsafe {
        set_ref(t, object, off.reflect_constructor_clazz(), method.holder.mirror());
        object.store(off.reflect_constructor_slot() as usize, i32::from(method.slot));
        set_ref(t, object, off.reflect_constructor_parameter_types(), params);
        set_ref(t, object, off.reflect_constructor_exception_types(), exceptions);
        let modifiers = i32::from(method.access & RECOGNIZED_METHOD_FLAGS);
        object.store(off.reflect_constructor_modifiers() as usize, modifiers);
        set_ref(t, object, off.reflect_constructor_signature(), string_or_null(t, extra.generic_signature)?);
        set_ref(t, object, off.reflect_constructor_annotations(), bytes_or_null(t, extra.annotations)?);
        let bytes = bytes_or_null(t, extra.parameter_annotations)?;
        set_ref(t, object, off.reflect_constructor_parameter_annotations(), bytes);
    }
    Ok(object)
}

/// Final fields that reflection never writes: static ones, and those of records and hidden classes.
fn is_trusted_final(field: FieldRef) -> bool {
    field.access & ACC_FINAL != 0
        && (field.is_static() || field.holder.has(ClassFlags::RECORD) || field.holder.is_hidden())
}

/// A new `java.lang.reflect.Field`.
pub fn new_field(t: &Thread, field: FieldRef) -> JResult<ObjRef> {
    let name = strings::intern_sym(t, field.name)?;
    let ty = descriptor_mirror(t, field.holder, field.signature)?;
    let object = allocate(t, t.vm().wk.reflect_field())?;
    let off = &t.vm().off;
    // SAFETY: a new Field and its fields; `trustedFinal` exists since JDK 15.
    unsafe {
        set_ref(t, object, off.reflect_field_clazz(), field.holder.mirror());
        object.store(off.reflect_field_slot() as usize, i32::from(field.slot));
        set_ref(t, object, off.reflect_field_name(), name);
        set_ref(t, object, off.reflect_field_type(), ty);
        let modifiers = i32::from(field.access & RECOGNIZED_FIELD_FLAGS);
        object.store(off.reflect_field_modifiers() as usize, modifiers);
        if off.reflect_field_trusted_final() != 0 && is_trusted_final(field) {
            object.store(off.reflect_field_trusted_final() as usize, 1u8);
        }
        set_ref(t, object, off.reflect_field_signature(), string_or_null(t, field.generic_signature)?);
        set_ref(t, object, off.reflect_field_annotations(), bytes_or_null(t, field.annotations)?);
    }
    Ok(object)
}

/// The reflected form of a method: a `Constructor` for `<init>`, else a `Method`.
pub fn to_reflected_method(t: &Thread, method: MethodRef) -> JResult<ObjRef> {
    if method.is_constructor() { new_constructor(t, method) } else { new_method(t, method) }
}

/// The reflected form of a field.
pub fn to_reflected_field(t: &Thread, field: FieldRef) -> JResult<ObjRef> {
    new_field(t, field)
}

/// The method behind a `Method` or `Constructor` object; `None` when the object does not name one.
pub fn from_reflected_method(t: &Thread, object: ObjRef) -> Option<MethodRef> {
    let (wk, off) = (&t.vm().wk, &t.vm().off);
    // SAFETY: a live object; the offsets are those of its own class.
    unsafe {
        let (clazz, slot) = if ClassRef::of(object) == wk.reflect_constructor() {
            (off.reflect_constructor_clazz(), off.reflect_constructor_slot())
        } else {
            (off.reflect_method_clazz(), off.reflect_method_slot())
        };
        let slot = object.load::<i32>(slot as usize);
        let class = instance_class(object.load_ref(clazz as usize))?;
        class.methods.get(usize::try_from(slot).ok()?).copied()
    }
}

/// The field behind a `Field` object; `None` when the object does not name one.
pub fn from_reflected_field(t: &Thread, object: ObjRef) -> Option<FieldRef> {
    let off = &t.vm().off;
    // SAFETY: a live Field object.
    unsafe {
        let slot = object.load::<i32>(off.reflect_field_slot() as usize);
        let class = instance_class(object.load_ref(off.reflect_field_clazz() as usize))?;
        class.fields.get(usize::try_from(slot).ok()?).copied()
    }
}

/// A `Parameter` for one row of `MethodParameters`.
fn new_parameter(
    t: &Thread,
    executable: ObjRef,
    index: usize,
    name: Option<Sym>,
    flags: u16,
) -> JResult<ObjRef> {
    let object = allocate(t, t.vm().wk.reflect_parameter())?;
    let name = string_or_null(t, name)?;
    let off = &t.vm().off;
    // SAFETY: a new Parameter and its fields.
    unsafe {
        set_ref(t, object, off.parameter_name(), name);
        object.store(off.parameter_modifiers() as usize, i32::from(flags));
        set_ref(t, object, off.parameter_executable(), executable);
        object.store(off.parameter_index() as usize, index as i32);
    }
    Ok(object)
}

/// `Executable.getParameters0`: null without a `MethodParameters` attribute (JVMS §4.7.24). The attribute is
/// not checked when the class is defined, so it is here.
fn method_parameters(t: &Thread, executable: ObjRef) -> JResult<ObjRef> {
    let Some(method) = from_reflected_method(t, executable) else { return Ok(ObjRef::NULL) };
    let Some(rows) = method.extra().method_parameters else { return Ok(ObjRef::NULL) };
    let cp = method.holder.cp;
    for &(name, _) in &rows {
        if name as usize >= cp.len() {
            return Err(throw(t, ILLEGAL_ARGUMENT, "Constant pool index out of bounds"));
        }
        if name != 0 && cp.tag(name) != CpTag::Utf8 {
            return Err(throw(t, ILLEGAL_ARGUMENT, "Wrong type at constant pool index"));
        }
    }
    let array = alloc::ref_array(t, t.vm().wk.reflect_parameter(), rows.len() as i32)?;
    for (i, &(name, flags)) in rows.iter().enumerate() {
        let name = (name != 0).then(|| cp.utf8(name));
        let parameter = new_parameter(t, executable, i, name, flags)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, parameter) };
    }
    Ok(array)
}

/// The fields that reflection shows; the class is linked first, as `Class.getDeclaredFields` promises.
fn declared_fields(t: &Thread, mirror: ObjRef, public_only: bool) -> JResult<ObjRef> {
    let element = t.vm().wk.reflect_field();
    let Some(class) = instance_class(mirror) else { return alloc::ref_array(t, element, 0) };
    link_class(t, class)?;
    let fields: Vec<FieldRef> = class
        .fields
        .iter()
        .copied()
        .filter(|f| {
            !f.is_injected() && (!public_only || f.access & caturra_bytecode::access::ACC_PUBLIC != 0)
        })
        .collect();
    let array = alloc::ref_array(t, element, fields.len() as i32)?;
    for (i, field) in fields.into_iter().enumerate() {
        let object = new_field(t, field)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, object) };
    }
    Ok(array)
}

/// The methods, or the constructors, that reflection shows.
fn declared_methods(t: &Thread, mirror: ObjRef, public_only: bool, constructors: bool) -> JResult<ObjRef> {
    let wk = &t.vm().wk;
    let element = if constructors { wk.reflect_constructor() } else { wk.reflect_method() };
    let Some(class) = instance_class(mirror) else { return alloc::ref_array(t, element, 0) };
    link_class(t, class)?;
    let wanted = |m: &MethodRef| {
        let of_kind = if constructors { m.is_constructor() && !m.is_static() } else { !m.is_initializer() };
        of_kind && (!public_only || m.is_public())
    };
    let methods: Vec<MethodRef> = class.methods.iter().copied().filter(wanted).collect();
    let array = alloc::ref_array(t, element, methods.len() as i32)?;
    for (i, method) in methods.into_iter().enumerate() {
        let object = if constructors { new_constructor(t, method)? } else { new_method(t, method)? };
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, object) };
    }
    Ok(array)
}

fn new_record_component(t: &Thread, class: ClassRef, component: &RecordComponent) -> JResult<ObjRef> {
    let vm = t.vm();
    let object = allocate(t, vm.wk.record_component())?;
    let name = strings::intern_sym(t, component.name)?;
    let ty = descriptor_mirror(t, class, component.descriptor)?;
    let mut accessor_type = b"()".to_vec();
    accessor_type.extend_from_slice(component.descriptor.bytes());
    let accessor = vm
        .symbols
        .lookup(&accessor_type)
        .and_then(|signature| class.declared_method(component.name, signature))
        .filter(|m| !m.is_static());
    let accessor = match accessor {
        Some(method) => new_method(t, method)?,
        None => ObjRef::NULL,
    };
    let signature = match component.generic_signature {
        Some(symbol) => strings::intern_sym(t, symbol)?,
        None => ObjRef::NULL,
    };
    let annotations = bytes_or_null(t, component.annotations)?;
    let type_annotations = bytes_or_null(t, component.type_annotations)?;
    let off = &vm.off;
    // SAFETY: a new RecordComponent and its fields.
    unsafe {
        set_ref(t, object, off.record_component_clazz(), class.mirror());
        set_ref(t, object, off.record_component_name(), name);
        set_ref(t, object, off.record_component_type(), ty);
        set_ref(t, object, off.record_component_accessor(), accessor);
        set_ref(t, object, off.record_component_signature(), signature);
        set_ref(t, object, off.record_component_annotations(), annotations);
        set_ref(t, object, off.record_component_type_annotations(), type_annotations);
    }
    Ok(object)
}

/// Components of the `Record` attribute (JVMS §4.7.30); null when there is none.
fn record_components(t: &Thread, mirror: ObjRef) -> JResult<ObjRef> {
    let Some(class) = instance_class(mirror) else { return Ok(ObjRef::NULL) };
    let Some(components) = class.extra.record_components else { return Ok(ObjRef::NULL) };
    let array = alloc::ref_array(t, t.vm().wk.record_component(), components.len() as i32)?;
    for (i, component) in components.iter().enumerate() {
        let object = new_record_component(t, class, component)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, object) };
    }
    Ok(array)
}

jvm_entry! {
    /// `Class.getDeclaredFields0`.
    fn JVM_GetClassDeclaredFields(t; of_class: c::jclass, public_only: c::jboolean) -> c::jobjectArray {
        // SAFETY: a handle of the caller, as in every function of this file.
        let mirror = unsafe { non_null(t, of_class)? };
        Ok(local(t, declared_fields(t, mirror, public_only != 0)?))
    }
    /// `Class.getDeclaredMethods0`.
    fn JVM_GetClassDeclaredMethods(t; of_class: c::jclass, public_only: c::jboolean) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, of_class)? };
        Ok(local(t, declared_methods(t, mirror, public_only != 0, false)?))
    }
    /// `Class.getDeclaredConstructors0`.
    fn JVM_GetClassDeclaredConstructors(t; of_class: c::jclass, public_only: c::jboolean) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, of_class)? };
        Ok(local(t, declared_methods(t, mirror, public_only != 0, true)?))
    }
    /// `Executable.getParameters0`.
    fn JVM_GetMethodParameters(t; method: c::jobject) -> c::jobjectArray {
        // SAFETY: as above.
        let executable = unsafe { non_null(t, method)? };
        Ok(local(t, method_parameters(t, executable)?))
    }
    /// `Executable.getTypeAnnotationBytes0`.
    fn JVM_GetMethodTypeAnnotations(t; method: c::jobject) -> c::jbyteArray {
        // SAFETY: as above.
        let executable = unsafe { non_null(t, method)? };
        let bytes = from_reflected_method(t, executable).map_or(&[][..], |m| m.extra().type_annotations);
        Ok(local(t, bytes_or_null(t, bytes)?))
    }
    /// `Field.getTypeAnnotationBytes0`.
    fn JVM_GetFieldTypeAnnotations(t; field: c::jobject) -> c::jbyteArray {
        // SAFETY: as above.
        let field = unsafe { non_null(t, field)? };
        let bytes = from_reflected_field(t, field).map_or(&[][..], |f| f.type_annotations);
        Ok(local(t, bytes_or_null(t, bytes)?))
    }
    /// A final direct subclass of `Record` with a `Record` attribute (JLS §8.10).
    fn JVM_IsRecord(t; cls: c::jclass) -> c::jboolean {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, cls)? };
        Ok(class_of(mirror).has(ClassFlags::RECORD).into())
    }
    /// `Class.getRecordComponents0`.
    fn JVM_GetRecordComponents(t; of_class: c::jclass) -> c::jobjectArray {
        // SAFETY: as above.
        let mirror = unsafe { non_null(t, of_class)? };
        Ok(local(t, record_components(t, mirror)?))
    }
}
