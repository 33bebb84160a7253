//! The comparison as a comment on a pull request.
//!
//! The marker in the first line lets a script find the comment and put a new one in its place. What did not change
//! is folded away, so that a comment worth reading is not lost among those that are not.

use super::{by_verdict, headline, is_accepted, run_notes, sides, skipped};
use crate::{
    gate::{AcknowledgementState, GateReport, MetricVerdict, Outcome, Verdict},
    render::{document::escape, format::percent, reason::gate as reason},
};

/// What a comment of ours begins with.
const MARKER: &str = "<!-- scale-advisor gate -->";

/// The comment, with a final newline.
pub fn render(report: &GateReport) -> String {
    let mut lines = vec![
        MARKER.to_owned(),
        format!("## {} {}", mark(report.outcome), headline(report.outcome)),
        String::new(),
        escape(&reason::outcome(report)),
        String::new(),
    ];
    lines.extend(changed(report));
    lines.extend(inconclusive(report));
    lines.extend(notes(report));
    lines.extend(folded(report));
    lines.push(format!("_{} · scale-advisor {}_", escape(&sides(report)), report.tool_version));
    lines.join("\n") + "\n"
}

/// A word beside the sign, because a sign alone says nothing to many readers.
fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✅ Pass:",
        Outcome::Fail => "🔴 Fail:",
        Outcome::Inconclusive => "❔ Inconclusive:",
        Outcome::NoBaseline => "❔ No baseline:",
    }
}

/// What failed, and what it means in users.
fn changed(report: &GateReport) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, reason) in by_verdict(report, Verdict::Fail) {
        let word = if is_accepted(report, id) { "Accepted" } else { "Fail" };
        lines.push(format!("- **{word}** {}", escape(&reason)));
    }
    if let Some(consequence) = &report.consequence {
        let word = if consequence.verdict == Verdict::Fail { "Fail" } else { "Users" };
        lines.push(format!("- **{word}** {}", escape(&reason::consequence(consequence))));
    }
    with_blank_line(lines)
}

fn inconclusive(report: &GateReport) -> Vec<String> {
    let reasons = by_verdict(report, Verdict::Inconclusive).into_iter().map(|(_, reason)| reason);
    let undirected = report.not_evaluated.iter().filter(|metric| metric.inconclusive);
    let undirected = undirected.map(|metric| format!("{}: {}", metric.metric, reason::not_evaluated(metric)));
    let lines = reasons.chain(undirected).map(|reason| format!("- **Inconclusive** {}", escape(&reason)));
    with_blank_line(lines.collect())
}

fn notes(report: &GateReport) -> Vec<String> {
    let missing = report.missing.iter().map(|missing| {
        format!("- **Missing** {}: {}", escape(&missing.what), escape(&reason::missing(missing)))
    });
    let stale = report.acknowledged.iter().filter(|entry| entry.state != AcknowledgementState::Used);
    let stale = stale.map(|entry| {
        let text =
            format!("{}: {} ({}, {})", entry.id, reason::acknowledgement(entry), entry.reason, entry.owner);
        format!("- **Acknowledgement** {}", escape(&text))
    });
    let notes = run_notes(report).into_iter().map(|line| format!("- **Note** {}", escape(&line)));
    with_blank_line(missing.chain(stale).chain(notes).collect())
}

/// Every metric and limit, folded away.
fn folded(report: &GateReport) -> Vec<String> {
    if report.metrics.is_empty() && report.objectives.is_empty() {
        return Vec::new();
    }
    let evaluated = report.metrics.len() + report.objectives.len();
    let mut lines = vec![
        format!("<details><summary>Everything that was evaluated ({evaluated})</summary>"),
        String::new(),
    ];
    if !report.metrics.is_empty() {
        lines.push("| | metric | baseline | candidate | change | allowed |".to_owned());
        lines.push("|---|---|--:|--:|--:|--:|".to_owned());
        lines.extend(report.metrics.iter().map(row));
        lines.push(String::new());
    }
    let kept = report.objectives.iter().filter(|objective| objective.verdict == Verdict::Pass);
    lines.extend(kept.map(|objective| format!("- kept: {}", escape(&reason::limit(objective)))));
    lines.extend(skipped(report).iter().map(|line| format!("- not evaluated: {}", escape(line))));
    lines.extend([String::new(), "</details>".to_owned(), String::new()]);
    lines
}

fn row(metric: &MetricVerdict) -> String {
    let value = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| escape(&reason::value_text(value, &metric.unit)))
    };
    let change = metric.shift_ratio.map_or_else(|| "–".to_owned(), percent);
    let word = match metric.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
    };
    format!(
        "| {word} | {} | {} | {} | {change} | {} |",
        escape(&metric.metric),
        value(metric.baseline.median),
        value(metric.candidate.median),
        value(Some(metric.allowed))
    )
}

fn with_blank_line(mut lines: Vec<String>) -> Vec<String> {
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::gate::{Baseline, Better, Comparison, GateConfig, OwnThreshold, Run, Value, evaluate};

    #[test]
    fn hostile_names_stay_names() {
        let hostile = "[x](javascript:1)</details><img src=x>@team|`a`\n## Pass";
        let side = |level: f64| -> Vec<Run> {
            let run = |index: u8| Run {
                name: hostile.to_owned(),
                values: BTreeMap::from([(
                    hostile.to_owned(),
                    Value { value: level + f64::from(index), unit: hostile.to_owned() },
                )]),
                thresholds: vec![OwnThreshold { name: hostile.to_owned(), passed: false }],
                ..Run::default()
            };
            (0..5).map(run).collect()
        };
        let comparison = Comparison {
            now: chrono::DateTime::UNIX_EPOCH,
            baseline: Baseline::Paired(side(200.0)),
            stored: None,
            candidate: side(240.0),
            objectives: Vec::new(),
            required: Vec::new(),
            required_signals: Vec::new(),
            current: None,
            profile: None,
        };
        let directions = BTreeMap::from([(hostile.to_owned(), Better::Lower)]);
        let report = evaluate(&comparison, &GateConfig { directions, ..GateConfig::default() }).unwrap();
        let text = render(&report);
        for live in ["<img", "[x](javascript", "@team", "\n## Pass", "\u{1b}"] {
            assert!(!text.contains(live), "{live} in {text}");
        }
        assert_eq!(text.matches("</details>").count(), 1, "{text}");
        let row = text.lines().find(|line| line.starts_with("| fail")).unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
    }
}
