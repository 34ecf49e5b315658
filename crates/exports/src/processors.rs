//! How many processors the process may use: its affinity mask, and the CPU quota of its control group.

use caturra_kernel::platform::cgroup;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long an answer about the control group is taken to hold: programs ask often, and asking costs
/// several file reads.
const KEPT_FOR: Duration = Duration::from_millis(20);

/// Processors that the process can use at present, at least 1.
pub fn active(since: Instant, use_container: bool) -> u32 {
    // Milliseconds of the last look plus one in the high half, its result in the low half. The limit is the
    // process's, so one cell serves all VMs in it.
    static LAST: AtomicU64 = AtomicU64::new(0);
    let cpus = affinity();
    if !use_container {
        return cpus;
    }
    let now = since.elapsed().as_millis() as u64 as u32;
    let last = LAST.load(Ordering::Relaxed);
    let (at, limit) = ((last >> 32) as u32, last as u32);
    let limit = if at != 0 && now.wrapping_sub(at - 1) < KEPT_FOR.as_millis() as u32 {
        limit
    } else {
        let limit = cgroup::processors().unwrap_or(u32::MAX);
        LAST.store((u64::from(now.wrapping_add(1).max(1)) << 32) | u64::from(limit), Ordering::Relaxed);
        limit
    };
    cpus.min(limit).max(1)
}

/// Processors in the affinity mask.
fn affinity() -> u32 {
    // SAFETY: plain system calls on a buffer of ours.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) == 0 {
            return (libc::CPU_COUNT(&set) as u32).max(1);
        }
        // More processors than the fixed set holds.
        libc::sysconf(libc::_SC_NPROCESSORS_ONLN).max(1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_one_processor() {
        assert!(active(Instant::now(), true) >= 1);
    }
}
