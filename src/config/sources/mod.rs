//! `[sources]`: where to read, and how to get in. One file for each source that has more than an address.

mod csv;
mod health;
mod http;
mod prometheus;
mod redis;
mod tls;

use secrecy::SecretString;

use super::text::{Environment, secret};
use crate::diagnostic::{Node, Reader};

pub use self::redis::Redis;
pub use csv::Csv;
pub use health::{Health, Pick};
pub use http::Http;
pub use prometheus::Prometheus;
pub use tls::Tls;

/// Every source of `[sources]`.
#[derive(Debug, Default)]
pub struct Sources {
    /// `[sources.prometheus]`.
    pub prometheus: Option<Prometheus>,
    /// `[sources.postgres]`.
    pub postgres: Option<Postgres>,
    /// `[sources.pgbouncer]`.
    pub pgbouncer: Option<PgBouncer>,
    /// `[sources.redis]`.
    pub redis: Option<Redis>,
    /// `[sources.host]`.
    pub host: Option<Host>,
    /// `[sources.health]`, or several `[[sources.health]]`.
    pub health: Vec<Health>,
    /// `[[sources.csv]]`.
    pub csv: Vec<Csv>,
}

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    /// A URL or a key=value connection string.
    pub url: Option<SecretString>,
}

/// The console of PgBouncer.
#[derive(Debug)]
pub struct PgBouncer {
    /// A URL or a key=value connection string.
    pub url: Option<SecretString>,
}

/// The machine this program runs on.
#[derive(Debug)]
pub struct Host {
    /// Whether to read it.
    pub enabled: bool,
}

pub(super) fn read(node: Node<'_>, environment: &Environment<'_>) -> Option<Sources> {
    let reader = node.table()?;
    let url = |node: Node<'_>| Some(node.table()?.get("url", |node| secret(node, environment)));
    Some(Sources {
        prometheus: reader.get("prometheus", |node| Some(prometheus::read(&node.table()?, environment))),
        postgres: reader.get("postgres", url).map(|url| Postgres { url }),
        pgbouncer: reader.get("pgbouncer", url).map(|url| PgBouncer { url }),
        redis: reader.get("redis", |node| Some(redis::read(&node.table()?, environment))),
        host: reader.get("host", |node| {
            let reader = node.table()?;
            Some(Host { enabled: reader.get("enabled", Node::boolean).unwrap_or(true) })
        }),
        health: health::read(&one_or_more(&reader, "health"), environment),
        csv: one_or_more(&reader, "csv").iter().filter_map(|node| csv::read(*node, environment)).collect(),
    })
}

/// `[remote_write]`, which is set as a source behind HTTP is.
pub(super) fn remote_write(node: Node<'_>, environment: &Environment<'_>) -> Option<Http> {
    let reader = node.table()?;
    reader.need("url", Node::string)?;
    Some(http::read(&reader, environment))
}

/// The tables of `[sources.key]`, of which there may be several when it is written `[[sources.key]]`.
fn one_or_more<'a>(reader: &Reader<'a>, key: &'static str) -> Vec<Node<'a>> {
    match reader.optional(key) {
        Some(node) if node.is_array() => node.items().unwrap_or_default(),
        node => node.into_iter().collect(),
    }
}
