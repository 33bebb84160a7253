//! Which observations of a snapshot cover the past of which instance, found without scanning all of them.

use std::collections::BTreeMap;

use crate::{
    signal::SignalId,
    snapshot::{Observation, Snapshot},
};

/// The pasts of a snapshot: those of its history, and those that its observations reach back to themselves.
#[derive(Debug, Default)]
pub(super) struct PastIndex<'a> {
    history: BTreeMap<SignalId, Instances<'a>>,
    present: BTreeMap<SignalId, Instances<'a>>,
    /// The only observation of each signal that has just one.
    only: BTreeMap<SignalId, Option<&'a Observation>>,
}

/// The pasts of one signal.
#[derive(Debug)]
pub(super) struct Instances<'a> {
    by_name: BTreeMap<Option<&'a str>, &'a Observation>,
    first: &'a Observation,
    count: usize,
}

impl<'a> PastIndex<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let mut only: BTreeMap<SignalId, Option<&Observation>> = BTreeMap::new();
        for observation in &snapshot.observations {
            only.entry(observation.signal).and_modify(|seen| *seen = None).or_insert(Some(observation));
        }
        Self { history: by_signal(&snapshot.history), present: by_signal(&snapshot.observations), only }
    }

    /// The pasts of a signal in the history, then those in the observations.
    pub(super) fn of(&self, signal: SignalId) -> impl Iterator<Item = &Instances<'a>> {
        [self.history.get(&signal), self.present.get(&signal)].into_iter().flatten()
    }

    /// The only observation of a signal; `None` where there are several.
    pub(super) fn only_observation(&self, signal: SignalId) -> Option<&'a Observation> {
        self.only.get(&signal).copied().flatten()
    }
}

impl<'a> Instances<'a> {
    /// The first past of an instance.
    pub(super) fn named(&self, instance: Option<&str>) -> Option<&'a Observation> {
        self.by_name.get(&instance).copied()
    }

    /// The past of the only instance.
    pub(super) fn only(&self) -> Option<&'a Observation> {
        (self.count == 1).then_some(self.first)
    }
}

fn by_signal(observations: &[Observation]) -> BTreeMap<SignalId, Instances<'_>> {
    let mut signals: BTreeMap<SignalId, Instances<'_>> = BTreeMap::new();
    for past in observations.iter().filter(|past| !past.values.is_spot()) {
        let of_signal = signals.entry(past.signal).or_insert_with(|| Instances {
            by_name: BTreeMap::new(),
            first: past,
            count: 0,
        });
        of_signal.by_name.entry(past.instance.as_deref()).or_insert(past);
        of_signal.count += 1;
    }
    signals
}
