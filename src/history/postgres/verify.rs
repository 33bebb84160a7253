//! Whether the tables still say what was recorded.

use std::collections::BTreeMap;

use super::{days, names, read, statements};
use crate::{
    history::{
        Range, Resolution, Rollup,
        samples::{Samples, from_bytes},
        sound::{self, MOST},
    },
    postgres::{Blocking, Trouble},
};

/// Everything that is wrong; nothing when all is sound.
pub(super) fn verify(session: &Blocking) -> Result<Vec<String>, Trouble> {
    let mut wrong = orphans(session)?;
    wrong.extend(numbers(session)?);
    let hourly = read::rollups(session, Resolution::Hour, None, Range::ALL)?;
    let daily = read::rollups(session, Resolution::Day, None, Range::ALL)?;
    wrong.extend(sound::mistakes(&hourly, &daily));
    wrong.extend(samples(session)?);
    wrong.extend(statements::verify(session)?);
    wrong.truncate(MOST);
    Ok(wrong)
}

fn orphans(session: &Blocking) -> Result<Vec<String>, Trouble> {
    let mut wrong = Vec::new();
    for table in ["hourly", "daily", "samples"] {
        let query = format!(
            "SELECT count(*) FROM scale_advisor.{table} AS rows
             WHERE NOT EXISTS (SELECT 1 FROM scale_advisor.series WHERE series.id = rows.series)"
        );
        let count: Vec<i64> = session.rows(&query, &[], |row| Ok(row.try_get(0)?))?;
        let count = count.first().copied().filter(|count| *count > 0);
        wrong.extend(count.map(|count| format!("{count} rows of {table} belong to no series")));
    }
    Ok(wrong)
}

/// Each series stands under the number of its name.
fn numbers(session: &Blocking) -> Result<Vec<String>, Trouble> {
    let columns = names::COLUMNS;
    let query = format!("SELECT id, {columns} FROM scale_advisor.series");
    let named = session.rows(&query, &[], |row| Ok((row.try_get::<_, i64>(0)?, names::named(row, 1)?)))?;
    let strange = named.iter().filter(|(id, series)| names::number_of(series) != *id);
    Ok(strange.map(|(id, series)| format!("series {id} of {} is another's number", series.signal)).collect())
}

/// Samples that are at hand make the rollups of their hours.
fn samples(session: &Blocking) -> Result<Vec<String>, Trouble> {
    type Hours<T> = BTreeMap<(i64, i64), T>;
    let parts =
        session.rows("SELECT series, hour, step_ms, samples FROM scale_advisor.samples", &[], |row| {
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get::<_, Vec<u8>>(3)?))
        })?;
    let mut held: Hours<Option<Samples>> = BTreeMap::new();
    for (series, hour, step_ms, bytes) in parts {
        let hour = held.entry((series, hour)).or_insert_with(|| Some(Samples::default()));
        match (hour.as_mut(), from_bytes(&bytes)) {
            (Some(hour), Some(samples)) => hour.add(Samples::of(step_ms, samples)),
            _ => *hour = None,
        }
    }
    let columns = days::COLUMNS;
    let query = format!(
        "SELECT series, hour, {columns} FROM scale_advisor.hourly
         WHERE (series, hour) IN (SELECT series, hour FROM scale_advisor.samples)"
    );
    let rollups = session.rows(&query, &[], |row| Ok((row.try_get::<_, i64>(0)?, days::rollup(row, 1)?)))?;
    let rollups: Hours<Rollup> =
        rollups.into_iter().map(|(series, rollup)| ((series, rollup.period), rollup)).collect();
    let wrong = held.iter().filter(|(place, samples)| {
        let made = samples.as_ref().and_then(|samples| samples.rollup(place.1));
        made.is_none() || made.as_ref() != rollups.get(place)
    });
    let told = |(series, hour): &(i64, i64)| {
        format!("series {series}, hour {hour}: its samples do not make its rollup")
    };
    Ok(wrong.map(|(place, _)| told(place)).collect())
}
