//! Servers under load.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{check_text, observation, read, read_for, value};
use crate::support::{
    postgres::{Client, Postgres, Setup, WITH_STATEMENTS},
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
    assert_eq!(connections.capacity.unwrap().to_string(), "20");
    check_text(&connections.notes[0], &["max_connections 23 less 3 reserved"]);
}

#[test]
fn slots_reserved_for_roles_are_not_usable() {
    let settings = ["max_connections=20", "reserved_connections=4"];
    let server = Postgres::start(&Setup { version: Some(17), settings: &settings, ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.capacity.unwrap().to_string(), "13");
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
    let settings = [WITH_STATEMENTS, "work_mem=64kB"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    let done = AtomicBool::new(false);
    let snapshot = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // A new session each time: counters are handed in when a session ends.
                server.execute(
                    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 50000) n ORDER BY -n) s",
                );
            }
        });
        wait_until("temporary files are counted", || {
            server.value("SELECT sum(temp_bytes) > 0 FROM pg_stat_database") == "t"
        });
        let snapshot = read_for(&server.url("postgres"), Duration::from_secs(2), Duration::from_secs(20));
        done.store(true, Ordering::Relaxed);
        snapshot
    });
    assert!(value(&snapshot, "postgres.temp_bytes") > 1000.0);
    assert_eq!(observation(&snapshot, "postgres.deadlocks").values.values(), [0.0]);
}
