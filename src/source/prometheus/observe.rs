//! From instances to observations: with the resolution of a histogram, what is missing, and the origin.

use std::collections::{BTreeMap, BTreeSet};

use super::{NAME, instances::Instance, plan::QueryPlan};
use crate::{
    signal::{Quantity, Signal, Unit},
    snapshot::{AmbiguousScope, Observation, Origin, REPLICAS, Resolution},
};

/// What reading one signal gave besides a failure.
#[derive(Debug, Default)]
pub(super) struct SignalResult {
    pub(super) observations: Vec<Observation>,
    /// Hourly means of the past, where they are needed.
    pub(super) history: Vec<Observation>,
    pub(super) notes: BTreeSet<String>,
    pub(super) ambiguous: Vec<AmbiguousScope>,
}

impl SignalResult {
    /// Adds what another way gave, which is of other instances.
    pub(super) fn extend(&mut self, other: Self) {
        self.observations.extend(other.observations);
        self.history.extend(other.history);
        self.notes.extend(other.notes);
        self.ambiguous.extend(other.ambiguous);
    }
}

/// What is known besides the signal itself.
pub(super) struct Extras {
    /// How finely the signal's histogram is known, where it is a quantile.
    pub(super) resolution: Option<Resolution>,
    /// What the server warned of.
    pub(super) warnings: BTreeSet<String>,
    /// Metrics that the query would use and that do not exist.
    pub(super) missing: Vec<String>,
}

/// One observation for each instance.
pub(super) fn observations(
    signal: &Signal,
    plan: &QueryPlan,
    query: &str,
    instances: Vec<Instance>,
    extras: &Extras,
) -> Vec<Observation> {
    let ceiling = match &extras.resolution {
        Some(Resolution::Buckets(bounds)) => bounds.last().copied(),
        _ => None,
    };
    let observation = |instance: Instance| {
        let Instance { name, labels, values, limit, mut notes, replicas } = instance;
        let mut attributes = BTreeMap::from([("exporter".to_owned(), plan.exporter.clone())]);
        attributes.extend(replicas.map(|count| (REPLICAS.to_owned(), count.to_string())));
        if let Some(ceiling) = ceiling
            && let Some(note) = touching(ceiling, signal.unit, values.values())
        {
            attributes.insert("at_highest_bucket".to_owned(), ceiling.to_string());
            notes.push(note);
        }
        if !extras.missing.is_empty() {
            notes.push(format!("counted without {}, not exported here", extras.missing.join(", ")));
        }
        notes.extend(extras.warnings.iter().map(|warning| format!("partial: {warning}")));
        let origin = Origin { source: NAME.to_owned(), query: query.to_owned() };
        Observation {
            instance: name,
            labels,
            limit,
            resolution: extras.resolution.clone(),
            attributes,
            notes,
            ..Observation::new(signal.id(), values, origin)
        }
    };
    instances.into_iter().map(observation).collect()
}

/// A quantile that lies beyond the highest finite bucket is given as that bucket's bound: it is only a lower
/// bound of the truth.
fn touching(ceiling: f64, unit: Unit, values: &[f64]) -> Option<String> {
    let count = values.iter().filter(|value| **value >= ceiling).count();
    let bound = Quantity::new(ceiling, unit)?;
    (count > 0).then(|| {
        format!(
            "{count} of {} samples lie at the highest bucket: they are at least {bound}, and may be more",
            values.len()
        )
    })
}
