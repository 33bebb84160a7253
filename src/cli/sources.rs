//! Which sources to read: named by a flag, by the settings, by the environment, or found where they usually are.

use std::{
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};

use super::{
    options::SourceOptions,
    project::{Project, environment},
    terminal::warn,
};
use crate::{
    config,
    source::{Source, TlsSettings, host, postgres, prometheus, redis::Settings as RedisSettings},
};

/// Where servers listen when nobody says otherwise.
const PROMETHEUS_PORT: u16 = 9090;
const POSTGRES_PORT: u16 = 5432;
const REDIS_PORT: u16 = 6379;
/// Long enough to tell a busy processor: twenty ticks of each core.
const SHORT_SAMPLE: Duration = Duration::from_millis(200);

/// Variables that make libpq's own environment a stated wish to read PostgreSQL.
const LIBPQ_VARIABLES: [&str; 4] = ["PGHOST", "PGSERVICE", "PGDATABASE", "PGHOSTADDR"];

/// Every source to read. `past` leaves those out that can only tell the present.
///
/// # Errors
/// When an address or a setting is wrong.
pub(super) fn build(options: &SourceOptions, project: &Project, past: bool) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    sources.extend(prometheus(options, project)?.map(Box::new).map(Source::Prometheus));
    let mut present: Vec<Source> = Vec::new();
    present.extend(postgres(options, project)?.map(Box::new).map(Source::Postgres));
    present.extend(redis(options, project)?.map(Box::new).map(Source::Redis));
    let nothing_else_samples = present.is_empty() && !sources.is_empty();
    present.extend(host(project, nothing_else_samples).map(Source::Host));
    if past && !present.is_empty() {
        let names: Vec<&str> = present.iter().map(Source::name).collect();
        warn(&format!("note: --at is in the past, so only history is read, not {}\n", names.join(", ")));
    } else {
        sources.extend(present);
    }
    Ok(sources)
}

fn prometheus(options: &SourceOptions, project: &Project) -> Result<Option<prometheus::Settings>> {
    let settings = project.config.sources.prometheus.as_ref();
    let configured = settings.and_then(|settings| settings.url.clone());
    let named = options.prometheus.clone().or(configured).or_else(|| environment("PROMETHEUS_URL"));
    let Some(url) =
        named.or_else(|| found(project, PROMETHEUS_PORT).map(|address| format!("http://{address}")))
    else {
        return Ok(None);
    };
    let mut source = prometheus::Settings::new(&url).context("the Prometheus address cannot be used")?;
    source.bindings.clone_from(&project.config.bindings);
    if let Some(settings) = settings {
        if let Some(auth) = auth(settings, &project.folder) {
            source.auth = auth;
        }
        source.headers.clone_from(&settings.headers);
        source.tls = tls(&settings.tls, &project.folder);
        source.scrape_interval = settings.scrape_interval;
    }
    Ok(Some(source))
}

fn auth(settings: &config::Prometheus, folder: &Path) -> Option<prometheus::Auth> {
    if let Some(token) = &settings.bearer_token {
        return Some(prometheus::Auth::Bearer(token.clone()));
    }
    if let Some(file) = &settings.token_file {
        return Some(prometheus::Auth::TokenFile(folder.join(file)));
    }
    let user = settings.username.clone()?;
    let password = settings.password.clone().unwrap_or_else(|| SecretString::from(String::new()));
    Some(prometheus::Auth::Basic { user, password })
}

fn postgres(options: &SourceOptions, project: &Project) -> Result<Option<postgres::Settings>> {
    let configured = project.config.sources.postgres.as_ref().and_then(|settings| settings.url.as_ref());
    let named = options
        .postgres
        .clone()
        .or_else(|| configured.map(|url| url.expose_secret().to_owned()))
        .or_else(|| environment("DATABASE_URL").filter(|url| url.starts_with("postgres")));
    let by_libpq = LIBPQ_VARIABLES.into_iter().any(|name| environment(name).is_some());
    let text = match named {
        Some(text) => Some(text),
        None if by_libpq => None,
        None => match found(project, POSTGRES_PORT) {
            Some(address) => Some(format!("postgres://{address}")),
            None => return Ok(None),
        },
    };
    let around = postgres::Surroundings { environment: &environment, read: &postgres::TextFile::read };
    let settings = postgres::Settings::resolve(text.as_deref(), &around);
    Ok(Some(settings.context("the PostgreSQL settings cannot be used")?))
}

fn redis(options: &SourceOptions, project: &Project) -> Result<Option<RedisSettings>> {
    let settings = project.config.sources.redis.as_ref();
    let configured = settings.and_then(|settings| settings.url.as_ref());
    let named = options
        .redis
        .clone()
        .or_else(|| configured.map(|url| url.expose_secret().to_owned()))
        .or_else(|| environment("REDIS_URL"));
    let Some(url) = named.or_else(|| found(project, REDIS_PORT).map(|address| format!("redis://{address}")))
    else {
        return Ok(None);
    };
    let mut source = RedisSettings::parse(&url).context("the Redis address cannot be used")?;
    if let Some(settings) = settings {
        source.queues.clone_from(&settings.queues);
        if let Some(prefix) = &settings.prefix {
            source.prefix.clone_from(prefix);
        }
        source.tls = tls(&settings.tls, &project.folder);
    }
    Ok(Some(source))
}

/// `hurry` is set when everything else keeps its history and nothing has to be waited for.
fn host(project: &Project, hurry: bool) -> Option<host::Settings> {
    let enabled = project.config.sources.host.as_ref().is_none_or(|host| host.enabled);
    let sample = hurry.then_some(SHORT_SAMPLE);
    enabled.then(|| host::Settings { sample, ..host::Settings::default() })
}

/// Paths in the settings start from the settings' folder.
fn tls(tls: &config::Tls, folder: &Path) -> TlsSettings {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| folder.join(path));
    TlsSettings {
        ca_file: path(&tls.ca_file),
        client_certificate: path(&tls.client_certificate),
        client_key: path(&tls.client_key),
    }
}

/// The usual local address of a server, when something listens there. Settings say for themselves what to read.
fn found(project: &Project, port: u16) -> Option<SocketAddr> {
    if project.file.is_some() {
        return None;
    }
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok().map(|_| address)
}
