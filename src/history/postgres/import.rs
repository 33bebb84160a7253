//! Taking in what another history gave out.

use std::{collections::BTreeMap, path::Path};

use super::{Refusal, append, days, names, open, statements};
use crate::{
    history::{Contents, Rollup, StoredSeries, Written, day::day_of},
    postgres::{Blocking, Trouble},
};

/// Takes in rollups and assessments, inside a transaction. Of an hour that is held already, that rollup stands which
/// tells more of it; so that doing it twice is doing it once.
pub(super) fn import(session: &Blocking, place: &Path, contents: &Contents) -> Result<Written, Refusal> {
    open::lock(session, place)?;
    append::same_kind(session, place, contents.simulated.as_ref())?;
    names::keep(session, contents.hourly.iter().chain(&contents.daily).map(|kept| &kept.series))?;
    let mut written = Written::default();
    for kept in &contents.hourly {
        written.series += 1;
        written.hours += hours(session, kept)?;
    }
    // A day follows from its hours; what is left of its own is the percentile.
    for kept in &contents.daily {
        percentiles(session, kept)?;
    }
    statements::import(session, &contents.statements, &contents.looks)?;
    for one in &contents.assessments {
        append::assess(session, one.at.timestamp_millis(), &one.json)?;
    }
    Ok(written)
}

fn hours(session: &Blocking, kept: &StoredSeries) -> Result<usize, Trouble> {
    let series = names::number_of(&kept.series);
    let mut held = held(session, series, kept, day_of)?;
    for hour in &kept.rollups {
        held.entry((series, day_of(hour.period))).or_default().offer_rollup(*hour);
    }
    days::write(session, &held, i64::MIN)
}

fn percentiles(session: &Blocking, kept: &StoredSeries) -> Result<(), Trouble> {
    let series = names::number_of(&kept.series);
    let held = held(session, series, kept, |day| day)?;
    let better = |rollup: &Rollup| {
        let day = held.get(&(series, rollup.period))?;
        day.with_p95_of(rollup).filter(|better| Some(*better) != day.held)
    };
    // One for each day, whatever stands in the text.
    let better: BTreeMap<i64, Rollup> =
        kept.rollups.iter().filter_map(|rollup| Some((rollup.period, better(rollup)?))).collect();
    let better: Vec<(i64, Rollup)> = better.into_values().map(|rollup| (series, rollup)).collect();
    days::put(session, "daily", "day", &better)
}

fn held(
    session: &Blocking,
    series: i64,
    kept: &StoredSeries,
    day: fn(i64) -> i64,
) -> Result<days::Days, Trouble> {
    let days = || kept.rollups.iter().map(|rollup| day(rollup.period));
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(days::Days::new()) };
    days::read(session, &[series], &(first..=last))
}
