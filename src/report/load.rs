//! Section 2: the load so far and to come, on the map of the roadmap.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Month, ReportInput};
use crate::{
    assess::{ExpectedEvent, ForecastLoad, PastDay, PhaseAhead, Survey},
    roadmap::{Milestone, Phase},
    signal::{Aggregate, ResourceId},
};

/// Days that a month must have so that it can be compared with another.
pub(super) const FEWEST_DAYS: usize = 20;

/// The load.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LoadSection {
    /// The peak hour of each day, and what may come.
    pub course: ForecastLoad,
    /// Each month with data, in order.
    pub months: Vec<MonthOfLoad>,
    /// The phases of the roadmap.
    pub phases: Vec<PhaseSpan>,
    /// What the roadmap expects to happen at which load.
    pub milestones: Vec<ExpectedMilestone>,
    /// When the load enters the phases ahead.
    pub ahead: Vec<PhaseAhead>,
    /// Events to come, and the resources that are too small for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events_ahead: Vec<ExpectedEvent>,
}

/// The load of a month.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MonthOfLoad {
    /// The month.
    pub month: String,
    /// The median of the days' busiest hours.
    pub busy_hour: f64,
    /// The busiest hour of all.
    pub highest: f64,
    /// Days that are known.
    pub days: usize,
    /// Against the month before, as a share; null where either has fewer than 20 days.
    pub change: Option<f64>,
}

/// The loads a phase holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PhaseSpan {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// From this load on.
    pub from: u64,
    /// Up to this load; null for the last.
    pub to: Option<u64>,
}

/// A milestone of the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExpectedMilestone {
    /// The load at which it is expected.
    pub users: u64,
    /// The load by which the remedy must be in place.
    pub act_by_users: Option<u64>,
    /// What happens.
    pub title: String,
    /// What runs out.
    pub resource: ResourceId,
}

pub(super) fn section(material: &ReportInput<'_>, survey: &Survey) -> LoadSection {
    let roadmap = &material.input.roadmap;
    let forecast = &survey.forecast;
    LoadSection {
        course: forecast.load.clone(),
        months: months(&forecast.load.history),
        phases: roadmap.phases.iter().map(span).collect(),
        milestones: roadmap.milestones.iter().map(milestone).collect(),
        ahead: forecast.phases.clone(),
        events_ahead: forecast.events_ahead.clone(),
    }
}

/// The months of days in ascending order.
pub(super) fn months(days: &[PastDay]) -> Vec<MonthOfLoad> {
    let month = |day: &PastDay| Month::containing(day.date);
    let mut months: Vec<MonthOfLoad> = Vec::new();
    let mut last: Option<Month> = None;
    for days in days.chunk_by(|a, b| month(a) == month(b)) {
        let values: Vec<f64> = days.iter().map(|day| day.value).collect();
        let (Some(first), Some(busy_hour), Some(highest)) =
            (days.first(), Aggregate::P50.of(&values), Aggregate::Max.of(&values))
        else {
            continue;
        };
        let this = month(first);
        let follows = last == Some(this.previous());
        let before =
            months.last().filter(|month| follows && month.days >= FEWEST_DAYS && month.busy_hour > 0.0);
        let before = before.filter(|_| values.len() >= FEWEST_DAYS);
        let change = before.map(|month| busy_hour / month.busy_hour - 1.0);
        months.push(MonthOfLoad { month: this.to_string(), busy_hour, highest, days: values.len(), change });
        last = Some(this);
    }
    months
}

fn span(phase: &Phase) -> PhaseSpan {
    let (number, title) = (phase.number, phase.title.clone());
    PhaseSpan { number, title, from: phase.users.low(), to: phase.users.high() }
}

fn milestone(milestone: &Milestone) -> ExpectedMilestone {
    let (users, act_by_users) = (milestone.users, milestone.act_by_users);
    ExpectedMilestone { users, act_by_users, title: milestone.title.clone(), resource: milestone.resource }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_compared_where_both_are_known_well() {
        let days: Vec<PastDay> = ["2026-09-01".parse().unwrap()]
            .into_iter()
            .flat_map(|first: chrono::NaiveDate| first.iter_days().take(65))
            .map(|date| PastDay {
                date,
                value: if Month::containing(date).to_string() == "2026-09" { 100.0 } else { 150.0 },
            })
            .collect();
        let months = months(&days);
        let changes: Vec<_> = months.iter().map(|month| (month.days, month.change)).collect();
        assert_eq!(changes, [(30, None), (31, Some(0.5)), (4, None)]);
    }
}
