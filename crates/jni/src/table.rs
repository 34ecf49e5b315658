//! The function table behind `JNIEnv*`: one row a slot, in the order of `jni.h`.

use crate::{
    arrays, buffers, calls, classes, exceptions, fields, invocation, monitors, natives, references,
    reflection, strings,
};

/// Slots at the head that hold null.
const RESERVED: usize = 4;

/// A code pointer; the table is immutable.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct Entry(*const u8);

// SAFETY: addresses of functions, or null.
unsafe impl Sync for Entry {}

macro_rules! table {
    ($($module:ident::$name:ident,)*) => {
        /// Names of the functions, from slot 4 on.
        pub const SLOT_NAMES: &[&str] = &[$(stringify!($name)),*];
        /// Number of slots: 234 up to JDK 18, one more from 19 on, which older code does not look at.
        pub const JNI_SLOTS: usize = RESERVED + SLOT_NAMES.len();
        static TABLE: [Entry; JNI_SLOTS] = [
            Entry(std::ptr::null()),
            Entry(std::ptr::null()),
            Entry(std::ptr::null()),
            Entry(std::ptr::null()),
            $(Entry($module::$name as *const u8),)*
        ];
    };
}

/// The `JNINativeInterface_` structure.
pub fn function_table() -> &'static [*const u8; JNI_SLOTS] {
    // SAFETY: `Entry` is a transparent pointer.
    unsafe { &*(&raw const TABLE).cast() }
}

table! {
    classes::GetVersion, classes::DefineClass, classes::FindClass, reflection::FromReflectedMethod,
    reflection::FromReflectedField, reflection::ToReflectedMethod, classes::GetSuperclass,
    classes::IsAssignableFrom, reflection::ToReflectedField, exceptions::Throw, exceptions::ThrowNew,
    exceptions::ExceptionOccurred, exceptions::ExceptionDescribe, exceptions::ExceptionClear,
    exceptions::FatalError, references::PushLocalFrame, references::PopLocalFrame, references::NewGlobalRef,
    references::DeleteGlobalRef, references::DeleteLocalRef, references::IsSameObject, references::NewLocalRef,
    references::EnsureLocalCapacity, calls::AllocObject, calls::NewObject, calls::NewObjectV,
    calls::NewObjectA, classes::GetObjectClass, classes::IsInstanceOf, classes::GetMethodID,
    calls::CallObjectMethod, calls::CallObjectMethodV, calls::CallObjectMethodA, calls::CallBooleanMethod,
    calls::CallBooleanMethodV, calls::CallBooleanMethodA, calls::CallByteMethod, calls::CallByteMethodV,
    calls::CallByteMethodA, calls::CallCharMethod, calls::CallCharMethodV, calls::CallCharMethodA,
    calls::CallShortMethod, calls::CallShortMethodV, calls::CallShortMethodA, calls::CallIntMethod,
    calls::CallIntMethodV, calls::CallIntMethodA, calls::CallLongMethod, calls::CallLongMethodV,
    calls::CallLongMethodA, calls::CallFloatMethod, calls::CallFloatMethodV, calls::CallFloatMethodA,
    calls::CallDoubleMethod, calls::CallDoubleMethodV, calls::CallDoubleMethodA, calls::CallVoidMethod,
    calls::CallVoidMethodV, calls::CallVoidMethodA, calls::CallNonvirtualObjectMethod,
    calls::CallNonvirtualObjectMethodV, calls::CallNonvirtualObjectMethodA, calls::CallNonvirtualBooleanMethod,
    calls::CallNonvirtualBooleanMethodV, calls::CallNonvirtualBooleanMethodA, calls::CallNonvirtualByteMethod,
    calls::CallNonvirtualByteMethodV, calls::CallNonvirtualByteMethodA, calls::CallNonvirtualCharMethod,
    calls::CallNonvirtualCharMethodV, calls::CallNonvirtualCharMethodA, calls::CallNonvirtualShortMethod,
    calls::CallNonvirtualShortMethodV, calls::CallNonvirtualShortMethodA, calls::CallNonvirtualIntMethod,
    calls::CallNonvirtualIntMethodV, calls::CallNonvirtualIntMethodA, calls::CallNonvirtualLongMethod,
    calls::CallNonvirtualLongMethodV, calls::CallNonvirtualLongMethodA, calls::CallNonvirtualFloatMethod,
    calls::CallNonvirtualFloatMethodV, calls::CallNonvirtualFloatMethodA, calls::CallNonvirtualDoubleMethod,
    calls::CallNonvirtualDoubleMethodV, calls::CallNonvirtualDoubleMethodA, calls::CallNonvirtualVoidMethod,
    calls::CallNonvirtualVoidMethodV, calls::CallNonvirtualVoidMethodA, fields::GetFieldID,
    fields::GetObjectField, fields::GetBooleanField, fields::GetByteField, fields::GetCharField,
    fields::GetShortField, fields::GetIntField, fields::GetLongField, fields::GetFloatField,
    fields::GetDoubleField, fields::SetObjectField, fields::SetBooleanField, fields::SetByteField,
    fields::SetCharField, fields::SetShortField, fields::SetIntField, fields::SetLongField,
    fields::SetFloatField, fields::SetDoubleField, classes::GetStaticMethodID, calls::CallStaticObjectMethod,
    calls::CallStaticObjectMethodV, calls::CallStaticObjectMethodA, calls::CallStaticBooleanMethod,
    calls::CallStaticBooleanMethodV, calls::CallStaticBooleanMethodA, calls::CallStaticByteMethod,
    calls::CallStaticByteMethodV, calls::CallStaticByteMethodA, calls::CallStaticCharMethod,
    calls::CallStaticCharMethodV, calls::CallStaticCharMethodA, calls::CallStaticShortMethod,
    calls::CallStaticShortMethodV, calls::CallStaticShortMethodA, calls::CallStaticIntMethod,
    calls::CallStaticIntMethodV, calls::CallStaticIntMethodA, calls::CallStaticLongMethod,
    calls::CallStaticLongMethodV, calls::CallStaticLongMethodA, calls::CallStaticFloatMethod,
    calls::CallStaticFloatMethodV, calls::CallStaticFloatMethodA, calls::CallStaticDoubleMethod,
    calls::CallStaticDoubleMethodV, calls::CallStaticDoubleMethodA, calls::CallStaticVoidMethod,
    calls::CallStaticVoidMethodV, calls::CallStaticVoidMethodA, fields::GetStaticFieldID,
    fields::GetStaticObjectField, fields::GetStaticBooleanField, fields::GetStaticByteField,
    fields::GetStaticCharField, fields::GetStaticShortField, fields::GetStaticIntField,
    fields::GetStaticLongField, fields::GetStaticFloatField, fields::GetStaticDoubleField,
    fields::SetStaticObjectField, fields::SetStaticBooleanField, fields::SetStaticByteField,
    fields::SetStaticCharField, fields::SetStaticShortField, fields::SetStaticIntField,
    fields::SetStaticLongField, fields::SetStaticFloatField, fields::SetStaticDoubleField, strings::NewString,
    strings::GetStringLength, strings::GetStringChars, strings::ReleaseStringChars, strings::NewStringUTF,
    strings::GetStringUTFLength, strings::GetStringUTFChars, strings::ReleaseStringUTFChars,
    arrays::GetArrayLength, arrays::NewObjectArray, arrays::GetObjectArrayElement,
    arrays::SetObjectArrayElement, arrays::NewBooleanArray, arrays::NewByteArray, arrays::NewCharArray,
    arrays::NewShortArray, arrays::NewIntArray, arrays::NewLongArray, arrays::NewFloatArray,
    arrays::NewDoubleArray, arrays::GetBooleanArrayElements, arrays::GetByteArrayElements,
    arrays::GetCharArrayElements, arrays::GetShortArrayElements, arrays::GetIntArrayElements,
    arrays::GetLongArrayElements, arrays::GetFloatArrayElements, arrays::GetDoubleArrayElements,
    arrays::ReleaseBooleanArrayElements, arrays::ReleaseByteArrayElements, arrays::ReleaseCharArrayElements,
    arrays::ReleaseShortArrayElements, arrays::ReleaseIntArrayElements, arrays::ReleaseLongArrayElements,
    arrays::ReleaseFloatArrayElements, arrays::ReleaseDoubleArrayElements, arrays::GetBooleanArrayRegion,
    arrays::GetByteArrayRegion, arrays::GetCharArrayRegion, arrays::GetShortArrayRegion,
    arrays::GetIntArrayRegion, arrays::GetLongArrayRegion, arrays::GetFloatArrayRegion,
    arrays::GetDoubleArrayRegion, arrays::SetBooleanArrayRegion, arrays::SetByteArrayRegion,
    arrays::SetCharArrayRegion, arrays::SetShortArrayRegion, arrays::SetIntArrayRegion,
    arrays::SetLongArrayRegion, arrays::SetFloatArrayRegion, arrays::SetDoubleArrayRegion,
    natives::RegisterNatives, natives::UnregisterNatives, monitors::MonitorEnter, monitors::MonitorExit,
    invocation::GetJavaVM, strings::GetStringRegion, strings::GetStringUTFRegion,
    arrays::GetPrimitiveArrayCritical, arrays::ReleasePrimitiveArrayCritical, strings::GetStringCritical,
    strings::ReleaseStringCritical, references::NewWeakGlobalRef, references::DeleteWeakGlobalRef,
    exceptions::ExceptionCheck, buffers::NewDirectByteBuffer, buffers::GetDirectBufferAddress,
    buffers::GetDirectBufferCapacity, references::GetObjectRefType, classes::GetModule,
    classes::IsVirtualThread,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slot numbers as the specification gives them.
    #[test]
    fn slots_are_where_the_specification_says() {
        let slot = |name: &str| RESERVED + SLOT_NAMES.iter().position(|n| *n == name).unwrap();
        assert_eq!(JNI_SLOTS, 235);
        for (name, index) in [
            ("GetVersion", 4),
            ("FindClass", 6),
            ("ExceptionDescribe", 16),
            ("NewObject", 28),
            ("GetMethodID", 33),
            ("CallObjectMethod", 34),
            ("CallVoidMethodA", 63),
            ("CallNonvirtualVoidMethodA", 93),
            ("GetFieldID", 94),
            ("GetStaticMethodID", 113),
            ("CallStaticVoidMethodA", 143),
            ("SetStaticDoubleField", 162),
            ("NewString", 163),
            ("GetArrayLength", 171),
            ("RegisterNatives", 215),
            ("GetJavaVM", 219),
            ("ExceptionCheck", 228),
            ("GetObjectRefType", 232),
            ("GetModule", 233),
            ("IsVirtualThread", 234),
        ] {
            assert_eq!(slot(name), index, "{name}");
            assert!(!function_table()[index].is_null());
        }
        assert!(function_table()[..RESERVED].iter().all(|p| p.is_null()));
    }
}
