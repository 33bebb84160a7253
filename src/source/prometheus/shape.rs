//! From the series of an answer to one series for each instance.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::{
    decode::{RawSeries, Samples},
    grid::Grid,
};
use crate::{
    signal::{Reduce, Series, Signal},
    snapshot::{Reason, Unavailable},
};

/// One instance's series and what a reader must know about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shaped {
    pub(super) instance: Option<String>,
    pub(super) values: Series,
    pub(super) notes: Vec<String>,
}

/// The instances that are alive, and a note on each that is not.
#[derive(Debug, PartialEq)]
pub(super) struct Instances {
    pub(super) alive: Vec<Shaped>,
    pub(super) notes: Vec<String>,
}

/// Sorts series by instance and reduces what belongs together.
///
/// # Errors
/// With the reason when no instance has a usable series.
pub(super) fn shape(signal: &Signal, series: Vec<RawSeries>, grid: Grid) -> Result<Instances, Unavailable> {
    let usable = usable(series)?;
    let mut groups: BTreeMap<Option<String>, Vec<RawSeries>> = BTreeMap::new();
    for series in usable {
        let instance = signal.instance.as_ref().and_then(|name| label(&series, name).map(str::to_owned));
        groups.entry(instance).or_default().push(series);
    }
    let mut alive = Vec::new();
    let mut failures = Vec::new();
    for (instance, group) in groups {
        match one_series(signal.reduce, group, grid) {
            Ok((values, notes)) => alive.push(Shaped { instance, values, notes }),
            Err(failure) => failures.push((instance, failure)),
        }
    }
    let note = |(instance, failure): &(Option<String>, Unavailable)| {
        format!("{} of {}: {}", signal.id(), instance.as_deref().unwrap_or("no instance"), failure.detail)
    };
    let notes = failures.iter().map(note).collect();
    // When none is alive, several series matter more than one that stopped, and of those that stopped the
    // newest: its time is the greatest, as text too.
    let worst = failures
        .into_iter()
        .map(|(_, failure)| failure)
        .max_by(|a, b| (a.reason, &a.detail).cmp(&(b.reason, &b.detail)));
    match worst {
        Some(failure) if alive.is_empty() => Err(failure),
        _ => Ok(Instances { alive, notes }),
    }
}

/// The value of a label.
pub(super) fn label<'a>(series: &'a RawSeries, name: &str) -> Option<&'a str> {
    series.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
}

/// Series with finite samples; an error when there are series, but none of them has any.
fn usable(series: Vec<RawSeries>) -> Result<Vec<RawSeries>, Unavailable> {
    let nan: u64 = series.iter().map(|series| series.samples.nan).sum();
    let infinite: u64 = series.iter().map(|series| series.samples.infinite).sum();
    let histograms = series.iter().any(|series| series.histograms);
    let usable: Vec<_> = series.into_iter().filter(|series| !series.samples.values.is_empty()).collect();
    if !usable.is_empty() {
        return Ok(usable);
    }
    if histograms {
        return Err(Unavailable::new(Reason::QueryFailed, "the query gives native histograms, not numbers")
            .hint("wrap it in histogram_quantile(…) or histogram_avg(…)"));
    }
    Err(Unavailable::new(Reason::NotFinite, format!("all samples are NaN ({nan}) or infinite ({infinite})"))
        .hint("a share of nothing is no number: see that the query's divisor is not zero"))
}

fn one_series(
    reduce: Option<Reduce>,
    mut group: Vec<RawSeries>,
    grid: Grid,
) -> Result<(Series, Vec<String>), Unavailable> {
    let samples = match (group.len(), reduce) {
        (1, _) => group.remove(0).samples,
        (_, Some(reduce)) => reduced(&group, reduce),
        (_, None) => return Err(several(&group)),
    };
    let notes = notes(&samples, grid);
    let values = Series::new(grid.step * 1000, samples.at_ms, samples.values).map_err(|error| {
        Unavailable::new(Reason::UnexpectedReply, format!("the samples do not fit the query: {error}"))
    })?;
    let (newest, _) = values.last();
    if newest < (grid.to - grid.tolerance()) * 1000 {
        return Err(stopped(newest));
    }
    Ok((values, notes))
}

/// A series that ended before the window did.
pub(super) fn stopped(newest_ms: i64) -> Unavailable {
    Unavailable::new(Reason::Stopped, format!("the newest sample is of {}", time_text(newest_ms)))
        .hint("see whether its exporter still runs and is still scraped")
}

fn notes(samples: &Samples, grid: Grid) -> Vec<String> {
    let mut notes = Vec::new();
    let left_out = samples.nan + samples.infinite;
    if left_out > 0 {
        let all = samples.values.len() as u64 + left_out;
        notes.push(format!("left out as NaN or infinite: {left_out} of {all} samples"));
    }
    if let Some(&first) = samples.at_ms.first()
        && first > (grid.from + grid.tolerance()) * 1000
    {
        let asked = time_text(grid.from * 1000);
        notes.push(format!("samples begin {}, the window begins {asked}", time_text(first)));
    }
    notes
}

/// Brings series together instant by instant, as PromQL's aggregations do: of the series that have a sample
/// at an instant.
fn reduced(group: &[RawSeries], reduce: Reduce) -> Samples {
    let pairs = |series: &RawSeries| {
        series.samples.at_ms.iter().copied().zip(series.samples.values.iter().copied()).collect::<Vec<_>>()
    };
    let mut pairs: Vec<(i64, f64)> = group.iter().flat_map(pairs).collect();
    pairs.sort_by_key(|(at, _)| *at);
    let mut reduced = Samples::default();
    for instant in pairs.chunk_by(|a, b| a.0 == b.0) {
        let values = instant.iter().map(|(_, value)| *value);
        let value = match reduce {
            Reduce::Sum => values.sum(),
            Reduce::Max => values.fold(f64::NEG_INFINITY, f64::max),
            Reduce::Min => values.fold(f64::INFINITY, f64::min),
        };
        if f64::is_finite(value) {
            reduced.at_ms.push(instant[0].0);
            reduced.values.push(value);
        } else {
            reduced.infinite += 1; // a sum beyond the largest double
        }
    }
    reduced.nan = group.iter().map(|series| series.samples.nan).sum();
    reduced.infinite += group.iter().map(|series| series.samples.infinite).sum::<u64>();
    reduced
}

fn several(group: &[RawSeries]) -> Unavailable {
    let detail =
        format!("{} series came where one is expected; they differ in {}", group.len(), differences(group));
    Unavailable::new(Reason::SeveralSeries, detail)
        .hint("bind the signal to a query that aggregates them, such as sum(…) or max(…)")
}

/// The labels whose values differ, with some of the values.
fn differences(group: &[RawSeries]) -> String {
    let names: BTreeSet<&str> =
        group.iter().flat_map(|series| series.labels.iter().map(|(name, _)| name.as_str())).collect();
    let values = |name: &str| -> BTreeSet<&str> {
        group.iter().map(|series| label(series, name).unwrap_or_default()).collect()
    };
    let differing = names.iter().map(|name| (name, values(name))).filter(|(_, values)| values.len() > 1);
    let texts: Vec<String> = differing.take(6).map(|(name, values)| listed(name, &values)).collect();
    if texts.is_empty() { "no label at all".to_owned() } else { texts.join(", ") }
}

/// A label with the first few of its values.
pub(super) fn listed(name: &str, values: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = values.iter().copied().take(3).collect();
    let more = if values.len() > 3 { ", …" } else { "" };
    format!("{name} ({}{more})", shown.join(", "))
}

/// A time as people read it.
pub(super) fn time_text(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms)
        .map_or_else(|| format!("{at_ms} ms"), |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
