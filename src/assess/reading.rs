//! Each observation against its limits: how bad it is and how much room is left.

use super::{
    Context, Outcome, Verdict, busy,
    evidence::{amount, instance_words},
    limits::{self, Bound, Bounds},
    sustained,
};
use crate::{
    signal::{Direction, Quantity, Role, Series, Signal, catalog},
    snapshot::Observation,
};

/// One observation of a signal that has limits.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    pub observation: &'a Observation,
    /// The busy hour's value.
    pub now: Quantity,
    pub bounds: Bounds,
    /// `Ok`, `Warning` and `Critical` by the limit that is passed; `Unknown` when that cannot be told.
    pub verdict: Verdict,
    /// The limit that decided: the one passed, else the warning limit.
    pub deciding: Option<Bound>,
    /// Unused share before the resource is used up.
    pub headroom: Option<f64>,
    /// For how long the values have been lying flat at the limit, in words.
    pub flat: Option<String>,
    pub because: String,
}

/// Judges every observation of every signal that tells of a resource or a symptom.
pub(super) fn assess<'a>(context: &Context<'a>) -> Vec<Reading<'a>> {
    let judged = catalog().signals().filter(|signal| matches!(signal.role, Role::Limit | Role::Symptom));
    judged
        .filter(|signal| !context.is_absent(signal.id()))
        .flat_map(|signal| {
            context.all(signal.id()).filter_map(|observation| read(context, signal, observation))
        })
        .collect()
}

fn read<'a>(context: &Context<'a>, signal: &Signal, observation: &'a Observation) -> Option<Reading<'a>> {
    let bounds = limits::bounds(context, signal.id());
    let value = busy::busy_value(&observation.values, signal.direction, context.window_end_ms());
    let now = Quantity::new(value, signal.unit)?;
    let critical = passed(context, signal.direction, observation, bounds.critical.as_ref(), now);
    let warning = passed(context, signal.direction, observation, bounds.warning.as_ref(), now);
    let (verdict, deciding) = match (critical, warning) {
        (Outcome::True, _) => (Verdict::Critical, &bounds.critical),
        (Outcome::Unknown | Outcome::False, Outcome::True) => (Verdict::Warning, &bounds.warning),
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Verdict::Unknown, &bounds.warning),
        (Outcome::False, Outcome::False) => (Verdict::Ok, &bounds.warning),
    };
    let deciding = deciding.clone().or_else(|| bounds.critical.clone());
    let headroom = bounds.full.as_ref().and_then(|full| limits::headroom(signal.direction, now, full.at));
    let flat = bounds.full.as_ref().and_then(|full| flat_at(&observation.values, signal.direction, full.at));
    let because = words(observation, now, deciding.as_ref(), verdict, flat.as_deref());
    Some(Reading { observation, now, bounds, verdict, deciding, headroom, flat, because })
}

/// Whether a limit is passed: for as long as it asks where there is history, else by the present value.
fn passed(
    context: &Context<'_>,
    direction: Direction,
    observation: &Observation,
    bound: Option<&Bound>,
    now: Quantity,
) -> Outcome {
    let Some(bound) = bound else { return Outcome::False };
    let beyond = |value: Quantity| value == bound.at || limits::worse(direction, value, bound.at);
    match bound.sustained {
        Some(required) if !observation.values.is_spot() => {
            let sample = |value: f64| Quantity::new(value, bound.at.unit()).is_some_and(beyond);
            sustained::runs(&observation.values, required, context.window_end_ms(), sample).outcome
        }
        _ => beyond(now).into(),
    }
}

/// How long a series has been lying within 1 % of the place where nothing is left, up to its end.
///
/// Demand beyond a ceiling does not show in the measurements; half an hour flat at it means that the real
/// demand is higher than what is seen.
fn flat_at(series: &Series, direction: Direction, full: Quantity) -> Option<String> {
    const SHARE: f64 = 0.99;
    const LONG_ENOUGH_MS: i64 = 30 * 60_000;
    if direction == Direction::LowerIsWorse || full.value() <= 0.0 {
        return None;
    }
    let at_ceiling = |value: f64| value >= full.value() * SHARE;
    let within = series.values().iter().rev().take_while(|value| at_ceiling(**value)).count();
    let first = series.at_ms().get(series.len() - within)?;
    let lasted = series.last().0 - first;
    (within >= 5 && lasted >= LONG_ENOUGH_MS).then(|| crate::signal::span_text(lasted as f64 / 1000.0))
}

fn words(
    observation: &Observation,
    now: Quantity,
    deciding: Option<&Bound>,
    verdict: Verdict,
    flat: Option<&str>,
) -> String {
    let one = if observation.values.len() == 1 { " (one sample)" } else { " at the busy hour" };
    let mut text = format!(
        "{}{}: {}{one}",
        observation.signal.entry().title,
        instance_words(observation),
        amount(now, observation)
    );
    if let Some(bound) = deciding {
        let relation = match verdict {
            Verdict::Warning | Verdict::Critical => "limit",
            Verdict::Ok => "below the limit of",
            Verdict::Unknown => "cannot be told whether it passed the limit of",
        };
        text = match (verdict, observation.signal.entry().direction) {
            (Verdict::Ok, Direction::LowerIsWorse) => format!("{text}, above the limit of {}", bound.at),
            _ => format!("{text}, {relation} {}", bound.at),
        };
        if let Some(required) = bound.sustained.filter(|_| !observation.values.is_spot()) {
            text = format!("{text} for {}", crate::signal::duration_text(required));
        }
        text = format!("{text} ({})", bound.origin);
    }
    if let Some(lasted) = flat {
        text = format!("{text}; flat at its ceiling for {lasted}, so the real demand is higher");
    }
    text
}
