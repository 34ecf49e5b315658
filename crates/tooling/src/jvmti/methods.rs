//! Methods (JVMTI, "Method").

use super::entry::{c_array, c_string, given, local, put, put_array};
use super::types::{Answer, Capabilities, Error, jvmtiLineNumberEntry};
use caturra_bytecode::access;
use caturra_jni::types::{jboolean, jclass, jint, jlong, jmethodID};
use caturra_kernel::MethodRef;
use std::ffi::c_char;

fn method(id: jmethodID) -> Answer<MethodRef> {
    if id == jmethodID::NULL { Err(Error::INVALID_METHODID) } else { Ok(id.method()) }
}

fn with_code(id: jmethodID) -> Answer<MethodRef> {
    let m = method(id)?;
    if m.is_native() { Err(Error::NATIVE_METHOD) } else { Ok(m) }
}

jvmti_functions! {
    /// `GetMethodName`.
    java fn GetMethodName(
        (_, _t), id: jmethodID, name: *mut *mut c_char, text: *mut *mut c_char, generic: *mut *mut c_char,
    ) {
        let m = method(id)?;
        if !name.is_null() {
            put(name, c_string(m.name.bytes())?)?;
        }
        if !text.is_null() {
            put(text, c_string(m.signature.symbol.bytes())?)?;
        }
        if !generic.is_null() {
            put(generic, match m.extra().generic_signature {
                Some(g) => c_string(g.bytes())?,
                None => std::ptr::null_mut(),
            })?;
        }
        Ok(())
    }

    /// `GetMethodDeclaringClass`.
    java fn GetMethodDeclaringClass((_, t), id: jmethodID, declaring: *mut jclass) {
        put(declaring, local(t, method(id)?.holder.mirror()))
    }

    /// `GetMethodModifiers`.
    java fn GetMethodModifiers((_, _t), id: jmethodID, modifiers: *mut jint) {
        put(modifiers, method(id)?.access.into())
    }

    /// `GetMaxLocals`.
    java fn GetMaxLocals((_, _t), id: jmethodID, slots: *mut jint) {
        put(slots, with_code(id)?.max_locals.into())
    }

    /// `GetArgumentsSize`.
    java fn GetArgumentsSize((_, _t), id: jmethodID, slots: *mut jint) {
        put(slots, with_code(id)?.arg_slots.into())
    }

    /// `GetLineNumberTable`.
    java fn GetLineNumberTable(
        (env, _t), id: jmethodID, count: *mut jint, table: *mut *mut jvmtiLineNumberEntry,
    ) {
        env.require(Capabilities::GET_LINE_NUMBERS)?;
        given(count)?;
        given(table)?;
        let rows = with_code(id)?.extra().line_numbers;
        if rows.is_empty() {
            return Err(Error::ABSENT_INFORMATION);
        }
        let rows: Vec<(jlong, jlong)> =
            rows.iter().map(|(start, line)| (jlong::from(*start), jlong::from(*line))).collect();
        // The line is the low half of its word, as the structure has it on a little-endian machine.
        put(table, c_array(&rows)?.cast())?;
        put(count, rows.len() as jint)
    }

    /// `GetMethodLocation`.
    java fn GetMethodLocation((_, _t), id: jmethodID, start: *mut jlong, end: *mut jlong) {
        let m = with_code(id)?;
        if m.bytecode.is_empty() {
            put(start, -1)?;
            return put(end, -1);
        }
        put(start, 0)?;
        put(end, m.bytecode.len() as jlong - 1)
    }

    /// `GetBytecodes`.
    java fn GetBytecodes((env, _t), id: jmethodID, count: *mut jint, bytes: *mut *mut u8) {
        env.require(Capabilities::GET_BYTECODES)?;
        put_array(count, bytes, with_code(id)?.bytecode)
    }

    /// `IsMethodNative`.
    java fn IsMethodNative((_, _t), id: jmethodID, answer: *mut jboolean) {
        put(answer, method(id)?.is_native().into())
    }

    /// `IsMethodSynthetic`.
    java fn IsMethodSynthetic((env, _t), id: jmethodID, answer: *mut jboolean) {
        env.require(Capabilities::GET_SYNTHETIC_ATTRIBUTE)?;
        put(answer, (method(id)?.access & access::ACC_SYNTHETIC != 0).into())
    }

    /// `IsMethodObsolete`: ids always stand for the newest version of a method.
    java fn IsMethodObsolete((_, _t), id: jmethodID, answer: *mut jboolean) {
        method(id)?;
        put(answer, 0)
    }
}
