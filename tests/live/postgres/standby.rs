//! A primary and its standby, each read for itself.

use scale_advisor::snapshot::Reason;

use super::{check_text, gap, observation, read, value};
use crate::support::{
    postgres::{Postgres, Setup},
    wait_until,
};

#[test]
fn both_sides_tell_the_lag() {
    let primary = Postgres::start(&Setup::default());
    primary.execute("CREATE TABLE stock AS SELECT 1 AS n; CREATE ROLE plain LOGIN");
    let standby = Postgres::standby_of(&primary);
    let caught_up = "SELECT count(*) FROM pg_stat_replication \
                     WHERE state = 'streaming' AND replay_lsn = pg_current_wal_lsn()";
    wait_until("the standby has caught up", || primary.value(caught_up) == "1");
    let snapshot = read(&primary.url("postgres"));
    let lag = observation(&snapshot, "postgres.replication_lag");
    assert_eq!(lag.instance.as_deref(), Some("replica 127.0.0.1/32"));
    assert_eq!(lag.values.values(), [0.0]);
    let snapshot = read(&standby.url("postgres"));
    check_text(&snapshot.sources[0].notes.join(" "), &["standby"]);
    assert_eq!(observation(&snapshot, "postgres.replication_lag").values.values(), [0.0]);
    assert!(
        snapshot.gaps.iter().all(|gap| gap.signal.as_str() == "postgres.query_time"),
        "{:?}",
        snapshot.gaps
    );
    assert_eq!(gap(&read(&primary.url("plain")), "postgres.replication_lag").reason, Reason::NotPermitted);
    let blind = read(&standby.url("plain"));
    assert_eq!(observation(&blind, "postgres.replication_lag").values.values(), [0.0]);
}

#[test]
fn a_standby_that_stopped_replaying_falls_behind() {
    let primary = Postgres::start(&Setup::default());
    primary.execute("CREATE TABLE stock AS SELECT 1 AS n");
    let standby = Postgres::standby_of(&primary);
    primary.execute("INSERT INTO stock VALUES (2)");
    wait_until("the standby replays", || standby.value("SELECT count(*) FROM stock") == "2");
    standby.execute("SELECT pg_wal_replay_pause()");
    wait_until("replay is paused", || standby.value("SELECT pg_get_wal_replay_pause_state()") == "paused");
    primary.execute("INSERT INTO stock SELECT generate_series(1, 50000)");
    wait_until("the log has arrived", || {
        standby.value("SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()") == "t"
    });
    assert!(value(&read(&standby.url("postgres")), "postgres.replication_lag") > 0.0);
    wait_until("the primary has heard of the lag", || {
        primary.value("SELECT max(replay_lag) > '0' FROM pg_stat_replication") == "t"
    });
    let snapshot = read(&primary.url("postgres"));
    let lag = observation(&snapshot, "postgres.replication_lag");
    assert!(lag.values.last().1 > 0.0);
    check_text(&lag.notes[0], &["are not replayed yet"]);
}
