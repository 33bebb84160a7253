//! A PostgreSQL server.

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};

use super::{address, found, named};
use crate::{
    cli::{
        options::SourceOptions,
        project::{Project, environment},
    },
    config,
    postgres::{Settings, SettingsError, Surroundings, TextFile},
    source::Named,
};

/// Where it listens by default.
const PORT: u16 = 5432;

/// Where frameworks put the address of their database.
const VARIABLE: &str = "DATABASE_URL";

/// Variables that make libpq's own environment a stated wish to read PostgreSQL.
const LIBPQ_VARIABLES: [&str; 4] = ["PGHOST", "PGSERVICE", "PGDATABASE", "PGHOSTADDR"];

/// The servers that are named or found.
///
/// # Errors
/// When a connection text or one of libpq's variables cannot be used.
pub(super) fn build(options: &SourceOptions, project: &Project) -> Result<Vec<Named<Settings>>> {
    named(options.postgres.as_deref(), &project.config.sources.postgres, |flag, settings| {
        server(flag, settings, project)
    })
}

fn server(
    flag: Option<&str>,
    settings: Option<&config::Postgres>,
    project: &Project,
) -> Result<Option<Settings>> {
    let configured = settings.and_then(|settings| settings.url.as_ref());
    let stated = address(flag, configured, || environment(VARIABLE).filter(|text| is_postgres(text)));
    let by_libpq = LIBPQ_VARIABLES.into_iter().any(|name| environment(name).is_some());
    let text = match stated {
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

/// Whether `DATABASE_URL` is meant for this source: it may belong to another database, whose scheme says so. What has
/// no scheme is `libpq`'s key=value text, or an error to report.
fn is_postgres(text: &str) -> bool {
    let text = text.trim().strip_prefix("jdbc:").unwrap_or(text.trim());
    let file = ["sqlite:", "file:"].iter().any(|scheme| text.starts_with(scheme));
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    !text.is_empty() && !file && scheme.is_none_or(|scheme| scheme.starts_with("postgres"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_databases_have_a_scheme_of_their_own() {
        for text in [
            "postgres://db/shop",
            "PostgreSQL://db/shop",
            "postgresql+asyncpg://db/shop",
            "jdbc:postgresql://db/shop?user=app",
            "host=db dbname=shop password='a:b'",
            "db.example:5432",
        ] {
            assert!(is_postgres(text), "{text}");
        }
        for text in ["mysql://db/shop", "sqlite:./shop.db", "jdbc:mysql://db/shop", "mongodb+srv://db", ""] {
            assert!(!is_postgres(text), "{text}");
        }
    }
}
