//! A Java thread: an OS thread attached to a VM.

use crate::runtime::frames::{Frame, JavaStack};
use crate::runtime::handles::LocalHandles;
use crate::runtime::identity;
use crate::runtime::monitor::Parker;
use crate::runtime::vm::Vm;
use caturra_heap::{ObjRef, Tlab};
use parking_lot::Mutex;
use std::cell::{Cell, UnsafeCell};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Where a thread is, as safepoints see it.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThreadState {
    /// Runs Java code or the VM: touches the heap; stops only at polls.
    InJava = 0,
    /// Runs native code: never touches the heap, stops when it comes back.
    InNative = 1,
    /// Waits in the VM; as `InNative` for safepoints.
    Blocked = 2,
    /// Not yet started or ended.
    Off = 3,
}

/// Reasons for a thread to take the slow path of a poll; bits of `Thread::poll`.
pub const POLL_SAFEPOINT: u32 = 1;
pub const POLL_SUSPEND: u32 = 2;
pub const POLL_ASYNC_EXCEPTION: u32 = 4;
pub const POLL_HANDSHAKE: u32 = 8;
/// The VM ends: see [`crate::runtime::ending`]. Never taken back.
pub const POLL_END: u32 = 16;

/// A thread known to a VM. Cells belong to the thread itself; others read them only at a safepoint.
#[repr(C)]
pub struct Thread {
    // ---- reached by machine code at fixed offsets ----
    pub tlab: Tlab,
    /// Non-zero sends a poll to the slow path.
    pub poll: AtomicU32,
    /// The pending exception, null when none. Right behind `poll`: machine code looks at both by one load.
    pub pending: Cell<ObjRef>,
    pub state: AtomicU8,
    /// Youngest Java frame.
    pub frame: Cell<*mut Frame>,
    /// Lowest address the native stack may grow down to (guard zone excluded).
    pub native_limit: Cell<usize>,
    /// What a `JNIEnv*` points to: the address of this field is the thread's JNIEnv.
    pub jni_functions: AtomicPtr<u8>,
    /// The method that compiled code is about to call through a table, raw, for code that has to know.
    pub callee: Cell<u64>,
    /// Result of a slow path of compiled code that preserves all registers.
    pub slow_result: Cell<u64>,
    // ---- the rest ----
    pub vm: NonNull<Vm>,
    pub java_stack: JavaStack,
    /// The `java.lang.Thread` object; a root.
    pub object: Cell<ObjRef>,
    /// Small number, unique among live threads of the VM, never 0; the owner in a thin lock.
    pub id: u32,
    pub handles: LocalHandles,
    /// Highest address of the native stack (its base) and its size.
    pub native_base: Cell<usize>,
    pub native_size: Cell<usize>,
    /// Stack pointer at the last transition out of `InJava`; the conservative scan begins here.
    pub last_sp: Cell<usize>,
    /// Parking place of `LockSupport.park` (permit) and of the VM's own waits.
    pub parker: Arc<Parker>,
    /// Suspension requests (`Thread.suspend`), under the lock.
    pub suspend_count: Mutex<u32>,
    /// An exception thrown at this thread by another (`Thread.stop`); a root.
    pub async_exception: Mutex<ObjRef>,
    pub os_thread: Cell<libc::pthread_t>,
    pub os_tid: Cell<i32>,
    pub created: Instant,
    /// JVMTI-like state for `Thread.getState`, see `java.lang.Thread.State` bits in `jdk.internal.misc.VM`.
    pub daemon: AtomicBool,
    /// Attached by JNI rather than started by Java.
    pub attached: Cell<bool>,
    /// State of the thread's identity-hash generator.
    pub hash_state: Cell<identity::Sequence>,
    /// Object whose monitor the thread is about to enter or waits on, for dumps and `ThreadMXBean`; root.
    pub blocked_on: Cell<ObjRef>,
    /// Innermost class initialisation or loading in progress by this thread, for circularity checks.
    pub load_depth: Cell<u32>,
    /// Objects that native code has raw pointers into (JNI critical sections); scanned conservatively, so that
    /// they stay where they are.
    pub pinned: UnsafeCell<Vec<u64>>,
    /// Monitors entered through JNI.
    pub jni_monitors: UnsafeCell<Vec<ObjRef>>,
    /// Monitors entered by activations of methods with `MethodFlags::UNSTRUCTURED_LOCKS`, in the order of entry.
    pub frame_monitors: UnsafeCell<Vec<(*mut Frame, ObjRef)>>,
    /// Blocked and waited counts of `ThreadInfo`.
    pub blocked_count: AtomicU64,
    pub waited_count: AtomicU64,
    /// Set while the overflow reserve of the stacks is open.
    pub in_overflow: Cell<bool>,
    /// Engine-private per-thread data (compiler, tracing).
    pub engine_data: Cell<*mut u8>,
}

// SAFETY: atomics and locks are shared; cells are touched by the owner, or by others with it stopped.
unsafe impl Sync for Thread {}
// SAFETY: a thread structure is created by its parent and then belongs to the OS thread it runs on.
unsafe impl Send for Thread {}

/// Room on the native stack that a call from the VM must leave: for the VM's own deepest call chains and for
/// native methods, and for making the `StackOverflowError`.
pub const NATIVE_STACK_MARGIN: usize = 160 << 10;

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(null_mut()) };
}

impl Thread {
    /// Makes a thread structure in state `Off`, without a Java object, not in the VM's list. `hash_seed` begins
    /// the sequence of identity hashes that the thread gives.
    ///
    /// # Errors
    /// When its Java stack cannot be reserved.
    pub fn new(vm: &Vm, id: u32, hash_seed: u32, java_stack_bytes: usize) -> std::io::Result<Box<Thread>> {
        Ok(Box::new(Thread {
            tlab: Tlab::new(),
            poll: AtomicU32::new(0),
            state: AtomicU8::new(ThreadState::Off as u8),
            pending: Cell::new(ObjRef::NULL),
            frame: Cell::new(null_mut()),
            native_limit: Cell::new(0),
            jni_functions: AtomicPtr::new(vm.jni_functions.load(Ordering::Acquire)),
            callee: Cell::new(0),
            slow_result: Cell::new(0),
            vm: NonNull::from(vm),
            java_stack: JavaStack::new(java_stack_bytes)?,
            object: Cell::new(ObjRef::NULL),
            id,
            handles: LocalHandles::default(),
            native_base: Cell::new(0),
            native_size: Cell::new(0),
            last_sp: Cell::new(0),
            parker: Arc::new(Parker::new()),
            suspend_count: Mutex::new(0),
            async_exception: Mutex::new(ObjRef::NULL),
            os_thread: Cell::new(0),
            os_tid: Cell::new(0),
            created: Instant::now(),
            daemon: AtomicBool::new(false),
            attached: Cell::new(false),
            hash_state: Cell::new(identity::sequence(hash_seed)),
            blocked_on: Cell::new(ObjRef::NULL),
            load_depth: Cell::new(0),
            pinned: UnsafeCell::new(Vec::new()),
            jni_monitors: UnsafeCell::new(Vec::new()),
            frame_monitors: UnsafeCell::new(Vec::new()),
            blocked_count: AtomicU64::new(0),
            waited_count: AtomicU64::new(0),
            in_overflow: Cell::new(false),
            engine_data: Cell::new(null_mut()),
        }))
    }

    /// The calling OS thread's Java thread, `None` when it is not attached.
    #[inline]
    pub fn current() -> Option<&'static Thread> {
        let p = CURRENT.get();
        // SAFETY: set by `set_current` to a thread structure that lives until it is cleared.
        (!p.is_null()).then(|| unsafe { &*p })
    }

    /// Makes `thread` the calling OS thread's Java thread.
    ///
    /// # Safety
    /// `thread` must stay valid until another call with null.
    pub unsafe fn set_current(thread: *const Thread) {
        CURRENT.set(thread);
    }

    #[inline(always)]
    pub fn vm(&self) -> &'static Vm {
        // SAFETY: a VM is torn down only after all its threads are detached; what is reached from it is not
        // kept beyond that.
        unsafe { self.vm.as_ref() }
    }

    #[inline(always)]
    pub fn has_pending(&self) -> bool {
        !self.pending.get().is_null()
    }

    /// The thread's `JNIEnv*`.
    pub fn jni_env(&self) -> *mut u8 {
        (&raw const self.jni_functions).cast_mut().cast()
    }

    /// The thread of a `JNIEnv*`.
    ///
    /// # Safety
    /// `env` must come from [`Thread::jni_env`] of a live thread.
    #[inline(always)]
    pub unsafe fn from_jni_env(env: *mut u8) -> &'static Thread {
        // SAFETY: the environment is a field of the thread.
        unsafe { &*env.sub(std::mem::offset_of!(Thread, jni_functions)).cast::<Thread>() }
    }

    /// Keeps `object` alive and in place until [`Thread::unpin`]; called by the thread itself. Nests.
    pub fn pin(&self, object: ObjRef) {
        // SAFETY: the list belongs to this thread; the collector reads it with the thread stopped.
        unsafe { (*self.pinned.get()).push(u64::from(object.raw())) };
    }

    /// Ends the latest [`Thread::pin`] of `object`.
    pub fn unpin(&self, object: ObjRef) {
        // SAFETY: as above.
        let pinned = unsafe { &mut *self.pinned.get() };
        if let Some(at) = pinned.iter().rposition(|&w| w == u64::from(object.raw())) {
            pinned.swap_remove(at);
        }
    }

    /// Whether the native stack has too little room left for a call into the VM or into native code.
    #[inline]
    pub fn native_stack_low(&self) -> bool {
        crate::platform::stack_pointer() < self.native_limit.get() + NATIVE_STACK_MARGIN
    }

    pub fn state(&self) -> ThreadState {
        match self.state.load(Ordering::Acquire) {
            0 => ThreadState::InJava,
            1 => ThreadState::InNative,
            2 => ThreadState::Blocked,
            _ => ThreadState::Off,
        }
    }

    /// Whether the VM ends and this thread leaves all its frames: no handler catches any more.
    #[inline]
    pub fn is_ending(&self) -> bool {
        self.poll.load(Ordering::Relaxed) & POLL_END != 0
    }

    /// The safepoint poll: cheap when nothing is asked of the thread.
    #[inline(always)]
    pub fn poll(&self) {
        if self.poll.load(Ordering::Relaxed) != 0 {
            crate::runtime::safepoint::poll_slow(self);
        }
    }
}
