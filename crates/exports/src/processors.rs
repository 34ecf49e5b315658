//! How many processors the process may use: its affinity mask, and the CPU quota of its control group
//! (cgroup v1 and v2, `man 7 cgroups`).

use std::path::{Path, PathBuf};
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
        let limit = quota_limit().unwrap_or(u32::MAX);
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

/// Quota over period of the tightest control group above the process, rounded up; `None` without a limit.
fn quota_limit() -> Option<u32> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let (kind, mount, group) = locate(&groups, &mounts)?;
    let mut dir = mount.join(group.strip_prefix("/").unwrap_or(&group));
    let mut tightest: Option<u32> = None;
    loop {
        if let Some(limit) = kind.limit_in(&dir) {
            tightest = Some(tightest.map_or(limit, |t| t.min(limit)));
        }
        if dir == mount || !dir.pop() {
            return tightest;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    V1,
    V2,
}

impl Kind {
    fn limit_in(self, dir: &Path) -> Option<u32> {
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
        match self {
            Kind::V2 => parse_cpu_max(&read("cpu.max")?),
            Kind::V1 => processors(
                read("cpu.cfs_quota_us")?.trim().parse().ok()?,
                read("cpu.cfs_period_us")?.trim().parse().ok()?,
            ),
        }
    }
}

/// "max 100000" or "150000 100000".
fn parse_cpu_max(text: &str) -> Option<u32> {
    let mut words = text.split_whitespace();
    let quota = words.next()?.parse().ok()?;
    processors(quota, words.next()?.parse().ok()?)
}

fn processors(quota: i64, period: i64) -> Option<u32> {
    (quota > 0 && period > 0).then(|| u32::try_from((quota + period - 1) / period).unwrap_or(u32::MAX))
}

/// The hierarchy that controls CPU time: its kind, mount point, and the process's group below that.
fn locate(groups: &str, mounts: &str) -> Option<(Kind, PathBuf, PathBuf)> {
    let mut found = None;
    for line in mounts.lines() {
        // id parent major:minor root mount-point options… - type source super-options
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut after = after.split(' ');
        let (fs, options) = (after.next()?, after.nth(1).unwrap_or(""));
        let kind = match fs {
            "cgroup2" => Kind::V2,
            "cgroup" if options.split(',').any(|o| o == "cpu") => Kind::V1,
            _ => continue,
        };
        // A v1 controller wins: where it is mounted, v2 does not control CPU time.
        if found.is_none() || kind == Kind::V1 {
            found = Some((kind, root, point));
        }
    }
    let (kind, root, point) = found?;
    let group = groups.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let ours = match kind {
            Kind::V2 => id == "0" && controllers.is_empty(),
            Kind::V1 => controllers.split(',').any(|c| c == "cpu"),
        };
        ours.then_some(path)
    })?;
    // In a container the mount shows a part of the hierarchy: what lies above its root is not visible.
    let below = if root == "/" { group } else { group.strip_prefix(root).unwrap_or("/") };
    Some((kind, PathBuf::from(point), PathBuf::from(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_round_up() {
        assert_eq!(parse_cpu_max("max 100000\n"), None);
        assert_eq!(parse_cpu_max("150000 100000\n"), Some(2));
        assert_eq!(parse_cpu_max("50000 100000\n"), Some(1));
        assert_eq!(processors(-1, 100_000), None);
    }

    #[test]
    fn finds_the_group() {
        let v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
        let (kind, mount, group) = locate("0::/user.slice/a.scope\n", v2).unwrap();
        assert_eq!(
            (kind, mount.to_str(), group.to_str()),
            (Kind::V2, Some("/sys/fs/cgroup"), Some("/user.slice/a.scope"))
        );
        let v1 = "33 30 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n";
        let (kind, mount, group) = locate("4:cpu,cpuacct:/docker/abc\n", v1).unwrap();
        assert_eq!((kind, mount.to_str(), group.to_str()), (Kind::V1, Some("/sys/fs/cgroup/cpu"), Some("")));
        assert!(locate("", v2).is_none());
    }

    #[test]
    fn at_least_one_processor() {
        assert!(active(Instant::now(), true) >= 1);
    }
}
