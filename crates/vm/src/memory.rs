//! How much memory the machine or the container grants.

use caturra_kernel::platform::cgroup;

/// Bytes of memory: the smaller of the machine's and, when asked, the control group's limit.
pub fn physical(use_container_support: bool) -> u64 {
    // SAFETY: plain queries of the C library.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let machine = (pages.max(1) as u64).saturating_mul(size.max(1) as u64);
    if !use_container_support {
        return machine;
    }
    cgroup::memory().map_or(machine, |limit| limit.min(machine))
}
