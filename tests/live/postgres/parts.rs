//! Each part fails alone: the rest is read, and what is missing names the statement that mends it.

use std::collections::BTreeSet;

use scale_advisor::{
    signal::SignalId,
    snapshot::{Reason, Snapshot, Status},
    source::signals_of,
};

use super::{check_text, gap, observation, read, value};
use crate::support::{
    postgres::{Client, Postgres, Setup, WITH_STATEMENTS},
    saboteur::Saboteur,
    wait_until,
};

/// A server on which a case's script has run.
fn prepared(script: &str) -> Postgres {
    let server = Postgres::start(&Setup { settings: &[WITH_STATEMENTS], ..Setup::default() });
    server.script(script);
    server
}

/// Runs a statement of a role often enough to be judged by its past.
fn work(client: &mut Client, statement: &[u8]) {
    for _ in 0..30 {
        client.send(statement);
        client.answer().unwrap();
    }
}

fn measured(snapshot: &Snapshot) -> BTreeSet<SignalId> {
    snapshot.observations.iter().map(|found| found.signal).collect()
}

/// What one query may take along.
const TOPICS: [&[&str]; 8] = [
    &["postgres.connections", "postgres.active", "postgres.idle_in_transaction"],
    &["postgres.longest_transaction"],
    &["postgres.lock_waiters"],
    &["postgres.database_size"],
    &["postgres.wraparound"],
    &["postgres.replication_lag"],
    &["postgres.cache_hit", "postgres.deadlocks", "postgres.temp_bytes"],
    &["postgres.query_time"],
];

#[test]
fn no_query_takes_another_topic_along() {
    let settings = [WITH_STATEMENTS, "autovacuum=off"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    server.script("CREATE EXTENSION pg_stat_statements; CREATE TABLE cart (n int)");
    let mut holder = server.client();
    holder.query("INSERT INTO cart SELECT generate_series(1, 20000)").unwrap();
    work(&mut holder, b"SELECT count(*) FROM cart");
    holder.query("BEGIN; LOCK cart").unwrap();
    let mut waiter = server.client();
    waiter.send("SELECT n FROM cart");
    let through = |failing| {
        let saboteur = Saboteur::start(server.port(), failing);
        let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}/postgres", saboteur.port));
        (snapshot, saboteur.asked())
    };
    let (whole, asked) = through(None);
    assert_eq!(measured(&whole).len() + 1, signals_of("postgres").len(), "{:#?}", whole.gaps);
    assert!(asked.len() > 12, "{asked:#?}");
    for (number, query) in asked.iter().enumerate() {
        let (snapshot, sent) = through(Some(number));
        check_text(&sent[number], &["1/0"]);
        assert_eq!(snapshot.sources[0].status, Status::Answered, "{query}");
        let lost: BTreeSet<SignalId> = measured(&whole).difference(&measured(&snapshot)).copied().collect();
        let together = |topic: &&[&str]| lost.iter().all(|signal| topic.contains(&signal.as_str()));
        assert!(TOPICS.iter().any(together), "{lost:?} are lost without {query}");
        for signal in lost {
            check_text(&gap(&snapshot, signal.as_str()).detail, &["division by zero"]);
        }
        check_text(&snapshot.to_json(), &["division by zero"]);
    }
    holder.query("ROLLBACK").unwrap();
    waiter.answer().unwrap();
}

#[test]
fn a_closed_schema_hides_its_statements_only() {
    let server = prepared(include_str!("../../fixtures/cases/postgres-one-schema-takes-all-down/setup.sql"));
    let mut client = server.client();
    client.query("CREATE TABLE cart AS SELECT generate_series(1, 20000) AS n").unwrap();
    work(&mut client, b"SELECT count(*) FROM cart");
    let snapshot = read(&server.url("mon"));
    let closed = gap(&snapshot, "postgres.query_time");
    assert_eq!(closed.reason, Reason::NotPermitted);
    assert_eq!(closed.hint.as_deref(), Some("GRANT USAGE ON SCHEMA extensions TO mon;"));
    assert_eq!(snapshot.gaps.len(), 2, "{:#?}", snapshot.gaps); // there is no standby
    server.script(closed.hint.as_deref().unwrap());
    observation(&read(&server.url("mon")), "postgres.query_time");
}

#[test]
fn a_missing_right_is_named_with_its_statement() {
    let server =
        prepared("CREATE EXTENSION pg_stat_statements; CREATE ROLE mon LOGIN; GRANT pg_monitor TO mon");
    let mut client = server.client();
    client.query("CREATE TABLE cart AS SELECT generate_series(1, 20000) AS n").unwrap();
    work(&mut client, b"SELECT count(*) FROM cart");
    server.script(
        "REVOKE SELECT ON pg_stat_database FROM public; REVOKE EXECUTE ON FUNCTION pg_stat_statements FROM public",
    );
    let snapshot = read(&server.url("mon"));
    for (signal, statement) in [
        ("postgres.cache_hit", "GRANT SELECT ON pg_stat_database TO mon;"),
        ("postgres.query_time", "GRANT EXECUTE ON FUNCTION public.pg_stat_statements TO mon;"),
    ] {
        assert_eq!(gap(&snapshot, signal).reason, Reason::NotPermitted, "{signal}");
        assert_eq!(gap(&snapshot, signal).hint.as_deref(), Some(statement));
        server.script(statement);
    }
    observation(&snapshot, "postgres.connections");
    let mended = read(&server.url("mon"));
    assert_eq!(mended.gaps.len(), 1, "{:#?}", mended.gaps);
}

#[test]
fn a_text_that_is_no_text_hides_texts_only() {
    let server =
        prepared(include_str!("../../fixtures/cases/postgres-one-bad-text-hides-all-statements/setup.sql"));
    server.script("CREATE ROLE app LOGIN");
    let mut owner = Client::connect(server.port(), "postgres", "asc_db").unwrap();
    owner.query("CREATE EXTENSION pg_stat_statements").unwrap();
    let mut foreign = Client::connect(server.port(), "app", "asc_db").unwrap();
    work(&mut foreign, b"SELECT pg_sleep(0.002) AS \"caf\xe9\"");
    let mut client = server.client_as("app");
    work(&mut client, b"SELECT pg_sleep(0.001)");
    let queries = |database| read(&format!("postgres://mon@127.0.0.1:{}/{database}", server.port()));
    let elsewhere = queries("postgres");
    assert!((0.001..0.1).contains(&value(&elsewhere, "postgres.query_time")));
    let notes = &observation(&elsewhere, "postgres.query_time").notes;
    check_text(
        &notes.join("; "),
        &["queryid ", "30 calls", "texts of the statements cannot be read", "22021"],
    );
    let inside = queries("asc_db");
    check_text(
        &observation(&inside, "postgres.query_time").notes[0],
        &["SELECT pg_sleep($1) AS \"caf?\"", "30 calls"],
    );
}

#[test]
fn a_setting_that_counts_nothing_is_named() {
    let server = prepared(include_str!("../../fixtures/cases/postgres-track-none/setup.sql"));
    let mut client = server.client();
    work(&mut client, b"SELECT pg_sleep(0.001)");
    let missing = read(&server.url("mon"));
    let missing = gap(&missing, "postgres.query_time");
    assert_eq!(missing.reason, Reason::NotConfigured);
    check_text(&missing.detail, &["track is none"]);
    server.script(missing.hint.as_deref().unwrap());
    wait_until("the setting is read again", || server.value("SHOW pg_stat_statements.track") == "top");
    let mut client = server.client();
    work(&mut client, b"SELECT pg_sleep(0.001)");
    check_text(&observation(&read(&server.url("mon")), "postgres.query_time").notes[0], &["pg_sleep($1)"]);
}

#[test]
fn limits_of_a_role_and_a_database_stand_beside_the_servers() {
    let server =
        prepared(include_str!("../../fixtures/cases/postgres-limit-of-a-role-or-database/setup.sql"));
    let _held: Vec<Client> = (0..9).map(|_| Client::connect(server.port(), "app", "shop").unwrap()).collect();
    for role in ["mon", "postgres"] {
        check_limits(&read(&server.url(role)));
    }
    server.script("REVOKE pg_monitor FROM mon");
    check_limits(&read(&server.url("mon")));
}

/// Nine sessions of a role that may have ten, in a database that may have twelve.
#[track_caller]
fn check_limits(snapshot: &Snapshot) {
    let connections = snapshot
        .observations
        .iter()
        .filter(|observation| observation.signal.as_str() == "postgres.connections");
    let told: Vec<_> = connections
        .map(|observation| {
            (
                observation.instance.as_deref(),
                observation.values.last().1,
                observation.capacity().unwrap().to_string(),
            )
        })
        .collect();
    let expected = [
        (None, 9.0 / 97.0, "97".to_owned()),
        (Some("database shop"), 0.75, "12".to_owned()),
        (Some("role app"), 0.9, "10".to_owned()),
    ];
    assert_eq!(told, expected);
}

#[test]
fn slots_that_amazon_reserves_are_not_usable() {
    let settings = ["rds.rds_superuser_reserved_connections=2"];
    let server = Postgres::start(&Setup { settings: &settings, ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.capacity().unwrap().to_string(), "95");
    check_text(&connections.notes[0], &["2 by rds.rds_superuser_reserved_connections"]);
}

#[test]
fn slots_that_azure_keeps_are_not_usable() {
    let server = Postgres::start(&Setup { settings: &["azure.extensions=pg_trgm"], ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.capacity().unwrap().to_string(), "85");
    check_text(&connections.notes[0], &["12 by Azure, which reserves 15 in total"]);
}

#[test]
fn names_that_are_no_text_hide_nothing() {
    let script = include_str!("../../fixtures/cases/postgres-one-bad-text-hides-all-statements/setup.sql");
    let server = prepared(script);
    let mut latin = Client::connect(server.port(), "postgres", "asc_db").unwrap();
    for statement in [
        &b"CREATE ROLE \"r\xe9gie\" LOGIN CONNECTION LIMIT 4"[..],
        b"CREATE DATABASE \"caf\xe9\" ENCODING 'SQL_ASCII' TEMPLATE template0 CONNECTION LIMIT 5 LC_COLLATE 'C' LC_CTYPE 'C'",
    ] {
        latin.send(statement);
        latin.answer().unwrap();
    }
    let mut inside = Client::connect(server.port(), "postgres", "asc_db").unwrap();
    inside.send(b"ALTER DATABASE asc_db CONNECTION LIMIT 6");
    inside.answer().unwrap();
    for database in ["postgres", "asc_db"] {
        let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}/{database}", server.port()));
        let sizes = snapshot
            .observations
            .iter()
            .filter(|observation| observation.signal.as_str() == "postgres.database_size");
        let mut names: Vec<&str> = sizes.filter_map(|observation| observation.instance.as_deref()).collect();
        names.sort_unstable();
        assert_eq!(names, ["asc_db", "caf\u{fffd}", "postgres"], "{database}");
        observation(&snapshot, "postgres.wraparound");
        let limited = snapshot
            .observations
            .iter()
            .find(|observation| observation.instance.as_deref() == Some("database asc_db"));
        assert!(limited.is_some(), "{database}: {:#?}", snapshot.gaps);
    }
}
