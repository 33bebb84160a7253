//! `sslmode` and its files, with `libpq`'s meaning.

use std::path::PathBuf;

use super::{Parameters, SettingsError, Surroundings};
use crate::tls::TlsSettings;

/// How the connection is encrypted and what the server must prove.
#[derive(Debug, Clone)]
pub(crate) struct Encryption {
    pub(crate) mode: Mode,
    pub(crate) verify: Verify,
    pub(crate) files: TlsSettings,
}

/// Whether TLS is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Never.
    Disable,
    /// When the server refuses a plain connection.
    Allow,
    /// When the server offers it.
    Prefer,
    /// Always.
    Require,
}

/// What a certificate must prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    /// Nothing: the connection is private, but the server may be anybody.
    Nothing,
    /// That a trusted authority signed it, for whatever name.
    Chain,
    /// Also that it was signed for the name we connect to.
    Name,
}

impl Encryption {
    /// Only the `verify-…` modes verify, and `require` does when there is a file of authorities.
    ///
    /// Without such a file `verify-full` trusts what the system trusts.
    pub(super) fn from_parameters(
        parameters: &Parameters,
        around: &Surroundings<'_>,
    ) -> Result<Self, SettingsError> {
        let given = parameters.get("sslrootcert").map(String::as_str);
        let authorities = match given {
            Some("system") => None,
            Some(path) => Some(PathBuf::from(path)),
            None => default_file("root.crt", around),
        };
        let standard = if given == Some("system") { "verify-full" } else { "prefer" };
        let text = parameters.get("sslmode").map_or(standard, String::as_str);
        let (mode, verify) = match (text, &authorities) {
            ("disable", _) => (Mode::Disable, Verify::Nothing),
            ("verify-full", _) => (Mode::Require, Verify::Name),
            _ if given == Some("system") => {
                return Err(wrong("`verify-full` when `sslrootcert` is `system`"));
            }
            ("allow", _) => (Mode::Allow, Verify::Nothing),
            ("prefer", _) => (Mode::Prefer, Verify::Nothing),
            ("require", None) | ("no-verify", _) => (Mode::Require, Verify::Nothing),
            ("require" | "verify-ca", Some(_)) => (Mode::Require, Verify::Chain),
            ("verify-ca", None) => {
                return Err(SettingsError::Value {
                    parameter: "sslrootcert",
                    expected: "the file of authorities that `sslmode=verify-ca` trusts",
                });
            }
            _ => {
                return Err(wrong(
                    "`disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full` or `no-verify`",
                ));
            }
        };
        let ca_file = authorities.filter(|_| verify != Verify::Nothing);
        Ok(Self { mode, verify, files: identity(parameters, around, ca_file) })
    }
}

fn wrong(expected: &'static str) -> SettingsError {
    SettingsError::Value { parameter: "sslmode", expected }
}

fn identity(parameters: &Parameters, around: &Surroundings<'_>, ca_file: Option<PathBuf>) -> TlsSettings {
    let given = |name| parameters.get(name).map(PathBuf::from);
    let (certificate, key) = match (given("sslcert"), given("sslkey")) {
        (None, None) => {
            let pair = default_file("postgresql.crt", around).zip(default_file("postgresql.key", around));
            pair.unzip()
        }
        pair => pair,
    };
    TlsSettings { ca_file, client_certificate: certificate, client_key: key }
}

/// A file in `~/.postgresql`, when it exists.
fn default_file(name: &str, around: &Surroundings<'_>) -> Option<PathBuf> {
    let home = (around.environment)("HOME").filter(|home| !home.is_empty())?;
    let path = PathBuf::from(home).join(".postgresql").join(name);
    (around.read)(&path).is_some().then_some(path)
}
