//! `[sources]`: where to read, and how to get in.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::text::{Environment, expanded, secret};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    signal::parse_duration,
};

/// Every source of `[sources]`.
#[derive(Debug, Default)]
pub struct Sources {
    /// `[sources.prometheus]`.
    pub prometheus: Option<Prometheus>,
    /// `[sources.postgres]`.
    pub postgres: Option<Postgres>,
    /// `[sources.redis]`.
    pub redis: Option<Redis>,
    /// `[sources.host]`.
    pub host: Option<Host>,
}

/// A Prometheus-compatible server.
#[derive(Debug)]
pub struct Prometheus {
    /// Its base address.
    pub url: Option<String>,
    /// Additional headers, such as a tenant.
    pub headers: Vec<(String, SecretString)>,
    /// A token for `Authorization: Bearer`.
    pub bearer_token: Option<SecretString>,
    /// A file with that token, read again when it expires.
    pub token_file: Option<PathBuf>,
    /// The account for basic authentication.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// Certificates.
    pub tls: Tls,
    /// Time between scrapes, where the server does not tell.
    pub scrape_interval: Option<Duration>,
}

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    /// A URL or a key=value connection string.
    pub url: Option<SecretString>,
}

/// A Redis server.
#[derive(Debug)]
pub struct Redis {
    /// Its address.
    pub url: Option<SecretString>,
    /// The prefix of the queues' keys.
    pub prefix: Option<String>,
    /// The queues to read; found by a bounded scan when absent.
    pub queues: Option<Vec<String>>,
    /// Certificates.
    pub tls: Tls,
}

/// The machine this program runs on.
#[derive(Debug)]
pub struct Host {
    /// Whether to read it.
    pub enabled: bool,
}

/// Which certificates to trust and to show.
#[derive(Debug, Default)]
pub struct Tls {
    /// Authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate.
    pub client_certificate: Option<PathBuf>,
    /// Its key.
    pub client_key: Option<PathBuf>,
}

pub(super) fn read(node: Node<'_>, environment: &Environment<'_>) -> Option<Sources> {
    let reader = node.table()?;
    Some(Sources {
        prometheus: reader.get("prometheus", |node| Some(read_prometheus(&node.table()?, environment))),
        postgres: reader.get("postgres", |node| {
            let reader = node.table()?;
            Some(Postgres { url: reader.get("url", |node| secret(node, environment)) })
        }),
        redis: reader.get("redis", |node| Some(read_redis(&node.table()?, environment))),
        host: reader.get("host", |node| {
            let reader = node.table()?;
            Some(Host { enabled: reader.get("enabled", Node::boolean).unwrap_or(true) })
        }),
    })
}

fn read_prometheus(reader: &Reader<'_>, environment: &Environment<'_>) -> Prometheus {
    let headers = reader.get("headers", |node| {
        let entries = node.table()?.entries();
        Some(
            entries
                .into_iter()
                .filter_map(|(name, _, node)| Some((name, secret(node, environment)?)))
                .collect(),
        )
    });
    one_sign_in(reader);
    Prometheus {
        url: reader.get("url", |node| expanded(node, environment)),
        headers: headers.unwrap_or_default(),
        bearer_token: reader.get("bearer_token", |node| secret(node, environment)),
        token_file: path(reader, "token_file", environment),
        username: reader.get("username", |node| expanded(node, environment)),
        password: reader.get("password", |node| secret(node, environment)),
        tls: read_tls(reader, environment),
        scrape_interval: reader.get("scrape_interval", |node| match parse_duration(&node.string()?) {
            Ok(interval) => Some(interval),
            Err(problem) => node.fail("config/duration", problem),
        }),
    }
}

/// Two ways to sign in would leave it open which one is used.
fn one_sign_in(reader: &Reader<'_>) {
    let ways = ["bearer_token", "token_file", "username"];
    let present: Vec<(&str, Node<'_>)> =
        ways.into_iter().filter_map(|way| Some((way, reader.optional(way)?))).collect();
    if let [(first, first_at), (second, second_at), ..] = present.as_slice() {
        let message = format!("`{first}` and `{second}` exclude each other");
        reader.report(
            Diagnostic::error("config/two-sign-ins", second_at.span(), message)
                .also(first_at.span(), "the other one")
                .help("keep the one that the server expects"),
        );
    }
}

fn read_redis(reader: &Reader<'_>, environment: &Environment<'_>) -> Redis {
    Redis {
        url: reader.get("url", |node| secret(node, environment)),
        prefix: reader.get("prefix", Node::string),
        queues: reader.optional("queues").map(|_| reader.list("queues", Node::string)),
        tls: read_tls(reader, environment),
    }
}

fn read_tls(reader: &Reader<'_>, environment: &Environment<'_>) -> Tls {
    Tls {
        ca_file: path(reader, "ca_file", environment),
        client_certificate: path(reader, "client_certificate", environment),
        client_key: path(reader, "client_key", environment),
    }
}

fn path(reader: &Reader<'_>, key: &'static str, environment: &Environment<'_>) -> Option<PathBuf> {
    reader.get(key, |node| expanded(node, environment)).map(PathBuf::from)
}
