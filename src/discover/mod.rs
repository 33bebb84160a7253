//! Finds resources that no catalogue describes: usages with their limits among the metrics of a server.
//!
//! ```text
//! names, types, help ─► candidates ─► metrics to read ─► series ─► checks ─► one way for each resource
//! ```
//! Pure: metrics and values in, resources out. A grammar of names proposes, data decides (`docs/discovery.md`).

#![deny(clippy::disallowed_methods)]

mod candidate;
mod check;
mod exposition;
mod found;
mod join;
mod labelled;
mod lexicon;
mod load;
mod metric;
mod names;
mod near;
mod resolve;
mod words;

use std::collections::BTreeMap;

pub use candidate::{Candidate, Confidence, Shape, metrics_of};
pub use exposition::{declaration, read_exposition};
pub use found::{Form, Found, Term};
pub use labelled::{STATE_LABELS, USED_VALUES};
pub use load::{LoadKind, LoadLike, loads};
pub use metric::{Metric, MetricKind};
pub use names::candidates;

/// Names and values of labels.
pub type Labels = BTreeMap<String, String>;

/// One series of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricSeries {
    /// Its labels, without the metric's name.
    pub labels: Labels,
    /// Unix milliseconds and values, oldest first; every value finite.
    pub samples: Vec<(i64, f64)>,
}

impl MetricSeries {
    /// The newest value.
    pub(crate) fn now(&self) -> Option<f64> {
        self.samples.last().map(|(_, value)| *value)
    }
}

/// The metrics of a server, as far as they were read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// What is listed, in the order of names.
    pub metrics: Vec<Metric>,
    /// The series of those that candidates need.
    pub series: BTreeMap<String, Vec<MetricSeries>>,
}

/// Candidates for metrics told apart by a label of states. Their names cannot propose them; labels do.
pub fn labelled_candidates<'a>(metrics: impl IntoIterator<Item = &'a str>) -> Vec<Candidate> {
    let candidate = |metric: &str| Candidate {
        shape: Shape::Labels { metric: metric.to_owned() },
        wall: format!("labels {metric}"),
        score: 260,
        confidence: Confidence::Medium,
        may_be_mark: false,
        may_be_full: true,
    };
    metrics.into_iter().map(candidate).collect()
}

/// The resources among candidates, each once, the fullest first.
pub fn resources(candidates: &[Candidate], inventory: &Inventory) -> Vec<Found> {
    let found = candidates.iter().flat_map(|candidate| check::resources(candidate, inventory)).collect();
    resolve::resolved(found)
}

/// The resources of an inventory whose series are all known, such as an exposition.
pub fn discover(inventory: &Inventory) -> Vec<Found> {
    let mut all = candidates(&inventory.metrics);
    let labelled = inventory
        .metrics
        .iter()
        .filter(|metric| matches!(metric.kind, MetricKind::Gauge | MetricKind::Unknown))
        .filter(|metric| {
            inventory.series.get(&metric.name).is_some_and(|series| labelled::has_states(series))
        });
    all.extend(labelled_candidates(labelled.map(|metric| metric.name.as_str())));
    resources(&all, inventory)
}
