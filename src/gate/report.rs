//! The result: what the JSON output consists of.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Better, Profile, Provenance};
use crate::assess::Interval;

/// The version of the JSON output's shape.
pub const GATE_SCHEMA: &str = "scale-advisor/gate/1";

/// What became of the candidate.
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

/// What became of one metric, limit or translation.
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

/// The judgement between two builds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GateReport {
    /// Always `scale-advisor/gate/1`.
    pub schema: String,
    /// When it was judged.
    pub generated_at: DateTime<Utc>,
    /// The program that judged.
    pub tool_version: String,
    /// What became of the candidate.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub because: String,
    /// What the candidate was held against.
    pub baseline: BaselineSide,
    /// The candidate.
    pub candidate: Side,
    /// The roadmap that limits come from; null where none was chosen.
    pub profile: Option<Profile>,
    /// Every metric that was judged, failures first.
    pub metrics: Vec<MetricVerdict>,
    /// Every limit that was held against each run, failures first.
    pub objectives: Vec<ObjectiveVerdict>,
    /// What the change means in users and dates; null where that cannot be told.
    pub consequence: Option<Consequence>,
    /// What it follows from, or why it cannot be told.
    pub consequence_because: String,
    /// What became of every acknowledgement.
    pub acknowledged: Vec<Acknowledged>,
    /// What should have been there and was not.
    pub missing: Vec<Missing>,
    /// Metrics that were measured but not judged.
    pub not_judged: Vec<NotJudged>,
}

/// The runs of one build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Side {
    /// How many.
    pub runs: usize,
    /// The programs that measured.
    pub tools: Vec<String>,
}

/// What the candidate was held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BaselineSide {
    /// How it relates to the candidate.
    pub kind: BaselineKind,
    /// How many runs.
    pub runs: usize,
    /// The programs that measured.
    pub tools: Vec<String>,
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

/// What became of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MetricVerdict {
    /// Stable name, such as `metric:latency_p95`.
    pub id: String,
    /// The metric.
    pub metric: String,
    /// Its unit, as the tool names it; empty where nobody says.
    pub unit: String,
    /// Which way it is better.
    pub direction: Better,
    /// What became of it.
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
    /// How many more runs a side would probably settle it, if the difference and the noise stay as they are; absent
    /// where it is settled, or where no reasonable number would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_needed: Option<usize>,
    /// The reasoning in words.
    pub because: String,
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
    /// The lower end; null where the runs are too few to tell.
    pub low: Option<f64>,
    /// The median of all differences between two runs (Hodges-Lehmann).
    pub mid: f64,
    /// The upper end; null where the runs are too few to tell.
    pub high: Option<f64>,
}

/// What became of one limit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ObjectiveVerdict {
    /// Stable name, such as `objective:response-time`.
    pub id: String,
    /// What it promises.
    pub title: String,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// What became of it.
    pub verdict: Verdict,
    /// Runs it was held against.
    pub runs: usize,
    /// Runs that broke it.
    pub broken: usize,
    /// The numbers that decided.
    pub because: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Deserves a look.
    Warning,
    /// Somebody must act.
    Critical,
}

/// What the change means in users and dates.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Consequence {
    /// Always `consequence`.
    pub id: String,
    /// What it was told by.
    pub method: Method,
    /// Pass, or fail where too little is left.
    pub verdict: Verdict,
    /// What is counted: users, concurrent users.
    pub unit: String,
    /// The resource that runs out first with the candidate; null where throughput alone tells.
    pub resource: Option<String>,
    /// The load at saturation before.
    pub baseline: Saturation,
    /// The load at saturation with the candidate.
    pub candidate: Saturation,
    /// The share of the load at saturation that is lost; negative for a gain.
    pub loss: Option<f64>,
    /// The share of the candidate's load at saturation that is unused at present; null where the load is unknown.
    pub headroom: Option<f64>,
    /// The reasoning in words.
    pub because: String,
}

/// How the load at saturation was told.
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

/// What became of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Acknowledged {
    /// The finding it is for.
    pub id: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    pub until: NaiveDate,
    /// Who answers for it.
    pub owner: String,
    /// Whether it does anything.
    pub state: AcknowledgementState,
    /// What that means.
    pub because: String,
}

/// Whether an acknowledgement does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AcknowledgementState {
    /// It lets a failure through.
    Used,
    /// Its day has passed: it lets nothing through. A warning.
    Expired,
    /// What it is for has not failed. A warning.
    Unused,
}

/// A metric that was measured but not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotJudged {
    /// Stable name, such as `metric:orders`.
    pub id: String,
    /// The metric.
    pub metric: String,
    /// Whether it may have become worse, so that the outcome is not settled.
    pub open: bool,
    /// Why, and what to do about it.
    pub because: String,
}

/// Something that should have been there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Missing {
    /// What.
    pub what: String,
    /// Why it is needed, and where it is missing.
    pub because: String,
}
