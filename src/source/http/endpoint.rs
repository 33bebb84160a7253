//! Where a server is and how to get in.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{AwsKeys, Credential, TokenSource};
use crate::{foreign::Secrets, tls::TlsSettings};

/// An HTTP address with everything a request to it contains.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(in crate::source) url: Url,
    /// How to sign in.
    pub auth: Auth,
    /// Further headers, such as `X-Scope-OrgID`.
    pub headers: Vec<(String, SecretString)>,
    /// Which certificates to trust and to show.
    pub tls: TlsSettings,
    /// Which proxy takes the requests there.
    pub proxy: Proxy,
    /// Whether redirects to other paths of the same server are followed.
    pub follow_redirects: bool,
    /// Whether the whole address is a secret, as that of a webhook is.
    is_secret: bool,
    /// Secrets that were read from files or given by servers.
    tokens: Arc<Mutex<Secrets>>,
}

/// Which proxy takes requests to a server.
#[derive(Debug, Clone, Default)]
pub enum Proxy {
    /// The one of the environment: `HTTPS_PROXY` and its relatives.
    #[default]
    Environment,
    /// None.
    Direct,
    /// This one.
    Server {
        /// Its address, perhaps with a password.
        url: SecretString,
        /// Hosts that are asked directly, separated by commas.
        except: Option<String>,
    },
}

/// Words in the names of parameters of addresses whose values are secrets.
const SECRET_PARAMETERS: [&str; 6] = ["key", "token", "secret", "pass", "auth", "sig"];

/// Whether the value of a parameter of an address is a secret.
pub(in crate::source) fn is_secret_parameter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_PARAMETERS.iter().any(|word| name.contains(word))
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// With a bearer token.
    Bearer(SecretString),
    /// With a bearer token from a file, which may be replaced there at any time.
    TokenFile(PathBuf),
    /// With a user name and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// With a user name and a password from a file, which may be replaced there at any time.
    BasicFile {
        /// The user.
        user: String,
        /// The file.
        password_file: PathBuf,
    },
    /// With credentials behind a word of their own in the `Authorization` header.
    Scheme {
        /// The word, such as `Bearer`.
        scheme: String,
        /// The credentials.
        credentials: Credential,
    },
    /// With a token that a server gives, renewed before it ends.
    Tokens(TokenSource),
    /// With signatures of AWS.
    Aws {
        /// Where the key is.
        keys: AwsKeys,
        /// The region of the server.
        region: String,
    },
}

/// Why a text is no address of a server. The text itself is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL.
    #[error("this is not a URL; write it like http://127.0.0.1:9090")]
    NotAUrl,
    /// A URL of another kind.
    #[error("an HTTP address begins with http:// or https://")]
    NotHttp,
}

impl Endpoint {
    /// An address without a sign-in, or with the user and password in it.
    ///
    /// # Errors
    /// When the text is not an HTTP address.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        let mut url = parse_address(url)?;
        let auth = credentials(&url);
        // An HTTP address always has an authority, so these cannot fail.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        Ok(Self {
            url,
            auth,
            headers: Vec::new(),
            tls: TlsSettings::default(),
            proxy: Proxy::default(),
            follow_redirects: false,
            is_secret: false,
            tokens: Arc::default(),
        })
    }

    /// The same behind Grafana, which asks the data source of this uid with the sign-in that it has.
    pub fn behind_grafana(&mut self, uid: &str) {
        let path = self.url.path().trim_end_matches('/').to_owned();
        // The address may be the whole one already.
        let base = path.split_once("/api/datasources/proxy/").map_or(path.as_str(), |(base, _)| base);
        self.url.set_path(&format!("{base}/api/datasources/proxy/uid/{uid}"));
    }

    /// Keeps a secret in mind, so that nothing repeats it.
    pub(super) fn remember(&self, secret: &SecretString) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.add(secret);
        }
    }

    /// The same where who knows the address can use it: nothing but the server is shown.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The name or number of the server.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The address without secrets. What follows a `?` may be one, so it is not shown.
    pub fn address(&self) -> String {
        let mut url = self.url.clone();
        if self.is_secret {
            url.set_path("");
        }
        url.set_query(None);
        url.as_str().trim_end_matches('/').to_owned()
    }

    /// Every secret that requests to it contain.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        match &self.auth {
            Auth::Bearer(token) => secrets.add(token),
            Auth::Basic { user, password } => secrets.add_sign_in(user, password),
            Auth::Scheme { credentials: Credential::Text(secret), .. } => secrets.add(secret),
            Auth::Tokens(TokenSource::ClientCredentials(client)) => {
                if let Credential::Text(secret) = &client.client_secret {
                    secrets.add_sign_in(&client.client_id, secret);
                }
            }
            Auth::Tokens(TokenSource::Metadata { header: (name, value), .. }) => {
                secrets.add_header(name, value);
            }
            Auth::Aws { keys: AwsKeys::Given(key), .. } => {
                secrets.add(&key.secret);
                key.session_token.iter().for_each(|token| secrets.add(token));
            }
            // What is in files is remembered when it is read.
            _ => {}
        }
        if let Proxy::Server { url, .. } = &self.proxy
            && let Ok(url) = Url::parse(url.expose_secret())
            && let Auth::Basic { user, password } = credentials(&url)
        {
            secrets.add_sign_in(&user, &password);
        }
        for (name, value) in &self.headers {
            secrets.add_header(name, value);
        }
        for (_, value) in self.url.query_pairs().filter(|(name, _)| is_secret_parameter(name)) {
            secrets.add(&value.into_owned().into());
        }
        if self.is_secret {
            secrets.add(&self.url.path().into());
            self.url.query().iter().for_each(|query| secrets.add(&(*query).into()));
            let values = self.url.query_pairs().map(|(_, value)| value.into_owned());
            let parts = self.url.path_segments().into_iter().flatten().map(str::to_owned);
            parts.chain(values).filter(|part| is_token(part)).for_each(|part| secrets.add(&part.into()));
        }
        if let Ok(tokens) = self.tokens.lock() {
            secrets.extend(tokens.clone());
        }
        secrets
    }

    /// True when no bytes leave this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// An HTTP address.
///
/// # Errors
/// When the text is none.
pub fn parse_address(text: &str) -> Result<Url, AddressError> {
    let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(AddressError::NotHttp);
    }
    Ok(url)
}

/// Whether a part of an address is no word, such as `services`, that texts may contain.
fn is_token(part: &str) -> bool {
    const SHORTEST: usize = 8;
    part.len() >= SHORTEST && part.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
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
    use super::*;

    #[test]
    fn a_password_in_the_address_becomes_the_sign_in_and_is_never_shown() {
        let endpoint = Endpoint::new("http://me:pa%40ss@a:9090/health?key=s3cret").unwrap();
        assert_eq!(endpoint.address(), "http://a:9090/health");
        let shown = format!("{endpoint:?}");
        assert!(!shown.contains("pa@ss") && !shown.contains("pa%40ss"), "{shown}");
        let Auth::Basic { user, password } = endpoint.auth else { panic!("no sign-in") };
        assert_eq!((user.as_str(), password.expose_secret()), ("me", "pa@ss"));
    }

    #[test]
    fn of_a_webhook_only_the_server_is_shown() {
        let url = "https://hooks.example/services/T0/B024BE7LD/xK9pQ2rS7tU1vW3y?sig=abcDEF123";
        let endpoint = Endpoint::new(url).unwrap().secret();
        assert_eq!(endpoint.address(), "https://hooks.example");
        let told = endpoint
            .secrets()
            .scrubbed("no such xK9pQ2rS7tU1vW3y of B024BE7LD for abcDEF123 in services")
            .into_owned();
        assert_eq!(told, "no such [secret] of [secret] for [secret] in services");
    }

    #[test]
    fn other_addresses_are_refused_without_repeating_them() {
        assert_eq!(Endpoint::new("localhost:9090").unwrap_err(), AddressError::NotHttp);
        assert_eq!(Endpoint::new("not a url").unwrap_err(), AddressError::NotAUrl);
        assert_eq!(Endpoint::new("ftp://me:secret@a").unwrap_err(), AddressError::NotHttp);
    }

    #[test]
    fn loopback_is_recognised() {
        for (url, loopback) in [
            ("http://localhost:1", true),
            ("http://127.1.2.3", true),
            ("http://[::1]:1", true),
            ("http://a", false),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }
}
