//! The comparison of two builds as text.

mod markdown;
mod text;

use std::collections::BTreeMap;

use super::reason::{gate as reason, load_test::load_test_note};
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

/// Notes on the runs of both sides, those of several runs once.
fn run_notes(report: &GateReport) -> Vec<String> {
    let mut runs_by_note: Vec<(String, Vec<&str>)> = Vec::new();
    for note in report.baseline.notes.iter().chain(&report.candidate.notes) {
        let text = load_test_note(&note.note);
        match runs_by_note.iter_mut().find(|(known, _)| *known == text) {
            Some((_, runs)) => runs.push(&note.run),
            None => runs_by_note.push((text, vec![&note.run])),
        }
    }
    let line = |(text, runs): (String, Vec<&str>)| match runs.as_slice() {
        [first, second, third, more @ ..] if !more.is_empty() => {
            format!("{text} ({first}, {second}, {third} and {} more)", more.len())
        }
        runs => format!("{text} ({})", runs.join(", ")),
    };
    runs_by_note.into_iter().map(line).collect()
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
