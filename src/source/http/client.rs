//! A client that signs every request to one endpoint, why a request has no answer, and how long a server asks to wait.

use std::{error::Error, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{
    NoProxy, RequestBuilder, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};
use secrecy::ExposeSecret;

use super::{
    Auth, AwsKeys, AwsRole, Endpoint, Proxy, TokenSource,
    access::{self, Access, Signature},
};
use crate::{
    foreign,
    snapshot::{Reason, Unavailable},
    tls::TlsSettings,
};

const CONNECT: Duration = Duration::from_secs(10);
/// How many redirects are followed, where they are at all.
const MAX_REDIRECTS: usize = 3;

/// A client of one endpoint for one run.
#[derive(Debug)]
pub(in crate::source) struct Client {
    http: reqwest::Client,
    access: Access,
    headers: HeaderMap,
}

/// Why a request has no answer at all.
#[derive(Debug)]
pub(in crate::source) enum Unsent {
    /// The sign-in could not be prepared.
    Unsigned(Unavailable),
    /// The connection could not be made or broke.
    Broken(reqwest::Error),
}

impl From<Unsent> for Unavailable {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Unsigned(failure) => failure,
            Unsent::Broken(error) => transport_error(error),
        }
    }
}

impl Client {
    /// A client with `patience` as its connect timeout. Unless the endpoint says otherwise it follows no redirects: they
    /// lead to sign-in pages. It never follows them to another server.
    ///
    /// # Errors
    /// When certificates, headers or a proxy cannot be used.
    pub(in crate::source) fn new(endpoint: &Endpoint, patience: Duration) -> Result<Self, Unavailable> {
        let mut builder = builder(&endpoint.tls, &endpoint.proxy, patience)?;
        if endpoint.follow_redirects {
            builder = builder.redirect(redirect::Policy::custom(|attempt| {
                let earlier = attempt.previous();
                let same = earlier.last().is_some_and(|last| last.origin() == attempt.url().origin());
                if same && earlier.len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
            }));
        }
        if endpoint.is_loopback() {
            // Compressing costs the server more time than loopback needs for the plain bytes.
            builder = builder.no_gzip();
            if matches!(endpoint.proxy, Proxy::Environment) {
                builder = builder.no_proxy();
            }
        }
        Ok(Self {
            http: builder.build().map_err(|error| unusable(&error))?,
            headers: access::own_headers(&endpoint.headers)?,
            access: Access::new(endpoint, |auth| token_client(auth, endpoint, patience))?,
        })
    }

    /// Sends once, and once more when the sign-in was replaced in the meantime.
    ///
    /// # Errors
    /// When there is no answer of any kind.
    pub(in crate::source) async fn send(
        &self,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Unsent> {
        let signature = self.access.current(None).await.map_err(Unsent::Unsigned)?;
        let response = self.transmit(request(&self.http), &signature).await?;
        // AWS forbids what was signed with a key that has expired.
        let is_refused = response.status() == StatusCode::UNAUTHORIZED
            || matches!(signature, Signature::Aws(..)) && response.status() == StatusCode::FORBIDDEN;
        if !is_refused {
            return Ok(response);
        }
        let fresh = self.access.current(Some(&signature)).await.map_err(Unsent::Unsigned)?;
        if fresh.is_same_as(&signature) {
            return Ok(response);
        }
        self.transmit(request(&self.http), &fresh).await
    }

    async fn transmit(&self, request: RequestBuilder, signature: &Signature) -> Result<Response, Unsent> {
        let mut request = request.headers(self.headers.clone()).build().map_err(Unsent::Broken)?;
        signature.sign(&mut request).map_err(Unsent::Unsigned)?;
        self.http.execute(request).await.map_err(Unsent::Broken)
    }
}

fn builder(
    tls: &TlsSettings,
    proxy: &Proxy,
    patience: Duration,
) -> Result<reqwest::ClientBuilder, Unavailable> {
    let tls = tls.client_config().map_err(|error| unusable(&error))?;
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT.min(patience))
        .user_agent(concat!("scale-advisor/", env!("CARGO_PKG_VERSION")));
    Ok(match proxy {
        Proxy::Environment => builder,
        Proxy::Direct => builder.no_proxy(),
        Proxy::Server { url, except } => {
            // The address may hold a password, so that nothing of it is repeated.
            let proxy = reqwest::Proxy::all(url.expose_secret())
                .map_err(|_| unusable(&"the address of the proxy is not a URL"))?;
            builder.proxy(proxy.no_proxy(except.as_deref().and_then(NoProxy::from_string)))
        }
    })
}

/// The client that asks for tokens. Metadata services are on the machine itself.
fn token_client(
    auth: &Auth,
    endpoint: &Endpoint,
    patience: Duration,
) -> Result<reqwest::Client, Unavailable> {
    let system = TlsSettings::default();
    let (tls, proxy) = match auth {
        Auth::Tokens(TokenSource::ClientCredentials(client)) => (&client.tls, &endpoint.proxy),
        Auth::Tokens(TokenSource::Metadata { .. })
        | Auth::Aws { keys: AwsKeys::Role(AwsRole::Container { .. } | AwsRole::Machine { .. }), .. } => {
            (&system, &Proxy::Direct)
        }
        _ => (&system, &endpoint.proxy),
    };
    builder(tls, proxy, patience)?.timeout(patience).build().map_err(|error| unusable(&error))
}

fn unusable(error: &dyn std::fmt::Display) -> Unavailable {
    Unavailable::new(Reason::NotConfigured, error.to_string())
}

/// Characters of a server's own message that are passed on.
const MAX_EXCERPT: usize = 400;

/// The connection could not be made, or broke.
pub(in crate::source) fn transport_error(error: reqwest::Error) -> Unavailable {
    let connecting = error.is_connect();
    let cause = root_cause(&error.without_url());
    if !connecting {
        return Unavailable::new(Reason::Unreachable, format!("the connection broke: {cause}"));
    }
    let failure = Unavailable::new(Reason::Unreachable, format!("no connection: {cause}"));
    if cause.contains("certificate") {
        return failure.hint("set `ca_file` to the CA that signed the server's certificate");
    }
    failure.hint("check the URL, and that the server is running and reachable")
}

/// The innermost cause, which is the one that names what is wrong.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A server's message on one line, cut where it gets long.
pub(in crate::source) fn excerpt(text: &str) -> String {
    foreign::excerpt(text, MAX_EXCERPT)
}

/// What `Retry-After` says: seconds or a date, RFC 9110 section 10.2.3.
pub(in crate::source) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some((at.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(excerpt("a\n  b"), "a b");
        assert_eq!(excerpt(&"é".repeat(500)).chars().count(), MAX_EXCERPT + 1);
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T16:40:00Z").unwrap().with_timezone(&Utc);
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(asked("3"), Some(Duration::from_secs(3)));
        assert_eq!(asked("Fri, 20 Nov 2026 16:40:09 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(asked("Fri, 20 Nov 2026 16:39:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
    }
}
