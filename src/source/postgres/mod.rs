//! PostgreSQL 12 to 18, read through one session that can only read.
//!
//! Each topic is a file with its query, the shape of its rows and a pure `interpret` function. Counters are
//! read twice, `--sample` apart; everything else is read in between.

mod answers;
mod blocking;
mod bounded;
mod connect;
mod connections;
mod counters;
mod handshake;
mod locks;
mod refusal;
mod replication;
mod server;
mod session;
mod settings;
mod size;
mod statements;
mod survey;
#[cfg(test)]
mod testing;
mod tls;
mod transactions;
mod wraparound;

use super::{Answer, Request, Source};
use crate::snapshot::{Reason, SourceResult};

pub(super) use connect::PGBOUNCER;
pub(super) use refusal::Refusal;
pub(super) use session::{QueryError, Session};

pub use blocking::{Blocking, Parameter, Row, ToSql, Trouble, Type};
pub use settings::{Settings, SettingsError, Surroundings, TextFile};

/// The source's name in output and configuration.
pub const NAME: &str = "postgres";

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        Settings::address(self)
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }
}

/// Reads everything the catalogue expects of this source; failures become gaps.
async fn read(settings: &Settings, request: &Request) -> SourceResult {
    let session = match Session::open(settings, request.deadline).await {
        Ok(session) => session,
        Err(refusal) => {
            let mut reading = refusal.reading(settings);
            reading.report.notes.clone_from(&settings.notes);
            return reading;
        }
    };
    if session.version.as_deref().is_some_and(|version| version.ends_with("/bouncer")) {
        let detail = "this is PgBouncer's own console, not a database";
        let hint = "end the URL in the name of a database";
        return failed(settings, Reason::ForeignAnswer, detail, Some(hint));
    }
    let reading = match session.row(server::QUERY).await {
        Ok(server) => survey::read(&session, &server, settings, request).await,
        Err(error) => unrecognised(settings, &error),
    };
    session.close().await;
    reading
}

/// A server that lets us in but cannot say what it is.
fn unrecognised(settings: &Settings, error: &QueryError) -> SourceResult {
    let (reason, hint) = match error {
        // Class 42: it does not know what every PostgreSQL since version 12 knows.
        QueryError::Refused { code, .. } if code.starts_with("42") => {
            (Reason::ForeignAnswer, Some("PostgreSQL 12 to 18 can be read"))
        }
        QueryError::Refused { .. } => (Reason::QueryFailed, Some("run this again, and see the server's log")),
        QueryError::TimedOut(_) => (Reason::TimedOut, Some("raise --timeout")),
        QueryError::Lost(_) => (Reason::Unreachable, Some("run this again, and see the server's log")),
        QueryError::Foreign(_) => (Reason::ForeignAnswer, Some("PostgreSQL 12 to 18 can be read")),
        QueryError::TooLarge => (Reason::TooLarge, None),
    };
    failed(settings, reason, &error.to_string(), hint)
}

fn failed(settings: &Settings, reason: Reason, detail: &str, hint: Option<&str>) -> SourceResult {
    let hint = hint.map(str::to_owned);
    SourceResult::failed(NAME, settings.address(), settings.wanted(), reason, detail, hint)
}
