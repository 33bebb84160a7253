//! Writing a file as a whole: a reader sees the old one or the new one, and never a part.
//!
//! The new content is written next to the old file, without a name where the system can do that, so that nothing is
//! left behind whenever the program ends; then it takes the file's place. Links are followed to the file they name. A
//! file keeps its mode and its owner. What is no regular file, such as `/dev/stdout` or a pipe, is written to as it is;
//! so is a file whose directory or owner does not allow another one in its place.

use std::{
    fs::{File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Who may read a file that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner alone: measurements, addresses and names of a system are in it.
    Owner,
    /// Whoever the process' umask allows.
    Umask,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Umask => 0o666,
        }
    }
}

/// Whether a file could be written, without touching it.
///
/// # Errors
/// When its directory is missing or it may not be written.
pub(super) fn check(path: &Path) -> io::Result<()> {
    let Target { path: target, .. } = target(path)?;
    match std::fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(metadata) if metadata.is_file() => OpenOptions::new().write(true).open(&target).map(drop),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => may_create(directory(&target)),
        Err(error) => Err(error),
    }
}

/// Puts these bytes in the place of a file's content, or makes it new.
///
/// # Errors
/// When they cannot be written; the old file is as it was then.
pub(super) fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let Target { path: target, is_open } = target(path)?;
    let old = match std::fs::metadata(&target) {
        Ok(metadata) if metadata.is_file() && !is_open => Some(metadata),
        Ok(_) => return OpenOptions::new().write(true).open(&target)?.write_all(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match replace(&target, bytes, readers, old.as_ref()) {
        Err(error) if old.is_some() && error.kind() == ErrorKind::PermissionDenied => {
            in_place(&target, bytes)
        }
        written => written,
    }
}

/// What a path leads to.
struct Target {
    path: PathBuf,
    /// Whether it is what some process has open, such as `/dev/stdout`, and no name in a directory.
    is_open: bool,
}

/// The file that a path names, behind all links; the end of a link need not be there.
fn target(path: &Path) -> io::Result<Target> {
    let mut target = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        match std::fs::read_link(&target) {
            Ok(_) if target.starts_with("/proc") || target.starts_with("/dev") => {
                return Ok(Target { path: target, is_open: true });
            }
            Ok(next) => target = directory(&target).join(next),
            Err(_) => return Ok(Target { path: target, is_open: false }),
        }
    }
    Err(io::Error::other("too many links"))
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn replace(target: &Path, bytes: &[u8], readers: Readers, old: Option<&Metadata>) -> io::Result<()> {
    let mut draft = Draft::create(target, readers.mode())?;
    draft.file.write_all(bytes)?;
    if let Some(old) = old {
        let new = draft.file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            std::os::unix::fs::fchown(&draft.file, Some(old.uid()), Some(old.gid()))?;
        }
        draft.file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    }
    draft.file.sync_all()?;
    draft.take_place(target)
}

/// Writes over the old content. It is a fallback for where nothing else is permitted.
fn in_place(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(target)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

/// The new content on its way.
struct Draft {
    file: File,
    /// Its name, where it has one; removed with the draft.
    name: Option<PathBuf>,
}

impl Draft {
    fn create(target: &Path, mode: u32) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = linux::nameless(directory(target), mode)? {
            return Ok(Self { file, name: None });
        }
        let name = draft_name(target);
        let _ = std::fs::remove_file(&name); // of a run that was killed
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&name)?;
        Ok(Self { file, name: Some(name) })
    }

    fn take_place(mut self, target: &Path) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if self.name.is_none() {
            if linux::give_name(&self.file, target)? {
                return Ok(());
            }
            let name = draft_name(target);
            let _ = std::fs::remove_file(&name); // of a run that was killed
            if !linux::give_name(&self.file, &name)? {
                return Err(ErrorKind::AlreadyExists.into());
            }
            self.name = Some(name);
        }
        let Some(name) = &self.name else { return Err(ErrorKind::Unsupported.into()) };
        std::fs::rename(name, target)?;
        self.name = None;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = std::fs::remove_file(name); // what could not be written is not kept either
        }
    }
}

/// Next to the target, hidden, and unique to this process.
fn draft_name(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let short: String = name.chars().take(100).collect();
    target.with_file_name(format!(".{short}.{}", std::process::id()))
}

#[cfg(target_os = "linux")]
fn may_create(directory: &Path) -> io::Result<()> {
    if linux::nameless(directory, 0o600)?.is_some() {
        return Ok(());
    }
    rustix::fs::access(directory, rustix::fs::Access::WRITE_OK).map_err(Into::into)
}

#[cfg(not(target_os = "linux"))]
fn may_create(directory: &Path) -> io::Result<()> {
    std::fs::metadata(directory).map(drop)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs::File, io, os::fd::AsRawFd, path::Path};

    use rustix::{
        fs::{AtFlags, CWD, Mode, OFlags, linkat, open},
        io::Errno,
    };

    /// A file without a name; `None` where the file system knows no such thing.
    pub(super) fn nameless(directory: &Path, mode: u32) -> io::Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        match open(directory, flags, Mode::from_raw_mode(mode)) {
            Ok(file) => Ok(Some(File::from(file))),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives such a file a name; false where something has it already.
    pub(super) fn give_name(file: &File, name: &Path) -> io::Result<bool> {
        let open = format!("/proc/self/fd/{}", file.as_raw_fd());
        match linkat(CWD, open, CWD, name, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
