//! Reasons of the load, of forecasts and of saturation, and of what is the next bottleneck.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BottleneckReason, BudgetReason, Measured, MissingReason};
use crate::{
    assess::Interval,
    signal::{Quantity, ResourceId, SignalId},
};

/// How the load is known, or why it is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LoadReason {
    /// It was measured.
    Measured {
        /// The query.
        query: String,
    },
    /// It was estimated from another signal.
    Estimated {
        /// That signal.
        from: SignalId,
        /// How much of the signal there is for each unit of load; null when the roadmap does not say.
        per_user: Option<Quantity>,
    },
    /// Neither it nor what it could be estimated from is measured.
    Unknown {
        /// Why it is not measured.
        missing: MissingReason,
        /// What the roadmap would estimate it from.
        estimated_from: Vec<SignalId>,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// What a forecast rests on, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ForecastReason {
    /// Only what the load fills, and what fills by itself, is forecast.
    NotForecast,
    /// No source has the past of a signal.
    NoHistory {
        /// The signal.
        signal: SignalId,
    },
    /// Too few days have a value.
    TooFewDays {
        /// Days with a value.
        days: usize,
        /// Days that are needed.
        needed: usize,
        /// The day on which there are enough, if every day to come has a value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enough_on: Option<NaiveDate>,
    },
    /// Too many days have no value.
    TooManyGaps {
        /// Days without a value.
        missing: usize,
        /// All days from the first to the last.
        days: usize,
    },
    /// The daily values are not in order or not finite.
    InvalidHistory {
        /// The position of the first wrong value.
        index: usize,
    },
    /// The history ended too long ago.
    Ended {
        /// The last day with a value.
        on: NaiveDate,
    },
    /// An assumed growth cannot apply to a figure that was zero within the last four weeks.
    ZeroBase,
    /// A growth was assumed.
    Assumed {
        /// The growth a month as a ratio.
        growth_per_month: f64,
    },
    /// The history is continued.
    Continued {
        /// Days of history with a value.
        days: usize,
        /// Days ago at which the trend changed.
        trend_changed_days_ago: Option<usize>,
        /// By how much the level stepped then, 0.5 for half as much again; absent where only the growth changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stepped_by: Option<f64>,
        /// Growth a month as a ratio; null where that cannot be computed.
        growth_per_month: Option<Interval<f64>>,
        /// Whether the growth is significantly different from none.
        significant: bool,
        /// The limit it is continued to, of a resource.
        limit: Option<Measured>,
    },
    /// It is a cache that evicts, so it never runs out.
    Evicts,
    /// It is a budget: its spend is extrapolated until its reset.
    Spend {
        /// The signal.
        signal: SignalId,
        /// Whether it lasts until then.
        budget: Box<BudgetReason>,
    },
    /// The demand was fitted against the load.
    Demand {
        /// The demand.
        demand: Box<DemandReason>,
    },
    /// Its relation to the load has changed, and there are too few days since to know the new one.
    Disagrees {
        /// Days.
        days: usize,
        /// How far the signal lies from what the load explains, as a share of it.
        by: f64,
    },
    /// The demand was not fitted: load and signal have too few days in common.
    TooFewCommonDays {
        /// Days with both.
        days: usize,
        /// Days that are needed.
        needed: usize,
        /// The day on which there are enough, if every day to come has both.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enough_on: Option<NaiveDate>,
    },
    /// The demand was not fitted: the load barely varies.
    LoadTooEven {
        /// The load of peak hours over that of quiet hours.
        ratio: f64,
        /// The ratio that is needed.
        needed: f64,
    },
    /// The demand was not fitted: the load explains too little of the signal.
    Unrelated {
        /// The share of the variance explained.
        explained: f64,
        /// The share that is needed.
        needed: f64,
    },
    /// The demand is not significantly different from zero.
    NoDemand,
    /// The measurements of load and signal do not match.
    Unmatched,
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// The demand of a signal on its resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a remark of its own")]
pub struct DemandReason {
    /// The signal.
    pub signal: SignalId,
    /// What 100% is, for a share of something countable.
    pub capacity: Option<Quantity>,
    /// Days of load and signal.
    pub days: usize,
    /// What a unit of load takes.
    pub per_load: f64,
    /// What a unit of load is called.
    pub load_unit: String,
    /// What is taken without load.
    pub baseline: f64,
    /// The share of the signal's variance that the load explains.
    pub explained: f64,
    /// Whether it rises faster at high load, so that only that part is continued.
    pub steeper_at_high_load: bool,
    /// Whether the load may be measured inaccurately, so that the low end allows for a steeper demand.
    pub load_inaccurate: bool,
    /// Whether it rises more slowly at high load.
    #[serde(default, skip_serializing_if = "is_false")]
    pub slower_at_high_load: bool,
    /// When the demand changed, so that only the days since count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<DemandChanged>,
    /// What it grows by in a day whatever the load is; absent where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_per_day: Option<f64>,
    /// The value that it does not go beyond whatever the load is, where that lies before the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<f64>,
    /// Whether it may never reach the limit.
    pub unbounded: bool,
    /// Whether the saturation load lies far beyond the highest load seen.
    pub extrapolated: bool,
}

/// A release, a resize or another route: the same load takes something else than before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DemandChanged {
    /// The first day since.
    pub since: NaiveDate,
    /// By how much at peak hours, -0.43 for 43% less.
    pub by: f64,
}

/// The limit was raised or lowered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitChanged {
    /// Before.
    pub from: Quantity,
    /// Since.
    pub to: Quantity,
    /// The day.
    pub on: NaiveDate,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What a resource's saturation rests on, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SaturationReason {
    /// How it was forecast.
    pub forecast: ForecastReason,
    /// Whether too few futures show which resource is the first.
    #[serde(default)]
    pub first_undecided: bool,
    /// The newest change of the limit; usage from before it counts against today's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_changed: Option<LimitChanged>,
    /// The roadmap's own number of users, where the measured one differs by more than a quarter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roadmap_expects: Option<u64>,
    /// The end of the forecast, where the limit lies beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    /// What the forecast of the load rests on, where it decides about the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Box<ForecastReason>>,
    /// Days that a remedy is assumed to take, where the roadmap does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed_lead_time_days: Option<i64>,
}

/// What makes something the next bottleneck, most urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// A server refuses clients because the resource is used up.
    Refused,
    /// The resource is exhausted.
    Saturated,
    /// The resource is beyond its critical threshold.
    Critical,
    /// The date to act by has passed, on good evidence.
    Overdue,
    /// A service level is beyond its critical threshold, and no resource explains it.
    ServiceLevelCritical,
    /// The resource is beyond its warning threshold.
    Warning,
    /// A service level is beyond its warning threshold, and no resource explains it.
    ServiceLevelWarning,
    /// The resource is beyond a threshold, but not yet for long enough.
    Pending,
    /// The resource has headroom, and runs out at a known load or date.
    #[default]
    Forecast,
    /// Nothing shows when it runs out.
    Undated,
    /// It was not measured.
    Unmeasured,
}

/// The bottleneck after the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerUp {
    /// What it is.
    pub resource: ResourceId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What put it in its place.
    pub rank: Rank,
}

/// Why a resource is the next bottleneck, or why none is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RankingReason {
    /// The next bottleneck's own reason says it.
    Bottleneck {
        /// What put it first.
        #[serde(default)]
        rank: Rank,
        /// The next in line; null where there is no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<RunnerUp>,
    },
    /// A resource may be near its limit, but that is unknown.
    Undecided {
        /// The resource.
        resource: ResourceId,
        /// Why it is unknown.
        reason: BottleneckReason,
    },
    /// No resource is beyond its warning limit.
    NoneNear {
        /// The resource with the least headroom.
        closest: ResourceId,
        /// Which of several that are measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        /// That headroom.
        headroom: f64,
    },
    /// No resource was measured.
    NothingMeasured,
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}
