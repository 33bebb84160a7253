//! Servers under load.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use scale_advisor::snapshot::Snapshot;

use super::{check_text, observation, read, read_as_long_as_needed, read_for, read_while, value};
use crate::support::{
    postgres::{Client, Postgres, Setup},
    wait_until,
};

#[test]
fn ninety_percent_of_the_connections_are_in_use() {
    let settings = ["max_connections=23", "superuser_reserved_connections=3"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    let _held: Vec<Client> = (0..18).map(|_| server.client()).collect();
    let snapshot = read(&server.url("postgres"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.values.values(), [0.9]);
    assert_eq!(connections.capacity().unwrap().to_string(), "20");
    check_text(&connections.notes[0], &["max_connections 23 less 3 reserved"]);
}

#[test]
fn slots_reserved_for_roles_are_not_usable() {
    let settings = ["max_connections=20", "reserved_connections=4"];
    let server = Postgres::start(&Setup { version: Some(17), settings: &settings, ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.capacity().unwrap().to_string(), "13");
    check_text(&connections.notes[0], &["3 reserved for superusers", "4 for roles"]);
}

#[test]
fn the_slow_statement_of_this_moment_is_found() {
    let server = Postgres::with_statements(None);
    let done = AtomicBool::new(false);
    let snapshot = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = server.client();
            while !done.load(Ordering::Relaxed) {
                client.query("SELECT pg_sleep(0.1), 'secret' <> 'x'").unwrap();
            }
        });
        let snapshot = read_for(&server.url("postgres"), Duration::from_secs(1), Duration::from_secs(20));
        done.store(true, Ordering::Relaxed);
        snapshot
    });
    let slowest = observation(&snapshot, "postgres.query_time");
    let seconds = slowest.values.last().1;
    assert!((0.1..0.3).contains(&seconds), "{seconds}");
    check_text(&slowest.notes[0], &["SELECT pg_sleep($1)", "calls in 1", "of the time of all statements"]);
    assert!(!snapshot.to_json().contains("secret"));
}

/// Reads a server while a statement runs again and again.
fn read_during(server: &Postgres, statement: &str) -> Snapshot {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = server.client();
            while !done.load(Ordering::Relaxed) {
                client.query(statement).unwrap();
            }
        });
        let snapshot = read_as_long_as_needed(&server.url("postgres"));
        done.store(true, Ordering::Relaxed);
        snapshot
    })
}

/// How far apart the two samples were, in seconds.
fn seconds_between_samples(snapshot: &Snapshot) -> f64 {
    let origin = &observation(snapshot, "postgres.deadlocks").origin.query;
    let seconds = origin.strip_prefix("pg_stat_database, difference over ").unwrap();
    seconds.strip_suffix(" s").unwrap().parse().unwrap()
}

#[test]
fn a_quiet_server_is_sampled_for_a_second() {
    let server = Postgres::with_statements(None);
    let snapshot = read_as_long_as_needed(&server.url("postgres"));
    let seconds = seconds_between_samples(&snapshot);
    assert!((1.0..4.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_slow_statement_that_is_new_is_sampled_for_longer() {
    let server = Postgres::with_statements(None);
    let snapshot = read_during(&server, "SELECT pg_sleep(0.4)");
    let slowest = observation(&snapshot, "postgres.query_time");
    check_text(&slowest.notes[0], &["SELECT pg_sleep($1)", "calls in "]);
    assert!((0.4..0.8).contains(&slowest.values.last().1), "{:?}", slowest.values);
    let seconds = seconds_between_samples(&snapshot);
    assert!((2.0..8.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_slow_statement_that_is_known_takes_no_longer() {
    let server = Postgres::with_statements(None);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            let mut client = server.client();
            scope.spawn(move || (0..3).for_each(|_| drop(client.query("SELECT pg_sleep(0.3)").unwrap())));
        }
    });
    let snapshot = read_during(&server, "SELECT pg_sleep(0.3)");
    let slowest = observation(&snapshot, "postgres.query_time");
    check_text(&slowest.notes[0], &["SELECT pg_sleep($1)", "mean of 3"]);
    let seconds = seconds_between_samples(&snapshot);
    assert!((1.0..4.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_waiting_session_and_the_transaction_it_waits_for_are_found() {
    let server = Postgres::start(&Setup::default());
    server.execute("CREATE TABLE stock (n int); INSERT INTO stock VALUES (1)");
    let mut owner = server.client();
    owner.query("SET application_name = 'billing'; BEGIN; UPDATE stock SET n = 2").unwrap();
    let mut waiting = server.client();
    waiting.send("UPDATE stock SET n = 3");
    wait_until("the second update waits", || {
        server.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"
    });
    let snapshot = read(&server.url("postgres"));
    assert_eq!(observation(&snapshot, "postgres.lock_waiters").values.values(), [1.0]);
    check_text(
        &observation(&snapshot, "postgres.lock_waiters").notes[0],
        &["of billing, idle in transaction"],
    );
    assert_eq!(observation(&snapshot, "postgres.idle_in_transaction").values.values(), [1.0]);
    assert_eq!(observation(&snapshot, "postgres.active").values.values(), [1.0]);
    assert!(value(&snapshot, "postgres.longest_transaction") > 0.0);
    check_text(&observation(&snapshot, "postgres.longest_transaction").notes[0], &["billing"]);
}

#[test]
fn deadlocks_and_temporary_files_are_rates() {
    let settings = ["work_mem=64kB", "deadlock_timeout=10ms"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    server.execute("CREATE TABLE stock AS SELECT n, 0 AS left FROM generate_series(1, 2) n");
    let snapshot = read_while(&server, || {
        // Counters are handed in at the latest when a session ends.
        server.execute("SELECT count(*) FROM (SELECT n FROM generate_series(1, 50000) n ORDER BY -n) s");
        let mut sessions = [server.client(), server.client()];
        sessions[0].query("BEGIN; UPDATE stock SET n = n WHERE n = 1").unwrap();
        sessions[1].query("BEGIN; UPDATE stock SET n = n WHERE n = 2").unwrap();
        sessions[0].send("UPDATE stock SET n = n WHERE n = 2");
        sessions[1].send("UPDATE stock SET n = n WHERE n = 1");
        let outcomes = sessions.map(|mut session| session.answer());
        assert!(outcomes.iter().any(Result::is_err), "{outcomes:?}");
    });
    // One in the two seconds between the samples, which take a moment themselves.
    let deadlocks = value(&snapshot, "postgres.deadlocks");
    assert!((0.3..=0.5).contains(&deadlocks), "{deadlocks}");
    check_text(&observation(&snapshot, "postgres.deadlocks").notes[0], &["1 since the statistics began"]);
    assert!(value(&snapshot, "postgres.temp_bytes") > 10_000.0);
}
