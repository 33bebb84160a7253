//! Which resource runs out next.

use std::cmp::Reverse;

use super::{
    ActBy, Bottleneck, Context, Expectation, Grade, Outlook, Status, Verdict, coverage,
    limits::{self, Bound, Bounds},
    reading::LimitEvaluation,
    saturation,
};
use crate::{
    signal::{Quantity, Resource, ResourceId, Role, catalog},
    snapshot::Exhausted,
};

/// Every resource, most pressing first, and the one to name.
#[derive(Debug)]
pub(super) struct Ranking {
    pub bottlenecks: Vec<Bottleneck>,
    pub next: Option<Bottleneck>,
    pub because: String,
}

/// Ranks the resources: those that are used up or critical, those that are beyond their warning limit while nobody
/// knows which ends first, then by the probability to be the first to end and by when to act, then by how little is left
/// and what the roadmap expects first.
///
/// Resources run out; latency, errors and waiting times are symptoms. A symptom is named only when no
/// measured resource explains it, together with the resources that were ruled out.
pub(super) fn assess(context: &Context<'_>, readings: &[LimitEvaluation<'_>], outlook: &Outlook) -> Ranking {
    let mut bottlenecks: Vec<Bottleneck> = catalog()
        .resources()
        .filter_map(|resource| of_resource(context, resource, readings, outlook))
        .map(|one| saturation::foretell(context, outlook, one))
        .collect();
    sort(context, outlook, &mut bottlenecks);
    let presses = bottlenecks.iter().any(|one| one.verdict >= Verdict::Warning);
    let pressing = bottlenecks.first().filter(|_| presses).cloned();
    let symptom = if pressing.is_none() { worst_symptom(context, readings, &bottlenecks) } else { None };
    if let Some(symptom) = &symptom {
        bottlenecks.retain(|one| one.resource != symptom.resource);
        bottlenecks.insert(0, symptom.clone());
    }
    let foreseen = || bottlenecks.iter().find(|one| saturation::is_foreseen(one)).cloned();
    let next = pressing.or(symptom).or_else(foreseen);
    let because = match &next {
        Some(next) => next.because.clone(),
        None => nothing_presses(&bottlenecks),
    };
    Ranking { bottlenecks, next, because }
}

fn sort(context: &Context<'_>, outlook: &Outlook, bottlenecks: &mut [Bottleneck]) {
    bottlenecks.sort_by(|a, b| {
        let rank = |one: &Bottleneck| {
            // A server that turns us away leaves no doubt; what nobody measured comes last.
            let refuses = refusal(context, one.resource).is_some();
            let measured = one.signal.is_some();
            let saturated = one.status == Status::Saturated;
            let critical = one.verdict == Verdict::Critical;
            let open = one.verdict == Verdict::Warning && one.probability_first.is_none();
            (Reverse(refuses), Reverse(measured), Reverse((critical, saturated)), Reverse((saturated, open)))
        };
        let expected = |one: &Bottleneck| one.roadmap.as_ref().map_or(u64::MAX, |roadmap| roadmap.users);
        let room = |one: &Bottleneck| one.headroom.unwrap_or(f64::INFINITY);
        rank(a)
            .cmp(&rank(b))
            .then_with(|| saturation::rank(outlook, a).cmp(&saturation::rank(outlook, b)))
            .then_with(|| b.verdict.cmp(&a.verdict))
            .then_with(|| room(a).total_cmp(&room(b)))
            .then_with(|| expected(a).cmp(&expected(b)))
            .then_with(|| a.resource.entry().scales_out.cmp(&b.resource.entry().scales_out))
            .then_with(|| a.resource.cmp(&b.resource))
    });
}

fn refusal<'a>(context: &Context<'a>, resource: ResourceId) -> Option<&'a Exhausted> {
    context.exhausted.iter().copied().find(|exhausted| exhausted.resource == resource)
}

fn of_resource(
    context: &Context<'_>,
    resource: &Resource,
    readings: &[LimitEvaluation<'_>],
    outlook: &Outlook,
) -> Option<Bottleneck> {
    let id = resource.id();
    let refused = refusal(context, id);
    let limits = readings.iter().filter(|reading| {
        let entry = reading.observation.signal.entry();
        entry.role == Role::Limit && entry.resource == Some(id) && reading.deciding.is_some()
    });
    let worst = limits.min_by(|a, b| {
        let room = |reading: &LimitEvaluation<'_>| reading.headroom.unwrap_or(f64::INFINITY);
        let critical = |reading: &LimitEvaluation<'_>| reading.verdict == Verdict::Critical;
        let first = |reading: &LimitEvaluation<'_>| saturation::twentieths_first(outlook, reading);
        (critical(b), first(b), b.verdict)
            .cmp(&(critical(a), first(a), a.verdict))
            .then_with(|| room(a).total_cmp(&room(b)))
    });
    match (worst, refused) {
        (worst, Some(refused)) => {
            let because = format!("{} refused us because it is full: {}", refused.source, refused.message);
            let measured = worst.map(|worst| from_reading(context, id, worst));
            let base = measured.unwrap_or_else(|| unmeasured(context, id, String::new()));
            Some(Bottleneck { status: Status::Saturated, verdict: Verdict::Critical, because, ..base })
        }
        (Some(worst), None) => Some(from_reading(context, id, worst)),
        (None, None) if is_wanted(context, id) => {
            let because = missing(context, id);
            Some(unmeasured(context, id, because))
        }
        (None, None) => None,
    }
}

fn is_wanted(context: &Context<'_>, resource: ResourceId) -> bool {
    coverage::wanted(context).into_iter().any(|signal| {
        let entry = signal.entry();
        // Without any limit there is nothing that its measurement could show.
        let limited = limits::bounds(context, signal) != Bounds::default();
        let of_resource = entry.role == Role::Limit && entry.resource == Some(resource);
        of_resource && limited && !context.is_not_applicable(signal)
    })
}

fn missing(context: &Context<'_>, resource: ResourceId) -> String {
    let signals =
        catalog().signals().filter(|signal| signal.role == Role::Limit && signal.resource == Some(resource));
    signals.map(|signal| context.why_missing(signal.id())).next().unwrap_or_default()
}

fn from_reading(context: &Context<'_>, resource: ResourceId, reading: &LimitEvaluation<'_>) -> Bottleneck {
    let spent = reading.headroom.is_some_and(|headroom| headroom <= 0.0) || reading.flat.is_some();
    let status = match reading.verdict {
        Verdict::Critical | Verdict::Warning if spent => Status::Saturated,
        Verdict::Critical | Verdict::Warning => Status::Approaching,
        Verdict::Ok => Status::Distant,
        Verdict::Unknown => Status::Unknown,
    };
    let full: Option<&Bound> = reading.bounds.full.as_ref();
    Bottleneck {
        signal: Some(reading.observation.signal),
        instance: reading.observation.instance.clone(),
        status,
        verdict: reading.verdict,
        now: Some(reading.now),
        limit: full.map(|bound| bound.at),
        capacity: reading.observation.capacity(),
        limit_origin: full.map(|bound| bound.origin.clone()),
        headroom: reading.headroom,
        ..unmeasured(context, resource, reading.because())
    }
}

fn unmeasured(context: &Context<'_>, resource: ResourceId, because: String) -> Bottleneck {
    let mut milestones = context.input.roadmap.milestones.iter();
    let milestone = milestones.find(|milestone| milestone.resource == resource);
    Bottleneck {
        resource,
        signal: None,
        instance: None,
        status: Status::Unknown,
        verdict: Verdict::Unknown,
        now: None::<Quantity>,
        limit: None,
        capacity: None,
        limit_origin: None,
        headroom: None,
        saturates_at_load: None,
        saturates_on: None,
        probability_first: None,
        saturation_because: "not forecast: only what fills up in proportion to the load, or by itself, is"
            .to_owned(),
        act_by: milestone
            .and_then(|milestone| milestone.act_by_users)
            .map(|users| ActBy { load: Some(users as f64), date: None }),
        roadmap: milestone
            .map(|milestone| Expectation { users: milestone.users, act_by_users: milestone.act_by_users }),
        grade: Grade::Insufficient,
        because,
    }
}

/// The worst symptom beyond its limit, with the resources that do not explain it.
fn worst_symptom(
    context: &Context<'_>,
    readings: &[LimitEvaluation<'_>],
    ruled_out: &[Bottleneck],
) -> Option<Bottleneck> {
    let symptoms = readings.iter().filter(|reading| reading.observation.signal.entry().role == Role::Symptom);
    let beyond = symptoms.filter(|reading| reading.verdict >= Verdict::Warning);
    let worst = beyond.min_by(|a, b| {
        let room = |reading: &LimitEvaluation<'_>| reading.headroom.unwrap_or(f64::INFINITY);
        Reverse(a.verdict).cmp(&Reverse(b.verdict)).then_with(|| room(a).total_cmp(&room(b)))
    })?;
    let resource = worst.observation.signal.entry().resource?;
    let mut bottleneck = from_reading(context, resource, worst);
    let measured = ruled_out.iter().filter(|one| one.status == Status::Distant && one.resource != resource);
    let names: Vec<&str> = measured.map(|one| one.resource.entry().title.as_str()).collect();
    let unknown = ruled_out.iter().filter(|one| one.status == Status::Unknown && one.resource != resource);
    let unknown: Vec<&str> = unknown.map(|one| one.resource.entry().title.as_str()).collect();
    if !names.is_empty() {
        bottleneck.because = format!("{}; ruled out: {}", bottleneck.because, names.join(", "));
    }
    if !unknown.is_empty() {
        bottleneck.because = format!("{}; unknown: {}", bottleneck.because, unknown.join(", "));
    }
    Some(bottleneck)
}

fn nothing_presses(bottlenecks: &[Bottleneck]) -> String {
    let undecided = bottlenecks.iter().find(|one| one.signal.is_some() && one.verdict == Verdict::Unknown);
    if let Some(undecided) = undecided {
        return format!("{} may be near its limit: {}", undecided.resource.entry().title, undecided.because);
    }
    let measured = bottlenecks.iter().filter(|one| one.headroom.is_some());
    let closest = measured.min_by(|a, b| {
        let room = |one: &Bottleneck| one.headroom.unwrap_or(f64::INFINITY);
        room(a).total_cmp(&room(b))
    });
    match closest.and_then(|closest| Some((closest, closest.headroom?))) {
        Some((closest, headroom)) => format!(
            "no measured resource has reached its warning limit; the closest is {} with {:.0}% headroom",
            closest.resource.entry().title,
            headroom * 100.0
        ),
        None => "no resource was measured".to_owned(),
    }
}
