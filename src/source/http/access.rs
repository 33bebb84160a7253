//! What every request contains: sign-in and headers of the user's own.

use chrono::Utc;
use reqwest::{
    Request,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::{
    Auth, AwsKey, AwsKeys, Credential, Endpoint, TokenSource,
    roles::RoleKey,
    sigv4::{self, Extent},
    tokens::Token,
};
use crate::{
    foreign::base64_padded,
    snapshot::{Reason, Unavailable},
};

/// The service that Amazon Managed Service for Prometheus is in signatures.
const AWS_SERVICE: &str = "aps";

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
            .map_err(|_| wrong("the value contains characters that are invalid in a header"))?;
        value.set_sensitive(true);
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// The sign-in to an endpoint for one run.
#[derive(Debug)]
pub(super) struct Access {
    endpoint: Endpoint,
    /// The client that asks for tokens, where they are given by a server.
    tokens: Option<reqwest::Client>,
    /// The token that was given last.
    token: Mutex<Option<Token>>,
    /// The key of a role that was given last.
    key: Mutex<Option<RoleKey>>,
}

/// What signs a request now.
#[derive(Debug, Clone)]
pub(super) enum Signature {
    /// Nothing.
    None,
    /// An `Authorization` header.
    Header(SecretString),
    /// A key of AWS for a region.
    Aws(AwsKey, String),
}

impl Access {
    /// `client` gives a client for the server that gives tokens or keys.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub(super) fn new(
        endpoint: &Endpoint,
        client: impl FnOnce(&Auth) -> Result<reqwest::Client, Unavailable>,
    ) -> Result<Self, Unavailable> {
        let tokens = match &endpoint.auth {
            auth @ (Auth::Tokens(_) | Auth::Aws { keys: AwsKeys::Role(_), .. }) => Some(client(auth)?),
            _ => None,
        };
        Ok(Self { endpoint: endpoint.clone(), tokens, token: Mutex::default(), key: Mutex::default() })
    }

    /// What signs a request now; `refused` is what the server did not accept.
    ///
    /// # Errors
    /// When a file cannot be read, or a token is not given.
    pub(super) async fn current(&self, refused: Option<&Signature>) -> Result<Signature, Unavailable> {
        let header = |scheme: &str, text: &SecretString| {
            Signature::Header(format!("{scheme} {}", text.expose_secret()).into())
        };
        Ok(match &self.endpoint.auth {
            Auth::None => Signature::None,
            Auth::Bearer(token) => header("Bearer", token),
            Auth::TokenFile(path) => {
                header("Bearer", &self.stored(&Credential::File(path.clone()), "token").await?)
            }
            Auth::Scheme { scheme, credentials } => {
                header(scheme, &self.stored(credentials, "credentials").await?)
            }
            Auth::Basic { user, password } => basic(user, password),
            Auth::BasicFile { user, password_file } => {
                basic(user, &self.stored(&Credential::File(password_file.clone()), "password").await?)
            }
            Auth::Tokens(source) => header("Bearer", &self.token(source, refused).await?),
            Auth::Aws { keys, region } => {
                let key = self.key(keys, refused).await?;
                self.endpoint.remember(&key.secret);
                key.session_token.iter().for_each(|token| self.endpoint.remember(token));
                Signature::Aws(key, region.clone())
            }
        })
    }

    /// A secret as it is now: whoever replaces it replaces the file.
    async fn stored(&self, credential: &Credential, what: &str) -> Result<SecretString, Unavailable> {
        let secret = credential.current(what).await?;
        self.endpoint.remember(&secret);
        Ok(secret)
    }

    /// The token of this run, or a new one when it is about to end or was refused. Requests that find it old at the same
    /// time wait for one new token.
    async fn token(
        &self,
        source: &TokenSource,
        refused: Option<&Signature>,
    ) -> Result<SecretString, Unavailable> {
        let mut current = self.token.lock().await;
        let is_refused = |token: &Token| matches!(refused, Some(Signature::Header(header)) if header.expose_secret().ends_with(token.text.expose_secret()));
        if let Some(token) = current.as_ref().filter(|token| !token.is_stale() && !is_refused(token)) {
            return Ok(token.text.clone());
        }
        let token = source.ask(self.http()?, &|secret| self.endpoint.remember(secret)).await?;
        let text = token.text.clone();
        *current = Some(token);
        Ok(text)
    }

    /// The key of AWS, which of a role is kept until it is about to end or was refused.
    async fn key(&self, keys: &AwsKeys, refused: Option<&Signature>) -> Result<AwsKey, Unavailable> {
        let AwsKeys::Role(role) = keys else { return keys.current().await };
        let mut current = self.key.lock().await;
        let is_refused =
            |known: &RoleKey| matches!(refused, Some(Signature::Aws(key, _)) if key.id == known.key.id);
        if let Some(known) = current.as_ref().filter(|known| !known.is_stale() && !is_refused(known)) {
            return Ok(known.key.clone());
        }
        let given = role.ask(self.http()?, &|secret| self.endpoint.remember(secret)).await?;
        let key = given.key.clone();
        *current = Some(given);
        Ok(key)
    }

    /// The client for the server that gives tokens or keys.
    fn http(&self) -> Result<&reqwest::Client, Unavailable> {
        let missing = || Unavailable::new(Reason::NotConfigured, "nothing can ask for a token");
        self.tokens.as_ref().ok_or_else(missing)
    }
}

fn basic(user: &str, password: &SecretString) -> Signature {
    Signature::Header(
        format!("Basic {}", base64_padded(format!("{user}:{}", password.expose_secret()).as_bytes())).into(),
    )
}

impl Signature {
    /// Whether a request signed by the other one would be the same, so that it need not be sent again.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Header(a), Self::Header(b)) => a.expose_secret() == b.expose_secret(),
            (Self::Aws(a, _), Self::Aws(b, _)) => {
                a.id == b.id && a.secret.expose_secret() == b.secret.expose_secret()
            }
            _ => false,
        }
    }

    /// Signs a request.
    ///
    /// # Errors
    /// When a secret is not valid in a header.
    pub(super) fn sign(&self, request: &mut Request) -> Result<(), Unavailable> {
        match self {
            Self::None => Ok(()),
            Self::Header(text) => {
                let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| {
                    Unavailable::new(
                        Reason::NotConfigured,
                        "the token contains characters that are invalid in a header",
                    )
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
                Ok(())
            }
            Self::Aws(key, region) => {
                sigv4::sign(request, key, Extent { region, service: AWS_SERVICE }, Utc::now())
            }
        }
    }
}
