//! Space on filesystems.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use procfs::process::MountInfo;
use rustix::fs::statvfs;

use super::linux::{absent, not_readable};
use crate::{signal::Unit, snapshot::Unavailable, source::result_builder::SourceResultBuilder};

pub(super) const SIGNAL: &str = "host.disk_space";

/// Filesystems on devices that are full by nature.
const IMAGES: [&str; 4] = ["squashfs", "iso9660", "udf", "erofs"];
/// Filesystems that span devices and do not show one as their source.
const POOLS: [&str; 2] = ["zfs", "bcachefs"];

/// The space of one filesystem.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Space {
    mountpoint: String,
    /// Bytes in use.
    used: f64,
    /// Bytes in use or free to ordinary accounts; what is reserved for root belongs to neither.
    usable: f64,
}

/// Reads every filesystem that keeps data on a device of this machine.
pub(super) fn read(root: &Path) -> Result<Vec<Space>, Unavailable> {
    let spaces = real(mounted(root)?, root).iter().filter_map(|mount| space(mount, root)).collect();
    Ok(spaces)
}

/// Writable filesystems on devices, each once, at its shortest mountpoint.
fn real(mut mounts: Vec<MountInfo>, root: &Path) -> Vec<MountInfo> {
    mounts.retain(|mount| {
        let on_device = mount.mount_source.as_deref().is_some_and(|source| source.starts_with("/dev/"));
        let kind = mount.fs_type.as_str();
        (on_device || POOLS.contains(&kind))
            && !IMAGES.contains(&kind)
            && !mount.super_options.contains_key("ro")
            && at(mount, root).is_dir() // containers bind single files such as /etc/hosts
    });
    mounts.sort_by_key(|mount| (mount.mount_point.as_os_str().len(), mount.mount_point.clone()));
    let mut seen = BTreeSet::new();
    // Subvolumes have device numbers of their own but share the source.
    mounts.retain(|mount| seen.insert(mount.mount_source.clone().unwrap_or_else(|| mount.majmin.clone())));
    mounts
}

fn at(mount: &MountInfo, root: &Path) -> PathBuf {
    root.join(mount.mount_point.strip_prefix("/").unwrap_or(&mount.mount_point))
}

fn space(mount: &MountInfo, root: &Path) -> Option<Space> {
    let stat = statvfs(at(mount, root)).ok().filter(|stat| stat.f_blocks > 0)?;
    let bytes = |blocks: u64| blocks as f64 * stat.f_frsize as f64;
    let used = bytes(stat.f_blocks.saturating_sub(stat.f_bfree));
    let mountpoint = mount.mount_point.to_string_lossy().into_owned();
    Some(Space { mountpoint, used, usable: used + bytes(stat.f_bavail) })
}

/// The share in use of each filesystem, as `df` computes it.
pub(super) fn measure(draft: &mut SourceResultBuilder, spaces: &[Space]) {
    if spaces.is_empty() {
        let why = absent("no filesystem on a device of this machine is visible, as in a container");
        return draft.unavailable(SIGNAL, why);
    }
    for space in spaces.iter().filter(|space| space.usable > 0.0) {
        draft
            .observe(SIGNAL, space.used / space.usable, "statvfs: used / (used + available)")
            .instance(&space.mountpoint)
            .capacity(space.usable, Unit::Bytes);
    }
}

/// Every mount this process sees, in the order of mounting. A line of an unknown form is left out.
pub(super) fn mounted(root: &Path) -> Result<Vec<MountInfo>, Unavailable> {
    let path = root.join("proc/self/mountinfo");
    let text = std::fs::read(&path).map_err(|error| not_readable(&path, &error))?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().filter_map(|line| MountInfo::from_line(line).ok()).map(unescaped).collect())
}

/// Spaces, tabs, line ends and backslashes in paths are written as octal numbers.
fn unescaped(mut mount: MountInfo) -> MountInfo {
    let mut bytes = Vec::new();
    let mut rest = mount.mount_point.as_os_str().as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal =
            tail.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        let code = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(code.unwrap_or(first));
        rest = tail.get(if code.is_some() { 3 } else { 0 }..).unwrap_or_default();
    }
    mount.mount_point = PathBuf::from(OsString::from_vec(bytes));
    mount
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::host::linux::tests::machine;

    #[test]
    fn each_filesystem_on_a_device_counts_once() {
        let lines = [
            "22 27 0:21 / /proc rw - proc proc rw",
            "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw",
            "27 1 254:0 / / rw - ext4 /dev/vda rw",
            "28 27 254:0 /srv /mnt/bound rw - ext4 /dev/vda rw",
            "29 27 7:0 / /snap/core ro - squashfs /dev/loop0 ro",
            "30 27 0:40 /a /data rw - btrfs /dev/vdb rw",
            "31 27 0:41 /b /data/b rw - btrfs /dev/vdb rw",
            "32 27 0:50 / /pool rw - zfs tank/home rw",
            "33 27 0:60 / /net rw - nfs4 server:/export rw",
            "34 27 254:9 /hosts /etc/hosts rw - ext4 /dev/vdc rw",
        ];
        let folders = ["mnt/bound/x", "snap/core/x", "data/b/x", "pool/x", "net/x", "etc/hosts"];
        let mountinfo = lines.join("\n");
        let mut files = vec![("proc/self/mountinfo", mountinfo.as_str())];
        files.extend(folders.map(|path| (path, "")));
        let machine = machine(&files);
        let spaces = read(machine.path()).unwrap();
        let points: Vec<_> = spaces.iter().map(|space| space.mountpoint.as_str()).collect();
        assert_eq!(points, ["/", "/data", "/pool"]);
        assert!(spaces.iter().all(|space| space.used > 0.0 && space.usable > space.used));
    }

    #[test]
    fn paths_with_spaces_are_read() {
        let line = r"36 35 98:0 / /mnt/two\040words rw - ext4 /dev/sdb rw";
        let mount = unescaped(MountInfo::from_line(line).unwrap());
        assert_eq!(mount.mount_point, Path::new("/mnt/two words"));
    }
}
