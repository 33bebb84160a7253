//! Whether what a store holds of statements can be true.

use super::{StatementName, Statements};
use crate::{history::Resolution, snapshot::StatementLook};

/// What a store holds of statements, as it is written there.
#[derive(Debug)]
pub(in crate::history) struct Held {
    /// The newest look at each server, as JSON.
    pub(in crate::history) looks: Vec<(String, String)>,
    /// Every statement under its number.
    pub(in crate::history) names: Vec<(StatementName, i64)>,
    /// How many days belong to no statement.
    pub(in crate::history) orphans: i64,
    /// All days.
    pub(in crate::history) days: Statements,
}

impl Held {
    /// Everything that is wrong; nothing when all is sound.
    pub(in crate::history) fn mistakes(&self) -> Vec<String> {
        let damaged = self.looks.iter().filter(|(server, json)| {
            serde_json::from_str::<StatementLook>(json).map_or(true, |look| look.server != *server)
        });
        let mut wrong: Vec<String> = damaged
            .map(|(server, _)| format!("the newest look at the statements of {server} is damaged"))
            .collect();
        let strange = self.names.iter().filter(|(name, number)| name.number() != *number);
        wrong.extend(
            strange
                .map(|(name, number)| format!("statement {number} of {} is another's number", name.server)),
        );
        if self.orphans > 0 {
            wrong.push(format!("{} days belong to no statement", self.orphans));
        }
        wrong.extend(self.days.mistakes());
        wrong
    }
}

impl Statements {
    /// What cannot be true of any server.
    pub(in crate::history) fn mistakes(&self) -> Vec<String> {
        let longest = Resolution::Day.length_ms() as f64 / 1000.0;
        let counted = self.servers.iter().flat_map(|server| {
            // A little more, because parts of a day add up to it with the errors of their sums.
            let impossible =
                server.days.iter().filter(move |day| !(0.0..=longest + 1.0).contains(&day.seconds));
            impossible.map(|day| format!("{}, day {}: it has {} s", server.server, day.day, day.seconds))
        });
        let did = self.statements.iter().flat_map(|one| {
            let impossible = one.days.iter().filter(|day| !possible(day.calls, day.seconds));
            impossible.map(|day| {
                let (server, query) = (&one.name.server, one.name.query);
                format!(
                    "{server}, statement {query}, day {}: {} calls in {} s",
                    day.day, day.calls, day.seconds
                )
            })
        });
        counted.chain(did).collect()
    }
}

fn possible(calls: f64, seconds: f64) -> bool {
    calls > 0.0 && seconds >= 0.0 && calls.is_finite() && seconds.is_finite()
}
