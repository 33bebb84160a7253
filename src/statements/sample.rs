//! The counters of a database's statements at one moment.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One sample of `pg_stat_statements`. Its counters only ever grow, until they are reset; what happened between two
/// samples is found by comparing them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementSnapshot {
    /// The server and the database: `db.internal:5432/shop`.
    pub server: String,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// When the server was started, by the same clock.
    pub started: DateTime<Utc>,
    /// Since when all of it has been counted; versions of the extension before 1.9 do not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counting_since: Option<DateTime<Utc>>,
    /// How often since then the rarest statements were evicted for lack of space; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evictions: Option<u64>,
    /// How many statements of other roles could not be told apart.
    pub hidden: usize,
    /// Whether these are all the others.
    pub complete: bool,
    /// The number (OID) of the database: it is another one where one took the name of an older one.
    pub database: i64,
    /// Every statement that could be told apart.
    pub statements: Vec<StatementCount>,
}

/// The counters of one statement of one role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementCount {
    /// The number (OID) of the role that runs it.
    pub role: i64,
    /// The number of the statement, which the server makes of its shape.
    pub query: i64,
    /// Whether it was called by a client, and not by a function.
    pub toplevel: bool,
    /// How often it ran.
    pub calls: f64,
    /// How long, in all, in seconds.
    pub seconds: f64,
    /// Since when this one has been counted; versions of the extension before 1.11 do not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Its shape, without values, where it was looked up: only that of leading statements is, and neither of this
    /// program's own nor of transaction control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How far the clock of a server may be off.
const CLOCKS: TimeDelta = TimeDelta::days(1);

impl StatementSnapshot {
    /// Whether the server's clock can be right. A sample from the future would block all that come after it.
    pub fn is_of(&self, taken_at: DateTime<Utc>) -> bool {
        (self.at - taken_at).abs() <= CLOCKS
    }

    /// Whether two samples are of one server that goes by two names.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let identity = |look: &Self| (look.started, look.counting_since, look.database);
        self.server != other.server && identity(self) == identity(other)
    }
}
