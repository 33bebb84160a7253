//! What statements did: looks at their counters, and the days in between.

mod read;
#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension, params};

pub(super) use read::{looks, read, verify};

use crate::{
    history::{
        Range,
        statements::{fuller, number_of},
    },
    statements::{
        CountedDay, CountedDays, StatementDay, StatementDays, StatementName, StatementSnapshot, Statements,
        growth, texts,
    },
};

/// Adds to the days what happened since the newest look at the same server, and takes this one in its place.
pub(super) fn append(connection: &Connection, look: &StatementSnapshot) -> rusqlite::Result<()> {
    let newest = newest(connection, &look.server)?;
    let Some(growth) = growth(newest.as_ref(), look) else { return Ok(()) };
    let mut add = connection.prepare_cached(
        "INSERT INTO counted_days (server, day, seconds, resets, evictions, hidden) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (server, day) DO UPDATE SET seconds = seconds + excluded.seconds,
             resets = resets + excluded.resets, evictions = evictions + excluded.evictions,
             hidden = max(hidden, excluded.hidden)",
    )?;
    for CountedDay { day, seconds, resets, evictions, hidden } in growth.counted {
        add.execute(params![look.server, day, seconds, whole(resets), whole(evictions), whole(hidden)])?;
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

/// Takes in what another history gave out: of each day of a server, the figures that tell of more of it.
pub(super) fn import(
    connection: &Connection,
    statements: &Statements,
    looks: &[StatementSnapshot],
) -> rusqlite::Result<()> {
    let held = read::servers(connection, Range::ALL)?;
    let taken = fuller(&held, &statements.servers);
    let mut forget = connection.prepare_cached(
        "DELETE FROM statement_days WHERE day = ?2 AND statement IN (SELECT id FROM statements WHERE server = ?1)",
    )?;
    let mut put_day =
        connection.prepare_cached("REPLACE INTO counted_days VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for CountedDays { server, days } in &statements.servers {
        for one in days.iter().filter(|one| taken.contains(&(server, one.day))) {
            let CountedDay { day, seconds, resets, evictions, hidden } = one;
            forget.execute(params![server, day])?;
            put_day.execute(params![
                server,
                day,
                seconds,
                whole(*resets),
                whole(*evictions),
                whole(*hidden)
            ])?;
        }
    }
    let mut put_day = connection.prepare_cached("REPLACE INTO statement_days VALUES (?1, ?2, ?3, ?4)")?;
    for StatementDays { name, text, days } in &statements.statements {
        let mut days = days.iter().filter(|one| taken.contains(&(name.server.as_str(), one.day))).peekable();
        if days.peek().is_none() {
            continue;
        }
        let number = keep(connection, name, text.as_deref())?;
        for StatementDay { day, calls, seconds } in days {
            put_day.execute(params![number, day, calls, seconds])?;
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
fn newest(connection: &Connection, server: &str) -> rusqlite::Result<Option<StatementSnapshot>> {
    let found: Option<String> = connection
        .prepare_cached("SELECT json FROM looks WHERE server = ?1")?
        .query_row([server], |row| row.get(0))
        .optional()?;
    Ok(found.and_then(|json| serde_json::from_str(&json).ok()))
}

fn put(connection: &Connection, look: &StatementSnapshot) -> rusqlite::Result<()> {
    // Plain data with text for keys can always be written down.
    let json = serde_json::to_string(look).unwrap_or_default();
    connection
        .prepare_cached("REPLACE INTO looks (server, json) VALUES (?1, ?2)")?
        .execute([&look.server, &json])?;
    Ok(())
}

/// SQLite's whole numbers have a sign.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
