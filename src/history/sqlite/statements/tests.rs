//! What statements did comes back: once, whole, and as another store.

use std::path::Path;

use chrono::DateTime;
use tempfile::TempDir;

use super::super::{SqliteStore, schema::MIGRATIONS};
use crate::{
    history::{Batch, Range, Store, read, write},
    statements::{CountedDay, StatementCount, StatementDay, StatementSnapshot, Statements},
};

const DAY: i64 = 20_000;

fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("history.db"), |_| ()).unwrap();
    (folder, store)
}

/// A server seen so many hours after a midnight, with so many calls of two statements.
fn look(hour: i64, calls: [f64; 2]) -> StatementSnapshot {
    let at = |hour: i64| DateTime::from_timestamp(DAY * 86_400 + hour * 3600, 0).unwrap();
    let count = |(query, calls): (i64, f64)| StatementCount {
        role: 10,
        query,
        toplevel: query > 0,
        calls,
        seconds: calls / 8.0,
        since: None,
        text: (query > 0 && hour > 2).then(|| "SELECT $1".to_owned()),
    };
    StatementSnapshot {
        server: "db:5432/shop".to_owned(),
        at: at(hour),
        started: at(-900),
        counting_since: Some(at(-800)),
        evictions: Some(hour.unsigned_abs()),
        hidden: 0,
        complete: true,
        database: 5,
        statements: [-3, 7].into_iter().zip(calls).map(count).collect(),
    }
}

fn record(store: &mut SqliteStore, looks: &[StatementSnapshot]) {
    for look in looks {
        let batch = Batch {
            taken_at: look.at,
            simulated: None,
            series: Vec::new(),
            looks: vec![look.clone()],
            assessment: None,
        };
        store.append(&batch).unwrap();
    }
}

fn all(store: &SqliteStore) -> Statements {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    store.statements(Range::ALL).unwrap()
}

fn looks() -> [StatementSnapshot; 3] {
    [look(0, [100.0, 5.0]), look(12, [116.0, 5.0]), look(36, [124.0, 9.0])]
}

#[test]
fn days_add_up_from_look_to_look() {
    let (_folder, mut store) = store();
    record(&mut store, &looks());
    let found = all(&store);
    let counted = |day, seconds, evictions| CountedDay { day, seconds, resets: 0, evictions, hidden: 0 };
    assert_eq!(found.servers[0].days, [counted(DAY, 86_400.0, 12), counted(DAY + 1, 43_200.0, 24)]);
    let [rare, often] = found.statements.try_into().unwrap();
    let day = |day, calls, seconds| StatementDay { day, calls, seconds };
    assert_eq!((rare.name.query, rare.name.toplevel, rare.text), (-3, false, None));
    assert_eq!(rare.days, [day(DAY, 20.0, 2.5), day(DAY + 1, 4.0, 0.5)]);
    assert_eq!((often.name.query, often.name.toplevel), (7, true));
    assert_eq!(often.text.as_deref(), Some("SELECT $1"));
    assert_eq!(often.days, [day(DAY, 2.0, 0.25), day(DAY + 1, 2.0, 0.25)]);
    let second = Range { from_ms: (DAY + 1) * 86_400_000, to_ms: (DAY + 2) * 86_400_000 };
    let found = store.statements(second).unwrap();
    assert_eq!((found.servers[0].days.len(), found.statements[0].days.len()), (1, 1));
}

#[test]
fn twice_is_once_and_what_comes_late_is_known_already() {
    let (_folder, mut store) = store();
    let [first, second, third] = looks();
    record(&mut store, &[first.clone(), third.clone()]);
    let before = all(&store);
    record(&mut store, &[third.clone(), second, first]);
    assert_eq!(all(&store), before);
    assert_eq!(store.looks().unwrap(), [third]);
}

#[test]
fn another_store_goes_on_where_this_one_ended() {
    let (_folder, mut one) = store();
    record(&mut one, &looks()[..2]);
    let text = write(crate::history::Form::JsonLines, &one.contents().unwrap()).unwrap();
    let (_other_folder, mut other) = store();
    for _ in 0..2 {
        other.import(&read(&text).unwrap()).unwrap();
        assert_eq!(other.contents().unwrap(), one.contents().unwrap());
    }
    for store in [&mut one, &mut other] {
        record(store, &looks()[2..]);
    }
    assert_eq!(all(&other), all(&one));
    // What is older than what is held takes nothing away.
    other.import(&read(&text).unwrap()).unwrap();
    assert_eq!(all(&other), all(&one));
    assert_eq!(other.looks().unwrap(), one.looks().unwrap());
}

#[test]
fn figures_of_two_histories_of_a_server_do_not_add_up() {
    let (_one, mut one) = store();
    let (_other, mut other) = store();
    // 100 calls in two days: one history spreads them, the other saw most of them on the first day.
    record(&mut one, &[look(0, [0.0, 0.0]), look(48, [100.0, 0.0])]);
    record(&mut other, &[look(0, [0.0, 0.0]), look(24, [90.0, 0.0]), look(48, [100.0, 0.0])]);
    let before = all(&one);
    one.import(&other.contents().unwrap()).unwrap();
    assert_eq!(all(&one), before);
    // Of a day that is better known elsewhere, all of it is taken from there.
    let (_brief, mut brief) = store();
    record(&mut brief, &[look(0, [0.0, 0.0]), look(12, [80.0, 3.0])]);
    brief.import(&other.contents().unwrap()).unwrap();
    assert_eq!(all(&brief), all(&other));
}

#[test]
fn what_cannot_be_true_is_refused_and_found() {
    let (_folder, mut store) = store();
    record(&mut store, &looks());
    let text = write(crate::history::Form::JsonLines, &store.contents().unwrap()).unwrap();
    let told = read(&text.replacen("\"calls\":20.0", "\"calls\":-1.0", 1)).unwrap_err().to_string();
    assert!(told.starts_with("line 1: db:5432/shop, statement -3, day 20000: -1 calls"), "{told}");
    for (damage, words) in [
        ("UPDATE looks SET json = '{}'", "the newest look at the statements of db:5432/shop is damaged"),
        ("UPDATE statements SET role = 11 WHERE query = 7", "is another's number"),
        ("UPDATE statement_days SET calls = 0 WHERE calls = 20", "0 calls in 2.5 s"),
        ("UPDATE counted_days SET seconds = 90000", "it has 90000 s"),
        ("DELETE FROM statements WHERE query = -3", "2 days belong to no statement"),
    ] {
        store.connection.execute(damage, []).unwrap();
        let found = store.verify().unwrap();
        assert!(found.iter().any(|mistake| mistake.contains(words)), "{damage}: {found:?}");
    }
}

#[test]
fn days_are_forgotten_with_the_statements_that_have_no_other() {
    let (_folder, mut store) = store();
    record(&mut store, &looks());
    store.prune((DAY + 1) * 86_400_000).unwrap();
    assert_eq!(all(&store).statements.iter().map(|one| one.days.len()).collect::<Vec<_>>(), [1, 1]);
    store.prune((DAY + 2) * 86_400_000).unwrap();
    assert!(all(&store).is_empty());
    // The newest look stays, so that the next one is compared with it.
    record(&mut store, &[look(48, [130.0, 9.0])]);
    let day = StatementDay { day: DAY + 1, calls: 6.0, seconds: 0.75 };
    assert_eq!(all(&store).statements[0].days, [day]);
}

/// A file as version 2 of the tables left it.
fn old(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    for step in &MIGRATIONS[..2] {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "application_id", super::super::schema::APPLICATION).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
}

#[test]
fn a_file_of_an_older_version_can_be_read_and_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    old(&file);
    let store = SqliteStore::read_only(&file).unwrap();
    assert!(all(&store).is_empty());
    assert_eq!(store.looks().unwrap(), []);
    drop(store);
    let mut store = SqliteStore::open(&file, |_| ()).unwrap();
    record(&mut store, &looks());
    assert_eq!(all(&store).statements.len(), 2);
}
