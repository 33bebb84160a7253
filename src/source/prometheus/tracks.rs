//! What one instance did over time: found again under other labels, and counted once where it was read twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    decode::{RawSeries, Samples},
    labels::{is_observer, workload},
};
use crate::{
    signal::{Identity, Reduce},
    snapshot::{COUNTED_ONCE, is_changing},
};

/// The samples of one instance, or of what may turn out to be a part of one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Track {
    /// The labels that tell it from others.
    pub(super) labels: BTreeMap<String, String>,
    /// Its values; for a share the share.
    pub(super) samples: Samples,
    /// For a share of something counted: the limit at times.
    pub(super) limit: Samples,
    /// What a reader must know.
    pub(super) notes: Vec<String>,
    /// Of how many pods of a workload it is the worst.
    pub(super) replicas: Option<usize>,
}

/// Labels and their values.
type Place = Vec<(String, String)>;

/// Two instances of one name may be there at the same time for so long while one replaces the other.
const HANDOVER_MS: i64 = 10 * 60_000;
/// One that begins so long after another one ended may be the same under another name.
const SUCCESSION_MS: i64 = 60 * 60_000;
/// Series that differ by so little on average are one series, read at other moments.
const SAME: f64 = 0.05;
/// Their means must agree better than that.
const SAME_MEAN: f64 = 0.015;

impl Track {
    /// A track of a series that is no share.
    pub(super) fn new(series: RawSeries) -> Self {
        let labels = series.labels.into_iter().collect();
        Self { labels, samples: series.samples, ..Self::default() }
    }

    /// The value of a label.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn first_ms(&self) -> i64 {
        self.samples.at_ms.first().copied().unwrap_or(i64::MAX)
    }

    fn last_ms(&self) -> i64 {
        self.samples.at_ms.last().copied().unwrap_or(i64::MIN)
    }

    /// The pod it ran in, if it ran in one.
    fn pod(&self) -> Option<&str> {
        ["pod", "pod_name", "kubernetes_pod_name", "exported_pod"]
            .into_iter()
            .find_map(|name| self.label(name))
    }

    /// The workload it belongs to, if it ran in a pod.
    pub(super) fn workload(&self) -> Option<&str> {
        self.pod().map(workload)
    }
}

/// Usage and limit of the same labels become a share. A usage without a limit of its own takes the only limit whose
/// labels it has as well, else the only limit there is, unless the labels of that say that it is another thing's;
/// without any it is left out. The limit holds until the next reading of it.
pub(super) fn shares(usage: Vec<RawSeries>, limits: &[RawSeries]) -> Vec<Track> {
    let by_labels: BTreeMap<BTreeMap<&str, &str>, &RawSeries> =
        limits.iter().map(|series| (label_map(series), series)).collect();
    let limit_of = |series: &RawSeries| {
        let labels = label_map(series);
        let fits = |limit: &&RawSeries| {
            label_map(limit).iter().all(|(name, value)| labels.get(name).is_none_or(|own| own == value))
        };
        let wider = || {
            let has_all = |limit: &&RawSeries| {
                label_map(limit).iter().all(|(name, value)| labels.get(name) == Some(value))
            };
            let mut wider = limits.iter().filter(has_all);
            wider.next().filter(|_| wider.next().is_none())
        };
        let only = || limits.first().filter(|_| limits.len() == 1).filter(fits);
        by_labels.get(&labels).copied().or_else(wider).or_else(only)
    };
    let share = |series: RawSeries| {
        let limit = limit_of(&series)?.samples.clone();
        let mut samples =
            Samples { nan: series.samples.nan, infinite: series.samples.infinite, ..Samples::default() };
        let mut newest = 0;
        for (&at_ms, &used) in series.samples.at_ms.iter().zip(&series.samples.values) {
            while limit.at_ms.get(newest + 1).is_some_and(|next| *next <= at_ms) {
                newest += 1;
            }
            if let Some(limit) = limit.values.get(newest).filter(|limit| **limit > 0.0) {
                samples.push(at_ms, used / limit);
            }
        }
        let labels = series.labels.into_iter().collect();
        Some(Track { labels, samples, limit, ..Track::default() })
    };
    usage.into_iter().filter_map(share).collect()
}

fn label_map(series: &RawSeries) -> BTreeMap<&str, &str> {
    let labels = series.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    labels.filter(|(name, _)| *name != "__name__").collect()
}

/// Takes equal tracks that differ only in who scraped them for one. Returns what is left.
pub(super) fn without_duplicates(tracks: Vec<Track>, identity: Option<Identity>) -> Vec<Track> {
    let essence = |track: &Track| -> Vec<(String, String)> {
        let labels = track.labels.iter().filter(|(name, _)| !is_observer(name, identity));
        labels.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let mut groups: BTreeMap<Vec<(String, String)>, Vec<Track>> = BTreeMap::new();
    for track in tracks {
        groups.entry(essence(&track)).or_default().push(track);
    }
    let mut left = Vec::new();
    for group in groups.into_values() {
        let mut distinct: Vec<Track> = Vec::new();
        for track in group {
            match distinct.iter_mut().find(|known| are_same(&known.samples, &track.samples)) {
                Some(known) => {
                    let note = format!("also scraped as {}; {COUNTED_ONCE}", differences(&track, known));
                    known.notes.push(note);
                }
                None => distinct.push(track),
            }
        }
        left.extend(distinct);
    }
    left
}

/// Takes groups of tracks with equal sums for one that is shown at two places, such as requests that a gateway and the
/// service behind it both count. `tracks` are added up by `label` to be compared.
pub(super) fn without_second_counts(tracks: Vec<Track>, label: &str) -> (Vec<Track>, Vec<String>) {
    let mut groups: BTreeMap<String, Vec<Track>> = BTreeMap::new();
    for track in tracks {
        groups.entry(track.label(label).unwrap_or_default().to_owned()).or_default().push(track);
    }
    let mut kept: Vec<(String, Samples, Vec<Track>)> = Vec::new();
    let mut notes = Vec::new();
    for (value, group) in groups {
        let sum = reduced(&group, Reduce::Sum);
        match kept.iter().find(|(_, known, _)| varies(known) && are_same(known, &sum)) {
            Some((known, ..)) => {
                notes.push(format!("{label} {value} shows the same as {label} {known}; {COUNTED_ONCE}"));
            }
            None => kept.push((value, sum, group)),
        }
    }
    (kept.into_iter().flat_map(|(_, _, group)| group).collect(), notes)
}

/// Whether two series are one, read at other moments: nearly the same at each instant, and in the mean.
fn are_same(a: &Samples, b: &Samples) -> bool {
    let other: BTreeMap<i64, f64> = b.at_ms.iter().copied().zip(b.values.iter().copied()).collect();
    let pairs: Vec<(f64, f64)> =
        a.at_ms.iter().zip(&a.values).filter_map(|(at, value)| Some((*value, *other.get(at)?))).collect();
    let shorter = a.values.len().min(b.values.len());
    if pairs.is_empty() || pairs.len() * 5 < shorter * 4 {
        return false;
    }
    let size: f64 = pairs.iter().map(|(a, b)| a.abs().max(b.abs())).sum();
    let apart: f64 = pairs.iter().map(|(a, b)| (a - b).abs()).sum();
    let in_mean = pairs.iter().map(|(a, b)| a - b).sum::<f64>().abs();
    apart <= SAME * size && in_mean <= SAME_MEAN * size
}

/// Whether a series changes so much that another one does not agree with it by chance.
fn varies(samples: &Samples) -> bool {
    let mean = samples.values.iter().sum::<f64>() / samples.values.len().max(1) as f64;
    let apart: f64 = samples.values.iter().map(|value| (value - mean).abs()).sum();
    samples.values.len() >= 30 && apart > 3.0 * SAME * mean.abs() * samples.values.len() as f64
}

/// The labels in which a track differs from another one, with its values.
fn differences(track: &Track, other: &Track) -> String {
    let differing = track.labels.iter().filter(|(name, value)| other.labels.get(*name) != Some(value));
    differing.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

/// Joins tracks that follow each other in time and are one thing under changing labels: the same address in a new pod,
/// a new pod of the same workload, or an address that took over when the only other one ended.
pub(super) fn joined(tracks: Vec<Track>, key: &str) -> Vec<Track> {
    let same_address = |track: &Track| track.label(key).map(|value| (place(track), value.to_owned()));
    let tracks = chained(tracks, &same_address);
    let same_workload = |track: &Track| track.workload().map(|name| (place(track), name.to_owned()));
    let tracks = chained(tracks, &same_workload);
    succeeded(tracks, key)
}

/// The labels of a place that a new pod or address keeps.
fn place(track: &Track) -> Place {
    let labels = track.labels.iter().filter(|(name, _)| !is_changing(name));
    labels.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Joins the tracks of one key that are not there at the same time.
fn chained<K: Ord>(mut tracks: Vec<Track>, key: &dyn Fn(&Track) -> Option<K>) -> Vec<Track> {
    tracks.sort_by_key(|track| (track.first_ms(), track.last_ms()));
    let mut chains: BTreeMap<K, Vec<Track>> = BTreeMap::new();
    let mut left = Vec::new();
    for track in tracks {
        let Some(key) = key(&track) else {
            left.push(track);
            continue;
        };
        let chain = chains.entry(key).or_default();
        let follows = |known: &&mut Track| known.last_ms() <= track.first_ms().saturating_add(HANDOVER_MS);
        match chain.iter_mut().filter(follows).max_by_key(|known| known.last_ms()) {
            Some(known) => append(known, track),
            None => chain.push(track),
        }
    }
    left.extend(chains.into_values().flatten());
    left
}

/// Joins a track that ended with the one that began then, where there is no doubt which that is.
fn succeeded(mut tracks: Vec<Track>, key: &str) -> Vec<Track> {
    let soon = |ended: &Track, began: &Track| {
        let pause = began.first_ms().saturating_sub(ended.last_ms());
        place(ended) == place(began) && (-HANDOVER_MS..=SUCCESSION_MS).contains(&pause)
    };
    loop {
        let pair = (0..tracks.len()).find_map(|ended| {
            let after: Vec<usize> = (0..tracks.len())
                .filter(|began| ended != *began && soon(&tracks[ended], &tracks[*began]))
                .collect();
            let [began] = after[..] else { return None };
            let rivals =
                (0..tracks.len()).filter(|other| *other != began && soon(&tracks[*other], &tracks[began]));
            (rivals.count() == 1).then_some((ended, began))
        });
        let Some((ended, began)) = pair else { return tracks };
        let later = tracks.remove(began);
        let index = if began < ended { ended - 1 } else { ended };
        let Some(earlier) = tracks.get_mut(index) else { return tracks };
        let name = earlier.label(key).unwrap_or("another name").to_owned();
        append(earlier, later);
        earlier.notes.push(format!("was {name} before"));
    }
}

/// Continues with a later track, under its labels.
fn append(earlier: &mut Track, later: Track) {
    let end = earlier.last_ms();
    let behind = later.samples.at_ms.partition_point(|at| *at <= end);
    earlier.samples.at_ms.extend(later.samples.at_ms.into_iter().skip(behind));
    earlier.samples.values.extend(later.samples.values.into_iter().skip(behind));
    earlier.samples.nan += later.samples.nan;
    earlier.samples.infinite += later.samples.infinite;
    let limit_end = earlier.limit.at_ms.last().copied().unwrap_or(i64::MIN);
    let behind = later.limit.at_ms.partition_point(|at| *at <= limit_end);
    earlier.limit.at_ms.extend(later.limit.at_ms.into_iter().skip(behind));
    earlier.limit.values.extend(later.limit.values.into_iter().skip(behind));
    earlier.labels = later.labels;
    earlier.notes.extend(later.notes);
}

/// Brings the pods of each workload together; of several at a time the worst counts.
pub(super) fn by_workload(tracks: Vec<Track>, worst: Reduce) -> Vec<Track> {
    let mut groups: BTreeMap<(Place, String), Vec<Track>> = BTreeMap::new();
    let mut left = Vec::new();
    for track in tracks {
        match track.workload().map(str::to_owned) {
            Some(workload) => groups.entry((place(&track), workload)).or_default().push(track),
            None => left.push(track),
        }
    }
    for ((place, workload), group) in groups {
        let pods: BTreeSet<&str> = group.iter().filter_map(Track::pod).collect();
        let newest = group.iter().map(Track::last_ms).max().unwrap_or_default();
        let alive = group.iter().filter(|track| track.last_ms() == newest).count();
        let notes = (pods.len() > 1).then(|| format!("the worst of {alive} pods ({} over time)", pods.len()));
        let mut labels: BTreeMap<String, String> = place.into_iter().collect();
        labels.insert("workload".to_owned(), workload);
        let limit = group.iter().max_by_key(|track| track.last_ms()).map(|track| track.limit.clone());
        left.push(Track {
            labels,
            samples: reduced(&group, worst),
            limit: limit.unwrap_or_default(),
            notes: notes.into_iter().collect(),
            replicas: Some(alive),
        });
    }
    left
}

/// Brings tracks together instant by instant, as PromQL's aggregations do: of those that have a sample at an instant.
pub(super) fn reduced(group: &[Track], reduce: Reduce) -> Samples {
    if let [only] = group {
        return only.samples.clone();
    }
    let pairs = |track: &Track| {
        track.samples.at_ms.iter().copied().zip(track.samples.values.iter().copied()).collect::<Vec<_>>()
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
        reduced.push(instant[0].0, value);
    }
    reduced.nan += group.iter().map(|track| track.samples.nan).sum::<u64>();
    reduced.infinite += group.iter().map(|track| track.samples.infinite).sum::<u64>();
    reduced
}

#[cfg(test)]
mod tests;
