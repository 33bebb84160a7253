//! What statements did: looks at their counters, and the days in between.

use std::collections::BTreeMap;

use super::names::clean;
use crate::{
    history::{
        Range, Resolution,
        statements::{Held, number_of},
    },
    source::postgres::{Blocking, Row, Trouble, Type},
    statements::{
        CountedDay, CountedDays, StatementDay, StatementDays, StatementLook, StatementName, Statements,
        growth, texts,
    },
};

/// So many rows go into one statement.
const ROWS: usize = 5000;

/// What becomes of a day that is held already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// More of it was learnt.
    Add,
    /// Those figures stand which tell more of it.
    Larger,
}

/// Adds to the days what happened since the newest look at the same server, and takes this one in its place.
pub(super) fn append(session: &Blocking, look: &StatementLook) -> Result<(), Trouble> {
    let newest = newest(session, &look.server)?;
    let Some(growth) = growth(newest.as_ref(), look) else { return Ok(()) };
    let texts = texts(look).map(|(name, text)| (name, Some(text.to_owned())));
    keep(session, growth.statements.iter().map(|(name, _)| (name.clone(), None)).chain(texts))?;
    let server = CountedDays { server: look.server.clone(), days: growth.counted };
    count(session, &server, Known::Add)?;
    let days: Vec<(i64, StatementDay)> = growth
        .statements
        .iter()
        .flat_map(|(name, days)| days.iter().map(move |day| (number_of(name), *day)))
        .collect();
    put_days(session, &days, Known::Add)?;
    put(session, look)
}

/// Takes in what another history gave out. Of a day that is held already, those figures stand which tell more of it.
pub(super) fn import(
    session: &Blocking,
    statements: &Statements,
    looks: &[StatementLook],
) -> Result<(), Trouble> {
    for server in &statements.servers {
        count(session, server, Known::Larger)?;
    }
    keep(session, statements.statements.iter().map(|one| (one.name.clone(), one.text.clone())))?;
    let days = |one: &StatementDays| {
        let number = number_of(&one.name);
        one.days.iter().map(|day| (number, *day)).collect::<Vec<_>>()
    };
    // One of each day, whatever stands in the text.
    let mut all: Vec<(i64, StatementDay)> = statements.statements.iter().flat_map(days).collect();
    all.sort_by(|(one, a), (other, b)| (one, a.day).cmp(&(other, b.day)).then(b.calls.total_cmp(&a.calls)));
    all.dedup_by_key(|(number, day)| (*number, day.day));
    put_days(session, &all, Known::Larger)?;
    for look in looks {
        if newest(session, &look.server)?.is_none_or(|held| held.at < look.at) {
            put(session, look)?;
        }
    }
    Ok(())
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

fn count(session: &Blocking, server: &CountedDays, known: Known) -> Result<(), Trouble> {
    let update = match known {
        Known::Add => {
            "seconds = counted_days.seconds + excluded.seconds, resets = counted_days.resets + excluded.resets,
             evictions = counted_days.evictions + excluded.evictions"
        }
        Known::Larger => {
            "seconds = excluded.seconds, resets = excluded.resets, evictions = excluded.evictions
             WHERE excluded.seconds > counted_days.seconds"
        }
    };
    let statement = format!(
        "INSERT INTO scale_advisor.counted_days (server, day, seconds, resets, evictions)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (server, day) DO UPDATE SET {update}"
    );
    for CountedDay { day, seconds, resets, evictions } in &server.days {
        session.execute(
            &statement,
            &[
                (&clean(&server.server), Type::TEXT),
                (day, Type::INT8),
                (seconds, Type::FLOAT8),
                (&whole(*resets), Type::INT8),
                (&whole(*evictions), Type::INT8),
            ],
        )?;
    }
    Ok(())
}

fn put_days(session: &Blocking, days: &[(i64, StatementDay)], known: Known) -> Result<(), Trouble> {
    let update = match known {
        Known::Add => {
            "calls = statement_days.calls + excluded.calls, seconds = statement_days.seconds + excluded.seconds"
        }
        Known::Larger => {
            "calls = excluded.calls, seconds = excluded.seconds WHERE excluded.calls > statement_days.calls"
        }
    };
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
fn newest(session: &Blocking, server: &str) -> Result<Option<StatementLook>, Trouble> {
    let found: Vec<String> = session.rows(
        "SELECT json FROM scale_advisor.looks WHERE server = $1",
        &[(&clean(server), Type::TEXT)],
        |row| Ok(row.try_get(0)?),
    )?;
    Ok(found.first().and_then(|json| serde_json::from_str(json).ok()))
}

fn put(session: &Blocking, look: &StatementLook) -> Result<(), Trouble> {
    // Plain data with text for keys can always be written down, and JSON escapes what no text of PostgreSQL can hold.
    let json = serde_json::to_string(look).unwrap_or_default();
    session.execute(
        "INSERT INTO scale_advisor.looks (server, json) VALUES ($1, $2)
         ON CONFLICT (server) DO UPDATE SET json = excluded.json",
        &[(&clean(&look.server), Type::TEXT), (&json, Type::TEXT)],
    )?;
    Ok(())
}

/// Whether there are such tables: those of an older version may be read before they are written to.
fn exist(session: &Blocking) -> Result<bool, Trouble> {
    let table =
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'scale_advisor' AND tablename = 'looks'";
    Ok(!session.rows(table, &[], |_| Ok(()))?.is_empty())
}

/// The newest look at each server.
pub(super) fn looks(session: &Blocking) -> Result<Vec<StatementLook>, Trouble> {
    if !exist(session)? {
        return Ok(Vec::new());
    }
    let texts = looks_as_text(session)?;
    Ok(texts.iter().filter_map(|(_, json)| serde_json::from_str(json).ok()).collect())
}

/// The same as it is written there, by the name of the server.
fn looks_as_text(session: &Blocking) -> Result<Vec<(String, String)>, Trouble> {
    let mut found = session.rows("SELECT server, json FROM scale_advisor.looks", &[], |row| {
        Ok((row.try_get(0)?, row.try_get(1)?))
    })?;
    found.sort();
    Ok(found)
}

/// What statements did on the days that lie wholly within a range.
pub(super) fn read(session: &Blocking, range: Range) -> Result<Statements, Trouble> {
    if !exist(session)? {
        return Ok(Statements::default());
    }
    let (from, to) = range.periods(Resolution::Day);
    let range = [(&from as _, Type::INT8), (&to as _, Type::INT8)];
    let counted = session.rows(
        "SELECT server, day, seconds, resets, evictions FROM scale_advisor.counted_days
         WHERE day >= $1 AND day < $2",
        &range,
        |row| {
            let count = |column| row.try_get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
            let (day, seconds) = (row.try_get(1)?, row.try_get(2)?);
            Ok((row.try_get(0)?, CountedDay { day, seconds, resets: count(3)?, evictions: count(4)? }))
        },
    )?;
    let did = session.rows(
        "SELECT server, role, database, query, toplevel, text, day, calls, seconds
         FROM scale_advisor.statement_days JOIN scale_advisor.statements ON statements.id = statement_days.statement
         WHERE day >= $1 AND day < $2",
        &range,
        |row| {
            let (day, calls, seconds) = (row.try_get(6)?, row.try_get(7)?, row.try_get(8)?);
            Ok((named(row)?, row.try_get(5)?, StatementDay { day, calls, seconds }))
        },
    )?;
    Ok(Statements::gathered(counted, did))
}

/// What is wrong with what is held of statements.
pub(super) fn verify(session: &Blocking) -> Result<Vec<String>, Trouble> {
    if !exist(session)? {
        return Ok(Vec::new());
    }
    let names = session.rows(
        "SELECT server, role, database, query, toplevel, id FROM scale_advisor.statements",
        &[],
        |row| Ok((named(row)?, row.try_get(5)?)),
    )?;
    let orphans = session.rows(
        "SELECT count(*) FROM scale_advisor.statement_days AS days
         WHERE NOT EXISTS (SELECT 1 FROM scale_advisor.statements WHERE statements.id = days.statement)",
        &[],
        |row| Ok(row.try_get(0)?),
    )?;
    let held = Held {
        looks: looks_as_text(session)?,
        names,
        orphans: orphans.first().copied().unwrap_or(0),
        days: read(session, Range::ALL)?,
    };
    Ok(held.mistakes())
}

/// The name of a row that begins with it.
fn named(row: &Row) -> Result<StatementName, Trouble> {
    Ok(StatementName {
        server: row.try_get(0)?,
        role: row.try_get(1)?,
        database: row.try_get(2)?,
        query: row.try_get(3)?,
        toplevel: row.try_get(4)?,
    })
}

/// PostgreSQL's whole numbers have a sign.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
