//! The rules of a gate, as configured.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::signal::Quantity;

/// The loss that is allowed where nothing else is set.
pub(super) const MARGIN: f64 = 0.05;

/// The rules of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateConfig {
    /// How severe a finding must be to fail.
    pub fail_on: FailOn,
    /// What an inconclusive result does.
    pub on_inconclusive: OnInconclusive,
    /// What a missing baseline does.
    pub on_missing_baseline: OnInconclusive,
    /// The loss that is allowed, as a share of the baseline.
    pub margin: f64,
    /// The same for single metrics.
    pub margins: BTreeMap<String, f64>,
    /// The smallest loss that matters, by metric.
    pub floors: BTreeMap<String, Floor>,
    /// Which way is better, by metric.
    pub directions: BTreeMap<String, Better>,
    /// Metrics to exclude.
    pub ignore: BTreeSet<String>,
    /// The share of the saturation load that must stay unused.
    pub min_headroom: Option<f64>,
    /// Failures that are accepted until a day.
    pub acknowledge: Vec<Acknowledgement>,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            fail_on: FailOn::Critical,
            on_inconclusive: OnInconclusive::Report,
            on_missing_baseline: OnInconclusive::Report,
            margin: MARGIN,
            margins: BTreeMap::new(),
            floors: BTreeMap::new(),
            directions: BTreeMap::new(),
            ignore: BTreeSet::new(),
            min_headroom: None,
            acknowledge: Vec::new(),
        }
    }
}

impl GateConfig {
    /// The share of the baseline that a metric may lose.
    pub(super) fn margin_of(&self, metric: &str) -> f64 {
        self.margins.get(metric).copied().unwrap_or(self.margin)
    }
}

/// How severe a finding must be to fail the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Warnings, too.
    Warning,
    /// Only what is critical.
    Critical,
}

impl FailOn {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("warning", Self::Warning), ("critical", Self::Critical)];
}

/// What an inconclusive result does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInconclusive {
    /// It has an exit code of its own, 3.
    Report,
    /// The build passes, with a note.
    Pass,
    /// The build fails.
    Fail,
}

impl OnInconclusive {
    /// All with their names in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("report", Self::Report), ("pass", Self::Pass), ("fail", Self::Fail)];
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Less is better: times, errors, costs.
    Lower,
    /// More is better: throughput, users at saturation.
    Higher,
}

impl Better {
    /// Both with their names in files.
    pub const NAMES: [(&'static str, Self); 2] = [("lower", Self::Lower), ("higher", Self::Higher)];

    /// A change as a loss: above zero for the worse.
    pub(super) fn loss(self, value: f64) -> f64 {
        match self {
            Self::Lower => value,
            Self::Higher => -value,
        }
    }
}

/// The smallest change of a metric that matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Floor {
    /// In the metric's own unit.
    Plain(f64),
    /// With a unit, which the metric's must match.
    Quantity(Quantity),
}

/// A failure that is accepted until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The finding, such as `metric:latency_p95`.
    pub id: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    pub until: NaiveDate,
    /// Who answers for it.
    pub owner: String,
}
