//! What was observed: observations, gaps and how each source answered; saved and replayed.

#![deny(clippy::disallowed_methods)]

mod assumed_limits;
mod discovery;
mod foreign;
mod instances;
mod limit;
mod observation;
mod part;
mod past;
mod pool;
mod replicas;
mod servers;
mod source_result;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    signal::{Definition, DefinitionConflict, ResourceId, SignalId, adopt},
    statements::StatementSnapshot,
};
pub use assumed_limits::{AssumedLimit, AssumedLimitError, ChangedLimit, LimitBasis, WhatIf};
pub use discovery::{
    AT_LIMIT, Confidence, DiscoveredResource, Discovery, NEAR_LIMIT, NotSearched, NotSearchedReason,
    PossibleLoad, ResourceQueries,
};
pub use instances::{InstanceIndex, Labels, is_changing};
pub use limit::{Limit, LimitChange, Resolution};
pub use observation::{COUNTED_ONCE, Observation, Origin, PART_OF_SERVER, REPLICAS, SETTING};
pub use part::{INSTANCE, NoSuchPart, Part};
pub use past::join_history;
pub use pool::{Places, Pool};
pub use replicas::{AssumedReplicas, ReplicaGroup, ReplicasError};
pub use servers::SERVER;
pub use source_result::{SourceReport, SourceResult, Status, merge};

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
    /// What is measured and not known to the program by itself: of settings and roadmaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definitions: Vec<Definition>,
    /// The stretch of time that was asked for.
    pub window: Window,
    /// How each source answered, in the order of their names.
    pub sources: Vec<SourceReport>,
    /// What was measured, in a fixed order.
    pub observations: Vec<Observation>,
    /// Instances that stopped reporting within the last hour while others of their signal go on: nothing is known of
    /// them now, but what they were like last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stopped: Vec<Observation>,
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
    /// What was found beside the catalogue; absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery: Option<Discovery>,
}

impl Snapshot {
    /// The same run with nothing that was measured.
    pub(crate) fn without_measurements(&self) -> Self {
        Self {
            schema: self.schema.clone(),
            tool_version: self.tool_version.clone(),
            simulated: self.simulated.clone(),
            definitions: self.definitions.clone(),
            sources: self.sources.clone(),
            observations: Vec::new(),
            stopped: Vec::new(),
            history: Vec::new(),
            statements: Vec::new(),
            gaps: self.gaps.clone(),
            exhausted: self.exhausted.clone(),
            ambiguous: self.ambiguous.clone(),
            discovery: None,
            taken_at: self.taken_at,
            window: self.window,
        }
    }
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
    /// The source rejected the connection because a limit is reached.
    Full,
}

impl Reason {
    /// Whether it keeps the whole source from being read, and not a single signal.
    pub fn is_of_source(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::SignInRefused | Self::UnexpectedReply)
    }

    /// Whether something failed or was refused, as opposed to there being nothing to read.
    pub fn is_failure(self) -> bool {
        let of_signal = matches!(
            self,
            Self::Partial
                | Self::NotPermitted
                | Self::NotInstalled
                | Self::QueryFailed
                | Self::TooLarge
                | Self::Full
        );
        of_signal || self.is_of_source()
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
    /// The source that was queried.
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

/// A load that comes from several products or environments, so its sum may be meaningless.
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

/// The version of the file's shape.
pub const SCHEMA: &str = "scale-advisor/snapshot/2";

/// The versions that are read. The first had a constant `capacity` in place of `limit`.
const READABLE: [&str; 2] = ["scale-advisor/snapshot/1", SCHEMA];

/// Why a text is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is not JSON of the right shape.
    #[error("the file is damaged or not a snapshot")]
    Shape(#[from] serde_json::Error),
    /// The text is JSON written by this program, but of another kind or version.
    #[error("the schema is `{found}`, but this program reads up to `{SCHEMA}`")]
    Version {
        /// What the file calls itself.
        found: String,
    },
    /// It measures something under a name that means something else here.
    #[error(transparent)]
    Definition(#[from] DefinitionConflict),
    /// The file is something else altogether.
    #[error("line 1: no `schema` key: this is not a file written by `scale-advisor collect`")]
    Foreign,
}

impl Snapshot {
    /// The snapshot as JSON, one line for each observation.
    pub fn to_json(&self) -> String {
        // Serialising plain structs with string keys cannot fail.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text.replace("{\"signal\":", "\n{\"signal\":")
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// With line and column when the text is truncated, of another kind or of another version.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(serde::Deserialize)]
        struct Head {
            schema: Option<String>,
            #[serde(default)]
            definitions: Vec<Definition>,
        }
        let head: Head = serde_json::from_str(text)?;
        match head.schema {
            Some(schema) if READABLE.contains(&schema.as_str()) => {
                // Before anything names them.
                adopt(head.definitions)?;
                Ok(serde_json::from_str(text)?)
            }
            Some(found) => Err(SnapshotError::Version { found }),
            None => Err(SnapshotError::Foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Quantity, Unit};

    #[test]
    fn a_capacity_of_the_first_schema_is_a_limit_that_never_changed() {
        let text = r#"{"schema":"scale-advisor/snapshot/1","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
            "window":{"from":"2026-11-20T16:39:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60},"sources":[],
            "observations":[{"signal":"postgres.connections","values":{"from_ms":0,"step_ms":60,"values":[0.5]},
            "capacity":{"value":97.0,"unit":"count"},"origin":{"source":"postgres","query":"q"}}],"gaps":[],"exhausted":[]}"#;
        let snapshot = Snapshot::from_json(text).unwrap();
        let observation = &snapshot.observations[0];
        assert_eq!(observation.capacity(), Quantity::new(97.0, Unit::Count));
        assert_eq!(observation.usage().values(), [48.5]);
        assert_eq!(observation.usage_unit(), Unit::Count);
        let again = Snapshot::from_json(&snapshot.to_json().replace("snapshot/1", "snapshot/2")).unwrap();
        assert_eq!(again.observations, snapshot.observations);
    }
}
