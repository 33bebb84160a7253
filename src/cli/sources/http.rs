//! From what is set for an HTTP address to what a request carries.

use std::path::Path;

use anyhow::{Context, Result, bail};
use secrecy::SecretString;

use super::{sign_in, tls};
use crate::{
    cli::terminal::{safe_lines, warn},
    config::{FileTls, Http, HttpFile, read_http_file, redacted_http_file},
    diagnostic::{SourceFile, render},
    files::{self, Kind},
    source::http::{Auth, Credential, Endpoint, Proxy},
    tls::TlsSettings,
};

/// The largest configuration file of an HTTP client.
const LARGEST: u64 = 1 << 20;

/// Adds the sign-in, the headers and the certificates that the config names.
///
/// # Errors
/// When a file that it names cannot be read or has errors, which have been printed then.
pub(in crate::cli) fn apply(settings: &Http, folder: &Path, endpoint: &mut Endpoint) -> Result<()> {
    endpoint.headers = settings.headers.clone().into_iter().collect();
    endpoint.tls = tls(&settings.tls, folder);
    if let Some(file) = &settings.http_config_file {
        apply_file(&folder.join(file), endpoint)?;
    }
    if let Some(auth) = auth(settings, folder) {
        endpoint.auth = auth;
    }
    Ok(())
}

fn auth(settings: &Http, folder: &Path) -> Option<Auth> {
    if let Some(token) = &settings.bearer_token {
        return Some(Auth::Bearer(token.clone()));
    }
    if let Some(file) = &settings.token_file {
        return Some(Auth::TokenFile(folder.join(file)));
    }
    let user = settings.username.clone()?;
    let password = settings.password.clone().unwrap_or_else(|| SecretString::from(String::new()));
    Some(Auth::Basic { user, password })
}

/// Adds what an HTTP client configuration file of Prometheus says. Its paths are relative to it.
///
/// # Errors
/// When it cannot be read or has errors, which have been printed then.
pub(super) fn apply_file(path: &Path, endpoint: &mut Endpoint) -> Result<()> {
    let name = safe_lines(&path.display().to_string());
    let text = files::read_text(path, LARGEST, Kind::Readable)
        .with_context(|| format!("cannot read the HTTP client configuration {name}"))?;
    let file = match read_http_file(&text) {
        Ok(file) => file,
        Err(diagnostic) => {
            let quoted = SourceFile::new(name.clone(), redacted_http_file(&text));
            warn(&render(&quoted, &[*diagnostic], false));
            bail!("{name} has errors, see above");
        }
    };
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let tls = file_tls(&file.tls_config, folder);
    for (own, named) in [
        (&mut endpoint.tls.ca_file, tls.ca_file),
        (&mut endpoint.tls.client_certificate, tls.client_certificate),
        (&mut endpoint.tls.client_key, tls.client_key),
    ] {
        *own = named.or_else(|| own.take());
    }
    endpoint.follow_redirects = file.follow_redirects;
    endpoint.proxy = match (&file.proxy_url, file.proxy_from_environment) {
        (Some(url), _) => Proxy::Server { url: url.clone(), except: file.no_proxy.clone() },
        (None, Some(false)) => Proxy::Direct,
        (None, _) => Proxy::Environment,
    };
    add_headers(&file, folder, endpoint)?;
    if let Some(auth) = file_auth(&file, folder, endpoint).with_context(|| format!("in {name}"))? {
        endpoint.auth = auth;
    }
    Ok(())
}

pub(super) fn file_tls(tls: &FileTls, folder: &Path) -> TlsSettings {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| folder.join(path));
    TlsSettings {
        ca_file: path(&tls.ca_file),
        client_certificate: path(&tls.cert_file),
        client_key: path(&tls.key_file),
    }
}

fn add_headers(file: &HttpFile, folder: &Path, endpoint: &mut Endpoint) -> Result<()> {
    for (name, header) in &file.http_headers {
        let plain = header.values.iter().map(|value| SecretString::from(value.as_str()));
        let mut values: Vec<SecretString> = plain.chain(header.secrets.iter().cloned()).collect();
        for path in &header.files {
            let path = folder.join(path);
            let shown = safe_lines(&path.display().to_string());
            let text = files::read_text(&path, LARGEST, Kind::Regular).with_context(|| {
                format!("cannot read the value of header {} from {shown}", safe_lines(name))
            })?;
            values.push(SecretString::from(text.trim()));
        }
        endpoint.headers.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    Ok(())
}

/// The sign-in of the file, of which it has one at most.
fn file_auth(file: &HttpFile, folder: &Path, endpoint: &Endpoint) -> Result<Option<Auth>> {
    let credential = |text: &Option<SecretString>, file: &Option<std::path::PathBuf>| match (text, file) {
        (Some(text), _) => Credential::Text(text.clone()),
        (None, Some(file)) => Credential::File(folder.join(file)),
        (None, None) => Credential::Text(SecretString::from(String::new())),
    };
    if let Some(basic) = &file.basic_auth {
        let user = basic.username.clone();
        return Ok(Some(match credential(&basic.password, &basic.password_file) {
            Credential::Text(password) => Auth::Basic { user, password },
            Credential::File(password_file) => Auth::BasicFile { user, password_file },
        }));
    }
    if let Some(given) = &file.authorization {
        let credentials = credential(&given.credentials, &given.credentials_file);
        return Ok(Some(Auth::Scheme { scheme: given.scheme.clone(), credentials }));
    }
    if let Some(token) = &file.bearer_token {
        return Ok(Some(Auth::Bearer(token.clone())));
    }
    if let Some(path) = &file.bearer_token_file {
        return Ok(Some(Auth::TokenFile(folder.join(path))));
    }
    if let Some(oauth) = &file.oauth2 {
        let secret = credential(&oauth.client_secret, &oauth.client_secret_file);
        return sign_in::oauth2(oauth, secret, file_tls(&oauth.tls_config, folder)).map(Some);
    }
    if let Some(aws) = &file.sigv4 {
        return sign_in::aws(aws, endpoint).map(Some);
    }
    if let Some(azure) = &file.azuread {
        return sign_in::azure(azure).map(Some);
    }
    file.google_iam.as_ref().map(|google| sign_in::google(google, folder)).transpose()
}
