//! The days of a series: reading what is held of them, and writing what became of them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use rusqlite::{Connection, Row, params};

use super::remote;
use crate::history::{
    Resolution, Rollup,
    day::{Day, day_of},
    rollup::HOURS,
    samples::{Samples, from_bytes, to_bytes},
};

/// Columns of a rollup after its period, for [`rollup`].
pub(super) const COLUMNS: &str = "count, minutes, min, mean, p95, max, last";

/// The rollup of a row: its period in the column `first`, then [`COLUMNS`].
pub(super) fn rollup(row: &Row<'_>, first: usize) -> rusqlite::Result<Rollup> {
    Ok(Rollup {
        period: row.get(first)?,
        count: row.get(first + 1)?,
        minutes: row.get(first + 2)?,
        min: row.get(first + 3)?,
        mean: row.get(first + 4)?,
        p95: row.get(first + 5)?,
        max: row.get(first + 6)?,
        last: row.get(first + 7)?,
    })
}

/// What is held of a series on some days.
pub(super) fn read(
    connection: &Connection,
    series: i64,
    days: &RangeInclusive<i64>,
) -> rusqlite::Result<BTreeMap<i64, Day>> {
    let mut held: BTreeMap<i64, Day> = BTreeMap::new();
    let hours = (days.start() * HOURS, days.end() * HOURS + HOURS - 1);
    let mut hourly = connection.prepare_cached(
        "SELECT hour, count, minutes, min, mean, p95, max, last FROM hourly
         WHERE series = ?1 AND hour BETWEEN ?2 AND ?3",
    )?;
    for found in hourly.query_map(params![series, hours.0, hours.1], |row| rollup(row, 0))? {
        let found = found?;
        let day = held.entry(day_of(found.period)).or_default();
        day.hours.entry(found.period).or_default().rollup = Some(found);
    }
    let mut daily = connection.prepare_cached(
        "SELECT day, count, minutes, min, mean, p95, max, last FROM daily
         WHERE series = ?1 AND day BETWEEN ?2 AND ?3",
    )?;
    for found in daily.query_map(params![series, days.start(), days.end()], |row| rollup(row, 0))? {
        let found = found?;
        held.entry(found.period).or_default().held = Some(found);
    }
    read_samples(connection, series, hours, &mut held)?;
    Ok(held)
}

fn read_samples(
    connection: &Connection,
    series: i64,
    (first, last): (i64, i64),
    held: &mut BTreeMap<i64, Day>,
) -> rusqlite::Result<()> {
    let mut samples = connection.prepare_cached(
        "SELECT hour, step_ms, samples FROM samples WHERE series = ?1 AND hour BETWEEN ?2 AND ?3",
    )?;
    let mut rows = samples.query(params![series, first, last])?;
    while let Some(row) = rows.next()? {
        let hour: i64 = row.get(0)?;
        let bytes: Vec<u8> = row.get(2)?;
        // Damaged samples are as good as forgotten ones; `verify` tells of them.
        let Some(samples) = from_bytes(&bytes) else { continue };
        let day = held.entry(day_of(hour)).or_default();
        day.hours.entry(hour).or_default().samples.add(Samples::of(row.get(1)?, samples));
    }
    Ok(())
}

/// Forgets the samples of a series before an hour.
pub(super) fn forget_samples(connection: &Connection, series: i64, before: i64) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("DELETE FROM samples WHERE series = ?1 AND hour < ?2")?
        .execute([series, before])
}

/// Writes what was learnt of a day; samples only from an hour on, because earlier ones are forgotten. Returns how many
/// hours changed.
pub(super) fn write(
    connection: &Connection,
    series: i64,
    day: &Day,
    open_from: i64,
) -> rusqlite::Result<usize> {
    let changed = || day.hours.iter().filter(|(_, known)| known.changed);
    let rollups: Vec<Rollup> = changed().filter_map(|(_, known)| known.rollup).collect();
    put(connection, Resolution::Hour, series, &rollups)?;
    remote::changed(connection, series, &rollups)?;
    let open = changed().filter(|(hour, _)| **hour >= open_from);
    write_samples(connection, series, open.map(|(hour, known)| (*hour, &known.samples)))?;
    if let Some(rollup) = day.rollup().filter(|rollup| Some(*rollup) != day.held) {
        put(connection, Resolution::Day, series, &[rollup])?;
    }
    Ok(rollups.len())
}

fn write_samples<'a>(
    connection: &Connection,
    series: i64,
    hours: impl Iterator<Item = (i64, &'a Samples)>,
) -> rusqlite::Result<()> {
    let mut forget = connection.prepare_cached("DELETE FROM samples WHERE series = ?1 AND hour = ?2")?;
    let mut put = connection.prepare_cached("REPLACE INTO samples VALUES (?1, ?2, ?3, ?4)")?;
    for (hour, samples) in hours {
        if samples.is_empty() {
            forget.execute([series, hour])?;
        }
        for (step_ms, samples) in samples.steps() {
            put.execute(params![series, hour, step_ms, to_bytes(samples)])?;
        }
    }
    Ok(())
}

/// Writes rollups in the place of older ones.
pub(super) fn put(
    connection: &Connection,
    resolution: Resolution,
    series: i64,
    rollups: &[Rollup],
) -> rusqlite::Result<()> {
    let (table, period) = match resolution {
        Resolution::Hour => ("hourly", "hour"),
        Resolution::Day => ("daily", "day"),
    };
    let mut put = connection.prepare_cached(&format!(
        "REPLACE INTO {table} (series, {period}, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    ))?;
    for Rollup { period, count, minutes, min, mean, p95, max, last } in rollups {
        put.execute(params![series, period, count, minutes, min, mean, p95, max, last])?;
    }
    Ok(())
}
