//! A history, in whichever database: its transactions, and what is read from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
    time::Duration,
};

use super::{
    Batch, Contents, Format, HOUR_MS, HistoryError, Range, Resolution, Rollup, StoredAssessment,
    StoredSeries, Written, append,
    backend::{Access, Action, Backend, Filter},
    error::BackendError,
    export,
    fleet::{self, StoredPast},
    integrity, merge,
    postgres::PostgresBackend,
    remote_write,
    rollup::HOURS,
    rows::{AssessmentRow, LabelsRow, RollupRow, Row, SeriesRow, StatementRow},
    schema::{
        ASSESSMENTS, COUNTED_DAYS, DAILY, HOURLY, LABELS, PENDING, SAMPLES, SERIES, STATEMENT_DAYS,
        STATEMENTS, Table,
    },
    series,
    sqlite::SqliteBackend,
    statements,
};
use crate::{
    postgres::Settings,
    signal::{SignalId, adopt},
    snapshot::Observation,
    statements::{StatementSnapshot, Statements},
};

/// How long another writer is waited for before `on_wait` is called.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How long another writer is waited for in all.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(30);
/// How often a transaction is tried that another one breaks off.
const MAX_ATTEMPTS: usize = 10;

/// A history: in a SQLite file, or in a PostgreSQL database. Many processes may read it at once, and one may write.
#[derive(Debug)]
pub struct Store {
    backend: Box<dyn Backend>,
    /// Called with the place when another writer is being waited for.
    on_wait: fn(&Path),
}

impl Store {
    /// Opens the history in a file to add to it; creates it where there is none, and migrates an older one.
    ///
    /// # Errors
    /// When the file cannot be created or opened, is of another kind or newer, or is written by another process for
    /// longer than half a minute, of which `on_wait` is called early.
    pub fn open_file(file: &Path, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        Self { backend: Box::new(SqliteBackend::open(file)?), on_wait }.migrated()
    }

    /// Opens the history in a file to read it, which writes nothing: neither the file nor its directory needs to be
    /// writable.
    ///
    /// # Errors
    /// When there is none, or it is of another kind or newer.
    pub fn read_file(file: &Path) -> Result<Self, HistoryError> {
        Self { backend: Box::new(SqliteBackend::open_read_only(file)?), on_wait: |_| () }.understood()
    }

    /// Opens the history in a PostgreSQL database to add to it; creates its schema where there is none, and migrates an
    /// older one.
    ///
    /// # Errors
    /// When the server refuses the connection, the role may not create the schema or write to it, or it is newer than
    /// this program.
    pub fn open_server(settings: &Settings, on_wait: fn(&Path)) -> Result<Self, HistoryError> {
        Self { backend: Box::new(PostgresBackend::open(settings)?), on_wait }.migrated()
    }

    /// Opens the history in a PostgreSQL database to read it, for which the right to read its tables is enough.
    ///
    /// # Errors
    /// When there is none, the server refuses the connection, or it is newer than this program.
    pub fn read_server(settings: &Settings) -> Result<Self, HistoryError> {
        Self { backend: Box::new(PostgresBackend::open_read_only(settings)?), on_wait: |_| () }.understood()
    }

    fn migrated(self) -> Result<Self, HistoryError> {
        let explained = |error| self.backend.explain(Action::Write, error);
        if !self.backend.is_current().map_err(explained)? {
            self.transact(Access::Migrate, Action::Create, |backend| backend.migrate())?;
        }
        self.understood()
    }

    /// Learns what the history holds besides what the program knows. What means something else here stays unread.
    fn understood(self) -> Result<Self, HistoryError> {
        for definition in self.read(append::definitions)? {
            let _ = adopt(vec![definition]);
        }
        Ok(self)
    }

    /// Records a run: all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    pub fn append(&mut self, batch: &Batch) -> Result<Written, HistoryError> {
        self.write(|backend| append::append(backend, batch))
    }

    /// Imports what another history exported: all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    pub fn import(&mut self, contents: &Contents) -> Result<Written, HistoryError> {
        self.write(|backend| append::import(backend, contents))
    }

    /// The rollups of periods that lie wholly within a range, by series, of one signal or of all.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn rollups(
        &self,
        resolution: Resolution,
        signal: Option<SignalId>,
        range: Range,
    ) -> Result<Vec<StoredSeries>, HistoryError> {
        self.read(|backend| rollups(backend, resolution, signal, range))
    }

    /// The means of the hours that lie wholly within a range, as the assessment reads them: for each signal and instance
    /// one observation, with a sample at the beginning of every hour of which something is known. Where several series
    /// have values of the same thing, each hour is taken from the newest that has it, and a note says so.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn hourly(&self, range: Range) -> Result<Vec<Observation>, HistoryError> {
        Ok(merge::hourly(&self.rollups(Resolution::Hour, None, range)?))
    }

    /// The assessments made within a range, in the order of time.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn assessments(&self, range: Range) -> Result<Vec<StoredAssessment>, HistoryError> {
        self.read(|backend| assessments(backend, range))
    }

    /// What statements did on the days that lie wholly within a range.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn statements(&self, range: Range) -> Result<Statements, HistoryError> {
        self.read(|backend| statements::statements(backend, range))
    }

    /// The newest sample of the statements of each server, with which the next one will be compared.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn statement_samples(&self) -> Result<Vec<StatementSnapshot>, HistoryError> {
        self.read(statements::latest_samples)
    }

    /// Where the values come from when they are simulated.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn simulated(&self) -> Result<Option<String>, HistoryError> {
        self.read(simulated)
    }

    /// Everything that can be given to another history, as it is at one instant. Samples of hours that may still grow
    /// are not part of it.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contents(&self) -> Result<Contents, HistoryError> {
        self.read(|backend| {
            // Damage between rows, such as a page that is not found any more, shows in none of them.
            if let Some(detail) = backend.structural_errors()?.into_iter().next() {
                return Err(HistoryError::Damaged { file: backend.place().to_owned(), detail }.into());
            }
            Ok(Contents {
                hourly: rollups(backend, Resolution::Hour, None, Range::ALL)?,
                daily: rollups(backend, Resolution::Day, None, Range::ALL)?,
                statements: statements::statements(backend, Range::ALL)?,
                statement_samples: statements::latest_samples(backend)?,
                assessments: assessments(backend, Range::ALL)?,
                simulated: simulated(backend)?,
            })
        })
    }

    /// Everything that is wrong with the history; nothing when it is intact.
    ///
    /// # Errors
    /// When the history cannot be read at all.
    pub fn verify(&self) -> Result<Vec<String>, HistoryError> {
        let errors = match self.read(integrity::errors) {
            Ok(errors) if errors.is_empty() => self.contents().map(|contents| unreadable(&contents)),
            errors => errors,
        };
        match errors {
            Err(HistoryError::Damaged { detail, .. }) => Ok(vec![detail]),
            errors => errors,
        }
    }

    /// Deletes the days that ended before an instant (Unix milliseconds). Returns how many hourly rollups are gone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prune(&mut self, before_ms: i64) -> Result<usize, HistoryError> {
        self.write(|backend| prune(backend, before_ms))
    }

    /// What is kept of the pasts of a fleet's services, each with its days from one on; `None` of which nothing is kept.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn service_pasts(
        &self,
        names: &[String],
        from_day: i64,
    ) -> Result<Vec<Option<StoredPast>>, HistoryError> {
        self.read(|backend| fleet::pasts(backend, names, from_day))
    }

    /// Keeps pasts of a fleet's services, all of them or none, and deletes the days of these services before a day. In
    /// PostgreSQL several processes do so at the same time.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    pub fn keep_service_pasts(&mut self, pasts: &[StoredPast], first_day: i64) -> Result<(), HistoryError> {
        self.transact(Access::WriteBeside, Action::Write, |backend| fleet::keep(backend, pasts, first_day))
    }

    /// The hours that ended before an instant (Unix milliseconds) and that another store has not got as they are now;
    /// all of them when it is named for the first time.
    ///
    /// # Errors
    /// When that cannot be read or remembered.
    pub fn unsent(&mut self, destination: &str, before_ms: i64) -> Result<Vec<StoredSeries>, HistoryError> {
        self.write(|backend| {
            remote_write::unsent(backend, &Rc::from(destination), before_ms.div_euclid(HOUR_MS))
        })
    }

    /// Remembers that another store has got these hours. What has changed meanwhile remains to be sent.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn mark_sent(&mut self, destination: &str, sent: &[StoredSeries]) -> Result<(), HistoryError> {
        self.write(|backend| remote_write::mark_sent(backend, &Rc::from(destination), sent))
    }

    fn read<T>(&self, work: impl Fn(&dyn Backend) -> Result<T, BackendError>) -> Result<T, HistoryError> {
        for _ in 0..MAX_ATTEMPTS {
            let result = self.attempt(Access::Read, &work);
            if !self.backend.changed_while_reading() {
                return result.map_err(|error| self.backend.explain(Action::Read, error));
            }
        }
        Err(HistoryError::Changing(self.backend.place().to_owned()))
    }

    fn write<T>(&self, work: impl Fn(&dyn Backend) -> Result<T, BackendError>) -> Result<T, HistoryError> {
        self.transact(Access::Write, Action::Write, work)
    }

    /// Does work that becomes visible and durable as a whole, or not at all. It may be done several times; the last one
    /// counts.
    fn transact<T>(
        &self,
        access: fn(Duration) -> Access,
        action: Action,
        work: impl Fn(&dyn Backend) -> Result<T, BackendError>,
    ) -> Result<T, HistoryError> {
        let mut wait = FIRST_WAIT;
        let mut attempts = 1;
        loop {
            let error = match self.attempt(access(wait), &work) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if error.is_locked() && wait == FIRST_WAIT {
                (self.on_wait)(self.backend.place());
                wait = MAX_WAIT.saturating_sub(FIRST_WAIT);
            } else if error.is_retryable() && attempts < MAX_ATTEMPTS {
                attempts += 1;
            } else {
                return Err(self.backend.explain(action, error));
            }
        }
    }

    fn attempt<T>(
        &self,
        access: Access,
        work: &impl Fn(&dyn Backend) -> Result<T, BackendError>,
    ) -> Result<T, BackendError> {
        let backend = &*self.backend;
        let result = backend.begin(access).and_then(|()| work(backend)).and_then(|done| {
            backend.commit()?;
            Ok(done)
        });
        if result.is_err() {
            backend.rollback();
        }
        result
    }
}

/// The rollups of a range, by series; of every signal, or of one.
pub(super) fn rollups(
    backend: &dyn Backend,
    resolution: Resolution,
    signal: Option<SignalId>,
    range: Range,
) -> Result<Vec<StoredSeries>, BackendError> {
    let mut names: BTreeMap<i64, SeriesRow> = BTreeMap::new();
    for row in series::all(backend)? {
        if signal.is_none_or(|signal| row.name.signal == signal.as_str()) {
            names.insert(row.id, row);
        }
    }
    let ids: Vec<i64> = names.keys().copied().collect();
    let (from, to) = range.periods(resolution);
    let mut by_series: Vec<(i64, Vec<Rollup>)> = Vec::new();
    // A row whose key is damaged is not found by its key: who wants everything looks at every row.
    let everything = signal.is_none() && range == Range::ALL;
    let filter = if everything { Filter::ALL } else { Filter::owners(&ids).within(from, to) };
    backend.each(resolution.table(), filter, |RollupRow { series, rollup }| match by_series.last_mut() {
        Some((last, rollups)) if *last == series => rollups.push(rollup),
        _ => by_series.push((series, vec![rollup])),
    })?;
    let stored = |(id, rollups)| names.remove(&id).map(|row| StoredSeries { series: row.name, rollups });
    let mut stored: Vec<StoredSeries> = by_series.into_iter().filter_map(stored).collect();
    stored.sort_by(|stored, other| stored.series.cmp(&other.series));
    Ok(stored)
}

fn assessments(backend: &dyn Backend, range: Range) -> Result<Vec<StoredAssessment>, BackendError> {
    let hours = Filter::periods(range.from_ms.div_euclid(HOUR_MS), range.to_ms.div_euclid(HOUR_MS) + 1);
    let mut rows: Vec<AssessmentRow> = backend.rows(&ASSESSMENTS, hours)?;
    rows.retain(|row| (range.from_ms..range.to_ms).contains(&row.at_ms));
    Ok(rows.into_iter().map(StoredAssessment::from).collect())
}

fn simulated(backend: &dyn Backend) -> Result<Option<String>, BackendError> {
    Ok(append::simulated(backend)?.filter(|text| !text.is_empty()))
}

fn prune(backend: &dyn Backend, before_ms: i64) -> Result<usize, BackendError> {
    let day = before_ms.div_euclid(Resolution::Day.length_ms());
    let deleted = backend.delete(&HOURLY, Filter::before(day * HOURS))?;
    for table in [&SAMPLES, &PENDING, &ASSESSMENTS] {
        backend.delete(table, Filter::before(day * HOURS))?;
    }
    for table in [&DAILY, &COUNTED_DAYS, &STATEMENT_DAYS] {
        backend.delete(table, Filter::before(day))?;
    }
    fleet::prune(backend, day)?;
    remove_unused(backend, &STATEMENTS, &STATEMENT_DAYS, |row: &StatementRow| row.id)?;
    remove_unused(backend, &SERIES, &HOURLY, |row: &SeriesRow| row.id)?;
    remove_unused(backend, &LABELS, &HOURLY, |row: &LabelsRow| row.series)?;
    Ok(deleted)
}

/// What an export of everything cannot say.
fn unreadable(contents: &Contents) -> Vec<String> {
    export(Format::JsonLines, contents).err().map(|error| error.to_string()).into_iter().collect()
}

/// Deletes the rows to which no row of another table belongs.
fn remove_unused<R: Row>(
    backend: &dyn Backend,
    table: &Table,
    owned: &Table,
    id: fn(&R) -> i64,
) -> Result<(), BackendError> {
    let used: BTreeSet<i64> = backend.owners(owned, Filter::ALL)?;
    let mut rows: Vec<R> = backend.rows(table, Filter::ALL)?;
    rows.retain(|row| !used.contains(&id(row)));
    backend.remove(table, &rows)
}
