//! Which resource runs out next.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
};

use super::{
    ActBy, Bottleneck, BottleneckReason, Context, Expectation, ForecastReason, Grade, LimitEvaluation,
    MissingReason, Outlook, Rank, RankingReason, RunnerUp, SaturationReason, State, Status, coverage,
    limits::{self, Limit, Limits},
    parallel, saturation, service_level, stopped,
};
use crate::{
    signal::{Resource, ResourceId, Role, Signal, catalog},
    snapshot::Exhausted,
};

/// So many rows are made at a time.
const AT_A_TIME: usize = 256;

/// Every resource, most urgent first, and the one to name.
#[derive(Debug)]
pub(super) struct Ranking {
    pub bottlenecks: Vec<Bottleneck>,
    /// Service levels that are violated and that no resource explains, worst first.
    pub unexplained: Vec<Bottleneck>,
    pub next: Option<Bottleneck>,
    pub reason: RankingReason,
}

/// Ranks the resources, each instance by itself, and the service levels that none of them explains.
///
/// What is refused, saturated or critical comes first, then what is overdue, then what is beyond its warning
/// threshold or about to be (see [`Rank`]). Among equals the most probable to be the first decides, then the date to
/// act by, then the headroom, then what the roadmap expects first.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    outlook: &Outlook,
) -> Ranking {
    let forecast = |bottleneck| saturation::forecast(context, outlook, bottleneck);
    let (wanted, by_resource) = (wanted(context), by_resource(evaluations));
    let rows = |resource: &Resource| {
        let id = resource.id();
        let evaluations = by_resource.get(&id).map_or(&[][..], Vec::as_slice);
        of_resource(context, id, evaluations, wanted.contains(&id), &forecast)
    };
    let rows: Vec<Vec<Bottleneck>> = catalog().resources().map(rows).collect();
    let mut bottlenecks = Vec::with_capacity(rows.iter().map(Vec::len).sum());
    bottlenecks.extend(rows.into_iter().flatten());
    bottlenecks.extend(stopped::rows(context));
    sort(context, outlook, &mut bottlenecks);
    let unexplained = service_level::unexplained(context, evaluations, &bottlenecks);
    let mut in_line: Vec<&Bottleneck> = bottlenecks.iter().chain(&unexplained).collect();
    in_line.sort_by_cached_key(|bottleneck| rank(context, bottleneck));
    let near = |bottleneck: &&Bottleneck| match rank(context, bottleneck) {
        Rank::Forecast => saturation::is_foreseen(bottleneck),
        Rank::Undated | Rank::Unmeasured => false,
        // A cache that is still cold names nothing.
        Rank::Pending => !bottleneck.signal.is_some_and(|signal| signal.entry().warms_up),
        _ => true,
    };
    let mut near = in_line.into_iter().filter(near);
    let next = near.next().cloned();
    let reason = match &next {
        Some(next) => RankingReason::Bottleneck {
            rank: rank(context, next),
            over: near.next().map(|second| RunnerUp {
                resource: second.resource,
                instance: second.instance.clone(),
                rank: rank(context, second),
            }),
        },
        None => none_near(&bottlenecks),
    };
    Ranking { bottlenecks, unexplained, next, reason }
}

/// How urgent it is.
fn rank(context: &Context<'_>, bottleneck: &Bottleneck) -> Rank {
    let is_level = bottleneck.signal.is_some_and(|signal| signal.entry().role == Role::ServiceLevel);
    let refused = matches!(bottleneck.reason, BottleneckReason::Refused { .. });
    match bottleneck.state {
        _ if refused => Rank::Refused,
        State::Critical | State::Saturated if is_level => Rank::ServiceLevelCritical,
        State::Saturated => Rank::Saturated,
        State::Critical => Rank::Critical,
        _ if saturation::is_overdue(bottleneck, context.snapshot.taken_at) => Rank::Overdue,
        State::Warning if is_level => Rank::ServiceLevelWarning,
        State::Warning => Rank::Warning,
        State::Pending => Rank::Pending,
        _ if bottleneck.signal.is_none() => Rank::Unmeasured,
        _ if saturation::is_foreseen(bottleneck) => Rank::Forecast,
        _ => Rank::Undated,
    }
}

/// What a row goes by is found once for each, and not at each comparison.
fn sort(context: &Context<'_>, outlook: &Outlook, bottlenecks: &mut [Bottleneck]) {
    bottlenecks.sort_by_cached_key(|row| {
        let expected = row.roadmap.as_ref().map_or(u64::MAX, |roadmap| roadmap.users);
        let urgency = (rank(context, row), hardness(row), saturation::rank(outlook, row));
        let room = (in_total_order(headroom(row)), expected, row.resource.entry().scales_out);
        (urgency, room, (row.resource, row.signal, row.instance.clone()))
    });
}

/// A number that is ordered as [`f64::total_cmp`] orders values.
fn in_total_order(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

fn headroom(bottleneck: &Bottleneck) -> f64 {
    bottleneck.headroom.unwrap_or(f64::INFINITY)
}

/// Among exhausted resources: what has been flat at its limit for longest.
fn hardness(bottleneck: &Bottleneck) -> Reverse<i64> {
    let BottleneckReason::Limit { evaluation } = &bottleneck.reason else { return Reverse(i64::MAX) };
    let seconds = evaluation.flat_seconds.filter(|_| bottleneck.state == State::Saturated);
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a window")]
    Reverse(seconds.unwrap_or(0.0) as i64 / 3600)
}

fn refusal<'a>(context: &Context<'a>, resource: ResourceId) -> Option<&'a Exhausted> {
    context.exhausted.iter().copied().find(|exhausted| exhausted.resource == resource)
}

/// The evaluations that say how full a resource is, by resource.
fn by_resource<'e, 'a>(
    evaluations: &'e [LimitEvaluation<'a>],
) -> BTreeMap<ResourceId, Vec<&'e LimitEvaluation<'a>>> {
    let mut by_resource: BTreeMap<ResourceId, Vec<&LimitEvaluation<'_>>> = BTreeMap::new();
    for evaluation in evaluations.iter().filter(|evaluation| evaluation.deciding.is_some()) {
        let entry = evaluation.entry;
        if let Some(resource) = entry.resource.filter(|_| entry.role == Role::Resource) {
            by_resource.entry(resource).or_default().push(evaluation);
        }
    }
    by_resource
}

/// The resources that should be measured.
fn wanted(context: &Context<'_>) -> BTreeSet<ResourceId> {
    // Without any limit there is nothing that a measurement could show.
    let is_limited = |signal| limits::limits(context, signal) != Limits::default();
    coverage::wanted(context)
        .into_iter()
        .filter(|signal| signal.entry().role == Role::Resource)
        .filter(|signal| is_limited(*signal) && !context.is_not_applicable(*signal))
        .filter_map(|signal| signal.entry().resource)
        .collect()
}

/// Every instance of a resource; the resource by itself where nothing measures it and something should.
fn of_resource(
    context: &Context<'_>,
    id: ResourceId,
    evaluations: &[&LimitEvaluation<'_>],
    is_wanted: bool,
    forecast: &(impl Fn(Bottleneck) -> Bottleneck + Sync),
) -> Vec<Bottleneck> {
    let mut rows: Vec<Bottleneck> = parallel::filter_map(evaluations, AT_A_TIME, |evaluation| {
        Some(forecast(from_evaluation(context, id, evaluation)))
    });
    if let Some(refused) = refusal(context, id) {
        let reason =
            BottleneckReason::Refused { source: refused.source.clone(), message: refused.message.clone() };
        // It is the fullest of them that refuses.
        rows.sort_by(|a, b| headroom(a).total_cmp(&headroom(b)));
        let base =
            if rows.is_empty() { without_evaluation(context, id, reason.clone()) } else { rows.remove(0) };
        let verdict = State::Saturated.into();
        rows.push(Bottleneck { status: Status::Saturated, state: State::Saturated, verdict, reason, ..base });
    } else if rows.is_empty() && is_wanted {
        let missing = missing(context, id);
        rows.extend(
            missing.map(|missing| without_evaluation(context, id, BottleneckReason::Missing { missing })),
        );
    }
    rows
}

fn missing(context: &Context<'_>, resource: ResourceId) -> Option<MissingReason> {
    let usage = |signal: &&Signal| signal.role == Role::Resource && signal.resource == Some(resource);
    catalog().signals().find(usage).map(|signal| context.why_missing(signal.id()))
}

/// A row for an evaluation; of a service level without headroom.
pub(super) fn from_evaluation(
    context: &Context<'_>,
    resource: ResourceId,
    evaluation: &LimitEvaluation<'_>,
) -> Bottleneck {
    let observation = evaluation.observation;
    let status = match evaluation.state {
        State::Saturated => Status::Saturated,
        State::Critical | State::Warning | State::Pending => Status::Approaching,
        State::Ok => Status::Distant,
        State::Unknown => Status::Unknown,
    };
    let is_resource = evaluation.entry.role == Role::Resource;
    let full: Option<&Limit> = evaluation.limits.full.as_ref().filter(|_| is_resource);
    let objective = evaluation.deciding.as_ref().map(|check| &check.limit);
    let limit = full.or(objective);
    let reason = BottleneckReason::Limit { evaluation: evaluation.reason() };
    Bottleneck {
        signal: Some(observation.signal),
        instance: observation.instance.clone(),
        status,
        verdict: evaluation.verdict(),
        state: evaluation.state,
        now: Some(evaluation.now),
        peak: Some(evaluation.peak.value),
        peak_days: evaluation.peak.days.len(),
        limit: limit.map(|limit| limit.at),
        capacity: observation.capacity(),
        limit_origin: limit.map(|limit| limit.origin.clone()),
        headroom: evaluation.headroom,
        ..without_evaluation(context, resource, reason)
    }
}

/// A row for a resource of which nothing is known now.
pub(super) fn without_evaluation(
    context: &Context<'_>,
    resource: ResourceId,
    reason: BottleneckReason,
) -> Bottleneck {
    let milestone = context.input.roadmap.milestone_of(resource);
    Bottleneck {
        resource,
        signal: None,
        instance: None,
        status: Status::Unknown,
        verdict: State::Unknown.into(),
        state: State::Unknown,
        now: None,
        peak: None,
        peak_days: 0,
        limit: None,
        capacity: None,
        limit_origin: None,
        headroom: None,
        saturates_at_load: None,
        saturates_on: None,
        probability_first: None,
        saturation_reason: SaturationReason::without_forecast(ForecastReason::NotForecast),
        act_by: milestone
            .and_then(|milestone| milestone.act_by_users)
            .map(|users| ActBy { load: Some(users as f64), date: None }),
        roadmap: milestone
            .map(|milestone| Expectation { users: milestone.users, act_by_users: milestone.act_by_users }),
        grade: Grade::Insufficient,
        reason,
    }
}

/// Why none is near its limit: the resource with insufficient data, or the one with the least headroom.
fn none_near(bottlenecks: &[Bottleneck]) -> RankingReason {
    let undecided = bottlenecks
        .iter()
        .find(|bottleneck| bottleneck.signal.is_some() && bottleneck.state == State::Unknown);
    if let Some(undecided) = undecided {
        return RankingReason::Undecided { resource: undecided.resource, reason: undecided.reason.clone() };
    }
    let measured = bottlenecks.iter().filter(|bottleneck| bottleneck.headroom.is_some());
    let tightest = |a: &&Bottleneck, b: &&Bottleneck| -> Ordering { headroom(a).total_cmp(&headroom(b)) };
    match measured.clone().min_by(tightest) {
        Some(closest) => {
            let is_one_of_several = measured.filter(|row| row.resource == closest.resource).nth(1).is_some();
            RankingReason::NoneNear {
                closest: closest.resource,
                instance: closest.instance.clone().filter(|_| is_one_of_several),
                headroom: headroom(closest),
            }
        }
        None => RankingReason::NothingMeasured,
    }
}
