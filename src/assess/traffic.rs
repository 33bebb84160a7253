//! A share of very few requests proves nothing.

use std::collections::BTreeMap;

use super::{Context, LimitEvaluation, State, UnjudgedReason};
use crate::signal::{Series, SignalId};

/// How many requests it takes while a threshold is exceeded.
const FEWEST: f64 = 100.0;

/// Makes unknown what is beyond a threshold on too little traffic, where the traffic is measured.
pub(super) fn weigh(context: &Context<'_>, evaluations: &mut [LimitEvaluation<'_>]) {
    let mut known = BTreeMap::new();
    for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.state > State::Unknown) {
        let Some((of, counted)) = traffic(context, evaluation, &mut known) else { continue };
        if counted < FEWEST {
            evaluation.state = State::Unknown;
            evaluation.unjudged = Some(UnjudgedReason::TooLittleTraffic { of, counted, needed: FEWEST });
        }
    }
}

/// How much happened since the threshold was exceeded, and of what; `None` where it is not counted.
///
/// Instances are sampled at the same times as a rule, so that what is known since one time serves many of them.
fn traffic(
    context: &Context<'_>,
    evaluation: &LimitEvaluation<'_>,
    known: &mut BTreeMap<(SignalId, i64), Option<f64>>,
) -> Option<(SignalId, f64)> {
    let of = SignalId::find(evaluation.entry.traffic.as_deref()?)?;
    let (_, runs) = evaluation.deciding.as_ref()?.runs.as_ref()?;
    let step_ms = evaluation.observation.values.step_ms();
    let since = runs.current.began_ms.saturating_sub(step_ms);
    let counted = known.entry((of, since)).or_insert_with(|| counted_since(context, of, since));
    counted.map(|count| (of, count))
}

/// How much of a signal was counted after some time, by all that count it.
fn counted_since(context: &Context<'_>, of: SignalId, since: i64) -> Option<f64> {
    let rates = context.evaluated(of);
    let counted = |series: &Series| {
        let samples = series.at_ms().iter().zip(series.values()).filter(|(at, _)| **at > since);
        samples.map(|(_, rate)| rate * series.step_ms() as f64 / 1000.0).sum::<f64>()
    };
    let of_rates = rates.iter().filter(|rate| !rate.values.is_spot());
    of_rates.map(|rate| counted(&rate.values)).reduce(|sum, next| sum + next)
}
