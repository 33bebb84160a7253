//! A history in one SQLite file.

mod append;
mod days;
mod import;
mod names;
mod open;
mod prune;
mod read;
mod remote;
mod schema;
mod statements;
#[cfg(test)]
mod tests;
mod verify;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::{
    Batch, Contents, HistoryError, Range, Resolution, Store, StoredAssessment, StoredSeries, Written,
    error::{PATIENCE, SHORT},
};
use crate::{
    signal::SignalId,
    statements::{StatementSnapshot, Statements},
};

/// A history in one SQLite file. Many may read it at once, and one may write.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    file: PathBuf,
    /// Told the file when another writer is being waited for.
    on_wait: fn(&Path),
}

impl SqliteStore {
    /// What went wrong, with the file it went wrong with.
    fn error(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> HistoryError {
        at(&self.file, doing)
    }

    /// Does work that is visible and durable as a whole, or not at all.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Refusal>,
    ) -> Result<T, HistoryError> {
        let refused = |refusal, file: &Path| match refusal {
            Refusal::Database(source) => HistoryError::of("write to", file, source),
            Refusal::Ours(error) => error,
        };
        let file = &self.file;
        let transaction = begin(&self.connection, file, self.on_wait).map_err(at(file, "write to"))?;
        let done = work(&transaction).map_err(|refusal| refused(refusal, file))?;
        transaction.commit().map_err(at(file, "write to"))?;
        Ok(done)
    }
}

/// Begins to write, as soon as no other process does. A transaction that first reads and then writes could meet another
/// writer in between, so that this one asks at once.
fn begin<'a>(
    connection: &'a Connection,
    file: &Path,
    on_wait: fn(&Path),
) -> rusqlite::Result<Transaction<'a>> {
    let immediate = || Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    connection.busy_timeout(Duration::from_secs(SHORT))?;
    match immediate() {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            on_wait(file);
            connection.busy_timeout(Duration::from_secs(PATIENCE - SHORT))?;
            immediate()
        }
        result => result,
    }
}

fn at(file: &Path, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> HistoryError {
    move |source| HistoryError::of(doing, file, source)
}

/// Why work inside a transaction stopped.
enum Refusal {
    Database(rusqlite::Error),
    Ours(HistoryError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Store for SqliteStore {
    fn append(&mut self, batch: &Batch) -> Result<Written, HistoryError> {
        let file = self.file.clone();
        self.write(|transaction| append::append(transaction, &file, batch))
    }

    fn import(&mut self, contents: &Contents) -> Result<Written, HistoryError> {
        let file = self.file.clone();
        self.write(|transaction| import::import(transaction, &file, contents))
    }

    fn rollups(
        &self,
        resolution: Resolution,
        signal: Option<SignalId>,
        range: Range,
    ) -> Result<Vec<StoredSeries>, HistoryError> {
        read::rollups(&self.connection, resolution, signal, range).map_err(self.error("read"))
    }

    fn assessments(&self, range: Range) -> Result<Vec<StoredAssessment>, HistoryError> {
        read::assessments(&self.connection, range).map_err(self.error("read"))
    }

    fn verify(&self) -> Result<Vec<String>, HistoryError> {
        match verify::verify(&self.connection) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                Ok(vec![error.to_string()])
            }
            found => found.map_err(self.error("read")),
        }
    }

    fn prune(&mut self, before_ms: i64) -> Result<usize, HistoryError> {
        self.write(|transaction| Ok(prune::prune(transaction, before_ms)?))
    }

    fn unsent(&mut self, destination: &str, before_ms: i64) -> Result<Vec<StoredSeries>, HistoryError> {
        self.write(|transaction| Ok(remote::unsent(transaction, destination, before_ms)?))
    }

    fn sent(&mut self, destination: &str, kept: &[StoredSeries]) -> Result<(), HistoryError> {
        self.write(|transaction| Ok(remote::sent(transaction, destination, kept)?))
    }

    fn statements(&self, range: Range) -> Result<Statements, HistoryError> {
        statements::read(&self.connection, range).map_err(self.error("read"))
    }

    fn looks(&self) -> Result<Vec<StatementSnapshot>, HistoryError> {
        statements::looks(&self.connection).map_err(self.error("read"))
    }

    fn simulated(&self) -> Result<Option<String>, HistoryError> {
        let found = append::simulated(&self.connection).map_err(self.error("read"))?;
        Ok(found.filter(|text| !text.is_empty()))
    }
}
