//! The catalogue: every signal and resource this program knows, read from `catalog.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{Aggregate, ResourceId, SignalId, Unit};

const TEXT: &str = include_str!("catalog.toml");

#[expect(clippy::expect_used, reason = "the file is embedded and a test reads it")]
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::parse(TEXT).expect("catalog.toml is valid"));

/// The catalogue built into the program.
pub fn catalog() -> &'static Catalog {
    &CATALOG
}

/// Signals and resources by name, in the order of their names.
#[derive(Debug)]
pub struct Catalog {
    pub(super) signals: BTreeMap<&'static str, Signal>,
    pub(super) resources: BTreeMap<&'static str, Resource>,
}

/// Which way a signal gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is worse: connections, latency.
    HigherIsWorse,
    /// Less is worse: hit ratios.
    LowerIsWorse,
}

/// What a signal is to the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The usage of something that has a limit and runs out.
    Resource,
    /// What users or operators feel: it has an objective and no headroom, and names a bottleneck only when no
    /// resource explains it.
    ServiceLevel,
    /// What phases count.
    Load,
    /// Background for a reader; it names no bottleneck.
    Context,
}

/// What brings a signal to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// The load: each user takes a share of it.
    Load,
    /// Time: it fills up whether the load grows or not.
    Itself,
}

/// What tells the instances of a signal apart in Prometheus answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The server that an exporter shows: every label that is not part of the metric itself.
    Server,
    /// A process of an application: pods of one workload are one, of which the worst counts.
    Workload,
    /// A thing that several exporters may show alike, such as a queue: whoever shows it does not matter.
    Object,
}

/// How several instances become one, where the sum or the worst of them is what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduce {
    /// Added up: users of all servers.
    Sum,
    /// The highest.
    Max,
    /// The lowest.
    Min,
}

/// One entry of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The name; filled from the table's key.
    #[serde(skip)]
    id: &'static str,
    /// A few words for tables: "PostgreSQL connections in use".
    pub title: String,
    /// What it is and why it matters.
    pub description: String,
    /// The base unit of its values.
    pub unit: Unit,
    /// For a share of something countable: what is counted, such as "connections".
    pub of: Option<String>,
    /// Which way it gets worse.
    pub direction: Direction,
    /// What runs out when it gets worse; for background, what it is about.
    #[serde(skip)]
    pub resource: Option<ResourceId>,
    #[serde(rename = "resource")]
    resource_name: Option<String>,
    /// The system it belongs to: `postgres`, `redis`, `host`, `http`, …
    pub system: String,
    /// What it is to the judgement.
    pub role: Role,
    /// Whether it swings from sample to sample, so that a few readings prove nothing.
    #[serde(default)]
    pub fluctuates: bool,
    /// The signal that counts what a ratio or a percentile is of, events a second: it takes some to be judged.
    pub traffic: Option<String>,
    /// What brings it to its limit, where that can be forecast.
    pub driven_by: Option<Driver>,
    /// The aggregate a condition uses when it names none.
    pub aggregate: Aggregate,
    /// The label that tells instances apart in Prometheus answers.
    pub instance: Option<String>,
    /// What tells its instances apart, where that is not the exporter that shows them.
    pub identity: Option<Identity>,
    /// How several series become one; without it several series are a gap, unless `instance` is set.
    pub reduce: Option<Reduce>,
    /// The sources besides Prometheus that read it.
    #[serde(default)]
    pub native: Vec<String>,
    /// Prometheus queries, tried in order.
    #[serde(default)]
    pub prometheus: Vec<Candidate>,
    /// For a signal that no exporter has under a name of its own: a query a project might bind it to.
    pub example: Option<String>,
    /// For a signal that the assessment computes from others: what it needs.
    pub computed: Option<String>,
}

/// One way to read a signal from a Prometheus-compatible server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The exporter or library that provides the metrics.
    pub exporter: String,
    /// Metrics that must exist for the query to mean anything.
    pub needs: Vec<String>,
    /// Metrics that the query uses where they exist.
    #[serde(default)]
    pub optional: Vec<String>,
    /// The query; `$rate` stands for a range of at least four scrapes. For a share it gives the usage, in the units of
    /// `of`.
    pub query: String,
    /// For a share: the query for what the usage may reach.
    pub limit: Option<String>,
    /// For a quantile of a histogram: the name of its bucket series, whose highest finite `le` bounds what
    /// the quantile can say. PromQL cannot turn a label into a value, so the reader asks for the label's values.
    pub buckets: Option<String>,
}

/// Something that runs out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The name; filled from the table's key.
    #[serde(skip)]
    id: &'static str,
    /// A few words: "PostgreSQL connections".
    pub title: String,
    /// True when the title takes a plural verb.
    #[serde(default)]
    pub plural: bool,
    /// The words for one of several instances, whose name takes the place of `{}`.
    instance_title: Option<String>,
    /// Whether it is something of which nothing is left; otherwise it becomes slow or ineffective.
    #[serde(default = "yes")]
    pub runs_out: bool,
    /// Whether more of it can be had by adding instances.
    pub scales_out: bool,
    /// What it is.
    pub description: String,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    resources: BTreeMap<String, Resource>,
    signals: BTreeMap<String, Signal>,
}

impl Catalog {
    fn parse(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut resources = BTreeMap::new();
        for (name, mut resource) in raw.resources {
            resource.id = Box::leak(name.into_boxed_str());
            resources.insert(resource.id, resource);
        }
        let mut signals = BTreeMap::new();
        for (name, mut signal) in raw.signals {
            signal.id = Box::leak(name.into_boxed_str());
            if let Some(resource) = &signal.resource_name {
                let known = resources.get(resource.as_str());
                let known = known.ok_or_else(|| format!("{}: unknown resource {resource}", signal.id))?;
                signal.resource = Some(ResourceId(known.id));
            }
            signal.prometheus.iter_mut().for_each(Candidate::join_lines);
            signals.insert(signal.id, signal);
        }
        Ok(Self { signals, resources })
    }

    /// Every signal, by name.
    pub fn signals(&self) -> impl Iterator<Item = &Signal> {
        self.signals.values()
    }

    /// Every resource, by name.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }
}

impl Candidate {
    /// Long queries stand on several lines in the file; everywhere else they are shown on one.
    fn join_lines(&mut self) {
        for text in [Some(&mut self.query), self.limit.as_mut()].into_iter().flatten() {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
}

impl Signal {
    /// The name.
    pub fn id(&self) -> SignalId {
        SignalId(self.id)
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
        ResourceId(self.id)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_valid() {
        Catalog::parse(TEXT).unwrap();
    }

    #[test]
    fn every_signal_can_be_read_and_belongs_somewhere() {
        for signal in catalog().signals() {
            let read = !signal.prometheus.is_empty() || !signal.native.is_empty();
            let found = read || signal.example.is_some();
            assert!(
                found != signal.computed.is_some(),
                "{}: read, bound by the project, or computed",
                signal.id
            );
            // Background may say which resource it is about; load is about none of them.
            let allowed: &[bool] = match signal.role {
                Role::Resource | Role::ServiceLevel => &[true],
                Role::Load => &[false],
                Role::Context => &[true, false],
            };
            assert!(
                allowed.contains(&signal.resource.is_some()),
                "{}: role and resource disagree",
                signal.id
            );
            let runs_out = signal.resource.is_none_or(|resource| resource.entry().runs_out);
            assert!(runs_out || signal.role != Role::Resource, "{}: does it run out?", signal.id);
            for candidate in &signal.prometheus {
                assert_eq!(candidate.limit.is_some(), signal.of.is_some(), "{}: a share of what?", signal.id);
                assert!(!candidate.needs.is_empty(), "{}: a candidate needs no metric", signal.id);
                for metric in candidate.needs.iter().chain(&candidate.optional) {
                    let text = format!("{} {}", candidate.query, candidate.limit.as_deref().unwrap_or(""));
                    assert!(text.contains(metric.as_str()), "{}: {metric} is needed but not used", signal.id);
                }
            }
        }
    }

    #[test]
    fn every_resource_has_a_signal() {
        for resource in catalog().resources() {
            let used = catalog().signals().any(|signal| signal.resource == Some(resource.id()));
            assert!(used, "{}: no signal tells when it runs out", resource.id);
        }
    }
}
