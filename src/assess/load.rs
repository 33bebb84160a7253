//! How much the system is used.

use std::collections::BTreeMap;

use super::{AssessmentInput, Context, ForecastReason, Load, LoadReason, Outlook, outlook::Past, peak_hour};
use crate::{
    roadmap,
    signal::{Quantity, Series, SignalId},
    snapshot::{Observation, Origin, Snapshot},
};

/// The load in the roadmap's own unit: measured, else estimated from active users or requests.
pub(super) fn assess(context: &Context<'_>) -> Load {
    let wanted = &context.input.roadmap.load;
    let observation = context.evaluated(wanted.signal).first().copied();
    let estimated_from = observation.and_then(estimated_from);
    let past = Past::for_load(context);
    let peak = observation.and_then(|observation| peak_hour::peak_with(context, observation, past.as_ref()));
    Load {
        signal: wanted.signal,
        unit: wanted.unit.clone(),
        now: observation.map(|observation| observation.values.last().1),
        peak: peak.as_ref().map(|peak| peak.value.value()),
        peak_days: peak.map_or(0, |peak| peak.days.len()),
        estimated: estimated_from.is_some(),
        growth_per_month: None,
        forecast: None,
        forecast_reason: ForecastReason::NotForecast,
        reason: reason(context, observation),
    }
}

fn reason(context: &Context<'_>, observation: Option<&Observation>) -> LoadReason {
    let wanted = &context.input.roadmap.load;
    let estimates = estimates(wanted);
    let Some(observation) = observation else {
        let estimated_from = estimates.iter().map(|estimate| estimate.signal).collect();
        return LoadReason::Unknown { missing: context.why_missing(wanted.signal), estimated_from };
    };
    match estimated_from(observation) {
        Some(from) => {
            let estimate = estimates.into_iter().find(|estimate| estimate.signal == from);
            LoadReason::Estimated { from, per_user: estimate.map(|estimate| estimate.per_user) }
        }
        None => LoadReason::Measured { query: observation.origin.query.clone() },
    }
}

/// The load with its forecast.
pub(super) fn with_forecast(load: Load, outlook: &Outlook) -> Load {
    let ahead = &outlook.load;
    let level = ahead.history.last().map(|day| day.value);
    Load {
        growth_per_month: ahead.future.as_ref().and_then(|future| future.growth_ratio(level)),
        forecast: ahead.days(),
        forecast_reason: ahead.reason.clone(),
        ..load
    }
}

/// The attribute of an estimate: the signal that it was estimated from.
const ESTIMATED: &str = "estimated_from";

/// What an observation was estimated from; `None` for a measurement.
pub(super) fn estimated_from(observation: &Observation) -> Option<SignalId> {
    observation.attributes.get(ESTIMATED).and_then(|name| SignalId::find(name))
}

/// One way to estimate the load from something else.
pub(super) struct Estimate {
    pub signal: SignalId,
    /// How much of the signal there is for each user.
    pub per_user: Quantity,
}

/// The load computed from something else, where nothing measures it and the roadmap says how they relate.
pub(super) fn estimate(input: &AssessmentInput, snapshot: &Snapshot) -> Option<Observation> {
    let load = &input.roadmap.load;
    let measured = |signal: SignalId| {
        snapshot.observations.iter().filter(move |observation| observation.signal == signal)
    };
    // Where the config says where to read it, a failure is a failure, and no reason to estimate.
    if measured(load.signal).next().is_some() || input.declared.named.contains(&load.signal) {
        return None;
    }
    estimates(load).into_iter().find_map(|Estimate { signal, per_user }| {
        let observation = measured(signal).min_by_key(|observation| {
            (observation.values.is_spot(), &observation.instance, &observation.origin)
        })?;
        Some(Observation {
            attributes: BTreeMap::from([(ESTIMATED.to_owned(), signal.to_string())]),
            ..Observation::new(
                load.signal,
                users(&observation.values, per_user)?,
                Origin {
                    source: observation.origin.source.clone(),
                    query: format!("{signal} / ({per_user})"),
                },
            )
        })
    })
}

/// The estimates that the roadmap allows, those that count users first.
///
/// The shares of active and of concurrent users are shares of all registered ones.
pub(super) fn estimates(load: &roadmap::Load) -> Vec<Estimate> {
    let registered = load.signal.as_str() == "users.registered";
    [
        ("users.active", load.daily_active_ratio.filter(|_| registered)),
        ("users.concurrent", load.peak_concurrent_ratio.filter(|_| registered)),
        ("http.requests", load.requests_per_user),
    ]
    .into_iter()
    .filter_map(|(signal, per_user)| Some(Estimate { signal: SignalId::find(signal)?, per_user: per_user? }))
    .collect()
}

fn users(requests: &Series, per_user: Quantity) -> Option<Series> {
    let values = requests.values().iter().map(|value| value / per_user.value()).collect();
    Series::new(requests.step_ms(), requests.at_ms().to_vec(), values).ok()
}
