//! `gate`: two builds compared.

use std::collections::BTreeMap;

use crate::{
    gate::{
        Acknowledged, AcknowledgementState, BaselineKind, Better, Consequence, GateReport, MetricReason,
        MetricVerdict, Outcome, OutcomeReason, Sample, THROUGHPUT, Verdict,
    },
    render::{
        document::{Block, Cell, Column, Document, Fact, Item, List, Section, Statement, Table, Text, Tone},
        reason::{gate as reason, load_test::load_test_note},
        summary::capitalised,
    },
};

/// What a comment on a pull request begins with, so that a script finds it and puts a new one in its place.
const MARKER: &str = "<!-- scale-advisor gate -->";

/// The comparison as a page: what failed and what that means in users, then every metric.
pub fn gate_document(report: &GateReport) -> Document {
    let tone = outcome_tone(report.outcome);
    let mut summary = vec![Block::Lead { tone, sentences: vec![lead(report)] }];
    summary.extend(Block::facts(users(report).into_iter().collect()));
    summary.extend(Block::statements(findings(report)));
    let mut sections = vec![Section::untitled("summary", summary)];
    sections.extend(creeps(report));
    sections.extend(evaluated(report));
    sections.extend(notes(report));
    Document {
        title: capitalised(headline(report.outcome)).into(),
        tone,
        word: Some(outcome_word(report.outcome).to_owned()),
        subtitle: sides(report),
        sections,
        footer: format!("scale-advisor {}", report.tool_version),
        ..Document::default()
    }
}

/// The page as a comment on a pull request; what did not change is folded away.
pub fn gate_comment(report: &GateReport) -> String {
    format!("{MARKER}\n{}", gate_document(report).to_markdown())
}

/// The outcome in a few words.
pub(in crate::render) fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "no loss of capacity",
        Outcome::Fail => "the candidate is worse than allowed",
        Outcome::Inconclusive => "neither a loss nor its absence could be shown",
        Outcome::NoBaseline => "the candidate cannot be compared",
    }
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "Pass",
        Outcome::Fail => "Fail",
        Outcome::Inconclusive => "Inconclusive",
        Outcome::NoBaseline => "No baseline",
    }
}

fn outcome_tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Pass => Tone::Ok,
        Outcome::Fail => Tone::Critical,
        Outcome::Inconclusive | Outcome::NoBaseline => Tone::Unknown,
    }
}

/// Why it came out so; what begins with a name keeps it as it is.
fn lead(report: &GateReport) -> Text {
    let text = reason::outcome(report);
    match report.reason {
        OutcomeReason::Missing { .. } => Text::with_code(&text),
        _ => capitalised(&text).into(),
    }
}

/// "5 runs of the candidate against 5 of the baseline (commit 72f5178, 20 Nov 2026)".
pub(in crate::render) fn sides(report: &GateReport) -> String {
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
    let baseline = match report.baseline.kind {
        BaselineKind::History => format!(
            "{} earlier {}",
            report.baseline.runs,
            if report.baseline.runs == 1 { "run" } else { "runs" }
        ),
        BaselineKind::Paired | BaselineKind::None => format!("{} of the baseline", report.baseline.runs),
    };
    format!("{candidate} of the candidate against {baseline}{}", from.unwrap_or_default())
}

/// What the change means in users and dates, or why that is unknown.
fn users(report: &GateReport) -> Option<Fact> {
    if let Some(consequence) = &report.consequence {
        let text = Text::with_code(&reason::consequence(consequence));
        return Some(Fact::new("Users", text).with_tone(consequence_tone(report, consequence)));
    }
    let throughput = report.metrics.iter().any(|metric| metric.metric == THROUGHPUT);
    let unknown = || format!("unknown: {}", reason::consequence_unknown(report));
    throughput.then(|| Fact::new("Users", Text::with_code(&unknown())))
}

fn consequence_tone(report: &GateReport, consequence: &Consequence) -> Tone {
    match consequence.verdict {
        Verdict::Fail if is_accepted(report, &consequence.id) => Tone::Plain,
        Verdict::Fail => Tone::Critical,
        Verdict::Inconclusive => Tone::Unknown,
        Verdict::Pass => Tone::Plain,
    }
}

/// What failed, what is inconclusive or missing, and what became of each acknowledgement.
fn findings(report: &GateReport) -> Vec<Statement> {
    // Names in the sentences are those of load tests: backticks in them are no marks of ours.
    let statement = |label: &str, tone, text: String| Statement::labelled(label, tone, text);
    let with_code =
        |label: &str, tone, text: String| Statement::labelled(label, tone, Text::with_code(&text));
    let failed = sentences(report, Verdict::Fail).map(|(id, text)| match acceptance(report, id) {
        Some(until) => Statement { details: vec![until], ..statement("accepted", Tone::Plain, text) },
        None => statement("FAIL", Tone::Critical, text),
    });
    let undecided = sentences(report, Verdict::Inconclusive);
    let undecided = undecided.map(|(_, text)| statement("INCONCLUSIVE", Tone::Unknown, text));
    let undirected = report.not_evaluated.iter().filter(|metric| metric.inconclusive);
    let undirected = undirected.map(|metric| {
        let text = format!("{}: {}", metric.metric, reason::not_evaluated(metric));
        with_code("INCONCLUSIVE", Tone::Unknown, text)
    });
    let missing = report.missing.iter().map(|missing| {
        with_code("MISSING", Tone::Unknown, format!("{}: {}", missing.what, reason::missing(missing)))
    });
    let told = |entry: &&Acknowledged| {
        entry.state == AcknowledgementState::Used
            && sentences(report, Verdict::Fail).any(|(id, _)| id == entry.id)
    };
    let acknowledged = report.acknowledged.iter().filter(|entry| !told(entry)).map(|entry| {
        let (word, tone) = match entry.state {
            AcknowledgementState::Used => ("accepted", Tone::Plain),
            AcknowledgementState::Expired => ("EXPIRED", Tone::Warning),
            AcknowledgementState::Unused => ("UNUSED", Tone::Warning),
        };
        statement(word, tone, format!("{}: {}", entry.id, acknowledgement(entry)))
    });
    failed.chain(missing).chain(undecided).chain(undirected).chain(acknowledged).collect()
}

/// "accepted until 2027-01-31 (answers carry the new receipts, messages team)".
fn acknowledgement(entry: &Acknowledged) -> String {
    format!("{} ({}, {})", reason::acknowledgement(entry), entry.reason, entry.owner)
}

/// Until when and why a failure is accepted.
fn acceptance(report: &GateReport, id: &str) -> Option<Text> {
    let used = |entry: &&Acknowledged| entry.id == id && entry.state == AcknowledgementState::Used;
    report.acknowledged.iter().find(used).map(|entry| acknowledgement(entry).into())
}

/// The ids and reasons of metrics and limits with a verdict, in the order of the report.
fn sentences(report: &GateReport, wanted: Verdict) -> impl Iterator<Item = (&str, String)> {
    let metrics = report.metrics.iter().filter(move |metric| metric.verdict == wanted);
    let metrics = metrics.map(|metric| (metric.id.as_str(), reason::metric(report, metric)));
    let limits = report.objectives.iter().filter(move |limit| limit.verdict == wanted);
    metrics.chain(limits.map(|limit| (limit.id.as_str(), reason::limit(limit))))
}

/// Every metric, the limits that were kept, and what was not evaluated; `None` where there is none of them.
fn evaluated(report: &GateReport) -> Option<Section> {
    let mut blocks = metric_table(report);
    let kept = sentences(report, Verdict::Pass).filter(|(id, _)| !id.starts_with("metric:"));
    blocks.extend(list("Limits kept", kept.map(|(_, text)| text.into())));
    blocks.extend(list("Not evaluated", skipped(report).iter().map(|line| Text::with_code(line))));
    let title = match report.objectives.len() {
        0 => format!("Metrics ({})", report.metrics.len()),
        limits => format!("Metrics ({}) and limits ({limits})", report.metrics.len()),
    };
    (!blocks.is_empty()).then(|| Section::new("metrics", title, blocks).folded())
}

/// Losses that crept in over many builds. The build at hand is not to blame, so that no verdict rests on them.
fn creeps(report: &GateReport) -> Option<Section> {
    let lines = report.metrics.iter().filter_map(reason::creep).map(Text::from);
    Some(Section::new("creep", "Crept in over many builds", vec![list("", lines)?]))
}

fn notes(report: &GateReport) -> Option<Section> {
    Some(Section::new(
        "notes",
        "Notes on the runs",
        vec![list("", run_notes(report).into_iter().map(Text::from))?],
    ))
}

fn list(title: &str, lines: impl Iterator<Item = Text>) -> Option<Block> {
    List { title: title.to_owned(), tasks: false, items: lines.map(Item::new).collect() }.block()
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
    acceptance(report, id).is_some()
}

/// The table, and how to read it; nothing without metrics.
fn metric_table(report: &GateReport) -> Vec<Block> {
    let columns = vec![
        Column::text("Result"),
        Column::text("Metric"),
        Column::number("Before"),
        Column::number("After"),
        Column::number("Change"),
        Column::number("Range").rank(2),
        Column::number("Allowed").rank(1),
        Column::text("Better").rank(3),
        Column::number("Runs").rank(4),
        Column::number("p").rank(5),
    ];
    let mut table = Table::new("", columns);
    table.rows = report.metrics.iter().map(|metric| metric_row(report, metric)).collect();
    let mut metric_table: Vec<Block> = table.block().into_iter().collect();
    if !metric_table.is_empty() {
        metric_table.extend(legend(report).map(Block::note));
    }
    metric_table
}

fn metric_row(report: &GateReport, metric: &MetricVerdict) -> Vec<Cell> {
    let [before, after] = reason::median_texts(metric);
    let median = |text: Option<String>, sample: &Sample| {
        text.map_or_else(Cell::unknown, |text| Cell::number(text, sample.median))
    };
    let change = metric.shift.map(|shift| {
        let sort = metric.shift_ratio.or(Some(shift.mid));
        Cell::number(reason::signed_amount(metric, shift.mid), sort)
    });
    let ends = metric.shift.and_then(|shift| Some((shift.low?, shift.high?)));
    let range = ends.map(|(low, high)| {
        let [low_text, high_text] = [low, high].map(|end| reason::signed_amount(metric, end));
        Cell::number(format!("{low_text} to {high_text}"), Some(low))
    });
    vec![
        metric_result(report, metric),
        Cell::text(&*metric.metric),
        median(before, &metric.baseline),
        median(after, &metric.candidate),
        change.unwrap_or_else(Cell::unknown),
        range.unwrap_or_else(Cell::unknown),
        Cell::number(reason::allowed(metric), Some(metric.margin)),
        Cell::text(match metric.direction {
            Better::Lower => "lower",
            Better::Higher => "higher",
        }),
        runs(metric),
        metric.p_holm.map_or_else(Cell::unknown, |p| Cell::number(reason::probability(p), Some(p))),
    ]
}

fn metric_result(report: &GateReport, metric: &MetricVerdict) -> Cell {
    let (word, tone) = match (metric.verdict, &metric.reason) {
        (Verdict::Fail, _) if is_accepted(report, &metric.id) => ("accepted", Tone::Plain),
        (Verdict::Fail, _) => ("FAIL", Tone::Critical),
        (Verdict::Inconclusive, _) => ("inconclusive", Tone::Unknown),
        (Verdict::Pass, MetricReason::Gain) => ("gain", Tone::Ok),
        (Verdict::Pass, _) => ("pass", Tone::Ok),
    };
    Cell::text(word).with_tone(tone)
}

/// "5", or "12 to 5" where the sides differ.
fn runs(metric: &MetricVerdict) -> Cell {
    let (before, after) = (metric.baseline.n, metric.candidate.n);
    let text = if before == after { before.to_string() } else { format!("{before} to {after}") };
    Cell::number(text, Some(before as f64))
}

/// What the medians, the range and the probabilities are.
fn legend(report: &GateReport) -> Option<String> {
    report.metrics.iter().find(|metric| metric.p_holm.is_some())?;
    let together = report.metrics.iter().map(|metric| metric.tests).max().unwrap_or(0);
    let adjusted =
        if together > 1 { format!(", adjusted for {together} metrics (Holm)") } else { String::new() };
    Some(format!(
        "Before and after are medians of the runs; each end of the range holds with 95% confidence; p is one-sided{adjusted}."
    ))
}

#[cfg(test)]
mod tests {
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
            earlier: Vec::new(),
            candidate: side(240.0),
            objectives: Vec::new(),
            required: Vec::new(),
            required_signals: Vec::new(),
            current: None,
            profile: None,
        };
        let directions = BTreeMap::from([(hostile.to_owned(), Better::Lower)]);
        let report = evaluate(&comparison, &GateConfig { directions, ..GateConfig::default() }).unwrap();
        let text = gate_comment(&report);
        assert!(text.starts_with("<!-- scale-advisor gate -->\n# 🔴 Fail: The candidate"), "{text}");
        for live in ["<img", "[x](javascript", "@team", "\n## Pass", "\u{1b}"] {
            assert!(!text.contains(live), "{live} in {text}");
        }
        assert_eq!(text.matches("</details>").count(), 1, "{text}");
        let row = text.lines().find(|line| line.starts_with("| 🔴 FAIL")).unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 11, "{row}");
    }
}
