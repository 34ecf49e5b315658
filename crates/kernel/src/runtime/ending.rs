//! The end of a VM in a process that goes on: the threads that are left leave their frames, and all memory of the
//! VM is given back.
//!
//! A thread that the VM started cannot be killed from outside; it is asked, by a poll flag that stays, to throw
//! [`Ending::exception`], which no handler catches. All waits of the VM end when the flag is set. A thread in native
//! code may never come back to look at the flag: then nothing is freed, and the process has had its last VM.

use crate::runtime::safepoint::{BlockedScope, JavaScope};
use crate::runtime::thread::{POLL_END, Thread, ThreadState};
use crate::runtime::thread_list;
use crate::runtime::vm::Vm;
use crate::runtime::{handles, signals};
use caturra_heap::ObjRef;
use parking_lot::Mutex;
use std::ffi::c_void;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

type Callback = Box<dyn FnOnce(&Vm) + Send>;

/// What has to be done when the VM ends.
#[derive(Default)]
pub struct Ending {
    /// Global handle of what ends threads; there is one as soon as the VM ends.
    exception: OnceLock<usize>,
    callbacks: Mutex<Vec<Callback>>,
    /// `dlopen` handles of the JDK's libraries, in the order of loading.
    libraries: Mutex<Vec<usize>>,
}

/// How long threads that are not in native code get to leave.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at those threads. They may have missed being woken.
const RECHECK: Duration = Duration::from_millis(2);
/// Looks at threads in native code, most of which are on their way out of it.
const NATIVE_LOOKS: u32 = 25;

impl Ending {
    /// Has `f` called when the VM ends: hooks have run, other threads are gone or will never come back.
    pub fn at_end(&self, f: impl FnOnce(&Vm) + Send + 'static) {
        self.callbacks.lock().push(Box::new(f));
    }

    /// Whether threads are asked to leave.
    pub fn has_begun(&self) -> bool {
        self.exception.get().is_some()
    }

    /// What a thread throws that leaves.
    pub(crate) fn exception(&self) -> ObjRef {
        self.exception.get().map_or(ObjRef::NULL, |&handle| {
            // SAFETY: a global handle of this VM, never deleted.
            unsafe { handles::resolve(handle as *mut u8) }
        })
    }

    /// Notes a library that was opened for the VM. The JDK's libraries keep references to classes in static
    /// variables, so the next VM needs them loaded afresh.
    pub fn library_opened(&self, handle: *mut c_void) {
        self.libraries.lock().push(handle as usize);
    }

    /// Notes that a library was closed; false when it was not noted as open.
    pub fn library_closed(&self, handle: *mut c_void) -> bool {
        let mut libraries = self.libraries.lock();
        let at = libraries.iter().rposition(|&l| l == handle as usize);
        at.map(|i| libraries.remove(i)).is_some()
    }
}

/// Makes all threads but the caller, which is in state `InJava`, leave. True when none is left.
pub fn end_other_threads(t: &Thread, exception: ObjRef) -> bool {
    let vm = t.vm();
    let handle = vm.globals.new_strong(exception);
    if vm.ending.exception.set(handle as usize).is_err() {
        return false;
    }
    let _blocked = BlockedScope::enter(t);
    let started = Instant::now();
    let mut native_looks = 0;
    loop {
        let (mut left, mut native) = (0, 0);
        vm.threads.with_all(|all| {
            for other in all.iter().filter(|o| !std::ptr::eq(**o, t)) {
                other.poll.fetch_or(POLL_END, std::sync::atomic::Ordering::SeqCst);
                *other.suspend_count.lock() = 0;
                other.parker.wake_all();
                left += 1;
                native += usize::from(other.state() == ThreadState::InNative);
            }
        });
        if left == 0 {
            return true;
        }
        native_looks = if left == native { native_looks + 1 } else { 0 };
        if native_looks > NATIVE_LOOKS || started.elapsed() > PATIENCE {
            return false;
        }
        vm.safepoint.recheck_suspended();
        vm.safepoint.notify_pending_references();
        {
            let _guard = vm.init_lock.lock();
            vm.init_cond.notify_all();
        }
        signals::stop_dispatcher();
        vm.threads.wait_for_change(RECHECK);
    }
}

/// Calls what is to be called at the end.
pub fn run_callbacks(vm: &Vm) {
    for f in std::mem::take(&mut *vm.ending.callbacks.lock()) {
        f(vm);
    }
}

/// Frees a VM: the calling thread, its last, is a stranger to it afterwards.
///
/// # Safety
/// [`end_other_threads`] returned true, and nobody uses the VM, its metadata or its handles any more.
pub unsafe fn free(t: &'static Thread) {
    let vm = t.vm();
    std::mem::forget(JavaScope::enter(t));
    thread_list::leave_os_thread(vm, t);
    let libraries = std::mem::take(&mut *vm.ending.libraries.lock());
    // SAFETY: a VM is made by leaking a box; the caller promises that no other reference is used.
    drop(unsafe { Box::from_raw(std::ptr::from_ref(vm).cast_mut()) });
    for handle in libraries.into_iter().rev() {
        // SAFETY: opened for this VM; its classes, and so the callers of its functions, are gone.
        unsafe { libc::dlclose(handle as *mut c_void) };
    }
    give_memory_back();
}

/// Free memory of the C library goes to the system: its threads' heaps keep much of it otherwise.
fn give_memory_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the function has no preconditions.
    unsafe {
        libc::malloc_trim(0);
    }
}
