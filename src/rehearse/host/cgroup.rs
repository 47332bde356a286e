//! The limits of the Linux control group of this process.
//!
//! Reads both versions of control groups, version 1 first if a machine has both, like Go.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The folder with a controller's files for this process.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    folder: PathBuf,
    /// The mount point of the hierarchy, which contains `folder`.
    mount: PathBuf,
    is_old: bool,
}

/// The processor time that the process may use, in processors; `None` without a limit. Like the Go
/// runtime, this only reads the group itself and not those above it.
pub fn processors() -> Option<f64> {
    let group = Group::of("cpu")?;
    let number = |file: &str| read_to_string(group.folder.join(file)).ok()?.trim().parse().ok();
    if group.is_old {
        return share(number("cpu.cfs_quota_us")?, number("cpu.cfs_period_us")?);
    }
    let text = read_to_string(group.folder.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    share(quota.parse().ok()?, period.parse().ok()?)
}

/// `max` or a negative number means no limit.
fn share(quota: i32, period: i32) -> Option<f64> {
    (quota > 0 && period > 0).then(|| f64::from(quota) / f64::from(period))
}

/// The lowest memory limit in bytes of the group and those above it.
pub fn memory() -> Option<u64> {
    let group = Group::of("memory")?;
    let file = if group.is_old { "memory.limit_in_bytes" } else { "memory.max" };
    let folders = group.folder.ancestors().take_while(|folder| folder.starts_with(&group.mount));
    let limit = |folder: &Path| read_to_string(folder.join(file)).ok()?.trim().parse().ok();
    folders.filter_map(limit).min()
}

impl Group {
    fn of(controller: &str) -> Option<Self> {
        let read = |file: &str| read_to_string(Path::new("/proc/self").join(file)).ok();
        Self::find(controller, &read("cgroup")?, &read("mountinfo")?)
    }

    fn find(controller: &str, groups: &str, mounts: &str) -> Option<Self> {
        let (path, is_old) = path_of(controller, groups)?;
        mounts.lines().find_map(|line| {
            let (root, mount) = mounted(line, controller, is_old)?;
            let below = path.strip_prefix(root).ok()?;
            let is_out_of_reach = below.starts_with("..");
            let (mount, folder) = (PathBuf::from(mount), Path::new(mount).join(below));
            (!is_out_of_reach).then_some(Self { folder, mount, is_old })
        })
    }
}

/// The path of the group in its hierarchy, and whether that is version 1.
fn path_of<'t>(controller: &str, groups: &'t str) -> Option<(&'t Path, bool)> {
    let lines = groups.lines().filter_map(|line| {
        let (number, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        Some((number, controllers, Path::new(path)))
    });
    let old = lines.clone().find(|(_, controllers, _)| has(controllers, controller));
    let new = || lines.clone().find(|(number, ..)| *number == "0");
    old.map(|(.., path)| (path, true)).or_else(|| new().map(|(.., path)| (path, false)))
}

/// Root and mount point of a mount with the controller.
fn mounted<'t>(line: &'t str, controller: &str, is_old: bool) -> Option<(&'t str, &'t str)> {
    let (place, kind) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(3);
    let mut kind = kind.split(' ');
    let fits = if is_old {
        kind.next() == Some("cgroup") && has(kind.nth(1)?, controller)
    } else {
        kind.next() == Some("cgroup2")
    };
    let found = (place.next()?, place.next()?);
    fits.then_some(found)
}

fn has(list: &str, word: &str) -> bool {
    list.split(',').any(|item| item == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        32 31 0:29 /pod /sys/fs/cgroup/cpu rw,relatime shared:1 - cgroup cgroup rw,cpu,cpuacct\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    fn find(controller: &str, groups: &str) -> Option<(String, bool)> {
        let group = Group::find(controller, groups, MOUNTS)?;
        Some((group.folder.to_str().unwrap().to_owned(), group.is_old))
    }

    #[test]
    fn finds_the_files_of_a_controller() {
        for (controller, groups, folder, is_old) in [
            ("cpu", "2:cpuacct,cpu:/pod/a\n0::/b\n", "/sys/fs/cgroup/cpu/a", true),
            ("cpu", "2:cpuset:/pod/a\n0::/b\n", "/sys/fs/cgroup/unified/b", false),
            ("memory", "0::/\n", "/sys/fs/cgroup/unified/", false),
        ] {
            assert_eq!(find(controller, groups), Some((folder.to_owned(), is_old)), "{groups}");
        }
    }

    #[test]
    fn unreachable_groups_set_no_limit() {
        for groups in ["", "0", "2:cpu:/other/a\n", "0::/../b\n", "3:memory:/\n"] {
            let controller = if groups.contains("memory") { "memory" } else { "cpu" };
            assert_eq!(find(controller, groups), None, "{groups}");
        }
    }

    #[test]
    fn divides_quota_by_period() {
        assert_eq!(share(250_000, 100_000), Some(2.5));
        assert_eq!(share(-1, 100_000), None);
        assert_eq!(share(1, 0), None);
    }
}
