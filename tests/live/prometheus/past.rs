//! The hourly means of the past, asked for in few evaluations, against what was written.

use std::{collections::BTreeSet, time::Duration};

use scale_advisor::{
    snapshot::{Observation, SourceResult},
    source::{Past, prometheus::Settings},
};

use super::{DAY, END, at, read_with_past, signal};
use crate::support::prometheus::{Backfill, Span};

const HOUR: i64 = 3600;
/// When the second machine started: in the middle of an hour.
const STARTED: i64 = END - END.rem_euclid(HOUR) - 20 * HOUR - 1500;

/// How busy the machines are: 20 to 60% within each hour.
fn busy(at: i64) -> f64 {
    0.4 + 0.2 * (at as f64 * std::f64::consts::TAU / HOUR as f64).sin()
}

fn history() -> Backfill {
    let whole = Span::before(END, 2 * DAY, 60);
    let late = Span::before(END, END - STARTED, 60);
    let mut history = Backfill::default();
    for (instance, span) in [("old", whole), ("new", late)] {
        for mode in ["idle", "user"] {
            let labels = [("instance", instance), ("job", "node"), ("cpu", "0"), ("mode", mode)];
            let rate = move |at| if mode == "user" { busy(at) } else { 1.0 - busy(at) };
            history = history.counter("node_cpu_seconds_total", &labels, span, rate);
        }
    }
    let db = [("instance", "db"), ("job", "postgres")];
    history
        .gauge("pg_stat_activity_count", &[db[0], db[1], ("state", "active")], whole, |at| 100.0 * busy(at))
        .gauge("pg_settings_max_connections", &db, whole, |_| 100.0)
}

fn past<'a>(reading: &'a SourceResult, name: &str, instance: &str) -> &'a Observation {
    let of = |past: &&Observation| past.signal == signal(name) && past.instance.as_deref() == Some(instance);
    reading.history.iter().find(of).unwrap_or_else(|| panic!("{name} {instance}: {:?}", reading.report))
}

#[test]
fn means_of_hours_are_those_of_what_was_written_on_both_kinds_of_servers() {
    let history = history();
    for server in [history.prometheus(), history.victoria_metrics()] {
        let signals = BTreeSet::from([signal("host.cpu"), signal("postgres.connections")]);
        let from = Some(Past { from: at(END - 2 * DAY), signals });
        let settings = Settings::new(&server.url()).unwrap();
        let reading = read_with_past(&settings, from, DAY, 60, Duration::from_secs(60));
        for (name, instance, hours) in
            [("host.cpu", "old", 46), ("host.cpu", "new", 20), ("postgres.connections", "db", 46)]
        {
            let found = past(&reading, name, instance);
            let values = found.values.values();
            assert!(values.len() >= hours, "{name} {instance}: {}", values.len());
            // A machine that was not there for a part of its first hour was not busy in that part. The mean of the part
            // that it was there for is all that differs.
            let whole_hours = if instance == "new" { &values[1..] } else { &values[1..values.len()] };
            for value in whole_hours {
                assert!((value / 0.4 - 1.0).abs() < 0.01, "{name} {instance}: {values:?}");
            }
            assert!(values[0] <= 0.65, "{name} {instance}: {values:?}");
        }
    }
}
