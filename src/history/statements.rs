//! Statements as stores hold them: under which numbers, and whether it can be true.
//!
//! A store keeps the newest look at each server. The next one is compared with it, what happened in between is added to
//! the days in between, and the newer look takes its place; all in one transaction. So a look that is recorded twice, or
//! after a newer one, adds nothing.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::statements::{CountedDays, DAY_MS, StatementName, StatementSnapshot, Statements};

/// The number under which stores keep it: 63 bits of the SHA-256 of all of its name.
pub(super) fn number_of(name: &StatementName) -> i64 {
    let mut digest = Sha256::new();
    for number in [name.role, name.database, name.query, i64::from(name.toplevel)] {
        digest.update(number.to_be_bytes());
    }
    digest.update(name.server.as_bytes());
    let number = digest.finalize().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte));
    number & i64::MAX
}

/// The days of servers of which an offer tells more than is held. They are taken as a whole: figures of two histories do
/// not add up.
pub(super) fn fuller<'a>(held: &[CountedDays], offered: &'a [CountedDays]) -> BTreeSet<(&'a str, i64)> {
    let seconds = |server: &str, day: i64| {
        let days = held.iter().filter(|one| one.server == server).flat_map(|one| &one.days);
        days.filter(|one| one.day == day).map(|one| one.seconds).next()
    };
    let more = |server: &'a CountedDays| {
        let days = server
            .days
            .iter()
            .filter(|day| seconds(&server.server, day.day).is_none_or(|known| day.seconds > known));
        days.map(|day| (server.server.as_str(), day.day))
    };
    offered.iter().flat_map(more).collect()
}

/// What a store holds of statements, as it is written there.
#[derive(Debug)]
pub(super) struct Held {
    /// The newest look at each server, as JSON.
    pub(super) looks: Vec<(String, String)>,
    /// Every statement under its number.
    pub(super) names: Vec<(StatementName, i64)>,
    /// How many days belong to no statement.
    pub(super) orphans: i64,
    /// All days.
    pub(super) days: Statements,
}

impl Held {
    /// Everything that is wrong; nothing when all is sound.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let damaged = self.looks.iter().filter(|(server, json)| {
            serde_json::from_str::<StatementSnapshot>(json).map_or(true, |look| look.server != *server)
        });
        let mut wrong: Vec<String> = damaged
            .map(|(server, _)| format!("the newest look at the statements of {server} is damaged"))
            .collect();
        let strange = self.names.iter().filter(|(name, number)| number_of(name) != *number);
        wrong.extend(
            strange
                .map(|(name, number)| format!("statement {number} of {} is another's number", name.server)),
        );
        if self.orphans > 0 {
            wrong.push(format!("{} days belong to no statement", self.orphans));
        }
        wrong.extend(mistakes(&self.days));
        wrong
    }
}

/// What cannot be true of any server.
pub(super) fn mistakes(statements: &Statements) -> Vec<String> {
    let longest = DAY_MS as f64 / 1000.0;
    let counted = statements.servers.iter().flat_map(|server| {
        // A little more, because parts of a day add up to it with the errors of their sums.
        let impossible = server.days.iter().filter(move |day| !(0.0..=longest + 1.0).contains(&day.seconds));
        impossible.map(|day| format!("{}, day {}: it has {} s", server.server, day.day, day.seconds))
    });
    let did = statements.statements.iter().flat_map(|one| {
        let impossible = one.days.iter().filter(|day| !possible(day.calls, day.seconds));
        impossible.map(|day| {
            let (server, query) = (&one.name.server, one.name.query);
            format!("{server}, statement {query}, day {}: {} calls in {} s", day.day, day.calls, day.seconds)
        })
    });
    counted.chain(did).collect()
}

fn possible(calls: f64, seconds: f64) -> bool {
    calls > 0.0 && seconds >= 0.0 && calls.is_finite() && seconds.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_a_name_tells_statements_apart() {
        let name = |role, database, query, toplevel, server: &str| {
            number_of(&StatementName { server: server.to_owned(), role, database, query, toplevel })
        };
        let mut numbers = vec![
            name(10, 5, -7, true, "db:5432/shop"),
            name(11, 5, -7, true, "db:5432/shop"),
            name(10, 6, -7, true, "db:5432/shop"),
            name(10, 5, 7, true, "db:5432/shop"),
            name(10, 5, -7, false, "db:5432/shop"),
            name(10, 5, -7, true, "db:5432/shop2"),
        ];
        // Files everywhere hold these numbers, so that they must never change.
        assert_eq!(numbers[0], 2_431_073_920_646_682_614);
        assert!(numbers.iter().all(|number| *number >= 0));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 6);
    }
}
