//! Each observation against its limits: how bad it is and how much room is left.

use std::time::Duration;

use super::{
    Context, Outcome, Verdict, busy,
    evidence::{amount, instance_words},
    limits::{self, AT_CEILING, Bound, Bounds},
    sustained::{self, Runs},
};
use crate::{
    signal::{Direction, Quantity, Role, Series, Signal, catalog, duration_text, span_text},
    snapshot::Observation,
};

/// So many notes of the source are repeated in a reason.
const MOST_NOTES: usize = 2;

/// One observation of a signal that has limits.
#[derive(Debug, Clone)]
pub(super) struct LimitEvaluation<'a> {
    pub observation: &'a Observation,
    /// The busy hour's value.
    pub now: Quantity,
    pub bounds: Bounds,
    /// `Ok`, `Warning` and `Critical` by the limit that is passed; `Unknown` when that cannot be told.
    pub verdict: Verdict,
    /// The limit that decided: the one passed, else the warning limit.
    pub deciding: Option<Held>,
    /// Unused share before the resource is used up.
    pub headroom: Option<f64>,
    /// For how long the values have been lying flat at the limit, in words.
    pub flat: Option<String>,
    /// Why, but for the ceiling; see [`Self::because`].
    pub because: String,
}

/// How an observation stands against one limit.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub bound: Bound,
    /// Whether it is passed, for as long as the limit asks.
    pub outcome: Outcome,
    /// Whether the busy hour's value is beyond it.
    pub beyond: bool,
    /// How long it was passed, where it asks for a duration and there is history.
    pub runs: Option<(Duration, Runs)>,
}

impl LimitEvaluation<'_> {
    /// The reasoning in words.
    pub(super) fn because(&self) -> String {
        let flat = self
            .flat
            .as_ref()
            .map(|lasted| format!("; flat at its ceiling for {lasted}, so the real demand is higher"));
        format!("{}{}", self.because, flat.unwrap_or_default())
    }
}

/// Judges every observation of every signal that tells of a resource or a symptom.
pub(super) fn assess<'a>(context: &Context<'a>) -> Vec<LimitEvaluation<'a>> {
    let judged = catalog().signals().filter(|signal| matches!(signal.role, Role::Limit | Role::Symptom));
    judged
        .filter(|signal| !context.is_absent(signal.id()))
        .flat_map(|signal| {
            context.all(signal.id()).filter_map(|observation| read(context, signal, observation))
        })
        .collect()
}

fn read<'a>(
    context: &Context<'a>,
    signal: &Signal,
    observation: &'a Observation,
) -> Option<LimitEvaluation<'a>> {
    let bounds = limits::bounds(context, signal.id());
    let value = busy::busy_value(&observation.values, signal.direction, context.window_end_ms());
    let now = Quantity::new(value, signal.unit)?;
    let critical = hold(context, observation, bounds.critical.clone(), now);
    let warning = hold(context, observation, bounds.warning.clone(), now);
    let (verdict, deciding) = match (outcome(critical.as_ref()), outcome(warning.as_ref())) {
        (Outcome::True, _) => (Verdict::Critical, critical),
        (_, Outcome::True) => (Verdict::Warning, warning),
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Verdict::Unknown, warning.or(critical)),
        (Outcome::False, Outcome::False) => (Verdict::Ok, warning.or(critical)),
    };
    let full = bounds.full.as_ref();
    let headroom = full.and_then(|full| limits::headroom(signal.direction, now, full.at));
    let ceiling = full.filter(|_| bounds.is_ceiling);
    let flat = ceiling.and_then(|full| flat_at(&observation.values, signal.direction, full.at));
    let because = words(observation, now, deciding.as_ref(), verdict);
    Some(LimitEvaluation { observation, now, bounds, verdict, deciding, headroom, flat, because })
}

/// How an observation stands against a limit: for as long as it asks where there is history, else by the
/// present value.
fn hold(
    context: &Context<'_>,
    observation: &Observation,
    bound: Option<Bound>,
    now: Quantity,
) -> Option<Held> {
    let bound = bound?;
    let direction = observation.signal.entry().direction;
    let beyond = bound.is_passed(direction, now);
    let runs = bound.sustained.filter(|_| !observation.values.is_spot()).map(|required| {
        let sample = |value: f64| {
            Quantity::new(value, bound.at.unit()).is_some_and(|value| bound.is_passed(direction, value))
        };
        (required, sustained::runs(&observation.values, required, context.window_end_ms(), sample))
    });
    let outcome = runs.map_or(Outcome::from(beyond), |(_, runs)| runs.outcome);
    Some(Held { bound, outcome, beyond, runs })
}

/// A limit that is not set is not passed.
fn outcome(held: Option<&Held>) -> Outcome {
    held.map_or(Outcome::False, |held| held.outcome)
}

/// How long a series has been lying within 1 % of its ceiling, up to its end.
///
/// Demand beyond a ceiling does not show in the measurements; half an hour flat at it means that the real
/// demand is higher than what is seen.
fn flat_at(series: &Series, direction: Direction, ceiling: Quantity) -> Option<String> {
    const LONG_ENOUGH_MS: i64 = 30 * 60_000;
    let ceiling = ceiling.value();
    if direction == Direction::LowerIsWorse || ceiling <= 0.0 {
        return None;
    }
    let at_ceiling = |value: f64| (value - ceiling).abs() <= ceiling * AT_CEILING;
    let within = series.values().iter().rev().take_while(|value| at_ceiling(**value)).count();
    let first = series.at_ms().get(series.len() - within)?;
    let lasted = series.last().0 - first;
    (within >= 5 && lasted >= LONG_ENOUGH_MS).then(|| span_text(lasted as f64 / 1000.0))
}

fn words(observation: &Observation, now: Quantity, deciding: Option<&Held>, verdict: Verdict) -> String {
    let one = if observation.values.len() == 1 { " (one sample)" } else { " at the busy hour" };
    let mut text = format!(
        "{}{}: {}{one}",
        observation.signal.entry().title,
        instance_words(observation),
        amount(now, observation)
    );
    if let Some(held) = deciding {
        text = format!("{text}, {}", standing(held, verdict, observation.signal.entry().direction));
    }
    if verdict >= Verdict::Warning {
        // Which statement is slow, what the limit consists of: that is where somebody begins to look.
        for note in observation.notes.iter().take(MOST_NOTES) {
            text = format!("{text}; {note}");
        }
    }
    text
}

/// "limit 80% for 15 min (alert cpu-warning of the roadmap), passed for 20 min from 20 Nov 16:40".
fn standing(held: &Held, verdict: Verdict, direction: Direction) -> String {
    let Bound { at, origin, .. } = &held.bound;
    let within = match direction {
        Direction::HigherIsWorse => "below",
        Direction::LowerIsWorse => "above",
    };
    let Some((required, runs)) = &held.runs else {
        let relation =
            if verdict == Verdict::Ok { format!("{within} the limit of") } else { "limit".to_owned() };
        return format!("{relation} {at} ({origin})");
    };
    let asked = duration_text(*required);
    let longest = span_text(runs.longest_ms as f64 / 1000.0);
    match verdict {
        Verdict::Ok if held.beyond => {
            format!("beyond the limit of {at} for {longest} at most, which counts after {asked} ({origin})")
        }
        Verdict::Ok => format!("{within} the limit of {at} ({origin})"),
        Verdict::Unknown => format!(
            "but the history is too short or has gaps, so that nobody can tell whether it passed {at} for {asked} ({origin})"
        ),
        Verdict::Warning | Verdict::Critical => {
            format!("limit {at} for {asked} ({origin}), passed for {longest}{}", runs.since_words())
        }
    }
}
