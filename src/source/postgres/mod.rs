//! PostgreSQL 12 to 18, read through one session that can only read.
//!
//! Each topic is a file with its query, the shape of its rows and a pure `interpret` function. Counters are
//! read twice, `--sample` apart; everything else is read in between.

mod answers;
mod connections;
mod counters;
mod limits;
mod locks;
mod names;
mod replication;
mod server;
mod size;
mod statements;
mod survey;
#[cfg(test)]
mod testing;
mod transactions;
mod wraparound;

use self::server::Server;
use super::{Answer, Request, Source, unavailable};
use crate::{
    foreign::Secrets,
    postgres::{ConnectError, QueryError, Session, Settings},
    signal::ResourceId,
    snapshot::{Exhausted, Reason, SourceResult, Unavailable},
};

/// The source's name in output and configuration.
pub const NAME: &str = "postgres";

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        Settings::address(self)
    }

    fn secrets(&self) -> Secrets {
        Settings::secrets(self)
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }
}

/// Reads everything the catalogue expects of this source; failures become gaps.
async fn read(settings: &Settings, request: &Request) -> SourceResult {
    let session = match Session::open(settings, request.deadline).await {
        Ok(session) => session,
        Err(error) => {
            let mut result = not_connected(settings, error);
            result.report.notes.clone_from(&settings.notes);
            return result;
        }
    };
    if session.version.as_deref().is_some_and(|version| version.ends_with("/bouncer")) {
        let why =
            Unavailable::new(Reason::UnexpectedReply, "this is PgBouncer's own console, not a database");
        return unavailable(settings, why.hint("add a database name to the URL"));
    }
    let reading = match Server::look(&session, settings).await {
        Ok(server) => {
            let found = survey::read(&session, &server, settings, request).await;
            match &server.is_standby {
                Err(error) if found.observations.is_empty() => unrecognised(settings, error),
                _ => found,
            }
        }
        Err(error) => unrecognised(settings, &error),
    };
    session.close().await;
    reading
}

/// A server that accepts the login but does not describe itself.
fn unrecognised(settings: &Settings, error: &QueryError) -> SourceResult {
    const VERSIONS: &str = "PostgreSQL 12 to 18 can be read";
    const RETRY: &str = "run this again, and see the server's log";
    let (reason, hint) = match error {
        QueryError::Refused { .. } if error.missing_right().is_some() => (Reason::NotPermitted, None),
        // Class 42: it does not know what every PostgreSQL since version 12 knows.
        QueryError::Refused { code, .. } if code.starts_with("42") => {
            (Reason::UnexpectedReply, Some(VERSIONS))
        }
        QueryError::Refused { .. } => (Reason::QueryFailed, Some(RETRY)),
        QueryError::TimedOut(_) => (Reason::TimedOut, Some("raise --timeout")),
        QueryError::Lost(_) => (Reason::Unreachable, Some(RETRY)),
        QueryError::UnexpectedReply(_) => (Reason::UnexpectedReply, Some(VERSIONS)),
        QueryError::TooLarge => (Reason::TooLarge, None),
    };
    let hint = hint.map(str::to_owned);
    unavailable(settings, Unavailable { reason, detail: error.to_string(), hint })
}

/// A server or pooler that did not let us in. One that is full names the resource that is used up.
pub(super) fn not_connected(source: &dyn Source, error: ConnectError) -> SourceResult {
    let mut result = unavailable(source, error.unavailable);
    result.exhausted.extend(error.exhausted.and_then(|(resource, message)| {
        let resource = ResourceId::find(resource)?;
        Some(Exhausted { resource, source: source.name().to_owned(), message })
    }));
    result
}
