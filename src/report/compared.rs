//! Two months side by side.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Material, Month, load, resources};
use crate::{
    assess::{Framework, Survey},
    signal::{Quantity, SignalId, Unit},
    snapshot::Snapshot,
};

/// The month beside another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The other month.
    pub with: String,
    /// The load, then every resource that has limits.
    pub rows: Vec<Compared>,
}

/// One figure in both months.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Compared {
    /// The signal.
    pub signal: SignalId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The busy hour in the other month: of the load the median of all days, of resources as in section 4; null when
    /// unknown.
    pub other: Option<Quantity>,
    /// The same in the report's month.
    pub month: Option<Quantity>,
    /// From the other to the report's, as a share of the other; null when unknown.
    pub change: Option<f64>,
    /// Hours beyond the warning limit: in the other month and in the report's; null when unknown.
    pub hours_beyond: [Option<usize>; 2],
}

pub(super) fn section(material: &Material<'_>, survey: &Survey, other: Month) -> Comparison {
    let months = load::months(&survey.forecast.load.history);
    let load = |month: Month| {
        let found = months.iter().find(|one| one.month == month.to_string())?;
        Quantity::new(found.busy_hour, Unit::Count)
    };
    let first =
        compared(survey.forecast.load.signal, None, [load(other), load(material.month)], [None, None]);
    let mut rows = vec![first];
    rows.extend(of_resources(material.framework, material.snapshot, [other, material.month]));
    Comparison { with: other.to_string(), rows }
}

fn of_resources(framework: &Framework, snapshot: &Snapshot, both: [Month; 2]) -> Vec<Compared> {
    let [other, month] = both.map(|month| resources::months(framework, snapshot, month));
    let mut names: Vec<(SignalId, Option<String>)> =
        month.iter().chain(&other).map(|one| (one.signal, one.instance.clone())).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
        .into_iter()
        .map(|(signal, instance)| {
            let found = [&other, &month]
                .map(|all| all.iter().find(|one| one.signal == signal && one.instance == instance));
            let values = found.map(|one| one.map(|one| one.busy_hour));
            let beyond = found.map(|one| one.map(resources::ResourceMonth::hours_beyond));
            compared(signal, instance, values, beyond)
        })
        .collect()
}

fn compared(
    signal: SignalId,
    instance: Option<String>,
    [other, month]: [Option<Quantity>; 2],
    hours_beyond: [Option<usize>; 2],
) -> Compared {
    let change = other.zip(month).map(|(other, month)| month.value() / other.value() - 1.0);
    let change = change.filter(|change| change.is_finite());
    Compared { signal, instance, other, month, change, hours_beyond }
}
