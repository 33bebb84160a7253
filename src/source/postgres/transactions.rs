//! The oldest open transaction: it keeps dead rows from being cleaned up, everywhere.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed, shown},
    server::Server,
};
use crate::{signal::Unit, snapshot::Reason};

/// The oldest transaction of any client but us, among as many sessions as everybody can count.
pub(super) const QUERY: &str = "\
SELECT (SELECT coalesce(sum(pg_stat_get_db_numbackends(oid)), 0)::int8 FROM pg_database) AS backends,
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS clients,
  oldest.*
FROM (SELECT 1) AS single LEFT JOIN (
  SELECT pid, left(application_name, 60) AS application, state,
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
  FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
  ORDER BY xact_start LIMIT 1) AS oldest ON true";

/// What the query gives.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    backends: u64,
    clients: u64,
    pid: Option<u32>,
    application: Option<String>,
    state: Option<String>,
    seconds: Option<f64>,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.longest_transaction"];

/// The age of the oldest transaction; zero when none is open. Its query is not shown: it holds values.
pub(super) fn interpret(row: &Row, server: &Server, answers: &mut Answers) {
    if !server.sees_everything && row.clients < row.backends {
        let detail = "this role sees only its own transactions";
        return answers.gap(&SIGNALS, Reason::NotPermitted, detail, Some(&server.grant()));
    }
    let seconds = row.seconds.map_or(0.0, |seconds| seconds.max(0.0));
    let mut observed = Observed::new(SIGNALS[0], seconds, "pg_stat_activity");
    if let Some(pid) = row.pid {
        let age = shown(seconds, Unit::Seconds);
        let who = session(pid, row.application.as_deref(), row.state.as_deref());
        observed = observed.note(format!("{who}: in one transaction for {age}"));
    }
    answers.add(observed);
}

/// A session as people look it up: `pid 4711 of billing, idle in transaction`.
pub(super) fn session(pid: u32, application: Option<&str>, state: Option<&str>) -> String {
    let application = application.filter(|name| !name.is_empty());
    let application = application.map_or_else(String::new, |name| format!(" of {name}"));
    let state = state.map_or_else(String::new, |state| format!(", {state}"));
    format!("pid {pid}{application}{state}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answers, server};
    use super::*;

    fn read(json: &str, sees_everything: bool) -> Answers {
        let mut found = answers();
        let server = Server { sees_everything, ..server() };
        interpret(&serde_json::from_str(json).unwrap(), &server, &mut found);
        found
    }

    #[test]
    fn the_oldest_transaction_is_named() {
        let found = read(
            r#"{"backends":3,"clients":3,"pid":4711,"application":"billing","state":"idle in transaction",
                "seconds":320.25}"#,
            true,
        );
        assert_eq!(found.observations[0].values.values(), [320.25]);
        assert_eq!(
            found.observations[0].notes,
            ["pid 4711 of billing, idle in transaction: in one transaction for 5.34 min"]
        );
    }

    #[test]
    fn no_transaction_is_zero_and_a_hidden_one_is_a_gap() {
        let none = r#"{"backends":9,"clients":1,"pid":null,"application":null,"state":null,"seconds":null}"#;
        assert_eq!(read(none, true).observations[0].values.values(), [0.0]);
        assert_eq!(read(none, false).gaps[0].reason, Reason::NotPermitted);
    }
}
