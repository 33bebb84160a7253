//! How much the system is used.

use std::collections::BTreeMap;

use super::{Context, Framework, Load, busy};
use crate::{
    signal::{Direction, Quantity, Series, SignalId},
    snapshot::{Observation, Origin, Snapshot},
};

/// The load in the roadmap's own unit: measured, else estimated from requests.
pub(super) fn assess(context: &Context<'_>) -> Load {
    let wanted = &context.framework.roadmap.load;
    let unknown = Load {
        signal: wanted.signal,
        unit: wanted.unit.clone(),
        now: None,
        peak: None,
        estimated: false,
        growth_per_month: None,
        forecast: None,
        because: String::new(),
    };
    let Some(observation) = context.judged(wanted.signal, None).first().copied() else {
        let because = context.why_missing(wanted.signal);
        return Load { because: format!("{because}; nor can it be estimated from requests"), ..unknown };
    };
    let estimated = is_estimate(observation);
    let how = if estimated { "estimated" } else { "measured" };
    let peak = busy::busy_value(&observation.values, Direction::HigherIsWorse, context.window_end_ms());
    Load {
        now: Some(observation.values.last().1),
        peak: Some(peak).filter(|peak| peak.is_finite()),
        estimated,
        because: format!("{how}: {}", observation.origin.query),
        ..unknown
    }
}

/// The attribute that tells an estimate from a measurement.
const ESTIMATED: &str = "estimated_from";

/// Whether an observation was computed from another signal instead of being measured.
pub(super) fn is_estimate(observation: &Observation) -> bool {
    observation.attributes.contains_key(ESTIMATED)
}

/// The load computed from requests, where nothing measures it and the roadmap says what a user asks for.
pub(super) fn estimate(framework: &Framework, snapshot: &Snapshot) -> Option<Observation> {
    let load = &framework.roadmap.load;
    let per_user = load.requests_per_user?;
    let requests = SignalId::find("http.requests")?;
    let of = |signal: SignalId| snapshot.observations.iter().filter(move |one| one.signal == signal);
    if of(load.signal).next().is_some() {
        return None;
    }
    let observation = of(requests).min_by_key(|one| (one.values.is_spot(), &one.instance, &one.origin))?;
    Some(Observation {
        signal: load.signal,
        instance: None,
        values: users(&observation.values, per_user)?,
        capacity: None,
        origin: Origin {
            source: observation.origin.source.clone(),
            query: format!("{requests} at {per_user} for each of the {}", load.unit),
        },
        attributes: BTreeMap::from([(ESTIMATED.to_owned(), requests.to_string())]),
        notes: Vec::new(),
    })
}

fn users(requests: &Series, per_user: Quantity) -> Option<Series> {
    let values = requests.values().iter().map(|value| value / per_user.value()).collect();
    Series::new(requests.step_ms(), requests.at_ms().to_vec(), values).ok()
}
