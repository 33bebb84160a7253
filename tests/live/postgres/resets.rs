//! Counters that begin anew between the two samples.

use std::time::Duration;

use scale_advisor::snapshot::{Reason, Snapshot};

use super::{check_text, gap, read_for};
use crate::support::{postgres::Postgres, wait_until};

/// Reads a server and does something to it after the first sample.
fn disturbed(server: &Postgres, disturb: impl FnOnce() + Send) -> Snapshot {
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The reader asks about standbys last, and then waits for its second sample.
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scale-advisor' \
                           AND state = 'idle' AND query LIKE '%pg_stat_replication%'";
            wait_until("the first sample was taken", || server.value(waiting) == "1");
            disturb();
        });
        read_for(&server.url("postgres"), Duration::from_secs(2), Duration::from_secs(20))
    })
}

#[test]
fn statistics_that_were_reset_give_no_difference() {
    let server = Postgres::with_statements(None);
    let snapshot = disturbed(&server, || {
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
    let snapshot = disturbed(&server, || server.execute("SELECT pg_stat_statements_reset()"));
    assert_eq!(gap(&snapshot, "postgres.query_time").reason, Reason::TooFewSamples);
}

#[test]
fn a_server_that_crashes_meanwhile_leaves_what_was_read() {
    let server = Postgres::with_statements(None);
    let mut victim = server.client();
    let pid = victim.query("SELECT pg_backend_pid()").unwrap()[0][0].clone().unwrap();
    let snapshot = disturbed(&server, || {
        crate::support::run(std::process::Command::new("kill").args(["-9", &pid]));
    });
    assert_eq!(gap(&snapshot, "postgres.cache_hit").reason, Reason::Unreachable);
    assert_eq!(gap(&snapshot, "postgres.query_time").reason, Reason::Unreachable);
    super::observation(&snapshot, "postgres.connections");
}
