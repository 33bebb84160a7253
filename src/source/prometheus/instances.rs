//! From the series of an answer to one series for each instance.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::{
    decode::{RawSeries, Samples},
    grid::Grid,
    names::names,
    tracks::{Track, by_workload, joined, reduced, shares, without_duplicates, without_second_counts},
};
use crate::{
    signal::{Direction, Identity, Reduce, Role, Scope, Series, Signal},
    snapshot::{AmbiguousScope, Limit, Reason, ScopeValue, Unavailable},
};

/// What the series of an answer are read by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) signal: &'a Signal,
    pub(super) scope: &'a Scope,
    pub(super) grid: Grid,
    /// Whether a query of the project's own gave the series: it says by itself what is added up.
    pub(super) is_bound: bool,
}

/// An instance that stopped reporting no longer ago than this may have failed; before, it was taken away.
const RECENTLY_SECONDS: i64 = 3600;

/// One instance's series and what a reader must know about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instance {
    pub(super) name: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) values: Series,
    pub(super) limit: Option<Limit>,
    pub(super) notes: Vec<String>,
    /// Of how many replicas it is the worst, where several are one instance.
    pub(super) replicas: Option<usize>,
}

/// The instances that are alive, those that stopped reporting a short while ago, a note on each that cannot be read, and
/// what can only be added up when configured so.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Instances {
    pub(super) alive: Vec<Instance>,
    pub(super) stopped: Vec<Instance>,
    pub(super) notes: Vec<String>,
    pub(super) ambiguous: Vec<AmbiguousScope>,
}

/// Sorts series by instance and brings together what is one. `limits` are there for a share of something counted.
///
/// # Errors
/// With the reason when no instance has a usable series.
pub(super) fn instances(
    rules: Rules<'_>,
    usage: Vec<RawSeries>,
    limits: Option<&[RawSeries]>,
) -> Result<Instances, Unavailable> {
    let usage = usable(usage)?;
    let tracks: Vec<Track> = match limits {
        Some(limits) => shares(usage, limits),
        None => usage.into_iter().map(Track::new).collect(),
    };
    let tracks: Vec<Track> = tracks.into_iter().filter(|track| !track.samples.values.is_empty()).collect();
    if tracks.is_empty() {
        return Err(Unavailable::new(
            Reason::LabelMismatch,
            "there is a usage, but no limit of the same labels",
        )
        .hint("bind the signal to a query that returns the ratio"));
    }
    let signal = rules.signal;
    let tracks = without_duplicates(tracks, signal.instance.as_ref().map(|_| signal.identity()));
    match (&signal.instance, signal.reduce) {
        (Some(key), _) => several(rules, distinct(tracks, key, signal)),
        (None, Some(reduce)) => together(rules, tracks, reduce),
        // Each of several pools can be full by itself; with several response times it is unknown which is meant.
        (None, None) if tracks.len() == 1 || signal.role == Role::Resource => several(rules, tracks),
        (None, None) => Err(too_many(&tracks)),
    }
}

/// Tracks that are different things.
fn distinct(tracks: Vec<Track>, key: &str, signal: &Signal) -> Vec<Track> {
    if signal.identity() == Identity::Workload {
        let worst = match signal.direction {
            Direction::HigherIsWorse => Reduce::Max,
            Direction::LowerIsWorse => Reduce::Min,
        };
        return by_workload(tracks, worst);
    }
    joined(tracks, key)
}

fn several(rules: Rules<'_>, tracks: Vec<Track>) -> Result<Instances, Unavailable> {
    let end_ms = (rules.grid.to - rules.grid.tolerance()) * 1000;
    let is_alive = |track: &Track| track.samples.at_ms.last().is_some_and(|last| *last >= end_ms);
    let (alive, gone): (Vec<Track>, Vec<Track>) = tracks.into_iter().partition(is_alive);
    let mut found = Instances::default();
    let mut failures = Vec::new();
    let names_of_alive = names(&alive, rules.signal, rules.scope);
    for (name, track) in names_of_alive.iter().cloned().zip(alive) {
        match instance(rules, name.clone(), track) {
            Ok(instance) => found.alive.push(instance),
            Err(failure) => failures.push((name, failure)),
        }
    }
    found.alive.sort_by(|a, b| a.name.cmp(&b.name));
    let names_of_gone = names(&gone, rules.signal, rules.scope);
    for (name, track) in names_of_gone.into_iter().zip(gone) {
        let newest = track.samples.at_ms.last().copied().unwrap_or_default();
        failures.push((name.clone(), stopped(newest)));
        // Under the name of one that is alive it was replaced, as a pod is by the next one of its workload.
        let is_recent = newest >= (rules.grid.to - RECENTLY_SECONDS) * 1000;
        if is_recent && !names_of_alive.contains(&name) {
            found.stopped.extend(instance(rules, name, track).ok());
        }
    }
    found.stopped.sort_by(|a, b| a.name.cmp(&b.name));
    let note = |(name, failure): &(Option<String>, Unavailable)| {
        format!("{} of {}: {}", rules.signal.id(), name.as_deref().unwrap_or("no instance"), failure.detail)
    };
    found.notes = failures.iter().map(note).collect();
    // Of those that stopped the newest: its time is the greatest, as text too.
    let worst = failures
        .into_iter()
        .map(|(_, failure)| failure)
        .max_by(|a, b| (a.reason, &a.detail).cmp(&(b.reason, &b.detail)));
    match worst {
        Some(failure) if found.alive.is_empty() => Err(failure),
        _ => Ok(found),
    }
}

/// All tracks as one.
fn together(rules: Rules<'_>, tracks: Vec<Track>, reduce: Reduce) -> Result<Instances, Unavailable> {
    let is_load = rules.signal.role == Role::Load && reduce == Reduce::Sum;
    let ambiguous = if is_load && !rules.is_bound { ambiguous(rules, &tracks) } else { Vec::new() };
    let (tracks, mut notes) =
        if is_load { without_second_counts(tracks, "job") } else { (tracks, Vec::new()) };
    notes.extend(tracks.iter().flat_map(|track| track.notes.iter().cloned()));
    notes.sort();
    notes.dedup();
    let track = Track { samples: reduced(&tracks, reduce), notes, ..Track::default() };
    let newest = track.samples.at_ms.last().copied().unwrap_or_default();
    if newest < (rules.grid.to - rules.grid.tolerance()) * 1000 {
        return Err(stopped(newest));
    }
    Ok(Instances { alive: vec![instance(rules, None, track)?], ambiguous, ..Instances::default() })
}

/// The labels of places of which several values answer, with their shares of the whole, where nothing says that they
/// are one or which is meant. A label that says the same as another one is left out.
fn ambiguous(rules: Rules<'_>, tracks: &[Track]) -> Vec<AmbiguousScope> {
    let total: f64 = tracks.iter().flat_map(|track| &track.samples.values).sum();
    let mut found: Vec<(AmbiguousScope, BTreeSet<Vec<usize>>)> = Vec::new();
    for label in rules.scope.place_labels().filter(|label| !rules.scope.settles(label)) {
        let mut shares: BTreeMap<&str, (f64, Vec<usize>)> = BTreeMap::new();
        for (index, track) in tracks.iter().enumerate() {
            let (sum, members) = shares.entry(track.label(label).unwrap_or_default()).or_default();
            *sum += track.samples.values.iter().sum::<f64>();
            members.push(index);
        }
        shares.retain(|_, (sum, _)| *sum > 0.0);
        let partition: BTreeSet<Vec<usize>> = shares.values().map(|(_, members)| members.clone()).collect();
        if shares.len() < 2 || found.iter().any(|(_, known)| *known == partition) {
            continue;
        }
        let mut values: Vec<ScopeValue> = shares
            .into_iter()
            .map(|(value, (sum, _))| ScopeValue { value: value.to_owned(), share: sum / total })
            .collect();
        values.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.value.cmp(&b.value)));
        let signal = rules.signal.id();
        found.push((AmbiguousScope { signal, label: label.to_owned(), values }, partition));
    }
    found.into_iter().map(|(scope, _)| scope).collect()
}

fn instance(rules: Rules<'_>, name: Option<String>, track: Track) -> Result<Instance, Unavailable> {
    let Rules { grid, signal, .. } = rules;
    let Track { labels, samples, limit, notes: known, replicas } = track;
    let mut notes = notes(&samples, grid);
    notes.extend(known);
    let unit = signal.usage_unit();
    let values = series(samples, grid)?;
    let limit = Some(limit).filter(|limit| !limit.values.is_empty());
    let limit = limit.map(|limit| series(limit, grid)).transpose()?;
    let limit = limit.and_then(|limit| Limit::from_series(&limit, unit));
    Ok(Instance { name, labels, values, limit, notes, replicas })
}

fn series(samples: Samples, grid: Grid) -> Result<Series, Unavailable> {
    Series::new(grid.step * 1000, samples.at_ms, samples.values).map_err(|error| {
        Unavailable::new(Reason::UnexpectedReply, format!("the samples do not fit the query: {error}"))
    })
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
        return Err(Unavailable::new(
            Reason::QueryFailed,
            "the query returns native histograms, not numbers",
        )
        .hint("wrap it in histogram_quantile(…) or histogram_avg(…)"));
    }
    Err(Unavailable::new(Reason::NotFinite, format!("all samples are NaN ({nan}) or infinite ({infinite})"))
        .hint("division by zero: check that the query's divisor is not zero"))
}

/// A series that ended before the window did.
pub(super) fn stopped(newest_ms: i64) -> Unavailable {
    Unavailable::new(Reason::Stopped, format!("the newest sample is of {}", time_text(newest_ms)))
        .hint("check whether its exporter is still running and scraped")
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

fn too_many(tracks: &[Track]) -> Unavailable {
    let detail =
        format!("{} series came where one is expected; they differ in {}", tracks.len(), differences(tracks));
    Unavailable::new(Reason::SeveralSeries, detail)
        .hint("bind the signal to a query that aggregates them, such as sum(…) or max(…)")
}

/// The labels whose values differ, with some of the values.
fn differences(tracks: &[Track]) -> String {
    let names: BTreeSet<&str> =
        tracks.iter().flat_map(|track| track.labels.keys().map(String::as_str)).collect();
    let values = |name: &str| -> BTreeSet<&str> {
        tracks.iter().map(|track| track.label(name).unwrap_or_default()).collect()
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
