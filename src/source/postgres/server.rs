//! What kind of server this is and what our role may see.

use serde::Deserialize;

use crate::postgres::{QueryError, Session, Settings};

/// One row about the server and the role. `scale_advisor.direct` is the marker of [`super::connect`].
const QUERY: &str = "\
SELECT current_setting('server_version') AS version, quote_ident(current_user) AS role,
  current_database() AS database, pg_is_in_recovery() AS is_standby,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_everything,
  coalesce(current_setting('scale_advisor.direct', true), '') = 'on' AS is_direct";

/// One row about pg_stat_statements. Its settings exist only where the module is loaded, and everybody may read them.
/// Names are looked up in the catalogue: a cast to a name fails where the schema is closed to us.
const EXTENSION_QUERY: &str = "\
SELECT current_setting('pg_stat_statements.max', true) IS NOT NULL AS loaded,
  current_setting('pg_stat_statements.track', true) AS track,
  extension.schema, coalesce(extension.open, false) AS open,
  EXISTS (SELECT 1 FROM pg_class WHERE relname = 'pg_stat_statements_info' AND relnamespace = extension.id)
    AS tells_resets
FROM (SELECT 1) AS single LEFT JOIN (
  SELECT n.oid AS id, quote_ident(n.nspname) AS schema, has_schema_privilege(n.oid, 'USAGE') AS open
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_stat_statements') AS extension ON true";

/// The server as it describes itself.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Such as `15.18 (Debian 15.18-0+deb12u1)`.
    pub(super) version: String,
    /// Our role, quoted for SQL.
    pub(super) role: String,
    /// The current database.
    pub(super) database: String,
    /// True while it replays another server's log, or why that is not known.
    pub(super) is_standby: Result<bool, QueryError>,
    /// True when the role sees what others do.
    pub(super) sees_everything: bool,
    /// False when there is a pooler in between.
    pub(super) is_direct: bool,
    /// The state of pg_stat_statements, or why that is not known.
    pub(super) statements: Result<Extension, QueryError>,
}

/// What the first query gives.
#[derive(Deserialize)]
struct Row {
    version: String,
    role: String,
    database: String,
    is_standby: bool,
    sees_everything: bool,
    is_direct: bool,
}

/// What there is of pg_stat_statements.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Extension {
    /// True when it is in `shared_preload_libraries`.
    pub(super) loaded: bool,
    /// Which statements it counts: `top`, `all` or `none`.
    pub(super) track: Option<String>,
    /// Its schema in this database, quoted for SQL; `None` when it was not created.
    pub(super) schema: Option<String>,
    /// True when our role may use the schema.
    pub(super) open: bool,
    /// True when it reports resets and evictions (version 1.9 and later).
    pub(super) tells_resets: bool,
}

impl Server {
    /// Asks the server to describe itself.
    ///
    /// # Errors
    /// When it is no PostgreSQL that can be read, or is gone. Any other failure leaves its cause in the description.
    pub(super) async fn look(session: &Session, settings: &Settings) -> Result<Self, QueryError> {
        let described: Result<Row, QueryError> = session.row(QUERY).await;
        if let Err(error) = &described
            && !leaves_the_rest(error)
        {
            return Err(error.clone());
        }
        let statements = session.row(EXTENSION_QUERY).await;
        Ok(match described {
            Ok(Row { version, role, database, is_standby, sees_everything, is_direct }) => {
                let is_standby = Ok(is_standby);
                Self { version, role, database, is_standby, sees_everything, is_direct, statements }
            }
            Err(error) => Self {
                version: session.version.clone().unwrap_or_default(),
                role: settings.role(),
                database: settings.database().to_owned(),
                is_standby: Err(error),
                sees_everything: false,
                is_direct: true,
                statements,
            },
        })
    }

    /// The statement that allows our role to see what others do.
    pub(super) fn grant(&self) -> String {
        format!("GRANT pg_monitor TO {};", self.role)
    }

    /// Caveats about what we can see.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.is_direct {
            notes.push(POOLED.to_owned());
        }
        match &self.is_standby {
            Ok(false) => {}
            Ok(true) => notes
                .push("this server is a standby: what it counts is its own, not its primary's".to_owned()),
            Err(error) => notes.push(format!(
                "cannot determine whether this is a standby, whether there is a pooler, or whether the role sees other sessions: {error}"
            )),
        }
        if self.is_blind() {
            notes.push(format!("the role {} cannot see the activity of other roles", self.role));
        }
        notes
    }

    /// True when the server says that our role does not see what others do.
    pub(super) fn is_blind(&self) -> bool {
        self.is_standby.is_ok() && !self.sees_everything
    }
}

/// Whether other queries may fare better. One that does not know what every PostgreSQL since version 12 knows
/// (class 42, but for a missing right) is another kind of server.
fn leaves_the_rest(error: &QueryError) -> bool {
    match error {
        QueryError::Refused { code, .. } => error.missing_right().is_some() || !code.starts_with("42"),
        QueryError::UnexpectedReply(_) => true,
        QueryError::TimedOut(_) | QueryError::Lost(_) | QueryError::TooLarge => false,
    }
}

/// What a pooler does to the numbers.
pub(super) const POOLED: &str =
    "read through a connection pooler: these are the pool's connections, not those of its clients";
