//! Prometheus and whatever speaks its query API: VictoriaMetrics, Thanos, Mimir, the clouds.
//!
//! ```text
//! settings ─► plan ─► promql ─► client ─► decode ─► stitch ─► instances ─► observe ─► SourceResult
//!             what to  scope,   retries,  columns   pieces    tracks,      buckets,
//!             ask      labels   deadline            of time   names        origin
//! ```
//! Only `query`, `query_range`, names, label sets, targets and build information are asked for; all of them
//! read. Whatever has no value becomes a gap, and `absent` finds out why.

mod absent;
mod client;
pub mod decode;
mod discovery;
mod fleet;
mod grid;
mod instances;
mod labels;
mod names;
mod observe;
mod past;
mod plan;
mod promql;
mod reader;
mod regroup;
mod resolution;
mod rollups;
mod settings;
mod tracks;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::task::JoinSet;

use super::{Answer, Request, Search, Source, unavailable};
use crate::{
    foreign::Secrets,
    signal::SignalId,
    snapshot::{Reason, SourceReport, SourceResult, Unavailable, join_history},
};
use client::Demands;
pub use fleet::{FleetReader, FoundService, HourlyQuery, SliceReading};
use observe::SignalResult;
use reader::Reader;
pub use settings::{Binding, Settings};

/// The source's name in output and configuration.
pub const NAME: &str = "prometheus";
/// Notes about all signals that are kept.
const MAX_NOTES: usize = 20;

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        self.endpoint.address()
    }

    fn secrets(&self) -> Secrets {
        self.endpoint.secrets()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        Box::pin(read(self, request))
    }

    /// The catalogue's signals, and those that the settings bind to a query.
    fn wanted(&self) -> Vec<SignalId> {
        let signals: BTreeSet<SignalId> =
            super::signals_of(NAME).into_iter().chain(self.bindings.keys().copied()).collect();
        signals.into_iter().collect()
    }

    fn keeps_history(&self) -> bool {
        true
    }
}

/// Reads everything the catalogue and the settings expect of this source; failures become gaps.
///
/// Questions that are not answered within nine tenths of the deadline are given up, so that what the others
/// gave is not lost.
pub async fn read(settings: &Settings, request: &Request) -> SourceResult {
    let timeout = request.deadline.mul_f64(0.9);
    let (reader, version) = match Reader::connect(settings, request, timeout, Demands::default()).await {
        Ok(connected) => connected,
        Err(failure) => return unavailable(settings, failure),
    };
    let mut notes = BTreeSet::new();
    match &reader.names {
        None => _ = notes.insert("the server does not list its metrics; known queries were tried".to_owned()),
        Some(names) if names.is_empty() => {
            notes.insert("the server holds no metrics; check the tenant (X-Scope-OrgID)".to_owned());
        }
        Some(_) => {}
    }
    let report = SourceReport { version, ..SourceReport::answered(NAME, settings.address()) };
    let mut reading = SourceResult::new(report);
    let reader = Arc::new(reader);
    let search = async {
        match request.search {
            Search::No => None,
            search => Some(discovery::search_all(&reader, search, request.now.timestamp_millis()).await),
        }
    };
    let (outcomes, searched) = tokio::join!(read_all(&reader), search);
    for (signal, outcome) in outcomes {
        take(&mut reading, &mut notes, signal, outcome);
    }
    reading.discovery = searched.map(|searched| discovery::discovery(searched, &reading.observations));
    match reader.recorded().await {
        Ok(recorded) => join_history(&mut reading.history, &reading.observations, recorded),
        Err(failure) => {
            _ = notes.insert(format!("recorded rollups cannot be read: {}", failure.detail));
        }
    }
    note(&mut reading, notes);
    reading
}

/// Adds what reading a signal gave.
fn take(
    reading: &mut SourceResult,
    notes: &mut BTreeSet<String>,
    signal: SignalId,
    outcome: Result<SignalResult, Unavailable>,
) {
    match outcome {
        Ok(found) => {
            reading.observations.extend(found.observations);
            reading.stopped.extend(found.stopped);
            reading.history.extend(found.history);
            notes.extend(found.notes);
            reading.ambiguous.extend(found.ambiguous);
        }
        Err(failure) => {
            // The gap goes when another source has the signal; that this one shows it and cannot be read stays.
            if failure.reason == Reason::LabelMismatch {
                notes.insert(format!("{signal}: {}", failure.detail));
            }
            reading.gaps.push(failure.gap(signal, NAME));
        }
    }
}

/// Adds the first few notes about all signals.
fn note(reading: &mut SourceResult, notes: BTreeSet<String>) {
    let more = notes.len().saturating_sub(MAX_NOTES);
    reading.report.notes.extend(notes.into_iter().take(MAX_NOTES));
    if more > 0 {
        reading.report.notes.push(format!("{more} further notes of this kind"));
    }
}

/// Reads all signals at the same time; the client bounds how many questions are under way.
async fn read_all(reader: &Arc<Reader>) -> BTreeMap<SignalId, Result<SignalResult, Unavailable>> {
    let mut running = JoinSet::new();
    for signal in reader.settings.wanted() {
        let reader = Arc::clone(reader);
        running.spawn(async move { (signal, reader.read(signal.entry()).await) });
    }
    running.join_all().await.into_iter().collect()
}
