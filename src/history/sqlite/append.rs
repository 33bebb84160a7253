//! Recording a run.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OptionalExtension, params};

use super::{Refusal, days, names, statements};
use crate::{
    history::{
        Batch, HistoryError, Written,
        batch::by_hour,
        day::{Day, day_of},
        rollup::{HOUR_MS, HOURS},
    },
    signal::Series,
};

/// Records everything of a run, inside a transaction.
pub(super) fn append(connection: &Connection, file: &Path, batch: &Batch) -> Result<Written, Refusal> {
    same_kind(connection, file, batch.simulated.as_ref())?;
    let taken_ms = batch.taken_at.timestamp_millis();
    // Today and yesterday may still grow: every run reads back a day.
    let open_from = (day_of(taken_ms.div_euclid(HOUR_MS)) - 1) * HOURS;
    let mut written = Written::default();
    for (name, values) in &batch.series {
        let series = names::number_of(connection, name)?;
        written.samples += values.len();
        written.hours += record(connection, series, values, open_from)?;
        written.series += 1;
    }
    // Those of series that had nothing to offer this time.
    connection.execute("DELETE FROM samples WHERE hour < ?1", [open_from])?;
    for look in &batch.looks {
        statements::append(connection, look)?;
    }
    if let Some(assessment) = &batch.assessment {
        assess(connection, taken_ms, assessment)?;
        thin_out(connection, open_from)?;
    }
    Ok(written)
}

/// Brings the samples of one series to what is held of their days. Returns how many hours changed.
fn record(connection: &Connection, series: i64, values: &Series, open_from: i64) -> rusqlite::Result<usize> {
    let hours = by_hour(values);
    let (Some((&first, _)), Some((&last, _))) = (hours.first_key_value(), hours.last_key_value()) else {
        return Ok(0);
    };
    let mut held = days::read(connection, series, &(day_of(first)..=day_of(last)))?;
    let mut touched: BTreeMap<i64, Day> = BTreeMap::new();
    for (hour, samples) in hours {
        let day = day_of(hour);
        let day = touched.entry(day).or_insert_with(|| held.remove(&day).unwrap_or_default());
        day.offer(hour, samples);
    }
    // After they were read, and before the new ones are written, so that these get their room in the file.
    days::forget_samples(connection, series, open_from)?;
    let changed = touched.values().filter(|day| day.changed());
    changed.map(|day| days::write(connection, series, day, open_from)).sum()
}

/// Keeps the newest assessment of an hour.
pub(super) fn assess(connection: &Connection, at_ms: i64, json: &str) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT INTO assessments (hour, at_ms, json) VALUES (?1, ?2, ?3)
         ON CONFLICT (hour) DO UPDATE SET at_ms = excluded.at_ms, json = excluded.json
         WHERE excluded.at_ms >= assessments.at_ms",
        params![at_ms.div_euclid(HOUR_MS), at_ms, json],
    )
}

/// Keeps of each day before an hour the last assessment.
fn thin_out(connection: &Connection, before: i64) -> rusqlite::Result<usize> {
    connection.execute(
        "DELETE FROM assessments AS older WHERE hour < ?1
         AND EXISTS (SELECT 1 FROM assessments AS newer
             WHERE newer.hour > older.hour AND newer.hour < older.hour - older.hour % 24 + 24)",
        [before],
    )
}

/// What the values in the file are when they are not real, and "" when they are; `None` while nothing is recorded.
pub(super) fn simulated(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("SELECT value FROM metadata WHERE key = 'simulated'", [], |row| row.get(0))
        .optional()
}

/// Refuses to mix real and simulated values, and remembers which of both the file holds.
pub(super) fn same_kind(
    connection: &Connection,
    file: &Path,
    offered: Option<&String>,
) -> Result<(), Refusal> {
    let text = offered.map_or("", String::as_str);
    match simulated(connection)? {
        Some(held) if held != text => Err(Refusal::Ours(HistoryError::Mixed {
            file: file.to_owned(),
            held: Some(held).filter(|held| !held.is_empty()),
            offered: offered.cloned(),
        })),
        Some(_) => Ok(()),
        None => {
            connection.execute("INSERT INTO metadata VALUES ('simulated', ?1)", [text])?;
            Ok(())
        }
    }
}
