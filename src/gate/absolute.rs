//! Limits that hold for each run, whatever the baseline.

use std::collections::BTreeMap;

use super::{
    Comparison, FailOn, GateConfig, Objective, ObjectiveVerdict, Run, Severity, Verdict, metric_of_signal,
    unit,
};
use crate::{
    assess::Verdict as Standing,
    roadmap::{Condition, SignalTest},
    signal::Quantity,
};

/// Every limit that the candidate's runs can be held against.
pub(super) fn judge(comparison: &Comparison, policy: &GateConfig) -> Vec<ObjectiveVerdict> {
    let measured: Vec<&Run> = comparison.candidate.iter().filter(|run| run.standing.is_none()).collect();
    let mut verdicts: Vec<ObjectiveVerdict> =
        comparison.objectives.iter().filter_map(|objective| objective_of(objective, &measured)).collect();
    verdicts.extend(own_thresholds(&measured));
    verdicts.extend(findings(comparison, policy));
    verdicts
}

/// Nothing for an objective that no load test could tell of.
fn objective_of(objective: &Objective, runs: &[&Run]) -> Option<ObjectiveVerdict> {
    if runs.is_empty()
        || !objective.condition.signals().iter().any(|signal| metric_of_signal(signal.as_str()).is_some())
    {
        return None;
    }
    let outcomes: Vec<(&Run, Option<bool>)> =
        runs.iter().map(|run| (*run, holds(&objective.condition, run))).collect();
    let broken: Vec<&Run> =
        outcomes.iter().filter(|(_, outcome)| *outcome == Some(false)).map(|(run, _)| *run).collect();
    let unknown: Vec<&Run> =
        outcomes.iter().filter(|(_, outcome)| outcome.is_none()).map(|(run, _)| *run).collect();
    let (verdict, because) = match (broken.first(), unknown.first()) {
        (Some(_), _) => (Verdict::Fail, told(&objective.condition, &broken, runs.len(), "broken in")),
        (None, Some(_)) => (Verdict::Inconclusive, untold(&objective.condition, &unknown, runs.len())),
        (None, None) => (Verdict::Pass, told(&objective.condition, runs, runs.len(), "held in")),
    };
    Some(ObjectiveVerdict {
        id: objective.id.clone(),
        title: objective.title.clone(),
        severity: Severity::Critical,
        verdict,
        runs: runs.len(),
        broken: broken.len(),
        because,
    })
}

/// Kleene's logic. What a load test cannot tell at all (a database's connections) is left to `check`; what it could
/// have told and did not is unknown.
fn holds(condition: &Condition, run: &Run) -> Option<bool> {
    let parts = |parts: &[Condition]| {
        let tellable = parts.iter().filter(|part| tellable(part));
        tellable.map(|part| holds(part, run)).collect::<Vec<_>>()
    };
    match condition {
        Condition::Signal(test) => value(test, run).map(|value| test.comparison.holds(&value)),
        Condition::Fact(_) => None,
        Condition::Any(all) => {
            // An alternative that cannot be told might have held.
            let outcomes = parts(all);
            let whole = outcomes.len() == all.len();
            if outcomes.contains(&Some(true)) {
                Some(true)
            } else if whole && !outcomes.contains(&None) {
                Some(false)
            } else {
                None
            }
        }
        Condition::All(all) => {
            let outcomes = parts(all);
            if outcomes.contains(&Some(false)) {
                Some(false)
            } else if outcomes.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
    }
}

fn tellable(condition: &Condition) -> bool {
    condition.signals().iter().any(|signal| metric_of_signal(signal.as_str()).is_some())
}

fn value(test: &SignalTest, run: &Run) -> Option<Quantity> {
    let value = run.values.get(metric_of_signal(test.signal.as_str())?)?;
    unit::quantity(value.value, &value.unit)
}

/// "http.latency (p95) below 200 ms is broken in 2 of 5 runs: 212 ms, 208 ms".
fn told(condition: &Condition, runs: &[&Run], all: usize, how: &str) -> String {
    let mut signals = condition.signals();
    signals.dedup();
    let of = |run: &Run| {
        let values = signals.iter().filter_map(|signal| {
            let value = run.values.get(metric_of_signal(signal.as_str())?)?;
            Some(unit::text(value.value, &value.unit))
        });
        values.collect::<Vec<_>>().join(" and ")
    };
    let shown: Vec<String> = runs.iter().take(5).map(|run| of(run)).collect();
    let more = if runs.len() > shown.len() { ", …" } else { "" };
    format!("{condition} {how} {} of {all} runs: {}{more}", runs.len(), shown.join(", "))
}

fn untold(condition: &Condition, runs: &[&Run], all: usize) -> String {
    let name = runs.first().map_or("", |run| run.name.as_str());
    format!("{condition}: {} of {all} runs do not tell, or not in a known unit, such as {name}", runs.len())
}

/// Limits that were set in the load-test tool, by name.
fn own_thresholds(runs: &[&Run]) -> Vec<ObjectiveVerdict> {
    let mut named: BTreeMap<&str, Vec<(&Run, bool)>> = BTreeMap::new();
    for run in runs {
        for threshold in &run.thresholds {
            named.entry(&threshold.name).or_default().push((run, threshold.passed));
        }
    }
    let verdict = |(name, outcomes): (&str, Vec<(&Run, bool)>)| {
        let broken: Vec<&str> =
            outcomes.iter().filter(|(_, passed)| !passed).map(|(run, _)| run.name.as_str()).collect();
        let because = match broken.first() {
            Some(first) => format!(
                "the load test's own limit `{name}` was broken in {} of {} runs, such as {first}",
                broken.len(),
                outcomes.len()
            ),
            None => format!("the load test's own limit `{name}` held in {} runs", outcomes.len()),
        };
        ObjectiveVerdict {
            id: format!("threshold:{name}"),
            title: name.to_owned(),
            severity: Severity::Critical,
            verdict: if broken.is_empty() { Verdict::Pass } else { Verdict::Fail },
            runs: outcomes.len(),
            broken: broken.len(),
            because,
        }
    };
    named.into_iter().map(verdict).collect()
}

/// Findings of the candidate's assessments that are bad enough.
fn findings(comparison: &Comparison, policy: &GateConfig) -> Vec<ObjectiveVerdict> {
    let standings: Vec<_> = comparison.candidate.iter().filter_map(|run| run.standing.as_ref()).collect();
    let least = match policy.fail_on {
        FailOn::Warning => Standing::Warning,
        FailOn::Critical => Standing::Critical,
    };
    let mut named: BTreeMap<&str, Vec<(Standing, &str)>> = BTreeMap::new();
    for finding in standings.iter().flat_map(|standing| &standing.findings) {
        if finding.kind.is_fault() && finding.verdict >= least {
            named.entry(&finding.id).or_default().push((finding.verdict, &finding.because));
        }
    }
    let verdict = |(id, found): (&str, Vec<(Standing, &str)>)| {
        let worst = found.iter().map(|(verdict, _)| *verdict).max();
        ObjectiveVerdict {
            id: id.to_owned(),
            title: id.to_owned(),
            severity: if worst == Some(Standing::Critical) { Severity::Critical } else { Severity::Warning },
            verdict: Verdict::Fail,
            runs: standings.len(),
            broken: found.len(),
            because: found.first().map_or_else(String::new, |(_, because)| (*because).to_owned()),
        }
    };
    named.into_iter().map(verdict).collect()
}
