//! Opening a file, and bringing it up to date.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{
    SqliteStore, at,
    schema::{APPLICATION, MIGRATIONS},
};
use crate::history::{HistoryError, error::PATIENCE};

/// How often a change of the journal's kind is tried, each time after another writer has finished.
const TRIES: usize = 20;
/// Memory for pages (KiB). A run that records a day of a hundred signals changes some megabytes of them; those without
/// room here would go to the log twice.
const CACHE_KIB: i64 = 16 << 10;
/// With so many pages (of 4 KiB) in the log, they move to where they belong. Runs change the same pages again and
/// again, of which each then moves once.
const LOG_PAGES: i64 = 8192;

impl SqliteStore {
    /// Opens a history to add to it; makes it where there is none, and brings an older one up to date.
    ///
    /// # Errors
    /// When the file cannot be made or opened, is of another kind or newer, or is written by another process for longer
    /// than half a minute, of which `on_wait` is told early.
    pub fn open(file: &Path, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| HistoryError::Folder { file: file.to_owned(), source })?;
        }
        let connection = Connection::open(file).map_err(at(file, "open"))?;
        let mut store = Self::with(connection, file, on_wait)?;
        if !ours(&store.connection).map_err(at(file, "open"))? {
            return Err(HistoryError::Foreign(file.to_owned()));
        }
        keep_a_log(&mut store.connection).map_err(at(file, "write to"))?;
        store.connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(at(file, "open"))?;
        store.migrate()?;
        Ok(store)
    }

    /// Opens a history that exists, to read it.
    ///
    /// # Errors
    /// When there is none, or it is of another kind or version.
    pub fn read_only(file: &Path) -> Result<Self, HistoryError> {
        if !file.is_file() {
            return Err(HistoryError::Missing(file.to_owned()));
        }
        // Not read-only to SQLite: the last one who reads also tidies the log away, where the file may be written.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(at(file, "open"))?;
        connection.pragma_update(None, "query_only", true).map_err(at(file, "open"))?;
        let store = Self::with(connection, file, |_| ())?;
        let version = version(&store.connection).map_err(at(file, "open"))?;
        match usize::try_from(version) {
            Ok(0) => Err(HistoryError::Foreign(file.to_owned())),
            Ok(version) if version > MIGRATIONS.len() => Err(newer(file, version)),
            _ => Ok(store),
        }
    }

    fn with(connection: Connection, file: &Path, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        connection.busy_timeout(Duration::from_secs(PATIENCE)).map_err(at(file, "open"))?;
        // A commit is on the disk when it returns, also where the power fails afterwards.
        connection.pragma_update(None, "synchronous", "full").map_err(at(file, "open"))?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(at(file, "open"))?;
        // Statements are planned once; else SQLite plans a prepared one again whenever its range differs.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(at(file, "open"))?;
        Ok(Self { connection, file: file.to_owned(), on_wait })
    }

    fn migrate(&mut self) -> Result<(), HistoryError> {
        let file = self.file.clone();
        let known = MIGRATIONS.len();
        let held = version(&self.connection).map_err(self.error("read"))?;
        if usize::try_from(held) == Ok(known) {
            return Ok(());
        }
        self.write(|transaction| {
            // Another process may have been faster.
            let held = version(transaction)?;
            let from = usize::try_from(held).unwrap_or(usize::MAX);
            if from > known {
                return Err(super::Refusal::Ours(newer(&file, from)));
            }
            for step in &MIGRATIONS[from..] {
                transaction.execute_batch(step)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            Ok(transaction.pragma_update(None, "user_version", i64::try_from(known).unwrap_or(0))?)
        })
    }
}

fn newer(file: &Path, found: usize) -> HistoryError {
    HistoryError::Newer {
        file: file.to_owned(),
        found: i64::try_from(found).unwrap_or(i64::MAX),
        known: MIGRATIONS.len(),
    }
}

/// How many migrations a file has behind it; 0 for an empty file. Reads the application's number, so that a file of
/// another program is none of ours whatever its version is.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        return Ok(0);
    }
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Whether a file is a history, or still empty.
fn ours(connection: &Connection) -> rusqlite::Result<bool> {
    // In this order: another process may be making the tables, and its number comes with them.
    let empty = connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(empty || version(connection)? > 0)
}

/// Switches to a write-ahead log, with which readers and a writer do not wait for each other. Where the file system
/// has no shared memory, SQLite keeps its other journal, which is as safe.
fn keep_a_log(connection: &mut Connection) -> rusqlite::Result<()> {
    let mode = |connection: &Connection| {
        connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
    };
    if mode(connection)? == "wal" {
        return Ok(());
    }
    let mut result = Ok(());
    for _ in 0..TRIES {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "other files are made to be refused")]

    use super::*;

    fn refused(result: Result<SqliteStore, HistoryError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.db");
        assert!(refused(SqliteStore::read_only(&file)).contains("`scale-advisor record` begins one"));
        Connection::open(&file)
            .unwrap()
            .execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1")
            .unwrap();
        let text = folder.path().join("text.db");
        std::fs::write(&text, "not a database at all, but long enough to look at".repeat(30)).unwrap();
        for file in [&file, &text] {
            let before = std::fs::read(file).unwrap();
            for result in [SqliteStore::open(file, |_| ()), SqliteStore::read_only(file)] {
                assert!(refused(result).contains("is not a history of scale-advisor"));
            }
            assert_eq!(std::fs::read(file).unwrap(), before);
        }
    }

    #[test]
    fn a_newer_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("deep/history.db"), |_| ()).unwrap();
        store.connection.pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        let file = folder.path().join("deep/history.db");
        for result in [SqliteStore::open(&file, |_| ()), SqliteStore::read_only(&file)] {
            assert!(refused(result).contains("has version 99, and this program knows 3"));
        }
    }

    /// A file is never made in a folder that cannot be.
    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let told = refused(SqliteStore::open(Path::new("/dev/null/history.db"), |_| ()));
        assert!(told.contains("cannot make the folder of the history /dev/null/history.db"), "{told}");
    }
}
