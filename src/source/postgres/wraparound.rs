//! How close the oldest transaction number is to the point where the server stops accepting writes.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed, shown},
    names::{Name, escaped},
};
use crate::signal::Unit;

/// The database that is closest. Templates count: the numbers are the whole server's.
pub(super) const QUERY: &str = concat!(
    "SELECT ",
    escaped!("datname"),
    " AS database, age(datfrozenxid)::int8 AS transactions, mxid_age(datminmxid)::int8 AS multixacts,
  current_setting('autovacuum_freeze_max_age')::int8 AS freeze_at
FROM pg_database ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC, datname LIMIT 1"
);

/// What the query gives.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    database: Name,
    transactions: f64,
    multixacts: f64,
    freeze_at: f64,
}

/// Half of the 32-bit number space: numbers further back would count as the future.
const NUMBERS: f64 = 2_147_483_648.0;

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.wraparound"];

/// The share of the number space that is used up before the oldest rows are frozen.
pub(super) fn interpret(row: &Row, answers: &mut Answers) {
    let (oldest, what) = if row.multixacts > row.transactions {
        (row.multixacts, "multixact numbers")
    } else {
        (row.transactions, "transaction numbers")
    };
    answers.add(
        Observed::new(SIGNALS[0], oldest / NUMBERS, "age(datfrozenxid), mxid_age(datminmxid)")
            .instance(row.database.to_string())
            .note(format!(
                "{} {what} old; autovacuum steps in at {} transactions",
                shown(oldest, Unit::Count),
                shown(row.freeze_at, Unit::Count)
            )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::answers;
    use super::*;

    #[test]
    fn the_older_of_both_numbers_counts() {
        let mut found = answers();
        let row = r#"{"database":"shop","transactions":1000,"multixacts":1073741824,"freeze_at":200000000}"#;
        interpret(&serde_json::from_str(row).unwrap(), &mut found);
        assert_eq!(found.observations[0].values.values(), [0.5]);
        assert!(found.observations[0].notes[0].contains("multixact"), "{:?}", found.observations[0].notes);
    }
}
