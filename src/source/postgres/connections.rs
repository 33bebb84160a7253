//! Connections against the usable ones, by state, and the oldest transaction.

use serde::Deserialize;

use super::{
    answers::{Answers, Observed, shown},
    server::Server,
};
use crate::{
    signal::{Quantity, Unit, counted},
    snapshot::{Reason, SETTING},
};

/// One row over all sessions. Rows of other roles are blank without pg_read_all_stats, so `backends`, which
/// everybody sees, tells whether the count is whole. Our own session does not count.
pub(super) const QUERY: &str = "\
SELECT current_setting('max_connections')::int8 AS max_connections,
  current_setting('superuser_reserved_connections')::int8 AS superuser_reserved,
  coalesce(current_setting('reserved_connections', true), '0')::int8 AS role_reserved,
  coalesce(current_setting('rds.rds_superuser_reserved_connections', true), '0')::int8 AS cloud_reserved,
  current_setting('azure.extensions', true) IS NOT NULL AS is_azure,
  pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers,
  pg_size_bytes(current_setting('effective_cache_size')) AS effective_cache_size,
  pg_size_bytes(current_setting('work_mem')) AS work_mem,
  pg_size_bytes(current_setting('maintenance_work_mem')) AS maintenance_work_mem,
  (SELECT coalesce(sum(pg_stat_get_db_numbackends(oid)), 0)::int8 FROM pg_database) AS backends,
  count(*) FILTER (WHERE client) AS clients,
  count(*) FILTER (WHERE client AND state = 'disabled') AS untracked,
  count(*) FILTER (WHERE client AND NOT own AND state = 'active') AS active,
  count(*) FILTER (WHERE client AND state = 'idle') AS idle,
  count(*) FILTER (WHERE client AND state LIKE 'idle in transaction%') AS idle_in_transaction,
  extract(epoch FROM max(now() - state_change)
    FILTER (WHERE client AND state LIKE 'idle in transaction%'))::float8 AS longest_idle_seconds
FROM (SELECT *, backend_type = 'client backend' AS client, pid = pg_backend_pid() AS own
  FROM pg_stat_activity) AS sessions";

/// What the query gives.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    max_connections: f64,
    superuser_reserved: f64,
    role_reserved: f64,
    /// By Amazon RDS and Aurora, for their own administrators.
    cloud_reserved: f64,
    /// Whether it is Azure's flexible server, which has settings of its own.
    #[serde(default)]
    is_azure: bool,
    #[serde(flatten)]
    memory: Memory,
    backends: f64,
    clients: f64,
    untracked: f64,
    active: f64,
    idle: f64,
    idle_in_transaction: f64,
    longest_idle_seconds: Option<f64>,
}

/// Connections that Azure's flexible server keeps for its own monitoring and replication, as its documentation of
/// limits states (learn.microsoft.com, *Limits in Azure Database for PostgreSQL*). Those that its settings reserve
/// are among them.
const AZURE_RESERVED: f64 = 15.0;

impl Row {
    /// What Azure keeps beyond what the settings reserve.
    fn azure_reserved(&self) -> f64 {
        let told = self.superuser_reserved + self.role_reserved;
        if self.is_azure { (AZURE_RESERVED - told).max(0.0) } else { 0.0 }
    }

    /// Connections that ordinary roles may have.
    fn usable(&self) -> f64 {
        let reserved = self.superuser_reserved + self.role_reserved + self.cloud_reserved;
        self.max_connections - reserved - self.azure_reserved()
    }
}

/// Settings of memory in bytes.
#[derive(Debug, Clone, Deserialize)]
struct Memory {
    shared_buffers: f64,
    effective_cache_size: f64,
    work_mem: f64,
    maintenance_work_mem: f64,
}

/// The signals of this topic.
pub(super) const SIGNALS: [&str; 3] =
    ["postgres.connections", "postgres.active", "postgres.idle_in_transaction"];

const VIEW: &str = "pg_stat_activity";

/// Judges nothing: connections in use, and how many of them work or wait.
pub(super) fn interpret(row: &Row, server: &Server, answers: &mut Answers) {
    let sees_all = server.sees_everything || row.clients >= row.backends;
    let own = if server.is_direct { 1.0 } else { 0.0 };
    let (count, view) = if sees_all { (row.clients, VIEW) } else { (row.backends, "pg_stat_database") };
    let used = (count - own).max(0.0);
    add_used(row, used, view, server, answers);
    let states = &SIGNALS[1..];
    if !sees_all {
        let detail = format!(
            "the state of {} of {} is hidden from this role",
            row.backends - row.clients,
            counted(row.backends, "session")
        );
        return answers.gap(states, Reason::NotPermitted, detail, Some(&server.grant()));
    }
    if row.untracked > 0.0 {
        let detail = format!("track_activities is turned off for {}", counted(row.untracked, "session"));
        let hint = Some("ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();");
        return answers.gap(states, Reason::NotConfigured, detail, hint);
    }
    answers.add(Observed::new(states[0], row.active, VIEW).note(format!("idle besides: {}", row.idle)));
    let longest = row.longest_idle_seconds.map(|seconds| shown(seconds.max(0.0), Unit::Seconds));
    let longest = longest.map(|longest| format!("the longest has been idle for {longest}"));
    answers.add(Observed::new(states[1], row.idle_in_transaction, VIEW).notes(longest));
}

fn add_used(row: &Row, used: f64, view: &str, server: &Server, answers: &mut Answers) {
    let usable = row.usable();
    if usable <= 0.0 {
        let detail = "every connection is reserved, so none is left for ordinary roles".to_owned();
        let hint = Some("lower superuser_reserved_connections or raise max_connections");
        return answers.gap(&SIGNALS[..1], Reason::NotConfigured, detail, hint);
    }
    let blind = "counted for all databases without telling clients from background workers, because this role \
                 does not see other sessions";
    let settings = [
        ("max_connections", row.max_connections),
        ("shared_buffers", row.memory.shared_buffers),
        ("effective_cache_size", row.memory.effective_cache_size),
        ("work_mem", row.memory.work_mem),
        ("maintenance_work_mem", row.memory.maintenance_work_mem),
    ];
    let observed = Observed::new(SIGNALS[0], used / usable, format!("{view}, max_connections"));
    let observed = settings.into_iter().fold(observed, |observed, (name, value)| {
        observed.attribute(format!("{SETTING}{name}"), value.to_string())
    });
    answers.add(
        observed
            .capacity(Quantity::new(usable, Unit::Count))
            .note(whole(row))
            .notes((view != VIEW).then(|| blind.to_owned()))
            .notes((server.is_direct).then(|| "this program's own connection is not counted".to_owned())),
    );
}

/// What the usable connections are made of.
fn whole(row: &Row) -> String {
    let others = [
        (row.role_reserved, "for roles with reserved connections"),
        (row.cloud_reserved, "by rds.rds_superuser_reserved_connections"),
        (row.azure_reserved(), "by Azure, which reserves 15 in total"),
    ];
    let others: Vec<String> = others
        .iter()
        .filter(|(slots, _)| *slots > 0.0)
        .map(|(slots, whose)| format!("{slots} {whose}"))
        .collect();
    let own = format!("max_connections {} less {} reserved", row.max_connections, row.superuser_reserved);
    if others.is_empty() { own } else { format!("{own} for superusers and {}", others.join(" and ")) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answers, server};
    use super::*;

    /// PostgreSQL 16.14, max_connections 20, reserved_connections 2, twelve clients.
    const FULL_VIEW: &str = r#"{"max_connections":20,"superuser_reserved":3,"role_reserved":2,"cloud_reserved":0,"shared_buffers":134217728,"effective_cache_size":4294967296,"work_mem":4194304,"maintenance_work_mem":67108864,"backends":13,
        "clients":13,"untracked":0,"active":2,"idle":9,"idle_in_transaction":1,"longest_idle_seconds":75.5}"#;

    /// PostgreSQL 15.18 seen by a role without pg_read_all_stats.
    const BLIND: &str = r#"{"max_connections":100,"superuser_reserved":3,"role_reserved":0,"cloud_reserved":0,"shared_buffers":134217728,"effective_cache_size":4294967296,"work_mem":4194304,"maintenance_work_mem":67108864,"backends":41,
        "clients":1,"untracked":0,"active":0,"idle":0,"idle_in_transaction":0,"longest_idle_seconds":null}"#;

    fn read(json: &str, sees_everything: bool, is_direct: bool) -> Answers {
        let mut found = answers();
        let server = Server { sees_everything, is_direct, ..server() };
        interpret(&serde_json::from_str(json).unwrap(), &server, &mut found);
        found
    }

    #[test]
    fn reserved_slots_are_not_usable() {
        let found = read(FULL_VIEW, true, true);
        let connections = &found.observations[0];
        assert_eq!(connections.values.values(), [12.0 / 15.0]);
        assert_eq!(connections.capacity().unwrap().value().to_bits(), 15.0_f64.to_bits());
        assert!(
            connections.notes[0].contains("max_connections 20 less 3 reserved"),
            "{:?}",
            connections.notes
        );
        assert_eq!(found.observations[1].values.values(), [2.0]);
        assert_eq!(found.observations[2].notes, ["the longest has been idle for 75.5 s"]);
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn slots_that_a_cloud_keeps_are_not_usable() {
        let found = read(&FULL_VIEW.replace("\"cloud_reserved\":0", "\"cloud_reserved\":3"), true, true);
        assert_eq!(found.observations[0].values.values(), [1.0]);
        assert_eq!(
            found.observations[0].notes[0],
            "max_connections 20 less 3 reserved for superusers and 2 for roles with reserved connections and 3 by \
             rds.rds_superuser_reserved_connections"
        );
    }

    #[test]
    fn azure_keeps_fifteen_altogether() {
        let on_azure =
            |row: &str| row.replace("\"cloud_reserved\":0", "\"cloud_reserved\":0,\"is_azure\":true");
        let found = read(&on_azure(&FULL_VIEW.replace(":20,", ":50,")), true, true);
        assert_eq!(found.observations[0].capacity().unwrap().to_string(), "35");
        let note = &found.observations[0].notes[0];
        assert!(note.contains("10 by Azure, which reserves 15 in total"), "{note}");
        let told = on_azure(&FULL_VIEW.replace(":20,", ":50,").replace("reserved\":3", "reserved\":13"));
        let found = read(&told, true, true);
        assert_eq!(found.observations[0].capacity().unwrap().to_string(), "35");
        assert!(!found.observations[0].notes[0].contains("Azure"), "the settings tell all of them");
    }

    #[test]
    fn a_blind_role_counts_but_cannot_tell_states() {
        let found = read(BLIND, false, true);
        assert_eq!(found.observations.len(), 1);
        assert_eq!(found.observations[0].values.values(), [40.0 / 97.0]);
        assert_eq!(found.observations[0].origin.query, "pg_stat_database, max_connections");
        assert_eq!(found.gaps.len(), 2);
        assert_eq!(found.gaps[0].reason, Reason::NotPermitted);
        assert_eq!(found.gaps[0].hint.as_deref(), Some("GRANT pg_monitor TO app;"));
    }

    #[test]
    fn a_role_that_owns_every_session_sees_enough() {
        assert!(read(FULL_VIEW, false, true).gaps.is_empty());
    }

    #[test]
    fn the_pools_connection_counts() {
        assert_eq!(read(FULL_VIEW, true, false).observations[0].values.values(), [13.0 / 15.0]);
    }

    #[test]
    fn untracked_sessions_have_no_state() {
        let found = read(&FULL_VIEW.replace("\"untracked\":0", "\"untracked\":4"), true, true);
        assert_eq!(found.gaps[0].reason, Reason::NotConfigured);
        assert_eq!(found.observations.len(), 1);
    }
}
