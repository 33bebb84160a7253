//! What was recorded comes back: once, whole, and whatever the order.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::DateTime;
use tempfile::TempDir;

use super::*;
use crate::{
    history::{HOUR_MS, Rollup, SeriesName},
    signal::Series,
};

/// The beginning of a day.
const START_MS: i64 = 20_400 * 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;

fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("deep/history.db"), |_| ()).unwrap();
    (folder, store)
}

fn name(source: &str, query: &str) -> SeriesName {
    SeriesName {
        signal: "queue.depth".to_owned(),
        instance: Some("mail".to_owned()),
        source: source.to_owned(),
        query: query.to_owned(),
        unit: "count".to_owned(),
    }
}

/// A value that is different at every instant.
fn value(at_ms: i64) -> f64 {
    ((at_ms / 1000).rem_euclid(7919) as f64).sqrt()
}

/// A run at a minute of the timeline that reads some minutes back.
fn run(end: i64, minutes: i64, step: i64) -> Batch {
    let at_ms: Vec<i64> =
        (end - minutes..end).filter(|at| at % step == 0).map(|at| START_MS + at * MINUTE_MS).collect();
    let values = at_ms.iter().copied().map(value).collect();
    let series = Series::new(step * MINUTE_MS, at_ms, values).unwrap();
    batch(end, vec![(name("prometheus", "q"), series)])
}

fn batch(end: i64, series: Vec<(SeriesName, Series)>) -> Batch {
    let taken_at = DateTime::from_timestamp_millis(START_MS + end * MINUTE_MS).unwrap();
    Batch {
        taken_at,
        simulated: None,
        series,
        looks: Vec::new(),
        assessment: Some(format!("{{\"minute\":{end}}}")),
    }
}

fn spot(minute: i64, value: f64) -> Batch {
    let at = DateTime::from_timestamp_millis(START_MS + minute * MINUTE_MS + 1234).unwrap();
    batch(minute, vec![(name("redis", "LLEN"), Series::spot(at, value).unwrap())])
}

fn all(store: &SqliteStore) -> [Vec<StoredSeries>; 2] {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    [Resolution::Hour, Resolution::Day].map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap())
}

fn hours(store: &SqliteStore) -> Vec<Rollup> {
    all(store)[0].iter().flat_map(|kept| kept.rollups.clone()).collect()
}

#[test]
fn a_day_of_minutes_becomes_its_hours_and_itself() {
    let (_folder, mut store) = store();
    let written = store.append(&run(1440, 1440, 1)).unwrap();
    assert_eq!(written, Written { series: 1, samples: 1440, hours: 24 });
    let [hourly, daily] = all(&store);
    assert_eq!((hourly.len(), hourly[0].rollups.len(), &hourly[0].series), (1, 24, &name("prometheus", "q")));
    let values: Vec<f64> = (0..1440).map(|minute| value(START_MS + minute * MINUTE_MS)).collect();
    assert_eq!(hourly[0].rollups[3], Rollup::of(20_400 * 24 + 3, &values[180..240], MINUTE_MS).unwrap());
    let (day, expected) = (daily[0].rollups[0], Rollup::of(20_400, &values, MINUTE_MS).unwrap());
    assert!((day.mean - expected.mean).abs() < 1e-9);
    assert_eq!(day, Rollup { mean: day.mean, minutes: 1440, ..expected });
}

#[test]
fn twice_is_once() {
    let (_folder, mut store) = store();
    store.append(&run(1500, 1440, 1)).unwrap();
    let before = all(&store);
    assert_eq!(store.append(&run(1500, 1440, 1)).unwrap().hours, 0);
    assert_eq!(all(&store), before);
    assert_eq!(store.assessments(Range::ALL).unwrap().len(), 1);
}

#[test]
fn readings_of_the_moment_gather_within_their_hour() {
    let (_folder, mut store) = store();
    for minute in [1, 6, 11, 11, 16] {
        store.append(&spot(minute, minute as f64)).unwrap();
    }
    let [rollup] = hours(&store).try_into().unwrap();
    assert_eq!((rollup.count, rollup.minutes, rollup.min, rollup.max), (4, 4, 1.0, 16.0));
    assert_eq!((rollup.mean, rollup.last), (8.5, 16.0));
}

#[test]
fn what_was_read_of_a_native_source_is_one_series_whatever_its_words() {
    let (_folder, mut store) = store();
    store.append(&spot(1, 1.0)).unwrap();
    let mut second = spot(2, 2.0);
    second.series[0].0.query = "LLEN over 5.1 s".to_owned();
    store.append(&second).unwrap();
    let [kept] = all(&store)[0].clone().try_into().unwrap();
    assert_eq!((kept.rollups[0].count, kept.series.query.as_str()), (2, "LLEN over 5.1 s"));
    let mut prometheus = run(3, 3, 1);
    store.append(&prometheus).unwrap();
    prometheus.series[0].0.query = "another".to_owned();
    store.append(&prometheus).unwrap();
    assert_eq!(all(&store)[0].len(), 3);
}

#[test]
fn hours_that_nobody_read_are_absent() {
    let (_folder, mut store) = store();
    store.append(&run(60, 60, 1)).unwrap();
    store.append(&run(300, 60, 1)).unwrap();
    let found: Vec<i64> = hours(&store).iter().map(|hour| hour.period - 20_400 * 24).collect();
    assert_eq!(found, [0, 4]);
}

#[test]
fn samples_are_forgotten_after_two_days_and_rollups_stay() {
    let (_folder, mut store) = store();
    store.append(&run(1440, 1440, 1)).unwrap();
    let before = hours(&store);
    store.append(&spot(3 * 1440, 1.0)).unwrap();
    let held: i64 = store.connection.query_row("SELECT count(*) FROM samples", [], |row| row.get(0)).unwrap();
    assert_eq!((held, &hours(&store)[..24]), (1, &before[..]));
    // Part of a closed hour adds nothing; the day keeps its percentile.
    let days = all(&store)[1].clone();
    store.append(&run(630, 45, 1)).unwrap();
    assert_eq!(all(&store)[1], days);
}

#[test]
fn samples_that_a_run_forgets_count_in_it_for_the_last_time() {
    let (_folder, mut store) = store();
    store.append(&run(1410, 30, 1)).unwrap();
    // A run on the day after the next one, which reads back to the other half of that hour.
    store.append(&run(2 * 1440 + 30, 1440 + 60, 1)).unwrap();
    assert_eq!((hours(&store)[0].count, hours(&store)[0].minutes), (60, 60));
}

#[test]
fn a_range_holds_whole_hours_of_one_signal() {
    let (_folder, mut store) = store();
    store.append(&run(600, 600, 1)).unwrap();
    let range = Range { from_ms: START_MS + 1, to_ms: START_MS + 3 * HOUR_MS };
    let found = |signal| store.rollups(Resolution::Hour, SignalId::find(signal), range).unwrap();
    assert_eq!(found("queue.depth")[0].rollups.len(), 2);
    assert_eq!(found("host.cpu"), []);
    let [means] = store.hourly(range).unwrap().try_into().unwrap();
    assert_eq!(means.values.at_ms(), [START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]);
    assert_eq!(means.values.values()[0].to_bits(), hours(&store)[1].mean.to_bits());
}

#[test]
fn of_older_days_the_last_assessment_stays() {
    let (_folder, mut store) = store();
    for minute in (0..4 * 1440).step_by(20) {
        store.append(&spot(minute, 1.0)).unwrap();
    }
    let minutes: Vec<String> =
        store.assessments(Range::ALL).unwrap().into_iter().map(|one| one.json).collect();
    let expected = [1420, 2860].into_iter().chain((0..48).map(|hour| 2920 + hour * 60));
    assert_eq!(minutes, expected.map(|minute| format!("{{\"minute\":{minute}}}")).collect::<Vec<_>>());
}

#[test]
fn what_is_old_can_be_forgotten() {
    let (_folder, mut store) = store();
    store.append(&run(2880, 2880, 10)).unwrap();
    assert_eq!(store.prune(START_MS + 30 * HOUR_MS).unwrap(), 24);
    assert_eq!(hours(&store)[0].period, 20_401 * 24);
    assert_eq!(store.prune(START_MS + 90 * HOUR_MS).unwrap(), 24);
    assert_eq!(all(&store), [vec![], vec![]]);
}

#[test]
fn an_import_is_the_same_store_once_and_twice() {
    let (_folder, mut original) = store();
    original.append(&run(1440, 1440, 5)).unwrap();
    original.append(&spot(3000, 4.0)).unwrap();
    let [hourly, daily] = all(&original);
    let assessments = original.assessments(Range::ALL).unwrap();
    let contents = Contents { hourly, daily, assessments, ..Contents::default() };
    let (_folder, mut copy) = store();
    for hours in [25, 0] {
        assert_eq!(copy.import(&contents).unwrap().hours, hours);
        assert_eq!(all(&copy), all(&original));
        assert_eq!(copy.assessments(Range::ALL).unwrap(), original.assessments(Range::ALL).unwrap());
    }
}

#[test]
fn simulated_and_real_values_do_not_mix() {
    let (_folder, mut store) = store();
    let simulated = Batch { simulated: Some("a test".to_owned()), ..spot(1, 1.0) };
    store.append(&simulated).unwrap();
    assert_eq!(store.simulated().unwrap().as_deref(), Some("a test"));
    let told = store.append(&spot(2, 1.0)).unwrap_err().to_string();
    assert!(told.contains("holds simulated values (a test), and this run real values"), "{told}");
    assert_eq!(hours(&store)[0].count, 1);
}

#[test]
fn what_was_changed_by_hand_is_found() {
    let damages = [
        ("UPDATE hourly SET max = 0 WHERE hour % 24 = 3", "between the smallest and the largest"),
        ("UPDATE hourly SET count = 0 WHERE hour % 24 = 3", "no samples"),
        ("DELETE FROM hourly WHERE hour % 24 = 3", "does not follow from its hours"),
        ("DELETE FROM hourly", "it has no hours"),
        ("UPDATE daily SET mean = mean + 1e-9", "does not follow from its hours"),
        (
            "INSERT INTO daily SELECT series, day + 9, count, minutes, min, mean, p95, max, last FROM daily",
            "no hours",
        ),
        ("UPDATE samples SET samples = x'00' WHERE hour % 24 = 3", "samples do not make its rollup"),
        ("DELETE FROM series", "belong to no series"),
    ];
    for (damage, words) in damages {
        let (_folder, mut store) = store();
        store.append(&run(1440, 1440, 1)).unwrap();
        store.connection.execute_batch(damage).unwrap();
        let told = store.verify().unwrap().join("\n");
        assert!(told.contains(words), "{damage}: {told}");
    }
}

#[test]
fn another_writer_is_told_and_waited_for() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    let (folder, mut store) = store();
    store.on_wait = |_| {
        TOLD.fetch_add(1, Ordering::SeqCst);
    };
    let other = Connection::open(folder.path().join("deep/history.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writer = std::thread::spawn(move || store.append(&spot(1, 1.0)).map(|_| store));
    while TOLD.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    other.execute_batch("ROLLBACK").unwrap();
    let store = writer.join().unwrap().unwrap();
    assert_eq!((hours(&store).len(), TOLD.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn what_the_database_says_is_said_in_our_words() {
    let said = |code: i32| {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        HistoryError::of("write to", Path::new("h.db"), error).to_string()
    };
    assert!(
        said(rusqlite::ffi::SQLITE_BUSY)
            .contains("another process has been writing to the history h.db for 30 s")
    );
    for code in [rusqlite::ffi::SQLITE_FULL, rusqlite::ffi::SQLITE_IOERR_SHMSIZE] {
        assert!(said(code).contains("no room is left"));
    }
    assert!(said(rusqlite::ffi::SQLITE_CORRUPT).contains("is damaged"));
    assert_eq!(said(rusqlite::ffi::SQLITE_READONLY), "cannot write to the history h.db");
}
