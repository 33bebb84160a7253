//! The state of the system at an earlier moment: the assessment recorded then, or computed again from the history.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ReportInput, hours};
use crate::{
    assess::{
        Assessment, Assumptions, Bottleneck, ForecastDay, Interval, SaturationDate, Status, Survey, Verdict,
        load_outlook, survey,
    },
    signal::ResourceId,
    snapshot::{Observation, Snapshot, Window},
};

/// The period before a moment that counts as its present.
const PRESENT: TimeDelta = TimeDelta::hours(24);
const HOUR_SECONDS: u32 = 3600;

/// Where knowledge of an earlier moment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The assessment that was made then.
    Recorded,
    /// Computed today from the history up to then, as it would have been made.
    Recomputed,
}

/// The key numbers of a moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AssessmentSummary {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Where they come from.
    pub basis: Basis,
    /// How it stood; null where it was not recorded: the history alone does not say.
    pub verdict: Option<Verdict>,
    /// The 95th percentile of the peak hours.
    pub peak: Option<f64>,
    /// The number of the phase that held the load.
    pub phase: Option<u64>,
    /// Growth a month as a ratio.
    pub growth_per_month: Option<Interval<f64>>,
    /// What was going to reach its limit first; null where no date was known.
    pub first: Option<Expected>,
    /// Every resource that had a date or a load at which it ends.
    pub expected: Vec<Expected>,
}

/// What was expected of the load at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LoadForecast {
    /// The moment.
    pub(super) at: DateTime<Utc>,
    /// Where it comes from.
    pub(super) basis: Basis,
    /// The days that were still to come; none where nothing could be expected.
    pub(super) days: Vec<ForecastDay>,
}

/// What was expected of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Expected {
    /// What runs out.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The load at which it ends.
    pub at_load: Option<Interval<f64>>,
    /// When.
    pub on: Option<SaturationDate>,
}

/// The standing of a moment: recorded within the day before it, else computed from the history up to it. Nothing where
/// the history holds nothing of the day before.
pub(super) fn summary(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<AssessmentSummary> {
    recorded(material, at).map(summarized).or_else(|| recomputed(material, at))
}

/// The same of the load alone, which is a fraction of the work.
pub(super) fn load_forecast(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<LoadForecast> {
    if let Some(recorded) = recorded(material, at) {
        let days = recorded.load.forecast.clone().unwrap_or_default();
        return Some(LoadForecast { at: recorded.generated_at, basis: Basis::Recorded, days });
    }
    let then = as_of(material.snapshot, at)?;
    let load = load_outlook(material.input, &then, Assumptions::default());
    Some(LoadForecast { at, basis: Basis::Recomputed, days: load.days().unwrap_or_default() })
}

fn recomputed(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<AssessmentSummary> {
    let then = as_of(material.snapshot, at)?;
    let survey = survey(material.input, &then, Assumptions::default());
    Some(AssessmentSummary { basis: Basis::Recomputed, verdict: None, ..summarized(&survey.assessment) })
}

/// The present, to compare with earlier standings. Where one of them is computed from the history, so are load and
/// phase of the present, if the history reaches it: minutes peak higher than the hours' means, though nothing has
/// grown. All that is expected rests on hours anyway.
pub(super) fn present(
    material: &ReportInput<'_>,
    survey: &Survey,
    earlier: &[Option<&AssessmentSummary>],
) -> AssessmentSummary {
    let measured = summarized(&survey.assessment);
    let is_recomputed = |summary: &&AssessmentSummary| summary.basis == Basis::Recomputed;
    if !earlier.iter().flatten().any(is_recomputed) {
        return measured;
    }
    // The hour that is running has no mean yet.
    let running = TimeDelta::milliseconds(measured.at.timestamp_millis().rem_euclid(hours::HOUR_MS));
    match recomputed(material, measured.at - running).filter(|summary| summary.peak.is_some()) {
        Some(AssessmentSummary { basis, peak, phase, .. }) => {
            AssessmentSummary { basis, peak, phase, ..measured }
        }
        None => measured,
    }
}

/// The newest assessment that was recorded within the day before a moment.
fn recorded<'a>(material: &ReportInput<'a>, at: DateTime<Utc>) -> Option<&'a Assessment> {
    let is_of_then = |assessment: &&Assessment| {
        let age = at - assessment.generated_at;
        let same_roadmap = assessment.profile.id == material.input.roadmap.id;
        same_roadmap && age >= TimeDelta::zero() && age <= PRESENT
    };
    material.recorded.iter().filter(is_of_then).max_by_key(|assessment| assessment.generated_at)
}

/// The key numbers of an assessment.
fn summarized(assessment: &Assessment) -> AssessmentSummary {
    let expected: Vec<Expected> = assessment.bottlenecks.iter().filter_map(expected).collect();
    AssessmentSummary {
        at: assessment.generated_at,
        basis: Basis::Recorded,
        verdict: Some(assessment.verdict),
        peak: assessment.load.peak,
        phase: assessment.phase.current,
        growth_per_month: assessment.load.growth_per_month,
        first: first(&expected),
        expected,
    }
}

fn expected(bottleneck: &Bottleneck) -> Option<Expected> {
    let known = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
    (known && bottleneck.status != Status::Unknown).then(|| Expected {
        resource: bottleneck.resource,
        instance: bottleneck.instance.clone(),
        at_load: bottleneck.saturates_at_load,
        on: bottleneck.saturates_on.clone(),
    })
}

/// The one with the earliest date; without dates, nothing is first.
fn first(expected: &[Expected]) -> Option<Expected> {
    let date = |resource: &Expected| {
        resource.on.as_ref().map(|on| (on.mid.unwrap_or(DateTime::<Utc>::MAX_UTC), on.low))
    };
    expected.iter().filter(|resource| resource.on.is_some()).min_by_key(|resource| date(resource)).cloned()
}

/// The snapshot as the history alone would have given it at a moment: it contains nothing later.
fn as_of(snapshot: &Snapshot, at: DateTime<Utc>) -> Option<Snapshot> {
    let from = at - PRESENT;
    let since = |from_ms: i64| -> Vec<Observation> {
        snapshot.history.iter().filter_map(|series| within(series, from_ms..at.timestamp_millis())).collect()
    };
    let observations = since(from.timestamp_millis());
    (!observations.is_empty()).then(|| Snapshot {
        schema: snapshot.schema.clone(),
        taken_at: at,
        tool_version: snapshot.tool_version.clone(),
        simulated: snapshot.simulated.clone(),
        definitions: snapshot.definitions.clone(),
        window: Window { from, to: at, step_seconds: HOUR_SECONDS },
        sources: snapshot.sources.clone(),
        observations,
        stopped: Vec::new(),
        history: since(i64::MIN),
        statements: Vec::new(),
        gaps: Vec::new(),
        exhausted: Vec::new(),
        ambiguous: Vec::new(),
        discovery: None,
    })
}

/// The samples of a time range; nothing where there is none.
fn within(observation: &Observation, range: Range<i64>) -> Option<Observation> {
    let values = observation.values.within(range)?;
    Some(Observation { values, ..observation.clone() })
}
