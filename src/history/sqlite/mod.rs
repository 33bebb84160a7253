//! A history in a SQLite file: its rows.

mod checksum;
mod open;
#[cfg(test)]
mod tests;

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
};

use rusqlite::{
    CachedStatement, Connection, ErrorCode, Row, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use self::open::{Files, newer, version};
use super::{
    HistoryError, SeriesName,
    backend::{Access, Action, Backend, Columns, Filter, RowValues, Value},
    checksum::{Mismatches, is_whole},
    error::BackendError,
    schema::{APPLICATION_ID, SQLITE_MIGRATIONS, Table},
    store::MAX_WAIT,
};

/// A history in a SQLite file.
#[derive(Debug)]
pub(in crate::history) struct SqliteBackend {
    file: PathBuf,
    session: RefCell<Session>,
    /// Rows that do not match their checksums, while they are counted.
    mismatches: Mismatches,
}

/// An open file.
#[derive(Debug)]
struct Session {
    connection: Connection,
    /// The tables that an older file has; `None` when it has all of them.
    tables: Option<BTreeSet<String>>,
    /// Whether its rows have checksums.
    has_checksums: bool,
    /// The files as they were when reading without locks began.
    unlocked: Option<Files>,
}

impl Session {
    fn has(&self, table: &Table) -> bool {
        self.tables.as_ref().is_none_or(|tables| tables.contains(table.name))
    }

    /// Runs a statement for each selected series, or once for all.
    fn for_each_owner(
        &self,
        sql: &str,
        filter: Filter<'_>,
        mut run: impl FnMut(&mut CachedStatement<'_>) -> Result<(), BackendError>,
    ) -> Result<(), BackendError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let periods = filter.periods.filter(|_| statement.parameter_count() > 1);
        if let Some((from, to)) = periods {
            statement.raw_bind_parameter(2, from)?;
            statement.raw_bind_parameter(3, to)?;
        }
        match filter.owners {
            None => run(&mut statement),
            Some(owners) => owners.iter().try_for_each(|owner| {
                statement.raw_bind_parameter(1, owner)?;
                run(&mut statement)
            }),
        }
    }

    /// Runs a statement for each row, with its first values; its checksum is its last one.
    fn for_each_row(&self, sql: &str, rows: &dyn RowValues, values: usize) -> Result<(), BackendError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut row = Vec::new();
        for index in 0..rows.count() {
            row.clear();
            rows.push_values(index, &mut row);
            row.push(Value::Integer(checksum::of_values(&row).into()));
            for (place, value) in (1..=values).zip(&row) {
                statement.raw_bind_parameter(place, value)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }
}

impl Backend for SqliteBackend {
    fn place(&self) -> &Path {
        &self.file
    }

    fn is_current(&self) -> Result<bool, BackendError> {
        let version = version(&self.session.borrow().connection)?;
        Ok(usize::try_from(version) == Ok(SQLITE_MIGRATIONS.len()))
    }

    fn migrate(&self) -> Result<(), BackendError> {
        let connection = &self.session.borrow().connection;
        // Another process may have been faster.
        let from = usize::try_from(version(connection)?).unwrap_or(usize::MAX);
        let Some(steps) = SQLITE_MIGRATIONS.get(from..) else { return Err(newer(&self.file, from).into()) };
        for step in steps {
            connection.execute_batch(step)?;
        }
        if i64::try_from(from).is_ok_and(|from| from < checksum::SINCE) {
            checksum::fill_in(connection)?;
        }
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(
            None,
            "user_version",
            i64::try_from(SQLITE_MIGRATIONS.len()).unwrap_or(0),
        )?;
        Ok(())
    }

    fn begin(&self, access: Access) -> Result<(), BackendError> {
        if matches!(access, Access::Read) {
            if self.changed_while_reading() {
                *self.session.borrow_mut() = Session::read_only(&self.file)?;
            }
            return Ok(self.session.borrow().connection.execute_batch("BEGIN")?);
        }
        let (Access::Write(wait) | Access::WriteBeside(wait) | Access::Migrate(wait)) = access else {
            return Ok(());
        };
        let connection = &self.session.borrow().connection;
        connection.busy_timeout(wait)?;
        // A transaction that first reads and then writes could meet another writer in between; this one asks at once.
        Ok(connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn commit(&self) -> Result<(), BackendError> {
        Ok(self.session.borrow().connection.execute_batch("COMMIT")?)
    }

    fn rollback(&self) {
        // Fails where SQLite has rolled back by itself, or nothing was begun.
        let _ = self.session.borrow().connection.execute_batch("ROLLBACK");
    }

    fn changed_while_reading(&self) -> bool {
        self.session.borrow().unlocked.is_some_and(|files| files != Files::now(&self.file))
    }

    fn scan(
        &self,
        table: &Table,
        filter: Filter<'_>,
        visit: &mut dyn FnMut(&dyn Columns) -> Result<(), BackendError>,
    ) -> Result<(), BackendError> {
        let session = self.session.borrow();
        if !session.has(table) {
            return Ok(());
        }
        let (columns, name, key) = (table.column_list(), table.name, table.key_list());
        let condition = condition(table, filter);
        let is_checked = session.has_checksums && is_whole(table);
        let checksum = if is_checked { ", checksum" } else { "" };
        let sql = format!("SELECT {columns}{checksum} FROM {name}{condition} ORDER BY {key}");
        session.for_each_owner(&sql, filter, |statement| {
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                if is_checked && !checksum::holds(row, table.columns.len())? {
                    self.mismatch(table, checksum::key(row, table))?;
                }
                visit(&SqliteRow(row))?;
            }
            Ok(())
        })
    }

    fn replace(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError> {
        let count = table.columns.len() + 1;
        let places: Vec<String> = (1..=count).map(|place| format!("?{place}")).collect();
        let (name, columns) = (table.name, table.column_list());
        let sql = format!("REPLACE INTO {name} ({columns}, checksum) VALUES ({})", places.join(", "));
        self.session.borrow().for_each_row(&sql, rows, count)
    }

    fn delete(&self, table: &Table, filter: Filter<'_>) -> Result<usize, BackendError> {
        let sql = format!("DELETE FROM {}{}", table.name, condition(table, filter));
        let mut deleted = 0;
        self.session.borrow().for_each_owner(&sql, filter, |statement| {
            deleted += statement.raw_execute()?;
            Ok(())
        })?;
        Ok(deleted)
    }

    fn delete_rows(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError> {
        let key: Vec<String> =
            (1..).zip(table.key_columns()).map(|(place, (name, _))| format!("{name} = ?{place}")).collect();
        let sql = format!("DELETE FROM {} WHERE {}", table.name, key.join(" AND "));
        self.session.borrow().for_each_row(&sql, rows, table.key)
    }

    fn owners(&self, table: &Table, filter: Filter<'_>) -> Result<BTreeSet<i64>, BackendError> {
        let session = self.session.borrow();
        let mut owners = BTreeSet::new();
        if !session.has(table) {
            return Ok(owners);
        }
        let condition = condition(table, filter);
        let sql = format!("SELECT DISTINCT {} FROM {}{condition}", table.owner, table.name);
        session.for_each_owner(&sql, filter, |statement| {
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                owners.insert(row.get(0)?);
            }
            Ok(())
        })?;
        Ok(owners)
    }

    fn series_id(&self, _series: &SeriesName) -> Option<i64> {
        None
    }

    fn structural_errors(&self) -> Result<Vec<String>, BackendError> {
        let session = self.session.borrow();
        let mut check = session.connection.prepare("PRAGMA integrity_check(20)")?;
        let found = check.query_map([], |row| row.get(0))?;
        let found: Vec<String> = found.collect::<rusqlite::Result<_>>()?;
        let mut errors: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
        if errors.is_empty() {
            errors.extend(open::schema_errors(&session.connection)?);
        }
        Ok(errors)
    }

    fn count_mismatches(&self) {
        self.mismatches.count();
    }

    fn mismatches(&self) -> Vec<String> {
        self.mismatches.take()
    }

    fn explain(&self, action: Action, error: BackendError) -> HistoryError {
        match error {
            BackendError::Sqlite(error) => explain(action, &self.file, error),
            error => error.unexplained(action, &self.file),
        }
    }
}

impl SqliteBackend {
    /// A row that is not as it was written: counted where somebody counts, else refused.
    fn mismatch(&self, table: &Table, key: String) -> Result<(), BackendError> {
        let damaged = |detail| HistoryError::Damaged { file: self.file.clone(), detail };
        Ok(self.mismatches.add(table, key).map_err(damaged)?)
    }
}

/// The condition of a filter: `?1` is the series or statement, `?2` and `?3` are the periods.
fn condition(table: &Table, filter: Filter<'_>) -> String {
    let mut condition = String::new();
    let mut and = |text: &str| {
        let word = if condition.is_empty() { " WHERE " } else { " AND " };
        let _ = write!(condition, "{word}{text}");
    };
    if filter.owners.is_some() {
        and(&format!("{} = ?1", table.owner));
    }
    if filter.periods.is_some() {
        and(&format!("{0} >= ?2 AND {0} < ?3", table.period));
    }
    condition
}

/// A row that was read.
struct SqliteRow<'a>(&'a Row<'a>);

impl Columns for SqliteRow<'_> {
    fn boolean(&self, column: usize) -> Result<bool, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn integer(&self, column: usize) -> Result<i64, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn real(&self, column: usize) -> Result<f64, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn optional_real(&self, column: usize) -> Result<Option<f64>, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn text(&self, column: usize) -> Result<String, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn optional_text(&self, column: usize) -> Result<Option<String>, BackendError> {
        Ok(self.0.get(column)?)
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>, BackendError> {
        Ok(self.0.get(column)?)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Boolean(value) => ValueRef::Integer(value.into()),
            Value::Integer(value) => ValueRef::Integer(value),
            Value::Real(value) => ValueRef::Real(value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// What SQLite reports, in words that name the file and what to do.
fn explain(action: Action, file: &Path, source: rusqlite::Error) -> HistoryError {
    let file = file.to_owned();
    // The memory that processes share is a file next to it, and cannot grow on a full disk.
    let extended = source.sqlite_error().map(|error| error.extended_code);
    if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        return HistoryError::Full(file);
    }
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            HistoryError::Busy { file, seconds: MAX_WAIT.as_secs() }
        }
        Some(ErrorCode::DiskFull) => HistoryError::Full(file),
        Some(ErrorCode::NotADatabase) => HistoryError::NotAHistory(file),
        Some(ErrorCode::DatabaseCorrupt) => HistoryError::Damaged { file, detail: source.to_string() },
        _ => HistoryError::Database { action, file, source },
    }
}
