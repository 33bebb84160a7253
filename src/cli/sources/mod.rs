//! Which sources to read: named by a flag, by the config, by the environment, or found where they usually are.

mod csv;
mod health;
mod host;
mod http;
mod llm;
mod pgbouncer;
mod postgres;
mod prometheus;
mod redis;
mod sign_in;
pub(super) mod webhook;

use std::{
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};

use super::{
    init::holds_a_password,
    options::{Header, SourceOptions},
    project::Project,
    terminal::warn,
};
use crate::{
    config::{self, NamedSource},
    source::{Named, Source},
    tls::TlsSettings,
};
pub(super) use http::apply as apply_http;
pub(super) use postgres::settings as postgres_settings;
pub(super) use prometheus::build_only as prometheus_settings;

/// Every source to read. `past` leaves out those that only report the present.
///
/// # Errors
/// When an address or a setting is wrong.
pub(super) fn build(options: &SourceOptions, project: &Project, past: bool) -> Result<Vec<Box<dyn Source>>> {
    if !options.one_of_many {
        warn_of_passwords(options);
    }
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    sources.extend(boxed(prometheus::build_all(options, project)?));
    sources.extend(boxed(csv::build(project)));
    sources.extend(boxed(llm::build(project)));
    let history = sources.len();
    sources.extend(boxed(postgres::build(options, project)?));
    sources.extend(boxed(pgbouncer::build(project)?));
    sources.extend(boxed(redis::build(options, project)?));
    sources.extend(boxed(health::build(project)?));
    let nothing_else_samples = sources.len() == history && history > 0;
    // Who says how long to sample wants that, whatever else there is to wait for.
    let hurry = nothing_else_samples && options.sample.is_none();
    let host = host::build(project, &sources, hurry);
    sources.extend(boxed(host));
    if past {
        let left_out = leave_out_the_present(&mut sources);
        // No days were given for a backfill.
        if !left_out.is_empty() && !options.quiet && !options.one_of_many {
            let names = left_out.join(", ");
            warn(&format!("note: --at is in the past: {names} skipped, as they keep no history\n"));
        }
    }
    Ok(sources)
}

/// Arguments of a process are there for every account of the machine to see.
fn warn_of_passwords(options: &SourceOptions) {
    let history = options.history.history.as_ref().and_then(|history| history.to_str());
    let flags = [
        ("--prometheus", options.prometheus.as_deref(), "$PROMETHEUS_URL"),
        ("--postgres", options.postgres.as_deref(), "$DATABASE_URL or $PGPASSWORD"),
        ("--redis", options.redis.as_deref(), "$REDIS_URL"),
        ("--history", history, "$PGPASSWORD"),
    ];
    for (flag, value, instead) in flags {
        if value.is_some_and(holds_a_password) {
            warn(&format!("warning: other accounts can see the password in {flag}; use {instead} instead\n"));
        }
    }
    let secret =
        |name: &str| ["auth", "key", "token", "secret", "cookie"].iter().any(|word| name.contains(word));
    if options.client.headers.iter().any(|Header(name, _)| secret(&name.to_ascii_lowercase())) {
        warn("warning: other accounts can see the secret in --header; use $PROMETHEUS_HEADERS instead\n");
    }
}

fn boxed(settings: impl IntoIterator<Item = impl Source + 'static>) -> Vec<Box<dyn Source>> {
    settings.into_iter().map(|settings| Box::new(settings) as Box<dyn Source>).collect()
}

/// Their names.
fn leave_out_the_present(sources: &mut Vec<Box<dyn Source>>) -> Vec<&'static str> {
    sources.extract_if(.., |source| !source.keeps_history()).map(|source| source.name()).collect()
}

/// The servers of a kind that are to be read: the one of a flag, which says its address or its name in the settings;
/// else all of the settings; else the one that `build` finds without either. `build` takes the address of a flag and
/// the settings.
///
/// # Errors
/// When an address or a setting is wrong, with the name of the server.
fn named<T: NamedSource, S>(
    flag: Option<&str>,
    configured: &[T],
    build: impl Fn(Option<&str>, Option<&T>) -> Result<Option<S>>,
) -> Result<Vec<Named<S>>> {
    let only = |source| Named { name: None, loads: true, source };
    let chosen = configured.iter().find(|settings| flag.is_some() && settings.name() == flag);
    if chosen.is_none() && flag.is_none() && configured.len() > 1 {
        let mut sources = Vec::new();
        for settings in configured {
            let name = settings.name().unwrap_or_default();
            let built = build(None, Some(settings)).with_context(|| format!("server `{name}`"))?;
            sources.extend(built.map(|source| Named { name: Some(name.to_owned()), ..only(source) }));
        }
        return Ok(sources);
    }
    let built = match (chosen, configured) {
        (Some(chosen), _) => build(None, Some(chosen)),
        (None, [settings]) => build(flag, Some(settings)),
        (None, _) => build(flag, None),
    };
    Ok(built?.map(only).into_iter().collect())
}

/// The address that a flag, settings or the environment name, in this order.
fn address(
    flag: Option<&str>,
    configured: Option<&SecretString>,
    environment: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let configured = || configured.map(|url| url.expose_secret().to_owned());
    flag.map(str::to_owned).or_else(configured).or_else(environment)
}

/// Paths in the config are relative to its directory.
fn tls(tls: &config::Tls, folder: &Path) -> TlsSettings {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| folder.join(path));
    TlsSettings {
        ca_file: path(&tls.ca_file),
        client_certificate: path(&tls.client_certificate),
        client_key: path(&tls.client_key),
    }
}

/// The usual local address of a server, when something listens there. Settings say for themselves what to read.
fn found(project: &Project, port: u16) -> Option<SocketAddr> {
    if project.file.is_some() { None } else { listening(port) }
}

/// The address of this machine at which something listens on a port.
pub(super) fn listening(port: u16) -> Option<SocketAddr> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok().map(|_| address)
}
