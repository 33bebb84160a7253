//! Which hours other stores have not got yet.

use rusqlite::{Connection, params};

use super::{days, names};
use crate::history::{Rollup, StoredSeries, rollup::HOUR_MS};

/// Remembers that hours are not known to any destination as they are now.
pub(super) fn changed(connection: &Connection, series: i64, hours: &[Rollup]) -> rusqlite::Result<()> {
    let mut destinations = connection.prepare_cached("SELECT destination FROM destinations")?;
    let mut rows = destinations.query([])?;
    while let Some(row) = rows.next()? {
        let destination: String = row.get(0)?;
        let mut pending = connection.prepare_cached("INSERT OR IGNORE INTO pending VALUES (?1, ?2, ?3)")?;
        for hour in hours {
            pending.execute(params![destination, series, hour.period])?;
        }
    }
    Ok(())
}

/// The hours that ended before an instant and are pending; of a new destination all.
pub(super) fn unsent(
    connection: &Connection,
    destination: &str,
    before_ms: i64,
) -> rusqlite::Result<Vec<StoredSeries>> {
    if connection.execute("INSERT OR IGNORE INTO destinations VALUES (?1)", [destination])? > 0 {
        connection.execute("INSERT INTO pending SELECT ?1, series, hour FROM hourly", [destination])?;
    }
    let (rollup, name) = (days::COLUMNS, names::COLUMNS);
    let mut query = connection.prepare(&format!(
        "SELECT hour, {rollup}, {name} FROM pending
         JOIN hourly USING (series, hour) JOIN series ON series.id = pending.series
         WHERE destination = ?1 AND hour < ?2 ORDER BY pending.series, hour"
    ))?;
    let rows = query.query_map(params![destination, before_ms.div_euclid(HOUR_MS)], |row| {
        Ok((names::named(row, 8)?, days::rollup(row, 0)?))
    })?;
    rows.collect::<rusqlite::Result<Vec<_>>>().map(StoredSeries::gathered)
}

/// A destination has these hours, unless they have changed meanwhile.
pub(super) fn sent(
    connection: &Connection,
    destination: &str,
    kept: &[StoredSeries],
) -> rusqlite::Result<()> {
    let mut done = connection.prepare_cached(
        "DELETE FROM pending WHERE destination = ?1 AND series = ?2 AND hour = ?3
         AND EXISTS (SELECT 1 FROM hourly WHERE series = ?2 AND hour = ?3
             AND count = ?4 AND min = ?5 AND mean = ?6 AND max = ?7 AND last = ?8)",
    )?;
    for one in kept {
        let series = names::number_of(connection, &one.series)?;
        for hour in &one.rollups {
            done.execute(params![
                destination,
                series,
                hour.period,
                hour.count,
                hour.min,
                hour.mean,
                hour.max,
                hour.last
            ])?;
        }
    }
    Ok(())
}
