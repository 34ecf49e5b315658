//! The end of code: what is not entered any more is freed, and where the cache is full, what is not called.
//!
//! All of it happens with the world stopped, on a Java thread that has come to the compilation policy, and only where no
//! compilation is under way: compile threads look at compiled methods, too. Code that a frame runs stays.
//!
//! - *Retired* code (its assumptions are broken, its guards have failed too often) is freed when there is some of it.
//! - When the cache is full, compilation stops until a sweep has made room. It frees code of tier 1 whose place optimised
//!   code has taken; where that is too little, code becomes *dormant*: its method is interpreted until the interpreter's
//!   next look at it, at its next call most often, which makes the code current again. What is still dormant at the next
//!   sweep is not called, and freed.
//!
//! A sweep looks at every compiled method and walks all stacks once; sweeps of a full cache become rarer the more of them
//! there are, so that a program whose code does not fit spends its time in the interpreter rather than here.

use crate::Jit;
use crate::install::{Installed, OPTIMISED};
use crate::nmethod::{NMethod, State};
use caturra_kernel::runtime::{frames, safepoint};
use caturra_kernel::{MethodRef, Thread, Vm};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Bytes of retired code that are worth a sweep: this share of the cache, within these bounds.
const RETIRED_SHARE: usize = 64;
const RETIRED_LEAST: usize = 64 << 10;
const RETIRED_MOST: usize = 1 << 20;
/// Time between two sweeps for retired code, and after one that a compilation was in the way of.
const PAUSE: Duration = Duration::from_millis(20);
/// Time between two sweeps of a full cache: at first, and at most. It doubles with each.
const FULL_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A cache that has not been full for this long is swept at the shortest interval again.
const RECOVERY: Duration = Duration::from_secs(20);
/// Compilation goes on when this share of the cache is free, and a piece of a quarter of that.
const ROOM: usize = 8;
/// Sweeps in a row without enough room before the user is told.
const PATIENCE: u32 = 4;

/// When sweeps are due.
pub struct Sweeper {
    /// Bytes of code retired since the last sweep.
    retired: AtomicUsize,
    /// Methods whose code is dormant.
    dormant: AtomicUsize,
    warned: AtomicBool,
    pace: Mutex<Pace>,
}

struct Pace {
    /// No sweep before.
    next: Instant,
    /// The next interval of a full cache.
    pause: Duration,
    /// Sweeps in a row that have not made enough room.
    futile: u32,
}

impl Default for Sweeper {
    fn default() -> Sweeper {
        let pace = Pace { next: Instant::now(), pause: FULL_PAUSE, futile: 0 };
        Sweeper {
            retired: AtomicUsize::new(0),
            dormant: AtomicUsize::new(0),
            warned: AtomicBool::new(false),
            pace: Mutex::new(pace),
        }
    }
}

impl Sweeper {
    /// Notes code that is not entered any more.
    pub fn retired(&self, code: &NMethod) {
        self.retired.fetch_add(code.size, Ordering::Relaxed);
    }
}

/// The code that frames run, by its start. The world is stopped.
pub fn on_stacks(jit: &Jit, vm: &Vm) -> HashSet<usize> {
    let mut running = HashSet::new();
    vm.threads.with_all(|threads| {
        for t in threads {
            frames::visit_compiled_frames(t, &mut |pc| {
                running.extend(jit.cache.find(pc).map(|n| n.start));
            });
        }
    });
    running
}

impl Jit {
    /// The cache has no room for what was to be installed.
    pub fn cache_is_full(&self) {
        self.full.store(true, Ordering::Relaxed);
        if !self.vm().options.jit.flush_code {
            self.warn_of_full_cache();
        }
    }

    fn warn_of_full_cache(&self) {
        if !self.sweeper.warned.swap(true, Ordering::Relaxed) {
            eprintln!("Caturra 64-Bit VM warning: CodeCache is full. Compiler has been disabled.");
            eprintln!(
                "Caturra 64-Bit VM warning: Try increasing the code cache size using -XX:ReservedCodeCacheSize="
            );
        }
    }

    fn wants_sweep(&self) -> bool {
        let full = self.full.load(Ordering::Relaxed) && self.vm().options.jit.flush_code;
        let enough = (self.cache.size() / RETIRED_SHARE).clamp(RETIRED_LEAST, RETIRED_MOST);
        (full || self.sweeper.retired.load(Ordering::Relaxed) >= enough)
            && Instant::now() >= self.sweeper.pace.lock().next
    }

    /// Sweeps where it is time to. The calling thread is at a place where it may stop.
    pub fn sweep_if_wanted(&self, t: &Thread) {
        if self.wants_sweep() {
            safepoint::stop_the_world(t, || {
                if self.wants_sweep() {
                    self.sweep();
                }
            });
        }
    }

    fn sweep(&self) {
        let mut pace = self.sweeper.pace.lock();
        let Some(_no_compilations) = self.metadata.try_write() else {
            pace.next = Instant::now() + PAUSE;
            return;
        };
        let full = self.full.load(Ordering::Relaxed) && self.vm().options.jit.flush_code;
        let running = on_stacks(self, self.vm());
        self.free_code(|installed, n| {
            let free = match n.state() {
                State::NotEntrant => true,
                State::Dormant => full,
                State::InUse => full && installed.is_replaced(n),
            };
            free && !running.contains(&n.start)
        });
        self.sweeper.retired.store(0, Ordering::Relaxed);
        if !full {
            pace.next = Instant::now() + PAUSE;
            return;
        }
        let enough = self.cache.size() / ROOM;
        let free = self.cache.size() - self.cache.used();
        let roomy = free >= enough && self.cache.largest_free() >= enough / 4;
        if !roomy {
            self.make_dormant(&running);
        }
        let now = Instant::now();
        if now.saturating_duration_since(pace.next) >= RECOVERY {
            pace.pause = FULL_PAUSE;
        }
        pace.next = now + pace.pause;
        pace.pause = (pace.pause * 2).min(LONGEST_PAUSE);
        pace.futile = if roomy { 0 } else { pace.futile + 1 };
        if roomy {
            self.full.store(false, Ordering::Relaxed);
        } else if pace.futile >= PATIENCE {
            self.warn_of_full_cache();
        }
    }

    /// Has the methods interpreted whose code no frame runs, until they are called again.
    fn make_dormant(&self, running: &HashSet<usize>) {
        let mut installed = self.installed.lock();
        let Installed { all, dormant, .. } = &mut *installed;
        for n in all.iter().map(|n| n.get()) {
            if n.state() != State::InUse || running.contains(&n.start) {
                continue;
            }
            if n.osr_bci.is_none() {
                let method = n.method;
                if method.compiled.load(Ordering::Acquire) as usize != n.start {
                    continue;
                }
                dormant.insert(method.as_raw(), n.start);
                self.clear_entries(method);
                // The interpreter shows the next call to the policy.
                let calls = method.invocations.load(Ordering::Relaxed).min(u32::MAX / 2);
                let notified = caturra_kernel::runtime::vm::INVOCATION_NOTIFICATION;
                method.invocations.store(calls | (notified - 1), Ordering::Relaxed);
            }
            n.set_state(State::Dormant);
        }
        self.sweeper.dormant.store(dormant.len(), Ordering::Relaxed);
    }

    /// Makes dormant code of a method current again; whether there was some.
    pub fn revive(&self, method: MethodRef) -> bool {
        if self.sweeper.dormant.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut installed = self.installed.lock();
        let Some(start) = installed.dormant.remove(&method.as_raw()) else { return false };
        self.sweeper.dormant.store(installed.dormant.len(), Ordering::Relaxed);
        let Some(code) = self.cache.find(start) else { return false };
        code.set_state(State::InUse);
        crate::install::set_entries(method, start);
        true
    }

    /// Takes the code out of all tables that `is_needless`, and frees it. The world is stopped, nothing is being compiled, and
    /// no frame runs the code.
    pub fn free_code(&self, is_needless: impl Fn(&Installed, &NMethod) -> bool) {
        let mut dependents = self.dependents.lock();
        let mut installed = self.installed.lock();
        let mut all = std::mem::take(&mut installed.all);
        let mut gone = HashSet::new();
        all.retain(|n| {
            let n = n.get();
            if !is_needless(&installed, n) {
                return true;
            }
            gone.insert(std::ptr::from_ref(n) as usize);
            installed.detach(n);
            self.release_constants(n);
            self.printer.freed(n);
            self.cache.free(n.block);
            false
        });
        installed.all = all;
        self.sweeper.dormant.store(installed.dormant.len(), Ordering::Relaxed);
        if !gone.is_empty() {
            dependents.remove(&gone);
        }
    }
}

impl Installed {
    /// Whether optimised code has taken the place of this code of tier 1.
    fn is_replaced(&self, n: &NMethod) -> bool {
        let codes = match n.osr_bci {
            Some(bci) => self.osr.get(&(n.method.as_raw(), bci)),
            None => self.whole.get(&n.method.as_raw()),
        };
        n.tier < OPTIMISED && codes.is_some_and(|c| c.optimised != 0 && c.baseline == n.start)
    }
}
