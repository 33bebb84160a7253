//! What every request carries: sign-in and headers of the user's own.

use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use super::Auth;
use crate::snapshot::{Reason, Unavailable};

/// The headers that the settings ask for.
///
/// # Errors
/// When a name or value cannot stand in a header; the value is not repeated.
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

/// The bearer token, read anew each time when it stands in a file: whoever rotates it replaces the file.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn token(auth: &Auth) -> Result<Option<SecretString>, Unavailable> {
    match auth {
        Auth::Bearer(token) => Ok(Some(token.clone())),
        Auth::TokenFile(path) => match std::fs::read_to_string(path) {
            Ok(token) if token.trim().is_empty() => {
                Err(Unavailable::new(Reason::NotConfigured, format!("{} holds no token", path.display())))
            }
            Ok(token) => Ok(Some(token.trim().to_owned().into())),
            Err(error) => {
                let detail = format!("cannot read the token from {}: {error}", path.display());
                Err(Unavailable::new(Reason::NotConfigured, detail))
            }
        },
        Auth::None | Auth::Basic { .. } => Ok(None),
    }
}

/// Signs a request.
///
/// # Errors
/// When the token cannot stand in a header.
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
