//! Tokens that a server of the identity provider gives: OAuth2 client credentials, metadata services of clouds, service
//! accounts of Google.

use std::{path::PathBuf, time::Duration};

use chrono::Utc;
use reqwest::{Response, StatusCode, Url};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::time::Instant;

use super::{
    credentials::{Credential, file_text},
    excerpt, transport_error,
};
use crate::{
    foreign::base64_url,
    snapshot::{Reason, Unavailable},
    tls::TlsSettings,
};

/// Where tokens come from.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// OAuth2 with client credentials (RFC 6749, section 4.4).
    ClientCredentials(ClientCredentials),
    /// The metadata service of a cloud, which knows the machine that asks.
    Metadata {
        /// The address that gives a token.
        url: Url,
        /// The header without which it gives none, and its value.
        header: (String, SecretString),
    },
    /// A service account of Google (RFC 7523), by its key file.
    ServiceAccount {
        /// The JSON file with its key.
        key_file: PathBuf,
        /// What the token is for.
        scope: &'static str,
    },
}

/// A client of an authorization server.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The name of the client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Credential,
    /// Where tokens are given.
    pub token_url: Url,
    /// What the token is for.
    pub scopes: Vec<String>,
    /// Further parameters, such as an audience.
    pub parameters: Vec<(String, String)>,
    /// Which certificates to trust and to show there.
    pub tls: TlsSettings,
}

/// A token and when to ask for the next one.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: SecretString,
    renew_at: Option<Instant>,
}

impl Token {
    /// Whether it is time for another one.
    pub(super) fn is_stale(&self) -> bool {
        self.renew_at.is_some_and(|renew_at| Instant::now() >= renew_at)
    }
}

/// What a token endpoint answers (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Given {
    access_token: SecretString,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
}

/// Seconds as a number, or as text, as Azure's metadata service gives them.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.parse().ok(),
        None => None,
    })
}

/// What this program uses of a key file of Google's.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: SecretString,
    token_uri: String,
}

impl TokenSource {
    /// Asks for a token. What may be repeated in an error is remembered before it is sent.
    ///
    /// # Errors
    /// When a file cannot be read, or the server gives none.
    pub(super) async fn ask(
        &self,
        http: &reqwest::Client,
        remember: &(dyn Fn(&SecretString) + Sync),
    ) -> Result<Token, Unavailable> {
        match self {
            Self::ClientCredentials(client) => client.ask(http, remember).await,
            Self::Metadata { url, header: (name, value) } => {
                let request = http.get(url.clone()).header(name, value.expose_secret());
                let response = request.send().await.map_err(|error| unreachable("no token", url, error))?;
                given(url, response, remember).await
            }
            Self::ServiceAccount { key_file, scope } => {
                let invalid = |what: &str| {
                    let detail = format!("{}: {what}", key_file.display());
                    Unavailable::new(Reason::NotConfigured, detail)
                        .hint("create a JSON key for the service account, and set its path")
                };
                let text = file_text(key_file, "service account").await?;
                let key: KeyFile = serde_json::from_str(&text)
                    .map_err(|_| invalid("not a key file of a service account"))?;
                let url: Url = key.token_uri.parse().map_err(|_| invalid("`token_uri` is not a URL"))?;
                let assertion =
                    assertion(&key, scope).ok_or_else(|| invalid("`private_key` is not an RSA key"))?;
                remember(&key.private_key);
                remember(&assertion);
                let form = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", assertion.expose_secret()),
                ];
                let request = http.post(url.clone()).form(&form);
                let response = request.send().await.map_err(|error| unreachable("no token", &url, error))?;
                given(&url, response, remember).await
            }
        }
    }
}

impl ClientCredentials {
    /// Signs in with the header; where that is refused, with parameters, as some servers want it.
    async fn ask(
        &self,
        http: &reqwest::Client,
        remember: &(dyn Fn(&SecretString) + Sync),
    ) -> Result<Token, Unavailable> {
        let secret = self.client_secret.current("client secret").await?;
        remember(&secret);
        let mut form = vec![("grant_type", "client_credentials".to_owned())];
        if !self.scopes.is_empty() {
            form.push(("scope", self.scopes.join(" ")));
        }
        form.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let post = || http.post(self.token_url.clone());
        let unreachable = |error| unreachable("no token", &self.token_url, error);
        let by_header = post().basic_auth(&self.client_id, Some(secret.expose_secret())).form(&form);
        let response = by_header.send().await.map_err(unreachable)?;
        let refused = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED];
        let response = if refused.contains(&response.status()) {
            form.push(("client_id", self.client_id.clone()));
            form.push(("client_secret", secret.expose_secret().to_owned()));
            post().form(&form).send().await.map_err(unreachable)?
        } else {
            response
        };
        given(&self.token_url, response, remember).await
    }
}

/// The signed statement by which a service account asks for a token; valid for an hour.
fn assertion(key: &KeyFile, scope: &str) -> Option<SecretString> {
    let now = Utc::now().timestamp();
    let claims = serde_json::json!({
        "iss": key.client_email, "scope": scope, "aud": key.token_uri, "iat": now, "exp": now + 3_600,
    });
    let header = base64_url(br#"{"alg":"RS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", base64_url(claims.to_string().as_bytes()));
    let pem = PrivateKeyDer::from_pem_slice(key.private_key.expose_secret().as_bytes()).ok()?;
    let pair = match &pem {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return None,
    };
    let pair = pair.ok()?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
    Some(format!("{signed}.{}", base64_url(&signature)).into())
}

/// The token of an answer. It is renewed a tenth of its life, or a minute, before it ends.
async fn given(
    url: &Url,
    mut response: Response,
    remember: &(dyn Fn(&SecretString) + Sync),
) -> Result<Token, Unavailable> {
    let status = response.status();
    let body = body("no token", url, &mut response).await?;
    if !status.is_success() {
        return Err(refusal("no token", url, status, &body)
            .hint("check the client id and secret, its scopes and its permissions"));
    }
    let given: Given = serde_json::from_slice(&body).map_err(|_| {
        let detail = format!("{} answered without an access token", shown(url));
        Unavailable::new(Reason::UnexpectedReply, detail).hint("check the address of the token endpoint")
    })?;
    remember(&given.access_token);
    let life = given.expires_in.map(Duration::from_secs);
    let renew_at =
        life.map(|life| Instant::now() + life.saturating_sub((life / 10).min(Duration::from_secs(60))));
    Ok(Token { text: given.access_token, renew_at })
}

/// The beginning of an answer; `missing` is what there is not without it.
pub(super) async fn body(missing: &str, url: &Url, response: &mut Response) -> Result<Vec<u8>, Unavailable> {
    const LARGEST: usize = 1 << 20;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(missing, url, error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            break;
        }
    }
    Ok(body)
}

/// A refusal with the words of the server.
pub(super) fn refusal(missing: &str, url: &Url, status: StatusCode, body: &[u8]) -> Unavailable {
    let words = excerpt(&String::from_utf8_lossy(body));
    let told = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
    Unavailable::new(Reason::SignInRefused, format!("{missing} from {}: {told}", shown(url)))
}

/// A server that cannot be reached.
pub(super) fn unreachable(missing: &str, url: &Url, error: reqwest::Error) -> Unavailable {
    let mut failure = transport_error(error);
    failure.detail = format!("{missing} from {}: {}", shown(url), failure.detail);
    failure
}

/// An address without what may be a secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_username(""); // an HTTP address has an authority
    let _ = url.set_password(None);
    url.to_string()
}
