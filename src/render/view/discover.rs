//! `discover`: what a server has that no catalogue describes.

use chrono::{DateTime, Utc};

use crate::{
    assess::{is_at_limit, is_sure},
    render::{
        document::{Block, Cell, Column, Document, Section, Statement, Table, Tone},
        format::{percent, short},
        outside::not_searched,
    },
    snapshot::{Confidence, DiscoveredResource, Discovery, NEAR_LIMIT, Snapshot},
};

/// What a page of `discover` shows.
#[derive(Debug, Clone, Copy)]
pub struct DiscoverView<'a> {
    /// What was found, and when.
    pub snapshot: &'a Snapshot,
    /// Whether each instance is shown, with its queries.
    pub verbose: bool,
}

/// The resources that were found as a page, the fullest first.
pub fn discover_document(view: &DiscoverView<'_>) -> Document {
    let nothing = Discovery::default();
    let discovery = view.snapshot.discovery.as_ref().unwrap_or(&nothing);
    let (title, tone) = state(discovery);
    let gone = discovery
        .not_searched
        .iter()
        .map(|server| Statement::labelled("skipped", Tone::Unknown, not_searched(server)))
        .collect();
    let mut sections = Vec::new();
    sections.extend(Block::statements(gone).map(|block| Section::untitled("skipped", vec![block])));
    if let Some(table) = table(discovery, view) {
        let note = "`--format toml` writes them as definitions, to be pasted into scale-advisor.toml";
        sections.push(Section::new("resources", "Resources", vec![table, Block::note(note)]));
    }
    Document {
        title: title.into(),
        tone,
        simulated: view.snapshot.simulated.clone(),
        sections,
        footer: format!("scale-advisor {}", view.snapshot.tool_version),
        ..Document::default()
    }
}

/// "14 resources found, 2 of them at 90% or above".
fn state(discovery: &Discovery) -> (String, Tone) {
    let all = discovery.resources.len();
    let full: Vec<&DiscoveredResource> =
        discovery.resources.iter().filter(|resource| is_at_limit(resource)).collect();
    let noun = if all == 1 { "resource" } else { "resources" };
    let title = match (all, full.len()) {
        (0, _) => "No resource found".to_owned(),
        (_, 0) => format!("{all} {noun} found, none of them at 90% or above"),
        (_, full) => format!("{all} {noun} found, {full} of them at 90% or above"),
    };
    let tone = if full.iter().any(|resource| is_sure(resource)) {
        Tone::Warning
    } else if !full.is_empty() || !discovery.not_searched.is_empty() {
        Tone::Unknown
    } else {
        Tone::Plain
    };
    (title, tone)
}

/// A row for each resource with its fullest instance; with `-v` one for each instance.
fn table(discovery: &Discovery, view: &DiscoverView<'_>) -> Option<Block> {
    let columns = vec![
        Column::text("Resource"),
        Column::text("Instance").rank(1),
        Column::number("Used"),
        Column::number("A day").rank(2),
        Column::text("Above 80% since").rank(3),
        Column::text("Confidence").rank(1),
        Column::text("In check").rank(2),
    ];
    let mut groups: Vec<Vec<&DiscoveredResource>> = Vec::new();
    for resource in &discovery.resources {
        let alike = |group: &&mut Vec<&DiscoveredResource>| {
            group.first().is_some_and(|first| first.definition == resource.definition)
        };
        match groups.iter_mut().find(alike) {
            Some(group) if !view.verbose => group.push(resource),
            _ => groups.push(vec![resource]),
        }
    }
    let mut table = Table::new("", columns);
    table.rows = groups.iter().filter_map(|group| row(group, view)).collect();
    table.block()
}

fn row(group: &[&DiscoveredResource], view: &DiscoverView<'_>) -> Option<Vec<Cell>> {
    let first = group.first()?;
    let queries = if view.verbose {
        format!("{} of {}", first.usage, first.limit)
    } else {
        format!("of {}", first.definition.limit)
    };
    let more = match group.len() {
        1 => String::new(),
        instances => format!(" and {} more", instances - 1),
    };
    let instance = first.instance.as_deref().map(|instance| format!("{instance}{more}"));
    let tone = match first.utilization {
        _ if is_at_limit(first) => Tone::Warning,
        share if share >= NEAR_LIMIT => Tone::Unknown,
        _ => Tone::Plain,
    };
    Some(vec![
        Cell::text(first.name()).with_note(queries),
        instance.map_or_else(Cell::unknown, Cell::text),
        Cell { tone, ..Cell::number(percent(first.utilization), Some(first.utilization)) },
        trend(first).map_or_else(Cell::unknown, |(text, value)| Cell::number(text, Some(value))),
        first.since.map_or_else(Cell::unknown, |since| Cell::text(moment(since, view.snapshot.taken_at))),
        Cell::text(confidence(first.confidence)),
        Cell::text(if first.is_read { "yes" } else { "no" }),
    ])
}

/// Percentage points a day, where they are any.
fn trend(resource: &DiscoveredResource) -> Option<(String, f64)> {
    let points = resource.trend_per_day? * 100.0;
    let text = if points.abs() < 0.05 { "±0".to_owned() } else { format!("{points:+.1} points") };
    Some((text, points))
}

/// "14:30" of today, else "27 Nov 14:30".
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let hour = at.format("%H:%M");
    if at.date_naive() == now.date_naive() { hour.to_string() } else { format!("{} {hour}", short(at, now)) }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
