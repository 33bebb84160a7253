//! Every supported version is read in full.

use std::collections::BTreeSet;

use scale_advisor::{
    snapshot::{Reason, Snapshot, Status},
    source::signals_of,
};

use super::{gap, observation, read};
use crate::support::{postgres::Postgres, wait_until};

/// Runs one statement often enough to be judged by its past.
fn work(server: &Postgres) {
    let mut client = server.client();
    client
        .query("CREATE TABLE cart AS SELECT n, md5(n::text) AS item FROM generate_series(1, 20000) n")
        .unwrap();
    for number in 0..30 {
        client.query(&format!("SELECT count(*) FROM cart WHERE item LIKE '%{number}'")).unwrap();
    }
    drop(client);
    // Up to version 14 another process gathers the counters.
    wait_until("the work is counted", || {
        server.value("SELECT sum(blks_hit + blks_read) > 5000 FROM pg_stat_database") == "t"
    });
}

#[track_caller]
fn check(version: u32) {
    let server = Postgres::with_statements(Some(version));
    work(&server);
    let snapshot = read(&server.url("postgres"));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    let told = snapshot.sources[0].version.as_deref().unwrap();
    assert!(told.starts_with(&format!("PostgreSQL {version}.")), "{told}");
    check_complete(&snapshot);
    let slowest = observation(&snapshot, "postgres.query_time");
    assert!(slowest.notes[0].contains("SELECT count(*) FROM cart WHERE item LIKE $1"), "{:?}", slowest.notes);
}

/// Every signal of the source has a value; without a standby there is no lag.
#[track_caller]
fn check_complete(snapshot: &Snapshot) {
    assert_eq!(gap(snapshot, "postgres.replication_lag").reason, Reason::NotApplicable);
    assert_eq!(snapshot.gaps.len(), 1, "{:#?}", snapshot.gaps);
    let measured: BTreeSet<_> = snapshot.observations.iter().map(|found| found.signal).collect();
    assert_eq!(measured.len() + 1, signals_of("postgres").len());
}

#[test]
fn postgresql_12() {
    check(12);
}

#[test]
fn postgresql_13() {
    check(13);
}

#[test]
fn postgresql_14() {
    check(14);
}

#[test]
fn postgresql_15() {
    check(15);
}

#[test]
fn postgresql_16() {
    check(16);
}

#[test]
fn postgresql_17() {
    check(17);
}

#[test]
fn postgresql_18() {
    check(18);
}

#[test]
fn an_extension_older_than_its_server_is_read() {
    let server = Postgres::with_statements(Some(17));
    server.execute("DROP EXTENSION pg_stat_statements; CREATE SCHEMA \"Ext\"");
    server.execute("CREATE EXTENSION pg_stat_statements SCHEMA \"Ext\" VERSION '1.7'");
    work(&server);
    check_complete(&read(&server.url("postgres")));
}
