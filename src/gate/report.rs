//! The result: what the JSON output consists of.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Better, ConsequenceReason, ConsequenceUnknown, LimitReason, MetricReason, MissingReason,
    NotEvaluatedReason, OutcomeReason, Profile, Provenance,
};
use crate::{assess::Interval, loadtest::Note};

/// The version of the JSON output's shape.
pub const GATE_SCHEMA: &str = "scale-advisor/gate/2";

/// Verdict on the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Shown to be as good as the baseline, within the margins.
    Pass,
    /// Shown to be worse, or beyond a limit.
    Fail,
    /// Neither could be shown.
    Inconclusive,
    /// There is nothing to compare with.
    NoBaseline,
}

/// Verdict on one metric, limit or translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Shown to be within what is allowed.
    Pass,
    /// Shown to be beyond it.
    Fail,
    /// Neither could be shown.
    Inconclusive,
}

/// The comparison of two builds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GateReport {
    /// Always `scale-advisor/gate/2`.
    pub schema: String,
    /// When it was evaluated.
    pub generated_at: DateTime<Utc>,
    /// The version of the program that evaluated it.
    pub tool_version: String,
    /// Verdict on the candidate.
    pub outcome: Outcome,
    /// Why.
    pub reason: OutcomeReason,
    /// What the candidate was compared with.
    pub baseline: BaselineSide,
    /// The candidate.
    pub candidate: Side,
    /// The roadmap that limits come from; null where none was chosen.
    pub profile: Option<Profile>,
    /// Every metric that was evaluated, failures first.
    pub metrics: Vec<MetricVerdict>,
    /// Every limit that each run was checked against, failures first.
    pub objectives: Vec<ObjectiveVerdict>,
    /// What the change means in users and dates; null where that is unknown.
    pub consequence: Option<Consequence>,
    /// Why it is unknown; null where it is known.
    pub consequence_unknown: Option<ConsequenceUnknown>,
    /// Verdict on every acknowledgement.
    pub acknowledged: Vec<Acknowledged>,
    /// What should have been there and was not.
    pub missing: Vec<Missing>,
    /// Metrics that were measured but not evaluated.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// Something to know about the figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunNote {
    /// The run.
    pub run: String,
    /// What was left out, added up or reset.
    pub note: Note,
}

/// The runs of one build.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Side {
    /// How many.
    pub runs: usize,
    /// The programs that measured.
    pub tools: Vec<String>,
    /// What was left out, added up or reset when the runs were read.
    pub notes: Vec<RunNote>,
}

/// What the candidate was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BaselineSide {
    /// How it relates to the candidate.
    pub kind: BaselineKind,
    /// How many runs.
    pub runs: usize,
    /// The programs that measured.
    pub tools: Vec<String>,
    /// What was left out, added up or reset when the runs were read.
    pub notes: Vec<RunNote>,
    /// Where a stored baseline comes from; null for files.
    pub provenance: Option<Provenance>,
}

/// How the baseline relates to the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BaselineKind {
    /// Runs made beside those of the candidate.
    Paired,
    /// Earlier runs of the main branch.
    History,
    /// None.
    None,
}

/// Verdict on one metric.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MetricVerdict {
    /// Stable name, such as `metric:latency_p95`.
    pub id: String,
    /// The metric.
    pub metric: String,
    /// Its unit, as the tool names it; empty where unspecified.
    pub unit: String,
    /// Which way it is better.
    pub direction: Better,
    /// Verdict on it.
    pub verdict: Verdict,
    /// The baseline's runs.
    pub baseline: Sample,
    /// The candidate's runs.
    pub candidate: Sample,
    /// The probability, if nothing changed, of a candidate that looks this much worse; null where it was not tested.
    pub p: Option<f64>,
    /// The same, adjusted for all metrics that were tested (Holm).
    pub p_holm: Option<f64>,
    /// The candidate less the baseline, in the metric's unit; null where it is unknown.
    pub shift: Option<Shift>,
    /// The shift as a share of the baseline's median; null where that is zero.
    pub shift_ratio: Option<f64>,
    /// The share of the baseline's median that may be lost.
    pub margin: f64,
    /// The change for the worse that is allowed, in the metric's unit: by the margin or the floor, whichever is more.
    pub allowed: f64,
    /// How many more runs per side would probably decide it, if the difference and the noise stay as they are; absent
    /// where it is decided, or where no reasonable number would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_needed: Option<usize>,
    /// How many metrics were tested together.
    pub tests: usize,
    /// Earlier runs of the branch whose spread the test used, because the sides have too few runs of their own; absent
    /// where they have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread_of: Option<usize>,
    /// A loss that has crept in over many builds; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creep: Option<Creep>,
    /// Why.
    pub reason: MetricReason,
}

/// A loss that has crept in over many builds, too slowly to show between any two of them. It changes no verdict.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Creep {
    /// The run with which it began, about.
    pub since: String,
    /// How many runs ago that was.
    pub runs: usize,
    /// By how much the level has moved since, as a share of what it was.
    pub moved: f64,
    /// The probability of so clear a trend among builds that have none.
    pub p: f64,
}

/// Runs of one build, in one metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Sample {
    /// How many runs have it.
    pub n: usize,
    /// Their median; null for none.
    pub median: Option<f64>,
}

/// By how much the candidate differs. Each end of the interval is right with a probability of 95%.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Shift {
    /// The lower end; null where there are too few runs.
    pub low: Option<f64>,
    /// The median of all differences between two runs (Hodges-Lehmann).
    pub mid: f64,
    /// The upper end; null where there are too few runs.
    pub high: Option<f64>,
}

/// Verdict on one limit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ObjectiveVerdict {
    /// Stable name, such as `objective:response-time`.
    pub id: String,
    /// What it promises.
    pub title: String,
    /// How severe it is when it is broken.
    pub severity: Severity,
    /// Verdict on it.
    pub verdict: Verdict,
    /// Runs that were checked.
    pub runs: usize,
    /// Runs that broke it.
    pub broken: usize,
    /// What decided.
    pub reason: LimitReason,
}

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Needs attention.
    Warning,
    /// Needs action.
    Critical,
}

/// What the change means in users and dates.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Consequence {
    /// Always `consequence`.
    pub id: String,
    /// What it is derived from.
    pub method: Method,
    /// Pass, or fail where too little is left.
    pub verdict: Verdict,
    /// What is counted: users, concurrent users.
    pub unit: String,
    /// The resource that runs out first with the candidate; null where it follows from throughput alone.
    pub resource: Option<String>,
    /// The load at saturation before.
    pub baseline: Saturation,
    /// The load at saturation with the candidate.
    pub candidate: Saturation,
    /// The share of the load at saturation that is lost; negative for a gain.
    pub loss: Option<f64>,
    /// The share of the candidate's load at saturation that is unused at present; null where the load is unknown.
    pub headroom: Option<f64>,
    /// Why.
    pub reason: ConsequenceReason,
}

/// How the load at saturation was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// From the peak of a scalability curve through the steps of each load test.
    SteppedTests,
    /// From the assessments of both builds.
    Assessments,
    /// The load at saturation of today, less the share of throughput that is lost.
    Throughput,
}

/// When and where something runs out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Saturation {
    /// The load; null where it is unknown.
    pub load: Option<Interval<f64>>,
    /// The date; null without a forecast of the load.
    pub on: Option<DateTime<Utc>>,
    /// By when to act; null where it is unknown.
    pub act_by: Option<DateTime<Utc>>,
}

/// Verdict on an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Acknowledged {
    /// The finding it is for.
    pub id: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    pub until: NaiveDate,
    /// Who is responsible for it.
    pub owner: String,
    /// Whether it has an effect.
    pub state: AcknowledgementState,
    /// Whether what it is for has failed.
    pub failed: bool,
}

/// Whether an acknowledgement has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AcknowledgementState {
    /// It accepts a failure.
    Used,
    /// Its day has passed: it accepts nothing. A warning.
    Expired,
    /// What it is for has not failed. A warning.
    Unused,
}

/// A metric that was measured but not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotEvaluated {
    /// Stable name, such as `metric:orders`.
    pub id: String,
    /// The metric.
    pub metric: String,
    /// Whether it may have become worse, which makes the outcome inconclusive.
    pub inconclusive: bool,
    /// Why.
    pub reason: NotEvaluatedReason,
}

/// Something that should have been there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Missing {
    /// What.
    pub what: String,
    /// Where it is missing, and why.
    pub reason: MissingReason,
}
