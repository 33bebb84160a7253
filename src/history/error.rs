//! Why a history cannot be used. A `file` may be the address of a server as well.

use std::path::{Path, PathBuf};

use super::backend::Action;
use crate::postgres::Trouble;

/// Why a history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no such file.
    #[error("there is no history at {}; `scale-advisor record` creates one", .0.display())]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{} is not a scale-advisor history; choose another file with --history", .0.display())]
    NotAHistory(PathBuf),
    /// A later version of this program wrote it.
    #[error("the history {} has version {found}, this program supports up to {known}; upgrade scale-advisor", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known version.
        known: usize,
    },
    /// Another process was writing for too long.
    #[error("another process has been writing to the history {} for {seconds} s; nothing was recorded, try again later", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// It was written to again and again while it was read without locks.
    #[error("the history {} kept changing while it was read; try again", .0.display())]
    Changing(PathBuf),
    /// No space on the disk.
    #[error("no space left for the history {}; nothing was recorded, existing data is intact", .0.display())]
    Full(PathBuf),
    /// The file is damaged.
    #[error("the history {} is damaged: {detail}; keep a copy, and recover what is readable with `sqlite3 FILE .recover`", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Simulated and real values would mix.
    #[error("the history {} holds {}, this run has {}; use another file with --history", file.display(), kind(held.as_deref()), kind(offered.as_deref()))]
    Mixed {
        /// The file.
        file: PathBuf,
        /// Where the values in the file come from when they are simulated.
        held: Option<String>,
        /// The same of the run's.
        offered: Option<String>,
    },
    /// The directory of the file cannot be created.
    #[error("cannot create the directory of the history {}", file.display())]
    Directory {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A server refuses a request.
    #[error("cannot {action} the history {}: {detail}{}", place.display(), suffix(hint.as_deref()))]
    Server {
        /// What was tried.
        action: Action,
        /// Its address, without secrets.
        place: PathBuf,
        /// Its message.
        detail: String,
        /// What to do about it, where that is known.
        hint: Option<String>,
    },
    /// Anything else that the database reports.
    #[error("cannot {action} the history {}", file.display())]
    Database {
        /// What was tried.
        action: Action,
        /// The file.
        file: PathBuf,
        /// What happened.
        source: rusqlite::Error,
    },
}

fn kind(simulated: Option<&str>) -> String {
    simulated.map_or_else(|| "real values".to_owned(), |from| format!("simulated values ({from})"))
}

fn suffix(hint: Option<&str>) -> String {
    hint.map(|hint| format!("; {hint}")).unwrap_or_default()
}

/// Why an operation of a transaction failed.
#[derive(Debug)]
pub(super) enum BackendError {
    Sqlite(rusqlite::Error),
    Postgres(Trouble),
    History(HistoryError),
}

impl From<rusqlite::Error> for BackendError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Trouble> for BackendError {
    fn from(error: Trouble) -> Self {
        Self::Postgres(error)
    }
}

impl From<HistoryError> for BackendError {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

/// Codes with which a PostgreSQL server asks for the transaction to be begun again: serialization, deadlock, and two
/// sessions that create the same table at once.
const RETRYABLE: [&str; 5] = ["40001", "40P01", "23505", "42P06", "42P07"];
/// Another session holds the lock.
const LOCK_NOT_AVAILABLE: &str = "55P03";

impl BackendError {
    /// The error as it is shown where the database has no more to say about it.
    pub(super) fn unexplained(self, action: Action, place: &Path) -> HistoryError {
        match self {
            Self::History(error) => error,
            Self::Sqlite(source) => HistoryError::Database { action, file: place.to_owned(), source },
            Self::Postgres(error) => HistoryError::Server {
                action,
                place: place.to_owned(),
                detail: error.detail,
                hint: error.hint,
            },
        }
    }

    /// Whether another writer held the lock.
    pub(super) fn is_locked(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy),
            Self::Postgres(error) => error.code.as_deref() == Some(LOCK_NOT_AVAILABLE),
            Self::History(_) => false,
        }
    }

    /// Whether the database broke the transaction off because of another one.
    pub(super) fn is_retryable(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code.as_deref().is_some_and(|code| RETRYABLE.contains(&code)))
    }
}
