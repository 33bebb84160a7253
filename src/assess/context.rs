//! What every part of the assessment looks at, and which observations speak about a signal.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{AssessmentInput, Measured, MissingReason, computed, load, past_index::PastIndex, witness};
use crate::{
    signal::{Quantity, SignalId},
    snapshot::{Exhausted, Gap, Observation, Origin, Reason, Snapshot},
};

/// The input and the measurements, in an order that does not depend on the snapshot's.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub input: &'a AssessmentInput,
    pub snapshot: &'a Snapshot,
    /// What was measured, what was computed from it, and the load where it could only be estimated.
    observations: Vec<&'a Observation>,
    /// Where those of each signal stand among them.
    by_signal: BTreeMap<SignalId, Range<usize>>,
    /// The signals that sources measured.
    pub measured: BTreeSet<SignalId>,
    pub pasts: PastIndex<'a>,
    pub gaps: Vec<&'a Gap>,
    pub exhausted: Vec<&'a Exhausted>,
}

/// Evaluates a snapshot together with what can be computed from it.
pub(super) fn in_context<T>(
    input: &AssessmentInput,
    snapshot: &Snapshot,
    evaluate: impl FnOnce(&Context<'_>) -> T,
) -> T {
    let mut derived = recent(snapshot);
    derived.extend(load::estimate(input, snapshot));
    derived.extend(computed::assess(&Context::new(input, snapshot, &derived)));
    evaluate(&Context::new(input, snapshot, &derived))
}

impl<'a> Context<'a> {
    /// `derived` takes the place of what reaches back beyond the window and of a load that nobody measured.
    pub(super) fn new(
        input: &'a AssessmentInput,
        snapshot: &'a Snapshot,
        derived: &'a [Observation],
    ) -> Self {
        let replaced: BTreeSet<_> = derived.iter().map(identity).collect();
        let present =
            snapshot.observations.iter().filter(|observation| !replaced.contains(&identity(observation)));
        let mut observations: Vec<_> = present.chain(derived).collect();
        let elsewhere: BTreeSet<SignalId> = snapshot
            .observations
            .iter()
            .filter(|other| !is_of_this_machine(other))
            .map(|other| other.signal)
            .collect();
        observations.retain(|observation| !stands_aside(&elsewhere, observation));
        observations
            .sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
        // Two sources that tell the same of one thing are one piece of evidence.
        observations.dedup_by(|next, first| {
            (next.signal, &next.instance, &next.values) == (first.signal, &first.instance, &first.values)
        });
        let mut gaps: Vec<_> = snapshot.gaps.iter().collect();
        gaps.sort();
        let mut exhausted: Vec<_> = snapshot.exhausted.iter().collect();
        exhausted
            .sort_by(|a, b| (a.resource, &a.source, &a.message).cmp(&(b.resource, &b.source, &b.message)));
        let by_signal = by_signal(&observations);
        let measured = snapshot.observations.iter().map(|observation| observation.signal).collect();
        let pasts = PastIndex::new(snapshot);
        Self { input, snapshot, observations, by_signal, measured, pasts, gaps, exhausted }
    }

    /// The observations that conditions evaluate: every instance of the signal.
    ///
    /// Where one source keeps a history and another took a single reading of the same thing, the history is
    /// evaluated, because a reading has no average and no duration.
    pub(super) fn evaluated(&self, signal: SignalId, instance: Option<&str>) -> Vec<&'a Observation> {
        let named = |observation: &&Observation| {
            instance.is_none_or(|name| observation.instance.as_deref() == Some(name))
        };
        let all: Vec<&Observation> = self.all(signal).filter(named).collect();
        let histories: witness::Histories<'_> =
            all.iter().copied().filter(|observation| !observation.values.is_spot()).collect();
        let superseded = |reading: &Observation| histories.of(reading).is_some();
        all.into_iter()
            .filter(|observation| !observation.values.is_spot() || !superseded(observation))
            .collect()
    }

    /// Every observation of a signal, from every source.
    pub(super) fn all(&self, signal: SignalId) -> impl Iterator<Item = &'a Observation> {
        let place = self.by_signal.get(&signal).cloned().unwrap_or_default();
        self.observations.get(place).unwrap_or_default().iter().copied()
    }

    /// Whether the team says that the installation has no such system.
    pub(super) fn is_absent(&self, signal: SignalId) -> bool {
        self.input.declared.absent.contains(&signal.entry().system)
    }

    /// Whether a source says that there is nothing to measure: no standby, no ceiling.
    pub(super) fn is_not_applicable(&self, signal: SignalId) -> bool {
        self.gaps.iter().any(|gap| gap.signal == signal && gap.reason == Reason::NotApplicable)
    }

    /// Why a signal has no value.
    pub(super) fn why_missing(&self, signal: SignalId) -> MissingReason {
        if self.all(signal).next().is_some() {
            return MissingReason::TooLarge { signal };
        }
        if signal.entry().computed.is_some() {
            return MissingReason::NotComputed { signal };
        }
        match self.gaps.iter().find(|gap| gap.signal == signal) {
            Some(gap) => {
                MissingReason::Gap { signal, source: gap.source.clone(), detail: gap.detail.clone() }
            }
            None => MissingReason::NotConfigured { signal },
        }
    }

    /// Why one instance of a signal has no value.
    pub(super) fn why_instance_missing(&self, signal: SignalId, instance: &str) -> MissingReason {
        let measured: Vec<String> =
            self.all(signal).filter_map(|observation| observation.instance.clone()).collect();
        if measured.is_empty() {
            return self.why_missing(signal);
        }
        MissingReason::OtherInstances { signal, instance: instance.to_owned(), measured }
    }

    /// The end of the window in Unix milliseconds.
    pub(super) fn window_end_ms(&self) -> i64 {
        self.snapshot.window.to.timestamp_millis()
    }
}

impl Measured {
    /// A value of an observation, with what names it.
    pub(super) fn new(observation: &Observation, value: Quantity) -> Self {
        Self {
            signal: observation.signal,
            instance: observation.instance.clone(),
            value,
            capacity: observation.capacity(),
        }
    }
}

/// Where the observations of each signal stand, which are sorted by it.
fn by_signal(observations: &[&Observation]) -> BTreeMap<SignalId, Range<usize>> {
    let mut places: BTreeMap<SignalId, Range<usize>> = BTreeMap::new();
    for (place, observation) in observations.iter().enumerate() {
        places.entry(observation.signal).or_insert(place..place).end = place + 1;
    }
    places
}

/// Whether some samples are older than the window: business figures are kept for years.
fn reaches_back(snapshot: &Snapshot, observation: &Observation) -> bool {
    observation.values.first_ms() < snapshot.window.from.timestamp_millis()
}

/// What distinguishes one observation of a snapshot from another.
fn identity(observation: &Observation) -> (SignalId, Option<&str>, &Origin) {
    (observation.signal, observation.instance.as_deref(), &observation.origin)
}

/// What reaches back beyond the window, cut to the window or, where nothing is in it, to the newest sample; and what
/// another source knows more of.
fn recent(snapshot: &Snapshot) -> Vec<Observation> {
    let with_facts = witness::with_facts(snapshot);
    let known: BTreeSet<_> = with_facts.iter().map(identity).collect();
    let old = snapshot.observations.iter().filter(|observation| reaches_back(snapshot, observation));
    let old = old.filter(|observation| !known.contains(&identity(observation))).cloned();
    let mut derived: Vec<Observation> = old.collect();
    derived.extend(with_facts);
    let from = snapshot.window.from.timestamp_millis();
    for observation in derived.iter_mut().filter(|observation| reaches_back(snapshot, observation)) {
        observation.values = observation.values.since(from);
    }
    derived
}

/// The machine this program runs on stands aside where a server knows hosts by name: it need not be one of
/// them.
fn stands_aside(elsewhere: &BTreeSet<SignalId>, observation: &Observation) -> bool {
    is_of_this_machine(observation) && elsewhere.contains(&observation.signal)
}

fn is_of_this_machine(observation: &Observation) -> bool {
    observation.origin.source == "host"
}
