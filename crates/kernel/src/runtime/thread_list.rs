//! The threads of a VM: starting, attaching, ending, finding, interrupting, suspending.
//!
//! `java.lang.Thread.eetop` holds the address of the [`Thread`] while the thread is alive. An ended thread's
//! structure is freed at a safepoint only, so a `&Thread` found in state `InJava` is valid until the next poll or
//! transition.

use crate::oops::class::ClassRef;
use crate::platform::{self, linux};
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::log_config::Level;
use crate::runtime::safepoint::{self, BlockedScope, JavaScope, with_native};
use crate::runtime::thread::{POLL_ASYNC_EXCEPTION, POLL_END, POLL_SUSPEND, Thread, ThreadState};
use crate::runtime::vm::{Phase, Vm};
use crate::runtime::{alloc, calls, handles, identity, lock_word, log, monitor, strings, tools};
use caturra_heap::ObjRef;
use parking_lot::{Condvar, Mutex};
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// `Thread.threadStatus`: combinations of JVMTI's thread-state bits (JVMTI, `GetThreadState`).
#[repr(i32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThreadStatus {
    New = 0,
    Terminated = 0x2,
    Runnable = 0x5,
    Sleeping = 0xe1,
    InObjectWait = 0x191,
    InObjectWaitTimed = 0x1a1,
    Parked = 0x291,
    ParkedTimed = 0x2a1,
    BlockedOnMonitorEnter = 0x401,
}

/// Smallest native stack: Rust frames of the VM are larger than what Java programs reckon with.
const MIN_NATIVE_STACK: usize = 512 << 10;
/// Ended threads whose structures wait for a safepoint; one more starts a safepoint.
const MAX_RETIRED: usize = 64;
const NORM_PRIORITY: i32 = 5;

/// All threads of a VM.
pub struct ThreadList {
    state: Mutex<State>,
    /// The number of non-daemon threads has changed.
    changed: Condvar,
    /// Global handles of the system and the main thread group.
    system_group: AtomicPtr<u8>,
    main_group: AtomicPtr<u8>,
    started: AtomicU64,
    peak: AtomicUsize,
}

#[derive(Default)]
struct State {
    threads: Vec<&'static Thread>,
    // Boxed: others may still hold a pointer.
    #[allow(clippy::vec_box)]
    retired: Vec<Box<Thread>>,
    non_daemon: usize,
    next_id: u32,
    free_ids: Vec<u32>,
    /// Seed of the newest thread's identity hashes.
    hash_seed: u32,
}

impl Default for ThreadList {
    fn default() -> Self {
        Self::new()
    }
}

impl ThreadList {
    pub fn new() -> ThreadList {
        ThreadList {
            state: Mutex::new(State { next_id: 1, hash_seed: identity::FIRST_SEED, ..State::default() }),
            changed: Condvar::new(),
            system_group: AtomicPtr::default(),
            main_group: AtomicPtr::default(),
            started: AtomicU64::new(0),
            peak: AtomicUsize::new(0),
        }
    }

    /// Runs `f` with the list locked; `f` must not allocate in the heap, poll, or take the list again.
    pub fn with_all<R>(&self, f: impl FnOnce(&[&'static Thread]) -> R) -> R {
        f(&self.state.lock().threads)
    }

    /// As [`ThreadList::with_all`], unless the list is locked.
    pub fn try_with_all<R>(&self, f: impl FnOnce(&[&'static Thread]) -> R) -> Option<R> {
        self.state.try_lock().map(|s| f(&s.threads))
    }

    /// Threads alive, daemons among them, most at one time, and started in all.
    pub fn counts(&self) -> ThreadCounts {
        let s = self.state.lock();
        ThreadCounts {
            live: s.threads.len(),
            daemon: s.threads.len() - s.non_daemon,
            peak: self.peak.load(Ordering::Relaxed),
            started: self.started.load(Ordering::Relaxed),
        }
    }

    /// Begins a new peak count (`ThreadMXBean.resetPeakThreadCount`).
    pub fn reset_peak(&self) {
        self.peak.store(self.state.lock().threads.len(), Ordering::Relaxed);
    }

    /// The group of new attached threads.
    pub fn main_group(&self) -> ObjRef {
        // SAFETY: null or a global handle of this VM.
        unsafe { handles::resolve(self.main_group.load(Ordering::Acquire)) }
    }
    pub fn system_group(&self) -> ObjRef {
        // SAFETY: as above.
        unsafe { handles::resolve(self.system_group.load(Ordering::Acquire)) }
    }

    fn new_thread(&self, vm: &Vm, stack: usize) -> std::io::Result<Box<Thread>> {
        let (id, hash_seed) = {
            let mut s = self.state.lock();
            let id = match s.free_ids.pop() {
                Some(id) => id,
                None if s.next_id < lock_word::MAX_OWNER => {
                    s.next_id += 1;
                    s.next_id - 1
                }
                None => return Err(std::io::ErrorKind::OutOfMemory.into()),
            };
            s.hash_seed = identity::next_seed(s.hash_seed);
            (id, s.hash_seed)
        };
        Thread::new(vm, id, hash_seed, stack).inspect_err(|_| self.state.lock().free_ids.push(id))
    }

    /// Adds a thread in state `Off`. `parent` is the caller when it is a thread of this VM, in state `InJava`.
    fn add(&self, vm: &Vm, thread: Box<Thread>, parent: Option<&Thread>) -> &'static Thread {
        let thread: &'static Thread = Box::leak(thread);
        loop {
            {
                let mut s = self.state.lock();
                if !vm.safepoint.is_active() || vm.safepoint.is_owner() {
                    if vm.ending.has_begun() {
                        thread.poll.fetch_or(POLL_END, Ordering::SeqCst);
                    }
                    s.threads.push(thread);
                    s.non_daemon += usize::from(!thread.daemon.load(Ordering::Relaxed));
                    self.peak.fetch_max(s.threads.len(), Ordering::Relaxed);
                    self.started.fetch_add(1, Ordering::Relaxed);
                    return thread;
                }
            }
            match parent {
                Some(p) => safepoint::stop_point(p),
                None => vm.safepoint.wait_until_inactive(),
            }
        }
    }

    /// Takes the calling thread, in state `InJava`, off the list; it must not touch the heap any more.
    fn remove_current(&self, vm: &Vm, t: &Thread) {
        loop {
            {
                let mut s = self.state.lock();
                if !vm.safepoint.is_active() || vm.safepoint.is_owner() {
                    let at = s.threads.iter().position(|&x| std::ptr::eq(x, t)).expect("a thread of this VM");
                    let thread = std::ptr::from_ref(s.threads.remove(at)).cast_mut();
                    t.state.store(ThreadState::Off as u8, Ordering::Release);
                    s.non_daemon -= usize::from(!t.daemon.load(Ordering::Relaxed));
                    s.free_ids.push(t.id);
                    // SAFETY: leaked by `add`; nobody but the caller and short-lived users refers to it.
                    s.retired.push(unsafe { Box::from_raw(thread) });
                    self.changed.notify_all();
                    return;
                }
            }
            safepoint::stop_point(t);
        }
    }

    /// Frees the structures of ended threads. World stopped, so that nobody uses one.
    pub(crate) fn free_retired(&self) {
        let retired = std::mem::take(&mut self.state.lock().retired);
        drop(retired);
    }

    fn many_retired(&self) -> bool {
        self.state.lock().retired.len() > MAX_RETIRED
    }

    /// Waits until a thread has left the list, or the time is up.
    pub(crate) fn wait_for_change(&self, time: Duration) {
        self.changed.wait_for(&mut self.state.lock(), time);
    }

    /// Waits until no thread but the caller and daemons is left (`DestroyJavaVM`).
    pub fn wait_for_non_daemons(&self, t: &Thread) {
        let own = usize::from(!t.daemon.load(Ordering::Relaxed));
        let _blocked = BlockedScope::enter(t);
        let mut s = self.state.lock();
        while s.non_daemon > own {
            self.changed.wait(&mut s);
        }
    }
}

/// See [`ThreadList::counts`].
#[derive(Clone, Copy, Debug)]
pub struct ThreadCounts {
    pub live: usize,
    pub daemon: usize,
    pub peak: usize,
    pub started: u64,
}

// ---- java.lang.Thread's fields ----

/// Sets `threadStatus` of the thread's object and returns what it was. Caller in state `InJava`.
pub fn set_status(t: &Thread, status: ThreadStatus) -> i32 {
    let before = raw_status(t, t.object.get());
    store_status(t, t.object.get(), status as i32);
    before
}

/// Puts back what [`set_status`] returned.
pub fn restore_status(t: &Thread, status: i32) {
    store_status(t, t.object.get(), status);
}

fn store_status(t: &Thread, object: ObjRef, status: i32) {
    let offset = t.vm().off.thread_status();
    if offset != 0 && !object.is_null() {
        // SAFETY: a live java.lang.Thread.
        unsafe { object.store(offset as usize, status) };
    }
}

/// `threadStatus` of a java.lang.Thread object.
pub fn raw_status(t: &Thread, object: ObjRef) -> i32 {
    let offset = t.vm().off.thread_status();
    if offset == 0 || object.is_null() {
        return 0;
    }
    // SAFETY: a live java.lang.Thread.
    unsafe { object.load(offset as usize) }
}

fn eetop(vm: &Vm, object: ObjRef) -> i64 {
    // SAFETY: a live java.lang.Thread.
    unsafe { object.load(vm.off.thread_eetop() as usize) }
}

fn set_eetop(vm: &Vm, object: ObjRef, value: i64) {
    // SAFETY: as above.
    unsafe { object.store(vm.off.thread_eetop() as usize, value) };
}

fn is_daemon(vm: &Vm, object: ObjRef) -> bool {
    let offset = vm.off.thread_daemon();
    // SAFETY: as above.
    offset != 0 && unsafe { object.load::<u8>(offset as usize) } != 0
}

/// `Thread.getName`, "" before the object has one.
pub fn name_of(vm: &Vm, object: ObjRef) -> String {
    if object.is_null() {
        return String::new();
    }
    // SAFETY: as above.
    let name = unsafe { object.load_ref(vm.off.thread_name() as usize) };
    if name.is_null() { String::new() } else { strings::to_rust(name) }
}

/// The running thread of a java.lang.Thread object; `None` before its start and after its end. Valid until the
/// next poll or transition of the caller, who is in state `InJava`.
pub fn thread_of(t: &Thread, object: ObjRef) -> Option<&Thread> {
    let address = eetop(t.vm(), object) as usize as *const Thread;
    // SAFETY: `eetop` is cleared before the structure is retired, and retired ones are freed at safepoints only.
    unsafe { address.as_ref() }
}

/// Whether the thread of the object has been started and has not ended (`Thread.isAlive`).
pub fn is_alive(t: &Thread, object: ObjRef) -> bool {
    eetop(t.vm(), object) != 0
}

/// The interrupt status of a thread object; `clear` resets it.
pub fn is_interrupted(t: &Thread, object: ObjRef, clear: bool) -> bool {
    if object.is_null() {
        return false;
    }
    // SAFETY: a live java.lang.Thread with a boolean field.
    let flag = unsafe { object.atomic_u8(t.vm().off.thread_interrupted() as usize) };
    let interrupted = flag.load(Ordering::SeqCst) != 0;
    if interrupted && clear {
        flag.store(0, Ordering::SeqCst);
    }
    interrupted
}

/// `Thread.interrupt0`: sets the interrupt status and wakes the thread from park, wait and sleep.
pub fn interrupt(t: &Thread, object: ObjRef) {
    // SAFETY: a live java.lang.Thread with a boolean field.
    unsafe { object.atomic_u8(t.vm().off.thread_interrupted() as usize).store(1, Ordering::SeqCst) };
    if let Some(target) = thread_of(t, object) {
        target.parker.wake_all();
    }
}

/// `Unsafe.unpark`. A thread that does not run (yet) is left alone.
pub fn unpark(t: &Thread, object: ObjRef) {
    if let Some(target) = thread_of(t, object) {
        target.parker.unpark();
    }
}

/// `Thread.suspend0`: returns when the target is stopped. Suspensions do not nest in Java (a second one has no
/// further effect).
pub fn suspend(t: &Thread, object: ObjRef) {
    let Some(target) = thread_of(t, object) else { return };
    {
        let mut count = target.suspend_count.lock();
        if *count > 0 {
            return;
        }
        *count = 1;
        target.poll.fetch_or(POLL_SUSPEND, Ordering::SeqCst);
    }
    if std::ptr::eq(target, t) {
        safepoint::stop_point(t);
        return;
    }
    platform::heavy_barrier();
    let target = std::ptr::from_ref(target);
    let vm = t.vm();
    let _blocked = BlockedScope::enter(t);
    vm.safepoint.wait_for_a_stop(&|| {
        vm.threads.with_all(|all| {
            all.iter().find(|x| std::ptr::eq(**x, target)).is_none_or(|x| x.state() != ThreadState::InJava)
        })
    });
}

/// `Thread.resume0`.
pub fn resume(t: &Thread, object: ObjRef) {
    let Some(target) = thread_of(t, object) else { return };
    {
        let mut count = target.suspend_count.lock();
        *count = 0;
        target.poll.fetch_and(!POLL_SUSPEND, Ordering::SeqCst);
    }
    t.vm().safepoint.recheck_suspended();
}

/// `Thread.stop0`: `throwable` becomes pending in the target at its next poll in Java code. The caller itself
/// gets it at once.
///
/// # Errors
/// The exception, when the target is the caller.
pub fn stop(t: &Thread, object: ObjRef, throwable: ObjRef) -> JResult<()> {
    let Some(target) = thread_of(t, object) else { return Ok(()) };
    if std::ptr::eq(target, t) {
        return Err(exceptions::throw_object(t, throwable));
    }
    *target.async_exception.lock() = throwable;
    target.poll.fetch_or(POLL_ASYNC_EXCEPTION, Ordering::SeqCst);
    interrupt(t, object);
    Ok(())
}

/// `Thread.setNativeName`.
pub fn set_native_name(t: &Thread, object: ObjRef, name: &str) {
    if let Some(target) = thread_of(t, object) {
        let os_thread = target.os_thread.get();
        if os_thread != 0 && !target.attached.get() {
            platform::set_thread_name(os_thread, name);
        }
    }
}

/// All live threads as a `Thread[]` (`Thread.getThreads`).
///
/// # Errors
/// When the array cannot be allocated.
pub fn all_threads(t: &Thread) -> JResult<ObjRef> {
    let vm = t.vm();
    let is_shown = |x: &&&'static Thread| !x.object.get().is_null() && eetop(vm, x.object.get()) != 0;
    loop {
        let count = vm.threads.with_all(|all| all.iter().filter(is_shown).count());
        let array = alloc::ref_array(t, vm.wk.thread(), count as i32)?;
        let same = vm.threads.with_all(|all| {
            let mut n = 0;
            for x in all.iter().filter(is_shown) {
                if n < count {
                    // SAFETY: element `n` of an array of references.
                    unsafe { vm.put_ref(array, caturra_heap::layout::array_base(2) + n * 4, x.object.get()) };
                }
                n += 1;
            }
            n == count
        });
        if same {
            return Ok(array);
        }
    }
}

/// Runs `f` on a live thread that is stopped (or is the caller): its frames may be walked. `None` when the
/// thread does not run. `f` must not allocate in the heap.
pub fn with_stopped<R>(t: &Thread, object: ObjRef, f: impl FnOnce(&Thread) -> R) -> Option<R> {
    if std::ptr::eq(thread_of(t, object)?, t) {
        return Some(f(t));
    }
    safepoint::stop_the_world(t, || thread_of(t, object).map(f))
}

// ---- beginning ----

/// Makes the calling OS thread a thread of `vm`, in state `InJava`, without a java.lang.Thread object. For the boot
/// sequence; others use [`attach`].
///
/// # Errors
/// When the system has no memory for it.
pub fn register_current(vm: &'static Vm, daemon: bool) -> std::io::Result<&'static Thread> {
    let thread = vm.threads.new_thread(vm, vm.options.thread_stack_size)?;
    thread.daemon.store(daemon, Ordering::Relaxed);
    thread.attached.set(true);
    let t = vm.threads.add(vm, thread, None);
    enter_os_thread(t);
    Ok(t)
}

/// Fills in what the OS thread knows of itself and goes to state `InJava`.
fn enter_os_thread(t: &'static Thread) {
    let bounds = platform::current_stack();
    t.native_base.set(bounds.base);
    t.native_size.set(bounds.base - bounds.low);
    t.native_limit.set(bounds.low);
    // SAFETY: plain system calls.
    t.os_thread.set(unsafe { libc::pthread_self() });
    t.os_tid.set(linux::current_tid());
    platform::crash::use_alternate_stack();
    // SAFETY: the structure lives until `leave_os_thread` has cleared this.
    unsafe { Thread::set_current(t) };
    safepoint::become_java(t);
    if t.vm().options.log_threads {
        log::thread_alive(t);
    }
}

pub(crate) fn leave_os_thread(vm: &Vm, t: &Thread) {
    if vm.options.log_threads {
        log::thread_event(t, "finished");
    }
    vm.heap.retire_tlab(&t.tlab);
    vm.threads.remove_current(vm, t);
    // SAFETY: clears what `enter_os_thread` set.
    unsafe { Thread::set_current(std::ptr::null()) };
    platform::crash::drop_alternate_stack();
}

/// What [`attach`] is asked for.
pub struct AttachRequest {
    pub name: Option<String>,
    /// Handle of a `ThreadGroup`, null for the main group.
    pub group: *mut u8,
    pub daemon: bool,
}

/// Attaches the calling OS thread (JNI `AttachCurrentThread`); it is in state `InNative` afterwards. `None` when it
/// cannot be done.
pub fn attach(vm: &'static Vm, request: AttachRequest) -> Option<&'static Thread> {
    if Thread::current().is_some() || vm.phase() >= Phase::Dead {
        return None;
    }
    let t = register_current(vm, request.daemon).ok()?;
    // SAFETY: null or a handle given by native code.
    let group = unsafe { handles::resolve(request.group) };
    let group = if group.is_null() { vm.threads.main_group() } else { group };
    if create_own_object(t, request.name.as_deref(), group, request.daemon, true).is_err() {
        exceptions::take_pending(t);
        let object = t.object.get();
        if !object.is_null() {
            set_eetop(vm, object, 0);
        }
        leave_os_thread(vm, t);
        return None;
    }
    tools::thread_started(t);
    safepoint::become_native(t);
    Some(t)
}

/// Detaches the calling thread (JNI `DetachCurrentThread`); it is in state `InNative` and has no Java frames.
pub fn detach(t: &'static Thread) {
    std::mem::forget(JavaScope::enter(t));
    end(t);
}

/// Makes the java.lang.Thread object of the calling thread. The constructor asks for the current thread, so the
/// object is known before it is initialised.
fn create_own_object(t: &Thread, name: Option<&str>, group: ObjRef, daemon: bool, add: bool) -> JResult<()> {
    let vm = t.vm();
    let class = vm.wk.thread();
    crate::linking::init::initialize(t, class)?;
    let object = alloc::instance(t, class)?;
    t.object.set(object);
    set_eetop(vm, object, std::ptr::from_ref(t) as i64);
    set_priority_field(vm, object, NORM_PRIORITY);
    let object_slot = u64::from(object.raw());
    let group_slot = u64::from(group.raw());
    let (signature, argument) = match name {
        Some(n) => ("(Ljava/lang/ThreadGroup;Ljava/lang/String;)V", strings::new_string(t, n)?),
        None => ("(Ljava/lang/ThreadGroup;Ljava/lang/Runnable;)V", ObjRef::NULL),
    };
    call_constructor(t, class, signature, &[object_slot, group_slot, u64::from(argument.raw())])?;
    if daemon {
        set_daemon_field(vm, object);
    }
    if add {
        add_to_group(t, group, object)?;
    }
    store_status(t, object, ThreadStatus::Runnable as i32);
    Ok(())
}

fn call_constructor(t: &Thread, class: ClassRef, signature: &str, args: &[u64]) -> JResult<()> {
    let constructor = t
        .vm()
        .symbols
        .lookup(signature.as_bytes())
        .and_then(|s| class.declared_method(t.vm().sym.object_initializer, s));
    match constructor {
        Some(m) => calls::invoke(t, m, args).map(|_| ()),
        None => {
            let message = format!("{}.<init>{signature}", class.external_name());
            Err(exceptions::throw(t, "java/lang/NoSuchMethodError", &message))
        }
    }
}

/// `ThreadGroup.add(Thread)`, where the release has it.
fn add_to_group(t: &Thread, group: ObjRef, object: ObjRef) -> JResult<()> {
    // SAFETY: a live ThreadGroup.
    let class = unsafe { ClassRef::of(group) };
    match calls::find_method(t, class, "add", "(Ljava/lang/Thread;)V") {
        Some(add) => {
            calls::invoke_virtual(t, add, &[u64::from(group.raw()), u64::from(object.raw())]).map(|_| ())
        }
        None => Ok(()),
    }
}

fn set_priority_field(vm: &Vm, object: ObjRef, priority: i32) {
    let offset = vm.off.thread_priority();
    if offset != 0 {
        // SAFETY: a live java.lang.Thread.
        unsafe { object.store(offset as usize, priority) };
    }
}

fn set_daemon_field(vm: &Vm, object: ObjRef) {
    let offset = vm.off.thread_daemon();
    if offset != 0 {
        // SAFETY: as above.
        unsafe { object.store(offset as usize, 1u8) };
    }
}

/// For the boot sequence: makes the system and main thread groups and the object of the calling thread, "main".
/// `System.initPhase1` adds it to its group.
///
/// # Errors
/// What the constructors throw.
pub fn create_initial_objects(t: &Thread) -> JResult<()> {
    let vm = t.vm();
    let class = vm.wk.thread_group();
    let system = alloc::new_object(t, class, "()V", &[])?;
    vm.threads.system_group.store(vm.globals.new_strong(system), Ordering::Release);
    let name = strings::new_string(t, "main")?;
    let main = alloc::new_object(
        t,
        class,
        "(Ljava/lang/ThreadGroup;Ljava/lang/String;)V",
        &[u64::from(system.raw()), u64::from(name.raw())],
    )?;
    vm.threads.main_group.store(vm.globals.new_strong(main), Ordering::Release);
    create_own_object(t, Some("main"), main, false, false)
}

/// What a thread of the VM itself runs.
pub type VmEntry = Box<dyn FnOnce(&Thread) + Send>;

/// What a started OS thread runs.
enum Entry {
    /// `Thread.run`.
    Java,
    Vm(VmEntry),
}

struct Start {
    thread: &'static Thread,
    entry: Entry,
}

/// `Thread.start0`.
///
/// # Errors
/// `IllegalThreadStateException` when it was started before, `OutOfMemoryError` when the system makes no thread.
pub fn start_java_thread(t: &Thread, object: ObjRef) -> JResult<()> {
    if eetop(t.vm(), object) != 0 || raw_status(t, object) != ThreadStatus::New as i32 {
        return Err(exceptions::throw_bare(t, "java/lang/IllegalThreadStateException"));
    }
    launch(t, object, Entry::Java)
}

/// Starts a daemon thread of the VM itself, in the system group.
///
/// # Errors
/// As [`start_java_thread`].
pub fn start_vm_thread(t: &Thread, name: &str, priority: i32, entry: fn(&Thread)) -> JResult<()> {
    start_vm_thread_with(t, name, priority, Box::new(entry))
}

/// As [`start_vm_thread`], with what the thread is to know.
///
/// # Errors
/// As [`start_java_thread`].
pub fn start_vm_thread_with(t: &Thread, name: &str, priority: i32, entry: VmEntry) -> JResult<()> {
    let vm = t.vm();
    let group = vm.threads.system_group();
    let name = strings::new_string(t, name)?;
    let object = alloc::new_object(
        t,
        vm.wk.thread(),
        "(Ljava/lang/ThreadGroup;Ljava/lang/String;)V",
        &[u64::from(group.raw()), u64::from(name.raw())],
    )?;
    add_to_group(t, group, object)?;
    start_agent_thread(t, object, priority, entry)
}

/// Starts the thread of a `Thread` object that has not been started, as a daemon that runs `entry` instead of the
/// object's own code (JVMTI `RunAgentThread`).
///
/// # Errors
/// As [`start_java_thread`].
pub fn start_agent_thread(t: &Thread, object: ObjRef, priority: i32, entry: VmEntry) -> JResult<()> {
    set_priority_field(t.vm(), object, priority);
    set_daemon_field(t.vm(), object);
    launch(t, object, Entry::Vm(entry))
}

fn launch(t: &Thread, object: ObjRef, entry: Entry) -> JResult<()> {
    let vm = t.vm();
    if vm.threads.many_retired() {
        safepoint::stop_the_world(t, || ());
    }
    let out_of_threads = |t: &Thread| {
        let message =
            "unable to create native thread: possibly out of memory or process/resource limits reached";
        Err(exceptions::throw(t, "java/lang/OutOfMemoryError", message))
    };
    let mut stack = vm.options.thread_stack_size;
    let offset = vm.off.thread_stack_size();
    if offset != 0 {
        // SAFETY: a live java.lang.Thread.
        let wanted: i64 = unsafe { object.load(offset as usize) };
        if wanted > 0 {
            stack = (wanted as u64).clamp(64 << 10, 1 << 40) as usize;
        }
    }
    let Ok(thread) = vm.threads.new_thread(vm, stack) else { return out_of_threads(t) };
    thread.object.set(object);
    thread.daemon.store(is_daemon(vm, object), Ordering::Relaxed);
    let thread = vm.threads.add(vm, thread, Some(t));
    set_eetop(vm, object, std::ptr::from_ref(thread) as i64);
    store_status(t, object, ThreadStatus::Runnable as i32);
    let start = Box::new(Start { thread, entry });
    let native = stack.max(MIN_NATIVE_STACK) + crate::runtime::thread::NATIVE_STACK_MARGIN;
    if with_native(t, || spawn(native, start)).is_ok() {
        if vm.options.log_threads {
            let text = format!(
                "Thread \"{}\" started (attributes: stacksize: {}k, detached).",
                name_of(vm, object),
                native >> 10
            );
            log::line(vm, Level::Info, "os,thread", &text);
        }
        return Ok(());
    }
    set_eetop(vm, object, 0);
    store_status(t, object, ThreadStatus::New as i32);
    vm.threads.remove_unstarted(vm, t, thread);
    out_of_threads(t)
}

impl ThreadList {
    fn remove_unstarted(&self, vm: &Vm, parent: &Thread, thread: &'static Thread) {
        loop {
            {
                let mut s = self.state.lock();
                if !vm.safepoint.is_active() || vm.safepoint.is_owner() {
                    s.threads.retain(|x| !std::ptr::eq(*x, thread));
                    s.non_daemon -= usize::from(!thread.daemon.load(Ordering::Relaxed));
                    s.free_ids.push(thread.id);
                    self.changed.notify_all();
                    // SAFETY: leaked by `add`; it never ran.
                    s.retired.push(unsafe { Box::from_raw(std::ptr::from_ref(thread).cast_mut()) });
                    return;
                }
            }
            safepoint::stop_point(parent);
        }
    }
}

fn spawn(stack: usize, start: Box<Start>) -> Result<(), ()> {
    extern "C" fn main(argument: *mut c_void) -> *mut c_void {
        // SAFETY: the box that `spawn` gave away.
        let start = unsafe { Box::from_raw(argument.cast::<Start>()) };
        run(start.thread, start.entry);
        std::ptr::null_mut()
    }
    let stack = stack.next_multiple_of(4096);
    let argument = Box::into_raw(start);
    // SAFETY: attributes are initialised, used and destroyed here; the new thread owns the argument.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut ok = libc::pthread_attr_init(&mut attributes) == 0;
        if ok {
            libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
            ok = libc::pthread_attr_setstacksize(&mut attributes, stack) == 0;
            let mut id = 0;
            ok = ok && libc::pthread_create(&mut id, &attributes, main, argument.cast()) == 0;
            libc::pthread_attr_destroy(&mut attributes);
        }
        if ok {
            return Ok(());
        }
        drop(Box::from_raw(argument));
    }
    Err(())
}

fn run(t: &'static Thread, entry: Entry) {
    enter_os_thread(t);
    let vm = t.vm();
    platform::set_thread_name(t.os_thread.get(), &name_of(vm, t.object.get()));
    tools::thread_started(t);
    match entry {
        Entry::Java => {
            let object = u64::from(t.object.get().raw());
            // What it throws stays pending for `end`.
            let _ = calls::invoke_virtual(t, vm.methods.thread_run(), &[object]);
        }
        Entry::Vm(f) => f(t),
    }
    end(t);
}

// ---- ending ----

/// Times that `Thread.exit` is called when an asynchronous exception gets in its way.
const EXIT_TRIES: u32 = 3;

/// Ends the calling thread, in state `InJava` and without Java frames: uncaught exception, `Thread.exit`, join.
fn end(t: &'static Thread) {
    let vm = t.vm();
    let object = t.object.get();
    // When the VM ends, no Java code runs on this thread any more, and nobody joins it.
    if !object.is_null() && !t.is_ending() {
        let slot = u64::from(object.raw());
        if t.has_pending() {
            let exception = exceptions::take_pending(t);
            let dispatched =
                calls::invoke(t, vm.methods.thread_dispatch_uncaught(), &[slot, u64::from(exception.raw())]);
            if dispatched.is_err() {
                let thrown = exceptions::take_pending(t);
                // SAFETY: a live throwable.
                let class = unsafe { ClassRef::of(thrown) };
                eprintln!(
                    "\nException: {} thrown from the UncaughtExceptionHandler in thread \"{}\"",
                    class.external_name(),
                    name_of(vm, object)
                );
            }
        }
        tools::thread_ending(t);
        for _ in 0..EXIT_TRIES {
            if calls::invoke(t, vm.methods.thread_exit(), &[slot]).is_ok() {
                break;
            }
            exceptions::take_pending(t);
        }
        // Joiners wait on the object until `isAlive` says no.
        monitor::enter(t, object);
        store_status(t, object, ThreadStatus::Terminated as i32);
        set_eetop(vm, object, 0);
        let woken = monitor::notify_all(t, object);
        let left = monitor::exit(t, object);
        debug_assert!(woken.is_ok() && left.is_ok());
    }
    monitor::release_jni_monitors(t);
    t.pending.set(ObjRef::NULL);
    leave_os_thread(vm, t);
}
