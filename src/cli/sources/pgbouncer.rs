//! The console of PgBouncer. Only few accounts may enter it, so it is not looked for.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;

use crate::{
    cli::project::{Project, environment},
    postgres::{Surroundings, TextFile},
    source::pgbouncer::Settings,
};

/// The settings of the console that is named, if any.
///
/// # Errors
/// When the connection text cannot be used.
pub(super) fn build(project: &Project) -> Result<Option<Settings>> {
    let configured = project.config.sources.pgbouncer.as_ref().and_then(|settings| settings.url.as_ref());
    let named = configured.map(|url| url.expose_secret().to_owned());
    let Some(url) = named.or_else(|| environment("PGBOUNCER_URL")) else { return Ok(None) };
    let around = Surroundings { environment: &environment, read: &TextFile::read };
    let settings = Settings::resolve(&url, &around);
    Ok(Some(settings.context("invalid PgBouncer settings")?))
}
