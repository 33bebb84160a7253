//! `history show`: what a history holds.

use chrono::DateTime;

use super::accuracy;
use crate::{
    history::{HOUR_MS, StoredSeries},
    render::{
        count,
        document::{Block, Cell, Column, Document, Fact, Section, Table},
        format::percent,
    },
    report::WarningAccuracy,
    statements::{CountedDay, CountedDays, DAY_MS, Statements},
};

/// What a history holds.
#[derive(Debug, Clone, Copy)]
pub struct HistorySummary<'a> {
    /// Hourly rollups, by series.
    pub series: &'a [StoredSeries],
    /// What queries did.
    pub statements: &'a Statements,
    /// How many assessments there are.
    pub assessments: usize,
    /// What became of recorded warnings, where that was asked for.
    pub accuracy: Option<&'a WarningAccuracy>,
    /// Where the values come from when the system is not real.
    pub simulated: Option<&'a str>,
}

/// The totals, and a row for each series.
pub fn history_document(summary: &HistorySummary<'_>) -> Document {
    let mut sections = vec![Section::untitled("summary", Block::facts(facts(summary)).into_iter().collect())];
    sections.extend(table(summary).block().map(|table| Section::new("series", "Series", vec![table])));
    let accuracy = summary.accuracy.map(accuracy::warnings);
    sections.extend(accuracy.map(|blocks| Section::new("accuracy", "Accuracy of warnings", blocks)));
    Document {
        title: title(summary).into(),
        simulated: summary.simulated.map(str::to_owned),
        sections,
        ..Document::default()
    }
}

fn title(summary: &HistorySummary<'_>) -> String {
    if summary.series.is_empty() && summary.statements.is_empty() {
        return "The history is empty".to_owned();
    }
    if summary.series.is_empty() {
        return "History without hourly rollups".to_owned();
    }
    let hours: usize = summary.series.iter().map(|series| series.rollups.len()).sum();
    format!("History: {} hourly rollups, {} series", number(hours), number(summary.series.len()))
}

fn facts(summary: &HistorySummary<'_>) -> Vec<Fact> {
    let hours = || summary.series.iter().flat_map(|series| &series.rollups).map(|rollup| rollup.period);
    let mut facts = Vec::new();
    if let (Some(first), Some(last)) = (hours().min(), hours().max()) {
        facts.push(Fact::new("Period", format!("{} to {} UTC", hour(first), hour(last.saturating_add(1)))));
    }
    if summary.assessments > 0 || !facts.is_empty() {
        facts.push(Fact::new("Assessments", number(summary.assessments)));
    }
    facts.extend(summary.statements.servers.iter().map(|server| queries(server, summary.statements)));
    facts
}

/// How many queries are known of a server, and since when.
fn queries(server: &CountedDays, statements: &Statements) -> Fact {
    let known = statements.statements.iter().filter(|statement| statement.name.server == server.server);
    let date = |day: Option<&CountedDay>| day.map_or_else(String::new, |day| day_text(day.day));
    let (first, last) = (date(server.days.first()), date(server.days.last()));
    Fact::new("Queries", format!("{} on {}, {first} to {last}", number(known.count()), server.server))
}

fn table(summary: &HistorySummary<'_>) -> Table {
    let columns = vec![
        Column::text("Signal"),
        Column::text("Instance"),
        Column::text("From").rank(1),
        Column::text("To"),
        Column::number("Hours").rank(2),
        Column::number("Coverage"),
        Column::text("Source").rank(3),
    ];
    let mut table = Table::new("", columns);
    table.rows = summary.series.iter().filter_map(row).collect();
    table
}

fn row(series: &StoredSeries) -> Option<Vec<Cell>> {
    let (first, last) = (series.rollups.first()?, series.rollups.last()?);
    let (hours, of) = (series.rollups.len() as f64, (last.period - first.period + 1) as f64);
    let instance = series.series.instance.as_deref();
    Some(vec![
        Cell::text(&*series.series.signal),
        instance.map_or_else(Cell::unknown, Cell::text),
        Cell::text(date(first.period)),
        Cell::text(date(last.period)),
        Cell::number(count(hours), Some(hours)),
        Cell::number(percent(hours / of), Some(hours / of)),
        Cell::text(&*series.series.source),
    ])
}

fn number(value: usize) -> String {
    count(value as f64)
}

/// The beginning of an hour counted from 1970, such as `2026-11-20 16:00`.
fn hour(hour: i64) -> String {
    DateTime::from_timestamp_millis(hour.saturating_mul(HOUR_MS))
        .map_or_else(|| "?".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}

/// The day of an hour.
fn date(period: i64) -> String {
    hour(period).chars().take(10).collect()
}

/// A day counted from 1970.
fn day_text(day: i64) -> String {
    date(day.saturating_mul(DAY_MS / HOUR_MS))
}
