//! `[sources]` and `[remote_write]`: where to read and write, and how to authenticate.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    EXPANDED,
    several::{one_or_more, read_one_or_more, read_several},
};
use crate::{
    diagnostic::{
        Diagnostic, FromToml, Kind, Node, Reader, Spans,
        schema::{self, list},
        toml_table,
    },
    roadmap::{by_signal, signal_named},
    signal::{SignalId, parse_quantity},
};

toml_table! {
    /// Every source.
    #[derive(Debug, Default)]
    pub struct Sources {
        /// A server with the HTTP API of Prometheus: one table, or several with a name each.
        pub prometheus: Vec<Prometheus> as SERVERS = Vec::new(),
        /// A PostgreSQL server: one table, or several with a name each.
        pub postgres: Vec<Postgres> as DATABASES = Vec::new(),
        /// The admin console of PgBouncer: one table, or several with a name each.
        pub pgbouncer: Vec<PgBouncer> as POOLERS = Vec::new(),
        /// A Redis server: one table, or several with a name each.
        pub redis: Vec<Redis> as CACHES = Vec::new(),
        /// The machine this program runs on.
        pub host: Option<Host>,
        /// JSON health endpoints of applications: one table, or several.
        pub health: Vec<Health> as ENDPOINTS = Vec::new(),
        /// Files with a date and a number on each line: one table, or several.
        pub csv: Vec<Csv> as FILES = Vec::new(),
    }
}

toml_table! {
    /// A Prometheus-compatible server.
    #[derive(Debug)]
    pub struct Prometheus {
        /// Its name; several servers need one each.
        pub name: Option<String>,
        /// Its address, such as http://127.0.0.1:9090.
        pub url: Option<String> as EXPANDED,
        /// Whether the load that it shows counts, where several servers show one; true when left out.
        pub loads: bool = true,
        /// The uid of a data source of Grafana, where `url` is that of Grafana.
        pub grafana_datasource: Option<String> as DATASOURCE,
        /// Its scrape interval; asked from the server when left out.
        pub scrape_interval: Option<Duration>,
        /// How to authenticate.
        pub http: Http as flatten,
    }
    restrict = one_sign_in;
}

toml_table! {
    /// A server that receives rollups by Prometheus remote write.
    #[derive(Debug)]
    pub struct RemoteWrite {
        /// Its address, such as http://mimir:9009/api/v1/push.
        pub url: String as EXPANDED,
        /// How to authenticate.
        pub http: Http as flatten,
    }
    restrict = one_sign_in;
}

toml_table! {
    /// A PostgreSQL server.
    #[derive(Debug)]
    pub struct Postgres {
        /// Its name; several servers need one each.
        pub name: Option<String>,
        /// A URL or a key=value connection string.
        pub url: Option<SecretString>,
    }
}

toml_table! {
    /// The admin console of PgBouncer.
    #[derive(Debug)]
    pub struct PgBouncer {
        /// Its name; several servers need one each.
        pub name: Option<String>,
        /// A URL or a key=value connection string.
        pub url: Option<SecretString>,
    }
}

toml_table! {
    /// A Redis server.
    #[derive(Debug)]
    pub struct Redis {
        /// Its name; several servers need one each.
        pub name: Option<String>,
        /// Its address, such as redis://127.0.0.1:6379.
        pub url: Option<SecretString>,
        /// The key prefix of BullMQ and Bull queues.
        pub prefix: Option<String>,
        /// The queues to read; found by a bounded scan when left out.
        pub queues: Option<Vec<String>> as STRINGS,
        /// Certificates.
        pub tls: Tls as flatten,
    }
}

toml_table! {
    /// The machine this program runs on.
    #[derive(Debug)]
    pub struct Host {
        /// Whether this machine is read; true when left out.
        pub enabled: bool = true,
    }
}

toml_table! {
    /// A file of dates and values.
    #[derive(Debug)]
    pub struct Csv {
        /// The path of the file, relative to the configuration file.
        pub file: PathBuf,
        /// The signal that its values belong to.
        pub signal: SignalId,
    }
}

toml_table! {
    /// A health endpoint: a JSON document about the state of an application.
    #[derive(Debug)]
    pub struct Health {
        /// The address of the document.
        pub url: String as EXPANDED,
        /// Its name; several endpoints need one each.
        pub name: Option<String>,
        /// The place of the state in the document.
        pub status: Option<String> as POINTER,
        /// Words for a healthy state.
        pub healthy: Option<Vec<String>> as STRINGS,
        /// Words for a degraded state.
        pub degraded: Option<Vec<String>> as STRINGS,
        /// Words for an unhealthy state.
        pub unhealthy: Option<Vec<String>> as STRINGS,
        /// The places of signals in the document, by signal.
        pub values: Vec<(SignalId, Pick)> as PICKS = Vec::new(),
        /// How to authenticate.
        pub http: Http as flatten,
    }
    restrict = one_sign_in;
}

toml_table! {
    /// Authentication and encryption of a server behind HTTP.
    #[derive(Debug, Clone)]
    pub struct Http {
        /// Additional headers of every request, such as a tenant.
        pub headers: BTreeMap<String, SecretString>,
        /// A bearer token.
        pub bearer_token: Option<SecretString>,
        /// A file with a bearer token, read again when the token expires.
        pub token_file: Option<PathBuf>,
        /// The user name for basic authentication.
        pub username: Option<String> as EXPANDED,
        /// The password of that user.
        pub password: Option<SecretString>,
        /// An HTTP client configuration file of Prometheus: OAuth2, clouds, proxies and more.
        pub http_config_file: Option<PathBuf>,
        /// Certificates.
        pub tls: Tls as flatten,
    }
    check = check_sign_in;
}

toml_table! {
    /// Certificates.
    #[derive(Debug, Clone, Default)]
    pub struct Tls {
        /// A file with the certificate authorities to trust instead of those of the system.
        pub ca_file: Option<PathBuf>,
        /// A file with the client certificate.
        pub client_certificate: Option<PathBuf>,
        /// A file with the key of the client certificate.
        pub client_key: Option<PathBuf>,
    }
}

const SIGN_INS: [&str; 4] = ["bearer_token", "token_file", "username", "http_config_file"];

/// Two ways to authenticate would leave it open which one is used.
fn check_sign_in(_: &mut Http, reader: &Reader<'_>) {
    let present: Vec<(&str, Node<'_>)> =
        SIGN_INS.into_iter().filter_map(|key| Some((key, reader.optional(key)?))).collect();
    if let [(first, first_node), (second, second_node), ..] = present.as_slice() {
        let message = format!("`{first}` and `{second}` exclude each other");
        reader.report(
            Diagnostic::error("config/two-sign-ins", second_node.span(), message)
                .also(first_node.span(), "the other one")
                .help("keep the one that the server expects"),
        );
    }
}

pub(super) fn one_sign_in(schema: Value) -> Value {
    let behind = |index: usize| SIGN_INS.into_iter().skip(index + 1);
    let pairs = SIGN_INS
        .into_iter()
        .enumerate()
        .flat_map(|(index, key)| behind(index).map(move |other| [key, other]));
    let pairs: Vec<Value> = pairs.map(|pair| json!({ "required": pair })).collect();
    schema::with(schema, "not", json!({ "anyOf": pairs }))
}

/// The uid of a data source, which becomes a part of addresses.
const DATASOURCE: Kind<String> = Kind {
    read: |node| {
        let uid = node.expanded()?;
        if is_datasource(&uid) {
            Some(uid)
        } else {
            node.fail("config/grafana", "this is not the uid of a data source")
        }
    },
    schema: || schema::with(String::schema(), "pattern", json!("^([A-Za-z0-9_-]{1,40}|.*\\$\\{.*)$")),
};

/// Whether a text can be the uid of a data source of Grafana.
pub fn is_datasource(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

const STRINGS: Kind<Vec<String>> = Kind {
    read: |node| Some(node.items()?.into_iter().filter_map(Node::string).collect()),
    schema: || list(String::schema()),
};

const FILES: Kind<Vec<Csv>> = Kind {
    read: |node| Some(read_one_or_more(node)?.into_iter().flatten().collect()),
    schema: one_or_more::<Csv>,
};

const ENDPOINTS: Kind<Vec<Health>> = Kind { read: read_several, schema: one_or_more::<Health> };
const SERVERS: Kind<Vec<Prometheus>> = Kind { read: read_several, schema: one_or_more::<Prometheus> };
const DATABASES: Kind<Vec<Postgres>> = Kind { read: read_several, schema: one_or_more::<Postgres> };
const POOLERS: Kind<Vec<PgBouncer>> = Kind { read: read_several, schema: one_or_more::<PgBouncer> };
const CACHES: Kind<Vec<Redis>> = Kind { read: read_several, schema: one_or_more::<Redis> };

/// Where a value is found in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// A JSON pointer to it.
    pub pointer: String,
    /// A JSON pointer to the capacity that it is a share of.
    pub capacity: Option<String>,
    /// What a value of 1 means in the base unit of the signal.
    pub scale: f64,
}

toml_table! {
    struct PickKeys {
        /// The place of the number.
        pointer: String as POINTER,
        /// The place of the capacity that it is a share of.
        capacity: Option<String> as POINTER,
        /// The unit of the number in the document, such as "ms".
        unit: Option<String>,
        spans: Spans as flatten,
    }
}

/// A JSON pointer (RFC 6901).
const POINTER: Kind<String> = Kind {
    read: |node| {
        let text = node.string()?;
        if text.starts_with('/') {
            return Some(text);
        }
        node.report(
            Diagnostic::error("config/pointer", node.span(), format!("`{text}` is not a JSON pointer"))
                .help("start with `/` and separate keys with `/`, such as \"/pool/active\""),
        );
        None
    },
    schema: || json!({ "type": "string", "pattern": "^/" }),
};

/// Pointers by signal, each a string or a table.
const PICKS: Kind<Vec<(SignalId, Pick)>> = Kind {
    read: |node| {
        let reader = node.table()?;
        let entry = |(name, span, node): (String, _, _)| {
            let signal = signal_named(&reader, &name, span)?;
            Some((signal, read_pick(node, signal)?))
        };
        Some(reader.entries().into_iter().filter_map(entry).collect())
    },
    schema: || by_signal(json!({ "anyOf": [(POINTER.schema)(), PickKeys::schema()] })),
};

fn read_pick(node: Node<'_>, signal: SignalId) -> Option<Pick> {
    if !node.is_table() {
        return Some(Pick { pointer: (POINTER.read)(node)?, capacity: None, scale: 1.0 });
    }
    let PickKeys { pointer, capacity, unit, spans } = PickKeys::from_toml(node)?;
    let error = |code, key, message| node.report(Diagnostic::error(code, spans.of_key(key), message));
    if capacity.is_some() && signal.entry().of.is_none() {
        let message = format!("`{signal}` is not a ratio, so it has no capacity");
        error("config/capacity", "capacity", message);
    }
    let scale = match unit {
        None => Some(1.0),
        Some(unit) => scale_of(&unit, signal).or_else(|| {
            let wanted = signal.entry().unit.example();
            error("config/unit", "unit", format!("`{unit}` is not a unit of `{signal}`; expected {wanted}"));
            None
        }),
    };
    Some(Pick { pointer, capacity, scale: scale? })
}

/// One of the unit that a document uses, such as `ms`, in the base unit of the signal.
fn scale_of(unit: &str, signal: SignalId) -> Option<f64> {
    let quantity = parse_quantity(&format!("1{unit}")).ok()?;
    (quantity.unit() == signal.entry().unit).then(|| quantity.value())
}
