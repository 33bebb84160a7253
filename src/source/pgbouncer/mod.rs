//! The console of PgBouncer 1.18 and later: who waits for a connection, how long, and how full the pools are.
//!
//! The console is the database `pgbouncer`, open to `admin_users` and `stats_users`; the latter is read-only. It knows
//! the simple protocol and a few `SHOW` commands. Versions differ in their columns, so columns are read by name.

mod pools;
mod table;

use self::table::show;
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

#[cfg(test)]
mod tests;
