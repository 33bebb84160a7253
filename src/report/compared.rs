//! Two months side by side.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Month, MonthOfLoad, ReportInput, load, resources};
use crate::{
    assess::{AssessmentInput, Survey},
    signal::{Quantity, SignalId, Unit},
    snapshot::Snapshot,
};

/// The month compared with another.
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
    /// The peak hour in the other month: of the load the median of all days, of resources as in section 4; null when
    /// unknown.
    pub other: Option<Quantity>,
    /// The same in the report's month.
    pub month: Option<Quantity>,
    /// From the other to the report's, as a share of the other; null when unknown, and of the load where either month has
    /// fewer than 20 days.
    pub change: Option<f64>,
    /// Hours beyond the warning limit: in the other month and in the report's; null when unknown.
    pub hours_beyond: [Option<usize>; 2],
}

pub(super) fn section(material: &ReportInput<'_>, survey: &Survey, other: Month) -> Comparison {
    let course = &survey.forecast.load;
    let mut rows = vec![of_load(course.signal, &load::months(&course.history), [other, material.month])];
    rows.extend(of_resources(material.input, material.snapshot, [other, material.month]));
    Comparison { with: other.to_string(), rows }
}

fn of_load(signal: SignalId, months: &[MonthOfLoad], both: [Month; 2]) -> Compared {
    let found = both.map(|wanted| months.iter().find(|month| month.month == wanted.to_string()));
    let values = found.map(|month| Quantity::new(month?.busy_hour, Unit::Count));
    let well_known = found.iter().flatten().all(|month| month.days >= load::FEWEST_DAYS);
    let row = compared(signal, None, values, [None, None]);
    Compared { change: row.change.filter(|_| well_known), ..row }
}

fn of_resources(input: &AssessmentInput, snapshot: &Snapshot, both: [Month; 2]) -> Vec<Compared> {
    let [other, month] = both.map(|month| resources::months(input, snapshot, month));
    let mut names: Vec<(SignalId, Option<String>)> =
        month.iter().chain(&other).map(|row| (row.signal, row.instance.clone())).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let by_name = [&other, &month].map(|all| {
        // The first of each name.
        let named = |row: &resources::ResourceMonth| (row.signal, row.instance.clone());
        all.iter().rev().map(|row| (named(row), row)).collect::<BTreeMap<_, _>>()
    });
    names
        .into_iter()
        .map(|(signal, instance)| {
            let name = (signal, instance);
            let found = by_name.each_ref().map(|rows| rows.get(&name).copied());
            let (signal, instance) = name;
            let values = found.map(|row| row.map(|row| row.busy_hour));
            let beyond = found.map(|row| row.map(resources::ResourceMonth::hours_beyond));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_of_a_few_days_is_shown_but_not_compared() {
        let signal = SignalId::find("users.concurrent").unwrap();
        let month = |month: &str, busy_hour, days| MonthOfLoad {
            month: month.to_owned(),
            busy_hour,
            highest: busy_hour,
            days,
            change: None,
        };
        let months = [month("2026-09", 100.0, 30), month("2026-10", 150.0, 31), month("2026-11", 90.0, 4)];
        let row = |both: [&str; 2]| {
            let row = of_load(signal, &months, both.map(|month| month.parse().unwrap()));
            (row.other.map(Quantity::value), row.month.map(Quantity::value), row.change)
        };
        assert_eq!(row(["2026-09", "2026-10"]), (Some(100.0), Some(150.0), Some(0.5)));
        assert_eq!(row(["2026-10", "2026-11"]), (Some(150.0), Some(90.0), None));
        assert_eq!(row(["2026-11", "2026-10"]), (Some(90.0), Some(150.0), None));
        assert_eq!(row(["2026-08", "2026-09"]), (None, Some(100.0), None));
    }
}
