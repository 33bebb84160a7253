//! The comparison of two builds as text.

mod markdown;
mod text;

use std::collections::BTreeMap;

use super::reason::gate as reason;
use crate::gate::{Acknowledged, AcknowledgementState, GateReport, Outcome, Verdict};

pub use markdown::render as gate_markdown;
pub use text::render as gate_page;

/// What is rendered and how it should look.
#[derive(Debug, Clone, Copy)]
pub struct GateView<'a> {
    /// The comparison.
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
        Outcome::NoBaseline => "no baseline to compare with",
    }
}

/// The ids and reasons of metrics and limits with a verdict, in the order of the report.
fn by_verdict(report: &GateReport, wanted: Verdict) -> Vec<(&str, String)> {
    let metrics = report.metrics.iter().filter(|metric| metric.verdict == wanted);
    let metrics = metrics.map(|metric| (metric.id.as_str(), reason::metric(report, metric)));
    let objectives = report.objectives.iter().filter(|objective| objective.verdict == wanted);
    let objectives = objectives.map(|objective| (objective.id.as_str(), reason::limit(objective)));
    metrics.chain(objectives).collect()
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

/// Metrics that were not evaluated, a line for each reason.
fn skipped(report: &GateReport) -> Vec<String> {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for metric in report.not_evaluated.iter().filter(|metric| !metric.inconclusive) {
        reasons.entry(reason::not_evaluated(metric)).or_default().push(&metric.metric);
    }
    reasons.into_iter().map(|(reason, metrics)| format!("{}: {reason}", metrics.join(", "))).collect()
}

fn is_accepted(report: &GateReport, id: &str) -> bool {
    let used = |entry: &Acknowledged| entry.id == id && entry.state == AcknowledgementState::Used;
    report.acknowledged.iter().any(used)
}
