//! What was observed: observations, gaps and how each source answered; saved and replayed.

#![deny(clippy::disallowed_methods)]

mod file;
mod limit;
mod merge;
mod past;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    signal::{Quantity, ResourceId, Series, SignalId, Unit},
    statements::StatementSnapshot,
};

pub use file::{SCHEMA, SnapshotError};
pub use limit::{Limit, LimitChange, Resolution};
pub use merge::merge;
pub use past::join_history;

/// The metric under which hourly rollups are sent to other stores, and read back from them.
pub const ROLLUP_METRIC: &str = "scale_advisor_rollup";

/// Everything that was read in one run. Assessing it again gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// When it was taken; the assessment's "now".
    pub taken_at: DateTime<Utc>,
    /// The program that wrote it.
    pub tool_version: String,
    /// Where the values come from when the system is not real; shown on every page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The stretch of time that was asked for.
    pub window: Window,
    /// How each source answered, in the order of their names.
    pub sources: Vec<SourceReport>,
    /// What was measured, in a fixed order.
    pub observations: Vec<Observation>,
    /// Hourly means that reach back beyond the window, each at the full hour with which it begins; for forecasts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Observation>,
    /// The counters of statements, by server; for a history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementSnapshot>,
    /// What could not be measured, and why.
    pub gaps: Vec<Gap>,
    /// Resources that turned us away because they were full.
    pub exhausted: Vec<Exhausted>,
    /// Loads of which it is not known whose they are: nothing that is counted by users means anything then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ambiguous: Vec<AmbiguousScope>,
}

/// A stretch of time and the distance between samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The last instant.
    pub to: DateTime<Utc>,
    /// Seconds between samples.
    pub step_seconds: u32,
}

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The source: `prometheus`, `postgres`, `redis`, `host`.
    pub source: String,
    /// The query, the view or the field that gave the value.
    pub query: String,
}

/// The values of one signal of one instance, with their origin.
///
/// A share of something countable is kept as utilization in [`Self::values`] together with the [`Self::limit`] that
/// held at each time, so that both series are there in their own unit: [`Self::usage`] is the one, and `limit` the
/// other. A share without a limit, such as that of a key-value cache, is a usage whose limit is 1.
///
/// Snapshots of schema 1 had a `capacity` in place of `limit`: it is read as a limit that never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// What was measured.
    pub signal: SignalId,
    /// Which of several: a queue, a host, a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The labels that tell the instance from others, where the source has labels. Unlike the name of the instance
    /// they do not depend on which others there are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The samples, in the signal's unit.
    pub values: Series,
    /// For a share of something countable: what the usage may reach, so that 95 % can be shown as "92 of 97".
    #[serde(default, alias = "capacity", skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// For a quantile of a histogram: how finely its values are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Where it was read.
    pub origin: Origin,
    /// Facts that change the judgement, such as `maxmemory_policy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// What a reader must know: partial answers, values beyond the highest bucket, what was subtracted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Observation {
    /// The values of a signal of which there is one, with nothing more to say about them.
    pub fn new(signal: SignalId, values: Series, origin: Origin) -> Self {
        Self {
            signal,
            instance: None,
            labels: BTreeMap::new(),
            values,
            limit: None,
            resolution: None,
            origin,
            attributes: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// What is in use, in the unit of the limit (see [`Self::usage_unit`]): utilization times the limit of its time.
    /// Without a limit these are the values themselves.
    pub fn usage(&self) -> Series {
        let Some(limit) = &self.limit else { return self.values.clone() };
        let at_ms = self.values.at_ms();
        let used = at_ms.iter().zip(self.values.values()).map(|(at, share)| share * limit.at(*at)).collect();
        Series::new(self.values.step_ms(), at_ms.to_vec(), used).unwrap_or_else(|_| self.values.clone())
    }

    /// The unit of [`Self::usage`].
    pub fn usage_unit(&self) -> Unit {
        self.limit.as_ref().map_or(self.signal.entry().unit, Limit::unit)
    }

    /// The newest limit.
    pub fn capacity(&self) -> Option<Quantity> {
        self.limit.as_ref().and_then(Limit::latest)
    }

    /// The limit at each of the samples; nothing where there is none.
    pub fn limit_series(&self) -> Option<Series> {
        let limit = self.limit.as_ref()?;
        let at_ms = self.values.at_ms().to_vec();
        let values = at_ms.iter().map(|at| limit.at(*at)).collect();
        Series::new(self.values.step_ms(), at_ms, values).ok()
    }
}

/// Why a signal has no observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The source does not offer this under the present settings.
    NotConfigured,
    /// The system has no such thing: a database without replicas has no replication lag.
    NotApplicable,
    /// No metric of a known name exists.
    NeverExisted,
    /// It existed and stopped before the window's end.
    Stopped,
    /// The metrics exist, but their labels do not fit the query.
    LabelMismatch,
    /// Several series came where one was expected.
    SeveralSeries,
    /// The answer holds nothing in the window.
    Empty,
    /// The answer is NaN or infinite.
    NotFinite,
    /// Two samples are needed and one was taken, or a counter was reset between them.
    TooFewSamples,
    /// The source gave part of the data and said so.
    Partial,
    /// No connection.
    Unreachable,
    /// No answer within the deadline.
    TimedOut,
    /// The sign-in was refused.
    SignInRefused,
    /// The account lacks a privilege.
    NotPermitted,
    /// A needed extension or module is missing or not loaded.
    NotInstalled,
    /// The server refused the query.
    QueryFailed,
    /// The answer is not what this kind of server sends.
    #[serde(alias = "foreign_answer")]
    UnexpectedReply,
    /// The answer exceeds the size limit.
    TooLarge,
    /// The source turned us away because it is full.
    Full,
}

impl Reason {
    /// Whether it keeps the whole source from being read, and not a single signal.
    pub fn is_of_source(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::SignInRefused | Self::UnexpectedReply)
    }
}

/// Why something could not be read: a source, one of its signals, or an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unavailable {
    /// The kind of failure.
    pub reason: Reason,
    /// What happened, with names and numbers.
    pub detail: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl Unavailable {
    /// A failure for which there is no advice.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), hint: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with other advice, if it is of this kind.
    #[must_use]
    pub fn hint_for(self, reason: Reason, hint: &str) -> Self {
        if self.reason == reason { self.hint(hint) } else { self }
    }

    /// The same failure with what it concerns.
    #[must_use]
    pub fn context(self, what: &str) -> Self {
        Self { detail: format!("{what}: {}", self.detail), ..self }
    }

    /// The gap that it leaves in a signal of a source.
    pub fn gap(self, signal: SignalId, source: &str) -> Gap {
        let Self { reason, detail, hint } = self;
        Gap { signal, source: source.to_owned(), reason, detail, hint }
    }
}

/// A signal that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// What could not be measured.
    pub signal: SignalId,
    /// Who was asked.
    pub source: String,
    /// Why there is no value.
    pub reason: Reason,
    /// What happened, with names and numbers.
    pub detail: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Gap {
    /// What happened and what to do about it.
    pub fn explained(&self) -> String {
        explained(&self.detail, self.hint.as_deref())
    }
}

fn explained(detail: &str, hint: Option<&str>) -> String {
    hint.map_or_else(|| detail.to_owned(), |hint| format!("{detail} ({hint})"))
}

/// A source that refused us because the resource it guards is used up. This is a finding, not a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exhausted {
    /// What is used up.
    pub resource: ResourceId,
    /// The source that refused.
    pub source: String,
    /// The server's own words.
    pub message: String,
}

/// A load that several products or environments answer for, so that its sum may mean nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmbiguousScope {
    /// The load.
    pub signal: SignalId,
    /// The label that tells them apart.
    pub label: String,
    /// Its values, the largest share first; at least two.
    pub values: Vec<ScopeValue>,
}

/// One of several products or environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeValue {
    /// The value of the label; empty for what does not have it.
    pub value: String,
    /// Its share of the load, from 0 to 1.
    pub share: f64,
}

/// How a source answered as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// What it was asked at, without secrets.
    pub address: String,
    /// Whether and how it answered.
    pub status: Status,
    /// Product and version, when it told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What a reader should know: privileges, warnings of the server, what was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do when it did not answer well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl SourceReport {
    /// Why it could not be read and what to do about it; nothing of one that answered.
    pub fn failure(&self) -> Option<String> {
        match &self.status {
            Status::Answered => None,
            Status::Failed { detail, .. } => Some(explained(detail, self.hint.as_deref())),
        }
    }
}

/// Whether a source could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything asked of it was answered or has its own gap.
    Answered,
    /// It could not be read at all, and why.
    Failed {
        /// The kind of failure.
        reason: Reason,
        /// What happened.
        detail: String,
    },
}

/// What one source gave.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceResult {
    /// How it answered.
    pub report: SourceReport,
    /// What it measured.
    pub observations: Vec<Observation>,
    /// Hourly means of the past, where it keeps them and they were asked for.
    pub history: Vec<Observation>,
    /// The counters of its statements, where it has any.
    pub statements: Option<StatementSnapshot>,
    /// What it could not measure.
    pub gaps: Vec<Gap>,
    /// What it reported as used up.
    pub exhausted: Vec<Exhausted>,
    /// Loads of which it is not known whose they are.
    pub ambiguous: Vec<AmbiguousScope>,
}

impl SourceResult {
    /// A source that could not be read: every signal it was wanted for becomes a gap.
    pub fn failed(
        source: &str,
        address: String,
        wanted: impl IntoIterator<Item = SignalId>,
        why: Unavailable,
    ) -> Self {
        let gaps = wanted.into_iter().map(|signal| why.clone().gap(signal, source)).collect();
        let Unavailable { reason, detail, hint } = why;
        Self {
            gaps,
            observations: Vec::new(),
            history: Vec::new(),
            statements: None,
            exhausted: Vec::new(),
            ambiguous: Vec::new(),
            report: SourceReport {
                source: source.to_owned(),
                address,
                status: Status::Failed { reason, detail },
                version: None,
                notes: Vec::new(),
                hint,
            },
        }
    }
}
