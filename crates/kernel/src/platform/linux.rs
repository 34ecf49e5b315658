//! Linux: futexes, process-wide memory barriers, stack bounds, thread names.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, compiler_fence, fence};
use std::time::Duration;

/// When a wait ends by itself.
#[derive(Clone, Copy)]
pub struct Deadline {
    at: libc::timespec,
    realtime: bool,
}

/// Longest wait that is told apart from "for ever": about 68 years, within all kernel time types.
const LONGEST_SECONDS: u64 = i32::MAX as u64;

impl Deadline {
    /// `duration` from now, not disturbed by changes of the wall clock.
    pub fn after(duration: Duration) -> Deadline {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: fills in the structure.
        unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
        let mut seconds = now.tv_sec as u64 + duration.as_secs().min(LONGEST_SECONDS);
        let mut nanos = now.tv_nsec as u64 + u64::from(duration.subsec_nanos());
        if nanos >= 1_000_000_000 {
            nanos -= 1_000_000_000;
            seconds += 1;
        }
        let at = libc::timespec { tv_sec: seconds as i64, tv_nsec: nanos as i64 };
        Deadline { at, realtime: false }
    }

    /// At a time of the wall clock, in milliseconds since the epoch.
    pub fn at_epoch_millis(millis: i64) -> Deadline {
        let millis = millis.max(0) as u64;
        let seconds = (millis / 1000).min(LONGEST_SECONDS * 4);
        let at = libc::timespec { tv_sec: seconds as i64, tv_nsec: (millis % 1000) as i64 * 1_000_000 };
        Deadline { at, realtime: true }
    }

    /// Whether the time has come.
    pub fn passed(&self) -> bool {
        let clock = if self.realtime { libc::CLOCK_REALTIME } else { libc::CLOCK_MONOTONIC };
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: fills in the structure.
        unsafe { libc::clock_gettime(clock, &mut now) };
        (now.tv_sec, now.tv_nsec) >= (self.at.tv_sec, self.at.tv_nsec)
    }
}

/// Waits while `word` holds `expected`; may return early for no reason.
pub fn futex_wait(word: &AtomicU32, expected: u32, deadline: Option<Deadline>) {
    let mut operation = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
    let timeout = match &deadline {
        Some(d) => {
            if d.realtime {
                operation |= libc::FUTEX_CLOCK_REALTIME;
            }
            &raw const d.at
        }
        None => std::ptr::null(),
    };
    // SAFETY: the word is valid for the call; the kernel only reads it.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            operation,
            expected,
            timeout,
            std::ptr::null::<u32>(),
            libc::FUTEX_BITSET_MATCH_ANY,
        )
    };
}

/// Wakes up to `count` threads that wait on `word`.
pub fn futex_wake(word: &AtomicU32, count: i32) {
    // SAFETY: the kernel uses the address as a key only.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, count)
    };
}

const MEMBARRIER_PRIVATE_EXPEDITED: i32 = 1 << 3;
const MEMBARRIER_REGISTER_PRIVATE_EXPEDITED: i32 = 1 << 4;

/// Whether `membarrier` is registered for this process: then transitions need no fence of their own. A fact
/// of the process, not of a VM.
static ASYMMETRIC: AtomicBool = AtomicBool::new(false);

/// Registers when the library is loaded, which mostly is while the process has one thread: later the kernel waits for a
/// grace period, which takes longer than the rest of the VM's start. Registering again costs nothing.
#[used]
#[unsafe(link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = {
    extern "C" fn at_load() {
        prepare_heavy_barrier();
    }
    at_load
};

/// Registers the process for `membarrier`. To be called before the first thread of a VM runs.
pub fn prepare_heavy_barrier() {
    // SAFETY: a system call without pointers.
    let ok = unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0) } == 0;
    if ok {
        ASYMMETRIC.store(true, Ordering::SeqCst);
    }
}

/// The expensive side of the store-load barrier with [`transition_fence`]: every running thread of the process
/// passes a full barrier before this returns.
pub fn heavy_barrier() {
    fence(Ordering::SeqCst);
    if ASYMMETRIC.load(Ordering::Relaxed) {
        // SAFETY: a system call without pointers; it cannot fail once registered.
        unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0) };
    }
}

/// The cheap side: orders the store of the thread's state before the load of its poll word.
#[inline(always)]
pub fn transition_fence() {
    if ASYMMETRIC.load(Ordering::Relaxed) {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// The native stack of an OS thread; it grows from `base` down to `low`.
#[derive(Clone, Copy, Debug)]
pub struct StackBounds {
    /// One past the highest address.
    pub base: usize,
    /// Lowest address that may be used, guard pages excluded.
    pub low: usize,
}

/// A stack without a limit (`ulimit -s unlimited`) counts as this large: the kernel may have mapped something
/// else below.
const UNLIMITED_STACK: usize = 8 << 20;
/// The primordial thread's stack has no guard page of its own: the kernel keeps a gap, we keep away from it.
const MAIN_THREAD_GUARD: usize = 64 << 10;

/// The stack of the calling thread.
pub fn current_stack() -> StackBounds {
    // SAFETY: the attributes are initialised by the first call and destroyed by the last one.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            let here = super::stack_pointer();
            return StackBounds { base: here + 4096, low: here - (UNLIMITED_STACK / 8) };
        }
        let mut low = std::ptr::null_mut();
        let mut size = 0;
        let mut guard = 0;
        libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        libc::pthread_attr_getguardsize(&attributes, &mut guard);
        libc::pthread_attr_destroy(&mut attributes);
        let base = low as usize + size;
        let mut low = low as usize + guard;
        if is_main_thread() {
            let mut limit: libc::rlimit = std::mem::zeroed();
            let unlimited =
                libc::getrlimit(libc::RLIMIT_STACK, &mut limit) != 0 || limit.rlim_cur == libc::RLIM_INFINITY;
            if unlimited || size > 64 * UNLIMITED_STACK {
                low = base - UNLIMITED_STACK;
            }
            low += MAIN_THREAD_GUARD;
        }
        StackBounds { base, low }
    }
}

/// Whether the caller is the thread that the process began with.
pub fn is_main_thread() -> bool {
    // SAFETY: system calls without arguments.
    unsafe { libc::getpid() == libc::gettid() }
}

/// The kernel's number of the calling thread.
pub fn current_tid() -> i32 {
    // SAFETY: a system call without arguments.
    unsafe { libc::gettid() }
}

/// Names the calling OS thread as `ps -L` and debuggers show it; the kernel keeps 15 bytes. Like HotSpot, leaves
/// the primordial thread alone: its name is the process's.
pub fn set_thread_name(thread: libc::pthread_t, name: &str) {
    let mut end = name.len().min(15);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    if let Ok(c) = std::ffi::CString::new(&name[..end]) {
        // SAFETY: a live thread's handle and a terminated string.
        unsafe { libc::pthread_setname_np(thread, c.as_ptr()) };
    }
}

/// CPU time of a thread, when the system tells.
pub fn cpu_time(thread: libc::pthread_t) -> Option<Duration> {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the thread is alive (the caller holds the thread list or is the thread itself).
    let ok = unsafe {
        libc::pthread_getcpuclockid(thread, &mut clock) == 0 && libc::clock_gettime(clock, &mut time) == 0
    };
    ok.then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The readable and writable mapping that an address lies in.
    fn mapping_of(address: usize) -> (usize, usize) {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("proc");
        let rows = maps.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (from, to) = words.next()?.split_once('-')?;
            let bound = |text| usize::from_str_radix(text, 16).ok();
            words.next()?.starts_with("rw").then_some((bound(from)?, bound(to)?))
        });
        let mut found = rows.filter(|(from, to)| (*from..*to).contains(&address));
        found.next().expect("the address is mapped")
    }

    #[test]
    fn bounds_enclose_the_stack_pointer_of_any_thread() {
        let check = || {
            let bounds = current_stack();
            let sp = super::super::stack_pointer();
            assert!(bounds.low < sp && sp < bounds.base, "{bounds:x?} {sp:x}");
            if !is_main_thread() {
                // All of it is mapped, and no guard page is in it.
                let (from, to) = mapping_of(sp);
                assert!(from <= bounds.low && bounds.base <= to, "{bounds:x?} {from:x} {to:x}");
            }
            bounds
        };
        check();
        let b = std::thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(check)
            .expect("spawn")
            .join()
            .expect("join");
        // It may be larger: the C library gives a new thread the stack of one that has ended.
        assert!(b.base - b.low >= (1 << 20) - 16384, "{b:x?}");
    }

    #[test]
    fn deadlines_pass() {
        let d = Deadline::after(Duration::from_millis(5));
        assert!(!d.passed());
        let word = AtomicU32::new(1);
        while !d.passed() {
            futex_wait(&word, 1, Some(d));
        }
        assert!(Deadline::at_epoch_millis(1000).passed());
        assert!(!Deadline::after(Duration::MAX).passed());
        prepare_heavy_barrier();
        heavy_barrier();
        // SAFETY: the calling thread.
        assert!(cpu_time(unsafe { libc::pthread_self() }).is_some());
    }
}
