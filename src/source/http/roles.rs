//! Keys that AWS gives for the role of a machine, a container or a pod. They end after hours.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    AwsKey,
    credentials::Credential,
    tokens::{body, refusal, shown, unreachable},
};
use crate::snapshot::{Reason, Unavailable};

/// Who gives keys for a role.
#[derive(Debug, Clone)]
pub enum AwsRole {
    /// The agent beside a container: ECS, EKS Pod Identity.
    Container {
        /// Its address.
        url: Url,
        /// What it wants in the `Authorization` header.
        authorization: Option<Credential>,
    },
    /// The metadata service of a machine, in its second version.
    Machine {
        /// Its address.
        endpoint: Url,
    },
    /// The token service, for the token of a Kubernetes service account.
    WebIdentity {
        /// The address of the token service.
        url: Url,
        /// The role.
        role: String,
        /// The file with the token, which is replaced before it ends.
        token_file: PathBuf,
    },
}

/// A key and when to ask for the next one.
#[derive(Debug, Clone)]
pub(super) struct RoleKey {
    pub(super) key: AwsKey,
    renew_at: Instant,
}

impl RoleKey {
    /// A key that is renewed a tenth of its life, or five minutes, before it ends.
    fn new(key: AwsKey, ends: DateTime<Utc>) -> Self {
        const EARLY: Duration = Duration::from_secs(300);
        let life = (ends - Utc::now()).to_std().unwrap_or_default();
        Self { key, renew_at: Instant::now() + life.saturating_sub((life / 10).min(EARLY)) }
    }

    /// Whether it is time for another one.
    pub(super) fn is_stale(&self) -> bool {
        Instant::now() >= self.renew_at
    }
}

/// What agents and metadata services answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: SecretString,
    token: SecretString,
    expiration: DateTime<Utc>,
}

impl AwsRole {
    /// Asks for a key.
    ///
    /// # Errors
    /// When a file cannot be read, or no key is given.
    pub(super) async fn ask(
        &self,
        http: &reqwest::Client,
        remember: &(dyn Fn(&SecretString) + Sync),
    ) -> Result<RoleKey, Unavailable> {
        match self {
            Self::Container { url, authorization } => {
                let mut request = http.get(url.clone());
                if let Some(authorization) = authorization {
                    let secret = authorization.current("authorization token").await?;
                    remember(&secret);
                    request = request.header("Authorization", secret.expose_secret());
                }
                read_answer(url, &text_of(url, request).await?)
            }
            Self::Machine { endpoint } => {
                let place = |path: &str| {
                    let mut url = endpoint.clone();
                    url.set_path(path);
                    url
                };
                let url = place("latest/api/token");
                let request = http.request(Method::PUT, url.clone());
                let session =
                    text_of(&url, request.header("X-aws-ec2-metadata-token-ttl-seconds", "300")).await?;
                let get =
                    |url: &Url| http.get(url.clone()).header("X-aws-ec2-metadata-token", session.trim());
                let roles = place("latest/meta-data/iam/security-credentials/");
                let role = text_of(&roles, get(&roles)).await?;
                let role = role.lines().next().unwrap_or_default().trim().to_owned();
                let url = place(&format!("latest/meta-data/iam/security-credentials/{role}"));
                read_answer(&url, &text_of(&url, get(&url)).await?)
            }
            Self::WebIdentity { url, role, token_file } => {
                let token = Credential::File(token_file.clone()).current("web identity token").await?;
                remember(&token);
                let form = [
                    ("Action", "AssumeRoleWithWebIdentity"),
                    ("Version", "2011-06-15"),
                    ("RoleSessionName", "scale-advisor"),
                    ("RoleArn", role),
                    ("WebIdentityToken", token.expose_secret()),
                ];
                let text = text_of(url, http.post(url.clone()).form(&form)).await?;
                assumed(&text).ok_or_else(|| no_key(url))
            }
        }
    }
}

async fn text_of(url: &Url, request: RequestBuilder) -> Result<String, Unavailable> {
    let mut response = request.send().await.map_err(|error| unreachable("no AWS key", url, error))?;
    let status = response.status();
    let body = body("no AWS key", url, &mut response).await?;
    if status.is_success() {
        return Ok(String::from_utf8_lossy(&body).into_owned());
    }
    Err(refusal("no AWS key", url, status, &body).hint("check the role, and that it may be assumed here"))
}

fn read_answer(url: &Url, text: &str) -> Result<RoleKey, Unavailable> {
    let answer: Answer = serde_json::from_str(text).map_err(|_| no_key(url))?;
    let Answer { access_key_id: id, secret_access_key: secret, token, expiration } = answer;
    Ok(RoleKey::new(AwsKey { id, secret, session_token: Some(token) }, expiration))
}

/// The key in the XML of the token service. Keys and tokens have no letters that XML escapes.
fn assumed(text: &str) -> Option<RoleKey> {
    let tag = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0.trim().to_owned())
    };
    let key = AwsKey {
        id: tag("AccessKeyId")?,
        secret: tag("SecretAccessKey")?.into(),
        session_token: Some(tag("SessionToken")?.into()),
    };
    Some(RoleKey::new(key, tag("Expiration")?.parse().ok()?))
}

fn no_key(url: &Url) -> Unavailable {
    Unavailable::new(Reason::UnexpectedReply, format!("{} answered without an AWS key", shown(url)))
        .hint("check the address, and that a role is attached")
}
