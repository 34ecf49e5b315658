//! Threads and thread groups (JVMTI, "Thread", "Thread Group", and processor times).

use super::entry::{c_string, given, live_thread, local, object, put, put_array, resolve, thread_object};
use super::env::Env;
use super::types::{Answer, Capabilities, Error, jvmtiThreadGroupInfo, jvmtiThreadInfo, jvmtiTimerInfo};
use caturra_heap::layout::ARRAY_BASE;
use caturra_jni::types::{JNIEnv, jint, jlong, jobject};
use caturra_kernel::platform::linux;
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::thread_list::{self, ThreadStatus};
use caturra_kernel::runtime::{exceptions, strings};
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::c_void;

/// `JVMTI_THREAD_STATE_…` that `Thread.threadStatus` does not hold.
const SUSPENDED: jint = 0x10_0000;
const INTERRUPTED: jint = 0x20_0000;
const IN_NATIVE: jint = 0x40_0000;

/// Reads a field of a Java object by its name, as the class library declares it.
fn field(t: &Thread, object: ObjRef, name: &str, signature: &str) -> Answer<(u32, ObjRef)> {
    let vm = t.vm();
    let (name, signature) = (vm.symbols.intern(name), vm.symbols.intern(signature));
    // SAFETY: a live object.
    let class = unsafe { ClassRef::of(object) };
    let found = class.superclasses().find_map(|c| c.declared_field(name, signature));
    found.map(|f| (f.offset, object)).ok_or(Error::INTERNAL)
}

fn reference(t: &Thread, object: ObjRef, name: &str, signature: &str) -> Answer<ObjRef> {
    let (offset, object) = field(t, object, name, signature)?;
    // SAFETY: a reference field of the object's class.
    Ok(unsafe { object.load_ref(offset as usize) })
}

fn number<T: Copy>(t: &Thread, object: ObjRef, name: &str, signature: &str) -> Answer<T> {
    let (offset, object) = field(t, object, name, signature)?;
    // SAFETY: a field of that primitive type.
    Ok(unsafe { object.load(offset as usize) })
}

/// The first `count` elements of an array that may be null.
fn elements(array: ObjRef, count: i32) -> Vec<ObjRef> {
    if array.is_null() {
        return Vec::new();
    }
    // SAFETY: a live array of references.
    let length = unsafe { array.array_length() }.min(count).max(0) as usize;
    // SAFETY: within bounds.
    (0..length).map(|i| unsafe { array.load_ref(ARRAY_BASE + 4 * i) }).filter(|o| !o.is_null()).collect()
}

fn group(t: &Thread, handle: jobject) -> Answer<ObjRef> {
    let group = resolve(handle);
    // SAFETY: a live object.
    if group.is_null() || !unsafe { ClassRef::of(group) }.is_subclass_of(t.vm().wk.thread_group()) {
        return Err(Error::INVALID_THREAD_GROUP);
    }
    Ok(group)
}

/// `JVMTI_THREAD_STATE_…` of a thread.
pub fn state(t: &Thread, thread: ObjRef) -> jint {
    let mut state = thread_list::raw_status(t, thread);
    if let Some(x) = thread_list::thread_of(t, thread) {
        if *x.suspend_count.lock() > 0 {
            state |= SUSPENDED;
        }
        if x.state() == caturra_kernel::runtime::thread::ThreadState::InNative
            && state == ThreadStatus::Runnable as jint
        {
            state |= IN_NATIVE;
        }
    }
    if thread_list::is_interrupted(t, thread, false) {
        state |= INTERRUPTED;
    }
    state
}

fn suspend(t: &Thread, handle: jobject) -> Answer {
    let thread = live_thread(t, handle)?;
    let Some(x) = thread_list::thread_of(t, thread) else { return Err(Error::THREAD_NOT_ALIVE) };
    if *x.suspend_count.lock() > 0 {
        return Err(Error::THREAD_SUSPENDED);
    }
    thread_list::suspend(t, thread);
    Ok(())
}

fn resume(t: &Thread, handle: jobject) -> Answer {
    let thread = live_thread(t, handle)?;
    let Some(x) = thread_list::thread_of(t, thread) else { return Err(Error::THREAD_NOT_ALIVE) };
    if *x.suspend_count.lock() == 0 {
        return Err(Error::THREAD_NOT_SUSPENDED);
    }
    thread_list::resume(t, thread);
    Ok(())
}

/// Does the same to each thread of a list, with an answer for each.
fn for_each(
    t: &Thread,
    count: jint,
    list: *const jobject,
    results: *mut jint,
    f: fn(&Thread, jobject) -> Answer,
) -> Answer {
    let count = usize::try_from(count).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
    given(list)?;
    given(results)?;
    for i in 0..count {
        // SAFETY: the agent passes two arrays of `count` elements.
        unsafe { results.add(i).write(f(t, *list.add(i)).map_or_else(|e| e.0, |()| 0)) };
    }
    Ok(())
}

type AgentThread = unsafe extern "C" fn(*mut Env, JNIEnv, *mut c_void);

fn timer() -> jvmtiTimerInfo {
    const TOTAL_CPU: jint = 32;
    jvmtiTimerInfo {
        max_value: jlong::MAX,
        may_skip_forward: 0,
        may_skip_backward: 0,
        kind: TOTAL_CPU,
        reserved1: 0,
        reserved2: 0,
    }
}

fn cpu_nanos(t: &Thread) -> Answer<jlong> {
    let time = linux::cpu_time(t.os_thread.get()).ok_or(Error::INTERNAL)?;
    Ok(time.as_nanos() as jlong)
}

jvmti_functions! {
    /// `GetAllThreads`.
    live fn GetAllThreads((_, t), count: *mut jint, threads: *mut *mut jobject) {
        given(count)?;
        given(threads)?;
        let array = thread_list::all_threads(t).map_err(|_| {
            exceptions::take_pending(t);
            Error::OUT_OF_MEMORY
        })?;
        let all: Vec<_> = elements(array, i32::MAX).into_iter().map(|x| local(t, x)).collect();
        put_array(count, threads, &all)
    }

    /// `GetCurrentThread`.
    java fn GetCurrentThread((_, t), thread: *mut jobject) {
        put(thread, local(t, t.object.get()))
    }

    /// `GetThreadState`.
    live fn GetThreadState((_, t), thread: jobject, bits: *mut jint) {
        put(bits, state(t, thread_object(t, thread)?))
    }

    /// `GetThreadInfo`.
    live fn GetThreadInfo((_, t), thread: jobject, info: *mut jvmtiThreadInfo) {
        given(info)?;
        let thread = thread_object(t, thread)?;
        let name = thread_list::name_of(t.vm(), thread);
        let loader = reference(t, thread, "contextClassLoader", "Ljava/lang/ClassLoader;")?;
        let group = reference(t, thread, "group", "Ljava/lang/ThreadGroup;")?;
        put(info, jvmtiThreadInfo {
            name: c_string(&caturra_bytecode::mutf8::from_str(&name))?,
            priority: number(t, thread, "priority", "I")?,
            is_daemon: number(t, thread, "daemon", "Z")?,
            thread_group: local(t, group),
            context_class_loader: local(t, loader),
        })
    }

    /// `SuspendThread`.
    live fn SuspendThread((env, t), thread: jobject) {
        env.require(Capabilities::SUSPEND)?;
        suspend(t, thread)
    }

    /// `ResumeThread`.
    live fn ResumeThread((env, t), thread: jobject) {
        env.require(Capabilities::SUSPEND)?;
        resume(t, thread)
    }

    /// `SuspendThreadList`; the caller, if it is in the list, comes last.
    live fn SuspendThreadList((env, t), count: jint, list: *const jobject, results: *mut jint) {
        env.require(Capabilities::SUSPEND)?;
        for_each(t, count, list, results, |t, x| {
            if resolve(x) == t.object.get() { Ok(()) } else { suspend(t, x) }
        })?;
        for i in 0..count as usize {
            // SAFETY: `for_each` has checked the array.
            let x = unsafe { *list.add(i) };
            if resolve(x) == t.object.get() {
                suspend(t, x)?;
            }
        }
        Ok(())
    }

    /// `ResumeThreadList`.
    live fn ResumeThreadList((env, t), count: jint, list: *const jobject, results: *mut jint) {
        env.require(Capabilities::SUSPEND)?;
        for_each(t, count, list, results, resume)
    }

    /// `StopThread`.
    live fn StopThread((env, t), thread: jobject, exception: jobject) {
        env.require(Capabilities::SIGNAL_THREAD)?;
        let (thread, exception) = (live_thread(t, thread)?, object(exception)?);
        // To itself it is pending at once, which is what is asked for.
        let _ = thread_list::stop(t, thread, exception);
        Ok(())
    }

    /// `InterruptThread`.
    live fn InterruptThread((env, t), thread: jobject) {
        env.require(Capabilities::SIGNAL_THREAD)?;
        thread_list::interrupt(t, live_thread(t, thread)?);
        Ok(())
    }

    /// `RunAgentThread`.
    live fn RunAgentThread(
        (env, t), thread: jobject, entry: Option<AgentThread>, argument: *const c_void, priority: jint,
    ) {
        let Some(entry) = entry else { return Err(Error::NULL_POINTER) };
        let thread = if thread.is_null() { Err(Error::INVALID_THREAD) } else { thread_object(t, thread) }?;
        if !(1..=10).contains(&priority) {
            return Err(Error::INVALID_PRIORITY);
        }
        let argument = argument as usize;
        let run = move |t: &Thread| {
            let _native = NativeScope::enter(t);
            // SAFETY: the agent's function, with the agent's argument.
            unsafe { entry(env.as_ptr(), t.jni_env().cast(), argument as *mut c_void) };
        };
        thread_list::start_agent_thread(t, thread, priority, Box::new(run)).map_err(|_| {
            exceptions::take_pending(t);
            Error::OUT_OF_MEMORY
        })
    }

    /// `SetThreadLocalStorage`.
    java fn SetThreadLocalStorage((env, t), thread: jobject, data: *const c_void) {
        let thread = live_thread(t, thread)?;
        let id = thread_list::thread_of(t, thread).ok_or(Error::THREAD_NOT_ALIVE)?.id;
        env.set_thread_storage(id, data as usize);
        Ok(())
    }

    /// `GetThreadLocalStorage`.
    java fn GetThreadLocalStorage((env, t), thread: jobject, data: *mut *mut c_void) {
        let thread = live_thread(t, thread)?;
        let id = thread_list::thread_of(t, thread).ok_or(Error::THREAD_NOT_ALIVE)?.id;
        put(data, env.thread_storage(id) as *mut c_void)
    }

    /// `GetTopThreadGroups`.
    live fn GetTopThreadGroups((_, t), count: *mut jint, groups: *mut *mut jobject) {
        put_array(count, groups, &[local(t, t.vm().threads.system_group())])
    }

    /// `GetThreadGroupInfo`.
    live fn GetThreadGroupInfo((_, t), handle: jobject, info: *mut jvmtiThreadGroupInfo) {
        given(info)?;
        let group = group(t, handle)?;
        let name = reference(t, group, "name", "Ljava/lang/String;")?;
        let name = if name.is_null() { Vec::new() } else { strings::to_mutf8(name) };
        put(info, jvmtiThreadGroupInfo {
            parent: local(t, reference(t, group, "parent", "Ljava/lang/ThreadGroup;")?),
            name: c_string(&name)?,
            max_priority: number(t, group, "maxPriority", "I")?,
            is_daemon: number(t, group, "daemon", "Z")?,
        })
    }

    /// `GetThreadGroupChildren`.
    live fn GetThreadGroupChildren(
        (_, t), handle: jobject, thread_count: *mut jint, threads: *mut *mut jobject, group_count: *mut jint,
        groups: *mut *mut jobject,
    ) {
        let group = group(t, handle)?;
        let handles = |objects: Vec<ObjRef>| objects.into_iter().map(|o| local(t, o)).collect::<Vec<_>>();
        let all = elements(
            reference(t, group, "threads", "[Ljava/lang/Thread;")?,
            number(t, group, "nthreads", "I")?,
        );
        let alive = all.into_iter().filter(|x| thread_list::is_alive(t, *x)).collect();
        put_array(thread_count, threads, &handles(alive))?;
        let all = elements(
            reference(t, group, "groups", "[Ljava/lang/ThreadGroup;")?,
            number(t, group, "ngroups", "I")?,
        );
        put_array(group_count, groups, &handles(all))
    }

    /// `GetCurrentThreadCpuTimerInfo`.
    java fn GetCurrentThreadCpuTimerInfo((env, _t), info: *mut jvmtiTimerInfo) {
        env.require(Capabilities::GET_CURRENT_THREAD_CPU_TIME)?;
        put(info, timer())
    }

    /// `GetCurrentThreadCpuTime`.
    java fn GetCurrentThreadCpuTime((env, t), nanos: *mut jlong) {
        env.require(Capabilities::GET_CURRENT_THREAD_CPU_TIME)?;
        put(nanos, cpu_nanos(t)?)
    }

    /// `GetThreadCpuTimerInfo`.
    live fn GetThreadCpuTimerInfo((env, _t), info: *mut jvmtiTimerInfo) {
        env.require(Capabilities::GET_THREAD_CPU_TIME)?;
        put(info, timer())
    }

    /// `GetThreadCpuTime`.
    live fn GetThreadCpuTime((env, t), thread: jobject, nanos: *mut jlong) {
        env.require(Capabilities::GET_THREAD_CPU_TIME)?;
        let thread = live_thread(t, thread)?;
        put(nanos, cpu_nanos(thread_list::thread_of(t, thread).ok_or(Error::THREAD_NOT_ALIVE)?)?)
    }
}
