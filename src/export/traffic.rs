//! What the load did: from week to week, and within minutes.

use std::collections::BTreeMap;

use super::ExportInput;
use crate::signal::{Series, SignalId, quantile};

/// In how many seconds more replicas are there at the latest: the autoscaler looks every 15 seconds at figures that are
/// up to a minute old, and then replicas start.
const REACTION: i64 = 300;
/// Milliseconds of a week.
const WEEK_MS: i64 = 7 * 86_400_000;
/// The fewest hours that show how a week compares with the one before it.
const MIN_HOURS: usize = 84;

/// The hourly past of the load, the longest where there are several.
pub(super) fn past<'a>(export: &ExportInput<'a>, load: SignalId) -> Option<&'a Series> {
    let history = export.snapshot.history.iter().filter(|past| past.signal == load);
    history.map(|past| &past.values).max_by_key(|values| values.len())
}

/// The factor by which the load grows from a week to the next, at least 1: the median over the hours of the last week, each
/// compared with the same hour of the week before. `None` where fewer than half of them were measured in both.
pub(super) fn weekly_growth(export: &ExportInput<'_>, load: SignalId) -> Option<f64> {
    let values = past(export, load)?;
    let last = values.last().0;
    let hours = by_hour(values);
    let compared = hours.range(last - WEEK_MS + 1..).filter_map(|(at_ms, load)| {
        let before = hours.get(&(at_ms - WEEK_MS)).filter(|before| **before > 0.0)?;
        Some(load / before)
    });
    let compared: Vec<f64> = compared.collect();
    if compared.len() < MIN_HOURS {
        return None;
    }
    quantile(&compared, 0.5).map(|growth| growth.max(1.0))
}

/// The values of a series by their time.
pub(super) fn by_hour(series: &Series) -> BTreeMap<i64, f64> {
    series.at_ms().iter().copied().zip(series.values().iter().copied()).collect()
}

/// By which factor the load rises while replicas start: in busy hours, the 95% quantile.
pub(super) fn rise(export: &ExportInput<'_>, load: SignalId) -> Option<f64> {
    let series = export.snapshot.observations.iter().filter(|observation| observation.signal == load);
    let series = &series.max_by_key(|observation| observation.values.len())?.values;
    let step = series.step_ms();
    if step <= 0 || step > REACTION * 1000 {
        return None;
    }
    let later = usize::try_from(REACTION * 1000 / step).ok()?;
    let busy = quantile(series.values(), 0.5)?;
    let values = series.values();
    let pairs = values.iter().zip(values.get(later..)?);
    let rises: Vec<f64> =
        pairs.filter(|(from, _)| **from >= busy && **from > 0.0).map(|(from, to)| to / from).collect();
    quantile(&rises, 0.95).map(|rise| rise.max(1.0))
}
