//! What statements did, as lines of JSON.

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Contents;
use crate::{
    history::statements::mistakes,
    statements::{
        CountedDay, CountedDays, DAY_MS, StatementDay, StatementDays, StatementName, StatementSnapshot,
        Statements,
    },
};

/// A line: the name of its only variant, and what it has to tell.
#[derive(Serialize, Deserialize)]
pub(super) struct StatementLine {
    #[serde(flatten)]
    told: Told,
    pub(super) simulated: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Statement(StatementDaysLine),
    Counted(CountedDaysLine),
    Look(Box<StatementSnapshot>),
}

/// A line is of this kind if it has one of these keys.
pub(super) const KEYS: [&str; 3] = ["statement", "counted", "look"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementDaysLine {
    server: String,
    role: i64,
    database: i64,
    query: i64,
    toplevel: bool,
    text: Option<String>,
    days: Vec<StatementDayLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementDayLine {
    day: NaiveDate,
    calls: f64,
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedDaysLine {
    server: String,
    days: Vec<CountedDayLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedDayLine {
    day: NaiveDate,
    seconds: f64,
    resets: u64,
    evictions: u64,
    hidden: u64,
}

/// The lines of all statements, servers and looks.
pub(super) fn lines(contents: &Contents) -> impl Iterator<Item = StatementLine> {
    let Contents { statements, looks, .. } = contents;
    let did = statements.statements.iter().map(|one| Told::Statement(of_statement(one)));
    let counted = statements.servers.iter().map(|one| Told::Counted(of_server(one)));
    let looks = looks.iter().map(|look| Told::Look(Box::new(look.clone())));
    let line = |told| StatementLine { told, simulated: contents.simulated.clone() };
    did.chain(counted).chain(looks).map(line)
}

fn of_statement(one: &StatementDays) -> StatementDaysLine {
    let StatementName { server, role, database, query, toplevel } = one.name.clone();
    let day =
        |did: &StatementDay| StatementDayLine { day: date(did.day), calls: did.calls, seconds: did.seconds };
    let days = one.days.iter().map(day).collect();
    StatementDaysLine { server, role, database, query, toplevel, text: one.text.clone(), days }
}

fn of_server(one: &CountedDays) -> CountedDaysLine {
    let day = |day: &CountedDay| {
        let CountedDay { seconds, resets, evictions, hidden, .. } = *day;
        CountedDayLine { day: date(day.day), seconds, resets, evictions, hidden }
    };
    CountedDaysLine { server: one.server.clone(), days: one.days.iter().map(day).collect() }
}

/// Adds what a line tells.
///
/// # Errors
/// With what cannot be true of it.
pub(super) fn gather(line: StatementLine, contents: &mut Contents) -> Result<(), String> {
    let mut found = Statements::default();
    match line.told {
        Told::Look(look) => contents.looks.push(*look),
        Told::Statement(line) => {
            let StatementDaysLine { server, role, database, query, toplevel, text, days } = line;
            let day = |line: StatementDayLine| StatementDay {
                day: number(line.day),
                calls: line.calls,
                seconds: line.seconds,
            };
            let name = StatementName { server, role, database, query, toplevel };
            found.statements.push(StatementDays { name, text, days: days.into_iter().map(day).collect() });
        }
        Told::Counted(CountedDaysLine { server, days }) => {
            let day = |line: CountedDayLine| {
                let CountedDayLine { day, seconds, resets, evictions, hidden } = line;
                CountedDay { day: number(day), seconds, resets, evictions, hidden }
            };
            found.servers.push(CountedDays { server, days: days.into_iter().map(day).collect() });
        }
    }
    if let Some(mistake) = mistakes(&found).into_iter().next() {
        return Err(mistake);
    }
    contents.statements.servers.append(&mut found.servers);
    contents.statements.statements.append(&mut found.statements);
    Ok(())
}

fn date(day: i64) -> NaiveDate {
    let begin = DateTime::from_timestamp_millis(day.saturating_mul(DAY_MS));
    begin.unwrap_or_default().date_naive()
}

fn number(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis().div_euclid(DAY_MS)
}
