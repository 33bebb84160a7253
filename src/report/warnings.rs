//! Recorded warnings against what happened: which came true, which were averted, which were false, and which
//! violations came without one.
//!
//! A warning is a resource that a recorded assessment expected to be exhausted within its lead time: its date to act was
//! today or earlier. Assessments that repeat it belong to it until its time has come, which is the end of the 90% interval
//! that was stated first, or the horizon where that was open. A violation is a day whose busiest hour was at the limit,
//! after a week without one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Share, hours};
use crate::{
    assess::{Assessment, AssessmentInput, Bottleneck, SaturationDate, Status, is_exhausted},
    signal::{Direction, Quantity, ResourceId, Role, quantile},
    snapshot::Observation,
};

/// After so many days below the limit, a violation is a new one, and a warning that was not repeated has ended.
const QUIET_DAYS: u64 = 7;
/// A limit that is larger by more than this was raised.
const RAISED: f64 = 1.01;

/// How good recorded warnings were.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WarningAccuracy {
    /// When the first assessment was recorded; null without any.
    pub since: Option<DateTime<Utc>>,
    /// Every warning, in the order of time.
    pub warnings: Vec<PastWarning>,
    /// Every violation since the day after the first assessment, in the order of time.
    pub violations: Vec<Violation>,
    /// The counts of each resource that has any.
    pub resources: Vec<ResourceAccuracy>,
    /// The counts of all together.
    pub total: WarningCounts,
}

/// A warning and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastWarning {
    /// What was to run out.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The first assessment that said so.
    pub raised_at: DateTime<Utc>,
    /// When it was to run out, as that assessment said.
    pub expected: SaturationDate,
    /// When its time has come.
    pub until: DateTime<Utc>,
    /// What became of it.
    pub outcome: WarningOutcome,
    /// The first day since then whose busiest hour was at the limit; null where there was none.
    pub reached_on: Option<NaiveDate>,
}

/// What became of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningOutcome {
    /// The limit was reached.
    Reached,
    /// It was not reached, and the limit was raised meanwhile.
    LimitRaised,
    /// It was not reached, and an action that relieves the resource was declared done meanwhile.
    ActionDone,
    /// It was not reached although nothing is known to have averted it.
    False,
    /// Its time has not come.
    Open,
    /// The resource is not in the history.
    Unknown,
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Violation {
    /// What ran out.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The first day.
    pub on: NaiveDate,
    /// The warning that came before; null where none did.
    pub warned_at: Option<DateTime<Utc>>,
}

/// The counts of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResourceAccuracy {
    /// The resource.
    pub resource: ResourceId,
    /// Of all its instances.
    pub counts: WarningCounts,
}

/// How many warnings and violations there were, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct WarningCounts {
    /// Warnings whose limit was reached.
    pub reached: usize,
    /// Warnings that a raised limit or an action averted.
    pub averted: usize,
    /// Warnings whose limit was not reached.
    #[serde(rename = "false")]
    pub not_reached: usize,
    /// Warnings whose time has not come, or whose resource is not in the history.
    pub open: usize,
    /// Violations.
    pub violations: usize,
    /// Violations that a warning preceded.
    pub warned: usize,
    /// Of the warnings that were reached or false, those that were reached.
    pub precision: Option<Share>,
    /// Of the violations, those that a warning preceded.
    pub recall: Option<Share>,
    /// The median of the days between a warning and the violation.
    pub median_lead_days: Option<f64>,
}

/// Which resource, and which of several.
type Which<'a> = (ResourceId, Option<&'a str>);

/// Whether the busiest hour of each day was at the limit.
type DaysAtLimit = BTreeMap<NaiveDate, bool>;

/// Scores what was recorded until `now` by the hourly means of a history. The limits are those of today as a share of what
/// 100% was then.
pub fn warning_accuracy(
    input: &AssessmentInput,
    history: &[Observation],
    recorded: &[Assessment],
    now: DateTime<Utc>,
) -> WarningAccuracy {
    let mut recorded: Vec<&Assessment> =
        recorded.iter().filter(|assessment| assessment.generated_at <= now).collect();
    recorded.sort_by_key(|assessment| assessment.generated_at);
    let days = days_at_limit(input, history);
    let since = recorded.first().map(|assessment| assessment.generated_at);
    let mut warnings = raised(&recorded);
    for warning in &mut warnings {
        score(warning, (&recorded, &input.declared.done), &days, now);
    }
    let violations = since.map(|since| violations(&days, since, &warnings)).unwrap_or_default();
    let mut resources: BTreeMap<ResourceId, (Vec<&PastWarning>, Vec<&Violation>)> = BTreeMap::new();
    for warning in &warnings {
        resources.entry(warning.resource).or_default().0.push(warning);
    }
    for violation in &violations {
        resources.entry(violation.resource).or_default().1.push(violation);
    }
    let counted = |(resource, (warnings, violations)): (ResourceId, (Vec<_>, Vec<_>))| ResourceAccuracy {
        resource,
        counts: WarningCounts::new(&warnings, &violations),
    };
    WarningAccuracy {
        since,
        resources: resources.into_iter().map(counted).collect(),
        total: WarningCounts::new(
            &warnings.iter().collect::<Vec<_>>(),
            &violations.iter().collect::<Vec<_>>(),
        ),
        warnings,
        violations,
    }
}

/// The warnings of assessments in the order of time.
fn raised(recorded: &[&Assessment]) -> Vec<PastWarning> {
    let mut warnings: Vec<PastWarning> = Vec::new();
    // The newest warning of each, and when it was repeated last.
    let mut newest: BTreeMap<Which<'_>, (usize, DateTime<Utc>)> = BTreeMap::new();
    for assessment in recorded {
        let at = assessment.generated_at;
        for bottleneck in &assessment.bottlenecks {
            let Some(expected) = expected_within_lead_time(bottleneck, at) else { continue };
            let which = (bottleneck.resource, bottleneck.instance.as_deref());
            let continued = newest.get_mut(&which).filter(|(index, last)| {
                let is_recent = at <= *last + Days::new(QUIET_DAYS);
                is_recent && warnings.get(*index).is_some_and(|warning| at <= warning.until)
            });
            if let Some((_, last)) = continued {
                *last = at;
                continue;
            }
            newest.insert(which, (warnings.len(), at));
            warnings.push(PastWarning {
                resource: bottleneck.resource,
                instance: bottleneck.instance.clone(),
                raised_at: at,
                until: expected.high.unwrap_or(expected.horizon),
                expected: expected.clone(),
                outcome: WarningOutcome::Unknown,
                reached_on: None,
            });
        }
    }
    warnings
}

/// When a resource was expected to be exhausted, where that was so soon that action was due.
fn expected_within_lead_time(bottleneck: &Bottleneck, at: DateTime<Utc>) -> Option<&SaturationDate> {
    let act_by = bottleneck.act_by.as_ref()?.date?;
    let is_due = act_by <= at && bottleneck.status != Status::Saturated;
    bottleneck.saturates_on.as_ref().filter(|_| is_due)
}

fn score(
    warning: &mut PastWarning,
    (recorded, done): (&[&Assessment], &BTreeSet<String>),
    days: &BTreeMap<Which<'_>, DaysAtLimit>,
    now: DateTime<Utc>,
) {
    let Some(days) = days.get(&(warning.resource, warning.instance.as_deref())) else { return };
    let (from, to) = (warning.raised_at.date_naive(), warning.until.date_naive());
    let at_limit = days.range(from..=to).find(|(_, is_at_limit)| **is_at_limit);
    warning.reached_on = at_limit.map(|(day, _)| *day);
    warning.outcome = match averted(warning, recorded, done) {
        _ if warning.reached_on.is_some() => WarningOutcome::Reached,
        Some(outcome) => outcome,
        None if warning.until > now => WarningOutcome::Open,
        None => WarningOutcome::False,
    };
}

/// What averted a warning until its time had come, as far as assessments tell, and by what is declared done today.
fn averted(
    warning: &PastWarning,
    recorded: &[&Assessment],
    declared: &BTreeSet<String>,
) -> Option<WarningOutcome> {
    let mut during = recorded
        .iter()
        .filter(|assessment| (warning.raised_at..=warning.until).contains(&assessment.generated_at));
    let first = during.next()?;
    let capacity = |assessment: &Assessment| {
        let same = |bottleneck: &&Bottleneck| {
            bottleneck.resource == warning.resource && bottleneck.instance == warning.instance
        };
        let bottleneck = assessment.bottlenecks.iter().find(same)?;
        bottleneck.capacity.or(bottleneck.limit).map(Quantity::value)
    };
    let capacity_then = capacity(first);
    let was_raised =
        |later: &Assessment| capacity(later).zip(capacity_then).is_some_and(|(new, old)| new > old * RAISED);
    let relieving = first.plan.iter().filter(|item| item.relieves.contains(&warning.resource));
    let open: BTreeSet<&String> = relieving.filter(|item| !item.done).map(|item| &item.id).collect();
    let later: Vec<&Assessment> = during.copied().collect();
    let has_done = |later: &Assessment| later.plan.iter().any(|item| item.done && open.contains(&item.id));
    if later.iter().any(|later| was_raised(later)) {
        return Some(WarningOutcome::LimitRaised);
    }
    let is_done = later.iter().any(|later| has_done(later));
    (is_done || open.iter().any(|id| declared.contains(*id))).then_some(WarningOutcome::ActionDone)
}

fn days_at_limit<'a>(
    input: &AssessmentInput,
    history: &'a [Observation],
) -> BTreeMap<Which<'a>, DaysAtLimit> {
    let mut all: BTreeMap<Which<'_>, DaysAtLimit> = BTreeMap::new();
    for series in history {
        let entry = series.signal.entry();
        let (Role::Resource, Direction::HigherIsWorse) = (entry.role, entry.direction) else { continue };
        let Some(resource) = entry.resource else { continue };
        let days = all.entry((resource, series.instance.as_deref())).or_default();
        for day in hours::days(&of_all_time(series)) {
            *days.entry(day.date).or_default() |= is_exhausted(input, series.signal, day.high);
        }
    }
    all
}

fn of_all_time(series: &Observation) -> Vec<hours::Hour> {
    hours::within(series, i64::MIN..i64::MAX)
}

/// The days on which a limit was reached after a week below it, from the day after the first assessment on.
fn violations(
    days: &BTreeMap<Which<'_>, DaysAtLimit>,
    since: DateTime<Utc>,
    warnings: &[PastWarning],
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for ((resource, instance), days) in days {
        let mut last: Option<NaiveDate> = None;
        for day in days.iter().filter_map(|(day, is_at_limit)| is_at_limit.then_some(*day)) {
            let is_new = last.is_none_or(|last| day > last + Days::new(QUIET_DAYS));
            last = Some(day);
            if is_new && day > since.date_naive() {
                let warned = |warning: &&PastWarning| {
                    let is_same = (warning.resource, warning.instance.as_deref()) == (*resource, *instance);
                    is_same && (warning.raised_at.date_naive()..=warning.until.date_naive()).contains(&day)
                };
                violations.push(Violation {
                    resource: *resource,
                    instance: instance.map(str::to_owned),
                    on: day,
                    warned_at: warnings.iter().find(warned).map(|warning| warning.raised_at),
                });
            }
        }
    }
    violations.sort_by(|a, b| (a.on, a.resource, &a.instance).cmp(&(b.on, b.resource, &b.instance)));
    violations
}

impl WarningCounts {
    fn new(warnings: &[&PastWarning], violations: &[&Violation]) -> Self {
        let count = |outcomes: &[WarningOutcome]| {
            warnings.iter().filter(|warning| outcomes.contains(&warning.outcome)).count()
        };
        let reached = count(&[WarningOutcome::Reached]);
        let not_reached = count(&[WarningOutcome::False]);
        let leads: Vec<f64> = violations
            .iter()
            .filter_map(
                |violation| Some((violation.on - violation.warned_at?.date_naive()).num_days() as f64),
            )
            .collect();
        Self {
            reached,
            averted: count(&[WarningOutcome::LimitRaised, WarningOutcome::ActionDone]),
            not_reached,
            open: count(&[WarningOutcome::Open, WarningOutcome::Unknown]),
            violations: violations.len(),
            warned: leads.len(),
            precision: Share::of(reached, reached + not_reached),
            recall: Share::of(leads.len(), violations.len()),
            median_lead_days: quantile(&leads, 0.5),
        }
    }
}

#[cfg(test)]
mod tests;
