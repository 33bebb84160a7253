//! What cannot be read says why, and how to mend it; the mending statement is then run.

use scale_advisor::snapshot::{Reason, Status};

use super::{check_text, gap, observation, read};
use crate::support::postgres::{Client, Postgres, Setup, WITH_STATEMENTS};

#[test]
fn a_database_without_the_extension_names_the_statement() {
    let server = Postgres::start(&Setup { settings: &[WITH_STATEMENTS], ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    let missing = gap(&snapshot, "postgres.query_time");
    assert_eq!(missing.reason, Reason::NotInstalled);
    server.execute(missing.hint.as_deref().unwrap());
    let mended = read(&server.url("postgres"));
    assert!(mended.gaps.iter().all(|gap| gap.reason != Reason::NotInstalled), "{:?}", mended.gaps);
}

#[test]
fn an_extension_that_is_not_loaded_needs_a_restart() {
    let server = Postgres::start(&Setup::default());
    let neither = read(&server.url("postgres"));
    check_text(
        gap(&neither, "postgres.query_time").hint.as_deref().unwrap(),
        &["CREATE EXTENSION", "restart"],
    );
    server.execute("CREATE EXTENSION pg_stat_statements");
    let snapshot = read(&server.url("postgres"));
    let missing = gap(&snapshot, "postgres.query_time");
    assert_eq!(missing.reason, Reason::NotInstalled);
    check_text(missing.hint.as_deref().unwrap(), &["shared_preload_libraries", "restart"]);
}

#[test]
fn a_role_without_privileges_sees_some_and_names_the_grant() {
    let server = Postgres::with_statements(None);
    server.execute("CREATE ROLE \"Watcher\" LOGIN");
    server.execute("CREATE DATABASE closed");
    server.execute("REVOKE CONNECT ON DATABASE closed FROM public");
    let mut held: Vec<Client> = (0..4).map(|_| server.client()).collect();
    for _ in 0..30 {
        held[0].query("SELECT 1").unwrap();
    }
    let snapshot = read(&server.url("Watcher"));
    let connections = observation(&snapshot, "postgres.connections");
    assert_eq!(connections.values.values(), [4.0 / 97.0]);
    check_text(&connections.notes.join(" "), &["does not see other sessions"]);
    let grant = "GRANT pg_monitor TO \"Watcher\";";
    for signal in [
        "postgres.active",
        "postgres.idle_in_transaction",
        "postgres.longest_transaction",
        "postgres.query_time",
    ] {
        assert_eq!(gap(&snapshot, signal).reason, Reason::NotPermitted, "{signal}");
        assert_eq!(gap(&snapshot, signal).hint.as_deref(), Some(grant), "{signal}");
    }
    check_text(&observation(&snapshot, "postgres.database_size").notes.join(" "), &["closed"]);
    assert_eq!(snapshot.sources[0].hint.as_deref(), Some(grant));
    server.execute(grant);
    let mended = read(&server.url("Watcher"));
    assert!(mended.gaps.iter().all(|gap| gap.reason == Reason::NotApplicable), "{:#?}", mended.gaps);
}

#[test]
fn sessions_that_are_not_tracked_have_no_state() {
    let server = Postgres::start(&Setup { settings: &["track_activities=off"], ..Setup::default() });
    let snapshot = read(&server.url("postgres"));
    assert_eq!(gap(&snapshot, "postgres.active").reason, Reason::NotConfigured);
    assert_eq!(snapshot.sources[0].status, Status::Answered);
}

#[test]
fn the_socket_is_as_good_as_the_network() {
    let server = Postgres::start(&Setup::default());
    let snapshot = read(&format!("host={} port={} user=postgres", server.sockets().display(), server.port()));
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    assert!(!snapshot.sources[0].notes.iter().any(|note| note.contains("pooler")), "{:?}", snapshot.sources);
}

#[test]
fn a_query_that_has_to_wait_leaves_the_others() {
    let server = Postgres::with_statements(None);
    let mut other = server.client();
    other.query("BEGIN; DROP EXTENSION pg_stat_statements").unwrap();
    let snapshot = read(&server.url("postgres"));
    let waited = gap(&snapshot, "postgres.query_time");
    assert_eq!(waited.reason, Reason::QueryFailed);
    check_text(&waited.detail, &["lock timeout", "55P03"]);
    observation(&snapshot, "postgres.connections");
}
