//! What statements did, as a history holds it.
//!
//! A history keeps the newest sample of each server. The next one is compared with it, what happened in between is added
//! to the days in between, and the newer sample takes its place; all in one transaction. So a sample that is recorded
//! twice, or after a newer one, adds nothing.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{
    Range, Resolution,
    backend::{Backend, Filter},
    error::BackendError,
    rows::{CountedDayRow, StatementDayRow, StatementRow, TextRow},
    schema::{COUNTED_DAYS, LATEST_SAMPLES, STATEMENT_DAYS, STATEMENTS},
};
use crate::statements::{
    CountedDay, CountedDays, DAY_MS, StatementDay, StatementDays, StatementName, StatementSnapshot,
    Statements, by_server, gathered, growth, texts,
};

/// The id of a statement: 63 bits of the SHA-256 of its whole name.
pub(super) fn statement_id(name: &StatementName) -> i64 {
    let mut digest = Sha256::new();
    for number in [name.role, name.database, name.query, i64::from(name.toplevel)] {
        digest.update(number.to_be_bytes());
    }
    digest.update(name.server.as_bytes());
    leading_bits(digest)
}

/// The first 63 bits of a digest.
pub(super) fn leading_bits(digest: Sha256) -> i64 {
    let number = digest.finalize().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte));
    number & i64::MAX
}

/// Adds to the days what happened since the newest sample of the same server, and puts this one in its place.
pub(super) fn append(backend: &dyn Backend, sample: &StatementSnapshot) -> Result<(), BackendError> {
    let newest = latest_samples(backend)?.into_iter().find(|newest| newest.server == sample.server);
    let Some(growth) = growth(newest.as_ref(), sample) else { return Ok(()) };
    let texts = texts(sample).map(|(name, text)| (name, Some(text.to_owned())));
    put_statements(backend, growth.statements.iter().map(|(name, _)| (name.clone(), None)).chain(texts))?;
    add_counted_days(backend, &sample.server, &growth.counted)?;
    let days = growth.statements.iter().flat_map(|(name, days)| {
        let statement = statement_id(name);
        days.iter().map(move |day| StatementDayRow { statement, day: *day })
    });
    add_statement_days(backend, days.collect())?;
    put_sample(backend, sample)
}

/// Imports what another history holds: of each day of a server, the figures that cover more of it.
pub(super) fn import(
    backend: &dyn Backend,
    statements: &Statements,
    samples: &[StatementSnapshot],
) -> Result<(), BackendError> {
    let taken = better_covered(&servers(backend, Range::ALL)?, &statements.servers);
    forget_days(backend, &taken)?;
    let mut counted = BTreeMap::new();
    for CountedDays { server, days } in &statements.servers {
        let days = days.iter().filter(|day| taken.contains(&(server, day.day)));
        counted.extend(
            days.map(|day| ((server, day.day), CountedDayRow { server: server.clone(), counted: *day })),
        );
    }
    backend.put(&COUNTED_DAYS, &counted.into_values().collect::<Vec<_>>())?;
    let mut names = Vec::new();
    // One for each day, whatever the text holds.
    let mut rows = BTreeMap::new();
    for StatementDays { name, text, days } in &statements.statements {
        let statement = statement_id(name);
        let mut days = days.iter().filter(|day| taken.contains(&(name.server.as_str(), day.day))).peekable();
        if days.peek().is_some() {
            names.push((name.clone(), text.clone()));
        }
        rows.extend(days.map(|day| ((statement, day.day), StatementDayRow { statement, day: *day })));
    }
    put_statements(backend, names.into_iter())?;
    backend.put(&STATEMENT_DAYS, &rows.into_values().collect::<Vec<_>>())?;
    let held = latest_samples(backend)?;
    for sample in samples {
        if held.iter().all(|held| held.server != sample.server || held.at < sample.at) {
            put_sample(backend, sample)?;
        }
    }
    Ok(())
}

/// The days of servers of which an offer covers more than what is held. They are taken as a whole: figures of two
/// histories do not add up.
fn better_covered<'a>(held: &[CountedDays], offered: &'a [CountedDays]) -> BTreeSet<(&'a str, i64)> {
    let seconds = |server: &str, day: i64| {
        let days = held.iter().filter(|counted| counted.server == server).flat_map(|counted| &counted.days);
        days.filter(|counted| counted.day == day).map(|counted| counted.seconds).next()
    };
    let better = |server: &'a CountedDays| {
        let better =
            |day: &&CountedDay| seconds(&server.server, day.day).is_none_or(|held| day.seconds > held);
        server.days.iter().filter(better).map(|day| (server.server.as_str(), day.day))
    };
    offered.iter().flat_map(better).collect()
}

/// Deletes what statements did on these days of servers.
fn forget_days(backend: &dyn Backend, days: &BTreeSet<(&str, i64)>) -> Result<(), BackendError> {
    let servers: BTreeMap<i64, String> = {
        let known: Vec<StatementRow> = backend.rows(&STATEMENTS, Filter::ALL)?;
        let concerned =
            known.into_iter().filter(|row| days.iter().any(|(server, _)| *server == row.name.server));
        concerned.map(|row| (row.id, row.name.server)).collect()
    };
    let ids: Vec<i64> = servers.keys().copied().collect();
    let mut forgotten = Vec::new();
    backend.each(&STATEMENT_DAYS, Filter::owners(&ids), |row: StatementDayRow| {
        let server = servers.get(&row.statement).map_or("", String::as_str);
        if days.contains(&(server, row.day.day)) {
            forgotten.push(row);
        }
    })?;
    backend.remove(&STATEMENT_DAYS, &forgotten)
}

/// Makes sure that statements are held, each with its text once that is known.
fn put_statements(
    backend: &dyn Backend,
    statements: impl Iterator<Item = (StatementName, Option<String>)>,
) -> Result<(), BackendError> {
    let mut all: BTreeMap<i64, StatementRow> = BTreeMap::new();
    for (name, text) in statements {
        let id = statement_id(&name);
        let row = all.entry(id).or_insert(StatementRow { id, name, text: None });
        row.text = text.or(row.text.take());
    }
    let ids: Vec<i64> = all.keys().copied().collect();
    backend.each(&STATEMENTS, Filter::owners(&ids), |held: StatementRow| {
        if all.get(&held.id).is_some_and(|row| row.text.is_none() || row.text == held.text) {
            all.remove(&held.id);
        }
    })?;
    backend.put(&STATEMENTS, &all.into_values().collect::<Vec<_>>())
}

/// Adds to how much of each day the counters of a server cover.
fn add_counted_days(backend: &dyn Backend, server: &str, days: &[CountedDay]) -> Result<(), BackendError> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(()) };
    let row = |day: &CountedDay| (day.day, CountedDayRow { server: server.to_owned(), counted: *day });
    let mut rows: BTreeMap<i64, CountedDayRow> = days.iter().map(row).collect();
    backend.each(&COUNTED_DAYS, Filter::periods(first.day, last.day + 1), |held: CountedDayRow| {
        if let Some(row) = rows.get_mut(&held.counted.day).filter(|_| held.server == server) {
            let (sum, held) = (&mut row.counted, held.counted);
            sum.seconds += held.seconds;
            sum.resets = sum.resets.saturating_add(held.resets);
            sum.evictions = sum.evictions.saturating_add(held.evictions);
            sum.hidden = sum.hidden.max(held.hidden);
        }
    })?;
    backend.put(&COUNTED_DAYS, &rows.into_values().collect::<Vec<_>>())
}

/// Adds to what statements did on each day.
fn add_statement_days(backend: &dyn Backend, rows: Vec<StatementDayRow>) -> Result<(), BackendError> {
    let days = || rows.iter().map(|row| row.day.day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(()) };
    let mut rows: BTreeMap<(i64, i64), StatementDayRow> =
        rows.into_iter().map(|row| ((row.statement, row.day.day), row)).collect();
    let ids: Vec<i64> =
        rows.keys().map(|(statement, _)| *statement).collect::<BTreeSet<_>>().into_iter().collect();
    backend.each(
        &STATEMENT_DAYS,
        Filter::owners(&ids).within(first, last + 1),
        |held: StatementDayRow| {
            if let Some(row) = rows.get_mut(&(held.statement, held.day.day)) {
                row.day.calls += held.day.calls;
                row.day.seconds += held.day.seconds;
            }
        },
    )?;
    backend.put(&STATEMENT_DAYS, &rows.into_values().collect::<Vec<_>>())
}

fn put_sample(backend: &dyn Backend, sample: &StatementSnapshot) -> Result<(), BackendError> {
    // Plain data with text for keys can always be serialized.
    let value = serde_json::to_string(sample).unwrap_or_default();
    backend.put(&LATEST_SAMPLES, &[TextRow { key: sample.server.clone(), value }])
}

/// The newest sample of each server. A damaged one counts as none; `verify` reports it.
pub(super) fn latest_samples(backend: &dyn Backend) -> Result<Vec<StatementSnapshot>, BackendError> {
    let rows: Vec<TextRow> = backend.rows(&LATEST_SAMPLES, Filter::ALL)?;
    let mut samples: Vec<StatementSnapshot> =
        rows.iter().filter_map(|row| serde_json::from_str(&row.value).ok()).collect();
    samples.sort_by(|sample, other| sample.server.cmp(&other.server));
    Ok(samples)
}

/// What statements did on the days that lie wholly within a range.
pub(super) fn statements(backend: &dyn Backend, range: Range) -> Result<Statements, BackendError> {
    let (from, to) = range.periods(Resolution::Day);
    let known: Vec<StatementRow> = backend.rows(&STATEMENTS, Filter::ALL)?;
    let known: BTreeMap<i64, StatementRow> = known.into_iter().map(|row| (row.id, row)).collect();
    let mut days: Vec<(StatementName, Option<String>, StatementDay)> = Vec::new();
    backend.each(&STATEMENT_DAYS, Filter::periods(from, to), |row: StatementDayRow| {
        if let Some(StatementRow { name, text, .. }) = known.get(&row.statement) {
            days.push((name.clone(), text.clone(), row.day));
        }
    })?;
    Ok(Statements { servers: servers(backend, range)?, statements: gathered(days) })
}

/// How much is known of each server on those days.
fn servers(backend: &dyn Backend, range: Range) -> Result<Vec<CountedDays>, BackendError> {
    let (from, to) = range.periods(Resolution::Day);
    let rows: Vec<CountedDayRow> = backend.rows(&COUNTED_DAYS, Filter::periods(from, to))?;
    Ok(by_server(rows.into_iter().map(|row| (row.server, row.counted)).collect()))
}

/// Everything that is wrong with what is held of statements.
pub(super) fn errors(backend: &dyn Backend) -> Result<Vec<String>, BackendError> {
    let samples: Vec<TextRow> = backend.rows(&LATEST_SAMPLES, Filter::ALL)?;
    let damaged = samples.iter().filter(|row| {
        serde_json::from_str::<StatementSnapshot>(&row.value).map_or(true, |sample| sample.server != row.key)
    });
    let mut errors: Vec<String> =
        damaged.map(|row| format!("the newest sample of the statements of {} is damaged", row.key)).collect();
    let known: Vec<StatementRow> = backend.rows(&STATEMENTS, Filter::ALL)?;
    let wrong = known.iter().filter(|row| statement_id(&row.name) != row.id);
    errors.extend(wrong.map(|row| format!("statement {} of {} has a wrong id", row.id, row.name.server)));
    let ids: BTreeSet<i64> = known.iter().map(|row| row.id).collect();
    let mut orphans = 0;
    backend.each(&STATEMENT_DAYS, Filter::ALL, |row: StatementDayRow| {
        orphans += usize::from(!ids.contains(&row.statement));
    })?;
    if orphans > 0 {
        errors.push(format!("{orphans} days belong to no statement"));
    }
    errors.extend(impossible_days(&statements(backend, Range::ALL)?));
    Ok(errors)
}

/// What cannot be true of any server.
pub(super) fn impossible_days(statements: &Statements) -> Vec<String> {
    let longest = DAY_MS as f64 / 1000.0;
    let counted = statements.servers.iter().flat_map(|server| {
        // A little more, because parts of a day add up to it with the errors of their sums.
        let impossible = server.days.iter().filter(move |day| !(0.0..=longest + 1.0).contains(&day.seconds));
        impossible
            .map(|day| format!("{}, day {}: {} s counted in a day", server.server, day.day, day.seconds))
    });
    let did = statements.statements.iter().flat_map(|statement| {
        let impossible = statement.days.iter().filter(|day| !is_possible(day));
        impossible.map(|day| {
            let (server, query) = (&statement.name.server, statement.name.query);
            format!("{server}, statement {query}, day {}: {} calls in {} s", day.day, day.calls, day.seconds)
        })
    });
    counted.chain(did).collect()
}

fn is_possible(day: &StatementDay) -> bool {
    day.calls > 0.0 && day.seconds >= 0.0 && day.calls.is_finite() && day.seconds.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_a_name_distinguishes_statements() {
        let id = |role, database, query, toplevel, server: &str| {
            statement_id(&StatementName { server: server.to_owned(), role, database, query, toplevel })
        };
        let mut ids = vec![
            id(10, 5, -7, true, "db:5432/shop"),
            id(11, 5, -7, true, "db:5432/shop"),
            id(10, 6, -7, true, "db:5432/shop"),
            id(10, 5, 7, true, "db:5432/shop"),
            id(10, 5, -7, false, "db:5432/shop"),
            id(10, 5, -7, true, "db:5432/shop2"),
        ];
        // Files everywhere hold these ids, so that they must never change.
        assert_eq!(ids[0], 2_431_073_920_646_682_614);
        assert!(ids.iter().all(|id| *id >= 0));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }
}
