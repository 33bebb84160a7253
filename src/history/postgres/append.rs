//! Recording a run.

use std::path::Path;

use super::{Refusal, days, names, open, statements};
use crate::{
    history::{
        Batch, HistoryError, Written,
        batch::by_hour,
        day::day_of,
        rollup::{HOUR_MS, HOURS},
    },
    postgres::{Blocking, Trouble, Type},
};

/// Records everything of a run, inside a transaction.
pub(super) fn append(session: &Blocking, place: &Path, batch: &Batch) -> Result<Written, Refusal> {
    open::lock(session, place)?;
    same_kind(session, place, batch.simulated.as_ref())?;
    let taken_ms = batch.taken_at.timestamp_millis();
    // Today and yesterday may still grow: every run reads back a day.
    let open_from = (day_of(taken_ms.div_euclid(HOUR_MS)) - 1) * HOURS;
    names::keep(session, batch.series.iter().map(|(name, _)| name))?;
    let written = Written {
        series: batch.series.len(),
        samples: batch.series.iter().map(|(_, values)| values.len()).sum(),
        hours: record(session, batch, open_from)?,
    };
    session.execute("DELETE FROM scale_advisor.samples WHERE hour < $1", &[(&open_from, Type::INT8)])?;
    for look in &batch.looks {
        statements::append(session, look)?;
    }
    if let Some(assessment) = &batch.assessment {
        assess(session, taken_ms, assessment)?;
        thin_out(session, open_from)?;
    }
    Ok(written)
}

/// Brings the samples to what is held of their days. Returns how many hours changed.
fn record(session: &Blocking, batch: &Batch, open_from: i64) -> Result<usize, Trouble> {
    let offered: Vec<_> =
        batch.series.iter().map(|(name, values)| (names::number_of(name), by_hour(values))).collect();
    let touched = || offered.iter().flat_map(|(_, hours)| hours.keys().map(|hour| day_of(*hour)));
    let (Some(first), Some(last)) = (touched().min(), touched().max()) else { return Ok(0) };
    let series: Vec<i64> = offered.iter().map(|(series, _)| *series).collect();
    let mut held = days::read(session, &series, &(first..=last))?;
    for (series, hours) in offered {
        for (hour, samples) in hours {
            held.entry((series, day_of(hour))).or_default().offer(hour, samples);
        }
    }
    days::write(session, &held, open_from)
}

/// Keeps the newest assessment of an hour.
pub(super) fn assess(session: &Blocking, at_ms: i64, json: &str) -> Result<u64, Trouble> {
    session.execute(
        "INSERT INTO scale_advisor.assessments (hour, at_ms, json) VALUES ($1, $2, $3)
         ON CONFLICT (hour) DO UPDATE SET at_ms = excluded.at_ms, json = excluded.json
         WHERE excluded.at_ms >= assessments.at_ms",
        &[(&at_ms.div_euclid(HOUR_MS), Type::INT8), (&at_ms, Type::INT8), (&json, Type::TEXT)],
    )
}

/// Keeps of each day before an hour the last assessment.
fn thin_out(session: &Blocking, before: i64) -> Result<u64, Trouble> {
    session.execute(
        "DELETE FROM scale_advisor.assessments AS older WHERE hour < $1
         AND EXISTS (SELECT 1 FROM scale_advisor.assessments AS newer
             WHERE newer.hour > older.hour AND newer.hour < older.hour - older.hour % 24 + 24)",
        &[(&before, Type::INT8)],
    )
}

/// What the values are when they are not real, and "" when they are; `None` while nothing is recorded.
pub(super) fn simulated(session: &Blocking) -> Result<Option<String>, Trouble> {
    let found =
        session.rows("SELECT value FROM scale_advisor.metadata WHERE key = 'simulated'", &[], |row| {
            Ok(row.try_get(0)?)
        })?;
    Ok(found.into_iter().next())
}

/// Refuses to mix real and simulated values, and remembers which of both the history holds.
pub(super) fn same_kind(session: &Blocking, place: &Path, offered: Option<&String>) -> Result<(), Refusal> {
    let text = offered.map_or("", String::as_str);
    match simulated(session)? {
        Some(held) if held != text => Err(Refusal::Ours(HistoryError::Mixed {
            file: place.to_owned(),
            held: Some(held).filter(|held| !held.is_empty()),
            offered: offered.cloned(),
        })),
        Some(_) => Ok(()),
        None => {
            let insert = "INSERT INTO scale_advisor.metadata VALUES ('simulated', $1)";
            session.execute(insert, &[(&text, Type::TEXT)])?;
            Ok(())
        }
    }
}
