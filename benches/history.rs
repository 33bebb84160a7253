//! How fast a history takes rollups in and gives them back, how large its file is, and how long a report from it takes.
//!
//! Prints the tables of `benches/README.md`: a year and two months of 100 signals, 1,000,000 hourly rollups.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints tables"
)]

#[path = "history/report.rs"]
mod report;

use std::{path::Path, time::Instant};

use chrono::DateTime;
use rusqlite::{Connection, params};
use scale_advisor::{
    capacity::random::Random,
    history::{Batch, Contents, HOUR_MS, Range, Resolution, SeriesName, Store},
    signal::Series,
    snapshot::Labels,
};

const SIGNALS: usize = 100;
const HOURS: i64 = 10_000;
const START_HOUR: i64 = 480_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("| | rollups a second | bytes a rollup |\n|---|---|---|");
    let daily = from_samples(&folder.path().join("daily.db"), 24, 60);
    from_samples(&folder.path().join("monthly.db"), 30 * 24, 60);
    from_samples(&folder.path().join("once.db"), HOURS, 12);
    let contents = contents(&daily);
    copied(&folder.path().join("copy.db"), &contents);
    plain(&folder.path().join("plain.db"), &contents);
    read_back(&daily);
    report::measure();
}

fn row(what: &str, count: usize, seconds: f64, file: &Path) {
    let bytes = std::fs::metadata(file).unwrap().len() as f64 / count as f64;
    println!("| {what} | {:.0} | {bytes:.1} |", count as f64 / seconds);
}

fn name(number: usize) -> SeriesName {
    SeriesName {
        signal: "queue.depth".to_owned(),
        instance: Some(format!("queue-{number}")),
        labels: Labels::new(),
        source: "prometheus".to_owned(),
        query: "max by (queue) (queue_depth)".to_owned(),
        unit: "count".to_owned(),
    }
}

/// Samples of all signals over some hours, so many in an hour.
fn batch(random: &mut Random, from: i64, hours: i64, samples: i64) -> Batch {
    let step = HOUR_MS / samples;
    let series = |number| {
        let at_ms: Vec<i64> = (0..hours * samples).map(|at| from * HOUR_MS + at * step).collect();
        let values = at_ms.iter().map(|_| 100.0 + random.normal()).collect();
        (name(number), Series::new(step, at_ms, values).unwrap())
    };
    Batch {
        definitions: Vec::new(),
        taken_at: DateTime::from_timestamp_millis((from + hours) * HOUR_MS).unwrap(),
        simulated: None,
        series: (0..SIGNALS).map(series).collect(),
        statements: Vec::new(),
        assessment: None,
    }
}

/// Everything recorded in runs of so many hours: samples in, rollups made, committed to the disk.
fn from_samples(file: &Path, hours: i64, samples: i64) -> Store {
    let mut random = Random::new(1);
    let mut store = Store::open_file(file, |_| ()).unwrap();
    let mut seconds = 0.0;
    for from in (0..HOURS).step_by(usize::try_from(hours).unwrap()) {
        let batch = batch(&mut random, START_HOUR + from, hours.min(HOURS - from), samples);
        let begun = Instant::now();
        store.append(&batch).unwrap();
        seconds += begun.elapsed().as_secs_f64();
    }
    drop(store);
    let store = Store::read_file(file).unwrap();
    let runs = match hours {
        24 => "a run a day",
        HOURS => "one run",
        _ => "a run a month",
    };
    row(
        &format!("recorded from {samples} samples each, {runs}"),
        SIGNALS * usize::try_from(HOURS).unwrap(),
        seconds,
        file,
    );
    store
}

fn contents(store: &Store) -> Contents {
    let [hourly, daily] = [Resolution::Hour, Resolution::Day]
        .map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap());
    Contents { hourly, daily, ..Contents::default() }
}

/// The same rollups as another history gives them out.
fn copied(file: &Path, contents: &Contents) {
    let mut store = Store::open_file(file, |_| ()).unwrap();
    let begun = Instant::now();
    store.import(contents).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    drop(store);
    row("imported, days made again", count(contents), seconds, file);
}

fn count(contents: &Contents) -> usize {
    contents.hourly.iter().map(|kept| kept.rollups.len()).sum()
}

/// The same rows in a plain table, inserted in one transaction by the same library: no merging, no days, no samples.
fn plain(file: &Path, contents: &Contents) {
    let mut connection = Connection::open(file).unwrap();
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE rollups (series INTEGER, hour INTEGER, count INTEGER, minutes INTEGER,
             min REAL, mean REAL, p95 REAL, max REAL, last REAL, PRIMARY KEY (series, hour))",
        )
        .unwrap();
    let begun = Instant::now();
    let transaction = connection.transaction().unwrap();
    {
        let mut insert =
            transaction.prepare("INSERT INTO rollups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)").unwrap();
        for (series, kept) in (0_i64..).zip(&contents.hourly) {
            for rollup in &kept.rollups {
                insert
                    .execute(params![
                        series,
                        rollup.period,
                        rollup.count,
                        rollup.minutes,
                        rollup.min,
                        rollup.mean,
                        rollup.p95,
                        rollup.max,
                        rollup.last
                    ])
                    .unwrap();
            }
        }
    }
    transaction.commit().unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    drop(connection);
    row("a plain table, for comparison", count(contents), seconds, file);
}

fn read_back(store: &Store) {
    println!("\n| | |\n|---|---|");
    let month = Range { from_ms: (START_HOUR + HOURS - 720) * HOUR_MS, to_ms: i64::MAX / 2 };
    for (what, range) in [("everything", Range::ALL), ("the last month", month)] {
        let begun = Instant::now();
        let observations = store.hourly(range).unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        let count: usize = observations.iter().map(|observation| observation.values.len()).sum();
        println!("| {what} as hourly means, {count} of them | {:.0} ms |", seconds * 1e3);
    }
    let begun = Instant::now();
    assert!(store.verify().unwrap().is_empty());
    println!("| verified | {:.1} s |", begun.elapsed().as_secs_f64());
}
