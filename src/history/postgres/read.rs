//! Reading a history back.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::{days, names};
use crate::{
    history::{Range, Resolution, Rollup, StoredAssessment, StoredSeries},
    postgres::{Blocking, Trouble, Type},
    signal::SignalId,
};

/// The rollups of periods that lie wholly within a range, by series.
pub(super) fn rollups(
    session: &Blocking,
    resolution: Resolution,
    signal: Option<SignalId>,
    range: Range,
) -> Result<Vec<StoredSeries>, Trouble> {
    let columns = names::COLUMNS;
    let signal = signal.map(SignalId::as_str);
    let named = session.rows(
        &format!("SELECT id, {columns} FROM scale_advisor.series WHERE $1::text IS NULL OR signal = $1"),
        &[(&signal, Type::TEXT)],
        |row| Ok((row.try_get::<_, i64>(0)?, names::named(row, 1)?)),
    )?;
    let (table, period) = match resolution {
        Resolution::Hour => ("hourly", "hour"),
        Resolution::Day => ("daily", "day"),
    };
    let ids: Vec<i64> = named.iter().map(|(id, _)| *id).collect();
    let (from, to) = range.periods(resolution);
    let columns = days::COLUMNS;
    let found = session.rows(
        &format!(
            "SELECT series, {period}, {columns} FROM scale_advisor.{table}
             WHERE series = ANY ($1::bigint[]) AND {period} >= $2 AND {period} < $3 ORDER BY series, {period}"
        ),
        &[(&ids, Type::INT8_ARRAY), (&from, Type::INT8), (&to, Type::INT8)],
        |row| Ok((row.try_get::<_, i64>(0)?, days::rollup(row, 1)?)),
    )?;
    let mut by_series: BTreeMap<i64, Vec<Rollup>> = BTreeMap::new();
    for (series, rollup) in found {
        by_series.entry(series).or_default().push(rollup);
    }
    let kept = |(id, series)| Some(StoredSeries { series, rollups: by_series.remove(&id)? });
    let mut all: Vec<StoredSeries> = named.into_iter().filter_map(kept).collect();
    // Not by the server, whose order of letters depends on its locale.
    all.sort_by(|one, other| one.series.cmp(&other.series));
    Ok(all)
}

/// The assessments made within a range, in the order of time.
pub(super) fn assessments(session: &Blocking, range: Range) -> Result<Vec<StoredAssessment>, Trouble> {
    session.rows(
        "SELECT at_ms, json FROM scale_advisor.assessments WHERE at_ms >= $1 AND at_ms < $2 ORDER BY at_ms",
        &[(&range.from_ms, Type::INT8), (&range.to_ms, Type::INT8)],
        |row| {
            let at = DateTime::from_timestamp_millis(row.try_get(0)?).unwrap_or_default();
            Ok(StoredAssessment { at, json: row.try_get(1)? })
        },
    )
}
