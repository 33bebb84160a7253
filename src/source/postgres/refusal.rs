//! Why there is no connection, in words a person can act on.

use std::{error::Error, io, time::Duration};

use tokio_postgres::error::{DbError, SqlState};

use super::{
    handshake,
    settings::{Endpoint, Host, Settings},
};
use crate::{
    signal::{ResourceId, duration_text},
    snapshot::{Exhausted, Reason, SourceResult},
    source::{Source, TlsError},
};

/// What went wrong on the way in.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection to the host.
    Socket(io::Error),
    /// No sign-in within this time.
    TimedOut(Duration),
    /// The exchange that followed failed.
    Postgres(tokio_postgres::Error),
}

/// The explanation.
#[derive(Debug)]
pub(in crate::source) struct Refusal {
    pub(in crate::source) reason: Reason,
    pub(super) detail: String,
    pub(in crate::source) hint: Option<String>,
    /// What is used up, in the words of the server that has no connection left to give.
    pub(in crate::source) exhausted: Option<(&'static str, String)>,
    /// True when a server answered; then there is no point in asking the next one.
    pub(super) answered: bool,
}

impl Failure {
    /// True when another encryption mode may fare better: the handshake failed, or `pg_hba.conf` has a
    /// rule for the other kind of connection only.
    pub(super) fn depends_on_encryption(&self) -> bool {
        let Self::Postgres(error) = self else { return false };
        handshake::failed(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
    }

    /// The failure at an endpoint, with its remedy.
    pub(super) fn explain(&self, settings: &Settings, endpoint: &Endpoint) -> Refusal {
        let place = endpoint.place();
        match self {
            Self::Socket(error) => unreachable(&socket_detail(error, endpoint)),
            Self::TimedOut(limit) => Refusal {
                reason: Reason::TimedOut,
                hint: Some(
                    "check that this is a PostgreSQL server and that no firewall drops packets".into(),
                ),
                ..unreachable(&format!("{place} did not let us sign in within {}", duration_text(*limit)))
            },
            Self::Postgres(error) => match error.as_db_error() {
                Some(answer) => refused(answer, settings),
                None if handshake::failed(error) => {
                    let (detail, hint) = handshake::explain(error, &place);
                    answered(Reason::Unreachable, detail, hint)
                }
                None => broken(error, &place),
            },
        }
    }
}

impl Refusal {
    /// Settings that cannot be used, such as a missing certificate file.
    pub(super) fn of_settings(error: &TlsError) -> Self {
        Self {
            reason: Reason::NotConfigured,
            hint: Some("correct sslmode, sslrootcert, sslcert and sslkey".to_owned()),
            ..unreachable(&error.to_string())
        }
    }

    /// One explanation for several endpoints of which none answered.
    pub(super) fn together(refusals: Vec<Self>) -> Self {
        let details: Vec<&str> = refusals.iter().map(|refusal| refusal.detail.as_str()).collect();
        let detail = details.join("; ");
        match refusals.into_iter().next_back() {
            Some(last) => Self { detail, ..last },
            None => unreachable("no host was given"),
        }
    }

    /// The reading of a source that could not be entered.
    pub(in crate::source) fn reading(self, source: &dyn Source) -> SourceResult {
        let Self { reason, detail, hint, exhausted, .. } = self;
        let name = source.name();
        let mut reading =
            SourceResult::failed(name, source.address(), source.wanted(), reason, &detail, hint);
        let exhausted = exhausted.and_then(|(resource, message)| {
            let resource = ResourceId::find(resource)?;
            Some(Exhausted { resource, source: name.to_owned(), message })
        });
        reading.exhausted.extend(exhausted);
        reading
    }
}

fn unreachable(detail: &str) -> Refusal {
    Refusal {
        reason: Reason::Unreachable,
        detail: detail.to_owned(),
        hint: Some("start the server, or correct its host and port".to_owned()),
        exhausted: None,
        answered: false,
    }
}

fn answered(reason: Reason, detail: String, hint: &str) -> Refusal {
    Refusal { reason, detail, hint: Some(hint.to_owned()), exhausted: None, answered: true }
}

fn socket_detail(error: &io::Error, endpoint: &Endpoint) -> String {
    let place = endpoint.place();
    match (&endpoint.host, error.kind()) {
        (Host::Socket(folder), io::ErrorKind::NotFound) => {
            format!("there is no server socket {}/.s.PGSQL.{}", folder.display(), endpoint.port)
        }
        (_, io::ErrorKind::ConnectionRefused) => format!("nothing listens at {place}"),
        _ => format!("cannot connect to {place}: {error}"),
    }
}

/// The server's own refusal. Codes decide; words only tell the kinds of one code apart.
fn refused(answer: &DbError, settings: &Settings) -> Refusal {
    let message = answer.message();
    let detail = format!("{message} (SQLSTATE {})", answer.code().code());
    let pooler_is_full = message.contains("no more connections allowed");
    if *answer.code() == SqlState::TOO_MANY_CONNECTIONS || pooler_is_full {
        let (whose, hint) = full(message);
        let resource = if pooler_is_full { "pgbouncer.pool" } else { "postgres.connections" };
        let exhausted = Some((resource, format!("{message} ({whose})")));
        return Refusal { exhausted, ..answered(Reason::Full, detail, hint) };
    }
    match *answer.code() {
        SqlState::INVALID_PASSWORD => {
            answered(Reason::SignInRefused, detail, "correct the user name or the password")
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => answered(
            Reason::SignInRefused,
            detail,
            "create the role, or allow it in pg_hba.conf for this host and encryption",
        ),
        SqlState::INVALID_CATALOG_NAME => {
            answered(Reason::SignInRefused, detail, "correct the database name at the end of the URL")
        }
        SqlState::INSUFFICIENT_PRIVILEGE => Refusal {
            hint: Some(format!(
                "GRANT CONNECT ON DATABASE {} TO {};",
                identifier(&settings.database),
                identifier(&settings.user)
            )),
            ..answered(Reason::NotPermitted, detail, "")
        },
        SqlState::CANNOT_CONNECT_NOW => Refusal {
            answered: false,
            ..answered(Reason::Unreachable, detail, "wait until the server has started, then run this again")
        },
        _ => answered(Reason::SignInRefused, detail, "see the server's log for what it objects to"),
    }
}

/// A name as SQL wants it.
pub(super) fn identifier(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit()) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whose connections are used up, and the remedy. Servers that speak another language get the first answer.
fn full(message: &str) -> (&'static str, &'static str) {
    if message.contains("for role \"") {
        ("the limit of this role, not of the server", "raise it with ALTER ROLE … CONNECTION LIMIT")
    } else if message.contains("for database \"") {
        ("the limit of this database, not of the server", "raise it with ALTER DATABASE … CONNECTION LIMIT")
    } else if message.contains("no more connections allowed") {
        ("the pooler's max_client_conn", "raise max_client_conn in PgBouncer, or read the database directly")
    } else if message.contains("reserved") {
        (
            "only reserved slots are left",
            "pool connections or raise max_connections; GRANT pg_use_reserved_connections (16 and later) lets \
             this role in when the server is full",
        )
    } else {
        ("every slot of the server is taken", "pool connections or raise max_connections")
    }
}

/// The exchange broke off without an answer that means anything.
fn broken(error: &tokio_postgres::Error, place: &str) -> Refusal {
    let cause = error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    if cause.contains("password missing") {
        let detail = format!("{place} asks for a password and none is known");
        let hint = "give it in the URL, in PGPASSWORD or in ~/.pgpass";
        return answered(Reason::SignInRefused, detail, hint);
    }
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    if error.is_closed() || io.is_some_and(|io| io.kind() != io::ErrorKind::InvalidData) {
        return unreachable(&format!("{place} broke off the sign-in: {cause}"));
    }
    if cause.starts_with("authentication error") {
        let hint = "let pg_hba.conf ask this role for scram-sha-256, md5, password, cert or trust";
        return answered(Reason::SignInRefused, format!("{place}: {cause}"), hint);
    }
    answered(
        Reason::ForeignAnswer,
        format!("what answers at {place} does not speak PostgreSQL's protocol: {cause}"),
        "correct the port",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_when_sql_needs_it() {
        assert_eq!(identifier("app_1"), "app_1");
        assert_eq!(identifier("Watch\"er"), "\"Watch\"\"er\"");
        assert_eq!(identifier("1st"), "\"1st\"");
    }

    #[test]
    fn every_kind_of_full_has_its_own_words() {
        for (message, words) in [
            ("sorry, too many clients already", "every slot"),
            (
                "remaining connection slots are reserved for roles with the SUPERUSER attribute",
                "reserved slots",
            ),
            ("too many connections for role \"app\"", "this role"),
            ("too many connections for database \"shop\"", "this database"),
            ("no more connections allowed (max_client_conn)", "pooler"),
            // A server that speaks French.
            ("désolé, trop de clients sont déjà connectés", "every slot"),
        ] {
            assert!(full(message).0.contains(words), "{message}");
        }
    }
}
