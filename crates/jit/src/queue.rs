//! The compile queue and its threads. They are no Java threads: they do not touch the heap, and are not seen by Java.

use crate::Jit;
use crate::install::OPTIMISED;
use crate::policy::Workspace;
use crate::profile::Profile;
use caturra_kernel::{ClassRef, MethodRef};
use parking_lot::{Condvar, Mutex};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Something to compile: a method from its start, or from a loop header.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Task {
    pub method: MethodRef,
    pub osr: Option<u32>,
    /// 1, or [`OPTIMISED`].
    pub tier: u8,
}

#[derive(Default)]
struct State {
    tasks: Vec<Task>,
    known: HashSet<Task>,
    threads: usize,
    /// CPU time that the threads have used.
    spent: Duration,
    closed: bool,
}

impl State {
    /// Whether optimising has had its share of the CPU time.
    fn is_overdrawn(&self) -> bool {
        let others = cpu_time(libc::CLOCK_PROCESS_CPUTIME_ID).saturating_sub(self.spent);
        self.spent > OPTIMISING_CREDIT + others / OPTIMISING_SHARE
    }
}

/// See the module's documentation.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

/// CPU time of the process from which on methods are compiled. A short program ends before compiling could pay.
const WARM_UP: Duration = Duration::from_millis(40);
/// What is this hot (see [`heat`]) is compiled even earlier.
const VERY_HOT: u64 = 50_000;

/// What optimising may cost: CPU time of its own, and for each so much that all else in the process has used. Programs that
/// end soon have little use of optimised code, and the hottest methods come first.
const OPTIMISING_CREDIT: Duration = Duration::from_millis(200);
const OPTIMISING_SHARE: u32 = 6;
/// How long an optimising thread waits for its share to grow.
const PAUSE: Duration = Duration::from_millis(5);

/// Native stack of a compile thread: the code generator recurses in places.
const STACK: usize = 4 << 20;

/// How much there is to gain, in calls.
fn heat(task: &Task) -> u64 {
    // What tier 1 code has counted, where that is to be optimised.
    let profile = if task.tier >= OPTIMISED { Profile::of(task.method) } else { None };
    let (calls, loops) =
        profile.map_or((&task.method.invocations, &task.method.back_edges), |p| (&p.entries, &p.loops));
    let calls = calls.load(Ordering::Relaxed);
    // A loop that runs now gains at once.
    let loops = loops.load(Ordering::Relaxed);
    u64::from(calls) + u64::from(loops) / if task.osr.is_some() { 1 } else { 8 }
}

/// CPU time that the process has used, or the calling thread.
fn cpu_time(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills in the structure; the clocks exist on Linux.
    unsafe { libc::clock_gettime(clock, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

impl Queue {
    /// Adds a task unless it waits already; starts threads as needed.
    pub fn add(&self, jit: &Arc<Jit>, task: Task) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        if state.known.insert(task) {
            state.tasks.push(task);
        } else if state.threads > 0 {
            return;
        }
        if state.threads == 0 && heat(&task) < VERY_HOT && cpu_time(libc::CLOCK_PROCESS_CPUTIME_ID) < WARM_UP
        {
            return;
        }
        let limit = jit.vm().options.jit.threads.unwrap_or_else(|| *DEFAULT_THREADS);
        if state.threads < limit && (state.threads == 0 || state.tasks.len() > 8) {
            let worker = Arc::clone(jit);
            let kind = if task.tier >= OPTIMISED { "C2" } else { "C1" };
            let name = format!("{kind} CompilerThread{}", state.threads);
            let started = std::thread::Builder::new()
                .name(name)
                .stack_size(STACK)
                .spawn(move || worker.work(task.tier));
            state.threads += usize::from(started.is_ok());
        }
        self.changed.notify_one();
    }

    /// How many tasks wait.
    pub fn waiting(&self) -> usize {
        self.state.lock().tasks.len()
    }

    /// The hottest task, as soon as there is one; `None` when the VM ends.
    fn take(&self, tier: u8) -> Option<Task> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return None;
            }
            if tier >= OPTIMISED && !state.tasks.is_empty() && state.is_overdrawn() {
                self.changed.wait_for(&mut state, PAUSE);
                continue;
            }
            let hottest = (0..state.tasks.len()).max_by_key(|&i| heat(&state.tasks[i]));
            if let Some(i) = hottest {
                return Some(state.tasks.swap_remove(i));
            }
            self.changed.wait(&mut state);
        }
    }

    /// A task is done that has used that much CPU time.
    fn finished(&self, task: Task, time: Duration) {
        let mut state = self.state.lock();
        state.known.remove(&task);
        state.spent += time;
    }

    /// Forgets tasks of classes that are being unloaded.
    pub fn purge(&self, is_dead: &dyn Fn(ClassRef) -> bool) {
        let mut state = self.state.lock();
        state.tasks.retain(|t| !is_dead(t.method.holder));
        state.known.retain(|t| !is_dead(t.method.holder));
    }

    /// Forgets tasks of some methods, whose code is another now.
    pub fn forget(&self, of: &dyn Fn(MethodRef) -> bool) {
        let mut state = self.state.lock();
        state.tasks.retain(|t| !of(t.method));
        state.known.retain(|t| !of(t.method));
    }

    /// Ends the threads.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

/// How many threads a queue has at most. Asking for the number of processors reads half a dozen files of the kernel's.
static DEFAULT_THREADS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, |n| (n.get() / 2).clamp(1, 4)));

impl Jit {
    /// Works for the queue of a tier.
    fn work(self: Arc<Jit>, tier: u8) {
        let queue = if tier >= OPTIMISED { &self.optimising_queue } else { &self.queue };
        let mut workspace = Workspace::default();
        while let Some(task) = queue.take(tier) {
            let before = cpu_time(libc::CLOCK_THREAD_CPUTIME_ID);
            self.compile_if_alive(queue, task, &mut workspace);
            queue.finished(task, cpu_time(libc::CLOCK_THREAD_CPUTIME_ID).saturating_sub(before));
        }
    }

    /// Between `take` and the compilation the task's class may be unloaded: `purge` takes it out of `known` then.
    fn compile_if_alive(&self, queue: &Queue, task: Task, workspace: &mut Workspace) {
        let _metadata = self.metadata.read();
        if queue.state.lock().known.contains(&task) {
            self.compile(task, workspace);
        }
    }
}
