//! `java.lang.Object`, `System.identityHashCode`, `String.intern`, and the bit views of `float` and `double`.

use crate::boundary::{c, local, non_null, obj};
use crate::internal::{Args, ClassTable, bool_slot, int_slot, ref_slot};
use caturra_heap::ObjRef;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, calls, monitor, strings};
use caturra_kernel::{ClassRef, Thread};

pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "java/lang/Object",
        &[
            ("getClass", "()Ljava/lang/Class;", get_class),
            ("hashCode", "()I", hash_code),
            ("clone", "()Ljava/lang/Object;", clone),
            ("notify", "()V", notify),
            ("notifyAll", "()V", notify_all),
            ("wait", "(J)V", wait),
            ("wait0", "(J)V", wait),
        ],
    ),
    ("java/lang/System", &[("identityHashCode", "(Ljava/lang/Object;)I", hash_code)]),
    ("java/lang/String", &[("intern", "()Ljava/lang/String;", intern)]),
    ("java/lang/StringUTF16", &[("isBigEndian", "()Z", is_big_endian)]),
    ("java/lang/Float", &[("floatToRawIntBits", "(F)I", same_int), ("intBitsToFloat", "(I)F", same_int)]),
    (
        "java/lang/Double",
        &[("doubleToRawLongBits", "(D)J", same_long), ("longBitsToDouble", "(J)D", same_long)],
    ),
];

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn get_class(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe { Ok(ref_slot(ClassRef::of(Args::new(slots).obj(0)).mirror())) }
}

/// `Object.hashCode`, and `identityHashCode`, which gives 0 for null.
///
/// # Safety
/// Called as an internal native.
unsafe fn hash_code(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let object = unsafe { Args::new(slots) }.obj(0);
    Ok(int_slot(identity_hash(t, object)))
}

fn identity_hash(t: &Thread, object: ObjRef) -> i32 {
    if object.is_null() { 0 } else { monitor::identity_hash(t, object) }
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn clone(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let object = unsafe { Args::new(slots) }.obj(0);
    Ok(ref_slot(clone_checked(t, object)?))
}

/// `Object.clone`: arrays and instances of `Cloneable` classes; the copy of a finalizable object is
/// finalizable too.
fn clone_checked(t: &Thread, object: ObjRef) -> JResult<ObjRef> {
    // SAFETY: the receiver is a live object.
    let class = unsafe { ClassRef::of(object) };
    if !class.is_array() && !class.has(ClassFlags::CLONEABLE) {
        return Err(exceptions::throw(t, "java/lang/CloneNotSupportedException", &class.external_name()));
    }
    let copy = alloc::clone_object(t, object)?;
    if class.has(ClassFlags::FINALIZABLE) {
        calls::invoke(t, t.vm().methods.finalizer_register(), &[ref_slot(copy)])?;
    }
    Ok(copy)
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn notify(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    monitor::notify(t, unsafe { Args::new(slots) }.obj(0))?;
    Ok(0)
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn notify_all(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    monitor::notify_all(t, unsafe { Args::new(slots) }.obj(0))?;
    Ok(0)
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn wait(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    wait_millis(t, args.obj(0), args.long(1))?;
    Ok(0)
}

fn wait_millis(t: &Thread, object: ObjRef, millis: i64) -> JResult<()> {
    if millis < 0 {
        return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "timeout value is negative"));
    }
    monitor::wait(t, object, millis, 0)
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn intern(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(ref_slot(strings::intern(t, unsafe { Args::new(slots) }.obj(0))?))
}

/// # Safety
/// Called as an internal native.
unsafe fn is_big_endian(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(bool_slot(cfg!(target_endian = "big")))
}

/// A `float` and its bits are the same slot.
///
/// # Safety
/// Called as an internal native with one `int` or `float`.
unsafe fn same_int(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(int_slot(unsafe { Args::new(slots) }.int(0)))
}

/// A `double` and its bits are the same slot.
///
/// # Safety
/// Called as an internal native with one `long` or `double`.
unsafe fn same_long(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    Ok(unsafe { Args::new(slots) }.raw(0))
}

jvm_entry! {
    /// `Object.hashCode`, `System.identityHashCode`.
    fn JVM_IHashCode(t; object: c::jobject) -> c::jint {
        // SAFETY: a valid handle.
        Ok(identity_hash(t, unsafe { obj(object) }))
    }

    /// `Object.wait`.
    fn JVM_MonitorWait(t; object: c::jobject, millis: c::jlong) {
        // SAFETY: a valid handle.
        let object = unsafe { non_null(t, object) }?;
        wait_millis(t, object, millis)
    }

    /// `Object.notify`.
    fn JVM_MonitorNotify(t; object: c::jobject) {
        // SAFETY: a valid handle.
        let object = unsafe { non_null(t, object) }?;
        monitor::notify(t, object)
    }

    /// `Object.notifyAll`.
    fn JVM_MonitorNotifyAll(t; object: c::jobject) {
        // SAFETY: a valid handle.
        let object = unsafe { non_null(t, object) }?;
        monitor::notify_all(t, object)
    }

    /// `Object.clone`.
    fn JVM_Clone(t; object: c::jobject) -> c::jobject {
        // SAFETY: a valid handle.
        let object = unsafe { non_null(t, object) }?;
        Ok(local(t, clone_checked(t, object)?))
    }

    /// `String.intern`.
    fn JVM_InternString(t; string: c::jstring) -> c::jstring {
        // SAFETY: a valid handle.
        let string = unsafe { obj(string) };
        if string.is_null() {
            return Ok(std::ptr::null_mut());
        }
        Ok(local(t, strings::intern(t, string)?))
    }
}
