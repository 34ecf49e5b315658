//! Monitors (JLS §17.1, §17.2): entering, leaving, waiting, notifying, and identity hashes.
//!
//! A free, unhashed object is locked thin, by one compare-and-swap on its lock word. Contention, `wait`, deep
//! recursion and hashing of a locked object inflate the lock to a record of the monitor table; a safepoint
//! deflates idle ones. A thread that reads an index from a lock word may use the record until its next poll, or
//! as long as it owns the monitor or is counted in it.
//!
//! Handoff is competitive: leaving frees the monitor and wakes the first in line, and a running thread may be
//! faster.

use crate::platform::Deadline;
use crate::runtime::exceptions::{self, JResult, Thrown};
use crate::runtime::identity;
use crate::runtime::lock_word::MAX_RECURSION;
pub use crate::runtime::lock_word::{LockState, LockWord};
pub use crate::runtime::monitor_table::{FIRST_BUCKET, MonitorTable, ObjectMonitor};
use crate::runtime::monitor_table::{Place, Waiter};
pub use crate::runtime::parker::Parker;
use crate::runtime::safepoint::BlockedScope;
use crate::runtime::thread::{POLL_ASYNC_EXCEPTION, POLL_END, POLL_SUSPEND, Thread};
use crate::runtime::thread_list::{self, ThreadStatus};
use caturra_heap::ObjRef;
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::Duration;

/// Looks at a held monitor before the thread sleeps.
const SPINS: u32 = 200;

fn word_of(object: ObjRef) -> &'static AtomicU32 {
    debug_assert!(!object.is_null());
    // SAFETY: the caller holds `object`, so it is live; the reference is not kept beyond that.
    unsafe { object.lock_word() }
}

/// Enters by one compare-and-swap, or says that the slow path is needed. For the interpreter's inner loop.
#[inline(always)]
pub fn enter_fast(t: &Thread, object: ObjRef) -> bool {
    let word = word_of(object);
    let w = LockWord(word.load(Ordering::Relaxed));
    let new = if w.is_free() {
        LockWord::thin(t.id)
    } else if w.is_thin_of(t.id) && w.recursions() < MAX_RECURSION {
        w.entered()
    } else {
        return false;
    };
    word.compare_exchange(w.0, new.0, Ordering::Acquire, Ordering::Relaxed).is_ok()
}

/// Leaves a thin lock, or says that the slow path is needed.
#[inline(always)]
pub fn exit_fast(t: &Thread, object: ObjRef) -> bool {
    let word = word_of(object);
    let w = LockWord(word.load(Ordering::Relaxed));
    if !w.is_thin_of(t.id) {
        return false;
    }
    let new = if w.recursions() > 0 { w.left() } else { LockWord::neutral(0) };
    word.compare_exchange(w.0, new.0, Ordering::Release, Ordering::Relaxed).is_ok()
}

/// Enters the monitor of a non-null object (`monitorenter`). May block; a safepoint may happen.
#[inline]
pub fn enter(t: &Thread, object: ObjRef) {
    if !enter_fast(t, object) {
        enter_slow(t, object);
    }
}

/// Leaves the monitor of a non-null object (`monitorexit`).
///
/// # Errors
/// `IllegalMonitorStateException` when the thread does not own it.
#[inline]
pub fn exit(t: &Thread, object: ObjRef) -> JResult<()> {
    if exit_fast(t, object) { Ok(()) } else { exit_slow(t, object) }
}

#[cold]
fn not_owner(t: &Thread) -> Thrown {
    exceptions::throw(t, "java/lang/IllegalMonitorStateException", "current thread is not owner")
}

#[cold]
fn enter_slow(t: &Thread, object: ObjRef) {
    let word = word_of(object);
    loop {
        let w = LockWord(word.load(Ordering::Acquire));
        let m = match w.decode() {
            LockState::Neutral { hash: 0 } => {
                if enter_fast(t, object) {
                    return;
                }
                continue;
            }
            LockState::Thin { owner, recursions } if owner == t.id && recursions < MAX_RECURSION => {
                if enter_fast(t, object) {
                    return;
                }
                continue;
            }
            LockState::Thin { owner, .. } if owner != t.id && spin_on_thin(word, owner) => continue,
            _ => inflate(t, object),
        };
        if m.owner() == t.id {
            m.recursions.fetch_add(1, Ordering::Relaxed);
        } else if !try_own(m, t.id) && !spin(t, m) {
            enter_contended(t, object, m);
        }
        return;
    }
}

/// Waits a little for a thin lock to change hands, so that a short critical section does not inflate it. True
/// when the word has changed.
fn spin_on_thin(word: &AtomicU32, owner: u32) -> bool {
    for _ in 0..SPINS / 4 {
        std::hint::spin_loop();
        if !LockWord(word.load(Ordering::Relaxed)).is_thin_of(owner) {
            return true;
        }
    }
    false
}

#[inline]
fn try_own(m: &ObjectMonitor, id: u32) -> bool {
    m.owner.load(Ordering::Relaxed) == 0
        && m.owner.compare_exchange(0, id, Ordering::SeqCst, Ordering::Relaxed).is_ok()
}

/// Tries for a short while; gives up early when others wait already or the thread is asked to stop.
fn spin(t: &Thread, m: &ObjectMonitor) -> bool {
    for _ in 0..SPINS {
        if try_own(m, t.id) {
            return true;
        }
        if m.entrants.load(Ordering::Relaxed) > 1 || t.poll.load(Ordering::Relaxed) != 0 {
            return false;
        }
        std::hint::spin_loop();
    }
    false
}

/// The inflated monitor of `object`.
fn inflate(t: &Thread, object: ObjRef) -> &ObjectMonitor {
    let table = &t.vm().monitors;
    let word = word_of(object);
    loop {
        let w = LockWord(word.load(Ordering::Acquire));
        let (owner, recursions, hash) = match w.decode() {
            LockState::Inflated { index } => return table.get(index),
            LockState::Neutral { hash } => (0, 0, hash),
            LockState::Thin { owner, recursions } => (owner, recursions, 0),
        };
        let (index, m) = table.allocate(object);
        m.owner.store(owner, Ordering::Relaxed);
        m.recursions.store(recursions, Ordering::Relaxed);
        m.hash.store(hash, Ordering::Relaxed);
        if word
            .compare_exchange(w.0, LockWord::inflated(index).0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
        {
            return m;
        }
        table.free(index);
    }
}

#[cold]
fn exit_slow(t: &Thread, object: ObjRef) -> JResult<()> {
    loop {
        let w = LockWord(word_of(object).load(Ordering::Acquire));
        match w.decode() {
            LockState::Inflated { index } => {
                let m = t.vm().monitors.get(index);
                if m.owner() != t.id {
                    return Err(not_owner(t));
                }
                let n = m.recursions();
                if n > 0 {
                    m.recursions.store(n - 1, Ordering::Relaxed);
                } else {
                    release(m);
                }
                return Ok(());
            }
            LockState::Thin { owner, .. } if owner == t.id => {
                if exit_fast(t, object) {
                    return Ok(());
                }
            }
            _ => return Err(not_owner(t)),
        }
    }
}

/// Gives up ownership and wakes the first in line, unless one is awake already.
fn release(m: &ObjectMonitor) {
    // An exchange is a barrier, and half as dear as a store with one behind it.
    m.owner.swap(0, Ordering::SeqCst);
    if m.entrants.load(Ordering::SeqCst) != 0 && m.successor.load(Ordering::Relaxed) == 0 {
        wake_next(m);
    }
}

/// The rest of leaving, where machine code has given up the inflated monitor of `object` and has seen entrants. No safepoint
/// has been possible since.
pub fn wake_after_release(t: &Thread, object: ObjRef) {
    if let LockState::Inflated { index } = LockWord(word_of(object).load(Ordering::Acquire)).decode() {
        let m = t.vm().monitors.get(index);
        if m.successor.load(Ordering::Relaxed) == 0 {
            wake_next(m);
        }
    }
}

fn wake_next(m: &ObjectMonitor) {
    let queues = m.queues.lock();
    if m.owner.load(Ordering::Relaxed) != 0 {
        // Somebody was faster and will wake the next one when it leaves.
        return;
    }
    if let Some(w) = queues.entry.head() {
        // SAFETY: a queued waiter's thread does not leave before it is off the queue, which needs the lock.
        let (thread, parker) = unsafe { (w.thread.as_ref(), w.parker.as_ref()) };
        m.successor.store(thread.id, Ordering::SeqCst);
        parker.event.set();
    }
}

fn clear_successor(t: &Thread, m: &ObjectMonitor) {
    if m.successor.load(Ordering::Relaxed) == t.id {
        m.successor.store(0, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }
}

fn join_entry_queue(m: &ObjectMonitor, w: &Waiter) {
    let mut queues = m.queues.lock();
    queues.entry.push(w);
    m.entrants.fetch_add(1, Ordering::SeqCst);
}

fn leave_entry_queue(m: &ObjectMonitor, w: &Waiter) {
    let mut queues = m.queues.lock();
    queues.entry.remove(w);
    m.entrants.fetch_sub(1, Ordering::SeqCst);
}

#[cold]
fn enter_contended(t: &Thread, object: ObjRef, m: &ObjectMonitor) {
    let before = thread_list::set_status(t, ThreadStatus::BlockedOnMonitorEnter);
    let blocked_on = t.blocked_on.replace(object);
    t.blocked_count.fetch_add(1, Ordering::Relaxed);
    let w = Waiter::new(t);
    join_entry_queue(m, &w);
    acquire_queued(t, m, &w);
    t.blocked_on.set(blocked_on);
    thread_list::restore_status(t, before);
}

/// Waits in the entry queue until the monitor is the thread's. Waiting for a monitor is interrupted by nothing but
/// the end of the VM: its owner may have left without giving it up, and the thread leaves without it.
fn acquire_queued(t: &Thread, m: &ObjectMonitor, w: &Waiter) {
    loop {
        let blocked = BlockedScope::enter(t);
        let suspended = loop {
            clear_successor(t, m);
            if try_own(m, t.id) {
                break t.poll.load(Ordering::Relaxed) & POLL_SUSPEND != 0;
            }
            if t.is_ending() {
                break false;
            }
            t.parker.event.wait(None);
        };
        if !suspended {
            leave_entry_queue(m, w);
            clear_successor(t, m);
            return;
        }
        // A suspended thread must not come to own a monitor. Counted as waiter, so that the record stays.
        m.waiters.fetch_add(1, Ordering::SeqCst);
        leave_entry_queue(m, w);
        clear_successor(t, m);
        release(m);
        drop(blocked);
        join_entry_queue(m, w);
        m.waiters.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A thread woken in `wait` that is suspended makes room for the next in line.
fn pass_on_while_suspended(t: &Thread, m: &ObjectMonitor, w: &Waiter) {
    if t.poll.load(Ordering::Relaxed) & POLL_SUSPEND == 0 {
        return;
    }
    {
        let mut queues = m.queues.lock();
        if w.place.get() != Place::Entry {
            return;
        }
        queues.entry.remove(w);
        // Still counted, so that the record stays.
        m.waiters.fetch_add(1, Ordering::SeqCst);
        m.entrants.fetch_sub(1, Ordering::SeqCst);
    }
    clear_successor(t, m);
    if m.entrants.load(Ordering::SeqCst) != 0 {
        wake_next(m);
    }
}

/// `Object.wait`: `millis` and `nanos` both zero wait for ever.
///
/// # Errors
/// `IllegalArgumentException` for a negative or too large time, `IllegalMonitorStateException` when the thread
/// does not own the monitor, `InterruptedException` when it is or gets interrupted (and clears that status).
pub fn wait(t: &Thread, object: ObjRef, millis: i64, nanos: i32) -> JResult<()> {
    if millis < 0 {
        return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "timeout value is negative"));
    }
    if !(0..=999_999).contains(&nanos) {
        let message = "nanosecond timeout value out of range";
        return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", message));
    }
    if !holds(t, object) {
        return Err(not_owner(t));
    }
    if thread_list::is_interrupted(t, t.object.get(), true) {
        return Err(exceptions::throw_bare(t, "java/lang/InterruptedException"));
    }
    let m = inflate(t, object);
    let timed = millis != 0 || nanos != 0;
    let deadline = timed
        .then(|| Deadline::after(Duration::from_millis(millis as u64) + Duration::from_nanos(nanos as u64)));
    let status = if timed { ThreadStatus::InObjectWaitTimed } else { ThreadStatus::InObjectWait };
    let before = thread_list::set_status(t, status);
    let blocked_on = t.blocked_on.replace(object);
    t.waited_count.fetch_add(1, Ordering::Relaxed);
    let recursions = m.recursions.swap(0, Ordering::Relaxed);
    let w = Waiter::new(t);
    {
        let mut queues = m.queues.lock();
        queues.waiting.push(&w);
        m.waiters.fetch_add(1, Ordering::SeqCst);
    }
    release(m);
    wait_for_notification(t, m, &w, deadline);
    acquire_queued(t, m, &w);
    m.recursions.store(recursions, Ordering::Relaxed);
    t.blocked_on.set(blocked_on);
    thread_list::restore_status(t, before);
    t.poll();
    if t.has_pending() {
        return Err(exceptions::already_pending(t));
    }
    if !w.notified.get() && thread_list::is_interrupted(t, t.object.get(), true) {
        return Err(exceptions::throw_bare(t, "java/lang/InterruptedException"));
    }
    Ok(())
}

/// Sleeps in the wait set until a notification, an interruption or the deadline; then the waiter is in the entry
/// queue.
fn wait_for_notification(t: &Thread, m: &ObjectMonitor, w: &Waiter, deadline: Option<Deadline>) {
    loop {
        let expired;
        {
            let _blocked = BlockedScope::enter(t);
            expired = !t.parker.event.wait(deadline);
            pass_on_while_suspended(t, m, w);
        }
        let stop = expired
            || t.poll.load(Ordering::Relaxed) & (POLL_ASYNC_EXCEPTION | POLL_END) != 0
            || thread_list::is_interrupted(t, t.object.get(), false);
        let mut queues = m.queues.lock();
        match w.place.get() {
            Place::Entry => return,
            Place::None => {
                queues.entry.push(w);
                m.entrants.fetch_add(1, Ordering::SeqCst);
                m.waiters.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            Place::WaitSet if stop => {
                queues.waiting.remove(w);
                queues.entry.push(w);
                m.entrants.fetch_add(1, Ordering::SeqCst);
                m.waiters.fetch_sub(1, Ordering::SeqCst);
                drop(queues);
                thread_list::set_status(t, ThreadStatus::BlockedOnMonitorEnter);
                return;
            }
            Place::WaitSet => {}
        }
    }
}

fn notify_some(t: &Thread, object: ObjRef, limit: usize) -> JResult<()> {
    if !holds(t, object) {
        return Err(not_owner(t));
    }
    let w = LockWord(word_of(object).load(Ordering::Acquire));
    // A thin lock has no wait set.
    let LockState::Inflated { index } = w.decode() else { return Ok(()) };
    let m = t.vm().monitors.get(index);
    if m.waiters.load(Ordering::Relaxed) == 0 {
        return Ok(());
    }
    let mut guard = m.queues.lock();
    let queues = &mut *guard;
    for _ in 0..limit {
        let Some(waiter) = queues.waiting.head().map(std::ptr::from_ref) else { break };
        // SAFETY: a queued waiter lives at least until it is off the queues, which needs the lock.
        let waiter = unsafe { &*waiter };
        queues.waiting.remove(waiter);
        waiter.notified.set(true);
        queues.entry.push(waiter);
        m.entrants.fetch_add(1, Ordering::SeqCst);
        m.waiters.fetch_sub(1, Ordering::SeqCst);
        // SAFETY: as above; its thread does not run Java code while it is queued.
        thread_list::set_status(unsafe { waiter.thread.as_ref() }, ThreadStatus::BlockedOnMonitorEnter);
    }
    Ok(())
}

/// `Object.notify`: the longest waiting thread goes on when it gets the monitor.
///
/// # Errors
/// `IllegalMonitorStateException` when the thread does not own the monitor.
pub fn notify(t: &Thread, object: ObjRef) -> JResult<()> {
    notify_some(t, object, 1)
}

/// `Object.notifyAll`.
///
/// # Errors
/// As [`notify`].
pub fn notify_all(t: &Thread, object: ObjRef) -> JResult<()> {
    notify_some(t, object, usize::MAX)
}

/// Whether the thread owns the monitor of `object` (`Thread.holdsLock`).
pub fn holds(t: &Thread, object: ObjRef) -> bool {
    owner(t, object) == t.id
}

/// Id of the thread that owns the monitor of `object`, 0 when none does.
pub fn owner(t: &Thread, object: ObjRef) -> u32 {
    match LockWord(word_of(object).load(Ordering::Acquire)).decode() {
        LockState::Neutral { .. } => 0,
        LockState::Thin { owner, .. } => owner,
        LockState::Inflated { index } => t.vm().monitors.get(index).owner(),
    }
}

/// The object's identity hash code (`System.identityHashCode`), never 0; made at the first call.
pub fn identity_hash(t: &Thread, object: ObjRef) -> i32 {
    let word = word_of(object);
    loop {
        let w = LockWord(word.load(Ordering::Acquire));
        match w.decode() {
            LockState::Neutral { hash: 0 } => {
                let hash = identity::next(t, object);
                if word
                    .compare_exchange(w.0, LockWord::neutral(hash).0, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
                {
                    return hash as i32;
                }
            }
            LockState::Neutral { hash } => return hash as i32,
            _ => {
                let m = inflate(t, object);
                let hash = m.hash.load(Ordering::Acquire);
                if hash != 0 {
                    return hash as i32;
                }
                let hash = identity::next(t, object);
                return match m.hash.compare_exchange(0, hash, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => hash as i32,
                    Err(other) => other as i32,
                };
            }
        }
    }
}

/// Leaves the monitors that the thread entered through JNI; when it is detached or ends.
pub fn release_jni_monitors(t: &Thread) {
    loop {
        // SAFETY: the list belongs to this thread; the collector reads it with the thread stopped.
        let Some(object) = (unsafe { (*t.jni_monitors.get()).pop() }) else { return };
        if holds(t, object) && exit(t, object).is_err() {
            exceptions::take_pending(t);
        }
    }
}

/// `Thread.sleep`: 0 gives up the processor.
///
/// # Errors
/// `IllegalArgumentException` for a negative time; `InterruptedException` "sleep interrupted".
pub fn sleep(t: &Thread, millis: i64) -> JResult<()> {
    if millis < 0 {
        return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "timeout value is negative"));
    }
    let interrupted = |t: &Thread| thread_list::is_interrupted(t, t.object.get(), true);
    if interrupted(t) {
        return Err(exceptions::throw(t, "java/lang/InterruptedException", "sleep interrupted"));
    }
    if millis == 0 {
        let _blocked = BlockedScope::enter(t);
        std::thread::yield_now();
        return Ok(());
    }
    let deadline = Deadline::after(Duration::from_millis(millis as u64));
    let before = thread_list::set_status(t, ThreadStatus::Sleeping);
    t.waited_count.fetch_add(1, Ordering::Relaxed);
    let result = loop {
        let expired;
        {
            let _blocked = BlockedScope::enter(t);
            expired = !t.parker.event.wait(Some(deadline));
        }
        t.poll();
        if t.has_pending() {
            break Err(exceptions::already_pending(t));
        }
        if interrupted(t) {
            thread_list::restore_status(t, before);
            return Err(exceptions::throw(t, "java/lang/InterruptedException", "sleep interrupted"));
        }
        if expired || deadline.passed() {
            break Ok(());
        }
    };
    thread_list::restore_status(t, before);
    result
}
