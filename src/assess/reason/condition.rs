//! Why conditions hold, do not hold, or are unknown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Measured, MissingReason};
use crate::{
    assess::{Bucket, Outcome, Sustained},
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
