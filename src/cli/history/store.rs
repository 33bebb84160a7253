//! Where the history is kept, from flags and config.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use secrecy::SecretString;

use super::super::{
    options::HistoryOptions,
    project::Project,
    sources::postgres_settings,
    terminal::{safe_lines, warn},
};
use crate::{
    config::HistoryPlace,
    foreign::Secrets,
    history::{HistoryError, Store},
    postgres::Settings,
};

/// Where it is by default.
const DEFAULT: &str = ".scale-advisor/history.db";

/// Where a history is kept.
#[derive(Debug)]
pub(in crate::cli) enum StorePlace {
    File(PathBuf),
    Server(Box<Settings>),
}

impl StorePlace {
    /// The place that flags or config name: the flag's path is relative to the current directory, that of the settings
    /// to their file.
    ///
    /// # Errors
    /// When it is neither a path nor a PostgreSQL URL, or the URL is invalid.
    pub(in crate::cli) fn resolve(options: &HistoryOptions, project: &Project) -> Result<Self> {
        let named = Self::named(options, project)?;
        Ok(named.unwrap_or_else(|| Self::File(project.folder.join(DEFAULT))))
    }

    /// The same, but `None` where neither flags nor config name a place.
    ///
    /// # Errors
    /// When it is neither a path nor a PostgreSQL URL, or the URL is invalid.
    pub(in crate::cli) fn named(options: &HistoryOptions, project: &Project) -> Result<Option<Self>> {
        let Some(named) = &options.history else {
            return match &project.config.history {
                Some(HistoryPlace::Server(address)) => Self::server(address).map(Some),
                Some(HistoryPlace::File(path)) => Ok(Some(Self::File(project.folder.join(path)))),
                None => Ok(None),
            };
        };
        // A path that is no text is no address.
        let Some(text) = named.to_str() else { return Ok(Some(Self::File(PathBuf::from(named)))) };
        match HistoryPlace::from_text(text).context("--history must be a path or postgres://…")? {
            HistoryPlace::File(path) => Ok(Some(Self::File(path))),
            HistoryPlace::Server(address) => Self::server(&address).map(Some),
        }
    }

    fn server(address: &SecretString) -> Result<Self> {
        let settings = postgres_settings(address).context("invalid history URL")?;
        Ok(Self::Server(Box::new(settings)))
    }

    /// Secrets that its server must not echo through us.
    pub(in crate::cli) fn secrets(&self) -> Secrets {
        match self {
            Self::File(_) => Secrets::default(),
            Self::Server(settings) => settings.secrets(),
        }
    }

    /// Opens it to write; creates it where there is none.
    pub(in crate::cli) fn open(&self) -> Result<Store, HistoryError> {
        match self {
            Self::File(file) => Store::open_file(file, report_waiting),
            Self::Server(settings) => Store::open_server(settings, report_waiting),
        }
    }

    /// Opens it to read.
    pub(in crate::cli) fn read_only(&self) -> Result<Store, HistoryError> {
        match self {
            Self::File(file) => Store::read_file(file),
            Self::Server(settings) => Store::read_server(settings),
        }
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.write_str(&safe_lines(&file.display().to_string())),
            Self::Server(settings) => f.write_str(&safe_lines(&settings.address())),
        }
    }
}

/// Reports why nothing is done.
fn report_waiting(place: &Path) {
    let name = safe_lines(&place.display().to_string());
    warn(&format!("waiting for another process that is writing to {name} …\n"));
}
