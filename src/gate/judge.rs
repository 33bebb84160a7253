//! The judgement as a whole.

use std::collections::BTreeSet;

use super::{
    Acknowledged, AcknowledgementState, Baseline, BaselineKind, BaselineSide, Comparison, ERRORS, FailOn,
    GATE_SCHEMA, GateConfig, GateError, GateReport, MetricVerdict, Missing, Outcome, Profile, REQUESTS, Run,
    Side, THROUGHPUT, Verdict, absolute, acknowledgement,
    compare::{self, Measured},
    consequence,
    metric::{Tested, decide, test},
    unit,
};
use crate::capacity::rank_test::holm;

/// Judges the candidate against the baseline.
///
/// # Errors
/// When the inputs do not fit together or a rule names what nothing has; nothing has been judged then.
pub fn judge(comparison: &Comparison, policy: &GateConfig) -> Result<GateReport, GateError> {
    if comparison.candidate.is_empty() {
        return Err(GateError::NoCandidate);
    }
    all_measured_something(comparison)?;
    same_load(comparison)?;
    same_profile(comparison)?;
    something_in_common(comparison)?;
    let selection = compare::select(comparison, policy)?;
    let missing_baseline = matches!(comparison.baseline, Baseline::Missing(_));
    let mut metrics = if missing_baseline { Vec::new() } else { metrics(selection.measured) };
    let mut objectives = absolute::judge(comparison, policy);
    let (consequence, consequence_because) = consequence::judge(comparison, policy, &metrics);
    metrics.sort_by_key(|metric| rank(metric.verdict));
    objectives.sort_by_key(|objective| rank(objective.verdict));
    let mut report = GateReport {
        schema: GATE_SCHEMA.to_owned(),
        generated_at: comparison.now,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        outcome: Outcome::Inconclusive,
        because: String::new(),
        baseline: baseline_side(comparison),
        candidate: Side { runs: comparison.candidate.len(), tools: tools(&comparison.candidate) },
        profile: comparison.profile.clone(),
        metrics,
        objectives,
        consequence,
        consequence_because,
        acknowledged: Vec::new(),
        missing: selection.missing,
        not_judged: selection.not_judged,
    };
    if let Baseline::Missing(why) = &comparison.baseline {
        report.missing.insert(0, Missing { what: "baseline".to_owned(), because: why.clone() });
    }
    report.missing.extend(headroom(&report, policy));
    report.missing.extend(signals(comparison));
    let failed: BTreeSet<String> = failures(&report).into_iter().collect();
    report.acknowledged = acknowledgement::judge(&policy.acknowledge, &failed, comparison.now.date_naive());
    (report.outcome, report.because) = conclude(&report, policy, missing_baseline);
    Ok(report)
}

/// Tests each metric, then judges all of them together.
fn metrics(measured: Vec<Measured>) -> Vec<MetricVerdict> {
    let tested: Vec<Tested> = measured.into_iter().map(test).collect();
    let probabilities: Vec<f64> = tested.iter().filter_map(|tested| tested.p).collect();
    let mut adjusted = holm(&probabilities).into_iter();
    let tests = probabilities.len();
    let verdict = |tested: Tested| {
        let p_holm = tested.p.and_then(|_| adjusted.next());
        decide(tested, p_holm, tests)
    };
    tested.into_iter().map(verdict).collect()
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Inconclusive => 1,
        Verdict::Pass => 2,
    }
}

/// The names of everything that failed.
fn failures(report: &GateReport) -> Vec<String> {
    let metrics = report.metrics.iter().map(|one| (one.verdict, &one.id));
    let objectives = report.objectives.iter().map(|one| (one.verdict, &one.id));
    let consequence = report.consequence.iter().map(|one| (one.verdict, &one.id));
    let all = metrics.chain(objectives).chain(consequence);
    all.filter(|(verdict, _)| *verdict == Verdict::Fail).map(|(_, id)| id.clone()).collect()
}

fn conclude(report: &GateReport, policy: &GateConfig, missing_baseline: bool) -> (Outcome, String) {
    let accepted = |id: &str| acknowledgement::accepts(&report.acknowledged, id);
    let failed: Vec<String> = failures(report).into_iter().filter(|id| !accepted(id)).collect();
    let stale: Vec<&Acknowledged> =
        report.acknowledged.iter().filter(|one| one.state != AcknowledgementState::Used).collect();
    if !failed.is_empty() {
        return (Outcome::Fail, format!("{} failed: {}", counted(failed.len()), failed.join(", ")));
    }
    if policy.fail_on == FailOn::Warning && !stale.is_empty() {
        let ids: Vec<&str> = stale.iter().map(|one| one.id.as_str()).collect();
        return (
            Outcome::Fail,
            format!("acknowledgements that have expired or do nothing: {}", ids.join(", ")),
        );
    }
    if missing_baseline {
        return (Outcome::NoBaseline, format!("there is nothing to compare with{}", limits(report)));
    }
    let open: Vec<String> = open(report).into_iter().filter(|id| !accepted(id)).collect();
    if let Some(missing) = report.missing.first() {
        return (Outcome::Inconclusive, format!("{}: {}", missing.what, missing.because));
    }
    if !open.is_empty() {
        return (Outcome::Inconclusive, format!("{} not settled: {}", counted(open.len()), open.join(", ")));
    }
    let settled = report.metrics.len() + report.objectives.len();
    let compared = report.consequence.iter().any(|one| one.method == super::Method::Assessments);
    if report.metrics.is_empty() && !compared {
        return (Outcome::Inconclusive, "nothing was compared with the baseline".to_owned());
    }
    let accepted = report.acknowledged.iter().filter(|one| one.state == AcknowledgementState::Used).count();
    let except =
        if accepted > 0 { format!(", {accepted} of them accepted for a while") } else { String::new() };
    (Outcome::Pass, format!("{} judged, none beyond what is allowed{except}", counted(settled)))
}

/// How the absolute limits stand where nothing failed.
fn limits(report: &GateReport) -> String {
    let open = report.objectives.iter().filter(|one| one.verdict != Verdict::Pass).count();
    match (report.objectives.len(), open) {
        (0, _) => String::new(),
        (_, 0) => "; the absolute limits hold".to_owned(),
        (all, open) => format!("; of {all} absolute limits {open} could not be held against the runs"),
    }
}

/// A rule about headroom that cannot be held against anything.
fn headroom(report: &GateReport, policy: &GateConfig) -> Option<Missing> {
    policy.min_headroom?;
    let known = report.consequence.as_ref().is_some_and(|one| one.headroom.is_some());
    let because = match &report.consequence {
        Some(_) => "the present load is not known".to_owned(),
        None => report.consequence_because.clone(),
    };
    (!known).then(|| Missing { what: "headroom".to_owned(), because })
}

/// Required signals that an assessment of the candidate does not know.
fn signals(comparison: &Comparison) -> Vec<Missing> {
    let mut missing = Vec::new();
    for (run, standing) in comparison.candidate.iter().filter_map(|run| Some((run, run.standing.as_ref()?))) {
        let known = |signal: &String| {
            let about = standing.findings.iter().filter(|finding| finding.signal.as_ref() == Some(signal));
            about.into_iter().any(|finding| finding.verdict != crate::assess::Verdict::Unknown)
        };
        let unknown = comparison.required_signals.iter().filter(|signal| !known(signal));
        missing.extend(unknown.map(|signal| Missing {
            what: signal.clone(),
            because: format!("it is required, and {} does not know it", run.name),
        }));
    }
    missing
}

/// What could not be settled.
fn open(report: &GateReport) -> Vec<String> {
    let metrics = report.metrics.iter().map(|one| (one.verdict, &one.id));
    let objectives = report.objectives.iter().map(|one| (one.verdict, &one.id));
    let consequence = report.consequence.iter().map(|one| (one.verdict, &one.id));
    let all = metrics.chain(objectives).chain(consequence);
    let all = all.filter(|(verdict, _)| *verdict == Verdict::Inconclusive).map(|(_, id)| id);
    let not_judged = report.not_judged.iter().filter(|one| one.open).map(|one| &one.id);
    all.chain(not_judged).cloned().collect()
}

fn counted(things: usize) -> String {
    if things == 1 { "1 finding".to_owned() } else { format!("{things} findings") }
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
        provenance: comparison.stored.as_ref().map(|stored| stored.provenance.clone()),
    }
}

fn tools(runs: &[Run]) -> Vec<String> {
    let tools: BTreeSet<&str> =
        runs.iter().map(|run| run.tool.as_str()).filter(|tool| !tool.is_empty()).collect();
    tools.into_iter().map(str::to_owned).collect()
}

/// A run without requests, or with failures alone, says nothing of what the system can carry.
fn all_measured_something(comparison: &Comparison) -> Result<(), GateError> {
    for run in comparison.baseline.runs().iter().chain(&comparison.candidate) {
        let value = |metric: &str| run.values.get(metric);
        let nothing = |metric: &str| value(metric).is_some_and(|value| value.value <= 0.0);
        if nothing(REQUESTS) || nothing(THROUGHPUT) {
            return Err(GateError::NoRequests { run: run.name.clone() });
        }
        let errors = value(ERRORS).map(|value| {
            unit::quantity(value.value, &value.unit).map_or(value.value, crate::signal::Quantity::value)
        });
        if errors.is_some_and(|errors| errors >= 1.0) {
            return Err(GateError::AllFailed { run: run.name.clone() });
        }
    }
    Ok(())
}

/// What two loads do to a system says nothing of the difference between two builds.
fn same_load(comparison: &Comparison) -> Result<(), GateError> {
    let runs = comparison.baseline.runs().iter().chain(&comparison.candidate);
    let mut loads = runs.filter_map(|run| Some((run, run.concurrency?)));
    let Some((first, load)) = loads.next() else { return Ok(()) };
    match loads.find(|(_, other)| (other - load).abs() > 0.01 * load.abs()) {
        Some((second, other)) => Err(GateError::OtherLoad {
            first: unit::text(load, ""),
            first_run: first.name.clone(),
            second: unit::text(other, ""),
            second_run: second.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Limits and forecasts of one roadmap cannot be compared with those of another.
fn same_profile(comparison: &Comparison) -> Result<(), GateError> {
    let standings = |runs: &'_ [Run]| -> Vec<Profile> {
        runs.iter().filter_map(|run| run.standing.as_ref()).map(|standing| standing.profile.clone()).collect()
    };
    let stored = comparison.stored.as_ref().and_then(|stored| stored.provenance.profile.clone());
    let before: Vec<Profile> = stored.into_iter().chain(standings(comparison.baseline.runs())).collect();
    let chosen = comparison.profile.clone();
    let after: Vec<Profile> = chosen.into_iter().chain(standings(&comparison.candidate)).collect();
    let other = before
        .iter()
        .chain(&after)
        .zip(before.iter().chain(&after).skip(1))
        .find(|(one, other)| one != other);
    let told = |profile: &Profile| {
        format!("{} ({})", profile.id, profile.digest.chars().take(12).collect::<String>())
    };
    match (before.first(), after.first(), other) {
        (Some(_), Some(_), Some((one, other))) => {
            Err(GateError::OtherProfile { baseline: told(one), candidate: told(other) })
        }
        _ => Ok(()),
    }
}

/// Two sides that share nothing were not meant to be compared.
fn something_in_common(comparison: &Comparison) -> Result<(), GateError> {
    let names = |runs: &[Run]| -> BTreeSet<String> {
        let metrics = runs.iter().flat_map(|run| run.values.keys().cloned());
        let assessed = runs.iter().filter(|run| run.standing.is_some()).map(|_| "assessments".to_owned());
        metrics.chain(assessed).collect()
    };
    let (before, after) = (names(comparison.baseline.runs()), names(&comparison.candidate));
    if before.is_empty() || !before.is_disjoint(&after) {
        return Ok(());
    }
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    Err(GateError::NothingInCommon { baseline: list(&before), candidate: list(&after) })
}
