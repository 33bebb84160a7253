//! Why a result is what it is, as data: kinds with their values. `render::reason` puts them into words.
//!
//! A reason that an earlier version of the schema kept as a sentence is `worded`.

mod condition;
mod forecast;
mod plan;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NotPlaced, Survivor};
use crate::{
    signal::{Quantity, ResourceId, SignalId},
    snapshot::Part,
};

pub use condition::{BudgetReason, CacheReason, ComparedLimit, LimitReason, UnjudgedReason};
pub use condition::{Caveat, ConditionReason};
pub use forecast::{DemandChanged, DemandReason, ForecastReason, LimitChanged, LoadReason, SaturationReason};
pub use forecast::{Rank, RankingReason, RunnerUp};
pub use plan::{
    CostReason, ElasticityReason, PhaseLoad, PhaseReason, PlanPurpose, PlanReason, StatedAt,
    StatedCostReason, TriggerCount,
};

/// A measured value of one instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// What was measured.
    pub signal: SignalId,
    /// Which of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The value.
    pub value: Quantity,
    /// What 100% is, for a share of something countable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Quantity>,
}

/// Why a signal has no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MissingReason {
    /// No configured source reads it.
    NotConfigured {
        /// The signal.
        signal: SignalId,
    },
    /// A source could not measure it.
    Gap {
        /// The signal.
        signal: SignalId,
        /// The source.
        source: String,
        /// What happened.
        detail: String,
    },
    /// What it is computed from is missing.
    NotComputed {
        /// The signal.
        signal: SignalId,
    },
    /// Its values are too large to calculate with.
    TooLarge {
        /// The signal.
        signal: SignalId,
    },
    /// An instance was at a limit when it stopped reporting.
    Stopped {
        /// Its last value.
        last: Measured,
        /// When that was.
        at: DateTime<Utc>,
        /// The threshold that it was beyond.
        limit: Quantity,
    },
    /// Other instances were measured.
    OtherInstances {
        /// The signal.
        signal: SignalId,
        /// The instance that is missing.
        instance: String,
        /// Those that were measured.
        measured: Vec<String>,
    },
}

/// Why a finding has its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FindingReason {
    /// A source refused a connection because a limit is reached.
    Refused {
        /// The source.
        source: String,
        /// The server's own words.
        message: String,
    },
    /// A value was compared with its limits.
    Limit {
        /// How.
        evaluation: Arc<LimitReason>,
    },
    /// Nothing measures the signal.
    Missing {
        /// Why.
        missing: MissingReason,
    },
    /// A condition of the roadmap was evaluated.
    Condition {
        /// What the roadmap says it means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statement: Option<String>,
        /// Whether a target band is missed because of spare capacity, which is no fault.
        #[serde(default)]
        underutilized: bool,
        /// Why.
        condition: Box<ConditionReason>,
    },
    /// A date to act by is known.
    ActBy {
        /// The date.
        start_by: DateTime<Utc>,
        /// When the limit is reached, with 50%.
        reached: Option<DateTime<Utc>>,
        /// Whether the date has passed.
        overdue: bool,
    },
    /// A part of the system is assumed to be gone.
    Lost {
        /// What that is.
        lost: Vec<Part>,
        /// Whether an instance is in it.
        found: bool,
        /// The one with the least headroom of those who take over.
        worst: Option<Box<Survivor>>,
        /// Resources of which it is not known what is left.
        unknown: Vec<NotPlaced>,
        /// Resources of which no instance is left, where that leaves it open whether the rest holds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<ResourceId>,
        /// Resources that must hold and of which no instance has the label.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without_label: Vec<ResourceId>,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// Why a resource has its status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BottleneckReason {
    /// A source refused a connection because a limit is reached.
    Refused {
        /// The source.
        source: String,
        /// The server's own words.
        message: String,
    },
    /// Its value was compared with its limits.
    Limit {
        /// How.
        evaluation: Arc<LimitReason>,
    },
    /// A service level is violated, and no measured resource explains it.
    Unexplained {
        /// How it compares with its limits.
        evaluation: Arc<LimitReason>,
        /// Resources with headroom.
        ruled_out: Vec<ResourceId>,
        /// Resources that are not known.
        unknown: Vec<ResourceId>,
    },
    /// Nothing measures it.
    Missing {
        /// Why.
        missing: MissingReason,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}
