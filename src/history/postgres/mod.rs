//! A history in a PostgreSQL database, in a schema of its own, for as many writers as there are: how it is opened, and
//! its rows.

mod checksum;
mod values;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use self::values::{Array, PostgresRow, series_id, unnest};
use super::{
    HistoryError, SeriesName,
    backend::{Access, Action, Backend, Columns, Filter, RowValues, Value},
    checksum::{COLUMN, Mismatches, is_whole},
    error::BackendError,
    rows::TextRow,
    schema::{ALL, Kind, METADATA, POSTGRES_MIGRATIONS, Table, list},
    store::MAX_WAIT,
};
use crate::postgres::{Blocking, Parameter, Row, Settings, ToSql, Trouble, Type};

/// There is no such schema, or no such table.
const ABSENT: [&str; 2] = ["3F000", "42P01"];
/// How many rows go into one statement.
const ROWS: usize = 5000;

/// A history in a PostgreSQL database.
#[derive(Debug)]
pub(super) struct PostgresBackend {
    session: Blocking,
    /// Its address, without secrets.
    place: PathBuf,
    /// The tables that an older history has; `None` when it has all of them.
    tables: Option<BTreeSet<String>>,
    /// Whether its rows have checksums; those that are written have.
    has_checksums: bool,
    mismatches: Mismatches,
}

impl PostgresBackend {
    /// Signs in to write.
    pub(super) fn open(settings: &Settings) -> Result<Self, HistoryError> {
        let place = PathBuf::from(settings.address());
        match Blocking::open(settings) {
            Ok(session) => {
                let mismatches = Mismatches::default();
                Ok(Self { session, place, tables: None, has_checksums: true, mismatches })
            }
            Err(error) => Err(server(Action::Open, &place, error)),
        }
    }

    /// Signs in to read.
    pub(super) fn open_read_only(settings: &Settings) -> Result<Self, HistoryError> {
        let mut backend = Self::open(settings)?;
        let explained = |backend: &Self, error| backend.explain(Action::Read, error);
        match backend.version().map_err(|error| explained(&backend, error))? {
            None => return Err(HistoryError::Missing(backend.place)),
            Some(version) if version < POSTGRES_MIGRATIONS.len() => {
                let tables =
                    "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = 'scale_advisor'";
                let tables = backend.session.rows(tables, &[], |row| Ok(row.try_get::<_, String>(0)?));
                let tables = tables.map_err(|error| explained(&backend, error.into()))?;
                backend.tables = Some(tables.into_iter().collect());
                backend.has_checksums =
                    backend.finds_checksums().map_err(|error| explained(&backend, error.into()))?;
            }
            Some(_) => {}
        }
        Ok(backend)
    }

    /// How many migrations the tables have behind them; `None` when there are none.
    fn version(&self) -> Result<Option<usize>, BackendError> {
        match version(&self.session, "") {
            Ok(found) if found > POSTGRES_MIGRATIONS.len() => Err(newer(&self.place, found).into()),
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code.as_deref().is_some_and(|code| ABSENT.contains(&code)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether rows have checksums, as the tables themselves tell: a version may be what was damaged.
    fn finds_checksums(&self) -> Result<bool, Trouble> {
        let found = self.session.rows(
            "SELECT 1 FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = 'scale_advisor' AND c.relname = 'metadata' AND a.attname = 'checksum'",
            &[],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    /// Begins a transaction that writes. Limits are those of the transaction: behind a pooler, limits of the session
    /// would reach other clients. A commit that is acknowledged is on the disk, whatever the server does otherwise.
    fn begin_write(&self, wait: Duration) -> Result<(), Trouble> {
        self.session.run(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '{}s'; \
             SET LOCAL statement_timeout = '240s'; SET LOCAL idle_in_transaction_session_timeout = '60s'; \
             SET LOCAL synchronous_commit = 'on'",
            wait.as_secs()
        ))
    }
}

impl Backend for PostgresBackend {
    fn place(&self) -> &Path {
        &self.place
    }

    fn is_current(&self) -> Result<bool, BackendError> {
        Ok(self.version()? == Some(POSTGRES_MIGRATIONS.len()))
    }

    fn migrate(&self) -> Result<(), BackendError> {
        let session = &self.session;
        let exists = |query| session.rows(query, &[], |_| Ok(())).map(|rows| !rows.is_empty());
        let table = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'scale_advisor' AND tablename = 'metadata'";
        let held = if exists(table)? {
            version(session, "FOR UPDATE")?
        } else {
            // Not IF NOT EXISTS: that would require the right to create it even where it exists.
            if !exists("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'scale_advisor'")? {
                session.run("CREATE SCHEMA scale_advisor")?;
            }
            0
        };
        let Some(steps) = POSTGRES_MIGRATIONS.get(held..) else {
            return Err(newer(&self.place, held).into());
        };
        for step in steps {
            session.run(step)?;
        }
        if held < checksum::SINCE {
            ALL.iter().try_for_each(|table| checksum::fill_in(session, table))?;
        }
        let version = POSTGRES_MIGRATIONS.len().to_string();
        self.replace(&METADATA, &[TextRow { key: "version".to_owned(), value: version }].as_slice())
    }

    fn begin(&self, access: Access) -> Result<(), BackendError> {
        match access {
            Access::Read => Ok(self.session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?),
            Access::Migrate(wait) => Ok(self.begin_write(wait)?),
            // Waits until no other process writes.
            Access::Write(wait) => self.begin_current(wait, "FOR UPDATE"),
            // Waits for those writers alone, and for whoever changes the tables.
            Access::WriteBeside(wait) => self.begin_current(wait, "FOR SHARE"),
        }
    }

    fn commit(&self) -> Result<(), BackendError> {
        Ok(self.session.run("COMMIT")?)
    }

    fn rollback(&self) {
        // When this fails as well, the connection is gone, and the server rolls back by itself.
        let _ = self.session.run("ROLLBACK");
    }

    fn scan(
        &self,
        table: &Table,
        filter: Filter<'_>,
        visit: &mut dyn FnMut(&dyn Columns) -> Result<(), BackendError>,
    ) -> Result<(), BackendError> {
        if self.lacks(table) {
            return Ok(());
        }
        let (columns, name, key) = (table.column_list(), table.name, table.key_list());
        let condition = condition(table, filter);
        let is_checked = self.has_checksums && is_whole(table);
        let checksum = if is_checked { format!(", {COLUMN}") } else { String::new() };
        let query = format!("SELECT {columns}{checksum} FROM scale_advisor.{name}{condition} ORDER BY {key}");
        let mut result = Ok(());
        self.session.rows(&query, &owners(&filter), |row| {
            if result.is_ok() {
                let checked = if is_checked { self.check(row, table) } else { Ok(()) };
                result = checked.and_then(|()| visit(&PostgresRow(row)));
            }
            Ok(())
        })?;
        result
    }

    fn replace(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError> {
        let columns = checksum::with_checksum(table);
        let (name, list, key) = (table.name, list(&columns), table.key_list());
        let updates: Vec<String> = columns
            .iter()
            .skip(table.key)
            .map(|(column, _)| format!("{column} = excluded.{column}"))
            .collect();
        let update = updates.join(", ");
        let source = unnest(&columns);
        let statement = format!(
            "INSERT INTO scale_advisor.{name} ({list}) SELECT * FROM {source} ON CONFLICT ({key}) DO UPDATE SET {update}"
        );
        self.execute_for(&statement, &columns, rows)
    }

    fn delete(&self, table: &Table, filter: Filter<'_>) -> Result<usize, BackendError> {
        let statement = format!("DELETE FROM scale_advisor.{}{}", table.name, condition(table, filter));
        let deleted = self.session.execute(&statement, &owners(&filter))?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    fn delete_rows(&self, table: &Table, rows: &dyn RowValues) -> Result<(), BackendError> {
        let (name, key, source) = (table.name, table.key_list(), unnest(table.key_columns()));
        let statement = format!("DELETE FROM scale_advisor.{name} WHERE ({key}) IN (SELECT * FROM {source})");
        self.execute_for(&statement, table.key_columns(), rows)
    }

    fn owners(&self, table: &Table, filter: Filter<'_>) -> Result<BTreeSet<i64>, BackendError> {
        if self.lacks(table) {
            return Ok(BTreeSet::new());
        }
        let condition = condition(table, filter);
        let query = format!("SELECT DISTINCT {} FROM scale_advisor.{}{condition}", table.owner, table.name);
        let found = self.session.rows(&query, &owners(&filter), |row| Ok(row.try_get(0)?))?;
        Ok(found.into_iter().collect())
    }

    fn series_id(&self, series: &SeriesName) -> Option<i64> {
        Some(series_id(series))
    }

    fn structural_errors(&self) -> Result<Vec<String>, BackendError> {
        Ok(Vec::new())
    }

    fn count_mismatches(&self) {
        self.mismatches.count();
    }

    fn mismatches(&self) -> Vec<String> {
        self.mismatches.take()
    }

    fn explain(&self, action: Action, error: BackendError) -> HistoryError {
        let BackendError::Postgres(error) = error else { return error.unexplained(action, &self.place) };
        let (role, database) = (self.session.role(), self.session.database());
        let hint = match error.code.as_deref() {
            Some("55P03") => {
                return HistoryError::Busy { file: self.place.clone(), seconds: MAX_WAIT.as_secs() };
            }
            Some("53100") => return HistoryError::Full(self.place.clone()),
            Some("42501") => grant(action, role, database),
            Some("25006") => "this server is read-only; name the primary".to_owned(),
            _ => return server(action, &self.place, error),
        };
        server(action, &self.place, Trouble { hint: Some(hint), ..error })
    }
}

impl PostgresBackend {
    /// Begins a transaction that writes, and makes sure that the tables are still those that are known.
    fn begin_current(&self, wait: Duration, locking: &str) -> Result<(), BackendError> {
        self.begin_write(wait)?;
        match version(&self.session, locking)? {
            found if found == POSTGRES_MIGRATIONS.len() => Ok(()),
            found => Err(newer(&self.place, found).into()),
        }
    }

    /// Whether an older history has no such table.
    fn lacks(&self, table: &Table) -> bool {
        self.tables.as_ref().is_some_and(|tables| !tables.contains(table.name))
    }

    /// Refuses a row that is not as it was written, or counts it where somebody counts.
    fn check(&self, row: &Row, table: &Table) -> Result<(), BackendError> {
        if checksum::holds(row, table)? {
            return Ok(());
        }
        let damaged = |detail| HistoryError::Server {
            action: Action::Read,
            place: self.place.clone(),
            detail,
            hint: Some(
                "`scale-advisor history verify` counts such rows; restore them from a backup, or delete them"
                    .to_owned(),
            ),
        };
        Ok(self.mismatches.add(table, checksum::key(row, table)).map_err(damaged)?)
    }

    /// Runs a statement with columns of rows as arrays, so many rows at a time; the last column may be the checksum.
    fn execute_for(
        &self,
        statement: &str,
        columns: &[(&str, Kind)],
        rows: &dyn RowValues,
    ) -> Result<(), BackendError> {
        for from in (0..rows.count()).step_by(ROWS) {
            let mut arrays: Vec<Array<'_>> = columns.iter().map(|(_, kind)| Array::new(*kind)).collect();
            let mut values = Vec::new();
            for row in from..rows.count().min(from + ROWS) {
                values.clear();
                rows.push_values(row, &mut values);
                values.push(Value::Integer(checksum::of_values(&values).into()));
                for (array, value) in arrays.iter_mut().zip(&values) {
                    array.push(*value);
                }
            }
            let parameters: Vec<Parameter<'_>> = arrays.iter().map(Array::parameter).collect();
            self.session.execute(statement, &parameters)?;
        }
        Ok(())
    }
}

/// The rights that are missing.
fn grant(action: Action, role: &str, database: &str) -> String {
    match action {
        // Where the schema exists, the right to create tables in it is what is missing.
        Action::Create => format!(
            "GRANT CREATE ON DATABASE {database} TO {role}; (or CREATE SCHEMA scale_advisor AUTHORIZATION {role};)"
        ),
        Action::Open | Action::Read => format!(
            "GRANT USAGE ON SCHEMA scale_advisor TO {role}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA scale_advisor TO {role};"
        ),
        Action::Write => format!(
            "GRANT USAGE ON SCHEMA scale_advisor TO {role}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA scale_advisor TO {role};"
        ),
    }
}

fn version(session: &Blocking, locking: &str) -> Result<usize, Trouble> {
    let query = format!("SELECT value FROM scale_advisor.metadata WHERE key = 'version' {locking}");
    let found = session.rows(&query, &[], |row| Ok(row.try_get::<_, String>(0)?))?;
    // A schema of that name that another program filled has no version that is a number.
    Ok(found.first().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX))
}

fn newer(place: &Path, found: usize) -> HistoryError {
    match i64::try_from(found) {
        Ok(found) => HistoryError::Newer { file: place.to_owned(), found, known: POSTGRES_MIGRATIONS.len() },
        Err(_) => HistoryError::Server {
            action: Action::Open,
            place: place.to_owned(),
            detail: "another program uses its schema scale_advisor".to_owned(),
            hint: Some("name another database".to_owned()),
        },
    }
}

fn server(action: Action, place: &Path, error: Trouble) -> HistoryError {
    HistoryError::Server { action, place: place.to_owned(), detail: error.detail, hint: error.hint }
}

/// The condition of a filter; `$1` are the series or statements.
fn condition(table: &Table, filter: Filter<'_>) -> String {
    let owners = filter.owners.map(|_| format!("{} = ANY ($1::bigint[])", table.owner));
    let periods = filter.periods.map(|(from, to)| format!("{0} >= {from} AND {0} < {to}", table.period));
    let conditions: Vec<String> = owners.into_iter().chain(periods).collect();
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

fn owners<'a>(filter: &'a Filter<'_>) -> Vec<Parameter<'a>> {
    filter.owners.iter().map(|owners| (owners as &(dyn ToSql + Sync), Type::INT8_ARRAY)).collect()
}
