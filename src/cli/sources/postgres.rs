//! A PostgreSQL server.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;

use super::found;
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    source::postgres::{Settings, Surroundings, TextFile},
};

/// Where it listens when nobody says otherwise.
const PORT: u16 = 5432;

/// Variables that make libpq's own environment a stated wish to read PostgreSQL.
const LIBPQ_VARIABLES: [&str; 4] = ["PGHOST", "PGSERVICE", "PGDATABASE", "PGHOSTADDR"];

/// The settings of the server that is named or found, if any.
///
/// # Errors
/// When the connection text or one of libpq's variables cannot be used.
pub(super) fn build(options: &SourceOptions, project: &Project) -> Result<Option<Settings>> {
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
        None => match found(project, PORT) {
            Some(address) => Some(format!("postgres://{address}")),
            None => return Ok(None),
        },
    };
    let around = Surroundings { environment: &environment, read: &TextFile::read };
    let settings = Settings::resolve(text.as_deref(), &around);
    Ok(Some(settings.context("the PostgreSQL settings cannot be used")?))
}
