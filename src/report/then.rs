//! How it looked at an earlier moment: what was recorded then, or what can be computed again from the history.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    assess::{
        Assumptions, Bottleneck, ForecastDay, Framework, Interval, SaturationDate, Status, Survey, Verdict,
        survey,
    },
    signal::{ResourceId, Series},
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
    /// The load expected on days to come.
    #[serde(skip)]
    pub days: Vec<ForecastDay>,
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
pub(super) fn standing(
    framework: &Framework,
    snapshot: &Snapshot,
    recorded: &[Recorded],
    at: DateTime<Utc>,
) -> Option<Standing> {
    let of_then = |one: &&Recorded| {
        let age = at - one.generated_at;
        one.profile.id == framework.roadmap.id && age >= TimeDelta::zero() && age <= PRESENT
    };
    let newest = recorded.iter().filter(of_then).max_by_key(|one| one.generated_at);
    if let Some(recorded) = newest {
        return Some(of_recorded(recorded));
    }
    let then = as_of(snapshot, at)?;
    let survey = survey(framework, &then, Assumptions::default());
    Some(Standing { basis: Basis::Recomputed, verdict: None, ..of_survey(&survey) })
}

/// The key numbers of an assessment that was just made.
pub(super) fn of_survey(survey: &Survey) -> Standing {
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
        days: assessment.load.forecast.clone().unwrap_or_default(),
    }
}

fn of_recorded(recorded: &Recorded) -> Standing {
    let expected = recorded.bottlenecks.iter().filter(|one| one.at_load.is_some() || one.on.is_some());
    let expected: Vec<Expected> = expected
        .filter_map(|one| {
            let (at_load, on) = (one.at_load, one.on.clone());
            Some(Expected {
                resource: ResourceId::find(&one.resource)?,
                instance: one.instance.clone(),
                at_load,
                on,
            })
        })
        .collect();
    Standing {
        at: recorded.generated_at,
        basis: Basis::Recorded,
        verdict: Some(recorded.verdict),
        peak: recorded.load.peak,
        phase: recorded.phase.current,
        growth_per_month: recorded.load.growth_per_month,
        first: first(&expected),
        expected,
        days: recorded.load.forecast.clone().unwrap_or_default(),
    }
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
pub(super) fn as_of(snapshot: &Snapshot, at: DateTime<Utc>) -> Option<Snapshot> {
    let from = at - PRESENT;
    let before = |one: &Observation, from_ms: i64| {
        let series = &one.values;
        let samples = series.at_ms().iter().copied().zip(series.values().iter().copied());
        let (at_ms, values) =
            samples.filter(|(when, _)| (from_ms..at.timestamp_millis()).contains(when)).unzip();
        let values = Series::new(series.step_ms(), at_ms, values).ok()?;
        Some(Observation { values, ..one.clone() })
    };
    let history: Vec<Observation> = snapshot.history.iter().filter_map(|one| before(one, i64::MIN)).collect();
    let observations: Vec<Observation> =
        history.iter().filter_map(|one| before(one, from.timestamp_millis())).collect();
    (!observations.is_empty()).then(|| Snapshot {
        taken_at: at,
        window: Window { from, to: at, step_seconds: HOUR_SECONDS },
        observations,
        history,
        gaps: Vec::new(),
        exhausted: Vec::new(),
        ..snapshot.clone()
    })
}
