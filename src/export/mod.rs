//! What other systems run on their own, as data: rules of Prometheus, settings of autoscalers, dashboards. `render` writes
//! them.
//!
//! Every expression is a query that gave values in the snapshot, as it was sent, scope included. What was read
//! elsewhere, or in a way that PromQL cannot repeat, is skipped with its reason.

#![deny(clippy::disallowed_methods)]

mod alerts;
mod dashboard;
mod expression;
mod focus;
mod measured;
mod recordings;
mod rule;
mod scaling;

use chrono::{DateTime, Utc};

use crate::{
    assess::{AssessmentInput, Survey},
    snapshot::Snapshot,
};

pub use alerts::{Remedy, alert_rules};
pub use dashboard::{Dashboard, LoadPanel, ResourcePanel, dashboard};
pub use focus::{Charge, ChargeSet, NoCharge, charges};
pub use measured::{SkipReason, Skipped};
pub use recordings::{HourlyFigure, fleet_rules, recording_rules};
pub use rule::{DateAlert, LimitAlert, Recorded, Recording, Rule, RuleGroup, RuleSet};
pub use scaling::{
    LOAD_MARGIN, MIN_DAYS, Replicas, ScalingOptions, ScalingRefusal, ScalingSet, TARGET_MARGIN, TOLERANCE,
    WorkloadScaling, scaling,
};

/// What exports are made of.
#[derive(Debug, Clone, Copy)]
pub struct ExportInput<'a> {
    /// What the measurements are compared with.
    pub input: &'a AssessmentInput,
    /// The measurements, with the queries that gave them.
    pub snapshot: &'a Snapshot,
    /// What follows from them.
    pub survey: &'a Survey,
}

impl ExportInput<'_> {
    /// What counts as now.
    fn now(&self) -> DateTime<Utc> {
        self.snapshot.taken_at
    }

    /// What an export rests on.
    fn basis(&self) -> Basis {
        let assessment = &self.survey.assessment;
        Basis {
            profile: assessment.profile.id.clone(),
            generated_at: self.now(),
            tool_version: assessment.tool_version.clone(),
            simulated: assessment.simulated.clone(),
        }
    }
}

/// What an export rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The id of the roadmap.
    pub profile: String,
    /// When the measurements were taken.
    pub generated_at: DateTime<Utc>,
    /// The version of the program.
    pub tool_version: String,
    /// Where the values come from when the system is not real.
    pub simulated: Option<String>,
}
