//! Descriptors as `MethodType` objects and classes, and the way back.

use crate::objects;
use crate::state::{self, Root};
use caturra_bytecode::{FieldType, MethodDescriptor};
use caturra_kernel::linking::{access, errors, init};
use caturra_kernel::loading::{loader, mirrors};
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, calls, strings};
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};

/// The `MethodType` of a method descriptor as seen from `accessing` (JVMS §5.4.3.5).
///
/// # Errors
/// `NoClassDefFoundError` and other errors of loading a class; `IllegalAccessError`.
pub fn find_method_type(t: &Thread, descriptor: Sym, accessing: ClassRef) -> JResult<ObjRef> {
    let vm = t.vm();
    let state = state::of(vm);
    if let Some(root) = state.method_types.lock().get(&descriptor) {
        return Ok(root.get());
    }
    let Some(d) = MethodDescriptor::parse(descriptor.bytes()) else {
        return Err(exceptions::throw(t, "java/lang/InternalError", "malformed method descriptor"));
    };
    let parameters = alloc::ref_array(t, vm.wk.class(), d.parameter_count() as i32)?;
    let mut same_everywhere = true;
    for (i, ty) in d.parameters().enumerate() {
        let class = class_of_type(t, ty, accessing, &mut same_everywhere)?;
        // SAFETY: a Class[] of that many elements.
        unsafe { objects::put(t, parameters, i, class.mirror()) };
    }
    let result = class_of_type(t, d.return_type(), accessing, &mut same_everywhere)?;
    let find = vm.methods.mhn_find_method_handle_type();
    init::initialize(t, find.holder)?;
    let ty = calls::invoke(t, find, &[objects::slot(result.mirror()), objects::slot(parameters)])?;
    let ty = ObjRef::from_raw(ty as u32);
    if same_everywhere && !ty.is_null() {
        let mut known = state.method_types.lock();
        let root = known.entry(descriptor).or_insert_with(|| Root::new(vm, ty));
        return Ok(root.get());
    }
    Ok(ty)
}

/// The class of a type in a descriptor, access checked. `same_everywhere` becomes false when another class could
/// get another answer: such a descriptor's `MethodType` is not kept.
fn class_of_type(
    t: &Thread,
    ty: FieldType<'_>,
    accessing: ClassRef,
    same_everywhere: &mut bool,
) -> JResult<ClassRef> {
    let vm = t.vm();
    if let FieldType::Primitive(p) = ty {
        return Ok(mirrors::primitive_class(vm, p));
    }
    if *same_everywhere {
        if let Some(class) = shared_class(t, ty)? {
            return Ok(class);
        }
        *same_everywhere = false;
    }
    let mut descriptor = Vec::new();
    ty.write_descriptor(&mut descriptor);
    let descriptor = vm.symbols.intern_bytes(&descriptor);
    find_class(t, descriptor, accessing)
}

/// A type that is the same for everybody: of a public class of `java.lang` or `java.lang.invoke`, or an array of
/// primitives.
fn shared_class(t: &Thread, ty: FieldType<'_>) -> JResult<Option<ClassRef>> {
    let vm = t.vm();
    let element = match ty.element() {
        FieldType::Class(name) => {
            let package = name.iter().rposition(|&c| c == b'/').map_or(&[][..], |i| &name[..i]);
            if package != b"java/lang" && package != b"java/lang/invoke" {
                return Ok(None);
            }
            match loader::find_boot_class(t, vm.loaders.boot(), vm.symbols.intern_bytes(name))? {
                Some(c) if c.is_public() => c,
                _ => return Ok(None),
            }
        }
        other => mirrors::primitive_class(vm, other.basic_type()),
    };
    let mut class = element;
    for _ in 0..ty.dimensions() {
        class = mirrors::array_class_of(t, class)?;
    }
    Ok(Some(class))
}

/// The class of a field descriptor as seen from `accessing`, access checked.
pub fn find_class(t: &Thread, descriptor: Sym, accessing: ClassRef) -> JResult<ClassRef> {
    let class = mirrors::class_from_descriptor(t, accessing.loader, descriptor)?;
    if access::class_accessible(accessing, class) {
        Ok(class)
    } else {
        Err(errors::class_inaccessible(t, accessing, class))
    }
}

/// The number of parameters of a `MethodType`.
///
/// # Safety
/// `ty` is a live `MethodType`.
pub unsafe fn parameter_count(t: &Thread, ty: ObjRef) -> usize {
    // SAFETY: the caller's promise.
    unsafe { objects::length(ty.load_ref(t.vm().off.method_type_ptypes() as usize)) }
}

/// The descriptor of a `MethodType`, `Class` or descriptor `String`. A symbol that does not exist yet is made
/// only when `make` says so: no member has a descriptor that nobody has mentioned.
pub fn descriptor_of(t: &Thread, ty: ObjRef, make: bool) -> JResult<Option<Sym>> {
    let (vm, class) = (t.vm(), objects::class_of(ty));
    let bytes = if class == vm.wk.method_type() {
        let mut out = vec![b'('];
        // SAFETY: fields of a MethodType, an array of classes and a class.
        unsafe {
            let parameters = ty.load_ref(vm.off.method_type_ptypes() as usize);
            for i in 0..objects::length(parameters) {
                write_class(mirrors::class_of(objects::get(parameters, i)), &mut out);
            }
            out.push(b')');
            write_class(mirrors::class_of(ty.load_ref(vm.off.method_type_rtype() as usize)), &mut out);
        }
        out
    } else if class == vm.wk.class() {
        let mut out = Vec::new();
        write_class(mirrors::class_of(ty), &mut out);
        out
    } else if class == vm.wk.string() {
        strings::to_mutf8(ty)
    } else {
        return Err(exceptions::throw(t, "java/lang/InternalError", "unrecognized type"));
    };
    Ok(if make { Some(vm.symbols.intern_bytes(&bytes)) } else { vm.symbols.lookup(&bytes) })
}

/// Appends a class's descriptor. That of a hidden class names no class: it has the suffix behind a dot.
fn write_class(class: ClassRef, out: &mut Vec<u8>) {
    if class.is_primitive() {
        out.push(class.element_type.to_char());
    } else if class.is_array() {
        out.extend_from_slice(class.name.bytes());
    } else {
        out.push(b'L');
        let start = out.len();
        out.extend_from_slice(class.name.bytes());
        if class.is_hidden()
            && let Some(plus) = out[start..].iter().rposition(|&c| c == b'+')
        {
            out[start + plus] = b'.';
        }
        out.push(b';');
    }
}
