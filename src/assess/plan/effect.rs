//! What another limit or another number of replicas does: how much room it leaves, and when it is reached.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::ChangeCost;
use crate::{
    assess::{
        Assessment, AssessmentInput, Assumptions, UnderLimit,
        bottleneck::{Rows, by_name},
        load_part::{LoadPart, with_load_times},
        outlook,
    },
    roadmap::Price,
    signal::{ResourceId, SignalId},
    snapshot::{AssumedReplicas, ChangedLimit, ReplicaGroup, ReplicasError, Snapshot},
};

/// One limit in the place of another, and what each means.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitEffect {
    /// The limit.
    #[serde(flatten)]
    pub change: ChangedLimit,
    /// The resource under its present limit; null where it is not judged.
    pub before: Option<UnderLimit>,
    /// The resource under the assumed one.
    pub after: Option<UnderLimit>,
    /// Whether it is lowered to less than is needed: beyond its critical threshold now, or reached by the median of the
    /// forecast within its horizon.
    pub is_too_small: bool,
    /// What it adds to the monthly bill.
    pub cost: Option<ChangeCost>,
}

/// What each limit does, from the assessment with the present limits and that with the others.
pub(in crate::assess) fn limit_effects(
    changes: &[ChangedLimit],
    prices: &[Price],
    now: &Assessment,
    then: &Assessment,
) -> Vec<LimitEffect> {
    let effect = |change: &ChangedLimit| {
        let (before, after) = (under_limit(now, change), under_limit(then, change));
        let is_lowered = change.assumed.value() < change.present.value();
        let is_too_small = is_lowered && after.as_ref().is_some_and(UnderLimit::runs_out);
        let cost = ChangeCost::of_limit(change, prices);
        LimitEffect { change: change.clone(), before, after, is_too_small, cost }
    };
    changes.iter().map(effect).collect()
}

fn under_limit(assessment: &Assessment, change: &ChangedLimit) -> Option<UnderLimit> {
    let of_signal = || assessment.bottlenecks.iter().filter(|row| row.signal == Some(change.signal));
    let named = of_signal().find(|row| row.instance == change.instance);
    // The row of the only instance may have the name that another source gives it, or none.
    let only = || Some(of_signal().next()?).filter(|_| of_signal().count() == 1);
    named.or_else(only).map(UnderLimit::new)
}

/// Another number of replicas in the place of the present one, and what each means.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplicaEffect {
    /// `shop/api`.
    pub workload: String,
    /// How many there are.
    pub present: u64,
    /// How many are assumed.
    pub assumed: u64,
    /// What that adds to the monthly bill.
    pub cost: Option<ChangeCost>,
    /// What each replica has for itself and what follows the load.
    pub resources: Vec<ReplicaResource>,
}

/// A resource of each replica.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplicaResource {
    /// What runs out.
    pub resource: ResourceId,
    /// The signal that measures it.
    pub signal: SignalId,
    /// Which of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Whether it is known how much of it follows the load. Otherwise all of it is assumed to: headroom is at most that of
    /// `after` with more replicas, and at least that with fewer.
    pub load_part_known: bool,
    /// The resource with the present number; null where it is not judged.
    pub before: Option<UnderLimit>,
    /// The resource with the assumed number.
    pub after: Option<UnderLimit>,
    /// Whether there are fewer replicas than are needed: a resource of theirs is beyond its critical threshold now, or is
    /// used up by the median of the forecast within its horizon.
    pub is_too_small: bool,
    /// Whether that is so if all of it follows the load, which is not known.
    pub may_be_too_small: bool,
}

/// A snapshot with other numbers of replicas, and which they are.
#[derive(Debug, Clone, PartialEq)]
pub struct WithReplicas {
    /// The snapshot, as if each number had always been the assumed one.
    pub snapshot: Snapshot,
    /// What was changed, without its effect.
    changes: Vec<ReplicaEffect>,
}

/// The same load on another number of replicas: what follows the load is shared by them, what does not stays.
///
/// # Errors
/// When it is not clear which workload is meant, or what another number would do.
pub fn with_replicas(
    input: &AssessmentInput,
    snapshot: &Snapshot,
    assumed: &[AssumedReplicas],
) -> Result<WithReplicas, ReplicasError> {
    let mut then = WithReplicas { snapshot: snapshot.clone(), changes: Vec::new() };
    if assumed.is_empty() {
        return Ok(then);
    }
    let outlook = outlook(input, snapshot, Assumptions::default());
    let groups = snapshot.replica_groups();
    // Of two numbers of one workload the last counts, and it is a multiple of the present one.
    let mut last: BTreeMap<&str, (&ReplicaGroup, u64, u64)> = BTreeMap::new();
    for assumed in assumed {
        let (group, present) = ReplicaGroup::find(&groups, assumed)?;
        last.insert(&group.workload, (group, present, assumed.assumed));
    }
    for (group, present, assumed) in last.into_values() {
        let factor = present as f64 / assumed as f64;
        let part = |signal, instance: Option<&str>| LoadPart::of(&outlook, signal, instance);
        let meant: BTreeSet<&(SignalId, Option<String>)> = group.resources.iter().collect();
        let Snapshot { observations, history, .. } = &mut then.snapshot;
        for observation in observations.iter_mut().chain(history) {
            if meant.contains(&(observation.signal, observation.instance.clone())) {
                let part = part(observation.signal, observation.instance.as_deref());
                *observation = with_load_times(observation, part, factor);
            }
        }
        let resource = |(signal, instance): &(SignalId, Option<String>)| {
            Some(ReplicaResource {
                resource: signal.entry().resource?,
                signal: *signal,
                instance: instance.clone(),
                load_part_known: part(*signal, instance.as_deref()) != LoadPart::Unknown,
                before: None,
                after: None,
                is_too_small: false,
                may_be_too_small: false,
            })
        };
        let mut resources: Vec<ReplicaResource> = group.resources.iter().filter_map(resource).collect();
        resources.dedup();
        let cost = ChangeCost::of_replicas(group, present, assumed, &input.declared.prices);
        let effect = ReplicaEffect { workload: group.workload.clone(), present, assumed, cost, resources };
        then.changes.push(effect);
    }
    Ok(then)
}

/// What each number does, from the assessment with the present ones and that with the others; the least room first.
pub(in crate::assess) fn replica_effects(
    with: &WithReplicas,
    now: &Assessment,
    then: &Assessment,
) -> Vec<ReplicaEffect> {
    let (now, then) = (by_name(&now.bottlenecks), by_name(&then.bottlenecks));
    let effect = |change: &ReplicaEffect| {
        let mut effect = change.clone();
        for resource in &mut effect.resources {
            resource.before = of_resource(&now, resource);
            resource.after = of_resource(&then, resource);
            let runs_out = resource.after.as_ref().is_some_and(UnderLimit::runs_out);
            let is_too_small = effect.assumed < effect.present && runs_out;
            resource.is_too_small = is_too_small && resource.load_part_known;
            resource.may_be_too_small = is_too_small && !resource.load_part_known;
        }
        let room = |resource: &ReplicaResource| {
            resource.after.as_ref().and_then(|after| after.headroom).unwrap_or(f64::INFINITY)
        };
        effect.resources.sort_by(|a, b| room(a).total_cmp(&room(b)));
        effect
    };
    with.changes.iter().map(effect).collect()
}

fn of_resource(rows: &Rows<'_>, resource: &ReplicaResource) -> Option<UnderLimit> {
    rows.get(&(resource.signal, resource.instance.as_deref())).map(|row| UnderLimit::new(row))
}
