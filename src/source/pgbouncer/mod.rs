//! The console of PgBouncer 1.18 and later: who waits for a connection, how long, and how full the pools are.
//!
//! The console is the database `pgbouncer`, open to `admin_users` and `stats_users`; the latter is read-only. It knows
//! the simple protocol and a few `SHOW` commands. Versions differ in their columns, so columns are read by name.

mod pools;
use std::collections::BTreeMap;

use super::{
    Answer, Request, Source, postgres::not_connected, result_builder::SourceResultBuilder, unavailable,
};
use crate::{
    foreign::Secrets,
    postgres::{self, ConnectError, QueryError, Session, SettingsError, Surroundings},
    snapshot::{Reason, SourceReport, SourceResult, Status, Unavailable},
};

/// The source's name in output and configuration.
pub const NAME: &str = "pgbouncer";

/// Where the console is and how to sign in.
#[derive(Debug)]
pub struct Settings(postgres::Settings);

impl Settings {
    /// Settings from a URL or key=value text as for PostgreSQL; port 6432 when none is named.
    ///
    /// `PG*` variables are about the database behind the pooler, so of those only the password file counts.
    ///
    /// # Errors
    /// When the text cannot be read or a parameter has an impossible value.
    pub fn resolve(text: &str, around: &Surroundings<'_>) -> Result<Self, SettingsError> {
        let environment = |name: &str| match name {
            "PGPORT" => Some("6432".to_owned()),
            "PGDATABASE" => Some(postgres::PGBOUNCER.to_owned()),
            "PGPASSFILE" => (around.environment)(name),
            name if name.starts_with("PG") => None,
            name => (around.environment)(name),
        };
        let around = Surroundings { environment: &environment, ..*around };
        Ok(Self(postgres::Settings::resolve(Some(text), &around)?.for_console()))
    }
}

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        self.0.address()
    }

    fn secrets(&self) -> Secrets {
        self.0.secrets()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }
}

async fn read(settings: &Settings, request: &Request) -> SourceResult {
    let session = match Session::open(&settings.0, request.deadline).await {
        Ok(session) => session,
        Err(error) => return refused(settings, error),
    };
    let version = session.version.clone().unwrap_or_default();
    let Some(version) = version.strip_suffix("/bouncer") else {
        return not_the_console(settings);
    };
    let mut draft = SourceResultBuilder::new(NAME, request.now);
    survey(&session, &mut draft).await;
    session.close().await;
    draft.finish(SourceReport {
        version: Some(format!("PgBouncer {version}")),
        notes: settings.0.notes.clone(),
        ..SourceReport::answered(NAME, settings.address())
    })
}

/// Asks for every table. One that is refused leaves the others as they are.
async fn survey(session: &Session, draft: &mut SourceResultBuilder) {
    let (pools, databases) = (show(session, "POOLS").await, show(session, "DATABASES").await);
    let stats = show(session, "STATS").await.unwrap_or_default();
    match &pools {
        Ok(pools) => pools::waits(draft, pools, &stats),
        Err(error) => failed(draft, &pools::WAITS, error),
    }
    match pools.and_then(|pools| Ok((pools, databases?))) {
        Ok((pools, databases)) => pools::sizes(draft, &pools, &databases),
        Err(error) => failed(draft, &[pools::SIZE], &error),
    }
    let (lists, config) = (show(session, "LISTS").await, show(session, "CONFIG").await);
    match lists.and_then(|lists| Ok((lists, config?))) {
        Ok((lists, config)) => pools::clients(draft, &lists, &config),
        Err(error) => failed(draft, &[pools::CLIENTS], &error),
    }
}

fn failed(draft: &mut SourceResultBuilder, signals: &[&str], error: &QueryError) {
    let (reason, hint) = match error {
        QueryError::Refused { .. } => (Reason::QueryFailed, None),
        QueryError::TimedOut(_) => (Reason::TimedOut, Some("raise --timeout")),
        QueryError::Lost(_) => (Reason::Unreachable, Some("run this again, and see PgBouncer's log")),
        QueryError::UnexpectedReply(_) => (Reason::UnexpectedReply, None),
        QueryError::TooLarge => (Reason::TooLarge, None),
    };
    for signal in signals {
        draft.gap(signal, reason, error.to_string(), hint);
    }
}

/// A console that does not let us in.
fn refused(settings: &Settings, mut error: ConnectError) -> SourceResult {
    if error.unavailable.reason == Reason::SignInRefused {
        let account = "give the password of an account that stats_users in pgbouncer.ini names";
        error.unavailable.hint = Some(account.to_owned());
    }
    let mut reading = not_connected(settings, error);
    if lacks_the_database(&reading.report.status) {
        return not_the_console(settings);
    }
    reading.report.notes.clone_from(&settings.0.notes);
    reading
}

/// A pooler always has its console; a server that knows no such database is the one behind it.
fn lacks_the_database(status: &Status) -> bool {
    matches!(status, Status::Failed { detail, .. } if detail.contains("(SQLSTATE 3D000)"))
}

fn not_the_console(settings: &Settings) -> SourceResult {
    let detail = "this is PostgreSQL, not PgBouncer's console";
    let hint = "give the port on which PgBouncer listens, which is 6432 unless pgbouncer.ini names another";
    unavailable(settings, Unavailable::new(Reason::UnexpectedReply, detail).hint(hint))
}

/// The rows that a `SHOW` command gives.
#[derive(Debug, Clone, Default)]
struct Table {
    rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, Default)]
struct Row(BTreeMap<String, String>);

/// Asks for one of the console's tables.
async fn show(session: &Session, table: &str) -> Result<Table, QueryError> {
    let answer = session.show(&format!("SHOW {table}")).await?;
    let row = |row: &tokio_postgres::SimpleQueryRow| {
        let cells = row.columns().iter().enumerate();
        let filled = cells.filter_map(|(index, column)| {
            Some((column.name().to_owned(), row.try_get(index).ok().flatten()?.to_owned()))
        });
        Row(filled.collect())
    };
    Ok(Table { rows: answer.iter().map(row).collect() })
}

impl Table {
    /// The rows about databases, without the console itself.
    fn of_databases(&self, column: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.text(column) != "pgbouncer")
    }

    /// The row in which a column has this text.
    fn find(&self, column: &str, text: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.text(column) == text)
    }
}

impl Row {
    /// The text of a column; empty when there is none.
    fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// The number in a column.
    fn number(&self, column: &str) -> Option<f64> {
        self.0.get(column)?.parse().ok()
    }
}

#[cfg(test)]
impl Table {
    /// A table as the console prints it: names of columns on the first line, then rows, parted by `|`.
    fn of(text: &str) -> Self {
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let mut lines = text.lines().map(cells);
        let names = lines.next().unwrap_or_default();
        let rows = lines.map(|row| Row(names.iter().cloned().zip(row).collect())).collect();
        Self { rows }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{Table, *};
    use crate::snapshot::SourceResult;

    fn draft() -> SourceResultBuilder {
        SourceResultBuilder::new(NAME, DateTime::UNIX_EPOCH)
    }

    fn finish(draft: SourceResultBuilder) -> SourceResult {
        draft.finish(SourceReport::answered(NAME, ""))
    }

    /// Signal, instance and value of every observation.
    fn values(reading: &SourceResult) -> Vec<(&str, &str, f64)> {
        let told = reading.observations.iter();
        told.map(|observation| {
            (
                observation.signal.as_str(),
                observation.instance.as_deref().unwrap_or_default(),
                observation.values.last().1,
            )
        })
        .collect()
    }

    const POOLS: &str = "\
load_balance_hosts|maxwait_us|maxwait|database|user|cl_waiting|sv_active
|504823|1|app|web|2|2
|0|0|app|jobs|0|1
|0|0|pgbouncer|pgbouncer|0|0";

    #[test]
    fn columns_are_read_by_name_and_the_console_is_left_out() {
        let stats = Table::of("database|avg_wait_time\napp|1500\npgbouncer|0");
        let mut draft = draft();
        pools::waits(&mut draft, &Table::of(POOLS), &stats);
        let reading = finish(draft);
        let expected = [
            ("pgbouncer.waiting", "app/web", 2.0),
            ("pgbouncer.max_wait", "app/web", 1.504_823),
            ("pgbouncer.waiting", "app/jobs", 0.0),
            ("pgbouncer.max_wait", "app/jobs", 0.0),
        ];
        assert_eq!(values(&reading), expected);
        assert!(reading.observations[0].notes[0].contains("1.5 ms on average"));
    }

    #[test]
    fn a_pool_without_a_size_has_no_share() {
        for (size, expected) in [("4", 2), ("0", 0), ("many", 0)] {
            let mut draft = draft();
            pools::sizes(&mut draft, &Table::of(POOLS), &Table::of(&format!("name|pool_size\napp|{size}")));
            let reading = finish(draft);
            assert_eq!(
                (reading.observations.len(), reading.gaps.len()),
                (expected, usize::from(expected == 0))
            );
        }
    }

    #[test]
    fn missing_columns_are_gaps() {
        let mut draft = draft();
        pools::waits(&mut draft, &Table::of("database|user|cl_waiting\napp|web|2"), &Table::default());
        pools::clients(
            &mut draft,
            &Table::of("list|items\npools|2"),
            &Table::of("key|value\nmax_client_conn|6"),
        );
        let reading = finish(draft);
        assert_eq!(values(&reading), []);
        assert!(reading.gaps.iter().all(|gap| gap.reason == Reason::UnexpectedReply), "{:?}", reading.gaps);
        assert_eq!(reading.gaps.len(), 3);
    }

    #[test]
    fn a_server_without_the_database_is_no_pooler() {
        let failed =
            |detail: &str| Status::Failed { reason: Reason::SignInRefused, detail: detail.to_owned() };
        assert!(lacks_the_database(&failed("database \"pgbouncer\" does not exist (SQLSTATE 3D000)")));
        assert!(!lacks_the_database(&failed("not allowed (SQLSTATE 08P01)")));
    }

    #[test]
    fn the_console_is_not_where_the_database_is() {
        let environment = |name: &str| match name {
            "PGHOST" | "PGDATABASE" | "PGUSER" => Some("elsewhere".to_owned()),
            "PGPASSWORD" => Some("hunter2".to_owned()),
            "USER" => Some("me".to_owned()),
            _ => None,
        };
        let around = Surroundings { environment: &environment, read: &|_| None };
        let address = |text: &str| Settings::resolve(text, &around).unwrap().address();
        assert_eq!(address("postgres://stats@pool"), "postgres://stats@pool:6432/pgbouncer");
        assert_eq!(address("postgres://pool:7000/app"), "postgres://me@pool:7000/pgbouncer");
        assert_eq!(address("host=pool user=stats"), "postgres://stats@pool:6432/pgbouncer");
    }
}
