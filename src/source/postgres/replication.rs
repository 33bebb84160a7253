//! How far standbys are behind.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    answers::{Answers, Observed, shown},
    server::Server,
};
use crate::{
    signal::{Unit, counted},
    snapshot::Reason,
};

/// On a primary: every connected standby. The lag is measured only while something is written and keeps its
/// last value afterwards, so a standby without missing bytes is not behind, whatever the view says.
pub(super) const PRIMARY_QUERY: &str = "\
SELECT left(application_name, 60) AS name, client_addr::text AS address, state,
  pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 AS missing_bytes,
  extract(epoch FROM replay_lag)::float8 AS lag_seconds
FROM pg_stat_replication WHERE state IS NULL OR state IN ('streaming', 'catchup')
ORDER BY application_name, client_addr, pid LIMIT 100";

/// On a standby: itself. Time since the last replayed transaction is lag only while something is left to
/// replay; otherwise a quiet primary would look like a slow standby.
pub(super) const STANDBY_QUERY: &str = "\
SELECT EXISTS (SELECT 1 FROM pg_stat_get_wal_receiver() WHERE pid IS NOT NULL) AS receiving,
  coalesce(pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn(), false) AS caught_up,
  extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS since_replay_seconds";

/// A standby as its primary sees it.
#[derive(Debug, Deserialize)]
pub(super) struct Standby {
    name: String,
    address: Option<String>,
    state: Option<String>,
    missing_bytes: Option<f64>,
    lag_seconds: Option<f64>,
}

/// A standby as it sees itself.
#[derive(Debug, Deserialize)]
pub(super) struct Itself {
    receiving: bool,
    caught_up: bool,
    since_replay_seconds: Option<f64>,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.replication_lag"];

/// One lag per standby of this primary.
pub(super) fn interpret_primary(standbys: &[Standby], server: &Server, answers: &mut Answers) {
    if standbys.is_empty() {
        return answers.gap(&SIGNALS, Reason::NotApplicable, "no standby is connected to this server", None);
    }
    if standbys.iter().any(|standby| standby.state.is_none()) {
        let detail =
            format!("the state of {} is hidden from this role", counted(standbys.len(), "standby server"));
        return answers.gap(&SIGNALS, Reason::NotPermitted, detail, Some(&server.grant()));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for standby in standbys {
        let instance = unique(standby, &mut seen);
        let behind = standby.missing_bytes.filter(|bytes| *bytes > 0.0);
        let Some(seconds) = behind.map_or(Some(0.0), |_| standby.lag_seconds) else {
            let detail = format!("{instance} has reported no lag yet");
            answers.gap(&SIGNALS, Reason::Empty, detail, Some("run this again"));
            continue;
        };
        let missing = behind.map(|bytes| format!("{} are not replayed yet", shown(bytes, Unit::Bytes)));
        answers.add(
            Observed::new(SIGNALS[0], seconds.max(0.0), "pg_stat_replication")
                .instance(instance)
                .notes(missing),
        );
    }
}

/// The lag of the standby we are reading.
pub(super) fn interpret_standby(itself: &Itself, answers: &mut Answers) {
    let observed = |seconds: f64| {
        Observed::new(SIGNALS[0], seconds.max(0.0), "pg_last_xact_replay_timestamp()")
            .instance("this standby".to_owned())
    };
    match (itself.receiving, itself.caught_up, itself.since_replay_seconds) {
        (true, true, _) => answers.add(observed(0.0)),
        (true, false, Some(seconds)) => answers.add(observed(seconds)),
        (false, _, Some(seconds)) => answers.add(
            observed(seconds).note("it receives nothing from a primary: the time since its last transaction"),
        ),
        (_, _, None) => {
            answers.gap(&SIGNALS, Reason::Empty, "this standby has replayed no transaction yet", None);
        }
    }
}

/// Standbys keep the name they give themselves, usually all the same; the address tells them apart.
fn unique(standby: &Standby, seen: &mut BTreeMap<String, usize>) -> String {
    let name = match &standby.address {
        Some(address) => format!("{} {address}", standby.name),
        None => standby.name.clone(),
    };
    let times = seen.entry(name.clone()).or_default();
    *times += 1;
    if *times == 1 { name } else { format!("{name} #{times}") }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answers, server};
    use super::*;

    fn primary(json: &str) -> Answers {
        let mut found = answers();
        let standbys: Vec<Standby> = serde_json::from_str(json).unwrap();
        interpret_primary(&standbys, &server(), &mut found);
        found
    }

    #[test]
    fn an_idle_standby_is_not_behind() {
        // PostgreSQL 15.18: the lag keeps its last value after everything was replayed.
        let found = primary(
            r#"[{"name":"walreceiver","address":"10.0.0.2/32","state":"streaming","missing_bytes":0,
                 "lag_seconds":0.004},
                {"name":"walreceiver","address":"10.0.0.2/32","state":"streaming","missing_bytes":16777216,
                 "lag_seconds":42}]"#,
        );
        assert_eq!(found.observations[0].values.values(), [0.0]);
        assert_eq!(found.observations[1].values.values(), [42.0]);
        assert_eq!(found.observations[1].instance.as_deref(), Some("walreceiver 10.0.0.2/32 #2"));
        assert_eq!(found.observations[1].notes, ["16 MiB are not replayed yet"]);
    }

    #[test]
    fn what_is_not_known_is_a_gap() {
        assert_eq!(primary("[]").gaps[0].reason, Reason::NotApplicable);
        let hidden = r#"[{"name":"s","address":null,"state":null,"missing_bytes":null,"lag_seconds":null}]"#;
        assert_eq!(primary(hidden).gaps[0].reason, Reason::NotPermitted);
        let unreported =
            r#"[{"name":"s","address":null,"state":"catchup","missing_bytes":5,"lag_seconds":null}]"#;
        assert_eq!(primary(unreported).gaps[0].reason, Reason::Empty);
    }

    #[track_caller]
    fn check_standby(json: &str, expected: Option<f64>) {
        let mut found = answers();
        interpret_standby(&serde_json::from_str(json).unwrap(), &mut found);
        assert_eq!(found.observations.first().map(|lag| lag.values.last().1), expected, "{json}");
    }

    #[test]
    fn a_standby_judges_itself() {
        check_standby(r#"{"receiving":true,"caught_up":true,"since_replay_seconds":600}"#, Some(0.0));
        check_standby(r#"{"receiving":true,"caught_up":false,"since_replay_seconds":7.5}"#, Some(7.5));
        check_standby(r#"{"receiving":false,"caught_up":true,"since_replay_seconds":600}"#, Some(600.0));
        check_standby(r#"{"receiving":false,"caught_up":false,"since_replay_seconds":null}"#, None);
    }
}
