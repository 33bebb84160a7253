//! The current state of a check: within its threshold, beyond it, not yet for long enough, or at the wall.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Verdict,
    limits::{AT_CEILING, Limit},
    sustained::{self, Run, Runs},
};
use crate::{
    signal::{Direction, Quantity},
    snapshot::Observation,
};

/// How many samples in a row it takes to prove something about what swings from sample to sample.
const SAMPLES_OF_FLUCTUATING: usize = 5;
/// And so do two samples that are so many milliseconds apart, where samples are rare.
const SPAN_OF_FLUCTUATING_MS: i64 = 10 * 60_000;

/// The state of a check on one instance, best first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Within its thresholds.
    Ok,
    /// Not measured, or not well enough to be evaluated.
    #[default]
    Unknown,
    /// Beyond a threshold, but not yet for as long, or in as many samples, as it takes.
    Pending,
    /// Beyond the warning threshold.
    Warning,
    /// Beyond the critical threshold.
    Critical,
    /// At the limit: nothing is left.
    Saturated,
}

impl From<State> for Verdict {
    /// What is pending is not known yet.
    fn from(state: State) -> Self {
        match state {
            State::Ok => Self::Ok,
            State::Pending | State::Unknown => Self::Unknown,
            State::Warning => Self::Warning,
            State::Critical | State::Saturated => Self::Critical,
        }
    }
}

/// A past period in which a threshold was exceeded for at least the required duration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PastEvent {
    /// The first sample beyond the threshold.
    pub began: DateTime<Utc>,
    /// The last one.
    pub ended: DateTime<Utc>,
}

/// The bucket of a histogram that a quantile lies in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    /// The lower bound, in the signal's unit.
    pub low: f64,
    /// The upper bound; null beyond the highest bucket.
    pub high: Option<f64>,
}

impl Bucket {
    /// The bucket around a value of a quantile; nothing where values are exact.
    pub(super) fn around(observation: &Observation, value: f64) -> Option<Self> {
        let (low, high) = observation.resolution.as_ref()?.bounds(value);
        Some(Self { low, high: high.is_finite().then_some(high) })
    }
}

/// The state of the newest samples against one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Standing {
    Within,
    /// For as long, and in as many samples, as it takes.
    Beyond,
    /// Beyond, but not for so long.
    Pending,
    /// The newest samples are missing.
    Stopped,
    /// The threshold lies within the bucket of the newest value.
    WithinBucket(Bucket),
}

/// How an observation compares with one threshold.
#[derive(Debug, Clone)]
pub(super) struct ThresholdCheck {
    pub limit: Limit,
    pub standing: Standing,
    /// The newest past period that was long enough.
    pub past: Option<PastEvent>,
    /// How long it was exceeded, where there is history.
    pub runs: Option<(Duration, Runs)>,
}

/// Compares the newest samples with a threshold. `to_ms` is now, in Unix milliseconds.
pub(super) fn check(observation: &Observation, limit: Limit, to_ms: i64) -> ThresholdCheck {
    let series = &observation.values;
    let entry = observation.signal.entry();
    let required = limit.sustained.unwrap_or_default();
    let certain = |value: f64| exceeded(&limit, entry.direction, bounds(observation, value), true);
    let runs = sustained::runs(series, required, to_ms, certain);
    let standing = if series.is_spot() {
        match (certain(series.last().1), entry.fluctuates) {
            (true, true) => Standing::Pending,
            (true, false) => Standing::Beyond,
            (false, _) => Standing::Within,
        }
    } else if runs.is_stopped {
        Standing::Stopped
    } else if runs.current.samples > 0 {
        let enough = is_enough(entry.fluctuates, runs.current, required);
        if enough { Standing::Beyond } else { Standing::Pending }
    } else {
        Standing::Within
    };
    let standing = match standing {
        Standing::Within => within(observation, &limit),
        other => other,
    };
    let over = runs
        .newest_past(required_ms(required))
        .filter(|run| is_enough(entry.fluctuates, *run, required) && standing != Standing::Beyond);
    let past = over.and_then(|run| {
        let time = DateTime::from_timestamp_millis;
        Some(PastEvent { began: time(run.began_ms)?, ended: time(run.began_ms + run.lasted_ms)? })
    });
    let runs = (!series.is_spot()).then(|| (required, runs.without_past()));
    ThresholdCheck { limit, standing, past, runs }
}

/// A value that is not certainly beyond a threshold may still be, where its bucket reaches beyond.
fn within(observation: &Observation, limit: &Limit) -> Standing {
    let newest = observation.values.last().1;
    let direction = observation.signal.entry().direction;
    match Bucket::around(observation, newest) {
        Some(bucket) if exceeded(limit, direction, bounds(observation, newest), false) => {
            Standing::WithinBucket(bucket)
        }
        _ => Standing::Within,
    }
}

/// Between which bounds the true value lies.
fn bounds(observation: &Observation, value: f64) -> (f64, f64) {
    observation.resolution.as_ref().map_or((value, value), |resolution| resolution.bounds(value))
}

/// Whether a value known to lie within bounds is certainly, or else possibly, beyond a limit.
fn exceeded(limit: &Limit, direction: Direction, (low, high): (f64, f64), certainly: bool) -> bool {
    let at = limit.at.value();
    let touches = |value: f64| limit.inclusive && value.to_bits() == at.to_bits();
    match (direction, certainly) {
        _ if low.to_bits() == high.to_bits() => {
            Quantity::new(low, limit.at.unit()).is_some_and(|value| limit.is_exceeded(direction, value))
        }
        // The lower bound of a bucket is not in it, the upper one is.
        (Direction::HigherIsWorse, true) => low >= at,
        (Direction::HigherIsWorse, false) => high > at || touches(high),
        (Direction::LowerIsWorse, true) => high < at || touches(high),
        (Direction::LowerIsWorse, false) => low < at,
    }
}

fn required_ms(required: Duration) -> i64 {
    i64::try_from(required.as_millis()).unwrap_or(i64::MAX)
}

/// Whether a run is as long as asked, and has the samples that prove something.
fn is_enough(fluctuates: bool, run: Run, required: Duration) -> bool {
    let rare = run.samples >= 2 && run.lasted_ms >= SPAN_OF_FLUCTUATING_MS;
    let proven = !fluctuates || run.samples >= SAMPLES_OF_FLUCTUATING || rare;
    run.lasted_ms >= required_ms(required) && proven
}

/// For how long the newest samples have been at a wall, in milliseconds; nothing when they are not, or too few.
pub(super) fn at_wall(observation: &Observation, wall: Quantity, to_ms: i64) -> Option<i64> {
    let (series, entry) = (&observation.values, observation.signal.entry());
    if entry.direction == Direction::LowerIsWorse || wall.value() <= 0.0 {
        return None;
    }
    let full = |value: f64| value >= wall.value() * (1.0 - AT_CEILING);
    if series.is_spot() {
        return (full(series.last().1) && !entry.fluctuates).then_some(0);
    }
    let runs = sustained::runs(series, Duration::ZERO, to_ms, full);
    let run = runs.current;
    let fewest = if entry.fluctuates { SAMPLES_OF_FLUCTUATING } else { 2.min(series.len()) };
    (!runs.is_stopped && run.samples >= fewest).then_some(run.lasted_ms)
}

/// The state that follows from both thresholds, and which of them decided.
pub(super) fn state(
    critical: Option<ThresholdCheck>,
    warning: Option<ThresholdCheck>,
) -> (State, Option<ThresholdCheck>) {
    let standing = |check: &Option<ThresholdCheck>| check.as_ref().map(|check| check.standing);
    match (standing(&critical), standing(&warning)) {
        (Some(Standing::Beyond), _) => (State::Critical, critical),
        (_, Some(Standing::Beyond)) => (State::Warning, warning),
        (Some(Standing::Pending), _) => (State::Pending, critical),
        (_, Some(Standing::Pending)) => (State::Pending, warning),
        (_, Some(Standing::Stopped | Standing::WithinBucket(_))) => (State::Unknown, warning),
        (Some(Standing::Stopped | Standing::WithinBucket(_)), _) => (State::Unknown, critical),
        (Some(Standing::Within), None) => (State::Ok, critical),
        (_, Some(Standing::Within)) => {
            // An event is reported under the threshold that was exceeded further.
            let happened = critical.as_ref().is_some_and(|check| check.past.is_some());
            (State::Ok, if happened { critical } else { warning })
        }
        (None, None) => (State::Ok, None),
    }
}
