//! The days of series: reading what is held of them, and writing what became of them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::remote;
use crate::{
    history::{
        Rollup,
        day::{Day, day_of},
        rollup::HOURS,
        samples::{Samples, from_bytes, to_bytes},
    },
    postgres::{Blocking, Row, Trouble, Type},
};

/// Columns of a rollup after its period, for [`rollup`].
pub(super) const COLUMNS: &str = "count, minutes, min, mean, p95, max, last";
/// So many rows go into one statement.
const ROWS: usize = 5000;

/// Days by series and day.
pub(super) type Days = BTreeMap<(i64, i64), Day>;

/// The rollup of a row: its period in the column `first`, then [`COLUMNS`].
pub(super) fn rollup(row: &Row, first: usize) -> Result<Rollup, Trouble> {
    let count: i64 = row.try_get(first + 1)?;
    let minutes: i64 = row.try_get(first + 2)?;
    Ok(Rollup {
        period: row.try_get(first)?,
        // A number that no rollup of ours has becomes none, which `verify` tells of.
        count: u32::try_from(count).unwrap_or(0),
        minutes: u16::try_from(minutes).unwrap_or(0),
        min: row.try_get(first + 3)?,
        mean: row.try_get(first + 4)?,
        p95: row.try_get(first + 5)?,
        max: row.try_get(first + 6)?,
        last: row.try_get(first + 7)?,
    })
}

/// What is held of some series on some days.
pub(super) fn read(session: &Blocking, series: &[i64], days: &RangeInclusive<i64>) -> Result<Days, Trouble> {
    let mut held = Days::new();
    let (first, last) = (days.start() * HOURS, days.end() * HOURS + HOURS - 1);
    for (series, rollup) in rollups(session, "hourly", "hour", series, (first, last))? {
        let day = held.entry((series, day_of(rollup.period))).or_default();
        day.hours.entry(rollup.period).or_default().rollup = Some(rollup);
    }
    for (series, rollup) in rollups(session, "daily", "day", series, (*days.start(), *days.end()))? {
        held.entry((series, rollup.period)).or_default().held = Some(rollup);
    }
    let samples = session.rows(
        "SELECT series, hour, step_ms, samples FROM scale_advisor.samples
         WHERE series = ANY ($1::bigint[]) AND hour BETWEEN $2 AND $3",
        &[(&series, Type::INT8_ARRAY), (&first, Type::INT8), (&last, Type::INT8)],
        |row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get::<_, Vec<u8>>(3)?)),
    )?;
    for (series, hour, step_ms, bytes) in samples {
        // Damaged samples are as good as forgotten ones; `verify` tells of them.
        let Some(samples) = from_bytes(&bytes) else { continue };
        let day = held.entry((series, day_of(hour))).or_default();
        day.hours.entry(hour).or_default().samples.add(Samples::of(step_ms, samples));
    }
    Ok(held)
}

fn rollups(
    session: &Blocking,
    table: &str,
    period: &str,
    series: &[i64],
    (first, last): (i64, i64),
) -> Result<Vec<(i64, Rollup)>, Trouble> {
    session.rows(
        &format!(
            "SELECT series, {period}, {COLUMNS} FROM scale_advisor.{table}
             WHERE series = ANY ($1::bigint[]) AND {period} BETWEEN $2 AND $3"
        ),
        &[(&series, Type::INT8_ARRAY), (&first, Type::INT8), (&last, Type::INT8)],
        |row| Ok((row.try_get(0)?, rollup(row, 1)?)),
    )
}

/// Writes what was learnt of days; samples only from an hour on, because earlier ones are forgotten. Returns how many
/// hours changed.
pub(super) fn write(session: &Blocking, days: &Days, open_from: i64) -> Result<usize, Trouble> {
    let changed = |day: &&Day| day.changed();
    let hours = || {
        days.iter().filter(|(_, day)| changed(day)).flat_map(|((series, _), day)| {
            day.hours
                .iter()
                .filter(|(_, known)| known.changed)
                .map(move |(hour, known)| (*series, *hour, known))
        })
    };
    let hourly: Vec<(i64, Rollup)> =
        hours().filter_map(|(series, _, known)| Some((series, known.rollup?))).collect();
    put(session, "hourly", "hour", &hourly)?;
    remote::changed(session, &hourly)?;
    let open = || hours().filter(|(_, hour, _)| *hour >= open_from);
    let closed: Vec<(i64, i64)> = open()
        .filter(|(_, _, known)| known.samples.is_empty())
        .map(|(series, hour, _)| (series, hour))
        .collect();
    forget_samples(session, &closed)?;
    let samples: Vec<_> = open()
        .flat_map(|(series, hour, known)| {
            known.samples.steps().map(move |(step, samples)| (series, hour, step, to_bytes(samples)))
        })
        .collect();
    put_samples(session, &samples)?;
    let daily: Vec<(i64, Rollup)> = days
        .iter()
        .filter(|(_, day)| changed(day))
        .filter_map(|((series, _), day)| {
            Some((*series, day.rollup().filter(|rollup| Some(*rollup) != day.held)?))
        })
        .collect();
    put(session, "daily", "day", &daily)?;
    Ok(hourly.len())
}

/// Writes rollups in the place of older ones.
pub(super) fn put(
    session: &Blocking,
    table: &str,
    period: &str,
    rollups: &[(i64, Rollup)],
) -> Result<(), Trouble> {
    let statement = format!(
        "INSERT INTO scale_advisor.{table} (series, {period}, {COLUMNS})
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::double precision[],
             $6::double precision[], $7::double precision[], $8::double precision[], $9::double precision[])
         ON CONFLICT (series, {period}) DO UPDATE SET count = excluded.count, minutes = excluded.minutes,
             min = excluded.min, mean = excluded.mean, p95 = excluded.p95, max = excluded.max,
             last = excluded.last"
    );
    for rows in rollups.chunks(ROWS) {
        let whole = |of: fn(&(i64, Rollup)) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
        let number = |of: fn(&Rollup) -> f64| rows.iter().map(|(_, row)| of(row)).collect::<Vec<f64>>();
        let p95: Vec<Option<f64>> = rows.iter().map(|(_, row)| row.p95).collect();
        session.execute(
            &statement,
            &[
                (&whole(|(series, _)| *series), Type::INT8_ARRAY),
                (&whole(|(_, row)| row.period), Type::INT8_ARRAY),
                (&whole(|(_, row)| i64::from(row.count)), Type::INT8_ARRAY),
                (&whole(|(_, row)| i64::from(row.minutes)), Type::INT8_ARRAY),
                (&number(|row| row.min), Type::FLOAT8_ARRAY),
                (&number(|row| row.mean), Type::FLOAT8_ARRAY),
                (&p95, Type::FLOAT8_ARRAY),
                (&number(|row| row.max), Type::FLOAT8_ARRAY),
                (&number(|row| row.last), Type::FLOAT8_ARRAY),
            ],
        )?;
    }
    Ok(())
}

fn forget_samples(session: &Blocking, hours: &[(i64, i64)]) -> Result<(), Trouble> {
    if hours.is_empty() {
        return Ok(());
    }
    let (series, hours): (Vec<i64>, Vec<i64>) = hours.iter().copied().unzip();
    session.execute(
        "DELETE FROM scale_advisor.samples
         WHERE (series, hour) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))",
        &[(&series, Type::INT8_ARRAY), (&hours, Type::INT8_ARRAY)],
    )?;
    Ok(())
}

fn put_samples(session: &Blocking, samples: &[(i64, i64, i64, Vec<u8>)]) -> Result<(), Trouble> {
    for rows in samples.chunks(ROWS) {
        let series: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let hours: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let steps: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let bytes: Vec<&[u8]> = rows.iter().map(|row| row.3.as_slice()).collect();
        session.execute(
            "INSERT INTO scale_advisor.samples (series, hour, step_ms, samples)
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])
             ON CONFLICT (series, hour, step_ms) DO UPDATE SET samples = excluded.samples",
            &[
                (&series, Type::INT8_ARRAY),
                (&hours, Type::INT8_ARRAY),
                (&steps, Type::INT8_ARRAY),
                (&bytes, Type::BYTEA_ARRAY),
            ],
        )?;
    }
    Ok(())
}
