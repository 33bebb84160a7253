//! What statements did, as lines of JSON.

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Contents;
use crate::{
    history::statements::impossible_days,
    statements::{
        CountedDay, CountedDays, DAY_MS, StatementDay, StatementDays, StatementName, StatementSnapshot,
        Statements,
    },
};

/// A line: a record under its name.
#[derive(Serialize, Deserialize)]
pub(super) struct StatementLine {
    #[serde(flatten)]
    record: Record,
    pub(super) simulated: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
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

/// The lines of all statements, servers and samples.
pub(super) fn lines(contents: &Contents) -> impl Iterator<Item = StatementLine> {
    let Contents { statements, statement_samples, .. } = contents;
    let did = statements.statements.iter().map(|statement| Record::Statement(statement_line(statement)));
    let counted = statements.servers.iter().map(|server| Record::Counted(server_line(server)));
    let samples = statement_samples.iter().map(|sample| Record::Look(Box::new(sample.clone())));
    let line = |record| StatementLine { record, simulated: contents.simulated.clone() };
    did.chain(counted).chain(samples).map(line)
}

fn statement_line(statement: &StatementDays) -> StatementDaysLine {
    let StatementName { server, role, database, query, toplevel } = statement.name.clone();
    let day =
        |did: &StatementDay| StatementDayLine { day: date(did.day), calls: did.calls, seconds: did.seconds };
    let days = statement.days.iter().map(day).collect();
    StatementDaysLine { server, role, database, query, toplevel, text: statement.text.clone(), days }
}

fn server_line(server: &CountedDays) -> CountedDaysLine {
    let day = |day: &CountedDay| {
        let CountedDay { seconds, resets, evictions, hidden, .. } = *day;
        CountedDayLine { day: date(day.day), seconds, resets, evictions, hidden }
    };
    CountedDaysLine { server: server.server.clone(), days: server.days.iter().map(day).collect() }
}

/// Adds what a line holds.
///
/// # Errors
/// With what cannot be true of it.
pub(super) fn add(line: StatementLine, contents: &mut Contents) -> Result<(), String> {
    let mut found = Statements::default();
    match line.record {
        Record::Look(sample) => contents.statement_samples.push(*sample),
        Record::Statement(line) => {
            let StatementDaysLine { server, role, database, query, toplevel, text, days } = line;
            let day = |line: StatementDayLine| StatementDay {
                day: number(line.day),
                calls: line.calls,
                seconds: line.seconds,
            };
            let name = StatementName { server, role, database, query, toplevel };
            found.statements.push(StatementDays { name, text, days: days.into_iter().map(day).collect() });
        }
        Record::Counted(CountedDaysLine { server, days }) => {
            let day = |line: CountedDayLine| {
                let CountedDayLine { day, seconds, resets, evictions, hidden } = line;
                CountedDay { day: number(day), seconds, resets, evictions, hidden }
            };
            found.servers.push(CountedDays { server, days: days.into_iter().map(day).collect() });
        }
    }
    if let Some(impossible) = impossible_days(&found).into_iter().next() {
        return Err(impossible);
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
