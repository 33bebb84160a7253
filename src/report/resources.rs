//! Section 4: the month of every resource against its limits.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Breach, DayOf, Month, ReportInput, hours};
use crate::{
    assess::{Assessment, AssessmentInput, SignalLimits, Verdict, headroom},
    signal::{Aggregate, Direction, Quantity, ResourceId, Role, SignalId, quantile},
    snapshot::{Observation, Snapshot},
};

/// The resources.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResourceSection {
    /// Those with data for the month, least headroom first.
    pub months: Vec<ResourceMonth>,
    /// Those with only a current value.
    pub only_now: Vec<ResourceNow>,
}

/// The month of one series that has limits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResourceMonth {
    /// The resource it belongs to.
    pub resource: Option<ResourceId>,
    /// The signal.
    pub signal: SignalId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What 100 % is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Its limits.
    pub limits: SignalLimits,
    /// Each day with data.
    pub days: Vec<DayOf>,
    /// The mean of all hours.
    pub mean: Quantity,
    /// The peak hour: of the days' worst hourly means, the value that one day in twenty passes.
    pub busy_hour: Quantity,
    /// The worst hourly mean.
    pub worst: Quantity,
    /// The share left at the peak hour before it is used up; null without such a limit.
    pub headroom: Option<f64>,
    /// The hours beyond a limit.
    pub breaches: Vec<Breach>,
    /// Hours that are known.
    pub hours_known: usize,
    /// Hours of the month that are over.
    pub hours_over: usize,
}

/// A resource without data for the month.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResourceNow {
    /// The resource.
    pub resource: ResourceId,
    /// The signal; null when nothing measures it.
    pub signal: Option<SignalId>,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The present value; null when it is not measured.
    pub now: Option<Quantity>,
    /// What 100 % is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Where it is used up.
    pub limit: Option<Quantity>,
    /// How bad it is.
    pub verdict: Verdict,
    /// The share left before the limit.
    pub headroom: Option<f64>,
}

impl ResourceMonth {
    /// Hours beyond the warning limit.
    pub fn hours_beyond(&self) -> usize {
        self.breaches.iter().map(|breach| breach.hours).sum()
    }
}

pub(super) fn section(material: &ReportInput<'_>, assessment: &Assessment) -> ResourceSection {
    let months = months(material.input, material.snapshot, material.month);
    let told = |resource| months.iter().any(|month: &ResourceMonth| month.resource == Some(resource));
    let others = assessment
        .bottlenecks
        .iter()
        .filter(|bottleneck| !told(bottleneck.resource) && bottleneck.now.is_some());
    let only_now = others
        .map(|bottleneck| ResourceNow {
            resource: bottleneck.resource,
            signal: bottleneck.signal,
            instance: bottleneck.instance.clone(),
            now: bottleneck.now,
            capacity: bottleneck.capacity,
            limit: bottleneck.limit,
            verdict: bottleneck.verdict,
            headroom: bottleneck.headroom,
        })
        .collect();
    ResourceSection { months, only_now }
}

/// Every series of the history that has limits, least headroom first.
pub(super) fn months(input: &AssessmentInput, snapshot: &Snapshot, month: Month) -> Vec<ResourceMonth> {
    let judged = snapshot.history.iter().filter(|series| {
        let role = series.signal.entry().role;
        matches!(role, Role::Resource | Role::ServiceLevel)
    });
    let present = present(snapshot);
    let of_series = |series: &Observation| {
        let row = of_series(input, snapshot, series, month)?;
        // The history keeps no capacities; the present does.
        let known = || present.get(&(series.signal, series.instance.as_deref()))?.capacity();
        Some(ResourceMonth { capacity: row.capacity.or_else(known), ..row })
    };
    let mut months: Vec<ResourceMonth> = judged.filter_map(of_series).collect();
    let room = |row: &ResourceMonth| row.headroom.unwrap_or(f64::INFINITY);
    months.sort_by(|a, b| {
        room(a).total_cmp(&room(b)).then_with(|| (a.signal, &a.instance).cmp(&(b.signal, &b.instance)))
    });
    months
}

fn of_series(
    input: &AssessmentInput,
    snapshot: &Snapshot,
    observation: &Observation,
    month: Month,
) -> Option<ResourceMonth> {
    let entry = observation.signal.entry();
    let limits = SignalLimits::for_signal(input, observation.signal);
    if limits == SignalLimits::default() {
        return None;
    }
    let hours = hours::of_month(snapshot, observation, month);
    let days = hours::days(&hours);
    let worst = match entry.direction {
        Direction::HigherIsWorse => Aggregate::Max,
        Direction::LowerIsWorse => Aggregate::Min,
    };
    let values: Vec<f64> = hours.iter().map(|(_, value)| *value).collect();
    let quantity = |value: f64| Quantity::new(value, entry.unit);
    let busy_hour = quantity(busy_hour(&days, entry.direction)?)?;
    let full = limits.full.as_ref();
    let end_ms = hours::hours_range(snapshot, month).end;
    Some(ResourceMonth {
        resource: entry.resource,
        signal: observation.signal,
        instance: observation.instance.clone(),
        capacity: observation.capacity(),
        mean: quantity(Aggregate::Avg.of(&values)?)?,
        busy_hour,
        worst: quantity(worst.of(&values)?)?,
        headroom: full.and_then(|full| headroom(entry.direction, busy_hour, full.at)),
        breaches: hours::breaches(&hours, &limits, (entry.direction, entry.unit), end_ms),
        hours_known: hours.len(),
        hours_over: hours::hours_over(snapshot, month),
        limits,
        days,
    })
}

/// Of the days' worst hourly means the value that one day in twenty passes; nothing of no day.
fn busy_hour(days: &[DayOf], direction: Direction) -> Option<f64> {
    let (worst_of_day, share) = match direction {
        Direction::HigherIsWorse => (DayOf::high_of as fn(&DayOf) -> f64, 0.95),
        Direction::LowerIsWorse => (DayOf::low_of as fn(&DayOf) -> f64, 0.05),
    };
    quantile(&days.iter().map(worst_of_day).collect::<Vec<_>>(), share)
}

/// The first present observation of each signal and instance.
fn present(snapshot: &Snapshot) -> BTreeMap<(SignalId, Option<&str>), &Observation> {
    let mut present = BTreeMap::new();
    for observation in &snapshot.observations {
        present.entry((observation.signal, observation.instance.as_deref())).or_insert(observation);
    }
    present
}

impl DayOf {
    fn high_of(&self) -> f64 {
        self.high
    }

    fn low_of(&self) -> f64 {
        self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_twenty_passes_the_busy_hour_whichever_way_is_worse() {
        let first: chrono::NaiveDate = "2026-10-01".parse().unwrap();
        let days: Vec<DayOf> = (0_u32..21)
            .zip(first.iter_days())
            .map(|(day, date)| {
                let worst = f64::from(day);
                DayOf { date, low: 100.0 + worst, mean: 200.0, high: 300.0 + worst, hours: 24 }
            })
            .collect();
        assert_eq!(busy_hour(&days, Direction::HigherIsWorse), Some(319.0));
        assert_eq!(busy_hour(&days, Direction::LowerIsWorse), Some(101.0));
        assert_eq!(busy_hour(&[], Direction::LowerIsWorse), None);
    }
}
