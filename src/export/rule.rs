//! Rules as data.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Basis, Remedy, Skipped};
use crate::{
    assess::{Grade, Interval, SaturationDate, SignalLimit},
    roadmap::Severity,
    signal::{Quantity, ResourceId, SignalId},
};

/// Groups of rules, and what is not in them.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    /// What they rest on.
    pub basis: Basis,
    /// The groups that have rules.
    pub groups: Vec<RuleGroup>,
    /// What was measured, has limits or is a resource, and has no rule.
    pub skipped: Vec<Skipped>,
    /// Ids of the roadmap's alerts that are no comparison of one signal, and have no rule.
    pub compound_alerts: Vec<String>,
}

/// Rules that are evaluated one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleGroup {
    /// Its name, unique in its file.
    pub name: String,
    /// How often it is evaluated; `None` as often as the server does by default.
    pub interval: Option<Duration>,
    /// The rules, in the order of their evaluation.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A signal beyond a limit.
    Limit(Box<LimitAlert>),
    /// A date by which to act.
    Date(Box<DateAlert>),
    /// A query whose values are kept.
    Recording(Recording),
}

/// An alert on a signal beyond a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitAlert {
    /// The signal.
    pub signal: SignalId,
    /// How bad it is when it fires.
    pub severity: Severity,
    /// The limit, with who set it.
    pub limit: SignalLimit,
    /// Whether that is the end of the resource, which counts beside its critical limit.
    pub is_end: bool,
    /// What values are compared with where the limit lies within a bucket of a histogram: the bound from which on they are
    /// known to be beyond it.
    pub bucket: Option<Quantity>,
    /// Gives the series that are beyond the limit.
    pub expression: String,
    /// How long it must be exceeded before the alert fires.
    pub sustained: Duration,
    /// The label of the series that names the instance.
    pub instance_label: Option<String>,
    /// What to do first, where the plan or the roadmap has something.
    pub remedy: Option<Remedy>,
}

/// An alert on the day by which to act.
#[derive(Debug, Clone, PartialEq)]
pub struct DateAlert {
    /// What runs out.
    pub resource: ResourceId,
    /// The signal that measures it.
    pub signal: SignalId,
    /// Which of several.
    pub instance: Option<String>,
    /// When to begin at the latest.
    pub act_by: DateTime<Utc>,
    /// When the limit is reached.
    pub saturates_on: SaturationDate,
    /// The load at which it is reached.
    pub saturates_at_load: Option<Interval<f64>>,
    /// What a unit of load is called.
    pub load_unit: String,
    /// How good the evidence is: A or B.
    pub grade: Grade,
    /// How long the remedy takes, where the roadmap says.
    pub lead_time: Option<TimeDelta>,
    /// What to do first, where the plan or the roadmap has something.
    pub remedy: Option<Remedy>,
}

/// A query whose values are kept under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// What it records.
    pub recorded: Recorded,
    /// The name of the new series.
    pub name: String,
    /// Gives its values.
    pub expression: String,
    /// Labels that its series get beside those of the expression.
    pub labels: Vec<(&'static str, String)>,
}

/// What a recording rule records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorded {
    /// The usage of a resource, or the load, as it is.
    Value,
    /// What the usage may reach.
    Limit,
    /// The mean of the last hour.
    HourlyMean,
    /// The highest value of the last hour.
    HourlyPeak,
}
