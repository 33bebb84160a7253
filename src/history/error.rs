//! Why a history cannot be used. A `file` may be the address of a server as well.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no such file.
    #[error("there is no history {}; `scale-advisor record` begins one", .0.display())]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{} is not a history of scale-advisor; choose another file with --history", .0.display())]
    Foreign(PathBuf),
    /// A later version of this program wrote it.
    #[error("the history {} has version {found}, and this program knows {known}; use a newer scale-advisor", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known version.
        known: usize,
    },
    /// Somebody else was writing for too long.
    #[error("another process has been writing to the history {} for {seconds} s; nothing was recorded, try again later", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// No room on the disk.
    #[error("no room is left for the history {}; nothing was recorded, and what it held is unharmed", .0.display())]
    Full(PathBuf),
    /// The file is damaged.
    #[error("the history {} is damaged: {detail}; keep a copy, and save what can be read with `sqlite3 FILE .recover`", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Simulated and real values would mix.
    #[error("the history {} holds {}, and this run {}; use another file with --history", file.display(), kind(held.as_deref()), kind(offered.as_deref()))]
    Mixed {
        /// The file.
        file: PathBuf,
        /// What the values in the file are when they are not real.
        held: Option<String>,
        /// The same of the run's.
        offered: Option<String>,
    },
    /// The folder of the file cannot be made.
    #[error("cannot make the folder of the history {}", file.display())]
    Folder {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A server does not do what was asked of it.
    #[error("cannot {doing} the history {}: {detail}{hint}", place.display())]
    Server {
        /// What was tried: "open", "make", "read", "write to".
        doing: &'static str,
        /// Its address, without secrets.
        place: PathBuf,
        /// What it said.
        detail: String,
        /// What to do about it, after a semicolon; empty when that is not known.
        hint: String,
    },
    /// Anything else that the database reports.
    #[error("cannot {doing} the history {}", file.display())]
    Database {
        /// What was tried: "read", "write to".
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// What happened.
        source: rusqlite::Error,
    },
}

fn kind(simulated: Option<&str>) -> String {
    simulated.map_or_else(|| "real values".to_owned(), |from| format!("simulated values ({from})"))
}

/// How long another writer is waited for before that is told, in seconds.
pub(super) const SHORT: u64 = 1;
/// How long another writer is waited for in all, in seconds.
pub(super) const PATIENCE: u64 = 30;

impl HistoryError {
    /// What the database says, in our words.
    pub(super) fn of(doing: &'static str, file: &Path, source: rusqlite::Error) -> Self {
        let file = file.to_owned();
        // The memory that processes share lies beside the file, and cannot grow on a full disk.
        if source
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
        {
            return Self::Full(file);
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { file, seconds: PATIENCE }
            }
            Some(ErrorCode::DiskFull) => Self::Full(file),
            Some(ErrorCode::NotADatabase) => Self::Foreign(file),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { file, detail: source.to_string() },
            _ => Self::Database { doing, file, source },
        }
    }
}
