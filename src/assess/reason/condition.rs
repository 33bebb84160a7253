//! Why conditions hold, do not hold, or are unknown, and how values compare with their limits.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Measured, MissingReason};
use crate::{
    assess::{Bucket, Interval, LimitOrigin, Outcome, PastEvent, SaturationDate, State, Sustained, Verdict},
    roadmap::{Comparison, FactValue},
    signal::{Aggregate, Quantity, SignalId},
};

/// What weakens the evidence of a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Caveat {
    /// It rests on a single sample.
    OneSample,
    /// It was estimated from another signal.
    Estimated {
        /// That signal.
        from: SignalId,
    },
    /// It was computed from other signals.
    Computed {
        /// The formula.
        query: String,
    },
    /// The window is known for a short part only, at whose end an objective is met that the whole of it misses.
    PartOfWindow {
        /// How long that is.
        known_seconds: f64,
    },
}

/// Why a condition holds, does not hold, or is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConditionReason {
    /// A declared fact was compared.
    Fact {
        /// The fact.
        fact: String,
        /// Its value.
        declared: FactValue,
        /// What it was compared with.
        comparison: Comparison<FactValue>,
        /// Whether both are of one kind, so that they can be compared.
        comparable: bool,
    },
    /// The fact is not declared.
    FactNotDeclared {
        /// The fact.
        fact: String,
    },
    /// The team says that it has no such system.
    Absent {
        /// The system.
        system: String,
    },
    /// Nothing measures the signal.
    Missing {
        /// Why.
        missing: MissingReason,
    },
    /// The samples have no finite aggregate.
    NotFinite {
        /// The signal.
        signal: SignalId,
        /// The aggregate.
        aggregate: Aggregate,
    },
    /// The window's aggregate was compared.
    Value {
        /// The aggregate.
        measured: Measured,
        /// How the window became the value.
        aggregate: Aggregate,
        /// What it was compared with.
        comparison: Comparison<Quantity>,
        /// Whether the value meets the comparison.
        holds: bool,
        /// What weakens the evidence.
        caveat: Option<Caveat>,
        /// Signals that are not measured and could lower the value, so that the outcome is unknown.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        could_be_lower_without: Vec<SignalId>,
        /// The bucket of a histogram that decides nothing, so that the outcome is unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket: Option<Bucket>,
    },
    /// The samples were compared one by one, for as long as the condition asks.
    Duration {
        /// The sample furthest towards the limit.
        extreme: Option<Measured>,
        /// The signal.
        signal: SignalId,
        /// Which of several instances.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        /// What the samples were compared with.
        comparison: Comparison<Quantity>,
        /// How long it lasted.
        sustained: Sustained,
        /// Whether that was long enough.
        outcome: Outcome,
        /// What weakens the evidence.
        caveat: Option<Caveat>,
        /// The bucket of a histogram around the newest value that decides nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket: Option<Bucket>,
    },
    /// Several parts of a condition have its outcome.
    Parts {
        /// The parts.
        parts: Vec<ConditionReason>,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// How a value compares with its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitReason {
    /// The value.
    pub measured: Measured,
    /// The state of the check.
    #[serde(default)]
    pub state: State,
    /// Whether the value is that of the peak hours of several days, and not that of now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_peak: bool,
    /// How many samples it rests on.
    pub samples: usize,
    /// The limit that decided; null where there is none.
    pub limit: Option<ComparedLimit>,
    /// Why it is not evaluated although it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<UnjudgedReason>,
    /// Seconds that the samples have been flat at the ceiling, so that the demand is higher than what is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flat_seconds: Option<f64>,
    /// What it means that this is a cache, or no cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Box<CacheReason>>,
    /// Whether it lasts until its reset, of a budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Box<BudgetReason>>,
    /// What the source says about the value: the slowest statement, what the limit consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A limit with how a value compares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedLimit {
    /// The limit.
    pub at: Quantity,
    /// Who set it.
    pub origin: LimitOrigin,
    /// What follows.
    pub verdict: Verdict,
    /// Whether the value is beyond it, whatever its duration.
    pub beyond: bool,
    /// How long it was exceeded, where there is history.
    pub sustained: Option<Sustained>,
    /// When it was exceeded before, for as long as it asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<PastEvent>,
    /// The bucket of a histogram around the limit, within which the value lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
}

/// Why a value is not evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UnjudgedReason {
    /// It is not known whether a Redis is a cache: no eviction policy and no evictions.
    NotKnownToBeACache,
    /// The spend of a budget's present period is known in part alone, and more is spent than that.
    SpendIncomplete {
        /// The first day of which it is known, where that is after the last reset.
        known_since: Option<NaiveDate>,
        /// The last day of which it is known, where that is long ago.
        known_until: Option<NaiveDate>,
    },
    /// Too little happened while the threshold was exceeded.
    TooLittleTraffic {
        /// What counts.
        of: SignalId,
        /// How much of it there was.
        counted: f64,
        /// How much it takes.
        needed: f64,
    },
}

/// Whether a budget lasts until it is reset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetReason {
    /// When it is reset next; null where that is not known.
    pub resets_at: Option<DateTime<Utc>>,
    /// Whether it was reset within the history.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_reset: bool,
    /// What is spent a day at present, in its unit; null where too little is known.
    pub per_day: Option<Interval<f64>>,
    /// Days that this rests on, at most 14; 0 where only some hours are known.
    pub days: usize,
    /// What will be spent at the reset, as a share of the budget; null where the reset or the rate is not known.
    pub at_reset: Option<Interval<f64>>,
    /// How likely it is that it is spent before the reset, or within the days that are looked at.
    pub probability: Option<f64>,
    /// When it is spent, where that is likely.
    pub spent_on: Option<SaturationDate>,
}

/// What it means that memory belongs to a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CacheReason {
    /// The server keeps its keys, so that misses cost nothing.
    NotACache,
    /// It evicts when it is full, so that the effects of that count.
    Evicts {
        /// The eviction policy, where it is known.
        policy: Option<String>,
        /// The effects beyond their own limits.
        harmed: Vec<LimitReason>,
        /// The effects that are not known.
        unknown: Vec<SignalId>,
    },
}
