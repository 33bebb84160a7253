//! Signals that no server has: they are computed from the others, so that conditions can name them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Context, LimitEvaluation, cost, coverage, evaluations, limits};
use crate::{
    signal::{Direction, Role, Series, SignalId},
    snapshot::{Observation, Origin},
};

/// The source of what is computed.
const SOURCE: &str = "assessment";

/// The attribute that names what is not measured and might therefore lower the value.
const UPPER_BOUND: &str = "at_most_without";

/// What can be computed from the measurements and the declared facts.
pub(super) fn assess(context: &Context<'_>) -> Vec<Observation> {
    [load_headroom(context), cost_elasticity(context)].into_iter().flatten().collect()
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
fn load_headroom(context: &Context<'_>) -> Option<Observation> {
    let evaluations = evaluations(context);
    let tightest =
        evaluations.iter().filter_map(fits).min_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    let (times, signal) = tightest?;
    let computed = observation(context, "load.headroom", times, format!("limit / peak of {signal}"))?;
    let missing: Vec<String> = unmeasured(context, &evaluations).map(|signal| signal.to_string()).collect();
    let attributes = match missing.as_slice() {
        [] => BTreeMap::new(),
        names => BTreeMap::from([(UPPER_BOUND.to_owned(), names.join(", "))]),
    };
    Some(Observation { attributes, ..computed })
}

/// How many times the use of a resource that can run out fits into its limit.
fn fits(evaluation: &LimitEvaluation<'_>) -> Option<(f64, SignalId)> {
    let signal = evaluation.observation.signal;
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
    let is_measured =
        |signal: SignalId| evaluations.iter().any(|evaluation| evaluation.observation.signal == signal);
    coverage::wanted(context).into_iter().filter(move |signal| {
        let limited = limits::limits(context, *signal).full.is_some();
        runs_out(*signal) && limited && !is_measured(*signal) && !context.is_not_applicable(*signal)
    })
}

/// By how many per cent the cost grows for each per cent of users.
fn cost_elasticity(context: &Context<'_>) -> Option<Observation> {
    let (value, reason) = cost::elasticity(context)?;
    observation(context, "cost.elasticity", value, cost::formula(&reason))
}

/// A value of now; `None` unless it is finite.
fn observation(context: &Context<'_>, signal: &str, value: f64, query: String) -> Option<Observation> {
    Some(Observation::new(
        SignalId::find(signal)?,
        Series::spot(context.snapshot.taken_at, value)?,
        Origin { source: SOURCE.to_owned(), query },
    ))
}
