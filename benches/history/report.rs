//! How long a month's report takes: the program itself, from its start until its files are written.

use std::{
    f64::consts::TAU,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use scale_advisor::{
    capacity::random::Random,
    history::{Contents, HOUR_MS, Rollup, SeriesName, Store, StoredAssessment, StoredSeries},
    snapshot::Labels,
};

use crate::{HOURS, SIGNALS};

/// What a chat service measures, how often, in which unit, what it comes to, and what each user adds.
const MEASURED: [(&str, usize, &str, f64, f64); 5] = [
    ("users.concurrent", 1, "count", 0.0, 1.0),
    ("queue.depth", 24, "count", 5.0, 0.05),
    ("host.cpu", 30, "ratio", 0.1, 0.0005),
    ("postgres.connections", 25, "ratio", 0.05, 0.0008),
    ("redis.memory", 20, "ratio", 0.2, 0.0004),
];
/// The present: the beginning of a month, whose report is of the one before.
const NOW: &str = "2026-11-01T00:00:00Z";
const MONTH: &str = "2026-10";
/// Nothing but a bill is read beside the history.
const SETTINGS: &str = r#"
profile = "node-queue-chat"
[[sources.csv]]
file = "bill.csv"
signal = "cost.monthly"
[sources.host]
enabled = false
"#;
const BILL: &str = "date,value\n2026-10-31,640\n";
const ROUNDS: usize = 5;

/// Prints how long the report of the last of fourteen months takes.
pub(crate) fn measure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scale-advisor.toml"), SETTINGS).unwrap();
    std::fs::write(folder.path().join("bill.csv"), BILL).unwrap();
    let mut store = Store::open_file(&folder.path().join("history.db"), |_| ()).unwrap();
    store.import(&Contents { hourly: measured(), ..Contents::default() }).unwrap();
    drop(store);
    row("the month's report, earlier months computed again", folder.path());
    let assessments = assessments(folder.path());
    let mut store = Store::open_file(&folder.path().join("history.db"), |_| ()).unwrap();
    store.import(&Contents { assessments, ..Contents::default() }).unwrap();
    drop(store);
    row("the month's report, an assessment recorded every day", folder.path());
}

fn row(what: &str, folder: &Path) {
    let round = |_| {
        let begun = Instant::now();
        run(folder, &["report", "--month", MONTH]);
        begun.elapsed()
    };
    let best = (0..ROUNDS).map(round).min().unwrap_or(Duration::ZERO);
    println!("| {what} | {:.0} ms |", best.as_secs_f64() * 1e3);
}

/// What the program prints.
fn run(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_scale-advisor"))
        .args(arguments)
        .args(["--quiet", "--at", NOW, "--history", "history.db"])
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The hours of every signal up to now.
fn measured() -> Vec<StoredSeries> {
    let mut random = Random::new(1);
    let end = now().timestamp_millis() / HOUR_MS;
    let users: Vec<f64> = (0..HOURS).map(|hour| users(hour, &mut random)).collect();
    let mut all = Vec::new();
    for (signal, instances, unit, background, per_user) in MEASURED {
        for number in 0..instances {
            let series = SeriesName {
                signal: signal.to_owned(),
                instance: (instances > 1).then(|| format!("{number}")),
                labels: Labels::new(),
                source: "prometheus".to_owned(),
                query: signal.to_owned(),
                unit: unit.to_owned(),
            };
            let value = |users: &f64| (background + per_user * users) * (1.0 + 0.02 * random.normal());
            let hours = (end - HOURS..).zip(users.iter().map(value).collect::<Vec<f64>>());
            all.push(StoredSeries {
                series,
                rollups: hours.map(|(hour, value)| rollup(hour, value)).collect(),
            });
        }
    }
    assert_eq!(all.len(), SIGNALS);
    all
}

/// Growth of a quarter in fourteen months, days, weeks, and what nobody can tell.
fn users(hour: i64, random: &mut Random) -> f64 {
    let hour = hour as f64;
    let grown = 300.0 * (0.25 * hour / HOURS as f64).exp();
    let day = 0.65 + 0.35 * (hour / 24.0 * TAU).sin();
    let week = 1.0 + 0.1 * (hour / 168.0 * TAU).sin();
    grown * day * week * (1.0 + 0.03 * random.normal())
}

fn rollup(period: i64, value: f64) -> Rollup {
    let (min, max) = (value * 0.9, value * 1.1);
    Rollup { period, count: 60, minutes: 60, min, mean: value, p95: Some(max), max, last: value }
}

/// An assessment for the end of each day: that of now, with the time of then.
fn assessments(folder: &Path) -> Vec<StoredAssessment> {
    let text = run(folder, &["check", "--format", "json"]);
    let mut assessment: serde_json::Value = serde_json::from_slice(&text).unwrap();
    (0..HOURS / 24)
        .map(|day| {
            let at = now() - TimeDelta::days(day);
            assessment["generated_at"] = at.to_rfc3339().into();
            StoredAssessment { at, json: assessment.to_string() }
        })
        .collect()
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}
