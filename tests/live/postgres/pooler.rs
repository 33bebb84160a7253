//! PgBouncer between us and the server.

use std::cell::OnceCell;

use scale_advisor::snapshot::{Reason, Status};

use super::{check_text, observation, read};
use crate::support::{
    postgres::{Client, Postgres, Setup, pgbouncer},
    wait_until,
};

#[test]
fn numbers_read_through_a_pooler_say_so() {
    let server = Postgres::with_statements(None);
    let pooler = pgbouncer(&server, "default_pool_size = 1");
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", pooler.port);
    for _ in 0..2 {
        let snapshot = read(&url);
        assert_eq!(snapshot.sources[0].status, Status::Answered);
        check_text(&snapshot.sources[0].notes.join(" "), &["connection pooler"]);
        let connections = observation(&snapshot, "postgres.connections");
        check_text(&connections.notes.join(" "), &["the pool's connections"]);
        assert_eq!(connections.values.values(), [1.0 / 97.0]);
    }
    // The only server connection is the one we used: nothing of ours may stay on it.
    let mut other = Client::connect(pooler.port, "postgres", "postgres").unwrap();
    let left = other.query("SELECT current_setting('statement_timeout'), current_setting('search_path')");
    assert_eq!(left.unwrap()[0], [Some("0".to_owned()), Some("\"$user\", public".to_owned())]);
    other.query("CREATE TABLE still_writable (n int)").unwrap();
}

#[test]
fn a_pooler_that_drops_startup_parameters_is_recognised_all_the_same() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "ignore_startup_parameters = options");
    let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}/postgres", pooler.port));
    check_text(&snapshot.sources[0].notes.join(" "), &["connection pooler"]);
}

#[test]
fn a_full_pooler_is_exhausted() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "max_client_conn = 1");
    let only = OnceCell::new();
    wait_until("the place is free", || {
        let client = Client::connect(pooler.port, "postgres", "postgres");
        client.is_ok_and(|client| only.set(client).is_ok())
    });
    let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}/postgres", pooler.port));
    assert!(snapshot.gaps.iter().all(|gap| gap.reason == Reason::Full), "{:?}", snapshot.gaps);
    check_text(&snapshot.exhausted[0].message, &["no more connections allowed", "max_client_conn"]);
    assert_eq!(snapshot.exhausted[0].resource.as_str(), "pgbouncer.pool");
}

#[test]
fn the_poolers_own_console_is_not_a_database() {
    let server = Postgres::start(&Setup::default());
    let pooler = pgbouncer(&server, "");
    let snapshot = read(&format!("postgres://postgres@127.0.0.1:{}/pgbouncer", pooler.port));
    let Status::Failed { reason, detail } = &snapshot.sources[0].status else {
        panic!("{:?}", snapshot.sources)
    };
    assert_eq!(*reason, Reason::UnexpectedReply);
    check_text(detail, &["PgBouncer's own console"]);
}
