//! Opening a SQLite file: to write it, and to read it where nothing can be written.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    ffi::OsString,
    fmt::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{Session, SqliteBackend, checksum, explain};
use crate::history::{
    Action, HistoryError,
    checksum::Mismatches,
    schema::{APPLICATION_ID, SQLITE_MIGRATIONS},
    store::MAX_WAIT,
};

/// How often changing the journal mode is tried, each time after another writer has finished.
const JOURNAL_ATTEMPTS: usize = 20;
/// How often opening a file to read it is tried that changes meanwhile.
const OPEN_ATTEMPTS: usize = 10;
/// Memory for pages (KiB). A run that records a day of a hundred signals changes some megabytes of them; those that do
/// not fit here would be written to the log twice.
const CACHE_KIB: i64 = 16 << 10;
/// With so many pages (of 4 KiB) in the log, they move to where they belong. Runs change the same pages again and
/// again, of which each then moves once.
const LOG_PAGES: i64 = 8192;
/// How many statements remain prepared.
const STATEMENTS: usize = 64;

impl SqliteBackend {
    /// Opens a file to write to it, or creates it.
    pub(in crate::history) fn open(file: &Path) -> Result<Self, HistoryError> {
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory)
                .map_err(|source| HistoryError::Directory { file: file.to_owned(), source })?;
        }
        let explained = |action| move |error| explain(action, file, error);
        create_private(file);
        let mut connection = Connection::open(file).map_err(explained(Action::Open))?;
        configure(&connection).map_err(explained(Action::Open))?;
        if !is_history(&connection).map_err(explained(Action::Open))? {
            return Err(HistoryError::NotAHistory(file.to_owned()));
        }
        use_write_ahead_log(&mut connection).map_err(explained(Action::Write))?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(explained(Action::Open))?;
        let session = Session { connection, tables: None, has_checksums: true, unlocked: None };
        Ok(Self { file: file.to_owned(), session: RefCell::new(session), mismatches: Mismatches::default() })
    }

    /// Opens a file to read it. Nothing is written, and no file is created next to it.
    pub(in crate::history) fn open_read_only(file: &Path) -> Result<Self, HistoryError> {
        if !file.is_file() {
            return Err(HistoryError::Missing(file.to_owned()));
        }
        let session = Session::read_only(file)?;
        Ok(Self { file: file.to_owned(), session: RefCell::new(session), mismatches: Mismatches::default() })
    }
}

/// Makes a file that only its owner may read, where there is none; SQLite gives its log the same mode. Whether it can be
/// opened is found out by SQLite.
fn create_private(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
}

impl Session {
    /// Where a writer is at work, its locks and its shared memory are used. Where none is, SQLite would create that
    /// memory to read the log, which needs a place that can be written to; so the file is read without locks, and read
    /// again if it has changed meanwhile.
    pub(super) fn read_only(file: &Path) -> Result<Self, HistoryError> {
        for _ in 0..OPEN_ATTEMPTS {
            let files = Files::now(file);
            if files.in_use
                && let Ok(session) = Self::opened(file, &uri(file, ""), None)
            {
                return Ok(session);
            }
            // What the log holds and the file does not is read with it; a file without a log is all there is.
            let has_log = files.log.is_some_and(|(length, _)| length > 0);
            let parameters = if has_log { "&vfs=unix-none" } else { "&immutable=1" };
            let session = Self::opened(file, &uri(file, parameters), Some(files));
            if session.is_ok() || Files::now(file) == files {
                return session;
            }
        }
        Err(HistoryError::Changing(file.to_owned()))
    }

    fn opened(file: &Path, uri: &str, unlocked: Option<Files>) -> Result<Self, HistoryError> {
        let explained = |error| explain(Action::Open, file, error);
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags).map_err(explained)?;
        if unlocked.is_some() {
            // Keeps the index of the log in memory of this process.
            connection
                .pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))
                .map_err(explained)?;
        }
        configure(&connection).map_err(explained)?;
        let known = SQLITE_MIGRATIONS.len();
        let version = version(&connection).map_err(explained)?;
        let tables = match usize::try_from(version) {
            Ok(0) => return Err(HistoryError::NotAHistory(file.to_owned())),
            Ok(version) if version > known => return Err(newer(file, version)),
            Ok(version) if version < known => Some(tables(&connection).map_err(explained)?),
            _ => None,
        };
        Ok(Self { connection, tables, has_checksums: version >= checksum::SINCE, unlocked })
    }
}

/// Length and time of the last change of a file that is there.
type Stamp = Option<(u64, Option<SystemTime>)>;

/// The files of a history, as far as they show that it was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Files {
    file: Stamp,
    log: Stamp,
    /// Whether a writer is at work, or was when it stopped: there is its shared memory, or its journal.
    in_use: bool,
}

impl Files {
    pub(super) fn now(file: &Path) -> Self {
        let stamp = |suffix| stamp(&beside(file, suffix));
        let in_use = stamp("-shm").is_some() || stamp("-journal").is_some();
        Self { file: stamp(""), log: stamp("-wal"), in_use }
    }
}

/// The file whose name has a suffix.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    PathBuf::from(name)
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// The file as a URI that opens it for reading only.
fn uri(file: &Path, parameters: &str) -> String {
    let mut uri = "file:".to_owned();
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri + "?mode=ro" + parameters
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(MAX_WAIT)?;
    // A commit is on the disk when it returns, even if the power fails afterwards.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Statements are planned once; otherwise SQLite plans a prepared one again whenever its range differs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

pub(super) fn newer(file: &Path, found: usize) -> HistoryError {
    HistoryError::Newer {
        file: file.to_owned(),
        found: i64::try_from(found).unwrap_or(i64::MAX),
        known: SQLITE_MIGRATIONS.len(),
    }
}

/// How many migrations a file has behind it; 0 for an empty file. Reads the application's number, so that a file of
/// another program is no history whatever its version is.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Ok(0);
    }
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// What of the tables, indexes and views of a file is not as this program makes them. An older file is not compared.
pub(super) fn schema_errors(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    if usize::try_from(version(connection)?) != Ok(SQLITE_MIGRATIONS.len()) {
        return Ok(Vec::new());
    }
    let expected = Connection::open_in_memory()?;
    for step in SQLITE_MIGRATIONS {
        expected.execute_batch(step)?;
    }
    let [held, expected] = [connection, &expected].map(schema);
    let (held, expected) = (held?, expected?);
    Ok(expected
        .symmetric_difference(&held)
        .map(|(name, _)| format!("{name} is not as it was created"))
        .collect())
}

/// The names and definitions of everything that a file has.
fn schema(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    let mut all =
        connection.prepare("SELECT type || ' ' || name, tbl_name || coalesce(sql, '') FROM sqlite_schema")?;
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    tables.query_map([], |row| row.get(0))?.collect()
}

/// Whether a file is a history, or still empty.
fn is_history(connection: &Connection) -> rusqlite::Result<bool> {
    // In this order: another process may be creating the tables, and its number comes with them.
    Ok(tables(connection)?.is_empty() || version(connection)? > 0)
}

/// Switches to a write-ahead log, with which readers and a writer do not wait for each other. Where the file system
/// has no shared memory, SQLite keeps its other journal, which is as safe.
fn use_write_ahead_log(connection: &mut Connection) -> rusqlite::Result<()> {
    let mode = |connection: &Connection| {
        connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
    };
    if mode(connection)? == "wal" {
        return Ok(());
    }
    let mut result = Ok(());
    for _ in 0..JOURNAL_ATTEMPTS {
        result = connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()));
        match &result {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                // The busy handler is not asked for this change; it is for a transaction.
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?.commit()?;
            }
            _ => return result,
        }
    }
    result
}
