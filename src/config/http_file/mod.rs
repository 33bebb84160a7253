//! The HTTP client configuration file of Prometheus, as its own tools read it: `promtool --http.config.file`.
//!
//! Its keys are those of Prometheus' documentation, with the sign-ins of remote write beside them.

use std::{collections::BTreeMap, ops::Range, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use crate::diagnostic::{Diagnostic, did_you_mean};

/// Everything that can be said about an HTTP client.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpFile {
    /// A user and a password.
    pub basic_auth: Option<BasicAuth>,
    /// Credentials for the `Authorization` header.
    pub authorization: Option<Authorization>,
    /// A bearer token.
    pub bearer_token: Option<SecretString>,
    /// A file with one.
    pub bearer_token_file: Option<PathBuf>,
    /// OAuth2 with client credentials.
    pub oauth2: Option<OAuth2>,
    /// AWS Signature Version 4.
    pub sigv4: Option<SigV4>,
    /// Microsoft Entra ID.
    pub azuread: Option<AzureAd>,
    /// Google Cloud.
    pub google_iam: Option<GoogleIam>,
    /// Certificates.
    pub tls_config: FileTls,
    /// Whether redirects on the same server are followed.
    pub follow_redirects: bool,
    /// Whether HTTP/2 may be used. This program speaks HTTP/1.1, which every server does.
    pub enable_http2: bool,
    /// A proxy.
    pub proxy_url: Option<SecretString>,
    /// Hosts that are asked without it.
    pub no_proxy: Option<String>,
    /// Whether the proxies of the environment are used; they are when this is left out.
    pub proxy_from_environment: Option<bool>,
    /// Further headers.
    pub http_headers: BTreeMap<String, HeaderValues>,
}

/// A user and a password.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BasicAuth {
    /// The user.
    pub username: String,
    /// The password.
    pub password: Option<SecretString>,
    /// A file with it.
    pub password_file: Option<PathBuf>,
}

/// Credentials for the `Authorization` header.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// The word before the credentials.
    #[serde(rename = "type", default = "bearer")]
    pub scheme: String,
    /// The credentials.
    pub credentials: Option<SecretString>,
    /// A file with them.
    pub credentials_file: Option<PathBuf>,
}

fn bearer() -> String {
    "Bearer".to_owned()
}

/// OAuth2 with client credentials.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth2 {
    /// The name of the client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<SecretString>,
    /// A file with it.
    pub client_secret_file: Option<PathBuf>,
    /// What tokens are for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Where tokens are given.
    pub token_url: String,
    /// Further parameters.
    #[serde(default)]
    pub endpoint_params: BTreeMap<String, String>,
    /// Certificates of the server that gives tokens.
    #[serde(default)]
    pub tls_config: FileTls,
}

/// AWS Signature Version 4.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigV4 {
    /// The region of the workspace; by default that of the environment.
    pub region: Option<String>,
    /// The id of an access key; by default that of the environment or of the shared credentials file.
    pub access_key: Option<String>,
    /// Its secret.
    pub secret_key: Option<SecretString>,
    /// A profile of the shared credentials file.
    pub profile: Option<String>,
}

/// Microsoft Entra ID.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AzureAd {
    /// The cloud: AzurePublic, AzureGovernment or AzureChina.
    pub cloud: Option<String>,
    /// The identity of the machine.
    pub managed_identity: Option<ManagedIdentity>,
    /// A registered application.
    pub oauth: Option<AzureOAuth>,
}

/// The identity of a machine of Azure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedIdentity {
    /// Which of several; empty for that of the system.
    #[serde(default)]
    pub client_id: String,
}

/// A registered application of Azure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AzureOAuth {
    /// The id of the application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The tenant it belongs to.
    pub tenant_id: String,
}

/// Google Cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleIam {
    /// The key file of a service account; without one, the metadata service of the machine is asked.
    pub credentials_file: Option<PathBuf>,
}

/// Certificates.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileTls {
    /// The authorities to trust instead of those of the system.
    pub ca_file: Option<PathBuf>,
    /// The client certificate.
    pub cert_file: Option<PathBuf>,
    /// Its key.
    pub key_file: Option<PathBuf>,
    /// Whether any certificate is accepted, which this program does not do.
    pub insecure_skip_verify: bool,
}

/// The values of a header.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderValues {
    /// Values.
    pub values: Vec<String>,
    /// Values that are not shown.
    pub secrets: Vec<SecretString>,
    /// Files with values.
    pub files: Vec<PathBuf>,
}

/// Reads the file.
///
/// # Errors
/// With the place. No value of the file is repeated: any of them may be a secret.
pub fn read_http_file(text: &str) -> Result<HttpFile, Box<Diagnostic>> {
    let file = match serde_yaml_ng::from_str::<Option<HttpFile>>(text) {
        Ok(file) => file.unwrap_or_default(),
        Err(error) => return Err(Box::new(refused(text, &error))),
    };
    match objection(&file) {
        None => Ok(file),
        Some((key, message)) => Err(Box::new(error(place_of(text, key), message))),
    }
}

/// What cannot be meant, or cannot be done, with the key to point at.
fn objection(file: &HttpFile) -> Option<(&'static str, String)> {
    let sign_ins = [
        ("basic_auth", file.basic_auth.is_some()),
        ("authorization", file.authorization.is_some()),
        ("bearer_token", file.bearer_token.is_some()),
        ("bearer_token_file", file.bearer_token_file.is_some()),
        ("oauth2", file.oauth2.is_some()),
        ("sigv4", file.sigv4.is_some()),
        ("azuread", file.azuread.is_some()),
        ("google_iam", file.google_iam.is_some()),
    ];
    let given: Vec<&'static str> =
        sign_ins.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect();
    if let [first, second, ..] = given.as_slice() {
        return Some((second, format!("`{first}` and `{second}` exclude each other")));
    }
    let pairs = [
        (
            "password",
            file.basic_auth.as_ref().map(|auth| (auth.password.is_some(), auth.password_file.is_some())),
        ),
        (
            "credentials",
            file.authorization
                .as_ref()
                .map(|auth| (auth.credentials.is_some(), auth.credentials_file.is_some())),
        ),
        (
            "client_secret",
            file.oauth2
                .as_ref()
                .map(|auth| (auth.client_secret.is_some(), auth.client_secret_file.is_some())),
        ),
    ];
    for (key, given) in pairs {
        match given {
            Some((true, true)) => return Some((key, format!("`{key}` and `{key}_file` exclude each other"))),
            // An empty password is one.
            Some((false, false)) if key != "password" => {
                let table = if key == "credentials" { "authorization" } else { "oauth2" };
                return Some((table, format!("`{key}` or `{key}_file` is missing")));
            }
            _ => {}
        }
    }
    if file.authorization.as_ref().is_some_and(|auth| auth.scheme.eq_ignore_ascii_case("basic")) {
        return Some(("authorization", "use `basic_auth` for a user and a password".to_owned()));
    }
    if let Some(azure) = &file.azuread
        && azure.managed_identity.is_some() == azure.oauth.is_some()
    {
        return Some(("azuread", "give either `managed_identity` or `oauth`".to_owned()));
    }
    if let Some(aws) = &file.sigv4
        && aws.access_key.is_some() != aws.secret_key.is_some()
    {
        return Some(("sigv4", "`access_key` and `secret_key` belong together".to_owned()));
    }
    let token_tls = file.oauth2.as_ref().map(|auth| &auth.tls_config);
    if token_tls.into_iter().chain([&file.tls_config]).any(|tls| tls.insecure_skip_verify) {
        let message =
            "certificates are always verified; name the authority with `ca_file` instead".to_owned();
        return Some(("insecure_skip_verify", message));
    }
    None
}

/// The place of a key that is in the text once, else the beginning.
fn place_of(text: &str, key: &str) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')) {
            return start + indent..start + indent + key.len();
        }
        start += line.len();
    }
    0..text.lines().next().map_or(0, str::len)
}

/// An error of the parser without what it repeats of the file.
fn refused(text: &str, failure: &serde_yaml_ng::Error) -> Diagnostic {
    let message = failure.to_string();
    let start = failure.location().map_or(0, |location| location.index().min(text.len()));
    let start = (0..=start).rev().find(|place| text.is_char_boundary(*place)).unwrap_or_default();
    let length =
        text[start..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').count();
    let named = |mark: &str| {
        let name = message.split_once(mark)?.1.split('`').next()?;
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_').then(|| name.to_owned())
    };
    if let Some(key) = named("unknown field `") {
        let known: Vec<&str> =
            message.rsplit_once("expected ").map_or("", |(_, known)| known).split('`').collect();
        let known = known.into_iter().skip(1).step_by(2);
        let near = did_you_mean(&key, known.clone());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", known.collect::<Vec<_>>().join(", ")),
        };
        return error(place_of(text, &key), format!("unknown key `{key}`")).help(help);
    }
    if let Some(key) = named("missing field `") {
        return error(start..start + length, format!("`{key}` is missing"));
    }
    if let Some(key) = named("duplicate field `") {
        return error(start..start + length, format!("`{key}` is given twice"));
    }
    let expected =
        message.rsplit_once(", expected ").map(|(_, rest)| rest.split(" at line ").next().unwrap_or(rest));
    let message = match expected {
        Some(expected) if expected.contains("struct") => "a table of keys is expected here".to_owned(),
        Some(expected) => format!("{expected} is expected here"),
        None => "this is not YAML".to_owned(),
    };
    error(start..start + length, message)
}

fn error(span: Range<usize>, message: String) -> Diagnostic {
    Diagnostic::error("config/http-file", span, message)
}

/// The text with all that may be a value redacted, byte for byte as long.
pub fn redacted_http_file(text: &str) -> String {
    let stars = |letter: char| match letter {
        letter if letter.is_whitespace() => letter.to_string(),
        letter => "*".repeat(letter.len_utf8()),
    };
    let is_key = |key: &str| {
        let key = key.trim().trim_start_matches("- ");
        !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
    };
    let lines = text.split_inclusive('\n').map(|line| {
        let kept = match line.split_once(':') {
            Some((key, rest)) if is_key(key) && rest.starts_with(char::is_whitespace) => key.len() + 1,
            _ => 0,
        };
        format!("{}{}", &line[..kept], line[kept..].chars().map(stars).collect::<String>())
    });
    lines.collect()
}

#[cfg(test)]
mod tests;
