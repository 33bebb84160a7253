//! Where the history is kept, from flags and config, and the other store that its hours are sent to.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use secrecy::SecretString;

use super::super::{
    options::HistoryOptions,
    project::Project,
    sources::{apply_http, postgres_settings},
    terminal::{safe_lines, warn},
};
use crate::{
    config::HistoryPlace,
    foreign::Secrets,
    history::{HistoryError, Store, write_requests},
    postgres::Settings,
    render::safe,
    source::{http::Endpoint, remote_write},
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

/// Sends the hours that ended before an instant and that the server of `[remote_write]`, if there is one, has not got
/// as they are now. Returns how many.
///
/// # Errors
/// When they could not be sent; the next run sends them with its own.
pub(in crate::cli) fn send(project: &Project, store: &mut Store, before_ms: i64) -> Result<Option<usize>> {
    let Some(endpoint) = endpoint(project)? else { return Ok(None) };
    if store.simulated()?.is_some() {
        warn("note: simulated values are not sent by remote write\n");
        return Ok(None);
    }
    let address = endpoint.address();
    let unsent = store.unsent(&address, before_ms)?;
    let rejections = remote_write::send(&endpoint, &write_requests(&unsent)).with_context(|| {
        format!("recorded locally, but remote write to {} failed; the next run retries", safe(&address))
    })?;
    store.mark_sent(&address, &unsent)?;
    if let Some(first) = rejections.first() {
        warn(&format!(
            "note: {} rejected some samples as duplicate or too old: {}\n",
            safe(&address),
            safe(first)
        ));
    }
    Ok(Some(unsent.iter().map(|stored| stored.rollups.len()).sum()))
}

/// Every secret that requests to the server of `[remote_write]` contain.
pub(in crate::cli) fn secrets(project: &Project) -> Secrets {
    // An address that is none is reported where it is used.
    endpoint(project).ok().flatten().map(|endpoint| endpoint.secrets()).unwrap_or_default()
}

fn endpoint(project: &Project) -> Result<Option<Endpoint>> {
    let Some(settings) = &project.config.remote_write else { return Ok(None) };
    let mut endpoint = Endpoint::new(&settings.url).context("invalid [remote_write] URL")?;
    apply_http(&settings.http, &project.folder, &mut endpoint)?;
    Ok(Some(endpoint))
}
