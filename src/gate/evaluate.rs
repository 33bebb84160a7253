//! The comparison as a whole.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    Acknowledged, Acknowledgement, AcknowledgementState, Baseline, BaselineKind, BaselineSide, Comparison,
    FailOn, GATE_SCHEMA, GateConfig, GateError, GateReport, Method, Missing, MissingReason, Outcome,
    OutcomeReason, Run, RunNote, Side, Verdict, consequence, limits, metric_test, preconditions, selection,
};
use crate::assess::Verdict as Health;

/// Compares the candidate with the baseline.
///
/// # Errors
/// When the inputs do not fit together or a rule names what nothing has; nothing has been evaluated then.
pub fn evaluate(comparison: &Comparison, config: &GateConfig) -> Result<GateReport, GateError> {
    preconditions::check(comparison)?;
    let selection = selection::select(comparison, config)?;
    let mut metrics = match comparison.baseline {
        Baseline::Missing(_) => Vec::new(),
        _ => metric_test::test_metrics(selection.measured),
    };
    let mut objectives = limits::check_limits(comparison, config);
    let (consequence, consequence_unknown) = match consequence::derive(comparison, config, &metrics) {
        Ok(consequence) => (Some(consequence), None),
        Err(unknown) => (None, Some(unknown)),
    };
    metrics.sort_by_key(|metric| severity_order(metric.verdict));
    objectives.sort_by_key(|objective| severity_order(objective.verdict));
    let mut report = GateReport {
        schema: GATE_SCHEMA.to_owned(),
        generated_at: comparison.now,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        outcome: Outcome::Inconclusive,
        reason: OutcomeReason::NothingCompared,
        baseline: baseline_side(comparison),
        candidate: candidate_side(&comparison.candidate),
        profile: comparison.profile.clone(),
        metrics,
        objectives,
        consequence,
        consequence_unknown,
        acknowledged: Vec::new(),
        missing: selection.missing,
        not_evaluated: selection.not_evaluated,
    };
    if let Baseline::Missing(cause) = &comparison.baseline {
        let reason = MissingReason::Baseline { cause: cause.clone() };
        report.missing.insert(0, Missing { what: "baseline".to_owned(), reason });
    }
    report.missing.extend(missing_headroom(&report, config));
    report.missing.extend(missing_signals(comparison));
    let failed: BTreeSet<String> = ids_with(&report, Verdict::Fail).into_iter().collect();
    report.acknowledged = acknowledge(&config.acknowledge, &failed, comparison.now.date_naive());
    (report.outcome, report.reason) = conclude(&report, config);
    Ok(report)
}

fn severity_order(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Inconclusive => 1,
        Verdict::Pass => 2,
    }
}

/// The ids of everything with a verdict.
fn ids_with(report: &GateReport, wanted: Verdict) -> Vec<String> {
    let metrics = report.metrics.iter().map(|metric| (metric.verdict, &metric.id));
    let objectives = report.objectives.iter().map(|objective| (objective.verdict, &objective.id));
    let consequence = report.consequence.iter().map(|consequence| (consequence.verdict, &consequence.id));
    let all = metrics.chain(objectives).chain(consequence);
    all.filter(|(verdict, _)| *verdict == wanted).map(|(_, id)| id.clone()).collect()
}

/// What becomes of every acknowledgement, given the ids that failed.
fn acknowledge(all: &[Acknowledgement], failed: &BTreeSet<String>, today: NaiveDate) -> Vec<Acknowledged> {
    let state = |acknowledgement: &Acknowledgement| {
        let failed = failed.contains(&acknowledgement.id);
        Acknowledged {
            id: acknowledgement.id.clone(),
            reason: acknowledgement.reason.clone(),
            until: acknowledgement.until,
            owner: acknowledgement.owner.clone(),
            state: match (acknowledgement.until < today, failed) {
                (true, _) => AcknowledgementState::Expired,
                (false, true) => AcknowledgementState::Used,
                (false, false) => AcknowledgementState::Unused,
            },
            failed,
        }
    };
    all.iter().map(state).collect()
}

/// Whether a failure is accepted.
fn is_accepted(acknowledged: &[Acknowledged], id: &str) -> bool {
    let accepts = |acknowledgement: &Acknowledged| {
        acknowledgement.id == id && acknowledgement.state == AcknowledgementState::Used
    };
    acknowledged.iter().any(accepts)
}

fn conclude(report: &GateReport, config: &GateConfig) -> (Outcome, OutcomeReason) {
    let accepted = |id: &String| is_accepted(&report.acknowledged, id);
    let (used, stale): (Vec<&Acknowledged>, Vec<&Acknowledged>) =
        report.acknowledged.iter().partition(|entry| entry.state == AcknowledgementState::Used);
    let failed: Vec<String> =
        ids_with(report, Verdict::Fail).into_iter().filter(|id| !accepted(id)).collect();
    if !failed.is_empty() {
        return (Outcome::Fail, OutcomeReason::Failed { ids: failed });
    }
    if config.fail_on == FailOn::Warning && !stale.is_empty() {
        let ids = stale.iter().map(|entry| entry.id.clone()).collect();
        return (Outcome::Fail, OutcomeReason::StaleAcknowledgements { ids });
    }
    if report.baseline.kind == BaselineKind::None {
        let inconclusive =
            report.objectives.iter().filter(|objective| objective.verdict != Verdict::Pass).count();
        let limits = report.objectives.len();
        return (Outcome::NoBaseline, OutcomeReason::NoBaseline { limits, inconclusive });
    }
    if let Some(Missing { what, reason }) = report.missing.first() {
        let reason = OutcomeReason::Missing { what: what.clone(), cause: reason.clone() };
        return (Outcome::Inconclusive, reason);
    }
    let undirected = report.not_evaluated.iter().filter(|metric| metric.inconclusive);
    let inconclusive = ids_with(report, Verdict::Inconclusive).into_iter();
    let ids: Vec<String> =
        inconclusive.chain(undirected.map(|metric| metric.id.clone())).filter(|id| !accepted(id)).collect();
    if !ids.is_empty() {
        return (Outcome::Inconclusive, OutcomeReason::Inconclusive { ids });
    }
    let compared = report.consequence.iter().any(|consequence| consequence.method == Method::Assessments);
    if report.metrics.is_empty() && !compared {
        return (Outcome::Inconclusive, OutcomeReason::NothingCompared);
    }
    let evaluated = report.metrics.len() + report.objectives.len();
    (Outcome::Pass, OutcomeReason::Passed { evaluated, accepted: used.len() })
}

/// A minimum of headroom that nothing can be compared with.
fn missing_headroom(report: &GateReport, config: &GateConfig) -> Option<Missing> {
    config.min_headroom?;
    let reason = match (&report.consequence, &report.consequence_unknown) {
        (Some(consequence), _) if consequence.headroom.is_some() => return None,
        (None, Some(cause)) => MissingReason::ConsequenceUnknown { cause: cause.clone() },
        _ => MissingReason::LoadUnknown,
    };
    Some(Missing { what: "headroom".to_owned(), reason })
}

/// Required signals that an assessment of the candidate does not know.
fn missing_signals(comparison: &Comparison) -> Vec<Missing> {
    let mut missing = Vec::new();
    let assessed = comparison.candidate.iter().filter_map(|run| Some((run, run.assessment.as_ref()?)));
    for (run, assessment) in assessed {
        let known = |signal: &String| {
            let about = assessment.findings.iter().filter(|finding| finding.signal.as_ref() == Some(signal));
            about.into_iter().any(|finding| finding.verdict != Health::Unknown)
        };
        let unknown = comparison.required_signals.iter().filter(|signal| !known(signal));
        missing.extend(unknown.map(|signal| Missing {
            what: signal.clone(),
            reason: MissingReason::SignalUnknown { run: run.name.clone() },
        }));
    }
    missing
}

fn baseline_side(comparison: &Comparison) -> BaselineSide {
    BaselineSide {
        kind: match comparison.baseline {
            Baseline::Paired(_) => BaselineKind::Paired,
            Baseline::History(_) => BaselineKind::History,
            Baseline::Missing(_) => BaselineKind::None,
        },
        runs: comparison.baseline.runs().len(),
        tools: tools(comparison.baseline.runs()),
        notes: notes(comparison.baseline.runs()),
        provenance: comparison.stored.as_ref().map(|stored| stored.provenance.clone()),
    }
}

fn candidate_side(runs: &[Run]) -> Side {
    Side { runs: runs.len(), tools: tools(runs), notes: notes(runs) }
}

fn notes(runs: &[Run]) -> Vec<RunNote> {
    let notes = |run: &Run| {
        let name = run.name.clone();
        run.notes.iter().cloned().map(move |note| RunNote { run: name.clone(), note }).collect::<Vec<_>>()
    };
    runs.iter().flat_map(notes).collect()
}

fn tools(runs: &[Run]) -> Vec<String> {
    let tools: BTreeSet<&str> =
        runs.iter().map(|run| run.tool.as_str()).filter(|tool| !tool.is_empty()).collect();
    tools.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_is_used_expired_or_unused() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let entry = |id: &str, until| Acknowledgement {
            id: id.to_owned(),
            reason: "known".to_owned(),
            until,
            owner: "team".to_owned(),
        };
        let all = [entry("metric:a", day(20)), entry("metric:b", day(19)), entry("metric:c", day(30))];
        let failed = BTreeSet::from(["metric:a".to_owned(), "metric:b".to_owned()]);
        let result = acknowledge(&all, &failed, day(20));
        let states: Vec<AcknowledgementState> = result.iter().map(|entry| entry.state).collect();
        assert_eq!(
            states,
            [AcknowledgementState::Used, AcknowledgementState::Expired, AcknowledgementState::Unused]
        );
        assert!(is_accepted(&result, "metric:a"));
        assert!(!is_accepted(&result, "metric:b") && !is_accepted(&result, "metric:c"));
    }
}
