//! The judgement as a comment on a pull request.
//!
//! The marker in the first line lets a script find the comment and put a new one in its place. What did not change
//! is folded away, so that a comment worth reading is not lost among those that are not.

use super::{accepted, headline, left_alone, of_verdict, sides};
use crate::{
    gate::{AcknowledgementState, GateReport, MetricVerdict, Outcome, Verdict, value_text},
    render::{document::escape, format::percent},
};

/// What a comment of ours begins with.
const MARKER: &str = "<!-- scale-advisor gate -->";

/// The comment, with a final newline.
pub fn render(report: &GateReport) -> String {
    let mut lines = vec![
        MARKER.to_owned(),
        format!("## {} {}", mark(report.outcome), headline(report.outcome)),
        String::new(),
        escape(&report.because),
        String::new(),
    ];
    lines.extend(changed(report));
    lines.extend(open(report));
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
    let (metrics, objectives) = of_verdict(report, Verdict::Fail);
    let metrics = metrics.into_iter().map(|one| (&one.id, &one.because));
    let objectives = objectives.into_iter().map(|one| (&one.id, &one.because));
    let mut lines = Vec::new();
    for (id, because) in metrics.chain(objectives) {
        let word = if accepted(report, id) { "Accepted" } else { "Fail" };
        lines.push(format!("- **{word}** {}", escape(because)));
    }
    if let Some(consequence) = &report.consequence {
        let word = if consequence.verdict == Verdict::Fail { "Fail" } else { "Users" };
        lines.push(format!("- **{word}** {}", escape(&consequence.because)));
    }
    closed(lines)
}

fn open(report: &GateReport) -> Vec<String> {
    let (metrics, objectives) = of_verdict(report, Verdict::Inconclusive);
    let because = metrics.iter().map(|one| &one.because).chain(objectives.iter().map(|one| &one.because));
    let undirected = report.not_judged.iter().filter(|one| one.open);
    let undirected = undirected.map(|one| format!("{}: {}", one.metric, one.because));
    closed(
        because
            .cloned()
            .chain(undirected)
            .map(|because| format!("- **Open** {}", escape(&because)))
            .collect(),
    )
}

fn notes(report: &GateReport) -> Vec<String> {
    let missing = report
        .missing
        .iter()
        .map(|one| format!("- **Missing** {}: {}", escape(&one.what), escape(&one.because)));
    let stale = report.acknowledged.iter().filter(|one| one.state != AcknowledgementState::Used).map(|one| {
        let text = format!("{}: {} ({}, {})", one.id, one.because, one.reason, one.owner);
        format!("- **Acknowledgement** {}", escape(&text))
    });
    closed(missing.chain(stale).collect())
}

/// Every metric and limit, folded away.
fn folded(report: &GateReport) -> Vec<String> {
    if report.metrics.is_empty() && report.objectives.is_empty() {
        return Vec::new();
    }
    let judged = report.metrics.len() + report.objectives.len();
    let mut lines =
        vec![format!("<details><summary>Everything that was judged ({judged})</summary>"), String::new()];
    if !report.metrics.is_empty() {
        lines.push("| | metric | baseline | candidate | change | allowed |".to_owned());
        lines.push("|---|---|--:|--:|--:|--:|".to_owned());
        lines.extend(report.metrics.iter().map(row));
        lines.push(String::new());
    }
    let (_, held) = of_verdict(report, Verdict::Pass);
    lines.extend(held.iter().map(|one| format!("- held: {}", escape(&one.because))));
    lines.extend(left_alone(report).iter().map(|line| format!("- not judged: {}", escape(line))));
    lines.extend([String::new(), "</details>".to_owned(), String::new()]);
    lines
}

fn row(one: &MetricVerdict) -> String {
    let value = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| escape(&value_text(value, &one.unit)))
    };
    let change = one.shift_ratio.map_or_else(|| "–".to_owned(), percent);
    let word = match one.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "open",
    };
    format!(
        "| {word} | {} | {} | {} | {change} | {} |",
        escape(&one.metric),
        value(one.baseline.median),
        value(one.candidate.median),
        value(Some(one.allowed))
    )
}

fn closed(mut lines: Vec<String>) -> Vec<String> {
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::gate::{Baseline, Better, Comparison, GateConfig, OwnThreshold, Run, Value, judge};

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
        let report = judge(&comparison, &GateConfig { directions, ..GateConfig::default() }).unwrap();
        let text = render(&report);
        for live in ["<img", "[x](javascript", "@team", "\n## Pass", "\u{1b}"] {
            assert!(!text.contains(live), "{live} in {text}");
        }
        assert_eq!(text.matches("</details>").count(), 1, "{text}");
        let row = text.lines().find(|line| line.starts_with("| fail")).unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
    }
}
