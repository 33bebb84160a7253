//! Everything the PostgreSQL source says, caused on real servers.

mod busy;
mod gaps;
mod parts;
mod pooler;
mod refusals;
mod resets;
mod standby;
mod tls;
mod versions;

use std::{sync::mpsc, time::Duration};

use chrono::{DateTime, TimeDelta};
use scale_advisor::{
    postgres::{Settings, Surroundings, TextFile},
    snapshot::{Gap, Observation, Snapshot, Window},
    source::{Request, SampleTime, Search, collect},
};

use crate::support::{postgres::Postgres, wait_until};

/// Reads a server with samples a third of a second apart.
fn read(url: &str) -> Snapshot {
    read_for(url, Duration::from_millis(300), Duration::from_secs(20))
}

/// Reads a server with samples that are as far apart as it takes, as the program does unasked.
fn read_as_long_as_needed(url: &str) -> Snapshot {
    let sample = SampleTime { shortest: Duration::from_secs(1), longest: Duration::from_secs(5) };
    read_sampling(url, sample, Duration::from_secs(20))
}

/// Reads a server the way the program does.
fn read_for(url: &str, sample: Duration, deadline: Duration) -> Snapshot {
    read_sampling(url, SampleTime::exactly(sample), deadline)
}

fn read_sampling(url: &str, sample: SampleTime, deadline: Duration) -> Snapshot {
    let around = Surroundings { environment: &|_| None, read: &TextFile::read };
    let settings = Settings::resolve(Some(url), &around).unwrap();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let window = Window { from: now - TimeDelta::days(1), to: now, step_seconds: 60 };
    let request = Request { now, window, past: None, search: Search::No, sample, deadline };
    let (progress, _listener) = mpsc::channel();
    collect(vec![Box::new(settings)], &request, &progress).unwrap()
}

/// Reads a server and does something to it after the first sample.
fn read_while(server: &Postgres, disturb: impl FnOnce() + Send) -> Snapshot {
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The reader asks about standbys last, and then waits for its second sample.
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scale-advisor' \
                           AND state = 'idle' AND query LIKE '%pg_stat_replication%'";
            wait_until("the first sample was taken", || server.value(waiting) == "1");
            disturb();
        });
        read_for(&server.url("postgres"), Duration::from_secs(2), Duration::from_secs(8))
    })
}

#[track_caller]
fn observation<'a>(snapshot: &'a Snapshot, signal: &str) -> &'a Observation {
    let found = snapshot.observations.iter().find(|found| found.signal.as_str() == signal);
    found.unwrap_or_else(|| panic!("no {signal}: {:#?}", snapshot.gaps))
}

#[track_caller]
fn value(snapshot: &Snapshot, signal: &str) -> f64 {
    observation(snapshot, signal).values.last().1
}

#[track_caller]
fn gap<'a>(snapshot: &'a Snapshot, signal: &str) -> &'a Gap {
    let found = snapshot.gaps.iter().find(|gap| gap.signal.as_str() == signal);
    found.unwrap_or_else(|| panic!("no gap for {signal}: {:#?}", snapshot.observations))
}

#[track_caller]
fn check_text(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
}
