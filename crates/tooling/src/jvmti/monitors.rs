//! Raw monitors (JVMTI, "Raw Monitor"): locks of agents, which nest and have a wait set.

use super::entry::{bytes_of, given, put};
use super::registry;
use super::types::{Answer, Error};
use caturra_jni::types::jlong;
use caturra_kernel::Thread;
use caturra_kernel::runtime::safepoint::BlockedScope;
use parking_lot::{Condvar, Mutex};
use std::collections::HashSet;
use std::ffi::c_char;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Held {
    /// System id of the owner, 0 when free.
    owner: i32,
    depth: u32,
    /// Notifications not yet taken, and who waits.
    notified: u32,
    waiting: u32,
}

/// One raw monitor, at the address that the agent knows it by.
#[derive(Default)]
pub struct RawMonitor {
    held: Mutex<Held>,
    released: Condvar,
    notification: Condvar,
}

/// The addresses of the monitors that exist.
#[derive(Default)]
pub(crate) struct RawMonitors(Mutex<HashSet<usize>>);

fn me() -> i32 {
    caturra_kernel::platform::linux::current_tid()
}

impl RawMonitor {
    fn lock(&self, me: i32, depth: u32) {
        let mut held = self.held.lock();
        while held.owner != 0 && held.owner != me {
            self.released.wait(&mut held);
        }
        held.owner = me;
        held.depth += depth;
    }

    fn unlock(&self, me: i32) -> Answer {
        let mut held = self.held.lock();
        if held.owner != me {
            return Err(Error::NOT_MONITOR_OWNER);
        }
        held.depth -= 1;
        if held.depth == 0 {
            held.owner = 0;
            self.released.notify_one();
        }
        Ok(())
    }

    fn wait(&self, me: i32, limit: Option<Duration>) -> Answer {
        let deadline = limit.map(|l| Instant::now() + l);
        let mut held = self.held.lock();
        if held.owner != me {
            return Err(Error::NOT_MONITOR_OWNER);
        }
        let depth = std::mem::take(&mut held.depth);
        held.owner = 0;
        held.waiting += 1;
        self.released.notify_one();
        while held.notified == 0 {
            match deadline {
                None => self.notification.wait(&mut held),
                Some(d) => {
                    if self.notification.wait_until(&mut held, d).timed_out() {
                        break;
                    }
                }
            }
        }
        held.waiting -= 1;
        held.notified = held.notified.saturating_sub(1).min(held.waiting);
        drop(held);
        self.lock(me, depth);
        Ok(())
    }

    fn notify(&self, me: i32, all: bool) -> Answer {
        let mut held = self.held.lock();
        if held.owner != me {
            return Err(Error::NOT_MONITOR_OWNER);
        }
        let more = if all { held.waiting } else { held.notified + 1 };
        held.notified = more.min(held.waiting);
        self.notification.notify_all();
        Ok(())
    }
}

/// The monitor of an address that exists.
fn monitor(env: &super::env::Env, m: *const RawMonitor) -> Answer<&'static RawMonitor> {
    if !registry(env.vm).monitors.0.lock().contains(&(m as usize)) {
        return Err(Error::INVALID_MONITOR);
    }
    // SAFETY: a leaked box that has not been freed; an agent does not destroy a monitor in use.
    Ok(unsafe { &*m })
}

/// Runs `f`, which may wait for others, with the calling thread out of the way of safepoints.
fn blocking<R>(f: impl FnOnce() -> R) -> R {
    match Thread::current() {
        Some(t) => {
            let _blocked = BlockedScope::enter(t);
            f()
        }
        None => f(),
    }
}

jvmti_functions! {
    /// `CreateRawMonitor`.
    any fn CreateRawMonitor(env, name: *const c_char, created: *mut *mut RawMonitor) {
        bytes_of(name)?;
        given(created)?;
        let m = Box::into_raw(Box::<RawMonitor>::default());
        registry(env.vm).monitors.0.lock().insert(m as usize);
        put(created, m)
    }

    /// `DestroyRawMonitor`.
    any fn DestroyRawMonitor(env, m: *mut RawMonitor) {
        let owner = monitor(env, m)?.held.lock().owner;
        if owner != 0 && owner != me() {
            return Err(Error::NOT_MONITOR_OWNER);
        }
        if registry(env.vm).monitors.0.lock().remove(&(m as usize)) {
            // SAFETY: made by `CreateRawMonitor`, and just taken out of the set by this thread alone.
            drop(unsafe { Box::from_raw(m) });
        }
        Ok(())
    }

    /// `RawMonitorEnter`.
    any fn RawMonitorEnter(env, m: *mut RawMonitor) {
        let m = monitor(env, m)?;
        blocking(|| m.lock(me(), 1));
        Ok(())
    }

    /// `RawMonitorExit`.
    any fn RawMonitorExit(env, m: *mut RawMonitor) {
        monitor(env, m)?.unlock(me())
    }

    /// `RawMonitorWait`: 0 milliseconds, or less, mean for ever.
    any fn RawMonitorWait(env, m: *mut RawMonitor, millis: jlong) {
        let m = monitor(env, m)?;
        let limit = u64::try_from(millis).ok().filter(|n| *n > 0).map(Duration::from_millis);
        blocking(|| m.wait(me(), limit))
    }

    /// `RawMonitorNotify`.
    any fn RawMonitorNotify(env, m: *mut RawMonitor) {
        monitor(env, m)?.notify(me(), false)
    }

    /// `RawMonitorNotifyAll`.
    any fn RawMonitorNotifyAll(env, m: *mut RawMonitor) {
        monitor(env, m)?.notify(me(), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn monitors_nest_and_pass_on_notifications() {
        let m = Arc::new(RawMonitor::default());
        m.lock(1, 1);
        m.lock(1, 1);
        assert_eq!(m.unlock(2), Err(Error::NOT_MONITOR_OWNER));
        let other = m.clone();
        let waiter = std::thread::spawn(move || {
            other.lock(2, 1);
            other.notify(2, false).and_then(|()| other.unlock(2))
        });
        assert_eq!(m.wait(1, None), Ok(()));
        assert_eq!(m.unlock(1).and_then(|()| m.unlock(1)), Ok(()));
        assert_eq!(m.unlock(1), Err(Error::NOT_MONITOR_OWNER));
        assert_eq!(waiter.join().unwrap(), Ok(()));
        m.lock(1, 1);
        assert_eq!(m.wait(1, Some(Duration::from_millis(1))), Ok(()));
        assert_eq!(m.unlock(1), Ok(()));
    }
}
