//! What statements did on each day, from counters that may be reset, evicted or lost at any time, and those counters at one
//! moment.
//!
//! Pure: a sample of a server's counters, what happened between two samples, and the days it is added up to. A history
//! keeps the newest sample of each server and the days.

mod growth;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use growth::{Growth, growth};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// What distinguishes one statement from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementName {
    /// The server and the database: `db.internal:5432/shop`.
    pub server: String,
    /// The number (OID) of the role that runs it.
    pub role: i64,
    /// The number (OID) of the database.
    pub database: i64,
    /// The number of the statement, which the server makes of its shape.
    pub query: i64,
    /// Whether it was called by a client, and not by a function.
    pub toplevel: bool,
}

impl StatementName {
    /// The statement of a sample's entry.
    fn of(look: &StatementSnapshot, statement: &StatementCount) -> Self {
        let StatementCount { role, query, toplevel, .. } = *statement;
        Self { server: look.server.clone(), role, database: look.database, query, toplevel }
    }
}

/// The statements of a sample whose texts are known.
pub fn texts(look: &StatementSnapshot) -> impl Iterator<Item = (StatementName, &str)> {
    look.statements
        .iter()
        .filter_map(|statement| Some((StatementName::of(look, statement), statement.text.as_deref()?)))
}

/// What a statement did on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatementDay {
    /// Which day, counted from the beginning of 1970, UTC.
    pub day: i64,
    /// How often it ran. What happened between two samples is spread evenly, so this need not be a whole number.
    pub calls: f64,
    /// How long, in all, in seconds.
    pub seconds: f64,
}

/// What is known of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementDays {
    /// Which statement.
    pub name: StatementName,
    /// Its shape, without values, where it was ever looked up.
    pub text: Option<String>,
    /// The days on which it ran, in order.
    pub days: Vec<StatementDay>,
}

/// How much of a day the counters of a server cover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountedDay {
    /// Which day, counted from the beginning of 1970, UTC.
    pub day: i64,
    /// Seconds of it.
    pub seconds: f64,
    /// How often all counters were reset; what was counted since the sample before that is lost.
    pub resets: u64,
    /// How often the rarest statements were evicted for lack of space; some of what they did is lost.
    pub evictions: u64,
    /// How many statements of other roles were out of sight, at most; what they did is not known.
    pub hidden: u64,
}

/// What is known of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedDays {
    /// The server and the database.
    pub server: String,
    /// Its days, in order.
    pub days: Vec<CountedDay>,
}

/// What statements did, and how much of the time that is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statements {
    /// Every server, by its name.
    pub servers: Vec<CountedDays>,
    /// Every statement, by its name.
    pub statements: Vec<StatementDays>,
}

impl Statements {
    /// Without servers that are known by another name as well, of which the better covered one stays. Returns their names.
    pub fn without_twins(&mut self, looks: &[StatementSnapshot]) -> Vec<String> {
        let known = |server: &str| -> f64 {
            let days = self
                .servers
                .iter()
                .filter(|counted| counted.server == server)
                .flat_map(|counted| &counted.days);
            days.map(|day| day.seconds).sum()
        };
        let better = |left: &StatementSnapshot, right: &StatementSnapshot| {
            known(&left.server).total_cmp(&known(&right.server)).then(right.server.cmp(&left.server)).is_gt()
        };
        let twin = |look: &&StatementSnapshot| {
            looks.iter().any(|rival| rival.is_twin_of(look) && better(rival, look))
        };
        let twins: Vec<String> = looks.iter().filter(twin).map(|look| look.server.clone()).collect();
        self.servers.retain(|server| !twins.contains(&server.server));
        self.statements.retain(|statement| !twins.contains(&statement.name.server));
        twins
    }

    /// Nothing was ever counted.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty() && self.statements.is_empty()
    }
}

/// Days by server, in whatever order they come.
pub fn by_server(days: Vec<(String, CountedDay)>) -> Vec<CountedDays> {
    let mut servers: BTreeMap<String, Vec<CountedDay>> = BTreeMap::new();
    for (server, day) in days {
        servers.entry(server).or_default().push(day);
    }
    let sorted = |(server, mut days): (String, Vec<CountedDay>)| {
        days.sort_by_key(|day| day.day);
        CountedDays { server, days }
    };
    servers.into_iter().map(sorted).collect()
}

/// Days by statement, in whatever order they come.
pub fn gathered(days: Vec<(StatementName, Option<String>, StatementDay)>) -> Vec<StatementDays> {
    let mut statements: BTreeMap<StatementName, (Option<String>, Vec<StatementDay>)> = BTreeMap::new();
    for (name, text, day) in days {
        let known = statements.entry(name).or_default();
        known.0 = text;
        known.1.push(day);
    }
    let sorted = |(name, (text, mut days)): (_, (_, Vec<StatementDay>))| {
        days.sort_by_key(|day| day.day);
        StatementDays { name, text, days }
    };
    statements.into_iter().map(sorted).collect()
}

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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_server_with_two_names_counts_once() {
        let look = |server: &str, database| StatementSnapshot {
            server: server.to_owned(),
            at: DateTime::UNIX_EPOCH,
            started: DateTime::UNIX_EPOCH,
            counting_since: None,
            evictions: None,
            hidden: 0,
            complete: true,
            database,
            statements: Vec::new(),
        };
        let days = |server: &str, seconds| CountedDays {
            server: server.to_owned(),
            days: vec![CountedDay { day: 1, seconds, resets: 0, evictions: 0, hidden: 0 }],
        };
        let servers = vec![days("a/shop", 10.0), days("b/shop", 20.0), days("c/other", 5.0)];
        let mut known = Statements { servers, statements: Vec::new() };
        let looks = [look("a/shop", 5), look("b/shop", 5), look("c/other", 6)];
        assert_eq!(known.without_twins(&looks), ["a/shop"]);
        assert_eq!(
            known.servers.iter().map(|server| server.server.as_str()).collect::<Vec<_>>(),
            ["b/shop", "c/other"]
        );
        assert_eq!(known.without_twins(&looks[1..]), Vec::<String>::new());
    }
}
