//! A Redis server.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;

use super::{found, tls};
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    source::redis::Settings,
};

/// Where it listens by default.
const PORT: u16 = 6379;

/// The settings of the server that is named or found, if any.
///
/// # Errors
/// When its address is none.
pub(super) fn build(options: &SourceOptions, project: &Project) -> Result<Option<Settings>> {
    let settings = project.config.sources.redis.as_ref();
    let configured = settings.and_then(|settings| settings.url.as_ref());
    let named = options
        .redis
        .clone()
        .or_else(|| configured.map(|url| url.expose_secret().to_owned()))
        .or_else(|| environment("REDIS_URL"));
    let Some(url) = named.or_else(|| found(project, PORT).map(|address| format!("redis://{address}"))) else {
        return Ok(None);
    };
    let mut source = Settings::parse(&url).context("invalid Redis URL")?;
    if let Some(settings) = settings {
        source.queues.clone_from(&settings.queues);
        if let Some(prefix) = &settings.prefix {
            source.prefix.clone_from(prefix);
        }
        source.tls = tls(&settings.tls, &project.folder);
    }
    Ok(Some(source))
}
