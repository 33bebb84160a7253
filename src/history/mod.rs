//! Months of what was measured, as hourly and daily rollups.
//!
//! Servers forget: Prometheus after fifteen days, `pg_stat_statements` and Redis know the present alone. Each run of
//! `record` hands a store what it read, as a [`Batch`]; `docs/history.md` tells how what was read twice counts once.
//!
//! - `rollup`, `samples`, `day`: how samples become rollups, and what becomes of a day when more of it is read. Pure.
//! - `statements`: what statements did, as stores hold it. Pure.
//! - `batch`, `joined`, `exchange`, `remote`: what goes in, what comes out, and rollups as text and for other stores. Pure.
//! - `sqlite`, `postgres`: where they are kept. A store decides nothing about rollups; it reads days, hands them samples, and
//!   writes what changed, all in one transaction.

#![deny(clippy::disallowed_methods)]

mod batch;
mod day;
mod error;
mod exchange;
mod joined;
mod postgres;
mod remote;
mod rollup;
mod samples;
mod sound;
mod sqlite;
mod statements;

use chrono::{DateTime, Utc};

use crate::{
    signal::SignalId,
    snapshot::Observation,
    statements::{StatementSnapshot, Statements},
};

pub use batch::{Batch, SeriesName};
pub use error::HistoryError;
pub use exchange::{Contents, ExchangeError, Form, read, write};
pub use postgres::PostgresStore;
pub use remote::messages;
pub use rollup::{HOUR_MS, Resolution, Rollup};
pub use sqlite::SqliteStore;

/// Where rollups are kept.
pub trait Store {
    /// Records a run: all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    fn append(&mut self, batch: &Batch) -> Result<Written, HistoryError>;

    /// Takes in what another store gave out: all of it, or nothing.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    fn import(&mut self, contents: &Contents) -> Result<Written, HistoryError>;

    /// The rollups of periods that lie wholly within a range, by series, of one signal or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn rollups(
        &self,
        resolution: Resolution,
        signal: Option<SignalId>,
        range: Range,
    ) -> Result<Vec<StoredSeries>, HistoryError>;

    /// The means of the hours that lie wholly within a range, as the judgement reads them: for each signal and instance
    /// one observation, with a sample at the beginning of every hour of which something is known. Where several series
    /// tell of the same thing, each hour is taken from the newest that knows of it, and a note says so.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn hourly(&self, range: Range) -> Result<Vec<Observation>, HistoryError> {
        Ok(joined::hourly(&self.rollups(Resolution::Hour, None, range)?))
    }

    /// The assessments made within a range, in the order of time.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn assessments(&self, range: Range) -> Result<Vec<StoredAssessment>, HistoryError>;

    /// What statements did on the days that lie wholly within a range.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn statements(&self, range: Range) -> Result<Statements, HistoryError>;

    /// The newest look at the counters of each server, with which the next one will be compared.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn looks(&self) -> Result<Vec<StatementSnapshot>, HistoryError>;

    /// Everything that can be given to another store. Samples of hours that may still grow are not among it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn contents(&self) -> Result<Contents, HistoryError> {
        Ok(Contents {
            hourly: self.rollups(Resolution::Hour, None, Range::ALL)?,
            daily: self.rollups(Resolution::Day, None, Range::ALL)?,
            statements: self.statements(Range::ALL)?,
            looks: self.looks()?,
            assessments: self.assessments(Range::ALL)?,
            simulated: self.simulated()?,
        })
    }

    /// What is wrong with what is held; nothing when all is sound.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    fn verify(&self) -> Result<Vec<String>, HistoryError>;

    /// Forgets the days that ended before an instant (Unix milliseconds). Returns how many hourly rollups are gone.
    ///
    /// # Errors
    /// When it cannot be written.
    fn prune(&mut self, before_ms: i64) -> Result<usize, HistoryError>;

    /// The hours that ended before an instant (Unix milliseconds) and that another store has not got as they are now; all
    /// of them when it is named for the first time.
    ///
    /// # Errors
    /// When that cannot be read or remembered.
    fn unsent(&mut self, destination: &str, before_ms: i64) -> Result<Vec<StoredSeries>, HistoryError>;

    /// Remembers that another store has got these hours. What has changed meanwhile stays to be sent.
    ///
    /// # Errors
    /// When it cannot be written.
    fn sent(&mut self, destination: &str, kept: &[StoredSeries]) -> Result<(), HistoryError>;

    /// Where the values come from when the system is not real.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn simulated(&self) -> Result<Option<String>, HistoryError>;
}

/// What a run has added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Series that were offered.
    pub series: usize,
    /// Samples that were offered.
    pub samples: usize,
    /// Hours of which something was learnt.
    pub hours: usize,
}

/// What a store holds of one series, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSeries {
    /// Which series.
    pub series: SeriesName,
    /// Its rollups; at least one.
    pub rollups: Vec<Rollup>,
}

impl StoredSeries {
    /// Rows by series; those of one series follow each other.
    fn gathered(rows: Vec<(SeriesName, Rollup)>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (series, rollup) in rows {
            match all.last_mut().filter(|kept| kept.series == series) {
                Some(kept) => kept.rollups.push(rollup),
                None => all.push(Self { series, rollups: vec![rollup] }),
            }
        }
        all.sort_by(|one, other| one.series.cmp(&other.series));
        all
    }
}

/// An assessment and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAssessment {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The assessment as JSON.
    pub json: String,
}

/// A stretch of time in Unix milliseconds: from an instant on, and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first instant.
    pub from_ms: i64,
    /// The first instant after it.
    pub to_ms: i64,
}

impl Range {
    /// All of time.
    pub const ALL: Self = Self { from_ms: i64::MIN / 2, to_ms: i64::MAX / 2 };

    /// The first period that lies wholly within, and the first that does not any more.
    fn periods(self, resolution: Resolution) -> (i64, i64) {
        let length = resolution.length_ms();
        let first = self.from_ms.div_euclid(length) + i64::from(self.from_ms.rem_euclid(length) > 0);
        (first, self.to_ms.div_euclid(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_hours_lie_within_a_range() {
        let range = Range { from_ms: HOUR_MS - 1, to_ms: 3 * HOUR_MS + 1 };
        assert_eq!(range.periods(Resolution::Hour), (1, 3));
        let range = Range { from_ms: -HOUR_MS, to_ms: 0 };
        assert_eq!(range.periods(Resolution::Hour), (-1, 0));
        assert_eq!(range.periods(Resolution::Day), (0, 0));
    }
}
