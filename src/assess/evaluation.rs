//! Each observation against its limits: how bad it is and how much headroom is left.

use std::time::Duration;

use super::{
    CacheReason, ComparedLimit, Context, LimitReason, Measured, Outcome, Sustained, Verdict,
    limits::{self, AT_CEILING, Limit, Limits},
    peak_hour,
    sustained::{self, Runs},
};
use crate::{
    signal::{Direction, Quantity, Role, Series, Signal, catalog},
    snapshot::Observation,
};

/// So many notes of the source are repeated in a reason.
const MAX_NOTES: usize = 2;

/// One observation of a signal that has limits.
#[derive(Debug, Clone)]
pub(super) struct LimitEvaluation<'a> {
    pub observation: &'a Observation,
    /// The peak hour's value.
    pub now: Quantity,
    pub limits: Limits,
    /// `Ok`, `Warning` and `Critical` by the limit that is exceeded; `Unknown` when that is not known.
    pub verdict: Verdict,
    /// The limit that decided: the one exceeded, else the warning limit.
    pub deciding: Option<LimitCheck>,
    /// Unused share before the resource is exhausted.
    pub headroom: Option<f64>,
    /// For how many seconds the values have been flat at the limit.
    pub flat_seconds: Option<f64>,
    /// What it means that this is a cache, or no cache.
    pub cache: Option<CacheReason>,
}

/// How an observation compares with one limit.
#[derive(Debug, Clone)]
pub(super) struct LimitCheck {
    pub limit: Limit,
    /// Whether it is exceeded, for as long as the limit asks.
    pub outcome: Outcome,
    /// Whether the peak hour's value is beyond it.
    pub beyond: bool,
    /// How long it was exceeded, where it asks for a duration and there is history.
    pub runs: Option<(Duration, Runs)>,
}

impl LimitCheck {
    /// How long it was exceeded, as results show it.
    pub(super) fn sustained(&self) -> Option<Sustained> {
        self.runs.as_ref().map(|(required, runs)| Sustained::new(*required, runs))
    }
}

impl LimitEvaluation<'_> {
    /// Why it has its verdict.
    pub(super) fn reason(&self) -> LimitReason {
        let observation = self.observation;
        // Which statement is slow, what the limit consists of: that is where somebody begins to look.
        let notes = observation.notes.iter().filter(|_| self.verdict >= Verdict::Warning);
        LimitReason {
            measured: Measured::new(observation, self.now),
            samples: observation.values.len(),
            limit: self.deciding.as_ref().map(|check| ComparedLimit {
                at: check.limit.at,
                origin: check.limit.origin.clone(),
                verdict: self.verdict,
                beyond: check.beyond,
                sustained: check.sustained(),
            }),
            flat_seconds: self.flat_seconds,
            cache: self.cache.clone(),
            notes: notes.take(MAX_NOTES).cloned().collect(),
        }
    }
}

/// Evaluates every observation of every signal that shows a resource or a symptom.
pub(super) fn assess<'a>(context: &Context<'a>) -> Vec<LimitEvaluation<'a>> {
    let limited = catalog().signals().filter(|signal| matches!(signal.role, Role::Limit | Role::Symptom));
    limited
        .filter(|signal| !context.is_absent(signal.id()))
        .flat_map(|signal| {
            context.all(signal.id()).filter_map(|observation| evaluate(context, signal, observation))
        })
        .collect()
}

fn evaluate<'a>(
    context: &Context<'a>,
    signal: &Signal,
    observation: &'a Observation,
) -> Option<LimitEvaluation<'a>> {
    let limits = limits::limits(context, signal.id());
    let value = peak_hour::peak_value(&observation.values, signal.direction, context.window_end_ms());
    let now = Quantity::new(value, signal.unit)?;
    let critical = check(context, observation, limits.critical.clone(), now);
    let warning = check(context, observation, limits.warning.clone(), now);
    let (verdict, deciding) = match (outcome(critical.as_ref()), outcome(warning.as_ref())) {
        (Outcome::True, _) => (Verdict::Critical, critical),
        (_, Outcome::True) => (Verdict::Warning, warning),
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => (Verdict::Unknown, warning.or(critical)),
        (Outcome::False, Outcome::False) => (Verdict::Ok, warning.or(critical)),
    };
    let full = limits.full.as_ref();
    let headroom = full.and_then(|full| limits::headroom(signal.direction, now, full.at));
    let ceiling = full.filter(|_| limits.is_ceiling);
    let flat_seconds = ceiling.and_then(|full| flat_at(&observation.values, signal.direction, full.at));
    Some(LimitEvaluation { observation, now, limits, verdict, deciding, headroom, flat_seconds, cache: None })
}

/// How an observation compares with a limit: for as long as it asks where there is history, else by the
/// present value.
fn check(
    context: &Context<'_>,
    observation: &Observation,
    limit: Option<Limit>,
    now: Quantity,
) -> Option<LimitCheck> {
    let limit = limit?;
    let direction = observation.signal.entry().direction;
    let beyond = limit.is_exceeded(direction, now);
    let runs = limit.sustained.filter(|_| !observation.values.is_spot()).map(|required| {
        let sample = |value: f64| {
            Quantity::new(value, limit.at.unit()).is_some_and(|value| limit.is_exceeded(direction, value))
        };
        (required, sustained::runs(&observation.values, required, context.window_end_ms(), sample))
    });
    let outcome = runs.map_or(Outcome::from(beyond), |(_, runs)| runs.outcome);
    Some(LimitCheck { limit, outcome, beyond, runs })
}

/// A limit that is not set is not exceeded.
fn outcome(check: Option<&LimitCheck>) -> Outcome {
    check.map_or(Outcome::False, |check| check.outcome)
}

/// For how many seconds a series has been within 1% of its ceiling, up to its end.
///
/// Demand beyond a ceiling does not show in the measurements; half an hour flat at it means that the real
/// demand is higher than what is seen.
fn flat_at(series: &Series, direction: Direction, ceiling: Quantity) -> Option<f64> {
    const LONG_ENOUGH_MS: i64 = 30 * 60_000;
    let ceiling = ceiling.value();
    if direction == Direction::LowerIsWorse || ceiling <= 0.0 {
        return None;
    }
    let at_ceiling = |value: f64| (value - ceiling).abs() <= ceiling * AT_CEILING;
    let within = series.values().iter().rev().take_while(|value| at_ceiling(**value)).count();
    let first = series.at_ms().get(series.len() - within)?;
    let lasted = series.last().0 - first;
    (within >= 5 && lasted >= LONG_ENOUGH_MS).then(|| lasted as f64 / 1000.0)
}
