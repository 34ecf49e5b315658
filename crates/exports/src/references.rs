//! `java.lang.ref`: the pending list that the collector fills, and referents.

use crate::boundary::{c, local, obj};
use crate::internal::{Args, ClassTable, bool_slot, ref_slot};
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::safepoint;

pub(crate) const INTERNAL: &[ClassTable] = &[
    (
        "java/lang/ref/Reference",
        &[
            ("getAndClearReferencePendingList", "()Ljava/lang/ref/Reference;", take_pending),
            ("hasReferencePendingList", "()Z", has_pending),
            ("waitForReferencePendingList", "()V", wait_for_pending),
            ("refersTo0", "(Ljava/lang/Object;)Z", refers_to),
            ("clear0", "()V", clear),
        ],
    ),
    (
        "java/lang/ref/PhantomReference",
        &[("refersTo0", "(Ljava/lang/Object;)Z", refers_to), ("clear0", "()V", clear)],
    ),
];

/// # Safety
/// Called as an internal native.
unsafe fn take_pending(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(ref_slot(t.vm().heap.take_pending_references()))
}

/// # Safety
/// Called as an internal native.
unsafe fn has_pending(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(bool_slot(t.vm().heap.has_pending_references()))
}

/// # Safety
/// Called as an internal native.
unsafe fn wait_for_pending(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    safepoint::wait_for_pending_references(t);
    Ok(0)
}

/// The referent, whatever strength the reference has. The collector stops the world, so looking at a referent
/// keeps nothing alive.
///
/// # Safety
/// `reference` is a live `java.lang.ref.Reference`.
unsafe fn referent(t: &Thread, reference: ObjRef) -> ObjRef {
    // SAFETY: the caller's promise.
    unsafe { reference.load_ref(t.vm().off.reference_referent() as usize) }
}

/// Clears the referent; storing null needs no write barrier.
///
/// # Safety
/// As [`referent`].
unsafe fn clear_referent(t: &Thread, reference: ObjRef) {
    // SAFETY: the caller's promise.
    unsafe { reference.store_ref(t.vm().off.reference_referent() as usize, ObjRef::NULL) };
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn refers_to(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let args = Args::new(slots);
        Ok(bool_slot(referent(t, args.obj(0)) == args.obj(1)))
    }
}

/// # Safety
/// Called as an internal native with a non-null receiver.
unsafe fn clear(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe { clear_referent(t, Args::new(slots).obj(0)) };
    Ok(0)
}

jvm_entry! {
    /// `Reference.getAndClearReferencePendingList`.
    fn JVM_GetAndClearReferencePendingList(t) -> c::jobject {
        Ok(local(t, t.vm().heap.take_pending_references()))
    }

    /// `Reference.hasReferencePendingList`.
    fn JVM_HasReferencePendingList(t) -> c::jboolean {
        Ok(c::jboolean::from(t.vm().heap.has_pending_references()))
    }

    /// `Reference.waitForReferencePendingList`.
    fn JVM_WaitForReferencePendingList(t) {
        safepoint::wait_for_pending_references(t);
        Ok(())
    }

    /// `Reference.refersTo0`.
    fn JVM_ReferenceRefersTo(t; reference: c::jobject, object: c::jobject) -> c::jboolean {
        // SAFETY: valid handles, the first of a reference.
        unsafe { Ok(c::jboolean::from(referent(t, obj(reference)) == obj(object))) }
    }

    /// `PhantomReference.refersTo0`.
    fn JVM_PhantomReferenceRefersTo(t; reference: c::jobject, object: c::jobject) -> c::jboolean {
        // SAFETY: valid handles, the first of a reference.
        unsafe { Ok(c::jboolean::from(referent(t, obj(reference)) == obj(object))) }
    }

    /// `Reference.clear0`.
    fn JVM_ReferenceClear(t; reference: c::jobject) {
        // SAFETY: a valid handle of a reference.
        unsafe { clear_referent(t, obj(reference)) };
        Ok(())
    }
}
