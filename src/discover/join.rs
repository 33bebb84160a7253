//! Usages and their limits as pairs: joined by their labels, and brought to the same scale.

use std::collections::{BTreeMap, BTreeSet};

use super::{Labels, MetricSeries, candidate::Confidence, labelled, metric::Role, words::words};

/// A usage with its limit.
#[derive(Debug)]
pub(super) struct Joined<'a> {
    /// The labels that both have.
    pub(super) labels: Labels,
    /// The series of the usage; several are added.
    pub(super) usage: Vec<&'a MetricSeries>,
    pub(super) limit: &'a MetricSeries,
    /// Whether both sides have the same labels, so that a query needs no more than their names.
    pub(super) is_aligned: bool,
    /// The label and its value that choose the usage among states.
    pub(super) chosen: Option<(String, String)>,
}

/// Joins on all labels that both sides have. `None` where they cannot be joined: a limit that exists several times for
/// one usage.
pub(super) fn join<'a>(usages: &'a [MetricSeries], limits: &'a [MetricSeries]) -> Option<Vec<Joined<'a>>> {
    let names = |all: &[MetricSeries]| -> BTreeSet<String> {
        all.iter().flat_map(|series| series.labels.keys().cloned()).collect()
    };
    let (of_usage, of_limit) = (names(usages), names(limits));
    let shared: Vec<&String> = of_usage.intersection(&of_limit).collect();
    let key = |series: &MetricSeries| -> Vec<Option<String>> {
        shared.iter().map(|name| series.labels.get(*name).cloned()).collect()
    };
    let mut by_key: BTreeMap<_, (Vec<&MetricSeries>, Vec<&MetricSeries>)> = BTreeMap::new();
    for series in usages {
        by_key.entry(key(series)).or_default().0.push(series);
    }
    for series in limits {
        by_key.entry(key(series)).or_default().1.push(series);
    }
    let mut all = Vec::new();
    for (key, (usage, limits)) in by_key {
        if usage.is_empty() || limits.is_empty() {
            continue;
        }
        let limit = one_of(&limits)?;
        let labels =
            shared.iter().zip(key).filter_map(|(name, value)| Some(((*name).clone(), value?))).collect();
        let (usage, chosen) = of_one_state(usage);
        let is_aligned = usage.iter().all(|series| series.labels.keys().eq(limit.labels.keys()));
        all.push(Joined { labels, usage, limit, is_aligned, chosen });
    }
    (!all.is_empty()).then_some(all)
}

/// One limit, or several that are all the same.
fn one_of<'a>(limits: &[&'a MetricSeries]) -> Option<&'a MetricSeries> {
    let (first, rest) = limits.split_first()?;
    let same = |other: &&MetricSeries| first.now().is_some_and(|now| other.now() == Some(now));
    rest.iter().all(same).then_some(*first)
}

/// Of series that differ in a label of states, those of the state that means use.
fn of_one_state(usage: Vec<&MetricSeries>) -> (Vec<&MetricSeries>, Option<(String, String)>) {
    if usage.len() < 2 {
        return (usage, None);
    }
    let mut labels: BTreeSet<&String> = usage.iter().flat_map(|series| series.labels.keys()).collect();
    labels.retain(|label| !labelled::is_identity(label));
    for label in labels {
        let is_used = |series: &&MetricSeries| {
            let value = series.labels.get(label)?;
            matches!(labelled::role(value), Some(Role::Usage(3..))).then(|| value.clone())
        };
        let Some(value) = usage.iter().find_map(is_used) else { continue };
        let chosen =
            usage.iter().filter(|series| series.labels.get(label) == Some(&value)).copied().collect();
        return (chosen, Some((label.clone(), value)));
    }
    (usage, None)
}

/// A share that was ever above this is one of a hundred.
const ABOVE_ONE: f64 = 1.5;
/// The share of one below which a series without any other sign may be one of a hundred at rest.
const AT_REST: f64 = 0.5;

/// What counts as all, 1 or 100, and how sure that is; `None` where nothing shows it or the values are not shares.
pub(super) fn scale(metric: &str, help: &str, series: &[MetricSeries]) -> Option<(f64, Confidence)> {
    let values = || series.iter().flat_map(|series| series.samples.iter().map(|(_, value)| *value));
    let highest = values().fold(0.0, f64::max);
    if highest > 100.0 * 1.01 || values().any(|value| value < -0.01) {
        return None;
    }
    if highest > ABOVE_ONE {
        return Some((100.0, Confidence::Medium));
    }
    match helped(help) {
        Some(1.0) => return Some((1.0, Confidence::High)),
        Some(scale) => return Some((scale, Confidence::Medium)),
        None => {}
    }
    let words = words(metric);
    let has = |word: &str| words.iter().any(|own| own == word);
    if has("ratio") || has("fraction") {
        return Some((1.0, Confidence::Medium));
    }
    // Whole numbers at 0 or 1 are what is left of a hundred as well.
    let fractions = values().any(|value| value.fract() != 0.0);
    (fractions && highest > AT_REST && highest <= 1.0 + 1e-6).then_some((1.0, Confidence::Low))
}

/// The scale that a help text names. That of a fraction wins: texts explain it in words of percent.
fn helped(help: &str) -> Option<f64> {
    const OF_ONE: [&str; 14] = [
        "0-1",
        "0 - 1",
        "0..1",
        "0.0-1",
        "0.0 - 1",
        "0 to 1",
        "0.0 to 1",
        "between 0 and 1",
        "1 means",
        "1 =",
        "1.0 =",
        "fraction",
        "[0,1]",
        "[0, 1]",
    ];
    const OF_HUNDRED: [&str; 5] = ["percent", "%", "0-100", "0 to 100", "out of 100"];
    let help = help.to_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| help.contains(word));
    let hundred = names(&OF_HUNDRED);
    if names(&OF_ONE) && !(help.contains("0-100") || help.contains("0 - 100") || help.contains("0 to 100")) {
        Some(1.0)
    } else if hundred {
        Some(100.0)
    } else {
        None
    }
}
