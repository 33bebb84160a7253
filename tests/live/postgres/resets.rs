//! Counters that begin anew between the two samples.

use std::process::Command;

use scale_advisor::snapshot::Reason;

use super::{check_text, gap, observation, read_while};
use crate::support::{postgres::Postgres, run};

#[test]
fn statistics_that_were_reset_give_no_difference() {
    let server = Postgres::with_statements(None);
    let snapshot = read_while(&server, || {
        server.execute("SELECT pg_stat_statements_reset(); SELECT pg_stat_reset()");
    });
    for signal in ["postgres.query_time", "postgres.cache_hit", "postgres.deadlocks", "postgres.temp_bytes"] {
        assert_eq!(gap(&snapshot, signal).reason, Reason::TooFewSamples, "{signal}");
        check_text(&gap(&snapshot, signal).detail, &["reset between the two samples"]);
    }
}

#[test]
fn an_old_extension_betrays_its_reset_by_its_entries() {
    let server = Postgres::with_statements(Some(13));
    for number in 0..20 {
        server.execute(&format!("CREATE TABLE t{number} (n int); SELECT * FROM t{number}"));
    }
    let snapshot = read_while(&server, || server.execute("SELECT pg_stat_statements_reset()"));
    assert_eq!(gap(&snapshot, "postgres.query_time").reason, Reason::TooFewSamples);
}

#[test]
fn a_server_that_crashes_meanwhile_leaves_what_was_read() {
    let server = Postgres::with_statements(None);
    let mut victim = server.client();
    let pid = victim.query("SELECT pg_backend_pid()").unwrap()[0][0].clone().unwrap();
    let snapshot = read_while(&server, || {
        run(Command::new("kill").args(["-KILL", &pid]));
    });
    assert_eq!(gap(&snapshot, "postgres.cache_hit").reason, Reason::Unreachable);
    assert_eq!(gap(&snapshot, "postgres.query_time").reason, Reason::Unreachable);
    observation(&snapshot, "postgres.connections");
}

#[test]
fn a_server_that_falls_silent_leaves_what_was_read() {
    let server = Postgres::with_statements(None);
    let ours = "SELECT pid FROM pg_stat_activity WHERE application_name = 'scale-advisor'";
    let snapshot = read_while(&server, || {
        let pid = server.value(ours);
        run(Command::new("kill").args(["-STOP", &pid]));
    });
    let pid = server.value(ours);
    run(Command::new("kill").args(["-CONT", &pid]));
    for signal in ["postgres.query_time", "postgres.cache_hit"] {
        assert_eq!(gap(&snapshot, signal).reason, Reason::TimedOut);
        check_text(&gap(&snapshot, signal).detail, &["longer than 2.5 s"]);
    }
    observation(&snapshot, "postgres.connections");
}
