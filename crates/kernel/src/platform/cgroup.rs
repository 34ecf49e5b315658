//! Limits of the process's control groups (`man 7 cgroups`), versions 1 and 2: processors and memory.
//!
//! A group's limit holds for the groups below it, too, so the tightest on the way up counts. In a container the mounted
//! hierarchy often shows a part only; what lies above its root is not visible.

use std::path::{Path, PathBuf};

/// Processors that the CPU quota amounts to, rounded up; `None` without a limit.
pub fn processors() -> Option<u32> {
    let (groups, mounts) = tables()?;
    processors_by(&groups, &mounts)
}

/// Bytes of memory that may be used; `None` without a limit.
pub fn memory() -> Option<u64> {
    let (groups, mounts) = tables()?;
    memory_by(&groups, &mounts)
}

fn tables() -> Option<(String, String)> {
    let read = |path| std::fs::read_to_string(path).ok();
    Some((read("/proc/self/cgroup")?, read("/proc/self/mountinfo")?))
}

fn processors_by(groups: &str, mounts: &str) -> Option<u32> {
    tightest(groups, mounts, "cpu", |kind, read| match kind {
        Kind::V2 => parse_cpu_max(&read("cpu.max")?),
        Kind::V1 => quotient(
            read("cpu.cfs_quota_us")?.trim().parse().ok()?,
            read("cpu.cfs_period_us")?.trim().parse().ok()?,
        ),
    })
}

fn memory_by(groups: &str, mounts: &str) -> Option<u64> {
    tightest(groups, mounts, "memory", |kind, read| {
        // "max" is no number; version 1 says it with one that is larger than any memory.
        let name = if kind == Kind::V2 { "memory.max" } else { "memory.limit_in_bytes" };
        read(name)?.trim().parse().ok()
    })
}

/// The least of what `limit_of` finds in the directories of the process's group and those above it.
fn tightest<T: Ord>(
    groups: &str,
    mounts: &str,
    controller: &str,
    limit_of: impl Fn(Kind, &dyn Fn(&str) -> Option<String>) -> Option<T>,
) -> Option<T> {
    let (kind, mount, group) = locate(groups, mounts, controller)?;
    let mut dir = mount.join(group.strip_prefix("/").unwrap_or(&group));
    let mut least: Option<T> = None;
    loop {
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
        if let Some(limit) = limit_of(kind, &read) {
            least = Some(match least {
                Some(other) => other.min(limit),
                None => limit,
            });
        }
        if dir == mount || !dir.pop() {
            return least;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    V1,
    V2,
}

/// "max 100000" or "150000 100000".
fn parse_cpu_max(text: &str) -> Option<u32> {
    let mut words = text.split_whitespace();
    let quota = words.next()?.parse().ok()?;
    quotient(quota, words.next()?.parse().ok()?)
}

fn quotient(quota: i64, period: i64) -> Option<u32> {
    (quota > 0 && period > 0).then(|| u32::try_from((quota + period - 1) / period).unwrap_or(u32::MAX))
}

/// The hierarchy of a controller: its kind, mount point, and the process's group below that.
fn locate(groups: &str, mounts: &str, controller: &str) -> Option<(Kind, PathBuf, PathBuf)> {
    let mut found = None;
    for line in mounts.lines() {
        // id parent major:minor root mount-point options… - type source super-options
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let mut fields = before.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut after = after.split(' ');
        let (fs, options) = (after.next()?, after.nth(1).unwrap_or(""));
        let kind = match fs {
            "cgroup2" => Kind::V2,
            "cgroup" if options.split(',').any(|o| o == controller) => Kind::V1,
            _ => continue,
        };
        // Where version 1 has the controller, version 2 has not.
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
            Kind::V1 => controllers.split(',').any(|c| c == controller),
        };
        ours.then_some(path)
    })?;
    let below = match Path::new(group).strip_prefix(root) {
        Ok(rest) => Path::new("/").join(rest),
        Err(_) => PathBuf::from("/"),
    };
    Some((kind, PathBuf::from(point), below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn quotas_round_up() {
        assert_eq!(parse_cpu_max("max 100000\n"), None);
        assert_eq!(parse_cpu_max("150000 100000\n"), Some(2));
        assert_eq!(parse_cpu_max("50000 100000\n"), Some(1));
        assert_eq!(quotient(-1, 100_000), None);
    }

    #[test]
    fn finds_the_group() {
        let v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
        let at = |groups, mounts, controller| {
            let (kind, mount, group) = locate(groups, mounts, controller)?;
            Some((kind, mount.to_str()?.to_string(), group.to_str()?.to_string()))
        };
        let found = |kind, mount: &str, group: &str| Some((kind, mount.to_string(), group.to_string()));
        assert_eq!(
            at("0::/user.slice/a.scope\n", v2, "cpu"),
            found(Kind::V2, "/sys/fs/cgroup", "/user.slice/a.scope")
        );
        let v1 = "33 30 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n";
        assert_eq!(at("4:cpu,cpuacct:/docker/abc\n", v1, "cpu"), found(Kind::V1, "/sys/fs/cgroup/cpu", "/"));
        assert_eq!(at("4:cpu,cpuacct:/docker/abcd\n", v1, "cpu"), found(Kind::V1, "/sys/fs/cgroup/cpu", "/"));
        assert_eq!(at("4:cpu,cpuacct:/docker/abc\n", v1, "memory"), None);
        assert_eq!(at("", v2, "cpu"), None);
    }

    /// A hierarchy of files as the system shows it, below a directory of the test's own.
    struct Files(PathBuf);

    impl Files {
        fn new(name: &str, files: &[(&str, &str)]) -> Files {
            let root = std::env::temp_dir().join(format!("cgroup-{name}-{}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Files(root)
        }

        fn mount(&self, fs: &str, options: &str) -> String {
            format!("30 23 0:26 / {} rw - {fs} {fs} {options}\n", self.0.display())
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_tightest_group_on_the_way_up_counts() {
        let files = Files::new(
            "v2",
            &[
                ("a/memory.max", "134217728\n"),
                ("a/cpu.max", "250000 100000\n"),
                ("a/b/memory.max", "max\n"),
                ("a/b/cpu.max", "350000 100000\n"),
            ],
        );
        let mounts = files.mount("cgroup2", "rw");
        assert_eq!(memory_by("0::/a/b\n", &mounts), Some(128 << 20));
        assert_eq!(processors_by("0::/a/b\n", &mounts), Some(3));
        assert_eq!(memory_by("0::/\n", &mounts), None);
    }

    #[test]
    fn version_1_has_a_hierarchy_for_each_controller() {
        let files = Files::new(
            "v1",
            &[
                ("memory.limit_in_bytes", "9223372036854771712\n"),
                ("c/memory.limit_in_bytes", "67108864\n"),
                ("cpu.cfs_quota_us", "-1\n"),
                ("c/cpu.cfs_quota_us", "50000\n"),
                ("c/cpu.cfs_period_us", "100000\n"),
            ],
        );
        let mounts = files.mount("cgroup", "rw,memory") + &files.mount("cgroup", "rw,cpu,cpuacct");
        let groups = "4:memory:/c\n3:cpu,cpuacct:/c\n0::/\n";
        assert_eq!(memory_by(groups, &mounts), Some(64 << 20));
        assert_eq!(processors_by(groups, &mounts), Some(1));
        assert_eq!(processors_by("3:cpu,cpuacct:/\n", &mounts), None);
    }
}
