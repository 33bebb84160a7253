//! Months of what was measured, as hourly and daily rollups.
//!
//! Servers forget: Prometheus after fifteen days, `pg_stat_statements` and Redis know the present alone. Each run of
//! `record` hands a [`Store`] what it read, as a [`Batch`]; `docs/history.md` explains how samples that are read twice
//! count once.
//!
//! - `rollup`, `day`: how samples become rollups, and what becomes of a day when more of it is read. Pure.
//! - `batch`, `merge`, `import_export`, `remote_write`: what goes in, what comes out, and rollups as text and for other
//!   stores. Pure.
//! - `store`, `append`, `series`, `statements`, `fleet`, `integrity`: what is done with a history, whatever database holds it.
//! - `schema`, `rows`, `backend`: its tables, their rows, and what is needed of a database.
//! - `sqlite`, `postgres`: the databases. They move rows and contain no logic.

#![deny(clippy::disallowed_methods)]

mod append;
mod backend;
mod batch;
mod checksum;
mod day;
mod error;
mod fleet;
mod import_export;
mod integrity;
mod merge;
mod postgres;
mod remote_write;
mod rollup;
mod rows;
mod schema;
mod series;
mod sqlite;
mod statements;
mod store;

use chrono::{DateTime, Utc};

pub use backend::Action;
pub use batch::{Batch, SeriesName};
pub use error::HistoryError;
pub use fleet::StoredPast;
pub use import_export::{Contents, Format, ImportError, export, parse_export};
pub use remote_write::write_requests;
pub use rollup::{HOUR_MS, Resolution, Rollup};
pub use store::Store;

/// What a run has added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Series that were offered.
    pub series: usize,
    /// Samples that were offered.
    pub samples: usize,
    /// Hours that are new or changed.
    pub hours: usize,
}

/// What a history holds of one series, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSeries {
    /// Which series.
    pub series: SeriesName,
    /// Its rollups; at least one.
    pub rollups: Vec<Rollup>,
}

/// An assessment and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAssessment {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The assessment as JSON.
    pub json: String,
}

/// A time range in Unix milliseconds: from an instant on, and before another.
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
