//! Sessions that wait for a lock, and who holds them up.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed},
    transactions::session,
};
use crate::postgres::QueryError;

/// How many sessions wait. `pg_locks` is open to every role, unlike `pg_stat_activity`.
pub(super) const QUERY: &str = "SELECT count(DISTINCT pid) AS waiting FROM pg_locks WHERE NOT granted";

/// The first few that wait, with one session that blocks each. Finding blockers stops the lock manager for
/// a moment, so it is asked only when somebody waits, and only about three.
pub(super) const DETAIL_QUERY: &str = "\
SELECT w.pid, left(b.application_name, 60) AS application, b.state, b.pid AS blocker
FROM (SELECT pid, (pg_blocking_pids(pid))[1] AS blocker
  FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted ORDER BY pid LIMIT 3) AS waiting) AS w
JOIN pg_stat_activity b ON b.pid = w.blocker";

/// What the first query gives.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) waiting: f64,
}

/// What the second gives.
#[derive(Debug, Deserialize)]
pub(super) struct Detail {
    pid: u32,
    application: Option<String>,
    state: Option<String>,
    blocker: u32,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.lock_waiters"];

/// How many wait, and for whom.
pub(super) fn interpret(row: &Row, details: Result<&[Detail], &QueryError>, answers: &mut Answers) {
    let describe = |detail: &Detail| {
        let blocker = session(detail.blocker, detail.application.as_deref(), detail.state.as_deref());
        format!("pid {} waits for {blocker}", detail.pid)
    };
    let notes = match details {
        Ok(details) => details.iter().map(describe).collect(),
        Err(error) => vec![format!("for whom they wait is not known: {error}")],
    };
    answers.add(Observed::new(SIGNALS[0], row.waiting, "pg_locks").notes(notes));
}

#[cfg(test)]
mod tests {
    use super::super::testing::answers;
    use super::*;

    #[test]
    fn waiters_are_counted_and_their_blockers_named() {
        let mut found = answers();
        let details: Vec<Detail> = serde_json::from_str(
            r#"[{"pid":7,"application":"","state":"idle in transaction","blocker":5},
                {"pid":8,"application":"etl","state":null,"blocker":7}]"#,
        )
        .unwrap();
        interpret(&Row { waiting: 2.0 }, Ok(&details), &mut found);
        assert_eq!(found.observations[0].values.values(), [2.0]);
        assert_eq!(
            found.observations[0].notes,
            ["pid 7 waits for pid 5, idle in transaction", "pid 8 waits for pid 7 of etl"]
        );
    }
}
