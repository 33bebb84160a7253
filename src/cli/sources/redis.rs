//! A Redis server.

use anyhow::{Context, Result};

use super::{address, found, named, tls};
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    config,
    source::{Named, redis::Settings},
};

/// Where it listens by default.
const PORT: u16 = 6379;

/// The servers that are named or found.
///
/// # Errors
/// When an address is none.
pub(super) fn build(options: &SourceOptions, project: &Project) -> Result<Vec<Named<Settings>>> {
    named(options.redis.as_deref(), &project.config.sources.redis, |flag, settings| {
        server(flag, settings, project)
    })
}

fn server(
    flag: Option<&str>,
    settings: Option<&config::Redis>,
    project: &Project,
) -> Result<Option<Settings>> {
    let configured = settings.and_then(|settings| settings.url.as_ref());
    let stated = address(flag, configured, || environment("REDIS_URL"));
    let Some(url) = stated.or_else(|| found(project, PORT).map(|address| format!("redis://{address}")))
    else {
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
