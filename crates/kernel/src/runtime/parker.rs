//! Parking: how a thread waits for another, and how it is woken.

use crate::platform::{Deadline, futex_wait, futex_wake};
use crate::runtime::safepoint::BlockedScope;
use crate::runtime::thread::Thread;
use crate::runtime::thread_list::{self, ThreadStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const EMPTY: u32 = 0;
const SET: u32 = 1;
const WAITING: u32 = 2;

/// A binary semaphore with one waiter.
#[derive(Default)]
pub struct Event(AtomicU32);

impl Event {
    pub const fn new() -> Event {
        Event(AtomicU32::new(EMPTY))
    }
    /// Takes the permit if it is there.
    #[inline]
    pub fn try_take(&self) -> bool {
        self.0.compare_exchange(SET, EMPTY, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
    /// Waits for the permit and takes it. False when the deadline came first.
    pub fn wait(&self, deadline: Option<Deadline>) -> bool {
        if self.try_take() {
            return true;
        }
        if self.0.compare_exchange(EMPTY, WAITING, Ordering::Acquire, Ordering::Acquire).is_err() {
            self.0.store(EMPTY, Ordering::Relaxed);
            return true;
        }
        loop {
            futex_wait(&self.0, WAITING, deadline);
            if self.try_take() {
                return true;
            }
            if deadline.is_some_and(|d| d.passed()) {
                return self.0.swap(EMPTY, Ordering::Acquire) == SET;
            }
        }
    }
    /// Gives the permit; never more than one.
    pub fn set(&self) {
        if self.0.swap(SET, Ordering::Release) == WAITING {
            futex_wake(&self.0, 1);
        }
    }
}

/// What a thread waits on. Two events, so that a permit of `LockSupport.unpark` is not lost in a wait of the VM.
#[derive(Default)]
pub struct Parker {
    permit: Event,
    /// Monitors, `Object.wait` and `Thread.sleep`. Whoever waits here checks its condition again.
    pub event: Event,
}

impl Parker {
    pub fn new() -> Parker {
        Parker::default()
    }

    /// `Unsafe.park`: returns when the permit is there (and takes it), on interruption, when the time is up, or
    /// for no reason. `time` is nanoseconds, 0 for ever; with `absolute` milliseconds since the epoch.
    ///
    /// Must be called by the thread that owns the parker.
    pub fn park(&self, t: &Thread, absolute: bool, time: i64) {
        if self.permit.try_take() || thread_list::is_interrupted(t, t.object.get(), false) {
            return;
        }
        if time < 0 || (absolute && time == 0) {
            return;
        }
        let deadline = if absolute {
            Some(Deadline::at_epoch_millis(time))
        } else {
            (time > 0).then(|| Deadline::after(Duration::from_nanos(time as u64)))
        };
        let status = if deadline.is_some() { ThreadStatus::ParkedTimed } else { ThreadStatus::Parked };
        let before = thread_list::set_status(t, status);
        t.waited_count.fetch_add(1, Ordering::Relaxed);
        {
            let _blocked = BlockedScope::enter(t);
            self.permit.wait(deadline);
        }
        thread_list::restore_status(t, before);
    }

    /// `Unsafe.unpark`.
    pub fn unpark(&self) {
        self.permit.set();
    }

    /// Wakes the thread from whatever it waits for, so that it looks at its interrupt status.
    pub fn wake_all(&self) {
        self.permit.set();
        self.event.set();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Instant;

    #[test]
    fn an_event_holds_one_permit_and_wakes_its_waiter() {
        let e = Arc::new(Event::new());
        e.set();
        e.set();
        assert!(e.wait(None));
        let start = Instant::now();
        assert!(!e.wait(Some(Deadline::after(Duration::from_millis(20)))));
        assert!(start.elapsed() >= Duration::from_millis(20));
        let (a, b) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let (a2, b2) = (a.clone(), b.clone());
        let other = std::thread::spawn(move || {
            for _ in 0..20_000 {
                a2.wait(None);
                b2.set();
            }
        });
        for _ in 0..20_000 {
            a.set();
            b.wait(None);
        }
        other.join().expect("join");
    }
}
