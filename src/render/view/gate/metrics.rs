//! Every metric of both builds as a table.

use crate::{
    gate::{Better, GateReport, MetricReason, MetricVerdict, Sample, Verdict},
    render::{
        document::{Block, Cell, Column, Table, Tone},
        reason::gate as reason,
    },
};

use super::is_accepted;

/// The table, and how to read it; nothing without metrics.
pub(super) fn blocks(report: &GateReport) -> Vec<Block> {
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
    table.rows = report.metrics.iter().map(|metric| row(report, metric)).collect();
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    if !blocks.is_empty() {
        blocks.extend(legend(report).map(Block::note));
    }
    blocks
}

fn row(report: &GateReport, metric: &MetricVerdict) -> Vec<Cell> {
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
        result(report, metric),
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

fn result(report: &GateReport, metric: &MetricVerdict) -> Cell {
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
