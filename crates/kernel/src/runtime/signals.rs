//! Signals that Java handles (`jdk.internal.misc.Signal`), and the thread that dispatches them.
//!
//! A signal handler only counts the signal and posts a semaphore, both process-wide as signals are. The dispatcher,
//! a daemon thread of the VM, runs the Java handler or prints the thread dump of SIGQUIT.

use crate::loading::loader;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::safepoint::BlockedScope;
use crate::runtime::thread::Thread;
use crate::runtime::{calls, thread_list, tools};
use std::cell::UnsafeCell;
use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Handlers as `Signal.handle0` passes and returns them; others are addresses of native handlers.
pub const HANDLER_DEFAULT: usize = 0;
pub const HANDLER_IGNORE: usize = 1;
pub const HANDLER_JAVA: usize = 2;
/// The answer for a signal that the VM keeps for itself.
pub const HANDLER_REFUSED: usize = usize::MAX;

/// The signal of the thread dump.
const BREAK: c_int = libc::SIGQUIT;
const SHUTDOWN: [c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];
const COUNT: usize = 65;
const MAX_PRIORITY: i32 = 9;

/// Names without "SIG", in the order of their numbers on Linux.
const NAMES: [(&str, c_int); 35] = [
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("ILL", libc::SIGILL),
    ("TRAP", libc::SIGTRAP),
    ("ABRT", libc::SIGABRT),
    ("IOT", libc::SIGIOT),
    ("BUS", libc::SIGBUS),
    ("FPE", libc::SIGFPE),
    ("KILL", libc::SIGKILL),
    ("USR1", libc::SIGUSR1),
    ("SEGV", libc::SIGSEGV),
    ("USR2", libc::SIGUSR2),
    ("PIPE", libc::SIGPIPE),
    ("ALRM", libc::SIGALRM),
    ("TERM", libc::SIGTERM),
    ("STKFLT", libc::SIGSTKFLT),
    ("CLD", libc::SIGCHLD),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("STOP", libc::SIGSTOP),
    ("TSTP", libc::SIGTSTP),
    ("TTIN", libc::SIGTTIN),
    ("TTOU", libc::SIGTTOU),
    ("URG", libc::SIGURG),
    ("XCPU", libc::SIGXCPU),
    ("XFSZ", libc::SIGXFSZ),
    ("VTALRM", libc::SIGVTALRM),
    ("PROF", libc::SIGPROF),
    ("WINCH", libc::SIGWINCH),
    ("POLL", libc::SIGPOLL),
    ("IO", libc::SIGIO),
    ("PWR", libc::SIGPWR),
    ("SYS", libc::SIGSYS),
    ("UNUSED", libc::SIGSYS),
];

struct Semaphore(UnsafeCell<MaybeUninit<libc::sem_t>>);
// SAFETY: POSIX semaphores are made to be shared.
unsafe impl Sync for Semaphore {}

static PENDING: [AtomicU32; COUNT] = [const { AtomicU32::new(0) }; COUNT];
static POSTED: Semaphore = Semaphore(UnsafeCell::new(MaybeUninit::uninit()));
static READY: Once = Once::new();
static REDUCED: AtomicBool = AtomicBool::new(false);
static DISPATCHING: AtomicBool = AtomicBool::new(false);
static STOP: AtomicBool = AtomicBool::new(false);

fn semaphore() -> *mut libc::sem_t {
    let s = POSTED.0.get().cast();
    // SAFETY: initialised once, before any use.
    READY.call_once(|| unsafe {
        libc::sem_init(s, 0, 0);
    });
    s
}

/// `-Xrs`, `-XX:+ReduceSignalUsage`: the VM leaves HUP, INT, TERM and QUIT to the program.
pub fn set_reduced_usage(reduced: bool) {
    REDUCED.store(reduced, Ordering::Relaxed);
}

/// The number of the signal called `name` (without "SIG"), -1 when there is none (`JVM_FindSignal`).
pub fn find_signal(name: &str) -> i32 {
    if let Some(&(_, n)) = NAMES.iter().find(|(n, _)| *n == name) {
        return n;
    }
    let number = |prefix: &str, base: c_int, sign: c_int| {
        name.strip_prefix(prefix).and_then(|d| d.parse::<u8>().ok()).map(|d| base + sign * c_int::from(d))
    };
    match name {
        "RTMIN" => libc::SIGRTMIN(),
        "RTMAX" => libc::SIGRTMAX(),
        _ => number("RTMIN+", libc::SIGRTMIN(), 1)
            .or_else(|| number("RTMAX-", libc::SIGRTMAX(), -1))
            .filter(|n| (libc::SIGRTMIN()..=libc::SIGRTMAX()).contains(n))
            .unwrap_or(-1),
    }
}

extern "C" fn on_signal(signal: c_int) {
    if let Some(count) = PENDING.get(signal as usize) {
        count.fetch_add(1, Ordering::SeqCst);
        // SAFETY: initialised before this handler is installed; may be called from a signal handler.
        unsafe { libc::sem_post(POSTED.0.get().cast()) };
    }
}

fn java_handler() -> usize {
    on_signal as extern "C" fn(c_int) as usize
}

fn is_ignored(signal: c_int) -> bool {
    // SAFETY: fills in the structure.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut old) == 0 && old.sa_sigaction == libc::SIG_IGN
    }
}

/// Installs a handler and returns the old one, `None` when the system refuses.
fn install(signal: c_int, handler: usize) -> Option<usize> {
    semaphore();
    // SAFETY: the action is filled in; `handler` is one of the constants or a C function.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESTART;
        libc::sigfillset(&mut action.sa_mask);
        let mut old: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(signal, &action, &mut old) == 0).then_some(old.sa_sigaction)
    }
}

extern "C" fn on_failed_write(_: c_int) {}

/// Has writes to closed pipes and sockets, and beyond the limit of file sizes, fail with an error that Java code sees
/// as exception instead of ending the process. Handlers of the host stay. A handler, not `SIG_IGN`: child processes
/// begin with the default again.
pub fn survive_failed_writes() {
    for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
        // SAFETY: fills in the structure.
        let is_default = unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut old) == 0 && old.sa_sigaction == libc::SIG_DFL
        };
        if is_default {
            install(signal, on_failed_write as extern "C" fn(c_int) as usize);
        }
    }
}

/// `JVM_RegisterSignal`: `handler` and the result are one of the `HANDLER_` constants or a native handler.
pub fn register_signal(signal: i32, handler: usize) -> usize {
    let reserved = match signal {
        libc::SIGFPE | libc::SIGILL | libc::SIGSEGV => true,
        BREAK => !REDUCED.load(Ordering::Relaxed),
        _ if SHUTDOWN.contains(&signal) => {
            if !REDUCED.load(Ordering::Relaxed) && is_ignored(signal) {
                // Ignored by the parent process (nohup): stays so.
                return HANDLER_IGNORE;
            }
            REDUCED.load(Ordering::Relaxed)
        }
        _ => false,
    };
    if reserved || !(1..COUNT as i32).contains(&signal) {
        return HANDLER_REFUSED;
    }
    let new = if handler == HANDLER_JAVA { java_handler() } else { handler };
    match install(signal, new) {
        Some(old) if old == java_handler() => HANDLER_JAVA,
        Some(old) => old,
        None => HANDLER_REFUSED,
    }
}

/// `JVM_RaiseSignal`: false when the signal is not raised.
pub fn raise_signal(signal: i32) -> bool {
    let shutdown = SHUTDOWN.contains(&signal);
    if REDUCED.load(Ordering::Relaxed) && (shutdown || signal == BREAK) {
        return false;
    }
    if shutdown && is_ignored(signal) {
        return false;
    }
    // SAFETY: a plain call.
    unsafe { libc::raise(signal) == 0 }
}

/// Starts the "Signal Dispatcher" thread and takes over SIGQUIT.
///
/// # Errors
/// When the thread cannot be started.
pub fn start_dispatcher(t: &Thread) -> JResult<()> {
    semaphore();
    if DISPATCHING.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    STOP.store(false, Ordering::SeqCst);
    thread_list::start_vm_thread(t, "Signal Dispatcher", MAX_PRIORITY, dispatch)?;
    if !REDUCED.load(Ordering::Relaxed) {
        install(BREAK, java_handler());
    }
    Ok(())
}

/// Ends the dispatcher, when the VM goes down; handlers that lead to it get their default again.
pub fn stop_dispatcher() {
    if !DISPATCHING.load(Ordering::SeqCst) {
        return;
    }
    for signal in 1..COUNT as c_int {
        // SAFETY: fills in the structure.
        let ours = unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut old) == 0 && old.sa_sigaction == java_handler()
        };
        if ours {
            install(signal, libc::SIG_DFL);
        }
    }
    STOP.store(true, Ordering::SeqCst);
    // SAFETY: initialised: the dispatcher runs.
    unsafe { libc::sem_post(semaphore()) };
}

/// The next signal to dispatch, `None` to stop.
fn next_signal(t: &Thread) -> Option<c_int> {
    loop {
        if STOP.load(Ordering::SeqCst) {
            return None;
        }
        for (signal, count) in PENDING.iter().enumerate() {
            let taken = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            if taken.is_ok() {
                return Some(signal as c_int);
            }
        }
        let _blocked = BlockedScope::enter(t);
        // SAFETY: initialised.
        unsafe { libc::sem_wait(semaphore()) };
    }
}

/// Lets the calling thread receive what the dispatcher handles. A process begins with the mask of its parent, and
/// threads of HotSpot, whose children tests and tools are, block SIGQUIT.
fn unblock() {
    // SAFETY: the set is initialised and filled before it is used.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in SHUTDOWN.iter().chain([&BREAK]) {
            libc::sigaddset(&mut set, *signal);
        }
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
    }
}

fn dispatch(t: &Thread) {
    if !REDUCED.load(Ordering::Relaxed) {
        unblock();
    }
    while let Some(signal) = next_signal(t) {
        if signal == BREAK && !REDUCED.load(Ordering::Relaxed) {
            tools::break_signal(t, t.vm());
            continue;
        }
        let vm = t.vm();
        let name = vm.symbols.intern("jdk/internal/misc/Signal");
        let dispatched = loader::load_class(t, vm.loaders.boot(), name)
            .and_then(|class| calls::call_static(t, class, "dispatch", "(I)V", &[u64::from(signal as u32)]));
        if dispatched.is_err() {
            let thrown = exceptions::take_pending(t);
            // SAFETY: a live throwable.
            let class = unsafe { crate::ClassRef::of(thrown) };
            let text = signal_text(signal);
            eprintln!("Exception: {} occurred dispatching signal {text} to handler", class.external_name());
        }
    }
    DISPATCHING.store(false, Ordering::SeqCst);
}

fn signal_text(signal: c_int) -> String {
    // SAFETY: a string that stays valid until the next call; copied at once.
    unsafe {
        let text = libc::strsignal(signal);
        if text.is_null() { signal.to_string() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_found_by_name() {
        assert_eq!(find_signal("INT"), 2);
        assert_eq!(find_signal("TERM"), 15);
        assert_eq!(find_signal("SYS"), libc::SIGSYS);
        assert_eq!(find_signal("SIGINT"), -1);
        assert_eq!(find_signal("RTMIN+1"), libc::SIGRTMIN() + 1);
        assert_eq!(find_signal("RTMAX-200"), -1);
    }

    #[test]
    fn registering_tells_the_handler_before() {
        assert_eq!(register_signal(libc::SIGSEGV, HANDLER_DEFAULT), HANDLER_REFUSED);
        assert_eq!(register_signal(libc::SIGUSR2, HANDLER_JAVA), HANDLER_DEFAULT);
        assert!(raise_signal(libc::SIGUSR2));
        assert_eq!(PENDING[libc::SIGUSR2 as usize].load(Ordering::SeqCst), 1);
        assert_eq!(register_signal(libc::SIGUSR2, HANDLER_IGNORE), HANDLER_JAVA);
        assert_eq!(register_signal(libc::SIGUSR2, HANDLER_DEFAULT), HANDLER_IGNORE);
    }
}
