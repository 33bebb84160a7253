//! Reasons of phases, costs and plans.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BottleneckReason, ConditionReason, FindingReason, LoadReason, MissingReason, RankingReason};
use crate::{
    roadmap::Range,
    signal::{ResourceId, SignalId},
    snapshot::Part,
};

/// The load that a phase was chosen by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseLoad {
    /// The load at the peak hour; null where the phase is declared and the load unknown.
    pub peak: Option<f64>,
    /// What a unit of load is called.
    pub unit: String,
    /// What it was estimated from.
    pub estimated_from: Option<SignalId>,
    /// The present phase.
    pub phase: u64,
}

/// How many triggers of the next phase hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriggerCount {
    /// The phase that they lead to.
    pub phase: u64,
    /// Those that hold.
    pub holding: usize,
    /// Those that are unknown.
    pub unknown: usize,
    /// All of them.
    pub total: usize,
}

/// Why a phase is recommended, or why the phase is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PhaseReason {
    /// The load is unknown.
    LoadUnknown {
        /// Why.
        load: LoadReason,
    },
    /// No phase follows.
    LastPhase {
        /// The load.
        at: PhaseLoad,
    },
    /// The declared phase is kept although the load is somewhat below it.
    Kept {
        /// The load.
        at: PhaseLoad,
        /// Where the phase begins.
        begins: u64,
        /// The load down to which it is kept.
        down_to: f64,
    },
    /// The roadmap names no trigger for the next phase.
    NoTriggers {
        /// The load.
        at: PhaseLoad,
        /// The next phase.
        next: u64,
    },
    /// The next phase's load trigger holds.
    LoadTrigger {
        /// The load.
        at: PhaseLoad,
        /// The triggers.
        triggers: TriggerCount,
    },
    /// Most of the triggers that are known hold.
    MostTriggers {
        /// The load.
        at: PhaseLoad,
        /// The triggers.
        triggers: TriggerCount,
    },
    /// The load is expected to reach the next phase before its longest action could end.
    ExpectedSoon {
        /// The load.
        at: PhaseLoad,
        /// The triggers.
        triggers: TriggerCount,
        /// Where the next phase begins.
        begins: u64,
        /// When the load is expected there.
        expected: DateTime<Utc>,
        /// Days that the longest action takes.
        longest_action_days: i64,
    },
    /// The next phase is not due.
    NotDue {
        /// The load.
        at: PhaseLoad,
        /// The triggers.
        triggers: TriggerCount,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// How the bill compares with the phase's cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CostReason {
    /// The phase is unknown.
    PhaseUnknown,
    /// The roadmap states no cost for the phase.
    NotStated,
    /// The bill is not declared.
    NotDeclared {
        /// The fact that would declare it.
        fact: String,
    },
    /// The bill is below the phase's cost.
    Below,
    /// The bill is within it.
    Within,
    /// The bill is above it.
    Above,
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// What the elasticity of the cost rests on, or what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ElasticityReason {
    /// Bills and users of the same months.
    Bills {
        /// How many bills.
        bills: usize,
        /// What counts the users.
        users: SignalId,
    },
    /// The present bill against the roadmap's first stated cost.
    AgainstRoadmap {
        /// The bill.
        cost: f64,
        /// The load it is paid for.
        users: f64,
        /// The stated cost.
        stated_cost: f64,
        /// The users it is stated for.
        stated_users: u64,
    },
    /// No bills, and no declared cost that could be compared with the roadmap's.
    NoBills {
        /// Why there are no bills.
        missing: MissingReason,
    },
    /// Too few bills, or too little growth of users between them.
    TooLittleGrowth {
        /// Bills that are needed.
        bills_needed: usize,
        /// The factor by which users must grow.
        growth_needed: f64,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// A cost that the roadmap states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatedAt {
    /// The users.
    pub users: u64,
    /// What they cost a month.
    pub per_month: Range<f64>,
    /// What the money buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How the cost of a number of users was found, or why not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatedCostReason {
    /// It is stated.
    Stated {
        /// The cost.
        at: StatedAt,
    },
    /// It lies between two stated costs.
    Interpolated {
        /// The one below.
        below: StatedAt,
        /// The one above.
        above: StatedAt,
    },
    /// The users are fewer than the first stated cost is for.
    BelowFirst {
        /// The first stated cost.
        first: StatedAt,
    },
    /// The users are more than the last stated cost is for.
    AboveLast {
        /// The last stated cost.
        last: StatedAt,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// Why something is in the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlanReason {
    /// It relieves a resource that is near its limit.
    Relieves {
        /// The resource.
        resource: ResourceId,
        /// The state of the resource.
        reason: BottleneckReason,
    },
    /// A resource saturates if a part of the system fails, which the config requires it to survive.
    SaturatesWithout {
        /// The resource.
        resource: ResourceId,
        /// The part.
        lost: Vec<Part>,
    },
    /// The roadmap expects a bottleneck on the way to a load.
    Expected {
        /// The resource.
        resource: ResourceId,
        /// What is expected.
        title: String,
        /// At which load.
        users: u64,
    },
    /// A decision is due.
    Decision {
        /// The decision.
        id: String,
        /// Why.
        reason: ConditionReason,
    },
    /// The symptom of a playbook is seen.
    Playbook {
        /// The finding.
        reason: FindingReason,
    },
    /// The phase is recommended.
    PhaseRecommended {
        /// The phase.
        phase: u64,
        /// Why.
        reason: PhaseReason,
    },
    /// The phase is entered, as the plan was asked to assume.
    PhaseEntered {
        /// The phase.
        phase: u64,
    },
    /// The phase begins on the way to a load.
    PhaseOnTheWay {
        /// The phase.
        phase: u64,
        /// Where it begins.
        begins: u64,
        /// The load.
        users: u64,
    },
    /// As an earlier version worded it.
    Worded {
        /// The sentence.
        text: String,
    },
}

/// What a plan holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a few are made for each result")]
pub enum PlanPurpose {
    /// What the assessment calls for.
    Now {
        /// Why the next bottleneck is that one, or why there is none.
        ranking: RankingReason,
        /// The state of the next bottleneck.
        next_bottleneck: Option<BottleneckReason>,
        /// Why the phase is recommended.
        phase: PhaseReason,
    },
    /// Everything the roadmap asks for in a phase.
    Phase {
        /// The phase.
        phase: u64,
    },
    /// Everything the roadmap asks for on the way to a load.
    Users {
        /// The load.
        users: u64,
        /// What a unit of load is called.
        unit: String,
    },
}
