//! Which resource runs out next.

use std::cmp::Reverse;

use super::{
    ActBy, Bottleneck, BottleneckReason, Context, Expectation, ForecastReason, Grade, LimitEvaluation,
    MissingReason, Outlook, RankingReason, SaturationReason, Status, Verdict, coverage,
    limits::{self, Limit, Limits},
    saturation,
};
use crate::{
    signal::{Resource, ResourceId, Role, Signal, catalog},
    snapshot::Exhausted,
};

/// Every resource, most urgent first, and the one to name.
#[derive(Debug)]
pub(super) struct Ranking {
    pub bottlenecks: Vec<Bottleneck>,
    pub next: Option<Bottleneck>,
    pub reason: RankingReason,
}

/// Ranks the resources: those that are used up or critical, those that are beyond their warning limit while nobody
/// knows which ends first, then by the probability to be the first to end and by when to act, then by how little is left
/// and what the roadmap expects first.
///
/// Resources run out; latency, errors and waiting times are symptoms. A symptom is named only when no
/// measured resource explains it, together with the resources that were ruled out.
pub(super) fn assess(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    outlook: &Outlook,
) -> Ranking {
    let mut bottlenecks: Vec<Bottleneck> = catalog()
        .resources()
        .filter_map(|resource| for_resource(context, resource, evaluations, outlook))
        .map(|bottleneck| saturation::forecast(context, outlook, bottleneck))
        .collect();
    sort(context, outlook, &mut bottlenecks);
    let urgent = bottlenecks.iter().any(|bottleneck| bottleneck.verdict >= Verdict::Warning);
    let first = bottlenecks.first().filter(|_| urgent).cloned();
    let symptom = if first.is_none() { worst_symptom(context, evaluations, &bottlenecks) } else { None };
    if let Some(symptom) = &symptom {
        bottlenecks.retain(|bottleneck| bottleneck.resource != symptom.resource);
        bottlenecks.insert(0, symptom.clone());
    }
    let foreseen = || bottlenecks.iter().find(|bottleneck| saturation::is_foreseen(bottleneck)).cloned();
    let next = first.or(symptom).or_else(foreseen);
    let reason = match &next {
        Some(_) => RankingReason::Bottleneck,
        None => none_near(&bottlenecks),
    };
    Ranking { bottlenecks, next, reason }
}

fn sort(context: &Context<'_>, outlook: &Outlook, bottlenecks: &mut [Bottleneck]) {
    bottlenecks.sort_by(|a, b| {
        let rank = |bottleneck: &Bottleneck| {
            // A server that turns us away leaves no doubt; what nobody measured comes last.
            let refuses = refusal(context, bottleneck.resource).is_some();
            let measured = bottleneck.signal.is_some();
            let saturated = bottleneck.status == Status::Saturated;
            let critical = bottleneck.verdict == Verdict::Critical;
            let open = bottleneck.verdict == Verdict::Warning && bottleneck.probability_first.is_none();
            (Reverse(refuses), Reverse(measured), Reverse((critical, saturated)), Reverse((saturated, open)))
        };
        let expected =
            |bottleneck: &Bottleneck| bottleneck.roadmap.as_ref().map_or(u64::MAX, |roadmap| roadmap.users);
        let headroom = |bottleneck: &Bottleneck| bottleneck.headroom.unwrap_or(f64::INFINITY);
        rank(a)
            .cmp(&rank(b))
            .then_with(|| saturation::rank(outlook, a).cmp(&saturation::rank(outlook, b)))
            .then_with(|| b.verdict.cmp(&a.verdict))
            .then_with(|| headroom(a).total_cmp(&headroom(b)))
            .then_with(|| expected(a).cmp(&expected(b)))
            .then_with(|| a.resource.entry().scales_out.cmp(&b.resource.entry().scales_out))
            .then_with(|| a.resource.cmp(&b.resource))
    });
}

fn refusal<'a>(context: &Context<'a>, resource: ResourceId) -> Option<&'a Exhausted> {
    context.exhausted.iter().copied().find(|exhausted| exhausted.resource == resource)
}

fn for_resource(
    context: &Context<'_>,
    resource: &Resource,
    evaluations: &[LimitEvaluation<'_>],
    outlook: &Outlook,
) -> Option<Bottleneck> {
    let id = resource.id();
    let refused = refusal(context, id);
    let limits = evaluations.iter().filter(|evaluation| {
        let entry = evaluation.observation.signal.entry();
        entry.role == Role::Limit && entry.resource == Some(id) && evaluation.deciding.is_some()
    });
    let worst = limits.min_by(|a, b| {
        let headroom = |evaluation: &LimitEvaluation<'_>| evaluation.headroom.unwrap_or(f64::INFINITY);
        let critical = |evaluation: &LimitEvaluation<'_>| evaluation.verdict == Verdict::Critical;
        let first = |evaluation: &LimitEvaluation<'_>| saturation::twentieths_first(outlook, evaluation);
        (critical(b), first(b), b.verdict)
            .cmp(&(critical(a), first(a), a.verdict))
            .then_with(|| headroom(a).total_cmp(&headroom(b)))
    });
    match (worst, refused) {
        (worst, Some(refused)) => {
            let reason = BottleneckReason::Refused {
                source: refused.source.clone(),
                message: refused.message.clone(),
            };
            let base = match worst {
                Some(worst) => from_evaluation(context, id, worst),
                None => without_evaluation(context, id, reason.clone()),
            };
            Some(Bottleneck { status: Status::Saturated, verdict: Verdict::Critical, reason, ..base })
        }
        (Some(worst), None) => Some(from_evaluation(context, id, worst)),
        (None, None) if is_wanted(context, id) => {
            let missing = missing(context, id)?;
            Some(without_evaluation(context, id, BottleneckReason::Missing { missing }))
        }
        (None, None) => None,
    }
}

fn is_wanted(context: &Context<'_>, resource: ResourceId) -> bool {
    coverage::wanted(context).into_iter().any(|signal| {
        let entry = signal.entry();
        // Without any limit there is nothing that its measurement could show.
        let limited = limits::limits(context, signal) != Limits::default();
        let of_resource = entry.role == Role::Limit && entry.resource == Some(resource);
        of_resource && limited && !context.is_not_applicable(signal)
    })
}

fn missing(context: &Context<'_>, resource: ResourceId) -> Option<MissingReason> {
    let limits = |signal: &&Signal| signal.role == Role::Limit && signal.resource == Some(resource);
    catalog().signals().find(limits).map(|signal| context.why_missing(signal.id()))
}

fn from_evaluation(
    context: &Context<'_>,
    resource: ResourceId,
    evaluation: &LimitEvaluation<'_>,
) -> Bottleneck {
    let spent =
        evaluation.headroom.is_some_and(|headroom| headroom <= 0.0) || evaluation.flat_seconds.is_some();
    let status = match evaluation.verdict {
        Verdict::Critical | Verdict::Warning if spent => Status::Saturated,
        Verdict::Critical | Verdict::Warning => Status::Approaching,
        Verdict::Ok => Status::Distant,
        Verdict::Unknown => Status::Unknown,
    };
    let full: Option<&Limit> = evaluation.limits.full.as_ref();
    let reason = BottleneckReason::Limit { evaluation: evaluation.reason() };
    Bottleneck {
        signal: Some(evaluation.observation.signal),
        instance: evaluation.observation.instance.clone(),
        status,
        verdict: evaluation.verdict,
        now: Some(evaluation.now),
        limit: full.map(|limit| limit.at),
        capacity: evaluation.observation.capacity(),
        limit_origin: full.map(|limit| limit.origin.clone()),
        headroom: evaluation.headroom,
        ..without_evaluation(context, resource, reason)
    }
}

fn without_evaluation(context: &Context<'_>, resource: ResourceId, reason: BottleneckReason) -> Bottleneck {
    let mut milestones = context.input.roadmap.milestones.iter();
    let milestone = milestones.find(|milestone| milestone.resource == resource);
    Bottleneck {
        resource,
        signal: None,
        instance: None,
        status: Status::Unknown,
        verdict: Verdict::Unknown,
        now: None,
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

/// The worst symptom beyond its limit, with the resources that do not explain it.
fn worst_symptom(
    context: &Context<'_>,
    evaluations: &[LimitEvaluation<'_>],
    ruled_out: &[Bottleneck],
) -> Option<Bottleneck> {
    let symptoms =
        evaluations.iter().filter(|evaluation| evaluation.observation.signal.entry().role == Role::Symptom);
    let beyond = symptoms.filter(|evaluation| evaluation.verdict >= Verdict::Warning);
    let worst = beyond.min_by(|a, b| {
        let headroom = |evaluation: &LimitEvaluation<'_>| evaluation.headroom.unwrap_or(f64::INFINITY);
        Reverse(a.verdict).cmp(&Reverse(b.verdict)).then_with(|| headroom(a).total_cmp(&headroom(b)))
    })?;
    let resource = worst.observation.signal.entry().resource?;
    let others = |status| {
        let with_status = ruled_out.iter().filter(move |bottleneck| bottleneck.status == status);
        with_status.map(|bottleneck| bottleneck.resource).filter(|other| *other != resource).collect()
    };
    let reason = BottleneckReason::Unexplained {
        evaluation: worst.reason(),
        ruled_out: others(Status::Distant),
        unknown: others(Status::Unknown),
    };
    Some(Bottleneck { reason, ..from_evaluation(context, resource, worst) })
}

fn none_near(bottlenecks: &[Bottleneck]) -> RankingReason {
    let undecided = bottlenecks
        .iter()
        .find(|bottleneck| bottleneck.signal.is_some() && bottleneck.verdict == Verdict::Unknown);
    if let Some(undecided) = undecided {
        return RankingReason::Undecided { resource: undecided.resource, reason: undecided.reason.clone() };
    }
    let measured =
        bottlenecks.iter().filter_map(|bottleneck| Some((bottleneck.resource, bottleneck.headroom?)));
    match measured.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((closest, headroom)) => RankingReason::NoneNear { closest, headroom },
        None => RankingReason::NothingMeasured,
    }
}
