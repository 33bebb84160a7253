//! What was found outside the catalogue.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::discover::Confidence;
use crate::{
    discover::{Found, LoadKind, LoadLike},
    signal::SignalId,
};

/// The share of use from which a resource is near its limit.
pub const NEAR_LIMIT: f64 = 0.8;
/// The share of use that needs attention.
pub const AT_LIMIT: f64 = 0.9;
/// How many resources are kept, the fullest first.
const MOST: usize = 1000;

/// What was searched for outside the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// What was found, the fullest first.
    pub resources: Vec<DiscoveredResource>,
    /// Metrics that look like a load under a name of their own, for signals that were not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<PossibleLoad>,
    /// Servers that were not searched, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_searched: Vec<NotSearched>,
}

/// A usage with its limit that was found by names and values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscoveredResource {
    /// The usage of this instance, in PromQL.
    pub usage: String,
    /// The limit of this instance: PromQL or a number.
    pub limit: String,
    /// The share that is used now, from 0 to 1.
    pub utilization: f64,
    /// The metrics that it is computed from.
    pub metrics: Vec<String>,
    /// What tells it from others of its kind; null where there is only one.
    pub instance: Option<String>,
    /// How sure it is that this is a resource.
    pub confidence: Confidence,
    /// Since when at least 80% are used without interruption, as far as the window reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The share that is used more each day; negative where it falls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend_per_day: Option<f64>,
    /// Usage and limit of all instances, as a definition of the resource holds them.
    pub definition: ResourceQueries,
    /// Whether the catalogue reads one of its metrics, so that it is judged anyway.
    #[serde(default)]
    pub is_read: bool,
    /// The source that it was found in.
    pub source: String,
}

/// A metric that looks like a load.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PossibleLoad {
    /// The signal that it could be bound to.
    pub signal: SignalId,
    /// The metric.
    pub metric: String,
    /// The query that would read it.
    pub query: String,
}

/// The queries that define a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceQueries {
    /// The usage.
    pub usage: String,
    /// The limit: a query or a number.
    pub limit: String,
    /// The unit of both: `bytes`, `ratio`, `percent`, or what is counted.
    pub unit: String,
}

/// A server that was not searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotSearched {
    /// The source.
    pub source: String,
    /// Why.
    pub reason: NotSearchedReason,
}

/// Why a server was not searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotSearchedReason {
    /// It has more metrics than are searched unasked.
    TooManyNames {
        /// How many.
        names: usize,
        /// How many are searched.
        budget: usize,
    },
    /// It does not list its metrics.
    NotListed,
    /// It did not answer.
    Failed {
        /// What happened.
        detail: String,
    },
}

impl PossibleLoad {
    /// What a metric could be bound to.
    pub fn new(load: &LoadLike) -> Option<Self> {
        let signal = match load.kind {
            LoadKind::Requests => "http.requests",
            LoadKind::Users => "users.concurrent",
        };
        Some(Self { signal: SignalId::find(signal)?, metric: load.metric.clone(), query: load.query() })
    }
}

impl DiscoveredResource {
    /// A resource that was found in a source.
    pub fn new(found: &Found, source: &str) -> Self {
        let (usage, limit) = found.definition();
        let since = found.since(NEAR_LIMIT).and_then(DateTime::from_timestamp_millis);
        Self {
            usage: found.form.usage_query(&found.telling),
            limit: found.form.limit_query(&found.telling),
            utilization: found.now(),
            metrics: found.form.metrics().into_iter().map(str::to_owned).collect(),
            instance: found.instance(),
            confidence: found.confidence,
            since,
            trend_per_day: found.trend_per_day(),
            definition: ResourceQueries { usage, limit, unit: found.unit() },
            is_read: false,
            source: source.to_owned(),
        }
    }

    /// The metric that names it.
    pub fn name(&self) -> &str {
        self.metrics.first().map_or("", String::as_str)
    }
}

impl Discovery {
    /// Brings what several sources found together.
    pub(super) fn extend(&mut self, other: Self) {
        self.resources.extend(other.resources);
        self.loads.extend(other.loads);
        self.not_searched.extend(other.not_searched);
        self.resources.sort_by(|a, b| {
            let order = |resource: &DiscoveredResource| (resource.metrics.clone(), resource.instance.clone());
            b.utilization.total_cmp(&a.utilization).then_with(|| order(a).cmp(&order(b)))
        });
        self.resources.truncate(MOST);
        self.not_searched.sort();
    }

    /// What is near its limit and read by nothing of the catalogue, the fullest first.
    pub fn outside_catalogue(&self) -> impl Iterator<Item = &DiscoveredResource> {
        self.resources.iter().filter(|resource| !resource.is_read && resource.utilization >= NEAR_LIMIT)
    }
}
