//! Service levels: what users and operators feel, and which resources explain it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Bottleneck, BottleneckReason, Context, LimitEvaluation, ServiceLevel, State, ranking::from_evaluation,
};
use crate::signal::{Direction, ResourceId, Role};

/// Every service level, worst first.
pub(super) fn assess(evaluations: &[LimitEvaluation<'_>]) -> Vec<ServiceLevel> {
    let mut levels: Vec<ServiceLevel> =
        evaluations.iter().filter(|evaluation| is_level(evaluation)).map(level).collect();
    levels.sort_by(|a, b| {
        let key = |level: &ServiceLevel| (Reverse(level.state), level.signal);
        key(a).cmp(&key(b)).then_with(|| a.instance.cmp(&b.instance))
    });
    levels
}

fn is_level(evaluation: &LimitEvaluation<'_>) -> bool {
    evaluation.entry.role == Role::ServiceLevel
}

fn level(evaluation: &LimitEvaluation<'_>) -> ServiceLevel {
    let limits = &evaluation.limits;
    ServiceLevel {
        signal: evaluation.observation.signal,
        resource: evaluation.entry.resource,
        instance: evaluation.observation.instance.clone(),
        state: evaluation.state,
        now: evaluation.now,
        peak: evaluation.peak.value,
        objective: limits.warning.as_ref().or(limits.critical.as_ref()).map(|limit| limit.at),
        reason: evaluation.reason(),
    }
}

/// The service levels that are violated and that no resource explains, worst first, each as a row with the resources
/// that were ruled out and those that are unknown.
pub(super) fn unexplained(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    resources: &[Bottleneck],
) -> Vec<Bottleneck> {
    let violated =
        evaluations.iter().filter(|evaluation| is_level(evaluation) && evaluation.state >= State::Pending);
    let pressing = pressing(resources);
    let mut unexplained: Vec<&LimitEvaluation<'_>> =
        violated.filter(|level| !is_explained(level, &pressing)).collect();
    unexplained.sort_by(|a, b| {
        (Reverse(a.state), a.entry.traffic.is_some())
            .cmp(&(Reverse(b.state), b.entry.traffic.is_some()))
            .then_with(|| excess(b).total_cmp(&excess(a)))
            .then_with(|| a.observation.signal.cmp(&b.observation.signal))
    });
    let mut by_state: BTreeMap<State, BTreeSet<ResourceId>> = BTreeMap::new();
    for row in resources {
        by_state.entry(row.state).or_default().insert(row.resource);
    }
    let mut rows = Vec::with_capacity(unexplained.len());
    rows.extend(unexplained.into_iter().filter_map(|level| row(context, level, &by_state)));
    rows
}

fn row(
    context: &Context<'_>,
    level: &LimitEvaluation<'_>,
    by_state: &BTreeMap<State, BTreeSet<ResourceId>>,
) -> Option<Bottleneck> {
    let resource = level.entry.resource?;
    let others = |state: State| -> Vec<ResourceId> {
        let in_state = by_state.get(&state).into_iter().flatten().copied();
        in_state.filter(|other| *other != resource).collect()
    };
    let unknown = others(State::Unknown);
    let mut ruled_out = others(State::Ok);
    ruled_out.retain(|resource| !unknown.contains(resource));
    let reason = BottleneckReason::Unexplained { evaluation: level.reason(), ruled_out, unknown };
    Some(Bottleneck { reason, ..from_evaluation(context, resource, level) })
}

/// A resource that is nearly used up: its system, itself, and whether it is critical.
type Pressing<'a> = (&'a str, ResourceId, bool);

/// Every resource that is nearly used up, once, however many instances of it are.
fn pressing(resources: &[Bottleneck]) -> BTreeSet<Pressing<'_>> {
    let pressing = resources.iter().filter(|row| row.state >= State::Warning || is_nearly_critical(row));
    let told = pressing.map(|row| {
        let system = row.signal.map_or("", |signal| signal.entry().system.as_str());
        (system, row.resource, row.state >= State::Critical)
    });
    told.collect()
}

/// Whether a resource that is nearly used up explains it. What users feel may come from any resource; what one
/// system shows of itself comes from its own resources, or from the machine it runs on.
fn is_explained(level: &LimitEvaluation<'_>, pressing: &BTreeSet<Pressing<'_>>) -> bool {
    const OF_USERS: [&str; 3] = ["http", "app", "messages"];
    let entry = level.entry;
    pressing.iter().any(|(system, resource, is_critical)| {
        let of_users = OF_USERS.contains(&entry.system.as_str());
        of_users
            || Some(*resource) == entry.resource
            || *system == entry.system
            || *system == "host" && *is_critical
    })
}

/// Whether a critical threshold is exceeded, if not yet for long enough.
fn is_nearly_critical(row: &Bottleneck) -> bool {
    row.state == State::Pending && row.headroom.is_some_and(|headroom| headroom <= 0.1)
}

/// How many times as bad as its threshold allows.
fn excess(level: &LimitEvaluation<'_>) -> f64 {
    let Some(check) = &level.deciding else { return 0.0 };
    let (value, at) = (level.now.value(), check.limit.at.value());
    let times = match level.entry.direction {
        Direction::HigherIsWorse => value / at,
        Direction::LowerIsWorse => at / value,
    };
    if times.is_nan() { 0.0 } else { times }
}
