//! How much memory the machine or the container grants.

use std::fs;

/// Bytes of memory: the smaller of the machine's and, when asked, the control group's limit (cgroup v2, then v1).
pub fn physical(use_container_support: bool) -> u64 {
    // SAFETY: plain queries of the C library.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let machine = (pages.max(1) as u64).saturating_mul(size.max(1) as u64);
    if !use_container_support {
        return machine;
    }
    container_limit().map_or(machine, |limit| limit.min(machine))
}

fn container_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let (root, file) = match (id, controllers) {
            ("0", "") => ("/sys/fs/cgroup", "memory.max"),
            (_, c) if c.split(',').any(|c| c == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        // Limits of the enclosing groups hold too; inside a container the path may not exist below the mount.
        let mut path = path.to_string();
        loop {
            let text = fs::read_to_string(format!("{root}{path}/{file}")).unwrap_or_default();
            if let Ok(limit) = text.trim().parse::<u64>() {
                least = Some(least.map_or(limit, |l| l.min(limit)));
            }
            match path.rfind('/') {
                Some(i) => path.truncate(i),
                None => break,
            }
        }
    }
    least
}
