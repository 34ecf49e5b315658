//! The types of `jni.h`.

#![allow(non_camel_case_types)]

use caturra_kernel::{FieldRef, MethodRef};

pub type jboolean = u8;
pub type jbyte = i8;
pub type jchar = u16;
pub type jshort = i16;
pub type jint = i32;
pub type jlong = i64;
pub type jfloat = f32;
pub type jdouble = f64;
pub type jsize = jint;

/// A handle: local, global or weak global reference; null for no object.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct jobject(pub *mut u8);

pub type jclass = jobject;
pub type jstring = jobject;
pub type jarray = jobject;
pub type jthrowable = jobject;
pub type jweak = jobject;

impl jobject {
    pub const NULL: jobject = jobject(std::ptr::null_mut());
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }
}

/// The address of the method's metadata: valid while its class is loaded.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct jmethodID(pub u64);

impl jmethodID {
    pub const NULL: jmethodID = jmethodID(0);
    pub fn of(method: MethodRef) -> jmethodID {
        jmethodID(method.as_raw())
    }
    /// The method that native code got this id for.
    pub fn method(self) -> MethodRef {
        // SAFETY: the caller of a JNI function passes ids of loaded classes (crate documentation, "Trust").
        unsafe { MethodRef::from_raw(self.0) }
    }
}

/// The address of the field's metadata, of a static as of an instance field.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct jfieldID(pub u64);

impl jfieldID {
    pub const NULL: jfieldID = jfieldID(0);
    pub fn of(field: FieldRef) -> jfieldID {
        jfieldID(field.as_raw())
    }
    /// The field that native code got this id for.
    pub fn field(self) -> FieldRef {
        // SAFETY: as for `jmethodID::method`.
        unsafe { FieldRef::from_raw(self.0) }
    }
}

/// An argument of the `...A` functions.
#[repr(C)]
#[derive(Clone, Copy)]
pub union jvalue {
    pub z: jboolean,
    pub b: jbyte,
    pub c: jchar,
    pub s: jshort,
    pub i: jint,
    pub j: jlong,
    pub f: jfloat,
    pub d: jdouble,
    pub l: jobject,
}

/// `JNIEnv*`: the address of the thread's pointer to the function table.
pub type JNIEnv = *mut *const *const u8;
/// `JavaVM*`: the address of the VM's pointer to the invocation table.
pub type JavaVM = *mut *const *const u8;

/// A row of `RegisterNatives`.
#[repr(C)]
pub struct JNINativeMethod {
    pub name: *const std::ffi::c_char,
    pub signature: *const std::ffi::c_char,
    pub fn_ptr: *mut u8,
}

pub const JNI_FALSE: jboolean = 0;
pub const JNI_TRUE: jboolean = 1;

pub const JNI_OK: jint = 0;
pub const JNI_ERR: jint = -1;
pub const JNI_EDETACHED: jint = -2;
/// A VM exists already.
pub const JNI_EEXIST: jint = -5;
/// Invalid arguments.
pub const JNI_EINVAL: jint = -6;
pub const JNI_EVERSION: jint = -3;

/// `Release<Type>ArrayElements`: copy back, keep the buffer.
pub const JNI_COMMIT: jint = 1;
/// `Release<Type>ArrayElements`: free the buffer, do not copy back.
pub const JNI_ABORT: jint = 2;

pub const JNI_VERSION_1_1: jint = 0x0001_0001;
pub const JNI_VERSION_1_2: jint = 0x0001_0002;
pub const JNI_VERSION_1_4: jint = 0x0001_0004;
pub const JNI_VERSION_1_6: jint = 0x0001_0006;
pub const JNI_VERSION_1_8: jint = 0x0001_0008;
pub const JNI_VERSION_9: jint = 0x0009_0000;
pub const JNI_VERSION_10: jint = 0x000a_0000;

/// `jobjectRefType`.
pub const JNI_INVALID_REF_TYPE: jint = 0;
pub const JNI_LOCAL_REF_TYPE: jint = 1;
pub const JNI_GLOBAL_REF_TYPE: jint = 2;
pub const JNI_WEAK_GLOBAL_REF_TYPE: jint = 3;
