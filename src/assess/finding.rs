//! Findings: every threshold, alert, objective and trigger with its outcome.

use super::{
    Context, Finding, Kind, Outcome, Sustained, Verdict,
    bottleneck::Ranking,
    condition::{Judged, Leaf, Quantifier, judge},
    coverage, limits,
    reading::LimitEvaluation,
    saturation, symptom,
};
use crate::{
    roadmap::{Comparison, Condition, Severity},
    signal::{Direction, Quantity, Role, SignalId},
};

/// Judges everything that can be found, worst first.
pub(super) fn assess(
    context: &Context<'_>,
    readings: &[LimitEvaluation<'_>],
    ranking: &Ranking,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = refusals(context);
    findings.extend(readings.iter().filter(|reading| reading.deciding.is_some()).map(threshold));
    findings.extend(unmeasured(context, readings));
    findings.extend(alerts(context));
    findings.extend(objectives(context));
    findings.extend(triggers(context));
    findings.extend(symptom::assess(context));
    let now = context.snapshot.taken_at;
    findings.extend(ranking.bottlenecks.iter().filter_map(|one| saturation::finding(one, now)));
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.verdict), finding.kind);
        key(a).cmp(&key(b)).then_with(|| (&a.id, &a.instance).cmp(&(&b.id, &b.instance)))
    });
    findings
}

/// The worst finding. Reasons to grow are not faults, so triggers do not count. Nothing found in nothing
/// measured is unknown.
pub(super) fn verdict(findings: &[Finding]) -> Verdict {
    let counted = findings.iter().filter(|finding| finding.kind.is_fault());
    counted.map(|finding| finding.verdict).max().unwrap_or(Verdict::Unknown)
}

fn refusals(context: &Context<'_>) -> Vec<Finding> {
    let finding = |exhausted: &crate::snapshot::Exhausted| Finding {
        id: format!("refusal:{}", exhausted.resource),
        kind: Kind::Refusal,
        severity: Verdict::Critical,
        verdict: Verdict::Critical,
        signal: SignalId::find(exhausted.resource.as_str()),
        instance: None,
        resource: Some(exhausted.resource),
        value: None,
        limit: None,
        aggregate: None,
        sustained: None,
        origin: None,
        samples: 1,
        because: format!("{} refused us because it is full: {}", exhausted.source, exhausted.message),
    };
    context.exhausted.iter().copied().map(finding).collect()
}

fn threshold(reading: &LimitEvaluation<'_>) -> Finding {
    let observation = reading.observation;
    Finding {
        id: format!("threshold:{}", observation.signal),
        kind: Kind::Threshold,
        severity: if reading.verdict == Verdict::Critical { Verdict::Critical } else { Verdict::Warning },
        verdict: reading.verdict,
        signal: Some(observation.signal),
        instance: observation.instance.clone(),
        resource: observation.signal.entry().resource,
        value: Some(reading.now),
        limit: reading.deciding.as_ref().map(|held| held.bound.at),
        aggregate: None,
        sustained: reading
            .deciding
            .as_ref()
            .and_then(|held| held.runs.as_ref())
            .map(|(required, runs)| Sustained::new(*required, runs)),
        origin: Some(observation.origin.clone()),
        samples: observation.values.len(),
        because: reading.because(),
    }
}

/// Signals that have limits and are called for, but were not measured: not fine, just not known.
fn unmeasured(context: &Context<'_>, readings: &[LimitEvaluation<'_>]) -> Vec<Finding> {
    let missing = coverage::wanted(context).into_iter().filter(|signal| {
        let judged = matches!(signal.entry().role, Role::Limit | Role::Symptom);
        let read = || readings.iter().any(|reading| reading.observation.signal == *signal);
        judged && !read() && !context.is_not_applicable(*signal)
    });
    let with_limits = missing.filter(|signal| limits::bounds(context, *signal) != limits::Bounds::default());
    let finding = |signal: SignalId| {
        let leaf = Leaf { signal: Some(signal), because: context.why_missing(signal), ..Leaf::default() };
        let judged = Judged { outcome: Outcome::Unknown, leaf };
        from_judged(
            format!("threshold:{signal}"),
            Kind::Threshold,
            Verdict::Warning,
            Verdict::Unknown,
            judged,
        )
    };
    with_limits.map(finding).collect()
}

fn alerts(context: &Context<'_>) -> Vec<Finding> {
    let alerts = context.input.roadmap.alerts.iter();
    let finding = |alert: &crate::roadmap::Alert| {
        let severity = match alert.severity {
            Severity::Warning => Verdict::Warning,
            Severity::Critical => Verdict::Critical,
        };
        let judged = judge(context, &alert.when, Quantifier::Any);
        let verdict = match judged.outcome {
            Outcome::True => severity,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::False => Verdict::Ok,
        };
        from_judged(format!("alert:{}", alert.id), Kind::Alert, severity, verdict, judged)
    };
    alerts.map(finding).collect()
}

fn objectives(context: &Context<'_>) -> Vec<Finding> {
    let objectives = context.input.roadmap.objectives.iter();
    let finding = |objective: &crate::roadmap::Objective| {
        let mut judged = judge(context, &objective.when_met, Quantifier::Every);
        judged.leaf.because = format!("{}: {}", objective.title, judged.leaf.because);
        let verdict = match judged.outcome {
            Outcome::True => Verdict::Ok,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::False if misses_on_the_good_side(&objective.when_met, &judged) => {
                judged.leaf.because = format!("{}, but on the side of spare capacity", judged.leaf.because);
                Verdict::Ok
            }
            Outcome::False => Verdict::Warning,
        };
        from_judged(format!("objective:{}", objective.id), Kind::Objective, Verdict::Warning, verdict, judged)
    };
    objectives.map(finding).collect()
}

/// A target band that is missed towards spare capacity is a saving, not a fault. The worst instance decided,
/// so none of the others misses it on the bad side.
fn misses_on_the_good_side(condition: &Condition, judged: &Judged) -> bool {
    let Condition::Signal(test) = condition else { return false };
    if !matches!(test.comparison, Comparison::Inside(..)) {
        return false;
    }
    let leaf = &judged.leaf;
    let (Some(signal), Some(value), Some(limit)) = (leaf.signal, leaf.value, leaf.limit) else {
        return false;
    };
    match signal.entry().direction {
        Direction::HigherIsWorse => value.value() < limit.value(),
        Direction::LowerIsWorse => value.value() > limit.value(),
    }
}

fn triggers(context: &Context<'_>) -> Vec<Finding> {
    let phases = context.input.roadmap.phases.iter();
    phases
        .filter_map(|phase| {
            let judged = judge(context, phase.enter.as_ref()?, Quantifier::Any);
            let verdict = match judged.outcome {
                Outcome::True => Verdict::Warning,
                Outcome::Unknown => Verdict::Unknown,
                Outcome::False => Verdict::Ok,
            };
            Some(from_judged(
                format!("trigger:phase-{}", phase.number),
                Kind::Trigger,
                Verdict::Warning,
                verdict,
                judged,
            ))
        })
        .collect()
}

pub(super) fn from_judged(
    id: String,
    kind: Kind,
    severity: Verdict,
    verdict: Verdict,
    judged: Judged,
) -> Finding {
    let leaf = judged.leaf;
    Finding {
        id,
        kind,
        severity,
        verdict,
        signal: leaf.signal,
        instance: leaf.instance,
        resource: leaf.signal.and_then(|signal| signal.entry().resource),
        value: leaf.value,
        limit: leaf
            .limit
            .filter(|limit: &Quantity| leaf.value.is_none_or(|value| value.unit() == limit.unit())),
        aggregate: leaf.aggregate,
        sustained: leaf.sustained,
        origin: leaf.origin,
        samples: leaf.samples,
        because: leaf.because,
    }
}
