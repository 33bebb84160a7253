//! How much the system is used.

use super::{Context, Load, busy};
use crate::{
    signal::{Direction, SignalId},
    snapshot::Observation,
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
    if let Some(observation) = context.judged(wanted.signal, None).first() {
        let because = format!("measured: {}", observation.origin.query);
        return Load { because, ..measured(context, observation, 1.0, unknown) };
    }
    estimated(context, &unknown).unwrap_or_else(|| {
        let because = context.why_missing(wanted.signal);
        Load { because: format!("{because}; nor can it be estimated from requests"), ..unknown }
    })
}

fn estimated(context: &Context<'_>, unknown: &Load) -> Option<Load> {
    let per_user = context.framework.roadmap.load.requests_per_user?;
    let requests = SignalId::find("http.requests")?;
    let observation = *context.judged(requests, None).first()?;
    let load = measured(context, observation, 1.0 / per_user.value(), unknown.clone());
    let because = format!("estimated from requests at {per_user} for each of the {}", unknown.unit);
    Some(Load { estimated: true, because, ..load })
}

fn measured(context: &Context<'_>, observation: &Observation, factor: f64, unknown: Load) -> Load {
    let peak = busy::busy_value(&observation.values, Direction::HigherIsWorse, context.window_end_ms());
    Load { now: Some(observation.values.last().1 * factor), peak: Some(peak * factor), ..unknown }
}
