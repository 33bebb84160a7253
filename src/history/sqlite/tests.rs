//! A file is opened, read without traces, waited for and brought up to date.

#![allow(clippy::disallowed_methods, reason = "files are made to be refused or compared")]

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::DateTime;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{SqliteBackend, checksum, explain, open::beside};
use crate::{
    history::{
        Action, Batch, HistoryError, Range, SeriesName, Store,
        backend::Value,
        schema::{APPLICATION_ID, SQLITE_MIGRATIONS},
    },
    signal::Series,
};

fn message<T: std::fmt::Debug>(result: Result<T, HistoryError>) -> String {
    result.unwrap_err().to_string()
}

fn batch(hour: i64) -> Batch {
    Batch {
        taken_at: DateTime::from_timestamp(hour * 3600, 0).unwrap(),
        simulated: None,
        definitions: Vec::new(),
        series: Vec::new(),
        statements: Vec::new(),
        assessment: Some("{}".to_owned()),
    }
}

/// A history of one run.
fn history() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("deep/a b?#%.db");
    Store::open_file(&file, |_| ()).unwrap().append(&batch(1)).unwrap();
    (directory, file)
}

fn runs(store: &Store) -> usize {
    store.assessments(Range::ALL).unwrap().len()
}

fn names(file: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> =
        std::fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[test]
fn other_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("other.db");
    assert!(message(Store::read_file(&file)).contains("`scale-advisor record` creates one"));
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1")
        .unwrap();
    let text = directory.path().join("text.db");
    std::fs::write(&text, "not a database at all, but long enough to look at".repeat(30)).unwrap();
    for file in [&file, &text] {
        let before = std::fs::read(file).unwrap();
        for result in [Store::open_file(file, |_| ()), Store::read_file(file)] {
            assert!(message(result).contains("is not a scale-advisor history"));
        }
        assert_eq!(std::fs::read(file).unwrap(), before);
    }
}

#[test]
fn a_newer_file_is_not_touched() {
    let (_directory, file) = history();
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for result in [Store::open_file(&file, |_| ()), Store::read_file(&file)] {
        let message = message(result);
        assert!(message.contains("has version 99, this program supports up to 6"), "{message}");
    }
}

#[test]
fn a_directory_that_cannot_be_created_is_named() {
    let message = message(Store::open_file(Path::new("/dev/null/history.db"), |_| ()));
    assert!(message.contains("cannot create the directory of the history /dev/null/history.db"), "{message}");
}

#[test]
fn reading_leaves_nothing_behind() {
    let (_directory, file) = history();
    let (before, bytes) = (names(&file), std::fs::read(&file).unwrap());
    let store = Store::read_file(&file).unwrap();
    assert_eq!((runs(&store), store.verify().unwrap()), (1, Vec::new()));
    assert_eq!(names(&file), before);
    drop(store);
    assert_eq!((names(&file), std::fs::read(&file).unwrap()), (before, bytes));
}

#[test]
fn a_reader_sees_what_is_written_meanwhile() {
    let (_directory, file) = history();
    let reader = Store::read_file(&file).unwrap();
    assert_eq!(runs(&reader), 1);
    let mut writer = Store::open_file(&file, |_| ()).unwrap();
    writer.append(&batch(2)).unwrap();
    assert_eq!(runs(&reader), 2);
    writer.append(&batch(3)).unwrap();
    assert_eq!(runs(&reader), 3);
    drop(writer);
    assert_eq!(runs(&reader), 3);
}

#[test]
fn a_log_that_no_writer_has_moved_into_the_file_is_read() {
    let (_directory, file) = history();
    let mut writer = Store::open_file(&file, |_| ()).unwrap();
    writer.append(&batch(2)).unwrap();
    // As a crash leaves it, in a copy without the shared memory.
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("history.db");
    for suffix in ["", "-wal"] {
        std::fs::copy(beside(&file, suffix), beside(&copied, suffix)).unwrap();
    }
    let before = names(&copied);
    assert_eq!(before.len(), 2);
    assert_eq!(runs(&Store::read_file(&copied).unwrap()), 2);
    assert_eq!(names(&copied), before);
}

#[test]
fn what_changed_while_it_was_read_without_locks_is_read_again() {
    let (_directory, file) = history();
    let backend = SqliteBackend::open_read_only(&file).unwrap();
    let changed = || crate::history::backend::Backend::changed_while_reading(&backend);
    assert!(!changed());
    Store::open_file(&file, |_| ()).unwrap().append(&batch(2)).unwrap();
    assert!(changed());
}

#[test]
fn an_older_file_is_read_as_it_is_and_migrated_to_be_written() {
    let directory = tempfile::tempdir().unwrap();
    for version in 1..SQLITE_MIGRATIONS.len() {
        let file = directory.path().join(format!("{version}.db"));
        let connection = Connection::open(&file).unwrap();
        for step in &SQLITE_MIGRATIONS[..version] {
            connection.execute_batch(step).unwrap();
        }
        connection
            .execute_batch("INSERT INTO assessments (hour, at_ms, json) VALUES (1, 3600000, '{}')")
            .unwrap();
        if i64::try_from(version).unwrap() >= checksum::SINCE {
            let row = [Value::Integer(1), Value::Integer(3_600_000), Value::Text("{}")];
            let sum = checksum::of_values(&row);
            connection.execute("UPDATE assessments SET checksum = ?1", [sum]).unwrap();
        }
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
        drop(connection);
        let bytes = std::fs::read(&file).unwrap();
        let store = Store::read_file(&file).unwrap();
        assert_eq!((runs(&store), store.verify().unwrap()), (1, Vec::new()));
        assert!(store.statements(Range::ALL).unwrap().is_empty());
        assert_eq!(store.contents().unwrap().statement_samples, []);
        drop(store);
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
        let mut store = Store::open_file(&file, |_| ()).unwrap();
        store.append(&batch(2)).unwrap();
        assert_eq!(runs(&store), 2);
    }
}

/// Two days of some queues.
fn measured() -> Batch {
    let at_ms: Vec<i64> = (0..48 * 4).map(|quarter| 480_000 * 3_600_000 + quarter * 900_000).collect();
    let queue = |number: u32| {
        let name = SeriesName {
            signal: "queue.depth".to_owned(),
            instance: Some(format!("queue-{number}")),
            labels: crate::snapshot::Labels::new(),
            source: "redis".to_owned(),
            query: "LLEN".to_owned(),
            unit: "count".to_owned(),
        };
        let values = (0..at_ms.len()).map(|at| (at % 7) as f64 + f64::from(number) / 3.0).collect();
        (name, Series::new(900_000, at_ms.clone(), values).unwrap())
    };
    Batch { series: (0..8).map(queue).collect(), ..batch(480_048) }
}

/// What a reader is given of a file, or that it is refused.
fn read_back(file: &Path) -> Option<String> {
    let contents = Store::read_file(file).and_then(|store| store.contents()).ok()?;
    crate::history::export(crate::history::Format::JsonLines, &contents).ok()
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    let (_directory, file) = history();
    Store::open_file(&file, |_| ()).unwrap().append(&measured()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let expected = read_back(&file).unwrap();
    let flipped = file.with_file_name("flipped.db");
    let mut state: u64 = 1;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut found = 0;
    for _ in 0..1000 {
        let mut bytes = whole.clone();
        let bit = below(8);
        let place = below(bytes.len());
        bytes[place] ^= 1 << bit;
        std::fs::write(&flipped, &bytes).unwrap();
        // What a reader is given is what was recorded, and where it is refused, `verify` finds it as well.
        let read = read_back(&flipped);
        if let Some(read) = read {
            assert_eq!(read, expected, "bit {bit} of byte {place}");
            continue;
        }
        let verified = Store::read_file(&flipped).and_then(|store| store.verify());
        assert!(
            verified.is_err() || verified.is_ok_and(|errors| !errors.is_empty()),
            "bit {bit} of byte {place}"
        );
        found += 1;
    }
    assert!(found > 50, "only {found} of a thousand");
}

#[test]
fn a_row_that_was_changed_is_refused_by_name() {
    let (_directory, file) = history();
    Store::open_file(&file, |_| ()).unwrap().append(&measured()).unwrap();
    Connection::open(&file).unwrap().execute("UPDATE hourly SET last = last + 1e-9", []).unwrap();
    let store = Store::read_file(&file).unwrap();
    let message = store.contents().unwrap_err().to_string();
    assert!(message.contains("of hourly does not match its checksum"), "{message}");
    let errors = store.verify().unwrap().join("\n");
    assert!(errors.contains("hourly, series 1, hour "), "{errors}");
}

#[test]
fn another_writer_is_reported_and_waited_for() {
    static WAITS: AtomicUsize = AtomicUsize::new(0);
    let (_directory, file) = history();
    let mut store = Store::open_file(&file, |_| {
        WAITS.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    let other = Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writer = std::thread::spawn(move || store.append(&batch(2)).map(|_| store));
    while WAITS.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    other.execute_batch("ROLLBACK").unwrap();
    let store = writer.join().unwrap().unwrap();
    assert_eq!((runs(&store), WAITS.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn errors_of_the_database_are_explained() {
    let message = |code: i32| {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        explain(Action::Write, Path::new("h.db"), error).to_string()
    };
    let busy = message(rusqlite::ffi::SQLITE_BUSY);
    assert!(busy.contains("another process has been writing to the history h.db for 30 s"), "{busy}");
    for code in [rusqlite::ffi::SQLITE_FULL, rusqlite::ffi::SQLITE_IOERR_SHMSIZE] {
        assert!(message(code).contains("no space left"));
    }
    assert!(message(rusqlite::ffi::SQLITE_CORRUPT).contains("is damaged"));
    assert_eq!(message(rusqlite::ffi::SQLITE_READONLY), "cannot write to the history h.db");
}
