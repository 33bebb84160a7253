//! Reading what statements did.

use rusqlite::{Connection, Row};

use crate::{
    history::{Range, Resolution, statements::Held},
    statements::{
        CountedDay, CountedDays, StatementDay, StatementName, StatementSnapshot, Statements, by_server,
        gathered,
    },
};

/// Whether there are such tables: a file of an older version may be read before it is written to.
fn exist(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'looks'", [], |row| row.get(0))
}

/// The newest look at each server.
pub(in crate::history::sqlite) fn looks(connection: &Connection) -> rusqlite::Result<Vec<StatementSnapshot>> {
    if !exist(connection)? {
        return Ok(Vec::new());
    }
    let mut found = connection.prepare("SELECT json FROM looks ORDER BY server")?;
    let texts: Vec<String> = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(texts.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
}

/// What statements did on the days that lie wholly within a range.
pub(in crate::history::sqlite) fn read(
    connection: &Connection,
    range: Range,
) -> rusqlite::Result<Statements> {
    if !exist(connection)? {
        return Ok(Statements::default());
    }
    let (from, to) = range.periods(Resolution::Day);
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
    Ok(Statements {
        servers: servers(connection, range)?,
        statements: gathered(did.collect::<rusqlite::Result<_>>()?),
    })
}

/// How much is known of each server on those days.
pub(super) fn servers(connection: &Connection, range: Range) -> rusqlite::Result<Vec<CountedDays>> {
    let (from, to) = range.periods(Resolution::Day);
    let mut counted = connection.prepare(
        "SELECT server, day, seconds, resets, evictions, hidden FROM counted_days WHERE day >= ?1 AND day < ?2",
    )?;
    let counted = counted.query_map([from, to], |row| {
        let count = |column| row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
        let (day, seconds, resets) = (row.get(1)?, row.get(2)?, count(3)?);
        Ok((row.get(0)?, CountedDay { day, seconds, resets, evictions: count(4)?, hidden: count(5)? }))
    })?;
    Ok(by_server(counted.collect::<rusqlite::Result<_>>()?))
}

/// What is wrong with what is held of statements.
pub(in crate::history::sqlite) fn verify(connection: &Connection) -> rusqlite::Result<Vec<String>> {
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
