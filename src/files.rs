//! The one reader of whole files: bounded in size, and of regular files alone where nothing else is meant.
//!
//! A named pipe without a writer never ends, and devices such as `/dev/zero` have no end.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
};

/// What a path may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, through links as well: what a service reads unattended.
    Regular,
    /// Pipes as well, such as `<(…)` and `/dev/stdin`: what somebody names on a command line.
    Readable,
}

/// The text of a file of at most `largest` bytes.
///
/// # Errors
/// As opening and reading it; and when it is larger, of another kind, or no UTF-8.
pub fn read_text(path: &Path, largest: u64, kind: Kind) -> io::Result<String> {
    text(read_bytes(path, largest, kind)?)
}

/// The text that a stream such as standard input has, of at most `largest` bytes.
///
/// # Errors
/// As reading it; and when it is larger or no UTF-8.
pub fn read_text_from(stream: impl Read, largest: u64) -> io::Result<String> {
    text(bounded(stream, largest)?)
}

/// The bytes of a file of at most `largest` bytes.
///
/// # Errors
/// As opening and reading it; and when it is larger or of another kind.
pub fn read_bytes(path: &Path, largest: u64, kind: Kind) -> io::Result<Vec<u8>> {
    // The size of a pipe is none, and that of a file may change: what is read is counted as well.
    if checked(path, kind)?.len() > largest {
        return Err(too_large(largest));
    }
    bounded(File::open(path)?, largest)
}

/// A regular file, to be read bit by bit.
///
/// # Errors
/// As opening it; and when it is of another kind.
pub fn open_regular(path: &Path) -> io::Result<File> {
    checked(path, Kind::Regular)?;
    File::open(path)
}

fn bounded(stream: impl Read, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = stream.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    if read as u64 > largest { Err(too_large(largest)) } else { Ok(bytes) }
}

fn too_large(largest: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} MiB", largest >> 20))
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// What a path leads to, before it is opened: opening a named pipe waits for a writer.
fn checked(path: &Path, kind: Kind) -> io::Result<Metadata> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if kind == Kind::Regular && !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        let error = read_bytes(Path::new("/dev/zero"), 1 << 20, Kind::Readable).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
        let error = read_bytes(Path::new("/dev/zero"), 1 << 20, Kind::Regular).unwrap_err();
        assert_eq!(error.to_string(), "it is not a regular file");
        assert!(read_bytes(Path::new("/"), 1 << 20, Kind::Readable).is_err());
        let error = read_text_from(io::repeat(b'x'), 1 << 20).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
        assert_eq!(read_text_from(&b"text"[..], 4).unwrap(), "text");
    }
}
