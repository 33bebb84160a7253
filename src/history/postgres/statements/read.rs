//! Reading what statements did.

use crate::{
    history::{Range, Resolution, statements::Held},
    postgres::{Blocking, Row, Trouble, Type},
    statements::{
        CountedDay, CountedDays, StatementDay, StatementName, StatementSnapshot, Statements, by_server,
        gathered,
    },
};

/// Whether there are such tables: those of an older version may be read before they are written to.
fn exist(session: &Blocking) -> Result<bool, Trouble> {
    let table =
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'scale_advisor' AND tablename = 'looks'";
    Ok(!session.rows(table, &[], |_| Ok(()))?.is_empty())
}

/// The newest look at each server.
pub(in crate::history::postgres) fn looks(session: &Blocking) -> Result<Vec<StatementSnapshot>, Trouble> {
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
pub(in crate::history::postgres) fn read(session: &Blocking, range: Range) -> Result<Statements, Trouble> {
    if !exist(session)? {
        return Ok(Statements::default());
    }
    let (from, to) = range.periods(Resolution::Day);
    let did = session.rows(
        "SELECT server, role, database, query, toplevel, text, day, calls, seconds
         FROM scale_advisor.statement_days JOIN scale_advisor.statements ON statements.id = statement_days.statement
         WHERE day >= $1 AND day < $2",
        &[(&from, Type::INT8), (&to, Type::INT8)],
        |row| {
            let (day, calls, seconds) = (row.try_get(6)?, row.try_get(7)?, row.try_get(8)?);
            Ok((named(row)?, row.try_get(5)?, StatementDay { day, calls, seconds }))
        },
    )?;
    Ok(Statements { servers: servers(session, range)?, statements: gathered(did) })
}

/// How much is known of each server on those days.
pub(super) fn servers(session: &Blocking, range: Range) -> Result<Vec<CountedDays>, Trouble> {
    let (from, to) = range.periods(Resolution::Day);
    let counted = session.rows(
        "SELECT server, day, seconds, resets, evictions, hidden FROM scale_advisor.counted_days
         WHERE day >= $1 AND day < $2",
        &[(&from, Type::INT8), (&to, Type::INT8)],
        |row| {
            let count = |column| row.try_get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
            let (day, seconds, resets) = (row.try_get(1)?, row.try_get(2)?, count(3)?);
            Ok((
                row.try_get(0)?,
                CountedDay { day, seconds, resets, evictions: count(4)?, hidden: count(5)? },
            ))
        },
    )?;
    Ok(by_server(counted))
}

/// What is wrong with what is held of statements.
pub(in crate::history::postgres) fn verify(session: &Blocking) -> Result<Vec<String>, Trouble> {
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
