//! Taking in what another history gave out.

use std::path::Path;

use rusqlite::Connection;

use super::{Refusal, append, days, names, statements};
use crate::history::{
    Contents, Resolution, Rollup, Written,
    day::{Day, day_of},
};

/// Takes in rollups and assessments, inside a transaction. Of an hour that is held already, that rollup stands which
/// tells more of it; so that doing it twice is doing it once.
pub(super) fn import(connection: &Connection, file: &Path, contents: &Contents) -> Result<Written, Refusal> {
    append::same_kind(connection, file, contents.simulated.as_ref())?;
    let mut written = Written::default();
    for kept in &contents.hourly {
        let series = names::number_of(connection, &kept.series)?;
        written.series += 1;
        written.hours += hours(connection, series, &kept.rollups)?;
    }
    // A day follows from its hours; what is left of its own is the percentile.
    for kept in &contents.daily {
        let series = names::number_of(connection, &kept.series)?;
        for rollup in &kept.rollups {
            percentile(connection, series, rollup)?;
        }
    }
    statements::import(connection, &contents.statements, &contents.looks)?;
    for one in &contents.assessments {
        append::assess(connection, one.at.timestamp_millis(), &one.json)?;
    }
    Ok(written)
}

fn hours(connection: &Connection, series: i64, rollups: &[Rollup]) -> rusqlite::Result<usize> {
    let mut changed = 0;
    for hours in rollups.chunk_by(|one, next| day_of(one.period) == day_of(next.period)) {
        let number = hours.first().map_or(0, |hour| day_of(hour.period));
        let mut day = held(connection, series, number)?;
        for hour in hours {
            day.offer_rollup(*hour);
        }
        if day.changed() {
            changed += days::write(connection, series, &day, i64::MIN)?;
        }
    }
    Ok(changed)
}

fn percentile(connection: &Connection, series: i64, rollup: &Rollup) -> rusqlite::Result<()> {
    let day = held(connection, series, rollup.period)?;
    match day.with_p95_of(rollup) {
        Some(better) if Some(better) != day.held => days::put(connection, Resolution::Day, series, &[better]),
        _ => Ok(()),
    }
}

fn held(connection: &Connection, series: i64, day: i64) -> rusqlite::Result<Day> {
    Ok(days::read(connection, series, &(day..=day))?.remove(&day).unwrap_or_default())
}
