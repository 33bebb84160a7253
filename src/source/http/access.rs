//! What every request contains: sign-in and headers of the user's own.

use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use super::{Auth, Endpoint};
use crate::{
    files::{self, Kind},
    snapshot::{Reason, Unavailable},
};

/// Tokens are shorter; a larger file is another one.
const LARGEST_TOKEN: u64 = 1 << 20;

/// The headers from the config.
///
/// # Errors
/// When a name or value is not valid in a header; the value is not repeated.
pub(super) fn own_headers(wanted: &[(String, SecretString)]) -> Result<HeaderMap, Unavailable> {
    let mut headers = HeaderMap::new();
    for (name, value) in wanted {
        let wrong = |what| Unavailable::new(Reason::NotConfigured, format!("header `{name}`: {what}"));
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("not a header name"))?;
        let mut value = HeaderValue::from_str(value.expose_secret())
            .map_err(|_| wrong("the value holds characters that no header may hold"))?;
        value.set_sensitive(true);
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// The bearer token, reread each time when it is in a file: whoever rotates it replaces the file.
///
/// # Errors
/// When the file cannot be read.
pub(super) async fn token(endpoint: &Endpoint) -> Result<Option<SecretString>, Unavailable> {
    let path = match &endpoint.auth {
        Auth::Bearer(token) => return Ok(Some(token.clone())),
        Auth::TokenFile(path) => path.clone(),
        Auth::None | Auth::Basic { .. } => return Ok(None),
    };
    let name = path.display().to_string();
    let wrong = |detail: String| Unavailable::new(Reason::NotConfigured, detail);
    // A disk that does not answer must not hold up the other sources.
    let read = spawn_blocking(move || files::read_text(&path, LARGEST_TOKEN, Kind::Regular)).await;
    let text = read
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|error| wrong(format!("cannot read the token from {name}: {error}")))?;
    if text.trim().is_empty() {
        return Err(wrong(format!("{name} holds no token")));
    }
    let token = SecretString::from(text.trim());
    if let Ok(mut tokens) = endpoint.tokens.lock() {
        tokens.add(&token);
    }
    Ok(Some(token))
}

/// Signs a request.
///
/// # Errors
/// When the token is not valid in a header.
pub(super) fn sign(
    request: RequestBuilder,
    auth: &Auth,
    token: Option<&SecretString>,
) -> Result<RequestBuilder, Unavailable> {
    if let Auth::Basic { user, password } = auth {
        return Ok(request.basic_auth(user, Some(password.expose_secret())));
    }
    let Some(token) = token else { return Ok(request) };
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
        Unavailable::new(Reason::NotConfigured, "the token holds characters that no header may hold")
    })?;
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}
