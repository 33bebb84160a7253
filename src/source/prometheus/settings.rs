//! What to read and how to get in.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use reqwest::Url;
use secrecy::SecretString;

use crate::{signal::SignalId, source::TlsSettings};

/// How to reach a Prometheus-compatible server.
#[derive(Debug, Clone)]
pub struct Settings {
    url: Url,
    /// How to sign in.
    pub auth: Auth,
    /// Further headers, such as `X-Scope-OrgID`.
    pub headers: Vec<(String, SecretString)>,
    /// Which certificates to trust and to show.
    pub tls: TlsSettings,
    /// Queries of the user's own, which take the place of the catalogue's.
    pub bindings: BTreeMap<SignalId, String>,
    /// How often the server scrapes; asked of the server when absent.
    pub scrape_interval: Option<Duration>,
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// With a bearer token.
    Bearer(SecretString),
    /// With a bearer token that stands in a file and may be replaced there at any time.
    TokenFile(PathBuf),
    /// With a user name and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// Why a text is no address of a server. The text itself is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL.
    #[error("this is not a URL; write it like http://127.0.0.1:9090")]
    NotAUrl,
    /// A URL of another kind.
    #[error("a Prometheus address begins with http:// or https://")]
    NotHttp,
}

impl Settings {
    /// Settings for a server without a sign-in, or with the user and password that stand in the URL.
    ///
    /// A path in front of the API is kept; `/api/v1/…` at the end and a query string are cut off.
    ///
    /// # Errors
    /// When the text is not an HTTP address.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        let mut url = Url::parse(url.trim()).map_err(|_| AddressError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(AddressError::NotHttp);
        }
        let auth = credentials(&url);
        // An HTTP address always has an authority, so these cannot fail.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().split("/api/v1").next().unwrap_or_default().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self {
            url,
            auth,
            headers: Vec::new(),
            tls: TlsSettings::default(),
            bindings: BTreeMap::new(),
            scrape_interval: None,
        })
    }

    /// What the server is asked at, without secrets.
    pub fn address(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// The address of a part of the API, below the path in front of it.
    pub(super) fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/api/v1/{path}"));
        url
    }

    /// True when no bytes leave this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn credentials(url: &Url) -> Auth {
    if url.username().is_empty() && url.password().is_none() {
        return Auth::None;
    }
    Auth::Basic {
        user: percent_decoded(url.username()),
        password: percent_decoded(url.password().unwrap_or_default()).into(),
    }
}

/// Undoes the escapes of a user name or password in a URL.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[track_caller]
    fn check(url: &str, address: &str, endpoint: &str) {
        let settings = Settings::new(url).unwrap();
        assert_eq!(settings.address(), address);
        assert_eq!(settings.endpoint("query").as_str(), endpoint);
    }

    #[test]
    fn paths_are_joined_and_never_replaced() {
        check("http://a:9090", "http://a:9090", "http://a:9090/api/v1/query");
        check("http://a:9090/", "http://a:9090", "http://a:9090/api/v1/query");
        check("https://a/prom/", "https://a/prom", "https://a/prom/api/v1/query");
        check(
            "http://a/select/0/prometheus",
            "http://a/select/0/prometheus",
            "http://a/select/0/prometheus/api/v1/query",
        );
        check("http://a/x/api/v1/query_range?query=up", "http://a/x", "http://a/x/api/v1/query");
    }

    #[test]
    fn a_password_in_the_address_becomes_the_sign_in_and_is_never_shown() {
        let settings = Settings::new("http://me:pa%40ss@a:9090").unwrap();
        assert_eq!(settings.address(), "http://a:9090");
        let shown = format!("{settings:?}");
        assert!(!shown.contains("pa@ss") && !shown.contains("pa%40ss"), "{shown}");
        let Auth::Basic { user, password } = settings.auth else { panic!("no sign-in") };
        assert_eq!((user.as_str(), password.expose_secret()), ("me", "pa@ss"));
    }

    #[test]
    fn other_addresses_are_refused_without_repeating_them() {
        assert_eq!(Settings::new("localhost:9090").unwrap_err(), AddressError::NotHttp);
        assert_eq!(Settings::new("not a url").unwrap_err(), AddressError::NotAUrl);
        assert_eq!(Settings::new("ftp://me:secret@a").unwrap_err(), AddressError::NotHttp);
    }

    #[test]
    fn loopback_is_recognised() {
        for (url, loopback) in [
            ("http://localhost:1", true),
            ("http://127.1.2.3", true),
            ("http://[::1]:1", true),
            ("http://a", false),
        ] {
            assert_eq!(Settings::new(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }
}
