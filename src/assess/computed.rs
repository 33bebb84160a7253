//! Signals that no server has: they are computed from the others, so that conditions can name them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    Context, LimitEvaluation,
    arrivals::{arrivals, for_queue},
    cost, coverage, evaluation, limits, own_budget,
};
use crate::{
    roadmap::FactValue,
    signal::{Aggregate, Direction, Role, Series, SignalId, Unit},
    snapshot::{Limit, Observation, Origin},
};

/// The source of what is computed.
const SOURCE: &str = "assessment";

/// The fact that says how many workers there are.
const WORKERS: &str = "queue_workers";

/// The attribute that names what is not measured and might therefore lower the value.
const UPPER_BOUND: &str = "at_most_without";

/// What can be computed from the measurements, evaluated as they are, and the declared facts.
pub(super) fn assess(context: &Context<'_>, evaluations: &[LimitEvaluation<'_>]) -> Vec<Observation> {
    let computed = [load_headroom(context, evaluations), cost_elasticity(context), busy_workers(context)];
    let budgets = own_budget::assess(context);
    computed.into_iter().flatten().chain(budgets).collect()
}

/// The signals that are not measured and could lower a computed value.
pub(super) fn lower_without(observation: &Observation) -> Vec<SignalId> {
    let names = observation.attributes.get(UPPER_BOUND).map(String::as_str).unwrap_or_default();
    names.split(", ").filter_map(SignalId::find).collect()
}

/// How many times the present load fits: the smallest `limit / value` over the resources that can run out.
///
/// This takes their use to grow in proportion to the load. Resources that are called for but not measured
/// could only lower it.
fn load_headroom(context: &Context<'_>, evaluations: &[LimitEvaluation<'_>]) -> Option<Observation> {
    let tightest =
        evaluations.iter().filter_map(fits).min_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    let (times, signal) = tightest?;
    let computed = observation(context, "load.headroom", times, format!("limit / peak of {signal}"))?;
    let missing: Vec<String> = unmeasured(context, evaluations).map(|signal| signal.to_string()).collect();
    let attributes = match missing.as_slice() {
        [] => BTreeMap::new(),
        names => BTreeMap::from([(UPPER_BOUND.to_owned(), names.join(", "))]),
    };
    Some(Observation { attributes, ..computed })
}

/// How many times the use of a resource that can run out fits into its limit.
fn fits(evaluation: &LimitEvaluation<'_>) -> Option<(f64, SignalId)> {
    let signal = evaluation.observation.signal;
    if evaluation.budget.is_some() {
        return None; // it does not carry less load for being nearly spent: it is reset
    }
    let times = 1.0 / (1.0 - evaluation.headroom?);
    (runs_out(signal) && times.is_finite() && times > 0.0).then_some((times, signal))
}

fn runs_out(signal: SignalId) -> bool {
    let entry = signal.entry();
    let resource = entry.resource.is_some_and(|resource| resource.entry().runs_out);
    resource && entry.role == Role::Resource && entry.direction == Direction::HigherIsWorse
}

/// Signals that are called for and could be the tightest, but were not measured.
fn unmeasured(context: &Context<'_>, evaluations: &[LimitEvaluation<'_>]) -> impl Iterator<Item = SignalId> {
    let measured = evaluation::evaluated(evaluations);
    coverage::wanted(context).into_iter().filter(move |signal| {
        let limited = limits::limits(context, *signal).full.is_some();
        runs_out(*signal) && limited && !measured.contains(signal) && !context.is_not_applicable(*signal)
    })
}

/// By how many per cent the cost grows for each per cent of users.
fn cost_elasticity(context: &Context<'_>) -> Option<Observation> {
    let (value, reason) = cost::elasticity(context)?;
    observation(context, "cost.elasticity", value, cost::formula(&reason))
}

/// The share of busy workers, where it is not measured but the team states how many there are: arrivals times duration
/// over all queues, and never more than all of them.
fn busy_workers(context: &Context<'_>) -> Option<Observation> {
    let utilization = SignalId::find("workers.utilization")?;
    if context.all(utilization).next().is_some() || context.is_absent(utilization) {
        return None;
    }
    let Some(FactValue::Number(workers)) = context.input.declared.facts.get(WORKERS) else { return None };
    let limit = Limit::constant(workers.value(), Unit::Count)?;
    let queues = context.evaluated(SignalId::find("queue.arrivals")?);
    let mut busy: BTreeMap<i64, (usize, f64)> = BTreeMap::new();
    for completions in queues {
        let duration = for_queue(context, "queue.job_duration", completions.instance.as_deref())?;
        let seconds = Aggregate::Avg.of(duration.values.values())?;
        let arrivals = arrivals(context, completions);
        for (&at_ms, rate) in arrivals.at_ms().iter().zip(arrivals.values()) {
            let (counted, sum) = busy.entry(at_ms).or_default();
            *counted += 1;
            *sum += rate * seconds;
        }
    }
    // A moment at which some queue is not known is none.
    let known = busy.into_iter().filter(|(_, (counted, _))| *counted == queues.len());
    let (at_ms, shares) = known.map(|(at_ms, (_, sum))| (at_ms, (sum / workers.value()).min(1.0))).unzip();
    let values = Series::new(queues.first()?.values.step_ms(), at_ms, shares).ok()?;
    let query = format!("queue.arrivals × queue.job_duration / facts.{WORKERS}");
    let origin = Origin { source: SOURCE.to_owned(), query };
    Some(Observation { limit: Some(limit), ..Observation::new(utilization, values, origin) })
}

/// A value of now; `None` unless it is finite.
fn observation(context: &Context<'_>, signal: &str, value: f64, query: String) -> Option<Observation> {
    Some(Observation::new(
        SignalId::find(signal)?,
        Series::spot(context.snapshot.taken_at, value)?,
        Origin { source: SOURCE.to_owned(), query },
    ))
}
