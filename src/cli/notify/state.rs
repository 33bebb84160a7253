//! What each webhook has been told, in a file that is written as a whole.

use std::{
    collections::BTreeMap,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    cli::{
        atomic::{self, Readers},
        terminal::safe_lines,
    },
    files::{self, Kind},
    notify::Told,
    render::pretty,
};

/// The version of the file's shape.
const SCHEMA: &str = "scale-advisor/notified/1";
/// The largest file: that of hundreds of thousands of problems.
const LARGEST: u64 = 64 << 20;

/// The content of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    schema: String,
    /// By webhook, then by system.
    told: BTreeMap<String, BTreeMap<String, Told>>,
}

/// The file, which nobody else changes meanwhile.
#[derive(Debug)]
pub(super) struct State {
    path: PathBuf,
    content: Content,
    /// Locks the directory until it is dropped, since the file is replaced.
    _lock: File,
}

impl State {
    /// Reads the file, or begins one.
    ///
    /// # Errors
    /// When it cannot be used: without it, everything would be told again.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let shown = safe_lines(&path.display().to_string());
        let lock =
            locked(path).with_context(|| format!("cannot use {shown}; --notify-state names another file"))?;
        let content = match files::read_text(path, LARGEST, Kind::Regular) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                format!(
                    "cannot read the notification state in {shown}; delete the file to send everything again"
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Content { schema: SCHEMA.to_owned(), told: BTreeMap::new() }
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the notification state in {shown}"));
            }
        };
        if content.schema != SCHEMA {
            bail!("{shown} is not a notification state, or was written by another version");
        }
        atomic::check(path)
            .with_context(|| format!("cannot write {shown}; --notify-state names another file"))?;
        Ok(Self { path: path.to_owned(), content, _lock: lock })
    }

    /// What a webhook has been told of a system.
    pub(super) fn told(&self, webhook: &str, system: &str) -> Option<&Told> {
        self.content.told.get(webhook)?.get(system)
    }

    /// Keeps what a webhook has been told.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn keep(&mut self, webhook: &str, system: &str, told: Told) -> Result<()> {
        self.content.told.entry(webhook.to_owned()).or_default().insert(system.to_owned(), told);
        let shown = safe_lines(&self.path.display().to_string());
        atomic::write(&self.path, pretty(&self.content).as_bytes(), Readers::Owner)
            .with_context(|| format!("cannot write {shown}"))
    }
}

/// Waits until no other process uses the file.
fn locked(path: &Path) -> std::io::Result<File> {
    let directory = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let lock = File::open(directory)?;
    lock.lock()?;
    Ok(lock)
}
