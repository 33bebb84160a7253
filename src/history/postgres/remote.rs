//! Which hours other stores have not got yet.

use super::{days, names};
use crate::{
    history::{Rollup, StoredSeries, rollup::HOUR_MS},
    postgres::{Blocking, Trouble, Type},
};

/// Remembers that hours are not known to any destination as they are now.
pub(super) fn changed(session: &Blocking, hours: &[(i64, Rollup)]) -> Result<(), Trouble> {
    if hours.is_empty() {
        return Ok(());
    }
    let (series, hours): (Vec<i64>, Vec<i64>) =
        hours.iter().map(|(series, hour)| (*series, hour.period)).unzip();
    session.execute(
        "INSERT INTO scale_advisor.pending (destination, series, hour)
         SELECT d.destination, c.series, c.hour FROM scale_advisor.destinations AS d
         CROSS JOIN unnest($1::bigint[], $2::bigint[]) AS c (series, hour)
         ON CONFLICT (destination, series, hour) DO NOTHING",
        &[(&series, Type::INT8_ARRAY), (&hours, Type::INT8_ARRAY)],
    )?;
    Ok(())
}

/// The hours that ended before an instant and are pending; of a new destination all.
pub(super) fn unsent(
    session: &Blocking,
    destination: &str,
    before_ms: i64,
) -> Result<Vec<StoredSeries>, Trouble> {
    let new = session.execute(
        "INSERT INTO scale_advisor.destinations VALUES ($1) ON CONFLICT (destination) DO NOTHING",
        &[(&destination, Type::TEXT)],
    )?;
    if new > 0 {
        session.execute(
            "INSERT INTO scale_advisor.pending SELECT $1, series, hour FROM scale_advisor.hourly",
            &[(&destination, Type::TEXT)],
        )?;
    }
    let (rollup, name) = (days::COLUMNS, names::COLUMNS);
    let before = before_ms.div_euclid(HOUR_MS);
    let rows = session.rows(
        &format!(
            "SELECT hour, {rollup}, {name} FROM scale_advisor.pending
             JOIN scale_advisor.hourly USING (series, hour) JOIN scale_advisor.series AS named ON named.id = pending.series
             WHERE destination = $1 AND hour < $2 ORDER BY named.id, hour"
        ),
        &[(&destination, Type::TEXT), (&before, Type::INT8)],
        |row| Ok((names::named(row, 8)?, days::rollup(row, 0)?)),
    )?;
    Ok(StoredSeries::gathered(rows))
}

/// A destination has these hours, unless they have changed meanwhile.
pub(super) fn sent(session: &Blocking, destination: &str, kept: &[StoredSeries]) -> Result<(), Trouble> {
    for one in kept {
        let series = names::number_of(&one.series);
        let hours: Vec<i64> = one.rollups.iter().map(|hour| hour.period).collect();
        let counts: Vec<i64> = one.rollups.iter().map(|hour| i64::from(hour.count)).collect();
        let number = |of: fn(&Rollup) -> f64| one.rollups.iter().map(of).collect::<Vec<f64>>();
        session.execute(
            "DELETE FROM scale_advisor.pending WHERE destination = $1 AND series = $2 AND hour IN (
                 SELECT h.hour FROM scale_advisor.hourly AS h
                 JOIN unnest($3::bigint[], $4::bigint[], $5::double precision[], $6::double precision[],
                     $7::double precision[], $8::double precision[]) AS s (hour, count, min, mean, max, last)
                 ON h.series = $2 AND h.hour = s.hour AND h.count = s.count AND h.min = s.min
                     AND h.mean = s.mean AND h.max = s.max AND h.last = s.last)",
            &[
                (&destination, Type::TEXT),
                (&series, Type::INT8),
                (&hours, Type::INT8_ARRAY),
                (&counts, Type::INT8_ARRAY),
                (&number(|hour| hour.min), Type::FLOAT8_ARRAY),
                (&number(|hour| hour.mean), Type::FLOAT8_ARRAY),
                (&number(|hour| hour.max), Type::FLOAT8_ARRAY),
                (&number(|hour| hour.last), Type::FLOAT8_ARRAY),
            ],
        )?;
    }
    Ok(())
}
