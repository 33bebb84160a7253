//! A history in a PostgreSQL database, in a schema of its own, for as many writers as there are.

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
mod verify;

use std::path::{Path, PathBuf};

use super::{
    Batch, Contents, HistoryError, Range, Resolution, Store, StoredAssessment, StoredSeries, Written,
    error::{PATIENCE, SHORT},
};
use crate::{
    postgres::{Blocking, Trouble},
    signal::SignalId,
    statements::{StatementSnapshot, Statements},
};

/// How often a transaction is begun anew that the server broke off because of another one.
const TRIES: usize = 10;

/// Codes with which a server asks for the transaction to be begun anew: serialisation, deadlock, and two who make the
/// same table at once.
const AGAIN: [&str; 5] = ["40001", "40P01", "23505", "42P06", "42P07"];
/// Somebody else holds the lock.
const LOCKED: &str = "55P03";

/// A history in a PostgreSQL database. Many may read it at once; those who write follow each other.
#[derive(Debug)]
pub struct PostgresStore {
    session: Blocking,
    /// Its address, as messages name it.
    place: PathBuf,
    /// Told the address when another writer is being waited for.
    on_wait: fn(&Path),
}

/// Why work inside a transaction stopped.
enum Refusal {
    Database(Trouble),
    Ours(HistoryError),
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        Self::Database(trouble)
    }
}

impl PostgresStore {
    /// Does work that is visible and durable as a whole, or not at all. It may be done several times; the last one
    /// counts.
    fn write<T>(
        &mut self,
        work: impl Fn(&Blocking) -> Result<T, Refusal>,
        doing: &'static str,
    ) -> Result<T, HistoryError> {
        let mut seconds = SHORT;
        let mut tries = 0;
        loop {
            let done = self.attempt(&work, seconds);
            tries += 1;
            let trouble = match done {
                Ok(done) => return Ok(done),
                Err(Refusal::Ours(error)) => return Err(error),
                Err(Refusal::Database(trouble)) => trouble,
            };
            let code = trouble.code.as_deref().unwrap_or_default();
            if code == LOCKED && seconds == SHORT {
                (self.on_wait)(&self.place);
                seconds = PATIENCE - SHORT;
            } else if !AGAIN.contains(&code) || tries >= TRIES {
                return Err(self.error(doing)(trouble));
            }
        }
    }

    fn attempt<T>(
        &self,
        work: &impl Fn(&Blocking) -> Result<T, Refusal>,
        seconds: u64,
    ) -> Result<T, Refusal> {
        // Limits of the transaction only: behind a pooler, those of the session would reach other clients. A commit
        // that is acknowledged is on the disk, whatever the server does otherwise.
        self.session.run(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '{seconds}s'; \
             SET LOCAL statement_timeout = '240s'; SET LOCAL idle_in_transaction_session_timeout = '60s'; \
             SET LOCAL synchronous_commit = 'on'"
        ))?;
        match work(&self.session) {
            Ok(done) => {
                self.session.run("COMMIT")?;
                Ok(done)
            }
            Err(refusal) => {
                // When this fails as well, the connection is gone, and the server takes everything back by itself.
                let _ = self.session.run("ROLLBACK");
                Err(refusal)
            }
        }
    }

    /// Reads at one instant, whatever is being written.
    fn read<T>(&self, work: impl FnOnce(&Blocking) -> Result<T, Trouble>) -> Result<T, HistoryError> {
        let read = || {
            self.session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            let found = work(&self.session);
            self.session.run(if found.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            found
        };
        read().map_err(self.error("read"))
    }

    /// What the server says, in our words.
    fn error(&self, doing: &'static str) -> impl FnOnce(Trouble) -> HistoryError {
        open::explained(doing, &self.place, self.session.role(), self.session.database())
    }
}

impl Store for PostgresStore {
    fn append(&mut self, batch: &Batch) -> Result<Written, HistoryError> {
        let place = self.place.clone();
        self.write(|session| append::append(session, &place, batch), "write to")
    }

    fn import(&mut self, contents: &Contents) -> Result<Written, HistoryError> {
        let place = self.place.clone();
        self.write(|session| import::import(session, &place, contents), "write to")
    }

    fn rollups(
        &self,
        resolution: Resolution,
        signal: Option<SignalId>,
        range: Range,
    ) -> Result<Vec<StoredSeries>, HistoryError> {
        self.read(|session| read::rollups(session, resolution, signal, range))
    }

    fn assessments(&self, range: Range) -> Result<Vec<StoredAssessment>, HistoryError> {
        self.read(|session| read::assessments(session, range))
    }

    fn verify(&self) -> Result<Vec<String>, HistoryError> {
        self.read(verify::verify)
    }

    fn prune(&mut self, before_ms: i64) -> Result<usize, HistoryError> {
        let place = self.place.clone();
        self.write(|session| prune::prune(session, &place, before_ms), "write to")
    }

    fn unsent(&mut self, destination: &str, before_ms: i64) -> Result<Vec<StoredSeries>, HistoryError> {
        let place = self.place.clone();
        let unsent = |session: &Blocking| {
            open::lock(session, &place)?;
            Ok(remote::unsent(session, destination, before_ms)?)
        };
        self.write(unsent, "write to")
    }

    fn sent(&mut self, destination: &str, kept: &[StoredSeries]) -> Result<(), HistoryError> {
        let place = self.place.clone();
        let sent = |session: &Blocking| {
            open::lock(session, &place)?;
            Ok(remote::sent(session, destination, kept)?)
        };
        self.write(sent, "write to")
    }

    fn statements(&self, range: Range) -> Result<Statements, HistoryError> {
        self.read(|session| statements::read(session, range))
    }

    fn looks(&self) -> Result<Vec<StatementSnapshot>, HistoryError> {
        self.read(statements::looks)
    }

    fn simulated(&self) -> Result<Option<String>, HistoryError> {
        let found = self.read(append::simulated)?;
        Ok(found.filter(|text| !text.is_empty()))
    }
}
