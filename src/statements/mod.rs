//! What statements did on each day, from counters that somebody else may reset, throw out or lose at any time.
//!
//! Pure: a look at the counters of a server, what happened between two looks, and the days it is added up to. A history
//! keeps the newest look at each server and the days.

mod growth;
mod look;

use std::collections::BTreeMap;

pub use growth::{Growth, growth};
pub use look::{StatementCount, StatementLook};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// What tells one statement from another.
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
    /// The statement of a look's entry.
    fn of(look: &StatementLook, one: &StatementCount) -> Self {
        let StatementCount { role, database, query, toplevel, .. } = *one;
        Self { server: look.server.clone(), role, database, query, toplevel }
    }
}

/// The statements of a look whose texts are known.
pub fn texts(look: &StatementLook) -> impl Iterator<Item = (StatementName, &str)> {
    look.statements.iter().filter_map(|one| Some((StatementName::of(look, one), one.text.as_deref()?)))
}

/// What a statement did on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatementDay {
    /// Which day, counted from the beginning of 1970, UTC.
    pub day: i64,
    /// How often it ran. What happened between two looks is spread evenly, so that this need not be a whole number.
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

/// How much of a day the counters of a server tell of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountedDay {
    /// Which day, counted from the beginning of 1970, UTC.
    pub day: i64,
    /// Seconds of it.
    pub seconds: f64,
    /// How often all counters began anew; what was counted since the look before that is lost.
    pub resets: u64,
    /// How often the rarest statements were thrown out for lack of room; some of what they did is lost.
    pub evictions: u64,
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
    /// Rows of a store, in whatever order it gave them.
    pub fn gathered(
        counted: Vec<(String, CountedDay)>,
        did: Vec<(StatementName, Option<String>, StatementDay)>,
    ) -> Self {
        let mut servers: BTreeMap<String, Vec<CountedDay>> = BTreeMap::new();
        for (server, day) in counted {
            servers.entry(server).or_default().push(day);
        }
        let mut statements: BTreeMap<StatementName, (Option<String>, Vec<StatementDay>)> = BTreeMap::new();
        for (name, text, day) in did {
            let one = statements.entry(name).or_default();
            one.0 = text;
            one.1.push(day);
        }
        let counted = |(server, mut days): (String, Vec<CountedDay>)| {
            days.sort_by_key(|day| day.day);
            CountedDays { server, days }
        };
        let did = |(name, (text, mut days)): (_, (_, Vec<StatementDay>))| {
            days.sort_by_key(|day| day.day);
            StatementDays { name, text, days }
        };
        Self {
            servers: servers.into_iter().map(counted).collect(),
            statements: statements.into_iter().map(did).collect(),
        }
    }

    /// Nothing was ever counted.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty() && self.statements.is_empty()
    }
}
