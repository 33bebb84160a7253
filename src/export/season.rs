//! How the load compares with that of a week ago.

use std::collections::BTreeMap;

use super::ExportInput;
use crate::{
    signal::{SignalId, quantile},
    snapshot::Observation,
};

/// Milliseconds of a week.
const WEEK_MS: i64 = 7 * 86_400_000;
/// The fewest hours that show how a week compares with the one before it.
const MIN_HOURS: usize = 84;

/// The factor by which the load grows from a week to the next, at least 1: the median over the hours of the last week, each
/// compared with the same hour of the week before. `None` where fewer than half of them were measured in both.
pub(super) fn weekly_growth(export: &ExportInput<'_>, load: SignalId) -> Option<f64> {
    let history = export.snapshot.history.iter().filter(|past: &&Observation| past.signal == load);
    let values = &history.max_by_key(|past| past.values.len())?.values;
    let last = values.last().0;
    let by_hour: BTreeMap<i64, f64> =
        values.at_ms().iter().copied().zip(values.values().iter().copied()).collect();
    let compared = by_hour.range(last - WEEK_MS + 1..).filter_map(|(at_ms, load)| {
        let before = by_hour.get(&(at_ms - WEEK_MS)).filter(|before| **before > 0.0)?;
        Some(load / before)
    });
    let compared: Vec<f64> = compared.collect();
    if compared.len() < MIN_HOURS {
        return None;
    }
    quantile(&compared, 0.5).map(|growth| growth.max(1.0))
}
