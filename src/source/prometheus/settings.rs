//! What to read and how to get in.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Url;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::{
    signal::{Scope, SignalId},
    source::http::{AddressError, Auth, Endpoint, is_secret_parameter},
};

/// Headers that say which tenant is meant: of Mimir and Cortex, and of Thanos.
const TENANTS: [&str; 2] = ["X-Scope-OrgID", "THANOS-TENANT"];

/// A query of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The query, in PromQL or what the server speaks.
    pub query: String,
    /// Whether the scope is put into it.
    pub scoped: bool,
}

impl From<&str> for Binding {
    /// A query that the scope is put into.
    fn from(query: &str) -> Self {
        Self { query: query.to_owned(), scoped: true }
    }
}

/// How to reach a Prometheus-compatible server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is and how to sign in.
    pub endpoint: Endpoint,
    /// Queries of the user's own, which take the place of the catalogue's.
    pub bindings: BTreeMap<SignalId, Binding>,
    /// Which of the systems behind the server are meant.
    pub scope: Scope,
    /// What the project states in numbers; limits may name it.
    pub facts: BTreeMap<String, f64>,
    /// How often the server scrapes; asked of the server when absent.
    pub scrape_interval: Option<Duration>,
}

impl Settings {
    /// Settings for a server without a sign-in, or with the user and password in the URL.
    ///
    /// A path in front of the API is kept; `/api/v1/…` at its end is cut off. A query string is sent with every
    /// request, which is how VictoriaMetrics, Thanos and others select what to answer for.
    ///
    /// # Errors
    /// When the text is not an HTTP address.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        let mut endpoint = Endpoint::new(url)?;
        let url = &mut endpoint.url;
        let path = url.path().split("/api/v1").next().unwrap_or_default().trim_end_matches('/').to_owned();
        let of_a_query = url.path().contains("/api/v1/");
        url.set_path(&path);
        if of_a_query {
            without_query(url);
        }
        Ok(Self {
            endpoint,
            bindings: BTreeMap::new(),
            scope: Scope::default(),
            facts: BTreeMap::new(),
            scrape_interval: None,
        })
    }

    /// What tells the data behind this address from those behind others: the address with what selects a tenant, without
    /// secrets.
    pub fn identity(&self) -> String {
        let url = &self.endpoint.url;
        let parameters = url.query_pairs().filter(|(name, _)| !is_secret_parameter(name));
        let mut parts: Vec<(String, String)> =
            parameters.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        if let Auth::Basic { user, .. } | Auth::BasicFile { user, .. } = &self.endpoint.auth {
            parts.push(("user".to_owned(), user.clone()));
        }
        let is_tenant = |name: &str| TENANTS.iter().any(|tenant| name.eq_ignore_ascii_case(tenant));
        let headers = self.endpoint.headers.iter().filter(|(name, _)| is_tenant(name));
        parts.extend(headers.map(|(name, value)| (name.to_lowercase(), value.expose_secret().to_owned())));
        let address = self.endpoint.address();
        if parts.is_empty() {
            return address;
        }
        let mut digest = Sha256::new();
        for text in parts.iter().flat_map(|(name, value)| [name, value]) {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        let number =
            digest.finalize().iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        format!("{address} {number:016x}")
    }

    /// The address of a part of the API, below the path in front of it.
    pub(super) fn api(&self, path: &str) -> Url {
        let mut url = self.endpoint.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/api/v1/{path}"));
        url
    }
}

/// Cuts off the parameters of a query to the API that was pasted as the address.
fn without_query(url: &mut Url) {
    const OF_A_QUERY: [&str; 7] = ["query", "time", "start", "end", "step", "timeout", "match[]"];
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !OF_A_QUERY.contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
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

    #[test]
    fn tenants_behind_an_address_are_told_apart() {
        let identity = |url: &str, header: Option<(&str, &str)>| {
            let mut settings = Settings::new(url).unwrap();
            let header = header.map(|(name, value)| (name.to_owned(), value.into()));
            settings.endpoint.headers.extend(header);
            settings.identity()
        };
        let plain = identity("http://a/select", None);
        assert_eq!(plain, "http://a/select");
        assert_eq!(identity("http://a/select?token=secret", Some(("X-Other", "x"))), plain);
        let texts = [
            identity("http://a/select?extra_label=env%3Dprod", None),
            identity("http://a/select?extra_label=env%3Ddev", None),
            identity("http://user:secret@a/select", None),
            identity("http://a/select", Some(("x-scope-orgid", "a"))),
            identity("http://a/select", Some(("X-Scope-OrgID", "b"))),
        ];
        let distinct: std::collections::BTreeSet<&String> = texts.iter().chain([&plain]).collect();
        assert!(distinct.len() == 6 && texts.iter().all(|text| !text.contains("prod")), "{texts:?}");
    }

    #[test]
    fn the_query_string_is_sent_with_every_request_and_never_shown() {
        let shown = "http://a/select";
        check(
            "http://a/select?extra_label=env=prod",
            shown,
            "http://a/select/api/v1/query?extra_label=env=prod",
        );
        let pasted = "http://a/select/api/v1/query?query=up&time=1&dedup=true";
        check(pasted, shown, "http://a/select/api/v1/query?dedup=true");
    }
}
