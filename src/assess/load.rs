//! How much the system is used.

use std::collections::BTreeMap;

use super::{AssessmentInput, Context, Load, Outlook, busy};
use crate::{
    roadmap,
    signal::{Direction, Quantity, Series, SignalId},
    snapshot::{Observation, Origin, Snapshot},
};

/// The load in the roadmap's own unit: measured, else estimated from active users or requests.
pub(super) fn assess(context: &Context<'_>) -> Load {
    let wanted = &context.input.roadmap.load;
    let unknown = Load {
        signal: wanted.signal,
        unit: wanted.unit.clone(),
        now: None,
        peak: None,
        estimated: false,
        growth_per_month: None,
        forecast: None,
        forecast_because: String::new(),
        because: String::new(),
    };
    let Some(observation) = context.judged(wanted.signal, None).first().copied() else {
        let because = context.why_missing(wanted.signal);
        let ways: Vec<&str> = ways(wanted).iter().map(|way| way.signal.entry().title.as_str()).collect();
        let nor = if ways.is_empty() { "anything else".to_owned() } else { ways.join(" or ") };
        return Load { because: format!("{because}; nor can it be estimated from {nor}"), ..unknown };
    };
    let estimated = estimated_from(observation).is_some();
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

/// The load with what becomes of it.
pub(super) fn foretell(load: Load, outlook: &Outlook) -> Load {
    let ahead = &outlook.load;
    let level = ahead.history.last().map(|day| day.value);
    Load {
        growth_per_month: ahead.future.as_ref().and_then(|future| future.growth_ratio(level)),
        forecast: ahead.days(),
        forecast_because: ahead.because.clone(),
        ..load
    }
}

/// The attribute that tells an estimate from a measurement, and what it was computed from.
const ESTIMATED: &str = "estimated_from";

/// What an observation was computed from, in words; `None` for a measurement.
pub(super) fn estimated_from(observation: &Observation) -> Option<&str> {
    observation.attributes.get(ESTIMATED).map(String::as_str)
}

/// One way to tell the load from something else.
pub(super) struct Way {
    pub signal: SignalId,
    /// How much of the signal there is for each user.
    pub per_user: Quantity,
}

/// The load computed from something else, where nothing measures it and the roadmap says how they relate.
pub(super) fn estimate(input: &AssessmentInput, snapshot: &Snapshot) -> Option<Observation> {
    let load = &input.roadmap.load;
    let of = |signal: SignalId| snapshot.observations.iter().filter(move |one| one.signal == signal);
    if of(load.signal).next().is_some() {
        return None;
    }
    ways(load).into_iter().find_map(|Way { signal, per_user }| {
        let observation = of(signal).min_by_key(|one| (one.values.is_spot(), &one.instance, &one.origin))?;
        Some(Observation {
            attributes: BTreeMap::from([(ESTIMATED.to_owned(), signal.entry().title.clone())]),
            ..Observation::new(
                load.signal,
                users(&observation.values, per_user)?,
                Origin {
                    source: observation.origin.source.clone(),
                    query: format!("{signal} at {per_user} for each of the {}", load.unit),
                },
            )
        })
    })
}

/// The ways the roadmap knows, those that count users first.
///
/// The shares of active and of concurrent users are shares of all registered ones.
pub(super) fn ways(load: &roadmap::Load) -> Vec<Way> {
    let registered = load.signal.as_str() == "users.registered";
    [
        ("users.active", load.daily_active_ratio.filter(|_| registered)),
        ("users.concurrent", load.peak_concurrent_ratio.filter(|_| registered)),
        ("http.requests", load.requests_per_user),
    ]
    .into_iter()
    .filter_map(|(signal, per_user)| Some(Way { signal: SignalId::find(signal)?, per_user: per_user? }))
    .collect()
}

fn users(requests: &Series, per_user: Quantity) -> Option<Series> {
    let values = requests.values().iter().map(|value| value / per_user.value()).collect();
    Series::new(requests.step_ms(), requests.at_ms().to_vec(), values).ok()
}
