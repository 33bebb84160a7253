//! Conditions against observations.

use super::{
    Context, Outcome, Sustained, computed,
    evidence::{amount, instance_words},
    load, sustained,
};
use crate::{
    roadmap::{Comparison, Condition, FactTest, SignalTest},
    signal::{Aggregate, Direction, Quantity, SignalId},
    snapshot::{Observation, Origin},
};

/// Whether one instance is enough for a condition to hold, or every one must meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// Alerts, triggers and decisions: the worst instance decides.
    Any,
    /// Objectives: every instance must meet the target.
    Every,
}

/// The outcome of a condition and the leaf that decided it.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub outcome: Outcome,
    pub leaf: Leaf,
}

/// What one comparison rested on.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaf {
    pub signal: Option<SignalId>,
    pub instance: Option<String>,
    pub value: Option<Quantity>,
    pub limit: Option<Quantity>,
    pub aggregate: Option<Aggregate>,
    pub sustained: Option<Sustained>,
    pub origin: Option<Origin>,
    pub samples: usize,
    pub because: String,
}

/// Judges a condition with three-valued logic.
pub(super) fn judge(context: &Context<'_>, condition: &Condition, quantifier: Quantifier) -> Judged {
    match condition {
        Condition::Signal(test) => judge_signal(context, test, quantifier),
        Condition::Fact(test) => judge_fact(context, test),
        Condition::Any(parts) => {
            let judged: Vec<Judged> = parts.iter().map(|part| judge(context, part, quantifier)).collect();
            decided(Outcome::any(judged.iter().map(|part| part.outcome)), judged)
        }
        Condition::All(parts) => {
            let judged: Vec<Judged> = parts.iter().map(|part| judge(context, part, quantifier)).collect();
            decided(Outcome::all(judged.iter().map(|part| part.outcome)), judged)
        }
    }
}

/// The first part with the outcome of the whole tells why; the others add their words.
fn decided(outcome: Outcome, parts: Vec<Judged>) -> Judged {
    let mut deciding = parts.into_iter().filter(|part| part.outcome == outcome).map(|part| part.leaf);
    let mut leaf = deciding.next().unwrap_or_default();
    for other in deciding {
        leaf.because = format!("{}; {}", leaf.because, other.because);
    }
    Judged { outcome, leaf }
}

fn judge_fact(context: &Context<'_>, test: &FactTest) -> Judged {
    let (outcome, because) = match context.input.declared.facts.get(&test.fact) {
        Some(value) if test.comparison.values().iter().all(|other| value.same_kind(other)) => {
            (test.comparison.holds(value).into(), format!("{} is declared as {value}", test.fact))
        }
        Some(value) => (
            Outcome::Unknown,
            format!(
                "{} is declared as {value}, of which nobody can tell whether it is {}; write it like the \
                 roadmap does",
                test.fact, test.comparison
            ),
        ),
        None => (
            Outcome::Unknown,
            format!(
                "{} is not declared; add `{} = …` under [facts] in scale-advisor.toml",
                test.fact, test.fact
            ),
        ),
    };
    Judged { outcome, leaf: Leaf { because, ..Leaf::default() } }
}

fn judge_signal(context: &Context<'_>, test: &SignalTest, quantifier: Quantifier) -> Judged {
    if context.is_absent(test.signal) {
        let because = format!("{} is declared absent", test.signal.entry().system);
        // None of nothing is beyond a limit, and all of nothing meet a target.
        let outcome = Outcome::from(quantifier == Quantifier::Every);
        return Judged { outcome, leaf: Leaf { because, ..Leaf::default() } };
    }
    let observations = context.judged(test.signal, test.instance.as_deref());
    if observations.is_empty() {
        let because = match &test.instance {
            Some(instance) => context.why_instance_missing(test.signal, instance),
            None => context.why_missing(test.signal),
        };
        let leaf = Leaf { signal: Some(test.signal), because, ..Leaf::default() };
        return Judged { outcome: Outcome::Unknown, leaf };
    }
    let judged: Vec<Judged> =
        observations.into_iter().map(|observation| judge_observation(context, test, observation)).collect();
    let outcomes = judged.iter().map(|one| one.outcome);
    let outcome = match quantifier {
        Quantifier::Any => Outcome::any(outcomes),
        Quantifier::Every => Outcome::all(outcomes),
    };
    let deciding = judged.into_iter().filter(|one| one.outcome == outcome);
    // Among the instances that decided, the one in most trouble is named; the first of equals.
    let worst = deciding.reduce(|best, one| if worse(test, quantifier, &one, &best) { one } else { best });
    Judged { outcome, leaf: worst.map(|one| one.leaf).unwrap_or_default() }
}

/// Whether `a` is in more trouble than `b`: further beyond the limit (or nearer to it) where the condition
/// tells of trouble, further from it where the condition is a target, and for a band on the side on which the
/// signal gets worse.
fn worse(test: &SignalTest, quantifier: Quantifier, a: &Judged, b: &Judged) -> bool {
    let value = |judged: &Judged| judged.leaf.value.map_or(0.0, Quantity::value);
    let (a, b) = (value(a), value(b));
    match (&test.comparison, quantifier) {
        (Comparison::Above(_) | Comparison::AtLeast(_), Quantifier::Any)
        | (Comparison::Below(_) | Comparison::AtMost(_), Quantifier::Every) => a > b,
        (Comparison::Below(_) | Comparison::AtMost(_), Quantifier::Any)
        | (Comparison::Above(_) | Comparison::AtLeast(_), Quantifier::Every) => a < b,
        (Comparison::Inside(..) | Comparison::Outside(..), _) => match test.signal.entry().direction {
            Direction::HigherIsWorse => a > b,
            Direction::LowerIsWorse => a < b,
        },
        (Comparison::Is(_), _) => false,
    }
}

fn judge_observation(context: &Context<'_>, test: &SignalTest, observation: &Observation) -> Judged {
    let leaf = Leaf {
        signal: Some(test.signal),
        instance: observation.instance.clone(),
        limit: Some(nearest_limit(&test.comparison)),
        origin: Some(observation.origin.clone()),
        samples: observation.values.len(),
        ..Leaf::default()
    };
    match test.sustained {
        Some(required) => judge_sustained(context, test, observation, required, leaf),
        None => judge_aggregate(test, observation, leaf),
    }
}

fn judge_aggregate(test: &SignalTest, observation: &Observation, leaf: Leaf) -> Judged {
    let unit = test.signal.entry().unit;
    let value = test.aggregate.of(observation.values.values()).and_then(|value| Quantity::new(value, unit));
    let Some(value) = value else {
        let because = format!("{} has no finite {}", test.signal, test.aggregate.name());
        return Judged { outcome: Outcome::Unknown, leaf: Leaf { because, ..leaf } };
    };
    let holds = test.comparison.holds(&value);
    let because = format!(
        "{}{} {} {} {} {}{}",
        test.signal,
        instance_words(observation),
        test.aggregate.name(),
        amount(value, observation),
        if holds { "is" } else { "is not" },
        test.comparison,
        caveat(observation),
    );
    let (outcome, because) = match computed::unless_for(observation) {
        Some(missing) if !proves(&test.comparison, holds) => {
            (Outcome::Unknown, format!("{because}, but may be less: {missing} not measured"))
        }
        _ => (Outcome::from(holds), because),
    };
    Judged { outcome, leaf: Leaf { value: Some(value), aggregate: Some(test.aggregate), because, ..leaf } }
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

/// What weakens the evidence, in words.
fn caveat(observation: &Observation) -> String {
    if observation.signal.entry().computed.is_some() {
        return format!(" ({})", observation.origin.query);
    }
    match (load::estimated_from(observation), observation.values.len()) {
        (Some(source), _) => format!(" (estimated from {source})"),
        (None, 1) => " (one sample)".to_owned(),
        (None, _) => String::new(),
    }
}

fn judge_sustained(
    context: &Context<'_>,
    test: &SignalTest,
    observation: &Observation,
    required: std::time::Duration,
    leaf: Leaf,
) -> Judged {
    let unit = test.signal.entry().unit;
    let beyond = |value: f64| Quantity::new(value, unit).is_some_and(|value| test.comparison.holds(&value));
    let runs = sustained::runs(&observation.values, required, context.window_end_ms(), beyond);
    let value =
        peak(&test.comparison, observation.values.values()).and_then(|value| Quantity::new(value, unit));
    let because = sustained_words(test, observation, required, &runs, value);
    let sustained = Sustained::new(required, &runs);
    Judged { outcome: runs.outcome, leaf: Leaf { value, sustained: Some(sustained), because, ..leaf } }
}

fn sustained_words(
    test: &SignalTest,
    observation: &Observation,
    required: std::time::Duration,
    runs: &sustained::Runs,
    value: Option<Quantity>,
) -> String {
    let duration = |ms: i64| crate::signal::span_text(ms as f64 / 1000.0);
    let subject = format!("{}{} {}", test.signal, instance_words(observation), test.comparison);
    let extreme = match (&test.comparison, value) {
        (_, None) => String::new(),
        (Comparison::Below(_) | Comparison::AtMost(_), Some(value)) => {
            format!(", at least {}", amount(value, observation))
        }
        (Comparison::Is(_), Some(value)) => format!(", now {}", amount(value, observation)),
        (_, Some(value)) => format!(", at most {}", amount(value, observation)),
    };
    let extreme = format!("{extreme}{}", caveat(observation));
    let asked = crate::signal::duration_text(required);
    match runs.outcome {
        Outcome::True => {
            let still = if runs.current_ms > 0 { ", lasting until now" } else { "" };
            let since = runs.since_words();
            format!("{subject} for {}{since}{still} (asked: {asked}){extreme}", duration(runs.longest_ms))
        }
        Outcome::False if runs.began_ms.is_none() => format!("{subject} at no time{extreme}"),
        Outcome::False => {
            format!("{subject} for {} at most (asked: {asked}){extreme}", duration(runs.longest_ms))
        }
        Outcome::Unknown if observation.values.len() == 1 => {
            format!("{subject} for {asked}: one sample cannot show a duration; it needs history")
        }
        Outcome::Unknown => format!("{subject} for {asked}: the history is too short or has gaps"),
    }
}

/// The value furthest towards a limit.
fn peak(comparison: &Comparison<Quantity>, values: &[f64]) -> Option<f64> {
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
