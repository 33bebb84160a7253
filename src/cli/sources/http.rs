//! From what is set for an HTTP address to what a request carries.

use std::path::Path;

use secrecy::SecretString;

use super::tls;
use crate::{
    config::Http,
    source::http::{Auth, Endpoint},
};

/// Adds the sign-in, the headers and the certificates that the config names.
pub(in crate::cli) fn apply(settings: &Http, folder: &Path, endpoint: &mut Endpoint) {
    if let Some(auth) = auth(settings, folder) {
        endpoint.auth = auth;
    }
    endpoint.headers = settings.headers.clone().into_iter().collect();
    endpoint.tls = tls(&settings.tls, folder);
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
