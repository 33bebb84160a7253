//! Conditions against observations, with three-valued logic.

use chrono::TimeDelta;

use super::{
    Bucket, Caveat, ConditionReason, Context, Measured, Outcome, Sustained, computed, load, sustained,
};
use crate::{
    roadmap::{Comparison, Condition, FactTest, SignalTest},
    signal::{Aggregate, Direction, Quantity, SignalId},
    snapshot::{Observation, Origin},
};

/// Whether one instance is enough for a condition to hold, or every one must meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// Triggers and decisions: the worst instance decides, at any time of the window.
    Any,
    /// Alerts: the same, as things are now. What was is over.
    AnyNow,
    /// Objectives: every instance must meet the target.
    Every,
}

/// The outcome of a condition and the evidence that decided it.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub outcome: Outcome,
    pub evidence: Evidence,
}

/// What one comparison rests on.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub signal: Option<SignalId>,
    pub instance: Option<String>,
    pub value: Option<Quantity>,
    pub limit: Option<Quantity>,
    pub aggregate: Option<Aggregate>,
    pub sustained: Option<Sustained>,
    pub origin: Option<Origin>,
    pub samples: usize,
    /// Whether the newest samples meet a condition, but not yet for as long as it asks.
    pub pending: bool,
    pub reason: ConditionReason,
}

impl Evidence {
    /// A reason without measurements.
    pub(super) fn without_samples(signal: Option<SignalId>, reason: ConditionReason) -> Self {
        Self {
            signal,
            instance: None,
            value: None,
            limit: None,
            aggregate: None,
            sustained: None,
            origin: None,
            samples: 0,
            pending: false,
            reason,
        }
    }
}

/// Evaluates a condition.
pub(super) fn evaluate(context: &Context<'_>, condition: &Condition, quantifier: Quantifier) -> Evaluation {
    let evaluate_all = |parts: &[Condition]| -> Vec<Evaluation> {
        parts.iter().map(|part| evaluate(context, part, quantifier)).collect()
    };
    match condition {
        Condition::Signal(test) => evaluate_signal(context, test, quantifier),
        Condition::Fact(test) => evaluate_fact(context, test),
        Condition::Any(parts) => {
            let parts = evaluate_all(parts);
            combined(Outcome::any(parts.iter().map(|part| part.outcome)), parts)
        }
        Condition::All(parts) => {
            let parts = evaluate_all(parts);
            combined(Outcome::all(parts.iter().map(|part| part.outcome)), parts)
        }
    }
}

/// The evidence is that of the first part with the outcome of the whole; the reasons are those of all such parts.
fn combined(outcome: Outcome, parts: Vec<Evaluation>) -> Evaluation {
    let mut deciding: Vec<Evidence> =
        parts.into_iter().filter(|part| part.outcome == outcome).map(|part| part.evidence).collect();
    let reasons: Vec<ConditionReason> = deciding.iter().map(|evidence| evidence.reason.clone()).collect();
    let evidence = if deciding.is_empty() { None } else { Some(deciding.swap_remove(0)) };
    let reason = ConditionReason::Parts { parts: reasons };
    let evidence = match evidence {
        Some(evidence) if deciding.is_empty() => evidence,
        Some(evidence) => Evidence { reason, ..evidence },
        None => Evidence::without_samples(None, reason),
    };
    Evaluation { outcome, evidence }
}

fn evaluate_fact(context: &Context<'_>, test: &FactTest) -> Evaluation {
    let fact = test.fact.clone();
    let (outcome, reason) = match context.input.declared.facts.get(&test.fact) {
        Some(declared) => {
            let comparable = test.comparison.values().iter().all(|other| declared.same_kind(other));
            let outcome = if comparable { test.comparison.holds(declared).into() } else { Outcome::Unknown };
            let (declared, comparison) = (declared.clone(), test.comparison.clone());
            (outcome, ConditionReason::Fact { fact, declared, comparison, comparable })
        }
        None => (Outcome::Unknown, ConditionReason::FactNotDeclared { fact }),
    };
    Evaluation { outcome, evidence: Evidence::without_samples(None, reason) }
}

fn evaluate_signal(context: &Context<'_>, test: &SignalTest, quantifier: Quantifier) -> Evaluation {
    if context.is_absent(test.signal) {
        let reason = ConditionReason::Absent { system: test.signal.entry().system.clone() };
        // None of nothing is beyond a limit, and all of nothing meet a target.
        let outcome = Outcome::from(quantifier == Quantifier::Every);
        return Evaluation { outcome, evidence: Evidence::without_samples(None, reason) };
    }
    let evaluations: Vec<Evaluation> = context
        .evaluated_of(test.signal, test.instance.as_deref())
        .into_iter()
        .map(|observation| evaluate_observation(context, test, observation, quantifier))
        .collect();
    let outcomes = evaluations.iter().map(|evaluation| evaluation.outcome);
    let outcome = match quantifier {
        Quantifier::Any | Quantifier::AnyNow => Outcome::any(outcomes),
        Quantifier::Every => Outcome::all(outcomes),
    };
    let deciding = evaluations.into_iter().filter(|evaluation| evaluation.outcome == outcome);
    // Among the instances that decided, the one in most trouble is named; the first of equals.
    let worst = deciding.reduce(|best, next| if worse(test, quantifier, &next, &best) { next } else { best });
    worst.unwrap_or_else(|| not_measured(context, test))
}

fn not_measured(context: &Context<'_>, test: &SignalTest) -> Evaluation {
    let missing = match &test.instance {
        Some(instance) => context.why_instance_missing(test.signal, instance),
        None => context.why_missing(test.signal),
    };
    let reason = ConditionReason::Missing { missing };
    Evaluation { outcome: Outcome::Unknown, evidence: Evidence::without_samples(Some(test.signal), reason) }
}

/// Whether `a` is in more trouble than `b`: further beyond the limit (or nearer to it) where the condition
/// tells of trouble, further from it where the condition is a target, and for a band on the side on which the
/// signal gets worse.
fn worse(test: &SignalTest, quantifier: Quantifier, a: &Evaluation, b: &Evaluation) -> bool {
    let value = |evaluation: &Evaluation| evaluation.evidence.value.map_or(0.0, Quantity::value);
    let (a, b) = (value(a), value(b));
    match (&test.comparison, quantifier) {
        (Comparison::Above(_) | Comparison::AtLeast(_), Quantifier::Any | Quantifier::AnyNow)
        | (Comparison::Below(_) | Comparison::AtMost(_), Quantifier::Every) => a > b,
        (Comparison::Below(_) | Comparison::AtMost(_), Quantifier::Any | Quantifier::AnyNow)
        | (Comparison::Above(_) | Comparison::AtLeast(_), Quantifier::Every) => a < b,
        (Comparison::Inside(..) | Comparison::Outside(..), _) => match test.signal.entry().direction {
            Direction::HigherIsWorse => a > b,
            Direction::LowerIsWorse => a < b,
        },
        (Comparison::Is(_), _) => false,
    }
}

fn evaluate_observation(
    context: &Context<'_>,
    test: &SignalTest,
    observation: &Observation,
    quantifier: Quantifier,
) -> Evaluation {
    match test.sustained {
        Some(required) => {
            evaluate_sustained(context, test, observation, (required, quantifier == Quantifier::AnyNow))
        }
        None => evaluate_aggregate(context, test, observation, quantifier),
    }
}

/// The evidence of one observation, before it has a value.
fn evidence(test: &SignalTest, observation: &Observation, reason: ConditionReason) -> Evidence {
    Evidence {
        instance: observation.instance.clone(),
        limit: Some(nearest_limit(&test.comparison)),
        origin: Some(observation.origin.clone()),
        samples: observation.values.len(),
        ..Evidence::without_samples(Some(test.signal), reason)
    }
}

/// Within the first hour of measurements what is over again is no missed objective yet.
const SHORTEST_PART: TimeDelta = TimeDelta::hours(1);

/// For how long a window is known, where that is too little to miss an objective that is met now.
fn part_of_window(
    context: &Context<'_>,
    test: &SignalTest,
    observation: &Observation,
    quantifier: Quantifier,
) -> Option<TimeDelta> {
    let (values, window) = (&observation.values, context.snapshot.window);
    let (newest_ms, newest) = values.last();
    let known = TimeDelta::milliseconds(newest_ms - values.first_ms());
    let is_part = known < SHORTEST_PART && known * 2 < window.to - window.from;
    let met_now =
        Quantity::new(newest, test.signal.entry().unit).is_some_and(|now| test.comparison.holds(&now));
    (quantifier == Quantifier::Every && !values.is_spot() && is_part && met_now).then_some(known)
}

fn evaluate_aggregate(
    context: &Context<'_>,
    test: &SignalTest,
    observation: &Observation,
    quantifier: Quantifier,
) -> Evaluation {
    let (signal, aggregate) = (test.signal, test.aggregate);
    let unit = signal.entry().unit;
    let value = aggregate.of(observation.values.values()).and_then(|value| Quantity::new(value, unit));
    let Some(value) = value else {
        let reason = ConditionReason::NotFinite { signal, aggregate };
        return Evaluation { outcome: Outcome::Unknown, evidence: evidence(test, observation, reason) };
    };
    let holds = test.comparison.holds(&value);
    let mut could_be_lower_without = computed::lower_without(observation);
    if proves(&test.comparison, holds) {
        could_be_lower_without.clear();
    }
    let bucket = undecided_by(&test.comparison, observation, value);
    let part = part_of_window(context, test, observation, quantifier).filter(|_| !holds);
    let certain = could_be_lower_without.is_empty()
        && bucket.is_none()
        && part.is_none()
        && !is_chance(observation, holds, quantifier);
    let outcome = if certain { Outcome::from(holds) } else { Outcome::Unknown };
    let reason = ConditionReason::Value {
        measured: Measured::new(observation, value),
        aggregate,
        comparison: test.comparison.clone(),
        holds,
        caveat: match part {
            Some(known) => Some(Caveat::PartOfWindow { known_seconds: known.as_seconds_f64() }),
            None => caveat(observation),
        },
        could_be_lower_without,
        bucket,
    };
    let evidence = evidence(test, observation, reason);
    Evaluation { outcome, evidence: Evidence { value: Some(value), aggregate: Some(aggregate), ..evidence } }
}

/// Whether it is trouble that a single reading of something that fluctuates shows: the next one may show none.
fn is_chance(observation: &Observation, holds: bool, quantifier: Quantifier) -> bool {
    let is_trouble = match quantifier {
        Quantifier::Any | Quantifier::AnyNow => holds,
        Quantifier::Every => !holds,
    };
    is_trouble && observation.values.is_spot() && observation.signal.entry().fluctuates
}

/// The bucket that a quantile lies in, where a comparison would not have the same result for all values in it.
fn undecided_by(
    comparison: &Comparison<Quantity>,
    observation: &Observation,
    value: Quantity,
) -> Option<Bucket> {
    let bucket = Bucket::around(observation, value.value())?;
    let holds = |bound: f64| Quantity::new(bound, value.unit()).map(|bound| comparison.holds(&bound));
    let decided = Some(comparison.holds(&value));
    let same = holds(bucket.low) == decided && holds(bucket.high.unwrap_or(f64::MAX)) == decided;
    (!same).then_some(bucket)
}

/// Whether a value that may be less in truth settles a comparison: it can show that there is not enough, never
/// that there is.
fn proves(comparison: &Comparison<Quantity>, holds: bool) -> bool {
    match comparison {
        Comparison::Above(_) | Comparison::AtLeast(_) => !holds,
        Comparison::Below(_) | Comparison::AtMost(_) => holds,
        Comparison::Inside(..) | Comparison::Outside(..) | Comparison::Is(_) => false,
    }
}

/// What weakens the evidence.
fn caveat(observation: &Observation) -> Option<Caveat> {
    if observation.signal.entry().computed.is_some() {
        return Some(Caveat::Computed { query: observation.origin.query.clone() });
    }
    match (load::estimated_from(observation), observation.values.len()) {
        (Some(from), _) => Some(Caveat::Estimated { from }),
        (None, 1) => Some(Caveat::OneSample),
        (None, _) => None,
    }
}

fn evaluate_sustained(
    context: &Context<'_>,
    test: &SignalTest,
    observation: &Observation,
    (required, now): (std::time::Duration, bool),
) -> Evaluation {
    let unit = test.signal.entry().unit;
    // What may as well be on the other side of the bound, by its bucket, proves nothing.
    let beyond = |value: f64| {
        Quantity::new(value, unit).is_some_and(|value| {
            test.comparison.holds(&value) && undecided_by(&test.comparison, observation, value).is_none()
        })
    };
    let newest = Quantity::new(observation.values.last().1, unit);
    let bucket = newest.and_then(|value| undecided_by(&test.comparison, observation, value));
    let runs = sustained::runs(&observation.values, required, context.window_end_ms(), beyond);
    let value =
        extreme(&test.comparison, observation.values.values()).and_then(|value| Quantity::new(value, unit));
    let sustained = Sustained::new(required, &runs);
    let is_long = runs.current.samples > 0
        && u128::try_from(runs.current.lasted_ms).unwrap_or(0) >= required.as_millis();
    let pending = now && !observation.values.is_spot() && runs.current.samples > 0 && !is_long;
    let outcome = match () {
        () if !now || observation.values.is_spot() => runs.outcome,
        () if runs.is_stopped || pending || bucket.is_some() => Outcome::Unknown,
        () => Outcome::from(is_long),
    };
    let reason = ConditionReason::Duration {
        extreme: value.map(|value| Measured::new(observation, value)),
        signal: test.signal,
        instance: observation.instance.clone(),
        comparison: test.comparison.clone(),
        sustained: sustained.clone(),
        outcome,
        caveat: caveat(observation),
        bucket,
    };
    let evidence = evidence(test, observation, reason);
    Evaluation { outcome, evidence: Evidence { value, pending, sustained: Some(sustained), ..evidence } }
}

/// The value furthest towards a limit.
fn extreme(comparison: &Comparison<Quantity>, values: &[f64]) -> Option<f64> {
    match comparison {
        Comparison::Above(_) | Comparison::AtLeast(_) | Comparison::Inside(..) | Comparison::Outside(..) => {
            Aggregate::Max.of(values)
        }
        Comparison::Below(_) | Comparison::AtMost(_) => Aggregate::Min.of(values),
        Comparison::Is(_) => Aggregate::Last.of(values),
    }
}

fn nearest_limit(comparison: &Comparison<Quantity>) -> Quantity {
    match comparison {
        Comparison::Above(limit)
        | Comparison::AtLeast(limit)
        | Comparison::Below(limit)
        | Comparison::AtMost(limit)
        | Comparison::Is(limit)
        | Comparison::Inside(_, limit)
        | Comparison::Outside(_, limit) => *limit,
    }
}
