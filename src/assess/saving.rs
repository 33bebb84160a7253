//! What stands idle: bands that are missed on the side of spare capacity.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Context, busy,
    evidence::{amount, instance_words},
};
use crate::{
    roadmap::{Comparison, Condition, Objective, SignalTest},
    signal::{Direction, Quantity, SignalId, Unit},
    snapshot::Observation,
};

/// What could be saved by bringing a signal to the middle of its band. Never an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Saving {
    /// Stable name, such as `saving:worker-utilization`.
    pub id: String,
    /// The target that is missed, in words.
    pub title: String,
    /// What is used too little.
    pub signal: SignalId,
    /// Which of several instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How much is used at the busy hour.
    pub value: Quantity,
    /// The middle of the band.
    pub target: Quantity,
    /// The share of the present capacity, and of what it costs, that is not needed.
    pub share: f64,
    /// How many there are; null where they were not counted.
    pub present: Option<u64>,
    /// How many would be enough for the middle of the band.
    pub needed: Option<u64>,
    /// The reasoning in words.
    pub because: String,
}

/// Every target band that some instance misses on the side of spare capacity.
pub(super) fn assess(context: &Context<'_>) -> Vec<Saving> {
    let objectives = context.input.roadmap.objectives.iter();
    objectives
        .filter_map(|objective| Some((objective, band(objective)?)))
        .flat_map(|(objective, test)| {
            context
                .judged(test.signal, test.instance.as_deref())
                .into_iter()
                .filter_map(move |observation| of_instance(context, objective, test, observation))
        })
        .collect()
}

/// The band of an objective, where the signal is the use of something and more use is worse.
fn band(objective: &Objective) -> Option<&SignalTest> {
    let Condition::Signal(test) = &objective.when_met else { return None };
    let entry = test.signal.entry();
    let use_of = entry.unit == Unit::Ratio && entry.direction == Direction::HigherIsWorse;
    (use_of && matches!(test.comparison, Comparison::Inside(..))).then_some(test)
}

fn of_instance(
    context: &Context<'_>,
    objective: &Objective,
    test: &SignalTest,
    observation: &Observation,
) -> Option<Saving> {
    let Comparison::Inside(low, high) = &test.comparison else { return None };
    // What the busy hour needs is not idle, however quiet the nights are.
    let used = busy::busy_value(&observation.values, Direction::HigherIsWorse, context.window_end_ms());
    if used >= low.value() {
        return None;
    }
    let middle = f64::midpoint(low.value(), high.value());
    let (value, target) = (Quantity::new(used, Unit::Ratio)?, Quantity::new(middle, Unit::Ratio)?);
    let whole = observation.capacity().filter(|whole| whole.unit() == Unit::Count && whole.value() >= 1.0);
    // One is always needed, and a part of one is one.
    let needed = whole.map(|whole| (whole.value() * used / middle).ceil().max(1.0));
    let share = match (whole, needed) {
        (Some(whole), Some(needed)) => 1.0 - needed / whole.value(),
        _ => 1.0 - used / middle,
    };
    let counted = match (whole, needed) {
        (Some(whole), Some(needed)) => format!("; {needed:.0} of {:.0} would be enough", whole.value()),
        _ => String::new(),
    };
    let because = format!(
        "{}{} {} at the busy hour, below {low}: at {target} {:.0}% less would do{counted}",
        test.signal.entry().title,
        instance_words(observation),
        amount(value, observation),
        share * 100.0,
    );
    (share > 0.0).then(|| Saving {
        id: format!("saving:{}", objective.id),
        title: objective.title.clone(),
        signal: test.signal,
        instance: observation.instance.clone(),
        value,
        target,
        share,
        present: whole.map(whole_number),
        needed: needed.and_then(|needed| Quantity::new(needed, Unit::Count)).map(whole_number),
        because,
    })
}

/// A count as an integer: counts are not negative, and those beyond all integers are the largest one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn whole_number(count: Quantity) -> u64 {
    count.value().round() as u64
}
