//! What is mounted where.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use procfs::process::MountInfo;

use super::linux::not_readable;
use crate::snapshot::Unavailable;

/// Every mount this process sees, in the order of mounting. A line of an unknown form is left out.
pub(super) fn read(root: &Path) -> Result<Vec<MountInfo>, Unavailable> {
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

    #[test]
    fn paths_with_spaces_are_read() {
        let line = r"36 35 98:0 / /mnt/two\040words rw - ext4 /dev/sdb rw";
        let mount = unescaped(MountInfo::from_line(line).unwrap());
        assert_eq!(mount.mount_point, Path::new("/mnt/two words"));
    }
}
