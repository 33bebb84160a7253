//! Whether a file still says what was recorded.

use rusqlite::Connection;

use super::{days, read};
use crate::history::{
    Kept, Range, Resolution, Rollup,
    day::day_of,
    samples::{Samples, from_bytes},
};

/// The most that is told; a damaged file has no end of mistakes.
const MOST: usize = 20;

/// Everything that is wrong with a file; nothing when it is sound.
pub(super) fn verify(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut wrong = structure(connection)?;
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    orphans(connection, &mut wrong)?;
    let hourly = read::rollups(connection, Resolution::Hour, None, Range::ALL)?;
    let daily = read::rollups(connection, Resolution::Day, None, Range::ALL)?;
    for (name, all) in [("hour", &hourly), ("day", &daily)] {
        for kept in all {
            let mistakes = kept.rollups.iter().filter_map(|one| Some((one.period, one.mistake()?)));
            wrong.extend(mistakes.map(|(period, mistake)| told(kept, name, period, mistake)));
        }
    }
    for hours in &hourly {
        let days = daily.iter().find(|days| days.series == hours.series);
        days_follow(hours, days.map_or(&[], |days| &days.rollups), &mut wrong);
    }
    for days in daily.iter().filter(|days| hourly.iter().all(|hours| hours.series != days.series)) {
        days_follow(&Kept { series: days.series.clone(), rollups: Vec::new() }, &days.rollups, &mut wrong);
    }
    samples(connection, &mut wrong)?;
    wrong.truncate(MOST);
    Ok(wrong)
}

fn told(kept: &Kept, name: &str, period: i64, mistake: &str) -> String {
    let instance = kept.series.instance.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    format!("{}{instance}, {name} {period}: {mistake}", kept.series.signal)
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

/// Each day is what its hours make of it.
fn days_follow(hours: &Kept, days: &[Rollup], wrong: &mut Vec<String>) {
    let mut held = days.iter().peekable();
    for of_day in hours.rollups.chunk_by(|one, next| day_of(one.period) == day_of(next.period)) {
        let Some(day) = of_day.first().map(|hour| day_of(hour.period)) else { continue };
        while let Some(spare) = held.next_if(|held| held.period < day) {
            wrong.push(told(hours, "day", spare.period, "it has no hours"));
        }
        let held = held.next_if(|held| held.period == day);
        let expected = Rollup::of_hours(day, of_day, held.and_then(|held| held.p95));
        if held.copied() != expected {
            wrong.push(told(hours, "day", day, "it does not follow from its hours"));
        }
    }
    wrong.extend(held.map(|spare| told(hours, "day", spare.period, "it has no hours")));
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
