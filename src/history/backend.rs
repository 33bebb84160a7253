//! What a history needs of a database: rows of a few tables, and transactions.
//!
//! Everything that decides about rollups works on a [`Backend`]. SQLite and PostgreSQL only move rows.

use std::{collections::BTreeSet, fmt, path::Path, time::Duration};

use super::{HistoryError, SeriesName, error::BackendError, rows::Row, schema::Table};

/// A database that holds a history.
pub(super) trait Backend: fmt::Debug + Send {
    /// The file, or the address without its password.
    fn place(&self) -> &Path;

    /// Whether this program wrote its tables.
    fn is_current(&self) -> Result<bool, BackendError>;

    /// Creates its tables, or brings them up to date.
    fn migrate(&self) -> Result<(), BackendError>;

    /// Begins a transaction. A reader sees the history at one instant; there is only one writer at a time
    /// but for [`Access::WriteBeside`].
    fn begin(&self, access: Access) -> Result<(), BackendError>;

    /// Makes what was written visible and durable.
    fn commit(&self) -> Result<(), BackendError>;

    /// Takes back what was written.
    fn rollback(&self);

    /// Whether what was just read may mix two states of the history, because it is read without locks.
    fn changed_while_reading(&self) -> bool {
        false
    }

    /// Visits the rows that match, by key. A table that an older version of the history lacks has none.
    fn scan(
        &self,
        table: &Table,
        filter: Filter<'_>,
        visit: &mut dyn FnMut(&dyn Columns) -> Result<(), BackendError>,
    ) -> Result<(), BackendError>;

    /// Writes rows, in the place of those with the same key. No two of them may have the same key.
    fn replace(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError>;

    /// Deletes the rows that match. Returns how many there were.
    fn delete(&self, table: &Table, filter: Filter<'_>) -> Result<usize, BackendError>;

    /// Deletes the rows with the keys of these.
    fn delete_rows(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError>;

    /// The series, statements or services that have rows in a table that match. A table that an older version of the
    /// history lacks has none.
    fn owners(&self, table: &Table, filter: Filter<'_>) -> Result<BTreeSet<i64>, BackendError>;

    /// The id that a series must have; `None` where ids are counted.
    fn series_id(&self, series: &SeriesName) -> Option<i64>;

    /// Damage that the database itself finds.
    fn structural_errors(&self) -> Result<Vec<String>, BackendError>;

    /// Until [`Self::mismatches`] rows that do not match their checksums are counted, and not refused.
    fn count_mismatches(&self);

    /// The rows that were counted since, by table.
    fn mismatches(&self) -> Vec<String>;

    /// A failed operation as it is shown.
    fn explain(&self, action: Action, error: BackendError) -> HistoryError;
}

/// What a transaction does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    Read,
    /// Writes, after waiting this long for another writer.
    Write(Duration),
    /// Writes rows of the writer's own, beside others that do the same, where the database can do that.
    WriteBeside(Duration),
    /// The same where tables may be missing or old.
    Migrate(Duration),
}

/// What was tried with a history, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Opening it.
    Open,
    /// Creating its tables.
    Create,
    /// Reading it.
    Read,
    /// Writing to it.
    Write,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Create => "create",
            Self::Read => "read",
            Self::Write => "write to",
        })
    }
}

/// Which rows of a table to select.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filter<'a> {
    /// Of these series or statements alone.
    pub(super) owners: Option<&'a [i64]>,
    /// From one hour or day on, and before another.
    pub(super) periods: Option<(i64, i64)>,
}

impl<'a> Filter<'a> {
    pub(super) const ALL: Self = Self { owners: None, periods: None };

    pub(super) fn owners(owners: &'a [i64]) -> Self {
        Self { owners: Some(owners), ..Self::ALL }
    }

    pub(super) fn periods(from: i64, to: i64) -> Self {
        Self { periods: Some((from, to)), ..Self::ALL }
    }

    pub(super) fn before(to: i64) -> Self {
        Self::periods(i64::MIN, to)
    }

    pub(super) fn within(self, from: i64, to: i64) -> Self {
        Self { periods: Some((from, to)), ..self }
    }
}

/// A value of a column, on its way into the database.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Rows on their way into the database.
pub(super) trait RowValues {
    fn count(&self) -> usize;

    /// Adds the values of a row, one for each column of its table.
    fn push_values<'a>(&'a self, row: usize, values: &mut Vec<Value<'a>>);
}

impl<R: Row> RowValues for &[R] {
    fn count(&self) -> usize {
        self.len()
    }

    fn push_values<'a>(&'a self, row: usize, values: &mut Vec<Value<'a>>) {
        self[row].push_values(values);
    }
}

/// The columns of a row that was read, by their place in the table.
pub(super) trait Columns {
    fn boolean(&self, column: usize) -> Result<bool, BackendError>;
    fn integer(&self, column: usize) -> Result<i64, BackendError>;
    fn real(&self, column: usize) -> Result<f64, BackendError>;
    fn optional_real(&self, column: usize) -> Result<Option<f64>, BackendError>;
    fn text(&self, column: usize) -> Result<String, BackendError>;
    fn optional_text(&self, column: usize) -> Result<Option<String>, BackendError>;
    fn bytes(&self, column: usize) -> Result<Vec<u8>, BackendError>;
}

impl dyn Backend + '_ {
    /// Visits the rows that match as what they are.
    pub(super) fn each<R: Row>(
        &self,
        table: &Table,
        filter: Filter<'_>,
        mut visit: impl FnMut(R),
    ) -> Result<(), BackendError> {
        self.scan(table, filter, &mut |columns| {
            visit(R::from_columns(columns)?);
            Ok(())
        })
    }

    /// The rows that match.
    pub(super) fn rows<R: Row>(&self, table: &Table, filter: Filter<'_>) -> Result<Vec<R>, BackendError> {
        let mut rows = Vec::new();
        self.each(table, filter, |row| rows.push(row))?;
        Ok(rows)
    }

    /// Writes rows, if there are any.
    pub(super) fn put<R: Row>(&self, table: &Table, rows: &[R]) -> Result<(), BackendError> {
        if rows.is_empty() { Ok(()) } else { self.replace(table, &rows) }
    }

    /// Deletes rows by their keys, if there are any.
    pub(super) fn remove<R: Row>(&self, table: &Table, rows: &[R]) -> Result<(), BackendError> {
        if rows.is_empty() { Ok(()) } else { self.delete_rows(table, &rows) }
    }
}
