//! How long judging takes, by the number of instances: in proportion to it.
//!
//! Prints the table of `benches/README.md`: snapshots of 13 signals each of so many instances, judged three times.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints a table"
)]

#[path = "support/memory.rs"]
mod memory;

use std::{collections::BTreeMap, time::Instant};

use chrono::{DateTime, TimeDelta};
use scale_advisor::{
    assess::{AssessmentInput, Declared, assess},
    roadmap::{Thresholds, builtin, default_thresholds, read_roadmap},
    signal::{Series, Signal, SignalId, catalog},
    snapshot::{Observation, Origin, Snapshot, Window, merge},
};

const COUNTS: [usize; 5] = [500, 1_000, 2_000, 5_000, 10_000];
const SIGNALS: usize = 13;

fn main() {
    if let Some(count) = memory::wanted() {
        let snapshot = snapshot(count.parse().unwrap());
        let before = memory::peak();
        let assessment = assess(&input(), &snapshot);
        assert!(!assessment.bottlenecks.is_empty());
        println!("{}", memory::peak() - before);
        return;
    }
    println!("| instances | judged in | microseconds an observation | memory |\n|--:|--:|--:|--:|");
    for count in COUNTS {
        let (input, snapshot) = (input(), snapshot(count));
        let judged = || {
            let since = Instant::now();
            let assessment = assess(&input, &snapshot);
            assert!(!assessment.bottlenecks.is_empty());
            since.elapsed().as_secs_f64()
        };
        let seconds = (0..3).map(|_| judged()).fold(f64::INFINITY, f64::min);
        let each = seconds * 1e6 / (count * SIGNALS) as f64;
        let memory = memory::peak_of(&count.to_string()) / 1e6;
        println!("| {count} | {:.0} ms | {each:.1} | {memory:.0} MB |", seconds * 1000.0);
    }
}

fn input() -> AssessmentInput {
    let (roadmap, _) = read_roadmap(builtin("node-queue-chat").unwrap());
    AssessmentInput {
        roadmap: roadmap.unwrap(),
        digest: String::new(),
        defaults: default_thresholds().clone(),
        overrides: Thresholds::default(),
        declared: Declared::default(),
    }
}

/// Signals that have limits, of so many instances, at each minute of ten; every fifth instance is near its limit.
fn snapshot(count: usize) -> Snapshot {
    let to = DateTime::from_timestamp(1_795_193_600, 0).unwrap();
    let window = Window { from: to - TimeDelta::minutes(10), to, step_seconds: 60 };
    let mut snapshot = merge(to, window, Vec::new());
    let limited = catalog()
        .signals()
        .map(Signal::id)
        .filter(|signal| default_thresholds().of(*signal).critical.is_some());
    for signal in limited.take(SIGNALS) {
        snapshot
            .observations
            .extend((0..count).map(|number| observation(signal, number, to.timestamp_millis())));
    }
    snapshot
}

fn observation(signal: SignalId, number: usize, to_ms: i64) -> Observation {
    let critical = default_thresholds().of(signal).critical.unwrap().value();
    let value = critical * if number.is_multiple_of(5) { 0.99 } else { 0.3 };
    let at_ms: Vec<i64> = (0..10).map(|minute| to_ms - (9 - minute) * 60_000).collect();
    let values = Series::new(60_000, at_ms, vec![value; 10]).unwrap();
    Observation {
        instance: Some(format!("10.0.{}.{}:9100", number / 250, number % 250)),
        labels: BTreeMap::from([("job".to_owned(), "node".to_owned())]),
        ..Observation::new(signal, values, Origin { source: "prometheus".to_owned(), query: "q".to_owned() })
    }
}
