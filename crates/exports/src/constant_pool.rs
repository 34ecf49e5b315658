//! `jdk.internal.reflect.ConstantPool`: a class's constant pool as reflection's annotation parser reads it.

use crate::boundary::{c, local, non_null};
use crate::objects::{class_of, instance_class, put_ref_at, set_ref};
use crate::reflection::{new_field, to_reflected_method};
use caturra_kernel::linking::init;
use caturra_kernel::linking::resolve::{
    lookup_interface_method, lookup_method, resolve_class, resolve_string,
};
use caturra_kernel::loading::loader::find_loaded;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{JResult, Thrown, throw};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};
use std::sync::atomic::Ordering;

const ILLEGAL_ARGUMENT: &str = "java/lang/IllegalArgumentException";

fn wrong_type(t: &Thread) -> Thrown {
    throw(t, ILLEGAL_ARGUMENT, "Wrong type at constant pool index")
}

/// A checked look at one entry.
struct Entry {
    holder: ClassRef,
    index: u16,
}

impl Entry {
    /// The entry `index` of the pool that the `ConstantPool` object stands for, if it has one of these tags.
    ///
    /// # Safety
    /// `pool` is a valid handle.
    unsafe fn find(t: &Thread, pool: c::jobject, index: c::jint, tags: &[CpTag]) -> JResult<Entry> {
        // SAFETY: the caller's promise.
        let holder = unsafe { holder_of(t, pool)? };
        let index = u16::try_from(index)
            .ok()
            .filter(|i| (*i as usize) < holder.cp.len())
            .ok_or_else(|| throw(t, ILLEGAL_ARGUMENT, "Constant pool index out of bounds"))?;
        if !tags.is_empty() && !tags.contains(&holder.cp.tag(index)) {
            return Err(wrong_type(t));
        }
        Ok(Entry { holder, index })
    }

    fn tag(&self) -> CpTag {
        self.holder.cp.tag(self.index)
    }
    /// Bits of a numeric constant.
    fn bits(&self) -> u64 {
        self.holder.cp.slot(self.index).value.load(Ordering::Acquire)
    }
    /// The class of a member entry; `None` when it is not loaded and must not be.
    fn member_class(&self, t: &Thread, load: bool) -> JResult<Option<ClassRef>> {
        class_at(t, self.holder, self.holder.cp.pair(self.index).0, load)
    }
    fn name_and_type(&self) -> (Sym, Sym) {
        self.holder.cp.member_name_and_type(self.index)
    }
}

/// The class of a `ConstantPool` object, which keeps the mirror.
///
/// # Safety
/// `pool` is a valid handle.
unsafe fn holder_of(t: &Thread, pool: c::jobject) -> JResult<ClassRef> {
    // SAFETY: the caller's promise; a ConstantPool's field holds a mirror.
    unsafe {
        let pool = non_null(t, pool)?;
        let mirror = pool.load_ref(t.vm().off.constant_pool_oop() as usize);
        if mirror.is_null() {
            return Err(caturra_kernel::runtime::exceptions::npe(t));
        }
        Ok(class_of(mirror))
    }
}

/// A Class entry resolved, or looked up among the classes loaded already.
fn class_at(t: &Thread, holder: ClassRef, index: u16, load: bool) -> JResult<Option<ClassRef>> {
    if load {
        return resolve_class(t, holder, index).map(Some);
    }
    Ok(holder.cp.resolved_class(index).or_else(|| find_loaded(t, holder.loader, holder.cp.symbol(index))))
}

fn new_constant_pool(t: &Thread, mirror: ObjRef) -> JResult<ObjRef> {
    let class = t.vm().wk.reflect_constant_pool();
    init::initialize(t, class)?;
    let pool = alloc::instance(t, class)?;
    // SAFETY: a new ConstantPool and its field.
    unsafe { set_ref(t, pool, t.vm().off.constant_pool_oop(), mirror) };
    Ok(pool)
}

const METHODS: &[CpTag] = &[CpTag::Method, CpTag::InterfaceMethod];
const MEMBERS: &[CpTag] = &[CpTag::Field, CpTag::Method, CpTag::InterfaceMethod];
const NAMED: &[CpTag] = &[CpTag::Field, CpTag::Method, CpTag::InterfaceMethod, CpTag::InvokeDynamic];

fn method_at(t: &Thread, entry: &Entry, load: bool) -> JResult<ObjRef> {
    let Some(class) = entry.member_class(t, load)? else { return Ok(ObjRef::NULL) };
    let (name, signature) = entry.name_and_type();
    let found = if class.is_interface() {
        lookup_interface_method(t, class, name, signature)
    } else {
        lookup_method(class, name, signature)
    };
    match found {
        Some(method) => to_reflected_method(t, method),
        None => Err(throw(t, "java/lang/RuntimeException", "Unable to look up method in target class")),
    }
}

fn field_at(t: &Thread, entry: &Entry, load: bool) -> JResult<ObjRef> {
    let Some(class) = entry.member_class(t, load)? else { return Ok(ObjRef::NULL) };
    let (name, signature) = entry.name_and_type();
    let found = (class.kind == ClassKind::Instance).then(|| class.find_field(name, signature)).flatten();
    match found {
        Some(field) => new_field(t, field),
        None => Err(throw(t, "java/lang/RuntimeException", "Unable to look up field in target class")),
    }
}

fn string_array(t: &Thread, symbols: &[Sym]) -> JResult<ObjRef> {
    let array = alloc::ref_array(t, t.vm().wk.string(), symbols.len() as i32)?;
    for (i, symbol) in symbols.iter().enumerate() {
        let string = strings::from_sym(t, *symbol)?;
        // SAFETY: a new array of that length.
        unsafe { put_ref_at(t, array, i, string) };
    }
    Ok(array)
}

jvm_entry! {
    /// `Class.getConstantPool`; null for arrays and primitive types.
    fn JVM_GetClassConstantPool(t; cls: c::jclass) -> c::jobject {
        // SAFETY: a handle of the caller, as in every function of this file.
        let mirror = unsafe { non_null(t, cls)? };
        match instance_class(mirror) {
            Some(_) => Ok(local(t, new_constant_pool(t, mirror)?)),
            None => Ok(std::ptr::null_mut()),
        }
    }
    /// Number of entries, the unused first one included.
    fn JVM_ConstantPoolGetSize(t; pool: c::jobject, _unused: c::jobject) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { holder_of(t, pool)? }.cp.len() as c::jint)
    }
    /// A class, loaded when need be.
    fn JVM_ConstantPoolGetClassAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jclass {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Class])? };
        Ok(local(t, resolve_class(t, entry.holder, entry.index)?.mirror()))
    }
    /// A class if it is loaded.
    fn JVM_ConstantPoolGetClassAtIfLoaded(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jclass {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Class])? };
        let class = class_at(t, entry.holder, entry.index, false)?;
        Ok(local(t, class.map_or(ObjRef::NULL, |k| k.mirror())))
    }
    /// The class index of a member.
    fn JVM_ConstantPoolGetClassRefIndexAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jint {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, MEMBERS)? };
        Ok(entry.holder.cp.pair(entry.index).0.into())
    }
    /// A method or constructor.
    fn JVM_ConstantPoolGetMethodAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobject {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, METHODS)? };
        Ok(local(t, method_at(t, &entry, true)?))
    }
    /// A method or constructor if its class is loaded.
    fn JVM_ConstantPoolGetMethodAtIfLoaded(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobject {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, METHODS)? };
        Ok(local(t, method_at(t, &entry, false)?))
    }
    /// A field.
    fn JVM_ConstantPoolGetFieldAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobject {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Field])? };
        Ok(local(t, field_at(t, &entry, true)?))
    }
    /// A field if its class is loaded.
    fn JVM_ConstantPoolGetFieldAtIfLoaded(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobject {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Field])? };
        Ok(local(t, field_at(t, &entry, false)?))
    }
    /// Class name, name and descriptor of a member.
    fn JVM_ConstantPoolGetMemberRefInfoAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobjectArray {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, MEMBERS)? };
        let (name, descriptor) = entry.name_and_type();
        let class = entry.holder.cp.member_class_name(entry.index);
        Ok(local(t, string_array(t, &[class, name, descriptor])?))
    }
    /// The name-and-type index of a member or call site.
    fn JVM_ConstantPoolGetNameAndTypeRefIndexAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jint {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, NAMED)? };
        Ok(entry.holder.cp.pair(entry.index).1.into())
    }
    /// Name and descriptor.
    fn JVM_ConstantPoolGetNameAndTypeRefInfoAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jobjectArray {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::NameAndType])? };
        let (name, descriptor) = entry.holder.cp.name_and_type(entry.index);
        Ok(local(t, string_array(t, &[name, descriptor])?))
    }
    /// An `int`.
    fn JVM_ConstantPoolGetIntAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jint {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Integer])? };
        Ok(entry.bits() as u32 as c::jint)
    }
    /// A `long`.
    fn JVM_ConstantPoolGetLongAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jlong {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Long])? };
        Ok(entry.bits() as c::jlong)
    }
    /// A `float`.
    fn JVM_ConstantPoolGetFloatAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jfloat {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Float])? };
        Ok(f32::from_bits(entry.bits() as u32))
    }
    /// A `double`.
    fn JVM_ConstantPoolGetDoubleAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jdouble {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Double])? };
        Ok(f64::from_bits(entry.bits()))
    }
    /// A string constant.
    fn JVM_ConstantPoolGetStringAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jstring {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::String])? };
        Ok(local(t, resolve_string(t, entry.holder, entry.index)?))
    }
    /// The text of a `CONSTANT_Utf8`.
    fn JVM_ConstantPoolGetUTF8At(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jstring {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[CpTag::Utf8])? };
        Ok(local(t, strings::from_sym(t, entry.holder.cp.utf8(entry.index))?))
    }
    /// The tag of JVMS table 4.4-A.
    fn JVM_ConstantPoolGetTagAt(t; pool: c::jobject, _unused: c::jobject, index: c::jint) -> c::jbyte {
        // SAFETY: as above.
        let entry = unsafe { Entry::find(t, pool, index, &[])? };
        Ok(entry.tag() as c::jbyte)
    }
}
