//! What every part of the assessment looks at, and which observations speak about a signal.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{AssessmentInput, LimitEvaluation, Measured, MissingReason, computed, evaluation, load, witness};
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
    /// Those that conditions evaluate, of each signal in the same order.
    evaluated: BTreeMap<SignalId, Vec<&'a Observation>>,
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
    evaluate: impl for<'c> FnOnce(&Context<'c>, Vec<LimitEvaluation<'c>>) -> T,
) -> T {
    let mut derived = recent(snapshot);
    derived.extend(load::estimate(input, snapshot));
    let measured = Context::new(input, snapshot, &derived);
    let evaluations = evaluation::assess(&measured);
    let computed = computed::assess(&measured, &evaluations);
    let context = measured.with(&computed);
    let evaluations = evaluation::assess_anew(&context, evaluations, &computed);
    evaluate(&context, evaluations)
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
        let mut gaps: Vec<_> = snapshot.gaps.iter().collect();
        gaps.sort();
        let mut exhausted: Vec<_> = snapshot.exhausted.iter().collect();
        exhausted
            .sort_by(|a, b| (a.resource, &a.source, &a.message).cmp(&(b.resource, &b.source, &b.message)));
        let measured = snapshot.observations.iter().map(|observation| observation.signal).collect();
        let pasts = PastIndex::new(snapshot);
        let (by_signal, evaluated) = (BTreeMap::new(), BTreeMap::new());
        let context =
            Self { input, snapshot, observations, by_signal, evaluated, measured, pasts, gaps, exhausted };
        context.arranged()
    }

    /// The same with what was computed from it, in the place of what it replaces.
    fn with(mut self, computed: &'a [Observation]) -> Self {
        let is_replaced =
            |observation: &Observation| computed.iter().any(|new| identity(new) == identity(observation));
        self.observations.retain(|observation| !is_replaced(observation));
        self.observations.extend(computed);
        self.arranged()
    }

    /// Brings the observations into their order and makes the indices of it.
    fn arranged(mut self) -> Self {
        self.observations
            .sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
        // Two sources that tell the same of one thing are one piece of evidence.
        self.observations.dedup_by(|next, first| {
            (next.signal, &next.instance, &next.values) == (first.signal, &first.instance, &first.values)
        });
        self.by_signal = by_signal(&self.observations);
        let of_signal = |(signal, place): (&SignalId, &Range<usize>)| {
            (*signal, witness::without_superseded(&self.observations[place.clone()]))
        };
        self.evaluated = self.by_signal.iter().map(of_signal).collect();
        self
    }

    /// The observations that conditions evaluate: every instance of the signal, in the order of their names.
    ///
    /// Where one source keeps a history and another took a single reading of the same thing, the history is
    /// evaluated, because a reading has no average and no duration.
    pub(super) fn evaluated(&self, signal: SignalId) -> &[&'a Observation] {
        self.evaluated.get(&signal).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same of one instance by itself, or of all where none is named.
    pub(super) fn evaluated_of(&self, signal: SignalId, instance: Option<&str>) -> Vec<&'a Observation> {
        if instance.is_none() {
            return self.evaluated(signal).to_vec();
        }
        let place = self.by_signal.get(&signal).cloned().unwrap_or_default();
        witness::without_superseded(named(self.observations.get(place).unwrap_or_default(), instance))
    }

    /// The first observation that is evaluated of an instance, or of what has no name.
    pub(super) fn evaluated_by_name(
        &self,
        signal: SignalId,
        instance: Option<&str>,
    ) -> Option<&'a Observation> {
        named(self.evaluated(signal), instance).first().copied()
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

/// The observations of one instance among those of a signal, which are sorted by instance.
fn named<'s, 'a>(of_signal: &'s [&'a Observation], instance: Option<&str>) -> &'s [&'a Observation] {
    let from = of_signal.partition_point(|observation| observation.instance.as_deref() < instance);
    let until = of_signal.partition_point(|observation| observation.instance.as_deref() <= instance);
    &of_signal[from..until]
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
        Self {
            history: pasts_by_signal(&snapshot.history),
            present: pasts_by_signal(&snapshot.observations),
            only,
        }
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

fn pasts_by_signal(observations: &[Observation]) -> BTreeMap<SignalId, Instances<'_>> {
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
