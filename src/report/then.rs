//! How it looked at an earlier moment: what was recorded then, or what can be computed again from the history.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ReportInput, hours};
use crate::{
    assess::{
        Assumptions, Bottleneck, ForecastDay, Interval, SaturationDate, Status, Survey, Verdict,
        load_outlook, survey,
    },
    signal::ResourceId,
    snapshot::{Observation, Snapshot, Window},
};

/// The stretch before a moment that counts as its present.
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

/// An assessment as it was recorded: of its JSON, what a later report compares with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Recorded {
    /// When it was made.
    pub generated_at: DateTime<Utc>,
    /// How it stood.
    pub verdict: Verdict,
    /// The roadmap it was held against.
    pub profile: RecordedProfile,
    /// The load.
    pub load: RecordedLoad,
    /// The phase.
    pub phase: RecordedPhase,
    /// Every resource, most pressing first.
    pub bottlenecks: Vec<RecordedBottleneck>,
}

/// The roadmap of a recorded assessment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordedProfile {
    /// Its id.
    pub id: String,
}

/// The load in a recorded assessment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedLoad {
    /// The 95th percentile of the busy hours.
    pub peak: Option<f64>,
    /// Growth a month as a ratio.
    pub growth_per_month: Option<Interval<f64>>,
    /// Expected load on days to come.
    pub forecast: Option<Vec<ForecastDay>>,
}

/// The phase in a recorded assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct RecordedPhase {
    /// The number of the phase that held the load.
    pub current: Option<u64>,
}

/// A resource in a recorded assessment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedBottleneck {
    /// What runs out.
    pub resource: String,
    /// The signal that decided.
    pub signal: Option<String>,
    /// Which of several.
    pub instance: Option<String>,
    /// How close it was.
    #[serde(rename = "saturates_at_load")]
    pub at_load: Option<Interval<f64>>,
    /// When it was expected to reach its limit.
    #[serde(rename = "saturates_on")]
    pub on: Option<SaturationDate>,
}

impl Recorded {
    /// Reads `check --format json`.
    ///
    /// # Errors
    /// When the text is no assessment, with the place.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// The key numbers of a moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Where they come from.
    pub basis: Basis,
    /// How it stood; null where it was not recorded: the history alone does not tell.
    pub verdict: Option<Verdict>,
    /// The 95th percentile of the busy hours.
    pub peak: Option<f64>,
    /// The number of the phase that held the load.
    pub phase: Option<u64>,
    /// Growth a month as a ratio.
    pub growth_per_month: Option<Interval<f64>>,
    /// What was going to reach its limit first; null where no date could be told.
    pub first: Option<Expected>,
    /// Every resource that had a date or a load at which it ends.
    pub expected: Vec<Expected>,
}

/// What was expected of the load at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Foretold {
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
pub(super) fn standing(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<Standing> {
    recorded(material, at).map(of_recorded).or_else(|| recomputed(material, at))
}

/// The same of the load alone, which is a fraction of the work.
pub(super) fn foretold(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<Foretold> {
    if let Some(recorded) = recorded(material, at) {
        let days = recorded.load.forecast.clone().unwrap_or_default();
        return Some(Foretold { at: recorded.generated_at, basis: Basis::Recorded, days });
    }
    let then = as_of(material.snapshot, at)?;
    let load = load_outlook(material.input, &then, Assumptions::default());
    Some(Foretold { at, basis: Basis::Recomputed, days: load.days().unwrap_or_default() })
}

fn recomputed(material: &ReportInput<'_>, at: DateTime<Utc>) -> Option<Standing> {
    let then = as_of(material.snapshot, at)?;
    let survey = survey(material.input, &then, Assumptions::default());
    Some(Standing { basis: Basis::Recomputed, verdict: None, ..of_survey(&survey) })
}

/// The present to hold beside earlier standings. Where one of them is computed from the history, so are load and phase of
/// the present, if the history reaches it: minutes peak higher than the hours' means, though nothing has grown. All that
/// is expected rests on hours anyway.
pub(super) fn present(
    material: &ReportInput<'_>,
    survey: &Survey,
    earlier: &[Option<&Standing>],
) -> Standing {
    let measured = of_survey(survey);
    let is_recomputed = |one: &&Standing| one.basis == Basis::Recomputed;
    if !earlier.iter().flatten().any(is_recomputed) {
        return measured;
    }
    // The hour that is running has no mean yet.
    let running = TimeDelta::milliseconds(measured.at.timestamp_millis().rem_euclid(hours::HOUR_MS));
    match recomputed(material, measured.at - running).filter(|one| one.peak.is_some()) {
        Some(Standing { basis, peak, phase, .. }) => Standing { basis, peak, phase, ..measured },
        None => measured,
    }
}

/// The newest assessment that was recorded within the day before a moment.
fn recorded<'a>(material: &ReportInput<'a>, at: DateTime<Utc>) -> Option<&'a Recorded> {
    let of_then = |one: &&Recorded| {
        let age = at - one.generated_at;
        one.profile.id == material.input.roadmap.id && age >= TimeDelta::zero() && age <= PRESENT
    };
    material.recorded.iter().filter(of_then).max_by_key(|one| one.generated_at)
}

/// The key numbers of an assessment that was just made.
fn of_survey(survey: &Survey) -> Standing {
    let assessment = &survey.assessment;
    let expected: Vec<Expected> = assessment.bottlenecks.iter().filter_map(expected).collect();
    Standing {
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

fn of_recorded(recorded: &Recorded) -> Standing {
    let expected: Vec<Expected> = recorded.bottlenecks.iter().filter_map(expected_then).collect();
    Standing {
        at: recorded.generated_at,
        basis: Basis::Recorded,
        verdict: Some(recorded.verdict),
        peak: recorded.load.peak,
        phase: recorded.phase.current,
        growth_per_month: recorded.load.growth_per_month,
        first: first(&expected),
        expected,
    }
}

fn expected_then(one: &RecordedBottleneck) -> Option<Expected> {
    if one.at_load.is_none() && one.on.is_none() {
        return None;
    }
    Some(Expected {
        resource: ResourceId::find(&one.resource)?,
        instance: one.instance.clone(),
        at_load: one.at_load,
        on: one.on.clone(),
    })
}

fn expected(one: &Bottleneck) -> Option<Expected> {
    if one.status == Status::Unknown || one.saturates_at_load.is_none() && one.saturates_on.is_none() {
        return None;
    }
    Some(Expected {
        resource: one.resource,
        instance: one.instance.clone(),
        at_load: one.saturates_at_load,
        on: one.saturates_on.clone(),
    })
}

/// The one with the earliest date; without dates, nothing is first.
fn first(expected: &[Expected]) -> Option<Expected> {
    let date =
        |one: &Expected| one.on.as_ref().map(|on| (on.mid.unwrap_or(DateTime::<Utc>::MAX_UTC), on.low));
    expected.iter().filter(|one| one.on.is_some()).min_by_key(|one| date(one)).cloned()
}

/// The snapshot as the history alone would have given it at a moment: nothing of later is in it.
fn as_of(snapshot: &Snapshot, at: DateTime<Utc>) -> Option<Snapshot> {
    let from = at - PRESENT;
    let since = |from_ms: i64| -> Vec<Observation> {
        snapshot.history.iter().filter_map(|one| within(one, from_ms..at.timestamp_millis())).collect()
    };
    let observations = since(from.timestamp_millis());
    (!observations.is_empty()).then(|| Snapshot {
        schema: snapshot.schema.clone(),
        taken_at: at,
        tool_version: snapshot.tool_version.clone(),
        simulated: snapshot.simulated.clone(),
        window: Window { from, to: at, step_seconds: HOUR_SECONDS },
        sources: snapshot.sources.clone(),
        observations,
        history: since(i64::MIN),
        statements: Vec::new(),
        gaps: Vec::new(),
        exhausted: Vec::new(),
        ambiguous: Vec::new(),
    })
}

/// The samples of a stretch of time; nothing where there is none.
fn within(observation: &Observation, range: Range<i64>) -> Option<Observation> {
    let values = observation.values.within(range)?;
    Some(Observation { values, ..observation.clone() })
}
