//! A PostgreSQL server.

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};

use super::found;
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    postgres::{Settings, SettingsError, Surroundings, TextFile},
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
    let settings = resolved(text.as_deref());
    Ok(Some(settings.context("invalid PostgreSQL settings")?))
}

/// The settings of an address, completed as `libpq` would.
///
/// # Errors
/// When it or one of libpq's variables cannot be used.
pub(in crate::cli) fn settings(address: &SecretString) -> Result<Settings, SettingsError> {
    resolved(Some(address.expose_secret()))
}

fn resolved(text: Option<&str>) -> Result<Settings, SettingsError> {
    Settings::resolve(text, &Surroundings { environment: &environment, read: &TextFile::read })
}
