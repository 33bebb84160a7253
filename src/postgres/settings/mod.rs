//! Where the server is and how to sign in, completed the way `libpq` does it.
//!
//! A URL or key=value text wins over a service file, which wins over `PG*` variables, which win over the
//! defaults. Nothing here opens a file or reads a variable: the caller hands both in, so that every rule can
//! be tested. No message repeats a value of the connection text, because a misplaced character can make a
//! piece of the password look like a port.

mod connection_string;
mod encryption;
mod hosts;
mod passfile;
mod service;

use std::{collections::BTreeMap, path::Path, time::Duration};

use super::{connect::PGBOUNCER, connect_error::identifier};
use crate::{
    files::{self, Kind},
    foreign::Secrets,
};

pub(super) use encryption::{Encryption, Mode, Verify};
pub(super) use hosts::{Endpoint, Host};

/// Parameters by `libpq`'s names. They may hold a password and are therefore never printed.
type Parameters = BTreeMap<String, String>;

/// What connection settings are completed from.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Gives the value of an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Gives the content of a file; [`TextFile::read`] outside of tests.
    pub read: &'a dyn Fn(&Path) -> Option<TextFile>,
}

/// A small file that was read as a whole.
#[derive(Clone)]
pub struct TextFile {
    /// What it says.
    pub text: String,
    /// True when only its owner may read or write it.
    pub private: bool,
}

/// Why the settings cannot be used. Messages name parameters, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The text is neither a URL nor key=value pairs.
    #[error("the PostgreSQL connection text is not valid: {0}")]
    Text(&'static str),
    /// A parameter has a value that makes no sense.
    #[error("the PostgreSQL parameter `{parameter}` must be {expected}")]
    Value {
        /// Its name in `libpq`.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A service was named that no service file describes.
    #[error("no `[{name}]` section in {looked}")]
    Service {
        /// The service asked for.
        name: String,
        /// The files that were read.
        looked: String,
    },
}

/// Which server to read and how to get in.
#[derive(Debug)]
pub struct Settings {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) encryption: Encryption,
    pub(super) bind_channel: Option<bool>,
    pub(super) connect_timeout: Option<Duration>,
    pub(crate) notes: Vec<String>,
}

impl TextFile {
    /// Reads a file of at most one mebibyte; `None` when it is absent, larger or not text.
    pub fn read(path: &Path) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        const LARGEST: u64 = 1 << 20;
        const OTHERS: u32 = 0o077;
        let metadata = std::fs::metadata(path).ok()?;
        let text = files::read_text(path, LARGEST, Kind::Regular).ok()?;
        Some(Self { text, private: metadata.permissions().mode() & OTHERS == 0 })
    }
}

impl Settings {
    /// Settings from a URL, key=value text or nothing, completed from the surroundings.
    ///
    /// # Errors
    /// When the text cannot be read, a parameter has an impossible value or a service is unknown.
    pub fn resolve(text: Option<&str>, around: &Surroundings<'_>) -> Result<Self, SettingsError> {
        let parameters = gather(text.unwrap_or_default().trim(), around)?;
        let get = |name: &str| parameters.get(name).map(String::as_str);
        let environment = |name: &str| (around.environment)(name);
        let user = get("user").map(str::to_owned);
        let user = user.or_else(|| environment("USER")).or_else(|| environment("LOGNAME"));
        let user = user.unwrap_or_else(|| "postgres".to_owned());
        let database = get("dbname").unwrap_or(&user).to_owned();
        let mut notes = ignored(&parameters);
        let mut endpoints = hosts::endpoints(get("host"), get("hostaddr"), get("port"))?;
        passfile::fill_in(&mut endpoints, &parameters, (&database, &user), around, &mut notes);
        Ok(Self {
            endpoints,
            encryption: Encryption::from_parameters(&parameters, around)?,
            bind_channel: channel_binding(get("channel_binding"))?,
            connect_timeout: connect_timeout(get("connect_timeout"))?,
            user,
            database,
            notes,
        })
    }

    /// The same for the console of a pooler, which is a database of its own.
    pub(crate) fn for_console(self) -> Self {
        Self { database: PGBOUNCER.to_owned(), ..self }
    }

    /// The target, without the password: `postgres://app@db1:5432/shop`.
    pub fn address(&self) -> String {
        format!("postgres://{}@{}", self.user, self.place())
    }

    /// Secrets that the server must not echo through us. A password that is the name of its user, database or host is
    /// shown with the address anyway.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.show(&self.user);
        secrets.show(&self.database);
        for endpoint in &self.endpoints {
            if let Host::Tcp { name, .. } = &endpoint.host {
                secrets.show(name);
            }
            if let Some(password) = &endpoint.password {
                secrets.add(password);
            }
        }
        secrets
    }

    /// The role that signs in, quoted for SQL.
    pub(crate) fn role(&self) -> String {
        identifier(&self.user)
    }

    /// The name of the database.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The server and the database, whoever signs in.
    pub(crate) fn place(&self) -> String {
        let hosts: Vec<String> = self.endpoints.iter().map(Endpoint::place).collect();
        format!("{}/{}", hosts.join(","), self.database)
    }
}

fn gather(text: &str, around: &Surroundings<'_>) -> Result<Parameters, SettingsError> {
    let given = if text.is_empty() {
        Parameters::new()
    } else if text.contains("://") {
        connection_string::parse_url(text)?
    } else {
        connection_string::parse_keywords(text)?
    };
    let mut variables = service::of_variables(around);
    let mut service = service::of_service(given.get("service").or(variables.get("service")), around)?;
    // A server named by text or service must not be looked for at the address of another one.
    if given.contains_key("host") || service.contains_key("host") {
        variables.remove("hostaddr");
    }
    if given.contains_key("host") {
        service.remove("hostaddr");
    }
    variables.extend(service);
    variables.extend(given);
    Ok(variables)
}

/// Security parameters of `libpq` that have no effect here must not be dropped in silence.
fn ignored(parameters: &Parameters) -> Vec<String> {
    const WITHOUT_EFFECT: [&str; 6] =
        ["sslcrl", "sslcrldir", "sslpassword", "requirepeer", "require_auth", "target_session_attrs"];
    let given = WITHOUT_EFFECT.into_iter().filter(|name| parameters.contains_key(*name));
    given.map(|name| format!("the connection parameter `{name}` has no effect here")).collect()
}

/// `Some(true)` demands that the sign-in is bound to the TLS channel, `Some(false)` forgoes it.
fn channel_binding(text: Option<&str>) -> Result<Option<bool>, SettingsError> {
    match text {
        None | Some("prefer") => Ok(None),
        Some("require") => Ok(Some(true)),
        Some("disable") => Ok(Some(false)),
        Some(_) => Err(SettingsError::Value {
            parameter: "channel_binding",
            expected: "`disable`, `prefer` or `require`",
        }),
    }
}

/// Whole seconds; zero and negative numbers mean no limit of its own, as in `libpq`.
fn connect_timeout(text: Option<&str>) -> Result<Option<Duration>, SettingsError> {
    let Some(text) = text else { return Ok(None) };
    let seconds: i64 = text.parse().map_err(|_| SettingsError::Value {
        parameter: "connect_timeout",
        expected: "a number of seconds",
    })?;
    Ok(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs))
}

#[cfg(test)]
mod tests;
