//! What one source gave and how it answered, and what all of them gave as one snapshot in a fixed order.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AmbiguousScope, Discovery, Exhausted, Gap, Observation, Reason, SCHEMA, Snapshot, Unavailable, Window,
    explained, servers,
};
use crate::{
    signal::{SignalId, definitions_of},
    statements::StatementSnapshot,
};

/// How a source answered as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceReport {
    /// The kind of source.
    pub source: String,
    /// The name of the server, where several of its kind are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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
    /// A source that answered, of which nothing more is known.
    pub fn answered(source: &str, address: impl Into<String>) -> Self {
        Self {
            source: source.to_owned(),
            name: None,
            address: address.into(),
            status: Status::Answered,
            version: None,
            notes: Vec::new(),
            hint: None,
        }
    }

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
    /// What it last measured of instances that stopped reporting a short while ago.
    pub stopped: Vec<Observation>,
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
    /// What was found beside the catalogue, where it was looked for.
    pub discovery: Option<Discovery>,
}

impl SourceResult {
    /// A source that gave nothing but its report so far.
    pub fn new(report: SourceReport) -> Self {
        Self {
            report,
            observations: Vec::new(),
            stopped: Vec::new(),
            history: Vec::new(),
            statements: None,
            gaps: Vec::new(),
            exhausted: Vec::new(),
            ambiguous: Vec::new(),
            discovery: None,
        }
    }

    /// A source that could not be read: every signal it was wanted for becomes a gap.
    pub fn failed(
        source: &str,
        address: String,
        wanted: impl IntoIterator<Item = SignalId>,
        why: Unavailable,
    ) -> Self {
        let gaps = wanted.into_iter().map(|signal| why.clone().gap(signal, source)).collect();
        let Unavailable { reason, detail, hint } = why;
        let status = Status::Failed { reason, detail };
        let report = SourceReport { status, hint, ..SourceReport::answered(source, address) };
        Self { gaps, ..Self::new(report) }
    }
}

/// Brings readings together. The order in which sources answered leaves no trace.
///
/// A signal that any source measured has no gap; otherwise every source's reason is kept. Of several servers of a kind
/// each has the gaps of what it refused, whatever the others showed.
pub fn merge(taken_at: DateTime<Utc>, window: Window, mut readings: Vec<SourceResult>) -> Snapshot {
    servers::tell_apart(&mut readings);
    let mut snapshot = Snapshot {
        schema: SCHEMA.to_owned(),
        taken_at,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: None,
        definitions: Vec::new(),
        window,
        sources: Vec::new(),
        observations: Vec::new(),
        stopped: Vec::new(),
        history: Vec::new(),
        statements: Vec::new(),
        gaps: Vec::new(),
        exhausted: Vec::new(),
        ambiguous: Vec::new(),
        discovery: None,
    };
    let mut refused = BTreeSet::new();
    for reading in readings {
        if reading.report.name.is_some() {
            let shows = |signal| reading.observations.iter().any(|observation| observation.signal == signal);
            let own = reading.gaps.iter().filter(|gap| gap.reason.is_failure() && !shows(gap.signal));
            refused.extend(own.map(|gap| (gap.signal, gap.source.clone())));
        }
        snapshot.sources.push(reading.report);
        snapshot.observations.extend(reading.observations);
        snapshot.stopped.extend(reading.stopped);
        snapshot.history.extend(reading.history);
        snapshot.statements.extend(reading.statements);
        snapshot.gaps.extend(reading.gaps);
        snapshot.exhausted.extend(reading.exhausted);
        snapshot.ambiguous.extend(reading.ambiguous);
        if let Some(discovery) = reading.discovery {
            snapshot.discovery.get_or_insert_default().extend(discovery);
        }
    }
    let measured: BTreeSet<SignalId> =
        snapshot.observations.iter().map(|observation| observation.signal).collect();
    snapshot
        .gaps
        .retain(|gap| !measured.contains(&gap.signal) || refused.contains(&(gap.signal, gap.source.clone())));
    snapshot.gaps.sort();
    snapshot.gaps.dedup();
    snapshot.sources.sort_by(|a, b| (&a.source, &a.name, &a.address).cmp(&(&b.source, &b.name, &b.address)));
    for observations in [&mut snapshot.observations, &mut snapshot.stopped, &mut snapshot.history] {
        observations
            .sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
    }
    snapshot.statements.sort_by(|a, b| a.server.cmp(&b.server));
    snapshot.ambiguous.sort_by(|a, b| (a.signal, &a.label).cmp(&(b.signal, &b.label)));
    snapshot.exhausted.sort_by(|a, b| (a.resource, &a.source).cmp(&(b.resource, &b.source)));
    let past = snapshot.history.iter().map(|observation| observation.signal);
    let missing = snapshot.gaps.iter().map(|gap| gap.signal);
    let missing = missing.chain(snapshot.stopped.iter().map(|observation| observation.signal));
    snapshot.definitions = definitions_of(measured.into_iter().chain(past).chain(missing));
    snapshot
}
