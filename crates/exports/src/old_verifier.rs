//! What the JDK's `libverify.so` asks: the verifier by type inference for class files before version 50
//! (JVMS §4.10.2) works on these functions. Indexes come from loops bounded by the counts given here.
//!
//! Strings given out are C strings that `JVM_ReleaseUTF` takes back.

use crate::boundary::{c, non_null};
use crate::objects::class_of;
use caturra_bytecode::access::{RECOGNIZED_FIELD_FLAGS, RECOGNIZED_METHOD_FLAGS};
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::exceptions::{JResult, throw};
use caturra_kernel::{ClassRef, FieldRef, MethodRef, Sym, Thread};
use std::ffi::CString;

/// `JVM_ExceptionTableEntryType`.
#[repr(C)]
pub struct ExceptionTableEntry {
    start_pc: c::jint,
    end_pc: c::jint,
    handler_pc: c::jint,
    catch_type: c::jint,
}

/// A symbol as a C string of its own; modified UTF-8 has no zero byte.
fn c_string(symbol: Sym) -> c::CStr {
    CString::new(symbol.bytes()).map_or(std::ptr::null(), |s| s.into_raw().cast_const())
}

/// # Safety
/// `cls` is a valid handle of a class, as in all functions here.
unsafe fn class(t: &Thread, cls: c::jclass) -> JResult<ClassRef> {
    // SAFETY: the caller's promise.
    Ok(class_of(unsafe { non_null(t, cls)? }))
}

/// # Safety
/// As [`class`].
unsafe fn method(t: &Thread, cls: c::jclass, index: c::jint) -> JResult<MethodRef> {
    // SAFETY: the caller's promise.
    let class = unsafe { class(t, cls)? };
    let found = usize::try_from(index).ok().and_then(|i| class.methods.get(i));
    found.copied().ok_or_else(|| throw(t, "java/lang/InternalError", "method index out of range"))
}

/// Declared fields, those of the VM's own left out.
fn fields(class: ClassRef) -> impl Iterator<Item = FieldRef> {
    class.fields.iter().copied().filter(|f| !f.is_injected())
}

/// The pool of a class and an index into it that has one of these tags.
///
/// # Safety
/// As [`class`].
unsafe fn entry(t: &Thread, cls: c::jclass, index: c::jint, tags: &[CpTag]) -> JResult<(ClassRef, u16)> {
    // SAFETY: the caller's promise.
    let class = unsafe { class(t, cls)? };
    match u16::try_from(index) {
        Ok(i) if tags.contains(&class.cp.tag(i)) => Ok((class, i)),
        _ => Err(throw(t, "java/lang/InternalError", "illegal constant")),
    }
}

const FIELD: &[CpTag] = &[CpTag::Field];
const METHODS: &[CpTag] = &[CpTag::Method, CpTag::InterfaceMethod];

jvm_entry! {
    /// Internal name.
    fn JVM_GetClassNameUTF(t; cls: c::jclass) -> c::CStr {
        // SAFETY: a handle of the caller, as in every function of this file.
        Ok(c_string(unsafe { class(t, cls)? }.name))
    }
    /// The tags of the constant pool, one byte an entry.
    fn JVM_GetClassCPTypes(t; cls: c::jclass, types: *mut u8) {
        // SAFETY: as above.
        let class = unsafe { class(t, cls)? };
        if class.is_instance_class() {
            for (i, tag) in class.cp.tags.iter().enumerate() {
                // SAFETY: the caller's buffer has as many bytes as the pool has entries.
                unsafe { types.add(i).write(*tag) };
            }
        }
        Ok(())
    }
    /// Number of constant-pool entries, 0 for an array.
    fn JVM_GetClassCPEntriesCount(t; cls: c::jclass) -> c::jint {
        // SAFETY: as above.
        let class = unsafe { class(t, cls)? };
        Ok(if class.is_instance_class() { class.cp.len() as c::jint } else { 0 })
    }
    /// Number of declared fields.
    fn JVM_GetClassFieldsCount(t; cls: c::jclass) -> c::jint {
        // SAFETY: as above.
        Ok(fields(unsafe { class(t, cls)? }).count() as c::jint)
    }
    /// Number of declared methods.
    fn JVM_GetClassMethodsCount(t; cls: c::jclass) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { class(t, cls)? }.methods.len() as c::jint)
    }
    /// Class indexes of the `Exceptions` attribute.
    fn JVM_GetMethodIxExceptionIndexes(t; cls: c::jclass, method_index: c::jint, exceptions: *mut u16) {
        // SAFETY: as above.
        let method = unsafe { method(t, cls, method_index)? };
        for (i, index) in method.extra().checked_exceptions.iter().enumerate() {
            // SAFETY: the caller's buffer has room for the count that it asked for.
            unsafe { exceptions.add(i).write(*index) };
        }
        Ok(())
    }
    /// Length of the `Exceptions` attribute.
    fn JVM_GetMethodIxExceptionsCount(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.extra().checked_exceptions.len() as c::jint)
    }
    /// The code as in the class file.
    fn JVM_GetMethodIxByteCode(t; cls: c::jclass, method_index: c::jint, code: *mut u8) {
        // SAFETY: as above; the caller's buffer has room for the length that it asked for.
        unsafe {
            let bytecode = method(t, cls, method_index)?.bytecode;
            code.copy_from_nonoverlapping(bytecode.as_ptr(), bytecode.len());
        }
        Ok(())
    }
    /// Bytes of code.
    fn JVM_GetMethodIxByteCodeLength(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.bytecode.len() as c::jint)
    }
    /// A row of the exception table.
    fn JVM_GetMethodIxExceptionTableEntry(t; cls: c::jclass, method_index: c::jint, entry_index: c::jint, entry: *mut ExceptionTableEntry) {
        // SAFETY: as above.
        let method = unsafe { method(t, cls, method_index)? };
        let row = usize::try_from(entry_index).ok().and_then(|i| method.exception_table.get(i));
        let Some(row) = row else {
            return Err(throw(t, "java/lang/InternalError", "exception table index out of range"));
        };
        // SAFETY: the caller's structure.
        unsafe {
            entry.write(ExceptionTableEntry {
                start_pc: row.start.into(),
                end_pc: row.end.into(),
                handler_pc: row.handler.into(),
                catch_type: row.catch_type.into(),
            });
        }
        Ok(())
    }
    /// Rows of the exception table.
    fn JVM_GetMethodIxExceptionTableLength(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.exception_table.len() as c::jint)
    }
    /// Access flags of a method.
    fn JVM_GetMethodIxModifiers(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok((unsafe { method(t, cls, method_index)? }.access & RECOGNIZED_METHOD_FLAGS).into())
    }
    /// Access flags of a field.
    fn JVM_GetFieldIxModifiers(t; cls: c::jclass, field_index: c::jint) -> c::jint {
        // SAFETY: as above.
        let class = unsafe { class(t, cls)? };
        let field = usize::try_from(field_index).ok().and_then(|i| fields(class).nth(i));
        match field {
            Some(field) => Ok((field.access & RECOGNIZED_FIELD_FLAGS).into()),
            None => Err(throw(t, "java/lang/InternalError", "field index out of range")),
        }
    }
    /// `max_locals`.
    fn JVM_GetMethodIxLocalsCount(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.max_locals.into())
    }
    /// Argument slots, receiver included.
    fn JVM_GetMethodIxArgsSize(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.arg_slots.into())
    }
    /// `max_stack`.
    fn JVM_GetMethodIxMaxStack(t; cls: c::jclass, method_index: c::jint) -> c::jint {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.max_stack.into())
    }
    /// Whether it is `<init>`.
    fn JVM_IsConstructorIx(t; cls: c::jclass, method_index: c::jint) -> c::jboolean {
        // SAFETY: as above.
        Ok(unsafe { method(t, cls, method_index)? }.is_constructor().into())
    }
    /// Methods that the VM adds to a class are kept apart and never shown here.
    fn JVM_IsVMGeneratedMethodIx(_t; _cls: c::jclass, _method_index: c::jint) -> c::jboolean {
        Ok(0)
    }
    /// Name of a method.
    fn JVM_GetMethodIxNameUTF(t; cls: c::jclass, method_index: c::jint) -> c::CStr {
        // SAFETY: as above.
        Ok(c_string(unsafe { method(t, cls, method_index)? }.name))
    }
    /// Descriptor of a method.
    fn JVM_GetMethodIxSignatureUTF(t; cls: c::jclass, method_index: c::jint) -> c::CStr {
        // SAFETY: as above.
        Ok(c_string(unsafe { method(t, cls, method_index)? }.signature.symbol))
    }
    /// Name of the field that an entry refers to.
    fn JVM_GetCPFieldNameUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, FIELD)? };
        Ok(c_string(class.cp.member_name_and_type(i).0))
    }
    /// Name of the method that an entry refers to.
    fn JVM_GetCPMethodNameUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, METHODS)? };
        Ok(c_string(class.cp.member_name_and_type(i).0))
    }
    /// Descriptor of the method that an entry refers to.
    fn JVM_GetCPMethodSignatureUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, METHODS)? };
        Ok(c_string(class.cp.member_name_and_type(i).1))
    }
    /// Descriptor of the field that an entry refers to.
    fn JVM_GetCPFieldSignatureUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, FIELD)? };
        Ok(c_string(class.cp.member_name_and_type(i).1))
    }
    /// Name of a class entry.
    fn JVM_GetCPClassNameUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, &[CpTag::Class])? };
        Ok(c_string(class.cp.symbol(i)))
    }
    /// Name of the class in a field entry.
    fn JVM_GetCPFieldClassNameUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, FIELD)? };
        Ok(c_string(class.cp.member_class_name(i)))
    }
    /// Name of the class in a method entry.
    fn JVM_GetCPMethodClassNameUTF(t; cls: c::jclass, index: c::jint) -> c::CStr {
        // SAFETY: as above.
        let (class, i) = unsafe { entry(t, cls, index, METHODS)? };
        Ok(c_string(class.cp.member_class_name(i)))
    }
    /// Access flags of the field that an entry refers to, as `called_class` declares it; -1 when it does not.
    fn JVM_GetCPFieldModifiers(t; cls: c::jclass, index: c::jint, called_class: c::jclass) -> c::jint {
        // SAFETY: as above.
        let ((holder, i), called) = unsafe { (entry(t, cls, index, FIELD)?, class(t, called_class)?) };
        let (name, descriptor) = holder.cp.member_name_and_type(i);
        Ok(called.declared_field(name, descriptor).map_or(-1, |f| (f.access & RECOGNIZED_FIELD_FLAGS).into()))
    }
    /// Access flags of the method that an entry refers to, as `called_class` declares it; -1 when it does not.
    fn JVM_GetCPMethodModifiers(t; cls: c::jclass, index: c::jint, called_class: c::jclass) -> c::jint {
        // SAFETY: as above.
        let ((holder, i), called) = unsafe { (entry(t, cls, index, METHODS)?, class(t, called_class)?) };
        let (name, descriptor) = holder.cp.member_name_and_type(i);
        Ok(called.declared_method(name, descriptor).map_or(-1, |m| (m.access & RECOGNIZED_METHOD_FLAGS).into()))
    }
}

/// Takes back a string of one of these functions.
///
/// # Safety
/// `utf` is null or came from a function of this file, once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn JVM_ReleaseUTF(utf: c::CStr) {
    if !utf.is_null() {
        // SAFETY: made by `CString::into_raw`.
        drop(unsafe { CString::from_raw(utf.cast_mut()) });
    }
}
