//! Every condition of every roadmap can hold, can fail to hold, and is unknown when nothing is known.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use scale_advisor::{
    assess::{AssessmentInput, Declared, Outcome, assess},
    diagnostic::Spans,
    roadmap::{
        Comparison, Condition, Decision, FactTest, FactValue, Roadmap, SignalTest, Thresholds, Timeline,
        builtin_ids,
    },
    signal::{Quantity, Series},
    snapshot::{Observation, Origin, Window, merge},
};

use super::read;

/// Minutes that every measurement lasts; no condition asks for longer.
const MINUTES: i64 = 2 * 1440;

/// What is known when a condition is judged.
#[derive(Default)]
struct Known {
    observations: Vec<Observation>,
    facts: BTreeMap<String, FactValue>,
}

#[test]
fn every_condition_can_be_true_false_and_unknown() {
    for id in builtin_ids() {
        let roadmap = read(id);
        let mut conditions = roadmap.conditions();
        for test in &roadmap.load_tests {
            conditions.extend(test.pass.as_ref().map(|pass| (format!("load test {}", test.id), pass)));
        }
        assert!(!conditions.is_empty(), "{id} has no condition");
        for (place, condition) in conditions {
            for part in parts(condition) {
                for wanted in [Outcome::True, Outcome::False] {
                    let known = Known::default().making(part, wanted);
                    assert_eq!(evaluate(&roadmap, part, known), wanted, "{id}, {place}: {part}");
                }
                let nothing = evaluate(&roadmap, part, Known::default());
                assert_eq!(nothing, Outcome::Unknown, "{id}, {place}: {part}");
            }
        }
    }
}

/// A condition and everything it consists of.
fn parts(condition: &Condition) -> Vec<&Condition> {
    let inner = match condition {
        Condition::Signal(_) | Condition::Fact(_) => &[],
        Condition::Any(parts) | Condition::All(parts) => parts.as_slice(),
    };
    std::iter::once(condition).chain(inner.iter().flat_map(parts)).collect()
}

impl Known {
    /// Adds as little as decides a condition: one part that holds of several of which any would do.
    fn making(self, condition: &Condition, wanted: Outcome) -> Self {
        let holds = wanted == Outcome::True;
        match condition {
            Condition::Signal(test) => self.measured(test, holds),
            Condition::Fact(test) => self.declared(test, holds),
            Condition::Any(parts) if holds => self.making(&parts[0], wanted),
            Condition::All(parts) if !holds => self.making(&parts[0], wanted),
            Condition::Any(parts) | Condition::All(parts) => {
                parts.iter().fold(self, |known, part| known.making(part, wanted))
            }
        }
    }

    fn measured(mut self, test: &SignalTest, holds: bool) -> Self {
        let value = number(&test.comparison, holds);
        let end = now().timestamp_millis();
        let at: Vec<i64> = (0..=MINUTES).map(|minute| end - (MINUTES - minute) * 60_000).collect();
        let values = vec![value; at.len()];
        self.observations.push(Observation {
            instance: test.instance.clone(),
            ..Observation::new(
                test.signal,
                Series::new(60_000, at, values).unwrap(),
                Origin { source: "test".to_owned(), query: "made up".to_owned() },
            )
        });
        self
    }

    fn declared(mut self, test: &FactTest, holds: bool) -> Self {
        let value = match test.comparison.values()[0] {
            FactValue::Flag(flag) => FactValue::Flag(*flag == holds),
            FactValue::Text(word) if holds => FactValue::Text(word.clone()),
            FactValue::Text(word) => FactValue::Text(format!("not {word}")),
            FactValue::Number(limit) => {
                let limits = quantities(&test.comparison);
                FactValue::Number(Quantity::new(number(&limits, holds), limit.unit()).unwrap())
            }
        };
        self.facts.insert(test.fact.clone(), value);
        self
    }
}

/// A value that meets a comparison, or one that does not; on the limit itself where that decides.
fn number(comparison: &Comparison<Quantity>, holds: bool) -> f64 {
    let (misses, meets) = match comparison {
        Comparison::Above(at) => (at.value(), at.value() * 1.5 + 1.0),
        Comparison::AtLeast(at) => (at.value() * 0.5 - 1.0, at.value()),
        Comparison::Below(at) => (at.value(), at.value() * 0.5 - 1.0),
        Comparison::AtMost(at) => (at.value() * 1.5 + 1.0, at.value()),
        Comparison::Inside(low, high) => (high.value() * 1.5 + 1.0, f64::midpoint(low.value(), high.value())),
        Comparison::Outside(low, high) => (low.value(), high.value() * 1.5 + 1.0),
        Comparison::Is(at) => (at.value() + 1.0, at.value()),
    };
    if holds { meets } else { misses }
}

/// A comparison of facts that are numbers.
fn quantities(comparison: &Comparison<FactValue>) -> Comparison<Quantity> {
    let number = |value: &FactValue| match value {
        FactValue::Number(number) => *number,
        other => panic!("{other} is no number"),
    };
    match comparison {
        Comparison::Above(at) => Comparison::Above(number(at)),
        Comparison::AtLeast(at) => Comparison::AtLeast(number(at)),
        Comparison::Below(at) => Comparison::Below(number(at)),
        Comparison::AtMost(at) => Comparison::AtMost(number(at)),
        Comparison::Inside(low, high) => Comparison::Inside(number(low), number(high)),
        Comparison::Outside(low, high) => Comparison::Outside(number(low), number(high)),
        Comparison::Is(at) => Comparison::Is(number(at)),
    }
}

/// The outcome of a condition, evaluated as the only decision of its roadmap.
fn evaluate(roadmap: &Roadmap, condition: &Condition, known: Known) -> Outcome {
    let decision = Decision {
        id: "it".to_owned(),
        when: condition.clone(),
        action: "Act".to_owned(),
        timeline: Timeline::Days,
        relieves: Vec::new(),
        spans: Spans::default(),
    };
    let input = AssessmentInput {
        roadmap: Roadmap { decisions: vec![decision], ..roadmap.clone() },
        digest: String::new(),
        defaults: Thresholds::default(),
        overrides: Thresholds::default(),
        declared: Declared { facts: known.facts, ..Declared::default() },
    };
    let window = Window { from: now() - TimeDelta::minutes(MINUTES), to: now(), step_seconds: 60 };
    let mut snapshot = merge(now(), window, Vec::new());
    snapshot.observations = known.observations;
    assess(&input, &snapshot).decisions[0].verdict
}

fn now() -> DateTime<Utc> {
    "2026-11-20T16:40:00Z".parse().unwrap()
}
