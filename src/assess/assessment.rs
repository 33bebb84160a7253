//! The result: what the JSON output consists of.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ArchitectureDecision, Bottleneck, Cost, DecisionOutcome, DeploymentFit, ExpectedEvent, Failure, Finding,
    ForecastReason, Interval, LlmSpend, LoadReason, PhaseStanding, PlanItem, RankingReason, Saving,
    ServiceLevel, Silenced, WorkersNeeded, upgrade::known,
};
use crate::{
    roadmap::Event,
    signal::{Definition, SignalId},
    snapshot::{DiscoveredResource, Gap, Window},
};

/// The version of the JSON output's shape.
pub const SCHEMA: &str = "scale-advisor/assessment/2";

/// Overall state, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Measured and within its limits.
    Ok,
    /// Unknown, and therefore not OK.
    Unknown,
    /// Needs attention.
    Warning,
    /// Needs action now.
    Critical,
}

/// The whole assessment. When read back, resources and signals that this version no longer knows are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Always `scale-advisor/assessment/2`.
    pub schema: String,
    /// When the snapshot was taken.
    pub generated_at: DateTime<Utc>,
    /// The program that made it.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// What is measured and not known to the program by itself: of settings and roadmaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definitions: Vec<Definition>,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// What is silenced, and the verdict without it; absent where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silenced: Option<Silenced>,
    /// The roadmap.
    pub profile: Profile,
    /// The time range of the present.
    pub window: Window,
    /// How much the system is used.
    pub load: Load,
    /// Events that forecasts and peaks leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events_left_out: Vec<Event>,
    /// Events to come, and the resources that are too small for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events_ahead: Vec<ExpectedEvent>,
    /// What was measured and what was not.
    pub coverage: Coverage,
    /// Where on the roadmap the system is.
    pub phase: PhaseStanding,
    /// What runs out next, or the service level that no resource explains; null where nothing is near its limit.
    pub next_bottleneck: Option<Bottleneck>,
    /// Why that one, or why none.
    pub next_bottleneck_reason: RankingReason,
    /// Every resource, each instance separately, most urgent first.
    #[serde(deserialize_with = "known")]
    pub bottlenecks: Vec<Bottleneck>,
    /// What is left if a part of the system fails, for each part named in the config or by flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
    pub failures: Vec<Failure>,
    /// Every service level, worst first.
    #[serde(default, deserialize_with = "known")]
    pub service_levels: Vec<ServiceLevel>,
    /// How the roadmap's deployments fit the load of today, smallest first.
    #[serde(deserialize_with = "known")]
    pub deployments: Vec<DeploymentFit>,
    /// What it costs here and in the next phase.
    pub cost: Cost,
    /// What is spent on language models; absent where that is not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_spend: Option<LlmSpend>,
    /// How many workers each queue needs.
    #[serde(deserialize_with = "known")]
    pub workers: Vec<WorkersNeeded>,
    /// What is underutilized, and what that could save.
    #[serde(deserialize_with = "known")]
    pub savings: Vec<Saving>,
    /// Every threshold, alert, objective and trigger with its outcome, worst first.
    #[serde(deserialize_with = "known")]
    pub findings: Vec<Finding>,
    /// Every decision of the roadmap with its outcome.
    #[serde(deserialize_with = "known")]
    pub decisions: Vec<DecisionOutcome>,
    /// Whether to stay with the architecture; null where the roadmap does not ask.
    pub architecture: Option<ArchitectureDecision>,
    /// What to do, most urgent first.
    #[serde(deserialize_with = "known")]
    pub plan: Vec<PlanItem>,
    /// Resources near their limits that are not in the catalogue, fullest first.
    #[serde(default)]
    pub outside_roadmap: Vec<DiscoveredResource>,
}

/// The roadmap an assessment was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The document it was made from.
    pub roadmap: Option<String>,
    /// SHA-256 of its text.
    pub digest: String,
}

/// How much the system is used, in the unit that phases count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// The signal.
    pub signal: SignalId,
    /// What a unit of load is called.
    pub unit: String,
    /// The newest value; null when unknown.
    pub now: Option<f64>,
    /// The 95th percentile of the last 28 days' peak hours; null when unknown.
    pub peak: Option<f64>,
    /// How many days the peak rests on; 0 where less than a day is known.
    #[serde(default)]
    pub peak_days: usize,
    /// True when it was estimated from another signal.
    pub estimated: bool,
    /// Growth a month as a ratio; null without enough history.
    pub growth_per_month: Option<Interval<f64>>,
    /// Expected load on days to come; null without enough history.
    pub forecast: Option<Vec<ForecastDay>>,
    /// What the forecast rests on, or what is missing.
    pub forecast_reason: ForecastReason,
    /// How it is known, or why it is not.
    pub reason: LoadReason,
}

/// The load expected on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastDay {
    /// The day.
    pub date: DateTime<Utc>,
    /// The 5% quantile.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// The 95% quantile.
    pub high: f64,
}

/// What was measured and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// How many signals the roadmap and the configured sources call for.
    pub wanted: usize,
    /// How many of them were measured.
    pub measured: usize,
    /// Why the others were not.
    #[serde(deserialize_with = "known")]
    pub gaps: Vec<Gap>,
}
