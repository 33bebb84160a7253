//! Flags that several commands share.

use std::{ffi::OsString, path::PathBuf, str::FromStr, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Args;
use secrecy::SecretString;

use crate::{
    signal::{LabelMatcher, MatchKind, Scope, Selector, parse_duration},
    snapshot::{NoSuchPart, Part, Snapshot},
    source::Search,
};

/// Selects project and roadmap.
#[derive(Debug, Clone, Args)]
pub(super) struct ProjectOptions {
    /// Config file [default: scale-advisor.toml in this or a parent directory]
    #[arg(short, long, env = "SCALE_ADVISOR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Roadmap: a built-in id (see `profiles list`) or a path
    #[arg(long, value_name = "ID|FILE")]
    pub profile: Option<String>,
}

/// What to read, and for which time range.
#[derive(Debug, Clone, Args)]
pub(super) struct SourceOptions {
    /// Prometheus-compatible server: a URL, or a name from the config [default: $PROMETHEUS_URL]
    #[arg(long, alias = "prometheus-url", value_name = "URL|NAME")]
    pub prometheus: Option<String>,
    /// PostgreSQL server: a URL, or a name from the config [default: $DATABASE_URL, or libpq's PG* variables]
    #[arg(long, alias = "postgres-url", value_name = "URL|NAME")]
    pub postgres: Option<String>,
    /// Redis or Valkey server: a URL, or a name from the config [default: $REDIS_URL]
    #[arg(long, alias = "redis-url", value_name = "URL|NAME")]
    pub redis: Option<String>,
    /// Time range to evaluate
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub window: Duration,
    /// Time range that forecasts are based on, limited by available data
    #[arg(long, value_name = "DURATION", default_value = "800d", value_parser = duration)]
    pub past: Duration,
    /// Time between samples [default: 1m, or less if a condition needs it]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub step: Option<Duration>,
    /// Evaluate as of this time, such as 2026-11-20T16:40:00Z; reads only sources that keep history
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub at: Option<DateTime<Utc>>,
    /// Time between two samples of counters without history [default: 1s, up to 5s if there is too little activity]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub sample: Option<Duration>,
    /// Per-source timeout
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
    /// Whether this run is one day of a backfill, which does not repeat the warnings of the last one
    #[arg(skip)]
    pub one_of_many: bool,
    /// Whether samples are those of whole steps, so that a later run reads the same ones and not others between them
    #[arg(skip)]
    pub whole_steps: bool,
    /// Whether this command shows resources beside the catalogue
    #[arg(skip)]
    pub search: Search,
    #[command(flatten)]
    pub client: ClientOptions,
    #[command(flatten)]
    pub scope: ScopeOptions,
    #[command(flatten)]
    pub history: HistoryOptions,
    /// Suppress progress output
    #[arg(short, long)]
    pub quiet: bool,
}

impl SourceOptions {
    /// The same, looking for resources beside the catalogue as well.
    pub(super) fn searching(&self, search: Search) -> Self {
        Self { search, ..self.clone() }
    }
}

/// How to sign in to Prometheus, beside what settings say.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ClientOptions {
    /// HTTP client configuration file of Prometheus: basic, bearer, OAuth2, TLS, proxy, headers, SigV4, Azure, Google
    #[arg(long, alias = "http.config.file", value_name = "FILE")]
    pub http_config_file: Option<PathBuf>,
    /// Send this header to Prometheus, such as 'X-Scope-OrgID: shop' (repeatable); put secrets in
    /// $PROMETHEUS_HEADERS, one header per line
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<Header>,
    /// Query Prometheus through Grafana: uid of the data source; --prometheus is then the URL of Grafana, and
    /// $GRAFANA_TOKEN holds a service account token
    #[arg(long, value_name = "UID")]
    pub grafana_datasource: Option<String>,
}

impl ClientOptions {
    /// Whether no flag says how to sign in.
    pub(super) fn is_empty(&self) -> bool {
        self.http_config_file.is_none() && self.headers.is_empty() && self.grafana_datasource.is_none()
    }
}

/// A header with its value, which may be a secret.
#[derive(Debug, Clone)]
pub(super) struct Header(pub String, pub SecretString);

impl FromStr for Header {
    type Err = String;

    /// Reads `Name: value`. The text is not repeated.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_.!#$%&'*+^`|~".contains(letter);
        match text.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() && name.trim().chars().all(is_name) => {
                Ok(Self(name.trim().to_owned(), SecretString::from(value.trim())))
            }
            _ => Err("expected a header such as 'X-Scope-OrgID: shop'".to_owned()),
        }
    }
}

/// Selects one of the systems behind a metrics server.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScopeOptions {
    /// Only read series with this label, such as env=prod, namespace=~shop-.* or env!=dev (repeatable)
    #[arg(long = "match", value_name = "LABEL=VALUE")]
    pub matchers: Vec<LabelMatcher>,
    /// Only read series of this namespace: short for --match namespace=NAME
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Only read series with these labels, as kubectl selects: app=shop,env!=dev,tier in (web,api) (repeatable)
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Vec<Selector>,
    /// Sum over the values of this label, which belong to one product (repeatable)
    #[arg(long, value_name = "LABEL")]
    pub together: Vec<String>,
}

impl ScopeOptions {
    /// The scope of the settings with what the flags say. A value given by a flag takes the place of the settings' one
    /// for the same label.
    pub(super) fn applied_to(&self, settings: &Scope) -> Scope {
        let mut scope = settings.clone();
        let own = self.clone().with_matchers_alone();
        let chosen =
            |label: &str| own.matchers.iter().any(|own| own.label == label && own.kind == MatchKind::Equal);
        scope.matchers.retain(|matcher| !chosen(&matcher.label));
        scope.matchers.extend(own.matchers);
        scope.together.extend(own.together);
        scope
    }

    /// The same with `--namespace` and `--selector` as matchers.
    pub(super) fn with_matchers_alone(mut self) -> Self {
        let namespace = self.namespace.take();
        let named = namespace.map(|value| LabelMatcher {
            label: "namespace".to_owned(),
            kind: MatchKind::Equal,
            value,
        });
        let selected = std::mem::take(&mut self.selector).into_iter().flat_map(|selector| selector.0);
        self.matchers.extend(named.into_iter().chain(selected));
        self
    }
}

/// Selects the history.
#[derive(Debug, Clone, Args)]
pub(super) struct HistoryOptions {
    /// History: a file, or postgres://… [default: .scale-advisor/history.db next to the config]
    #[arg(long, value_name = "FILE|URL")]
    pub history: Option<OsString>,
}

/// What to assess instead of the live system.
#[derive(Debug, Clone, Args)]
pub(super) struct ReplayOptions {
    /// Assess a snapshot written by `collect` instead of the live system
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub snapshot: Option<PathBuf>,
    /// Assess the built-in demo data
    #[arg(long)]
    pub demo: bool,
}

/// What to assume gone.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct LossOptions {
    /// What-if: lose everything with this label, such as zone=a, node=n1 or instance=db-1 (repeatable: all at once);
    /// verdict and exit code remain those of the current system
    #[arg(long, value_name = "LABEL=VALUE")]
    pub lose: Vec<Part>,
}

impl LossOptions {
    /// The parts that are assumed to be gone.
    ///
    /// # Errors
    /// When no instance is in one of them, with the labels or values that there are.
    pub(super) fn parts(&self, snapshot: &Snapshot) -> Result<Vec<Part>, NoSuchPart> {
        self.lose.iter().try_for_each(|part| snapshot.check_part(part))?;
        Ok(self.lose.clone())
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be greater than zero".to_owned()),
        duration => Ok(duration),
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let date: Result<NaiveDate, _> = text.parse();
    date.map(|date| date.and_time(NaiveTime::MIN).and_utc())
        .map_err(|_| "expected a time such as 2026-11-20T16:40:00Z or 2026-11-20".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespace_and_selector_are_matchers() {
        let options = ScopeOptions {
            matchers: vec!["env=prod".parse().unwrap()],
            namespace: Some("shop".to_owned()),
            selector: vec!["app in (a,b),tier!=x".parse().unwrap()],
            together: Vec::new(),
        };
        let settings = Scope { matchers: vec!["namespace=other".parse().unwrap()], ..Scope::default() };
        let scope = options.applied_to(&settings);
        let matchers: Vec<String> = scope.matchers.iter().map(ToString::to_string).collect();
        assert_eq!(matchers, ["env=prod", "namespace=shop", "app=~a|b", "tier!=x"]);
    }
}
