//! What kind of server this is and what our role may see.

use serde::Deserialize;

/// One row about the server, the role and pg_stat_statements.
///
/// `scale_advisor.direct` is the marker of [`super::connect`]. `pg_stat_statements.max` exists only where the
/// module is loaded, and everybody may look.
pub(super) const QUERY: &str = "\
SELECT current_setting('server_version') AS version, quote_ident(current_user) AS role,
  current_database() AS database, pg_is_in_recovery() AS is_standby,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_everything,
  coalesce(current_setting('scale_advisor.direct', true), '') = 'on' AS is_direct,
  json_build_object(
    'loaded', current_setting('pg_stat_statements.max', true) IS NOT NULL,
    'schema', extension.schema,
    'tells_resets', to_regclass(extension.schema || '.pg_stat_statements_info') IS NOT NULL) AS statements
FROM (SELECT 1) AS one LEFT JOIN (
  SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_stat_statements') AS extension ON true";

/// The server as it describes itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Server {
    /// Such as `15.18 (Debian 15.18-0+deb12u1)`.
    pub(super) version: String,
    /// Our role, quoted for SQL.
    pub(super) role: String,
    /// The database we are in.
    pub(super) database: String,
    /// True while it replays another server's log.
    pub(super) is_standby: bool,
    /// True when the role sees what others do.
    pub(super) sees_everything: bool,
    /// False when a pooler stands between.
    pub(super) is_direct: bool,
    /// The state of pg_stat_statements.
    pub(super) statements: Extension,
}

/// What there is of pg_stat_statements.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Extension {
    /// True when it is in `shared_preload_libraries`.
    pub(super) loaded: bool,
    /// Its schema in this database, quoted for SQL; `None` when it was not created.
    pub(super) schema: Option<String>,
    /// True when it tells about resets and evictions (version 1.9 and later).
    pub(super) tells_resets: bool,
}

impl Server {
    /// The statement that lets our role see what others do.
    pub(super) fn grant(&self) -> String {
        format!("GRANT pg_monitor TO {};", self.role)
    }

    /// What a reader should know about the view we have.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.is_direct {
            notes.push(POOLED.to_owned());
        }
        if self.is_standby {
            notes.push("this server is a standby: what it counts is its own, not its primary's".to_owned());
        }
        if !self.sees_everything {
            notes.push(format!("the role {} does not see what other roles do", self.role));
        }
        notes
    }
}

/// What a pooler does to the numbers.
pub(super) const POOLED: &str =
    "read through a connection pooler: these are the pool's connections, not those of its clients";
