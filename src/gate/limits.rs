//! Limits that each run must keep, whatever the baseline.

use std::collections::BTreeMap;

use super::{
    Comparison, FailOn, GateConfig, LimitReason, Objective, ObjectiveVerdict, Run, Severity, Value, Verdict,
    metric_of_signal, summary::SummaryFinding, value_quantity,
};
use crate::{
    assess::Verdict as Health,
    roadmap::{Condition, SignalTest},
    signal::Quantity,
};

/// Runs whose values are shown.
const MAX_EXAMPLES: usize = 5;

/// Checks the candidate's runs against every limit that applies to them.
pub(super) fn check_limits(comparison: &Comparison, config: &GateConfig) -> Vec<ObjectiveVerdict> {
    let measured: Vec<&Run> = comparison.candidate.iter().filter(|run| run.assessment.is_none()).collect();
    let objectives = comparison.objectives.iter();
    let mut verdicts: Vec<ObjectiveVerdict> =
        objectives.filter_map(|objective| check_objective(objective, &measured)).collect();
    verdicts.extend(tool_thresholds(&measured));
    verdicts.extend(findings(comparison, config));
    verdicts
}

/// `None` for an objective that no load test measures.
fn check_objective(objective: &Objective, runs: &[&Run]) -> Option<ObjectiveVerdict> {
    if runs.is_empty() || !is_measurable(&objective.condition) {
        return None;
    }
    let outcomes: Vec<(&Run, Option<bool>)> =
        runs.iter().map(|run| (*run, holds(&objective.condition, run))).collect();
    let having = |wanted: Option<bool>| {
        let matching = outcomes.iter().filter(move |(_, outcome)| *outcome == wanted);
        matching.map(|(run, _)| *run).collect::<Vec<&Run>>()
    };
    let (broken, unknown) = (having(Some(false)), having(None));
    let condition = objective.condition.to_string();
    let values = |runs: &[&Run]| {
        runs.iter().take(MAX_EXAMPLES).map(|run| values_of(&objective.condition, run)).collect()
    };
    let (verdict, reason) = match (broken.first(), unknown.first()) {
        (Some(_), _) => (Verdict::Fail, LimitReason::Condition { condition, values: values(&broken) }),
        (None, Some(example)) => {
            let (runs, example) = (unknown.len(), example.name.clone());
            (Verdict::Inconclusive, LimitReason::MetricMissing { condition, runs, example })
        }
        (None, None) => (Verdict::Pass, LimitReason::Condition { condition, values: values(runs) }),
    };
    Some(ObjectiveVerdict {
        id: objective.id.clone(),
        title: objective.title.clone(),
        severity: Severity::Critical,
        verdict,
        runs: runs.len(),
        broken: broken.len(),
        reason,
    })
}

/// Kleene's logic. What no load test measures (a database's connections) is left to `check`; what it could have
/// measured and did not is unknown.
fn holds(condition: &Condition, run: &Run) -> Option<bool> {
    let outcomes = |parts: &[Condition]| {
        let measurable = parts.iter().filter(|part| is_measurable(part));
        measurable.map(|part| holds(part, run)).collect::<Vec<_>>()
    };
    match condition {
        Condition::Signal(test) => value(test, run).map(|value| test.comparison.holds(&value)),
        Condition::Fact(_) => None,
        Condition::Any(parts) => {
            // An alternative that cannot be measured might have held.
            let known = outcomes(parts);
            let complete = known.len() == parts.len();
            if known.contains(&Some(true)) {
                Some(true)
            } else if complete && !known.contains(&None) {
                Some(false)
            } else {
                None
            }
        }
        Condition::All(parts) => {
            let known = outcomes(parts);
            if known.contains(&Some(false)) {
                Some(false)
            } else if known.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
    }
}

fn is_measurable(condition: &Condition) -> bool {
    condition.signals().iter().any(|signal| metric_of_signal(signal.as_str()).is_some())
}

fn value(test: &SignalTest, run: &Run) -> Option<Quantity> {
    let value = run.values.get(metric_of_signal(test.signal.as_str())?)?;
    value_quantity(value.value, &value.unit)
}

/// The values of a run that a condition is about, in the order of its signals.
fn values_of(condition: &Condition, run: &Run) -> Vec<Value> {
    let mut signals = condition.signals();
    signals.dedup();
    signals.iter().filter_map(|signal| run.values.get(metric_of_signal(signal.as_str())?).cloned()).collect()
}

/// Limits that were set in the load-test tool, by name.
fn tool_thresholds(runs: &[&Run]) -> Vec<ObjectiveVerdict> {
    let mut named: BTreeMap<&str, Vec<(&Run, bool)>> = BTreeMap::new();
    for run in runs {
        for threshold in &run.thresholds {
            named.entry(&threshold.name).or_default().push((run, threshold.passed));
        }
    }
    let verdict = |(name, outcomes): (&str, Vec<(&Run, bool)>)| {
        let mut broken = outcomes.iter().filter(|(_, passed)| !passed).map(|(run, _)| run.name.clone());
        let example = broken.next();
        ObjectiveVerdict {
            id: format!("threshold:{name}"),
            title: name.to_owned(),
            severity: Severity::Critical,
            verdict: if example.is_none() { Verdict::Pass } else { Verdict::Fail },
            runs: outcomes.len(),
            broken: broken.count() + usize::from(example.is_some()),
            reason: LimitReason::ToolThreshold { name: name.to_owned(), example },
        }
    };
    named.into_iter().map(verdict).collect()
}

/// Findings of the candidate's assessments that are severe enough to fail.
fn findings(comparison: &Comparison, config: &GateConfig) -> Vec<ObjectiveVerdict> {
    let assessments: Vec<_> = comparison.candidate.iter().filter_map(|run| run.assessment.as_ref()).collect();
    let minimum = match config.fail_on {
        FailOn::Warning => Health::Warning,
        FailOn::Critical => Health::Critical,
    };
    let mut named: BTreeMap<&str, Vec<&SummaryFinding>> = BTreeMap::new();
    for finding in assessments.iter().flat_map(|assessment| &assessment.findings) {
        if finding.kind.is_fault() && finding.verdict >= minimum {
            named.entry(&finding.id).or_default().push(finding);
        }
    }
    let verdict = |(id, found): (&str, Vec<&SummaryFinding>)| {
        let worst = found.iter().map(|finding| finding.verdict).max()?;
        Some(ObjectiveVerdict {
            id: id.to_owned(),
            title: id.to_owned(),
            severity: if worst == Health::Critical { Severity::Critical } else { Severity::Warning },
            verdict: Verdict::Fail,
            runs: assessments.len(),
            broken: found.len(),
            reason: LimitReason::Finding { finding: found.first()?.reason() },
        })
    };
    named.into_iter().filter_map(verdict).collect()
}
