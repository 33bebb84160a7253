//! What all sources gave, as one snapshot in a fixed order.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{SCHEMA, Snapshot, SourceResult, Window, servers};
use crate::signal::{SignalId, definitions_of};

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
    for observations in [&mut snapshot.observations, &mut snapshot.history] {
        observations
            .sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
    }
    snapshot.statements.sort_by(|a, b| a.server.cmp(&b.server));
    snapshot.ambiguous.sort_by(|a, b| (a.signal, &a.label).cmp(&(b.signal, &b.label)));
    snapshot.exhausted.sort_by(|a, b| (a.resource, &a.source).cmp(&(b.resource, &b.source)));
    let past = snapshot.history.iter().map(|observation| observation.signal);
    let missing = snapshot.gaps.iter().map(|gap| gap.signal);
    snapshot.definitions = definitions_of(measured.into_iter().chain(past).chain(missing));
    snapshot
}
