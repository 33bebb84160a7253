//! Connections of roles and databases that have a limit of their own, which refuses clients before the server is full.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed},
    names::{Name, escaped},
    server::Server,
};
use crate::{
    postgres::QueryError,
    signal::{Quantity, Unit},
    snapshot::PART_OF_SERVER,
};

/// The connections of each role and database with a limit, the fullest first. Limits do not bind superusers, and zero
/// admits nobody.
///
/// Whose session it is everybody sees; what kind it is is blank for those that see no other role. Sessions that
/// replicate count, background workers do not.
pub(super) const QUERY: &str = concat!(
    "WITH sessions AS (
  SELECT datid, usesysid FROM pg_stat_activity
  WHERE coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')
    AND (pid <> pg_backend_pid() OR coalesce(current_setting('scale_advisor.direct', true), '') <> 'on'))
SELECT kind, ",
    escaped!("name"),
    " AS name, max, used FROM (
  SELECT 'role' AS kind, rolname AS name, rolconnlimit AS max,
    (SELECT count(*) FROM sessions WHERE usesysid = r.oid) AS used
  FROM pg_roles r WHERE rolconnlimit > 0 AND rolcanlogin AND NOT rolsuper
  UNION ALL
  SELECT 'database', datname, datconnlimit, (SELECT count(*) FROM sessions WHERE datid = d.oid)
  FROM pg_database d WHERE datconnlimit > 0 AND datallowconn) AS limited
WHERE used > 0 ORDER BY used::float8 / max DESC, kind, limited.name LIMIT 20"
);

/// What the query gives.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    kind: Kind,
    name: Name,
    max: f64,
    used: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Role,
    Database,
}

/// Adds the connections of every role and database that has some and a limit of its own.
pub(super) fn interpret(rows: &[Row], server: &Server, answers: &mut Answers) {
    for row in rows {
        let (kind, catalogue) = match row.kind {
            Kind::Role => ("role", "pg_roles.rolconnlimit"),
            Kind::Database => ("database", "pg_database.datconnlimit"),
        };
        let statement = kind.to_uppercase();
        let own = server.is_direct.then(|| "this program's own connection is not counted".to_owned());
        answers.add(
            Observed::new(
                "postgres.connections",
                row.used / row.max,
                format!("pg_stat_activity, {catalogue}"),
            )
            .instance(format!("{kind} {}", row.name.as_str()))
            .capacity(Quantity::new(row.max, Unit::Count))
            .attribute(PART_OF_SERVER, kind.to_owned())
            .note(format!(
                "the limit is this {kind}'s own: {} (ALTER {statement} … CONNECTION LIMIT)",
                row.max
            ))
            .notes(own),
        );
    }
}

/// The message for limits that could not be read.
pub(super) fn unknown(error: &QueryError) -> String {
    format!("roles and databases may have lower limits of their own, which could not be read: {error}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answers, server};
    use super::*;

    #[test]
    fn limits_of_roles_and_databases_stand_beside_the_servers() {
        let mut found = answers();
        let rows: Vec<Row> = serde_json::from_str(
            r#"[{"kind":"role","name":"app","max":10,"used":10},{"kind":"database","name":"shop","max":12,"used":9}]"#,
        )
        .unwrap();
        interpret(&rows, &server(), &mut found);
        let [role, database] = &found.observations[..] else { panic!("{found:?}") };
        assert_eq!((role.instance.as_deref(), role.values.values()), (Some("role app"), &[1.0][..]));
        assert_eq!(
            (database.instance.as_deref(), database.values.values()),
            (Some("database shop"), &[0.75][..])
        );
        assert_eq!(database.capacity().unwrap().to_string(), "12");
        assert!(role.notes[0].contains("ALTER ROLE"), "{:?}", role.notes);
    }
}
