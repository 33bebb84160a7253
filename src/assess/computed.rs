//! Signals that no server has: they are computed from the others, so that conditions can name them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Context, cache, cost, coverage, limits, load, reading, reading::Reading};
use crate::{
    signal::{Direction, Role, Series, SignalId},
    snapshot::{Observation, Origin},
};

/// The source of what is computed.
const SOURCE: &str = "assessment";

/// The attribute that names what is not measured and might therefore lower the value.
const UPPER_BOUND: &str = "at_most_without";

/// Costs at numbers of users closer together than this factor say nothing about how they grow.
const APART: f64 = 1.1;

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
fn fits(reading: &Reading<'_>) -> Option<(f64, SignalId)> {
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
fn unmeasured(context: &Context<'_>, readings: &[Reading<'_>]) -> impl Iterator<Item = SignalId> {
    let read = |signal: SignalId| readings.iter().any(|reading| reading.observation.signal == signal);
    coverage::wanted(context).into_iter().filter(move |signal| {
        let limited = limits::bounds(context, *signal).full.is_some();
        runs_out(*signal) && limited && !read(*signal) && !context.is_not_applicable(*signal)
    })
}

/// By how many per cent the cost grew for each per cent of users: `ln(cost / cost₀) / ln(users / users₀)`, from
/// the roadmap's first stated cost to the declared one at the present load.
fn cost_elasticity(context: &Context<'_>) -> Option<Observation> {
    let roadmap = &context.framework.roadmap;
    let first = roadmap.costs.first()?;
    let (cost, users) = (cost::actual(context)?, load::assess(context).peak?);
    let stated = f64::midpoint(first.per_month.low(), first.per_month.high()?);
    let growth = (users / first.users as f64).ln();
    if !growth.is_finite() || growth.abs() < APART.ln() {
        return None;
    }
    let how = format!(
        "{cost:.0} {currency} for {users:.0} {unit} against the roadmap's {stated:.0} for {from}",
        currency = roadmap.currency,
        unit = roadmap.load.unit,
        from = first.users
    );
    observation(context, "cost.elasticity", (cost / stated).ln() / growth, how)
}

/// A value of now; `None` unless it is finite.
fn observation(context: &Context<'_>, signal: &str, value: f64, how: String) -> Option<Observation> {
    Some(Observation {
        signal: SignalId::find(signal)?,
        instance: None,
        values: Series::spot(context.snapshot.taken_at, value)?,
        capacity: None,
        origin: Origin { source: SOURCE.to_owned(), query: how },
        attributes: BTreeMap::new(),
        notes: Vec::new(),
    })
}
