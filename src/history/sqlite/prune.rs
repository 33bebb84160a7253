//! Forgetting what is old.

use rusqlite::Connection;

use crate::history::{Resolution, rollup::HOUR_MS};

/// Forgets the days that ended before an instant. Returns how many hourly rollups are gone.
pub(super) fn prune(connection: &Connection, before_ms: i64) -> rusqlite::Result<usize> {
    let day = before_ms.div_euclid(Resolution::Day.length_ms());
    let hour = day * (Resolution::Day.length_ms() / HOUR_MS);
    let gone = connection.execute("DELETE FROM hourly WHERE hour < ?1", [hour])?;
    connection.execute("DELETE FROM daily WHERE day < ?1", [day])?;
    connection.execute("DELETE FROM samples WHERE hour < ?1", [hour])?;
    connection.execute("DELETE FROM pending WHERE hour < ?1", [hour])?;
    connection.execute("DELETE FROM assessments WHERE hour < ?1", [hour])?;
    connection.execute("DELETE FROM counted_days WHERE day < ?1", [day])?;
    connection.execute("DELETE FROM statement_days WHERE day < ?1", [day])?;
    connection.execute(
        "DELETE FROM statements WHERE id NOT IN (SELECT DISTINCT statement FROM statement_days)",
        [],
    )?;
    connection.execute("DELETE FROM series WHERE id NOT IN (SELECT DISTINCT series FROM hourly)", [])?;
    Ok(gone)
}
