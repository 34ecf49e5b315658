//! Safepoints: stopping all threads of a VM, and the transitions between Java, native and blocked states.
//!
//! A thread in state `InJava` touches the heap and stops at polls. In any other state it does not touch the heap
//! and counts as stopped; when it comes back it looks at its poll word. The store of the state and the load of
//! the poll word need a barrier between them, on both sides: the initiator's is `membarrier`, which makes the
//! thread's own side free ([`platform::transition_fence`]).
//!
//! When a thread leaves `InJava`, its stack pointer goes to `Thread::last_sp` and its callee-saved registers to
//! its stack, above that address: from there to the base of the stack the collector scans conservatively.

use crate::platform::{self, SavedRegisters, capture_registers, keep_registers, transition_fence};
use crate::runtime::thread::{POLL_ASYNC_EXCEPTION, POLL_SAFEPOINT, POLL_SUSPEND, Thread, ThreadState};
use crate::runtime::vm::Vm;
use parking_lot::lock_api::RawRwLock as _;
use parking_lot::{Condvar, Mutex, RwLock, RwLockReadGuard};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The state of safepoint operations of a VM.
#[derive(Default)]
pub struct Safepoint {
    /// A safepoint is wanted or on. Set under the thread list's lock, cleared under `sync`.
    active: AtomicBool,
    /// OS thread (see `token`) that has set `active`, 0 when none.
    stopper: AtomicUsize,
    /// Order of locks: `operation`, `sync`, the thread list.
    sync: Mutex<()>,
    /// A thread has left `InJava` while somebody waits for it.
    stopped: Condvar,
    /// The safepoint is over, or a suspended thread may look again.
    resumed: Condvar,
    operation: Mutex<Operation>,
    operation_free: Condvar,
    /// Held by who reads the heap without being a Java thread; a safepoint begins when nobody does.
    readers: RwLock<()>,
    /// Safepoints so far, and the nanoseconds from their request to their end.
    count: AtomicU64,
    nanos: AtomicU64,
    /// Reference handlers wait here for the collector's pending list (`gc_host`).
    pub(crate) pending_lock: Mutex<()>,
    pub(crate) pending_cond: Condvar,
}

#[derive(Default)]
struct Operation {
    /// OS thread (see `token`) that runs the operation, 0 when none does.
    owner: usize,
    depth: u32,
    started: Option<Instant>,
}

thread_local! {
    static TOKEN: Cell<u8> = const { Cell::new(0) };
}

/// A number of the calling OS thread, unique among live ones, never 0.
fn token() -> usize {
    TOKEN.with(|t| std::ptr::from_ref(t) as usize)
}

/// How long an initiator sleeps at most before it looks again; notifications come earlier.
const RECHECK: Duration = Duration::from_millis(5);
/// Looks at the thread states before the initiator sleeps.
const SPINS: u32 = 40;

impl Safepoint {
    pub fn new() -> Safepoint {
        platform::prepare_heavy_barrier();
        Safepoint::default()
    }

    /// Whether a safepoint is wanted or on.
    pub fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    /// Whether the calling OS thread has stopped the world.
    pub fn is_owner(&self) -> bool {
        self.stopper.load(Ordering::Relaxed) == token()
    }

    /// Safepoints so far and the time they took together.
    pub fn totals(&self) -> (u64, Duration) {
        (self.count.load(Ordering::Relaxed), Duration::from_nanos(self.nanos.load(Ordering::Relaxed)))
    }

    /// Blocks a thread that is not in the list yet (or no more) while a safepoint is on.
    pub(crate) fn wait_until_inactive(&self) {
        let mut guard = self.sync.lock();
        while self.is_active() {
            self.resumed.wait(&mut guard);
        }
    }

    /// Wakes suspended threads so that they look at their requests again.
    pub(crate) fn recheck_suspended(&self) {
        let _guard = self.sync.lock();
        self.resumed.notify_all();
    }

    /// Waits a moment for some thread to leave `InJava`; the caller is not `InJava` itself.
    pub(crate) fn wait_for_a_stop(&self, is_stopped: &dyn Fn() -> bool) {
        let mut guard = self.sync.lock();
        while !is_stopped() {
            self.stopped.wait_for(&mut guard, RECHECK);
        }
    }

    fn announce_stop(&self) {
        let _guard = self.sync.lock();
        self.stopped.notify_all();
    }

    /// Becomes the one thread that runs an operation. A thread that waits for it counts as stopped.
    fn acquire_operation(&self, current: Option<&Thread>) -> u32 {
        let me = token();
        let mut operation = self.operation.lock();
        if operation.owner == me {
            operation.depth += 1;
            return operation.depth;
        }
        if operation.owner != 0 {
            let mut registers = SavedRegisters::default();
            let in_java = current.filter(|t| t.state.load(Ordering::Relaxed) == ThreadState::InJava as u8);
            if let Some(t) = in_java {
                t.last_sp.set(capture_registers(&mut registers));
                t.state.store(ThreadState::Blocked as u8, Ordering::Release);
                transition_fence();
                self.announce_stop();
            }
            while operation.owner != 0 {
                self.operation_free.wait(&mut operation);
            }
            operation.owner = me;
            operation.depth = 1;
            operation.started = Some(Instant::now());
            drop(operation);
            if let Some(t) = in_java {
                // No other safepoint can be on, and a suspension waits until this operation is over.
                t.state.store(ThreadState::InJava as u8, Ordering::SeqCst);
                keep_registers(&registers);
            }
            return 1;
        }
        operation.owner = me;
        operation.depth = 1;
        operation.started = Some(Instant::now());
        1
    }

    fn release_operation(&self) -> bool {
        let mut operation = self.operation.lock();
        debug_assert_eq!(operation.owner, token());
        operation.depth -= 1;
        if operation.depth > 0 {
            return false;
        }
        operation.owner = 0;
        self.operation_free.notify_one();
        true
    }

    fn depth(&self) -> u32 {
        self.operation.lock().depth
    }

    /// Stops all other threads of `vm`; see `caturra_heap::Host::stop_world`. Nests.
    pub fn stop(&self, vm: &Vm, still_needed: &dyn Fn() -> bool) -> bool {
        let current = Thread::current();
        let depth = self.acquire_operation(current);
        if !still_needed() {
            self.release_operation();
            return false;
        }
        if depth > 1 {
            return true;
        }
        let me = current.map_or(std::ptr::null(), std::ptr::from_ref);
        vm.threads.with_all(|threads| {
            self.stopper.store(token(), Ordering::Relaxed);
            self.active.store(true, Ordering::SeqCst);
            for t in threads {
                if !std::ptr::eq(*t, me) {
                    t.poll.fetch_or(POLL_SAFEPOINT, Ordering::SeqCst);
                }
            }
        });
        platform::heavy_barrier();
        let all_stopped = || {
            vm.threads.with_all(|threads| {
                threads.iter().all(|t| std::ptr::eq(*t, me) || t.state() != ThreadState::InJava)
            })
        };
        let mut spins = 0;
        while !all_stopped() {
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                self.wait_for_a_stop(&all_stopped);
                break;
            }
        }
        // SAFETY: unlocked by `resume`, which follows each stop.
        unsafe { self.readers.raw() }.lock_exclusive();
        self.count.fetch_add(1, Ordering::Relaxed);
        vm.threads.free_retired();
        true
    }

    /// Keeps safepoints from beginning, so that a thread that is no Java thread (a compiler's) may read the heap for a
    /// moment. `None` while one is on. The holder waits for nothing.
    pub fn read_heap(&self) -> Option<RwLockReadGuard<'_, ()>> {
        self.readers.try_read_recursive()
    }

    /// Lets the others go on.
    pub fn resume(&self, vm: &Vm) {
        if self.depth() == 1 {
            // SAFETY: locked by `stop`.
            unsafe { self.readers.raw().unlock_exclusive() };
            vm.threads.with_all(|threads| {
                for t in threads {
                    t.poll.fetch_and(!POLL_SAFEPOINT, Ordering::SeqCst);
                }
            });
            let started = self.operation.lock().started.take();
            if let Some(s) = started {
                self.nanos.fetch_add(s.elapsed().as_nanos() as u64, Ordering::Relaxed);
            }
            let _guard = self.sync.lock();
            self.stopper.store(0, Ordering::Relaxed);
            self.active.store(false, Ordering::Release);
            self.resumed.notify_all();
        }
        self.release_operation();
    }
}

/// Runs `f` with all other threads of the VM stopped.
pub fn stop_the_world<R>(t: &Thread, f: impl FnOnce() -> R) -> R {
    struct Resume(&'static Vm);
    impl Drop for Resume {
        fn drop(&mut self) {
            self.0.safepoint.resume(self.0);
        }
    }
    let vm = t.vm();
    vm.safepoint.stop(vm, &|| true);
    let _resume = Resume(vm);
    f()
}

/// The slow path of [`Thread::poll`]: stops while a safepoint or a suspension is on, then delivers an exception
/// that another thread threw at this one: it is pending afterwards (JVMS §2.10, asynchronous exceptions).
#[cold]
#[inline(never)]
pub fn poll_slow(t: &Thread) {
    stop_while_asked(t);
    if t.is_ending() && !t.has_pending() {
        t.pending.set(t.vm().ending.exception());
        return;
    }
    if t.poll.load(Ordering::Relaxed) & POLL_ASYNC_EXCEPTION != 0 && !t.has_pending() {
        let mut slot = t.async_exception.lock();
        t.poll.fetch_and(!POLL_ASYNC_EXCEPTION, Ordering::Relaxed);
        let exception = std::mem::replace(&mut *slot, caturra_heap::ObjRef::NULL);
        t.pending.set(exception);
    }
}

/// Blocks a thread in state `InJava` as long as a safepoint is on or it is suspended.
#[cold]
#[inline(never)]
fn stop_while_asked(t: &Thread) {
    let safepoint = &t.vm().safepoint;
    let mut registers = SavedRegisters::default();
    while t.poll.load(Ordering::Relaxed) & (POLL_SAFEPOINT | POLL_SUSPEND) != 0 {
        t.last_sp.set(capture_registers(&mut registers));
        t.state.store(ThreadState::Blocked as u8, Ordering::Release);
        transition_fence();
        {
            let mut guard = safepoint.sync.lock();
            safepoint.stopped.notify_all();
            while safepoint.is_active() || *t.suspend_count.lock() > 0 {
                safepoint.resumed.wait(&mut guard);
            }
        }
        t.state.store(ThreadState::InJava as u8, Ordering::Relaxed);
        transition_fence();
        keep_registers(&registers);
    }
}

/// Tells whoever waits for this thread that it is stopped now.
#[cold]
#[inline(never)]
fn left_java(t: &Thread) {
    t.vm().safepoint.announce_stop();
}

#[inline(always)]
fn leave_java(t: &Thread, state: ThreadState) {
    t.state.store(state as u8, Ordering::Release);
    transition_fence();
    if t.poll.load(Ordering::Relaxed) != 0 {
        left_java(t);
    }
}

#[inline(always)]
fn enter_java(t: &Thread) {
    t.state.store(ThreadState::InJava as u8, Ordering::Relaxed);
    transition_fence();
    if t.poll.load(Ordering::Acquire) & (POLL_SAFEPOINT | POLL_SUSPEND) != 0 {
        stop_while_asked(t);
    }
}

macro_rules! leaving_scope {
    ($(#[$doc:meta])* $name:ident, $state:expr) => {
        $(#[$doc])*
        #[must_use]
        pub struct $name<'t> {
            thread: &'t Thread,
            before: u8,
            /// On this stack, so that the conservative scan finds what they hold.
            registers: SavedRegisters,
        }

        impl<'t> $name<'t> {
            #[inline(always)]
            pub fn enter(t: &'t Thread) -> $name<'t> {
                let before = t.state.load(Ordering::Relaxed);
                let mut scope = $name { thread: t, before, registers: SavedRegisters::default() };
                if before == ThreadState::InJava as u8 {
                    t.last_sp.set(capture_registers(&mut scope.registers));
                    leave_java(t, $state);
                } else {
                    t.state.store($state as u8, Ordering::Release);
                }
                scope
            }
        }

        impl Drop for $name<'_> {
            #[inline(always)]
            fn drop(&mut self) {
                if self.before == ThreadState::InJava as u8 {
                    enter_java(self.thread);
                } else {
                    self.thread.state.store(self.before, Ordering::Release);
                }
                keep_registers(&self.registers);
            }
        }
    };
}

leaving_scope! {
    /// The thread runs native code: it does not touch the heap until the scope ends. Ending it may block for a
    /// safepoint. Inlined into the frame that lives as long as the scope.
    NativeScope, ThreadState::InNative
}

leaving_scope! {
    /// The thread waits in the VM; as [`NativeScope`] for safepoints.
    BlockedScope, ThreadState::Blocked
}

/// The thread touches the heap: for functions that native code calls. May block for a safepoint on entry.
#[must_use]
pub struct JavaScope<'t> {
    thread: &'t Thread,
    before: u8,
    /// Where the scan of the outer Java part begins; inner scopes overwrite it.
    last_sp: usize,
}

impl<'t> JavaScope<'t> {
    #[inline(always)]
    pub fn enter(t: &'t Thread) -> JavaScope<'t> {
        let before = t.state.load(Ordering::Relaxed);
        let last_sp = t.last_sp.get();
        if before != ThreadState::InJava as u8 {
            enter_java(t);
        }
        JavaScope { thread: t, before, last_sp }
    }
}

impl Drop for JavaScope<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let t = self.thread;
        if self.before != ThreadState::InJava as u8 {
            t.last_sp.set(self.last_sp);
            t.state.store(self.before, Ordering::Release);
            transition_fence();
            if t.poll.load(Ordering::Relaxed) != 0 {
                left_java(t);
            }
        }
    }
}

/// Runs `f` in state `InNative`.
#[inline(always)]
pub fn with_native<R>(t: &Thread, f: impl FnOnce() -> R) -> R {
    let _scope = NativeScope::enter(t);
    f()
}

/// Runs `f` in state `Blocked`.
#[inline(always)]
pub fn with_blocked<R>(t: &Thread, f: impl FnOnce() -> R) -> R {
    let _scope = BlockedScope::enter(t);
    f()
}

/// A new or attaching thread begins to touch the heap.
pub(crate) fn become_java(t: &Thread) {
    enter_java(t);
}

/// The thread goes on in native code, as if called from there; the stack below the caller holds no references.
#[inline(never)]
pub(crate) fn become_native(t: &Thread) {
    t.last_sp.set(platform::stack_pointer());
    leave_java(t, ThreadState::InNative);
}

/// A poll of the VM's own code: stops while asked, but leaves asynchronous exceptions to Java code.
pub(crate) fn stop_point(t: &Thread) {
    if t.poll.load(Ordering::Relaxed) & (POLL_SAFEPOINT | POLL_SUSPEND) != 0 {
        stop_while_asked(t);
    }
}

/// Waits until the collector has found references to enqueue (`Reference.waitForReferencePendingList`).
pub fn wait_for_pending_references(t: &Thread) {
    let vm = t.vm();
    let _blocked = BlockedScope::enter(t);
    let mut guard = vm.safepoint.pending_lock.lock();
    while !vm.heap.has_pending_references() && !vm.ending.has_begun() {
        vm.safepoint.pending_cond.wait(&mut guard);
    }
}

impl Safepoint {
    /// Wakes the threads in [`wait_for_pending_references`].
    pub(crate) fn notify_pending_references(&self) {
        let _guard = self.pending_lock.lock();
        self.pending_cond.notify_all();
    }
}

/// The thread that booted the VM leaves it: from here on it is a native thread that calls in through JNI.
pub fn end_boot(t: &Thread) {
    become_native(t);
}
