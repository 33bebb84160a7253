//! Questions about parts that are gone, and their answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    MAX_VALUES, Members, Pools,
    outcome::{Failure, Gone, NotPlaced},
};
use crate::{
    assess::{
        Assumptions, Bottleneck, Context, Outlook,
        bottleneck::{Rows, by_name},
        load_part::LoadPart,
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

/// The instances of a pool with respect to a question.
struct Split<'a> {
    lost: Vec<&'a Observation>,
    left: Vec<&'a Observation>,
    /// Those of the ones left that may be lost as well.
    unplaced: Vec<String>,
    /// Whether any has the labels of the question.
    is_placed: bool,
}

impl Question {
    fn split<'a>(&self, observations: &[&'a Observation]) -> Split<'a> {
        let is_lost = |observation: &&Observation| self.lost.iter().any(|part| observation.is_in(part));
        let is_placed = |observation: &&Observation| {
            self.lost.iter().all(|part| observation.place(&part.label).is_some())
        };
        let (lost, left): (Vec<_>, Vec<_>) = observations.iter().copied().partition(is_lost);
        let unplaced = left.iter().filter(|observation| !is_placed(observation)).map(|left| name(left));
        Split { unplaced: unplaced.collect(), is_placed: observations.iter().any(is_placed), lost, left }
    }
}

/// How much work the instances of a pool do for each value of a label.
struct Work<'a> {
    by_value: BTreeMap<&'a str, f64>,
    all: f64,
}

impl<'a> Work<'a> {
    fn new(label: &str, observations: &[&'a Observation]) -> Self {
        let mut by_value: BTreeMap<&str, f64> = BTreeMap::new();
        for observation in observations {
            if let Some(value) = observation.place(label) {
                let size = observation.capacity().map_or(1.0, Quantity::value);
                *by_value.entry(value).or_default() +=
                    size * mean(observation.values.values()).unwrap_or_default();
            }
        }
        Self { all: by_value.values().sum(), by_value }
    }

    /// Keeps the largest share that each value has of this and other work.
    fn add_shares(&self, others: f64, largest: &mut BTreeMap<&'a str, f64>) {
        let all = self.all + others;
        for (value, done) in &self.by_value {
            let share = if all > 0.0 { done / all } else { 0.0 };
            let known = largest.entry(value).or_default();
            *known = known.max(share);
        }
    }
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
    pub(super) fn values(label: &str, pools: &Pools<'_>) -> Vec<String> {
        let unlabelled: Vec<Work<'_>> = pools.unlabelled.iter().map(|all| Work::new(label, all)).collect();
        // The least work that a pool does beside those who may be of it.
        let mut beside = vec![f64::INFINITY; unlabelled.len()];
        let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
        for members in &pools.members {
            let work = Work::new(label, &members.observations);
            let perhaps = members.perhaps.and_then(|list| beside.get_mut(list).zip(unlabelled.get(list)));
            let others = perhaps.map_or(0.0, |(least, others)| {
                *least = least.min(work.all);
                others.all
            });
            work.add_shares(others, &mut largest);
        }
        for (work, beside) in unlabelled.iter().zip(beside) {
            work.add_shares(beside, &mut largest);
        }
        let mut values: Vec<(&str, f64)> = largest.into_iter().collect();
        if values.len() > MAX_VALUES {
            values.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        }
        values.into_iter().map(|(value, _)| value.to_owned()).collect()
    }

    /// The answer; the pools are those of the labels and resources of the question.
    pub(super) fn failure(&self, question: &Question, pools: &Pools<'a>) -> Failure {
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
        let unlabelled: Vec<Split<'_>> = pools.unlabelled.iter().map(|all| question.split(all)).collect();
        // Where in `unknown` the instances without a label are, which several pools share.
        let mut listed: Vec<Option<usize>> = vec![None; unlabelled.len()];
        let mut takeovers = Vec::new();
        let mut instances = BTreeSet::new();
        // What is asked about by name and not measured has no label either.
        let (mut placed, mut nowhere) = (BTreeSet::new(), question.resources.clone());
        for members in &pools.members {
            let Members { resource, observations, .. } = members;
            let Split { mut lost, mut left, unplaced, is_placed } = question.split(observations);
            let perhaps = members.perhaps.and_then(|list| Some((list, unlabelled.get(list)?)));
            if is_placed || perhaps.is_some_and(|(_, others)| others.is_placed) {
                placed.insert(*resource);
            } else if members.driven_by == Some(Driver::Load) {
                nowhere.insert(*resource);
            }
            lost.extend(perhaps.into_iter().flat_map(|(_, others)| &others.lost));
            if lost.is_empty() {
                continue;
            }
            instances.extend(lost.iter().map(|observation| name(observation)));
            let others_left = perhaps.map_or(&[][..], |(_, others)| &others.left);
            let uncertain = perhaps.filter(|(_, others)| !others.unplaced.is_empty());
            if left.is_empty() && others_left.is_empty() {
                let instances = lost.iter().map(|lost| name(lost)).collect();
                failure.gone.push(Gone { resource: *resource, instances });
            } else if members.driven_by != Some(Driver::Load) {
                // What fills by itself is taken over by nobody.
            } else if let Some((list, others)) = uncertain {
                let place = listed.get(list).copied().flatten();
                if let Some(known) = place.and_then(|place| failure.unknown.get_mut(place)) {
                    known.without_label.extend(unplaced);
                    known.of += observations.len();
                } else {
                    listed[list] = Some(failure.unknown.len());
                    let of = observations.len() + others.lost.len() + others.left.len();
                    let without_label = unplaced.into_iter().chain(others.unplaced.iter().cloned()).collect();
                    failure.unknown.push(NotPlaced { resource: *resource, without_label, of });
                }
            } else if !unplaced.is_empty() {
                let of = lost.len() + left.len() + others_left.len();
                failure.unknown.push(NotPlaced { resource: *resource, without_label: unplaced, of });
            } else {
                left.extend(others_left);
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
