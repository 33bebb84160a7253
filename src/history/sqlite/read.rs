//! Reading a history back.

use chrono::DateTime;
use rusqlite::{Connection, params};

use super::{days, names};
use crate::{
    history::{Range, Resolution, StoredAssessment, StoredSeries},
    signal::SignalId,
};

/// The rollups of periods that lie wholly within a range, by series.
pub(super) fn rollups(
    connection: &Connection,
    resolution: Resolution,
    signal: Option<SignalId>,
    range: Range,
) -> rusqlite::Result<Vec<StoredSeries>> {
    let columns = names::COLUMNS;
    let mut series = connection.prepare(&format!(
        "SELECT id, {columns} FROM series WHERE ?1 IS NULL OR signal = ?1 ORDER BY signal, instance, source, query, unit"
    ))?;
    let named = series.query_map([signal.map(SignalId::as_str)], |row| {
        Ok((row.get::<_, i64>(0)?, names::named(row, 1)?))
    })?;
    let (table, period) = match resolution {
        Resolution::Hour => ("hourly", "hour"),
        Resolution::Day => ("daily", "day"),
    };
    let columns = days::COLUMNS;
    let mut rollups = connection.prepare(&format!(
        "SELECT {period}, {columns} FROM {table} WHERE series = ?1 AND {period} >= ?2 AND {period} < ?3 ORDER BY {period}"
    ))?;
    let (from, to) = range.periods(resolution);
    let mut all = Vec::new();
    for found in named {
        let (id, series) = found?;
        let found = rollups.query_map(params![id, from, to], |row| days::rollup(row, 0))?;
        let rollups = found.collect::<rusqlite::Result<Vec<_>>>()?;
        if !rollups.is_empty() {
            all.push(StoredSeries { series, rollups });
        }
    }
    Ok(all)
}

/// The assessments made within a range, in the order of time.
pub(super) fn assessments(connection: &Connection, range: Range) -> rusqlite::Result<Vec<StoredAssessment>> {
    let mut found = connection
        .prepare("SELECT at_ms, json FROM assessments WHERE at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms")?;
    let rows = found.query_map(params![range.from_ms, range.to_ms], |row| {
        let at = DateTime::from_timestamp_millis(row.get(0)?).unwrap_or_default();
        Ok(StoredAssessment { at, json: row.get(1)? })
    })?;
    rows.collect()
}
