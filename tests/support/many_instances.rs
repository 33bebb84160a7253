//! Systems of many instances.

use std::{collections::BTreeMap, f64::consts::TAU};

use chrono::{DateTime, TimeDelta};
use scale_advisor::{
    assess::{AssessmentInput, Declared},
    roadmap::{Thresholds, builtin, default_thresholds, read_roadmap},
    signal::{Series, Signal, SignalId, catalog},
    snapshot::{Observation, Origin, Snapshot, Window, merge},
};

/// Signals of each instance.
pub(crate) const SIGNALS: usize = 13;
const HOUR_MS: i64 = 3_600_000;

/// The roadmap of a chat, and no settings.
pub(crate) fn input() -> AssessmentInput {
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
pub(crate) fn snapshot(count: usize) -> Snapshot {
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
        instance: Some(name(number)),
        labels: BTreeMap::from([("job".to_owned(), "node".to_owned())]),
        ..Observation::new(signal, values, Origin { source: "prometheus".to_owned(), query: "q".to_owned() })
    }
}

/// The same of which each host has a past of so many days: a disk that fills, and a processor that follows the load.
pub(crate) fn with_pasts(count: usize, days: i64) -> Snapshot {
    with_shares(count, days, [(0.3, 0.5), (0.05, 1.0)])
}

/// The same with healthy hosts: disks stay a quarter full, and processors use a fifth as much for the load.
pub(crate) fn healthy(count: usize, days: i64) -> Snapshot {
    with_shares(count, days, [(0.25, 0.0), (0.05, 0.2)])
}

/// `disk` is its initial usage and its growth over the whole period, `processor` its idle usage and a factor for the load.
fn with_shares(count: usize, days: i64, [disk, processor]: [(f64, f64); 2]) -> Snapshot {
    let mut snapshot = snapshot(count);
    let to_ms = snapshot.taken_at.timestamp_millis() / HOUR_MS * HOUR_MS;
    let hours = days * 24;
    let at_ms: Vec<i64> = (0..hours).map(|hour| to_ms - (hours - hour) * HOUR_MS).collect();
    let mut past = |signal: &str, instance: Option<String>, value: &dyn Fn(i64) -> f64| {
        let values = Series::new(HOUR_MS, at_ms.clone(), (0..hours).map(value).collect()).unwrap();
        let origin = Origin { source: "prometheus".to_owned(), query: "q".to_owned() };
        let signal = SignalId::find(signal).unwrap();
        snapshot.history.push(Observation { instance, ..Observation::new(signal, values, origin) });
    };
    let load = |hour: i64| 2000.0 + 3.0 * hour as f64 + 800.0 * ((hour % 24) as f64 / 24.0 * TAU).sin();
    past("users.registered", None, &load);
    for number in 0..count {
        let noise = |hour: i64| ((hour * 7919 + i64::try_from(number).unwrap() * 104_729) % 97) as f64 / 97.0;
        if number.is_multiple_of(2) {
            past("host.disk_space", Some(name(number)), &|hour| {
                disk.0 + disk.1 * hour as f64 / hours as f64 + 0.002 * noise(hour)
            });
        } else {
            past("host.cpu", Some(name(number)), &|hour| {
                processor.0 + processor.1 * load(hour) / 20_000.0 + 0.01 * noise(hour)
            });
        }
    }
    snapshot
}

fn name(number: usize) -> String {
    format!("10.0.{}.{}:9100", number / 250, number % 250)
}
