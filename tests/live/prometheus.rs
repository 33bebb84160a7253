//! The Prometheus source, on real servers filled with generated history and on one that plays tricks.

mod contract;
mod history;
mod past;
mod sign_in;

mod splitting;

use std::time::Duration;

use chrono::{DateTime, Utc};
use scale_advisor::{
    signal::SignalId,
    snapshot::{Gap, Observation, SourceResult, Window},
    source::{Past, Request, SampleTime, Search, Source, prometheus::Settings},
};

/// The instant at which all generated history ends, in Unix seconds.
const END: i64 = 1_795_000_020;
const DAY: i64 = 24 * 3600;

/// Reads a window that ends at [`END`].
fn read_window(settings: &Settings, seconds: i64, step: u32, deadline: Duration) -> SourceResult {
    read_with_past(settings, None, seconds, step, deadline)
}

/// Reads a window that ends at [`END`], and hourly means of some signals.
fn read_with_past(
    settings: &Settings,
    past: Option<Past>,
    seconds: i64,
    step: u32,
    deadline: Duration,
) -> SourceResult {
    let window = Window { from: at(END - seconds), to: at(END), step_seconds: step };
    let request = Request {
        now: at(END),
        window,
        past,
        search: Search::No,
        sample: SampleTime::exactly(Duration::ZERO),
        deadline,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(settings.read(&request))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// Reads the last day in steps of a minute.
fn read(settings: &Settings) -> SourceResult {
    read_window(settings, DAY, 60, Duration::from_secs(30))
}

fn signal(name: &str) -> SignalId {
    SignalId::find(name).unwrap()
}

/// The observations of a signal.
fn observations<'a>(reading: &'a SourceResult, name: &str) -> Vec<&'a Observation> {
    reading.observations.iter().filter(|observation| observation.signal == signal(name)).collect()
}

/// The only observation of a signal.
#[track_caller]
fn observation<'a>(reading: &'a SourceResult, name: &str) -> &'a Observation {
    let found = observations(reading, name);
    assert_eq!(found.len(), 1, "{name}: {found:?} {:?}", gaps(reading, name));
    found[0]
}

fn gaps<'a>(reading: &'a SourceResult, name: &str) -> Vec<&'a Gap> {
    reading.gaps.iter().filter(|gap| gap.signal == signal(name)).collect()
}

/// The only gap of a signal, which then has no observation.
#[track_caller]
fn gap<'a>(reading: &'a SourceResult, name: &str) -> &'a Gap {
    let found = gaps(reading, name);
    assert_eq!((found.len(), observations(reading, name).len()), (1, 0), "{name}");
    found[0]
}
