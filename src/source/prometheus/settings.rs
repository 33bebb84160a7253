//! What to read and how to get in.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Url;

use crate::{
    signal::SignalId,
    source::http::{AddressError, Endpoint},
};

/// How to reach a Prometheus-compatible server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is and how to sign in.
    pub endpoint: Endpoint,
    /// Queries of the user's own, which take the place of the catalogue's.
    pub bindings: BTreeMap<SignalId, String>,
    /// How often the server scrapes; asked of the server when absent.
    pub scrape_interval: Option<Duration>,
}

impl Settings {
    /// Settings for a server without a sign-in, or with the user and password that stand in the URL.
    ///
    /// A path in front of the API is kept; `/api/v1/…` at the end and a query string are cut off.
    ///
    /// # Errors
    /// When the text is not an HTTP address.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        let mut endpoint = Endpoint::new(url)?;
        let url = &mut endpoint.url;
        url.set_query(None);
        let path = url.path().split("/api/v1").next().unwrap_or_default().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { endpoint, bindings: BTreeMap::new(), scrape_interval: None })
    }

    /// The address of a part of the API, below the path in front of it.
    pub(super) fn api(&self, path: &str) -> Url {
        let mut url = self.endpoint.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/api/v1/{path}"));
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, address: &str, api: &str) {
        let settings = Settings::new(url).unwrap();
        assert_eq!(settings.endpoint.address(), address);
        assert_eq!(settings.api("query").as_str(), api);
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
}
