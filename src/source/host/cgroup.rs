//! The share of the machine that a control group (version 2) leaves to this process.

use std::path::{Path, PathBuf};

use super::filesystem;
use crate::signal::{Quantity, Unit};

/// The tightest limits that hold for this process; none of them outside a limited group.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The directory of the group with the tightest CPU limit, and how many cores' time it gives.
    pub cores: Option<(PathBuf, f64)>,
    /// The directory of the group with the tightest memory limit, and its bytes.
    pub memory: Option<(PathBuf, f64)>,
}

impl Group {
    /// The limits of this process' group and of every group around it.
    pub(super) fn of_this_process(root: &Path) -> Self {
        let mut group = Self::default();
        for folder in folders(root).unwrap_or_default() {
            let cores = std::fs::read_to_string(folder.join("cpu.max")).ok().and_then(|text| cores(&text));
            tighten(&mut group.cores, &folder, cores);
            let memory = std::fs::read_to_string(folder.join("memory.max")).ok();
            tighten(&mut group.memory, &folder, memory.and_then(|text| text.trim().parse().ok()));
        }
        group
    }

    /// Caveats about the limits.
    pub(super) fn notes(&self) -> Vec<String> {
        let cores =
            self.cores.as_ref().map(|(_, cores)| format!("a control group limits the CPU to {cores} cores"));
        let memory = self.memory.as_ref().and_then(|(_, bytes)| Quantity::new(*bytes, Unit::Bytes));
        let memory = memory.map(|memory| format!("a control group limits the memory to {memory}"));
        cores.into_iter().chain(memory).collect()
    }
}

/// The directory of this process' group and those around it, innermost first.
fn folders(root: &Path) -> Option<Vec<PathBuf>> {
    let mounts = filesystem::mounted(root).ok()?;
    let mount = mounts.into_iter().find(|mount| mount.fs_type == "cgroup2")?;
    let text = std::fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("0::"))?;
    // In a container the mount may begin at the container's own group.
    let name = name.strip_prefix(mount.root.as_str()).unwrap_or(name);
    let top = root.join(mount.mount_point.strip_prefix("/").ok()?);
    let name = Path::new(name.trim_start_matches('/'));
    if name.components().any(|part| part == std::path::Component::ParentDir) {
        return Some(vec![top]); // a group outside of what is mounted here
    }
    Some(name.ancestors().map(|name| top.join(name)).collect())
}

/// `quota period` in microseconds; `max` is no limit.
fn cores(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn tighten(tightest: &mut Option<(PathBuf, f64)>, folder: &Path, limit: Option<f64>) {
    let Some(limit) = limit.filter(|limit| limit.is_finite() && *limit > 0.0) else { return };
    if tightest.as_ref().is_none_or(|(_, known)| limit < *known) {
        *tightest = Some((folder.to_owned(), limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::host::linux::tests::machine;

    #[test]
    fn the_tightest_group_counts() {
        let machine = machine(&[
            ("proc/self/cgroup", "0::/app/worker\n"),
            ("proc/self/mountinfo", "30 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
            ("sys/fs/cgroup/app/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/app/memory.max", "max\n"),
            ("sys/fs/cgroup/app/worker/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/app/worker/memory.max", "1073741824\n"),
        ]);
        let group = Group::of_this_process(machine.path());
        assert_eq!(group.cores, Some((machine.path().join("sys/fs/cgroup/app"), 1.5)));
        assert_eq!(group.memory, Some((machine.path().join("sys/fs/cgroup/app/worker"), 1_073_741_824.0)));
        assert_eq!(group.notes()[1], "a control group limits the memory to 1 GiB");
    }

    #[test]
    fn without_groups_there_is_no_limit() {
        let group = Group::of_this_process(machine(&[]).path());
        assert!(group.cores.is_none() && group.memory.is_none());
    }
}
