//! Signals that no server has: they are computed from the others, so that conditions can name them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Context, cache, coverage, elasticity, limits, reading, reading::LimitEvaluation};
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

/// The signals without which a computed value may be lower than it is.
pub(super) fn unless_for(observation: &Observation) -> Option<&str> {
    observation.attributes.get(UPPER_BOUND).map(String::as_str)
}

/// How many times the present load fits: the smallest `limit / value` over the resources that can run out.
///
/// This takes their use to grow in proportion to the load. Resources that are called for but not measured
/// could only lower it.
fn load_headroom(context: &Context<'_>) -> Option<Observation> {
    let mut readings = reading::assess(context);
    cache::judge_by_effect(&mut readings);
    let tightest =
        readings.iter().filter_map(fits).min_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    let (times, signal) = tightest?;
    let computed =
        observation(context, "load.headroom", times, format!("limit over busy-hour value of {signal}"))?;
    let missing: Vec<String> = unmeasured(context, &readings).map(|signal| signal.to_string()).collect();
    let attributes = match missing.as_slice() {
        [] => BTreeMap::new(),
        names => BTreeMap::from([(UPPER_BOUND.to_owned(), names.join(", "))]),
    };
    Some(Observation { attributes, ..computed })
}

/// How many times the use of a resource that can run out fits into its limit.
fn fits(reading: &LimitEvaluation<'_>) -> Option<(f64, SignalId)> {
    let signal = reading.observation.signal;
    let times = 1.0 / (1.0 - reading.headroom?);
    (runs_out(signal) && times.is_finite() && times > 0.0).then_some((times, signal))
}

fn runs_out(signal: SignalId) -> bool {
    let entry = signal.entry();
    let resource = entry.resource.is_some_and(|resource| resource.entry().runs_out);
    resource && entry.role == Role::Limit && entry.direction == Direction::HigherIsWorse
}

/// Signals that are called for and could be the tightest, but were not measured.
fn unmeasured(context: &Context<'_>, readings: &[LimitEvaluation<'_>]) -> impl Iterator<Item = SignalId> {
    let read = |signal: SignalId| readings.iter().any(|reading| reading.observation.signal == signal);
    coverage::wanted(context).into_iter().filter(move |signal| {
        let limited = limits::bounds(context, *signal).full.is_some();
        runs_out(*signal) && limited && !read(*signal) && !context.is_not_applicable(*signal)
    })
}

/// By how many per cent the cost grows for each per cent of users.
fn cost_elasticity(context: &Context<'_>) -> Option<Observation> {
    let elasticity = elasticity::of(context)?;
    observation(context, "cost.elasticity", elasticity.value, elasticity.how)
}

/// A value of now; `None` unless it is finite.
fn observation(context: &Context<'_>, signal: &str, value: f64, how: String) -> Option<Observation> {
    Some(Observation::new(
        SignalId::find(signal)?,
        Series::spot(context.snapshot.taken_at, value)?,
        Origin { source: SOURCE.to_owned(), query: how },
    ))
}
