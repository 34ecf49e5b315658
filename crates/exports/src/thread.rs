//! `java.lang.Thread`.

use crate::boundary::{c, local, non_null, obj};
use crate::internal::{Args, ClassTable, bool_slot, ref_slot};
use crate::thread_snapshot;
use caturra_heap::ObjRef;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::{monitor, strings, thread_dump, thread_list};

pub(crate) const INTERNAL: &[ClassTable] = &[(
    "java/lang/Thread",
    &[
        ("currentThread", "()Ljava/lang/Thread;", current_thread),
        ("yield", "()V", yield_now),
        ("sleep", "(J)V", sleep),
        ("start0", "()V", start),
        ("holdsLock", "(Ljava/lang/Object;)Z", holds_lock),
        ("interrupt0", "()V", interrupt_native),
        ("clearInterruptEvent", "()V", clear_interrupt_event),
    ],
)];

/// `Unsafe.park`.
pub fn park(t: &Thread, absolute: bool, time: i64) {
    t.parker.park(t, absolute, time);
}

/// `Unsafe.unpark`; no effect on null, or on a thread that is not alive.
pub fn unpark(t: &Thread, thread: ObjRef) {
    if !thread.is_null() {
        thread_list::unpark(t, thread);
    }
}

/// # Safety
/// Called as an internal native, as all functions of this table.
unsafe fn current_thread(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(ref_slot(t.object.get()))
}
/// # Safety
/// As [`current_thread`].
unsafe fn yield_now(t: &Thread, _slots: *mut u64) -> JResult<u64> {
    let _native = NativeScope::enter(t);
    std::thread::yield_now();
    Ok(0)
}
/// # Safety
/// As [`current_thread`].
unsafe fn sleep(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    monitor::sleep(t, unsafe { Args::new(slots) }.long(0))?;
    Ok(0)
}
/// # Safety
/// As [`current_thread`].
unsafe fn start(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    thread_list::start_java_thread(t, unsafe { Args::new(slots) }.obj(0))?;
    Ok(0)
}
/// # Safety
/// As [`current_thread`].
unsafe fn holds_lock(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let object = unsafe { Args::new(slots) }.obj(0);
    if object.is_null() {
        return Err(exceptions::npe(t));
    }
    Ok(bool_slot(monitor::holds(t, object)))
}
/// # Safety
/// As [`current_thread`].
unsafe fn interrupt_native(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    thread_list::interrupt(t, unsafe { Args::new(slots) }.obj(0));
    Ok(0)
}
/// The Java side has cleared its own field already.
///
/// # Safety
/// As [`current_thread`].
unsafe fn clear_interrupt_event(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(0)
}

/// A thread that is stopped before it starts ends as soon as it does (`Thread.stillborn`, JDK 17 to 19).
fn mark_stillborn(t: &Thread, thread: ObjRef) {
    let vm = t.vm();
    let field = vm
        .symbols
        .lookup(b"stillborn")
        .zip(vm.symbols.lookup(b"Z"))
        .and_then(|(name, signature)| vm.wk.thread().declared_field(name, signature));
    if let Some(field) = field {
        // SAFETY: a boolean field of the live object.
        unsafe { thread.store::<u8>(field.offset as usize, 1) };
    }
}

jvm_entry! {
    /// `Thread.start0`.
    fn JVM_StartThread(t; thread: c::jobject) {
        // SAFETY: a valid handle.
        thread_list::start_java_thread(t, unsafe { non_null(t, thread) }?)
    }

    /// `Thread.stop0`: throws at the thread, or marks one that has not started so that it ends at once.
    fn JVM_StopThread(t; thread: c::jobject, throwable: c::jobject) {
        // SAFETY: valid handles.
        let (thread, throwable) = unsafe { (non_null(t, thread)?, non_null(t, throwable)?) };
        if !thread_list::is_alive(t, thread) {
            mark_stillborn(t, thread);
        }
        thread_list::stop(t, thread, throwable)
    }

    /// `Thread.suspend0`.
    fn JVM_SuspendThread(t; thread: c::jobject) {
        // SAFETY: a valid handle.
        thread_list::suspend(t, unsafe { non_null(t, thread) }?);
        Ok(())
    }

    /// `Thread.resume0`.
    fn JVM_ResumeThread(t; thread: c::jobject) {
        // SAFETY: a valid handle.
        thread_list::resume(t, unsafe { non_null(t, thread) }?);
        Ok(())
    }

    /// `Thread.setPriority0`. The system's scheduler is not told: without privileges it takes no orders, and
    /// HotSpot does not either by default.
    fn JVM_SetThreadPriority(t; thread: c::jobject, priority: c::jint) {
        // SAFETY: a valid handle.
        let thread = unsafe { non_null(t, thread) }?;
        let offset = t.vm().off.thread_priority();
        if offset != 0 {
            // SAFETY: an `int` field of the live object.
            unsafe { thread.store::<i32>(offset as usize, priority) };
        }
        Ok(())
    }

    /// `Thread.yield`.
    fn JVM_Yield(t; _class: c::jclass) {
        let _native = NativeScope::enter(t);
        std::thread::yield_now();
        Ok(())
    }

    /// `Thread.sleep`.
    fn JVM_Sleep(t; _class: c::jclass, millis: c::jlong) {
        monitor::sleep(t, millis)
    }

    /// `Thread.currentThread`.
    fn JVM_CurrentThread(t; _class: c::jclass) -> c::jobject {
        Ok(local(t, t.object.get()))
    }

    /// `Thread.interrupt0`; the Java side has set the status.
    fn JVM_Interrupt(t; thread: c::jobject) {
        // SAFETY: a valid handle.
        thread_list::interrupt(t, unsafe { non_null(t, thread) }?);
        Ok(())
    }

    /// `Thread.holdsLock`.
    fn JVM_HoldsLock(t; _class: c::jclass, object: c::jobject) -> c::jboolean {
        // SAFETY: a valid handle.
        let object = unsafe { non_null(t, object) }?;
        Ok(c::jboolean::from(monitor::holds(t, object)))
    }

    /// `Thread.setNativeName`: only the current thread's, and not of a thread that the host program made.
    fn JVM_SetNativeThreadName(t; thread: c::jobject, name: c::jstring) {
        // SAFETY: valid handles.
        let (thread, name) = unsafe { (obj(thread), non_null(t, name)?) };
        if thread == t.object.get() {
            thread_list::set_native_name(t, thread, &strings::to_rust(name));
        }
        Ok(())
    }

    /// `Thread.getThreads`.
    fn JVM_GetAllThreads(t; _class: c::jclass) -> c::jobjectArray {
        Ok(local(t, thread_list::all_threads(t)?))
    }

    /// `Thread.dumpThreads`: the stack traces of the given threads, null for one that is not alive.
    fn JVM_DumpThreads(t; _class: c::jclass, threads: c::jobjectArray) -> c::jobjectArray {
        // SAFETY: a valid handle.
        let threads = unsafe { non_null(t, threads) }?;
        Ok(local(t, thread_snapshot::stack_traces(t, threads)?))
    }

    /// The dump of all threads that SIGQUIT asks for.
    fn JVM_DumpAllStacks(t; _class: c::jclass) {
        thread_dump::print(t);
        Ok(())
    }
}
