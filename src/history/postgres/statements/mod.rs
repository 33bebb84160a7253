//! What statements did: looks at their counters, and the days in between.

mod read;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use read::{looks, read, verify};

use super::names::clean;
use crate::{
    history::{
        Range,
        statements::{fuller, number_of},
    },
    postgres::{Blocking, Trouble, Type},
    statements::{
        CountedDay, CountedDays, StatementDay, StatementDays, StatementName, StatementSnapshot, Statements,
        growth, texts,
    },
};

/// So many rows go into one statement.
const ROWS: usize = 5000;

/// Adds to the days what happened since the newest look at the same server, and takes this one in its place.
pub(super) fn append(session: &Blocking, look: &StatementSnapshot) -> Result<(), Trouble> {
    let newest = newest(session, &look.server)?;
    let Some(growth) = growth(newest.as_ref(), look) else { return Ok(()) };
    let texts = texts(look).map(|(name, text)| (name, Some(text.to_owned())));
    keep(session, growth.statements.iter().map(|(name, _)| (name.clone(), None)).chain(texts))?;
    for day in &growth.counted {
        put_counted(
            session,
            &look.server,
            day,
            "seconds = counted_days.seconds + excluded.seconds, resets = counted_days.resets + excluded.resets,
             evictions = counted_days.evictions + excluded.evictions,
             hidden = greatest(counted_days.hidden, excluded.hidden)",
        )?;
    }
    let days: Vec<(i64, StatementDay)> = growth
        .statements
        .iter()
        .flat_map(|(name, days)| days.iter().map(move |day| (number_of(name), *day)))
        .collect();
    put_days(
        session,
        &days,
        "calls = statement_days.calls + excluded.calls, seconds = statement_days.seconds + excluded.seconds",
    )?;
    put(session, look)
}

/// Takes in what another history gave out: of each day of a server, the figures that tell of more of it.
pub(super) fn import(
    session: &Blocking,
    statements: &Statements,
    looks: &[StatementSnapshot],
) -> Result<(), Trouble> {
    let held = read::servers(session, Range::ALL)?;
    let taken = fuller(&held, &statements.servers);
    for (server, day) in &taken {
        session.execute(
            "DELETE FROM scale_advisor.statement_days
             WHERE day = $2 AND statement IN (SELECT id FROM scale_advisor.statements WHERE server = $1)",
            &[(&clean(server), Type::TEXT), (day, Type::INT8)],
        )?;
    }
    for CountedDays { server, days } in &statements.servers {
        for day in days.iter().filter(|one| taken.contains(&(server, one.day))) {
            put_counted(
                session,
                server,
                day,
                "seconds = excluded.seconds, resets = excluded.resets, evictions = excluded.evictions,
                 hidden = excluded.hidden",
            )?;
        }
    }
    import_days(session, &statements.statements, &taken)?;
    for look in looks {
        if newest(session, &look.server)?.is_none_or(|held| held.at < look.at) {
            put(session, look)?;
        }
    }
    Ok(())
}

fn import_days(
    session: &Blocking,
    statements: &[StatementDays],
    taken: &BTreeSet<(&str, i64)>,
) -> Result<(), Trouble> {
    let mut kept = Vec::new();
    // One of each day, whatever stands in the text.
    let mut days: BTreeMap<(i64, i64), StatementDay> = BTreeMap::new();
    for StatementDays { name, text, days: offered } in statements {
        let offered = offered.iter().filter(|one| taken.contains(&(name.server.as_str(), one.day)));
        let before = days.len();
        days.extend(offered.map(|day| ((number_of(name), day.day), *day)));
        if days.len() > before {
            kept.push((name.clone(), text.clone()));
        }
    }
    keep(session, kept.into_iter())?;
    let days: Vec<(i64, StatementDay)> = days.into_iter().map(|((number, _), day)| (number, day)).collect();
    put_days(session, &days, "calls = excluded.calls, seconds = excluded.seconds")
}

/// Makes sure that statements are there, each with its text once that is known.
fn keep(
    session: &Blocking,
    statements: impl Iterator<Item = (StatementName, Option<String>)>,
) -> Result<(), Trouble> {
    let mut all: BTreeMap<i64, (StatementName, Option<String>)> = BTreeMap::new();
    for (name, text) in statements {
        let one = all.entry(number_of(&name)).or_insert((name, None));
        one.1 = text.or(one.1.take());
    }
    let all: Vec<_> = all.into_iter().collect();
    for rows in all.chunks(ROWS) {
        let whole =
            |of: fn(&StatementName) -> i64| rows.iter().map(|(_, (name, _))| of(name)).collect::<Vec<_>>();
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let servers: Vec<String> = rows.iter().map(|(_, (name, _))| clean(&name.server)).collect();
        let toplevel: Vec<bool> = rows.iter().map(|(_, (name, _))| name.toplevel).collect();
        let texts: Vec<Option<String>> =
            rows.iter().map(|(_, (_, text))| text.as_deref().map(clean)).collect();
        session.execute(
            "INSERT INTO scale_advisor.statements (id, server, role, database, query, toplevel, text)
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[],
                 $7::text[])
             ON CONFLICT (id) DO UPDATE SET text = excluded.text
             WHERE excluded.text IS NOT NULL AND excluded.text IS DISTINCT FROM statements.text",
            &[
                (&ids, Type::INT8_ARRAY),
                (&servers, Type::TEXT_ARRAY),
                (&whole(|name| name.role), Type::INT8_ARRAY),
                (&whole(|name| name.database), Type::INT8_ARRAY),
                (&whole(|name| name.query), Type::INT8_ARRAY),
                (&toplevel, Type::BOOL_ARRAY),
                (&texts, Type::TEXT_ARRAY),
            ],
        )?;
    }
    Ok(())
}

/// Writes how much of a day is known; `update` says what becomes of one that is held.
fn put_counted(session: &Blocking, server: &str, day: &CountedDay, update: &str) -> Result<(), Trouble> {
    let statement = format!(
        "INSERT INTO scale_advisor.counted_days (server, day, seconds, resets, evictions, hidden)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (server, day) DO UPDATE SET {update}"
    );
    session.execute(
        &statement,
        &[
            (&clean(server), Type::TEXT),
            (&day.day, Type::INT8),
            (&day.seconds, Type::FLOAT8),
            (&whole(day.resets), Type::INT8),
            (&whole(day.evictions), Type::INT8),
            (&whole(day.hidden), Type::INT8),
        ],
    )?;
    Ok(())
}

/// Writes what statements did; `update` says what becomes of days that are held.
fn put_days(session: &Blocking, days: &[(i64, StatementDay)], update: &str) -> Result<(), Trouble> {
    let statement = format!(
        "INSERT INTO scale_advisor.statement_days (statement, day, calls, seconds)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::double precision[], $4::double precision[])
         ON CONFLICT (statement, day) DO UPDATE SET {update}"
    );
    for rows in days.chunks(ROWS) {
        let whole = |of: fn(&(i64, StatementDay)) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
        let number = |of: fn(&StatementDay) -> f64| rows.iter().map(|(_, day)| of(day)).collect::<Vec<f64>>();
        session.execute(
            &statement,
            &[
                (&whole(|(statement, _)| *statement), Type::INT8_ARRAY),
                (&whole(|(_, day)| day.day), Type::INT8_ARRAY),
                (&number(|day| day.calls), Type::FLOAT8_ARRAY),
                (&number(|day| day.seconds), Type::FLOAT8_ARRAY),
            ],
        )?;
    }
    Ok(())
}

/// The newest look at a server. One that is damaged is as good as none; `verify` tells of it.
fn newest(session: &Blocking, server: &str) -> Result<Option<StatementSnapshot>, Trouble> {
    let found: Vec<String> = session.rows(
        "SELECT json FROM scale_advisor.looks WHERE server = $1",
        &[(&clean(server), Type::TEXT)],
        |row| Ok(row.try_get(0)?),
    )?;
    Ok(found.first().and_then(|json| serde_json::from_str(json).ok()))
}

fn put(session: &Blocking, look: &StatementSnapshot) -> Result<(), Trouble> {
    // Plain data with text for keys can always be written down, and JSON escapes what no text of PostgreSQL can hold.
    let json = serde_json::to_string(look).unwrap_or_default();
    session.execute(
        "INSERT INTO scale_advisor.looks (server, json) VALUES ($1, $2)
         ON CONFLICT (server) DO UPDATE SET json = excluded.json",
        &[(&clean(&look.server), Type::TEXT), (&json, Type::TEXT)],
    )?;
    Ok(())
}

/// PostgreSQL's whole numbers have a sign.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
