//! Whether a file still says what was recorded.

use rusqlite::Connection;

use super::{days, read, statements};
use crate::history::{
    Range, Resolution,
    samples::{Samples, from_bytes},
    sound::{self, MOST},
};

/// Everything that is wrong with a file; nothing when it is sound.
pub(super) fn verify(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut wrong = structure(connection)?;
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    orphans(connection, &mut wrong)?;
    let hourly = read::rollups(connection, Resolution::Hour, None, Range::ALL)?;
    let daily = read::rollups(connection, Resolution::Day, None, Range::ALL)?;
    wrong.extend(sound::mistakes(&hourly, &daily));
    samples(connection, &mut wrong)?;
    wrong.extend(statements::verify(connection)?);
    wrong.truncate(MOST);
    Ok(wrong)
}

/// What SQLite itself finds.
fn structure(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    let found: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

fn orphans(connection: &Connection, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    for table in ["hourly", "daily", "samples"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE series NOT IN (SELECT id FROM series)");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if count > 0 {
            wrong.push(format!("{count} rows of {table} belong to no series"));
        }
    }
    Ok(())
}

/// Samples that are at hand make the rollups of their hours.
fn samples(connection: &Connection, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut hours = connection.prepare("SELECT DISTINCT series, hour FROM samples")?;
    let mut of_hour =
        connection.prepare("SELECT step_ms, samples FROM samples WHERE series = ?1 AND hour = ?2")?;
    let columns = days::COLUMNS;
    let mut of_rollup =
        connection.prepare(&format!("SELECT hour, {columns} FROM hourly WHERE series = ?1 AND hour = ?2"))?;
    let mut rows = hours.query([])?;
    while let Some(row) = rows.next()? {
        let (series, hour): (i64, i64) = (row.get(0)?, row.get(1)?);
        let mut held = Samples::default();
        let mut sound = true;
        let mut parts = of_hour.query([series, hour])?;
        while let Some(part) = parts.next()? {
            let bytes: Vec<u8> = part.get(1)?;
            match from_bytes(&bytes) {
                Some(samples) => held.add(Samples::of(part.get(0)?, samples)),
                None => sound = false,
            }
        }
        let found = of_rollup.query_map([series, hour], |row| days::rollup(row, 0))?.next().transpose()?;
        if !sound || held.rollup(hour) != found {
            wrong.push(format!("series {series}, hour {hour}: its samples do not make its rollup"));
        }
    }
    Ok(())
}
