//! What a signal is now, and observations of its instances: with the resolution of a histogram, what is missing, and the
//! origin.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    NAME,
    grid::stitch,
    instances::{Instance, Instances, Rules, instances},
    plan::QueryPlan,
    promql::Query,
    reader::Reader,
    resolution,
};
use crate::{
    signal::{Quantity, Signal, Unit},
    snapshot::{AmbiguousScope, Observation, Origin, REPLICAS, Reason, Resolution, Unavailable},
};

/// What reading one signal gave besides a failure.
#[derive(Debug, Default)]
pub(super) struct SignalResult {
    pub(super) observations: Vec<Observation>,
    /// Those of instances that stopped reporting a short while ago.
    pub(super) stopped: Vec<Observation>,
    /// Hourly means of the past, where they are needed.
    pub(super) history: Vec<Observation>,
    pub(super) notes: BTreeSet<String>,
    pub(super) ambiguous: Vec<AmbiguousScope>,
}

impl SignalResult {
    /// Adds what another way gave, which is of other instances.
    pub(super) fn extend(&mut self, other: Self) {
        self.observations.extend(other.observations);
        self.stopped.extend(other.stopped);
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

impl Reader {
    /// Reads the window of one way to read a signal.
    ///
    /// # Errors
    /// When the server does not answer, gives nothing, or the instances cannot be told apart.
    pub(super) async fn read_present(
        &self,
        signal: &Signal,
        plan: &QueryPlan,
    ) -> Result<SignalResult, Unavailable> {
        let ranges = self.ranges(plan, self.grid.step).await;
        let (usage, limit, resolution) = tokio::join!(
            self.whole(signal, plan, &plan.query, &ranges, self.grid),
            self.whole_of(signal, plan, plan.limit.as_deref(), &ranges, self.grid),
            self.resolution(plan),
        );
        let (query, usage) = usage?;
        if usage.series.is_empty() {
            return Err(match usage.warnings.first() {
                Some(warning) => {
                    Unavailable::new(Reason::Partial, format!("nothing, and a warning: {warning}"))
                }
                None => self.why_empty(plan, &ranges).await,
            });
        }
        let mut notes = usage.infos.clone();
        notes.extend(usage.warnings.iter().cloned());
        let mut warnings = usage.warnings;
        let (limit_query, limit) = limit?;
        warnings.extend(limit.warnings.iter().cloned());
        let limits = plan.limit.as_ref().map(|_| limit.series.as_slice());
        let rules = Rules { signal, scope: &self.settings.scope, grid: self.grid, is_bound: plan.is_bound };
        let Instances { alive, stopped, notes: of_instances, ambiguous } =
            instances(rules, usage.series, limits)?;
        notes.extend(of_instances);
        let query = if plan.limit.is_some() { format!("({query}) / ({limit_query})") } else { query };
        let extras = Extras { resolution, warnings, missing: self.missing_parts(plan) };
        let [observations, stopped] =
            [alive, stopped].map(|instances| observations(signal, plan, &query, instances, &extras));
        Ok(SignalResult { observations, stopped, history: Vec::new(), notes, ambiguous })
    }

    /// The optional metrics that are not there.
    fn missing_parts(&self, plan: &QueryPlan) -> Vec<String> {
        plan.optional.iter().filter(|metric| self.is_missing(metric)).cloned().collect()
    }

    /// How finely a plan's histogram is known; `None` where it has none, or where the server does not report it.
    async fn resolution(&self, plan: &QueryPlan) -> Option<Resolution> {
        let metric = plan.buckets.as_ref()?;
        let text =
            if plan.is_native { format!("sum({metric})") } else { format!("count by (le) ({metric})") };
        let mut query = Query::parse(&text).ok()?;
        query.narrow(&self.settings.scope.matchers).ok()?;
        if plan.is_native {
            let histograms = self.client.native_histograms(&query.text(), self.grid.to).await.ok()?;
            return resolution::native(&histograms);
        }
        let answer = self.client.range(&query.text(), self.grid.recent()).await.ok()?;
        resolution::classic(&stitch(vec![answer]))
    }
}
