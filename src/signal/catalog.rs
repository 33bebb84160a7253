//! The entries of the catalogue: signals with their limits, resources and the ways to read them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Aggregate, Quantity, ResourceId, SignalId, Unit};

/// Which way a signal gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is worse: connections, latency.
    HigherIsWorse,
    /// Less is worse: hit ratios.
    LowerIsWorse,
}

/// The role of a signal in the assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The usage of something that has a limit and runs out.
    Resource,
    /// What users or operators notice: it has an objective, no headroom, and is a bottleneck only if no resource explains it.
    ServiceLevel,
    /// What phases count.
    Load,
    /// Background for a reader; it names no bottleneck.
    Context,
}

/// What drives a signal to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// The load: each user takes a share of it.
    Load,
    /// Time: it fills up independently of the load.
    Itself,
}

/// What tells the instances of a signal apart in Prometheus answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The server that an exporter shows: every label that is not part of the metric itself.
    Server,
    /// A process of an application: pods of one workload are one, of which the worst counts.
    Workload,
    /// An object that several exporters may report, such as a queue: which of them reports it does not matter.
    Object,
}

/// How several instances become one, where the sum or the worst of them is what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reduce {
    /// Added up: users of all servers.
    Sum,
    /// The highest.
    Max,
    /// The lowest.
    Min,
}

/// Who defined an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefinedBy {
    /// The program.
    #[default]
    Program,
    /// The roadmap.
    Roadmap,
    /// The project's config.
    Project,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The name; filled when the entry is registered.
    #[serde(skip)]
    pub(super) id: SignalId,
    /// A few words for tables: "PostgreSQL connections in use".
    pub title: String,
    /// What it is and why it matters.
    pub description: String,
    /// The base unit of its values.
    pub unit: Unit,
    /// For a share of something countable: what is counted, such as "connections".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Which way it gets worse.
    pub direction: Direction,
    /// What runs out when it gets worse; for background, what it is about.
    #[serde(skip)]
    pub resource: Option<ResourceId>,
    /// The name of that.
    #[serde(default, rename = "resource", skip_serializing_if = "Option::is_none")]
    pub(super) resource_name: Option<String>,
    /// The system it belongs to: `postgres`, `redis`, `host`, `http`, …
    pub system: String,
    /// Its role in the assessment.
    pub role: Role,
    /// Whether it fluctuates between samples, so a few readings are not conclusive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fluctuates: bool,
    /// Whether it is bad after every start until it has warmed up, so that it names no bottleneck before it has lasted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warms_up: bool,
    /// The signal that counts the events per second behind a ratio or a percentile; too few are not evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<String>,
    /// What drives it to its limit, where that can be forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driven_by: Option<Driver>,
    /// The aggregate a condition uses when it names none.
    pub aggregate: Aggregate,
    /// The label that tells instances apart in Prometheus answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What tells its instances apart, where that is not the exporter that shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// How several series become one; without it several series are a gap, unless `instance` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce: Option<Reduce>,
    /// The settings of the system that set its limit, as they are written in its files: `max_connections`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// The sources besides Prometheus that read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub native: Vec<String>,
    /// Prometheus queries, tried in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prometheus: Vec<Candidate>,
    /// For a signal that no exporter has under a name of its own: a query a project might bind it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// For a signal that the assessment computes from others: what it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
    /// Its own limits; `thresholds.toml`, the roadmap and the config may set others.
    #[serde(default, skip_serializing_if = "DefaultLimits::is_empty")]
    pub limits: DefaultLimits,
    /// Who defined it.
    #[serde(default)]
    pub defined_by: DefinedBy,
}

/// One way to read a signal from a Prometheus-compatible server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The exporter or library that provides the metrics.
    pub exporter: String,
    /// Metrics that must exist for the query to mean anything.
    pub needs: Vec<String>,
    /// Metrics that the query uses where they exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// The end of the name of a metric that may begin with anything, and is written in the query as `$metric`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// Whether it reads other instances than the ways before it, so that it is read beside the first that gives
    /// something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beside: bool,
    /// The query; `$rate` is replaced by a range of at least four scrapes. For a share it gives the usage, in the units
    /// of `of`.
    pub query: String,
    /// For a share: the query for what the usage may reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// For a quantile of a histogram: the name of its bucket series, whose highest finite `le` bounds what
    /// the quantile can say. PromQL cannot turn a label into a value, so the reader asks for the label's values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<String>,
}

/// Something that runs out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The name; filled when the entry is registered.
    #[serde(skip)]
    pub(super) id: ResourceId,
    /// A few words: "PostgreSQL connections".
    pub title: String,
    /// True when the title takes a plural verb.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plural: bool,
    /// The title of one of several instances; `{}` stands for its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instance_title: Option<String>,
    /// Whether it is something of which nothing is left; otherwise it becomes slow or ineffective.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub runs_out: bool,
    /// Whether more of it can be had by adding instances.
    pub scales_out: bool,
    /// What it is.
    pub description: String,
    /// How many seconds it takes to get more of it, where the roadmap does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_seconds: Option<f64>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_true(value: &bool) -> bool {
    *value
}

impl Signal {
    /// The name.
    pub fn id(&self) -> SignalId {
        self.id
    }

    /// The unit of its usage and limit, for a share of something countable; of what it is a share of otherwise.
    pub fn usage_unit(&self) -> Unit {
        match self.of.as_deref() {
            None => self.unit,
            Some(word) => Unit::named(word).unwrap_or(Unit::Count),
        }
    }

    /// Whether the program itself knows it.
    pub fn is_built_in(&self) -> bool {
        self.defined_by == DefinedBy::Program
    }

    /// What tells its instances apart: the exporter's server where the catalogue names the label `instance`, and the
    /// thing that the label names otherwise.
    pub fn identity(&self) -> Identity {
        let usual =
            if self.instance.as_deref() == Some("instance") { Identity::Server } else { Identity::Object };
        self.identity.unwrap_or(usual)
    }

    /// The words for it, with the instance where there are several.
    pub fn of_instance(&self, instance: Option<&str>) -> String {
        instance.map_or_else(|| self.title.clone(), |instance| format!("{} of {instance}", self.title))
    }
}

impl Resource {
    /// The name.
    pub fn id(&self) -> ResourceId {
        self.id
    }

    /// The words for it, with the instance where there are several.
    pub fn of_instance(&self, instance: Option<&str>) -> String {
        match (instance, &self.instance_title) {
            (None, _) => self.title.clone(),
            (Some(instance), Some(title)) => title.replace("{}", instance),
            (Some(instance), None) => format!("{} of {instance}", self.title),
        }
    }
}

/// The limits of one signal, in its unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultLimits {
    /// From here on it is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Quantity>,
    /// From here on it is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Quantity>,
    /// Where the resource is saturated; the critical limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
    /// How long a limit must be exceeded without interruption, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    #[schemars(with = "Option<f64>")]
    pub sustained: Option<Duration>,
}

impl DefaultLimits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These limits where there are some, and others where there are none.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            warning: self.warning.or(other.warning),
            critical: self.critical.or(other.critical),
            limit: self.limit.or(other.limit),
            sustained: self.sustained.or(other.sustained),
        }
    }
}

mod seconds {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.serialize_f64(duration.as_secs_f64()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
    }
}
