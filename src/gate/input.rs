//! What is compared.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AssessmentSummary, NoBaseline, SATURATION, StoredBaseline};
use crate::{capacity::usl, loadtest::Note, roadmap::Condition};

/// One run of one build: one value for each metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Where it comes from, for messages.
    pub name: String,
    /// The program that measured, with its version where it says so.
    #[serde(default)]
    pub tool: String,
    /// The metrics.
    pub values: BTreeMap<String, Value>,
    /// The batch it belongs to: runs of one batch were made together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Simulated users at once, where there were as many all the time.
    #[serde(default)]
    pub concurrency: Option<f64>,
    /// Limits that were set in the load-test tool.
    #[serde(default)]
    pub thresholds: Vec<OwnThreshold>,
    /// Throughput at several loads, of a stepped test.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What was left out, added up or reset when the run was read.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// What an assessment said, where the run is one.
    #[serde(default, alias = "standing")]
    pub assessment: Option<AssessmentSummary>,
}

impl Run {
    /// A stepped load test, with the load of its highest throughput as a metric where the steps show it.
    pub fn stepped(name: String, tool: String, steps: Vec<Step>) -> Self {
        let mut run = Self { name, tool, ..Self::default() };
        let (loads, throughputs): (Vec<f64>, Vec<f64>) =
            steps.iter().map(|step| (step.load, step.throughput)).unzip();
        let fit = usl::fit(&loads, &throughputs).ok().filter(usl::Fit::is_sound);
        // What does not grow with load at all has no peak.
        if let Some(value) = fit.and_then(|fit| fit.curve.peak()).filter(|load| *load >= 1.0) {
            run.values.insert(SATURATION.to_owned(), Value { value, unit: "users".to_owned() });
        }
        run.steps = steps;
        run
    }
}

/// A finite number with the unit it was written in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// The number.
    pub value: f64,
    /// Its unit as the tool names it; empty where it is unknown.
    pub unit: String,
}

/// A limit that the load-test tool evaluated itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnThreshold {
    /// As the tool writes it: `http_req_duration p(95)<500`.
    pub name: String,
    /// Whether the run kept it.
    pub passed: bool,
}

/// One step of a stepped load test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Simulated users at once.
    pub load: f64,
    /// Answers per second.
    pub throughput: f64,
}

/// What the candidate is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Baseline {
    /// Runs of another build, made beside those of the candidate.
    Paired(Vec<Run>),
    /// Runs of the main branch in the order of time.
    History(Vec<Run>),
    /// None, with the reason.
    Missing(NoBaseline),
}

impl Baseline {
    /// The runs, none where there is no baseline.
    pub fn runs(&self) -> &[Run] {
        match self {
            Self::Paired(runs) | Self::History(runs) => runs,
            Self::Missing(_) => &[],
        }
    }
}

impl Comparison {
    /// The runs of the main branch in the order of time, whether they are the baseline or stand beside it.
    pub(super) fn history(&self) -> &[Run] {
        match &self.baseline {
            Baseline::History(runs) => runs,
            _ => &self.earlier,
        }
    }
}

/// The roadmap that limits come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// SHA-256 of its text.
    pub digest: String,
}

/// What must hold in each run.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Stable name, such as `objective:response-time`.
    pub id: String,
    /// What it promises.
    pub title: String,
    /// When it is met.
    pub condition: Condition,
}

/// Everything a comparison needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// When it is evaluated.
    pub now: DateTime<Utc>,
    /// What the candidate is compared with.
    pub baseline: Baseline,
    /// The stored baseline that was used, for its provenance.
    pub stored: Option<StoredBaseline>,
    /// Earlier runs of the main branch beside a paired baseline, oldest first: they show how noisy runs are.
    pub earlier: Vec<Run>,
    /// The candidate's runs.
    pub candidate: Vec<Run>,
    /// What must hold in each run.
    pub objectives: Vec<Objective>,
    /// Metrics without which the result is inconclusive.
    pub required: Vec<String>,
    /// Signals that an assessment of the candidate must know.
    pub required_signals: Vec<String>,
    /// The assessment of the system now, to translate a loss of throughput into users.
    pub current: Option<AssessmentSummary>,
    /// The roadmap in use, if one was chosen.
    pub profile: Option<Profile>,
}
