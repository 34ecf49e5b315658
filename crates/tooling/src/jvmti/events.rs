//! Sending events to the agents that want them.

use super::entry::local;
use super::env::Env;
use super::types::{Event, PHASE_LIVE, PHASE_START};
use super::{environments, phase};
use crate::jvmti::types::Capabilities;
use caturra_jni::types::{JNIEnv, jclass, jint, jobject};
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::tools::{self, ChangedClassFile, ClassFileEvent};
use caturra_kernel::{ClassRef, ObjRef, Thread, Vm};
use std::ffi::{CString, c_char};

/// Tells the kernel what to report.
pub(crate) fn update_wanted(vm: &Vm) {
    let rows = [
        (Event::CLASS_FILE_LOAD_HOOK, tools::CLASS_FILE),
        (Event::CLASS_LOAD, tools::CLASS_LOAD),
        (Event::CLASS_PREPARE, tools::CLASS_PREPARE),
        (Event::THREAD_START, tools::THREAD_START),
    ];
    let envs = environments(vm);
    let mut wanted = 0;
    for (event, bit) in rows {
        if envs.iter().any(|e| e.is_enabled_anywhere(event)) {
            wanted |= bit;
        }
    }
    if !envs.is_empty() {
        // What is kept of a thread goes with it.
        wanted |= tools::THREAD_END;
    }
    vm.tools.set_wanted(wanted);
}

fn jni_env(t: &Thread) -> JNIEnv {
    t.jni_env().cast()
}

/// Calls one environment's callback, in native state, with a scope of local references. A pending exception is set
/// aside, one that the agent leaves behind is dropped.
fn call(t: &Thread, env: &'static Env, event: Event, f: impl FnOnce(usize, *mut Env, JNIEnv, &Thread)) {
    let callback = env.callback(event);
    if callback == 0 || !env.is_enabled(event, t.id) {
        return;
    }
    let pending = t.pending.replace(ObjRef::NULL);
    let mark = t.handles.mark();
    if !pending.is_null() {
        t.handles.new(pending);
    }
    f(callback, env.as_ptr(), jni_env(t), t);
    t.handles.release(mark);
    t.pending.set(pending);
}

type OfThread = unsafe extern "C" fn(*mut Env, JNIEnv, jobject);
type OfClass = unsafe extern "C" fn(*mut Env, JNIEnv, jobject, jclass);
type Plain = unsafe extern "C" fn(*mut Env, JNIEnv);
type Bare = unsafe extern "C" fn(*mut Env);
type ClassFile = unsafe extern "C" fn(
    *mut Env,
    JNIEnv,
    jclass,
    jobject,
    *const c_char,
    jobject,
    jint,
    *const u8,
    *mut jint,
    *mut *mut u8,
);

fn of_thread(t: &Thread, event: Event) {
    for env in environments(t.vm()) {
        call(t, env, event, |f, env, jni, t| {
            let thread = local(t, t.object.get());
            let _native = NativeScope::enter(t);
            // SAFETY: JVMTI gives the callback of this event that type.
            unsafe { std::mem::transmute::<usize, OfThread>(f)(env, jni, thread) };
        });
    }
}

fn plain(t: &Thread, event: Event) {
    for env in environments(t.vm()) {
        call(t, env, event, |f, env, jni, t| {
            let _native = NativeScope::enter(t);
            // SAFETY: as above.
            unsafe { std::mem::transmute::<usize, Plain>(f)(env, jni) };
        });
    }
}

fn of_class(t: &Thread, event: Event, class: ClassRef) {
    if !matches!(phase(t.vm()), PHASE_START | PHASE_LIVE) {
        return;
    }
    for env in environments(t.vm()) {
        call(t, env, event, |f, env, jni, t| {
            let (thread, class) = (local(t, t.object.get()), local(t, class.mirror()));
            let _native = NativeScope::enter(t);
            // SAFETY: as above.
            unsafe { std::mem::transmute::<usize, OfClass>(f)(env, jni, thread, class) };
        });
    }
}

pub(crate) fn vm_start(t: &Thread) {
    plain(t, Event::VM_START);
}

pub(crate) fn vm_init(t: &Thread) {
    of_thread(t, Event::VM_INIT);
}

pub(crate) fn vm_death(t: &Thread) {
    plain(t, Event::VM_DEATH);
}

pub(crate) fn thread_started(t: &Thread) {
    if matches!(phase(t.vm()), PHASE_START | PHASE_LIVE) {
        of_thread(t, Event::THREAD_START);
    }
}

pub(crate) fn thread_ending(t: &Thread) {
    if matches!(phase(t.vm()), PHASE_START | PHASE_LIVE) {
        of_thread(t, Event::THREAD_END);
    }
    super::forget_thread(t);
}

pub(crate) fn class_loaded(t: &Thread, class: ClassRef) {
    of_class(t, Event::CLASS_LOAD, class);
}

pub(crate) fn class_prepared(t: &Thread, class: ClassRef) {
    of_class(t, Event::CLASS_PREPARE, class);
}

pub(crate) fn data_dump(t: &Thread) {
    if phase(t.vm()) != PHASE_LIVE {
        return;
    }
    for env in environments(t.vm()) {
        call(t, env, Event::DATA_DUMP_REQUEST, |f, env, _, t| {
            let _native = NativeScope::enter(t);
            // SAFETY: as above.
            unsafe { std::mem::transmute::<usize, Bare>(f)(env) };
        });
    }
}

/// Lets one environment look at a class file; what it makes of it, if anything.
fn offer(t: &Thread, env: &'static Env, event: &ClassFileEvent<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut changed = None;
    call(t, env, Event::CLASS_FILE_LOAD_HOOK, |f, env, jni, t| {
        let redefined = event.redefined.map_or(jobject::NULL, |c| local(t, c.mirror()));
        let loader = local(t, event.loader.object());
        let domain = local(t, event.protection_domain);
        let name = event.name.and_then(|n| CString::new(n.bytes()).ok());
        let name = name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr());
        let (mut length, mut new): (jint, *mut u8) = (0, std::ptr::null_mut());
        {
            let _native = NativeScope::enter(t);
            // SAFETY: as above.
            unsafe {
                std::mem::transmute::<usize, ClassFile>(f)(
                    env,
                    jni,
                    redefined,
                    loader,
                    name,
                    domain,
                    bytes.len() as jint,
                    bytes.as_ptr(),
                    &mut length,
                    &mut new,
                );
            }
        }
        if !new.is_null() {
            // SAFETY: the agent has allocated `length` bytes through this interface, to be freed here.
            unsafe {
                changed = Some(std::slice::from_raw_parts(new, length.max(0) as usize).to_vec());
                libc::free(new.cast());
            }
        }
    });
    changed
}

/// Offers a class file to all agents, those that can transform it again last.
pub(crate) fn class_file(t: &Thread, event: &ClassFileEvent<'_>) -> Option<ChangedClassFile> {
    let now = phase(t.vm());
    let early = !matches!(now, PHASE_START | PHASE_LIVE);
    let envs: Vec<_> = environments(t.vm())
        .into_iter()
        .filter(|e| !early || e.capabilities().has(Capabilities::GENERATE_EARLY_CLASS_HOOK_EVENTS))
        .collect();
    let mut bytes: Option<Vec<u8>> = None;
    if !event.again {
        for env in envs.iter().filter(|e| !e.retransforms()) {
            let now = bytes.as_deref().unwrap_or(event.bytes);
            bytes = offer(t, env, event, now).or(bytes);
        }
    }
    let first = bytes.clone();
    let mut again = false;
    for env in envs.iter().filter(|e| e.retransforms()) {
        let now = bytes.as_deref().unwrap_or(event.bytes);
        if let Some(new) = offer(t, env, event, now) {
            bytes = Some(new);
            again = true;
        }
    }
    let original = again.then(|| first.unwrap_or_else(|| event.bytes.to_vec()));
    bytes.map(|bytes| ChangedClassFile { bytes, original })
}
