//! Stacks (JVMTI, "Stack Frame").

use super::entry::{allocate, given, live_thread, local, object, put};
use super::types::{Answer, Error, jvmtiFrameInfo, jvmtiStackInfo};
use caturra_jni::types::{jint, jlong, jmethodID, jobject};
use caturra_kernel::runtime::{exceptions, frames, safepoint, thread_list};
use caturra_kernel::{ObjRef, Thread};

fn frame_infos(x: &Thread) -> Vec<jvmtiFrameInfo> {
    let info = |a: frames::Activation<'_>| jvmtiFrameInfo {
        method: jmethodID::of(a.method),
        location: if a.method.is_native() { -1 } else { jlong::from(a.bci) },
    };
    frames::walk(x).map(info).collect()
}

/// All frames of a thread, youngest first.
fn frames_of(t: &Thread, thread: ObjRef) -> Answer<Vec<jvmtiFrameInfo>> {
    thread_list::with_stopped(t, thread, frame_infos).ok_or(Error::THREAD_NOT_ALIVE)
}

/// The stacks of several threads in one block of memory, as `jvmtiStackInfo`s followed by their frames.
fn stacks(t: &Thread, threads: &[ObjRef], max_frames: jint, out: *mut *mut jvmtiStackInfo) -> Answer {
    given(out)?;
    let max = usize::try_from(max_frames).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
    let all: Vec<Vec<jvmtiFrameInfo>> = safepoint::stop_the_world(t, || {
        threads
            .iter()
            .map(|x| {
                let mut frames = thread_list::thread_of(t, *x).map_or_else(Vec::new, frame_infos);
                frames.truncate(max);
                frames
            })
            .collect()
    });
    let frames: usize = all.iter().map(Vec::len).sum();
    let head = threads.len() * size_of::<jvmtiStackInfo>();
    let block = allocate(head + frames * size_of::<jvmtiFrameInfo>())?;
    let infos = block.cast::<jvmtiStackInfo>();
    // SAFETY: the block has room for all infos and frames; both are made of words.
    unsafe {
        let mut next = block.add(head).cast::<jvmtiFrameInfo>();
        for (i, (thread, frames)) in threads.iter().zip(&all).enumerate() {
            infos.add(i).write(jvmtiStackInfo {
                thread: local(t, *thread),
                state: super::threads::state(t, *thread),
                frame_buffer: next,
                frame_count: frames.len() as jint,
            });
            next.copy_from_nonoverlapping(frames.as_ptr(), frames.len());
            next = next.add(frames.len());
        }
    }
    put(out, infos)
}

jvmti_functions! {
    /// `GetFrameCount`.
    live fn GetFrameCount((_, t), thread: jobject, count: *mut jint) {
        given(count)?;
        put(count, frames_of(t, live_thread(t, thread)?)?.len() as jint)
    }

    /// `GetFrameLocation`.
    live fn GetFrameLocation(
        (_, t), thread: jobject, depth: jint, method: *mut jmethodID, location: *mut jlong,
    ) {
        let depth = usize::try_from(depth).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        let frames = frames_of(t, live_thread(t, thread)?)?;
        let frame = frames.get(depth).ok_or(Error::NO_MORE_FRAMES)?;
        put(method, frame.method)?;
        put(location, frame.location)
    }

    /// `GetStackTrace`: a negative start counts from the oldest frame.
    live fn GetStackTrace(
        (_, t), thread: jobject, start: jint, max: jint, buffer: *mut jvmtiFrameInfo, count: *mut jint,
    ) {
        given(buffer)?;
        given(count)?;
        let max = usize::try_from(max).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        let frames = frames_of(t, live_thread(t, thread)?)?;
        let first = if start < 0 { frames.len() as i64 + i64::from(start) } else { i64::from(start) };
        let first = usize::try_from(first).ok().filter(|f| *f < frames.len() || frames.is_empty() && *f == 0);
        let part = &frames[first.ok_or(Error::ILLEGAL_ARGUMENT)?..];
        let part = &part[..part.len().min(max)];
        // SAFETY: the agent's buffer has room for `max` frames.
        unsafe { buffer.copy_from_nonoverlapping(part.as_ptr(), part.len()) };
        put(count, part.len() as jint)
    }

    /// `GetAllStackTraces`.
    live fn GetAllStackTraces(
        (_, t), max: jint, infos: *mut *mut jvmtiStackInfo, count: *mut jint,
    ) {
        given(count)?;
        let array = thread_list::all_threads(t).map_err(|_| {
            exceptions::take_pending(t);
            Error::OUT_OF_MEMORY
        })?;
        let mut threads = Vec::new();
        // SAFETY: a live array of threads; the objects stay alive by the array, which is on this stack.
        unsafe {
            for i in 0..array.array_length() as usize {
                let x = array.load_ref(caturra_heap::layout::ARRAY_BASE + 4 * i);
                if !x.is_null() {
                    local(t, x);
                    threads.push(x);
                }
            }
        }
        stacks(t, &threads, max, infos)?;
        put(count, threads.len() as jint)
    }

    /// `GetThreadListStackTraces`.
    live fn GetThreadListStackTraces(
        (_, t), count: jint, list: *const jobject, max: jint, infos: *mut *mut jvmtiStackInfo,
    ) {
        given(list)?;
        let count = usize::try_from(count).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        let mut threads = Vec::with_capacity(count);
        for i in 0..count {
            // SAFETY: the agent passes an array of `count` handles.
            let handle = unsafe { *list.add(i) };
            object(handle).map_err(|_| Error::INVALID_THREAD)?;
            threads.push(super::entry::thread_object(t, handle)?);
        }
        stacks(t, &threads, max, infos)
    }
}
