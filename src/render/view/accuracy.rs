//! Recorded warnings against what happened, for the monthly report and `history show --accuracy`.

use chrono::NaiveDate;

use crate::{
    render::{
        count,
        document::{Block, Cell, Column, Item, List, Table, Tone},
        format::percent,
        summary::capitalised,
    },
    report::{
        PastWarning, ResourceAccuracy, Share, Violation, WarningAccuracy, WarningCounts, WarningOutcome,
    },
    signal::ResourceId,
};

/// Wrong warnings and missed violations that are listed, each.
const MAX_LISTED: usize = 6;

/// Precision and recall of warnings, by resource, and those that were wrong.
pub(super) fn warnings(accuracy: &WarningAccuracy) -> Vec<Block> {
    let Some(since) = accuracy.since.map(|since| day(since.date_naive())) else {
        return vec![Block::paragraph(
            "No assessment has been recorded yet, so there are no warnings to score; `record` stores them.",
        )];
    };
    if accuracy.resources.is_empty() {
        return vec![Block::paragraph(format!(
            "Since {since}, no warning to act was recorded and no limit was reached."
        ))];
    }
    let total = &accuracy.total;
    let mut blocks =
        vec![Block::paragraph(format!("Since {since}: {}. {}.", precision(total), recall(total)))];
    let columns = vec![
        Column::text("Resource"),
        Column::number("Warnings"),
        Column::number("Reached"),
        Column::number("Averted").rank(1),
        Column::number("False"),
        Column::number("Open").rank(1),
        Column::number("Violations"),
        Column::number("Predicted"),
        Column::number("Median lead").rank(2),
    ];
    let mut table = Table::new("Act-by warnings, and limits that were reached", columns);
    table.rows = accuracy.resources.iter().map(row).collect();
    blocks.extend(table.block());
    let wrong = accuracy.warnings.iter().filter(|warning| warning.outcome == WarningOutcome::False);
    blocks.extend(listed("False warnings", wrong.map(false_warning).collect()));
    let missed = accuracy.violations.iter().filter(|violation| violation.warned_at.is_none());
    blocks.extend(listed("Violations without a warning", missed.map(miss).collect()));
    blocks
}

/// `9 of 10 warnings that are due were right (precision 90%, 95% interval 60%–98%)`.
fn precision(counts: &WarningCounts) -> String {
    match &counts.precision {
        None => "no warning is due yet".to_owned(),
        Some(share) => format!(
            "{} of {} due warnings were right (precision {})",
            share.inside,
            share.of,
            with_interval(share)
        ),
    }
}

fn recall(counts: &WarningCounts) -> String {
    let Some(share) = &counts.recall else { return "No limit was reached".to_owned() };
    let lead = counts.median_lead_days.map(|days| format!(", a median of {} before", days_text(days)));
    format!(
        "{} of {} reached limits were predicted (recall {}){}",
        share.inside,
        share.of,
        with_interval(share),
        lead.unwrap_or_default()
    )
}

fn with_interval(share: &Share) -> String {
    format!("{}, 95% interval {}–{}", percent(share.share()), percent(share.low), percent(share.high))
}

fn days_text(days: f64) -> String {
    if (days - 1.0).abs() < 0.5 { "1 day".to_owned() } else { format!("{days:.0} days") }
}

fn row(of: &ResourceAccuracy) -> Vec<Cell> {
    let counts = &of.counts;
    let number = |value: usize| Cell::number(count(value as f64), Some(value as f64));
    let bad = |value: usize| if value > 0 { number(value).with_tone(Tone::Warning) } else { number(value) };
    let missed = counts.violations - counts.warned;
    let warned = number(counts.warned);
    vec![
        Cell::text(name(of.resource, None)),
        number(counts.reached + counts.averted + counts.not_reached + counts.open),
        number(counts.reached),
        number(counts.averted),
        bad(counts.not_reached),
        number(counts.open),
        number(counts.violations),
        if missed > 0 { warned.with_tone(Tone::Warning) } else { warned },
        counts.median_lead_days.map_or_else(Cell::unknown, |days| Cell::number(days_text(days), Some(days))),
    ]
}

fn listed(title: &str, mut texts: Vec<String>) -> Option<Block> {
    let more = texts.len().saturating_sub(MAX_LISTED);
    texts.truncate(MAX_LISTED);
    if more > 0 {
        texts.push(format!("{more} more"));
    }
    let items = texts.into_iter().map(Item::new).collect();
    List { title: title.to_owned(), tasks: false, items }.block()
}

fn false_warning(warning: &PastWarning) -> String {
    format!(
        "{}, warned of on {}: not reached by {}",
        name(warning.resource, warning.instance.as_deref()),
        day(warning.raised_at.date_naive()),
        day(warning.until.date_naive())
    )
}

fn miss(violation: &Violation) -> String {
    format!("{}, reached on {}", name(violation.resource, violation.instance.as_deref()), day(violation.on))
}

fn name(resource: ResourceId, instance: Option<&str>) -> String {
    capitalised(&resource.entry().of_instance(instance))
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}
