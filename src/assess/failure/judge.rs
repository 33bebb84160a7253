//! Questions about parts that are gone, and their answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    MAX_VALUES,
    outcome::{Failure, Gone, NotPlaced},
    pools::Members,
};
use crate::{
    assess::{
        Assumptions, Bottleneck, Context, Outlook,
        load_part::LoadPart,
        under_limit::{Rows, by_name},
    },
    signal::{Driver, Quantity, ResourceId, SignalId, mean},
    snapshot::{Observation, Part},
};

/// What is asked.
pub(super) struct Question {
    pub(super) lost: Vec<Part>,
    pub(super) is_required: bool,
    pub(super) values: usize,
    /// The resources that are asked about; all where there are none.
    pub(super) resources: BTreeSet<ResourceId>,
}

/// What answers questions.
pub(super) struct Judge<'j, 'a> {
    pub(super) context: &'j Context<'a>,
    pub(super) outlook: &'j Outlook,
    /// The rows as they are.
    pub(super) now: Rows<'j>,
    /// Hours that reach back beyond the window.
    pasts: BTreeMap<(SignalId, Option<&'a str>), &'a Observation>,
    pub(super) assumptions: Assumptions,
}

pub(super) fn key(observation: &Observation) -> (SignalId, Option<&str>) {
    (observation.signal, observation.instance.as_deref())
}

impl<'j, 'a> Judge<'j, 'a> {
    pub(super) fn new(
        context: &'j Context<'a>,
        outlook: &'j Outlook,
        now: &'j [Bottleneck],
        assumptions: Assumptions,
    ) -> Self {
        let mut pasts = BTreeMap::new();
        for past in &context.snapshot.history {
            pasts.entry((past.signal, past.instance.as_deref())).or_insert(past);
        }
        Self { context, outlook, now: by_name(now), pasts, assumptions }
    }

    /// The values that resources have of a label, those first whose instances do the largest share of a pool's work.
    pub(super) fn values(label: &str, pools: &[Members<'_>]) -> Vec<String> {
        let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
        for members in pools {
            let mut work: BTreeMap<&str, f64> = BTreeMap::new();
            for observation in &members.observations {
                if let Some(value) = observation.place(label) {
                    let size = observation.capacity().map_or(1.0, Quantity::value);
                    *work.entry(value).or_default() +=
                        size * mean(observation.values.values()).unwrap_or_default();
                }
            }
            let all: f64 = work.values().sum();
            for (value, work) in work {
                let share = if all > 0.0 { work / all } else { 0.0 };
                let known = largest.entry(value).or_default();
                *known = known.max(share);
            }
        }
        let mut values: Vec<(&str, f64)> = largest.into_iter().collect();
        if values.len() > MAX_VALUES {
            values.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        }
        values.into_iter().map(|(value, _)| value.to_owned()).collect()
    }

    /// The answer; the pools are those of the labels and resources of the question.
    pub(super) fn failure(&self, question: &Question, pools: &[Members<'a>]) -> Failure {
        let is_lost = |observation: &Observation| question.lost.iter().any(|part| observation.is_in(part));
        let is_placed = |observation: &Observation| {
            question.lost.iter().all(|part| observation.place(&part.label).is_some())
        };
        let mut failure = Failure {
            lost: question.lost.clone(),
            is_required: question.is_required,
            resources: question.resources.clone(),
            values: question.values,
            instances: Vec::new(),
            survivors: Vec::new(),
            gone: Vec::new(),
            without_label: Vec::new(),
            unknown: Vec::new(),
        };
        let mut takeovers = Vec::new();
        let mut instances = BTreeSet::new();
        // What is asked about by name and not measured has no label either.
        let (mut placed, mut nowhere) = (BTreeSet::new(), question.resources.clone());
        for members in pools {
            let Members { resource, observations, .. } = members;
            let (lost, left): (Vec<_>, Vec<_>) =
                observations.iter().copied().partition(|observation| is_lost(observation));
            if observations.iter().any(|observation| is_placed(observation)) {
                placed.insert(*resource);
            } else if members.driven_by == Some(Driver::Load) {
                nowhere.insert(*resource);
            }
            if lost.is_empty() {
                continue;
            }
            instances.extend(lost.iter().map(|observation| name(observation)));
            let unplaced: Vec<String> =
                left.iter().filter(|observation| !is_placed(observation)).map(|left| name(left)).collect();
            if left.is_empty() {
                let instances = lost.iter().map(|lost| name(lost)).collect();
                failure.gone.push(Gone { resource: *resource, instances });
            } else if members.driven_by != Some(Driver::Load) {
                // What fills by itself is taken over by nobody.
            } else if !unplaced.is_empty() {
                let of = observations.len();
                failure.unknown.push(NotPlaced { resource: *resource, without_label: unplaced, of });
            } else {
                takeovers.push(self.takeover(lost, &left));
            }
        }
        failure.instances = instances.into_iter().collect();
        failure.without_label = nowhere.difference(&placed).copied().collect();
        failure.survivors = self.survivors(&takeovers);
        failure
    }

    pub(super) fn part(&self, observation: &Observation) -> LoadPart {
        LoadPart::of(self.outlook, observation.signal, observation.instance.as_deref())
    }

    pub(super) fn past(&self, observation: &Observation) -> Option<&'a Observation> {
        self.pasts.get(&key(observation)).copied()
    }
}

/// What an instance is called; of the only one what is measured.
pub(super) fn name(observation: &Observation) -> String {
    observation.instance.clone().unwrap_or_else(|| observation.signal.entry().title.clone())
}
