//! How close each resource is to its end, at which load and when it gets there, also under another limit.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BottleneckReason, LimitOrigin, LimitReason, SaturationReason, State, Verdict};
use crate::signal::{Quantity, ResourceId, SignalId};

/// A low, a middle and a high value, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval<T> {
    /// The 5% quantile.
    pub low: T,
    /// The median.
    pub mid: T,
    /// The 95% quantile.
    pub high: T,
}

/// How close a resource is to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing is left.
    Saturated,
    /// Beyond its warning limit.
    Approaching,
    /// Within its limits.
    Distant,
    /// Not measured, or not for long enough to be evaluated.
    Unknown,
}

/// How good the evidence for a saturation load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// Measured over a wide range of loads.
    A,
    /// Measured, with some extrapolation.
    B,
    /// Mostly extrapolated.
    C,
    /// Insufficient data.
    #[serde(rename = "insufficient")]
    Insufficient,
}

/// One resource and how close it is to running out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bottleneck {
    /// What runs out.
    pub resource: ResourceId,
    /// The signal that decided; null when nothing measures it.
    pub signal: Option<SignalId>,
    /// Which of several instances decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How close it is.
    pub status: Status,
    /// How bad it is.
    pub verdict: Verdict,
    /// The state of its check.
    #[serde(default)]
    pub state: State,
    /// The newest value.
    pub now: Option<Quantity>,
    /// The 95th percentile of the last 28 days' peak hours, as far as they are known.
    #[serde(default)]
    pub peak: Option<Quantity>,
    /// How many days the peak rests on; 0 where less than a day is known.
    #[serde(default)]
    pub peak_days: usize,
    /// Where the resource is used up.
    pub limit: Option<Quantity>,
    /// What 100% is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Where the limit comes from.
    pub limit_origin: Option<LimitOrigin>,
    /// The unused share before the limit; negative beyond it.
    pub headroom: Option<f64>,
    /// The load at which the limit is reached; null without enough history.
    pub saturates_at_load: Option<Interval<f64>>,
    /// When the limit is reached; null where no date is known.
    pub saturates_on: Option<SaturationDate>,
    /// How likely it is to run out before every other resource; null without enough history, and where too few futures
    /// show which is first.
    pub probability_first: Option<f64>,
    /// What the saturation rests on, or why there is none.
    pub saturation_reason: SaturationReason,
    /// By which load and date to act; null when neither is known.
    pub act_by: Option<ActBy>,
    /// What the roadmap expects of this resource.
    pub roadmap: Option<Expectation>,
    /// How good the evidence for the saturation load is.
    pub grade: Grade,
    /// Why.
    pub reason: BottleneckReason,
}

/// What users or operators notice, compared with its objective. It has no headroom and does not run out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceLevel {
    /// The signal.
    pub signal: SignalId,
    /// The resource that it may point to; null where it points to none.
    pub resource: Option<ResourceId>,
    /// Which of several instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The state of its check.
    pub state: State,
    /// The newest value.
    pub now: Quantity,
    /// The 95th percentile of the peak hours; of the worst hours, where less is worse.
    pub peak: Quantity,
    /// The objective: the warning threshold, or the critical one where there is no other; null where none is set.
    pub objective: Option<Quantity>,
    /// Why it has its state.
    pub reason: Arc<LimitReason>,
}

/// When a limit is first reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SaturationDate {
    /// By this day with a probability of 5%.
    pub low: DateTime<Utc>,
    /// By this day with a probability of 50%; null beyond the horizon.
    pub mid: Option<DateTime<Utc>>,
    /// By this day with a probability of 95%; null beyond the horizon.
    pub high: Option<DateTime<Utc>>,
    /// The probability to reach it until the end of the horizon.
    pub probability: f64,
    /// The last day that was looked at.
    pub horizon: DateTime<Utc>,
}

/// By when to act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActBy {
    /// In load.
    pub load: Option<f64>,
    /// In time.
    pub date: Option<DateTime<Utc>>,
}

/// The roadmap's own milestone for a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// The users at which it expects the resource to run out.
    pub users: u64,
    /// The users by which it wants the remedy in place.
    pub act_by_users: Option<u64>,
}

/// Rows by what they are of.
pub(super) type Rows<'r> = BTreeMap<(SignalId, Option<&'r str>), &'r Bottleneck>;

/// The rows that are measured, by their signal and instance; of two of a name the first.
pub(super) fn by_name(rows: &[Bottleneck]) -> Rows<'_> {
    let named = rows.iter().rev().filter_map(|row| Some(((row.signal?, row.instance.as_deref()), row)));
    named.collect()
}

/// A resource under a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnderLimit {
    /// How bad it is.
    pub verdict: Verdict,
    /// The unused share before the limit; negative beyond it.
    pub headroom: Option<f64>,
    /// The load at which the limit is reached.
    pub saturates_at_load: Option<Interval<f64>>,
    /// When it is reached.
    pub saturates_on: Option<SaturationDate>,
}

impl UnderLimit {
    pub(super) fn new(bottleneck: &Bottleneck) -> Self {
        Self {
            verdict: bottleneck.verdict,
            headroom: bottleneck.headroom,
            saturates_at_load: bottleneck.saturates_at_load,
            saturates_on: bottleneck.saturates_on.clone(),
        }
    }

    /// Whether more is needed now, or by the median of the forecast.
    pub(super) fn runs_out(&self) -> bool {
        let is_reached = |on: &SaturationDate| on.mid.is_some();
        self.verdict == Verdict::Critical || self.saturates_on.as_ref().is_some_and(is_reached)
    }
}
