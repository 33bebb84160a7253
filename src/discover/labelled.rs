//! Metrics whose usage and limit are two values of a label: `{type="used"}` and `{type="hard"}`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Labels, MetricSeries,
    found::{Form, Term},
    metric::{Reading, Role, read_name},
    names::is_of_slots,
};

/// Words of usage, for a matcher that finds metrics told apart by them.
pub const USED_VALUES: &str = "used|in_?[uU]se|current|active|busy|allocated|used_.*|.*_used";

/// Labels that may distinguish usage from limit.
pub const STATE_LABELS: [&str; 11] = [
    "type",
    "state",
    "status",
    "kind",
    "mode",
    "conn_type",
    "stat",
    "usage",
    "shared",
    "memory_type",
    "category",
];

/// Labels that identify instances, never states.
pub(super) fn is_identity(label: &str) -> bool {
    matches!(
        label,
        "job"
            | "instance"
            | "pod"
            | "namespace"
            | "node"
            | "host"
            | "container"
            | "cluster"
            | "service"
            | "device"
            | "mountpoint"
            | "fstype"
            | "name"
            | "pool"
            | "id"
            | "uid"
            | "queue"
            | "server"
            | "datname"
            | "db"
    )
}

/// What the value of a label says.
pub(super) fn role(value: &str) -> Option<Role> {
    reading(value).map(|reading| reading.role)
}

fn reading(value: &str) -> Option<Reading> {
    read_name(value).filter(|reading| reading.nouns.is_empty() && reading.role != Role::Bare)
}

/// Whether any series of a metric has a value of usage in a label of states.
pub(super) fn has_states(series: &[MetricSeries]) -> bool {
    series
        .iter()
        .flat_map(|series| &series.labels)
        .any(|(label, value)| !is_identity(label) && matches!(role(value), Some(Role::Usage(_))))
}

/// A resource within one metric.
#[derive(Debug)]
pub(super) struct Within {
    pub(super) form: Form,
    /// The labels besides the one of states.
    pub(super) labels: Labels,
}

/// The resources within a metric, by its label of states.
pub(super) fn resources(metric: &str, series: &[MetricSeries]) -> Vec<Within> {
    let Some(own) = read_name(metric).or_else(|| read_as_container(metric)) else { return Vec::new() };
    let labels: BTreeSet<&String> =
        series.iter().flat_map(|series| series.labels.keys()).filter(|label| !is_identity(label)).collect();
    for label in labels {
        let mut groups: BTreeMap<Labels, BTreeMap<&str, f64>> = BTreeMap::new();
        for entry in series {
            let (Some(value), Some(now)) = (entry.labels.get(label), entry.now()) else { continue };
            let mut others = entry.labels.clone();
            others.remove(label);
            groups.entry(others).or_default().insert(value, now);
        }
        let found: Vec<Within> = groups
            .into_iter()
            .filter_map(|(labels, values)| Some(Within { form: form(metric, &own, label, &values)?, labels }))
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The values of a metric that names itself by its limit only, such as `resourcequota`.
fn read_as_container(metric: &str) -> Option<Reading> {
    read_name(&format!("{metric}_value"))
}

fn form(metric: &str, own: &Reading, label: &str, values: &BTreeMap<&str, f64>) -> Option<Form> {
    let term = |value: &str| Term {
        metric: metric.to_owned(),
        matchers: vec![(label.to_owned(), value.to_owned())],
    };
    let roles: Vec<(&str, Role, f64)> =
        values.iter().filter_map(|(value, now)| Some((*value, reading(value)?.role, *now))).collect();
    let rank = |role: Role| if let Role::Usage(rank) = role { rank } else { 0 };
    let used = roles
        .iter()
        .filter(|(_, role, _)| rank(*role) > 0)
        .max_by(|a, b| rank(a.1).cmp(&rank(b.1)).then(a.2.total_cmp(&b.2)))?;
    let hard = |value: &str| value.contains("hard");
    let limit = roles
        .iter()
        .filter(|(_, role, _)| *role == Role::Limit)
        .max_by_key(|(value, ..)| hard(value))
        .or_else(|| roles.iter().find(|(_, role, _)| *role == Role::Amount { whole: true }));
    if let Some((limit, ..)) = limit {
        return Some(Form::Pair { usage: term(used.0), limit: term(limit), summed: false });
    }
    let (free, ..) = roles.iter().find(|(_, role, _)| *role == Role::Free)?;
    let idle = *free == "idle";
    let worker = is_of_slots(own) || own.has("process");
    let sure = if idle { rank(used.1) >= 2 && worker } else { !own.has("heap") };
    sure.then(|| Form::Parts { used: term(used.0), free: term(free), rest: rest(metric, label, values) })
}

/// States of memory that are neither used nor free, and part of the whole.
fn rest(metric: &str, label: &str, values: &BTreeMap<&str, f64>) -> Vec<Term> {
    const CACHES: [&str; 7] =
        ["cached", "buffered", "buffers", "cache", "inactive", "slab_reclaimable", "slab_unreclaimable"];
    let is_cache = |value: &&&str| CACHES.contains(*value);
    values
        .keys()
        .filter(is_cache)
        .map(|value| Term {
            metric: metric.to_owned(),
            matchers: vec![(label.to_owned(), (*value).to_owned())],
        })
        .collect()
}
