//! Files that load tests wrote: which are meant.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::terminal::safe_lines;

/// Every file that a path, a directory or a pattern names, in the order of their names; none where nothing is there.
///
/// # Errors
/// When a pattern is wrong or a directory cannot be read.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let shown = safe_lines(&path.display().to_string());
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).with_context(|| format!("cannot read directory {shown}"))? {
            found.push(entry.with_context(|| format!("cannot read directory {shown}"))?.path());
        }
    } else {
        // A name that is no text is no pattern.
        let pattern = path.to_str().unwrap_or_default();
        for entry in glob::glob(pattern).with_context(|| format!("{shown} is not a valid pattern"))? {
            found.push(entry.with_context(|| format!("cannot read a file matching {shown}"))?);
        }
    }
    let hidden =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    found.retain(|path| path.is_file() && !hidden(path));
    found.sort();
    Ok(found)
}

/// Opens a file that may hold every single answer of a load test.
///
/// # Errors
/// With the file, when it cannot be opened.
pub(super) fn open(file: &Path) -> Result<File> {
    let name = safe_lines(&file.display().to_string());
    File::open(file).with_context(|| format!("cannot read {name}"))
}
