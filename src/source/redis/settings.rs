//! Where the server is and how to get in.

use std::path::PathBuf;

use redis::{ConnectionAddr, IntoConnectionInfo};
use secrecy::{ExposeSecret, SecretString};

use crate::{foreign::Secrets, tls::TlsSettings};

/// The prefix of BullMQ's and Bull's keys unless a project chose another.
pub const DEFAULT_PREFIX: &str = "bull";

/// What to read and how to get in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the server listens.
    pub endpoint: Endpoint,
    /// The account; the server's `default` one when absent.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// The number of the database that holds the queues.
    pub database: i64,
    /// Which certificates to trust and to show, for `rediss://`.
    pub tls: TlsSettings,
    /// The queues to read; found by a bounded scan when absent.
    pub queues: Option<Vec<String>>,
    /// The prefix of the queues' keys.
    pub prefix: String,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP port.
    Tcp {
        /// A name or an address, without brackets.
        host: String,
        /// The port.
        port: u16,
        /// Whether TLS is spoken on it.
        tls: bool,
    },
    /// A Unix domain socket.
    Unix(PathBuf),
}

/// Why a text is not the address of a Redis server. It never repeats the text, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("not a Redis URL: {0}; write it like redis://user:password@host:6379/0, rediss://… or unix:///path")]
pub struct UrlError(String);

impl Settings {
    /// Reads `redis://`, `rediss://` (TLS), `valkey://`, `valkeys://`, `redis+unix://` and `unix://` URLs.
    ///
    /// # Errors
    /// When the text is no such URL.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (plain, tls) = without_tls(url.trim());
        if plain.contains('#') {
            return Err(UrlError(
                "write a `#` in a password as %23; other uses of `#` have no meaning".into(),
            ));
        }
        let info = plain.as_str().into_connection_info().map_err(|error| UrlError(error.to_string()))?;
        let endpoint = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Endpoint::Tcp { host: host.clone(), port: *port, tls },
            ConnectionAddr::Unix(path) => Endpoint::Unix(path.clone()),
            _ => return Err(UrlError("it names neither a host nor a socket".into())),
        };
        let account = info.redis_settings();
        Ok(Self {
            endpoint,
            user: account.username().map(str::to_owned),
            password: account.password().map(SecretString::from),
            database: account.db(),
            tls: TlsSettings::default(),
            queues: None,
            prefix: DEFAULT_PREFIX.to_owned(),
        })
    }

    /// Its address, without secrets.
    pub fn address(&self) -> String {
        let base = match &self.endpoint {
            Endpoint::Unix(path) => format!("unix://{}", path.display()),
            Endpoint::Tcp { host, port, tls } => {
                let scheme = if *tls { "rediss" } else { "redis" };
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                format!("{scheme}://{host}:{port}")
            }
        };
        match (&self.endpoint, self.database) {
            (_, 0) => base,
            (Endpoint::Unix(_), database) => format!("{base}?db={database}"),
            (Endpoint::Tcp { .. }, database) => format!("{base}/{database}"),
        }
    }

    /// Secrets that the server must not echo through us.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        if let Some(password) = &self.password {
            secrets.add(password);
        }
        if let Some(user) = &self.user {
            secrets.show(user);
        }
        secrets
    }

    /// The password for the sign-in itself.
    pub(super) fn exposed_password(&self) -> Option<&str> {
        self.password.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// The URL with the scheme of a plain connection, and whether TLS was asked for.
///
/// TLS is set up here, from the config that all sources share, and not by the client library.
fn without_tls(url: &str) -> (String, bool) {
    match url.split_once("://") {
        Some(("rediss" | "valkeys", rest)) => (format!("redis://{rest}"), true),
        _ => (url.to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn address(url: &str) -> String {
        Settings::parse(url).unwrap().address()
    }

    #[test]
    fn every_scheme_is_read() {
        assert_eq!(address("redis://localhost"), "redis://localhost:6379");
        assert_eq!(address("rediss://cache.example:6380/2"), "rediss://cache.example:6380/2");
        assert_eq!(address("valkey://[::1]:7000"), "redis://[::1]:7000");
        assert_eq!(address("valkeys://h"), "rediss://h:6379");
        assert_eq!(address("redis+unix:///run/redis.sock?db=3"), "unix:///run/redis.sock?db=3");
        assert_eq!(address("unix:///run/redis.sock"), "unix:///run/redis.sock");
    }

    #[test]
    fn the_account_is_decoded_and_the_password_stays_hidden() {
        let settings = Settings::parse("redis://advisor:p%40ss%23word@h:1/0").unwrap();
        assert_eq!(settings.user.as_deref(), Some("advisor"));
        assert_eq!(settings.exposed_password(), Some("p@ss#word"));
        assert!(!format!("{settings:?} {}", settings.address()).contains("ss#word"));
        let settings = Settings::parse("redis://:secret@h").unwrap();
        assert_eq!((settings.user, settings.password.is_some()), (None, true));
    }

    #[test]
    fn a_refused_url_is_not_repeated() {
        for url in [
            "redis://:hunter2@",
            "http://:hunter2@h",
            "redis://:hunter2@h/db",
            "hunter2",
            "redis://:hun#ter2@h",
        ] {
            let message = Settings::parse(url).unwrap_err().to_string();
            assert!(!message.contains("hunter2") && !message.contains("ter2@"), "{message}");
        }
    }
}
