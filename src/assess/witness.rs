//! Several sources that show one thing: which single reading belongs to which history, what they tell of each other,
//! and where they disagree.

use std::collections::BTreeMap;

use crate::{
    signal::{Series, SignalId, Unit},
    snapshot::{Observation, PART_OF_SERVER, Snapshot},
};

/// Readings of a share that differ by no more than this are equal.
const SAME_SHARE: f64 = 0.1;
/// The same for other values, as a share of the larger one.
const SAME_VALUE: f64 = 0.25;
/// Limits that differ by no more than this are equal, as a share of the larger one.
const SAME_LIMIT: f64 = 0.01;
/// So many of the newest samples tell how much a history varies from one to the next.
const NEWEST: usize = 10;

/// The histories of one signal, found by the name of their instance without looking at all of them.
#[derive(Debug, Default)]
pub(super) struct Histories<'a> {
    all: Vec<&'a Observation>,
    /// The first of each instance.
    named: BTreeMap<Option<&'a str>, &'a Observation>,
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
        self.all.push(history);
        self.named.entry(history.instance.as_deref()).or_insert(history);
    }

    /// The history that shows the same as a single reading.
    ///
    /// A queue has one name everywhere. Servers and machines do not: every source has its own name for them. A reading
    /// is then that of the only history, or of one of several that has its value, unless their limits differ. A reading
    /// that contradicts what does not fluctuate is kept beside it, because one of the two is wrong.
    pub(super) fn of(&self, reading: &Observation) -> Option<&'a Observation> {
        let named = self.named.get(&reading.instance.as_deref()).copied();
        // The limit of a role or a database is another wall than that of its server.
        if reading.attributes.contains_key(PART_OF_SERVER) {
            return named;
        }
        let named_by_source = reading.signal.entry().instance.as_deref() == Some("instance");
        if !named_by_source {
            return named.or_else(|| self.others(reading).next().filter(|_| reading.instance.is_none()));
        }
        named.filter(|history| is_consistent(reading, history)).or_else(|| {
            let is_only = self.others(reading).take(2).count() == 1;
            let mut alike = self.others(reading).filter(|history| same_limit(reading, history));
            if is_only {
                alike.find(|history| is_consistent(reading, history))
            } else {
                alike.find(|history| same_value(reading, history))
            }
        })
    }

    /// Those that may show the same: what one source shows under two names are two things.
    fn others(&self, reading: &Observation) -> impl Iterator<Item = &'a Observation> {
        let two_names =
            |history: &Observation| history.instance.is_some() && history.instance != reading.instance;
        self.all
            .iter()
            .copied()
            .filter(move |history| history.origin.source != reading.origin.source || !two_names(history))
    }
}

/// Histories with what a single reading of the same thing knows besides: the policy of a cache, the edition of a
/// server.
pub(super) fn with_facts(snapshot: &Snapshot) -> Vec<Observation> {
    let all = &snapshot.observations;
    let readings = all.iter().filter(|reading| reading.values.is_spot() && !reading.attributes.is_empty());
    let mut histories: BTreeMap<SignalId, Histories<'_>> = BTreeMap::new();
    for history in all.iter().filter(|other| !other.values.is_spot()) {
        histories.entry(history.signal).or_default().push(history);
    }
    readings
        .filter_map(|reading| {
            let history = histories.get(&reading.signal)?.of(reading)?;
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
