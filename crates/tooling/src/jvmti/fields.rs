//! Fields (JVMTI, "Field").

use super::entry::{c_string, class, local, put};
use super::types::{Capabilities, Error};
use caturra_bytecode::access;
use caturra_jni::types::{jboolean, jclass, jfieldID, jint};
use std::ffi::c_char;

fn field(id: jfieldID) -> Result<caturra_kernel::FieldRef, Error> {
    if id == jfieldID::NULL { Err(Error::INVALID_FIELDID) } else { Ok(id.field()) }
}

jvmti_functions! {
    /// `GetFieldName`.
    java fn GetFieldName(
        (_, t), klass: jclass, id: jfieldID, name: *mut *mut c_char, text: *mut *mut c_char, generic: *mut *mut c_char,
    ) {
        class(t, klass)?;
        let f = field(id)?;
        if !name.is_null() {
            put(name, c_string(f.name.bytes())?)?;
        }
        if !text.is_null() {
            put(text, c_string(f.signature.bytes())?)?;
        }
        if !generic.is_null() {
            put(generic, match f.generic_signature {
                Some(g) => c_string(g.bytes())?,
                None => std::ptr::null_mut(),
            })?;
        }
        Ok(())
    }

    /// `GetFieldDeclaringClass`.
    java fn GetFieldDeclaringClass((_, t), klass: jclass, id: jfieldID, declaring: *mut jclass) {
        class(t, klass)?;
        put(declaring, local(t, field(id)?.holder.mirror()))
    }

    /// `GetFieldModifiers`.
    java fn GetFieldModifiers((_, t), klass: jclass, id: jfieldID, modifiers: *mut jint) {
        class(t, klass)?;
        put(modifiers, field(id)?.access.into())
    }

    /// `IsFieldSynthetic`.
    java fn IsFieldSynthetic((env, t), klass: jclass, id: jfieldID, answer: *mut jboolean) {
        env.require(Capabilities::GET_SYNTHETIC_ATTRIBUTE)?;
        class(t, klass)?;
        put(answer, (field(id)?.access & access::ACC_SYNTHETIC != 0).into())
    }
}
