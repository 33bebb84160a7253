//! A client that signs every request to one endpoint.

use std::time::Duration;

use reqwest::{NoProxy, RequestBuilder, Response, StatusCode, header::HeaderMap, redirect};
use secrecy::ExposeSecret;

use super::{
    Auth, AwsKeys, AwsRole, Endpoint, Proxy, TokenSource,
    access::{self, Access, Signature},
    transport_error,
};
use crate::{
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
