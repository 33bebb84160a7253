//! A client that signs every request to one endpoint.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode, header::HeaderMap, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::{Endpoint, access, transport_error};
use crate::snapshot::{Reason, Unavailable};

const CONNECT: Duration = Duration::from_secs(10);

/// A client of one endpoint for one run.
#[derive(Debug)]
pub(in crate::source) struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
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
    /// A client with `patience` as its connect timeout. It follows no redirects: they lead to sign-in pages.
    ///
    /// # Errors
    /// When certificates or headers cannot be used.
    pub(in crate::source) fn new(endpoint: &Endpoint, patience: Duration) -> Result<Self, Unavailable> {
        let wrong =
            |error: &dyn std::fmt::Display| Unavailable::new(Reason::NotConfigured, error.to_string());
        let tls = endpoint.tls.client_config().map_err(|error| wrong(&error))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT.min(patience))
            .user_agent(concat!("scale-advisor/", env!("CARGO_PKG_VERSION")));
        if endpoint.is_loopback() {
            // Compressing costs the server more time than loopback needs for the plain bytes.
            builder = builder.no_gzip().no_proxy();
        }
        Ok(Self {
            http: builder.build().map_err(|error| wrong(&error))?,
            headers: access::own_headers(&endpoint.headers)?,
            endpoint: endpoint.clone(),
        })
    }

    /// Sends once, and once more when the token was replaced in the meantime.
    ///
    /// # Errors
    /// When there is no answer of any kind.
    pub(in crate::source) async fn send(
        &self,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Unsent> {
        let token = access::token(&self.endpoint).await.map_err(Unsent::Unsigned)?;
        let response = self.transmit(request(&self.http), token.as_ref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let fresh = access::token(&self.endpoint).await.map_err(Unsent::Unsigned)?;
        let text =
            |token: &Option<SecretString>| token.as_ref().map(|token| token.expose_secret().to_owned());
        if text(&fresh) == text(&token) {
            return Ok(response);
        }
        self.transmit(request(&self.http), fresh.as_ref()).await
    }

    async fn transmit(
        &self,
        request: RequestBuilder,
        token: Option<&SecretString>,
    ) -> Result<Response, Unsent> {
        let request = request.headers(self.headers.clone());
        let request = access::sign(request, &self.endpoint.auth, token).map_err(Unsent::Unsigned)?;
        request.send().await.map_err(Unsent::Broken)
    }
}
