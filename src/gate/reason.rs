//! Why something was decided, as data. `render::reason::gate` puts it into words.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::Value;
use crate::assess::FindingReason;

/// Why the whole comparison came out as it did.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutcomeReason {
    /// Findings failed and were not accepted.
    Failed {
        /// Their ids.
        ids: Vec<String>,
    },
    /// Acknowledgements have expired or match nothing, and warnings fail.
    StaleAcknowledgements {
        /// The ids they are for.
        ids: Vec<String>,
    },
    /// There is no baseline.
    NoBaseline {
        /// Absolute limits that were evaluated.
        limits: usize,
        /// How many of them are inconclusive.
        inconclusive: usize,
    },
    /// Something required is not there.
    Missing {
        /// What.
        what: String,
        /// Why.
        cause: MissingReason,
    },
    /// Findings could neither pass nor fail.
    Inconclusive {
        /// Their ids.
        ids: Vec<String>,
    },
    /// No metric and no assessment was compared.
    NothingCompared,
    /// Everything is within its limits.
    Passed {
        /// Metrics and limits that were evaluated.
        evaluated: usize,
        /// Failures among them that were accepted.
        accepted: usize,
    },
}

/// Why a metric passed, failed or is inconclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetricReason {
    /// Too few runs to compare at all.
    TooFewRuns {
        /// The fewest per side.
        minimum: usize,
    },
    /// Too few earlier runs to predict from.
    ShortHistory {
        /// The fewest.
        minimum: usize,
        /// Whether earlier runs were left out because the level has changed since.
        since_change: bool,
    },
    /// A side has no value.
    NotComparable,
    /// Significantly worse, by more than is allowed.
    LossBeyondMargin,
    /// Worse or equal, but shown to be within what is allowed.
    WithinMargin,
    /// Shown to be better.
    Gain,
    /// Probably better; a loss beyond what is allowed is excluded.
    NoLossBeyondMargin,
    /// A gain, if the name of the metric is understood: nothing else says which way it is better.
    DirectionDoubtful,
    /// Neither a loss nor its absence could be shown.
    Undecided {
        /// Whether a loss could be shown with so few runs at all.
        enough_runs: bool,
    },
}

/// Why a limit holds, is broken, or is inconclusive.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LimitReason {
    /// A condition of the roadmap with the values of the runs that decide.
    Condition {
        /// The condition, such as `http.latency (p95) below 200 ms`.
        condition: String,
        /// For each of the first runs that decide, its values.
        values: Vec<Vec<Value>>,
    },
    /// A metric of the condition is missing, or has a unit that is not known.
    MetricMissing {
        /// The condition.
        condition: String,
        /// In how many runs.
        runs: usize,
        /// The name of one of them.
        example: String,
    },
    /// A limit that is set in the load-test tool.
    ToolThreshold {
        /// As the tool writes it.
        name: String,
        /// A run that broke it; null where all kept it.
        example: Option<String>,
    },
    /// A finding of the candidate's assessment.
    Finding {
        /// Why the assessment found it.
        finding: FindingReason,
    },
}

/// Why enough capacity is left, or not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConsequenceReason {
    /// Nothing is short.
    Enough,
    /// Less headroom than the configured minimum.
    HeadroomBelow {
        /// The minimum, as a share.
        minimum: f64,
    },
    /// The remedy takes longer than there is time.
    RemedyTooLate {
        /// How long the remedy takes.
        lead_seconds: f64,
        /// When it would have had to begin.
        begin_by: DateTime<Utc>,
    },
    /// More of the load at saturation is lost than is allowed.
    LossBeyondMargin {
        /// The share that may be lost.
        allowed: f64,
    },
    /// More is lost than is allowed, but the intervals of both builds overlap.
    IntervalsOverlap,
}

/// Why a change cannot be translated into users and dates.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConsequenceUnknown {
    /// No stepped test, no assessment and no throughput of both builds.
    NoEvidence,
    /// No source says at which load the system saturates today.
    SaturationUnknown,
    /// The steps of a side end before throughput peaks.
    StillRising {
        /// Which.
        side: SideName,
        /// The largest load tested.
        largest_load: f64,
    },
    /// No scalability curve fits the steps of a side.
    NoCurve {
        /// Which.
        side: SideName,
        /// What is wrong with them.
        detail: String,
    },
}

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SideName {
    /// The build before.
    Baseline,
    /// The build to evaluate.
    Candidate,
}

impl SideName {
    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Candidate => "candidate",
        }
    }
}

/// Why a metric was measured and not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotEvaluatedReason {
    /// Another metric stands for it.
    InFavourOf {
        /// Which.
        metric: String,
    },
    /// The configuration ignores it.
    Ignored,
    /// The load test decides it, not the system.
    SetByTest,
    /// Both sides have the same values.
    Unchanged,
    /// No direction is known for it.
    DirectionUnknown,
}

/// Why something required is not there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MissingReason {
    /// The configuration names it, and no run has it.
    Configured,
    /// Some runs of a side lack it.
    LackedByRuns {
        /// Which side.
        side: SideName,
        /// How many lack it.
        lacking: usize,
        /// Of how many.
        runs: usize,
        /// The names of the first of them.
        examples: Vec<String>,
    },
    /// There is no baseline.
    Baseline {
        /// Why not.
        cause: NoBaseline,
    },
    /// The present load is unknown.
    LoadUnknown,
    /// The load at saturation is unknown.
    ConsequenceUnknown {
        /// Why.
        cause: ConsequenceUnknown,
    },
    /// A required signal is unknown to an assessment of the candidate.
    SignalUnknown {
        /// The name of that run.
        run: String,
    },
}

/// Why there is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NoBaseline {
    /// None was named.
    NotNamed,
    /// The file that was named does not exist.
    NoFile {
        /// Its name.
        name: String,
    },
    /// Neither a file nor a stored baseline has this name.
    NotStored {
        /// The name.
        name: String,
        /// Where stored baselines are kept.
        directory: String,
    },
}
