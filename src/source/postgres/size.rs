//! The size of each database.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed},
    names::{Name, escaped},
    server::Server,
};
use crate::snapshot::Reason;

/// The size of every database this role may look into, the largest first.
pub(super) const QUERY: &str = concat!(
    "SELECT ",
    escaped!("datname"),
    " AS database, CASE
    WHEN has_database_privilege(datname, 'CONNECT') OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
    THEN pg_database_size(oid)::float8 END AS bytes
FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 2 DESC NULLS LAST, 1 LIMIT 100"
);

/// What the query gives.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    database: Name,
    bytes: Option<f64>,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 1] = ["postgres.database_size"];

/// One size per database. A database that is closed to us is named in a note of the first one.
pub(super) fn interpret(rows: &[Row], server: &Server, answers: &mut Answers) {
    let closed: Vec<&str> =
        rows.iter().filter(|row| row.bytes.is_none()).map(|row| row.database.as_str()).collect();
    let note = (!closed.is_empty()).then(|| format!("not permitted to measure {}", closed.join(", ")));
    let mut measured = false;
    for row in rows {
        let Some(bytes) = row.bytes else { continue };
        let observed =
            Observed::new(SIGNALS[0], bytes, "pg_database_size").instance(row.database.to_string());
        answers.add(if measured { observed } else { observed.notes(note.clone()) });
        measured = true;
    }
    if !measured {
        let detail = note.unwrap_or_else(|| "there is no database".to_owned());
        answers.gap(&SIGNALS, Reason::NotPermitted, detail, Some(&server.grant()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answers, server};
    use super::*;

    #[test]
    fn every_open_database_has_a_size() {
        let mut found = answers();
        let rows: Vec<Row> = serde_json::from_str(
            r#"[{"database":"shop","bytes":8000000},{"database":"postgres","bytes":7000000},
                {"database":"private","bytes":null}]"#,
        )
        .unwrap();
        interpret(&rows, &server(), &mut found);
        assert_eq!(found.observations.len(), 2);
        assert_eq!(found.observations[0].instance.as_deref(), Some("shop"));
        assert_eq!(found.observations[0].notes, ["not permitted to measure private"]);
        let mut blind = answers();
        interpret(&rows[2..], &server(), &mut blind);
        assert_eq!(blind.gaps[0].reason, Reason::NotPermitted);
    }
}
