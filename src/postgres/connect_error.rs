//! Why there is no connection, and what to do about it.

use std::{error::Error, io, time::Duration};

use rustls::{AlertDescription, CertificateError};
use tokio_postgres::error::{DbError, SqlState};

use super::settings::{Endpoint, Host, Settings};
use crate::{
    signal::duration_text,
    snapshot::{Reason, Unavailable},
    tls::TlsError,
};

/// What went wrong on the way in.
#[derive(Debug)]
pub(super) enum ConnectFailure {
    /// No connection to the host.
    Socket(io::Error),
    /// No sign-in within this time.
    TimedOut(Duration),
    /// The exchange that followed failed.
    Postgres(tokio_postgres::Error),
}

/// Why there is no session.
#[derive(Debug)]
pub(crate) struct ConnectError {
    pub(crate) unavailable: Unavailable,
    /// The resource that the server reports as used up, and its message.
    pub(crate) exhausted: Option<(&'static str, String)>,
    /// True when a server answered; then there is no point in asking the next one.
    pub(super) answered: bool,
}

impl ConnectFailure {
    /// True when another encryption mode may fare better: the handshake failed, or `pg_hba.conf` has a
    /// rule for the other kind of connection only.
    pub(super) fn depends_on_encryption(&self) -> bool {
        let Self::Postgres(error) = self else { return false };
        handshake_failed(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
    }

    /// The failure at an endpoint, with its remedy.
    pub(super) fn explain(&self, settings: &Settings, endpoint: &Endpoint) -> ConnectError {
        let place = endpoint.place();
        match self {
            Self::Socket(error) => unreachable(&socket_detail(error, endpoint)),
            Self::TimedOut(limit) => {
                let detail = format!("{place}: login timed out after {}", duration_text(*limit));
                let hint = "check that this is a PostgreSQL server and that no firewall drops packets";
                let unavailable = Unavailable::new(Reason::TimedOut, detail).hint(hint);
                ConnectError { unavailable, exhausted: None, answered: false }
            }
            Self::Postgres(error) => match error.as_db_error() {
                Some(answer) => refused(answer, settings),
                None if handshake_failed(error) => {
                    let (detail, hint) = explain_handshake(error, &place);
                    answered(Reason::Unreachable, detail, hint)
                }
                None => broken(error, &place),
            },
        }
    }
}

impl ConnectError {
    /// Settings that cannot be used, such as a missing certificate file.
    pub(super) fn from_tls(error: &TlsError) -> Self {
        let unavailable = Unavailable::new(Reason::NotConfigured, error.to_string());
        let unavailable = unavailable.hint("correct sslmode, sslrootcert, sslcert and sslkey");
        Self { unavailable, exhausted: None, answered: false }
    }

    /// One error for several endpoints of which none answered.
    pub(super) fn combine(errors: Vec<Self>) -> Self {
        let details: Vec<&str> = errors.iter().map(|error| error.unavailable.detail.as_str()).collect();
        let detail = details.join("; ");
        match errors.into_iter().next_back() {
            Some(last) => Self { unavailable: Unavailable { detail, ..last.unavailable }, ..last },
            None => unreachable("no host was given"),
        }
    }
}

fn unreachable(detail: &str) -> ConnectError {
    let unavailable = Unavailable::new(Reason::Unreachable, detail);
    let unavailable = unavailable.hint("start the server, or correct its host and port");
    ConnectError { unavailable, exhausted: None, answered: false }
}

fn answered(reason: Reason, detail: String, hint: impl Into<String>) -> ConnectError {
    let unavailable = Unavailable::new(reason, detail).hint(hint);
    ConnectError { unavailable, exhausted: None, answered: true }
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

/// The server refused. Its code decides; the message only tells apart the kinds of one code.
fn refused(answer: &DbError, settings: &Settings) -> ConnectError {
    let message = answer.message();
    let detail = format!("{message} (SQLSTATE {})", answer.code().code());
    let pooler_is_full = message.contains("no more connections allowed");
    if *answer.code() == SqlState::TOO_MANY_CONNECTIONS || pooler_is_full {
        let (whose, hint) = full(message);
        let resource = if pooler_is_full { "pgbouncer.pool" } else { "postgres.connections" };
        let exhausted = Some((resource, format!("{message} ({whose})")));
        return ConnectError { exhausted, ..answered(Reason::Full, detail, hint) };
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
        SqlState::INSUFFICIENT_PRIVILEGE => {
            let (database, user) = (identifier(&settings.database), identifier(&settings.user));
            let hint = format!("GRANT CONNECT ON DATABASE {database} TO {user};");
            answered(Reason::NotPermitted, detail, hint)
        }
        SqlState::CANNOT_CONNECT_NOW => ConnectError {
            answered: false,
            ..answered(Reason::Unreachable, detail, "wait until the server has started, then run this again")
        },
        _ => answered(Reason::SignInRefused, detail, "see the server's log for the reason"),
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

/// Whose connections are used up, and the remedy. Servers with messages in another language get the first answer.
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
fn broken(error: &tokio_postgres::Error, place: &str) -> ConnectError {
    let cause = error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    if cause.contains("password missing") {
        let detail = format!("{place} asks for a password and none is known");
        let hint = "give it in the URL, in PGPASSWORD or in ~/.pgpass";
        return answered(Reason::SignInRefused, detail, hint);
    }
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    if error.is_closed() || io.is_some_and(|io| io.kind() != io::ErrorKind::InvalidData) {
        return unreachable(&format!("{place} closed the connection during sign-in: {cause}"));
    }
    if cause.starts_with("authentication error") {
        let hint = "let pg_hba.conf ask this role for scram-sha-256, md5, password, cert or trust";
        return answered(Reason::SignInRefused, format!("{place}: {cause}"), hint);
    }
    answered(
        Reason::UnexpectedReply,
        format!("the server at {place} does not speak PostgreSQL's protocol: {cause}"),
        "correct the port",
    )
}

/// True when the connection failed while it was being encrypted.
fn handshake_failed(error: &tokio_postgres::Error) -> bool {
    // The client library marks this kind by its message alone.
    error.to_string() == "error performing TLS handshake"
}

/// What happened, and what to do about it.
fn explain_handshake(error: &tokio_postgres::Error, place: &str) -> (String, &'static str) {
    let cause = error.source();
    let text = cause.map_or_else(|| error.to_string(), ToString::to_string);
    let inner = cause.and_then(|cause| cause.downcast_ref::<io::Error>()).and_then(io::Error::get_ref);
    let hint = match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(fault)) => certificate_hint(fault),
        Some(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)) => {
            "no common cipher: certificates with a P-521 key are not supported, P-256, P-384, Ed25519 and \
             RSA are"
        }
        Some(rustls::Error::AlertReceived(_)) => "the server did not accept our certificate: see its log",
        _ => "turn on `ssl` in the server, or lower sslmode if the network is trusted",
    };
    (format!("no TLS with {place}: {text}"), hint)
}

fn certificate_hint(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "connect to a name the certificate was made for, or use sslmode=verify-ca"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "renew the server's certificate"
        }
        _ => {
            "set sslrootcert to the file of the authority that signed it; a self-signed certificate is its \
              own authority"
        }
    }
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
            // A server with French messages.
            ("désolé, trop de clients sont déjà connectés", "every slot"),
        ] {
            assert!(full(message).0.contains(words), "{message}");
        }
    }
}
