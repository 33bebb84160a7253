//! What statements did: looks at their counters, and the days in between.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    history::{
        Range, Resolution,
        statements::{Held, number_of},
    },
    statements::{
        CountedDay, CountedDays, StatementDay, StatementDays, StatementLook, StatementName, Statements,
        growth, texts,
    },
};

/// Adds to the days what happened since the newest look at the same server, and takes this one in its place.
pub(super) fn append(connection: &Connection, look: &StatementLook) -> rusqlite::Result<()> {
    let newest = newest(connection, &look.server)?;
    let Some(growth) = growth(newest.as_ref(), look) else { return Ok(()) };
    let mut add = connection.prepare_cached(
        "INSERT INTO counted_days (server, day, seconds, resets, evictions) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (server, day) DO UPDATE SET seconds = seconds + excluded.seconds,
             resets = resets + excluded.resets, evictions = evictions + excluded.evictions",
    )?;
    for CountedDay { day, seconds, resets, evictions } in growth.counted {
        add.execute(params![look.server, day, seconds, whole(resets), whole(evictions)])?;
    }
    let mut add = connection.prepare_cached(
        "INSERT INTO statement_days (statement, day, calls, seconds) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (statement, day) DO UPDATE SET calls = calls + excluded.calls,
             seconds = seconds + excluded.seconds",
    )?;
    for (name, days) in &growth.statements {
        let number = keep(connection, name, None)?;
        for StatementDay { day, calls, seconds } in days {
            add.execute(params![number, day, calls, seconds])?;
        }
    }
    for (name, text) in texts(look) {
        keep(connection, &name, Some(text))?;
    }
    put(connection, look)
}

/// Takes in what another history gave out. Of a day that is held already, those figures stand which tell more of it.
pub(super) fn import(
    connection: &Connection,
    statements: &Statements,
    looks: &[StatementLook],
) -> rusqlite::Result<()> {
    let mut keep_more = connection.prepare_cached(
        "INSERT INTO counted_days (server, day, seconds, resets, evictions) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (server, day) DO UPDATE SET seconds = excluded.seconds, resets = excluded.resets,
             evictions = excluded.evictions
         WHERE excluded.seconds > seconds",
    )?;
    for CountedDays { server, days } in &statements.servers {
        for CountedDay { day, seconds, resets, evictions } in days {
            keep_more.execute(params![server, day, seconds, whole(*resets), whole(*evictions)])?;
        }
    }
    let mut keep_more = connection.prepare_cached(
        "INSERT INTO statement_days (statement, day, calls, seconds) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (statement, day) DO UPDATE SET calls = excluded.calls, seconds = excluded.seconds
         WHERE excluded.calls > calls",
    )?;
    for StatementDays { name, text, days } in &statements.statements {
        let number = keep(connection, name, text.as_deref())?;
        for StatementDay { day, calls, seconds } in days {
            keep_more.execute(params![number, day, calls, seconds])?;
        }
    }
    for look in looks {
        if newest(connection, &look.server)?.is_none_or(|held| held.at < look.at) {
            put(connection, look)?;
        }
    }
    Ok(())
}

/// Makes sure that a statement is there, with its text once that is known. Returns its number.
fn keep(connection: &Connection, name: &StatementName, text: Option<&str>) -> rusqlite::Result<i64> {
    let StatementName { server, role, database, query, toplevel } = name;
    let number = number_of(name);
    connection
        .prepare_cached(
            "INSERT INTO statements (id, server, role, database, query, toplevel, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET text = excluded.text
             WHERE excluded.text IS NOT NULL AND excluded.text IS NOT text",
        )?
        .execute(params![number, server, role, database, query, toplevel, text])?;
    Ok(number)
}

/// The newest look at a server. One that is damaged is as good as none; `verify` tells of it.
fn newest(connection: &Connection, server: &str) -> rusqlite::Result<Option<StatementLook>> {
    let found: Option<String> = connection
        .prepare_cached("SELECT json FROM looks WHERE server = ?1")?
        .query_row([server], |row| row.get(0))
        .optional()?;
    Ok(found.and_then(|json| serde_json::from_str(&json).ok()))
}

fn put(connection: &Connection, look: &StatementLook) -> rusqlite::Result<()> {
    // Plain data with text for keys can always be written down.
    let json = serde_json::to_string(look).unwrap_or_default();
    connection
        .prepare_cached("REPLACE INTO looks (server, json) VALUES (?1, ?2)")?
        .execute([&look.server, &json])?;
    Ok(())
}

/// Whether there are such tables: a file of an older version may be read before it is written to.
fn exist(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'looks'", [], |row| row.get(0))
}

/// The newest look at each server.
pub(super) fn looks(connection: &Connection) -> rusqlite::Result<Vec<StatementLook>> {
    if !exist(connection)? {
        return Ok(Vec::new());
    }
    let mut found = connection.prepare("SELECT json FROM looks ORDER BY server")?;
    let texts: Vec<String> = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(texts.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
}

/// What statements did on the days that lie wholly within a range.
pub(super) fn read(connection: &Connection, range: Range) -> rusqlite::Result<Statements> {
    if !exist(connection)? {
        return Ok(Statements::default());
    }
    let (from, to) = range.periods(Resolution::Day);
    let mut counted = connection.prepare(
        "SELECT server, day, seconds, resets, evictions FROM counted_days WHERE day >= ?1 AND day < ?2",
    )?;
    let counted = counted.query_map([from, to], |row| {
        let count = |column| row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
        let day =
            CountedDay { day: row.get(1)?, seconds: row.get(2)?, resets: count(3)?, evictions: count(4)? };
        Ok((row.get(0)?, day))
    })?;
    let mut did = connection.prepare(
        "SELECT server, role, database, query, toplevel, text, day, calls, seconds
         FROM statement_days JOIN statements ON statements.id = statement_days.statement
         WHERE day >= ?1 AND day < ?2",
    )?;
    let did = did.query_map([from, to], |row| {
        Ok((
            named(row)?,
            row.get(5)?,
            StatementDay { day: row.get(6)?, calls: row.get(7)?, seconds: row.get(8)? },
        ))
    })?;
    Ok(Statements::gathered(counted.collect::<rusqlite::Result<_>>()?, did.collect::<rusqlite::Result<_>>()?))
}

/// SQLite's whole numbers have a sign.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What is wrong with what is held of statements.
pub(super) fn verify(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    if !exist(connection)? {
        return Ok(Vec::new());
    }
    let mut looks = connection.prepare("SELECT server, json FROM looks")?;
    let looks = looks.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns = "server, role, database, query, toplevel";
    let mut names = connection.prepare(&format!("SELECT {columns}, id FROM statements"))?;
    let names = names.query_map([], |row| Ok((named(row)?, row.get(5)?)))?;
    let orphans = connection.query_row(
        "SELECT count(*) FROM statement_days WHERE statement NOT IN (SELECT id FROM statements)",
        [],
        |row| row.get(0),
    )?;
    let held = Held {
        looks: looks.collect::<rusqlite::Result<_>>()?,
        names: names.collect::<rusqlite::Result<_>>()?,
        orphans,
        days: read(connection, Range::ALL)?,
    };
    Ok(held.mistakes())
}

/// The name of a row that begins with it.
fn named(row: &Row<'_>) -> rusqlite::Result<StatementName> {
    let (server, role, database) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(StatementName { server, role, database, query: row.get(3)?, toplevel: row.get(4)? })
}

#[cfg(test)]
mod tests;
