//! The instances of each resource by the work that they share.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    assess::LimitEvaluation,
    signal::{Direction, Driver, ResourceId, Role, SignalId},
    snapshot::{INSTANCE, Observation, Places, Pool},
};

/// The instances of every resource by the work that they share.
pub(super) struct Pools<'a> {
    pub(super) members: Vec<Members<'a>>,
    /// Instances without any label, which may be of every pool that names them: kept once, because there may be as many
    /// pools as instances.
    pub(super) unlabelled: Vec<Vec<&'a Observation>>,
}

/// The instances of a pool that measure one signal.
pub(super) struct Members<'a> {
    pub(super) resource: ResourceId,
    pub(super) driven_by: Option<Driver>,
    /// In the order of their names.
    pub(super) observations: Vec<&'a Observation>,
    /// Which of the instances without any label may be of it as well.
    pub(super) perhaps: Option<usize>,
}

/// The pools of every resource that is asked about, in the order of signals. `labels` tell places apart, and so are no part
/// of what an instance works for; where no resource is named all of them are asked about.
pub(super) fn pools<'a>(
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
