//! Several sources that show one thing: which single reading belongs to which history, what they tell of each other,
//! and where they disagree.

use std::collections::BTreeMap;

use super::parallel;
use crate::{
    signal::{Series, SignalId, Unit},
    snapshot::{Observation, PART_OF_SERVER, SERVER, Snapshot},
};

/// Readings of a share that differ by no more than this are equal.
const SAME_SHARE: f64 = 0.1;
/// The same for other values, as a share of the larger one.
const SAME_VALUE: f64 = 0.25;
/// Limits that differ by no more than this are equal, as a share of the larger one.
const SAME_LIMIT: f64 = 0.01;
/// So many of the newest samples tell how much a history varies from one to the next.
const NEWEST: usize = 10;
/// Among more histories than these, some has the value of any reading by chance.
const MOST_TOLD_APART: usize = 64;

/// The histories of one signal, found by their names and sources without looking at all of them.
#[derive(Debug, Default)]
struct Histories<'a> {
    count: usize,
    /// The first of each instance.
    named: BTreeMap<Option<&'a str>, &'a Observation>,
    by_source: BTreeMap<&'a str, OfSource<'a>>,
}

/// Those of one source, each with its place among all of the signal.
#[derive(Debug, Default)]
struct OfSource<'a> {
    all: Vec<(usize, &'a Observation)>,
    named: BTreeMap<Option<&'a str>, Vec<(usize, &'a Observation)>>,
}

impl<'a> FromIterator<&'a Observation> for Histories<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Observation>>(histories: T) -> Self {
        let mut found = Self::default();
        histories.into_iter().for_each(|history| found.push(history));
        found
    }
}

impl<'a> Histories<'a> {
    fn push(&mut self, history: &'a Observation) {
        let instance = history.instance.as_deref();
        self.named.entry(instance).or_insert(history);
        let of_source = self.by_source.entry(&history.origin.source).or_default();
        of_source.all.push((self.count, history));
        of_source.named.entry(instance).or_default().push((self.count, history));
        self.count += 1;
    }

    /// The history that shows the same as a single reading.
    ///
    /// A queue has one name everywhere. Servers and machines do not: every source has its own name for them. A reading
    /// is then that of the only history, or of one of a few that has its value, unless their limits differ. A reading
    /// that contradicts what does not fluctuate is kept beside it, because one of the two is wrong.
    ///
    /// One of several servers that show themselves is not that of the only history just because there is no other.
    fn showing(&self, reading: &Observation) -> Option<&'a Observation> {
        let named = self.named.get(&reading.instance.as_deref()).copied();
        // The limit of a role or a database is another wall than that of its server.
        if reading.attributes.contains_key(PART_OF_SERVER) {
            return named;
        }
        let server = reading.labels.get(SERVER);
        let named_by_source = reading.signal.entry().instance.as_deref() == Some("instance");
        if !named_by_source {
            let first = || self.others(reading).first().copied();
            // The queue `mail` of the server `jobs` is `mail` elsewhere.
            let own = server.and_then(|server| reading.instance.as_deref()?.strip_prefix(server.as_str()));
            let own = own.and_then(|rest| self.named.get(&Some(rest.strip_prefix('/')?)).copied());
            return named
                .or_else(|| own.filter(|history| same_value(reading, history)))
                .or_else(|| if reading.instance.is_none() { first() } else { None });
        }
        named.filter(|history| is_consistent(reading, history)).or_else(|| {
            let others = self.others(reading);
            let mut alike = others.iter().copied().filter(|history| same_limit(reading, history));
            match others.len() {
                1 if server.is_none() => alike.find(|history| is_consistent(reading, history)),
                1..=MOST_TOLD_APART => alike.find(|history| same_value(reading, history)),
                _ => None,
            }
        })
    }

    /// Those that may show the same, up to one more than can be told apart: what one source shows under two names are
    /// two things.
    fn others(&self, reading: &Observation) -> Vec<&'a Observation> {
        let names = [None, reading.instance.as_deref()];
        let names = if reading.instance.is_some() { &names[..] } else { &names[..1] };
        let mut others: Vec<(usize, &Observation)> = Vec::new();
        for (source, of_source) in &self.by_source {
            if *source == reading.origin.source {
                let alike = names.iter().filter_map(|name| of_source.named.get(name)).flatten();
                others.extend(alike.take(MOST_TOLD_APART + 1));
            } else {
                others.extend(of_source.all.iter().take(MOST_TOLD_APART + 1));
            }
        }
        parallel::looked_at(others.len());
        others.sort_by_key(|(place, _)| *place);
        others.into_iter().take(MOST_TOLD_APART + 1).map(|(_, history)| history).collect()
    }
}

/// The observations of a signal without single readings of what others have a history of.
pub(super) fn without_superseded<'a>(all: &[&'a Observation]) -> Vec<&'a Observation> {
    let (readings, histories): (Vec<_>, Vec<_>) =
        all.iter().copied().partition(|observation| observation.values.is_spot());
    if readings.is_empty() || histories.is_empty() {
        return all.to_vec();
    }
    let histories: Histories<'_> = histories.into_iter().collect();
    let counts = |observation: &&Observation| {
        !observation.values.is_spot() || histories.showing(observation).is_none()
    };
    all.iter().copied().filter(counts).collect()
}

/// Histories with what a single reading of the same thing knows besides: the policy of a cache, the edition of a
/// server.
pub(super) fn with_facts(snapshot: &Snapshot) -> Vec<Observation> {
    let all = &snapshot.observations;
    let readings = all.iter().filter(|reading| reading.values.is_spot() && !reading.attributes.is_empty());
    let mut histories: BTreeMap<SignalId, Histories<'_>> =
        readings.clone().map(|reading| (reading.signal, Histories::default())).collect();
    for history in all.iter().filter(|other| !other.values.is_spot()) {
        if let Some(of_signal) = histories.get_mut(&history.signal) {
            of_signal.push(history);
        }
    }
    readings
        .filter_map(|reading| {
            let history = histories.get(&reading.signal)?.showing(reading)?;
            let known = |name: &String| history.attributes.contains_key(name);
            let unknown = reading.attributes.keys().any(|name| !known(name));
            unknown.then(|| {
                let mut attributes = reading.attributes.clone();
                attributes.extend(history.attributes.clone());
                Observation { attributes, ..history.clone() }
            })
        })
        .collect()
}

/// What fluctuates differs from moment to moment and contradicts nothing.
fn is_consistent(reading: &Observation, history: &Observation) -> bool {
    same_limit(reading, history) && (reading.signal.entry().fluctuates || same_value(reading, history))
}

fn same_limit(a: &Observation, b: &Observation) -> bool {
    match (a.capacity(), b.capacity()) {
        (Some(a), Some(b)) => {
            let (a, b) = (a.value(), b.value());
            (a - b).abs() <= SAME_LIMIT * a.max(b)
        }
        _ => true,
    }
}

/// Whether a reading differs from a history's newest value by no more than that varies.
fn same_value(reading: &Observation, history: &Observation) -> bool {
    let (newest, read) = (history.values.last().1, reading.values.last().1);
    let usual = match reading.signal.entry().unit {
        Unit::Ratio => SAME_SHARE,
        _ => SAME_VALUE * newest.abs().max(read.abs()),
    };
    (newest - read).abs() <= usual.max(spread(&history.values))
}

fn spread(series: &Series) -> f64 {
    let newest = series.values().iter().rev().take(NEWEST);
    let (low, high) = newest
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    high - low
}
