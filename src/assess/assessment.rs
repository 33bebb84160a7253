//! The result: what the JSON output consists of.

mod ends;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArchitectureDecision, DeploymentFit, Outcome, PlanItem, Saving, StatedCost, WorkersNeeded};
use crate::{
    roadmap::{Range, Timeline},
    signal::{Aggregate, Quantity, ResourceId, SignalId},
    snapshot::{Gap, Origin, Window},
};

pub use ends::{ActBy, Bottleneck, Expectation, Grade, Interval, SaturationDate, Status};

/// The version of the JSON output's shape.
pub const SCHEMA: &str = "scale-advisor/assessment/1";

/// How things stand, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Measured and within its limits.
    Ok,
    /// Not known, and therefore not fine.
    Unknown,
    /// Deserves a look.
    Warning,
    /// Somebody must act.
    Critical,
}

/// The whole judgement.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assessment {
    /// Always `scale-advisor/assessment/1`.
    pub schema: String,
    /// When the snapshot was taken.
    pub generated_at: DateTime<Utc>,
    /// The program that judged.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// The roadmap it was held against.
    pub profile: Profile,
    /// The stretch of time that was looked at.
    pub window: Window,
    /// How much the system is used.
    pub load: Load,
    /// What was measured and what was not.
    pub coverage: Coverage,
    /// Where on the roadmap the system is.
    pub phase: PhaseStanding,
    /// What runs out next; null when no resource has reached its warning limit.
    pub next_bottleneck: Option<Bottleneck>,
    /// Why that one, or why none.
    pub next_bottleneck_because: String,
    /// Every resource, most pressing first.
    pub bottlenecks: Vec<Bottleneck>,
    /// How the roadmap's shapes of the installation fit the load of today, smallest first.
    pub deployments: Vec<DeploymentFit>,
    /// What it costs here and in the next phase.
    pub cost: Cost,
    /// How many workers each queue needs.
    pub workers: Vec<WorkersNeeded>,
    /// What stands idle and what it could save.
    pub savings: Vec<Saving>,
    /// Every threshold, alert, objective and trigger with its outcome, worst first.
    pub findings: Vec<Finding>,
    /// Every decision of the framework with its outcome.
    pub decisions: Vec<DecisionOutcome>,
    /// Whether to stay with the architecture; null where the roadmap does not ask.
    pub architecture: Option<ArchitectureDecision>,
    /// What to do, first things first.
    pub plan: Vec<PlanItem>,
}

/// The roadmap an assessment was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Load {
    /// The signal.
    pub signal: SignalId,
    /// What one of it is called.
    pub unit: String,
    /// The newest value; null when unknown.
    pub now: Option<f64>,
    /// The 95th percentile of the busy hours; null when unknown.
    pub peak: Option<f64>,
    /// True when it was computed from requests.
    pub estimated: bool,
    /// Growth a month as a ratio; null without enough history.
    pub growth_per_month: Option<Interval<f64>>,
    /// Expected load on days to come; null without enough history.
    pub forecast: Option<Vec<ForecastDay>>,
    /// What the forecast rests on, or what is missing.
    pub forecast_because: String,
    /// How it was found, or why it was not.
    pub because: String,
}

/// The load expected on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastDay {
    /// The day.
    pub date: DateTime<Utc>,
    /// The 5 % quantile.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// The 95 % quantile.
    pub high: f64,
}

/// What was measured and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// How many signals the roadmap and the configured sources call for.
    pub wanted: usize,
    /// How many of them were measured.
    pub measured: usize,
    /// Why the others were not.
    pub gaps: Vec<Gap>,
}

/// Where on the roadmap the system is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PhaseStanding {
    /// The number of the phase that holds the present load; null when the load is unknown.
    pub current: Option<u64>,
    /// The number of the phase to be in or to prepare; null when the load is unknown.
    pub recommended: Option<u64>,
    /// The present phase's title.
    pub title: Option<String>,
    /// What calls for the next phase, with its outcome.
    pub triggers: Vec<Trigger>,
    /// Why.
    pub because: String,
}

/// One reason to enter the next phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Trigger {
    /// The condition in words.
    pub text: String,
    /// Whether it holds.
    pub verdict: Outcome,
    /// The numbers that decided.
    pub evidence: String,
}

/// What it costs here and in the next phase.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cost {
    /// ISO 4217 code.
    pub currency: String,
    /// The present phase's cost.
    pub tier: Option<Tier>,
    /// The next phase's cost.
    pub next_tier: Option<Tier>,
    /// What the roadmap says the present load costs; null when the load is unknown, or the roadmap states no
    /// costs by users.
    pub at_load: Option<StatedCost>,
    /// What the team says it pays a month.
    pub actual: Option<f64>,
    /// The actual cost for each user at the busy hour.
    pub per_user: Option<f64>,
    /// By how many per cent the cost grows for each per cent of users; null where that cannot be told.
    pub elasticity: Option<f64>,
    /// What tells it, or what is missing.
    pub elasticity_because: String,
    /// How the figures compare.
    pub because: String,
}

/// The monthly cost of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tier {
    /// The phase's number.
    pub phase: u64,
    /// What it costs a month; null when the roadmap does not say.
    pub per_month: Option<Range<f64>>,
}

/// Where a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A source that refused us because it is full.
    Refusal,
    /// A limit of thresholds.toml, of the project or of an alert.
    Threshold,
    /// An alert of the roadmap.
    Alert,
    /// A target of the roadmap.
    Objective,
    /// A date by which to act that has come.
    Forecast,
    /// A reason to enter the next phase; never raises the verdict.
    Trigger,
    /// A sign of an expected bottleneck; never raises the verdict.
    Symptom,
    /// The symptom a playbook is for; never raises the verdict.
    Playbook,
    /// A target beside what was reached; never raises the verdict.
    Benchmark,
    /// Something the roadmap states of the system; never raises the verdict.
    Statement,
}

impl Kind {
    /// Whether a finding of this kind tells of a fault. A reason to enter the next phase does not, nor does
    /// what the roadmap merely describes: its limits, alerts and objectives say what is wrong.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Refusal | Self::Threshold | Self::Alert | Self::Objective | Self::Forecast => true,
            Self::Trigger | Self::Symptom | Self::Playbook | Self::Benchmark | Self::Statement => false,
        }
    }
}

/// The outcome of one condition, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// Stable name, such as `alert:queue-depth-critical`.
    pub id: String,
    /// Where it comes from.
    pub kind: Kind,
    /// How bad it is when it holds.
    pub severity: Verdict,
    /// How it stands now.
    pub verdict: Verdict,
    /// The signal that decided.
    pub signal: Option<SignalId>,
    /// Which instance decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The resource the signal belongs to.
    pub resource: Option<ResourceId>,
    /// The value that was compared.
    pub value: Option<Quantity>,
    /// What it was compared with.
    pub limit: Option<Quantity>,
    /// How the window became the value.
    pub aggregate: Option<Aggregate>,
    /// How long the limit was passed, when that was asked.
    pub sustained: Option<Sustained>,
    /// Where the value was read.
    pub origin: Option<Origin>,
    /// How many samples it rests on.
    pub samples: usize,
    /// The reasoning in words.
    pub because: String,
}

/// How long a series stayed beyond a limit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Sustained {
    /// Seconds that were asked for.
    pub required_seconds: f64,
    /// Seconds of the run that lasts until now; 0 when the newest sample is within the limit.
    pub current_seconds: f64,
    /// Seconds of the longest run.
    pub longest_seconds: f64,
    /// When the longest run began; null when there was none.
    pub began: Option<DateTime<Utc>>,
}

/// How one decision of the framework stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DecisionOutcome {
    /// The decision's id.
    pub id: String,
    /// Whether it is due.
    pub verdict: Outcome,
    /// What to do when it is.
    pub action: String,
    /// How long that takes.
    pub timeline: Timeline,
    /// The numbers that decided.
    pub because: String,
}
