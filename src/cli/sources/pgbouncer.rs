//! The console of PgBouncer. Only few accounts may enter it, so it is not looked for.

use anyhow::{Context, Result};

use super::{address, named};
use crate::{
    cli::project::{Project, environment},
    config,
    postgres::{Surroundings, TextFile},
    source::{Named, pgbouncer::Settings},
};

/// The consoles that are named.
///
/// # Errors
/// When a connection text cannot be used.
pub(super) fn build(project: &Project) -> Result<Vec<Named<Settings>>> {
    named(None, &project.config.sources.pgbouncer, |_, settings| console(settings))
}

fn console(settings: Option<&config::PgBouncer>) -> Result<Option<Settings>> {
    let configured = settings.and_then(|settings| settings.url.as_ref());
    let Some(url) = address(None, configured, || environment("PGBOUNCER_URL")) else { return Ok(None) };
    let around = Surroundings { environment: &environment, read: &TextFile::read };
    let settings = Settings::resolve(&url, &around);
    Ok(Some(settings.context("invalid PgBouncer settings")?))
}
