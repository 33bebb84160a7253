//! What is left when a part of the system is gone: a zone, a node, an instance.
//!
//! Instances of one pool ([`Pool`]) do the same work, so that those which are left take over what the lost ones used and
//! what follows the load ([`LoadPart`]), in the shares that they have of it today. Then everything is judged as if it had
//! always been so: peaks, headroom, and the load and the date of saturation. What fills by itself, such as a disk, is taken
//! over by nobody. Nothing is computed where no instance is left: that is unknown where nothing else is left either, or where
//! the settings name the resource. Nothing is assumed of instances without the label.

mod judge;
mod outcome;
mod takeover;

pub use outcome::{Failure, Gone, Moved, NotPlaced, Survivor};

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Assumptions, Bottleneck, Context, Finding, FindingReason, Kind, LimitEvaluation, LimitOutcome, Outlook,
    State, Verdict,
};
use crate::{
    signal::{Direction, Driver, ResourceId, Role, SignalId},
    snapshot::{INSTANCE, Observation, Part, Places, Pool},
};
use judge::{Judge, Question};

/// So many values of a label are judged, those that carry most.
const MAX_VALUES: usize = 8;

/// Every part that settings or flags name, with what is left without it.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    outlook: &Outlook,
    now: &[Bottleneck],
    assumptions: Assumptions,
) -> Vec<Failure> {
    let declared = &context.input.declared;
    if declared.lost.is_empty() && declared.failure_domains.is_empty() {
        return Vec::new();
    }
    let judge = Judge::new(context, outlook, now, assumptions);
    let mut failures = Vec::new();
    for domain in &declared.failure_domains {
        let labels = BTreeSet::from([domain.label.as_str()]);
        let pools = pools(evaluations, &labels, &domain.resources);
        // What is written in the settings is judged altogether.
        let (values, count) = if domain.values.is_empty() {
            let found = Judge::values(&domain.label, &pools);
            let count = found.len();
            (found.into_iter().take(MAX_VALUES).collect(), count)
        } else {
            (domain.values.iter().cloned().collect::<Vec<_>>(), domain.values.len())
        };
        let values = if values.is_empty() { vec![String::new()] } else { values };
        failures.extend(values.into_iter().map(|value| {
            let lost = vec![Part { label: domain.label.clone(), value }];
            let resources = domain.resources.clone();
            judge.failure(&Question { lost, is_required: true, values: count, resources }, &pools)
        }));
    }
    let lost = &declared.lost;
    let is_answer = |failure: &Failure| failure.lost == *lost && failure.resources.is_empty();
    if !lost.is_empty() && !failures.iter().any(is_answer) {
        let labels = lost.iter().map(|part| part.label.as_str()).collect();
        let pools = pools(evaluations, &labels, &BTreeSet::new());
        let resources = BTreeSet::new();
        let question = Question { lost: lost.clone(), is_required: false, values: 1, resources };
        failures.insert(0, judge.failure(&question, &pools));
    }
    failures
}

/// The findings of what settings ask for: a warning where the rest does not hold.
pub(super) fn findings(failures: &[Failure]) -> impl Iterator<Item = Finding> {
    failures.iter().filter(|failure| failure.is_required).map(|failure| {
        let verdict = match failure.saturates() {
            LimitOutcome::Yes => Verdict::Warning,
            LimitOutcome::No => Verdict::Ok,
            LimitOutcome::Perhaps | LimitOutcome::Unknown => Verdict::Unknown,
        };
        let names: Vec<String> = failure.lost.iter().map(Part::to_string).collect();
        let worst = failure.worst();
        Finding {
            id: format!("loss:{}", names.join(",")),
            kind: Kind::Loss,
            severity: Verdict::Warning,
            verdict,
            state: match verdict {
                Verdict::Warning => State::Warning,
                Verdict::Unknown => State::Unknown,
                Verdict::Ok | Verdict::Critical => State::Ok,
            },
            signal: None,
            instance: None,
            resource: worst.map(|worst| worst.resource),
            value: None,
            limit: None,
            aggregate: None,
            sustained: None,
            origin: None,
            samples: 0,
            reason: FindingReason::Lost {
                lost: failure.lost.clone(),
                found: !failure.instances.is_empty(),
                worst: worst.cloned().map(Box::new),
                unknown: failure.unknown.clone(),
                gone: failure.gone_without_rest(),
                without_label: failure.required_without_label(),
            },
        }
    })
}

/// The instances of every resource by the work that they share.
struct Pools<'a> {
    members: Vec<Members<'a>>,
    /// Instances without any label, which may be of every pool that names them: kept once, because there may be as many
    /// pools as instances.
    unlabelled: Vec<Vec<&'a Observation>>,
}

/// The instances of a pool that measure one signal.
struct Members<'a> {
    resource: ResourceId,
    driven_by: Option<Driver>,
    /// In the order of their names.
    observations: Vec<&'a Observation>,
    /// Which of the instances without any label may be of it as well.
    perhaps: Option<usize>,
}

/// The pools of every resource that is asked about, in the order of signals. `labels` tell places apart, and so are no part
/// of what an instance works for; where no resource is named all of them are asked about.
fn pools<'a>(
    evaluations: &[LimitEvaluation<'a>],
    labels: &BTreeSet<&str>,
    resources: &BTreeSet<ResourceId>,
) -> Pools<'a> {
    let is_asked = |evaluation: &&LimitEvaluation<'a>| {
        let entry = evaluation.entry;
        let runs_out = entry.role == Role::Resource && entry.direction == Direction::HigherIsWorse;
        let resource = entry.resource.filter(|_| runs_out && evaluation.limits.full.is_some());
        resource.is_some_and(|resource| resources.is_empty() || resources.contains(&resource))
    };
    let asked: Vec<&LimitEvaluation<'a>> = evaluations.iter().filter(is_asked).collect();
    // The name of an instance is no place that other names have in them.
    let labels = labels.iter().copied().filter(|label| *label != INSTANCE);
    let places = Places::new(labels, &asked.iter().map(|evaluation| evaluation.observation));
    let mut pools: BTreeMap<_, Members<'a>> = BTreeMap::new();
    for evaluation in asked {
        let (observation, entry) = (evaluation.observation, evaluation.entry);
        let Some(resource) = entry.resource else { continue };
        let members = pools.entry((observation.signal, Pool::of(observation, &places))).or_insert(Members {
            resource,
            driven_by: entry.driven_by,
            observations: Vec::new(),
            perhaps: None,
        });
        members.observations.push(observation);
    }
    with_unlabelled(pools)
}

/// What has no label at all may be of any pool of its name.
fn with_unlabelled(pools: BTreeMap<(SignalId, Pool), Members<'_>>) -> Pools<'_> {
    let (plain, mut pools): (Vec<_>, Vec<_>) = pools
        .into_iter()
        .partition(|(_, members)| members.observations.iter().all(|of| of.labels.is_empty()));
    let names: BTreeSet<(SignalId, String)> =
        pools.iter().map(|((signal, pool), _)| (*signal, pool.name.clone())).collect();
    let (mut unlabelled, mut places) = (Vec::new(), BTreeMap::new());
    for ((signal, pool), members) in plain {
        let name = (signal, pool.name.clone());
        if names.contains(&name) {
            places.insert(name, unlabelled.len());
            unlabelled.push(members.observations);
        } else {
            pools.push(((signal, pool), members));
        }
    }
    pools.sort_by(|a, b| a.0.cmp(&b.0));
    let members = pools.into_iter().map(|((signal, pool), members)| {
        let perhaps = places.get(&(signal, pool.name)).copied();
        Members { perhaps, ..members }
    });
    Pools { members: members.collect(), unlabelled }
}
