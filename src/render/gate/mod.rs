//! The judgement between two builds, for people.

mod markdown;
mod text;

use std::collections::BTreeMap;

use crate::gate::{GateReport, MetricVerdict, ObjectiveVerdict, Outcome, Verdict};

pub use markdown::render as gate_markdown;
pub use text::render as gate_page;

/// What is rendered and how it should look.
#[derive(Debug, Clone, Copy)]
pub struct GateView<'a> {
    /// The judgement.
    pub report: &'a GateReport,
    /// Columns of the page.
    pub width: usize,
    /// Whether to use colour, which never carries meaning alone.
    pub styled: bool,
}

pub(super) fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "no loss of capacity",
        Outcome::Fail => "the candidate is worse than allowed",
        Outcome::Inconclusive => "neither a loss nor its absence could be shown",
        Outcome::NoBaseline => "there is nothing to compare with",
    }
}

/// Metrics and limits by what became of them, in the order of the report.
fn of_verdict(report: &GateReport, wanted: Verdict) -> (Vec<&MetricVerdict>, Vec<&ObjectiveVerdict>) {
    let metrics = report.metrics.iter().filter(|one| one.verdict == wanted).collect();
    let objectives = report.objectives.iter().filter(|one| one.verdict == wanted).collect();
    (metrics, objectives)
}

/// "5 runs of the candidate against 5 of the baseline (commit 72f5178, 20 Nov 2026)".
pub(super) fn sides(report: &GateReport) -> String {
    let runs = |count: usize| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
    let candidate = runs(report.candidate.runs);
    if report.baseline.runs == 0 {
        return format!("{candidate} of the candidate, no baseline");
    }
    let from = report.baseline.provenance.as_ref().map(|provenance| {
        let commit = provenance.commit.as_deref().unwrap_or("unknown");
        format!(
            " (commit {}, {})",
            commit.chars().take(12).collect::<String>(),
            provenance.saved_at.format("%-d %b %Y")
        )
    });
    format!(
        "{candidate} of the candidate against {} of the baseline{}",
        report.baseline.runs,
        from.unwrap_or_default()
    )
}

/// What was not judged, a line for each reason.
fn left_alone(report: &GateReport) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in report.not_judged.iter().filter(|one| !one.open) {
        reasons.entry(&one.because).or_default().push(&one.metric);
    }
    reasons.into_iter().map(|(because, metrics)| format!("{}: {because}", metrics.join(", "))).collect()
}

fn accepted(report: &GateReport, id: &str) -> bool {
    use crate::gate::AcknowledgementState::Used;
    report.acknowledged.iter().any(|one| one.id == id && one.state == Used)
}
